//! Start, devices, contexts, page-locked memory.
#![expect(unsafe_code, reason = "calls into a loaded libcuda")]

use std::collections::HashMap;
use std::ffi::c_void;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use anyhow::{Context as _, anyhow, bail};
use rigel_protocol::call::{Cx, HostPtr, ThreadId};
use rigel_protocol::custom::{Contexts, DeviceProfile, HostMemory, Lifecycle, PciAddress};
use rigel_protocol::generated::types::{CUdevice_attribute, CUstreamCaptureMode, CUuuid};
use rigel_protocol::handle::{Context, Device};
use rigel_protocol::{CuError, CuResult};

use super::generated::Symbols;
use super::loader::{Loaded, text_of};
use super::{CURRENT, Native, lock};

/// Attributes are asked for up to this number; CUDA 13.2 numbers fewer.
const ATTRIBUTES: u32 = 160;
/// What a pooled device cannot do, whatever the physical one says: its host memory is another
/// process's. In order: pageable memory access, host-native atomics, concurrent managed access,
/// pageable access through host page tables, direct managed access, handles of memory as file
/// descriptors.
const POOLED_AWAY: [usize; 6] = [88, 86, 89, 100, 101, 103];
const PCI_BUS: usize = 33;
const PCI_DEVICE: usize = 34;
const PCI_DOMAIN: usize = 50;

/// Opens the devices of a loaded library.
pub(super) fn open(loaded: Loaded, symbols: Symbols) -> anyhow::Result<Native> {
    let path = loaded.path().display();
    let init = symbols
        .cuInit
        .get()
        .map_err(|error| anyhow!("{path}: {error}"))?;
    // SAFETY: cuInit takes flags only, which must be 0.
    CuError::check(unsafe { init(0) })
        .map_err(|error| anyhow!("the driver {path} does not start: {error}"))?;
    let version = version(&symbols).with_context(|| format!("ask {path} for its version"))?;
    if symbols.cuFuncGetParamInfo.optional().is_none() {
        bail!(
            "the driver {path} is of CUDA {}.{}, which does not tell the layout of kernels' \
             parameters; Rigel needs a driver of CUDA 12.4 or newer",
            version / 1000,
            version % 1000 / 10
        );
    }
    let count = device_count(&symbols).with_context(|| format!("ask {path} for its devices"))?;
    let mut devices = Vec::new();
    let mut profiles = Vec::new();
    for ordinal in 0..count {
        let device = device(&symbols, ordinal)?;
        profiles.push(profile(&symbols, device).with_context(|| format!("ask GPU {ordinal}"))?);
        devices.push(device);
    }
    Ok(Native {
        symbols,
        devices,
        profiles,
        version,
        contexts: Mutex::default(),
        next_context: AtomicU32::new(Context::PRIMARY_MAX),
        epoch: AtomicU64::new(0),
        infos: Mutex::new(HashMap::new()),
        captured: Mutex::default(),
        loaded,
    })
}

fn version(symbols: &Symbols) -> CuResult<i32> {
    let entry = symbols.cuDriverGetVersion.get()?;
    let mut version = 0;
    // SAFETY: the result is a live local.
    CuError::check(unsafe { entry(&mut version) })?;
    Ok(version)
}

fn device_count(symbols: &Symbols) -> CuResult<u32> {
    let entry = symbols.cuDeviceGetCount.get()?;
    let mut count = 0;
    // SAFETY: the result is a live local.
    CuError::check(unsafe { entry(&mut count) })?;
    Ok(u32::try_from(count).unwrap_or(0))
}

fn device(symbols: &Symbols, ordinal: u32) -> CuResult<Device> {
    let entry = symbols.cuDeviceGet.get()?;
    let mut device = Device(0);
    // SAFETY: the result is a live local.
    CuError::check(unsafe { entry(&mut device, ordinal as i32) })?;
    Ok(device)
}

fn profile(symbols: &Symbols, device: Device) -> CuResult<DeviceProfile> {
    let mut attributes: Vec<i32> = (0..ATTRIBUTES)
        .map(|number| attribute(symbols, device, number))
        .collect();
    for number in POOLED_AWAY {
        attributes[number] = 0;
    }
    let pci = PciAddress {
        domain: attributes[PCI_DOMAIN] as u32,
        bus: attributes[PCI_BUS] as u32,
        device: attributes[PCI_DEVICE] as u32,
    };
    let mut name = [0_u8; 256];
    let entry = symbols.cuDeviceGetName.get()?;
    // SAFETY: the buffer is live and as long as said.
    CuError::check(unsafe { entry(name.as_mut_ptr().cast(), name.len() as i32, device) })?;
    let mut uuid = CUuuid { bytes: [0; 16] };
    let entry = symbols
        .cuDeviceGetUuid_v2
        .or(&symbols.cuDeviceGetUuid)
        .get()?;
    // SAFETY: the result is a live local.
    CuError::check(unsafe { entry(&mut uuid, device) })?;
    let mut total = 0;
    let entry = symbols.cuDeviceTotalMem_v2.get()?;
    // SAFETY: the result is a live local.
    CuError::check(unsafe { entry(&mut total, device) })?;
    Ok(DeviceProfile {
        name: text_of(&name),
        uuid: uuid.bytes,
        total_bytes: total as u64,
        pci,
        attributes,
    })
}

/// An attribute; 0 if the driver does not know it.
fn attribute(symbols: &Symbols, device: Device, number: u32) -> i32 {
    let Some(entry) = symbols.cuDeviceGetAttribute.optional() else {
        return 0;
    };
    let mut value = 0;
    // SAFETY: the result is a live local.
    match unsafe { entry(&mut value, CUdevice_attribute(number), device) } {
        0 => value,
        _ => 0,
    }
}

impl Native {
    /// Sets the calling thread's context.
    pub(super) fn set_current(&self, real: Context) -> CuResult<()> {
        let entry = self.symbols.cuCtxSetCurrent.get()?;
        // SAFETY: null, or a context of this library that has not ended: ended ones leave the map.
        CuError::check(unsafe { entry(real) })
    }

    /// Lets the calling thread do while a stream is captured what CUDA calls unsafe then: its calls are
    /// those of many threads of the client, and the mode of each of these is the client's affair.
    pub(super) fn relax_captures(&self) {
        let Ok(entry) = self.symbols.cuThreadExchangeStreamCaptureMode.get() else {
            return;
        };
        let mut mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;
        // SAFETY: the mode is a live local, read and written by the call.
        let relaxed = unsafe { entry(&mut mode) };
        if let Err(error) = CuError::check(relaxed) {
            tracing::debug!(%error, "the thread keeps the strict mode for captures");
        }
    }
}

impl Lifecycle for Native {
    fn init(&self) -> CuResult<()> {
        Ok(())
    }

    fn driver_version(&self) -> CuResult<i32> {
        Ok(self.version)
    }

    fn devices(&self) -> CuResult<&[DeviceProfile]> {
        Ok(&self.profiles)
    }

    fn thread_end(&self, _thread: ThreadId) {}
}

impl Contexts for Native {
    fn primary_activate(&self, device: Device, flags: u32) -> CuResult<()> {
        let real = self.real_device(device)?;
        if let Some(set_flags) = self.symbols.cuDevicePrimaryCtxSetFlags_v2.optional() {
            // SAFETY: numbers only.
            CuError::check(unsafe { set_flags(real, flags) })?;
        }
        if lock(&self.contexts).contains_key(&Context::primary(device)) {
            return Ok(());
        }
        let retain = self.symbols.cuDevicePrimaryCtxRetain.get()?;
        let mut context = Context::NONE;
        // SAFETY: the result is a live local.
        CuError::check(unsafe { retain(&mut context, real) })?;
        lock(&self.contexts).insert(Context::primary(device), context);
        Ok(())
    }

    fn primary_reset(&self, device: Device) -> CuResult<()> {
        let real = self.real_device(device)?;
        let release = self.symbols.cuDevicePrimaryCtxRelease_v2.get()?;
        if self.forget_context(Context::primary(device)).is_none() {
            return Ok(());
        }
        self.set_current(Context::NONE)?;
        // SAFETY: a number only. What was retained once is released once, since it was in the map.
        CuError::check(unsafe { release(real) })
    }

    fn context_create(&self, device: Device, flags: u32) -> CuResult<Context> {
        let real = self.real_device(device)?;
        let mut context = Context::NONE;
        let created = match self.symbols.cuCtxCreate_v4.optional() {
            // SAFETY: the result is a live local; null parameters ask for a plain context.
            Some(entry) => unsafe { entry(&mut context, ptr::null_mut(), flags, real) },
            None => {
                let entry = self.symbols.cuCtxCreate_v2.get()?;
                // SAFETY: the result is a live local.
                unsafe { entry(&mut context, flags, real) }
            }
        };
        CuError::check(created)?;
        // Creating has made it current behind our back.
        CURRENT.set((u64::MAX, Context::NONE));
        let index = self.next_context.fetch_add(1, Ordering::Relaxed);
        let minted = Context::mint(index);
        lock(&self.contexts).insert(minted, context);
        Ok(minted)
    }

    fn context_destroy(&self, context: Context) -> CuResult<()> {
        let destroy = self.symbols.cuCtxDestroy_v2.get()?;
        let real = self
            .forget_context(context)
            .ok_or(CuError::INVALID_CONTEXT)?;
        self.set_current(Context::NONE)?;
        // SAFETY: a context of this library, taken out of the map and so destroyed once.
        CuError::check(unsafe { destroy(real) })
    }
}

impl HostMemory for Native {
    fn host_register(&self, cx: Cx, memory: HostPtr, bytes: u64, flags: u32) -> CuResult<()> {
        let entry = self.symbols.cuMemHostRegister_v2.get()?;
        self.enter(cx)?;
        // SAFETY: the memory is a mapping of the worker's own, which outlives its registration.
        CuError::check(unsafe { entry(memory.0 as *mut c_void, bytes as usize, flags) })
    }

    fn host_unregister(&self, cx: Cx, memory: HostPtr) -> CuResult<()> {
        let entry = self.symbols.cuMemHostUnregister.get()?;
        self.enter(cx)?;
        // SAFETY: the driver checks that the address was registered.
        CuError::check(unsafe { entry(memory.0 as *mut c_void) })
    }
}
