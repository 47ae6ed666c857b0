//! Exports written by hand: what the table marks `custom`.
//!
//! The generated export of a custom call does nothing but stop panics and pass its arguments on:
//!
//! ```text
//! extern "C" fn cuMemcpyHtoDAsync_v2(dst: DevicePtr, src: *const c_void, bytes: usize, stream: Stream) -> i32 {
//!     ffi::call(|| unsafe { custom::memcpy_htod_async_v2(dst, src, bytes, stream, Stream::LEGACY) })
//! }
//! ```
//!
//! A function here has the C name in snake case, version included (`ctx_create`, `ctx_create_v2`),
//! the C parameters in order, and, where the call has a `_ptds` or `_ptsz` form, one more: what the
//! null stream means in the form that was called ([`Stream::LEGACY`] or [`Stream::PER_THREAD`]).
//! It returns a `CuResult<()>`.
//!
//! [`Stream::LEGACY`]: rigel_protocol::handle::Stream::LEGACY
//! [`Stream::PER_THREAD`]: rigel_protocol::handle::Stream::PER_THREAD
