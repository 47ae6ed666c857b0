// Arithmetic of every width and kind, against the host's.
#include "check.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

constexpr int kRows = 24;

__global__ void floats(const float* x, float* out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    float v = x[i], w = x[(i + 1) % n];
    float results[kRows] = {
        sinf(v),        cosf(v),          tanf(v),       expf(v),
        logf(v + 2.0f), sqrtf(v + 1.0f),  rsqrtf(v + 2.0f), powf(v + 2.0f, w),
        atan2f(v, w),   erff(v),          floorf(8 * v), rintf(8 * v),
        v / (w + 3.0f), fmaf(v, w, 1.0f), fminf(v, w),   cbrtf(v),
        tanhf(v),       asinf(v),         log1pf(v / 2), fmodf(9 * v, w + 2.0f),
        __half2float(__float2half(v) * __float2half(w)),
        __bfloat162float(__float2bfloat16(v)),
        __int2float_rn(__float2int_rz(100 * v)), copysignf(w, v)};
    for (int row = 0; row < kRows; ++row) out[row * n + i] = results[row];
}

__global__ void doubles(const float* x, double* out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    double v = x[i];
    out[i] = sin(v) * exp(v) / sqrt(v * v + 1) + pow(v + 2, 1.5) + fma(v, v, log(v + 3));
}

__global__ void integers(const unsigned* x, unsigned long long* out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned v = x[i], w = x[(i + 1) % n] | 1;
    long long wide = static_cast<long long>((static_cast<unsigned long long>(v) << 29) ^ w);
    unsigned long long hash = v / w + v % w;
    hash = hash * 31 + __popc(v) + __clz(w) * 64 + __ffs(v) * 4096;
    hash = hash * 31 + __brev(v) + __funnelshift_l(v, w, 7) + __byte_perm(v, w, 0x3715);
    hash = hash * 31 + __umulhi(v, w) + __mul64hi(wide, -wide) + __dp4a(v, w, 5u);
    hash = hash * 31 + wide / static_cast<int>(w >> 1 | 1) + wide % 1000003;
    hash = hash * 31 + (static_cast<short>(v) >> 3) + static_cast<signed char>(w) + __sad(v, w, 9);
    hash = hash * 31 + __clzll(wide) + __popcll(wide) + min(v, w) + max(static_cast<int>(v), 7);
    out[i] = hash;
}

// The same in plain C++, bit by bit where the device has an instruction.
static unsigned long long host_integers(unsigned v, unsigned w) {
    w |= 1;
    long long wide = static_cast<long long>((static_cast<unsigned long long>(v) << 29) ^ w);
    unsigned reversed = 0, permuted = 0, dot = 5;
    for (int bit = 0; bit < 32; ++bit) reversed |= (v >> bit & 1) << (31 - bit);
    const unsigned selector = 0x3715;
    unsigned long long pair = static_cast<unsigned long long>(w) << 32 | v;
    for (int byte = 0; byte < 4; ++byte) {
        permuted |= static_cast<unsigned>(pair >> 8 * (selector >> 4 * byte & 7) & 0xff) << 8 * byte;
        dot += (v >> 8 * byte & 0xff) * (w >> 8 * byte & 0xff);
    }
    unsigned long long hash = v / w + v % w;
    hash = hash * 31 + __builtin_popcount(v) + __builtin_clz(w) * 64 + __builtin_ffs(v) * 4096;
    // The high word of a 64-bit shift of (w, v).
    hash = hash * 31 + reversed + (w << 7 | v >> 25) + permuted;
    hash = hash * 31 + static_cast<unsigned>(static_cast<unsigned long long>(v) * w >> 32) +
           static_cast<long long>(static_cast<__int128>(wide) * -wide >> 64) + dot;
    hash = hash * 31 + wide / static_cast<int>(w >> 1 | 1) + wide % 1000003;
    hash = hash * 31 + (static_cast<short>(v) >> 3) + static_cast<signed char>(w) +
           (static_cast<int>(v) > static_cast<int>(w) ? v - w : w - v) + 9;
    hash = hash * 31 + __builtin_clzll(wide) + __builtin_popcountll(wide) + (v < w ? v : w) +
           (static_cast<int>(v) > 7 ? static_cast<int>(v) : 7);
    return hash;
}

// A recursive function and an array indexed at run time: a stack in local memory.
__device__ __noinline__ unsigned ackermann(unsigned m, unsigned n) {
    if (m == 0) return n + 1;
    if (n == 0) return ackermann(m - 1, 1);
    return ackermann(m - 1, ackermann(m, n - 1));
}

__global__ void stacks(const unsigned* x, unsigned* out, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    unsigned table[16];
    for (int k = 0; k < 16; ++k) table[k] = x[(i + k) % n];
    for (int k = 0; k < 64; ++k) table[(table[k % 16] >> 3) % 16] += table[(k * 7) % 16];
    out[i] = table[x[i] % 16] + ackermann(2, x[i] % 5);
}

static unsigned host_stack(const std::vector<unsigned>& x, int i) {
    const int n = static_cast<int>(x.size());
    unsigned table[16];
    for (int k = 0; k < 16; ++k) table[k] = x[(i + k) % n];
    for (int k = 0; k < 64; ++k) table[(table[k % 16] >> 3) % 16] += table[(k * 7) % 16];
    return table[x[i] % 16] + 2 * (x[i] % 5) + 3; // ackermann(2, n) = 2 n + 3
}

static void check_floats(const std::vector<float>& x, const std::vector<float>& out) {
    const int n = static_cast<int>(x.size());
    for (int i = 0; i < n; ++i) {
        double v = x[i], w = x[(i + 1) % n];
        double want[20] = {sin(v),      cos(v),           tan(v),       exp(v),
                           log(v + 2),  sqrt(v + 1),      1 / sqrt(v + 2), pow(v + 2, w),
                           atan2(v, w), erf(v),           floor(8 * v), rint(8 * v),
                           v / (w + 3), v * w + 1,        fmin(v, w),   cbrt(v),
                           tanh(v),     asin(v),          log1p(v / 2), fmod(9 * v, w + 2)};
        for (int row = 0; row < 20; ++row) {
            double error = std::fabs(out[row * n + i] - want[row]);
            if (!(error <= 2e-6 * (1 + std::fabs(want[row])))) {
                fprintf(stderr, "row %d of %g, %g: got %g, expected %g\n", row, v, w,
                        out[row * n + i], want[row]);
                exit(1);
            }
        }
        REQUIRE(std::fabs(out[20 * n + i] - v * w) <= 1e-3);
        REQUIRE(std::fabs(out[21 * n + i] - v) <= 4e-3);
        REQUIRE(out[22 * n + i] == std::trunc(100 * x[i]));
        REQUIRE(out[23 * n + i] == std::copysign(float(w), x[i]));
    }
}

int main() {
    const int n = 2000;
    Random random(9);
    std::vector<float> x(n);
    std::vector<unsigned> u(n);
    for (int i = 0; i < n; ++i) {
        x[i] = random.unit();
        u[i] = random.next() * 2 + random.below(2);
    }
    DeviceArray<float> dx(x), dout(kRows * n);
    DeviceArray<unsigned> du(u), dstacks(n);
    DeviceArray<double> ddoubles(n);
    DeviceArray<unsigned long long> dintegers(n);
    floats<<<(n + 127) / 128, 128>>>(dx.data, dout.data, n);
    doubles<<<(n + 127) / 128, 128>>>(dx.data, ddoubles.data, n);
    integers<<<(n + 127) / 128, 128>>>(du.data, dintegers.data, n);
    stacks<<<(n + 127) / 128, 128>>>(du.data, dstacks.data, n);
    CHECK(cudaGetLastError());
    std::vector<float> out = dout.download();
    check_floats(x, out);
    std::vector<double> wide = ddoubles.download();
    for (int i = 0; i < n; ++i) {
        double v = x[i];
        double want = sin(v) * exp(v) / sqrt(v * v + 1) + pow(v + 2, 1.5) + fma(v, v, log(v + 3));
        REQUIRE(std::fabs(wide[i] - want) < 1e-13);
    }
    std::vector<unsigned long long> hashes = dintegers.download();
    for (int i = 0; i < n; ++i) REQUIRE(hashes[i] == host_integers(u[i], u[(i + 1) % n]));
    std::vector<unsigned> stack_results = dstacks.download();
    for (int i = 0; i < n; ++i) REQUIRE(stack_results[i] == host_stack(u, i));
    printf("math %016llx %016llx %016llx\n", static_cast<unsigned long long>(digest(out)),
           static_cast<unsigned long long>(digest(hashes)),
           static_cast<unsigned long long>(digest(stack_results)));
    attest();
}
