//! On which physical GPU each virtual GPU of a lease is. A pure function of the inventory and what
//! is committed already.

use std::collections::BTreeMap;

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

/// Chooses `wanted` different GPUs, out of `on` if given, those with the fewest virtual GPUs first
/// and equal ones in order. `committed` counts virtual GPUs by ordinal, and is counted up.
///
/// The virtual GPUs of one lease are never on one physical GPU: a process would take them for two,
/// and they would share a primary context.
pub(crate) fn place(
    inventory: &Inventory,
    wanted: u32,
    on: Option<&[u32]>,
    committed: &mut BTreeMap<u32, u32>,
) -> Result<Vec<PhysicalGpu>, String> {
    if let Some(unknown) = on.into_iter().flatten().find(|o| !inventory.has(**o)) {
        return Err(format!(
            "names GPU {unknown}, but this server has {}",
            inventory.ordinals_in_words()
        ));
    }
    let mut candidates: Vec<&PhysicalGpu> = inventory
        .gpus
        .iter()
        .filter(|gpu| on.is_none_or(|on| on.contains(&gpu.ordinal)))
        .collect();
    if candidates.len() < wanted as usize {
        return Err(format!(
            "wants {wanted} GPUs, but may use {} of this server's",
            candidates.len()
        ));
    }
    candidates.sort_by_key(|gpu| {
        (
            committed.get(&gpu.ordinal).copied().unwrap_or(0),
            gpu.ordinal,
        )
    });
    let mut chosen: Vec<PhysicalGpu> = candidates
        .into_iter()
        .take(wanted as usize)
        .cloned()
        .collect();
    chosen.sort_by_key(|gpu| gpu.ordinal);
    for gpu in &chosen {
        *committed.entry(gpu.ordinal).or_default() += 1;
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

    fn ordinals(chosen: Result<Vec<PhysicalGpu>, String>) -> Vec<u32> {
        chosen.unwrap().iter().map(|gpu| gpu.ordinal).collect()
    }

    #[test]
    fn place_several_leases_spreads_them() {
        let all = inventory(3);
        let mut committed = BTreeMap::new();
        assert_eq!(ordinals(place(&all, 2, None, &mut committed)), [0, 1]);
        assert_eq!(ordinals(place(&all, 2, None, &mut committed)), [0, 2]);
        assert_eq!(ordinals(place(&all, 1, None, &mut committed)), [1]);
    }

    #[test]
    fn place_restricted_lease_keeps_to_its_gpus() {
        let mut committed = BTreeMap::from([(1, 5)]);
        assert_eq!(
            ordinals(place(&inventory(3), 1, Some(&[1]), &mut committed)),
            [1]
        );
    }

    #[test]
    fn place_more_than_there_is_says_how_many() {
        let error = place(&inventory(1), 2, None, &mut BTreeMap::new()).unwrap_err();
        assert!(error.contains("wants 2"), "{error}");
    }

    #[test]
    fn place_on_unknown_gpu_names_it() {
        let error = place(&inventory(2), 1, Some(&[7]), &mut BTreeMap::new()).unwrap_err();
        assert!(error.contains('7') && error.contains("0 to 1"), "{error}");
    }
}
