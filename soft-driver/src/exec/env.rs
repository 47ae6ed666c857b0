//! What a launch is given from outside: its shape, the allocation map, and the services that device
//! code calls (`vprintf`, `malloc`). The executor owns none of these. Read [`LaunchEnv`] first.

use std::{ops::Range, sync::Arc};

/// Grid and block of a launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaunchShape {
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads of a block in x, y, z.
    pub block: [u32; 3],
    /// Bytes of `.extern .shared` memory.
    pub dynamic_shared_bytes: u32,
    /// All blocks must make progress together (`cuLaunchCooperativeKernel`).
    pub cooperative: bool,
    /// Blocks of a cluster in x, y, z; only `[1, 1, 1]` is executed.
    pub cluster: [u32; 3],
}

impl LaunchShape {
    /// A plain launch without dynamic shared memory.
    #[must_use]
    pub fn new(grid: [u32; 3], block: [u32; 3]) -> Self {
        Self {
            grid,
            block,
            dynamic_shared_bytes: 0,
            cooperative: false,
            cluster: [1; 3],
        }
    }

    /// Number of blocks.
    #[must_use]
    pub fn n_blocks(&self) -> u64 {
        self.grid.iter().map(|n| u64::from(*n)).product()
    }

    /// Threads of one block.
    #[must_use]
    pub fn n_threads(&self) -> u64 {
        self.block.iter().map(|n| u64::from(*n)).product()
    }
}

/// What an access does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It only reads.
    Read,
    /// It writes, or reads and writes.
    Write,
}

/// The allocation map of the device. A device address is the host address of the same byte.
pub trait DeviceMemory: Send + Sync {
    /// The range around `address` within which kernels may access bytes in this way: the whole
    /// allocation, or the registered host range. `None` if `[address, address + bytes)` does not lie
    /// in one. The answer must stay true until the launch that asked has finished.
    fn accessible(&self, address: u64, bytes: u64, access: Access) -> Option<Range<u64>>;

    /// The range that lies nearest to an address outside all of them, for the message of a fault.
    fn nearest(&self, _address: u64) -> Option<Range<u64>> {
        None
    }
}

/// What device code asks of the driver.
pub trait DeviceServices: Send + Sync {
    /// Output of one `printf` call.
    fn print(&self, text: &[u8]);
    /// Device-side `malloc`; the result must be accessible by [`DeviceMemory`], 16-byte aligned.
    fn allocate(&self, bytes: u64) -> Option<u64>;
    /// Device-side `free`; false if the address came from no `allocate`.
    fn free(&self, address: u64) -> bool;
}

/// Everything a launch needs from outside.
#[derive(Clone)]
pub struct LaunchEnv {
    /// The allocation map.
    pub memory: Arc<dyn DeviceMemory>,
    /// `printf` and `malloc`.
    pub services: Arc<dyn DeviceServices>,
    /// `%gridid`.
    pub grid_id: u64,
    /// `%nsmid`: multiprocessors that the device reports.
    pub n_multiprocessors: u32,
    /// Address of a few words of device memory for the barrier of a cooperative grid, 0 without one
    /// (`%envreg1` and `%envreg2`).
    pub grid_workspace: u64,
    /// Bytes of stack a thread may use (`CU_LIMIT_STACK_SIZE`); static frames are always granted.
    pub stack_bytes: u32,
}

/// What the caller of a launch wants at the next opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// Go on.
    Continue,
    /// Park the blocks and return, for example because another process has its turn.
    Pause,
    /// End the launch with a fault.
    Cancel,
}

/// Why [`super::Launch::run_blocks`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// The launch is over; exactly one caller is told so.
    Finished,
    /// Nothing left to take: other threads still run blocks, or have told of the end.
    Drained,
    /// Paused as asked; call again to go on.
    Paused,
}

/// What a launch has executed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Instructions times the threads that executed them.
    pub thread_instructions: u64,
    /// Instructions issued to warps.
    pub warp_instructions: u64,
    /// Blocks run to their end.
    pub blocks: u64,
}
