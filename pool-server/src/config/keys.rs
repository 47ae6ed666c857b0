//! The keys of a configuration: which there are, as the deserialiser knows them, and those in a file that
//! mean nothing, each with what may have been meant. Read [`unknown`] first.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};
use toml::de::{DeTable, DeValue};

use super::{Config, LeaseConfig, ServerConfig};

/// A key that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    key: String,
    table: &'static str,
    line: usize,
    nearest: Option<&'static str>,
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key, table, line, ..
        } = self;
        write!(
            f,
            "line {line}: unknown key `{}` in {table}",
            key.escape_debug()
        )?;
        match self.nearest {
            Some(nearest) => write!(f, ", did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// The keys of `[server]`.
pub fn server_keys() -> &'static [&'static str] {
    fields::<ServerConfig>()
}

/// The keys of `[[lease]]`.
pub fn lease_keys() -> &'static [&'static str] {
    fields::<LeaseConfig>()
}

/// The keys of a file that mean nothing, in the order of its lines.
pub(super) fn unknown(text: &str) -> Result<Vec<UnknownKey>, toml::de::Error> {
    let whole = DeTable::parse(text)?;
    let mut found = Vec::new();
    let whole = whole.get_ref();
    check(text, whole, "the file", fields::<Config>(), &mut found);
    for (key, value) in whole.iter() {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("server", DeValue::Table(server)) => {
                check(text, server, "[server]", server_keys(), &mut found);
            }
            ("lease", DeValue::Array(leases)) => {
                for lease in leases.iter() {
                    if let DeValue::Table(lease) = lease.get_ref() {
                        check(text, lease, "[[lease]]", lease_keys(), &mut found);
                    }
                }
            }
            _ => {}
        }
    }
    found.sort_by_key(|key| key.line);
    Ok(found)
}

fn check(
    text: &str,
    table: &DeTable<'_>,
    name: &'static str,
    known: &'static [&'static str],
    found: &mut Vec<UnknownKey>,
) {
    for key in table.keys() {
        let word: &str = key.get_ref();
        if known.contains(&word) {
            continue;
        }
        let before = text.get(..key.span().start).unwrap_or(text);
        found.push(UnknownKey {
            key: word.to_owned(),
            table: name,
            line: before.matches('\n').count() + 1,
            nearest: nearest(word, known),
        });
    }
}

/// The known word that is fewest changes away, if it is near enough to have been meant.
fn nearest(word: &str, known: &'static [&'static str]) -> Option<&'static str> {
    let near = |other: &&'static str| (changes(word, other), *other);
    let (n, best) = known.iter().map(near).min()?;
    (n <= 1 + word.chars().count() / 4).then_some(best)
}

/// How many letters are to be inserted, left out or replaced; two that have changed places count as one.
fn changes(one: &str, two: &str) -> usize {
    let (one, two): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
    let mut rows = vec![(0..=two.len()).collect::<Vec<_>>()];
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=two.len() {
            let same = one[i - 1] == two[j - 1];
            let replaced = rows[i - 1][j - 1] + usize::from(!same);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == two[j - 2] && one[i - 2] == two[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][two.len()]
}

/// The names that a type's deserialiser knows: it is asked for them, and given nothing.
fn fields<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    match T::deserialize(Asks) {
        Err(Named(fields)) => fields,
        Ok(_) => &[],
    }
}

/// A deserialiser that only listens to what is wanted of it.
struct Asks;

/// What was wanted, as the error that ends it.
#[derive(Debug)]
struct Named(&'static [&'static str]);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Named {}

impl serde::de::Error for Named {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(&[])
    }
}

impl<'de> Deserializer<'de> for Asks {
    type Error = Named;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Named> {
        Err(Named(&[]))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Named> {
        Err(Named(fields))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unknown_key_is_named_with_what_was_meant() {
        let text =
            "[server]\nsokcet = \"x\"\n[[lease]]\nname = \"a\"\nmemroy = 1\nzzz = 2\n[other]\n";
        let found: Vec<String> = unknown(text)
            .unwrap()
            .iter()
            .map(|k| k.to_string())
            .collect();
        assert_eq!(
            found,
            [
                "line 2: unknown key `sokcet` in [server], did you mean `socket`?",
                "line 5: unknown key `memroy` in [[lease]], did you mean `memory`?",
                "line 6: unknown key `zzz` in [[lease]]",
                "line 7: unknown key `other` in the file",
            ]
        );
    }

    #[test]
    fn keys_are_those_of_the_deserialiser() {
        assert!(server_keys().contains(&"drain_seconds"));
        assert!(lease_keys().contains(&"memory"));
        assert!(!lease_keys().contains(&"class"), "it is none of the file");
    }

    /// The keys in the first column of the table with this head, on the operators' page.
    fn documented(head: &str) -> Vec<String> {
        let page = include_str!("../../../docs/operations.md");
        let table = page.lines().skip_while(|line| !line.starts_with(head));
        let rows = table.skip(2).take_while(|line| line.starts_with('|'));
        let columns = rows.filter_map(|row| row.split('|').nth(1));
        let words = columns.flat_map(|column| column.split('`').skip(1).step_by(2));
        words.map(str::to_owned).collect()
    }

    #[test]
    fn every_key_is_documented_and_no_other() {
        for (head, keys) in [
            ("| `[server]`", server_keys()),
            ("| `[[lease]]`", lease_keys()),
        ] {
            let (mut documented, mut known) = (documented(head), keys.to_vec());
            documented.sort();
            known.sort();
            assert_eq!(documented, known, "{head}");
        }
    }

    #[test]
    fn changes_counts_letters() {
        for (one, two, n) in [
            ("", "", 0),
            ("a", "", 1),
            ("sokcet", "socket", 1),
            ("uid", "uids", 1),
        ] {
            assert_eq!(changes(one, two), n, "{one} {two}");
        }
    }
}
