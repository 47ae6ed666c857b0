//! Logs, core dumps, checkpoints and notifications.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x1100)] #[unsupported] #[since(12040)]
    fn cuDeviceRegisterAsyncNotification(
        device: CUdevice,
        callbackFunc: CUasyncCallback,
        userData: *mut c_void,
        callback: *mut CUasyncCallbackHandle,
    );

    #[call(0x1101)] #[custom] #[since(12010)]
    fn cuCoredumpGetAttribute(attrib: CUcoredumpSettings, value: *mut c_void, size: *mut size_t);

    #[call(0x1102)] #[custom] #[since(12010)]
    fn cuCoredumpGetAttributeGlobal(
        attrib: CUcoredumpSettings,
        value: *mut c_void,
        size: *mut size_t,
    );

    #[call(0x1103)] #[custom] #[since(12010)]
    fn cuCoredumpSetAttribute(attrib: CUcoredumpSettings, value: *mut c_void, size: *mut size_t);

    #[call(0x1104)] #[custom] #[since(12010)]
    fn cuCoredumpSetAttributeGlobal(
        attrib: CUcoredumpSettings,
        value: *mut c_void,
        size: *mut size_t,
    );

    #[call(0x1105)] #[unsupported] #[since(13020)]
    fn cuCoredumpRegisterStartCallback(
        callback: CUcoredumpStatusCallback,
        userData: *mut c_void,
        callbackOut: *mut CUcoredumpCallbackHandle,
    );

    #[call(0x1106)] #[unsupported] #[since(13020)]
    fn cuCoredumpRegisterCompleteCallback(
        callback: CUcoredumpStatusCallback,
        userData: *mut c_void,
        callbackOut: *mut CUcoredumpCallbackHandle,
    );

    #[call(0x1107)] #[unsupported] #[since(13020)]
    fn cuCoredumpDeregisterStartCallback(callback: CUcoredumpCallbackHandle);

    #[call(0x1108)] #[unsupported] #[since(13020)]
    fn cuCoredumpDeregisterCompleteCallback(callback: CUcoredumpCallbackHandle);

    #[call(0x1109)] #[custom] #[since(12090)]
    fn cuLogsRegisterCallback(
        callbackFunc: CUlogsCallback,
        userData: *mut c_void,
        callback_out: *mut CUlogsCallbackHandle,
    );

    #[call(0x110a)] #[custom] #[since(12090)]
    fn cuLogsUnregisterCallback(callback: CUlogsCallbackHandle);

    #[call(0x110b)] #[custom] #[since(12090)]
    fn cuLogsCurrent(iterator_out: *mut CUlogIterator, flags: c_uint);

    #[call(0x110c)] #[custom] #[since(12090)]
    fn cuLogsDumpToFile(iterator: *mut CUlogIterator, pathToFile: *const c_char, flags: c_uint);

    #[call(0x110d)] #[custom] #[since(12090)]
    fn cuLogsDumpToMemory(
        iterator: *mut CUlogIterator,
        buffer: *mut c_char,
        size: *mut size_t,
        flags: c_uint,
    );

    #[call(0x110e)] #[unsupported] #[since(12080)]
    fn cuCheckpointProcessGetRestoreThreadId(pid: c_int, tid: *mut c_int);

    #[call(0x110f)] #[unsupported] #[since(12080)]
    fn cuCheckpointProcessGetState(pid: c_int, state: *mut CUprocessState);

    #[call(0x1110)] #[unsupported] #[since(12080)]
    fn cuCheckpointProcessLock(pid: c_int, args: *mut CUcheckpointLockArgs);

    #[call(0x1111)] #[unsupported] #[since(12080)]
    fn cuCheckpointProcessCheckpoint(pid: c_int, args: *mut CUcheckpointCheckpointArgs);

    #[call(0x1112)] #[unsupported] #[since(12080)]
    fn cuCheckpointProcessRestore(pid: c_int, args: *mut CUcheckpointRestoreArgs);

    #[call(0x1113)] #[unsupported] #[since(12080)]
    fn cuCheckpointProcessUnlock(pid: c_int, args: *mut CUcheckpointUnlockArgs);
}
