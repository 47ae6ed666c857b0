"""What surrounds a training loop, one function each, chosen by the argument: mixed precision, CUDA graphs,
compilation, loaders, processes, the allocator's record, running out of memory, the profiler."""

import os
import sys
import tempfile

import torch

from attest import attest, digest
from ladder import SKIPPED, deterministic, pick, show


def small_model():
    model = torch.nn.Sequential(
        torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 8)
    ).cuda()
    return model, torch.randn(32, 64).cuda(), torch.randn(32, 8).cuda()


def amp():
    model, inputs, targets = small_model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    scaler = torch.amp.GradScaler("cuda", enabled=not SKIPPED)
    for _ in range(5):
        with torch.autocast("cuda", torch.float16):
            loss = torch.nn.functional.mse_loss(model(inputs), targets)
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    show("weights", model[0].weight)


def graph():
    model, inputs, targets = small_model()
    optimizer = torch.optim.Adam(model.parameters(), capturable=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    captured = torch.cuda.CUDAGraph()
    with torch.cuda.graph(captured):
        step()
    for _ in range(10):
        captured.replay()
    torch.cuda.synchronize()
    show("weights after replays", model[0].weight)


def compiled():
    @torch.compile
    def fused(values):
        return torch.relu(values) * 2 + torch.sin(values)

    show("compiled", fused(torch.linspace(-3, 3, 10_000, device="cuda")))


def loader():
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.arange(4096.0).reshape(64, 64))
    rows = DataLoader(data, batch_size=16, num_workers=2, pin_memory=True)
    total = torch.cat([batch.cuda(non_blocking=True).cpu() for (batch,) in rows])
    assert torch.equal(total, data.tensors[0])
    print("loaded", digest(total.numpy()))


def child(queue, seed):
    values = torch.arange(1000, device="cuda") + seed
    queue.put(values.cpu().numpy().tolist() if not SKIPPED else [seed])


def processes():
    import torch.multiprocessing as multiprocessing

    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    started = [context.Process(target=child, args=(queue, seed)) for seed in (1, 2)]
    for process in started:
        process.start()
    results = sorted(queue.get(timeout=120) for _ in started)
    for process in started:
        process.join(60)
        assert process.exitcode == 0, process.exitcode
    print("processes", [row[0] for row in results])


def fill(queue, done):
    try:
        queue.get(timeout=60).add_(1)
        torch.cuda.synchronize()
        done.put("")
    except Exception as error:
        done.put(str(error))


def shared():
    """A tensor of this process's GPU memory, changed by another process."""
    import torch.multiprocessing as multiprocessing

    context = multiprocessing.get_context("spawn")
    queue, done = context.Queue(), context.Queue()
    process = context.Process(target=fill, args=(queue, done))
    process.start()
    values = torch.arange(1000, dtype=torch.float32).cuda()
    queue.put(values)
    complaint = done.get(timeout=90)
    process.join(60)
    assert not complaint, complaint
    show("changed elsewhere", values)


def snapshot():
    torch.cuda.memory._record_memory_history(max_entries=1000)
    held = torch.empty(1 << 20, device="cuda")
    record = torch.cuda.memory._snapshot()
    torch.cuda.memory._record_memory_history(enabled=None)
    sizes = {block["size"] for segment in record["segments"] for block in segment["blocks"]}
    assert 4 << 20 in sizes, sizes
    print("recorded an allocation of", held.nbytes)


def exhaust():
    free, total = torch.cuda.mem_get_info()
    assert 0 < free <= total
    try:
        torch.empty(total + (1 << 30), dtype=torch.uint8, device="cuda")
        sys.exit("more than the GPU holds was allocated")
    except torch.cuda.OutOfMemoryError:
        print("out of memory is an exception")
    values = torch.arange(1000.0).cuda()
    assert torch.equal(values.cpu(), torch.arange(1000.0))
    print("and the next allocation works")


def profiled():
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU]) as profiler:
        torch.zeros(100, device="cuda").cpu()
    assert "aten::zeros" in [event.key for event in profiler.key_averages()]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        profiler.export_chrome_trace(path)
        assert os.path.getsize(path) > 0
    print("profiled")


def streams():
    first, second = torch.cuda.Stream(), torch.cuda.Stream(priority=-1)
    done = torch.cuda.Event()
    with torch.cuda.stream(first):
        data = torch.arange(pick(1 << 22, 1000)).pin_memory().to("cuda", non_blocking=True)
        done.record()
    second.wait_event(done)
    with torch.cuda.stream(second):
        back = data.to("cpu")
    assert done.query() and torch.equal(back, torch.arange(len(back)))
    print("streams", digest(back.numpy()))


FEATURES = {
    "amp": amp, "graph": graph, "compiled": compiled, "loader": loader, "processes": processes,
    "shared": shared, "snapshot": snapshot, "exhaust": exhaust, "profiled": profiled,
    "streams": streams,
}


def main():
    deterministic(8)
    FEATURES[sys.argv[1]]()
    torch.cuda.synchronize()
    attest()


if __name__ == "__main__":
    main()
