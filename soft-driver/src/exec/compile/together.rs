//! Ops in which lanes meet: shuffles by constants, additions to shared memory. Read [`Builder::shuffle`] and
//! [`Builder::add_shared`].

use std::mem::offset_of;

use iced_x86::{
    Code,
    Register::{EAX, ECX, R8D, RCX, XMM0, XMM1, YMM0, YMM4, YMM5},
};

use super::{
    assembler::{POOL, at},
    build::{BLOCK_VALUES, Builder, CONSTANTS, WARP, WINDOW},
    operation::Source,
    scalar::sized,
    template::Width::{self, W32, W64},
    vector::PARTS,
};
use crate::exec::{
    access::NO_SLOT,
    atomics::RETRY_COST,
    cross::{Shuffle, source_lane},
    op::{Op, Slot},
    warp::Warp,
};

impl Builder<'_> {
    /// Writes a shuffle, or finds that it has to stay a closure: where lanes may be elsewhere it waits for them.
    pub(super) fn shuffle(&mut self, op: &Op, mode: Shuffle) -> bool {
        if self.careful {
            return false;
        }
        let (Some(b), Some(c)) = (self.same(op.b), self.same(op.c)) else {
            return false;
        };
        let sources = std::array::from_fn(|lane| source_lane(mode, lane, b, c));
        self.settle(self.index);
        self.expect_same(op.b, b);
        self.expect_same(op.c, c);
        for part in 0..PARTS {
            let from = at(self.base_of(op.a), op.a.offset() as i64 + part as i64 * 32);
            let to = YMM0 + part as u32;
            self.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, to, from);
        }
        for part in 0..PARTS {
            self.shuffle_part(op.d.0, part, &sources);
        }
        self.forget(op.d.0, W32);
        let valid = self.program.lists[op.ext as usize];
        if valid != NO_SLOT {
            let bits = (0..32).filter(|lane| sources[*lane].1);
            let bits = bits.fold(0u32, |bits, lane| bits | 1 << lane);
            self.asm.op2(Code::Mov_r32_imm32, R8D, bits as i32);
            self.put_predicate(valid, R8D);
        }
        true
    }

    /// What a slot holds in all lanes, if that is known or was the same for all threads of the block when
    /// the unit was compiled.
    fn same(&self, slot: Slot) -> Option<u32> {
        match self.source(slot, W32) {
            Source::Lanes(lanes) if slot.base() == 2 && lanes.is_level() => {
                Some(self.warp.row::<u32>(slot)[0])
            }
            Source::Lanes(lanes) => lanes.constant().map(|value| value as u32),
            _ => None,
        }
    }

    /// Leaves unless a slot holds what it did then.
    fn expect_same(&mut self, slot: Slot, value: u32) {
        if slot.base() == 2 {
            let now = at(BLOCK_VALUES, slot.offset() as i64);
            let bail = self.bail();
            self.asm.op2(Code::Cmp_rm32_imm32, now, value as i32);
            self.asm.jump(Code::Jne_rel32_64, bail);
        }
    }

    /// Eight lanes of a shuffle of the row in `ymm0` to `ymm3`.
    fn shuffle_part(&mut self, d: u32, part: usize, sources: &[(usize, bool); 32]) {
        let wanted = &sources[part * 8..part * 8 + 8];
        let order: Vec<u8> = wanted
            .iter()
            .flat_map(|(lane, _)| (*lane as u32 % 8).to_le_bytes())
            .collect();
        let order = at(POOL, self.asm.constant(&order));
        self.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, YMM5, order);
        let mut begun = false;
        for from in 0..PARTS {
            let lanes = wanted.iter().enumerate();
            let here = lanes.filter(|(_, (lane, _))| lane / 8 == from);
            let here = here.fold(0, |bits, (lane, _)| bits | 1 << lane);
            if here == 0 {
                continue;
            }
            let to = if begun { YMM4 + 2 } else { YMM4 };
            let row = YMM0 + from as u32;
            self.asm
                .op3(Code::VEX_Vpermd_ymm_ymm_ymmm256, to, YMM5, row);
            if begun {
                let blend = Code::VEX_Vpblendd_ymm_ymm_ymmm256_imm8;
                self.asm.op4(blend, [YMM4, YMM4], to, here);
            }
            begun = true;
        }
        self.put(d, W32, (part, 0), YMM4);
    }

    /// Which register leads to a slot.
    pub(super) fn base_of(&self, slot: Slot) -> iced_x86::Register {
        [WINDOW, CONSTANTS, BLOCK_VALUES][slot.base() % 3]
    }

    /// Writes an addition of 32 bits to shared memory, or finds that it has to stay a closure.
    pub(super) fn add_shared(&mut self, op: &Op) -> bool {
        let Some(checked) = self.check_all(op, 4, op.ext, true) else {
            return false;
        };
        self.load_shared(checked.addresses);
        let (values, start) = (self.base_of(op.b), op.b.offset() as i64);
        let wants = op.d.0 != NO_SLOT;
        for lane in 0..32 {
            let next = self.skip_idle(lane);
            let element = self.element(checked.addresses, lane);
            let value = at(values, start + lane as i64 * 4);
            self.asm.op2(Code::Mov_r32_rm32, ECX, value);
            if wants {
                let to = if lane % 8 < 4 { XMM0 } else { XMM1 };
                let insert = Code::VEX_Vpinsrd_xmm_xmm_rm32_imm8;
                self.asm.op4(insert, [to, to], element, lane as i32 % 4);
            }
            self.asm.op2(Code::Add_rm32_r32, element, ECX);
            self.asm.bind(next);
            if wants && lane % 8 == 7 {
                self.join(YMM0, XMM1);
                self.put(op.d.0, W32, (lane / 8, 0), YMM0);
            }
        }
        if wants {
            self.note_retry();
            self.forget(op.d.0, W32);
        }
        self.end_check(op, &checked);
        true
    }

    /// Writes an addition to global memory, or finds that it has to stay a closure. Zeros are not added.
    pub(super) fn add_global(&mut self, op: &Op, width: Width) -> bool {
        let (bytes, register) = match width {
            W32 => (4, ECX),
            W64 => (8, RCX),
        };
        let Some(checked) = self.check_all(op, bytes, op.ext, false) else {
            return false;
        };
        let (values, start) = (self.base_of(op.b), op.b.offset() as i64);
        for lane in 0..32 {
            let next = self.skip_idle(lane);
            let value = at(values, start + lane as i64 * i64::from(bytes));
            let load = sized(width, [Code::Mov_r32_rm32, Code::Mov_r64_rm64]);
            self.asm.op2(load, register, value);
            let test = sized(width, [Code::Test_rm32_r32, Code::Test_rm64_r64]);
            self.asm.op2(test, register, register);
            self.asm.jump(Code::Je_rel32_64, next);
            let element = self.element(checked.addresses, lane);
            let add = sized(width, [Code::Add_rm32_r32, Code::Add_rm64_r64]);
            self.asm.locked(add, element, register);
            self.asm.bind(next);
        }
        self.end_check(op, &checked);
        true
    }

    /// Loops around atomics that return something may wait for other threads.
    pub(super) fn note_retry(&mut self) {
        let spin = at(WARP, offset_of!(Warp, spin) as i64);
        self.asm.op2(Code::Mov_r32_imm32, EAX, RETRY_COST);
        self.asm.op2(Code::Cmp_r32_rm32, EAX, spin);
        self.asm.op2(Code::Cmovl_r32_rm32, EAX, spin);
        self.asm.op2(Code::Mov_rm32_r32, spin, EAX);
    }
}
