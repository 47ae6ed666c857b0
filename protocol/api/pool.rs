//! Memory pools.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0b00)] #[local] #[post] #[since(11020)]
    fn cuDeviceSetMemPool(dev: CUdevice, pool: CUmemoryPool);

    #[call(0x0b01)] #[wait] #[since(11020)]
    fn cuDeviceGetMemPool(pool: *mut CUmemoryPool, dev: CUdevice);

    #[call(0x0b02)] #[cached] #[since(11020)]
    fn cuDeviceGetDefaultMemPool(pool_out: *mut CUmemoryPool, dev: CUdevice);

    #[call(0x0b03)] #[post] #[since(11020)]
    fn cuMemPoolTrimTo(pool: CUmemoryPool, minBytesToKeep: size_t);

    /// The border knows which attributes are 32 bits wide; behind it all are 64.
    #[call(0x0b04)] #[custom] #[post] #[since(11020)]
    fn cuMemPoolSetAttribute(
        pool: CUmemoryPool,
        attr: CUmemPool_attribute,
        #[bytes(8)] #[input] value: *mut c_void,
    );

    /// The border knows which attributes are 32 bits wide; behind it all are 64.
    #[call(0x0b05)] #[custom] #[wait] #[since(11020)]
    fn cuMemPoolGetAttribute(
        pool: CUmemoryPool,
        attr: CUmemPool_attribute,
        #[bytes(8)] value: *mut c_void,
    );

    #[call(0x0b06)] #[post] #[since(11020)]
    fn cuMemPoolSetAccess(
        pool: CUmemoryPool,
        #[len(count)] map: *const CUmemAccessDesc,
        count: size_t,
    );

    #[call(0x0b07)] #[wait] #[since(11020)]
    fn cuMemPoolGetAccess(
        flags: *mut CUmemAccess_flags,
        memPool: CUmemoryPool,
        #[input] location: *mut CUmemLocation,
    );

    #[call(0x0b08)] #[wait] #[since(11020)]
    fn cuMemPoolCreate(#[new] pool: *mut CUmemoryPool, poolProps: *const CUmemPoolProps);

    #[call(0x0b09)] #[local] #[post] #[since(11020)]
    fn cuMemPoolDestroy(#[gone] pool: CUmemoryPool);

    #[call(0x0b0a)] #[cached] #[since(13000)]
    fn cuMemGetDefaultMemPool(
        pool_out: *mut CUmemoryPool,
        #[input] location: *mut CUmemLocation,
        r#type: CUmemAllocationType,
    );

    #[call(0x0b0b)] #[wait] #[since(13000)]
    fn cuMemGetMemPool(
        pool: *mut CUmemoryPool,
        #[input] location: *mut CUmemLocation,
        r#type: CUmemAllocationType,
    );

    #[call(0x0b0c)] #[local] #[post] #[since(13000)]
    fn cuMemSetMemPool(
        #[input] location: *mut CUmemLocation,
        r#type: CUmemAllocationType,
        pool: CUmemoryPool,
    );

    /// A file descriptor; between client and worker, the token of one.
    #[call(0x0b0d)] #[custom] #[local] #[wait] #[since(11020)]
    fn cuMemPoolExportToShareableHandle(
        #[bytes(8)] handle_out: *mut c_void,
        pool: CUmemoryPool,
        handleType: CUmemAllocationHandleType,
        flags: c_ulonglong,
    );

    /// As for the export.
    #[call(0x0b0e)] #[local] #[wait] #[since(11020)]
    fn cuMemPoolImportFromShareableHandle(
        #[new] pool_out: *mut CUmemoryPool,
        #[word] handle: *mut c_void,
        handleType: CUmemAllocationHandleType,
        flags: c_ulonglong,
    );

    #[call(0x0b0f)] #[wait] #[since(11020)]
    fn cuMemPoolExportPointer(shareData_out: *mut CUmemPoolPtrExportData, ptr: CUdeviceptr);

    /// Charged to the session that imports.
    #[call(0x0b10)] #[local] #[wait] #[since(11020)]
    fn cuMemPoolImportPointer(
        ptr_out: *mut CUdeviceptr,
        pool: CUmemoryPool,
        #[input] shareData: *mut CUmemPoolPtrExportData,
    );
}
