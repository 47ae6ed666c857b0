//! Which instructions the compiler knows, by their text. Read [`meaning`].
//!
//! It looks at an instruction that has been lowered to one op, or to some that prepare operands and one
//! that does the work; only the latter has a meaning here. What is not listed is left to its closure.

use super::{
    code::{Class, Draft, Exit, Node, Ref},
    memory::Room,
};
use crate::exec::{
    access::WAITS,
    compile::{
        Access, Compared, FloatOp, IntOp, LogicOp, Place, Relation, ShiftOp, Template,
        Width::{self, W32, W64},
    },
    cross::Shuffle,
    program::{PARAM_TAG, TAG_SHIFT},
};
use crate::ptx::{
    AddressBase, Component, Instruction, Operand, ScalarSpecial, ScalarType as T, SpecialReg,
};

/// What `node`, the last op of `instruction`, does; [`Template::Call`] if that is not known.
pub(super) fn meaning(instruction: &Instruction<'_>, node: &Node, draft: &Draft) -> Template {
    if instruction.opcode == "bra" {
        let plain = matches!(&node.exit, Exit::Labels(labels, _) if labels.len() == 1);
        return if plain {
            Template::Branch
        } else {
            Template::Call
        };
    }
    let words = instruction.modifiers.as_str();
    let plain = node.exit == Exit::Next && node.guard.is_none();
    if instruction.opcode == "shfl" && plain {
        let mode = shuffled(words).map(Template::Shuffle);
        let known = mode.filter(|template| fits(*template, node, draft));
        return known.unwrap_or_default();
    }
    if !plain || node.wants_next {
        return Template::Call;
    }
    let known = match instruction.opcode {
        "and" | "or" | "xor" | "not" | "mov" if words == ".pred" => logic(instruction.opcode),
        "mov" => moved(instruction, words),
        "cvta" if matches!(words, ".to.global.u64" | ".global.u64") => Some(Template::Copy(W64)),
        "setp" => compared(words, node),
        "prmt" if words == ".b32" => permuted(instruction, node),
        "bfe" if words == ".u32" => field(instruction),
        "bfi" if words == ".b32" => field(instruction),
        "selp" => by_bits(words).map(Template::Select),
        "atom" | "red" => added(instruction, node, draft),
        "ld" | "st" => accessed(instruction, node, draft),
        "cvt" => converted(words),
        opcode => integer(opcode, words).or_else(|| float(opcode, words)),
    };
    known
        .filter(|template| fits(*template, node, draft))
        .unwrap_or_default()
}

fn moved(instruction: &Instruction<'_>, words: &str) -> Option<Template> {
    match (instruction.operands.first()?, instruction.operands.get(1)?) {
        (Operand::Reg(_), Operand::Special(SpecialReg::Tid(component))) => match component {
            Component::X => Some(Template::Tid(0)),
            Component::Y => Some(Template::Tid(1)),
            Component::Z => Some(Template::Tid(2)),
            _ => None,
        },
        (Operand::Reg(_), Operand::Special(SpecialReg::Scalar(ScalarSpecial::Laneid))) => {
            Some(Template::LaneId)
        }
        (Operand::Reg(_), Operand::Reg(_) | Operand::Imm(_) | Operand::Local(..)) => {
            by_bits(words).map(Template::Copy)
        }
        (Operand::Reg(_), Operand::Vector(_)) if words == ".b64" => Some(Template::Pack),
        _ => None,
    }
}

/// What the op does that takes the lower or upper 32 bits of a 64-bit register.
pub(super) fn part(upper: bool, node: &Node, draft: &Draft) -> Template {
    let template = if upper {
        Template::Upper
    } else {
        Template::Narrow
    };
    if fits(template, node, draft) {
        template
    } else {
        Template::Call
    }
}

fn permuted(instruction: &Instruction<'_>, node: &Node) -> Option<Template> {
    match instruction.operands.get(3)? {
        Operand::Imm(selector) if selector.bits() & 0x8888 == 0 => {
            Some(Template::Permute(node.imm as u16))
        }
        _ => None,
    }
}

/// The width of `.b32` and the like.
fn by_bits(words: &str) -> Option<Width> {
    match words {
        // What is above narrow values means nothing.
        ".b32" | ".u32" | ".s32" | ".f32" | ".b16" | ".u16" | ".s16" => Some(W32),
        ".b64" | ".u64" | ".s64" | ".f64" => Some(W64),
        _ => None,
    }
}

fn integer(opcode: &str, words: &str) -> Option<Template> {
    use IntOp::{Add, And, MaxSigned, MaxUnsigned, MinSigned, MinUnsigned, Mul, Or, Sub, Xor};
    use ShiftOp::{Left, Right, RightSigned};
    let (width, signed) = match words.strip_prefix(".lo").unwrap_or(words) {
        ".b32" | ".u32" => (W32, false),
        ".s32" => (W32, true),
        ".b64" | ".u64" => (W64, false),
        ".s64" => (W64, true),
        ".b16" | ".u16" | ".s16" => return short(opcode),
        ".wide.u32" | ".wide.s32" => {
            let signed = words.ends_with("s32");
            return match opcode {
                "mul" | "mad" => Some(Template::MultiplyWide {
                    signed,
                    adds: opcode == "mad",
                }),
                _ => None,
            };
        }
        _ => return None,
    };
    let operation = match (opcode, signed) {
        ("add", _) => Add,
        ("sub", _) => Sub,
        ("mul", _) => Mul,
        ("and", _) => And,
        ("or", _) => Or,
        ("xor", _) => Xor,
        ("min", true) => MinSigned,
        ("min", false) => MinUnsigned,
        ("max", true) => MaxSigned,
        ("max", false) => MaxUnsigned,
        ("div", false) if width == W32 => return Some(Template::Divide),
        ("mad", _) => return Some(Template::MultiplyAdd(width)),
        ("not", _) => return Some(Template::Not(width)),
        ("shl", _) => return Some(Template::Shift(Left, width)),
        ("shr", false) => return Some(Template::Shift(Right, width)),
        ("shr", true) if width == W32 => return Some(Template::Shift(RightSigned, W32)),
        _ => return None,
    };
    let wide_extreme =
        matches!(operation, MinSigned | MinUnsigned | MaxSigned | MaxUnsigned) && width == W64;
    (!wide_extreme).then_some(Template::Int(operation, width))
}

/// On numbers of 16 bits, above which nothing means anything.
fn short(opcode: &str) -> Option<Template> {
    Some(Template::Int(
        match opcode {
            "add" => IntOp::Add,
            "sub" => IntOp::Sub,
            "mul" => IntOp::Mul,
            "and" => IntOp::And,
            "or" => IntOp::Or,
            "xor" => IntOp::Xor,
            "not" => return Some(Template::Not(W32)),
            _ => return None,
        },
        W32,
    ))
}

/// `bfe` and `bfi` of a field that is known.
fn field(instruction: &Instruction<'_>) -> Option<Template> {
    let number = |index: usize| match instruction.operands.get(index)? {
        Operand::Imm(number) => Some(number.bits() as u32 & 0xFF),
        _ => None,
    };
    let below = |bits: u32| 1u32.checked_shl(bits).unwrap_or(0).wrapping_sub(1);
    // Whatever is shifted by more bits is gone.
    let by = |bits: u32| bits.min(63) as u8;
    if instruction.opcode == "bfe" {
        let (shift, mask) = (by(number(2)?), below(number(3)?));
        return Some(Template::Extract { shift, mask });
    }
    let (at, length) = (number(3)?, number(4)?);
    let field = below(length).checked_shl(at).unwrap_or(0);
    let shift = by(at);
    Some(Template::Insert { shift, field })
}

fn logic(opcode: &str) -> Option<Template> {
    Some(Template::Logic(match opcode {
        "and" => LogicOp::And,
        "or" => LogicOp::Or,
        "xor" => LogicOp::Xor,
        "not" => LogicOp::Not,
        "mov" => LogicOp::Copy,
        _ => return None,
    }))
}

fn float(opcode: &str, words: &str) -> Option<Template> {
    let sign = |width| Template::Sign {
        width,
        negates: opcode == "neg",
    };
    match (opcode, words) {
        ("neg" | "abs", ".f32") => return Some(sign(W32)),
        ("neg" | "abs", ".f64") => return Some(sign(W64)),
        ("copysign", ".f32") => return Some(Template::CopySign(W32)),
        ("copysign", ".f64") => return Some(Template::CopySign(W64)),
        ("div", ".approx.f32" | ".full.f32") => return Some(Template::Quotient),
        _ => {}
    }
    if matches!(words, ".f64" | ".rn.f64") {
        return Some(Template::Double(match opcode {
            "add" => FloatOp::Add,
            "sub" => FloatOp::Sub,
            "mul" => FloatOp::Mul,
            "div" => FloatOp::Div,
            _ => return None,
        }));
    }
    if !matches!(words, ".f32" | ".rn.f32") {
        return None;
    }
    Some(match opcode {
        "add" => Template::Float(FloatOp::Add),
        "sub" => Template::Float(FloatOp::Sub),
        "mul" => Template::Float(FloatOp::Mul),
        "div" => Template::Float(FloatOp::Div),
        "fma" | "mad" => Template::Fma,
        _ => return None,
    })
}

fn converted(words: &str) -> Option<Template> {
    Some(match words {
        ".u64.u32" | ".s64.u32" => Template::Widen { signed: false },
        ".s64.s32" | ".u64.s32" => Template::Widen { signed: true },
        ".u32.u64" | ".s32.s64" | ".u32.s64" | ".s32.u64" => Template::Narrow,
        ".u32.u32" | ".s32.s32" | ".u32.s32" | ".s32.u32" => Template::Copy(W32),
        ".u64.u64" | ".s64.s64" | ".u64.s64" | ".s64.u64" => Template::Copy(W64),
        ".rn.f32.s32" => Template::FloatOfSigned,
        ".f64.f32" => Template::ToDouble,
        ".rn.f32.f64" => Template::ToSingle,
        ".rn.f64.s64" => Template::DoubleOfWide { signed: true },
        ".rn.f64.u64" => Template::DoubleOfWide { signed: false },
        _ => return extended(words),
    })
}

/// Conversions from and to less than 32 bits.
fn extended(words: &str) -> Option<Template> {
    let (to, from) = words.strip_prefix('.')?.split_once('.')?;
    let ((to_bits, to_signed), (from_bits, from_signed)) = (whole(to)?, whole(from)?);
    let (from, bits, signed) = match (to_bits, from_bits) {
        (8 | 16, 32) => (W32, to_bits, to_signed),
        (8 | 16, 64) => (W64, to_bits, to_signed),
        (32, 8 | 16) => (W32, from_bits, from_signed),
        _ => return None,
    };
    Some(Template::Extend { from, bits, signed })
}

/// Bits of an integer type, and whether it has a sign.
fn whole(ty: &str) -> Option<(u8, bool)> {
    let (sign, bits) = ty.split_at_checked(1)?;
    let signed = match sign {
        "u" => false,
        "s" => true,
        _ => return None,
    };
    Some((bits.parse().ok()?, signed))
}

fn compared(words: &str, node: &Node) -> Option<Template> {
    if node.imm != 0 || node.ext != Ref::None {
        return None;
    }
    let (relation, ty) = words.strip_prefix('.')?.split_once('.')?;
    let what = match ty {
        "u32" | "b32" => Compared::Unsigned(W32),
        "u64" | "b64" => Compared::Unsigned(W64),
        "s32" => Compared::Signed(W32),
        "s64" => Compared::Signed(W64),
        "f32" => Compared::Float,
        "f64" => Compared::Double,
        "u16" | "b16" => Compared::Short { signed: false },
        "s16" => Compared::Short { signed: true },
        _ => return None,
    };
    let (relation, what) = match (relation.strip_suffix('u'), what) {
        (Some(relation), Compared::Float) => (relation, Compared::FloatOrNan),
        (Some(relation), Compared::Double) => (relation, Compared::DoubleOrNan),
        _ => (relation, what),
    };
    let relation = match relation {
        "eq" => Relation::Eq,
        "ne" => Relation::Ne,
        "lt" | "lo" => Relation::Lt,
        "le" | "ls" => Relation::Le,
        "gt" | "hi" => Relation::Gt,
        "ge" | "hs" => Relation::Ge,
        _ => return None,
    };
    Some(Template::Compare(relation, what))
}

fn accessed(instruction: &Instruction<'_>, node: &Node, draft: &Draft) -> Option<Template> {
    let words = instruction.modifiers;
    if node.list.1 > 0 {
        return vector(instruction, node, draft);
    }
    let vector = ["v2", "v4", "v8", "b128"];
    let plain = !words.iter().any(|word| vector.contains(&word));
    if !plain || node.c == Ref::Raw(WAITS.0) || node.ext != Ref::Site {
        return None;
    }
    let stores = instruction.opcode == "st";
    let ty = words.types().next()?;
    let place = match room(words)? {
        Room::Global => Place::Global,
        Room::Shared => Place::Shared,
        Room::Generic => Place::Generic,
    };
    let bracket = instruction.operands.get(usize::from(!stores))?;
    let address = addressed(bracket, place, node, draft)?;
    if node.imm >> TAG_SHIFT == PARAM_TAG {
        return None;
    }
    let access = Access {
        place,
        address,
        bytes: ty.size_bytes() as u8,
        signed: ty.is_signed() && ty != T::F32,
        register: width_of(if stores { node.b } else { node.d }, draft)?,
    };
    Some(if stores {
        Template::Store(access)
    } else {
        Template::Load(access)
    })
}

/// How wide the addresses are. Those of variables in shared memory are constants of 32 bits.
fn addressed(bracket: &Operand<'_>, place: Place, node: &Node, draft: &Draft) -> Option<Width> {
    match (bracket, node.a) {
        (Operand::Address(AddressBase::Reg(_), _), address) => width_of(address, draft),
        (Operand::Address(AddressBase::Local(_), _), Ref::Const(_)) if place == Place::Shared => {
            Some(W32)
        }
        _ => None,
    }
}

/// A load or store of two or four elements a lane.
fn vector(instruction: &Instruction<'_>, node: &Node, draft: &Draft) -> Option<Template> {
    let words = instruction.modifiers;
    let count = match (words.has("v2"), words.has("v4")) {
        (true, false) => 2,
        (false, true) => 4,
        _ => return None,
    };
    let waits = node.c == Ref::Raw(WAITS.0);
    if waits || node.list.1 != count + 1 {
        return None;
    }
    let ty = words.types().next()?;
    let place = match room(words)? {
        Room::Global => Place::Global,
        Room::Shared => Place::Shared,
        Room::Generic => Place::Generic,
    };
    let registers = draft.list(node)[1..].iter();
    let register = registers.clone().find_map(|item| width_of(*item, draft))?;
    let whole = match register {
        W32 => ty.size_bytes() == 4,
        W64 => ty.size_bytes() == 8 && count == 2,
    };
    let stores = instruction.opcode == "st";
    let bracket = instruction.operands.get(usize::from(!stores))?;
    let access = Access {
        place,
        address: addressed(bracket, place, node, draft)?,
        bytes: ty.size_bytes() as u8,
        signed: false,
        register,
    };
    let template = match instruction.opcode {
        "ld" => Template::LoadVector(access, count as u8),
        _ => Template::StoreVector(access, count as u8),
    };
    whole.then_some(template)
}

fn shuffled(words: &str) -> Option<Shuffle> {
    Some(match words.strip_suffix(".b32")?.strip_prefix(".sync")? {
        ".up" => Shuffle::Up,
        ".down" => Shuffle::Down,
        ".bfly" => Shuffle::Butterfly,
        ".idx" => Shuffle::Index,
        _ => return None,
    })
}

fn added(instruction: &Instruction<'_>, node: &Node, draft: &Draft) -> Option<Template> {
    let words = instruction.modifiers;
    if !words.has("add") || node.ext != Ref::Site {
        return None;
    }
    let width = match words.types().next()? {
        T::U32 | T::S32 => W32,
        T::U64 | T::S64 => W64,
        _ => return None,
    };
    let shared = words.has("shared") || words.has("shared::cta");
    let address = width_of(node.a, draft)?;
    if shared && (width, address) == (W32, W32) {
        return Some(Template::AddShared);
    }
    let global = words.has("global") && address == W64 && node.d == Ref::None;
    global.then_some(Template::AddGlobal(width))
}

/// The space that the words name; local memory and parameters are not known here.
fn room(words: crate::ptx::Modifiers<'_>) -> Option<Room> {
    let spaces = [
        ("global", Room::Global),
        ("const", Room::Global),
        ("shared", Room::Shared),
        ("shared::cta", Room::Shared),
    ];
    if words
        .iter()
        .any(|word| matches!(word, "local" | "shared::cluster") || word.starts_with("param"))
    {
        return None;
    }
    let named = spaces.iter().find(|(word, _)| words.has(word));
    Some(named.map_or(Room::Generic, |(_, room)| *room))
}

fn class_of(item: Ref, draft: &Draft) -> Option<Class> {
    match item {
        Ref::Use(reg) | Ref::Def(reg) => Some(draft.class(reg)),
        _ => None,
    }
}

fn width_of(item: Ref, draft: &Draft) -> Option<Width> {
    match class_of(item, draft)? {
        Class::W32 => Some(W32),
        Class::W64 => Some(W64),
        Class::Pred => None,
    }
}

/// Whether the registers are as wide as the template takes them; constants always are.
fn fits(template: Template, node: &Node, draft: &Draft) -> bool {
    use Template as P;
    let is = |item: Ref, width: Width| match item {
        Ref::Const(_) => true,
        item => width_of(item, draft) == Some(width),
    };
    let (d, a, b, c) = (node.d, node.a, node.b, node.c);
    let defined = matches!(d, Ref::Def(_));
    match template {
        P::Call | P::Branch => true,
        P::Load(_) | P::Logic(_) => defined,
        P::LoadVector(..) | P::StoreVector(..) | P::AddShared | P::AddGlobal(_) => true,
        P::Extend { from, .. } => defined && is(d, W32) && is(a, from),
        P::Extract { .. } => defined && is(d, W32) && is(a, W32),
        P::Insert { .. } | P::Quotient => defined && is(d, W32) && is(a, W32) && is(b, W32),
        P::CopySign(width) => defined && is(d, width) && is(a, width) && is(b, width),
        P::DoubleOfWide { .. } => defined && is(d, W64) && is(a, W64),
        P::Shuffle(_) => defined && is(d, W32) && is(a, W32),
        P::Sign { width, .. } => defined && is(d, width) && is(a, width),
        P::Double(_) => defined && is(d, W64) && is(a, W64) && is(b, W64),
        P::ToDouble => defined && is(d, W64) && is(a, W32),
        P::ToSingle => defined && is(d, W32) && is(a, W64),
        P::Store(access) => is(b, access.register),
        P::Tid(_) | P::LaneId => defined && is(d, W32),
        P::Copy(width) | P::Not(width) => defined && is(d, width) && is(a, width),
        P::Int(_, width) => defined && is(d, width) && is(a, width) && is(b, width),
        P::MultiplyAdd(width) => {
            defined && is(d, width) && is(a, width) && is(b, width) && is(c, width)
        }
        P::Shift(_, width) => defined && is(d, width) && is(a, width) && is(b, W32),
        P::Widen { .. } => defined && is(d, W64) && is(a, W32),
        P::Pack => defined && is(d, W64) && is(a, W32) && is(b, W32),
        P::Permute(_) => defined && is(d, W32) && is(a, W32) && is(b, W32),
        P::Narrow | P::Upper => defined && is(d, W32) && is(a, W64),
        P::MultiplyWide { adds, .. } => {
            defined && is(d, W64) && is(a, W32) && is(b, W32) && (!adds || is(c, W64))
        }
        P::Divide => defined && is(d, W32) && is(a, W32) && is(b, W32),
        P::Float(_) => defined && is(d, W32) && is(a, W32) && is(b, W32),
        P::Fma => defined && is(d, W32) && is(a, W32) && is(b, W32) && is(c, W32),
        P::FloatOfSigned => defined && is(d, W32) && is(a, W32),
        P::Compare(_, what) => {
            let width = what.width();
            defined && class_of(d, draft) == Some(Class::Pred) && is(a, width) && is(b, width)
        }
        P::Select(width) => {
            let pred = matches!(c, Ref::Const(_)) || class_of(c, draft) == Some(Class::Pred);
            defined && is(d, width) && is(a, width) && is(b, width) && pred
        }
    }
}
