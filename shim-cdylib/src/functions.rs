//! What is known of functions, by their numbers: read at every launch, by all threads at once, without a
//! lock, a count or a hash. Read [`FunctionTable`] first.
//!
//! The worker numbers functions and kernels together, from [`SERVER_INDICES`] on, and never uses a number
//! again. So a place in the table belongs to one function for good, and is empty once it is gone.

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
        let place = index(function).and_then(|index| {
            let segment = self.segments.get(index / SEGMENT)?.get()?;
            segment.get(index % SEGMENT)
        });
        let known = place.ok_or(CuError::INVALID_HANDLE)?.load();
        match &*known {
            Some(known) if known.function == function => Ok(look(&known.info)),
            _ => Err(CuError::INVALID_HANDLE),
        }
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
        forgotten
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
