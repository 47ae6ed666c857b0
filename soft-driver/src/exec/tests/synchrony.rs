//! Threads that rely on each other: barriers in divergent code, warps in step, promises broken.

use super::support::Device;
use crate::exec::FaultKind;

#[test]
fn barriers_in_divergent_code_are_one_barrier() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>; .reg .pred %p<2>; .shared .align 4 .b8 box[512];
            ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x;
            mov.u32 %r2, box; shl.b32 %r3, %r1, 2; add.u32 %r4, %r2, %r3;
            and.b32 %r5, %r1, 1; setp.eq.u32 %p1, %r5, 0;
            @%p1 bra EVEN;
            mul.lo.u32 %r6, %r1, 3; st.shared.u32 [%r4], %r6;
            barrier.sync 0;
            bra TAKE;
        EVEN:
            st.shared.u32 [%r4], %r1;
            barrier.sync 0;
        TAKE:
            xor.b32 %r3, %r3, 132; add.u32 %r4, %r2, %r3; ld.shared.u32 %r6, [%r4];
            mul.wide.u32 %rd2, %r1, 4; add.u64 %rd1, %rd1, %rd2; st.global.u32 [%rd1], %r6;
        }",
    );
    let out = device.zeroed(512);
    device.run("k", 1, 128, &[out]);
    // The partner is of the other warp and the other parity.
    let expected: Vec<u32> = (0..128u32)
        .map(|tid| tid ^ 33)
        .map(|other| if other % 2 == 1 { other * 3 } else { other })
        .collect();
    assert_eq!(device.read::<u32>(out, 128), expected);
}

#[test]
fn warp_in_step_reduces_through_volatile_memory() {
    let step = |distance: u32| {
        format!(
            "ld.volatile.shared.u32 %r5, [%r4]; ld.volatile.shared.u32 %r6, [%r4+{}];
             add.u32 %r5, %r5, %r6; st.volatile.shared.u32 [%r4], %r5;",
            distance * 4
        )
    };
    let steps: String = [16, 8, 4, 2, 1].map(step).concat();
    let device = Device::new(&format!(
        ".visible .entry k(.param .u64 out) {{
            .reg .b32 %r<8>; .reg .b64 %rd<4>; .shared .align 4 .b8 box[256];
            ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x;
            mov.u32 %r2, box; shl.b32 %r3, %r1, 2; add.u32 %r4, %r2, %r3;
            mad.lo.u32 %r5, %r1, %r1, 1;
            st.volatile.shared.u32 [%r4], %r5; mov.u32 %r5, 0; st.volatile.shared.u32 [%r4+128], %r5;
            {steps}
            ld.volatile.shared.u32 %r6, [box];
            mul.wide.u32 %rd2, %r1, 4; add.u64 %rd1, %rd1, %rd2; st.global.u32 [%rd1], %r6;
        }}"
    ));
    let out = device.zeroed(128);
    device.run("k", 1, 32, &[out]);
    let sum: u32 = (0..32).map(|i| i * i + 1).sum();
    assert_eq!(device.read::<u32>(out, 32), [sum; 32]);
}

#[test]
fn broken_promises_of_a_program_have_kinds_of_their_own() {
    let device = Device::new(
        ".extern .func __assertfail(.param .b64 message, .param .b64 file, .param .b32 line,
            .param .b64 function, .param .b64 size);
        .global .align 1 .b8 said[4] = {110, 111, 33, 0};
        .visible .entry claim() {
            .reg .b64 %rd<2>; .reg .b32 %r<2>; .reg .pred %p<2>;
            mov.u32 %r1, %tid.x; setp.ne.u32 %p1, %r1, 5; @%p1 ret;
            mov.u64 %rd1, said;
            {
                .param .b64 p0; .param .b64 p1; .param .b32 p2; .param .b64 p3; .param .b64 p4;
                st.param.b64 [p0], %rd1; st.param.b64 [p1], %rd1; st.param.b32 [p2], 7;
                st.param.b64 [p3], %rd1; st.param.b64 [p4], 1;
                call __assertfail, (p0, p1, p2, p3, p4);
            }
        }
        .visible .entry odd() { .reg .b32 %r<2>; mov.u32 %r1, 99; bar.sync %r1; }",
    );
    let fault = device.fault("claim", 32, &[]);
    assert_eq!((fault.kind, fault.thread), (FaultKind::Assert, [5, 0, 0]));
    let told = fault.to_string() + &device.printed();
    assert!(told.contains("no!"), "{told}");
    assert_eq!(
        device.fault("odd", 32, &[]).kind,
        FaultKind::IllegalInstruction
    );
}
