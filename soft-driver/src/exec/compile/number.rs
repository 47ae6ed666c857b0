//! Numbers of threads and lanes. Read [`Builder::thread_number`].

use std::mem::offset_of;

use iced_x86::{
    Code, MemoryOperand,
    Register::{EAX, YMM0},
};

use super::{
    assembler::{POOL, at},
    build::{Builder, WARP},
    mask::Masks,
    template::Width::W32,
    unit::Layout,
    value::{Cell, Lanes},
    vector::PARTS,
};
use crate::exec::{op::Op, warp::Warp};

impl Builder<'_> {
    /// Writes `%tid`, or finds that it has to stay a closure.
    pub(super) fn thread_number(&mut self, op: &Op, component: usize) -> bool {
        let start = offset_of!(Warp, tid) + component * 128;
        if self.careful {
            self.copy_row(op, |part| at(WARP, (start + part * 32) as i64));
            return true;
        }
        if self.layout == Layout::Irregular {
            return false;
        }
        let step = i64::from(component == 0);
        let halves = self.layout == Layout::Halves;
        let mut cells = [self.cell(), self.cell()];
        for (half, cell) in cells.iter_mut().enumerate().take(1 + usize::from(halves)) {
            let from = at(WARP, (start + half * 64) as i64);
            self.asm.op2(Code::Mov_r32_rm32, EAX, from);
            self.store_cell(*cell);
        }
        let lanes = Lanes {
            width: W32,
            step,
            low: cells[0],
            high: halves.then_some(cells[1]),
        };
        self.know(op.d.0, lanes);
        true
    }

    /// Writes `%laneid`.
    pub(super) fn lane_number(&mut self, op: &Op) -> bool {
        if self.careful {
            let lanes: Vec<u8> = (0..32u32).flat_map(u32::to_le_bytes).collect();
            let start = self.asm.constant(&lanes);
            self.copy_row(op, |part| at(POOL, start + part as i64 * 32));
            return true;
        }
        let lanes = Lanes {
            width: W32,
            step: 1,
            low: Cell::Const(0),
            high: None,
        };
        self.know(op.d.0, lanes);
        true
    }

    /// Writes the active lanes of a row. Careful code knows nothing of rows in steps, since it would have to look
    /// after lanes that are elsewhere wherever they are used.
    fn copy_row(&mut self, op: &Op, from: impl Fn(usize) -> MemoryOperand) {
        self.flush(self.index);
        self.registers.masks = Masks::default();
        for part in 0..PARTS {
            self.asm
                .op2(Code::VEX_Vmovups_ymm_ymmm256, YMM0, from(part));
            self.put(op.d.0, W32, (part, 0), YMM0);
        }
        self.forget(op.d.0, W32);
    }
}
