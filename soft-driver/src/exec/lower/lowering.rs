//! One function being lowered: its registers, its frame, and the dispatch of opcodes to families. Read
//! [`Lowering`] and [`Lowering::family`].

use std::collections::HashMap;

use super::{
    Reached,
    assemble::Assembler,
    call::Signature,
    code::{Class, Draft, Exit, Node, Ref, Reg},
    form::Form,
    meaning::meaning,
    module::Symbols,
    sabotage,
    shared::SharedLayout,
    uniform::Often,
};
use crate::exec::{control, error::ExecError};
use crate::ptx::{
    AddressBase, FunctionKind, Instruction, Operand, Param, ParamSlot, RegId, ScalarType, Space,
    TypeKind, Variable,
};

/// What a family says of a form it does not know.
pub(super) type Refusal = String;

/// The result of lowering one instruction.
pub(super) type Lowered = Result<(), Refusal>;

/// Where a register of the text is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kept {
    /// In one register.
    One(Reg),
    /// A 128-bit register: low half, high half.
    Pair(Reg, Reg),
}

/// Bytes of local memory that a function's activation uses, and what is where.
#[derive(Debug)]
pub(super) struct FrameLayout {
    /// Parameters, from offset 0; empty for kernels.
    pub(super) params: Vec<ParamSlot>,
    /// Return values.
    pub(super) returns: Vec<ParamSlot>,
    /// For each variable of the body its offset; 0 for those in shared memory.
    pub(super) variables: Vec<u32>,
    /// All together, a multiple of 16.
    pub(super) bytes: u32,
}

/// Offsets of parameters and return values in the frame of whoever is called so, and their end.
pub(super) fn signature_layout(
    params: &[Param<'_>],
    returns: &[Param<'_>],
) -> Result<(Vec<ParamSlot>, Vec<ParamSlot>, u32), Refusal> {
    let too_large = || "its parameters are too large".to_owned();
    let params = Param::layout(params).ok_or_else(too_large)?;
    let end = params.last().map_or(0, |slot| slot.offset + slot.size);
    let base = end.next_multiple_of(16);
    let mut returns = Param::layout(returns).ok_or_else(too_large)?;
    let mut last = base;
    for slot in &mut returns {
        slot.offset = slot.offset.checked_add(base).ok_or_else(too_large)?;
        last = slot.offset + slot.size;
    }
    Ok((params, returns, last.next_multiple_of(16)))
}

/// What all functions of a program share.
pub(super) struct Known<'x> {
    pub(super) symbols: &'x Symbols,
    pub(super) shared: &'x SharedLayout,
    pub(super) index: &'x HashMap<String, u32>,
    pub(super) signatures: &'x HashMap<String, Signature>,
}

/// Opcodes all of whose ops compute a value from their sources and do nothing else. Those that are not
/// named lose a little speed where all threads compute the same.
const COMPUTING: [&str; 33] = [
    "add", "sub", "mul", "mad", "fma", "div", "rem", "min", "max", "abs", "neg", "mul24", "mad24",
    "sad", "and", "or", "xor", "not", "cnot", "lop3", "shl", "shr", "shf", "popc", "clz", "bfind",
    "brev", "bfe", "bfi", "prmt", "cvt", "mov", "cvta",
];

/// One function being lowered.
pub(super) struct Lowering<'x, 'a> {
    pub(super) reached: &'x Reached<'a>,
    pub(super) symbols: &'x Symbols,
    pub(super) shared: &'x SharedLayout,
    /// Functions of the program by name.
    pub(super) index: &'x HashMap<String, u32>,
    /// How they are called.
    pub(super) signatures: &'x HashMap<String, Signature>,
    pub(super) assembler: &'x mut Assembler,
    pub(super) draft: Draft,
    pub(super) frame: FrameLayout,
    kept: Vec<Kept>,
    /// How often each register of the text is named.
    named: Vec<u32>,
    /// Guard and line of the instruction at hand.
    pub(super) guard: Option<(Reg, bool)>,
    line: u32,
    /// Whether the instruction at hand only computes a value from others.
    computes: bool,
    /// The carry flag of `add.cc` and the like.
    pub(super) carry: Option<Reg>,
    /// The stack pointer that the function was entered with, if it moves it.
    pub(super) entered: Option<Reg>,
}

/// `multimem` reaches the copies of one address on several GPUs.
const NO_MULTICAST: &str =
    "it needs the address of a multicast object, and cuMulticastCreate makes none";

impl<'x, 'a> Lowering<'x, 'a> {
    pub(super) fn new(
        reached: &'x Reached<'a>,
        known: &Known<'x>,
        assembler: &'x mut Assembler,
    ) -> Result<Self, ExecError> {
        let refuse = |reason| ExecError::Unsupported {
            kernel: reached.function.name.to_owned(),
            line: reached.function.line,
            form: "declaration".to_owned(),
            reason,
        };
        let mut lowering = Self {
            frame: frame_layout(reached).map_err(refuse)?,
            reached,
            symbols: known.symbols,
            shared: known.shared,
            index: known.index,
            signatures: known.signatures,
            assembler,
            draft: Draft::default(),
            kept: Vec::new(),
            named: named_registers(reached),
            guard: None,
            line: reached.function.line,
            computes: false,
            carry: None,
            entered: None,
        };
        for register in &reached.body.registers {
            let kept = match class_of(register.ty) {
                Some(class) => Kept::One(lowering.draft.reg(class)),
                None => {
                    let low = lowering.draft.reg(Class::W64);
                    Kept::Pair(low, lowering.draft.reg(Class::W64))
                }
            };
            lowering.kept.push(kept);
        }
        Ok(lowering)
    }

    /// Lowers the whole body.
    pub(super) fn lower(&mut self) -> Result<(), ExecError> {
        let body = &self.reached.body;
        let mut starts = Vec::with_capacity(body.instructions.len() + 1);
        self.prologue()
            .map_err(|reason| self.refuse(None, reason))?;
        for instruction in &body.instructions {
            starts.push(self.draft.nodes.len() as u32);
            self.line = instruction.line;
            self.instruction(instruction)
                .map_err(|reason| self.refuse(Some(instruction), reason))?;
        }
        starts.push(self.draft.nodes.len() as u32);
        self.guard = None;
        self.computes = false;
        self.epilogue()
            .map_err(|reason| self.refuse(None, reason))?;
        self.draft.labels = body
            .labels
            .iter()
            .map(|label| starts[(label.target as usize).min(starts.len() - 1)])
            .collect();
        Ok(())
    }

    fn refuse(&self, instruction: Option<&Instruction<'_>>, reason: Refusal) -> ExecError {
        ExecError::Unsupported {
            kernel: self.reached.function.name.to_owned(),
            line: self.line,
            form: instruction.map_or_else(|| "function".to_owned(), Instruction::form),
            reason,
        }
    }

    /// What was lowered, and the bytes of the frame.
    pub(super) fn finish(self) -> (Draft, u32) {
        (self.draft, self.frame.bytes)
    }

    /// Parameters in `.reg` space come in the frame like all others.
    fn prologue(&mut self) -> Lowered {
        self.save_stack();
        for (index, reg) in self.reached.body.param_registers.iter().enumerate() {
            let (Some(reg), Some(slot)) = (*reg, self.frame.params.get(index).copied()) else {
                continue;
            };
            let ty = self.reached.function.params[index].ty;
            self.load_frame_register(reg, ty, slot.offset)?;
        }
        Ok(())
    }

    /// A body that ends without `ret` returns.
    fn epilogue(&mut self) -> Lowered {
        self.return_registers()?;
        self.restore_stack();
        let node = Node::new(control::ret).wants_next().exit(Exit::End(false));
        self.emit(node);
        Ok(())
    }

    /// Return values in `.reg` space go to the frame.
    pub(super) fn return_registers(&mut self) -> Lowered {
        for (index, reg) in self.reached.body.return_registers.iter().enumerate() {
            let (Some(reg), Some(slot)) = (*reg, self.frame.returns.get(index).copied()) else {
                continue;
            };
            let ty = self.reached.function.returns[index].ty;
            self.store_frame_register(reg, ty, slot.offset)?;
        }
        Ok(())
    }

    fn instruction(&mut self, instruction: &Instruction<'a>) -> Lowered {
        self.guard = match instruction.guard {
            None => None,
            Some(guard) => Some((self.pred_reg(guard.reg)?, guard.negated)),
        };
        self.computes = COMPUTING.contains(&instruction.opcode);
        let mut form = Form::new(instruction);
        let first = self.draft.nodes.len();
        self.family(instruction, &mut form)?;
        if let Some(word) = form.left() {
            return Err(format!("'.{word}' is not known here"));
        }
        if let Some(last) = self.draft.nodes[first..].last()
            && !last.template.is_known()
        {
            let template = meaning(instruction, last, &self.draft);
            if let Some(last) = self.draft.nodes.last_mut() {
                last.template = template;
            }
        }
        sabotage::after(self, instruction)
    }

    fn family(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        match instruction.opcode {
            "add" | "sub" | "mul" | "mad" | "fma" | "div" | "min" | "max" | "abs" | "neg" => {
                self.arithmetic(instruction, form)
            }
            "rem" | "mul24" | "mad24" | "sad" | "dp4a" | "dp2a" | "addc" | "subc" | "madc" => {
                self.integer(instruction, form)
            }
            "and" | "or" | "xor" | "not" | "cnot" | "lop3" | "shl" | "shr" | "shf" | "popc"
            | "clz" | "bfind" | "brev" | "fns" | "bfe" | "bfi" | "bmsk" | "szext" | "prmt" => {
                self.bits(instruction, form)
            }
            "rcp" | "sqrt" | "rsqrt" | "sin" | "cos" | "ex2" | "lg2" | "tanh" | "copysign"
            | "testp" => self.float_function(instruction, form),
            "setp" | "set" | "selp" | "slct" => self.comparison(instruction, form),
            "cvt" => self.convert(instruction, form),
            "mov" => self.mov(instruction, form),
            "cvta" | "isspacep" | "istypep" | "mapa" | "getctarank" => {
                self.address(instruction, form)
            }
            "ld" | "ldu" | "st" => self.access(instruction, form),
            "prefetch" | "prefetchu" | "applypriority" | "discard" | "createpolicy" => {
                self.hint(instruction, form)
            }
            "atom" | "red" => self.atomic(instruction, form),
            "membar" | "fence" => self.fence(form),
            "cp" | "mbarrier" => self.async_copy(instruction, form),
            "bra" | "brx" | "ret" | "exit" | "trap" | "brkpt" | "nanosleep" | "pmevent"
            | "griddepcontrol" | "setmaxnreg" => self.flow(instruction, form),
            "call" => self.call(instruction, form),
            "bar" | "barrier" => self.barrier(instruction, form),
            "shfl" | "vote" | "match" | "redux" | "activemask" | "elect" => {
                self.warp_wide(instruction, form)
            }
            "vadd" | "vsub" | "vabsdiff" | "vmin" | "vmax" | "vshl" | "vshr" | "vmad" | "vset"
            | "vadd2" | "vsub2" | "vavrg2" | "vabsdiff2" | "vmin2" | "vmax2" | "vset2"
            | "vadd4" | "vsub4" | "vavrg4" | "vabsdiff4" | "vmin4" | "vmax4" | "vset4" => {
                self.video(instruction, form)
            }
            "mma" | "ldmatrix" | "stmatrix" | "movmatrix" | "wmma" => {
                self.matrix(instruction, form)
            }
            "alloca" | "stacksave" | "stackrestore" => self.dynamic_stack(instruction, form),
            "multimem" => Err(NO_MULTICAST.to_owned()),
            _ => Err("the opcode is not known".to_owned()),
        }
    }

    /// Opcodes that exist for integers and for floating point.
    fn arithmetic(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        let types: Vec<ScalarType> = instruction.modifiers.types().collect();
        // `add.f32.f16` is an addition in single precision, `mul.wide.u16` has one type.
        let mixed = types.first() == Some(&ScalarType::F32);
        let Some(ty) = (if mixed { types.first() } else { types.last() }) else {
            return Err("it has no type".to_owned());
        };
        match ty {
            ScalarType::F16 | ScalarType::F16x2 | ScalarType::Bf16 | ScalarType::Bf16x2 => {
                self.half(instruction, form)
            }
            ScalarType::F32 | ScalarType::F64 | ScalarType::F32x2 => self.float(instruction, form),
            _ => self.integer(instruction, form),
        }
    }

    /// Appends an op under the guard of the instruction.
    pub(super) fn emit(&mut self, mut node: Node) {
        node.guard = self.guard;
        self.push(node);
    }

    /// Appends an op that only fills temporary registers; it executes for all active lanes.
    pub(super) fn emit_pure(&mut self, node: Node) {
        self.push(node);
    }

    fn push(&mut self, mut node: Node) {
        node.line = self.line;
        if self.computes {
            node.often.get_or_insert(Often::Launch);
        }
        self.draft.nodes.push(node);
    }

    /// Gives `node` a list.
    pub(super) fn with_list(&mut self, mut node: Node, items: &[Ref]) -> Node {
        node.list = (self.draft.items.len() as u32, items.len() as u32);
        self.draft.items.extend_from_slice(items);
        node
    }

    /// A new register for a value within one instruction.
    pub(super) fn temp(&mut self, class: Class) -> Reg {
        self.draft.reg(class)
    }

    /// Where a register of the text is kept.
    pub(super) fn kept(&self, reg: RegId) -> Kept {
        self.kept[reg.0 as usize]
    }

    /// Whether a register is named in one place only: whatever is written there, nobody reads.
    pub(super) fn is_named_once(&self, reg: RegId) -> bool {
        self.named[reg.0 as usize] == 1
    }

    /// Whether the function is a kernel, whose parameters are in a buffer of their own.
    pub(super) fn is_kernel(&self) -> bool {
        self.reached.function.kind == FunctionKind::Entry
    }
}

/// How a type is kept in a register; `None` for 128 bits.
pub(super) fn class_of(ty: ScalarType) -> Option<Class> {
    match (ty.kind(), ty.size_bits()) {
        (TypeKind::Pred, _) => Some(Class::Pred),
        (_, ..=32) => Some(Class::W32),
        (_, ..=64) => Some(Class::W64),
        _ => None,
    }
}

fn named_registers(reached: &Reached<'_>) -> Vec<u32> {
    let body = &reached.body;
    let mut named = vec![0; body.registers.len()];
    let mut name = |reg: RegId| named[reg.0 as usize] += 1;
    for reg in body.param_registers.iter().chain(&body.return_registers) {
        reg.iter().for_each(|reg| name(*reg));
    }
    for instruction in &body.instructions {
        if let Some(guard) = instruction.guard {
            name(guard.reg);
        }
        let mut rest: Vec<&Operand<'_>> = instruction.operands.iter().collect();
        while let Some(operand) = rest.pop() {
            match operand {
                Operand::Reg(reg) | Operand::NotReg(reg) | Operand::NegReg(reg) => name(*reg),
                Operand::Part(reg, _) | Operand::Address(AddressBase::Reg(reg), _) => name(*reg),
                Operand::RegPair(first, second) => {
                    first.iter().chain(second).for_each(|reg| name(*reg));
                }
                Operand::Vector(list) | Operand::List(list) | Operand::Bracketed(list) => {
                    rest.extend(list);
                }
                _ => {}
            }
        }
    }
    named
}

fn frame_layout(reached: &Reached<'_>) -> Result<FrameLayout, Refusal> {
    let function = &reached.function;
    let (mut params, mut returns, mut end) = (Vec::new(), Vec::new(), 0);
    if function.kind == FunctionKind::Func {
        (params, returns, end) = signature_layout(&function.params, &function.returns)?;
    }
    let mut variables = Vec::with_capacity(reached.body.variables.len());
    for variable in &reached.body.variables {
        if !matches!(variable.space, Space::Local | Space::Param) {
            variables.push(0);
            continue;
        }
        let at = aligned(end, variable);
        let bytes = u32::try_from(variable.size_bytes()).ok();
        end = bytes
            .and_then(|bytes| at.checked_add(bytes))
            .filter(|end| *end <= LOCAL_MAX)
            .ok_or_else(|| format!("'{}' is too large for local memory", variable.name))?;
        variables.push(at);
    }
    let least = if function.kind == FunctionKind::Func {
        16
    } else {
        0
    };
    Ok(FrameLayout {
        params,
        returns,
        variables,
        bytes: end.next_multiple_of(16).max(least),
    })
}

/// Local memory of one activation, as on real devices.
const LOCAL_MAX: u32 = 512 << 10;

fn aligned(end: u32, variable: &Variable<'_>) -> u32 {
    end.next_multiple_of(variable.align.clamp(1, 256))
}
