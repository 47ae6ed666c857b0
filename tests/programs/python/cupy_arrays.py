"""CuPy: elementwise operations, reductions, kernels from source, streams and the memory pool."""

import cupy
import numpy as np

from attest import attest, digest

SCALED_ADD = r"""
extern "C" __global__ void scaled_add(const float* x, const float* y, float* z, float a, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) z[i] = a * x[i] + y[i];
}
"""


def elementwise(x, y):
    a, b = cupy.asarray(x), cupy.asarray(y)
    result = cupy.sqrt(cupy.abs(a)) * 2 + cupy.where(b > 0, b, -a) ** 2
    expected = np.sqrt(np.abs(x)) * 2 + np.where(y > 0, y, -x) ** 2
    np.testing.assert_allclose(result.get(), expected, rtol=1e-6)
    print("elementwise", digest(result.get()))
    integers = cupy.arange(10000, dtype=cupy.int64)
    odd = (integers * integers + 7) % 1009
    np.testing.assert_array_equal(odd.get(), (np.arange(10000) ** 2 + 7) % 1009)
    transposed = a[:9000].reshape(90, 100).T.copy()
    print("integers", digest(odd.get()), "transposed", digest(transposed.get()))


def reductions(x):
    a = cupy.asarray(x[:9900].reshape(99, 100))
    host = x[:9900].reshape(99, 100)
    np.testing.assert_allclose(a.sum(axis=0).get(), host.sum(axis=0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(a.mean(axis=1).get(), host.mean(axis=1), rtol=1e-4, atol=1e-5)
    assert float(a.max()) == host.max() and int(a.argmin()) == host.argmin()
    print("reductions", digest(a.sum(axis=0).get()), digest(a.std(axis=1).get()), float(a.max()))


def kernels(x, y):
    n = x.size
    raw = cupy.RawKernel(SCALED_ADD, "scaled_add")
    a, b, z = cupy.asarray(x), cupy.asarray(y), cupy.empty(n, dtype=cupy.float32)
    raw(((n + 127) // 128,), (128,), (a, b, z, np.float32(1.5), np.int32(n)))
    np.testing.assert_allclose(z.get(), np.float32(1.5) * x + y, rtol=1e-5, atol=1e-6)
    squared = cupy.ElementwiseKernel("T x, T y", "T z", "z = (x - y) * (x - y)", "squared")
    norm = cupy.ReductionKernel("T x", "T y", "x * x", "a + b", "y = sqrt(a)", "0", "norm")
    np.testing.assert_allclose(squared(a, b).get(), (x - y) ** 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(float(norm(a)), np.linalg.norm(x), rtol=1e-5)
    print("kernels", digest(z.get()), digest(squared(a, b).get()), f"{float(norm(a)):.3f}")


def streams_and_memory(x):
    first, second = cupy.cuda.Stream(non_blocking=True), cupy.cuda.Stream(non_blocking=True)
    with first:
        a = cupy.asarray(x) * 2
        done = first.record()
    second.wait_event(done)
    with second:
        b = a + 1
    second.synchronize()
    np.testing.assert_array_equal(b.get(), x * 2 + 1)
    pool = cupy.get_default_memory_pool()
    del a, b
    pool.free_all_blocks()
    print("streams", digest(x * 2 + 1), "pool", pool.used_bytes())


def main():
    rng = np.random.default_rng(5)
    x = rng.normal(size=10007).astype(np.float32)
    y = rng.normal(size=10007).astype(np.float32)
    elementwise(x, y)
    reductions(x)
    kernels(x, y)
    streams_and_memory(x)
    attest()


main()
