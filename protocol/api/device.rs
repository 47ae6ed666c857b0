//! Devices.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0200)] #[custom] #[since(2000)]
    fn cuDeviceGet(device: *mut CUdevice, ordinal: c_int);

    #[call(0x0201)] #[custom] #[since(2000)]
    fn cuDeviceGetCount(count: *mut c_int);

    #[call(0x0202)] #[custom] #[since(2000)]
    fn cuDeviceGetName(name: *mut c_char, len: c_int, dev: CUdevice);

    #[call(0x0203)] #[custom] #[since(11040)]
    fn cuDeviceGetUuid_v2(uuid: *mut CUuuid, dev: CUdevice);

    #[call(0x0204)] #[custom] #[since(10000)]
    fn cuDeviceGetLuid(luid: *mut c_char, deviceNodeMask: *mut c_uint, dev: CUdevice);

    #[call(0x0205)] #[custom] #[since(3020)]
    fn cuDeviceTotalMem_v2(bytes: *mut size_t, dev: CUdevice);

    #[call(0x0206)] #[custom] #[since(11010)]
    fn cuDeviceGetTexture1DLinearMaxWidth(
        maxWidthInElements: *mut size_t,
        format: CUarray_format,
        numChannels: c_uint,
        dev: CUdevice,
    );

    #[call(0x0207)] #[custom] #[since(2000)]
    fn cuDeviceGetAttribute(pi: *mut c_int, attrib: CUdevice_attribute, dev: CUdevice);

    #[call(0x0208)] #[unsupported] #[since(13000)]
    fn cuDeviceGetHostAtomicCapabilities(
        capabilities: *mut c_uint,
        operations: *const CUatomicOperation,
        count: c_uint,
        dev: CUdevice,
    );

    #[call(0x0209)] #[unsupported] #[since(10020)]
    fn cuDeviceGetNvSciSyncAttributes(nvSciSyncAttrList: *mut c_void, dev: CUdevice, flags: c_int);

    #[call(0x020a)] #[custom] #[since(11040)]
    fn cuDeviceGetExecAffinitySupport(pi: *mut c_int, r#type: CUexecAffinityType, dev: CUdevice);

    #[call(0x020b)] #[unsupported] #[since(11030)]
    fn cuFlushGPUDirectRDMAWrites(
        target: CUflushGPUDirectRDMAWritesTarget,
        scope: CUflushGPUDirectRDMAWritesScope,
    );

    #[call(0x020c)] #[custom] #[since(2000)]
    fn cuDeviceGetProperties(prop: *mut CUdevprop, dev: CUdevice);

    #[call(0x020d)] #[custom] #[since(2000)]
    fn cuDeviceComputeCapability(major: *mut c_int, minor: *mut c_int, dev: CUdevice);

    #[call(0x020e)] #[unsupported] #[since(12040)]
    fn cuDeviceUnregisterAsyncNotification(device: CUdevice, callback: CUasyncCallbackHandle);

    #[call(0x020f)] #[custom] #[since(4010)]
    fn cuDeviceGetByPCIBusId(dev: *mut CUdevice, pciBusId: *const c_char);

    #[call(0x0210)] #[custom] #[since(4010)]
    fn cuDeviceGetPCIBusId(pciBusId: *mut c_char, len: c_int, dev: CUdevice);

    /// Whether one device can address the memory of another.
    #[call(0x0211)] #[cached] #[since(4000)]
    fn cuDeviceCanAccessPeer(canAccessPeer: *mut c_int, dev: CUdevice, peerDev: CUdevice);

    /// What a pair of devices can do with each other's memory.
    #[call(0x0212)] #[cached] #[since(8000)]
    fn cuDeviceGetP2PAttribute(
        value: *mut c_int,
        attrib: CUdevice_P2PAttribute,
        srcDevice: CUdevice,
        dstDevice: CUdevice,
    );

    #[call(0x0213)] #[unsupported] #[since(13000)]
    fn cuDeviceGetP2PAtomicCapabilities(
        capabilities: *mut c_uint,
        operations: *const CUatomicOperation,
        count: c_uint,
        srcDevice: CUdevice,
        dstDevice: CUdevice,
    );

    #[call(0x0214)] #[unsupported] #[since(2000)]
    fn cuDeviceTotalMem(bytes: *mut c_uint, dev: CUdevice);

    #[call(0x0215)] #[custom] #[since(9020)]
    fn cuDeviceGetUuid(uuid: *mut CUuuid, dev: CUdevice);
}
