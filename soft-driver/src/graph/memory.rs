//! Memory that graphs take: the addresses are the graph's, from the moment the node is added until the
//! graph and all that was instantiated from it are gone. Read [`GraphMemory`].
//!
//! NVIDIA's driver takes pages at the launch and lets nodes share them. Here they are taken with the
//! node, so that memory runs out where the program says how much it wants.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use rigel_protocol::custom::{AllocateNode, AllocationKind};
use rigel_protocol::generated::types::CUgraphMem_attribute;
use rigel_protocol::handle::{Context, Device, DevicePtr, MemPool};
use rigel_protocol::{CuError, CuResult, Cx};

use super::Recipe;
use crate::driver::World;
use crate::memory::{Memory, Request};

/// `CU_MEM_LOCATION_TYPE_DEVICE` and `CU_MEM_ALLOCATION_TYPE_PINNED`.
const ON_DEVICE: u32 = 1;
const PINNED: u32 = 1;

/// Memory that a node takes.
pub(crate) struct GraphMemory {
    memory: Arc<Memory>,
    books: Arc<GraphMemoryBooks>,
    node: AllocateNode,
    device: Device,
    /// Taken by a launch and not given back.
    live: AtomicBool,
}

/// All memory of graphs.
#[derive(Default)]
pub(crate) struct GraphMemoryBooks {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    by_address: BTreeMap<u64, Weak<GraphMemory>>,
    /// By device.
    sums: BTreeMap<i32, Sums>,
}

/// Bytes, and the most there were since the marks were set back.
#[derive(Clone, Copy, Default)]
struct Sums {
    used: u64,
    used_high: u64,
    reserved: u64,
    reserved_high: u64,
}

impl GraphMemory {
    /// What the node says.
    pub(crate) fn node(&self) -> &AllocateNode {
        &self.node
    }

    /// A launch takes it; memory that an earlier launch has taken must have been given back.
    pub(crate) fn begin(&self) -> CuResult<()> {
        if self.live.swap(true, Ordering::SeqCst) {
            return Err(CuError::INVALID_VALUE);
        }
        let mut state = self.books.lock();
        let sums = state.sums.entry(self.device.0).or_default();
        sums.used += self.node.bytes;
        sums.used_high = sums.used_high.max(sums.used);
        Ok(())
    }

    /// It is given back; false if nobody had it.
    pub(crate) fn end(&self) -> bool {
        let was_live = self.live.swap(false, Ordering::SeqCst);
        if was_live {
            let mut state = self.books.lock();
            let sums = state.sums.entry(self.device.0).or_default();
            sums.used -= self.node.bytes.min(sums.used);
        }
        was_live
    }
}

impl Drop for GraphMemory {
    fn drop(&mut self) {
        self.end();
        let address = self.node.address.0;
        {
            let mut state = self.books.lock();
            state.by_address.remove(&address);
            let sums = state.sums.entry(self.device.0).or_default();
            sums.reserved -= self.node.bytes.min(sums.reserved);
        }
        if let Err(error) = self.memory.release(address) {
            tracing::debug!(%error, address, "memory of a graph went with its context");
        }
    }
}

impl GraphMemoryBooks {
    /// Whether memory at this address is a graph's.
    pub(crate) fn holds(&self, address: u64) -> bool {
        self.lock().by_address.contains_key(&address)
    }

    /// Memory of a graph is given back, outside the graph or by a node.
    pub(crate) fn end(&self, address: u64) -> CuResult<()> {
        let found = self.lock().by_address.get(&address).and_then(Weak::upgrade);
        match found.is_some_and(|memory| memory.end()) {
            true => Ok(()),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    /// The operation that gives memory of a graph back.
    pub(crate) fn freed_by(&self, address: u64) -> CuResult<Recipe> {
        match self.holds(address) {
            true => Ok(Recipe::Free(address)),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    /// How much there is of it.
    pub(super) fn attribute(&self, device: Device, attr: CUgraphMem_attribute) -> CuResult<u64> {
        let state = self.lock();
        let sums = state.sums.get(&device.0).copied().unwrap_or_default();
        Ok(match attr.0 {
            0 => sums.used,
            1 => sums.used_high,
            2 => sums.reserved,
            3 => sums.reserved_high,
            _ => return Err(CuError::INVALID_VALUE),
        })
    }

    /// Sets a high mark back to the present.
    pub(super) fn reset(&self, device: Device, attr: CUgraphMem_attribute) -> CuResult<()> {
        let mut state = self.lock();
        let sums = state.sums.entry(device.0).or_default();
        match attr.0 {
            1 => sums.used_high = sums.used,
            3 => sums.reserved_high = sums.reserved,
            _ => return Err(CuError::INVALID_VALUE),
        }
        Ok(())
    }

    fn enter(&self, memory: &Arc<GraphMemory>) {
        let mut state = self.lock();
        let address = memory.node.address.0;
        state.by_address.insert(address, Arc::downgrade(memory));
        let sums = state.sums.entry(memory.device.0).or_default();
        sums.reserved += memory.node.bytes;
        sums.reserved_high = sums.reserved_high.max(sums.reserved);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World {
    /// The operation that takes memory as a node asks for it.
    pub(super) fn graph_allocation(&self, cx: Cx, node: &AllocateNode) -> CuResult<Recipe> {
        let properties = &node.properties;
        let known = properties.location.r#type.0 == ON_DEVICE && properties.allocType.0 == PINNED;
        if !known || properties.handleTypes.0 != 0 {
            return Err(CuError::NOT_SUPPORTED);
        }
        let device = Device(properties.location.id);
        let context = match self.context(cx) {
            Ok(context) if context.device == device => context.handle,
            _ => Context::primary(device),
        };
        self.take_for_graph(node.clone(), context, device)
    }

    /// Takes memory for a graph.
    pub(crate) fn take_for_graph(
        &self,
        node: AllocateNode,
        context: Context,
        device: Device,
    ) -> CuResult<Recipe> {
        if node.bytes == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let address = self.allocate_patiently(&Request {
            bytes: node.bytes,
            align: 1,
            kind: AllocationKind::Device,
            context,
            device,
            pool: MemPool::NONE,
        })?;
        let memory = Arc::new(GraphMemory {
            memory: Arc::clone(&self.memory),
            books: Arc::clone(&self.graph_memory),
            node: AllocateNode {
                address: DevicePtr(address),
                ..node
            },
            device,
            live: AtomicBool::new(false),
        });
        self.graph_memory.enter(&memory);
        Ok(Recipe::Allocate(memory))
    }
}
