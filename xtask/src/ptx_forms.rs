//! `cargo xtask ptx-forms`: which instruction forms of PTX exist, by the word of NVIDIA's assembler.
//!
//! Patterns (`ptx_forms/patterns.txt`) cross opcodes, modifiers and types far beyond what can exist; ptxas,
//! from its Python wheel, refuses what does not. What is left is written to the soft driver's tests, which
//! need neither network nor assembler to compare it with what is executed. This file knows nothing of what
//! the soft driver can do. Read [`run`] first, then `pattern.rs` for the language of the patterns.

mod assembler;
mod listing;
mod pattern;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::exec;
use crate::toolkit::{self, CudaRuntime};
use crate::workspace::Workspace;
use assembler::{Assembler, Verdict};
use pattern::Instruction;

/// Refresh the list of PTX instruction forms that exist, and the page that tells which are executed.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only rewrite the page from the committed list; needs no assembler.
    #[arg(long)]
    page: bool,
    /// Print the forms whose operands no pattern gets right, to correct the patterns.
    #[arg(long)]
    mismatches: bool,
}

const PATTERNS: &str = include_str!("ptx_forms/patterns.txt");
const LIST: &str = "soft-driver/tests/ptx_coverage/forms.txt";

/// `cargo xtask ptx-forms`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    if !args.page {
        refresh(workspace, args.mismatches)?;
    }
    write_page(workspace)
}

fn refresh(workspace: &Workspace, show_mismatches: bool) -> Result<()> {
    let candidates = candidates()?;
    let nvcc = toolkit::ensure(workspace, CudaRuntime::Cuda13)?.nvcc;
    let assembler = Assembler::new(
        nvcc.with_file_name("ptxas"),
        workspace.target().join("ptx-forms"),
    )?;
    let verdicts = assembler.judge(&candidates)?;
    let mut accepted: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut forms = HashSet::new();
    let (mut mismatches, mut refused) = (Vec::new(), HashSet::new());
    for (instruction, verdict) in candidates.iter().zip(&verdicts) {
        match verdict {
            Verdict::Accepted => {
                if forms.insert(instruction.form.as_str()) {
                    let of_operands = accepted.entry(&instruction.operands).or_default();
                    of_operands.push(&instruction.form);
                }
            }
            Verdict::Mismatch => mismatches.push(instruction.form.as_str()),
            Verdict::Refused => {
                refused.insert(instruction.form.as_str());
            }
        }
    }
    mismatches.retain(|form| !forms.contains(form) && !refused.contains(form));
    mismatches.sort_unstable();
    mismatches.dedup();
    println!(
        "{} candidates, {} forms exist, {} need other operands",
        candidates.len(),
        forms.len(),
        mismatches.len()
    );
    if show_mismatches {
        mismatches.iter().for_each(|form| println!("{form}"));
    }
    ensure!(forms.len() > 1000, "the assembler accepts next to nothing");
    let path = workspace.root().join(LIST);
    let text = listing::render(assembler::FRAME, &assembler.version()?, &accepted);
    fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
    println!("wrote {LIST}");
    Ok(())
}

/// Every instruction of every pattern, each once.
fn candidates() -> Result<Vec<Instruction>> {
    let mut seen = HashSet::new();
    let mut candidates = pattern::expand(PATTERNS)?;
    candidates.retain(|instruction| seen.insert(instruction.clone()));
    Ok(candidates)
}

/// The page is written by the soft driver's own test, since only it knows what it executes.
fn write_page(workspace: &Workspace) -> Result<()> {
    let mut test = exec::cargo();
    test.args(["test", "--package=rigel-soft-driver", "--test=ptx_coverage"]);
    run_in(test.env("RIGEL_WRITE_PTX_COVERAGE", "1"), workspace.root())
}

fn run_in(command: &mut Command, folder: &Path) -> Result<()> {
    exec::check(command.current_dir(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_expand_to_instructions() {
        let candidates = candidates().unwrap();
        assert!(candidates.len() > 10_000, "{}", candidates.len());
        let add = candidates.iter().find(|c| c.form == "add.rz.ftz.f32");
        assert_eq!(add.unwrap().operands, "%r1, %r2, %r3");
    }
}
