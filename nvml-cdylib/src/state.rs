//! What the library knows between `nvmlInit` and `nvmlShutdown`: the latest view of the lease.
//!
//! A view is asked for by `nvmlInit`, and again by a query of something that changes once the last
//! one is older than [`FRESH`]. Devices themselves do not change while the library is initialised.
//! Read [`devices`] and [`fresh_device`] first.
//!
//! Rules:
//! 1. No lock is held while the daemon is asked.
//! 2. A handle is a number that means the same device after another initialisation.

use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rigel_protocol::client_file::{self, ClientFile};
use rigel_protocol::control::{GpuView, View};

use crate::config::PoolConfig;
use crate::status::{NvmlError, NvmlResult};
use crate::{pool, soft};

/// How long a view serves queries of things that change.
const FRESH: Duration = Duration::from_millis(200);

/// The handle of device 0; a device's index is added to it.
const HANDLE_BASE: usize = 0x6e76_6d6c_0000;

/// `nvmlDevice_t`: an opaque pointer to C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Handle(pub(crate) usize);

/// Initialisations not yet shut down, and the latest view.
struct State {
    uses: u32,
    latest: Option<(Arc<View>, Instant)>,
}

static STATE: Mutex<State> = Mutex::new(State {
    uses: 0,
    latest: None,
});

/// `nvmlInit`.
pub(crate) fn init() -> NvmlResult<()> {
    let view = Arc::new(ask()?);
    let mut state = lock();
    state.uses = state.uses.checked_add(1).ok_or(NvmlError::UNKNOWN)?;
    state.latest = Some((view, Instant::now()));
    Ok(())
}

/// `nvmlShutdown`.
pub(crate) fn shutdown() -> NvmlResult<()> {
    let mut state = lock();
    state.uses = state.uses.checked_sub(1).ok_or(NvmlError::UNINITIALIZED)?;
    if state.uses == 0 {
        state.latest = None;
    }
    Ok(())
}

/// The view that `nvmlInit` or a later query got.
pub(crate) fn devices() -> NvmlResult<Arc<View>> {
    let state = lock();
    let (view, _) = state.latest.as_ref().ok_or(NvmlError::UNINITIALIZED)?;
    Ok(Arc::clone(view))
}

/// Something about a device that does not change.
pub(crate) fn device<T>(
    handle: Handle,
    read: impl FnOnce(usize, &GpuView) -> NvmlResult<T>,
) -> NvmlResult<T> {
    let view = devices()?;
    let index = index(handle, &view)?;
    read(index, &view.gpus[index])
}

/// Something about a device that does.
pub(crate) fn fresh_device<T>(
    handle: Handle,
    read: impl FnOnce(&GpuView) -> NvmlResult<T>,
) -> NvmlResult<T> {
    let asked = {
        let state = lock();
        let (view, when) = state.latest.as_ref().ok_or(NvmlError::UNINITIALIZED)?;
        (when.elapsed() < FRESH).then(|| Arc::clone(view))
    };
    let view = match asked {
        Some(view) => view,
        None => {
            let view = Arc::new(ask()?);
            let mut state = lock();
            if state.uses > 0 {
                state.latest = Some((Arc::clone(&view), Instant::now()));
            }
            view
        }
    };
    let index = index(handle, &view)?;
    read(&view.gpus[index])
}

/// The handle of the device with this index.
pub(crate) fn handle(index: usize) -> Handle {
    Handle(HANDLE_BASE + index)
}

fn index(handle: Handle, view: &View) -> NvmlResult<usize> {
    handle
        .0
        .checked_sub(HANDLE_BASE)
        .filter(|index| *index < view.gpus.len())
        .ok_or(NvmlError::INVALID_ARGUMENT)
}

/// Asks whoever knows: the pool, or the settings of the soft driver where that is what runs.
fn ask() -> NvmlResult<View> {
    let env = |name: &str| std::env::var_os(name);
    let file = client_file(&env)?;
    let config = PoolConfig::read(&|name| file.lookup(env, name)).map_err(|bad| {
        tracing::warn!(setting = bad.0, "setting is not understood");
        NvmlError::INVALID_ARGUMENT
    })?;
    let mut view = match !config.is_explicit && soft::is_in_use(&env) {
        true => soft::view(&env),
        false => pool::ask(&config)?,
    };
    // Indices follow the bus, whatever CUDA's order is, and CUDA_VISIBLE_DEVICES hides nothing here.
    view.gpus.sort_by_key(|gpu| {
        let pci = gpu.profile.pci;
        (pci.domain, pci.bus, pci.device)
    });
    Ok(view)
}

/// What a container's file says, where the environment leaves the pool open.
fn client_file(env: &dyn Fn(&str) -> Option<std::ffi::OsString>) -> NvmlResult<ClientFile> {
    if !ClientFile::is_wanted(env) {
        return Ok(ClientFile::default());
    }
    let mut text = String::new();
    let read = std::fs::File::open(client_file::PATH)
        .and_then(|file| file.take(client_file::BYTES_MAX).read_to_string(&mut text));
    let bad = |error: &dyn std::fmt::Display| {
        tracing::warn!(file = client_file::PATH, %error, "settings are not understood");
        NvmlError::INVALID_ARGUMENT
    };
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(ClientFile::default()),
        Err(error) => Err(bad(&error)),
        Ok(_) => ClientFile::parse(&text).map_err(|error| bad(&error)),
    }
}

fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
