//! Control flow: guards, divergent branches and loops, calls of every kind, barriers.

use rigel_soft::exec::{FaultKind, LaunchShape};

use crate::support::{run, run_module};

const STORE: &str = "cvt.u64.u32 %x1, %r9; add.s64 %x2, %out, %at; st.b64 [%x2], %x1;";

/// `%r9` of each of 64 threads after `text`, compared with `expected` of the thread.
fn check(text: &str, expected: impl Fn(u64) -> u64) {
    check_with("", text, expected);
}

fn check_with(items: &str, text: &str, expected: impl Fn(u64) -> u64) {
    let shape = LaunchShape::new([1, 1, 1], [64, 1, 1]);
    let ran = run_module(items, &format!("{text}\n{STORE}"), shape, &[0], 64);
    assert_eq!(ran.outcome.fault, None, "{text}");
    assert_eq!(
        ran.output,
        (0..64).map(expected).collect::<Vec<_>>(),
        "{text}"
    );
}

#[test]
fn guards_leave_other_lanes_alone() {
    check(
        "and.b32 %r1, %t, 1; setp.eq.u32 %p1, %r1, 1; mov.u32 %r9, 5;\n\
         @%p1 mov.u32 %r9, 6; @!%p1 add.u32 %r9, %r9, 10;",
        |thread| if thread & 1 == 1 { 6 } else { 15 },
    );
}

#[test]
fn divergent_branches_join_again() {
    check(
        "and.b32 %r1, %t, 3; mov.u32 %r9, 0; setp.lt.u32 %p1, %r1, 2; @%p1 bra LOW;\n\
         setp.eq.u32 %p2, %r1, 3; @%p2 bra THREE; mov.u32 %r9, 22; bra.uni DONE;\n\
         THREE: mov.u32 %r9, 33; bra DONE;\n\
         LOW: setp.eq.u32 %p3, %r1, 0; @!%p3 bra ONE; mov.u32 %r9, 1; bra DONE;\n\
         ONE: mov.u32 %r9, 11;\n\
         DONE: add.u32 %r9, %r9, 100;",
        |thread| 100 + [1, 11, 22, 33][thread as usize & 3],
    );
}

#[test]
fn loops_run_as_often_as_each_lane_asks() {
    check(
        "mov.u32 %r9, 0; mov.u32 %r1, 0;\n\
         LOOP: setp.ge.u32 %p1, %r1, %t; @%p1 bra END; add.u32 %r9, %r9, %r1;\n\
         add.u32 %r1, %r1, 1; bra LOOP; END:",
        |thread| thread * thread.saturating_sub(1) / 2,
    );
    // The inner loop leaves by different exits.
    check(
        "mov.u32 %r9, 0; mov.u32 %r1, 0;\n\
         OUTER: setp.ge.u32 %p1, %r1, 5; @%p1 bra END; mov.u32 %r2, 0;\n\
         INNER: setp.gt.u32 %p2, %r2, %t; @%p2 bra NEXT; setp.eq.u32 %p3, %r2, 7; @%p3 bra NEXT;\n\
         add.u32 %r9, %r9, 1; add.u32 %r2, %r2, 1; bra INNER;\n\
         NEXT: add.u32 %r1, %r1, 1; bra OUTER; END:",
        |thread| 5 * (thread + 1).min(7),
    );
}

#[test]
fn threads_may_leave_early() {
    let body = format!(
        "setp.gt.u32 %p1, %t, 40; @%p1 exit; setp.eq.u32 %p2, %t, 3; @%p2 ret;\n\
         bar.sync 0; mov.u32 %r9, 7; {STORE}"
    );
    let expected: Vec<u64> = (0..64)
        .map(|thread| if thread > 40 || thread == 3 { !0 } else { 7 })
        .collect();
    assert_eq!(run(&body, 64, &[0], 64), expected);
}

#[test]
fn indirect_branches_go_to_their_target() {
    check(
        "and.b32 %r1, %t, 3; T: .branchtargets A, B, C, A; brx.idx %r1, T;\n\
         A: mov.u32 %r9, 1; bra END; B: mov.u32 %r9, 2; bra END; C: mov.u32 %r9, 3; END:",
        |thread| [1, 2, 3, 1][thread as usize & 3],
    );
}

#[test]
fn spinning_lanes_do_not_starve_the_lane_they_wait_for() {
    // The lanes of a warp take a lock one after another.
    let body = ".shared .align 8 .b8 cells[8]; mov.u32 %r9, 1;\n\
                st.shared.u64 [cells], 0; bar.sync 0;\n\
                TRY: atom.shared.cas.b32 %r1, [cells], 0, 1; setp.ne.u32 %p1, %r1, 0; @%p1 bra TRY;\n\
                ld.volatile.shared.u32 %r2, [cells+4]; add.u32 %r2, %r2, 1;\n\
                st.volatile.shared.u32 [cells+4], %r2; membar.cta;\n\
                atom.shared.exch.b32 %r3, [cells], 0; bar.sync 0;\n\
                ld.shared.u32 %r9, [cells+4];";
    check(body, |_| 64);
}

#[test]
fn a_flag_set_by_a_later_lane_is_seen() {
    check(
        ".shared .b32 flag; mov.u32 %r9, 0; st.shared.u32 [flag], 0; bar.sync 0;\n\
         setp.eq.u32 %p1, %t, 31; @%p1 bra SET;\n\
         WAIT: ld.volatile.shared.u32 %r1, [flag]; setp.eq.u32 %p2, %r1, 0; @%p2 bra WAIT;\n\
         mov.u32 %r9, %r1; bra END;\n\
         SET: st.volatile.shared.u32 [flag], 9; mov.u32 %r9, 9; END:",
        |_| 9,
    );
}

#[test]
fn blocks_may_wait_for_earlier_blocks() {
    let body = "setp.ne.u32 %p1, %t, 0; @%p1 bra END; mov.u32 %r1, %ctaid.x;\n\
                WAIT: ld.acquire.gpu.u32 %r2, [%in]; setp.ne.u32 %p2, %r2, %r1; @%p2 bra WAIT;\n\
                cvt.u64.u32 %x1, %r2; mul.wide.u32 %x2, %r1, 8; add.s64 %x2, %out, %x2;\n\
                st.global.u64 [%x2], %x1; add.u32 %r2, %r2, 1; st.release.gpu.u32 [%in], %r2;\n\
                END:";
    let shape = LaunchShape::new([50, 1, 1], [64, 1, 1]);
    let ran = run_module("", body, shape, &[0], 50);
    assert_eq!(ran.outcome.fault, None);
    assert_eq!(ran.output, (0..50).collect::<Vec<u64>>());
    assert_eq!(ran.outcome.counters.blocks, 50);
}

#[test]
fn calls_pass_parameters_and_return_values() {
    let items = ".func (.param .b32 result) twice(.param .b32 value, .param .b64 addend)\n\
                 { .reg .b32 %r<4>; .reg .b64 %x<2>; ld.param.b32 %r1, [value];\n\
                   ld.param.b64 %x1, [addend]; cvt.u32.u64 %r2, %x1; mad.lo.u32 %r3, %r1, 2, %r2;\n\
                   st.param.b32 [result], %r3; ret; }\n\
                 .func (.reg .u32 %q) thrice(.reg .u32 %p) { mul.lo.u32 %q, %p, 3; ret; }";
    check_with(
        items,
        "{ .param .b32 a; .param .b64 b; .param .b32 r; st.param.b32 [a], %t; mov.u64 %x3, 5;\n\
         st.param.b64 [b], %x3; call.uni (r), twice, (a, b); ld.param.b32 %r1, [r]; }\n\
         call (%r9), thrice, (%r1);",
        |thread| 3 * (2 * thread + 5),
    );
}

#[test]
fn structures_are_passed_by_value() {
    let items = ".func (.param .align 8 .b8 out[16]) swap(.param .align 8 .b8 pair[16])\n\
                 { .reg .b64 %x<4>; ld.param.b64 %x1, [pair]; ld.param.b64 %x2, [pair+8];\n\
                   st.param.v2.b64 [out], {%x2, %x1}; ret; }";
    check_with(
        items,
        "{ .param .align 8 .b8 a[16]; .param .align 8 .b8 r[16]; cvt.u64.u32 %x1, %t;\n\
         st.param.b64 [a], %x1; st.param.b64 [a+8], 1000; call (r), swap, (a);\n\
         ld.param.v2.b64 {%x2, %x3}, [r]; ld.param.b64 %x4, [a]; }\n\
         sub.s64 %x2, %x2, %x3; cvt.u32.u64 %r9, %x2;",
        |thread| 1000 - thread,
    );
}

#[test]
fn indirect_calls_diverge_by_lane() {
    let function = |name: &str, factor: u32| {
        format!(
            ".visible .func (.param .b32 r) {name}(.param .b32 v) {{ .reg .b32 %r<3>;\n\
             ld.param.b32 %r1, [v]; mul.lo.u32 %r2, %r1, {factor}; st.param.b32 [r], %r2; ret; }}\n"
        )
    };
    let table = ".global .align 8 .u64 table[2] = {five, seven};";
    check_with(
        &(function("five", 5) + &function("seven", 7) + table),
        "and.b32 %r1, %t, 1; mul.wide.u32 %x1, %r1, 8; mov.u64 %x2, table;\n\
         add.s64 %x1, %x1, %x2; ld.global.u64 %x3, [%x1];\n\
         { .param .b32 v; .param .b32 r; st.param.b32 [v], %t;\n\
         P: .callprototype (.param .b32 _) _ (.param .b32 _); call (r), %x3, (v), P;\n\
         ld.param.b32 %r9, [r]; }",
        |thread| thread * if thread & 1 == 0 { 5 } else { 7 },
    );
}

#[test]
fn recursion_keeps_frames_apart() {
    let items = ".func (.param .b32 r) sum(.param .b32 n)\n\
                 { .reg .b32 %r<5>; .reg .pred %p; .local .b32 kept; ld.param.b32 %r1, [n];\n\
                   st.local.b32 [kept], %r1; setp.eq.u32 %p, %r1, 0; mov.u32 %r4, 0; @%p bra END;\n\
                   { .param .b32 a; .param .b32 b; sub.u32 %r2, %r1, 1; st.param.b32 [a], %r2;\n\
                     call (b), sum, (a); ld.param.b32 %r3, [b]; }\n\
                   ld.local.b32 %r4, [kept]; add.u32 %r4, %r4, %r3;\n\
                   END: st.param.b32 [r], %r4; ret; }";
    check_with(
        items,
        "and.b32 %r1, %t, 15; { .param .b32 a; .param .b32 b; st.param.b32 [a], %r1;\n\
         call (b), sum, (a); ld.param.b32 %r9, [b]; }",
        |thread| (thread & 15) * ((thread & 15) + 1) / 2,
    );
}

#[test]
fn pieces_of_the_stack_are_each_threads_own() {
    for (bits, pointer) in [(64, "%x"), (32, "%r")] {
        // A piece of 8, 16, 24 or 32 bytes for each thread, one of 32 bytes between two of these.
        check(
            &format!(
                "and.b32 %r1, %t, 3; add.u32 %r1, %r1, 1; shl.b32 %r2, %r1, 3; cvt.u64.u32 %x2, %r2;\n\
                 alloca.u{bits} {pointer}3, {pointer}2; alloca.u{bits} {pointer}4, 32, 128;\n\
                 alloca.u{bits} {pointer}5, {pointer}2;\n\
                 st.local.u64 [{pointer}5], 7; st.local.u32 [{pointer}3], %t;\n\
                 st.local.u32 [{pointer}4+28], 99; and.b{bits} {pointer}6, {pointer}4, 127;\n\
                 cvt.u32.u{bits} %r8, {pointer}6; ld.local.u32 %r9, [{pointer}3];\n\
                 add.u32 %r9, %r9, %r8; ld.local.u32 %r7, [{pointer}5]; add.u32 %r9, %r9, %r7;"
            ),
            |thread| thread + 7,
        );
    }
}

#[test]
fn a_saved_stack_pointer_gives_back() {
    // 64 times 512 bytes are many times the stack.
    for (bits, pointer) in [(64, "%x"), (32, "%r")] {
        check(
            &format!(
                "mov.u32 %r9, 0; stacksave.u{bits} {pointer}3;\n\
                 AGAIN: alloca.u{bits} {pointer}4, 512; st.local.u32 [{pointer}4+508], %r9;\n\
                 ld.local.u32 %r8, [{pointer}4+508]; add.u32 %r9, %r8, 1;\n\
                 stackrestore.u{bits} {pointer}3; setp.lt.u32 %p1, %r9, 64; @%p1 bra AGAIN;"
            ),
            |_| 64,
        );
    }
}

#[test]
fn pieces_of_the_stack_go_with_their_function() {
    // Each call takes 256 bytes and calls again beneath them, and returns from two places; none sees another's.
    let items = ".func (.param .b32 r) deep(.param .b32 n)\n\
                 { .reg .b32 %r<5>; .reg .b64 %x<3>; .reg .pred %p;\n\
                   ld.param.b32 %r1, [n]; alloca.u64 %x1, 256; st.local.u32 [%x1+252], %r1;\n\
                   setp.eq.u32 %p, %r1, 0; @%p st.param.b32 [r], 0; @%p ret;\n\
                   { .param .b32 a; .param .b32 b; sub.u32 %r2, %r1, 1; st.param.b32 [a], %r2;\n\
                     call (b), deep, (a); ld.param.b32 %r3, [b]; }\n\
                   ld.local.u32 %r4, [%x1+252]; add.u32 %r4, %r4, %r3; st.param.b32 [r], %r4; }";
    check_with(
        items,
        "mov.u32 %r9, 0; and.b32 %r1, %t, 1; mov.u32 %r8, 0;\n\
         AGAIN: { .param .b32 a; .param .b32 b; st.param.b32 [a], %r1;\n\
         call (b), deep, (a); ld.param.b32 %r2, [b]; } add.u32 %r9, %r9, %r2;\n\
         add.u32 %r8, %r8, 1; setp.lt.u32 %p1, %r8, 20; @%p1 bra AGAIN;",
        |thread| 20 * (thread & 1),
    );
}

#[test]
fn more_of_the_stack_than_there_is_is_an_error() {
    let shape = LaunchShape::new([1, 1, 1], [64, 1, 1]);
    for (text, part) in [
        ("alloca.u64 %x3, 1048576;", "1048576 bytes"),
        ("alloca.u64 %x3, -8;", "exceeds the stack"),
        ("stackrestore.u64 8;", "no saved stack pointer"),
        (
            "mov.u64 %x1, -1; stackrestore.u64 %x1;",
            "no saved stack pointer",
        ),
    ] {
        let ran = run_module("", text, shape, &[0], 64);
        let fault = ran.outcome.fault.unwrap();
        assert_eq!(fault.kind, FaultKind::StackOverflow, "{text}");
        assert!(fault.message.contains(part), "{fault:?}");
    }
}

#[test]
fn addresses_of_opaque_variables_are_known() {
    check_with(
        ".global .texref first; .global .b64 other; .global .surfref second[2];",
        "mov.u32 %r9, 0; mov.u64 %x1, first; istypep.texref %p1, %x1; @%p1 add.u32 %r9, %r9, 1;\n\
         istypep.surfref %p1, %x1; @%p1 add.u32 %r9, %r9, 2;\n\
         mov.u64 %x1, other; istypep.texref %p1, %x1; @%p1 add.u32 %r9, %r9, 4;\n\
         mov.u64 %x1, second; add.u64 %x1, %x1, 8; istypep.surfref %p1, %x1; @%p1 add.u32 %r9, %r9, 8;\n\
         add.u64 %x1, %x1, 1; istypep.surfref %p1, %x1; @%p1 add.u32 %r9, %r9, 16;\n\
         setp.eq.u32 %p2, %t, 0; @%p2 istypep.samplerref %p1, %x1; @%p1 add.u32 %r9, %r9, 32;",
        |_| 1 + 8,
    );
}

#[test]
fn barriers_order_the_phases_of_a_block() {
    // A tree reduction over 64 threads in shared memory.
    let mut body = ".shared .align 4 .b8 cells[256]; mov.u32 %r1, cells; shl.b32 %r2, %t, 2;\n\
                    add.u32 %r1, %r1, %r2; st.shared.u32 [%r1], %t; bar.sync 0;\n"
        .to_owned();
    for half in [32, 16, 8, 4, 2, 1] {
        body += &format!(
            "setp.ge.u32 %p1, %t, {half}; @%p1 bra S{half}; ld.shared.u32 %r3, [%r1];\n\
             ld.shared.u32 %r4, [%r1+{}]; add.u32 %r3, %r3, %r4; st.shared.u32 [%r1], %r3;\n\
             S{half}: bar.sync 0;\n",
            4 * half
        );
    }
    check(&(body + "ld.shared.u32 %r9, [cells];"), |_| 63 * 64 / 2);
}

#[test]
fn named_barriers_gather_the_threads_that_ask() {
    check(
        ".shared .b32 cell; mov.u32 %r9, 0; setp.ge.u32 %p1, %t, 32; @%p1 bra SECOND;\n\
         setp.eq.u32 %p2, %t, 0; @%p2 st.shared.u32 [cell], 5; bar.sync 1, 32;\n\
         ld.shared.u32 %r9, [cell]; SECOND: bar.warp.sync -1; barrier.sync 2, 64;",
        |thread| if thread < 32 { 5 } else { 0 },
    );
}

#[test]
fn every_thread_knows_its_place_in_grid_and_block() {
    let body = "mov.u32 %r1, %tid.y; mov.u32 %r2, %tid.z; mov.u32 %r3, %ctaid.y;\n\
                mov.u32 %r4, %nctaid.x; mov.u32 %r5, %ntid.y; mov.u32 %r6, %ctaid.z;\n\
                mov.u32 %r7, %ntid.z; mov.u32 %r8, %nctaid.y; mov.u32 %r9, %ntid.x;\n\
                mad.lo.u32 %r2, %r2, %r5, %r1; mad.lo.u32 %r2, %r2, %r9, %t;\n\
                mad.lo.u32 %r6, %r6, %r8, %r3; mad.lo.u32 %r6, %r6, %r4, %r0;\n\
                mul.lo.u32 %r7, %r7, %r5; mul.lo.u32 %r7, %r7, %r9; mad.lo.u32 %r6, %r6, %r7, %r2;\n\
                cvt.u64.u32 %x1, %r6; mul.wide.u32 %x2, %r6, 8; add.s64 %x2, %out, %x2;\n\
                st.b64 [%x2], %x1;";
    let shape = LaunchShape::new([2, 3, 2], [5, 4, 3]);
    let ran = run_module("", body, shape, &[0], 720);
    assert_eq!(ran.outcome.fault, None);
    assert_eq!(ran.output, (0..720).collect::<Vec<u64>>());
}

#[test]
fn faults_stop_the_launch_and_say_why() {
    let kind = |items: &str, body: &str| {
        let shape = LaunchShape::new([2, 1, 1], [32, 1, 1]);
        run_module(items, body, shape, &[0], 1)
            .outcome
            .fault
            .map(|fault| fault.kind)
    };
    assert_eq!(kind("", "trap;"), Some(FaultKind::Trap));
    assert_eq!(kind("", "brkpt;"), Some(FaultKind::Breakpoint));
    let endless = ".func deep() { .local .b8 frame[512]; .reg .b32 %r; ld.local.b32 %r, [frame];\n\
                   call deep; ret; }";
    assert_eq!(kind(endless, "call deep;"), Some(FaultKind::StackOverflow));
    let jump = "mov.u64 %x1, 12345; P: .callprototype _ (); call %x1, P;";
    assert_eq!(kind("", jump), Some(FaultKind::InvalidPc));
}
