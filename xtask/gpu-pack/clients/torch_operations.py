"""PyTorch's operations, one family a function: matrix products, convolution, attention, transforms,
linear algebra, gradients, random numbers. Each result is shown."""

import torch

from attest import attest
from ladder import SKIPPED, deterministic, pick, show

SIDE = pick(2048, 64)


def tensors():
    values = torch.arange(100_000, dtype=torch.float32, device="cuda")
    show("elementwise", torch.sin(values) * torch.exp(-values / 1000) + values.sqrt())
    show("reduction", values.sum().reshape(1))
    show("scan", torch.cumsum(values.to(torch.int64), 0))
    show("sort", torch.sort(torch.flip(values, [0])).values)
    show("gather", values[torch.arange(0, 100_000, 7, device="cuda")])


def products():
    for kind in (torch.float32, torch.float16, torch.bfloat16, torch.float64):
        left = torch.randn(SIDE, SIDE).to(kind).cuda()
        right = torch.randn(SIDE, SIDE).to(kind).cuda()
        show("product", left @ right)
    batch = torch.randn(16, 64, 64, device="cuda", dtype=torch.float16)
    show("batched product", torch.bmm(batch, batch.transpose(1, 2)))


def convolutions():
    layer = torch.nn.Conv2d(8, 16, 3, padding=1).cuda()
    images = torch.randn(4, 8, pick(112, 16), pick(112, 16)).cuda().requires_grad_()
    result = layer(images)
    result.square().mean().backward()
    show("convolution", result)
    show("its gradient", images.grad)
    show("pooling", torch.nn.functional.max_pool2d(result, 2))


def attention():
    query, key, value = (torch.randn(2, 8, pick(512, 32), 64).cuda().half() for _ in range(3))
    function = torch.nn.functional.scaled_dot_product_attention
    show("attention", function(query, key, value, is_causal=True))


def transforms():
    signal = torch.randn(16, pick(4096, 128)).cuda()
    show("fft", torch.view_as_real(torch.fft.fft(signal)))
    show("inverse", torch.fft.irfft(torch.fft.rfft(signal)))


def algebra():
    square = torch.randn(pick(128, 16), pick(128, 16), dtype=torch.float64)
    square = (square @ square.T + 64 * torch.eye(len(square))).cuda()
    show("qr", torch.linalg.qr(square).R)
    if SKIPPED:
        # The next two look at what a kernel said of the matrix.
        return
    show("cholesky", torch.linalg.cholesky(square))
    show("solve", torch.linalg.solve(square, torch.ones(len(square), 1).double().cuda()))


def randomness():
    generator = torch.Generator(device="cuda").manual_seed(4)
    show("normal", torch.randn(10_000, device="cuda", generator=generator))
    show("permutation", torch.randperm(10_000, device="cuda", generator=generator))


def main():
    deterministic(1)
    for family in (tensors, products, convolutions, attention, transforms, algebra, randomness):
        family()
    attest()


if __name__ == "__main__":
    main()
