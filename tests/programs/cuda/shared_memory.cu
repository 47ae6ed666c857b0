// Two processes that share a GPU's memory: by handles of cudaMalloc's memory and of events, by file
// descriptors of physical memory and of pools, in both directions, and what is refused.
#include "check.h"

#include <cuda.h>
#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

static const int n = 300000;
static const size_t bytes = n * sizeof(int);

__global__ void fill(int* data, int count, int first, int rounds) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    int value = 0;
    for (int round = 0; round < rounds; ++round) value = (value + round) % 1000;
    data[i] = first + i + (value >= 0 ? 0 : 1);
}

__global__ void add(int* data, int count, int more) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count) data[i] += more;
}

static const int blocks = (n + 255) / 256;

template <typename F>
static F entry(const char* name) {
    static void* library = dlopen("libcuda.so.1", RTLD_NOW);
    REQUIRE(library);
    return reinterpret_cast<F>(dlsym(library, name));
}

#define DRIVER(call)             \
    do {                         \
        CUresult status = (call); \
        if (status != CUDA_SUCCESS) printf("%s: %d\n", #call, status); \
        REQUIRE(status == CUDA_SUCCESS); \
    } while (0)

static void put(int socket, const void* data, size_t size) {
    REQUIRE(write(socket, data, size) == (ssize_t)size);
}

static void get(int socket, void* data, size_t size) {
    REQUIRE(recv(socket, data, size, MSG_WAITALL) == (ssize_t)size);
}

static void put_descriptor(int socket, int descriptor) {
    char byte = 'd', room[CMSG_SPACE(sizeof(int))] = {};
    iovec part = {&byte, 1};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof(room);
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
    REQUIRE(sendmsg(socket, &message, 0) == 1);
}

static int get_descriptor(int socket) {
    char byte = 0, room[CMSG_SPACE(sizeof(int))] = {};
    iovec part = {&byte, 1};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof(room);
    REQUIRE(recvmsg(socket, &message, 0) == 1 && byte == 'd');
    int descriptor = -1;
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    return descriptor;
}

static void expect(const int* device, int first) {
    std::vector<int> found(n);
    CHECK(cudaMemcpy(found.data(), device, bytes, cudaMemcpyDeviceToHost));
    for (int i = 0; i < n; ++i) REQUIRE(found[i] == first + i);
}

// Memory of the pages that a driver handle stands for, mapped and opened to this device.
static CUdeviceptr map(CUmemGenericAllocationHandle handle, size_t size) {
    CUdeviceptr at = 0;
    DRIVER(entry<decltype(&cuMemAddressReserve)>("cuMemAddressReserve")(&at, size, 0, 0, 0));
    DRIVER(entry<decltype(&cuMemMap)>("cuMemMap")(at, size, 0, handle, 0));
    CUmemAccessDesc access = {};
    access.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    access.flags = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    DRIVER(entry<decltype(&cuMemSetAccess)>("cuMemSetAccess")(at, size, &access, 1));
    return at;
}

static void unmap(CUdeviceptr at, size_t size) {
    DRIVER(entry<decltype(&cuMemUnmap)>("cuMemUnmap")(at, size));
    DRIVER(entry<decltype(&cuMemAddressFree)>("cuMemAddressFree")(at, size));
}

static int child(int socket) {
    cudaIpcMemHandle_t memory;
    cudaIpcEventHandle_t ready, done;
    get(socket, &memory, sizeof(memory));
    get(socket, &ready, sizeof(ready));
    int *data = nullptr, *again = nullptr;
    CHECK(cudaIpcOpenMemHandle((void**)&data, memory, cudaIpcMemLazyEnablePeerAccess));
    CHECK(cudaIpcOpenMemHandle((void**)&again, memory, cudaIpcMemLazyEnablePeerAccess));
    REQUIRE(data == again);
    REQUIRE(cudaFree(data) != cudaSuccess);
    cudaGetLastError();
    cudaPointerAttributes attributes;
    CHECK(cudaPointerGetAttributes(&attributes, data + 5));
    REQUIRE(attributes.type == cudaMemoryTypeDevice);
    cudaStream_t stream;
    CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    cudaEvent_t event, own;
    CHECK(cudaIpcOpenEventHandle(&event, ready));
    CHECK(cudaEventCreateWithFlags(&own, cudaEventInterprocess | cudaEventDisableTiming));
    CHECK(cudaIpcGetEventHandle(&done, own));
    // What the parent has issued before it recorded the event has been done.
    CHECK(cudaStreamWaitEvent(stream, event, 0));
    add<<<blocks, 256, 0, stream>>>(data, n, 1000);
    CHECK(cudaGetLastError());
    CHECK(cudaEventRecord(own, stream));
    put(socket, &done, sizeof(done));
    CHECK(cudaStreamSynchronize(stream));
    char byte;
    get(socket, &byte, 1);
    expect(data, 3007);
    CHECK(cudaIpcCloseMemHandle(data));
    expect(data, 3007);
    CHECK(cudaIpcCloseMemHandle(data));
    REQUIRE(cudaIpcCloseMemHandle(data) != cudaSuccess);
    cudaGetLastError();
    memset(&memory, 0x5a, sizeof(memory));
    REQUIRE(cudaIpcOpenMemHandle((void**)&data, memory, cudaIpcMemLazyEnablePeerAccess) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaEventDestroy(event));

    // Physical memory by a descriptor.
    size_t size;
    get(socket, &size, sizeof(size));
    int descriptor = get_descriptor(socket);
    CUmemGenericAllocationHandle handle = 0;
    DRIVER(entry<decltype(&cuMemImportFromShareableHandle)>("cuMemImportFromShareableHandle")(
        &handle, (void*)(uintptr_t)descriptor, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR));
    close(descriptor);
    CUdeviceptr at = map(handle, size);
    expect((const int*)at, 50);
    add<<<blocks, 256>>>((int*)at, n, 1);
    CHECK(cudaDeviceSynchronize());
    DRIVER(entry<decltype(&cuMemRelease)>("cuMemRelease")(handle));
    put(socket, "x", 1);
    get(socket, &byte, 1);
    // The parent has let go of it; it is here still.
    expect((const int*)at, 51);
    unmap(at, size);

    // A pool, and memory of it.
    descriptor = get_descriptor(socket);
    cudaMemPool_t pool;
    CHECK(cudaMemPoolImportFromShareableHandle(&pool, (void*)(uintptr_t)descriptor,
                                               cudaMemHandleTypePosixFileDescriptor, 0));
    close(descriptor);
    cudaMemPoolPtrExportData exported;
    get(socket, &exported, sizeof(exported));
    CHECK(cudaMemPoolImportPointer((void**)&data, pool, &exported));
    expect(data, 900);
    add<<<blocks, 256>>>(data, n, 1);
    CHECK(cudaDeviceSynchronize());
    CHECK(cudaFreeAsync(data, stream));
    CHECK(cudaStreamSynchronize(stream));
    CHECK(cudaMemPoolDestroy(pool));
    put(socket, "x", 1);
    return 23;
}

static void parent(int socket) {
    int *data = nullptr, *nothing = nullptr;
    CHECK(cudaMalloc(&data, bytes));
    cudaStream_t stream;
    CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    cudaEvent_t ready, done, wrong;
    REQUIRE(cudaEventCreateWithFlags(&wrong, cudaEventInterprocess) == cudaErrorInvalidValue);
    cudaGetLastError();
    CHECK(cudaEventCreateWithFlags(&ready, cudaEventInterprocess | cudaEventDisableTiming));
    cudaIpcMemHandle_t memory, same;
    cudaIpcEventHandle_t handle;
    CHECK(cudaIpcGetMemHandle(&memory, data));
    CHECK(cudaIpcGetMemHandle(&same, data));
    REQUIRE(!memcmp(&memory, &same, sizeof(memory)));
    CHECK(cudaIpcGetEventHandle(&handle, ready));
    // No process opens its own.
    REQUIRE(cudaIpcOpenMemHandle((void**)&nothing, memory, cudaIpcMemLazyEnablePeerAccess) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaMemsetAsync(data, 0, bytes, stream));
    fill<<<blocks, 256, 0, stream>>>(data, n, 2007, 200);
    CHECK(cudaGetLastError());
    CHECK(cudaEventRecord(ready, stream));
    put(socket, &memory, sizeof(memory));
    put(socket, &handle, sizeof(handle));
    get(socket, &handle, sizeof(handle));
    CHECK(cudaIpcOpenEventHandle(&done, handle));
    CHECK(cudaEventSynchronize(done));
    CHECK(cudaEventQuery(done));
    expect(data, 3007);
    put(socket, "x", 1);

    CUmemAllocationProp properties = {};
    properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
    properties.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
    properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
    const size_t size = 4 << 20;
    CUmemGenericAllocationHandle physical, kept;
    DRIVER(entry<decltype(&cuMemCreate)>("cuMemCreate")(&physical, size, &properties, 0));
    CUdeviceptr at = map(physical, size);
    DRIVER(entry<decltype(&cuMemRetainAllocationHandle)>("cuMemRetainAllocationHandle")(&kept, (void*)(at + 64)));
    DRIVER(entry<decltype(&cuMemRelease)>("cuMemRelease")(physical));
    fill<<<blocks, 256>>>((int*)at, n, 50, 1);
    CHECK(cudaDeviceSynchronize());
    int descriptor = -1;
    DRIVER(entry<decltype(&cuMemExportToShareableHandle)>("cuMemExportToShareableHandle")(
        &descriptor, kept, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
    put(socket, &size, sizeof(size));
    put_descriptor(socket, descriptor);
    close(descriptor);
    char byte;
    get(socket, &byte, 1);
    expect((const int*)at, 51);
    DRIVER(entry<decltype(&cuMemRelease)>("cuMemRelease")(kept));
    unmap(at, size);
    put(socket, "x", 1);

    cudaMemPoolProps pool_properties = {};
    pool_properties.allocType = cudaMemAllocationTypePinned;
    pool_properties.handleTypes = cudaMemHandleTypePosixFileDescriptor;
    pool_properties.location.type = cudaMemLocationTypeDevice;
    cudaMemPool_t pool;
    CHECK(cudaMemPoolCreate(&pool, &pool_properties));
    int* pooled = nullptr;
    CHECK(cudaMallocFromPoolAsync((void**)&pooled, bytes, pool, stream));
    fill<<<blocks, 256, 0, stream>>>(pooled, n, 900, 1);
    CHECK(cudaStreamSynchronize(stream));
    REQUIRE(cudaIpcGetMemHandle(&memory, pooled) != cudaSuccess);
    cudaGetLastError();
    CHECK(cudaMemPoolExportToShareableHandle(&descriptor, pool, cudaMemHandleTypePosixFileDescriptor, 0));
    put_descriptor(socket, descriptor);
    close(descriptor);
    cudaMemPoolPtrExportData exported;
    CHECK(cudaMemPoolExportPointer(&exported, pooled));
    put(socket, &exported, sizeof(exported));
    get(socket, &byte, 1);
    expect(pooled, 901);
    CHECK(cudaFreeAsync(pooled, stream));
    CHECK(cudaStreamSynchronize(stream));
    CHECK(cudaMemPoolDestroy(pool));
    CHECK(cudaFree(data));
}

int main(int count, char** arguments) {
    if (count > 1) return child(atoi(arguments[1]));
    int ends[2];
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    pid_t process = fork();
    if (process == 0) {
        close(ends[0]);
        char number[16];
        snprintf(number, sizeof(number), "%d", ends[1]);
        execl("/proc/self/exe", "shared_memory", number, nullptr);
        _exit(1);
    }
    close(ends[1]);
    parent(ends[0]);
    int status = 0;
    REQUIRE(waitpid(process, &status, 0) == process);
    REQUIRE(WIFEXITED(status) && WEXITSTATUS(status) == 23);
    printf("shared memory\n");
    attest();
}
