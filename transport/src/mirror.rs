//! Page-locked memory on two hosts: each side has its own copy at the same address, and tells the other
//! what has changed. When to tell is the caller's. Read [`Mirror`] first.
//!
//! A copy of what both sides last agreed on shows what has changed since, in words of 8 bytes: the
//! words that one side has not changed are never sent, so that they cannot undo what the other side
//! has changed meanwhile. Looking costs about 0.1 ms a MiB; callers keep mirrors small.
#![expect(
    unsafe_code,
    reason = "reads and writes memory that programs and devices share"
)]

use crate::arena::Arena;
use crate::error::TransportError;

/// Changes are found in words of this.
const WORD_BYTES: usize = 8;
/// How much is compared at a time.
const BLOCK_BYTES: usize = 4096;
/// The most bytes of one change.
pub const RUN_BYTES_MAX: usize = 32 << 10;

/// This side's copy, and what both sides last agreed on.
#[derive(Debug)]
pub struct Mirror {
    arena: Arena,
    agreed: Vec<u8>,
}

impl Mirror {
    /// Zeroed memory at `base`, which both sides agree on.
    pub fn create(base: u64, len: u64) -> Result<Mirror, TransportError> {
        Ok(Mirror {
            arena: Arena::create(base, len)?,
            agreed: vec![0; len as usize],
        })
    }

    /// The memory.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    /// Tells each change since the sides last agreed, as address and bytes; they agree on it now.
    pub fn changes(&mut self, mut tell: impl FnMut(u64, &[u8])) {
        let mut block = [0_u8; BLOCK_BYTES];
        let base = self.arena.base();
        for at in (0..self.agreed.len()).step_by(BLOCK_BYTES) {
            let len = BLOCK_BYTES.min(self.agreed.len() - at);
            let now = &mut block[..len];
            self.read(at, now);
            let then = &mut self.agreed[at..at + len];
            if now == then {
                continue;
            }
            for (start, end) in changed_words(now, then) {
                tell(base + (at + start) as u64, &now[start..end]);
            }
            then.copy_from_slice(now);
        }
    }

    /// Takes in a change of the other side's; false if it reaches outside.
    pub fn apply(&mut self, address: u64, bytes: &[u8]) -> bool {
        if !self.arena.contains(address, bytes.len() as u64) {
            return false;
        }
        let at = (address - self.arena.base()) as usize;
        self.agreed[at..at + bytes.len()].copy_from_slice(bytes);
        // SAFETY: inside the arena, as just checked; others who write there at the same time are what
        // such memory is for.
        unsafe {
            let place = self.arena.as_ptr().as_ptr().add(at);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
        }
        true
    }

    fn read(&self, at: usize, into: &mut [u8]) {
        // SAFETY: `at` and the length lie inside the arena, which is as long as `agreed`; what others
        // write meanwhile is seen now or at the next look.
        unsafe {
            let place = self.arena.as_ptr().as_ptr().add(at);
            std::ptr::copy_nonoverlapping(place, into.as_mut_ptr(), into.len());
        }
    }
}

/// The stretches of words that differ, each below [`RUN_BYTES_MAX`] since a block is.
fn changed_words(now: &[u8], then: &[u8]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let words = now.chunks(WORD_BYTES).zip(then.chunks(WORD_BYTES));
    for (nth, (now, then)) in words.enumerate() {
        if now == then {
            continue;
        }
        let start = nth * WORD_BYTES;
        match runs.last_mut() {
            Some(run) if run.1 == start => run.1 = start + now.len(),
            _ => runs.push((start, start + now.len())),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: u64 = 0x2abc_0000_0000;

    fn write(mirror: &Mirror, at: usize, bytes: &[u8]) {
        // SAFETY: the tests stay inside their two pages.
        unsafe {
            let place = mirror.arena.as_ptr().as_ptr().add(at);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
        }
    }

    fn told(mirror: &mut Mirror) -> Vec<(u64, Vec<u8>)> {
        let mut all = Vec::new();
        mirror.changes(|address, bytes| all.push((address, bytes.to_vec())));
        all
    }

    #[test]
    fn changes_are_told_once_and_word_by_word() {
        let mut mirror = Mirror::create(BASE, 8192).unwrap();
        assert!(told(&mut mirror).is_empty());
        write(&mirror, 4, &[1]);
        write(&mirror, 4096, &[2; 9]);
        let changes = told(&mut mirror);
        assert_eq!(changes[0], (BASE, vec![0, 0, 0, 0, 1, 0, 0, 0]));
        assert_eq!(changes[1].0, BASE + 4096);
        assert_eq!(changes[1].1.len(), 16);
        assert!(told(&mut mirror).is_empty());
    }

    #[test]
    fn change_of_the_other_side_is_not_told_back() {
        let mut mirror = Mirror::create(BASE + (1 << 30), 4096).unwrap();
        write(&mirror, 0, &[7; 8]);
        assert!(mirror.apply(BASE + (1 << 30) + 8, &[9; 8]));
        assert_eq!(told(&mut mirror), [(BASE + (1 << 30), vec![7; 8])]);
    }

    #[test]
    fn change_outside_is_refused() {
        let base = BASE + (2 << 30);
        let mut mirror = Mirror::create(base, 4096).unwrap();
        for (address, len) in [
            (base - 1, 1),
            (base + 4096, 1),
            (base + 4095, 2),
            (u64::MAX, 8),
        ] {
            assert!(!mirror.apply(address, &vec![1; len]), "{address:#x} {len}");
        }
        assert!(told(&mut mirror).is_empty());
    }
}
