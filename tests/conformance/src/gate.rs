//! A host function that holds a stream until it is let go: work that is surely not done yet.

use std::ffi::c_void;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::cuda::{Cuda, Status};

/// How long a stream is held at most: a case that forgets to let go must not hang.
const HELD_MAX: Duration = Duration::from_secs(20);

/// Holds a stream. Dropped, it lets go.
#[derive(Debug)]
pub(crate) struct Gate(&'static Latch);

#[derive(Debug, Default)]
struct Latch {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    /// Work of this stream waits here.
    pub(crate) fn hold(cu: &Cuda, stream: u64) -> Self {
        let latch: &'static Latch = Box::leak(Box::default());
        let data = std::ptr::from_ref(latch).cast_mut().cast::<c_void>();
        cu.cuLaunchHostFunc(stream, Some(wait), data)
            .must("cuLaunchHostFunc");
        Self(latch)
    }

    /// Lets the stream go on.
    pub(crate) fn open(&self) {
        *self
            .0
            .is_open
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.0.opened.notify_all();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

#[expect(unsafe_code, reason = "a host function gets an address")]
unsafe extern "C" fn wait(data: *mut c_void) {
    // SAFETY: `hold` passes a latch that is never freed.
    let latch = unsafe { &*data.cast::<Latch>() };
    let is_open = latch.is_open.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = latch
        .opened
        .wait_timeout_while(is_open, HELD_MAX, |is_open| !*is_open);
    drop(waited.unwrap_or_else(PoisonError::into_inner));
}

/// What host functions of a case wrote down, in the order in which they ran.
#[derive(Debug, Default)]
pub(crate) struct Diary(Mutex<Vec<u32>>);

/// An entry that a host function makes.
struct Entry {
    diary: &'static Diary,
    value: u32,
}

impl Diary {
    /// An empty one, which stays.
    pub(crate) fn new() -> &'static Self {
        Box::leak(Box::default())
    }

    /// Lets a host function write a value.
    pub(crate) fn launch(&'static self, cu: &Cuda, stream: u64, value: u32) -> Status {
        cu.cuLaunchHostFunc(stream, Some(note), self.entry(value))
    }

    /// What [`note`] takes.
    pub(crate) fn entry(&'static self, value: u32) -> *mut c_void {
        Box::into_raw(Box::new(Entry { diary: self, value })).cast()
    }

    /// Writes a value.
    pub(crate) fn write(&self, value: u32) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(value);
    }

    /// Everything written: `1,2,3`.
    pub(crate) fn text(&self) -> String {
        let values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let values: Vec<String> = values.iter().map(u32::to_string).collect();
        values.join(",")
    }
}

/// The host function of a [`Diary`]; may run any number of times.
#[expect(unsafe_code, reason = "a host function gets an address")]
pub(crate) unsafe extern "C" fn note(data: *mut c_void) {
    // SAFETY: `entry` made it and nobody frees it.
    let entry = unsafe { &*data.cast::<Entry>() };
    entry.diary.write(entry.value);
}
