//! Which devices a process sees, and in which order: `CUDA_VISIBLE_DEVICES` and `CUDA_DEVICE_ORDER`.
//!
//! The variables are those of the process that calls CUDA, wherever the devices are. Whoever has the
//! devices chooses, since names may be UUIDs. Reading the environment is the caller's. Read
//! [`VisibleDevices`].
//!
//! 1. Names are separated by commas. The first decides of what kind all are: ordinals, UUIDs
//!    (`GPU-...`) or instances (`MIG-...`). Any beginning of a UUID that no other device has will do.
//! 2. The first name that is none, or of no device, ends the list: what stands before it is seen.
//! 3. A device named twice leaves none, and so does an empty list.
//! 4. Of instances one is seen, the first.

use serde::{Deserialize, Serialize};

use crate::custom::DeviceProfile;

/// What a process's environment says of the devices it wants to see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibleDevices {
    /// `CUDA_VISIBLE_DEVICES`, if it is set.
    pub names: Option<String>,
    /// `CUDA_DEVICE_ORDER=PCI_BUS_ID`: ordinals follow PCI addresses. Else they are the driver's,
    /// fastest first.
    pub by_pci: bool,
}

/// What a name says.
enum Name<'a> {
    Ordinal(usize),
    /// A beginning of a UUID as tools print it.
    Uuid(&'a str),
}

impl VisibleDevices {
    /// What an environment says.
    pub fn read(env: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            names: env("CUDA_VISIBLE_DEVICES"),
            by_pci: env("CUDA_DEVICE_ORDER").is_some_and(|order| order.trim() == "PCI_BUS_ID"),
        }
    }

    /// Whether the environment says nothing: all devices are seen, in the driver's order.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether no device can be seen, whichever there are.
    pub fn is_none(&self) -> bool {
        let names = self.names.as_deref();
        names.is_some_and(|names| parsed(names).next().is_none())
    }

    /// The devices that are seen, by their place in `devices`, in the order of the process.
    pub fn choose(&self, devices: &[DeviceProfile]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..devices.len()).collect();
        if self.by_pci {
            order.sort_by_key(|place| {
                let pci = devices[*place].pci;
                (pci.domain, pci.bus, pci.device)
            });
        }
        let Some(names) = &self.names else {
            return order;
        };
        let uuids: Vec<String> = devices.iter().map(|one| uuid_text(&one.uuid)).collect();
        let mut chosen = Vec::new();
        for name in parsed(names) {
            let place = match name {
                Name::Ordinal(ordinal) => order.get(ordinal).copied(),
                Name::Uuid(begin) => only_one(&uuids, begin),
            };
            match place {
                None => break,
                Some(place) if chosen.contains(&place) => return Vec::new(),
                Some(place) => chosen.push(place),
            }
        }
        chosen
    }
}

/// The names up to the first that is none.
fn parsed(names: &str) -> impl Iterator<Item = Name<'_>> {
    let kind = ["GPU-", "MIG-"]
        .into_iter()
        .find(|kind| names.trim_start().starts_with(kind));
    let most = match kind {
        Some("MIG-") => 1,
        _ => usize::MAX,
    };
    names
        .split(',')
        .map_while(move |name| match kind {
            Some(kind) => name.trim().strip_prefix(kind).map(Name::Uuid),
            None => ordinal(name.trim()).map(Name::Ordinal),
        })
        .take(most)
}

/// The number that a name begins with: as C reads numbers, what follows the digits is not looked at.
fn ordinal(name: &str) -> Option<usize> {
    let name = name.strip_prefix('+').unwrap_or(name);
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    name[..digits].parse().ok()
}

/// The one UUID that begins so.
fn only_one(uuids: &[String], begin: &str) -> Option<usize> {
    let mut fitting = (0..uuids.len()).filter(|place| uuids[*place].starts_with(begin));
    let found = fitting.next();
    found.filter(|_| fitting.next().is_none())
}

/// A UUID as tools print it, without `GPU-`.
fn uuid_text(uuid: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in uuid.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend(
            [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custom::PciAddress;

    /// Three devices: UUIDs 10.., 11.. and 20.., of which the first is last on the bus.
    fn devices() -> Vec<DeviceProfile> {
        let device = |first: u8, bus: u32| DeviceProfile {
            name: String::new(),
            uuid: [first; 16],
            total_bytes: 0,
            pci: PciAddress {
                domain: 0,
                bus,
                device: 0,
            },
            attributes: Vec::new(),
        };
        vec![device(0x10, 9), device(0x11, 1), device(0x20, 2)]
    }

    fn check(names: &str, expected: &[usize]) {
        let visible = VisibleDevices {
            names: Some(names.to_owned()),
            by_pci: false,
        };
        assert_eq!(visible.choose(&devices()), expected, "{names:?}");
    }

    #[test]
    fn choose_unset_sees_all_devices() {
        assert_eq!(VisibleDevices::default().choose(&devices()), [0, 1, 2]);
    }

    #[test]
    fn choose_ordinals_gives_their_order() {
        check("0", &[0]);
        check("2,0", &[2, 0]);
        check(" 1 , 2 ", &[1, 2]);
        check("+1", &[1]);
        check("1st", &[1]);
    }

    #[test]
    fn choose_name_that_is_none_ends_the_list() {
        for names in [
            "",
            " ",
            "-1",
            "NoDevFiles",
            ",0",
            "99",
            "18446744073709551616",
        ] {
            check(names, &[]);
        }
        check("0,99,1", &[0]);
        check("1,-1,0", &[1]);
        check("1,,0", &[1]);
        check("2,GPU-10", &[2]);
    }

    #[test]
    fn choose_device_named_twice_sees_none() {
        check("0,0", &[]);
        check("0,1,0", &[]);
        check("GPU-2,GPU-20", &[]);
        check("0,-1,0", &[0]);
    }

    #[test]
    fn choose_uuids_takes_beginnings_that_are_unique() {
        check("GPU-20202020-2020-2020-2020-202020202020", &[2]);
        check("GPU-2", &[2]);
        check("GPU-11,GPU-10", &[1, 0]);
        check("GPU-1", &[]);
        check("GPU-20,GPU-1", &[2]);
        check("GPU-20,0", &[2]);
        check("GPU-20202020-2020-2020-2020-2020202020200", &[]);
    }

    #[test]
    fn choose_instances_sees_the_first() {
        check("MIG-11111111-1111-1111-1111-111111111111", &[1]);
        check("MIG-20,MIG-10", &[2]);
        check("MIG-3,MIG-10", &[]);
    }

    #[test]
    fn choose_by_pci_numbers_along_the_bus() {
        let by = |names: Option<&str>| {
            let visible = VisibleDevices {
                names: names.map(str::to_owned),
                by_pci: true,
            };
            visible.choose(&devices())
        };
        assert_eq!(by(None), [1, 2, 0]);
        assert_eq!(by(Some("2,0")), [0, 1]);
        assert_eq!(by(Some("GPU-10,GPU-11")), [0, 1]);
    }

    #[test]
    fn is_none_knows_what_no_device_can_answer() {
        let visible = |names: &str| VisibleDevices {
            names: Some(names.to_owned()),
            by_pci: false,
        };
        assert!(visible("").is_none() && visible("-1,0").is_none());
        assert!(!visible("7").is_none() && !VisibleDevices::default().is_none());
    }

    #[test]
    fn read_takes_both_variables() {
        let env = |name: &str| match name {
            "CUDA_VISIBLE_DEVICES" => Some("1".to_owned()),
            "CUDA_DEVICE_ORDER" => Some("PCI_BUS_ID".to_owned()),
            _ => None,
        };
        let expected = VisibleDevices {
            names: Some("1".to_owned()),
            by_pci: true,
        };
        assert_eq!(VisibleDevices::read(env), expected);
        assert!(VisibleDevices::read(|_| None).is_default());
    }
}
