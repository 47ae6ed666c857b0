//! Loads and stores whose addresses are in equal steps: one check for all lanes of a half or of the warp, then
//! whole vectors, or one element for all. Others are left to their closures. Read [`Builder::load`] and
//! [`Builder::store`].

use std::mem::offset_of;

use iced_x86::{
    Code,
    Register::{EAX, RAX, RCX, RDX},
};

use super::{
    assembler::at,
    build::{Builder, SITES, WARP},
    operation::{Operation, Source},
    scalar::A,
    template::{
        Access, Place, Template,
        Width::{W32, W64},
    },
    value::{Cell, Lanes},
    vector::PARTS,
};
use crate::exec::{memory::Site, op::Op, warp::Warp};

impl Builder<'_> {
    /// Writes a load, or finds that it has to stay a closure.
    pub(super) fn load(&mut self, op: &Op, access: Access) -> bool {
        let Source::Lanes(address) = self.source(op.a, access.address) else {
            return false;
        };
        let vector = matches!(
            (access.register, access.bytes),
            (W32, 1 | 2 | 4) | (W64, 4 | 8)
        );
        if address.is_level() {
            self.load_level(op, access, address);
            return true;
        }
        if !vector || address.step != i64::from(access.bytes) {
            return false;
        }
        let from = self.pointers(op, access, address);
        self.push(Operation {
            template: Template::Load(access),
            d: op.d.0,
            sources: [Source::None; 3],
            from,
        });
        true
    }

    /// Checks the addresses of both halves and keeps the pointers to their first elements.
    fn pointers(&mut self, op: &Op, access: Access, address: Lanes) -> [Cell; 2] {
        let cells = [self.cell(), self.cell()];
        self.n_inlined += 1;
        self.check(op, access, (address, 0), address.run());
        self.store_cell(cells[0]);
        if address.high.is_some() {
            self.check(op, access, (address, 1), 16);
        } else {
            self.add_number(A, W64, 16 * i64::from(access.bytes));
        }
        self.store_cell(cells[1]);
        cells
    }

    /// One element for all lanes of a half, or of the warp.
    fn load_level(&mut self, op: &Op, access: Access, address: Lanes) {
        self.n_inlined += 1;
        let mut cells = [self.cell(), self.cell()];
        for (half, cell) in cells
            .iter_mut()
            .enumerate()
            .take(1 + usize::from(address.high.is_some()))
        {
            self.check(op, access, (address, half), 1);
            let from = at(RAX, 0);
            let (code, register) = match (access.bytes, access.signed, access.register) {
                (1, false, _) => (Code::Movzx_r32_rm8, EAX),
                (1, true, W32) => (Code::Movsx_r32_rm8, EAX),
                (1, true, W64) => (Code::Movsx_r64_rm8, RAX),
                (2, false, _) => (Code::Movzx_r32_rm16, EAX),
                (2, true, W32) => (Code::Movsx_r32_rm16, EAX),
                (2, true, W64) => (Code::Movsx_r64_rm16, RAX),
                (4, true, W64) => (Code::Movsxd_r64_rm32, RAX),
                (4, ..) => (Code::Mov_r32_rm32, EAX),
                _ => (Code::Mov_r64_rm64, RAX),
            };
            self.asm.op2(code, register, from);
            self.store_cell(*cell);
        }
        let lanes = Lanes {
            width: access.register,
            step: 0,
            low: cells[0],
            high: address.high.map(|_| cells[1]),
        };
        self.know(op.d.0, lanes);
    }

    /// Leaves unless `count` elements from the first address of a half on may be accessed; their pointer is in
    /// `rax` then.
    fn check(&mut self, op: &Op, access: Access, (address, half): (Lanes, usize), count: i64) {
        let bytes = i64::from(access.bytes);
        self.load_half(A, address, half);
        self.add_offset(op.imm, address);
        let bail = self.bail();
        if bytes > 1 {
            self.asm.op2(
                Code::Test_rm8_imm8,
                iced_x86::Register::AL,
                bytes as i32 - 1,
            );
            self.asm.jump(Code::Jne_rel32_64, bail);
        }
        if access.place == Place::Shared {
            let (start, room) = (offset_of!(Warp, shared), offset_of!(Warp, shared_bytes));
            self.asm.op2(Code::Mov_r64_rm64, RDX, at(WARP, room as i64));
            self.asm
                .op2(Code::Sub_rm64_imm32, RDX, (bytes * count) as i32);
            self.asm.jump(Code::Jb_rel32_64, bail);
            self.asm.op2(Code::Cmp_r64_rm64, RAX, RDX);
            self.asm.jump(Code::Ja_rel32_64, bail);
            self.asm
                .op2(Code::Add_r64_rm64, RAX, at(WARP, start as i64));
            return;
        }
        let site = i64::from(op.ext) * size_of::<Site>() as i64;
        let (low, span) = (offset_of!(Site, low) as i64, offset_of!(Site, span) as i64);
        self.asm.op2(Code::Mov_r64_rm64, RCX, RAX);
        self.asm.op2(Code::Sub_r64_rm64, RCX, at(SITES, site + low));
        self.asm
            .op2(Code::Mov_r64_rm64, RDX, at(SITES, site + span));
        if count > 1 {
            self.asm
                .op2(Code::Sub_rm64_imm32, RDX, (bytes * (count - 1)) as i32);
            self.asm.jump(Code::Jbe_rel32_64, bail);
        }
        self.asm.op2(Code::Cmp_r64_rm64, RCX, RDX);
        self.asm.jump(Code::Jae_rel32_64, bail);
    }

    /// Adds the offset in the instruction; 32-bit addresses wrap there.
    fn add_offset(&mut self, offset: u64, address: Lanes) {
        match (address.width, i32::try_from(offset as i64)) {
            (_, Ok(0)) => {}
            (W32, _) => self.add_number(A, W32, i64::from(offset as u32 as i32)),
            (W64, Ok(offset)) => self.add_number(A, W64, i64::from(offset)),
            (W64, Err(_)) => {
                self.asm.number(RCX, offset);
                self.asm.op2(Code::Add_r64_rm64, RAX, RCX);
            }
        }
    }

    /// Writes a store, or finds that it has to stay a closure.
    pub(super) fn store(&mut self, op: &Op, access: Access) -> bool {
        let Source::Lanes(address) = self.source(op.a, access.address) else {
            return false;
        };
        let whole = matches!((access.register, access.bytes), (W32, 4) | (W64, 8));
        if !whole || address.step != i64::from(access.bytes) {
            return false;
        }
        self.flush(self.index);
        let pointers = self.pointers(op, access, address);
        let value = self.source(op.b, access.register);
        self.registers = super::vector::Registers::default();
        for part in 0..PARTS {
            self.registers.part = part;
            if part % 2 == 0 {
                self.load_cell(A, W64, pointers[part / 2]);
            }
            let halves = 1 + usize::from(access.register == W64);
            for half in 0..halves {
                let register = self.get(value, half);
                let to = (part % 2 * halves + half) as i64 * 32;
                self.asm
                    .op2(Code::VEX_Vmovups_ymmm256_ymm, at(RAX, to), register);
            }
            self.end_part(&[]);
        }
        true
    }
}
