// Does what it is told, line by line, and answers each line with one of its own: for tests in which
// something happens to the server, or to the program, between two calls.
//
//   init               cudaFree(0): connects
//   alloc BYTES        allocates and keeps
//   free               frees what was kept last
//   info               "used BYTES total BYTES"
//   devices            "devices N"
//   touch              launches a kernel on what was kept last and waits
//   launch             launches it and does not wait
//   sync               cudaDeviceSynchronize
//   copy MIB           copies that much there and back, and compares
//   block              launches a kernel that runs until the process is gone
//   flood THREADS      lets so many threads post launches and copies without an end
//   crash              launches a kernel that writes outside every allocation, and waits
//
// The answer is "ok" (or the above), or the name of the error.
#include "check.h"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

__global__ void add_one(unsigned char* data, size_t n) {
    for (size_t i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        data[i] += 1;
    }
}

__global__ void spin(volatile int* flag) {
    while (*flag == 0) {}
}

struct Kept {
    unsigned char* data;
    size_t bytes;
};

static std::vector<Kept> kept;

static cudaError_t copy(size_t bytes, std::string* answer) {
    std::vector<unsigned char> source(bytes), back(bytes);
    Random random(10);
    for (size_t i = 0; i < bytes; i += 4096) source[i] = static_cast<unsigned char>(random.next());
    unsigned char* device = nullptr;
    cudaError_t status = cudaMalloc(&device, bytes);
    if (status != cudaSuccess) return status;
    status = cudaMemcpy(device, source.data(), bytes, cudaMemcpyHostToDevice);
    if (status == cudaSuccess) status = cudaMemcpy(back.data(), device, bytes, cudaMemcpyDeviceToHost);
    if (status == cudaSuccess && back != source) *answer = "different";
    cudaError_t freed = cudaFree(device);
    return status != cudaSuccess ? status : freed;
}

static cudaError_t launch() {
    if (kept.empty()) return cudaErrorInvalidValue;
    size_t n = kept.back().bytes < 65536 ? kept.back().bytes : 65536;
    add_one<<<4, 128>>>(kept.back().data, n);
    return cudaGetLastError();
}

static cudaError_t block() {
    int* flag = nullptr;
    cudaError_t status = cudaMalloc(&flag, sizeof(int));
    if (status == cudaSuccess) status = cudaMemset(flag, 0, sizeof(int));
    if (status != cudaSuccess) return status;
    spin<<<1, 1>>>(flag);
    return cudaGetLastError();
}

// Copies are of pageable memory, whose bytes travel with the call.
static void post_for_ever(Kept on, int device) {
    unsigned char bytes[2048] = {1};
    cudaSetDevice(device);
    cudaError_t status = cudaSuccess;
    while (status == cudaSuccess) {
        add_one<<<4, 128>>>(on.data, on.bytes);
        status = cudaMemcpyAsync(on.data, bytes, std::min(on.bytes, sizeof bytes), cudaMemcpyHostToDevice, nullptr);
    }
}

static cudaError_t flood(size_t threads) {
    int device = 0;
    cudaError_t status = cudaGetDevice(&device);
    if (status != cudaSuccess || kept.empty()) return status != cudaSuccess ? status : cudaErrorInvalidValue;
    for (size_t i = 0; i < threads; i++) std::thread(post_for_ever, kept.back(), device).detach();
    return cudaSuccess;
}

static cudaError_t crash() {
    add_one<<<1, 1>>>(reinterpret_cast<unsigned char*>(1ull << 46), 1);
    cudaError_t status = cudaGetLastError();
    return status != cudaSuccess ? status : cudaDeviceSynchronize();
}

static cudaError_t obey(const std::string& verb, size_t amount, std::string* answer) {
    if (verb == "init") return cudaFree(nullptr);
    if (verb == "alloc") {
        Kept one = {nullptr, amount};
        cudaError_t status = cudaMalloc(&one.data, amount);
        if (status == cudaSuccess) kept.push_back(one);
        return status;
    }
    if (verb == "free") {
        if (kept.empty()) return cudaErrorInvalidValue;
        Kept one = kept.back();
        kept.pop_back();
        return cudaFree(one.data);
    }
    if (verb == "info") {
        size_t free_bytes = 0, total = 0;
        cudaError_t status = cudaMemGetInfo(&free_bytes, &total);
        *answer = "used " + std::to_string(total - free_bytes) + " total " + std::to_string(total);
        return status;
    }
    if (verb == "devices") {
        int count = 0;
        cudaError_t status = cudaGetDeviceCount(&count);
        *answer = "devices " + std::to_string(count);
        return status;
    }
    if (verb == "launch") return launch();
    if (verb == "touch") {
        cudaError_t status = launch();
        return status != cudaSuccess ? status : cudaDeviceSynchronize();
    }
    if (verb == "sync") return cudaDeviceSynchronize();
    if (verb == "copy") return copy(amount << 20, answer);
    if (verb == "block") return block();
    if (verb == "flood") return flood(amount);
    if (verb == "crash") return crash();
    *answer = "what?";
    return cudaSuccess;
}

int main() {
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string verb, answer = "ok";
        size_t amount = 0;
        words >> verb >> amount;
        cudaError_t status = obey(verb, amount, &answer);
        cudaGetLastError();
        std::cout << (status == cudaSuccess ? answer : cudaGetErrorName(status)) << std::endl;
    }
}
