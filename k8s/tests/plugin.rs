//! The plugin beside a kubelet that follows the contract, and on bad days of both.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

mod support;

use std::path::PathBuf;

use rigel_k8s::api::{
    AllocateRequest, AllocateResponse, DeviceIds, Empty, RegisterRequest, method,
};
use rigel_k8s::grpc::Client;
use rigel_k8s::pool::Scope;
use tonic::Code;

use support::{Container, FakePool, Held, Kubelet, PATIENCE, Plugin, settings};

const VGPU: &str = "rigel.dev/vgpu";
const MEMORY: &str = "rigel.dev/vgpu-memory-gib";
const COMPUTE: &str = "rigel.dev/vgpu-compute-percent";
const GIB: u64 = 1 << 30;

/// A node with a pool of two GPUs, and a plugin that the kubelet knows.
struct Node {
    folder: tempfile::TempDir,
    pool: FakePool,
    kubelet: Kubelet,
    plugin: Plugin,
}

impl Node {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let pool = FakePool::new(2);
        let kubelet = Kubelet::start(folder.path());
        let plugin = Plugin::start(folder.path(), &pool);
        let node = Self {
            folder,
            pool,
            kubelet,
            plugin,
        };
        node.is_offered().await;
        node
    }

    async fn is_offered(&self) {
        let all = [(VGPU, 16), (MEMORY, 32), (COMPUTE, 200)];
        self.kubelet.until_healthy(&all).await;
    }

    /// A container that has started.
    async fn run(&self, name: &str, wanted: &[(&str, usize)]) -> Container {
        let container = self.kubelet.admit(name, wanted).await.unwrap();
        self.kubelet.start_container(&container).await.unwrap();
        container
    }
}

/// What a container sees at a path.
fn seen(container: &Container, path: &str) -> Option<String> {
    let mounts = container.given.iter().flat_map(|given| &given.mounts);
    let mut found = mounts.filter_map(|mount| {
        let rest = path.strip_prefix(&mount.container_path)?;
        let host = PathBuf::from(&mount.host_path);
        let host = match rest.strip_prefix('/') {
            Some(rest) => host.join(rest),
            None => host,
        };
        Some(std::fs::read_to_string(host).ok())
    });
    found.next_back().flatten()
}

fn token(container: &Container) -> Option<String> {
    seen(container, "/run/rigel/token")
}

fn scope(gpus: u32, gib: u64, compute_percent: u8) -> Scope {
    Scope {
        gpus,
        memory_bytes: gib * GIB,
        compute_percent,
    }
}

#[tokio::test]
async fn container_gets_a_token_of_what_its_pod_asks_for() {
    let node = Node::start().await;
    assert_eq!(node.kubelet.registrations(), 3);
    let container = node
        .run("train", &[(VGPU, 2), (MEMORY, 8), (COMPUTE, 60)])
        .await;

    let held = node.pool.tokens();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].scope, scope(2, 4, 30));
    assert_eq!(held[0].note, "k8s node ns/train/train");
    assert_eq!(token(&container).as_deref(), Some("secret of t1\n"));
    let client = seen(&container, "/run/rigel/client.toml").unwrap();
    assert!(
        client.contains("unix:/run/rigel-pool/guest.sock"),
        "{client}"
    );
    assert_eq!(
        seen(&container, "/usr/lib64/libcuda.so.1").as_deref(),
        Some("library")
    );
    let mounts = container.given.iter().flat_map(|given| &given.mounts);
    assert!(mounts.clone().all(|mount| mount.read_only));
    assert!(
        mounts
            .clone()
            .any(|mount| mount.container_path == "/run/rigel-pool")
    );
    node.plugin.stop().await;
}

#[tokio::test]
async fn container_that_asks_for_gpus_alone_gets_an_equal_part() {
    let node = Node::start().await;
    node.run("notebook", &[(VGPU, 1)]).await;
    assert_eq!(node.pool.tokens()[0].scope, scope(1, 2, 100));
    node.plugin.stop().await;
}

#[tokio::test]
async fn container_gets_the_libraries_by_a_device_of_the_runtime_if_it_is_to() {
    let folder = tempfile::tempdir().unwrap();
    let pool = FakePool::new(1);
    let kubelet = Kubelet::start(folder.path());
    let mut settings = settings(folder.path());
    settings.delivery.cdi = Some(folder.path().join("cdi"));
    let plugin = Plugin::with(settings, &pool);
    kubelet.until_healthy(&[(VGPU, 8)]).await;
    let container = kubelet.admit("train", &[(VGPU, 1)]).await.unwrap();
    let given = &container.given[0];
    assert_eq!(given.cdi_devices[0].name, "rigel.dev/vgpu=libraries");
    assert_eq!(given.mounts.len(), 2, "its own folder, and the socket's");
    assert!(folder.path().join("cdi/rigel.dev-kubernetes.json").exists());
    plugin.stop().await;
}

#[tokio::test]
async fn container_that_starts_again_gets_a_new_token_in_the_same_folder() {
    let node = Node::start().await;
    let container = node.run("loop", &[(VGPU, 1)]).await;
    node.kubelet.start_container(&container).await.unwrap();
    let ids: Vec<String> = node.pool.tokens().into_iter().map(|held| held.id).collect();
    assert_eq!(ids, ["t2"], "the first one's sessions have ended with it");
    assert_eq!(token(&container).as_deref(), Some("secret of t2\n"));
    node.plugin.stop().await;
}

#[tokio::test]
async fn container_that_is_gone_loses_its_token_and_others_do_not() {
    let node = Node::start().await;
    let gone = node.run("gone", &[(VGPU, 1)]).await;
    let stays = node.run("stays", &[(VGPU, 1)]).await;
    node.kubelet.remove("gone");
    let only = |held: &[Held]| held.len() == 1 && held[0].note.ends_with("stays");
    node.pool.until("the end of one token", only).await;
    assert!(token(&stays).is_some());
    node.pool.looks(5).await;
    assert_eq!(token(&gone), None);
    assert_eq!(node.pool.tokens().len(), 1);
    node.plugin.stop().await;
}

#[tokio::test]
async fn slot_that_is_given_on_is_the_new_containers_alone() {
    let node = Node::start().await;
    let old = node.run("old", &[(VGPU, 2)]).await;
    node.pool.change(|tokens| tokens[0].sessions = 1);
    node.kubelet.remove("old");
    let new = node.kubelet.admit("new", &[(VGPU, 1)]).await.unwrap();
    assert!(old.devices[VGPU].contains(&new.devices[VGPU][0]));
    node.pool
        .until("the end of the old token", <[Held]>::is_empty)
        .await;
    assert_eq!(token(&new), None, "none before it starts");
    node.kubelet.start_container(&new).await.unwrap();
    assert_eq!(token(&new).as_deref(), Some("secret of t2\n"));
    node.plugin.stop().await;
}

#[tokio::test]
async fn health_follows_the_pool() {
    let node = Node::start().await;
    node.pool.has(Some(1));
    let half = [(VGPU, 8), (MEMORY, 16), (COMPUTE, 100)];
    node.kubelet.until_healthy(&half).await;
    node.pool.has(None);
    let none = [(VGPU, 0), (MEMORY, 0), (COMPUTE, 0)];
    node.kubelet.until_healthy(&none).await;
    assert_eq!(node.kubelet.health()[VGPU], (0, 16), "they are still there");
    node.pool.has(Some(2));
    node.is_offered().await;
    node.plugin.stop().await;
}

#[tokio::test]
async fn kubelet_that_starts_anew_is_served_and_no_token_is_lost() {
    let mut node = Node::start().await;
    let container = node.run("train", &[(VGPU, 1)]).await;
    for _ in 0..3 {
        node.kubelet.restart().await;
        node.is_offered().await;
    }
    node.pool.looks(5).await;
    assert_eq!(token(&container).as_deref(), Some("secret of t1\n"));
    node.run("more", &[(VGPU, 1)]).await;
    assert_eq!(node.pool.tokens().len(), 2);
    node.plugin.stop().await;
}

#[tokio::test]
async fn kubelet_that_does_not_know_its_pods_yet_costs_no_session() {
    let mut node = Node::start().await;
    let idle = node.run("idle", &[(VGPU, 1)]).await;
    let busy = node.run("busy", &[(VGPU, 1)]).await;
    node.pool.change(|tokens| tokens[1].sessions = 1);
    node.kubelet.knows_pods(false);
    node.kubelet.restart().await;
    let is_busy = |held: &[Held]| held.iter().all(|held| held.sessions > 0);
    node.pool.until("the end of the idle token", is_busy).await;
    assert_eq!(token(&busy).as_deref(), Some("secret of t2\n"));
    node.kubelet.knows_pods(true);
    node.pool
        .until("another for the idle one", |held| held.len() == 2)
        .await;
    node.pool.looks(2).await;
    assert_eq!(
        token(&idle).as_deref(),
        Some("secret of t3\n"),
        "in the folder that it sees"
    );
    node.plugin.stop().await;
}

#[tokio::test]
async fn plugin_that_starts_anew_knows_its_containers() {
    let node = Node::start().await;
    let kept = node.run("kept", &[(VGPU, 1), (MEMORY, 3)]).await;
    node.run("gone", &[(VGPU, 1)]).await;
    node.plugin.stop().await;
    assert_eq!(node.pool.tokens().len(), 2, "nothing ends with the plugin");
    // Meanwhile: a container ends, and a token was made by a plugin that died before it noted it.
    node.kubelet.remove("gone");
    node.pool.change(|tokens| {
        let orphan = Held {
            id: "orphan".into(),
            ..tokens[0].clone()
        };
        let others = Held {
            id: "others".into(),
            note: "k8s other-node ns/p/c".into(),
            ..orphan.clone()
        };
        tokens.extend([orphan, others]);
    });
    let plugin = Plugin::start(node.folder.path(), &node.pool);
    let two = |held: &[Held]| {
        held.iter()
            .map(|held| held.id.as_str())
            .eq(["t1", "others"])
    };
    node.pool.until("what is right", two).await;
    assert_eq!(token(&kept).as_deref(), Some("secret of t1\n"));
    node.kubelet.until_healthy(&[(VGPU, 16)]).await;
    plugin.stop().await;
}

#[tokio::test]
async fn plugin_that_starts_beside_a_silent_pool_shows_what_it_knows() {
    let mut node = Node::start().await;
    node.plugin.stop().await;
    node.pool.has(None);
    node.kubelet.restart().await;
    let plugin = Plugin::start(node.folder.path(), &node.pool);
    node.kubelet
        .until_healthy(&[(VGPU, 0), (MEMORY, 0), (COMPUTE, 0)])
        .await;
    node.pool.has(Some(2));
    node.kubelet
        .until_healthy(&[(VGPU, 16), (MEMORY, 32), (COMPUTE, 200)])
        .await;
    plugin.stop().await;
}

#[tokio::test]
async fn plugin_waits_for_a_kubelet() {
    let folder = tempfile::tempdir().unwrap();
    let pool = FakePool::new(1);
    let plugin = Plugin::start(folder.path(), &pool);
    pool.looks(0).await;
    let kubelet = Kubelet::start(folder.path());
    kubelet.until_healthy(&[(VGPU, 8)]).await;
    plugin.stop().await;
}

#[tokio::test]
async fn pool_that_forgot_its_tokens_costs_no_restart_of_containers() {
    let node = Node::start().await;
    let container = node.run("train", &[(VGPU, 1), (MEMORY, 5)]).await;
    node.pool.change(Vec::clear);
    node.pool
        .until("another token", |held| held.len() == 1)
        .await;
    assert_eq!(node.pool.tokens()[0].scope, scope(1, 5, 100));
    node.pool.looks(2).await;
    assert_eq!(token(&container).as_deref(), Some("secret of t2\n"));
    node.plugin.stop().await;
}

#[tokio::test]
async fn container_does_not_start_without_a_token() {
    let node = Node::start().await;
    let container = node.kubelet.admit("late", &[(VGPU, 1)]).await.unwrap();
    node.pool.refuses(true);
    let refused = node.kubelet.start_container(&container).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().contains("no more"), "{refused}");
    assert_eq!(token(&container), None);
    node.pool.refuses(false);
    node.kubelet.start_container(&container).await.unwrap();
    assert!(token(&container).is_some());
    node.plugin.stop().await;
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pool = FakePool::new(2);
    let kubelet = Kubelet::start(folder.path());
    let mut settings = settings(folder.path());
    settings.pace.find = std::time::Duration::ZERO;
    let plugin = Plugin::with(settings, &pool);
    kubelet.until_healthy(&[(VGPU, 16), (MEMORY, 32)]).await;

    let ids = |ids: &[&str]| DeviceIds {
        devices_ids: ids.iter().map(|&id| id.into()).collect(),
    };
    let vgpus = kubelet.plugin(VGPU);
    let bad = [
        &[][..],
        &["vgpu-1", "vgpu-1"],
        &["vgpu-99999"],
        &["../token"],
        &["m1"],
    ];
    for bad in bad {
        let answer = vgpus.ask::<_, Empty>(method::PRE_START, ids(bad)).await;
        assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument, "{bad:?}");
        let container_requests = vec![ids(bad)];
        let request = AllocateRequest { container_requests };
        let answer = vgpus
            .ask::<_, AllocateResponse>(method::ALLOCATE, request)
            .await;
        assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument, "{bad:?}");
    }
    let nobodys = vgpus
        .ask::<_, Empty>(method::PRE_START, ids(&["vgpu-1"]))
        .await;
    assert_eq!(nobodys.unwrap_err().code(), Code::FailedPrecondition);

    let none = AllocateRequest::default();
    let memory = kubelet.plugin(MEMORY);
    let answer = memory
        .ask::<_, AllocateResponse>(method::ALLOCATE, none)
        .await;
    assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument);
    let container_requests = vec![ids(&["vgpu-1"])];
    let others = AllocateRequest { container_requests };
    let answer = memory
        .ask::<_, AllocateResponse>(method::ALLOCATE, others)
        .await;
    assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument);

    // A method of somebody else, and a message that is another's.
    let answer = memory.ask::<_, Empty>(method::REGISTER, Empty {}).await;
    assert_eq!(answer.unwrap_err().code(), Code::Unimplemented);
    let wrong = RegisterRequest {
        version: "\u{1}\u{2}".into(),
        ..RegisterRequest::default()
    };
    assert!(
        vgpus
            .ask::<_, AllocateResponse>(method::ALLOCATE, wrong)
            .await
            .is_err()
    );
    assert!(pool.tokens().is_empty());
    plugin.stop().await;
}

#[tokio::test]
async fn endpoint_serves_who_is_not_the_kubelet_no_worse() {
    let node = Node::start().await;
    let socket = node.folder.path().join("plugins/rigel-vgpu.sock");
    // Bytes that are no HTTP/2.
    let mut stranger = tokio::net::UnixStream::connect(&socket).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stranger, b"GET / HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    let reading = tokio::io::AsyncReadExt::read_to_end(&mut stranger, &mut answer);
    let _ = tokio::time::timeout(PATIENCE, reading)
        .await
        .expect("it is hung up on");
    let client = Client::at(&socket, PATIENCE).unwrap();
    let options: rigel_k8s::api::DevicePluginOptions =
        client.ask(method::OPTIONS, Empty {}).await.unwrap();
    assert!(options.pre_start_required);
    node.plugin.stop().await;
}
