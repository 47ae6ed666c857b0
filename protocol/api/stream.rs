//! Streams, stream memory operations and capture.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0600)] #[local] #[post] #[since(2000)]
    fn cuStreamCreate(#[new] phStream: *mut CUstream, Flags: c_uint);

    /// Priorities outside the range are clamped.
    #[call(0x0601)] #[local] #[post] #[since(5050)]
    fn cuStreamCreateWithPriority(#[new] phStream: *mut CUstream, flags: c_uint, priority: c_int);

    #[call(0x0602)] #[custom] #[since(10010)]
    fn cuThreadExchangeStreamCaptureMode(mode: *mut CUstreamCaptureMode);

    /// Returns at once; work already issued to the stream still runs.
    #[call(0x0603)] #[local] #[post] #[since(4000)]
    fn cuStreamDestroy_v2(#[gone] hStream: CUstream);

    #[call(0x0604)] #[alias(cuStreamDestroy_v2)] #[since(2000)]
    fn cuStreamDestroy(hStream: CUstream);

    #[call(0x0605)] #[local] #[since(5050, ptsz = 7000)]
    fn cuStreamGetPriority(hStream: CUstream, priority: *mut c_int);

    #[call(0x0606)] #[local] #[since(12000, ptsz = 12000)]
    fn cuStreamGetId(hStream: CUstream, streamId: *mut c_ulonglong);

    #[call(0x0607)] #[local] #[since(5050, ptsz = 7000)]
    fn cuStreamGetFlags(hStream: CUstream, flags: *mut c_uint);

    #[call(0x0608)] #[local] #[since(12080, ptsz = 12080)]
    fn cuStreamGetDevice(hStream: CUstream, device: *mut CUdevice);

    #[call(0x0609)] #[local] #[since(9020, ptsz = 9020)]
    fn cuStreamGetCtx(hStream: CUstream, pctx: *mut CUcontext);

    #[call(0x060a)] #[custom] #[since(12050, ptsz = 12050)]
    fn cuStreamGetCtx_v2(hStream: CUstream, pCtx: *mut CUcontext, pGreenCtx: *mut CUgreenCtx);

    /// Later work of the stream waits for the event's latest record.
    #[call(0x060b)] #[local] #[post] #[since(3020, ptsz = 7000)]
    fn cuStreamWaitEvent(hStream: CUstream, hEvent: CUevent, Flags: c_uint);

    #[call(0x060c)] #[custom] #[since(5000, ptsz = 7000)]
    fn cuStreamAddCallback(
        hStream: CUstream,
        callback: CUstreamCallback,
        userData: *mut c_void,
        flags: c_uint,
    );

    #[call(0x060d)] #[post] #[since(6000, ptsz = 7000)]
    fn cuStreamAttachMemAsync(hStream: CUstream, dptr: CUdeviceptr, length: size_t, flags: c_uint);

    #[call(0x060e)] #[wait] #[since(2000, ptsz = 7000)]
    fn cuStreamQuery(hStream: CUstream);

    #[call(0x060f)] #[block] #[since(2000, ptsz = 7000)]
    fn cuStreamSynchronize(hStream: CUstream);

    #[call(0x0610)] #[alias(cuStreamWriteValue32_v2)] #[since(8000, ptsz = 8000)]
    fn cuStreamWriteValue32(stream: CUstream, addr: CUdeviceptr, value: cuuint32_t, flags: c_uint);

    #[call(0x0611)] #[alias(cuStreamWaitValue32_v2)] #[since(8000, ptsz = 8000)]
    fn cuStreamWaitValue32(stream: CUstream, addr: CUdeviceptr, value: cuuint32_t, flags: c_uint);

    #[call(0x0612)] #[alias(cuStreamWriteValue64_v2)] #[since(9000, ptsz = 9000)]
    fn cuStreamWriteValue64(stream: CUstream, addr: CUdeviceptr, value: cuuint64_t, flags: c_uint);

    #[call(0x0613)] #[alias(cuStreamWaitValue64_v2)] #[since(9000, ptsz = 9000)]
    fn cuStreamWaitValue64(stream: CUstream, addr: CUdeviceptr, value: cuuint64_t, flags: c_uint);

    #[call(0x0614)] #[alias(cuStreamBatchMemOp_v2)] #[since(8000, ptsz = 8000)]
    fn cuStreamBatchMemOp(
        stream: CUstream,
        count: c_uint,
        paramArray: *mut CUstreamBatchMemOpParams,
        flags: c_uint,
    );

    #[call(0x0615)] #[post] #[since(11070, ptsz = 11070)]
    fn cuStreamWriteValue32_v2(
        stream: CUstream,
        addr: CUdeviceptr,
        value: cuuint32_t,
        flags: c_uint,
    );

    #[call(0x0616)] #[post] #[since(11070, ptsz = 11070)]
    fn cuStreamWaitValue32_v2(
        stream: CUstream,
        addr: CUdeviceptr,
        value: cuuint32_t,
        flags: c_uint,
    );

    #[call(0x0617)] #[post] #[since(11070, ptsz = 11070)]
    fn cuStreamWriteValue64_v2(
        stream: CUstream,
        addr: CUdeviceptr,
        value: cuuint64_t,
        flags: c_uint,
    );

    #[call(0x0618)] #[post] #[since(11070, ptsz = 11070)]
    fn cuStreamWaitValue64_v2(
        stream: CUstream,
        addr: CUdeviceptr,
        value: cuuint64_t,
        flags: c_uint,
    );

    #[call(0x0619)] #[post] #[since(11070, ptsz = 11070)]
    fn cuStreamBatchMemOp_v2(
        stream: CUstream,
        count: c_uint,
        #[len(count)] #[input] paramArray: *mut CUstreamBatchMemOpParams,
        flags: c_uint,
    );

    #[call(0x061a)] #[custom] #[since(10000, ptsz = 10000)]
    fn cuStreamBeginCapture(hStream: CUstream);

    /// The client follows which streams are captured, to answer status queries.
    #[call(0x061b)] #[local] #[wait] #[since(10010, ptsz = 10010)]
    fn cuStreamBeginCapture_v2(hStream: CUstream, mode: CUstreamCaptureMode);

    #[call(0x061c)] #[custom] #[local] #[wait] #[since(12030, ptsz = 12030)]
    fn cuStreamBeginCaptureToGraph(
        hStream: CUstream,
        hGraph: CUgraph,
        #[nullable] #[len(numDependencies)] dependencies: *const CUgraphNode,
        #[nullable] #[len(numDependencies)] dependencyData: *const CUgraphEdgeData,
        numDependencies: size_t,
        mode: CUstreamCaptureMode,
    );

    #[call(0x061d)] #[local] #[wait] #[since(10000, ptsz = 10000)]
    fn cuStreamEndCapture(hStream: CUstream, phGraph: *mut CUgraph);

    #[call(0x061e)] #[local] #[wait] #[since(10000, ptsz = 10000)]
    fn cuStreamIsCapturing(hStream: CUstream, captureStatus: *mut CUstreamCaptureStatus);

    #[call(0x061f)] #[local] #[wait] #[since(10010, ptsz = 10010)]
    fn cuStreamGetCaptureInfo(
        hStream: CUstream,
        captureStatus_out: *mut CUstreamCaptureStatus,
        #[nullable] id_out: *mut cuuint64_t,
    );

    #[call(0x0620)] #[custom] #[since(11030, ptsz = 11030)]
    fn cuStreamGetCaptureInfo_v2(
        hStream: CUstream,
        captureStatus_out: *mut CUstreamCaptureStatus,
        id_out: *mut cuuint64_t,
        graph_out: *mut CUgraph,
        dependencies_out: *mut *const CUgraphNode,
        numDependencies_out: *mut size_t,
    );

    #[call(0x0621)] #[custom] #[since(12030, ptsz = 12030)]
    fn cuStreamGetCaptureInfo_v3(
        hStream: CUstream,
        captureStatus_out: *mut CUstreamCaptureStatus,
        id_out: *mut cuuint64_t,
        graph_out: *mut CUgraph,
        dependencies_out: *mut *const CUgraphNode,
        edgeData_out: *mut *const CUgraphEdgeData,
        numDependencies_out: *mut size_t,
    );

    #[call(0x0622)] #[post] #[since(11000, ptsz = 11000)]
    fn cuStreamCopyAttributes(dstStream: CUstream, srcStream: CUstream);

    #[call(0x0623)] #[wait] #[since(11000, ptsz = 11000)]
    fn cuStreamGetAttribute(hStream: CUstream, attr: CUstreamAttrID, value: *mut CUstreamAttrValue);

    #[call(0x0624)] #[post] #[since(11000, ptsz = 11000)]
    fn cuStreamSetAttribute(
        hStream: CUstream,
        attr: CUstreamAttrID,
        param: *const CUstreamAttrValue,
    );

    #[call(0x0625)] #[custom] #[since(11030, ptsz = 11030)]
    fn cuStreamUpdateCaptureDependencies(
        hStream: CUstream,
        dependencies: *mut CUgraphNode,
        numDependencies: size_t,
        flags: c_uint,
    );

    #[call(0x0626)] #[custom] #[wait] #[since(12030, ptsz = 12030)]
    fn cuStreamUpdateCaptureDependencies_v2(
        hStream: CUstream,
        #[nullable] #[len(numDependencies)] #[input] dependencies: *mut CUgraphNode,
        #[nullable] #[len(numDependencies)] dependencyData: *const CUgraphEdgeData,
        numDependencies: size_t,
        flags: c_uint,
    );

    #[call(0x0627)] #[unsupported] #[since(13010, ptsz = 13010)]
    fn cuStreamBeginCaptureToCig(
        hStream: CUstream,
        streamCigCaptureParams: *mut CUstreamCigCaptureParams,
    );

    #[call(0x0628)] #[unsupported] #[since(13010, ptsz = 13010)]
    fn cuStreamEndCaptureToCig(hStream: CUstream);
}
