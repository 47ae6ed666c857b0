// What every program here shares: error checks, reproducible input, a digest of results, attestation.
//
// A program prints to standard output only what must be equal however its driver calls travel;
// where they went goes to standard error, in the one line that attest() writes.
#pragma once

#include <dlfcn.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <cuda_runtime.h>

// Ends the program with a message unless the runtime call succeeds.
#define CHECK(call)                                                                                \
    do {                                                                                           \
        cudaError_t check_status = (call);                                                         \
        if (check_status != cudaSuccess) {                                                         \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,                          \
                    cudaGetErrorName(check_status));                                               \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

// Ends the program with a message unless the runtime call fails with exactly this error.
#define CHECK_FAILS(call, expected)                                                                \
    do {                                                                                           \
        cudaError_t check_status = (call);                                                         \
        if (check_status != (expected)) {                                                          \
            fprintf(stderr, "%s:%d: %s: got %s, expected %s\n", __FILE__, __LINE__, #call,         \
                    cudaGetErrorName(check_status), cudaGetErrorName(expected));                   \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

// Ends the program with a message unless the launch just made was refused for its shape. Which of the
// two errors the runtime reports is between it and the driver.
#define CHECK_SHAPE_REFUSED()                                                                      \
    do {                                                                                           \
        cudaError_t check_status = cudaGetLastError();                                             \
        if (check_status != cudaErrorInvalidConfiguration && check_status != cudaErrorInvalidValue) { \
            fprintf(stderr, "%s:%d: the launch gave %s\n", __FILE__, __LINE__,                     \
                    cudaGetErrorName(check_status));                                               \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

// Ends the program with a message unless the condition holds.
#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);              \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

// A small generator with a written-out state, so that every machine sees the same input.
struct Random {
    uint64_t state;
    explicit Random(uint64_t seed) : state(seed * 2 + 1) {}
    uint32_t next() {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        return static_cast<uint32_t>(state >> 33);
    }
    uint32_t below(uint32_t limit) { return next() % limit; }
    // In [-1, 1), exactly representable.
    float unit() { return static_cast<float>(static_cast<int32_t>(next() % 16384) - 8192) / 8192.0f; }
};

// FNV-1a over the bytes of a result: a change of one bit shows in the output.
template <typename T> uint64_t digest(const std::vector<T>& values) {
    uint64_t hash = 14695981039346656037ull;
    const unsigned char* bytes = reinterpret_cast<const unsigned char*>(values.data());
    for (size_t i = 0; i < values.size() * sizeof(T); ++i) {
        hash = (hash ^ bytes[i]) * 1099511628211ull;
    }
    return hash;
}

// A device allocation that frees itself.
template <typename T> struct DeviceArray {
    T* data = nullptr;
    size_t count = 0;
    explicit DeviceArray(size_t n) : count(n) { CHECK(cudaMalloc(&data, n * sizeof(T))); }
    explicit DeviceArray(const std::vector<T>& host) : DeviceArray(host.size()) { upload(host); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;
    ~DeviceArray() { cudaFree(data); }
    void upload(const std::vector<T>& host) {
        CHECK(cudaMemcpy(data, host.data(), count * sizeof(T), cudaMemcpyHostToDevice));
    }
    std::vector<T> download() const {
        std::vector<T> host(count);
        CHECK(cudaMemcpy(host.data(), data, count * sizeof(T), cudaMemcpyDeviceToHost));
        return host;
    }
};

// Says which object answers this process's driver calls. The path goes to standard error for the
// harness to check; standard output gets only the name, which is the same everywhere.
inline void attest() {
    void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    REQUIRE(library != nullptr);
    void* by_name = dlsym(library, "cuLaunchKernel");
    void* by_runtime = nullptr;
    cudaDriverEntryPointQueryResult found;
    CHECK(cudaGetDriverEntryPointByVersion("cuLaunchKernel", &by_runtime, 12000, cudaEnableDefault,
                                           &found));
    Dl_info of_name, of_runtime;
    REQUIRE(by_name != nullptr && dladdr(by_name, &of_name) != 0);
    REQUIRE(by_runtime != nullptr && dladdr(by_runtime, &of_runtime) != 0);
    REQUIRE(strcmp(of_name.dli_fname, of_runtime.dli_fname) == 0);
    const char* slash = strrchr(of_name.dli_fname, '/');
    printf("driver: %s\n", slash != nullptr ? slash + 1 : of_name.dli_fname);
    fflush(stdout);
    fprintf(stderr, "attest: %s\n", of_name.dli_fname);
}
