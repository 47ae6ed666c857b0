//! Threads that hand a GPU on run as soon as they are woken, also where kernels keep every processor
//! busy, as those of the soft driver do. Read [`run_promptly`] first.
#![expect(
    unsafe_code,
    reason = "asks the kernel for something that nix does not know"
)]

/// Timers of such a thread are this exact.
const TIMER_SLACK_NS: u64 = 1000;
/// Such a thread asks for processors in slices of this length: the kernel then lets it run before others
/// that are in the midst of longer ones.
const SLICE_NS: u64 = 100_000;

/// Threads that it starts are none such: `SCHED_FLAG_RESET_ON_FORK`.
const RESET_ON_FORK: u64 = 1;

/// What the kernel calls `struct sched_attr`.
#[repr(C)]
struct Attributes {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    runtime_ns: u64,
    deadline_ns: u64,
    period_ns: u64,
    utilization_min: u32,
    utilization_max: u32,
}

/// Makes the calling thread one that is woken on time. A kernel that does not know slices (before 6.12)
/// gives it exact timers alone.
pub fn run_promptly() {
    let _ = nix::sys::prctl::set_timerslack(TIMER_SLACK_NS);
    // SAFETY: it takes no pointers; 0 is the calling thread.
    let nice = unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) };
    let attributes = Attributes {
        size: size_of::<Attributes>() as u32,
        policy: libc::SCHED_OTHER as u32,
        flags: RESET_ON_FORK,
        nice,
        priority: 0,
        runtime_ns: SLICE_NS,
        deadline_ns: 0,
        period_ns: 0,
        utilization_min: 0,
        utilization_max: 0,
    };
    let (this_thread, no_flags) = (0, 0);
    // SAFETY: the structure is the kernel's, says its size, and lives through the call.
    let _ = unsafe {
        libc::syscall(
            libc::SYS_sched_setattr,
            this_thread,
            &raw const attributes,
            no_flags,
        )
    };
}
