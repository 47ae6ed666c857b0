//! 128-bit `atom.cas` and `atom.exch`. Where the CPU has an instruction for it that is used, so that 16-byte loads and
//! stores of other blocks see all or nothing; elsewhere a lock makes them atomic among themselves. Read
//! [`atomic`].
#![expect(unsafe_code, reason = "updates device memory through atomics")]

use super::{
    access::NO_SLOT,
    env::Access,
    memory::{Generic, Reach, Space},
    op::{Flow, Op, Slot, lanes},
    warp::{SPIN_COST, Warp},
};

/// `atom.cas.b128` and `atom.exch.b128` at the generic addresses in row `a`. The list holds the site, the two
/// halves of the result (or `NO_SLOT`), of the new value, and of the value to compare with; `imm` is 1 for `cas`.
pub(super) fn atomic(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let pair = |w: &Warp, at: usize, lane: usize| {
        let [low, high] = [at, at + 1].map(|at| w.row::<u64>(Slot(list[at]))[lane]);
        u128::from(low) | u128::from(high) << 64
    };
    let addresses = *w.row::<u64>(op.a);
    let reach = Reach {
        site: list[0],
        bytes: 16,
        access: Access::Write,
    };
    w.spin = SPIN_COST;
    for lane in lanes(w.mask(op)) {
        let Some(at) = Generic::resolve(w, reach, lane, addresses[lane]) else {
            return Flow::Fault;
        };
        let new = pair(w, 3, lane);
        let wanted = (op.imm != 0).then(|| pair(w, 5, lane));
        // SAFETY: `resolve` has checked 16 aligned bytes to read and write.
        let old = unsafe { replace(at.cast(), wanted, new) };
        for (half, slot) in list[1..3].iter().enumerate() {
            if *slot != NO_SLOT {
                w.row_mut::<u64>(Slot(*slot))[lane] = (old >> (64 * half)) as u64;
            }
        }
    }
    Flow::Next
}

/// Writes `new` if the value is `wanted`, or whatever it is; returns what it was.
///
/// # Safety
/// `at` must be readable, writable and aligned to 16 bytes.
unsafe fn replace(at: *mut u128, wanted: Option<u128>, new: u128) -> u128 {
    let mut expected = wanted.unwrap_or(0);
    loop {
        // SAFETY: as the caller promises.
        let old = unsafe { compare_and_swap(at, expected, new) };
        if old == expected || wanted.is_some() {
            return old;
        }
        expected = old;
    }
}

#[cfg(target_arch = "x86_64")]
/// # Safety
/// As for [`replace`].
unsafe fn compare_and_swap(at: *mut u128, expected: u128, new: u128) -> u128 {
    if !std::arch::is_x86_feature_detected!("cmpxchg16b") {
        // SAFETY: as the caller promises.
        return unsafe { locked(at, expected, new) };
    }
    let (low, high): (u64, u64);
    // SAFETY: the caller promises 16 aligned bytes, and the CPU has the instruction. The compiler keeps `rbx`
    // for itself, hence the exchange around it.
    unsafe {
        std::arch::asm!(
            "xchg {new_low}, rbx",
            "lock cmpxchg16b [{at}]",
            "mov rbx, {new_low}",
            at = in(reg) at,
            new_low = inout(reg) new as u64 => _,
            in("rcx") (new >> 64) as u64,
            inout("rax") expected as u64 => low,
            inout("rdx") (expected >> 64) as u64 => high,
            options(nostack),
        );
    }
    u128::from(low) | u128::from(high) << 64
}

#[cfg(not(target_arch = "x86_64"))]
/// # Safety
/// As for [`replace`].
unsafe fn compare_and_swap(at: *mut u128, expected: u128, new: u128) -> u128 {
    // SAFETY: as the caller promises.
    unsafe { locked(at, expected, new) }
}

/// Atomic only among callers of itself.
///
/// # Safety
/// As for [`replace`].
unsafe fn locked(at: *mut u128, expected: u128, new: u128) -> u128 {
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = LOCK
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: as the caller promises; plain accesses of other blocks are races of the program that runs here.
    let old = unsafe { at.read_volatile() };
    if old == expected {
        // SAFETY: as above.
        unsafe { at.write_volatile(new) };
    }
    old
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swaps_happen_only_on_equality() {
        type Swap = unsafe fn(*mut u128, u128, u128) -> u128;
        let check = |swap: Swap| {
            let mut value = 7u128 << 64 | 5;
            // SAFETY: the value is alive and aligned.
            let old = unsafe { swap(&raw mut value, 5, 9) };
            assert_eq!((old, value), (7 << 64 | 5, 7 << 64 | 5));
            // SAFETY: as above.
            let old = unsafe { swap(&raw mut value, 7 << 64 | 5, 9 << 64 | 1) };
            assert_eq!((old, value), (7 << 64 | 5, 9 << 64 | 1));
        };
        check(compare_and_swap);
        check(locked);
    }

    #[test]
    fn exchange_writes_whatever_was_there() {
        let mut value = u128::MAX;
        // SAFETY: the value is alive and aligned.
        let old = unsafe { replace(&raw mut value, None, 3) };
        assert_eq!((old, value), (u128::MAX, 3));
    }
}
