//! CUDA toolkits put together from Python wheels: nvcc, headers, the runtime library.
//!
//! There are two, which share one compiler: that of CUDA 13, and the same with the headers and the
//! runtime of CUDA 12, whose own nvcc is in no wheel. Nothing of them is ever committed. Read
//! [`Toolkit`] first.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::venv;
use crate::workspace::Workspace;

/// Which CUDA runtime a program is built with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CudaRuntime {
    /// CUDA 12.
    Cuda12,
    /// CUDA 13.
    Cuda13,
}

/// A folder that nvcc takes for an installed toolkit.
#[derive(Debug, Clone)]
pub(crate) struct Toolkit {
    /// The compiler.
    pub(crate) nvcc: PathBuf,
    /// The folder of the runtime libraries.
    pub(crate) lib: PathBuf,
}

impl CudaRuntime {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Cuda12, Self::Cuda13];

    /// The name of its folders and of its list of packages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cuda12 => "cuda12",
            Self::Cuda13 => "cuda13",
        }
    }

    /// The number that its library carries.
    pub(crate) fn major(self) -> u32 {
        match self {
            Self::Cuda12 => 12,
            Self::Cuda13 => 13,
        }
    }
}

/// Installs what is missing and returns the toolkit.
pub(crate) fn ensure(workspace: &Workspace, runtime: CudaRuntime) -> Result<Toolkit> {
    let root = install(workspace, CudaRuntime::Cuda13)?.join("nvidia/cu13");
    let root = match runtime {
        CudaRuntime::Cuda13 => root,
        CudaRuntime::Cuda12 => assemble_cuda12(workspace, &root)?,
    };
    let lib = root.join("lib");
    link_runtime(&lib)?;
    Ok(Toolkit {
        nvcc: root.join("bin/nvcc"),
        lib,
    })
}

fn install(workspace: &Workspace, runtime: CudaRuntime) -> Result<PathBuf> {
    let requirements = workspace
        .programs()
        .join("requirements")
        .join(format!("{}.txt", runtime.name()));
    venv::ensure(
        &workspace.target().join("venvs").join(runtime.name()),
        &requirements,
    )?
    .site_packages()
}

/// nvcc looks for headers beside itself: hard links put CUDA 12's beside CUDA 13's compiler.
fn assemble_cuda12(workspace: &Workspace, compiler: &Path) -> Result<PathBuf> {
    let packages = install(workspace, CudaRuntime::Cuda12)?.join("nvidia");
    let root = workspace.target().join("toolkits/cuda12");
    let stamp = root.join("complete");
    if stamp.exists() {
        return Ok(root);
    }
    if root.exists() {
        fs::remove_dir_all(&root).with_context(|| format!("remove {}", root.display()))?;
    }
    mirror(&compiler.join("bin"), &root.join("bin"))?;
    mirror(&compiler.join("nvvm"), &root.join("nvvm"))?;
    for package in ["cuda_runtime", "cuda_nvcc", "cuda_cccl"] {
        mirror(
            &packages.join(package).join("include"),
            &root.join("include"),
        )?;
    }
    mirror(&packages.join("cuda_runtime/lib"), &root.join("lib"))?;
    fs::write(&stamp, "").with_context(|| format!("write {}", stamp.display()))?;
    Ok(root)
}

/// The linker wants `libcudart.so`; wheels hold only the versioned name.
fn link_runtime(lib: &Path) -> Result<()> {
    let plain = lib.join("libcudart.so");
    if plain.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(lib).with_context(|| format!("read {}", lib.display()))? {
        let name = entry?.file_name();
        if name.to_string_lossy().starts_with("libcudart.so.") {
            return std::os::unix::fs::symlink(&name, &plain)
                .with_context(|| format!("link {}", plain.display()));
        }
    }
    anyhow::bail!("no libcudart.so in {}", lib.display())
}

/// Hard links to every file of a folder, or copies where the file system has no links.
fn mirror(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            mirror(&entry.path(), &target)?;
        } else if !target.exists() && fs::hard_link(entry.path(), &target).is_err() {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}
