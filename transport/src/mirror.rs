//! Page-locked memory of which two processes have a copy each: each side tells the other what has
//! changed. When to tell is the caller's. Read [`Mirror`] first.
//!
//! A copy of what both sides last agreed on shows what has changed since, in words of 8 bytes: the
//! words that one side has not changed are never sent, so that they cannot undo what the other side
//! has changed meanwhile. Looking costs about 0.1 ms a MiB; callers keep mirrors small.
#![expect(
    unsafe_code,
    reason = "reads and writes memory that programs and devices share"
)]

use std::ptr::NonNull;

use crate::arena::Arena;
use crate::error::TransportError;
use crate::pages::{Pages, ProgramMemory};

/// Changes are found in words of this.
const WORD_BYTES: usize = 8;
/// How much is compared at a time.
const BLOCK_BYTES: usize = 16 << 10;
/// The most bytes of one change.
pub const RUN_BYTES_MAX: usize = 32 << 10;

/// This side's copy, and what both sides last agreed on.
#[derive(Debug)]
pub struct Mirror {
    memory: Memory,
    base: u64,
    agreed: Vec<u8>,
    /// What is compared, taken out of memory that others write.
    block: Vec<u8>,
}

/// Where a copy lies.
#[derive(Debug)]
enum Memory {
    /// In memory made for it.
    Own(Arena),
    /// In pages made for it where another process's program has its own.
    Pages(Pages),
    /// In memory that the program of this process has, as long as it has it.
    Program(ProgramMemory),
}

impl Mirror {
    /// Zeroed memory at `base`, which both sides agree on.
    pub fn create(base: u64, len: u64) -> Result<Mirror, TransportError> {
        Ok(Mirror::of(
            Memory::Own(Arena::create(base, len)?),
            base,
            len,
        ))
    }

    /// Memory that the program of this process has. The other side is taken to have zeroes, so that the
    /// first look tells all there is.
    pub fn of_program(base: u64, len: u64) -> Mirror {
        Mirror::of(Memory::Program(ProgramMemory::new(base, len)), base, len)
    }

    /// Memory at the addresses of another process's program, zeroed.
    pub fn in_pages(pages: Pages) -> Mirror {
        let (base, len) = (pages.base(), pages.len());
        let mirror = Mirror::of(Memory::Pages(pages), base, len);
        mirror.write(0, &mirror.agreed);
        mirror
    }

    fn of(memory: Memory, base: u64, len: u64) -> Mirror {
        Mirror {
            memory,
            base,
            agreed: vec![0; len as usize],
            block: vec![0; BLOCK_BYTES.min(len as usize)],
        }
    }

    /// The first address, the same on both sides.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// The length in bytes.
    pub fn len(&self) -> u64 {
        self.agreed.len() as u64
    }

    /// Never: a mirror has at least one byte.
    pub fn is_empty(&self) -> bool {
        self.agreed.is_empty()
    }

    /// Whether it is of memory that a program has registered.
    pub fn is_registered(&self) -> bool {
        !matches!(self.memory, Memory::Own(_))
    }

    /// Whether all of `bytes` bytes at an address lie inside.
    pub fn contains(&self, address: u64, bytes: u64) -> bool {
        let end = self.base + self.len();
        address >= self.base && address.checked_add(bytes).is_some_and(|last| last <= end)
    }

    /// Whether any of `bytes` bytes at an address lies inside.
    pub fn overlaps(&self, address: u64, bytes: u64) -> bool {
        address < self.base + self.len() && address.saturating_add(bytes) > self.base
    }

    /// Tells each change since the sides last agreed, as address and bytes; they agree on it now.
    pub fn changes(&mut self, mut tell: impl FnMut(u64, &[u8])) {
        for at in (0..self.agreed.len()).step_by(BLOCK_BYTES) {
            let len = BLOCK_BYTES.min(self.agreed.len() - at);
            let len = self.memory.read(at, &mut self.block[..len]);
            let now = &self.block[..len];
            let then = &mut self.agreed[at..at + len];
            if now == then {
                continue;
            }
            for (start, end) in changed_words(now, then) {
                tell(self.base + (at + start) as u64, &now[start..end]);
            }
            then.copy_from_slice(now);
        }
    }

    /// Takes in a change of the other side's; false if it reaches outside.
    pub fn apply(&mut self, address: u64, bytes: &[u8]) -> bool {
        if !self.contains(address, bytes.len() as u64) {
            return false;
        }
        let at = (address - self.base) as usize;
        self.agreed[at..at + bytes.len()].copy_from_slice(bytes);
        self.write(at, bytes);
        true
    }

    /// Writes bytes that lie inside.
    fn write(&self, at: usize, bytes: &[u8]) {
        match self.memory.place() {
            None => self.memory.write_program(at, bytes),
            // SAFETY: the callers have checked that this is inside the mapping, which is as long as
            // `agreed`; others who write there at the same time are what such memory is for.
            Some(place) => unsafe {
                let place = place.as_ptr().add(at);
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
            },
        }
    }
}

impl Memory {
    /// Where the first byte is, if the memory is there as long as the mirror is.
    fn place(&self) -> Option<NonNull<u8>> {
        match self {
            Memory::Own(arena) => Some(arena.as_ptr()),
            Memory::Pages(pages) => Some(pages.as_ptr()),
            Memory::Program(_) => None,
        }
    }

    /// Takes out a block that lies inside; how much of it there was.
    fn read(&self, at: usize, into: &mut [u8]) -> usize {
        match (self, self.place()) {
            (Memory::Program(program), _) => program.read(at, into),
            (_, None) => 0,
            (_, Some(place)) => {
                // SAFETY: the only caller stays inside the mapping, which is as long as `agreed`; what
                // others write meanwhile is seen now or at the next look.
                unsafe {
                    let place = place.as_ptr().add(at);
                    std::ptr::copy_nonoverlapping(place, into.as_mut_ptr(), into.len());
                }
                into.len()
            }
        }
    }

    fn write_program(&self, at: usize, bytes: &[u8]) {
        if let Memory::Program(program) = self {
            program.write(at, bytes);
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
            let place = mirror.memory.place().unwrap().as_ptr().add(at);
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

    #[test]
    fn memory_of_the_program_is_told_whole_and_to_the_byte() {
        let mut memory = vec![7_u8; 100_003];
        let base = memory.as_mut_ptr() as u64 + 1;
        let mut mirror = Mirror::of_program(base, 100_001);
        let changes = told(&mut mirror);
        assert_eq!(changes[0].0, base);
        let bytes: usize = changes.iter().map(|(_, bytes)| bytes.len()).sum();
        assert_eq!(bytes, 100_001);
        assert!(told(&mut mirror).is_empty());
        assert!(mirror.apply(base + 100_000, &[9]));
        assert!(!mirror.apply(base + 100_000, &[9, 9]));
        assert_eq!(memory[100_000..], [7, 9, 7]);
        assert!(told(&mut mirror).is_empty());
    }

    #[test]
    fn memory_that_the_program_has_given_back_changes_no_more() {
        let base = BASE + (3 << 30);
        let arena = Arena::create(base, 8192).unwrap();
        let mut mirror = Mirror::of_program(base + 8, 8000);
        drop(arena);
        assert!(told(&mut mirror).is_empty());
        assert!(mirror.apply(base + 8, &[1]));
    }
}
