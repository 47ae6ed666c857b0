//! A kubelet and a pool that follow their contracts, on sockets in a folder of the test's own. Read
//! [`Kubelet`] first.
//!
//! The kubelet does what the real one does with a device plugin: it dials an endpoint that registers, asks for
//! its options, watches its devices, gives healthy ones to containers, asks before each start, tells who holds
//! what, and forgets its plugins and all sockets, but not its containers, when it starts anew.

mod kubelet;
mod pool;

use std::path::Path;
use std::time::Duration;

use rigel_k8s::settings::{ContainerPool, Defaults, Delivery, MemoryUnit, Offered, Pace};
use rigel_k8s::{PluginError, Settings, plugin};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) use kubelet::{Container, Kubelet};
pub(crate) use pool::{FakePool, Held};

/// How long anything may take before it counts as hung.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A plugin that runs.
pub(crate) struct Plugin {
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), PluginError>>,
}

impl Plugin {
    /// Starts one.
    pub(crate) fn start(folder: &Path, pool: &FakePool) -> Self {
        Self::with(settings(folder), pool)
    }

    /// Likewise, with these settings.
    pub(crate) fn with(settings: Settings, pool: &FakePool) -> Self {
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            let _ = stopped.await;
        };
        let running = tokio::spawn(plugin::run(settings, pool.clone(), stopped));
        Self { stop, running }
    }

    /// Ends it as a signal does.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        let ended = tokio::time::timeout(PATIENCE, self.running).await;
        ended.expect("the plugin ends").unwrap().unwrap();
    }
}

/// Settings of a test: everything in one folder, looks in quick succession.
pub(crate) fn settings(folder: &Path) -> Settings {
    let cuda = folder.join("libcuda.built");
    std::fs::create_dir_all(folder.join("plugins")).unwrap();
    std::fs::write(&cuda, "library").unwrap();
    Settings {
        node: "node".into(),
        plugins: folder.join("plugins"),
        pod_resources: folder.join("pods.sock"),
        folder: folder.join("own"),
        pool: ContainerPool::Socket("/run/rigel-guests/guest.sock".into()),
        delivery: Delivery {
            cuda,
            nvml: None,
            into: vec!["/usr/lib64".into()],
            environment: [("NVIDIA_VISIBLE_DEVICES".into(), "void".into())].into(),
            cdi: None,
        },
        offered: Offered::default(),
        memory_unit: MemoryUnit::Gib,
        defaults: Defaults::default(),
        pace: Pace {
            look: Duration::from_millis(10),
            socket: Duration::from_millis(5),
            call: PATIENCE,
            find: PATIENCE,
            retry_first: Duration::from_millis(5),
            retry_max: Duration::from_millis(20),
            missing: 2,
        },
    }
}
