//! A worker gives up what it does not need before it opens a driver: it takes a user id of its own, drops
//! every capability, can gain none, and lets the kernel refuse the system calls that no driver makes. Read
//! [`Confinement::enter`] first; which calls are allowed is [`calls`]'.
//!
//! 1. In this order: groups, group, user, capabilities, filter. None of it can be undone.
//! 2. One step that fails ends the worker: it never runs with more than it was told to have.
//! 3. Called while the process has one thread: the filter holds for those that it starts later.
#![expect(unsafe_code, reason = "drops capabilities, which nix does not know")]

mod calls;

use std::io;

use anyhow::{Context as _, ensure};
use nix::sys::resource::{Resource, setrlimit};
use nix::unistd::{Gid, Uid, getgroups, setgroups, setresgid, setresuid};
use seccompiler::{BpfProgram, SeccompAction};

use crate::config::WorkerFilter;

/// What becomes of a worker's rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confinement {
    /// The user it becomes, and the group that all workers share; none: it stays the server's.
    pub user: Option<WorkerUser>,
    /// What becomes of system calls that no driver makes.
    pub filter: WorkerFilter,
}

/// A user for one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkerUser {
    /// Nobody else's.
    pub uid: u32,
    /// All workers'.
    pub gid: u32,
}

impl Confinement {
    /// Gives up everything else.
    pub(super) fn enter(&self) -> anyhow::Result<()> {
        if let Some(user) = self.user {
            become_user(user).with_context(|| format!("become user {}", user.uid))?;
        }
        drop_capabilities().context("drop capabilities")?;
        setrlimit(Resource::RLIMIT_CORE, 0, 0).context("forbid core files")?;
        if let Some(user) = self.user {
            let now = (Uid::current().as_raw(), Uid::effective().as_raw());
            ensure!(now == (user.uid, user.uid), "the kernel kept the old user");
            // Changing the user has hidden /proc/self from this process too. Nobody else has its user id.
            nix::sys::prctl::set_dumpable(true).context("see its own /proc")?;
        }
        filter(self.filter).context("filter system calls")
    }
}

fn become_user(user: WorkerUser) -> anyhow::Result<()> {
    let (uid, gid) = (Uid::from_raw(user.uid), Gid::from_raw(user.gid));
    let servers = [Gid::from_raw(0), Gid::effective(), Gid::current()];
    // What the operator has given the server beside its own group, such as `video`, opens devices.
    let mut groups = getgroups().context("look at groups")?;
    groups.retain(|group| !servers.contains(group));
    setgroups(&groups).context("drop groups")?;
    setresgid(gid, gid, gid).context("change the group")?;
    setresuid(uid, uid, uid).context("change the user")
}

/// Version 3 of the kernel's structure: two halves of 32 bits.
const CAPABILITY_VERSION: u32 = 0x2008_0522;

#[repr(C)]
struct CapabilityHeader {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct CapabilityHalf {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

fn drop_capabilities() -> io::Result<()> {
    let header = CapabilityHeader {
        version: CAPABILITY_VERSION,
        pid: 0,
    };
    let none = [CapabilityHalf {
        effective: 0,
        permitted: 0,
        inheritable: 0,
    }; 2];
    // SAFETY: both structures are the kernel's of this version and live through the call, which only reads
    // them. The ambient set goes with the permitted one.
    let done = unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) };
    match done {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn filter(wanted: WorkerFilter) -> anyhow::Result<()> {
    let otherwise = match wanted {
        WorkerFilter::Enforce => SeccompAction::Errno(libc::EPERM as u32),
        WorkerFilter::Log => SeccompAction::Log,
        WorkerFilter::Off => return Ok(nix::sys::prctl::set_no_new_privs()?),
    };
    // The strict one last: it refuses to load another.
    let programs: [BpfProgram; 2] = [calls::unknown()?, calls::allowed(otherwise)?];
    for program in &programs {
        seccompiler::apply_filter(program)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::{TcpListener, UdpSocket};
    use std::process::Command;

    use super::*;

    /// Runs on a thread that is filtered, and takes the filter with it.
    fn filtered<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
        let thread = std::thread::spawn(|| {
            filter(WorkerFilter::Enforce).unwrap();
            run()
        });
        thread.join().unwrap()
    }

    fn errno_of(call: libc::c_long) -> i32 {
        filtered(move || {
            // SAFETY: every argument is 0, which none of these calls takes for memory of ours.
            let done = unsafe { libc::syscall(call, 0, 0, 0, 0, 0, 0) };
            assert_eq!(done, -1, "call {call}");
            io::Error::last_os_error().raw_os_error().unwrap_or(0)
        })
    }

    #[test]
    fn calls_that_reach_other_processes_or_the_system_are_refused() {
        for call in [
            libc::SYS_ptrace,
            libc::SYS_process_vm_readv,
            libc::SYS_process_vm_writev,
            libc::SYS_pidfd_getfd,
            libc::SYS_kcmp,
            libc::SYS_execve,
            libc::SYS_mount,
            libc::SYS_unshare,
            libc::SYS_setns,
            libc::SYS_bpf,
            libc::SYS_perf_event_open,
            libc::SYS_userfaultfd,
            libc::SYS_io_uring_setup,
            libc::SYS_keyctl,
            libc::SYS_setuid,
            libc::SYS_init_module,
            libc::SYS_open_by_handle_at,
        ] {
            assert_eq!(errno_of(call), libc::EPERM, "call {call}");
        }
        assert_eq!(
            errno_of(libc::SYS_clone3),
            libc::ENOSYS,
            "libc asks in another way then"
        );
    }

    #[test]
    fn network_and_programs_are_out_of_reach() {
        let refused = filtered(|| {
            let tcp = TcpListener::bind("127.0.0.1:0").map(drop);
            let udp = UdpSocket::bind("127.0.0.1:0").map(drop);
            let program = Command::new("/bin/true").status().map(drop);
            [tcp, udp, program].map(|done| done.unwrap_err().kind())
        });
        assert_eq!(refused, [io::ErrorKind::PermissionDenied; 3]);
    }

    #[test]
    fn signals_reach_this_process_alone() {
        let mut child = Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let other = child.id() as i32;
        let signal = |pid: i32| {
            filtered(move || nix::sys::signal::kill(nix::unistd::Pid::from_raw(pid), None))
        };
        assert_eq!(signal(other), Err(nix::errno::Errno::EPERM));
        assert_eq!(signal(std::process::id() as i32), Ok(()));
        drop(child.stdin.take());
        child.wait().unwrap();
    }

    #[test]
    fn what_drivers_do_works() {
        let read = filtered(|| {
            let name = c"confined";
            let file = nix::sys::memfd::memfd_create(name, nix::sys::memfd::MFdFlags::MFD_CLOEXEC);
            file.unwrap();
            let thread = std::thread::spawn(std::time::Instant::now);
            thread.join().unwrap();
            let (one, two) = std::os::unix::net::UnixStream::pair().unwrap();
            drop((one, two));
            let mut text = String::new();
            let mut maps = std::fs::File::open("/proc/self/maps").unwrap();
            maps.read_to_string(&mut text).unwrap();
            text.len()
        });
        assert!(read > 0);
    }

    #[test]
    fn logging_filter_refuses_nothing() {
        let bound = std::thread::spawn(|| {
            filter(WorkerFilter::Log).unwrap();
            UdpSocket::bind("127.0.0.1:0").is_ok()
        });
        assert!(bound.join().unwrap());
    }
}
