//! `rigel k8s device-plugin` between a server and a kubelet that follows the contract: what a container gets is a
//! token that opens exactly what its pod asked for. What the plugin does on bad days is tested beside it.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use kubelet::{Container, Kubelet};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

#[path = "../../k8s/tests/support/kubelet.rs"]
#[expect(dead_code, reason = "the plugin's own tests use the rest")]
mod kubelet;

/// How long anything may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);
const VGPU: &str = "rigel.dev/vgpu";
const MEMORY: &str = "rigel.dev/vgpu-memory-gib";
const COMPUTE: &str = "rigel.dev/vgpu-compute-percent";

/// A process that ends with the test.
struct Running(Child);

impl Running {
    /// Asks it to end; whether it did so in order.
    fn stop(mut self) -> bool {
        kill(Pid::from_raw(self.0.id() as i32), Signal::SIGTERM).unwrap();
        self.0.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server and a plugin in a folder of the test's own.
struct Node {
    folder: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["libraries/shim", "server", "guests", "plugins"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::fs::write(root.join("libraries/shim/libcuda.so.1"), "library").unwrap();
        let path = |name: &str| root.join(name).display().to_string();
        let config = format!(
            "[server]\nsocket = \"{}\"\nguest_socket = \"{}\"\nstate_dir = \"{}\"\ndriver = \"null\"\n\
             [[lease]]\nname = \"kubernetes\"\ninstances = 4\n",
            path("server/rigel.sock"),
            path("guests/rigel.sock"),
            path("state"),
        );
        std::fs::write(root.join("rigel.toml"), config).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn rigel(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rigel"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("RIGEL_LIB_DIR", self.path("libraries"))
            .env("RIGEL_LOG", "warn");
        command
    }

    fn serve(&self) -> Running {
        let config = self.path("rigel.toml");
        let mut command = self.rigel(&["serve", "--config"]);
        command.arg(config).stdout(Stdio::piped());
        let mut server = Running(command.spawn().unwrap());
        let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
        assert!(
            lines.any(|line| line.unwrap() == "rigel: ready"),
            "the server starts"
        );
        server
    }

    fn plugin(&self) -> Running {
        let pool = format!("unix:{}", self.path("server/rigel.sock").display());
        let mut command = self.rigel(&["k8s", "device-plugin", "--node", "n", "--pool", &pool]);
        command
            .args(["--memory-unit", "gib", "--folder"])
            .arg(self.path("own"));
        command.arg("--plugins").arg(self.path("plugins"));
        command.arg("--pod-resources").arg(self.path("pods.sock"));
        Running(command.spawn().unwrap())
    }

    /// The server as the container with this token sees it, through the socket for guests.
    fn seen_by(&self, token: &Path) -> Output {
        let pool = format!("unix:{}", self.path("guests/rigel.sock").display());
        let mut command = self.rigel(&["status", "--json", "--pool", &pool, "--token-file"]);
        command.arg(token).output().unwrap()
    }
}

/// The file where a container sees its token, on the host.
fn token(container: &Container) -> PathBuf {
    let mounts = container.given.iter().flat_map(|given| &given.mounts);
    let own = mounts
        .into_iter()
        .find(|mount| mount.container_path == "/run/rigel");
    Path::new(&own.unwrap().host_path).join("token")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_of_a_container_opens_what_its_pod_asked_for() {
    let node = Node::new();
    let server = node.serve();
    let kubelet = Kubelet::start(node.folder.path());
    let plugin = node.plugin();
    kubelet.until_healthy(&[(VGPU, 8), (COMPUTE, 100)]).await;

    let wanted = [(VGPU, 1), (MEMORY, 3), (COMPUTE, 25)];
    let first = kubelet.admit("first", &wanted).await.unwrap();
    kubelet.start_container(&first).await.unwrap();
    let old = node.path("old");
    std::fs::copy(token(&first), &old).unwrap();
    let seen = node.seen_by(&old);
    let status: Value = serde_json::from_slice(&seen.stdout).unwrap();
    let leases = status["leases"].as_array().unwrap();
    assert_eq!(leases.len(), 1, "its own: {status}");
    assert_eq!(leases[0]["gpus"][0]["memory_limit_bytes"], 3u64 << 30);
    assert_eq!(leases[0]["compute_max_percent"], 25);

    // The next container with the slot has more, and the token of the one before opens nothing.
    kubelet.remove("first");
    let wanted = [(VGPU, 1), (MEMORY, 5)];
    let second = kubelet.admit("second", &wanted).await.unwrap();
    assert_eq!(first.devices[VGPU], second.devices[VGPU]);
    assert!(!node.seen_by(&old).status.success());
    kubelet.start_container(&second).await.unwrap();
    let seen = node.seen_by(&token(&second));
    let status: Value = serde_json::from_slice(&seen.stdout).unwrap();
    assert_eq!(
        status["leases"][0]["gpus"][0]["memory_limit_bytes"],
        5u64 << 30
    );
    assert_eq!(status["leases"][0]["compute_max_percent"], 100);

    assert!(plugin.stop());
    assert!(
        node.seen_by(&token(&second)).status.success(),
        "it lives on without the plugin"
    );
    drop(server);
}
