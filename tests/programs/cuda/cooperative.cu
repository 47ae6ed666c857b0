// A grid whose blocks wait for each other: launched so that all of them run at once.
#include "check.h"

#include <cooperative_groups.h>

namespace cg = cooperative_groups;

// Each step reads what other blocks wrote in the step before.
__global__ void relax(float* from, float* to, int n, int steps) {
    cg::grid_group grid = cg::this_grid();
    for (int step = 0; step < steps; ++step) {
        for (int i = grid.thread_rank(); i < n; i += grid.size()) {
            float left = i > 0 ? from[i - 1] : 0.0f, right = i < n - 1 ? from[i + 1] : 0.0f;
            to[i] = 0.25f * left + 0.5f * from[i] + 0.25f * right;
        }
        grid.sync();
        float* other = from;
        from = to;
        to = other;
    }
}

// Groups smaller than a block.
__global__ void tiles(const int* in, int* out) {
    cg::thread_block block = cg::this_thread_block();
    cg::thread_block_tile<8> tile = cg::tiled_partition<8>(block);
    int value = in[block.thread_rank()];
    for (int offset = tile.size() / 2; offset > 0; offset /= 2) value += tile.shfl_down(value, offset);
    if (tile.thread_rank() == 0) out[block.thread_rank() / 8] = value;
}

int main() {
    int supported = 0, blocks = 0;
    CHECK(cudaDeviceGetAttribute(&supported, cudaDevAttrCooperativeLaunch, 0));
    REQUIRE(supported == 1);
    CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, relax, 64, 0));
    REQUIRE(blocks >= 1);

    int n = 900, steps = 10;
    std::vector<float> values(n), next(n);
    Random random(12);
    for (float& x : values) x = random.unit();
    DeviceArray<float> a(values), b(n);
    void* arguments[] = {&a.data, &b.data, &n, &steps};
    CHECK(cudaLaunchCooperativeKernel(relax, dim3(6), dim3(64), arguments, 0, nullptr));
    std::vector<float> result = a.download();
    for (int step = 0; step < steps; ++step) {
        for (int i = 0; i < n; ++i) {
            float left = i > 0 ? values[i - 1] : 0.0f, right = i < n - 1 ? values[i + 1] : 0.0f;
            next[i] = 0.25f * left + 0.5f * values[i] + 0.25f * right;
        }
        values.swap(next);
    }
    for (int i = 0; i < n; ++i) REQUIRE(std::fabs(result[i] - values[i]) < 1e-6f);

    std::vector<int> in(64), sums;
    for (int i = 0; i < 64; ++i) in[i] = i * i;
    DeviceArray<int> din(in), dout(8);
    tiles<<<1, 64>>>(din.data, dout.data);
    sums = dout.download();
    for (int t = 0; t < 8; ++t) {
        int sum = 0;
        for (int i = 8 * t; i < 8 * t + 8; ++i) sum += in[i];
        REQUIRE(sums[t] == sum);
    }
    // More blocks than fit at once cannot wait for each other: refused.
    CHECK_FAILS(cudaLaunchCooperativeKernel(relax, dim3(1 << 20), dim3(64), arguments, 0, nullptr),
                cudaErrorCooperativeLaunchTooLarge);
    cudaGetLastError();
    printf("cooperative %016llx\n", static_cast<unsigned long long>(digest(result)));
    attest();
}
