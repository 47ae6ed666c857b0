// Atomics in shared and global memory, of every width.
#include "check.h"

constexpr int kBins = 64;

__global__ void histogram(const unsigned char* in, int n, unsigned* bins) {
    __shared__ unsigned local[kBins];
    for (int i = threadIdx.x; i < kBins; i += blockDim.x) local[i] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        atomicAdd(&local[in[i] % kBins], 1u);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < kBins; i += blockDim.x) atomicAdd(&bins[i], local[i]);
}

struct Extremes {
    int smallest, largest;
    unsigned any_bits, all_bits, parity;
    unsigned long long sum, largest_wide;
    float float_sum;
    double double_sum;
    unsigned turns;
    int lock_count, lock;
};

__global__ void extremes(const int* in, int n, Extremes* out) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    int value = in[i];
    atomicMin(&out->smallest, value);
    atomicMax(&out->largest, value);
    atomicOr(&out->any_bits, 1u << (value & 31));
    atomicAnd(&out->all_bits, ~(1u << (value & 15)));
    atomicXor(&out->parity, static_cast<unsigned>(value));
    atomicAdd(&out->sum, static_cast<unsigned long long>(value));
    atomicMax(&out->largest_wide, static_cast<unsigned long long>(value) << 33);
    // Small whole numbers: exact in any order.
    atomicAdd(&out->float_sum, static_cast<float>(value & 7));
    atomicAdd(&out->double_sum, static_cast<double>(value));
    atomicInc(&out->turns, 999u);
    // A lock per thread, taken in a loop: lanes of one warp contend for it.
    for (bool done = false; !done;) {
        if (atomicCAS(&out->lock, 0, 1) == 0) {
            *const_cast<volatile int*>(&out->lock_count) += 1;
            __threadfence();
            atomicExch(&out->lock, 0);
            done = true;
        }
    }
}

int main() {
    const int n = 20011;
    Random random(5);
    std::vector<unsigned char> bytes(n);
    std::vector<int> values(n);
    for (auto& x : bytes) x = static_cast<unsigned char>(random.below(256) * random.below(256) / 256);
    for (auto& x : values) x = static_cast<int>(random.below(1u << 20));
    DeviceArray<unsigned char> dbytes(bytes);
    DeviceArray<unsigned> dbins(kBins);
    CHECK(cudaMemset(dbins.data, 0, kBins * sizeof(unsigned)));
    histogram<<<9, 160>>>(dbytes.data, n, dbins.data);
    CHECK(cudaGetLastError());
    std::vector<unsigned> bins = dbins.download(), expected(kBins);
    for (auto x : bytes) expected[x % kBins] += 1;
    REQUIRE(bins == expected);

    const int m = 3000;
    Extremes start = {1 << 30, -1, 0, ~0u, 0, 0, 0, 0.0f, 0.0, 0, 0, 0}, want = start;
    std::vector<Extremes> host(1, start);
    DeviceArray<Extremes> dextremes(host);
    DeviceArray<int> dvalues(values);
    extremes<<<(m + 95) / 96, 96>>>(dvalues.data, m, dextremes.data);
    CHECK(cudaGetLastError());
    Extremes got = dextremes.download()[0];
    for (int i = 0; i < m; ++i) {
        int value = values[i];
        want.smallest = value < want.smallest ? value : want.smallest;
        want.largest = value > want.largest ? value : want.largest;
        want.any_bits |= 1u << (value & 31);
        want.all_bits &= ~(1u << (value & 15));
        want.parity ^= static_cast<unsigned>(value);
        want.sum += value;
        want.float_sum += value & 7;
        want.double_sum += value;
    }
    REQUIRE(got.smallest == want.smallest && got.largest == want.largest);
    REQUIRE(got.any_bits == want.any_bits && got.all_bits == want.all_bits);
    REQUIRE(got.parity == want.parity && got.sum == want.sum);
    REQUIRE(got.largest_wide == static_cast<unsigned long long>(want.largest) << 33);
    REQUIRE(got.float_sum == want.float_sum && got.double_sum == want.double_sum);
    REQUIRE(got.turns == m % 1000 && got.lock_count == m && got.lock == 0);
    printf("histogram %016llx sum %llu\n", static_cast<unsigned long long>(digest(bins)), got.sum);
    attest();
}
