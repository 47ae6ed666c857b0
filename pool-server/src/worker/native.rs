//! A driver over a loaded libcuda: NVIDIA's, or the soft driver's. It keeps no quota and knows no
//! client; its callers pass the driver's own handles, except contexts and devices. Read [`Native`]
//! first.
//!
//! 1. Contexts are numbered as in `rigel_protocol::handle`; device ordinals are those of the session's
//!    virtual GPUs. Everything else is the library's own.
//! 2. CUDA keeps the current context in each thread. [`Native::enter`] sets it when it differs from
//!    what this thread set last; the end of any context makes every thread set it anew.

mod copies;
mod counters;
mod descriptors;
mod generated;
mod graphs;
mod images;
mod launches;
mod lifecycle;
mod loader;

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rigel_protocol::call::Cx;
use rigel_protocol::custom::{DeviceProfile, FunctionInfo};
use rigel_protocol::generated::types::{
    CUmemAccessDesc, CUmemAllocationProp, CUmemLocation, CUmemLocationType, CUmemPoolProps,
};
use rigel_protocol::handle::{Context, Device, Function};
use rigel_protocol::{CuError, CuResult, Driver};

pub(in crate::worker) use counters::SoftTable;
pub(in crate::worker) use descriptors::owned;
use generated::Symbols;
use loader::Loaded;

/// Longest list or byte string that a call may ask a driver for.
const RESULTS_MAX: usize = 1 << 16;

/// A loaded libcuda.
#[derive(Debug)]
pub(super) struct Native {
    symbols: Symbols,
    /// The physical device behind each virtual one.
    devices: Vec<Device>,
    profiles: Vec<DeviceProfile>,
    version: i32,
    contexts: Mutex<HashMap<Context, Context>>,
    next_context: AtomicU32,
    /// Counts contexts that ended.
    epoch: AtomicU64,
    infos: Mutex<HashMap<Function, Arc<FunctionInfo>>>,
    /// Host functions that a graph may call again, kept as long as the process lives.
    captured: Mutex<Vec<Arc<launches::Call>>>,
    /// Unloaded last of all.
    loaded: Loaded,
}

impl Driver for Native {}

thread_local! {
    /// What this thread set last: the epoch, and the context.
    static CURRENT: Cell<(u64, Context)> = const { Cell::new((u64::MAX, Context::NONE)) };
}

impl Native {
    /// Opens a library and all its devices.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let loaded = Loaded::open(path)?;
        let symbols = Symbols::load(loaded.library());
        lifecycle::open(loaded, symbols)
    }

    /// Keeps the devices with these ordinals, in this order.
    pub(super) fn choose(&mut self, physical: &[u32]) -> anyhow::Result<()> {
        let count = self.devices.len();
        let all = std::mem::take(&mut self.devices).into_iter();
        let all: Vec<_> = all.zip(std::mem::take(&mut self.profiles)).collect();
        for &ordinal in physical {
            let Some((device, profile)) = all.get(ordinal as usize) else {
                let path = self.loaded.path().display();
                anyhow::bail!("GPU {ordinal} is not there: the driver {path} has {count}");
            };
            self.devices.push(*device);
            self.profiles.push(profile.clone());
        }
        Ok(())
    }

    /// The devices' profiles.
    pub(super) fn profiles(&self) -> &[DeviceProfile] {
        &self.profiles
    }

    /// What `cuDriverGetVersion` reports.
    pub(super) fn version(&self) -> i32 {
        self.version
    }

    /// Makes the caller's context the thread's current one.
    fn enter(&self, cx: Cx) -> CuResult<()> {
        // Acquire: pairs with the release in `forget_context`.
        let now = (self.epoch.load(Ordering::Acquire), cx.context);
        if CURRENT.get().0 == u64::MAX {
            self.relax_captures();
        }
        if CURRENT.get() == now {
            return Ok(());
        }
        let real = match cx.context.is_none() {
            true => Context::NONE,
            false => self.real_context(cx.context)?,
        };
        self.set_current(real)?;
        CURRENT.set(now);
        Ok(())
    }

    /// The library's context.
    fn real_context(&self, context: Context) -> CuResult<Context> {
        lock(&self.contexts)
            .get(&context)
            .copied()
            .ok_or(CuError::INVALID_CONTEXT)
    }

    /// A context has ended: no thread may believe that it is current.
    fn forget_context(&self, context: Context) -> Option<Context> {
        let real = lock(&self.contexts).remove(&context);
        // Release: whoever sees the new epoch sees the map without the context.
        self.epoch.fetch_add(1, Ordering::Release);
        real
    }

    /// The physical device.
    fn real_device(&self, device: Device) -> CuResult<Device> {
        let ordinal = usize::try_from(device.0).map_err(|_| CuError::INVALID_DEVICE)?;
        self.devices
            .get(ordinal)
            .copied()
            .ok_or(CuError::INVALID_DEVICE)
    }

    /// A structure with the physical device in it.
    fn located<T: Located>(&self, value: &T) -> CuResult<T> {
        let mut value = *value;
        let location = value.location_mut();
        if location.r#type == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
            location.id = self.real_device(Device(location.id))?.0;
        }
        Ok(value)
    }

    /// The same with the virtual device in it.
    fn virtually<T: Located>(&self, value: T) -> T {
        let mut value = value;
        let location = value.location_mut();
        if location.r#type == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
            let real = Device(location.id);
            let at = self.devices.iter().position(|device| *device == real);
            location.id = at.map_or(-1, |at| at as i32);
        }
        value
    }

    /// Several.
    fn all_located<T: Located>(&self, values: &[T]) -> CuResult<Vec<T>> {
        values.iter().map(|value| self.located(value)).collect()
    }
}

/// What names a device inside.
trait Located: Copy {
    /// Where.
    fn location_mut(&mut self) -> &mut CUmemLocation;
}

impl Located for CUmemLocation {
    fn location_mut(&mut self) -> &mut CUmemLocation {
        self
    }
}

macro_rules! located {
    ($($name:ident),*) => {
        $(
            impl Located for $name {
                fn location_mut(&mut self) -> &mut CUmemLocation {
                    &mut self.location
                }
            }
        )*
    };
}

located!(CUmemPoolProps, CUmemAccessDesc, CUmemAllocationProp);

/// A length that a peer asked for, if it may.
fn bounded(len: usize) -> CuResult<usize> {
    match len <= RESULTS_MAX {
        true => Ok(len),
        false => Err(CuError::INVALID_VALUE),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change under these locks is a single step: a panic elsewhere leaves the maps whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
