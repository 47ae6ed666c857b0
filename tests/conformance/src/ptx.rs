//! The code that cases load, written for them: small kernels, variables, and text that is none.

use std::ffi::CStr;

/// Kernels and variables for every case that needs some.
///
/// - `empty`: no parameters.
/// - `put(u64 to, u32 value)`: one thread stores a value.
/// - `count(u64 to)`: every thread adds one.
/// - `bounded`: at most 128 threads a block.
/// - `shares`: 1024 bytes of shared memory of its own, and what the launch gives it.
/// - `fault`, `traps`: one thread stores to address 16, or executes `trap`.
/// - `counter`: 4 bytes of global memory that begin as 7; `table`: 16 constant bytes.
pub(crate) const MODULE: &CStr = c"
.version 7.0
.target sm_70
.address_size 64
.visible .global .align 4 .u32 counter = 7;
.visible .const .align 4 .b8 table[16];
.visible .entry empty() { ret; }
.visible .entry put(.param .u64 to, .param .u32 value)
{
    .reg .b64 %rd<3>;
    .reg .b32 %r<2>;
    ld.param.u64 %rd1, [to];
    cvta.to.global.u64 %rd2, %rd1;
    ld.param.u32 %r1, [value];
    st.global.u32 [%rd2], %r1;
    ret;
}
.visible .entry count(.param .u64 to)
{
    .reg .b64 %rd<3>;
    .reg .b32 %r<2>;
    ld.param.u64 %rd1, [to];
    cvta.to.global.u64 %rd2, %rd1;
    atom.global.add.u32 %r1, [%rd2], 1;
    ret;
}
.visible .entry bounded() .maxntid 128, 1, 1 { ret; }
.visible .entry shares(.param .u64 to)
{
    .shared .align 4 .b8 own[1024];
    .reg .b64 %rd<3>;
    .reg .b32 %r<3>;
    ld.param.u64 %rd1, [to];
    cvta.to.global.u64 %rd2, %rd1;
    mov.u32 %r1, 5;
    st.shared.u32 [own], %r1;
    ld.shared.u32 %r2, [own];
    st.global.u32 [%rd2], %r2;
    ret;
}
.visible .entry fault()
{
    .reg .b64 %rd<2>;
    .reg .b32 %r<2>;
    mov.u64 %rd1, 16;
    mov.u32 %r1, 1;
    st.global.u32 [%rd1], %r1;
    ret;
}
.visible .entry traps() { trap; }
";

/// Text that no assembler takes.
pub(crate) const BROKEN: &CStr = c"
.version 7.0
.target sm_70
.address_size 64
.visible .entry broken( { ret;
";

/// Uses a function that another file must bring.
pub(crate) const CALLER: &CStr = c"
.version 7.0
.target sm_70
.address_size 64
.extern .func (.param .b32 out) six();
.visible .entry calls(.param .u64 to)
{
    .reg .b64 %rd<3>;
    .reg .b32 %r<2>;
    ld.param.u64 %rd1, [to];
    cvta.to.global.u64 %rd2, %rd1;
    {
        .param .b32 out;
        call (out), six, ();
        ld.param.b32 %r1, [out];
    }
    st.global.u32 [%rd2], %r1;
    ret;
}
";

/// That function.
pub(crate) const CALLEE: &CStr = c"
.version 7.0
.target sm_70
.address_size 64
.visible .func (.param .b32 out) six()
{
    .reg .b32 %r<2>;
    mov.u32 %r1, 6;
    st.param.b32 [out], %r1;
    ret;
}
";
