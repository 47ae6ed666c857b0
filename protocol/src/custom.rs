//! The hand-written half of the [`crate::Driver`] trait: what does not follow from a C signature.
//!
//! Many C functions fold into few methods here: every memcpy is a [`Copies::copy`] or
//! [`Copies::copy_3d`], every memset a [`Copies::fill`], every launch a [`Launches::launch`]. The
//! interposer does the folding; behind it a driver implements each once.
//!
//! Every method defaults to [`CuError::NOT_SUPPORTED`], logged once by name.

mod context;
mod copy;
mod graph;
mod image;
mod launch;
mod memory;
mod piece;

use std::collections::BTreeSet;
use std::sync::Mutex;

pub use context::{Contexts, DeviceProfile, Lifecycle, PciAddress};
pub use copy::{ArraySlot, Copies, Copy3d, Extent, Fill, Order, Place, Side};
pub use graph::{
    AllocateNode, CaptureState, GraphUpdate, Graphs, HostNode, KernelNode, NodeParams,
};
pub use image::{
    FunctionInfo, Images, JitInput, JitOptions, LinkedImage, PARAM_BYTES_MAX, ParamSlot, ParamSlots,
};
pub use launch::{HostCallback, LaunchConfig, Launches, callback_status};
pub use memory::{AllocationKind, HostMemory, PointerInfo};
pub use piece::Piece;

use crate::status::{CuError, CuResult};

/// The answer of every method nobody has written: `CUDA_ERROR_NOT_SUPPORTED`, with one warning a
/// name and process.
pub fn not_supported<T>(name: &'static str) -> CuResult<T> {
    static SEEN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let first = SEEN
        .lock()
        .map(|mut seen| seen.insert(name))
        .unwrap_or(false);
    if first {
        tracing::warn!(
            call = name,
            "driver call is not supported: CUDA_ERROR_NOT_SUPPORTED"
        );
    }
    Err(CuError::NOT_SUPPORTED)
}
