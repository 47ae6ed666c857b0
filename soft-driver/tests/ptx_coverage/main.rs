//! Every instruction form that NVIDIA's assembler accepts (`forms.txt`, written by `cargo xtask ptx-forms`) is
//! executed or refused by name, and `docs/ptx-coverage.md` says which. That a form is executed rightly is the
//! business of the other tests. Read [`outcomes`].

mod execute;
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use execute::Memory;
use rigel_soft::exec::{ExecError, FaultKind, GlobalDecl, LinkedModule};

const LIST: &str = include_str!("forms.txt");

/// One form of the list and what the executor does with it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Opcode and modifiers.
    pub(crate) form: &'static str,
    /// Why it is refused, if it is.
    pub(crate) refusal: Option<String>,
    /// How it ended when it was executed, if not well.
    fault: Option<FaultKind>,
}

/// The list, taken apart.
struct List {
    /// The module that an instruction stands in.
    frame: String,
    /// Operands and form of each instruction.
    instructions: Vec<(&'static str, &'static str)>,
}

impl List {
    fn read() -> Self {
        let mut list = Self {
            frame: String::new(),
            instructions: Vec::new(),
        };
        let mut operands = "";
        for line in LIST.lines() {
            if let Some(rest) = line.strip_prefix("| ") {
                list.frame.push_str(rest);
                list.frame.push('\n');
            } else if let Some(rest) = line.strip_prefix("= ") {
                operands = rest;
            } else if line.starts_with('=') {
                operands = "";
            } else if !line.starts_with('#') {
                let forms = line.split_whitespace().map(|form| (operands, form));
                list.instructions.extend(forms);
            }
        }
        list
    }

    /// A module with a kernel for each of some instructions.
    fn module(&self, some: &[(&str, &str)]) -> String {
        let (items, kernel) = self.frame.split_once(".visible").expect("a kernel");
        let mut text = items.to_owned();
        for (index, (operands, form)) in some.iter().enumerate() {
            let instruction = format!("{OPERANDS}{form} {operands};\n");
            text.push_str(".visible");
            text.push_str(
                &kernel
                    .replace("NAME", &format!("k{index}"))
                    .replace("INSTRUCTION\n", &instruction),
            );
        }
        text
    }
}

/// Gives operands values: addresses are those of a variable, words differ from lane to lane.
const OPERANDS: &str = "mov.u64 %x1, G; mov.u64 %x2, G; mov.u64 %x3, G; mov.u64 %x4, G;\n\
    mov.u64 %x5, G; mov.u64 %x9, G; mov.u32 %r1, %tid.x; mad.lo.u32 %r2, %r1, 77, 5;\n\
    not.b32 %r3, %r2; mov.u32 %r4, -1; mov.u16 %h1, 0x3C00; mov.u16 %h2, 0x7C01;\n\
    setp.lt.u32 %p1, %r1, 9;\n";

/// What becomes of each form.
fn outcomes() -> &'static [Outcome] {
    static OUTCOMES: OnceLock<Vec<Outcome>> = OnceLock::new();
    OUTCOMES.get_or_init(|| {
        let list = List::read();
        let chunks = list.instructions.chunks(KERNELS_A_MODULE);
        chunks.flat_map(|some| judge(&list, some)).collect()
    })
}

const KERNELS_A_MODULE: usize = 200;

fn judge(list: &List, some: &[(&'static str, &'static str)]) -> Vec<Outcome> {
    let memory = Memory::new();
    let mut numbers = 0..;
    let mut place = |_: &GlobalDecl| Ok(memory.place(numbers.next().unwrap_or_default()));
    let text: Arc<str> = list.module(some).into();
    let module = LinkedModule::new(text.clone(), &mut place).expect("the module parses");
    let mut outcomes = Vec::new();
    for (index, (operands, form)) in some.iter().enumerate() {
        let name = format!("k{index}");
        let kernel = module.kernel(&name).expect("the module defines it");
        let refusal = kernel
            .refusal()
            .map(|error| reason(error, &name, (form, operands), &text));
        let fault = match refusal {
            None => execute::run(kernel, &memory).map(|fault| fault.kind),
            Some(_) => None,
        };
        outcomes.push(Outcome {
            form,
            refusal,
            fault,
        });
    }
    outcomes
}

/// The reason in a refusal, which must name kernel, form and line.
fn reason(error: &ExecError, name: &str, (form, operands): (&str, &str), text: &str) -> String {
    let ExecError::Unsupported {
        kernel,
        line,
        form: named,
        reason,
    } = error
    else {
        panic!("{form} {operands}: {error}");
    };
    assert_eq!((kernel.as_str(), named.as_str()), (name, form));
    let said = text.lines().nth(*line as usize - 1).expect("such a line");
    assert!(said.starts_with(form), "{form}: line {line} is '{said}'");
    reason.clone()
}

fn page_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/ptx-coverage.md")
}

#[test]
fn every_form_is_on_the_page() {
    let outcomes = outcomes();
    let page = page::render(outcomes);
    if std::env::var_os("RIGEL_WRITE_PTX_COVERAGE").is_some() {
        std::fs::write(page_path(), &page).unwrap();
    }
    let committed = std::fs::read_to_string(page_path()).unwrap_or_default();
    let same = committed == page;
    assert!(
        same,
        "run `cargo xtask ptx-forms --page`: the page is stale"
    );
}

#[test]
fn every_form_ends_in_an_orderly_way() {
    let mut faults: BTreeMap<&str, BTreeSet<FaultKind>> = BTreeMap::new();
    for outcome in outcomes() {
        if let Some(fault) = outcome.fault {
            let opcode = outcome.form.split('.').next().unwrap();
            faults.entry(opcode).or_default().insert(fault);
        }
    }
    // A jump to itself, an index without a target, sizes and strides that are anything, and what is a
    // fault by itself.
    let expected: [(&str, &[FaultKind]); 8] = [
        ("alloca", &[FaultKind::StackOverflow]),
        ("bra", &[FaultKind::Cancelled]),
        ("brkpt", &[FaultKind::Breakpoint]),
        ("brx", &[FaultKind::InvalidPc]),
        ("st", &[FaultKind::IllegalInstruction]),
        // No `stacksave` wrote the register.
        ("stackrestore", &[FaultKind::StackOverflow]),
        ("trap", &[FaultKind::Trap]),
        ("wmma", &[FaultKind::IllegalAddress, FaultKind::Misaligned]),
    ];
    let expected = expected.map(|(opcode, kinds)| (opcode, kinds.iter().copied().collect()));
    assert_eq!(faults, BTreeMap::from(expected));
}

#[test]
fn refusals_are_no_more_than_the_page_admits() {
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in outcomes() {
        let opcode = outcome.form.split('.').next().unwrap();
        *refused.entry(opcode).or_default() += usize::from(outcome.refusal.is_some());
    }
    refused.retain(|_, count| *count > 0);
    let admitted: BTreeMap<&str, usize> = page::ADMITTED.iter().copied().collect();
    assert_eq!(refused, admitted, "forms that are refused, by opcode");
}
