//! What is seen of a pool at work: timelines of programs, the health of GPUs, and that dashboards and alerts
//! name what there is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rigel_tests::{Client, Installation, Mode, RunningClient, Server, ServerOptions, missing};
use serde_json::Value;
use tempfile::TempDir;

/// Launches of `two_threads`: two threads of 60 each, and one more.
const LAUNCHES: usize = 121;

/// A CUDA program, or none where it was not built.
fn program(name: &str) -> Result<Option<std::path::PathBuf>> {
    let path = Installation::find()?.cuda_program("cuda13", "static", name);
    match Client::new(&path).exists() || !missing("`cargo xtask programs`") {
        true => Ok(Some(path)),
        false => Ok(None),
    }
}

/// A program under `rigel trace`.
fn traced(server: &Server, address: &str, file: &Path) -> Result<Command> {
    let mut command = Command::new(Installation::find()?.rigel());
    command
        .args(["trace", "--pool", address, "--token-file"])
        .arg(server.token_file("tests"))
        .arg("-o")
        .arg(file)
        .arg("--")
        .env("RIGEL_SOCKET", server.socket());
    Ok(command)
}

fn read(file: &Path) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(file).context("read the timeline")?;
    let page: Value = serde_json::from_str(&text).context("the timeline is JSON")?;
    ensure!(page["otherData"]["dropped"] == 0, "{}", page["otherData"]);
    let events = page["traceEvents"].as_array();
    events.cloned().context("a timeline has events")
}

fn of<'a>(events: &'a [Value], category: &str) -> Vec<&'a Value> {
    let found = events.iter().filter(|event| event["cat"] == category);
    found.collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// Each launch is there once on the client's side and once on the GPU, in the order of its stream.
fn check_launches(events: &[Value], n: usize) -> Result<()> {
    let calls = of(events, "call");
    let launches: BTreeMap<u64, &Value> = calls
        .iter()
        .filter(|event| event["name"] == "cuLaunchKernel")
        .filter_map(|event| Some((event["args"]["position"].as_u64()?, *event)))
        .collect();
    let kernels = of(events, "kernel");
    let found: BTreeSet<u64> = kernels
        .iter()
        .filter_map(|event| event["args"]["position"].as_u64())
        .collect();
    ensure!(launches.len() == n, "{} launches", launches.len());
    ensure!(kernels.len() == n, "{} kernels", kernels.len());
    ensure!(found.iter().eq(launches.keys()), "other launches");
    for kernel in kernels {
        let position = kernel["args"]["position"].as_u64().unwrap_or(0);
        // To a tenth of a millisecond: that is how well the clocks of two sides are brought together.
        let early = number(&launches[&position]["ts"]) - number(&kernel["ts"]);
        ensure!(early < 100.0, "a kernel runs {early} us before its launch");
    }
    Ok(())
}

/// In a row what begins within something ends within it, on the GPU nothing does so, and time never runs
/// backward.
fn check_rows(events: &[Value]) -> Result<()> {
    let mut rows = BTreeMap::<(u64, u64), Vec<(f64, f64)>>::new();
    let mut gpus = BTreeSet::new();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        let place = (event["pid"].as_u64(), event["tid"].as_u64());
        let place = (place.0.context("a pid")?, place.1.context("a tid")?);
        let (start, length) = (number(&event["ts"]), number(&event["dur"]));
        ensure!(start >= 0.0 && length >= 0.0, "{event}");
        rows.entry(place).or_default().push((start, start + length));
        gpus.extend((event["cat"] == "kernel").then_some(place));
    }
    // A nanosecond for the rounding of fractions.
    let early = |a: f64, b: f64| a < b - 0.002;
    for (place, mut row) in rows {
        row.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
        let mut around: Vec<(f64, f64)> = Vec::new();
        for span in row {
            around.retain(|outer| early(span.0, outer.1));
            let nested = around.iter().all(|outer| !early(outer.1, span.1));
            ensure!(nested, "{place:?}: {span:?} crosses {around:?}");
            let alone = around.is_empty() || !gpus.contains(&place);
            ensure!(alone, "{place:?}: {span:?} within {around:?}");
            around.push(span);
        }
    }
    Ok(())
}

fn check_two_threads(address: impl Fn(&Server) -> String) -> Result<()> {
    let Some(program) = program("two_threads")? else {
        return Ok(());
    };
    let (server, folder) = (Server::start()?, TempDir::new()?);
    let file = folder.path().join("trace.json");
    let mut command = traced(&server, &address(&server), &file)?;
    let output = RunningClient::start(command.arg(program))?.finish()?;
    output.check("the traced program")?;
    let events = read(&file)?;
    check_launches(&events, LAUNCHES)?;
    check_rows(&events)?;
    ensure!(of(&events, "wait").len() > 2, "it has waited");
    ensure!(of(&events, "copy").len() >= 4, "it has copied");
    let names: BTreeSet<&str> = of(&events, "kernel")
        .iter()
        .filter_map(|event| event["name"].as_str())
        .collect();
    let named = names.iter().all(|name| name.contains("step"));
    ensure!(named && names.len() == 1, "{names:?}");
    Ok(())
}

#[test]
fn timeline_over_shared_memory_has_each_launch_once() -> Result<()> {
    check_two_threads(|_| "local".to_owned())
}

#[test]
fn timeline_over_quic_has_each_launch_once() -> Result<()> {
    check_two_threads(|server| server.quic_url().to_owned())
}

#[test]
fn timeline_of_several_processes_is_one_file() -> Result<()> {
    let Some(program) = program("two_threads")? else {
        return Ok(());
    };
    let (server, folder) = (Server::start()?, TempDir::new()?);
    let file = folder.path().join("trace.json");
    let mut command = traced(&server, "local", &file)?;
    command.args(["sh", "-c", "\"$1\" & \"$1\"; wait", "sh"]);
    let output = RunningClient::start(command.arg(program))?.finish()?;
    output.check("the traced programs")?;
    let events = read(&file)?;
    let pids: BTreeSet<u64> = of(&events, "call")
        .iter()
        .filter_map(|event| event["pid"].as_u64())
        .collect();
    ensure!(pids.len() == 2, "{pids:?}");
    ensure!(of(&events, "kernel").len() == 2 * LAUNCHES);
    check_rows(&events)
}

#[test]
fn timeline_is_whole_when_the_program_is_terminated() -> Result<()> {
    let Some(program) = program("scripted")? else {
        return Ok(());
    };
    let (server, folder) = (Server::start()?, TempDir::new()?);
    let file = folder.path().join("trace.json");
    let mut command = traced(&server, "local", &file)?;
    let mut client = RunningClient::start(command.arg(program))?;
    for line in ["init", "alloc 65536", "launch", "launch", "launch", "sync"] {
        let answer = client.ask(line)?;
        ensure!(answer == "ok", "{line}: {answer}");
    }
    let asked = Command::new("kill")
        .arg(client.pid().to_string())
        .status()?;
    ensure!(asked.success(), "terminate it");
    // Its input stays open until it says nothing more: it shall not end by itself.
    ensure!(client.hear().is_err(), "it goes on");
    let output = client.finish()?;
    ensure!(output.status.code() == Some(128 + 15), "{}", output.status);
    let events = read(&file)?;
    check_launches(&events, 3)?;
    check_rows(&events)
}

/// `rigel spans` on the only session of a server, from its operator.
fn spans(server: &Server, file: &Path) -> Result<Command> {
    let session = server.status()?["sessions"][0]["id"].to_string();
    let mut command = Command::new(Installation::find()?.rigel());
    command
        .args([
            "spans",
            &session,
            "--seconds",
            "1",
            "--sample",
            "100",
            "--to",
        ])
        .arg(file)
        .env("RIGEL_SOCKET", server.socket());
    Ok(command)
}

/// The spans in a file, by trace.
fn traces(file: &Path) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut traces = BTreeMap::<String, Vec<Value>>::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let request: Value = serde_json::from_str(line)?;
        let resources = request["resourceSpans"].as_array().context("resources")?;
        for resource in resources {
            let spans = resource["scopeSpans"][0]["spans"].as_array();
            for span in spans.context("spans")? {
                let id = span["traceId"].as_str().context("a trace's id")?;
                traces.entry(id.to_owned()).or_default().push(span.clone());
            }
        }
    }
    Ok(traces)
}

/// Whether a trace is a launch: its call, the ring, the worker, and the kernel, one below the other.
fn is_launch(spans: &[Value]) -> bool {
    let find = |name: &str| spans.iter().find(|span| span["name"] == name);
    let (Some(call), Some(ring)) = (find("cuLaunchKernel"), find("ring wait")) else {
        return false;
    };
    let worker = find("worker: cuLaunchKernel");
    let Some(worker) = worker.filter(|one| one["parentSpanId"] == call["spanId"]) else {
        return false;
    };
    let on_gpu = |span: &&Value| span["parentSpanId"] == worker["spanId"];
    ring["parentSpanId"] == call["spanId"] && spans.iter().any(|span| on_gpu(&span))
}

fn check_spans(mode: for<'a> fn(&'a Server) -> Mode<'a>) -> Result<()> {
    let Some(program) = program("scripted")? else {
        return Ok(());
    };
    let (server, folder) = (Server::start()?, TempDir::new()?);
    let file = folder.path().join("spans.json");
    let mut client = Client::new(program).start(mode(&server))?;
    for line in ["init", "alloc 65536"] {
        ensure!(client.ask(line)? == "ok", "{line}");
    }
    let mut watching = spans(&server, &file)?.spawn()?;
    // It works for as long as it is watched.
    let status = loop {
        for line in ["launch", "sync"] {
            ensure!(client.ask(line)? == "ok", "{line}");
        }
        if let Some(status) = watching.try_wait()? {
            break status;
        }
    };
    ensure!(status.success(), "{status}");
    client.finish()?.check("the watched program")?;
    let traces = traces(&file)?;
    let launches = traces.values().filter(|spans| is_launch(spans)).count();
    ensure!(
        launches > 1,
        "{launches} launches in {} traces",
        traces.len()
    );
    Ok(())
}

#[test]
fn running_session_exports_spans_over_shared_memory() -> Result<()> {
    check_spans(|server| Mode::SharedMemory(server))
}

#[test]
fn running_session_exports_spans_over_quic() -> Result<()> {
    check_spans(|server| Mode::Quic(server))
}

/// A metric that a dashboard or an alert names, and the labels it expects of it.
type Named = (String, BTreeSet<String>);

/// Metrics of ours in an expression of Prometheus', with the labels that are asked of them. Labels of a
/// `by` clause are those of every metric in the expression.
fn named(expression: &str) -> Vec<Named> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut grouped = BTreeSet::new();
    for part in expression.split(" by (").skip(1) {
        let list = part.split(')').next().unwrap_or_default();
        grouped.extend(list.split(',').map(|label| label.trim().to_owned()));
    }
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(at) = rest.find("rigel_") {
        let tail = &rest[at..];
        let end = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        let (name, behind) = tail.split_at(end);
        let mut labels = grouped.clone();
        if let Some(inner) = behind.strip_prefix('{') {
            let inner = inner.split('}').next().unwrap_or_default();
            for term in inner.split(',') {
                let end = term.find(|c| !is_word(c)).unwrap_or(term.len());
                labels.insert(term[..end].to_owned());
            }
        }
        found.push((name.to_owned(), labels));
        rest = behind;
    }
    found
}

/// Labels that a legend or a text shows.
fn shown(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("{{").skip(1).filter_map(|part| {
        let name = part.split("}}").next()?.trim();
        let name = name.strip_prefix("$labels.").unwrap_or(name);
        Some(name.to_owned())
    })
}

/// What all dashboards and rules expect of a server.
fn expected() -> Result<Vec<Named>> {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(deploy.join("grafana")).context("find the dashboards")? {
        let text = std::fs::read_to_string(entry?.path())?;
        let board: Value = serde_json::from_str(&text).context("a dashboard is JSON")?;
        let panels = board["panels"].as_array().context("it has panels")?;
        for target in panels
            .iter()
            .flat_map(|one| one["targets"].as_array())
            .flatten()
        {
            let expression = target["expr"].as_str().context("it asks for something")?;
            let legend = target["legendFormat"].as_str().unwrap_or_default();
            let metrics = named(expression);
            ensure!(
                !metrics.is_empty(),
                "`{expression}` asks for nothing of ours"
            );
            all.extend(metrics.into_iter().map(|(name, mut labels)| {
                labels.extend(shown(legend));
                (name, labels)
            }));
        }
    }
    let rules = std::fs::read_to_string(deploy.join("prometheus/rigel.rules.yaml"))?;
    for line in rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: "))
    {
        all.extend(named(line));
    }
    Ok(all)
}

/// The labels of each metric that a server shows.
fn scraped(page: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut metrics = BTreeMap::<String, BTreeSet<String>>::new();
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let end = line.find(['{', ' ']).unwrap_or(line.len());
        let labels = metrics.entry(line[..end].to_owned()).or_default();
        let inner = line[end..].strip_prefix('{').unwrap_or_default();
        for term in inner.split("\",") {
            let name = term.split('=').next().unwrap_or_default();
            let is_name =
                !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            labels.extend(is_name.then(|| name.to_owned()));
        }
    }
    metrics
}

/// What the metrics port answers.
fn metrics(server: &Server) -> Result<String> {
    let log = server.log();
    let mut words = log.split_whitespace();
    let url = words.find(|word| word.ends_with("/metrics"));
    let address = url.and_then(|url| url.strip_prefix("http://")?.strip_suffix("/metrics"));
    let address = address.context("the server names its metrics port")?;
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let page = answer
        .split_once("\r\n\r\n")
        .context("an answer has a head")?;
    Ok(page.1.to_owned())
}

#[test]
fn dashboards_and_alerts_name_what_a_server_shows() -> Result<()> {
    let Some(program) = program("scripted")? else {
        return Ok(());
    };
    let (server, faults) = server_with_faults()?;
    let mut running = Client::new(program).start(Mode::SharedMemory(&server))?;
    ensure!(running.ask("init")? == "ok", "init");
    // An error of a program's own: it is counted, and the GPU stays in service.
    report(&faults, "0 13")?;
    server.wait_for("an error to be counted", |status| {
        status["gpus"][0]["health"]["errors"]["13"] == 1
    })?;
    let page = metrics(&server)?;
    let there = scraped(&page);
    for (name, labels) in expected()? {
        let has = there.get(&name);
        let has = has.with_context(|| format!("{name} is not in\n{page}"))?;
        for label in labels.iter().filter(|label| *label != "instance") {
            ensure!(has.contains(label), "{name} has no label {label}");
        }
    }
    running.finish()?.check("the watched client")
}

#[test]
fn rules_of_alerts_are_well_formed() -> Result<()> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus/rigel.rules.yaml");
    let checked = Command::new("promtool")
        .args(["check", "rules"])
        .arg(rules)
        .output();
    let Ok(output) = checked else {
        missing("prometheus");
        return Ok(());
    };
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "promtool: {said}");
    Ok(())
}

/// A server whose GPUs have the errors that are written to a file.
fn server_with_faults() -> Result<(Server, TempDir)> {
    let folder = TempDir::new()?;
    let path = folder.path().join("faults").display().to_string();
    let server = Server::start_with(&ServerOptions {
        settings: vec!["metrics = \"127.0.0.1:0\"".to_owned()],
        worker_env: vec![("RIGEL_SOFT_FAULTS".to_owned(), path)],
        ..ServerOptions::default()
    })?;
    Ok((server, folder))
}

fn report(folder: &TempDir, fault: &str) -> Result<()> {
    let path = folder.path().join("faults");
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    writeln!(file, "{fault}").context("report an error")
}

/// A GPU that falls ill ends its sessions with CUDA's error for it, and takes none until it is resumed.
fn check_illness(xid: u32, error: &str, quic: bool) -> Result<()> {
    let Some(program) = program("scripted")? else {
        return Ok(());
    };
    let (server, faults) = server_with_faults()?;
    let mode = match quic {
        true => Mode::Quic(&server),
        false => Mode::SharedMemory(&server),
    };
    let client = Client::new(program);
    let mut running = client.start(mode)?;
    ensure!(running.ask("init")? == "ok", "init");
    report(&faults, &format!("0 {xid}"))?;
    server.wait_for("the GPU to be ill", |status| {
        status["gpus"][0]["health"]["state"] == "ill"
            && status["alerts"].to_string().contains("\"gpu\"")
    })?;
    server.wait_for("its session to end", |status| {
        status["sessions"][0]["ended"] == true
    })?;
    let answer = running.ask("sync")?;
    ensure!(answer == error, "sync: {answer}");
    let listed = server.operate(&["gpu", "list"])?;
    ensure!(listed.contains(&format!("Xid {xid}")), "{listed}");
    ensure!(metrics(&server)?.contains("rigel_gpu_healthy{gpu=\"0\"} 0\n"));
    let mut refused = client.start(mode)?;
    ensure!(refused.ask("init")? != "ok", "an ill GPU took a session");
    let said = refused.finish()?.stderr;
    ensure!(said.contains("GPU 0 takes no sessions"), "{said}");
    server.operate(&["gpu", "resume", "0"])?;
    let mut again = client.start(mode)?;
    ensure!(
        again.ask("init")? == "ok",
        "a GPU that is well takes sessions"
    );
    again.finish()?.check("the client after")
}

#[test]
fn uncorrectable_memory_is_told_as_such() -> Result<()> {
    check_illness(48, "cudaErrorECCUncorrectable", false)
}

#[test]
fn failed_gpu_is_told_over_quic() -> Result<()> {
    check_illness(62, "cudaErrorLaunchFailure", true)
}

#[test]
fn drained_gpu_lets_its_sessions_go_on() -> Result<()> {
    let Some(program) = program("scripted")? else {
        return Ok(());
    };
    let server = Server::start()?;
    let client = Client::new(program);
    let mut running = client.start(Mode::SharedMemory(&server))?;
    ensure!(running.ask("init")? == "ok", "init");
    server.operate(&["gpu", "drain", "0"])?;
    let mut refused = client.start(Mode::SharedMemory(&server))?;
    ensure!(refused.ask("init")? != "ok", "a drained GPU took a session");
    for line in ["alloc 65536", "launch", "sync"] {
        let answer = running.ask(line)?;
        ensure!(answer == "ok", "{line}: {answer}");
    }
    running.finish()?.check("the client on a drained GPU")?;
    server.operate(&["gpu", "resume", "0"])?;
    let mut again = client.start(Mode::SharedMemory(&server))?;
    ensure!(
        again.ask("init")? == "ok",
        "a GPU that was resumed takes sessions"
    );
    again.finish()?.check("the client after")
}
