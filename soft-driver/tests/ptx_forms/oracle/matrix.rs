//! Products of matrices and the moves of their fragments, by the manual's formulas of who holds which element. The
//! matrices hold small whole numbers, so that every order of adding gives the same sums. Read [`check`].

use std::fmt::Write;

use rigel_soft::exec::LaunchShape;

use super::exact::{BRAIN, DOUBLE, E4M3, E5M2, Exact, Format, HALF, Mode, Number, SINGLE, TENSOR};
use super::form::Form;
use super::kind::mask;
use crate::support::run_module;

/// A type of elements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cell {
    pub(crate) bits: u32,
    format: Option<Format>,
    signed: bool,
}

impl Cell {
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let float = |format: Format, bits| Self {
            bits,
            format: Some(format),
            signed: true,
        };
        let integer = |bits, signed| Self {
            bits,
            format: None,
            signed,
        };
        Some(match word {
            "f16" => float(HALF, 16),
            "bf16" => float(BRAIN, 16),
            "tf32" => float(TENSOR, 32),
            "f32" => float(SINGLE, 32),
            "f64" => float(DOUBLE, 64),
            "e4m3" => float(E4M3, 8),
            "e5m2" => float(E5M2, 8),
            "s32" => integer(32, true),
            "s8" => integer(8, true),
            "u8" => integer(8, false),
            "s4" => integer(4, true),
            "u4" => integer(4, false),
            "b1" => integer(1, false),
            _ => return None,
        })
    }

    /// The pattern of a whole number.
    pub(crate) fn encode(self, value: i128) -> u64 {
        match self.format {
            Some(format) => {
                let bits = format.round(Number::Finite(Exact::integer(value)), Mode::Nearest);
                // The upper bits of a word of 32 are the number.
                if format == TENSOR { bits << 13 } else { bits }
            }
            None => (value as u128 & mask(self.bits)) as u64,
        }
    }

    /// A small number for a place in a matrix.
    pub(crate) fn sample(self, row: usize, column: usize, salt: usize) -> i128 {
        let mixed = (row * 37 + column * 101 + salt * 59) ^ (row * column * 13 + salt);
        match (self.bits, self.signed) {
            (1, _) => (mixed / 3 % 2) as i128,
            (_, true) => (mixed % 7) as i128 - 3,
            (_, false) => (mixed % 6) as i128,
        }
    }

    /// Elements in a register.
    fn packed(self) -> usize {
        32usize.div_ceil(self.bits as usize)
    }

    fn register_bits(self) -> u32 {
        self.bits.max(32)
    }
}

/// Rows, columns and depth: `m16n8k16`.
pub(crate) fn shape(form: &Form) -> Option<[usize; 3]> {
    form.words.iter().find_map(|word| {
        let (m, rest) = word.strip_prefix('m')?.split_once('n')?;
        let (n, k) = rest.split_once('k')?;
        Some([m.parse().ok()?, n.parse().ok()?, k.parse().ok()?])
    })
}

/// The types that a form names, in order.
pub(crate) fn cells(form: &Form) -> Vec<Cell> {
    form.words.iter().filter_map(|w| Cell::parse(w)).collect()
}

/// The registers of one operand.
pub(crate) fn registers(operand: &str) -> Vec<&str> {
    let parts = operand.split(['{', '}', ',']).map(str::trim);
    parts.filter(|part| !part.is_empty()).collect()
}

/// Whether a form is checked here.
pub(crate) fn multiplies(form: &Form) -> bool {
    matches!(form.opcode, "mma" | "ldmatrix" | "stmatrix" | "movmatrix")
}

/// A form that multiplies or moves fragments.
pub(crate) fn check(form: &Form) -> Result<(), String> {
    match form.opcode {
        "mma" if form.has("sp") || form.has("sp::ordered_metadata") => {
            let per_thread = Sparse::of(form).threads();
            (0..4 / per_thread).try_for_each(|selector| product(form, Some(selector)))
        }
        "mma" => product(form, None),
        _ => moves(form),
    }
}

/// Which side of a product.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    A,
    B,
    C,
}

/// Row and column of an element of a fragment.
fn place(side: Side, cell: Cell, [lane, register, part]: [usize; 3]) -> (usize, usize) {
    let (group, thread, packed) = (lane / 4, lane % 4, cell.packed());
    let along = thread * packed + part;
    match side {
        Side::A => (
            group + 8 * (register % 2),
            along + register / 2 * 4 * packed,
        ),
        Side::B => (along + register * 4 * packed, group),
        Side::C => {
            // Two neighbours in each row, in one register or in two.
            let index = register * packed + part;
            (group + 8 * (index / 2), 2 * thread + index % 2)
        }
    }
}

/// The same for `m8n8k4` of halves: four products, each of eight lanes.
fn quad_place(
    form: &Form,
    side: Side,
    cell: Cell,
    [lane, register, part]: [usize; 3],
) -> (usize, usize) {
    let by_row: Vec<bool> = form
        .words
        .iter()
        .filter(|word| matches!(**word, "row" | "col"))
        .map(|word| *word == "row")
        .collect();
    let index = register * cell.packed() + part;
    let (low, upper) = (lane % 4, 4 * (lane / 16));
    match side {
        Side::A if by_row[0] => (low + upper, index),
        Side::A => (index + upper, low),
        Side::B if by_row[1] => (low, index + upper),
        Side::B => (index, low + upper),
        Side::C if cell.bits == 16 => (low + upper, index),
        Side::C => (
            (lane & 1) + (index & 2) + upper,
            (index & 4) + (lane & 2) + (index & 1),
        ),
    }
}

/// How a sparse `a` tells where its elements belong.
struct Sparse {
    a: Cell,
    k: usize,
}

impl Sparse {
    fn of(form: &Form) -> Self {
        Self {
            a: cells(form)[1],
            k: shape(form).expect("a shape")[2],
        }
    }

    /// Elements of `a` that share one index, and how many columns an index chooses from.
    fn grain(&self) -> (usize, usize) {
        match self.a.bits {
            4 => (2, 4),
            32 => (1, 2),
            _ => (1, 4),
        }
    }

    /// Bits of metadata of a row.
    fn bits(&self) -> usize {
        match self.a.bits {
            4 => self.k / 2,
            32 => 2 * self.k,
            _ => self.k,
        }
    }

    /// Threads of a group of four that hold metadata: each 16 bits of two rows' or 32 of one's.
    fn threads(&self) -> usize {
        self.bits() / 16
    }

    /// The chosen index of the `at`-th index of a row, among those of its chunk: ascending within the chunk.
    fn index(&self, row: usize, at: usize) -> usize {
        const PAIRS: [[usize; 2]; 6] = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];
        match self.grain() {
            (_, 2) => (row * 5 + at * 3) / 2 % 2,
            _ => PAIRS[(row * 7 + at / 2 * 5) % 6][at % 2],
        }
    }

    /// The column of the `at`-th element that a row has.
    fn column(&self, row: usize, at: usize) -> usize {
        let (together, from) = self.grain();
        let index = self.index(row, at / together);
        match from {
            2 => 2 * at + index,
            _ => at / (2 * together) * 4 * together + index * together + at % together,
        }
    }

    /// All metadata of a row.
    fn row_bits(&self, row: usize) -> u64 {
        let (together, from) = self.grain();
        let count = self.k / 2 / together;
        (0..count).fold(0, |all, at| {
            let index = self.index(row, at) as u64;
            match from {
                2 => all | [0x4, 0xE][index as usize] << (4 * at),
                _ => all | index << (2 * at),
            }
        })
    }

    /// The word of a lane.
    fn word(&self, lane: usize, selector: usize) -> u64 {
        let (group, thread) = (lane / 4, lane % 4);
        let first = selector * self.threads();
        if !(first..first + self.threads()).contains(&thread) {
            return 0xDEAD_BEEF;
        }
        let at = thread - first;
        match self.a.bits < 16 {
            true => self.row_bits(group + 8 * (at % 2)) >> (32 * (at / 2)) & 0xFFFF_FFFF,
            false => {
                let part = |row: usize| self.row_bits(row) >> (16 * at) & 0xFFFF;
                part(group) | part(group + 8) << 16
            }
        }
    }
}

/// A product: its types, where its elements are, and what they are.
struct Product<'f> {
    form: &'f Form,
    depth: usize,
    /// Types of `d`, `a`, `b` and `c`.
    cells: [Cell; 4],
    /// `m8n8k4` of halves.
    quads: bool,
    sparse: Option<(Sparse, usize)>,
    /// Near the largest number where the form clamps.
    start: i128,
}

impl<'f> Product<'f> {
    fn new(form: &'f Form, selector: Option<usize>) -> Result<Self, String> {
        let [_, n, depth] = shape(form).ok_or("no shape")?;
        assert_eq!(n, 8, "{}", form.text);
        let cells: [Cell; 4] = cells(form)[..].try_into().map_err(|_| "not four types")?;
        Ok(Self {
            form,
            depth,
            cells,
            quads: (depth, cells[1].bits) == (4, 16),
            sparse: selector.map(|selector| (Sparse::of(form), selector)),
            start: match form.has("satfinite") {
                true => i128::from(i32::MAX) - 40,
                false => 0,
            },
        })
    }

    fn place(&self, side: Side, cell: Cell, at: [usize; 3]) -> (usize, usize) {
        match self.quads {
            true => quad_place(self.form, side, cell, at),
            false => place(side, cell, at),
        }
    }

    /// The products of different lanes' quads differ.
    fn salt(&self, lane: usize) -> usize {
        if self.quads { lane % 16 / 4 } else { 0 }
    }

    /// The word of a register of a source.
    fn word(&self, side: Side, cell: Cell, lane: usize, register: usize) -> u64 {
        (0..cell.packed()).fold(0, |all, part| {
            let (row, column) = self.place(side, cell, [lane, register, part]);
            let salt = self.salt(lane);
            let value = match side {
                Side::A => cell.sample(row, column, 1 + salt),
                Side::B => cell.sample(row, column, 2 + salt),
                Side::C => self.start + cell.sample(row, column, 3 + salt),
            };
            all | cell.encode(value) << (cell.bits as usize * part)
        })
    }

    /// The right element of the result.
    fn expected(&self, lane: usize, row: usize, column: usize) -> i128 {
        let [_, a, b, c] = self.cells;
        let salt = self.salt(lane);
        let pair = |at: usize, inner: usize| {
            let x = a.sample(row, at, 1 + salt);
            let y = b.sample(inner, column, 2 + salt);
            if self.form.has("xor") { x ^ y } else { x * y }
        };
        let sum: i128 = match &self.sparse {
            Some((sparse, _)) => (0..self.depth / 2)
                .map(|at| pair(at, sparse.column(row, at)))
                .sum(),
            None => (0..self.depth).map(|at| pair(at, at)).sum(),
        };
        let sum = self.start + c.sample(row, column, 3 + salt) + sum;
        match self.start {
            0 => sum,
            _ => sum.min(i128::from(i32::MAX)),
        }
    }

    /// The right word of a register of the result.
    fn result(&self, lane: usize, register: usize) -> u64 {
        let d = self.cells[0];
        (0..d.packed()).fold(0, |all, part| {
            let (row, column) = self.place(Side::C, d, [lane, register, part]);
            all | d.encode(self.expected(lane, row, column)) << (d.bits as usize * part)
        })
    }
}

fn product(form: &Form, selector: Option<usize>) -> Result<(), String> {
    let product = Product::new(form, selector)?;
    let [d, a, b, c] = product.cells;
    let operands = form.operand_list();
    let sides = [(Side::A, a), (Side::B, b), (Side::C, c)];
    let mut loaded = Vec::new();
    for ((side, cell), operand) in sides.into_iter().zip(&operands[1..4]) {
        let names = registers(operand).into_iter().enumerate();
        loaded.extend(names.map(|(register, name)| (side, cell, register, name)));
    }
    let mut input = Vec::new();
    for lane in 0..32 {
        let words = loaded
            .iter()
            .map(|(side, cell, register, _)| product.word(*side, *cell, lane, *register));
        input.extend(words);
        input.extend(
            product
                .sparse
                .iter()
                .map(|(sparse, selector)| sparse.word(lane, *selector)),
        );
    }
    let mut names: Vec<(&str, u32)> = loaded
        .iter()
        .map(|(_, cell, _, name)| (*name, cell.register_bits()))
        .collect();
    names.extend(product.sparse.iter().map(|_| (operands[4], 32)));
    let given = form
        .operands
        .replace(", 0x0", &format!(", {}", selector.unwrap_or(0)));
    let text = format!("{} {given};\n", form.text);
    let results = registers(operands[0]);
    let output = run(
        &names,
        names.len(),
        &text,
        &results,
        d.register_bits(),
        &input,
    )?;
    for (at, got) in output.iter().enumerate() {
        let (lane, register) = (at / results.len(), at % results.len());
        let got = got & mask(d.register_bits()) as u64;
        let right = product.result(lane, register);
        // Sums that come to nothing are -0 where they are rounded down.
        let nothing = right == 0 && form.has("rm") && got == 1 << 63;
        if got != right && !nothing {
            return Err(format!(
                "{text}: lane {lane}, register {register}: {got:#x} where {right:#x} is right"
            ));
        }
    }
    Ok(())
}

/// Loads registers, a word each, runs the text with one warp, and returns the registers of the result.
fn run(
    loaded: &[(&str, u32)],
    stride: usize,
    text: &str,
    results: &[&str],
    result_bits: u32,
    input: &[u64],
) -> Result<Vec<u64>, String> {
    let mut body = format!(
        ".shared .align 16 .b8 S[512];\n\
         mad.wide.u32 %x38, %t, {}, %in; mad.wide.u32 %x39, %t, {}, %out;\n",
        8 * stride,
        8 * results.len()
    );
    for (at, (name, bits)) in loaded.iter().enumerate() {
        writeln!(body, "ld.global.b{bits} {name}, [%x38+{}];", 8 * at).expect("a string");
    }
    body += text;
    for (at, name) in results.iter().enumerate() {
        writeln!(body, "st.global.b{result_bits} [%x39+{}], {name};", 8 * at).expect("a string");
    }
    let shape = LaunchShape::new([1, 1, 1], [32, 1, 1]);
    let ran = run_module("", &body, shape, input, 32 * results.len());
    match ran.outcome.fault {
        Some(fault) => Err(format!("{fault} in\n{body}")),
        None => Ok(ran.output),
    }
}

/// `ldmatrix`, `stmatrix` and `movmatrix`, on elements that tell matrix, row and column.
fn moves(form: &Form) -> Result<(), String> {
    let element =
        |matrix: usize, row: usize, column: usize| (matrix << 8 | row << 4 | column) as u64;
    let transposed = form.has("trans");
    // A register holds two neighbours of a row, or of a column.
    let fragment = |matrix: usize, lane: usize, turned: bool| {
        let part = |at: usize| {
            let (line, along) = (lane / 4, lane % 4 * 2 + at);
            if turned {
                element(matrix, along, line)
            } else {
                element(matrix, line, along)
            }
        };
        part(0) | part(1) << 16
    };
    // Lane i has the address of row i % 8 of matrix i / 8. Rows lie in an order of their own.
    const ADDRESS: &str = "mul.lo.u32 %r30, %t, 5; add.u32 %r30, %r30, 3; and.b32 %r30, %r30, 31;\n\
         shl.b32 %r30, %r30, 4; cvt.u64.u32 %x30, %r30; mov.u64 %x31, S; add.u64 %x30, %x30, %x31;\n";
    let generic = if form.operands.contains("[S]") {
        ""
    } else {
        "cvta.shared.u64 %x30, %x30;\n"
    };
    let address = |operands: &str| operands.replace("[S]", "[%x30]").replace("[%x1]", "[%x30]");
    let operands = form.operand_list();
    let row_of = |matrix: usize, row: usize| {
        [0, 2, 4, 6].map(|at| fragment(matrix, 4 * row + at / 2, false))
    };
    if form.opcode == "movmatrix" {
        let input: Vec<u64> = (0..32).map(|lane| fragment(1, lane, false)).collect();
        let text = format!("{} {};\n", form.text, form.operands);
        let got = run(&[(operands[1], 32)], 1, &text, &[operands[0]], 32, &input)?;
        let right: Vec<u64> = (0..32).map(|lane| fragment(1, lane, true)).collect();
        return same(form, &got, &right, 1);
    }
    let loads = form.opcode == "ldmatrix";
    let names = registers(operands[usize::from(!loads)]);
    let count = names.len();
    let rows: Vec<u64> = (0..32)
        .flat_map(|lane| row_of(lane / 8, lane % 8))
        .collect();
    let four = ["%r32", "%r33", "%r34", "%r35"];
    let words = four.join(", ");
    let instruction = format!("{generic}{} {};\n", form.text, address(form.operands));
    if loads {
        let text = format!(
            "{ADDRESS}st.shared.v4.b32 [%x30], {{{words}}};\nbar.warp.sync -1;\n{instruction}"
        );
        let loaded = four.map(|name| (name, 32));
        let got = run(&loaded, 4, &text, &names, 32, &rows)?;
        let right: Vec<u64> = (0..32)
            .flat_map(|lane| (0..count).map(move |matrix| (matrix, lane)))
            .map(|(matrix, lane)| fragment(matrix, lane, transposed))
            .collect();
        return same(form, &got, &right, count);
    }
    let input: Vec<u64> = (0..32)
        .flat_map(|lane| (0..count).map(move |matrix| (matrix, lane)))
        .map(|(matrix, lane)| fragment(matrix, lane, transposed))
        .collect();
    let text = format!(
        "{ADDRESS}mov.u64 %x32, %x30;\n{instruction}bar.warp.sync -1;\nld.shared.v4.b32 {{{words}}}, [%x32];\n"
    );
    let loaded: Vec<(&str, u32)> = names.iter().map(|name| (*name, 32)).collect();
    let got = run(&loaded, count, &text, &four, 32, &input)?;
    same(form, &got[..count * 8 * 4], &rows[..count * 8 * 4], 4)
}

/// Compares the lower halves of words.
fn same(form: &Form, got: &[u64], right: &[u64], per_lane: usize) -> Result<(), String> {
    let wrong = got
        .iter()
        .zip(right)
        .position(|(got, right)| *got as u32 != *right as u32);
    match wrong {
        None if got.len() == right.len() => Ok(()),
        None => Err(format!("{}: {} words", form.text, got.len())),
        Some(at) => Err(format!(
            "{}: lane {}, register {}: {:#x} where {:#x} is right",
            form.text,
            at / per_lane,
            at % per_lane,
            got[at] as u32,
            right[at] as u32
        )),
    }
}
