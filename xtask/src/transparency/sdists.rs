//! The tests in the source distribution of a Python package, whose wheels do not exist or leave the tests out: fetched
//! from the package index in a pinned version, built against the CUDA headers of the suites' environment, and put
//! into a folder of its own. Read [`Sdist::ensure`].

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::exec;
use crate::layout::Layout;
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

/// Which one, and how it is built.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sdist {
    /// `name==version`.
    requirement: String,
    /// Where its tests are.
    tests: PathBuf,
    /// Arguments of its `configure.py`; `{cuda}` is the toolkit of the suites' environment, `{tools}` the
    /// part of it that only the build needs, `{driver}` a folder with a `libcuda.so` to link with.
    #[serde(default)]
    configure: Vec<String>,
}

/// One that can run.
#[derive(Debug)]
pub(super) struct Built {
    /// The folder of its tests.
    pub(super) tests: PathBuf,
    /// The folder to import it from.
    pub(super) site: PathBuf,
}

impl Sdist {
    /// Fetches and builds it, unless an earlier run did.
    pub(super) fn ensure(
        &self,
        workspace: &Workspace,
        suites: &Venv,
        layout: &Layout,
    ) -> Result<Built> {
        let name = self.requirement.replace("==", "-");
        let folder = workspace.target().join("suites/sdists").join(&name);
        let source = folder.join(&name);
        let built = Built {
            tests: source.join(&self.tests),
            site: folder.join("site"),
        };
        let stamp = folder.join("built.txt");
        let wanted = format!("{}\n{}\n", self.requirement, self.configure.join("\n"));
        if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
            return Ok(built);
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;

        println!("building {} in {}", self.requirement, folder.display());
        let tools = workspace.programs().join("requirements/sdist-tools.txt");
        let tools = venv::ensure(&workspace.target().join("suites/sdist-venv"), &tools)?;
        self.fetch(&tools, &folder)?;
        unpack(&folder, &name)?;
        self.configure(&tools, suites, layout, &source)?;
        exec::check(
            pip(&tools, &["install", "--no-deps", "--no-build-isolation"])
                .arg("--target")
                .arg(&built.site)
                .arg(&source),
        )?;
        fs::write(&stamp, wanted).context("write that it is built")?;
        Ok(built)
    }

    /// Its archive, from the index; pip looks at what it needs to build, hence the tools.
    fn fetch(&self, tools: &Venv, folder: &Path) -> Result<()> {
        let mut download = pip(tools, &["download", "--no-deps", "--no-build-isolation"]);
        download
            .args(["--no-binary", ":all:", "--dest"])
            .arg(folder);
        exec::check(download.arg(&self.requirement))
    }

    fn configure(&self, tools: &Venv, suites: &Venv, layout: &Layout, source: &Path) -> Result<()> {
        if self.configure.is_empty() {
            return Ok(());
        }
        let folders = [
            ("{cuda}", suites.site_packages()?.join("nvidia/cu13")),
            ("{tools}", tools.site_packages()?.join("nvidia/cu13")),
            ("{driver}", layout.soft.clone()),
        ];
        let filled = |argument: &String| {
            let fill = |text: String, (name, folder): &(&str, PathBuf)| {
                text.replace(name, &folder.display().to_string())
            };
            folders.iter().fold(argument.clone(), fill)
        };
        let arguments = self.configure.iter().map(filled);
        let mut configure = Command::new(tools.python());
        configure.arg("configure.py").args(arguments);
        exec::check(configure.current_dir(source))
    }
}

fn pip(venv: &Venv, arguments: &[&str]) -> Command {
    let mut command = Command::new(venv.python());
    command.args(["-m", "pip"]).args(arguments);
    command.args(["--quiet", "--disable-pip-version-check"]);
    command
}

fn unpack(folder: &Path, name: &str) -> Result<()> {
    let archive = folder.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.arg("--extract").arg("--file").arg(archive);
    exec::check(tar.arg("--directory").arg(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_without_configuration_is_understood() {
        let sdist: Sdist = toml::from_str("requirement = \"a==1\"\ntests = \"test\"").unwrap();
        assert_eq!(sdist.requirement, "a==1");
        assert!(sdist.configure.is_empty());
        let unknown = "requirement = \"a==1\"\ntests = \"t\"\nsources = \"b\"";
        assert!(toml::from_str::<Sdist>(unknown).is_err());
    }
}
