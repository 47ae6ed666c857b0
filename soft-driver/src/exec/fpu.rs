//! The floating point mode of the CPU while ops run. Launches also run on threads of the application,
//! which may have asked for another rounding, for subnormal numbers to be flushed, or for traps; threads
//! inherit that. Read [`DefaultMode`].
#![expect(unsafe_code, reason = "reads and writes the CPU's control register")]

/// Round to nearest, keep subnormal numbers, no traps, until dropped.
pub(super) struct DefaultMode {
    #[cfg(target_arch = "x86_64")]
    before: u32,
}

impl DefaultMode {
    /// Enters the mode.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn enter() -> Self {
        let before = control();
        set_control(MXCSR_DEFAULT);
        Self { before }
    }

    /// Elsewhere threads are expected to be in this mode.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn enter() -> Self {
        Self {}
    }
}

#[cfg(target_arch = "x86_64")]
impl Drop for DefaultMode {
    fn drop(&mut self) {
        set_control(self.before);
    }
}

/// All exceptions masked, nothing else set.
#[cfg(target_arch = "x86_64")]
const MXCSR_DEFAULT: u32 = 0x1F80;

#[cfg(target_arch = "x86_64")]
fn control() -> u32 {
    let mut value = 0u32;
    // SAFETY: the instruction stores four bytes to `value` and changes nothing else.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut value, options(nostack)) };
    value
}

#[cfg(target_arch = "x86_64")]
fn set_control(value: u32) {
    // SAFETY: `value` came from `control` or is the default, so that no reserved bit is set. The compiler
    // assumes the default mode, which is what holds whenever floating point runs in this crate.
    unsafe {
        std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const value, options(nostack, readonly))
    };
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    /// Flush to zero, round towards zero.
    const STRANGE: u32 = 0xFF80;

    #[test]
    fn mode_of_the_thread_is_left_as_it_was() {
        let before = control();
        set_control(STRANGE);
        let inside = {
            let _mode = DefaultMode::enter();
            control()
        };
        let after = control();
        set_control(before);
        assert_eq!(inside, MXCSR_DEFAULT);
        assert_eq!(after, STRANGE);
    }
}
