//! Memory and semaphores of other APIs.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x1000)] #[unsupported] #[since(10000)]
    fn cuImportExternalMemory(
        extMem_out: *mut CUexternalMemory,
        memHandleDesc: *const CUDA_EXTERNAL_MEMORY_HANDLE_DESC,
    );

    #[call(0x1001)] #[unsupported] #[since(10000)]
    fn cuExternalMemoryGetMappedBuffer(
        devPtr: *mut CUdeviceptr,
        extMem: CUexternalMemory,
        bufferDesc: *const CUDA_EXTERNAL_MEMORY_BUFFER_DESC,
    );

    #[call(0x1002)] #[unsupported] #[since(10000)]
    fn cuExternalMemoryGetMappedMipmappedArray(
        mipmap: *mut CUmipmappedArray,
        extMem: CUexternalMemory,
        mipmapDesc: *const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC,
    );

    #[call(0x1003)] #[unsupported] #[since(10000)]
    fn cuDestroyExternalMemory(extMem: CUexternalMemory);

    #[call(0x1004)] #[unsupported] #[since(10000)]
    fn cuImportExternalSemaphore(
        extSem_out: *mut CUexternalSemaphore,
        semHandleDesc: *const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC,
    );

    #[call(0x1005)] #[unsupported] #[since(10000)]
    fn cuDestroyExternalSemaphore(extSem: CUexternalSemaphore);

    #[call(0x1006)] #[unsupported] #[since(10000, ptsz = 10000)]
    fn cuSignalExternalSemaphoresAsync(
        extSemArray: *const CUexternalSemaphore,
        paramsArray: *const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS,
        numExtSems: c_uint,
        stream: CUstream,
    );

    #[call(0x1007)] #[unsupported] #[since(10000, ptsz = 10000)]
    fn cuWaitExternalSemaphoresAsync(
        extSemArray: *const CUexternalSemaphore,
        paramsArray: *const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS,
        numExtSems: c_uint,
        stream: CUstream,
    );
}
