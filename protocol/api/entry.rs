//! Start, errors and the lookup of entry points.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0100)] #[custom] #[since(6000)]
    fn cuGetErrorString(error: CUresult, pStr: *mut *const c_char);

    #[call(0x0101)] #[custom] #[since(6000)]
    fn cuGetErrorName(error: CUresult, pStr: *mut *const c_char);

    #[call(0x0102)] #[custom] #[since(2000)]
    fn cuInit(Flags: c_uint);

    #[call(0x0103)] #[custom] #[since(2020)]
    fn cuDriverGetVersion(driverVersion: *mut c_int);

    #[call(0x0104)] #[custom] #[since(12000)]
    fn cuGetProcAddress_v2(
        symbol: *const c_char,
        pfn: *mut *mut c_void,
        cudaVersion: c_int,
        flags: cuuint64_t,
        symbolStatus: *mut CUdriverProcAddressQueryResult,
    );

    #[call(0x0105)] #[custom] #[since(3000)]
    fn cuGetExportTable(ppExportTable: *mut *const c_void, pExportTableId: *const CUuuid);

    #[call(0x0106)] #[custom] #[since(11030)]
    fn cuGetProcAddress(
        symbol: *const c_char,
        pfn: *mut *mut c_void,
        cudaVersion: c_int,
        flags: cuuint64_t,
    );
}
