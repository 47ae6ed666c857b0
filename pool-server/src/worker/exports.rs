//! What the session lets other sessions of its lease open, and how it asks for what they let it open.
//! The daemon keeps the tokens; only it knows leases. Read [`Exports`] first.
//!
//! 1. What the driver calls an object never leaves the pool's host: clients hold tokens.
//! 2. The same object keeps its token until it is gone; then the token is withdrawn.
//! 3. The issue thread never waits for the daemon: questions are asked by waiters.

use std::collections::HashMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rigel_protocol::{CuError, CuResult};

use super::charge::Charges;
use super::control::{Channel, Export, ExportKind, WorkerToDaemon};
use super::ledger::VirtualGpu;

/// Longest wait for the daemon.
const DAEMON_WITHIN: Duration = Duration::from_secs(10);

/// The first bytes of what a client holds for memory or an event.
const MAGIC: [u8; 8] = *b"RGLIPC01";

/// The daemon's answer to a question.
pub(super) enum Answer {
    /// The token of what is exported, if the lease may have one more.
    Token(Option<u64>),
    /// What a token stands for, and its descriptor.
    Found(Option<Export>, Option<OwnedFd>),
}

/// The session's side of what is shared within its lease.
pub(super) struct Exports {
    /// None in tests without a daemon.
    daemon: Option<Channel>,
    /// Ordinals of the physical GPUs, in the session's order.
    physical: Vec<u32>,
    questions: AtomicU64,
    waiting: Mutex<HashMap<u64, SyncSender<Answer>>>,
    /// Tokens by what they stand for.
    tokens: Mutex<HashMap<Origin, u64>>,
    /// How many there are, for those who look without the lock.
    count: AtomicUsize,
}

/// What a token stands for, here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// Memory at an address.
    Memory(u64),
    /// An event, by the driver's handle.
    Event(u64),
    /// Physical memory, by its number in the books.
    Physical(u64),
    /// A pool, by the driver's handle.
    Pool(u64),
}

impl Exports {
    /// None yet; `daemon` is the session's channel, which somebody else listens to.
    pub(super) fn new(daemon: &Channel, physical: Vec<u32>) -> io::Result<Self> {
        let own = daemon.as_fd().try_clone_to_owned()?;
        Ok(Self {
            daemon: Some(Channel::from_fd(own)),
            physical,
            ..Self::none()
        })
    }

    /// For a session that nobody shares anything with.
    pub(super) fn none() -> Self {
        Self {
            daemon: None,
            physical: Vec::new(),
            questions: AtomicU64::new(1),
            waiting: Mutex::default(),
            tokens: Mutex::default(),
            count: AtomicUsize::new(0),
        }
    }

    /// Lets other sessions open an object, and gives its token.
    pub(super) fn add(
        &self,
        origin: Origin,
        export: Export,
        descriptor: Option<OwnedFd>,
    ) -> CuResult<u64> {
        if let Some(&token) = lock(&self.tokens).get(&origin) {
            return Ok(token);
        }
        let answer = self.ask(descriptor, |question| WorkerToDaemon::Export {
            question,
            export,
        })?;
        let Answer::Token(Some(token)) = answer else {
            return Err(CuError::OUT_OF_MEMORY);
        };
        let mut tokens = lock(&self.tokens);
        tokens.insert(origin, token);
        self.count.store(tokens.len(), Ordering::Relaxed);
        Ok(token)
    }

    /// What a token stands for, in this lease and of this kind.
    pub(super) fn find(&self, token: u64, kind: ExportKind) -> CuResult<(Export, Option<OwnedFd>)> {
        let answer = self.ask(None, |question| WorkerToDaemon::Import { question, token })?;
        match answer {
            Answer::Found(Some(export), descriptor) if export.kind == kind => {
                Ok((export, descriptor))
            }
            _ => Err(CuError::INVALID_VALUE),
        }
    }

    /// The daemon has answered.
    pub(super) fn answered(&self, question: u64, answer: Answer) {
        if let Some(asked) = lock(&self.waiting).remove(&question) {
            // Whoever asked may have given up.
            let _ = asked.try_send(answer);
        }
    }

    /// Memory at this address is freed.
    pub(super) fn memory_freed(&self, address: u64) {
        self.withdraw(Origin::Memory(address));
    }

    /// An event is destroyed.
    pub(super) fn event_destroyed(&self, event: u64) {
        self.withdraw(Origin::Event(event));
    }

    /// Physical memory may have been freed: what the books no longer know is gone.
    pub(super) fn physical_freed(&self, books: &Charges) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let gone: Vec<Origin> = lock(&self.tokens)
            .keys()
            .filter(|origin| {
                matches!(origin, Origin::Physical(number) if !books.is_physical_held(*number))
            })
            .copied()
            .collect();
        gone.into_iter().for_each(|origin| self.withdraw(origin));
    }

    /// The session's ordinal of a GPU that another session has named.
    pub(super) fn gpu(&self, physical: u32) -> CuResult<VirtualGpu> {
        let at = self.physical.iter().position(|own| *own == physical);
        at.map(|at| VirtualGpu(at as u32))
            .ok_or(CuError::INVALID_DEVICE)
    }

    /// What other sessions know a GPU of the session's by.
    pub(super) fn physical(&self, gpu: VirtualGpu) -> u32 {
        let found = self.physical.get(gpu.0 as usize);
        found.copied().unwrap_or(u32::MAX)
    }

    fn withdraw(&self, origin: Origin) {
        if self.count.load(Ordering::Relaxed) == 0 {
            return;
        }
        let token = {
            let mut tokens = lock(&self.tokens);
            let token = tokens.remove(&origin);
            self.count.store(tokens.len(), Ordering::Relaxed);
            token
        };
        if let (Some(token), Some(daemon)) = (token, &self.daemon) {
            let message = WorkerToDaemon::Withdraw { token };
            if let Err(error) = daemon.send(&message, &[], DAEMON_WITHIN) {
                tracing::debug!(%error, "withdraw what was shared");
            }
        }
    }

    fn ask(
        &self,
        descriptor: Option<OwnedFd>,
        message: impl FnOnce(u64) -> WorkerToDaemon,
    ) -> CuResult<Answer> {
        let daemon = self.daemon.as_ref().ok_or(CuError::NOT_SUPPORTED)?;
        let question = self.questions.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = sync_channel(1);
        lock(&self.waiting).insert(question, sender);
        let descriptors: Vec<_> = descriptor.iter().map(AsFd::as_fd).collect();
        let sent = daemon.send(&message(question), &descriptors, DAEMON_WITHIN);
        let answer = match sent {
            Ok(()) => receiver.recv_timeout(DAEMON_WITHIN).ok(),
            Err(_) => None,
        };
        lock(&self.waiting).remove(&question);
        answer.ok_or_else(|| {
            tracing::warn!("the daemon did not answer a question about shared memory");
            CuError::OPERATING_SYSTEM
        })
    }
}

/// A token as clients hold it for memory and events.
pub(super) fn sealed(token: u64) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..16].copy_from_slice(&token.to_le_bytes());
    bytes
}

/// The token in what a client holds.
pub(super) fn opened(bytes: &[u8; 64]) -> CuResult<u64> {
    let mut token = [0; 8];
    token.copy_from_slice(&bytes[8..16]);
    match bytes[..8] == MAGIC && bytes[16..].iter().all(|byte| *byte == 0) {
        true => Ok(u64::from_le_bytes(token)),
        false => Err(CuError::INVALID_VALUE),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is a single step: a panic elsewhere leaves the maps whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn token_in_a_handle_is_found_and_a_forged_handle_refused() {
        assert_eq!(opened(&sealed(77)), Ok(77));
        for at in [0, 20, 63] {
            let mut bytes = sealed(77);
            bytes[at] ^= 1;
            assert_eq!(opened(&bytes), Err(CuError::INVALID_VALUE), "byte {at}");
        }
    }

    #[test]
    fn object_keeps_its_token_until_it_is_gone() {
        let (daemon, worker) = Channel::pair().unwrap();
        let exports = Arc::new(Exports::new(&worker, vec![3]).unwrap());
        let export = Export {
            kind: ExportKind::Memory,
            data: vec![1],
            bytes: 512,
            physical: 3,
        };
        let first = std::thread::spawn({
            let (exports, export) = (Arc::clone(&exports), export.clone());
            move || exports.add(Origin::Memory(4096), export, None)
        });
        let soon = Duration::from_secs(60);
        let (asked, _) = daemon.receive::<WorkerToDaemon>(soon).unwrap();
        let WorkerToDaemon::Export { question, .. } = asked else {
            panic!("{asked:?}");
        };
        exports.answered(question, Answer::Token(Some(5)));
        assert_eq!(first.join().unwrap(), Ok(5));
        assert_eq!(exports.add(Origin::Memory(4096), export, None), Ok(5));
        exports.memory_freed(4096);
        let (told, _) = daemon.receive::<WorkerToDaemon>(soon).unwrap();
        assert_eq!(told, WorkerToDaemon::Withdraw { token: 5 });
        drop(worker);
    }
}
