// Errors a program can meet: the same code at the same call, and what is left afterwards.
#include "check.h"

__global__ void touch(int* data, long long index) { data[index] = 1; }
__global__ void fine(int* data) { data[threadIdx.x] = threadIdx.x; }

int main() {
    DeviceArray<int> data(1024);
    // Refused at the launch, by thread count, by grid, by shared memory; nothing sticks.
    fine<<<1, 2048>>>(data.data);
    CHECK_SHAPE_REFUSED();
    fine<<<dim3(1, 70000), 32>>>(data.data);
    CHECK_SHAPE_REFUSED();
    fine<<<0, 32>>>(data.data);
    CHECK_SHAPE_REFUSED();
    fine<<<1, 32, 1 << 20>>>(data.data);
    CHECK_SHAPE_REFUSED();
    CHECK(cudaGetLastError());

    void* pointer = nullptr;
    CHECK_FAILS(cudaMalloc(&pointer, size_t(1) << 60), cudaErrorMemoryAllocation);
    CHECK_FAILS(cudaGetLastError(), cudaErrorMemoryAllocation);
    CHECK_FAILS(cudaSetDevice(1000), cudaErrorInvalidDevice);
    CHECK_FAILS(cudaGetLastError(), cudaErrorInvalidDevice);
    CHECK_FAILS(cudaFree(reinterpret_cast<void*>(0x1000)), cudaErrorInvalidValue);
    CHECK_FAILS(cudaGetLastError(), cudaErrorInvalidValue);

    // After all of these the device works as before.
    fine<<<1, 1024>>>(data.data);
    CHECK(cudaGetLastError());
    std::vector<int> values = data.download();
    for (int i = 0; i < 1024; ++i) REQUIRE(values[i] == i);
    printf("errors: refused calls left no trace\n");
    attest();

    // An access outside every allocation is reported by the next call that waits, and stays.
    touch<<<1, 1>>>(data.data, 1ll << 44);
    CHECK(cudaGetLastError());
    CHECK_FAILS(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
    CHECK_FAILS(cudaMalloc(&pointer, 16), cudaErrorIllegalAddress);
    CHECK_FAILS(cudaDeviceSynchronize(), cudaErrorIllegalAddress);
    printf("errors: %s\n", cudaGetErrorString(cudaGetLastError()));
}
