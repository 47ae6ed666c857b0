// Sums, minima, votes and matches through the lanes of a warp.
#include "check.h"

__inline__ __device__ int warp_sum(int value) {
    for (int offset = 16; offset > 0; offset /= 2) value += __shfl_down_sync(~0u, value, offset);
    return value;
}

__global__ void block_sums(const int* in, int n, int* out) {
    __shared__ int partial[32];
    int sum = 0;
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        sum += in[i];
    }
    sum = warp_sum(sum);
    if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = sum;
    __syncthreads();
    if (threadIdx.x < 32) {
        sum = threadIdx.x < blockDim.x / 32 ? partial[threadIdx.x] : 0;
        sum = warp_sum(sum);
        if (threadIdx.x == 0) atomicAdd(out, sum);
    }
}

// One warp's worth of every way its lanes can talk to each other, one result row each.
__global__ void lane_talk(const int* in, int* out) {
    int lane = threadIdx.x, value = in[lane];
    out[0 * 32 + lane] = __shfl_xor_sync(~0u, value, 5);
    out[1 * 32 + lane] = __shfl_up_sync(~0u, value, 3);
    out[2 * 32 + lane] = __shfl_sync(~0u, value, lane / 8, 8);
    out[3 * 32 + lane] = __ballot_sync(~0u, value & 1);
    out[4 * 32 + lane] = __any_sync(~0u, value > 900) + 2 * __all_sync(~0u, value >= 0);
    out[5 * 32 + lane] = __match_any_sync(~0u, value % 4);
    out[6 * 32 + lane] = __reduce_add_sync(~0u, value) ^ __reduce_min_sync(~0u, value);
    // Lanes that took different branches talk only among themselves.
    if (value % 3 == 0) {
        out[7 * 32 + lane] = __popc(__activemask());
    } else {
        out[7 * 32 + lane] = __shfl_sync(__activemask(), value, __ffs(__activemask()) - 1);
    }
}

int main() {
    const int n = 100001;
    Random random(3);
    std::vector<int> in(n);
    int expected = 0;
    for (int& x : in) expected += x = static_cast<int>(random.below(1000));
    DeviceArray<int> din(in), dsum(1), dlanes(8 * 32);
    CHECK(cudaMemset(dsum.data, 0, sizeof(int)));
    block_sums<<<12, 256>>>(din.data, n, dsum.data);
    CHECK(cudaGetLastError());
    REQUIRE(dsum.download()[0] == expected);

    lane_talk<<<1, 32>>>(din.data, dlanes.data);
    CHECK(cudaGetLastError());
    std::vector<int> lanes = dlanes.download();
    unsigned odd = 0;
    int sum = 0, smallest = 1000, threes = 0, first_other = -1;
    bool any = false;
    for (int i = 0; i < 32; ++i) {
        odd |= unsigned(in[i] & 1) << i;
        sum += in[i];
        smallest = in[i] < smallest ? in[i] : smallest;
        any = any || in[i] > 900;
        threes += in[i] % 3 == 0;
        if (in[i] % 3 != 0 && first_other < 0) first_other = in[i];
    }
    for (int i = 0; i < 32; ++i) {
        unsigned same = 0;
        for (int j = 0; j < 32; ++j) same |= unsigned(in[j] % 4 == in[i] % 4) << j;
        REQUIRE(lanes[0 * 32 + i] == in[i ^ 5]);
        REQUIRE(lanes[1 * 32 + i] == in[i < 3 ? i : i - 3]);
        REQUIRE(lanes[2 * 32 + i] == in[i / 8 * 8 + i / 8]);
        REQUIRE(lanes[3 * 32 + i] == static_cast<int>(odd));
        REQUIRE(lanes[4 * 32 + i] == int(any) + 2);
        REQUIRE(lanes[5 * 32 + i] == static_cast<int>(same));
        REQUIRE(lanes[6 * 32 + i] == (sum ^ smallest));
        REQUIRE(lanes[7 * 32 + i] == (in[i] % 3 == 0 ? threes : first_other));
    }
    printf("reduction %d %016llx\n", expected, static_cast<unsigned long long>(digest(lanes)));
    attest();
}
