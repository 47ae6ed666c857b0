//! From a name, a CUDA version and flags to the address of an export (`cuGetProcAddress`).
//!
//! A name stands for several exports: a later version of CUDA gave it new parameters, and some have a
//! form whose null stream is the calling thread's. The newest one that the asking program's version
//! knows is chosen. Read [`find`] first.

use std::ffi::{CStr, c_void};

use rigel_protocol::generated::symbols::{SYMBOLS, Symbol};

use crate::generated::exports::ADDRESSES;

/// `CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM`.
const PER_THREAD: u64 = 2;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// An export.
    Found(*const c_void),
    /// There is nothing of that name.
    Unknown,
    /// There is, but it came later than the version asked for.
    TooNew,
}

/// Looks an export up.
pub(crate) fn find(name: &CStr, version: i32, flags: u64) -> Lookup {
    let Ok(name) = name.to_str() else {
        return Lookup::Unknown;
    };
    match choose(SYMBOLS, name, version, flags & PER_THREAD != 0) {
        Choice::Found(index) => Lookup::Found(ADDRESSES[index].0),
        Choice::Unknown => Lookup::Unknown,
        Choice::TooNew => Lookup::TooNew,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Found(usize),
    Unknown,
    TooNew,
}

/// The symbol to answer with, by its position in the table, which is sorted by base name.
fn choose(table: &[Symbol], name: &str, version: i32, per_thread: bool) -> Choice {
    let start = table.partition_point(|symbol| symbol.base < name);
    let of_name = || {
        table[start..]
            .iter()
            .take_while(|symbol| symbol.base == name)
            .zip(start..)
    };
    if of_name().next().is_none() {
        return Choice::Unknown;
    }
    let version = u32::try_from(version).unwrap_or(0);
    let newest = |per_thread: bool| {
        of_name()
            .filter(|(symbol, _)| symbol.per_thread == per_thread && symbol.since <= version)
            .max_by_key(|(symbol, _)| symbol.since)
            .map(|(_, index)| index)
    };
    let found = per_thread
        .then(|| newest(true))
        .flatten()
        .or_else(|| newest(false));
    found.map_or(Choice::TooNew, Choice::Found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn check(name: &str, version: i32, per_thread: bool, expected: Result<&str, Choice>) {
        let found = match choose(SYMBOLS, name, version, per_thread) {
            Choice::Found(index) => Ok(SYMBOLS[index].name),
            other => Err(other),
        };
        assert_eq!(found, expected, "{name} {version} {per_thread}");
    }

    #[test]
    fn choose_newest_form_the_version_knows() {
        check("cuMemAlloc", 3020, false, Ok("cuMemAlloc_v2"));
        check("cuMemAlloc", 13020, true, Ok("cuMemAlloc_v2"));
        check("cuMemcpyHtoD", 13020, true, Ok("cuMemcpyHtoD_v2_ptds"));
        check("cuMemcpyHtoD", 13020, false, Ok("cuMemcpyHtoD_v2"));
        check("cuMemcpyHtoD", 5000, true, Ok("cuMemcpyHtoD_v2"));
        check("cuCtxGetDevice", 12090, false, Ok("cuCtxGetDevice"));
        check("cuCtxGetDevice", 13000, false, Ok("cuCtxGetDevice_v2"));
        check(
            "cuDevicePrimaryCtxRelease",
            7000,
            false,
            Ok("cuDevicePrimaryCtxRelease"),
        );
        check("cuLaunchKernel", 12000, true, Ok("cuLaunchKernel_ptsz"));
    }

    #[test]
    fn choose_form_of_get_proc_address_follows_the_version() {
        check("cuGetProcAddress", 11030, false, Ok("cuGetProcAddress"));
        check("cuGetProcAddress", 11080, false, Ok("cuGetProcAddress"));
        check("cuGetProcAddress", 12000, false, Ok("cuGetProcAddress_v2"));
    }

    #[test]
    fn choose_what_is_not_there() {
        check("", 0, false, Err(Choice::Unknown));
        check("cuNoSuchCall", 13020, false, Err(Choice::Unknown));
        check("cuMemAlloc_v2", 13020, false, Err(Choice::Unknown));
        check("cuLaunchKernelEx", 11000, false, Err(Choice::TooNew));
        check("cuInit", -1, false, Err(Choice::TooNew));
    }

    #[test]
    fn table_is_sorted_and_as_long_as_the_addresses() {
        assert!(SYMBOLS.is_sorted_by_key(|symbol| symbol.base));
        assert_eq!(SYMBOLS.len(), ADDRESSES.len());
        let names: BTreeSet<_> = SYMBOLS.iter().map(|symbol| symbol.name).collect();
        assert_eq!(names.len(), SYMBOLS.len());
    }

    #[test]
    fn find_every_symbol_is_found_at_its_own_version() {
        for (index, symbol) in SYMBOLS.iter().enumerate() {
            let version = symbol.since as i32;
            let found = choose(SYMBOLS, symbol.base, version, symbol.per_thread);
            assert_eq!(found, Choice::Found(index), "{}", symbol.name);
        }
    }
}
