//! Numbers without rounding, and their rounding into any binary format: the arithmetic that floating point
//! forms are held against. Nothing here uses the machine's floating point. Read [`Number`], then [`Format`].

use std::cmp::Ordering;

/// A finite number, `digits * 2^exponent`, or a little more in magnitude than that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact {
    pub(crate) negative: bool,
    pub(crate) digits: u128,
    pub(crate) exponent: i32,
    /// Whether digits were cut off that were not all zero.
    pub(crate) more: bool,
}

/// What a pattern of bits stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Number {
    Nan,
    /// Infinity, negative or not.
    Infinite(bool),
    Finite(Exact),
}

/// A direction of rounding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mode {
    /// To the nearest, ties to even.
    Nearest,
    /// To the nearest, ties away from zero.
    Away,
    Zero,
    Down,
    Up,
}

/// A binary floating point format with a sign in its highest bit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Format {
    pub(crate) bits: u32,
    /// Digits of a normal number, the hidden one included.
    pub(crate) precision: u32,
    /// Exponent of the smallest number above zero.
    pub(crate) least: i32,
    /// Pattern of the largest finite magnitude.
    pub(crate) largest: u64,
    /// Whether the pattern after that is infinity.
    pub(crate) infinity: bool,
    /// The pattern of results that are no number.
    pub(crate) nan: u64,
}

const fn format(bits: u32, precision: u32, least: i32, largest: u64, nan: u64) -> Format {
    Format {
        bits,
        precision,
        least,
        largest,
        infinity: true,
        nan,
    }
}

pub(crate) const HALF: Format = format(16, 11, -24, 0x7BFF, 0x7FFF);
pub(crate) const BRAIN: Format = format(16, 8, -133, 0x7F7F, 0x7FFF);
pub(crate) const SINGLE: Format = format(32, 24, -149, 0x7F7F_FFFF, 0x7FFF_FFFF);
pub(crate) const DOUBLE: Format =
    format(64, 53, -1074, 0x7FEF_FFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF);
/// The upper 19 bits of a single.
pub(crate) const TENSOR: Format = format(19, 11, -136, 0x3_FBFF, 0x3_FFFF);
pub(crate) const E5M2: Format = format(8, 3, -16, 0x7B, 0x7F);
pub(crate) const E4M3: Format = Format {
    infinity: false,
    ..format(8, 4, -9, 0x7E, 0x7F)
};

impl Exact {
    pub(crate) const ZERO: Self = Self {
        negative: false,
        digits: 0,
        exponent: 0,
        more: false,
    };

    pub(crate) fn integer(value: i128) -> Self {
        Self {
            negative: value < 0,
            digits: value.unsigned_abs(),
            ..Self::ZERO
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        self.digits == 0 && !self.more
    }

    fn with_sign(self, negative: bool) -> Self {
        Self { negative, ..self }
    }

    /// The exact product of two numbers of up to 64 digits.
    fn times(self, other: Self) -> Self {
        Self {
            negative: self.negative != other.negative,
            digits: self.digits * other.digits,
            exponent: self.exponent + other.exponent,
            more: false,
        }
    }

    /// The sum; of numbers very far apart, the lesser one is only known to be there.
    fn plus(self, other: Self, mode: Mode) -> Self {
        if self.digits == 0 && other.digits == 0 {
            let negative = match self.negative == other.negative {
                true => self.negative,
                false => mode == Mode::Down,
            };
            return Self::ZERO.with_sign(negative);
        }
        if other.digits == 0 {
            return self;
        }
        if self.digits == 0 {
            return other;
        }
        let top = |number: Self| number.exponent - number.digits.leading_zeros() as i32;
        let (large, small) = match top(self) >= top(other) {
            true => (self, other),
            false => (other, self),
        };
        // The larger one's highest digit becomes bit 126, so that a sum has room.
        let up = large.digits.leading_zeros() as i32 - 1;
        let exponent = large.exponent - up;
        let large_digits = large.digits << up;
        let (small_digits, more) = moved(small.digits, small.exponent - exponent);
        let (digits, negative) = match large.negative == small.negative {
            true => (large_digits + small_digits, large.negative),
            false if small_digits > large_digits => (small_digits - large_digits, small.negative),
            // What is missing from the lesser one is missing from what is taken away.
            false => (
                large_digits - small_digits - u128::from(more),
                large.negative,
            ),
        };
        if digits == 0 && !more {
            return Self::ZERO.with_sign(mode == Mode::Down);
        }
        Self {
            negative,
            digits,
            exponent,
            more,
        }
    }

    fn over(self, other: Self) -> Self {
        let up = self.digits.leading_zeros();
        let scaled = self.digits << up;
        Self {
            negative: self.negative != other.negative,
            digits: scaled / other.digits,
            exponent: self.exponent - up as i32 - other.exponent,
            more: !scaled.is_multiple_of(other.digits),
        }
    }

    fn root(self) -> Self {
        if self.digits == 0 {
            return self;
        }
        let mut up = self.digits.leading_zeros() as i32;
        if (self.exponent - up) % 2 != 0 {
            up -= 1;
        }
        let scaled = self.digits << up;
        let root = scaled.isqrt();
        Self {
            negative: false,
            digits: root,
            exponent: (self.exponent - up) / 2,
            more: root * root != scaled,
        }
    }

    /// As a whole number, rounded.
    pub(crate) fn whole(self, mode: Mode) -> i128 {
        let digits = rounded(self, 0, mode).min(1 << 126) as i128;
        if self.negative { -digits } else { digits }
    }

    /// Compares magnitudes of numbers of which no digits were cut off.
    fn compare_magnitude(self, other: Self) -> Ordering {
        let difference = self
            .with_sign(false)
            .plus(other.with_sign(true), Mode::Zero);
        match (difference.is_zero(), difference.negative) {
            (true, _) => Ordering::Equal,
            (_, true) => Ordering::Less,
            _ => Ordering::Greater,
        }
    }

    fn compare(self, other: Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) if other.negative => return Ordering::Greater,
            (true, false) => return Ordering::Less,
            (false, true) if self.negative => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }
}

/// Digits multiplied by a power of two, and whether some were lost.
fn moved(digits: u128, by: i32) -> (u128, bool) {
    match by {
        0.. => (digits << by, false),
        -127..0 => (digits >> -by, digits & ((1 << -by) - 1) != 0),
        _ => (0, digits != 0),
    }
}

/// The magnitude as a multiple of `2^unit`.
fn rounded(value: Exact, unit: i32, mode: Mode) -> u128 {
    let by = value.exponent - unit;
    if by >= 0 {
        let room = value.digits.leading_zeros() as i32;
        return if by > room {
            1 << 126
        } else {
            value.digits << by
        };
    }
    let (kept, _) = moved(value.digits, by);
    let cut = -by;
    // Twice what was cut off, in units of the last digit kept.
    let half = match cut {
        1..=128 => value.digits >> (cut - 1) & 1 == 1,
        _ => false,
    };
    let below = match cut {
        1 => false,
        2..=128 => value.digits & ((1 << (cut - 1)) - 1) != 0,
        _ => value.digits != 0,
    } || value.more;
    let up = match mode {
        Mode::Nearest => half && (below || kept & 1 == 1),
        Mode::Away => half,
        Mode::Zero => false,
        Mode::Down => value.negative && (half || below),
        Mode::Up => !value.negative && (half || below),
    };
    kept + u128::from(up)
}

impl Format {
    fn sign(self) -> u64 {
        1 << (self.bits - 1)
    }

    pub(crate) fn magnitude(self, bits: u64) -> u64 {
        bits & (self.sign() - 1)
    }

    pub(crate) fn is_negative(self, bits: u64) -> bool {
        bits & self.sign() != 0
    }

    pub(crate) fn is_nan(self, bits: u64) -> bool {
        self.magnitude(bits) > self.largest + u64::from(self.infinity)
    }

    /// Whether it is subnormal, or zero.
    pub(crate) fn is_tiny(self, bits: u64) -> bool {
        self.magnitude(bits) < 1 << (self.precision - 1)
    }

    /// Subnormal numbers as zeros of their sign.
    pub(crate) fn flushed(self, bits: u64) -> u64 {
        match self.is_tiny(bits) {
            true => bits & self.sign(),
            false => bits,
        }
    }

    /// The pattern of one.
    pub(crate) fn one(self) -> u64 {
        let one = Exact {
            digits: 1,
            ..Exact::ZERO
        };
        self.round(Number::Finite(one), Mode::Nearest)
    }

    pub(crate) fn number(self, bits: u64) -> Number {
        let (magnitude, negative) = (self.magnitude(bits), self.is_negative(bits));
        if self.is_nan(bits) {
            return Number::Nan;
        }
        if magnitude > self.largest {
            return Number::Infinite(negative);
        }
        let hidden = 1 << (self.precision - 1);
        let exponent = (magnitude >> (self.precision - 1)) as i32;
        let fraction = magnitude & (hidden - 1);
        Number::Finite(Exact {
            negative,
            digits: u128::from(if exponent == 0 {
                fraction
            } else {
                fraction | hidden
            }),
            exponent: self.least + (exponent - 1).max(0),
            more: false,
        })
    }

    /// The pattern of a number, rounded.
    pub(crate) fn round(self, number: Number, mode: Mode) -> u64 {
        let value = match number {
            Number::Nan => return self.nan,
            Number::Infinite(negative) => return self.signed(self.largest + 1, negative),
            Number::Finite(value) => value,
        };
        if value.is_zero() {
            return self.signed(0, value.negative);
        }
        let top = 127 - value.digits.leading_zeros() as i32 + value.exponent;
        let unit = (top - (self.precision as i32 - 1)).max(self.least);
        let digits = rounded(value, unit, mode);
        let above = (unit - self.least) as u128;
        let pattern = digits + (above << (self.precision - 1));
        if pattern <= u128::from(self.largest) {
            return self.signed(pattern as u64, value.negative);
        }
        let stays = match mode {
            Mode::Nearest | Mode::Away => false,
            Mode::Zero => true,
            Mode::Down => !value.negative,
            Mode::Up => value.negative,
        };
        let magnitude = self.largest + u64::from(self.infinity && !stays);
        self.signed(magnitude, value.negative)
    }

    pub(crate) fn signed(self, magnitude: u64, negative: bool) -> u64 {
        magnitude | if negative { self.sign() } else { 0 }
    }
}

impl Number {
    pub(crate) fn negative(self) -> bool {
        match self {
            Self::Nan => false,
            Self::Infinite(negative) => negative,
            Self::Finite(value) => value.negative,
        }
    }

    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Nan => self,
            Self::Infinite(negative) => Self::Infinite(!negative),
            Self::Finite(value) => Self::Finite(value.with_sign(!value.negative)),
        }
    }

    /// The sum; `mode` decides the sign of a sum of opposites.
    pub(crate) fn plus(self, other: Self, mode: Mode) -> Self {
        match (self, other) {
            (Self::Nan, _) | (_, Self::Nan) => Self::Nan,
            (Self::Infinite(a), Self::Infinite(b)) if a != b => Self::Nan,
            (Self::Infinite(a), _) | (_, Self::Infinite(a)) => Self::Infinite(a),
            (Self::Finite(a), Self::Finite(b)) => Self::Finite(a.plus(b, mode)),
        }
    }

    pub(crate) fn times(self, other: Self) -> Self {
        let negative = self.negative() != other.negative();
        match (self, other) {
            (Self::Nan, _) | (_, Self::Nan) => Self::Nan,
            (Self::Finite(a), Self::Finite(b)) => Self::Finite(a.times(b)),
            (Self::Infinite(_), Self::Finite(a)) | (Self::Finite(a), Self::Infinite(_))
                if a.is_zero() =>
            {
                Self::Nan
            }
            _ => Self::Infinite(negative),
        }
    }

    pub(crate) fn over(self, other: Self) -> Self {
        let negative = self.negative() != other.negative();
        match (self, other) {
            (Self::Nan, _) | (_, Self::Nan) => Self::Nan,
            (Self::Infinite(_), Self::Infinite(_)) => Self::Nan,
            (Self::Infinite(_), _) => Self::Infinite(negative),
            (_, Self::Infinite(_)) => Self::Finite(Exact::ZERO.with_sign(negative)),
            (Self::Finite(a), Self::Finite(b)) if b.is_zero() => match a.is_zero() {
                true => Self::Nan,
                false => Self::Infinite(negative),
            },
            (Self::Finite(a), Self::Finite(_)) if a.is_zero() => {
                Self::Finite(Exact::ZERO.with_sign(negative))
            }
            (Self::Finite(a), Self::Finite(b)) => Self::Finite(a.over(b)),
        }
    }

    pub(crate) fn root(self) -> Self {
        match self {
            Self::Nan => self,
            Self::Infinite(false) => self,
            Self::Infinite(true) => Self::Nan,
            Self::Finite(value) if value.negative && !value.is_zero() => Self::Nan,
            Self::Finite(value) => Self::Finite(value.root()),
        }
    }

    /// The order of two numbers; `None` if one is none.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        let rank = |number: Self| match number {
            Self::Infinite(true) => -1,
            Self::Infinite(false) => 1,
            _ => 0,
        };
        match (self, other) {
            (Self::Nan, _) | (_, Self::Nan) => None,
            (Self::Finite(a), Self::Finite(b)) => Some(a.compare(b)),
            _ => Some(rank(self).cmp(&rank(other))),
        }
    }
}

#[test]
fn exact_arithmetic_agrees_with_the_machine_on_doubles() {
    let samples = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        3.7,
        1e-310,
        -5e-324,
        1e300,
        f64::MAX,
        0.1,
        1e16,
        f64::INFINITY,
    ];
    let of = |value: f64| DOUBLE.number(value.to_bits());
    let same = |number: Number, right: f64| {
        let got = f64::from_bits(DOUBLE.round(number, Mode::Nearest));
        assert!(
            got.to_bits() == right.to_bits() || got.is_nan() && right.is_nan(),
            "{got:e} where {right:e} is right"
        );
    };
    for a in samples {
        same(of(a).root(), a.sqrt());
        for b in samples {
            same(of(a).plus(of(b), Mode::Nearest), a + b);
            same(of(a).times(of(b)), a * b);
            same(of(a).over(of(b)), a / b);
            assert_eq!(of(a).compare(of(b)), a.partial_cmp(&b));
            let single = f64::from(a as f32).to_bits();
            let rounded = SINGLE.round(of(a), Mode::Nearest);
            assert_eq!(f64::from(f32::from_bits(rounded as u32)).to_bits(), single);
            for c in samples {
                same(
                    of(a).times(of(b)).plus(of(c), Mode::Nearest),
                    a.mul_add(b, c),
                );
            }
        }
    }
}
