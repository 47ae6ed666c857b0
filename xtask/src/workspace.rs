//! Where things are: the repository, its target folder, and a profile's folders in it.
//!
//! It only names paths; it creates nothing. Read [`Workspace`] first.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;

/// The repository and its target folder.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

/// A cargo profile that the project's libraries are laid out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Profile {
    /// What tests use: checks on, the interpreter optimised.
    Dev,
    /// What users get, and what the demo and the bench measure.
    Release,
}

impl Workspace {
    /// Finds the repository this program was built from.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("find the repository above the xtask crate")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(path) => root.join(path),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The repository's root.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder; everything we build or download lies under it.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Sources of the clients that run unmodified.
    pub(crate) fn programs(&self) -> PathBuf {
        self.root.join("tests/programs")
    }

    /// Where cargo leaves a profile's libraries and binaries.
    pub(crate) fn cargo_output(&self, profile: Profile) -> PathBuf {
        self.target.join(profile.folder())
    }

    /// Where a profile's libraries lie under the names that programs load. Not
    /// `rigel`: cargo puts the binary of that name there.
    pub(crate) fn layout(&self, profile: Profile) -> PathBuf {
        self.cargo_output(profile).join("layout")
    }
}

impl Profile {
    /// The profile's name for `cargo --profile`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}
