//! Calls: arguments and results go through the frames of caller and callee in local memory. Read
//! [`Lowering::call`].
//!
//! The callee's frame begins where the caller's ends, so that both sides know every offset.

use super::{
    code::{Exit, Node, Ref},
    form::Form,
    lowering::{Lowered, Lowering, Refusal, signature_layout},
};
use crate::exec::{builtin, control, op::OpFn};
use crate::ptx::{Function, FunctionKind, Operand, Param, ParamSlot, ScalarType as T};
use crate::ptx::{Instruction, Space};

/// What caller and callee agree on.
#[derive(Debug, Clone)]
pub(super) struct Signature {
    params: Vec<(ParamSlot, T)>,
    returns: Vec<(ParamSlot, T)>,
}

impl Signature {
    /// Of a function.
    pub(super) fn of(function: &Function<'_>) -> Result<Self, Refusal> {
        if function.kind == FunctionKind::Entry {
            return Err("kernels cannot be called".to_owned());
        }
        Self::new(&function.params, &function.returns)
    }

    fn new(params: &[Param<'_>], returns: &[Param<'_>]) -> Result<Self, Refusal> {
        let (slots, results, _) = signature_layout(params, returns)?;
        let typed = |slots: Vec<ParamSlot>, params: &[Param<'_>]| {
            let types = params.iter().map(|param| param.ty);
            slots.into_iter().zip(types).collect()
        };
        Ok(Self {
            params: typed(slots, params),
            returns: typed(results, returns),
        })
    }
}

impl<'a> Lowering<'_, 'a> {
    /// `call`.
    pub(super) fn call(&mut self, instruction: &Instruction<'a>, form: &mut Form<'a>) -> Lowered {
        form.take("uni");
        let returns = list(self.operand(instruction, 0)?);
        let callee = self.operand(instruction, 1)?;
        let args = list(self.operand(instruction, 2)?);
        match callee {
            Operand::Function(name) => match self.index.get(*name).copied() {
                Some(index) => {
                    let signature = self.signatures.get(*name).cloned();
                    let signature = signature.ok_or("the callee cannot be called")?;
                    let node = Node::new(control::call).ext(Ref::Function(index));
                    self.call_node(node, &signature, returns, args)
                }
                None => self.call_builtin(name, returns, args),
            },
            Operand::Reg(_) => {
                let signature = self.prototype(instruction)?;
                let address = self.source(callee, T::U64)?;
                let node = Node::new(control::call_indirect).a(address);
                self.call_node(node, &signature, returns, args)
            }
            _ => Err("the callee is no function".to_owned()),
        }
    }

    /// The signature of an indirect call, from its prototype or from the first possible target.
    fn prototype(&self, instruction: &Instruction<'a>) -> Result<Signature, Refusal> {
        let body = &self.reached.body;
        match instruction.operands.get(3) {
            Some(Operand::Prototype(index)) => {
                let prototype = &body.prototypes[*index as usize];
                Signature::new(&prototype.params, &prototype.returns)
            }
            Some(Operand::Targets(index)) => {
                let functions = &body.branch_targets[*index as usize].functions;
                let first = functions
                    .first()
                    .and_then(|name| self.signatures.get(*name));
                first
                    .cloned()
                    .ok_or_else(|| "the callee cannot be called".to_owned())
            }
            _ => Err("an indirect call needs a prototype".to_owned()),
        }
    }

    fn call_node(
        &mut self,
        node: Node,
        signature: &Signature,
        returns: &[Operand<'a>],
        args: &[Operand<'a>],
    ) -> Lowered {
        // The caller's declaration may tell of a result that the definition, linked from elsewhere,
        // does not give: it is then undefined. Missing arguments would be read as garbage.
        if args.len() < signature.params.len() || returns.len() < signature.returns.len() {
            return Err("the number of arguments or results is wrong".to_owned());
        }
        let callee_frame = self.frame.bytes;
        for (arg, (slot, ty)) in args.iter().zip(&signature.params) {
            let at = callee_frame + slot.offset;
            match self.param_variable(arg) {
                Some(from) => self.copy_frame(from, at, slot.size),
                None => self.store_frame(arg, *ty, at)?,
            }
        }
        self.emit(node.wants_next().exit(Exit::Labels(Vec::new(), true)));
        for (result, (slot, ty)) in returns.iter().zip(&signature.returns) {
            let from = callee_frame + slot.offset;
            match (self.param_variable(result), result) {
                (Some(at), _) => self.copy_frame(from, at, slot.size),
                (None, Operand::Reg(reg)) => self.load_frame_register(*reg, *ty, from)?,
                (None, Operand::Sink) => {}
                _ => return Err("a result has no place".to_owned()),
            }
        }
        Ok(())
    }

    /// Where a `.param` variable of this body is in the frame.
    fn param_variable(&self, operand: &Operand<'a>) -> Option<u32> {
        let Operand::Local(variable, offset) = operand else {
            return None;
        };
        let index = variable.0 as usize;
        let is_param = self.reached.body.variables[index].space == Space::Param;
        is_param.then(|| self.frame.variables[index].wrapping_add(*offset as u32))
    }

    /// Copies bytes within the frame or to the callee's.
    fn copy_frame(&mut self, from: u32, to: u32, bytes: u32) {
        let both = u64::from(from) | (u64::from(to) << 32);
        self.emit(
            Node::new(builtin::copy_local)
                .ext(Ref::Raw(bytes))
                .imm(both),
        );
    }

    /// A function that the driver supplies.
    fn call_builtin(
        &mut self,
        name: &str,
        returns: &[Operand<'a>],
        args: &[Operand<'a>],
    ) -> Lowered {
        let (run, n_args): (OpFn, usize) = match name {
            "vprintf" => (builtin::print, 2),
            "malloc" => (builtin::allocate, 1),
            "free" => (builtin::free, 1),
            "__assertfail" => (builtin::assert_fail, 5),
            _ => return Err(format!("nothing defines the function '{name}'")),
        };
        if args.len() != n_args {
            return Err(format!("'{name}' takes {n_args} arguments"));
        }
        let mut items = Vec::with_capacity(n_args + 1);
        for operand in args.iter().chain(returns.first()) {
            let at = self.param_variable(operand);
            items.push(Ref::Raw(at.ok_or("arguments must be variables")?));
        }
        if returns.is_empty() {
            items.push(Ref::None);
        }
        items.push(Ref::Site);
        let node = Node::new(run).ext(Ref::List);
        let node = self.with_list(node, &items);
        self.emit(node);
        Ok(())
    }
}

fn list<'i, 'a>(operand: &'i Operand<'a>) -> &'i [Operand<'a>] {
    match operand {
        Operand::List(list) => list,
        other => std::slice::from_ref(other),
    }
}
