//! Ops that wait to be written as vector code. Read [`Operation`].

use iced_x86::{
    Code,
    Register::{self, EAX},
};

use super::{
    assembler::{POOL, at},
    build::Builder,
    template::{
        Compared, FloatOp, IntOp, Relation, ShiftOp, Template,
        Width::{self, W32, W64},
    },
    value::{Cell, Lanes},
    vector::lower,
};

/// A source of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Nothing.
    None,
    /// A row of the window, by its slot.
    Row(u32, Width),
    /// Lanes in equal steps.
    Lanes(Lanes),
    /// A predicate, by its slot.
    Predicate(u32),
}

/// An op whose sources are rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operation {
    pub(super) template: Template,
    /// Slot of the result.
    pub(super) d: u32,
    pub(super) sources: [Source; 3],
    /// For loads: where the addresses of the first elements of both halves are.
    pub(super) from: [Cell; 2],
}

impl Operation {
    /// Bits of the result; `None` for predicates.
    pub(super) fn width(&self) -> Option<Width> {
        use Template as T;
        match self.template {
            T::Copy(width)
            | T::Not(width)
            | T::Int(_, width)
            | T::MultiplyAdd(width)
            | T::Shift(_, width)
            | T::Sign { width, .. }
            | T::CopySign(width)
            | T::Select(width) => Some(width),
            T::Widen { .. }
            | T::MultiplyWide { .. }
            | T::Pack
            | T::Double(_)
            | T::DoubleOfWide { .. }
            | T::ToDouble => Some(Width::W64),
            T::Load(access) => Some(access.register),
            T::Compare(..) => None,
            _ => Some(Width::W32),
        }
    }
}

impl Builder<'_> {
    /// Writes one operation for the part at hand.
    pub(super) fn operation(&mut self, operation: &Operation) {
        use Template as T;
        let [a, b, _] = operation.sources;
        match operation.template {
            T::Copy(width) => self.halves(operation, width, |builder, half| builder.get(a, half)),
            T::Not(width) => self.halves(operation, width, |builder, half| {
                let (a, d) = (builder.get(a, half), builder.temporary());
                let ones = builder.constant32(u32::MAX);
                builder.asm.op3(Code::VEX_Vpxor_ymm_ymm_ymmm256, d, a, ones);
                d
            }),
            T::Int(..) | T::MultiplyAdd(_) | T::MultiplyWide { .. } | T::Pack | T::Permute(_) => {
                self.arithmetic(operation)
            }
            T::Shift(what, width) => self.halves(operation, width, |builder, half| {
                builder.shift((what, width), a, b, half)
            }),
            T::Widen { signed } => self.halves(operation, W64, |builder, half| {
                builder.widened(a, signed, half)
            }),
            T::Narrow | T::Upper => {
                let (low, high) = (self.get(a, 0), self.get(a, 1));
                let d = self.temporary();
                let which = if operation.template == T::Narrow {
                    0x88
                } else {
                    0xDD
                };
                self.asm.op4(
                    Code::VEX_Vshufps_ymm_ymm_ymmm256_imm8,
                    [d, low],
                    high,
                    which,
                );
                self.asm.op3(Code::VEX_Vpermq_ymm_ymmm256_imm8, d, d, 0xD8);
                self.define(operation.d, 0, d);
            }
            T::Float(_) | T::Fma | T::FloatOfSigned => self.floating(operation),
            T::Double(_) | T::Sign { .. } | T::ToDouble | T::ToSingle | T::Divide => {
                self.double(operation);
            }
            T::Extend { .. } | T::Extract { .. } | T::Insert { .. } => self.field(operation),
            T::DoubleOfWide { .. } | T::Quotient | T::CopySign(_) => self.field(operation),
            T::Compare(relation, what) => self.comparison(relation, what, a, b),
            T::Select(width) => self.selected(operation, width),
            T::Load(_) => self.load_part(operation),
            T::Call
            | T::Tid(_)
            | T::LaneId
            | T::AddGlobal(_)
            | T::Store(_)
            | T::LoadVector(..)
            | T::StoreVector(..)
            | T::Shuffle(_)
            | T::AddShared
            | T::Logic(_)
            | T::Branch => {}
        }
    }

    fn selected(&mut self, operation: &Operation, width: Width) {
        let [a, b, Source::Predicate(slot)] = operation.sources else {
            return;
        };
        self.halves(operation, width, |builder, half| {
            let (a, b) = (builder.get(a, half), builder.get(b, half));
            let mask = builder.lane_masks(slot, width, half);
            let d = builder.temporary();
            let code = match width {
                W32 => Code::VEX_Vblendvps_ymm_ymm_ymmm256_ymm,
                W64 => Code::VEX_Vblendvpd_ymm_ymm_ymmm256_ymm,
            };
            builder.asm.op4(code, [d, b], a, mask);
            d
        });
    }

    fn arithmetic(&mut self, operation: &Operation) {
        use Template as T;
        let [a, b, c] = operation.sources;
        match operation.template {
            T::Int(IntOp::Mul, W64) => self.halves(operation, W64, |builder, half| {
                let (a, b) = (builder.get(a, half), builder.get(b, half));
                builder.product64(a, b)
            }),
            T::Int(what, width) => self.halves(operation, width, |builder, half| {
                builder.binary(integer_code(what, width), [a, b], half)
            }),
            T::MultiplyAdd(width) => self.halves(operation, width, |builder, half| {
                let (x, y) = (builder.get(a, half), builder.get(b, half));
                let product = match width {
                    W64 => builder.product64(x, y),
                    W32 => {
                        let d = builder.temporary();
                        builder.asm.op3(Code::VEX_Vpmulld_ymm_ymm_ymmm256, d, x, y);
                        d
                    }
                };
                let c = builder.get(c, half);
                builder
                    .asm
                    .op3(integer_code(IntOp::Add, width), product, product, c);
                product
            }),
            T::MultiplyWide { signed, adds } => self.halves(operation, W64, |builder, half| {
                let (x, y) = (
                    builder.widened(a, signed, half),
                    builder.widened(b, signed, half),
                );
                let (d, code) = (builder.temporary(), product_code(signed));
                builder.asm.op3(code, d, x, y);
                if adds {
                    let c = builder.get(c, half);
                    builder.asm.op3(Code::VEX_Vpaddq_ymm_ymm_ymmm256, d, d, c);
                }
                d
            }),
            T::Pack => self.halves(operation, W64, |builder, half| {
                let (low, high) = (
                    builder.widened(a, false, half),
                    builder.widened(b, false, half),
                );
                builder
                    .asm
                    .op3(Code::VEX_Vpsllq_ymm_ymm_imm8, high, high, 32);
                builder
                    .asm
                    .op3(Code::VEX_Vpor_ymm_ymm_ymmm256, low, low, high);
                low
            }),
            T::Permute(selector) => self.halves(operation, W32, |builder, half| {
                let d = builder.bytes_of(a, selector, 0, half);
                let other = builder.bytes_of(b, selector, 4, half);
                builder.asm.op3(Code::VEX_Vpor_ymm_ymm_ymmm256, d, d, other);
                d
            }),
            _ => {}
        }
    }

    fn floating(&mut self, operation: &Operation) {
        use Template as T;
        let [a, b, c] = operation.sources;
        match operation.template {
            T::Float(what) => self.halves(operation, W32, |builder, half| {
                let d = builder.binary(float_code(what), [a, b], half);
                builder.canonical(d)
            }),
            T::Fma => self.halves(operation, W32, |builder, half| {
                let (a, b) = (builder.get(a, half), builder.get(b, half));
                let (c, d) = (builder.get(c, half), builder.temporary());
                builder.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, d, a);
                builder
                    .asm
                    .op3(Code::VEX_Vfmadd213ps_ymm_ymm_ymmm256, d, b, c);
                builder.canonical(d)
            }),
            T::FloatOfSigned => self.halves(operation, W32, |builder, half| {
                let (a, d) = (builder.get(a, half), builder.temporary());
                builder.asm.op2(Code::VEX_Vcvtdq2ps_ymm_ymmm256, d, a);
                d
            }),
            _ => {}
        }
    }

    /// Writes both halves of a 64-bit result, or the one of a 32-bit one.
    pub(super) fn halves(
        &mut self,
        operation: &Operation,
        width: Width,
        mut write: impl FnMut(&mut Self, usize) -> Register,
    ) {
        for half in 0..1 + usize::from(width == W64) {
            let mut d = write(self, half);
            if operation.template == Template::Copy(width) {
                let copy = self.temporary();
                self.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, copy, d);
                d = copy;
            }
            self.define(operation.d, half, d);
            self.unpin();
        }
    }

    pub(super) fn binary(&mut self, code: Code, [a, b]: [Source; 2], half: usize) -> Register {
        let (a, b) = (self.get(a, half), self.get(b, half));
        let d = self.temporary();
        self.asm.op3(code, d, a, b);
        d
    }

    /// The bytes of each lane that a selector takes from one of two sources, whose bytes are numbered from `first`
    /// on; zeros elsewhere.
    fn bytes_of(&mut self, source: Source, selector: u16, first: u8, half: usize) -> Register {
        let (value, d) = (self.get(source, half), self.temporary());
        let order: Vec<u8> = (0..32u8)
            .map(|byte| {
                let digit = (selector >> (byte % 4 * 4)) as u8 & 7;
                let chosen = digit.checked_sub(first).filter(|chosen| *chosen < 4);
                chosen.map_or(0x80, |chosen| byte % 16 / 4 * 4 + chosen)
            })
            .collect();
        let order = at(POOL, self.asm.constant(&order));
        self.asm
            .op3(Code::VEX_Vpshufb_ymm_ymm_ymmm256, d, value, order);
        d
    }

    /// Any NaN replaced by the one that PTX returns.
    pub(super) fn canonical(&mut self, value: Register) -> Register {
        let (is_nan, d) = (self.temporary(), self.temporary());
        let nan = self.constant32(0x7FFF_FFFF);
        let unordered = 3;
        self.asm.op4(
            Code::VEX_Vcmpps_ymm_ymm_ymmm256_imm8,
            [is_nan, value],
            value,
            unordered,
        );
        self.asm.op4(
            Code::VEX_Vblendvps_ymm_ymm_ymmm256_ymm,
            [d, value],
            nan,
            is_nan,
        );
        d
    }

    /// The low halves of the products of 64-bit lanes.
    fn product64(&mut self, a: Register, b: Register) -> Register {
        let (upper, cross, d) = (self.temporary(), self.temporary(), self.temporary());
        let multiply = Code::VEX_Vpmuludq_ymm_ymm_ymmm256;
        self.asm.op3(Code::VEX_Vpsrlq_ymm_ymm_imm8, upper, a, 32);
        self.asm.op3(multiply, upper, upper, b);
        self.asm.op3(Code::VEX_Vpsrlq_ymm_ymm_imm8, cross, b, 32);
        self.asm.op3(multiply, cross, cross, a);
        self.asm
            .op3(Code::VEX_Vpaddq_ymm_ymm_ymmm256, upper, upper, cross);
        self.asm
            .op3(Code::VEX_Vpsllq_ymm_ymm_imm8, upper, upper, 32);
        self.asm.op3(multiply, d, a, b);
        self.asm.op3(Code::VEX_Vpaddq_ymm_ymm_ymmm256, d, d, upper);
        d
    }

    fn shift(
        &mut self,
        (what, width): (ShiftOp, Width),
        a: Source,
        b: Source,
        half: usize,
    ) -> Register {
        let a = self.get(a, half);
        let d = self.temporary();
        if let Source::Lanes(lanes) = b
            && let Some(count) = lanes.constant()
        {
            let code = match (what, width) {
                (ShiftOp::Left, W32) => Code::VEX_Vpslld_ymm_ymm_imm8,
                (ShiftOp::Right, W32) => Code::VEX_Vpsrld_ymm_ymm_imm8,
                (ShiftOp::RightSigned, _) => Code::VEX_Vpsrad_ymm_ymm_imm8,
                (ShiftOp::Left, W64) => Code::VEX_Vpsllq_ymm_ymm_imm8,
                (ShiftOp::Right, W64) => Code::VEX_Vpsrlq_ymm_ymm_imm8,
            };
            // What is shifted by more bits than there are is gone, by however many.
            self.asm.op3(code, d, a, count.min(127) as i32);
            return d;
        }
        let (code, b) = match (what, width) {
            (ShiftOp::Left, W32) => (Code::VEX_Vpsllvd_ymm_ymm_ymmm256, self.get(b, half)),
            (ShiftOp::Right, W32) => (Code::VEX_Vpsrlvd_ymm_ymm_ymmm256, self.get(b, half)),
            (ShiftOp::RightSigned, _) => (Code::VEX_Vpsravd_ymm_ymm_ymmm256, self.get(b, half)),
            (ShiftOp::Left, W64) => {
                let b = self.widened(b, false, half);
                (Code::VEX_Vpsllvq_ymm_ymm_ymmm256, b)
            }
            (ShiftOp::Right, W64) => {
                let b = self.widened(b, false, half);
                (Code::VEX_Vpsrlvq_ymm_ymm_ymmm256, b)
            }
        };
        self.asm.op3(code, d, a, b);
        d
    }

    /// Four of eight 32-bit lanes as 64-bit lanes.
    pub(super) fn widened(&mut self, source: Source, signed: bool, half: usize) -> Register {
        let register = self.get(source, 0);
        let d = self.temporary();
        let from = if half == 0 {
            lower(register)
        } else {
            self.asm.op3(
                Code::VEX_Vextracti128_xmmm128_ymm_imm8,
                lower(d),
                register,
                1,
            );
            lower(d)
        };
        let code = if signed {
            Code::VEX_Vpmovsxdq_ymm_xmmm128
        } else {
            Code::VEX_Vpmovzxdq_ymm_xmmm128
        };
        self.asm.op2(code, d, from);
        d
    }

    fn comparison(&mut self, relation: Relation, what: Compared, a: Source, b: Source) {
        let (width, signed) = match what {
            Compared::Unsigned(width) => (width, false),
            Compared::Signed(width) => (width, true),
            Compared::Short { signed } => (W32, signed),
            _ => return self.compared_floats(relation, what, a, b),
        };
        // `a < b` is `b > a`; the others are complements.
        let (equal, swapped, inverted) = match relation {
            Relation::Eq => (true, false, false),
            Relation::Ne => (true, false, true),
            Relation::Gt => (false, false, false),
            Relation::Lt => (false, true, false),
            Relation::Le => (false, false, true),
            Relation::Ge => (false, true, true),
        };
        let code = match (equal, width) {
            (true, W32) => Code::VEX_Vpcmpeqd_ymm_ymm_ymmm256,
            (true, W64) => Code::VEX_Vpcmpeqq_ymm_ymm_ymmm256,
            (false, W32) => Code::VEX_Vpcmpgtd_ymm_ymm_ymmm256,
            (false, W64) => Code::VEX_Vpcmpgtq_ymm_ymm_ymmm256,
        };
        let (a, b) = if swapped { (b, a) } else { (a, b) };
        let mut hits = [Register::None; 2];
        for (half, hits) in hits
            .iter_mut()
            .enumerate()
            .take(1 + usize::from(width == W64))
        {
            let (mut a, mut b) = (self.get(a, half), self.get(b, half));
            if matches!(what, Compared::Short { .. }) {
                (a, b) = (self.lifted(a), self.lifted(b));
            }
            if !equal && !signed {
                (a, b) = (self.reordered(a, width), self.reordered(b, width));
            }
            *hits = self.temporary();
            self.asm.op3(code, *hits, a, b);
        }
        match width {
            W32 => self.asm.op2(Code::VEX_Vmovmskps_r32_ymm, EAX, hits[0]),
            W64 => self.bits_of_pair(hits),
        }
        self.collect(inverted);
    }

    /// The lower 16 bits in place of the upper ones.
    fn lifted(&mut self, value: Register) -> Register {
        let d = self.temporary();
        self.asm.op3(Code::VEX_Vpslld_ymm_ymm_imm8, d, value, 16);
        d
    }

    /// Unsigned numbers as signed ones in the same order.
    fn reordered(&mut self, value: Register, width: Width) -> Register {
        let d = self.temporary();
        let highest = match width {
            W32 => self.constant32(1 << 31),
            W64 => self.constant64(1 << 63),
        };
        self.asm
            .op3(Code::VEX_Vpxor_ymm_ymm_ymmm256, d, value, highest);
        d
    }
}

fn integer_code(operation: IntOp, width: Width) -> Code {
    match (operation, width) {
        (IntOp::Add, W32) => Code::VEX_Vpaddd_ymm_ymm_ymmm256,
        (IntOp::Add, W64) => Code::VEX_Vpaddq_ymm_ymm_ymmm256,
        (IntOp::Sub, W32) => Code::VEX_Vpsubd_ymm_ymm_ymmm256,
        (IntOp::Sub, W64) => Code::VEX_Vpsubq_ymm_ymm_ymmm256,
        (IntOp::Mul, _) => Code::VEX_Vpmulld_ymm_ymm_ymmm256,
        (IntOp::And, _) => Code::VEX_Vpand_ymm_ymm_ymmm256,
        (IntOp::Or, _) => Code::VEX_Vpor_ymm_ymm_ymmm256,
        (IntOp::Xor, _) => Code::VEX_Vpxor_ymm_ymm_ymmm256,
        (IntOp::MinUnsigned, _) => Code::VEX_Vpminud_ymm_ymm_ymmm256,
        (IntOp::MaxUnsigned, _) => Code::VEX_Vpmaxud_ymm_ymm_ymmm256,
        (IntOp::MinSigned, _) => Code::VEX_Vpminsd_ymm_ymm_ymmm256,
        (IntOp::MaxSigned, _) => Code::VEX_Vpmaxsd_ymm_ymm_ymmm256,
    }
}

fn product_code(signed: bool) -> Code {
    if signed {
        Code::VEX_Vpmuldq_ymm_ymm_ymmm256
    } else {
        Code::VEX_Vpmuludq_ymm_ymm_ymmm256
    }
}

fn float_code(operation: FloatOp) -> Code {
    match operation {
        FloatOp::Add => Code::VEX_Vaddps_ymm_ymm_ymmm256,
        FloatOp::Sub => Code::VEX_Vsubps_ymm_ymm_ymmm256,
        FloatOp::Mul => Code::VEX_Vmulps_ymm_ymm_ymmm256,
        FloatOp::Div => Code::VEX_Vdivps_ymm_ymm_ymmm256,
    }
}
