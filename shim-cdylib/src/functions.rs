//! What is known of functions, by their numbers: read at every launch, by all threads at once, without a
//! lock, a count or a hash. Read [`FunctionTable`] first.
//!
//! The worker numbers functions and kernels together, from [`SERVER_INDICES`] on, and never uses a number
//! again. So a place in the table belongs to one function for good, and is empty once it is gone.
//!
//! Each thread remembers the few that it used last, until anything in any table changes: then a look costs
//! no atomic write.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;
use rigel_protocol::custom::FunctionInfo;
use rigel_protocol::handle::{Function, Kernel};
use rigel_protocol::{CuError, CuResult};

use crate::handles::SERVER_INDICES;

/// Places that come at once.
const SEGMENT: usize = 1 << 10;
/// How often they may come: with the worker's limit of 2²⁰ functions in a session.
const SEGMENTS: usize = 1 << 10;

/// The functions that the program has seen.
pub(crate) struct FunctionTable {
    segments: Box<[OnceLock<Segment>]>,
}

type Segment = Box<[ArcSwapOption<Known>]>;

/// Counts the changes of all tables.
static CHANGES: AtomicU64 = AtomicU64::new(0);

/// How many functions a thread remembers.
const SEEN: usize = 16;

/// The functions that a thread used last, each in the place of its number.
struct Seen {
    /// The table they are of.
    table: usize,
    /// What [`CHANGES`] was.
    changes: u64,
    functions: [Option<Arc<Known>>; SEEN],
}

thread_local! {
    static LAST: RefCell<Seen> = const {
        RefCell::new(Seen {
            table: 0,
            changes: 0,
            functions: [const { None }; SEEN],
        })
    };
}

/// A function in its place.
#[derive(Debug)]
struct Known {
    /// Its handle: a function's or a kernel's.
    function: Function,
    info: Arc<FunctionInfo>,
}

impl std::fmt::Debug for FunctionTable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FunctionTable").finish_non_exhaustive()
    }
}

impl Default for FunctionTable {
    fn default() -> Self {
        Self {
            segments: std::iter::repeat_with(OnceLock::new)
                .take(SEGMENTS)
                .collect(),
        }
    }
}

impl FunctionTable {
    /// Shows what is known of a function; `CUDA_ERROR_INVALID_HANDLE` if there is none.
    #[inline]
    pub(crate) fn with<T>(
        &self,
        function: Function,
        look: impl FnOnce(&Arc<FunctionInfo>) -> T,
    ) -> CuResult<T> {
        let mut look = Some(look);
        // A thread that is ending remembers nothing, nor does a look within a look.
        let seen = LAST.try_with(|last| {
            let mut last = last.try_borrow_mut().ok()?;
            let known = last.function(self, function)?;
            Some(Ok(look.take()?(&known.info)))
        });
        match (seen, look) {
            (Ok(Some(shown)), _) => shown,
            (_, Some(look)) => Ok(look(&self.find(function)?.info)),
            (_, None) => Err(CuError::UNKNOWN),
        }
    }

    /// A function in its place in the table.
    fn find(&self, function: Function) -> CuResult<Arc<Known>> {
        let place = index(function).and_then(|index| {
            let segment = self.segments.get(index / SEGMENT)?.get()?;
            segment.get(index % SEGMENT)
        });
        let known = place.and_then(ArcSwapOption::load_full);
        known
            .filter(|known| known.function == function)
            .ok_or(CuError::INVALID_HANDLE)
    }

    /// What is known of a function, to be kept.
    pub(crate) fn info(&self, function: Function) -> CuResult<Arc<FunctionInfo>> {
        self.with(function, Arc::clone)
    }

    /// Notes what is known of a function from now on.
    pub(crate) fn set(&self, function: Function, info: FunctionInfo) -> CuResult<()> {
        let index = index(function).ok_or(CuError::UNKNOWN)?;
        let segment = self.segments.get(index / SEGMENT).ok_or(CuError::UNKNOWN)?;
        let segment = segment.get_or_init(|| {
            let empty = || ArcSwapOption::from(None);
            std::iter::repeat_with(empty).take(SEGMENT).collect()
        });
        segment[index % SEGMENT].store(Some(Arc::new(Known {
            function,
            info: Arc::new(info),
        })));
        // Release: who sees the new count sees the new function.
        CHANGES.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Notes a function, unless it is known: what was set since stays.
    pub(crate) fn learn(&self, function: Function, info: FunctionInfo) -> CuResult<()> {
        match self.with(function, |_| ()) {
            Ok(()) => Ok(()),
            Err(_) => self.set(function, info),
        }
    }

    /// Forgets the functions of which `gone` says so, and names them.
    pub(crate) fn forget(&self, gone: impl Fn(&FunctionInfo) -> bool) -> Vec<Function> {
        let mut forgotten = Vec::new();
        for place in self.segments.iter().filter_map(OnceLock::get).flatten() {
            let known = place.load();
            if let Some(known) = known.as_ref().filter(|known| gone(&known.info)) {
                forgotten.push(known.function);
                place.store(None);
            }
        }
        // Release: as in `set`.
        CHANGES.fetch_add(1, Ordering::Release);
        forgotten
    }
}

impl Seen {
    /// A function of this table, remembered or looked up.
    #[inline]
    fn function(&mut self, table: &FunctionTable, function: Function) -> Option<&Known> {
        let at = std::ptr::from_ref(table) as usize;
        // Acquire: pairs with the release of who changes a table.
        let changes = CHANGES.load(Ordering::Acquire);
        if (self.table, self.changes) != (at, changes) {
            self.functions.fill(None);
            (self.table, self.changes) = (at, changes);
        }
        let place = &mut self.functions[function.0 as usize % SEEN];
        if place
            .as_ref()
            .is_none_or(|known| known.function != function)
        {
            *place = table.find(function).ok();
        }
        place.as_deref()
    }
}

/// The place of a function or kernel.
#[inline]
fn index(function: Function) -> Option<usize> {
    let index = function.index().or_else(|| Kernel(function.0).index())?;
    index
        .checked_sub(SERVER_INDICES)
        .map(|index| index as usize)
}

#[cfg(test)]
mod tests {
    use rigel_protocol::handle::Module;

    use super::*;

    fn info(module: Module) -> FunctionInfo {
        FunctionInfo {
            module: Some(module),
            ..FunctionInfo::default()
        }
    }

    #[test]
    fn function_and_kernel_of_a_number_are_told_apart() {
        let table = FunctionTable::default();
        let function = Function::mint(SERVER_INDICES + 5000);
        let kernel = Function(Kernel::mint(SERVER_INDICES + 5000).0);
        table.set(function, info(Module::mint(0))).unwrap();
        assert!(table.info(function).is_ok());
        assert_eq!(table.info(kernel), Err(CuError::INVALID_HANDLE));
    }

    #[test]
    fn number_of_nothing_is_invalid() {
        let table = FunctionTable::default();
        for raw in [
            0,
            1,
            u64::MAX,
            Function::mint(3).0,
            Function::mint(u32::MAX).0,
        ] {
            assert_eq!(table.info(Function(raw)), Err(CuError::INVALID_HANDLE));
        }
        let beyond = Function::mint(SERVER_INDICES + (SEGMENT * SEGMENTS) as u32);
        assert_eq!(
            table.set(beyond, FunctionInfo::default()),
            Err(CuError::UNKNOWN)
        );
    }

    #[test]
    fn change_is_seen_by_threads_that_remember() {
        let table = FunctionTable::default();
        let function = Function::mint(SERVER_INDICES + 7);
        let of = |n| info(Module::mint(n));
        table.set(function, of(0)).unwrap();
        assert_eq!(table.info(function).unwrap().module, Some(Module::mint(0)));
        table.set(function, of(1)).unwrap();
        assert_eq!(table.info(function).unwrap().module, Some(Module::mint(1)));
        // Another whose number has the same place.
        let other = Function::mint(SERVER_INDICES + 7 + SEEN as u32);
        assert!(table.info(other).is_err());
        table.set(other, of(2)).unwrap();
        let both = table.with(function, |one| {
            let two = table.info(other).unwrap();
            (one.module, two.module)
        });
        assert_eq!(both, Ok((Some(Module::mint(1)), Some(Module::mint(2)))));
        table.forget(|_| true);
        assert!(table.info(function).is_err());
    }

    #[test]
    fn functions_forgotten_are_those_of_their_module_alone() {
        let table = FunctionTable::default();
        let (one, two) = (
            Function::mint(SERVER_INDICES),
            Function::mint(SERVER_INDICES + 1),
        );
        table.set(one, info(Module::mint(0))).unwrap();
        table.set(two, info(Module::mint(1))).unwrap();
        let gone = table.forget(|info| info.module == Some(Module::mint(0)));
        assert_eq!(gone, [one]);
        assert!(table.info(one).is_err() && table.info(two).is_ok());
    }
}
