//! IEEE arithmetic in integers, for the rounding modes that the CPU is not in and for the small
//! formats. Slow and exact. Read [`Format`] and [`round`].

use super::lower::Rounding;

/// A binary floating point format with infinities and NaNs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    /// Explicit bits of the significand.
    pub(super) mantissa: u32,
    /// Bits of the exponent.
    pub(super) exponent: u32,
}

/// `f16`
pub(super) const F16: Format = Format {
    mantissa: 10,
    exponent: 5,
};
/// `bf16`
pub(super) const BF16: Format = Format {
    mantissa: 7,
    exponent: 8,
};
/// `tf32`, in the upper bits of an `f32`.
pub(super) const TF32: Format = Format {
    mantissa: 10,
    exponent: 8,
};
/// `f32`
pub(super) const F32: Format = Format {
    mantissa: 23,
    exponent: 8,
};
/// `f64`
pub(super) const F64: Format = Format {
    mantissa: 52,
    exponent: 11,
};

impl Format {
    fn bias(self) -> i32 {
        (1 << (self.exponent - 1)) - 1
    }

    fn exponent_max(self) -> u64 {
        (1 << self.exponent) - 1
    }

    fn sign_bit(self) -> u64 {
        1 << (self.mantissa + self.exponent)
    }

    fn infinity(self, negative: bool) -> u64 {
        (self.exponent_max() << self.mantissa) | self.sign(negative)
    }

    /// The NaN that operations without a NaN operand return.
    fn nan(self) -> u64 {
        if self == F64 {
            return 0xFFF8_0000_0000_0000;
        }
        self.sign_bit() - 1
    }

    fn sign(self, negative: bool) -> u64 {
        if negative { self.sign_bit() } else { 0 }
    }
}

/// A number taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// Not a number.
    Nan,
    /// Infinity.
    Infinite(bool),
    /// `significand * 2^exponent`, negative if the flag says so; zero included.
    Finite(Number),
}

/// A finite number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) negative: bool,
    pub(super) exponent: i32,
    pub(super) significand: u128,
}

/// Takes `bits` apart.
pub(super) fn parts(format: Format, bits: u64) -> Parts {
    let negative = bits & format.sign_bit() != 0;
    let biased = (bits >> format.mantissa) & format.exponent_max();
    let fraction = bits & ((1 << format.mantissa) - 1);
    if biased == format.exponent_max() {
        return if fraction == 0 {
            Parts::Infinite(negative)
        } else {
            Parts::Nan
        };
    }
    let implicit = u64::from(biased != 0) << format.mantissa;
    Parts::Finite(Number {
        negative,
        exponent: (biased.max(1)) as i32 - format.bias() - format.mantissa as i32,
        significand: u128::from(fraction | implicit),
    })
}

/// The number nearest to `number` as `rounding` says. `sticky`: the exact value is a little larger in
/// magnitude, by less than one unit of the significand.
pub(super) fn round(format: Format, number: Number, sticky: bool, rounding: Rounding) -> u64 {
    let Number {
        negative,
        exponent,
        significand,
    } = number;
    let sign = format.sign(negative);
    if significand == 0 && !sticky {
        return sign;
    }
    let top = 127 - significand.max(1).leading_zeros() as i32;
    let least = 1 - format.bias() - format.mantissa as i32;
    let mut unit = (exponent + top - format.mantissa as i32).max(least);
    let shift = unit - exponent;
    let (mut kept, rest) = if shift <= 0 {
        (significand << -shift, u128::from(sticky))
    } else if shift > 127 {
        (0, 1)
    } else {
        let low = significand & ((1 << shift) - 1);
        let half = 1u128 << (shift - 1);
        let rest = match low.cmp(&half) {
            std::cmp::Ordering::Less => u128::from(low != 0 || sticky),
            std::cmp::Ordering::Equal => 2 + u128::from(sticky),
            std::cmp::Ordering::Greater => 3,
        };
        (significand >> shift, rest)
    };
    let up = match rounding {
        Rounding::Nearest => rest == 3 || rest == 2 && kept & 1 == 1,
        Rounding::Away => rest >= 2,
        Rounding::Zero => false,
        Rounding::Down => rest != 0 && negative,
        Rounding::Up => rest != 0 && !negative,
    };
    kept += u128::from(up);
    if kept >> (format.mantissa + 1) != 0 {
        kept >>= 1;
        unit += 1;
    }
    let normal = kept >> format.mantissa != 0;
    let biased = if normal {
        (unit + format.mantissa as i32 + format.bias()) as u64
    } else {
        0
    };
    if biased >= format.exponent_max() {
        let to_infinity = match rounding {
            Rounding::Nearest | Rounding::Away => true,
            Rounding::Zero => false,
            Rounding::Down => negative,
            Rounding::Up => !negative,
        };
        return format.infinity(negative) - u64::from(!to_infinity);
    }
    let fraction = kept as u64 & ((1 << format.mantissa) - 1);
    sign | (biased << format.mantissa) | fraction
}

/// `bits` of `from` as `to`.
pub(super) fn convert(from: Format, to: Format, bits: u64, rounding: Rounding) -> u64 {
    match parts(from, bits) {
        Parts::Nan if from == F32 && to == F64 => f64::from(f32::from_bits(bits as u32)).to_bits(),
        Parts::Nan => to.sign_bit() - 1,
        Parts::Infinite(negative) => to.infinity(negative),
        Parts::Finite(number) => round(to, number, false, rounding),
    }
}

/// An integer as `to`.
pub(super) fn from_integer(to: Format, value: i128, rounding: Rounding) -> u64 {
    let number = Number {
        negative: value < 0,
        exponent: 0,
        significand: value.unsigned_abs(),
    };
    round(to, number, false, rounding)
}

/// `a + b`
pub(super) fn add(format: Format, a: u64, b: u64, rounding: Rounding) -> u64 {
    sum(format, parts(format, a), parts(format, b), rounding)
}

/// `a - b`
pub(super) fn sub(format: Format, a: u64, b: u64, rounding: Rounding) -> u64 {
    add(format, a, b ^ format.sign_bit(), rounding)
}

/// `a * b`
pub(super) fn mul(format: Format, a: u64, b: u64, rounding: Rounding) -> u64 {
    match product(parts(format, a), parts(format, b)) {
        Parts::Nan => format.nan(),
        Parts::Infinite(negative) => format.infinity(negative),
        Parts::Finite(number) => round(format, number, false, rounding),
    }
}

/// `a * b + c`, rounded once.
pub(super) fn fma(format: Format, a: u64, b: u64, c: u64, rounding: Rounding) -> u64 {
    let product = product(parts(format, a), parts(format, b));
    sum(format, product, parts(format, c), rounding)
}

/// `a / b`
pub(super) fn div(format: Format, a: u64, b: u64, rounding: Rounding) -> u64 {
    let (x, y) = (parts(format, a), parts(format, b));
    let negative = (a ^ b) & format.sign_bit() != 0;
    match (x, y) {
        (Parts::Nan, _) | (_, Parts::Nan) | (Parts::Infinite(_), Parts::Infinite(_)) => {
            format.nan()
        }
        (Parts::Infinite(_), _) => format.infinity(negative),
        (_, Parts::Infinite(_)) => format.sign(negative),
        (Parts::Finite(x), Parts::Finite(y)) if y.significand == 0 => {
            if x.significand == 0 {
                format.nan()
            } else {
                format.infinity(negative)
            }
        }
        (Parts::Finite(x), Parts::Finite(y)) => {
            let shift = x.significand.leading_zeros().min(127);
            let dividend = x.significand << shift;
            let number = Number {
                negative,
                exponent: x.exponent - shift as i32 - y.exponent,
                significand: dividend / y.significand,
            };
            round(format, number, dividend % y.significand != 0, rounding)
        }
    }
}

/// `1 / a`
pub(super) fn reciprocal(format: Format, a: u64, rounding: Rounding) -> u64 {
    let one = (format.bias() as u64) << format.mantissa;
    div(format, one, a, rounding)
}

/// The square root of `a`.
pub(super) fn sqrt(format: Format, a: u64, rounding: Rounding) -> u64 {
    match parts(format, a) {
        Parts::Finite(number) if number.significand == 0 => a,
        Parts::Infinite(false) => a,
        Parts::Finite(number) if !number.negative => {
            let mut shift = number.significand.leading_zeros() as i32;
            shift -= (number.exponent - shift) & 1;
            let scaled = number.significand << shift;
            let root = scaled.isqrt();
            let result = Number {
                negative: false,
                exponent: (number.exponent - shift) / 2,
                significand: root,
            };
            round(format, result, root * root != scaled, rounding)
        }
        _ => format.nan(),
    }
}

fn product(a: Parts, b: Parts) -> Parts {
    match (a, b) {
        (Parts::Nan, _) | (_, Parts::Nan) => Parts::Nan,
        (Parts::Infinite(x), Parts::Infinite(y)) => Parts::Infinite(x != y),
        (Parts::Infinite(x), Parts::Finite(y)) | (Parts::Finite(y), Parts::Infinite(x)) => {
            if y.significand == 0 {
                return Parts::Nan;
            }
            Parts::Infinite(x != y.negative)
        }
        (Parts::Finite(x), Parts::Finite(y)) => Parts::Finite(Number {
            negative: x.negative != y.negative,
            exponent: x.exponent + y.exponent,
            significand: x.significand * y.significand,
        }),
    }
}

fn sum(format: Format, a: Parts, b: Parts, rounding: Rounding) -> u64 {
    match (a, b) {
        (Parts::Nan, _) | (_, Parts::Nan) => format.nan(),
        (Parts::Infinite(x), Parts::Infinite(y)) if x != y => format.nan(),
        (Parts::Infinite(x), _) | (_, Parts::Infinite(x)) => format.infinity(x),
        (Parts::Finite(x), Parts::Finite(y)) => sum_finite(format, x, y, rounding),
    }
}

/// Both significands are moved to bit 124, the smaller number is shifted down with a sticky last bit:
/// there are far more bits than any format keeps, so nothing that matters is lost.
fn sum_finite(format: Format, x: Number, y: Number, rounding: Rounding) -> u64 {
    if x.significand == 0 && y.significand == 0 {
        let negative = if x.negative == y.negative {
            x.negative
        } else {
            rounding == Rounding::Down
        };
        return format.sign(negative);
    }
    if x.significand == 0 {
        return round(format, y, false, rounding);
    }
    if y.significand == 0 {
        return round(format, x, false, rounding);
    }
    let raised = |n: Number| {
        let shift = n.significand.leading_zeros() as i32 - 3;
        Number {
            significand: n.significand << shift,
            exponent: n.exponent - shift,
            ..n
        }
    };
    let (mut big, mut small) = (raised(x), raised(y));
    if (big.exponent, big.significand) < (small.exponent, small.significand) {
        std::mem::swap(&mut big, &mut small);
    }
    let distance = big.exponent - small.exponent;
    let lowered = if distance > 126 {
        1
    } else {
        let lost = small.significand & ((1u128 << distance) - 1) != 0;
        (small.significand >> distance) | u128::from(lost)
    };
    let significand = if big.negative == small.negative {
        big.significand + lowered
    } else {
        big.significand - lowered
    };
    if significand == 0 {
        return format.sign(rounding == Rounding::Down);
    }
    round(format, Number { significand, ..big }, false, rounding)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLES: [f64; 20] = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        1.5,
        3.0,
        0.1,
        -0.3,
        1e300,
        -1e300,
        1e-300,
        5e-324,
        -5e-324,
        2.2e-308,
        f64::MAX,
        f64::INFINITY,
        f64::NEG_INFINITY,
        7.0,
        1e16,
        -1e-17,
    ];

    fn same(ours: u64, theirs: f64, what: &str) {
        let ours = f64::from_bits(ours);
        assert!(
            ours.to_bits() == theirs.to_bits() || ours.is_nan() && theirs.is_nan(),
            "{what}: {ours:e} for {theirs:e}"
        );
    }

    #[test]
    fn nearest_f64_agrees_with_the_cpu() {
        for a in SAMPLES {
            same(sqrt(F64, a.to_bits(), Rounding::Nearest), a.sqrt(), "sqrt");
            for b in SAMPLES {
                let (x, y) = (a.to_bits(), b.to_bits());
                same(
                    add(F64, x, y, Rounding::Nearest),
                    a + b,
                    &format!("{a:e} + {b:e}"),
                );
                same(
                    mul(F64, x, y, Rounding::Nearest),
                    a * b,
                    &format!("{a:e} * {b:e}"),
                );
                same(
                    div(F64, x, y, Rounding::Nearest),
                    a / b,
                    &format!("{a:e} / {b:e}"),
                );
                for c in SAMPLES {
                    let fused = fma(F64, x, y, c.to_bits(), Rounding::Nearest);
                    same(fused, a.mul_add(b, c), &format!("{a:e} * {b:e} + {c:e}"));
                }
            }
        }
    }

    #[test]
    fn directed_roundings_enclose_the_exact_value() {
        for (a, b) in [(1.0f32, 3.0f32), (-1.0, 3.0), (0.1, 7.0), (16777216.0, 3.0)] {
            let (x, y) = (u64::from(a.to_bits()), u64::from(b.to_bits()));
            let exact = f64::from(a) / f64::from(b);
            let at = |rounding| f64::from(f32::from_bits(div(F32, x, y, rounding) as u32));
            assert!(at(Rounding::Down) < exact && exact < at(Rounding::Up));
            assert_eq!(
                at(Rounding::Zero).abs(),
                at(Rounding::Down).abs().min(at(Rounding::Up).abs())
            );
        }
    }

    #[test]
    fn overflow_saturates_by_direction() {
        let max = u64::from(f32::MAX.to_bits());
        let infinity = u64::from(f32::INFINITY.to_bits());
        assert_eq!(add(F32, max, max, Rounding::Zero), max);
        assert_eq!(add(F32, max, max, Rounding::Up), infinity);
        assert_eq!(add(F32, max, max, Rounding::Down), max);
    }

    #[test]
    fn narrowing_agrees_with_the_cpu() {
        for a in SAMPLES {
            let ours = convert(F64, F32, a.to_bits(), Rounding::Nearest);
            assert_eq!(ours as u32, (a as f32).to_bits(), "{a:e}");
        }
        for value in [i128::from(i64::MAX), 16777217, -16777219, 0, 1 << 60] {
            let ours = from_integer(F32, value, Rounding::Nearest);
            assert_eq!(ours as u32, (value as f32).to_bits(), "{value}");
        }
    }

    #[test]
    fn half_constants_convert() {
        let check = |bits: u64, value: f32| {
            assert_eq!(
                convert(F16, F32, bits, Rounding::Nearest) as u32,
                value.to_bits()
            );
            assert_eq!(
                convert(F32, F16, u64::from(value.to_bits()), Rounding::Nearest),
                bits
            );
        };
        check(0x3C00, 1.0);
        check(0xC000, -2.0);
        check(0x7BFF, 65504.0);
        check(0x0001, 5.960_464_5e-8);
        check(0x7C00, f32::INFINITY);
    }
}
