//! Everything of an open session. Read [`Session`] first.
//!
//! A session lives as long as the process: it is made once and never dropped, since threads may call
//! until the very end. A forked child forgets it ([`crate::fork`]).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rigel_protocol::CuError;
use rigel_protocol::control::Welcome;
use rigel_transport::{CloseReason, Producer, RingError, SessionMemory, Side};

use crate::allocations::Allocations;
use crate::connect::{Connection, Control};
use crate::contexts::ContextTable;
use crate::handles::Handles;
use crate::hosts::Hosts;
use crate::images::ImageTable;
use crate::inbox::Inbox;
use crate::logging;
use crate::managed::Managed;
use crate::mirrors::Mirrors;
use crate::pinned::Pinned;
use crate::pools::Pools;
use crate::stats::STATS;
use crate::streams::{Events, Streams};
use crate::trace;
use crate::way::Way;

/// What every call returns once the session is lost.
const SESSION_LOST: CuError = CuError::DEVICE_UNAVAILABLE;

/// Bytes of a key before the arguments: call and context.
pub(crate) const CACHE_KEY_HEAD: usize = 6;

/// Most answers that are kept, in number.
const CACHE_MAX: usize = 1 << 16;

/// An open session.
#[derive(Debug)]
pub(crate) struct Session {
    /// What the server said at the start.
    pub(crate) welcome: Welcome,
    /// Calls to the worker.
    pub(crate) command: Producer,
    /// Whether they give way to the word of a host function.
    pub(crate) way: Way,
    /// Bytes to the worker.
    pub(crate) upload: Producer,
    /// Held while a call and its bytes are sent.
    pub(crate) upload_turn: Mutex<()>,
    /// What comes back.
    pub(crate) inbox: Inbox,
    /// The way to the server.
    pub(crate) control: Arc<Control>,
    /// Handles.
    pub(crate) handles: Handles,
    /// Contexts.
    pub(crate) contexts: ContextTable,
    /// Streams and captures.
    pub(crate) streams: Streams,
    /// Allocations, for pointer queries.
    pub(crate) allocations: Allocations,
    /// Where memory in stream order comes from.
    pub(crate) pools: Pools,
    /// Contexts of events.
    pub(crate) events: Events,
    /// Page-locked memory.
    pub(crate) pinned: Pinned,
    /// Page-locked memory with a copy at a worker elsewhere.
    pub(crate) mirrors: Arc<Mirrors>,
    /// Managed memory.
    pub(crate) managed: Managed,
    /// Functions of loaded images.
    pub(crate) images: ImageTable,
    /// Host functions.
    pub(crate) hosts: Arc<Hosts>,
    memory: Arc<SessionMemory>,
    finished: AtomicBool,
    cache: RwLock<HashMap<Vec<u8>, Arc<[u8]>>>,
    told: AtomicBool,
    _device_range: Option<rigel_transport::arena::AddressRange>,
}

impl Session {
    /// The session of a connection.
    pub(crate) fn new(connection: Connection) -> Result<Self, rigel_transport::TransportError> {
        let Connection {
            welcome,
            memory,
            control,
            device_range,
        } = connection;
        let end = memory.client()?;
        let hosts = Arc::new(Hosts::new());
        let mirrors = Arc::new(Mirrors::default());
        let (command, upload) = (end.command.clone(), end.upload.clone());
        let alive = {
            let control = Arc::clone(&control);
            Box::new(move || control.is_alive())
        };
        let host_calls = {
            let hosts = Arc::clone(&hosts);
            Box::new(move |call| hosts.arrived(call))
        };
        Ok(Self {
            command,
            way: Way::default(),
            upload,
            upload_turn: Mutex::new(()),
            inbox: Inbox::new(end, Arc::clone(&mirrors), alive, host_calls),
            mirrors,
            handles: Handles::new(),
            contexts: ContextTable::default(),
            streams: Streams::default(),
            allocations: Allocations::default(),
            pools: Pools::default(),
            events: Events::default(),
            pinned: Pinned::new(welcome.arena_range),
            managed: Managed::default(),
            images: ImageTable::default(),
            hosts,
            memory,
            cache: RwLock::default(),
            told: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            control,
            welcome,
            _device_range: device_range,
        })
    }

    /// The answer to a cached call, by everything that was asked.
    pub(crate) fn cached(&self, key: &[u8]) -> Option<Arc<[u8]>> {
        let cache = self.cache.read().unwrap_or_else(PoisonError::into_inner);
        cache.get(key).cloned()
    }

    /// Keeps an answer.
    pub(crate) fn keep(&self, key: Vec<u8>, answer: &[u8]) {
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        if cache.len() >= CACHE_MAX {
            cache.clear();
        }
        cache.insert(key, answer.into());
    }

    /// Forgets the answers to calls whose first argument is this: something about it has changed.
    pub(crate) fn forget_cached_of(&self, first_argument: u64) {
        let first = first_argument.to_le_bytes();
        let mut cache = self.cache.write().unwrap_or_else(PoisonError::into_inner);
        cache.retain(|key, _| key.get(CACHE_KEY_HEAD..CACHE_KEY_HEAD + 8) != Some(&first[..]));
    }

    /// Forgets what was kept, since it may be wrong from now on.
    pub(crate) fn forget_cached(&self) {
        self.cache
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Wakes the link for what was published before a wait that did not come.
    pub(crate) fn flush(&self) {
        self.memory.flush();
    }

    /// What a call returns now that the rings no longer work. The user is told why, once.
    pub(crate) fn lost(&self, error: &RingError) -> CuError {
        if self.finished.load(Ordering::Relaxed) {
            // What destructors get that run after the end: runtimes know it and keep quiet.
            return CuError::DEINITIALIZED;
        }
        if !self.told.swap(true, Ordering::Relaxed) {
            logging::tell(&format!(
                "session {} is lost: {}; every further CUDA call fails. The server's log may say more.",
                self.welcome.session,
                in_words(error)
            ));
        }
        match error {
            RingError::Closed(CloseReason::GPU_MEMORY) => CuError::ECC_UNCORRECTABLE,
            RingError::Closed(CloseReason::GPU_FAILED) => CuError::LAUNCH_FAILED,
            _ => SESSION_LOST,
        }
    }

    /// The process ends: posted calls have been read by the worker or never will be.
    pub(crate) fn finish(&self) {
        STATS.write();
        trace::finish();
        self.finished.store(true, Ordering::Relaxed);
        self.control.goodbye();
        self.memory.close(Side::Client, CloseReason::FINISHED);
    }
}

fn in_words(error: &RingError) -> String {
    match error {
        RingError::PeerGone => "its worker has ended".to_owned(),
        RingError::Closed(reason) => reason.to_string(),
        RingError::Timeout => "its worker takes no calls".to_owned(),
        other => format!("failed to {other}"),
    }
}
