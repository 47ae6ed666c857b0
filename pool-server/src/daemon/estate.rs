//! What a daemon leaves to the one after it: for each session a record and the descriptors that go with it,
//! and the pages that workers of all sessions hold. Where it is kept is [`super::store`]'s, how it is taken
//! over `adopt`'s. Read [`SessionRecord`] first.
//!
//! 1. What is left lies in a *parcel*: the end of a socket pair in whose queue one message waits, with its
//!    descriptors. Whoever holds the end holds all of it, in order, or nothing; looking takes nothing away.
//! 2. [`VERSION`] counts changes of records, of what daemon and worker say to each other, and of the pages
//!    they share. A record of another version is not understood, and its session ends.
//! 3. The first descriptor of a session is its worker's pidfd, in every version: so that it can be ended.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rigel_protocol::control::{ControlError, ProcessInfo, Welcome, decode, encode};
use serde::{Deserialize, Serialize};

use super::books::SessionEntry;
use super::images::Shelf;
use super::lease::Grant;
use super::record::By;
use crate::worker::control::{Channel, ChannelError};

/// The version of what is left.
const VERSION: u32 = 1;
/// Longest time for putting a message into an empty queue.
const SEAL_WITHIN: Duration = Duration::from_secs(1);

/// What a parcel holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Left {
    /// The scheduler's bell; a descriptor.
    Turns,
    /// The ledger of the lease of this name; a descriptor.
    Ledger(String),
    /// A session; its descriptors are [`SessionParts`]'.
    Session(Box<SessionRecord>),
    /// A session that ends with its daemon; its worker's pidfd.
    Ending(u64),
}

/// A session, as far as it is not in its shared memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    /// Its number.
    pub(crate) id: u64,
    /// Its lease, by name: indices are a daemon's own.
    pub(crate) lease: String,
    /// Its place in the lease's ledger.
    pub(crate) slot: u32,
    /// What it may hold.
    pub(crate) grants: Vec<Grant>,
    /// The most GPU time it may have, in percent of each.
    pub(crate) compute_max: u8,
    /// The process, as it said.
    pub(crate) process: ProcessInfo,
    /// Who it is, as the kernel says: user and process.
    pub(crate) peer: (u32, i32),
    /// When it began.
    pub(crate) since_unix: Duration,
    /// How long it stood in line.
    pub(crate) queued: Duration,
    /// What let it in.
    pub(crate) by: By,
    /// Where its images are.
    pub(crate) shelf: Shelf,
    /// What its client was told.
    pub(crate) welcome: Welcome,
    /// Its worker.
    pub(crate) worker: KeptWorker,
}

/// A worker, besides its descriptors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptWorker {
    /// Its process id.
    pub(crate) pid: u32,
    /// The user that it has for itself.
    pub(crate) uid: Option<u32>,
}

/// The descriptors of a session of a client of this host.
#[derive(Debug)]
pub(crate) struct SessionParts<T> {
    /// The worker's pidfd.
    pub(crate) worker: T,
    /// The daemon's end of its channel.
    pub(crate) channel: T,
    /// The rings.
    pub(crate) memory: T,
    /// The counters.
    pub(crate) meter: T,
    /// The page of grants.
    pub(crate) grants: T,
    /// Which arenas there are.
    pub(crate) arenas: T,
    /// The client's socket, and its pidfd.
    pub(crate) client: [T; 2],
}

/// Why a parcel is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EstateError {
    /// It is empty, or no parcel at all.
    #[error("open what an earlier server has left: it is empty")]
    Empty,
    /// Another version has written it.
    #[error(
        "open what an earlier server has left: it is of version {0}, this server knows {VERSION}"
    )]
    Version(u32),
    /// Descriptors are missing, or there are too many.
    #[error("open what an earlier server has left: it came with {0} descriptors")]
    Descriptors(usize),
    /// It could not be encoded, or decoded.
    #[error("understand what an earlier server has left")]
    Control(#[from] ControlError),
    /// It could not be sent, or received.
    #[error("exchange what an earlier server has left")]
    Channel(#[from] ChannelError),
}

/// An opened parcel.
#[derive(Debug)]
pub(crate) struct Parcel {
    /// What it holds, if that is understood.
    pub(crate) left: Result<Left, EstateError>,
    /// Its descriptors.
    pub(crate) descriptors: Vec<OwnedFd>,
}

/// What is the same in every version.
#[derive(Debug, Serialize, Deserialize)]
struct Envelope {
    version: u32,
    body: Vec<u8>,
}

/// Puts something into a parcel.
pub(crate) fn seal(left: &Left, descriptors: &[BorrowedFd<'_>]) -> Result<OwnedFd, EstateError> {
    seal_version(VERSION, encode(left)?, descriptors)
}

/// Looks into a parcel, which stays as it is.
pub(crate) fn look_into(parcel: BorrowedFd<'_>) -> Result<Parcel, EstateError> {
    let own = parcel.try_clone_to_owned();
    let own = own.map_err(|error| {
        ChannelError::Os(nix::errno::Errno::from_raw(
            error.raw_os_error().unwrap_or(0),
        ))
    })?;
    let found = Channel::from_fd(own).peek::<Envelope>()?;
    let (envelope, descriptors) = found.ok_or(EstateError::Empty)?;
    let left = match envelope.version {
        VERSION => decode(&envelope.body).map_err(EstateError::from),
        other => Err(EstateError::Version(other)),
    };
    Ok(Parcel { left, descriptors })
}

fn seal_version(
    version: u32,
    body: Vec<u8>,
    descriptors: &[BorrowedFd<'_>],
) -> Result<OwnedFd, EstateError> {
    let (sender, kept) = Channel::mailbox()?;
    sender.send(&Envelope { version, body }, descriptors, SEAL_WITHIN)?;
    Ok(kept.into_fd())
}

impl SessionRecord {
    /// Of a session in the books; `rest` is what these do not know.
    pub(crate) fn of(entry: &SessionEntry, peer: (u32, i32), rest: Rest<'_>) -> Self {
        Self {
            id: entry.id,
            lease: rest.lease.to_owned(),
            slot: entry.slot.0,
            grants: entry.grants.clone(),
            compute_max: entry.compute_max,
            process: entry.process.clone(),
            peer,
            since_unix: entry.since.duration_since(UNIX_EPOCH).unwrap_or_default(),
            queued: entry.queued,
            by: rest.by.clone(),
            shelf: rest.shelf,
            welcome: rest.welcome.clone(),
            worker: rest.worker,
        }
    }

    /// When it began.
    pub(crate) fn since(&self) -> SystemTime {
        UNIX_EPOCH
            .checked_add(self.since_unix)
            .unwrap_or(UNIX_EPOCH)
    }

    /// The name of its parcel.
    pub(crate) fn parcel_name(id: u64) -> String {
        format!("session-{id}")
    }
}

/// What of a session is not in the books.
#[derive(Debug)]
pub(crate) struct Rest<'a> {
    pub(crate) lease: &'a str,
    pub(crate) by: &'a By,
    pub(crate) shelf: Shelf,
    pub(crate) welcome: &'a Welcome,
    pub(crate) worker: KeptWorker,
}

impl<'a> SessionParts<BorrowedFd<'a>> {
    /// In the order of a parcel.
    pub(crate) fn in_order(&self) -> [BorrowedFd<'a>; 8] {
        let [socket, process] = self.client;
        [
            self.worker,
            self.channel,
            self.memory,
            self.meter,
            self.grants,
            self.arenas,
            socket,
            process,
        ]
    }
}

impl SessionParts<OwnedFd> {
    /// From a parcel.
    pub(crate) fn from_parcel(descriptors: Vec<OwnedFd>) -> Result<Self, EstateError> {
        let count = descriptors.len();
        let parts = <[OwnedFd; 8]>::try_from(descriptors);
        let [
            worker,
            channel,
            memory,
            meter,
            grants,
            arenas,
            socket,
            process,
        ] = parts.map_err(|_| EstateError::Descriptors(count))?;
        Ok(Self {
            worker,
            channel,
            memory,
            meter,
            grants,
            arenas,
            client: [socket, process],
        })
    }
}

/// The only descriptor of a parcel.
pub(crate) fn only(descriptors: Vec<OwnedFd>) -> Result<OwnedFd, EstateError> {
    let count = descriptors.len();
    let one = <[OwnedFd; 1]>::try_from(descriptors);
    one.map(|[one]| one)
        .map_err(|_| EstateError::Descriptors(count))
}

/// Puts the only descriptor of something into a parcel.
pub(crate) fn seal_one(left: &Left, descriptor: &impl AsFd) -> Result<OwnedFd, EstateError> {
    seal(left, &[descriptor.as_fd()])
}

#[cfg(test)]
pub(crate) mod tests {
    use rigel_protocol::control::{AddressRange, RingSizes, WireVersion};

    use super::super::openers::{Opener, digest};
    use super::*;

    pub(crate) fn record() -> SessionRecord {
        SessionRecord {
            id: 7,
            lease: "team".into(),
            slot: 3,
            grants: vec![Grant {
                line: 0,
                physical: 1,
                quota_bytes: 1 << 30,
                own_bytes: Some(1 << 30),
            }],
            compute_max: 50,
            process: ProcessInfo {
                pid: 9,
                name: "train".into(),
                host: "node".into(),
            },
            peer: (1000, 9),
            since_unix: Duration::from_secs(1_700_000_000),
            queued: Duration::from_millis(5),
            by: By::Configured(Opener::Token(digest("secret"))),
            shelf: Shelf::of("lease", "team"),
            welcome: Welcome {
                wire: WireVersion { major: 1, minor: 0 },
                session: 7,
                resume_secret: [1; 16],
                layout: RingSizes {
                    command: 1,
                    upload: 2,
                    reply: 3,
                    download: 4,
                },
                devices: Vec::new(),
                driver_version: 13_000,
                driver_name: "soft".into(),
                soft: true,
                device_range: AddressRange::default(),
                arena_range: AddressRange::default(),
                call_id_max: 5,
                grace_ms: 6,
            },
            worker: KeptWorker {
                pid: 11,
                uid: Some(1_900_000_000),
            },
        }
    }

    #[test]
    fn record_is_read_as_it_was_written_as_often_as_one_looks() {
        let file = tempfile::tempfile().unwrap();
        let left = Left::Session(Box::new(record()));
        let parcel = seal(&left, &[file.as_fd(); 8]).unwrap();
        for _ in 0..2 {
            let opened = look_into(parcel.as_fd()).unwrap();
            assert_eq!(opened.left.unwrap(), left);
            assert!(SessionParts::from_parcel(opened.descriptors).is_ok());
        }
    }

    #[test]
    fn record_of_another_version_is_refused_with_its_descriptors() {
        let file = tempfile::tempfile().unwrap();
        let parcel = seal_version(VERSION + 1, vec![1, 2, 3], &[file.as_fd()]).unwrap();
        let opened = look_into(parcel.as_fd()).unwrap();
        assert!(matches!(opened.left, Err(EstateError::Version(v)) if v == VERSION + 1));
        assert_eq!(opened.descriptors.len(), 1);
    }

    #[test]
    fn record_that_is_cut_short_or_too_long_is_refused() {
        let whole = encode(&Left::Session(Box::new(record()))).unwrap();
        for n in 0..whole.len() {
            let parcel = seal_version(VERSION, whole[..n].to_vec(), &[]).unwrap();
            let opened = look_into(parcel.as_fd()).unwrap();
            assert!(opened.left.is_err(), "{n} of {} bytes", whole.len());
        }
        let longer = [whole.as_slice(), &[0]].concat();
        let parcel = seal_version(VERSION, longer, &[]).unwrap();
        assert!(look_into(parcel.as_fd()).unwrap().left.is_err());
    }

    #[test]
    fn parcel_without_its_descriptors_is_refused() {
        let opened = look_into(seal(&Left::Turns, &[]).unwrap().as_fd()).unwrap();
        assert!(only(opened.descriptors).is_err());
        assert!(SessionParts::from_parcel(Vec::new()).is_err());
    }

    #[test]
    fn descriptor_that_is_no_parcel_is_refused() {
        let file = tempfile::tempfile().unwrap();
        assert!(look_into(file.as_fd()).is_err());
        let (_sender, empty) = Channel::mailbox().unwrap();
        assert!(matches!(look_into(empty.as_fd()), Err(EstateError::Empty)));
    }

    /// What was written by a server that was released must be understood, or have another version.
    #[test]
    fn bytes_of_a_record_do_not_change_without_the_version() {
        let bytes = encode(&Left::Session(Box::new(record()))).unwrap();
        let text = rigel_protocol::pool::to_hex(&bytes);
        let seen = rigel_protocol::pool::to_hex(&digest(&text)[..8]);
        assert_eq!((VERSION, seen.as_str()), (1, "9f6dbbdd0e95aecb"));
    }
}
