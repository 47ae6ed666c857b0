//! Tokens that are made while the server runs: what each opens, how long it lives, and which sessions it
//! has opened. Their secrets are told once and kept nowhere; the state folder holds their SHA-256. Read
//! [`Tokens`] first.
//!
//! 1. A session is entered under its token after it is in the books ([`Tokens::enter`]); a token that was
//!    revoked meanwhile refuses it there. So no session outlives its token by being opened beside its end.
//! 2. The file is written before a change is answered.
//! 3. Time is passed in, in seconds of the wall clock: an end is a date.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};
use rigel_protocol::control::{NewToken, Refusal, RefusalCause, Request};
use rigel_protocol::pool::to_hex;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::admin::refuse;
use super::books::SessionEntry;
use super::lease::random_bytes;
use super::openers::{digest, equal, parse_digest};

/// Most tokens at once.
const TOKENS_MAX: usize = 4096;
/// Longest file of tokens.
const FILE_BYTES_MAX: u64 = 8 << 20;
/// Longest note.
const NOTE_BYTES_MAX: usize = 256;
/// The file's name in the state folder.
const FILE: &str = "tokens.json";

/// The tokens. Owned by the leases; changed by operators alone, and by time.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    /// `None`: kept in memory alone, as tests do.
    file: Option<PathBuf>,
    issued: Mutex<Vec<Issued>>,
}

/// A token, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Issued {
    id: String,
    sha256: String,
    lease: String,
    /// Whether the lease is this token's alone.
    exclusive: bool,
    gpus: Option<u32>,
    memory_bytes: Option<u64>,
    compute_percent: Option<u8>,
    created_unix: u64,
    expires_unix: Option<u64>,
    process: Option<Holder>,
    note: String,
    #[serde(skip)]
    sessions: Vec<Weak<SessionEntry>>,
}

/// A process of this host, told from a later one of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    started: u64,
}

/// What a token opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opens {
    /// The token.
    pub(crate) id: String,
    /// The lease's name.
    pub(crate) lease: String,
    /// The most a session may ask for.
    pub(crate) scope: Request,
}

impl Tokens {
    /// The tokens kept in a state folder.
    pub(crate) fn load(folder: &Path) -> anyhow::Result<Self> {
        let file = folder.join(FILE);
        let issued = match fs::metadata(&file) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(|| format!("read {}", file.display())),
            Ok(found) => {
                ensure!(
                    found.len() <= FILE_BYTES_MAX,
                    "{} is too long",
                    file.display()
                );
                let text = fs::read(&file).with_context(|| format!("read {}", file.display()))?;
                serde_json::from_slice(&text)
                    .with_context(|| format!("understand {}", file.display()))?
            }
        };
        Ok(Self {
            file: Some(file),
            issued: Mutex::new(issued),
        })
    }

    /// What the token of this digest opens. Compares with every one, so that the time taken says nothing.
    pub(crate) fn find(&self, offered: &[u8; 32], now: u64) -> Option<Opens> {
        let mut found = None;
        for issued in self.lock().iter() {
            let same = parse_digest(&issued.sha256).is_some_and(|known| equal(&known, offered));
            if same && !issued.is_over(now) && found.is_none() {
                found = Some(issued.opens());
            }
        }
        found
    }

    /// Makes a token. `choose` gives the lease it opens and whether that is its alone, told which are
    /// taken so.
    pub(crate) fn make(
        &self,
        wanted: &NewToken,
        now: u64,
        choose: impl FnOnce(&dyn Fn(&str) -> bool) -> Result<(String, bool), Refusal>,
    ) -> Result<Value, Refusal> {
        if wanted.note.len() > NOTE_BYTES_MAX || wanted.note.contains(char::is_control) {
            return Err(refuse(format!(
                "a note is one line of at most {NOTE_BYTES_MAX} bytes"
            )));
        }
        let process = wanted.process.map(Holder::of).transpose()?;
        let mut all = self.lock();
        if all.len() >= TOKENS_MAX {
            return Err(refuse(format!(
                "there are {TOKENS_MAX} tokens; revoke some"
            )));
        }
        let (lease, exclusive) = choose(&|lease| {
            let taken = |issued: &Issued| issued.exclusive && issued.lease == lease;
            all.iter()
                .any(|issued| taken(issued) && !issued.is_over(now))
        })?;
        let id = to_hex(&random::<4>()?);
        let secret = format!("rgl-{id}-{}", to_hex(&random::<32>()?));
        let issued = Issued {
            id,
            sha256: to_hex(&digest(&secret)),
            lease,
            exclusive,
            gpus: wanted.scope.gpus,
            memory_bytes: wanted.scope.memory_bytes,
            compute_percent: wanted.scope.compute_percent,
            created_unix: now,
            expires_unix: wanted.seconds.map(|seconds| now.saturating_add(seconds)),
            process,
            note: wanted.note.clone(),
            sessions: Vec::new(),
        };
        let mut answer = issued.shown();
        all.push(issued);
        if let Err(error) = self.save(&all) {
            all.pop();
            return Err(cannot_keep(&error));
        }
        tracing::info!(token = %answer["id"], lease = %answer["lease"], "token made by the operator");
        answer["token"] = secret.into();
        Ok(answer)
    }

    /// All of them, without their secrets.
    pub(crate) fn list(&self) -> Value {
        json!({ "tokens": self.lock().iter().map(Issued::shown).collect::<Vec<_>>() })
    }

    /// How many live ones are the only ones of this lease.
    pub(crate) fn is_taken(&self, lease: &str, now: u64) -> bool {
        let taken = |issued: &Issued| issued.exclusive && issued.lease == lease;
        self.lock()
            .iter()
            .any(|issued| taken(issued) && !issued.is_over(now))
    }

    /// Ends a token and its sessions.
    pub(crate) fn revoke(&self, id: &str) -> Result<Value, Refusal> {
        let mut all = self.lock();
        let found = all
            .iter()
            .position(|issued| issued.id == id)
            .ok_or_else(|| {
                refuse(format!(
                    "there is no token `{}`; `rigel token list` names them",
                    id.escape_debug()
                ))
            })?;
        let issued = all.remove(found);
        let saved = self.save(&all);
        drop(all);
        let ended = issued.end("was revoked");
        // It is revoked as long as this server runs, whatever the disk says.
        saved.map_err(|error| cannot_keep(&error))?;
        Ok(json!({ "id": issued.id, "lease": issued.lease, "sessions_ended": ended }))
    }

    /// Enters a session under the token that opened it.
    pub(crate) fn enter(&self, opens: &Opens, session: &Arc<SessionEntry>) -> Result<(), Refusal> {
        let mut all = self.lock();
        let found = all.iter_mut().find(|issued| issued.id == opens.id);
        let issued = found.ok_or_else(|| Refusal {
            cause: RefusalCause::Unauthorized,
            message: "the token was revoked".into(),
        })?;
        issued.sessions.retain(|session| session.strong_count() > 0);
        issued.sessions.push(Arc::downgrade(session));
        Ok(())
    }

    /// Enters a session that an earlier daemon has let in by this token, if that lives and opens the lease still.
    pub(crate) fn reenter(
        &self,
        id: &str,
        lease: &str,
        session: &Arc<SessionEntry>,
        now: u64,
    ) -> Result<(), Refusal> {
        let mut all = self.lock();
        let mut fitting = all.iter_mut().filter(|issued| issued.lease == lease);
        let found = fitting.find(|issued| issued.id == id && !issued.is_over(now));
        let issued =
            found.ok_or_else(|| refuse(format!("the token {id} is over or was revoked")))?;
        issued.sessions.push(Arc::downgrade(session));
        Ok(())
    }

    /// Ends the tokens whose time is over, or whose process is gone.
    pub(crate) fn sweep(&self, now: u64) {
        let mut all = self.lock();
        if !all.iter().any(|issued| issued.is_over(now)) {
            return;
        }
        let (over, kept) = all
            .drain(..)
            .partition(|issued: &Issued| issued.is_over(now));
        *all = kept;
        if let Err(error) = self.save(&all) {
            tracing::error!("tokens that are over stay in the file: {error:#}");
        }
        drop(all);
        for issued in over {
            issued.end("is over");
        }
    }

    fn save(&self, all: &[Issued]) -> anyhow::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let folder = file.parent().context("the file lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
        let staged = file.with_extension("new");
        let mut out = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&staged)
            .with_context(|| format!("write {}", staged.display()))?;
        serde_json::to_writer_pretty(&mut out, all).context("write the tokens")?;
        out.flush()
            .and_then(|()| out.sync_all())
            .context("write the tokens")?;
        fs::rename(&staged, file).with_context(|| format!("place {}", file.display()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Issued>> {
        // Each change is one step: a panic leaves the list consistent.
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Issued {
    fn opens(&self) -> Opens {
        Opens {
            id: self.id.clone(),
            lease: self.lease.clone(),
            scope: Request {
                gpus: self.gpus,
                memory_bytes: self.memory_bytes,
                compute_percent: self.compute_percent,
            },
        }
    }

    fn is_over(&self, now: u64) -> bool {
        self.expires_unix.is_some_and(|end| end <= now)
            || self.process.is_some_and(|holder| !holder.lives())
    }

    /// Ends its sessions; how many there were.
    fn end(&self, how: &str) -> usize {
        let open: Vec<_> = self.sessions.iter().filter_map(Weak::upgrade).collect();
        let reason = format!("the token {} {how}", self.id);
        for session in &open {
            session.eviction.evict(&reason);
        }
        tracing::info!(
            token = self.id,
            lease = self.lease,
            sessions = open.len(),
            "token {how}"
        );
        open.len()
    }

    fn shown(&self) -> Value {
        let open = self
            .sessions
            .iter()
            .filter(|session| session.strong_count() > 0);
        json!({
            "id": self.id,
            "lease": self.lease,
            "exclusive": self.exclusive,
            "gpus": self.gpus,
            "memory_bytes": self.memory_bytes,
            "compute_percent": self.compute_percent,
            "created_unix": self.created_unix,
            "expires_unix": self.expires_unix,
            "pid": self.process.map(|holder| holder.pid),
            "note": self.note,
            "sessions": open.count(),
        })
    }
}

impl Holder {
    fn of(pid: u32) -> Result<Self, Refusal> {
        let started = started(pid)
            .ok_or_else(|| refuse(format!("there is no process {pid} on the server's host")))?;
        Ok(Self { pid, started })
    }

    fn lives(self) -> bool {
        started(self.pid) == Some(self.started)
    }
}

/// When a process began, in the kernel's ticks; none if there is no such process, or only what is left
/// of it.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold anything, blanks and brackets too.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Now, in seconds of the wall clock.
pub(crate) fn unix_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |span| span.as_secs())
}

fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    random_bytes().map_err(|error| refuse(format!("the server has no randomness: {error:#}")))
}

fn cannot_keep(error: &anyhow::Error) -> Refusal {
    refuse(format!("the server cannot write its tokens: {error:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(_: &dyn Fn(&str) -> bool) -> Result<(String, bool), Refusal> {
        Ok(("team".into(), false))
    }

    fn make(tokens: &Tokens, wanted: &NewToken, now: u64) -> (String, [u8; 32]) {
        let made = tokens.make(wanted, now, whole).unwrap();
        let secret = made["token"].as_str().unwrap();
        (made["id"].as_str().unwrap().to_owned(), digest(secret))
    }

    #[test]
    fn token_is_found_after_a_restart_and_its_secret_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let tokens = Tokens::load(folder.path()).unwrap();
        let made = tokens.make(&NewToken::default(), 5, whole).unwrap();
        let secret = made["token"].as_str().unwrap();
        let text = fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(!text.contains(secret.rsplit('-').next().unwrap()));
        assert!(!tokens.list().to_string().contains(secret));
        let again = Tokens::load(folder.path()).unwrap();
        assert_eq!(again.find(&digest(secret), 6).unwrap().lease, "team");
        assert!(again.find(&digest("other"), 6).is_none());
    }

    #[test]
    fn token_that_is_over_opens_nothing_and_is_swept() {
        let tokens = Tokens::default();
        let wanted = NewToken {
            seconds: Some(10),
            ..NewToken::default()
        };
        let (_, secret) = make(&tokens, &wanted, 100);
        assert!(tokens.find(&secret, 109).is_some());
        assert!(tokens.find(&secret, 110).is_none());
        tokens.sweep(109);
        assert!(tokens.find(&secret, 109).is_some());
        tokens.sweep(110);
        assert!(tokens.find(&secret, 109).is_none());
    }

    #[test]
    fn revoked_token_opens_nothing_and_takes_no_session() {
        let tokens = Tokens::default();
        let (id, secret) = make(&tokens, &NewToken::default(), 0);
        assert!(tokens.find(&secret, 0).is_some());
        tokens.revoke(&id).unwrap();
        assert!(tokens.find(&secret, 0).is_none());
        assert!(tokens.revoke(&id).is_err());
    }

    #[test]
    fn token_of_a_process_ends_with_it() {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let wanted = NewToken {
            process: Some(child.id()),
            ..NewToken::default()
        };
        let tokens = Tokens::default();
        let (_, secret) = make(&tokens, &wanted, 0);
        assert!(tokens.find(&secret, 0).is_some());
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(tokens.find(&secret, 0).is_none());
    }

    #[test]
    fn exclusive_lease_is_taken_while_its_token_lives() {
        let tokens = Tokens::default();
        let choose = |is_taken: &dyn Fn(&str) -> bool| {
            let free = ["a.1", "a.2"].into_iter().find(|name| !is_taken(name));
            free.map(|name| (name.into(), true))
                .ok_or_else(|| refuse("full".into()))
        };
        let ask = || tokens.make(&NewToken::default(), 0, choose);
        let first = ask().unwrap();
        assert_eq!(ask().unwrap()["lease"], "a.2");
        assert!(ask().is_err());
        tokens.revoke(first["id"].as_str().unwrap()).unwrap();
        assert_eq!(ask().unwrap()["lease"], "a.1");
    }
}
