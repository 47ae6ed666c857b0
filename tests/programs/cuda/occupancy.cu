// What the driver says about a kernel, and a kernel that asks for more shared memory than the default.
#include "check.h"

__global__ void small(int* out) { out[threadIdx.x] = threadIdx.x; }

__global__ void __launch_bounds__(256) sharing(int* out) {
    __shared__ int values[2048];
    for (int i = threadIdx.x; i < 2048; i += blockDim.x) values[i] = i;
    __syncthreads();
    out[threadIdx.x] = values[2047 - threadIdx.x];
}

__global__ void dynamic(int* out, int n) {
    extern __shared__ int values[];
    for (int i = threadIdx.x; i < n; i += blockDim.x) values[i] = 3 * i;
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) out[i] = values[n - 1 - i];
}

int main() {
    cudaDeviceProp properties;
    CHECK(cudaGetDeviceProperties(&properties, 0));
    printf("device %s %d.%d, %d multiprocessors, warp %d\n", properties.name, properties.major,
           properties.minor, properties.multiProcessorCount, properties.warpSize);
    printf("limits: %d threads a block, %zu and %zu bytes of shared memory\n",
           properties.maxThreadsPerBlock, properties.sharedMemPerBlock,
           properties.sharedMemPerBlockOptin);
    cudaFuncAttributes attributes;
    CHECK(cudaFuncGetAttributes(&attributes, sharing));
    printf("sharing: %zu bytes shared, at most %d threads, ptx %d\n", attributes.sharedSizeBytes,
           attributes.maxThreadsPerBlock, attributes.ptxVersion);
    REQUIRE(attributes.sharedSizeBytes == 2048 * sizeof(int));
    REQUIRE(attributes.maxThreadsPerBlock == 256);

    int blocks = 0, smallest_grid = 0, best_block = 0;
    CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, small, 128, 0));
    REQUIRE(blocks >= 1);
    printf("small: %d blocks of 128", blocks);
    CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, sharing, 256, 0));
    REQUIRE(blocks >= 1);
    printf(", sharing: %d blocks of 256", blocks);
    CHECK(cudaOccupancyMaxPotentialBlockSize(&smallest_grid, &best_block, small, 0, 0));
    REQUIRE(best_block >= 32 && best_block % 32 == 0 && smallest_grid >= 1);
    printf(", best block %d, grid %d\n", best_block, smallest_grid);

    const int n = 16000, bytes = n * sizeof(int);
    DeviceArray<int> out(n);
    sharing<<<1, 256>>>(out.data);
    CHECK(cudaGetLastError());
    REQUIRE(out.download()[0] == 2047);
    // Over 48 KiB needs consent, which must still hold at the launch after other launches.
    dynamic<<<1, 256, bytes>>>(out.data, n);
    CHECK_FAILS(cudaGetLastError(), cudaErrorInvalidValue);
    CHECK(cudaFuncSetAttribute(dynamic, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
    small<<<1, 32>>>(out.data);
    dynamic<<<1, 256, bytes>>>(out.data, n);
    CHECK(cudaGetLastError());
    std::vector<int> values = out.download();
    for (int i = 0; i < n; ++i) REQUIRE(values[i] == 3 * (n - 1 - i));
    printf("occupancy %016llx\n", static_cast<unsigned long long>(digest(values)));
    attest();
}
