//! Arrays, textures, surfaces and tensor maps.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0d00)] #[unsupported] #[since(2000)]
    fn cuModuleGetTexRef(pTexRef: *mut CUtexref, hmod: CUmodule, name: *const c_char);

    #[call(0x0d01)] #[unsupported] #[since(3000)]
    fn cuModuleGetSurfRef(pSurfRef: *mut CUsurfref, hmod: CUmodule, name: *const c_char);

    #[call(0x0d02)] #[unsupported] #[since(3020)]
    fn cuArrayCreate_v2(pHandle: *mut CUarray, pAllocateArray: *const CUDA_ARRAY_DESCRIPTOR);

    #[call(0x0d03)] #[unsupported] #[since(3020)]
    fn cuArrayGetDescriptor_v2(pArrayDescriptor: *mut CUDA_ARRAY_DESCRIPTOR, hArray: CUarray);

    #[call(0x0d04)] #[unsupported] #[since(11010)]
    fn cuArrayGetSparseProperties(
        sparseProperties: *mut CUDA_ARRAY_SPARSE_PROPERTIES,
        array: CUarray,
    );

    #[call(0x0d05)] #[unsupported] #[since(11010)]
    fn cuMipmappedArrayGetSparseProperties(
        sparseProperties: *mut CUDA_ARRAY_SPARSE_PROPERTIES,
        mipmap: CUmipmappedArray,
    );

    #[call(0x0d06)] #[unsupported] #[since(11060)]
    fn cuArrayGetMemoryRequirements(
        memoryRequirements: *mut CUDA_ARRAY_MEMORY_REQUIREMENTS,
        array: CUarray,
        device: CUdevice,
    );

    #[call(0x0d07)] #[unsupported] #[since(11060)]
    fn cuMipmappedArrayGetMemoryRequirements(
        memoryRequirements: *mut CUDA_ARRAY_MEMORY_REQUIREMENTS,
        mipmap: CUmipmappedArray,
        device: CUdevice,
    );

    #[call(0x0d08)] #[unsupported] #[since(11020)]
    fn cuArrayGetPlane(pPlaneArray: *mut CUarray, hArray: CUarray, planeIdx: c_uint);

    #[call(0x0d09)] #[unsupported] #[since(2000)]
    fn cuArrayDestroy(hArray: CUarray);

    #[call(0x0d0a)] #[unsupported] #[since(3020)]
    fn cuArray3DCreate_v2(pHandle: *mut CUarray, pAllocateArray: *const CUDA_ARRAY3D_DESCRIPTOR);

    #[call(0x0d0b)] #[unsupported] #[since(3020)]
    fn cuArray3DGetDescriptor_v2(pArrayDescriptor: *mut CUDA_ARRAY3D_DESCRIPTOR, hArray: CUarray);

    #[call(0x0d0c)] #[unsupported] #[since(5000)]
    fn cuMipmappedArrayCreate(
        pHandle: *mut CUmipmappedArray,
        pMipmappedArrayDesc: *const CUDA_ARRAY3D_DESCRIPTOR,
        numMipmapLevels: c_uint,
    );

    #[call(0x0d0d)] #[unsupported] #[since(5000)]
    fn cuMipmappedArrayGetLevel(
        pLevelArray: *mut CUarray,
        hMipmappedArray: CUmipmappedArray,
        level: c_uint,
    );

    #[call(0x0d0e)] #[unsupported] #[since(5000)]
    fn cuMipmappedArrayDestroy(hMipmappedArray: CUmipmappedArray);

    #[call(0x0d0f)] #[unsupported] #[since(2000)]
    fn cuParamSetTexRef(hfunc: CUfunction, texunit: c_int, hTexRef: CUtexref);

    #[call(0x0d10)] #[unsupported] #[since(2000)]
    fn cuTexRefSetArray(hTexRef: CUtexref, hArray: CUarray, Flags: c_uint);

    #[call(0x0d11)] #[unsupported] #[since(5000)]
    fn cuTexRefSetMipmappedArray(
        hTexRef: CUtexref,
        hMipmappedArray: CUmipmappedArray,
        Flags: c_uint,
    );

    #[call(0x0d12)] #[unsupported] #[since(3020)]
    fn cuTexRefSetAddress_v2(
        ByteOffset: *mut size_t,
        hTexRef: CUtexref,
        dptr: CUdeviceptr,
        bytes: size_t,
    );

    #[call(0x0d13)] #[unsupported] #[since(4010)]
    fn cuTexRefSetAddress2D_v3(
        hTexRef: CUtexref,
        desc: *const CUDA_ARRAY_DESCRIPTOR,
        dptr: CUdeviceptr,
        Pitch: size_t,
    );

    #[call(0x0d14)] #[unsupported] #[since(2000)]
    fn cuTexRefSetFormat(hTexRef: CUtexref, fmt: CUarray_format, NumPackedComponents: c_int);

    #[call(0x0d15)] #[unsupported] #[since(2000)]
    fn cuTexRefSetAddressMode(hTexRef: CUtexref, dim: c_int, am: CUaddress_mode);

    #[call(0x0d16)] #[unsupported] #[since(2000)]
    fn cuTexRefSetFilterMode(hTexRef: CUtexref, fm: CUfilter_mode);

    #[call(0x0d17)] #[unsupported] #[since(5000)]
    fn cuTexRefSetMipmapFilterMode(hTexRef: CUtexref, fm: CUfilter_mode);

    #[call(0x0d18)] #[unsupported] #[since(5000)]
    fn cuTexRefSetMipmapLevelBias(hTexRef: CUtexref, bias: c_float);

    #[call(0x0d19)] #[unsupported] #[since(5000)]
    fn cuTexRefSetMipmapLevelClamp(
        hTexRef: CUtexref,
        minMipmapLevelClamp: c_float,
        maxMipmapLevelClamp: c_float,
    );

    #[call(0x0d1a)] #[unsupported] #[since(5000)]
    fn cuTexRefSetMaxAnisotropy(hTexRef: CUtexref, maxAniso: c_uint);

    #[call(0x0d1b)] #[unsupported] #[since(8000)]
    fn cuTexRefSetBorderColor(hTexRef: CUtexref, pBorderColor: *mut c_float);

    #[call(0x0d1c)] #[unsupported] #[since(2000)]
    fn cuTexRefSetFlags(hTexRef: CUtexref, Flags: c_uint);

    #[call(0x0d1d)] #[unsupported] #[since(3020)]
    fn cuTexRefGetAddress_v2(pdptr: *mut CUdeviceptr, hTexRef: CUtexref);

    #[call(0x0d1e)] #[unsupported] #[since(2000)]
    fn cuTexRefGetArray(phArray: *mut CUarray, hTexRef: CUtexref);

    #[call(0x0d1f)] #[unsupported] #[since(5000)]
    fn cuTexRefGetMipmappedArray(phMipmappedArray: *mut CUmipmappedArray, hTexRef: CUtexref);

    #[call(0x0d20)] #[unsupported] #[since(2000)]
    fn cuTexRefGetAddressMode(pam: *mut CUaddress_mode, hTexRef: CUtexref, dim: c_int);

    #[call(0x0d21)] #[unsupported] #[since(2000)]
    fn cuTexRefGetFilterMode(pfm: *mut CUfilter_mode, hTexRef: CUtexref);

    #[call(0x0d22)] #[unsupported] #[since(2000)]
    fn cuTexRefGetFormat(pFormat: *mut CUarray_format, pNumChannels: *mut c_int, hTexRef: CUtexref);

    #[call(0x0d23)] #[unsupported] #[since(5000)]
    fn cuTexRefGetMipmapFilterMode(pfm: *mut CUfilter_mode, hTexRef: CUtexref);

    #[call(0x0d24)] #[unsupported] #[since(5000)]
    fn cuTexRefGetMipmapLevelBias(pbias: *mut c_float, hTexRef: CUtexref);

    #[call(0x0d25)] #[unsupported] #[since(5000)]
    fn cuTexRefGetMipmapLevelClamp(
        pminMipmapLevelClamp: *mut c_float,
        pmaxMipmapLevelClamp: *mut c_float,
        hTexRef: CUtexref,
    );

    #[call(0x0d26)] #[unsupported] #[since(5000)]
    fn cuTexRefGetMaxAnisotropy(pmaxAniso: *mut c_int, hTexRef: CUtexref);

    #[call(0x0d27)] #[unsupported] #[since(8000)]
    fn cuTexRefGetBorderColor(pBorderColor: *mut c_float, hTexRef: CUtexref);

    #[call(0x0d28)] #[unsupported] #[since(2000)]
    fn cuTexRefGetFlags(pFlags: *mut c_uint, hTexRef: CUtexref);

    #[call(0x0d29)] #[unsupported] #[since(2000)]
    fn cuTexRefCreate(pTexRef: *mut CUtexref);

    #[call(0x0d2a)] #[unsupported] #[since(2000)]
    fn cuTexRefDestroy(hTexRef: CUtexref);

    #[call(0x0d2b)] #[unsupported] #[since(3000)]
    fn cuSurfRefSetArray(hSurfRef: CUsurfref, hArray: CUarray, Flags: c_uint);

    #[call(0x0d2c)] #[unsupported] #[since(3000)]
    fn cuSurfRefGetArray(phArray: *mut CUarray, hSurfRef: CUsurfref);

    #[call(0x0d2d)] #[unsupported] #[since(5000)]
    fn cuTexObjectCreate(
        pTexObject: *mut CUtexObject,
        pResDesc: *const CUDA_RESOURCE_DESC,
        pTexDesc: *const CUDA_TEXTURE_DESC,
        pResViewDesc: *const CUDA_RESOURCE_VIEW_DESC,
    );

    #[call(0x0d2e)] #[unsupported] #[since(5000)]
    fn cuTexObjectDestroy(texObject: CUtexObject);

    #[call(0x0d2f)] #[unsupported] #[since(5000)]
    fn cuTexObjectGetResourceDesc(pResDesc: *mut CUDA_RESOURCE_DESC, texObject: CUtexObject);

    #[call(0x0d30)] #[unsupported] #[since(5000)]
    fn cuTexObjectGetTextureDesc(pTexDesc: *mut CUDA_TEXTURE_DESC, texObject: CUtexObject);

    #[call(0x0d31)] #[unsupported] #[since(5000)]
    fn cuTexObjectGetResourceViewDesc(
        pResViewDesc: *mut CUDA_RESOURCE_VIEW_DESC,
        texObject: CUtexObject,
    );

    #[call(0x0d32)] #[unsupported] #[since(5000)]
    fn cuSurfObjectCreate(pSurfObject: *mut CUsurfObject, pResDesc: *const CUDA_RESOURCE_DESC);

    #[call(0x0d33)] #[unsupported] #[since(5000)]
    fn cuSurfObjectDestroy(surfObject: CUsurfObject);

    #[call(0x0d34)] #[unsupported] #[since(5000)]
    fn cuSurfObjectGetResourceDesc(pResDesc: *mut CUDA_RESOURCE_DESC, surfObject: CUsurfObject);

    #[call(0x0d35)] #[unsupported] #[since(12000)]
    fn cuTensorMapEncodeTiled(
        tensorMap: *mut CUtensorMap,
        tensorDataType: CUtensorMapDataType,
        tensorRank: cuuint32_t,
        globalAddress: *mut c_void,
        globalDim: *const cuuint64_t,
        globalStrides: *const cuuint64_t,
        boxDim: *const cuuint32_t,
        elementStrides: *const cuuint32_t,
        interleave: CUtensorMapInterleave,
        swizzle: CUtensorMapSwizzle,
        l2Promotion: CUtensorMapL2promotion,
        oobFill: CUtensorMapFloatOOBfill,
    );

    #[call(0x0d36)] #[unsupported] #[since(12000)]
    fn cuTensorMapEncodeIm2col(
        tensorMap: *mut CUtensorMap,
        tensorDataType: CUtensorMapDataType,
        tensorRank: cuuint32_t,
        globalAddress: *mut c_void,
        globalDim: *const cuuint64_t,
        globalStrides: *const cuuint64_t,
        pixelBoxLowerCorner: *const c_int,
        pixelBoxUpperCorner: *const c_int,
        channelsPerPixel: cuuint32_t,
        pixelsPerColumn: cuuint32_t,
        elementStrides: *const cuuint32_t,
        interleave: CUtensorMapInterleave,
        swizzle: CUtensorMapSwizzle,
        l2Promotion: CUtensorMapL2promotion,
        oobFill: CUtensorMapFloatOOBfill,
    );

    #[call(0x0d37)] #[unsupported] #[since(12080)]
    fn cuTensorMapEncodeIm2colWide(
        tensorMap: *mut CUtensorMap,
        tensorDataType: CUtensorMapDataType,
        tensorRank: cuuint32_t,
        globalAddress: *mut c_void,
        globalDim: *const cuuint64_t,
        globalStrides: *const cuuint64_t,
        pixelBoxLowerCornerWidth: c_int,
        pixelBoxUpperCornerWidth: c_int,
        channelsPerPixel: cuuint32_t,
        pixelsPerColumn: cuuint32_t,
        elementStrides: *const cuuint32_t,
        interleave: CUtensorMapInterleave,
        mode: CUtensorMapIm2ColWideMode,
        swizzle: CUtensorMapSwizzle,
        l2Promotion: CUtensorMapL2promotion,
        oobFill: CUtensorMapFloatOOBfill,
    );

    #[call(0x0d38)] #[unsupported] #[since(12000)]
    fn cuTensorMapReplaceAddress(tensorMap: *mut CUtensorMap, globalAddress: *mut c_void);

    #[call(0x0d39)] #[unsupported] #[since(3020)]
    fn cuTexRefSetAddress2D_v2(
        hTexRef: CUtexref,
        desc: *const CUDA_ARRAY_DESCRIPTOR,
        dptr: CUdeviceptr,
        Pitch: size_t,
    );

    #[call(0x0d3a)] #[unsupported] #[since(2000)]
    fn cuArrayCreate(pHandle: *mut CUarray, pAllocateArray: *const CUDA_ARRAY_DESCRIPTOR_v1);

    #[call(0x0d3b)] #[unsupported] #[since(2000)]
    fn cuArrayGetDescriptor(pArrayDescriptor: *mut CUDA_ARRAY_DESCRIPTOR_v1, hArray: CUarray);

    #[call(0x0d3c)] #[unsupported] #[since(2000)]
    fn cuArray3DCreate(pHandle: *mut CUarray, pAllocateArray: *const CUDA_ARRAY3D_DESCRIPTOR_v1);

    #[call(0x0d3d)] #[unsupported] #[since(2000)]
    fn cuArray3DGetDescriptor(pArrayDescriptor: *mut CUDA_ARRAY3D_DESCRIPTOR_v1, hArray: CUarray);

    #[call(0x0d3e)] #[unsupported] #[since(2000)]
    fn cuTexRefSetAddress(
        ByteOffset: *mut c_uint,
        hTexRef: CUtexref,
        dptr: CUdeviceptr_v1,
        bytes: c_uint,
    );

    #[call(0x0d3f)] #[unsupported] #[since(2020)]
    fn cuTexRefSetAddress2D(
        hTexRef: CUtexref,
        desc: *const CUDA_ARRAY_DESCRIPTOR_v1,
        dptr: CUdeviceptr_v1,
        Pitch: c_uint,
    );

    #[call(0x0d40)] #[unsupported] #[since(2000)]
    fn cuTexRefGetAddress(pdptr: *mut CUdeviceptr_v1, hTexRef: CUtexref);
}
