//! Runs small pieces of PTX on the executor: one thread for each combination of sample operands,
//! or a whole kernel over buffers. Read [`run`] and [`Form`].

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rigel_soft::exec::{
    Access, Compile, DeviceMemory, DeviceServices, Launch, LaunchEnv, LaunchShape, LinkedModule,
    Outcome, Poll, RunState,
};

use crate::words::Word;

/// Buffers that kernels may access, at the addresses where they lie.
struct Buffers(Vec<Range<u64>>);

impl DeviceMemory for Buffers {
    fn accessible(&self, address: u64, bytes: u64, _: Access) -> Option<Range<u64>> {
        let end = address.checked_add(bytes)?;
        self.0
            .iter()
            .find(|range| range.start <= address && end <= range.end)
            .cloned()
    }
}

struct NoServices;

impl DeviceServices for NoServices {
    fn print(&self, _: &[u8]) {}
    fn allocate(&self, _: u64) -> Option<u64> {
        None
    }
    fn free(&self, _: u64) -> bool {
        false
    }
}

/// Words at an address that is good for every access.
#[repr(align(64))]
struct Line([AtomicU64; 8]);

/// Words that kernels change.
struct Buffer {
    lines: Box<[Line]>,
    n_words: usize,
}

impl Buffer {
    fn words(&self) -> impl Iterator<Item = &AtomicU64> {
        self.lines
            .iter()
            .flat_map(|line| &line.0)
            .take(self.n_words)
    }
}

fn buffer(values: impl Iterator<Item = u64>) -> Buffer {
    let values: Vec<u64> = values.collect();
    let line = |part: &[u64]| {
        let word = |at| AtomicU64::new(part.get(at).copied().unwrap_or_default());
        Line(std::array::from_fn(word))
    };
    Buffer {
        lines: values.chunks(8).map(line).collect(),
        n_words: values.len(),
    }
}

fn range(buffer: &Buffer) -> Range<u64> {
    let start = buffer.lines.as_ptr() as u64;
    start..start + 8 * buffer.n_words as u64
}

/// The result of a kernel over buffers.
pub(crate) struct Ran {
    /// The input buffer afterwards.
    pub(crate) input: Vec<u64>,
    pub(crate) output: Vec<u64>,
    pub(crate) outcome: Outcome,
}

/// Runs kernel `k` of a module with items `items`, whose body after a fixed prologue is `body`.
///
/// The prologue leaves the addresses of the buffers in `%in` and `%out`, `%tid.x` in `%t`, the
/// index of the thread in the grid in `%i`, and `%i * 8` in `%at`. The output begins as `!0`.
pub(crate) fn run_module(
    items: &str,
    body: &str,
    shape: LaunchShape,
    input: &[u64],
    n_output: usize,
) -> Ran {
    let source = Source {
        items,
        params: "",
        body,
    };
    run_by(Compile::Hot, &source, shape, input, (n_output, &[]))
}

/// The text of a kernel.
pub(crate) struct Source<'t> {
    /// Declarations before it.
    pub(crate) items: &'t str,
    /// Declarations of parameters after the first two, each with a comma before it.
    pub(crate) params: &'t str,
    /// What follows the prologue.
    pub(crate) body: &'t str,
}

impl Source<'_> {
    /// The module.
    fn text(&self) -> Arc<str> {
        let Source {
            items,
            params,
            body,
        } = self;
        format!(
            ".version 8.8\n.target sm_90\n.address_size 64\n{items}\n\
         .visible .entry k(.param .u64 in, .param .u64 out{params})\n{{\n\
         .reg .pred %p<10>; .reg .b16 %h<40>; .reg .b32 %r<40>, %t, %i; .reg .b64 %x<40>;\n\
         .reg .b64 %in, %out, %at;\n\
         ld.param.u64 %in, [in]; ld.param.u64 %out, [out];\n\
         mov.u32 %t, %tid.x; mov.u32 %r0, %ctaid.x; mov.u32 %r1, %ntid.x;\n\
         mad.lo.s32 %i, %r0, %r1, %t; mul.wide.u32 %at, %i, 8;\n\
         {body}\nret;\n}}\n"
        )
        .into()
    }
}

/// The same with further parameters, whose bytes follow those of the first two; interpreted and compiled, which must
/// make no difference.
pub(crate) fn run_source(
    source: &Source<'_>,
    shape: LaunchShape,
    input: &[u64],
    n_output: usize,
    more_params: &[u8],
) -> Ran {
    let run = |compile| run_by(compile, source, shape, input, (n_output, more_params));
    let interpreted = run(Compile::Off);
    let compiled = run(Compile::Always);
    assert!(
        interpreted.output == compiled.output,
        "compiled code differs from what is interpreted: {}",
        source.body
    );
    interpreted
}

fn run_by(
    compile: Compile,
    source: &Source<'_>,
    shape: LaunchShape,
    input: &[u64],
    (n_output, more_params): (usize, &[u8]),
) -> Ran {
    let (text, body) = (source.text(), source.body);
    let input = buffer(input.iter().copied());
    let output = buffer((0..n_output).map(|_| !0));
    let mut ranges = vec![range(&input), range(&output)];
    let mut globals: Vec<Buffer> = Vec::new();
    let module = LinkedModule::new(text, &mut |declaration| {
        // A few words more keep neighbours apart.
        let words = declaration.bytes.div_ceil(8) as usize + 4;
        let placed = buffer((0..words).map(|_| 0));
        let address = range(&placed).start;
        ranges.push(range(&placed));
        globals.push(placed);
        Ok(address)
    })
    .unwrap_or_else(|error| panic!("{body}: {error}"))
    .compiled(compile);
    for initial in module.initial_data() {
        store_bytes(&globals, initial.address, &initial.bytes);
    }
    let mut params = [range(&input).start, range(&output).start]
        .map(u64::to_le_bytes)
        .concat();
    params.extend_from_slice(more_params);
    let env = LaunchEnv {
        memory: Arc::new(Buffers(ranges)),
        services: Arc::new(NoServices),
        grid_id: 1,
        grid_workspace: 0,
        n_multiprocessors: 4,
        stack_bytes: 4096,
    };
    let kernel = module
        .kernel("k")
        .unwrap_or_else(|error| panic!("{body}: {error}"));
    let launch = Launch::new(kernel, shape, params.into(), env)
        .unwrap_or_else(|error| panic!("{body}: {error}"));
    let state = launch.run_blocks(&mut || Poll::Continue);
    assert_eq!(state, RunState::Finished, "{body}");
    let words = |buffer: &Buffer| {
        buffer
            .words()
            .map(|word| word.load(Ordering::SeqCst))
            .collect()
    };
    Ran {
        input: words(&input),
        output: words(&output),
        outcome: launch.outcome(),
    }
}

/// Writes bytes at an address that lies in one of the buffers.
fn store_bytes(buffers: &[Buffer], address: u64, bytes: &[u8]) {
    for (byte, at) in bytes.iter().zip(address..) {
        let buffer = buffers.iter().find(|buffer| range(buffer).contains(&at));
        let buffer = buffer.expect("initial data lie in a variable");
        let offset = at - range(buffer).start;
        let shift = 8 * (offset % 8);
        let word = buffer.words().nth((offset / 8) as usize);
        let word = word.expect("the address lies in it");
        let kept = word.load(Ordering::SeqCst) & !(0xff << shift);
        word.store(kept | u64::from(*byte) << shift, Ordering::SeqCst);
    }
}

/// Runs `body` in one block of `n_threads` threads and returns the output buffer.
pub(crate) fn run(body: &str, n_threads: u32, input: &[u64], n_output: usize) -> Vec<u64> {
    let shape = LaunchShape::new([1, 1, 1], [n_threads, 1, 1]);
    let ran = run_module("", body, shape, input, n_output);
    if let Some(fault) = ran.outcome.fault {
        panic!("{body}: {fault}");
    }
    ran.output
}

/// The right result for operands, or `None` where it is not defined.
type Expected<'f> = dyn Fn([u64; 3]) -> Option<u64> + 'f;

/// An instruction with up to three source operands, tried on all pairs of sample values of the
/// first two and a rotation of those of the third.
pub(crate) struct Form<'f> {
    /// The text, with `{d}`, `{a}`, `{b}` and `{c}` for the registers.
    pub(crate) text: String,
    /// Register class of the result and the operands: `p`, `h`, `r` or `x`.
    pub(crate) classes: [char; 4],
    pub(crate) samples: [Vec<u64>; 3],
    pub(crate) expected: &'f Expected<'f>,
    /// Whether the result (second) is right if the expected one is the first.
    pub(crate) same: &'f dyn Fn(u64, u64) -> bool,
}

impl Form<'_> {
    pub(crate) fn check(&self) {
        let cases = self.cases();
        let input: Vec<u64> = cases.iter().flatten().copied().collect();
        let n_blocks = cases.len().div_ceil(64) as u32;
        let shape = LaunchShape::new([n_blocks, 1, 1], [64, 1, 1]);
        let ran = run_module("", &self.body(cases.len()), shape, &input, cases.len());
        assert_eq!(ran.outcome.fault, None, "{}", self.text);
        for (operands, got) in cases.iter().zip(ran.output) {
            let Some(expected) = (self.expected)(*operands) else {
                continue;
            };
            assert!(
                (self.same)(expected, got),
                "{} of {operands:x?}: {got:#x} where {expected:#x} is right",
                self.text
            );
        }
    }

    fn cases(&self) -> Vec<[u64; 3]> {
        let [first, second, third] = &self.samples;
        let mut cases = Vec::new();
        for a in first {
            for b in second {
                let c = third[(cases.len() * 7 + cases.len() / third.len()) % third.len()];
                cases.push([*a, *b, c]);
            }
        }
        cases
    }

    fn body(&self, n_cases: usize) -> String {
        let [d, a, b, c] = ["9", "1", "2", "3"];
        let register = |class: usize, number: &str| format!("%{}{number}", self.classes[class]);
        let text = self
            .text
            .replace("{d}", &register(0, d))
            .replace("{a}", &register(1, a))
            .replace("{b}", &register(2, b))
            .replace("{c}", &register(3, c));
        let widen = match self.classes[0] {
            'p' => "selp.b64 %x9, 1, 0, %p9;",
            'h' => "cvt.u64.u16 %x9, %h9;",
            'r' => "cvt.u64.u32 %x9, %r9;",
            _ => "",
        };
        let mut narrow = String::new();
        for (class, number) in self.classes[1..].iter().zip([a, b, c]) {
            narrow += &match class {
                'p' => format!("setp.ne.b64 %p{number}, %x{number}, 0;\n"),
                'h' => format!("cvt.u16.u64 %h{number}, %x{number};\n"),
                'r' => format!("cvt.u32.u64 %r{number}, %x{number};\n"),
                _ => String::new(),
            };
        }
        format!(
            "setp.ge.u32 %p0, %i, {n_cases}; @%p0 ret;\n\
             mul.wide.u32 %x0, %i, 24; add.s64 %x0, %in, %x0;\n\
             ld.global.b64 %x1, [%x0]; ld.global.b64 %x2, [%x0+8]; ld.global.b64 %x3, [%x0+16];\n\
             {narrow}{text}\n{widen}\n\
             add.s64 %x0, %out, %at; st.global.b64 [%x0], %x9;"
        )
    }
}

/// One value where an operand does not matter.
fn unused() -> Vec<u64> {
    vec![0]
}

/// `op d, a` on all samples of `a`.
pub(crate) fn unary<D: Word, A: Word>(op: &str, expected: impl Fn(A) -> D) {
    Form {
        text: format!("{op} {{d}}, {{a}};"),
        classes: [D::CLASS, A::CLASS, 'x', 'x'],
        samples: [A::samples(), unused(), unused()],
        expected: &|[a, ..]| Some(expected(A::from_bits(a)).to_bits()),
        same: &D::same,
    }
    .check();
}

/// `op d, a, b` on all pairs of samples; `None` where the result is not defined.
pub(crate) fn binary_where<D: Word, A: Word, B: Word>(
    op: &str,
    expected: impl Fn(A, B) -> Option<D>,
) {
    Form {
        text: format!("{op} {{d}}, {{a}}, {{b}};"),
        classes: [D::CLASS, A::CLASS, B::CLASS, 'x'],
        samples: [A::samples(), B::samples(), unused()],
        expected: &|[a, b, _]| expected(A::from_bits(a), B::from_bits(b)).map(D::to_bits),
        same: &D::same,
    }
    .check();
}

/// `op d, a, b` on all pairs of samples.
pub(crate) fn binary<D: Word, A: Word, B: Word>(op: &str, expected: impl Fn(A, B) -> D) {
    binary_where(op, |a, b| Some(expected(a, b)));
}

/// `op d, a, b, c` on all pairs of samples with rotating third ones.
pub(crate) fn ternary<D: Word, A: Word, B: Word, C: Word>(
    op: &str,
    expected: impl Fn(A, B, C) -> D,
) {
    text::<D, A, B, C>(&format!("{op} {{d}}, {{a}}, {{b}}, {{c}};"), expected);
}

/// Any text with `{d}`, `{a}`, `{b}` and `{c}`.
pub(crate) fn text<D: Word, A: Word, B: Word, C: Word>(
    text: &str,
    expected: impl Fn(A, B, C) -> D,
) {
    Form {
        text: text.to_owned(),
        classes: [D::CLASS, A::CLASS, B::CLASS, C::CLASS],
        samples: [A::samples(), B::samples(), C::samples()],
        expected: &|[a, b, c]| {
            Some(expected(A::from_bits(a), B::from_bits(b), C::from_bits(c)).to_bits())
        },
        same: &D::same,
    }
    .check();
}

/// `op d, a` where the result may deviate: `near(right, result)` decides.
pub(crate) fn unary_near<D: Word, A: Word>(
    op: &str,
    expected: impl Fn(A) -> D,
    near: impl Fn(D, D) -> bool,
) {
    Form {
        text: format!("{op} {{d}}, {{a}};"),
        classes: [D::CLASS, A::CLASS, 'x', 'x'],
        samples: [A::samples(), unused(), unused()],
        expected: &|[a, ..]| Some(expected(A::from_bits(a)).to_bits()),
        same: &|right, got| D::same(right, got) || near(D::from_bits(right), D::from_bits(got)),
    }
    .check();
}
