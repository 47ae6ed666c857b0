//! Primary and current contexts.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0300)] #[custom] #[since(7000)]
    fn cuDevicePrimaryCtxRetain(pctx: *mut CUcontext, dev: CUdevice);

    #[call(0x0301)] #[custom] #[since(11000)]
    fn cuDevicePrimaryCtxRelease_v2(dev: CUdevice);

    #[call(0x0302)] #[custom] #[since(11000)]
    fn cuDevicePrimaryCtxSetFlags_v2(dev: CUdevice, flags: c_uint);

    #[call(0x0303)] #[custom] #[since(7000)]
    fn cuDevicePrimaryCtxGetState(dev: CUdevice, flags: *mut c_uint, active: *mut c_int);

    #[call(0x0304)] #[custom] #[since(11000)]
    fn cuDevicePrimaryCtxReset_v2(dev: CUdevice);

    #[call(0x0305)] #[custom] #[since(12050)]
    fn cuCtxCreate_v4(
        pctx: *mut CUcontext,
        ctxCreateParams: *mut CUctxCreateParams,
        flags: c_uint,
        dev: CUdevice,
    );

    #[call(0x0306)] #[custom] #[since(4000)]
    fn cuCtxDestroy_v2(ctx: CUcontext);

    #[call(0x0307)] #[custom] #[since(4000)]
    fn cuCtxPushCurrent_v2(ctx: CUcontext);

    #[call(0x0308)] #[custom] #[since(4000)]
    fn cuCtxPopCurrent_v2(pctx: *mut CUcontext);

    #[call(0x0309)] #[custom] #[since(4000)]
    fn cuCtxSetCurrent(ctx: CUcontext);

    #[call(0x030a)] #[custom] #[since(4000)]
    fn cuCtxGetCurrent(pctx: *mut CUcontext);

    #[call(0x030b)] #[custom] #[since(2000)]
    fn cuCtxGetDevice(device: *mut CUdevice);

    #[call(0x030c)] #[custom] #[since(13000)]
    fn cuCtxGetDevice_v2(device: *mut CUdevice, ctx: CUcontext);

    #[call(0x030d)] #[custom] #[since(7000)]
    fn cuCtxGetFlags(flags: *mut c_uint);

    #[call(0x030e)] #[custom] #[since(12010)]
    fn cuCtxSetFlags(flags: c_uint);

    #[call(0x030f)] #[custom] #[since(12000)]
    fn cuCtxGetId(ctx: CUcontext, ctxId: *mut c_ulonglong);

    /// Waits for all work of the current context.
    #[call(0x0310)] #[block] #[since(2000)]
    fn cuCtxSynchronize();

    #[call(0x0311)] #[custom] #[since(13000)]
    fn cuCtxSynchronize_v2(ctx: CUcontext);

    /// May be refused: limits depend on the device and on what is allocated.
    #[call(0x0312)] #[wait] #[since(3010)]
    fn cuCtxSetLimit(limit: CUlimit, value: size_t);

    #[call(0x0313)] #[wait] #[since(3010)]
    fn cuCtxGetLimit(pvalue: *mut size_t, limit: CUlimit);

    #[call(0x0314)] #[wait] #[since(3020)]
    fn cuCtxGetCacheConfig(pconfig: *mut CUfunc_cache);

    /// A hint; every value is accepted.
    #[call(0x0315)] #[post] #[since(3020)]
    fn cuCtxSetCacheConfig(config: CUfunc_cache);

    #[call(0x0316)] #[custom] #[since(3020)]
    fn cuCtxGetApiVersion(ctx: CUcontext, version: *mut c_uint);

    /// Either pointer may be null.
    #[call(0x0317)] #[cached] #[since(5050)]
    fn cuCtxGetStreamPriorityRange(
        #[nullable] leastPriority: *mut c_int,
        #[nullable] greatestPriority: *mut c_int,
    );

    #[call(0x0318)] #[post] #[since(11000)]
    fn cuCtxResetPersistingL2Cache();

    #[call(0x0319)] #[custom] #[since(11040)]
    fn cuCtxGetExecAffinity(pExecAffinity: *mut CUexecAffinityParam, r#type: CUexecAffinityType);

    #[call(0x031a)] #[custom] #[since(2000)]
    fn cuCtxAttach(pctx: *mut CUcontext, flags: c_uint);

    #[call(0x031b)] #[custom] #[since(2000)]
    fn cuCtxDetach(ctx: CUcontext);

    #[call(0x031c)] #[custom] #[since(4020)]
    fn cuCtxGetSharedMemConfig(pConfig: *mut CUsharedconfig);

    #[call(0x031d)] #[custom] #[since(4020)]
    fn cuCtxSetSharedMemConfig(config: CUsharedconfig);

    /// Fails at the call when access is on already (704) or impossible (217).
    #[call(0x031e)] #[wait] #[since(4000)]
    fn cuCtxEnablePeerAccess(peerContext: CUcontext, Flags: c_uint);

    #[call(0x031f)] #[wait] #[since(4000)]
    fn cuCtxDisablePeerAccess(peerContext: CUcontext);

    #[call(0x0320)] #[custom] #[since(2000)]
    fn cuCtxCreate(pctx: *mut CUcontext, flags: c_uint, dev: CUdevice);

    #[call(0x0321)] #[custom] #[since(3020)]
    fn cuCtxCreate_v2(pctx: *mut CUcontext, flags: c_uint, dev: CUdevice);

    #[call(0x0322)] #[custom] #[since(11040)]
    fn cuCtxCreate_v3(
        pctx: *mut CUcontext,
        paramsArray: *mut CUexecAffinityParam,
        numParams: c_int,
        flags: c_uint,
        dev: CUdevice,
    );

    #[call(0x0323)] #[custom] #[since(2000)]
    fn cuCtxDestroy(ctx: CUcontext);

    #[call(0x0324)] #[custom] #[since(2000)]
    fn cuCtxPopCurrent(pctx: *mut CUcontext);

    #[call(0x0325)] #[custom] #[since(2000)]
    fn cuCtxPushCurrent(ctx: CUcontext);

    #[call(0x0326)] #[custom] #[since(7000)]
    fn cuDevicePrimaryCtxRelease(dev: CUdevice);

    #[call(0x0327)] #[custom] #[since(7000)]
    fn cuDevicePrimaryCtxReset(dev: CUdevice);

    #[call(0x0328)] #[custom] #[since(7000)]
    fn cuDevicePrimaryCtxSetFlags(dev: CUdevice, flags: c_uint);
}
