//! The library as a process loads it: the driver behind its exports, the table by which Rigel's own
//! worker asks for counters, and what happens when the process ends. Read [`driver`].
//!
//! The table is found by `cuGetExportTable` with [`TABLE_ID`]. Its slots: 0, its size in bytes; 1,
//! [`counters`]; 2, [`device_range`]; 3, [`flush`]; 4, [`rest`]; 5, [`memory_bytes`]; 6, [`lent_descriptor`];
//! 7, [`lent_here`].

#![expect(unsafe_code, reason = "functions called through a C table and at exit")]

use std::{
    ffi::{c_int, c_void},
    sync::{Once, OnceLock},
};

use rigel_interposer::OwnTable;
use rigel_protocol::Driver;

use crate::{driver::SoftDriver, ipc, logging, stats::Snapshot};

/// The id of the soft driver's table.
pub const TABLE_ID: [u8; 16] = *b"rigel soft gpu 1";

/// `CUDA_ERROR_INVALID_VALUE`.
const INVALID_VALUE: c_int = 1;

static TABLE: Table = Table {
    bytes: size_of::<Table>(),
    counters,
    device_range,
    flush,
    rest,
    memory_bytes,
    lent_descriptor,
    lent_here,
};

#[repr(C)]
struct Table {
    bytes: usize,
    counters: unsafe extern "C" fn(*mut c_void, usize) -> c_int,
    device_range: unsafe extern "C" fn(*mut u64, *mut u64) -> c_int,
    flush: extern "C" fn(),
    rest: extern "C" fn(),
    memory_bytes: extern "C" fn(c_int) -> u64,
    lent_descriptor: unsafe extern "C" fn(*const [u8; 64]) -> c_int,
    lent_here: unsafe extern "C" fn(*mut [u8; 64], c_int),
}

rigel_interposer::register!(driver);

/// The driver behind this library's exports.
fn driver() -> &'static dyn Driver {
    static ONCE: Once = Once::new();
    logging::start();
    ONCE.call_once(|| {
        let _ = OWNER.set(std::process::id());
        let address = (&raw const TABLE).expose_provenance();
        rigel_interposer::offer_table(OwnTable {
            id: TABLE_ID,
            address,
        });
        // SAFETY: the function exists as long as the process.
        if unsafe { libc::atexit(at_exit) } != 0 {
            tracing::warn!("no counters will be written at exit");
        }
    });
    soft()
}

fn soft() -> &'static SoftDriver {
    static SOFT: OnceLock<SoftDriver> = OnceLock::new();
    SOFT.get_or_init(SoftDriver::from_env)
}

/// The process that made the driver; a forked child of it has nothing to tell.
static OWNER: OnceLock<u32> = OnceLock::new();

extern "C" fn at_exit() {
    if OWNER.get() == Some(&std::process::id()) {
        soft().finish();
    }
}

/// Writes the counters, a [`Snapshot`], to `out`, which has `bytes` bytes: as many as both sides
/// know.
///
/// # Safety
/// `out` must be null or have room for `bytes` bytes.
unsafe extern "C" fn counters(out: *mut c_void, bytes: usize) -> c_int {
    if out.is_null() {
        return INVALID_VALUE;
    }
    let snapshot = soft().snapshot();
    let known = bytes.min(size_of::<Snapshot>());
    // SAFETY: the caller gives room for `bytes` bytes, the snapshot has at least `known`.
    unsafe { std::ptr::copy_nonoverlapping((&raw const snapshot).cast::<u8>(), out.cast(), known) };
    0
}

/// Writes first address and size of the range that device memory may take.
///
/// # Safety
/// Both pointers must be null or point to a word.
unsafe extern "C" fn device_range(base: *mut u64, bytes: *mut u64) -> c_int {
    if base.is_null() || bytes.is_null() {
        return INVALID_VALUE;
    }
    let range = soft().device_range();
    // SAFETY: the caller gives room for both words.
    unsafe { base.write(range.0) };
    // SAFETY: as above.
    unsafe { bytes.write(range.1) };
    0
}

/// Delivers what kernels have printed.
extern "C" fn flush() {
    soft().flush();
}

/// Gives the process's turns on the devices back at once, where nothing runs.
extern "C" fn rest() {
    soft().rest();
}

/// Bytes of a device's memory that this process has in use, whatever took them; 0 of a device that does
/// not exist.
extern "C" fn memory_bytes(device: c_int) -> u64 {
    soft().memory_bytes(device)
}

/// This process's descriptor of the file in which something lies that it has lent, -1 if the name is none of
/// its own. The caller hands a copy of it to who may not look at this process's descriptors.
///
/// # Safety
/// The name must be null or readable.
unsafe extern "C" fn lent_descriptor(name: *const [u8; 64]) -> c_int {
    // SAFETY: the caller's promise.
    let name = unsafe { name.as_ref() };
    name.and_then(ipc::own_descriptor).unwrap_or(-1)
}

/// Notes in a name that this process has a descriptor of the file already.
///
/// # Safety
/// The name must be null, or readable and writable.
unsafe extern "C" fn lent_here(name: *mut [u8; 64], descriptor: c_int) {
    // SAFETY: the caller's promise.
    if let Some(name) = unsafe { name.as_mut() } {
        ipc::note_descriptor(name, descriptor);
    }
}
