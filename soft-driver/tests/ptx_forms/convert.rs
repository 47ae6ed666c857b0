//! Conversions: between integer widths, between integers and floating point numbers, and between
//! floating point formats, with rounding and saturation.

use crate::support::{text, unary, unary_near};
use crate::words::{Brain, Half};

#[test]
fn widening_extends_by_the_source_type() {
    unary::<u32, u16>("cvt.u32.u16", u32::from);
    unary::<i32, i16>("cvt.s32.s16", i32::from);
    unary::<u64, u32>("cvt.u64.u32", u64::from);
    unary::<i64, i32>("cvt.s64.s32", i64::from);
    unary::<u64, u16>("cvt.u64.u16", u64::from);
    unary::<i64, i16>("cvt.s64.s16", i64::from);
    // The operand is a wider register of which the low byte counts.
    unary::<u16, u16>("cvt.u16.u8", |a| a & 0xff);
    unary::<i16, u16>("cvt.s16.s8", |a| i16::from(a as i8));
    unary::<u32, u32>("cvt.u32.u8", |a| a & 0xff);
    unary::<i32, u32>("cvt.s32.s8", |a| i32::from(a as i8));
    unary::<i64, u64>("cvt.s64.s8", |a| i64::from(a as i8));
    unary::<u32, i16>("cvt.u32.s16", |a| a as u32);
}

#[test]
fn narrowing_cuts_and_extends_to_the_register() {
    unary::<u16, u32>("cvt.u16.u32", |a| a as u16);
    unary::<u32, u64>("cvt.u32.u64", |a| a as u32);
    unary::<u16, u64>("cvt.u16.u64", |a| a as u16);
    unary::<u16, u32>("cvt.u8.u32", |a| a as u16 & 0xff);
    unary::<i32, i32>("cvt.s8.s32", |a| i32::from(a as i8));
    unary::<i32, i64>("cvt.s16.s64", |a| i32::from(a as i16));
    unary::<u32, u32>("cvt.u8.u32", |a| a & 0xff);
}

#[test]
fn saturating_conversions_clamp() {
    unary::<u32, i32>("cvt.sat.u8.s32", |a| a.clamp(0, 255) as u32);
    unary::<i32, i32>("cvt.sat.s8.s32", |a| a.clamp(-128, 127));
    unary::<u16, i32>("cvt.sat.u16.s32", |a| a.clamp(0, 65_535) as u16);
    unary::<i16, i64>("cvt.sat.s16.s64", |a| a.clamp(-32_768, 32_767) as i16);
    unary::<i32, u32>("cvt.sat.s32.u32", |a| a.min(i32::MAX as u32) as i32);
    unary::<u32, i32>("cvt.sat.u32.s32", |a| a.max(0) as u32);
    unary::<i32, u64>("cvt.sat.s32.u64", |a| a.min(i32::MAX as u64) as i32);
    unary::<u64, i64>("cvt.sat.u64.s64", |a| a.max(0) as u64);
}

/// A rounding mode's name and what it does.
type Mode = (&'static str, fn(f64) -> f64);

/// Whole numbers near a value, by rounding mode.
const TO_INTEGER: [Mode; 4] = [
    ("rni", f64::round_ties_even),
    ("rzi", f64::trunc),
    ("rmi", f64::floor),
    ("rpi", f64::ceil),
];

#[test]
fn floats_become_integers_by_rounding_and_clamping() {
    for (mode, round) in TO_INTEGER {
        let single = |value: f32| round(f64::from(value));
        unary::<i32, f32>(&format!("cvt.{mode}.s32.f32"), |a| single(a) as i32);
        unary::<u32, f32>(&format!("cvt.{mode}.u32.f32"), |a| single(a) as u32);
        unary::<u16, f32>(&format!("cvt.{mode}.u16.f32"), |a| single(a) as u16);
        unary::<i16, f32>(&format!("cvt.{mode}.s16.f32"), |a| single(a) as i16);
        unary::<u32, f32>(
            &format!("cvt.{mode}.u8.f32"),
            |a| u32::from(single(a) as u8),
        );
        unary::<i32, f32>(
            &format!("cvt.{mode}.s8.f32"),
            |a| i32::from(single(a) as i8),
        );
        // NaN gives the number with only the top bit set where 64 bits are involved.
        unary::<i64, f32>(&format!("cvt.{mode}.s64.f32"), |a| {
            if a.is_nan() {
                i64::MIN
            } else {
                single(a) as i64
            }
        });
        unary::<u64, f32>(&format!("cvt.{mode}.u64.f32"), |a| {
            if a.is_nan() {
                1 << 63
            } else {
                single(a) as u64
            }
        });
        unary::<i32, f64>(&format!("cvt.{mode}.s32.f64"), |a| {
            if a.is_nan() {
                i32::MIN
            } else {
                round(a) as i32
            }
        });
        unary::<u32, f64>(&format!("cvt.{mode}.u32.f64"), |a| {
            if a.is_nan() { 1 << 31 } else { round(a) as u32 }
        });
        unary::<i64, f64>(&format!("cvt.{mode}.s64.f64"), |a| {
            if a.is_nan() {
                i64::MIN
            } else {
                round(a) as i64
            }
        });
        unary::<u64, f64>(&format!("cvt.{mode}.u64.f64"), |a| {
            if a.is_nan() { 1 << 63 } else { round(a) as u64 }
        });
        unary::<i32, Half>(&format!("cvt.{mode}.s32.f16"), |a| round(a.value()) as i32);
    }
}

#[test]
fn floats_round_to_whole_floats() {
    for (mode, round) in TO_INTEGER {
        unary::<f32, f32>(&format!("cvt.{mode}.f32.f32"), |a| {
            round(f64::from(a)) as f32
        });
        unary::<f64, f64>(&format!("cvt.{mode}.f64.f64"), round);
    }
}

#[test]
fn integers_become_floats_to_nearest() {
    unary::<f32, i16>("cvt.rn.f32.s16", f32::from);
    unary::<f32, u16>("cvt.rn.f32.u16", f32::from);
    unary::<f32, i32>("cvt.rn.f32.s32", |a| a as f32);
    unary::<f32, u32>("cvt.rn.f32.u32", |a| a as f32);
    unary::<f32, i64>("cvt.rn.f32.s64", |a| a as f32);
    unary::<f32, u64>("cvt.rn.f32.u64", |a| a as f32);
    unary::<f64, i16>("cvt.rn.f64.s16", f64::from);
    unary::<f64, i32>("cvt.rn.f64.s32", f64::from);
    unary::<f64, u32>("cvt.rn.f64.u32", f64::from);
    unary::<f64, i64>("cvt.rn.f64.s64", |a| a as f64);
    unary::<f64, u64>("cvt.rn.f64.u64", |a| a as f64);
    unary::<f32, u32>("cvt.rn.f32.u8", |a| (a & 0xff) as f32);
    unary::<f32, u32>("cvt.rn.f32.s8", |a| f32::from(a as i8));
    unary::<Half, i32>("cvt.rn.f16.s32", |a| Half::nearest(f64::from(a)));
}

/// The integer cut towards zero to a significand of `bits` bits, exact as a float.
fn cut(magnitude: u64, bits: u32) -> u64 {
    let excess = (64 - magnitude.leading_zeros()).saturating_sub(bits);
    magnitude >> excess << excess
}

#[test]
fn integers_become_floats_with_directed_rounding() {
    unary::<f32, u32>("cvt.rz.f32.u32", |a| cut(u64::from(a), 24) as f32);
    unary::<f32, u64>("cvt.rz.f32.u64", |a| cut(a, 24) as f32);
    unary::<f64, u64>("cvt.rz.f64.u64", |a| cut(a, 53) as f64);
    unary::<f32, u32>("cvt.rm.f32.u32", |a| cut(u64::from(a), 24) as f32);
    unary::<f32, u32>("cvt.rp.f32.u32", |a| {
        let low = cut(u64::from(a), 24);
        if low == u64::from(a) {
            low as f32
        } else {
            (low as f32).next_up()
        }
    });
    unary::<f32, i32>("cvt.rm.f32.s32", |a| {
        let low = cut(u64::from(a.unsigned_abs()), 24);
        let exact = low == u64::from(a.unsigned_abs());
        match (a < 0, exact) {
            (false, _) => low as f32,
            (true, true) => -(low as f32),
            (true, false) => (-(low as f32)).next_down(),
        }
    });
}

#[test]
fn floats_change_precision() {
    unary::<f64, f32>("cvt.f64.f32", f64::from);
    unary::<f32, f64>("cvt.rn.f32.f64", |a| a as f32);
    unary::<f32, f64>("cvt.rz.f32.f64", |a| {
        let nearest = a as f32;
        let beyond = f64::from(nearest).abs() > a.abs();
        match nearest {
            _ if !beyond => nearest,
            positive if positive > 0.0 => positive.next_down(),
            negative => negative.next_up(),
        }
    });
    unary::<f32, Half>("cvt.f32.f16", |a| a.value() as f32);
    unary::<f64, Half>("cvt.f64.f16", Half::value);
    unary::<Half, f32>("cvt.rn.f16.f32", |a| Half::nearest(f64::from(a)));
    unary::<Half, f64>("cvt.rn.f16.f64", Half::nearest);
    unary::<f32, Brain>("cvt.f32.bf16", Brain::value);
    unary::<Brain, f32>("cvt.rn.bf16.f32", Brain::nearest);
    unary::<Half, f32>("cvt.rz.f16.f32", |a| {
        let nearest = Half::nearest(f64::from(a));
        let beyond = nearest.value().abs() > f64::from(a).abs();
        if beyond { Half(nearest.0 - 1) } else { nearest }
    });
}

#[test]
fn two_singles_pack_into_halves() {
    text::<u32, u16, u16, u16>(
        "cvt.rn.f32.s16 %r7, {a}; cvt.rn.f32.s16 %r8, {b}; cvt.rn.f16x2.f32 {d}, %r7, %r8;",
        |a, b, _| {
            let half = |value: u16| u32::from(Half::nearest(f64::from(value as i16)).0);
            half(a) << 16 | half(b)
        },
    );
    text::<u32, u16, u16, u16>(
        "cvt.rn.f32.s16 %r7, {a}; cvt.rn.f32.s16 %r8, {b}; cvt.rn.bf16x2.f32 {d}, %r7, %r8;",
        |a, b, _| {
            let brain = |value: u16| u32::from(Brain::nearest(f32::from(value as i16)).0);
            brain(a) << 16 | brain(b)
        },
    );
}

#[test]
fn flushing_conversions_drop_subnormals() {
    let flushed = |value: f32| {
        if value.is_subnormal() {
            0f32.copysign(value)
        } else {
            value
        }
    };
    unary::<f64, f32>("cvt.ftz.f64.f32", |a| f64::from(flushed(a)));
    unary::<f32, f64>("cvt.rn.ftz.f32.f64", |a| flushed(a as f32));
    unary::<i32, f32>("cvt.rpi.ftz.s32.f32", |a| flushed(a).ceil() as i32);
    unary_near::<f32, f32>("cvt.rmi.ftz.f32.f32", |a| flushed(a).floor(), |_, _| false);
}
