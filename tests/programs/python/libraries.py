"""NVIDIA's libraries by way of CuPy, against NumPy and SciPy in double precision.

Each line is a routine and whether its error, relative to the largest value, is within the tolerance that
is stated beside it. On a soft GPU the libraries need --capability 13.0: for devices newer than they know
they choose kernels that are there as PTX.
"""

import ctypes
import sys

import cupy
import cupyx.scipy.sparse
import numpy
import scipy.sparse
from cupy.cuda import cublas, device

from attest import attest

SINGLE, DOUBLE, HALF, BFLOAT = 2e-6, 1e-13, 2e-3, 1e-2
RANDOM = numpy.random.default_rng(7)
FAILED = []


def check(name, tolerance, found, expected):
    """Says that an array on the device is what it should be, or remembers that it is not."""
    found = cupy.asnumpy(found).astype(numpy.result_type(expected, numpy.float64))
    error = numpy.max(numpy.abs(found - expected)) / numpy.max(numpy.abs(expected))
    if error <= tolerance:
        print(f"{name}: within {tolerance:.0e}", flush=True)
    else:
        FAILED.append(f"{name}: error {error:.1e}, {tolerance:.0e} allowed")


def normal(*shape, dtype="f8"):
    values = RANDOM.standard_normal(shape)
    if numpy.dtype(dtype).kind == "c":
        values = values + 1j * RANDOM.standard_normal(shape)
    return values.astype(dtype)


def wide(array):
    """The same values in double precision."""
    return array.astype(numpy.result_type(array, numpy.float64))


def to_bfloat(array):
    """The upper halves of single precision, rounded, as the device stores bfloat16."""
    bits = array.astype("f4").view("u4")
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("u2")


def from_bfloat(array):
    return (array.astype("u4") << 16).view("f4")


def products():
    kinds = (("sgemm", "f4", SINGLE), ("dgemm", "f8", DOUBLE), ("cgemm", "c8", SINGLE))
    for name, dtype, tolerance in (*kinds, ("zgemm", "c16", DOUBLE), ("hgemm", "f2", HALF)):
        for rows, columns, inner in ((65, 47, 130), (256, 128, 64), (1, 33, 17)):
            left, right = normal(rows, inner, dtype=dtype), normal(inner, columns, dtype=dtype)
            found = cupy.asarray(left) @ cupy.asarray(right)
            check(f"{name} {rows}x{columns}x{inner}", tolerance, found, wide(left) @ wide(right))
    left, right = normal(6, 33, 20, dtype="f4"), normal(6, 20, 41, dtype="f4")
    found = cupy.matmul(cupy.asarray(left), cupy.asarray(right))
    check("gemm strided batched", SINGLE, found, numpy.matmul(wide(left), wide(right)))
    matrix, vector = normal(100, 80, dtype="f4"), normal(80, dtype="f4")
    found = cupy.asarray(matrix) @ cupy.asarray(vector)
    check("gemv", SINGLE, found, wide(matrix) @ wide(vector))
    vector = normal(1000)
    check("dot", DOUBLE, cupy.dot(cupy.asarray(vector), cupy.asarray(vector)), vector @ vector)


def bfloat_product():
    left, right = to_bfloat(normal(64, 48)), to_bfloat(normal(48, 32))
    a, b, c = cupy.asarray(left), cupy.asarray(right), cupy.empty((64, 32), "f4")
    one, zero = numpy.array(1, "f4"), numpy.array(0, "f4")
    bfloat, single, compute, algorithm = 14, 0, 68, -1
    # Row by row is column by column of the transposed: C' = B' A'.
    cublas.gemmEx(
        device.get_cublas_handle(), 0, 0, 32, 64, 48, one.ctypes.data,
        b.data.ptr, bfloat, 32, a.data.ptr, bfloat, 48, zero.ctypes.data,
        c.data.ptr, single, 32, compute, algorithm,
    )  # fmt: skip
    check("gemm bf16", BFLOAT, c, wide(from_bfloat(left)) @ wide(from_bfloat(right)))


def batched_product():
    left, right = normal(5, 16, 24, dtype="f4"), normal(5, 24, 8, dtype="f4")
    a, b, c = cupy.asarray(left), cupy.asarray(right), cupy.empty((5, 16, 8), "f4")
    pointers = [cupy.asarray([it[n].data.ptr for n in range(5)]) for it in (a, b, c)]
    one, zero = numpy.array(1, "f4"), numpy.array(0, "f4")
    cublas.sgemmBatched(
        device.get_cublas_handle(), 0, 0, 8, 16, 24, one.ctypes.data,
        pointers[1].data.ptr, 8, pointers[0].data.ptr, 24, zero.ctypes.data,
        pointers[2].data.ptr, 8, 5,
    )  # fmt: skip
    check("gemm batched", SINGLE, c, numpy.matmul(wide(left), wide(right)))


def light_product():
    """cuBLASLt, which CuPy does not wrap."""
    library = ctypes.CDLL("libcublasLt.so.13")
    rows, columns, inner = 48, 40, 56
    left, right = normal(rows, inner, dtype="f4"), normal(inner, columns, dtype="f4")
    a, b, c = cupy.asarray(left), cupy.asarray(right), cupy.zeros((rows, columns), "f4")

    def ask(function, *arguments):
        status = getattr(library, function)(*arguments)
        if status != 0:
            sys.exit(f"{function} answers {status}")

    handle, product = ctypes.c_void_p(), ctypes.c_void_p()
    ask("cublasLtCreate", ctypes.byref(handle))
    ask("cublasLtMatmulDescCreate", ctypes.byref(product), 68, 0)
    layouts = []
    for lines, count in ((columns, inner), (inner, rows), (columns, rows)):
        layout = ctypes.c_void_p()
        sizes = (ctypes.c_uint64(lines), ctypes.c_uint64(count), ctypes.c_int64(lines))
        ask("cublasLtMatrixLayoutCreate", ctypes.byref(layout), 0, *sizes)
        layouts.append(layout)
    one, zero = ctypes.c_float(1), ctypes.c_float(0)
    address = [ctypes.c_void_p(it.data.ptr) for it in (a, b, c)]
    stream = ctypes.c_void_p(cupy.cuda.get_current_stream().ptr)
    ask(
        "cublasLtMatmul", handle, product, ctypes.byref(one), address[1], layouts[0],
        address[0], layouts[1], ctypes.byref(zero), address[2], layouts[2],
        address[2], layouts[2], None, None, ctypes.c_size_t(0), stream,
    )  # fmt: skip
    check("cublasLt matmul", SINGLE, c, wide(left) @ wide(right))
    ask("cublasLtDestroy", handle)


def random_numbers():
    """Moments of large samples; the same seed gives the same numbers."""
    for name, draw, mean, deviation in (
        ("uniform", cupy.random.random_sample, 0.5, 12**-0.5),
        ("normal", cupy.random.standard_normal, 0.0, 1.0),
    ):
        cupy.random.seed(11)
        first = draw(200_000)
        cupy.random.seed(11)
        again = draw(200_000)
        moments = numpy.array([float(first.mean()), float(first.std())]) + 1
        check(f"curand {name}", 1e-2, moments, numpy.array([mean, deviation]) + 1)
        check(f"curand {name} again", 0, again, cupy.asnumpy(first))


def solvers():
    square = normal(40, 40)
    definite = square @ square.T + 40 * numpy.eye(40)
    right = normal(40)
    tall = normal(30, 20)
    on = cupy.asarray
    check("potrf", DOUBLE, cupy.linalg.cholesky(on(definite)), numpy.linalg.cholesky(definite))
    check("getrf", DOUBLE, cupy.linalg.solve(on(square), on(right)) / 1e3 + 1,
          numpy.linalg.solve(square, right) / 1e3 + 1)
    q, r = cupy.linalg.qr(on(tall))
    check("geqrf", DOUBLE, q @ r, tall)
    u, values, v = cupy.linalg.svd(on(tall), full_matrices=False)
    check("gesvd", DOUBLE, (u * values) @ v, tall)
    check("syevd", DOUBLE, cupy.linalg.eigvalsh(on(definite)), numpy.linalg.eigvalsh(definite))


def sparse_products():
    matrix = scipy.sparse.random(200, 150, 0.05, format="csr", random_state=3)
    vector, block = normal(150), normal(150, 7)
    on = cupyx.scipy.sparse.csr_matrix(matrix)
    check("spmv", DOUBLE, on @ cupy.asarray(vector), matrix @ vector)
    check("spmm", DOUBLE, on @ cupy.asarray(block), matrix @ block)
    check("spgemm", DOUBLE, (on @ on.T.tocsr()).toarray(), (matrix @ matrix.T).toarray())


def transforms():
    for length in (8, 64, 100, 1000, 1024, 2187, 4096, 97):
        values = normal(length, dtype="c16")
        check(f"fft {length}", DOUBLE, cupy.fft.fft(cupy.asarray(values)), numpy.fft.fft(values))
    values = normal(3, 256, dtype="c8")
    check("fft single", SINGLE, cupy.fft.fft(cupy.asarray(values)), numpy.fft.fft(wide(values)))
    plane = normal(32, 48)
    check("rfft2", DOUBLE, cupy.fft.rfft2(cupy.asarray(plane)), numpy.fft.rfft2(plane))
    check("irfft2", DOUBLE, cupy.fft.irfft2(cupy.fft.rfft2(cupy.asarray(plane))), plane)


def main():
    products()
    bfloat_product()
    batched_product()
    light_product()
    random_numbers()
    solvers()
    sparse_products()
    transforms()
    attest()
    if FAILED:
        sys.exit("\n".join(FAILED))


if __name__ == "__main__":
    main()
