// Two host threads use the device at once, each with its own stream, and hand work to each other.
#include "check.h"

#include <thread>

__global__ void step(unsigned* data, int n, unsigned key) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        data[i] = data[i] * 1664525u + key;
    }
}

static std::vector<unsigned> reference(int n, unsigned key, int rounds) {
    std::vector<unsigned> data(n, key);
    for (int round = 0; round < rounds; ++round) {
        for (unsigned& x : data) x = x * 1664525u + key + round;
    }
    return data;
}

static void work(unsigned key, int n, int rounds, std::vector<unsigned>* result) {
    CHECK(cudaSetDevice(0));
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    DeviceArray<unsigned> data(std::vector<unsigned>(n, key));
    for (int round = 0; round < rounds; ++round) {
        step<<<2, 128, 0, stream>>>(data.data, n, key + round);
        CHECK(cudaGetLastError());
        if (round % 16 == 0) CHECK(cudaStreamSynchronize(stream));
    }
    CHECK(cudaStreamSynchronize(stream));
    *result = data.download();
    CHECK(cudaStreamDestroy(stream));
}

int main() {
    const int n = 3000, rounds = 60;
    std::vector<unsigned> results[2];
    std::thread one(work, 17u, n, rounds, &results[0]);
    std::thread two(work, 91u, n, rounds, &results[1]);
    one.join();
    two.join();
    REQUIRE(results[0] == reference(n, 17u, rounds));
    REQUIRE(results[1] == reference(n, 91u, rounds));

    // A thread's failure is its own: the other's last error stays clean.
    DeviceArray<unsigned> data(std::vector<unsigned>(n, 5u));
    std::thread failing([&] {
        step<<<1, 4096>>>(data.data, n, 1u);
        CHECK_SHAPE_REFUSED();
    });
    failing.join();
    CHECK(cudaGetLastError());
    // Work one thread issued to a stream is waited for by another.
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    std::thread issuing([&] { step<<<2, 128, 0, stream>>>(data.data, n, 5u); });
    issuing.join();
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(data.download() == reference(n, 5u, 1));
    CHECK(cudaStreamDestroy(stream));
    printf("two_threads %016llx %016llx\n", static_cast<unsigned long long>(digest(results[0])),
           static_cast<unsigned long long>(digest(results[1])));
    attest();
}
