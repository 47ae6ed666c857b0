//! Types of operands: which patterns are worth trying, which results are as good as the right one. Read [`Kind`].

use super::exact::{BRAIN, DOUBLE, Format, HALF, SINGLE, TENSOR};

/// What one element of an operand is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Element {
    Unsigned,
    Signed,
    Bits,
    Float(Format),
    Predicate,
}

/// The type of an operand: one element or several side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kind {
    pub(crate) element: Element,
    /// Bits of an element.
    pub(crate) bits: u32,
    pub(crate) lanes: u32,
}

pub(crate) const WORD: Kind = Kind::one(Element::Unsigned, 32);
pub(crate) const PREDICATE: Kind = Kind::one(Element::Predicate, 1);

impl Kind {
    pub(crate) const fn one(element: Element, bits: u32) -> Self {
        Self {
            element,
            bits,
            lanes: 1,
        }
    }

    /// The type that a word of a form names.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let (scalar, lanes) = match word.split_once('x') {
            Some((scalar, lanes)) => (scalar, lanes.parse().ok()?),
            None => (word, 1),
        };
        let float = |format: Format| (Element::Float(format), format.bits);
        let (element, bits) = match scalar {
            "f16" => float(HALF),
            "bf16" => float(BRAIN),
            "f32" => float(SINGLE),
            "f64" => float(DOUBLE),
            "tf32" => (Element::Float(TENSOR), 32),
            "pred" => (Element::Predicate, 1),
            _ => {
                let (letter, bits) = scalar.split_at_checked(1)?;
                let bits: u32 = bits.parse().ok()?;
                let known = bits.is_power_of_two() && (8..=128).contains(&bits);
                match letter {
                    _ if !known => return None,
                    "u" => (Element::Unsigned, bits),
                    "s" => (Element::Signed, bits),
                    "b" => (Element::Bits, bits),
                    _ => return None,
                }
            }
        };
        Some(Self {
            element,
            bits,
            lanes,
        })
    }

    pub(crate) fn format(self) -> Option<Format> {
        match self.element {
            Element::Float(format) => Some(format),
            _ => None,
        }
    }

    pub(crate) fn mask(self) -> u128 {
        mask(self.bits)
    }

    /// The type of one lane.
    pub(crate) fn lane(self) -> Self {
        Self { lanes: 1, ..self }
    }

    /// An element's pattern as a whole number: signed types have a sign.
    pub(crate) fn integer(self, bits: u128) -> i128 {
        let bits = bits & self.mask();
        match self.element {
            Element::Signed if bits >> (self.bits - 1) == 1 => bits as i128 - (1 << self.bits),
            _ => bits as i128,
        }
    }

    /// The least and the greatest whole number of an element.
    pub(crate) fn range(self) -> (i128, i128) {
        match self.element {
            Element::Signed => (-(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1),
            _ => (0, (1 << self.bits) - 1),
        }
    }

    /// Each element of a pattern.
    pub(crate) fn split(self, bits: u128) -> Vec<u128> {
        let lane = |at| bits >> (at * self.bits) & self.mask();
        (0..self.lanes).map(lane).collect()
    }

    pub(crate) fn join(self, lanes: &[u128]) -> u128 {
        let lanes = lanes.iter().enumerate();
        lanes.fold(0, |all, (at, lane)| {
            all | (lane & self.mask()) << (at as u32 * self.bits)
        })
    }

    /// Patterns worth trying.
    pub(crate) fn samples(self) -> Vec<u128> {
        let lane = match self.element {
            Element::Predicate => vec![0, 1],
            Element::Float(format) => floats(format),
            _ => integers(self.bits),
        };
        if self.lanes == 1 {
            return lane;
        }
        let count = lane.len();
        let at =
            |index: usize, lane: u32| (index * (2 * lane as usize + 1) + lane as usize) % count;
        let patterns = (0..count).map(|index| {
            let lanes: Vec<u128> = (0..self.lanes).map(|l| lane[at(index, l)]).collect();
            self.join(&lanes)
        });
        patterns.collect()
    }

    /// Whether a result is as good as the right one: any value that is no number stands for all.
    pub(crate) fn same(self, right: u128, got: u128) -> bool {
        let lanes = self.split(right).into_iter().zip(self.split(got));
        lanes.into_iter().all(|(right, got)| match self.element {
            Element::Float(format) => {
                // The upper bits of a word are a number of `tf32`.
                let nan = |bits: u128| format.is_nan(bits as u64 >> (self.bits - format.bits));
                right == got || nan(right) && nan(got)
            }
            _ => right == got,
        })
    }
}

pub(crate) fn mask(bits: u32) -> u128 {
    match bits {
        128 => !0,
        _ => (1 << bits) - 1,
    }
}

/// A few numbers without pattern, the same in every run.
fn scattered(count: usize) -> impl Iterator<Item = u128> {
    let mut state = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835u128;
    (0..count).map(move |_| {
        state = state
            .wrapping_mul(0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645)
            .wrapping_add(0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F);
        state ^ (state >> 59)
    })
}

fn integers(bits: u32) -> Vec<u128> {
    let top = 1u128 << (bits - 1);
    let edges = [0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 100];
    let ends = [!0, !1, top, top - 1, top + 1, top >> 1];
    let all = edges.into_iter().chain(ends).chain(scattered(9));
    all.map(|value| value & mask(bits)).collect()
}

fn floats(format: Format) -> Vec<u128> {
    let normal = 1u64 << (format.precision - 1);
    let one = format.one();
    let infinity = format.largest + 1;
    let edges = [
        0,
        1,
        normal >> 1,
        normal - 1,
        normal,
        normal + 1,
        one - normal,
        one - 1,
        one,
        one + 1,
        one + (normal >> 1),
        one + normal,
        one + normal + (normal >> 1),
        one + normal * 3 / 2 + 1,
        one + 7 * normal + (normal >> 3) * 5,
        format.largest,
        format.largest - 1,
        infinity,
        format.nan,
    ];
    // Any digits, with exponents around that of one and anywhere.
    let near = scattered(6).map(|bits| {
        let digits = bits as u64 & (normal - 1);
        one - 3 * normal + ((bits >> 70) as u64 % 7) * normal + digits
    });
    let any = scattered(5).map(|bits| (bits >> 40) as u64 & (format.largest));
    let magnitudes: Vec<u64> = edges.into_iter().chain(near).chain(any).collect();
    let signed = magnitudes.iter().enumerate().flat_map(|(at, magnitude)| {
        let both = at < 18;
        let other = format.signed(*magnitude, true);
        [Some(*magnitude), (both || at % 2 == 0).then_some(other)]
    });
    signed.flatten().map(u128::from).collect()
}
