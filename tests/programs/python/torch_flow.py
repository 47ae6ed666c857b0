"""PyTorch's call flow: memory, copies, streams, events, and the launches of a training step.

PyTorch's wheels hold no PTX, so on a soft GPU no kernel of it can run. With the launches skipped
(RIGEL_SOFT_KERNELS=skip) everything around them is real: what was copied to the device comes back
unchanged, memory is accounted, streams and events order. What a kernel would have computed is not
looked at.
"""

import torch

from attest import attest, digest


def copies():
    generator = torch.Generator().manual_seed(1)
    for size, pinned in [(17, False), (1 << 20, False), (3_000_001, True)]:
        source = torch.randn(size, generator=generator)
        source = source.pin_memory() if pinned else source
        back = source.to("cuda", non_blocking=True).to("cpu")
        torch.cuda.synchronize()
        assert torch.equal(source, back), size
        print(f"copied {size}, pinned {pinned}: {digest(back.numpy())}")


def memory():
    before = torch.cuda.memory_allocated()
    held = torch.empty(64 << 20, dtype=torch.uint8, device="cuda")
    free, total = torch.cuda.mem_get_info()
    assert torch.cuda.memory_allocated() - before == 64 << 20 and 0 < free < total
    del held
    torch.cuda.empty_cache()
    assert torch.cuda.mem_get_info()[0] >= free + (64 << 20)
    try:
        torch.empty(1 << 50, dtype=torch.uint8, device="cuda")
    except torch.cuda.OutOfMemoryError:
        print("out of memory is an exception")


def streams():
    first, second = torch.cuda.Stream(), torch.cuda.Stream()
    started, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    with torch.cuda.stream(first):
        started.record()
        data = torch.arange(1000).pin_memory().to("cuda", non_blocking=True)
        ended.record()
    second.wait_event(ended)
    with torch.cuda.stream(second):
        back = data.to("cpu")
    ended.synchronize()
    assert torch.equal(back, torch.arange(1000)) and started.elapsed_time(ended) >= 0
    print("streams", digest(back.numpy()))


def training_step():
    torch.manual_seed(2)
    model = torch.nn.Sequential(torch.nn.Linear(32, 64), torch.nn.ReLU(), torch.nn.Linear(64, 4))
    model = model.to("cuda")
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(3):
        inputs, targets = torch.randn(16, 32).to("cuda"), torch.randn(16, 4).to("cuda")
        loss = torch.nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.cuda.synchronize()
    shapes = [tuple(parameter.shape) for parameter in model.parameters()]
    print("three steps issued for parameters of", shapes)


def main():
    assert torch.cuda.is_available()
    print(torch.cuda.get_device_name(0), torch.cuda.get_device_capability(0))
    copies()
    memory()
    streams()
    training_step()
    attest()


main()
