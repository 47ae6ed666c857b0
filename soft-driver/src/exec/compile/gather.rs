//! Loads from addresses that follow no rule: all of them are checked together, then read one by one. Careful
//! code replaces the addresses of lanes that are not active by that of one that is, and reads once if all are
//! equal then. Read [`Builder::gather`]; `pick` reads the elements.

use std::mem::offset_of;

use iced_x86::{
    Code, MemoryOperand,
    Register::{
        self, EAX, ECX, RAX, RCX, RSP, XMM5, YMM0, YMM1, YMM2, YMM3, YMM4, YMM5, YMM6, YMM7,
    },
};

use super::{
    assembler::{Label, at},
    build::{Builder, SCRATCH, SITES, WARP, add_code},
    mask::Masks,
    operation::Source,
    template::{
        Access, Place, Template,
        Width::{W32, W64},
    },
};
use crate::exec::{access::NO_SLOT, memory::Site, op::Op, warp::Warp};

/// The sum of what must not be negative; the sum of the addresses, whose low bits must be zero.
const OUTSIDE: Register = YMM3;
const BITS: Register = YMM2;
/// The first address, and the last behind it.
const LOW: Register = YMM4;
const LAST: Register = YMM5;
/// The address of an active lane, and how the others differ from it.
const FIRST: Register = YMM6;
const DIFFERENT: Register = YMM7;

/// The addresses of a load.
#[derive(Clone, Copy)]
pub(super) struct Addresses {
    /// Where their row is.
    pub(super) base: Register,
    pub(super) start: i64,
    /// What the instruction adds to each.
    pub(super) offset: i32,
    /// They are offsets of 32 bits in shared memory.
    pub(super) shared: bool,
    /// Bytes that each lane reads, aligned to their number.
    bytes: i32,
    /// Bytes behind them that are read too.
    more: i32,
    /// The access site of others.
    site: u32,
}

/// Addresses that have been checked.
pub(super) struct Checked {
    pub(super) addresses: Addresses,
    /// What has been refused goes on here, and meets the rest there.
    pub(super) slow: Label,
    pub(super) done: Label,
}

impl Addresses {
    /// Bytes of an address.
    pub(super) fn step(self) -> i64 {
        if self.shared { 4 } else { 8 }
    }
}

impl Builder<'_> {
    /// Writes a load of one element a lane, or finds that it has to stay a closure.
    pub(super) fn gather(&mut self, op: &Op, access: Access) -> bool {
        let fits = matches!((access.register, access.bytes), (W32, 1 | 2 | 4) | (W64, 8));
        let is_row = matches!(self.source(op.a, access.address), Source::Row(..));
        fits && is_row && self.read_all(op, access, &[op.d.0], op.ext)
    }

    /// Writes a load of some elements a lane, or finds that it has to stay a closure.
    pub(super) fn gather_vectors(&mut self, op: &Op, access: Access, count: u8) -> bool {
        let start = op.b.0 as usize;
        let list = &self.program.lists[start..=start + usize::from(count)];
        self.read_all(op, access, &list[1..], list[0])
    }

    fn read_all(&mut self, op: &Op, access: Access, slots: &[u32], site: u32) -> bool {
        let shared = access.place == Place::Shared;
        let bytes = i32::from(access.bytes) * slots.len() as i32;
        if shared != (access.address == W32) {
            return false;
        }
        let Some(checked) = self.check_all(op, bytes, site, shared) else {
            return false;
        };
        self.pick_checked(&checked, access, slots);
        self.end_check(op, &checked);
        for slot in slots.iter().filter(|slot| **slot != NO_SLOT) {
            self.forget(*slot, access.register);
        }
        true
    }

    fn pick_checked(&mut self, checked: &Checked, access: Access, slots: &[u32]) {
        if self.careful {
            let general = self.asm.label();
            self.asm
                .op2(Code::VEX_Vptest_ymm_ymmm256, DIFFERENT, DIFFERENT);
            self.asm.jump(Code::Jne_rel32_64, general);
            self.pick_one(checked.addresses, access, slots);
            self.asm.jump(Code::Jmp_rel32_64, checked.done);
            self.asm.bind(general);
            self.registers.masks = Masks::default();
        }
        self.pick(checked.addresses, access, slots);
    }

    /// Writes two loads if those at hand are of words beside each other, as numbers that lie across words are read,
    /// and returns how many ops that were: none if they are not.
    pub(super) fn gather_pair(&mut self, ops: &[Op]) -> usize {
        let first = self.index;
        let Some([one, two]) = ops.get(first..first + 2) else {
            return 0;
        };
        let templates = [first, first + 1].map(|index| self.unit.steps[index].template);
        let [Template::Load(access), Template::Load(other)] = templates else {
            return 0;
        };
        let words = access == other
            && (access.bytes, access.register, access.address) == (4, W32, W64)
            && access.place != Place::Shared;
        let beside = one.a == two.a && two.imm == one.imm.wrapping_add(4);
        let is_row = matches!(self.source(one.a, W64), Source::Row(..));
        let Ok(offset) = i32::try_from(one.imm as i64) else {
            return 0;
        };
        if !words || !beside || !is_row || one.d == two.d {
            return 0;
        }
        let checked = self.check_row_of(Addresses {
            base: self.base_of(one.a),
            start: one.a.offset() as i64,
            offset,
            shared: false,
            bytes: 4,
            more: 4,
            site: one.ext,
        });
        let slots = [one.d.0, two.d.0];
        self.pick_checked(&checked, access, &slots);
        self.end_checks(ops, 2, &checked);
        for slot in slots {
            self.forget(slot, W32);
        }
        2
    }

    /// Checks the addresses of an op, of so many bytes each; `None` if the op has to stay a closure.
    /// [`Builder::end_check`] belongs behind what is done with them.
    pub(super) fn check_all(
        &mut self,
        op: &Op,
        bytes: i32,
        site: u32,
        shared: bool,
    ) -> Option<Checked> {
        let addresses = Addresses {
            base: self.base_of(op.a),
            start: op.a.offset() as i64,
            offset: i32::try_from(op.imm as i64).ok()?,
            shared,
            bytes,
            more: 0,
            site,
        };
        Some(self.check_row_of(addresses))
    }

    /// Checks a row of addresses.
    fn check_row_of(&mut self, mut addresses: Addresses) -> Checked {
        self.settle(self.index);
        self.registers.masks = Masks::default();
        self.n_inlined += 1;
        let (slow, done) = if self.careful {
            (self.asm.label(), self.asm.label())
        } else {
            let bail = self.bail();
            (bail, bail)
        };
        self.check_addresses(addresses, slow);
        if self.careful {
            (addresses.base, addresses.start) = (RSP, SCRATCH);
        }
        Checked {
            addresses,
            slow,
            done,
        }
    }

    /// In careful code the closure does what the check refuses.
    pub(super) fn end_check(&mut self, op: &Op, checked: &Checked) {
        if self.careful {
            self.asm.jump(Code::Jmp_rel32_64, checked.done);
            self.asm.bind(checked.slow);
            self.call(op);
            self.asm.bind(checked.done);
        }
    }

    /// The same for `count` ops, from the one at hand on.
    pub(super) fn end_checks(&mut self, ops: &[Op], count: usize, checked: &Checked) {
        if !self.careful {
            return;
        }
        let first = self.index;
        self.asm.jump(Code::Jmp_rel32_64, checked.done);
        self.asm.bind(checked.slow);
        for (index, op) in ops.iter().enumerate().skip(first).take(count) {
            self.index = index;
            self.call(op);
        }
        self.index = first;
        self.asm.bind(checked.done);
    }

    /// Leaves for `slow` unless the elements at all addresses may be read.
    fn check_addresses(&mut self, addresses: Addresses, slow: Label) {
        let Addresses { offset, shared, .. } = addresses;
        self.load_limits(addresses, slow);
        for sum in [OUTSIDE, BITS] {
            self.asm.op3(Code::VEX_Vpxor_ymm_ymm_ymmm256, sum, sum, sum);
        }
        if self.careful {
            self.load_first(addresses);
        }
        let (minus, width) = if shared {
            (Code::VEX_Vpsubd_ymm_ymm_ymmm256, W32)
        } else {
            (Code::VEX_Vpsubq_ymm_ymm_ymmm256, W64)
        };
        let or = Code::VEX_Vpor_ymm_ymm_ymmm256;
        for piece in 0..addresses.step() {
            let from = at(addresses.base, addresses.start + piece * 32);
            self.asm.op2(Code::VEX_Vmovups_ymm_ymmm256, YMM0, from);
            if self.careful {
                self.replace_idle(addresses, piece);
            }
            if offset != 0 {
                let offset = match width {
                    W32 => self.constant32(offset as u32),
                    W64 => self.constant64(i64::from(offset) as u64),
                };
                self.asm.op3(add_code(width), YMM0, YMM0, offset);
            }
            self.asm.op3(or, BITS, BITS, YMM0);
            if !shared {
                self.asm.op3(minus, YMM0, YMM0, LOW);
            }
            self.asm.op3(or, OUTSIDE, OUTSIDE, YMM0);
            self.asm.op3(minus, YMM1, LAST, YMM0);
            self.asm.op3(or, OUTSIDE, OUTSIDE, YMM1);
        }
        let below = addresses.bytes as u32 - 1;
        let (signs, below) = match width {
            W32 => (Code::VEX_Vmovmskps_r32_ymm, self.constant32(below)),
            W64 => (
                Code::VEX_Vmovmskpd_r32_ymm,
                self.constant64(u64::from(below)),
            ),
        };
        self.asm.op2(signs, EAX, OUTSIDE);
        self.asm.op2(Code::VEX_Vptest_ymm_ymmm256, BITS, below);
        self.asm.jump(Code::Jne_rel32_64, slow);
        self.asm.op2(Code::Test_rm32_r32, EAX, EAX);
        self.asm.jump(Code::Jne_rel32_64, slow);
    }

    /// The first address that may be read and the last behind it; leaves for `slow` if there is none.
    fn load_limits(&mut self, addresses: Addresses, slow: Label) {
        if addresses.shared {
            let room = at(WARP, offset_of!(Warp, shared_bytes) as i64);
            self.asm.op2(Code::Mov_r64_rm64, RAX, room);
            self.asm.op2(Code::Sub_rm64_imm32, RAX, addresses.bytes);
            self.asm.jump(Code::Jb_rel32_64, slow);
            self.asm.op2(Code::VEX_Vmovd_xmm_rm32, XMM5, EAX);
            self.asm.op2(Code::VEX_Vpbroadcastd_ymm_xmmm32, LAST, XMM5);
            return;
        }
        let site = i64::from(addresses.site) * size_of::<Site>() as i64;
        let (low, span) = (offset_of!(Site, low) as i64, offset_of!(Site, span) as i64);
        let broadcast = Code::VEX_Vpbroadcastq_ymm_xmmm64;
        self.asm.op2(broadcast, LOW, at(SITES, site + low));
        self.asm
            .op2(Code::Mov_r64_rm64, RAX, at(SITES, site + span));
        self.asm.op2(Code::Sub_rm64_imm32, RAX, 1 + addresses.more);
        self.asm.jump(Code::Jb_rel32_64, slow);
        self.asm.op2(Code::VEX_Vmovq_xmm_rm64, XMM5, RAX);
        self.asm.op2(broadcast, LAST, XMM5);
    }

    /// The address of the first active lane in all lanes.
    fn load_first(&mut self, addresses: Addresses) {
        let active = at(WARP, offset_of!(Warp, active) as i64);
        self.asm.op2(Code::Bsf_r32_rm32, ECX, active);
        let (start, step) = (addresses.start, addresses.step());
        let from = MemoryOperand::with_base_index_scale_displ_size(
            addresses.base,
            RCX,
            step as u32,
            start,
            8,
        );
        let broadcast = if addresses.shared {
            Code::VEX_Vpbroadcastd_ymm_xmmm32
        } else {
            Code::VEX_Vpbroadcastq_ymm_xmmm64
        };
        self.asm.op2(broadcast, FIRST, from);
        let clear = Code::VEX_Vpxor_ymm_ymm_ymmm256;
        self.asm.op3(clear, DIFFERENT, DIFFERENT, DIFFERENT);
    }

    /// Puts the address of the first active lane into those that are not active, and keeps all of them.
    fn replace_idle(&mut self, addresses: Addresses, piece: i64) {
        let piece_at = piece as usize;
        let inactive = if addresses.shared {
            self.inactive(W32, piece_at, 0)
        } else {
            self.inactive(W64, piece_at / 2, piece_at % 2)
        };
        let blend = Code::VEX_Vblendvps_ymm_ymm_ymmm256_ymm;
        self.asm.op4(blend, [YMM0, YMM0], FIRST, inactive);
        let to = at(RSP, SCRATCH + piece * 32);
        self.asm.op2(Code::VEX_Vmovups_ymmm256_ymm, to, YMM0);
        let differs = Code::VEX_Vpxor_ymm_ymm_ymmm256;
        self.asm.op3(differs, YMM1, YMM0, FIRST);
        let or = Code::VEX_Vpor_ymm_ymm_ymmm256;
        self.asm.op3(or, DIFFERENT, DIFFERENT, YMM1);
    }
}
