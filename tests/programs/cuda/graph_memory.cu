// Memory that graphs take and give back: by nodes and by capture, freed in the graph, after it, and by
// launching again.
#include "check.h"

static const int n = 5000, blocks = (n + 127) / 128;
static const size_t bytes = n * sizeof(int);

__global__ void count_up(int* data, int first) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) data[i] = first + i;
}

__global__ void add(const int* from, int* to) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) to[i] += from[i];
}

static unsigned long long memory(cudaGraphMemAttributeType attribute) {
    unsigned long long value = 0;
    CHECK(cudaDeviceGetGraphMemAttribute(0, attribute, &value));
    return value;
}

static void captured() {
    cudaStream_t stream;
    CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    DeviceArray<int> sum(std::vector<int>(n, 0));
    cudaGraph_t graph;
    int* scratch = nullptr;
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    CHECK(cudaMallocAsync((void**)&scratch, bytes, stream));
    count_up<<<blocks, 128, 0, stream>>>(scratch, 1);
    add<<<blocks, 128, 0, stream>>>(scratch, sum.data);
    CHECK(cudaFreeAsync(scratch, stream));
    CHECK(cudaStreamEndCapture(stream, &graph));
    size_t count = 0;
    CHECK(cudaGraphGetNodes(graph, nullptr, &count));
    REQUIRE(count == 4);
    std::vector<cudaGraphNode_t> nodes(count);
    CHECK(cudaGraphGetNodes(graph, nodes.data(), &count));
    int allocations = 0, frees = 0;
    for (cudaGraphNode_t node : nodes) {
        cudaGraphNodeType type;
        CHECK(cudaGraphNodeGetType(node, &type));
        if (type == cudaGraphNodeTypeMemAlloc) {
            cudaMemAllocNodeParams params;
            CHECK(cudaGraphMemAllocNodeGetParams(node, &params));
            REQUIRE(params.dptr == scratch && params.bytesize == bytes);
            ++allocations;
        }
        if (type == cudaGraphNodeTypeMemFree) {
            void* freed = nullptr;
            CHECK(cudaGraphMemFreeNodeGetParams(node, &freed));
            REQUIRE(freed == scratch);
            ++frees;
        }
    }
    REQUIRE(allocations == 1 && frees == 1);
    cudaGraph_t copy;
    REQUIRE(cudaGraphClone(&copy, graph) != cudaSuccess);
    cudaGetLastError();
    cudaGraphExec_t executable;
    CHECK(cudaGraphInstantiate(&executable, graph, 0));
    for (int launch = 0; launch < 3; ++launch) CHECK(cudaGraphLaunch(executable, stream));
    CHECK(cudaStreamSynchronize(stream));
    std::vector<int> found = sum.download();
    for (int i = 0; i < n; ++i) REQUIRE(found[i] == 3 * (1 + i));
    REQUIRE(memory(cudaGraphMemAttrUsedMemCurrent) == 0);
    CHECK(cudaGraphExecDestroy(executable));
    CHECK(cudaGraphDestroy(graph));
    CHECK(cudaDeviceGraphMemTrim(0));
    CHECK(cudaStreamDestroy(stream));
}

static void by_nodes() {
    cudaStream_t stream;
    CHECK(cudaStreamCreate(&stream));
    cudaGraph_t graph;
    CHECK(cudaGraphCreate(&graph, 0));
    cudaMemAllocNodeParams params = {};
    params.poolProps.allocType = cudaMemAllocationTypePinned;
    params.poolProps.location.type = cudaMemLocationTypeDevice;
    params.bytesize = bytes;
    cudaGraphNode_t taken, filled;
    CHECK(cudaGraphAddMemAllocNode(&taken, graph, nullptr, 0, &params));
    REQUIRE(params.dptr);
    int* data = static_cast<int*>(params.dptr);
    int first = 70;
    void* arguments[] = {&data, &first};
    cudaKernelNodeParams launch = {};
    launch.func = (void*)count_up;
    launch.gridDim = dim3(blocks);
    launch.blockDim = dim3(128);
    launch.kernelParams = arguments;
    CHECK(cudaGraphAddKernelNode(&filled, graph, &taken, 1, &launch));
    cudaGraphExec_t executable;
    CHECK(cudaGraphInstantiate(&executable, graph, 0));
    CHECK(cudaGraphLaunch(executable, stream));
    // What the graph has taken is the program's now.
    std::vector<int> found(n);
    CHECK(cudaMemcpyAsync(found.data(), data, bytes, cudaMemcpyDeviceToHost, stream));
    CHECK(cudaStreamSynchronize(stream));
    for (int i = 0; i < n; ++i) REQUIRE(found[i] == 70 + i);
    REQUIRE(memory(cudaGraphMemAttrUsedMemCurrent) >= bytes);
    REQUIRE(cudaGraphLaunch(executable, stream) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaFreeAsync(data, stream));
    CHECK(cudaStreamSynchronize(stream));
    CHECK(cudaGraphLaunch(executable, stream));
    CHECK(cudaStreamSynchronize(stream));
    CHECK(cudaFree(data));
    CHECK(cudaGraphExecDestroy(executable));
    // Another launch frees what the last one has taken.
    CHECK(cudaGraphInstantiateWithFlags(&executable, graph, cudaGraphInstantiateFlagAutoFreeOnLaunch));
    for (int round = 0; round < 3; ++round) CHECK(cudaGraphLaunch(executable, stream));
    CHECK(cudaStreamSynchronize(stream));
    CHECK(cudaFree(data));
    CHECK(cudaGraphExecDestroy(executable));
    CHECK(cudaGraphDestroy(graph));
    REQUIRE(memory(cudaGraphMemAttrUsedMemCurrent) == 0);
    CHECK(cudaStreamDestroy(stream));
}

int main() {
    captured();
    by_nodes();
    printf("graph memory\n");
    attest();
}
