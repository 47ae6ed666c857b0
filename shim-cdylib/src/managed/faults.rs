//! Memory whose pages come when they are touched: the system's `userfaultfd`. What a page holds, and
//! when it goes again, is decided by [`super`]. Read [`Faults`] first.
//!
//! 1. A page that is not there stops whoever touches it, in the program or in a system call of its,
//!    until [`Faults::fill`] brings it.
//! 2. A page that was brought for reading stops its first writer, until [`Faults::unprotect`].
//! 3. A forked child has the pages that were there; it gets no others.
#![expect(unsafe_code, reason = "maps memory and tells the system what it holds")]

use std::io;
use std::ops::Range;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Accesses of system calls are not resolved, which anybody may have.
const USER_MODE_ONLY: libc::c_int = 1;
const API_VERSION: u64 = 0xaa;
const FEATURE_PROTECT: u64 = 1;

const REGISTER_MISSING: u64 = 1;
const REGISTER_PROTECT: u64 = 2;
const COPY_PROTECTED: u64 = 2;

const EVENT_FAULT: u8 = 0x12;
const FAULT_WRITES: u64 = 1;
const FAULT_PROTECTED: u64 = 2;

/// Numbers of the system's requests: what they are, and the size of what they take.
mod number {
    const fn of(direction: u64, nth: u64, bytes: usize) -> u64 {
        direction << 30 | (bytes as u64) << 16 | 0xaa << 8 | nth
    }
    const READ_WRITE: u64 = 3;
    const READ: u64 = 2;

    pub(super) const API: u64 = of(READ_WRITE, 0x3f, size_of::<super::Api>());
    pub(super) const REGISTER: u64 = of(READ_WRITE, 0, size_of::<super::Register>());
    pub(super) const UNREGISTER: u64 = of(READ, 1, size_of::<super::Stretch>());
    pub(super) const WAKE: u64 = of(READ, 2, size_of::<super::Stretch>());
    pub(super) const COPY: u64 = of(READ_WRITE, 3, size_of::<super::Copy>());
    pub(super) const PROTECT: u64 = of(READ_WRITE, 6, size_of::<super::Protect>());
}

#[repr(C)]
struct Api {
    version: u64,
    features: u64,
    requests: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Stretch {
    start: u64,
    bytes: u64,
}

#[repr(C)]
struct Register {
    stretch: Stretch,
    mode: u64,
    requests: u64,
}

#[repr(C)]
struct Copy {
    to: u64,
    from: u64,
    bytes: u64,
    mode: u64,
    copied: i64,
}

#[repr(C)]
struct Protect {
    stretch: Stretch,
    mode: u64,
}

/// A message of the system's, as far as it is of interest.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Message {
    event: u8,
    reserved: [u8; 7],
    flags: u64,
    address: u64,
    thread: u64,
}

/// Who has been stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// By a page that is not there.
    Missing {
        /// The address.
        address: u64,
        /// Whether it is to be written.
        writes: bool,
    },
    /// By a page that may only be read.
    Protected {
        /// The address.
        address: u64,
    },
}

/// Where the system says who has been stopped.
#[derive(Debug)]
pub(super) struct Faults {
    fd: OwnedFd,
}

impl Faults {
    /// Asks the system for it; some do not allow it.
    pub(super) fn open() -> io::Result<Self> {
        let fd = create(libc::O_CLOEXEC).or_else(|_| create(libc::O_CLOEXEC | USER_MODE_ONLY))?;
        let faults = Self { fd };
        let mut api = Api {
            version: API_VERSION,
            features: FEATURE_PROTECT,
            requests: 0,
        };
        faults.ask(number::API, &mut api)?;
        Ok(faults)
    }

    /// Maps pages that are not there. `reserved`: they take the place of addresses that this library
    /// keeps free; otherwise the place must be free.
    pub(super) fn place(&self, pages: &Range<u64>, reserved: bool) -> io::Result<()> {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        map(pages, protection, reserved)?;
        let mut register = Register {
            stretch: stretch(pages),
            mode: REGISTER_MISSING | REGISTER_PROTECT,
            requests: 0,
        };
        self.ask(number::REGISTER, &mut register)
            .inspect_err(|_| unmap(pages, reserved))
    }

    /// Takes them away again, and lets go whoever is stopped there.
    pub(super) fn remove(&self, pages: &Range<u64>, reserved: bool) {
        if let Err(error) = self.ask(number::UNREGISTER, &mut stretch(pages)) {
            tracing::warn!(%error, "pages of managed memory");
        }
        unmap(pages, reserved);
    }

    /// Waits for the next who is stopped.
    pub(super) fn next(&self) -> io::Result<Fault> {
        loop {
            let mut message = Message::default();
            let room = (&raw mut message).cast();
            // SAFETY: the system writes at most as many bytes as the message has.
            let read = unsafe { libc::read(self.fd.as_raw_fd(), room, size_of::<Message>()) };
            if read < 0 {
                let error = io::Error::last_os_error();
                if error.kind() == io::ErrorKind::Interrupted {
                    continue;
                }
                return Err(error);
            }
            let Message {
                event,
                flags,
                address,
                ..
            } = message;
            if read as usize != size_of::<Message>() || event != EVENT_FAULT {
                continue;
            }
            return Ok(match flags & FAULT_PROTECTED {
                0 => Fault::Missing {
                    address,
                    writes: flags & FAULT_WRITES != 0,
                },
                _ => Fault::Protected { address },
            });
        }
    }

    /// Brings pages, and lets go whoever is stopped there. `protected`: the first writer stops.
    pub(super) fn fill(&self, to: u64, bytes: &[u8], protected: bool) -> io::Result<()> {
        let mut done = 0;
        while done < bytes.len() {
            let rest = &bytes[done..];
            let mut copy = Copy {
                to: to + done as u64,
                from: rest.as_ptr() as u64,
                bytes: rest.len() as u64,
                mode: if protected { COPY_PROTECTED } else { 0 },
                copied: 0,
            };
            match self.ask(number::COPY, &mut copy) {
                Ok(()) => return Ok(()),
                // The address space changed meanwhile; what was copied is there.
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => {
                    done += usize::try_from(copy.copied).unwrap_or(0);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Lets pages be written, and lets go whoever is stopped there.
    pub(super) fn unprotect(&self, pages: &Range<u64>) -> io::Result<()> {
        self.protection(pages, 0)
    }

    /// Stops the next writer of pages.
    pub(super) fn protect(&self, pages: &Range<u64>) -> io::Result<()> {
        self.protection(pages, 1)
    }

    /// Lets go whoever is stopped there, to try again.
    pub(super) fn wake(&self, pages: &Range<u64>) -> io::Result<()> {
        self.ask(number::WAKE, &mut stretch(pages))
    }

    /// Takes pages away: the next who touches them stops.
    pub(super) fn evict(&self, pages: &Range<u64>) -> io::Result<()> {
        let (start, bytes) = (pages.start as *mut libc::c_void, length(pages));
        // SAFETY: the pages were mapped by `place` and hold nothing that is not elsewhere too.
        match unsafe { libc::madvise(start, bytes, libc::MADV_DONTNEED) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    fn protection(&self, pages: &Range<u64>, mode: u64) -> io::Result<()> {
        loop {
            let mut protect = Protect {
                stretch: stretch(pages),
                mode,
            };
            match self.ask(number::PROTECT, &mut protect) {
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) => {}
                other => return other,
            }
        }
    }

    fn ask<T>(&self, number: u64, argument: &mut T) -> io::Result<()> {
        // SAFETY: each number says the size of what it takes, which is that of the only type it is
        // asked with; addresses in it are those of mappings made here, or of live slices.
        match unsafe {
            libc::ioctl(
                self.fd.as_raw_fd(),
                number as _,
                std::ptr::from_mut(argument),
            )
        } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

fn create(flags: libc::c_int) -> io::Result<OwnedFd> {
    // SAFETY: the call takes flags only.
    let fd = unsafe { libc::syscall(libc::SYS_userfaultfd, flags) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a descriptor that was just made and has no other owner.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as libc::c_int) })
}

fn stretch(pages: &Range<u64>) -> Stretch {
    Stretch {
        start: pages.start,
        bytes: pages.end - pages.start,
    }
}

fn length(pages: &Range<u64>) -> usize {
    (pages.end - pages.start) as usize
}

fn map(pages: &Range<u64>, protection: libc::c_int, replaces: bool) -> io::Result<()> {
    let place = if replaces {
        libc::MAP_FIXED
    } else {
        libc::MAP_FIXED_NOREPLACE
    };
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | place;
    let start = pages.start as *mut libc::c_void;
    // SAFETY: what is replaced are addresses that this library keeps free, as the callers say; without
    // that the system refuses to replace anything.
    let mapped = unsafe { libc::mmap(start, length(pages), protection, flags, -1, 0) };
    if mapped == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    if mapped != start {
        // SAFETY: a system that takes the address for a hint has just mapped this elsewhere.
        unsafe { libc::munmap(mapped, length(pages)) };
        return Err(io::ErrorKind::AddrInUse.into());
    }
    Ok(())
}

fn unmap(pages: &Range<u64>, reserved: bool) {
    if reserved {
        if let Err(error) = map(pages, libc::PROT_NONE, true) {
            tracing::warn!(%error, "addresses of managed memory");
        }
        return;
    }
    // SAFETY: mapped by `place`, and given up by its owner.
    unsafe { libc::munmap(pages.start as *mut libc::c_void, length(pages)) };
}
