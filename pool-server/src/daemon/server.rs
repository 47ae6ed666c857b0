//! The daemon's shared state, its start and its end. Read [`run`] first; the days between are `lifecycle`'s, what
//! clients ask for first `arrivals`'.

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use rigel_protocol::custom::DeviceProfile;
use rigel_transport::local::LocalListener;
use rigel_transport::quic::QuicServer;
use rigel_transport::tls::ServerIdentity;
use serde_json::json;

use super::admin::Admin;
use super::adopt::{self, Estate};
use super::arrivals;
use super::attempts::Attempts;
use super::attendants::Attendants;
use super::audit::{Auditor, Moment};
use super::books::Books;
use super::exports::Exports;
use super::guests;
use super::images::{self, ImageCache};
use super::inherited;
use super::journal::{self, Journal};
use super::lease::{Lease, Leases, random_token};
use super::lifecycle::{self, Left};
use super::link::ClientLink;
use super::load::Load;
use super::notify;
use super::peer::Peer;
use super::placement::Inventory;
use super::process::{WorkerCommand, find_driver};
use super::queue::Line;
use super::reload::{Configured, Reread};
use super::remote::{RemoteListener, identity};
use super::returns::Returns;
use super::spares::Workers;
use super::status::DriverStatus;
use super::store::Store;
use super::tokens::Tokens;
use super::traced::Follower;
use super::turns::Turns;
use crate::config::{Config, ServerConfig};
use crate::paths;

/// Connections that have not said who they are yet; more are closed at once.
const STRANGERS_MAX: usize = 512;
/// Longest time sessions take to end when the daemon stops.
const SESSIONS_END_WITHIN: Duration = Duration::from_secs(15);
/// Mode of the socket: who may connect is decided by leases, not by the file system.
pub(crate) const SOCKET_MODE: u32 = 0o666;

/// Most bytes of the usage ledger unless told otherwise.
const USAGE_BYTES_DEFAULT: u64 = 128 << 20;

/// What all threads of the daemon share.
#[derive(Debug)]
pub(crate) struct Server {
    /// Who may hold what.
    pub(crate) leases: Leases,
    /// Who holds what.
    pub(crate) books: Arc<Books>,
    /// Whose turn it is on each GPU.
    pub(crate) turns: Arc<Turns>,
    /// Changes of leases.
    pub(crate) admin: Admin,
    /// Who waits for room.
    pub(crate) line: Line,
    /// Alerts, and the usage ledger.
    pub(crate) auditor: Auditor,
    /// Who did what.
    pub(crate) journal: Journal,
    /// Who failed to open a lease, and who to show a certificate.
    pub(crate) tokens_failed: Attempts,
    pub(crate) handshakes_failed: Attempts,
    /// Bytes of the rings for bulk of remote clients: of those elsewhere, and those on this host.
    pub(crate) bulk_windows: [u32; 2],
    /// Images that sessions have loaded.
    pub(crate) images: Arc<ImageCache>,
    /// What sessions share within their leases.
    pub(crate) exports: Exports,
    /// Where workers come from.
    pub(crate) workers: Workers,
    /// What sessions have noted, and where it goes.
    pub(crate) follower: Arc<Follower>,
    /// Remote clients that may come back.
    pub(crate) returns: Arc<Returns>,
    /// For how long they may.
    pub(crate) grace: Duration,
    pub(crate) inventory: Inventory,
    /// The physical GPUs as the probe saw them.
    pub(crate) profiles: Vec<DeviceProfile>,
    pub(crate) load: Load,
    pub(crate) driver: DriverStatus,
    /// Where containers find the server.
    pub(crate) guest_socket: Option<PathBuf>,
    /// Counts up, and never down, when the daemon stops.
    stop: EventFd,
    /// Threads that serve a connection.
    connections: AtomicUsize,
    /// The configuration in force.
    pub(crate) configured: Configured,
    /// Where clients of other hosts arrive, if they may.
    pub(crate) endpoint: OnceLock<QuicServer>,
    state: PathBuf,
    /// No session begins any more.
    pub(crate) draining: AtomicBool,
    /// What the daemon after this one gets.
    pub(crate) store: Store,
    binary: PathBuf,
}

/// Runs the daemon until it is told to stop; `reread` reads its configuration once more.
pub fn run(config: &Config, reread: Option<Box<Reread>>) -> anyhow::Result<()> {
    let mut estate = Estate::gather(inherited::take());
    let signals = lifecycle::block_signals()?;
    let (server, token) = Server::start(config, reread, &mut estate)?;
    let server = Arc::new(server);
    let kept = adopt::go_on(&server, estate);
    server.auditor.begin(&server.books, &server.turns);
    let socket = config
        .server
        .socket
        .clone()
        .unwrap_or_else(paths::default_socket);
    prepare_folder(&socket)?;
    let listener = LocalListener::bind(&socket, SOCKET_MODE)
        .with_context(|| format!("listen at {}", socket.display()))?;
    let remote = match config.server.listen {
        None => None,
        Some(address) => {
            let lanes = config.server.lanes();
            let identity = identity(&config.server, &state_dir(config), address)?;
            Some(RemoteListener::start(&server, address, &identity, lanes)?)
        }
    };
    let attendants = Attendants::start(&server, config.server.metrics)?;
    if let Some(address) = attendants.metrics {
        println!("rigel: metrics:        http://{address}/metrics");
    }
    let guests = &config.server.guest_socket;
    let guests = guests
        .as_deref()
        .map(|socket| guests::start(&server, socket))
        .transpose()?;
    announce(&server, &socket, remote.as_ref(), token.as_deref());
    server.record(
        "server_started",
        serde_json::Value::Null,
        json!({ "version": env!("CARGO_PKG_VERSION"), "sessions_kept": kept }),
    );
    notify::tell("READY=1");
    if lifecycle::serve(&server, &listener, &signals)? == Left::ToSuccessor {
        return Err(replace(&server, attendants));
    }
    notify::tell("STOPPING=1");
    server.stop.write(1).context("tell the sessions to end")?;
    drop(listener);
    server.workers.stop();
    server.wait_for_connections(Instant::now() + SESSIONS_END_WITHIN);
    drop(remote);
    guests.map(std::thread::JoinHandle::join);
    attendants.join(&server);
    server.turns.stop();
    server.record("server_stopped", serde_json::Value::Null, json!({}));
    tracing::info!("stopped");
    Ok(())
}

/// Starts the installed program in the place of this one, with the same process id; the sessions go on. Only
/// comes back with the reason why it could not.
fn replace(server: &Server, attendants: Attendants) -> anyhow::Error {
    let quiet = server.store.quiet();
    let sessions = server.books.sessions().len();
    tracing::info!(sessions, "told to start anew: sessions of this host go on");
    let told = server.stop.write(1);
    server.workers.stop();
    attendants.join(server);
    server.record(
        "server_replaced",
        serde_json::Value::Null,
        json!({ "sessions": sessions }),
    );
    let mut command = Command::new(&server.binary);
    command
        .args(std::env::args_os().skip(1))
        .env(inherited::VARIABLE, server.store.leave_open());
    for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] {
        command.env_remove(name);
    }
    let error = told.err().map_or_else(|| command.exec(), Into::into);
    // Whoever waits for it must not end its session now: a service manager may yet save it.
    std::mem::forget(quiet);
    anyhow::Error::new(error).context(format!("start {} anew", server.binary.display()))
}

fn audit_log(config: &Config) -> Journal {
    let most = config.server.audit_max;
    let most = most.map_or(journal::BYTES_DEFAULT, |size| size.0);
    Journal::new(&state_dir(config), most)
}

impl Server {
    /// Opens the driver in a probe, places the leases. Gives the random token of a server without
    /// leases.
    fn start(
        config: &Config,
        reread: Option<Box<Reread>>,
        estate: &mut Estate,
    ) -> anyhow::Result<(Self, Option<String>)> {
        let driver = find_driver(config.server.driver.as_deref())?;
        let binary = std::env::current_exe().context("find the rigel binary")?;
        let worker = WorkerCommand {
            binary: binary.clone(),
            driver,
            env: config.server.worker_env.clone().into_iter().collect(),
            users: None,
            filter: config.server.worker_filter.unwrap_or_default(),
        };
        let (worker, inventory, ready) =
            worker.choose_users(&config.server, &state_dir(config), &estate.worker_users())?;
        let (leases, token) = leases(config, &inventory)?;
        let mut leases = Leases::new(leases, &inventory);
        leases.tokens = Tokens::load(&state_dir(config))?;
        for refusal in leases
            .iter()
            .filter_map(|placed| placed.gpus.as_ref().err())
        {
            tracing::warn!("{}; its clients will be refused", refusal.message);
        }
        let limits = (
            config.server.sessions_max(),
            config.server.sessions_per_gpu(),
        );
        let books = Arc::new(Books::resume(&leases, limits, &mut estate.ledgers)?);
        books
            .health
            .know(inventory.gpus.iter().map(|gpu| gpu.ordinal));
        let auditor = auditor(config, &books);
        let enforce = config.server.enforce_compute.unwrap_or(true);
        if !enforce {
            tracing::warn!("shares of compute and priorities are not enforced: for measuring only");
        }
        let turns = Turns::resume(leases.terms(), enforce, estate.bell.take())?;
        let server = Self {
            leases,
            books,
            turns,
            admin: Admin::default(),
            auditor,
            journal: audit_log(config),
            tokens_failed: Attempts::new(config.server.failures_per_minute()),
            handshakes_failed: Attempts::new(config.server.failures_per_minute()),
            line: Line::default(),
            bulk_windows: [false, true].map(|here| config.server.bulk_window(here)),
            images: image_cache(config),
            exports: Exports::default(),
            workers: Workers::start(worker, config.server.spare_workers())?,
            follower: Arc::default(),
            returns: Arc::default(),
            grace: config.server.grace(),
            inventory,
            profiles: ready.devices,
            guest_socket: config.server.guest_socket.clone(),
            load: Load::new(Instant::now()),
            driver: DriverStatus {
                name: ready.driver_name,
                version: ready.driver_version,
                soft: ready.soft,
            },
            stop: stop_event()?,
            connections: AtomicUsize::new(0),
            configured: Configured::new(config, reread),
            endpoint: OnceLock::new(),
            state: state_dir(config),
            draining: AtomicBool::new(false),
            store: estate.store(),
            binary,
        };
        Ok((server, token))
    }

    /// The certificate to be shown to clients of other hosts, and the authority for theirs.
    pub(crate) fn door(&self, config: &ServerConfig) -> anyhow::Result<Option<ServerIdentity>> {
        let Some(endpoint) = self.endpoint.get() else {
            return Ok(None);
        };
        identity(config, &self.state, endpoint.local_address()?).map(Some)
    }

    /// From now on these settings hold, as far as they can while the server runs.
    pub(crate) fn put_in_force(&self, config: &ServerConfig, door: Option<&ServerIdentity>) {
        let limit = config.failures_per_minute();
        self.tokens_failed.set_limit(limit);
        self.handshakes_failed.set_limit(limit);
        let (Some(endpoint), Some(door)) = (self.endpoint.get(), door) else {
            return;
        };
        if let Err(error) = endpoint.renew(door) {
            tracing::error!("the certificate stays as it was: {error:#}");
        }
    }

    /// Readable for good once the daemon stops.
    pub(crate) fn stop_fd(&self) -> BorrowedFd<'_> {
        self.stop.as_fd()
    }

    /// Whether the daemon is stopping.
    pub(crate) fn is_stopping(&self) -> bool {
        let mut fds = [PollFd::new(self.stop.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut fds, PollTimeout::ZERO), Ok(n) if n > 0)
    }

    /// Whether one more connection may come that has not said who it is.
    pub(crate) fn has_room_for_strangers(&self) -> bool {
        let open = self.books.sessions().len() + self.line.len();
        self.connections.load(Ordering::Relaxed) < open + STRANGERS_MAX
    }

    /// Serves a connection on a thread of its own.
    pub(crate) fn spawn_connection(
        self: &Arc<Self>,
        peer: Peer,
        connect: impl FnOnce() -> anyhow::Result<ClientLink> + Send + 'static,
    ) {
        let open = self.books.sessions().len() + self.line.len();
        if self.connections.load(Ordering::Relaxed) >= open + STRANGERS_MAX {
            tracing::warn!(
                %peer,
                "too many connections that have not said who they are; closed"
            );
            return;
        }
        let server = Arc::clone(self);
        let spawned = self.spawn_thread(move || match connect() {
            Ok(client) => arrivals::serve(&server, client, &peer),
            Err(error) => tracing::warn!(%peer, "connection lost: {error:#}"),
        });
        if let Err(error) = spawned {
            tracing::error!("no thread for a connection: {error}");
        }
    }

    /// A thread that counts among those of connections.
    pub(crate) fn spawn_thread(
        self: &Arc<Self>,
        serve: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<()> {
        self.connections.fetch_add(1, Ordering::Relaxed);
        let server = Arc::clone(self);
        let spawned = std::thread::Builder::new()
            .name("connection".into())
            .spawn(move || {
                serve();
                server.connections.fetch_sub(1, Ordering::Relaxed);
            });
        if spawned.is_err() {
            self.connections.fetch_sub(1, Ordering::Relaxed);
        }
        spawned.map(drop)
    }

    fn wait_for_connections(&self, deadline: Instant) {
        while self.connections.load(Ordering::Relaxed) > 0 {
            if Instant::now() >= deadline {
                tracing::warn!("sessions do not end; leaving them to their workers' own ends");
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn stop_event() -> anyhow::Result<EventFd> {
    EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)
        .context("make the stop event")
}

/// The images that earlier sessions have left.
fn image_cache(config: &Config) -> Arc<ImageCache> {
    let bytes_max = config.server.image_cache;
    let bytes_max = bytes_max.map_or(images::BYTES_DEFAULT, |bytes| bytes.0);
    let folder = state_dir(config).join("images");
    Arc::new(ImageCache::open(
        folder,
        bytes_max,
        config.server.image_cache_shared,
    ))
}

/// The auditor, with the usage ledger in the state folder.
fn auditor(config: &Config, books: &Books) -> Auditor {
    let ServerConfig { usage_max, .. } = config.server;
    let bytes_max = usage_max.map_or(USAGE_BYTES_DEFAULT, |size| size.0);
    let interval = config.server.usage_interval();
    Auditor::new(
        &state_dir(config),
        bytes_max,
        interval,
        books,
        Moment::now(),
    )
}

/// Whether a server could be started with this, as far as files tell: reads those it names.
pub fn check(config: &Config) -> anyhow::Result<()> {
    for lease in config.each_lease() {
        Lease::from_config(&lease)?;
    }
    if let (Some(address), Some(_)) = (config.server.listen, &config.server.certificate) {
        identity(&config.server, &state_dir(config), address)?;
    }
    Ok(())
}

/// The configured leases, or one for everything with a new token.
fn leases(config: &Config, inventory: &Inventory) -> anyhow::Result<(Vec<Lease>, Option<String>)> {
    if !config.leases.is_empty() {
        let leases = config
            .each_lease()
            .map(|lease| Lease::from_config(&lease))
            .collect::<Result<_, _>>()?;
        return Ok((leases, None));
    }
    let token = random_token()?;
    let uid = nix::unistd::geteuid().as_raw();
    let lease = Lease::everything(&token, uid, inventory.gpus.len() as u32);
    Ok((vec![lease], Some(token)))
}

fn state_dir(config: &Config) -> PathBuf {
    config
        .server
        .state_dir
        .clone()
        .unwrap_or_else(paths::default_state)
}

/// Makes the socket's folder. One in a shared place must be this user's alone, or somebody else
/// could put a socket of his own there.
pub(crate) fn prepare_folder(socket: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    let Some(folder) = socket
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    if !folder.exists() {
        return std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(folder)
            .with_context(|| format!("make {}", folder.display()));
    }
    let owner = std::fs::metadata(folder)?.uid();
    let uid = nix::unistd::geteuid().as_raw();
    anyhow::ensure!(
        owner == uid || owner == 0 || folder.as_os_str() == "/tmp",
        "{} belongs to user {owner}; choose another place with --socket",
        folder.display()
    );
    Ok(())
}

/// Tells the operator, on standard output, where clients find the server.
fn announce(server: &Server, socket: &Path, remote: Option<&RemoteListener>, token: Option<&str>) {
    let gpus = server.inventory.gpus.len();
    tracing::info!(driver = server.driver.name, gpus, socket = %socket.display(), "serving");
    if server.driver.soft {
        tracing::warn!("kernels run on the CPU: the driver is the soft driver");
    }
    println!("rigel: serving {gpus} GPU(s) of {}", server.driver.name);
    println!(
        "rigel: on this host:   rigel run --pool unix:{} -- CMD",
        socket.display()
    );
    if let Some(remote) = remote {
        println!(
            "rigel: from elsewhere: rigel run --pool '{}' -- CMD",
            remote.url()
        );
    }
    if let Some(token) = token {
        println!("rigel: token (shown once; set RIGEL_TOKEN): {token}");
    }
    println!("rigel: ready");
}
