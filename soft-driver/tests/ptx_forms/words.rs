//! Values of registers: how they are passed as bits, and which samples are worth trying.

/// A type of operands and results.
pub(crate) trait Word: Copy {
    /// Register class: `p`redicate, `h`alf word, `r`egister of 32 bits, `x` of 64.
    const CLASS: char;
    fn from_bits(bits: u64) -> Self;
    fn to_bits(self) -> u64;
    fn samples() -> Vec<u64>;
    /// Whether `got` is as right as `expected`. The register's upper bits count.
    fn same(expected: u64, got: u64) -> bool {
        expected == got
    }
}

/// A few numbers without pattern, the same in every run.
fn scattered(count: usize) -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    (0..count).map(move |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state ^ (state >> 29)
    })
}

fn integers(bits: u32) -> Vec<u64> {
    let mask = if bits == 64 { !0 } else { (1 << bits) - 1 };
    let top = 1u64 << (bits - 1);
    let edges = [
        0,
        1,
        2,
        3,
        7,
        15,
        16,
        31,
        32,
        33,
        63,
        64,
        65,
        100,
        !0,
        !1,
        top,
        top - 1,
        top + 1,
    ];
    edges
        .into_iter()
        .chain(scattered(9))
        .map(|value| value & mask)
        .collect()
}

macro_rules! integer_word {
    ($($name:ident $class:literal $unsigned:ident,)+) => {$(
        impl Word for $name {
            const CLASS: char = $class;
            fn from_bits(bits: u64) -> Self {
                bits as $name
            }
            fn to_bits(self) -> u64 {
                u64::from(self as $unsigned)
            }
            fn samples() -> Vec<u64> {
                integers($name::BITS)
            }
        }
    )+};
}

integer_word! {
    i16 'h' u16, u16 'h' u16,
    i32 'r' u32, u32 'r' u32,
    i64 'x' u64, u64 'x' u64,
}

impl Word for bool {
    const CLASS: char = 'p';
    fn from_bits(bits: u64) -> Self {
        bits != 0
    }
    fn to_bits(self) -> u64 {
        u64::from(self)
    }
    fn samples() -> Vec<u64> {
        vec![0, 1]
    }
}

/// Numbers that floating point operations tend to get wrong.
const FLOATS: [f64; 25] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    3.7,
    -3.7,
    0.1,
    1e-3,
    123_456.789,
    -99_999.5,
    8_388_609.0,
    2_147_483_648.0,
    -2_147_483_649.0,
    4_294_967_295.0,
    9.3e18,
    1e30,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    255.5,
];

impl Word for f32 {
    const CLASS: char = 'r';
    fn from_bits(bits: u64) -> Self {
        f32::from_bits(bits as u32)
    }
    fn to_bits(self) -> u64 {
        u64::from(f32::to_bits(self))
    }
    fn samples() -> Vec<u64> {
        let special = [
            f32::MIN_POSITIVE,
            f32::MAX,
            f32::MIN,
            f32::EPSILON,
            1e-40,
            -3e-45,
        ];
        let floats = FLOATS.into_iter().map(|value| value as f32).chain(special);
        // Scattered mantissas with moderate exponents.
        let mixed = scattered(6).map(|bits| {
            f32::from_bits(
                bits as u32 & 0x807f_ffff | (0x3c00_0000 + ((bits >> 40) as u32 & 0x0780_0000)),
            )
        });
        floats.chain(mixed).map(Word::to_bits).collect()
    }
    fn same(expected: u64, got: u64) -> bool {
        expected == got
            || got >> 32 == 0
                && <Self as Word>::from_bits(expected).is_nan()
                && <Self as Word>::from_bits(got).is_nan()
    }
}

impl Word for f64 {
    const CLASS: char = 'x';
    fn from_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }
    fn to_bits(self) -> u64 {
        f64::to_bits(self)
    }
    fn samples() -> Vec<u64> {
        let special = [
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::MIN,
            f64::EPSILON,
            5e-324,
            -1e-310,
            1e-50,
        ];
        let mixed = scattered(6).map(|bits| {
            f64::from_bits(bits & 0x800f_ffff_ffff_ffff | (0x3f80 + (bits >> 54 & 0x7f)) << 48)
        });
        FLOATS
            .into_iter()
            .chain(special)
            .chain(mixed)
            .map(Word::to_bits)
            .collect()
    }
    fn same(expected: u64, got: u64) -> bool {
        expected == got
            || <Self as Word>::from_bits(expected).is_nan()
                && <Self as Word>::from_bits(got).is_nan()
    }
}

/// A half precision number, as its bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Half(pub(crate) u16);

/// A bfloat16 number, as its bits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Brain(pub(crate) u16);

impl Half {
    /// The value, exactly.
    pub(crate) fn value(self) -> f64 {
        let sign = if self.0 & 0x8000 == 0 { 1.0 } else { -1.0 };
        let exponent = i32::from(self.0 >> 10 & 31);
        let fraction = f64::from(self.0 & 0x3ff) / 1024.0;
        sign * match exponent {
            0 => fraction * 2f64.powi(-14),
            31 if fraction == 0.0 => f64::INFINITY,
            31 => f64::NAN,
            _ => (1.0 + fraction) * 2f64.powi(exponent - 15),
        }
    }

    /// The nearest half of a finite or infinite number, ties to even, by search: neighbouring bit
    /// patterns of one sign are neighbouring numbers.
    pub(crate) fn nearest(value: f64) -> Self {
        if value.is_nan() {
            return Half(0x7fff);
        }
        let sign = if value.is_sign_negative() { 0x8000 } else { 0 };
        let magnitude = value.abs();
        // The largest pattern whose value is not above; 0x7c00 is infinity.
        let (mut low, mut high) = (0u16, 0x7c00u16);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            if Half(middle).value() <= magnitude {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        if low == 0x7c00 {
            return Half(sign | low);
        }
        // Infinity rounds as if it were the next number, 65536.
        let above = if low == 0x7bff {
            65536.0
        } else {
            Half(low + 1).value()
        };
        let (down, up) = (magnitude - Half(low).value(), above - magnitude);
        let round_up = up < down || up == down && low & 1 == 1;
        Half(sign | (low + u16::from(round_up)))
    }
}

impl Brain {
    pub(crate) fn value(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    /// The nearest bfloat16 of a single precision number, ties to even.
    pub(crate) fn nearest(value: f32) -> Self {
        if value.is_nan() {
            return Brain(0x7fff);
        }
        let bits = value.to_bits();
        let (kept, cut) = ((bits >> 16) as u16, bits & 0xffff);
        let round_up = cut > 0x8000 || cut == 0x8000 && kept & 1 == 1;
        Brain(kept + u16::from(round_up))
    }
}

macro_rules! half_word {
    ($($name:ident $nan:expr,)+) => {$(
        impl Word for $name {
            const CLASS: char = 'h';
            fn from_bits(bits: u64) -> Self {
                Self(bits as u16)
            }
            fn to_bits(self) -> u64 {
                u64::from(self.0)
            }
            fn samples() -> Vec<u64> {
                let edges = [0, 0x8000, 1, 0x8001, 0x3ff, 0x400, 0x3c00, 0xbc00, 0x7bff, 0xfbff];
                let more = [0x7c00, 0xfc00, 0x7e00, 0x3555, 0x4248, 0x3f80, 0x7f80, 0xff80, 0x4b00];
                edges.into_iter().chain(more).chain(scattered(8).map(|bits| bits & 0xffff)).collect()
            }
            fn same(expected: u64, got: u64) -> bool {
                let is_nan = |bits: u64| bits <= 0xffff && (bits as u16 & 0x7fff) > $nan;
                expected == got || is_nan(expected) && is_nan(got)
            }
        }
    )+};
}

half_word! { Half 0x7c00, Brain 0x7f80, }
