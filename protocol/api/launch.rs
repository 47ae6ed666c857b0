//! Launches and occupancy.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0900)] #[unsupported] #[since(9000)]
    fn cuLaunchCooperativeKernelMultiDevice(
        launchParamsList: *mut CUDA_LAUNCH_PARAMS,
        numDevices: c_uint,
        flags: c_uint,
    );

    #[call(0x0901)] #[custom] #[since(2000)]
    fn cuFuncSetBlockShape(hfunc: CUfunction, x: c_int, y: c_int, z: c_int);

    #[call(0x0902)] #[custom] #[since(2000)]
    fn cuFuncSetSharedSize(hfunc: CUfunction, bytes: c_uint);

    #[call(0x0903)] #[custom] #[since(2000)]
    fn cuParamSetSize(hfunc: CUfunction, numbytes: c_uint);

    #[call(0x0904)] #[custom] #[since(2000)]
    fn cuParamSeti(hfunc: CUfunction, offset: c_int, value: c_uint);

    #[call(0x0905)] #[custom] #[since(2000)]
    fn cuParamSetf(hfunc: CUfunction, offset: c_int, value: c_float);

    #[call(0x0906)] #[custom] #[since(2000)]
    fn cuParamSetv(hfunc: CUfunction, offset: c_int, ptr: *mut c_void, numbytes: c_uint);

    #[call(0x0907)] #[custom] #[since(2000)]
    fn cuLaunch(f: CUfunction);

    #[call(0x0908)] #[custom] #[since(2000)]
    fn cuLaunchGrid(f: CUfunction, grid_width: c_int, grid_height: c_int);

    #[call(0x0909)] #[custom] #[since(2000)]
    fn cuLaunchGridAsync(f: CUfunction, grid_width: c_int, grid_height: c_int, hStream: CUstream);

    #[call(0x090a)] #[cached] #[since(6050)]
    fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
        numBlocks: *mut c_int,
        func: CUfunction,
        blockSize: c_int,
        dynamicSMemSize: size_t,
    );

    #[call(0x090b)] #[cached] #[since(7000)]
    fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
        numBlocks: *mut c_int,
        func: CUfunction,
        blockSize: c_int,
        dynamicSMemSize: size_t,
        flags: c_uint,
    );

    #[call(0x090c)] #[custom] #[since(6050)]
    fn cuOccupancyMaxPotentialBlockSize(
        minGridSize: *mut c_int,
        blockSize: *mut c_int,
        func: CUfunction,
        blockSizeToDynamicSMemSize: CUoccupancyB2DSize,
        dynamicSMemSize: size_t,
        blockSizeLimit: c_int,
    );

    #[call(0x090d)] #[custom] #[since(7000)]
    fn cuOccupancyMaxPotentialBlockSizeWithFlags(
        minGridSize: *mut c_int,
        blockSize: *mut c_int,
        func: CUfunction,
        blockSizeToDynamicSMemSize: CUoccupancyB2DSize,
        dynamicSMemSize: size_t,
        blockSizeLimit: c_int,
        flags: c_uint,
    );

    #[call(0x090e)] #[cached] #[since(10020)]
    fn cuOccupancyAvailableDynamicSMemPerBlock(
        dynamicSmemSize: *mut size_t,
        func: CUfunction,
        numBlocks: c_int,
        blockSize: c_int,
    );

    #[call(0x090f)] #[unsupported] #[since(11070)]
    fn cuOccupancyMaxPotentialClusterSize(
        clusterSize: *mut c_int,
        func: CUfunction,
        config: *const CUlaunchConfig,
    );

    #[call(0x0910)] #[unsupported] #[since(11070)]
    fn cuOccupancyMaxActiveClusters(
        numClusters: *mut c_int,
        func: CUfunction,
        config: *const CUlaunchConfig,
    );

    #[call(0x0911)] #[custom] #[since(4000, ptsz = 7000)]
    fn cuLaunchKernel(
        f: CUfunction,
        gridDimX: c_uint,
        gridDimY: c_uint,
        gridDimZ: c_uint,
        blockDimX: c_uint,
        blockDimY: c_uint,
        blockDimZ: c_uint,
        sharedMemBytes: c_uint,
        hStream: CUstream,
        kernelParams: *mut *mut c_void,
        extra: *mut *mut c_void,
    );

    #[call(0x0912)] #[custom] #[since(11060, ptsz = 11060)]
    fn cuLaunchKernelEx(
        config: *const CUlaunchConfig,
        f: CUfunction,
        kernelParams: *mut *mut c_void,
        extra: *mut *mut c_void,
    );

    #[call(0x0913)] #[custom] #[since(10000, ptsz = 10000)]
    fn cuLaunchHostFunc(hStream: CUstream, r#fn: CUhostFn, userData: *mut c_void);

    #[call(0x0914)] #[custom] #[since(13010, ptsz = 13010)]
    fn cuLaunchHostFunc_v2(
        hStream: CUstream,
        r#fn: CUhostFn,
        userData: *mut c_void,
        syncMode: c_uint,
    );

    #[call(0x0915)] #[custom] #[since(9000, ptsz = 9000)]
    fn cuLaunchCooperativeKernel(
        f: CUfunction,
        gridDimX: c_uint,
        gridDimY: c_uint,
        gridDimZ: c_uint,
        blockDimX: c_uint,
        blockDimY: c_uint,
        blockDimZ: c_uint,
        sharedMemBytes: c_uint,
        hStream: CUstream,
        kernelParams: *mut *mut c_void,
    );
}
