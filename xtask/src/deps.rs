//! `cargo xtask deps`: which packages the project may build on.
//!
//! The facts come from `cargo metadata`, the rules from `deny.toml`, whose format is a part of
//! cargo-deny's: allowed licences, refused packages, and the duplicates that are put up with, each
//! with its reason. Nothing is asked of the network. Read [`findings`] first.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::exec;
use crate::workspace::Workspace;

/// Check the packages we build on against deny.toml: licences, refused ones, duplicate versions.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// `deny.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Policy {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Bans {
    multiple_versions: String,
    deny: Vec<Exception>,
    skip: Vec<Exception>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Sources {
    unknown_registry: String,
    unknown_git: String,
}

/// A package, `name` or `name@version`, and why it is excepted or refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    #[serde(rename = "crate")]
    package: String,
    reason: String,
}

/// What `cargo metadata` says, as far as the rules ask.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

/// The source of a package of the public registry.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// `cargo xtask deps`.
pub(crate) fn run(workspace: &Workspace, _args: &Args) -> Result<()> {
    let path = workspace.root().join("deny.toml");
    let text = fs::read_to_string(&path).context("read deny.toml")?;
    let policy: Policy = toml::from_str(&text).context("understand deny.toml")?;
    if policy.bans.multiple_versions != "deny"
        || policy.sources.unknown_registry != "deny"
        || policy.sources.unknown_git != "deny"
    {
        bail!("deny.toml must deny multiple versions and unknown sources");
    }
    let mut cargo = exec::cargo();
    cargo
        .current_dir(workspace.root())
        .args(["metadata", "--format-version", "1", "--locked"]);
    // What other systems would need is never built here.
    cargo.args(["--filter-platform", "x86_64-unknown-linux-gnu"]);
    let metadata: Metadata =
        serde_json::from_str(&exec::stdout(&mut cargo)?).context("understand cargo metadata")?;
    let used: BTreeSet<&str> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| node.id.as_str())
        .collect();
    let packages: Vec<Package> = metadata
        .packages
        .iter()
        .filter(|one| used.contains(one.id.as_str()))
        .cloned()
        .collect();

    let findings = findings(&policy, &packages);
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!(
            "dependencies: {} findings in {} packages",
            findings.len(),
            packages.len()
        );
    }
    println!(
        "dependencies: {} packages, all as deny.toml allows",
        packages.len()
    );
    Ok(())
}

/// Everything about the packages that the policy does not allow, and what the policy names in vain.
fn findings(policy: &Policy, packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    for package in packages {
        let Package { name, version, .. } = package;
        if let Some(source) = package
            .source
            .as_deref()
            .filter(|source| *source != REGISTRY)
        {
            findings.push(format!("{name} {version} comes from {source}"));
        }
        match &package.license {
            None => findings.push(format!("{name} {version} names no licence")),
            Some(license) if !permits(license, &policy.licenses.allow) => {
                findings.push(format!("{name} {version} is under {license}"));
            }
            Some(_) => {}
        }
        for banned in policy.bans.deny.iter().filter(|ban| ban.names(package)) {
            findings.push(format!("{name} {version} is refused: {}", banned.reason));
        }
    }
    findings.extend(duplicates(&policy.bans.skip, packages));
    findings
}

/// Packages of which more than one version is built, beyond the excepted ones.
fn duplicates(skip: &[Exception], packages: &[Package]) -> Vec<String> {
    let mut findings = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        if !skip.iter().any(|exception| exception.names(package)) {
            versions
                .entry(&package.name)
                .or_default()
                .push(&package.version);
        }
    }
    for (name, versions) in versions.iter().filter(|(_, versions)| versions.len() > 1) {
        findings.push(format!(
            "{name} is built in versions {}",
            versions.join(" and ")
        ));
    }
    for exception in skip {
        let Exception { package, reason } = exception;
        if reason.is_empty() {
            findings.push(format!("deny.toml excepts {package} without a reason"));
        }
        if !packages.iter().any(|one| exception.names(one)) {
            findings.push(format!("deny.toml excepts {package}, which is not used"));
        }
    }
    findings
}

impl Exception {
    fn names(&self, package: &Package) -> bool {
        match self.package.split_once('@') {
            Some((name, version)) => {
                let rest = package.version.strip_prefix(version);
                package.name == name
                    && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            }
            None => package.name == self.package,
        }
    }
}

/// Whether a licence expression can be satisfied with allowed licences alone.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    // Before SPDX expressions, `/` stood for OR.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let permitted = any_of(&mut words, allowed);
    permitted && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut permitted = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        permitted |= all_of(words, allowed);
    }
    permitted
}

fn all_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut permitted = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        permitted &= one(words, allowed);
    }
    permitted
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let permitted = any_of(words, allowed);
        return words.next_if_eq(&")").is_some() && permitted;
    }
    let Some(license) = words.next() else {
        return false;
    };
    if words.next_if_eq(&"WITH").is_none() {
        return allowed.contains(license);
    }
    let exception = words.next().unwrap_or_default();
    allowed.contains(license) || allowed.contains(&format!("{license} WITH {exception}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str) -> Package {
        Package {
            id: format!("{name}@{version}"),
            name: name.to_owned(),
            version: version.to_owned(),
            license: Some("MIT".to_owned()),
            source: Some(REGISTRY.to_owned()),
        }
    }

    fn exception(package: &str) -> Exception {
        Exception {
            package: package.to_owned(),
            reason: "because".to_owned(),
        }
    }

    fn policy() -> Policy {
        let mut policy = Policy::default();
        policy.licenses.allow = ["MIT", "Apache-2.0"].map(str::to_owned).into();
        policy.bans.deny = vec![exception("openssl")];
        policy
    }

    #[test]
    fn permits_expressions() {
        let allowed = policy().licenses.allow;
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0", false),
            ("MIT OR GPL-3.0", true),
            ("MIT AND GPL-3.0", false),
            ("MIT/GPL-3.0", true),
            ("(MIT OR Apache-2.0) AND GPL-3.0", false),
            ("(MIT OR GPL-3.0) AND Apache-2.0", true),
            ("GPL-3.0 OR MIT AND Apache-2.0", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-3.0 WITH LLVM-exception", false),
            ("(MIT", false),
            ("", false),
        ] {
            assert_eq!(permits(expression, &allowed), expected, "{expression}");
        }
    }

    #[test]
    fn findings_refused_package_source_and_licence() {
        let mut git = package("a", "1.0.0");
        git.source = Some("git+https://example.org/a".to_owned());
        let mut other = package("b", "1.0.0");
        other.license = Some("GPL-3.0".to_owned());
        let found = findings(&policy(), &[git, other, package("openssl", "0.10.0")]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(findings(&policy(), &[package("a", "1.0.0")]).is_empty());
    }

    #[test]
    fn duplicates_need_an_exception_that_is_used() {
        let packages = [package("syn", "2.0.1"), package("syn", "3.0.0")];
        assert_eq!(duplicates(&[], &packages).len(), 1);
        assert_eq!(duplicates(&[exception("syn@2")], &packages).len(), 0);
        assert_eq!(
            duplicates(&[exception("syn@2"), exception("rand@0.8")], &packages).len(),
            1
        );
    }
}
