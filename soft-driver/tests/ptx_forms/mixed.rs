//! Forms of newer PTX: mixed precision, pairs of singles, packed conversions, tests of `lop3`.

use crate::float::{MODES, add_single, multiply_add_single, round_single};
use crate::support::{binary, ternary, text, unary};
use crate::words::{Brain, Half};

#[test]
fn halves_add_and_multiply_into_singles() {
    for (name, mode) in MODES {
        binary::<f32, Half, f32>(&format!("add.{name}.f32.f16"), |a, b| {
            add_single(a.value() as f32, b, mode)
        });
        binary::<f32, Brain, f32>(&format!("sub.{name}.f32.bf16"), |a, b| {
            add_single(a.value(), -b, mode)
        });
        ternary::<f32, Half, Half, f32>(&format!("fma.{name}.f32.f16"), |a, b, c| {
            multiply_add_single(a.value() as f32, b.value() as f32, c, mode)
        });
    }
}

fn singles(pair: u64) -> [f32; 2] {
    [pair as u32, (pair >> 32) as u32].map(f32::from_bits)
}

fn joined(low: f32, high: f32) -> u64 {
    let bits = |value: f32| {
        let nan = if value.is_nan() {
            0x7FFF_FFFF
        } else {
            value.to_bits()
        };
        u64::from(nan)
    };
    bits(low) | bits(high) << 32
}

#[test]
fn pairs_of_singles_round_as_asked() {
    for (name, mode) in MODES {
        binary::<u64, u64, u64>(&format!("add.{name}.f32x2"), |a, b| {
            let ([a0, a1], [b0, b1]) = (singles(a), singles(b));
            joined(add_single(a0, b0, mode), add_single(a1, b1, mode))
        });
        binary::<u64, u64, u64>(&format!("mul.{name}.f32x2"), |a, b| {
            let ([a0, a1], [b0, b1]) = (singles(a), singles(b));
            let product = |x, y| round_single(f64::from(x) * f64::from(y), 0.0, mode);
            joined(product(a0, b0), product(a1, b1))
        });
        ternary::<u64, u64, u64, u64>(&format!("fma.{name}.f32x2"), |a, b, c| {
            let ([a0, a1], [b0, b1], [c0, c1]) = (singles(a), singles(b), singles(c));
            let low = multiply_add_single(a0, b0, c0, mode);
            joined(low, multiply_add_single(a1, b1, c1, mode))
        });
    }
}

#[test]
fn halves_flush_clamp_and_keep_signs_when_asked() {
    let flushed = |a: Half| {
        if a.0 & 0x7C00 == 0 {
            Half(a.0 & 0x8000)
        } else {
            a
        }
    };
    binary::<Half, Half, Half>("mul.ftz.f16", |a, b| {
        flushed(Half::nearest(flushed(a).value() * flushed(b).value()))
    });
    ternary::<Half, Half, Half, Half>("fma.rn.ftz.sat.f16", |a, b, c| {
        let [a, b, c] = [a, b, c].map(|half| flushed(half).value());
        let sum = flushed(Half::nearest(a.mul_add(b, c))).value();
        Half::nearest(if sum > 0.0 { sum.min(1.0) } else { 0.0 })
    });
    ternary::<Half, Half, Half, Half>("fma.rn.relu.f16", |a, b, c| {
        let sum = Half::nearest(a.value().mul_add(b.value(), c.value()));
        if sum.value() <= 0.0 { Half(0) } else { sum }
    });
    binary::<Half, Half, Half>("min.xorsign.abs.f16", |a, b| {
        let sign = (a.0 ^ b.0) & 0x8000;
        let [x, y] = [a, b].map(|half| Half(half.0 & 0x7FFF));
        match (x.value().is_nan(), y.value().is_nan()) {
            (true, true) => Half(0x7FFF),
            (true, _) => Half(y.0 | sign),
            (_, true) => Half(x.0 | sign),
            _ => Half(x.0.min(y.0) | sign),
        }
    });
    binary::<bool, Half, Half>("setp.eq.ftz.f16", |a, b| {
        flushed(a).value() == flushed(b).value()
    });
}

#[test]
fn doubles_and_integers_become_halves_in_every_rounding() {
    // Halves are so coarse that the neighbours of the nearest one decide exactly in double precision.
    let toward = |value: f64, up: bool| {
        let near = Half::nearest(value);
        let (found, step) = (near.value(), |half: Half, up: bool| {
            let grows = up != (half.0 & 0x8000 != 0);
            match half.0 & 0x7FFF {
                0 => Half(if up { 1 } else { 0x8001 }),
                _ if grows => Half(half.0 + 1),
                _ => Half(half.0 - 1),
            }
        });
        match (value.is_nan() || value.is_infinite(), up) {
            (true, _) => near,
            (_, true) if found < value => step(near, true),
            (_, false) if found > value => step(near, false),
            _ => near,
        }
    };
    unary::<Half, f64>("cvt.rp.f16.f64", |a| toward(a, true));
    unary::<Half, f64>("cvt.rm.f16.f64", |a| toward(a, false));
    unary::<Half, f64>("cvt.rz.f16.f64", |a| toward(a, a < 0.0));
    unary::<Half, i32>("cvt.rz.f16.s32", |a| toward(f64::from(a), a < 0));
    unary::<Half, u16>("cvt.rp.f16.u16", |a| toward(f64::from(a), true));
}

#[test]
fn integers_pack_with_saturation() {
    let clamp = |value: i32, least: i32, most: i32| value.clamp(least, most) as u32;
    binary::<u32, i32, i32>("cvt.pack.sat.s16.s32", |a, b| {
        (clamp(a, -32768, 32767) << 16) | clamp(b, -32768, 32767) & 0xFFFF
    });
    binary::<u32, i32, i32>("cvt.pack.sat.u16.s32", |a, b| {
        (clamp(a, 0, 65535) << 16) | clamp(b, 0, 65535)
    });
    ternary::<u32, i32, i32, u32>("cvt.pack.sat.u8.s32.b32", |a, b, c| {
        (c << 16) | (clamp(a, 0, 255) << 8) | clamp(b, 0, 255)
    });
    ternary::<u32, i32, i32, u32>("cvt.pack.sat.s4.s32.b32", |a, b, c| {
        (c << 8) | ((clamp(a, -8, 7) & 15) << 4) | clamp(b, -8, 7) & 15
    });
}

#[test]
fn packed_halves_saturate_to_finite_numbers_and_drop_negative_ones() {
    let pack = |high: Half, low: Half| u32::from(high.0) << 16 | u32::from(low.0);
    let finite = |half: Half| match half.0 {
        0x7C00 => Half(0x7BFF),
        0xFC00 => Half(0xFBFF),
        _ => half,
    };
    let numbers = |value: f32| if value.is_nan() { 1.0 } else { value };
    text::<u32, f32, f32, f32>(
        "setp.num.f32 %p5, {a}, {a}; selp.f32 {a}, {a}, 0f3F800000, %p5;\n\
         setp.num.f32 %p5, {b}, {b}; selp.f32 {b}, {b}, 0f3F800000, %p5;\n\
         cvt.rn.satfinite.f16x2.f32 {d}, {a}, {b};",
        |a, b, _| {
            let [a, b] = [a, b].map(|value| finite(Half::nearest(f64::from(numbers(value)))));
            pack(a, b)
        },
    );
    text::<u32, f32, f32, f32>(
        "setp.num.f32 %p5, {a}, {a}; selp.f32 {a}, {a}, 0f3F800000, %p5;\n\
         mov.f32 {b}, {a}; cvt.rn.relu.f16x2.f32 {d}, {a}, {b};",
        |a, _, _| {
            let a = numbers(a);
            let half = if a <= 0.0 {
                Half(0)
            } else {
                Half::nearest(f64::from(a))
            };
            pack(half, half)
        },
    );
}

#[test]
fn lookup_tells_whether_any_bit_is_set() {
    text::<bool, u32, u32, u32>(
        "setp.gt.s32 %p5, {b}, 0; lop3.or.b32 _|{d}, {a}, {b}, {c}, 0xC0, %p5;",
        |a, b, _| a & b != 0 || b as i32 > 0,
    );
    text::<u32, u32, u32, u32>(
        "setp.gt.s32 %p5, {b}, 0; lop3.and.b32 {d}|%p6, {a}, {b}, {c}, 0x3C, !%p5;\n\
         selp.b32 %r20, 1, 0, %p6; add.u32 {d}, {d}, %r20;",
        |a, b, _| (a ^ b).wrapping_add(u32::from(a ^ b != 0 && b as i32 <= 0)),
    );
}

#[test]
fn small_integers_saturate_and_multiply_high() {
    ternary::<i32, i32, i32, i32>("mad24.hi.sat.s32", |a, b, c| {
        let low24 = |value: i32| i64::from(value << 8 >> 8);
        let high = ((low24(a) * low24(b)) >> 16) as i32;
        high.saturating_add(c)
    });
    binary::<u32, u32, u32>("max.relu.s16x2", |a, b| {
        let lane = |at: u32| {
            let [a, b] = [a, b].map(|word| (word >> at) as i16);
            u32::from(a.max(b).max(0) as u16) << at
        };
        lane(0) | lane(16)
    });
}
