// Managed memory: one pointer for host and device, without copies, however the calls travel.
#include "check.h"

#include <algorithm>

__global__ void increment(int* data, size_t n) {
    size_t i = blockIdx.x * static_cast<size_t>(blockDim.x) + threadIdx.x;
    if (i < n) data[i] += 1;
}

__managed__ int counter = 40;
__managed__ int table[3000];

__global__ void count_up() { counter += 1; }

__global__ void fill_table() {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < 3000) table[i] = counter * i;
}

static void launch(int* data, size_t n) {
    increment<<<static_cast<unsigned>((n + 255) / 256), 256>>>(data, n);
    CHECK(cudaGetLastError());
}

// The host writes, the device adds, the host reads; again, with a few words changed in between.
static void back_and_forth(size_t n) {
    int* data;
    CHECK(cudaMallocManaged(&data, n * sizeof(int)));
    for (size_t i = 0; i < n; ++i) data[i] = static_cast<int>(i);
    launch(data, n);
    CHECK(cudaDeviceSynchronize());
    std::vector<int> seen(data, data + n);
    for (size_t i = 0; i < n; ++i) REQUIRE(seen[i] == static_cast<int>(i) + 1);
    data[0] = -5;
    data[n - 1] = -7;
    launch(data, n);
    launch(data, n);
    CHECK(cudaDeviceSynchronize());
    REQUIRE(data[0] == -3 && data[n - 1] == -5);
    for (size_t i = 1; i + 1 < n; i += 97) REQUIRE(data[i] == static_cast<int>(i) + 3);
    printf("managed %zu: %016llx\n", n,
           static_cast<unsigned long long>(digest(std::vector<int>(data, data + n))));
    CHECK(cudaFree(data));
}

// Two allocations: what is written to one stays while the device works on the other.
static void two_at_once() {
    const size_t n = 5000;
    int *first, *second;
    CHECK(cudaMallocManaged(&first, n * sizeof(int)));
    CHECK(cudaMallocManaged(&second, n * sizeof(int)));
    std::fill(first, first + n, 1);
    std::fill(second, second + n, 2);
    launch(first, n);
    CHECK(cudaDeviceSynchronize());
    second[17] = 9;
    launch(first, n);
    CHECK(cudaDeviceSynchronize());
    REQUIRE(first[17] == 3 && second[17] == 9 && second[18] == 2);
    CHECK(cudaFree(first));
    REQUIRE(second[n - 1] == 2);
    CHECK(cudaFree(second));
}

// Copies and fills that name managed memory, which the host has written.
static void copies() {
    const size_t n = 100 * 1000, bytes = n * sizeof(int);
    int* data;
    CHECK(cudaMallocManaged(&data, bytes, cudaMemAttachGlobal));
    std::fill(data, data + n, 11);
    std::vector<int> back(n);
    CHECK(cudaMemcpy(back.data(), data, bytes, cudaMemcpyDefault));
    for (int x : back) REQUIRE(x == 11);
    DeviceArray<int> device(n);
    data[3] = 12;
    CHECK(cudaMemcpy(device.data, data, bytes, cudaMemcpyDeviceToDevice));
    REQUIRE(device.download()[3] == 12);
    CHECK(cudaMemset(data, 0, bytes));
    REQUIRE(data[3] == 0 && data[n - 1] == 0);
    std::fill(back.begin(), back.end(), 21);
    CHECK(cudaMemcpy(data, back.data(), bytes, cudaMemcpyHostToDevice));
    REQUIRE(data[0] == 21 && data[n / 2] == 21);
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, data + 5));
    REQUIRE(attributes.type == cudaMemoryTypeManaged);
    REQUIRE(attributes.hostPointer == data + 5 && attributes.devicePointer == data + 5);
    CHECK(cudaFree(data));
}

// Variables of a module.
static void variables() {
    REQUIRE(counter == 40);
    counter = 100;
    count_up<<<1, 1>>>();
    fill_table<<<24, 128>>>();
    CHECK(cudaDeviceSynchronize());
    REQUIRE(counter == 101);
    for (int i = 0; i < 3000; ++i) REQUIRE(table[i] == 101 * i);
    printf("variables: %d %d\n", counter, table[2999]);
}

// Host memory that kernels reach, larger than one block of anything.
static void mapped() {
    const size_t n = 1 << 20;
    int *host, *seen_by_device;
    CHECK(cudaHostAlloc(&host, n * sizeof(int), cudaHostAllocMapped));
    for (size_t i = 0; i < n; ++i) host[i] = static_cast<int>(i ^ 5);
    CHECK(cudaHostGetDevicePointer(&seen_by_device, host, 0));
    launch(seen_by_device, n);
    CHECK(cudaDeviceSynchronize());
    for (size_t i = 0; i < n; ++i) REQUIRE(host[i] == static_cast<int>(i ^ 5) + 1);
    CHECK(cudaMemset(seen_by_device, 0, n * sizeof(int)));
    for (size_t i = 0; i < n; ++i) REQUIRE(host[i] == 0);
    CHECK(cudaFreeHost(host));
}

int main() {
    back_and_forth(100);
    variables();
    back_and_forth(20 * 1000);
    back_and_forth(4 * 1000 * 1000 + 3);
    two_at_once();
    copies();
    mapped();
    CHECK(cudaDeviceReset());
    two_at_once();
    mapped();
    attest();
    return 0;
}
