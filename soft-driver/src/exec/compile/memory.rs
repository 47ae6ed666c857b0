//! Memory that holds machine code: written, then made executable, never both. What the code does is not
//! known here. Read [`Code`].
#![expect(unsafe_code, reason = "maps executable memory and calls it")]

use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::exec::{op::Flow, warp::Warp};

/// Code begins at different places of its page: all at one place they would drive each other out of the CPU's
/// cache of instructions.
const STAGGER: usize = 11 * 64;

/// Bytes of machine code in a process; what comes later is interpreted.
pub(super) const CODE_MAX: usize = 64 << 20;

static BYTES: AtomicUsize = AtomicUsize::new(0);
static N_MAPPED: AtomicUsize = AtomicUsize::new(0);

/// How code left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Left {
    /// The op to go on with, or the one that faulted.
    pub(super) pc: u32,
    /// Ops that were executed.
    pub(super) executed: u32,
    /// A check has failed; the rest of the unit is for the interpreter.
    pub(super) early: bool,
    pub(super) flow: Flow,
}

impl Left {
    /// As the code returns it, without the flow.
    pub(super) fn packed(self) -> u64 {
        u64::from(self.pc) | u64::from(self.executed) << 32 | u64::from(self.early) << 63
    }

    fn unpacked(word: u64) -> Self {
        Self {
            pc: word as u32,
            executed: (word >> 32) as u32 & 0xFFFF,
            early: word >> 63 != 0,
            flow: match (word >> FLOW_SHIFT) & 0xFF {
                0 => Flow::Jump,
                flow if flow == Flow::Reschedule as u64 => Flow::Reschedule,
                _ => Flow::Fault,
            },
        }
    }
}

/// Where the flow of a closure that did not return [`Flow::Next`] stands in what the code returns.
pub(super) const FLOW_SHIFT: u32 = 48;

/// Machine code, a function of a warp.
#[derive(Debug)]
pub(super) struct Code {
    start: NonNull<libc::c_void>,
    /// Where in it the code begins.
    offset: usize,
    bytes: usize,
}

// SAFETY: the memory is never written again and does not belong to a thread.
unsafe impl Send for Code {}
// SAFETY: as above.
unsafe impl Sync for Code {}

impl Code {
    /// Maps `code`; `None` if there is no room left or the system refuses.
    pub(super) fn map(code: &[u8]) -> Option<Self> {
        let page = 4096;
        let offset = N_MAPPED
            .fetch_add(1, Ordering::Relaxed)
            .wrapping_mul(STAGGER)
            % page;
        let bytes = (offset + code.len()).next_multiple_of(page);
        if code.is_empty() || BYTES.fetch_add(bytes, Ordering::Relaxed) + bytes > CODE_MAX {
            BYTES.fetch_sub(bytes, Ordering::Relaxed);
            return None;
        }
        let (read_write, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: a fresh mapping, wherever the system likes.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, read_write, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            BYTES.fetch_sub(bytes, Ordering::Relaxed);
            return None;
        }
        let mapped = Self {
            start: NonNull::new(start)?,
            offset,
            bytes,
        };
        // SAFETY: the mapping has at least as many bytes behind the offset, and nobody else knows it.
        unsafe {
            let to = start.cast::<u8>().add(offset);
            std::ptr::copy_nonoverlapping(code.as_ptr(), to, code.len());
        };
        // SAFETY: the mapping is ours; nothing writes to it from here on.
        let changed = unsafe { libc::mprotect(start, bytes, libc::PROT_READ | libc::PROT_EXEC) };
        (changed == 0).then_some(mapped)
    }

    /// Runs it.
    ///
    /// # Safety
    /// It must be the code of a unit of the program that `w` runs, made for this CPU, and the warp whole.
    pub(super) unsafe fn run(&self, w: &mut Warp) -> Left {
        // SAFETY: the offset lies in the mapping.
        let start = unsafe { self.start.byte_add(self.offset) };
        // SAFETY: the compiler has written a function of this type there.
        let function: extern "sysv64" fn(*mut Warp) -> u64 =
            unsafe { std::mem::transmute(start.as_ptr()) };
        Left::unpacked(function(w))
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        BYTES.fetch_sub(self.bytes, Ordering::Relaxed);
        // SAFETY: `map` mapped this many bytes here, and nobody runs code whose program is gone.
        unsafe { libc::munmap(self.start.as_ptr(), self.bytes) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_runs_and_says_how_it_left() {
        let left = Left {
            pc: 7,
            executed: 3,
            early: true,
            flow: Flow::Jump,
        };
        // mov rax, imm64; ret
        let mut bytes = vec![0x48, 0xB8];
        bytes.extend(left.packed().to_le_bytes());
        bytes.push(0xC3);
        let code = Code::map(&bytes).unwrap();
        // SAFETY: it does not look at the warp.
        assert_eq!(unsafe { code.run(&mut Warp::new()) }, left);
    }

    #[test]
    fn code_beyond_the_limit_is_refused() {
        assert!(Code::map(&vec![0xC3; CODE_MAX + 1]).is_none());
    }
}
