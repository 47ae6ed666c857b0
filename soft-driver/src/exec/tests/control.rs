//! Branches, loops, barriers: what runs and in which order.

use super::support::Device;
use crate::exec::LaunchShape;

#[test]
fn divergent_paths_meet_again() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd1, %rd1, %rd2;
            and.b32 %r2, %r1, 1;
            setp.eq.u32 %p1, %r2, 0;
            @%p1 bra EVEN;
            mov.u32 %r3, 100;
            bra.uni JOIN;
        EVEN:
            mov.u32 %r3, 200;
        JOIN:
            activemask.b32 %r4;
            popc.b32 %r4, %r4;
            add.u32 %r3, %r3, %r4;
            st.global.u32 [%rd1], %r3;
            ret;
        }",
    );
    let out = device.zeroed(40 * 4);
    let outcome = device.run("k", 1, 40, &[out]);
    let expected: Vec<u32> = (0..40)
        .map(|lane| if lane % 2 == 0 { 200 } else { 100 } + if lane < 32 { 32 } else { 8 })
        .collect();
    assert_eq!(device.read::<u32>(out, 40), expected);
    assert_eq!(outcome.counters.blocks, 1);
    assert!(outcome.counters.warp_instructions < outcome.counters.thread_instructions);
}

#[test]
fn nested_loops_run_each_lane_its_own_count() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd1, %rd1, %rd2;
            mov.u32 %r2, 0; mov.u32 %r3, 0;
        OUTER:
            setp.ge.u32 %p1, %r3, %r1;
            @%p1 bra DONE;
            mov.u32 %r4, 0;
        INNER:
            setp.gt.u32 %p2, %r4, %r3;
            @%p2 bra NEXT;
            add.u32 %r2, %r2, 1;
            add.u32 %r4, %r4, 1;
            bra INNER;
        NEXT:
            add.u32 %r3, %r3, 1;
            bra.uni OUTER;
        DONE:
            st.global.u32 [%rd1], %r2;
        }",
    );
    let out = device.zeroed(64 * 4);
    device.run("k", 1, 64, &[out]);
    let expected: Vec<u32> = (0..64u32).map(|n| (0..n).map(|i| i + 1).sum()).collect();
    assert_eq!(device.read::<u32>(out, 64), expected);
}

#[test]
fn indexed_branch_takes_each_lane_to_its_label() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd1, %rd1, %rd2;
            rem.u32 %r2, %r1, 3;
            TS: .branchtargets A, B, C;
            brx.idx %r2, TS;
        A: mov.u32 %r3, 10; bra OUT;
        B: mov.u32 %r3, 20; bra OUT;
        C: mov.u32 %r3, 30;
        OUT:
            st.global.u32 [%rd1], %r3;
            ret;
        }",
    );
    let out = device.zeroed(32 * 4);
    device.run("k", 1, 32, &[out]);
    let expected: Vec<u32> = (0..32).map(|lane| [10, 20, 30][lane % 3]).collect();
    assert_eq!(device.read::<u32>(out, 32), expected);
}

/// Every thread writes to shared memory, waits, and reads its neighbour in another warp.
const NEIGHBOUR: &str = ".visible .entry k(.param .u64 out) {
    .reg .b32 %r<12>; .reg .b64 %rd<4>; .reg .pred %p<3>;
    .shared .align 4 .b8 box[4096];
    ld.param.u64 %rd1, [out];
    mov.u32 %r1, %tid.x;
    mov.u32 %r9, %ntid.x;
    mov.u32 %r2, box;
    shl.b32 %r3, %r1, 2;
    add.u32 %r4, %r2, %r3;
    mul.lo.u32 %r5, %r1, 3;
    st.shared.u32 [%r4], %r5;
    bar.sync 0;
    add.u32 %r6, %r1, 37;
    rem.u32 %r6, %r6, %r9;
    shl.b32 %r6, %r6, 2;
    add.u32 %r6, %r2, %r6;
    ld.shared.u32 %r7, [%r6];
    mov.u32 %r8, %ctaid.x;
    mad.lo.u32 %r8, %r8, %r9, %r1;
    mul.wide.u32 %rd2, %r8, 4;
    add.s64 %rd1, %rd1, %rd2;
    st.global.u32 [%rd1], %r7;
    ret;
}";

#[test]
fn barrier_orders_shared_memory_across_warps() {
    let device = Device::new(NEIGHBOUR);
    for block in [1u32, 33, 64, 200, 1024] {
        let out = device.zeroed(u64::from(block) * 4 * 3);
        device.run("k", 3, block, &[out]);
        let expected: Vec<u32> = (0..3 * block)
            .map(|t| (t % block + 37) % block * 3)
            .collect();
        assert_eq!(
            device.read::<u32>(out, 3 * block as usize),
            expected,
            "{block} threads"
        );
    }
}

#[test]
fn barrier_after_early_exit_counts_the_living() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            setp.ge.u32 %p1, %r1, 50;
            @%p1 exit;
            bar.sync 0;
            bar.sync 0;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd1, %rd1, %rd2;
            st.global.u32 [%rd1], 1;
            ret;
        }",
    );
    let out = device.zeroed(128 * 4);
    device.run("k", 1, 128, &[out]);
    let expected: Vec<u32> = (0..128).map(|t| u32::from(t < 50)).collect();
    assert_eq!(device.read::<u32>(out, 128), expected);
}

#[test]
fn barrier_reductions_reach_every_thread() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .pred %p<5>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            setp.lt.u32 %p1, %r1, 45;
            bar.red.popc.u32 %r2, 1, %p1;
            bar.red.and.pred %p2, 1, %p1;
            bar.red.or.pred %p3, 1, !%p1;
            selp.u32 %r3, 1000, 0, %p2;
            selp.u32 %r4, 10000, 0, %p3;
            add.u32 %r2, %r2, %r3;
            add.u32 %r2, %r2, %r4;
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd1, %rd1, %rd2;
            st.global.u32 [%rd1], %r2;
            ret;
        }",
    );
    let out = device.zeroed(96 * 4);
    device.run("k", 1, 96, &[out]);
    assert_eq!(device.read::<u32>(out, 96), vec![10045; 96]);
    device.run("k", 1, 40, &[out]);
    assert_eq!(device.read::<u32>(out, 40), vec![1040; 40]);
}

#[test]
fn counted_barrier_lets_producers_and_consumers_meet() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .pred %p<3>;
            .shared .align 4 .u32 cell;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            setp.ge.u32 %p1, %r1, 32;
            @%p1 bra CONSUME;
            setp.eq.u32 %p2, %r1, 0;
            @%p2 st.shared.u32 [cell], 77;
            bar.arrive 3, 64;
            ret;
        CONSUME:
            bar.sync 3, 64;
            ld.shared.u32 %r2, [cell];
            mul.wide.u32 %rd2, %r1, 4;
            add.s64 %rd1, %rd1, %rd2;
            st.global.u32 [%rd1], %r2;
            ret;
        }",
    );
    let out = device.zeroed(64 * 4);
    device.run("k", 1, 64, &[out]);
    assert_eq!(device.read::<u32>(out + 128, 32), vec![77; 32]);
}

#[test]
fn special_registers_tell_position_and_shape() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<16>; .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x; mov.u32 %r2, %tid.y; mov.u32 %r3, %tid.z;
            mov.u32 %r4, %ctaid.x; mov.u32 %r5, %ctaid.y; mov.u32 %r6, %ctaid.z;
            mov.u32 %r7, %ntid.x; mov.u32 %r8, %nctaid.y; mov.u32 %r9, %laneid;
            mov.u32 %r10, %warpid; mov.u32 %r11, %lanemask_lt;
            mov.u32 %r12, %ntid.y; mov.u32 %r13, %ntid.z;
            mad.lo.u32 %r14, %r3, %r12, %r2;
            mad.lo.u32 %r14, %r14, %r7, %r1;
            setp.ne.u32 %p1, %r14, 45;
            setp.ne.or.u32 %p1, %r4, 1, %p1;
            @%p1 bra OUT;
            st.global.v4.u32 [%rd1], {%r1, %r2, %r3, %r4};
            st.global.v4.u32 [%rd1+16], {%r5, %r6, %r7, %r8};
            st.global.v2.u32 [%rd1+32], {%r9, %r10};
            st.global.u32 [%rd1+40], %r11;
        OUT: ret;
        }"
        .replace(".reg .b32 %r<16>;", ".reg .b32 %r<16>; .reg .pred %p<2>;")
        .as_str(),
    );
    let out = device.zeroed(64);
    let shape = LaunchShape::new([2, 3, 1], [4, 4, 4]);
    let outcome = device.run_on(1, "k", shape, &[out]);
    assert_eq!(outcome.fault, None);
    let got = device.read::<u32>(out, 11);
    assert_eq!(got[..4], [1, 3, 2, 1]);
    assert_eq!((got[5], got[6], got[7]), (0, 4, 3));
    assert_eq!(got[8..], [13, 1, (1 << 13) - 1]);
    assert_eq!(outcome.counters.blocks, 6);
}
