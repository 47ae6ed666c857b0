//! The module level of PTX: header directives, variables, and function headers. Bodies are skipped
//! by matching braces, so that a module of tens of megabytes loads in a fraction of a second.
//! Read `Module::parse` first.

use std::collections::HashMap;

use super::ast::{BodyText, Directives, Function, FunctionKind, Module, Span, Target};
use super::cursor::Cursor;
use super::error::PtxError;
use super::lexer::{Lexer, Token, TokenKind};
use super::types::{Linkage, Space};

impl<'a> Module<'a> {
    /// Reads the declarations of a module; bodies are left for [`Function::parse_body`].
    ///
    /// # Errors
    /// The first place at which the text is not PTX.
    pub fn parse(text: &'a str) -> Result<Module<'a>, PtxError> {
        let mut cursor = Cursor::new(Lexer::new(text, 1, 1))?;
        let version = cursor.version()?;
        let mut module = Module {
            version,
            target: Target { sm: 0, suffix: "" },
            address_size: 32,
            globals: Vec::new(),
            functions: Vec::new(),
            aliases: Vec::new(),
            by_name: HashMap::new(),
        };
        let mut targeted = false;
        while !cursor.at_end() {
            targeted |= cursor.at_dotted(".target");
            cursor.module_item(&mut module)?;
        }
        if !targeted {
            return Err(cursor.error("a .target directive before the end"));
        }
        module.index();
        Ok(module)
    }

    /// Fills `by_name`; definitions win over prototypes.
    fn index(&mut self) {
        for (index, function) in self.functions.iter().enumerate() {
            let slot = self.by_name.entry(function.name).or_insert(index);
            if self.functions[*slot].body.is_none() {
                *slot = index;
            }
        }
        for (alias, function) in &self.aliases {
            if let Some(index) = self.by_name.get(function).copied() {
                self.by_name.insert(alias, index);
            }
        }
    }
}

impl<'a> Function<'a> {
    /// Reads again the function that stands at `span` in the text of its module.
    ///
    /// # Errors
    /// Where `span` does not come from this text.
    pub fn parse_at(text: &'a str, span: Span) -> Result<Function<'a>, PtxError> {
        let mut cursor = Cursor::new(Lexer::starting_at(text, span.start, span.line))?;
        let start = cursor.token();
        let linkage = cursor.linkage()?;
        cursor.function(start, linkage)
    }
}

impl<'a> Cursor<'a> {
    fn version(&mut self) -> Result<(u8, u8), PtxError> {
        if !self.at_dotted(".version") {
            return Err(self.error("a .version directive"));
        }
        self.advance()?;
        let token = self.advance()?;
        let (major, minor) = token.text.split_once('.').unwrap_or((token.text, "0"));
        match (major.parse(), minor.parse()) {
            (Ok(major), Ok(minor)) => Ok((major, minor)),
            _ => Err(Self::error_at(token, "a version such as 8.8")),
        }
    }

    fn module_item(&mut self, module: &mut Module<'a>) -> Result<(), PtxError> {
        if self.eat(b';')? || self.skip_debug_directive()? {
            return Ok(());
        }
        let start = self.token();
        let linkage = self.linkage()?;
        if self.kind() != TokenKind::Dotted {
            return Err(self.error("a directive"));
        }
        match self.token().text {
            ".entry" | ".func" => module.functions.push(self.function(start, linkage)?),
            ".target" => module.target = self.target()?,
            ".address_size" => module.address_size = self.address_size()?,
            ".alias" => module.aliases.push(self.alias()?),
            text => match Space::parse(&text[1..]) {
                Some(Space::Reg | Space::Param) | None => self.skip_directive()?,
                Some(space) => module.globals.append(&mut self.variables(space, linkage)?),
            },
        }
        Ok(())
    }

    /// Linking directives before a declaration; the last one counts.
    pub(super) fn linkage(&mut self) -> Result<Linkage, PtxError> {
        let mut linkage = Linkage::None;
        while self.kind() == TokenKind::Dotted {
            match Linkage::parse(&self.token().text[1..]) {
                Some(found) => linkage = found,
                None => break,
            }
            self.advance()?;
        }
        Ok(linkage)
    }

    /// `.target sm_90a, texmode_independent, debug`
    fn target(&mut self) -> Result<Target<'a>, PtxError> {
        self.advance()?;
        let mut target = None;
        loop {
            let word = self.word("a target such as sm_90")?;
            target = target.or(parse_target(word.text));
            if !self.eat(b',')? {
                break;
            }
        }
        target.ok_or_else(|| self.error("a target such as sm_90 before this"))
    }

    fn address_size(&mut self) -> Result<u8, PtxError> {
        const EXPECTED: &str = "an address size of 32 or 64";
        self.advance()?;
        let place = self.token();
        match self.integer(EXPECTED)? {
            size @ (32 | 64) => Ok(size as u8),
            _ => Err(Self::error_at(place, EXPECTED)),
        }
    }

    /// `.alias name, function;`
    fn alias(&mut self) -> Result<(&'a str, &'a str), PtxError> {
        self.advance()?;
        let alias = self.word("the name of an alias")?.text;
        self.expect(b',', "',' after the name of an alias")?;
        let function = self.word("the name of a function")?.text;
        self.expect(b';', "';' after an alias")?;
        Ok((alias, function))
    }

    /// A function from `.entry` or `.func` on; `start` is the first token of the declaration.
    fn function(&mut self, start: Token<'a>, linkage: Linkage) -> Result<Function<'a>, PtxError> {
        let kind = match self.advance()? {
            Token {
                kind: TokenKind::Dotted,
                text: ".entry",
                ..
            } => FunctionKind::Entry,
            Token {
                kind: TokenKind::Dotted,
                text: ".func",
                ..
            } => FunctionKind::Func,
            other => return Err(Self::error_at(other, ".entry or .func")),
        };
        if self.at_dotted(".attribute") {
            self.advance()?;
            self.attributes()?;
        }
        let returns = if self.at(b'(') {
            self.parameters()?
        } else {
            Vec::new()
        };
        let name = self.word("the name of a function")?.text;
        let params = if self.at(b'(') {
            self.parameters()?
        } else {
            Vec::new()
        };
        let directives = self.function_directives()?;
        let body = self.body_text()?;
        let span = Span {
            start: start.start,
            end: self.previous_end(),
            line: start.line,
        };
        Ok(Function {
            kind,
            name,
            linkage,
            returns,
            params,
            directives,
            body,
            line: start.line,
            span,
        })
    }

    /// The body in braces, or the semicolon of a prototype.
    fn body_text(&mut self) -> Result<Option<BodyText<'a>>, PtxError> {
        if self.eat(b';')? {
            return Ok(None);
        }
        if !self.at(b'{') {
            return Err(self.error("'{' or ';' after a function header"));
        }
        let (text, line, column) = self.skip_block()?;
        Ok(Some(BodyText { text, line, column }))
    }

    pub(super) fn function_directives(&mut self) -> Result<Directives<'a>, PtxError> {
        let mut directives = Directives::default();
        while self.kind() == TokenKind::Dotted {
            let token = self.advance()?;
            match token.text {
                ".maxntid" => directives.max_ntid = Some(self.extents()?),
                ".reqntid" => directives.req_ntid = Some(self.extents()?),
                ".reqnctapercluster" => directives.req_ncta_per_cluster = Some(self.extents()?),
                ".minnctapersm" => directives.min_ncta_per_sm = Some(self.count()?),
                ".maxnctapersm" => directives.max_ncta_per_sm = Some(self.count()?),
                ".maxnreg" => directives.max_nreg = Some(self.count()?),
                ".maxclusterrank" => directives.max_cluster_rank = Some(self.count()?),
                ".noreturn" => directives.noreturn = true,
                ".explicitcluster" => directives.explicit_cluster = true,
                ".pragma" => self.pragmas(&mut directives)?,
                _ => self.skip_arguments()?,
            }
        }
        Ok(directives)
    }

    fn count(&mut self) -> Result<u32, PtxError> {
        self.integer_u32("a count")
    }

    /// Up to three extents; those not given are 1.
    fn extents(&mut self) -> Result<[u32; 3], PtxError> {
        let mut extents = [1; 3];
        extents[0] = self.count()?;
        for extent in &mut extents[1..] {
            if !self.eat(b',')? {
                break;
            }
            *extent = self.count()?;
        }
        Ok(extents)
    }

    fn pragmas(&mut self, directives: &mut Directives<'a>) -> Result<(), PtxError> {
        while self.kind() == TokenKind::String {
            directives.pragmas.push(self.advance()?.text);
            self.eat(b',')?;
        }
        self.expect(b';', "';' after a pragma")
    }

    /// Numbers, strings and attributes after a function directive that is not known here.
    fn skip_arguments(&mut self) -> Result<(), PtxError> {
        loop {
            match self.kind() {
                TokenKind::Punct(b'(') => self.skip_parentheses()?,
                TokenKind::Int { .. } | TokenKind::String | TokenKind::Punct(b',') => {
                    self.advance()?;
                }
                _ => return Ok(()),
            }
        }
    }
}

/// `sm_90a` or `compute_90a`: the number and the suffix.
fn parse_target(word: &str) -> Option<Target<'_>> {
    let number = word
        .strip_prefix("sm_")
        .or_else(|| word.strip_prefix("compute_"))?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let sm = number[..digits].parse().ok()?;
    Some(Target {
        sm,
        suffix: &number[digits..],
    })
}

#[cfg(test)]
mod tests {
    use super::super::ast::Param;
    use super::super::types::ScalarType;
    use super::*;

    const HEADER: &str = ".version 8.8\n.target sm_90a, debug\n.address_size 64\n";

    fn parse(items: &str) -> Module<'_> {
        let text = format!("{HEADER}{items}").leak();
        Module::parse(text).unwrap()
    }

    #[test]
    fn header_is_read() {
        let module = Module::parse("// c\n .version 7.0 .target sm_52 .address_size 64").unwrap();
        assert_eq!(module.version, (7, 0));
        assert_eq!(module.target, Target { sm: 52, suffix: "" });
        assert_eq!(module.address_size, 64);
        assert_eq!(
            parse("").target,
            Target {
                sm: 90,
                suffix: "a"
            }
        );
    }

    #[test]
    fn text_that_is_no_module_is_refused() {
        let check = |text: &str| assert!(Module::parse(text).is_err(), "{text}");
        check("");
        check("hello");
        check(".target sm_50");
        check(".version 8.0");
        check(".version x .target sm_50");
        check(".version 8.0 .target sm_50 .address_size 48");
        check(".version 8.0 .target sm_50 .entry f { ret;");
        check(".version 8.0 .target sm_50 add.s32 a, b, c;");
        check(".version 8.0 .target sm_50 .visible ;");
    }

    #[test]
    fn kernel_header_gives_parameters_and_bounds() {
        let module = parse(
            ".visible .entry k(.param .u64 .ptr .global .align 16 p, .param .align 8 .b8 s[24],\n\
             .param .u8 c, .param .f64 d)\n.maxntid 256, 2\n.minnctapersm 3 .reqntid 8,4,2\n\
             .maxnreg 64 .pragma \"a\", \"b\"; .explicitcluster .reqnctapercluster 2, 1, 1\n\
             .abi_preserve 4 { ret; }",
        );
        let kernel = module.function("k").unwrap();
        assert_eq!(kernel.kind, FunctionKind::Entry);
        assert_eq!(kernel.linkage, Linkage::Visible);
        assert_eq!(kernel.directives.max_ntid, Some([256, 2, 1]));
        assert_eq!(kernel.directives.req_ntid, Some([8, 4, 2]));
        assert_eq!(kernel.directives.min_ncta_per_sm, Some(3));
        assert_eq!(kernel.directives.max_nreg, Some(64));
        assert_eq!(kernel.directives.pragmas, ["a", "b"]);
        assert_eq!(kernel.directives.req_ncta_per_cluster, Some([2, 1, 1]));
        assert_eq!(kernel.params[0].align, 8);
        let layout = Param::layout(&kernel.params).unwrap();
        let places: Vec<_> = layout.iter().map(|slot| (slot.offset, slot.size)).collect();
        assert_eq!(places, [(0, 8), (8, 24), (32, 1), (40, 8)]);
        assert_eq!(kernel.body.unwrap().text.trim(), "ret;");
    }

    #[test]
    fn functions_prototypes_and_aliases_resolve() {
        let module = parse(
            ".extern .func (.param .b32 r) vprintf (.param .b64 a, .param .b64 b);\n\
             .func (.reg .u32 %x) f (.reg .u32 %y);\n\
             .func (.reg .u32 %x) f (.reg .u32 %y) .noreturn { ret; }\n\
             .weak .func g { ret; }\n.visible .func h;\n.alias h, g;",
        );
        assert!(module.function("vprintf").unwrap().body.is_none());
        let f = module.function("f").unwrap();
        assert!(f.body.is_some() && f.directives.noreturn);
        assert_eq!(f.returns[0].space, Space::Reg);
        assert_eq!(module.function("h").unwrap().name, "g");
        assert!(module.function("i").is_none());
        assert_eq!(module.kernels().count(), 0);
    }

    #[test]
    fn variables_of_every_space_are_read() {
        let module = parse(
            ".global .align 4 .u32 a = 5, b[2];\n.const[2] .f32 c;\n.extern .shared .b8 s[];\n\
             .visible .global .attribute(.managed) .s32 m;\n.global .samplerref t = { x = 1 };\n\
             .extern .global .u64 e;\n.global .u64 e = 3;\n.common .global .b64 q;",
        );
        let summary: Vec<_> = module
            .globals
            .iter()
            .map(|v| (v.name, v.space, v.size_bytes()))
            .collect();
        assert_eq!(
            summary[..3],
            [
                ("a", Space::Global, 4),
                ("b", Space::Global, 8),
                ("c", Space::Const, 4)
            ]
        );
        assert!(module.global("s").unwrap().is_unsized());
        assert!(module.global("m").unwrap().managed);
        assert_eq!(module.global("t").unwrap().ty, ScalarType::Samplerref);
        assert_eq!(module.global("e").unwrap().linkage, Linkage::None);
        assert_eq!(module.global("q").unwrap().linkage, Linkage::Common);
    }

    #[test]
    fn debug_and_unknown_directives_are_skipped() {
        let module = parse(
            ".file 1 \"a.cu\", 12, 34\n.section .debug_info { .b8 1, 2\n L: .b32 L }\n\
             .pragma \"x\";\n.frobnicate 1, 2\n.entry k { ret; }\n.loc 1 2 3\n",
        );
        assert!(module.function("k").is_some());
    }

    #[test]
    fn parse_at_reads_one_function_again() {
        let text = format!("{HEADER}.entry a {{ ret; }}\n\n.visible .entry b() {{\n ret; }}");
        let module = Module::parse(&text).unwrap();
        for function in &module.functions {
            assert_eq!(&Function::parse_at(&text, function.span).unwrap(), function);
        }
        assert_eq!(module.function("b").unwrap().line, 6);
    }

    #[test]
    fn errors_tell_line_and_column() {
        let error = Module::parse(".version 8.0\n.target sm_50\n  .global .zz q;").unwrap_err();
        let expected = "parse PTX at line 3, column 11: expected a type, found '.zz'";
        assert_eq!(error.to_string(), expected);
    }
}
