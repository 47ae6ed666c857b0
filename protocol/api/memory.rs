//! Device, managed and page-locked memory.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    /// Free and total memory of the current device; under a lease, of its quota.
    #[call(0x0400)] #[wait] #[since(3020)]
    fn cuMemGetInfo_v2(#[nullable] free: *mut size_t, #[nullable] total: *mut size_t);

    /// The client keeps a map of allocations, so that pointer queries need no server.
    #[call(0x0401)] #[local] #[wait] #[charge(bytesize)] #[since(3020)]
    fn cuMemAlloc_v2(dptr: *mut CUdeviceptr, bytesize: size_t);

    #[call(0x0402)] #[custom] #[since(3020)]
    fn cuMemAllocPitch_v2(
        dptr: *mut CUdeviceptr,
        pPitch: *mut size_t,
        WidthInBytes: size_t,
        Height: size_t,
        ElementSizeBytes: c_uint,
    );

    /// Freeing null does nothing. The worker frees after earlier work.
    #[call(0x0403)] #[local] #[post] #[refund(dptr)] #[since(3020)]
    fn cuMemFree_v2(dptr: CUdeviceptr);

    /// The border knows it of all memory but what another process has shared.
    #[call(0x0404)] #[custom] #[wait] #[since(3020)]
    fn cuMemGetAddressRange_v2(pbase: *mut CUdeviceptr, psize: *mut size_t, dptr: CUdeviceptr);

    #[call(0x0405)] #[custom] #[since(3020)]
    fn cuMemAllocHost_v2(pp: *mut *mut c_void, bytesize: size_t);

    #[call(0x0406)] #[custom] #[since(2000)]
    fn cuMemFreeHost(p: *mut c_void);

    #[call(0x0407)] #[custom] #[since(2020)]
    fn cuMemHostAlloc(pp: *mut *mut c_void, bytesize: size_t, Flags: c_uint);

    #[call(0x0408)] #[custom] #[since(3020)]
    fn cuMemHostGetDevicePointer_v2(pdptr: *mut CUdeviceptr, p: *mut c_void, Flags: c_uint);

    #[call(0x0409)] #[custom] #[since(2030)]
    fn cuMemHostGetFlags(pFlags: *mut c_uint, p: *mut c_void);

    #[call(0x040a)] #[local] #[wait] #[charge(bytesize)] #[since(6000)]
    fn cuMemAllocManaged(dptr: *mut CUdeviceptr, bytesize: size_t, flags: c_uint);

    /// The worker gives the client a token for the driver's handle, good within the lease.
    #[call(0x040b)] #[local] #[wait] #[since(4010)]
    fn cuIpcGetMemHandle(pHandle: *mut CUipcMemHandle, dptr: CUdeviceptr);

    /// Charged to the session that opens it, once.
    #[call(0x040c)] #[local] #[wait] #[since(11000)]
    fn cuIpcOpenMemHandle_v2(pdptr: *mut CUdeviceptr, handle: CUipcMemHandle, Flags: c_uint);

    #[call(0x040d)] #[local] #[wait] #[since(4010)]
    fn cuIpcCloseMemHandle(dptr: CUdeviceptr);

    #[call(0x040e)] #[custom] #[since(6050)]
    fn cuMemHostRegister_v2(p: *mut c_void, bytesize: size_t, Flags: c_uint);

    #[call(0x040f)] #[custom] #[since(4000)]
    fn cuMemHostUnregister(p: *mut c_void);

    #[call(0x0410)] #[custom] #[since(4000)]
    fn cuPointerGetAttribute(data: *mut c_void, attribute: CUpointer_attribute, ptr: CUdeviceptr);

    /// A hint on managed memory.
    #[call(0x0411)] #[post] #[since(12020)]
    fn cuMemAdvise_v2(
        devPtr: CUdeviceptr,
        count: size_t,
        advice: CUmem_advise,
        location: CUmemLocation,
    );

    #[call(0x0412)] #[wait] #[since(8000)]
    fn cuMemRangeGetAttribute(
        #[bytes(dataSize)] data: *mut c_void,
        dataSize: size_t,
        attribute: CUmem_range_attribute,
        devPtr: CUdeviceptr,
        count: size_t,
    );

    #[call(0x0413)] #[custom] #[since(8000)]
    fn cuMemRangeGetAttributes(
        data: *mut *mut c_void,
        dataSizes: *mut size_t,
        attributes: *mut CUmem_range_attribute,
        numAttributes: size_t,
        devPtr: CUdeviceptr,
        count: size_t,
    );

    #[call(0x0414)] #[custom] #[since(6000)]
    fn cuPointerSetAttribute(
        value: *const c_void,
        attribute: CUpointer_attribute,
        ptr: CUdeviceptr,
    );

    #[call(0x0415)] #[custom] #[since(7000)]
    fn cuPointerGetAttributes(
        numAttributes: c_uint,
        attributes: *mut CUpointer_attribute,
        data: *mut *mut c_void,
        ptr: CUdeviceptr,
    );

    #[call(0x0416)] #[custom] #[since(4000)]
    fn cuMemHostRegister(p: *mut c_void, bytesize: size_t, Flags: c_uint);

    #[call(0x0417)] #[unsupported] #[since(2000)]
    fn cuMemGetInfo(free: *mut c_uint, total: *mut c_uint);

    #[call(0x0418)] #[unsupported] #[since(2000)]
    fn cuMemAlloc(dptr: *mut CUdeviceptr_v1, bytesize: c_uint);

    #[call(0x0419)] #[unsupported] #[since(2000)]
    fn cuMemAllocPitch(
        dptr: *mut CUdeviceptr_v1,
        pPitch: *mut c_uint,
        WidthInBytes: c_uint,
        Height: c_uint,
        ElementSizeBytes: c_uint,
    );

    #[call(0x041a)] #[unsupported] #[since(2000)]
    fn cuMemFree(dptr: CUdeviceptr_v1);

    #[call(0x041b)] #[unsupported] #[since(2000)]
    fn cuMemGetAddressRange(pbase: *mut CUdeviceptr_v1, psize: *mut c_uint, dptr: CUdeviceptr_v1);

    #[call(0x041c)] #[unsupported] #[since(2000)]
    fn cuMemAllocHost(pp: *mut *mut c_void, bytesize: c_uint);

    #[call(0x041d)] #[unsupported] #[since(2020)]
    fn cuMemHostGetDevicePointer(pdptr: *mut CUdeviceptr_v1, p: *mut c_void, Flags: c_uint);

    #[call(0x041e)] #[custom] #[since(8000, ptsz = 8000)]
    fn cuMemPrefetchAsync(
        devPtr: CUdeviceptr,
        count: size_t,
        dstDevice: CUdevice,
        hStream: CUstream,
    );

    /// A hint on managed memory.
    #[call(0x041f)] #[post] #[since(12020, ptsz = 12020)]
    fn cuMemPrefetchAsync_v2(
        devPtr: CUdeviceptr,
        count: size_t,
        location: CUmemLocation,
        flags: c_uint,
        hStream: CUstream,
    );

    #[call(0x0420)] #[custom] #[since(8000)]
    fn cuMemAdvise(devPtr: CUdeviceptr, count: size_t, advice: CUmem_advise, device: CUdevice);

    #[call(0x0421)] #[custom] #[since(13000, ptsz = 13000)]
    fn cuMemPrefetchBatchAsync(
        dptrs: *mut CUdeviceptr,
        sizes: *mut size_t,
        count: size_t,
        prefetchLocs: *mut CUmemLocation,
        prefetchLocIdxs: *mut size_t,
        numPrefetchLocs: size_t,
        flags: c_ulonglong,
        hStream: CUstream,
    );

    #[call(0x0422)] #[custom] #[since(13000, ptsz = 13000)]
    fn cuMemDiscardBatchAsync(
        dptrs: *mut CUdeviceptr,
        sizes: *mut size_t,
        count: size_t,
        flags: c_ulonglong,
        hStream: CUstream,
    );

    #[call(0x0423)] #[custom] #[since(13000, ptsz = 13000)]
    fn cuMemDiscardAndPrefetchBatchAsync(
        dptrs: *mut CUdeviceptr,
        sizes: *mut size_t,
        count: size_t,
        prefetchLocs: *mut CUmemLocation,
        prefetchLocIdxs: *mut size_t,
        numPrefetchLocs: size_t,
        flags: c_ulonglong,
        hStream: CUstream,
    );

    #[call(0x0424)] #[alias(cuIpcOpenMemHandle_v2)] #[since(4010)]
    fn cuIpcOpenMemHandle(pdptr: *mut CUdeviceptr, handle: CUipcMemHandle, Flags: c_uint);

    #[call(0x0425)] #[local] #[post] #[refund(dptr)] #[since(11020, ptsz = 11020)]
    fn cuMemFreeAsync(dptr: CUdeviceptr, hStream: CUstream);

    #[call(0x0426)] #[local] #[wait] #[charge(bytesize)] #[since(11020, ptsz = 11020)]
    fn cuMemAllocAsync(dptr: *mut CUdeviceptr, bytesize: size_t, hStream: CUstream);

    #[call(0x0427)] #[local] #[wait] #[charge(bytesize)] #[since(11020, ptsz = 11020)]
    fn cuMemAllocFromPoolAsync(
        dptr: *mut CUdeviceptr,
        bytesize: size_t,
        pool: CUmemoryPool,
        hStream: CUstream,
    );

    #[call(0x0428)] #[unsupported] #[since(12060, ptsz = 12060)]
    fn cuMemBatchDecompressAsync(
        paramsArray: *mut CUmemDecompressParams,
        count: size_t,
        flags: c_uint,
        errorIndex: *mut size_t,
        stream: CUstream,
    );
}
