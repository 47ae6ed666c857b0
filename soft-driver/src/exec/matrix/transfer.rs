//! `wmma.load` and `wmma.store`: fragments that programs cannot look into. Read [`transfer`].
#![expect(
    unsafe_code,
    reason = "reads and writes rows of matrices in device memory"
)]

use super::{Kind, opaque_place, take, word};
use crate::exec::{
    env::Access,
    memory::{Generic, Reach, Space},
    op::{Flow, Op, Slot, lanes},
    warp::Warp,
};

/// `wmma.load` and `wmma.store`: row `a` holds generic addresses of the matrix, row `b` the distance of
/// its rows or columns in elements; the list: rows, columns, kind, whether columns are contiguous, the
/// site, then the counted registers. `imm` is 1 to store.
pub(in crate::exec) fn transfer(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let (rows, columns) = (list[0] as usize, list[1] as usize);
    let (kind, by_column) = (Kind::of(list[2]), list[3] != 0);
    let (regs, _) = take(&list[5..]);
    let bytes = u64::from(kind.bits() / 8);
    let stores = op.imm != 0;
    let reach = Reach {
        site: list[4],
        bytes,
        access: if stores { Access::Write } else { Access::Read },
    };
    let per_lane = rows * columns / 32;
    let (bases, strides) = (*w.row::<u64>(op.a), *w.row::<u32>(op.b));
    for lane in lanes(w.mask(op)) {
        for (reg, slot) in regs.iter().enumerate() {
            let mut packed = if stores {
                word(w, kind, *slot, lane)
            } else {
                0
            };
            for part in 0..kind.packed() {
                let index = reg * kind.packed() + part;
                if index >= per_lane {
                    continue;
                }
                let (row, column) = opaque_place(columns, per_lane, lane, index);
                let (line, along) = if by_column {
                    (column, row)
                } else {
                    (row, column)
                };
                let element = line as u64 * u64::from(strides[lane]) + along as u64;
                let address = bases[lane].wrapping_add(element * bytes);
                let Some(at) = Generic::resolve(w, reach, lane, address) else {
                    return Flow::Fault;
                };
                let shift = kind.bits() as usize * part;
                if stores {
                    // SAFETY: `resolve` has checked this element.
                    unsafe { write_element(at, bytes, packed >> shift) };
                } else {
                    // SAFETY: as above.
                    packed |= unsafe { read_element(at, bytes) } << shift;
                }
            }
            if stores {
                continue;
            }
            if kind == Kind::F64 {
                w.row_mut::<u64>(Slot(*slot))[lane] = packed;
            } else {
                w.row_mut::<u32>(Slot(*slot))[lane] = packed as u32;
            }
        }
    }
    Flow::Next
}

/// # Safety
/// `bytes` bytes (1, 2, 4 or 8) must be readable and aligned.
unsafe fn read_element(at: *const u8, bytes: u64) -> u64 {
    // SAFETY: as the caller promises.
    unsafe {
        match bytes {
            1 => u64::from(at.read_volatile()),
            2 => u64::from(at.cast::<u16>().read_volatile()),
            4 => u64::from(at.cast::<u32>().read_volatile()),
            _ => at.cast::<u64>().read_volatile(),
        }
    }
}

/// # Safety
/// `bytes` bytes (1, 2, 4 or 8) must be writable and aligned.
unsafe fn write_element(at: *mut u8, bytes: u64, value: u64) {
    // SAFETY: as the caller promises.
    unsafe {
        match bytes {
            1 => at.write_volatile(value as u8),
            2 => at.cast::<u16>().write_volatile(value as u16),
            4 => at.cast::<u32>().write_volatile(value as u32),
            _ => at.cast::<u64>().write_volatile(value),
        }
    }
}
