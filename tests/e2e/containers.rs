//! GPUs in containers: by podman with CDI, and by runc with the hooks themselves. Containers run as root or as
//! a user, on a read-only root, with an empty environment, and each sees the quota of its own lease.
//!
//! They need root, podman, runc and `busybox-static`; images are made of this host's files.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use rigel_tests::{
    Bundle, Image, Installation, Lease, RunningClient, Server, ServerOptions, missing,
};
use serde_json::{Value, json};
use tempfile::TempDir;

const SMALL: u64 = 1 << 30;
const LARGE: u64 = 2 << 30;

/// A server with two kinds of lease for containers, one of each.
struct Pool {
    server: Server,
    image: Image,
    /// Device names are the host's: of this process alone.
    small: String,
    large: String,
}

/// A CDI specification where podman looks; removed when this is dropped.
struct Specification(PathBuf);

impl Drop for Specification {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Whether this host has all that is needed; says so if not.
fn has(programs: &[&str]) -> bool {
    let lacks = |program: &&&str| {
        let found = Command::new(program).arg("--version").output();
        !found.is_ok_and(|output| output.status.success())
    };
    if let Some(program) = programs.iter().find(lacks) {
        return !missing(program);
    }
    if !std::path::Path::new("/usr/bin/busybox").exists() {
        return !missing("busybox-static");
    }
    nix::unistd::geteuid().is_root() || !missing("root")
}

impl Pool {
    fn start(test: &str) -> Result<Option<Self>> {
        let installation = Installation::find()?;
        let program = installation.cuda_program("cuda13", "static", "scripted");
        if !program.exists() && missing("`cargo xtask programs`") {
            return Ok(None);
        }
        let name = |kind: &str| format!("{test}-{}-{kind}", std::process::id());
        let (small, large) = (name("small"), name("large"));
        let server = Server::start_with(&ServerOptions {
            leases: vec![
                Lease::instances(&small, 1, &["memory = \"1GiB\""]),
                Lease::instances(&large, 1, &["memory = \"2GiB\""]),
            ],
            settings: vec!["guest_socket = \"{folder}/guests/rigel.sock\"".into()],
            ..ServerOptions::default()
        })?;
        Ok(Some(Self {
            server,
            image: Image::of(&program)?,
            small,
            large,
        }))
    }

    fn specification(&self) -> Result<Value> {
        let pool = format!("unix:{}", self.server.socket().display());
        let text = self.server.operate(&["cdi", "generate", "--pool", &pool])?;
        serde_json::from_str(&text).context("understand the specification")
    }

    /// Both leases are free again: what their containers had has ended with them.
    fn check_is_free(&self) -> Result<()> {
        let left = self.server.operate(&["token", "list", "--json"])?;
        ensure!(left.trim() == "[]", "tokens are left: {left}");
        self.server.wait_for("the sessions' ends", |status| {
            let sessions = status["sessions"].as_array();
            sessions.is_some_and(|all| all.iter().all(|session| session["ended"] == true))
        })?;
        Ok(())
    }
}

/// The container's program works, within the quota of its lease.
fn check_quota(container: &mut RunningClient, total: u64) -> Result<()> {
    ensure!(container.ask("init")? == "ok");
    let info = container.ask("info")?;
    ensure!(info.ends_with(&format!("total {total}")), "{info}");
    ensure!(container.ask(&format!("alloc {}", total / 2))? == "ok");
    ensure!(container.ask("touch")? == "ok");
    ensure!(container.ask("copy 4")? == "ok");
    let over = container.ask(&format!("alloc {total}"))?;
    ensure!(over == "cudaErrorMemoryAllocation", "{over}");
    Ok(())
}

/// The program with nothing in its environment.
const CLEARED: [&str; 3] = ["/bin/env", "-i", Image::PROGRAM];

#[test]
fn runc_with_hooks_gives_two_containers_their_own_quotas() -> Result<()> {
    if !has(&["runc"]) {
        return Ok(());
    }
    let Some(pool) = Pool::start("runc")? else {
        return Ok(());
    };
    let state = TempDir::new()?;
    let start = |name: &str, user: u32| -> Result<(Bundle, RunningClient)> {
        let hooks = hooks(&pool.specification()?, name)?;
        let bundle = Bundle::new(&pool.image, &CLEARED, user, &hooks)?;
        let mut runc = Command::new("runc");
        runc.arg("--root")
            .arg(state.path())
            .args(["run", "--bundle"]);
        runc.arg(bundle.path()).arg(name);
        Ok((bundle, RunningClient::start(&mut runc)?))
    };
    let (_one, mut small) = start(&pool.small, 0)?;
    let (_two, mut large) = start(&pool.large, 1000)?;
    check_quota(&mut small, SMALL)?;
    check_quota(&mut large, LARGE)?;
    let (_three, late) = start(&format!("{}.1", pool.small), 0)?;
    let late = late.finish()?;
    ensure!(!late.status.success(), "a lease was given twice");
    for container in [small, large] {
        container.finish()?.check("the container")?;
    }
    pool.check_is_free()
}

/// The hooks of a device as a runtime's own configuration names them; they make all mounts themselves.
fn hooks(specification: &Value, device: &str) -> Result<Value> {
    let devices = specification["devices"].as_array();
    let kind = device.trim_end_matches(".1");
    let found = devices.and_then(|all| all.iter().find(|one| one["name"] == kind));
    let hooks = found.context("the device is specified")?["containerEdits"]["hooks"].as_array();
    let mut all = json!({});
    for hook in hooks.context("it has hooks")? {
        let mut args = hook["args"].as_array().cloned().unwrap_or_default();
        args.push("--mounts".into());
        let stage = hook["hookName"].as_str().unwrap_or_default();
        all[stage] = json!([{ "path": hook["path"], "args": args }]);
    }
    Ok(all)
}

#[test]
fn podman_with_cdi_gives_two_containers_their_own_quotas() -> Result<()> {
    if !has(&["podman", "runc"]) {
        return Ok(());
    }
    let Some(pool) = Pool::start("podman")? else {
        return Ok(());
    };
    let specification = pool.specification()?;
    let folder = PathBuf::from("/var/run/cdi");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join(format!("rigel-test-{}.json", std::process::id()));
    std::fs::write(&file, specification.to_string())?;
    let _file = Specification(file);
    let store = Store::new()?;
    let start = |device: &str, options: &[&str]| -> Result<RunningClient> {
        let mut podman = store.podman();
        podman.args(["run", "--rm", "--interactive", "--network=none"]);
        podman
            .arg(format!("--device=rigel.dev/vgpu={device}"))
            .args(options);
        podman
            .arg("--rootfs")
            .arg(format!("{}:O", pool.image.root().display()));
        podman.args(CLEARED);
        RunningClient::start(&mut podman)
    };
    let mut small = start(&pool.small, &["--user=1000"])?;
    let mut large = start(&pool.large, &["--read-only"])?;
    check_quota(&mut small, SMALL)?;
    check_quota(&mut large, LARGE)?;
    for container in [small, large] {
        container.finish()?.check("the container")?;
    }
    pool.check_is_free()
}

/// podman's own folders, away from the host's.
struct Store {
    folder: TempDir,
}

impl Store {
    fn new() -> Result<Self> {
        let folder = TempDir::new()?;
        let path = folder.path().display();
        let storage = format!(
            "[storage]\ndriver = \"overlay\"\ngraphroot = \"{path}/graph\"\nrunroot = \"{path}/run\"\n"
        );
        std::fs::write(folder.path().join("storage.conf"), storage)?;
        let containers = "[containers]\n\
                          default_ulimits = [\"nofile=1024:4096\", \"nproc=4096:8192\"]\n\
                          [engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\n\
                          runtime = \"runc\"\n";
        std::fs::write(folder.path().join("containers.conf"), containers)?;
        Ok(Self { folder })
    }

    fn podman(&self) -> Command {
        let mut podman = Command::new("podman");
        podman
            .env(
                "CONTAINERS_STORAGE_CONF",
                self.folder.path().join("storage.conf"),
            )
            .env(
                "CONTAINERS_CONF",
                self.folder.path().join("containers.conf"),
            );
        podman
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // Its mounts would keep the folder.
        let _ = self.podman().args(["unshare", "true"]).output();
        let graph = self.folder.path().join("graph/overlay");
        let _ = Command::new("umount").arg(graph).output();
    }
}

#[test]
fn guest_socket_lets_nobody_in_without_a_token() -> Result<()> {
    let Some(pool) = Pool::start("guests")? else {
        return Ok(());
    };
    let guests = pool.server.socket().with_file_name("guests/rigel.sock");
    let address = format!("unix:{}", guests.display());
    // This test may be root, or the server's user: through this socket it is nobody.
    for question in [&["status"][..], &["token", "list"], &["lease", "list"]] {
        let asked = [&question[..1], &["--pool", &address], &question[1..]].concat();
        let refused = pool
            .server
            .operate(&asked)
            .map(drop)
            .unwrap_err()
            .to_string();
        ensure!(refused.contains("a container needs a token"), "{refused}");
    }
    Ok(())
}
