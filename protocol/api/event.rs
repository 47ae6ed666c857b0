//! Events.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0700)] #[wait] #[since(4010)]
    fn cuIpcGetEventHandle(pHandle: *mut CUipcEventHandle, event: CUevent);

    #[call(0x0701)] #[local] #[wait] #[since(4010)]
    fn cuIpcOpenEventHandle(#[new] phEvent: *mut CUevent, handle: CUipcEventHandle);

    #[call(0x0702)] #[local] #[post] #[since(2000)]
    fn cuEventCreate(#[new] phEvent: *mut CUevent, Flags: c_uint);

    #[call(0x0703)] #[wait] #[since(2000)]
    fn cuEventQuery(hEvent: CUevent);

    #[call(0x0704)] #[block] #[since(2000)]
    fn cuEventSynchronize(hEvent: CUevent);

    #[call(0x0705)] #[post] #[since(4000)]
    fn cuEventDestroy_v2(#[gone] hEvent: CUevent);

    #[call(0x0706)] #[wait] #[since(12080)]
    fn cuEventElapsedTime_v2(pMilliseconds: *mut c_float, hStart: CUevent, hEnd: CUevent);

    #[call(0x0707)] #[alias(cuEventDestroy_v2)] #[since(2000)]
    fn cuEventDestroy(hEvent: CUevent);

    #[call(0x0708)] #[alias(cuEventElapsedTime_v2)] #[since(2000)]
    fn cuEventElapsedTime(pMilliseconds: *mut c_float, hStart: CUevent, hEnd: CUevent);

    #[call(0x0709)] #[local] #[post] #[since(2000, ptsz = 7000)]
    fn cuEventRecord(hEvent: CUevent, hStream: CUstream);

    #[call(0x070a)] #[local] #[post] #[since(11010, ptsz = 11010)]
    fn cuEventRecordWithFlags(hEvent: CUevent, hStream: CUstream, flags: c_uint);
}
