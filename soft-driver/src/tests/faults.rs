//! Every kind of mistake a kernel can make, as the caller of the driver meets it: CUDA's error, for that context
//! only, until it is gone. Read [`MISTAKES`].

use std::ffi::CStr;

use rigel_protocol::custom::{Contexts, Images, JitOptions, LaunchConfig, Launches};
use rigel_protocol::generated::driver::{ContextApi, MemoryApi};
use rigel_protocol::handle::{Device, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use super::Fixture;

const PTX: &str = r#"
.version 8.0
.target sm_86
.address_size 64
.extern .func __assertfail(.param .b64 message, .param .b64 file, .param .b32 line, .param .b64 function,
    .param .b64 size);
.global .align 1 .b8 said[4] = {110, 111, 33, 0};
.func deeper(.param .b32 n)
{
    .reg .b32 %r<3>;
    ld.param.u32 %r1, [n];
    { .param .b32 p0; st.param.b32 [p0], %r1; call deeper, (p0); }
    ret;
}
.visible .entry outside(.param .u64 at)
{
    .reg .b64 %rd<2>; .reg .b32 %r<2>;
    ld.param.u64 %rd1, [at]; mov.u32 %r1, 1; st.global.u32 [%rd1+1048576], %r1; ret;
}
.visible .entry crooked(.param .u64 at)
{
    .reg .b64 %rd<2>; .reg .b32 %r<2>;
    ld.param.u64 %rd1, [at]; ld.global.u32 %r1, [%rd1+2]; st.global.u32 [%rd1], %r1; ret;
}
.visible .entry lost(.param .u64 at)
{
    .reg .b64 %rd<2>;
    ld.param.u64 %rd1, [at];
    proto: .callprototype _ ();
    call %rd1, (), proto;
    ret;
}
.visible .entry stops(.param .u64 at) { trap; }
.visible .entry pauses(.param .u64 at) { brkpt; }
.visible .entry claims(.param .u64 at)
{
    .reg .b64 %rd<2>;
    mov.u64 %rd1, said;
    {
        .param .b64 p0; .param .b64 p1; .param .b32 p2; .param .b64 p3; .param .b64 p4;
        st.param.b64 [p0], %rd1; st.param.b64 [p1], %rd1; st.param.b32 [p2], 7;
        st.param.b64 [p3], %rd1; st.param.b64 [p4], 1;
        call __assertfail, (p0, p1, p2, p3, p4);
    }
    ret;
}
.visible .entry invents(.param .u64 at) { .reg .b32 %r<2>; mov.u32 %r1, 99; bar.sync %r1; ret; }
.visible .entry sinks(.param .u64 at)
{
    { .param .b32 p0; st.param.b32 [p0], 1; call deeper, (p0); }
    ret;
}
.visible .entry waits(.param .u64 at) { bar.sync 1, 64; ret; }
.visible .entry works(.param .u64 at)
{
    .reg .b64 %rd<2>; .reg .b32 %r<2>;
    ld.param.u64 %rd1, [at]; mov.u32 %r1, 5; st.global.u32 [%rd1], %r1; ret;
}
"#;

/// Kernels and what their contexts are told.
const MISTAKES: [(&CStr, CuError); 9] = [
    (c"outside", CuError::ILLEGAL_ADDRESS),
    (c"crooked", CuError::MISALIGNED_ADDRESS),
    (c"lost", CuError::INVALID_PC),
    (c"stops", CuError::LAUNCH_FAILED),
    (c"pauses", CuError::LAUNCH_FAILED),
    (c"claims", CuError::ASSERT),
    (c"invents", CuError::ILLEGAL_INSTRUCTION),
    (c"sinks", CuError::HARDWARE_STACK_ERROR),
    (c"waits", CuError::LAUNCH_TIMEOUT),
];

/// Launches a kernel of a module loaded in this context, over four bytes of its memory.
fn launch(fixture: &Fixture, cx: Cx, name: &CStr) -> CuResult<()> {
    let image = format!("{PTX}\0");
    let (module, _) = fixture
        .driver
        .module_load(cx, image.as_bytes(), &JitOptions::default())?;
    let function = fixture.driver.module_function(cx, module, name)?;
    let data = fixture.driver.mem_alloc(cx, 256)?;
    let config = LaunchConfig {
        grid: [2, 1, 1],
        block: [32, 1, 1],
        shared_bytes: 0,
        stream: Stream::LEGACY,
        cooperative: false,
        attributes: &[],
    };
    fixture
        .driver
        .launch(cx, function, &config, &data.0.to_le_bytes())
}

#[test]
fn every_mistake_is_sticky_in_its_own_context_only() {
    let fixture = Fixture::new();
    let driver = &fixture.driver;
    for (name, error) in MISTAKES {
        let context = driver.context_create(Device(0), 0).unwrap();
        let cx = Cx {
            context,
            ..fixture.cx
        };
        launch(&fixture, cx, name).unwrap();
        let lost = Err(error);
        assert_eq!(driver.ctx_synchronize(cx), lost, "{name:?}");
        assert_eq!(driver.ctx_synchronize(cx), lost, "{name:?} once more");
        assert_eq!(driver.mem_alloc(cx, 4).map(|_| ()), lost, "{name:?}");
        assert_eq!(launch(&fixture, cx, c"works"), lost, "{name:?}");
        // The context beside it goes on.
        launch(&fixture, fixture.cx, c"works").unwrap();
        assert_eq!(
            driver.ctx_synchronize(fixture.cx),
            Ok(()),
            "beside {name:?}"
        );
    }
}
