//! The page: what is executed and what is refused, opcode by opcode. Read [`render`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::Outcome;

/// How many forms of each opcode are refused. Only to be lowered.
pub(crate) const ADMITTED: &[(&str, usize)] = &[("multimem", 970)];

const HEAD: &str = include_str!("head.md");

/// Forms of one opcode.
#[derive(Default)]
struct Opcode<'a> {
    executed: BTreeSet<&'a str>,
    refused: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// The page as text.
pub(crate) fn render(outcomes: &[Outcome]) -> String {
    let mut opcodes: BTreeMap<&str, Opcode<'_>> = BTreeMap::new();
    for outcome in outcomes {
        let (opcode, words) = outcome.form.split_once('.').unwrap_or((outcome.form, ""));
        let entry = opcodes.entry(opcode).or_default();
        match &outcome.refusal {
            None => entry.executed.insert(words),
            Some(reason) => entry.refused.entry(reason).or_default().insert(words),
        };
    }
    let executed = outcomes.iter().filter(|o| o.refusal.is_none()).count();
    let mut page = HEAD.to_owned();
    writeln!(
        page,
        "{executed} of {} forms are executed.\n",
        outcomes.len()
    )
    .ok();
    summary(&mut page, &opcodes);
    for (name, opcode) in &opcodes {
        writeln!(page, "\n## {name}\n").ok();
        section(&mut page, "Executed", &opcode.executed);
        for (reason, words) in &opcode.refused {
            section(&mut page, &format!("Refused ({reason})"), words);
        }
    }
    page
}

fn summary(page: &mut String, opcodes: &BTreeMap<&str, Opcode<'_>>) {
    page.push_str("| opcode | executed | refused |\n|---|---|---|\n");
    for (name, opcode) in opcodes {
        let refused: usize = opcode.refused.values().map(BTreeSet::len).sum();
        let executed = opcode.executed.len();
        writeln!(page, "| [{name}](#{name}) | {executed} | {refused} |").ok();
    }
}

/// Forms that differ in their first words only share a line: `{rn rz}.f32`.
fn section(page: &mut String, title: &str, forms: &BTreeSet<&str>) {
    if forms.is_empty() {
        return;
    }
    let mut by_tail: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for form in forms {
        let (head, tail) = form.split_at(form.rfind('.').map_or(0, |at| at + 1));
        by_tail.entry(head).or_default().push(tail);
    }
    let mut by_tails: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (head, tails) in by_tail {
        by_tails.entry(tails).or_default().push(head);
    }
    writeln!(page, "{title}:\n").ok();
    for (tails, heads) in by_tails {
        let heads: Vec<&str> = heads
            .iter()
            .map(|head| {
                if head.is_empty() {
                    "."
                } else {
                    head.trim_end_matches('.')
                }
            })
            .collect();
        writeln!(page, "- `{}` × `{}`", heads.join(" "), tails.join(" ")).ok();
    }
    page.push('\n');
}
