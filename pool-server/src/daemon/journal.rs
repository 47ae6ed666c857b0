//! The audit log: who did what, and when, one JSON object a line, appended to `audit.jsonl` in the state
//! folder. It never holds a secret. Read [`Journal`] first.
//!
//! 1. A line is one write, made before the answer is given. Lines are never changed.
//! 2. When the file has half of the allowed size it becomes `audit.1.jsonl`, and the one before it goes.
//! 3. What cannot be written is counted, is an alert for as long as it lasts, and stops nothing; the next line
//!    that can be written is preceded by one that says how many are missing.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::guests::GUEST;
use super::openers::Opener;
use super::peer::Peer;

/// Most bytes of the log unless told otherwise.
pub(crate) const BYTES_DEFAULT: u64 = 64 << 20;
/// Longest line: texts of clients are far shorter.
const LINE_BYTES_MAX: usize = 16 << 10;
const CURRENT: &str = "audit.jsonl";
const BEFORE: &str = "audit.1.jsonl";

/// The log. Owned by the server; any thread writes.
#[derive(Debug)]
pub(crate) struct Journal {
    folder: PathBuf,
    bytes_max: u64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    file: Option<File>,
    bytes: u64,
    /// Lines that could not be written since the last one that was.
    lost: u64,
    /// The last line may be torn.
    torn: bool,
}

impl Journal {
    /// In this folder, which is made when the first line is written.
    pub(crate) fn new(folder: &Path, bytes_max: u64) -> Self {
        Self {
            folder: folder.into(),
            bytes_max,
            inner: Mutex::default(),
        }
    }

    /// Writes a line: an event, who brought it about, and the rest in `what`, an object. Gives whether
    /// lines are missing now.
    pub(crate) fn write(&self, event: &str, who: Value, what: Value) -> bool {
        let time = now();
        let mut line = json!({ "time": time, "event": event, "who": who });
        if let (Some(line), Value::Object(what)) = (line.as_object_mut(), what) {
            line.extend(what);
        }
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        if inner.lost > 0 {
            let lost = json!({ "time": time, "event": "lines_lost", "lines": inner.lost });
            text = format!("{lost}\n");
        }
        text.push_str(&shortened(line));
        text.push('\n');
        match self.append(&mut inner, &text) {
            Ok(()) => inner.lost = 0,
            Err(error) => {
                if inner.lost == 0 {
                    tracing::error!("the audit log cannot be written: {error}");
                }
                inner.lost += 1;
                inner.file = None;
                inner.torn = true;
            }
        }
        inner.lost > 0
    }

    fn append(&self, inner: &mut Inner, text: &str) -> io::Result<()> {
        if inner.bytes >= self.bytes_max / 2 && inner.bytes > 0 {
            inner.file = None;
            std::fs::rename(self.folder.join(CURRENT), self.folder.join(BEFORE))?;
            inner.torn = false;
        }
        let file = match &mut inner.file {
            Some(file) => file,
            closed => {
                let file = open(&self.folder)?;
                inner.bytes = file.metadata()?.len();
                closed.insert(file)
            }
        };
        let text = match inner.torn && inner.bytes > 0 {
            true => format!("\n{text}"),
            false => text.to_owned(),
        };
        file.write_all(text.as_bytes())?;
        inner.torn = false;
        inner.bytes += text.len() as u64;
        Ok(())
    }
}

fn open(folder: &Path) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(folder.join(CURRENT))
}

/// The line, or what is left of one that is too long.
fn shortened(line: Value) -> String {
    let text = line.to_string();
    if text.len() <= LINE_BYTES_MAX {
        return text;
    }
    json!({ "time": line["time"], "event": line["event"], "who": line["who"], "too_long": text.len() })
        .to_string()
}

/// Seconds of Unix time, to a millisecond.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |span| span.as_millis() as f64 / 1000.0)
}

/// Somebody, as far as the transport tells.
pub(crate) fn who(peer: &Peer) -> Value {
    match peer {
        Peer::Local { uid: GUEST, pid } => json!({ "from": "container", "pid": pid }),
        Peer::Local { uid, pid } => json!({ "from": "host", "uid": uid, "pid": pid }),
        Peer::Remote {
            address,
            certificate,
        } => match certificate {
            None => json!({ "from": address.to_string() }),
            Some(names) => json!({
                "from": address.to_string(),
                "certificate": names.names.first(),
                "serial": names.serial,
            }),
        },
    }
}

/// Likewise, and what of the configuration let him in, or which token.
pub(crate) fn who_by(peer: &Peer, opener: Option<&Opener>, token: Option<&str>) -> Value {
    let mut who = who(peer);
    who["by"] = match (opener, token) {
        (_, Some(id)) => json!({ "token": id }),
        (Some(Opener::Token(_)), _) => json!("token of the configuration"),
        (Some(Opener::Uid(uid)), _) => json!({ "uid": uid }),
        (Some(Opener::Name(name)), _) => json!({ "certificate": name }),
        (None, None) => Value::Null,
    };
    who
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(folder: &Path, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    #[test]
    fn lines_say_who_what_and_when() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path(), BYTES_DEFAULT);
        let peer = Peer::Local { uid: 7, pid: 8 };
        let by = who_by(&peer, Some(&Opener::Uid(7)), None);
        assert!(!journal.write("session_admitted", by, json!({ "session": 3 })));
        let lines = lines(folder.path(), CURRENT);
        assert_eq!(lines[0]["event"], "session_admitted");
        assert_eq!(
            (&lines[0]["who"]["uid"], &lines[0]["session"]),
            (&json!(7), &json!(3))
        );
        assert!(lines[0]["time"].as_f64().unwrap() > 1e9);
    }

    #[test]
    fn files_are_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path(), 4096);
        for i in 0..200 {
            journal.write("event", Value::Null, json!({ "i": i }));
        }
        let bytes = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().len();
        assert!(bytes(CURRENT) + bytes(BEFORE) <= 4096 + 256);
        assert_eq!(lines(folder.path(), CURRENT).last().unwrap()["i"], 199);
    }

    #[test]
    fn what_could_not_be_written_is_counted_and_said_later() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        std::fs::write(&state, "in the way").unwrap();
        let journal = Journal::new(&state, BYTES_DEFAULT);
        assert!(journal.write("one", Value::Null, json!({})));
        assert!(journal.write("two", Value::Null, json!({})));
        std::fs::remove_file(&state).unwrap();
        assert!(!journal.write("three", Value::Null, json!({})));
        let lines = lines(&state, CURRENT);
        assert_eq!(
            (&lines[0]["event"], &lines[0]["lines"]),
            (&json!("lines_lost"), &json!(2))
        );
        assert_eq!(lines[1]["event"], "three");
    }

    #[test]
    fn line_that_is_too_long_is_shortened() {
        let long = "x".repeat(LINE_BYTES_MAX);
        let text = shortened(json!({ "event": "e", "who": 1, "text": long }));
        assert!(text.len() < 200, "{text}");
    }
}
