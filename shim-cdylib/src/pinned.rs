//! Page-locked memory. On one host it lies in arenas: memory that the worker has mapped at the same
//! address and page-locked, so that a copy names an address and no byte passes a ring, and kernels
//! reach it by its host address. Read [`Pinned`] first.
//!
//! 1. A large allocation has an arena of its own; small ones share arenas.
//! 2. An arena is mapped here first, then in the worker, then used; it is used by nothing when it goes.
//! 3. Across a network there are no arenas: small allocations are mirrored ([`crate::mirrors`]), others
//!    are ordinary memory that travels.
//! 4. Memory that the caller registers stays its own, on every link; the worker has a copy of it if it is
//!    small (decision 440), otherwise it travels.

use std::alloc::Layout;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rigel_protocol::control::AddressRange;
use rigel_protocol::custom::{AllocationKind, HostMemory, PointerInfo};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::driver::ContextApi;
use rigel_protocol::handle::{Context, Device, DevicePtr, MemPool};
use rigel_protocol::link::{ArenaMap, HostRegister, MirrorMap};
use rigel_protocol::{CuError, CuResult, Cx, HostPtr};
use rigel_transport::arena::Arena;
use rigel_transport::mirror::Mirror;

use crate::allocations::NewAllocation;
use crate::remote::Remote;
use crate::session::Session;

/// Arenas come in multiples of this, and begin at such addresses.
const PAGE_BYTES: u64 = 4096;
/// Size of an arena that small allocations share.
const SHARED_ARENA_BYTES: u64 = 4 << 20;
/// Allocations from here on have an arena of their own.
const OWN_ARENA_MIN: u64 = 1 << 20;
/// Small allocations are multiples of this.
const GRAIN_BYTES: u64 = 256;
/// `CU_MEMHOSTALLOC_DEVICEMAP`, `CU_MEMHOSTREGISTER_DEVICEMAP`.
pub(crate) const DEVICE_MAP: u32 = 2;
/// `CU_MEMHOSTREGISTER_IOMEMORY`.
const IO_MEMORY: u32 = 4;
/// Most arenas of a process.
const ARENAS_MAX: usize = 4096;
/// How often another address is tried when one is taken.
const PLACES_TRIED: usize = 64;

/// The arenas of a process, and what is free in them.
#[derive(Debug)]
pub(crate) struct Pinned {
    range: AddressRange,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By first address.
    arenas: BTreeMap<u64, Placed>,
    /// Where the next arena goes, from the start of the range.
    next: u64,
    /// Ordinary memory handed out where there are no arenas: address and size.
    ordinary: BTreeMap<u64, Layout>,
}

/// An arena at its place.
#[derive(Debug)]
struct Placed {
    number: u32,
    arena: Arena,
    /// Where it is page-locked: it ends with that context.
    context: Context,
    /// Free stretches: offset and length. Empty and `shared` false: one allocation has all of it.
    free: BTreeMap<u64, u64>,
    shared: bool,
}

/// Where freed memory was.
enum Freed {
    /// In an arena that lives on.
    Kept,
    /// In an arena that goes.
    Arena(Placed),
    /// Ordinary.
    Ordinary(u64, Layout),
}

impl Pinned {
    /// No arenas yet; they are placed in this range.
    pub(crate) fn new(range: AddressRange) -> Self {
        Self {
            range,
            state: Mutex::default(),
        }
    }

    /// Whether all of these bytes lie in an arena.
    pub(crate) fn holds(&self, address: u64, bytes: u64) -> bool {
        let inside = address.checked_sub(self.range.base);
        if inside.is_none_or(|offset| offset >= self.range.bytes) {
            return false;
        }
        let state = self.lock();
        let below = state.arenas.range(..=address).next_back();
        below.is_some_and(|(_, placed)| placed.arena.contains(address, bytes))
    }

    /// An address in the range that none of ours has had.
    fn next_place(&self, bytes: u64) -> CuResult<u64> {
        let mut state = self.lock();
        let offset = state.next;
        let end = offset
            .checked_add(bytes)
            .filter(|end| *end <= self.range.bytes);
        state.next = end.ok_or(CuError::OUT_OF_MEMORY)?;
        Ok(self.range.base + offset)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A stretch of a shared arena.
    fn carve(&mut self, context: Context, bytes: u64) -> Option<u64> {
        let fitting = |placed: &Placed| placed.shared && placed.context == context;
        for (base, placed) in self.arenas.iter_mut().filter(|(_, placed)| fitting(placed)) {
            let fitting = placed.free.iter().find(|(_, len)| **len >= bytes);
            let Some((offset, len)) = fitting.map(|(offset, len)| (*offset, *len)) else {
                continue;
            };
            placed.free.remove(&offset);
            if len > bytes {
                placed.free.insert(offset + bytes, len - bytes);
            }
            return Some(base + offset);
        }
        None
    }

    /// Takes an allocation back.
    fn free(&mut self, address: u64, bytes: u64) -> Option<Freed> {
        if let Some(layout) = self.ordinary.remove(&address) {
            return Some(Freed::Ordinary(address, layout));
        }
        let (&base, placed) = self.arenas.range_mut(..=address).next_back()?;
        if !placed.arena.contains(address, bytes) {
            return None;
        }
        if !placed.shared {
            return self.arenas.remove(&base).map(Freed::Arena);
        }
        placed.give_back(address - base, bytes.next_multiple_of(GRAIN_BYTES));
        Some(Freed::Kept)
    }
}

impl Placed {
    /// Joins a freed stretch with its neighbours.
    fn give_back(&mut self, mut offset: u64, mut len: u64) {
        if let Some((&before, &before_len)) = self.free.range(..offset).next_back()
            && before + before_len == offset
        {
            self.free.remove(&before);
            (offset, len) = (before, before_len + len);
        }
        if let Some(after_len) = self.free.remove(&(offset + len)) {
            len += after_len;
        }
        self.free.insert(offset, len);
    }
}

impl HostMemory for Remote {
    fn host_alloc(&self, cx: Cx, bytes: u64, flags: u32) -> CuResult<HostPtr> {
        if bytes == 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let session = self.session()?;
        let address = self.place(cx, session, bytes, flags & DEVICE_MAP != 0)?;
        session.allocations.insert(NewAllocation {
            kind: AllocationKind::HostAllocated,
            base: address,
            bytes,
            context: cx.context,
            device: session.contexts.device(cx.context).unwrap_or(Device(0)),
            flags,
            pool: MemPool::NONE,
        });
        Ok(HostPtr(address))
    }

    fn host_free(&self, cx: Cx, memory: HostPtr) -> CuResult<()> {
        let session = self.session()?;
        let info = session
            .allocations
            .remove_kind(memory.0, &[AllocationKind::HostAllocated])
            .ok_or(CuError::INVALID_VALUE)?;
        self.free_pinned(cx, &info)
    }

    fn host_register(&self, cx: Cx, memory: HostPtr, bytes: u64, flags: u32) -> CuResult<()> {
        if memory.0 == 0 || bytes == 0 || memory.checked_add(bytes).is_none() {
            return Err(CuError::INVALID_VALUE);
        }
        let session = self.session()?;
        if session.allocations.overlaps(memory.0, bytes) {
            return Err(CuError::HOST_MEMORY_ALREADY_REGISTERED);
        }
        if flags & IO_MEMORY != 0 {
            // Memory of a device of the client's host has no copy elsewhere.
            return Err(CuError::NOT_SUPPORTED);
        }
        let registered = HostRegister {
            address: memory.0,
            bytes,
            flags,
        };
        self.mirror_registered(cx, session, registered)?;
        session.allocations.insert(NewAllocation {
            kind: AllocationKind::HostRegistered,
            base: memory.0,
            bytes,
            context: cx.context,
            device: session.contexts.device(cx.context).unwrap_or(Device(0)),
            flags,
            pool: MemPool::NONE,
        });
        Ok(())
    }

    fn host_unregister(&self, cx: Cx, memory: HostPtr) -> CuResult<()> {
        let session = self.session()?;
        session
            .allocations
            .remove_kind(memory.0, &[AllocationKind::HostRegistered])
            .ok_or(CuError::HOST_MEMORY_NOT_REGISTERED)?;
        self.unmirror_registered(cx, session, memory);
        Ok(())
    }

    fn pointer_info(&self, address: u64) -> Option<PointerInfo> {
        self.session().ok()?.allocations.find(address)
    }

    fn address_range(&self, address: DevicePtr) -> CuResult<(DevicePtr, u64)> {
        match self.pointer_info(address.0) {
            Some(info) => Ok((DevicePtr(info.base), info.bytes)),
            None => Err(CuError::NOT_FOUND),
        }
    }
}

impl Remote {
    /// Gives page-locked memory back that the map of allocations no longer has.
    pub(crate) fn free_pinned(&self, cx: Cx, info: &PointerInfo) -> CuResult<()> {
        let session = self.session()?;
        let owner = Cx {
            context: info.context,
            ..cx
        };
        // Work may still use it. That the context is gone means that nothing does.
        let waited = self.ctx_synchronize(owner);
        if let Some(mirror) = session.mirrors.remove(info.base) {
            self.unmirror(cx, &mirror);
            return settled(waited);
        }
        let freed = session.pinned.lock().free(info.base, info.bytes);
        match freed {
            None => return Err(CuError::INVALID_VALUE),
            Some(Freed::Kept) => {}
            Some(Freed::Arena(placed)) => self.unmap(cx, session, placed),
            Some(Freed::Ordinary(address, layout)) => ordinary::free(address, layout),
        }
        settled(waited)
    }

    /// What was page-locked in a context ends with it.
    pub(crate) fn end_pinned_of(&self, session: &Session, context: Context, held: &[PointerInfo]) {
        let cx = Cx {
            context: Context::NONE,
            thread: crate::contexts::thread_number(),
        };
        for mirror in session.mirrors.take_of(context) {
            self.unmirror(cx, &mirror);
        }
        let gone: Vec<Placed> = {
            let mut state = session.pinned.lock();
            for info in held {
                if let Some(layout) = state.ordinary.remove(&info.base) {
                    ordinary::free(info.base, layout);
                }
            }
            let (gone, kept) = std::mem::take(&mut state.arenas)
                .into_iter()
                .partition(|(_, placed)| placed.context == context);
            state.arenas = kept;
            BTreeMap::into_values(gone).collect()
        };
        for placed in gone {
            self.unmap(cx, session, placed);
        }
    }

    /// Page-locked memory that the worker reaches too.
    pub(crate) fn place_shared(&self, cx: Cx, session: &Session, bytes: u64) -> CuResult<u64> {
        let address = self.place(cx, session, bytes, true)?;
        let ordinary = session.pinned.lock().ordinary.remove(&address);
        match ordinary {
            None => Ok(address),
            Some(layout) => {
                ordinary::free(address, layout);
                tracing::warn!(bytes, "too much memory for both sides to reach");
                Err(CuError::OUT_OF_MEMORY)
            }
        }
    }

    /// Page-locked memory, somewhere. `mapped`: for kernels too.
    fn place(&self, cx: Cx, session: &Session, bytes: u64, mapped: bool) -> CuResult<u64> {
        let own = bytes >= OWN_ARENA_MIN;
        let wanted = bytes
            .checked_next_multiple_of(if own { PAGE_BYTES } else { GRAIN_BYTES })
            .ok_or(CuError::OUT_OF_MEMORY)?;
        // More than there are addresses for: nobody needs to be asked.
        if session.pinned.range.bytes > 0 && wanted > session.pinned.range.bytes {
            return Err(CuError::OUT_OF_MEMORY);
        }
        if !own && let Some(address) = session.pinned.lock().carve(cx.context, wanted) {
            return Ok(address);
        }
        let arena_bytes = if own { wanted } else { SHARED_ARENA_BYTES };
        let Some(placed) = self.map(cx, session, arena_bytes, !own)? else {
            if let Some(address) = self.mirror(cx, session, bytes, mapped)? {
                return Ok(address);
            }
            let (address, layout) = ordinary::alloc(wanted)?;
            session.pinned.lock().ordinary.insert(address, layout);
            return Ok(address);
        };
        let base = placed.arena.base();
        let mut state = session.pinned.lock();
        state.arenas.insert(base, placed);
        match own {
            true => Ok(base),
            false => state
                .carve(cx.context, wanted)
                .ok_or(CuError::OUT_OF_MEMORY),
        }
    }

    /// Memory with a copy at the worker; `None` where that would be too much.
    fn mirror(&self, cx: Cx, session: &Session, bytes: u64, mapped: bool) -> CuResult<Option<u64>> {
        let bytes = bytes
            .checked_next_multiple_of(PAGE_BYTES)
            .ok_or(CuError::OUT_OF_MEMORY)?;
        if !session.mirrors.has_room(bytes, mapped) {
            return Ok(None);
        }
        for _ in 0..PLACES_TRIED {
            let base = session.pinned.next_place(bytes)?;
            let Ok(mirror) = Mirror::create(base, bytes) else {
                continue;
            };
            let map = MirrorMap {
                address: base,
                bytes,
            };
            let mut request = self.request(cx, Call::MIRROR_MAP)?;
            request.put(&map);
            match self.wait(request).and_then(|reply| reply.finish()) {
                Ok(()) => {
                    session.mirrors.insert(cx.context, mirror);
                    return Ok(Some(base));
                }
                Err(error) if error == CuError::MAP_FAILED => {}
                Err(error) => {
                    tracing::debug!(%error, bytes, "the worker mirrors no memory");
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    fn unmirror(&self, cx: Cx, mirror: &Mirror) {
        if mirror.is_registered() {
            return self.forget_registered(cx, mirror.base(), mirror.len());
        }
        let unmapped = self
            .request(cx, Call::MIRROR_UNMAP)
            .and_then(|mut request| {
                request.put(&MirrorMap {
                    address: mirror.base(),
                    bytes: mirror.len(),
                });
                self.wait(request)
            });
        if let Err(error) = unmapped {
            tracing::debug!(%error, "the worker kept a mirror");
        }
    }

    /// A new arena, mapped on both sides; `None` where there are none.
    fn map(&self, cx: Cx, session: &Session, bytes: u64, shared: bool) -> CuResult<Option<Placed>> {
        if session.pinned.lock().arenas.len() >= ARENAS_MAX {
            return Err(CuError::OUT_OF_MEMORY);
        }
        let Some((number, fd)) = session.control.create_arena(bytes)? else {
            return Ok(None);
        };
        let placed = self.find_place(cx, session, number, &fd, bytes);
        if placed.is_err() {
            session.control.release_arena(number);
        }
        let mut free = BTreeMap::new();
        if shared {
            free.insert(0, bytes);
        }
        Ok(Some(Placed {
            number,
            arena: placed?,
            context: cx.context,
            free,
            shared,
        }))
    }

    /// Maps an arena where both sides have room.
    fn find_place(
        &self,
        cx: Cx,
        session: &Session,
        number: u32,
        fd: &std::os::fd::OwnedFd,
        bytes: u64,
    ) -> CuResult<Arena> {
        for _ in 0..PLACES_TRIED {
            let base = session.pinned.next_place(bytes)?;
            let fd = fd.try_clone().map_err(|_| CuError::OUT_OF_MEMORY)?;
            let Ok(arena) = Arena::open(fd, base, bytes) else {
                continue;
            };
            let mut request = self.request(cx, Call::ARENA_MAP)?;
            request.put(&ArenaMap {
                arena: number,
                address: base,
                bytes,
                flags: 0,
            });
            match self.wait(request).and_then(|reply| reply.finish()) {
                Ok(()) => return Ok(arena),
                Err(error) if error == CuError::MAP_FAILED => {}
                Err(error) => return Err(error),
            }
        }
        Err(CuError::OUT_OF_MEMORY)
    }

    fn unmap(&self, cx: Cx, session: &Session, placed: Placed) {
        let unmapped = self.request(cx, Call::ARENA_UNMAP).and_then(|mut request| {
            request.put(&ArenaMap {
                arena: placed.number,
                address: placed.arena.base(),
                bytes: placed.arena.len(),
                flags: 0,
            });
            self.wait(request)
        });
        if let Err(error) = unmapped {
            tracing::debug!(arena = placed.number, %error, "the worker kept an arena");
        }
        session.control.release_arena(placed.number);
    }
}

/// What freeing returns when the work before it has ended so: its errors are for other calls, unless
/// the context is lost.
fn settled(waited: CuResult<()>) -> CuResult<()> {
    match waited {
        Err(error) if error.is_sticky() => Err(error),
        _ => Ok(()),
    }
}

/// Memory of this process alone.
mod ordinary {
    #![expect(
        unsafe_code,
        reason = "allocates memory whose owner is the calling program"
    )]

    use std::alloc::{Layout, alloc_zeroed, dealloc};

    use rigel_protocol::{CuError, CuResult};

    use super::PAGE_BYTES;

    /// Zeroed pages.
    pub(super) fn alloc(bytes: u64) -> CuResult<(u64, Layout)> {
        let bytes = usize::try_from(bytes).map_err(|_| CuError::OUT_OF_MEMORY)?;
        let layout = Layout::from_size_align(bytes.max(1), PAGE_BYTES as usize)
            .map_err(|_| CuError::OUT_OF_MEMORY)?;
        // SAFETY: the layout has a size above 0.
        let memory = unsafe { alloc_zeroed(layout) };
        match memory.is_null() {
            true => Err(CuError::OUT_OF_MEMORY),
            false => Ok((memory as u64, layout)),
        }
    }

    /// Gives them back.
    pub(super) fn free(address: u64, layout: Layout) {
        // SAFETY: address and layout are those of `alloc`, kept together, and taken out once.
        unsafe { dealloc(address as *mut u8, layout) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context = Context::mint(70);

    /// An arena of its own in a test's own corner of the range.
    fn placed(base: u64) -> Placed {
        let arena = Arena::create(base, SHARED_ARENA_BYTES).unwrap();
        Placed {
            number: 1,
            arena,
            context: CONTEXT,
            free: BTreeMap::from([(0, SHARED_ARENA_BYTES)]),
            shared: true,
        }
    }

    #[test]
    fn freed_stretches_join_their_neighbours() {
        let base = 0x2345_0000_0000;
        let mut state = State::default();
        state.arenas.insert(base, placed(base));
        let stretches: Vec<_> = (0..3)
            .map(|_| state.carve(CONTEXT, GRAIN_BYTES).unwrap())
            .collect();
        for index in [0, 2, 1] {
            assert!(matches!(
                state.free(stretches[index], GRAIN_BYTES),
                Some(Freed::Kept)
            ));
        }
        let free = &state.arenas[&base].free;
        assert_eq!(free.len(), 1, "{free:?}");
        assert_eq!(free[&0], SHARED_ARENA_BYTES);
    }

    #[test]
    fn carve_more_than_is_free_gives_nothing() {
        let base = 0x2346_0000_0000;
        let mut state = State::default();
        state.arenas.insert(base, placed(base));
        assert!(
            state
                .carve(CONTEXT, SHARED_ARENA_BYTES + GRAIN_BYTES)
                .is_none()
        );
        assert_eq!(state.carve(CONTEXT, SHARED_ARENA_BYTES), Some(base));
        assert!(state.carve(CONTEXT, GRAIN_BYTES).is_none());
    }

    #[test]
    fn free_of_an_unknown_address_is_refused() {
        assert!(State::default().free(0x1000, 1).is_none());
    }
}
