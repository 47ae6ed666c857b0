// Captured copies of ordinary host memory: every replay reads the source and writes the destination as
// they are when the stream is there.
#include "check.h"

__global__ void scale(float* x, int n, float factor) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] *= factor;
}

// Larger than one piece of a copy that has to travel in pieces, and no multiple of one.
static const int n = 200001, small = 100;

static void replay(int count) {
    size_t bytes = count * sizeof(float);
    std::vector<float> source(count), result(count), twin(count);
    DeviceArray<float> x(count);
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    cudaGraph_t graph;
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    CHECK(cudaMemcpyAsync(x.data, source.data(), bytes, cudaMemcpyHostToDevice, stream));
    scale<<<(count + 127) / 128, 128, 0, stream>>>(x.data, count, 2.0f);
    CHECK(cudaMemcpyAsync(result.data(), x.data, bytes, cudaMemcpyDeviceToHost, stream));
    CHECK(cudaMemcpyAsync(twin.data(), result.data(), bytes, cudaMemcpyHostToHost, stream));
    CHECK(cudaStreamEndCapture(stream, &graph));
    REQUIRE(result[count - 1] == 0.0f);
    cudaGraphExec_t exec;
    CHECK(cudaGraphInstantiate(&exec, graph, 0));
    for (int round = 1; round <= 3; ++round) {
        for (int i = 0; i < count; ++i) source[i] = float(i % 1000 + round);
        CHECK(cudaGraphLaunch(exec, stream));
        CHECK(cudaStreamSynchronize(stream));
        for (int i = 0; i < count; ++i) REQUIRE(result[i] == 2.0f * source[i] && twin[i] == result[i]);
    }
    printf("captured %d floats: %016llx\n", count, static_cast<unsigned long long>(digest(result)));
    CHECK(cudaGraphExecDestroy(exec));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaStreamDestroy(stream));
}

int main() {
    replay(small);
    replay(n);
    attest();
}
