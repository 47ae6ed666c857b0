//! The system calls of a worker. Allowed is what libc, Rust's standard library, the soft driver and NVIDIA's
//! driver need to open libraries and devices, to share memory, to run threads and to wait; whatever reaches
//! another process, the network, another program or the system is not. Read [`allowed`] first.
//!
//! What NVIDIA's driver needs is known from what containers allow it; it was not traced here. A site whose
//! driver wants more sees it with `worker_filter = "log"`.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op,
    SeccompCondition as Condition, SeccompFilter, SeccompRule, TargetArch,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Files and descriptors.
const FILES: &[libc::c_long] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_preadv2,
    libc::SYS_pwritev2,
    libc::SYS_sendfile,
    libc::SYS_copy_file_range,
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_fcntl,
    libc::SYS_flock,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fadvise64,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_utimensat,
    libc::SYS_umask,
    libc::SYS_getcwd,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_pipe2,
    libc::SYS_eventfd2,
    libc::SYS_signalfd4,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_timerfd_gettime,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_inotify_init1,
    libc::SYS_inotify_add_watch,
    libc::SYS_inotify_rm_watch,
];

/// Memory.
const MEMORY: &[libc::c_long] = &[
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_mincore,
    libc::SYS_msync,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_munlock,
    libc::SYS_mlockall,
    libc::SYS_munlockall,
    libc::SYS_brk,
    libc::SYS_memfd_create,
    libc::SYS_membarrier,
    libc::SYS_mbind,
    libc::SYS_set_mempolicy,
    libc::SYS_get_mempolicy,
    libc::SYS_pkey_alloc,
    libc::SYS_pkey_free,
    libc::SYS_pkey_mprotect,
];

/// Threads, time, signals, and what a process asks of itself.
const SELF: &[libc::c_long] = &[
    libc::SYS_futex,
    libc::SYS_futex_waitv,
    libc::SYS_set_robust_list,
    libc::SYS_set_tid_address,
    libc::SYS_rseq,
    libc::SYS_clone3,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_restart_syscall,
    libc::SYS_gettid,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getgroups,
    libc::SYS_getresuid,
    libc::SYS_getresgid,
    libc::SYS_getpgid,
    libc::SYS_getsid,
    libc::SYS_getrandom,
    libc::SYS_uname,
    libc::SYS_sysinfo,
    libc::SYS_getrusage,
    libc::SYS_times,
    libc::SYS_getcpu,
    libc::SYS_getpriority,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_setattr,
    libc::SYS_sched_getattr,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_gettimeofday,
    libc::SYS_timer_create,
    libc::SYS_timer_settime,
    libc::SYS_timer_gettime,
    libc::SYS_timer_getoverrun,
    libc::SYS_timer_delete,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_rt_sigpending,
    libc::SYS_sigaltstack,
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_pidfd_open,
];

/// Sockets that exist: which can be made is [`rules`]'.
const SOCKETS: &[libc::c_long] = &[
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_recvfrom,
    libc::SYS_sendmsg,
    libc::SYS_recvmsg,
    libc::SYS_shutdown,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
];

/// Older names of some of these, which x86-64 still has.
#[cfg(target_arch = "x86_64")]
const OLD: &[libc::c_long] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_chmod,
    libc::SYS_getdents,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_eventfd,
    libc::SYS_epoll_create,
    libc::SYS_epoll_wait,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_getpgrp,
    libc::SYS_getrlimit,
    libc::SYS_time,
    libc::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const OLD: &[libc::c_long] = &[];

/// Allowed calls; the others meet with `otherwise`.
pub(super) fn allowed(otherwise: SeccompAction) -> Result<BpfProgram, BackendError> {
    let plain = [FILES, MEMORY, SELF, SOCKETS, OLD].concat();
    let mut rules: Rules = plain.into_iter().map(|call| (call, Vec::new())).collect();
    // The other program says that there is no such call; were it refused here too, this refusal would count.
    rules.insert(libc::SYS_clone3, Vec::new());
    rules.extend(conditional(std::process::id())?);
    SeccompFilter::new(rules, otherwise, SeccompAction::Allow, arch()?)?.try_into()
}

/// Calls of which the kernel is said to know nothing: their arguments cannot be seen, and libc asks in an
/// older way then.
pub(super) fn unknown() -> Result<BpfProgram, BackendError> {
    let rules = Rules::from([(libc::SYS_clone3, Vec::new())]);
    let none = SeccompAction::Errno(libc::ENOSYS as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, none, arch()?)?.try_into()
}

/// Calls that are allowed with some arguments.
fn conditional(own: u32) -> Result<Rules, BackendError> {
    let rule = |conditions: Vec<Condition>| SeccompRule::new(conditions);
    let is = |argument: u8, value: u64| Condition::new(argument, Len::Dword, Op::Eq, value);
    let is_none_of = |argument: u8, values: &[u64]| {
        let not = values.iter();
        let not = not.map(|value| Condition::new(argument, Len::Dword, Op::Ne, *value));
        not.collect::<Result<Vec<_>, _>>()
    };
    let own = u64::from(own);
    let unix = libc::AF_UNIX as u64;
    let thread = libc::CLONE_THREAD as u64;
    let a_thread = Condition::new(0, Len::Dword, Op::MaskedEq(thread), thread)?;
    // Not: who may look into this process, its memory's layout, filters, capabilities.
    let prctl = [
        libc::PR_SET_DUMPABLE as u64,
        libc::PR_SET_PTRACER as u64 & 0xffff_ffff,
        libc::PR_SET_MM as u64,
        libc::PR_SET_SECCOMP as u64,
        libc::PR_CAP_AMBIENT as u64,
    ];
    // Not: typing into terminals.
    let ioctl = [libc::TIOCSTI, libc::TIOCLINUX];
    Ok(Rules::from([
        (libc::SYS_clone, vec![rule(vec![a_thread])?]),
        (libc::SYS_socket, vec![rule(vec![is(0, unix)?])?]),
        (libc::SYS_socketpair, vec![rule(vec![is(0, unix)?])?]),
        (libc::SYS_kill, vec![rule(vec![is(0, own)?])?]),
        (libc::SYS_tgkill, vec![rule(vec![is(0, own)?])?]),
        (libc::SYS_rt_sigqueueinfo, vec![rule(vec![is(0, own)?])?]),
        (libc::SYS_rt_tgsigqueueinfo, vec![rule(vec![is(0, own)?])?]),
        (libc::SYS_pidfd_send_signal, vec![rule(vec![is(1, 0)?])?]),
        (
            libc::SYS_prlimit64,
            vec![rule(vec![is(0, 0)?])?, rule(vec![is(0, own)?])?],
        ),
        (libc::SYS_prctl, vec![rule(is_none_of(0, &prctl)?)?]),
        (libc::SYS_ioctl, vec![rule(is_none_of(1, &ioctl)?)?]),
    ]))
}

fn arch() -> Result<TargetArch, BackendError> {
    TargetArch::try_from(std::env::consts::ARCH)
}
