//! What a wrong program is told.

use super::support::Device;
use crate::exec::{ExecError, FaultKind, LaunchShape, Poll, RunState};

const STORE: &str = ".visible .entry k(.param .u64 out, .param .u64 step) {
    .reg .b32 %r<4>; .reg .b64 %rd<6>;
    ld.param.u64 %rd1, [out]; ld.param.u64 %rd2, [step];
    mov.u32 %r1, %tid.x; cvt.u64.u32 %rd3, %r1;
    mad.lo.u64 %rd1, %rd3, %rd2, %rd1;
    st.global.u32 [%rd1], %r1;
    ret;
}";

#[test]
fn access_past_the_last_byte_is_illegal() {
    let device = Device::new(STORE);
    let out = device.zeroed(31 * 4);
    let fault = device.fault("k", 32, &[out, 4]);
    assert_eq!(fault.kind, FaultKind::IllegalAddress);
    assert_eq!(fault.address, Some(out + 31 * 4));
    assert_eq!(fault.thread, [31, 0, 0]);
    assert_eq!(&*fault.kernel, "k");
    assert_eq!(fault.line, 9);
    assert_eq!(device.fault("k", 1, &[0, 4]).address, Some(0));
    assert_eq!(
        device.fault("k", 1, &[u64::MAX - 3, 4]).kind,
        FaultKind::IllegalAddress
    );
}

#[test]
fn illegal_address_is_told_with_its_nearest_allocation() {
    let device = Device::new(STORE);
    let out = device.zeroed(31 * 4);
    let told = device.fault("k", 32, &[out, 4]).to_string();
    let expected = format!(
        "IllegalAddress in 'k' at PTX line 9, block (0,0,0), thread (31,0,0), address {:#x}: 4 bytes there \
         may not be written; the nearest allocation, 124 bytes at {out:#x}, ended 0 bytes below",
        out + 124
    );
    assert_eq!(told, expected);
    let told = device.fault("k", 1, &[out - 8, 4]).message;
    assert!(told.ends_with("begins 8 bytes above"), "{told}");
    let null = device.fault("k", 1, &[0, 4]).message;
    assert!(!null.contains("nearest"), "{null}");
}

#[test]
fn exact_last_element_is_legal() {
    let device = Device::new(STORE);
    let out = device.zeroed(32 * 4);
    device.run("k", 1, 32, &[out, 4]);
    assert_eq!(device.read::<u32>(out, 32), (0..32).collect::<Vec<_>>());
    let single = device.zeroed(4);
    device.run("k", 1, 1, &[single, 4]);
}

#[test]
fn unaligned_address_is_misaligned() {
    let device = Device::new(STORE);
    let out = device.zeroed(256);
    assert_eq!(
        device.fault("k", 32, &[out + 2, 4]).kind,
        FaultKind::Misaligned
    );
    assert_eq!(device.fault("k", 32, &[out, 6]).kind, FaultKind::Misaligned);
}

#[test]
fn shared_and_local_memory_end_where_declared() {
    let device = Device::new(
        ".visible .entry shared(.param .u64 at) {
            .reg .b64 %rd<3>; .reg .b32 %r<3>; .shared .b8 box[16];
            ld.param.u64 %rd1, [at]; ld.shared.u32 %r1, [%rd1]; st.shared.u32 [box], %r1;
        }
        .visible .entry local(.param .u64 at) {
            .reg .b64 %rd<3>; .reg .b32 %r<3>; .local .b8 depot[16];
            ld.param.u64 %rd1, [at]; ld.local.u32 %r1, [%rd1]; st.local.u32 [depot], %r1;
        }",
    );
    for kernel in ["shared", "local"] {
        device.run(kernel, 1, 32, &[12]);
        assert_eq!(
            device.fault(kernel, 32, &[16]).kind,
            FaultKind::IllegalAddress,
            "{kernel}"
        );
        assert_eq!(
            device.fault(kernel, 32, &[u64::MAX - 3]).kind,
            FaultKind::IllegalAddress
        );
        assert_eq!(
            device.fault(kernel, 1, &[2]).kind,
            FaultKind::Misaligned,
            "{kernel}"
        );
    }
}

#[test]
fn traps_and_wrong_jumps_are_told_apart() {
    let device = Device::new(
        ".visible .entry stop() { .reg .pred %p; .reg .b32 %r<2>;
            mov.u32 %r1, %tid.x; setp.eq.u32 %p, %r1, 3; @%p trap; ret; }
        .visible .entry jump() { .reg .b64 %rd<2>;
            mov.u64 %rd1, 64;
            proto: .callprototype _ ();
            call %rd1, (), proto; ret; }
        .visible .entry index() { .reg .b32 %r<2>;
            TS: .branchtargets A;
            mov.u32 %r1, 4; brx.idx %r1, TS; A: ret; }",
    );
    let fault = device.fault("stop", 32, &[]);
    assert_eq!((fault.kind, fault.thread), (FaultKind::Trap, [3, 0, 0]));
    assert_eq!(device.fault("jump", 32, &[]).kind, FaultKind::InvalidPc);
    assert_eq!(device.fault("index", 32, &[]).kind, FaultKind::InvalidPc);
}

#[test]
fn barrier_that_cannot_complete_is_a_deadlock() {
    let device = Device::new(".visible .entry k() { bar.sync 1, 64; ret; }");
    assert_eq!(device.fault("k", 32, &[]).kind, FaultKind::Deadlock);
}

/// The third of four warps of block (1,0,0) never leaves a place of the kernel's choice.
const STUCK: &str = ".visible .entry k(.param .u64 at, .param .u64 what) {
    .reg .pred %p<3>; .reg .b32 %r<4>; .reg .b64 %rd<3>;
    ld.param.u64 %rd1, [at]; ld.param.u64 %rd2, [what];
    setp.eq.u64 %p2, %rd2, 0;
    mov.u32 %r1, %ctaid.x; setp.ne.u32 %p1, %r1, 1; @%p1 ret;
    mov.u32 %r1, %tid.y; setp.ne.u32 %p1, %r1, 2; @%p1 ret;
    mov.u32 %r1, %tid.x; setp.lt.u32 %p1, %r1, 5; @%p1 ret;
    @%p2 bra SPIN;
    bar.sync 3, 96;
    ret;
SPIN:
    ld.volatile.global.u32 %r2, [%rd1];
    setp.eq.u32 %p1, %r2, 0;
    @%p1 bra SPIN;
    ret;
}";

#[test]
fn deadlock_is_told_with_its_place() {
    let device = Device::new(STUCK);
    let at = device.zeroed(4);
    let shape = LaunchShape::new([2, 1, 1], [32, 4, 1]);
    let fault = device.run_on(1, "k", shape, &[at, 1]).fault.unwrap();
    assert_eq!(
        fault.to_string(),
        format!(
            "Deadlock in 'k' at PTX line {}, block (1,0,0), thread (5,2,0): all threads of the block wait at \
             barriers that cannot complete: 32 of 96 threads are at barrier 3",
            line_of(STUCK, "bar.sync")
        )
    );
}

#[test]
fn launch_over_its_time_is_told_with_its_place() {
    let device = Device::new(STUCK);
    let at = device.zeroed(4);
    let shape = LaunchShape::new([2, 1, 1], [32, 4, 1]);
    for n_before in [3, 0] {
        let launch = device.launch("k", shape, &[at, 0]).unwrap();
        let mut asked = 0;
        // The first of two threads leaves its blocks behind; the second has none of its own if it asks at once.
        let mut first = || {
            asked += 1;
            if asked < 3 {
                Poll::Continue
            } else {
                Poll::Pause
            }
        };
        assert_eq!(launch.run_blocks(&mut first), RunState::Paused);
        let mut asked = 0;
        let mut second = || {
            asked += 1;
            if asked <= n_before {
                Poll::Continue
            } else {
                Poll::Cancel
            }
        };
        assert_eq!(launch.run_blocks(&mut second), RunState::Finished);
        let fault = launch.outcome().fault.unwrap();
        let told = fault.to_string();
        let expected = "block (1,0,0), thread (5,2,0): the launch was ended after ";
        assert!(told.contains(expected), "{told}");
        let loop_lines = line_of(STUCK, "SPIN:")..=line_of(STUCK, "bra SPIN;\n    ret");
        assert!(loop_lines.contains(&fault.line), "{told}");
    }
}

/// The line of a module's text at which `part` of a source begins, as faults count them.
fn line_of(source: &str, part: &str) -> u32 {
    let before = &source[..source.find(part).expect("it is part of the source")];
    let n_above = 3;
    (n_above + before.matches('\n').count() + 1) as u32
}

#[test]
fn fault_in_one_block_ends_the_launch() {
    let device = Device::new(
        ".visible .entry k() { .reg .pred %p; .reg .b32 %r<2>;
            mov.u32 %r1, %ctaid.x; setp.eq.u32 %p, %r1, 5; @%p trap;
        LOOP: setp.eq.u32 %p, %r1, 0; @%p bra LOOP; ret; }",
    );
    let shape = LaunchShape::new([64, 1, 1], [32, 1, 1]);
    let outcome = device.run_on(2, "k", shape, &[]);
    assert_eq!(outcome.fault.unwrap().block, [5, 0, 0]);
}

#[test]
fn unknown_forms_are_refused_with_their_place() {
    let device = Device::new(
        ".visible .entry good() { ret; }
        .visible .entry bad() { .reg .b32 %r<3>;
            add.u32 %r1, %r2, 1;
            frobnicate.x2 %r1, %r2; ret; }
        .visible .entry word() { .reg .b32 %r<3>; add.sideways.u32 %r1, %r2, 1; ret; }
        .visible .entry many() { .reg .b32 %r<3>; .reg .b64 %rd<3>;
            multimem.ld_reduce.relaxed.gpu.global.add.u32 %r1, [%rd1]; ret; }",
    );
    let shape = LaunchShape::new([1; 3], [1; 3]);
    assert!(device.launch("good", shape, &[]).is_ok());
    // Memory of several GPUs under one address: none of theirs is.
    let Err(many) = device.launch("many", shape, &[]) else {
        panic!("not refused");
    };
    let told = many.to_string();
    assert!(
        told.contains("'many' at line 10") && told.contains("multimem.ld_reduce"),
        "{told}"
    );
    let Err(ExecError::Unsupported {
        kernel, line, form, ..
    }) = device.launch("bad", shape, &[])
    else {
        panic!("not refused");
    };
    assert_eq!(
        (kernel.as_str(), line, form.as_str()),
        ("bad", 7, "frobnicate.x2")
    );
    assert!(matches!(
        device.launch("word", shape, &[]),
        Err(ExecError::Unsupported { .. })
    ));
    assert!(matches!(
        device.launch("none", shape, &[]),
        Err(ExecError::UnknownKernel { .. })
    ));
}

#[test]
fn launches_that_do_not_fit_are_refused() {
    let device = Device::new(STORE);
    let bad = |shape, params: &[u64]| {
        let refused = device.launch("k", shape, params);
        assert!(matches!(refused, Err(ExecError::BadLaunch { .. })));
    };
    bad(LaunchShape::new([1; 3], [1025, 1, 1]), &[0, 0]);
    bad(LaunchShape::new([1, 0, 1], [32, 1, 1]), &[0, 0]);
    bad(LaunchShape::new([1; 3], [32, 1, 1]), &[0]);
    let mut shape = LaunchShape::new([1; 3], [32, 1, 1]);
    shape.dynamic_shared_bytes = 1 << 24;
    bad(shape, &[0, 0]);
}

#[test]
fn cancelled_launch_ends_with_a_fault() {
    let device = Device::new(".visible .entry k() { LOOP: bra LOOP; }");
    let shape = LaunchShape::new([4, 1, 1], [64, 1, 1]);
    let launch = device.launch("k", shape, &[]).unwrap();
    let mut asked = 0;
    let state = launch.run_blocks(&mut || {
        asked += 1;
        if asked < 3 {
            Poll::Continue
        } else {
            Poll::Cancel
        }
    });
    assert_eq!(state, RunState::Finished);
    assert_eq!(launch.outcome().fault.unwrap().kind, FaultKind::Cancelled);
}

#[test]
fn paused_launch_goes_on_where_it_was() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<5>; .reg .b64 %rd<3>; .reg .pred %p;
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, 0;
        LOOP: add.u32 %r1, %r1, 1; setp.lt.u32 %p, %r1, 100000; @%p bra LOOP;
            mov.u32 %r2, %ctaid.x; mov.u32 %r3, %ntid.x; mov.u32 %r4, %tid.x;
            mad.lo.u32 %r2, %r2, %r3, %r4;
            mul.wide.u32 %rd2, %r2, 4; add.s64 %rd1, %rd1, %rd2;
            st.global.u32 [%rd1], %r1; ret; }",
    );
    let out = device.zeroed(64 * 4 * 3);
    let shape = LaunchShape::new([3, 1, 1], [64, 1, 1]);
    let launch = device.launch("k", shape, &[out]).unwrap();
    let mut pauses = 0;
    loop {
        let mut asked = 0;
        let state = launch.run_blocks(&mut || {
            asked += 1;
            if asked == 1 {
                Poll::Continue
            } else {
                Poll::Pause
            }
        });
        match state {
            RunState::Finished => break,
            RunState::Paused => pauses += 1,
            RunState::Drained => panic!("nobody else runs blocks"),
        }
    }
    assert!(pauses < 100_000);
    assert_eq!(device.read::<u32>(out, 192), vec![100_000; 192]);
    assert_eq!(launch.outcome().counters.blocks, 3);
}

/// A kernel for each kind of mistake, made by one thread of the second block.
const MISTAKES: &str =
    ".extern .func __assertfail(.param .b64 message, .param .b64 file, .param .b32 line,
        .param .b64 function, .param .b64 size);
    .global .align 1 .b8 said[4] = {110, 111, 33, 0};
    .func deeper(.param .b32 n) {
        .reg .b32 %r<3>; ld.param.u32 %r1, [n];
        { .param .b32 p0; st.param.b32 [p0], %r1; call deeper, (p0); }
        ret;
    }
    .visible .entry k(.param .u64 at, .param .u64 what) {
        .reg .pred %p<3>; .reg .b32 %r<4>; .reg .b64 %rd<4>;
        ld.param.u64 %rd1, [at]; ld.param.u64 %rd2, [what]; cvt.u32.u64 %r3, %rd2;
        mov.u32 %r1, %tid.x; setp.ne.u32 %p1, %r1, 3; @%p1 ret;
        mov.u32 %r1, %ctaid.x; setp.ne.u32 %p1, %r1, 1; @%p1 ret;
        CASES: .branchtargets OUTSIDE, CROOKED, LOST, STOP, PAUSE, CLAIM, INVENT, SINK;
        brx.idx %r3, CASES;
    OUTSIDE: st.global.u32 [%rd1+64], %r1; ret;
    CROOKED: st.global.u32 [%rd1+2], %r1; ret;
    LOST: proto: .callprototype _ (); mov.u64 %rd3, 64; call %rd3, (), proto; ret;
    STOP: trap;
    PAUSE: brkpt;
    CLAIM: mov.u64 %rd3, said;
        {
            .param .b64 p0; .param .b64 p1; .param .b32 p2; .param .b64 p3; .param .b64 p4;
            st.param.b64 [p0], %rd3; st.param.b64 [p1], %rd3; st.param.b32 [p2], 7;
            st.param.b64 [p3], %rd3; st.param.b64 [p4], 1;
            call __assertfail, (p0, p1, p2, p3, p4);
        }
        ret;
    INVENT: mov.u32 %r2, 99; bar.sync %r2; ret;
    SINK: { .param .b32 p0; st.param.b32 [p0], 1; call deeper, (p0); }
        ret;
    }";

#[test]
fn every_mistake_is_told_with_its_place() {
    const KINDS: [FaultKind; 8] = [
        FaultKind::IllegalAddress,
        FaultKind::Misaligned,
        FaultKind::InvalidPc,
        FaultKind::Trap,
        FaultKind::Breakpoint,
        FaultKind::Assert,
        FaultKind::IllegalInstruction,
        FaultKind::StackOverflow,
    ];
    let device = Device::new(MISTAKES);
    let at = device.zeroed(64);
    let shape = LaunchShape::new([2, 1, 1], [32, 1, 1]);
    for (number, kind) in (0..).zip(KINDS) {
        let outcome = device.run_on(1, "k", shape, &[at, number]);
        let fault = outcome.fault.unwrap();
        assert_eq!(fault.kind, kind);
        let told = fault.to_string();
        let place = "block (1,0,0), thread (3,0,0)";
        assert!(told.contains(place), "{told}");
        assert!(
            told.starts_with(&format!("{kind:?} in 'k' at PTX line ")),
            "{told}"
        );
        assert_ne!(fault.line, 0, "{told}");
        let address = match kind {
            FaultKind::IllegalAddress => Some(at + 64),
            FaultKind::Misaligned => Some(at + 2),
            _ => None,
        };
        assert_eq!(fault.address, address, "{told}");
        if let Some(address) = address {
            assert!(
                told.contains(&format!(", address {address:#x}: ")),
                "{told}"
            );
        }
        let nearest = told.contains(&format!("the nearest allocation, 64 bytes at {at:#x}"));
        assert_eq!(nearest, kind == FaultKind::IllegalAddress, "{told}");
    }
}
