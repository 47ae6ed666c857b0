//! Programs that wait: for a lane, a warp, a block. None may starve whom it waits for.

use super::support::Device;
use crate::exec::LaunchShape;

#[test]
fn spin_lock_between_lanes_lets_each_in() {
    let device = Device::new(
        ".visible .entry k(.param .u64 lock, .param .u64 count) {
            .reg .b32 %r<6>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            ld.param.u64 %rd1, [lock]; ld.param.u64 %rd2, [count];
        TRY:
            atom.global.cas.b32 %r1, [%rd1], 0, 1;
            setp.ne.u32 %p1, %r1, 0;
            @%p1 bra TRY;
            ld.volatile.global.u32 %r2, [%rd2];
            add.u32 %r2, %r2, 1;
            st.volatile.global.u32 [%rd2], %r2;
            membar.gl;
            atom.global.exch.b32 %r3, [%rd1], 0;
            ret;
        }",
    );
    let lock = device.zeroed(4);
    let count = device.zeroed(4);
    let shape = LaunchShape::new([6, 1, 1], [96, 1, 1]);
    assert_eq!(device.run_on(2, "k", shape, &[lock, count]).fault, None);
    assert_eq!(device.read::<u32>(count, 1), [6 * 96]);
}

#[test]
fn lane_waits_for_a_higher_lane_of_its_warp() {
    let device = Device::new(
        ".visible .entry k(.param .u64 flag) {
            .reg .b32 %r<6>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            ld.param.u64 %rd1, [flag];
            mov.u32 %r1, %tid.x;
            setp.eq.u32 %p1, %r1, 31;
            @%p1 bra SIGNAL;
        WAIT:
            ld.global.u32 %r2, [%rd1];
            setp.eq.u32 %p2, %r2, 0;
            @%p2 bra WAIT;
            ret;
        SIGNAL:
            st.global.u32 [%rd1], 1;
            ret;
        }",
    );
    let flag = device.zeroed(4);
    device.run("k", 1, 32, &[flag]);
    assert_eq!(device.read::<u32>(flag, 1), [1]);
}

#[test]
fn warp_waits_for_a_later_warp_of_its_block() {
    let device = Device::new(
        ".visible .entry k(.param .u64 flag) {
            .reg .b32 %r<6>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            .shared .align 4 .u32 cell;
            mov.u32 %r1, %tid.x;
            setp.eq.u32 %p1, %r1, 0;
            @%p1 st.shared.u32 [cell], 0;
            bar.sync 0;
            setp.ge.u32 %p1, %r1, 96;
            @%p1 bra SIGNAL;
        WAIT:
            ld.volatile.shared.u32 %r2, [cell];
            setp.lt.u32 %p2, %r2, 32;
            @%p2 bra WAIT;
            ret;
        SIGNAL:
            atom.shared.add.u32 %r3, [cell], 1;
            ret;
        }",
    );
    device.run("k", 2, 128, &[0]);
}

#[test]
fn block_waits_for_a_later_block_even_on_one_thread() {
    let device = Device::new(
        ".visible .entry k(.param .u64 flags) {
            .reg .b32 %r<6>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            ld.param.u64 %rd1, [flags];
            mov.u32 %r1, %ctaid.x;
            mul.wide.u32 %rd2, %r1, 4; add.s64 %rd2, %rd1, %rd2;
            setp.eq.u32 %p1, %r1, 5;
            @%p1 bra SIGNAL;
        WAIT:
            ld.relaxed.gpu.global.u32 %r2, [%rd2+4];
            setp.eq.u32 %p2, %r2, 0;
            @%p2 bra WAIT;
        SIGNAL:
            st.release.gpu.global.u32 [%rd2], 1;
            ret;
        }",
    );
    let flags = device.zeroed(6 * 4);
    device.run("k", 6, 32, &[flags]);
    assert_eq!(device.read::<u32>(flags, 6), [1; 6]);
}

#[test]
fn block_that_waits_by_adding_nothing_is_noticed() {
    let device = Device::new(
        ".visible .entry k(.param .u64 count) {
            .reg .b32 %r<6>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            ld.param.u64 %rd1, [count];
            atom.global.add.u32 %r1, [%rd1], 1;
        WAIT:
            atom.global.add.u32 %r2, [%rd1], 0;
            setp.lt.u32 %p1, %r2, 96;
            @%p1 bra WAIT;
            ret;
        }",
    );
    let count = device.zeroed(4);
    device.run("k", 3, 32, &[count]);
    assert_eq!(device.read::<u32>(count, 1), [96]);
}

/// Every block adds to a counter and waits until all have: a grid barrier.
const GRID_BARRIER: &str = ".visible .entry k(.param .u64 count, .param .u64 out) {
    .reg .b32 %r<8>; .reg .b64 %rd<6>; .reg .pred %p<3>;
    ld.param.u64 %rd1, [count]; ld.param.u64 %rd2, [out];
    mov.u32 %r1, %tid.x; mov.u32 %r2, %nctaid.x;
    setp.ne.u32 %p1, %r1, 0;
    @%p1 bra MEET;
    atom.global.add.u32 %r3, [%rd1], 1;
WAIT:
    atom.global.add.u32 %r3, [%rd1], 0;
    setp.lt.u32 %p2, %r3, %r2;
    @%p2 bra WAIT;
MEET:
    bar.sync 0;
    ld.volatile.global.u32 %r4, [%rd1];
    mov.u32 %r5, %ctaid.x; mov.u32 %r6, %ntid.x;
    mad.lo.u32 %r5, %r5, %r6, %r1;
    mul.wide.u32 %rd3, %r5, 4; add.s64 %rd3, %rd2, %rd3;
    st.global.u32 [%rd3], %r4;
    ret;
}";

#[test]
fn cooperative_blocks_all_make_progress() {
    let device = Device::new(GRID_BARRIER);
    for threads in [1, 2] {
        let count = device.zeroed(4);
        let out = device.zeroed(150 * 64 * 4);
        let mut shape = LaunchShape::new([150, 1, 1], [64, 1, 1]);
        shape.cooperative = true;
        assert_eq!(
            device.run_on(threads, "k", shape, &[count, out]).fault,
            None
        );
        assert_eq!(device.read::<u32>(out, 150 * 64), vec![150; 150 * 64]);
    }
}

/// A scan by decoupled look-back: each block publishes its sum, then adds those of the blocks before,
/// as (state, value) pairs in one 64-bit word: 1 is a sum of the block, 2 of everything up to it.
const LOOK_BACK: &str = ".visible .entry k(.param .u64 in, .param .u64 tiles, .param .u64 out) {
    .reg .b32 %r<20>; .reg .b64 %rd<12>; .reg .pred %p<6>;
    .shared .align 4 .u32 before;
    ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [tiles]; ld.param.u64 %rd3, [out];
    mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x;
    mad.lo.u32 %r3, %r2, 32, %r1;
    mul.wide.u32 %rd4, %r3, 4; add.s64 %rd5, %rd1, %rd4; add.s64 %rd6, %rd3, %rd4;
    ld.global.u32 %r4, [%rd5];
    mov.u32 %r5, 1;
SCAN:
    shfl.sync.up.b32 %r6|%p1, %r4, %r5, 0, -1;
    @%p1 add.u32 %r4, %r4, %r6;
    shl.b32 %r5, %r5, 1;
    setp.lt.u32 %p2, %r5, 32;
    @%p2 bra SCAN;
    mul.wide.u32 %rd7, %r2, 8; add.s64 %rd7, %rd2, %rd7;
    setp.ne.u32 %p3, %r1, 31;
    @%p3 bra JOIN;
    mov.u32 %r8, 0;
    setp.eq.u32 %p4, %r2, 0;
    @%p4 bra PUBLISH;
    mov.u32 %r9, 1;
    st.relaxed.gpu.global.v2.u32 [%rd7], {%r9, %r4};
    mov.u64 %rd8, %rd7;
BACK:
    add.s64 %rd8, %rd8, -8;
POLL:
    ld.relaxed.gpu.global.v2.u32 {%r10, %r11}, [%rd8];
    setp.eq.u32 %p5, %r10, 0;
    @%p5 bra POLL;
    add.u32 %r8, %r8, %r11;
    setp.eq.u32 %p5, %r10, 1;
    @%p5 bra BACK;
PUBLISH:
    mov.u32 %r9, 2;
    add.u32 %r12, %r8, %r4;
    st.relaxed.gpu.global.v2.u32 [%rd7], {%r9, %r12};
    st.shared.u32 [before], %r8;
JOIN:
    bar.sync 0;
    ld.shared.u32 %r13, [before];
    add.u32 %r4, %r4, %r13;
    st.global.u32 [%rd6], %r4;
    ret;
}";

#[test]
fn decoupled_look_back_scans_across_blocks() {
    let device = Device::new(LOOK_BACK);
    let input: Vec<u32> = (0..300 * 32).map(|i: u32| i % 7).collect();
    let expected: Vec<u32> = input
        .iter()
        .scan(0, |sum, value| {
            *sum += value;
            Some(*sum)
        })
        .collect();
    for threads in [1, 2, 4] {
        let (at, tiles) = (device.buffer(&input), device.zeroed(300 * 8));
        let out = device.zeroed(300 * 32 * 4);
        let shape = LaunchShape::new([300, 1, 1], [32, 1, 1]);
        assert_eq!(
            device.run_on(threads, "k", shape, &[at, tiles, out]).fault,
            None
        );
        assert_eq!(
            device.read::<u32>(out, 300 * 32),
            expected,
            "{threads} threads"
        );
    }
}
