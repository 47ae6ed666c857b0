//! Performing what is no kernel: copies, fills, words, times. Addresses were checked when the
//! operation was submitted. Read [`perform`].

#![expect(unsafe_code, reason = "copies and fills touch memory by address")]

use super::{Compare, Direction, Fill, Machine, Op, Source, Transfer, Word};
use crate::memory::raw;
use crate::stats::Stats;

/// Performs an operation that ends by itself.
pub(super) fn perform(machine: &Machine, op: Op) {
    match op {
        Op::Copy(transfer) => copy(machine, &transfer),
        Op::Fill(fill) => fill_rows(&fill),
        Op::Record(record) => record.stamp(),
        Op::Release(base) => {
            if let Err(error) = machine.memory.release_any(base) {
                tracing::debug!(%error, base, "memory was freed meanwhile");
            }
        }
        Op::Write(word) => store(&word),
        Op::Signal(event, number) => event.reach(number),
        Op::Nothing | Op::Wait(..) | Op::Await(..) | Op::Kernel { .. } | Op::Host { .. } => {}
    }
}

fn copy(machine: &Machine, transfer: &Transfer) {
    for (dst, src) in transfer.shape.rows() {
        let dst = transfer.dst + dst;
        match &transfer.src {
            // SAFETY: both ranges were found accessible at submission, and memory is freed only
            // after the work that uses it.
            Source::Address(base) => unsafe { raw::copy(dst, base + src, transfer.shape.width) },
            Source::Captured(bytes) => {
                let row = &bytes[src as usize..][..transfer.shape.width as usize];
                // SAFETY: as above.
                unsafe { raw::write(dst, row) };
            }
        }
    }
    let (count, bytes) = match transfer.direction {
        Direction::HostToDevice => (&machine.stats.copies_htod, &machine.stats.bytes_htod),
        Direction::DeviceToHost => (&machine.stats.copies_dtoh, &machine.stats.bytes_dtoh),
        Direction::Within => return,
    };
    Stats::add(count, 1);
    Stats::add(bytes, transfer.shape.bytes());
}

fn fill_rows(fill: &Fill) {
    for row in 0..fill.height {
        let dst = fill.dst + row * fill.pitch;
        // SAFETY: the rows were found accessible and aligned at submission.
        unsafe { raw::fill(dst, fill.value, fill.element_bytes, fill.width) };
    }
}

fn store(word: &Word) {
    match word.wide {
        // SAFETY: the word was found accessible and aligned at submission.
        true => unsafe { raw::store_u64(word.address, word.value) },
        // SAFETY: as above.
        false => unsafe { raw::store_u32(word.address, word.value as u32) },
    }
}

/// Whether a word in memory satisfies a condition.
pub(super) fn is_met(word: &Word, compare: Compare) -> bool {
    let now = match word.wide {
        // SAFETY: the word was found accessible and aligned at submission.
        true => unsafe { raw::load_u64(word.address) },
        // SAFETY: as above.
        false => u64::from(unsafe { raw::load_u32(word.address) }),
    };
    compare.holds(now, word.value, word.wide)
}
