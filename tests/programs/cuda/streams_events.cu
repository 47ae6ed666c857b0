// Streams that run past each other, events that order them, copies that do not wait.
#include "check.h"

#include <condition_variable>
#include <mutex>

__global__ void scale(float* data, int n, float factor) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        data[i] *= factor;
    }
}

__global__ void combine(const float* a, const float* b, float* out, int n) {
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) {
        out[i] = a[i] - b[i];
    }
}

// A door that a stream waits at until the program opens it.
struct Door {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    void pass() {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [this] { return open; });
    }
    void unlock() {
        std::lock_guard<std::mutex> lock(mutex);
        open = true;
        changed.notify_all();
    }
};

// While one stream stands still, another does all its work: only then is there overlap.
void overlap(float* a, float* b, int n) {
    cudaStream_t blocked, free_stream;
    cudaEvent_t after;
    CHECK(cudaStreamCreateWithFlags(&blocked, cudaStreamNonBlocking));
    CHECK(cudaStreamCreateWithFlags(&free_stream, cudaStreamNonBlocking));
    CHECK(cudaEventCreateWithFlags(&after, cudaEventDisableTiming));
    Door door;
    CHECK(cudaLaunchHostFunc(blocked, [](void* d) { static_cast<Door*>(d)->pass(); }, &door));
    scale<<<4, 128, 0, blocked>>>(a, n, 2.0f);
    CHECK(cudaEventRecord(after, blocked));
    scale<<<4, 128, 0, free_stream>>>(b, n, 3.0f);
    CHECK(cudaStreamSynchronize(free_stream));
    CHECK_FAILS(cudaStreamQuery(blocked), cudaErrorNotReady);
    CHECK_FAILS(cudaEventQuery(after), cudaErrorNotReady);
    CHECK(cudaStreamQuery(free_stream));
    door.unlock();
    CHECK(cudaEventSynchronize(after));
    CHECK(cudaEventQuery(after));
    CHECK(cudaStreamQuery(blocked));
    CHECK(cudaEventDestroy(after));
    CHECK(cudaStreamDestroy(blocked));
    CHECK(cudaStreamDestroy(free_stream));
    printf("overlap: the free stream passed the blocked one\n");
}

int main() {
    const int n = 50000, bytes = n * sizeof(float);
    float *host_a, *host_b, *host_out;
    CHECK(cudaMallocHost(&host_a, bytes));
    CHECK(cudaMallocHost(&host_b, bytes));
    CHECK(cudaMallocHost(&host_out, bytes));
    Random random(6);
    for (int i = 0; i < n; ++i) {
        host_a[i] = random.unit();
        host_b[i] = random.unit();
        host_out[i] = -1.0f;
    }
    DeviceArray<float> a(n), b(n), out(n);
    cudaStream_t first, second;
    cudaEvent_t begin, b_ready, end;
    CHECK(cudaStreamCreate(&first));
    CHECK(cudaStreamCreateWithPriority(&second, cudaStreamNonBlocking, 0));
    CHECK(cudaEventCreate(&begin));
    CHECK(cudaEventCreateWithFlags(&b_ready, cudaEventDisableTiming));
    CHECK(cudaEventCreate(&end));

    CHECK(cudaEventRecord(begin, first));
    CHECK(cudaMemcpyAsync(a.data, host_a, bytes, cudaMemcpyHostToDevice, first));
    CHECK(cudaMemcpyAsync(b.data, host_b, bytes, cudaMemcpyHostToDevice, second));
    for (int i = 0; i < 6; ++i) {
        scale<<<3, 128, 0, first>>>(a.data, n, 0.5f);
        scale<<<3, 128, 0, second>>>(b.data, n, 2.0f);
    }
    CHECK(cudaEventRecord(b_ready, second));
    CHECK(cudaStreamWaitEvent(first, b_ready, 0));
    combine<<<5, 128, 0, first>>>(a.data, b.data, out.data, n);
    CHECK(cudaMemcpyAsync(host_out, out.data, bytes, cudaMemcpyDeviceToHost, first));
    CHECK(cudaEventRecord(end, first));
    CHECK(cudaEventSynchronize(end));
    for (int i = 0; i < n; ++i) REQUIRE(host_out[i] == host_a[i] / 64.0f - host_b[i] * 64.0f);
    float elapsed_ms = -1.0f;
    CHECK(cudaEventElapsedTime(&elapsed_ms, begin, end));
    REQUIRE(elapsed_ms > 0.0f);
    CHECK_FAILS(cudaEventElapsedTime(&elapsed_ms, b_ready, end), cudaErrorInvalidResourceHandle);

    overlap(a.data, b.data, n);
    // The legacy default stream waits for the blocking streams, and they for it.
    scale<<<3, 128, 0, first>>>(a.data, n, 2.0f);
    scale<<<3, 128>>>(a.data, n, 2.0f);
    scale<<<3, 128, 0, first>>>(a.data, n, 8.0f);
    CHECK(cudaStreamSynchronize(first));
    std::vector<float> result = a.download();
    for (int i = 0; i < n; ++i) REQUIRE(result[i] == host_a[i]);
    printf("streams_events %016llx\n", static_cast<unsigned long long>(digest(result)));
    CHECK(cudaEventDestroy(begin));
    CHECK(cudaEventDestroy(b_ready));
    CHECK(cudaEventDestroy(end));
    CHECK(cudaStreamDestroy(first));
    CHECK(cudaStreamDestroy(second));
    CHECK(cudaFreeHost(host_a));
    CHECK(cudaFreeHost(host_b));
    CHECK(cudaFreeHost(host_out));
    attest();
}
