//! Launches: what is checked before a kernel is issued, and how many blocks fit a multiprocessor.
//! Running blocks is `exec`'s. Read [`KernelRecipe`].

use std::sync::Arc;

use rigel_protocol::custom::{FunctionInfo, HostCallback, KernelNode, LaunchConfig, Launches};
use rigel_protocol::generated::driver::LaunchApi;
use rigel_protocol::generated::types::{CUlaunchAttributeID, CUstreamAttrValue};
use rigel_protocol::handle::{Function, Stream};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::config::KernelMode;
use crate::context::{ContextState, Services};
use crate::device::{
    BLOCK_MAX, BLOCKS_PER_MULTIPROCESSOR, GRID_MAX, MULTIPROCESSORS, REGISTERS_PER_MULTIPROCESSOR,
    SHARED_BYTES_PER_MULTIPROCESSOR, SHARED_BYTES_RESERVED, THREADS_PER_BLOCK,
    THREADS_PER_MULTIPROCESSOR,
};
use crate::driver::{SoftDriver, World};
use crate::engine::Op;
use crate::exec::{DeviceMemory, DeviceServices, Kernel, Launch, LaunchEnv, LaunchShape};
use crate::graph::Recipe;
use crate::module::{Code, FunctionState, attribute};
use crate::stats::Stats;

/// Registers are given to warps in pieces of this size.
const REGISTERS_PER_PIECE: u32 = 256;

/// Threads of a warp.
const WARP: u32 = 32;

/// `CU_LAUNCH_ATTRIBUTE_COOPERATIVE` and `CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION`.
const ATTRIBUTE_COOPERATIVE: u32 = 2;
const ATTRIBUTE_CLUSTER: u32 = 4;

/// A checked launch that can be performed again and again.
#[derive(Clone)]
pub(crate) struct KernelRecipe {
    /// As the program named it.
    function: Function,
    /// `None` for machine code, whose launches are skipped.
    kernel: Option<Arc<Kernel>>,
    shape: LaunchShape,
    params: Arc<[u8]>,
    services: Arc<Services>,
    stack_bytes: u32,
    grid_workspace: u64,
}

impl KernelRecipe {
    /// The launch, to be performed once.
    pub(crate) fn realise(self, world: &World) -> CuResult<Op> {
        Stats::add(&world.stats.launches, 1);
        if world.config.kernels == KernelMode::Skip {
            return Ok(Op::Nothing);
        }
        let env = LaunchEnv {
            memory: Arc::clone(world.memory.map()) as Arc<dyn DeviceMemory>,
            services: self.services as Arc<dyn DeviceServices>,
            grid_id: world.number(),
            n_multiprocessors: MULTIPROCESSORS,
            grid_workspace: self.grid_workspace,
            stack_bytes: self.stack_bytes,
        };
        let Some(kernel) = self.kernel else {
            return Ok(Op::Nothing);
        };
        let name = Arc::clone(&kernel.name);
        // A single block is one thread's work, however large it is.
        let n_threads = match self.shape.n_blocks() {
            0 | 1 => 0,
            blocks => blocks.saturating_mul(self.shape.n_threads()),
        };
        match Launch::new(kernel, self.shape, self.params, env) {
            Ok(launch) => Ok(Op::Kernel {
                launch: Arc::new(launch),
                n_threads,
            }),
            Err(error) => {
                tracing::error!(kernel = &*name, "failed to {error}");
                Err(CuError::NO_BINARY_FOR_GPU)
            }
        }
    }
}

impl KernelRecipe {
    /// The launch as a node of a graph.
    pub(crate) fn node(&self) -> KernelNode {
        KernelNode {
            function: self.function,
            grid: self.shape.grid,
            block: self.shape.block,
            shared_bytes: self.shape.dynamic_shared_bytes,
            params: self.params.to_vec(),
        }
    }

    /// The value of an attribute that nobody has set on the node.
    pub(crate) fn attribute(&self, attribute: CUlaunchAttributeID) -> CUstreamAttrValue {
        let mut words = [0; 8];
        match attribute.0 {
            ATTRIBUTE_COOPERATIVE => words[0] = u64::from(self.shape.cooperative),
            ATTRIBUTE_CLUSTER => {
                let [x, y, z] = self.shape.cluster.map(u64::from);
                words[0] = y << 32 | x;
                words[1] = z;
            }
            _ => {}
        }
        CUstreamAttrValue { words }
    }
}

impl World {
    /// A launch to be performed later, checked now.
    pub(crate) fn kernel_recipe(
        &self,
        cx: Cx,
        function: Function,
        config: &LaunchConfig<'_>,
        params: &[u8],
    ) -> CuResult<Recipe> {
        let context = self.context(cx)?;
        let state = self.function(context.handle, function)?;
        self.recipe(&context, (function, &state), config, params)
    }

    fn recipe(
        &self,
        context: &ContextState,
        (handle, function): (Function, &FunctionState),
        config: &LaunchConfig<'_>,
        params: &[u8],
    ) -> CuResult<Recipe> {
        let info = function.info();
        let shape = shape(config)?;
        check(&info, &shape)?;
        if shape.cooperative {
            let most = active_blocks(&info, shape.n_threads() as u32, config.shared_bytes);
            if shape.n_blocks() > u64::from(most * MULTIPROCESSORS) {
                return Err(CuError::COOPERATIVE_LAUNCH_TOO_LARGE);
            }
        }
        let kernel = match &function.code {
            Code::Kernel(kernel) => Some(Arc::clone(kernel)),
            Code::Machine if self.config.kernels == KernelMode::Skip => None,
            Code::Machine => {
                tracing::error!(
                    kernel = info.name,
                    library = ?info.library,
                    "kernel has machine code only and no PTX: the soft GPU cannot execute it"
                );
                return Err(CuError::NO_BINARY_FOR_GPU);
            }
        };
        Ok(Recipe::Kernel(KernelRecipe {
            function: handle,
            kernel,
            shape,
            params: Arc::from(params),
            services: Arc::clone(&context.services),
            stack_bytes: context.stack_bytes(),
            grid_workspace: if shape.cooperative {
                self.grid_workspace(context)?
            } else {
                0
            },
        }))
    }
}

fn shape(config: &LaunchConfig<'_>) -> CuResult<LaunchShape> {
    let mut shape = LaunchShape {
        dynamic_shared_bytes: config.shared_bytes,
        cooperative: config.cooperative,
        ..LaunchShape::new(config.grid, config.block)
    };
    for (number, value) in config.attributes {
        let word = |index: usize| {
            value[4 * index..][..4]
                .try_into()
                .map_or(0, u32::from_ne_bytes)
        };
        match *number {
            ATTRIBUTE_COOPERATIVE => shape.cooperative |= word(0) != 0,
            ATTRIBUTE_CLUSTER => shape.cluster = [word(0), word(1), word(2)],
            // Hints: priorities, carve-outs, programmatic serialisation and the like.
            _ => {}
        }
    }
    match shape.cluster {
        [0 | 1, 0 | 1, 0 | 1] => shape.cluster = [1; 3],
        _ => return Err(CuError::INVALID_CLUSTER_SIZE),
    }
    Ok(shape)
}

fn check(info: &FunctionInfo, shape: &LaunchShape) -> CuResult<()> {
    let within = |sizes: &[u32; 3], most: &[u32; 3]| {
        sizes
            .iter()
            .zip(most)
            .all(|(size, most)| (1..=*most).contains(size))
    };
    let fits = within(&shape.grid, &GRID_MAX) && within(&shape.block, &BLOCK_MAX);
    if !fits || shape.n_threads() > u64::from(THREADS_PER_BLOCK) {
        return Err(CuError::INVALID_VALUE);
    }
    if shape.n_threads() > info.attributes[attribute::MAX_THREADS] as u64 {
        return Err(CuError::INVALID_VALUE);
    }
    let dynamic_max = info.attributes[attribute::MAX_DYNAMIC_SHARED_BYTES];
    if i64::from(shape.dynamic_shared_bytes) > i64::from(dynamic_max) {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(())
}

/// Blocks of a function that a multiprocessor holds at once.
fn active_blocks(info: &FunctionInfo, block_threads: u32, dynamic_bytes: u32) -> u32 {
    let most = info.attributes[attribute::MAX_THREADS] as u32;
    if block_threads == 0 || block_threads > most {
        return 0;
    }
    let warps = block_threads.div_ceil(WARP);
    let by_threads = THREADS_PER_MULTIPROCESSOR / (warps * WARP);
    let registers = info.attributes[attribute::REGISTERS] as u32;
    let warp_registers = (registers * WARP).next_multiple_of(REGISTERS_PER_PIECE);
    let by_registers = REGISTERS_PER_MULTIPROCESSOR / (warp_registers * warps).max(1);
    let shared = info.attributes[attribute::SHARED_BYTES] as u32;
    let shared = shared
        .saturating_add(dynamic_bytes)
        .saturating_add(SHARED_BYTES_RESERVED);
    let by_shared = SHARED_BYTES_PER_MULTIPROCESSOR / shared.max(1);
    BLOCKS_PER_MULTIPROCESSOR
        .min(by_threads)
        .min(by_registers)
        .min(by_shared)
}

impl Launches for SoftDriver {
    fn launch(
        &self,
        cx: Cx,
        function: Function,
        config: &LaunchConfig<'_>,
        params: &[u8],
    ) -> CuResult<()> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let stream = world.stream(cx, config.stream)?;
        let state = world.function(context.handle, function)?;
        if state.context != stream.context {
            return Err(CuError::INVALID_HANDLE);
        }
        world.output.flush();
        let recipe = world.recipe(&context, (function, &state), config, params)?;
        world.issue(&stream, recipe)
    }

    fn launch_host(
        &self,
        cx: Cx,
        stream: Stream,
        callback: HostCallback,
        even_after_error: bool,
    ) -> CuResult<()> {
        let world = self.world()?;
        let stream = world.stream(cx, stream)?;
        let recipe = Recipe::Host {
            callback,
            even_after_error,
            tag: 0,
        };
        world.issue(&stream, recipe)
    }
}

impl LaunchApi for SoftDriver {
    fn occupancy_max_active_blocks_per_multiprocessor(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
    ) -> CuResult<i32> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let function = world.function(context.handle, func)?;
        let threads = u32::try_from(block_size).map_err(|_| CuError::INVALID_VALUE)?;
        let dynamic = u32::try_from(dynamic_smem_size).unwrap_or(u32::MAX);
        if threads == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        Ok(active_blocks(&function.info(), threads, dynamic) as i32)
    }

    fn occupancy_max_active_blocks_per_multiprocessor_with_flags(
        &self,
        cx: Cx,
        func: Function,
        block_size: i32,
        dynamic_smem_size: usize,
        _flags: u32,
    ) -> CuResult<i32> {
        self.occupancy_max_active_blocks_per_multiprocessor(cx, func, block_size, dynamic_smem_size)
    }

    fn occupancy_available_dynamic_smem_per_block(
        &self,
        cx: Cx,
        func: Function,
        num_blocks: i32,
        block_size: i32,
    ) -> CuResult<usize> {
        let world = self.world()?;
        let context = world.context(cx)?;
        let info = world.function(context.handle, func)?.info();
        let blocks = u32::try_from(num_blocks).map_err(|_| CuError::INVALID_VALUE)?;
        let threads = u32::try_from(block_size).map_err(|_| CuError::INVALID_VALUE)?;
        if blocks == 0 || active_blocks(&info, threads, 0) < blocks {
            return Err(CuError::INVALID_VALUE);
        }
        let each = SHARED_BYTES_PER_MULTIPROCESSOR / blocks;
        let taken = info.attributes[attribute::SHARED_BYTES] as u32 + SHARED_BYTES_RESERVED;
        let most = info.attributes[attribute::MAX_DYNAMIC_SHARED_BYTES] as u32;
        Ok(each.saturating_sub(taken).min(most) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(registers: i32, shared: i32) -> FunctionInfo {
        let mut info = FunctionInfo::default();
        info.attributes[attribute::MAX_THREADS] = 1024;
        info.attributes[attribute::REGISTERS] = registers;
        info.attributes[attribute::SHARED_BYTES] = shared;
        info.attributes[attribute::MAX_DYNAMIC_SHARED_BYTES] = 48 << 10;
        info
    }

    #[test]
    fn active_blocks_is_bound_by_the_scarcest_resource() {
        for (registers, shared, threads, blocks) in [
            (16, 0, 128, 12),
            (16, 0, 32, 16),
            (16, 0, 1024, 1),
            (128, 0, 128, 4),
            (16, 40 << 10, 128, 2),
            (16, 0, 1025, 0),
        ] {
            let got = active_blocks(&info(registers, shared), threads, 0);
            assert_eq!(
                got, blocks,
                "{registers} registers, {shared} shared, {threads} threads"
            );
        }
    }

    #[test]
    fn check_refuses_what_the_device_cannot_hold() {
        let shape = |grid, block, dynamic_shared_bytes| LaunchShape {
            dynamic_shared_bytes,
            ..LaunchShape::new(grid, block)
        };
        for (shape, expected) in [
            (shape([1; 3], [1024, 1, 1], 0), Ok(())),
            (shape([1; 3], [1025, 1, 1], 0), Err(CuError::INVALID_VALUE)),
            (shape([1; 3], [1024, 2, 1], 0), Err(CuError::INVALID_VALUE)),
            (shape([0, 1, 1], [1; 3], 0), Err(CuError::INVALID_VALUE)),
            (
                shape([1, 65_536, 1], [1; 3], 0),
                Err(CuError::INVALID_VALUE),
            ),
            (
                shape([1; 3], [1; 3], (48 << 10) + 1),
                Err(CuError::INVALID_VALUE),
            ),
        ] {
            assert_eq!(check(&info(16, 0), &shape), expected, "{shape:?}");
        }
    }

    #[test]
    fn check_more_threads_than_the_function_allows_is_invalid() {
        let mut info = info(16, 0);
        info.attributes[attribute::MAX_THREADS] = 256;
        let refused = check(&info, &LaunchShape::new([1; 3], [257, 1, 1]));
        assert_eq!(refused, Err(CuError::INVALID_VALUE));
    }
}
