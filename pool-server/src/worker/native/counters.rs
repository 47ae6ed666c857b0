//! What a driver of ours says of itself besides CUDA: its counters, and where its memory lies. Another
//! driver has none of these symbols. See `docs/decisions/0051-soft-driver-counters.md`.
#![expect(unsafe_code, reason = "calls into a loaded library of ours")]

use rigel_protocol::control::AddressRange;

use super::Native;
use super::loader::Entry;
use crate::worker::meter::{Counter, Meter};
use crate::worker::session::DriverCounters;

/// Writes up to `count` counters, in the order of [`PLACES`], and returns how many it has.
type ReadCounters = unsafe extern "C" fn(counters: *mut u64, count: usize) -> usize;
/// Writes the first address of device memory, and the length of its range.
type ReadRange = unsafe extern "C" fn(base: *mut u64, bytes: *mut u64);

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

impl Native {
    /// Whether kernels run on the CPU.
    pub(in crate::worker) fn is_soft(&self) -> bool {
        self.counter_entry().optional().is_some()
    }

    /// Its name, for people.
    pub(in crate::worker) fn name(&self) -> String {
        let (major, minor) = (self.version / 1000, self.version % 1000 / 10);
        match self.is_soft() {
            true => format!("Rigel soft driver (CUDA {major}.{minor})"),
            false => format!(
                "CUDA {major}.{minor} driver, {}",
                self.loaded.path().display()
            ),
        }
    }

    /// Addresses that device memory may take; none if the driver does not say.
    pub(in crate::worker) fn device_range(&self) -> AddressRange {
        let entry: Entry<ReadRange> = Entry::find(self.loaded.library(), "rigel_soft_device_range");
        let mut range = AddressRange::default();
        if let Some(read) = entry.optional() {
            // SAFETY: our own function; the results are live locals.
            unsafe { read(&mut range.base, &mut range.bytes) };
        }
        range
    }

    /// Reads its counters into a meter, if it has any.
    pub(in crate::worker) fn counters(&self) -> Option<DriverCounters> {
        let read = self.counter_entry().optional()?;
        Some(Box::new(move |meter: &Meter| {
            let mut values = [0; PLACES.len()];
            // SAFETY: our own function, which writes no more than it is told there is room for; the
            // library is never unloaded.
            let count = unsafe { read(values.as_mut_ptr(), values.len()) };
            meter.set(Counter::HasDriverCounters, 1);
            for (counter, value) in PLACES.into_iter().zip(values).take(count) {
                meter.set(counter, value);
            }
        }))
    }

    fn counter_entry(&self) -> Entry<ReadCounters> {
        Entry::find(self.loaded.library(), "rigel_soft_counters")
    }
}
