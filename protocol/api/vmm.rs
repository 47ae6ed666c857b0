//! Virtual memory management.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0c00)] #[unsupported] #[since(11070)]
    fn cuMemGetHandleForAddressRange(
        handle: *mut c_void,
        dptr: CUdeviceptr,
        size: size_t,
        handleType: CUmemRangeHandleType,
        flags: c_ulonglong,
    );

    #[call(0x0c01)] #[local] #[wait] #[since(10020)]
    fn cuMemAddressReserve(
        ptr: *mut CUdeviceptr,
        size: size_t,
        alignment: size_t,
        addr: CUdeviceptr,
        flags: c_ulonglong,
    );

    #[call(0x0c02)] #[local] #[post] #[since(10020)]
    fn cuMemAddressFree(ptr: CUdeviceptr, size: size_t);

    #[call(0x0c03)] #[wait] #[charge(size)] #[since(10020)]
    fn cuMemCreate(
        #[new] handle: *mut CUmemGenericAllocationHandle,
        size: size_t,
        prop: *const CUmemAllocationProp,
        flags: c_ulonglong,
    );

    /// Memory stays charged while it is mapped.
    #[call(0x0c04)] #[post] #[refund(handle)] #[since(10020)]
    fn cuMemRelease(#[gone] handle: CUmemGenericAllocationHandle);

    #[call(0x0c05)] #[local] #[wait] #[since(10020)]
    fn cuMemMap(
        ptr: CUdeviceptr,
        size: size_t,
        offset: size_t,
        handle: CUmemGenericAllocationHandle,
        flags: c_ulonglong,
    );

    #[call(0x0c06)] #[local] #[wait] #[since(10020)]
    fn cuMemUnmap(ptr: CUdeviceptr, size: size_t);

    #[call(0x0c07)] #[local] #[wait] #[since(10020)]
    fn cuMemSetAccess(
        ptr: CUdeviceptr,
        size: size_t,
        #[len(count)] desc: *const CUmemAccessDesc,
        count: size_t,
    );

    #[call(0x0c08)] #[wait] #[since(10020)]
    fn cuMemGetAccess(flags: *mut c_ulonglong, location: *const CUmemLocation, ptr: CUdeviceptr);

    /// A file descriptor; between client and worker, the token of one.
    #[call(0x0c09)] #[custom] #[local] #[wait] #[since(10020)]
    fn cuMemExportToShareableHandle(
        #[bytes(8)] shareableHandle: *mut c_void,
        handle: CUmemGenericAllocationHandle,
        handleType: CUmemAllocationHandleType,
        flags: c_ulonglong,
    );

    /// As for the export. Charged to the session that imports.
    #[call(0x0c0a)] #[local] #[wait] #[since(10020)]
    fn cuMemImportFromShareableHandle(
        #[new] handle: *mut CUmemGenericAllocationHandle,
        #[word] osHandle: *mut c_void,
        shHandleType: CUmemAllocationHandleType,
    );

    #[call(0x0c0b)] #[cached] #[since(10020)]
    fn cuMemGetAllocationGranularity(
        granularity: *mut size_t,
        prop: *const CUmemAllocationProp,
        option: CUmemAllocationGranularity_flags,
    );

    #[call(0x0c0c)] #[wait] #[since(10020)]
    fn cuMemGetAllocationPropertiesFromHandle(
        prop: *mut CUmemAllocationProp,
        handle: CUmemGenericAllocationHandle,
    );

    #[call(0x0c0d)] #[wait] #[since(11000)]
    fn cuMemRetainAllocationHandle(
        #[new] handle: *mut CUmemGenericAllocationHandle,
        #[word] addr: *mut c_void,
    );

    #[call(0x0c0e)] #[unsupported] #[since(12010)]
    fn cuMulticastCreate(
        mcHandle: *mut CUmemGenericAllocationHandle,
        prop: *const CUmulticastObjectProp,
    );

    #[call(0x0c0f)] #[unsupported] #[since(12010)]
    fn cuMulticastAddDevice(mcHandle: CUmemGenericAllocationHandle, dev: CUdevice);

    #[call(0x0c10)] #[unsupported] #[since(12010)]
    fn cuMulticastBindMem(
        mcHandle: CUmemGenericAllocationHandle,
        mcOffset: size_t,
        memHandle: CUmemGenericAllocationHandle,
        memOffset: size_t,
        size: size_t,
        flags: c_ulonglong,
    );

    #[call(0x0c11)] #[unsupported] #[since(13010)]
    fn cuMulticastBindMem_v2(
        mcHandle: CUmemGenericAllocationHandle,
        dev: CUdevice,
        mcOffset: size_t,
        memHandle: CUmemGenericAllocationHandle,
        memOffset: size_t,
        size: size_t,
        flags: c_ulonglong,
    );

    #[call(0x0c12)] #[unsupported] #[since(12010)]
    fn cuMulticastBindAddr(
        mcHandle: CUmemGenericAllocationHandle,
        mcOffset: size_t,
        memptr: CUdeviceptr,
        size: size_t,
        flags: c_ulonglong,
    );

    #[call(0x0c13)] #[unsupported] #[since(13010)]
    fn cuMulticastBindAddr_v2(
        mcHandle: CUmemGenericAllocationHandle,
        dev: CUdevice,
        mcOffset: size_t,
        memptr: CUdeviceptr,
        size: size_t,
        flags: c_ulonglong,
    );

    #[call(0x0c14)] #[unsupported] #[since(12010)]
    fn cuMulticastUnbind(
        mcHandle: CUmemGenericAllocationHandle,
        dev: CUdevice,
        mcOffset: size_t,
        size: size_t,
    );

    #[call(0x0c15)] #[unsupported] #[since(12010)]
    fn cuMulticastGetGranularity(
        granularity: *mut size_t,
        prop: *const CUmulticastObjectProp,
        option: CUmulticastGranularity_flags,
    );

    #[call(0x0c16)] #[unsupported] #[since(11010, ptsz = 11010)]
    fn cuMemMapArrayAsync(mapInfoList: *mut CUarrayMapInfo, count: c_uint, hStream: CUstream);
}
