//! Copies and fills on the wire. Read [`End`] first.

use super::{Blob, records};
use crate::call::HostPtr;
use crate::custom::{ArraySlot, Extent, Fill, Order};
use crate::handle::{Array, DevicePtr, Stream};
use crate::wire::{Get, Put, Wire, WireError};

/// One end of a copy, as the worker sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End<'a> {
    /// Device memory.
    Device(DevicePtr),
    /// An array.
    Array(ArraySlot),
    /// Page-locked memory in an arena, at the same address on both sides.
    Arena(HostPtr),
    /// Bytes of the client, source only: of a linear copy as many as are copied, of a box its rows
    /// and slices without gaps.
    Bytes(Blob<'a>),
    /// The caller, destination only: the reply carries a [`Blob`] of the bytes, of a box without gaps.
    Caller,
}

impl<'a> End<'a> {
    fn put(&self, out: &mut Put) {
        match self {
            Self::Device(address) => {
                out.put(&0_u8);
                out.put(address);
            }
            Self::Array(slot) => {
                out.put(&1_u8);
                out.put(&slot.array);
                out.put(&slot.offset_bytes);
            }
            Self::Arena(address) => {
                out.put(&2_u8);
                out.put(address);
            }
            Self::Bytes(blob) => {
                out.put(&3_u8);
                blob.put(out);
            }
            Self::Caller => out.put(&4_u8),
        }
    }

    fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        match from.get::<u8>()? {
            0 => Ok(Self::Device(from.get()?)),
            1 => {
                let array: Array = from.get()?;
                Ok(Self::Array(ArraySlot { array, offset_bytes: from.get()? }))
            }
            2 => Ok(Self::Arena(from.get()?)),
            3 => Ok(Self::Bytes(Blob::get(from)?)),
            4 => Ok(Self::Caller),
            value => Err(WireError::BadValue { what: "the end of a copy", value: value.into() }),
        }
    }
}

/// A linear copy: `copy`, or `copyToHost` if the destination is [`End::Caller`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyLine<'a> {
    /// Place in the order of work.
    pub order: Order,
    /// How many bytes.
    pub bytes: u64,
    /// Where to.
    pub dst: End<'a>,
    /// Where from.
    pub src: End<'a>,
}

impl<'a> CopyLine<'a> {
    /// Appends it.
    pub fn put(&self, out: &mut Put) {
        out.put(&self.order);
        out.put(&self.bytes);
        self.dst.put(out);
        self.src.put(out);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            order: from.get()?,
            bytes: from.get()?,
            dst: End::get(from)?,
            src: End::get(from)?,
        })
    }
}

/// One end of a 2D or 3D copy. For [`End::Bytes`] and [`End::Caller`] the numbers are ignored: their
/// bytes lie without gaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndBox<'a> {
    /// Base of the volume.
    pub end: End<'a>,
    /// First byte within a row.
    pub x_bytes: u64,
    /// First row.
    pub y: u64,
    /// First slice.
    pub z: u64,
    /// Bytes from one row to the next.
    pub pitch_bytes: u64,
    /// Rows from one slice to the next.
    pub rows: u64,
}

impl<'a> EndBox<'a> {
    fn put(&self, out: &mut Put) {
        self.end.put(out);
        for number in [self.x_bytes, self.y, self.z, self.pitch_bytes, self.rows] {
            out.put(&number);
        }
    }

    fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        let end = End::get(from)?;
        let [x_bytes, y, z, pitch_bytes, rows] = from.get()?;
        Ok(Self { end, x_bytes, y, z, pitch_bytes, rows })
    }
}

/// A 2D or 3D copy: `copy3d`, or `copy3dToHost` if the destination is [`End::Caller`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyBox<'a> {
    /// Place in the order of work.
    pub order: Order,
    /// How much.
    pub extent: Extent,
    /// Where to.
    pub dst: EndBox<'a>,
    /// Where from.
    pub src: EndBox<'a>,
}

impl<'a> CopyBox<'a> {
    /// Appends it.
    pub fn put(&self, out: &mut Put) {
        out.put(&self.order);
        out.put(&self.extent);
        self.dst.put(out);
        self.src.put(out);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            order: from.get()?,
            extent: from.get()?,
            dst: EndBox::get(from)?,
            src: EndBox::get(from)?,
        })
    }
}

records! {
    /// A fill.
    FillRecord {
        /// Place in the order of work.
        order: Order,
        /// What and where.
        fill: Fill,
    }
}

impl Wire for Order {
    fn put(&self, out: &mut Put) {
        out.put(&self.stream);
        out.put(&self.wait);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let stream: Stream = from.get()?;
        Ok(Self { stream, wait: from.get()? })
    }
}

impl Wire for Extent {
    fn put(&self, out: &mut Put) {
        out.put(&[self.width_bytes, self.height, self.depth]);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let [width_bytes, height, depth] = from.get()?;
        Ok(Self { width_bytes, height, depth })
    }
}

impl Wire for Fill {
    fn put(&self, out: &mut Put) {
        out.put(&self.dst);
        out.put(&self.pitch_bytes);
        out.put(&self.value);
        out.put(&self.element_bytes);
        out.put(&self.width);
        out.put(&self.height);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let fill = Self {
            dst: from.get()?,
            pitch_bytes: from.get()?,
            value: from.get()?,
            element_bytes: from.get()?,
            width: from.get()?,
            height: from.get()?,
        };
        if !matches!(fill.element_bytes, 1 | 2 | 4) {
            let value = fill.element_bytes.into();
            return Err(WireError::BadValue { what: "the size of an element", value });
        }
        Ok(fill)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    const ORDER: Order = Order { stream: Stream::LEGACY, wait: true };

    fn ends() -> [End<'static>; 6] {
        [
            End::Device(DevicePtr(0x1000)),
            End::Array(ArraySlot { array: Array::mint(4), offset_bytes: 9 }),
            End::Arena(HostPtr(0x2000)),
            End::Bytes(Blob::Inline(b"bytes")),
            End::Bytes(Blob::Bulk(1 << 40)),
            End::Caller,
        ]
    }

    #[test]
    fn copies_between_all_ends_decode_to_the_same() {
        for (dst, src) in ends().into_iter().flat_map(|dst| ends().map(|src| (dst, src))) {
            let line = CopyLine { order: ORDER, bytes: 5, dst, src };
            let mut put = Put::new();
            line.put(&mut put);
            assert_eq!(CopyLine::get(&mut Get::new(put.as_slice())), Ok(line));
            for end in 0..put.as_slice().len() {
                assert!(CopyLine::get(&mut Get::new(&put.as_slice()[..end])).is_err());
            }
        }
    }

    #[test]
    fn box_decodes_to_the_same() {
        let side = |end| EndBox { end, x_bytes: 1, y: 2, z: 3, pitch_bytes: 4, rows: 5 };
        let extent = Extent { width_bytes: 6, height: 7, depth: 8 };
        let [device, .., bytes, _, _] = ends();
        let copy = CopyBox { order: ORDER, extent, dst: side(device), src: side(bytes) };
        let mut put = Put::new();
        copy.put(&mut put);
        assert_eq!(CopyBox::get(&mut Get::new(put.as_slice())), Ok(copy));
    }

    #[test]
    fn fill_of_odd_elements_is_refused() {
        let dst = DevicePtr(64);
        let fill = Fill { dst, pitch_bytes: 0, value: 7, element_bytes: 4, width: 3, height: 1 };
        check(FillRecord { order: ORDER, fill });
        let mut put = Put::new();
        put.put(&Fill { element_bytes: 3, ..fill });
        assert!(Get::new(put.as_slice()).get::<Fill>().is_err());
    }
}
