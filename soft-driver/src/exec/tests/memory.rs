//! Loads and stores of every width and space.

use super::support::{Device, check};

#[test]
fn narrow_loads_extend_to_the_register() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out) {
            .reg .b32 %r<8>; .reg .b16 %rs<4>; .reg .b64 %rd<8>;
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            ld.global.u8 %r1, [%rd1]; ld.global.s8 %r2, [%rd1];
            ld.global.u16 %r3, [%rd1]; ld.global.s16 %r4, [%rd1];
            ld.global.s32 %rd3, [%rd1]; ld.global.u32 %rd4, [%rd1];
            ld.global.s8 %rs1, [%rd1]; cvt.s32.s16 %r5, %rs1;
            st.global.v4.u32 [%rd2], {%r1, %r2, %r3, %r4};
            st.global.v2.u64 [%rd2+16], {%rd3, %rd4};
            st.global.u32 [%rd2+32], %r5;
            st.global.u8 [%rd2+36], %rd3;
            st.global.u16 [%rd2+38], %r2;
        }",
    );
    let input = device.buffer(&[0x8182_8384u32, 0]);
    let out = device.zeroed(48);
    device.run("k", 1, 1, &[input, out]);
    assert_eq!(
        device.read::<u32>(out, 4),
        [0x84, 0xFFFF_FF84, 0x8384, 0xFFFF_8384]
    );
    assert_eq!(
        device.read::<u64>(out + 16, 2),
        [0xFFFF_FFFF_8182_8384, 0x8182_8384]
    );
    assert_eq!(device.read::<u32>(out + 32, 1), [0xFFFF_FF84]);
    assert_eq!(device.read::<u8>(out + 36, 4), [0x84, 0, 0x84, 0xFF]);
}

#[test]
fn scattered_and_neighbouring_accesses_agree() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out, .param .u64 stride) {
            .reg .b32 %r<8>; .reg .b64 %rd<8>;
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out]; ld.param.u32 %r1, [stride];
            mov.u32 %r2, %tid.x;
            mul.lo.u32 %r3, %r2, %r1;
            and.b32 %r3, %r3, 127;
            mul.wide.u32 %rd3, %r3, 4; add.s64 %rd3, %rd1, %rd3;
            ld.global.nc.u32 %r4, [%rd3];
            mul.wide.u32 %rd4, %r2, 4; add.s64 %rd4, %rd2, %rd4;
            st.global.u32 [%rd4], %r4;
        }",
    );
    let input: Vec<u32> = (0..128).map(|i| i * i + 1).collect();
    let input_at = device.buffer(&input);
    for stride in [0u64, 1, 2, 3, 127] {
        let out = device.zeroed(64 * 4);
        device.run("k", 1, 64, &[input_at, out, stride]);
        let expected: Vec<u32> = (0..64)
            .map(|i| input[(i * stride as usize) & 127])
            .collect();
        assert_eq!(device.read::<u32>(out, 64), expected, "stride {stride}");
    }
}

#[test]
fn vector_accesses_move_all_elements() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out) {
            .reg .f32 %f<5>; .reg .b16 %rs<5>; .reg .b64 %rd<8>; .reg .b32 %r<4>;
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            mov.u32 %r1, %tid.x; mul.wide.u32 %rd3, %r1, 16;
            add.s64 %rd1, %rd1, %rd3; add.s64 %rd2, %rd2, %rd3;
            ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%rd1];
            st.global.v2.f32 [%rd2], {%f4, %f3};
            st.global.v2.f32 [%rd2+8], {%f2, %f1};
        }
        .visible .entry small(.param .u64 in, .param .u64 out) {
            .reg .b16 %rs<5>; .reg .b64 %rd<8>;
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            ld.global.v4.u8 {%rs1, %rs2, _, %rs4}, [%rd1];
            st.global.v2.u8 [%rd2], {%rs4, %rs1};
            ld.global.v2.u64 {%rd3, %rd4}, [%rd1];
            st.global.v2.b64 [%rd2+16], {%rd4, %rd3};
        }",
    );
    let input: Vec<f32> = (0..128).map(|i| i as f32).collect();
    let input = device.buffer(&input);
    let out = device.zeroed(512);
    device.run("k", 1, 32, &[input, out]);
    let expected: Vec<f32> = (0..128).map(|i| (i / 4 * 4 + 3 - i % 4) as f32).collect();
    assert_eq!(device.read::<f32>(out, 128), expected);
    let bytes = device.buffer(&[0x0807_0605_0403_0201u64, 0x1817_1615_1413_1211]);
    device.run("small", 1, 1, &[bytes, out]);
    assert_eq!(device.read::<u8>(out, 2), [4, 1]);
    assert_eq!(
        device.read::<u64>(out + 16, 2),
        [0x1817_1615_1413_1211, 0x0807_0605_0403_0201]
    );
}

#[test]
fn generic_addresses_reach_every_space() {
    let device = Device::new(
        ".global .align 4 .u32 cell = 5;
        .const .align 4 .u32 fixed[2] = {8, 9};
        .visible .entry k(.param .u64 out, .param .u64 extra) {
            .reg .b32 %r<12>; .reg .b64 %rd<12>; .reg .pred %p<6>;
            .shared .align 4 .u32 box[32];
            .local .align 8 .b8 depot[64];
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            mov.u64 %rd2, box; cvta.shared.u64 %rd3, %rd2;
            mul.wide.u32 %rd4, %r1, 4; add.s64 %rd3, %rd3, %rd4;
            st.u32 [%rd3], %r1;
            ld.shared.u32 %r2, [box+4];
            mov.u64 %rd5, depot; cvta.local.u64 %rd5, %rd5;
            add.u32 %r3, %r1, 100; st.u32 [%rd5+8], %r3;
            ld.local.u32 %r4, [depot+8];
            mov.u64 %rd6, cell; ld.u32 %r5, [%rd6];
            mov.u64 %rd7, fixed; cvta.const.u64 %rd8, %rd7; ld.u32 %r6, [%rd8+4];
            ld.const.u32 %r7, [fixed];
            mov.b64 %rd9, extra; cvta.param.u64 %rd9, %rd9; ld.u32 %r8, [%rd9];
            isspacep.shared %p1, %rd3; isspacep.local %p2, %rd5; isspacep.global %p3, %rd6;
            isspacep.global %p4, %rd3;
            selp.u32 %r9, 1, 0, %p1; @%p2 add.u32 %r9, %r9, 2; @%p3 add.u32 %r9, %r9, 4;
            @%p4 add.u32 %r9, %r9, 8;
            cvta.to.shared.u64 %rd10, %rd3; ld.shared.u32 %r10, [%rd10];
            mul.wide.u32 %rd4, %r1, 32; add.s64 %rd1, %rd1, %rd4;
            st.global.v4.u32 [%rd1], {%r2, %r4, %r5, %r6};
            st.global.v4.u32 [%rd1+16], {%r7, %r8, %r9, %r10};
        }",
    );
    let out = device.zeroed(32 * 32);
    device.run("k", 1, 32, &[out, 1234]);
    for lane in 0..32u32 {
        let got = device.read::<u32>(out + u64::from(lane) * 32, 8);
        assert_eq!(got, [1, lane + 100, 5, 9, 8, 1234, 7, lane], "lane {lane}");
    }
}

#[test]
fn initial_values_hold_addresses_of_variables() {
    let device = Device::new(
        ".global .align 4 .u32 target = 42;
        .global .align 8 .u64 pointers[2] = {generic(target), target+4};
        .visible .entry k(.param .u64 out) {
            .reg .b64 %rd<4>; .reg .b32 %r<2>;
            ld.param.u64 %rd1, [out];
            ld.global.u64 %rd2, [pointers];
            ld.u32 %r1, [%rd2];
            st.global.u32 [%rd1], %r1;
            st.global.u32 [target], 43;
        }",
    );
    let out = device.zeroed(8);
    device.run("k", 1, 1, &[out]);
    assert_eq!(device.read::<u32>(out, 1), [42]);
    assert_eq!(device.read::<u32>(device.symbol("target"), 1), [43]);
    let pointers = device.read::<u64>(device.symbol("pointers"), 2);
    assert_eq!(pointers[1], device.symbol("target") + 4);
}

#[test]
fn dynamic_shared_memory_follows_the_static() {
    let device = Device::new(
        ".extern .shared .align 16 .b8 pool[];
        .visible .entry k(.param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>;
            .shared .align 4 .u32 first[4];
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, pool; mov.u32 %r2, first;
            st.shared.u32 [first], 1; st.shared.u32 [pool+1020], 2;
            ld.shared.u32 %r3, [%r2]; ld.shared.u32 %r4, [%r1+1020];
            mov.u32 %r5, %dynamic_smem_size;
            st.global.v4.u32 [%rd1], {%r1, %r3, %r4, %r5};
        }",
    );
    let out = device.zeroed(16);
    let mut shape = crate::exec::LaunchShape::new([1; 3], [1; 3]);
    shape.dynamic_shared_bytes = 1024;
    assert_eq!(device.run_on(1, "k", shape, &[out]).fault, None);
    assert_eq!(device.read::<u32>(out, 4), [16, 1, 2, 1024]);
}

#[test]
fn wide_registers_hold_128_bits() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out) {
            .reg .b128 %q<3>; .reg .b64 %rd<8>;
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            ld.global.b128 %q1, [%rd1];
            mov.b128 {%rd3, %rd4}, %q1;
            mov.b128 %q2, {%rd4, %rd3};
            st.global.b128 [%rd2], %q2;
        }",
    );
    let input = device.buffer(&[1u64, 2]);
    let out = device.zeroed(16);
    device.run("k", 1, 1, &[input, out]);
    assert_eq!(device.read::<u64>(out, 2), [2, 1]);
}

#[test]
fn fences_and_hints_have_no_result() {
    check(
        "membar.gl; fence.acq_rel.gpu; prefetch.global.L2 [%ta]; mov.u32 %d32, %a32;",
        &[[3, 0, 0, 3]],
    );
    check("ld.global.ca.L2::128B.b32 %d32, [%ta];", &[[7, 0, 0, 7]]);
    check("ld.relaxed.gpu.global.b32 %d32, [%ta];", &[[7, 0, 0, 7]]);
    check("ld.volatile.global.b64 %d64, [%ta];", &[[7, 0, 0, 7]]);
}
