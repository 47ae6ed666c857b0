//! The differences between two runs: what NVIDIA's driver and the soft driver answer differently.

use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::report;

/// Prints a block for each case that two runs answered differently; whether there is none.
pub(crate) fn run(left: &Path, right: &Path) -> Result<bool> {
    let (ours, theirs) = (report::read(left)?, report::read(right)?);
    let mut n_differences = 0;
    let names = ours
        .keys()
        .chain(theirs.keys().filter(|name| !ours.contains_key(*name)));
    for name in names {
        let got = |run: Option<&Value>| {
            let finding = run.and_then(|finding| finding["got"].as_str());
            finding.unwrap_or("(not run)").to_owned()
        };
        let (one, other) = (got(ours.get(name)), got(theirs.get(name)));
        if one == other {
            continue;
        }
        n_differences += 1;
        let rule = ours.get(name).or(theirs.get(name));
        let rule = rule
            .and_then(|finding| finding["rule"].as_str())
            .unwrap_or_default();
        println!("{name}: {rule}\n    {one}\n    {other}");
    }
    println!("{n_differences} differences");
    Ok(n_differences == 0)
}
