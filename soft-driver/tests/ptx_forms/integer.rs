//! Integer arithmetic, logic, shifts, bit operations, selection, comparison.

use crate::support::{binary, binary_where, ternary, text, unary};

#[test]
fn addition_and_subtraction_wrap() {
    binary::<u16, u16, u16>("add.u16", u16::wrapping_add);
    binary::<i16, i16, i16>("add.s16", i16::wrapping_add);
    binary::<u32, u32, u32>("add.u32", u32::wrapping_add);
    binary::<i32, i32, i32>("add.s32", i32::wrapping_add);
    binary::<u64, u64, u64>("add.u64", u64::wrapping_add);
    binary::<i64, i64, i64>("add.s64", i64::wrapping_add);
    binary::<i16, i16, i16>("sub.s16", i16::wrapping_sub);
    binary::<u32, u32, u32>("sub.u32", u32::wrapping_sub);
    binary::<i32, i32, i32>("sub.s32", i32::wrapping_sub);
    binary::<i64, i64, i64>("sub.s64", i64::wrapping_sub);
}

#[test]
fn saturating_addition_clamps() {
    binary::<i32, i32, i32>("add.sat.s32", i32::saturating_add);
    binary::<i32, i32, i32>("sub.sat.s32", i32::saturating_sub);
}

#[test]
fn carry_chains_give_wide_results() {
    text::<u32, u32, u32, u32>(
        "add.cc.u32 %r9, {a}, {b}; addc.cc.u32 %r9, {c}, {c}; addc.u32 {d}, 0, 0;",
        |a, b, c| {
            let carry = (u64::from(a) + u64::from(b)) >> 32;
            ((2 * u64::from(c) + carry) >> 32) as u32
        },
    );
    text::<u64, u64, u64, u64>(
        "add.cc.u64 {d}, {a}, {b}; addc.u64 {d}, {c}, 0;",
        |a, b, c| c.wrapping_add(u64::from(a.checked_add(b).is_none())),
    );
    text::<u32, u32, u32, u32>(
        "sub.cc.u32 %r9, {a}, {b}; subc.u32 {d}, {c}, 0;",
        |a, b, c| c.wrapping_sub(u32::from(a < b)),
    );
    text::<u32, u32, u32, u32>(
        "mad.lo.cc.u32 %r8, {a}, {b}, {c}; madc.hi.u32 {d}, {a}, {b}, 5;",
        |a, b, c| {
            let carry = (u64::from(a.wrapping_mul(b)) + u64::from(c)) >> 32;
            (((u64::from(a) * u64::from(b)) >> 32) + 5 + carry) as u32
        },
    );
}

#[test]
fn multiplication_gives_low_high_and_wide() {
    binary::<u16, u16, u16>("mul.lo.u16", u16::wrapping_mul);
    binary::<i16, i16, i16>("mul.lo.s16", i16::wrapping_mul);
    binary::<i32, i32, i32>("mul.lo.s32", i32::wrapping_mul);
    binary::<u32, u32, u32>("mul.lo.u32", u32::wrapping_mul);
    binary::<i64, i64, i64>("mul.lo.s64", i64::wrapping_mul);
    binary::<u64, u64, u64>("mul.lo.u64", u64::wrapping_mul);
    binary::<u16, u16, u16>("mul.hi.u16", |a, b| {
        ((u32::from(a) * u32::from(b)) >> 16) as u16
    });
    binary::<i16, i16, i16>("mul.hi.s16", |a, b| {
        ((i32::from(a) * i32::from(b)) >> 16) as i16
    });
    binary::<i32, i32, i32>("mul.hi.s32", |a, b| {
        ((i64::from(a) * i64::from(b)) >> 32) as i32
    });
    binary::<u32, u32, u32>("mul.hi.u32", |a, b| {
        ((u64::from(a) * u64::from(b)) >> 32) as u32
    });
    binary::<i64, i64, i64>("mul.hi.s64", |a, b| {
        ((i128::from(a) * i128::from(b)) >> 64) as i64
    });
    binary::<u64, u64, u64>("mul.hi.u64", |a, b| {
        ((u128::from(a) * u128::from(b)) >> 64) as u64
    });
    binary::<u32, u16, u16>("mul.wide.u16", |a, b| u32::from(a) * u32::from(b));
    binary::<i32, i16, i16>("mul.wide.s16", |a, b| i32::from(a) * i32::from(b));
    binary::<u64, u32, u32>("mul.wide.u32", |a, b| u64::from(a) * u64::from(b));
    binary::<i64, i32, i32>("mul.wide.s32", |a, b| i64::from(a) * i64::from(b));
}

#[test]
fn multiply_add_adds_to_the_chosen_part() {
    ternary::<i16, i16, i16, i16>("mad.lo.s16", |a, b, c| a.wrapping_mul(b).wrapping_add(c));
    ternary::<i32, i32, i32, i32>("mad.lo.s32", |a, b, c| a.wrapping_mul(b).wrapping_add(c));
    ternary::<u32, u32, u32, u32>("mad.lo.u32", |a, b, c| a.wrapping_mul(b).wrapping_add(c));
    ternary::<i64, i64, i64, i64>("mad.lo.s64", |a, b, c| a.wrapping_mul(b).wrapping_add(c));
    ternary::<i32, i32, i32, i32>("mad.hi.s32", |a, b, c| {
        (((i64::from(a) * i64::from(b)) >> 32) as i32).wrapping_add(c)
    });
    ternary::<u32, u32, u32, u32>("mad.hi.u32", |a, b, c| {
        (((u64::from(a) * u64::from(b)) >> 32) as u32).wrapping_add(c)
    });
    ternary::<u64, u32, u32, u64>("mad.wide.u32", |a, b, c| {
        (u64::from(a) * u64::from(b)).wrapping_add(c)
    });
    ternary::<i64, i32, i32, i64>("mad.wide.s32", |a, b, c| {
        (i64::from(a) * i64::from(b)).wrapping_add(c)
    });
    ternary::<i32, i16, i16, i32>("mad.wide.s16", |a, b, c| {
        (i32::from(a) * i32::from(b)).wrapping_add(c)
    });
}

#[test]
fn multiplication_of_24_bits_ignores_the_rest() {
    let signed = |value: i32| i64::from(value << 8 >> 8);
    let unsigned = |value: u32| u64::from(value & 0xff_ffff);
    binary::<i32, i32, i32>("mul24.lo.s32", |a, b| (signed(a) * signed(b)) as i32);
    binary::<u32, u32, u32>("mul24.lo.u32", |a, b| (unsigned(a) * unsigned(b)) as u32);
    binary::<i32, i32, i32>("mul24.hi.s32", |a, b| {
        ((signed(a) * signed(b)) >> 16) as i32
    });
    binary::<u32, u32, u32>("mul24.hi.u32", |a, b| {
        ((unsigned(a) * unsigned(b)) >> 16) as u32
    });
    ternary::<i32, i32, i32, i32>("mad24.lo.s32", |a, b, c| {
        ((signed(a) * signed(b)) as i32).wrapping_add(c)
    });
}

#[test]
fn division_truncates_and_remainder_has_the_sign_of_the_dividend() {
    binary_where::<u16, u16, u16>("div.u16", u16::checked_div);
    binary_where::<i16, i16, i16>("div.s16", i16::checked_div);
    binary_where::<u32, u32, u32>("div.u32", u32::checked_div);
    binary_where::<i32, i32, i32>("div.s32", i32::checked_div);
    binary_where::<u64, u64, u64>("div.u64", u64::checked_div);
    binary_where::<i64, i64, i64>("div.s64", i64::checked_div);
    binary_where::<u16, u16, u16>("rem.u16", u16::checked_rem);
    binary_where::<u32, u32, u32>("rem.u32", u32::checked_rem);
    binary_where::<i32, i32, i32>("rem.s32", i32::checked_rem);
    binary_where::<u64, u64, u64>("rem.u64", u64::checked_rem);
    binary_where::<i64, i64, i64>("rem.s64", i64::checked_rem);
}

#[test]
fn sign_and_extremes_follow_the_type() {
    unary::<i16, i16>("abs.s16", i16::wrapping_abs);
    unary::<i32, i32>("abs.s32", i32::wrapping_abs);
    unary::<i64, i64>("abs.s64", i64::wrapping_abs);
    unary::<i16, i16>("neg.s16", i16::wrapping_neg);
    unary::<i32, i32>("neg.s32", i32::wrapping_neg);
    unary::<i64, i64>("neg.s64", i64::wrapping_neg);
    binary::<u16, u16, u16>("min.u16", Ord::min);
    binary::<i16, i16, i16>("max.s16", Ord::max);
    binary::<u32, u32, u32>("min.u32", Ord::min);
    binary::<i32, i32, i32>("min.s32", Ord::min);
    binary::<u32, u32, u32>("max.u32", Ord::max);
    binary::<i32, i32, i32>("max.s32", Ord::max);
    binary::<u64, u64, u64>("min.u64", Ord::min);
    binary::<i64, i64, i64>("min.s64", Ord::min);
    binary::<u64, u64, u64>("max.u64", Ord::max);
    binary::<i64, i64, i64>("max.s64", Ord::max);
    ternary::<i32, i32, i32, i32>("sad.s32", |a, b, c| c.wrapping_add(a.abs_diff(b) as i32));
    ternary::<u32, u32, u32, u32>("sad.u32", |a, b, c| c.wrapping_add(a.abs_diff(b)));
    ternary::<u64, u64, u64, u64>("sad.u64", |a, b, c| c.wrapping_add(a.abs_diff(b)));
}

#[test]
fn logic_works_on_every_width() {
    binary::<u16, u16, u16>("and.b16", |a, b| a & b);
    binary::<u32, u32, u32>("and.b32", |a, b| a & b);
    binary::<u64, u64, u64>("and.b64", |a, b| a & b);
    binary::<u16, u16, u16>("or.b16", |a, b| a | b);
    binary::<u32, u32, u32>("or.b32", |a, b| a | b);
    binary::<u64, u64, u64>("or.b64", |a, b| a | b);
    binary::<u16, u16, u16>("xor.b16", |a, b| a ^ b);
    binary::<u32, u32, u32>("xor.b32", |a, b| a ^ b);
    binary::<u64, u64, u64>("xor.b64", |a, b| a ^ b);
    unary::<u16, u16>("not.b16", |a| !a);
    unary::<u32, u32>("not.b32", |a| !a);
    unary::<u64, u64>("not.b64", |a| !a);
    unary::<u32, u32>("cnot.b32", |a| u32::from(a == 0));
    binary::<bool, bool, bool>("and.pred", |a, b| a && b);
    binary::<bool, bool, bool>("or.pred", |a, b| a || b);
    binary::<bool, bool, bool>("xor.pred", |a, b| a != b);
    unary::<bool, bool>("not.pred", |a| !a);
    unary::<bool, bool>("mov.pred", |a| a);
}

#[test]
fn lop3_follows_its_table() {
    for table in [0x80u32, 0xfe, 0x96, 0xe8, 0x1a, 0x00, 0xff] {
        text::<u32, u32, u32, u32>(
            &format!("lop3.b32 {{d}}, {{a}}, {{b}}, {{c}}, {table};"),
            |a, b, c| {
                (0..32).fold(0, |word, bit| {
                    let index = (a >> bit & 1) << 2 | (b >> bit & 1) << 1 | (c >> bit & 1);
                    word | (table >> index & 1) << bit
                })
            },
        );
    }
}

#[test]
fn shifts_clamp_their_amount() {
    binary::<u16, u16, u32>("shl.b16", |a, b| a.checked_shl(b).unwrap_or(0));
    binary::<u32, u32, u32>("shl.b32", |a, b| a.checked_shl(b).unwrap_or(0));
    binary::<u64, u64, u32>("shl.b64", |a, b| a.checked_shl(b).unwrap_or(0));
    binary::<u16, u16, u32>("shr.u16", |a, b| a.checked_shr(b).unwrap_or(0));
    binary::<u32, u32, u32>("shr.u32", |a, b| a.checked_shr(b).unwrap_or(0));
    binary::<u64, u64, u32>("shr.u64", |a, b| a.checked_shr(b).unwrap_or(0));
    binary::<u32, u32, u32>("shr.b32", |a, b| a.checked_shr(b).unwrap_or(0));
    binary::<i16, i16, u32>("shr.s16", |a, b| a >> b.min(15));
    binary::<i32, i32, u32>("shr.s32", |a, b| a >> b.min(31));
    binary::<i64, i64, u32>("shr.s64", |a, b| a >> b.min(63));
}

#[test]
fn funnel_shifts_take_both_words() {
    let wide = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
    ternary::<u32, u32, u32, u32>("shf.l.wrap.b32", |a, b, c| {
        (wide(a, b) << (c & 31) >> 32) as u32
    });
    ternary::<u32, u32, u32, u32>("shf.r.wrap.b32", |a, b, c| (wide(a, b) >> (c & 31)) as u32);
    ternary::<u32, u32, u32, u32>("shf.l.clamp.b32", |a, b, c| {
        ((u128::from(wide(a, b)) << c.min(32)) >> 32) as u32
    });
    ternary::<u32, u32, u32, u32>("shf.r.clamp.b32", |a, b, c| {
        (wide(a, b) >> c.min(32)) as u32
    });
}

#[test]
fn bits_are_counted_found_and_reversed() {
    unary::<u32, u32>("popc.b32", u32::count_ones);
    unary::<u32, u64>("popc.b64", u64::count_ones);
    unary::<u32, u32>("clz.b32", u32::leading_zeros);
    unary::<u32, u64>("clz.b64", u64::leading_zeros);
    unary::<u32, u32>("brev.b32", u32::reverse_bits);
    unary::<u64, u64>("brev.b64", u64::reverse_bits);
    unary::<u32, u32>("bfind.u32", |a| a.checked_ilog2().unwrap_or(u32::MAX));
    unary::<u32, u64>("bfind.u64", |a| a.checked_ilog2().unwrap_or(u32::MAX));
    unary::<u32, i32>("bfind.s32", |a| {
        ((a ^ a >> 31) as u32).checked_ilog2().unwrap_or(u32::MAX)
    });
    unary::<u32, u32>("bfind.shiftamt.u32", |a| {
        a.checked_ilog2().map_or(u32::MAX, |highest| 31 - highest)
    });
}

/// The field of `length` bits at `position`, with zeros above the word.
fn field(value: u64, position: u32, length: u32) -> u64 {
    let low = value.checked_shr(position).unwrap_or(0);
    if length >= 64 {
        low
    } else {
        low & ((1 << length) - 1)
    }
}

/// The field, filled with the sign: the field's highest bit, or the word's where it ends before.
fn signed_field(value: u64, bits: u32, position: u32, length: u32) -> u64 {
    if length == 0 {
        return 0;
    }
    let sign_at = (position + length - 1).min(bits - 1);
    let sign = value >> sign_at & 1;
    let mut result = field(value, position, length);
    for bit in 0..64 {
        if position + bit > sign_at || bit >= length {
            result = result & !(1 << bit) | sign << bit;
        }
    }
    result
}

#[test]
fn bit_fields_are_extracted_and_inserted() {
    let byte = |value: u32| value & 0xff;
    ternary::<u32, u32, u32, u32>("bfe.u32", |a, b, c| {
        field(u64::from(a), byte(b), byte(c)) as u32
    });
    ternary::<u64, u64, u32, u32>("bfe.u64", |a, b, c| field(a, byte(b), byte(c)));
    ternary::<u32, u32, u32, u32>("bfe.s32", |a, b, c| {
        signed_field(u64::from(a), 32, byte(b), byte(c)) as u32
    });
    ternary::<u64, u64, u32, u32>("bfe.s64", |a, b, c| signed_field(a, 64, byte(b), byte(c)));
    for (position, length) in [
        (0, 8),
        (4, 12),
        (16, 16),
        (28, 9),
        (31, 1),
        (40, 3),
        (5, 0),
        (0, 32),
    ] {
        let mask = |bits: u32| -> u64 {
            let ones = if length >= 64 {
                !0
            } else {
                (1u64 << length) - 1
            };
            if position >= bits {
                0
            } else {
                ones << position
            }
        };
        text::<u32, u32, u32, u32>(
            &format!("bfi.b32 {{d}}, {{a}}, {{b}}, {position}, {length};"),
            |a, b, _| {
                let mask = mask(32) as u32;
                b & !mask | (u64::from(a) << position) as u32 & mask
            },
        );
        text::<u64, u64, u64, u32>(
            &format!("bfi.b64 {{d}}, {{a}}, {{b}}, {position}, {length};"),
            |a, b, _| b & !mask(64) | a << position & mask(64),
        );
    }
}

#[test]
fn prmt_picks_bytes_in_every_mode() {
    let bytes = |a: u32, b: u32| (u64::from(b) << 32 | u64::from(a)).to_le_bytes();
    let pick = move |a: u32, b: u32, indices: [u32; 4]| {
        u32::from_le_bytes(indices.map(|index| bytes(a, b)[index as usize & 7]))
    };
    ternary::<u32, u32, u32, u32>("prmt.b32", |a, b, c| {
        let mut result = [0; 4];
        for (place, byte) in result.iter_mut().enumerate() {
            let selector = c >> (4 * place) & 15;
            let picked = bytes(a, b)[selector as usize & 7];
            *byte = if selector & 8 == 0 {
                picked
            } else {
                ((picked as i8) >> 7) as u8
            };
        }
        u32::from_le_bytes(result)
    });
    let check = |mode: &str, indices: fn(u32) -> [u32; 4]| {
        ternary::<u32, u32, u32, u32>(&format!("prmt.b32.{mode}"), |a, b, c| {
            pick(a, b, indices(c & 3))
        });
    };
    check("f4e", |s| [s, s + 1, s + 2, s + 3]);
    check("b4e", |s| [s, s + 7, s + 6, s + 5]);
    check("rc8", |s| [s; 4]);
    check("ecl", |s| [0, 1, 2, 3].map(|place: u32| place.max(s)));
    check("ecr", |s| [0, 1, 2, 3].map(|place: u32| place.min(s)));
    check("rc16", |s| {
        if s & 1 == 0 {
            [0, 1, 0, 1]
        } else {
            [2, 3, 2, 3]
        }
    });
}

#[test]
fn dot_products_sum_bytes_and_halves() {
    let signed = |value: u32| value.to_le_bytes().map(|byte| i32::from(byte as i8));
    let unsigned = |value: u32| value.to_le_bytes().map(i32::from);
    let dot = |a: [i32; 4], b: [i32; 4], c: u32| {
        a.iter()
            .zip(b)
            .fold(c as i32, |sum, (a, b)| sum.wrapping_add(a * b)) as u32
    };
    ternary::<u32, u32, u32, u32>("dp4a.s32.s32", |a, b, c| dot(signed(a), signed(b), c));
    ternary::<u32, u32, u32, u32>("dp4a.u32.u32", |a, b, c| dot(unsigned(a), unsigned(b), c));
    ternary::<u32, u32, u32, u32>("dp4a.s32.u32", |a, b, c| dot(signed(a), unsigned(b), c));
}

#[test]
fn selection_follows_the_predicate() {
    ternary::<u16, u16, u16, bool>("selp.b16", |a, b, c| if c { a } else { b });
    ternary::<u32, u32, u32, bool>("selp.b32", |a, b, c| if c { a } else { b });
    ternary::<u64, u64, u64, bool>("selp.b64", |a, b, c| if c { a } else { b });
    ternary::<i32, i32, i32, bool>("selp.s32", |a, b, c| if c { a } else { b });
    ternary::<f32, f32, f32, bool>("selp.f32", |a, b, c| if c { a } else { b });
    ternary::<f64, f64, f64, bool>("selp.f64", |a, b, c| if c { a } else { b });
    ternary::<u32, u32, u32, i32>("slct.b32.s32", |a, b, c| if c >= 0 { a } else { b });
    ternary::<u64, u64, u64, i32>("slct.b64.s32", |a, b, c| if c >= 0 { a } else { b });
}

#[test]
fn comparisons_follow_the_sign_of_the_type() {
    macro_rules! all {
        ($(($name:literal, $ty:ident)),+) => {$(
            binary::<bool, $ty, $ty>(concat!("setp.eq.", $name), |a, b| a == b);
            binary::<bool, $ty, $ty>(concat!("setp.ne.", $name), |a, b| a != b);
            binary::<bool, $ty, $ty>(concat!("setp.lt.", $name), |a, b| a < b);
            binary::<bool, $ty, $ty>(concat!("setp.le.", $name), |a, b| a <= b);
            binary::<bool, $ty, $ty>(concat!("setp.gt.", $name), |a, b| a > b);
            binary::<bool, $ty, $ty>(concat!("setp.ge.", $name), |a, b| a >= b);
        )+};
    }
    all!(
        ("s16", i16),
        ("u16", u16),
        ("s32", i32),
        ("u32", u32),
        ("s64", i64),
        ("u64", u64)
    );
    binary::<bool, u16, u16>("setp.eq.b16", |a, b| a == b);
    binary::<bool, u32, u32>("setp.ne.b32", |a, b| a != b);
    binary::<bool, u64, u64>("setp.eq.b64", |a, b| a == b);
    binary::<bool, u32, u32>("setp.lo.u32", |a, b| a < b);
    binary::<bool, u32, u32>("setp.ls.u32", |a, b| a <= b);
    binary::<bool, u32, u32>("setp.hi.u32", |a, b| a > b);
    binary::<bool, u64, u64>("setp.hs.u64", |a, b| a >= b);
}

#[test]
fn comparisons_combine_with_a_predicate() {
    ternary::<bool, i32, i32, bool>("setp.lt.and.s32", |a, b, c| a < b && c);
    ternary::<bool, i32, i32, bool>("setp.lt.or.s32", |a, b, c| a < b || c);
    ternary::<bool, i32, i32, bool>("setp.lt.xor.s32", |a, b, c| (a < b) != c);
    text::<bool, i32, i32, bool>("setp.gt.and.s32 {d}, {a}, {b}, !{c};", |a, b, c| {
        a > b && !c
    });
    text::<bool, i32, i32, bool>("setp.lt.s32 %p8|{d}, {a}, {b};", |a, b, _| a >= b);
    text::<bool, i32, i32, bool>("setp.lt.and.s32 {d}|%p8, {a}, {b}, {c};", |a, b, c| {
        a < b && c
    });
    text::<bool, i32, i32, bool>("setp.lt.and.s32 %p8|{d}, {a}, {b}, {c};", |a, b, c| {
        a >= b && c
    });
    binary::<u32, i32, i32>("set.lt.u32.s32", |a, b| if a < b { !0 } else { 0 });
    binary::<f32, u32, u32>("set.hi.f32.u32", |a, b| if a > b { 1.0 } else { 0.0 });
}

#[test]
fn constants_take_the_width_of_the_instruction() {
    text::<i32, i32, i32, i32>("add.s32 {d}, {a}, -5;", |a, _, _| a.wrapping_sub(5));
    text::<i64, i64, i32, i32>("add.s64 {d}, {a}, -5;", |a, _, _| a.wrapping_sub(5));
    text::<u16, u16, u16, u16>("and.b16 {d}, {a}, 255;", |a, _, _| a & 255);
    text::<u64, u64, u64, u64>("and.b64 {d}, {a}, -16;", |a, _, _| a & !15);
    text::<u32, u32, u32, u32>("mov.u32 {d}, WARP_SZ;", |_, _, _| 32);
    text::<i64, i32, i32, i32>("mul.wide.s32 {d}, {a}, -3;", |a, _, _| i64::from(a) * -3);
    text::<bool, i16, i16, i16>("setp.lt.s16 {d}, {a}, -1;", |a, _, _| a < -1);
    text::<bool, u64, u64, u64>("setp.gt.u64 {d}, {a}, 4294967295;", |a, _, _| {
        a > 0xffff_ffff
    });
}

#[test]
fn moves_pack_and_unpack() {
    text::<u32, u16, u16, u16>("mov.b32 {d}, {{a}, {b}};", |a, b, _| {
        u32::from(b) << 16 | u32::from(a)
    });
    text::<u64, u32, u32, u32>("mov.b64 {d}, {{a}, {b}};", |a, b, _| {
        u64::from(b) << 32 | u64::from(a)
    });
    text::<u32, u64, u64, u64>("mov.b64 {_, {d}}, {a};", |a, _, _| (a >> 32) as u32);
    text::<u32, u64, u64, u64>("mov.b64 {{d}, %r8}, {a};", |a, _, _| a as u32);
    text::<u16, u32, u32, u32>("mov.b32 {%h8, {d}}, {a};", |a, _, _| (a >> 16) as u16);
    text::<u64, u16, u16, u16>("mov.b64 {d}, {{a}, {b}, {c}, {a}};", |a, b, c| {
        [a, b, c, a]
            .iter()
            .rev()
            .fold(0, |word, half| word << 16 | u64::from(*half))
    });
    unary::<u16, u16>("mov.u16", |a| a);
    unary::<u32, u32>("mov.b32", |a| a);
    unary::<u64, u64>("mov.u64", |a| a);
    unary::<f32, f32>("mov.f32", |a| a);
    unary::<f64, f64>("mov.f64", |a| a);
}
