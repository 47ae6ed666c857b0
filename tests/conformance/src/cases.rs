//! All cases, by area. A case's name begins with the function that its rule is about.

mod capture;
mod context;
mod copy;
mod device;
mod entry;
mod error;
mod event;
mod graph;
mod graph_exec;
mod host;
mod launch;
mod legacy;
mod library;
mod memory;
mod module;
mod pool;
mod primary;
mod process;
mod stream;
mod vmm;

use crate::case::Case;

/// The lists, in the order in which they run.
pub(crate) const AREAS: &[&[Case]] = &[
    entry::CASES,
    device::CASES,
    primary::CASES,
    context::CASES,
    memory::CASES,
    host::CASES,
    copy::CASES,
    stream::CASES,
    event::CASES,
    module::CASES,
    library::CASES,
    launch::CASES,
    legacy::CASES,
    error::CASES,
    pool::CASES,
    vmm::CASES,
    graph::CASES,
    graph_exec::CASES,
    capture::CASES,
    process::CASES,
];

/// A device ordinal that no machine has.
const NO_DEVICE: i32 = 9999;

/// The case of this name.
pub(crate) fn named(name: &str) -> Option<&'static Case> {
    AREAS
        .iter()
        .copied()
        .flatten()
        .find(|case| case.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::api::FUNCTIONS;

    #[test]
    fn cases_have_names_of_their_own_that_begin_with_a_function() {
        let mut seen = std::collections::BTreeSet::new();
        for case in AREAS.iter().copied().flatten() {
            assert!(seen.insert(case.name), "{} is there twice", case.name);
            let known = FUNCTIONS
                .iter()
                .any(|(name, _)| name.to_bytes() == case.function().as_bytes());
            assert!(known, "{} is about no function", case.name);
            assert!(case.name.contains('/'), "{} names no rule", case.name);
            assert!(
                case.rule.ends_with('.'),
                "the rule of {} is no sentence",
                case.name
            );
        }
    }
}
