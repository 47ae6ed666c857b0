"""numba-cuda: kernels written in Python, with shared memory, atomics, constants and streams."""

import math

import numpy as np
from numba import cuda, float32, int32

from attest import attest, digest

WEIGHTS = np.array([0.25, 0.5, 0.25], dtype=np.float32)
THREADS = 128


@cuda.jit
def smooth(source, result):
    weights = cuda.const.array_like(WEIGHTS)
    i = cuda.grid(1)
    if 0 < i < source.size - 1:
        total = float32(0.0)
        for k in range(3):
            total += weights[k] * source[i + k - 1]
        result[i] = total


@cuda.jit
def block_sums(source, result):
    partial = cuda.shared.array(THREADS, dtype=int32)
    thread = cuda.threadIdx.x
    i = cuda.grid(1)
    partial[thread] = source[i] if i < source.size else 0
    cuda.syncthreads()
    stride = THREADS // 2
    while stride > 0:
        if thread < stride:
            partial[thread] += partial[thread + stride]
        cuda.syncthreads()
        stride //= 2
    if thread == 0:
        result[cuda.blockIdx.x] = partial[0]


@cuda.jit
def histogram(source, bins):
    for i in range(cuda.grid(1), source.size, cuda.gridsize(1)):
        cuda.atomic.add(bins, source[i] % bins.size, 1)


@cuda.jit
def multiply(a, b, c):
    row, column = cuda.grid(2)
    if row < c.shape[0] and column < c.shape[1]:
        total = 0.0
        for k in range(a.shape[1]):
            total += a[row, k] * b[k, column]
        c[row, column] = total


@cuda.jit(device=True)
def curve(x):
    return math.exp(-x * x) + math.sin(3 * x) / (1 + x * x)


@cuda.jit
def integrate(low, high, steps, result):
    i = cuda.grid(1)
    if i < steps:
        width = (high - low) / steps
        cuda.atomic.add(result, i % 8, int(curve(low + (i + 0.5) * width) * width * 1e12))


def main():
    rng = np.random.default_rng(4)
    source = rng.normal(size=10007).astype(np.float32)
    result = cuda.to_device(np.zeros_like(source))
    blocks = (source.size + THREADS - 1) // THREADS
    smooth[blocks, THREADS](cuda.to_device(source), result)
    smoothed = result.copy_to_host()
    expected = np.zeros_like(source)
    expected[1:-1] = 0.25 * source[:-2] + 0.5 * source[1:-1] + 0.25 * source[2:]
    np.testing.assert_allclose(smoothed, expected, rtol=1e-5, atol=1e-6)
    print("smooth", digest(smoothed))

    values = rng.integers(0, 1000, size=20011).astype(np.int32)
    blocks = (values.size + THREADS - 1) // THREADS
    sums = np.zeros(blocks, dtype=np.int32)
    block_sums[blocks, THREADS](values, sums)
    assert sums.sum() == values.sum()
    print("block_sums", digest(sums))

    bins = cuda.to_device(np.zeros(31, dtype=np.int32))
    stream = cuda.stream()
    histogram[8, THREADS, stream](cuda.to_device(values, stream=stream), bins)
    counted = bins.copy_to_host(stream=stream)
    stream.synchronize()
    np.testing.assert_array_equal(counted, np.bincount(values % 31, minlength=31))
    print("histogram", digest(counted))

    a, b = rng.normal(size=(33, 47)), rng.normal(size=(47, 29))
    c = cuda.device_array((33, 29))
    multiply[(5, 4), (8, 8)](a, b, c)
    product = c.copy_to_host()
    np.testing.assert_allclose(product, a @ b, rtol=1e-12)
    print("multiply", digest(product))

    total = np.zeros(8, dtype=np.int64)
    integrate[40, THREADS](0.0, 2.0, 5000, total)
    x = (np.arange(5000) + 0.5) * (2.0 / 5000)
    reference = float(np.sum(np.exp(-x * x) + np.sin(3 * x) / (1 + x * x)) * (2.0 / 5000))
    assert abs(total.sum() / 1e12 - reference) < 1e-8
    print(f"integrate {total.sum() / 1e12:.8f}")
    attest()


main()
