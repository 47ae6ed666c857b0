//! Stores to addresses that follow no rule: all of them are checked together, then written one by one, the
//! lowest lane first. Read [`Builder::scatter`].

use std::mem::offset_of;

use iced_x86::{
    Code, MemoryOperand,
    Register::{self, CL, CX, ECX, RCX, XMM0},
};

use super::{
    assembler::{Label, at},
    build::{Builder, WARP},
    operation::Source,
    template::{
        Access, Place,
        Width::{W32, W64},
    },
};
use crate::exec::{
    op::{Op, Slot},
    warp::Warp,
};

impl Builder<'_> {
    /// Writes a store of one element a lane, or finds that it has to stay a closure.
    pub(super) fn scatter(&mut self, op: &Op, access: Access) -> bool {
        self.write_all(op, access, &[op.b], op.ext)
    }

    /// Writes a store of two or four elements a lane, or finds that it has to stay a closure.
    pub(super) fn scatter_vectors(&mut self, op: &Op, access: Access, count: u8) -> bool {
        let start = op.b.0 as usize;
        let list = &self.program.lists[start..=start + usize::from(count)];
        let slots: Vec<Slot> = list[1..].iter().map(|slot| Slot(*slot)).collect();
        self.write_all(op, access, &slots, list[0])
    }

    fn write_all(&mut self, op: &Op, access: Access, slots: &[Slot], site: u32) -> bool {
        let shared = access.place == Place::Shared;
        let bytes = i32::from(access.bytes) * slots.len() as i32;
        if shared != (access.address == W32) {
            return false;
        }
        let level = matches!(
            self.source(op.a, access.address),
            Source::Lanes(lanes) if lanes.is_level() && lanes.high.is_none()
        );
        let Some(checked) = self.check_all(op, bytes, site, shared) else {
            return false;
        };
        self.load_shared(checked.addresses);
        let lane_bytes = match access.register {
            W32 => 4,
            W64 => 8,
        };
        // What the last lane writes to one place stays there.
        let first = if level && !self.careful { 31 } else { 0 };
        for lane in first..32 {
            let next = self.skip_idle(lane);
            let to = self.element(checked.addresses, lane);
            let from = |builder: &Self, slot: Slot| {
                let offset = slot.offset() + lane * lane_bytes;
                at(builder.base_of(slot), offset as i64)
            };
            match slots {
                [slot] => {
                    let from = from(self, *slot);
                    self.copy_element(access, from, to);
                }
                slots => {
                    for (index, slot) in slots.iter().enumerate() {
                        let from = from(self, *slot);
                        self.collect_element(access, from, index);
                    }
                    let store = match bytes {
                        8 => Code::VEX_Vmovq_xmmm64_xmm,
                        _ => Code::VEX_Vmovups_xmmm128_xmm,
                    };
                    self.asm.op2(store, to, XMM0);
                }
            }
            self.asm.bind(next);
        }
        self.end_check(op, &checked);
        true
    }

    /// In careful code: leaves for the label unless a lane is active.
    pub(super) fn skip_idle(&mut self, lane: usize) -> Label {
        let next = self.asm.label();
        if self.careful {
            let byte = at(WARP, (offset_of!(Warp, active) + lane / 8) as i64);
            let bit = 1u8 << (lane % 8);
            self.asm
                .op2(Code::Test_rm8_imm8, byte, i32::from(bit as i8));
            self.asm.jump(Code::Je_rel32_64, next);
        }
        next
    }

    /// Copies one element from a row to memory.
    fn copy_element(&mut self, access: Access, from: MemoryOperand, to: MemoryOperand) {
        let (load, whole) = match access.register {
            W32 => (Code::Mov_r32_rm32, ECX),
            W64 => (Code::Mov_r64_rm64, RCX),
        };
        let (store, part): (Code, Register) = match access.bytes {
            1 => (Code::Mov_rm8_r8, CL),
            2 => (Code::Mov_rm16_r16, CX),
            4 => (Code::Mov_rm32_r32, ECX),
            _ => (Code::Mov_rm64_r64, RCX),
        };
        self.asm.op2(load, whole, from);
        self.asm.op2(store, to, part);
    }

    /// Puts one element of a vector into its place in `xmm0`.
    fn collect_element(&mut self, access: Access, from: MemoryOperand, index: usize) {
        let (first, next) = match access.register {
            W32 => (
                Code::VEX_Vmovd_xmm_rm32,
                Code::VEX_Vpinsrd_xmm_xmm_rm32_imm8,
            ),
            W64 => (
                Code::VEX_Vmovq_xmm_rm64,
                Code::VEX_Vpinsrq_xmm_xmm_rm64_imm8,
            ),
        };
        if index == 0 {
            self.asm.op2(first, XMM0, from);
        } else {
            self.asm.op4(next, [XMM0, XMM0], from, index as i32);
        }
    }
}
