// Processes that fork: before the first CUDA call each half is free to use the device; after it the
// child is refused, and can neither disturb its parent nor end its parent's work.
#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

__global__ void square(int* data, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) data[i] *= data[i];
}

static int sum_of_squares(int n) {
    std::vector<int> values(n);
    for (int i = 0; i < n; ++i) values[i] = i;
    DeviceArray<int> data(values);
    square<<<(n + 127) / 128, 128>>>(data.data, n);
    CHECK(cudaGetLastError());
    int sum = 0;
    for (int x : data.download()) sum += x;
    return sum;
}

static void wait_for(pid_t child, int expected) {
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == expected);
}

int main() {
    const int n = 500, expected = 499 * 500 * 999 / 6;
    // Nothing of CUDA has run here yet: the child has a device of its own.
    pid_t first = fork();
    if (first == 0) _exit(sum_of_squares(n) == expected ? 17 : 1);
    wait_for(first, 17);

    REQUIRE(sum_of_squares(n) == expected);
    DeviceArray<int> kept(std::vector<int>(n, 7));
    square<<<4, 128>>>(kept.data, n);
    pid_t second = fork();
    if (second == 0) {
        size_t free_bytes, total;
        int* data = nullptr;
        bool refused = cudaMemGetInfo(&free_bytes, &total) == cudaErrorInitializationError &&
                       cudaMalloc(&data, 4) == cudaErrorInitializationError &&
                       cudaDeviceSynchronize() == cudaErrorInitializationError;
        // Through the exit handlers, as a script's child would leave.
        exit(refused ? 23 : 1);
    }
    wait_for(second, 23);
    REQUIRE(kept.download() == std::vector<int>(n, 49));
    REQUIRE(sum_of_squares(n) == expected);
    printf("fork %d\n", expected);
    attest();
}
