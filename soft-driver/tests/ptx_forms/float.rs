//! Floating point arithmetic: exact results, directed rounding, flushing, approximations.

use crate::support::{binary, ternary, text, unary, unary_near};
use crate::words::{Brain, Half};

/// A direction of rounding.
#[derive(Clone, Copy)]
pub(crate) enum Rounding {
    Nearest,
    Zero,
    Down,
    Up,
}

/// The modes with their spelling.
pub(crate) const MODES: [(&str, Rounding); 4] = [
    ("rn", Rounding::Nearest),
    ("rz", Rounding::Zero),
    ("rm", Rounding::Down),
    ("rp", Rounding::Up),
];

/// Moves a rounded number by one unit if it lies on the wrong side of the exact value; `error` has
/// the sign of exact minus rounded.
macro_rules! corrected {
    ($rounded:expr, $error:expr, $mode:expr, $zero:expr) => {{
        let (rounded, error, mode) = ($rounded, $error, $mode);
        if rounded.is_nan() || error == 0.0 {
            // A sum of opposite numbers is -0 when rounding down.
            let negative_zero = $zero && matches!(mode, Rounding::Down) && rounded == 0.0;
            if negative_zero {
                -rounded.abs()
            } else {
                rounded
            }
        } else {
            match mode {
                Rounding::Nearest => rounded,
                Rounding::Zero if rounded > 0.0 && error < 0.0 => rounded.next_down(),
                Rounding::Zero if rounded < 0.0 && error > 0.0 => rounded.next_up(),
                Rounding::Zero => rounded,
                Rounding::Down if error < 0.0 => rounded.next_down(),
                Rounding::Up if error > 0.0 => rounded.next_up(),
                _ => rounded,
            }
        }
    }};
}

/// Sum and what rounding lost of it.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    let error = (a - (sum - part)) + (b - part);
    (sum, if sum.is_finite() { error } else { 0.0 })
}

/// Rounds `high + low`, known exactly, to single precision.
pub(crate) fn round_single(high: f64, low: f64, mode: Rounding) -> f32 {
    let nearest = high as f32;
    if high.is_infinite() || high.is_nan() {
        return nearest;
    }
    // Where `high` is halfway between two singles, `low` decides.
    let nearest = match high - f64::from(nearest) {
        rest if low == 0.0 || rest == 0.0 => nearest,
        rest => {
            let other = if rest > 0.0 {
                nearest.next_up()
            } else {
                nearest.next_down()
            };
            let tie = (f64::from(other) - high).abs() == rest.abs();
            if tie && (low > 0.0) == (rest > 0.0) {
                other
            } else {
                nearest
            }
        }
    };
    // Beyond the largest number every infinity came from rounding.
    let error = if nearest.is_infinite() {
        -f64::from(nearest)
    } else {
        high - f64::from(nearest)
    };
    corrected!(nearest, if error == 0.0 { low } else { error }, mode, false)
}

pub(crate) fn add_single(a: f32, b: f32, mode: Rounding) -> f32 {
    let (high, low) = two_sum(f64::from(a), f64::from(b));
    if high == 0.0 && !(a == 0.0 && b == 0.0 && a.is_sign_negative() == b.is_sign_negative()) {
        return if matches!(mode, Rounding::Down) {
            -0.0
        } else {
            0.0
        };
    }
    round_single(high, low, mode)
}

pub(crate) fn multiply_add_single(a: f32, b: f32, c: f32, mode: Rounding) -> f32 {
    let product = f64::from(a) * f64::from(b);
    let (high, low) = two_sum(product, f64::from(c));
    let cancelled = product != 0.0 || (product.is_sign_negative() != c.is_sign_negative());
    if high == 0.0 && cancelled {
        return if matches!(mode, Rounding::Down) {
            -0.0
        } else {
            0.0
        };
    }
    round_single(high, low, mode)
}

#[test]
fn single_addition_and_multiplication_round_as_asked() {
    for (name, mode) in MODES {
        binary::<f32, f32, f32>(&format!("add.{name}.f32"), |a, b| add_single(a, b, mode));
        binary::<f32, f32, f32>(&format!("sub.{name}.f32"), |a, b| add_single(a, -b, mode));
        binary::<f32, f32, f32>(&format!("mul.{name}.f32"), |a, b| {
            round_single(f64::from(a) * f64::from(b), 0.0, mode)
        });
        ternary::<f32, f32, f32, f32>(&format!("fma.{name}.f32"), |a, b, c| {
            multiply_add_single(a, b, c, mode)
        });
    }
    binary::<f32, f32, f32>("add.f32", |a, b| a + b);
    binary::<f32, f32, f32>("sub.f32", |a, b| a - b);
    binary::<f32, f32, f32>("mul.f32", |a, b| a * b);
    ternary::<f32, f32, f32, f32>("mad.rn.f32", f32::mul_add);
}

#[test]
fn double_arithmetic_rounds_to_nearest() {
    binary::<f64, f64, f64>("add.f64", |a, b| a + b);
    binary::<f64, f64, f64>("add.rn.f64", |a, b| a + b);
    binary::<f64, f64, f64>("sub.f64", |a, b| a - b);
    binary::<f64, f64, f64>("mul.f64", |a, b| a * b);
    binary::<f64, f64, f64>("mul.rn.f64", |a, b| a * b);
    ternary::<f64, f64, f64, f64>("fma.rn.f64", f64::mul_add);
    ternary::<f64, f64, f64, f64>("mad.rn.f64", f64::mul_add);
    binary::<f64, f64, f64>("div.rn.f64", |a, b| a / b);
    unary::<f64, f64>("sqrt.rn.f64", f64::sqrt);
    unary::<f64, f64>("rcp.rn.f64", |a| 1.0 / a);
}

#[test]
fn double_addition_rounds_as_asked() {
    for (name, mode) in MODES {
        binary::<f64, f64, f64>(&format!("add.{name}.f64"), |a, b| {
            let (sum, mut error) = two_sum(a, b);
            if sum.is_infinite() && a.is_finite() && b.is_finite() {
                error = -sum;
            }
            let same_zero = a == 0.0 && b == 0.0 && a.is_sign_negative() == b.is_sign_negative();
            corrected!(sum, error, mode, !same_zero)
        });
    }
}

#[test]
fn division_and_roots_are_correctly_rounded() {
    binary::<f32, f32, f32>("div.rn.f32", |a, b| a / b);
    unary::<f32, f32>("rcp.rn.f32", |a| 1.0 / a);
    unary::<f32, f32>("sqrt.rn.f32", f32::sqrt);
    for (name, mode) in MODES {
        // The root's square tells on which side of the exact root it lies.
        unary::<f32, f32>(&format!("sqrt.{name}.f32"), |a| {
            let root = a.sqrt();
            let exact = root.is_finite() && root != 0.0;
            let error = f64::from(a) - f64::from(root) * f64::from(root);
            if exact {
                corrected!(root, error, mode, false)
            } else {
                root
            }
        });
    }
}

/// Subnormal numbers become zeros of their sign.
fn flushed(value: f32) -> f32 {
    if value.is_subnormal() {
        0f32.copysign(value)
    } else {
        value
    }
}

#[test]
fn flushing_forms_treat_subnormals_as_zero() {
    binary::<f32, f32, f32>("add.ftz.f32", |a, b| flushed(flushed(a) + flushed(b)));
    binary::<f32, f32, f32>("sub.ftz.f32", |a, b| flushed(flushed(a) - flushed(b)));
    binary::<f32, f32, f32>("mul.ftz.f32", |a, b| flushed(flushed(a) * flushed(b)));
    binary::<f32, f32, f32>("div.rn.ftz.f32", |a, b| flushed(flushed(a) / flushed(b)));
    binary::<f32, f32, f32>("max.ftz.f32", |a, b| largest(flushed(a), flushed(b)));
    unary::<f32, f32>("abs.ftz.f32", |a| flushed(a.abs()));
    unary::<f32, f32>("neg.ftz.f32", |a| flushed(-a));
    unary::<f32, f32>("sqrt.rn.ftz.f32", |a| flushed(a).sqrt());
    binary::<bool, f32, f32>("setp.eq.ftz.f32", |a, b| flushed(a) == flushed(b));
    ternary::<f32, f32, f32, f32>("fma.rn.ftz.f32", |a, b, c| {
        flushed(flushed(a).mul_add(flushed(b), flushed(c)))
    });
}

#[test]
fn saturating_forms_clamp_to_the_unit_interval() {
    // NaN becomes zero.
    let clamp = |value: f32| if value > 0.0 { value.min(1.0) } else { 0.0 };
    binary::<f32, f32, f32>("add.sat.f32", |a, b| clamp(a + b));
    binary::<f32, f32, f32>("mul.sat.f32", |a, b| clamp(a * b));
    ternary::<f32, f32, f32, f32>("fma.rn.sat.f32", |a, b, c| clamp(a.mul_add(b, c)));
    unary::<f32, f32>("cvt.sat.f32.f32", clamp);
}

/// The larger number; a NaN loses, and -0 is below 0.
fn largest(a: f32, b: f32) -> f32 {
    match (a.is_nan(), b.is_nan()) {
        (true, _) => b,
        (_, true) => a,
        _ if a == b => {
            if a.is_sign_negative() {
                b
            } else {
                a
            }
        }
        _ => {
            if a > b {
                a
            } else {
                b
            }
        }
    }
}

#[test]
fn signs_and_extremes_handle_nan_and_zero() {
    unary::<f32, f32>("abs.f32", f32::abs);
    unary::<f32, f32>("neg.f32", |a| -a);
    unary::<f64, f64>("abs.f64", f64::abs);
    unary::<f64, f64>("neg.f64", |a| -a);
    binary::<f32, f32, f32>("max.f32", largest);
    binary::<f32, f32, f32>("min.f32", |a, b| -largest(-a, -b));
    binary::<f32, f32, f32>("max.NaN.f32", |a, b| {
        if a.is_nan() || b.is_nan() {
            f32::NAN
        } else {
            largest(a, b)
        }
    });
    binary::<f64, f64, f64>("max.f64", |a, b| match (a.is_nan(), b.is_nan()) {
        (true, _) => b,
        (_, true) => a,
        _ if a == b && a.is_sign_negative() => b,
        _ => {
            if b > a {
                b
            } else {
                a
            }
        }
    });
    // The sign comes from the first operand.
    binary::<f32, f32, f32>("copysign.f32", |a, b| b.copysign(a));
    binary::<f64, f64, f64>("copysign.f64", |a, b| b.copysign(a));
    let bits = |class: bool| class;
    unary::<bool, f32>("testp.finite.f32", |a| bits(a.is_finite()));
    unary::<bool, f32>("testp.infinite.f32", |a| bits(a.is_infinite()));
    unary::<bool, f32>("testp.number.f32", |a| bits(!a.is_nan()));
    unary::<bool, f32>("testp.notanumber.f32", |a| bits(a.is_nan()));
    unary::<bool, f32>("testp.subnormal.f32", |a| bits(a.is_subnormal()));
    unary::<bool, f64>("testp.normal.f64", |a| bits(a.is_normal() || a == 0.0));
}

#[test]
fn comparisons_order_or_admit_nan() {
    macro_rules! all {
        ($(($name:literal, $ty:ident)),+) => {$(
            let unordered = |a: $ty, b: $ty| a.is_nan() || b.is_nan();
            binary::<bool, $ty, $ty>(concat!("setp.eq.", $name), |a, b| a == b);
            binary::<bool, $ty, $ty>(concat!("setp.ne.", $name), |a, b| {
                a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_ne)
            });
            binary::<bool, $ty, $ty>(concat!("setp.lt.", $name), |a, b| a < b);
            binary::<bool, $ty, $ty>(concat!("setp.le.", $name), |a, b| a <= b);
            binary::<bool, $ty, $ty>(concat!("setp.gt.", $name), |a, b| a > b);
            binary::<bool, $ty, $ty>(concat!("setp.ge.", $name), |a, b| a >= b);
            binary::<bool, $ty, $ty>(concat!("setp.equ.", $name), |a, b| a == b || unordered(a, b));
            binary::<bool, $ty, $ty>(concat!("setp.neu.", $name), |a, b| a != b);
            binary::<bool, $ty, $ty>(concat!("setp.ltu.", $name), |a, b| a < b || unordered(a, b));
            binary::<bool, $ty, $ty>(concat!("setp.leu.", $name), |a, b| a <= b || unordered(a, b));
            binary::<bool, $ty, $ty>(concat!("setp.gtu.", $name), |a, b| a > b || unordered(a, b));
            binary::<bool, $ty, $ty>(concat!("setp.geu.", $name), |a, b| a >= b || unordered(a, b));
            binary::<bool, $ty, $ty>(concat!("setp.num.", $name), |a, b| !unordered(a, b));
            binary::<bool, $ty, $ty>(concat!("setp.nan.", $name), unordered);
        )+};
    }
    all!(("f32", f32), ("f64", f64));
    ternary::<bool, f32, f32, bool>("setp.gt.and.f32", |a, b, c| a > b && c);
    binary::<u32, f32, f32>("set.lt.u32.f32", |a, b| if a < b { !0 } else { 0 });
}

#[test]
fn constants_are_exact_in_every_notation() {
    text::<f32, f32, f32, f32>("add.f32 {d}, {a}, 0f3F800000;", |a, _, _| a + 1.0);
    text::<f32, f32, f32, f32>("mul.f32 {d}, {a}, 0.1;", |a, _, _| a * 0.1);
    text::<f64, f64, f64, f64>("mul.f64 {d}, {a}, 0d3FF8000000000000;", |a, _, _| a * 1.5);
    text::<f32, f32, f32, f32>("mov.f32 {d}, 0fFF800000;", |_, _, _| f32::NEG_INFINITY);
    text::<u32, u32, u32, u32>("mov.b32 {d}, 0f40490FDB;", |_, _, _| 0x4049_0fdb);
    text::<bool, f64, f64, f64>("setp.lt.f64 {d}, {a}, 0d0000000000000000;", |a, _, _| {
        a < 0.0
    });
}

/// Whether a single lies within `units` units in the last place of the right one, where results
/// and operands in the subnormal range may be taken as zero.
fn within(units: f64) -> impl Fn(f32, f32) -> bool {
    move |right, got| {
        if right.is_infinite() || right.is_nan() {
            return false;
        }
        let unit = f64::from(right.abs().max(f32::MIN_POSITIVE).next_up())
            - f64::from(right.abs().max(f32::MIN_POSITIVE));
        (f64::from(right) - f64::from(got)).abs() <= units * unit
    }
}

#[test]
fn approximations_stay_within_their_documented_error() {
    unary_near::<f32, f32>(
        "rcp.approx.ftz.f32",
        |a| flushed(1.0 / flushed(a)),
        within(1.0),
    );
    unary_near::<f32, f32>("sqrt.approx.ftz.f32", |a| flushed(a).sqrt(), within(2.0));
    unary_near::<f32, f32>(
        "rsqrt.approx.ftz.f32",
        |a| 1.0 / flushed(a).sqrt(),
        within(2.0),
    );
    unary_near::<f32, f32>(
        "ex2.approx.ftz.f32",
        |a| flushed(flushed(a).exp2()),
        within(3.0),
    );
    let absolute = |limit: f32| move |right: f32, got: f32| (right - got).abs() <= limit;
    unary_near::<f32, f32>(
        "lg2.approx.ftz.f32",
        |a| f64::from(flushed(a)).log2() as f32,
        |right, got| within(4.0)(right, got) || absolute(1e-6)(right, got),
    );
    unary_near::<f32, f32>("tanh.approx.f32", f32::tanh, |right, got| {
        (right - got).abs() <= 1e-3 * right.abs().max(1e-30)
    });
}

#[test]
fn sine_and_cosine_are_close_within_one_turn() {
    let turn = |text: &str, exact: fn(f64) -> f64| {
        // Operands are 16-bit numbers scaled to (-pi, pi).
        crate::support::Form {
            text: format!(
                "cvt.rn.f32.s16 %r8, {{a}}; mul.f32 %r8, %r8, 0f38C90FDB; {text} {{d}}, %r8;"
            ),
            classes: ['r', 'h', 'x', 'x'],
            samples: [(0..65_536).step_by(97).collect(), vec![0], vec![0]],
            expected: &|[a, ..]| {
                let angle = f32::from(a as u16 as i16) * f32::from_bits(0x38c9_0fdb);
                Some(u64::from((exact(f64::from(angle)) as f32).to_bits()))
            },
            same: &|right, got| {
                (f32::from_bits(right as u32) - f32::from_bits(got as u32)).abs() < 1e-6
            },
        }
        .check();
    };
    turn("sin.approx.f32", f64::sin);
    turn("cos.approx.f32", f64::cos);
}

#[test]
fn half_arithmetic_rounds_once() {
    binary::<Half, Half, Half>("add.f16", |a, b| Half::nearest(a.value() + b.value()));
    binary::<Half, Half, Half>("add.rn.f16", |a, b| Half::nearest(a.value() + b.value()));
    binary::<Half, Half, Half>("sub.f16", |a, b| Half::nearest(a.value() - b.value()));
    binary::<Half, Half, Half>("mul.f16", |a, b| Half::nearest(a.value() * b.value()));
    // Two halves multiply and add without error in double precision, but for the last bit of sums
    // of very different size, which cannot be halfway between halves.
    ternary::<Half, Half, Half, Half>("fma.rn.f16", |a, b, c| {
        Half::nearest(a.value().mul_add(b.value(), c.value()))
    });
    unary::<Half, Half>("neg.f16", |a| Half(a.0 ^ 0x8000));
    unary::<Half, Half>("abs.f16", |a| Half(a.0 & 0x7fff));
    binary::<bool, Half, Half>("setp.lt.f16", |a, b| a.value() < b.value());
    binary::<bool, Half, Half>("setp.gtu.f16", |a, b| {
        a.value() > b.value() || a.value().is_nan() || b.value().is_nan()
    });
}

#[test]
fn brain_float_multiply_add_rounds_once() {
    ternary::<Brain, Brain, Brain, Brain>("fma.rn.bf16", |a, b, c| {
        let product = f64::from(a.value()) * f64::from(b.value());
        let (high, low) = two_sum(product, f64::from(c.value()));
        // Round to odd first, so that the second rounding sees that something was lost.
        let single = round_single(high, low, Rounding::Zero);
        let lost = f64::from(single) != high || low != 0.0;
        let sticky = f32::from_bits(single.to_bits() | u32::from(lost && single.is_finite()));
        Brain::nearest(sticky)
    });
}

#[test]
fn packed_halves_work_lane_by_lane() {
    let lanes = |word: u32| [Half(word as u16), Half((word >> 16) as u16)];
    let pack = |low: Half, high: Half| u32::from(high.0) << 16 | u32::from(low.0);
    // NaNs in one lane only are compared exactly, so keep to numbers.
    let number =
        |word: u32| lanes(word).map(|half| if half.value().is_nan() { Half(0) } else { half });
    let text_of = |op: &str| {
        // Clear lanes that are NaN before the operation, as `number` does.
        let clean = |register: &str| {
            format!(
                "mov.b32 {{%h4, %h5}}, {register}; setp.nan.f16 %p1, %h4, %h4; \
                 setp.nan.f16 %p2, %h5, %h5; selp.b16 %h4, 0, %h4, %p1; selp.b16 %h5, 0, %h5, %p2; \
                 mov.b32 {register}, {{%h4, %h5}};"
            )
        };
        format!(
            "{} {} {op} {{d}}, {{a}}, {{b}};",
            clean("{a}"),
            clean("{b}")
        )
    };
    let check = |op: &str, exact: fn(f64, f64) -> f64| {
        text::<Packed, u32, u32, u32>(&text_of(op), |a, b, _| {
            let ([a0, a1], [b0, b1]) = (number(a), number(b));
            let low = Half::nearest(exact(a0.value(), b0.value()));
            Packed(pack(low, Half::nearest(exact(a1.value(), b1.value()))))
        });
    };
    check("add.f16x2", |a, b| a + b);
    check("sub.f16x2", |a, b| a - b);
    check("mul.f16x2", |a, b| a * b);
}

/// Two halves in a register; all NaNs are alike in each lane.
#[derive(Clone, Copy)]
struct Packed(u32);

impl crate::words::Word for Packed {
    const CLASS: char = 'r';
    fn from_bits(bits: u64) -> Self {
        Packed(bits as u32)
    }
    fn to_bits(self) -> u64 {
        u64::from(self.0)
    }
    fn samples() -> Vec<u64> {
        vec![0]
    }
    fn same(expected: u64, got: u64) -> bool {
        let lane = |bits: u64, index: u32| bits >> (16 * index) & 0xffff;
        got >> 32 == 0
            && [0, 1]
                .iter()
                .all(|index| Half::same(lane(expected, *index), lane(got, *index)))
    }
}
