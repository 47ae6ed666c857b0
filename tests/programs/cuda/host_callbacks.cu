// Functions of the program that run inside a stream's order.
#include "check.h"

#include <atomic>
#include <vector>

__global__ void advance(int* value) { *value = *value * 3 + 1; }

struct Log {
    std::vector<int> seen;
    int* mirror;
};

static void CUDART_CB note(void* user) {
    Log* log = static_cast<Log*>(user);
    log->seen.push_back(*log->mirror);
}

static void CUDART_CB old_style(cudaStream_t, cudaError_t status, void* user) {
    static_cast<Log*>(user)->seen.push_back(status == cudaSuccess ? -1 : -2);
}

int main() {
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    DeviceArray<int> value(1);
    CHECK(cudaMemset(value.data, 0, sizeof(int)));
    Log log = {{}, nullptr};
    CHECK(cudaMallocHost(&log.mirror, sizeof(int)));
    *log.mirror = -100;
    // Each callback sees exactly what the stream had done before it, and none of what comes after.
    std::vector<int> expected;
    int running = 0;
    for (int i = 0; i < 12; ++i) {
        advance<<<1, 1, 0, stream>>>(value.data);
        CHECK(cudaMemcpyAsync(log.mirror, value.data, sizeof(int), cudaMemcpyDeviceToHost, stream));
        CHECK(cudaLaunchHostFunc(stream, note, &log));
        running = running * 3 + 1;
        expected.push_back(running);
    }
    CHECK(cudaStreamAddCallback(stream, old_style, &log, 0));
    expected.push_back(-1);
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(log.seen == expected);

    // What a callback writes to pinned memory is what the copy after it reads.
    CHECK(cudaLaunchHostFunc(stream, [](void* p) { *static_cast<int*>(p) = 4711; }, log.mirror));
    CHECK(cudaMemcpyAsync(value.data, log.mirror, sizeof(int), cudaMemcpyHostToDevice, stream));
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(value.download()[0] == 4711);
    CHECK(cudaFreeHost(log.mirror));
    CHECK(cudaStreamDestroy(stream));
    printf("host_callbacks %zu %016llx\n", log.seen.size(),
           static_cast<unsigned long long>(digest(log.seen)));
    attest();
}
