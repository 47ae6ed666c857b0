//! Values that libraries attach to a context, by key: the state behind one of the export tables.
//!
//! Each copy of the CUDA runtime keeps its own state of a context here and asks for it in nearly
//! every call, so [`get`] answers from a small cache of the calling thread: no lock, no hashing of
//! more than a pointer. Read [`get`] first.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rigel_protocol::handle::Context;
use rigel_protocol::{CuError, CuResult};

/// Called when a context ends: context, key, value.
pub(crate) type Destructor = unsafe extern "C" fn(Context, *mut c_void, *mut c_void);

/// Most values in a process.
const ENTRIES_MAX: usize = 1 << 16;

/// Entries of a thread's cache; one process has about five runtimes and a few contexts.
const CACHE: usize = 16;

/// A value with its destructor. Addresses are kept as numbers: nothing here follows them.
#[derive(Clone, Copy)]
struct Entry {
    value: usize,
    destructor: Option<Destructor>,
}

/// One remembered answer: in which epoch, for whom, what.
#[derive(Clone, Copy)]
struct Cached {
    epoch: u64,
    context: Context,
    key: usize,
    value: usize,
}

static ENTRIES: Mutex<BTreeMap<(u64, usize), Entry>> = Mutex::new(BTreeMap::new());

/// Grows whenever a value is put or removed; what threads remember from before is then void.
static EPOCH: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static CACHED: RefCell<[Cached; CACHE]> = const {
        RefCell::new([Cached { epoch: 0, context: Context::NONE, key: 0, value: 0 }; CACHE])
    };
    static NEXT: Cell<usize> = const { Cell::new(0) };
}

/// The value under a key; `CUDA_ERROR_INVALID_HANDLE` if there is none.
pub(crate) fn get(context: Context, key: usize) -> CuResult<usize> {
    // Acquire pairs with the release in `changed`.
    let epoch = EPOCH.load(Ordering::Acquire);
    let cached = CACHED.with_borrow(|cached| {
        cached
            .iter()
            .find(|one| one.epoch == epoch && one.context == context && one.key == key)
            .map(|one| one.value)
    });
    if let Some(value) = cached {
        return Ok(value);
    }
    let value = entries()
        .get(&(context.0, key))
        .map(|entry| entry.value)
        .ok_or(CuError::INVALID_HANDLE)?;
    let slot = NEXT.get() % CACHE;
    NEXT.set(slot + 1);
    CACHED.with_borrow_mut(|cached| {
        cached[slot] = Cached {
            epoch,
            context,
            key,
            value,
        };
    });
    Ok(value)
}

/// Stores a value under a key, in place of an earlier one.
pub(crate) fn put(
    context: Context,
    key: usize,
    value: usize,
    destructor: Option<Destructor>,
) -> CuResult<()> {
    let mut entries = entries();
    if entries.len() >= ENTRIES_MAX {
        return Err(CuError::OUT_OF_MEMORY);
    }
    entries.insert((context.0, key), Entry { value, destructor });
    changed();
    Ok(())
}

/// Removes a value without calling its destructor.
pub(crate) fn remove(context: Context, key: usize) -> CuResult<()> {
    let removed = entries().remove(&(context.0, key));
    changed();
    removed.map(|_| ()).ok_or(CuError::INVALID_HANDLE)
}

/// Removes everything of a context that has ended, and calls the destructors.
pub(crate) fn clear(context: Context) {
    let ended = {
        let mut entries = entries();
        let keys: Vec<_> = entries
            .range((context.0, 0)..=(context.0, usize::MAX))
            .map(|(key, _)| *key)
            .collect();
        let ended: Vec<_> = keys
            .into_iter()
            .filter_map(|key| entries.remove(&key).map(|entry| (key.1, entry)))
            .collect();
        changed();
        ended
    };
    for (key, entry) in ended {
        destroy(context, key, entry);
    }
}

#[expect(
    unsafe_code,
    reason = "calls the function a library left with its value"
)]
fn destroy(context: Context, key: usize, entry: Entry) {
    if let Some(destructor) = entry.destructor {
        // SAFETY: the library that stored the value passed this function for exactly this call.
        unsafe { destructor(context, key as *mut c_void, entry.value as *mut c_void) };
    }
}

fn entries() -> std::sync::MutexGuard<'static, BTreeMap<(u64, usize), Entry>> {
    ENTRIES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn changed() {
    // Release: a thread that sees the new epoch finds the change behind the lock.
    EPOCH.fetch_add(1, Ordering::Release);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    // Contexts that no other test uses: the store is one for the process.
    const A: Context = Context::mint(1001);
    const B: Context = Context::mint(1002);

    #[test]
    fn get_unknown_key_is_invalid_handle() {
        assert_eq!(get(A, 1), Err(CuError::INVALID_HANDLE));
    }

    #[test]
    fn put_replaces_what_a_thread_remembers() {
        put(A, 2, 10, None).unwrap();
        assert_eq!(get(A, 2), Ok(10));
        put(A, 2, 11, None).unwrap();
        assert_eq!(get(A, 2), Ok(11));
        remove(A, 2).unwrap();
        assert_eq!(get(A, 2), Err(CuError::INVALID_HANDLE));
        assert_eq!(remove(A, 2), Err(CuError::INVALID_HANDLE));
    }

    #[test]
    #[expect(unsafe_code, reason = "a destructor has C's signature")]
    fn clear_calls_the_destructors_of_its_context_only() {
        static SUM: AtomicUsize = AtomicUsize::new(0);
        unsafe extern "C" fn add(_: Context, key: *mut c_void, value: *mut c_void) {
            SUM.fetch_add(key as usize * 100 + value as usize, Ordering::Relaxed);
        }
        put(B, 1, 2, Some(add)).unwrap();
        put(B, 3, 4, Some(add)).unwrap();
        put(A, 5, 6, Some(add)).unwrap();
        clear(B);
        assert_eq!(SUM.load(Ordering::Relaxed), 102 + 304);
        assert_eq!(get(B, 1), Err(CuError::INVALID_HANDLE));
        assert_eq!(get(A, 5), Ok(6));
    }
}
