//! Machine code for warps some of whose lanes are elsewhere, against the interpreter: lanes that are not active
//! keep what they have, and neither read nor write memory.

use super::compile::{ELEMENT, both, check, run};
use crate::exec::Compile;

/// Ways to lose lanes: by data, by position, by exit, all but one, and none.
const AWAY: [&str; 5] = [
    "and.b32 %r22, %r6, 1; setp.eq.u32 %p5, %r22, 0; @%p5 bra SKIP;",
    "setp.lt.u32 %p5, %r1, 9; @%p5 bra SKIP;",
    "and.b32 %r22, %r6, 3; setp.eq.u32 %p5, %r22, 1; @%p5 bra DONE;",
    "and.b32 %r22, %r1, 15; setp.ne.u32 %p5, %r22, 6; @%p5 bra SKIP;",
    "setp.gt.u32 %p5, %r1, 5000; @%p5 bra SKIP;",
];

/// A body whose lanes of `r10` to `r13` and `rd10` are looked at when all are together again.
fn masked(away: &str, body: &str) -> String {
    format!(
        "{ELEMENT} ld.global.u32 %r6, [%rd4]; mov.u32 %r21, box; shl.b32 %r20, %r1, 4; and.b32 %r20, %r20, 1023;
        add.u32 %r20, %r20, %r21; st.shared.v4.u32 [%r20], {{%r6, %r1, %r5, %r20}}; bar.sync 0;
        xor.b32 %r10, %r6, 5; add.u32 %r11, %r1, 7; not.b32 %r12, %r6; mov.u32 %r13, 99; cvt.u64.u32 %rd10, %r6;
        and.b32 %r14, %r6, 31; mul.wide.u32 %rd11, %r14, 16; add.s64 %rd12, %rd1, %rd11;
        shl.b32 %r15, %r14, 4; add.u32 %r15, %r15, %r21; setp.lt.s32 %p1, %r6, 0; setp.lt.u32 %p2, %r5, 40;
        {away} {body}
        SKIP: mov.b64 {{%r16, %r17}}, %rd10; add.u32 %r10, %r10, %r11; xor.b32 %r10, %r10, %r12;
        selp.b32 %r18, 3, 11, %p1; selp.b32 %r19, 50, 0, %p2; add.u32 %r13, %r13, %r18; add.u32 %r13, %r13, %r19;
        add.u32 %r10, %r10, %r13; add.u32 %r16, %r16, %r17; st.global.u32 [%rd5+1024], %r10;
        st.global.u32 [%rd4+1024], %r16; ld.shared.u32 %r18, [%r20+4]; st.global.u32 [%rd4+2048], %r18;"
    )
}

pub(super) fn check_masked(body: &str) {
    for away in AWAY {
        check(&masked(away, body));
    }
}

#[test]
fn lanes_elsewhere_keep_their_registers() {
    check_masked(
        "mul.lo.u32 %r10, %r6, 3; shl.b32 %r11, %r10, 2; sub.u32 %r12, %r11, %r10; setp.gt.u32 %p1, %r12, %r6;
        mad.lo.s64 %rd10, %rd10, 7, 9; mov.u32 %r13, 4; setp.lt.s64 %p2, %rd10, 1000; not.pred %p2, %p2;
        selp.b32 %r11, %r12, %r10, %p1; and.pred %p1, %p1, %p2; xor.pred %p2, !%p1, %p2; mov.pred %p3, %p1;
        or.pred %p1, %p3, !%p2;",
    );
}

#[test]
fn quotients_are_the_same() {
    for divisor in ["%r6", "%r1", "%r14", "3", "0xFFFFFFFF", "1"] {
        check_masked(&format!(
            "div.u32 %r10, %r12, {divisor}; add.u32 %r11, %r11, 9; div.u32 %r12, %r6, %r11; div.u32 %r13, %r12, %r1;
            add.u32 %r11, %r10, %r12; div.u32 %r11, -1, {divisor};"
        ));
    }
}

#[test]
fn elements_load_for_active_lanes_only() {
    for (ty, register) in [
        ("u8", "%r10"),
        ("s8", "%r10"),
        ("u16", "%r11"),
        ("s16", "%r11"),
        ("u32", "%r12"),
        ("u64", "%rd10"),
    ] {
        check_masked(&format!(
            "ld.global.{ty} {register}, [%rd12+16]; add.u32 %r10, %r10, %r14; ld.shared.{ty} {register}, [%r15+8];
            ld.{ty} {register}, [%rd12]; add.u32 %r13, %r10, %r11;"
        ));
        // All at one place.
        check_masked(&format!(
            "and.b32 %r14, %r14, 0; cvt.u64.u32 %rd13, %r14; add.s64 %rd13, %rd1, %rd13; add.u32 %r14, %r14, %r21;
            ld.global.{ty} {register}, [%rd13+16]; add.u32 %r10, %r10, %r11; ld.shared.{ty} {register}, [%r14+8];"
        ));
    }
}

#[test]
fn words_beside_each_other_load_for_active_lanes_only() {
    for [one, two] in [[0, 4], [8, 12], [-4, 0], [4, 0], [0, 8], [3000, 3004]] {
        // The buffer begins at `rd1` and has 4096 bytes: not all of them are there.
        check_masked(&format!(
            "add.s64 %rd13, %rd12, 4; ld.global.u32 %r10, [%rd13+{one}]; ld.global.u32 %r11, [%rd13+{two}];
            add.u32 %r12, %r12, %r11; ld.u32 %r13, [%rd13]; ld.u32 %r24, [%rd13+4]; xor.b32 %r13, %r13, %r24;"
        ));
    }
    check_masked(
        "and.b64 %rd14, %rd10, 1; mad.lo.s64 %rd13, %rd14, 4092, %rd1; ld.global.u32 %r10, [%rd13]; ld.global.u32 %r11, [%rd13+4];
        add.u32 %r13, %r10, %r11;",
    );
    check_masked(
        "mov.u64 %rd13, %rd12; ld.global.u64 %rd13, [%rd13+8]; and.b64 %rd13, %rd13, 252; add.s64 %rd13, %rd13, %rd1;
        ld.global.s32 %r10, [%rd13]; ld.global.s32 %r11, [%rd13+4]; cvt.s64.s32 %rd10, %r11;",
    );
}

#[test]
fn vectors_load_and_store_for_active_lanes_only() {
    for (ty, registers) in [
        ("v2.u32", "{%r10, %r11}"),
        ("v4.u32", "{%r10, %r11, %r12, %r13}"),
        ("v4.b32", "{%r10, _, _, %r13}"),
        ("v2.u64", "{%rd10, %rd9}"),
    ] {
        check_masked(&format!(
            "ld.global.{ty} {registers}, [%rd12+16]; add.u32 %r10, %r10, %r14;
            ld.shared.{ty} {registers}, [%r15]; add.u32 %r11, %r11, %r10;"
        ));
        if !registers.contains('_') {
            check_masked(&format!(
                "add.u32 %r10, %r10, %r14; mov.b64 %rd9, {{%r10, %r12}}; st.shared.{ty} [%r20], {registers};
                mul.wide.u32 %rd13, %r5, 16; and.b64 %rd13, %rd13, 2047; add.s64 %rd13, %rd1, %rd13;
                st.global.{ty} [%rd13], {registers};"
            ));
        }
    }
}

#[test]
fn elements_store_from_active_lanes_only() {
    for (ty, register) in [
        ("u8", "%r10"),
        ("u16", "%r11"),
        ("u32", "%r12"),
        ("u64", "%rd10"),
    ] {
        check_masked(&format!(
            "add.u32 %r10, %r10, %r14; add.u32 %r11, %r11, %r10; add.u32 %r12, %r12, 3; add.s64 %rd10, %rd10, 5;
            st.global.{ty} [%rd12+8], {register}; st.shared.{ty} [%r15], {register};
            st.shared.{ty} [%r20+8], {register};"
        ));
    }
}

#[test]
fn additions_to_shared_memory_are_the_same() {
    check_masked(
        "and.b32 %r14, %r6, 7; shl.b32 %r14, %r14, 2; add.u32 %r14, %r14, %r21; add.u32 %r13, %r13, 1;
        atom.shared.add.u32 %r10, [%r14], %r6; atom.shared.add.s32 %r11, [%r14+64], 3;
        red.shared.add.u32 [%r20+4], %r13; atom.shared.add.u32 %r12, [%r20+8], %r13; add.u32 %r10, %r10, %r12;",
    );
}

#[test]
fn additions_in_halves_to_shared_memory_are_the_same() {
    let add = |[above, carry, again]: [&str; 3],
               [low, high]: [i32; 2],
               [lower, upper]: [&str; 2]| {
        format!(
            "add.u32 %r24, %r15, {low}; add.u32 %r25, %r15, {high}; atom.shared.add.u32 %r26, [%r24], {lower};
            not.b32 %r27, {lower}; setp.{above}.u32 %p3, %r26, %r27; selp.u32 %r28, {carry}, %p3;
            add.s32 %r29, {upper}, %r28; atom.shared.add.u32 %r30, [%r25], %r29; {again}"
        )
    };
    let values = ["%r6", "%r11"];
    let plain = ["gt", "1, 0", ""];
    let both = add(plain, [0, 4], values) + &add(plain, [8, 12], ["%r12", "%r12"]);
    check_masked(&format!(
        "{both} bar.warp.sync -1; ld.shared.u32 %r13, [%r15+8];"
    ));
    // Not one addition, each for another reason; or not in one piece; or not aligned.
    for (what, offsets) in [
        (plain, [0, 8]),
        (plain, [4, 0]),
        (plain, [4, 8]),
        (["ge", "1, 0", ""], [0, 4]),
        (["gt", "0, 1", ""], [0, 4]),
        (["gt", "1, 0", "add.u32 %r10, %r10, %r26;"], [0, 4]),
        (["gt", "1, 0", "add.u32 %r10, %r10, %r29;"], [0, 4]),
        (["gt", "1, 0", "add.u32 %r10, %r10, %r30;"], [8, 12]),
        (["gt", "1, 0", "mov.pred %p1, %p3;"], [8, 12]),
    ] {
        check_masked(&add(what, offsets, values));
    }
    check_masked(&add(plain, [0, 4], ["7", "%r10"]));
    check_masked(&add(plain, [0, 4], ["%r4", "%r4"]));
}

#[test]
fn double_precision_is_the_same() {
    for values in [
        "mov.b64 %fd1, 0x7FF8000000001234; mov.f64 %fd2, 0d3FF0000000000000;",
        "mov.f64 %fd1, 0d8000000000000000; mov.f64 %fd2, 0d7FF0000000000000;",
        "cvt.f64.f32 %fd1, %f1; cvt.f64.f32 %fd2, %f2;",
        "mov.f64 %fd1, 0d47EFFFFFF0000001; cvt.f64.f32 %fd2, %f1;",
    ] {
        let mut compared = String::new();
        for relation in [
            "eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu",
        ] {
            compared += &format!(
                "setp.{relation}.f64 %p1, %fd1, %fd2; selp.b32 %r14, 1, 0, %p1; add.u32 %r11, %r11, %r11;
                add.u32 %r11, %r11, %r14; setp.{relation}.f32 %p3, %f3, %f2; selp.b32 %r14, 1, 0, %p3;
                add.u32 %r12, %r12, %r12; add.u32 %r12, %r12, %r14;"
            );
        }
        check_masked(&format!(
            "mov.b32 %f1, %r6; mov.b32 %f2, %r12; {values} add.f64 %fd3, %fd1, %fd2; sub.f64 %fd4, %fd3, %fd2;
            mul.rn.f64 %fd5, %fd4, %fd1; div.rn.f64 %fd6, %fd5, %fd2; neg.f64 %fd6, %fd6; abs.f64 %fd7, %fd4;
            cvt.rn.f32.f64 %f3, %fd6; neg.f32 %f4, %f3; abs.f32 %f5, %f4; mov.b32 %r10, %f4; mov.b32 %r13, %f5;
            mov.b64 %rd10, %fd7; {compared}"
        ));
    }
}

#[test]
fn shuffles_by_constants_are_the_same() {
    for (mode, b, c) in [
        ("up", 1, 0),
        ("up", 17, 0),
        ("up", 3, 0x1800),
        ("down", 1, 31),
        ("down", 9, 31),
        ("down", 2, 0x1C1F),
        ("bfly", 16, 31),
        ("bfly", 3, 31),
        ("idx", 31, 31),
        ("idx", 5, 0x181F),
    ] {
        // What lanes have that are not there is not defined; so all of them are.
        let body = format!(
            "add.u32 %r10, %r10, 1; mov.u32 %r14, {b}; shfl.sync.{mode}.b32 %r11|%p1, %r6, {b}, {c}, -1;
            add.u32 %r10, %r10, %r11; shfl.sync.{mode}.b32 %r12, %r10, %r14, {c}, -1; xor.b32 %r12, %r12, %r10;
            shfl.sync.{mode}.b32 %r10, %r10, {b}, {c}, -1; add.u32 %r13, %r10, %r12;"
        );
        let body = masked(AWAY[4], &body);
        for shape in [[64, 1, 1], [16, 8, 1]] {
            let (interpreted, _) = run(&body, shape, Compile::Off);
            let (compiled, _) = run(&body, shape, Compile::Always);
            assert_eq!(compiled, interpreted, "{shape:?}: {body}");
        }
    }
}

#[test]
fn parameters_load_through_registers() {
    check_masked(
        "mov.b64 %rd13, pa; ld.param.u64 %rd10, [%rd13+8]; sub.s64 %rd10, %rd10, %rd2; ld.param.u8 %r11, [%rd13];
        and.b32 %r11, %r11, 15; and.b64 %rd11, %rd11, 8; ld.param.u64 %rd9, [%rd11]; setp.eq.s64 %p1, %rd9, %rd1;
        add.u32 %r10, %r10, %r11; mov.u32 %r12, 1;",
    );
}

#[test]
fn addresses_of_lanes_elsewhere_do_no_harm_and_others_fault_alike() {
    let accesses = [
        "ld.global.u32 %r10, [%rd13];",
        "ld.global.v2.u64 {%rd10, %rd9}, [%rd13];",
        "st.global.u32 [%rd13], %r6;",
        "st.global.v4.u32 [%rd13], {%r10, %r11, %r12, %r13};",
        "ld.shared.u32 %r10, [%r18];",
        "ld.shared.v2.u32 {%r10, %r11}, [%r18];",
        "st.shared.u16 [%r18], %r6;",
        "atom.shared.add.u32 %r10, [%r18], %r6;",
        "add.u32 %r24, %r18, 4; atom.shared.add.u32 %r25, [%r18], %r6; not.b32 %r26, %r6;
        setp.gt.u32 %p3, %r25, %r26; selp.u32 %r27, 1, 0, %p3; add.s32 %r28, %r12, %r27;
        atom.shared.add.u32 %r29, [%r24], %r28;",
    ];
    let body = |away: &str, wrong: &str, access: &str| {
        masked(
            away,
            &format!(
                "{wrong} selp.b32 %r19, 1, 0, %p4; mul.wide.u32 %rd9, %r19, 0x40000; add.s64 %rd13, %rd12, %rd9;
                mad.lo.u32 %r18, %r19, 0x40000, %r15; add.u32 %r11, %r11, 1; {access} add.u32 %r12, %r12, 1;"
            ),
        )
    };
    for access in accesses {
        // Those of the lanes that have gone are the wrong ones.
        let wrong = "setp.lt.u32 %p4, %r1, 9;";
        let harmless = body(AWAY[1], wrong, access);
        let (left, _) = run(&harmless, [32, 1, 1], Compile::Always);
        assert!(left.fault.is_none(), "{harmless}");
        both(&harmless);
        let harmful = body(AWAY[1], "setp.eq.u32 %p4, %r1, 13;", access);
        let (left, _) = run(&harmful, [32, 1, 1], Compile::Always);
        assert!(left.fault.is_some(), "{harmful}");
        both(&harmful);
    }
}
