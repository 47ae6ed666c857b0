//! Runs one kernel over a few words of memory: results do not matter here, only that it ends in an orderly way.
//! Read [`Memory`] and [`run`].

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use rigel_soft::exec::{
    Access, DeviceMemory, DeviceServices, Fault, Kernel, Launch, LaunchEnv, LaunchShape, Poll,
    RunState,
};

/// Memory for the variables of a module.
#[derive(Clone)]
pub(crate) struct Memory(Arc<[AtomicU64]>);

impl Memory {
    pub(crate) fn new() -> Self {
        Self((0..1024).map(|_| AtomicU64::new(0)).collect())
    }

    /// A part of it, well aligned.
    pub(crate) fn place(&self, number: u64) -> u64 {
        self.range().start.next_multiple_of(256) + number * 1024
    }

    fn range(&self) -> Range<u64> {
        let start = self.0.as_ptr() as u64;
        start..start + 8 * self.0.len() as u64
    }
}

impl DeviceMemory for Memory {
    fn accessible(&self, address: u64, bytes: u64, _: Access) -> Option<Range<u64>> {
        let end = address.checked_add(bytes)?;
        let range = self.range();
        (range.start <= address && end <= range.end).then_some(range)
    }
}

struct NoServices;

impl DeviceServices for NoServices {
    fn print(&self, _: &[u8]) {}
    fn allocate(&self, _: u64) -> Option<u64> {
        None
    }
    fn free(&self, _: u64) -> bool {
        false
    }
}

/// A poll is due every millisecond or so: a kernel that takes as many does not end by itself.
const POLLS_MAX: u32 = 50;

/// Runs the kernel with 40 threads; how it failed, if it did.
pub(crate) fn run(kernel: Arc<Kernel>, memory: &Memory) -> Option<Fault> {
    let env = LaunchEnv {
        memory: Arc::new(memory.clone()),
        services: Arc::new(NoServices),
        grid_id: 1,
        grid_workspace: 0,
        n_multiprocessors: 1,
        stack_bytes: 1024,
    };
    let params: Arc<[u8]> = vec![0; kernel.param_bytes as usize].into();
    let shape = LaunchShape::new([1, 1, 1], [40, 1, 1]);
    let launch = Launch::new(kernel, shape, params, env).expect("the kernel fits");
    let mut polls_left = POLLS_MAX;
    let state = launch.run_blocks(&mut || {
        polls_left -= 1;
        if polls_left == 0 {
            Poll::Cancel
        } else {
            Poll::Continue
        }
    });
    assert_eq!(state, RunState::Finished);
    launch.outcome().fault
}
