//! The view beside the soft driver used directly: devices as its settings describe them.
//!
//! What is computed here must be what `soft-driver/src/device.rs` reports: name, memory, UUID, PCI
//! address and capability. Who uses how much is not known without a daemon.

use std::ffi::OsString;
use std::path::Path;

use rigel_protocol::control::{GpuView, View};
use rigel_protocol::custom::{DeviceProfile, PciAddress};

use crate::config::size;

/// Settings of the soft driver that say it is in use.
const SETTINGS: [&str; 4] = [
    "RIGEL_SOFT_DEVICES",
    "RIGEL_SOFT_MEMORY",
    "RIGEL_SOFT_NAME",
    "RIGEL_SOFT_CAPABILITY",
];

const DRIVER_VERSION: i32 = 13020;
const DEVICES_MAX: u32 = 16;
const MEMORY_BYTES: u64 = 8 << 30;
const CAPABILITY: (i32, i32) = (8, 6);

/// Attributes by number: multiprocessors, clock, PCI, memory clock and bus width, capability.
const ATTRIBUTES: [(usize, i32); 4] = [(16, 8), (13, 1_000_000), (36, 1_000_000), (37, 128)];

/// Whether programs of this environment load the soft driver as their `libcuda.so.1`: one of its
/// settings is there, or the folder it is laid out in comes first among those that hold one.
pub(crate) fn is_in_use(env: &dyn Fn(&str) -> Option<OsString>) -> bool {
    if SETTINGS.iter().any(|name| env(name).is_some()) {
        return true;
    }
    let Some(folders) = env("LD_LIBRARY_PATH") else {
        return false;
    };
    std::env::split_paths(&folders)
        .find(|folder| folder.join("libcuda.so.1").exists())
        .is_some_and(|folder| folder.file_name() == Path::new("soft").file_name())
}

/// The devices.
pub(crate) fn view(env: &dyn Fn(&str) -> Option<OsString>) -> View {
    let text = |name| env(name).map(|value| value.to_string_lossy().trim().to_owned());
    let devices = text("RIGEL_SOFT_DEVICES")
        .and_then(|text| text.parse().ok())
        .filter(|count| (1..=DEVICES_MAX).contains(count))
        .unwrap_or(1);
    let memory = text("RIGEL_SOFT_MEMORY").and_then(|text| size(&text));
    let memory = memory.unwrap_or(MEMORY_BYTES).next_multiple_of(2 << 20);
    let name = text("RIGEL_SOFT_NAME").filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| "Rigel Soft GPU".to_owned());
    let capability = text("RIGEL_SOFT_CAPABILITY")
        .and_then(|text| capability(&text))
        .unwrap_or(CAPABILITY);
    View {
        driver_version: DRIVER_VERSION,
        driver_name: "soft".to_owned(),
        soft: true,
        gpus: (0..devices)
            .map(|ordinal| GpuView {
                profile: profile(ordinal, &name, memory, capability),
                memory_used_bytes: 0,
                busy_percent: None,
                processes: Vec::new(),
            })
            .collect(),
    }
}

fn profile(ordinal: u32, name: &str, total_bytes: u64, capability: (i32, i32)) -> DeviceProfile {
    let mut attributes = vec![0; 160];
    for (number, value) in ATTRIBUTES {
        attributes[number] = value;
    }
    attributes[75] = capability.0;
    attributes[76] = capability.1;
    // As the soft driver makes them.
    let mut uuid = *b"\0\0\0\0\0\0\x80\0\x80\0rigel\0";
    let first = ordinal.wrapping_add(1).wrapping_mul(0x9e37_79b1);
    uuid[..4].copy_from_slice(&first.to_be_bytes());
    DeviceProfile {
        name: name.to_owned(),
        uuid,
        total_bytes,
        pci: PciAddress {
            domain: 0,
            bus: ordinal + 1,
            device: 0,
        },
        attributes,
    }
}

fn capability(text: &str) -> Option<(i32, i32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<OsString> + 'a {
        |name| {
            let pair = pairs.iter().find(|(key, _)| *key == name);
            pair.map(|(_, value)| OsString::from(value))
        }
    }

    #[test]
    fn view_follows_the_settings() {
        let view = view(&env(&[
            ("RIGEL_SOFT_DEVICES", "2"),
            ("RIGEL_SOFT_MEMORY", "1G"),
            ("RIGEL_SOFT_NAME", "Pretend"),
            ("RIGEL_SOFT_CAPABILITY", "13.0"),
        ]));
        assert_eq!(view.gpus.len(), 2);
        let second = &view.gpus[1].profile;
        assert_eq!(second.name, "Pretend");
        assert_eq!(second.total_bytes, 1 << 30);
        assert_eq!(second.capability(), (13, 0));
        assert_eq!(second.pci.bus, 2);
        assert_ne!(second.uuid, view.gpus[0].profile.uuid);
    }

    #[test]
    fn is_in_use_by_a_setting_or_by_the_search_path() {
        assert!(is_in_use(&env(&[("RIGEL_SOFT_MEMORY", "1G")])));
        assert!(!is_in_use(&env(&[(
            "LD_LIBRARY_PATH",
            "/nonexistent/soft"
        )])));
        assert!(!is_in_use(&env(&[])));
    }
}
