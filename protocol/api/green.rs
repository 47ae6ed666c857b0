//! Green contexts and device resources.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0f00)] #[unsupported] #[since(12050)]
    fn cuCtxRecordEvent(hCtx: CUcontext, hEvent: CUevent);

    #[call(0x0f01)] #[unsupported] #[since(12050)]
    fn cuCtxWaitEvent(hCtx: CUcontext, hEvent: CUevent);

    #[call(0x0f02)] #[unsupported] #[since(12040)]
    fn cuGreenCtxCreate(
        phCtx: *mut CUgreenCtx,
        desc: CUdevResourceDesc,
        dev: CUdevice,
        flags: c_uint,
    );

    #[call(0x0f03)] #[unsupported] #[since(12040)]
    fn cuGreenCtxDestroy(hCtx: CUgreenCtx);

    #[call(0x0f04)] #[unsupported] #[since(12040)]
    fn cuCtxFromGreenCtx(pContext: *mut CUcontext, hCtx: CUgreenCtx);

    #[call(0x0f05)] #[custom] #[since(12040)]
    fn cuDeviceGetDevResource(
        device: CUdevice,
        resource: *mut CUdevResource,
        r#type: CUdevResourceType,
    );

    #[call(0x0f06)] #[custom] #[since(12040)]
    fn cuCtxGetDevResource(
        hCtx: CUcontext,
        resource: *mut CUdevResource,
        r#type: CUdevResourceType,
    );

    #[call(0x0f07)] #[unsupported] #[since(12040)]
    fn cuGreenCtxGetDevResource(
        hCtx: CUgreenCtx,
        resource: *mut CUdevResource,
        r#type: CUdevResourceType,
    );

    #[call(0x0f08)] #[unsupported] #[since(12040)]
    fn cuDevSmResourceSplitByCount(
        result: *mut CUdevResource,
        nbGroups: *mut c_uint,
        input: *const CUdevResource,
        remainder: *mut CUdevResource,
        flags: c_uint,
        minCount: c_uint,
    );

    #[call(0x0f09)] #[unsupported] #[since(13010)]
    fn cuDevSmResourceSplit(
        result: *mut CUdevResource,
        nbGroups: c_uint,
        input: *const CUdevResource,
        remainder: *mut CUdevResource,
        flags: c_uint,
        groupParams: *mut CU_DEV_SM_RESOURCE_GROUP_PARAMS,
    );

    #[call(0x0f0a)] #[unsupported] #[since(12040)]
    fn cuDevResourceGenerateDesc(
        phDesc: *mut CUdevResourceDesc,
        resources: *mut CUdevResource,
        nbResources: c_uint,
    );

    #[call(0x0f0b)] #[unsupported] #[since(12040)]
    fn cuGreenCtxRecordEvent(hCtx: CUgreenCtx, hEvent: CUevent);

    #[call(0x0f0c)] #[unsupported] #[since(12040)]
    fn cuGreenCtxWaitEvent(hCtx: CUgreenCtx, hEvent: CUevent);

    #[call(0x0f0d)] #[custom] #[since(12040)]
    fn cuStreamGetGreenCtx(hStream: CUstream, phCtx: *mut CUgreenCtx);

    #[call(0x0f0e)] #[unsupported] #[since(12050)]
    fn cuGreenCtxStreamCreate(
        phStream: *mut CUstream,
        greenCtx: CUgreenCtx,
        flags: c_uint,
        priority: c_int,
    );

    #[call(0x0f0f)] #[unsupported] #[since(12090)]
    fn cuGreenCtxGetId(greenCtx: CUgreenCtx, greenCtxId: *mut c_ulonglong);

    #[call(0x0f10)] #[custom] #[since(13010, ptsz = 13010)]
    fn cuStreamGetDevResource(
        hStream: CUstream,
        resource: *mut CUdevResource,
        r#type: CUdevResourceType,
    );
}
