//! UCX's library, loaded when a lane needs it, and as much of its interface as is used: functions that it
//! exports, and structures as its interface 1.10 to 1.x lays them out, which only grow behind what is named
//! here. It knows no lane. Read [`Ucx`] first.
//!
//! 1. A structure is zero but for the fields that its mask names, and longer than any version reads.
//! 2. UCX takes over the signals of faults while it is loaded. They are given back at once: a client's
//!    program has its own handlers, and so has managed memory.
//! 3. UCX writes its log to standard output, which is the program's. Unless `UCX_LOG_LEVEL` is set it is
//!    silent; what goes wrong is said by statuses too.
#![expect(unsafe_code, reason = "calls a C library")]

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use libloading::Library;

/// What the library is called, and the one beneath it.
const NAME: &str = "libucp.so.0";
const BASE_NAME: &str = "libucs.so.0";
/// The interface that is asked for: the library refuses if it is older.
const API: (c_uint, c_uint) = (1, 10);
/// What UCX handles by itself once it is loaded.
const SIGNALS: [c_int; 4] = [libc::SIGILL, libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE];

/// A status: 0 is well, 1 under way, less an error.
pub(super) type Status = i32;
/// Nothing is wrong.
pub(super) const OK: Status = 0;
/// It goes on.
pub(super) const IN_PROGRESS: Status = 1;
/// Something is to be done first.
pub(super) const BUSY: Status = -15;

const FIELD_FEATURES: u64 = 1;
const FEATURE_WAKEUP: u64 = 1 << 4;
const FEATURE_MESSAGES: u64 = 1 << 6;
const FIELD_THREAD_MODE: u64 = 1;
const THREADS_SERIALIZED: c_uint = 1;

/// `ucp_params_t`.
#[repr(C)]
struct Params {
    mask: u64,
    features: u64,
    rest: [u64; 30],
}

/// `ucp_worker_params_t`.
#[repr(C)]
struct WorkerParams {
    mask: u64,
    thread_mode: c_uint,
    rest: [u32; 93],
}

/// `ucp_ep_params_t`.
#[repr(C)]
pub(super) struct EndpointParams {
    pub(super) mask: u64,
    /// Where the peer's worker is, in UCX's own words.
    pub(super) address: *const c_void,
    pub(super) error_mode: c_uint,
    pub(super) on_error: Option<unsafe extern "C" fn(*mut c_void, *mut c_void, Status)>,
    pub(super) on_error_arg: *mut c_void,
    pub(super) rest: [u64; 24],
}

/// `ucp_request_param_t`.
#[repr(C)]
pub(super) struct RequestParams {
    pub(super) mask: u32,
    pub(super) flags: u32,
    pub(super) rest: [u64; 24],
}

/// `ucp_am_handler_param_t`.
#[repr(C)]
pub(super) struct HandlerParams {
    pub(super) mask: u64,
    pub(super) id: c_uint,
    pub(super) flags: u32,
    pub(super) handler: Option<MessageHandler>,
    pub(super) arg: *mut c_void,
    pub(super) rest: [u64; 16],
}

/// The front of `ucp_am_recv_param_t`.
#[repr(C)]
pub(super) struct ReceivedParams {
    pub(super) attributes: u64,
}

/// Takes a message: argument, header and its length, data and its length, what is known of it.
pub(super) type MessageHandler = unsafe extern "C" fn(
    *mut c_void,
    *const c_void,
    usize,
    *mut c_void,
    usize,
    *const ReceivedParams,
) -> Status;

macro_rules! functions {
    ($($name:ident: fn($($kind:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions of the library that are used.
        pub(super) struct Ucx {
            $(pub(super) $name: unsafe extern "C" fn($($kind),*) $(-> $result)?,)*
            _library: Library,
        }

        impl Ucx {
            fn find(library: Library) -> Result<Self, libloading::Error> {
                Ok(Self {
                    $($name: {
                        let name = concat!(stringify!($name), "\0").as_bytes();
                        // SAFETY: the type is that of UCX's interface, and `_library` outlives it.
                        *unsafe { library.get(name) }?
                    },)*
                    _library: library,
                })
            }
        }
    };
}

functions! {
    ucp_config_read: fn(*const c_char, *const c_char, *mut *mut c_void) -> Status;
    ucp_config_release: fn(*mut c_void);
    ucp_init_version: fn(c_uint, c_uint, *const c_void, *const c_void, *mut *mut c_void) -> Status;
    ucp_cleanup: fn(*mut c_void);
    ucp_worker_create: fn(*mut c_void, *const c_void, *mut *mut c_void) -> Status;
    ucp_worker_destroy: fn(*mut c_void);
    ucp_worker_progress: fn(*mut c_void) -> c_uint;
    ucp_worker_get_efd: fn(*mut c_void, *mut c_int) -> Status;
    ucp_worker_arm: fn(*mut c_void) -> Status;
    ucp_worker_get_address: fn(*mut c_void, *mut *mut c_void, *mut usize) -> Status;
    ucp_worker_release_address: fn(*mut c_void, *mut c_void);
    ucp_worker_set_am_recv_handler: fn(*mut c_void, *const HandlerParams) -> Status;
    ucp_am_send_nbx: fn(*mut c_void, c_uint, *const c_void, usize, *const c_void, usize, *const RequestParams) -> *mut c_void;
    ucp_am_data_release: fn(*mut c_void, *mut c_void);
    ucp_ep_create: fn(*mut c_void, *const EndpointParams, *mut *mut c_void) -> Status;
    ucp_ep_close_nbx: fn(*mut c_void, *const RequestParams) -> *mut c_void;
    ucp_request_check_status: fn(*mut c_void) -> Status;
    ucp_request_free: fn(*mut c_void);
    ucs_status_string: fn(Status) -> *const c_char;
}

/// The library in this process, loaded once and never given back, or why there is none.
pub(super) fn load() -> io::Result<&'static Ucx> {
    static UCX: OnceLock<Result<Ucx, String>> = OnceLock::new();
    UCX.get_or_init(open)
        .as_ref()
        .map_err(|error| io::Error::new(io::ErrorKind::Unsupported, error.clone()))
}

fn open() -> Result<Ucx, String> {
    let before = SIGNALS.map(action);
    let library = open_quietly();
    for (signal, action) in SIGNALS.into_iter().zip(before) {
        restore(signal, action);
    }
    let ucx = library.and_then(Ucx::find);
    ucx.map_err(|error| {
        format!("use {NAME} (a lane over UCX needs UCX 1.10 or later, Debian's libucx0): {error}")
    })
}

fn open_quietly() -> Result<Library, libloading::Error> {
    // SAFETY: its initialisers change signals alone, which the caller puts right.
    let base = unsafe { Library::new(BASE_NAME) }?;
    if std::env::var_os("UCX_LOG_LEVEL").is_none() {
        type Set = unsafe extern "C" fn(*const c_char, *const c_char) -> Status;
        // SAFETY: the type is that of UCX's function.
        if let Ok(set) = unsafe { base.get::<Set>(b"ucs_global_opts_set_value\0") } {
            // SAFETY: both are strings that end.
            unsafe { set(c"LOG_LEVEL".as_ptr(), c"fatal".as_ptr()) };
        }
    }
    // SAFETY: as above; it keeps the library beneath it.
    unsafe { Library::new(NAME) }
}

/// What a signal does now.
fn action(signal: c_int) -> Option<libc::sigaction> {
    let mut action = MaybeUninit::uninit();
    // SAFETY: asks alone; the result is a live local.
    let asked = unsafe { libc::sigaction(signal, null(), action.as_mut_ptr()) };
    // SAFETY: filled if it was told.
    (asked == 0).then(|| unsafe { action.assume_init() })
}

fn restore(signal: c_int, action: Option<libc::sigaction>) {
    if let Some(action) = action {
        // SAFETY: an action that the signal had before.
        unsafe { libc::sigaction(signal, &action, null_mut()) };
    }
}

impl Ucx {
    /// A use of the library that shares nothing with others.
    pub(super) fn context(&self) -> io::Result<*mut c_void> {
        let mut config = null_mut();
        // SAFETY: no names are given; the result is a live local.
        let read = unsafe { (self.ucp_config_read)(null(), null(), &mut config) };
        self.check("read UCX's settings", read)?;
        let params = Params {
            mask: FIELD_FEATURES,
            features: FEATURE_MESSAGES | FEATURE_WAKEUP,
            rest: [0; 30],
        };
        let (params, mut context) = ((&raw const params).cast(), null_mut());
        // SAFETY: the parameters are longer than any version reads, and live across the call.
        let made = unsafe { (self.ucp_init_version)(API.0, API.1, params, config, &mut context) };
        // SAFETY: read above, and not used again.
        unsafe { (self.ucp_config_release)(config) };
        self.check("open UCX", made).map(|()| context)
    }

    /// A worker of a context, which one thread at a time may use.
    pub(super) fn worker(&self, context: *mut c_void) -> io::Result<*mut c_void> {
        let params = WorkerParams {
            mask: FIELD_THREAD_MODE,
            thread_mode: THREADS_SERIALIZED,
            rest: [0; 93],
        };
        let (params, mut worker) = ((&raw const params).cast(), null_mut());
        // SAFETY: the context lives; the parameters are longer than any version reads.
        let made = unsafe { (self.ucp_worker_create)(context, params, &mut worker) };
        self.check("make a worker of UCX", made).map(|()| worker)
    }

    /// What a status means.
    pub(super) fn check(&self, what: &str, status: Status) -> io::Result<()> {
        if status == OK {
            return Ok(());
        }
        // SAFETY: takes any number.
        let text = unsafe { (self.ucs_status_string)(status) };
        if text.is_null() {
            return Err(io::Error::other(format!("{what}: UCX status {status}")));
        }
        // SAFETY: UCX's texts end and live as long as it.
        let text = unsafe { CStr::from_ptr(text) }.to_string_lossy();
        Err(io::Error::other(format!("{what}: {text}")))
    }
}

/// A pointer that may be a status.
pub(super) fn status_of(pointer: *mut c_void) -> Option<Status> {
    let value = pointer as isize;
    (-100..=0).contains(&value).then_some(value as Status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_that_are_statuses_are_told_from_addresses() {
        let at = |value: isize| status_of(value as *mut c_void);
        assert_eq!(at(0), Some(OK));
        assert_eq!(at(-25), Some(-25));
        assert_eq!(at(-101), None);
        assert_eq!(at(0x7f00_0000_0000), None);
    }

    #[test]
    fn library_loaded_leaves_signals_as_they_were() {
        let before = SIGNALS.map(|signal| action(signal).map(|action| action.sa_sigaction));
        let _ = load();
        let after = SIGNALS.map(|signal| action(signal).map(|action| action.sa_sigaction));
        assert_eq!(before, after);
    }
}
