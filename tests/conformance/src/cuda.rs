//! A loaded libcuda: its functions by address, and which of them were called.
//!
//! The methods of [`Cuda`] are in `generated/api.rs`. They are safe to write down and unsafe to
//! run: cases pass null and dangling pointers on purpose. What makes that sound enough is the
//! process: each group of cases has one of its own, which may die.
#![expect(
    unsafe_code,
    reason = "an address of C is called with the prototype of its name"
)]

use std::ffi::c_void;
use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use rigel_protocol::CuError;

use crate::generated::api::FUNCTIONS;

/// A loaded library, never unloaded.
#[derive(Debug)]
pub(crate) struct Cuda {
    addresses: Vec<*const c_void>,
    called: Vec<AtomicBool>,
}

// SAFETY: the addresses of functions are the same on every thread.
unsafe impl Sync for Cuda {}
// SAFETY: likewise.
unsafe impl Send for Cuda {}

/// A `CUresult`. Shown by its name, without `CUDA_ERROR_`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status(pub(crate) i32);

impl Status {
    /// What a function that the library lacks answers.
    pub(crate) const ABSENT: Self = Self(-1);

    /// Whether it is success.
    pub(crate) fn is_ok(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ABSENT {
            return f.write_str("ABSENT");
        }
        match CuError::c_name(self.0).and_then(|name| name.to_str().ok()) {
            Some("CUDA_SUCCESS") => f.write_str("SUCCESS"),
            Some(name) => f.write_str(name.trim_start_matches("CUDA_ERROR_")),
            None => write!(f, "CUresult_{}", self.0),
        }
    }
}

impl Cuda {
    /// Loads a library.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        // SAFETY: a libcuda's initialisers are what every CUDA program runs.
        let library = unsafe { libloading::Library::new(path) }
            .with_context(|| format!("load {}", path.display()))?;
        let addresses = FUNCTIONS
            .iter()
            .map(|(name, _)| {
                // SAFETY: taken as an address only; the generated methods know the prototypes.
                let symbol = unsafe { library.get::<*const c_void>(name.to_bytes_with_nul()) };
                symbol.map_or(std::ptr::null(), |symbol| *symbol)
            })
            .collect();
        // The functions stay for as long as the process.
        std::mem::forget(library);
        Ok(Self {
            addresses,
            called: FUNCTIONS.iter().map(|_| AtomicBool::new(false)).collect(),
        })
    }

    /// Calls the function of this number, if the library has it.
    pub(crate) fn call(&self, number: usize, make: impl FnOnce(*const c_void) -> i32) -> Status {
        self.called[number].store(true, Ordering::Relaxed);
        match self.addresses[number] {
            address if address.is_null() => Status::ABSENT,
            address => Status(make(address)),
        }
    }

    /// The functions called since it was last asked.
    pub(crate) fn take_called(&self) -> Vec<&'static str> {
        let names = FUNCTIONS.iter().zip(&self.called);
        names
            .filter(|(_, called)| called.swap(false, Ordering::Relaxed))
            .filter_map(|((name, _), _)| name.to_str().ok())
            .collect()
    }
}

/// The manual's chapter of a function.
pub(crate) fn section(function: &str) -> &'static str {
    let area = FUNCTIONS
        .iter()
        .find(|(name, _)| name.to_bytes() == function.as_bytes())
        .map_or("", |(_, area)| *area);
    match area {
        "entry" => "Initialization, Version and Entry Point Access",
        "device" => "Device Management",
        "context" => "Context Management",
        "memory" | "copy" => "Memory Management",
        "module" => "Module and Library Management",
        "link" => "Module Management",
        "launch" => "Execution Control and Occupancy",
        "stream" => "Stream Management",
        "event" => "Event Management",
        "graph" => "Graph Management",
        "pool" => "Stream Ordered Memory Allocator",
        "vmm" => "Virtual Memory Management",
        "texture" => "Texture and Surface Objects",
        "green" => "Green Contexts",
        "external" => "External Resource Interoperability",
        "profiler" => "Profiler Control",
        _ => "CUDA Driver API",
    }
}
