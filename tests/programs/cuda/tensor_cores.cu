// Matrix products of a warp: 16 x 16 tiles of half precision, summed in single precision.
#include "check.h"

#include <cuda_fp16.h>
#include <mma.h>

using namespace nvcuda;

constexpr int kM = 48, kN = 32, kK = 64;

__global__ void multiply(const half* a, const half* b, float* c) {
    int row = blockIdx.y * 16, column = blockIdx.x * 16;
    wmma::fragment<wmma::matrix_a, 16, 16, 16, half, wmma::row_major> left;
    wmma::fragment<wmma::matrix_b, 16, 16, 16, half, wmma::col_major> right;
    wmma::fragment<wmma::accumulator, 16, 16, 16, float> sum;
    wmma::fill_fragment(sum, 0.0f);
    for (int k = 0; k < kK; k += 16) {
        wmma::load_matrix_sync(left, a + row * kK + k, kK);
        wmma::load_matrix_sync(right, b + column * kK + k, kK);
        wmma::mma_sync(sum, left, right, sum);
    }
    wmma::store_matrix_sync(c + row * kN + column, sum, kN, wmma::mem_row_major);
}

int main() {
    // Eighths of small numbers: every product and sum is exact, in any order.
    Random random(13);
    std::vector<half> a(kM * kK), b(kN * kK);
    for (half& x : a) x = __float2half(static_cast<float>(random.below(17)) / 8.0f - 1.0f);
    for (half& x : b) x = __float2half(static_cast<float>(random.below(17)) / 8.0f - 1.0f);
    DeviceArray<half> da(a), db(b);
    DeviceArray<float> dc(kM * kN);
    multiply<<<dim3(kN / 16, kM / 16), 32>>>(da.data, db.data, dc.data);
    CHECK(cudaGetLastError());
    std::vector<float> c = dc.download();
    for (int i = 0; i < kM; ++i) {
        for (int j = 0; j < kN; ++j) {
            float sum = 0;
            for (int k = 0; k < kK; ++k) {
                sum += __half2float(a[i * kK + k]) * __half2float(b[j * kK + k]);
            }
            REQUIRE(c[i * kN + j] == sum);
        }
    }
    printf("tensor_cores %016llx\n", static_cast<unsigned long long>(digest(c)));
    attest();
}
