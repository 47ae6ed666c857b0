//! Which pool memory in stream order comes from: what a pointer query names, and what the client can judge
//! itself. It holds no memory and judges no sizes; those are the worker's. Read [`Pools`] first.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use rigel_protocol::generated::driver::PoolApi;
use rigel_protocol::generated::types::{CUmemAllocationType, CUmemLocation, CUmemLocationType};
use rigel_protocol::handle::{Device, MemPool};
use rigel_protocol::{CuError, CuResult, Cx};

use crate::remote::Remote;

/// The pool of each device that was asked for or set. There are no more than devices.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    current: RwLock<HashMap<Device, MemPool>>,
}

impl Pools {
    /// A device's pool is another one from now on.
    fn set(&self, device: Device, pool: MemPool) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.insert(device, pool);
    }

    /// A pool is gone: devices whose pool it was have their default pool again.
    fn forget(&self, pool: MemPool) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.retain(|_, of_device| *of_device != pool);
    }

    fn known(&self, device: Device) -> Option<MemPool> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.get(&device).copied()
    }
}

/// The pool that memory of the current device comes from. The worker is asked once; whoever cannot be
/// told has memory of no pool.
pub(crate) fn pool_in_use(remote: &Remote, cx: Cx) -> MemPool {
    let Ok(session) = remote.session() else {
        return MemPool::NONE;
    };
    let device = session.contexts.device(cx.context).unwrap_or(Device(0));
    if let Some(pool) = session.pools.known(device) {
        return pool;
    }
    match remote.device_get_mem_pool(cx, device) {
        Ok(pool) => {
            session.pools.set(device, pool);
            pool
        }
        Err(_) => MemPool::NONE,
    }
}

/// `cuDeviceSetMemPool`.
pub(crate) fn device_set_mem_pool(
    remote: &Remote,
    cx: Cx,
    device: Device,
    pool: MemPool,
) -> CuResult<()> {
    remote.send_device_set_mem_pool(cx, device, pool)?;
    remote.session()?.pools.set(device, pool);
    Ok(())
}

/// `cuMemSetMemPool`: `cuDeviceSetMemPool` for every kind of place.
pub(crate) fn mem_set_mem_pool(
    remote: &Remote,
    cx: Cx,
    location: &CUmemLocation,
    kind: CUmemAllocationType,
    pool: MemPool,
) -> CuResult<()> {
    remote.send_mem_set_mem_pool(cx, location, kind, pool)?;
    let on_device = location.r#type == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    if on_device && kind == CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED {
        remote.session()?.pools.set(Device(location.id), pool);
    }
    Ok(())
}

/// `cuMemPoolDestroy`. The pools that the program did not make are those that devices begin with, and
/// they stay.
pub(crate) fn mem_pool_destroy(remote: &Remote, cx: Cx, pool: MemPool) -> CuResult<()> {
    remote.check(pool)?;
    let session = remote.session()?;
    if session.handles.is_servers(pool) {
        return Err(CuError::INVALID_VALUE);
    }
    remote.send_mem_pool_destroy(cx, pool)?;
    session.pools.forget(pool);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pool_of_a_device_is_the_last_that_was_set() {
        let pools = Pools::default();
        pools.set(Device(0), MemPool::mint(1));
        pools.set(Device(1), MemPool::mint(2));
        pools.set(Device(0), MemPool::mint(3));
        assert_eq!(pools.known(Device(0)), Some(MemPool::mint(3)));
        assert_eq!(pools.known(Device(1)), Some(MemPool::mint(2)));
    }

    #[test]
    fn pool_that_is_gone_is_no_devices() {
        let pools = Pools::default();
        pools.set(Device(0), MemPool::mint(1));
        pools.set(Device(1), MemPool::mint(2));
        pools.forget(MemPool::mint(1));
        assert_eq!(pools.known(Device(0)), None);
        assert_eq!(pools.known(Device(1)), Some(MemPool::mint(2)));
    }
}
