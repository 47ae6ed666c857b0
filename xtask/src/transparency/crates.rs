//! The tests of a Rust crate, as its authors published it: cargo fetches it with the project's own dependencies, in the
//! version of the lock file, and its test program is built from a copy. Read [`test_program`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::workspace::Workspace;

/// Builds the tests of the crate's library with these features; returns the program.
pub(super) fn test_program(
    workspace: &Workspace,
    name: &str,
    features: &[String],
) -> Result<PathBuf> {
    let source = source(workspace, name)?;
    let folder = source.file_name().context("the crate lies in no folder")?;
    let copy = workspace.target().join("suites").join(folder);
    if !copy.exists() {
        copy_tree(&source, &copy)?;
        // Else cargo would take it for a member of the workspace around it.
        let manifest = copy.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).context("read the crate's manifest")?;
        fs::write(&manifest, format!("{text}\n[workspace]\n")).context("write its manifest")?;
    }
    let output = Command::new("cargo")
        .args([
            "test",
            "--lib",
            "--no-run",
            "--quiet",
            "--message-format=json",
        ])
        .args(["--no-default-features", "--features", &features.join(",")])
        .arg("--target-dir")
        .arg(copy.join("target"))
        .current_dir(&copy)
        .output()
        .context("run cargo")?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "the tests of {name} do not build:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let program = told.lines().find_map(executable);
    program.with_context(|| format!("cargo names no test program of {name}"))
}

/// The program in a message of cargo, if there is one.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}

/// Where cargo keeps the crate that the project depends on.
fn source(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(workspace.root())
        .output()
        .context("run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata fails");
    let metadata: Value = serde_json::from_slice(&output.stdout).context("read its answer")?;
    let packages = metadata["packages"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let manifest = packages
        .iter()
        .find(|package| package["name"] == name)
        .and_then(|package| package["manifest_path"].as_str());
    match manifest.map(Path::new).and_then(Path::parent) {
        Some(folder) => Ok(folder.to_owned()),
        None => bail!("the project does not depend on {name}"),
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)
                .with_context(|| format!("copy to {}", target.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executable_is_found_in_the_message_that_names_one() {
        let artifact = r#"{"reason":"compiler-artifact","executable":"/t/debug/deps/a-1"}"#;
        assert_eq!(
            executable(artifact),
            Some(PathBuf::from("/t/debug/deps/a-1"))
        );
        assert_eq!(
            executable(r#"{"reason":"build-finished","executable":null}"#),
            None
        );
        assert_eq!(executable("no message"), None);
    }
}
