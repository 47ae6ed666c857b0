//! Fixed-layout encoding: little-endian, field by field, no alignment, no self-description.
//!
//! Nothing here allocates before it has checked the length it was told against what is there. Read
//! [`Get`] first: it is the half that faces a peer.
//!
//! 1. Integers and floats are their little-endian bytes; `usize` travels as `u64`.
//! 2. Handles, addresses and C enums are the number inside.
//! 3. A list is a `u32` count and its elements; bytes and strings are a `u32` length and the bytes.
//! 4. An optional value is one byte, 0 or 1, and the value if it is 1.

use std::ffi::CStr;

use thiserror::Error;

use crate::handle::{Device, DevicePtr, Handle};

/// Most elements a list in a record may have.
pub const LIST_MAX: usize = 1 << 16;

/// Why bytes of a peer could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WireError {
    /// A field reaches past the end.
    #[error("read {wanted} bytes where {left} are left")]
    Short {
        /// Bytes the field needs.
        wanted: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// Bytes follow the last field.
    #[error("end a record with {0} bytes left over")]
    Trailing(usize),
    /// A list is longer than anything valid.
    #[error("read a list of {0} elements")]
    ListTooLong(usize),
    /// A field holds a value that its type does not have.
    #[error("read {value:#x} as {what}")]
    BadValue {
        /// The type.
        what: &'static str,
        /// The value found.
        value: u64,
    },
}

/// Bytes being written.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Put {
    bytes: Vec<u8>,
}

impl Put {
    /// An empty writer.
    pub fn new() -> Self {
        Self::default()
    }

    /// A writer on an emptied buffer, to use its memory again.
    pub fn reuse(mut bytes: Vec<u8>) -> Self {
        bytes.clear();
        Self { bytes }
    }

    /// What was written.
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// What was written.
    pub fn into_vec(self) -> Vec<u8> {
        self.bytes
    }

    /// Forgets what was written after the first `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.bytes.truncate(len);
    }

    /// Writes a value.
    pub fn put<T: Wire>(&mut self, value: &T) {
        value.put(self);
    }

    /// Writes bytes as they are, without their length.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes the length of bytes, and the bytes.
    ///
    /// # Panics
    /// If there are 4 GiB of them or more: callers pass what fits a record.
    pub fn bytes(&mut self, bytes: &[u8]) {
        let len = u32::try_from(bytes.len()).expect("a record is smaller than 4 GiB");
        self.put(&len);
        self.raw(bytes);
    }

    /// Writes a string without its terminator.
    pub fn cstr(&mut self, text: &CStr) {
        self.bytes(text.to_bytes());
    }

    /// Writes the elements of a list after their number.
    ///
    /// # Panics
    /// If there are 4 Gi of them or more: callers pass what fits a record.
    pub fn list<T: Wire>(&mut self, items: &[T]) {
        let count = u32::try_from(items.len()).expect("a record has fewer than 4 Gi elements");
        self.put(&count);
        for item in items {
            item.put(self);
        }
    }
}

/// Bytes being read.
#[derive(Debug, Clone)]
pub struct Get<'a> {
    bytes: &'a [u8],
}

impl<'a> Get<'a> {
    /// A reader at the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.bytes.len()
    }

    /// Reads a value.
    pub fn get<T: Wire>(&mut self) -> Result<T, WireError> {
        T::get(self)
    }

    /// Reads `len` bytes as they are.
    pub fn raw(&mut self, len: usize) -> Result<&'a [u8], WireError> {
        let Some((taken, rest)) = self.bytes.split_at_checked(len) else {
            return Err(WireError::Short {
                wanted: len,
                left: self.bytes.len(),
            });
        };
        self.bytes = rest;
        Ok(taken)
    }

    /// Reads bytes after their length.
    pub fn bytes(&mut self) -> Result<&'a [u8], WireError> {
        let len: u32 = self.get()?;
        self.raw(len as usize)
    }

    /// Reads bytes as a text; what is not UTF-8 is replaced.
    pub fn text(&mut self) -> Result<String, WireError> {
        Ok(String::from_utf8_lossy(self.bytes()?).into_owned())
    }

    /// Reads a string; a zero byte inside it is an error.
    pub fn cstring(&mut self) -> Result<std::ffi::CString, WireError> {
        std::ffi::CString::new(self.bytes()?).map_err(|_| WireError::BadValue {
            what: "a character of a string",
            value: 0,
        })
    }

    /// Reads a list. An element takes at least a byte, so the count is checked against what is left
    /// before anything is allocated.
    pub fn list<T: Wire>(&mut self) -> Result<Vec<T>, WireError> {
        let count: u32 = self.get()?;
        let count = count as usize;
        if count > LIST_MAX {
            return Err(WireError::ListTooLong(count));
        }
        if count > self.left() {
            return Err(WireError::Short {
                wanted: count,
                left: self.left(),
            });
        }
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.get()?);
        }
        Ok(items)
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// Checks that nothing is left.
    pub fn finish(&self) -> Result<(), WireError> {
        match self.left() {
            0 => Ok(()),
            left => Err(WireError::Trailing(left)),
        }
    }
}

/// A value with a fixed layout.
pub trait Wire: Sized {
    /// Appends it.
    fn put(&self, out: &mut Put);
    /// Reads it.
    fn get(from: &mut Get<'_>) -> Result<Self, WireError>;
}

macro_rules! wire_numbers {
    ($($number:ty),*) => {
        $(
            impl Wire for $number {
                fn put(&self, out: &mut Put) {
                    out.raw(&self.to_le_bytes());
                }

                fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
                    let mut bytes = [0; size_of::<$number>()];
                    bytes.copy_from_slice(from.raw(size_of::<$number>())?);
                    Ok(<$number>::from_le_bytes(bytes))
                }
            }
        )*
    };
}

wire_numbers!(u8, u16, u32, u64, i32, i64, f32, f64);

impl Wire for usize {
    fn put(&self, out: &mut Put) {
        (*self as u64).put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let value: u64 = from.get()?;
        Self::try_from(value).map_err(|_| WireError::BadValue {
            what: "a size",
            value,
        })
    }
}

impl Wire for bool {
    fn put(&self, out: &mut Put) {
        u8::from(*self).put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        match from.get::<u8>()? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(WireError::BadValue {
                what: "a truth value",
                value: value.into(),
            }),
        }
    }
}

impl<T: Wire> Wire for Option<T> {
    fn put(&self, out: &mut Put) {
        self.is_some().put(out);
        if let Some(value) = self {
            value.put(out);
        }
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        match from.get::<bool>()? {
            true => from.get().map(Some),
            false => Ok(None),
        }
    }
}

impl<T: Wire + Copy + Default, const N: usize> Wire for [T; N] {
    fn put(&self, out: &mut Put) {
        for item in self {
            item.put(out);
        }
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let mut items = [T::default(); N];
        for item in &mut items {
            *item = from.get()?;
        }
        Ok(items)
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
        self.1.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok((from.get()?, from.get()?))
    }
}

/// All handles travel as their value.
impl<T: Handle> Wire for T {
    fn put(&self, out: &mut Put) {
        self.raw().put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(T::from_raw)
    }
}

impl Wire for Device {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

impl Wire for DevicePtr {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_past_the_end_is_short() {
        let mut get = Get::new(&[1, 2, 3]);
        assert_eq!(
            get.get::<u32>(),
            Err(WireError::Short { wanted: 4, left: 3 })
        );
        assert_eq!(get.get::<u8>(), Ok(1), "a failed read takes nothing");
    }

    #[test]
    fn list_longer_than_the_record_is_refused_before_allocating() {
        let mut put = Put::new();
        put.put(&60_000_u32);
        assert!(Get::new(put.as_slice()).list::<u64>().is_err());
        let mut put = Put::new();
        put.put(&u32::MAX);
        assert_eq!(
            Get::new(put.as_slice()).list::<u8>(),
            Err(WireError::ListTooLong(u32::MAX as usize))
        );
    }

    #[test]
    fn truth_values_other_than_0_and_1_are_refused() {
        assert!(Get::new(&[2]).get::<bool>().is_err());
        assert!(Get::new(&[7, 1]).get::<Option<u8>>().is_err());
    }

    #[test]
    fn finish_with_bytes_left_is_an_error() {
        assert_eq!(Get::new(&[0]).finish(), Err(WireError::Trailing(1)));
        assert_eq!(Get::new(&[]).finish(), Ok(()));
    }
}
