//! The manifests in `deploy/kubernetes` against the published schemas of Kubernetes. What the device plugin does
//! with a kubelet is tested in `rigel-k8s`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use rigel_tests::{Installation, missing};

/// What the validator says of a manifest; none if it is not installed.
fn validated(manifest: &Path) -> Result<Option<(bool, String)>> {
    let python = Installation::find()?.python();
    if !python.exists() && missing("`cargo xtask programs`") {
        return Ok(None);
    }
    let output = Command::new(python)
        .args(["-m", "kubernetes_validate", "--strict"])
        .arg(manifest)
        .output()
        .context("start the validator")?;
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Some((output.status.success(), said)))
}

fn manifests() -> Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/kubernetes");
    let entries = std::fs::read_dir(folder)?;
    let paths: std::io::Result<Vec<PathBuf>> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    Ok(paths?)
}

#[test]
fn manifests_fit_the_published_schemas() -> Result<()> {
    let manifests = manifests()?;
    ensure!(manifests.len() >= 2, "{manifests:?}");
    for manifest in manifests {
        if let Some((fits, said)) = validated(&manifest)? {
            ensure!(fits && said.contains(" passed for resource "), "{said}");
        }
    }
    Ok(())
}

#[test]
fn manifest_with_a_key_of_no_schema_does_not_fit() -> Result<()> {
    let folder = tempfile::TempDir::new()?;
    let file = folder.path().join("bad.yaml");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers: []\n";
    std::fs::write(&file, format!("{pod}  restartPolcy: Never\n"))?;
    if let Some((fits, said)) = validated(&file)? {
        ensure!(!fits && said.contains("restartPolcy"), "{said}");
    }
    Ok(())
}
