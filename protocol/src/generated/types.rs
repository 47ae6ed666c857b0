// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! Enums and plain structures of the calls, under their C names.
#![allow(missing_docs, non_camel_case_types, non_snake_case)]

use std::ffi::c_void;

use crate::handle::*;
use crate::wire::{Get, Put, Wire, WireError};

pub type CUstreamCallback = Option<unsafe extern "C" fn(Stream, i32, *mut c_void)>;
pub type CUhostFn = Option<unsafe extern "C" fn(*mut c_void)>;
pub type CUoccupancyB2DSize = Option<unsafe extern "C" fn(i32) -> usize>;

/// `CUdevice_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUdevice_attribute(pub u32);

impl CUdevice_attribute {
    pub const CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: Self = Self(1);
    pub const CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X: Self = Self(2);
    pub const CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: Self = Self(3);
    pub const CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: Self = Self(4);
    pub const CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: Self = Self(5);
    pub const CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y: Self = Self(6);
    pub const CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: Self = Self(7);
    pub const CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: Self = Self(8);
    pub const CU_DEVICE_ATTRIBUTE_SHARED_MEMORY_PER_BLOCK: Self = Self(8);
    pub const CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: Self = Self(9);
    pub const CU_DEVICE_ATTRIBUTE_WARP_SIZE: Self = Self(10);
    pub const CU_DEVICE_ATTRIBUTE_MAX_PITCH: Self = Self(11);
    pub const CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK: Self = Self(12);
    pub const CU_DEVICE_ATTRIBUTE_REGISTERS_PER_BLOCK: Self = Self(12);
    pub const CU_DEVICE_ATTRIBUTE_CLOCK_RATE: Self = Self(13);
    pub const CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT: Self = Self(14);
    pub const CU_DEVICE_ATTRIBUTE_GPU_OVERLAP: Self = Self(15);
    pub const CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: Self = Self(16);
    pub const CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT: Self = Self(17);
    pub const CU_DEVICE_ATTRIBUTE_INTEGRATED: Self = Self(18);
    pub const CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY: Self = Self(19);
    pub const CU_DEVICE_ATTRIBUTE_COMPUTE_MODE: Self = Self(20);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH: Self = Self(21);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH: Self = Self(22);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT: Self = Self(23);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH: Self = Self(24);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT: Self = Self(25);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH: Self = Self(26);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH: Self = Self(27);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT: Self = Self(28);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS: Self = Self(29);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_WIDTH: Self = Self(27);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_HEIGHT: Self = Self(28);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_NUMSLICES: Self = Self(29);
    pub const CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT: Self = Self(30);
    pub const CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS: Self = Self(31);
    pub const CU_DEVICE_ATTRIBUTE_ECC_ENABLED: Self = Self(32);
    pub const CU_DEVICE_ATTRIBUTE_PCI_BUS_ID: Self = Self(33);
    pub const CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID: Self = Self(34);
    pub const CU_DEVICE_ATTRIBUTE_TCC_DRIVER: Self = Self(35);
    pub const CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: Self = Self(36);
    pub const CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: Self = Self(37);
    pub const CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: Self = Self(38);
    pub const CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: Self = Self(39);
    pub const CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: Self = Self(40);
    pub const CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING: Self = Self(41);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH: Self = Self(42);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS: Self = Self(43);
    pub const CU_DEVICE_ATTRIBUTE_CAN_TEX2D_GATHER: Self = Self(44);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH: Self = Self(45);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT: Self = Self(46);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE: Self = Self(47);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE: Self = Self(48);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE: Self = Self(49);
    pub const CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID: Self = Self(50);
    pub const CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT: Self = Self(51);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH: Self = Self(52);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH: Self = Self(53);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS: Self = Self(54);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH: Self = Self(55);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH: Self = Self(56);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT: Self = Self(57);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH: Self = Self(58);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT: Self = Self(59);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH: Self = Self(60);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH: Self = Self(61);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS: Self = Self(62);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH: Self = Self(63);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT: Self = Self(64);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS: Self = Self(65);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH: Self = Self(66);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH: Self = Self(67);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS: Self = Self(68);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH: Self = Self(69);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH: Self = Self(70);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT: Self = Self(71);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH: Self = Self(72);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH: Self = Self(73);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT: Self = Self(74);
    pub const CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: Self = Self(75);
    pub const CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: Self = Self(76);
    pub const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH: Self = Self(77);
    pub const CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED: Self = Self(78);
    pub const CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED: Self = Self(79);
    pub const CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED: Self = Self(80);
    pub const CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: Self = Self(81);
    pub const CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: Self = Self(82);
    pub const CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY: Self = Self(83);
    pub const CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD: Self = Self(84);
    pub const CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD_GROUP_ID: Self = Self(85);
    pub const CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED: Self = Self(86);
    pub const CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO: Self = Self(87);
    pub const CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS: Self = Self(88);
    pub const CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS: Self = Self(89);
    pub const CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED: Self = Self(90);
    pub const CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM: Self = Self(91);
    pub const CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1: Self = Self(92);
    pub const CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS_V1: Self = Self(93);
    pub const CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR_V1: Self = Self(94);
    pub const CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH: Self = Self(95);
    pub const CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH: Self = Self(96);
    pub const CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: Self = Self(97);
    pub const CU_DEVICE_ATTRIBUTE_CAN_FLUSH_REMOTE_WRITES: Self = Self(98);
    pub const CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED: Self = Self(99);
    pub const CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES: Self = Self(100);
    pub const CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST: Self = Self(101);
    pub const CU_DEVICE_ATTRIBUTE_VIRTUAL_ADDRESS_MANAGEMENT_SUPPORTED: Self = Self(102);
    pub const CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED: Self = Self(102);
    pub const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED: Self = Self(103);
    pub const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_HANDLE_SUPPORTED: Self = Self(104);
    pub const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_KMT_HANDLE_SUPPORTED: Self = Self(105);
    pub const CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: Self = Self(106);
    pub const CU_DEVICE_ATTRIBUTE_GENERIC_COMPRESSION_SUPPORTED: Self = Self(107);
    pub const CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE: Self = Self(108);
    pub const CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE: Self = Self(109);
    pub const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WITH_CUDA_VMM_SUPPORTED: Self = Self(110);
    pub const CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: Self = Self(111);
    pub const CU_DEVICE_ATTRIBUTE_SPARSE_CUDA_ARRAY_SUPPORTED: Self = Self(112);
    pub const CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED: Self = Self(113);
    pub const CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED: Self = Self(114);
    pub const CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED: Self = Self(115);
    pub const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED: Self = Self(116);
    pub const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS: Self = Self(117);
    pub const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING: Self = Self(118);
    pub const CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES: Self = Self(119);
    pub const CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH: Self = Self(120);
    pub const CU_DEVICE_ATTRIBUTE_DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED: Self = Self(121);
    pub const CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS: Self = Self(122);
    pub const CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR: Self = Self(123);
    pub const CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED: Self = Self(124);
    pub const CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED: Self = Self(125);
    pub const CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT: Self = Self(126);
    pub const CU_DEVICE_ATTRIBUTE_TENSOR_MAP_ACCESS_SUPPORTED: Self = Self(127);
    pub const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_FABRIC_SUPPORTED: Self = Self(128);
    pub const CU_DEVICE_ATTRIBUTE_UNIFIED_FUNCTION_POINTERS: Self = Self(129);
    pub const CU_DEVICE_ATTRIBUTE_NUMA_CONFIG: Self = Self(130);
    pub const CU_DEVICE_ATTRIBUTE_NUMA_ID: Self = Self(131);
    pub const CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED: Self = Self(132);
    pub const CU_DEVICE_ATTRIBUTE_MPS_ENABLED: Self = Self(133);
    pub const CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID: Self = Self(134);
    pub const CU_DEVICE_ATTRIBUTE_D3D12_CIG_SUPPORTED: Self = Self(135);
    pub const CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_ALGORITHM_MASK: Self = Self(136);
    pub const CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_MAXIMUM_LENGTH: Self = Self(137);
    pub const CU_DEVICE_ATTRIBUTE_VULKAN_CIG_SUPPORTED: Self = Self(138);
    pub const CU_DEVICE_ATTRIBUTE_GPU_PCI_DEVICE_ID: Self = Self(139);
    pub const CU_DEVICE_ATTRIBUTE_GPU_PCI_SUBSYSTEM_ID: Self = Self(140);
    pub const CU_DEVICE_ATTRIBUTE_HOST_NUMA_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED: Self = Self(141);
    pub const CU_DEVICE_ATTRIBUTE_HOST_NUMA_MEMORY_POOLS_SUPPORTED: Self = Self(142);
    pub const CU_DEVICE_ATTRIBUTE_HOST_NUMA_MULTINODE_IPC_SUPPORTED: Self = Self(143);
    pub const CU_DEVICE_ATTRIBUTE_HOST_MEMORY_POOLS_SUPPORTED: Self = Self(144);
    pub const CU_DEVICE_ATTRIBUTE_HOST_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED: Self = Self(145);
    pub const CU_DEVICE_ATTRIBUTE_HOST_ALLOC_DMA_BUF_SUPPORTED: Self = Self(146);
    pub const CU_DEVICE_ATTRIBUTE_ONLY_PARTIAL_HOST_NATIVE_ATOMIC_SUPPORTED: Self = Self(147);
    pub const CU_DEVICE_ATTRIBUTE_ATOMIC_REDUCTION_SUPPORTED: Self = Self(148);
    pub const CU_DEVICE_ATTRIBUTE_MAX: Self = Self(149);
}

impl Wire for CUdevice_attribute {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUdevice_P2PAttribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUdevice_P2PAttribute(pub u32);

impl CUdevice_P2PAttribute {
    pub const CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK: Self = Self(1);
    pub const CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED: Self = Self(2);
    pub const CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED: Self = Self(3);
    pub const CU_DEVICE_P2P_ATTRIBUTE_ACCESS_ACCESS_SUPPORTED: Self = Self(4);
    pub const CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED: Self = Self(4);
    pub const CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED: Self = Self(5);
}

impl Wire for CUdevice_P2PAttribute {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUgraphMem_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUgraphMem_attribute(pub u32);

impl CUgraphMem_attribute {
    pub const CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT: Self = Self(0);
    pub const CU_GRAPH_MEM_ATTR_USED_MEM_HIGH: Self = Self(1);
    pub const CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT: Self = Self(2);
    pub const CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH: Self = Self(3);
}

impl Wire for CUgraphMem_attribute {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUdevResourceType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUdevResourceType(pub u32);

impl CUdevResourceType {
    pub const CU_DEV_RESOURCE_TYPE_INVALID: Self = Self(0);
    pub const CU_DEV_RESOURCE_TYPE_SM: Self = Self(1);
    pub const CU_DEV_RESOURCE_TYPE_WORKQUEUE_CONFIG: Self = Self(1000);
    pub const CU_DEV_RESOURCE_TYPE_WORKQUEUE: Self = Self(10000);
}

impl Wire for CUdevResourceType {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUlimit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUlimit(pub u32);

impl CUlimit {
    pub const CU_LIMIT_STACK_SIZE: Self = Self(0);
    pub const CU_LIMIT_PRINTF_FIFO_SIZE: Self = Self(1);
    pub const CU_LIMIT_MALLOC_HEAP_SIZE: Self = Self(2);
    pub const CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH: Self = Self(3);
    pub const CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT: Self = Self(4);
    pub const CU_LIMIT_MAX_L2_FETCH_GRANULARITY: Self = Self(5);
    pub const CU_LIMIT_PERSISTING_L2_CACHE_SIZE: Self = Self(6);
    pub const CU_LIMIT_SHMEM_SIZE: Self = Self(7);
    pub const CU_LIMIT_CIG_ENABLED: Self = Self(8);
    pub const CU_LIMIT_CIG_SHMEM_FALLBACK_ENABLED: Self = Self(9);
    pub const CU_LIMIT_MAX: Self = Self(10);
}

impl Wire for CUlimit {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUfunc_cache`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUfunc_cache(pub u32);

impl CUfunc_cache {
    pub const CU_FUNC_CACHE_PREFER_NONE: Self = Self(0);
    pub const CU_FUNC_CACHE_PREFER_SHARED: Self = Self(1);
    pub const CU_FUNC_CACHE_PREFER_L1: Self = Self(2);
    pub const CU_FUNC_CACHE_PREFER_EQUAL: Self = Self(3);
}

impl Wire for CUfunc_cache {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUsharedconfig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUsharedconfig(pub u32);

impl CUsharedconfig {
    pub const CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE: Self = Self(0);
    pub const CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE: Self = Self(1);
    pub const CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE: Self = Self(2);
}

impl Wire for CUsharedconfig {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmem_advise`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmem_advise(pub u32);

impl CUmem_advise {
    pub const CU_MEM_ADVISE_SET_READ_MOSTLY: Self = Self(1);
    pub const CU_MEM_ADVISE_UNSET_READ_MOSTLY: Self = Self(2);
    pub const CU_MEM_ADVISE_SET_PREFERRED_LOCATION: Self = Self(3);
    pub const CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION: Self = Self(4);
    pub const CU_MEM_ADVISE_SET_ACCESSED_BY: Self = Self(5);
    pub const CU_MEM_ADVISE_UNSET_ACCESSED_BY: Self = Self(6);
}

impl Wire for CUmem_advise {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmem_range_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmem_range_attribute(pub u32);

impl CUmem_range_attribute {
    pub const CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY: Self = Self(1);
    pub const CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION: Self = Self(2);
    pub const CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY: Self = Self(3);
    pub const CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION: Self = Self(4);
    pub const CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE: Self = Self(5);
    pub const CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID: Self = Self(6);
    pub const CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE: Self = Self(7);
    pub const CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID: Self = Self(8);
}

impl Wire for CUmem_range_attribute {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemLocationType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemLocationType(pub u32);

impl CUmemLocationType {
    pub const CU_MEM_LOCATION_TYPE_INVALID: Self = Self(0);
    pub const CU_MEM_LOCATION_TYPE_NONE: Self = Self(0);
    pub const CU_MEM_LOCATION_TYPE_DEVICE: Self = Self(1);
    pub const CU_MEM_LOCATION_TYPE_HOST: Self = Self(2);
    pub const CU_MEM_LOCATION_TYPE_HOST_NUMA: Self = Self(3);
    pub const CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT: Self = Self(4);
    pub const CU_MEM_LOCATION_TYPE_INVISIBLE: Self = Self(5);
}

impl Wire for CUmemLocationType {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemorytype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemorytype(pub u32);

impl CUmemorytype {
    pub const CU_MEMORYTYPE_HOST: Self = Self(1);
    pub const CU_MEMORYTYPE_DEVICE: Self = Self(2);
    pub const CU_MEMORYTYPE_ARRAY: Self = Self(3);
    pub const CU_MEMORYTYPE_UNIFIED: Self = Self(4);
}

impl Wire for CUmemorytype {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUfunction_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUfunction_attribute(pub u32);

impl CUfunction_attribute {
    pub const CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: Self = Self(0);
    pub const CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: Self = Self(1);
    pub const CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: Self = Self(2);
    pub const CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: Self = Self(3);
    pub const CU_FUNC_ATTRIBUTE_NUM_REGS: Self = Self(4);
    pub const CU_FUNC_ATTRIBUTE_PTX_VERSION: Self = Self(5);
    pub const CU_FUNC_ATTRIBUTE_BINARY_VERSION: Self = Self(6);
    pub const CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: Self = Self(7);
    pub const CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: Self = Self(8);
    pub const CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: Self = Self(9);
    pub const CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET: Self = Self(10);
    pub const CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH: Self = Self(11);
    pub const CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT: Self = Self(12);
    pub const CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH: Self = Self(13);
    pub const CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED: Self = Self(14);
    pub const CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: Self = Self(15);
    pub const CU_FUNC_ATTRIBUTE_MAX: Self = Self(16);
}

impl Wire for CUfunction_attribute {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUpointer_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUpointer_attribute(pub u32);

impl CUpointer_attribute {
    pub const CU_POINTER_ATTRIBUTE_CONTEXT: Self = Self(1);
    pub const CU_POINTER_ATTRIBUTE_MEMORY_TYPE: Self = Self(2);
    pub const CU_POINTER_ATTRIBUTE_DEVICE_POINTER: Self = Self(3);
    pub const CU_POINTER_ATTRIBUTE_HOST_POINTER: Self = Self(4);
    pub const CU_POINTER_ATTRIBUTE_P2P_TOKENS: Self = Self(5);
    pub const CU_POINTER_ATTRIBUTE_SYNC_MEMOPS: Self = Self(6);
    pub const CU_POINTER_ATTRIBUTE_BUFFER_ID: Self = Self(7);
    pub const CU_POINTER_ATTRIBUTE_IS_MANAGED: Self = Self(8);
    pub const CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: Self = Self(9);
    pub const CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE: Self = Self(10);
    pub const CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: Self = Self(11);
    pub const CU_POINTER_ATTRIBUTE_RANGE_SIZE: Self = Self(12);
    pub const CU_POINTER_ATTRIBUTE_MAPPED: Self = Self(13);
    pub const CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES: Self = Self(14);
    pub const CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE: Self = Self(15);
    pub const CU_POINTER_ATTRIBUTE_ACCESS_FLAGS: Self = Self(16);
    pub const CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE: Self = Self(17);
    pub const CU_POINTER_ATTRIBUTE_MAPPING_SIZE: Self = Self(18);
    pub const CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR: Self = Self(19);
    pub const CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID: Self = Self(20);
    pub const CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE: Self = Self(21);
}

impl Wire for CUpointer_attribute {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUjit_option`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUjit_option(pub u32);

impl CUjit_option {
    pub const CU_JIT_MAX_REGISTERS: Self = Self(0);
    pub const CU_JIT_THREADS_PER_BLOCK: Self = Self(1);
    pub const CU_JIT_WALL_TIME: Self = Self(2);
    pub const CU_JIT_INFO_LOG_BUFFER: Self = Self(3);
    pub const CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES: Self = Self(4);
    pub const CU_JIT_ERROR_LOG_BUFFER: Self = Self(5);
    pub const CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES: Self = Self(6);
    pub const CU_JIT_OPTIMIZATION_LEVEL: Self = Self(7);
    pub const CU_JIT_TARGET_FROM_CUCONTEXT: Self = Self(8);
    pub const CU_JIT_TARGET: Self = Self(9);
    pub const CU_JIT_FALLBACK_STRATEGY: Self = Self(10);
    pub const CU_JIT_GENERATE_DEBUG_INFO: Self = Self(11);
    pub const CU_JIT_LOG_VERBOSE: Self = Self(12);
    pub const CU_JIT_GENERATE_LINE_INFO: Self = Self(13);
    pub const CU_JIT_CACHE_MODE: Self = Self(14);
    pub const CU_JIT_NEW_SM3X_OPT: Self = Self(15);
    pub const CU_JIT_FAST_COMPILE: Self = Self(16);
    pub const CU_JIT_GLOBAL_SYMBOL_NAMES: Self = Self(17);
    pub const CU_JIT_GLOBAL_SYMBOL_ADDRESSES: Self = Self(18);
    pub const CU_JIT_GLOBAL_SYMBOL_COUNT: Self = Self(19);
    pub const CU_JIT_LTO: Self = Self(20);
    pub const CU_JIT_FTZ: Self = Self(21);
    pub const CU_JIT_PREC_DIV: Self = Self(22);
    pub const CU_JIT_PREC_SQRT: Self = Self(23);
    pub const CU_JIT_FMA: Self = Self(24);
    pub const CU_JIT_REFERENCED_KERNEL_NAMES: Self = Self(25);
    pub const CU_JIT_REFERENCED_KERNEL_COUNT: Self = Self(26);
    pub const CU_JIT_REFERENCED_VARIABLE_NAMES: Self = Self(27);
    pub const CU_JIT_REFERENCED_VARIABLE_COUNT: Self = Self(28);
    pub const CU_JIT_OPTIMIZE_UNUSED_DEVICE_VARIABLES: Self = Self(29);
    pub const CU_JIT_POSITION_INDEPENDENT_CODE: Self = Self(30);
    pub const CU_JIT_MIN_CTA_PER_SM: Self = Self(31);
    pub const CU_JIT_MAX_THREADS_PER_BLOCK: Self = Self(32);
    pub const CU_JIT_OVERRIDE_DIRECTIVE_VALUES: Self = Self(33);
    pub const CU_JIT_SPLIT_COMPILE: Self = Self(34);
    pub const CU_JIT_BINARY_LOADER_THREAD_COUNT: Self = Self(35);
    pub const CU_JIT_NUM_OPTIONS: Self = Self(36);
}

impl Wire for CUjit_option {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUjitInputType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUjitInputType(pub u32);

impl CUjitInputType {
    pub const CU_JIT_INPUT_CUBIN: Self = Self(0);
    pub const CU_JIT_INPUT_PTX: Self = Self(1);
    pub const CU_JIT_INPUT_FATBINARY: Self = Self(2);
    pub const CU_JIT_INPUT_OBJECT: Self = Self(3);
    pub const CU_JIT_INPUT_LIBRARY: Self = Self(4);
    pub const CU_JIT_INPUT_NVVM: Self = Self(5);
    pub const CU_JIT_NUM_INPUT_TYPES: Self = Self(6);
}

impl Wire for CUjitInputType {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUlibraryOption`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUlibraryOption(pub u32);

impl CUlibraryOption {
    pub const CU_LIBRARY_HOST_UNIVERSAL_FUNCTION_AND_DATA_TABLE: Self = Self(0);
    pub const CU_LIBRARY_BINARY_IS_PRESERVED: Self = Self(1);
    pub const CU_LIBRARY_NUM_OPTIONS: Self = Self(2);
}

impl Wire for CUlibraryOption {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUstreamCaptureMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUstreamCaptureMode(pub u32);

impl CUstreamCaptureMode {
    pub const CU_STREAM_CAPTURE_MODE_GLOBAL: Self = Self(0);
    pub const CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: Self = Self(1);
    pub const CU_STREAM_CAPTURE_MODE_RELAXED: Self = Self(2);
}

impl Wire for CUstreamCaptureMode {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUstreamCaptureStatus`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUstreamCaptureStatus(pub u32);

impl CUstreamCaptureStatus {
    pub const CU_STREAM_CAPTURE_STATUS_NONE: Self = Self(0);
    pub const CU_STREAM_CAPTURE_STATUS_ACTIVE: Self = Self(1);
    pub const CU_STREAM_CAPTURE_STATUS_INVALIDATED: Self = Self(2);
}

impl Wire for CUstreamCaptureStatus {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUgraphNodeType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUgraphNodeType(pub u32);

impl CUgraphNodeType {
    pub const CU_GRAPH_NODE_TYPE_KERNEL: Self = Self(0);
    pub const CU_GRAPH_NODE_TYPE_MEMCPY: Self = Self(1);
    pub const CU_GRAPH_NODE_TYPE_MEMSET: Self = Self(2);
    pub const CU_GRAPH_NODE_TYPE_HOST: Self = Self(3);
    pub const CU_GRAPH_NODE_TYPE_GRAPH: Self = Self(4);
    pub const CU_GRAPH_NODE_TYPE_EMPTY: Self = Self(5);
    pub const CU_GRAPH_NODE_TYPE_WAIT_EVENT: Self = Self(6);
    pub const CU_GRAPH_NODE_TYPE_EVENT_RECORD: Self = Self(7);
    pub const CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL: Self = Self(8);
    pub const CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT: Self = Self(9);
    pub const CU_GRAPH_NODE_TYPE_MEM_ALLOC: Self = Self(10);
    pub const CU_GRAPH_NODE_TYPE_MEM_FREE: Self = Self(11);
    pub const CU_GRAPH_NODE_TYPE_BATCH_MEM_OP: Self = Self(12);
    pub const CU_GRAPH_NODE_TYPE_CONDITIONAL: Self = Self(13);
}

impl Wire for CUgraphNodeType {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemPool_attribute`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemPool_attribute(pub u32);

impl CUmemPool_attribute {
    pub const CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES: Self = Self(1);
    pub const CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC: Self = Self(2);
    pub const CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES: Self = Self(3);
    pub const CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: Self = Self(4);
    pub const CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT: Self = Self(5);
    pub const CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH: Self = Self(6);
    pub const CU_MEMPOOL_ATTR_USED_MEM_CURRENT: Self = Self(7);
    pub const CU_MEMPOOL_ATTR_USED_MEM_HIGH: Self = Self(8);
    pub const CU_MEMPOOL_ATTR_ALLOCATION_TYPE: Self = Self(9);
    pub const CU_MEMPOOL_ATTR_EXPORT_HANDLE_TYPES: Self = Self(10);
    pub const CU_MEMPOOL_ATTR_LOCATION_ID: Self = Self(11);
    pub const CU_MEMPOOL_ATTR_LOCATION_TYPE: Self = Self(12);
    pub const CU_MEMPOOL_ATTR_MAX_POOL_SIZE: Self = Self(13);
    pub const CU_MEMPOOL_ATTR_HW_DECOMPRESS_ENABLED: Self = Self(14);
}

impl Wire for CUmemPool_attribute {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemAllocationType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemAllocationType(pub u32);

impl CUmemAllocationType {
    pub const CU_MEM_ALLOCATION_TYPE_INVALID: Self = Self(0);
    pub const CU_MEM_ALLOCATION_TYPE_PINNED: Self = Self(1);
    pub const CU_MEM_ALLOCATION_TYPE_MANAGED: Self = Self(2);
}

impl Wire for CUmemAllocationType {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemAllocationHandleType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemAllocationHandleType(pub u32);

impl CUmemAllocationHandleType {
    pub const CU_MEM_HANDLE_TYPE_NONE: Self = Self(0);
    pub const CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR: Self = Self(1);
    pub const CU_MEM_HANDLE_TYPE_WIN32: Self = Self(2);
    pub const CU_MEM_HANDLE_TYPE_WIN32_KMT: Self = Self(4);
    pub const CU_MEM_HANDLE_TYPE_FABRIC: Self = Self(8);
}

impl Wire for CUmemAllocationHandleType {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemAccess_flags`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemAccess_flags(pub u32);

impl CUmemAccess_flags {
    pub const CU_MEM_ACCESS_FLAGS_PROT_NONE: Self = Self(0);
    pub const CU_MEM_ACCESS_FLAGS_PROT_READ: Self = Self(1);
    pub const CU_MEM_ACCESS_FLAGS_PROT_READWRITE: Self = Self(3);
}

impl Wire for CUmemAccess_flags {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemAllocationGranularity_flags`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemAllocationGranularity_flags(pub u32);

impl CUmemAllocationGranularity_flags {
    pub const CU_MEM_ALLOC_GRANULARITY_MINIMUM: Self = Self(0);
    pub const CU_MEM_ALLOC_GRANULARITY_RECOMMENDED: Self = Self(1);
}

impl Wire for CUmemAllocationGranularity_flags {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUexecAffinityType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUexecAffinityType(pub u32);

impl CUexecAffinityType {
    pub const CU_EXEC_AFFINITY_TYPE_SM_COUNT: Self = Self(0);
    pub const CU_EXEC_AFFINITY_TYPE_MAX: Self = Self(1);
}

impl Wire for CUexecAffinityType {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmoduleLoadingMode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmoduleLoadingMode(pub u32);

impl CUmoduleLoadingMode {
    pub const CU_MODULE_EAGER_LOADING: Self = Self(1);
    pub const CU_MODULE_LAZY_LOADING: Self = Self(2);
}

impl Wire for CUmoduleLoadingMode {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUdriverProcAddressQueryResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUdriverProcAddressQueryResult(pub u32);

impl CUdriverProcAddressQueryResult {
    pub const CU_GET_PROC_ADDRESS_SUCCESS: Self = Self(0);
    pub const CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND: Self = Self(1);
    pub const CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT: Self = Self(2);
}

impl Wire for CUdriverProcAddressQueryResult {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUfunctionLoadingState`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUfunctionLoadingState(pub u32);

impl CUfunctionLoadingState {
    pub const CU_FUNCTION_LOADING_STATE_UNLOADED: Self = Self(0);
    pub const CU_FUNCTION_LOADING_STATE_LOADED: Self = Self(1);
    pub const CU_FUNCTION_LOADING_STATE_MAX: Self = Self(2);
}

impl Wire for CUfunctionLoadingState {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUlaunchAttributeID`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUlaunchAttributeID(pub u32);

impl CUlaunchAttributeID {
    pub const CU_LAUNCH_ATTRIBUTE_IGNORE: Self = Self(0);
    pub const CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW: Self = Self(1);
    pub const CU_LAUNCH_ATTRIBUTE_COOPERATIVE: Self = Self(2);
    pub const CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY: Self = Self(3);
    pub const CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION: Self = Self(4);
    pub const CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: Self = Self(5);
    pub const CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION: Self = Self(6);
    pub const CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT: Self = Self(7);
    pub const CU_LAUNCH_ATTRIBUTE_PRIORITY: Self = Self(8);
    pub const CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP: Self = Self(9);
    pub const CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN: Self = Self(10);
    pub const CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION: Self = Self(11);
    pub const CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT: Self = Self(12);
    pub const CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE: Self = Self(13);
    pub const CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: Self = Self(14);
    pub const CU_LAUNCH_ATTRIBUTE_NVLINK_UTIL_CENTRIC_SCHEDULING: Self = Self(16);
    pub const CU_LAUNCH_ATTRIBUTE_PORTABLE_CLUSTER_SIZE_MODE: Self = Self(17);
    pub const CU_LAUNCH_ATTRIBUTE_SHARED_MEMORY_MODE: Self = Self(18);
    pub const CU_LAUNCH_ATTRIBUTE_MAX: Self = Self(19);
}

impl Wire for CUlaunchAttributeID {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUmemcpySrcAccessOrder`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUmemcpySrcAccessOrder(pub u32);

impl CUmemcpySrcAccessOrder {
    pub const CU_MEMCPY_SRC_ACCESS_ORDER_INVALID: Self = Self(0);
    pub const CU_MEMCPY_SRC_ACCESS_ORDER_STREAM: Self = Self(1);
    pub const CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL: Self = Self(2);
    pub const CU_MEMCPY_SRC_ACCESS_ORDER_ANY: Self = Self(3);
}

impl Wire for CUmemcpySrcAccessOrder {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUgraphInstantiateResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUgraphInstantiateResult(pub u32);

impl CUgraphInstantiateResult {
    pub const CUDA_GRAPH_INSTANTIATE_SUCCESS: Self = Self(0);
    pub const CUDA_GRAPH_INSTANTIATE_ERROR: Self = Self(1);
    pub const CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE: Self = Self(2);
    pub const CUDA_GRAPH_INSTANTIATE_NODE_OPERATION_NOT_SUPPORTED: Self = Self(3);
    pub const CUDA_GRAPH_INSTANTIATE_MULTIPLE_CTXS_NOT_SUPPORTED: Self = Self(4);
    pub const CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED: Self = Self(5);
}

impl Wire for CUgraphInstantiateResult {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

/// `CUgraphExecUpdateResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[repr(transparent)]
pub struct CUgraphExecUpdateResult(pub u32);

impl CUgraphExecUpdateResult {
    pub const CU_GRAPH_EXEC_UPDATE_SUCCESS: Self = Self(0);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR: Self = Self(1);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED: Self = Self(2);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED: Self = Self(3);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR_FUNCTION_CHANGED: Self = Self(4);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED: Self = Self(5);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR_NOT_SUPPORTED: Self = Self(6);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE: Self = Self(7);
    pub const CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED: Self = Self(8);
}

impl Wire for CUgraphExecUpdateResult {
    fn put(&self, out: &mut Put) {
        self.0.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        from.get().map(Self)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUmemLocation {
    pub r#type: CUmemLocationType,
    pub id: i32,
}

impl Wire for CUmemLocation {
    fn put(&self, out: &mut Put) {
        self.r#type.put(out);
        self.id.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            r#type: from.get()?,
            id: from.get()?,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUmemAccessDesc {
    pub location: CUmemLocation,
    pub flags: CUmemAccess_flags,
}

impl Wire for CUmemAccessDesc {
    fn put(&self, out: &mut Put) {
        self.location.put(out);
        self.flags.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            location: from.get()?,
            flags: from.get()?,
        })
    }
}

/// What names memory for another process; opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUipcMemHandle {
    pub reserved: [u8; 64],
}

impl Wire for CUipcMemHandle {
    fn put(&self, out: &mut Put) {
        self.reserved.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            reserved: from.get()?,
        })
    }
}

/// What names an event for another process; opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUipcEventHandle {
    pub reserved: [u8; 64],
}

impl Wire for CUipcEventHandle {
    fn put(&self, out: &mut Put) {
        self.reserved.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            reserved: from.get()?,
        })
    }
}

/// What names memory of a shared pool; opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUmemPoolPtrExportData {
    pub reserved: [u8; 64],
}

impl Wire for CUmemPoolPtrExportData {
    fn put(&self, out: &mut Put) {
        self.reserved.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            reserved: from.get()?,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUmemPoolProps {
    pub allocType: CUmemAllocationType,
    pub handleTypes: CUmemAllocationHandleType,
    pub location: CUmemLocation,
    pub win32SecurityAttributes: u64,
    pub maxSize: usize,
    pub usage: u16,
    pub reserved: [u8; 54],
}

impl Wire for CUmemPoolProps {
    fn put(&self, out: &mut Put) {
        self.allocType.put(out);
        self.handleTypes.put(out);
        self.location.put(out);
        self.win32SecurityAttributes.put(out);
        self.maxSize.put(out);
        self.usage.put(out);
        self.reserved.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            allocType: from.get()?,
            handleTypes: from.get()?,
            location: from.get()?,
            win32SecurityAttributes: from.get()?,
            maxSize: from.get()?,
            usage: from.get()?,
            reserved: from.get()?,
        })
    }
}

/// The flags of allocation, as one C structure of 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUmemAllocationFlags {
    pub compressionType: u8,
    pub gpuDirectRDMACapable: u8,
    pub usage: u16,
    pub reserved: [u8; 4],
}

impl Wire for CUmemAllocationFlags {
    fn put(&self, out: &mut Put) {
        self.compressionType.put(out);
        self.gpuDirectRDMACapable.put(out);
        self.usage.put(out);
        self.reserved.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            compressionType: from.get()?,
            gpuDirectRDMACapable: from.get()?,
            usage: from.get()?,
            reserved: from.get()?,
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUmemAllocationProp {
    pub r#type: CUmemAllocationType,
    pub requestedHandleTypes: CUmemAllocationHandleType,
    pub location: CUmemLocation,
    pub win32HandleMetaData: u64,
    pub allocFlags: CUmemAllocationFlags,
}

impl Wire for CUmemAllocationProp {
    fn put(&self, out: &mut Put) {
        self.r#type.put(out);
        self.requestedHandleTypes.put(out);
        self.location.put(out);
        self.win32HandleMetaData.put(out);
        self.allocFlags.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            r#type: from.get()?,
            requestedHandleTypes: from.get()?,
            location: from.get()?,
            win32HandleMetaData: from.get()?,
            allocFlags: from.get()?,
        })
    }
}

/// A union in C: `words[0]` holds the operation in its low half.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUstreamBatchMemOpParams {
    pub words: [u64; 6],
}

impl Wire for CUstreamBatchMemOpParams {
    fn put(&self, out: &mut Put) {
        self.words.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self { words: from.get()? })
    }
}

/// A union in C (`CUlaunchAttributeValue`), 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUstreamAttrValue {
    pub words: [u64; 8],
}

impl Wire for CUstreamAttrValue {
    fn put(&self, out: &mut Put) {
        self.words.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self { words: from.get()? })
    }
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUlaunchAttributeValue {
    pub words: [u64; 8],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUlaunchAttribute {
    pub id: CUlaunchAttributeID,
    pub pad: [u8; 4],
    pub value: CUlaunchAttributeValue,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUlaunchConfig {
    pub gridDimX: u32,
    pub gridDimY: u32,
    pub gridDimZ: u32,
    pub blockDimX: u32,
    pub blockDimY: u32,
    pub blockDimZ: u32,
    pub sharedMemBytes: u32,
    pub hStream: Stream,
    pub attrs: *mut CUlaunchAttribute,
    pub numAttrs: u32,
}

/// Holds a union of 40 bytes in C, chosen by `type`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUdevResource {
    pub r#type: CUdevResourceType,
    pub reserved: [u8; 92],
    pub words: [u64; 5],
    pub nextResource: *mut c_void,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUuuid {
    pub bytes: [u8; 16],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUdevprop {
    pub maxThreadsPerBlock: i32,
    pub maxThreadsDim: [i32; 3],
    pub maxGridSize: [i32; 3],
    pub sharedMemPerBlock: i32,
    pub totalConstantMemory: i32,
    pub SIMDWidth: i32,
    pub memPitch: i32,
    pub regsPerBlock: i32,
    pub clockRate: i32,
    pub textureAlign: i32,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUexecAffinityParam {
    pub r#type: CUexecAffinityType,
    pub smCount: u32,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUctxCreateParams {
    pub execAffinityParams: *mut CUexecAffinityParam,
    pub numExecAffinityParams: i32,
    pub cigParams: *mut c_void,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUmemcpyAttributes {
    pub srcAccessOrder: CUmemcpySrcAccessOrder,
    pub srcLocHint: CUmemLocation,
    pub dstLocHint: CUmemLocation,
    pub flags: u32,
}

/// A union in C: an address with its pitches in elements, or an array with an offset.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUmemcpy3DOperand {
    pub r#type: u32,
    pub words: [u64; 4],
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_MEMCPY3D_BATCH_OP {
    pub src: CUmemcpy3DOperand,
    pub dst: CUmemcpy3DOperand,
    pub extent: [usize; 3],
    pub srcAccessOrder: CUmemcpySrcAccessOrder,
    pub flags: u32,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_MEM_ALLOC_NODE_PARAMS {
    pub poolProps: CUmemPoolProps,
    pub accessDescs: *const CUmemAccessDesc,
    pub accessDescCount: usize,
    pub bytesize: usize,
    pub dptr: DevicePtr,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_GRAPH_INSTANTIATE_PARAMS {
    pub flags: u64,
    pub hUploadStream: Stream,
    pub hErrNode_out: GraphNode,
    pub result_out: CUgraphInstantiateResult,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct CUgraphEdgeData {
    pub from_port: u8,
    pub to_port: u8,
    pub r#type: u8,
    pub reserved: [u8; 5],
}

impl Wire for CUgraphEdgeData {
    fn put(&self, out: &mut Put) {
        self.from_port.put(out);
        self.to_port.put(out);
        self.r#type.put(out);
        self.reserved.put(out);
    }

    fn get(from: &mut Get<'_>) -> Result<Self, WireError> {
        Ok(Self {
            from_port: from.get()?,
            to_port: from.get()?,
            r#type: from.get()?,
            reserved: from.get()?,
        })
    }
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_MEMCPY2D {
    pub srcXInBytes: usize,
    pub srcY: usize,
    pub srcMemoryType: CUmemorytype,
    pub srcHost: *const c_void,
    pub srcDevice: DevicePtr,
    pub srcArray: Array,
    pub srcPitch: usize,
    pub dstXInBytes: usize,
    pub dstY: usize,
    pub dstMemoryType: CUmemorytype,
    pub dstHost: *mut c_void,
    pub dstDevice: DevicePtr,
    pub dstArray: Array,
    pub dstPitch: usize,
    pub WidthInBytes: usize,
    pub Height: usize,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_MEMCPY3D {
    pub srcXInBytes: usize,
    pub srcY: usize,
    pub srcZ: usize,
    pub srcLOD: usize,
    pub srcMemoryType: CUmemorytype,
    pub srcHost: *const c_void,
    pub srcDevice: DevicePtr,
    pub srcArray: Array,
    pub reserved0: *mut c_void,
    pub srcPitch: usize,
    pub srcHeight: usize,
    pub dstXInBytes: usize,
    pub dstY: usize,
    pub dstZ: usize,
    pub dstLOD: usize,
    pub dstMemoryType: CUmemorytype,
    pub dstHost: *mut c_void,
    pub dstDevice: DevicePtr,
    pub dstArray: Array,
    pub reserved1: *mut c_void,
    pub dstPitch: usize,
    pub dstHeight: usize,
    pub WidthInBytes: usize,
    pub Height: usize,
    pub Depth: usize,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_MEMCPY3D_PEER {
    pub srcXInBytes: usize,
    pub srcY: usize,
    pub srcZ: usize,
    pub srcLOD: usize,
    pub srcMemoryType: CUmemorytype,
    pub srcHost: *const c_void,
    pub srcDevice: DevicePtr,
    pub srcArray: Array,
    pub srcContext: Context,
    pub srcPitch: usize,
    pub srcHeight: usize,
    pub dstXInBytes: usize,
    pub dstY: usize,
    pub dstZ: usize,
    pub dstLOD: usize,
    pub dstMemoryType: CUmemorytype,
    pub dstHost: *mut c_void,
    pub dstDevice: DevicePtr,
    pub dstArray: Array,
    pub dstContext: Context,
    pub dstPitch: usize,
    pub dstHeight: usize,
    pub WidthInBytes: usize,
    pub Height: usize,
    pub Depth: usize,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_KERNEL_NODE_PARAMS_v1 {
    pub func: Function,
    pub gridDimX: u32,
    pub gridDimY: u32,
    pub gridDimZ: u32,
    pub blockDimX: u32,
    pub blockDimY: u32,
    pub blockDimZ: u32,
    pub sharedMemBytes: u32,
    pub kernelParams: *mut *mut c_void,
    pub extra: *mut *mut c_void,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_KERNEL_NODE_PARAMS {
    pub func: Function,
    pub gridDimX: u32,
    pub gridDimY: u32,
    pub gridDimZ: u32,
    pub blockDimX: u32,
    pub blockDimY: u32,
    pub blockDimZ: u32,
    pub sharedMemBytes: u32,
    pub kernelParams: *mut *mut c_void,
    pub extra: *mut *mut c_void,
    pub kern: Function,
    pub ctx: Context,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_MEMSET_NODE_PARAMS {
    pub dst: DevicePtr,
    pub pitch: usize,
    pub value: u32,
    pub elementSize: u32,
    pub width: usize,
    pub height: usize,
}

/// The function is an address here.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_HOST_NODE_PARAMS {
    pub r#fn: *mut c_void,
    pub userData: *mut c_void,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUDA_BATCH_MEM_OP_NODE_PARAMS {
    pub ctx: Context,
    pub count: u32,
    pub paramArray: *mut CUstreamBatchMemOpParams,
    pub flags: u32,
}

/// A union in C, chosen by `type`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUgraphNodeParams {
    pub r#type: CUgraphNodeType,
    pub reserved0: [i32; 3],
    pub words: [u64; 29],
    pub reserved2: u64,
}

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CUgraphExecUpdateResultInfo {
    pub result: CUgraphExecUpdateResult,
    pub errorNode: GraphNode,
    pub errorFromNode: GraphNode,
}
