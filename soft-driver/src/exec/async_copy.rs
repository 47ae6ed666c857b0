//! Asynchronous copies and the barriers in shared memory that count them. Copies are done when they are
//! issued, so that waiting for them finds them done. Read [`copy`] and [`Mbarrier`].
//!
//! Addresses are generic here. A barrier object is one 64-bit word; only one CPU thread runs a block, so
//! plain reads and writes do.
#![expect(unsafe_code, reason = "reads and writes device memory")]

use super::{
    access::NO_SLOT,
    env::Access,
    memory::{Generic, Reach, Space},
    op::{Flow, Op, Slot, lanes},
    warp::{SPIN_COST, Warp},
};

/// Bytes of one bulk copy; shared memory is smaller.
const BULK_MAX: u64 = 1 << 20;

/// `bytes` accessible bytes at `address`, with an alignment of `align`; `None` after a fault.
fn span(
    w: &mut Warp,
    (site, access): (u32, Access),
    lane: usize,
    address: u64,
    (bytes, align): (u64, u64),
) -> Option<*mut u8> {
    let reach = Reach {
        site,
        bytes: align,
        access,
    };
    let first = Generic::resolve(w, reach, lane, address)?;
    let last = address.saturating_add(bytes.max(align) - align);
    Generic::resolve(w, reach, lane, last)?;
    if Generic::range(w, reach, address, bytes.max(align)).is_none() {
        w.illegal(reach, lane, address);
        return None;
    }
    Some(first)
}

/// `cp.async`: `imm` bytes (4, 8 or 16) from row `b` to row `a`, of which row `c` says how many are read;
/// the others become zero. The list holds the sites.
pub(super) fn copy(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let (to, from, counts) = (
        *w.row::<u64>(op.a),
        *w.row::<u64>(op.b),
        *w.row::<u32>(op.c),
    );
    for lane in lanes(w.mask(op)) {
        let count = u64::from(counts[lane]).min(op.imm);
        let whole = (op.imm, op.imm);
        let Some(target) = span(w, (list[0], Access::Write), lane, to[lane], whole) else {
            return Flow::Fault;
        };
        let mut bytes = [0u8; 16];
        for (index, byte) in bytes.iter_mut().enumerate().take(count as usize) {
            let at = from[lane].wrapping_add(index as u64);
            let Some(source) = span(w, (list[1], Access::Read), lane, at, (1, 1)) else {
                return Flow::Fault;
            };
            // SAFETY: `span` has checked this byte.
            *byte = unsafe { source.read_volatile() };
        }
        // SAFETY: `span` has checked `imm` bytes there.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, op.imm as usize) };
    }
    Flow::Next
}

/// `cp.async.bulk`: row `c` counts the bytes from row `b` to row `a`; the list holds the two sites, then
/// the row of the barrier's address or `NO_SLOT`, and its site.
pub(super) fn copy_bulk(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let (to, from, counts) = (
        *w.row::<u64>(op.a),
        *w.row::<u64>(op.b),
        *w.row::<u32>(op.c),
    );
    for lane in lanes(w.mask(op)) {
        let bytes = u64::from(counts[lane]);
        if bytes > BULK_MAX || bytes % 16 != 0 {
            let message = "the size of a bulk copy is not a small multiple of 16";
            return w.fault(super::FaultKind::IllegalInstruction, lane, message);
        }
        if bytes > 0 {
            let target = span(w, (list[0], Access::Write), lane, to[lane], (bytes, 16));
            let source = span(w, (list[1], Access::Read), lane, from[lane], (bytes, 16));
            let (Some(target), Some(source)) = (target, source) else {
                return Flow::Fault;
            };
            // SAFETY: `span` has checked `bytes` bytes at both ends.
            unsafe { std::ptr::copy(source, target, bytes as usize) };
        }
        if list[2] != NO_SLOT {
            let address = w.row::<u64>(Slot(list[2]))[lane];
            let done = |barrier: &mut Mbarrier| barrier.transact(-i64::from(counts[lane]));
            if update(w, list[3], lane, address, done).is_none() {
                return Flow::Fault;
            }
        }
    }
    Flow::Next
}

/// `st.bulk`: row `b` counts the bytes at row `a` that become zero; the site is in `ext`.
pub(super) fn fill(w: &mut Warp, op: &Op) -> Flow {
    let (to, counts) = (*w.row::<u64>(op.a), *w.row::<u64>(op.b));
    for lane in lanes(w.mask(op)) {
        let bytes = counts[lane];
        if bytes > BULK_MAX || bytes % 8 != 0 {
            let message = "the size of a bulk store is not a small multiple of 8";
            return w.fault(super::FaultKind::IllegalInstruction, lane, message);
        }
        if bytes == 0 {
            continue;
        }
        let Some(at) = span(w, (op.ext, Access::Write), lane, to[lane], (bytes, 8)) else {
            return Flow::Fault;
        };
        // SAFETY: `span` has checked `bytes` bytes.
        unsafe { std::ptr::write_bytes(at, 0, bytes as usize) };
    }
    Flow::Next
}

/// `mbarrier.pending_count`: the arrivals still to come in a state.
pub(super) fn pending(state: u64) -> u32 {
    Mbarrier::from_word(state).pending as u32
}

/// A barrier object: arrivals still to come, arrivals of a phase, bytes still to come, and the phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mbarrier {
    pending: u64,
    count: u64,
    bytes: i64,
    phase: bool,
}

const COUNT_BITS: u32 = 20;
const BYTES_BITS: u32 = 23;

impl Mbarrier {
    fn from_word(word: u64) -> Self {
        let field = |at: u32, bits: u32| (word >> at) & ((1 << bits) - 1);
        let bytes = field(2 * COUNT_BITS, BYTES_BITS) as i64;
        Self {
            pending: field(0, COUNT_BITS),
            count: field(COUNT_BITS, COUNT_BITS),
            bytes: bytes << (64 - BYTES_BITS) >> (64 - BYTES_BITS),
            phase: word >> 63 != 0,
        }
    }

    fn to_word(self) -> u64 {
        let bytes = self.bytes as u64 & ((1 << BYTES_BITS) - 1);
        (self.pending & ((1 << COUNT_BITS) - 1))
            | (self.count & ((1 << COUNT_BITS) - 1)) << COUNT_BITS
            | bytes << (2 * COUNT_BITS)
            | u64::from(self.phase) << 63
    }

    fn arrive(&mut self, count: u64) {
        self.pending = self.pending.saturating_sub(count);
        self.check();
    }

    fn transact(&mut self, bytes: i64) {
        self.bytes += bytes;
        self.check();
    }

    /// The phase ends when nothing is to come.
    fn check(&mut self) {
        if self.pending == 0 && self.bytes == 0 {
            self.phase = !self.phase;
            self.pending = self.count;
        }
    }
}

/// Changes the barrier at `address` and returns its word from before; `None` after a fault.
fn update(
    w: &mut Warp,
    site: u32,
    lane: usize,
    address: u64,
    change: impl FnOnce(&mut Mbarrier),
) -> Option<u64> {
    let at = span(w, (site, Access::Write), lane, address, (8, 8))?;
    let at = at.cast::<u64>();
    // SAFETY: `span` has checked eight aligned bytes.
    let word = unsafe { at.read_volatile() };
    let mut barrier = Mbarrier::from_word(word);
    change(&mut barrier);
    // SAFETY: as above.
    unsafe { at.write_volatile(barrier.to_word()) };
    Some(word)
}

/// What an mbarrier instruction does, as `imm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(super) enum Action {
    /// `init`
    Init,
    /// `arrive`
    Arrive,
    /// `arrive_drop`
    ArriveDrop,
    /// `arrive.expect_tx`
    ArriveExpect,
    /// `arrive_drop.expect_tx`
    ArriveDropExpect,
    /// `expect_tx`
    Expect,
    /// `complete_tx`
    Complete,
}

/// `mbarrier.*` on the barrier at row `a` with the count in row `b`; site in `ext`; `d` receives the
/// state of before, if it is wanted.
pub(super) fn mbarrier(w: &mut Warp, op: &Op) -> Flow {
    let (addresses, counts) = (*w.row::<u64>(op.a), *w.row::<u32>(op.b));
    for lane in lanes(w.mask(op)) {
        let count = u64::from(counts[lane]);
        let change = |barrier: &mut Mbarrier| match op.imm {
            k if k == Action::Init as u64 => {
                *barrier = Mbarrier {
                    pending: count,
                    count,
                    bytes: 0,
                    phase: false,
                };
            }
            k if k == Action::Arrive as u64 => barrier.arrive(count),
            k if k == Action::ArriveDrop as u64 => {
                barrier.count = barrier.count.saturating_sub(count);
                barrier.arrive(count);
            }
            k if k == Action::ArriveExpect as u64 => {
                barrier.bytes += count as i64;
                barrier.arrive(1);
            }
            k if k == Action::ArriveDropExpect as u64 => {
                barrier.bytes += count as i64;
                barrier.count = barrier.count.saturating_sub(1);
                barrier.arrive(1);
            }
            k if k == Action::Expect as u64 => barrier.bytes += count as i64,
            _ => barrier.transact(-(count as i64)),
        };
        let Some(before) = update(w, op.ext, lane, addresses[lane], change) else {
            return Flow::Fault;
        };
        if op.d.0 != NO_SLOT {
            w.row_mut::<u64>(op.d)[lane] = before;
        }
    }
    Flow::Next
}

/// `mbarrier.test_wait` and `try_wait`: predicate `d` = the phase has ended whose state is in row `b`, or
/// whose parity is its lowest bit if `imm` says so.
pub(super) fn test_wait(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let (addresses, states) = (*w.row::<u64>(op.a), *w.row::<u64>(op.b));
    let mut ended = 0;
    for lane in lanes(mask) {
        let Some(word) = update(w, op.ext, lane, addresses[lane], |_| {}) else {
            return Flow::Fault;
        };
        let waited = if op.imm != 0 {
            states[lane] & 1 != 0
        } else {
            states[lane] >> 63 != 0
        };
        ended |= u32::from((word >> 63 != 0) != waited) << lane;
    }
    w.spin = SPIN_COST;
    w.commit_pred(op.d, ended, mask);
    Flow::Next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barrier_object_survives_its_word() {
        let barrier = Mbarrier {
            pending: 5,
            count: 1000,
            bytes: -4096,
            phase: true,
        };
        assert_eq!(Mbarrier::from_word(barrier.to_word()), barrier);
    }

    #[test]
    fn phase_ends_when_arrivals_and_bytes_are_in() {
        let mut barrier = Mbarrier {
            pending: 2,
            count: 2,
            bytes: 0,
            phase: false,
        };
        barrier.bytes += 64;
        barrier.arrive(1);
        barrier.arrive(1);
        assert!(!barrier.phase);
        barrier.transact(-64);
        assert!(barrier.phase);
        assert_eq!(barrier.pending, 2);
    }
}
