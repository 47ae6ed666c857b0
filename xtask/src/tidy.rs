//! `cargo xtask tidy`: what no compiler checks. Lengths, words, stray files.
//!
//! Each rule is a function from the list of tracked files to findings; none changes a file. Read
//! [`RULES`] first.

use std::fmt;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::exec;
use crate::workspace::Workspace;

/// Check what no compiler checks: file lengths, banned words, stray and oversized files.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// The rules, in the order their findings are printed.
const RULES: [fn(&File) -> Vec<Finding>; 5] =
    [length, banned_words, generated_only, opening_doc, blob_size];

/// Hand-written lines a file may have.
const LINES_MAX: usize = 600;
/// Bytes a tracked file that is not text may have.
const BLOB_BYTES_MAX: usize = 100 * 1024;
/// Bytes any tracked file may have.
const FILE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// A tracked file.
#[derive(Debug)]
struct File {
    path: String,
    bytes: Vec<u8>,
}

/// A line that breaks a rule.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    line: usize,
    what: String,
}

/// `cargo xtask tidy`.
pub(crate) fn run(workspace: &Workspace, _args: &Args) -> Result<()> {
    let files = tracked_files(workspace)?;
    let findings: Vec<Finding> = files
        .iter()
        .flat_map(|file| RULES.iter().flat_map(|rule| rule(file)))
        .collect();
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} findings in {} files", findings.len(), files.len());
    }
    println!("tidy: {} files, nothing to say", files.len());
    Ok(())
}

impl File {
    fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    fn is_generated(&self) -> bool {
        self.path.contains("/generated/")
            || self.path.ends_with("/generated.rs")
            || self.path == "Cargo.lock"
            || self.path == "docs/cuda-coverage.md"
            || self.path == "docs/ptx-coverage.md"
    }

    /// A plain-text listing or data set that tests compare with.
    fn is_listing(&self) -> bool {
        !self.is_rust() && self.path.contains("tests/")
    }

    fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

fn length(file: &File) -> Vec<Finding> {
    // The table of calls is a list with one entry after another; splitting an area hides it.
    let is_table = file.path.starts_with("protocol/api/");
    if !file.is_rust() || file.is_generated() || is_table {
        return Vec::new();
    }
    let lines = file.text().map_or(0, |text| text.lines().count());
    if lines <= LINES_MAX {
        return Vec::new();
    }
    vec![file.finding(
        LINES_MAX,
        format!("{lines} lines; split it, {LINES_MAX} are allowed"),
    )]
}

fn banned_words(file: &File) -> Vec<Finding> {
    // Spelled in pieces, so that this file passes its own rule.
    let banned: [(String, &str); 5] = [
        (["todo", "!("].concat(), "write it or leave it out"),
        (
            ["unimplemented", "!("].concat(),
            "answer NOT_SUPPORTED instead",
        ),
        (["dbg", "!("].concat(), "log with tracing"),
        (["#[", "ignore"].concat(), "a test runs or is deleted"),
        (["FIX", "ME"].concat(), "fix it or write an issue"),
    ];
    if file.is_generated() || file.path == "LICENSE" {
        return Vec::new();
    }
    let Some(text) = file.text() else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for (word, why) in &banned {
            if line.contains(word.as_str()) {
                findings.push(file.finding(index + 1, format!("`{word}`: {why}")));
            }
        }
        if let Some(path) = machine_path(line) {
            findings.push(file.finding(index + 1, format!("`{path}`: a path of one machine")));
        }
    }
    findings
}

/// A home or work folder of somebody's machine in a line of text.
fn machine_path(line: &str) -> Option<String> {
    ["work", "root", "home"]
        .into_iter()
        .map(|folder| format!("/{folder}/"))
        .find(|path| {
            line.match_indices(path).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|c| {
                    !c.is_alphanumeric() && !matches!(c, '/' | '.' | '}' | '>' | '_')
                })
            })
        })
}

/// Nobody writes into `generated/`: each file there says which command wrote it.
fn generated_only(file: &File) -> Vec<Finding> {
    if !file.path.contains("/generated/") || !file.is_rust() {
        return Vec::new();
    }
    let opening = file.text().unwrap_or_default().lines().take(5);
    if opening
        .into_iter()
        .any(|line| line.contains("cargo xtask codegen"))
    {
        return Vec::new();
    }
    vec![file.finding(
        1,
        "not written by `cargo xtask codegen`; move it out of generated/",
    )]
}

/// Each Rust file opens by saying what it is.
fn opening_doc(file: &File) -> Vec<Finding> {
    let is_table = file.path.starts_with("protocol/api/");
    if !file.is_rust() || is_table {
        return Vec::new();
    }
    let first = file
        .text()
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    if first.starts_with("//!") || (file.is_generated() && first.starts_with("//")) {
        return Vec::new();
    }
    vec![file.finding(1, "starts without a `//!` line that says what it is")]
}

fn blob_size(file: &File) -> Vec<Finding> {
    let limit = match file.text() {
        Some(_) if file.is_generated() || file.is_listing() || file.is_rust() => FILE_BYTES_MAX,
        Some(_) => FILE_BYTES_MAX / 4,
        None => BLOB_BYTES_MAX,
    };
    if file.bytes.len() <= limit {
        return Vec::new();
    }
    vec![file.finding(1, format!("{} bytes; at most {limit}", file.bytes.len()))]
}

/// What git tracks and the working tree still has.
fn tracked_files(workspace: &Workspace) -> Result<Vec<File>> {
    let mut git = std::process::Command::new("git");
    git.current_dir(workspace.root()).args(["ls-files", "-z"]);
    let list = exec::stdout(&mut git)?;
    let mut files = Vec::new();
    for path in list.split('\0').filter(|path| !path.is_empty()) {
        let full = workspace.root().join(path);
        if !full.is_file() {
            continue;
        }
        let bytes = fs::read(&full).with_context(|| format!("read {path}"))?;
        files.push(File {
            path: path.to_owned(),
            bytes,
        });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    fn findings(file: &File) -> usize {
        RULES.iter().map(|rule| rule(file).len()).sum()
    }

    #[test]
    fn rules_plain_file_says_nothing() {
        assert_eq!(findings(&file("a/src/lib.rs", "//! A crate.\n")), 0);
    }

    #[test]
    fn length_one_line_over_is_found() {
        let line = "//! A line.\n";
        assert_eq!(
            length(&file("a/src/lib.rs", &line.repeat(LINES_MAX))).len(),
            0
        );
        assert_eq!(
            length(&file("a/src/lib.rs", &line.repeat(LINES_MAX + 1))).len(),
            1
        );
        assert_eq!(
            length(&file("a/generated/lib.rs", &line.repeat(LINES_MAX + 1))).len(),
            0
        );
    }

    #[test]
    fn banned_words_each_is_found_with_its_line() {
        for word in [
            ["todo", "!()"].concat(),
            ["#[", "ignore]"].concat(),
            ["FIX", "ME"].concat(),
        ] {
            let found = banned_words(&file("a/src/lib.rs", &format!("//! A.\n{word}\n")));
            assert_eq!(
                found.iter().map(|f| f.line).collect::<Vec<_>>(),
                [2],
                "{word}"
            );
        }
    }

    #[test]
    fn machine_path_only_absolute_is_found() {
        let found = |line: &str| machine_path(line).is_some();
        assert!(found(&["see ", "/ho", "me/me/x"].concat()));
        assert!(found(&["\"/wo", "rk/main\""].concat()));
        assert!(!found(&["tests/wo", "rk/one"].concat()));
        assert!(!found("target/home/x"));
        assert!(!found("$HOME/x"));
    }

    #[test]
    fn generated_only_hand_written_file_is_found() {
        let written = file("a/src/generated/ids.rs", "//! By hand.\n");
        let generated = file("a/src/generated/ids.rs", "//! By `cargo xtask codegen`.\n");
        assert_eq!(generated_only(&written).len(), 1);
        assert_eq!(generated_only(&generated).len(), 0);
    }

    #[test]
    fn blob_size_binary_has_the_smaller_limit() {
        let mut blob = file("a/x.bin", "");
        blob.bytes = vec![0xff; BLOB_BYTES_MAX + 1];
        assert_eq!(blob_size(&blob).len(), 1);
        blob.bytes.truncate(BLOB_BYTES_MAX);
        assert_eq!(blob_size(&blob).len(), 0);
    }
}
