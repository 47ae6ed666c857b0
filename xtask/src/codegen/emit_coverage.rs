//! `docs/cuda-coverage.md`: every call with its id, its class, what becomes of it, and the conformance cases about
//! it.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context as _, Result};

use super::reasons::reason;
use super::rules::Plan;
use super::table::Call;

/// Functions with the cases about them; see `docs/conformance.md`.
const FUNCTIONS: &str = include_str!("../../../tests/conformance/functions.txt");

/// What the conformance suite asks of a function.
#[derive(Debug, Default, PartialEq, Eq)]
struct Proof {
    /// Names of the cases about it.
    cases: Vec<&'static str>,
    /// How many cases about others call it.
    others: u32,
}

/// The page.
pub(super) fn coverage(plan: &Plan<'_>) -> Result<String> {
    let mut text = String::from(
        "# Coverage of the CUDA driver API\n\n\
         Generated from `protocol/api/` by `cargo xtask codegen`; do not edit.\n\n\
         Every function of CUDA 13.2's driver API has a number and is exported. What is not supported answers\n\
         `CUDA_ERROR_NOT_SUPPORTED`, logs its name once, and says here why. Classes: *local* is answered in the client, *cached* is asked\n\
         once, *post* returns at once, *wait* waits for its answer, *block* waits for the GPU as well; *folded* is one of\n\
         several C functions behind one operation; *alias* is an older or newer name of the same call. An implementation\n\
         behind the border (the soft driver, an old libcuda) may still answer `CUDA_ERROR_NOT_SUPPORTED`. The last column names\n\
         the cases of the [conformance suite](conformance.md) about the function, and the number of cases about others that call it;\n\
         programs and suites that others wrote call many more.\n\n",
    );
    let proofs = proofs(FUNCTIONS);
    summary(&mut text, plan, &proofs);
    for area in &plan.table.areas {
        if area.calls.iter().all(Call::is_link) {
            continue;
        }
        write!(
            text,
            "\n## {}\n\n| id | symbol | per-thread form | since | class | cases |\n|---|---|---|---|---|---|\n",
            area.name
        )
        .ok();
        for call in &area.calls {
            writeln!(
                text,
                "| {:#06x} | `{}` | {} | {} | {} | {} |",
                call.id,
                call.symbol,
                call.per_thread
                    .as_ref()
                    .map_or_else(String::new, |form| format!("`_{}`", form.suffix)),
                call.since.map_or_else(String::new, version),
                class(plan, call)?,
                proofs
                    .get(call.symbol.as_str())
                    .map_or_else(String::new, Proof::shown)
            )
            .ok();
        }
    }
    Ok(text)
}

/// The file's lines by function: name, number of other cases, names of cases.
fn proofs(functions: &'static str) -> BTreeMap<&'static str, Proof> {
    let lines = functions.lines().map(str::split_whitespace);
    lines
        .filter_map(|mut words| {
            let name = words.next()?;
            let others = words.next()?.parse().ok()?;
            let cases = words.collect();
            Some((name, Proof { cases, others }))
        })
        .collect()
}

impl Proof {
    fn shown(&self) -> String {
        let mut all = self.cases.join(", ");
        if self.others > 0 {
            let before = if all.is_empty() { "" } else { "; " };
            write!(all, "{before}{} of others", self.others).ok();
        }
        all
    }
}

fn summary(text: &mut String, plan: &Plan<'_>, proofs: &BTreeMap<&str, Proof>) {
    let calls: Vec<&Call> = plan.table.calls().filter(|call| !call.is_link()).collect();
    let symbols: usize = calls.iter().map(|call| call.symbols().len()).sum();
    let mut by_class: BTreeMap<&str, usize> = BTreeMap::new();
    for call in &calls {
        *by_class.entry(short_class(call)).or_default() += call.symbols().len();
    }
    write!(text, "{symbols} exported symbols of {} calls:", calls.len()).ok();
    for (at, (class, count)) in by_class.iter().enumerate() {
        write!(text, "{} {count} {class}", if at == 0 { "" } else { "," }).ok();
    }
    let supported = calls.iter().filter(|call| !call.has("unsupported"));
    let proven = supported.filter(|call| proofs.contains_key(call.symbol.as_str()));
    writeln!(
        text,
        ".\nThe conformance suite calls {} of those that are supported.",
        proven.count()
    )
    .ok();
}

fn class(plan: &Plan<'_>, call: &Call) -> Result<String> {
    if call.has("unsupported") {
        let why = reason(plan.table, call);
        let why = why.with_context(|| format!("{}: say why in reasons.rs", call.symbol))?;
        return Ok(format!("not supported: {why}"));
    }
    Ok(match &call.alias {
        Some(of) => format!("alias of `{of}`"),
        None => short_class(call).to_owned(),
    })
}

fn short_class(call: &Call) -> &'static str {
    if call.has("unsupported") {
        return "not supported";
    }
    if call.alias.is_some() {
        return "alias";
    }
    for class in ["cached", "post", "wait", "block", "local"] {
        if call.has(class) {
            return class_name(class);
        }
    }
    "folded"
}

fn class_name(mark: &str) -> &'static str {
    match mark {
        "cached" => "cached",
        "post" => "post",
        "wait" => "wait",
        "block" => "block",
        _ => "local",
    }
}

fn version(since: u32) -> String {
    format!("{}.{}", since / 1000, since % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proof_is_read_and_shown() {
        let all = proofs("cuInit 3 flags twice\ncuLaunch 1 \ncuCtxGetId 0 null\n");
        let shown = |name: &str| all[name].shown();
        assert_eq!(shown("cuInit"), "flags, twice; 3 of others");
        assert_eq!(shown("cuLaunch"), "1 of others");
        assert_eq!(shown("cuCtxGetId"), "null");
    }

    #[test]
    fn every_line_of_the_list_is_understood() {
        assert_eq!(proofs(FUNCTIONS).len(), FUNCTIONS.lines().count());
    }
}
