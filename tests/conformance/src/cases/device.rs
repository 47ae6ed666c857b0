//! Devices: ordinals, names, attributes, addresses on the bus, and what one may do to another.

use std::ptr::{null, null_mut};

use super::NO_DEVICE;
use crate::case::{Case, call, seen, story};
use crate::generated::types::*;

/// The cases.
pub(crate) const CASES: &[Case] = &[
    call(
        "cuDeviceGet/beyond_the_last",
        "An ordinal must be below the number of devices.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGet(&mut 0, cu.devices()),
    )
    .bare(),
    call(
        "cuDeviceGet/negative",
        "An ordinal must not be negative.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGet(&mut 0, -1),
    )
    .bare(),
    call(
        "cuDeviceGet/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGet(null_mut(), 0),
    )
    .bare(),
    story(
        "cuDeviceGet/first",
        "Devices are numbered from zero.",
        "SUCCESS 0",
        |cu| {
            let mut device = -1;
            seen![cu.cuDeviceGet(&mut device, 0), device]
        },
    )
    .bare(),
    call(
        "cuDeviceGetCount/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetCount(null_mut()),
    )
    .bare(),
    story(
        "cuDeviceGetName/whole",
        "The name ends with a zero.",
        "SUCCESS true",
        |cu| {
            let mut name = [1; 256];
            seen![
                cu.cuDeviceGetName(name.as_mut_ptr(), 256, 0),
                name.contains(&0)
            ]
        },
    )
    .bare(),
    story(
        "cuDeviceGetName/cut",
        "A short buffer gets as much as fits, with a zero at its end.",
        "SUCCESS true 1",
        |cu| {
            let mut name = [1; 5];
            let status = cu.cuDeviceGetName(name.as_mut_ptr(), 4, 0);
            seen![status, name[3] == 0 && name[0] > 1, name[4]]
        },
    )
    .bare(),
    call(
        "cuDeviceGetName/null",
        "The buffer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetName(null_mut(), 256, 0),
    )
    .bare(),
    call(
        "cuDeviceGetName/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetName([0; 8].as_mut_ptr(), 8, NO_DEVICE),
    )
    .bare(),
    story(
        "cuDeviceGetUuid_v2/stable",
        "A device has one UUID, whichever form of the call is asked.",
        "SUCCESS SUCCESS true",
        |cu| {
            let (mut one, mut other) = (CUuuid::default(), CUuuid::default());
            let first = cu.cuDeviceGetUuid(&mut one, 0);
            let second = cu.cuDeviceGetUuid_v2(&mut other, 0);
            seen![
                first,
                second,
                one.bytes == other.bytes && one.bytes != [0; 16]
            ]
        },
    )
    .bare(),
    call(
        "cuDeviceGetUuid_v2/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetUuid_v2(null_mut(), 0),
    )
    .bare(),
    call(
        "cuDeviceGetUuid_v2/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetUuid_v2(&mut CUuuid::default(), NO_DEVICE),
    )
    .bare(),
    story(
        "cuDeviceTotalMem_v2/some",
        "A device has memory, and at least what is free.",
        "SUCCESS true",
        |cu| {
            let (mut total, mut free, mut all) = (0, 0, 0);
            cu.cuMemGetInfo_v2(&mut free, &mut all)
                .must("cuMemGetInfo_v2");
            seen![
                cu.cuDeviceTotalMem_v2(&mut total, 0),
                total >= free && total >= 1 << 20
            ]
        },
    ),
    call(
        "cuDeviceTotalMem_v2/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceTotalMem_v2(null_mut(), 0),
    )
    .bare(),
    call(
        "cuDeviceTotalMem_v2/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceTotalMem_v2(&mut 0, NO_DEVICE),
    )
    .bare(),
    story(
        "cuDeviceGetAttribute/constants",
        "A warp has 32 threads, addresses are unified, a block has up to 1024 threads.",
        "32 1 1024",
        |cu| {
            seen![
                cu.attribute(CU_DEVICE_ATTRIBUTE_WARP_SIZE),
                cu.attribute(CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING),
                cu.attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)
            ]
        },
    )
    .bare(),
    call(
        "cuDeviceGetAttribute/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetAttribute(null_mut(), CU_DEVICE_ATTRIBUTE_WARP_SIZE, 0),
    )
    .bare(),
    call(
        "cuDeviceGetAttribute/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetAttribute(&mut 0, CU_DEVICE_ATTRIBUTE_WARP_SIZE, NO_DEVICE),
    )
    .bare(),
    story(
        "cuDeviceComputeCapability/attributes",
        "The capability is that of the attributes.",
        "SUCCESS true",
        |cu| {
            let (mut major, mut minor) = (0, 0);
            let status = cu.cuDeviceComputeCapability(&mut major, &mut minor, 0);
            let capability = (
                cu.attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                cu.attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
            );
            seen![status, capability == (major, minor)]
        },
    )
    .bare(),
    call(
        "cuDeviceComputeCapability/null",
        "The pointers must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceComputeCapability(null_mut(), &mut 0, 0),
    )
    .bare(),
    call(
        "cuDeviceComputeCapability/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceComputeCapability(&mut 0, &mut 0, NO_DEVICE),
    )
    .bare(),
    story(
        "cuDeviceGetProperties/attributes",
        "The properties are those of the attributes.",
        "SUCCESS 32 1024",
        |cu| {
            let mut properties = CUdevprop::default();
            let status = cu.cuDeviceGetProperties(&mut properties, 0);
            seen![status, properties.SIMDWidth, properties.maxThreadsPerBlock]
        },
    )
    .bare(),
    call(
        "cuDeviceGetProperties/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetProperties(null_mut(), 0),
    )
    .bare(),
    call(
        "cuDeviceGetProperties/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetProperties(&mut CUdevprop::default(), NO_DEVICE),
    )
    .bare(),
    story(
        "cuDeviceGetPCIBusId/there_and_back",
        "The text names the device it came from.",
        "SUCCESS SUCCESS 0",
        |cu| {
            let (mut text, mut device) = ([0; 16], -1);
            let there = cu.cuDeviceGetPCIBusId(text.as_mut_ptr(), 16, 0);
            seen![
                there,
                cu.cuDeviceGetByPCIBusId(&mut device, text.as_ptr()),
                device
            ]
        },
    )
    .bare(),
    call(
        "cuDeviceGetPCIBusId/short",
        "The buffer must have room for the text, 13 bytes at least.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetPCIBusId([0; 16].as_mut_ptr(), 8, 0),
    )
    .bare(),
    call(
        "cuDeviceGetPCIBusId/null",
        "The buffer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetPCIBusId(null_mut(), 16, 0),
    )
    .bare(),
    call(
        "cuDeviceGetPCIBusId/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetPCIBusId([0; 16].as_mut_ptr(), 16, NO_DEVICE),
    )
    .bare(),
    call(
        "cuDeviceGetByPCIBusId/null",
        "The text must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetByPCIBusId(&mut 0, null()),
    )
    .bare(),
    call(
        "cuDeviceGetByPCIBusId/nowhere",
        "A place on the bus without a device is refused.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetByPCIBusId(&mut 0, c"7fff:fe:1d.0".as_ptr()),
    )
    .believed()
    .bare(),
    story(
        "cuDeviceCanAccessPeer/itself",
        "A device is no peer of its own.",
        "SUCCESS 0",
        |cu| {
            let mut can = 7;
            seen![cu.cuDeviceCanAccessPeer(&mut can, 0, 0), can]
        },
    )
    .bare(),
    call(
        "cuDeviceCanAccessPeer/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceCanAccessPeer(null_mut(), 0, 0),
    )
    .bare(),
    call(
        "cuDeviceCanAccessPeer/no_device",
        "Both devices must exist.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceCanAccessPeer(&mut 0, 0, NO_DEVICE),
    )
    .bare(),
    call(
        "cuDeviceGetP2PAttribute/itself",
        "The devices must be two.",
        "INVALID_DEVICE",
        |cu| cu.cuDeviceGetP2PAttribute(&mut 0, CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 0, 0),
    )
    .bare(),
    call(
        "cuDeviceGetP2PAttribute/no_device",
        "Both devices must exist.",
        "INVALID_DEVICE",
        |cu| {
            cu.cuDeviceGetP2PAttribute(
                &mut 0,
                CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED,
                0,
                NO_DEVICE,
            )
        },
    )
    .bare(),
    call(
        "cuDeviceGetP2PAttribute/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetP2PAttribute(null_mut(), CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED, 0, 1),
    )
    .bare(),
    story(
        "cuDeviceGetP2PAttribute/unknown",
        "The attribute must be a known one.",
        "INVALID_VALUE",
        |cu| {
            if cu.devices() < 2 {
                return "needs two devices".to_owned();
            }
            seen![cu.cuDeviceGetP2PAttribute(&mut 0, 99, 0, 1)]
        },
    )
    .bare(),
    story(
        "cuDeviceGetExecAffinitySupport/no_device",
        "The device must exist.",
        "INVALID_DEVICE",
        |cu| {
            let mut supported = 0;
            seen![cu.cuDeviceGetExecAffinitySupport(
                &mut supported,
                CU_EXEC_AFFINITY_TYPE_SM_COUNT,
                NO_DEVICE
            )]
        },
    )
    .bare(),
    call(
        "cuDeviceGetExecAffinitySupport/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetExecAffinitySupport(null_mut(), CU_EXEC_AFFINITY_TYPE_SM_COUNT, 0),
    )
    .bare(),
    call(
        "cuDeviceGetTexture1DLinearMaxWidth/null",
        "The pointer must not be null.",
        "INVALID_VALUE",
        |cu| cu.cuDeviceGetTexture1DLinearMaxWidth(null_mut(), 0x20, 1, 0),
    )
    .bare(),
];
