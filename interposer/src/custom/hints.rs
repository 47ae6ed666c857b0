//! Hints on managed memory, several at a time, and what is known of ranges of it.

use std::ffi::c_void;

use rigel_protocol::custom::AllocationKind;
use rigel_protocol::generated::types::{CUmem_range_attribute, CUmemLocation};
use rigel_protocol::handle::{DevicePtr, Stream};
use rigel_protocol::{CuError, CuResult};

use crate::ffi;

/// Ranges of memory as the batched calls take them.
struct Batch<'a> {
    starts: &'a [DevicePtr],
    bytes: &'a [usize],
}

impl<'a> Batch<'a> {
    /// # Safety
    /// Both arrays have `count` elements.
    unsafe fn read(
        starts: *mut DevicePtr,
        bytes: *mut usize,
        count: usize,
        flags: u64,
        stream: Stream,
    ) -> CuResult<Self> {
        if count == 0 || flags != 0 || stream.is_none() {
            return Err(CuError::INVALID_VALUE);
        }
        // SAFETY: the caller vouches for the arrays.
        let (starts, bytes) = unsafe { (ffi::slice(starts, count)?, ffi::slice(bytes, count)?) };
        let batch = Self { starts, bytes };
        batch.check_managed()?;
        Ok(batch)
    }

    fn ranges(&self) -> impl Iterator<Item = (DevicePtr, usize)> {
        self.starts.iter().copied().zip(self.bytes.iter().copied())
    }

    /// All of it must be managed memory.
    fn check_managed(&self) -> CuResult<()> {
        let (driver, _) = ffi::enter_unbound()?;
        for (start, bytes) in self.ranges() {
            let info = driver.pointer_info(start.0).ok_or(CuError::INVALID_VALUE)?;
            let end = start.0.checked_add(bytes as u64);
            let inside = end.is_some_and(|end| end <= info.base.saturating_add(info.bytes));
            if bytes == 0 || !inside || info.kind != AllocationKind::Managed {
                return Err(CuError::INVALID_VALUE);
            }
        }
        Ok(())
    }
}

/// Which location each range of a batch goes to: each index is the first range of its location.
struct Targets<'a> {
    locations: &'a [CUmemLocation],
    firsts: &'a [usize],
}

impl<'a> Targets<'a> {
    /// # Safety
    /// Both arrays have `count` elements.
    unsafe fn read(
        locations: *mut CUmemLocation,
        firsts: *mut usize,
        count: usize,
        n_ranges: usize,
    ) -> CuResult<Self> {
        // SAFETY: the caller vouches for the arrays.
        let (locations, firsts) =
            unsafe { (ffi::slice(locations, count)?, ffi::slice(firsts, count)?) };
        let rises = firsts.windows(2).all(|pair| pair[0] < pair[1]);
        let fits = firsts.last().is_some_and(|last| *last < n_ranges);
        match firsts.first() == Some(&0) && rises && fits {
            true => Ok(Self { locations, firsts }),
            false => Err(CuError::INVALID_VALUE),
        }
    }

    fn of(&self, range: usize) -> CUmemLocation {
        let after = self.firsts.partition_point(|first| *first <= range);
        self.locations[after.saturating_sub(1)]
    }
}

pub(crate) unsafe fn cuMemPrefetchBatchAsync(
    null_stream: Stream,
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    prefetch_locs: *mut CUmemLocation,
    prefetch_loc_idxs: *mut usize,
    num_prefetch_locs: usize,
    flags: u64,
    h_stream: Stream,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    // SAFETY: the caller's arrays.
    let (batch, targets) = unsafe {
        (
            Batch::read(dptrs, sizes, count, flags, h_stream)?,
            Targets::read(prefetch_locs, prefetch_loc_idxs, num_prefetch_locs, count)?,
        )
    };
    let stream = ffi::stream(h_stream, null_stream);
    for (at, (start, bytes)) in batch.ranges().enumerate() {
        driver.mem_prefetch_async(cx, start, bytes, targets.of(at), 0, stream)?;
    }
    Ok(())
}

/// What is discarded may read as anything, so it may stay as it is.
pub(crate) unsafe fn cuMemDiscardBatchAsync(
    _null_stream: Stream,
    dptrs: *mut DevicePtr,
    sizes: *mut usize,
    count: usize,
    flags: u64,
    h_stream: Stream,
) -> CuResult<()> {
    ffi::enter()?;
    // SAFETY: the caller's arrays.
    unsafe { Batch::read(dptrs, sizes, count, flags, h_stream) }.map(|_| ())
}

pub(crate) use cuMemPrefetchBatchAsync as cuMemDiscardAndPrefetchBatchAsync;

pub(crate) unsafe fn cuMemRangeGetAttributes(
    data: *mut *mut c_void,
    data_sizes: *mut usize,
    attributes: *mut CUmem_range_attribute,
    num_attributes: usize,
    dev_ptr: DevicePtr,
    count: usize,
) -> CuResult<()> {
    let (driver, cx) = ffi::enter()?;
    // SAFETY: the caller's three arrays.
    let (rooms, sizes, attributes) = unsafe {
        (
            ffi::slice(data.cast_const(), num_attributes)?,
            ffi::slice(data_sizes.cast_const(), num_attributes)?,
            ffi::slice(attributes.cast_const(), num_attributes)?,
        )
    };
    if num_attributes == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    for ((room, size), attribute) in rooms.iter().zip(sizes).zip(attributes) {
        ffi::check_out(room.cast_const())?;
        let told = driver.mem_range_get_attribute(cx, *size, *attribute, dev_ptr, count)?;
        // SAFETY: the caller's room of so many bytes for this attribute.
        let room = unsafe { ffi::slice_mut(room.cast::<u8>(), *size) }?;
        let filled = told.len().min(room.len());
        room[..filled].copy_from_slice(&told[..filled]);
    }
    Ok(())
}
