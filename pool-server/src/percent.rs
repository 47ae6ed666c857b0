//! Shares of a GPU's time as people write them: `30`, `"20..50"`, `"..50"`, `"20.."`.

use std::fmt;
use std::str::FromStr;

use rigel_share::{Priority, Terms};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};

/// A guarantee and a maximum in percent. One number is both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComputeRange {
    /// So much is guaranteed.
    pub min: u8,
    /// And no more than so much.
    pub max: u8,
}

impl ComputeRange {
    /// No guarantee and no maximum.
    pub const ANY: Self = Self { min: 0, max: 100 };

    /// With a priority, what a scheduler understands.
    pub fn terms(self, priority: Priority) -> Terms {
        // A range that exists is in order.
        Terms::new(self.min, self.max, priority).unwrap_or(Terms::ANY)
    }

    /// A range that is in order: `min <= max`, `1 <= max <= 100`.
    pub fn of(min: u8, max: u8) -> Option<Self> {
        Self::new(min.into(), max.into())
    }

    fn new(min: u64, max: u64) -> Option<Self> {
        let (min, max) = (u8::try_from(min).ok()?, u8::try_from(max).ok()?);
        Terms::new(min, max, Priority::Normal).map(|_| Self { min, max })
    }
}

impl Default for ComputeRange {
    fn default() -> Self {
        Self::ANY
    }
}

impl FromStr for ComputeRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let number = |text: &str, default: u64| match text.trim().trim_end_matches('%').trim() {
            "" => Some(default),
            digits => digits.parse().ok(),
        };
        let (min, max) = match text.split_once("..") {
            Some((min, max)) => (number(min, 0), number(max, 100)),
            None if text.is_empty() => (None, None),
            None => (number(text, 0), number(text, 0)),
        };
        min.zip(max)
            .and_then(|(min, max)| Self::new(min, max))
            .ok_or_else(|| {
                format!("`{text}` is not a share; write percent of a GPU like 30 or 20..50")
            })
    }
}

impl fmt::Display for ComputeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, max) if min == max => write!(f, "{min} %"),
            (min, max) => write!(f, "{min}..{max} %"),
        }
    }
}

impl<'de> Deserialize<'de> for ComputeRange {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = ComputeRange;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a percentage, 1 to 100, or a range like \"20..50\"")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<ComputeRange, E> {
                u64::try_from(value)
                    .ok()
                    .and_then(|value| ComputeRange::new(value, value))
                    .ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<ComputeRange, E> {
                ComputeRange::new(value, value)
                    .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ComputeRange, E> {
                text.parse().map_err(E::custom)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// Reads a priority by its name.
pub(crate) fn priority<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Priority>, D::Error> {
    let name = String::deserialize(from)?;
    let found = Priority::ALL
        .into_iter()
        .find(|priority| priority.name() == name);
    match found {
        Some(priority) => Ok(Some(priority)),
        None => Err(D::Error::custom(format!(
            "`{name}` is not a priority; use idle, low, normal, high or urgent"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_people_write_them() {
        for (text, expected) in [
            ("30", Some((30, 30))),
            (" 30 % ", Some((30, 30))),
            ("20..50", Some((20, 50))),
            ("20%..50%", Some((20, 50))),
            ("..50", Some((0, 50))),
            ("20..", Some((20, 100))),
            ("..", Some((0, 100))),
            ("50..20", None),
            ("0", None),
            ("101", None),
            ("..101", None),
            ("", None),
            ("-1", None),
            ("half", None),
        ] {
            let range = text.parse::<ComputeRange>().ok();
            assert_eq!(
                range.map(|range| (range.min, range.max)),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn shares_are_shown_as_they_are_written() {
        for text in ["30 %", "20..50 %"] {
            assert_eq!(text.parse::<ComputeRange>().unwrap().to_string(), text);
        }
    }
}
