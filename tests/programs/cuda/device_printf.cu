// A kernel that prints: the text is the client's output, wherever the kernel ran.
#include "check.h"

__global__ void speak(const char* unused, int round) {
    if (threadIdx.x == 0) {
        printf("round %d: %5d|%-6u|%08x|%+.3f|%e|%c|%s|%lld|%%\n", round, -42, 42u, 0xbeefu,
               2.0 / 3.0, 12345.678, 'x', "text from the device", 1ll << 40);
    }
    if (threadIdx.x == 33) printf("lane %d of warp %d in block %d\n", 1, 1, (int)blockIdx.x);
}

int main() {
    // What the host prints between synchronisations keeps its place.
    setvbuf(stdout, nullptr, _IONBF, 0);
    for (int round = 0; round < 3; ++round) {
        printf("before %d\n", round);
        speak<<<1, 1>>>(nullptr, round);
        CHECK(cudaGetLastError());
        CHECK(cudaDeviceSynchronize());
        printf("after %d\n", round);
    }
    for (int block = 0; block < 2; ++block) {
        speak<<<1, 64>>>(nullptr, 10 + block);
        CHECK(cudaDeviceSynchronize());
    }
    printf("device_printf done\n");
    attest();
}
