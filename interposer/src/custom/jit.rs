//! Options of loads and links: pairs of a number and a value that C passes as a pointer.
//!
//! Most values are numbers. Two are buffers for logs, each with an option that says its size and
//! receives how much was written. Pointers of other options are not followed. Read [`Jit`] first.

use std::ffi::{c_char, c_void};
use std::time::Instant;

use rigel_protocol::custom::{JitOptions, LinkedImage};
use rigel_protocol::generated::types::CUjit_option;
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// Most options of one call.
const OPTIONS_MAX: usize = 256;

/// Longest log a caller is given.
const LOG_BYTES_MAX: usize = 1 << 24;

/// The options of one call and where its logs go.
pub(crate) struct Jit {
    /// What the driver is told.
    pub(super) options: JitOptions,
    info: Log,
    error: Log,
    /// Where the time goes that the compiler took.
    time_slot: usize,
    begun: Instant,
}

/// Where a log goes. Addresses are kept as numbers, since a linker keeps them between calls.
#[derive(Clone, Copy, Default)]
struct Log {
    buffer: usize,
    bytes: usize,
    /// Where the number of bytes written goes: the slot that held the size.
    size_slot: usize,
}

impl Jit {
    /// No options.
    pub(crate) fn none() -> Self {
        Self {
            options: JitOptions::default(),
            info: Log::default(),
            error: Log::default(),
            time_slot: 0,
            begun: Instant::now(),
        }
    }

    /// Reads a caller's options.
    ///
    /// # Safety
    /// Both arrays are null or have `count` elements. They and the buffers they name stay valid until
    /// the logs are written.
    pub(super) unsafe fn read(
        count: u32,
        options: *mut CUjit_option,
        values: *mut *mut c_void,
    ) -> CuResult<Self> {
        let count = count as usize;
        if count > OPTIONS_MAX {
            return Err(CuError::INVALID_VALUE);
        }
        // SAFETY: the caller's arrays.
        let (options, words) = unsafe { (ffi::slice(options, count)?, ffi::slice(values, count)?) };
        let mut jit = Self::none();
        for (index, (option, word)) in options.iter().zip(words).enumerate() {
            let word = *word as usize;
            // SAFETY: within the array of `count` values just read.
            let slot = unsafe { values.add(index) } as usize;
            jit.take(*option, word, slot);
        }
        jit.options.info_log_bytes = jit.info.bytes;
        jit.options.error_log_bytes = jit.error.bytes;
        Ok(jit)
    }

    fn take(&mut self, option: CUjit_option, word: usize, slot: usize) {
        use CUjit_option as O;
        // Numbers are 32 bits wide in the slot of a pointer.
        let number = word & 0xffff_ffff;
        match option {
            O::CU_JIT_INFO_LOG_BUFFER => self.info.buffer = word,
            O::CU_JIT_ERROR_LOG_BUFFER => self.error.buffer = word,
            O::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES => self.info.sized(number, slot),
            O::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES => self.error.sized(number, slot),
            O::CU_JIT_WALL_TIME => self.time_slot = slot,
            // Pointers into the caller's memory.
            O::CU_JIT_GLOBAL_SYMBOL_NAMES
            | O::CU_JIT_GLOBAL_SYMBOL_ADDRESSES
            | O::CU_JIT_REFERENCED_KERNEL_NAMES
            | O::CU_JIT_REFERENCED_VARIABLE_NAMES => {}
            other => self.options.options.push((other.0, number as u64)),
        }
    }

    /// The result of a load, after what went wrong has been written into the caller's logs. `ask` asks
    /// the driver for them.
    pub(super) fn logged<T>(
        &self,
        result: CuResult<T>,
        ask: impl FnOnce() -> Option<LinkedImage>,
    ) -> CuResult<T> {
        if let Err(error) = &result {
            let wanted = self.info.bytes > 0 || self.error.bytes > 0;
            let told = if wanted { ask() } else { None };
            let mut logs = told.unwrap_or_default();
            if logs.error_log.is_empty() {
                logs.error_log = error.to_string();
            }
            // SAFETY: the buffers are the caller's, valid until this call returns. A log that cannot
            // be written changes nothing about the error.
            let _ = unsafe { self.write_logs(&logs) };
        }
        result
    }

    /// The work begins, which may be long after the options were given.
    pub(super) fn begin(&mut self) {
        self.begun = Instant::now();
    }

    /// Writes both logs into the caller's buffers, their lengths, and how long it took.
    ///
    /// # Safety
    /// The buffers and slots that the options named are still valid.
    pub(super) unsafe fn write_logs(&self, logs: &LinkedImage) -> CuResult<()> {
        let milliseconds = self.begun.elapsed().as_secs_f32() * 1e3;
        // SAFETY: the caller vouches for the buffers.
        unsafe {
            // A slot is as wide as a pointer; the value is a `float`.
            ffi::write_optional(self.time_slot as *mut f32, milliseconds);
            self.info.write(&logs.info_log)?;
            self.error.write(&logs.error_log)
        }
    }
}

impl Log {
    fn sized(&mut self, bytes: usize, slot: usize) {
        self.bytes = bytes.min(LOG_BYTES_MAX);
        self.size_slot = slot;
    }

    /// Writes a log, cut to the buffer.
    ///
    /// # Safety
    /// Buffer and slot are still valid.
    unsafe fn write(&self, text: &str) -> CuResult<()> {
        let mut written = 0;
        if self.buffer != 0 && self.bytes > 0 {
            // SAFETY: the caller's buffer of so many bytes.
            unsafe { ffi::write_string(self.buffer as *mut c_char, self.bytes, text.as_bytes()) }?;
            written = text.len().min(self.bytes - 1);
        }
        // SAFETY: the slot that held the size, or null if there was none.
        unsafe { ffi::write_optional(self.size_slot as *mut usize, written) };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(numbers: &mut [CUjit_option], values: &mut [*mut c_void]) -> CuResult<Jit> {
        // SAFETY: both arrays live through the test.
        unsafe {
            Jit::read(
                numbers.len() as u32,
                numbers.as_mut_ptr(),
                values.as_mut_ptr(),
            )
        }
    }

    #[test]
    fn read_numbers_pass_and_buffers_stay() {
        let mut buffer = [1_u8; 8];
        let mut numbers = [0, 5, 6].map(CUjit_option);
        let mut values = [
            32 as *mut c_void,
            buffer.as_mut_ptr().cast(),
            buffer.len() as *mut c_void,
        ];
        let jit = options(&mut numbers, &mut values).unwrap();
        assert_eq!(jit.options.options, [(0, 32)]);
        assert_eq!(jit.options.error_log_bytes, 8);
        assert_eq!(jit.options.info_log_bytes, 0);

        let failed = jit.logged::<()>(Err(CuError::INVALID_PTX), || None);
        assert_eq!(failed, Err(CuError::INVALID_PTX));
        assert_eq!(&buffer, b"CUDA_ER\0");
        assert_eq!(values[2] as usize, 7);

        let told = LinkedImage {
            error_log: "line 3".to_owned(),
            ..LinkedImage::default()
        };
        let failed = jit.logged::<()>(Err(CuError::INVALID_PTX), || Some(told));
        assert!(failed.is_err());
        assert_eq!(&buffer, b"line 3\0\0");
        assert_eq!(values[2] as usize, 6);
    }

    #[test]
    fn failed_load_without_logs_asks_for_none() {
        let asked = std::cell::Cell::new(false);
        let failed = Jit::none().logged::<()>(Err(CuError::INVALID_PTX), || {
            asked.set(true);
            None
        });
        assert!(failed.is_err() && !asked.get());
    }

    #[test]
    fn time_is_written_as_a_float_whether_it_failed_or_not() {
        let mut numbers = [CUjit_option::CU_JIT_WALL_TIME];
        let mut values = [usize::MAX as *mut c_void];
        let jit = options(&mut numbers, &mut values).unwrap();
        assert!(jit.options.options.is_empty());
        // SAFETY: the slot lives through the test.
        unsafe { jit.write_logs(&LinkedImage::default()) }.unwrap();
        let milliseconds = f32::from_bits(values[0] as usize as u32);
        assert!((0.0..1e6).contains(&milliseconds), "{milliseconds}");
    }

    #[test]
    fn read_too_many_options_is_refused() {
        // SAFETY: the count is refused before the arrays are read.
        let jit = unsafe { Jit::read(u32::MAX, std::ptr::null_mut(), std::ptr::null_mut()) };
        assert!(jit.is_err());
        // SAFETY: no options, no arrays.
        let none = unsafe { Jit::read(0, std::ptr::null_mut(), std::ptr::null_mut()) };
        assert!(none.is_ok());
    }
}
