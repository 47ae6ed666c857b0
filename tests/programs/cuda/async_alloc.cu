// Memory that is allocated and freed in stream order, from the default pool and from one of our own.
#include "check.h"

__global__ void fill(int* data, int n, int value) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        data[i] = value + i;
    }
}

__global__ void accumulate(int* total, const int* data, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        atomicAdd(&total[i % 16], data[i]);
    }
}

int main() {
    int device = 0, supported = 0;
    CHECK(cudaGetDevice(&device));
    CHECK(cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, device));
    REQUIRE(supported == 1);
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    DeviceArray<int> total(16);
    CHECK(cudaMemsetAsync(total.data, 0, 16 * sizeof(int), stream));

    // Buffers live only inside the stream's order; the host waits once, at the end.
    const int n = 5000;
    std::vector<int> expected(16);
    for (int round = 0; round < 40; ++round) {
        int* data = nullptr;
        CHECK(cudaMallocAsync(&data, n * sizeof(int), stream));
        fill<<<2, 128, 0, stream>>>(data, n, round);
        accumulate<<<2, 128, 0, stream>>>(total.data, data, n);
        CHECK(cudaFreeAsync(data, stream));
        for (int i = 0; i < n; ++i) expected[i % 16] += round + i;
    }
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(total.download() == expected);

    // A pool that keeps what is freed, and says so.
    cudaMemPool_t pool;
    CHECK(cudaDeviceGetDefaultMemPool(&pool, device));
    uint64_t threshold = UINT64_MAX, read_back = 0;
    CHECK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
    CHECK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &read_back));
    REQUIRE(read_back == threshold);
    int* held = nullptr;
    CHECK(cudaMallocFromPoolAsync(&held, 1 << 20, pool, stream));
    CHECK(cudaMemsetAsync(held, 7, 1 << 20, stream));
    uint64_t used = 0;
    CHECK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
    REQUIRE(used >= 1 << 20);
    CHECK(cudaFreeAsync(held, stream));
    CHECK(cudaStreamSynchronize(stream));
    CHECK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrUsedMemCurrent, &used));
    REQUIRE(used == 0);
    CHECK(cudaMemPoolTrimTo(pool, 0));

    cudaMemPoolProps properties = {};
    properties.allocType = cudaMemAllocationTypePinned;
    properties.location.type = cudaMemLocationTypeDevice;
    properties.location.id = device;
    cudaMemPool_t own;
    CHECK(cudaMemPoolCreate(&own, &properties));
    CHECK(cudaMallocFromPoolAsync(&held, 4096, own, stream));
    fill<<<1, 128, 0, stream>>>(held, 1024, 9);
    std::vector<int> values(1024);
    CHECK(cudaMemcpyAsync(values.data(), held, 4096, cudaMemcpyDeviceToHost, stream));
    CHECK(cudaFreeAsync(held, stream));
    CHECK(cudaStreamSynchronize(stream));
    for (int i = 0; i < 1024; ++i) REQUIRE(values[i] == 9 + i);
    CHECK(cudaMemPoolDestroy(own));
    CHECK(cudaStreamDestroy(stream));
    printf("async_alloc %016llx\n", static_cast<unsigned long long>(digest(expected)));
    attest();
}
