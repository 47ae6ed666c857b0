//! `docs/cuda-coverage.md`: every call with its id, its class and what becomes of it.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context as _, Result};

use super::reasons::reason;
use super::rules::Plan;
use super::table::Call;

/// The page.
pub(super) fn coverage(plan: &Plan<'_>) -> Result<String> {
    let mut text = String::from(
        "# Coverage of the CUDA driver API\n\n\
         Generated from `protocol/api/` by `cargo xtask codegen`; do not edit.\n\n\
         Every function of CUDA 13.2's driver API has a number and is exported. What is not supported answers\n\
         `CUDA_ERROR_NOT_SUPPORTED`, logs its name once, and says here why. Classes: *local* is answered in the client, *cached* is asked\n\
         once, *post* returns at once, *wait* waits for its answer, *block* waits for the GPU as well; *folded* is one of\n\
         several C functions behind one operation; *alias* is an older or newer name of the same call. An implementation\n\
         behind the border (the soft driver, an old libcuda) may still answer `CUDA_ERROR_NOT_SUPPORTED`.\n\n",
    );
    summary(&mut text, plan);
    for area in &plan.table.areas {
        if area.calls.iter().all(Call::is_link) {
            continue;
        }
        write!(
            text,
            "\n## {}\n\n| id | symbol | per-thread form | since | class |\n|---|---|---|---|---|\n",
            area.name
        )
        .ok();
        for call in &area.calls {
            writeln!(
                text,
                "| {:#06x} | `{}` | {} | {} | {} |",
                call.id,
                call.symbol,
                call.per_thread
                    .as_ref()
                    .map_or_else(String::new, |form| format!("`_{}`", form.suffix)),
                call.since.map_or_else(String::new, version),
                class(plan, call)?
            )
            .ok();
        }
    }
    Ok(text)
}

fn summary(text: &mut String, plan: &Plan<'_>) {
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
    text.push_str(".\n");
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
