//! Functions that device code calls and the driver supplies: `printf`, `malloc`, `free`, and the end of
//! a failed `assert`; and copies within local memory, of which calls are made. Read [`print`].
//!
//! Lists hold offsets of the arguments in the caller's frame, then that of the result, then a site.
#![expect(unsafe_code, reason = "reads strings and arguments from device memory")]

use super::{
    access::NO_SLOT,
    env::Access,
    error::FaultKind,
    format::{Arguments, format},
    memory::{Generic, Reach, Space},
    op::{Flow, Op, lanes},
    warp::Warp,
};

/// Bytes of one string that device code passes.
const STRING_MAX: u64 = 64 << 10;

/// Copies `ext` bytes within local memory: offsets from and to in `imm`, relative to the frame.
pub(super) fn copy_local(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let base = u64::from(w.local_offset);
    let (from, to) = (base + (op.imm & 0xFFFF_FFFF), base + (op.imm >> 32));
    let (bytes, stride) = (u64::from(op.ext), u64::from(w.local_stride));
    if from + bytes > stride || to + bytes > stride {
        let lane = (mask.trailing_zeros() & 31) as usize;
        return w.fault(
            FaultKind::StackOverflow,
            lane,
            "calls are nested too deeply",
        );
    }
    for lane in lanes(mask) {
        let start = lane as u64 * stride;
        let (from, to) = (
            w.local.at((start + from) as usize),
            w.local.at((start + to) as usize),
        );
        // SAFETY: both ranges lie in the lane's local memory, as just checked.
        unsafe { std::ptr::copy(from, to, bytes as usize) };
    }
    Flow::Next
}

/// The argument at `offset` of the frame, for one lane.
fn argument<const N: usize>(w: &mut Warp, lane: usize, offset: u32) -> Option<[u8; N]> {
    let at = u64::from(w.local_offset) + u64::from(offset);
    let stride = u64::from(w.local_stride);
    if at + N as u64 > stride {
        return None;
    }
    let from = w.local.at((lane as u64 * stride + at) as usize);
    // SAFETY: the range lies in the lane's local memory, as just checked.
    Some(unsafe { from.cast::<[u8; N]>().read_unaligned() })
}

fn argument_u64(w: &mut Warp, lane: usize, offset: u32) -> u64 {
    argument::<8>(w, lane, offset).map_or(0, u64::from_le_bytes)
}

fn set_result(w: &mut Warp, lane: usize, offset: u32, bytes: &[u8]) {
    let at = u64::from(w.local_offset) + u64::from(offset);
    let stride = u64::from(w.local_stride);
    if offset == NO_SLOT || at + bytes.len() as u64 > stride {
        return;
    }
    let to = w.local.at((lane as u64 * stride + at) as usize);
    // SAFETY: the range lies in the lane's local memory, as just checked.
    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
}

/// `bytes` bytes at a generic address; `None` after a fault.
fn read(w: &mut Warp, site: u32, lane: usize, address: u64, bytes: u64) -> Option<u64> {
    let reach = Reach {
        site,
        bytes: 1,
        access: Access::Read,
    };
    let mut value = 0;
    for index in 0..bytes {
        let at = Generic::resolve(w, reach, lane, address.wrapping_add(index))?;
        // SAFETY: `resolve` has checked this byte.
        value |= u64::from(unsafe { at.read_volatile() }) << (index * 8);
    }
    Some(value)
}

/// The zero-terminated string at a generic address, cut at a limit; `None` after a fault.
fn string(w: &mut Warp, site: u32, lane: usize, address: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    for index in 0..STRING_MAX {
        match read(w, site, lane, address.wrapping_add(index), 1)? {
            0 => break,
            byte => text.push(byte as u8),
        }
    }
    Some(text)
}

/// Arguments of one lane's `printf`, packed by their alignment.
struct LaneArguments<'w> {
    warp: &'w mut Warp,
    site: u32,
    lane: usize,
    next: u64,
    taken: u32,
}

impl LaneArguments<'_> {
    fn take(&mut self, bytes: u64) -> Option<u64> {
        let at = self.next.next_multiple_of(bytes);
        self.next = at + bytes;
        self.taken += 1;
        read(self.warp, self.site, self.lane, at, bytes)
    }
}

impl Arguments for LaneArguments<'_> {
    fn word(&mut self) -> Option<u32> {
        self.take(4).map(|value| value as u32)
    }

    fn double_word(&mut self) -> Option<u64> {
        self.take(8)
    }

    fn string(&mut self) -> Option<Vec<u8>> {
        let address = self.take(8)?;
        if address == 0 {
            return Some(b"(null)".to_vec());
        }
        string(self.warp, self.site, self.lane, address)
    }
}

/// `vprintf(format, arguments)`: returns the number of arguments.
pub(super) fn print(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    for lane in lanes(w.mask(op)) {
        let (text, arguments) = (
            argument_u64(w, lane, list[0]),
            argument_u64(w, lane, list[1]),
        );
        if text == 0 {
            set_result(w, lane, list[2], &(-1i32).to_le_bytes());
            continue;
        }
        let site = list[3];
        let Some(text) = string(w, site, lane, text) else {
            return Flow::Fault;
        };
        let mut arguments = LaneArguments {
            warp: w,
            site,
            lane,
            next: arguments,
            taken: 0,
        };
        let Some(output) = format(&text, &mut arguments) else {
            return Flow::Fault;
        };
        let taken = arguments.taken;
        w.block().context.env.services.print(&output);
        set_result(w, lane, list[2], &taken.to_le_bytes());
    }
    Flow::Next
}

/// `malloc(bytes)`.
pub(super) fn allocate(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    for lane in lanes(w.mask(op)) {
        let bytes = argument_u64(w, lane, list[0]);
        let address = w.block().context.env.services.allocate(bytes);
        set_result(w, lane, list[1], &address.unwrap_or(0).to_le_bytes());
    }
    Flow::Next
}

/// `free(address)`.
pub(super) fn free(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    for lane in lanes(w.mask(op)) {
        let address = argument_u64(w, lane, list[0]);
        if address != 0 && !w.block().context.env.services.free(address) {
            let message = format!("free of {address:#x}, which malloc did not return");
            return w.fault(FaultKind::IllegalAddress, lane, message);
        }
    }
    Flow::Next
}

/// `__assertfail(message, file, line, function, size of a character)`.
pub(super) fn assert_fail(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    if mask == 0 {
        return Flow::Next;
    }
    let list = w.list(op.ext);
    let lane = mask.trailing_zeros() as usize;
    let site = list[6];
    let mut texts = Vec::new();
    for index in [0, 1, 3] {
        let address = argument_u64(w, lane, list[index]);
        let Some(text) = string(w, site, lane, address) else {
            return Flow::Fault;
        };
        texts.push(String::from_utf8_lossy(&text).into_owned());
    }
    let line = argument::<4>(w, lane, list[2]).map_or(0, u32::from_le_bytes);
    let [bx, by, bz] = w.block().ctaid;
    let [tx, ty, tz] = w.tid.map(|ids| ids[lane]);
    let (message, file, function) = (&texts[0], &texts[1], &texts[2]);
    let message = format!(
        "{file}:{line}: {function}: block: [{bx},{by},{bz}], thread: [{tx},{ty},{tz}] \
         Assertion `{message}` failed."
    );
    w.fault(FaultKind::Assert, lane, message)
}
