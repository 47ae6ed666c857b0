//! `cargo xtask gpu-pack`: everything that a machine with a GPU needs to prove Rigel, in one folder.
//!
//! ```text
//! target/gpu-pack/run.sh          the proof; needs python3
//! target/gpu-pack/proof           what run.sh is made of
//! target/gpu-pack/clients         programs in Python
//! target/gpu-pack/programs        programs in CUDA C++, and the runtimes that they are linked with
//! target/gpu-pack/rigel           the layout, stripped
//! target/gpu-pack/bin             the bench, whose clients measure, and the conformance suite
//! ```
//!
//! What the proof does is the affair of the scripts in `xtask/gpu-pack`. Read [`run`] first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::toolkit::{self, CudaRuntime};
use crate::workspace::{Profile, Workspace};
use crate::{exec, layout, programs};

/// Pack what proves Rigel on a machine with an NVIDIA GPU: target/gpu-pack.
///
/// Copy the folder there (or target/gpu-pack.tar.gz, the same in one file) and run
/// `gpu-pack/run.sh`. It needs python3 and nothing else; PyTorch, CuPy and others are used where they are.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cargo profile to build.
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,
    /// Run it here afterwards, on the soft driver.
    #[arg(long)]
    check: bool,
    /// With --check: the interpreter, such as one that has PyTorch; relative to the repository. Default:
    /// that of the tests' clients.
    #[arg(long, value_name = "FILE", requires = "check")]
    python: Option<PathBuf>,
    /// With --check: only the steps and measures whose name contains this.
    #[arg(long, value_name = "TEXT", requires = "check")]
    only: Option<String>,
}

/// A machine is lent by the hour, and the pack travels to it: more is not carried everywhere.
const BYTES_MAX: u64 = 40 << 20;
/// The oldest C library that the pack starts on.
const GLIBC_MAX: (u32, u32) = (2, 35);
/// Programs of the tests that are clients of the ladder as well.
const CLIENTS: [&str; 6] = [
    "attest.py",
    "cupy_arrays.py",
    "jax_training.py",
    "numba_kernels.py",
    "triton_kernels.py",
    "xgboost_classification.py",
];
/// What measures and what judges.
const JUDGES: [&str; 2] = ["rigel-bench", "rigel-conformance"];
/// Is driven line by line, by tests.
const NOT_A_STEP: &str = "scripted";
/// One program in which the newer runtime is linked statically, beside all that load theirs.
const STATIC: &str = "streams_events";

/// `cargo xtask gpu-pack`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let pack = workspace.target().join("gpu-pack");
    if pack.exists() {
        fs::remove_dir_all(&pack).with_context(|| format!("remove {}", pack.display()))?;
    }
    let layout = layout::build(workspace, args.profile)?;
    copy_all(&layout.root, &pack.join("rigel"))?;
    build_judges(workspace, args.profile, &pack)?;
    pack_programs(workspace, &pack)?;
    pack_scripts(workspace, &pack)?;
    let bytes = finish(&pack)?;
    println!("{}: {} MiB", pack.display(), bytes >> 20);
    if args.profile == Profile::Release {
        ensure!(
            bytes <= BYTES_MAX,
            "the pack holds {bytes} bytes, more than {BYTES_MAX}"
        );
        archive(workspace)?;
    }
    if args.check {
        check(workspace, &pack, args)?;
    }
    Ok(())
}

fn build_judges(workspace: &Workspace, profile: Profile, pack: &Path) -> Result<()> {
    let mut cargo = exec::cargo();
    cargo
        .current_dir(workspace.root())
        .args(["build", "--profile", profile.name()]);
    for judge in JUDGES {
        cargo.args(["--package", judge]);
    }
    exec::check(&mut cargo)?;
    for judge in JUDGES {
        let built = workspace.cargo_output(profile).join(judge);
        copy(&built, &pack.join("bin").join(judge))?;
    }
    Ok(())
}

/// The runtime is a library of its own, since a copy of it in each program would fill the pack.
fn pack_programs(workspace: &Workspace, pack: &Path) -> Result<()> {
    programs::build_cuda(workspace)?;
    for runtime in CudaRuntime::ALL {
        let built = workspace.target().join("programs").join(runtime.name());
        let folder = pack.join("programs").join(runtime.name());
        copy_all(&built.join("shared"), &folder)?;
        fs::remove_file(folder.join(NOT_A_STEP)).context("leave out what is no step")?;
        if runtime == CudaRuntime::Cuda13 {
            let name = format!("{STATIC}-static");
            copy(&built.join("static").join(STATIC), &folder.join(name))?;
        }
        let toolkit = toolkit::ensure(workspace, runtime)?;
        let library = format!("libcudart.so.{}", runtime.major());
        copy(
            &toolkit.lib.join(&library),
            &pack.join("programs/lib").join(&library),
        )?;
    }
    Ok(())
}

fn pack_scripts(workspace: &Workspace, pack: &Path) -> Result<()> {
    copy_all(&workspace.root().join("xtask/gpu-pack"), pack)?;
    for client in CLIENTS {
        let source = workspace.programs().join("python").join(client);
        copy(&source, &pack.join("clients").join(client))?;
    }
    let known = workspace.root().join("tests/conformance/known.txt");
    copy(&known, &pack.join("proof/known.txt"))?;
    let mut git = Command::new("git");
    git.current_dir(workspace.root());
    // A source archive has no history; the report then says so.
    let commit = exec::stdout(git.args(["describe", "--always", "--dirty", "--abbrev=12"]));
    fs::write(
        pack.join("commit"),
        commit.unwrap_or_else(|_| "unknown".into()),
    )
    .context("write down the commit")
}

/// Strips every program and library, and sees that it starts on older systems. Returns the pack's size.
fn finish(pack: &Path) -> Result<u64> {
    let mut bytes = 0;
    for path in files(pack)? {
        if is_program(&path)? {
            exec::check(Command::new("strip").arg("--strip-unneeded").arg(&path))?;
            let versions = exec::stdout(Command::new("objdump").arg("-T").arg(&path))?;
            let (major, minor) = newest_glibc(&versions);
            ensure!(
                (major, minor) <= GLIBC_MAX,
                "{} needs glibc {major}.{minor}",
                path.display()
            );
        }
        bytes += fs::metadata(&path)?.len();
    }
    Ok(bytes)
}

/// The newest version of the C library that a program asks for, by `objdump -T`.
fn newest_glibc(symbols: &str) -> (u32, u32) {
    let versions = symbols
        .split("GLIBC_")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit());
            rest[..end.unwrap_or(rest.len())].split_once('.')
        })
        .filter_map(|(major, minor)| {
            let minor = minor.split('.').next()?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
    versions.max().unwrap_or_default()
}

fn is_program(path: &Path) -> Result<bool> {
    use std::io::Read as _;
    let mut magic = [0; 4];
    let read = fs::File::open(path)?.read(&mut magic)?;
    Ok(read == 4 && magic == *b"\x7fELF")
}

/// Every file below a folder, without links.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files(&entry.path())?);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn archive(workspace: &Workspace) -> Result<()> {
    let archive = workspace.target().join("gpu-pack.tar.gz");
    let mut tar = Command::new("tar");
    tar.args(["--create", "--gzip", "--file"]).arg(&archive);
    tar.arg("--directory").arg(workspace.target());
    exec::check(tar.arg("gpu-pack"))?;
    let bytes = fs::metadata(&archive)?.len();
    println!("{}: {} MiB", archive.display(), bytes >> 20);
    Ok(())
}

/// The proof without a GPU: that it runs, not what a GPU would show.
fn check(workspace: &Workspace, pack: &Path, args: &Args) -> Result<()> {
    let python = match &args.python {
        Some(python) => workspace.root().join(python),
        None => {
            programs::build_python(workspace, "python", "venv")?;
            workspace.target().join("programs/venv/bin/python")
        }
    };
    if !python.exists() {
        bail!("{} is missing: `cargo xtask programs`", python.display());
    }
    let mut proof = Command::new(pack.join("run.sh"));
    proof.args(["--driver", "soft", "--minutes", "9", "--python"]);
    proof.arg(python);
    if let Some(only) = &args.only {
        proof.args(["--only", only]);
    }
    exec::check(&mut proof)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    fs::copy(from, to).with_context(|| format!("copy {}", from.display()))?;
    Ok(())
}

/// Links stay links.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy_all(&source, &target)?;
        } else if kind.is_symlink() {
            let points_to = fs::read_link(&source)?;
            std::os::unix::fs::symlink(points_to, &target)
                .with_context(|| format!("link {}", target.display()))?;
        } else {
            copy(&source, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_glibc_of_several_versions_is_by_number() {
        let symbols =
            "DF *UND* 0 (GLIBC_2.2.5) free\nDF *UND* 0 (GLIBC_2.34) dlopen\n(GLIBC_2.4)\n";
        assert_eq!(newest_glibc(symbols), (2, 34));
        assert_eq!(newest_glibc("(GLIBCXX_3.4.30) new"), (0, 0));
    }
}
