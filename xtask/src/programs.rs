//! Builds the unmodified clients that the tests run: CUDA programs, and an environment for the
//! Python ones.
//!
//! ```text
//! target/programs/cuda12/static/<name>    target/programs/cuda12/shared/<name>
//! target/programs/cuda13/static/<name>    target/programs/cuda13/shared/<name>
//! target/programs/venv/bin/python         target/programs/torch-venv/bin/python
//! ```
//!
//! A program is built again when its source, the shared header or the command line changed. Read
//! [`run`] first.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::toolkit::{self, CudaRuntime, Toolkit};
use crate::workspace::Workspace;
use crate::{exec, venv};

/// Build the client programs that the tests run unmodified: CUDA C++ and the Python environment.
///
/// The first time, this downloads nvcc and the Python clients as wheels into `target/`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only the CUDA C++ programs.
    #[arg(long)]
    cuda_only: bool,
    /// PyTorch, JAX and NVIDIA's libraries as well: more than 7 GB to download.
    #[arg(long, conflicts_with = "cuda_only")]
    full: bool,
}

/// PTX alone, so that every program runs on a driver that compiles or interprets it.
const ARCH: &str = "arch=compute_86,code=compute_86";

/// One source with one runtime: compiled once, linked with both forms of the runtime library.
#[derive(Debug)]
struct Job<'a> {
    source: PathBuf,
    toolkit: &'a Toolkit,
    runtime: CudaRuntime,
    out: PathBuf,
}

/// `cargo xtask programs`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    build_cuda(workspace)?;
    if !args.cuda_only {
        build_python(workspace, "python", "venv")?;
    }
    if args.full {
        build_python(workspace, "torch", "torch-venv")?;
        build_python(workspace, "jax", "jax-venv")?;
        build_python(workspace, "libraries", "libraries-venv")?;
    }
    Ok(())
}

/// An environment that Python clients run in.
pub(crate) fn build_python(workspace: &Workspace, list: &str, folder: &str) -> Result<()> {
    let requirements = workspace
        .programs()
        .join("requirements")
        .join(format!("{list}.txt"));
    venv::ensure(
        &workspace.target().join("programs").join(folder),
        &requirements,
    )?;
    Ok(())
}

/// The CUDA programs, with each runtime, linked both ways.
pub(crate) fn build_cuda(workspace: &Workspace) -> Result<()> {
    let toolkits = CudaRuntime::ALL
        .map(|runtime| toolkit::ensure(workspace, runtime).map(|toolkit| (runtime, toolkit)));
    let mut jobs = Vec::new();
    let sources = sources(workspace)?;
    let toolkits = toolkits.into_iter().collect::<Result<Vec<_>>>()?;
    for (runtime, toolkit) in &toolkits {
        let out = workspace.target().join("programs").join(runtime.name());
        for folder in ["static", "shared", "object"] {
            fs::create_dir_all(out.join(folder)).context("create the folders of the programs")?;
        }
        for source in &sources {
            let (source, out) = (source.clone(), out.clone());
            jobs.push(Job {
                source,
                toolkit,
                runtime: *runtime,
                out,
            });
        }
    }
    let headers = fs::read(workspace.programs().join("cuda/check.h")).context("read check.h")?;
    let built = run_jobs(&jobs, &headers)?;
    println!(
        "{} CUDA programs, {built} of them built now",
        2 * jobs.len()
    );
    Ok(())
}

fn sources(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let folder = workspace.programs().join("cuda");
    let mut sources = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "cu") {
            sources.push(path);
        }
    }
    sources.sort();
    Ok(sources)
}

/// Runs the jobs on all processors; returns how many programs had to be built.
fn run_jobs(jobs: &[Job<'_>], headers: &[u8]) -> Result<usize> {
    let waiting = Mutex::new(jobs.iter());
    let failures = Mutex::new(Vec::new());
    let built = Mutex::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    // A statement of its own: the lock must not outlive the choice.
                    let next = waiting.lock().expect("no worker panics").next();
                    let Some(job) = next else { break };
                    match job.run(headers) {
                        Ok(count) => *built.lock().expect("no worker panics") += count,
                        Err(error) => failures.lock().expect("no worker panics").push(error),
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().expect("no worker panics");
    for failure in &failures {
        eprintln!("{failure:#}");
    }
    if !failures.is_empty() {
        bail!("{} CUDA programs did not build", failures.len());
    }
    Ok(built.into_inner().expect("no worker panics"))
}

impl Job<'_> {
    fn run(&self, headers: &[u8]) -> Result<usize> {
        let name = self
            .source
            .file_stem()
            .context("a source has a name")?
            .to_string_lossy();
        let text = fs::read_to_string(&self.source)
            .with_context(|| format!("read {}", self.source.display()))?;
        let object = self.out.join("object").join(&*name).with_extension("o");
        let mut compile = self.nvcc();
        compile.args(["-std=c++17", "-O2", "-Xcompiler", "-Wall", "-gencode", ARCH]);
        compile
            .args(own_flags(&text))
            .arg("-c")
            .arg(&self.source)
            .arg("-o")
            .arg(&object);

        let stamp = object.with_extension("stamp");
        let wanted = fingerprint(&compile, &[text.as_bytes(), headers]);
        let programs = ["static", "shared"].map(|kind| (kind, self.out.join(kind).join(&*name)));
        let present = programs.iter().all(|(_, program)| program.exists());
        if present && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(0);
        }
        println!("building {name} with {}", self.runtime.name());
        exec::stdout(&mut compile)?;
        for (kind, program) in &programs {
            self.link(&object, kind, program)?;
        }
        fs::write(&stamp, wanted).with_context(|| format!("write {}", stamp.display()))?;
        Ok(programs.len())
    }

    fn link(&self, object: &Path, kind: &str, program: &Path) -> Result<()> {
        let mut link = self.nvcc();
        // One object that nobody links device code against needs no device link.
        link.args(["-cudart", kind, "-gencode", ARCH])
            .arg(object)
            .arg("-o")
            .arg(program);
        link.arg("-L")
            .arg(&self.toolkit.lib)
            .arg("-Xlinker")
            .arg("-rpath");
        link.arg("-Xlinker")
            .arg(&self.toolkit.lib)
            .args(["-lpthread", "-ldl"]);
        exec::stdout(&mut link).map(drop)
    }

    fn nvcc(&self) -> Command {
        Command::new(&self.toolkit.nvcc)
    }
}

/// The flags a source asks for in a line `// nvcc: ...`.
fn own_flags(text: &str) -> Vec<&str> {
    let flags = text.lines().find_map(|line| line.strip_prefix("// nvcc: "));
    flags
        .map(|flags| flags.split_whitespace().collect())
        .unwrap_or_default()
}

fn fingerprint(command: &Command, contents: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    exec::command_line(command).hash(&mut hasher);
    contents.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_flags_taken_from_the_marked_line_only() {
        let text = "// About nvcc: nothing.\n// nvcc: --default-stream per-thread\nint x;\n";
        assert_eq!(own_flags(text), ["--default-stream", "per-thread"]);
        assert!(own_flags("int x; // nvcc: -G\n").is_empty());
    }

    #[test]
    fn fingerprint_changes_with_content_and_command() {
        let print = |argument: &str, content: &str| {
            fingerprint(Command::new("nvcc").arg(argument), &[content.as_bytes()])
        };
        assert_eq!(print("-O2", "a"), print("-O2", "a"));
        assert_ne!(print("-O2", "a"), print("-O3", "a"));
        assert_ne!(print("-O2", "a"), print("-O2", "b"));
    }
}
