//! Sizes as people write them: `8GiB`, `512M`, `1.5G`, `1000000`.

use std::fmt;
use std::str::FromStr;

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(pub u64);

/// Why a size was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a size; write it like 8GiB, 512M or a number of bytes")]
pub struct ByteSizeError(String);

/// Suffixes with their shifts. `K`, `M`, `G`, `T` are powers of 1024, as CUDA counts memory.
const UNITS: [(&str, u32); 5] = [("", 0), ("k", 10), ("m", 20), ("g", 30), ("t", 40)];

impl FromStr for ByteSize {
    type Err = ByteSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ByteSizeError(text.into());
        let trimmed = text.trim();
        let split = trimmed
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(trimmed.len());
        let (number, suffix) = trimmed.split_at(split);
        let suffix = suffix.trim().to_ascii_lowercase();
        let unit = suffix
            .strip_suffix("ib")
            .or(suffix.strip_suffix('b'))
            .unwrap_or(&suffix);
        let shift = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(error)?
            .1;
        if !number.contains('.') {
            let count: u64 = number.parse().map_err(|_| error())?;
            return count.checked_mul(1 << shift).map(Self).ok_or_else(error);
        }
        let bytes = number.parse::<f64>().map_err(|_| error())? * (1u64 << shift) as f64;
        if !bytes.is_finite() || bytes >= 2f64.powi(63) {
            return Err(error());
        }
        Ok(Self(bytes as u64))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS
            .iter()
            .rev()
            .find(|(_, shift)| self.0 >> shift > 0 && *shift > 0);
        match unit {
            None => write!(f, "{} B", self.0),
            Some((name, shift)) if self.0.is_multiple_of(1 << shift) => {
                write!(f, "{} {}iB", self.0 >> shift, name.to_ascii_uppercase())
            }
            Some((name, shift)) => {
                let count = self.0 as f64 / (1u64 << shift) as f64;
                write!(f, "{count:.1} {}iB", name.to_ascii_uppercase())
            }
        }
    }
}

impl<'de> serde::Deserialize<'de> for ByteSize {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(bytes) => Ok(Self(bytes)),
            Written::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_sizes_as_people_write_them() {
        for (text, bytes) in [
            ("0", 0),
            ("17", 17),
            ("1k", 1024),
            ("8GiB", 8 << 30),
            ("8 gb", 8 << 30),
            ("1.5G", 3 << 29),
            ("2T", 2 << 40),
            ("512M", 512 << 20),
            ("3B", 3),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn parse_nonsense_is_refused() {
        for text in [
            "",
            "G",
            "8X",
            "-1",
            "1..2G",
            "99999999999T",
            "1e9",
            "8 apples",
        ] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }

    #[test]
    fn display_picks_the_largest_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (8 << 30, "8 GiB"),
            (3 << 29, "1.5 GiB"),
        ] {
            assert_eq!(ByteSize(bytes).to_string(), text);
        }
    }
}
