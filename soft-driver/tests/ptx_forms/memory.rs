//! Loads and stores: widths, vectors, state spaces, initial values, faults.

use rigel_soft::exec::{FaultKind, LaunchShape};

use crate::support::{run, run_module};

/// Bytes that differ in every place and have both signs.
fn pattern(words: usize) -> Vec<u64> {
    (0..8 * words as u64)
        .map(|at| (at * 37 + 0x81) as u8)
        .collect::<Vec<_>>()
        .chunks(8)
        .map(|chunk| {
            chunk
                .iter()
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(*byte))
        })
        .collect()
}

#[test]
fn narrow_loads_extend_to_the_register() {
    let input = pattern(1);
    let word = input[0];
    let check = |ty: &str, class: char, expected: u64| {
        let widen = match class {
            'h' => "cvt.u64.u16 %x9, %h9;",
            'r' => "cvt.u64.u32 %x9, %r9;",
            _ => "",
        };
        for space in [
            "",
            ".global",
            ".global.nc",
            ".volatile.global",
            ".global.cg",
            ".relaxed.gpu",
        ] {
            let body = format!("ld{space}.{ty} %{class}9, [%in]; {widen} st.b64 [%out], %x9;");
            assert_eq!(run(&body, 1, &input, 1), [expected], "{body}");
        }
    };
    let byte = word as u8;
    check("u8", 'h', u64::from(byte));
    check("b8", 'r', u64::from(byte));
    check("s8", 'h', u64::from(byte as i8 as u16));
    check("s8", 'r', u64::from(byte as i8 as u32));
    check("s8", 'x', byte as i8 as u64);
    check("u16", 'h', word & 0xffff);
    check("s16", 'r', u64::from(word as i16 as u32));
    check("s16", 'x', word as i16 as u64);
    check("u16", 'x', word & 0xffff);
    check("b32", 'r', word & 0xffff_ffff);
    check("u32", 'x', word & 0xffff_ffff);
    check("s32", 'x', word as i32 as u64);
    check("f32", 'r', word & 0xffff_ffff);
    check("u64", 'x', word);
    check("f64", 'x', word);
}

#[test]
fn narrow_stores_write_only_their_bytes() {
    let check = |text: &str, expected: u64| {
        let body = format!("ld.b64 %x9, [%in]; cvt.u32.u64 %r9, %x9; cvt.u16.u64 %h9, %x9; {text}");
        assert_eq!(
            run(&body, 1, &[0x8877_6655_4433_2211], 1),
            [expected],
            "{text}"
        );
    };
    check("st.global.u8 [%out+3], %h9;", 0xffff_ffff_11ff_ffff);
    check("st.global.b8 [%out], %r9;", 0xffff_ffff_ffff_ff11);
    check("st.u8 [%out+7], %x9;", 0x11ff_ffff_ffff_ffff);
    check("st.global.u16 [%out+2], %h9;", 0xffff_ffff_2211_ffff);
    check("st.b16 [%out], %r9;", 0xffff_ffff_ffff_2211);
    check("st.global.cs.b32 [%out+4], %r9;", 0x4433_2211_ffff_ffff);
    check("st.volatile.global.u32 [%out], %x9;", 0xffff_ffff_4433_2211);
    check("st.release.gpu.b64 [%out], %x9;", 0x8877_6655_4433_2211);
    check("st.global.wt.u32 [%out], 7;", 0xffff_ffff_0000_0007);
    check("st.global.f32 [%out], 0f3F800000;", 0xffff_ffff_3f80_0000);
    check("st.global.s8 [%out], -2;", 0xffff_ffff_ffff_fffe);
    check("st.global.f64 [%out], 1.0;", 0x3ff0_0000_0000_0000);
}

#[test]
fn vectors_move_whole() {
    let input = pattern(4);
    let check = |ty: &str, class: char, lanes: usize| {
        let list: Vec<_> = (1..=lanes).map(|lane| format!("%{class}{lane}")).collect();
        let list = list.join(", ");
        for (from, to) in [
            ("", ""),
            (".global", ".global"),
            (".global.nc", ".global.cg"),
        ] {
            let body = format!(
                "ld{from}.v{lanes}.{ty} {{{list}}}, [%in]; st{to}.v{lanes}.{ty} [%out], {{{list}}};"
            );
            let bits = ty[1..].parse::<usize>().unwrap() * lanes;
            let mut expected = input.clone();
            for (at, word) in expected.iter_mut().enumerate() {
                let kept = bits.saturating_sub(64 * at).min(64);
                *word |= if kept == 64 { 0 } else { !0 << kept };
            }
            assert_eq!(run(&body, 1, &input, 4), expected, "{body}");
        }
    };
    for (lanes, types) in [
        (2, &["u8", "b16", "u32", "f32", "s64", "f64", "b64"][..]),
        (4, &["b8", "u16", "b32", "f32", "s32"][..]),
    ] {
        for ty in types {
            let class = match &ty[1..] {
                "8" | "16" => 'h',
                "32" => 'r',
                _ => 'x',
            };
            check(ty, class, lanes);
        }
    }
}

#[test]
fn vector_loads_skip_sinks() {
    let body = "ld.v4.b32 {_, %r1, _, %r2}, [%in]; st.v2.b32 [%out], {%r1, %r2};";
    assert_eq!(run(body, 1, &[1 << 32 | 2, 3 << 32 | 4], 1), [3 << 32 | 1]);
}

#[test]
fn neighbouring_lanes_and_strides_hit_their_own_words() {
    let input: Vec<u64> = (0..256).map(|value| value * 0x1_0001).collect();
    let body = "mul.wide.u32 %x0, %i, 16; add.s64 %x0, %in, %x0; ld.global.u32 %r1, [%x0+8];\n\
                add.s64 %x1, %out, %at; cvt.u64.u32 %x2, %r1; st.global.u64 [%x1], %x2;";
    let expected: Vec<u64> = (0..96).map(|thread| input[2 * thread + 1]).collect();
    assert_eq!(run(body, 96, &input, 96), expected);
}

#[test]
fn parameters_can_be_read_in_parts() {
    let body = "ld.param.u32 %r1, [out]; ld.param.u32 %r2, [out+4]; mov.b64 %x1, {%r1, %r2};\n\
                mov.b64 %x2, out; cvta.param.u64 %x2, %x2; ld.b64 %x3, [%x2];\n\
                ld.param.v2.u32 {%r3, %r4}, [out]; mov.b64 %x4, {%r3, %r4};\n\
                sub.s64 %x1, %x1, %out; sub.s64 %x3, %x3, %out; sub.s64 %x4, %x4, %out;\n\
                or.b64 %x1, %x1, %x3; or.b64 %x1, %x1, %x4; st.b64 [%out], %x1;";
    assert_eq!(run(body, 1, &[0], 1), [0]);
}

#[test]
fn local_memory_is_private_and_indexable() {
    let body = ".local .align 8 .b8 own[64];\n\
                mov.b64 %x1, own; and.b32 %r1, %t, 7; mul.wide.u32 %x2, %r1, 8;\n\
                add.s64 %x3, %x1, %x2; cvt.u64.u32 %x4, %t; st.local.b64 [%x3], %x4;\n\
                st.local.v2.b32 [own+56], {%r1, %t};\n\
                cvta.local.u64 %x5, %x3; ld.b64 %x6, [%x5]; ld.local.u32 %r2, [own+60];\n\
                mul.wide.u32 %x7, %r2, 1000; setp.eq.u32 %p1, %r1, 7;\n\
                @%p1 cvt.u64.u32 %x6, %t; add.s64 %x7, %x7, %x6;\n\
                add.s64 %x8, %out, %at; st.global.b64 [%x8], %x7;";
    let expected: Vec<u64> = (0..64).map(|thread| thread * 1001).collect();
    assert_eq!(run(body, 64, &[0], 64), expected);
}

#[test]
fn shared_memory_is_seen_by_the_whole_block() {
    let body = ".shared .align 4 .b8 tile[512];\n\
                mov.u32 %r1, tile; shl.b32 %r2, %t, 2; add.s32 %r3, %r1, %r2;\n\
                st.shared.u32 [%r3], %i; bar.sync 0;\n\
                mov.u32 %r4, %ntid.x; sub.s32 %r4, %r4, 1; sub.s32 %r4, %r4, %t;\n\
                shl.b32 %r4, %r4, 2; add.s32 %r4, %r1, %r4; ld.shared.u32 %r5, [%r4];\n\
                cvt.u64.u32 %x1, %r4; cvta.shared.u64 %x1, %x1; ld.u32 %r6, [%x1];\n\
                add.s32 %r5, %r5, %r6; cvt.u64.u32 %x2, %r5;\n\
                add.s64 %x3, %out, %at; st.b64 [%x3], %x2;";
    let shape = LaunchShape::new([3, 1, 1], [128, 1, 1]);
    let ran = run_module("", body, shape, &[0], 384);
    assert_eq!(ran.outcome.fault, None);
    let expected: Vec<u64> = (0..384)
        .map(|index| 2 * (index / 128 * 128 + 127 - index % 128))
        .collect();
    assert_eq!(ran.output, expected);
}

#[test]
fn dynamic_shared_memory_follows_the_static() {
    let items = ".extern .shared .align 16 .b8 dynamic[];";
    let body = ".shared .align 4 .b32 fixed;\n\
                mov.u32 %r1, dynamic; mov.u32 %r2, fixed; st.shared.u32 [fixed], 7;\n\
                shl.b32 %r3, %t, 3; add.s32 %r3, %r1, %r3; cvt.u64.u32 %x1, %t;\n\
                st.shared.u64 [%r3], %x1; bar.sync 0; ld.shared.u64 %x2, [dynamic+248];\n\
                ld.shared.u32 %r4, [%r2]; mul.wide.u32 %x3, %r4, 100; add.s64 %x2, %x2, %x3;\n\
                add.s64 %x4, %out, %at; st.b64 [%x4], %x2;";
    let mut shape = LaunchShape::new([1, 1, 1], [32, 1, 1]);
    shape.dynamic_shared_bytes = 256;
    let ran = run_module(items, body, shape, &[0], 32);
    assert_eq!(ran.outcome.fault, None);
    assert_eq!(ran.output, [731; 32]);
}

#[test]
fn module_variables_have_their_initial_values() {
    let items = ".global .align 8 .u64 numbers[3] = {11, 22};\n\
                 .const .align 4 .f32 table[2] = {1.5, 0f40000000};\n\
                 .global .align 8 .u64 pointer = generic(numbers)+8;\n\
                 .visible .global .align 1 .b8 text[6] = {104, 105, 0};";
    let body = "ld.global.u64 %x1, [numbers+8]; ld.const.f32 %r1, [table+4];\n\
                ld.global.u64 %x2, [pointer]; ld.u64 %x3, [%x2]; ld.global.u8 %r2, [text+1];\n\
                mov.u64 %x4, table; cvta.const.u64 %x4, %x4; ld.f32 %r3, [%x4];\n\
                ld.global.u64 %x5, [numbers+16]; cvta.global.u64 %x6, %x2;\n\
                st.b64 [%out], %x1; cvt.u64.u32 %x7, %r1; st.b64 [%out+8], %x7;\n\
                st.b64 [%out+16], %x3; cvt.u64.u32 %x7, %r2; st.b64 [%out+24], %x7;\n\
                cvt.u64.u32 %x7, %r3; st.b64 [%out+32], %x7; st.b64 [%out+40], %x5;";
    let shape = LaunchShape::new([1, 1, 1], [1, 1, 1]);
    let ran = run_module(items, body, shape, &[0], 6);
    assert_eq!(ran.outcome.fault, None);
    let single = |value: f32| u64::from(value.to_bits());
    assert_eq!(ran.output, [22, single(2.0), 22, 105, single(1.5), 0]);
}

#[test]
fn generic_addresses_tell_their_space() {
    let items = ".global .u32 there;";
    let body = ".shared .b32 near; .local .b32 own;\n\
                mov.u64 %x1, near; cvta.shared.u64 %x1, %x1;\n\
                mov.u64 %x2, own; cvta.local.u64 %x2, %x2;\n\
                mov.u64 %x3, there; cvta.global.u64 %x3, %x3;\n\
                isspacep.shared %p1, %x1; isspacep.shared %p2, %x3; isspacep.local %p3, %x2;\n\
                isspacep.global %p4, %x3; isspacep.global %p5, %x1;\n\
                mov.u32 %r1, 0; @%p1 add.s32 %r1, %r1, 1; @%p2 add.s32 %r1, %r1, 2;\n\
                @%p3 add.s32 %r1, %r1, 4; @%p4 add.s32 %r1, %r1, 8; @%p5 add.s32 %r1, %r1, 16;\n\
                cvta.to.shared.u64 %x4, %x1; mov.u64 %x5, near; setp.eq.s64 %p6, %x4, %x5;\n\
                @%p6 add.s32 %r1, %r1, 32; cvt.u64.u32 %x6, %r1; st.b64 [%out], %x6;";
    let shape = LaunchShape::new([1, 1, 1], [1, 1, 1]);
    let ran = run_module(items, body, shape, &[0], 1);
    assert_eq!(ran.outcome.fault, None);
    assert_eq!(ran.output, [1 + 4 + 8 + 32]);
}

/// The kind, the address relative to the output and the thread of the fault that `body` ends in.
fn fault(body: &str) -> (FaultKind, [u32; 3], u32) {
    let shape = LaunchShape::new([1, 1, 1], [40, 1, 1]);
    let fault = run_module("", body, shape, &[0], 1)
        .outcome
        .fault
        .expect("a fault");
    (fault.kind, fault.thread, fault.line)
}

#[test]
fn illegal_accesses_name_the_thread() {
    let only_thread_35 = "setp.ne.u32 %p1, %t, 35; @%p1 ret;";
    let check = |text: &str, kind| {
        let (got, thread, line) = fault(&format!("{only_thread_35} {text}"));
        assert_eq!((got, thread), (kind, [35, 0, 0]), "{text}");
        assert!(line > 0);
    };
    check(
        "mov.u64 %x1, 16; ld.global.u32 %r1, [%x1];",
        FaultKind::IllegalAddress,
    );
    check("ld.u64 %x1, [%out+8];", FaultKind::IllegalAddress);
    check("st.global.u32 [%in+8], 1;", FaultKind::IllegalAddress);
    check(
        "st.global.v2.u64 [%out+0], {%x1, %x1};",
        FaultKind::IllegalAddress,
    );
    check("ld.global.u32 %r1, [%out+2];", FaultKind::Misaligned);
    check(
        "mov.u64 %x1, 0; atom.global.add.u32 %r1, [%x1], 1;",
        FaultKind::IllegalAddress,
    );
    check("trap;", FaultKind::Trap);
}
