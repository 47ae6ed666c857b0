//! Operands of instructions. Read `BodyParser::operand` first.

use super::ast::{AddressBase, Imm, Operand, RegId};
use super::body::BodyParser;
use super::cursor::Cursor;
use super::error::PtxError;
use super::lexer::{Token, TokenKind};
use super::scope::Entity;
use super::types::{RegPart, SpecialReg};

/// Nesting of vectors, lists and brackets.
const DEPTH_MAX: u32 = 8;

impl<'a> BodyParser<'a> {
    /// One operand of an instruction other than a branch or a call.
    pub(super) fn operand(&mut self, depth: u32) -> Result<Operand<'a>, PtxError> {
        if depth >= DEPTH_MAX {
            return Err(self
                .cursor
                .too_many("levels of nested operands", u64::from(DEPTH_MAX)));
        }
        match self.cursor.kind() {
            TokenKind::Punct(b'[') => self.address(depth),
            TokenKind::Punct(b'{') => {
                self.cursor.advance()?;
                let items = self.operands_until(b'}', depth + 1)?;
                Ok(Operand::Vector(items))
            }
            TokenKind::Punct(b'!' | b'-') => self.prefixed(),
            _ if self.cursor.at_constant() => Ok(Operand::Imm(self.cursor.constant()?)),
            TokenKind::Word => self.named(),
            _ => Err(self.cursor.error("an operand")),
        }
    }

    /// Operands separated by commas, up to and with `close`.
    pub(super) fn operands_until(
        &mut self,
        close: u8,
        depth: u32,
    ) -> Result<Vec<Operand<'a>>, PtxError> {
        let mut items = Vec::new();
        while !self.cursor.at(close) {
            items.push(self.operand(depth)?);
            if !self.cursor.eat(b',')? {
                break;
            }
        }
        self.cursor.expect(close, "',' or the closing bracket")?;
        Ok(items)
    }

    /// `!p`, `-r`, or a constant that begins so.
    fn prefixed(&mut self) -> Result<Operand<'a>, PtxError> {
        let mut ahead = self.cursor.clone();
        let sign = ahead.advance()?;
        if ahead.kind() != TokenKind::Word || ahead.token().text == "WARP_SZ" {
            return Ok(Operand::Imm(self.cursor.constant()?));
        }
        self.cursor = ahead;
        let name = self.cursor.word("a register")?;
        let register = self.register(name)?;
        Ok(match sign.kind {
            TokenKind::Punct(b'!') => Operand::NotReg(register),
            _ => Operand::NegReg(register),
        })
    }

    /// The register called `name`, a component included.
    pub(super) fn register(&mut self, name: Token<'a>) -> Result<RegId, PtxError> {
        match self.scopes.find(name.text) {
            Some(Entity::Register(register)) => Ok(register),
            Some(Entity::VectorRegister(first, components)) => self
                .component(first, components)?
                .ok_or_else(|| Cursor::error_at(name, "a scalar register")),
            Some(_) => Err(Cursor::error_at(name, "a register")),
            None => Err(PtxError::unknown_name(name.line, name.column, name.text)),
        }
    }

    /// The component that `.x` and the like after a vector register select.
    fn component(&mut self, first: RegId, components: u8) -> Result<Option<RegId>, PtxError> {
        if self.cursor.kind() != TokenKind::Dotted || !self.cursor.adjacent() {
            return Ok(None);
        }
        let token = self.cursor.advance()?;
        let index = match token.text {
            ".x" | ".r" => 0,
            ".y" | ".g" => 1,
            ".z" | ".b" => 2,
            ".w" | ".a" => 3,
            _ => return Err(Cursor::error_at(token, "a component")),
        };
        if index >= u32::from(components) {
            return Err(Cursor::error_at(token, "a component of this vector"));
        }
        Ok(Some(RegId(first.0 + index)))
    }

    /// An operand that begins with a name.
    fn named(&mut self) -> Result<Operand<'a>, PtxError> {
        let name = self.cursor.advance()?;
        if self.cursor.at(b'|') {
            return self.pair(name);
        }
        if name.text == "_" {
            return Ok(Operand::Sink);
        }
        match self.scopes.find(name.text) {
            Some(Entity::Register(register)) => self.register_part(register),
            Some(Entity::VectorRegister(first, components)) => {
                Ok(match self.component(first, components)? {
                    Some(register) => Operand::Reg(register),
                    None => Operand::Vector(
                        (0..u32::from(components))
                            .map(|i| Operand::Reg(RegId(first.0 + i)))
                            .collect(),
                    ),
                })
            }
            Some(Entity::Variable(variable)) => {
                let element = self.subscript()?;
                let bytes = element.saturating_mul(self.element_bytes(variable));
                Ok(Operand::Local(
                    variable,
                    bytes.saturating_add(self.offset()?),
                ))
            }
            Some(Entity::Param(param)) => Ok(Operand::Param(param, self.offset()?)),
            Some(Entity::Targets(index)) => Ok(Operand::Targets(index)),
            Some(Entity::Prototype(index)) => Ok(Operand::Prototype(index)),
            None if name.text.starts_with('%') => self.special(name),
            None => Ok(Operand::Global(name.text, self.offset()?)),
        }
    }

    /// The index in `array[index]`, which stands for the element's address; 0 without one.
    fn subscript(&mut self) -> Result<i64, PtxError> {
        if !self.cursor.at(b'[') || !self.cursor.adjacent() {
            return Ok(0);
        }
        self.cursor.advance()?;
        let index = self.cursor.constant_integer("an index")?;
        self.cursor.expect(b']', "']' after an index")?;
        Ok(index as i64)
    }

    fn offset(&mut self) -> Result<i64, PtxError> {
        Ok(self.cursor.addend()? as i64)
    }

    /// `d|p` after its first name.
    fn pair(&mut self, first: Token<'a>) -> Result<Operand<'a>, PtxError> {
        let first = self.register_or_sink(first)?;
        self.cursor.advance()?;
        let second = self.cursor.word("a register after '|'")?;
        let second = self.register_or_sink(second)?;
        Ok(Operand::RegPair(first, second))
    }

    fn register_or_sink(&mut self, name: Token<'a>) -> Result<Option<RegId>, PtxError> {
        if name.text == "_" {
            return Ok(None);
        }
        self.register(name).map(Some)
    }

    /// A register, or the byte or half of it that a video instruction selects.
    fn register_part(&mut self, register: RegId) -> Result<Operand<'a>, PtxError> {
        if self.cursor.kind() != TokenKind::Dotted || !self.cursor.adjacent() {
            return Ok(Operand::Reg(register));
        }
        let token = self.cursor.advance()?;
        let part = RegPart::parse(token.text)
            .ok_or_else(|| Cursor::error_at(token, "bytes or halves of a register"))?;
        Ok(Operand::Part(register, part))
    }

    fn special(&mut self, name: Token<'a>) -> Result<Operand<'a>, PtxError> {
        let mut text = name.text;
        if self.cursor.kind() == TokenKind::Dotted && self.cursor.adjacent() {
            let component = self.cursor.advance()?;
            let end = component.start + component.text.len();
            text = &self.cursor.text()[name.start..end];
        }
        // `%reserved_smem_offset_<2>` is written with the angle brackets.
        if text == "%reserved_smem_offset_" && self.cursor.at(b'<') {
            return self.reserved_offset();
        }
        SpecialReg::parse(text)
            .map(Operand::Special)
            .ok_or_else(|| PtxError::unknown_name(name.line, name.column, text))
    }

    fn reserved_offset(&mut self) -> Result<Operand<'a>, PtxError> {
        self.cursor.advance()?;
        let place = self.cursor.token();
        let index = self.cursor.integer("0 or 1")?;
        self.cursor.expect(b'>', "'>'")?;
        let name = if index == 0 {
            "%reserved_smem_offset_0"
        } else {
            "%reserved_smem_offset_1"
        };
        SpecialReg::parse(name)
            .filter(|_| index < 2)
            .map(Operand::Special)
            .ok_or_else(|| Cursor::error_at(place, "0 or 1"))
    }

    /// `[base+offset]`, or `[a, b, …]`.
    fn address(&mut self, depth: u32) -> Result<Operand<'a>, PtxError> {
        self.cursor.advance()?;
        let first = self.operand(depth + 1)?;
        if self.cursor.eat(b',')? {
            let mut items = vec![first];
            items.append(&mut self.operands_until(b']', depth + 1)?);
            return Ok(Operand::Bracketed(items));
        }
        let (base, mut offset) = match first {
            Operand::Reg(register) => (AddressBase::Reg(register), 0),
            Operand::Local(variable, offset) => (AddressBase::Local(variable), offset),
            Operand::Global(name, offset) => (AddressBase::Global(name), offset),
            Operand::Param(param, offset) => (AddressBase::Param(param), offset),
            Operand::Imm(Imm::Int(bits)) => (AddressBase::Absolute, bits as i64),
            _ => return Err(self.cursor.error("an address before this")),
        };
        offset = offset.wrapping_add(self.offset()?);
        self.cursor.expect(b']', "']' after an address")?;
        Ok(Operand::Address(base, offset))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ast::{ParamRef, VarId};
    use super::super::body::tests::{only, parse};
    use super::super::types::Component;
    use super::*;

    /// The last component of `v`, and the first register of a range that is used.
    const VW: RegId = RegId(4);
    const R1: RegId = RegId(5);

    /// The operands of the only instruction, registers written by name.
    fn operands(text: &str) -> Vec<Operand<'static>> {
        only(text).1.operands
    }

    #[test]
    fn immediates_fold_and_keep_exact_bits() {
        let check = |text: &str, expected| {
            let all = operands(&format!("mov.b32 x, {text};"));
            assert_eq!(all[1], Operand::Imm(expected), "{text}");
        };
        check("1<<4", Imm::Int(16));
        check("-1", Imm::Int(u64::MAX));
        check("~0x0F", Imm::Int(!15));
        check("(2+3)*WARP_SZ", Imm::Int(160));
        check("0f3F800000", Imm::F32Bits(0x3f80_0000));
        check("-2.5", Imm::Float(-2.5));
        check("-WARP_SZ", Imm::Int(32u64.wrapping_neg()));
    }

    #[test]
    fn special_registers_are_typed() {
        assert_eq!(
            operands("mov.u32 x, %tid.y;")[1],
            Operand::Special(SpecialReg::Tid(Component::Y))
        );
        assert_eq!(
            operands("mov.v4.u32 v, %ctaid;")[1],
            Operand::Special(SpecialReg::Ctaid(Component::All))
        );
        assert!(parse("mov.u32 x, %nothing;").is_err());
    }

    #[test]
    fn addresses_have_base_and_offset() {
        let check = |text: &str, base, offset| {
            let (_, instruction) = only(&format!("ld.b32 x, [{text}];"));
            assert_eq!(
                instruction.operands[1],
                Operand::Address(base, offset),
                "{text}"
            );
        };
        let reg = AddressBase::Reg(R1);
        check("%rd1", reg, 0);
        check("%rd1+8", reg, 8);
        check("%rd1+-8", reg, -8);
        check("%rd1-8", reg, -8);
        check("%rd1 + 4*2 - 1", reg, 7);
        check("global_name+12", AddressBase::Global("global_name"), 12);
        check("s+8", AddressBase::Param(ParamRef::Input(1)), 8);
        check("4096", AddressBase::Absolute, 4096);
        check("v.y", AddressBase::Reg(RegId(2)), 0);
    }

    #[test]
    fn vectors_pairs_sinks_and_parts_are_read() {
        assert_eq!(
            operands("ld.v4.b32 {%r0, _, 7, v.w}, [a];")[0],
            Operand::Vector(vec![
                Operand::Reg(R1),
                Operand::Sink,
                Operand::Imm(Imm::Int(7)),
                Operand::Reg(VW)
            ])
        );
        assert_eq!(
            operands("shfl.sync.up.b32 %r0|%p0, x, 1, 0, -1;")[0],
            Operand::RegPair(Some(R1), Some(RegId(6)))
        );
        assert_eq!(
            operands("elect.sync _|%p0, 1;")[0],
            Operand::RegPair(None, Some(R1))
        );
        assert_eq!(operands("selp.b32 x, 1, 2, !%p0;")[3], Operand::NotReg(R1));
        assert_eq!(operands("neg.s32 x, -x;")[1], Operand::NegReg(RegId(0)));
        assert_eq!(
            operands("vadd.s32.u32.s32 x, x.b3, x.h1;")[1..],
            [
                Operand::Part(RegId(0), RegPart::Byte(3)),
                Operand::Part(RegId(0), RegPart::Half(1))
            ]
        );
        assert!(matches!(&operands("mov.b128 v, v;")[0], Operand::Vector(all) if all.len() == 4));
    }

    #[test]
    fn textures_keep_their_coordinates() {
        let all = operands("tex.2d.v4.f32.f32 {x,x,x,x}, [t, s, {x, x}];");
        let Operand::Bracketed(items) = &all[1] else {
            panic!("{all:?}")
        };
        assert_eq!(items[0], Operand::Global("t", 0));
        assert_eq!(items[1], Operand::Param(ParamRef::Input(1), 0));
        assert!(matches!(&items[2], Operand::Vector(both) if both.len() == 2));
    }

    #[test]
    fn symbols_local_and_global_are_told_apart() {
        let body = parse(
            ".shared .align 16 .b8 tile[64]; .local .b32 depot;\n\
             mov.u64 %rd0, tile+4; mov.u64 %rd1, depot; mov.u64 %rd2, elsewhere; mov.b64 %rd3, a; \
             mov.u64 %rd0, tile[3]; .shared .b32 words[8]; mov.u64 %rd0, words[2];",
        )
        .unwrap();
        let source = |at: usize| body.instructions[at].operands[1].clone();
        assert_eq!(source(0), Operand::Local(VarId(0), 4));
        assert_eq!(source(1), Operand::Local(VarId(1), 0));
        assert_eq!(source(2), Operand::Global("elsewhere", 0));
        assert_eq!(source(3), Operand::Param(ParamRef::Input(0), 0));
        assert_eq!(source(4), Operand::Local(VarId(0), 3));
        assert_eq!(source(5), Operand::Local(VarId(2), 8));
        assert_eq!(body.variables[0].size_bytes(), 64);
    }
}
