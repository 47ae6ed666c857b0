//! Video instructions, against wide integers.

use crate::support::{ternary, text};

fn wrap(value: i64) -> u32 {
    value as u32
}

fn signed(value: u32) -> i64 {
    i64::from(value as i32)
}

fn byte(value: u32, index: u32) -> i64 {
    i64::from(value >> (8 * index) & 0xFF)
}

fn signed_byte(value: u32, index: u32) -> i64 {
    i64::from((value >> (8 * index)) as i8)
}

fn half(value: u32, index: u32) -> i64 {
    i64::from(value >> (16 * index) & 0xFFFF)
}

fn signed_half(value: u32, index: u32) -> i64 {
    i64::from((value >> (16 * index)) as i16)
}

#[test]
fn scalar_operations_saturate_and_combine() {
    let (least, most) = (i64::from(i32::MIN), i64::from(i32::MAX));
    ternary::<u32, u32, u32, u32>("vadd.s32.u32.s32.sat.add", |a, b, c| {
        wrap((i64::from(a) + signed(b)).clamp(least, most)).wrapping_add(c)
    });
    ternary::<u32, u32, u32, u32>("vsub.u32.u32.u32.sat.max", |a, b, c| {
        a.saturating_sub(b).max(c)
    });
    ternary::<u32, u32, u32, u32>("vabsdiff.s32.s32.s32.min", |a, b, c| {
        let difference = wrap((signed(a) - signed(b)).abs());
        signed(difference).min(signed(c)) as u32
    });
    text::<u32, u32, u32, u32>("vmin.s32.s32.u32 {d}, {a}, {b};", |a, b, _| {
        wrap(signed(a).min(i64::from(b)))
    });
    text::<u32, u32, u32, u32>("vset.s32.u32.lt {d}, {a}, {b};", |a, b, _| {
        u32::from(signed(a) < i64::from(b))
    });
    ternary::<u32, u32, u32, u32>("vset.u32.u32.ge.add", |a, b, c| {
        c.wrapping_add(u32::from(a >= b))
    });
}

#[test]
fn scalar_operations_select_and_merge_parts() {
    text::<u32, u32, u32, u32>("vsub.s32.u32.s32 {d}, {a}.b2, {b}.h1;", |a, b, _| {
        wrap(byte(a, 2) - signed_half(b, 1))
    });
    text::<u32, u32, u32, u32>(
        "vadd.u32.s32.s32.sat {d}.b1, {a}.b3, {b}.h0, {c};",
        |a, b, c| {
            let sum = (signed_byte(a, 3) + signed_half(b, 0)).clamp(0, 255);
            c & 0xFFFF_00FF | wrap(sum) << 8
        },
    );
    text::<u32, u32, u32, u32>("vmax.s32.s32.s32 {d}.h1, {a}, {b}.b0, {c};", |a, b, c| {
        c & 0xFFFF | wrap(signed(a).max(signed_byte(b, 0))) << 16
    });
}

#[test]
fn scalar_shifts_clamp_or_wrap() {
    text::<u32, u32, u32, u32>("vshl.u32.u32.u32.wrap {d}, {a}, {b};", |a, b, _| {
        a << (b & 31)
    });
    text::<u32, u32, u32, u32>("vshl.u32.u32.u32.clamp {d}, {a}, {b};", |a, b, _| {
        a.checked_shl(b).unwrap_or(0)
    });
    text::<u32, u32, u32, u32>("vshr.s32.s32.u32.clamp {d}, {a}, {b};", |a, b, _| {
        wrap(signed(a) >> b.min(32))
    });
    ternary::<u32, u32, u32, u32>("vshr.u32.u32.u32.wrap.add", |a, b, c| {
        (a >> (b & 31)).wrapping_add(c)
    });
}

#[test]
fn products_are_exact_before_they_are_scaled() {
    ternary::<u32, u32, u32, u32>("vmad.s32.s32.s32", |a, b, c| {
        a.wrapping_mul(b).wrapping_add(c)
    });
    ternary::<u32, u32, u32, u32>("vmad.u32.u32.u32.shr15", |a, b, c| {
        ((u128::from(a) * u128::from(b) + u128::from(c)) >> 15) as u32
    });
    ternary::<u32, u32, u32, u32>("vmad.s32.u32.s32.sat.shr7", |a, b, c| {
        let sum = i128::from(a) * i128::from(b as i32) + i128::from(c as i32);
        (sum >> 7).clamp(i128::from(i32::MIN), i128::from(i32::MAX)) as u32
    });
    text::<u32, u32, u32, u32>("vmad.s32.s32.s32 {d}, {a}.h0, {b}.b3, -{c};", |a, b, c| {
        wrap(signed_half(a, 0) * signed_byte(b, 3) - signed(c))
    });
    ternary::<u32, u32, u32, u32>("vmad.u32.u32.u32.po", |a, b, c| {
        a.wrapping_mul(b).wrapping_add(c).wrapping_add(1)
    });
}

/// Each lane by itself, merged into `c`.
fn bytes(a: u32, b: u32, f: impl Fn(i64, i64) -> i64) -> u32 {
    (0..4).fold(0, |all, lane| {
        all | (wrap(f(byte(a, lane), byte(b, lane))) & 0xFF) << (8 * lane)
    })
}

#[test]
fn simd_operations_work_lane_by_lane() {
    ternary::<u32, u32, u32, u32>("vadd4.u32.u32.u32", |a, b, _| bytes(a, b, |x, y| x + y));
    ternary::<u32, u32, u32, u32>("vadd4.u32.u32.u32.sat", |a, b, _| {
        bytes(a, b, |x, y| (x + y).min(255))
    });
    ternary::<u32, u32, u32, u32>("vsub4.u32.u32.u32.sat", |a, b, _| {
        bytes(a, b, |x, y| (x - y).max(0))
    });
    ternary::<u32, u32, u32, u32>("vavrg4.u32.u32.u32", |a, b, _| {
        bytes(a, b, |x, y| (x + y + 1) / 2)
    });
    ternary::<u32, u32, u32, u32>("vset4.u32.u32.gt", |a, b, _| {
        bytes(a, b, |x, y| i64::from(x > y))
    });
    ternary::<u32, u32, u32, u32>("vmax2.s32.s32.s32", |a, b, _| {
        let lane = |index| wrap(signed_half(a, index).max(signed_half(b, index))) & 0xFFFF;
        lane(0) | lane(1) << 16
    });
    ternary::<u32, u32, u32, u32>("vsub2.s32.s32.s32.sat", |a, b, _| {
        let lane = |index| {
            let difference = signed_half(a, index) - signed_half(b, index);
            wrap(difference.clamp(-32768, 32767)) & 0xFFFF
        };
        lane(0) | lane(1) << 16
    });
}

#[test]
fn simd_operations_accumulate_over_the_lanes() {
    ternary::<u32, u32, u32, u32>("vabsdiff4.u32.u32.u32.add", |a, b, c| {
        (0..4).fold(c, |sum, lane| {
            sum.wrapping_add(wrap((byte(a, lane) - byte(b, lane)).abs()))
        })
    });
    ternary::<u32, u32, u32, u32>("vadd2.s32.s32.s32.add", |a, b, c| {
        (0..2).fold(c, |sum, lane| {
            sum.wrapping_add(wrap(signed_half(a, lane) + signed_half(b, lane)))
        })
    });
}

#[test]
fn simd_operations_select_lanes_of_both_sources() {
    text::<u32, u32, u32, u32>(
        "vadd2.u32.u32.u32 {d}.h1, {a}.h20, {b}.h31, {c};",
        |_, b, c| {
            // The high lane adds half 2, the low one of `b`, and half 3, the high one of `b`.
            let sum = wrap(half(b, 0) + half(b, 1)) & 0xFFFF;
            c & 0xFFFF | sum << 16
        },
    );
    text::<u32, u32, u32, u32>(
        "vmin4.u32.u32.u32 {d}.b20, {a}.b7310, {b}.b0246, {c};",
        |a, b, c| {
            let all = [0, 1, 2, 3].map(|at| byte(a, at)).into_iter();
            let all: Vec<i64> = all.chain([0, 1, 2, 3].map(|at| byte(b, at))).collect();
            let low = wrap(all[0].min(all[6]));
            let third = wrap(all[3].min(all[2]));
            c & 0xFF00_FF00 | low | third << 16
        },
    );
}
