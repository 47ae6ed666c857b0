//! The current context of each thread, and the number of each thread.
//!
//! CUDA keeps a stack of contexts per thread; the top is the current one. Nothing here leaves the
//! process: libraries ask for the current context and its device about a thousand times in one
//! training step. Read [`live_cx`] first; what a context *is* stands in [`crate::context`].
//!
//! Rules:
//! 1. A thread's state is its own: cells, no locks. Only handing out thread numbers takes one.
//! 2. A context checked once needs no look-up until some context ends or begins anywhere in the
//!    process, which [`crate::context::epoch`] tells.
//! 3. Everything here works while a thread's other thread-local values are being destroyed.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::{Mutex, PoisonError};

use rigel_protocol::custom::DeviceProfile;
use rigel_protocol::handle::{Context, Device};
use rigel_protocol::{CuError, CuResult, Cx, ThreadId};

use crate::context;
use crate::install;

/// Deepest stack of contexts a thread may have.
const STACK_MAX: usize = 4096;

/// What a thread's calls begin with. One value: each look for a thread-local one is a call.
struct Current {
    /// The context on top of the stack.
    context: Cell<Context>,
    /// What was found out about it.
    checked: Cell<Checked>,
    /// The number of the thread; 0 before its first call.
    number: Cell<u32>,
}

/// A context that was found alive.
#[derive(Clone, Copy)]
struct Checked {
    /// When; 0 never is.
    epoch: u64,
    /// Its device.
    device: Device,
    /// What is known of the device.
    profile: Option<&'static DeviceProfile>,
}

/// Nothing was found out.
const UNCHECKED: Checked = Checked {
    epoch: 0,
    device: Device(0),
    profile: None,
};

thread_local! {
    static CURRENT: Current = const {
        Current {
            context: Cell::new(Context::NONE),
            checked: Cell::new(UNCHECKED),
            number: Cell::new(0),
        }
    };
    /// What lies under the top. Empty in nearly every thread.
    static BELOW: RefCell<Vec<Context>> = const { RefCell::new(Vec::new()) };
    /// Its destruction is the end of the thread.
    static END: End = const { End };
}

/// Numbers of ended threads, to be used again, and how many there are in all.
static NUMBERS: Mutex<Numbers> = Mutex::new(Numbers {
    free: BinaryHeap::new(),
    highest: 0,
});

/// The caller, whether or not it has a context.
#[inline]
pub(crate) fn cx() -> Cx {
    CURRENT.with(Current::cx)
}

/// The caller with a context that is alive: `CUDA_ERROR_INVALID_CONTEXT` if it has none,
/// `CUDA_ERROR_CONTEXT_IS_DESTROYED` if it is destroyed or an inactive primary one.
#[inline]
pub(crate) fn live_cx() -> CuResult<Cx> {
    CURRENT.with(|current| {
        if current.checked.get().epoch != context::epoch() {
            check()?;
        }
        Ok(current.cx())
    })
}

/// As [`live_cx`], and what is known of the context's device.
#[inline]
pub(crate) fn live_on_device() -> CuResult<(Cx, &'static DeviceProfile)> {
    CURRENT.with(|current| {
        if current.checked.get().epoch != context::epoch() {
            check()?;
        }
        let profile = current.checked.get().profile;
        Ok((current.cx(), profile.ok_or(CuError::INVALID_DEVICE)?))
    })
}

/// The device of the current context, which may be an inactive primary one;
/// `CUDA_ERROR_INVALID_CONTEXT` if there is none.
#[inline]
pub(crate) fn device() -> CuResult<Device> {
    let checked = CURRENT.with(|current| current.checked.get());
    if checked.epoch == context::epoch() {
        return Ok(checked.device);
    }
    match (check(), get()) {
        (Ok(()), _) => Ok(CURRENT.with(|current| current.checked.get().device)),
        (_, Context::NONE) => Err(CuError::INVALID_CONTEXT),
        (_, current) => context::device(current),
    }
}

/// The current context; [`Context::NONE`] if there is none.
#[inline]
pub(crate) fn get() -> Context {
    CURRENT.with(|current| current.context.get())
}

/// Replaces the top of the stack (`cuCtxSetCurrent`); [`Context::NONE`] removes it.
pub(crate) fn set(context: Context) {
    if context.is_none() {
        // The stack may have been nothing but this.
        let _ = pop();
        return;
    }
    replace_top(context);
}

/// Puts a context on top of the stack.
pub(crate) fn push(context: Context) -> CuResult<()> {
    let top = get();
    if !top.is_none() {
        BELOW
            .try_with(|below| {
                let mut below = below.borrow_mut();
                if below.len() >= STACK_MAX {
                    return Err(CuError::OUT_OF_MEMORY);
                }
                below.push(top);
                Ok(())
            })
            .map_err(|_| CuError::DEINITIALIZED)??;
    }
    replace_top(context);
    Ok(())
}

/// Takes the context from the top of the stack; `CUDA_ERROR_INVALID_CONTEXT` if it is empty.
pub(crate) fn pop() -> CuResult<Context> {
    let top = get();
    if top.is_none() {
        return Err(CuError::INVALID_CONTEXT);
    }
    let next = BELOW.try_with(|below| below.borrow_mut().pop());
    replace_top(next.ok().flatten().unwrap_or(Context::NONE));
    Ok(top)
}

impl Current {
    #[inline]
    fn cx(&self) -> Cx {
        Cx {
            context: self.context.get(),
            thread: self.thread(),
        }
    }

    /// The number of the thread, given at its first call.
    #[inline]
    fn thread(&self) -> ThreadId {
        match self.number.get() {
            0 => first_call(),
            number => ThreadId(number),
        }
    }
}

fn replace_top(context: Context) {
    CURRENT.with(|current| {
        current.context.set(context);
        current.checked.set(UNCHECKED);
    });
}

/// Looks the current context up and remembers the answer.
#[cold]
fn check() -> CuResult<()> {
    let context = get();
    if context.is_none() {
        return Err(CuError::INVALID_CONTEXT);
    }
    // Read before the look-up: what ends after this makes the answer stale, not wrong.
    let epoch = context::epoch();
    let device = context::live_device(context)?;
    let profile = install::driver().and_then(|driver| driver.device(device));
    let checked = Checked {
        epoch,
        device,
        profile: profile.ok(),
    };
    CURRENT.with(|current| current.checked.set(checked));
    Ok(())
}

#[cold]
fn first_call() -> ThreadId {
    let number = NUMBERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    CURRENT.with(|current| current.number.set(number));
    // Registers the destructor. A thread that is ending already keeps its number for good.
    let _ = END.try_with(|_| ());
    ThreadId(number)
}

/// The numbers of threads.
struct Numbers {
    free: BinaryHeap<Reverse<u32>>,
    highest: u32,
}

impl Numbers {
    fn take(&mut self) -> u32 {
        if let Some(Reverse(number)) = self.free.pop() {
            return number;
        }
        self.highest += 1;
        self.highest
    }
}

/// Lives as long as its thread.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        let number = CURRENT.with(|current| current.number.replace(0));
        if number == 0 {
            return;
        }
        // A panic here would abort the process; the driver is told in a call of its own.
        crate::ffi::call(|| {
            crate::state::check_ready()?;
            install::driver()?.thread_end(ThreadId(number));
            Ok(())
        });
        NUMBERS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .free
            .push(Reverse(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Context = Context::mint(0);
    const B: Context = Context::mint(1);

    /// A stack per test: each runs in a thread of its own.
    fn alone(body: impl FnOnce() + Send + 'static) {
        std::thread::spawn(body).join().unwrap();
    }

    #[test]
    fn pop_empty_stack_is_invalid_context() {
        alone(|| assert_eq!(pop(), Err(CuError::INVALID_CONTEXT)));
    }

    #[test]
    fn push_pop_restores_what_was_below() {
        alone(|| {
            push(A).unwrap();
            push(B).unwrap();
            assert_eq!(pop(), Ok(B));
            assert_eq!(get(), A);
            assert_eq!(pop(), Ok(A));
            assert_eq!(get(), Context::NONE);
        });
    }

    #[test]
    fn set_replaces_only_the_top() {
        alone(|| {
            push(A).unwrap();
            push(A).unwrap();
            set(B);
            assert_eq!(pop(), Ok(B));
            assert_eq!(get(), A);
        });
    }

    #[test]
    fn set_none_pops() {
        alone(|| {
            push(A).unwrap();
            push(B).unwrap();
            set(Context::NONE);
            assert_eq!(get(), A);
        });
    }

    #[test]
    fn push_beyond_the_limit_is_refused() {
        alone(|| {
            for _ in 0..=STACK_MAX {
                push(A).unwrap();
            }
            assert_eq!(push(A), Err(CuError::OUT_OF_MEMORY));
        });
    }

    #[test]
    fn thread_keeps_its_number_and_numbers_are_distinct() {
        alone(|| {
            let mine = cx().thread;
            assert_eq!(cx().thread, mine);
            std::thread::scope(|scope| {
                let other = scope.spawn(|| cx().thread).join().unwrap();
                assert_ne!(other, mine);
            });
        });
    }

    #[test]
    fn numbers_lowest_free_is_taken_again() {
        let mut numbers = Numbers {
            free: BinaryHeap::new(),
            highest: 0,
        };
        assert_eq!((numbers.take(), numbers.take(), numbers.take()), (1, 2, 3));
        numbers.free.push(Reverse(2));
        numbers.free.push(Reverse(1));
        assert_eq!((numbers.take(), numbers.take(), numbers.take()), (1, 2, 4));
    }
}
