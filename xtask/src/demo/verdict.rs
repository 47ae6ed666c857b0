//! Whether four runs prove what the demo claims. A pure function over their reports.
//!
//! The claims: kernels ran on the device and nowhere else, the path changed no bit of the result,
//! and the result is as good as the CPU's. Read [`verdict`] first.

use super::report::{DriverCounters, Mode, Run};

/// Launches a run on the device must exceed.
const LAUNCHES_MIN: u64 = 1_000;
/// How far the AUC of a run on the device may lie from that of the CPU.
const AUC_DIFFERENCE_MAX: f64 = 0.002;

/// Every reason why the runs do not prove it; none means they do.
pub(crate) fn verdict(runs: &[Run]) -> Vec<String> {
    let mut reasons = Vec::new();
    let of = |mode: Mode| runs.iter().find(|run| run.mode == mode);
    for mode in Mode::ALL {
        if of(mode).is_none() {
            reasons.push(format!("{}: there is no such run", mode.name()));
        }
    }
    let (Some(cpu), Some(direct)) = (of(Mode::Cpu), of(Mode::Direct)) else {
        return reasons;
    };
    if !cpu.training.device.starts_with("cpu") {
        reasons.push(format!("cpu: trained on {}", cpu.training.device));
    }
    for run in runs.iter().filter(|run| run.mode != Mode::Cpu) {
        let name = run.mode.name();
        let before = reasons.len();
        device_used(run, &mut reasons);
        if run.mode.is_pooled() {
            path_used(run, &mut reasons);
        }
        if run.training.predictions_sha256 != direct.training.predictions_sha256 {
            reasons.push("predictions differ from those of the direct run".to_owned());
        }
        let difference = (run.training.auc - cpu.training.auc).abs();
        // Written so that a NaN fails.
        if !matches!(difference.partial_cmp(&AUC_DIFFERENCE_MAX), Some(order) if order.is_le()) {
            reasons.push(format!(
                "auc {:.4} is further than {AUC_DIFFERENCE_MAX} from the cpu's {:.4}",
                run.training.auc, cpu.training.auc
            ));
        }
        for reason in &mut reasons[before..] {
            *reason = format!("{name}: {reason}");
        }
    }
    reasons
}

/// The trainer says it used the device, and the device's driver says it did the work.
fn device_used(run: &Run, reasons: &mut Vec<String>) {
    let training = &run.training;
    if !training.device.starts_with("cuda") {
        reasons.push(format!(
            "the saved configuration says device `{}`",
            training.device
        ));
    }
    if let Some(warning) = training.warnings.first() {
        reasons.push(format!("a warning: {warning}"));
    }
    let Some(driver) = run.driver else {
        reasons.push("no driver counted anything".to_owned());
        return;
    };
    let DriverCounters {
        launches,
        thread_instructions,
        ..
    } = driver;
    if launches <= LAUNCHES_MIN {
        reasons.push(format!("{launches} launches, not more than {LAUNCHES_MIN}"));
    }
    // Every round puts every value of every row into a histogram at least once.
    let instructions_min = training.rows * training.columns * training.rounds;
    if thread_instructions < instructions_min {
        reasons.push(format!(
            "{thread_instructions} instructions executed; the histograms alone take {instructions_min}"
        ));
    }
}

/// The server saw the calls that the driver executed.
fn path_used(run: &Run, reasons: &mut Vec<String>) {
    let Some(path) = run.path else {
        reasons.push("the server reports no such session".to_owned());
        return;
    };
    let executed = run.driver.unwrap_or_default().launches;
    if path.launches != executed {
        reasons.push(format!(
            "{} launches on the path, {executed} executed",
            path.launches
        ));
    }
    if path.calls < path.launches + path.waiting_calls {
        reasons.push(format!("{} calls on the path are too few", path.calls));
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::{PathCounters, Training};
    use super::*;

    fn run(mode: Mode) -> Run {
        let on_device = mode != Mode::Cpu;
        let training = Training {
            rows: 50_000,
            columns: 30,
            rounds: 60,
            device: if on_device { "cuda:0" } else { "cpu" }.to_owned(),
            seconds: 10.0,
            auc: if on_device { 0.9700 } else { 0.9710 },
            model_sha256: "m".to_owned(),
            predictions_sha256: if on_device { "device" } else { "cpu" }.to_owned(),
            warnings: Vec::new(),
        };
        let driver = DriverCounters {
            launches: 4_000,
            thread_instructions: 5_000_000_000,
            memory_peak_bytes: 64 << 20,
        };
        let path = PathCounters {
            calls: 10_000,
            waiting_calls: 900,
            launches: 4_000,
        };
        Run {
            mode,
            training,
            driver: on_device.then_some(driver),
            path: mode.is_pooled().then_some(path),
            client: None,
        }
    }

    /// The verdict on four good runs of which one was changed.
    fn check(mode: Mode, change: impl FnOnce(&mut Run), expected: &str) {
        let mut runs = Mode::ALL.map(run);
        let changed = runs.iter_mut().find(|run| run.mode == mode);
        change(changed.expect("every mode has a run"));
        let reasons = verdict(&runs).join("\n");
        assert!(
            reasons.contains(expected),
            "expected `{expected}` in: {reasons}"
        );
        assert!(reasons.starts_with(mode.name()), "{reasons}");
    }

    #[test]
    fn verdict_four_good_runs_have_no_reason_against() {
        assert_eq!(verdict(&Mode::ALL.map(run)), Vec::<String>::new());
    }

    #[test]
    fn verdict_other_predictions_fail() {
        for mode in [Mode::SharedMemory, Mode::Quic] {
            check(
                mode,
                |run| run.training.predictions_sha256.push('x'),
                "predictions differ",
            );
        }
        let mut runs = Mode::ALL.map(run);
        runs[1].training.predictions_sha256.push('x');
        assert_eq!(
            verdict(&runs).len(),
            2,
            "a wrong direct run differs from both pooled ones"
        );
    }

    #[test]
    fn verdict_auc_off_by_more_than_allowed_fails() {
        check(Mode::Direct, |run| run.training.auc = 0.9689, "auc");
        check(Mode::Quic, |run| run.training.auc = f64::NAN, "auc");
    }

    #[test]
    fn verdict_run_that_did_not_use_the_device_fails() {
        check(
            Mode::Direct,
            |run| run.training.device = "cpu".to_owned(),
            "device `cpu`",
        );
        check(
            Mode::Quic,
            |run| run.training.warnings.push("fell back".to_owned()),
            "fell back",
        );
        check(
            Mode::SharedMemory,
            |run| run.driver = None,
            "no driver counted",
        );
        let launches = |count: u64| {
            move |run: &mut Run| {
                run.driver.as_mut().expect("the run has counters").launches = count;
            }
        };
        check(Mode::Direct, launches(1_000), "1000 launches");
        let idle = |run: &mut Run| {
            run.driver
                .as_mut()
                .expect("the run has counters")
                .thread_instructions = 89_999_999;
        };
        check(Mode::Direct, idle, "89999999 instructions");
    }

    #[test]
    fn verdict_pooled_run_that_missed_the_pool_fails() {
        check(Mode::SharedMemory, |run| run.path = None, "no such session");
        let fewer = |run: &mut Run| {
            run.path.as_mut().expect("a pooled run has a path").launches = 3_999;
        };
        check(
            Mode::Quic,
            fewer,
            "3999 launches on the path, 4000 executed",
        );
    }

    #[test]
    fn verdict_missing_run_fails() {
        let reasons = verdict(&Mode::ALL.map(run)[..3]);
        assert_eq!(reasons, ["pool, quic: there is no such run"]);
    }
}
