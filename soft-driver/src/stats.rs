//! What the driver has done, as counters: for `RIGEL_SOFT_STATS` and for the worker that reads them
//! from the loaded library. Read [`Stats`].

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::exec::Counters;

/// The counters of a process. Reading them while work goes on gives values of about now.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    /// Kernels launched.
    pub(crate) launches: AtomicU64,
    /// Instructions times the threads that executed them.
    pub(crate) thread_instructions: AtomicU64,
    /// Instructions issued to warps.
    pub(crate) warp_instructions: AtomicU64,
    /// Blocks run to their end.
    pub(crate) blocks: AtomicU64,
    /// Copies from host to device.
    pub(crate) copies_htod: AtomicU64,
    /// Copies from device to host.
    pub(crate) copies_dtoh: AtomicU64,
    /// Their bytes.
    pub(crate) bytes_htod: AtomicU64,
    /// Their bytes.
    pub(crate) bytes_dtoh: AtomicU64,
}

/// The counters at one moment. C code reads it in this layout, see
/// `docs/decisions/0051-soft-driver-counters.md`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Snapshot {
    /// Kernels launched.
    pub launches: u64,
    /// Instructions times the threads that executed them.
    pub thread_instructions: u64,
    /// Instructions issued to warps.
    pub warp_instructions: u64,
    /// Blocks run to their end.
    pub blocks: u64,
    /// Copies from host to device.
    pub copies_htod: u64,
    /// Copies from device to host.
    pub copies_dtoh: u64,
    /// Bytes of the copies from host to device.
    pub bytes_htod: u64,
    /// Bytes of the copies from device to host.
    pub bytes_dtoh: u64,
    /// Most bytes in use at once, summed over the devices.
    pub memory_peak_bytes: u64,
    /// Allocations of device memory.
    pub allocations: u64,
}

impl Stats {
    /// Adds to a counter.
    pub(crate) fn add(counter: &AtomicU64, amount: u64) {
        counter.fetch_add(amount, Ordering::Relaxed);
    }

    /// Adds what a launch has executed.
    pub(crate) fn add_executed(&self, counters: &Counters) {
        Self::add(&self.thread_instructions, counters.thread_instructions);
        Self::add(&self.warp_instructions, counters.warp_instructions);
        Self::add(&self.blocks, counters.blocks);
    }

    /// The counters now; those of memory are the caller's to fill in.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let now = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            launches: now(&self.launches),
            thread_instructions: now(&self.thread_instructions),
            warp_instructions: now(&self.warp_instructions),
            blocks: now(&self.blocks),
            copies_htod: now(&self.copies_htod),
            copies_dtoh: now(&self.copies_dtoh),
            bytes_htod: now(&self.bytes_htod),
            bytes_dtoh: now(&self.bytes_dtoh),
            ..Snapshot::default()
        }
    }
}

impl Snapshot {
    /// The counters by name, in the order of the struct.
    pub fn entries(&self) -> [(&'static str, u64); 10] {
        [
            ("launches", self.launches),
            ("thread_instructions", self.thread_instructions),
            ("warp_instructions", self.warp_instructions),
            ("blocks", self.blocks),
            ("copies_htod", self.copies_htod),
            ("copies_dtoh", self.copies_dtoh),
            ("bytes_htod", self.bytes_htod),
            ("bytes_dtoh", self.bytes_dtoh),
            ("memory_peak_bytes", self.memory_peak_bytes),
            ("allocations", self.allocations),
        ]
    }

    /// One JSON object of whole numbers.
    pub fn to_json(&self) -> String {
        let mut json = String::from("{");
        for (index, (name, value)) in self.entries().iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            // Writing to a string cannot fail.
            let _ = write!(json, "{comma}\"{name}\": {value}");
        }
        json.push_str("}\n");
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn to_json_names_every_counter() {
        let json = Snapshot {
            launches: 3,
            allocations: 7,
            ..Snapshot::default()
        }
        .to_json();
        assert!(json.starts_with("{\"launches\": 3, \"thread_instructions\": 0,"));
        assert!(json.ends_with("\"allocations\": 7}\n"));
    }

    #[test]
    fn snapshot_counts_what_was_added() {
        let stats = Stats::default();
        Stats::add(&stats.launches, 2);
        stats.add_executed(&Counters {
            thread_instructions: 64,
            warp_instructions: 2,
            blocks: 1,
        });
        let snapshot = stats.snapshot();
        assert_eq!(
            (
                snapshot.launches,
                snapshot.thread_instructions,
                snapshot.blocks
            ),
            (2, 64, 1)
        );
    }
}
