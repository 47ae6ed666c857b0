//! Values of the configuration that are one of a few names: system calls of workers, lanes. Read
//! [`WorkerFilter`] and [`Lane`].

use rigel_transport::quic::{BadLane, LaneKind};
use serde::Deserialize;

/// What becomes of system calls that no driver needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkerFilter {
    /// They fail.
    #[default]
    Enforce,
    /// The kernel logs them.
    Log,
    /// Nothing.
    Off,
}

impl WorkerFilter {
    /// Its name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Log => "log",
            Self::Off => "off",
        }
    }
}

impl std::str::FromStr for WorkerFilter {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [Self::Enforce, Self::Log, Self::Off];
        let found = all.into_iter().find(|filter| filter.name() == name);
        found.ok_or_else(|| format!("`{name}` is none of enforce, log, off"))
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
