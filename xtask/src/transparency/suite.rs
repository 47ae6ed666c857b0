//! What a suite is: `tests/suites.toml`, where it lies once installed, which tests it has.
//!
//! ```toml
//! [[suite]]
//! name = "numba-cuda"                # also the name of its list of known failures
//! package = "numba.cuda.tests"       # a Python package that holds tests, or
//! folder = "tests/suites/xgboost"    # a folder of Python tests, or
//! crate = "cudarc"                   # a Rust crate that this project builds with anyway,
//! features = ["std"]                 # with these features, or
//! sdist = { … }                      # a source distribution, as `sdists.rs` explains
//! collected = 2061                   # tests it has, at least
//! passes = 1900                      # tests that pass directly, at least; only rises
//! only = ["test_a.py"]               # of a large suite: these modules, and
//! containing = "cuda"                # of these tests with this in their names
//! seconds = 60                       # a test may take this long, by default 120
//! environment = { NAME = "value" }   # settings; `{site}` is the folder of the Python packages
//! ```
//!
//! Read [`Suite`] first, then [`Prepared`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::batch::{Event, events_of};
use super::crates;
use super::route::Route;
use super::sdists::Sdist;
use crate::layout::Layout;
use crate::venv::{self, Venv};
use crate::workspace::Workspace;

/// `tests/suites.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suites {
    suite: Vec<Suite>,
}

/// One suite.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Suite {
    pub(super) name: String,
    package: Option<String>,
    folder: Option<PathBuf>,
    #[serde(rename = "crate")]
    library: Option<String>,
    #[serde(default)]
    features: Vec<String>,
    sdist: Option<Sdist>,
    #[serde(default)]
    plugin: Option<String>,
    pub(super) collected: usize,
    pub(super) passes: usize,
    #[serde(default)]
    only: Vec<String>,
    #[serde(default)]
    containing: String,
    #[serde(default = "default_seconds")]
    seconds: u64,
    #[serde(default)]
    environment: BTreeMap<String, String>,
}

/// A suite that can run.
#[derive(Debug)]
pub(super) struct Prepared {
    python: PathBuf,
    runner: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
}

const fn default_seconds() -> u64 {
    120
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.root().join("tests/suites.toml")
}

impl Suites {
    /// Reads the list.
    pub(super) fn load(workspace: &Workspace) -> Result<Self> {
        let path = file(workspace);
        let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("understand {}", path.display()))
    }

    /// Those with these names, or all.
    pub(super) fn chosen(&self, names: &[String]) -> Result<Vec<&Suite>> {
        for name in names {
            if !self.suite.iter().any(|suite| suite.name == *name) {
                let known: Vec<&str> = self.suite.iter().map(|suite| &*suite.name).collect();
                bail!("there is no suite `{name}`, but {}", known.join(", "));
            }
        }
        let wanted = |suite: &&Suite| names.is_empty() || names.contains(&suite.name);
        Ok(self.suite.iter().filter(wanted).collect())
    }
}

impl Suite {
    /// How long a test may take.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    /// Whether a test that the package has belongs to the suite.
    pub(super) fn holds(&self, test: &str) -> bool {
        let module = test.split("::").next().unwrap_or_default();
        let chosen = self.only.is_empty() || self.only.iter().any(|only| only == module);
        chosen && test.contains(&self.containing)
    }

    /// Installs it, unless an earlier run did.
    pub(super) fn prepare(&self, workspace: &Workspace, layout: &Layout) -> Result<Prepared> {
        let requirements = workspace.programs().join("requirements/suites.txt");
        let venv = venv::ensure(&workspace.target().join("suites/venv"), &requirements)?;
        let mut environment = self.settings(&venv)?;
        let mut runner = "runner.py";
        let kinds = (&self.package, &self.folder, &self.library, &self.sdist);
        let (option, value) = match kinds {
            (Some(package), None, None, None) => ("--package", package.clone()),
            (None, Some(folder), None, None) => {
                let folder = workspace.root().join(folder);
                ("--folder", folder.display().to_string())
            }
            (None, None, Some(library), None) => {
                runner = "crate_runner.py";
                let program = crates::test_program(workspace, library, &self.features)?;
                ("--binary", program.display().to_string())
            }
            (None, None, None, Some(sdist)) => {
                let built = sdist.ensure(workspace, &venv, layout)?;
                let site = built.site.display().to_string();
                environment.push(("PYTHONPATH".to_owned(), site));
                ("--folder", built.tests.display().to_string())
            }
            _ => bail!("suite {} is not of one kind alone", self.name),
        };
        let mut arguments = vec![option.to_owned(), value];
        if let Some(plugin) = &self.plugin {
            arguments.extend(["--plugin".to_owned(), plugin.clone()]);
        }
        Ok(Prepared {
            python: venv.python(),
            runner: workspace.root().join("tests/suites").join(runner),
            arguments,
            environment,
        })
    }

    fn settings(&self, venv: &Venv) -> Result<Vec<(String, String)>> {
        let site = venv.site_packages()?.display().to_string();
        let settings = self.environment.iter();
        Ok(settings
            .map(|(name, value)| (name.clone(), value.replace("{site}", &site)))
            .collect())
    }
}

impl Prepared {
    /// A command that runs these tests, whose ids stand in a file, and tells events to another.
    pub(super) fn command(&self, layout: &Layout, route: &Route, job: &Job) -> Command {
        let mut line = vec![
            self.python.clone().into_os_string(),
            self.runner.clone().into(),
        ];
        line.extend(self.arguments.iter().map(Into::into));
        line.extend(["--events".into(), job.events().into_os_string()]);
        line.extend(["--tests".into(), job.tests().into_os_string()]);
        let mut command = route.command(layout, &line);
        self.set(&mut command, &job.folder);
        command
    }

    /// The ids of its tests, in the suite's order.
    pub(super) fn list(&self, layout: &Layout, scratch: &Path) -> Result<Vec<String>> {
        let job = Job::new(scratch, "list")?;
        let line = [self.python.as_os_str(), self.runner.as_os_str()];
        let mut line: Vec<_> = line.map(ToOwned::to_owned).to_vec();
        line.extend(self.arguments.iter().map(Into::into));
        line.extend(["--list".into(), "--events".into(), job.events().into()]);
        let mut command = Route::Direct.command(layout, &line);
        self.set(&mut command, &job.folder);
        let output = command.output().context("list the tests of a suite")?;
        let mut seen = std::collections::BTreeSet::new();
        let mut tests = Vec::new();
        for event in events_of(&job.events(), &mut 0)? {
            if let Event::Collected { id } = event
                && seen.insert(id.clone())
            {
                tests.push(id);
            }
        }
        ensure!(
            !tests.is_empty(),
            "the suite lists no tests; it said:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(tests)
    }

    fn set(&self, command: &mut Command, folder: &Path) {
        // What a suite compiles and writes stays in the scratch folder of its process.
        command
            .current_dir(folder)
            .env("TMPDIR", folder)
            .env("HOME", folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
    }
}

/// The folder of one process of a suite.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) folder: PathBuf,
}

impl Job {
    /// Makes the folder, empty.
    pub(super) fn new(scratch: &Path, name: &str) -> Result<Self> {
        let folder = scratch.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Where the process tells what happens.
    pub(super) fn events(&self) -> PathBuf {
        self.folder.join("events.jsonl")
    }

    /// Where it reads which tests to run.
    pub(super) fn tests(&self) -> PathBuf {
        self.folder.join("tests.txt")
    }

    /// Where it says all the rest.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join("log.txt")
    }
}

/// Raises a suite's numbers in `tests/suites.toml`, line by line, so that comments stay.
pub(super) fn raise(
    workspace: &Workspace,
    name: &str,
    collected: usize,
    passes: usize,
) -> Result<()> {
    let path = file(workspace);
    let text = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    let raised = raised(&text, name, collected, passes);
    fs::write(&path, raised).with_context(|| format!("write {}", path.display()))
}

fn raised(text: &str, name: &str, collected: usize, passes: usize) -> String {
    let mut inside = false;
    let mut out = String::new();
    for line in text.lines() {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        let (key, value) = (key.trim(), value.trim());
        if key == "name" {
            inside = value.trim_matches('"') == name;
        }
        let found = match key {
            "collected" if inside => Some(collected),
            "passes" if inside => Some(passes),
            _ => None,
        };
        match found {
            Some(new) => {
                let old = value.parse().unwrap_or(0);
                out.push_str(&format!("{key} = {}\n", new.max(old)));
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# about\n[[suite]]\nname = \"a\"\npackage = \"a.tests\"\ncollected = 10\n\
                        passes = 7\n\n[[suite]]\nname = \"b\"\nfolder = \"b\"\ncollected = 3\n\
                        passes = 3\n";

    #[test]
    fn raised_numbers_only_rise_and_only_the_suites_own() {
        let text = raised(LIST, "a", 12, 5);
        assert!(text.contains("collected = 12\npasses = 7\n"), "{text}");
        assert!(text.contains("collected = 3\npasses = 3\n"), "{text}");
        assert!(text.starts_with("# about\n"), "{text}");
    }

    #[test]
    fn chosen_suites_are_those_named() {
        let suites: Suites = toml::from_str(LIST).unwrap();
        assert_eq!(suites.chosen(&[]).unwrap().len(), 2);
        let b = suites.chosen(&["b".to_owned()]).unwrap();
        assert_eq!(b[0].patience(), Duration::from_secs(120));
        assert!(suites.chosen(&["c".to_owned()]).is_err());
    }

    #[test]
    fn holds_only_the_modules_and_names_it_says() {
        let list = LIST.replace(
            "\"a.tests\"",
            "\"a\"\nonly = [\"x.py\"]\ncontaining = \"cuda\"",
        );
        let suites: Suites = toml::from_str(&list).unwrap();
        let all = suites.chosen(&[]).unwrap();
        assert!(all[0].holds("x.py::T::cuda_0"));
        assert!(!all[0].holds("x.py::T::cpu"));
        assert!(!all[0].holds("xy.py::T::cuda_0"));
        assert!(all[1].holds("y.py::anything"));
    }
}
