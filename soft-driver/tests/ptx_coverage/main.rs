//! Every instruction form that NVIDIA's assembler accepts (`forms.txt`, written by `cargo xtask ptx-forms`) is
//! executed or refused by name, and `docs/ptx-coverage.md` says which. That a form is executed rightly is the
//! business of the other tests. Read [`outcomes`].

mod page;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rigel_soft::exec::{ExecError, GlobalDecl, LinkedModule};

const LIST: &str = include_str!("forms.txt");

/// One form of the list and what the executor does with it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Opcode and modifiers.
    pub(crate) form: &'static str,
    /// Why it is refused, if it is.
    pub(crate) refusal: Option<String>,
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
        let (items, kernel) = self.frame.split_once(".visible").unwrap();
        let mut text = items.to_owned();
        for (index, (operands, form)) in some.iter().enumerate() {
            let instruction = format!("{form} {operands};\n");
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
    let mut next = 0x10_0000;
    let mut place = |declaration: &GlobalDecl| {
        next += declaration.bytes.next_multiple_of(256);
        Ok(next)
    };
    let text: Arc<str> = list.module(some).into();
    let module = LinkedModule::new(text.clone(), &mut place).unwrap();
    let mut outcomes = Vec::new();
    for (index, (operands, form)) in some.iter().enumerate() {
        let name = format!("k{index}");
        let refusal = match module.kernel(&name) {
            Ok(kernel) => kernel.refusal().cloned(),
            Err(error) => Some(error),
        };
        let refusal = refusal.map(|error| reason(&error, &name, (form, operands), &text));
        outcomes.push(Outcome { form, refusal });
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
    let said = text.lines().nth(*line as usize - 1).unwrap();
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
