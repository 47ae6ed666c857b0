//! Bytes into and out of allocations, checked against the map. Read [`Memory::write`].

#![expect(unsafe_code, reason = "device memory is reached by address")]

use std::sync::PoisonError;

use rigel_protocol::CuResult;

use super::{Memory, raw};

impl Memory {
    /// Writes bytes into an allocation that nobody frees meanwhile.
    pub(crate) fn write(&self, address: u64, bytes: &[u8]) -> CuResult<()> {
        let _loading = self.loads.read().unwrap_or_else(PoisonError::into_inner);
        self.map.check(address, bytes.len() as u64)?;
        // SAFETY: the range lies in an allocation, which is mapped and ours to write.
        unsafe { raw::write(address, bytes) };
        Ok(())
    }

    /// Zeroes part of an allocation that nobody frees meanwhile.
    pub(crate) fn zero(&self, address: u64, bytes: u64) -> CuResult<()> {
        let _loading = self.loads.read().unwrap_or_else(PoisonError::into_inner);
        self.map.check(address, bytes)?;
        // SAFETY: as above; single bytes have no alignment.
        unsafe { raw::fill(address, 0, 1, bytes) };
        Ok(())
    }

    /// Reads bytes of an allocation that nobody frees meanwhile.
    #[cfg(test)]
    pub(crate) fn read(&self, address: u64, bytes: u64) -> CuResult<Box<[u8]>> {
        self.map.check(address, bytes)?;
        // SAFETY: as above.
        Ok(unsafe { raw::read(address, bytes) })
    }
}
