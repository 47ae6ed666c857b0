//! Which lanes careful code writes: those that are active, whatever the others hold. Vectors are computed in all
//! lanes and merged with the row where they are stored. Read [`Builder::put`].
//!
//! In careful code the three highest vector registers belong to this module: the lanes that are not active,
//! as 32-bit lanes and as both halves of 64-bit ones.

use std::mem::offset_of;

use iced_x86::{
    Code,
    Register::{self, EAX, ECX, RCX, YMM13, YMM14, YMM15},
};

use super::{
    assembler::{POOL, at},
    build::{Builder, WARP, WINDOW},
    template::Width::{self, W32, W64},
    vector::home,
};
use crate::exec::warp::Warp;

/// Vector registers that are left for rows.
pub(super) const FREE: usize = 13;

/// For eight active lanes, a bit each: all ones in each lane that is not active.
#[repr(C, align(64))]
struct Inactive([[u32; 8]; 256]);

static INACTIVE: Inactive = Inactive(inactive());

const fn inactive() -> [[u32; 8]; 256] {
    let mut table = [[u32::MAX; 8]; 256];
    let mut index = 0;
    while index < 256 * 8 {
        if (index / 8) >> (index % 8) & 1 == 1 {
            table[index / 8][index % 8] = 0;
        }
        index += 1;
    }
    table
}

/// What the mask registers hold.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Masks {
    /// For which part, by width.
    part: [Option<usize>; 2],
}

impl Builder<'_> {
    /// The register with all ones in the lanes of a part that are not active; `rcx` is lost.
    pub(super) fn inactive(&mut self, width: Width, part: usize, half: usize) -> Register {
        let (index, register) = match width {
            W32 => (0, YMM15),
            W64 => (1, [YMM14, YMM13][half]),
        };
        if self.registers.masks.part[index] == Some(part) {
            return register;
        }
        self.registers.masks.part[index] = Some(part);
        let active = offset_of!(Warp, active) + part;
        self.asm
            .op2(Code::Movzx_r32_rm8, ECX, at(WARP, active as i64));
        self.asm.op2(Code::Shl_rm32_imm8, ECX, 5);
        let table = (&raw const INACTIVE) as u64;
        let table = self.asm.constant(&table.to_le_bytes());
        self.asm.op2(Code::Add_r64_rm64, RCX, at(POOL, table));
        match width {
            W32 => self
                .asm
                .op2(Code::VEX_Vmovaps_ymm_ymmm256, YMM15, at(RCX, 0)),
            W64 => {
                let widen = Code::VEX_Vpmovsxdq_ymm_xmmm128;
                self.asm.op2(widen, YMM14, at(RCX, 0));
                self.asm.op2(widen, YMM13, at(RCX, 16));
            }
        }
        register
    }

    /// Stores lanes to their row: the active ones, if others may be there; then the register holds the row.
    pub(super) fn put(&mut self, slot: u32, width: Width, at: (usize, usize), register: Register) {
        let (part, half) = at;
        let to = home(slot, width, part, half);
        if self.careful {
            let inactive = self.inactive(width, part, half);
            self.asm.op4(
                Code::VEX_Vblendvps_ymm_ymm_ymmm256_ymm,
                [register, register],
                to,
                inactive,
            );
        }
        self.asm.op2(Code::VEX_Vmovaps_ymmm256_ymm, to, register);
    }

    /// Stores a predicate, as [`Builder::put`] does a row; `eax` is lost, and the register.
    pub(super) fn put_predicate(&mut self, slot: u32, register: Register) {
        let to = at(WINDOW, i64::from(slot));
        if self.careful {
            let active = at(WARP, offset_of!(Warp, active) as i64);
            self.asm.op2(Code::Mov_r32_rm32, EAX, active);
            self.asm.op2(Code::And_r32_rm32, register, EAX);
            self.asm.op1(Code::Not_rm32, EAX);
            self.asm.op2(Code::And_r32_rm32, EAX, to);
            self.asm.op2(Code::Or_r32_rm32, register, EAX);
        }
        self.asm.op2(Code::Mov_rm32_r32, to, register);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_names_the_lanes_that_are_not_active() {
        assert_eq!(INACTIVE.0[0], [u32::MAX; 8]);
        assert_eq!(INACTIVE.0[255], [0; 8]);
        let odd = [
            u32::MAX,
            0,
            u32::MAX,
            u32::MAX,
            u32::MAX,
            u32::MAX,
            u32::MAX,
            0,
        ];
        assert_eq!(INACTIVE.0[0b1000_0010], odd);
    }
}
