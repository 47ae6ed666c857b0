//! Atomic operations: what they leave in memory when many threads race, and what they return.

use rigel_soft::exec::LaunchShape;

use crate::support::run_module;

const N_THREADS: u64 = 4 * 96;

/// Runs `text` in four blocks of 96 threads on a word that begins as `first`. `%in` is its address,
/// `%r1` the index of the thread, `%x2` the same in 64 bits. Returns the word afterwards and what
/// each thread left in `%x9`.
fn race(text: &str, first: u64) -> (u64, Vec<u64>) {
    let body = format!(
        "mov.u32 %r1, %i; cvt.u64.u32 %x2, %i; mov.u64 %x9, 0;\n{text}\n\
         add.s64 %x6, %out, %at; st.b64 [%x6], %x9;"
    );
    let shape = LaunchShape::new([4, 1, 1], [96, 1, 1]);
    let ran = run_module("", &body, shape, &[first], N_THREADS as usize);
    assert_eq!(ran.outcome.fault, None, "{text}");
    (ran.input[0], ran.output)
}

/// The word after every thread has applied `op` with operand `operand`, in all spellings.
fn leaves(op: &str, operand: &str, first: u64, expected: u64) {
    let class = if op.ends_with("64") { 'x' } else { 'r' };
    let result = format!("%{class}9");
    for space in ["", ".global", ".relaxed.gpu.global", ".acq_rel.sys"] {
        let text = format!("atom{space}.{op} {result}, [%in], {operand};");
        assert_eq!(race(&text, first).0, expected, "{text}");
        let text = format!("red{space}.{op} [%in], {operand};");
        if !op.starts_with("exch") {
            assert_eq!(
                race(&text.replace("acq_rel", "relaxed"), first).0,
                expected,
                "{text}"
            );
        }
    }
}

#[test]
fn racing_threads_leave_the_combined_value() {
    let sum = N_THREADS * (N_THREADS - 1) / 2;
    leaves("add.u32", "%r1", 5, sum + 5);
    leaves("add.s32", "-1", 1000, 1000 - N_THREADS);
    leaves("add.u64", "%x2", u64::MAX, sum - 1);
    leaves("min.u32", "%r1", 0xffff_ffff, 0);
    leaves("max.u32", "%r1", 0, N_THREADS - 1);
    leaves("min.s32", "%r1", 0xffff_fff0, 0xffff_fff0);
    leaves("max.s32", "%r1", 0xffff_fff0, N_THREADS - 1);
    leaves("min.u64", "%x2", u64::MAX, 0);
    leaves("max.s64", "%x2", u64::MAX, N_THREADS - 1);
    leaves("and.b32", "%r1", 0xffff_ffff, 0);
    leaves("or.b32", "%r1", 0, 0x1ff);
    leaves(
        "xor.b32",
        "%r1",
        7,
        (0..N_THREADS).fold(7, |word, index| word ^ index),
    );
    leaves("or.b64", "%x2", 1 << 63, 1 << 63 | 0x1ff);
    leaves("and.b64", "-2", 0xff, 0xfe);
    leaves("inc.u32", "99", 0, N_THREADS % 100);
    leaves(
        "inc.u32",
        "%r1",
        0xffff,
        race("atom.inc.u32 %r9, [%in], %r1;", 0xffff).0,
    );
    leaves("dec.u32", "99", 0, 100 - N_THREADS % 100);
}

#[test]
fn floating_point_addition_is_exact_on_whole_numbers() {
    let sum = (N_THREADS * (N_THREADS - 1) / 2) as f64;
    let single = u64::from((sum as f32).to_bits());
    let operand = "cvt.rn.f32.u32 %r2, %r1; cvt.rn.f64.u32 %x3, %r1;";
    let check =
        |text: &str, expected| assert_eq!(race(&format!("{operand} {text}"), 0).0, expected);
    check("atom.global.add.f32 %r9, [%in], %r2;", single);
    check("red.add.f32 [%in], %r2;", single);
    check("atom.global.add.f64 %x9, [%in], %x3;", sum.to_bits());
    check(
        "atom.relaxed.gpu.global.add.f64 %x9, [%in], %x3;",
        sum.to_bits(),
    );
}

#[test]
fn packed_half_addition_adds_each_lane() {
    // 384 ones in one lane and halves in the other, all exact.
    let (word, _) = race(
        "mov.b32 %r2, 0x38003C00; atom.global.add.noftz.f16x2 %r9, [%in], %r2;",
        0,
    );
    assert_eq!(word, 0x5a00_5e00);
    let (word, _) = race(
        "mov.b16 %h1, 0x3C00; atom.add.noftz.f16 %h9, [%in+2], %h1;",
        0,
    );
    assert_eq!(word, 0x5e00_0000);
}

#[test]
fn each_thread_gets_a_ticket_of_its_own() {
    let check = |text: &str, expected: Vec<u64>| {
        let (_, mut tickets) = race(text, 0);
        tickets.sort_unstable();
        assert_eq!(tickets, expected, "{text}");
    };
    let all: Vec<u64> = (0..N_THREADS).collect();
    check(
        "atom.add.u32 %r9, [%in], 1; cvt.u64.u32 %x9, %r9;",
        all.clone(),
    );
    check("atom.global.add.u64 %x9, [%in], 1;", all.clone());
    check("atom.inc.u32 %r9, [%in], 1000; cvt.u64.u32 %x9, %r9;", all);
    // Everyone leaves a number and takes another's; the first finds zero, one number remains.
    let (last, mut taken) = race(
        "add.u32 %r2, %r1, 1; atom.exch.b32 %r9, [%in], %r2; cvt.u64.u32 %x9, %r9;",
        0,
    );
    taken.push(last);
    taken.sort_unstable();
    assert_eq!(taken, (0..=N_THREADS).collect::<Vec<_>>());
    let (last, mut taken) = race(
        "add.s64 %x3, %x2, 1; atom.global.exch.b64 %x9, [%in], %x3;",
        0,
    );
    taken.push(last);
    taken.sort_unstable();
    assert_eq!(taken, (0..=N_THREADS).collect::<Vec<_>>());
}

#[test]
fn compare_and_swap_loops_lose_nothing() {
    let loop_of = |ty: &str, class: char| {
        format!(
            "ld.volatile.global.{ty} %{class}3, [%in];\n\
             AGAIN: mov.{ty} %{class}4, %{class}3; add.u{bits} %{class}5, %{class}4, 3;\n\
             atom.global.cas.b{bits} %{class}3, [%in], %{class}4, %{class}5;\n\
             setp.ne.b{bits} %p1, %{class}3, %{class}4; @%p1 bra AGAIN;",
            bits = &ty[1..]
        )
    };
    assert_eq!(race(&loop_of("u32", 'r'), 10).0, 10 + 3 * N_THREADS);
    assert_eq!(
        race(&loop_of("u64", 'x'), 1 << 40).0,
        (1 << 40) + 3 * N_THREADS
    );
    assert_eq!(
        race(&loop_of("u16", 'h'), 0xabcd_0000).0,
        0xabcd_0000 + 3 * N_THREADS
    );
}

#[test]
fn compare_and_swap_returns_the_old_value() {
    let (word, returned) = race("atom.cas.b32 %r9, [%in], 77, 88; cvt.u64.u32 %x9, %r9;", 77);
    assert_eq!(word, 88);
    assert_eq!(returned.iter().filter(|value| **value == 77).count(), 1);
    assert_eq!(
        returned.iter().filter(|value| **value == 88).count() as u64,
        N_THREADS - 1
    );
}

#[test]
fn shared_memory_atomics_count_within_their_block() {
    let text = ".shared .align 8 .b8 cells[16];\n\
                st.shared.u64 [cells], 0; st.shared.u64 [cells+8], 0; bar.sync 0;\n\
                atom.shared.add.u32 %r2, [cells], 1; atom.shared.add.u64 %x3, [cells+8], %x2;\n\
                red.shared.add.u32 [cells+4], 2; bar.sync 0;\n\
                ld.shared.u32 %r3, [cells]; ld.shared.u32 %r4, [cells+4];\n\
                ld.shared.u64 %x4, [cells+8]; mul.wide.u32 %x9, %r3, %r4;\n\
                mov.u32 %r5, %ctaid.x; mul.lo.u32 %r5, %r5, 9216; cvt.u64.u32 %x5, %r5;\n\
                sub.s64 %x4, %x4, %x5; mul.lo.s64 %x4, %x4, 1000000; add.s64 %x9, %x9, %x4;";
    let (_, results) = race(text, 0);
    let sum = 96 * 95 / 2;
    assert_eq!(
        results,
        vec![96 * 192 + sum * 1_000_000; N_THREADS as usize]
    );
}
