//! The devices as their callers see them: name, UUID, memory, PCI address and attributes. Sizes by
//! which programs choose their grids are modest, because two or more cores stand behind them, not
//! thousands. Read [`profile`].

use rigel_protocol::custom::{DeviceProfile, PciAddress};

use crate::config::Config;

/// Multiprocessors a device reports.
pub(crate) const MULTIPROCESSORS: u32 = 8;

/// Threads a multiprocessor holds.
pub(crate) const THREADS_PER_MULTIPROCESSOR: u32 = 1536;

/// Blocks a multiprocessor holds.
pub(crate) const BLOCKS_PER_MULTIPROCESSOR: u32 = 16;

/// Threads a block may have.
pub(crate) const THREADS_PER_BLOCK: u32 = 1024;

/// 32-bit registers of a multiprocessor, and the most a block may use.
pub(crate) const REGISTERS_PER_MULTIPROCESSOR: u32 = 65_536;

/// Bytes of shared memory: of a multiprocessor.
pub(crate) const SHARED_BYTES_PER_MULTIPROCESSOR: u32 = 100 << 10;

/// Bytes of shared memory a block may use.
pub(crate) const SHARED_BYTES_PER_BLOCK: u32 = 48 << 10;

/// Bytes of shared memory a block may use after it asked for more.
pub(crate) const SHARED_BYTES_PER_BLOCK_OPTIN: u32 = 99 << 10;

/// Bytes of shared memory that each block costs besides its own.
pub(crate) const SHARED_BYTES_RESERVED: u32 = 1 << 10;

/// Largest grid in x, y and z.
pub(crate) const GRID_MAX: [u32; 3] = [i32::MAX as u32, 65_535, 65_535];

/// Largest block in x, y and z.
pub(crate) const BLOCK_MAX: [u32; 3] = [1024, 1024, 64];

/// `CUdevice_attribute` numbers and values that are the same for every soft device; what is absent
/// is 0: a thing that is not supported.
const ATTRIBUTES: &[(usize, i32)] = &[
    (1, THREADS_PER_BLOCK as i32),
    (2, BLOCK_MAX[0] as i32),
    (3, BLOCK_MAX[1] as i32),
    (4, BLOCK_MAX[2] as i32),
    (5, GRID_MAX[0] as i32),
    (6, GRID_MAX[1] as i32),
    (7, GRID_MAX[2] as i32),
    (8, SHARED_BYTES_PER_BLOCK as i32),
    (9, 65_536),    // constant memory
    (10, 32),       // warp size
    (11, i32::MAX), // pitch
    (12, REGISTERS_PER_MULTIPROCESSOR as i32),
    (13, 1_000_000), // clock, kHz
    (14, 512),       // texture alignment
    (15, 1),         // copies overlap kernels
    (16, MULTIPROCESSORS as i32),
    (19, 1),       // host memory can be mapped
    (21, 131_072), // texture limits, down to 29
    (22, 131_072),
    (23, 65_536),
    (24, 16_384),
    (25, 16_384),
    (26, 16_384),
    (27, 32_768),
    (28, 32_768),
    (29, 2048),
    (30, 512),       // surface alignment
    (31, 1),         // concurrent kernels
    (36, 1_000_000), // memory clock, kHz
    (37, 128),       // memory bus width, bits
    (38, 4 << 20),   // L2 cache
    (39, THREADS_PER_MULTIPROCESSOR as i32),
    (40, 2),      // copy engines
    (41, 1),      // unified addressing
    (42, 32_768), // texture and surface limits, down to 74
    (43, 2048),
    (44, 1),
    (45, 32_768),
    (46, 32_768),
    (47, 8192),
    (48, 8192),
    (49, 32_768),
    (51, 32),
    (52, 32_768),
    (53, 32_768),
    (54, 2046),
    (55, 32_768),
    (56, 131_072),
    (57, 65_536),
    (58, 16_384),
    (59, 16_384),
    (60, 16_384),
    (61, 32_768),
    (62, 2048),
    (63, 32_768),
    (64, 32_768),
    (65, 2048),
    (66, 32_768),
    (67, 32_768),
    (68, 2046),
    (69, 268_435_456),
    (70, 131_072),
    (71, 65_000),
    (72, 2_097_120),
    (73, 32_768),
    (74, 32_768),
    (77, 32_768),
    (78, 1), // stream priorities
    (79, 1), // global memory in L1
    (80, 1), // local memory in L1
    (81, SHARED_BYTES_PER_MULTIPROCESSOR as i32),
    (82, REGISTERS_PER_MULTIPROCESSOR as i32),
    (83, 1), // managed memory
    (87, 2), // single to double precision ratio
    (90, 1), // compute preemption
    (91, 1), // registered memory at its host address
    (92, 1), // stream memory operations, also 93, 94, 122 and 123
    (93, 1),
    (94, 1),
    (95, 1), // cooperative launch
    (97, SHARED_BYTES_PER_BLOCK_OPTIN as i32),
    (99, 1),  // cuMemHostRegister
    (102, 1), // virtual memory management
    (106, BLOCKS_PER_MULTIPROCESSOR as i32),
    (111, SHARED_BYTES_RESERVED as i32),
    (113, 1), // read-only registration
    (115, 1), // memory pools
    (122, 1),
    (123, 1),
    (126, 1),  // memory synchronisation domains
    (131, -1), // NUMA node of the device
];

/// Numbers of attributes that differ between devices.
const PCI_BUS: usize = 33;
const PCI_DEVICE: usize = 34;
const PCI_DOMAIN: usize = 50;
const CAPABILITY_MAJOR: usize = 75;
const CAPABILITY_MINOR: usize = 76;

/// How many attributes CUDA 13.2 numbers, rounded up.
const ATTRIBUTE_COUNT: usize = 160;

/// The profile of the device with this ordinal.
pub(crate) fn profile(config: &Config, ordinal: u32) -> DeviceProfile {
    let pci = PciAddress {
        domain: 0,
        bus: ordinal + 1,
        device: 0,
    };
    let mut attributes = vec![0; ATTRIBUTE_COUNT];
    for (number, value) in ATTRIBUTES {
        attributes[*number] = *value;
    }
    attributes[PCI_BUS] = pci.bus as i32;
    attributes[PCI_DEVICE] = pci.device as i32;
    attributes[PCI_DOMAIN] = pci.domain as i32;
    attributes[CAPABILITY_MAJOR] = config.capability.0;
    attributes[CAPABILITY_MINOR] = config.capability.1;
    DeviceProfile {
        name: config.name.clone(),
        uuid: uuid(ordinal),
        total_bytes: config.memory_bytes,
        pci,
        attributes,
    }
}

/// The same device has the same UUID in every process, laid out as one of version 8. The ordinal decides of its
/// first bytes, which tell devices apart, as those of GPUs do.
fn uuid(ordinal: u32) -> [u8; 16] {
    let mut bytes = *b"\0\0\0\0\0\0\x80\0\x80\0rigel\0";
    let first = ordinal.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    bytes[..4].copy_from_slice(&first.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_capability_is_the_configured_one() {
        let config = Config {
            capability: (13, 0),
            ..Config::default()
        };
        assert_eq!(profile(&config, 0).capability(), (13, 0));
    }

    #[test]
    fn profile_of_two_devices_differ_in_uuid_and_bus() {
        let config = Config::default();
        let (first, second) = (profile(&config, 0), profile(&config, 1));
        assert_ne!(first.uuid, second.uuid);
        assert_ne!(first.attribute(33), second.attribute(33));
    }

    #[test]
    fn attributes_are_listed_once_in_order() {
        assert!(ATTRIBUTES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
