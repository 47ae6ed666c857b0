//! Random kernels, run by the executor and by a second interpreter that shares nothing with it: one thread at a
//! time, one instruction at a time, straight from the text. They must agree in every register of every thread, interpreted and as
//! machine code.
//! Read [`generate::kernel`] for what the kernels contain and [`naive::Machine`] for the other interpreter.

mod device;
mod generate;
mod naive;

use rigel_soft::exec::Compile;

/// Blocks of a launch, and threads of a block: three warps.
const BLOCKS: u32 = 2;
const THREADS: u32 = 96;

fn compare(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let body = generate::kernel(seed);
        let expected = naive::run(&body, BLOCKS, THREADS);
        let (got, counted) = device::run(&body, BLOCKS, THREADS, Compile::Off);
        let (compiled, counters) = device::run(&body, BLOCKS, THREADS, Compile::Always);
        assert_eq!(counters, counted, "seed {seed}: compiled, {body}");
        let got = if got == expected { compiled } else { got };
        if got == expected {
            continue;
        }
        let at = got.iter().zip(&expected).position(|(g, e)| g != e);
        let at = at.expect("both have a word for each register");
        let per_thread = naive::WORDS;
        panic!(
            "seed {seed}: thread {} register {}: {:#x} where {:#x} is right, in\n{body}",
            at / per_thread,
            naive::name_of(at % per_thread),
            got[at],
            expected[at]
        );
    }
}

/// `RIGEL_DIFFERENTIAL_SEEDS=150..5000` tries others.
#[test]
fn random_kernels_agree_with_the_naive_interpreter() {
    let chosen = std::env::var("RIGEL_DIFFERENTIAL_SEEDS").ok();
    let seeds = chosen.as_deref().map(|text| {
        let (first, end) = text.split_once("..").expect("first..end");
        let number = |text: &str| text.parse::<u64>().expect("a number");
        number(first)..number(end)
    });
    compare(seeds.unwrap_or(0..150));
}

#[test]
fn generated_kernels_are_not_all_alike() {
    let bodies: std::collections::HashSet<String> = (0..50).map(generate::kernel).collect();
    assert_eq!(bodies.len(), 50);
    let has = |what: &str| bodies.iter().any(|body| body.contains(what));
    for what in [
        "bra",
        "bar.sync",
        "shfl",
        "st.shared",
        "ld.local",
        "fma.rn.f32",
        "fma.rn.f64",
        "sqrt.rn.f64",
        "cvt.rzi.u64.f64",
        "0d7FF0000000000000",
        "bra FINISH",
    ] {
        assert!(has(what), "{what}");
    }
}

#[test]
fn naive_interpreter_computes_known_values() {
    let body = "mov.u32 %r0, 7;\nshl.b32 %r1, %r0, 2;\nmad.lo.u32 %r2, %r0, %r1, 1;\n\
                mov.u32 %r3, 0;\nL0:\nadd.u32 %r3, %r3, 5;\nsetp.lt.u32 %p0, %r3, 17;\n@%p0 bra L0;\n";
    let words = naive::run(body, 1, 1);
    assert_eq!(words[..4], [7, 28, 197, 20]);
}

#[test]
fn naive_interpreter_computes_known_doubles() {
    let body = "cvt.rn.f64.s32 %d0, 9;\nsqrt.rn.f64 %d1, %d0;\nfma.rn.f64 %d2, %d1, %d0, 0dBFF0000000000000;\n\
                cvt.rzi.s32.f64 %r0, %d2;\ndiv.rn.f64 %d3, 0d0000000000000000, 0d0000000000000000;\n\
                cvt.rzi.u32.f64 %r1, %d3;\nmin.f64 %d4, %d3, %d1;\ncvt.rzi.s32.f64 %r2, %d4;\n";
    let words = naive::run(body, 1, 1);
    assert_eq!(words[..3], [26, 1 << 31, 3]);
}
