//! Doubles of the naive interpreter. Read [`Thread::double_result`].

use super::{Thread, number};

impl Thread {
    pub(super) fn double(&self, operand: &str) -> f64 {
        match operand.strip_prefix("0d") {
            Some(digits) => {
                f64::from_bits(u64::from_str_radix(digits, 16).expect("sixteen digits"))
            }
            None => self.d[number(operand)],
        }
    }

    pub(super) fn double_comparison(&self, opcode: &str, operands: &[&str]) -> bool {
        let (a, b) = (self.double(operands[1]), self.double(operands[2]));
        let unordered = a.is_nan() || b.is_nan();
        match opcode {
            "setp.lt.f64" => a < b,
            "setp.ge.f64" => a >= b,
            "setp.eq.f64" => a == b,
            "setp.ne.f64" => !unordered && a != b,
            "setp.gtu.f64" => unordered || a > b,
            "setp.leu.f64" => unordered || a <= b,
            "setp.num.f64" => !unordered,
            "setp.nan.f64" => unordered,
            _ => panic!("{opcode}"),
        }
    }

    pub(super) fn double_result(&self, opcode: &str, operands: &[&str]) -> f64 {
        match opcode {
            "cvt.rn.f64.s32" => return f64::from(self.word(operands[1]) as i32),
            "cvt.rn.f64.u64" => return self.long(operands[1]) as f64,
            "cvt.rn.f64.s64" => return self.long(operands[1]) as i64 as f64,
            "cvt.f64.f32" => return f64::from(self.float(operands[1])),
            "selp.f64" => {
                let first = self.bit(operands[3]);
                return self.double(if first { operands[1] } else { operands[2] });
            }
            _ => {}
        }
        let value = |at: usize| operands.get(at).map_or(0.0, |operand| self.double(operand));
        let (a, b) = (value(1), value(2));
        match opcode {
            "mov.f64" => a,
            "neg.f64" => -a,
            "abs.f64" => a.abs(),
            "sqrt.rn.f64" => a.sqrt(),
            "rcp.rn.f64" => 1.0 / a,
            "cvt.rni.f64.f64" => a.round_ties_even(),
            "add.rn.f64" => a + b,
            "sub.rn.f64" => a - b,
            "mul.rn.f64" => a * b,
            "div.rn.f64" => a / b,
            "fma.rn.f64" => a.mul_add(b, value(3)),
            "min.f64" => lesser(a, b),
            "max.f64" => -lesser(-a, -b),
            _ => panic!("{opcode}"),
        }
    }
}

/// A number before what is none, and minus zero before zero.
fn lesser(a: f64, b: f64) -> f64 {
    let a_first = b.is_nan() || a < b || a == b && a.is_sign_negative();
    if a_first { a } else { b }
}

/// The bits, the same for everything that is no number.
pub(super) fn plain_bits(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits()
    } else {
        value.to_bits()
    }
}

pub(super) fn single_of(value: f64) -> f32 {
    if value.is_nan() {
        f32::from_bits(0x7FFF_FFFF)
    } else {
        value as f32
    }
}

/// Conversions of doubles make half the range of what is no number.
pub(super) fn word_of(value: f64, signed: bool) -> u32 {
    match signed {
        _ if value.is_nan() => 1 << 31,
        true => value as i32 as u32,
        false => value as u32,
    }
}

pub(super) fn long_of(value: f64, signed: bool) -> u64 {
    match signed {
        _ if value.is_nan() => 1 << 63,
        true => value as i64 as u64,
        false => value as u64,
    }
}
