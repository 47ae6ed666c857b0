//! How the final library says which [`Driver`] stands behind the exported symbols.
//!
//! Each library of ours holds its own copy of this crate and so its own private registration: two of
//! them in one process share nothing. Registering stores a function; the driver is made by the first
//! call that needs it. Read [`install`] first, or [`crate::register`], which libraries use.

use std::ffi::c_void;
use std::sync::OnceLock;

use rigel_protocol::{CuError, CuResult, Driver};

/// Makes the library's driver, or returns the one made before.
pub type DriverSource = fn() -> &'static dyn Driver;

static SOURCE: OnceLock<DriverSource> = OnceLock::new();
static DRIVER: OnceLock<&'static dyn Driver> = OnceLock::new();

/// Registers the driver behind this library's exports. The first registration holds; `source` is
/// called by the first CUDA call, not here.
pub fn install(source: DriverSource) {
    // A second registration is the library's constructor run again: the first one holds.
    let _ = SOURCE.set(source);
}

/// A table of the library's own behind `cuGetExportTable`: its UUID, and where it lies for as long
/// as the process lives. Whoever asks for it knows what it holds.
pub struct OwnTable {
    /// The UUID.
    pub id: [u8; 16],
    /// Its address.
    pub address: usize,
}

static OWN_TABLE: OnceLock<OwnTable> = OnceLock::new();

/// Offers a table of the library's own. The first offer holds.
pub fn offer_table(table: OwnTable) {
    // A second offer is the library's constructor run again.
    let _ = OWN_TABLE.set(table);
}

/// The library's own table, if it has this id.
pub(crate) fn own_table(id: &[u8; 16]) -> Option<*const c_void> {
    let table = OWN_TABLE.get().filter(|table| table.id == *id)?;
    Some(std::ptr::with_exposed_provenance(table.address))
}

/// The driver; `CUDA_ERROR_NOT_INITIALIZED` in a library that registered none.
#[inline]
pub(crate) fn driver() -> CuResult<&'static dyn Driver> {
    if let Some(driver) = DRIVER.get() {
        return Ok(*driver);
    }
    let source = SOURCE.get().ok_or(CuError::NOT_INITIALIZED)?;
    Ok(*DRIVER.get_or_init(source))
}

/// Registers a driver when the library is loaded: `rigel_interposer::register!(driver);` with
/// `fn driver() -> &'static dyn Driver`. The constructor only stores the function.
#[macro_export]
macro_rules! register {
    ($source:path) => {
        const _: () = {
            extern "C" fn register() {
                $crate::install($source);
            }

            #[used]
            #[unsafe(link_section = ".init_array")]
            static REGISTER: extern "C" fn() = register;
        };
    };
}
