//! On which physical GPU each virtual GPU of a lease is. A pure function of the inventory and what
//! is committed already.

use std::collections::BTreeMap;

use rigel_protocol::control::RefusalCause;

use crate::bytes::ByteSize;

/// The physical GPUs of this server, as a probing worker reported them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inventory {
    /// In the driver's order.
    pub(crate) gpus: Vec<PhysicalGpu>,
}

/// A physical GPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PhysicalGpu {
    /// Its ordinal for the driver.
    pub(crate) ordinal: u32,
    /// Its name.
    pub(crate) name: String,
    /// Its memory in bytes.
    pub(crate) memory_bytes: u64,
}

/// What is promised of a physical GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Promised {
    /// Virtual GPUs on it.
    pub(crate) virtual_gpus: u32,
    /// Guaranteed time, in percent; never more than 100.
    pub(crate) percent: u32,
}

/// What a lease wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// How many GPUs.
    pub(crate) gpus: u32,
    /// The ordinals it may be on; `None`: any.
    pub(crate) on: Option<&'a [u32]>,
    /// Guaranteed time on each, in percent.
    pub(crate) percent: u8,
    /// Memory of each in bytes; `None`: all that it has.
    pub(crate) memory_bytes: Option<u64>,
}

/// Chooses different GPUs that have the time to guarantee, those with the fewest virtual GPUs first
/// and equal ones in order. `committed` is what is promised by ordinal, and is added to.
///
/// The virtual GPUs of one lease are never on one physical GPU: a process would take them for two,
/// and they would share a primary context.
pub(crate) fn place(
    inventory: &Inventory,
    wanted: Wanted<'_>,
    committed: &mut BTreeMap<u32, Promised>,
) -> Result<Vec<PhysicalGpu>, (RefusalCause, String)> {
    let Wanted {
        gpus,
        on,
        percent,
        memory_bytes,
    } = wanted;
    let percent = u32::from(percent);
    if let Some(unknown) = on.into_iter().flatten().find(|o| !inventory.has(**o)) {
        let has = inventory.ordinals_in_words();
        let message = format!("names GPU {unknown}, but this server has {has}");
        return Err((RefusalCause::UnknownGpu, message));
    }
    let mut candidates: Vec<&PhysicalGpu> = inventory
        .gpus
        .iter()
        .filter(|gpu| on.is_none_or(|on| on.contains(&gpu.ordinal)))
        .collect();
    if candidates.len() < gpus as usize {
        let there = candidates.len();
        let message = format!("wants {gpus} GPUs, but may use {there} of this server's");
        return Err((RefusalCause::UnknownGpu, message));
    }
    if let Some(bytes) = memory_bytes {
        let largest = candidates.iter().map(|gpu| gpu.memory_bytes).max();
        candidates.retain(|gpu| gpu.memory_bytes >= bytes);
        if candidates.len() < gpus as usize {
            let message = format!(
                "wants {} of memory on each of {gpus} GPU(s), but {} of this server's it may use have so \
                 much (at most {}); lower `memory`",
                ByteSize(bytes),
                candidates.len(),
                ByteSize(largest.unwrap_or(0))
            );
            return Err((RefusalCause::CannotEnforce, message));
        }
    }
    let promised = |gpu: &PhysicalGpu| committed.get(&gpu.ordinal).copied().unwrap_or_default();
    let most_free = candidates
        .iter()
        .map(|gpu| 100 - promised(gpu).percent)
        .max();
    candidates.retain(|gpu| promised(gpu).percent + percent <= 100);
    if candidates.len() < gpus as usize {
        let message = format!(
            "wants {percent} % of {gpus} GPU(s) guaranteed, but the leases before it leave {} with so much \
             (at most {} %); lower `compute` here or there",
            candidates.len(),
            most_free.unwrap_or(0)
        );
        return Err((RefusalCause::CannotEnforce, message));
    }
    candidates.sort_by_key(|gpu| (promised(gpu).virtual_gpus, gpu.ordinal));
    let mut chosen: Vec<PhysicalGpu> = candidates
        .into_iter()
        .take(gpus as usize)
        .cloned()
        .collect();
    chosen.sort_by_key(|gpu| gpu.ordinal);
    for gpu in &chosen {
        let promised = committed.entry(gpu.ordinal).or_default();
        promised.virtual_gpus += 1;
        promised.percent += percent;
    }
    Ok(chosen)
}

impl Inventory {
    fn has(&self, ordinal: u32) -> bool {
        self.gpus.iter().any(|gpu| gpu.ordinal == ordinal)
    }

    fn ordinals_in_words(&self) -> String {
        match self.gpus.len() {
            0 => "no GPU".into(),
            1 => "only GPU 0".into(),
            n => format!("GPUs 0 to {}", n - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory(n: u32) -> Inventory {
        let gpu = |ordinal| PhysicalGpu {
            ordinal,
            name: String::new(),
            memory_bytes: 1,
        };
        Inventory {
            gpus: (0..n).map(gpu).collect(),
        }
    }

    fn wanted(gpus: u32, on: Option<&[u32]>) -> Wanted<'_> {
        Wanted {
            gpus,
            on,
            percent: 0,
            memory_bytes: None,
        }
    }

    fn ordinals(chosen: Result<Vec<PhysicalGpu>, (RefusalCause, String)>) -> Vec<u32> {
        chosen.unwrap().iter().map(|gpu| gpu.ordinal).collect()
    }

    #[test]
    fn place_several_leases_spreads_them() {
        let all = inventory(3);
        let mut committed = BTreeMap::new();
        assert_eq!(
            ordinals(place(&all, wanted(2, None), &mut committed)),
            [0, 1]
        );
        assert_eq!(
            ordinals(place(&all, wanted(2, None), &mut committed)),
            [0, 2]
        );
        assert_eq!(ordinals(place(&all, wanted(1, None), &mut committed)), [1]);
    }

    #[test]
    fn place_restricted_lease_keeps_to_its_gpus() {
        let five = Promised {
            virtual_gpus: 5,
            percent: 0,
        };
        let mut committed = BTreeMap::from([(1, five)]);
        assert_eq!(
            ordinals(place(&inventory(3), wanted(1, Some(&[1])), &mut committed)),
            [1]
        );
    }

    #[test]
    fn place_more_than_there_is_says_how_many() {
        let error = place(&inventory(1), wanted(2, None), &mut BTreeMap::new())
            .unwrap_err()
            .1;
        assert!(error.contains("wants 2"), "{error}");
    }

    #[test]
    fn place_on_unknown_gpu_names_it() {
        let error = place(&inventory(2), wanted(1, Some(&[7])), &mut BTreeMap::new())
            .unwrap_err()
            .1;
        assert!(error.contains('7') && error.contains("0 to 1"), "{error}");
    }

    #[test]
    fn place_guarantees_no_more_than_there_is() {
        let all = inventory(2);
        let mut committed = BTreeMap::new();
        let mut take = |percent| {
            let wanted = Wanted {
                percent,
                ..wanted(1, None)
            };
            place(&all, wanted, &mut committed)
        };
        assert_eq!(ordinals(take(60)), [0]);
        assert_eq!(ordinals(take(70)), [1]);
        assert_eq!(ordinals(take(40)), [0]);
        let error = take(31).unwrap_err().1;
        assert!(
            error.contains("31 %") && error.contains("at most 30 %"),
            "{error}"
        );
        assert_eq!(ordinals(take(30)), [1]);
        assert_eq!(ordinals(take(0)), [0]);
    }
}
