//! What code expects when it is entered: a whole warp, threads numbered as when it was compiled, and rows that
//! addresses are made of in equal steps. What is not as expected is left to the interpreter. Read [`expected`].

use std::{collections::BTreeMap, mem::offset_of};

use iced_x86::{
    Code as X86,
    Register::{RAX, YMM0, YMM1, YMM2},
};

use super::{
    assembler::at,
    build::{Builder, WARP, WINDOW, add_code},
    flow::{ops_of, shape, touched_of},
    template::{
        Template,
        Width::{self, W32, W64},
    },
    unit::Unit,
    value::{Lanes, pattern},
};
use crate::exec::{op::Slot, warp::Warp};

/// A row that is expected to be in equal steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) width: Width,
    step: i64,
    /// The second half follows the first.
    whole: bool,
}

/// Rows that addresses are made of and that are in equal steps now, with their lanes.
pub(super) fn expected(unit: &Unit, w: &Warp) -> BTreeMap<u32, Expected> {
    let (ops, touched) = (ops_of(unit, w.program()), touched_of(unit));
    let mut wanted: BTreeMap<u32, Width> = BTreeMap::new();
    for (index, (step, op)) in unit.steps.iter().zip(ops).enumerate().rev() {
        for slot in &touched.1[index] {
            wanted.remove(slot);
        }
        let sources = match step.template {
            listed if listed.is_listed() => continue,
            Template::Branch | Template::Compare(..) | Template::Logic(_) => continue,
            Template::Load(access) | Template::Store(access) => {
                if matches!(step.template, Template::Load(_)) {
                    wanted.remove(&op.d.0);
                }
                if op.a.base() == 0 {
                    wanted.insert(op.a.0, access.address);
                }
                continue;
            }
            template => shape(template),
        };
        if wanted.remove(&op.d.0).is_none() {
            continue;
        }
        for (slot, width) in [op.a, op.b, op.c].into_iter().zip(sources) {
            if let Some(width) = width
                && slot.base() == 0
            {
                wanted.insert(slot.0, width);
            }
        }
    }
    let seen = wanted.into_iter().filter_map(|(slot, width)| {
        let row: [u64; 32] = match width {
            W32 => w.row::<u32>(Slot(slot)).map(u64::from),
            W64 => *w.row::<u64>(Slot(slot)),
        };
        let (step, whole) = pattern(&row, width)?;
        Some((slot, Expected { width, step, whole }))
    });
    seen.collect()
}

impl Builder<'_> {
    /// Leaves at once unless threads are numbered as expected.
    pub(super) fn check_entry(&mut self) {
        let templates = self.unit.steps.iter().map(|step| step.template);
        if self.careful {
            return;
        }
        if templates.clone().any(|t| matches!(t, Template::Tid(_))) {
            let layout = at(WARP, offset_of!(Warp, layout) as i64);
            self.asm.op2(X86::Cmp_rm32_imm8, layout, self.layout as i32);
            let bail = self.bail();
            self.asm.jump(X86::Jne_rel32_64, bail);
        }
    }

    /// Leaves at once unless a row is in the steps that are expected.
    pub(super) fn check_row(&mut self, slot: u32, expected: Expected) -> Lanes {
        let Expected { width, step, whole } = expected;
        let cells = [self.cell(), self.cell()];
        let bytes = match width {
            W32 => 4,
            W64 => 8,
        };
        let halves = 1 + usize::from(!whole);
        for (half, cell) in cells.into_iter().enumerate().take(halves) {
            let from = at(WINDOW, i64::from(slot) + half as i64 * 16 * bytes);
            self.asm.op2(X86::Mov_r64_rm64, RAX, from);
            self.store_cell(cell);
        }
        let lanes = Lanes {
            width,
            step,
            low: cells[0],
            high: (!whole).then_some(cells[1]),
        };
        let lanes_each = 32 / bytes as usize;
        for piece in 0..32 / lanes_each {
            let first = piece * lanes_each;
            if piece == 0 || !whole && first == 16 {
                self.broadcast_to(YMM0, cells[first / 16 % halves], width);
            }
            let number = if step == 0 {
                YMM0
            } else {
                let (add, steps) = (add_code(width), self.steps(lanes, first));
                self.asm.op3(add, YMM1, YMM0, steps);
                YMM1
            };
            let row = at(WINDOW, i64::from(slot) + piece as i64 * 32);
            let differs = if piece == 0 { YMM2 } else { YMM1 };
            self.asm
                .op3(X86::VEX_Vpxor_ymm_ymm_ymmm256, differs, number, row);
            if piece > 0 {
                self.asm
                    .op3(X86::VEX_Vpor_ymm_ymm_ymmm256, YMM2, YMM2, YMM1);
            }
        }
        self.asm.op2(X86::VEX_Vptest_ymm_ymmm256, YMM2, YMM2);
        let bail = self.bail();
        self.asm.jump(X86::Jne_rel32_64, bail);
        lanes
    }
}
