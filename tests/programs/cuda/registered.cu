// Memory of the program's own that it registers: kernels read and write it by its own address, and what
// lies beside it stays the program's.
#include "check.h"

#include <sys/mman.h>

#include <algorithm>
#include <memory>

__global__ void increment(int* data, size_t n) {
    size_t i = blockIdx.x * static_cast<size_t>(blockDim.x) + threadIdx.x;
    if (i < n) data[i] += 1;
}

__global__ void sum_bytes(const unsigned char* data, size_t n, unsigned* sum) {
    unsigned of_thread = 0;
    for (size_t i = threadIdx.x; i < n; i += blockDim.x) of_thread += data[i];
    atomicAdd(sum, of_thread);
}

static void launch(int* data, size_t n, cudaStream_t stream = 0) {
    // What was refused on purpose is not the launch's.
    cudaGetLastError();
    increment<<<static_cast<unsigned>((n + 255) / 256), 256, 0, stream>>>(data, n);
    CHECK(cudaGetLastError());
}

// Host and kernels in turn, by the pointer that the runtime gives and by the plain one.
static void back_and_forth(int* data, size_t n, unsigned flags) {
    for (size_t i = 0; i < n; ++i) data[i] = static_cast<int>(i ^ 5);
    CHECK(cudaHostRegister(data, n * sizeof(int), flags));
    int* seen_by_device;
    CHECK(cudaHostGetDevicePointer(&seen_by_device, data, 0));
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, data + n - 1));
    REQUIRE(attributes.type == cudaMemoryTypeHost && attributes.hostPointer == data + n - 1);
    launch(seen_by_device, n);
    CHECK(cudaDeviceSynchronize());
    for (size_t i = 0; i < n; ++i) REQUIRE(data[i] == static_cast<int>(i ^ 5) + 1);
    data[n / 2] = -3;
    launch(data, n);
    launch(data, n);
    CHECK(cudaStreamSynchronize(0));
    REQUIRE(data[n / 2] == -1 && data[0] == 8);
    // What is still on its way when the registration ends arrives before.
    launch(data, n);
    CHECK(cudaHostUnregister(data));
    REQUIRE(data[n / 2] == 0 && data[0] == 9);
    CHECK_FAILS(cudaHostUnregister(data), cudaErrorHostMemoryNotRegistered);
    printf("registered %zu: %016llx\n", n,
           static_cast<unsigned long long>(digest(std::vector<int>(data, data + n))));
}

// Bytes in the middle of the heap, which begin and end within pages.
static void neighbours() {
    const size_t n = 3000;
    std::vector<int> heap(3 * n, 77);
    int* data = heap.data() + n + 1;
    back_and_forth(data, n, cudaHostRegisterMapped);
    for (size_t i = 0; i <= n; ++i) REQUIRE(heap[i] == 77);
    for (size_t i = 2 * n + 1; i < 3 * n; ++i) REQUIRE(heap[i] == 77);
}

// Two registrations with bytes of one page; the program writes between them all the while.
static void two_in_a_page() {
    std::unique_ptr<int[]> heap(new int[64]());
    int *first = heap.get(), *second = heap.get() + 32;
    CHECK(cudaHostRegister(first, 16 * sizeof(int), cudaHostRegisterDefault));
    CHECK(cudaHostRegister(second, 16 * sizeof(int), cudaHostRegisterDefault));
    CHECK_FAILS(cudaHostRegister(first + 8, 4, cudaHostRegisterDefault),
                cudaErrorHostMemoryAlreadyRegistered);
    launch(first, 16);
    heap[20] = 4;
    launch(second, 16);
    CHECK(cudaDeviceSynchronize());
    CHECK(cudaHostUnregister(first));
    first[0] = 100;
    launch(second, 16);
    CHECK(cudaDeviceSynchronize());
    CHECK(cudaHostUnregister(second));
    REQUIRE(first[0] == 100 && first[15] == 1 && first[16] == 0 && heap[20] == 4);
    REQUIRE(second[0] == 2 && second[15] == 2 && second[16] == 0);
    back_and_forth(first, 64, cudaHostRegisterPortable);
}

// Copies keep the order of the stream with kernels that use the memory; a capture replays them.
static void copies() {
    const size_t n = 5000, bytes = n * sizeof(int);
    std::vector<int> data(n, 1);
    CHECK(cudaHostRegister(data.data(), bytes, cudaHostRegisterMapped));
    DeviceArray<int> device(n);
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    launch(data.data(), n, stream);
    CHECK(cudaMemcpyAsync(device.data, data.data(), bytes, cudaMemcpyHostToDevice, stream));
    launch(device.data, n, stream);
    CHECK(cudaMemcpyAsync(data.data(), device.data, bytes, cudaMemcpyDeviceToHost, stream));
    launch(data.data(), n, stream);
    CHECK(cudaStreamSynchronize(stream));
    for (int x : data) REQUIRE(x == 4);
    CHECK(cudaMemset(data.data(), 0, bytes));
    REQUIRE(data[0] == 0 && data[n - 1] == 0);

    cudaGraph_t graph;
    cudaGraphExec_t replay;
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    CHECK(cudaMemcpyAsync(device.data, data.data(), bytes, cudaMemcpyHostToDevice, stream));
    launch(device.data, n, stream);
    CHECK(cudaMemcpyAsync(data.data(), device.data, bytes, cudaMemcpyDeviceToHost, stream));
    CHECK(cudaStreamEndCapture(stream, &graph));
    CHECK(cudaGraphInstantiate(&replay, graph, 0));
    for (int round = 1; round <= 3; ++round) {
        std::fill(data.begin(), data.end(), 10 * round);
        CHECK(cudaGraphLaunch(replay, stream));
        CHECK(cudaStreamSynchronize(stream));
        for (int x : data) REQUIRE(x == 10 * round + 1);
    }
    CHECK(cudaGraphExecDestroy(replay));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaStreamDestroy(stream));
    CHECK(cudaHostUnregister(data.data()));
}

// Pages that cannot be written, which kernels only read.
static void read_only() {
    const size_t bytes = 3 * 4096;
    void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(pages != MAP_FAILED);
    unsigned char* data = static_cast<unsigned char*>(pages);
    std::fill(data, data + bytes, 3);
    REQUIRE(mprotect(pages, bytes, PROT_READ) == 0);
    CHECK(cudaHostRegister(pages, bytes, cudaHostRegisterMapped | cudaHostRegisterReadOnly));
    DeviceArray<unsigned> sum(std::vector<unsigned>{0});
    cudaGetLastError();
    sum_bytes<<<1, 128>>>(data, bytes, sum.data);
    CHECK(cudaGetLastError());
    printf("read only: %u\n", sum.download()[0]);
    CHECK(cudaHostUnregister(pages));
    REQUIRE(munmap(pages, bytes) == 0);
}

// A program that gives its memory back without a word loses that memory and nothing else.
static void given_back() {
    const size_t bytes = 16 * 4096;
    void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(pages != MAP_FAILED);
    CHECK(cudaHostRegister(pages, bytes, cudaHostRegisterMapped));
    REQUIRE(munmap(pages, bytes) == 0);
    DeviceArray<int> device(std::vector<int>(100, 1));
    launch(device.data, 100);
    REQUIRE(device.download()[99] == 2);
    CHECK(cudaHostUnregister(pages));
}

int main() {
    CHECK_FAILS(cudaHostRegister(nullptr, 4096, cudaHostRegisterMapped), cudaErrorInvalidValue);
    neighbours();
    two_in_a_page();
    copies();
    read_only();
    given_back();
    std::vector<int> large((1u << 20) / sizeof(int) + 3);
    back_and_forth(large.data() + 1, large.size() - 2, cudaHostRegisterMapped);
    // What a context has registered ends with it.
    CHECK(cudaHostRegister(large.data(), 4096, cudaHostRegisterMapped));
    CHECK(cudaDeviceReset());
    back_and_forth(large.data(), 1024, cudaHostRegisterMapped);
    attest();
    return 0;
}
