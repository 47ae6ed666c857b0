//! Processes and threads: forks, many threads, and which devices a process sees.
#![expect(
    unsafe_code,
    reason = "forks, and sets the environment of a process of its own"
)]

use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::case::{Case, seen, story};
use crate::cuda::{Cuda, Status};
use crate::gate::Gate;
use crate::generated::types::CUuuid;

/// The cases. Those that choose devices begin before the first call.
pub(crate) const CASES: &[Case] = &[
    story(
        "cuInit/child_of_user",
        "A child of a process that uses the driver cannot use it; the parent goes on.",
        "NOT_INITIALIZED SUCCESS",
        |cu| {
            let child = in_child(|| cu.cuMemAlloc_v2(&mut 0, 64));
            seen![child, cu.cuMemAlloc_v2(&mut 0, 64)]
        },
    )
    .believed()
    .alone(),
    story(
        "cuInit/child_of_stranger",
        "A child of a process that has not called the driver can use it.",
        "SUCCESS SUCCESS",
        |cu| {
            let child = in_child(|| match cu.cuInit(0) {
                status if status.is_ok() => {
                    cu.begin();
                    cu.cuMemAlloc_v2(&mut 0, 64)
                }
                status => status,
            });
            seen![child, cu.cuInit(0)]
        },
    )
    .fresh(),
    story(
        "cuCtxSynchronize/threads_by_the_thousand",
        "Threads that come and go leave nothing behind.",
        "1000",
        |cu| {
            let mut ended = 0;
            for _ in 0..1000 {
                let done = std::thread::scope(|scope| {
                    let thread = scope.spawn(|| {
                        cu.begin();
                        cu.cuCtxSynchronize().is_ok()
                    });
                    thread.join()
                });
                ended += u32::from(done.is_ok_and(|done| done));
            }
            seen![ended]
        },
    ),
    story(
        "cuDeviceGetCount/one_visible",
        "CUDA_VISIBLE_DEVICES names the devices that there are.",
        "SUCCESS 1",
        |cu| visible(cu, c"0"),
    )
    .fresh(),
    story(
        "cuDeviceGetCount/none_visible",
        "No names, no devices.",
        "NO_DEVICE",
        |cu| visible(cu, c""),
    )
    .fresh(),
    story(
        "cuDeviceGetCount/minus_one",
        "What follows a name that is none is not seen.",
        "NO_DEVICE",
        |cu| visible(cu, c"-1"),
    )
    .fresh(),
    story(
        "cuDeviceGetCount/up_to_a_bad_name",
        "What stands before a name that is none is seen.",
        "SUCCESS 1",
        |cu| visible(cu, c"0,99,1"),
    )
    .fresh(),
    story(
        "cuDeviceGetCount/named_twice",
        "A device that is named twice hides them all.",
        "NO_DEVICE",
        |cu| visible(cu, c"0,0"),
    )
    .believed()
    .fresh(),
    story(
        "cuDeviceGetCount/spaces",
        "Spaces around names do not matter.",
        "SUCCESS 1",
        |cu| visible(cu, c" 0 "),
    )
    .believed()
    .fresh(),
    story(
        "cuDeviceGetPCIBusId/order",
        "CUDA_DEVICE_ORDER=PCI_BUS_ID numbers devices along the bus.",
        "SUCCESS true",
        |cu| {
            set(c"CUDA_DEVICE_ORDER", c"PCI_BUS_ID");
            let status = cu.cuInit(0);
            let buses: Vec<i32> = (0..cu.devices()).map(|device| bus(cu, device)).collect();
            seen![status, buses.is_sorted()]
        },
    )
    .fresh(),
    story(
        "cuLaunchKernel/blocking",
        "With CUDA_LAUNCH_BLOCKING=1 a launch returns when its kernel is done.",
        "SUCCESS true",
        |cu| {
            set(c"CUDA_LAUNCH_BLOCKING", c"1");
            cu.cuInit(0).must("cuInit");
            cu.begin();
            let (stream, kernel) = (cu.stream(1), cu.kernel("empty"));
            let (gate, is_open) = (Gate::hold(cu, stream), AtomicBool::new(false));
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        cu.cuStreamQuery(stream);
                    }
                    is_open.store(true, Ordering::SeqCst);
                    gate.open();
                });
                let none = std::ptr::null_mut();
                let launched = cu.cuLaunchKernel(kernel, 1, 1, 1, 1, 1, 1, 0, stream, none, none);
                seen![launched, is_open.load(Ordering::SeqCst)]
            })
        },
    )
    .fresh(),
    story(
        "cuDeviceGetUuid_v2/order",
        "The devices come in the order of their names.",
        "true",
        |cu| {
            let plain = in_words(cu, None);
            if plain.len() < 2 {
                return "needs two devices".to_owned();
            }
            let turned = in_words(cu, Some("1,0"));
            seen![turned.len() == 2 && turned[0] == plain[1] && turned[1] == plain[0]]
        },
    )
    .fresh(),
    story(
        "cuDeviceGetUuid_v2/by_uuid",
        "A device can be named by its UUID, or by a beginning of it that no other has.",
        "true true",
        |cu| {
            let plain = in_words(cu, None);
            let Some(last) = plain.last() else {
                return "needs a device".to_owned();
            };
            let whole = in_words(cu, Some(&format!("GPU-{last}")));
            let begun = in_words(cu, Some(&format!("GPU-{}", &last[..13])));
            seen![whole == [last.clone()], begun == [last.clone()]]
        },
    )
    .fresh(),
];

/// Sets the variable, and says what the driver then sees.
fn visible(cu: &Cuda, names: &CStr) -> String {
    set_visible(names);
    let (status, mut n) = (cu.cuInit(0), 0);
    if !status.is_ok() {
        return status.to_string();
    }
    cu.cuDeviceGetCount(&mut n).must("cuDeviceGetCount");
    seen![status, n]
}

fn set_visible(names: &CStr) {
    set(c"CUDA_VISIBLE_DEVICES", names);
}

fn set(name: &CStr, value: &CStr) {
    // SAFETY: no other thread of this process reads the environment: nothing was called yet.
    unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) };
}

/// The number of a device's bus.
fn bus(cu: &Cuda, device: i32) -> i32 {
    let (mut bus, pci_bus_id) = (0, 33);
    cu.cuDeviceGetAttribute(&mut bus, pci_bus_id, device)
        .must("cuDeviceGetAttribute");
    bus
}

/// The UUIDs that a child sees with this value of the variable.
fn in_words(cu: &Cuda, names: Option<&str>) -> Vec<String> {
    let mut pipe = [0; 2];
    // SAFETY: room for both ends.
    assert!(unsafe { libc::pipe(pipe.as_mut_ptr()) } == 0, "pipe");
    let status = in_child(|| {
        if let Some(names) = names.and_then(|names| CString::new(names).ok()) {
            set_visible(&names);
        }
        let status = cu.cuInit(0);
        for device in 0..if status.is_ok() { cu.devices() } else { 0 } {
            let text = format!("{} ", uuid(cu, device));
            // SAFETY: the text's own bytes.
            unsafe { libc::write(pipe[1], text.as_ptr().cast(), text.len()) };
        }
        status
    });
    let mut bytes = [0_u8; 4096];
    // SAFETY: ours, and not used again.
    unsafe { libc::close(pipe[1]) };
    // SAFETY: room for as much as is asked for; more than 16 devices write.
    let n = unsafe { libc::read(pipe[0], bytes.as_mut_ptr().cast(), bytes.len()) };
    // SAFETY: ours, and not used again.
    unsafe { libc::close(pipe[0]) };
    assert!(status == "SUCCESS", "cuInit of a child: {status}");
    let text = String::from_utf8_lossy(&bytes[..usize::try_from(n).unwrap_or(0)]).into_owned();
    text.split_whitespace().map(str::to_owned).collect()
}

/// A device's UUID as tools print it, without `GPU-`.
fn uuid(cu: &Cuda, device: i32) -> String {
    let mut uuid = CUuuid::default();
    cu.cuDeviceGetUuid_v2(&raw mut uuid, device)
        .must("cuDeviceGetUuid_v2");
    let hex: String = uuid
        .bytes
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ]
    .join("-")
}

/// What a call answers in a forked child.
fn in_child(body: impl FnOnce() -> Status) -> String {
    // SAFETY: the child calls the driver, as programs do that fork, and ends at once.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let status = body();
        // Codes beyond a byte are not distinguished by an exit; a child that succeeds ends with 0.
        // SAFETY: ends the child without running the parent's destructors.
        unsafe { libc::_exit(status.0.clamp(-1, 255)) };
    }
    let mut ended = 0;
    // SAFETY: our own child.
    unsafe { libc::waitpid(child, &raw mut ended, 0) };
    match libc::WIFEXITED(ended) {
        true => Status(libc::WEXITSTATUS(ended)).to_string(),
        false => format!("ended by signal {}", libc::WTERMSIG(ended)),
    }
}
