// A graph built node by node: every kind of node, edges added and removed, what nodes say of themselves,
// updates of the executable graph, a graph within, and captures that are asked and steered.
#include "check.h"

__global__ void scale(float* x, int n, float factor) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] *= factor;
}

__global__ void add(const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] += x[i];
}

static void count(void* p) { ++*static_cast<int*>(p); }
static void count_ten(void* p) { *static_cast<int*>(p) += 10; }

static const int n = 1000, blocks = (n + 127) / 128;
static const size_t bytes = n * sizeof(float);

static cudaKernelNodeParams kernel(void* function, void** arguments) {
    cudaKernelNodeParams params = {};
    params.func = function;
    params.gridDim = dim3(blocks);
    params.blockDim = dim3(128);
    params.kernelParams = arguments;
    return params;
}

int main() {
    float *source, *result;
    CHECK(cudaMallocHost(&source, bytes));
    CHECK(cudaMallocHost(&result, bytes));
    for (int i = 0; i < n; ++i) source[i] = i * 0.5f;
    DeviceArray<float> x(n), y(n);
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    int calls = 0;

    cudaGraph_t graph;
    cudaGraphNode_t up, zero, doubled, sum, down, told, idle;
    CHECK(cudaGraphCreate(&graph, 0));
    CHECK(cudaGraphAddMemcpyNode1D(&up, graph, nullptr, 0, x.data, source, bytes, cudaMemcpyHostToDevice));
    cudaMemsetParams fill = {};
    fill.dst = y.data;
    fill.elementSize = 4;
    fill.width = n;
    fill.height = 1;
    CHECK(cudaGraphAddMemsetNode(&zero, graph, nullptr, 0, &fill));
    int length = n;
    float factor = 2.0f;
    void* scale_arguments[] = {&x.data, &length, &factor};
    cudaKernelNodeParams launch = kernel((void*)scale, scale_arguments);
    CHECK(cudaGraphAddKernelNode(&doubled, graph, &up, 1, &launch));
    void* add_arguments[] = {&x.data, &y.data, &length};
    launch = kernel((void*)add, add_arguments);
    CHECK(cudaGraphAddKernelNode(&sum, graph, &zero, 1, &launch));
    CHECK(cudaGraphAddMemcpyNode1D(&down, graph, &sum, 1, result, y.data, bytes, cudaMemcpyDeviceToHost));
    cudaHostNodeParams host = {count, &calls};
    CHECK(cudaGraphAddHostNode(&told, graph, &down, 1, &host));
    CHECK(cudaGraphAddEmptyNode(&idle, graph, nullptr, 0));

    // The sum must come after the doubling; the idle node goes.
    cudaGraphNode_t from[] = {doubled, idle}, to[] = {sum, told};
#if CUDART_VERSION >= 13000
    CHECK(cudaGraphAddDependencies(graph, from, to, nullptr, 2));
    CHECK(cudaGraphRemoveDependencies(graph, from + 1, to + 1, nullptr, 1));
#else
    CHECK(cudaGraphAddDependencies(graph, from, to, 2));
    CHECK(cudaGraphRemoveDependencies(graph, from + 1, to + 1, 1));
#endif
    CHECK(cudaGraphDestroyNode(idle));

    size_t n_nodes = 0, n_roots = 0, n_edges = 0;
    CHECK(cudaGraphGetNodes(graph, nullptr, &n_nodes));
    CHECK(cudaGraphGetRootNodes(graph, nullptr, &n_roots));
#if CUDART_VERSION >= 13000
    CHECK(cudaGraphGetEdges(graph, nullptr, nullptr, nullptr, &n_edges));
#else
    CHECK(cudaGraphGetEdges(graph, nullptr, nullptr, &n_edges));
#endif
    REQUIRE(n_nodes == 6 && n_roots == 2 && n_edges == 5);

    // What nodes say of themselves.
    cudaGraphNodeType kind;
    CHECK(cudaGraphNodeGetType(sum, &kind));
    REQUIRE(kind == cudaGraphNodeTypeKernel);
    cudaKernelNodeParams shown = {};
    CHECK(cudaGraphKernelNodeGetParams(doubled, &shown));
    REQUIRE(shown.gridDim.x == (unsigned)blocks && shown.blockDim.x == 128);
    REQUIRE(*static_cast<float*>(shown.kernelParams[2]) == 2.0f);
    cudaMemsetParams filled;
    CHECK(cudaGraphMemsetNodeGetParams(zero, &filled));
    REQUIRE(filled.dst == y.data && filled.elementSize == 4 && filled.width == (size_t)n);
    cudaHostNodeParams called;
    CHECK(cudaGraphHostNodeGetParams(told, &called));
    REQUIRE(called.fn == count && called.userData == &calls);

    // Launched twice: the source is read each time.
    cudaGraphExec_t replay;
    CHECK(cudaGraphInstantiate(&replay, graph, 0));
    for (int round = 1; round <= 2; ++round) {
        for (int i = 0; i < n; ++i) source[i] += round;
        CHECK(cudaGraphLaunch(replay, stream));
        CHECK(cudaStreamSynchronize(stream));
        REQUIRE(calls == round);
        for (int i = 0; i < n; ++i) REQUIRE(result[i] == 2.0f * source[i]);
    }

    // Changed in the executable graph alone, then in the graph and taken over.
    factor = 3.0f;
    launch = kernel((void*)scale, scale_arguments);
    CHECK(cudaGraphExecKernelNodeSetParams(replay, doubled, &launch));
    host.fn = count_ten;
    CHECK(cudaGraphExecHostNodeSetParams(replay, told, &host));
    CHECK(cudaGraphLaunch(replay, stream));
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(calls == 12 && result[7] == 3.0f * source[7]);
    factor = 4.0f;
    CHECK(cudaGraphKernelNodeSetParams(doubled, &launch));
    cudaGraphExecUpdateResultInfo update;
    CHECK(cudaGraphExecUpdate(replay, graph, &update));
    REQUIRE(update.result == cudaGraphExecUpdateSuccess);
    CHECK(cudaGraphLaunch(replay, stream));
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(calls == 13 && result[7] == 4.0f * source[7]);

    // A graph within a graph, and one of another form.
    cudaGraph_t outer, inner;
    cudaGraphNode_t child, after;
    CHECK(cudaGraphCreate(&outer, 0));
    CHECK(cudaGraphAddChildGraphNode(&child, outer, nullptr, 0, graph));
    CHECK(cudaGraphAddHostNode(&after, outer, &child, 1, &host));
    CHECK(cudaGraphChildGraphNodeGetGraph(child, &inner));
    CHECK(cudaGraphGetNodes(inner, nullptr, &n_nodes));
    REQUIRE(n_nodes == 6);
    CHECK_FAILS(cudaGraphExecUpdate(replay, outer, &update), cudaErrorGraphExecUpdateFailure);
    REQUIRE(update.result == cudaGraphExecUpdateErrorTopologyChanged);
    cudaGetLastError();
    cudaGraphExec_t nested;
    CHECK(cudaGraphInstantiate(&nested, outer, 0));
    CHECK(cudaGraphLaunch(nested, stream));
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(calls == 24);

    // A capture tells its graph and what comes next, and takes other dependencies.
    cudaStreamCaptureStatus status;
    cudaGraph_t growing, captured;
    const cudaGraphNode_t* needs;
    size_t n_needs;
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    scale<<<blocks, 128, 0, stream>>>(x.data, n, 2.0f);
#if CUDART_VERSION >= 13000
    CHECK(cudaStreamGetCaptureInfo(stream, &status, nullptr, &growing, &needs, nullptr, &n_needs));
#else
    CHECK(cudaStreamGetCaptureInfo_v2(stream, &status, nullptr, &growing, &needs, &n_needs));
#endif
    REQUIRE(status == cudaStreamCaptureStatusActive && n_needs == 1);
    cudaGraphNode_t first = needs[0], extra;
    CHECK(cudaGraphAddHostNode(&extra, growing, &first, 1, &host));
#if CUDART_VERSION >= 13000
    CHECK(cudaStreamUpdateCaptureDependencies(stream, &extra, nullptr, 1, cudaStreamSetCaptureDependencies));
#else
    CHECK(cudaStreamUpdateCaptureDependencies(stream, &extra, 1, cudaStreamSetCaptureDependencies));
#endif
    scale<<<blocks, 128, 0, stream>>>(x.data, n, 3.0f);
    CHECK(cudaStreamEndCapture(stream, &captured));
    REQUIRE(captured == growing);
    CHECK(cudaGraphGetNodes(captured, nullptr, &n_nodes));
    REQUIRE(n_nodes == 3);
    cudaGraphExec_t again;
    CHECK(cudaGraphInstantiate(&again, captured, 0));
    CHECK(cudaMemcpy(x.data, source, bytes, cudaMemcpyHostToDevice));
    CHECK(cudaGraphLaunch(again, stream));
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(calls == 34);
    std::vector<float> last = x.download();
    for (int i = 0; i < n; ++i) REQUIRE(last[i] == source[i] * 6.0f);

    printf("graph nodes: %zu edges, %d calls, %016llx\n", n_edges, calls,
           static_cast<unsigned long long>(digest(last)));
    for (cudaGraphExec_t exec : {replay, nested, again}) CHECK(cudaGraphExecDestroy(exec));
    for (cudaGraph_t gone : {graph, outer, captured}) CHECK(cudaGraphDestroy(gone));
    CHECK(cudaStreamDestroy(stream));
    CHECK(cudaFreeHost(source));
    CHECK(cudaFreeHost(result));
    attest();
}
