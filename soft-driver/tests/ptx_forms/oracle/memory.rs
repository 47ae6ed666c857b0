//! Loads, stores and atomic forms: which bytes go where, and what is left in memory. Read [`check_move`] and
//! [`check_atomic`].

use std::fmt::Write;

use rigel_soft::exec::LaunchShape;

use super::exact::{Mode, Number};
use super::form::Form;
use super::kind::{Element, Kind, mask};
use super::run::register_bits;
use crate::support::{Source, run_source};

/// Each thread has a cell of this many bytes in every space.
const CELL: usize = 64;
const THREADS: usize = 32;

/// Whether a form loads or stores registers.
pub(crate) fn moves(form: &Form) -> bool {
    matches!(form.opcode, "ld" | "ldu" | "st") && form.kind().is_some()
}

/// Whether a form changes memory atomically.
pub(crate) fn combines(form: &Form) -> bool {
    matches!(form.opcode, "atom" | "red")
}

/// The operands of a form that accesses memory.
struct Access {
    kind: Kind,
    /// The registers that are loaded or get the old value.
    results: Vec<&'static str>,
    /// The address as it stands in the text, without brackets.
    address: &'static str,
    /// The registers of each further operand, without a cache policy.
    sources: Vec<Vec<&'static str>>,
}

impl Access {
    fn of(form: &Form) -> Option<Self> {
        let mut operands = form.operand_list();
        if form.has("L2::cache_hint") {
            operands.pop();
        }
        let at = operands
            .iter()
            .position(|operand| operand.starts_with('['))?;
        let names = |operand: &&'static str| -> Vec<&'static str> {
            let parts = operand.split(['{', '}', ',']).map(str::trim);
            parts.filter(|part| !part.is_empty()).collect()
        };
        Some(Self {
            kind: form.kind()?,
            results: operands[..at].iter().flat_map(names).collect(),
            address: operands[at].trim_matches(['[', ']']),
            sources: operands[at + 1..].iter().map(names).collect(),
        })
    }

    fn element_bytes(&self) -> usize {
        register_bits(self.kind) as usize / 8
    }

    /// Text that makes the address operand that of the thread's cell, and the operand's new text.
    fn place(&self, global: &str) -> (String, String) {
        match self.address {
            "S" => {
                let text = "mov.u64 %x30, S; mad.wide.u32 %x30, %t, 64, %x30;\n";
                (text.to_owned(), "%x30".to_owned())
            }
            register if register.starts_with('%') => {
                let text = format!("mad.wide.u32 {register}, %i, {CELL}, {global};\n");
                (text, register.to_owned())
            }
            variable => (String::new(), variable.to_owned()),
        }
    }

    /// Space of the thread's cell, for plain loads and stores.
    fn space(&self) -> &'static str {
        match self.address {
            "S" => "shared",
            "L" => "local",
            _ => "global",
        }
    }
}

const ITEMS: &str = ".shared .align 16 .b8 S[2048];\n";
const REGISTERS: &str = "{ .reg .b8 %b<20>; .reg .b128 %q<10>; .reg .b16 %w<20>; .reg .b64 %y<10>;\n\
     .reg .b32 %v<40>; .local .align 16 .b8 L[64];\n";

/// Bytes that all differ from their neighbours, the same in every run.
fn pattern(count: usize) -> Vec<u8> {
    let step = |at: usize| (at * 151 + (at / 7) * 29 + (at / 64) * 83 + 0x81) as u8;
    (0..count).map(step).collect()
}

fn words(bytes: &[u8]) -> Vec<u64> {
    let chunk = |chunk: &[u8]| u64::from_le_bytes(chunk.try_into().expect("eight bytes"));
    bytes.chunks_exact(8).map(chunk).collect()
}

fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Loads a register that is wide enough from `[%x38+at]`, or stores it to `[%x39+at]`.
fn transfer(text: &mut String, name: &str, bits: u32, at: usize, load: bool) {
    let line = match (bits, load) {
        (128, true) => {
            format!(
                "ld.global.v2.b64 {{%x36, %x37}}, [%x38+{at}]; mov.b128 {name}, {{%x36, %x37}};"
            )
        }
        (128, false) => {
            format!(
                "mov.b128 {{%x36, %x37}}, {name}; st.global.v2.b64 [%x39+{at}], {{%x36, %x37}};"
            )
        }
        (bits, true) => format!("ld.global.b{bits} {name}, [%x38+{at}];"),
        (bits, false) => format!("st.global.b{bits} [%x39+{at}], {name};"),
    };
    writeln!(text, "{line}").expect("a string takes everything");
}

/// Copies a cell, word by word.
fn copy_cell(text: &mut String, (to_space, to): (&str, &str), (from_space, from): (&str, &str)) {
    for at in (0..CELL).step_by(8) {
        let line = format!(
            "ld.{from_space}.b64 %x37, [{from}+{at}]; st.{to_space}.b64 [{to}+{at}], %x37;\n"
        );
        text.push_str(&line);
    }
}

fn launch(body: &str, items: &str, input: &[u64], n_output: usize) -> Result<Vec<u64>, String> {
    let blocks = (input.len() * 8).div_ceil(CELL * THREADS).max(1);
    launch_blocks(body, items, input, n_output, blocks)
}

fn launch_blocks(
    body: &str,
    items: &str,
    input: &[u64],
    n_output: usize,
    blocks: usize,
) -> Result<Vec<u64>, String> {
    let source = Source {
        items,
        params: ", .param .align 16 .b8 P[64]",
        body,
    };
    let shape = LaunchShape::new([blocks as u32, 1, 1], [THREADS as u32, 1, 1]);
    let ran = run_source(&source, shape, input, n_output, &pattern(CELL));
    match ran.outcome.fault {
        Some(fault) => Err(format!("{fault} in\n{body}")),
        None => Ok(ran.output),
    }
}

/// A load or a store, of a cell whose bytes all differ.
pub(crate) fn check_move(form: &Form) -> Result<(), String> {
    let access = Access::of(form).ok_or("no address")?;
    match form.opcode {
        "st" => check_store(form, &access),
        _ => check_load(form, &access),
    }
}

fn check_load(form: &Form, access: &Access) -> Result<(), String> {
    let count = access.results.len();
    let constant = pattern(CELL);
    let list: Vec<String> = constant.iter().map(u8::to_string).collect();
    let items = format!(
        "{ITEMS}.const .align 16 .b8 C[64] = {{{}}};\n",
        list.join(", ")
    );
    let (mut body, address) = access.place("%in");
    body.insert_str(0, REGISTERS);
    body += &format!(
        "mad.wide.u32 %x38, %i, {CELL}, %in; mad.wide.u32 %x39, %i, {}, %out;\n",
        16 * count
    );
    if matches!(access.address, "S" | "L") {
        copy_cell(&mut body, (access.space(), &address), ("global", "%x38"));
    }
    let operands = form
        .operands
        .replace(&format!("[{}]", access.address), &format!("[{address}]"));
    body += &format!("{} {operands};\n", form.text);
    for (at, name) in access.results.iter().enumerate() {
        transfer(&mut body, name, register_bits(access.kind), 16 * at, false);
    }
    body.push('}');
    let input = pattern(CELL * THREADS);
    let output = bytes(&launch(&body, &items, &words(&input), 2 * count * THREADS)?);
    let size = access.element_bytes();
    for thread in 0..THREADS {
        let cell = match access.address {
            "C" | "P" => &constant[..],
            _ => &input[thread * CELL..][..CELL],
        };
        for element in 0..count {
            let got = &output[(thread * count + element) * 16..][..size];
            let right = &cell[element * size..][..size];
            if got != right {
                return Err(format!(
                    "{} {operands}: thread {thread}, element {element}: {got:x?} where {right:x?} is right",
                    form.text
                ));
            }
        }
    }
    Ok(())
}

fn check_store(form: &Form, access: &Access) -> Result<(), String> {
    let registers = &access.sources[0];
    let (place, address) = access.place("%out");
    let mut body = format!(
        "{REGISTERS}mad.wide.u32 %x38, %i, {}, %in;\n",
        16 * registers.len()
    );
    body += &format!("mad.wide.u32 %x39, %i, {CELL}, %out;\n");
    for (at, name) in registers.iter().enumerate() {
        transfer(&mut body, name, register_bits(access.kind), 16 * at, true);
    }
    body += &place;
    let elsewhere = matches!(access.address, "S" | "L");
    if elsewhere {
        copy_cell(&mut body, (access.space(), &address), ("global", "%x39"));
    }
    let operands = form
        .operands
        .replace(&format!("[{}]", access.address), &format!("[{address}]"));
    body += &format!("{} {operands};\n", form.text);
    if elsewhere {
        copy_cell(&mut body, ("global", "%x39"), (access.space(), &address));
    }
    body.push('}');
    let input = pattern(16 * registers.len() * THREADS);
    let n_output = CELL / 8 * THREADS;
    let output = bytes(&launch_blocks(&body, ITEMS, &words(&input), n_output, 1)?);
    let size = access.element_bytes();
    for thread in 0..THREADS {
        let mut right = vec![0xFF; CELL];
        for element in 0..registers.len() {
            let from = (thread * registers.len() + element) * 16;
            right[element * size..][..size].copy_from_slice(&input[from..][..size]);
        }
        let got = &output[thread * CELL..][..CELL];
        if got != right {
            return Err(format!(
                "{} {operands}: thread {thread}: {got:x?} where {right:x?} is right",
                form.text
            ));
        }
    }
    Ok(())
}

/// How many pairs of values an atomic form is tried on, at most.
const PAIRS_MAX: usize = 192;

/// What one element of memory becomes.
fn combined(form: &Form, kind: Kind, old: u128, given: &[u128]) -> u128 {
    let lane = kind.lane();
    let b = given[0];
    if form.has("cas") {
        return if old == b { given[1] } else { old };
    }
    if form.has("exch") {
        return b;
    }
    if form.has("inc") {
        return if old >= b { 0 } else { old + 1 };
    }
    if form.has("dec") {
        return if old == 0 || old > b { b } else { old - 1 };
    }
    let lanes = kind.split(old).into_iter().zip(kind.split(b));
    let lanes: Vec<u128> = lanes
        .map(|(old, b)| combined_lane(form, lane, old, b))
        .collect();
    kind.join(&lanes)
}

fn combined_lane(form: &Form, kind: Kind, old: u128, b: u128) -> u128 {
    let greatest = form.has("max");
    if let Some(format) = kind.format() {
        let (x, y) = (format.number(old as u64), format.number(b as u64));
        if form.has("add") {
            return u128::from(format.round(x.plus(y, Mode::Nearest), Mode::Nearest));
        }
        return match (x, y) {
            (Number::Nan, Number::Nan) => u128::from(format.nan),
            (Number::Nan, _) => b,
            (_, Number::Nan) => old,
            _ => {
                let order = x.compare(y).expect("both are numbers");
                let first = match order {
                    std::cmp::Ordering::Equal => x.negative() != greatest,
                    order => order.is_gt() == greatest,
                };
                if first { old } else { b }
            }
        };
    }
    let (x, y) = (kind.integer(old), kind.integer(b));
    let value = match form
        .words
        .iter()
        .find(|w| ["add", "and", "or", "xor"].contains(w))
    {
        Some(&"add") => old.wrapping_add(b),
        Some(&"and") => old & b,
        Some(&"or") => old | b,
        Some(_) => old ^ b,
        None if greatest => x.max(y) as u128,
        None => x.min(y) as u128,
    };
    value & kind.mask()
}

/// An atomic form, each thread on a cell of its own.
pub(crate) fn check_atomic(form: &Form) -> Result<(), String> {
    let access = Access::of(form).ok_or("no address")?;
    let elements = access.sources[0].len();
    let kind = access.kind;
    let size = access.element_bytes();
    let cases = atomic_cases(kind, elements, access.sources.len());
    // Input of a thread: its cell, then sixteen bytes for each register.
    let registers = elements * access.sources.len();
    let stride = CELL + 16 * registers;
    let mut input = vec![0; stride * cases.len()];
    for (case, place) in cases.iter().zip(input.chunks_exact_mut(stride)) {
        for (at, value) in case[0].iter().enumerate() {
            place[at * size..][..size].copy_from_slice(&value.to_le_bytes()[..size]);
        }
        for (at, value) in case[1..].iter().flatten().enumerate() {
            place[CELL + 16 * at..][..16].copy_from_slice(&value.to_le_bytes());
        }
    }
    let body = atomic_body(form, &access, stride);
    let out_stride = CELL + 16 * access.results.len();
    let blocks = cases.len() / THREADS;
    let output = launch_blocks(
        &body,
        ITEMS,
        &words(&input),
        out_stride / 8 * cases.len(),
        blocks,
    )?;
    for (case, got) in cases.iter().zip(bytes(&output).chunks_exact(out_stride)) {
        for at in 0..elements {
            let given: Vec<u128> = case[1..].iter().map(|operand| operand[at]).collect();
            let right = combined(form, kind, case[0][at], &given);
            let left = value(&got[at * size..][..size]);
            let old = access
                .results
                .get(at)
                .map(|_| value(&got[CELL + 16 * at..][..size]));
            let old_right = old.is_none_or(|old| old == case[0][at]);
            if !same(kind, right, left) || !old_right {
                return Err(format!(
                    "{} of {:x} and {given:x?}: left {left:x} where {right:x} is right, old value {old:x?}",
                    form.text, case[0][at]
                ));
            }
        }
    }
    Ok(())
}

fn same(kind: Kind, right: u128, got: u128) -> bool {
    kind.same(right, got)
}

fn value(bytes: &[u8]) -> u128 {
    bytes
        .iter()
        .rev()
        .fold(0, |all, byte| all << 8 | u128::from(*byte))
}

/// Values of memory and of each operand, element by element.
fn atomic_cases(kind: Kind, elements: usize, operands: usize) -> Vec<Vec<Vec<u128>>> {
    let samples = kind.samples();
    let count = samples.len();
    let step = (count * count).div_ceil(PAIRS_MAX);
    let pairs = (0..count * count)
        .step_by(step)
        .take(PAIRS_MAX / THREADS * THREADS);
    let mut cases: Vec<Vec<Vec<u128>>> = pairs
        .map(|pair| {
            let list = |by: usize| -> Vec<u128> {
                let at = |element| (by + element * 5) % count;
                (0..elements)
                    .map(|element| samples[at(element)] & mask(register_bits(kind)))
                    .collect()
            };
            let mut case = vec![list(pair / count), list(pair % count)];
            if operands == 2 {
                // Every second comparison finds what it expects.
                if (pair / step).is_multiple_of(2) {
                    case[1] = case[0].clone();
                }
                case.push(list(pair / 3));
            }
            case
        })
        .collect();
    cases.truncate(cases.len() / THREADS * THREADS);
    cases
}

fn atomic_body(form: &Form, access: &Access, stride: usize) -> String {
    let out_stride = CELL + 16 * access.results.len();
    let mut body = format!(
        "{REGISTERS}mad.wide.u32 %x38, %i, {stride}, %in; mad.wide.u32 %x39, %i, {out_stride}, %out;\n"
    );
    let bits = register_bits(access.kind);
    for (at, name) in access.sources.iter().flatten().enumerate() {
        transfer(&mut body, name, bits, CELL + 16 * at, true);
    }
    let address = match access.address {
        "S" => {
            body += &access.place("%out").0;
            "%x30"
        }
        register => {
            body += &format!("mov.b64 {register}, %x39;\n");
            register
        }
    };
    copy_cell(&mut body, (access.space(), address), ("global", "%x38"));
    let operands = form
        .operands
        .replace(&format!("[{}]", access.address), &format!("[{address}]"));
    body += &format!("{} {operands};\n", form.text);
    for (at, name) in access.results.iter().enumerate() {
        transfer(&mut body, name, bits, CELL + 16 * at, false);
    }
    if access.address == "S" {
        copy_cell(&mut body, ("global", "%x39"), ("shared", address));
    }
    body.push('}');
    body
}

#[test]
fn floats_in_memory_are_bits_like_others() {
    assert_eq!(Kind::parse("f16x2").map(register_bits), Some(32));
    assert_eq!(
        Kind::parse("pred").map(|kind| kind.element),
        Some(Element::Predicate)
    );
}
