//! What the exports answer before `cuInit`, and in a forked child after it. One process, one test:
//! the state is the process's.
#![expect(unsafe_code, reason = "calls exported C functions, and forks")]

mod support;

use rigel_interposer as _;

const NOT_INITIALIZED: i32 = 3;

unsafe extern "C" {
    fn cuInit(flags: u32) -> i32;
    fn cuDriverGetVersion(version: *mut i32) -> i32;
    fn cuDeviceGetCount(count: *mut i32) -> i32;
    fn cuCtxGetCurrent(context: *mut u64) -> i32;
    fn cuMemAlloc_v2(address: *mut u64, bytes: usize) -> i32;
}

#[test]
fn calls_before_init_and_in_a_forked_child_are_not_initialized() {
    rigel_interposer::install(support::driver);
    let mut version = 0;
    // SAFETY: out-pointers are valid; the flags are wrong on purpose.
    unsafe {
        assert_eq!(cuDriverGetVersion(&mut version), 0);
        assert_eq!(version, support::VERSION);
        assert_eq!(all_answers(), [NOT_INITIALIZED; 3]);
        assert_eq!(cuInit(1), 1);
        assert_eq!(all_answers(), [NOT_INITIALIZED; 3]);
        assert_eq!(cuInit(0), 0);
        assert_eq!(cuInit(0), 0);
        // Ready: no context yet, so the allocation fails for another reason.
        assert_eq!(all_answers(), [0, 0, 201]);
    }
    assert_eq!(status_of_child(), 0);
    // SAFETY: as above: the parent is as it was.
    unsafe { assert_eq!(all_answers(), [0, 0, 201]) };
}

/// Answers of three calls of different kinds.
unsafe fn all_answers() -> [i32; 3] {
    let (mut count, mut context, mut address) = (0, 0, 0);
    // SAFETY: out-pointers are valid.
    unsafe {
        [
            cuDeviceGetCount(&mut count),
            cuCtxGetCurrent(&mut context),
            cuMemAlloc_v2(&mut address, 16),
        ]
    }
}

/// Forks; the child exits with 0 if everything in it is not initialized.
fn status_of_child() -> i32 {
    // SAFETY: the child makes calls that only read atomics, and leaves without running destructors.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let refused = all_answers() == [NOT_INITIALIZED; 3] && cuInit(0) == NOT_INITIALIZED;
            libc::_exit(i32::from(!refused));
        }
        let mut status = -1;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        status
    }
}
