//! Double precision, conversions to and from it, comparisons of floating point numbers, and logic on
//! predicates. Read [`Builder::double`].

use iced_x86::{
    Code,
    Register::{self, EAX, R8D, R9D},
};

use super::{
    build::Builder,
    operation::{Operation, Source},
    template::{
        Compared, FloatOp, LogicOp, Relation, Template,
        Width::{W32, W64},
    },
    vector::lower,
};
use crate::exec::op::Op;

/// 2 to the 52: the lowest bits of a sum with it are those of a small whole number.
const TWO_TO_52: u64 = 0x4330_0000_0000_0000;

/// Bits of `imm` that complement the sources of logic on predicates.
const NOT_A: u64 = 1;
const NOT_B: u64 = 2;

impl Builder<'_> {
    /// Writes one operation for the part at hand.
    pub(super) fn double(&mut self, operation: &Operation) {
        use Template as T;
        let [a, b, _] = operation.sources;
        match operation.template {
            T::Double(what) => self.halves(operation, W64, |builder, half| {
                builder.binary(double_code(what), [a, b], half)
            }),
            T::Sign { width, negates } => self.halves(operation, width, |builder, half| {
                let (a, d) = (builder.get(a, half), builder.temporary());
                let (code, flip) = if negates {
                    (Code::VEX_Vpxor_ymm_ymm_ymmm256, 0)
                } else {
                    (Code::VEX_Vpand_ymm_ymm_ymmm256, u64::MAX)
                };
                let bits = match width {
                    W32 => builder.constant32((1 << 31) ^ flip as u32),
                    W64 => builder.constant64((1 << 63) ^ flip),
                };
                builder.asm.op3(code, d, a, bits);
                d
            }),
            T::ToDouble => self.halves(operation, W64, |builder, half| {
                let (a, d) = (builder.get(a, 0), builder.temporary());
                let mut from = lower(a);
                if half == 1 {
                    from = lower(d);
                    let upper = Code::VEX_Vextracti128_xmmm128_ymm_imm8;
                    builder.asm.op3(upper, from, a, 1);
                }
                builder.asm.op2(Code::VEX_Vcvtps2pd_ymm_xmmm128, d, from);
                d
            }),
            T::ToSingle => {
                let (low, high) = (self.get(a, 0), self.get(a, 1));
                let (d, upper) = (self.temporary(), self.temporary());
                let narrow = Code::VEX_Vcvtpd2ps_xmm_ymmm256;
                self.asm.op2(narrow, lower(d), low);
                self.asm.op2(narrow, lower(upper), high);
                let join = Code::VEX_Vinsertf128_ymm_ymm_xmmm128_imm8;
                self.asm.op4(join, [d, d], lower(upper), 1);
                let d = self.canonical(d);
                self.define(operation.d, 0, d);
            }
            T::Divide => self.quotient(operation.d, a, b),
            _ => {}
        }
    }

    /// Quotients of unsigned numbers of 32 bits. Those of double precision are exact after they have been cut: a
    /// fraction is at least `1 / b` away from the next whole number, and they are rounded by less.
    fn quotient(&mut self, d: u32, a: Source, b: Source) {
        let mut halves = [EAX; 2];
        for (half, quotient) in halves.iter_mut().enumerate() {
            let (x, y) = (self.whole_double(a, half), self.whole_double(b, half));
            let divide = Code::VEX_Vdivpd_ymm_ymm_ymmm256;
            self.asm.op3(divide, x, x, y);
            let (cut, toward_zero) = (Code::VEX_Vroundpd_ymm_ymmm256_imm8, 3);
            self.asm.op3(cut, x, x, toward_zero);
            let bits = self.constant64(TWO_TO_52);
            self.asm.op3(Code::VEX_Vaddpd_ymm_ymm_ymmm256, x, x, bits);
            *quotient = x;
        }
        let [low, high] = halves;
        let join = Code::VEX_Vshufps_ymm_ymm_ymmm256_imm8;
        self.asm.op4(join, [low, low], high, 0x88);
        let order = Code::VEX_Vpermq_ymm_ymmm256_imm8;
        self.asm.op3(order, low, low, 0xD8);
        let (b, by_zero) = (self.get(b, 0), self.temporary());
        let zero = self.constant32(0);
        let equal = Code::VEX_Vpcmpeqd_ymm_ymm_ymmm256;
        self.asm.op3(equal, by_zero, b, zero);
        let or = Code::VEX_Vpor_ymm_ymm_ymmm256;
        self.asm.op3(or, low, low, by_zero);
        self.define(d, 0, low);
    }

    /// Four unsigned numbers of 32 bits in double precision.
    fn whole_double(&mut self, source: Source, half: usize) -> Register {
        let d = self.widened(source, false, half);
        let bits = self.constant64(TWO_TO_52);
        self.asm.op3(Code::VEX_Vpor_ymm_ymm_ymmm256, d, d, bits);
        self.asm.op3(Code::VEX_Vsubpd_ymm_ymm_ymmm256, d, d, bits);
        d
    }

    /// The bits of a comparison of floating point numbers.
    pub(super) fn compared_floats(
        &mut self,
        relation: Relation,
        what: Compared,
        a: Source,
        b: Source,
    ) {
        let predicate = float_predicate(relation, what);
        let single = what.width() == W32;
        let mut hits = [EAX; 2];
        for (half, hits) in hits.iter_mut().enumerate().take(2 - usize::from(single)) {
            let (a, b) = (self.get(a, half), self.get(b, half));
            *hits = self.temporary();
            let code = if single {
                Code::VEX_Vcmpps_ymm_ymm_ymmm256_imm8
            } else {
                Code::VEX_Vcmppd_ymm_ymm_ymmm256_imm8
            };
            self.asm.op4(code, [*hits, a], b, predicate);
        }
        if single {
            self.asm.op2(Code::VEX_Vmovmskps_r32_ymm, EAX, hits[0]);
        } else {
            self.bits_of_pair(hits);
        }
        self.collect(false);
    }

    /// Writes logic on predicates, at once.
    pub(super) fn logic(&mut self, operation: LogicOp, op: &Op) {
        self.flush(self.index);
        let (a, b) = (self.predicate(op.a.0), self.predicate(op.b.0));
        self.asm.op2(Code::Mov_r32_rm32, R8D, a);
        let flips = op.imm & NOT_A != 0;
        if flips != (operation == LogicOp::Not) {
            self.asm.op1(Code::Not_rm32, R8D);
        }
        let code = match operation {
            LogicOp::And => Some(Code::And_r32_rm32),
            LogicOp::Or => Some(Code::Or_r32_rm32),
            LogicOp::Xor => Some(Code::Xor_r32_rm32),
            LogicOp::Not | LogicOp::Copy => None,
        };
        if let Some(code) = code {
            self.asm.op2(Code::Mov_r32_rm32, R9D, b);
            if op.imm & NOT_B != 0 {
                self.asm.op1(Code::Not_rm32, R9D);
            }
            self.asm.op2(code, R8D, R9D);
        }
        self.put_predicate(op.d.0, R8D);
    }
}

/// The number that the CPU has for a comparison.
fn float_predicate(relation: Relation, what: Compared) -> i32 {
    let or_nan = matches!(what, Compared::FloatOrNan | Compared::DoubleOrNan);
    match (relation, or_nan) {
        (Relation::Eq, false) => 0x00,
        (Relation::Ne, false) => 0x0C,
        (Relation::Lt, false) => 0x11,
        (Relation::Le, false) => 0x12,
        (Relation::Gt, false) => 0x1E,
        (Relation::Ge, false) => 0x1D,
        (Relation::Eq, true) => 0x08,
        (Relation::Ne, true) => 0x04,
        (Relation::Lt, true) => 0x19,
        (Relation::Le, true) => 0x1A,
        (Relation::Gt, true) => 0x16,
        (Relation::Ge, true) => 0x15,
    }
}

fn double_code(operation: FloatOp) -> Code {
    match operation {
        FloatOp::Add => Code::VEX_Vaddpd_ymm_ymm_ymmm256,
        FloatOp::Sub => Code::VEX_Vsubpd_ymm_ymm_ymmm256,
        FloatOp::Mul => Code::VEX_Vmulpd_ymm_ymm_ymmm256,
        FloatOp::Div => Code::VEX_Vdivpd_ymm_ymm_ymmm256,
    }
}
