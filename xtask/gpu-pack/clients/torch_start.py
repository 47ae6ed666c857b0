"""From nothing to the first results: what a program pays before its first step, the upload of PyTorch's
fat binaries included."""

import time

started = time.perf_counter()

import torch

from attest import attest
from ladder import SMALL, rate, show

imported = time.perf_counter()


def main():
    ones = torch.ones(64, 64, device="cuda")
    torch.cuda.synchronize()
    first = time.perf_counter()
    show("product", ones @ ones)
    if not SMALL:
        show("convolution", torch.nn.Conv2d(3, 8, 3).cuda()(torch.ones(1, 3, 32, 32).cuda()) * 0)
        show("transform", torch.view_as_real(torch.fft.fft(ones)))
    torch.cuda.synchronize()
    libraries = time.perf_counter()
    # More is better: so many such starts a second.
    rate("first-kernel", 1 / (first - imported), "1/s")
    rate("libraries", 1 / (libraries - first), "1/s")
    attest()


if __name__ == "__main__":
    main()
