// Variables that live on the device: constants, tables, initialised and not, and a function table.
#include "check.h"

__constant__ float coefficients[4];
__constant__ int preset[3] = {11, 22, 33};
__device__ int counters[8];
__device__ double initialised = 2.5;

typedef int (*Operation)(int, int);
__device__ int plus(int a, int b) { return a + b; }
__device__ int times(int a, int b) { return a * b; }
__device__ Operation operations[2] = {plus, times};

__global__ void polynomial(const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float value = coefficients[3];
    for (int k = 2; k >= 0; --k) value = value * x[i] + coefficients[k];
    y[i] = value;
    atomicAdd(&counters[i % 8], preset[i % 3]);
    if (i == 0) initialised *= 2;
}

__global__ void apply(int which, int a, int b, int* out) { *out = operations[which](a, b); }

int main() {
    const int n = 1000;
    float host_coefficients[4] = {0.5f, -1.0f, 2.0f, 0.25f};
    Random random(7);
    std::vector<float> x(n);
    for (float& value : x) value = static_cast<float>(random.below(9)) - 4.0f;
    CHECK(cudaMemcpyToSymbol(coefficients, host_coefficients, sizeof(host_coefficients)));
    int zeros[8] = {};
    CHECK(cudaMemcpyToSymbolAsync(counters, zeros, sizeof(zeros), 0, cudaMemcpyHostToDevice));
    DeviceArray<float> dx(x), dy(n);
    polynomial<<<(n + 127) / 128, 128>>>(dx.data, dy.data, n);
    CHECK(cudaGetLastError());
    std::vector<float> y = dy.download();
    int want[8] = {}, got[8];
    for (int i = 0; i < n; ++i) {
        // Small multiples of 1/4: exact with and without fused multiply-add.
        float expected = ((0.25f * x[i] + 2.0f) * x[i] - 1.0f) * x[i] + 0.5f;
        REQUIRE(y[i] == expected);
        want[i % 8] += 11 * (i % 3 + 1);
    }
    CHECK(cudaMemcpyFromSymbol(got, counters, sizeof(got)));
    REQUIRE(memcmp(got, want, sizeof(got)) == 0);
    double value = 0;
    CHECK(cudaMemcpyFromSymbol(&value, initialised, sizeof(value)));
    REQUIRE(value == 5.0);

    // A part of a symbol, and its address used as a plain pointer.
    int patch = -5, *address = nullptr;
    size_t size = 0;
    CHECK(cudaMemcpyToSymbol(counters, &patch, sizeof(patch), 3 * sizeof(int)));
    CHECK(cudaGetSymbolAddress(reinterpret_cast<void**>(&address), counters));
    CHECK(cudaGetSymbolSize(&size, counters));
    REQUIRE(size == sizeof(got));
    CHECK(cudaMemcpy(got, address, sizeof(got), cudaMemcpyDeviceToHost));
    REQUIRE(got[3] == -5 && got[2] == want[2] && got[4] == want[4]);

    DeviceArray<int> result(1);
    for (int which = 0; which < 2; ++which) {
        apply<<<1, 1>>>(which, 6, 7, result.data);
        CHECK(cudaGetLastError());
        REQUIRE(result.download()[0] == (which == 0 ? 13 : 42));
    }
    printf("device_symbols %016llx %zu\n", static_cast<unsigned long long>(digest(y)), size);
    attest();
}
