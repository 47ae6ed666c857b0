//! How far approximate functions are from the exact results, at worst: docs/ptx-coverage.md states these limits.
//! The references are other formulas than those of the executor, in double precision.

use rigel_soft::exec::LaunchShape;

use crate::support::run_module;
use crate::words::{Brain, Half};

/// The limit of all single precision functions, in units in the last place: one rounding, and what double
/// precision leaves of the rest.
const SINGLE_ULP: f64 = 0.501;

/// A reference.
type Exact = fn(f64) -> f64;

const SAMPLES: usize = 1 << 15;

/// Bit patterns all over the range of single precision.
fn patterns() -> Vec<u64> {
    (0..SAMPLES as u32)
        .map(|index| {
            u64::from(
                index
                    .wrapping_mul(0x0002_0003)
                    .wrapping_add(index << 24 >> 3),
            )
        })
        .collect()
}

/// `op` of each word of the input, one thread a word.
fn results(text: &str, input: &[u64]) -> Vec<u64> {
    let body = format!(
        "add.s64 %x0, %in, %at; ld.global.b64 %x1, [%x0]; cvt.u32.u64 %r1, %x1; cvt.u16.u64 %h1, %x1;\n\
         shr.u64 %x2, %x1, 32; cvt.u32.u64 %r2, %x2;\n\
         {text}\nadd.s64 %x0, %out, %at; st.global.b64 [%x0], %x9;"
    );
    let shape = LaunchShape::new([input.len() as u32 / 256, 1, 1], [256, 1, 1]);
    let ran = run_module("", &body, shape, input, input.len());
    assert_eq!(ran.outcome.fault, None);
    ran.output
}

/// Distance in units of the last place of a format with `mantissa` bits and exponents from `least` on.
fn units(exact: f64, got: f64, (mantissa, least): (i32, i32)) -> f64 {
    if exact == got || exact.is_nan() && got.is_nan() {
        return 0.0;
    }
    let exponent = (exact.abs().log2().floor() as i32).max(least);
    (exact - got).abs() / 2f64.powi(exponent - mantissa)
}

const SINGLE: (i32, i32) = (23, -126);

/// The worst error of a function of one single, over the samples for which it is asked.
fn worst(op: &str, asked: impl Fn(f64) -> bool, exact: impl Fn(f64) -> f64) -> f64 {
    let input: Vec<u64> = patterns();
    let got = results(&format!("{op} %r9, %r1; cvt.u64.u32 %x9, %r9;"), &input);
    let mut worst = 0f64;
    let mut n_asked = 0;
    for (input, got) in input.iter().zip(got) {
        let a = f64::from(f32::from_bits(*input as u32));
        if !a.is_finite() || !asked(a) {
            continue;
        }
        let exact = exact(a);
        if exact.abs() > f64::from(f32::MAX) {
            continue;
        }
        n_asked += 1;
        let got = f64::from(f32::from_bits(got as u32));
        worst = worst.max(units(exact, got, SINGLE));
    }
    assert!(n_asked > SAMPLES / 50, "{op}: {n_asked} samples");
    worst
}

fn check(op: &str, asked: impl Fn(f64) -> bool, exact: impl Fn(f64) -> f64) {
    let error = worst(op, asked, exact);
    assert!(error <= SINGLE_ULP, "{op}: {error} ulp");
}

/// Sine by its series after an exact reduction.
fn sine(x: f64, quarter: i64) -> f64 {
    // Pi / 2 in three parts, the first of which ends in zeros enough for exact products.
    let high = f64::from_bits(std::f64::consts::FRAC_PI_2.to_bits() & !0xFFF_FFFF);
    let middle = std::f64::consts::FRAC_PI_2 - high;
    let low = 6.123_233_995_736_766e-17;
    let n = (x / std::f64::consts::FRAC_PI_2).round();
    let r = (x - n * high) - n * middle - n * low;
    let series = |first: f64, start: i32| {
        let (mut term, mut sum) = (first, first);
        for k in 1..14 {
            let at = f64::from(start + 2 * k);
            term *= -r * r / (at * (at - 1.0));
            sum += term;
        }
        sum
    };
    match (n as i64 + quarter).rem_euclid(4) {
        0 => series(r, 1),
        1 => series(1.0, 0),
        2 => -series(r, 1),
        _ => -series(1.0, 0),
    }
}

#[test]
fn single_precision_functions_are_off_by_one_rounding() {
    let normal = |a: f64| a.abs() >= f64::from(f32::MIN_POSITIVE);
    let positive = |a: f64| a >= f64::from(f32::MIN_POSITIVE);
    check("rcp.approx.f32", normal, |a| a.recip());
    check("sqrt.approx.f32", positive, f64::sqrt);
    check("rsqrt.approx.f32", positive, |a| a.recip().sqrt());
    check("lg2.approx.f32", positive, |a| {
        a.ln() / std::f64::consts::LN_2
    });
    let small = |a: f64| a.abs() < 120.0;
    check("ex2.approx.f32", small, |a| {
        (a * std::f64::consts::LN_2).exp()
    });
    check("tanh.approx.f32", small, |a| {
        let grown = (2.0 * a).exp_m1();
        grown / (grown + 2.0)
    });
    check("sin.approx.f32", small, |a| sine(a, 0));
    check("cos.approx.f32", small, |a| sine(a, 1));
}

#[test]
fn approximate_quotients_are_off_by_one_rounding() {
    let high = patterns();
    let input: Vec<u64> = patterns()
        .iter()
        .zip(high.iter().rev())
        .map(|(a, b)| a | b << 32)
        .collect();
    for op in ["div.approx.f32", "div.full.f32"] {
        let got = results(
            &format!("{op} %r9, %r1, %r2; cvt.u64.u32 %x9, %r9;"),
            &input,
        );
        let mut worst = 0f64;
        for (input, got) in input.iter().zip(got) {
            let [a, b] = [*input as u32, (*input >> 32) as u32].map(f32::from_bits);
            let exact = f64::from(a) / f64::from(b);
            if exact.is_finite() && exact.abs() < f64::from(f32::MAX) {
                let got = f64::from(f32::from_bits(got as u32));
                worst = worst.max(units(exact, got, SINGLE));
            }
        }
        assert!(worst <= SINGLE_ULP, "{op}: {worst} ulp");
    }
}

#[test]
fn half_precision_functions_are_off_by_one_rounding() {
    // Two roundings, to single precision and to halves, are one and a little.
    let input: Vec<u64> = (0..1u64 << 16).collect();
    let tanh = |a: f64| {
        let grown = (2.0 * a).exp_m1();
        grown / (grown + 2.0)
    };
    let two_to = |a: f64| (a * std::f64::consts::LN_2).exp();
    let functions: [(&str, Exact); 2] = [("ex2.approx", two_to), ("tanh.approx", tanh)];
    for (op, exact) in functions {
        let text = |ty: &str| format!("{op}.{ty} %h9, %h1; cvt.u64.u16 %x9, %h9;");
        let halves = results(&text("f16"), &input);
        let brains = results(
            &text(if op == "ex2.approx" {
                "ftz.bf16"
            } else {
                "bf16"
            }),
            &input,
        );
        let mut worst = [0f64; 2];
        for index in 0..input.len() {
            let a = Half(index as u16).value();
            if a.abs() < 15.0 {
                let got = Half(halves[index] as u16).value();
                worst[0] = worst[0].max(units(exact(a), got, (10, -14)));
            }
            let a = f64::from(Brain(index as u16).value());
            if a.abs() < 100.0 && a.abs() > 1e-30 {
                let got = f64::from(Brain(brains[index] as u16).value());
                worst[1] = worst[1].max(units(exact(a), got, (7, -126)));
            }
        }
        assert!(
            worst[0] <= 0.501 && worst[1] <= 0.501,
            "{op}: {worst:?} ulp"
        );
    }
}

#[test]
fn gross_doubles_keep_the_upper_half_of_their_bits() {
    let input: Vec<u64> = (0..SAMPLES as u64)
        .map(|index| 0x3000_0000_0000_0000 + index * 0x0000_2345_6789_ABCD)
        .collect();
    let functions: [(&str, Exact); 2] = [
        ("rcp.approx.ftz.f64", f64::recip),
        ("rsqrt.approx.ftz.f64", |a| a.recip().sqrt()),
    ];
    for (op, exact) in functions {
        let got = results(&format!("{op} %x9, %x1;"), &input);
        for (input, got) in input.iter().zip(got) {
            let exact = exact(f64::from_bits(*input));
            let error = units(exact, f64::from_bits(got), (52, -1022));
            assert!(error <= 2f64.powi(32) + 1.0, "{op}: {error} ulp");
            assert_eq!(got as u32, 0, "{op}");
        }
    }
}

/// How far `y` is from the reciprocal square root of `a`, in units in the last place: half of what `a y y` lacks
/// of one, without the rounding of the products.
fn units_of_root(a: f64, y: f64) -> f64 {
    let half = (a.log2() / 2.0).floor() as i32;
    let (a, y) = (a * 2f64.powi(-half) * 2f64.powi(-half), y * 2f64.powi(half));
    let square = y * y;
    let lost = y.mul_add(y, -square);
    let lacks = (-a).mul_add(square, 1.0) - a * lost;
    let unit = 2f64.powi(y.log2().floor() as i32 - 52);
    (lacks / 2.0 * y / unit).abs()
}

#[test]
fn reciprocal_roots_of_doubles_are_off_by_two_roundings() {
    // Positive numbers of all sizes; the first are subnormal.
    let subnormal = [1, 2, 3, 0xF_FFFF_FFFF_FFFF, 0x8_0000_0000_0001];
    let step = f64::INFINITY.to_bits() / SAMPLES as u64;
    let mut input: Vec<u64> = (0..SAMPLES as u64)
        .map(|index| index * step + (index * 0x0000_2345_6789_ABCD) % step)
        .collect();
    input[..subnormal.len()].copy_from_slice(&subnormal);
    let got = results("rsqrt.approx.f64 %x9, %x1;", &input);
    for (input, got) in input.iter().zip(got) {
        let error = units_of_root(f64::from_bits(*input), f64::from_bits(got));
        assert!(error <= 1.5, "{input:#x}: {error} ulp");
    }
    let ends = [0, 1 << 63, f64::INFINITY.to_bits(), (-1f64).to_bits()];
    let mut input = vec![0; 256];
    input[..ends.len()].copy_from_slice(&ends);
    let got = results("rsqrt.approx.f64 %x9, %x1;", &input);
    assert_eq!(got[0], f64::INFINITY.to_bits());
    assert_eq!(got[1], f64::NEG_INFINITY.to_bits());
    assert_eq!(got[2], 0);
    assert!(f64::from_bits(got[3]).is_nan());
}
