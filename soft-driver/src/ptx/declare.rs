//! Declarations: types, variables with their initial values, parameters. Used at module level, in
//! function headers and in bodies. Read `Cursor::variables` first.

use super::ast::{Imm, InitElement, InitItem, Param, Variable};
use super::cursor::Cursor;
use super::error::PtxError;
use super::lexer::TokenKind;
use super::types::{Linkage, ScalarType, Space};

/// Array dimensions of one variable.
const DIMS_MAX: usize = 8;
/// The largest alignment a declaration may ask for.
const ALIGN_MAX: u64 = 1 << 20;
/// Parameters of one function.
const PARAMS_MAX: usize = 1 << 16;

/// What precedes the name in a declaration.
#[derive(Debug, Clone, Copy)]
pub(super) struct TypeSpec {
    pub(super) ty: ScalarType,
    pub(super) vector: u8,
    pub(super) align: Option<u32>,
    pub(super) managed: bool,
}

impl TypeSpec {
    /// Alignment in bytes: as declared, else natural.
    fn alignment(&self) -> u32 {
        self.align
            .unwrap_or(self.ty.size_bytes() * u32::from(self.vector))
            .next_power_of_two()
    }
}

impl<'a> Cursor<'a> {
    /// `.align 8 .v2 .f32` and the like, in any order, up to the name.
    pub(super) fn type_spec(&mut self) -> Result<TypeSpec, PtxError> {
        let mut ty = None;
        let mut spec = TypeSpec {
            ty: ScalarType::B8,
            vector: 1,
            align: None,
            managed: false,
        };
        let mut pointee = false;
        while self.kind() == TokenKind::Dotted {
            let token = self.advance()?;
            match token.text {
                ".align" => {
                    let align = self.alignment()?;
                    // After `.ptr` it is the alignment of what the parameter points to.
                    if !pointee {
                        spec.align = Some(align);
                    }
                }
                ".v2" => spec.vector = 2,
                ".v4" => spec.vector = 4,
                ".v8" => spec.vector = 8,
                ".ptr" => pointee = true,
                ".attribute" => spec.managed |= self.attributes()?,
                text => match ScalarType::parse(&text[1..]) {
                    Some(found) => ty = Some(found),
                    None if pointee => {}
                    None => return Err(Self::error_at(token, "a type")),
                },
            }
        }
        spec.ty = ty.ok_or_else(|| self.error("a type"))?;
        Ok(spec)
    }

    fn alignment(&mut self) -> Result<u32, PtxError> {
        const EXPECTED: &str = "an alignment: a power of two up to 1048576";
        let place = self.token();
        let align = self.integer(EXPECTED)?;
        if !align.is_power_of_two() || align > ALIGN_MAX {
            return Err(Self::error_at(place, EXPECTED));
        }
        Ok(align as u32)
    }

    /// What follows `.attribute`; whether `.managed` is among it.
    pub(super) fn attributes(&mut self) -> Result<bool, PtxError> {
        let mut managed = false;
        let mut depth = 0usize;
        loop {
            match self.kind() {
                TokenKind::Punct(b'(') => depth += 1,
                TokenKind::Punct(b')') => depth = depth.saturating_sub(1),
                TokenKind::Dotted => managed |= self.token().text == ".managed",
                TokenKind::End => return Err(self.error("a closing parenthesis")),
                _ if depth == 0 => return Err(self.error("attributes in parentheses")),
                _ => {}
            }
            self.advance()?;
            if depth == 0 {
                return Ok(managed);
            }
        }
    }

    /// Array dimensions after a name: `[4][]`.
    fn dimensions(&mut self) -> Result<Vec<u64>, PtxError> {
        let mut dims = Vec::new();
        while self.eat(b'[')? {
            if dims.len() == DIMS_MAX {
                return Err(self.too_many("array dimensions", DIMS_MAX as u64));
            }
            let size = if self.at(b']') {
                0
            } else {
                self.constant_integer("an array size")?
            };
            dims.push(size);
            self.expect(b']', "']' after an array size")?;
        }
        Ok(dims)
    }

    /// A variable declaration, from the state space directive up to and with the semicolon; it may
    /// declare several names.
    pub(super) fn variables(
        &mut self,
        space: Space,
        linkage: Linkage,
    ) -> Result<Vec<Variable<'a>>, PtxError> {
        self.advance()?;
        if space == Space::Const && self.eat(b'[')? {
            self.constant_integer("a bank number")?;
            self.expect(b']', "']' after a bank number")?;
        }
        let spec = self.type_spec()?;
        let mut variables = Vec::new();
        loop {
            variables.push(self.variable(space, linkage, &spec)?);
            if !self.eat(b',')? {
                break;
            }
        }
        self.expect(b';', "';' after a declaration")?;
        Ok(variables)
    }

    fn variable(
        &mut self,
        space: Space,
        linkage: Linkage,
        spec: &TypeSpec,
    ) -> Result<Variable<'a>, PtxError> {
        let name = self.word("the name of a variable")?;
        let mut variable = Variable {
            space,
            name: name.text,
            ty: spec.ty,
            vector: spec.vector,
            align: spec.alignment(),
            dims: self.dimensions()?,
            init: Vec::new(),
            linkage,
            managed: spec.managed,
            line: name.line,
        };
        if self.eat(b'=')? {
            self.initialiser(&mut variable)?;
        }
        Ok(variable)
    }

    /// A parameter list with its parentheses.
    pub(super) fn parameters(&mut self) -> Result<Vec<Param<'a>>, PtxError> {
        self.expect(b'(', "'(' before parameters")?;
        let mut params = Vec::new();
        while !self.at(b')') {
            if params.len() == PARAMS_MAX {
                return Err(self.too_many("parameters", PARAMS_MAX as u64));
            }
            params.push(self.parameter()?);
            if !self.eat(b',')? {
                break;
            }
        }
        self.expect(b')', "')' after parameters")?;
        Ok(params)
    }

    fn parameter(&mut self) -> Result<Param<'a>, PtxError> {
        let token = self.advance()?;
        let space = match token.text {
            ".param" => Space::Param,
            ".reg" => Space::Reg,
            _ => return Err(Self::error_at(token, ".param or .reg")),
        };
        let spec = self.type_spec()?;
        let name = self.word("the name of a parameter")?;
        Ok(Param {
            name: name.text,
            space,
            ty: spec.ty,
            vector: spec.vector,
            align: spec.alignment(),
            dims: self.dimensions()?,
        })
    }

    fn initialiser(&mut self, variable: &mut Variable<'a>) -> Result<(), PtxError> {
        if matches!(
            variable.ty,
            ScalarType::Texref | ScalarType::Samplerref | ScalarType::Surfref
        ) {
            // Sampling modes: nothing here samples textures by reference.
            if !self.at(b'{') {
                return Err(self.error("'{' before texture fields"));
            }
            return self.skip_block().map(drop);
        }
        let strides = strides(variable).ok_or_else(|| self.error("an array of 64-bit size"))?;
        let mut filler = Filler {
            strides,
            next: 0,
            init: Vec::new(),
        };
        if self.at(b'{') {
            self.initialiser_list(&mut filler, 0)?;
        } else {
            filler.push(self.initial_value()?);
        }
        let capacity = filler.strides[0];
        if variable.dims.first() == Some(&0) {
            let row = filler.strides.get(1).copied().unwrap_or(1).max(1);
            variable.dims[0] = filler.next.div_ceil(row);
        } else if filler.next > capacity {
            return Err(self.error("no more initial values than elements"));
        }
        variable.init = filler.init;
        Ok(())
    }

    /// `{…}` whose elements lie `level` levels deep.
    fn initialiser_list(&mut self, filler: &mut Filler<'a>, level: usize) -> Result<(), PtxError> {
        self.expect(b'{', "'{' before initial values")?;
        while !self.at(b'}') {
            if self.at(b'{') {
                let Some(stride) = filler.strides.get(level + 1).copied() else {
                    return Err(self.error("an initial value"));
                };
                let start = filler.next;
                self.initialiser_list(filler, level + 1)?;
                let end = start.checked_add(stride).filter(|end| filler.next <= *end);
                filler.next =
                    end.ok_or_else(|| self.error("no more initial values than elements"))?;
            } else {
                let value = self.initial_value()?;
                filler.push(value);
            }
            if !self.eat(b',')? {
                break;
            }
        }
        self.expect(b'}', "'}' after initial values")
    }

    fn initial_value(&mut self) -> Result<InitItem<'a>, PtxError> {
        if self.kind() == TokenKind::Word && self.token().text != "WARP_SZ" {
            return self.symbol(None);
        }
        let value = match self.constant()? {
            // An integer directly before a parenthesis selects bytes of an address.
            Imm::Int(mask) if self.at(b'(') => {
                self.advance()?;
                let item = self.symbol(Some(mask))?;
                self.expect(b')', "')' after a masked symbol")?;
                return Ok(item);
            }
            value => value,
        };
        Ok(match value {
            Imm::Int(bits) => InitItem::Int(bits),
            Imm::Float(value) => InitItem::Float(value),
            Imm::F32Bits(bits) => InitItem::F32Bits(bits),
            Imm::F64Bits(bits) => InitItem::F64Bits(bits),
        })
    }

    /// `name`, `generic(name)`, either with `+ constant` or `- constant`.
    fn symbol(&mut self, mask: Option<u64>) -> Result<InitItem<'a>, PtxError> {
        let mut name = self.word("the name of a variable or function")?;
        let generic = name.text == "generic" && self.at(b'(');
        let mut addend = 0u64;
        if generic {
            self.advance()?;
            name = self.word("the name of a variable")?;
            addend = self.addend()?;
            self.expect(b')', "')' of generic")?;
        }
        addend = addend.wrapping_add(self.addend()?);
        Ok(InitItem::Symbol {
            name: name.text,
            addend: addend as i64,
            generic,
            mask,
        })
    }

    /// An optional sum after a name; 0 where there is none.
    pub(super) fn addend(&mut self) -> Result<u64, PtxError> {
        if self.at(b'+') || self.at(b'-') {
            return self.constant_integer("an offset");
        }
        Ok(0)
    }
}

/// Values as they are listed, with the position that the next one takes.
struct Filler<'a> {
    /// Scalars from one element to the next, by nesting level; level 0 is the whole variable.
    strides: Vec<u64>,
    next: u64,
    init: Vec<InitElement<'a>>,
}

impl<'a> Filler<'a> {
    fn push(&mut self, value: InitItem<'a>) {
        self.init.push(InitElement {
            index: self.next,
            value,
        });
        self.next = self.next.saturating_add(1);
    }
}

/// Scalars in the whole variable, then in one row, and so on down to 1. An unsized first dimension
/// counts nothing, so that entry 0 is then 0.
fn strides(variable: &Variable<'_>) -> Option<Vec<u64>> {
    let mut strides = vec![1u64];
    let vector = (variable.vector > 1).then_some(u64::from(variable.vector));
    for extent in variable.dims.iter().copied().chain(vector).rev() {
        let inner = *strides.last()?;
        strides.push(inner.checked_mul(extent)?);
    }
    strides.reverse();
    Some(strides)
}

/// A name in an initialiser that the resolver of [`Variable::write_initial`] does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnresolvedSymbol<'a>(
    /// The name.
    pub &'a str,
);

impl<'a> Variable<'a> {
    /// Hands every initial value as little-endian bytes to `write`, with its offset in the
    /// variable; the rest of the variable is zero. `resolve` turns a name into an address, generic
    /// if its second argument says so, else relative to the symbol's state space.
    ///
    /// # Errors
    /// The first name that `resolve` does not know.
    pub fn write_initial(
        &self,
        mut resolve: impl FnMut(&'a str, bool) -> Option<u64>,
        mut write: impl FnMut(u64, &[u8]),
    ) -> Result<(), UnresolvedSymbol<'a>> {
        let size = self.ty.size_bytes() as usize;
        for element in &self.init {
            let bits: u128 = match element.value {
                InitItem::Int(bits) if self.ty.is_signed() || self.ty == ScalarType::B128 => {
                    i128::from(bits as i64) as u128
                }
                InitItem::Symbol {
                    name,
                    addend,
                    generic,
                    mask,
                } => {
                    let address = resolve(name, generic).ok_or(UnresolvedSymbol(name))?;
                    u128::from(masked(address.wrapping_add(addend as u64), mask))
                }
                value => u128::from(self.scalar_bits(value)),
            };
            let bytes = bits.to_le_bytes();
            write(element.index * size as u64, &bytes[..size.min(bytes.len())]);
        }
        Ok(())
    }

    /// The bits of a number in the variable's type.
    fn scalar_bits(&self, value: InitItem<'a>) -> u64 {
        let value = match value {
            InitItem::Int(bits) => Imm::Int(bits),
            InitItem::Float(value) => Imm::Float(value),
            InitItem::F32Bits(bits) => Imm::F32Bits(bits),
            InitItem::F64Bits(bits) => Imm::F64Bits(bits),
            InitItem::Symbol { .. } => return 0,
        };
        match self.ty {
            ScalarType::F32 => u64::from(value.to_f32().to_bits()),
            ScalarType::F64 => value.to_f64().to_bits(),
            _ => value.bits(),
        }
    }
}

/// The bits of `address` under `mask`, moved down to bit 0.
fn masked(address: u64, mask: Option<u64>) -> u64 {
    match mask {
        None => address,
        Some(0) => 0,
        Some(mask) => (address & mask) >> mask.trailing_zeros(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::Lexer;
    use super::*;

    fn declare(text: &str) -> Result<Variable<'_>, PtxError> {
        let mut cursor = Cursor::new(Lexer::new(text, 1, 1))?;
        Ok(cursor.variables(Space::Global, Linkage::None)?.remove(0))
    }

    fn bytes(text: &str) -> Vec<u8> {
        let variable = declare(text).unwrap();
        let mut bytes = vec![0; variable.size_bytes() as usize];
        let resolve = |name: &str, generic| match (name, generic) {
            ("foo", false) => Some(0x1234),
            ("foo", true) => Some(0x7f00_1234),
            _ => None,
        };
        variable
            .write_initial(resolve, |at, piece| {
                bytes[at as usize..at as usize + piece.len()].copy_from_slice(piece);
            })
            .unwrap();
        bytes
    }

    #[test]
    fn alignment_defaults_to_natural() {
        let align = |text| declare(text).unwrap().align;
        assert_eq!(align(".global .u32 a;"), 4);
        assert_eq!(align(".global .v4 .f32 a;"), 16);
        assert_eq!(align(".global .align 16 .b8 a[3];"), 16);
        assert!(declare(".global .align 3 .b8 a;").is_err());
    }

    #[test]
    fn initial_values_land_row_major() {
        assert_eq!(
            bytes(".global .u8 a[2][3] = {{1,2},{3}};"),
            [1, 2, 0, 3, 0, 0]
        );
        assert_eq!(bytes(".global .u8 a[2][2] = {1,2,3,4};"), [1, 2, 3, 4]);
        assert_eq!(bytes(".global .u16 a[] = {258, -1};"), [2, 1, 255, 255]);
        assert_eq!(bytes(".global .v2 .u8 a[2] = {{1,2},{3,4}};"), [1, 2, 3, 4]);
        assert_eq!(bytes(".global .s8 a = -(2+3);"), [251]);
    }

    #[test]
    fn initial_floats_round_to_the_type() {
        assert_eq!(bytes(".global .f32 a = 0.1;"), 0.1f32.to_le_bytes());
        assert_eq!(bytes(".global .f64 a = 0f3F800000;"), 1f64.to_le_bytes());
        assert_eq!(bytes(".global .f32 a = 3;"), 3f32.to_le_bytes());
        assert_eq!(bytes(".global .b32 a = 0f3F800000;"), 1f32.to_le_bytes());
    }

    #[test]
    fn initial_symbols_resolve_with_addend_and_mask() {
        assert_eq!(bytes(".global .u32 a = foo;"), 0x1234u32.to_le_bytes());
        assert_eq!(
            bytes(".global .u32 a = generic(foo)+4;"),
            0x7f00_1238u32.to_le_bytes()
        );
        assert_eq!(
            bytes(".global .u8 a[2] = {0xff(foo), 0xff00(foo)};"),
            [0x34, 0x12]
        );
        assert_eq!(bytes(".global .u8 a = 0xff00(generic(foo)+256);"), [0x13]);
        let variable = declare(".global .u64 a = bar;").unwrap();
        let unresolved = variable.write_initial(|_, _| None, |_, _| {});
        assert_eq!(unresolved, Err(UnresolvedSymbol("bar")));
    }

    #[test]
    fn too_many_initial_values_are_refused() {
        for text in [
            ".global .u8 a[2] = {1,2,3};",
            ".global .u8 a[2][2] = {{1,2,3}};",
            ".global .u8 a = {{1}};",
            ".global .u8 a[18446744073709551615][2] = {1};",
        ] {
            assert!(declare(text).is_err(), "{text}");
        }
    }

    #[test]
    fn unsized_array_is_unsized() {
        let variable = declare(".global .align 16 .b8 buffer[];").unwrap();
        assert!(variable.is_unsized());
        assert_eq!(variable.size_bytes(), 0);
    }
}
