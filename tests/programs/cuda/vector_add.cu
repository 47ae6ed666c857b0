// The first program anyone runs: c = a + b, with a size that does not fill the last block.
#include "check.h"

__global__ void add(const float* a, const float* b, float* c, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) c[i] = a[i] + b[i];
}

// The same with a grid smaller than the data: each thread strides over it.
__global__ void add_strided(const float* a, const float* b, float* c, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        c[i] = a[i] + b[i];
    }
}

int main() {
    const int n = 300003;
    Random random(1);
    std::vector<float> a(n), b(n), expected(n);
    for (int i = 0; i < n; ++i) {
        a[i] = random.unit();
        b[i] = random.unit();
        expected[i] = a[i] + b[i];
    }
    DeviceArray<float> da(a), db(b), dc(n);
    add<<<(n + 255) / 256, 256>>>(da.data, db.data, dc.data, n);
    CHECK(cudaGetLastError());
    std::vector<float> c = dc.download();
    REQUIRE(c == expected);

    CHECK(cudaMemset(dc.data, 0xff, n * sizeof(float)));
    add_strided<<<7, 192>>>(da.data, db.data, dc.data, n);
    CHECK(cudaDeviceSynchronize());
    c = dc.download();
    REQUIRE(c == expected);
    printf("vector_add %d %016llx\n", n, static_cast<unsigned long long>(digest(c)));
    attest();
}
