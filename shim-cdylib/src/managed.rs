//! Managed memory: one address for program and GPU. It is the worker's; its pages come here when the
//! program touches them and go when the GPU may. Read [`Managed`] first.
//!
//! 1. Devices report no concurrent managed access: the program may not touch managed memory while the
//!    GPU works. So before a launch what was written here goes out and every page goes away; after the
//!    program has waited, what it touches is fetched as it is then.
//! 2. Pages come in blocks, more of them while the program goes through memory in order.
//! 3. One thread, which starts with the first allocation, fetches them for all others: it may call
//!    the worker whatever the thread that was stopped holds. Nothing of this library touches managed
//!    memory while it holds something that the thread needs.
//! 4. A block that is written while what was written before goes out stays: nothing written is lost.
//! 5. Lock order: `settling`, then `regions`. No call is made under `regions`.
//! 6. Where the system does not allow to watch pages, managed memory is page-locked memory that both
//!    sides reach ([`crate::pinned`]).

mod faults;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use rigel_protocol::control::AddressRange;
use rigel_protocol::custom::Order;
use rigel_protocol::generated::driver::StreamApi;
use rigel_protocol::handle::{Context, DevicePtr, Stream};
use rigel_protocol::link::WirePlace;
use rigel_protocol::{CuError, CuResult, Cx, HostPtr, ThreadId};

use self::faults::{Fault, Faults};
use crate::contexts::new_thread_number;
use crate::hosts;
use crate::logging;
use crate::remote::Remote;

/// Memory is managed in pages of the system's.
pub(crate) const PAGE_BYTES: u64 = 4096;
/// Pages come and go in blocks of this.
const BLOCK_BYTES: u64 = 64 << 10;
/// Most blocks that come at once.
const RUN_BLOCKS_MAX: usize = 64;
/// `CU_STREAM_NON_BLOCKING`.
const NON_BLOCKING: u32 = 1;

/// The managed memory of a process.
#[derive(Debug, Default)]
pub(crate) struct Managed {
    /// `None` where the system does not allow it.
    pager: OnceLock<Option<Pager>>,
    /// Whether any page may be here.
    resident: AtomicBool,
    /// By first address.
    regions: Mutex<BTreeMap<u64, Region>>,
    /// Held while pages go.
    settling: Mutex<()>,
}

#[derive(Debug)]
struct Pager {
    faults: Faults,
    /// The number under which pages go and come.
    thread: ThreadId,
}

/// An allocation.
#[derive(Debug)]
struct Region {
    bytes: u64,
    /// Whether its addresses are of those that the session keeps free.
    reserved: bool,
    context: Context,
    /// Brings pages and takes them, beside the program's work.
    stream: Stream,
    blocks: Vec<Block>,
    /// The block behind those that came last, and how many came.
    last: (usize, usize),
    /// Changes when pages go.
    epoch: u64,
}

/// Where a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// At the worker.
    Away,
    /// Here, and equal there.
    Clean,
    /// Here, and written.
    Dirty,
}

/// Blocks to be brought or taken.
#[derive(Clone, Debug)]
struct Run {
    base: u64,
    blocks: Range<usize>,
    /// Whole pages.
    pages: Range<u64>,
    /// How much of that is the allocation's.
    bytes: u64,
    context: Context,
    stream: Stream,
    epoch: u64,
}

impl Region {
    fn block(&self, base: u64, address: u64) -> usize {
        ((address - base) / BLOCK_BYTES) as usize
    }

    fn run(&self, base: u64, blocks: Range<usize>) -> Run {
        let start = base + blocks.start as u64 * BLOCK_BYTES;
        let end = base + (blocks.end as u64 * BLOCK_BYTES).min(self.bytes);
        Run {
            base,
            pages: start..end.next_multiple_of(PAGE_BYTES),
            bytes: end - start,
            blocks,
            context: self.context,
            stream: self.stream,
            epoch: self.epoch,
        }
    }

    /// The blocks to bring when this one is touched: more, the longer the program goes on in order. None
    /// if it is here.
    fn wanted(&mut self, base: u64, first: usize) -> Option<Run> {
        if self.blocks.get(first) != Some(&Block::Away) {
            return None;
        }
        let count = match self.last {
            (next, count) if next == first && count > 0 => (count * 2).min(RUN_BLOCKS_MAX),
            _ => 1,
        };
        let away = self.blocks[first..].iter();
        let count = away
            .take(count)
            .take_while(|block| **block == Block::Away)
            .count();
        self.last = (first + count, count);
        Some(self.run(base, first..first + count))
    }

    /// All runs of blocks that are in a state, which they leave for another.
    fn change(&mut self, base: u64, from: Block, to: Block) -> Vec<Run> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for (nth, block) in self.blocks.iter_mut().enumerate() {
            if *block != from {
                continue;
            }
            *block = to;
            match runs.last_mut() {
                Some(run) if run.end == nth => run.end += 1,
                _ => runs.push(nth..nth + 1),
            }
        }
        runs.into_iter().map(|run| self.run(base, run)).collect()
    }

    fn pages(&self, base: u64) -> Range<u64> {
        base..base + self.bytes.next_multiple_of(PAGE_BYTES)
    }
}

impl Managed {
    /// Whether pages can be watched here.
    pub(crate) fn is_possible(&self) -> bool {
        self.pager().is_some()
    }

    /// Takes in an allocation that the worker has made. `kept` are the addresses that the session
    /// keeps free.
    pub(crate) fn insert(
        &self,
        remote: &Remote,
        cx: Cx,
        memory: Range<u64>,
        kept: AddressRange,
    ) -> CuResult<()> {
        let pager = self.pager().ok_or(CuError::NOT_SUPPORTED)?;
        let (base, bytes) = (memory.start, memory.end - memory.start);
        if base % PAGE_BYTES != 0 {
            tracing::warn!(base, "managed memory begins within a page");
            return Err(CuError::OUT_OF_MEMORY);
        }
        let kept = kept.base..kept.base.saturating_add(kept.bytes);
        let region = Region {
            bytes,
            reserved: kept.contains(&base),
            context: cx.context,
            stream: self.stream(remote, cx)?,
            blocks: vec![Block::Away; bytes.div_ceil(BLOCK_BYTES) as usize],
            last: (0, 0),
            epoch: 0,
        };
        let placed = pager.faults.place(&region.pages(base), region.reserved);
        placed.map_err(|error| {
            tracing::warn!(%error, base, bytes, "no place for managed memory");
            CuError::OUT_OF_MEMORY
        })?;
        self.lock().insert(base, region);
        Ok(())
    }

    /// Takes out the allocation that begins here; false if there is none.
    pub(crate) fn remove(&self, base: u64) -> bool {
        // Whoever sends what was written here has to come to an end first.
        let _turn = self.settling.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(region) = self.lock().remove(&base) else {
            return false;
        };
        if let Some(pager) = self.pager() {
            pager.faults.remove(&region.pages(base), region.reserved);
        }
        true
    }

    /// Takes out what a context held that has ended.
    pub(crate) fn end_of(&self, context: Context) {
        let gone: Vec<u64> = {
            let regions = self.lock();
            let of_it = regions
                .iter()
                .filter(|(_, region)| region.context == context);
            of_it.map(|(base, _)| *base).collect()
        };
        for base in gone {
            self.remove(base);
        }
    }

    /// Whether [`Self::settle`] would have nothing to do.
    #[inline]
    pub(crate) fn is_settled(&self) -> bool {
        // Acquire: whoever brought a page has entered its block before.
        !self.resident.load(Ordering::Acquire)
    }

    /// Before the GPU may touch anything: what was written goes out, and all pages go.
    #[inline]
    pub(crate) fn settle(&self, remote: &Remote) -> CuResult<()> {
        match self.is_settled() {
            true => Ok(()),
            false => self.settle_all(remote),
        }
    }

    /// As [`Self::settle`], if any of these bytes is managed.
    #[inline]
    pub(crate) fn settle_if_here(&self, remote: &Remote, address: u64) -> CuResult<()> {
        if self.resident.load(Ordering::Acquire) && self.holds(address) {
            return self.settle_all(remote);
        }
        Ok(())
    }

    fn settle_all(&self, remote: &Remote) -> CuResult<()> {
        let Some(pager) = self.pager() else {
            return Ok(());
        };
        let _turn = self.settling.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever brings a page from here on says so again.
        self.resident.store(false, Ordering::SeqCst);
        for run in self.take(pager) {
            let place = WirePlace::Device(DevicePtr(run.pages.start));
            let (cx, order) = pager.way(&run);
            remote.copy_up(cx, place, HostPtr(run.pages.start), run.bytes, order)?;
        }
        let mut regions = self.lock();
        for (base, region) in regions.iter_mut() {
            region.epoch += 1;
            for run in region.change(*base, Block::Clean, Block::Away) {
                if let Err(error) = pager.faults.evict(&run.pages) {
                    tracing::warn!(%error, "managed memory stays");
                }
            }
            let stays = region.blocks.contains(&Block::Dirty);
            self.resident.fetch_or(stays, Ordering::SeqCst);
        }
        Ok(())
    }

    /// What has been written here, which counts as equal on both sides from now on.
    fn take(&self, pager: &Pager) -> Vec<Run> {
        let mut all = Vec::new();
        for (base, region) in self.lock().iter_mut() {
            for run in region.change(*base, Block::Dirty, Block::Clean) {
                if let Err(error) = pager.faults.protect(&run.pages) {
                    tracing::warn!(%error, "managed memory is not watched");
                }
                all.push(run);
            }
        }
        all
    }

    /// Whether an address is in managed memory.
    pub(crate) fn holds(&self, address: u64) -> bool {
        let regions = self.lock();
        let below = regions.range(..=address).next_back();
        below.is_some_and(|(base, region)| address - base < region.bytes)
    }

    /// The stream of a context.
    fn stream(&self, remote: &Remote, cx: Cx) -> CuResult<Stream> {
        let same = |region: &&Region| region.context == cx.context;
        let known = self.lock().values().find(same).map(|region| region.stream);
        match known {
            Some(stream) => Ok(stream),
            None => remote.stream_create(cx, NON_BLOCKING),
        }
    }

    fn pager(&self) -> Option<&Pager> {
        self.pager.get_or_init(Pager::open).as_ref()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Region>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the thread does that brings pages.
impl Managed {
    fn serve(&self, remote: &Remote, pager: &Pager) {
        loop {
            let fault = match pager.faults.next() {
                Ok(fault) => fault,
                Err(error) => {
                    tracing::error!(%error, "managed memory is not brought any more");
                    return;
                }
            };
            let done = match fault {
                Fault::Missing { address, writes } => self.bring(remote, pager, address, writes),
                Fault::Protected { address } => self.allow(pager, address),
            };
            if let Err(error) = done {
                tracing::debug!(%error, ?fault, "managed memory");
            }
        }
    }

    /// Somebody has touched what is not here.
    fn bring(
        &self,
        remote: &Remote,
        pager: &Pager,
        address: u64,
        writes: bool,
    ) -> std::io::Result<()> {
        let page = page_of(address);
        let Some(run) = self.wanted(address) else {
            return pager.faults.wake(&page);
        };
        let bytes = fetch(remote, pager, &run);
        let mut regions = self.lock();
        let Some(region) = regions.get_mut(&run.base) else {
            return pager.faults.wake(&page);
        };
        if region.epoch != run.epoch {
            // The GPU may have written it since: who was stopped looks again.
            return pager.faults.wake(&page);
        }
        self.resident.store(true, Ordering::SeqCst);
        let (first, rest) = bytes.split_at(bytes.len().min(BLOCK_BYTES as usize));
        for block in &mut region.blocks[run.blocks.clone()] {
            *block = Block::Clean;
        }
        if writes {
            region.blocks[run.blocks.start] = Block::Dirty;
        }
        pager.faults.fill(run.pages.start, first, !writes)?;
        pager.faults.fill(run.pages.start + BLOCK_BYTES, rest, true)
    }

    /// Somebody writes what has only been read.
    fn allow(&self, pager: &Pager, address: u64) -> std::io::Result<()> {
        let mut regions = self.lock();
        let Some((base, region)) = regions.range_mut(..=address).next_back() else {
            return pager.faults.wake(&page_of(address));
        };
        let block = region.block(*base, address);
        let run = region.run(*base, block..block + 1);
        match region.blocks.get_mut(block) {
            Some(state @ (Block::Clean | Block::Dirty)) => *state = Block::Dirty,
            _ => return pager.faults.wake(&page_of(address)),
        }
        self.resident.store(true, Ordering::SeqCst);
        pager.faults.unprotect(&run.pages)
    }

    fn wanted(&self, address: u64) -> Option<Run> {
        let mut regions = self.lock();
        let (base, region) = regions.range_mut(..=address).next_back()?;
        let first = region.block(*base, address);
        region.wanted(*base, first)
    }
}

/// The bytes of a run, whole pages. What cannot be had any more is zero: the program is told so by
/// every call it makes.
fn fetch(remote: &Remote, pager: &Pager, run: &Run) -> Vec<u8> {
    let mut bytes = vec![0_u8; (run.pages.end - run.pages.start) as usize];
    let (cx, order) = pager.way(run);
    let room = HostPtr(bytes.as_mut_ptr() as u64);
    let place = WirePlace::Device(DevicePtr(run.pages.start));
    if let Err(error) = remote.copy_down(cx, room, place, run.bytes, order) {
        logging::tell(&format!(
            "managed memory at {:#x} is lost: {error}; the program reads zeroes",
            run.pages.start
        ));
    }
    bytes
}

fn page_of(address: u64) -> Range<u64> {
    let start = address & !(PAGE_BYTES - 1);
    start..start + PAGE_BYTES
}

impl Pager {
    /// Starts the thread that brings pages.
    fn open() -> Option<Self> {
        let opened = Faults::open();
        let faults = opened
            .inspect_err(|error| {
                tracing::info!(%error, "pages cannot be watched: managed memory is page-locked");
            })
            .ok()?;
        let started = hosts::spawn("rigel-pager", || {
            let remote = Remote::new();
            let Ok(session) = remote.session() else {
                return;
            };
            // Waits for whoever has just started this thread.
            let pager = session.managed.pager.wait();
            if let Some(pager) = pager {
                session.managed.serve(&remote, pager);
            }
        });
        started.then(|| Self {
            faults,
            thread: new_thread_number(),
        })
    }

    fn way(&self, run: &Run) -> (Cx, Order) {
        let cx = Cx {
            context: run.context,
            thread: self.thread,
        };
        let order = Order {
            stream: run.stream,
            wait: true,
        };
        (cx, order)
    }
}

#[cfg(test)]
mod tests {
    use rigel_protocol::handle::Device;

    use super::*;

    const BASE: u64 = 0x1000_0000;

    fn region(bytes: u64) -> Region {
        Region {
            bytes,
            reserved: false,
            context: Context::primary(Device(0)),
            stream: Stream::LEGACY,
            blocks: vec![Block::Away; bytes.div_ceil(BLOCK_BYTES) as usize],
            last: (0, 0),
            epoch: 0,
        }
    }

    fn bring(region: &mut Region, block: usize) -> Option<Range<usize>> {
        let run = region.wanted(BASE, block)?;
        for block in &mut region.blocks[run.blocks.clone()] {
            *block = Block::Clean;
        }
        Some(run.blocks)
    }

    #[test]
    fn blocks_touched_in_order_come_in_growing_runs() {
        let mut region = region(100 * BLOCK_BYTES);
        assert_eq!(bring(&mut region, 0), Some(0..1));
        assert_eq!(bring(&mut region, 1), Some(1..3));
        assert_eq!(bring(&mut region, 3), Some(3..7));
        assert_eq!(bring(&mut region, 50), Some(50..51));
        assert_eq!(bring(&mut region, 3), None, "it is here");
        assert_eq!(bring(&mut region, 7), Some(7..8));
    }

    #[test]
    fn run_ends_before_a_block_that_is_here_and_with_the_allocation() {
        let mut region = region(10 * BLOCK_BYTES);
        bring(&mut region, 4);
        region.last = (2, 8);
        assert_eq!(bring(&mut region, 2), Some(2..4));
        region.last = (8, 64);
        assert_eq!(bring(&mut region, 8), Some(8..10));
        assert_eq!(bring(&mut region, 10), None);
    }

    #[test]
    fn last_run_is_the_allocations_bytes_on_whole_pages() {
        let region = region(BLOCK_BYTES + 10);
        let run = region.run(BASE, 0..2);
        assert_eq!(run.bytes, BLOCK_BYTES + 10);
        assert_eq!(run.pages, BASE..BASE + BLOCK_BYTES + PAGE_BYTES);
    }

    #[test]
    fn changed_blocks_are_told_in_runs() {
        let mut region = region(6 * BLOCK_BYTES);
        for block in [0, 1, 4] {
            region.blocks[block] = Block::Dirty;
        }
        let runs = region.change(BASE, Block::Dirty, Block::Clean);
        let blocks: Vec<_> = runs.into_iter().map(|run| run.blocks).collect();
        assert_eq!(blocks, [0..2, 4..5]);
        assert!(!region.blocks.contains(&Block::Dirty));
    }

    #[test]
    fn touched_page_comes_and_its_first_write_is_seen() {
        let Ok(faults) = Faults::open() else {
            // A system that does not allow it has the other way.
            return;
        };
        let pages = 0x2ef0_0000_0000..0x2ef0_0000_2000;
        faults.place(&pages, false).unwrap();
        let (first, second) = (pages.start, pages.start + PAGE_BYTES);
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || touch::read(first));
            let address = pages.start;
            let missing = Fault::Missing {
                address,
                writes: false,
            };
            assert_eq!(faults.next().unwrap(), missing);
            faults.fill(address, &[7; 4096], true).unwrap();
            assert_eq!(reader.join().unwrap(), 7);
            let writer = scope.spawn(move || touch::write(first, 8));
            assert_eq!(faults.next().unwrap(), Fault::Protected { address });
            faults.unprotect(&page_of(address)).unwrap();
            writer.join().unwrap();
            assert_eq!(touch::read(address), 8);
            faults.evict(&page_of(address)).unwrap();
            let writer = scope.spawn(move || touch::write(second, 1));
            let address = second;
            let missing = Fault::Missing {
                address,
                writes: true,
            };
            assert_eq!(faults.next().unwrap(), missing);
            faults.fill(address, &[0; 4096], false).unwrap();
            writer.join().unwrap();
        });
        faults.remove(&pages, false);
    }

    mod touch {
        #![expect(unsafe_code, reason = "touches a test's own pages")]

        pub(super) fn read(address: u64) -> u8 {
            // SAFETY: the test has mapped the page.
            unsafe { (address as *const u8).read_volatile() }
        }

        pub(super) fn write(address: u64, value: u8) {
            // SAFETY: the test has mapped the page.
            unsafe { (address as *mut u8).write_volatile(value) }
        }
    }
}
