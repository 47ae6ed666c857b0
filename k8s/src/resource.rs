//! What a node offers: three resources, each a number of devices with ids that stay the same over restarts.
//! Nothing here asks anybody. Read [`Offer`] first.
//!
//! A device of `rigel.dev/vgpu` is a slot: it stands for one virtual GPU of one container, on whichever
//! physical one the pool chooses. Devices of the others are mere units.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::PluginError;
use crate::api::{Device, HEALTHY, UNHEALTHY};
use crate::pool::Capacity;
use crate::settings::{MemoryUnit, Offered};

/// Most slots of a node.
pub const SLOTS_MAX: u32 = 4096;
/// Most units of a resource: their list stays within the 4 MiB that the kubelet reads.
pub const UNITS_MAX: u32 = 180_000;
/// Most GPUs that are counted.
const GPUS_MAX: u32 = 1024;

/// A resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Virtual GPUs.
    Vgpu,
    /// Their memory.
    Memory(MemoryUnit),
    /// Their time, in percent of a GPU.
    Compute,
}

/// A virtual GPU's number on its node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(pub u32);

/// How many devices of a resource there are, the first of which can be given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// All.
    pub all: u32,
    /// Those in health.
    pub healthy: u32,
}

/// What the node offers now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Slots.
    pub vgpus: Stock,
    /// Units of memory.
    pub memory: Stock,
    /// Percent.
    pub compute: Stock,
}

impl Resource {
    /// The name in pods.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vgpu => "rigel.dev/vgpu",
            Self::Memory(MemoryUnit::Mib) => "rigel.dev/vgpu-memory-mib",
            Self::Memory(MemoryUnit::Gib) => "rigel.dev/vgpu-memory-gib",
            Self::Compute => "rigel.dev/vgpu-compute-percent",
        }
    }

    /// The name of its socket in the kubelet's folder.
    pub fn socket(self) -> &'static str {
        match self {
            Self::Vgpu => "rigel-vgpu.sock",
            Self::Memory(_) => "rigel-vgpu-memory.sock",
            Self::Compute => "rigel-vgpu-compute.sock",
        }
    }

    /// The id of a device.
    pub fn id(self, number: u32) -> String {
        format!("{}{number}", self.prefix())
    }

    /// The number of a device, if the id is one of this resource's.
    pub fn number(self, id: &str) -> Option<u32> {
        let digits = id.strip_prefix(self.prefix())?;
        let number = digits.parse().ok()?;
        // `+1`, `01` and the like are nobody's ids.
        (self.id(number) == id && number < self.devices_max()).then_some(number)
    }

    /// The list of its devices.
    pub fn devices(self, stock: Stock) -> Vec<Device> {
        let device = |number| Device {
            id: self.id(number),
            health: match number < stock.healthy {
                true => HEALTHY.into(),
                false => UNHEALTHY.into(),
            },
        };
        (0..stock.all.min(self.devices_max())).map(device).collect()
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Vgpu => "vgpu-",
            Self::Memory(_) => "m",
            Self::Compute => "c",
        }
    }

    fn devices_max(self) -> u32 {
        match self {
            Self::Vgpu => SLOTS_MAX,
            Self::Memory(_) | Self::Compute => UNITS_MAX,
        }
    }
}

/// The slots of these ids, each once.
pub(crate) fn slots(ids: &[String]) -> Result<BTreeSet<Slot>, PluginError> {
    let bad = |what: String| Err(PluginError::Request(what));
    if ids.is_empty() || ids.len() > SLOTS_MAX as usize {
        return bad(format!("{} devices are no container's", ids.len()));
    }
    let mut slots = BTreeSet::new();
    for id in ids {
        let Some(number) = Resource::Vgpu.number(id) else {
            return bad(format!("`{}` is no device here", id.escape_debug()));
        };
        if !slots.insert(Slot(number)) {
            return bad(format!("{id} is named twice"));
        }
    }
    Ok(slots)
}

impl Offer {
    /// What is offered of a pool that once had `known` and has `now`; it does not answer if that is absent.
    /// What the operator says goes before what the pool has.
    pub fn of(offered: &Offered, unit: MemoryUnit, known: Capacity, now: Option<Capacity>) -> Self {
        let now = now.unwrap_or_default();
        let stock = |set: Option<u32>, of: &dyn Fn(Capacity) -> u32, max: u32| {
            let (all, healthy) = (of(known), of(now));
            let all = all.max(healthy);
            match set {
                // A part of the pool: it is in health as far as the pool still has so much.
                Some(set) => Stock {
                    all: set.min(max),
                    healthy: match now.gpus {
                        0 => 0,
                        _ => set.min(max).min(share(set, healthy, all)),
                    },
                },
                None => Stock {
                    all: all.min(max),
                    healthy: healthy.min(max),
                },
            }
        };
        let gpus = |has: Capacity| has.gpus.min(GPUS_MAX);
        let slots = |has| gpus(has).saturating_mul(offered.slots_per_gpu);
        let memory = |has: Capacity| saturating(has.memory_bytes / unit.bytes());
        let percent = |has| gpus(has) * 100;
        let memory_set = offered
            .memory_bytes
            .map(|bytes| saturating(bytes / unit.bytes()));
        Self {
            vgpus: stock(offered.slots, &slots, SLOTS_MAX),
            memory: stock(memory_set, &memory, UNITS_MAX),
            compute: stock(offered.compute_percent, &percent, UNITS_MAX),
        }
    }

    /// A slot's equal part of the memory.
    pub(crate) fn part_bytes(&self, unit: MemoryUnit) -> Option<u64> {
        let all = u64::from(self.memory.all).checked_mul(unit.bytes())?;
        all.checked_div(u64::from(self.vgpus.all))
    }

    /// Of a resource.
    pub fn stock(&self, resource: Resource) -> Stock {
        match resource {
            Resource::Vgpu => self.vgpus,
            Resource::Memory(_) => self.memory,
            Resource::Compute => self.compute,
        }
    }
}

/// `set`, in proportion to what is left of all.
fn share(set: u32, left: u32, all: u32) -> u32 {
    match all {
        0 => 0,
        all => saturating(u64::from(set) * u64::from(left) / u64::from(all)),
    }
}

fn saturating(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::api::ListAndWatchResponse;

    const GIB: u64 = 1 << 30;

    fn has(gpus: u32, gib: u64) -> Capacity {
        Capacity {
            gpus,
            memory_bytes: gib * GIB,
        }
    }

    #[test]
    fn ids_are_read_back_and_others_are_nobodys() {
        for resource in [
            Resource::Vgpu,
            Resource::Memory(MemoryUnit::Mib),
            Resource::Compute,
        ] {
            assert_eq!(resource.number(&resource.id(17)), Some(17));
            let prefix = resource.id(0).replace('0', "");
            for bad in ["", "01", "+1", "-1", "x", "4294967296", "999999999"] {
                assert_eq!(resource.number(&format!("{prefix}{bad}")), None, "{bad}");
            }
        }
        assert_eq!(Resource::Vgpu.number("m1"), None);
    }

    #[test]
    fn slots_of_bad_requests_are_refused() {
        let read = |ids: &[&str]| slots(&ids.iter().map(|&id| id.into()).collect::<Vec<_>>());
        assert_eq!(read(&["vgpu-3", "vgpu-1"]).unwrap().len(), 2);
        for bad in [&[][..], &["vgpu-1", "vgpu-1"], &["vgpu-5000"], &["m1"]] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn offer_is_the_pools_or_what_the_operator_says() {
        let offered = Offered::default();
        let offer = Offer::of(&offered, MemoryUnit::Gib, has(2, 64), Some(has(2, 64)));
        assert_eq!(
            offer.vgpus,
            Stock {
                all: 16,
                healthy: 16
            }
        );
        assert_eq!(
            offer.memory,
            Stock {
                all: 64,
                healthy: 64
            }
        );
        assert_eq!(
            offer.compute,
            Stock {
                all: 200,
                healthy: 200
            }
        );

        let offered = Offered {
            slots: Some(4),
            memory_bytes: Some(16 * GIB),
            compute_percent: Some(50),
            ..Offered::default()
        };
        let offer = Offer::of(&offered, MemoryUnit::Mib, has(2, 64), Some(has(2, 64)));
        assert_eq!(
            offer.memory,
            Stock {
                all: 16384,
                healthy: 16384
            }
        );
        assert_eq!((offer.vgpus.healthy, offer.compute.healthy), (4, 50));
    }

    #[test]
    fn lost_gpu_takes_its_part_and_a_silent_pool_everything() {
        let offered = Offered {
            slots: Some(4),
            ..Offered::default()
        };
        let offer = Offer::of(&offered, MemoryUnit::Gib, has(2, 64), Some(has(1, 32)));
        assert_eq!(offer.vgpus, Stock { all: 4, healthy: 2 });
        assert_eq!(
            offer.memory,
            Stock {
                all: 64,
                healthy: 32
            }
        );
        let offer = Offer::of(&offered, MemoryUnit::Gib, has(2, 64), None);
        assert_eq!(offer.vgpus, Stock { all: 4, healthy: 0 });
        assert_eq!(
            offer.compute,
            Stock {
                all: 200,
                healthy: 0
            }
        );
    }

    #[test]
    fn longest_list_is_within_what_the_kubelet_reads() {
        let resource = Resource::Memory(MemoryUnit::Mib);
        let stock = Stock {
            all: u32::MAX,
            healthy: 0,
        };
        let devices = resource.devices(stock);
        assert_eq!(devices.len(), UNITS_MAX as usize);
        let bytes = ListAndWatchResponse { devices }.encoded_len();
        assert!(bytes < 4 << 20, "{bytes}");
    }
}
