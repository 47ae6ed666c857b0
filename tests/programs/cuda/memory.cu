// Copies of every shape, fills of every width, host memory the device can see.
#include "check.h"

#include <algorithm>

__global__ void increment(int* data, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) data[i] += 1;
}

// Rows with padding between them, in both directions, and between two pitches on the device.
static void pitched() {
    const size_t width = 37 * sizeof(int), height = 11;
    std::vector<int> source(37 * height), back(37 * height, -1);
    for (size_t i = 0; i < source.size(); ++i) source[i] = static_cast<int>(i * i);
    char *first, *second;
    size_t first_pitch, second_pitch;
    CHECK(cudaMallocPitch(reinterpret_cast<void**>(&first), &first_pitch, width, height));
    CHECK(cudaMallocPitch(reinterpret_cast<void**>(&second), &second_pitch, 4 * width, height));
    REQUIRE(first_pitch >= width && second_pitch >= 4 * width);
    CHECK(cudaMemset2D(second, second_pitch, 0xee, 4 * width, height));
    CHECK(cudaMemcpy2D(first, first_pitch, source.data(), width, width, height,
                       cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy2D(second + 8, second_pitch, first, first_pitch, width, height,
                       cudaMemcpyDeviceToDevice));
    CHECK(cudaMemcpy2D(back.data(), width, second + 8, second_pitch, width, height,
                       cudaMemcpyDeviceToHost));
    REQUIRE(back == source);
    unsigned char edge[8];
    CHECK(cudaMemcpy(edge, second + second_pitch, 8, cudaMemcpyDeviceToHost));
    for (unsigned char byte : edge) REQUIRE(byte == 0xee);
    CHECK(cudaFree(first));
    CHECK(cudaFree(second));
}

// Host memory at an address the device uses directly: allocated, and registered afterwards.
static void mapped() {
    const int n = 1500;
    int *host, *seen_by_device;
    CHECK(cudaHostAlloc(&host, n * sizeof(int), cudaHostAllocMapped));
    for (int i = 0; i < n; ++i) host[i] = i;
    CHECK(cudaHostGetDevicePointer(&seen_by_device, host, 0));
    increment<<<(n + 127) / 128, 128>>>(seen_by_device, n);
    CHECK(cudaDeviceSynchronize());
    for (int i = 0; i < n; ++i) REQUIRE(host[i] == i + 1);
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, host));
    REQUIRE(attributes.type == cudaMemoryTypeHost);
    CHECK(cudaFreeHost(host));

    std::vector<int> plain(64 * 1024, 5);
    size_t bytes = plain.size() * sizeof(int);
    CHECK(cudaHostRegister(plain.data(), bytes, cudaHostRegisterDefault));
    DeviceArray<int> device(plain.size());
    CHECK(cudaMemcpyAsync(device.data, plain.data(), bytes, cudaMemcpyHostToDevice, 0));
    increment<<<512, 128>>>(device.data, static_cast<int>(plain.size()));
    CHECK(cudaMemcpyAsync(plain.data(), device.data, bytes, cudaMemcpyDeviceToHost, 0));
    CHECK(cudaStreamSynchronize(0));
    for (int x : plain) REQUIRE(x == 6);
    CHECK(cudaHostUnregister(plain.data()));
}

int main() {
    // Large enough to travel in several pieces, with a length that fits none of them.
    const size_t n = (9u << 20) + 13;
    std::vector<unsigned char> source(n), back(n);
    Random random(8);
    for (auto& x : source) x = static_cast<unsigned char>(random.next());
    DeviceArray<unsigned char> first(n), second(n);
    CHECK(cudaMemcpy(first.data, source.data(), n, cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy(second.data, first.data, n, cudaMemcpyDefault));
    // A pageable source may change as soon as the call returns, even of the asynchronous kind.
    std::vector<unsigned char> scratch(source.begin(), source.begin() + 5000);
    CHECK(cudaMemcpyAsync(second.data + 100, scratch.data(), 5000, cudaMemcpyHostToDevice, 0));
    std::fill(scratch.begin(), scratch.end(), 0);
    CHECK(cudaMemcpy(back.data(), second.data, n, cudaMemcpyDeviceToHost));
    std::vector<unsigned char> expected = source;
    std::copy(source.begin(), source.begin() + 5000, expected.begin() + 100);
    REQUIRE(back == expected);

    CHECK(cudaMemset(first.data, 0x5a, 777));
    CHECK(cudaMemcpy(back.data(), first.data, 800, cudaMemcpyDeviceToHost));
    for (int i = 0; i < 777; ++i) REQUIRE(back[i] == 0x5a);
    pitched();
    mapped();

    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, first.data + 5));
    REQUIRE(attributes.type == cudaMemoryTypeDevice && attributes.device == 0);
    int on_stack = 0;
    CHECK(cudaPointerGetAttributes(&attributes, &on_stack));
    REQUIRE(attributes.type == cudaMemoryTypeUnregistered);
    size_t free_before, free_after, total;
    CHECK(cudaMemGetInfo(&free_before, &total));
    REQUIRE(free_before > 0 && free_before <= total);
    {
        DeviceArray<char> large(64u << 20);
        CHECK(cudaMemGetInfo(&free_after, &total));
        REQUIRE(free_before - free_after >= (64u << 20));
    }
    CHECK(cudaMemGetInfo(&free_after, &total));
    REQUIRE(free_after == free_before);
    printf("memory %016llx\n", static_cast<unsigned long long>(digest(source)));
    attest();
}
