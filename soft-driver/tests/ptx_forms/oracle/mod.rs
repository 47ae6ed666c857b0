//! Every form of the list (`tests/ptx_coverage/forms.txt`) has an oracle here, a plain computation from the
//! manual's words that knows nothing of the executor, or stands in a short list with the test that covers it.
//! Each oracle is held against the executor over edge values. Read [`find`], then [`elsewhere::TESTS`].

mod bits;
mod compare;
mod convert;
mod elsewhere;
mod exact;
mod float;
mod form;
mod integer;
mod kind;
mod matrix;
mod memory;
mod run;
mod together;
mod video;
mod wmma;

use std::collections::BTreeMap;

use form::{Form, Oracle};

const LIST: &str = include_str!("../../ptx_coverage/forms.txt");

/// The forms of the list, in its order.
fn forms() -> Vec<Form> {
    let mut forms = Vec::new();
    let mut operands = "";
    for line in LIST.lines() {
        if let Some(rest) = line.strip_prefix('=') {
            operands = rest.trim();
        } else if !line.starts_with(['#', '|']) {
            let texts = line.split_whitespace();
            forms.extend(texts.map(|text| Form::new(text, operands)));
        }
    }
    forms
}

/// What a form between registers should compute, if it is one of those that are computed here.
fn find(form: &Form) -> Option<Oracle> {
    convert::oracle(form)
        .or_else(|| compare::oracle(form))
        .or_else(|| video::oracle(form))
        .or_else(|| float::oracle(form))
        .or_else(|| integer::oracle(form))
}

/// Checks forms and reports all that fail, one example of each opcode in full.
fn check_all(forms: impl Iterator<Item = Form>, check: impl Fn(&Form) -> Result<(), String>) {
    let mut failures: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut checked = 0;
    for form in forms {
        checked += 1;
        if let Err(failure) = check(&form) {
            failures.entry(form.opcode).or_default().push(failure);
        }
    }
    assert!(checked > 0, "there are such forms");
    let told = failures.iter().map(|(opcode, list)| {
        let some: Vec<&str> = list.iter().take(FAILURES_TOLD).map(|s| &**s).collect();
        format!(
            "{opcode}: {} forms, such as\n{}\n",
            list.len(),
            some.join("\n")
        )
    });
    assert!(failures.is_empty(), "{}", told.collect::<String>());
}

const FAILURES_TOLD: usize = 4;

/// Checks the forms of some opcodes that have an oracle.
fn check_opcodes(wanted: impl Fn(&str) -> bool) {
    let forms = forms().into_iter().filter(|form| wanted(form.opcode));
    let with = forms.filter_map(|form| find(&form).map(|oracle| (form, oracle)));
    let with: Vec<(Form, Oracle)> = with.collect();
    let oracles: BTreeMap<(&str, &str), &Oracle> = with
        .iter()
        .map(|(form, oracle)| ((form.text, form.operands), oracle))
        .collect();
    check_all(with.iter().map(|(form, _)| form.clone()), |form| {
        run::check(form, oracles[&(form.text, form.operands)])
    });
}

#[test]
fn every_conversion_gives_what_the_manual_says() {
    check_opcodes(|opcode| opcode == "cvt");
}

#[test]
fn every_comparison_gives_what_the_manual_says() {
    check_opcodes(|opcode| matches!(opcode, "setp" | "slct" | "testp" | "copysign"));
}

#[test]
fn every_comparison_into_a_register_gives_what_the_manual_says() {
    check_opcodes(|opcode| opcode == "set");
}

#[test]
fn every_video_form_gives_what_the_manual_says() {
    check_opcodes(|opcode| opcode.starts_with('v'));
}

#[test]
fn every_other_computing_form_gives_what_the_manual_says() {
    const OTHERS: [&str; 6] = ["cvt", "setp", "slct", "testp", "copysign", "set"];
    check_opcodes(|opcode| !OTHERS.contains(&opcode) && !opcode.starts_with('v'));
}

#[test]
fn every_load_and_store_moves_the_right_bytes() {
    check_all(
        forms().into_iter().filter(memory::moves),
        memory::check_move,
    );
}

#[test]
fn every_atomic_form_combines_as_named() {
    check_all(
        forms().into_iter().filter(memory::combines),
        memory::check_atomic,
    );
}

#[test]
fn every_product_of_matrices_has_the_right_elements() {
    check_all(
        forms().into_iter().filter(matrix::multiplies),
        matrix::check,
    );
}

#[test]
fn every_opaque_fragment_is_part_of_a_right_product() {
    let all = forms();
    let some = all.iter().filter(|form| form.opcode == "wmma");
    check_all(some.cloned(), |form| wmma::check(form, &all));
}

#[test]
fn every_form_of_threads_together_shows_them_what_it_should() {
    check_all(forms().into_iter().filter(together::joins), together::check);
}

#[test]
fn every_form_has_an_oracle_or_a_test_of_its_own() {
    let without: Vec<&str> = forms()
        .iter()
        .filter(|form| {
            find(form).is_none()
                && !memory::moves(form)
                && !memory::combines(form)
                && !matrix::multiplies(form)
                && form.opcode != "wmma"
                && !together::joins(form)
                && elsewhere::test_of(form).is_none()
        })
        .map(|form| form.text)
        .collect();
    assert!(without.is_empty(), "{} forms: {without:?}", without.len());
}
