//! Graphics interoperation: numbered and exported, not supported.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0e00)] #[unsupported] #[since(3000)]
    fn cuGraphicsUnregisterResource(resource: CUgraphicsResource);

    #[call(0x0e01)] #[unsupported] #[since(3000)]
    fn cuGraphicsSubResourceGetMappedArray(
        pArray: *mut CUarray,
        resource: CUgraphicsResource,
        arrayIndex: c_uint,
        mipLevel: c_uint,
    );

    #[call(0x0e02)] #[unsupported] #[since(5000)]
    fn cuGraphicsResourceGetMappedMipmappedArray(
        pMipmappedArray: *mut CUmipmappedArray,
        resource: CUgraphicsResource,
    );

    #[call(0x0e03)] #[unsupported] #[since(3020)]
    fn cuGraphicsResourceGetMappedPointer_v2(
        pDevPtr: *mut CUdeviceptr,
        pSize: *mut size_t,
        resource: CUgraphicsResource,
    );

    #[call(0x0e04)] #[unsupported] #[since(6050)]
    fn cuGraphicsResourceSetMapFlags_v2(resource: CUgraphicsResource, flags: c_uint);

    #[call(0x0e05)] #[unsupported] #[since(3000)]
    fn cuGraphicsResourceSetMapFlags(resource: CUgraphicsResource, flags: c_uint);

    #[call(0x0e06)] #[unsupported] #[since(3000)]
    fn cuGraphicsResourceGetMappedPointer(
        pDevPtr: *mut CUdeviceptr_v1,
        pSize: *mut c_uint,
        resource: CUgraphicsResource,
    );

    #[call(0x0e07)] #[unsupported] #[since(3000, ptsz = 7000)]
    fn cuGraphicsMapResources(count: c_uint, resources: *mut CUgraphicsResource, hStream: CUstream);

    #[call(0x0e08)] #[unsupported] #[since(3000, ptsz = 7000)]
    fn cuGraphicsUnmapResources(
        count: c_uint,
        resources: *mut CUgraphicsResource,
        hStream: CUstream,
    );
}
