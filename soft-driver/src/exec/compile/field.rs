//! Fields of registers, numbers of 64 bits and quotients in floating point. Read [`Builder::field`].

use iced_x86::{Code, Register};

use super::{
    build::Builder,
    operation::{Operation, Source},
    template::{
        Template,
        Width::{W32, W64},
    },
    vector::lower,
};

/// Upper halves of doubles whose lower halves count in ones, and in 2 to the 32.
const ONES: u64 = 0x4330_0000_0000_0000;
const UPPER: u64 = 0x4530_0000_0000_0000;
/// What the two add to a number.
const BOTH: u64 = 0x4530_0000_0010_0000;
/// The sign of a number, in its upper half: complemented it counts from the least number on.
const SIGN: u64 = 0x8000_0000;

impl Builder<'_> {
    /// Writes one operation for the part at hand.
    pub(super) fn field(&mut self, operation: &Operation) {
        use Template as T;
        let [a, b, _] = operation.sources;
        let d = match operation.template {
            T::Extend { from, bits, signed } => {
                let value = match from {
                    W32 => self.get(a, 0),
                    W64 => self.lower_halves(a),
                };
                self.extended(value, bits, signed)
            }
            T::Extract { shift, mask } => {
                let (value, d) = (self.get(a, 0), self.temporary());
                let right = Code::VEX_Vpsrld_ymm_ymm_imm8;
                self.asm.op3(right, d, value, i32::from(shift));
                let mask = self.constant32(mask);
                self.asm.op3(Code::VEX_Vpand_ymm_ymm_ymmm256, d, d, mask);
                d
            }
            T::Insert { shift, field } => self.inserted([a, b], shift, field),
            T::Quotient => self.float_quotient(a, b),
            T::DoubleOfWide { signed } => {
                return self.halves(operation, W64, |builder, half| {
                    builder.double_of_wide(a, signed, half)
                });
            }
            T::CopySign(width) => {
                return self.halves(operation, width, |builder, half| {
                    let (sign, rest) = match width {
                        W32 => (builder.constant32(1 << 31), builder.constant32(!(1 << 31))),
                        W64 => (builder.constant64(1 << 63), builder.constant64(!(1 << 63))),
                    };
                    let (a, b) = (builder.get(a, half), builder.get(b, half));
                    let (d, size) = (builder.temporary(), builder.temporary());
                    let and = Code::VEX_Vpand_ymm_ymm_ymmm256;
                    builder.asm.op3(and, d, a, sign);
                    builder.asm.op3(and, size, b, rest);
                    builder.asm.op3(Code::VEX_Vpor_ymm_ymm_ymmm256, d, d, size);
                    d
                });
            }
            _ => return,
        };
        self.define(operation.d, 0, d);
    }

    /// The lower halves of eight 64-bit lanes.
    fn lower_halves(&mut self, source: Source) -> Register {
        let (low, high) = (self.get(source, 0), self.get(source, 1));
        let d = self.temporary();
        let join = Code::VEX_Vshufps_ymm_ymm_ymmm256_imm8;
        self.asm.op4(join, [d, low], high, 0x88);
        let order = Code::VEX_Vpermq_ymm_ymmm256_imm8;
        self.asm.op3(order, d, d, 0xD8);
        d
    }

    fn extended(&mut self, value: Register, bits: u8, signed: bool) -> Register {
        let d = self.temporary();
        if !signed {
            let mask = self.constant32((1 << bits) - 1);
            self.asm
                .op3(Code::VEX_Vpand_ymm_ymm_ymmm256, d, value, mask);
            return d;
        }
        let unused = 32 - i32::from(bits);
        let (left, right) = (Code::VEX_Vpslld_ymm_ymm_imm8, Code::VEX_Vpsrad_ymm_ymm_imm8);
        self.asm.op3(left, d, value, unused);
        self.asm.op3(right, d, d, unused);
        d
    }

    fn inserted(&mut self, [a, b]: [Source; 2], shift: u8, field: u32) -> Register {
        let (a, b) = (self.get(a, 0), self.get(b, 0));
        let (d, rest) = (self.temporary(), self.temporary());
        let (inside, outside) = (self.constant32(field), self.constant32(!field));
        let and = Code::VEX_Vpand_ymm_ymm_ymmm256;
        self.asm
            .op3(Code::VEX_Vpslld_ymm_ymm_imm8, d, a, i32::from(shift));
        self.asm.op3(and, d, d, inside);
        self.asm.op3(and, rest, b, outside);
        self.asm.op3(Code::VEX_Vpor_ymm_ymm_ymmm256, d, d, rest);
        d
    }

    /// Both halves of a number become doubles without rounding; only their sum is rounded.
    fn double_of_wide(&mut self, source: Source, signed: bool, half: usize) -> Register {
        let sign = if signed { SIGN } else { 0 };
        let (ones, upper) = (self.constant64(ONES), self.constant64(UPPER | sign));
        let both = self.constant64(BOTH | sign);
        let value = self.get(source, half);
        let (low, high) = (self.temporary(), self.temporary());
        let blend = Code::VEX_Vpblendd_ymm_ymm_ymmm256_imm8;
        self.asm.op4(blend, [low, value], ones, 0xAA);
        self.asm.op3(Code::VEX_Vpsrlq_ymm_ymm_imm8, high, value, 32);
        self.asm
            .op3(Code::VEX_Vpxor_ymm_ymm_ymmm256, high, high, upper);
        self.asm
            .op3(Code::VEX_Vsubpd_ymm_ymm_ymmm256, high, high, both);
        self.asm
            .op3(Code::VEX_Vaddpd_ymm_ymm_ymmm256, high, high, low);
        high
    }

    fn float_quotient(&mut self, a: Source, b: Source) -> Register {
        let (a, b) = (self.get(a, 0), self.get(b, 0));
        let quotients = [0, 1].map(|half| {
            let (x, y) = (
                self.single_as_double(a, half),
                self.single_as_double(b, half),
            );
            self.asm.op3(Code::VEX_Vdivpd_ymm_ymm_ymmm256, x, x, y);
            let narrow = Code::VEX_Vcvtpd2ps_xmm_ymmm256;
            self.asm.op2(narrow, lower(x), x);
            x
        });
        let [d, upper] = quotients;
        let join = Code::VEX_Vinsertf128_ymm_ymm_xmmm128_imm8;
        self.asm.op4(join, [d, d], lower(upper), 1);
        self.canonical(d)
    }

    /// Four of eight numbers in double precision.
    fn single_as_double(&mut self, value: Register, half: usize) -> Register {
        let d = self.temporary();
        let mut from = lower(value);
        if half == 1 {
            from = lower(d);
            let upper = Code::VEX_Vextracti128_xmmm128_ymm_imm8;
            self.asm.op3(upper, from, value, 1);
        }
        self.asm.op2(Code::VEX_Vcvtps2pd_ymm_xmmm128, d, from);
        d
    }
}
