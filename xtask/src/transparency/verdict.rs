//! What must hold of a suite's results. Read [`direct`], then [`pooled`].

use super::batch::{Outcome, Ran};
use super::known::Known;
use super::report::Entry;
use super::suite::Suite;

/// What does not hold of a direct run; of a part of the suite (`partial`) only what its tests say.
pub(super) fn direct(
    suite: &Suite,
    known: &Known,
    entry: &Entry,
    ran: &Ran,
    partial: bool,
) -> Vec<String> {
    let name = &suite.name;
    let mut findings = in_any_case(suite, entry, ran);
    for (test, verdict) in &ran.tests {
        let is_known = known.failures.contains_key(test);
        match verdict.outcome {
            Outcome::Failed if !is_known => {
                findings.push(format!("{name}: {test} fails: {}", verdict.reason));
            }
            Outcome::Passed if is_known => findings.push(format!(
                "{name}: {test} passes: take it off tests/suites/{name}.toml"
            )),
            _ => {}
        }
    }
    if partial {
        return findings;
    }
    if entry.collected < suite.collected {
        let (found, least) = (entry.collected, suite.collected);
        findings.push(format!(
            "{name}: {found} tests, there were {least}: is it installed as it was?"
        ));
    }
    if entry.passed < suite.passes {
        let (found, least) = (entry.passed, suite.passes);
        findings.push(format!("{name}: {found} tests pass, {least} did before"));
    }
    findings
}

/// What does not hold of a run through the pool.
pub(super) fn pooled(suite: &Suite, entry: &Entry, ran: &Ran) -> Vec<String> {
    let mut findings = in_any_case(suite, entry, ran);
    for test in &entry.regressions {
        let reason = ran.tests.get(test).map_or("not run", |found| &found.reason);
        findings.push(format!(
            "{} ({}): {test} passes directly, but not through the pool: {reason}",
            suite.name, entry.link
        ));
    }
    findings
}

fn in_any_case(suite: &Suite, entry: &Entry, ran: &Ran) -> Vec<String> {
    let name = format!("{} ({})", suite.name, entry.link);
    let mut findings = Vec::new();
    if ran.launches == 0 {
        findings.push(format!("{name}: not one kernel was launched"));
    }
    for library in &ran.strangers {
        findings.push(format!(
            "{name}: driver calls went to {}, which is not ours",
            library.display()
        ));
    }
    for (test, verdict) in &ran.tests {
        if verdict.outcome == Outcome::Crashed {
            findings.push(format!("{name}: {test} crashes: {}", verdict.reason));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::Results;
    use super::super::batch::Verdict;
    use super::super::suite::Suites;
    use super::*;

    const LIST: &str = "[[suite]]\nname = \"s\"\npackage = \"p\"\ncollected = 2\npasses = 1\n";

    fn ran(tests: &[(&str, Outcome)], launches: u64) -> Ran {
        let verdict = |outcome| Verdict {
            outcome,
            reason: "because".to_owned(),
        };
        let tests = tests
            .iter()
            .map(|(test, outcome)| ((*test).to_owned(), verdict(*outcome)));
        Ran {
            tests: tests.collect(),
            launches,
            ..Ran::default()
        }
    }

    fn check(ran: &Ran, known: &str, expected: &[&str]) {
        let suites: Suites = toml::from_str(LIST).unwrap();
        let suite = suites.chosen(&[]).unwrap()[0];
        let known = toml::from_str(known).unwrap();
        let entry = Entry::new("s", "direct", ran.tests.len(), ran, &Results::new());
        let found = direct(suite, &known, &entry, ran, false);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (finding, part) in found.iter().zip(expected) {
            assert!(finding.contains(part), "{finding}");
        }
    }

    #[test]
    fn direct_run_as_it_was_has_no_findings() {
        let good = ran(&[("a", Outcome::Passed), ("b", Outcome::Failed)], 1);
        check(&good, "[failures]\n\"b\" = \"known\"", &[]);
    }

    #[test]
    fn direct_run_with_each_fault_is_found() {
        let failed = ran(&[("a", Outcome::Passed), ("b", Outcome::Failed)], 1);
        check(&failed, "", &["b fails"]);
        let healed = ran(&[("a", Outcome::Passed), ("b", Outcome::Passed)], 1);
        check(&healed, "[failures]\n\"b\" = \"known\"", &["b passes"]);
        let idle = ran(&[("a", Outcome::Passed), ("b", Outcome::Skipped)], 0);
        check(&idle, "", &["not one kernel"]);
        let fewer = ran(&[("a", Outcome::Passed)], 1);
        check(&fewer, "", &["there were 2"]);
        let crashed = ran(&[("a", Outcome::Passed), ("b", Outcome::Crashed)], 1);
        check(&crashed, "[failures]\n\"b\" = \"known\"", &["crashes"]);
        let worse = ran(&[("a", Outcome::Skipped), ("b", Outcome::Skipped)], 1);
        check(&worse, "", &["0 tests pass"]);
    }

    #[test]
    fn pooled_run_that_loses_a_test_is_found() {
        let suites: Suites = toml::from_str(LIST).unwrap();
        let suite = suites.chosen(&[]).unwrap()[0];
        let direct = ran(&[("a", Outcome::Passed), ("b", Outcome::Passed)], 1);
        let pool = ran(&[("a", Outcome::Passed), ("b", Outcome::Failed)], 1);
        let entry = Entry::new("s", "quic", 2, &pool, &direct.tests);
        assert_eq!(entry.regressions, ["b"]);
        let found = pooled(suite, &entry, &pool);
        assert!(found[0].contains("b passes directly"), "{found:?}");
    }
}
