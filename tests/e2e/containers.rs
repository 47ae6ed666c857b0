//! GPUs in containers: by podman with CDI, and by runc and crun with the hooks themselves. Containers run as
//! root or as a user, on a read-only root, with an empty environment, and each sees the quota of its own lease.
//!
//! They need root, podman, runc, crun and `busybox-static`; images are made of this host's files.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use rigel_tests::{
    Bundle, Client, Image, Installation, Lease, Mode, RunningClient, Server, ServerOptions, missing,
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

/// A runtime that is given bundles.
#[derive(Clone, Copy)]
enum Runtime {
    Runc,
    Crun,
}

/// crun wants the newer hierarchy of control groups, and hosts mount both: in a namespace of its own it sees
/// the newer alone.
const CRUN: &str = "umount -R /sys/fs/cgroup || mount --bind /mnt /sys/fs/cgroup; \
                    mount -t cgroup2 none /sys/fs/cgroup && \
                    exec crun --cgroup-manager=disabled \"$@\"";

impl Runtime {
    fn name(self) -> &'static str {
        match self {
            Self::Runc => "runc",
            Self::Crun => "crun",
        }
    }

    /// Starts a bundle's container.
    fn run(self, state: &TempDir, bundle: &Bundle, name: &str) -> Result<RunningClient> {
        let mut command = match self {
            Self::Runc => Command::new("runc"),
            Self::Crun => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", CRUN, "crun"]);
                command
            }
        };
        command
            .arg("--root")
            .arg(state.path())
            .args(["run", "--bundle"]);
        RunningClient::start(command.arg(bundle.path()).arg(name))
    }
}

fn check_two_containers(runtime: Runtime) -> Result<()> {
    if !has(&[runtime.name()]) {
        return Ok(());
    }
    let Some(pool) = Pool::start(runtime.name())? else {
        return Ok(());
    };
    let state = TempDir::new()?;
    let start = |name: &str, user: u32| -> Result<(Bundle, RunningClient)> {
        let hooks = hooks(&pool.specification()?, name)?;
        let bundle = Bundle::new(&pool.image, &CLEARED, user, &hooks)?;
        let running = runtime.run(&state, &bundle, name)?;
        Ok((bundle, running))
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

#[test]
fn runc_with_hooks_gives_two_containers_their_own_quotas() -> Result<()> {
    check_two_containers(Runtime::Runc)
}

#[test]
fn crun_with_hooks_gives_two_containers_their_own_quotas() -> Result<()> {
    check_two_containers(Runtime::Crun)
}

/// XGBoost's training with an empty environment, in containers of a lease's own.
fn check_training(runtime: Runtime) -> Result<()> {
    let installation = Installation::find()?;
    let client = Client::python(&installation, TRAINING);
    if !has(&[runtime.name()]) || (!client.exists() && missing("`cargo xtask programs`")) {
        return Ok(());
    }
    let Some(pool) = Pool::start(&format!("{}-training", runtime.name()))? else {
        return Ok(());
    };
    let outside = client.run(Mode::Direct)?;
    outside.check("the training outside")?;
    let script = Installation::sources().join("python").join(TRAINING);
    let (python, script) = (installation.python(), script.display().to_string());
    let python = python.to_str().context("the interpreter's path is text")?;
    let command = ["/bin/env", "-i", python, script.as_str()];
    let state = TempDir::new()?;
    let hooks = hooks(&pool.specification()?, &pool.large)?;
    let folders = python_folders(&installation)?;
    let bundle = Bundle::with_folders(&pool.image, &command, 0, &hooks, &folders)?;
    let output = runtime.run(&state, &bundle, &pool.large)?.finish()?;
    output.check("the training in the container")?;
    let (inside, outside) = (&output.stdout, &outside.stdout);
    ensure!(inside == outside, "{inside}\nis not\n{outside}");
    let from = "attest: /usr/lib/rigel/cuda/libcuda.so.1";
    ensure!(output.stderr.contains(from), "{}", output.stderr);
    pool.check_is_free()
}

/// The script that is trained with.
const TRAINING: &str = "xgboost_regression.py";

/// Folders of this host that its Python needs.
fn python_folders(installation: &Installation) -> Result<Vec<PathBuf>> {
    let ask = "import sys; print(sys.base_prefix)";
    let output = Command::new(installation.python())
        .args(["-c", ask])
        .output()?;
    let base = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    let venv = installation.python();
    let venv = venv
        .ancestors()
        .nth(2)
        .context("the environment's folder")?;
    let mut folders = vec![
        venv.to_path_buf(),
        Installation::sources(),
        "/usr/bin".into(),
    ];
    if !base.starts_with("/usr") {
        folders.push(base);
    }
    // The libraries' own folder in `/usr/lib` is the container's.
    for entry in std::fs::read_dir("/usr/lib")? {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name() != "rigel" {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

#[test]
fn training_in_a_container_of_runc_is_that_outside() -> Result<()> {
    check_training(Runtime::Runc)
}

#[test]
fn training_in_a_container_of_crun_is_that_outside() -> Result<()> {
    check_training(Runtime::Crun)
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
