//! PyTorch: part of `cargo xtask test --full`, since its wheels are large.
//!
//! Its kernels exist only as machine code, so launches are skipped; what is tested is everything
//! around them. See `programs/python/torch_flow.py`.

use anyhow::{Context, Result, ensure};
use rigel_tests::{Client, Installation, Mode, Server, ServerOptions, missing, run_alike};

/// Blocking round trips of one training step.
const WAITS_A_STEP_MAX: f64 = 2.0;

/// A script in PyTorch's environment, and a server whose kernels are skipped as the script's are.
fn prepare(script: &str) -> Result<Option<(Client, Server)>> {
    let installation = Installation::find()?;
    let script = Installation::sources().join("python").join(script);
    let skip = ("RIGEL_SOFT_KERNELS", "skip");
    let caches = tempfile::TempDir::new()?.keep();
    let client = Client::new(installation.torch_python())
        .argument(script)
        .environment(skip.0, skip.1)
        .environment("TRITON_CACHE_DIR", caches.join("triton"))
        .environment("TORCHINDUCTOR_CACHE_DIR", caches.join("inductor"));
    if !client.exists() && missing("`cargo xtask programs --full`") {
        return Ok(None);
    }
    let worker_env = vec![(skip.0.to_owned(), skip.1.to_owned())];
    let server = Server::start_with(&ServerOptions {
        worker_env,
        ..ServerOptions::default()
    })?;
    Ok(Some((client, server)))
}

#[test]
fn torch_flow() -> Result<()> {
    let Some((client, server)) = prepare("torch_flow.py")? else {
        return Ok(());
    };
    let output = run_alike(&client, &server)?;
    ensure!(output.contains("driver: libcuda.so.1\n"), "{output}");
    Ok(())
}

#[test]
fn torch_shared() -> Result<()> {
    let Some((client, server)) = prepare("torch_shared.py")? else {
        return Ok(());
    };
    let output = run_alike(&client, &server)?;
    ensure!(output.contains("shared tensors\n"), "{output}");
    Ok(())
}

#[test]
fn torch_flow_leaves_no_unsupported_call() -> Result<()> {
    let Some((client, server)) = prepare("torch_flow.py")? else {
        return Ok(());
    };
    let output = client.run(Mode::SharedMemory(&server))?;
    output.check("torch_flow.py")?;
    let unsupported = output
        .stderr
        .lines()
        .find(|line| line.contains("not supported"));
    ensure!(unsupported.is_none(), "{unsupported:?}");
    Ok(())
}

#[test]
fn torch_training_step_waits_twice() -> Result<()> {
    let Some((client, server)) = prepare("torch_steps.py")? else {
        return Ok(());
    };
    let folder = tempfile::TempDir::new()?;
    for mode in [Mode::SharedMemory(&server), Mode::Quic(&server)] {
        let waits = |steps: u32| -> Result<f64> {
            let stats = folder.path().join("stats.json");
            let client = client
                .clone()
                .argument(steps.to_string())
                .environment("RIGEL_STATS", &stats);
            client.run(mode)?.check("torch_steps.py")?;
            let text = std::fs::read_to_string(&stats).context("read the client's counters")?;
            let counters: serde_json::Value = serde_json::from_str(&text)?;
            counters["waited"].as_f64().context("find `waited`")
        };
        let (few, many) = (10, 60);
        let a_step = (waits(many)? - waits(few)?) / f64::from(many - few);
        println!("{}: {a_step:.2} blocking round trips a step", mode.name());
        ensure!(a_step <= WAITS_A_STEP_MAX, "{}: {a_step}", mode.name());
    }
    Ok(())
}
