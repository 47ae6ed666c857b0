//! Instructions that look across lanes: shuffles, votes, matches, reductions, barriers that
//! combine.

use crate::support::run;

/// What lane `lane` reads from, and whether the source was in range.
fn shuffle_source(mode: &str, lane: u32, b: u32, c: u32) -> (u32, bool) {
    let (clamp, segments) = (c & 31, c >> 8 & 31);
    let highest = lane & segments | clamp & !segments;
    let lowest = lane & segments;
    let signed = i64::from;
    let (source, valid) = match mode {
        "up" => (
            signed(lane) - signed(b),
            signed(lane) - signed(b) >= signed(highest),
        ),
        "down" => (signed(lane + b), lane + b <= highest),
        "bfly" => (signed(lane ^ b), lane ^ b <= highest),
        _ => {
            let source = lowest | b & !segments;
            (signed(source), source <= highest)
        }
    };
    if valid {
        (source as u32 & 31, true)
    } else {
        (lane, false)
    }
}

#[test]
fn shuffles_move_values_between_lanes() {
    for mode in ["up", "down", "bfly", "idx"] {
        for width in [32, 16, 8, 2] {
            for b in [0, 1, 2, 3, 5, 8, 16, 31] {
                let clamp = if mode == "up" { 0 } else { 31 };
                let c = (32 - width) << 8 | clamp;
                let body = format!(
                    "mul.lo.u32 %r1, %t, 3; shfl.sync.{mode}.b32 %r2|%p1, %r1, {b}, {c}, -1;\n\
                     selp.b32 %r3, 1, 0, %p1; mov.b64 %x1, {{%r2, %r3}};\n\
                     add.s64 %x2, %out, %at; st.b64 [%x2], %x1;"
                );
                let expected: Vec<u64> = (0..64)
                    .map(|thread| {
                        let (source, valid) = shuffle_source(mode, thread % 32, b, c);
                        u64::from(valid) << 32 | u64::from(3 * (thread & !31 | source))
                    })
                    .collect();
                assert_eq!(run(&body, 64, &[0], 64), expected, "{body}");
            }
        }
    }
}

#[test]
fn shuffles_take_sources_and_masks_from_registers() {
    let body = "setp.ge.u32 %p1, %t, 20; @%p1 ret;\n\
                xor.b32 %r1, %t, 3; mul.lo.u32 %r2, %t, %t; mov.u32 %r3, 0xFFFFF;\n\
                shfl.sync.idx.b32 %r4, %r2, %r1, 31, %r3;\n\
                cvt.u64.u32 %x1, %r4; add.s64 %x2, %out, %at; st.b64 [%x2], %x1;";
    let expected: Vec<u64> = (0..20u64)
        .map(|thread| (thread ^ 3) * (thread ^ 3))
        .collect();
    assert_eq!(run(body, 32, &[0], 32)[..20], expected);
}

#[test]
fn votes_see_the_lanes_of_their_mask() {
    let check = |text: &str, expected: fn(u64) -> u64| {
        let body = format!(
            "mov.u32 %r9, 0; rem.u32 %r1, %t, 3; setp.eq.u32 %p1, %r1, 0; setp.lt.u32 %p2, %t, 99;\n\
             {text}\ncvt.u64.u32 %x1, %r9; add.s64 %x2, %out, %at; st.b64 [%x2], %x1;"
        );
        let expected: Vec<u64> = (0..64).map(expected).collect();
        assert_eq!(run(&body, 64, &[0], 64), expected, "{text}");
    };
    check("vote.sync.ballot.b32 %r9, %p1, -1;", |thread| {
        let warp = thread / 32;
        (0..32)
            .filter(|lane| (32 * warp + lane) % 3 == 0)
            .fold(0, |mask, lane| mask | 1 << lane)
    });
    check("vote.sync.ballot.b32 %r9, !%p1, -1;", |thread| {
        let warp = thread / 32;
        (0..32)
            .filter(|lane| (32 * warp + lane) % 3 != 0)
            .fold(0, |mask, lane| mask | 1 << lane)
    });
    check(
        "vote.sync.any.pred %p3, %p1, -1; selp.b32 %r9, 1, 0, %p3;",
        |_| 1,
    );
    check(
        "vote.sync.all.pred %p3, %p1, -1; selp.b32 %r9, 1, 0, %p3;",
        |_| 0,
    );
    check(
        "vote.sync.all.pred %p3, %p2, -1; selp.b32 %r9, 1, 0, %p3;",
        |_| 1,
    );
    check(
        "vote.sync.uni.pred %p3, %p1, -1; selp.b32 %r9, 1, 0, %p3;",
        |_| 0,
    );
    // Only the lanes of the first warp that the mask names call it.
    check(
        "setp.lt.and.u32 %p3, %t, 32, %p1; @%p3 vote.sync.ballot.b32 %r9, %p2, 0x49249249;",
        |thread| {
            if thread < 32 && thread % 3 == 0 {
                0x4924_9249
            } else {
                0
            }
        },
    );
    check("activemask.b32 %r9;", |_| 0xffff_ffff);
    check("@%p1 activemask.b32 %r9;", |thread| {
        let warp = thread / 32;
        let mask = (0..32).filter(|lane| (32 * warp + lane) % 3 == 0);
        if thread % 3 == 0 {
            mask.fold(0, |mask, lane| mask | 1 << lane)
        } else {
            0
        }
    });
}

#[test]
fn matches_find_equal_lanes() {
    let body = "and.b32 %r1, %t, 3; match.any.sync.b32 %r2, %r1, -1;\n\
                match.all.sync.b32 %r3|%p1, %r1, -1; match.all.sync.b32 %r4|%p2, %r5, -1;\n\
                cvt.u64.u32 %x1, %r1; match.any.sync.b64 %r6, %x1, -1;\n\
                xor.b32 %r6, %r6, %r2; add.s32 %r2, %r2, %r6;\n\
                selp.b32 %r7, 1, 0, %p1; selp.b32 %r8, 2, 0, %p2; or.b32 %r7, %r7, %r8;\n\
                not.b32 %r4, %r4; or.b32 %r7, %r7, %r4; or.b32 %r7, %r7, %r3;\n\
                mov.b64 %x2, {%r2, %r7}; add.s64 %x3, %out, %at; st.b64 [%x3], %x2;";
    let body = format!("mov.u32 %r5, 9;\n{body}");
    let expected: Vec<u64> = (0..32)
        .map(|lane| 2 << 32 | 0x1111_1111 << (lane & 3))
        .collect();
    assert_eq!(run(&body, 32, &[0], 32), expected);
}

#[test]
fn warp_reductions_combine_the_lanes_of_their_mask() {
    let check = |op: &str, expected: u64| {
        let body = format!(
            "sub.s32 %r1, %t, 10; redux.sync.{op} %r9, %r1, -1; cvt.u64.u32 %x1, %r9;\n\
             add.s64 %x2, %out, %at; st.b64 [%x2], %x1;"
        );
        assert_eq!(run(&body, 32, &[0], 32), [expected; 32], "{op}");
    };
    let values = || (0..32i32).map(|lane| (lane - 10) as u32);
    check(
        "add.s32",
        u64::from((0..32).map(|lane| lane - 10).sum::<i32>() as u32),
    );
    check("min.s32", u64::from(-10i32 as u32));
    check("max.s32", 21);
    check("max.u32", 0xffff_ffff);
    check("min.u32", 0);
    check(
        "and.b32",
        u64::from(values().fold(!0, |all, value| all & value)),
    );
    check(
        "or.b32",
        u64::from(values().fold(0, |all, value| all | value)),
    );
    check(
        "xor.b32",
        u64::from(values().fold(0, |all, value| all ^ value)),
    );
}

#[test]
fn barriers_combine_over_the_whole_block() {
    let body = "and.b32 %r1, %t, 1; setp.eq.u32 %p1, %r1, 1; setp.lt.u32 %p2, %t, 200;\n\
                bar.red.popc.u32 %r2, 0, %p1; barrier.red.and.pred %p3, 0, %p2;\n\
                bar.red.or.pred %p4, 0, %p1; bar.red.and.pred %p5, 0, !%p1;\n\
                selp.b32 %r3, 1, 0, %p3; selp.b32 %r4, 2, 0, %p4; selp.b32 %r5, 4, 0, %p5;\n\
                or.b32 %r3, %r3, %r4; or.b32 %r3, %r3, %r5; mov.b64 %x1, {%r2, %r3};\n\
                add.s64 %x2, %out, %at; st.b64 [%x2], %x1;";
    assert_eq!(run(body, 96, &[0], 96), vec![3 << 32 | 48; 96]);
}

#[test]
fn special_registers_describe_the_lane() {
    let body = "mov.u32 %r1, %laneid; mov.u32 %r2, %lanemask_lt; mov.u32 %r3, %lanemask_ge;\n\
                mov.u32 %r4, %lanemask_eq; mov.u32 %r5, %warpid; mov.u32 %r6, %lanemask_le;\n\
                add.u32 %r7, %r2, %r3; xor.b32 %r8, %r6, %r2; setp.eq.u32 %p1, %r8, %r4;\n\
                mov.u32 %r9, %lanemask_gt; add.u32 %r9, %r9, %r6; add.u32 %r7, %r7, %r9;\n\
                shl.b32 %r5, %r5, 8; or.b32 %r1, %r1, %r5; selp.b32 %r1, %r1, -1, %p1;\n\
                mov.b64 %x1, {%r1, %r7}; add.s64 %x2, %out, %at; st.b64 [%x2], %x1;";
    let expected: Vec<u64> = (0..64)
        .map(|thread| 0xffff_fffe << 32 | (thread / 32) << 8 | (thread % 32))
        .collect();
    assert_eq!(run(body, 64, &[0], 64), expected);
}

#[test]
fn scan_of_a_warp_by_shuffles_sums_up() {
    let mut body = "mov.u32 %r1, %t;\n".to_owned();
    for distance in [1, 2, 4, 8, 16] {
        body += &format!(
            "shfl.sync.up.b32 %r2|%p1, %r1, {distance}, 0, -1; @%p1 add.s32 %r1, %r1, %r2;\n"
        );
    }
    body += "cvt.u64.u32 %x1, %r1; add.s64 %x2, %out, %at; st.b64 [%x2], %x1;";
    let expected: Vec<u64> = (0..32).map(|lane| lane * (lane + 1) / 2).collect();
    assert_eq!(run(&body, 32, &[0], 32), expected);
}
