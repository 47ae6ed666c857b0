"""cuDNN's layers against NumPy in double precision, called through its C interface.

On a soft GPU they need --capability 13.0: for devices newer than it knows cuDNN chooses kernels that are
there as PTX. Each line is a layer and whether its error, relative to the largest value, is within the
tolerance beside it.
"""

import ctypes
import glob
import os
import site
import sys

import numpy

from attest import attest

SINGLE = 2e-6
NCHW, FLOAT = 0, 0
RANDOM = numpy.random.default_rng(11)
FAILED = []


def load():
    """cuDNN of the environment, with what it is linked with before it."""
    root = os.path.join(site.getsitepackages()[0], "nvidia")
    for name in ("libnvrtc.so.*", "libcublasLt.so.*", "libcublas.so.*"):
        for found in sorted(glob.glob(os.path.join(root, "*", "lib", name))):
            if "alt" not in found:
                ctypes.CDLL(found, ctypes.RTLD_GLOBAL)
    return ctypes.CDLL(os.path.join(root, "cudnn/lib/libcudnn.so.9"), ctypes.RTLD_GLOBAL)


CUDA = ctypes.CDLL("libcuda.so.1")
CUDNN = load()
CUDNN.cudnnGetErrorString.restype = ctypes.c_char_p


def cuda(name, *arguments):
    code = getattr(CUDA, name)(*arguments)
    if code:
        sys.exit(f"{name}: {code}")


def cudnn(name, *arguments):
    code = getattr(CUDNN, name)(*arguments)
    if code:
        sys.exit(f"{name}: {CUDNN.cudnnGetErrorString(code).decode()}")


class Device:
    """An array in device memory."""

    def __init__(self, array):
        self.array = numpy.ascontiguousarray(array, dtype="f4")
        self.pointer = ctypes.c_uint64()
        cuda("cuMemAlloc_v2", ctypes.byref(self.pointer), ctypes.c_size_t(self.array.nbytes))
        source = self.array.ctypes.data_as(ctypes.c_void_p)
        cuda("cuMemcpyHtoD_v2", self.pointer, source, ctypes.c_size_t(self.array.nbytes))

    def read(self):
        out = numpy.empty_like(self.array)
        target = out.ctypes.data_as(ctypes.c_void_p)
        cuda("cuMemcpyDtoH_v2", target, self.pointer, ctypes.c_size_t(out.nbytes))
        return out.astype("f8")


def descriptor(kind, setter, *arguments):
    found = ctypes.c_void_p()
    cudnn(f"cudnnCreate{kind}Descriptor", ctypes.byref(found))
    cudnn(f"cudnnSet{setter}", found, *arguments)
    return found


def tensor(shape):
    return descriptor("Tensor", "Tensor4dDescriptor", NCHW, FLOAT, *shape)


ONE, ZERO = ctypes.byref(ctypes.c_float(1)), ctypes.byref(ctypes.c_float(0))


def check(name, tolerance, found, expected):
    error = numpy.max(numpy.abs(found - expected)) / numpy.max(numpy.abs(expected))
    if error <= tolerance:
        print(f"{name}: within {tolerance:.0e}", flush=True)
    else:
        FAILED.append(f"{name}: error {error:.1e}, {tolerance:.0e} allowed")


def softmax(handle):
    x = RANDOM.standard_normal((3, 10, 4, 5)).astype("f4")
    shape, source, target = tensor(x.shape), Device(x), Device(numpy.zeros_like(x))
    accurate, channels = 1, 1
    places = (ONE, shape, source.pointer, ZERO, shape, target.pointer)
    cudnn("cudnnSoftmaxForward", handle, accurate, channels, *places)
    powers = numpy.exp(x.astype("f8"))
    check("softmax", SINGLE, target.read(), powers / powers.sum(axis=1, keepdims=True))


def activations(handle):
    x = RANDOM.standard_normal((2, 8, 9, 7)).astype("f4")
    wide = x.astype("f8")
    for name, mode, expected in (
        ("sigmoid", 0, 1 / (1 + numpy.exp(-wide))),
        ("relu", 1, numpy.maximum(wide, 0)),
        ("tanh", 2, numpy.tanh(wide)),
    ):
        how = descriptor("Activation", "ActivationDescriptor", mode, 0, ctypes.c_double(0))
        shape, source, target = tensor(x.shape), Device(x), Device(numpy.zeros_like(x))
        places = (ONE, shape, source.pointer, ZERO, shape, target.pointer)
        cudnn("cudnnActivationForward", handle, how, *places)
        check(name, SINGLE, target.read(), expected)


def pooling(handle):
    x = RANDOM.standard_normal((2, 3, 12, 12)).astype("f4")
    blocks = x.astype("f8").reshape(2, 3, 6, 2, 6, 2)
    for name, mode, expected in (
        ("max pool", 0, blocks.max(axis=(3, 5))),
        ("mean pool", 1, blocks.mean(axis=(3, 5))),
    ):
        how = descriptor("Pooling", "Pooling2dDescriptor", mode, 0, 2, 2, 0, 0, 2, 2)
        source, target = Device(x), Device(numpy.zeros((2, 3, 6, 6)))
        small = tensor((2, 3, 6, 6))
        places = (ONE, tensor(x.shape), source.pointer, ZERO, small, target.pointer)
        cudnn("cudnnPoolingForward", handle, how, *places)
        check(name, SINGLE, target.read(), expected)


def normalisation(handle):
    x = RANDOM.standard_normal((4, 6, 5, 5)).astype("f4")
    scale, bias, mean = (RANDOM.standard_normal((1, 6, 1, 1)).astype("f4") for _ in range(3))
    variance = RANDOM.uniform(0.5, 2, (1, 6, 1, 1)).astype("f4")
    parts = [Device(part) for part in (scale, bias, mean, variance)]
    source, target = Device(x), Device(numpy.zeros_like(x))
    spatial, epsilon = 1, 1e-5
    cudnn(
        "cudnnBatchNormalizationForwardInference",
        handle,
        spatial,
        *(ONE, ZERO, tensor(x.shape), source.pointer, tensor(x.shape), target.pointer),
        tensor(scale.shape),
        *(part.pointer for part in parts),
        ctypes.c_double(epsilon),
    )
    wide = [part.astype("f8") for part in (x, scale, bias, mean, variance)]
    expected = wide[1] * (wide[0] - wide[3]) / numpy.sqrt(wide[4] + epsilon) + wide[2]
    check("batch normalisation", 1e-5, target.read(), expected)


def convolution(handle):
    x = RANDOM.standard_normal((2, 3, 14, 14)).astype("f4")
    w = RANDOM.standard_normal((8, 3, 3, 3)).astype("f4")
    shape = (2, 8, 14, 14)
    windows = numpy.lib.stride_tricks.sliding_window_view(
        numpy.pad(x.astype("f8"), ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), axis=(2, 3)
    )
    expected = numpy.einsum("ncyxij,kcij->nkyx", windows, w.astype("f8"))
    filters = descriptor("Filter", "Filter4dDescriptor", FLOAT, NCHW, *w.shape)
    correlation = 1
    how = descriptor("Convolution", "Convolution2dDescriptor", 1, 1, 1, 1, 1, 1, correlation, FLOAT)
    for name, algorithm in (("implicit gemm", 0), ("precomputed gemm", 1)):
        size = ctypes.c_size_t()
        layer = (tensor(x.shape), filters, how, tensor(shape), algorithm)
        cudnn("cudnnGetConvolutionForwardWorkspaceSize", handle, *layer, ctypes.byref(size))
        space = Device(numpy.zeros(max(size.value // 4 + 1, 1)))
        source, weights, target = Device(x), Device(w), Device(numpy.zeros(shape))
        given = (ONE, tensor(x.shape), source.pointer, filters, weights.pointer)
        way = (how, algorithm, space.pointer, size)
        cudnn("cudnnConvolutionForward", handle, *given, *way, ZERO, tensor(shape), target.pointer)
        check(f"convolution, {name}", 1e-5, target.read(), expected)


def main():
    cuda("cuInit", 0)
    context = ctypes.c_void_p()
    cuda("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
    cuda("cuCtxSetCurrent", context)
    handle = ctypes.c_void_p()
    cudnn("cudnnCreate", ctypes.byref(handle))
    for layer in (softmax, activations, pooling, normalisation, convolution):
        layer(handle)
    attest()
    if FAILED:
        sys.exit("\n".join(FAILED))


main()
