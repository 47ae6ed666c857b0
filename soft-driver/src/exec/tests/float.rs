//! Floating point forms and conversions, against Rust's own arithmetic or constants worked out by hand.

use super::support::{Case, check, check_all, d, f, pairs};

const NAN: u64 = 0x7FFF_FFFF;

const SINGLES: [f32; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    3.0,
    0.1,
    1e-40,
    -1e-45,
    f32::MIN_POSITIVE,
    f32::MAX,
    -f32::MAX,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::NAN,
];

fn canonical(value: f32) -> u64 {
    if value.is_nan() { NAN } else { f(value) }
}

fn singles(snippet: &str, op: impl Fn(f32, f32) -> f32) {
    let bits: Vec<u64> = SINGLES.iter().map(|v| f(*v)).collect();
    let cases = pairs(&bits, |a, b| {
        canonical(op(f32::from_bits(a as u32), f32::from_bits(b as u32)))
    });
    check_all(snippet, &cases);
}

fn flushed(value: f32) -> f32 {
    if value.is_subnormal() {
        0.0f32.copysign(value)
    } else {
        value
    }
}

#[test]
fn single_arithmetic_rounds_to_nearest() {
    singles("add.f32 %fd, %fa, %fb;", |a, b| a + b);
    singles("sub.rn.f32 %fd, %fa, %fb;", |a, b| a - b);
    singles("mul.f32 %fd, %fa, %fb;", |a, b| a * b);
    singles("div.rn.f32 %fd, %fa, %fb;", |a, b| a / b);
    singles("fma.rn.f32 %fd, %fa, %fb, %fa;", |a, b| a.mul_add(b, a));
    singles("add.f32 %fd, %fa, 0f3F800000;", |a, _| a + 1.0);
}

#[test]
fn flush_to_zero_applies_to_operands_and_result() {
    singles("add.ftz.f32 %fd, %fa, %fb;", |a, b| {
        flushed(flushed(a) + flushed(b))
    });
    singles("mul.ftz.f32 %fd, %fa, %fb;", |a, b| {
        flushed(flushed(a) * flushed(b))
    });
    singles("fma.rn.ftz.f32 %fd, %fa, %fb, %fb;", |a, b| {
        flushed(flushed(a).mul_add(flushed(b), flushed(b)))
    });
}

#[test]
fn saturation_clamps_to_the_unit_interval() {
    let clamp = |v: f32| if v > 0.0 { v.min(1.0) } else { 0.0 };
    singles("add.sat.f32 %fd, %fa, %fb;", |a, b| clamp(a + b));
    singles("cvt.sat.f32.f32 %fd, %fa;", |a, _| clamp(a));
}

#[test]
fn directed_roundings_differ_in_the_last_place() {
    let third = 1.0f32 / 3.0;
    let below = f32::from_bits(third.to_bits() - 1);
    let cases = |down: f32, up: f32| {
        (
            vec![[f(1.0), f(3.0), 0, f(down)]],
            vec![[f(1.0), f(3.0), 0, f(up)]],
        )
    };
    let (down, up) = cases(below, third);
    check("div.rm.f32 %fd, %fa, %fb;", &down);
    check("div.rz.f32 %fd, %fa, %fb;", &down);
    check("div.rp.f32 %fd, %fa, %fb;", &up);
    check(
        "add.rz.f32 %fd, %fa, %fb;",
        &[
            [f(1.0), f(-1e-10), 0, 0x3F7F_FFFF],
            [f(16777216.0), f(1.0), 0, f(16777216.0)],
        ],
    );
    check(
        "add.rp.f32 %fd, %fa, %fb;",
        &[[f(16777216.0), f(1.0), 0, f(16777218.0)]],
    );
    check(
        "fma.rm.f32 %fd, %fa, %fb, %fc;",
        &[[f(1.0), f(1.0), f(-1e-10), 0x3F7F_FFFF]],
    );
    check("sqrt.rp.f32 %fd, %fa;", &[[f(2.0), 0, 0, 0x3FB5_04F4]]);
    check("sqrt.rm.f32 %fd, %fa;", &[[f(2.0), 0, 0, 0x3FB5_04F3]]);
    check(
        "mul.rm.f64 %dd, %da, %db;",
        &[[d(0.1), d(0.1), 0, d(0.010000000000000002) - 1]],
    );
    check(
        "add.rp.f64 %dd, %da, %db;",
        &[[d(1.0), d(1e-30), 0, d(1.0) + 1]],
    );
}

#[test]
fn double_arithmetic_matches() {
    let values = [0.0f64, -0.0, 1.5, -3.25, 1e300, 1e-320, f64::INFINITY].map(d);
    let table = |op: &dyn Fn(f64, f64) -> f64| -> Vec<Case> {
        let all = pairs(&values, |a, b| d(op(f64::from_bits(a), f64::from_bits(b))));
        all.into_iter()
            .filter(|case| !f64::from_bits(case[3]).is_nan())
            .collect()
    };
    check("add.f64 %dd, %da, %db;", &table(&|a, b| a + b));
    check("mul.rn.f64 %dd, %da, %db;", &table(&|a, b| a * b));
    check("div.rn.f64 %dd, %da, %db;", &table(&|a, b| a / b));
    check(
        "fma.rn.f64 %dd, %da, %db, %da;",
        &table(&|a, b| a.mul_add(b, a)),
    );
    check(
        "max.f64 %dd, %da, %db;",
        &table(&|a, b| {
            if a == b {
                f64::from_bits(a.to_bits() & b.to_bits())
            } else {
                a.max(b)
            }
        }),
    );
    check("sqrt.rn.f64 %dd, %da;", &[[d(2.0), 0, 0, d(2.0f64.sqrt())]]);
    check("neg.f64 %dd, %da;", &[[d(2.0), 0, 0, d(-2.0)]]);
}

#[test]
fn extremes_prefer_numbers_and_know_signed_zero() {
    check(
        "min.f32 %fd, %fa, %fb;",
        &[
            [f(1.0), f(2.0), 0, f(1.0)],
            [f(f32::NAN), f(2.0), 0, f(2.0)],
            [f(2.0), f(f32::NAN), 0, f(2.0)],
            [f(0.0), f(-0.0), 0, f(-0.0)],
            [f(-0.0), f(0.0), 0, f(-0.0)],
            [f(f32::NAN), f(f32::NAN), 0, NAN],
        ],
    );
    check(
        "max.f32 %fd, %fa, %fb;",
        &[[f(0.0), f(-0.0), 0, f(0.0)], [f(-0.0), f(0.0), 0, f(0.0)]],
    );
    check(
        "max.NaN.f32 %fd, %fa, %fb;",
        &[[f(f32::NAN), f(2.0), 0, NAN], [f(3.0), f(2.0), 0, f(3.0)]],
    );
    check(
        "min.xorsign.abs.f32 %fd, %fa, %fb;",
        &[[f(-3.0), f(2.0), 0, f(-2.0)], [f(-1.0), f(-2.0), 0, f(1.0)]],
    );
    check(
        "max.f32 %fd, %fa, %fb, %fc;",
        &[[f(1.0), f(5.0), f(3.0), f(5.0)]],
    );
    check("abs.f32 %fd, %fa;", &[[f(-3.0), 0, 0, f(3.0)]]);
    check(
        "copysign.f32 %fd, %fa, %fb;",
        &[[f(-1.0), f(2.0), 0, f(-2.0)]],
    );
    check(
        "testp.finite.f32 %pd, %fa;",
        &[[f(1.0), 0, 0, 1], [f(f32::INFINITY), 0, 0, 0]],
    );
    check(
        "testp.normal.f32 %pd, %fa;",
        &[[f(0.0), 0, 0, 1], [f(1e-40), 0, 0, 0]],
    );
}

#[test]
fn approximations_are_within_one_rounding() {
    check(
        "rcp.approx.ftz.f32 %fd, %fa;",
        &[
            [f(3.0), 0, 0, f(1.0 / 3.0)],
            [f(1e-40), 0, 0, f(f32::INFINITY)],
        ],
    );
    check(
        "sqrt.approx.f32 %fd, %fa;",
        &[[f(2.0), 0, 0, f(2.0f32.sqrt())], [f(-1.0), 0, 0, NAN]],
    );
    check(
        "rsqrt.approx.f32 %fd, %fa;",
        &[[f(4.0), 0, 0, f(0.5)], [f(0.0), 0, 0, f(f32::INFINITY)]],
    );
    check(
        "ex2.approx.ftz.f32 %fd, %fa;",
        &[
            [f(3.0), 0, 0, f(8.0)],
            [f(-1.0), 0, 0, f(0.5)],
            [f(-200.0), 0, 0, 0],
        ],
    );
    check(
        "lg2.approx.f32 %fd, %fa;",
        &[[f(8.0), 0, 0, f(3.0)], [f(0.0), 0, 0, f(f32::NEG_INFINITY)]],
    );
    check(
        "sin.approx.f32 %fd, %fa;",
        &[[f(1.0), 0, 0, f(1.0f64.sin() as f32)]],
    );
    check("cos.approx.f32 %fd, %fa;", &[[f(0.0), 0, 0, f(1.0)]]);
    check(
        "tanh.approx.f32 %fd, %fa;",
        &[[f(0.5), 0, 0, f(0.5f64.tanh() as f32)]],
    );
    check(
        "div.approx.f32 %fd, %fa, %fb;",
        &[[f(1.0), f(4.0), 0, f(0.25)]],
    );
    check(
        "rcp.approx.ftz.f64 %dd, %da;",
        &[
            [d(3.0), 0, 0, d(1.0 / 3.0) & !0xFFFF_FFFF],
            [d(2.0), 0, 0, d(0.5)],
        ],
    );
}

#[test]
fn float_comparisons_know_nan() {
    let all = |ordered: bool, op: &dyn Fn(f32, f32) -> bool| -> Vec<Case> {
        let values = [f32::NAN, 0.0, -0.0, 1.0, f32::INFINITY];
        let mut cases = Vec::new();
        for a in values {
            for b in values {
                let hit = if a.is_nan() || b.is_nan() {
                    !ordered
                } else {
                    op(a, b)
                };
                cases.push([f(a), f(b), 0, u64::from(hit)]);
            }
        }
        cases
    };
    check("setp.eq.f32 %pd, %fa, %fb;", &all(true, &|a, b| a == b));
    check("setp.ne.f32 %pd, %fa, %fb;", &all(true, &|a, b| a != b));
    check("setp.neu.f32 %pd, %fa, %fb;", &all(false, &|a, b| a != b));
    check("setp.equ.f32 %pd, %fa, %fb;", &all(false, &|a, b| a == b));
    check("setp.lt.f32 %pd, %fa, %fb;", &all(true, &|a, b| a < b));
    check("setp.ltu.f32 %pd, %fa, %fb;", &all(false, &|a, b| a < b));
    check("setp.geu.f32 %pd, %fa, %fb;", &all(false, &|a, b| a >= b));
    check("setp.num.f32 %pd, %fa, %fb;", &all(true, &|_, _| true));
    check("setp.nan.f32 %pd, %fa, %fb;", &all(false, &|_, _| false));
    check(
        "setp.gtu.f64 %pd, %da, %db;",
        &[[d(f64::NAN), d(1.0), 0, 1], [d(1.0), d(2.0), 0, 0]],
    );
    check(
        "setp.lt.ftz.f32 %pd, %fa, %fb;",
        &[[0, f(1e-40), 0, 0], [0, f(1e-30), 0, 1]],
    );
}

#[test]
fn integers_convert_to_floats() {
    check(
        "cvt.rn.f32.s32 %fd, %a32;",
        &[
            [0xFFFF_FFFF, 0, 0, f(-1.0)],
            [16777217, 0, 0, f(16777216.0)],
        ],
    );
    check(
        "cvt.rn.f32.u32 %fd, %a32;",
        &[[0xFFFF_FFFF, 0, 0, f(4294967296.0)]],
    );
    check(
        "cvt.rz.f32.u32 %fd, %a32;",
        &[[0xFFFF_FFFF, 0, 0, f(4294967040.0)]],
    );
    check(
        "cvt.rp.f32.s32 %fd, %a32;",
        &[[16777217, 0, 0, f(16777218.0)]],
    );
    check(
        "cvt.rn.f64.u64 %dd, %a64;",
        &[[u64::MAX, 0, 0, d(18446744073709551616.0)]],
    );
    check("cvt.rn.f64.s64 %dd, %a64;", &[[u64::MAX, 0, 0, d(-1.0)]]);
    check("cvt.rn.f32.s16 %fd, %a16;", &[[0xFFFE, 0, 0, f(-2.0)]]);
    check("cvt.rn.f32.u16 %fd, %a16;", &[[0xFFFE, 0, 0, f(65534.0)]]);
    check(
        "cvt.rn.f32.u64 %fd, %a64;",
        &[[1 << 40, 0, 0, f(1099511627776.0)]],
    );
}

#[test]
fn floats_convert_to_integers_clamped() {
    check(
        "cvt.rzi.s32.f32 %d32, %fa;",
        &[
            [f(-1.9), 0, 0, 0xFFFF_FFFF],
            [f(1e10), 0, 0, 0x7FFF_FFFF],
            [f(-1e10), 0, 0, 0x8000_0000],
            [f(f32::NAN), 0, 0, 0],
        ],
    );
    check(
        "cvt.rni.s32.f32 %d32, %fa;",
        &[
            [f(2.5), 0, 0, 2],
            [f(3.5), 0, 0, 4],
            [f(-2.5), 0, 0, 0xFFFF_FFFE],
        ],
    );
    check(
        "cvt.rmi.s32.f32 %d32, %fa;",
        &[[f(-1.1), 0, 0, 0xFFFF_FFFE]],
    );
    check("cvt.rpi.s32.f32 %d32, %fa;", &[[f(1.1), 0, 0, 2]]);
    check(
        "cvt.rzi.u32.f32 %d32, %fa;",
        &[[f(-5.0), 0, 0, 0], [f(5e9), 0, 0, 0xFFFF_FFFF]],
    );
    check(
        "cvt.rzi.u64.f64 %d64, %da;",
        &[
            [d(1e19), 0, 0, 10_000_000_000_000_000_000],
            [d(f64::NAN), 0, 0, 1 << 63],
        ],
    );
    check(
        "cvt.rzi.s32.f64 %d32, %da;",
        &[
            [d(f64::NAN), 0, 0, 0x8000_0000],
            [d(-7.9), 0, 0, 0xFFFF_FFF9],
        ],
    );
    check("cvt.rzi.u16.f32 %d16, %fa;", &[[f(70000.0), 0, 0, 0xFFFF]]);
    check(
        "cvt.rni.s8.f32 %d32, %fa;",
        &[[f(200.0), 0, 0, 127], [f(-200.0), 0, 0, 0xFFFF_FF80]],
    );
}

#[test]
fn integers_convert_by_cutting_or_saturating() {
    check("cvt.u16.u32 %d16, %a32;", &[[0x12345, 0, 0, 0x2345]]);
    check(
        "cvt.s64.s32 %d64, %a32;",
        &[[0x8000_0000, 0, 0, 0xFFFF_FFFF_8000_0000]],
    );
    check(
        "cvt.u64.u32 %d64, %a32;",
        &[[0x8000_0000, 0, 0, 0x8000_0000]],
    );
    check(
        "cvt.s32.s8 %d32, %a32;",
        &[[0x80, 0, 0, 0xFFFF_FF80], [0x7F, 0, 0, 0x7F]],
    );
    check("cvt.u32.u8 %d32, %a32;", &[[0x1FF, 0, 0, 0xFF]]);
    check("cvt.s32.s16 %d32, %a16;", &[[0x8000, 0, 0, 0xFFFF_8000]]);
    check(
        "cvt.sat.u8.s32 %d32, %a32;",
        &[[0xFFFF_FFFF, 0, 0, 0], [300, 0, 0, 255], [7, 0, 0, 7]],
    );
    check(
        "cvt.sat.s16.s32 %d32, %a32;",
        &[[0x10000, 0, 0, 0x7FFF], [0x8000_0000, 0, 0, 0xFFFF_8000]],
    );
    check(
        "cvt.u32.u64 %d32, %a64;",
        &[[0x1_2345_6789, 0, 0, 0x2345_6789]],
    );
}

#[test]
fn floats_convert_between_widths() {
    check(
        "cvt.f64.f32 %dd, %fa;",
        &[[f(0.1), 0, 0, d(f64::from(0.1f32))]],
    );
    check(
        "cvt.rn.f32.f64 %fd, %da;",
        &[[d(0.1), 0, 0, f(0.1)], [d(1e300), 0, 0, f(f32::INFINITY)]],
    );
    check(
        "cvt.rz.f32.f64 %fd, %da;",
        &[[d(0.1), 0, 0, f(0.1) - 1], [d(1e300), 0, 0, f(f32::MAX)]],
    );
    check("cvt.rmi.f32.f32 %fd, %fa;", &[[f(-1.5), 0, 0, f(-2.0)]]);
    check("cvt.rni.f64.f64 %dd, %da;", &[[d(2.5), 0, 0, d(2.0)]]);
    check(
        "cvt.rn.f16.f32 %d16, %fa;",
        &[
            [f(1.0), 0, 0, 0x3C00],
            [f(65520.0), 0, 0, 0x7C00],
            [f(f32::NAN), 0, 0, 0x7FFF],
        ],
    );
    check(
        "cvt.f32.f16 %fd, %a16;",
        &[[0x3C00, 0, 0, f(1.0)], [1, 0, 0, f(5.9604645e-8)]],
    );
    check(
        "cvt.rn.bf16.f32 %d16, %fa;",
        &[
            [f(1.0), 0, 0, 0x3F80],
            [0x3F80_8000, 0, 0, 0x3F80],
            [0x3F81_8000, 0, 0, 0x3F82],
        ],
    );
    check("cvt.f32.bf16 %fd, %a16;", &[[0x3F80, 0, 0, f(1.0)]]);
    check(
        "cvt.rn.f16x2.f32 %d32, %fa, %fb;",
        &[[f(1.0), f(2.0), 0, 0x3C00_4000]],
    );
    check(
        "cvt.rn.bf16x2.f32 %d32, %fa, %fb;",
        &[[f(1.0), f(2.0), 0, 0x3F80_4000]],
    );
    check(
        "cvt.rna.tf32.f32 %d32, %fa;",
        &[
            [0x3F80_1000, 0, 0, 0x3F80_2000],
            [0x3F80_0FFF, 0, 0, 0x3F80_0000],
        ],
    );
}

#[test]
fn half_arithmetic_rounds_once() {
    check(
        "add.f16 %d16, %a16, %b16;",
        &[[0x3C00, 0x3C00, 0, 0x4000], [0x7BFF, 0x7BFF, 0, 0x7C00]],
    );
    check(
        "mul.f16x2 %d32, %a32, %b32;",
        &[[0x4000_3C00, 0x4200_C000, 0, 0x4600_C000]],
    );
    check(
        "fma.rn.f16 %d16, %a16, %b16, %c16;",
        &[[0x3C01, 0x3C01, 0x8000, 0x3C02]],
    );
    check(
        "fma.rn.f16x2 %d32, %a32, %b32, %c32;",
        &[[0x3C00_4000, 0x4000_4000, 0x3C00_3C00, 0x4200_4500]],
    );
    check(
        "fma.rn.bf16 %d16, %a16, %b16, %c16;",
        &[[0x4000, 0x4040, 0x3F80, 0x40E0]],
    );
    check(
        "sub.bf16x2 %d32, %a32, %b32;",
        &[[0x4040_4000, 0x3F80_3F80, 0, 0x4000_3F80]],
    );
    check("neg.f16x2 %d32, %a32;", &[[0x3C00_BC00, 0, 0, 0xBC00_3C00]]);
    check(
        "max.f16 %d16, %a16, %b16;",
        &[[0x3C00, 0x4000, 0, 0x4000], [0x7E00, 0x4000, 0, 0x4000]],
    );
    check(
        "min.NaN.bf16 %d16, %a16, %b16;",
        &[[0x7FC0, 0x3F80, 0, 0x7FFF]],
    );
    check(
        "setp.lt.f16 %pd, %a16, %b16;",
        &[[0x3C00, 0x4000, 0, 1], [0x4000, 0x3C00, 0, 0]],
    );
    check(
        "setp.gt.f16x2 %pe|%pd, %a32, %b32;",
        &[[0x4000_3C00, 0x3C00_4000, 0, 1]],
    );
    check("ex2.approx.f16 %d16, %a16;", &[[0x4200, 0, 0, 0x4800]]);
}

#[test]
fn eight_bit_floats_convert_in_pairs() {
    check(
        "cvt.rn.satfinite.e4m3x2.f32 %d16, %fa, %fb;",
        &[[f(1.0), f(-448.0), 0, 0x38FE], [f(1e9), f(0.0), 0, 0x7E00]],
    );
    check(
        "cvt.rn.f16x2.e4m3x2 %d32, %a16;",
        &[[0x38B8, 0, 0, 0x3C00_BC00]],
    );
    check(
        "cvt.rn.f16x2.e5m2x2 %d32, %a16;",
        &[[0x3CBC, 0, 0, 0x3C00_BC00]],
    );
    check(
        "cvt.rn.satfinite.e5m2x2.f16x2 %d16, %a32;",
        &[[0x3C00_7C00, 0, 0, 0x3C7B]],
    );
}
