// Work recorded once and replayed: by capturing a stream, with branches, callbacks and updates.
#include "check.h"

__global__ void axpy(float a, const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}

__global__ void scale(float* x, int n, float factor) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] *= factor;
}

int main() {
    const int n = 3000, bytes = n * sizeof(float), blocks = (n + 127) / 128;
    float *host, *result;
    CHECK(cudaMallocHost(&host, bytes));
    CHECK(cudaMallocHost(&result, bytes));
    Random random(11);
    for (int i = 0; i < n; ++i) host[i] = random.unit();
    DeviceArray<float> x(n), y(n);
    CHECK(cudaMemset(y.data, 0, bytes));
    cudaStream_t stream, side;
    cudaEvent_t forked, joined;
    CHECK(cudaStreamCreate(&stream));
    CHECK(cudaStreamCreate(&side));
    CHECK(cudaEventCreateWithFlags(&forked, cudaEventDisableTiming));
    CHECK(cudaEventCreateWithFlags(&joined, cudaEventDisableTiming));

    // While capturing nothing runs; a second stream joins the capture through an event.
    int calls = 0;
    cudaGraph_t graph;
    cudaStreamCaptureStatus status;
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    CHECK(cudaMemcpyAsync(x.data, host, bytes, cudaMemcpyHostToDevice, stream));
    CHECK(cudaEventRecord(forked, stream));
    CHECK(cudaStreamWaitEvent(side, forked, 0));
    scale<<<blocks, 128, 0, side>>>(y.data, n, 0.5f);
    CHECK(cudaEventRecord(joined, side));
    scale<<<blocks, 128, 0, stream>>>(x.data, n, 2.0f);
    CHECK(cudaStreamWaitEvent(stream, joined, 0));
    axpy<<<blocks, 128, 0, stream>>>(3.0f, x.data, y.data, n);
    CHECK(cudaMemcpyAsync(result, y.data, bytes, cudaMemcpyDeviceToHost, stream));
    CHECK(cudaLaunchHostFunc(stream, [](void* p) { ++*static_cast<int*>(p); }, &calls));
    CHECK(cudaStreamIsCapturing(stream, &status));
    REQUIRE(status == cudaStreamCaptureStatusActive);
    CHECK(cudaStreamEndCapture(stream, &graph));
    size_t n_nodes = 0;
    CHECK(cudaGraphGetNodes(graph, nullptr, &n_nodes));
    REQUIRE(n_nodes == 6);
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(calls == 0);

    cudaGraphExec_t replay;
    CHECK(cudaGraphInstantiate(&replay, graph, 0));
    std::vector<float> expected(n, 0.0f);
    for (int round = 1; round <= 4; ++round) {
        // The source is read at each replay, not when it was captured.
        for (int i = 0; i < n; ++i) host[i] += 1.0f;
        CHECK(cudaGraphLaunch(replay, stream));
        CHECK(cudaStreamSynchronize(stream));
        REQUIRE(calls == round);
        for (int i = 0; i < n; ++i) {
            expected[i] = std::fma(3.0f, host[i] * 2.0f, expected[i] * 0.5f);
            REQUIRE(result[i] == expected[i]);
        }
    }
    CHECK(cudaGraphExecDestroy(replay));
    CHECK(cudaGraphDestroy(graph));

    // An operation that cannot be captured ends the capture with an error, and nothing else.
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    scale<<<blocks, 128, 0, stream>>>(x.data, n, 2.0f);
    CHECK_FAILS(cudaStreamSynchronize(stream), cudaErrorStreamCaptureUnsupported);
    CHECK_FAILS(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    cudaGetLastError();
    CHECK(cudaStreamSynchronize(stream));
    printf("graphs %zu nodes, %016llx\n", n_nodes, static_cast<unsigned long long>(digest(expected)));
    CHECK(cudaEventDestroy(forked));
    CHECK(cudaEventDestroy(joined));
    CHECK(cudaStreamDestroy(stream));
    CHECK(cudaStreamDestroy(side));
    CHECK(cudaFreeHost(host));
    CHECK(cudaFreeHost(result));
    attest();
}
