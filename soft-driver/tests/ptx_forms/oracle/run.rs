//! Runs a form on many operands and compares. Read [`check`].

use std::fmt::Write;

use rigel_soft::exec::LaunchShape;

use super::form::{Form, Oracle};
use super::kind::{Element, Kind};
use crate::support::{Source, run_source};

/// A register of an operand: its name and its type.
type Register = (String, Kind);

/// How many combinations of operands a form is tried on, at most.
const CASES_MAX: usize = 1600;

/// Runs the form on combinations of samples; tells the first result that is wrong.
pub(crate) fn check(form: &Form, oracle: &Oracle) -> Result<(), String> {
    let cases = cases(&oracle.sources);
    let input: Vec<u64> = cases
        .iter()
        .flatten()
        .flat_map(|value| halves(*value))
        .collect();
    let n_output = 2 * oracle.results.len() * cases.len();
    let n_blocks = cases.len().div_ceil(128) as u32;
    let shape = LaunchShape::new([n_blocks, 1, 1], [128, 1, 1]);
    let body = body(form, oracle, cases.len())?;
    let source = Source {
        items: "",
        params: "",
        body: &body,
    };
    let ran = run_source(&source, shape, &input, n_output, &[]);
    if let Some(fault) = ran.outcome.fault {
        return Err(format!("{fault} in\n{body}"));
    }
    let negated = negated(form);
    for (case, got) in cases
        .iter()
        .zip(ran.output.chunks(2 * oracle.results.len()))
    {
        let values = case.iter().zip(&oracle.sources).enumerate();
        let values: Vec<u128> = values
            .map(|(at, (value, kind))| match kind.element {
                Element::Predicate if negated.contains(&at) => value ^ 1,
                _ => *value,
            })
            .collect();
        let Some(expected) = (oracle.compute)(&values) else {
            continue;
        };
        for (at, (right, kind)) in expected.iter().zip(&oracle.results).enumerate() {
            let got = u128::from(got[2 * at]) | u128::from(got[2 * at + 1]) << 64;
            let got = got & super::kind::mask(stored_bits(*kind));
            if !kind.same(*right, got) {
                return Err(format!(
                    "{} of {values:x?}: result {at} is {got:#x} where {right:#x} is right",
                    form.text
                ));
            }
        }
    }
    Ok(())
}

fn halves(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

/// All pairs of samples of the first two operands, with rotating ones of the others; fewer if there are many.
fn cases(kinds: &[Kind]) -> Vec<Vec<u128>> {
    let samples: Vec<Vec<u128>> = kinds.iter().map(|kind| kind.samples()).collect();
    let counts = [0, 1].map(|at| samples.get(at).map_or(1, Vec::len));
    let pairs = counts[0] * counts[1];
    // A step that has no factor in common with the number of pairs would not matter: it only thins them out.
    let step = pairs.div_ceil(CASES_MAX);
    let turns = if kinds.len() > 2 { 2 } else { 1 };
    let mut cases = Vec::new();
    for turn in 0..turns {
        for pair in (0..pairs).step_by(step) {
            let case = samples.iter().enumerate().map(|(at, list)| match at {
                0 => list[pair / counts[1]],
                1 => list[pair % counts[1]],
                _ => list[(pair * (2 * at + 3) + pair / list.len() + turn * 11) % list.len()],
            });
            cases.push(case.collect());
        }
    }
    cases
}

/// Which sources stand negated in the text.
fn negated(form: &Form) -> Vec<usize> {
    let sources = form.operand_list().into_iter().skip(1).flat_map(registers);
    let at = sources
        .enumerate()
        .filter(|(_, name)| name.starts_with('!'));
    at.map(|(at, _)| at).collect()
}

/// The registers of one operand; none of an immediate.
fn registers(operand: &str) -> Vec<&str> {
    let parts = operand.split(['{', '}', ',', '|']).map(str::trim);
    parts.filter(|part| part.contains('%')).collect()
}

/// Bits that a register of this type has.
pub(crate) fn register_bits(kind: Kind) -> u32 {
    (kind.bits * kind.lanes).max(8).next_power_of_two()
}

fn stored_bits(kind: Kind) -> u32 {
    match kind.element {
        Element::Predicate => 64,
        _ => register_bits(kind),
    }
}

fn body(form: &Form, oracle: &Oracle, n_cases: usize) -> Result<String, String> {
    let operands = form.operand_list();
    let carries_in = matches!(form.opcode, "addc" | "subc" | "madc");
    let carries_out = form.has("cc");
    let mut sources: Vec<&str> = operands[1..].iter().flat_map(|o| registers(o)).collect();
    let mut results: Vec<&str> = registers(operands[0]);
    sources.extend(carries_in.then_some("%r39"));
    results.extend(carries_out.then_some("%r38"));
    if sources.len() != oracle.sources.len() || results.len() != oracle.results.len() {
        return Err(format!(
            "{} {}: {sources:?} and {results:?}",
            form.text, form.operands
        ));
    }
    let named = |names: Vec<&str>, kinds: &[Kind]| -> Vec<Register> {
        let names = names
            .iter()
            .map(|name| name.trim_start_matches('!').to_owned());
        names.zip(kinds.iter().copied()).collect()
    };
    let mut text = format!(
        "{{ .reg .b8 %b<20>; .reg .b128 %q<10>;\n\
         setp.ge.u32 %p0, %i, {n_cases}; @%p0 ret;\n\
         mul.wide.u32 %x38, %i, {}; add.u64 %x38, %x38, %in;\n\
         mul.wide.u32 %x39, %i, {}; add.u64 %x39, %x39, %out;\n",
        16 * oracle.sources.len(),
        16 * oracle.results.len()
    );
    for (at, register) in named(sources, &oracle.sources).iter().enumerate() {
        load(&mut text, register, 16 * at);
    }
    if carries_in {
        // The sum overflows exactly if there is a carry to come in.
        text += "and.b32 %r39, %r39, 1; add.cc.u32 %r37, %r39, 4294967295;\n";
    }
    writeln!(text, "{} {};", form.text, form.operands).expect("a string takes everything");
    if carries_out {
        text += "addc.u32 %r38, 0, 0;\n";
        if form.opcode.starts_with("sub") {
            text += "and.b32 %r38, %r38, 1;\n";
        }
    }
    for (at, register) in named(results, &oracle.results).iter().enumerate() {
        store(&mut text, register, 16 * at);
    }
    text.push('}');
    Ok(text)
}

fn load(text: &mut String, (name, kind): &Register, at: usize) {
    let line = match (kind.element, register_bits(*kind)) {
        (Element::Predicate, _) => {
            format!("ld.global.b64 %x37, [%x38+{at}]; setp.ne.b64 {name}, %x37, 0;")
        }
        (_, 128) => {
            format!(
                "ld.global.v2.b64 {{%x36, %x37}}, [%x38+{at}]; mov.b128 {name}, {{%x36, %x37}};"
            )
        }
        (_, bits) => format!("ld.global.b{bits} {name}, [%x38+{at}];"),
    };
    writeln!(text, "{line}").expect("a string takes everything");
}

fn store(text: &mut String, (name, kind): &Register, at: usize) {
    let line = match (kind.element, register_bits(*kind)) {
        (Element::Predicate, _) => {
            format!("selp.b64 %x37, 1, 0, {name}; st.global.b64 [%x39+{at}], %x37;")
        }
        (_, 128) => {
            format!(
                "mov.b128 {{%x36, %x37}}, {name}; st.global.v2.b64 [%x39+{at}], {{%x36, %x37}};"
            )
        }
        (_, bits) => format!("st.global.b{bits} [%x39+{at}], {name};"),
    };
    writeln!(text, "{line}").expect("a string takes everything");
}
