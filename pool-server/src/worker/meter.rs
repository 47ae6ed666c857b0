//! What a session has done, in a page of counters that the worker writes and the daemon reads for
//! `rigel status`. It enforces nothing. Read [`Counter`] first.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;

use super::shared::SharedWords;

/// Words of the page; the rest is room for counters to come.
const WORDS: usize = 512;

/// Words with the name of the last kernel, its bytes ended by a zero.
const KERNEL_WORDS: std::ops::Range<usize> = 128..144;

/// Defines the counters with their place in the page and their name in the status document.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident = $place:literal, $text:literal;)*) => {
        /// The counters. Places are fixed: daemon and worker may be of different builds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(usize)]
        pub enum Counter {
            $($(#[$doc])* $name = $place,)*
        }

        impl Counter {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the status document.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

counters! {
    /// Records of calls taken from the command ring.
    Calls = 0, "calls";
    /// Those of them whose caller waits for an answer: blocking round trips.
    WaitingCalls = 1, "waiting_calls";
    /// Bytes of copies from the host that came through the rings.
    BytesUp = 2, "bytes_up";
    /// Bytes of copies to the host that went through the rings.
    BytesDown = 3, "bytes_down";
    /// Kernel launches issued.
    Launches = 4, "launches";
    /// Copies issued, of every kind.
    Copies = 5, "copies";
    /// Posted calls that failed.
    PostedErrors = 6, "posted_errors";
    /// Bytes of device memory charged to the session now, over all its GPUs.
    MemoryBytes = 7, "memory_bytes";
    /// Threads that wait for the GPU on behalf of client threads.
    Waiters = 8, "waiters";
    /// Unix time in milliseconds at which the session's last call was taken.
    LastCallUnixMs = 9, "last_call_unix_ms";
    /// Allocations refused because the lease's quota was used up.
    DeniedByLease = 10, "denied_by_lease";
    /// Allocations refused because of the session's own limit.
    DeniedBySession = 11, "denied_by_session";
    /// Allocations that the quota allowed and the driver refused.
    DeniedByDriver = 12, "denied_by_driver";
    /// Whether the driver behind reports the counters below.
    HasDriverCounters = 32, "has_driver_counters";
    /// Kernels the driver has executed.
    DriverLaunches = 33, "driver_launches";
    /// Instructions executed, counted per thread.
    DriverThreadInstructions = 34, "driver_thread_instructions";
    /// Instructions executed, counted per warp.
    DriverWarpInstructions = 35, "driver_warp_instructions";
    /// Blocks executed.
    DriverBlocks = 36, "driver_blocks";
    /// Copies from host to device.
    DriverCopiesHtod = 37, "driver_copies_htod";
    /// Copies from device to host.
    DriverCopiesDtoh = 38, "driver_copies_dtoh";
    /// Bytes copied from host to device.
    DriverBytesHtod = 39, "driver_bytes_htod";
    /// Bytes copied from device to host.
    DriverBytesDtoh = 40, "driver_bytes_dtoh";
    /// The most device memory ever allocated.
    DriverMemoryPeakBytes = 41, "driver_memory_peak_bytes";
    /// Allocations made.
    DriverAllocations = 42, "driver_allocations";
}

/// The page of a session.
#[derive(Debug)]
pub struct Meter {
    words: SharedWords,
}

impl Meter {
    /// Makes the page, for the daemon.
    pub fn create() -> io::Result<(Self, OwnedFd)> {
        let (words, memory) = SharedWords::create(c"rigel-meter", WORDS)?;
        Ok((Self { words }, memory))
    }

    /// Opens a page that the daemon made.
    pub fn open(memory: OwnedFd) -> io::Result<Self> {
        let words = SharedWords::open(memory)?;
        if words.len() < WORDS {
            return Err(io::Error::other("the memory is not a meter"));
        }
        Ok(Self { words })
    }

    /// Adds to a counter.
    #[inline]
    pub fn add(&self, counter: Counter, amount: u64) {
        self.words[counter as usize].fetch_add(amount, Ordering::Relaxed);
    }

    /// Subtracts from a counter; it stays at zero rather than wrap.
    pub fn subtract(&self, counter: Counter, amount: u64) {
        let shrink = |value: u64| Some(value.saturating_sub(amount));
        let word = &self.words[counter as usize];
        let _ = word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, shrink);
    }

    /// Sets a counter.
    #[inline]
    pub fn set(&self, counter: Counter, value: u64) {
        self.words[counter as usize].store(value, Ordering::Relaxed);
    }

    /// Shows which kernel was launched last; a long name is cut.
    pub fn show_kernel(&self, name: &str) {
        let mut bytes = [0; 8 * (KERNEL_WORDS.end - KERNEL_WORDS.start)];
        let mut end = name.len().min(bytes.len() - 1);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        bytes[..end].copy_from_slice(&name.as_bytes()[..end]);
        let words = self.words[KERNEL_WORDS].iter();
        for (word, part) in words.zip(bytes.chunks_exact(8)) {
            let mut eight = [0; 8];
            eight.copy_from_slice(part);
            word.store(u64::from_le_bytes(eight), Ordering::Relaxed);
        }
    }

    /// The kernel launched last; read while it changes, it may be a mixture.
    pub fn last_kernel(&self) -> String {
        let words = self.words[KERNEL_WORDS].iter();
        let bytes: Vec<u8> = words
            .flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes())
            .take_while(|byte| *byte != 0)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads a counter.
    pub fn read(&self, counter: Counter) -> u64 {
        self.words[counter as usize].load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn counters_of_the_worker_are_read_by_the_daemon() {
        let (daemon, memory) = Meter::create().unwrap();
        let worker = Meter::open(memory).unwrap();
        worker.add(Counter::Calls, 3);
        worker.set(Counter::DriverAllocations, 5);
        worker.subtract(Counter::Calls, 1);
        assert_eq!(daemon.read(Counter::Calls), 2);
        assert_eq!(daemon.read(Counter::DriverAllocations), 5);
    }

    #[test]
    fn last_kernel_is_shown_and_cut() {
        let (daemon, memory) = Meter::create().unwrap();
        let worker = Meter::open(memory).unwrap();
        assert_eq!(daemon.last_kernel(), "");
        worker.show_kernel("a_long_name");
        worker.show_kernel("gemm");
        assert_eq!(daemon.last_kernel(), "gemm");
        worker.show_kernel(&"x".repeat(1000));
        assert_eq!(daemon.last_kernel().len(), 127);
    }

    #[test]
    fn counters_have_places_and_names_of_their_own_within_the_page() {
        let places: BTreeSet<usize> = Counter::ALL
            .iter()
            .map(|&counter| counter as usize)
            .collect();
        let names: BTreeSet<&str> = Counter::ALL.iter().map(|counter| counter.name()).collect();
        assert_eq!(
            (places.len(), names.len()),
            (Counter::ALL.len(), Counter::ALL.len())
        );
        let free = |place: &usize| *place < WORDS && !KERNEL_WORDS.contains(place);
        assert!(places.iter().all(free));
    }
}
