//! Reads elements at addresses that have been checked. Read [`Builder::pick`].

use std::mem::offset_of;

use iced_x86::{
    Code, MemoryOperand,
    Register::{self, EAX, ECX, RAX, RDX, XMM0, XMM1, YMM0, YMM1, YMM2, YMM4},
};

use super::{
    assembler::at,
    build::{Builder, WARP},
    gather::Addresses,
    template::{
        Access,
        Width::{W32, W64},
    },
    vector::{PARTS, lower},
};
use crate::exec::{access::NO_SLOT, warp::Warp};

impl Builder<'_> {
    /// Reads the elements of all lanes into the rows of `slots`.
    pub(super) fn pick(&mut self, addresses: Addresses, access: Access, slots: &[u32]) {
        self.load_shared(addresses);
        for part in 0..PARTS {
            for half in 0..1 + usize::from(access.register == W64) {
                match (slots.len(), access.register) {
                    (1, _) => self.pick_elements(addresses, access, (part, half)),
                    (2, W32) => self.pick_pairs(addresses, part),
                    (2, W64) => self.pick_wide_pairs(addresses, (part, half)),
                    _ => self.pick_quads(addresses, part),
                }
                for (index, slot) in slots.iter().enumerate() {
                    if *slot != NO_SLOT {
                        let row = YMM0 + index as u32;
                        self.put(*slot, access.register, (part, half), row);
                    }
                }
            }
        }
    }

    /// Reads the elements of one address into all lanes.
    pub(super) fn pick_one(&mut self, addresses: Addresses, access: Access, slots: &[u32]) {
        self.load_shared(addresses);
        let MemoryOperand { base, index, .. } = self.element(addresses, 0);
        for (number, slot) in slots.iter().enumerate() {
            let offset = if addresses.shared {
                0
            } else {
                i64::from(addresses.offset)
            };
            let offset = offset + number as i64 * i64::from(access.bytes);
            let from = MemoryOperand::with_base_index_scale_displ_size(base, index, 1, offset, 8);
            match (access.bytes, access.register) {
                (8, _) => self.asm.op2(Code::VEX_Vpbroadcastq_ymm_xmmm64, YMM0, from),
                (4, _) => self.asm.op2(Code::VEX_Vpbroadcastd_ymm_xmmm32, YMM0, from),
                _ => {
                    self.insert(access, from, XMM0, 0);
                    self.asm.op2(Code::VEX_Vpbroadcastd_ymm_xmmm32, YMM0, XMM0);
                }
            }
            if *slot == NO_SLOT {
                continue;
            }
            for part in 0..PARTS {
                for half in 0..1 + usize::from(access.register == W64) {
                    self.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, YMM1, YMM0);
                    self.put(*slot, access.register, (part, half), YMM1);
                }
            }
        }
    }

    /// Where shared memory begins, in `rdx`.
    pub(super) fn load_shared(&mut self, addresses: Addresses) {
        if addresses.shared {
            let base = at(WARP, offset_of!(Warp, shared) as i64);
            self.asm.op2(Code::Mov_r64_rm64, RDX, base);
        }
    }

    /// The first byte of a lane; `rax` is lost.
    pub(super) fn element(&mut self, addresses: Addresses, lane: usize) -> MemoryOperand {
        let row = at(
            addresses.base,
            addresses.start + lane as i64 * addresses.step(),
        );
        if !addresses.shared {
            self.asm.op2(Code::Mov_r64_rm64, RAX, row);
            return at(RAX, i64::from(addresses.offset));
        }
        self.asm.op2(Code::Mov_r32_rm32, EAX, row);
        if addresses.offset != 0 {
            self.asm.op2(Code::Add_rm32_imm32, EAX, addresses.offset);
        }
        MemoryOperand::with_base_index(RDX, RAX)
    }

    /// Reads eight elements, or four of 64 bits, into `ymm0`.
    fn pick_elements(&mut self, addresses: Addresses, access: Access, at: (usize, usize)) {
        let (part, half) = at;
        let (first, count) = match access.register {
            W32 => (part * 8, 8),
            W64 => (part * 8 + half * 4, 4),
        };
        for lane in 0..count {
            let element = self.element(addresses, first + lane);
            let (to, at) = if lane < count / 2 {
                (XMM0, lane)
            } else {
                (XMM1, lane - count / 2)
            };
            self.insert(access, element, to, at);
        }
        self.join(YMM0, XMM1);
    }

    /// Puts the upper half of a register beside its lower one.
    pub(super) fn join(&mut self, to: Register, upper: Register) {
        let join = Code::VEX_Vinserti128_ymm_ymm_xmmm128_imm8;
        self.asm.op4(join, [to, to], upper, 1);
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

    /// Reads eight vectors of two 32-bit elements into `ymm0` and `ymm1`.
    fn pick_pairs(&mut self, addresses: Addresses, part: usize) {
        for (register, first) in [(YMM2, 0), (YMM4, 2)] {
            let upper = lower(register + 1);
            for (to, first) in [(lower(register), first), (upper, first + 4)] {
                let one = self.element(addresses, part * 8 + first);
                self.asm.op2(Code::VEX_Vmovq_xmm_xmmm64, to, one);
                let other = self.element(addresses, part * 8 + first + 1);
                self.asm.op3(Code::VEX_Vmovhps_xmm_xmm_m64, to, to, other);
            }
            self.join(register, upper);
        }
        let shuffle = Code::VEX_Vshufps_ymm_ymm_ymmm256_imm8;
        self.asm.op4(shuffle, [YMM0, YMM2], YMM4, 0x88);
        self.asm.op4(shuffle, [YMM1, YMM2], YMM4, 0xDD);
    }

    /// Reads four vectors of two 64-bit elements into `ymm0` and `ymm1`.
    fn pick_wide_pairs(&mut self, addresses: Addresses, at: (usize, usize)) {
        let first = at.0 * 8 + at.1 * 4;
        for (register, first) in [(YMM2, first), (YMM4, first + 1)] {
            self.pick_two(addresses, register, [first, first + 2]);
        }
        let codes = [
            Code::VEX_Vunpcklpd_ymm_ymm_ymmm256,
            Code::VEX_Vunpckhpd_ymm_ymm_ymmm256,
        ];
        for (to, code) in [YMM0, YMM1].into_iter().zip(codes) {
            self.asm.op3(code, to, YMM2, YMM4);
        }
    }

    /// Reads sixteen bytes of two lanes each.
    fn pick_two(&mut self, addresses: Addresses, to: Register, lanes: [usize; 2]) {
        let one = self.element(addresses, lanes[0]);
        self.asm.op2(Code::VEX_Vmovups_xmm_xmmm128, lower(to), one);
        let other = self.element(addresses, lanes[1]);
        let join = Code::VEX_Vinsertf128_ymm_ymm_xmmm128_imm8;
        self.asm.op4(join, [to, to], other, 1);
    }

    /// Reads eight vectors of four 32-bit elements into `ymm0` to `ymm3`.
    fn pick_quads(&mut self, addresses: Addresses, part: usize) {
        let first = part * 8;
        for lane in 0..4 {
            let to = YMM0 + lane as u32;
            self.pick_two(addresses, to, [first + lane, first + lane + 4]);
        }
        let (low, high) = (
            Code::VEX_Vunpcklps_ymm_ymm_ymmm256,
            Code::VEX_Vunpckhps_ymm_ymm_ymmm256,
        );
        for (index, code) in [low, high, low, high].into_iter().enumerate() {
            let from = YMM0 + (index as u32 / 2) * 2;
            self.asm.op3(code, YMM4 + index as u32, from, from + 1);
        }
        let shuffle = Code::VEX_Vshufps_ymm_ymm_ymmm256_imm8;
        for index in 0..4 {
            let from = YMM4 + index / 2;
            let which = if index % 2 == 0 { 0x44 } else { 0xEE };
            self.asm.op4(shuffle, [YMM0 + index, from], from + 2, which);
        }
    }
}
