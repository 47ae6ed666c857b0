//! Contexts of the process: primary ones with their reference counts, created ones with what they
//! were created with.
//!
//! The primary context of a device has one handle, [`Context::primary`], which exists before anybody
//! retains it. The driver is told of the first retain and the last release only. Which context is
//! current to a thread stands in [`crate::current`]. Read [`retain`] first.
//!
//! Rules:
//! 1. [`epoch`] grows after every change that makes a context live or dead.
//! 2. A primary context's lock is held while the driver activates or resets it: a second retain must
//!    not return before the first is done. The driver calls nothing of this crate.
//! 3. The state of a primary context is also in an atomic word, so that asking takes no lock.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

use rigel_protocol::handle::{Context, Device};
use rigel_protocol::{CuError, CuResult};

use crate::install::driver;
use crate::local_storage;

/// `CUctx_flags` that a caller may set.
const FLAGS_MASK: u32 = 0xff;

/// The scheduling flags; at most one of them may be set.
const SCHED_MASK: u32 = 0x07;

/// The version contexts report: the interface introduced by CUDA 3.2.
pub(crate) const API_VERSION: u32 = 3020;

const PRIMARIES: usize = Context::PRIMARY_MAX as usize;

static EPOCH: AtomicU64 = AtomicU64::new(1);
static PRIMARY: [Mutex<Primary>; PRIMARIES] = [const { Mutex::new(Primary::new()) }; PRIMARIES];
static PRIMARY_STATE: [AtomicU64; PRIMARIES] = [const { AtomicU64::new(0) }; PRIMARIES];
static CREATED: RwLock<BTreeMap<u64, Created>> = RwLock::new(BTreeMap::new());

/// A device's primary context.
struct Primary {
    retains: u32,
    flags: u32,
}

/// A context made by `cuCtxCreate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Created {
    /// Its device.
    pub(crate) device: Device,
    /// Its flags.
    pub(crate) flags: u32,
    /// What `cuCtxAttach` and `cuCtxDetach` count.
    uses: u32,
}

/// A number that differs whenever a context has begun or ended since it was last read.
#[inline]
pub(crate) fn epoch() -> u64 {
    // Acquire pairs with the release in `changed`: the change itself is seen.
    EPOCH.load(Ordering::Acquire)
}

/// The device of a context that is alive; see [`crate::current::live_cx`] for the errors.
pub(crate) fn live_device(context: Context) -> CuResult<Device> {
    if let Some(device) = context.primary_device() {
        return match primary_state(device) {
            (_, true) => Ok(device),
            (_, false) => Err(CuError::CONTEXT_IS_DESTROYED),
        };
    }
    match created(context) {
        Ok(created) => Ok(created.device),
        Err(_) => Err(CuError::CONTEXT_IS_DESTROYED),
    }
}

/// The device of a context, active or not; `CUDA_ERROR_INVALID_CONTEXT` for what is no context.
pub(crate) fn device(context: Context) -> CuResult<Device> {
    match context.primary_device() {
        Some(device) => {
            driver()?
                .device(device)
                .map_err(|_| CuError::INVALID_CONTEXT)?;
            Ok(device)
        }
        None => created(context).map(|created| created.device),
    }
}

/// The flags of a context.
pub(crate) fn flags(context: Context) -> CuResult<u32> {
    match context.primary_device() {
        Some(device) => Ok(primary_state(device).0),
        None => created(context).map(|created| created.flags),
    }
}

/// Changes the flags of a context.
pub(crate) fn set_flags(context: Context, flags: u32) -> CuResult<()> {
    check_flags(flags)?;
    if let Some(device) = context.primary_device() {
        let mut primary = lock(device)?;
        primary.flags = flags;
        publish(device, &primary);
        return Ok(());
    }
    match write_created().get_mut(&context.0) {
        Some(created) => created.flags = flags,
        None => return Err(CuError::INVALID_CONTEXT),
    }
    Ok(())
}

/// Takes a reference on a device's primary context; the first activates it.
pub(crate) fn retain(device: Device) -> CuResult<Context> {
    let driver = driver()?;
    driver.device(device)?;
    let mut primary = lock(device)?;
    if primary.retains == 0 {
        driver.primary_activate(device, primary.flags)?;
    }
    primary.retains = primary
        .retains
        .checked_add(1)
        .ok_or(CuError::INVALID_VALUE)?;
    publish(device, &primary);
    Ok(Context::primary(device))
}

/// Gives a reference back; the last destroys what the context holds.
pub(crate) fn release(device: Device) -> CuResult<()> {
    let driver = driver()?;
    driver.device(device)?;
    let last = {
        let mut primary = lock(device)?;
        match primary.retains {
            0 => return Err(CuError::INVALID_CONTEXT),
            1 => {
                driver.primary_reset(device)?;
                primary.retains = 0;
            }
            _ => primary.retains -= 1,
        }
        publish(device, &primary);
        primary.retains == 0
    };
    if last {
        local_storage::clear(Context::primary(device));
    }
    Ok(())
}

/// Destroys what a primary context holds, whoever has references; it is inactive until it is
/// retained again.
pub(crate) fn reset(device: Device) -> CuResult<()> {
    let driver = driver()?;
    driver.device(device)?;
    {
        let mut primary = lock(device)?;
        if primary.retains > 0 {
            driver.primary_reset(device)?;
        }
        primary.retains = 0;
        publish(device, &primary);
    }
    local_storage::clear(Context::primary(device));
    Ok(())
}

/// Sets the flags of a primary context, active or not.
pub(crate) fn set_primary_flags(device: Device, flags: u32) -> CuResult<()> {
    driver()?.device(device)?;
    set_flags(Context::primary(device), flags)
}

/// The flags of a primary context and whether it is active. Takes no lock.
#[inline]
pub(crate) fn primary_state(device: Device) -> (u32, bool) {
    let Some(state) = usize::try_from(device.0)
        .ok()
        .and_then(|ordinal| PRIMARY_STATE.get(ordinal))
    else {
        return (0, false);
    };
    // Acquire pairs with the release in `publish`.
    let word = state.load(Ordering::Acquire);
    (word as u32, word >> 32 != 0)
}

/// Creates a context.
pub(crate) fn create(device: Device, flags: u32) -> CuResult<Context> {
    check_flags(flags)?;
    let driver = driver()?;
    driver.device(device)?;
    let context = driver.context_create(device, flags)?;
    write_created().insert(
        context.0,
        Created {
            device,
            flags,
            uses: 1,
        },
    );
    changed();
    Ok(context)
}

/// Destroys a created context; primary ones are released instead.
pub(crate) fn destroy(context: Context) -> CuResult<()> {
    if context.primary_device().is_some() {
        return Err(CuError::INVALID_CONTEXT);
    }
    write_created()
        .remove(&context.0)
        .ok_or(CuError::INVALID_CONTEXT)?;
    changed();
    local_storage::clear(context);
    driver()?.context_destroy(context)
}

/// Counts a use of a created context up (`cuCtxAttach`).
pub(crate) fn attach(context: Context) -> CuResult<()> {
    let mut all = write_created();
    let created = all.get_mut(&context.0).ok_or(CuError::INVALID_CONTEXT)?;
    created.uses = created.uses.checked_add(1).ok_or(CuError::INVALID_VALUE)?;
    Ok(())
}

/// Counts a use down (`cuCtxDetach`); the last destroys the context.
pub(crate) fn detach(context: Context) -> CuResult<()> {
    let last = {
        let mut all = write_created();
        let created = all.get_mut(&context.0).ok_or(CuError::INVALID_CONTEXT)?;
        created.uses -= 1;
        created.uses == 0
    };
    if last { destroy(context) } else { Ok(()) }
}

/// A number that names the context as long as the process runs.
pub(crate) fn id(context: Context) -> CuResult<u64> {
    device(context)?;
    context
        .index()
        .map(|index| u64::from(index) + 1)
        .ok_or(CuError::INVALID_CONTEXT)
}

/// Refuses flags that CUDA does not know, and more than one way of waiting.
fn check_flags(flags: u32) -> CuResult<()> {
    if flags & !FLAGS_MASK != 0 || (flags & SCHED_MASK).count_ones() > 1 {
        return Err(CuError::INVALID_VALUE);
    }
    Ok(())
}

fn created(context: Context) -> CuResult<Created> {
    CREATED
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&context.0)
        .copied()
        .ok_or(CuError::INVALID_CONTEXT)
}

fn write_created() -> std::sync::RwLockWriteGuard<'static, BTreeMap<u64, Created>> {
    CREATED.write().unwrap_or_else(PoisonError::into_inner)
}

fn lock(device: Device) -> CuResult<MutexGuard<'static, Primary>> {
    let primary = usize::try_from(device.0)
        .ok()
        .and_then(|ordinal| PRIMARY.get(ordinal))
        .ok_or(CuError::INVALID_DEVICE)?;
    Ok(primary.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Shows a primary context's state to those who ask without its lock.
fn publish(device: Device, primary: &Primary) {
    let active = u64::from(primary.retains > 0);
    let state = usize::try_from(device.0)
        .ok()
        .and_then(|ordinal| PRIMARY_STATE.get(ordinal));
    if let Some(state) = state {
        // Release: who sees the new state sees what the driver did before it.
        let word = active << 32 | u64::from(primary.flags);
        if state.swap(word, Ordering::AcqRel) != word {
            changed();
        }
    }
}

fn changed() {
    // Release publishes the change to those who read the epoch.
    EPOCH.fetch_add(1, Ordering::Release);
}

impl Primary {
    const fn new() -> Self {
        Self {
            retains: 0,
            flags: 0,
        }
    }
}
