//! Video instructions: parts of 32-bit registers, one operation on them, a second one with a third operand.
//! Devices have no units for most of them any more and neither has this file: it is plain scalar code. Read
//! [`Plan`] and [`execute`].

use super::{
    op::{Flow, Op, lanes},
    warp::Warp,
};

/// The first operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Action {
    Add,
    Sub,
    AbsDiff,
    Min,
    Max,
    Average,
    ShiftLeft,
    ShiftRight,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// What is done with the result and operand `c`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Second {
    Nothing,
    Add,
    Min,
    Max,
    /// The result replaces the destination's part of `c`.
    Merge,
}

/// One scalar video instruction, or a SIMD one on two halves or four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) action: Action,
    pub(super) second: Second,
    pub(super) signed_a: bool,
    pub(super) signed_b: bool,
    pub(super) signed_d: bool,
    pub(super) saturate: bool,
    /// Shifts: `.wrap` rather than `.clamp`.
    pub(super) wrap: bool,
    /// 1, or the number of lanes of a SIMD instruction.
    pub(super) lanes: u32,
    /// Scalar: the part of `a`, of `b`, and of the destination. SIMD: a digit of four bits for each lane, lane 0
    /// lowest; of the destination a bit a lane.
    pub(super) parts: [u32; 3],
}

/// A part of a register as a number: the whole, a byte, a half.
pub(super) mod part {
    pub(in crate::exec) const WHOLE: u32 = 0;
    pub(in crate::exec) const BYTE: u32 = 8;
    pub(in crate::exec) const HALF: u32 = 16;
}

const ACTIONS: [Action; 14] = [
    Action::Add,
    Action::Sub,
    Action::AbsDiff,
    Action::Min,
    Action::Max,
    Action::Average,
    Action::ShiftLeft,
    Action::ShiftRight,
    Action::Eq,
    Action::Ne,
    Action::Lt,
    Action::Le,
    Action::Gt,
    Action::Ge,
];

const SECONDS: [Second; 5] = [
    Second::Nothing,
    Second::Add,
    Second::Min,
    Second::Max,
    Second::Merge,
];

impl Plan {
    /// As words of a list.
    pub(super) fn words(self) -> [u32; 7] {
        let flags = [
            self.signed_a,
            self.signed_b,
            self.signed_d,
            self.saturate,
            self.wrap,
        ];
        let flags = flags
            .iter()
            .rev()
            .fold(0, |all, flag| all << 1 | u32::from(*flag));
        let [a, b, d] = self.parts;
        [
            self.action as u32,
            self.second as u32,
            flags,
            self.lanes,
            a,
            b,
            d,
        ]
    }

    fn from_words(words: &[u32]) -> Self {
        let flag = |bit: u32| words[2] >> bit & 1 != 0;
        Self {
            action: ACTIONS[words[0] as usize],
            second: SECONDS[words[1] as usize],
            signed_a: flag(0),
            signed_b: flag(1),
            signed_d: flag(2),
            saturate: flag(3),
            wrap: flag(4),
            lanes: words[3],
            parts: [words[4], words[5], words[6]],
        }
    }

    /// The result for one thread.
    pub(super) fn apply(&self, a: u32, b: u32, c: u32) -> u32 {
        if self.lanes == 1 {
            return self.scalar(a, b, c);
        }
        self.simd(a, b, c)
    }

    fn scalar(&self, a: u32, b: u32, c: u32) -> u32 {
        let x = extract(a, self.parts[0], self.signed_a);
        let y = extract(b, self.parts[1], self.signed_b);
        let mut value = self.first(x, y);
        if self.saturate {
            value = clamp(value, bits_of(self.parts[2]), self.signed_d);
        }
        let other = if self.signed_d {
            i64::from(c as i32)
        } else {
            i64::from(c)
        };
        // The second operation sees the result as the destination's type would hold it.
        let cut = if self.signed_d {
            i64::from(value as i32)
        } else {
            i64::from(value as u32)
        };
        match self.second {
            Second::Nothing => value as u32,
            Second::Add => (value as u32).wrapping_add(c),
            Second::Min => cut.min(other) as u32,
            Second::Max => cut.max(other) as u32,
            Second::Merge => merge(c, value as u32, self.parts[2]),
        }
    }

    fn first(&self, x: i64, y: i64) -> i64 {
        let amount = if self.wrap { y & 31 } else { y.clamp(0, 32) } as u32;
        match self.action {
            Action::Add => x + y,
            Action::Sub => x - y,
            Action::AbsDiff => (x - y).abs(),
            Action::Min => x.min(y),
            Action::Max => x.max(y),
            Action::Average => (x + y + i64::from(x + y >= 0)) >> 1,
            // Nothing is left of a word shifted by 32 but that it was too large.
            Action::ShiftLeft if amount == 32 => x.signum() << 40,
            Action::ShiftLeft => x << amount,
            Action::ShiftRight => x >> amount,
            Action::Eq => i64::from(x == y),
            Action::Ne => i64::from(x != y),
            Action::Lt => i64::from(x < y),
            Action::Le => i64::from(x <= y),
            Action::Gt => i64::from(x > y),
            Action::Ge => i64::from(x >= y),
        }
    }

    /// Parts are chosen among those of `a` (the lower numbers) and of `b`.
    fn simd(&self, a: u32, b: u32, c: u32) -> u32 {
        let bits = 32 / self.lanes;
        let both = u64::from(a) | u64::from(b) << 32;
        let pick = |digits: u32, lane: u32, signed: bool| {
            let digit = digits >> (4 * lane) & 0xF;
            let field = (both >> (digit * bits)) as u32;
            extract(field, bits, signed)
        };
        let mut result = c;
        for lane in 0..self.lanes {
            if self.parts[2] >> lane & 1 == 0 {
                continue;
            }
            let x = pick(self.parts[0], lane, self.signed_a);
            let y = pick(self.parts[1], lane, self.signed_b);
            let mut value = self.first(x, y);
            if self.saturate {
                value = clamp(value, bits, self.signed_d);
            }
            if self.second == Second::Add {
                result = result.wrapping_add(value as u32);
                continue;
            }
            let mask = (u32::MAX >> (32 - bits)) << (lane * bits);
            result = result & !mask | (value as u32) << (lane * bits) & mask;
        }
        result
    }
}

/// Bits of a part.
fn bits_of(part: u32) -> u32 {
    match part {
        part::WHOLE => 32,
        part if part < part::HALF => 8,
        _ => 16,
    }
}

/// A part of `word` as a number. Parts are `WHOLE`, `BYTE` or `HALF` plus their index.
fn extract(word: u32, part: u32, signed: bool) -> i64 {
    let bits = bits_of(part);
    let index = if part == part::WHOLE { 0 } else { part & 7 };
    let field = word >> (index * bits) << (32 - bits);
    if signed {
        i64::from(field as i32 >> (32 - bits))
    } else {
        i64::from(field >> (32 - bits))
    }
}

fn clamp(value: i64, bits: u32, signed: bool) -> i64 {
    if signed {
        value.clamp(-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        value.clamp(0, (1 << bits) - 1)
    }
}

/// `word` with `value` in one part.
fn merge(word: u32, value: u32, part: u32) -> u32 {
    let bits = bits_of(part);
    let index = if part == part::WHOLE { 0 } else { part & 7 };
    let mask = (u32::MAX >> (32 - bits)) << (index * bits);
    word & !mask | value << (index * bits) & mask
}

/// All video instructions but `vmad`: rows `a`, `b`, `c`; the list holds the plan.
pub(super) fn execute(w: &mut Warp, op: &Op) -> Flow {
    let plan = Plan::from_words(w.list(op.ext));
    let (a, b, c) = (
        *w.row::<u32>(op.a),
        *w.row::<u32>(op.b),
        *w.row::<u32>(op.c),
    );
    let mask = w.mask(op);
    let mut out = [0; 32];
    for lane in lanes(mask) {
        out[lane] = plan.apply(a[lane], b[lane], c[lane]);
    }
    w.commit(op.d, &out, mask);
    Flow::Next
}

/// `vmad`: what its words and signs say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) signed_a: bool,
    pub(super) signed_b: bool,
    /// `-a` or `-b`.
    pub(super) negate_product: bool,
    /// `-c`.
    pub(super) negate_sum: bool,
    /// `.po`: one is added.
    pub(super) plus_one: bool,
    pub(super) saturate: bool,
    /// `.shr7`, `.shr15`.
    pub(super) shift: u32,
    pub(super) parts: [u32; 2],
}

impl Product {
    /// As words of a list.
    pub(super) fn words(self) -> [u32; 4] {
        let flags = [
            self.signed_a,
            self.signed_b,
            self.negate_product,
            self.negate_sum,
            self.plus_one,
            self.saturate,
        ];
        let flags = flags
            .iter()
            .rev()
            .fold(0, |all, flag| all << 1 | u32::from(*flag));
        [flags, self.shift, self.parts[0], self.parts[1]]
    }

    fn from_words(words: &[u32]) -> Self {
        let flag = |bit: u32| words[0] >> bit & 1 != 0;
        Self {
            signed_a: flag(0),
            signed_b: flag(1),
            negate_product: flag(2),
            negate_sum: flag(3),
            plus_one: flag(4),
            saturate: flag(5),
            shift: words[1],
            parts: [words[2], words[3]],
        }
    }

    /// The product of at most 66 bits, the sum and the shift are exact in 128.
    fn apply(&self, a: u32, b: u32, c: u32) -> u32 {
        let x = i128::from(extract(a, self.parts[0], self.signed_a));
        let y = i128::from(extract(b, self.parts[1], self.signed_b));
        let signed = self.signed_a || self.signed_b || self.negate_product || self.negate_sum;
        let c = if signed {
            i128::from(c as i32)
        } else {
            i128::from(c)
        };
        let product = if self.negate_product { -(x * y) } else { x * y };
        let sum = product + if self.negate_sum { -c } else { c } + i128::from(self.plus_one);
        let value = sum >> self.shift;
        if !self.saturate {
            return value as u32;
        }
        if signed {
            value.clamp(i128::from(i32::MIN), i128::from(i32::MAX)) as u32
        } else {
            value.clamp(0, i128::from(u32::MAX)) as u32
        }
    }
}

/// `vmad`: rows `a`, `b`, `c`; the list holds the [`Product`].
pub(super) fn multiply_add(w: &mut Warp, op: &Op) -> Flow {
    let product = Product::from_words(w.list(op.ext));
    let (a, b, c) = (
        *w.row::<u32>(op.a),
        *w.row::<u32>(op.b),
        *w.row::<u32>(op.c),
    );
    let mask = w.mask(op);
    let mut out = [0; 32];
    for lane in lanes(mask) {
        out[lane] = product.apply(a[lane], b[lane], c[lane]);
    }
    w.commit(op.d, &out, mask);
    Flow::Next
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan = Plan {
        action: Action::Add,
        second: Second::Nothing,
        signed_a: false,
        signed_b: true,
        signed_d: true,
        saturate: true,
        wrap: true,
        lanes: 1,
        parts: [part::BYTE + 2, part::HALF + 1, part::WHOLE],
    };

    #[test]
    fn plans_survive_their_words() {
        assert_eq!(Plan::from_words(&PLAN.words()), PLAN);
        let product = Product {
            signed_a: true,
            signed_b: false,
            negate_product: true,
            negate_sum: false,
            plus_one: true,
            saturate: false,
            shift: 15,
            parts: [part::BYTE + 3, part::WHOLE],
        };
        assert_eq!(Product::from_words(&product.words()), product);
    }

    #[test]
    fn parts_extend_by_their_sign() {
        assert_eq!(extract(0x12F4_5678, part::BYTE + 2, true), -12);
        assert_eq!(extract(0x12F4_5678, part::BYTE + 2, false), 0xF4);
        assert_eq!(
            extract(0x82F4_5678, part::HALF + 1, true),
            0x82F4 - 0x1_0000
        );
        assert_eq!(extract(u32::MAX, part::WHOLE, true), -1);
        assert_eq!(PLAN.apply(0x00F0_0000, 0xFFFF_0000, 0), 0xEF);
    }
}
