// Built with --default-stream per-thread: stream 0 means a stream of the calling thread's own.
// nvcc: --default-stream per-thread
#include "check.h"

#include <condition_variable>
#include <mutex>
#include <thread>

__global__ void add_to(int* data, int n, int value) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        data[i] += value;
    }
}

struct Door {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
};

static void CUDART_CB pass(void* user) {
    Door* door = static_cast<Door*>(user);
    std::unique_lock<std::mutex> lock(door->mutex);
    door->changed.wait(lock, [door] { return door->open; });
}

int main() {
    const int n = 4000;
    DeviceArray<int> a(std::vector<int>(n, 0)), b(std::vector<int>(n, 0));
    // This thread's default stream stands still; another thread's default stream passes it.
    Door door;
    CHECK(cudaLaunchHostFunc(cudaStreamPerThread, pass, &door));
    add_to<<<2, 128>>>(a.data, n, 1);
    CHECK_FAILS(cudaStreamQuery(0), cudaErrorNotReady);
    std::vector<int> seen(n, -1);
    std::thread other([&] {
        add_to<<<2, 128>>>(b.data, n, 7);
        CHECK(cudaMemcpyAsync(seen.data(), b.data, n * sizeof(int), cudaMemcpyDeviceToHost, 0));
        CHECK(cudaStreamSynchronize(0));
        CHECK(cudaStreamQuery(0));
    });
    other.join();
    REQUIRE(seen == std::vector<int>(n, 7));
    CHECK_FAILS(cudaStreamQuery(cudaStreamPerThread), cudaErrorNotReady);
    {
        std::lock_guard<std::mutex> lock(door.mutex);
        door.open = true;
        door.changed.notify_all();
    }
    CHECK(cudaStreamSynchronize(0));
    std::vector<int> result(n);
    CHECK(cudaMemcpy(result.data(), a.data, n * sizeof(int), cudaMemcpyDeviceToHost));
    REQUIRE(result == std::vector<int>(n, 1));

    // Several threads, each in order on its own default stream, none waiting for another.
    std::vector<std::thread> threads;
    std::vector<std::vector<int>> results(4, std::vector<int>(n));
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([t, n, &results] {
            DeviceArray<int> data(n);
            CHECK(cudaMemsetAsync(data.data, 0, n * sizeof(int), 0));
            for (int i = 0; i < 10; ++i) add_to<<<1, 128>>>(data.data, n, t + i);
            CHECK(cudaMemcpyAsync(results[t].data(), data.data, n * sizeof(int),
                                  cudaMemcpyDeviceToHost, 0));
            CHECK(cudaStreamSynchronize(0));
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (int t = 0; t < 4; ++t) REQUIRE(results[t] == std::vector<int>(n, 10 * t + 45));
    printf("per_thread_stream %d %016llx\n", n, static_cast<unsigned long long>(digest(results[3])));
    attest();
}
