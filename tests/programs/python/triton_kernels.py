"""Triton: vector addition, softmax and matrix product, without torch.

Triton asks torch which device and stream are current, unless it is given a driver that knows. This
one answers from Triton's own driver module; device memory is CuPy's.
"""

import cupy
import numpy as np
import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.backends.nvidia.driver import CudaDriver, CudaLauncher, CudaUtils

from attest import attest, digest


class PlainDriver(CudaDriver):
    """Triton's CUDA driver, with one device and the default stream."""

    def __init__(self):
        self.utils = CudaUtils()
        self.launcher_cls = CudaLauncher

    def get_current_device(self):
        return 0

    def set_current_device(self, device):
        assert device == 0

    def get_current_stream(self, device):
        return 0

    def get_device_capability(self, device=0):
        properties = cupy.cuda.runtime.getDeviceProperties(device)
        return properties["major"], properties["minor"]

    def get_current_target(self):
        major, minor = self.get_device_capability()
        return GPUTarget("cuda", 10 * major + minor, 32)


class Tensor:
    """What Triton wants to see of a device array: its address and its element type."""

    def __init__(self, array):
        self.array = array
        self.dtype = str(array.dtype)
        self.shape = array.shape

    def data_ptr(self):
        return self.array.data.ptr


@triton.jit
def add_kernel(x, y, z, n, BLOCK: tl.constexpr):
    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = offsets < n
    total = tl.load(x + offsets, mask=mask) + tl.load(y + offsets, mask=mask)
    tl.store(z + offsets, total, mask=mask)


@triton.jit
def softmax_kernel(x, y, columns, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    offsets = tl.arange(0, BLOCK)
    values = tl.load(x + row * columns + offsets, mask=offsets < columns, other=-float("inf"))
    values = tl.exp(values - tl.max(values, axis=0))
    tl.store(y + row * columns + offsets, values / tl.sum(values, axis=0), mask=offsets < columns)


@triton.jit
def matmul_kernel(a, b, c, m, n, k, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    rows = tl.program_id(0) * M + tl.arange(0, M)
    columns = tl.program_id(1) * N + tl.arange(0, N)
    total = tl.zeros((M, N), dtype=tl.float32)
    for start in range(0, k, K):
        inner = start + tl.arange(0, K)
        left = tl.load(
            a + rows[:, None] * k + inner[None, :],
            mask=(rows[:, None] < m) & (inner[None, :] < k),
            other=0.0,
        )
        right = tl.load(
            b + inner[:, None] * n + columns[None, :],
            mask=(inner[:, None] < k) & (columns[None, :] < n),
            other=0.0,
        )
        total = tl.dot(left, right, total)
    mask = (rows[:, None] < m) & (columns[None, :] < n)
    tl.store(c + rows[:, None] * n + columns[None, :], total, mask=mask)


def main():
    triton.runtime.driver.set_active(PlainDriver())
    rng = np.random.default_rng(6)

    x, y = rng.normal(size=(2, 10007)).astype(np.float32)
    z = cupy.empty(10007, dtype=cupy.float32)
    add_kernel[(triton.cdiv(10007, 256),)](
        Tensor(cupy.asarray(x)), Tensor(cupy.asarray(y)), Tensor(z), 10007, BLOCK=256
    )
    np.testing.assert_array_equal(z.get(), x + y)
    print("add", digest(z.get()))

    x = rng.normal(size=(23, 300)).astype(np.float32)
    y = cupy.empty((23, 300), dtype=cupy.float32)
    softmax_kernel[(23,)](Tensor(cupy.asarray(x)), Tensor(y), 300, BLOCK=512)
    expected = np.exp(x - x.max(axis=1, keepdims=True))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(y.get(), expected, rtol=1e-5, atol=1e-7)
    print("softmax", digest(y.get()))

    for dtype, tolerance in [(np.float16, 2e-2), (np.float32, 2e-2)]:
        a = rng.normal(size=(70, 90)).astype(dtype)
        b = rng.normal(size=(90, 50)).astype(dtype)
        c = cupy.empty((70, 50), dtype=cupy.float32)
        left, right = Tensor(cupy.asarray(a)), Tensor(cupy.asarray(b))
        grid = (triton.cdiv(70, 32), triton.cdiv(50, 32))
        matmul_kernel[grid](left, right, Tensor(c), 70, 50, 90, M=32, N=32, K=32)
        expected = a.astype(np.float64) @ b.astype(np.float64)
        np.testing.assert_allclose(c.get(), expected, rtol=tolerance, atol=tolerance)
        print(f"matmul {np.dtype(dtype).name}", digest(c.get()))
    attest()


main()
