// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! What the records of generated calls hold, for the listing that keeps the wire from changing by
//! accident. Types are Rust's; how each is written stands in [`crate::wire`].

/// The layout of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallLayout {
    /// The call.
    pub call: super::calls::Call,
    /// Fields of its record, in order.
    pub arguments: &'static [&'static str],
    /// Fields of its answer, in order.
    pub results: &'static [&'static str],
}

/// The layout of a structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StructLayout {
    /// Its name.
    pub name: &'static str,
    /// Its fields, in order.
    pub fields: &'static [&'static str],
}

/// Structures that travel.
pub static STRUCTS: &[StructLayout] = &[
    StructLayout {
        name: "CUmemLocation",
        fields: &["r#type: CUmemLocationType", "id: c_int"],
    },
    StructLayout {
        name: "CUmemAccessDesc",
        fields: &["location: CUmemLocation", "flags: CUmemAccess_flags"],
    },
    StructLayout {
        name: "CUipcMemHandle",
        fields: &["reserved: [u8 ; 64]"],
    },
    StructLayout {
        name: "CUipcEventHandle",
        fields: &["reserved: [u8 ; 64]"],
    },
    StructLayout {
        name: "CUmemPoolPtrExportData",
        fields: &["reserved: [u8 ; 64]"],
    },
    StructLayout {
        name: "CUmemPoolProps",
        fields: &[
            "allocType: CUmemAllocationType",
            "handleTypes: CUmemAllocationHandleType",
            "location: CUmemLocation",
            "win32SecurityAttributes: u64",
            "maxSize: usize",
            "usage: c_ushort",
            "reserved: [u8 ; 54]",
        ],
    },
    StructLayout {
        name: "CUmemAllocationFlags",
        fields: &[
            "compressionType: c_uchar",
            "gpuDirectRDMACapable: c_uchar",
            "usage: c_ushort",
            "reserved: [u8 ; 4]",
        ],
    },
    StructLayout {
        name: "CUmemAllocationProp",
        fields: &[
            "r#type: CUmemAllocationType",
            "requestedHandleTypes: CUmemAllocationHandleType",
            "location: CUmemLocation",
            "win32HandleMetaData: u64",
            "allocFlags: CUmemAllocationFlags",
        ],
    },
    StructLayout {
        name: "CUstreamBatchMemOpParams",
        fields: &["words: [u64 ; 6]"],
    },
    StructLayout {
        name: "CUstreamAttrValue",
        fields: &["words: [u64 ; 8]"],
    },
    StructLayout {
        name: "CUgraphEdgeData",
        fields: &[
            "from_port: u8",
            "to_port: u8",
            "r#type: u8",
            "reserved: [u8 ; 5]",
        ],
    },
];

/// Calls of `protocol/api` that travel and have no layout written by hand.
pub static CALLS: &[CallLayout] = &[
    CallLayout {
        call: super::calls::Call(0x0211),
        arguments: &["dev: Device", "peer_dev: Device"],
        results: &["can_access_peer: i32"],
    },
    CallLayout {
        call: super::calls::Call(0x0212),
        arguments: &[
            "attrib: CUdevice_P2PAttribute",
            "src_device: Device",
            "dst_device: Device",
        ],
        results: &["value: i32"],
    },
    CallLayout {
        call: super::calls::Call(0x0310),
        arguments: &[],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0312),
        arguments: &["limit: CUlimit", "value: usize"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0313),
        arguments: &["limit: CUlimit"],
        results: &["pvalue: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0314),
        arguments: &[],
        results: &["pconfig: CUfunc_cache"],
    },
    CallLayout {
        call: super::calls::Call(0x0315),
        arguments: &["config: CUfunc_cache"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0317),
        arguments: &[],
        results: &["least_priority: i32", "greatest_priority: i32"],
    },
    CallLayout {
        call: super::calls::Call(0x0318),
        arguments: &[],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x031e),
        arguments: &["peer_context: Context", "flags: u32"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x031f),
        arguments: &["peer_context: Context"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0400),
        arguments: &[],
        results: &["free: usize", "total: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0401),
        arguments: &["bytesize: usize"],
        results: &["dptr: DevicePtr"],
    },
    CallLayout {
        call: super::calls::Call(0x0403),
        arguments: &["dptr: DevicePtr"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0404),
        arguments: &["dptr: DevicePtr"],
        results: &["pbase: DevicePtr", "psize: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x040a),
        arguments: &["bytesize: usize", "flags: u32"],
        results: &["dptr: DevicePtr"],
    },
    CallLayout {
        call: super::calls::Call(0x040b),
        arguments: &["dptr: DevicePtr"],
        results: &["p_handle: CUipcMemHandle"],
    },
    CallLayout {
        call: super::calls::Call(0x040c),
        arguments: &["handle: CUipcMemHandle", "flags: u32"],
        results: &["pdptr: DevicePtr"],
    },
    CallLayout {
        call: super::calls::Call(0x040d),
        arguments: &["dptr: DevicePtr"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0411),
        arguments: &[
            "dev_ptr: DevicePtr",
            "count: usize",
            "advice: CUmem_advise",
            "location: CUmemLocation",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0412),
        arguments: &[
            "data_size: usize",
            "attribute: CUmem_range_attribute",
            "dev_ptr: DevicePtr",
            "count: usize",
        ],
        results: &["data: bytes"],
    },
    CallLayout {
        call: super::calls::Call(0x041f),
        arguments: &[
            "dev_ptr: DevicePtr",
            "count: usize",
            "location: CUmemLocation",
            "flags: u32",
            "h_stream: Stream",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0425),
        arguments: &["dptr: DevicePtr", "h_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0426),
        arguments: &["bytesize: usize", "h_stream: Stream"],
        results: &["dptr: DevicePtr"],
    },
    CallLayout {
        call: super::calls::Call(0x0427),
        arguments: &["bytesize: usize", "pool: MemPool", "h_stream: Stream"],
        results: &["dptr: DevicePtr"],
    },
    CallLayout {
        call: super::calls::Call(0x0600),
        arguments: &["ph_stream: new Stream", "flags: u32"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0601),
        arguments: &["ph_stream: new Stream", "flags: u32", "priority: i32"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0603),
        arguments: &["h_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x060b),
        arguments: &["h_stream: Stream", "h_event: Event", "flags: u32"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x060d),
        arguments: &[
            "h_stream: Stream",
            "dptr: DevicePtr",
            "length: usize",
            "flags: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x060e),
        arguments: &["h_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x060f),
        arguments: &["h_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0615),
        arguments: &[
            "stream: Stream",
            "addr: DevicePtr",
            "value: u32",
            "flags: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0616),
        arguments: &[
            "stream: Stream",
            "addr: DevicePtr",
            "value: u32",
            "flags: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0617),
        arguments: &[
            "stream: Stream",
            "addr: DevicePtr",
            "value: u64",
            "flags: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0618),
        arguments: &[
            "stream: Stream",
            "addr: DevicePtr",
            "value: u64",
            "flags: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0619),
        arguments: &[
            "stream: Stream",
            "param_array: list of CUstreamBatchMemOpParams",
            "flags: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x061b),
        arguments: &["h_stream: Stream", "mode: CUstreamCaptureMode"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x061c),
        arguments: &[
            "h_stream: Stream",
            "h_graph: Graph",
            "dependencies: list of GraphNode",
            "dependency_data: list of CUgraphEdgeData",
            "mode: CUstreamCaptureMode",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x061d),
        arguments: &["h_stream: Stream"],
        results: &["ph_graph: Graph"],
    },
    CallLayout {
        call: super::calls::Call(0x061e),
        arguments: &["h_stream: Stream"],
        results: &["capture_status: CUstreamCaptureStatus"],
    },
    CallLayout {
        call: super::calls::Call(0x061f),
        arguments: &["h_stream: Stream"],
        results: &["capture_status_out: CUstreamCaptureStatus", "id_out: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0622),
        arguments: &["dst_stream: Stream", "src_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0623),
        arguments: &["h_stream: Stream", "attr: CUlaunchAttributeID"],
        results: &["value: CUstreamAttrValue"],
    },
    CallLayout {
        call: super::calls::Call(0x0624),
        arguments: &[
            "h_stream: Stream",
            "attr: CUlaunchAttributeID",
            "param: CUstreamAttrValue",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0626),
        arguments: &[
            "h_stream: Stream",
            "dependencies: list of GraphNode",
            "dependency_data: list of CUgraphEdgeData",
            "flags: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0700),
        arguments: &["event: Event"],
        results: &["p_handle: CUipcEventHandle"],
    },
    CallLayout {
        call: super::calls::Call(0x0701),
        arguments: &["ph_event: new Event", "handle: CUipcEventHandle"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0702),
        arguments: &["ph_event: new Event", "flags: u32"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0703),
        arguments: &["h_event: Event"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0704),
        arguments: &["h_event: Event"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0705),
        arguments: &["h_event: Event"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0706),
        arguments: &["h_start: Event", "h_end: Event"],
        results: &["p_milliseconds: f32"],
    },
    CallLayout {
        call: super::calls::Call(0x0709),
        arguments: &["h_event: Event", "h_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x070a),
        arguments: &["h_event: Event", "h_stream: Stream", "flags: u32"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0804),
        arguments: &["hmod: Module"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0809),
        arguments: &["hmod: Module", "name: text"],
        results: &["dptr: DevicePtr", "bytes: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0811),
        arguments: &["library: Library"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0815),
        arguments: &["library: Library"],
        results: &["p_mod: Module"],
    },
    CallLayout {
        call: super::calls::Call(0x0818),
        arguments: &["library: Library", "name: text"],
        results: &["dptr: DevicePtr", "bytes: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0819),
        arguments: &["library: Library", "name: text"],
        results: &["dptr: DevicePtr", "bytes: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x090a),
        arguments: &[
            "func: Function",
            "block_size: i32",
            "dynamic_smem_size: usize",
        ],
        results: &["num_blocks: i32"],
    },
    CallLayout {
        call: super::calls::Call(0x090b),
        arguments: &[
            "func: Function",
            "block_size: i32",
            "dynamic_smem_size: usize",
            "flags: u32",
        ],
        results: &["num_blocks: i32"],
    },
    CallLayout {
        call: super::calls::Call(0x090e),
        arguments: &["func: Function", "num_blocks: i32", "block_size: i32"],
        results: &["dynamic_smem_size: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0a00),
        arguments: &["ph_graph: new Graph", "flags: u32"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a0d),
        arguments: &[
            "h_graph: Graph",
            "dependencies: list of GraphNode",
            "child_graph: Graph",
        ],
        results: &["ph_graph_node: GraphNode"],
    },
    CallLayout {
        call: super::calls::Call(0x0a0e),
        arguments: &["h_node: GraphNode"],
        results: &["ph_graph: Graph"],
    },
    CallLayout {
        call: super::calls::Call(0x0a0f),
        arguments: &["h_graph: Graph", "dependencies: list of GraphNode"],
        results: &["ph_graph_node: GraphNode"],
    },
    CallLayout {
        call: super::calls::Call(0x0a10),
        arguments: &[
            "h_graph: Graph",
            "dependencies: list of GraphNode",
            "event: Event",
        ],
        results: &["ph_graph_node: GraphNode"],
    },
    CallLayout {
        call: super::calls::Call(0x0a11),
        arguments: &["h_node: GraphNode"],
        results: &["event_out: Event"],
    },
    CallLayout {
        call: super::calls::Call(0x0a12),
        arguments: &["h_node: GraphNode", "event: Event"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a13),
        arguments: &[
            "h_graph: Graph",
            "dependencies: list of GraphNode",
            "event: Event",
        ],
        results: &["ph_graph_node: GraphNode"],
    },
    CallLayout {
        call: super::calls::Call(0x0a14),
        arguments: &["h_node: GraphNode"],
        results: &["event_out: Event"],
    },
    CallLayout {
        call: super::calls::Call(0x0a15),
        arguments: &["h_node: GraphNode", "event: Event"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a24),
        arguments: &["device: Device"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a25),
        arguments: &["device: Device", "attr: CUgraphMem_attribute"],
        results: &["value: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0a26),
        arguments: &["device: Device", "attr: CUgraphMem_attribute", "value: u64"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a27),
        arguments: &["ph_graph_clone: new Graph", "original_graph: Graph"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a28),
        arguments: &["h_original_node: GraphNode", "h_cloned_graph: Graph"],
        results: &["ph_node: GraphNode"],
    },
    CallLayout {
        call: super::calls::Call(0x0a29),
        arguments: &["h_node: GraphNode"],
        results: &["kind: CUgraphNodeType"],
    },
    CallLayout {
        call: super::calls::Call(0x0a2a),
        arguments: &["h_node: GraphNode"],
        results: &["ph_graph: Graph"],
    },
    CallLayout {
        call: super::calls::Call(0x0a2b),
        arguments: &["h_node: GraphNode"],
        results: &["node_id: u32"],
    },
    CallLayout {
        call: super::calls::Call(0x0a2c),
        arguments: &["h_node: GraphNode"],
        results: &["tools_node_id: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0a2d),
        arguments: &["h_graph: Graph"],
        results: &["graph_id: u32"],
    },
    CallLayout {
        call: super::calls::Call(0x0a2e),
        arguments: &["h_graph_exec: GraphExec"],
        results: &["graph_id: u32"],
    },
    CallLayout {
        call: super::calls::Call(0x0a2f),
        arguments: &["h_graph: Graph", "num_nodes: usize"],
        results: &["nodes: list of GraphNode", "num_nodes: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0a30),
        arguments: &["h_graph: Graph", "num_root_nodes: usize"],
        results: &["root_nodes: list of GraphNode", "num_root_nodes: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0a31),
        arguments: &["h_graph: Graph", "num_edges: usize"],
        results: &[
            "from: list of GraphNode",
            "to: list of GraphNode",
            "edge_data: list of CUgraphEdgeData",
            "num_edges: usize",
        ],
    },
    CallLayout {
        call: super::calls::Call(0x0a32),
        arguments: &["h_node: GraphNode", "num_dependencies: usize"],
        results: &[
            "dependencies: list of GraphNode",
            "edge_data: list of CUgraphEdgeData",
            "num_dependencies: usize",
        ],
    },
    CallLayout {
        call: super::calls::Call(0x0a33),
        arguments: &["h_node: GraphNode", "num_dependent_nodes: usize"],
        results: &[
            "dependent_nodes: list of GraphNode",
            "edge_data: list of CUgraphEdgeData",
            "num_dependent_nodes: usize",
        ],
    },
    CallLayout {
        call: super::calls::Call(0x0a34),
        arguments: &[
            "h_graph: Graph",
            "from: list of GraphNode",
            "to: list of GraphNode",
            "edge_data: list of CUgraphEdgeData",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a35),
        arguments: &[
            "h_graph: Graph",
            "from: list of GraphNode",
            "to: list of GraphNode",
            "edge_data: list of CUgraphEdgeData",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a36),
        arguments: &["h_node: GraphNode"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a37),
        arguments: &[
            "ph_graph_exec: new GraphExec",
            "h_graph: Graph",
            "flags: u64",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a38),
        arguments: &["h_graph_exec: GraphExec"],
        results: &["flags: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0a3d),
        arguments: &[
            "h_graph_exec: GraphExec",
            "h_node: GraphNode",
            "child_graph: Graph",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a3e),
        arguments: &[
            "h_graph_exec: GraphExec",
            "h_node: GraphNode",
            "event: Event",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a3f),
        arguments: &[
            "h_graph_exec: GraphExec",
            "h_node: GraphNode",
            "event: Event",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a42),
        arguments: &[
            "h_graph_exec: GraphExec",
            "h_node: GraphNode",
            "is_enabled: u32",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a43),
        arguments: &["h_graph_exec: GraphExec", "h_node: GraphNode"],
        results: &["is_enabled: u32"],
    },
    CallLayout {
        call: super::calls::Call(0x0a44),
        arguments: &["h_graph_exec: GraphExec"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a45),
        arguments: &["h_graph: Graph"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a47),
        arguments: &["dst: GraphNode", "src: GraphNode"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a48),
        arguments: &["h_node: GraphNode", "attr: CUlaunchAttributeID"],
        results: &["value_out: CUstreamAttrValue"],
    },
    CallLayout {
        call: super::calls::Call(0x0a49),
        arguments: &[
            "h_node: GraphNode",
            "attr: CUlaunchAttributeID",
            "value: CUstreamAttrValue",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a5b),
        arguments: &["h_graph: GraphExec", "h_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0a5c),
        arguments: &["h_graph: GraphExec", "h_stream: Stream"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b00),
        arguments: &["dev: Device", "pool: MemPool"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b01),
        arguments: &["dev: Device"],
        results: &["pool: MemPool"],
    },
    CallLayout {
        call: super::calls::Call(0x0b02),
        arguments: &["dev: Device"],
        results: &["pool_out: MemPool"],
    },
    CallLayout {
        call: super::calls::Call(0x0b03),
        arguments: &["pool: MemPool", "min_bytes_to_keep: usize"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b04),
        arguments: &["pool: MemPool", "attr: CUmemPool_attribute", "value: u64"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b05),
        arguments: &["pool: MemPool", "attr: CUmemPool_attribute"],
        results: &["value: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0b06),
        arguments: &["pool: MemPool", "map: list of CUmemAccessDesc"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b07),
        arguments: &["mem_pool: MemPool", "location: CUmemLocation"],
        results: &["flags: CUmemAccess_flags"],
    },
    CallLayout {
        call: super::calls::Call(0x0b08),
        arguments: &["pool: new MemPool", "pool_props: CUmemPoolProps"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b09),
        arguments: &["pool: MemPool"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b0a),
        arguments: &["location: CUmemLocation", "kind: CUmemAllocationType"],
        results: &["pool_out: MemPool"],
    },
    CallLayout {
        call: super::calls::Call(0x0b0b),
        arguments: &["location: CUmemLocation", "kind: CUmemAllocationType"],
        results: &["pool: MemPool"],
    },
    CallLayout {
        call: super::calls::Call(0x0b0c),
        arguments: &[
            "location: CUmemLocation",
            "kind: CUmemAllocationType",
            "pool: MemPool",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b0d),
        arguments: &[
            "pool: MemPool",
            "handle_type: CUmemAllocationHandleType",
            "flags: u64",
        ],
        results: &["handle_out: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0b0e),
        arguments: &[
            "pool_out: new MemPool",
            "handle: u64",
            "handle_type: CUmemAllocationHandleType",
            "flags: u64",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0b0f),
        arguments: &["ptr: DevicePtr"],
        results: &["share_data_out: CUmemPoolPtrExportData"],
    },
    CallLayout {
        call: super::calls::Call(0x0b10),
        arguments: &["pool: MemPool", "share_data: CUmemPoolPtrExportData"],
        results: &["ptr_out: DevicePtr"],
    },
    CallLayout {
        call: super::calls::Call(0x0c01),
        arguments: &[
            "size: usize",
            "alignment: usize",
            "addr: DevicePtr",
            "flags: u64",
        ],
        results: &["ptr: DevicePtr"],
    },
    CallLayout {
        call: super::calls::Call(0x0c02),
        arguments: &["ptr: DevicePtr", "size: usize"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0c03),
        arguments: &[
            "handle: new MemAllocation",
            "size: usize",
            "prop: CUmemAllocationProp",
            "flags: u64",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0c04),
        arguments: &["handle: MemAllocation"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0c05),
        arguments: &[
            "ptr: DevicePtr",
            "size: usize",
            "offset: usize",
            "handle: MemAllocation",
            "flags: u64",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0c06),
        arguments: &["ptr: DevicePtr", "size: usize"],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0c07),
        arguments: &[
            "ptr: DevicePtr",
            "size: usize",
            "desc: list of CUmemAccessDesc",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0c08),
        arguments: &["location: CUmemLocation", "ptr: DevicePtr"],
        results: &["flags: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0c09),
        arguments: &[
            "handle: MemAllocation",
            "handle_type: CUmemAllocationHandleType",
            "flags: u64",
        ],
        results: &["shareable_handle: u64"],
    },
    CallLayout {
        call: super::calls::Call(0x0c0a),
        arguments: &[
            "handle: new MemAllocation",
            "os_handle: u64",
            "sh_handle_type: CUmemAllocationHandleType",
        ],
        results: &[],
    },
    CallLayout {
        call: super::calls::Call(0x0c0b),
        arguments: &[
            "prop: CUmemAllocationProp",
            "option: CUmemAllocationGranularity_flags",
        ],
        results: &["granularity: usize"],
    },
    CallLayout {
        call: super::calls::Call(0x0c0c),
        arguments: &["handle: MemAllocation"],
        results: &["prop: CUmemAllocationProp"],
    },
    CallLayout {
        call: super::calls::Call(0x0c0d),
        arguments: &["handle: new MemAllocation", "addr: u64"],
        results: &[],
    },
];
