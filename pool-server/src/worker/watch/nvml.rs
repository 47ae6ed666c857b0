//! Errors of real GPUs, by NVML's event set. Read [`Watched`] first.
#![expect(unsafe_code, reason = "loads NVML and calls it")]

use std::ffi::{c_char, c_int, c_uint, c_ulonglong, c_void};
use std::ptr;

use anyhow::{Context as _, bail};
use libloading::Library;

use super::Source;
use crate::worker::control::{GpuFault, GpuName};

/// Events that are asked for: uncorrectable errors of memory, and what NVIDIA calls critical Xids.
const DOUBLE_BIT_ECC: c_ulonglong = 0x2;
const CRITICAL_XID: c_ulonglong = 0x8;
/// The Xid that says the same as an event of uncorrectable memory.
const XID_DOUBLE_BIT_ECC: u32 = 48;
/// How long one look waits.
const WAIT_MS: c_uint = 500;
/// Room for a UUID in words: `GPU-` and 36 characters, or a longer one of an instance.
const UUID_BYTES: usize = 96;
/// Most GPUs of a host.
const GPUS_MAX: c_uint = 256;

/// What NVML's functions return.
type Status = c_int;
const SUCCESS: Status = 0;
const TIMEOUT: Status = 10;
const GPU_IS_LOST: Status = 15;
/// The Xid of a GPU that has fallen off the bus.
const XID_LOST: u32 = 79;

/// As NVML lays it out.
#[repr(C)]
struct EventData {
    device: *mut c_void,
    kind: c_ulonglong,
    data: c_ulonglong,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

type Wait = unsafe extern "C" fn(*mut c_void, *mut EventData, c_uint) -> Status;
type Uuid = unsafe extern "C" fn(*mut c_void, *mut c_char, c_uint) -> Status;

/// All GPUs of the host, registered for their errors.
pub(super) struct Watched {
    /// Never unloaded: NVML leaves threads behind.
    _library: &'static Library,
    wait: Wait,
    set: *mut c_void,
    /// Each GPU's handle and UUID.
    gpus: Vec<(*mut c_void, [u8; 16])>,
}

impl Watched {
    /// Opens NVML, where distributions put it.
    pub(super) fn open() -> anyhow::Result<Self> {
        // SAFETY: NVIDIA's library, whose initialisers are as trusted as its driver.
        let library = unsafe { Library::new("libnvidia-ml.so.1") }.context("load NVML")?;
        let library: &'static Library = Box::leak(Box::new(library));
        let init: unsafe extern "C" fn() -> Status = symbol(library, b"nvmlInit_v2\0")?;
        let count: unsafe extern "C" fn(*mut c_uint) -> Status =
            symbol(library, b"nvmlDeviceGetCount_v2\0")?;
        let create: unsafe extern "C" fn(*mut *mut c_void) -> Status =
            symbol(library, b"nvmlEventSetCreate\0")?;
        let (mut n, mut set) = (0, ptr::null_mut());
        // SAFETY: the function takes nothing.
        check("start NVML", unsafe { init() })?;
        // SAFETY: it writes one number, to a live local.
        check("count the GPUs", unsafe { count(&raw mut n) })?;
        // SAFETY: it writes one handle, to a live local.
        check("make a set of events", unsafe { create(&raw mut set) })?;
        let mut watched = Self {
            _library: library,
            wait: symbol(library, b"nvmlEventSetWait_v2\0")?,
            set,
            gpus: Vec::new(),
        };
        for index in 0..n.min(GPUS_MAX) {
            // One without such events does not keep the others from being watched.
            if let Err(error) = watched.register(library, index) {
                tracing::warn!("GPU {index} is not watched for errors: {error:#}");
            }
        }
        if watched.gpus.is_empty() {
            bail!("no GPU reports errors");
        }
        Ok(watched)
    }

    fn register(&mut self, library: &'static Library, index: c_uint) -> anyhow::Result<()> {
        let by_index: unsafe extern "C" fn(c_uint, *mut *mut c_void) -> Status =
            symbol(library, b"nvmlDeviceGetHandleByIndex_v2\0")?;
        let register: unsafe extern "C" fn(*mut c_void, c_ulonglong, *mut c_void) -> Status =
            symbol(library, b"nvmlDeviceRegisterEvents\0")?;
        let supported: unsafe extern "C" fn(*mut c_void, *mut c_ulonglong) -> Status =
            symbol(library, b"nvmlDeviceGetSupportedEventTypes\0")?;
        let (mut device, mut kinds) = (ptr::null_mut(), 0);
        // SAFETY: it writes one handle, to a live local.
        check("find it", unsafe { by_index(index, &raw mut device) })?;
        // SAFETY: the handle is NVML's own; it writes one number, to a live local.
        check("ask it", unsafe { supported(device, &raw mut kinds) })?;
        let wanted = kinds & (DOUBLE_BIT_ECC | CRITICAL_XID);
        if wanted == 0 {
            bail!("it has no events of errors");
        }
        // SAFETY: handle and set are NVML's own.
        check("register it", unsafe { register(device, wanted, self.set) })?;
        let uuid = uuid(symbol(library, b"nvmlDeviceGetUUID\0")?, device)?;
        self.gpus.push((device, uuid));
        Ok(())
    }
}

impl Source for Watched {
    fn next(&mut self) -> anyhow::Result<Vec<GpuFault>> {
        let mut event = EventData {
            device: ptr::null_mut(),
            kind: 0,
            data: 0,
            gpu_instance: 0,
            compute_instance: 0,
        };
        // SAFETY: the set is NVML's own; it writes one event, to a live local of its layout.
        let status = unsafe { (self.wait)(self.set, &raw mut event, WAIT_MS) };
        let xid = match status {
            TIMEOUT => return Ok(Vec::new()),
            SUCCESS if event.kind == DOUBLE_BIT_ECC => XID_DOUBLE_BIT_ECC,
            SUCCESS => u32::try_from(event.data).unwrap_or(u32::MAX),
            GPU_IS_LOST => XID_LOST,
            other => bail!("NVML's events ended with status {other}"),
        };
        let found = self
            .gpus
            .iter()
            .filter(|(device, _)| *device == event.device);
        let mut gpus: Vec<[u8; 16]> = found.map(|(_, uuid)| *uuid).collect();
        if gpus.is_empty() {
            // It does not say which: none of them can be relied on.
            gpus = self.gpus.iter().map(|(_, uuid)| *uuid).collect();
        }
        let fault = |uuid| GpuFault {
            gpu: GpuName::Uuid(uuid),
            xid,
        };
        Ok(gpus.into_iter().map(fault).collect())
    }
}

fn symbol<T: Copy>(library: &'static Library, name: &'static [u8]) -> anyhow::Result<T> {
    // SAFETY: each caller names the type that NVML's documentation gives the function.
    let found = unsafe { library.get::<T>(name) };
    Ok(*found.with_context(|| format!("find {}", String::from_utf8_lossy(name)))?)
}

fn check(what: &str, status: Status) -> anyhow::Result<()> {
    match status {
        SUCCESS => Ok(()),
        other => bail!("{what}: NVML's status {other}"),
    }
}

fn uuid(function: Uuid, device: *mut c_void) -> anyhow::Result<[u8; 16]> {
    let mut text: [c_char; UUID_BYTES] = [0; UUID_BYTES];
    // SAFETY: the handle is NVML's own; it writes at most as many bytes as it is told there are.
    let status = unsafe { function(device, text.as_mut_ptr(), UUID_BYTES as c_uint) };
    check("ask for its UUID", status)?;
    let text: String = text
        .iter()
        .take_while(|c| **c != 0)
        .map(|c| char::from(*c as u8))
        .collect();
    parse_uuid(&text).with_context(|| format!("understand the UUID {text}"))
}

/// `GPU-` and 32 digits with hyphens between.
fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text
        .strip_prefix("GPU-")?
        .chars()
        .filter(|c| *c != '-')
        .map(|c| c.to_digit(16).map(|digit| digit as u8))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_in_words_is_read() {
        let uuid = parse_uuid("GPU-00112233-4455-6677-8899-aabbccddeeff").unwrap();
        assert_eq!((uuid[0], uuid[1], uuid[15]), (0x00, 0x11, 0xff));
        for bad in [
            "",
            "GPU-",
            "GPU-0011",
            "MIG-00112233-4455-6677-8899-aabbccddeeff",
        ] {
            assert_eq!(parse_uuid(bad), None, "{bad}");
        }
    }
}
