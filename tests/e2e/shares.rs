//! Compute shares and priorities from outside: who is admitted, that contending tenants all finish with
//! the right results, that nobody's endless kernel stops the others, and that the books show it. How exact
//! shares are is the bench's affair (`cargo xtask bench share`); here nothing is timed.

use anyhow::{Context, Result, ensure};
use rigel_tests::{
    Client, Installation, Lease, Mode, RunningClient, Server, ServerOptions, missing,
};
use serde_json::Value;

/// The scripted client, or none where it was not built.
fn scripted() -> Result<Option<Client>> {
    let installation = Installation::find()?;
    let client = Client::new(installation.cuda_program("cuda13", "static", "scripted"));
    if !client.exists() && missing("`cargo xtask programs`") {
        return Ok(None);
    }
    Ok(Some(client))
}

fn server(leases: Vec<Lease>) -> Result<Server> {
    Server::start_with(&ServerOptions {
        leases,
        ..ServerOptions::default()
    })
}

/// A client that is connected and keeps some memory to run kernels on.
fn connected(client: &Client, server: &Server) -> Result<RunningClient> {
    let mut running = client.start(Mode::SharedMemory(server))?;
    for line in ["init", "alloc 65536"] {
        let answer = running.ask(line)?;
        ensure!(answer == "ok", "{line}: {answer}");
    }
    Ok(running)
}

fn lease<'a>(status: &'a Value, name: &str) -> Result<&'a Value> {
    let leases = status["leases"]
        .as_array()
        .context("the status has leases")?;
    let found = leases.iter().find(|lease| lease["name"] == name);
    found.with_context(|| format!("the status has no lease {name}"))
}

fn gpu_seconds(status: &Value, name: &str) -> Result<f64> {
    let seconds = &lease(status, name)?["gpus"][0]["gpu_seconds"];
    seconds.as_f64().context("gpu_seconds is a number")
}

#[test]
fn tenant_with_a_maximum_runs_and_its_time_is_booked() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(vec![Lease::new(
        "tests",
        &["compute = \"10..50\"", "priority = \"high\""],
    )])?;
    let mut running = connected(&client, &server)?;
    for _ in 0..50 {
        let answer = running.ask("touch")?;
        ensure!(answer == "ok", "touch: {answer}");
    }
    let status = server.wait_for("GPU time", |status| {
        gpu_seconds(status, "tests").is_ok_and(|seconds| seconds > 0.0)
    })?;
    let lease = lease(&status, "tests")?;
    ensure!(lease["compute_min_percent"] == 10, "{lease}");
    ensure!(lease["compute_max_percent"] == 50, "{lease}");
    ensure!(lease["priority"] == "high", "{lease}");
    running.finish()?.check("the tenant with a maximum")
}

#[test]
fn contending_tenants_all_finish_and_all_are_booked() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let leases = vec![
        Lease::new("tests", &["compute = \"10..\"", "priority = \"idle\""]),
        Lease::new("large", &["compute = \"60..\""]),
        Lease::new("urgent", &["compute = \"..30\"", "priority = \"urgent\""]),
    ];
    let names: Vec<String> = leases.iter().map(|lease| lease.name.clone()).collect();
    let server = server(leases)?;
    let mut tenants = Vec::new();
    for name in &names {
        tenants.push(connected(&client.clone().lease(name), &server)?);
    }
    // All have work under way at a time, again and again.
    for _ in 0..20 {
        for line in ["launch", "launch", "launch", "sync"] {
            for tenant in &mut tenants {
                let answer = tenant.ask(line)?;
                ensure!(answer == "ok", "{line}: {answer}");
            }
        }
    }
    let status = server.wait_for("everybody's GPU time", |status| {
        let used = |name: &String| gpu_seconds(status, name).is_ok_and(|seconds| seconds > 0.0);
        names.iter().all(used)
    })?;
    ensure!(lease(&status, "tests")?["priority"] == "idle", "{status:#}");
    for tenant in tenants {
        tenant.finish()?.check("a contending tenant")?;
    }
    Ok(())
}

#[test]
fn endless_kernel_of_one_tenant_does_not_stop_another() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(vec![Lease::new("tests", &[]), Lease::new("other", &[])])?;
    let mut endless = connected(&client, &server)?;
    let answer = endless.ask("block")?;
    ensure!(answer == "ok", "block: {answer}");
    let mut other = connected(&client.clone().lease("other"), &server)?;
    let answer = other.ask("touch")?;
    ensure!(answer == "ok", "touch beside an endless kernel: {answer}");
    drop(endless);
    let answer = other.ask("touch")?;
    ensure!(answer == "ok", "touch after it: {answer}");
    other.finish()?.check("the other tenant")
}

#[test]
fn request_may_lower_the_share_and_never_raise_it() -> Result<()> {
    let Some(client) = scripted()? else {
        return Ok(());
    };
    let server = server(vec![Lease::new("tests", &["compute = \"..40\""])])?;
    let mut lower = connected(&client.clone().request("--compute=20"), &server)?;
    let answer = lower.ask("touch")?;
    ensure!(answer == "ok", "touch at 20 %: {answer}");
    lower.finish()?.check("the lowered tenant")?;
    let more = client.request("--compute=41");
    let mut running = more.start(Mode::SharedMemory(&server))?;
    let answer = running.ask("init")?;
    ensure!(
        answer.starts_with("cudaError"),
        "41 % of 40 % gave {answer}"
    );
    let said = running.finish()?.stderr;
    ensure!(said.contains("41 % of compute requested"), "{said}");
    Ok(())
}
