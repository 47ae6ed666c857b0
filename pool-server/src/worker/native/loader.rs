//! Loads a libcuda with optional entry points. Read [`Loaded`] first.
#![expect(unsafe_code, reason = "loads a library and looks symbols up by name")]

use std::ffi::{CStr, CString, c_char, c_int};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use libloading::Library;
use libloading::os::unix;
use rigel_protocol::CuResult;
use rigel_protocol::custom::not_supported;

/// An export of our client library: a worker behind it would forward to itself.
const CLIENT_MARK: &CStr = c"RIGEL_CLIENT_LIBRARY";

/// A loaded library, never unloaded: drivers leave threads behind.
#[derive(Debug)]
pub(super) struct Loaded {
    library: &'static Library,
    path: PathBuf,
}

impl Loaded {
    /// Loads the library at this path, and refuses what cannot be a driver.
    pub(super) fn open(path: &Path) -> anyhow::Result<Self> {
        let flags = unix::RTLD_NOW | unix::RTLD_LOCAL;
        // SAFETY: the path is the operator's choice of a driver, whose initialisers are as
        // trusted as the worker itself.
        let opened = unsafe { unix::Library::open(Some(path), flags) };
        let library = opened.with_context(|| format!("load the driver {}", path.display()))?;
        let library: &'static Library = Box::leak(Box::new(library.into()));
        let loaded = Self {
            library,
            path: path.to_owned(),
        };
        if loaded.has(CLIENT_MARK) {
            bail!(
                "{} is Rigel's own client library, which forwards to a pool; \
                 set the driver to NVIDIA's libcuda.so.1 or to the soft driver's",
                path.display()
            );
        }
        if !loaded.has(c"cuInit") {
            bail!("{} is no CUDA driver: it has no cuInit", path.display());
        }
        Ok(loaded)
    }

    /// The library.
    pub(super) fn library(&self) -> &'static Library {
        self.library
    }

    /// Where it came from.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it has a symbol of this name.
    fn has(&self, name: &CStr) -> bool {
        // SAFETY: the address is only compared, never used as anything.
        unsafe { self.library.get::<*const c_char>(name.to_bytes_with_nul()) }.is_ok()
    }
}

/// An entry point, if the library has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<T> {
    function: Option<T>,
    name: &'static str,
}

impl<T: Copy> Entry<T> {
    /// Looks a symbol up. `T` is the function's type as the table of calls has it.
    pub(super) fn find(library: &Library, name: &'static str) -> Self {
        let symbol = CString::new(name).unwrap_or_default();
        // SAFETY: `T` is the C signature of `name` in the table, which is checked against NVIDIA's
        // headers; the library is never unloaded.
        let found = unsafe { library.get::<T>(symbol.to_bytes_with_nul()) };
        Self {
            function: found.ok().map(|symbol| *symbol),
            name,
        }
    }

    /// The function, or `CUDA_ERROR_NOT_SUPPORTED` from a driver that lacks it.
    pub(super) fn get(&self) -> CuResult<T> {
        match self.function {
            Some(function) => Ok(function),
            None => not_supported(self.name),
        }
    }

    /// The function, where its absence is no news.
    pub(super) fn optional(&self) -> Option<T> {
        self.function
    }

    /// This one, or another of the same signature.
    pub(super) fn or<'a>(&'a self, other: &'a Self) -> &'a Self {
        match (&self.function, &other.function) {
            (None, Some(_)) => other,
            _ => self,
        }
    }
}

/// What a C string of the driver's says.
///
/// # Safety
/// `text` is null or leads to a terminated string that lives across the call.
pub(super) unsafe fn text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not null; terminated and alive as the caller vouches.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

/// The text before the first zero of a buffer that C has filled.
pub(super) fn text_of(buffer: &[u8]) -> String {
    let end = buffer
        .iter()
        .position(|&byte| byte == 0)
        .unwrap_or(buffer.len());
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}

/// Nobody expects more of C: an `int` is 32 bits wherever there is a CUDA driver.
const _: () = assert!(size_of::<c_int>() == 4);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_what_is_no_driver_says_so() {
        let missing = Loaded::open(Path::new("/nonexistent/libcuda.so.1")).unwrap_err();
        assert!(
            missing.to_string().contains("/nonexistent/libcuda.so.1"),
            "{missing}"
        );
        let other = Loaded::open(Path::new("libc.so.6")).unwrap_err();
        assert!(other.to_string().contains("no CUDA driver"), "{other}");
    }

    #[test]
    fn entry_that_is_missing_is_not_supported() {
        let opened = unsafe_open_libc();
        let missing: Entry<extern "C" fn() -> i32> = Entry::find(opened, "cuNothing");
        let present: Entry<extern "C" fn() -> i32> = Entry::find(opened, "getpid");
        assert_eq!(
            missing.get().err(),
            Some(rigel_protocol::CuError::NOT_SUPPORTED)
        );
        assert!(missing.optional().is_none());
        assert!(missing.or(&present).get().is_ok());
    }

    fn unsafe_open_libc() -> &'static Library {
        // SAFETY: the C library is loaded already.
        Box::leak(Box::new(unsafe { Library::new("libc.so.6") }.unwrap()))
    }

    #[test]
    fn text_ends_at_the_first_zero() {
        assert_eq!(text_of(b"ab\0c"), "ab");
        assert_eq!(text_of(b"ab"), "ab");
    }
}
