//! Ops on rows whose lanes are in equal steps: one or two numbers are computed instead of 32. Read
//! [`Builder::scalar`].

use iced_x86::{
    Code,
    Register::{self, EAX, ECX, RAX, RCX, RSP},
};

use super::{
    assembler::at,
    build::{BLOCK_VALUES, Builder},
    template::{
        IntOp, ShiftOp, Template,
        Width::{self, W32, W64},
    },
    value::{Cell, Lanes, STEP_MAX},
};

/// A register by its 64 bits and by its lower 32.
#[derive(Clone, Copy)]
pub(super) struct Number(pub(super) Register, pub(super) Register);

/// The registers that numbers are computed in.
pub(super) const A: Number = Number(RAX, EAX);
pub(super) const C: Number = Number(RCX, ECX);

impl Number {
    pub(super) fn of(self, width: Width) -> Register {
        match width {
            W32 => self.1,
            W64 => self.0,
        }
    }
}

/// The form of an instruction for 32 and for 64 bits.
pub(super) fn sized(width: Width, codes: [Code; 2]) -> Code {
    match width {
        W32 => codes[0],
        W64 => codes[1],
    }
}

impl Builder<'_> {
    /// Writes `template` for sources in equal steps and returns the result; `None` if the result is not, or the
    /// op is not known here. Nothing has been written then.
    pub(super) fn scalar(
        &mut self,
        template: Template,
        sources: [Option<Lanes>; 3],
    ) -> Option<Lanes> {
        let [a, b, c] = sources;
        let a = a?;
        match template {
            Template::Copy(_) => Some(a),
            Template::Not(width) => self.each_half(width, -a.step, &[a], |builder, _| {
                builder
                    .asm
                    .op1(sized(width, [Code::Not_rm32, Code::Not_rm64]), A.of(width));
            }),
            Template::Int(operation, width) => self.integer(operation, width, a, b?),
            Template::MultiplyAdd(width) => {
                let (b, c) = (b?, c?);
                let step = product(a, b)?.checked_add(c.step)?;
                self.each_half(width, step, &[a, b, c], |builder, half| {
                    builder.multiply(width, b, half);
                    builder.load_half(C, c, half);
                    builder.asm.op2(
                        sized(width, [Code::Add_r32_rm32, Code::Add_r64_rm64]),
                        A.of(width),
                        C.of(width),
                    );
                })
            }
            Template::Shift(operation, width) => self.shifted(operation, width, a, b?),
            Template::Narrow => Some(Lanes { width: W32, ..a }),
            Template::Widen { signed } => {
                self.check_widening(a, signed);
                self.each_half(W64, a.step, &[a], |builder, _| builder.widen(A, signed))
            }
            Template::MultiplyWide { signed, adds } => {
                let b = b?;
                let c = if adds { Some(c?) } else { None };
                self.multiplied_wide(signed, a, b, c)
            }
            _ => None,
        }
    }

    /// Runs `write` for each half that has a number of its own, with the first source in `rax`, and keeps what it
    /// leaves there.
    fn each_half(
        &mut self,
        width: Width,
        step: i64,
        sources: &[Lanes],
        mut write: impl FnMut(&mut Self, usize),
    ) -> Option<Lanes> {
        if step.abs() > STEP_MAX {
            return None;
        }
        let halves = sources.iter().any(|source| source.high.is_some());
        let mut cells = [self.cell(), self.cell()];
        for (half, cell) in cells.iter_mut().enumerate().take(1 + usize::from(halves)) {
            self.load_half(A, sources[0], half);
            write(self, half);
            self.store_cell(*cell);
        }
        Some(Lanes {
            width,
            step,
            low: cells[0],
            high: halves.then_some(cells[1]),
        })
    }

    /// Keeps `rax` in a cell.
    pub(super) fn store_cell(&mut self, cell: Cell) {
        if let Cell::Stack(index) = cell {
            let to = at(RSP, i64::from(index) * 8);
            self.asm.op2(Code::Mov_rm64_r64, to, RAX);
        }
    }

    /// Loads the number of a cell.
    pub(super) fn load_cell(&mut self, to: Number, width: Width, cell: Cell) {
        let load = sized(width, [Code::Mov_r32_rm32, Code::Mov_r64_rm64]);
        match cell {
            Cell::Const(value) if width == W32 => {
                self.asm.op2(Code::Mov_r32_imm32, to.1, value as u32 as i32);
            }
            Cell::Const(value) => self.asm.number(to.0, value),
            Cell::Stack(index) => self
                .asm
                .op2(load, to.of(width), at(RSP, i64::from(index) * 8)),
            Cell::Block(offset) => {
                self.asm
                    .op2(load, to.of(width), at(BLOCK_VALUES, i64::from(offset)));
            }
        }
    }

    /// Loads the first number of a half.
    pub(super) fn load_half(&mut self, to: Number, lanes: Lanes, half: usize) {
        if half == 1
            && let Some(high) = lanes.high
        {
            self.load_cell(to, lanes.width, high);
            return;
        }
        self.load_cell(to, lanes.width, lanes.low);
        if half == 1 && lanes.step != 0 {
            self.add_number(to, lanes.width, 16 * lanes.step);
        }
    }

    /// Adds a small number.
    pub(super) fn add_number(&mut self, to: Number, width: Width, number: i64) {
        let add = sized(width, [Code::Add_rm32_imm32, Code::Add_rm64_imm32]);
        self.asm.op2(add, to.of(width), number as i32);
    }

    fn integer(&mut self, operation: IntOp, width: Width, a: Lanes, b: Lanes) -> Option<Lanes> {
        use IntOp::{Add, And, Mul, Or, Sub, Xor};
        let (step, codes) = match operation {
            Add => (a.step + b.step, [Code::Add_r32_rm32, Code::Add_r64_rm64]),
            Sub => (a.step - b.step, [Code::Sub_r32_rm32, Code::Sub_r64_rm64]),
            Mul => (product(a, b)?, [Code::Imul_r32_rm32, Code::Imul_r64_rm64]),
            And | Or | Xor if !a.is_level() || !b.is_level() => return None,
            And => (0, [Code::And_r32_rm32, Code::And_r64_rm64]),
            Or => (0, [Code::Or_r32_rm32, Code::Or_r64_rm64]),
            Xor => (0, [Code::Xor_r32_rm32, Code::Xor_r64_rm64]),
            _ => return None,
        };
        self.each_half(width, step, &[a, b], |builder, half| {
            builder.load_half(C, b, half);
            builder
                .asm
                .op2(sized(width, codes), A.of(width), C.of(width));
        })
    }

    /// `rax` times the number of `b`.
    fn multiply(&mut self, width: Width, b: Lanes, half: usize) {
        self.load_half(C, b, half);
        let codes = [Code::Imul_r32_rm32, Code::Imul_r64_rm64];
        self.asm.op2(sized(width, codes), A.of(width), C.of(width));
    }

    fn shifted(&mut self, operation: ShiftOp, width: Width, a: Lanes, b: Lanes) -> Option<Lanes> {
        let bits = match width {
            W32 => 32,
            W64 => 64,
        };
        let count = i32::try_from(b.constant()?)
            .ok()
            .filter(|count| *count < bits)?;
        let (step, codes) = match operation {
            ShiftOp::Left => (
                a.step
                    .checked_shl(count as u32)
                    .filter(|step| step >> count == a.step)?,
                [Code::Shl_rm32_imm8, Code::Shl_rm64_imm8],
            ),
            _ if !a.is_level() => return None,
            ShiftOp::Right => (0, [Code::Shr_rm32_imm8, Code::Shr_rm64_imm8]),
            ShiftOp::RightSigned => (0, [Code::Sar_rm32_imm8, Code::Sar_rm64_imm8]),
        };
        self.each_half(width, step, &[a], |builder, _| {
            builder.asm.op2(sized(width, codes), A.of(width), count);
        })
    }

    /// `rax` or `rcx` from 32 to 64 bits.
    fn widen(&mut self, number: Number, signed: bool) {
        if signed {
            self.asm.op2(Code::Movsxd_r64_rm32, number.0, number.1);
        }
    }

    /// Leaves if the lanes of a 32-bit row, read as numbers, do not follow each other because one of them
    /// wraps.
    fn check_widening(&mut self, a: Lanes, signed: bool) {
        if a.is_level() {
            return;
        }
        let span = (a.run() - 1) * a.step;
        let wraps = if signed {
            Code::Jo_rel32_64
        } else {
            Code::Jb_rel32_64
        };
        for half in 0..1 + usize::from(a.high.is_some()) {
            self.load_half(A, a, half);
            let by = span.unsigned_abs() as i32;
            let code = if span > 0 {
                Code::Add_rm32_imm32
            } else {
                Code::Sub_rm32_imm32
            };
            self.asm.op2(code, EAX, by);
            let bail = self.bail();
            self.asm.jump(wraps, bail);
        }
    }

    fn multiplied_wide(
        &mut self,
        signed: bool,
        a: Lanes,
        b: Lanes,
        c: Option<Lanes>,
    ) -> Option<Lanes> {
        let factor = |lanes: Lanes| {
            let value = lanes.constant()? as u32;
            Some(if signed {
                i64::from(value as i32)
            } else {
                i64::from(value)
            })
        };
        let product = match (a.is_level(), b.is_level()) {
            (true, true) => 0,
            (false, true) => a.step.checked_mul(factor(b)?)?,
            (true, false) => b.step.checked_mul(factor(a)?)?,
            (false, false) => return None,
        };
        let step = product.checked_add(c.map_or(0, |c| c.step))?;
        if step.abs() > STEP_MAX {
            return None;
        }
        self.check_widening(a, signed);
        self.check_widening(b, signed);
        let sources = [a, b, c.unwrap_or(a)];
        self.each_half(W64, step, &sources, |builder, half| {
            builder.widen(A, signed);
            builder.load_half(C, b, half);
            builder.widen(C, signed);
            builder.asm.op2(Code::Imul_r64_rm64, RAX, RCX);
            if let Some(c) = c {
                builder.load_half(C, c, half);
                builder.asm.op2(Code::Add_r64_rm64, RAX, RCX);
            }
        })
    }
}

/// The step of a product, if one of the factors is the same in all lanes and known, or both are the same.
fn product(a: Lanes, b: Lanes) -> Option<i64> {
    let factor = |lanes: Lanes| {
        let value = lanes.constant()?;
        Some(match lanes.width {
            W32 => i64::from(value as u32 as i32),
            W64 => value as i64,
        })
    };
    match (a.is_level(), b.is_level()) {
        (true, true) => Some(0),
        (false, true) => a.step.checked_mul(factor(b)?),
        (true, false) => b.step.checked_mul(factor(a)?),
        (false, false) => None,
    }
}
