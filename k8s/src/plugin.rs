//! The plugin as a whole: three endpoints in the kubelet's folder, known to the kubelet, and a look at the
//! pool now and then. Read [`run`] first.
//!
//! 1. A kubelet that starts removes all sockets of plugins, its own among them, and knows nobody. So whenever
//!    its socket is another one, or ours is gone, everything is bound and introduced anew.
//! 2. Tokens are not touched when the plugin ends: containers run on.

use std::future::Future;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::PluginError;
use crate::endpoint::Endpoint;
use crate::grpc;
use crate::install::install;
use crate::keeper::Keeper;
use crate::kubelet::{Kubelet, SocketId, socket_id};
use crate::pool::{Capacity, Pool};
use crate::resource::{Offer, Resource};
use crate::settings::Settings;
use crate::slots::{prepare, replace};

/// The file that remembers what the pool had.
const KNOWN: &str = "capacity.json";

/// Serves the kubelet until `stop` is ready.
pub async fn run<P: Pool>(
    settings: Settings,
    pool: P,
    stop: impl Future<Output = ()>,
) -> Result<(), PluginError> {
    settings.check()?;
    prepare(&settings.folder)?;
    let installed = install(&settings.delivery, &settings.folder)?;
    let kubelet = Arc::new(Kubelet::new(&settings));
    let pool = Arc::new(pool);
    let mut watcher = Watcher::new(&settings, Arc::clone(&pool));
    let (offers, offer) = watch::channel(watcher.look().await);
    let keeper = Keeper::new(
        &settings,
        installed,
        Arc::clone(&kubelet),
        pool,
        offer.clone(),
    )?;
    let keeper = Arc::new(keeper);
    let serving = Serving {
        settings: &settings,
        kubelet,
        keeper: Arc::clone(&keeper),
        offer,
    };
    tokio::select! {
        () = stop => {}
        () = watcher.run(&offers, &keeper) => {}
        () = serving.run() => {}
    }
    for resource in resources(&settings) {
        // A kubelet that finds no socket knows at once that there is no plugin.
        let _ = std::fs::remove_file(settings.plugins.join(resource.socket()));
    }
    Ok(())
}

fn resources(settings: &Settings) -> [Resource; 3] {
    [
        Resource::Vgpu,
        Resource::Memory(settings.memory_unit),
        Resource::Compute,
    ]
}

/// Looks at the pool.
struct Watcher<P> {
    settings: Settings,
    pool: Arc<P>,
    /// The most that the pool is known to have had.
    known: Capacity,
    answers: bool,
}

impl<P: Pool> Watcher<P> {
    fn new(settings: &Settings, pool: Arc<P>) -> Self {
        let text = std::fs::read(settings.folder.join(KNOWN)).unwrap_or_default();
        Self {
            settings: settings.clone(),
            pool,
            known: serde_json::from_slice(&text).unwrap_or_default(),
            answers: true,
        }
    }

    async fn run(mut self, offers: &watch::Sender<Offer>, keeper: &Keeper<P>) {
        let mut told = String::new();
        loop {
            let failed = keeper.look().await.err().map(|error| error.to_string());
            let failed = failed.unwrap_or_default();
            // Said once, not at every look.
            if !failed.is_empty() && failed != told {
                tracing::warn!("tokens cannot be compared with containers: failed to {failed}");
            }
            told = failed;
            tokio::time::sleep(self.settings.pace.look).await;
            let offer = self.look().await;
            offers.send_if_modified(|old| std::mem::replace(old, offer) != offer);
        }
    }

    /// What is offered now.
    async fn look(&mut self) -> Offer {
        let pool = Arc::clone(&self.pool);
        let asked = tokio::task::spawn_blocking(move || pool.capacity()).await;
        let now = match asked {
            Ok(Ok(now)) => Some(now),
            Ok(Err(error)) => {
                // Said once, not at every look.
                if std::mem::take(&mut self.answers) {
                    tracing::error!("no device is in health: failed to {error}");
                }
                None
            }
            Err(error) => {
                tracing::error!("no device is in health: {error}");
                None
            }
        };
        if let Some(now) = now {
            self.answers = true;
            self.learn(now);
        }
        let settings = &self.settings;
        Offer::of(&settings.offered, settings.memory_unit, self.known, now)
    }

    /// A GPU that is lost stays known, so that its part is out of health and not away: the kubelet would
    /// forget who has it.
    fn learn(&mut self, now: Capacity) {
        let known = Capacity {
            gpus: self.known.gpus.max(now.gpus),
            memory_bytes: self.known.memory_bytes.max(now.memory_bytes),
        };
        if known == self.known {
            return;
        }
        self.known = known;
        tracing::info!(
            gpus = known.gpus,
            bytes = known.memory_bytes,
            "the pool's GPUs"
        );
        let text = serde_json::to_vec(&known).unwrap_or_default();
        if let Err(error) = replace(&self.settings.folder.join(KNOWN), 0o600, &text) {
            tracing::warn!("what the pool has is forgotten at the next start: failed to {error}");
        }
    }
}

/// Serves the kubelet, one after the other.
struct Serving<'a, P> {
    settings: &'a Settings,
    kubelet: Arc<Kubelet>,
    keeper: Arc<Keeper<P>>,
    offer: watch::Receiver<Offer>,
}

impl<P: Pool> Serving<'_, P> {
    async fn run(self) {
        let pace = &self.settings.pace;
        let mut pause = pace.retry_first;
        loop {
            match self.round().await {
                Ok(()) => pause = pace.retry_first,
                Err(error) => {
                    tracing::warn!("the kubelet is tried again in {pause:?}: failed to {error}");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(pace.retry_max);
                }
            }
        }
    }

    /// Serves one kubelet, from its start to its end.
    async fn round(&self) -> Result<(), PluginError> {
        let kubelet = self.kubelet_socket().await;
        let mut serving = JoinSet::new();
        let mut ours = Vec::new();
        for resource in resources(self.settings) {
            let path = self.settings.plugins.join(resource.socket());
            let listener = bind(&path)?;
            ours.push((path.clone(), socket_id(&path)));
            let endpoint = Endpoint::new(resource, self.offer.clone(), Arc::clone(&self.keeper));
            serving.spawn(grpc::serve(
                listener,
                Arc::new(endpoint),
                std::future::pending(),
            ));
        }
        for resource in resources(self.settings) {
            self.kubelet.register(resource).await?;
        }
        tracing::info!("the kubelet knows the node's resources");
        tokio::select! {
            ended = serving.join_next() => match ended {
                Some(done) => Ok(done??),
                None => Ok(()),
            },
            () = self.until_replaced(kubelet, &ours) => {
                tracing::info!("the kubelet has started anew");
                Ok(())
            }
        }
    }

    /// Waits for a kubelet.
    async fn kubelet_socket(&self) -> SocketId {
        let mut told = false;
        loop {
            if let Some(found) = self.kubelet.socket() {
                return found;
            }
            if !std::mem::replace(&mut told, true) {
                tracing::info!(folder = %self.settings.plugins.display(), "waiting for a kubelet");
            }
            tokio::time::sleep(self.settings.pace.socket).await;
        }
    }

    async fn until_replaced(&self, kubelet: SocketId, ours: &[(PathBuf, Option<SocketId>)]) {
        let as_it_was = || {
            self.kubelet.socket() == Some(kubelet)
                && ours.iter().all(|(path, id)| socket_id(path) == *id)
        };
        while as_it_was() {
            tokio::time::sleep(self.settings.pace.socket.max(Duration::from_millis(1))).await;
        }
    }
}

/// Listens at a path; a socket that is left there from before makes way, anything else does not.
fn bind(path: &Path) -> Result<UnixListener, PluginError> {
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket()) {
        std::fs::remove_file(path).map_err(PluginError::file("replace", path))?;
    }
    UnixListener::bind(path).map_err(PluginError::file("listen at", path))
}
