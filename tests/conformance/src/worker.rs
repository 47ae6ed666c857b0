//! The process that runs cases: it loads the library, runs the named cases one after the other,
//! each in a thread of its own, and says what it saw. It may die; its parent knows where.

use std::io::{BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use serde_json::json;

use crate::case::{Case, Setting};
use crate::cases;
use crate::cuda::Cuda;

/// Begins every line that is meant for the parent: kernels print to the same place.
pub(crate) const MARK: &str = "\u{1}conformance ";

/// What the parent passes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The library.
    #[arg(long)]
    lib: PathBuf,
}

/// Runs the cases that standard input names.
pub(crate) fn run(args: &Args) -> Result<()> {
    let names: Vec<String> = std::io::stdin().lock().lines().collect::<Result<_, _>>()?;
    let chosen: Vec<&'static Case> = names
        .iter()
        .map(|name| cases::named(name).ok_or_else(|| anyhow!("there is no case {name}")))
        .collect::<Result<_>>()?;
    let cu = Arc::new(Cuda::open(&args.lib)?);
    std::panic::set_hook(Box::new(|_| {}));
    for case in chosen {
        say(&json!({ "begin": case.name }));
        let cu = Arc::clone(&cu);
        let got = std::thread::Builder::new()
            .name("case".to_owned())
            .spawn(move || observe(&cu, case))?
            .join()
            .map_err(|_| anyhow!("a case's panic is caught in its thread"))?;
        say(&got);
    }
    Ok(())
}

/// Runs a case in its setting, in the calling thread.
fn observe(cu: &Cuda, case: &'static Case) -> serde_json::Value {
    let seen = catch_unwind(AssertUnwindSafe(|| {
        if case.setting != Setting::Fresh {
            cu.cuInit(0).must("cuInit");
        }
        if matches!(case.setting, Setting::Current | Setting::Alone) {
            cu.begin();
        }
        cu.take_called();
        case.observe(cu)
    }));
    let got = seen.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        format!("stopped at {}", text.unwrap_or_default())
    });
    json!({ "case": case.name, "got": got, "calls": cu.take_called() })
}

fn say(line: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    // A parent that is gone needs no answer.
    let _ = writeln!(out, "{MARK}{line}");
    let _ = out.flush();
}
