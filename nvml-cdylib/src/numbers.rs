//! What follows from a device's profile: UUID and PCI texts, architecture, cores.

use rigel_protocol::custom::{DeviceProfile, PciAddress};

/// NVIDIA among the vendors of PCI devices; a virtual GPU has no device number of its own.
pub(crate) const PCI_VENDOR: u32 = 0x10de;

/// `GPU-` and the UUID in groups.
pub(crate) fn uuid_text(uuid: &[u8; 16]) -> String {
    let mut text = String::from("GPU-");
    for (index, byte) in uuid.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// `DDDDDDDD:BB:dd.0`.
pub(crate) fn bus_id(pci: PciAddress) -> String {
    format!("{:08X}:{:02X}:{:02X}.0", pci.domain, pci.bus, pci.device)
}

/// `DDDD:BB:dd.0`.
pub(crate) fn bus_id_legacy(pci: PciAddress) -> String {
    format!("{:04X}:{:02X}:{:02X}.0", pci.domain, pci.bus, pci.device)
}

/// Reads `domain:bus:device.function`, with or without domain and function.
pub(crate) fn parse_bus_id(text: &str) -> Option<PciAddress> {
    let address = text.split_once('.').map_or(text, |(address, _)| address);
    let parts: Vec<u32> = address
        .split(':')
        .map(|part| u32::from_str_radix(part, 16).ok())
        .collect::<Option<_>>()?;
    let (domain, bus, device) = match parts.as_slice() {
        [domain, bus, device] => (*domain, *bus, *device),
        [bus, device] => (0, *bus, *device),
        _ => return None,
    };
    Some(PciAddress {
        domain,
        bus,
        device,
    })
}

/// `nvmlDeviceArchitecture_t` of a compute capability.
pub(crate) fn architecture(capability: (i32, i32)) -> u32 {
    match capability {
        (3, _) => 2,
        (5, _) => 3,
        (6, _) => 4,
        (7, 0..=4) => 5,
        (7, _) => 6,
        (8, 9) => 8,
        (8, _) => 7,
        (9, _) => 9,
        (10..=12, _) => 10,
        _ => u32::MAX,
    }
}

/// Cores: multiprocessors times the cores that a multiprocessor of this capability has.
pub(crate) fn cores(profile: &DeviceProfile) -> u32 {
    let each = match profile.capability() {
        (7, _) | (8, 0) => 64,
        _ => 128,
    };
    each * profile.attribute(16).max(0).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuid_text_has_five_groups() {
        let uuid: [u8; 16] = std::array::from_fn(|index| index as u8);
        assert_eq!(uuid_text(&uuid), "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f");
    }

    #[test]
    fn bus_id_is_read_back() {
        let pci = PciAddress {
            domain: 1,
            bus: 0x3b,
            device: 2,
        };
        assert_eq!(bus_id(pci), "00000001:3B:02.0");
        assert_eq!(bus_id_legacy(pci), "0001:3B:02.0");
        assert_eq!(parse_bus_id(&bus_id(pci)), Some(pci));
        assert_eq!(parse_bus_id("0001:3b:02.0"), Some(pci));
        for text in ["", "x:y:z", "1", "1:2:3:4"] {
            assert_eq!(parse_bus_id(text), None, "{text}");
        }
    }

    #[test]
    fn architecture_of_known_capabilities() {
        let check = |capability, expected| assert_eq!(architecture(capability), expected);
        check((7, 0), 5);
        check((7, 5), 6);
        check((8, 0), 7);
        check((8, 6), 7);
        check((8, 9), 8);
        check((9, 0), 9);
        check((12, 0), 10);
        check((13, 0), u32::MAX);
    }
}
