//! State spaces: how an address becomes a host pointer, and the check that it may. Loads, stores and
//! atomics are in `access` and `atomics`. Read [`Space`].
//!
//! A global address is the host address of the same byte. Each access site remembers the allocation
//! it last used; another address asks [`super::DeviceMemory`]. Checks are exact to the byte. Shared
//! and local addresses are offsets, which generic addresses carry below a tag (`program`).
#![expect(unsafe_code, reason = "turns checked device addresses into pointers")]

use super::{
    env::Access,
    error::FaultKind,
    lanes::Raw,
    op::{Flow, Slot},
    program::{LOCAL_TAG, PARAM_TAG, SHARED_TAG, TAG_SHIFT},
    simd::Vectors,
    warp::Warp,
};

/// The starts that an access site may use without asking.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(super) struct Site {
    /// First one.
    pub(super) low: u64,
    /// How many.
    pub(super) span: u64,
}

impl Site {
    #[inline(always)]
    pub(super) fn admits(self, address: u64) -> bool {
        address.wrapping_sub(self.low) < self.span
    }
}

/// One access of an instruction, the same for all lanes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// Index of the site.
    pub(super) site: u32,
    /// Bytes of one access, a power of two, also its alignment.
    pub(super) bytes: u64,
    /// What it does.
    pub(super) access: Access,
}

/// A state space.
pub(super) trait Space: 'static {
    /// Only the thread that runs the block can look into it.
    const OWN: bool = false;

    /// The byte at `address` for `lane`; `None` after a fault has been raised.
    fn resolve(w: &mut Warp, reach: Reach, lane: usize, address: u64) -> Option<*mut u8>;

    /// The byte at `address`, if `total` bytes from there are good for any lane; `None` otherwise,
    /// without a fault. For accesses of neighbouring lanes.
    fn range(w: &mut Warp, reach: Reach, address: u64, total: u64) -> Option<*mut u8>;

    /// What to add to each address to have its byte, if all accesses are good; `None` otherwise,
    /// without a fault. Addresses may be changed for it, but only if they are good.
    fn all<V: Vectors, A: Raw>(
        w: &mut Warp,
        reach: Reach,
        addresses: &mut [A; 32],
    ) -> Option<*mut u8>;
}

/// `.global` and `.const`.
pub(super) struct Global;
/// `.shared`.
pub(super) struct Shared;
/// `.local`, and parameters of functions.
pub(super) struct Local;
/// Parameters of the kernel, by an address.
pub(super) struct Param;
/// Any of them.
pub(super) struct Generic;

impl Space for Global {
    #[inline(always)]
    fn resolve(w: &mut Warp, reach: Reach, lane: usize, address: u64) -> Option<*mut u8> {
        let known = w.site(reach.site).admits(address);
        if known && address & (reach.bytes - 1) == 0 || find(w, reach, lane, address) {
            return Some(address as *mut u8);
        }
        None
    }

    #[inline(always)]
    fn range(w: &mut Warp, reach: Reach, address: u64, total: u64) -> Option<*mut u8> {
        let last = address.wrapping_add(total - reach.bytes);
        let site = w.site(reach.site);
        let known = site.admits(address) && site.admits(last) && last >= address;
        (known && address & (reach.bytes - 1) == 0).then_some(address as *mut u8)
    }

    #[inline(always)]
    fn all<V: Vectors, A: Raw>(
        w: &mut Warp,
        reach: Reach,
        addresses: &mut [A; 32],
    ) -> Option<*mut u8> {
        let Site { low, span } = w.site(reach.site);
        V::within(addresses, low, span, reach.bytes).then_some(std::ptr::null_mut())
    }
}

/// Asks for the allocation around `address` and remembers it; raises a fault if there is none.
#[cold]
#[inline(never)]
fn find(w: &mut Warp, reach: Reach, lane: usize, address: u64) -> bool {
    if address & (reach.bytes - 1) != 0 {
        w.misaligned(reach, lane, address);
        return false;
    }
    let memory = &w.block().context.env.memory;
    let end = address.checked_add(reach.bytes);
    let range = memory
        .accessible(address, reach.bytes, reach.access)
        .filter(|range| range.start <= address && end.is_some_and(|end| end <= range.end));
    let Some(range) = range else {
        w.illegal(reach, lane, address);
        return false;
    };
    w.block().sites[reach.site as usize] = Site {
        low: range.start,
        span: range.end - range.start - (reach.bytes - 1),
    };
    true
}

impl Space for Shared {
    const OWN: bool = true;

    #[inline(always)]
    fn resolve(w: &mut Warp, reach: Reach, lane: usize, address: u64) -> Option<*mut u8> {
        let aligned = address & (reach.bytes - 1) == 0;
        if aligned && let Some(byte) = Self::range(w, reach, address, reach.bytes) {
            return Some(byte);
        }
        w.refuse_access(reach, lane, address);
        None
    }

    #[inline(always)]
    fn range(w: &mut Warp, reach: Reach, address: u64, total: u64) -> Option<*mut u8> {
        let block = w.block();
        let room = u64::from(block.shared_bytes);
        let good = address < room && total <= room - address && address & (reach.bytes - 1) == 0;
        good.then(|| block.shared.at(address as usize))
    }

    #[inline(always)]
    fn all<V: Vectors, A: Raw>(
        w: &mut Warp,
        reach: Reach,
        addresses: &mut [A; 32],
    ) -> Option<*mut u8> {
        let block = w.block();
        let starts = (u64::from(block.shared_bytes) + 1).saturating_sub(reach.bytes);
        V::within(addresses, 0, starts, reach.bytes).then(|| block.shared.at(0))
    }
}

impl Space for Local {
    #[inline(always)]
    fn resolve(w: &mut Warp, reach: Reach, lane: usize, address: u64) -> Option<*mut u8> {
        let stride = u64::from(w.local_stride);
        let inside = address < stride && reach.bytes <= stride - address;
        if inside && address & (reach.bytes - 1) == 0 {
            return Some(w.local.at((lane as u64 * stride + address) as usize));
        }
        w.refuse_access(reach, lane, address);
        None
    }

    #[inline(always)]
    fn range(_: &mut Warp, _: Reach, _: u64, _: u64) -> Option<*mut u8> {
        None
    }

    #[inline(always)]
    fn all<V: Vectors, A: Raw>(
        w: &mut Warp,
        reach: Reach,
        addresses: &mut [A; 32],
    ) -> Option<*mut u8> {
        Self::all_from::<V, A>(w, reach, addresses, 0)
    }
}

impl Local {
    /// [`Space::all`] for addresses that carry the tag `low`.
    #[inline(always)]
    fn all_from<V: Vectors, A: Raw>(
        w: &mut Warp,
        reach: Reach,
        addresses: &mut [A; 32],
        low: u64,
    ) -> Option<*mut u8> {
        let stride = w.local_stride;
        let starts = (u64::from(stride) + 1).saturating_sub(reach.bytes);
        if !V::within(addresses, low, starts, reach.bytes) {
            return None;
        }
        for (lane, address) in (0u32..).zip(addresses) {
            *address = address.plus(A::narrow(u64::from(lane * stride)));
        }
        Some(w.local.at(0).wrapping_sub(low as usize))
    }
}

impl Space for Param {
    #[inline(always)]
    fn resolve(w: &mut Warp, reach: Reach, lane: usize, address: u64) -> Option<*mut u8> {
        if reach.access == Access::Read
            && address & (reach.bytes - 1) == 0
            && let Some(byte) = Self::range(w, reach, address, reach.bytes)
        {
            return Some(byte);
        }
        w.refuse_access(reach, lane, address);
        None
    }

    #[inline(always)]
    fn range(w: &mut Warp, reach: Reach, address: u64, total: u64) -> Option<*mut u8> {
        let context = &w.block().context;
        let room = u64::from(context.param_bytes);
        let good = reach.access == Access::Read && address < room && total <= room - address;
        good.then(|| context.params.at(address as usize))
    }

    #[inline(always)]
    fn all<V: Vectors, A: Raw>(_: &mut Warp, _: Reach, _: &mut [A; 32]) -> Option<*mut u8> {
        None
    }
}

impl Space for Generic {
    #[inline(always)]
    fn resolve(w: &mut Warp, reach: Reach, lane: usize, address: u64) -> Option<*mut u8> {
        let offset = address & ((1 << TAG_SHIFT) - 1);
        match address >> TAG_SHIFT {
            SHARED_TAG => Shared::resolve(w, reach, lane, offset),
            LOCAL_TAG => Local::resolve(w, reach, lane, offset),
            PARAM_TAG => Param::resolve(w, reach, lane, offset),
            _ => Global::resolve(w, reach, lane, address),
        }
    }

    #[inline(always)]
    fn range(w: &mut Warp, reach: Reach, address: u64, total: u64) -> Option<*mut u8> {
        match address >> TAG_SHIFT {
            0 => Global::range(w, reach, address, total),
            SHARED_TAG => {
                let offset = address & ((1 << TAG_SHIFT) - 1);
                Shared::range(w, reach, offset, total)
            }
            _ => None,
        }
    }

    #[inline(always)]
    fn all<V: Vectors, A: Raw>(
        w: &mut Warp,
        reach: Reach,
        addresses: &mut [A; 32],
    ) -> Option<*mut u8> {
        match addresses[0].widen() >> TAG_SHIFT {
            0 => Global::all::<V, A>(w, reach, addresses),
            SHARED_TAG => {
                let low = SHARED_TAG << TAG_SHIFT;
                let block = w.block();
                let starts = (u64::from(block.shared_bytes) + 1).saturating_sub(reach.bytes);
                V::within(addresses, low, starts, reach.bytes)
                    .then(|| block.shared.at(0).wrapping_sub(low as usize))
            }
            LOCAL_TAG => Local::all_from::<V, A>(w, reach, addresses, LOCAL_TAG << TAG_SHIFT),
            _ => None,
        }
    }
}

impl Warp {
    /// What access site `index` remembers.
    #[inline(always)]
    pub(super) fn site(&mut self, index: u32) -> Site {
        let sites = &self.block().sites;
        debug_assert!((index as usize) < sites.len());
        // SAFETY: lowering numbers sites below `Program::n_sites`, and every block has that many.
        unsafe { *sites.get_unchecked(index as usize) }
    }

    /// The addresses that a memory op names: a row plus an offset. 32-bit addresses wrap there.
    #[inline(always)]
    pub(super) fn addresses<A: Raw>(&self, slot: Slot, offset: u64) -> [A; 32] {
        let row = self.row::<A>(slot);
        let offset = A::narrow(offset);
        let mut addresses = [A::default(); 32];
        for lane in 0..32 {
            addresses[lane] = row[lane].plus(offset);
        }
        addresses
    }

    fn thread(&self, lane: usize) -> [u32; 3] {
        self.tid.map(|ids| ids[lane])
    }

    /// Ends the launch because of `lane`.
    #[cold]
    pub(super) fn fault(
        &mut self,
        kind: FaultKind,
        lane: usize,
        message: impl Into<String>,
    ) -> Flow {
        let thread = self.thread(lane);
        self.block().raise(kind, thread, None, message.into());
        Flow::Fault
    }

    #[cold]
    #[inline(never)]
    fn refuse_access(&mut self, reach: Reach, lane: usize, address: u64) {
        if address & (reach.bytes - 1) != 0 {
            self.misaligned(reach, lane, address);
        } else {
            self.illegal(reach, lane, address);
        }
    }

    fn misaligned(&mut self, reach: Reach, lane: usize, address: u64) {
        let thread = self.thread(lane);
        let message = format!("the address is not a multiple of {}", reach.bytes);
        self.block()
            .raise(FaultKind::Misaligned, thread, Some(address), message);
    }

    pub(super) fn illegal(&mut self, reach: Reach, lane: usize, address: u64) {
        let thread = self.thread(lane);
        let verb = match reach.access {
            Access::Read => "read",
            Access::Write => "written",
        };
        let message = format!("{} bytes there may not be {verb}", reach.bytes);
        self.block()
            .raise(FaultKind::IllegalAddress, thread, Some(address), message);
    }
}

/// What `isspacep` and `cvta` need to know: whether a generic address lies in the space with `tag`,
/// 0 for global.
pub(super) fn has_tag(address: u64, tag: u64) -> bool {
    address >> TAG_SHIFT == tag
}
