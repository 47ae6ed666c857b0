//! PyTorch: part of `cargo xtask test --full`, since its wheels are large.
//!
//! Its kernels exist only as machine code, so launches are skipped; what is tested is everything
//! around them. See `programs/python/torch_flow.py`.

use anyhow::{Result, ensure};
use rigel_tests::{Client, Installation, Server, ServerOptions, missing, run_alike};

#[test]
fn torch_flow() -> Result<()> {
    let installation = Installation::find()?;
    let script = Installation::sources().join("python/torch_flow.py");
    let skip = ("RIGEL_SOFT_KERNELS", "skip");
    let client = Client::new(installation.torch_python())
        .argument(script)
        .environment(skip.0, skip.1);
    if !client.exists() && missing("`cargo xtask programs --full`") {
        return Ok(());
    }
    let worker_env = vec![(skip.0.to_owned(), skip.1.to_owned())];
    let server = Server::start_with(&ServerOptions {
        worker_env,
        ..ServerOptions::default()
    })?;
    let output = run_alike(&client, &server)?;
    ensure!(output.contains("driver: libcuda.so.1\n"), "{output}");
    Ok(())
}
