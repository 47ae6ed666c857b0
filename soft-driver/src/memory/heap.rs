//! Addresses and pages of plain device memory: which part of a device's address range an
//! allocation takes, and when its pages are given to the process and back. Read [`Heap`].
//!
//! Allocations start at multiples of 512 bytes and keep a gap behind them, so that an access past
//! the end meets no neighbour. Pages come and go in chunks of 2 MiB: a chunk that holds no
//! allocation is discarded, except for a few that are kept for the next one.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    ops::Range,
    os::fd::{AsFd, OwnedFd},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use rigel_protocol::{CuError, CuResult};

use super::{ranges::Ranges, raw::Reservation};

/// Alignment of every allocation.
pub(super) const ALIGN_BYTES: u64 = 512;

/// Bytes between an allocation and the next.
const GAP_BYTES: u64 = 512;

/// Pages come and go in pieces of this size.
pub(super) const CHUNK_BYTES: u64 = 2 << 20;

/// Allocations of this size and more start at a chunk of their own.
const LARGE_BYTES: u64 = 1 << 20;

/// Empty chunks that keep their pages: 128 MiB.
const IDLE_CHUNKS_MAX: usize = 64;

/// The plain memory of one device.
#[derive(Debug)]
pub(crate) struct Heap {
    reservation: Arc<Reservation>,
    range: Range<u64>,
    /// Where chunks lie that other processes may map, each at its place in the heap.
    file: OnceLock<OwnedFd>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    free: Ranges,
    /// Number of a committed chunk to the allocations that touch it.
    chunks: BTreeMap<u64, u32>,
    /// Chunks that became empty, oldest first; some may be in use again.
    idle: VecDeque<u64>,
    /// Chunks that lie in the file.
    moved: BTreeSet<u64>,
}

impl Heap {
    /// A heap over part of the reservation, whole chunks.
    pub(super) fn new(reservation: Arc<Reservation>, range: Range<u64>) -> Self {
        let free = Ranges::new(range.clone());
        let state = State {
            free,
            chunks: BTreeMap::new(),
            idle: VecDeque::new(),
            moved: BTreeSet::new(),
        };
        Self {
            reservation,
            range,
            file: OnceLock::new(),
            state: Mutex::new(state),
        }
    }

    /// Bytes that an allocation of this size takes from the device.
    pub(super) fn charged_bytes(bytes: u64) -> CuResult<u64> {
        bytes
            .checked_next_multiple_of(ALIGN_BYTES)
            .ok_or(CuError::OUT_OF_MEMORY)
    }

    /// Finds addresses and pages for `bytes` bytes, contents undefined.
    pub(super) fn take(&self, bytes: u64, align: u64) -> CuResult<u64> {
        let align = match bytes {
            LARGE_BYTES.. => align.max(CHUNK_BYTES),
            _ => align.max(ALIGN_BYTES),
        };
        let with_gap = bytes.checked_add(GAP_BYTES).ok_or(CuError::OUT_OF_MEMORY)?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let base = state
            .free
            .take(with_gap, align)
            .ok_or(CuError::OUT_OF_MEMORY)?;
        if let Err(error) = state.enter(&self.reservation, chunks(base, bytes)) {
            tracing::error!(%error, bytes, "commit device memory");
            state.free.give(base..base + with_gap);
            return Err(CuError::OUT_OF_MEMORY);
        }
        Ok(base)
    }

    /// Takes an allocation back. Nobody may use it any more.
    pub(super) fn give(&self, base: u64, bytes: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match state.leave(chunks(base, bytes)) {
            surplus if surplus.is_empty() => {}
            surplus => {
                if let Err(error) = self.discard(&state, &surplus) {
                    tracing::warn!(%error, "discard device memory");
                }
            }
        }
        state.free.give(base..base + bytes + GAP_BYTES);
    }
}

/// Memory for other processes.
impl Heap {
    /// The file that lent chunks lie in, once there is one.
    pub(super) fn file(&self) -> Option<&OwnedFd> {
        self.file.get()
    }

    /// Where an allocation begins in the file, if all of it lies there.
    pub(super) fn place_in_file(&self, base: u64, bytes: u64) -> Option<u64> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let all = chunks(base, bytes).all(|chunk| state.moved.contains(&chunk));
        all.then(|| base - self.range.start)
    }

    /// Moves the chunks of an allocation into the file, which nobody may touch meanwhile.
    pub(super) fn move_into_file(&self, base: u64, bytes: u64) -> io::Result<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match self.file.get() {
            Some(file) => file,
            None => {
                let made = lendable_file("rigel-soft-heap", self.range.end - self.range.start)?;
                self.file.get_or_init(|| made)
            }
        };
        for chunk in chunks(base, bytes) {
            if state.moved.contains(&chunk) {
                continue;
            }
            let pages = pages(&(chunk..chunk + 1));
            let at = pages.start - self.range.start;
            self.reservation.save(&pages, file.as_fd(), at)?;
            self.reservation.map(&pages, file.as_fd(), at)?;
            state.moved.insert(chunk);
        }
        Ok(base - self.range.start)
    }

    /// Gives the contents of chunks back to the system.
    fn discard(&self, state: &State, surplus: &[u64]) -> io::Result<()> {
        let moved = |chunk: &u64| state.moved.contains(chunk);
        let together = |chunk: &u64, next: &u64| chunk + 1 == *next && moved(chunk) == moved(next);
        for run in surplus.chunk_by(together) {
            let run = pages(&(run[0]..run[run.len() - 1] + 1));
            match self
                .file
                .get()
                .filter(|_| moved(&(run.start / CHUNK_BYTES)))
            {
                Some(file) => {
                    use nix::fcntl::FallocateFlags as F;
                    let flags = F::FALLOC_FL_PUNCH_HOLE | F::FALLOC_FL_KEEP_SIZE;
                    let (at, bytes) = (run.start - self.range.start, run.end - run.start);
                    nix::fcntl::fallocate(file, flags, at as i64, bytes as i64)?;
                }
                None => self.reservation.discard(&run)?,
            }
        }
        Ok(())
    }
}

/// A file in memory of this length, for ever, all holes.
pub(crate) fn lendable_file(name: &str, bytes: u64) -> io::Result<OwnedFd> {
    use nix::fcntl::{FcntlArg, fcntl};
    use nix::sys::memfd::{MFdFlags, memfd_create};
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let file = memfd_create(name, flags)?;
    let length = i64::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
    nix::unistd::ftruncate(&file, length)?;
    fcntl(&file, FcntlArg::F_ADD_SEALS(crate::ipc::SEALS))?;
    Ok(file)
}

/// The chunks that an allocation touches.
fn chunks(base: u64, bytes: u64) -> Range<u64> {
    base / CHUNK_BYTES..(base + bytes).div_ceil(CHUNK_BYTES)
}

fn pages(chunks: &Range<u64>) -> Range<u64> {
    chunks.start * CHUNK_BYTES..chunks.end * CHUNK_BYTES
}

impl State {
    fn enter(&mut self, reservation: &Reservation, chunks: Range<u64>) -> io::Result<()> {
        if self.chunks.range(chunks.clone()).count() as u64 != chunks.end - chunks.start {
            reservation.commit(&pages(&chunks))?;
        }
        for chunk in chunks {
            *self.chunks.entry(chunk).or_insert(0) += 1;
        }
        Ok(())
    }

    /// Chunks whose pages shall go.
    fn leave(&mut self, chunks: Range<u64>) -> Vec<u64> {
        for (chunk, uses) in self.chunks.range_mut(chunks) {
            *uses -= 1;
            if *uses == 0 {
                self.idle.push_back(*chunk);
            }
        }
        let mut surplus = Vec::new();
        while self.idle.len() > IDLE_CHUNKS_MAX {
            let oldest = self.idle.pop_front();
            surplus.extend(oldest.filter(|chunk| self.chunks.get(chunk) == Some(&0)));
        }
        surplus.sort_unstable();
        surplus
    }
}
