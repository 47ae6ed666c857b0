//! The libraries that a program is started with, and the environment by which it finds them.
//!
//! Which of them and with what settings is decided by `run` and `soft`. Read [`Libraries`] first.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rigel_pool_server::paths;

/// A `libcuda.so.1`, and the `libnvidia-ml.so.1` beside it where there is one.
#[derive(Debug)]
pub(crate) struct Libraries {
    pub(crate) cuda: PathBuf,
    nvml: Option<PathBuf>,
}

/// Variables and their values.
pub(crate) type Environment = Vec<(&'static str, OsString)>;

impl Libraries {
    /// Those of a client of a pool.
    pub(crate) fn client() -> anyhow::Result<Self> {
        let cuda = paths::shim().context(
            "the client library (shim/libcuda.so.1) is not beside the rigel binary; \
             in a build tree run `cargo xtask layout`, or set RIGEL_LIB_DIR",
        )?;
        Ok(Self {
            cuda,
            nvml: paths::nvml(),
        })
    }

    /// The soft driver itself.
    pub(crate) fn soft() -> anyhow::Result<Self> {
        let cuda = paths::soft_driver().context(
            "the soft driver (soft/libcuda.so.1) is not beside the rigel binary; \
             in a build tree run `cargo xtask layout`, or set RIGEL_LIB_DIR",
        )?;
        Ok(Self {
            cuda,
            nvml: paths::nvml(),
        })
    }

    /// What makes a program find them: preloaded for those that dlopen by name, in the search path
    /// for those that look for a file.
    pub(crate) fn environment(&self) -> Environment {
        let files: Vec<&Path> = [Some(self.cuda.as_path()), self.nvml.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        let folders: Vec<&Path> = files.iter().filter_map(|file| file.parent()).collect();
        let variable = |name| std::env::var_os(name).unwrap_or_default();
        let mut set = vec![
            ("LD_PRELOAD", preload(&files, &variable("LD_PRELOAD"))),
            (
                "LD_LIBRARY_PATH",
                before(&folders, &variable("LD_LIBRARY_PATH")),
            ),
        ];
        if let Some(folder) = self.cuda.parent() {
            set.push(("TRITON_LIBCUDA_PATH", folder.into()));
        }
        set
    }
}

/// What makes clients keep their kernels as PTX, which is what the soft driver executes. Each only
/// if the user has not set it; documented in docs/clients.md.
pub(crate) fn ptx_environment() -> Environment {
    let mut wanted: Environment = vec![
        ("CUPY_COMPILE_WITH_PTX", "1".into()),
        ("NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS", "0".into()),
    ];
    if let Some(ptxas) = paths::ptxas() {
        // XLA takes `bin/ptxas` of this folder.
        if let Some(folder) = ptxas.parent() {
            wanted.push(("CUDA_ROOT", folder.into()));
        }
        wanted.push(("TRITON_PTXAS_PATH", ptxas.clone().into()));
        wanted.push(("TRITON_PTXAS_BLACKWELL_PATH", ptxas.into()));
    }
    wanted.retain(|(name, _)| std::env::var_os(name).is_none());
    wanted
}

/// These files, then what was preloaded already, except another library of the same name: of two,
/// a program would use the first and load both.
fn preload(files: &[&Path], old: &OsStr) -> OsString {
    let ours: Vec<&OsStr> = files.iter().filter_map(|file| file.file_name()).collect();
    let kept = std::env::split_paths(old)
        .filter(|path| !path.as_os_str().is_empty())
        .filter(|path| !path.file_name().is_some_and(|name| ours.contains(&name)));
    joined(files.iter().map(PathBuf::from).chain(kept))
}

/// These folders, then what the variable holds already.
fn before(folders: &[&Path], old: &OsStr) -> OsString {
    let kept = std::env::split_paths(old).filter(|path| !path.as_os_str().is_empty());
    joined(folders.iter().map(PathBuf::from).chain(kept))
}

fn joined(paths: impl Iterator<Item = PathBuf>) -> OsString {
    let mut value = OsString::new();
    for path in paths {
        if !value.is_empty() {
            value.push(OsStr::new(":"));
        }
        value.push(path);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preload_replaces_libraries_of_the_same_name() {
        let files = [Path::new("/a/libcuda.so.1")];
        let old = OsStr::new("/b/libcuda.so.1:/c/libtrace.so");
        assert_eq!(preload(&files, old), "/a/libcuda.so.1:/c/libtrace.so");
    }

    #[test]
    fn before_puts_ours_first_and_no_empty_parts() {
        let folders = [Path::new("/a")];
        assert_eq!(before(&folders, OsStr::new("")), "/a");
        assert_eq!(before(&folders, OsStr::new("/b::/c")), "/a:/b:/c");
    }
}
