//! Calls: arguments, results, recursion, function pointers, and the functions the driver supplies.

use super::support::Device;
use crate::exec::FaultKind;

const LIBRARY: &str = "
.func (.param .b32 result) scaled(.param .b32 x, .param .b32 y) {
    .reg .b32 %r<6>; .reg .pred %p;
    ld.param.u32 %r1, [x]; ld.param.u32 %r2, [y];
    setp.gt.u32 %p, %r1, 20;
    @%p bra BIG;
    mad.lo.u32 %r3, %r1, %r2, 1;
    st.param.b32 [result], %r3;
    ret;
BIG:
    mov.u32 %r3, 7;
    st.param.b32 [result], %r3;
    ret;
}
.func (.reg .u32 %out) doubled(.reg .u32 %in) {
    add.u32 %out, %in, %in;
    ret;
}
.func (.param .b32 result) factorial(.param .b32 n) {
    .reg .b32 %r<6>; .reg .pred %p;
    ld.param.u32 %r1, [n];
    setp.le.u32 %p, %r1, 1;
    @%p bra ONE;
    add.u32 %r2, %r1, -1;
    { .param .b32 arg; .param .b32 back;
      st.param.b32 [arg], %r2;
      call.uni (back), factorial, (arg);
      ld.param.b32 %r3, [back]; }
    mul.lo.u32 %r4, %r1, %r3;
    st.param.b32 [result], %r4;
    ret;
ONE:
    st.param.b32 [result], 1;
    ret;
}
";

fn per_lane(body: &str, threads: u32) -> (Device, Vec<u32>) {
    let device = Device::new(&format!(
        "{LIBRARY}
        .extern .func (.param .b32 r) vprintf (.param .b64 f, .param .b64 a);
        .extern .func (.param .b64 r) malloc (.param .b64 n);
        .extern .func free (.param .b64 p);
        .global .align 1 .b8 text[14] = {{108, 97, 110, 101, 32, 37, 100, 32, 37, 46, 49, 102, 10, 0}};
        .global .align 8 .u64 table[2] = {{scaled, factorial2}};
        .func (.param .b32 result) factorial2(.param .b32 x, .param .b32 y) {{
            .reg .b32 %r<3>; ld.param.u32 %r1, [y]; st.param.b32 [result], %r1; ret;
        }}
        .visible .entry k(.param .u64 out) {{
            .reg .b32 %r<12>; .reg .b64 %rd<12>; .reg .pred %p<6>; .reg .f64 %fd<2>;
            .local .align 8 .b8 depot[16];
            ld.param.u64 %rd1, [out];
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd2, %r1, 4; add.s64 %rd1, %rd1, %rd2;
            {body}
            st.global.u32 [%rd1], %r9;
        }}"
    ));
    let out = device.zeroed(u64::from(threads) * 4);
    device.run("k", 1, threads, &[out]);
    let read = device.read(out, threads as usize);
    (device, read)
}

#[test]
fn arguments_and_results_pass_through_param_space() {
    let body = "{ .param .b32 p0; .param .b32 p1; .param .b32 back;
        st.param.b32 [p0], %r1; st.param.b32 [p1], 3;
        call.uni (back), scaled, (p0, p1);
        ld.param.b32 %r9, [back]; }";
    let expected: Vec<u32> = (0..40)
        .map(|t| if t > 20 { 7 } else { t * 3 + 1 })
        .collect();
    assert_eq!(per_lane(body, 40).1, expected);
}

#[test]
fn arguments_and_results_pass_through_registers() {
    let body = "call (%r9), doubled, (%r1); call (%r9), doubled, (%r9);";
    assert_eq!(
        per_lane(body, 32).1,
        (0..32).map(|t| t * 4).collect::<Vec<u32>>()
    );
}

#[test]
fn recursion_keeps_each_activation_apart() {
    let body = "and.b32 %r2, %r1, 7;
        { .param .b32 p0; .param .b32 back;
        st.param.b32 [p0], %r2;
        call (back), factorial, (p0);
        ld.param.b32 %r9, [back]; }";
    let expected: Vec<u32> = (0..32).map(|t: u32| (1..=t & 7).product()).collect();
    assert_eq!(per_lane(body, 32).1, expected);
}

#[test]
fn guarded_call_runs_for_its_lanes_only() {
    let body = "mov.u32 %r9, 55; setp.lt.u32 %p1, %r1, 4;
        @%p1 call (%r9), doubled, (%r1);";
    let expected: Vec<u32> = (0..32).map(|t| if t < 4 { t * 2 } else { 55 }).collect();
    assert_eq!(per_lane(body, 32).1, expected);
}

#[test]
fn indirect_calls_follow_each_lanes_pointer() {
    let body = "and.b32 %r2, %r1, 1; mul.wide.u32 %rd3, %r2, 8;
        mov.u64 %rd4, table; add.s64 %rd4, %rd4, %rd3; ld.global.u64 %rd5, [%rd4];
        { .param .b32 p0; .param .b32 p1; .param .b32 back;
        st.param.b32 [p0], %r1; st.param.b32 [p1], 2;
        proto: .callprototype (.param .b32 _) _ (.param .b32 _, .param .b32 _);
        call (back), %rd5, (p0, p1), proto;
        ld.param.b32 %r9, [back]; }";
    let expected: Vec<u32> = (0..32)
        .map(|t| match (t % 2, t > 20) {
            (1, _) => 2,
            (_, true) => 7,
            _ => t * 2 + 1,
        })
        .collect();
    assert_eq!(per_lane(body, 32).1, expected);
}

#[test]
fn printf_formats_each_lane() {
    let body = "cvt.rn.f64.u32 %fd1, %r1; mov.u64 %rd3, depot; cvta.local.u64 %rd3, %rd3;
        st.local.u32 [depot], %r1; st.local.f64 [depot+8], %fd1;
        mov.u64 %rd4, text; cvta.global.u64 %rd4, %rd4;
        { .param .b64 p0; .param .b64 p1; .param .b32 back;
        st.param.b64 [p0], %rd4; st.param.b64 [p1], %rd3;
        call.uni (back), vprintf, (p0, p1);
        ld.param.b32 %r9, [back]; }";
    let (device, results) = per_lane(body, 3);
    assert_eq!(device.printed(), "lane 0 0.0\nlane 1 1.0\nlane 2 2.0\n");
    assert_eq!(results, [2; 3]);
}

#[test]
fn device_heap_gives_separate_blocks() {
    let body = "{ .param .b64 p0; .param .b64 back;
        st.param.b64 [p0], 64;
        call.uni (back), malloc, (p0);
        ld.param.b64 %rd3, [back]; }
        st.u32 [%rd3+60], %r1; bar.warp.sync -1; ld.u32 %r9, [%rd3+60];
        { .param .b64 p0; st.param.b64 [p0], %rd3; call.uni free, (p0); }";
    assert_eq!(per_lane(body, 32).1, (0..32).collect::<Vec<u32>>());
}

#[test]
fn endless_recursion_is_a_stack_overflow() {
    let device = Device::new(
        ".func down(.param .b32 n) {
            .reg .b32 %r<3>;
            ld.param.u32 %r1, [n];
            { .param .b32 p0; st.param.b32 [p0], %r1; call down, (p0); }
            ret;
        }
        .visible .entry k() { { .param .b32 p0; st.param.b32 [p0], 1; call down, (p0); } ret; }",
    );
    assert_eq!(device.fault("k", 32, &[]).kind, FaultKind::StackOverflow);
}
