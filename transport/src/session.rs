//! A session's memory and its two ends. It does not say how the memory came to both sides: that is
//! `local` on one host and `quic` between hosts. Read [`SessionMemory`] first.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, OnceLock};

use nix::sys::eventfd::{EfdFlags, EventFd};

use crate::bell::{self, Hook, Patience, Spin, WAITING_HOOK};
use crate::block::{self, Block};
use crate::error::{CloseReason, RingError, TransportError};
use crate::layout::{self, Direction, Layout, Ring, Side};
use crate::ring::core::Bell;
use crate::ring::{Consumer, Producer};

/// The block that a client and a worker share: a control page and four rings.
///
/// Its offsets come from this process's own copy of the layout. What the peer can write is validated
/// where it is read; nothing the peer writes makes this process touch memory outside the block.
pub struct SessionMemory {
    block: Block,
    layout: Layout,
    /// By side: wakes the link that stands for that side, where it does not sleep on a futex.
    hooks: [OnceLock<Hook>; 2],
    /// Lets a client that waits drive its link.
    driver: OnceLock<Driver>,
    taken: [AtomicBool; 2],
    /// Threads of this process that sleep at a bell.
    n_asleep: AtomicUsize,
    /// By direction: for waits on a condition of the caller's.
    spins: [Spin; 2],
}

/// Waits until the condition holds, with this patience, by driving a link; `None` if the caller has to
/// sleep.
pub(crate) type Driver = Box<
    dyn Fn(&SessionMemory, &Patience<'_>, &mut dyn FnMut() -> bool) -> Option<Result<(), RingError>>
        + Send
        + Sync,
>;

impl std::fmt::Debug for SessionMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let closed = self.closed();
        f.debug_struct("SessionMemory")
            .field("layout", &self.layout)
            .field("closed", &closed)
            .finish()
    }
}

impl SessionMemory {
    /// Creates, seals, maps and pre-faults the memory of a session on this host (about 3 µs a page the
    /// first time). The descriptor goes to the peer.
    pub fn create_memfd(layout: &Layout) -> Result<(Arc<SessionMemory>, OwnedFd), TransportError> {
        let fd = block::sealed_memfd(layout.total_bytes())?;
        let block = Block::map(fd.as_fd(), layout.total_bytes())?;
        Ok((SessionMemory::over(block, layout), fd))
    }

    /// Maps what the server created, after checking that its size is right and sealed.
    pub fn from_fd(fd: OwnedFd, layout: &Layout) -> Result<Arc<SessionMemory>, TransportError> {
        block::check_sealed(fd.as_fd(), layout.total_bytes())?;
        let block = Block::map(fd.as_fd(), layout.total_bytes())?;
        Ok(SessionMemory::over(block, layout))
    }

    /// Memory within this process, whose other side is a link.
    pub fn anonymous(layout: &Layout) -> Result<Arc<SessionMemory>, TransportError> {
        Ok(SessionMemory::over(
            Block::anonymous(layout.total_bytes())?,
            layout,
        ))
    }

    fn over(block: Block, layout: &Layout) -> Arc<SessionMemory> {
        Arc::new(SessionMemory {
            block,
            layout: *layout,
            hooks: [OnceLock::new(), OnceLock::new()],
            driver: OnceLock::new(),
            taken: [AtomicBool::new(false), AtomicBool::new(false)],
            n_asleep: AtomicUsize::new(0),
            spins: [Spin::new(), Spin::new()],
        })
    }

    /// The sizes.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The client's end. Once per memory: producers share a position that only one end may keep.
    pub fn client(self: &Arc<Self>) -> Result<ClientEnd, TransportError> {
        self.take(Side::Client, "client")?;
        Ok(ClientEnd {
            command: Producer::new(self, Ring::Command),
            upload: Producer::new(self, Ring::Upload),
            reply: Consumer::new(self, Ring::Reply),
            download: Consumer::new(self, Ring::Download),
            spin: Spin::new(),
            n_bulk_waits: 0,
            memory: Arc::clone(self),
        })
    }

    /// The worker's end. Once per memory, as the client's.
    pub fn worker(self: &Arc<Self>) -> Result<WorkerEnd, TransportError> {
        self.take(Side::Worker, "worker")?;
        Ok(WorkerEnd {
            command: Consumer::new(self, Ring::Command),
            upload: Consumer::new(self, Ring::Upload),
            reply: Producer::new(self, Ring::Reply),
            download: Producer::new(self, Ring::Download),
            spin: Spin::new(),
            memory: Arc::clone(self),
        })
    }

    fn take(&self, side: Side, name: &'static str) -> Result<(), TransportError> {
        if self.taken[side as usize].swap(true, Ordering::Relaxed) {
            return Err(TransportError::EndTaken(name));
        }
        Ok(())
    }

    /// Ends the session for both sides and wakes every waiter. What is published stays readable. The
    /// first reason given by a side stays.
    pub fn close(&self, side: Side, reason: CloseReason) {
        let word = self.block.atomic_u32(layout::closed_offset(side));
        // Release: what was published before closing is seen by whoever sees the closing.
        let _ = word.compare_exchange(0, reason.code(), Ordering::Release, Ordering::Relaxed);
        for direction in [Direction::ToWorker, Direction::ToClient] {
            bell::strike_always(self.data_bell(direction), self.data_hook(direction));
        }
        for ring in Ring::ALL {
            bell::strike_always(self.space_bell(ring), self.space_hook(ring));
        }
    }

    /// Why the session is closed, by whichever side; `None` while it is open.
    #[inline]
    pub fn closed(&self) -> Option<CloseReason> {
        self.closed_by(Side::Client)
            .or_else(|| self.closed_by(Side::Worker))
    }

    /// Why this side has closed the session; `None` if it has not.
    #[inline]
    pub(crate) fn closed_by(&self, side: Side) -> Option<CloseReason> {
        let word = self.block.atomic_u32(layout::closed_offset(side));
        // Acquire: pairs with the release in `close`.
        match word.load(Ordering::Acquire) {
            0 => None,
            code => Some(CloseReason::from_code(code)),
        }
    }

    /// Sets what wakes the link standing for `side` when it waits without a futex: called by whichever
    /// thread of this process publishes or frees something for it. It must not block. The first stays.
    pub fn set_hook(&self, side: Side, hook: impl Fn() + Send + Sync + 'static) {
        let _ = self.hooks[side as usize].set(Box::new(hook));
    }

    /// Sets what lets a client that waits drive its link. The first stays.
    pub(crate) fn set_driver(&self, driver: Driver) {
        let _ = self.driver.set(driver);
    }

    pub(crate) fn call_hooks(&self) {
        for hook in self.hooks.iter().filter_map(OnceLock::get) {
            hook();
        }
    }

    /// Wakes the link if this thread has published something inside [`crate::hold`] and has not waited.
    pub fn flush(&self) {
        bell::flush(self);
    }

    /// Lets threads of this process wake a link in another process that stands for `side`: by an eventfd
    /// (see [`bell_eventfd`]) of which the link has a copy. The first stays.
    pub fn ring_eventfd(&self, side: Side, bell: OwnedFd) {
        // The counter is full only if the link has been woken already.
        self.set_hook(side, move || {
            let _ = nix::unistd::write(&bell, &1u64.to_ne_bytes());
        });
    }

    /// Wakes everyone who waits for records of this direction, so that they look at their own
    /// conditions again (see [`SessionMemory::wait`]).
    pub fn nudge(&self, direction: Direction) {
        // Between what the caller has stored and the look at who waits.
        fence(Ordering::SeqCst);
        bell::strike(self.data_bell(direction), self.data_hook(direction));
    }

    /// Waits at a direction's data bell for any condition; the bell is struck at every record published
    /// there and by [`SessionMemory::nudge`].
    pub fn wait(
        &self,
        direction: Direction,
        patience: &Patience<'_>,
        ready: impl FnMut() -> bool,
    ) -> Result<(), RingError> {
        bell::wait(
            self,
            self.data_bell(direction),
            &self.spins[direction as usize],
            patience,
            ready,
        )
    }

    /// Whether a thread of this process sleeps here until the other side does something. Announcements at
    /// the bells do not tell: who has found what it waited for leaves its own behind.
    pub(crate) fn is_awaited(&self) -> bool {
        self.n_asleep.load(Ordering::Relaxed) > 0
    }

    /// Counts a thread that is about to sleep, while `sleep` lasts.
    pub(crate) fn while_asleep(&self, sleep: impl FnOnce()) {
        self.n_asleep.fetch_add(1, Ordering::Relaxed);
        sleep();
        self.n_asleep.fetch_sub(1, Ordering::Relaxed);
    }

    /// Announces a link that waits by hook for records its side reads. It must look again afterwards,
    /// before it waits.
    pub(crate) fn arm_data_hook(&self, side: Side) {
        self.data_bell(side.reads()).arm(WAITING_HOOK);
    }

    /// Takes the announcement back: the link looks by itself.
    pub(crate) fn disarm_data_hook(&self, direction: Direction) {
        let waiting = self.data_bell(direction).waiting;
        waiting.fetch_and(!WAITING_HOOK, Ordering::SeqCst);
    }

    /// Announces a link that waits by hook for space in a ring it writes; it must look again, as above.
    pub(crate) fn arm_space_hook(&self, ring: Ring) {
        self.space_bell(ring).arm(WAITING_HOOK);
    }

    #[inline]
    pub(crate) fn released(&self, ring: Ring) -> &AtomicU64 {
        self.block.atomic_u64(layout::released_offset(ring))
    }

    #[inline]
    pub(crate) fn block(&self) -> &Block {
        &self.block
    }

    #[inline]
    pub(crate) fn data_bell(&self, direction: Direction) -> Bell<'_> {
        self.bell_at(layout::data_bell_offset(direction))
    }

    #[inline]
    pub(crate) fn space_bell(&self, ring: Ring) -> Bell<'_> {
        self.bell_at(layout::space_bell_offset(ring))
    }

    #[inline]
    fn bell_at(&self, offset: usize) -> Bell<'_> {
        let [sequence, waiting] = self.block.atomic_pair(offset);
        Bell { sequence, waiting }
    }

    /// The hook of the side that reads this direction.
    #[inline]
    pub(crate) fn data_hook(&self, direction: Direction) -> &OnceLock<Hook> {
        match direction {
            Direction::ToWorker => &self.hooks[Side::Worker as usize],
            Direction::ToClient => &self.hooks[Side::Client as usize],
        }
    }

    /// The hook of the side that writes this ring.
    #[inline]
    pub(crate) fn space_hook(&self, ring: Ring) -> &OnceLock<Hook> {
        match ring.direction() {
            Direction::ToWorker => &self.hooks[Side::Client as usize],
            Direction::ToClient => &self.hooks[Side::Worker as usize],
        }
    }
}

/// An eventfd by which a worker wakes the bridge of its session, and a copy of it: one for
/// [`SessionMemory::ring_eventfd`] in the worker, one for the bridge.
pub fn bell_eventfd() -> Result<(OwnedFd, OwnedFd), TransportError> {
    let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
    let bell =
        EventFd::from_flags(flags).map_err(|errno| TransportError::os("make a bell", errno))?;
    let bell = OwnedFd::from(bell);
    let copy = bell
        .try_clone()
        .map_err(|source| TransportError::os("copy a bell", source))?;
    Ok((bell, copy))
}

/// What a client process holds. The fields may be moved apart and used by different threads.
#[derive(Debug)]
pub struct ClientEnd {
    /// Calls to the worker.
    pub command: Producer,
    /// Bulk bytes to the worker.
    pub upload: Producer,
    /// Answers from the worker.
    pub reply: Consumer,
    /// Bulk bytes from the worker.
    pub download: Consumer,
    /// The memory, for closing and waiting.
    pub memory: Arc<SessionMemory>,
    spin: Spin,
    /// Waits left that are better slept through: bulk comes.
    n_bulk_waits: u32,
}

/// After bulk has come, so many waits sleep: a link's thread that decrypts beside one that copies is
/// faster than one thread that does both.
const BULK_WAITS: u32 = 8;

impl ClientEnd {
    /// Waits until an answer or bulk bytes are there.
    pub fn wait(&mut self, patience: &Patience<'_>) -> Result<(), RingError> {
        let bell = self.memory.data_bell(Direction::ToClient);
        let (reply, download) = (&mut self.reply, &mut self.download);
        reply.release();
        download.release();
        let mut ready = || reply.is_ready() || download.is_ready();
        let driver = self.memory.driver.get();
        self.n_bulk_waits = self.n_bulk_waits.saturating_sub(1);
        let driven = match driver {
            Some(drive) if self.n_bulk_waits == 0 && !ready() => {
                drive(&self.memory, patience, &mut ready)
            }
            _ => None,
        };
        let waited = match driven {
            Some(result) => result,
            None => bell::wait(&self.memory, bell, &self.spin, patience, &mut ready),
        };
        if driver.is_some() && download.is_ready() {
            self.n_bulk_waits = BULK_WAITS;
        }
        waited
    }

    /// Ends the session.
    pub fn close(&self, reason: CloseReason) {
        self.memory.close(Side::Client, reason);
    }
}

/// What a worker holds for one session. The fields may be moved apart and used by different threads.
#[derive(Debug)]
pub struct WorkerEnd {
    /// Calls of the client.
    pub command: Consumer,
    /// Bulk bytes of the client.
    pub upload: Consumer,
    /// Answers to the client.
    pub reply: Producer,
    /// Bulk bytes to the client.
    pub download: Producer,
    /// The memory, for closing and waiting.
    pub memory: Arc<SessionMemory>,
    spin: Spin,
}

impl WorkerEnd {
    /// Waits until a call or bulk bytes are there.
    pub fn wait(&mut self, patience: &Patience<'_>) -> Result<(), RingError> {
        let bell = self.memory.data_bell(Direction::ToWorker);
        let (command, upload) = (&mut self.command, &mut self.upload);
        command.release();
        upload.release();
        bell::wait(&self.memory, bell, &self.spin, patience, || {
            command.is_ready() || upload.is_ready()
        })
    }

    /// Ends the session.
    pub fn close(&self, reason: CloseReason) {
        self.memory.close(Side::Worker, reason);
    }
}
