//! The server's configuration: a TOML file, or what a machine without one gets.
//!
//! Parsed once at start into types that cannot be wrong; unknown keys are errors, so that a
//! misspelt limit never passes for a set one.

mod choices;
mod keys;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rigel_share::Priority;
use rigel_transport::quic::LaneSet;
use serde::Deserialize;

pub use self::choices::{Lane, WorkerFilter};
pub use self::keys::{UnknownKey, lease_keys, server_keys};
use crate::bytes::ByteSize;
use crate::percent::{self, ComputeRange};

/// Sessions a server holds at once unless told otherwise.
const SESSIONS_DEFAULT: u32 = 256;
/// [`ServerConfig::memory_reserve`], in bytes.
const MEMORY_RESERVE_DEFAULT: u64 = 256 << 20;

/// Most instances of a lease.
const INSTANCES_MAX: u32 = 1024;

/// Bounds of the rings for bulk of a remote client; more than the most would not leave QUIC's own window.
const BULK_WINDOW_MIN: u64 = 1 << 20;
const BULK_WINDOW_MAX: u64 = 8 << 20;

/// Spare workers unless told otherwise, and at most.
const SPARES_DEFAULT: u32 = 1;
const SPARES_MAX: u32 = 64;

/// How long a lost client may stay away unless told otherwise, at least (a connection that is alive may be
/// silent for as long), and at most.
const GRACE_SECONDS_DEFAULT: f64 = 30.0;
const GRACE_SECONDS_MIN: f64 = 0.5;
const GRACE_SECONDS_MAX: f64 = 3600.0;

/// Seconds between lines of the usage ledger unless told otherwise, at least and at most.
const USAGE_SECONDS_DEFAULT: f64 = 60.0;
const USAGE_SECONDS_MIN: f64 = 0.1;
const USAGE_SECONDS_MAX: f64 = 3600.0;

/// How long running sessions may go on unless told otherwise, and at most.
const DRAIN_SECONDS_DEFAULT: f64 = 30.0;
const DRAIN_SECONDS_MAX: f64 = 7.0 * 86_400.0;

/// Failed attempts from one source in a minute unless told otherwise.
const FAILURES_DEFAULT: u32 = 20;

/// The first user id of workers unless told otherwise: of a range that no distribution gives out.
const WORKER_UID_DEFAULT: u32 = 1_900_000_000;

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The daemon itself.
    #[serde(default)]
    pub server: ServerConfig,
    /// Who may hold what. With no lease in the file the daemon makes one named `default`, with a
    /// random token, that holds everything.
    #[serde(default, rename = "lease")]
    pub leases: Vec<LeaseConfig>,
    /// The file as it is written, to tell what has changed.
    #[serde(skip)]
    pub(crate) written: toml::Table,
}

/// `[server]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Unix socket for clients of this host. Default: see [`crate::paths::default_socket`].
    pub socket: Option<PathBuf>,
    /// Unix socket for containers of this host, whose processes are let in by tokens alone. Alone in a folder
    /// of its own. Default: none.
    pub guest_socket: Option<PathBuf>,
    /// `ADDRESS:PORT` (UDP) for clients of other hosts. Default: none.
    pub listen: Option<std::net::SocketAddr>,
    /// What clients of other hosts may send bulk over beside `quic`: `tcp+tls`, and `tcp` and `ucx`, which
    /// are clear text, for networks that are trusted. They arrive over TCP at the port of `listen`; `ucx` needs
    /// UCX's library. Default: nothing else.
    #[serde(default)]
    pub lanes: Vec<Lane>,
    /// Where the daemon keeps its certificate. Default: see [`crate::paths::default_state`].
    pub state_dir: Option<PathBuf>,
    /// `auto` (default), `nvidia`, `soft`, `null` (executes nothing), or the path of a libcuda.so.1.
    pub driver: Option<String>,
    /// Most sessions at once, over all leases. Default 256.
    pub sessions_max: Option<u32>,
    /// Memory that the host must have left for a session to begin. Default 256MiB; 0: none.
    pub memory_reserve: Option<ByteSize>,
    /// Seconds for which a session waits for a remote client whose connection was lost. Default 30.
    pub grace_seconds: Option<f64>,
    /// `ADDRESS:PORT` (TCP) for metrics: `/metrics` and `/healthz`. Default: none.
    pub metrics: Option<std::net::SocketAddr>,
    /// Most bytes of the usage ledger, in all its files. Default 128MiB.
    pub usage_max: Option<ByteSize>,
    /// Seconds between lines of the usage ledger. Default 60.
    pub usage_seconds: Option<f64>,
    /// Sessions at once on one GPU, over all leases; who comes later is refused, or waits. Default: no limit.
    pub sessions_per_gpu: Option<u32>,
    /// Whether shares of compute and priorities are enforced. Default true; without, every session runs at
    /// any time, to measure what enforcement costs.
    pub enforce_compute: Option<bool>,
    /// Worker processes started ahead of the sessions that will use them. Default 1.
    pub spare_workers: Option<u32>,
    /// Seconds for which running sessions may go on when the server is told to stop (SIGTERM). Default 30.
    pub drain_seconds: Option<f64>,
    /// The server's certificate, with those between it and its authority (PEM). Default: one of its own in
    /// the state folder.
    pub certificate: Option<PathBuf>,
    /// Its private key (PEM).
    pub key: Option<PathBuf>,
    /// Authorities for certificates of clients (PEM). Default: none, clients show tokens.
    pub client_ca: Option<PathBuf>,
    /// Whether clients of other hosts must show a certificate, beside a token too. Default false.
    pub require_certificate: Option<bool>,
    /// Names in certificates of clients that may do from elsewhere what root of the server's host may. Default:
    /// none.
    #[serde(default)]
    pub operators: Vec<String>,
    /// Failed attempts to show who one is that are heard from one source in a minute. Default 20; 0: any
    /// number.
    pub failures_per_minute: Option<u32>,
    /// Most bytes of the audit log, in all its files. Default 64MiB.
    pub audit_max: Option<ByteSize>,
    /// The first of the user ids that workers get, one each, where the server has the right to give them.
    /// Default 1900000000; 0: workers run as the server's user.
    pub worker_uid_base: Option<u32>,
    /// The system calls of workers: `enforce` (default) refuses those that no driver needs, `log` has the
    /// kernel log them, `off` allows all.
    pub worker_filter: Option<WorkerFilter>,
    /// What of a copy may be on its way to or from a client of another host: at least bandwidth times round
    /// trip, rounded up to a power of two, from 1MiB to 8MiB. Default 8MiB, and 1MiB for clients of this host.
    pub bulk_window: Option<ByteSize>,
    /// Most bytes of images that are kept on disk, so that clients need not send them again. Default 4GiB; 0
    /// keeps none.
    pub image_cache: Option<ByteSize>,
    /// Whether all leases share the images that are kept: who knows the hash of an image may then load it,
    /// and find out that somebody has. Default false.
    #[serde(default)]
    pub image_cache_shared: bool,
    /// Environment of the workers, on top of the daemon's: `RIGEL_SOFT_*`, `CUDA_*`.
    #[serde(default)]
    pub worker_env: std::collections::BTreeMap<String, String>,
}

impl ServerConfig {
    fn check(&self) -> Result<(), ConfigError> {
        if self.certificate.is_some() != self.key.is_some() {
            return Err(ConfigError::Server(
                "a certificate needs its key: set both `certificate` and `key`, or neither",
            ));
        }
        if self.require_certificate == Some(true) && self.client_ca.is_none() {
            return Err(ConfigError::Server(
                "`require_certificate` needs `client_ca`, the authority that signs them",
            ));
        }
        if !self.operators.is_empty() && self.client_ca.is_none() {
            return Err(ConfigError::Server(
                "`operators` needs `client_ca`, the authority that signs their certificates",
            ));
        }
        if self.operators.iter().any(String::is_empty) {
            return Err(ConfigError::Server("a name in `operators` is empty"));
        }
        Ok(())
    }

    /// For how long a session waits for a remote client whose connection was lost.
    pub fn grace(&self) -> Duration {
        let seconds = self.grace_seconds.unwrap_or(GRACE_SECONDS_DEFAULT);
        Duration::from_secs_f64(seconds.clamp(GRACE_SECONDS_MIN, GRACE_SECONDS_MAX))
    }

    /// Worker processes started ahead.
    pub fn spare_workers(&self) -> usize {
        let wanted = self.spare_workers.unwrap_or(SPARES_DEFAULT);
        wanted.min(SPARES_MAX) as usize
    }

    /// Most sessions at once on one GPU.
    pub fn sessions_per_gpu(&self) -> u32 {
        self.sessions_per_gpu.unwrap_or(u32::MAX).max(1)
    }

    /// Time between lines of the usage ledger.
    pub fn usage_interval(&self) -> Duration {
        let seconds = self.usage_seconds.unwrap_or(USAGE_SECONDS_DEFAULT);
        Duration::from_secs_f64(seconds.clamp(USAGE_SECONDS_MIN, USAGE_SECONDS_MAX))
    }

    /// Bytes of the rings for bulk of a remote client: a power of two.
    pub fn bulk_window(&self, is_loopback: bool) -> u32 {
        let default = match is_loopback {
            true => BULK_WINDOW_MIN,
            false => BULK_WINDOW_MAX,
        };
        let wanted = self.bulk_window.map_or(default, |window| window.0);
        let within = wanted.clamp(BULK_WINDOW_MIN, BULK_WINDOW_MAX);
        within.next_power_of_two() as u32
    }

    /// What clients of other hosts may send bulk over.
    pub fn lanes(&self) -> LaneSet {
        self.lanes.iter().map(|lane| lane.0).collect()
    }

    /// For how long running sessions may go on when the server is told to stop.
    pub fn drain(&self) -> Duration {
        let seconds = self.drain_seconds.unwrap_or(DRAIN_SECONDS_DEFAULT);
        Duration::from_secs_f64(seconds.clamp(0.0, DRAIN_SECONDS_MAX))
    }

    /// Failed attempts that are heard from one source in a minute; none: any number.
    pub fn failures_per_minute(&self) -> Option<u32> {
        let n = self.failures_per_minute.unwrap_or(FAILURES_DEFAULT);
        (n > 0).then_some(n)
    }

    /// The first user id of workers, if they are to have their own.
    pub fn worker_uid_base(&self) -> Option<u32> {
        let base = self.worker_uid_base.unwrap_or(WORKER_UID_DEFAULT);
        (base > 0).then_some(base)
    }

    /// Bytes of memory that the host must have left for a session to begin.
    pub fn memory_reserve(&self) -> u64 {
        self.memory_reserve
            .map_or(MEMORY_RESERVE_DEFAULT, |size| size.0)
    }

    /// Most sessions at once.
    pub fn sessions_max(&self) -> u32 {
        self.sessions_max.unwrap_or(SESSIONS_DEFAULT)
    }
}

/// `[[lease]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaseConfig {
    /// Name, unique in the file; in logs and `rigel status`.
    pub name: String,
    /// The secret that opens it.
    pub token: Option<String>,
    /// A file that holds the secret (first line).
    pub token_file: Option<PathBuf>,
    /// SHA-256 of the secret in hexadecimal, for files that should not hold it.
    pub token_sha256: Option<String>,
    /// User ids whose processes on this host open it without a token.
    #[serde(default)]
    pub uids: Vec<u32>,
    /// Names in certificates of clients that open it: the subject's common name, or an alternative name (DNS,
    /// mail, URI).
    #[serde(default)]
    pub certificates: Vec<String>,
    /// Virtual GPUs. Default 1.
    pub gpus: Option<u32>,
    /// Ordinals of the physical GPUs they may be on. Default: any.
    pub on: Option<Vec<u32>>,
    /// Memory of each virtual GPU, such as `8GiB`. Default: all of the physical one.
    pub memory: Option<ByteSize>,
    /// Time of each physical GPU in percent: `30`, or the guarantee and the maximum, `"20..50"`. Default:
    /// no guarantee and no maximum.
    #[serde(default)]
    pub compute: ComputeRange,
    /// `idle`, `low`, `normal` (default), `high` or `urgent`.
    #[serde(default, deserialize_with = "percent::priority")]
    pub priority: Option<Priority>,
    /// Sessions at once. Default: the server's.
    pub sessions: Option<u32>,
    /// Makes so many leases of this kind, `NAME.1` and on, each for the holder of one token that is made at
    /// run time (`rigel token new`, a container's). Default: one lease, of this name.
    pub instances: Option<u32>,
    /// The name in the file of a lease that is one of several instances.
    #[serde(skip)]
    pub class: Option<String>,
    /// Weight in the queue: twice as much is admitted twice as often. Default 100.
    pub weight: Option<u32>,
}

/// Why a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read configuration {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// It has keys that mean nothing.
    #[error("configuration {path}: {}", list(.keys))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// Each of them, where it is, and what may have been meant.
        keys: Vec<UnknownKey>,
    },
    /// The server's own settings contradict each other.
    #[error("[server]: {0}")]
    Server(&'static str),
    /// It is not TOML, or has a bad value.
    #[error("configuration {path}: {source}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with line and column.
        source: Box<toml::de::Error>,
    },
    /// A lease contradicts itself or another.
    #[error("lease `{lease}`: {reason}")]
    Lease {
        /// Its name.
        lease: String,
        /// What is wrong, and what to do.
        reason: String,
    },
}

impl Config {
    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.into(),
            source,
        })?;
        Self::parse(&text, path)
    }

    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::Parse {
            path: path.into(),
            source: Box::new(source),
        };
        let unknown = keys::unknown(text).map_err(failed)?;
        if !unknown.is_empty() {
            return Err(ConfigError::Unknown {
                path: path.into(),
                keys: unknown,
            });
        }
        let mut config: Self = toml::from_str(text).map_err(failed)?;
        config.written = toml::from_str(text).map_err(failed)?;
        config.check()?;
        Ok(config)
    }

    /// Every lease, each instance on its own.
    pub fn each_lease(&self) -> impl Iterator<Item = LeaseConfig> + '_ {
        self.leases.iter().flat_map(LeaseConfig::each)
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.server.check()?;
        let mut names = std::collections::BTreeSet::new();
        for lease in &self.leases {
            lease.check()?;
        }
        for lease in self.each_lease() {
            if !names.insert(lease.name.clone()) {
                return Err(lease.error("there are two leases of this name; rename one"));
            }
        }
        Ok(())
    }
}

impl LeaseConfig {
    /// The leases that this entry stands for.
    fn each(&self) -> impl Iterator<Item = Self> + '_ {
        // Too many are refused by the check.
        let n = self.instances.map_or(1, |n| n.min(INSTANCES_MAX));
        (1..=n).map(move |i| match self.instances {
            None => self.clone(),
            Some(_) => Self {
                name: format!("{}.{i}", self.name),
                class: Some(self.name.clone()),
                ..self.clone()
            },
        })
    }

    fn check(&self) -> Result<(), ConfigError> {
        let secrets = [
            self.token.is_some(),
            self.token_file.is_some(),
            self.token_sha256.is_some(),
        ];
        self.check_instances(secrets.contains(&true))?;
        if self.uids.contains(&u32::MAX) {
            return Err(self.error("4294967295 is no user id"));
        }
        if self.certificates.iter().any(String::is_empty) {
            return Err(self.error("a name in `certificates` is empty"));
        }
        match secrets.iter().filter(|set| **set).count() {
            0 if self.instances.is_some() => {}
            0 if self.uids.is_empty() && self.certificates.is_empty() => {
                return Err(self.error(
                    "nobody can open it; set token, token_file, token_sha256, uids or certificates",
                ));
            }
            0 | 1 => {}
            _ => return Err(self.error("set one of token, token_file and token_sha256")),
        }
        if self.gpus == Some(0) {
            return Err(self.error("gpus must be at least 1"));
        }
        if self.sessions == Some(0) {
            return Err(self.error("sessions must be at least 1"));
        }
        if self.weight == Some(0) {
            return Err(self.error("weight must be at least 1"));
        }
        if self.on.as_ref().is_some_and(Vec::is_empty) {
            return Err(self.error("`on` names no GPU; leave it out to allow any"));
        }
        Ok(())
    }

    fn check_instances(&self, has_token: bool) -> Result<(), ConfigError> {
        let Some(n) = self.instances else {
            return Ok(());
        };
        if !(1..=INSTANCES_MAX).contains(&n) {
            return Err(self.error(&format!("instances must be from 1 to {INSTANCES_MAX}")));
        }
        if has_token || !self.uids.is_empty() || !self.certificates.is_empty() {
            return Err(self.error(
                "instances are opened by tokens of their own; leave token, token_file, token_sha256, uids \
                 and certificates out",
            ));
        }
        Ok(())
    }

    fn error(&self, reason: &str) -> ConfigError {
        ConfigError::Lease {
            lease: self.name.clone(),
            reason: reason.into(),
        }
    }
}

fn list(keys: &[UnknownKey]) -> String {
    let words: Vec<String> = keys.iter().map(UnknownKey::to_string).collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("rigel.toml"))
    }

    #[test]
    fn parse_full_example_reads_every_key() {
        let config = parse(
            r#"
            [server]
            socket = "/run/rigel/rigel.sock"
            listen = "127.0.0.1:7400"
            state_dir = "/var/lib/rigel"
            driver = "soft"
            sessions_max = 8
            grace_seconds = 2.5
            worker_env = { RIGEL_SOFT_DEVICES = "2" }

            [[lease]]
            name = "team"
            token = "t"
            gpus = 2
            on = [0, 1]
            memory = "8GiB"
            compute = "20..50"
            priority = "high"
            sessions = 3
            "#,
        )
        .unwrap();
        assert_eq!(config.server.sessions_max(), 8);
        assert_eq!(config.server.grace(), Duration::from_millis(2500));
        assert_eq!(config.leases[0].memory, Some(ByteSize(8 << 30)));
        assert_eq!(config.leases[0].compute, ComputeRange { min: 20, max: 50 });
        assert_eq!(config.leases[0].priority, Some(Priority::High));
    }

    #[test]
    fn parse_bad_leases_are_refused() {
        for (body, word) in [
            ("name = \"a\"", "nobody can open it"),
            ("name = \"a\"\ntoken = \"x\"\ntoken_file = \"y\"", "one of"),
            ("name = \"a\"\ntoken = \"x\"\ngpus = 0", "gpus"),
            ("name = \"a\"\ntoken = \"x\"\ncompute = 0", "percentage"),
            ("name = \"a\"\ntoken = \"x\"\ncompute = 101", "percentage"),
            ("name = \"a\"\ntoken = \"x\"\ncompute = \"9..5\"", "20..50"),
            ("name = \"a\"\ntoken = \"x\"\npriority = \"vip\"", "urgent"),
            ("name = \"a\"\ntoken = \"x\"\non = []", "names no GPU"),
            ("name = \"a\"\ninstances = 0", "instances"),
            ("name = \"a\"\ninstances = 2\ntoken = \"x\"", "of their own"),
            ("name = \"a\"\nuids = [4294967295]", "no user id"),
            (
                "name = \"a\"\ntoken = \"x\"\nmemory = \"8 apples\"",
                "8 apples",
            ),
            (
                "name = \"a\"\ntoken = \"x\"\n[[lease]]\nname = \"a\"\ntoken = \"y\"",
                "two leases",
            ),
        ] {
            let error = parse(&format!("[[lease]]\n{body}"))
                .unwrap_err()
                .to_string();
            assert!(error.contains(word), "{body}: {error}");
        }
    }

    #[test]
    fn instances_are_leases_of_their_own() {
        let config = parse("[[lease]]\nname = \"8g\"\ninstances = 2").unwrap();
        let names: Vec<_> = config.each_lease().map(|lease| lease.name).collect();
        assert_eq!(names, ["8g.1", "8g.2"]);
        let twice = "[[lease]]\nname=\"a\"\ninstances=1\n[[lease]]\nname=\"a.1\"\ntoken=\"x\"";
        assert!(parse(twice).is_err());
    }

    #[test]
    fn bulk_window_is_a_power_of_two_within_bounds() {
        let window = |text: &str, is_loopback| {
            let config = parse(&format!("[server]\n{text}")).unwrap();
            config.server.bulk_window(is_loopback)
        };
        assert_eq!((window("", true), window("", false)), (1 << 20, 8 << 20));
        for (text, expected) in [("3MiB", 4), ("8MiB", 8), ("1KiB", 1), ("1GiB", 8)] {
            let line = format!("bulk_window = \"{text}\"");
            assert_eq!(window(&line, true), expected << 20, "{text}");
            assert_eq!(window(&line, false), expected << 20, "{text}");
        }
    }

    #[test]
    fn lanes_beside_quic_are_allowed_by_name_alone() {
        let lanes = |text: &str| parse(text).map(|config| config.server.lanes().to_string());
        assert_eq!(lanes("").unwrap(), "quic");
        assert_eq!(
            lanes("[server]\nlanes = [\"tcp+tls\"]").unwrap(),
            "quic, tcp+tls"
        );
        let error = lanes("[server]\nlanes = [\"ftp\"]")
            .unwrap_err()
            .to_string();
        assert!(error.contains("`ftp`"), "{error}");
    }
}
