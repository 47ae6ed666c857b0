//! What the environment says: which pool, who we are, what we ask for; in a container, what a file at a
//! fixed place says. Read once, at the first call. Read [`Config`] first.

use std::ffi::OsString;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rigel_protocol::client_file::{self, ClientFile, ClientFileError};
use rigel_protocol::control::{Request, TOKEN_BYTES_MAX, Token};
use rigel_protocol::pool::{PoolAddress, PoolAddressError};
use rigel_protocol::span;
use rigel_protocol::visible::VisibleDevices;
use rigel_transport::quic::{BadLane, BadShape, Lanes, Shape};

use crate::trace::TraceSettings;

/// Longest wait in line.
const WAIT_MAX: Duration = Duration::from_secs(30 * 86_400);
/// Most events of a timeline unless told otherwise: 16 MiB on each side.
const TRACE_EVENTS: u64 = 1 << 18;

/// The settings of a client process.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// `RIGEL_POOL`: where the pool is.
    pub(crate) pool: PoolAddress,
    /// `RIGEL_TOKEN` or the file `RIGEL_TOKEN_FILE`: who we are.
    pub(crate) token: Option<Token>,
    /// `RIGEL_GPUS`, `RIGEL_MEMORY`, `RIGEL_COMPUTE`: what we ask for.
    pub(crate) request: Request,
    /// `CUDA_VISIBLE_DEVICES`, `CUDA_DEVICE_ORDER`: which of its GPUs the process wants to see.
    pub(crate) visible: VisibleDevices,
    /// `RIGEL_WAIT`: for how long to wait in line if the pool has no room.
    pub(crate) wait: Option<Duration>,
    /// `RIGEL_LINK_SHAPE`: a network path to imitate, for measurements.
    pub(crate) shape: Option<Shape>,
    /// `RIGEL_LANE`: what carries bulk bytes to a pool on another host.
    pub(crate) lanes: Lanes,
    /// `RIGEL_STATS`: where counters go at exit.
    pub(crate) stats: Option<PathBuf>,
    /// `RIGEL_TRACE`, `RIGEL_TRACE_EVENTS`: where a timeline's notes go, and how many.
    pub(crate) trace: Option<TraceSettings>,
}

/// A setting that makes no sense.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// The pool's address.
    #[error("read RIGEL_POOL: {0}")]
    Pool(#[from] PoolAddressError),
    /// The path to imitate.
    #[error("read RIGEL_LINK_SHAPE: {0}")]
    Shape(#[from] BadShape),
    /// What carries bulk bytes.
    #[error("read RIGEL_LANE: {0}")]
    Lane(#[from] BadLane),
    /// The file of the token.
    #[error("read the token in {path}: {source}")]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file of settings.
    #[error("read {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// What is in it.
    #[error("read {path}: {source}")]
    FileText {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ClientFileError,
    },
    /// The token itself.
    #[error("use the token: it is empty, not text, or longer than {TOKEN_BYTES_MAX} bytes")]
    Token,
    /// A number.
    #[error("read {name}: `{value}` is not {wanted}")]
    Number {
        /// The variable.
        name: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        wanted: &'static str,
    },
}

impl Config {
    /// Reads the process's environment, and the container's file if it leaves the pool open.
    pub(crate) fn from_environment() -> Result<Self, ConfigError> {
        Self::read_with_file(|name| std::env::var_os(name), Path::new(client_file::PATH))
    }

    fn read_with_file(
        env: impl Fn(&str) -> Option<OsString>,
        path: &Path,
    ) -> Result<Self, ConfigError> {
        let file = match ClientFile::is_wanted(&env) {
            true => client_file(path)?,
            false => ClientFile::default(),
        };
        // Of these two an empty one says something, and a container's file has nothing to say.
        let visible = ["CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER"];
        Self::read(|name| match visible.contains(&name) {
            true => env(name),
            false => file.lookup(&env, name),
        })
    }

    /// Reads an environment.
    pub(crate) fn read(env: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).map(|value| value.to_string_lossy().into_owned());
        Ok(Self {
            pool: text("RIGEL_POOL").unwrap_or_default().parse()?,
            token: token(
                text("RIGEL_TOKEN"),
                set("RIGEL_TOKEN_FILE").map(PathBuf::from),
            )?,
            request: Request {
                gpus: number("RIGEL_GPUS", text("RIGEL_GPUS"))?,
                memory_bytes: text("RIGEL_MEMORY").map(|value| size(&value)).transpose()?,
                compute_percent: percent(text("RIGEL_COMPUTE"))?,
            },
            visible: VisibleDevices::read(|name| {
                env(name).map(|value| value.to_string_lossy().into_owned())
            }),
            wait: wait(text("RIGEL_WAIT"))?,
            shape: text("RIGEL_LINK_SHAPE")
                .map(|value| value.parse())
                .transpose()?,
            lanes: text("RIGEL_LANE").map_or(Ok(Lanes::default()), |value| value.parse())?,
            stats: set("RIGEL_STATS").map(PathBuf::from),
            trace: trace(
                set("RIGEL_TRACE").map(PathBuf::from),
                text("RIGEL_TRACE_EVENTS"),
            )?,
        })
    }
}

/// The settings in a file; none if there is no such file.
fn client_file(path: &Path) -> Result<ClientFile, ConfigError> {
    let mut text = String::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(client_file::BYTES_MAX).read_to_string(&mut text));
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(ClientFile::default()),
        Err(source) => {
            let path = path.into();
            return Err(ConfigError::File { path, source });
        }
        Ok(_) => {}
    }
    ClientFile::parse(&text).map_err(|source| ConfigError::FileText {
        path: path.into(),
        source,
    })
}

fn token(text: Option<String>, file: Option<PathBuf>) -> Result<Option<Token>, ConfigError> {
    let text = match (text, file) {
        (Some(text), _) => text,
        (None, Some(path)) => std::fs::read_to_string(&path)
            .map_err(|source| ConfigError::TokenFile { path, source })?,
        (None, None) => return Ok(None),
    };
    let text = text.trim();
    if text.is_empty() || text.len() > TOKEN_BYTES_MAX {
        return Err(ConfigError::Token);
    }
    Ok(Some(Token(text.to_owned())))
}

fn number(name: &'static str, value: Option<String>) -> Result<Option<u32>, ConfigError> {
    let Some(value) = value else { return Ok(None) };
    match value.trim().parse() {
        Ok(number) if number > 0 => Ok(Some(number)),
        _ => Err(ConfigError::Number {
            name,
            value,
            wanted: "a number above 0",
        }),
    }
}

fn trace(
    folder: Option<PathBuf>,
    events: Option<String>,
) -> Result<Option<TraceSettings>, ConfigError> {
    let Some(folder) = folder else {
        return Ok(None);
    };
    let events_max = number("RIGEL_TRACE_EVENTS", events)?.map_or(TRACE_EVENTS, u64::from);
    Ok(Some(TraceSettings { folder, events_max }))
}

fn wait(value: Option<String>) -> Result<Option<Duration>, ConfigError> {
    let Some(value) = value else { return Ok(None) };
    match span::parse(&value) {
        Some(span) if span <= WAIT_MAX => Ok(Some(span)),
        _ => Err(ConfigError::Number {
            name: "RIGEL_WAIT",
            value,
            wanted: "a time such as 10m, at most 30 days",
        }),
    }
}

fn percent(value: Option<String>) -> Result<Option<u8>, ConfigError> {
    let Some(value) = value else { return Ok(None) };
    match value.trim().trim_end_matches('%').parse() {
        Ok(percent @ 1..=100) => Ok(Some(percent)),
        _ => Err(ConfigError::Number {
            name: "RIGEL_COMPUTE",
            value,
            wanted: "a percentage from 1 to 100",
        }),
    }
}

/// Bytes, or a number with K, M, G or T (powers of 1024; `iB` and `B` may follow).
fn size(value: &str) -> Result<u64, ConfigError> {
    let bad = || ConfigError::Number {
        name: "RIGEL_MEMORY",
        value: value.to_owned(),
        wanted: "a size such as 8GiB, 512M or bytes",
    };
    let text = value.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let unit = unit.trim_end_matches('b').trim_end_matches('i');
    let shift = match unit {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return Err(bad()),
    };
    let number: u64 = number.parse().map_err(|_| bad())?;
    let bytes = number.checked_mul(1 << shift).ok_or_else(bad)?;
    if bytes == 0 {
        return Err(bad());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn read_nothing_is_the_local_pool() {
        let config = read(&[]).unwrap();
        assert_eq!(config.pool, PoolAddress::Local);
        assert!(config.token.is_none());
        assert_eq!(config.request, Request::default());
    }

    #[test]
    fn read_everything_is_kept() {
        let config = read(&[
            ("RIGEL_POOL", "unix:/run/r.sock"),
            ("RIGEL_TOKEN", " abc\n"),
            ("RIGEL_GPUS", "2"),
            ("RIGEL_MEMORY", "8GiB"),
            ("RIGEL_COMPUTE", "30%"),
        ])
        .unwrap();
        assert_eq!(config.token, Some(Token("abc".into())));
        assert_eq!(config.request.gpus, Some(2));
        assert_eq!(config.request.memory_bytes, Some(8 << 30));
        assert_eq!(config.request.compute_percent, Some(30));
    }

    #[test]
    fn file_speaks_where_the_environment_chooses_no_pool() {
        let path = std::env::temp_dir().join(format!("rigel-client-{}.toml", std::process::id()));
        std::fs::write(&path, "pool = \"unix:/run/p.sock\"\nmemory = \"2G\"\n").unwrap();
        let of = |pairs: &[(&str, &str)]| {
            Config::read_with_file(
                |name| {
                    let pair = pairs.iter().find(|(key, _)| *key == name);
                    pair.map(|(_, value)| OsString::from(value))
                },
                &path,
            )
        };
        let silent = of(&[("RIGEL_MEMORY", "1G")]).unwrap();
        assert_eq!(silent.pool, PoolAddress::Unix("/run/p.sock".into()));
        assert_eq!(
            silent.request.memory_bytes,
            Some(1 << 30),
            "a request is free"
        );
        let chosen = of(&[("RIGEL_TOKEN", "mine")]).unwrap();
        assert_eq!(chosen.pool, PoolAddress::Local);
        assert_eq!(chosen.request.memory_bytes, None);
        std::fs::write(&path, "pool local").unwrap();
        assert!(of(&[]).is_err());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(of(&[]).unwrap().pool, PoolAddress::Local);
    }

    #[test]
    fn size_takes_units_of_1024() {
        for (text, bytes) in [
            ("1", 1),
            ("2k", 2048),
            ("3M", 3 << 20),
            ("1 GiB", 1 << 30),
            ("1TB", 1 << 40),
        ] {
            assert_eq!(size(text).unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn bad_settings_name_the_variable() {
        for (name, value) in [
            ("RIGEL_POOL", "ftp://x"),
            ("RIGEL_GPUS", "0"),
            ("RIGEL_MEMORY", "lots"),
            ("RIGEL_MEMORY", "99999999999T"),
            ("RIGEL_COMPUTE", "101"),
            ("RIGEL_WAIT", "soon"),
            ("RIGEL_WAIT", "31d"),
            ("RIGEL_TOKEN_FILE", "/nonexistent/token"),
        ] {
            assert!(read(&[(name, value)]).is_err(), "{name}={value}");
        }
    }
}
