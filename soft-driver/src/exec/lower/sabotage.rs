//! Deliberate mistakes, so that a test of the whole path can show that it would notice one. Off unless
//! `RIGEL_SOFT_BREAK` names a form such as `add.f32`. Read [`after`].

use std::sync::OnceLock;

use super::{
    code::{Class, Node, Ref},
    lowering::{Kept, Lowered, Lowering},
};
use crate::exec::{bits, lanes::map1};
use crate::ptx::{Instruction, Operand, ScalarType};

/// The form to miscompute: the opcode, then words that must all be there.
fn broken() -> Option<&'static str> {
    static BROKEN: OnceLock<Option<String>> = OnceLock::new();
    BROKEN
        .get_or_init(|| {
            let form = std::env::var("RIGEL_SOFT_BREAK").ok()?;
            tracing::error!(
                form,
                "RIGEL_SOFT_BREAK is set: results are wrong on purpose"
            );
            eprintln!("rigel: RIGEL_SOFT_BREAK={form} is set: results are wrong on purpose");
            Some(form)
        })
        .as_deref()
}

/// Spoils the first result of `instruction` if it is the form to miscompute.
pub(super) fn after(lowering: &mut Lowering<'_, '_>, instruction: &Instruction<'_>) -> Lowered {
    match broken() {
        Some(form) if matches(form, instruction) => spoil(lowering, instruction),
        _ => Ok(()),
    }
}

fn matches(form: &str, instruction: &Instruction<'_>) -> bool {
    let mut words = form.split('.');
    words.next() == Some(instruction.opcode) && words.all(|word| instruction.modifiers.has(word))
}

/// Numbers change sign, integers and predicates their lowest bit.
fn spoil(lowering: &mut Lowering<'_, '_>, instruction: &Instruction<'_>) -> Lowered {
    let first = match instruction.operands.first() {
        Some(Operand::Reg(reg) | Operand::RegPair(Some(reg), _)) => *reg,
        _ => return Ok(()),
    };
    let Kept::One(reg) = lowering.kept(first) else {
        return Ok(());
    };
    let ty = instruction.modifiers.types().next();
    let run = match (lowering.draft.class(reg), ty) {
        (Class::W32, Some(ScalarType::F32)) => map1(|a: u32| a ^ 0x8000_0000),
        (Class::W64, Some(ScalarType::F64)) => map1(|a: u64| a ^ (1 << 63)),
        (Class::W32, _) => map1(|a: u32| a ^ 1),
        (Class::W64, _) => map1(|a: u64| a ^ 1),
        (Class::Pred, _) => bits::pred_not,
    };
    lowering.emit(
        Node::new(run)
            .d(Ref::Def(reg))
            .a(Ref::Use(reg))
            .b(Ref::Use(reg)),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ptx::Module;

    #[test]
    fn forms_match_by_opcode_and_all_words() {
        let text = ".version 8.0\n.target sm_80\n.address_size 64\n.entry k() {
            .reg .f32 %f<3>; add.rn.f32 %f1, %f2, %f2; }";
        let module = Module::parse(text).unwrap();
        let body = module.function("k").unwrap().parse_body().unwrap();
        let add = &body.instructions[0];
        assert!(matches("add.f32", add));
        assert!(matches("add", add));
        assert!(!matches("add.f64", add));
        assert!(!matches("mul.f32", add));
    }
}
