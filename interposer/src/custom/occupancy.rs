//! The block size that keeps a GPU busiest, found by asking the driver for each candidate.

use rigel_protocol::generated::types::CUoccupancyB2DSize;
use rigel_protocol::handle::Function;
use rigel_protocol::{CuError, CuResult};

use crate::current;
use crate::ffi;

pub(crate) unsafe fn cuOccupancyMaxPotentialBlockSize(
    min_grid_size: *mut i32,
    block_size: *mut i32,
    func: Function,
    block_size_to_dynamic_smem_size: CUoccupancyB2DSize,
    dynamic_smem_size: usize,
    block_size_limit: i32,
) -> CuResult<()> {
    // SAFETY: the caller's pointers.
    unsafe {
        cuOccupancyMaxPotentialBlockSizeWithFlags(
            min_grid_size,
            block_size,
            func,
            block_size_to_dynamic_smem_size,
            dynamic_smem_size,
            block_size_limit,
            0,
        )
    }
}

pub(crate) unsafe fn cuOccupancyMaxPotentialBlockSizeWithFlags(
    min_grid_size: *mut i32,
    block_size: *mut i32,
    func: Function,
    block_size_to_dynamic_smem_size: CUoccupancyB2DSize,
    dynamic_smem_size: usize,
    block_size_limit: i32,
    flags: u32,
) -> CuResult<()> {
    ffi::check_out(min_grid_size)?;
    ffi::check_out(block_size)?;
    let (driver, cx) = ffi::enter()?;
    let device = driver.device(current::device()?)?;
    let info = driver.function_info(func)?;
    let limits = Limits {
        warp: device.attribute(10),
        block: smallest(&[device.attribute(1), info.attributes[0], block_size_limit]),
        threads: device.attribute(39),
    };
    let best = limits.best(|block| {
        let shared_bytes = match block_size_to_dynamic_smem_size {
            // SAFETY: the caller's function, for a block size as it asks.
            Some(size_of) => unsafe { size_of(block) },
            None => dynamic_smem_size,
        };
        driver.occupancy_max_active_blocks_per_multiprocessor_with_flags(
            cx,
            func,
            block,
            shared_bytes,
            flags,
        )
    })?;
    let grid = best.blocks.saturating_mul(device.attribute(16));
    // SAFETY: the caller's out-pointers.
    unsafe {
        ffi::write(min_grid_size, grid)?;
        ffi::write(block_size, best.block)
    }
}

/// What a block size may be.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Threads a warp.
    warp: i32,
    /// Most threads a block.
    block: i32,
    /// Most threads a multiprocessor.
    threads: i32,
}

/// A block size, and how many such blocks one multiprocessor runs at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Best {
    block: i32,
    blocks: i32,
}

impl Limits {
    /// Tries whole warps from the largest block down, and stops when the multiprocessor is full. Of
    /// equals the largest block wins.
    fn best(self, mut active_blocks: impl FnMut(i32) -> CuResult<i32>) -> CuResult<Best> {
        if self.block <= 0 || self.warp <= 0 {
            return Err(CuError::INVALID_VALUE);
        }
        let mut best = Best {
            block: 0,
            blocks: 0,
        };
        let mut aligned = (self.block + self.warp - 1) / self.warp * self.warp;
        while aligned > 0 {
            let block = aligned.min(self.block);
            let blocks = active_blocks(block)?;
            if block.saturating_mul(blocks) > best.block.saturating_mul(best.blocks) {
                best = Best { block, blocks };
            }
            if best.block.saturating_mul(best.blocks) >= self.threads {
                break;
            }
            aligned -= self.warp;
        }
        Ok(best)
    }
}

/// The smallest limit, where 0 means none.
fn smallest(limits: &[i32]) -> i32 {
    let given = limits.iter().copied().filter(|limit| *limit > 0);
    given.min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        warp: 32,
        block: 1024,
        threads: 1536,
    };

    fn check(limits: Limits, threads_at_once: i32, expected: (i32, i32)) {
        let best = limits
            .best(|block| Ok((threads_at_once / block).min(16)))
            .unwrap();
        assert_eq!((best.block, best.blocks), expected);
    }

    #[test]
    fn best_largest_block_that_fills_the_processor_wins() {
        check(LIMITS, 1536, (768, 2));
        check(LIMITS, 1024, (1024, 1));
        check(
            Limits {
                block: 100,
                ..LIMITS
            },
            1536,
            (96, 16),
        );
    }

    #[test]
    fn best_without_room_is_nothing() {
        check(LIMITS, 0, (0, 0));
        assert!(Limits { block: 0, ..LIMITS }.best(|_| Ok(1)).is_err());
    }

    #[test]
    fn smallest_zero_means_no_limit() {
        assert_eq!(smallest(&[1024, 0, 256]), 256);
        assert_eq!(smallest(&[1024, 512, 0]), 512);
    }
}
