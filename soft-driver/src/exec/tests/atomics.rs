//! Atomics on global and shared memory.

use super::support::Device;
use crate::exec::LaunchShape;

/// Every thread applies `form` to one cell and stores the old value.
fn old_and_new(form: &str, start: u64, threads: u32) -> (Vec<u64>, u64) {
    let device = Device::new(&format!(
        ".visible .entry k(.param .u64 cell, .param .u64 out) {{
            .reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .f32 %f<3>; .reg .f64 %fd<3>; .reg .b16 %rs<3>;
            ld.param.u64 %rd1, [cell]; ld.param.u64 %rd2, [out];
            mov.u32 %r1, %tid.x; cvt.u64.u32 %rd3, %r1;
            cvt.rn.f32.u32 %f1, %r1; cvt.rn.f64.u32 %fd1, %r1;
            mul.wide.u32 %rd4, %r1, 8; add.s64 %rd2, %rd2, %rd4;
            {form}
            st.global.u64 [%rd2], %rd5;
        }}"
    ));
    let cell = device.buffer(&[start]);
    let out = device.zeroed(u64::from(threads) * 8);
    device.run("k", 1, threads, &[cell, out]);
    (device.read(out, threads as usize), device.read(cell, 1)[0])
}

#[test]
fn addition_returns_every_intermediate_sum_once() {
    let (mut old, new) = old_and_new("atom.global.add.u64 %rd5, [%rd1], 2;", 10, 96);
    old.sort_unstable();
    assert_eq!(old, (0..96).map(|i| 10 + 2 * i).collect::<Vec<_>>());
    assert_eq!(new, 10 + 192);
    let (_, new) = old_and_new(
        "atom.add.u32 %r2, [%rd1], %r1; cvt.u64.u32 %rd5, %r2;",
        0,
        64,
    );
    assert_eq!(new, 63 * 32);
}

#[test]
fn floats_add_exactly_for_small_integers() {
    let (_, new) = old_and_new(
        "atom.global.add.f32 %f2, [%rd1], %f1; mov.b64 %rd5, 0;",
        0,
        64,
    );
    assert_eq!(f32::from_bits(new as u32), 2016.0);
    let (_, new) = old_and_new("red.global.add.f64 [%rd1], %fd1; mov.b64 %rd5, 0;", 0, 64);
    assert_eq!(f64::from_bits(new), 2016.0);
    let pair = "mov.b32 %r2, 0x3C004000; red.global.add.noftz.f16x2 [%rd1], %r2; mov.b64 %rd5, 0;";
    let (_, new) = old_and_new(pair, 0, 4);
    assert_eq!(new, 0x4400_4800);
}

#[test]
fn other_operations_update_as_named() {
    let last = |form: &str, start: u64| old_and_new(form, start, 32).1;
    assert_eq!(
        last("red.global.max.u32 [%rd1], %r1; mov.b64 %rd5, 0;", 5),
        31
    );
    assert_eq!(
        last(
            "red.global.min.s32 [%rd1], %r1; mov.b64 %rd5, 0;",
            0xFFFF_FFFF
        ),
        0xFFFF_FFFF
    );
    assert_eq!(
        last(
            "red.global.min.u32 [%rd1], %r1; mov.b64 %rd5, 0;",
            0xFFFF_FFFF
        ),
        0
    );
    assert_eq!(
        last("atom.global.or.b32 %r2, [%rd1], %r1; mov.b64 %rd5, 0;", 0),
        31
    );
    assert_eq!(last("atom.global.and.b64 %rd5, [%rd1], 12;", 0xFF), 12);
    assert_eq!(
        last("atom.global.xor.b32 %r2, [%rd1], 1; mov.b64 %rd5, 0;", 7),
        7
    );
    assert_eq!(
        last("atom.global.inc.u32 %r2, [%rd1], 9; mov.b64 %rd5, 0;", 0),
        2
    );
    assert_eq!(
        last("atom.global.dec.u32 %r2, [%rd1], 9; mov.b64 %rd5, 0;", 0),
        8
    );
    assert_eq!(last("atom.global.exch.b64 %rd5, [%rd1], 77;", 0), 77);
}

#[test]
fn compare_and_swap_succeeds_once() {
    let form =
        "add.u32 %r3, %r1, 100; atom.global.cas.b32 %r2, [%rd1], 5, %r3; cvt.u64.u32 %rd5, %r2;";
    let (old, new) = old_and_new(form, 5, 32);
    assert_eq!(old.iter().filter(|value| **value == 5).count(), 1);
    assert!((100..132).contains(&new));
}

#[test]
fn histogram_in_shared_memory_counts_all() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out) {
            .reg .b32 %r<12>; .reg .b64 %rd<8>; .reg .pred %p<3>;
            .shared .align 4 .u32 bins[16];
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            mov.u32 %r1, %tid.x; mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x;
            setp.ge.u32 %p1, %r1, 16;
            mov.u32 %r4, bins; shl.b32 %r5, %r1, 2; add.u32 %r5, %r4, %r5;
            @!%p1 st.shared.u32 [%r5], 0;
            bar.sync 0;
            mad.lo.u32 %r6, %r2, %r3, %r1;
            mul.wide.u32 %rd3, %r6, 4; add.s64 %rd3, %rd1, %rd3;
            ld.global.u32 %r7, [%rd3];
            and.b32 %r7, %r7, 15; shl.b32 %r7, %r7, 2; add.u32 %r7, %r4, %r7;
            atom.shared.add.u32 %r8, [%r7], 1;
            bar.sync 0;
            @%p1 bra OUT;
            ld.shared.u32 %r9, [%r5];
            mul.wide.u32 %rd4, %r1, 4; add.s64 %rd4, %rd2, %rd4;
            red.global.add.u32 [%rd4], %r9;
        OUT: ret;
        }",
    );
    let input: Vec<u32> = (0..256 * 20)
        .map(|i: u32| i.wrapping_mul(2_654_435_761) >> 7)
        .collect();
    let input_at = device.buffer(&input);
    let out = device.zeroed(64);
    let shape = LaunchShape::new([20, 1, 1], [256, 1, 1]);
    assert_eq!(device.run_on(2, "k", shape, &[input_at, out]).fault, None);
    let mut expected = vec![0u32; 16];
    for value in input {
        expected[(value & 15) as usize] += 1;
    }
    assert_eq!(device.read::<u32>(out, 16), expected);
}
