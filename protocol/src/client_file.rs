//! A client's settings in a file, for processes whose environment says nothing of a pool: in a container
//! whoever starts it puts the file at [`PATH`], where no cleared environment can lose it. Parsing only;
//! nothing here reads a file. Read [`ClientFile`] first.
//!
//! The file is TOML of the plainest kind: comments, and lines of `key = "value"`.

use std::ffi::OsString;

/// Where the client libraries look.
pub const PATH: &str = "/run/rigel/client.toml";

/// Longest file, in bytes.
pub const BYTES_MAX: u64 = 64 << 10;

/// Keys of the file, and the variables they stand for.
const KEYS: [(&str, &str); 7] = [
    ("pool", "RIGEL_POOL"),
    ("token_file", "RIGEL_TOKEN_FILE"),
    ("gpus", "RIGEL_GPUS"),
    ("memory", "RIGEL_MEMORY"),
    ("compute", "RIGEL_COMPUTE"),
    ("lane", "RIGEL_LANE"),
    ("wait", "RIGEL_WAIT"),
];

/// Variables that choose a pool or say who we are: with one of them set the file counts for nothing, so that
/// its token is shown to no pool but its own.
const CHOICES: [&str; 3] = ["RIGEL_POOL", "RIGEL_TOKEN", "RIGEL_TOKEN_FILE"];

/// The settings of a file, by the variables they stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientFile {
    settings: Vec<(&'static str, String)>,
}

/// Why a file was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientFileError {
    /// A line is no setting.
    #[error("line {0} is not `key = \"value\"`")]
    Line(usize),
    /// A key is unknown.
    #[error("line {0}: `{1}` is not a setting of clients")]
    Key(usize, String),
    /// A value cannot be written.
    #[error("`{0}` holds a quotation mark, a backslash or a control character")]
    Value(String),
}

impl ClientFile {
    /// Whether the file is to be read: the environment neither chooses a pool nor says who we are.
    pub fn is_wanted(env: impl Fn(&str) -> Option<OsString>) -> bool {
        let is_set = |name: &&str| env(name).is_some_and(|value| !value.is_empty());
        !CHOICES.iter().any(is_set)
    }

    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, ClientFileError> {
        let mut settings = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let (line, number) = (line.trim(), index + 1);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line.split_once('=').ok_or(ClientFileError::Line(number))?;
            let value = value.trim().strip_prefix('"');
            let value = value.and_then(|value| value.strip_suffix('"'));
            let value = value.filter(|value| is_plain(value));
            let value = value.ok_or(ClientFileError::Line(number))?;
            let known = KEYS.iter().find(|(known, _)| *known == key.trim());
            let (_, variable) = known.ok_or_else(|| {
                ClientFileError::Key(number, key.trim().escape_debug().to_string())
            })?;
            settings.push((*variable, value.to_owned()));
        }
        Ok(Self { settings })
    }

    /// Adds a setting by its variable; unknown ones are left out.
    pub fn set(&mut self, variable: &str, value: &str) -> Result<(), ClientFileError> {
        if !is_plain(value) {
            return Err(ClientFileError::Value(value.escape_debug().to_string()));
        }
        if let Some((_, known)) = KEYS.iter().find(|(_, known)| *known == variable) {
            self.settings.push((known, value.to_owned()));
        }
        Ok(())
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let key = |variable: &str| KEYS.iter().find(|(_, known)| *known == variable);
        let lines = self.settings.iter().filter_map(|(variable, value)| {
            let (key, _) = key(variable)?;
            Some(format!("{key} = \"{value}\"\n"))
        });
        lines.collect()
    }

    /// The value of a variable: the environment's, else the file's.
    pub fn lookup(&self, env: impl Fn(&str) -> Option<OsString>, name: &str) -> Option<OsString> {
        let set = env(name).filter(|value| !value.is_empty());
        set.or_else(|| {
            let found = self.settings.iter().rfind(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        })
    }
}

fn is_plain(value: &str) -> bool {
    !value.contains(|c: char| c == '"' || c == '\\' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<OsString> {
        None
    }

    #[test]
    fn parse_what_was_written_gives_it_back() {
        let mut file = ClientFile::default();
        file.set("RIGEL_POOL", "unix:/run/rigel-pool/rigel.sock")
            .unwrap();
        file.set("RIGEL_TOKEN_FILE", "/run/rigel/token").unwrap();
        file.set("PATH", "/bin").unwrap();
        let text = file.to_text();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert_eq!(ClientFile::parse(&text).unwrap(), file);
        let token = file.lookup(nothing, "RIGEL_TOKEN_FILE");
        assert_eq!(token, Some("/run/rigel/token".into()));
    }

    #[test]
    fn environment_comes_first_and_a_choice_of_its_own_leaves_the_file_out() {
        let file = ClientFile::parse("# mine\n memory = \"2G\" \n\n").unwrap();
        let env = |name: &str| (name == "RIGEL_MEMORY").then(|| OsString::from("1G"));
        assert_eq!(file.lookup(env, "RIGEL_MEMORY"), Some("1G".into()));
        assert_eq!(file.lookup(nothing, "RIGEL_MEMORY"), Some("2G".into()));
        assert!(ClientFile::is_wanted(env));
        assert!(!ClientFile::is_wanted(
            |name| (name == "RIGEL_TOKEN").then(|| "t".into())
        ));
    }

    #[test]
    fn bad_files_are_refused_with_the_line() {
        for text in [
            "pool",
            "pool = local",
            "pool = \"a\"b\"",
            "colour = \"red\"",
            "pool = \"a",
        ] {
            assert!(
                ClientFile::parse(&format!("# c\n{text}")).is_err(),
                "{text}"
            );
        }
        assert!(ClientFile::default().set("RIGEL_POOL", "a\"b").is_err());
    }
}
