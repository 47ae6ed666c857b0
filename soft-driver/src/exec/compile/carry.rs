//! Additions of 64 bits to shared memory. GPUs have them in 32 bits only, so that programs add the lower half, find
//! out whether it wrapped, and add the carry and the upper half: six ops. A block runs on one CPU thread, so that
//! nobody can look in between, and one addition of 64 bits a lane does the same. Read [`Builder::add_wide`].

use iced_x86::{
    Code,
    Register::{RCX, RSP, XMM2, XMM3, YMM0, YMM1, YMM2, YMM3},
};

use super::{
    assembler::at,
    build::{Builder, SCRATCH},
    operation::Source,
    template::{Compared, IntOp, Relation, Template, Width::W32},
    vector::PARTS,
};
use crate::exec::{
    access::NO_SLOT,
    op::{Op, Slot},
};

/// The ops of such an addition.
const OPS: usize = 6;
/// Where eight sums are kept meanwhile, behind 32 addresses of 32 bits.
const SUMS: i64 = SCRATCH + 128;
/// How far back it is looked for where an address comes from.
const LINKS_MAX: usize = 8;

/// What is added.
struct Halves {
    low: Slot,
    high: Slot,
}

/// An address as an offset from what an op of the unit computed, or from what was there before.
#[derive(PartialEq, Eq)]
struct Origin {
    slot: u32,
    written_by: Option<usize>,
    offset: u32,
}

impl Builder<'_> {
    /// Writes an addition of 64 bits if one begins at the op at hand, and returns how many ops that were: none if
    /// there is no such addition.
    pub(super) fn add_wide(&mut self, ops: &[Op]) -> usize {
        let first = self.index;
        let Some(halves) = ops
            .get(first..first + OPS)
            .and_then(|ops| self.halves_added(ops))
        else {
            return 0;
        };
        let Some(checked) = self.check_all(&ops[first], 8, ops[first].ext, true) else {
            return 0;
        };
        self.load_shared(checked.addresses);
        for part in 0..PARTS {
            self.put_sums(&halves, part);
            for lane in part * 8..part * 8 + 8 {
                let next = self.skip_idle(lane);
                let to = self.element(checked.addresses, lane);
                let sum = at(RSP, SUMS + (lane % 8) as i64 * 8);
                self.asm.op2(Code::Mov_r64_rm64, RCX, sum);
                self.asm.op2(Code::Add_rm64_r64, to, RCX);
                self.asm.bind(next);
            }
        }
        self.note_retry();
        for op in &ops[first..first + OPS] {
            self.known.remove(&op.d.0);
        }
        self.end_checks(ops, OPS, &checked);
        OPS
    }

    /// What six ops add to 64 bits of shared memory, if that is all they do.
    fn halves_added(&self, ops: &[Op]) -> Option<Halves> {
        use Template as T;
        let first = self.index;
        let templates: [Template; OPS] =
            std::array::from_fn(|index| self.unit.steps[first + index].template);
        let above = Template::Compare(Relation::Gt, Compared::Unsigned(W32));
        let add = Template::Int(IntOp::Add, W32);
        let shape = [
            T::AddShared,
            T::Not(W32),
            above,
            T::Select(W32),
            add,
            T::AddShared,
        ];
        let [lower, rest, wrapped, carry, sum, upper] = ops else {
            return None;
        };
        if templates != shape || lower.d.0 == NO_SLOT {
            return None;
        }
        let flows = rest.a == lower.b
            && (wrapped.a, wrapped.b) == (lower.d, rest.d)
            && carry.c == wrapped.d
            && (self.number(carry.a), self.number(carry.b)) == (Some(1), Some(0))
            && upper.b == sum.d;
        let high = match (sum.a == carry.d, sum.b == carry.d) {
            (true, false) => sum.b,
            (false, true) => sum.a,
            _ => return None,
        };
        let changed = [lower.d, rest.d, carry.d];
        let kept = !changed.contains(&high) && lower.d != lower.b && lower.d != rest.d;
        let results = [lower.d, rest.d, wrapped.d, carry.d, sum.d, upper.d];
        let unread = |slot: &Slot| slot.0 == NO_SLOT || !self.is_live(slot.0, first + OPS);
        if !flows || !kept || !results.iter().all(unread) {
            return None;
        }
        let mut behind = self.origin(lower, first);
        behind.offset = behind.offset.wrapping_add(4);
        (behind == self.origin(upper, first + OPS - 1)).then_some(Halves { low: lower.b, high })
    }

    /// A number that is the same in all lanes and known.
    fn number(&self, slot: Slot) -> Option<u64> {
        match self.source(slot, W32) {
            Source::Lanes(lanes) => lanes.constant(),
            _ => None,
        }
    }

    /// Where the address of an access comes from, which is op `index`.
    fn origin(&self, access: &Op, index: usize) -> Origin {
        let ops = super::flow::ops_of(self.unit, self.program);
        let (mut slot, mut before) = (access.a, index);
        let mut offset = access.imm as u32;
        for _ in 0..LINKS_MAX {
            let writes = |writes: &Vec<u32>| writes.contains(&slot.0);
            let Some(writer) = self.writes[..before].iter().rposition(writes) else {
                break;
            };
            let op = &ops[writer];
            let sums = self.unit.steps[writer].template == Template::Int(IntOp::Add, W32);
            let constant = |slot: Slot| (slot.base() == 1).then(|| self.constant(slot, W32));
            let (next, by) = match (sums, constant(op.a), constant(op.b)) {
                (true, Some(by), None) => (op.b, by),
                (true, None, Some(by)) => (op.a, by),
                _ => {
                    before = writer + 1;
                    break;
                }
            };
            if next.base() != 0 {
                before = writer + 1;
                break;
            }
            (slot, before, offset) = (next, writer, offset.wrapping_add(by as u32));
        }
        let writes = |writes: &Vec<u32>| writes.contains(&slot.0);
        Origin {
            slot: slot.0,
            written_by: self.writes[..before].iter().rposition(writes),
            offset,
        }
    }

    /// Puts what eight lanes add side by side.
    fn put_sums(&mut self, halves: &Halves, part: usize) {
        for (to, slot) in [(YMM0, halves.low), (YMM1, halves.high)] {
            let from = at(self.base_of(slot), slot.offset() as i64 + part as i64 * 32);
            self.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, to, from);
        }
        let codes = [
            Code::VEX_Vpunpckldq_ymm_ymm_ymmm256,
            Code::VEX_Vpunpckhdq_ymm_ymm_ymmm256,
        ];
        for (to, code) in [YMM2, YMM3].into_iter().zip(codes) {
            self.asm.op3(code, to, YMM0, YMM1);
        }
        let store = Code::VEX_Vmovups_xmmm128_xmm;
        self.asm.op2(store, at(RSP, SUMS), XMM2);
        self.asm.op2(store, at(RSP, SUMS + 16), XMM3);
        for (to, upper) in [(XMM2, YMM2), (XMM3, YMM3)] {
            let take = Code::VEX_Vextracti128_xmmm128_ymm_imm8;
            self.asm.op3(take, to, upper, 1);
        }
        self.asm.op2(store, at(RSP, SUMS + 32), XMM2);
        self.asm.op2(store, at(RSP, SUMS + 48), XMM3);
    }
}
