//! Copies and fills.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0500)] #[unsupported] #[since(2000)]
    fn cuMemcpyHtoD(dstDevice: CUdeviceptr_v1, srcHost: *const c_void, ByteCount: c_uint);

    #[call(0x0501)] #[unsupported] #[since(2000)]
    fn cuMemcpyDtoH(dstHost: *mut c_void, srcDevice: CUdeviceptr_v1, ByteCount: c_uint);

    #[call(0x0502)] #[unsupported] #[since(2000)]
    fn cuMemcpyDtoD(dstDevice: CUdeviceptr_v1, srcDevice: CUdeviceptr_v1, ByteCount: c_uint);

    #[call(0x0503)] #[unsupported] #[since(2000)]
    fn cuMemcpyDtoA(
        dstArray: CUarray,
        dstOffset: c_uint,
        srcDevice: CUdeviceptr_v1,
        ByteCount: c_uint,
    );

    #[call(0x0504)] #[unsupported] #[since(2000)]
    fn cuMemcpyAtoD(
        dstDevice: CUdeviceptr_v1,
        srcArray: CUarray,
        srcOffset: c_uint,
        ByteCount: c_uint,
    );

    #[call(0x0505)] #[unsupported] #[since(2000)]
    fn cuMemcpyHtoA(
        dstArray: CUarray,
        dstOffset: c_uint,
        srcHost: *const c_void,
        ByteCount: c_uint,
    );

    #[call(0x0506)] #[unsupported] #[since(2000)]
    fn cuMemcpyAtoH(dstHost: *mut c_void, srcArray: CUarray, srcOffset: c_uint, ByteCount: c_uint);

    #[call(0x0507)] #[unsupported] #[since(2000)]
    fn cuMemcpyAtoA(
        dstArray: CUarray,
        dstOffset: c_uint,
        srcArray: CUarray,
        srcOffset: c_uint,
        ByteCount: c_uint,
    );

    #[call(0x0508)] #[unsupported] #[since(2000)]
    fn cuMemcpyHtoAAsync(
        dstArray: CUarray,
        dstOffset: c_uint,
        srcHost: *const c_void,
        ByteCount: c_uint,
        hStream: CUstream,
    );

    #[call(0x0509)] #[unsupported] #[since(2000)]
    fn cuMemcpyAtoHAsync(
        dstHost: *mut c_void,
        srcArray: CUarray,
        srcOffset: c_uint,
        ByteCount: c_uint,
        hStream: CUstream,
    );

    #[call(0x050a)] #[unsupported] #[since(2000)]
    fn cuMemcpy2D(pCopy: *const CUDA_MEMCPY2D_v1);

    #[call(0x050b)] #[unsupported] #[since(2000)]
    fn cuMemcpy2DUnaligned(pCopy: *const CUDA_MEMCPY2D_v1);

    #[call(0x050c)] #[unsupported] #[since(2000)]
    fn cuMemcpy3D(pCopy: *const CUDA_MEMCPY3D_v1);

    #[call(0x050d)] #[unsupported] #[since(2000)]
    fn cuMemcpyHtoDAsync(
        dstDevice: CUdeviceptr_v1,
        srcHost: *const c_void,
        ByteCount: c_uint,
        hStream: CUstream,
    );

    #[call(0x050e)] #[unsupported] #[since(2000)]
    fn cuMemcpyDtoHAsync(
        dstHost: *mut c_void,
        srcDevice: CUdeviceptr_v1,
        ByteCount: c_uint,
        hStream: CUstream,
    );

    #[call(0x050f)] #[unsupported] #[since(3000)]
    fn cuMemcpyDtoDAsync(
        dstDevice: CUdeviceptr_v1,
        srcDevice: CUdeviceptr_v1,
        ByteCount: c_uint,
        hStream: CUstream,
    );

    #[call(0x0510)] #[unsupported] #[since(2000)]
    fn cuMemcpy2DAsync(pCopy: *const CUDA_MEMCPY2D_v1, hStream: CUstream);

    #[call(0x0511)] #[unsupported] #[since(2000)]
    fn cuMemcpy3DAsync(pCopy: *const CUDA_MEMCPY3D_v1, hStream: CUstream);

    #[call(0x0512)] #[unsupported] #[since(2000)]
    fn cuMemsetD8(dstDevice: CUdeviceptr_v1, uc: c_uchar, N: c_uint);

    #[call(0x0513)] #[unsupported] #[since(2000)]
    fn cuMemsetD16(dstDevice: CUdeviceptr_v1, us: c_ushort, N: c_uint);

    #[call(0x0514)] #[unsupported] #[since(2000)]
    fn cuMemsetD32(dstDevice: CUdeviceptr_v1, ui: c_uint, N: c_uint);

    #[call(0x0515)] #[unsupported] #[since(2000)]
    fn cuMemsetD2D8(
        dstDevice: CUdeviceptr_v1,
        dstPitch: c_uint,
        uc: c_uchar,
        Width: c_uint,
        Height: c_uint,
    );

    #[call(0x0516)] #[unsupported] #[since(2000)]
    fn cuMemsetD2D16(
        dstDevice: CUdeviceptr_v1,
        dstPitch: c_uint,
        us: c_ushort,
        Width: c_uint,
        Height: c_uint,
    );

    #[call(0x0517)] #[unsupported] #[since(2000)]
    fn cuMemsetD2D32(
        dstDevice: CUdeviceptr_v1,
        dstPitch: c_uint,
        ui: c_uint,
        Width: c_uint,
        Height: c_uint,
    );

    #[call(0x0518)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyHtoD_v2(dstDevice: CUdeviceptr, srcHost: *const c_void, ByteCount: size_t);

    #[call(0x0519)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyDtoH_v2(dstHost: *mut c_void, srcDevice: CUdeviceptr, ByteCount: size_t);

    #[call(0x051a)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyDtoD_v2(dstDevice: CUdeviceptr, srcDevice: CUdeviceptr, ByteCount: size_t);

    #[call(0x051b)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyDtoA_v2(
        dstArray: CUarray,
        dstOffset: size_t,
        srcDevice: CUdeviceptr,
        ByteCount: size_t,
    );

    #[call(0x051c)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyAtoD_v2(
        dstDevice: CUdeviceptr,
        srcArray: CUarray,
        srcOffset: size_t,
        ByteCount: size_t,
    );

    #[call(0x051d)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyHtoA_v2(
        dstArray: CUarray,
        dstOffset: size_t,
        srcHost: *const c_void,
        ByteCount: size_t,
    );

    #[call(0x051e)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyAtoH_v2(
        dstHost: *mut c_void,
        srcArray: CUarray,
        srcOffset: size_t,
        ByteCount: size_t,
    );

    #[call(0x051f)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpyAtoA_v2(
        dstArray: CUarray,
        dstOffset: size_t,
        srcArray: CUarray,
        srcOffset: size_t,
        ByteCount: size_t,
    );

    #[call(0x0520)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemcpyHtoAAsync_v2(
        dstArray: CUarray,
        dstOffset: size_t,
        srcHost: *const c_void,
        ByteCount: size_t,
        hStream: CUstream,
    );

    #[call(0x0521)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemcpyAtoHAsync_v2(
        dstHost: *mut c_void,
        srcArray: CUarray,
        srcOffset: size_t,
        ByteCount: size_t,
        hStream: CUstream,
    );

    #[call(0x0522)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpy2D_v2(pCopy: *const CUDA_MEMCPY2D);

    #[call(0x0523)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpy2DUnaligned_v2(pCopy: *const CUDA_MEMCPY2D);

    #[call(0x0524)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemcpy3D_v2(pCopy: *const CUDA_MEMCPY3D);

    #[call(0x0525)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemcpyHtoDAsync_v2(
        dstDevice: CUdeviceptr,
        srcHost: *const c_void,
        ByteCount: size_t,
        hStream: CUstream,
    );

    #[call(0x0526)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemcpyDtoHAsync_v2(
        dstHost: *mut c_void,
        srcDevice: CUdeviceptr,
        ByteCount: size_t,
        hStream: CUstream,
    );

    #[call(0x0527)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemcpyDtoDAsync_v2(
        dstDevice: CUdeviceptr,
        srcDevice: CUdeviceptr,
        ByteCount: size_t,
        hStream: CUstream,
    );

    #[call(0x0528)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemcpy2DAsync_v2(pCopy: *const CUDA_MEMCPY2D, hStream: CUstream);

    #[call(0x0529)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemcpy3DAsync_v2(pCopy: *const CUDA_MEMCPY3D, hStream: CUstream);

    #[call(0x052a)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemsetD8_v2(dstDevice: CUdeviceptr, uc: c_uchar, N: size_t);

    #[call(0x052b)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemsetD16_v2(dstDevice: CUdeviceptr, us: c_ushort, N: size_t);

    #[call(0x052c)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemsetD32_v2(dstDevice: CUdeviceptr, ui: c_uint, N: size_t);

    #[call(0x052d)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemsetD2D8_v2(
        dstDevice: CUdeviceptr,
        dstPitch: size_t,
        uc: c_uchar,
        Width: size_t,
        Height: size_t,
    );

    #[call(0x052e)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemsetD2D16_v2(
        dstDevice: CUdeviceptr,
        dstPitch: size_t,
        us: c_ushort,
        Width: size_t,
        Height: size_t,
    );

    #[call(0x052f)] #[custom] #[since(3020, ptds = 7000)]
    fn cuMemsetD2D32_v2(
        dstDevice: CUdeviceptr,
        dstPitch: size_t,
        ui: c_uint,
        Width: size_t,
        Height: size_t,
    );

    #[call(0x0530)] #[custom] #[since(4000, ptds = 7000)]
    fn cuMemcpy(dst: CUdeviceptr, src: CUdeviceptr, ByteCount: size_t);

    #[call(0x0531)] #[custom] #[since(4000, ptsz = 7000)]
    fn cuMemcpyAsync(dst: CUdeviceptr, src: CUdeviceptr, ByteCount: size_t, hStream: CUstream);

    #[call(0x0532)] #[custom] #[since(4000, ptds = 7000)]
    fn cuMemcpyPeer(
        dstDevice: CUdeviceptr,
        dstContext: CUcontext,
        srcDevice: CUdeviceptr,
        srcContext: CUcontext,
        ByteCount: size_t,
    );

    #[call(0x0533)] #[custom] #[since(4000, ptsz = 7000)]
    fn cuMemcpyPeerAsync(
        dstDevice: CUdeviceptr,
        dstContext: CUcontext,
        srcDevice: CUdeviceptr,
        srcContext: CUcontext,
        ByteCount: size_t,
        hStream: CUstream,
    );

    #[call(0x0534)] #[custom] #[since(4000, ptds = 7000)]
    fn cuMemcpy3DPeer(pCopy: *const CUDA_MEMCPY3D_PEER);

    #[call(0x0535)] #[custom] #[since(4000, ptsz = 7000)]
    fn cuMemcpy3DPeerAsync(pCopy: *const CUDA_MEMCPY3D_PEER, hStream: CUstream);

    #[call(0x0536)] #[custom] #[since(12080, ptsz = 12080)]
    fn cuMemcpyBatchAsync(
        dsts: *mut CUdeviceptr,
        srcs: *mut CUdeviceptr,
        sizes: *mut size_t,
        count: size_t,
        attrs: *mut CUmemcpyAttributes,
        attrsIdxs: *mut size_t,
        numAttrs: size_t,
        failIdx: *mut size_t,
        hStream: CUstream,
    );

    #[call(0x0537)] #[custom] #[since(12080, ptsz = 12080)]
    fn cuMemcpy3DBatchAsync(
        numOps: size_t,
        opList: *mut CUDA_MEMCPY3D_BATCH_OP,
        failIdx: *mut size_t,
        flags: c_ulonglong,
        hStream: CUstream,
    );

    #[call(0x0538)] #[custom] #[since(13000, ptsz = 13000)]
    fn cuMemcpyBatchAsync_v2(
        dsts: *mut CUdeviceptr,
        srcs: *mut CUdeviceptr,
        sizes: *mut size_t,
        count: size_t,
        attrs: *mut CUmemcpyAttributes,
        attrsIdxs: *mut size_t,
        numAttrs: size_t,
        hStream: CUstream,
    );

    #[call(0x0539)] #[custom] #[since(13000, ptsz = 13000)]
    fn cuMemcpy3DBatchAsync_v2(
        numOps: size_t,
        opList: *mut CUDA_MEMCPY3D_BATCH_OP,
        flags: c_ulonglong,
        hStream: CUstream,
    );

    #[call(0x053a)] #[custom] #[since(13020, ptsz = 13020)]
    fn cuMemcpyWithAttributesAsync(
        dst: CUdeviceptr,
        src: CUdeviceptr,
        size: size_t,
        attr: *mut CUmemcpyAttributes,
        hStream: CUstream,
    );

    #[call(0x053b)] #[custom] #[since(13020, ptsz = 13020)]
    fn cuMemcpy3DWithAttributesAsync(
        op: *mut CUDA_MEMCPY3D_BATCH_OP,
        flags: c_ulonglong,
        hStream: CUstream,
    );

    #[call(0x053c)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemsetD8Async(dstDevice: CUdeviceptr, uc: c_uchar, N: size_t, hStream: CUstream);

    #[call(0x053d)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemsetD16Async(dstDevice: CUdeviceptr, us: c_ushort, N: size_t, hStream: CUstream);

    #[call(0x053e)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemsetD32Async(dstDevice: CUdeviceptr, ui: c_uint, N: size_t, hStream: CUstream);

    #[call(0x053f)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemsetD2D8Async(
        dstDevice: CUdeviceptr,
        dstPitch: size_t,
        uc: c_uchar,
        Width: size_t,
        Height: size_t,
        hStream: CUstream,
    );

    #[call(0x0540)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemsetD2D16Async(
        dstDevice: CUdeviceptr,
        dstPitch: size_t,
        us: c_ushort,
        Width: size_t,
        Height: size_t,
        hStream: CUstream,
    );

    #[call(0x0541)] #[custom] #[since(3020, ptsz = 7000)]
    fn cuMemsetD2D32Async(
        dstDevice: CUdeviceptr,
        dstPitch: size_t,
        ui: c_uint,
        Width: size_t,
        Height: size_t,
        hStream: CUstream,
    );
}
