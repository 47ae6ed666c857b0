//! A compute capability as people write it.

use std::fmt;
use std::str::FromStr;

/// A compute capability, such as 8.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capability {
    major: u8,
    minor: u8,
}

impl FromStr for Capability {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('.').and_then(|(major, minor)| {
            let (major, minor) = (major.parse().ok()?, minor.parse().ok()?);
            Some(Self { major, minor })
        });
        parsed
            .filter(|found| (1..=99).contains(&found.major) && found.minor <= 9)
            .ok_or_else(|| format!("`{text}` is not a compute capability; write it like 8.6"))
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capability_is_two_numbers() {
        let (major, minor) = (13, 0);
        assert_eq!("13.0".parse(), Ok(Capability { major, minor }));
        for text in ["", "8", "8.6.1", "8.x", "0.1", "8.10", "-8.6"] {
            assert!(text.parse::<Capability>().is_err(), "{text}");
        }
    }
}
