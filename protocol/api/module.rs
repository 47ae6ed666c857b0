//! Modules, libraries, kernels, functions and the linker.
//!
//! Read by `cargo xtask codegen`, never compiled. The marks are explained in `docs/decisions/0010-the-table.md`.

extern "C" {
    #[call(0x0800)] #[custom] #[since(2000)]
    fn cuModuleLoad(module: *mut CUmodule, fname: *const c_char);

    #[call(0x0801)] #[custom] #[since(2000)]
    fn cuModuleLoadData(module: *mut CUmodule, image: *const c_void);

    #[call(0x0802)] #[custom] #[since(2010)]
    fn cuModuleLoadDataEx(
        module: *mut CUmodule,
        image: *const c_void,
        numOptions: c_uint,
        options: *mut CUjit_option,
        optionValues: *mut *mut c_void,
    );

    #[call(0x0803)] #[custom] #[since(2000)]
    fn cuModuleLoadFatBinary(module: *mut CUmodule, fatCubin: *const c_void);

    /// The client forgets the module's functions.
    #[call(0x0804)] #[local] #[post] #[since(2000)]
    fn cuModuleUnload(#[gone] hmod: CUmodule);

    #[call(0x0805)] #[custom] #[since(11070)]
    fn cuModuleGetLoadingMode(mode: *mut CUmoduleLoadingMode);

    #[call(0x0806)] #[custom] #[since(2000)]
    fn cuModuleGetFunction(hfunc: *mut CUfunction, hmod: CUmodule, name: *const c_char);

    #[call(0x0807)] #[custom] #[since(12040)]
    fn cuModuleGetFunctionCount(count: *mut c_uint, r#mod: CUmodule);

    #[call(0x0808)] #[custom] #[since(12040)]
    fn cuModuleEnumerateFunctions(functions: *mut CUfunction, numFunctions: c_uint, r#mod: CUmodule);

    /// Address and size of a variable; either pointer may be null.
    #[call(0x0809)] #[local] #[cached] #[since(3020)]
    fn cuModuleGetGlobal_v2(
        #[nullable] dptr: *mut CUdeviceptr,
        #[nullable] bytes: *mut size_t,
        hmod: CUmodule,
        name: *const c_char,
    );

    #[call(0x080a)] #[custom] #[since(6050)]
    fn cuLinkCreate_v2(
        numOptions: c_uint,
        options: *mut CUjit_option,
        optionValues: *mut *mut c_void,
        stateOut: *mut CUlinkState,
    );

    #[call(0x080b)] #[custom] #[since(6050)]
    fn cuLinkAddData_v2(
        state: CUlinkState,
        r#type: CUjitInputType,
        data: *mut c_void,
        size: size_t,
        name: *const c_char,
        numOptions: c_uint,
        options: *mut CUjit_option,
        optionValues: *mut *mut c_void,
    );

    #[call(0x080c)] #[custom] #[since(6050)]
    fn cuLinkAddFile_v2(
        state: CUlinkState,
        r#type: CUjitInputType,
        path: *const c_char,
        numOptions: c_uint,
        options: *mut CUjit_option,
        optionValues: *mut *mut c_void,
    );

    #[call(0x080d)] #[custom] #[since(5050)]
    fn cuLinkComplete(state: CUlinkState, cubinOut: *mut *mut c_void, sizeOut: *mut size_t);

    #[call(0x080e)] #[custom] #[since(5050)]
    fn cuLinkDestroy(state: CUlinkState);

    #[call(0x080f)] #[custom] #[since(12000)]
    fn cuLibraryLoadData(
        library: *mut CUlibrary,
        code: *const c_void,
        jitOptions: *mut CUjit_option,
        jitOptionsValues: *mut *mut c_void,
        numJitOptions: c_uint,
        libraryOptions: *mut CUlibraryOption,
        libraryOptionValues: *mut *mut c_void,
        numLibraryOptions: c_uint,
    );

    #[call(0x0810)] #[custom] #[since(12000)]
    fn cuLibraryLoadFromFile(
        library: *mut CUlibrary,
        fileName: *const c_char,
        jitOptions: *mut CUjit_option,
        jitOptionsValues: *mut *mut c_void,
        numJitOptions: c_uint,
        libraryOptions: *mut CUlibraryOption,
        libraryOptionValues: *mut *mut c_void,
        numLibraryOptions: c_uint,
    );

    #[call(0x0811)] #[local] #[post] #[since(12000)]
    fn cuLibraryUnload(#[gone] library: CUlibrary);

    #[call(0x0812)] #[custom] #[since(12000)]
    fn cuLibraryGetKernel(pKernel: *mut CUkernel, library: CUlibrary, name: *const c_char);

    #[call(0x0813)] #[custom] #[since(12040)]
    fn cuLibraryGetKernelCount(count: *mut c_uint, lib: CUlibrary);

    #[call(0x0814)] #[custom] #[since(12040)]
    fn cuLibraryEnumerateKernels(kernels: *mut CUkernel, numKernels: c_uint, lib: CUlibrary);

    /// The library's module in the current context. The client learns which functions it shares.
    #[call(0x0815)] #[local] #[cached] #[since(12000)]
    fn cuLibraryGetModule(pMod: *mut CUmodule, library: CUlibrary);

    #[call(0x0816)] #[custom] #[since(12000)]
    fn cuKernelGetFunction(pFunc: *mut CUfunction, kernel: CUkernel);

    #[call(0x0817)] #[custom] #[since(12050)]
    fn cuKernelGetLibrary(pLib: *mut CUlibrary, kernel: CUkernel);

    #[call(0x0818)] #[local] #[cached] #[since(12000)]
    fn cuLibraryGetGlobal(
        #[nullable] dptr: *mut CUdeviceptr,
        #[nullable] bytes: *mut size_t,
        library: CUlibrary,
        name: *const c_char,
    );

    /// May come before there is a context: the first device's primary context becomes active then.
    #[call(0x0819)] #[local] #[cached] #[since(12000)]
    fn cuLibraryGetManaged(
        #[nullable] dptr: *mut CUdeviceptr,
        #[nullable] bytes: *mut size_t,
        library: CUlibrary,
        name: *const c_char,
    );

    #[call(0x081a)] #[unsupported] #[since(12000)]
    fn cuLibraryGetUnifiedFunction(
        fptr: *mut *mut c_void,
        library: CUlibrary,
        symbol: *const c_char,
    );

    #[call(0x081b)] #[custom] #[since(12000)]
    fn cuKernelGetAttribute(
        pi: *mut c_int,
        attrib: CUfunction_attribute,
        kernel: CUkernel,
        dev: CUdevice,
    );

    #[call(0x081c)] #[custom] #[since(12000)]
    fn cuKernelSetAttribute(
        attrib: CUfunction_attribute,
        val: c_int,
        kernel: CUkernel,
        dev: CUdevice,
    );

    #[call(0x081d)] #[custom] #[since(12000)]
    fn cuKernelSetCacheConfig(kernel: CUkernel, config: CUfunc_cache, dev: CUdevice);

    #[call(0x081e)] #[custom] #[since(12030)]
    fn cuKernelGetName(name: *mut *const c_char, hfunc: CUkernel);

    #[call(0x081f)] #[custom] #[since(12040)]
    fn cuKernelGetParamInfo(
        kernel: CUkernel,
        paramIndex: size_t,
        paramOffset: *mut size_t,
        paramSize: *mut size_t,
    );

    #[call(0x0820)] #[custom] #[since(13020)]
    fn cuKernelGetParamCount(kernel: CUkernel, paramCount: *mut size_t);

    #[call(0x0821)] #[custom] #[since(2020)]
    fn cuFuncGetAttribute(pi: *mut c_int, attrib: CUfunction_attribute, hfunc: CUfunction);

    #[call(0x0822)] #[custom] #[since(9000)]
    fn cuFuncSetAttribute(hfunc: CUfunction, attrib: CUfunction_attribute, value: c_int);

    #[call(0x0823)] #[custom] #[since(3000)]
    fn cuFuncSetCacheConfig(hfunc: CUfunction, config: CUfunc_cache);

    #[call(0x0824)] #[custom] #[since(11000)]
    fn cuFuncGetModule(hmod: *mut CUmodule, hfunc: CUfunction);

    #[call(0x0825)] #[custom] #[since(12030)]
    fn cuFuncGetName(name: *mut *const c_char, hfunc: CUfunction);

    #[call(0x0826)] #[custom] #[since(12040)]
    fn cuFuncGetParamInfo(
        func: CUfunction,
        paramIndex: size_t,
        paramOffset: *mut size_t,
        paramSize: *mut size_t,
    );

    #[call(0x0827)] #[custom] #[since(13020)]
    fn cuFuncGetParamCount(func: CUfunction, paramCount: *mut size_t);

    #[call(0x0828)] #[custom] #[since(12040)]
    fn cuFuncIsLoaded(state: *mut CUfunctionLoadingState, function: CUfunction);

    #[call(0x0829)] #[custom] #[since(12040)]
    fn cuFuncLoad(function: CUfunction);

    #[call(0x082a)] #[custom] #[since(4020)]
    fn cuFuncSetSharedMemConfig(hfunc: CUfunction, config: CUsharedconfig);

    #[call(0x082b)] #[custom] #[since(5050)]
    fn cuLinkCreate(
        numOptions: c_uint,
        options: *mut CUjit_option,
        optionValues: *mut *mut c_void,
        stateOut: *mut CUlinkState,
    );

    #[call(0x082c)] #[custom] #[since(5050)]
    fn cuLinkAddData(
        state: CUlinkState,
        r#type: CUjitInputType,
        data: *mut c_void,
        size: size_t,
        name: *const c_char,
        numOptions: c_uint,
        options: *mut CUjit_option,
        optionValues: *mut *mut c_void,
    );

    #[call(0x082d)] #[custom] #[since(5050)]
    fn cuLinkAddFile(
        state: CUlinkState,
        r#type: CUjitInputType,
        path: *const c_char,
        numOptions: c_uint,
        options: *mut CUjit_option,
        optionValues: *mut *mut c_void,
    );

    #[call(0x082e)] #[unsupported] #[since(2000)]
    fn cuModuleGetGlobal(
        dptr: *mut CUdeviceptr_v1,
        bytes: *mut c_uint,
        hmod: CUmodule,
        name: *const c_char,
    );
}
