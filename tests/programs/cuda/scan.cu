// Prefix sums in one pass: each block waits for the sums of the blocks before it.
//
// The wait is a loop on a flag in global memory, which is the pattern of every modern scan and sort:
// whoever executes the grid must let lower blocks go on while higher ones spin.
#include "check.h"

constexpr int kThreads = 128;
constexpr int kPerThread = 4;
constexpr int kTile = kThreads * kPerThread;

struct Tile {
    unsigned long long inclusive; // sum of everything up to and with this tile, once ready
    int ready;
    int padding;
};

__device__ int block_exclusive(int value, int* total) {
    __shared__ int warps[kThreads / 32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, sum = value;
    for (int offset = 1; offset < 32; offset *= 2) {
        int other = __shfl_up_sync(~0u, sum, offset);
        if (lane >= offset) sum += other;
    }
    if (lane == 31) warps[warp] = sum;
    __syncthreads();
    int before = 0;
    *total = 0;
    for (int i = 0; i < kThreads / 32; ++i) {
        if (i < warp) before += warps[i];
        *total += warps[i];
    }
    return before + sum - value;
}

__global__ void scan(const int* in, long long* out, int n, Tile* tiles, int* ticket) {
    __shared__ int tile;
    __shared__ long long prefix;
    if (threadIdx.x == 0) tile = atomicAdd(ticket, 1);
    __syncthreads();
    int base = tile * kTile + threadIdx.x * kPerThread, values[kPerThread], sum = 0, total;
    for (int i = 0; i < kPerThread; ++i) {
        values[i] = base + i < n ? in[base + i] : 0;
        sum += values[i];
    }
    int exclusive = block_exclusive(sum, &total);
    if (threadIdx.x == 0) {
        prefix = 0;
        if (tile > 0) {
            volatile Tile* previous = tiles + tile - 1;
            while (previous->ready == 0) {}
            __threadfence();
            prefix = static_cast<long long>(previous->inclusive);
        }
        tiles[tile].inclusive = static_cast<unsigned long long>(prefix + total);
        __threadfence();
        *const_cast<volatile int*>(&tiles[tile].ready) = 1;
    }
    __syncthreads();
    long long running = prefix + exclusive;
    for (int i = 0; i < kPerThread; ++i) {
        running += values[i];
        if (base + i < n) out[base + i] = running;
    }
}

int main() {
    const int n = 60001, n_tiles = (n + kTile - 1) / kTile;
    Random random(4);
    std::vector<int> in(n);
    for (int& x : in) x = static_cast<int>(random.below(2000)) - 1000;
    DeviceArray<int> din(in), ticket(1);
    DeviceArray<long long> dout(n);
    DeviceArray<Tile> tiles(n_tiles);
    CHECK(cudaMemset(tiles.data, 0, n_tiles * sizeof(Tile)));
    CHECK(cudaMemset(ticket.data, 0, sizeof(int)));
    scan<<<n_tiles, kThreads>>>(din.data, dout.data, n, tiles.data, ticket.data);
    CHECK(cudaGetLastError());
    std::vector<long long> out = dout.download();
    long long running = 0;
    for (int i = 0; i < n; ++i) {
        running += in[i];
        REQUIRE(out[i] == running);
    }
    printf("scan %lld %016llx\n", running, static_cast<unsigned long long>(digest(out)));
    attest();
}
