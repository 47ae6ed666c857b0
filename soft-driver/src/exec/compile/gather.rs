//! Loads from addresses that follow no rule: all of them are checked together, then read one by one. Read
//! [`Builder::gather`].

use std::mem::offset_of;

use iced_x86::{
    Code, MemoryOperand,
    Register::{self, EAX, ECX, RAX, RDX, XMM0, XMM1, XMM5, YMM0, YMM1, YMM2, YMM3, YMM4, YMM5},
};

use super::{
    assembler::at,
    build::{Builder, SITES, WARP, WINDOW, add_code},
    operation::Source,
    template::{
        Access, Place,
        Width::{W32, W64},
    },
    vector::{PARTS, home},
};
use crate::exec::{memory::Site, op::Op, warp::Warp};

/// The sum of what must not be negative; the sum of the addresses, whose low bits must be zero.
const OUTSIDE: Register = YMM3;
const BITS: Register = YMM2;
/// The first address, and the last behind it.
const LOW: Register = YMM4;
const LAST: Register = YMM5;

impl Builder<'_> {
    /// Writes a load, or finds that it has to stay a closure.
    pub(super) fn gather(&mut self, op: &Op, access: Access) -> bool {
        let Source::Row(slot, width) = self.source(op.a, access.address) else {
            return false;
        };
        let shared = access.place == Place::Shared;
        let fits = matches!((access.register, access.bytes), (W32, 1 | 2 | 4) | (W64, 8));
        let Ok(offset) = i32::try_from(op.imm as i64) else {
            return false;
        };
        if !fits || shared != (width == W32) {
            return false;
        }
        self.flush(self.index);
        if shared {
            self.check_shared(slot, offset, access);
        } else {
            self.check_global(slot, offset, access, op.ext);
        }
        for part in 0..PARTS {
            for half in 0..1 + usize::from(access.register == W64) {
                self.read(slot, offset, access, (part, half));
                let to = home(op.d.0, access.register, part, half);
                self.asm.op2(Code::VEX_Vmovaps_ymmm256_ymm, to, YMM0);
            }
        }
        self.forget(op.d.0, access.register);
        true
    }

    /// Leaves unless the elements at all addresses lie where the access site has been before.
    fn check_global(&mut self, slot: u32, offset: i32, access: Access, site: u32) {
        let bail = self.bail();
        let site = i64::from(site) * size_of::<Site>() as i64;
        let (low, span) = (offset_of!(Site, low) as i64, offset_of!(Site, span) as i64);
        self.asm.op2(
            Code::VEX_Vpbroadcastq_ymm_xmmm64,
            LOW,
            at(SITES, site + low),
        );
        self.asm
            .op2(Code::Mov_r64_rm64, RAX, at(SITES, site + span));
        self.asm.op2(Code::Sub_rm64_imm32, RAX, 1);
        self.asm.jump(Code::Jb_rel32_64, bail);
        self.asm.op2(Code::VEX_Vmovq_xmm_rm64, XMM5, RAX);
        self.asm.op2(Code::VEX_Vpbroadcastq_ymm_xmmm64, LAST, XMM5);
        self.clear_sums();
        let (minus, add) = (Code::VEX_Vpsubq_ymm_ymm_ymmm256, add_code(W64));
        for piece in 0..8 {
            self.asm.op2(
                Code::VEX_Vmovaps_ymm_ymmm256,
                YMM0,
                at(WINDOW, i64::from(slot) + piece * 32),
            );
            if offset != 0 {
                let offset = self.constant64(offset as i64 as u64);
                self.asm.op3(add, YMM0, YMM0, offset);
            }
            self.asm.op3(minus, YMM1, YMM0, LOW);
            self.sum(YMM0, YMM1);
            self.asm.op3(minus, YMM1, LAST, YMM1);
            self.asm
                .op3(Code::VEX_Vpor_ymm_ymm_ymmm256, OUTSIDE, OUTSIDE, YMM1);
        }
        self.asm.op2(Code::VEX_Vmovmskpd_r32_ymm, EAX, OUTSIDE);
        let below = self.constant64(u64::from(access.bytes) - 1);
        self.decide(below, bail);
    }

    /// Leaves unless the elements at all addresses lie in shared memory.
    fn check_shared(&mut self, slot: u32, offset: i32, access: Access) {
        let bail = self.bail();
        let room = at(WARP, offset_of!(Warp, shared_bytes) as i64);
        self.asm.op2(Code::Mov_r64_rm64, RAX, room);
        self.asm
            .op2(Code::Sub_rm64_imm32, RAX, i32::from(access.bytes));
        self.asm.jump(Code::Jb_rel32_64, bail);
        self.asm.op2(Code::VEX_Vmovd_xmm_rm32, XMM5, EAX);
        self.asm.op2(Code::VEX_Vpbroadcastd_ymm_xmmm32, LAST, XMM5);
        self.clear_sums();
        for piece in 0..4 {
            self.asm.op2(
                Code::VEX_Vmovaps_ymm_ymmm256,
                YMM0,
                at(WINDOW, i64::from(slot) + piece * 32),
            );
            if offset != 0 {
                let offset = self.constant32(offset as u32);
                self.asm.op3(add_code(W32), YMM0, YMM0, offset);
            }
            self.sum(YMM0, YMM0);
            self.asm
                .op3(Code::VEX_Vpsubd_ymm_ymm_ymmm256, YMM1, LAST, YMM0);
            self.asm
                .op3(Code::VEX_Vpor_ymm_ymm_ymmm256, OUTSIDE, OUTSIDE, YMM1);
        }
        self.asm.op2(Code::VEX_Vmovmskps_r32_ymm, EAX, OUTSIDE);
        let below = self.constant32(u32::from(access.bytes) - 1);
        self.decide(below, bail);
    }

    fn clear_sums(&mut self) {
        for sum in [OUTSIDE, BITS] {
            self.asm.op3(Code::VEX_Vpxor_ymm_ymm_ymmm256, sum, sum, sum);
        }
    }

    fn sum(&mut self, address: Register, distance: Register) {
        let or = Code::VEX_Vpor_ymm_ymm_ymmm256;
        self.asm.op3(or, BITS, BITS, address);
        self.asm.op3(or, OUTSIDE, OUTSIDE, distance);
    }

    /// Leaves if an address has one of the bits `below`, or `eax` is not zero.
    fn decide(&mut self, below: MemoryOperand, bail: super::assembler::Label) {
        self.asm.op2(Code::VEX_Vptest_ymm_ymmm256, BITS, below);
        self.asm.jump(Code::Jne_rel32_64, bail);
        self.asm.op2(Code::Test_rm32_r32, EAX, EAX);
        self.asm.jump(Code::Jne_rel32_64, bail);
    }

    /// Reads eight elements, or four of 64 bits, into `ymm0`.
    fn read(&mut self, slot: u32, offset: i32, access: Access, (part, half): (usize, usize)) {
        let shared = access.place == Place::Shared;
        if shared {
            let base = at(WARP, offset_of!(Warp, shared) as i64);
            self.asm.op2(Code::Mov_r64_rm64, RDX, base);
        }
        let (first, count) = match access.register {
            W32 => (part * 8, 8),
            W64 => (part * 8 + half * 4, 4),
        };
        for lane in 0..count {
            let row = at(
                WINDOW,
                i64::from(slot) + ((first + lane) * if shared { 4 } else { 8 }) as i64,
            );
            let element = if shared {
                self.asm.op2(Code::Mov_r32_rm32, EAX, row);
                if offset != 0 {
                    self.asm.op2(Code::Add_rm32_imm32, EAX, offset);
                }
                MemoryOperand::with_base_index(RDX, RAX)
            } else {
                self.asm.op2(Code::Mov_r64_rm64, RAX, row);
                at(RAX, i64::from(offset))
            };
            let (to, at) = if lane < count / 2 {
                (XMM0, lane)
            } else {
                (XMM1, lane - count / 2)
            };
            self.insert(access, element, to, at);
        }
        self.asm.op4(
            Code::VEX_Vinserti128_ymm_ymm_xmmm128_imm8,
            [YMM0, YMM0],
            XMM1,
            1,
        );
    }

    /// Puts an element into a lane.
    fn insert(&mut self, access: Access, from: MemoryOperand, to: Register, lane: usize) {
        let narrow = match (access.bytes, access.signed) {
            (1, false) => Some(Code::Movzx_r32_rm8),
            (1, true) => Some(Code::Movsx_r32_rm8),
            (2, false) => Some(Code::Movzx_r32_rm16),
            (2, true) => Some(Code::Movsx_r32_rm16),
            _ => None,
        };
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
        match (narrow, lane) {
            (None, 0) => self.asm.op2(first, to, from),
            (None, lane) => self.asm.op4(next, [to, to], from, lane as i32),
            (Some(load), lane) => {
                self.asm.op2(load, ECX, from);
                if lane == 0 {
                    self.asm.op2(first, to, ECX);
                } else {
                    self.asm.op4(next, [to, to], ECX, lane as i32);
                }
            }
        }
    }
}
