"""PyTorch's call flow: memory, copies, streams, events, graphs, libraries, and a training step.

PyTorch's wheels hold no PTX, so on a soft GPU no kernel of it can run. With the launches skipped
(RIGEL_SOFT_KERNELS=skip) everything around them is real: what was copied to the device comes back
unchanged, memory is accounted, streams and events order, captured copies are replayed. What a kernel
would have computed is not looked at.
"""

import os
import tempfile

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
    properties = torch.cuda.get_device_properties(0)
    print("memory", properties.total_memory, properties.multi_processor_count)


def streams():
    first, second = torch.cuda.Stream(), torch.cuda.Stream(priority=-1)
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
    assert first.query() and ended.query()
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


def graphs():
    source = torch.arange(5000, dtype=torch.float32).pin_memory()
    result = torch.zeros(5000).pin_memory()
    middle = torch.empty(5000, device="cuda")
    layer = torch.nn.Linear(32, 32).cuda()
    rows = torch.zeros(8, 32, device="cuda")
    layer(rows)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        middle.copy_(source, non_blocking=True)
        layer(rows)
        result.copy_(middle, non_blocking=True)
    for round in range(3):
        source += round + 1
        graph.replay()
        torch.cuda.synchronize()
        assert torch.equal(source, result), round
    print("graph replays its copies", digest(result.numpy()))


def libraries():
    for kind in (torch.float32, torch.float16, torch.bfloat16, torch.float64):
        square = torch.ones(64, 64, dtype=kind).cuda()
        (square @ square).cpu()
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8)).cuda()
    layers(torch.randn(2, 3, 16, 16).cuda()).sum().backward()
    sequence, _ = torch.nn.LSTM(16, 32).cuda()(torch.randn(5, 3, 16).cuda())
    sequence.sum().backward()
    signal = torch.randn(8, 100).cuda()
    torch.fft.ifft(torch.fft.fft(signal))
    torch.fft.rfft2(torch.randn(3, 100, 77).cuda())
    query = torch.randn(2, 4, 128, 64).cuda().half()
    torch.nn.functional.scaled_dot_product_attention(query, query, query, is_causal=True)
    torch.linalg.qr(torch.randn(16, 16).cuda())
    torch.cuda.synchronize()
    print("matrix products, convolutions, transforms, attention, factors issued")


def profiling():
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
        torch.zeros(100, device="cuda").cpu()
    names = [event.key for event in profiler.key_averages()]
    assert "aten::zeros" in names, names
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        profiler.export_chrome_trace(path)
        assert os.path.getsize(path) > 0
    print("profiled")


def loading():
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.arange(4096.0).reshape(64, 64), torch.arange(64))
    total = []
    for rows, _ in DataLoader(data, batch_size=16, num_workers=2, pin_memory=True):
        total.append(rows.cuda(non_blocking=True).cpu())
    whole = torch.cat(total)
    assert torch.equal(whole, data.tensors[0])
    print("loaded by workers", digest(whole.numpy()))


def compiling():
    @torch.compile
    def fused(values):
        return torch.relu(values) * 2 + 1

    fused(torch.randn(1000).cuda())
    torch.cuda.synchronize()
    print("compiled")


def main():
    assert torch.cuda.is_available()
    print(torch.cuda.get_device_name(0), torch.cuda.get_device_capability(0))
    copies()
    memory()
    streams()
    training_step()
    graphs()
    libraries()
    profiling()
    loading()
    compiling()
    attest()


if __name__ == "__main__":
    main()
