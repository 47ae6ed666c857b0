//! What the server's host must have left before a session begins: file descriptors, and memory. Who comes when
//! it has not is refused with the reason; sessions that run keep what they have, and once there is room
//! again, others begin. Read [`admits`] first.

use std::os::fd::{AsFd, AsRawFd};

use nix::sys::resource::{Resource, getrlimit};
use rigel_protocol::control::{Refusal, RefusalCause};

use crate::bytes::ByteSize;

/// Descriptors that a session may need at once: rings, arenas, channel, sockets, files of images.
const PER_SESSION: u64 = 32;
/// Descriptors that stay free for what is no session: questions of operators, metrics, files of logs.
const KEPT_FREE: u64 = 32;

/// Whether the host has room for one more session of this process.
pub(crate) fn admits(memory_reserve: u64) -> Result<(), Refusal> {
    let limits = getrlimit(Resource::RLIMIT_NOFILE);
    let limit = limits.map_or(u64::MAX, |(soft, _)| soft);
    has_descriptors(lowest_free(), limit)?;
    has_memory(available(), memory_reserve)
}

fn has_descriptors(next: Option<u64>, limit: u64) -> Result<(), Refusal> {
    // They are given out lowest first: so many are in use below the next.
    if next.is_some_and(|next| next + PER_SESSION + KEPT_FREE <= limit) {
        return Ok(());
    }
    Err(refuse(format!(
        "the server has too few file descriptors left for a session ({limit} in all); end one, or raise the \
         limit (LimitNOFILE, ulimit -n)"
    )))
}

fn has_memory(available: Option<u64>, reserve: u64) -> Result<(), Refusal> {
    match available {
        Some(available) if available < reserve => Err(refuse(format!(
            "the server's host has only {} of memory left, and no session begins below {} (memory_reserve); \
             end something there, or try again later",
            ByteSize(available),
            ByteSize(reserve)
        ))),
        _ => Ok(()),
    }
}

fn refuse(message: String) -> Refusal {
    Refusal {
        cause: RefusalCause::TooManySessions,
        message,
    }
}

/// The number that the next descriptor would have; none if there are no more.
fn lowest_free() -> Option<u64> {
    let fresh = std::io::stderr().as_fd().try_clone_to_owned().ok()?;
    u64::try_from(fresh.as_raw_fd()).ok()
}

/// Bytes of memory that processes of this host may still take; none if the kernel does not say.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    available_in(&text)
}

fn available_in(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_needs_descriptors_beyond_those_kept_free() {
        assert!(has_descriptors(Some(1024 - 64), 1024).is_ok());
        let refusal = has_descriptors(Some(1024 - 63), 1024).unwrap_err();
        assert!(refusal.message.contains("1024"), "{}", refusal.message);
        assert!(has_descriptors(None, 1024).is_err());
    }

    #[test]
    fn session_needs_memory_beyond_the_reserve() {
        assert!(has_memory(Some(1 << 30), 1 << 30).is_ok());
        assert!(has_memory(Some((1 << 30) - 1), 1 << 30).is_err());
        // A kernel that does not say is no reason to refuse.
        assert!(has_memory(None, 1 << 30).is_ok());
        assert!(has_memory(Some(0), 0).is_ok());
    }

    #[test]
    fn memory_is_what_the_kernel_says() {
        let text = "MemTotal:       100 kB\nMemFree:  1 kB\nMemAvailable:     64 kB\n";
        assert_eq!(available_in(text), Some(64 << 10));
        assert_eq!(available_in("MemTotal: 100 kB\n"), None);
        assert!(available().is_some());
    }

    #[test]
    fn next_descriptor_is_one_that_is_not_in_use() {
        let next = lowest_free().unwrap();
        assert!(next > 2);
    }
}
