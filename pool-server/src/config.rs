//! The server's configuration: a TOML file, or what a machine without one gets.
//!
//! Parsed once at start into types that cannot be wrong; unknown keys are errors, so that a
//! misspelt limit never passes for a set one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rigel_share::Priority;
use rigel_transport::quic::{BadLane, LaneKind, LaneSet};
use serde::Deserialize;

use crate::bytes::ByteSize;
use crate::percent::{self, ComputeRange};

/// Sessions a server holds at once unless told otherwise.
const SESSIONS_DEFAULT: u32 = 256;

/// Most instances of a lease.
const INSTANCES_MAX: u32 = 1024;

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
    /// What clients of other hosts may send bulk over beside `quic`: `tcp+tls`, and `tcp`, which is clear text,
    /// for networks that are trusted. Over TCP at the port of `listen`. Default: nothing else.
    #[serde(default)]
    pub lanes: Vec<Lane>,
    /// Where the daemon keeps its certificate. Default: see [`crate::paths::default_state`].
    pub state_dir: Option<PathBuf>,
    /// `auto` (default), `nvidia`, `soft`, `null` (executes nothing), or the path of a libcuda.so.1.
    pub driver: Option<String>,
    /// Most sessions at once, over all leases. Default 256.
    pub sessions_max: Option<u32>,
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
    /// Environment of the workers, on top of the daemon's: `RIGEL_SOFT_*`, `CUDA_*`.
    #[serde(default)]
    pub worker_env: std::collections::BTreeMap<String, String>,
}

impl ServerConfig {
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

    /// What clients of other hosts may send bulk over.
    pub fn lanes(&self) -> LaneSet {
        self.lanes.iter().map(|lane| lane.0).collect()
    }

    /// Most sessions at once.
    pub fn sessions_max(&self) -> u32 {
        self.sessions_max.unwrap_or(SESSIONS_DEFAULT)
    }
}

/// What carries bulk bytes, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Lane(pub LaneKind);

impl TryFrom<String> for Lane {
    type Error = BadLane;

    fn try_from(name: String) -> Result<Self, BadLane> {
        name.parse().map(Self)
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
    /// It is not TOML, or has an unknown key or a bad value.
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

    fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|source| ConfigError::Parse {
            path: path.into(),
            source: Box::new(source),
        })?;
        config.check()?;
        Ok(config)
    }

    /// Every lease, each instance on its own.
    pub fn each_lease(&self) -> impl Iterator<Item = LeaseConfig> + '_ {
        self.leases.iter().flat_map(LeaseConfig::each)
    }

    fn check(&self) -> Result<(), ConfigError> {
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
        match secrets.iter().filter(|set| **set).count() {
            0 if self.instances.is_some() => {}
            0 if self.uids.is_empty() => {
                return Err(
                    self.error("nobody can open it; set token, token_file, token_sha256 or uids")
                );
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
        if has_token || !self.uids.is_empty() {
            return Err(self.error(
                "instances are opened by tokens of their own; leave token, token_file, token_sha256 and \
                 uids out",
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
    fn parse_unknown_key_names_it() {
        let error = parse("[server]\nsokcet = \"x\"").unwrap_err().to_string();
        assert!(error.contains("sokcet"), "{error}");
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
