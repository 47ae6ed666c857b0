//! What was noted of a program: by its processes in files, by workers with the server. Read [`collect`]
//! first. Nothing here is shown.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use rigel_pool_server::ask;
use rigel_protocol::control::SessionKey;
use rigel_protocol::pool::PoolAddress;
use rigel_protocol::trace::{
    EVENT_WORDS, EVENTS_MAX, HEAD_WORDS, Head, MAGIC, TraceEvent, TraceWords,
};

/// How long the server may take to end the session of a process that has ended, and to hand over everything.
const SERVER_WITHIN: Duration = Duration::from_secs(10);
/// How often it is asked.
const ASK_PERIOD: Duration = Duration::from_millis(20);
/// How long it may know nothing of a session.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);
/// Largest file that a process can have left.
const FILE_BYTES_MAX: u64 = 8 * (HEAD_WORDS as u64 + EVENTS_MAX * EVENT_WORDS as u64);

/// A process and its session.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) pid: u32,
    pub(super) program: String,
    pub(super) session: u64,
    /// What the process has noted, by the worker's clock and in the order of the calls' positions.
    pub(super) client: Vec<TraceEvent>,
    /// What the worker has noted.
    pub(super) worker: Vec<TraceEvent>,
    /// Names that its events point to.
    pub(super) names: HashMap<u32, String>,
    /// What there was no room for, on both sides.
    pub(super) dropped: u64,
}

/// Everything that was noted, by process id.
pub(super) fn collect(folder: &Path, pool: &PoolAddress) -> anyhow::Result<Vec<Notes>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).context("read the notes")? {
        let path = entry.context("read the notes")?.path();
        let size = std::fs::metadata(&path).map_or(0, |data| data.len());
        if size > FILE_BYTES_MAX {
            continue;
        }
        let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
        let Some((mut notes, key)) = read(&bytes) else {
            // A process that was killed while it began.
            continue;
        };
        if let Some(key) = key
            && let Err(error) = fetch(&mut notes, pool, key)
        {
            eprintln!(
                "rigel: the server's notes of session {} are missing: {error:#}",
                notes.session
            );
        }
        notes.client.sort_by_key(|event| event.position);
        all.push(notes);
    }
    all.sort_by_key(|notes| (notes.pid, notes.session));
    Ok(all)
}

/// A process's file; with it the key to the worker's notes, if there are any.
fn read(bytes: &[u8]) -> Option<(Notes, Option<SessionKey>)> {
    let words: Vec<u64> = bytes
        .chunks_exact(8)
        .filter_map(|eight| Some(u64::from_le_bytes(eight.try_into().ok()?)))
        .collect();
    let head = |place: Head| words.get(place as usize).copied();
    if words.len() < HEAD_WORDS || head(Head::Magic)? != MAGIC {
        return None;
    }
    let offset = head(Head::ClockOffset)?;
    let program: Vec<u8> = words[Head::Program as usize..HEAD_WORDS]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .take_while(|byte| *byte != 0)
        .collect();
    let shifted = |event: TraceEvent| TraceEvent {
        start_ns: event.start_ns.wrapping_add(offset),
        end_ns: event.end_ns.wrapping_add(offset),
        stream: event.stream.wrapping_add(offset),
        ..event
    };
    let events = words[HEAD_WORDS..].chunks_exact(EVENT_WORDS);
    let events =
        events.filter_map(|words| TraceEvent::from_words(&TraceWords::try_from(words).ok()?));
    let mut secret = [0; 16];
    let at = Head::Secret as usize;
    secret[..8].copy_from_slice(&words[at].to_le_bytes());
    secret[8..].copy_from_slice(&words[at + 1].to_le_bytes());
    let session = head(Head::Session)?;
    let notes = Notes {
        pid: head(Head::Pid)? as u32,
        program: String::from_utf8_lossy(&program).into_owned(),
        session,
        client: events.map(shifted).collect(),
        dropped: head(Head::Count)?.saturating_sub(head(Head::Capacity)?),
        ..Notes::default()
    };
    let key = SessionKey { session, secret };
    Some((notes, (head(Head::Worker)? == 1).then_some(key)))
}

/// Fetches the worker's notes, to the last one if the session ends in time.
fn fetch(notes: &mut Notes, pool: &PoolAddress, key: SessionKey) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut from = 0;
    loop {
        let part = match ask::trace(pool, key, from) {
            Ok(part) => part,
            // The worker's first word may be on its way still.
            Err(_) if from == 0 && begun.elapsed() < UNKNOWN_FOR => {
                std::thread::sleep(ASK_PERIOD);
                continue;
            }
            Err(error) => return Err(error),
        };
        from += part.events.len() as u64;
        let is_empty = part.events.is_empty();
        let events = part.events.iter().filter_map(TraceEvent::from_words);
        notes.worker.extend(events);
        notes.names.extend(part.names);
        if part.is_final {
            notes.dropped += part.dropped;
            return Ok(());
        }
        if is_empty {
            // A process that outlives the program is shown as far as it has come.
            let patience = match is_alive(notes.pid) {
                true => UNKNOWN_FOR,
                false => SERVER_WITHIN,
            };
            if begun.elapsed() > patience {
                notes.dropped += part.dropped;
                return Ok(());
            }
            std::thread::sleep(ASK_PERIOD);
        }
    }
}

fn is_alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

#[cfg(test)]
mod tests {
    use rigel_protocol::generated::calls::Call;
    use rigel_protocol::trace::TraceKind;

    use super::*;

    fn file(edit: impl Fn(&mut Vec<u64>)) -> Vec<u8> {
        let mut words = vec![0; HEAD_WORDS];
        words[Head::Magic as usize] = MAGIC;
        words[Head::Capacity as usize] = 2;
        words[Head::Count as usize] = 5;
        words[Head::Session as usize] = 9;
        words[Head::Secret as usize] = 0x0101;
        words[Head::Pid as usize] = 77;
        words[Head::ClockOffset as usize] = 1000_u64.wrapping_neg();
        words[Head::Worker as usize] = 1;
        words[Head::Program as usize] = u64::from_le_bytes(*b"train\0\0\0");
        let event = TraceEvent {
            kind: TraceKind::Posted,
            call: Call::LAUNCH,
            thread: 1,
            position: 64,
            start_ns: 5000,
            end_ns: 6000,
            stream: 5500,
            bytes: 0,
            name: 0,
            place: 78,
        };
        words.extend(event.words());
        // The second was being written when the process was killed.
        words.extend([1, 0, 7, 8, 0, 0, 0, 0]);
        edit(&mut words);
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn file_of_a_process_is_read_by_the_workers_clock() {
        let (notes, key) = read(&file(|_| ())).unwrap();
        assert_eq!((notes.pid, notes.program.as_str()), (77, "train"));
        assert_eq!((notes.client.len(), notes.dropped), (1, 3));
        let event = notes.client[0];
        assert_eq!(
            (event.start_ns, event.end_ns, event.stream),
            (4000, 5000, 4500)
        );
        assert_eq!(key.unwrap().session, 9);
    }

    #[test]
    fn file_that_is_none_is_left_out() {
        assert!(read(&[]).is_none());
        assert!(read(&file(|words| words[Head::Magic as usize] = 0)).is_none());
        assert!(read(&file(|_| ())[..100]).is_none());
        let alone = read(&file(|words| words[Head::Worker as usize] = 0));
        assert!(alone.unwrap().1.is_none());
    }
}
