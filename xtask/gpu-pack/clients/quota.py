"""Takes device memory until there is none, in pieces of the driver's granularity, and says in one line of
JSON what it saw: the total that the driver names, what was held at the end, and whether a piece freed can be taken again.
"""

import ctypes
import json

PIECE = 2 << 20


def main():
    cuda = ctypes.CDLL("libcuda.so.1")

    def call(name, *arguments):
        return getattr(cuda, name)(*arguments)

    def check(name, *arguments):
        code = call(name, *arguments)
        assert code == 0, f"{name} returned {code}"

    check("cuInit", 0)
    context = ctypes.c_void_p()
    check("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
    check("cuCtxSetCurrent", context)
    free, total = ctypes.c_size_t(), ctypes.c_size_t()
    check("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
    pieces, code = [], 0
    # Large pieces first: a GPU's memory is many small ones.
    for size in (256 << 20, 16 << 20, PIECE):
        while True:
            piece = ctypes.c_uint64()
            code = call("cuMemAlloc_v2", ctypes.byref(piece), ctypes.c_size_t(size))
            if code:
                break
            pieces.append((piece, size))
    left = ctypes.c_size_t()
    check("cuMemGetInfo_v2", ctypes.byref(left), ctypes.byref(total))
    held = sum(size for _, size in pieces)
    piece, size = pieces.pop()
    check("cuMemFree_v2", piece)
    again = call("cuMemAlloc_v2", ctypes.byref(piece), ctypes.c_size_t(size))
    print(json.dumps({
        "total": total.value, "free": free.value, "held": held, "left": left.value, "refusal": code,
        "again": again,
    }))


if __name__ == "__main__":
    main()
