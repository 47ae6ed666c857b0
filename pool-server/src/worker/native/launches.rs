//! Launches of kernels and of host functions.
#![expect(
    unsafe_code,
    reason = "calls into a loaded libcuda, and is called by it"
)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use rigel_protocol::call::Cx;
use rigel_protocol::custom::{HostCallback, LaunchConfig, Launches};
use rigel_protocol::generated::driver::StreamApi;
use rigel_protocol::generated::types::{
    CUlaunchAttribute, CUlaunchAttributeID, CUlaunchAttributeValue, CUlaunchConfig,
    CUstreamCaptureStatus,
};
use rigel_protocol::handle::{Function, Stream};
use rigel_protocol::{CuError, CuResult};

use super::{Native, lock};

/// `CU_LAUNCH_PARAM_BUFFER_POINTER` and its kin.
pub(super) const PARAM_END: *mut c_void = ptr::null_mut();
pub(super) const PARAM_POINTER: *mut c_void = ptr::without_provenance_mut(1);
pub(super) const PARAM_SIZE: *mut c_void = ptr::without_provenance_mut(2);

/// Host functions that graphs may hold, at most.
const CAPTURED_MAX: usize = 1 << 16;

/// A host function as the driver is given it.
pub(super) struct Call {
    pub(super) callback: HostCallback,
    /// What the caller knows it by; 0 for a captured one.
    pub(super) tag: u64,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

impl Launches for Native {
    fn launch(
        &self,
        cx: Cx,
        function: Function,
        config: &LaunchConfig<'_>,
        params: &[u8],
    ) -> CuResult<()> {
        let mut size = params.len();
        let mut extra = [
            PARAM_POINTER,
            params.as_ptr().cast_mut().cast(),
            PARAM_SIZE,
            ptr::from_mut(&mut size).cast(),
            PARAM_END,
        ];
        let extra = match params.is_empty() {
            true => ptr::null_mut(),
            false => extra.as_mut_ptr(),
        };
        self.enter(cx)?;
        match config.attributes.is_empty() && !config.cooperative {
            true => self.launch_plain(function, config, extra),
            false => self.launch_extended(function, config, extra),
        }
    }

    fn launch_host(
        &self,
        cx: Cx,
        stream: Stream,
        callback: HostCallback,
        even_after_error: bool,
    ) -> CuResult<()> {
        let call = Arc::new(Call { callback, tag: 0 });
        let capturing = self.stream_is_capturing(cx, stream)
            == Ok(CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE);
        if capturing {
            self.keep_call(Arc::clone(&call))?;
        }
        self.enter(cx)?;
        match (even_after_error, capturing) {
            (true, _) => self.add_callback(stream, call),
            (false, true) => self.host_function(stream, Arc::as_ptr(&call), called_again),
            (false, false) => {
                let call = Arc::into_raw(call);
                self.host_function(stream, call, called_once)
                    .inspect_err(|_| {
                        // SAFETY: the driver has refused it and will never call it.
                        drop(unsafe { Arc::from_raw(call) });
                    })
            }
        }
    }
}

impl Native {
    /// Keeps a host function as long as the driver may call it.
    pub(super) fn keep_call(&self, call: Arc<Call>) -> CuResult<*const Call> {
        let mut captured = lock(&self.captured);
        if captured.len() >= CAPTURED_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        let place = Arc::as_ptr(&call);
        captured.push(call);
        Ok(place)
    }

    fn launch_plain(
        &self,
        function: Function,
        config: &LaunchConfig<'_>,
        extra: *mut *mut c_void,
    ) -> CuResult<()> {
        let entry = self.symbols.cuLaunchKernel.get()?;
        let ([gx, gy, gz], [bx, by, bz]) = (config.grid, config.block);
        let (shared, stream) = (config.shared_bytes, config.stream);
        // SAFETY: `extra` is null or a terminated list whose buffer and size live across the call;
        // the buffer is as long as the function's parameters, which the caller has checked.
        CuError::check(unsafe {
            entry(
                function,
                gx,
                gy,
                gz,
                bx,
                by,
                bz,
                shared,
                stream,
                ptr::null_mut(),
                extra,
            )
        })
    }

    fn launch_extended(
        &self,
        function: Function,
        config: &LaunchConfig<'_>,
        extra: *mut *mut c_void,
    ) -> CuResult<()> {
        let entry = self.symbols.cuLaunchKernelEx.get()?;
        let mut attributes: Vec<CUlaunchAttribute> = config
            .attributes
            .iter()
            .map(|(number, value)| attribute(*number, value))
            .collect();
        if config.cooperative {
            let mut value = [0; 64];
            value[0] = 1;
            let number = CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE.0;
            attributes.push(attribute(number, &value));
        }
        let ([gx, gy, gz], [bx, by, bz]) = (config.grid, config.block);
        let launch = CUlaunchConfig {
            gridDimX: gx,
            gridDimY: gy,
            gridDimZ: gz,
            blockDimX: bx,
            blockDimY: by,
            blockDimZ: bz,
            sharedMemBytes: config.shared_bytes,
            hStream: config.stream,
            attrs: attributes.as_mut_ptr(),
            numAttrs: attributes.len() as u32,
        };
        // SAFETY: as in `launch_plain`; the configuration and its attributes live across the call.
        CuError::check(unsafe { entry(&launch, function, ptr::null_mut(), extra) })
    }

    fn host_function(
        &self,
        stream: Stream,
        call: *const Call,
        function: unsafe extern "C" fn(*mut c_void),
    ) -> CuResult<()> {
        let entry = self.symbols.cuLaunchHostFunc.get()?;
        // SAFETY: `function` takes `call` as its argument, which lives until it has been called (once)
        // or as long as the driver (captured).
        CuError::check(unsafe { entry(stream, Some(function), call.cast_mut().cast()) })
    }

    fn add_callback(&self, stream: Stream, call: Arc<Call>) -> CuResult<()> {
        let entry = self.symbols.cuStreamAddCallback.get()?;
        let call = Arc::into_raw(call);
        // SAFETY: the function takes `call` as its argument, which lives until it has been called.
        let added = unsafe { entry(stream, Some(called_with_state), call.cast_mut().cast(), 0) };
        CuError::check(added).inspect_err(|_| {
            // SAFETY: the driver has refused it and will never call it.
            drop(unsafe { Arc::from_raw(call) });
        })
    }
}

fn attribute(number: u32, value: &[u8; 64]) -> CUlaunchAttribute {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(value.chunks_exact(8)) {
        let mut raw = [0; 8];
        raw.copy_from_slice(bytes);
        *word = u64::from_ne_bytes(raw);
    }
    CUlaunchAttribute {
        id: CUlaunchAttributeID(number),
        pad: [0; 4],
        value: CUlaunchAttributeValue { words },
    }
}

/// The driver calls a host function for the only time.
unsafe extern "C" fn called_once(call: *mut c_void) {
    // SAFETY: the pointer is what `launch_host` gave away with the call, and the driver calls once.
    let call = unsafe { Arc::from_raw(call.cast_const().cast::<Call>()) };
    invoke(&call, Ok(()));
}

/// The driver calls a host function that a graph holds.
pub(super) unsafe extern "C" fn called_again(call: *mut c_void) {
    // SAFETY: the pointer leads to a call that `captured` keeps alive.
    let call = unsafe { &*call.cast_const().cast::<Call>() };
    invoke(call, Ok(()));
}

/// The driver calls a stream callback, which it does once.
unsafe extern "C" fn called_with_state(_stream: Stream, state: i32, call: *mut c_void) {
    // SAFETY: as in `called_once`.
    let call = unsafe { Arc::from_raw(call.cast_const().cast::<Call>()) };
    invoke(&call, CuError::check(state));
}

fn invoke(call: &Call, state: CuResult<()>) {
    // A panic must not cross the C border; the panic handler has reported it.
    let _ = catch_unwind(AssertUnwindSafe(|| (call.callback)(state)));
}
