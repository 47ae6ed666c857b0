//! Asynchronous copies and the barriers that count them.

use super::support::Device;

#[test]
fn copies_arrive_and_zero_fill() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<8>;
            .shared .align 16 .b8 box[512];
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            mov.u32 %r1, %tid.x; shl.b32 %r2, %r1, 4;
            cvt.u64.u32 %rd3, %r2; add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;
            mov.u32 %r3, box; add.u32 %r3, %r3, %r2;
            and.b32 %r4, %r1, 15;
            cp.async.cg.shared.global [%r3], [%rd4], 16, %r4;
            cp.async.commit_group;
            cp.async.wait_group 0;
            bar.sync 0;
            ld.shared.v4.u32 {%r4, %r5, %r6, %r7}, [%r3];
            st.global.v4.u32 [%rd5], {%r4, %r5, %r6, %r7};
        }",
    );
    let input: Vec<u8> = (0..512).map(|i| (i % 251 + 1) as u8).collect();
    let at = device.buffer(&input);
    let out = device.zeroed(512);
    device.run("k", 1, 32, &[at, out]);
    let expected: Vec<u8> = (0..512)
        .map(|i| if i % 16 < i / 16 % 16 { input[i] } else { 0 })
        .collect();
    assert_eq!(device.read::<u8>(out, 512), expected);
}

#[test]
fn bulk_copy_completes_its_barrier() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .pred %p<4>;
            .shared .align 16 .b8 box[512];
            .shared .align 8 .b64 bar;
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            mov.u32 %r1, %tid.x; mov.u32 %r2, bar; mov.u32 %r3, box;
            setp.ne.u32 %p1, %r1, 0;
            @%p1 bra READY;
            mbarrier.init.shared.b64 [%r2], 1;
        READY:
            bar.sync 0;
            @%p1 bra WAIT;
            mbarrier.arrive.expect_tx.release.cta.shared::cta.b64 %rd3, [%r2], 512;
            cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%r3], [%rd1], 512, [%r2];
        WAIT:
            mbarrier.try_wait.parity.shared::cta.b64 %p2, [%r2], 0;
            @!%p2 bra WAIT;
            shl.b32 %r4, %r1, 2; add.u32 %r5, %r3, %r4;
            ld.shared.u32 %r6, [%r5];
            cvt.u64.u32 %rd4, %r4; add.s64 %rd5, %rd2, %rd4;
            st.global.u32 [%rd5], %r6;
        }",
    );
    let input: Vec<u32> = (0..128).map(|i| i * 3).collect();
    let at = device.buffer(&input);
    let out = device.zeroed(512);
    device.run("k", 1, 128, &[at, out]);
    assert_eq!(device.read::<u32>(out, 128), input);
}

#[test]
fn arrivals_of_all_threads_end_a_phase() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .pred %p<4>;
            .shared .align 8 .b64 bar; .shared .align 4 .u32 sum;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x; mov.u32 %r2, bar;
            setp.ne.u32 %p1, %r1, 0;
            @!%p1 mbarrier.init.shared.b64 [%r2], 64;
            @!%p1 st.shared.u32 [sum], 0;
            bar.sync 0;
            atom.shared.add.u32 %r3, [sum], 1;
            mbarrier.arrive.shared.b64 %rd2, [%r2];
        WAIT:
            mbarrier.test_wait.shared.b64 %p2, [%r2], %rd2;
            @!%p2 bra WAIT;
            ld.shared.u32 %r4, [sum];
            mul.wide.u32 %rd4, %r1, 4; add.s64 %rd5, %rd1, %rd4;
            st.global.u32 [%rd5], %r4;
        }",
    );
    let out = device.zeroed(256);
    device.run("k", 1, 64, &[out]);
    assert_eq!(device.read::<u32>(out, 64), vec![64; 64]);
}
