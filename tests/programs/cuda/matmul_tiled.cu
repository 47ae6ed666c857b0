// Matrix product in shared-memory tiles, sizes that are no multiples of a tile.
#include "check.h"

constexpr int kTile = 16;

__global__ void matmul(const float* a, const float* b, float* c, int m, int n, int k) {
    __shared__ float tile_a[kTile][kTile];
    __shared__ float tile_b[kTile][kTile + 1];
    int row = blockIdx.y * kTile + threadIdx.y;
    int column = blockIdx.x * kTile + threadIdx.x;
    float sum = 0.0f;
    for (int base = 0; base < k; base += kTile) {
        int ka = base + threadIdx.x, kb = base + threadIdx.y;
        tile_a[threadIdx.y][threadIdx.x] = (row < m && ka < k) ? a[row * k + ka] : 0.0f;
        tile_b[threadIdx.y][threadIdx.x] = (kb < k && column < n) ? b[kb * n + column] : 0.0f;
        __syncthreads();
        for (int i = 0; i < kTile; ++i) sum += tile_a[threadIdx.y][i] * tile_b[i][threadIdx.x];
        __syncthreads();
    }
    if (row < m && column < n) c[row * n + column] = sum;
}

// The tile's height is chosen at launch: dynamic shared memory, declared without a size.
__global__ void transpose(const float* in, float* out, int rows, int columns) {
    extern __shared__ float tile[];
    int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x < columns && y < rows) tile[threadIdx.y * blockDim.x + threadIdx.x] = in[y * columns + x];
    __syncthreads();
    if (x < columns && y < rows) out[x * rows + y] = tile[threadIdx.y * blockDim.x + threadIdx.x];
}

int main() {
    const int m = 77, n = 130, k = 101;
    Random random(2);
    std::vector<float> a(m * k), b(k * n);
    for (float& x : a) x = random.unit();
    for (float& x : b) x = random.unit();
    DeviceArray<float> da(a), db(b), dc(m * n), dt(m * n);
    dim3 block(kTile, kTile), grid((n + kTile - 1) / kTile, (m + kTile - 1) / kTile);
    matmul<<<grid, block>>>(da.data, db.data, dc.data, m, n, k);
    CHECK(cudaGetLastError());
    std::vector<float> c = dc.download();
    double worst = 0;
    for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) {
            double sum = 0;
            for (int l = 0; l < k; ++l) sum += double(a[i * k + l]) * b[l * n + j];
            worst = std::fmax(worst, std::fabs(sum - c[i * n + j]));
        }
    }
    REQUIRE(worst < 1e-4);
    transpose<<<dim3((n + 31) / 32, (m + 7) / 8), dim3(32, 8), 32 * 8 * sizeof(float)>>>(
        dc.data, dt.data, m, n);
    CHECK(cudaGetLastError());
    std::vector<float> t = dt.download();
    for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) REQUIRE(t[j * m + i] == c[i * n + j]);
    }
    printf("matmul_tiled %dx%dx%d %016llx\n", m, n, k, static_cast<unsigned long long>(digest(c)));
    attest();
}
