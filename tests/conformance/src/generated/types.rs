// Generated from protocol/api by `cargo xtask codegen`; do not edit.

//! Constants and structures of the driver API, under their C names.
#![expect(unsafe_code, reason = "structures of C begin as zeros")]
#![allow(dead_code, missing_docs, non_camel_case_types, non_snake_case)]

use std::ffi::c_void;

pub(crate) type CUstreamCallback = Option<unsafe extern "C" fn(u64, i32, *mut c_void)>;
pub(crate) type CUhostFn = Option<unsafe extern "C" fn(*mut c_void)>;
pub(crate) type CUoccupancyB2DSize = Option<unsafe extern "C" fn(i32) -> usize>;

pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: u32 = 1;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X: u32 = 2;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: u32 = 3;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: u32 = 4;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: u32 = 5;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y: u32 = 6;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: u32 = 7;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: u32 = 8;
pub(crate) const CU_DEVICE_ATTRIBUTE_SHARED_MEMORY_PER_BLOCK: u32 = 8;
pub(crate) const CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: u32 = 9;
pub(crate) const CU_DEVICE_ATTRIBUTE_WARP_SIZE: u32 = 10;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_PITCH: u32 = 11;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK: u32 = 12;
pub(crate) const CU_DEVICE_ATTRIBUTE_REGISTERS_PER_BLOCK: u32 = 12;
pub(crate) const CU_DEVICE_ATTRIBUTE_CLOCK_RATE: u32 = 13;
pub(crate) const CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT: u32 = 14;
pub(crate) const CU_DEVICE_ATTRIBUTE_GPU_OVERLAP: u32 = 15;
pub(crate) const CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: u32 = 16;
pub(crate) const CU_DEVICE_ATTRIBUTE_KERNEL_EXEC_TIMEOUT: u32 = 17;
pub(crate) const CU_DEVICE_ATTRIBUTE_INTEGRATED: u32 = 18;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY: u32 = 19;
pub(crate) const CU_DEVICE_ATTRIBUTE_COMPUTE_MODE: u32 = 20;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_WIDTH: u32 = 21;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_WIDTH: u32 = 22;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_HEIGHT: u32 = 23;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH: u32 = 24;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT: u32 = 25;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH: u32 = 26;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_WIDTH: u32 = 27;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_HEIGHT: u32 = 28;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LAYERED_LAYERS: u32 = 29;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_WIDTH: u32 = 27;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_HEIGHT: u32 = 28;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_ARRAY_NUMSLICES: u32 = 29;
pub(crate) const CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT: u32 = 30;
pub(crate) const CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS: u32 = 31;
pub(crate) const CU_DEVICE_ATTRIBUTE_ECC_ENABLED: u32 = 32;
pub(crate) const CU_DEVICE_ATTRIBUTE_PCI_BUS_ID: u32 = 33;
pub(crate) const CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID: u32 = 34;
pub(crate) const CU_DEVICE_ATTRIBUTE_TCC_DRIVER: u32 = 35;
pub(crate) const CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: u32 = 36;
pub(crate) const CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: u32 = 37;
pub(crate) const CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: u32 = 38;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: u32 = 39;
pub(crate) const CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT: u32 = 40;
pub(crate) const CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING: u32 = 41;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_WIDTH: u32 = 42;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LAYERED_LAYERS: u32 = 43;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_TEX2D_GATHER: u32 = 44;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_WIDTH: u32 = 45;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_GATHER_HEIGHT: u32 = 46;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_WIDTH_ALTERNATE: u32 = 47;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_HEIGHT_ALTERNATE: u32 = 48;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE3D_DEPTH_ALTERNATE: u32 = 49;
pub(crate) const CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID: u32 = 50;
pub(crate) const CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT: u32 = 51;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_WIDTH: u32 = 52;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_WIDTH: u32 = 53;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURECUBEMAP_LAYERED_LAYERS: u32 = 54;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_WIDTH: u32 = 55;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_WIDTH: u32 = 56;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_HEIGHT: u32 = 57;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_WIDTH: u32 = 58;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_HEIGHT: u32 = 59;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE3D_DEPTH: u32 = 60;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_WIDTH: u32 = 61;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE1D_LAYERED_LAYERS: u32 = 62;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_WIDTH: u32 = 63;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_HEIGHT: u32 = 64;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACE2D_LAYERED_LAYERS: u32 = 65;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_WIDTH: u32 = 66;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_WIDTH: u32 = 67;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_SURFACECUBEMAP_LAYERED_LAYERS: u32 = 68;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_LINEAR_WIDTH: u32 = 69;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_WIDTH: u32 = 70;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_HEIGHT: u32 = 71;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_LINEAR_PITCH: u32 = 72;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_WIDTH: u32 = 73;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE2D_MIPMAPPED_HEIGHT: u32 = 74;
pub(crate) const CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: u32 = 75;
pub(crate) const CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: u32 = 76;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAXIMUM_TEXTURE1D_MIPMAPPED_WIDTH: u32 = 77;
pub(crate) const CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED: u32 = 78;
pub(crate) const CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED: u32 = 79;
pub(crate) const CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED: u32 = 80;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: u32 = 81;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: u32 = 82;
pub(crate) const CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY: u32 = 83;
pub(crate) const CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD: u32 = 84;
pub(crate) const CU_DEVICE_ATTRIBUTE_MULTI_GPU_BOARD_GROUP_ID: u32 = 85;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED: u32 = 86;
pub(crate) const CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO: u32 = 87;
pub(crate) const CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS: u32 = 88;
pub(crate) const CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS: u32 = 89;
pub(crate) const CU_DEVICE_ATTRIBUTE_COMPUTE_PREEMPTION_SUPPORTED: u32 = 90;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM: u32 = 91;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_MEM_OPS_V1: u32 = 92;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS_V1: u32 = 93;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR_V1: u32 = 94;
pub(crate) const CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH: u32 = 95;
pub(crate) const CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH: u32 = 96;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: u32 = 97;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_FLUSH_REMOTE_WRITES: u32 = 98;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED: u32 = 99;
pub(crate) const CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES: u32 = 100;
pub(crate) const CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST: u32 = 101;
pub(crate) const CU_DEVICE_ATTRIBUTE_VIRTUAL_ADDRESS_MANAGEMENT_SUPPORTED: u32 = 102;
pub(crate) const CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED: u32 = 102;
pub(crate) const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED: u32 = 103;
pub(crate) const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_HANDLE_SUPPORTED: u32 = 104;
pub(crate) const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_WIN32_KMT_HANDLE_SUPPORTED: u32 = 105;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: u32 = 106;
pub(crate) const CU_DEVICE_ATTRIBUTE_GENERIC_COMPRESSION_SUPPORTED: u32 = 107;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_PERSISTING_L2_CACHE_SIZE: u32 = 108;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX_ACCESS_POLICY_WINDOW_SIZE: u32 = 109;
pub(crate) const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WITH_CUDA_VMM_SUPPORTED: u32 = 110;
pub(crate) const CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: u32 = 111;
pub(crate) const CU_DEVICE_ATTRIBUTE_SPARSE_CUDA_ARRAY_SUPPORTED: u32 = 112;
pub(crate) const CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED: u32 = 113;
pub(crate) const CU_DEVICE_ATTRIBUTE_TIMELINE_SEMAPHORE_INTEROP_SUPPORTED: u32 = 114;
pub(crate) const CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED: u32 = 115;
pub(crate) const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED: u32 = 116;
pub(crate) const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS: u32 = 117;
pub(crate) const CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WRITES_ORDERING: u32 = 118;
pub(crate) const CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES: u32 = 119;
pub(crate) const CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH: u32 = 120;
pub(crate) const CU_DEVICE_ATTRIBUTE_DEFERRED_MAPPING_CUDA_ARRAY_SUPPORTED: u32 = 121;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS: u32 = 122;
pub(crate) const CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR: u32 = 123;
pub(crate) const CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED: u32 = 124;
pub(crate) const CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED: u32 = 125;
pub(crate) const CU_DEVICE_ATTRIBUTE_MEM_SYNC_DOMAIN_COUNT: u32 = 126;
pub(crate) const CU_DEVICE_ATTRIBUTE_TENSOR_MAP_ACCESS_SUPPORTED: u32 = 127;
pub(crate) const CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_FABRIC_SUPPORTED: u32 = 128;
pub(crate) const CU_DEVICE_ATTRIBUTE_UNIFIED_FUNCTION_POINTERS: u32 = 129;
pub(crate) const CU_DEVICE_ATTRIBUTE_NUMA_CONFIG: u32 = 130;
pub(crate) const CU_DEVICE_ATTRIBUTE_NUMA_ID: u32 = 131;
pub(crate) const CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED: u32 = 132;
pub(crate) const CU_DEVICE_ATTRIBUTE_MPS_ENABLED: u32 = 133;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_NUMA_ID: u32 = 134;
pub(crate) const CU_DEVICE_ATTRIBUTE_D3D12_CIG_SUPPORTED: u32 = 135;
pub(crate) const CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_ALGORITHM_MASK: u32 = 136;
pub(crate) const CU_DEVICE_ATTRIBUTE_MEM_DECOMPRESS_MAXIMUM_LENGTH: u32 = 137;
pub(crate) const CU_DEVICE_ATTRIBUTE_VULKAN_CIG_SUPPORTED: u32 = 138;
pub(crate) const CU_DEVICE_ATTRIBUTE_GPU_PCI_DEVICE_ID: u32 = 139;
pub(crate) const CU_DEVICE_ATTRIBUTE_GPU_PCI_SUBSYSTEM_ID: u32 = 140;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_NUMA_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED: u32 = 141;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_NUMA_MEMORY_POOLS_SUPPORTED: u32 = 142;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_NUMA_MULTINODE_IPC_SUPPORTED: u32 = 143;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_MEMORY_POOLS_SUPPORTED: u32 = 144;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED: u32 = 145;
pub(crate) const CU_DEVICE_ATTRIBUTE_HOST_ALLOC_DMA_BUF_SUPPORTED: u32 = 146;
pub(crate) const CU_DEVICE_ATTRIBUTE_ONLY_PARTIAL_HOST_NATIVE_ATOMIC_SUPPORTED: u32 = 147;
pub(crate) const CU_DEVICE_ATTRIBUTE_ATOMIC_REDUCTION_SUPPORTED: u32 = 148;
pub(crate) const CU_DEVICE_ATTRIBUTE_MAX: u32 = 149;
pub(crate) const CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK: u32 = 1;
pub(crate) const CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED: u32 = 2;
pub(crate) const CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED: u32 = 3;
pub(crate) const CU_DEVICE_P2P_ATTRIBUTE_ACCESS_ACCESS_SUPPORTED: u32 = 4;
pub(crate) const CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED: u32 = 4;
pub(crate) const CU_DEVICE_P2P_ATTRIBUTE_ONLY_PARTIAL_NATIVE_ATOMIC_SUPPORTED: u32 = 5;
pub(crate) const CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT: u32 = 0;
pub(crate) const CU_GRAPH_MEM_ATTR_USED_MEM_HIGH: u32 = 1;
pub(crate) const CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT: u32 = 2;
pub(crate) const CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH: u32 = 3;
pub(crate) const CU_DEV_RESOURCE_TYPE_INVALID: u32 = 0;
pub(crate) const CU_DEV_RESOURCE_TYPE_SM: u32 = 1;
pub(crate) const CU_DEV_RESOURCE_TYPE_WORKQUEUE_CONFIG: u32 = 1000;
pub(crate) const CU_DEV_RESOURCE_TYPE_WORKQUEUE: u32 = 10000;
pub(crate) const CU_LIMIT_STACK_SIZE: u32 = 0;
pub(crate) const CU_LIMIT_PRINTF_FIFO_SIZE: u32 = 1;
pub(crate) const CU_LIMIT_MALLOC_HEAP_SIZE: u32 = 2;
pub(crate) const CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH: u32 = 3;
pub(crate) const CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT: u32 = 4;
pub(crate) const CU_LIMIT_MAX_L2_FETCH_GRANULARITY: u32 = 5;
pub(crate) const CU_LIMIT_PERSISTING_L2_CACHE_SIZE: u32 = 6;
pub(crate) const CU_LIMIT_SHMEM_SIZE: u32 = 7;
pub(crate) const CU_LIMIT_CIG_ENABLED: u32 = 8;
pub(crate) const CU_LIMIT_CIG_SHMEM_FALLBACK_ENABLED: u32 = 9;
pub(crate) const CU_LIMIT_MAX: u32 = 10;
pub(crate) const CU_FUNC_CACHE_PREFER_NONE: u32 = 0;
pub(crate) const CU_FUNC_CACHE_PREFER_SHARED: u32 = 1;
pub(crate) const CU_FUNC_CACHE_PREFER_L1: u32 = 2;
pub(crate) const CU_FUNC_CACHE_PREFER_EQUAL: u32 = 3;
pub(crate) const CU_SHARED_MEM_CONFIG_DEFAULT_BANK_SIZE: u32 = 0;
pub(crate) const CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE: u32 = 1;
pub(crate) const CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE: u32 = 2;
pub(crate) const CU_MEM_ADVISE_SET_READ_MOSTLY: u32 = 1;
pub(crate) const CU_MEM_ADVISE_UNSET_READ_MOSTLY: u32 = 2;
pub(crate) const CU_MEM_ADVISE_SET_PREFERRED_LOCATION: u32 = 3;
pub(crate) const CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION: u32 = 4;
pub(crate) const CU_MEM_ADVISE_SET_ACCESSED_BY: u32 = 5;
pub(crate) const CU_MEM_ADVISE_UNSET_ACCESSED_BY: u32 = 6;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY: u32 = 1;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION: u32 = 2;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY: u32 = 3;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION: u32 = 4;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE: u32 = 5;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID: u32 = 6;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE: u32 = 7;
pub(crate) const CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID: u32 = 8;
pub(crate) const CU_MEM_LOCATION_TYPE_INVALID: u32 = 0;
pub(crate) const CU_MEM_LOCATION_TYPE_NONE: u32 = 0;
pub(crate) const CU_MEM_LOCATION_TYPE_DEVICE: u32 = 1;
pub(crate) const CU_MEM_LOCATION_TYPE_HOST: u32 = 2;
pub(crate) const CU_MEM_LOCATION_TYPE_HOST_NUMA: u32 = 3;
pub(crate) const CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT: u32 = 4;
pub(crate) const CU_MEM_LOCATION_TYPE_INVISIBLE: u32 = 5;
pub(crate) const CU_MEMORYTYPE_HOST: u32 = 1;
pub(crate) const CU_MEMORYTYPE_DEVICE: u32 = 2;
pub(crate) const CU_MEMORYTYPE_ARRAY: u32 = 3;
pub(crate) const CU_MEMORYTYPE_UNIFIED: u32 = 4;
pub(crate) const CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: u32 = 0;
pub(crate) const CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: u32 = 1;
pub(crate) const CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: u32 = 2;
pub(crate) const CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: u32 = 3;
pub(crate) const CU_FUNC_ATTRIBUTE_NUM_REGS: u32 = 4;
pub(crate) const CU_FUNC_ATTRIBUTE_PTX_VERSION: u32 = 5;
pub(crate) const CU_FUNC_ATTRIBUTE_BINARY_VERSION: u32 = 6;
pub(crate) const CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: u32 = 7;
pub(crate) const CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: u32 = 8;
pub(crate) const CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: u32 = 9;
pub(crate) const CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET: u32 = 10;
pub(crate) const CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH: u32 = 11;
pub(crate) const CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT: u32 = 12;
pub(crate) const CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH: u32 = 13;
pub(crate) const CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED: u32 = 14;
pub(crate) const CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: u32 = 15;
pub(crate) const CU_FUNC_ATTRIBUTE_MAX: u32 = 16;
pub(crate) const CU_POINTER_ATTRIBUTE_CONTEXT: u32 = 1;
pub(crate) const CU_POINTER_ATTRIBUTE_MEMORY_TYPE: u32 = 2;
pub(crate) const CU_POINTER_ATTRIBUTE_DEVICE_POINTER: u32 = 3;
pub(crate) const CU_POINTER_ATTRIBUTE_HOST_POINTER: u32 = 4;
pub(crate) const CU_POINTER_ATTRIBUTE_P2P_TOKENS: u32 = 5;
pub(crate) const CU_POINTER_ATTRIBUTE_SYNC_MEMOPS: u32 = 6;
pub(crate) const CU_POINTER_ATTRIBUTE_BUFFER_ID: u32 = 7;
pub(crate) const CU_POINTER_ATTRIBUTE_IS_MANAGED: u32 = 8;
pub(crate) const CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: u32 = 9;
pub(crate) const CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE: u32 = 10;
pub(crate) const CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: u32 = 11;
pub(crate) const CU_POINTER_ATTRIBUTE_RANGE_SIZE: u32 = 12;
pub(crate) const CU_POINTER_ATTRIBUTE_MAPPED: u32 = 13;
pub(crate) const CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES: u32 = 14;
pub(crate) const CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE: u32 = 15;
pub(crate) const CU_POINTER_ATTRIBUTE_ACCESS_FLAGS: u32 = 16;
pub(crate) const CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE: u32 = 17;
pub(crate) const CU_POINTER_ATTRIBUTE_MAPPING_SIZE: u32 = 18;
pub(crate) const CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR: u32 = 19;
pub(crate) const CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID: u32 = 20;
pub(crate) const CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE: u32 = 21;
pub(crate) const CU_JIT_MAX_REGISTERS: u32 = 0;
pub(crate) const CU_JIT_THREADS_PER_BLOCK: u32 = 1;
pub(crate) const CU_JIT_WALL_TIME: u32 = 2;
pub(crate) const CU_JIT_INFO_LOG_BUFFER: u32 = 3;
pub(crate) const CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES: u32 = 4;
pub(crate) const CU_JIT_ERROR_LOG_BUFFER: u32 = 5;
pub(crate) const CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES: u32 = 6;
pub(crate) const CU_JIT_OPTIMIZATION_LEVEL: u32 = 7;
pub(crate) const CU_JIT_TARGET_FROM_CUCONTEXT: u32 = 8;
pub(crate) const CU_JIT_TARGET: u32 = 9;
pub(crate) const CU_JIT_FALLBACK_STRATEGY: u32 = 10;
pub(crate) const CU_JIT_GENERATE_DEBUG_INFO: u32 = 11;
pub(crate) const CU_JIT_LOG_VERBOSE: u32 = 12;
pub(crate) const CU_JIT_GENERATE_LINE_INFO: u32 = 13;
pub(crate) const CU_JIT_CACHE_MODE: u32 = 14;
pub(crate) const CU_JIT_NEW_SM3X_OPT: u32 = 15;
pub(crate) const CU_JIT_FAST_COMPILE: u32 = 16;
pub(crate) const CU_JIT_GLOBAL_SYMBOL_NAMES: u32 = 17;
pub(crate) const CU_JIT_GLOBAL_SYMBOL_ADDRESSES: u32 = 18;
pub(crate) const CU_JIT_GLOBAL_SYMBOL_COUNT: u32 = 19;
pub(crate) const CU_JIT_LTO: u32 = 20;
pub(crate) const CU_JIT_FTZ: u32 = 21;
pub(crate) const CU_JIT_PREC_DIV: u32 = 22;
pub(crate) const CU_JIT_PREC_SQRT: u32 = 23;
pub(crate) const CU_JIT_FMA: u32 = 24;
pub(crate) const CU_JIT_REFERENCED_KERNEL_NAMES: u32 = 25;
pub(crate) const CU_JIT_REFERENCED_KERNEL_COUNT: u32 = 26;
pub(crate) const CU_JIT_REFERENCED_VARIABLE_NAMES: u32 = 27;
pub(crate) const CU_JIT_REFERENCED_VARIABLE_COUNT: u32 = 28;
pub(crate) const CU_JIT_OPTIMIZE_UNUSED_DEVICE_VARIABLES: u32 = 29;
pub(crate) const CU_JIT_POSITION_INDEPENDENT_CODE: u32 = 30;
pub(crate) const CU_JIT_MIN_CTA_PER_SM: u32 = 31;
pub(crate) const CU_JIT_MAX_THREADS_PER_BLOCK: u32 = 32;
pub(crate) const CU_JIT_OVERRIDE_DIRECTIVE_VALUES: u32 = 33;
pub(crate) const CU_JIT_SPLIT_COMPILE: u32 = 34;
pub(crate) const CU_JIT_BINARY_LOADER_THREAD_COUNT: u32 = 35;
pub(crate) const CU_JIT_NUM_OPTIONS: u32 = 36;
pub(crate) const CU_JIT_INPUT_CUBIN: u32 = 0;
pub(crate) const CU_JIT_INPUT_PTX: u32 = 1;
pub(crate) const CU_JIT_INPUT_FATBINARY: u32 = 2;
pub(crate) const CU_JIT_INPUT_OBJECT: u32 = 3;
pub(crate) const CU_JIT_INPUT_LIBRARY: u32 = 4;
pub(crate) const CU_JIT_INPUT_NVVM: u32 = 5;
pub(crate) const CU_JIT_NUM_INPUT_TYPES: u32 = 6;
pub(crate) const CU_LIBRARY_HOST_UNIVERSAL_FUNCTION_AND_DATA_TABLE: u32 = 0;
pub(crate) const CU_LIBRARY_BINARY_IS_PRESERVED: u32 = 1;
pub(crate) const CU_LIBRARY_NUM_OPTIONS: u32 = 2;
pub(crate) const CU_STREAM_CAPTURE_MODE_GLOBAL: u32 = 0;
pub(crate) const CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: u32 = 1;
pub(crate) const CU_STREAM_CAPTURE_MODE_RELAXED: u32 = 2;
pub(crate) const CU_STREAM_CAPTURE_STATUS_NONE: u32 = 0;
pub(crate) const CU_STREAM_CAPTURE_STATUS_ACTIVE: u32 = 1;
pub(crate) const CU_STREAM_CAPTURE_STATUS_INVALIDATED: u32 = 2;
pub(crate) const CU_GRAPH_NODE_TYPE_KERNEL: u32 = 0;
pub(crate) const CU_GRAPH_NODE_TYPE_MEMCPY: u32 = 1;
pub(crate) const CU_GRAPH_NODE_TYPE_MEMSET: u32 = 2;
pub(crate) const CU_GRAPH_NODE_TYPE_HOST: u32 = 3;
pub(crate) const CU_GRAPH_NODE_TYPE_GRAPH: u32 = 4;
pub(crate) const CU_GRAPH_NODE_TYPE_EMPTY: u32 = 5;
pub(crate) const CU_GRAPH_NODE_TYPE_WAIT_EVENT: u32 = 6;
pub(crate) const CU_GRAPH_NODE_TYPE_EVENT_RECORD: u32 = 7;
pub(crate) const CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL: u32 = 8;
pub(crate) const CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT: u32 = 9;
pub(crate) const CU_GRAPH_NODE_TYPE_MEM_ALLOC: u32 = 10;
pub(crate) const CU_GRAPH_NODE_TYPE_MEM_FREE: u32 = 11;
pub(crate) const CU_GRAPH_NODE_TYPE_BATCH_MEM_OP: u32 = 12;
pub(crate) const CU_GRAPH_NODE_TYPE_CONDITIONAL: u32 = 13;
pub(crate) const CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES: u32 = 1;
pub(crate) const CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC: u32 = 2;
pub(crate) const CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES: u32 = 3;
pub(crate) const CU_MEMPOOL_ATTR_RELEASE_THRESHOLD: u32 = 4;
pub(crate) const CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT: u32 = 5;
pub(crate) const CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH: u32 = 6;
pub(crate) const CU_MEMPOOL_ATTR_USED_MEM_CURRENT: u32 = 7;
pub(crate) const CU_MEMPOOL_ATTR_USED_MEM_HIGH: u32 = 8;
pub(crate) const CU_MEMPOOL_ATTR_ALLOCATION_TYPE: u32 = 9;
pub(crate) const CU_MEMPOOL_ATTR_EXPORT_HANDLE_TYPES: u32 = 10;
pub(crate) const CU_MEMPOOL_ATTR_LOCATION_ID: u32 = 11;
pub(crate) const CU_MEMPOOL_ATTR_LOCATION_TYPE: u32 = 12;
pub(crate) const CU_MEMPOOL_ATTR_MAX_POOL_SIZE: u32 = 13;
pub(crate) const CU_MEMPOOL_ATTR_HW_DECOMPRESS_ENABLED: u32 = 14;
pub(crate) const CU_MEM_ALLOCATION_TYPE_INVALID: u32 = 0;
pub(crate) const CU_MEM_ALLOCATION_TYPE_PINNED: u32 = 1;
pub(crate) const CU_MEM_ALLOCATION_TYPE_MANAGED: u32 = 2;
pub(crate) const CU_MEM_HANDLE_TYPE_NONE: u32 = 0;
pub(crate) const CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR: u32 = 1;
pub(crate) const CU_MEM_HANDLE_TYPE_WIN32: u32 = 2;
pub(crate) const CU_MEM_HANDLE_TYPE_WIN32_KMT: u32 = 4;
pub(crate) const CU_MEM_HANDLE_TYPE_FABRIC: u32 = 8;
pub(crate) const CU_MEM_ACCESS_FLAGS_PROT_NONE: u32 = 0;
pub(crate) const CU_MEM_ACCESS_FLAGS_PROT_READ: u32 = 1;
pub(crate) const CU_MEM_ACCESS_FLAGS_PROT_READWRITE: u32 = 3;
pub(crate) const CU_MEM_ALLOC_GRANULARITY_MINIMUM: u32 = 0;
pub(crate) const CU_MEM_ALLOC_GRANULARITY_RECOMMENDED: u32 = 1;
pub(crate) const CU_EXEC_AFFINITY_TYPE_SM_COUNT: u32 = 0;
pub(crate) const CU_EXEC_AFFINITY_TYPE_MAX: u32 = 1;
pub(crate) const CU_MODULE_EAGER_LOADING: u32 = 1;
pub(crate) const CU_MODULE_LAZY_LOADING: u32 = 2;
pub(crate) const CU_GET_PROC_ADDRESS_SUCCESS: u32 = 0;
pub(crate) const CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND: u32 = 1;
pub(crate) const CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT: u32 = 2;
pub(crate) const CU_FUNCTION_LOADING_STATE_UNLOADED: u32 = 0;
pub(crate) const CU_FUNCTION_LOADING_STATE_LOADED: u32 = 1;
pub(crate) const CU_FUNCTION_LOADING_STATE_MAX: u32 = 2;
pub(crate) const CU_LAUNCH_ATTRIBUTE_IGNORE: u32 = 0;
pub(crate) const CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW: u32 = 1;
pub(crate) const CU_LAUNCH_ATTRIBUTE_COOPERATIVE: u32 = 2;
pub(crate) const CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY: u32 = 3;
pub(crate) const CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION: u32 = 4;
pub(crate) const CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: u32 = 5;
pub(crate) const CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION: u32 = 6;
pub(crate) const CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT: u32 = 7;
pub(crate) const CU_LAUNCH_ATTRIBUTE_PRIORITY: u32 = 8;
pub(crate) const CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP: u32 = 9;
pub(crate) const CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN: u32 = 10;
pub(crate) const CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION: u32 = 11;
pub(crate) const CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT: u32 = 12;
pub(crate) const CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE: u32 = 13;
pub(crate) const CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: u32 = 14;
pub(crate) const CU_LAUNCH_ATTRIBUTE_NVLINK_UTIL_CENTRIC_SCHEDULING: u32 = 16;
pub(crate) const CU_LAUNCH_ATTRIBUTE_PORTABLE_CLUSTER_SIZE_MODE: u32 = 17;
pub(crate) const CU_LAUNCH_ATTRIBUTE_SHARED_MEMORY_MODE: u32 = 18;
pub(crate) const CU_LAUNCH_ATTRIBUTE_MAX: u32 = 19;
pub(crate) const CU_MEMCPY_SRC_ACCESS_ORDER_INVALID: u32 = 0;
pub(crate) const CU_MEMCPY_SRC_ACCESS_ORDER_STREAM: u32 = 1;
pub(crate) const CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL: u32 = 2;
pub(crate) const CU_MEMCPY_SRC_ACCESS_ORDER_ANY: u32 = 3;
pub(crate) const CUDA_GRAPH_INSTANTIATE_SUCCESS: u32 = 0;
pub(crate) const CUDA_GRAPH_INSTANTIATE_ERROR: u32 = 1;
pub(crate) const CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE: u32 = 2;
pub(crate) const CUDA_GRAPH_INSTANTIATE_NODE_OPERATION_NOT_SUPPORTED: u32 = 3;
pub(crate) const CUDA_GRAPH_INSTANTIATE_MULTIPLE_CTXS_NOT_SUPPORTED: u32 = 4;
pub(crate) const CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED: u32 = 5;
pub(crate) const CU_GRAPH_EXEC_UPDATE_SUCCESS: u32 = 0;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR: u32 = 1;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED: u32 = 2;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED: u32 = 3;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR_FUNCTION_CHANGED: u32 = 4;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED: u32 = 5;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR_NOT_SUPPORTED: u32 = 6;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR_UNSUPPORTED_FUNCTION_CHANGE: u32 = 7;
pub(crate) const CU_GRAPH_EXEC_UPDATE_ERROR_ATTRIBUTES_CHANGED: u32 = 8;

/// `CUmemLocation`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemLocation {
    pub(crate) r#type: u32,
    pub(crate) id: i32,
}

impl Default for CUmemLocation {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUmemAccessDesc`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemAccessDesc {
    pub(crate) location: CUmemLocation,
    pub(crate) flags: u32,
}

impl Default for CUmemAccessDesc {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUipcMemHandle`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUipcMemHandle {
    pub(crate) reserved: [u8; 64],
}

impl Default for CUipcMemHandle {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUipcEventHandle`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUipcEventHandle {
    pub(crate) reserved: [u8; 64],
}

impl Default for CUipcEventHandle {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUmemPoolPtrExportData`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemPoolPtrExportData {
    pub(crate) reserved: [u8; 64],
}

impl Default for CUmemPoolPtrExportData {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUmemPoolProps`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemPoolProps {
    pub(crate) allocType: u32,
    pub(crate) handleTypes: u32,
    pub(crate) location: CUmemLocation,
    pub(crate) win32SecurityAttributes: u64,
    pub(crate) maxSize: usize,
    pub(crate) usage: u16,
    pub(crate) reserved: [u8; 54],
}

impl Default for CUmemPoolProps {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUmemAllocationFlags`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemAllocationFlags {
    pub(crate) compressionType: u8,
    pub(crate) gpuDirectRDMACapable: u8,
    pub(crate) usage: u16,
    pub(crate) reserved: [u8; 4],
}

impl Default for CUmemAllocationFlags {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUmemAllocationProp`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemAllocationProp {
    pub(crate) r#type: u32,
    pub(crate) requestedHandleTypes: u32,
    pub(crate) location: CUmemLocation,
    pub(crate) win32HandleMetaData: u64,
    pub(crate) allocFlags: CUmemAllocationFlags,
}

impl Default for CUmemAllocationProp {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUstreamBatchMemOpParams`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUstreamBatchMemOpParams {
    pub(crate) words: [u64; 6],
}

impl Default for CUstreamBatchMemOpParams {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUstreamAttrValue`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUstreamAttrValue {
    pub(crate) words: [u64; 8],
}

impl Default for CUstreamAttrValue {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUlaunchAttributeValue`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUlaunchAttributeValue {
    pub(crate) words: [u64; 8],
}

impl Default for CUlaunchAttributeValue {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUlaunchAttribute`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUlaunchAttribute {
    pub(crate) id: u32,
    pub(crate) pad: [u8; 4],
    pub(crate) value: CUlaunchAttributeValue,
}

impl Default for CUlaunchAttribute {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUlaunchConfig`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUlaunchConfig {
    pub(crate) gridDimX: u32,
    pub(crate) gridDimY: u32,
    pub(crate) gridDimZ: u32,
    pub(crate) blockDimX: u32,
    pub(crate) blockDimY: u32,
    pub(crate) blockDimZ: u32,
    pub(crate) sharedMemBytes: u32,
    pub(crate) hStream: u64,
    pub(crate) attrs: *mut CUlaunchAttribute,
    pub(crate) numAttrs: u32,
}

impl Default for CUlaunchConfig {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUdevResource`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUdevResource {
    pub(crate) r#type: u32,
    pub(crate) reserved: [u8; 92],
    pub(crate) words: [u64; 5],
    pub(crate) nextResource: *mut c_void,
}

impl Default for CUdevResource {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUuuid`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUuuid {
    pub(crate) bytes: [u8; 16],
}

impl Default for CUuuid {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUdevprop`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUdevprop {
    pub(crate) maxThreadsPerBlock: i32,
    pub(crate) maxThreadsDim: [i32; 3],
    pub(crate) maxGridSize: [i32; 3],
    pub(crate) sharedMemPerBlock: i32,
    pub(crate) totalConstantMemory: i32,
    pub(crate) SIMDWidth: i32,
    pub(crate) memPitch: i32,
    pub(crate) regsPerBlock: i32,
    pub(crate) clockRate: i32,
    pub(crate) textureAlign: i32,
}

impl Default for CUdevprop {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUexecAffinityParam`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUexecAffinityParam {
    pub(crate) r#type: u32,
    pub(crate) smCount: u32,
}

impl Default for CUexecAffinityParam {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUctxCreateParams`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUctxCreateParams {
    pub(crate) execAffinityParams: *mut CUexecAffinityParam,
    pub(crate) numExecAffinityParams: i32,
    pub(crate) cigParams: *mut c_void,
}

impl Default for CUctxCreateParams {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUmemcpyAttributes`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemcpyAttributes {
    pub(crate) srcAccessOrder: u32,
    pub(crate) srcLocHint: CUmemLocation,
    pub(crate) dstLocHint: CUmemLocation,
    pub(crate) flags: u32,
}

impl Default for CUmemcpyAttributes {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUmemcpy3DOperand`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUmemcpy3DOperand {
    pub(crate) r#type: u32,
    pub(crate) words: [u64; 4],
}

impl Default for CUmemcpy3DOperand {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_MEMCPY3D_BATCH_OP`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_MEMCPY3D_BATCH_OP {
    pub(crate) src: CUmemcpy3DOperand,
    pub(crate) dst: CUmemcpy3DOperand,
    pub(crate) extent: [usize; 3],
    pub(crate) srcAccessOrder: u32,
    pub(crate) flags: u32,
}

impl Default for CUDA_MEMCPY3D_BATCH_OP {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_MEM_ALLOC_NODE_PARAMS`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_MEM_ALLOC_NODE_PARAMS {
    pub(crate) poolProps: CUmemPoolProps,
    pub(crate) accessDescs: *const CUmemAccessDesc,
    pub(crate) accessDescCount: usize,
    pub(crate) bytesize: usize,
    pub(crate) dptr: u64,
}

impl Default for CUDA_MEM_ALLOC_NODE_PARAMS {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_GRAPH_INSTANTIATE_PARAMS`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_GRAPH_INSTANTIATE_PARAMS {
    pub(crate) flags: u64,
    pub(crate) hUploadStream: u64,
    pub(crate) hErrNode_out: u64,
    pub(crate) result_out: u32,
}

impl Default for CUDA_GRAPH_INSTANTIATE_PARAMS {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUgraphEdgeData`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUgraphEdgeData {
    pub(crate) from_port: u8,
    pub(crate) to_port: u8,
    pub(crate) r#type: u8,
    pub(crate) reserved: [u8; 5],
}

impl Default for CUgraphEdgeData {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_MEMCPY2D`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_MEMCPY2D {
    pub(crate) srcXInBytes: usize,
    pub(crate) srcY: usize,
    pub(crate) srcMemoryType: u32,
    pub(crate) srcHost: *const c_void,
    pub(crate) srcDevice: u64,
    pub(crate) srcArray: u64,
    pub(crate) srcPitch: usize,
    pub(crate) dstXInBytes: usize,
    pub(crate) dstY: usize,
    pub(crate) dstMemoryType: u32,
    pub(crate) dstHost: *mut c_void,
    pub(crate) dstDevice: u64,
    pub(crate) dstArray: u64,
    pub(crate) dstPitch: usize,
    pub(crate) WidthInBytes: usize,
    pub(crate) Height: usize,
}

impl Default for CUDA_MEMCPY2D {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_MEMCPY3D`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_MEMCPY3D {
    pub(crate) srcXInBytes: usize,
    pub(crate) srcY: usize,
    pub(crate) srcZ: usize,
    pub(crate) srcLOD: usize,
    pub(crate) srcMemoryType: u32,
    pub(crate) srcHost: *const c_void,
    pub(crate) srcDevice: u64,
    pub(crate) srcArray: u64,
    pub(crate) reserved0: *mut c_void,
    pub(crate) srcPitch: usize,
    pub(crate) srcHeight: usize,
    pub(crate) dstXInBytes: usize,
    pub(crate) dstY: usize,
    pub(crate) dstZ: usize,
    pub(crate) dstLOD: usize,
    pub(crate) dstMemoryType: u32,
    pub(crate) dstHost: *mut c_void,
    pub(crate) dstDevice: u64,
    pub(crate) dstArray: u64,
    pub(crate) reserved1: *mut c_void,
    pub(crate) dstPitch: usize,
    pub(crate) dstHeight: usize,
    pub(crate) WidthInBytes: usize,
    pub(crate) Height: usize,
    pub(crate) Depth: usize,
}

impl Default for CUDA_MEMCPY3D {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_MEMCPY3D_PEER`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_MEMCPY3D_PEER {
    pub(crate) srcXInBytes: usize,
    pub(crate) srcY: usize,
    pub(crate) srcZ: usize,
    pub(crate) srcLOD: usize,
    pub(crate) srcMemoryType: u32,
    pub(crate) srcHost: *const c_void,
    pub(crate) srcDevice: u64,
    pub(crate) srcArray: u64,
    pub(crate) srcContext: u64,
    pub(crate) srcPitch: usize,
    pub(crate) srcHeight: usize,
    pub(crate) dstXInBytes: usize,
    pub(crate) dstY: usize,
    pub(crate) dstZ: usize,
    pub(crate) dstLOD: usize,
    pub(crate) dstMemoryType: u32,
    pub(crate) dstHost: *mut c_void,
    pub(crate) dstDevice: u64,
    pub(crate) dstArray: u64,
    pub(crate) dstContext: u64,
    pub(crate) dstPitch: usize,
    pub(crate) dstHeight: usize,
    pub(crate) WidthInBytes: usize,
    pub(crate) Height: usize,
    pub(crate) Depth: usize,
}

impl Default for CUDA_MEMCPY3D_PEER {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_KERNEL_NODE_PARAMS_v1`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_KERNEL_NODE_PARAMS_v1 {
    pub(crate) func: u64,
    pub(crate) gridDimX: u32,
    pub(crate) gridDimY: u32,
    pub(crate) gridDimZ: u32,
    pub(crate) blockDimX: u32,
    pub(crate) blockDimY: u32,
    pub(crate) blockDimZ: u32,
    pub(crate) sharedMemBytes: u32,
    pub(crate) kernelParams: *mut *mut c_void,
    pub(crate) extra: *mut *mut c_void,
}

impl Default for CUDA_KERNEL_NODE_PARAMS_v1 {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_KERNEL_NODE_PARAMS`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_KERNEL_NODE_PARAMS {
    pub(crate) func: u64,
    pub(crate) gridDimX: u32,
    pub(crate) gridDimY: u32,
    pub(crate) gridDimZ: u32,
    pub(crate) blockDimX: u32,
    pub(crate) blockDimY: u32,
    pub(crate) blockDimZ: u32,
    pub(crate) sharedMemBytes: u32,
    pub(crate) kernelParams: *mut *mut c_void,
    pub(crate) extra: *mut *mut c_void,
    pub(crate) kern: u64,
    pub(crate) ctx: u64,
}

impl Default for CUDA_KERNEL_NODE_PARAMS {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_MEMSET_NODE_PARAMS`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_MEMSET_NODE_PARAMS {
    pub(crate) dst: u64,
    pub(crate) pitch: usize,
    pub(crate) value: u32,
    pub(crate) elementSize: u32,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Default for CUDA_MEMSET_NODE_PARAMS {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_HOST_NODE_PARAMS`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_HOST_NODE_PARAMS {
    pub(crate) r#fn: *mut c_void,
    pub(crate) userData: *mut c_void,
}

impl Default for CUDA_HOST_NODE_PARAMS {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUDA_BATCH_MEM_OP_NODE_PARAMS`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUDA_BATCH_MEM_OP_NODE_PARAMS {
    pub(crate) ctx: u64,
    pub(crate) count: u32,
    pub(crate) paramArray: *mut CUstreamBatchMemOpParams,
    pub(crate) flags: u32,
}

impl Default for CUDA_BATCH_MEM_OP_NODE_PARAMS {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUgraphNodeParams`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUgraphNodeParams {
    pub(crate) r#type: u32,
    pub(crate) reserved0: [i32; 3],
    pub(crate) words: [u64; 29],
    pub(crate) reserved2: u64,
}

impl Default for CUgraphNodeParams {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}

/// `CUgraphExecUpdateResultInfo`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct CUgraphExecUpdateResultInfo {
    pub(crate) result: u32,
    pub(crate) errorNode: u64,
    pub(crate) errorFromNode: u64,
}

impl Default for CUgraphExecUpdateResultInfo {
    fn default() -> Self {
        // SAFETY: a structure of numbers and pointers, for which zeros are a value.
        unsafe { std::mem::zeroed() }
    }
}
