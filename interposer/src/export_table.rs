//! The private tables that NVIDIA's libraries ask for by UUID (`cuGetExportTable`).
//!
//! Each copy of the runtime, cuBLASLt, cuDNN, cuFFT and the profiler refuses to work without some of
//! them. What they hold was learnt from what these libraries call and accept. Slots nobody has been
//! seen to call are functions that do nothing and return 0: a null slot crashes callers. Read [`TABLES`]
//! first.
//!
//! Rules:
//! 1. A table lives at one address as long as the process, for all who ask.
//! 2. Slot 0 is the table's size in bytes, except in [`CONTEXT_LOCAL_STORAGE`].
//! 3. Nothing here asks a server but the loading of modules.
#![expect(
    unsafe_code,
    reason = "functions called by NVIDIA's libraries with raw pointers"
)]

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU32, AtomicU64};

use rigel_protocol::handle::{Context, Device, Function, Module};
use rigel_protocol::{CuError, CuResult};

use crate::current;
use crate::custom::jit::Jit;
use crate::custom::module::load_module;
use crate::ffi;
use crate::image;
use crate::install::{driver, own_table};
use crate::integrity::{self, Facts};
use crate::local_storage::{self, Destructor};
use crate::state;

/// A slot of a table: a function, or a number.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Slot(*const c_void);

// SAFETY: a slot is never written; what it points to is code.
unsafe impl Sync for Slot {}

/// Who may ask for what.
const TABLES: [([u8; 16], &[Slot]); 10] = [
    (id(0x6bd5_fb6c_5bf4_e74a_8987_d939_12fd_9df9), &RUNTIME),
    (
        id(0xa094_798c_2e74_2e74_93f2_0800_200c_0a66),
        &RUNTIME_CALLBACKS,
    ),
    (id(0x42d8_5a81_23f6_cb47_8298_f6e7_8a3a_ecdc), &TOOLS_TLS),
    (
        id(0xc693_336e_1121_df11_a8c3_68f3_55d8_9593),
        &CONTEXT_LOCAL_STORAGE,
    ),
    (
        id(0xd408_2055_bde6_704b_8d34_ba12_3c66_e1f2),
        &INTEGRITY_CHECK,
    ),
    (
        id(0x263e_8860_7cd2_6143_92f6_bbd5_006d_fa7e),
        &CONTEXT_CHECKS,
    ),
    (
        id(0x2131_8c60_9714_3248_8ca6_41ff_7324_c8f2),
        &CONTEXT_TOOLS,
    ),
    (id(0x1734_dc26_800d_4745_8726_c0f1_e7dd_8bca), &BLAS_TOOLS),
    (id(0x6e16_3fbe_b958_444d_835c_e182_aff1_991e), &MODULE_TOOLS),
    (
        id(0x7cb6_3f9b_9ca4_8e42_a484_beb6_6e6a_ed7f),
        &PROFILER_TOOLS,
    ),
];

/// Asked for by every copy of the runtime.
static RUNTIME: [Slot; 13] = {
    let mut table = empty();
    table[1] = Slot(load_wrapper as *const c_void);
    table[2] = Slot(primary_context as *const c_void);
    table[6] = Slot(load_wrapper_with_options as *const c_void);
    table[8] = Slot(load_fatbin as *const c_void);
    table
};

/// Two arrays of flags that say which runtime calls a tool wants to see: none.
static RUNTIME_CALLBACKS: [Slot; 7] = {
    let mut table = empty();
    table[2] = Slot(api_flags as *const c_void);
    table[6] = Slot(other_flags as *const c_void);
    table
};

static TOOLS_TLS: [Slot; 4] = {
    let mut table = empty();
    table[2] = Slot(current_context as *const c_void);
    table
};

/// Values attached to contexts; the one table without a size.
static CONTEXT_LOCAL_STORAGE: [Slot; 4] = [
    Slot(storage_put as *const c_void),
    Slot(storage_delete as *const c_void),
    Slot(storage_get as *const c_void),
    Slot(ptr::null()),
];

static INTEGRITY_CHECK: [Slot; 3] = {
    let mut table = empty();
    table[1] = Slot(integrity_check as *const c_void);
    table
};

static CONTEXT_CHECKS: [Slot; 4] = {
    let mut table = empty();
    table[2] = Slot(context_check as *const c_void);
    table
};

/// Asked for by cuBLASLt, cuDNN and cuFFT.
static CONTEXT_TOOLS: [Slot; 96] = {
    let mut table = empty();
    table[4] = Slot(context_tool_4 as *const c_void);
    table[39] = Slot(context_tool_39 as *const c_void);
    table[51] = Slot(context_tool_51 as *const c_void);
    table
};

/// Asked for by cuBLASLt, which follows a null pointer if it is refused.
static BLAS_TOOLS: [Slot; 16] = empty();

/// Asked for by cuFFT.
static MODULE_TOOLS: [Slot; 40] = {
    let mut table = empty();
    table[7] = Slot(enumerate_functions as *const c_void);
    table
};

/// Asked for by the profiler (CUPTI), which asks without end if it is refused.
///
/// A table that is long enough to have slot 67 is asked there for the record of a subscriber: CUPTI 13 takes a
/// null record for another profiler at work and refuses everything, its version included. A shorter table, as
/// older drivers have, is not asked, and versions 12 and 13 are content.
static PROFILER_TOOLS: [Slot; 64] = empty();

/// One flag for each call of the runtime's interface; they stay 0.
static API_FLAGS: [AtomicU32; 1024] = [const { AtomicU32::new(0) }; 1024];

/// 14 flags of an unknown width, so of the widest.
static OTHER_FLAGS: [AtomicU64; 14] = [const { AtomicU64::new(0) }; 14];

/// What slot 51 of [`CONTEXT_TOOLS`] hands out.
static TOOL_SPACE: [AtomicU64; 64] = [const { AtomicU64::new(0) }; 64];

/// The table with this id.
pub(crate) fn find(id: &[u8; 16]) -> Option<*const c_void> {
    match TABLES.iter().find(|(known, _)| known == id) {
        Some((_, table)) => Some(table.as_ptr().cast()),
        None => own_table(id),
    }
}

/// A table whose size is in slot 0 and whose other slots do nothing.
const fn empty<const N: usize>() -> [Slot; N] {
    let mut table = [Slot(nothing as *const c_void); N];
    table[0] = Slot(ptr::without_provenance(N * size_of::<Slot>()));
    table
}

/// A UUID from the 32 digits it is written with.
const fn id(digits: u128) -> [u8; 16] {
    digits.to_be_bytes()
}

/// Fills unused slots. Whatever it is passed stays in registers and on the caller's stack.
extern "C" fn nothing() -> usize {
    0
}

/// Loads a module from a wrapper.
unsafe extern "C" fn load_wrapper(out: *mut Module, wrapper: *const c_void) -> c_int {
    // SAFETY: the runtime's out-pointer and its own wrapper.
    ffi::call(|| unsafe { load(out, wrapper) })
}

/// The same with options that have only been seen as zeros.
unsafe extern "C" fn load_wrapper_with_options(
    out: *mut Module,
    wrapper: *const c_void,
    _: *mut c_void,
    _: *mut c_void,
    _: u32,
) -> c_int {
    // SAFETY: the runtime's out-pointer and its own wrapper.
    ffi::call(|| unsafe { load(out, wrapper) })
}

/// Loads a module from a fat binary.
unsafe extern "C" fn load_fatbin(
    fatbin: *const c_void,
    out: *mut Module,
    _: *mut c_void,
    _: *mut c_void,
    _: u32,
) -> c_int {
    // SAFETY: the runtime's out-pointer and its own image.
    ffi::call(|| unsafe { load(out, fatbin) })
}

unsafe fn load(out: *mut Module, image: *const c_void) -> CuResult<()> {
    ffi::check_out(out)?;
    // SAFETY: the caller's image and out-pointer.
    unsafe { load_module(out, &image::read(image)?, Jit::none()) }
}

/// The handle of a device's primary context, which stays as it is: asking does not activate it.
unsafe extern "C" fn primary_context(out: *mut Context, device: Device) -> c_int {
    ffi::call(|| {
        state::check_ready()?;
        driver()?.device(device)?;
        // SAFETY: the runtime's out-pointer.
        unsafe { ffi::write(out, Context::primary(device)) }
    })
}

/// Flags by runtime call.
unsafe extern "C" fn api_flags(flags: *mut *const c_void, count: *mut usize) -> c_int {
    ffi::call(|| {
        // SAFETY: the runtime's out-pointers.
        unsafe {
            ffi::write(flags, API_FLAGS.as_ptr().cast())?;
            ffi::write(count, API_FLAGS.len())
        }
    })
}

/// Further flags.
unsafe extern "C" fn other_flags(flags: *mut *const c_void, count: *mut usize) -> c_int {
    ffi::call(|| {
        // SAFETY: the runtime's out-pointers.
        unsafe {
            ffi::write(flags, OTHER_FLAGS.as_ptr().cast())?;
            ffi::write(count, OTHER_FLAGS.len())
        }
    })
}

unsafe extern "C" fn current_context(out: *mut Context) -> c_int {
    // SAFETY: the caller's out-pointer.
    ffi::call(|| unsafe { ffi::write(out, current::get()) })
}

/// The context a caller names, or the current one.
fn named_context(context: Context) -> CuResult<Context> {
    state::check_ready()?;
    let context = match context {
        Context::NONE => current::get(),
        named => named,
    };
    match context {
        Context::NONE => Err(CuError::INVALID_CONTEXT),
        context => Ok(context),
    }
}

unsafe extern "C" fn storage_put(
    context: Context,
    key: *mut c_void,
    value: *mut c_void,
    destructor: Option<Destructor>,
) -> c_int {
    ffi::call(|| {
        let context = named_context(context)?;
        local_storage::put(context, key as usize, value as usize, destructor)
    })
}

unsafe extern "C" fn storage_delete(context: Context, key: *mut c_void) -> c_int {
    ffi::call(|| local_storage::remove(named_context(context)?, key as usize))
}

unsafe extern "C" fn storage_get(
    value: *mut *mut c_void,
    context: Context,
    key: *mut c_void,
) -> c_int {
    ffi::call(|| {
        let found = local_storage::get(named_context(context)?, key as usize)?;
        // SAFETY: the runtime's out-pointer.
        unsafe { ffi::write(value, found as *mut c_void) }
    })
}

unsafe extern "C" fn integrity_check(version: u32, unix_seconds: u64, out: *mut u64) -> c_int {
    ffi::call(|| {
        ffi::check_out(out)?;
        let driver = driver()?;
        // The runtime may ask before it calls cuInit; its devices are then not known to it either.
        let devices = driver.devices().unwrap_or_default();
        let facts = Facts {
            driver_version: driver.driver_version()? as u32,
            version,
            process: std::process::id(),
            // SAFETY: it has no preconditions.
            thread: unsafe { libc::pthread_self() } as u32,
            runtime_table: RUNTIME.as_ptr() as u64,
            check_table: INTEGRITY_CHECK.as_ptr() as u64,
            check_function: integrity_check as *const c_void as u64,
            unix_seconds,
            devices,
        };
        // SAFETY: the runtime's room for two words.
        unsafe { ffi::write(out.cast::<[u64; 2]>(), integrity::answer(&facts)) }
    })
}

unsafe extern "C" fn context_check(
    _: Context,
    state: *mut u32,
    details: *mut *mut c_void,
) -> c_int {
    ffi::call(|| {
        // SAFETY: the runtime's out-pointers.
        unsafe {
            ffi::write_optional(state, 0);
            ffi::write_optional(details, ptr::null_mut());
        }
        Ok(())
    })
}

unsafe extern "C" fn context_tool_4(_: Context, out: *mut u64) -> c_int {
    ffi::call(|| {
        // SAFETY: the caller's out-pointer.
        unsafe { ffi::write_optional(out, 0) };
        Ok(())
    })
}

unsafe extern "C" fn context_tool_39(_: usize, _: usize, out: *mut u64) -> c_int {
    ffi::call(|| {
        // SAFETY: the caller's out-pointer.
        unsafe { ffi::write_optional(out, 0) };
        Ok(())
    })
}

unsafe extern "C" fn context_tool_51(_: usize, handle: usize, out: *mut *const c_void) -> c_int {
    ffi::call(|| {
        if handle == usize::MAX {
            return Err(CuError::INVALID_VALUE);
        }
        // SAFETY: the caller's out-pointer.
        unsafe { ffi::write_optional(out, TOOL_SPACE.as_ptr().cast()) };
        Ok(())
    })
}

/// Called with each function of a module.
type Visitor = unsafe extern "C" fn(*mut c_void, Function, usize, usize) -> usize;

/// Shows a caller all functions of a module. It answers 1, which is success here.
unsafe extern "C" fn enumerate_functions(
    _: Context,
    module: Module,
    visitor: Option<Visitor>,
    user: *mut c_void,
) -> c_int {
    let shown = ffi::call(|| {
        let visitor = visitor.ok_or(CuError::INVALID_VALUE)?;
        let (driver, cx) = ffi::enter()?;
        for function in driver.module_functions(cx, module)? {
            // SAFETY: the caller's function and argument.
            unsafe { visitor(user, function, 0, 0) };
        }
        Ok(())
    });
    c_int::from(shown == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn find_known_tables_begin_with_their_size() {
        for (id, table) in TABLES {
            let found = find(&id).unwrap();
            assert_eq!(found, table.as_ptr().cast());
            if table.len() == 4 && table[3].0.is_null() {
                continue;
            }
            assert_eq!(table[0].0 as usize, table.len() * 8);
            assert!(table.iter().all(|slot| !slot.0.is_null()));
        }
    }

    #[test]
    fn find_other_ids_are_refused() {
        assert_eq!(find(&[0; 16]), None);
        assert_eq!(find(&id(0xf8cf_f951_2146_8b4e_b9e2_fb46_9e7c_0dd9)), None);
    }

    #[test]
    fn id_bytes_come_in_the_order_written() {
        assert_eq!(
            id(0x6bd5_fb6c_5bf4_e74a_8987_d939_12fd_9df9)[..3],
            [0x6b, 0xd5, 0xfb]
        );
    }

    #[test]
    fn flags_are_handed_out_with_their_count() {
        let mut flags = ptr::null();
        let mut count = 0;
        // SAFETY: both out-pointers are valid.
        assert_eq!(unsafe { api_flags(&mut flags, &mut count) }, 0);
        assert_eq!((flags, count), (API_FLAGS.as_ptr().cast(), 1024));
        // SAFETY: as above.
        assert_eq!(unsafe { other_flags(&mut flags, &mut count) }, 0);
        assert_eq!((flags, count), (OTHER_FLAGS.as_ptr().cast(), 14));
    }

    #[test]
    fn storage_without_a_context_is_an_error() {
        let mut value = ptr::null_mut();
        // SAFETY: the out-pointer is valid.
        let status = unsafe { storage_get(&mut value, Context::NONE, ptr::null_mut()) };
        assert_ne!(status, 0);
    }
}
