//! The Python clients: XGBoost, numba-cuda, CuPy, Triton, tinygrad, cuda.core, nvidia-ml-py.
//!
//! As with the CUDA programs: each checks itself, and must print the same on every path.

use anyhow::{Result, ensure};
use rigel_tests::{Client, Installation, Server, missing, run_alike};

/// Runs a script in all three modes; returns what it printed.
fn check(script: &str) -> Result<()> {
    let installation = Installation::find()?;
    // Compiled kernels must not outlive the test: another build would load what this one compiled.
    let caches = tempfile::TempDir::new()?;
    let client = Client::python(&installation, script)
        .environment("CUPY_CACHE_DIR", caches.path().join("cupy"))
        .environment("TRITON_CACHE_DIR", caches.path().join("triton"))
        .environment("NUMBA_CACHE_DIR", caches.path().join("numba"))
        .environment("XDG_CACHE_HOME", caches.path());
    if !client.exists() && missing("`cargo xtask programs`") {
        return Ok(());
    }
    let server = Server::start()?;
    let output = run_alike(&client, &server)?;
    ensure!(output.contains("driver: lib"), "{output}");
    ensure!(!output.contains("WARNING"), "{output}");
    Ok(())
}

#[test]
fn xgboost_classification() -> Result<()> {
    check("xgboost_classification.py")
}

#[test]
fn xgboost_regression() -> Result<()> {
    check("xgboost_regression.py")
}

#[test]
fn xgboost_ranking() -> Result<()> {
    check("xgboost_ranking.py")
}

#[test]
fn numba_kernels() -> Result<()> {
    check("numba_kernels.py")
}

#[test]
fn cupy_arrays() -> Result<()> {
    check("cupy_arrays.py")
}

#[test]
fn triton_kernels() -> Result<()> {
    check("triton_kernels.py")
}

#[test]
fn tinygrad_training() -> Result<()> {
    check("tinygrad_training.py")
}

#[test]
fn cuda_core() -> Result<()> {
    check("cuda_core.py")
}

#[test]
fn nvml_view() -> Result<()> {
    check("nvml_view.py")
}
