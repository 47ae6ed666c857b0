//! Function bodies: declarations, labels and instructions. Read [`Function::parse_body`] first.

use super::ast::{
    Body, BodyText, Function, Guard, Instruction, Modifiers, Operand, Param, ParamRef, Prototype,
    RegId, TargetTable, VarId,
};
use super::cursor::Cursor;
use super::error::PtxError;
use super::lexer::{Lexer, Token, TokenKind};
use super::scope::{Entity, Scopes};
use super::types::{Linkage, Space};

/// Nesting of blocks in a body.
const BLOCKS_MAX: usize = 256;

pub(super) struct BodyParser<'a> {
    pub(super) cursor: Cursor<'a>,
    pub(super) scopes: Scopes<'a>,
    body: Body<'a>,
}

impl<'a> Function<'a> {
    /// Reads the body; of a prototype it is empty.
    ///
    /// # Errors
    /// The first place at which the body is not PTX or uses a name that nothing declares.
    pub fn parse_body(&self) -> Result<Body<'a>, PtxError> {
        let Some(BodyText { text, line, column }) = self.body else {
            return Ok(Body::default());
        };
        let mut parser = BodyParser {
            cursor: Cursor::new(Lexer::new(text, line, column))?,
            scopes: Scopes::new(),
            body: Body::default(),
        };
        parser.body.param_registers = parser.declare_params(&self.params, ParamRef::Input);
        parser.body.return_registers = parser.declare_params(&self.returns, ParamRef::Return);
        while !parser.cursor.at_end() {
            parser.statement()?;
        }
        if parser.scopes.depth() != 1 {
            return Err(parser.cursor.error("a closing brace"));
        }
        let mut body = parser.body;
        (body.registers, body.labels) = parser.scopes.finish()?;
        Ok(body)
    }
}

impl<'a> BodyParser<'a> {
    fn declare_params(
        &mut self,
        params: &[Param<'a>],
        reference: impl Fn(u32) -> ParamRef,
    ) -> Vec<Option<RegId>> {
        let mut registers = Vec::with_capacity(params.len());
        for (param, index) in params.iter().zip(0..) {
            registers.push(if param.space == Space::Reg {
                Some(
                    self.scopes
                        .declare_register(param.name, param.ty, param.vector),
                )
            } else {
                self.scopes
                    .declare(param.name, Entity::Param(reference(index)));
                None
            });
        }
        registers
    }

    fn statement(&mut self) -> Result<(), PtxError> {
        match self.cursor.kind() {
            TokenKind::Word => self.label_or_instruction(),
            TokenKind::Punct(b'@') => self.guarded(),
            TokenKind::Dotted => self.directive(),
            TokenKind::Punct(b'{') => self.enter_block(),
            TokenKind::Punct(b'}') if self.scopes.depth() > 1 => {
                self.scopes.leave();
                self.cursor.advance().map(drop)
            }
            TokenKind::Punct(b';') => self.cursor.advance().map(drop),
            _ => Err(self.cursor.error("an instruction")),
        }
    }

    fn enter_block(&mut self) -> Result<(), PtxError> {
        if self.scopes.depth() >= BLOCKS_MAX {
            return Err(self
                .cursor
                .too_many("levels of nested blocks", BLOCKS_MAX as u64));
        }
        self.scopes.enter();
        self.cursor.advance().map(drop)
    }

    fn directive(&mut self) -> Result<(), PtxError> {
        if self.cursor.skip_debug_directive()? {
            return Ok(());
        }
        let linkage = self.cursor.linkage()?;
        match Space::parse(self.cursor.token().text.trim_start_matches('.')) {
            Some(Space::Reg) => self.registers(),
            Some(space) => self.variables(space, linkage),
            None => self.cursor.skip_directive(),
        }
    }

    /// `.reg .pred %p<5>, q;`
    fn registers(&mut self) -> Result<(), PtxError> {
        self.cursor.advance()?;
        let spec = self.cursor.type_spec()?;
        loop {
            let name = self.cursor.word("the name of a register")?.text;
            if self.cursor.eat(b'<')? {
                let count = self.cursor.integer("a number of registers")?;
                self.cursor
                    .expect(b'>', "'>' after a number of registers")?;
                self.scopes.declare_range(name, count, spec.ty, spec.vector);
            } else {
                self.scopes.declare_register(name, spec.ty, spec.vector);
            }
            if !self.cursor.eat(b',')? {
                return self.cursor.expect(b';', "';' after registers");
            }
        }
    }

    fn variables(&mut self, space: Space, linkage: Linkage) -> Result<(), PtxError> {
        for variable in self.cursor.variables(space, linkage)? {
            let id = VarId(self.body.variables.len() as u32);
            self.scopes.declare(variable.name, Entity::Variable(id));
            self.body.variables.push(variable);
        }
        Ok(())
    }

    /// Bytes of an element of a variable of this body.
    pub(super) fn element_bytes(&self, variable: VarId) -> i64 {
        let declared = self.body.variables.get(variable.0 as usize);
        declared.map_or(1, |found| {
            i64::from(found.ty.size_bytes()) * i64::from(found.vector.max(1))
        })
    }

    fn label_or_instruction(&mut self) -> Result<(), PtxError> {
        let word = self.cursor.advance()?;
        if !self.cursor.eat(b':')? {
            return self.instruction(None, word);
        }
        if self.cursor.kind() == TokenKind::Dotted {
            match self.cursor.token().text {
                ".branchtargets" => return self.branch_targets(word),
                ".calltargets" => return self.call_targets(word),
                ".callprototype" => return self.prototype(word),
                _ => {}
            }
        }
        let target = self.body.instructions.len() as u32;
        if self.scopes.define_label(word, target) {
            return Ok(());
        }
        Err(Cursor::error_at(
            word,
            "a label that this block has not defined before",
        ))
    }

    /// The names after `.branchtargets` or `.calltargets`.
    fn target_names(&mut self) -> Result<Vec<Token<'a>>, PtxError> {
        self.cursor.advance()?;
        let mut names = Vec::new();
        loop {
            names.push(self.cursor.word("a target")?);
            if !self.cursor.eat(b',')? {
                break;
            }
        }
        self.cursor.expect(b';', "';' after targets")?;
        Ok(names)
    }

    fn branch_targets(&mut self, name: Token<'a>) -> Result<(), PtxError> {
        let names = self.target_names()?;
        let labels = names
            .into_iter()
            .map(|target| self.scopes.use_label(target))
            .collect();
        self.add_targets(TargetTable {
            name: name.text,
            labels,
            functions: Vec::new(),
        });
        Ok(())
    }

    fn call_targets(&mut self, name: Token<'a>) -> Result<(), PtxError> {
        let functions = self
            .target_names()?
            .into_iter()
            .map(|target| target.text)
            .collect();
        self.add_targets(TargetTable {
            name: name.text,
            labels: Vec::new(),
            functions,
        });
        Ok(())
    }

    fn add_targets(&mut self, table: TargetTable<'a>) {
        let index = self.body.branch_targets.len() as u32;
        self.scopes.declare(table.name, Entity::Targets(index));
        self.body.branch_targets.push(table);
    }

    /// `name: .callprototype (returns) _ (params) .noreturn;`
    fn prototype(&mut self, name: Token<'a>) -> Result<(), PtxError> {
        self.cursor.advance()?;
        let returns = if self.cursor.at(b'(') {
            self.cursor.parameters()?
        } else {
            Vec::new()
        };
        self.cursor.word("'_'")?;
        let params = if self.cursor.at(b'(') {
            self.cursor.parameters()?
        } else {
            Vec::new()
        };
        let directives = self.cursor.function_directives()?;
        self.cursor.expect(b';', "';' after a prototype")?;
        let index = self.body.prototypes.len() as u32;
        self.scopes.declare(name.text, Entity::Prototype(index));
        let noreturn = directives.noreturn;
        self.body.prototypes.push(Prototype {
            name: name.text,
            returns,
            params,
            noreturn,
        });
        Ok(())
    }

    /// `@p` or `@!p` and the instruction it guards.
    fn guarded(&mut self) -> Result<(), PtxError> {
        self.cursor.advance()?;
        let negated = self.cursor.eat(b'!')?;
        let name = self.cursor.word("a predicate")?;
        let reg = self.register(name)?;
        let opcode = self.cursor.word("an instruction")?;
        self.instruction(Some(Guard { reg, negated }), opcode)
    }

    /// The rest of an instruction, up to and with its semicolon.
    fn instruction(&mut self, guard: Option<Guard>, opcode: Token<'a>) -> Result<(), PtxError> {
        let modifiers = self.modifiers()?;
        let operands = match opcode.text {
            "bra" => vec![self.branch_target()?],
            "call" => self.call_operands()?,
            _ => self.plain_operands()?,
        };
        self.cursor.expect(b';', "';' after an instruction")?;
        self.body.instructions.push(Instruction {
            guard,
            opcode: opcode.text,
            modifiers,
            operands,
            line: opcode.line,
        });
        Ok(())
    }

    /// The dotted words after an opcode. They may stand apart from it, but not after an operand.
    fn modifiers(&mut self) -> Result<Modifiers<'a>, PtxError> {
        let start = self.cursor.token().start;
        let mut end = start;
        while self.cursor.kind() == TokenKind::Dotted {
            self.cursor.advance()?;
            end = self.cursor.previous_end();
        }
        Ok(Modifiers(&self.cursor.text()[start..end]))
    }

    fn plain_operands(&mut self) -> Result<Vec<Operand<'a>>, PtxError> {
        let mut operands = Vec::new();
        while !self.cursor.at(b';') {
            operands.push(self.operand(0)?);
            if !self.cursor.eat(b',')? {
                break;
            }
        }
        Ok(operands)
    }

    fn branch_target(&mut self) -> Result<Operand<'a>, PtxError> {
        let name = self.cursor.word("a label")?;
        Ok(Operand::Label(self.scopes.use_label(name)))
    }

    /// `(returns), callee, (arguments), table`, of which only the callee must be there.
    fn call_operands(&mut self) -> Result<Vec<Operand<'a>>, PtxError> {
        let returns = if self.cursor.at(b'(') {
            let returns = self.argument_list()?;
            self.cursor.expect(b',', "',' after return values")?;
            returns
        } else {
            Vec::new()
        };
        let name = self.cursor.word("the function to call")?;
        let callee = match self.scopes.find(name.text) {
            Some(Entity::Register(register)) => Operand::Reg(register),
            _ => Operand::Function(name.text),
        };
        let mut operands = vec![Operand::List(returns), callee];
        let mut arguments = Vec::new();
        let mut table = None;
        while self.cursor.eat(b',')? {
            if self.cursor.at(b'(') {
                arguments = self.argument_list()?;
            } else {
                table = Some(self.operand(0)?);
            }
        }
        operands.push(Operand::List(arguments));
        operands.extend(table);
        Ok(operands)
    }

    /// Operands in parentheses.
    fn argument_list(&mut self) -> Result<Vec<Operand<'a>>, PtxError> {
        self.cursor.expect(b'(', "'('")?;
        self.operands_until(b')', 1)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::ast::{AddressBase, Imm, LabelId, Module};
    use super::super::types::ScalarType;
    use super::*;

    /// Parses `text` as the body of a kernel with a few parameters and registers.
    pub(in super::super) fn parse(text: &str) -> Result<Body<'static>, PtxError> {
        let text = format!(
            ".version 8.8\n.target sm_90\n.address_size 64\n\
             .entry k(.param .u64 a, .param .align 8 .b8 s[16]) {{\n\
             .reg .pred %p<9>; .reg .b32 %r<9>, x; .reg .b64 %rd<9>; .reg .v4 .f32 v;\n{text}\n}}"
        );
        let text: &'static str = text.leak();
        Module::parse(text)?.function("k").unwrap().parse_body()
    }

    pub(in super::super) fn only(text: &str) -> (Body<'static>, Instruction<'static>) {
        let body = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(body.instructions.len(), 1, "{text}");
        let instruction = body.instructions[0].clone();
        (body, instruction)
    }

    /// The first register used: `x` and the components of `v` come before it.
    const R1: RegId = RegId(5);

    #[test]
    fn instruction_keeps_opcode_modifiers_guard_and_line() {
        let (body, instruction) = only("@!%p1 ld.global.L1::no_allocate .u32 x, [a];");
        assert_eq!(instruction.opcode, "ld");
        let modifiers: Vec<_> = instruction.modifiers.iter().collect();
        assert_eq!(modifiers, ["global", "L1::no_allocate", "u32"]);
        assert!(instruction.modifiers.has("global"));
        assert_eq!(instruction.modifiers.types().next(), Some(ScalarType::U32));
        let guard = instruction.guard.unwrap();
        assert!(guard.negated);
        assert_eq!(body.registers[guard.reg.0 as usize].name, "%p1");
        assert_eq!(instruction.line, 6);
    }

    #[test]
    fn registers_take_ids_at_first_use() {
        let (body, instruction) = only("add.s32 %r8, %r8, x;");
        // `x` and the four components of `v` are declared one by one and come first.
        assert_eq!(body.registers.len(), 6);
        let reg = |at: usize| instruction.operands[at].clone();
        assert_eq!((reg(0), reg(2)), (Operand::Reg(R1), Operand::Reg(RegId(0))));
        assert_eq!(reg(0), reg(1));
        assert_eq!(body.registers[5].name, "%r8");
    }

    #[test]
    fn labels_resolve_forward_backward_and_per_block() {
        let body = parse(
            "L: bra N;\n{ L: add.s32 x,x,x; bra.uni L; bra N; }\n{ bra L; L: ret; }\nbra L; N:",
        )
        .unwrap();
        let goes_to = |at: usize| match body.instructions[at].operands[0] {
            Operand::Label(label) => body.labels[label.0 as usize].target,
            ref other => panic!("{other:?}"),
        };
        assert_eq!(goes_to(0), 7);
        assert_eq!((goes_to(2), goes_to(3)), (1, 7));
        assert_eq!(goes_to(4), 5);
        assert_eq!(goes_to(6), 0);
        assert!(parse("bra nowhere;").is_err());
        assert!(parse("L: L: ret;").is_err());
    }

    #[test]
    fn calls_have_returns_callee_arguments_and_table() {
        let body = parse(
            "{ .param .b64 q; .param .b32 r;\n\
             call.uni (r), vprintf, (q, 3, %r0);\n\
             P: .callprototype (.param .b32 _) _ (.param .b64 _) .noreturn;\n\
             call (r), %rd0, (q), P; }\n\
             call f; call f, (x); T: .calltargets f, g; call %rd0, T; call (), f, ();",
        )
        .unwrap();
        let list = |items: &[Operand<'static>]| Operand::List(items.to_vec());
        let operands = |at: usize| body.instructions[at].operands.clone();
        let local = |id| Operand::Local(VarId(id), 0);
        let immediate = Operand::Imm(Imm::Int(3));
        assert_eq!(
            operands(0),
            [
                list(&[local(1)]),
                Operand::Function("vprintf"),
                list(&[local(0), immediate, Operand::Reg(R1)])
            ]
        );
        assert_eq!(
            operands(1)[1..],
            [
                Operand::Reg(RegId(6)),
                list(&[local(0)]),
                Operand::Prototype(0)
            ]
        );
        assert_eq!(operands(2), [list(&[]), Operand::Function("f"), list(&[])]);
        assert_eq!(operands(4)[3], Operand::Targets(0));
        assert_eq!(operands(5), operands(2));
        assert!(body.prototypes[0].noreturn);
        assert_eq!(body.branch_targets[0].functions, ["f", "g"]);
    }

    #[test]
    fn indirect_branch_lists_its_labels() {
        let body = parse("A: T: .branchtargets A, B; brx.idx x, T; B: exit;").unwrap();
        assert_eq!(body.instructions[0].operands[1], Operand::Targets(0));
        assert_eq!(body.branch_targets[0].labels, [LabelId(0), LabelId(1)]);
        assert_eq!(body.labels[1].target, 1);
    }

    #[test]
    fn blocks_may_redeclare_names() {
        let body = parse(
            "{ .reg .f64 x; .param .b32 q; mov.f64 x, 1.0; } { .param .b64 q; st.b64 [q], x; }",
        )
        .unwrap();
        let Operand::Reg(inner) = body.instructions[0].operands[0] else {
            panic!()
        };
        assert_eq!(body.registers[inner.0 as usize].ty, ScalarType::F64);
        assert_eq!(
            body.instructions[1].operands,
            [
                Operand::Address(AddressBase::Local(VarId(1)), 0),
                Operand::Reg(RegId(0))
            ]
        );
    }

    #[test]
    fn register_parameters_are_registers() {
        let text = ".version 8.0 .target sm_50 .func (.reg .u32 %out) f (.reg .u32 %in, \
                    .param .b64 q) { mov.u32 %out, %in; ret; }";
        let module = Module::parse(text).unwrap();
        let body = module.functions[0].parse_body().unwrap();
        assert_eq!(body.param_registers, [Some(RegId(0)), None]);
        assert_eq!(body.return_registers, [Some(RegId(1))]);
        assert_eq!(
            body.instructions[0].operands,
            [Operand::Reg(RegId(1)), Operand::Reg(RegId(0))]
        );
    }

    #[test]
    fn debug_directives_and_pragmas_are_skipped() {
        let body = parse(
            ".loc 1 2 3\n.loc 1 4 5, function_name $L_info0+12, inlined_at 1 6 7\n\
             .pragma \"nounroll\";\nret;\n.unknown 1, 2;\nexit;",
        )
        .unwrap();
        let opcodes: Vec<_> = body.instructions.iter().map(|i| i.opcode).collect();
        assert_eq!(opcodes, ["ret", "exit"]);
    }

    #[test]
    fn malformed_bodies_are_refused_with_their_place() {
        let check = |text: &str| {
            let error = parse(text).expect_err(text).to_string();
            assert!(error.contains("line 6"), "{text}: {error}");
        };
        check("add.s32 x, y z;");
        check("add.s32 %r9, x, x;");
        check("@x+ ret;");
        check("ld.b32 x, [1.5];");
        check(".reg .b32;");
        check("mov.b32 v.q, 1;");
        check("L: .branchtargets ;");
        check(&format!(
            "mov.b32 x, {}{};",
            "{".repeat(1000),
            "}".repeat(1000)
        ));
        check(&format!("{}{}", "{".repeat(1000), "}".repeat(1000)));
    }
}
