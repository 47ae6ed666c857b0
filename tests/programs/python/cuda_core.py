"""cuda.core: NVIDIA's own Python interface to compiler, memory, streams, events and graphs."""

import numpy as np
from cuda.core import (
    Device,
    DeviceMemoryResource,
    DeviceMemoryResourceOptions,
    EventOptions,
    LaunchConfig,
    LegacyPinnedMemoryResource,
    Linker,
    LinkerOptions,
    Program,
    ProgramOptions,
    launch,
)

from attest import attest, digest

N = 1000

SOURCE = """
extern "C" __global__ void squares(int *out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = i * i;
}
extern "C" __global__ void add(int *out, int term, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] += term;
}
"""

EVERYWHERE = LaunchConfig(grid=8, block=128)


def read(buffer, stream):
    """The integers of a buffer, by way of page-locked memory."""
    pinned = LegacyPinnedMemoryResource().allocate(4 * N)
    buffer.copy_to(pinned, stream=stream)
    stream.sync()
    return np.from_dlpack(pinned).view(np.int32)[:N].copy()


def kernels(device, stream, module):
    buffer = device.memory_resource.allocate(4 * N, stream=stream)
    squares, add = module.get_kernel("squares"), module.get_kernel("add")
    print("threads of a block:", squares.attributes.max_threads_per_block)
    print("blocks:", squares.occupancy.max_active_blocks_per_multiprocessor(128, 0))
    before = stream.record(options=EventOptions(timing_enabled=True))
    launch(stream, EVERYWHERE, squares, buffer, np.int32(N))
    after = stream.record(options=EventOptions(timing_enabled=True))
    other = device.create_stream()
    other.wait(after)
    launch(other, EVERYWHERE, add, buffer, np.int32(5), np.int32(N))
    other.sync()
    assert after - before >= 0
    found = read(buffer, stream)
    assert (found == np.arange(N) ** 2 + 5).all()
    print("kernels:", digest(found))
    return buffer


def graphs(device, stream, module, buffer):
    squares, add = module.get_kernel("squares"), module.get_kernel("add")
    builder = device.create_graph_builder().begin_building()
    launch(builder, EVERYWHERE, squares, buffer, np.int32(N))
    left, right = builder.split(2)
    launch(left, LaunchConfig(grid=1, block=128), add, buffer, np.int32(7), np.int32(100))
    joined = type(builder).join(left, right)
    launch(joined, EVERYWHERE, add, buffer, np.int32(1), np.int32(N))
    graph = joined.end_building().complete()
    graph.upload(stream)
    for _ in range(3):
        graph.launch(stream)
    found = read(buffer, stream)
    expected = np.arange(N) ** 2 + 1
    expected[:100] += 7
    assert (found == expected).all()
    print("graph:", digest(found))


def pools(device, stream):
    pool = DeviceMemoryResource(device, DeviceMemoryResourceOptions(max_size=1 << 21))
    buffer = pool.allocate(1 << 20, stream=stream)
    print("pool:", pool.attributes.used_mem_current)
    buffer.close(stream)


def main():
    device = Device()
    device.set_current()
    stream = device.create_stream()
    print("capability:", device.compute_capability, "SMs:", device.properties.multiprocessor_count)
    program = Program(SOURCE, code_type="c++", options=ProgramOptions(arch="sm_86"))
    module = program.compile("ptx")
    buffer = kernels(device, stream, module)
    graphs(device, stream, module, buffer)
    linked = Linker(module, options=LinkerOptions(arch="sm_86")).link("cubin")
    kernels(device, stream, linked)
    pools(device, stream)
    stream.close()
    attest()


if __name__ == "__main__":
    main()
