// Thrust and CUB as their users use them: sorts, scans, reductions, selections on device vectors.
#include "check.h"

#include <thrust/copy.h>
#include <thrust/count.h>
#include <thrust/device_vector.h>
#include <thrust/extrema.h>
#include <thrust/host_vector.h>
#include <thrust/reduce.h>
#include <thrust/scan.h>
#include <thrust/sequence.h>
#include <thrust/sort.h>
#include <thrust/transform.h>
#include <thrust/unique.h>

#include <algorithm>
#include <numeric>

struct Odd {
    __host__ __device__ bool operator()(unsigned x) const { return x % 2 == 1; }
};

struct Scramble {
    __host__ __device__ unsigned operator()(unsigned x) const { return x * 2654435761u >> 7; }
};

int main() {
    const int n = 20011;
    Random random(14);
    std::vector<unsigned> host(n);
    for (unsigned& x : host) x = random.below(5000);
    thrust::device_vector<unsigned> data(host.begin(), host.end());

    unsigned sum = thrust::reduce(data.begin(), data.end(), 0u);
    REQUIRE(sum == std::accumulate(host.begin(), host.end(), 0u));
    long odd = thrust::count_if(data.begin(), data.end(), Odd());
    REQUIRE(odd == std::count_if(host.begin(), host.end(), Odd()));
    REQUIRE(*thrust::max_element(data.begin(), data.end()) ==
            *std::max_element(host.begin(), host.end()));

    thrust::device_vector<unsigned> prefix(n);
    thrust::exclusive_scan(data.begin(), data.end(), prefix.begin(), 5u);
    std::vector<unsigned> expected(n), got(n);
    unsigned running = 5;
    for (int i = 0; i < n; ++i) {
        expected[i] = running;
        running += host[i];
    }
    thrust::copy(prefix.begin(), prefix.end(), got.begin());
    REQUIRE(got == expected);

    // A radix sort of pairs: equal keys keep their order.
    thrust::device_vector<unsigned> places(n);
    thrust::device_vector<unsigned> keys = data;
    thrust::sequence(places.begin(), places.end());
    thrust::stable_sort_by_key(keys.begin(), keys.end(), places.begin());
    std::vector<unsigned> order(n);
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(),
                     [&](unsigned a, unsigned b) { return host[a] < host[b]; });
    thrust::copy(places.begin(), places.end(), got.begin());
    REQUIRE(got == order);

    auto end = thrust::unique(keys.begin(), keys.end());
    std::sort(host.begin(), host.end());
    long distinct = std::unique(host.begin(), host.end()) - host.begin();
    REQUIRE(end - keys.begin() == distinct);

    // A comparison sort, through another algorithm.
    thrust::transform(data.begin(), data.end(), data.begin(), Scramble());
    thrust::sort(data.begin(), data.end(), thrust::greater<unsigned>());
    thrust::copy(data.begin(), data.end(), got.begin());
    REQUIRE(std::is_sorted(got.rbegin(), got.rend()));
    printf("thrust_algorithms %u %ld %ld %016llx\n", sum, odd, distinct,
           static_cast<unsigned long long>(digest(got)));
    attest();
}
