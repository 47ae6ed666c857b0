//! Nodes of graphs and captures on the wire. Read [`WireNode`] first.

use super::copy::{WireFill, WirePlace, WireSide};
use crate::custom::{
    AllocateNode, CaptureState, Copy3d, Extent, Fill, GraphUpdate, KernelNode, Place, Side,
};
use crate::generated::types::{
    CUgraphExecUpdateResult, CUstreamBatchMemOpParams, CUstreamCaptureStatus,
};
use crate::handle::{DevicePtr, Event, Function, Graph, GraphNode, Stream};
use crate::wire::{Get, Put, Wire, WireError};
use crate::{CuError, CuResult, HostPtr};

/// Most operations of one node.
pub const OPERATIONS_MAX: usize = 256;

/// What a node does, as it travels: as [`crate::custom::NodeParams`], with the program's host
/// functions numbered by the client and host places in arenas only.
#[derive(Clone, Debug, PartialEq)]
pub enum WireNode {
    /// Nothing.
    Empty,
    /// Launches a kernel.
    Kernel(KernelNode),
    /// Copies a box.
    Copy(Copy3d),
    /// Fills memory.
    Fill(Fill),
    /// Calls a function of the client's.
    Host {
        /// Its number.
        callback: u64,
        /// As in [`crate::custom::HostNode`].
        tag: u64,
    },
    /// Performs a graph.
    Child(Graph),
    /// Records an event.
    Record(Event),
    /// Waits for an event.
    Wait(Event),
    /// Writes words and waits for them.
    BatchMemOp {
        /// The operations.
        operations: Vec<CUstreamBatchMemOpParams>,
        /// Reserved.
        flags: u32,
    },
    /// Takes memory.
    Allocate(AllocateNode),
    /// Gives it back.
    Free(DevicePtr),
}

impl Wire for WireNode {
    fn put(&self, out: &mut Put) {
        match self {
            Self::Empty => out.put(&0_u8),
            Self::Kernel(node) => {
                out.put(&1_u8);
                out.put(&node.function);
                out.put(&node.grid);
                out.put(&node.block);
                out.put(&node.shared_bytes);
                out.bytes(&node.params);
            }
            Self::Copy(copy) => {
                out.put(&2_u8);
                wire_side(&copy.dst).put(out);
                wire_side(&copy.src).put(out);
                out.put(&copy.extent.width_bytes);
                out.put(&copy.extent.height);
                out.put(&copy.extent.depth);
            }
            Self::Fill(fill) => {
                out.put(&3_u8);
                out.put(&WireFill {
                    fill: *fill,
                    stream: Stream::NONE,
                    wait: false,
                });
            }
            Self::Host { callback, tag } => {
                out.put(&4_u8);
                out.put(callback);
                out.put(tag);
            }
            Self::Child(graph) => {
                out.put(&5_u8);
                out.put(graph);
            }
            Self::Record(event) => {
                out.put(&6_u8);
                out.put(event);
            }
            Self::Wait(event) => {
                out.put(&7_u8);
                out.put(event);
            }
            Self::BatchMemOp { operations, flags } => {
                out.put(&8_u8);
                out.list(operations);
                out.put(flags);
            }
            Self::Allocate(node) => {
                out.put(&9_u8);
                out.put(&node.properties);
                out.list(&node.access);
                out.put(&node.bytes);
                out.put(&node.address);
            }
            Self::Free(address) => {
                out.put(&10_u8);
                out.put(address);
            }
        }
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(match from.get::<u8>()? {
            0 => Self::Empty,
            1 => Self::Kernel(KernelNode {
                function: from.get::<Function>()?,
                grid: from.get()?,
                block: from.get()?,
                shared_bytes: from.get()?,
                params: from.bytes()?.to_vec(),
            }),
            2 => Self::Copy(Copy3d {
                dst: plain_side(&WireSide::get(from)?)?,
                src: plain_side(&WireSide::get(from)?)?,
                extent: Extent {
                    width_bytes: from.get()?,
                    height: from.get()?,
                    depth: from.get()?,
                },
            }),
            3 => Self::Fill(from.get::<WireFill>()?.fill),
            4 => Self::Host {
                callback: from.get()?,
                tag: from.get()?,
            },
            5 => Self::Child(from.get()?),
            6 => Self::Record(from.get()?),
            7 => Self::Wait(from.get()?),
            8 => Self::BatchMemOp {
                operations: operations(from)?,
                flags: from.get()?,
            },
            9 => Self::Allocate(AllocateNode {
                properties: from.get()?,
                access: from.list()?,
                bytes: from.get()?,
                address: from.get()?,
            }),
            10 => Self::Free(from.get()?),
            value => {
                return Err(WireError::BadValue {
                    what: "the kind of a node",
                    value: value.into(),
                });
            }
        })
    }
}

fn operations(from: &mut Get<'_>) -> Result<Vec<CUstreamBatchMemOpParams>, WireError> {
    let operations: Vec<_> = from.list()?;
    match operations.len() <= OPERATIONS_MAX {
        true => Ok(operations),
        false => Err(WireError::ListTooLong(operations.len())),
    }
}

/// A side whose host memory, if it is any, is an arena's.
fn wire_side(side: &Side) -> WireSide<'static> {
    WireSide {
        place: match side.place {
            Place::Host(address) => WirePlace::Shared(address.0),
            Place::Device(address) => WirePlace::Device(address),
            Place::Array(slot) => WirePlace::Array(slot),
        },
        x_bytes: side.x_bytes,
        y: side.y,
        z: side.z,
        pitch_bytes: side.pitch_bytes,
        rows: side.rows,
    }
}

fn plain_side(side: &WireSide<'_>) -> Result<Side, WireError> {
    Ok(Side {
        place: match side.place {
            WirePlace::Shared(address) => Place::Host(HostPtr(address)),
            WirePlace::Device(address) => Place::Device(address),
            WirePlace::Array(slot) => Place::Array(slot),
            WirePlace::Bytes(_) => {
                return Err(WireError::BadValue {
                    what: "the place of a node's copy",
                    value: 3,
                });
            }
        },
        x_bytes: side.x_bytes,
        y: side.y,
        z: side.z,
        pitch_bytes: side.pitch_bytes,
        rows: side.rows,
    })
}

impl Wire for GraphUpdate {
    fn put(&self, out: &mut Put) {
        out.put(&self.result);
        out.put(&self.error_node);
        out.put(&self.error_from_node);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            result: from.get::<CUgraphExecUpdateResult>()?,
            error_node: from.get::<GraphNode>()?,
            error_from_node: from.get::<GraphNode>()?,
        })
    }
}

impl Wire for CaptureState {
    fn put(&self, out: &mut Put) {
        out.put(&self.status);
        out.put(&self.id);
        out.put(&self.graph);
        out.list(&self.needs);
        out.list(&self.edges);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            status: from.get::<CUstreamCaptureStatus>()?,
            id: from.get()?,
            graph: from.get()?,
            needs: from.list()?,
            edges: from.list()?,
        })
    }
}

/// Whether a copy's host sides lie where the other side reaches them; `reaches` knows arenas.
pub fn check_host_sides(copy: &Copy3d, reaches: impl Fn(u64, u64) -> bool) -> CuResult<()> {
    for side in [&copy.dst, &copy.src] {
        let Place::Host(base) = side.place else {
            continue;
        };
        let bytes = side.span(copy.extent).ok_or(CuError::INVALID_VALUE)?;
        if !reaches(base.0, bytes) {
            return crate::custom::not_supported("a graph's copy of ordinary host memory");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_survive_the_wire() {
        let side = |place| Side {
            place,
            x_bytes: 1,
            y: 2,
            z: 3,
            pitch_bytes: 64,
            rows: 5,
        };
        let copy = Copy3d {
            dst: side(Place::Device(DevicePtr(7))),
            src: side(Place::Host(HostPtr(9))),
            extent: Extent {
                width_bytes: 8,
                height: 1,
                depth: 1,
            },
        };
        for node in [
            WireNode::Empty,
            WireNode::Copy(copy),
            WireNode::Host {
                callback: 1,
                tag: 2,
            },
            WireNode::Child(Graph(3)),
            WireNode::BatchMemOp {
                operations: vec![CUstreamBatchMemOpParams { words: [1; 6] }],
                flags: 0,
            },
            WireNode::Allocate(allocation()),
            WireNode::Free(DevicePtr(7)),
        ] {
            let mut put = Put::new();
            put.put(&node);
            let mut get = Get::new(put.as_slice());
            assert_eq!(get.get(), Ok(node));
            assert_eq!(get.finish(), Ok(()));
        }
        assert!(Get::new(&[99]).get::<WireNode>().is_err());
    }

    fn allocation() -> AllocateNode {
        use crate::generated::types::{
            CUmemAllocationHandleType, CUmemAllocationType, CUmemLocation, CUmemLocationType,
            CUmemPoolProps,
        };
        AllocateNode {
            properties: CUmemPoolProps {
                allocType: CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED,
                handleTypes: CUmemAllocationHandleType(0),
                location: CUmemLocation {
                    r#type: CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE,
                    id: 1,
                },
                win32SecurityAttributes: 0,
                maxSize: 5,
                usage: 0,
                reserved: [0; 54],
            },
            access: Vec::new(),
            bytes: 4096,
            address: DevicePtr(0x7000),
        }
    }

    #[test]
    fn copy_of_ordinary_host_memory_is_refused() {
        let side = |place| Side {
            place,
            x_bytes: 0,
            y: 0,
            z: 0,
            pitch_bytes: 8,
            rows: 1,
        };
        let copy = Copy3d {
            dst: side(Place::Device(DevicePtr(7))),
            src: side(Place::Host(HostPtr(4096))),
            extent: Extent {
                width_bytes: 8,
                height: 1,
                depth: 1,
            },
        };
        let within = |address, bytes| address == 4096 && bytes == 8;
        assert_eq!(check_host_sides(&copy, within), Ok(()));
        assert_eq!(
            check_host_sides(&copy, |_, _| false),
            Err(CuError::NOT_SUPPORTED)
        );
    }
}
