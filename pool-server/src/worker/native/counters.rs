//! What a driver of ours says of itself besides CUDA: its counters, where its memory lies, what its
//! kernels have printed. It is a private table of `cuGetExportTable`, which another driver does not
//! have. See `docs/decisions/0051-soft-driver-counters.md`. Read [`SoftTable`] first.
#![expect(
    unsafe_code,
    reason = "calls through a table of a loaded library of ours"
)]

use std::ffi::c_void;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::ptr;

use rigel_protocol::control::AddressRange;
use rigel_protocol::generated::types::CUuuid;
use rigel_protocol::{CuError, CuResult};

use super::Native;
use super::generated::Symbols;
use crate::worker::meter::{Counter, Meter};

/// The table's id.
const TABLE_ID: [u8; 16] = *b"rigel soft gpu 1";

/// The driver's counters in the order it writes them.
const PLACES: [Counter; 10] = [
    Counter::DriverLaunches,
    Counter::DriverThreadInstructions,
    Counter::DriverWarpInstructions,
    Counter::DriverBlocks,
    Counter::DriverCopiesHtod,
    Counter::DriverCopiesDtoh,
    Counter::DriverBytesHtod,
    Counter::DriverBytesDtoh,
    Counter::DriverMemoryPeakBytes,
    Counter::DriverAllocations,
];

/// The table as it lies in memory.
#[repr(C)]
struct Slots {
    bytes: usize,
    counters: unsafe extern "C" fn(*mut c_void, usize) -> i32,
    device_range: unsafe extern "C" fn(*mut u64, *mut u64) -> i32,
    flush: extern "C" fn(),
    rest: extern "C" fn(),
    memory_bytes: extern "C" fn(i32) -> u64,
    lent_descriptor: unsafe extern "C" fn(*const [u8; 64]) -> i32,
    lent_here: unsafe extern "C" fn(*mut [u8; 64], i32),
}

/// The soft driver's table.
#[derive(Clone, Copy)]
pub(in crate::worker) struct SoftTable {
    slots: &'static Slots,
}

impl std::fmt::Debug for SoftTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SoftTable")
            .field("bytes", &self.slots.bytes)
            .finish_non_exhaustive()
    }
}

impl SoftTable {
    /// The table of a library that has been started; `None` of any driver but ours.
    pub(super) fn of(symbols: &Symbols) -> Option<Self> {
        let entry = symbols.cuGetExportTable.optional()?;
        let mut table = ptr::null();
        let id = CUuuid { bytes: TABLE_ID };
        // SAFETY: the result and the id are live locals.
        if unsafe { entry(&mut table, &id) } != 0 || table.is_null() {
            return None;
        }
        let slots = table.cast::<Slots>();
        // SAFETY: whoever knows the id has a table of ours, which begins with its size and lives as
        // long as the library, which is never unloaded.
        let bytes = unsafe { ptr::read(&raw const (*slots).bytes) };
        if bytes < size_of::<Slots>() {
            return None;
        }
        // SAFETY: as above; the table is as long as we read it.
        let slots = unsafe { &*slots };
        Some(Self { slots })
    }

    /// Reads the counters into a meter.
    pub(in crate::worker) fn read(&self, meter: &Meter) {
        let mut values = [0_u64; PLACES.len()];
        // SAFETY: the function writes no more bytes than it is told there is room for.
        let got =
            unsafe { (self.slots.counters)(values.as_mut_ptr().cast(), size_of_val(&values)) };
        if got != 0 {
            return;
        }
        meter.set(Counter::HasDriverCounters, 1);
        for (counter, value) in PLACES.into_iter().zip(values) {
            meter.set(counter, value);
        }
    }

    /// Delivers what kernels have printed to standard output.
    pub(in crate::worker) fn flush(&self) {
        (self.slots.flush)();
    }

    /// Gives the process's turns on the devices back at once, where nothing runs.
    pub(in crate::worker) fn rest(&self) {
        (self.slots.rest)();
    }

    /// Bytes of a device's memory that this process has in use, whatever took them.
    pub(in crate::worker) fn memory_bytes(&self, device: u32) -> u64 {
        i32::try_from(device).map_or(0, |device| (self.slots.memory_bytes)(device))
    }

    /// A descriptor of the file in which something lies that this process has lent under a name: workers do not
    /// see each other's.
    pub(in crate::worker) fn lent(&self, name: &[u8; 64]) -> CuResult<Option<OwnedFd>> {
        // SAFETY: the name is a live array.
        let number = unsafe { (self.slots.lent_descriptor)(name) };
        if number < 0 {
            return Ok(None);
        }
        // SAFETY: the library keeps what it lends open as long as the process lives.
        let lent = unsafe { BorrowedFd::borrow_raw(number) };
        let copy = lent.try_clone_to_owned();
        copy.map(Some).map_err(|_| CuError::OPERATING_SYSTEM)
    }

    /// Notes in a name that this process has a descriptor of the file.
    pub(in crate::worker) fn has_lent(&self, name: &mut [u8; 64], descriptor: BorrowedFd<'_>) {
        // SAFETY: the name is a live array of the caller's.
        unsafe { (self.slots.lent_here)(name, descriptor.as_raw_fd()) };
    }

    fn device_range(&self) -> AddressRange {
        let mut range = AddressRange::default();
        // SAFETY: the results are live locals.
        let got = unsafe { (self.slots.device_range)(&mut range.base, &mut range.bytes) };
        match got {
            0 => range,
            _ => AddressRange::default(),
        }
    }
}

impl Native {
    /// The soft driver's table, if this is one.
    pub(in crate::worker) fn soft(&self) -> Option<SoftTable> {
        SoftTable::of(&self.symbols)
    }

    /// Its name, for people, without its version.
    pub(in crate::worker) fn name(&self) -> String {
        match self.soft() {
            Some(_) => "Rigel soft driver".to_owned(),
            None => self.loaded.path().display().to_string(),
        }
    }

    /// Addresses that device memory may take; none if the driver does not say.
    pub(in crate::worker) fn device_range(&self) -> AddressRange {
        self.soft()
            .map(|table| table.device_range())
            .unwrap_or_default()
    }
}
