//! `cargo xtask gpu-pack`: everything a machine with a GPU needs to try the real path, in one file.
//!
//! There is no GPU where the project is built. The pack holds the release libraries, the `rigel`
//! command, the CUDA programs (static runtime, so that nothing needs to be installed) and a script
//! that runs each natively and pooled and compares. Read [`run`] first.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::toolkit::CudaRuntime;
use crate::workspace::{Profile, Workspace};
use crate::{exec, layout, programs};

/// Pack libraries, server and CUDA programs for a machine with an NVIDIA GPU.
///
/// Copy target/rigel-gpu-pack.tar.gz there, unpack it, run `rigel-gpu-pack/check.sh`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// `cargo xtask gpu-pack`.
pub(crate) fn run(workspace: &Workspace, _args: &Args) -> Result<()> {
    let layout = layout::build(workspace, Profile::Release)?;
    programs::build_cuda(workspace)?;
    let pack = workspace.target().join("rigel-gpu-pack");
    if pack.exists() {
        fs::remove_dir_all(&pack).with_context(|| format!("remove {}", pack.display()))?;
    }
    copy_all(&layout.root, &pack.join("rigel"))?;
    for runtime in CudaRuntime::ALL {
        let built = workspace
            .target()
            .join("programs")
            .join(runtime.name())
            .join("static");
        copy_all(&built, &pack.join("programs").join(runtime.name()))?;
    }
    let script = workspace.root().join("xtask/gpu-pack/check.sh");
    fs::copy(&script, pack.join("check.sh")).context("copy check.sh")?;

    let archive = workspace.target().join("rigel-gpu-pack.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("--create")
        .arg("--gzip")
        .arg("--file")
        .arg(&archive);
    exec::check(
        tar.arg("--directory")
            .arg(workspace.target())
            .arg("rigel-gpu-pack"),
    )?;
    println!(
        "{}: {} bytes",
        archive.display(),
        fs::metadata(&archive)?.len()
    );
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("copy {}", entry.path().display()))?;
        }
    }
    Ok(())
}
