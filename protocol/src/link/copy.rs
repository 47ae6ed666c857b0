//! Copies and fills on the wire. A copy's pageable host end is replaced by bytes that travel; its
//! page-locked end is an address in an arena, valid on both sides. Read [`WirePlace`] first.

use super::{Payload, Transfer};
use crate::custom::{ArraySlot, Extent, Fill};
use crate::handle::{DevicePtr, Stream};
use crate::wire::{Get, Put, Wire, WireError};

/// One end of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WirePlace<'a> {
    /// Device memory.
    Device(DevicePtr),
    /// An array.
    Array(ArraySlot),
    /// Page-locked memory in an arena that both sides have mapped; checked by the worker.
    Shared(u64),
    /// Bytes that travel, packed: rows follow one another without gaps. As a source they come from
    /// the client. As a destination a transfer is to be sent back in the download ring; an empty
    /// inline payload (for at most [`super::INLINE_BYTES_MAX`] bytes) means that they ride in the
    /// answer, as its only result ([`Put::bytes`]).
    Bytes(Payload<'a>),
}

impl<'a> WirePlace<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
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
            Self::Shared(address) => {
                out.put(&2_u8);
                out.put(address);
            }
            Self::Bytes(payload) => {
                out.put(&3_u8);
                payload.put(out);
            }
        }
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        match from.get::<u8>()? {
            0 => Ok(Self::Device(from.get()?)),
            1 => Ok(Self::Array(ArraySlot {
                array: from.get()?,
                offset_bytes: from.get()?,
            })),
            2 => Ok(Self::Shared(from.get()?)),
            3 => Ok(Self::Bytes(Payload::get(from)?)),
            value => Err(WireError::BadValue {
                what: "the kind of a place",
                value: value.into(),
            }),
        }
    }

    /// The transfer that brings or takes the bytes, if there is one.
    pub fn transfer(&self) -> Option<Transfer> {
        match self {
            Self::Bytes(Payload::Bulk(transfer)) => Some(*transfer),
            _ => None,
        }
    }
}

/// `copy` and `copyWait`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireCopy<'a> {
    /// Where to.
    pub dst: WirePlace<'a>,
    /// Where from.
    pub src: WirePlace<'a>,
    /// How much.
    pub bytes: u64,
    /// In which order.
    pub stream: Stream,
    /// Whether the caller made a synchronous call.
    pub wait: bool,
}

impl<'a> WireCopy<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
        self.dst.put(out);
        self.src.put(out);
        out.put(&self.bytes);
        out.put(&self.stream);
        out.put(&self.wait);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            dst: WirePlace::get(from)?,
            src: WirePlace::get(from)?,
            bytes: from.get()?,
            stream: from.get()?,
            wait: from.get()?,
        })
    }
}

/// One end of a 2D or 3D copy. Bytes that travel are packed, and their `x_bytes`, `y`, `z` are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireSide<'a> {
    /// Base of the volume.
    pub place: WirePlace<'a>,
    /// First byte within a row.
    pub x_bytes: u64,
    /// First row.
    pub y: u64,
    /// First slice.
    pub z: u64,
    /// Bytes from row to row.
    pub pitch_bytes: u64,
    /// Rows from slice to slice.
    pub rows: u64,
}

impl<'a> WireSide<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
        self.place.put(out);
        for number in [self.x_bytes, self.y, self.z, self.pitch_bytes, self.rows] {
            out.put(&number);
        }
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            place: WirePlace::get(from)?,
            x_bytes: from.get()?,
            y: from.get()?,
            z: from.get()?,
            pitch_bytes: from.get()?,
            rows: from.get()?,
        })
    }
}

/// `copy3d` and `copy3dWait`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireCopy3d<'a> {
    /// Where to.
    pub dst: WireSide<'a>,
    /// Where from.
    pub src: WireSide<'a>,
    /// How much.
    pub extent: Extent,
    /// In which order.
    pub stream: Stream,
    /// Whether the caller made a synchronous call.
    pub wait: bool,
}

impl<'a> WireCopy3d<'a> {
    /// Writes it.
    pub fn put(&self, out: &mut Put) {
        self.dst.put(out);
        self.src.put(out);
        out.put(&self.extent.width_bytes);
        out.put(&self.extent.height);
        out.put(&self.extent.depth);
        out.put(&self.stream);
        out.put(&self.wait);
    }

    /// Reads it.
    pub fn get(from: &mut Get<'a>) -> Result<Self, WireError> {
        Ok(Self {
            dst: WireSide::get(from)?,
            src: WireSide::get(from)?,
            extent: Extent {
                width_bytes: from.get()?,
                height: from.get()?,
                depth: from.get()?,
            },
            stream: from.get()?,
            wait: from.get()?,
        })
    }
}

/// `fill`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireFill {
    /// What to fill with what.
    pub fill: Fill,
    /// In which order.
    pub stream: Stream,
    /// Whether the caller made a synchronous call.
    pub wait: bool,
}

impl Wire for WireFill {
    fn put(&self, out: &mut Put) {
        out.put(&self.fill.dst);
        out.put(&self.fill.pitch_bytes);
        out.put(&self.fill.value);
        out.put(&self.fill.element_bytes);
        out.put(&self.fill.width);
        out.put(&self.fill.height);
        out.put(&self.stream);
        out.put(&self.wait);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        let fill = Fill {
            dst: from.get()?,
            pitch_bytes: from.get()?,
            value: from.get()?,
            element_bytes: from.get()?,
            width: from.get()?,
            height: from.get()?,
        };
        if ![1, 2, 4].contains(&fill.element_bytes) {
            return Err(WireError::BadValue {
                what: "the size of an element",
                value: fill.element_bytes.into(),
            });
        }
        Ok(Self {
            fill,
            stream: from.get()?,
            wait: from.get()?,
        })
    }
}
