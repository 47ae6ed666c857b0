//! Runs a generated body on the executor. Read [`run`].

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rigel_soft::exec::{
    Access, Compile, Counters, DeviceMemory, DeviceServices, Launch, LaunchEnv, LaunchShape,
    LinkedModule, Poll, RunState,
};

use crate::naive::{DOUBLES, FLOATS, LONGS, WORDS, WORDS32};

struct Output(Range<u64>);

impl DeviceMemory for Output {
    fn accessible(&self, address: u64, bytes: u64, _: Access) -> Option<Range<u64>> {
        let end = address.checked_add(bytes)?;
        (self.0.start <= address && end <= self.0.end).then(|| self.0.clone())
    }
}

impl DeviceServices for Output {
    fn print(&self, _: &[u8]) {}
    fn allocate(&self, _: u64) -> Option<u64> {
        None
    }
    fn free(&self, _: u64) -> bool {
        false
    }
}

/// The registers of all threads after `body`, thread by thread, and what was counted.
pub(crate) fn run(body: &str, blocks: u32, threads: u32, compile: Compile) -> (Vec<u32>, Counters) {
    let text: Arc<str> = format!(
        ".version 8.8\n.target sm_90\n.address_size 64\n\
         .visible .entry k(.param .u64 out)\n{{\n\
         .reg .pred %p<8>; .reg .b32 %r<{WORDS32}>, %n<4>; .reg .f32 %f<{FLOATS}>;\n\
         .reg .b64 %x<{LONGS}>, %out; .reg .f64 %d<{DOUBLES}>;\n\
         .shared .align 4 .b8 box[1024]; .local .align 4 .b8 slots[64];\n\
         {body}\n{}ret;\n}}\n",
        epilogue()
    )
    .into();
    let n_words = WORDS * (blocks * threads) as usize;
    let output: Vec<AtomicU32> = (0..n_words).map(|_| AtomicU32::new(0)).collect();
    let start = output.as_ptr() as u64;
    let range = start..start + 4 * n_words as u64;
    let module = LinkedModule::new(text, &mut |_| Ok(0x10_0000))
        .unwrap_or_else(|error| panic!("{error} in\n{body}"));
    let module = module.compiled(compile);
    let kernel = module.kernel("k").expect("the module defines it");
    let env = LaunchEnv {
        memory: Arc::new(Output(range.clone())),
        services: Arc::new(Output(range)),
        grid_id: 1,
        grid_workspace: 0,
        n_multiprocessors: 4,
        stack_bytes: 1024,
    };
    let shape = LaunchShape::new([blocks, 1, 1], [threads, 1, 1]);
    let params: Arc<[u8]> = start.to_le_bytes().to_vec().into();
    let launch = Launch::new(kernel, shape, params, env)
        .unwrap_or_else(|error| panic!("{error} in\n{body}"));
    assert_eq!(
        launch.run_blocks(&mut || Poll::Continue),
        RunState::Finished
    );
    assert_eq!(launch.outcome().fault, None, "{body}");
    let words = output.iter().map(|word| word.load(Ordering::SeqCst));
    (words.collect(), launch.outcome().counters)
}

/// Every register to the thread's part of the output.
fn epilogue() -> String {
    let mut text = format!(
        "FINISH: ld.param.u64 %out, [out]; mov.u32 %n0, %ctaid.x; mov.u32 %n1, %ntid.x;\n\
         mov.u32 %n2, %tid.x; mad.lo.u32 %n0, %n0, %n1, %n2;\n\
         mad.wide.u32 %out, %n0, {}, %out;\n",
        WORDS * 4
    );
    let mut at = 0;
    let words = (0..WORDS32).map(|index| format!("%r{index}"));
    for register in words.chain((0..FLOATS).map(|index| format!("%f{index}"))) {
        text += &format!("st.global.b32 [%out+{at}], {register};\n");
        at += 4;
    }
    for index in 0..DOUBLES {
        text += &format!("setp.nan.f64 %p7, %d{index}, %d{index};\n");
        text += &format!("@%p7 mov.f64 %d{index}, 0d{:016X};\n", f64::NAN.to_bits());
    }
    let longs = (0..LONGS).map(|index| format!("%x{index}"));
    for register in longs.chain((0..DOUBLES).map(|index| format!("%d{index}"))) {
        text += &format!("mov.b64 {{%n0, %n1}}, {register};\n");
        text += &format!(
            "st.global.b32 [%out+{at}], %n0; st.global.b32 [%out+{}], %n1;\n",
            at + 4
        );
        at += 8;
    }
    text
}
