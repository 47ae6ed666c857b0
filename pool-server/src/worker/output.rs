//! The worker's standard output, which belongs to the client's kernels: what they print is caught in
//! memory and sent to the client. The worker's own words go to standard error. Read [`Output`] first.
#![expect(unsafe_code, reason = "flushes C's streams before it looks")]

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::memfd::{MFdFlags, memfd_create};

/// Most bytes taken at a time.
const PART_BYTES: usize = 64 << 10;

/// Where printed bytes gather.
#[derive(Debug)]
pub(super) struct Output {
    memory: File,
    /// How far it has been read.
    read: Mutex<u64>,
}

impl Output {
    /// Makes this process's standard output such memory.
    pub(super) fn capture() -> io::Result<Self> {
        let output = Self::new()?;
        nix::unistd::dup2_stdout(&output.memory)?;
        Ok(output)
    }

    fn new() -> io::Result<Self> {
        let memory: OwnedFd = memfd_create(c"rigel-output", MFdFlags::MFD_CLOEXEC)?;
        // Writers share the descriptor's position: each write goes behind the one before.
        Ok(Self {
            memory: File::from(memory),
            read: Mutex::new(0),
        })
    }

    /// Hands what was printed since the last time to `send`, in parts.
    pub(super) fn drain<E>(&self, mut send: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        // SAFETY: null flushes every stream that is open for writing; it touches nothing of ours.
        unsafe { libc::fflush(std::ptr::null_mut()) };
        let Ok(written) = self.memory.metadata().map(|metadata| metadata.len()) else {
            return Ok(());
        };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if *read >= written {
            return Ok(());
        }
        let mut part = vec![0; PART_BYTES];
        while *read < written {
            let wanted = (written - *read).min(PART_BYTES as u64) as usize;
            let Ok(got @ 1..) = self.memory.read_at(&mut part[..wanted], *read) else {
                break;
            };
            *read += got as u64;
            send(&part[..got])?;
        }
        let forget = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
        // Only memory is lost if it fails.
        let _ = fallocate(&self.memory, forget, 0, *read as i64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn drained(output: &Output) -> Vec<u8> {
        let mut all = Vec::new();
        let take = |part: &[u8]| -> Result<(), ()> {
            all.extend_from_slice(part);
            Ok(())
        };
        output.drain(take).unwrap();
        all
    }

    #[test]
    fn output_is_drained_once_and_whole() {
        let output = Output::new().unwrap();
        let mut writer = output.memory.try_clone().unwrap();
        assert!(drained(&output).is_empty());
        writer.write_all(b"hello\n").unwrap();
        assert_eq!(drained(&output), b"hello\n");
        let long = vec![b'x'; 3 * PART_BYTES + 1];
        writer.write_all(&long).unwrap();
        assert_eq!(drained(&output), long);
        assert!(drained(&output).is_empty());
    }
}
