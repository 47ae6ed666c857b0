//! What cases need before they begin: a context, memory, a stream, a module.
//!
//! A fixture that cannot be had panics, and the case is reported as such: it has not shown its
//! rule. Read [`Cuda::begin`] first.

use std::ffi::{CString, c_void};

use crate::cuda::Cuda;
use crate::ptx;

impl Cuda {
    /// Makes the primary context of device 0 current in this thread.
    pub(crate) fn begin(&self) {
        let context = self.primary(0);
        self.cuCtxSetCurrent(context).must("cuCtxSetCurrent");
    }

    /// The primary context of a device, with one more use.
    pub(crate) fn primary(&self, device: i32) -> u64 {
        let mut context = 0;
        self.cuDevicePrimaryCtxRetain(&mut context, device)
            .must("cuDevicePrimaryCtxRetain");
        context
    }

    /// How many devices there are.
    pub(crate) fn devices(&self) -> i32 {
        let mut n = 0;
        self.cuDeviceGetCount(&mut n).must("cuDeviceGetCount");
        n
    }

    /// An attribute of device 0.
    pub(crate) fn attribute(&self, attribute: u32) -> i32 {
        let mut value = 0;
        self.cuDeviceGetAttribute(&mut value, attribute, 0)
            .must("cuDeviceGetAttribute");
        value
    }

    /// Device memory.
    pub(crate) fn alloc(&self, bytes: usize) -> u64 {
        let mut address = 0;
        self.cuMemAlloc_v2(&mut address, bytes)
            .must("cuMemAlloc_v2");
        address
    }

    /// Page-locked memory.
    pub(crate) fn host(&self, bytes: usize) -> *mut c_void {
        let mut address = std::ptr::null_mut();
        self.cuMemHostAlloc(&mut address, bytes, 0)
            .must("cuMemHostAlloc");
        address
    }

    /// A stream of this kind.
    pub(crate) fn stream(&self, flags: u32) -> u64 {
        let mut stream = 0;
        self.cuStreamCreate(&mut stream, flags)
            .must("cuStreamCreate");
        stream
    }

    /// An event of this kind.
    pub(crate) fn event(&self, flags: u32) -> u64 {
        let mut event = 0;
        self.cuEventCreate(&mut event, flags).must("cuEventCreate");
        event
    }

    /// The module of [`ptx::MODULE`].
    pub(crate) fn module(&self) -> u64 {
        let mut module = 0;
        let text = ptx::MODULE.as_ptr();
        self.cuModuleLoadData(&mut module, text.cast())
            .must("cuModuleLoadData");
        module
    }

    /// A kernel of a module.
    pub(crate) fn function(&self, module: u64, name: &str) -> u64 {
        let mut function = 0;
        let text = CString::new(name).unwrap_or_default();
        self.cuModuleGetFunction(&mut function, module, text.as_ptr())
            .must("cuModuleGetFunction");
        function
    }

    /// A kernel of [`ptx::MODULE`], in a module of its own.
    pub(crate) fn kernel(&self, name: &str) -> u64 {
        self.function(self.module(), name)
    }
}

impl crate::cuda::Status {
    /// Panics unless it is success: what a case needs beforehand.
    ///
    /// # Panics
    ///
    /// With the call's name, which becomes what was observed.
    pub(crate) fn must(self, call: &str) {
        assert!(self.is_ok(), "{call}: {self}");
    }
}
