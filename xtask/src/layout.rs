//! Builds our libraries and lays them out under the names that programs load.
//!
//! Cargo names a library after its crate; a CUDA program asks for `libcuda.so.1`. The folder made
//! here is what `rigel` finds beside itself:
//!
//! ```text
//! target/<profile>/layout/bin/rigel
//! target/<profile>/layout/shim/libcuda.so.1
//! target/<profile>/layout/soft/libcuda.so.1
//! target/<profile>/layout/soft/ptxas
//! target/<profile>/layout/soft/bin/ptxas
//! target/<profile>/layout/nvml/libnvidia-ml.so.1
//! ```
//!
//! The entries are copies: a linker writes over the file it wrote before, under the feet of whatever
//! still runs from it. Read [`build`] first.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::exec;
use crate::workspace::{Profile, Workspace};

/// Build the libraries and the `rigel` command, laid out as a program loads them.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cargo profile to build.
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,
    /// Link what clients load against glibc 2.28, for old images; needs zig (see `deploy/glibc/zig-cc`).
    #[arg(long)]
    old_glibc: bool,
}

/// What a layout holds.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// The folder of all of it.
    pub(crate) root: PathBuf,
    /// The `rigel` command.
    pub(crate) rigel: PathBuf,
    /// Holds the `libcuda.so.1` that executes on the CPU.
    pub(crate) soft: PathBuf,
}

/// Package, what cargo builds of it, and where that goes in the layout.
const ENTRIES: [(&str, &str, &str); 4] = [
    ("rigel-cli", "rigel", "bin/rigel"),
    ("rigel-shim", "librigel_cuda.so", "shim/libcuda.so.1"),
    ("rigel-soft-driver", "librigel_soft.so", "soft/libcuda.so.1"),
    ("rigel-nvml", "librigel_nvml.so", "nvml/libnvidia-ml.so.1"),
];

/// What programs load that may run in an image older than this host.
const CLIENTS: [&str; 2] = ["rigel-shim", "rigel-nvml"];

/// The names that linkers look for: some versions of Triton link a helper against the library.
/// XLA looks for the assembler in `bin`.
const LINKED: [(&str, &str); 3] = [
    ("shim/libcuda.so", "libcuda.so.1"),
    ("soft/libcuda.so", "libcuda.so.1"),
    ("soft/bin/ptxas", "../ptxas"),
];

/// What stands in for NVIDIA's assembler, beside the library that executes what it passes through.
const PTXAS: (&str, &str) = ("soft-driver/share/ptxas", "soft/ptxas");

/// `cargo xtask layout`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let layout = build(workspace, args.profile)?;
    if args.old_glibc {
        link_for_old_glibc(workspace, args.profile)?;
    }
    println!("{}", layout.root.display());
    Ok(())
}

impl Layout {
    /// The layout of an earlier build, as it is.
    pub(crate) fn existing(workspace: &Workspace, profile: Profile) -> Self {
        let root = workspace.layout(profile);
        Self {
            rigel: root.join("bin/rigel"),
            soft: root.join("soft"),
            root,
        }
    }
}

/// Builds with cargo and lays the results out.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<Layout> {
    let mut cargo = exec::cargo();
    cargo
        .current_dir(workspace.root())
        .args(["build", "--profile", profile.name()]);
    for (package, _, _) in ENTRIES {
        cargo.args(["--package", package]);
    }
    exec::check(&mut cargo)?;

    let root = workspace.layout(profile);
    for (_, built, placed) in ENTRIES {
        place(
            &workspace.cargo_output(profile).join(built),
            &root.join(placed),
        )?;
    }
    for (library, name) in LINKED {
        let link = root.join(library);
        if link.symlink_metadata().is_err() {
            let folder = link.parent().context("a link lies in a folder")?;
            fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
            std::os::unix::fs::symlink(name, &link)
                .with_context(|| format!("link {}", link.display()))?;
        }
    }
    let (script, placed) = PTXAS;
    place(&workspace.root().join(script), &root.join(placed))?;
    Ok(Layout::existing(workspace, profile))
}

/// Links the libraries of clients once more, and puts them in place of the others.
fn link_for_old_glibc(workspace: &Workspace, profile: Profile) -> Result<()> {
    let linker = workspace.root().join("deploy/glibc/zig-cc");
    let clients = ENTRIES
        .iter()
        .filter(|(package, ..)| CLIENTS.contains(package));
    for (package, built, placed) in clients {
        let mut cargo = exec::cargo();
        cargo.current_dir(workspace.root());
        cargo.args(["rustc", "--profile", profile.name(), "--package", package]);
        cargo.args(["--lib", "--crate-type", "cdylib", "--", "-C"]);
        cargo.arg(format!("linker={}", linker.display()));
        exec::check(&mut cargo)?;
        place(
            &workspace.cargo_output(profile).join(built),
            &workspace.layout(profile).join(placed),
        )?;
    }
    Ok(())
}

/// Puts a file at its place in one step, so that a program starting meanwhile sees one or the other.
fn place(built: &Path, placed: &Path) -> Result<()> {
    let folder = placed.parent().context("a layout entry lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    let staged = folder.join(format!(".new-{}", std::process::id()));
    fs::copy(built, &staged).with_context(|| format!("copy {}", built.display()))?;
    fs::rename(&staged, placed).with_context(|| format!("place {}", placed.display()))
}
