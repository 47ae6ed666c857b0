//! Integer operations that Rust has no word for. Read any; each is one PTX opcode.

use super::{
    access::NO_SLOT,
    lanes::{Raw, by_cpu, in_mask},
    op::{Flow, Op, OpFn, Slot},
    simd::Vectors,
    warp::Warp,
};

/// Division and high products, without a panic for any input.
pub(super) trait Int: Copy {
    /// `a / b`; all ones for `b == 0`.
    fn quotient(a: Self, b: Self) -> Self;
    /// `a % b`; `a` for `b == 0`.
    fn remainder(a: Self, b: Self) -> Self;
    /// The upper half of `a * b`.
    fn product_high(a: Self, b: Self) -> Self;
}

macro_rules! int {
    ($($ty:ty, $wide:ty;)+) => {$(
        impl Int for $ty {
            #[inline(always)]
            fn quotient(a: Self, b: Self) -> Self {
                if b == 0 { !0 } else { a.wrapping_div(b) }
            }

            #[inline(always)]
            fn remainder(a: Self, b: Self) -> Self {
                if b == 0 { a } else { a.wrapping_rem(b) }
            }

            #[inline(always)]
            fn product_high(a: Self, b: Self) -> Self {
                ((a as $wide * b as $wide) >> <$ty>::BITS) as $ty
            }
        }
    )+};
}

/// `a / b` by way of `f64`, which is exact for 32 bits: the quotient's rounding error is far below the
/// `1 / b` that separates it from the next whole number. Vectors can do this, and cannot divide integers.
#[inline(always)]
pub(super) fn quotient_u32(a: u32, b: u32) -> u32 {
    let whole = (f64::from(a) / f64::from(b)).floor();
    let bits = (whole + 4_503_599_627_370_496.0).to_bits() as u32;
    if b == 0 { u32::MAX } else { bits }
}

/// The same for signed numbers, rounding towards zero.
#[inline(always)]
pub(super) fn quotient_s32(a: i32, b: i32) -> i32 {
    let whole = (f64::from(a) / f64::from(b)).trunc();
    let bits = (whole + 6_755_399_441_055_744.0).to_bits() as i32;
    if b == 0 { -1 } else { bits }
}

int! { u16, u32; i16, i32; u32, u64; i32, i64; u64, u128; i64, i128; }

#[inline(always)]
pub(super) fn mul_hi_s32(a: i32, b: i32) -> i32 {
    i32::product_high(a, b)
}

/// `f` on both halves.
#[inline(always)]
pub(super) fn pair(a: u32, b: u32, f: impl Fn(u16, u16) -> u16) -> u32 {
    let low = f(a as u16, b as u16);
    let high = f((a >> 16) as u16, (b >> 16) as u16);
    u32::from(low) | (u32::from(high) << 16)
}

#[inline(always)]
pub(super) fn mul24_u(a: u32, b: u32) -> u64 {
    u64::from(a & 0xFF_FFFF) * u64::from(b & 0xFF_FFFF)
}

#[inline(always)]
pub(super) fn mul24_s(a: i32, b: i32) -> i64 {
    i64::from(a << 8 >> 8) * i64::from(b << 8 >> 8)
}

#[inline(always)]
pub(super) fn bfe_u32(a: u32, start: u32, len: u32) -> u32 {
    let (start, len) = (start & 0xFF, len & 0xFF);
    let shifted = a.checked_shr(start).unwrap_or(0);
    let mask = 1u32.checked_shl(len).unwrap_or(0).wrapping_sub(1);
    shifted & mask
}

#[inline(always)]
pub(super) fn bfe_u64(a: u64, start: u32, len: u32) -> u64 {
    let (start, len) = (start & 0xFF, len & 0xFF);
    let shifted = a.checked_shr(start).unwrap_or(0);
    let mask = 1u64.checked_shl(len).unwrap_or(0).wrapping_sub(1);
    shifted & mask
}

#[inline(always)]
pub(super) fn bfe_s32(a: i32, start: u32, len: u32) -> i32 {
    let (start, len) = (start & 0xFF, len & 0xFF);
    if len == 0 {
        return 0;
    }
    let wide = i64::from(a) >> start.min(63);
    let unused = 64 - len.min(64);
    (wide << unused >> unused) as i32
}

#[inline(always)]
pub(super) fn bfe_s64(a: i64, start: u32, len: u32) -> i64 {
    let (start, len) = (start & 0xFF, len & 0xFF);
    if len == 0 {
        return 0;
    }
    let wide = i128::from(a) >> start.min(127);
    let unused = 128 - len.min(128);
    (wide << unused >> unused) as i64
}

/// `bfi`: row `ext` holds the length.
pub(super) fn bfi<R: Raw>() -> OpFn {
    by_cpu!(bfi_body, [R: Raw], [R])
}

#[inline(always)]
fn bfi_body<V: Vectors, R: Raw>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let (a, b) = (w.row::<R>(op.a), w.row::<R>(op.b));
    let (start, len) = (w.row::<u32>(op.c), w.row::<u32>(Slot(op.ext)));
    let mut out = [R::default(); 32];
    for lane in 0..32 {
        let (at, len) = (start[lane] & 0xFF, len[lane] & 0xFF);
        let field = 1u64.checked_shl(len).unwrap_or(0).wrapping_sub(1);
        let field = field.checked_shl(at).unwrap_or(0);
        let value = a[lane].widen().checked_shl(at).unwrap_or(0);
        out[lane] = R::narrow((b[lane].widen() & !field) | (value & field));
    }
    w.commit_by::<V, _>(op.d, &out, mask);
    Flow::Next
}

/// `fns`: the position of the `offset`-th set bit from `base` on, upwards or downwards.
pub(super) fn fns(mask: u32, base: u32, offset: i32) -> u32 {
    if offset == 0 {
        return if base < 32 && mask >> base & 1 != 0 {
            base
        } else {
            u32::MAX
        };
    }
    let step = i64::from(offset.signum());
    let mut position = i64::from(base & 31);
    let mut left = offset.unsigned_abs();
    while (0..32).contains(&position) {
        if mask >> position & 1 != 0 {
            left -= 1;
            if left == 0 {
                return position as u32;
            }
        }
        position += step;
    }
    u32::MAX
}

/// `bfind`: the position of the highest set bit, or how far to shift it to the top; all ones for 0.
#[inline(always)]
pub(super) fn find(value: u64, width: u32, shift: bool) -> u32 {
    if value == 0 {
        return u32::MAX;
    }
    let position = 63 - value.leading_zeros();
    if shift {
        width - 1 - position
    } else {
        position
    }
}

#[inline(always)]
pub(super) fn mask_field(start: u32, len: u32) -> u32 {
    let ones = 1u32.checked_shl(len).unwrap_or(0).wrapping_sub(1);
    ones.checked_shl(start).unwrap_or(0)
}

#[inline(always)]
pub(super) fn funnel_left(low: u32, high: u32, by: u32) -> u32 {
    let wide = (u64::from(high) << 32) | u64::from(low);
    ((wide << by) >> 32) as u32
}

#[inline(always)]
pub(super) fn funnel_right(low: u32, high: u32, by: u32) -> u32 {
    let wide = (u64::from(high) << 32) | u64::from(low);
    (wide >> by) as u32
}

/// `prmt`: each nibble of `selector` picks a byte of `b:a`, or repeats its sign.
#[inline(always)]
pub(super) fn permute(a: u32, b: u32, selector: u32) -> u32 {
    let wide = (u64::from(b) << 32) | u64::from(a);
    let mut out = 0;
    for index in 0..4 {
        let nibble = (selector >> (index * 4)) & 0xF;
        let byte = (wide >> ((nibble & 7) * 8)) as u8;
        let byte = if nibble & 8 != 0 {
            ((byte as i8) >> 7) as u8
        } else {
            byte
        };
        out |= u32::from(byte) << (index * 8);
    }
    out
}

/// `prmt` with the selector in `imm`, none of whose nibbles repeats a sign.
pub(super) fn permute_fixed() -> OpFn {
    by_cpu!(permute_fixed_body, [], [])
}

#[inline(always)]
fn permute_fixed_body<V: Vectors>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let mut out = [0u32; 32];
    for index in 0..4 {
        let nibble = (op.imm >> (index * 4)) as u32 & 7;
        let from = w.row::<u32>(if nibble < 4 { op.a } else { op.b });
        let down = (nibble & 3) * 8;
        for lane in 0..32 {
            out[lane] |= ((from[lane] >> down) & 0xFF) << (index * 8);
        }
    }
    w.commit_by::<V, _>(op.d, &out, mask);
    Flow::Next
}

/// The selector that a mode of `prmt` stands for: 1 `f4e`, 2 `b4e`, 3 `rc8`, 4 `ecl`, 5 `ecr`, 6 `rc16`.
#[inline(always)]
pub(super) fn selector(mode: u32, c: u32) -> u32 {
    const TABLE: [[u16; 4]; 6] = [
        [0x3210, 0x4321, 0x5432, 0x6543],
        [0x5670, 0x6701, 0x7012, 0x0123],
        [0x0000, 0x1111, 0x2222, 0x3333],
        [0x3210, 0x3211, 0x3222, 0x3333],
        [0x0000, 0x1110, 0x2210, 0x3210],
        [0x1010, 0x3232, 0x1010, 0x3232],
    ];
    u32::from(TABLE[mode as usize - 1][(c & 3) as usize])
}

/// `lop3` with the table in `imm`.
pub(super) fn lop3() -> OpFn {
    by_cpu!(lop3_body, [], [])
}

#[inline(always)]
fn lop3_body<V: Vectors>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let (a, b, c) = (w.row::<u32>(op.a), w.row::<u32>(op.b), w.row::<u32>(op.c));
    let mut out = [0u32; 32];
    for entry in 0..8 {
        if op.imm >> entry & 1 == 0 {
            continue;
        }
        let flip = |bit: u32| if entry & bit != 0 { 0 } else { u32::MAX };
        let (fa, fb, fc) = (flip(4), flip(2), flip(1));
        for lane in 0..32 {
            out[lane] |= (a[lane] ^ fa) & (b[lane] ^ fb) & (c[lane] ^ fc);
        }
    }
    w.commit_by::<V, _>(op.d, &out, mask);
    Flow::Next
}

/// Sum of four products of bytes, and `c`.
#[inline(always)]
pub(super) fn dp4a(a: u32, b: u32, c: u32, a_signed: bool, b_signed: bool) -> u32 {
    let byte = |word: u32, index: u32, signed: bool| {
        let byte = (word >> (index * 8)) as u8;
        if signed {
            i32::from(byte as i8)
        } else {
            i32::from(byte)
        }
    };
    let mut sum = c;
    for index in 0..4 {
        let product = byte(a, index, a_signed) * byte(b, index, b_signed);
        sum = sum.wrapping_add(product as u32);
    }
    sum
}

/// Sum of two products of 16-bit and 8-bit numbers, and `c`; bits 0 and 1 of `signed` are for `a`, `b`.
#[inline(always)]
pub(super) fn dp2a(a: u32, b: u32, c: u32, signed: u32) -> u32 {
    let mut sum = c;
    for index in 0..2 {
        let x = (a >> (index * 16)) as u16;
        let y = (b >> (index * 8)) as u8;
        let x = if signed & 1 != 0 {
            i32::from(x as i16)
        } else {
            i32::from(x)
        };
        let y = if signed & 2 != 0 {
            i32::from(y as i8)
        } else {
            i32::from(y)
        };
        sum = sum.wrapping_add(x.wrapping_mul(y) as u32);
    }
    sum
}

/// `d = a + b + carry` or `a - b - borrow`: the carry comes in predicate `c` and leaves in `ext`.
pub(super) fn carry<R: Raw, const SUBTRACT: bool>() -> OpFn {
    by_cpu!(carry_body, [R: Raw, const SUBTRACT: bool], [R, SUBTRACT])
}

#[inline(always)]
fn carry_body<V: Vectors, R: Raw, const SUBTRACT: bool>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let (a, b) = (w.row::<R>(op.a), w.row::<R>(op.b));
    let carry_in = w.pred(op.c);
    let (mut out, mut carry_out) = ([R::default(); 32], 0u32);
    let width = size_of::<R>() * 8;
    for lane in 0..32 {
        let (x, y) = (u128::from(a[lane].widen()), u128::from(b[lane].widen()));
        let extra = u128::from(in_mask(carry_in, lane));
        let wide = if SUBTRACT {
            x.wrapping_sub(y).wrapping_sub(extra)
        } else {
            x + y + extra
        };
        out[lane] = R::narrow(wide as u64);
        carry_out |= ((wide >> width) as u32 & 1) << lane;
    }
    w.commit_by::<V, _>(op.d, &out, mask);
    if op.ext != NO_SLOT {
        w.commit_pred(Slot(op.ext), carry_out, mask);
    }
    Flow::Next
}

macro_rules! pred_op {
    ($($name:ident: |$a:ident, $b:ident| $body:expr;)+) => {$(
        /// Of predicates; bits 0 and 1 of `imm` complement the operands first.
        pub(super) fn $name(w: &mut Warp, op: &Op) -> Flow {
            let mask = w.mask(op);
            let flip = |bit: u64| 0u32.wrapping_sub((op.imm >> bit) as u32 & 1);
            let ($a, $b) = (w.pred(op.a) ^ flip(0), w.pred(op.b) ^ flip(1));
            w.commit_pred(op.d, $body, mask);
            Flow::Next
        }
    )+};
}

pred_op! {
    pred_and: |a, b| a & b;
    pred_or: |a, b| a | b;
    pred_xor: |a, b| a ^ b;
    pred_not: |a, _b| !a;
    pred_copy: |a, _b| a;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_extraction_matches_bit_by_bit_definition() {
        let slow = |a: i32, start: u32, len: u32| {
            let (start, len) = (start & 0xFF, len & 0xFF);
            let top = (start + len).saturating_sub(1).min(31);
            let sign = if len == 0 { 0 } else { (a >> top) & 1 };
            (0..32u32).fold(0, |out, index| {
                let inside = index < len && start + index <= 31;
                let bit = if inside {
                    (a >> (start + index)) & 1
                } else {
                    sign
                };
                out | bit << index
            })
        };
        for a in [0, 1, -1, 0x1234_5678, i32::MIN, 0x7FFF_0001] {
            for start in [0, 1, 5, 31, 32, 40, 255] {
                for len in [0, 1, 7, 31, 32, 33, 64, 255] {
                    assert_eq!(
                        bfe_s32(a, start, len),
                        slow(a, start, len),
                        "{a:#x} {start} {len}"
                    );
                }
            }
        }
    }

    #[test]
    fn permute_picks_bytes_and_signs() {
        assert_eq!(permute(0x3322_1100, 0x7766_5544, 0x7531), 0x7755_3311);
        assert_eq!(permute(0x0000_0080, 0, 0x8888), 0xFFFF_FFFF);
        assert_eq!(permute(1, 2, selector(6, 1)), 0);
    }

    #[test]
    fn quotients_by_way_of_f64_are_exact() {
        let edges = [
            0,
            1,
            2,
            3,
            7,
            10,
            0x7FFF_FFFF,
            0x8000_0000,
            0xFFFF_FFFE,
            u32::MAX,
        ];
        let mut state = 9u32;
        for round in 0..200_000u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let a = if round < 100 {
                edges[round as usize / 10]
            } else {
                state
            };
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let b = match round {
                0..100 => edges[round as usize % 10],
                _ => state >> (round % 32),
            };
            assert_eq!(
                quotient_u32(a, b),
                <u32 as Int>::quotient(a, b),
                "{a} / {b}"
            );
            let (x, y) = (a as i32, b as i32);
            assert_eq!(
                quotient_s32(x, y),
                <i32 as Int>::quotient(x, y),
                "{x} / {y}"
            );
            // A multiple and its neighbours are the hard cases.
            let multiple = b.wrapping_mul(a % 1000);
            for a in [multiple, multiple.wrapping_sub(1), multiple.wrapping_add(1)] {
                assert_eq!(
                    quotient_u32(a, b),
                    <u32 as Int>::quotient(a, b),
                    "{a} / {b}"
                );
            }
        }
    }

    #[test]
    fn nth_set_bit_counts_from_the_base() {
        assert_eq!(fns(0b1011, 0, 2), 1);
        assert_eq!(fns(0b1011, 3, -2), 1);
        assert_eq!(fns(0b1011, 2, 0), u32::MAX);
        assert_eq!(fns(0b1011, 4, 1), u32::MAX);
    }
}
