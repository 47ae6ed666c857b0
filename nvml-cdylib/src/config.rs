//! What the environment says about the pool; the same settings as the client library's.

use std::ffi::OsString;
use std::path::PathBuf;

use rigel_protocol::control::{Request, TOKEN_BYTES_MAX, Token};
use rigel_protocol::pool::PoolAddress;

/// Which pool, who asks, and for what.
#[derive(Clone, Debug)]
pub(crate) struct PoolConfig {
    /// `RIGEL_POOL`.
    pub(crate) address: PoolAddress,
    /// `RIGEL_TOKEN`, or what is in `RIGEL_TOKEN_FILE`.
    pub(crate) token: Option<Token>,
    /// `RIGEL_GPUS`, `RIGEL_MEMORY`, `RIGEL_COMPUTE`.
    pub(crate) request: Request,
    /// Whether any of the first two was set: then nothing but the pool will do.
    pub(crate) is_explicit: bool,
}

/// A setting that makes no sense, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadSetting(pub(crate) &'static str);

impl PoolConfig {
    /// Reads an environment.
    pub(crate) fn read(env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, BadSetting> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let text = |name: &str| set(name).map(|value| value.to_string_lossy().into_owned());
        let bad = |name| move |_| BadSetting(name);
        let token = match (
            text("RIGEL_TOKEN"),
            set("RIGEL_TOKEN_FILE").map(PathBuf::from),
        ) {
            (Some(token), _) => Some(token),
            (None, Some(path)) => {
                let text =
                    std::fs::read_to_string(path).map_err(|_| BadSetting("RIGEL_TOKEN_FILE"));
                Some(text?)
            }
            (None, None) => None,
        };
        let token = token.map(|token| token.trim().to_owned());
        let is_wrong = |token: &String| token.is_empty() || token.len() > TOKEN_BYTES_MAX;
        if token.as_ref().is_some_and(is_wrong) {
            return Err(BadSetting("RIGEL_TOKEN"));
        }
        let pool = text("RIGEL_POOL");
        let memory = text("RIGEL_MEMORY").map(|text| size(&text).ok_or(BadSetting("RIGEL_MEMORY")));
        let percent = text("RIGEL_COMPUTE").map(|text| {
            let number = text.trim().trim_end_matches('%').parse();
            number.map_err(|_| BadSetting("RIGEL_COMPUTE"))
        });
        let gpus = text("RIGEL_GPUS").map(|text| text.trim().parse().map_err(bad("RIGEL_GPUS")));
        Ok(Self {
            is_explicit: pool.is_some() || token.is_some(),
            address: pool
                .unwrap_or_default()
                .parse()
                .map_err(|_| BadSetting("RIGEL_POOL"))?,
            token: token.map(Token),
            request: Request {
                gpus: gpus.transpose()?,
                memory_bytes: memory.transpose()?,
                compute_percent: percent.transpose()?,
            },
        })
    }
}

/// Bytes, or a number with K, M, G or T, powers of 1024; `iB` and `B` may follow.
pub(crate) fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let shift = match unit.trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<PoolConfig, BadSetting> {
        PoolConfig::read(&|name| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn read_nothing_is_the_local_pool_and_not_explicit() {
        let config = read(&[("RIGEL_GPUS", "1")]).unwrap();
        assert_eq!(config.address, PoolAddress::Local);
        assert!(!config.is_explicit);
        assert_eq!(config.request.gpus, Some(1));
    }

    #[test]
    fn read_settings_are_kept() {
        let config = read(&[
            ("RIGEL_POOL", "unix:/run/a.sock"),
            ("RIGEL_TOKEN", " secret\n"),
            ("RIGEL_MEMORY", "2GiB"),
            ("RIGEL_COMPUTE", "30%"),
        ])
        .unwrap();
        assert!(config.is_explicit);
        assert_eq!(config.token, Some(Token("secret".into())));
        assert_eq!(config.request.memory_bytes, Some(2 << 30));
        assert_eq!(config.request.compute_percent, Some(30));
    }

    #[test]
    fn read_bad_settings_are_named() {
        for (name, value) in [
            ("RIGEL_POOL", "ftp://x"),
            ("RIGEL_TOKEN", "  "),
            ("RIGEL_TOKEN_FILE", "/nonexistent/token"),
            ("RIGEL_GPUS", "two"),
            ("RIGEL_MEMORY", "lots"),
            ("RIGEL_COMPUTE", "all"),
        ] {
            assert_eq!(read(&[(name, value)]).err(), Some(BadSetting(name)));
        }
    }
}
