//! Ops in which lanes see each other.

use super::support::Device;

/// What each of `threads` lanes leaves in `%r9`; `%r1` is the lane, `%p1` whether it is odd.
fn lanes(snippet: &str, threads: u32) -> Vec<u32> {
    let device = Device::new(&format!(
        ".visible .entry k(.param .u64 out) {{
            .reg .b32 %r<12>; .reg .b64 %rd<8>; .reg .pred %p<6>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd2, %r1, 4; add.s64 %rd1, %rd1, %rd2;
            and.b32 %r2, %r1, 1; setp.ne.u32 %p1, %r2, 0;
            mov.u32 %r9, 0;
            {snippet}
            st.global.u32 [%rd1], %r9;
        }}"
    ));
    let out = device.zeroed(u64::from(threads) * 4);
    device.run("k", 1, threads, &[out]);
    device.read(out, threads as usize)
}

fn each(f: impl Fn(u32) -> u32) -> Vec<u32> {
    (0..32).map(f).collect()
}

#[test]
fn shuffles_move_values_within_their_segment() {
    let got = lanes(
        "shfl.sync.up.b32 %r9|%p2, %r1, 3, 0, -1; @!%p2 add.u32 %r9, %r9, 1000;",
        32,
    );
    assert_eq!(
        got,
        each(|lane| if lane >= 3 { lane - 3 } else { lane + 1000 })
    );
    let got = lanes(
        "shfl.sync.down.b32 %r9|%p2, %r1, 5, 31, -1; @!%p2 add.u32 %r9, %r9, 1000;",
        32,
    );
    assert_eq!(
        got,
        each(|lane| if lane + 5 < 32 { lane + 5 } else { lane + 1000 })
    );
    let got = lanes("shfl.sync.bfly.b32 %r9, %r1, 6, 31, -1;", 32);
    assert_eq!(got, each(|lane| lane ^ 6));
    let got = lanes("shfl.sync.idx.b32 %r9, %r1, 9, 31, -1;", 32);
    assert_eq!(got, each(|_| 9));
    let got = lanes("shfl.sync.idx.b32 %r9, %r1, 3, 0x181F, -1;", 32);
    assert_eq!(got, each(|lane| lane / 8 * 8 + 3));
    let got = lanes(
        "shfl.sync.down.b32 %r9|%p2, %r1, 2, 0x181F, -1; @!%p2 mov.u32 %r9, 99;",
        32,
    );
    assert_eq!(
        got,
        each(|lane| if lane % 8 + 2 < 8 { lane + 2 } else { 99 })
    );
}

#[test]
fn votes_count_the_lanes_that_take_part() {
    assert_eq!(
        lanes("vote.sync.ballot.b32 %r9, %p1, -1;", 32),
        each(|_| 0xAAAA_AAAA)
    );
    assert_eq!(
        lanes("vote.sync.ballot.b32 %r9, !%p1, -1;", 32),
        each(|_| 0x5555_5555)
    );
    assert_eq!(
        lanes("vote.sync.ballot.b32 %r9, %p1, -1;", 8),
        vec![0xAA; 8]
    );
    let mixed = "vote.sync.any.pred %p2, %p1, -1; vote.sync.all.pred %p3, %p1, -1;
        vote.sync.uni.pred %p4, %p1, -1;
        selp.u32 %r9, 1, 0, %p2; @%p3 add.u32 %r9, %r9, 2; @%p4 add.u32 %r9, %r9, 4;";
    assert_eq!(lanes(mixed, 32), each(|_| 1));
}

#[test]
fn matches_find_equal_lanes() {
    let got = lanes("shr.u32 %r3, %r1, 2; match.any.sync.b32 %r9, %r3, -1;", 32);
    assert_eq!(got, each(|lane| 0xF << (lane / 4 * 4)));
    let got = lanes(
        "mov.u32 %r3, 4; match.all.sync.b32 %r9|%p2, %r3, -1; @!%p2 mov.u32 %r9, 7;",
        32,
    );
    assert_eq!(got, each(|_| u32::MAX));
    let got = lanes(
        "match.all.sync.b32 %r9|%p2, %r1, -1; @!%p2 add.u32 %r9, %r9, 7;",
        32,
    );
    assert_eq!(got, each(|_| 7));
}

#[test]
fn reductions_combine_all_lanes() {
    assert_eq!(lanes("redux.sync.add.u32 %r9, %r1, -1;", 32), each(|_| 496));
    assert_eq!(lanes("redux.sync.max.s32 %r9, %r1, -1;", 20), vec![19; 20]);
    assert_eq!(lanes("redux.sync.xor.b32 %r9, %r1, -1;", 3), vec![3; 3]);
    assert_eq!(
        lanes("elect.sync %r9|%p2, -1; @%p2 add.u32 %r9, %r9, 50;", 32)[..2],
        [50, 0]
    );
}

#[test]
fn divergent_lanes_meet_at_a_warp_wide_op() {
    let got = lanes(
        "@%p1 bra ODD;
         mov.u32 %r3, 1;
         bra SUM;
        ODD:
         mov.u32 %r3, 2;
         nanosleep.u32 10;
        SUM:
         redux.sync.add.u32 %r9, %r3, -1;",
        32,
    );
    assert_eq!(got, each(|_| 48));
}

#[test]
fn half_of_the_warp_can_use_its_own_mask() {
    let got = lanes(
        "@!%p1 bra OUT;
         redux.sync.add.u32 %r9, %r1, 0xAAAAAAAA;
        OUT: bar.warp.sync -1;",
        32,
    );
    let odd: u32 = (0..32).filter(|lane| lane % 2 == 1).sum();
    assert_eq!(got, each(|lane| if lane % 2 == 1 { odd } else { 0 }));
}

#[test]
fn lanes_at_different_places_still_synchronise() {
    let got = lanes(
        "@%p1 bra ODD;
         mov.u32 %r9, 5;
         bar.warp.sync -1;
         bra OUT;
        ODD:
         bar.warp.sync -1;
         mov.u32 %r9, 6;
        OUT:",
        32,
    );
    assert_eq!(got, each(|lane| 5 + lane % 2));
}
