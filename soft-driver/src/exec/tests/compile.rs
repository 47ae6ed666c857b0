//! Machine code against the interpreter: the same memory, counters and faults, for whole and partial warps,
//! rows in equal steps and others.

use super::support::Device;
use crate::exec::{Compile, Counters, Fault, LaunchShape};

/// Words of each buffer.
const WORDS: usize = 1024;

/// A kernel with parameters `pa` and `pb`, two buffers of words, and registers; `body` may fault.
fn kernel(body: &str) -> String {
    format!(
        ".visible .entry k(.param .u64 pa, .param .u64 pb) {{
            .reg .b32 %r<32>; .reg .f32 %f<16>; .reg .b64 %rd<16>; .reg .pred %p<8>; .reg .f64 %fd<10>; .reg .b16 %h<8>;
            .shared .align 16 .b8 box[4096];
            ld.param.u64 %rd1, [pa]; ld.param.u64 %rd2, [pb];
            mov.u32 %r1, %tid.x; mov.u32 %r2, %tid.y; mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ntid.x;
            {body}
            DONE: ret;
        }}"
    )
}

/// What is left after a launch.
#[derive(Debug, PartialEq)]
pub(super) struct Left {
    a: Vec<u32>,
    b: Vec<u32>,
    counters: Counters,
    pub(super) fault: Option<Fault>,
}

pub(super) fn run(body: &str, block: [u32; 3], compile: Compile) -> (Left, usize) {
    let device = Device::with(&kernel(body), compile);
    let words: Vec<u32> = (0..WORDS as u32)
        .map(|word| word.wrapping_mul(0x9E37_79B9))
        .collect();
    let (a, b) = (device.buffer(&words), device.buffer(&words));
    let mut outcome = device.run_on(1, "k", LaunchShape::new([3, 1, 1], block), &[a, b]);
    if let Some(fault) = &mut outcome.fault {
        // Buffers lie elsewhere each time; addresses in shared memory are small.
        let from = |address: u64| {
            if address < 1 << 20 {
                address
            } else {
                address - a
            }
        };
        fault.address = fault.address.map(from);
        fault.message.clear();
    }
    let left = Left {
        a: device.read(a, WORDS),
        b: device.read(b, WORDS),
        counters: outcome.counters,
        fault: outcome.fault,
    };
    (left, device.n_compiled("k"))
}

/// Runs `body` both ways in several shapes of blocks and says how many units became machine code at most.
pub(super) fn both(body: &str) -> usize {
    let shapes = [[64, 1, 1], [77, 1, 1], [16, 8, 1], [8, 4, 2], [31, 1, 1]];
    let compiled = shapes.map(|shape| {
        let (interpreted, none) = run(body, shape, Compile::Off);
        let (compiled, n_compiled) = run(body, shape, Compile::Always);
        assert_eq!(none, 0);
        assert_eq!(compiled, interpreted, "{shape:?}: {body}");
        n_compiled
    });
    compiled.into_iter().max().unwrap()
}

/// Compares both ways, and that there is machine code at all where the CPU allows it.
pub(super) fn check(body: &str) {
    let compiled = both(body);
    assert_eq!(compiled > 0, Compile::is_possible(), "{body}");
}

pub(super) const ELEMENT: &str =
    "mad.lo.u32 %r5, %r3, %r4, %r1; and.b32 %r5, %r5, 255; mul.wide.u32 %rd3, %r5, 4;
    add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;";

#[test]
fn saxpy_is_the_same() {
    check(
        "mad.lo.s32 %r5, %r3, %r4, %r1; setp.ge.u32 %p1, %r5, 200; @%p1 bra DONE;
        mul.wide.u32 %rd3, %r5, 4; add.s64 %rd4, %rd1, %rd3; add.s64 %rd5, %rd2, %rd3;
        ld.global.f32 %f1, [%rd4]; ld.global.f32 %f2, [%rd5];
        fma.rn.f32 %f3, %f1, 0f40000000, %f2; st.global.f32 [%rd5+64], %f3;",
    );
}

#[test]
fn tiles_in_shared_memory_are_the_same() {
    check(
        "shl.b32 %r6, %r2, 6; shl.b32 %r7, %r1, 2; mov.u32 %r8, box; add.u32 %r9, %r8, %r6;
        add.u32 %r10, %r9, %r7; and.b32 %r10, %r10, 1023; cvt.rn.f32.s32 %f1, %r7; st.shared.f32 [%r10], %f1;
        bar.sync 0; mov.f32 %f2, 0f00000000; mov.u32 %r11, 0;
        INNER: ld.shared.f32 %f3, [%r9]; ld.shared.f32 %f4, [%r10+64];
        fma.rn.f32 %f2, %f3, %f4, %f2; add.u32 %r9, %r9, 4; add.u32 %r10, %r10, 64; add.u32 %r11, %r11, 1;
        setp.lt.u32 %p1, %r11, 9; @%p1 bra INNER;
        mad.lo.u32 %r12, %r2, 16, %r1; mul.wide.u32 %rd3, %r12, 4; add.s64 %rd4, %rd1, %rd3;
        st.global.f32 [%rd4], %f2;",
    );
}

#[test]
fn loads_after_stores_of_other_lanes_see_them() {
    check(&format!(
        "{ELEMENT} ld.global.u32 %r6, [%rd4]; st.global.u32 [%rd4+4], %r6;
        ld.global.u32 %r7, [%rd4+32]; add.u32 %r7, %r7, %r6; st.global.u32 [%rd4+128], %r7;
        ld.global.u32 %r8, [%rd4+124]; xor.b32 %r8, %r8, %r7; st.global.u32 [%rd5], %r8;"
    ));
}

#[test]
fn numbers_that_wrap_are_widened_lane_by_lane() {
    for (opcode, base) in [
        ("u32", 0xFFFF_FFF0_u32),
        ("s32", 0x7FFF_FFF0),
        ("u32", 0),
        ("s32", u32::MAX),
    ] {
        check(&format!(
            "{ELEMENT} add.u32 %r6, %r1, {base}; mul.wide.{opcode} %rd6, %r6, 4;
            cvt.u64.{opcode} %rd7, %r6; xor.b64 %rd6, %rd6, %rd7; sub.s32 %r7, 5, %r6;
            cvt.s64.{opcode} %rd8, %r7; add.s64 %rd6, %rd6, %rd8; shr.u64 %rd9, %rd6, 32;
            cvt.u32.u64 %r8, %rd6; cvt.u32.u64 %r9, %rd9; add.u32 %r8, %r8, %r9;
            st.global.u32 [%rd5], %r8;"
        ));
    }
}

#[test]
fn rows_without_steps_and_guards_are_the_same() {
    check(&format!(
        "{ELEMENT} ld.global.u32 %r6, [%rd4]; and.b32 %r7, %r6, 127; shl.b32 %r7, %r7, 2;
        cvt.u64.u32 %rd6, %r7; add.s64 %rd6, %rd2, %rd6; ld.global.u32 %r8, [%rd6];
        setp.lt.s32 %p1, %r6, %r8; @%p1 add.s32 %r8, %r8, 77; setp.gt.u32 %p2, %r8, %r6;
        selp.b32 %r9, %r8, %r6, %p2; min.s32 %r10, %r9, %r6; max.u32 %r11, %r10, %r8;
        shl.b32 %r12, %r11, %r7; shr.s32 %r13, %r11, 3; sub.u32 %r14, %r12, %r13; mul.lo.u32 %r15, %r14, %r8;
        @%p1 st.global.u32 [%rd5], %r15;"
    ));
}

#[test]
fn wide_numbers_are_the_same() {
    check(&format!(
        "{ELEMENT} ld.global.u32 %r6, [%rd4]; ld.global.u32 %r7, [%rd4+8]; cvt.s64.s32 %rd6, %r6;
        cvt.u64.u32 %rd7, %r7; mul.lo.s64 %rd8, %rd6, %rd7; mad.lo.s64 %rd9, %rd8, %rd6, %rd7;
        shl.b64 %rd10, %rd9, %r1; shr.u64 %rd11, %rd9, 7; or.b64 %rd12, %rd10, %rd11; not.b64 %rd12, %rd12;
        setp.lt.s64 %p1, %rd12, %rd8; setp.ge.u64 %p2, %rd12, %rd9; selp.b64 %rd13, %rd12, %rd9, %p1;
        selp.b64 %rd14, %rd13, %rd8, %p2; mad.wide.s32 %rd14, %r6, %r7, %rd14;
        cvt.u32.u64 %r8, %rd14; st.global.u32 [%rd5], %r8;"
    ));
}

#[test]
fn numbers_of_other_sizes_load_alike() {
    for (ty, scale) in [
        ("u8", 1),
        ("s8", 1),
        ("u16", 2),
        ("s16", 2),
        ("u64", 8),
        ("u8", 0),
        ("s16", 0),
    ] {
        let register = if ty == "u64" { "%rd9" } else { "%r6" };
        let narrow = if ty == "u64" {
            "cvt.u32.u64 %r6, %rd9;"
        } else {
            ""
        };
        check(&format!(
            "{ELEMENT} mul.wide.u32 %rd6, %r1, {scale}; add.s64 %rd6, %rd1, %rd6;
            ld.global.{ty} {register}, [%rd6+16]; {narrow} add.u32 %r7, %r6, %r1; st.global.u32 [%rd5], %r7;"
        ));
    }
}

#[test]
fn elements_anywhere_load_alike() {
    for (ty, scale, mask) in [
        ("u8", 0, 1023),
        ("s8", 0, 1023),
        ("u16", 1, 511),
        ("s16", 1, 511),
        ("u32", 2, 255),
    ] {
        check(&format!(
            "{ELEMENT} ld.global.u32 %r6, [%rd4]; and.b32 %r7, %r6, {mask}; shl.b32 %r7, %r7, {scale};
            cvt.u64.u32 %rd6, %r7; add.s64 %rd6, %rd2, %rd6; ld.global.{ty} %r8, [%rd6+64];
            mov.u32 %r9, box; shl.b32 %r10, %r1, 2; add.u32 %r10, %r10, %r9; st.shared.u32 [%r10], %r6;
            bar.sync 0; add.u32 %r11, %r7, %r9; ld.shared.{ty} %r12, [%r11+128]; add.u32 %r13, %r8, %r12;
            st.global.u32 [%rd5], %r13;"
        ));
    }
    check(&format!(
        "{ELEMENT} ld.global.u32 %r6, [%rd4]; and.b32 %r7, %r6, 127; shl.b32 %r7, %r7, 3; cvt.u64.u32 %rd6, %r7;
        add.s64 %rd6, %rd2, %rd6; ld.global.u64 %rd6, [%rd6]; mov.b64 {{%r8, %r9}}, %rd6;
        prmt.b32 %r10, %r8, %r9, 0x2745; mov.b64 %rd7, {{%r10, %r8}}; shr.u64 %rd7, %rd7, 17;
        cvt.u32.u64 %r11, %rd7; xor.b32 %r11, %r11, %r9; st.global.u32 [%rd5], %r11;"
    ));
}

#[test]
fn units_whose_expectations_fail_go_on_carefully() {
    check(&format!(
        "{ELEMENT} cvta.shared.u64 %rd6, 0; mov.u32 %r6, 0; mov.u32 %r7, 0;
        AGAIN: and.b32 %r8, %r6, 1; setp.eq.u32 %p1, %r8, 0; selp.b64 %rd7, %rd4, %rd6, %p1;
        mul.lo.u32 %r9, %r6, %r1; and.b32 %r9, %r9, 252; cvt.u64.u32 %rd8, %r9; add.s64 %rd7, %rd7, %rd8;
        ld.u32 %r10, [%rd7]; add.u32 %r7, %r7, %r10; add.u32 %r6, %r6, 1; setp.gt.u32 %p2, %r7, 0xFFFFFFF0;
        @%p2 bra DONE; xor.b32 %r7, %r7, %r6; setp.lt.u32 %p3, %r6, 300; @%p3 bra AGAIN;
        st.global.u32 [%rd5], %r7;"
    ));
}

#[test]
fn faults_tell_the_same_thread_and_leave_the_same_memory() {
    let faults = [
        ("add.u32 %r6, %r1, 1000;", "st.global.u32 [%rd7], %r1;"),
        (
            "add.u32 %r6, %r1, 1010;",
            "ld.global.u32 %r9, [%rd7]; st.global.u32 [%rd5], %r9;",
        ),
        ("add.u32 %r6, %r1, 3;", "st.global.u32 [%rd7+2], %r1;"),
        ("add.u32 %r6, %r1, 3;", "st.shared.u32 [%r6+4000], %r1;"),
        ("add.u32 %r6, %r1, 1000;", "st.shared.u32 [%r8+60], %r1;"),
    ];
    for (index, access) in faults {
        let body = format!(
            "{ELEMENT} st.global.u32 [%rd5], %r1; {index} mul.wide.u32 %rd6, %r6, 4; shl.b32 %r8, %r6, 2;
            add.s64 %rd7, %rd1, %rd6; {access} st.global.u32 [%rd5+512], %r1;"
        );
        let (interpreted, _) = run(&body, [64, 1, 1], Compile::Off);
        assert!(interpreted.fault.is_some(), "{body}");
        both(&body);
    }
}

#[test]
fn floats_are_the_same_for_numbers_at_the_edges() {
    let values = [
        0x7F80_0000_u32,
        0xFF80_0000,
        0x7FC0_0001,
        0xFFC0_1234,
        0x7F80_0001,
        0,
        0x8000_0000,
        1,
        0x8000_0001,
        0x7F7F_FFFF,
        0x3F80_0000,
        0xBF80_0000,
    ];
    for a in values {
        for b in values {
            let floats = format!(
                "mov.b32 %f1, {a}; mov.b32 %f2, {b}; cvt.rn.f32.s32 %f4, %r1; add.f32 %f5, %f1, %f4;"
            );
            both(&format!(
                "{ELEMENT} {floats} add.f32 %f6, %f5, %f2; mul.rn.f32 %f7, %f6, %f1; sub.f32 %f8, %f2, %f5;
                div.rn.f32 %f9, %f1, %f2; fma.rn.f32 %f10, %f7, %f2, %f8; setp.ne.f32 %p1, %f10, %f9;
                setp.le.f32 %p2, %f1, %f2; selp.f32 %f11, %f10, %f9, %p1; selp.f32 %f12, %f11, %f6, %p2;
                st.global.f32 [%rd5], %f12; st.global.f32 [%rd4], %f10;"
            ));
        }
    }
}
