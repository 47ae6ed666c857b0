//! Kernels: loaded, launched, counted, printing, failing.

use std::ffi::CStr;
use std::time::Duration;

use rigel_protocol::custom::{
    Contexts, Copies, HostMemory, Images, JitInput, JitOptions, LaunchConfig, Launches, Order,
    Place,
};
use rigel_protocol::generated::driver::{
    ContextApi, EventApi, GraphApi, LaunchApi, MemoryApi, ModuleApi, StreamApi,
};
use rigel_protocol::generated::types::CUstreamCaptureMode;
use rigel_protocol::handle::{Device, DevicePtr, Function, Module, Stream};
use rigel_protocol::{CuError, CuResult, HostPtr};

use super::Fixture;
use crate::config::{Config, KernelMode};

/// `add`: adds a number to each of n words. `store`: stores a word at any address. `bump`: adds one
/// to the module's counter. `fail`: traps. `spin`: waits until a word is not zero.
const PTX: &str = r#"
.version 8.0
.target sm_80
.address_size 64
.visible .global .align 4 .u32 counter = 40;
.visible .const .align 4 .u32 step = 2;
.extern .func (.param .b32 status) vprintf(.param .b64 format, .param .b64 values);
.visible .global .align 1 .b8 format[11] = {110, 117, 109, 98, 101, 114, 32, 37, 100, 10, 0};
.visible .entry nothing() { ret; }
.visible .entry say(.param .u32 number)
{
    .local .align 8 .b8 values[8];
    .reg .b32 %r<3>; .reg .b64 %rd<4>;
    ld.param.u32 %r1, [number];
    mov.u64 %rd1, values;
    st.local.u32 [%rd1], %r1;
    cvta.local.u64 %rd2, %rd1;
    mov.u64 %rd3, format;
    {
        .param .b64 param0; .param .b64 param1; .param .b32 result;
        st.param.b64 [param0], %rd3;
        st.param.b64 [param1], %rd2;
        call.uni (result), vprintf, (param0, param1);
        ld.param.b32 %r2, [result];
    }
    ret;
}
.visible .entry add(.param .u64 data, .param .u32 n, .param .u32 amount)
.maxntid 256, 1, 1
{
    .reg .pred %p<2>; .reg .b32 %r<8>; .reg .b64 %rd<5>;
    ld.param.u64 %rd1, [data];
    ld.param.u32 %r1, [n];
    ld.param.u32 %r2, [amount];
    mov.u32 %r3, %ctaid.x;
    mov.u32 %r4, %ntid.x;
    mov.u32 %r5, %tid.x;
    mad.lo.s32 %r6, %r3, %r4, %r5;
    setp.ge.u32 %p1, %r6, %r1;
    @%p1 bra DONE;
    cvta.to.global.u64 %rd2, %rd1;
    mul.wide.u32 %rd3, %r6, 4;
    add.s64 %rd4, %rd2, %rd3;
    ld.global.u32 %r7, [%rd4];
    add.u32 %r7, %r7, %r2;
    st.global.u32 [%rd4], %r7;
DONE:
    ret;
}
.visible .entry store(.param .u64 at, .param .u32 value)
{
    .reg .b32 %r<2>; .reg .b64 %rd<2>;
    ld.param.u64 %rd1, [at];
    ld.param.u32 %r1, [value];
    st.global.u32 [%rd1], %r1;
    ret;
}
.visible .entry bump()
{
    .reg .b32 %r<4>; .reg .b64 %rd<2>;
    ld.const.u32 %r1, [step];
    mov.u64 %rd1, counter;
    atom.global.add.u32 %r2, [%rd1], %r1;
    ret;
}
.visible .entry fail() { trap; }
.visible .entry spin(.param .u64 flag)
{
    .reg .pred %p<2>; .reg .b32 %r<2>; .reg .b64 %rd<2>;
    ld.param.u64 %rd1, [flag];
AGAIN:
    ld.volatile.global.u32 %r1, [%rd1];
    setp.eq.u32 %p1, %r1, 0;
    @%p1 bra AGAIN;
    ret;
}
"#;

/// A fixture with the module loaded.
pub(super) struct Loaded {
    pub(super) fixture: Fixture,
    module: Module,
}

impl std::ops::Deref for Loaded {
    type Target = Fixture;
    fn deref(&self) -> &Fixture {
        &self.fixture
    }
}

impl Loaded {
    fn new() -> Self {
        Self::with(Fixture::new())
    }

    pub(super) fn with(fixture: Fixture) -> Self {
        let image = format!("{PTX}\0");
        let jit = JitOptions::default();
        let (module, _) = fixture
            .driver
            .module_load(fixture.cx, image.as_bytes(), &jit)
            .unwrap();
        Self { fixture, module }
    }

    fn function(&self, name: &CStr) -> Function {
        self.driver
            .module_function(self.cx, self.module, name)
            .unwrap()
    }

    pub(super) fn launch(
        &self,
        name: &CStr,
        size: (u32, u32),
        params: &[u8],
        stream: Stream,
    ) -> CuResult<()> {
        let config = LaunchConfig {
            grid: [size.0, 1, 1],
            block: [size.1, 1, 1],
            shared_bytes: 0,
            stream,
            cooperative: false,
            attributes: &[],
        };
        let function = self.driver.module_function(self.cx, self.module, name)?;
        self.driver.launch(self.cx, function, &config, params)
    }

    pub(super) fn add(&self, data: DevicePtr, n: u32, amount: u32, stream: Stream) {
        let params: Vec<u8> = [
            &data.0.to_le_bytes()[..],
            &n.to_le_bytes(),
            &amount.to_le_bytes(),
        ]
        .concat();
        self.launch(c"add", (n.div_ceil(256), 256), &params, stream)
            .unwrap();
    }

    fn store(&self, at: u64, stream: Stream) -> CuResult<()> {
        let params = [&at.to_le_bytes()[..], &7u32.to_le_bytes()].concat();
        self.launch(c"store", (1, 1), &params, stream)
    }

    pub(super) fn words(&self, data: DevicePtr, n: usize) -> Vec<u32> {
        let bytes = self.read(data, 4 * n);
        bytes
            .chunks(4)
            .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
            .collect()
    }
}

#[test]
fn launch_many_blocks_touches_every_word_once() {
    let loaded = Loaded::new();
    let n = 100_000;
    let data = loaded.alloc(4 * n);
    loaded.write(data, &vec![0; 4 * n]);
    loaded.add(data, n as u32, 5, Stream::LEGACY);
    loaded.add(data, n as u32, 7, Stream::LEGACY);
    assert!(loaded.words(data, n).iter().all(|word| *word == 12));
    let counters = loaded.driver.snapshot();
    assert_eq!(counters.launches, 2);
    assert_eq!(counters.blocks, 2 * 391);
    assert!(counters.thread_instructions > 2 * 10 * n as u64);
}

#[test]
fn launches_of_one_stream_keep_their_order() {
    let loaded = Loaded::new();
    let data = loaded.alloc(4);
    loaded.write(data, &[0; 4]);
    let stream = loaded.stream(1);
    for _ in 0..1000 {
        loaded.add(data, 1, 3, stream);
    }
    loaded.driver.stream_synchronize(loaded.cx, stream).unwrap();
    assert_eq!(loaded.words(data, 1), [3000]);
}

#[test]
fn function_info_follows_the_declaration() {
    let loaded = Loaded::new();
    let info = loaded
        .driver
        .function_info(loaded.function(c"add"))
        .unwrap();
    assert_eq!(
        (info.name.as_str(), info.params.len(), info.param_bytes()),
        ("add", 3, 16)
    );
    assert_eq!(info.module, Some(loaded.module));
    assert_eq!(info.attributes[0], 256, "maxntid");
    assert_eq!(
        (info.attributes[5], info.attributes[6]),
        (80, 86),
        "PTX and binary version"
    );
    let refused = loaded.launch(c"add", (1, 512), &[0; 16], Stream::LEGACY);
    assert_eq!(refused, Err(CuError::INVALID_VALUE));
    let missing = loaded
        .driver
        .module_function(loaded.cx, loaded.module, c"absent");
    assert_eq!(missing, Err(CuError::NOT_FOUND));
}

#[test]
fn function_attribute_survives_another_lookup() {
    let loaded = Loaded::new();
    let (cx, driver) = (loaded.cx, &loaded.driver);
    driver
        .function_set_attribute(cx, loaded.function(c"add"), 8, 64 << 10)
        .unwrap();
    let info = driver.function_info(loaded.function(c"add")).unwrap();
    assert_eq!(info.attributes[8], 64 << 10);
    let refused = driver.function_set_attribute(cx, loaded.function(c"add"), 8, 1 << 20);
    assert_eq!(refused, Err(CuError::INVALID_VALUE));
}

#[test]
fn module_variables_have_their_initial_values_and_change() {
    let loaded = Loaded::new();
    let (cx, driver) = (loaded.cx, &loaded.driver);
    let (counter, bytes) = driver
        .module_get_global(cx, loaded.module, c"counter")
        .unwrap();
    assert_eq!(bytes, 4);
    let (step, _) = driver
        .module_get_global(cx, loaded.module, c"step")
        .unwrap();
    loaded.launch(c"bump", (3, 1), &[], Stream::LEGACY).unwrap();
    assert_eq!(loaded.words(counter, 1), [46]);
    loaded.write(step, &5u32.to_le_bytes());
    loaded.launch(c"bump", (1, 1), &[], Stream::LEGACY).unwrap();
    assert_eq!(loaded.words(counter, 1), [51]);
    let absent = driver.module_get_global(cx, loaded.module, c"absent");
    assert_eq!(absent, Err(CuError::NOT_FOUND));
}

#[test]
fn library_has_a_module_in_each_context() {
    let fixture = Fixture::new();
    let (cx, driver) = (fixture.cx, &fixture.driver);
    let image = format!("{PTX}\0");
    let jit = JitOptions::default();
    let nowhere = rigel_protocol::Cx {
        context: rigel_protocol::handle::Context::NONE,
        ..cx
    };
    let (library, _) = driver
        .library_load(nowhere, image.as_bytes(), &jit, &[])
        .unwrap();
    let kernel = driver.library_kernel(nowhere, library, c"bump").unwrap();
    assert_eq!(
        driver.library_kernel(nowhere, library, c"absent"),
        Err(CuError::NOT_FOUND)
    );
    assert_eq!(driver.function_info(kernel).unwrap().library, Some(library));
    let other = driver.context_create(Device(0), 0).unwrap();
    let config = LaunchConfig {
        grid: [1; 3],
        block: [1; 3],
        shared_bytes: 0,
        stream: Stream::LEGACY,
        cooperative: false,
        attributes: &[],
    };
    for (cx, launches) in [
        (cx, 1),
        (
            rigel_protocol::Cx {
                context: other,
                ..cx
            },
            2,
        ),
    ] {
        for _ in 0..launches {
            driver.launch(cx, kernel, &config, &[]).unwrap();
        }
        driver.ctx_synchronize(cx).unwrap();
        let (counter, _) = driver.library_get_global(cx, library, c"counter").unwrap();
        assert_eq!(fixture.read(counter, 1), [40 + 2 * launches]);
    }
    driver.library_unload(cx, library).unwrap();
    assert_eq!(
        driver.launch(cx, kernel, &config, &[]),
        Err(CuError::INVALID_HANDLE)
    );
}

#[test]
fn linked_ptx_loads_as_an_image() {
    let fixture = Fixture::new();
    let input = JitInput {
        kind: 1,
        data: PTX.as_bytes().to_vec(),
        name: "texts".to_owned(),
    };
    let jit = JitOptions::default();
    let linked = fixture.driver.link(fixture.cx, &[input], &jit).unwrap();
    let (module, _) = fixture
        .driver
        .module_load(fixture.cx, &linked.image, &jit)
        .unwrap();
    assert_eq!(
        fixture
            .driver
            .module_functions(fixture.cx, module)
            .unwrap()
            .len(),
        7
    );
}

#[test]
fn image_that_is_none_is_refused() {
    let fixture = Fixture::new();
    let load = |image: &[u8]| {
        fixture
            .driver
            .module_load(fixture.cx, image, &JitOptions::default())
            .map(|_| ())
    };
    assert_eq!(load(b"nothing of the kind"), Err(CuError::INVALID_IMAGE));
    assert_eq!(
        load(b".version 8.0\n.target sm_80\n.entry {"),
        Err(CuError::INVALID_PTX)
    );
}

#[test]
fn illegal_address_is_sticky_until_the_context_is_reset() {
    let loaded = Loaded::new();
    let (cx, driver) = (loaded.cx, &loaded.driver);
    let data = loaded.alloc(64);
    let event = driver.event_create(cx, 0).unwrap();
    loaded.store(data.0 + 512, Stream::LEGACY).unwrap();
    let lost = Err(CuError::ILLEGAL_ADDRESS);
    assert_eq!(driver.ctx_synchronize(cx), lost);
    assert_eq!(driver.mem_alloc(cx, 4).map(|_| ()), lost);
    assert_eq!(loaded.store(data.0, Stream::LEGACY), lost);
    assert_eq!(driver.event_query(cx, event), lost);
    assert_eq!(driver.ctx_synchronize(cx), lost);
    driver.primary_reset(Device(0)).unwrap();
    driver.primary_activate(Device(0), 0).unwrap();
    assert_eq!(driver.ctx_synchronize(cx), Ok(()));
}

#[test]
fn fault_of_one_context_leaves_the_other_alone() {
    let loaded = Loaded::new();
    let other = loaded.driver.context_create(Device(0), 0).unwrap();
    loaded.launch(c"fail", (1, 1), &[], Stream::LEGACY).unwrap();
    assert_eq!(
        loaded.driver.ctx_synchronize(loaded.cx),
        Err(CuError::LAUNCH_FAILED)
    );
    let cx = rigel_protocol::Cx {
        context: other,
        ..loaded.cx
    };
    assert_eq!(loaded.driver.ctx_synchronize(cx), Ok(()));
}

#[test]
fn launch_over_its_time_is_lost_with_its_context() {
    let loaded = Loaded::with(Fixture::with(Config {
        launch_timeout: Some(Duration::from_millis(5)),
        memory_bytes: 64 << 20,
        ..Config::default()
    }));
    let other = loaded.driver.context_create(Device(0), 0).unwrap();
    let flag = loaded.alloc(4);
    loaded.write(flag, &[0; 4]);
    loaded
        .launch(c"spin", (1, 1), &flag.0.to_le_bytes(), Stream::LEGACY)
        .unwrap();
    let lost = Err(CuError::LAUNCH_TIMEOUT);
    assert_eq!(loaded.driver.ctx_synchronize(loaded.cx), lost);
    assert_eq!(loaded.store(flag.0, Stream::LEGACY), lost);
    let cx = rigel_protocol::Cx {
        context: other,
        ..loaded.cx
    };
    assert_eq!(loaded.driver.ctx_synchronize(cx), Ok(()));
}

#[test]
fn freed_memory_faults() {
    let loaded = Loaded::new();
    let data = loaded.alloc(64);
    loaded.driver.mem_free(loaded.cx, data).unwrap();
    loaded.store(data.0, Stream::LEGACY).unwrap();
    assert_eq!(
        loaded.driver.ctx_synchronize(loaded.cx),
        Err(CuError::ILLEGAL_ADDRESS)
    );
}

#[test]
fn kernel_reads_page_locked_and_registered_memory_only() {
    let loaded = Loaded::new();
    let (cx, driver) = (loaded.cx, &loaded.driver);
    let pinned = driver.host_alloc(cx, 64, 0).unwrap();
    loaded.store(pinned.0, Stream::LEGACY).unwrap();
    driver.ctx_synchronize(cx).unwrap();
    let mut words = vec![0u32; 16];
    let at = HostPtr(words.as_mut_ptr() as u64);
    driver.host_register(cx, at, 64, 0).unwrap();
    loaded.store(at.0, Stream::LEGACY).unwrap();
    driver.ctx_synchronize(cx).unwrap();
    driver.host_unregister(cx, at).unwrap();
    assert_eq!(words[0], 7);
    loaded.store(at.0, Stream::LEGACY).unwrap();
    assert_eq!(driver.ctx_synchronize(cx), Err(CuError::ILLEGAL_ADDRESS));
}

#[test]
fn kernel_that_waits_for_another_stream_meets_it() {
    let loaded = Loaded::new();
    let flag = loaded.alloc(4);
    loaded.write(flag, &[0; 4]);
    // More waiting kernels than there are cores.
    let streams: Vec<_> = (0..8).map(|_| loaded.stream(1)).collect();
    for stream in &streams {
        loaded
            .launch(c"spin", (1, 1), &flag.0.to_le_bytes(), *stream)
            .unwrap();
    }
    loaded.store(flag.0, loaded.stream(1)).unwrap();
    for stream in streams {
        assert_eq!(loaded.driver.stream_synchronize(loaded.cx, stream), Ok(()));
    }
}

#[test]
fn page_locked_source_is_read_when_the_stream_gets_there() {
    let loaded = Loaded::new();
    let (cx, driver) = (loaded.cx, &loaded.driver);
    let stream = loaded.stream(1);
    let pinned = driver.host_alloc(cx, 4, 0).unwrap();
    let data = loaded.alloc(4);
    loaded.store(pinned.0, stream).unwrap();
    let order = Order {
        stream,
        wait: false,
    };
    driver
        .copy(cx, Place::Device(data), Place::Host(pinned), 4, order)
        .unwrap();
    driver.stream_synchronize(cx, stream).unwrap();
    assert_eq!(loaded.words(data, 1), [7]);
}

#[test]
fn captured_launch_runs_at_each_replay() {
    let loaded = Loaded::new();
    let (cx, driver) = (loaded.cx, &loaded.driver);
    let data = loaded.alloc(4);
    loaded.write(data, &[0; 4]);
    let stream = loaded.stream(1);
    driver
        .stream_begin_capture(cx, stream, CUstreamCaptureMode(0))
        .unwrap();
    loaded.add(data, 1, 2, stream);
    loaded.add(data, 1, 3, stream);
    let graph = driver.stream_end_capture(cx, stream).unwrap();
    let exec = driver.graph_instantiate_with_flags(cx, graph, 0).unwrap();
    for _ in 0..3 {
        driver.graph_launch(cx, exec, stream).unwrap();
    }
    driver.stream_synchronize(cx, stream).unwrap();
    assert_eq!(loaded.words(data, 1), [15]);
    assert_eq!(loaded.driver.snapshot().launches, 6);
}

#[test]
fn printed_text_is_held_until_somebody_waits() {
    let loaded = Loaded::new();
    let stream = loaded.stream(1);
    for number in [-5i32, 17] {
        let params = number.to_le_bytes();
        loaded.launch(c"say", (1, 1), &params, stream).unwrap();
    }
    let event = loaded.driver.event_create(loaded.cx, 0).unwrap();
    loaded
        .driver
        .event_record(loaded.cx, event, stream)
        .unwrap();
    while loaded.driver.event_query(loaded.cx, event) == Err(CuError::NOT_READY) {
        std::thread::yield_now();
    }
    let text = loaded.driver.world().unwrap().output.take();
    assert_eq!(String::from_utf8(text).unwrap(), "number -5\nnumber 17\n");
}

#[test]
fn skipped_kernels_are_counted_and_do_nothing() {
    let config = Config {
        kernels: KernelMode::Skip,
        memory_bytes: 64 << 20,
        ..Config::default()
    };
    let loaded = Loaded::with(Fixture::with(config));
    let data = loaded.alloc(4);
    loaded.write(data, &[0; 4]);
    loaded.add(data, 1, 2, Stream::LEGACY);
    assert_eq!(loaded.words(data, 1), [0]);
    let counters = loaded.driver.snapshot();
    assert_eq!((counters.launches, counters.thread_instructions), (1, 0));
}

#[test]
fn occupancy_is_what_fits_a_multiprocessor() {
    let loaded = Loaded::new();
    let function = loaded.function(c"nothing");
    let blocks = |threads, shared| {
        loaded
            .driver
            .occupancy_max_active_blocks_per_multiprocessor(loaded.cx, function, threads, shared)
    };
    assert_eq!(blocks(128, 0), Ok(12));
    assert_eq!(blocks(128, 40 << 10), Ok(2));
    assert_eq!(blocks(0, 0), Err(CuError::INVALID_VALUE));
}

#[test]
fn unloaded_module_is_unknown_and_its_variables_are_freed() {
    let loaded = Loaded::new();
    let (cx, driver) = (loaded.cx, &loaded.driver);
    let function = loaded.function(c"nothing");
    let (counter, _) = driver
        .module_get_global(cx, loaded.module, c"counter")
        .unwrap();
    driver.module_unload(cx, loaded.module).unwrap();
    assert!(driver.pointer_info(counter.0).is_none());
    assert_eq!(
        driver.function_info(function).map(|_| ()),
        Err(CuError::INVALID_HANDLE)
    );
}
