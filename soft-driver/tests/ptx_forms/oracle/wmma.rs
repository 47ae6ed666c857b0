//! `wmma`: fragments that no program may look into, so that each form is one step of a whole product, from memory
//! to memory. Read [`check`].

use std::fmt::Write;

use rigel_soft::exec::LaunchShape;

use super::form::Form;
use super::matrix::{Cell, cells, registers, shape};
use crate::support::run_module;

/// Bytes of memory for one matrix.
const MATRIX: usize = 4096;

/// A product of which one step is in question.
struct Pipeline<'f> {
    multiply: &'f Form,
    /// The step in question: `a`, `b`, `c`, `d`, or `m` for the product itself.
    step: char,
    form: &'f Form,
}

/// How a matrix lies in memory.
#[derive(Debug, Clone, Copy)]
struct Lay {
    rows: usize,
    columns: usize,
    by_row: bool,
    stride: usize,
    cell: Cell,
}

impl Lay {
    /// The element's number, counted from the start of the matrix.
    fn at(self, row: usize, column: usize) -> usize {
        match self.by_row {
            true => row * self.stride + column,
            false => column * self.stride + row,
        }
    }

    fn put(self, memory: &mut [u8], row: usize, column: usize, value: i128) {
        let bits = self.cell.encode(value);
        let (at, size) = (self.at(row, column), self.cell.bits as usize);
        match size {
            8.. => {
                memory[at * size / 8..][..size / 8].copy_from_slice(&bits.to_le_bytes()[..size / 8])
            }
            _ => memory[at * size / 8] |= (bits as u8) << (at * size % 8),
        }
    }

    fn pattern(self, memory: &[u8], row: usize, column: usize) -> u64 {
        let (at, size) = (self.at(row, column), self.cell.bits as usize / 8);
        memory[at * size..][..size]
            .iter()
            .rev()
            .fold(0, |all, byte| all << 8 | u64::from(*byte))
    }
}

fn layouts(form: &Form) -> Vec<bool> {
    let words = form
        .words
        .iter()
        .filter(|word| matches!(**word, "row" | "col"));
    words.map(|word| *word == "row").collect()
}

/// Types of `d`, `a`, `b`, `c`.
fn types(multiply: &Form) -> [Cell; 4] {
    let half = Cell::parse("f16").expect("a type");
    match cells(multiply)[..] {
        [d, a, b, c] => [d, a, b, c],
        [d, c] => [d, half, half, c],
        ref other => panic!("{}: {} types", multiply.text, other.len()),
    }
}

/// A form of `wmma`, within products made of it and of others of the list.
pub(crate) fn check(form: &Form, all: &[Form]) -> Result<(), String> {
    let step = match form.words[0] {
        "mma" => 'm',
        _ => form.words[1].chars().next().ok_or("no matrix")?,
    };
    let multiply = match step {
        'm' => form,
        _ => all
            .iter()
            .find(|other| fits(form, step, other))
            .ok_or("no product for it")?,
    };
    Pipeline {
        multiply,
        step,
        form,
    }
    .run()
}

/// Whether a product uses what a load gives, or gives what a store takes.
fn fits(form: &Form, step: char, multiply: &Form) -> bool {
    if multiply.opcode != "wmma" || multiply.words[0] != "mma" || shape(multiply) != shape(form) {
        return false;
    }
    let [d, a, b, c] = types(multiply);
    let (layout, cell) = (layouts(form)[0], cells(form)[0]);
    match step {
        'a' => a == cell && layouts(multiply)[0] == layout,
        'b' => b == cell && layouts(multiply)[1] == layout,
        'c' => c == cell,
        _ => d == cell,
    }
}

impl Pipeline<'_> {
    fn lays(&self) -> [Lay; 4] {
        let [m, n, k] = shape(self.multiply).expect("a shape");
        let [d, a, b, c] = types(self.multiply);
        let by_row = layouts(self.multiply);
        // The matrix in question lies as its form says; the other of `c` and `d` by row.
        let own = |step: char| self.step != step || layouts(self.form)[0];
        let lay = |step: char, cell: Cell, rows: usize, columns: usize, by_row: bool| {
            let least = if by_row { columns } else { rows };
            let strided = self.step != step || self.form.operand_list().len() == 3;
            let more = if cell.bits < 8 { least } else { 16 };
            Lay {
                rows,
                columns,
                by_row,
                stride: if strided { least + more } else { least },
                cell,
            }
        };
        [
            lay('a', a, m, k, by_row[0]),
            lay('b', b, k, n, by_row[1]),
            lay('c', c, m, n, own('c')),
            lay('d', d, m, n, own('d')),
        ]
    }

    fn run(&self) -> Result<(), String> {
        let lays = self.lays();
        let [a, b, c, d] = lays;
        let mut input = vec![0u8; 3 * MATRIX];
        // Near the largest number where the form clamps.
        let start = if self.multiply.has("satfinite") {
            i128::from(i32::MAX) - 40
        } else {
            0
        };
        for (number, lay) in lays[..3].iter().enumerate() {
            for row in 0..lay.rows {
                for column in 0..lay.columns {
                    let offset = if number == 2 { start } else { 0 };
                    let value = offset + lay.cell.sample(row, column, number);
                    lay.put(&mut input[number * MATRIX..][..MATRIX], row, column, value);
                }
            }
        }
        let body = self.body(lays);
        let words: Vec<u64> = input
            .chunks_exact(8)
            .map(|chunk| u64::from_le_bytes(chunk.try_into().expect("eight bytes")))
            .collect();
        let launch = LaunchShape::new([1, 1, 1], [32, 1, 1]);
        let ran = run_module("", &body, launch, &words, MATRIX / 8);
        if let Some(fault) = ran.outcome.fault {
            return Err(format!("{fault} in\n{body}"));
        }
        let output: Vec<u8> = ran
            .output
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        for row in 0..d.rows {
            for column in 0..d.columns {
                let products = (0..a.columns).map(|at| {
                    let (x, y) = (a.cell.sample(row, at, 0), b.cell.sample(at, column, 1));
                    if self.multiply.has("xor") {
                        x ^ y
                    } else {
                        x * y
                    }
                });
                let sum = start + c.cell.sample(row, column, 2) + products.sum::<i128>();
                let sum = if start > 0 {
                    sum.min(i128::from(i32::MAX))
                } else {
                    sum
                };
                let (right, got) = (d.cell.encode(sum), d.pattern(&output, row, column));
                // Sums that come to nothing are -0 where they are rounded down.
                let nothing = right == 0 && self.multiply.has("rm") && got == 1 << 63;
                if right != got && !nothing {
                    return Err(format!(
                        "{}: row {row}, column {column}: {got:#x} where {right:#x} is right, in\n{body}",
                        self.form.text
                    ));
                }
            }
        }
        Ok(())
    }

    /// Loads, the product, the store.
    fn body(&self, lays: [Lay; 4]) -> String {
        let operands = self.multiply.operand_list();
        let names: Vec<Vec<&str>> = operands.iter().map(|operand| registers(operand)).collect();
        let [d, a, b, c] = [0, 1, 2, 3].map(|at| names[at].join(", "));
        let shape = self
            .multiply
            .words
            .iter()
            .find(|w| shape_word(w))
            .expect("a shape");
        let mut text = ".shared .align 16 .b8 S[4096];\n".to_owned();
        let steps = [
            ('a', &a, "%in", 0),
            ('b', &b, "%in", MATRIX),
            ('c', &c, "%in", 2 * MATRIX),
        ];
        for ((step, registers, base, at), lay) in steps.into_iter().zip(lays) {
            writeln!(
                text,
                "add.u64 %x30, {base}, {at}; mov.u32 %r39, {};",
                lay.stride
            )
            .expect("a string");
            let own = self.step == step;
            if own && self.in_shared() {
                text += &copies("%x30", "S", true);
            }
            let form = match own {
                true => self.form.text.to_owned(),
                false => format!(
                    "wmma.load.{step}.sync.aligned.{}.{shape}.{}",
                    if lay.by_row { "row" } else { "col" },
                    name_of(lay.cell)
                ),
            };
            writeln!(text, "{form} {{{registers}}}, {};", self.address(own)).expect("a string");
        }
        writeln!(text, "{} {};", self.multiply.text, self.multiply.operands).expect("a string");
        let own = self.step == 'd';
        writeln!(
            text,
            "mov.u64 %x30, %out; mov.u32 %r39, {};",
            lays[3].stride
        )
        .expect("a string");
        let form = match own {
            true => self.form.text.to_owned(),
            false => format!(
                "wmma.store.d.sync.aligned.row.{shape}.{}",
                name_of(lays[3].cell)
            ),
        };
        let address = self.address(own);
        let (place, stride) = address.split_once(']').expect("a bracket");
        writeln!(text, "{form} {place}], {{{d}}}{stride};").expect("a string");
        if own && self.in_shared() {
            text += &copies("%out", "S", false);
        }
        format!("{{\n{text}}}")
    }

    fn in_shared(&self) -> bool {
        self.form.operands.contains("[S]")
    }

    /// The address, and the stride unless the form in question has none.
    fn address(&self, own: bool) -> String {
        let place = if own && self.in_shared() {
            "[S]"
        } else {
            "[%x30]"
        };
        match own && self.form.operand_list().len() == 2 {
            true => place.to_owned(),
            false => format!("{place}, %r39"),
        }
    }
}

fn shape_word(word: &str) -> bool {
    word.starts_with('m') && word.contains('n') && word.contains('k')
}

/// The name of a type; types are told apart by their patterns.
fn name_of(cell: Cell) -> &'static str {
    const NAMES: [&str; 11] = [
        "f16", "bf16", "tf32", "f32", "f64", "s32", "s8", "u8", "s4", "u4", "b1",
    ];
    let found = NAMES
        .into_iter()
        .find(|name| Cell::parse(name) == Some(cell));
    found.expect("a type of wmma")
}

/// Each thread moves a part of a matrix to or from shared memory.
fn copies(global: &str, shared: &str, to_shared: bool) -> String {
    let part = MATRIX / 32;
    let mut text = format!(
        "mad.wide.u32 %x31, %t, {part}, {global}; mov.u64 %x32, {shared}; mad.wide.u32 %x32, %t, {part}, %x32;\n\
         bar.warp.sync -1;\n"
    );
    for at in (0..part).step_by(8) {
        let line = match to_shared {
            true => format!("ld.global.b64 %x33, [%x31+{at}]; st.shared.b64 [%x32+{at}], %x33;\n"),
            false => format!("ld.shared.b64 %x33, [%x32+{at}]; st.global.b64 [%x31+{at}], %x33;\n"),
        };
        text += &line;
    }
    text + "bar.warp.sync -1;\n"
}
