//! Lowering: one kernel and all it can call, from syntax to register code. Read [`lower_kernel`] for
//! the order of things and [`lowering::Lowering`] for one function.
//!
//! Opcodes are grouped by family, a file each; every file maps forms to closures and refuses what it
//! does not know.

mod assemble;
mod async_copy;
mod atomic;
mod bits;
mod call;
mod code;
mod compare;
mod convert;
mod convert_packed;
mod elements;
mod float;
mod flow;
mod form;
mod half;
mod integer;
mod lowering;
mod matrix;
mod meaning;
mod memory;
mod module;
mod moves;
mod operand;
mod places;
mod sabotage;
mod shared;
mod stack;
mod uniform;
mod units;
mod video;
mod warp_wide;

use std::collections::{HashMap, HashSet, VecDeque};

pub(super) use code::{Node, Ref};
pub(super) use form::Rounding;
pub(super) use module::{FunctionEntry, GlobalEntry, Symbols};
pub(super) use uniform::Often;

use super::{
    error::ExecError,
    program::{Program, function_address},
};
use crate::ptx::{AddressBase, Body, Function, Instruction, Operand};
use assemble::Assembler;
use call::Signature;
use lowering::{Known, Lowering};
use shared::SharedLayout;

/// A function that the kernel can reach.
pub(super) struct Reached<'a> {
    pub(super) function: Function<'a>,
    pub(super) body: Body<'a>,
}

/// The kernel first, then everything it can call, each once.
struct Reach<'a> {
    functions: Vec<Reached<'a>>,
    /// Name to position in `functions`.
    index: HashMap<String, u32>,
    /// Positions that are called, by caller.
    calls: Vec<HashSet<u32>>,
    has_indirect_calls: bool,
}

/// Lowers the kernel `name`.
///
/// # Errors
/// If a function does not parse or contains a form that is not known.
pub(super) fn lower_kernel(
    text: &str,
    symbols: &Symbols,
    name: &str,
) -> Result<Program, ExecError> {
    let reach = reach(text, symbols, name)?;
    let layout = SharedLayout::new(&reach.functions, symbols);
    let signatures: HashMap<String, Signature> = reach
        .functions
        .iter()
        .filter_map(|reached| {
            let signature = Signature::of(&reached.function).ok()?;
            Some((reached.function.name.to_owned(), signature))
        })
        .collect();
    let known = Known {
        symbols,
        shared: &layout,
        index: &reach.index,
        signatures: &signatures,
    };
    let mut assembler = Assembler::new();
    let mut frames = Vec::new();
    for reached in &reach.functions {
        let mut lowering = Lowering::new(reached, &known, &mut assembler)?;
        lowering.lower()?;
        let (draft, frame_bytes) = lowering.finish();
        frames.push(frame_bytes);
        assembler.add(reached.function.name, draft, frame_bytes)?;
    }
    let mut program = assembler.finish();
    program.shared_bytes = layout.static_bytes;
    for (name, index) in &reach.index {
        if let Some(entry) = symbols.functions.get(name) {
            program
                .by_address
                .insert(function_address(entry.index), *index);
        }
    }
    let depth = deepest(&reach.calls, &frames);
    program.unbounded_stack = depth.is_none()
        || reach.has_indirect_calls
        || reach
            .functions
            .iter()
            .any(|reached| stack::takes(&reached.body));
    program.local_bytes = depth.unwrap_or_else(|| frames.iter().sum());
    Ok(program)
}

/// Parses the kernel and its callees. With an indirect call anywhere, every function whose address
/// is taken belongs to them.
fn reach<'a>(text: &'a str, symbols: &Symbols, name: &str) -> Result<Reach<'a>, ExecError> {
    let mut reach = Reach {
        functions: Vec::new(),
        index: HashMap::new(),
        calls: Vec::new(),
        has_indirect_calls: false,
    };
    let mut queue = VecDeque::from([(name.to_owned(), None)]);
    let mut added_addressed = false;
    while let Some((name, caller)) = queue.pop_front() {
        let position = match reach.index.get(&name) {
            Some(position) => *position,
            None => match parse(text, symbols, &name)? {
                Some(reached) => reach.add(name, reached, &mut queue),
                None => continue,
            },
        };
        if let Some(caller) = caller {
            let calls: &mut HashSet<u32> = &mut reach.calls[caller as usize];
            calls.insert(position);
        }
        if reach.has_indirect_calls && !added_addressed {
            added_addressed = true;
            queue.extend(symbols.addressed.iter().map(|name| (name.clone(), None)));
        }
    }
    Ok(reach)
}

/// The function `name`; `None` if the module only declares it, or names a variable.
fn parse<'a>(
    text: &'a str,
    symbols: &Symbols,
    name: &str,
) -> Result<Option<Reached<'a>>, ExecError> {
    let Some(entry) = symbols.functions.get(name).filter(|entry| entry.has_body) else {
        return Ok(None);
    };
    let function = Function::parse_at(text, entry.span)?;
    let body = function.parse_body()?;
    Ok(Some(Reached { function, body }))
}

impl<'a> Reach<'a> {
    fn add(
        &mut self,
        name: String,
        reached: Reached<'a>,
        queue: &mut VecDeque<(String, Option<u32>)>,
    ) -> u32 {
        let position = self.functions.len() as u32;
        for instruction in &reached.body.instructions {
            self.has_indirect_calls |= is_indirect_call(instruction);
            for (callee, called) in named_functions(instruction) {
                queue.push_back((callee.to_owned(), called.then_some(position)));
            }
        }
        self.functions.push(reached);
        self.calls.push(HashSet::new());
        self.index.insert(name, position);
        position
    }
}

fn is_indirect_call(instruction: &Instruction<'_>) -> bool {
    instruction.opcode == "call" && matches!(instruction.operands.get(1), Some(Operand::Reg(_)))
}

/// Names that may be functions, and whether they are called right here.
fn named_functions<'a>(instruction: &Instruction<'a>) -> Vec<(&'a str, bool)> {
    let mut names = Vec::new();
    let mut rest: Vec<&Operand<'a>> = instruction.operands.iter().collect();
    while let Some(operand) = rest.pop() {
        match operand {
            Operand::Function(name) => names.push((*name, true)),
            Operand::Global(name, _) | Operand::Address(AddressBase::Global(name), _) => {
                names.push((*name, false));
            }
            Operand::Vector(list) | Operand::List(list) => rest.extend(list),
            _ => {}
        }
    }
    names
}

/// Bytes of the deepest chain of calls from the kernel; `None` if calls recur.
fn deepest(calls: &[HashSet<u32>], frames: &[u32]) -> Option<u32> {
    fn walk(
        at: usize,
        calls: &[HashSet<u32>],
        frames: &[u32],
        state: &mut [Option<Option<u32>>],
    ) -> Option<u32> {
        if let Some(known) = state[at] {
            return known;
        }
        state[at] = Some(None);
        let mut below = 0;
        for callee in &calls[at] {
            below = below.max(walk(*callee as usize, calls, frames, state)?);
        }
        let total = frames[at].saturating_add(below);
        state[at] = Some(Some(total));
        Some(total)
    }
    walk(0, calls, frames, &mut vec![None; frames.len()])
}
