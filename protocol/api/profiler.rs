//! Profiler control.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x1200)] #[custom] #[since(4000)]
    fn cuProfilerInitialize(
        configFile: *const c_char,
        outputFile: *const c_char,
        outputMode: CUoutput_mode,
    );

    #[call(0x1201)] #[custom] #[since(4000)]
    fn cuProfilerStart();

    #[call(0x1202)] #[custom] #[since(4000)]
    fn cuProfilerStop();
}
