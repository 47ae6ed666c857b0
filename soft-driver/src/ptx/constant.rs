//! Constant expressions, folded as PTX folds them: 64-bit integers, signed unless marked or too
//! large, and double precision. Symbols are not expressions; initialisers handle them.

use super::ast::Imm;
use super::cursor::Cursor;
use super::error::PtxError;
use super::lexer::{Token, TokenKind};

/// Nesting of parentheses and unary operators.
const DEPTH_MAX: u32 = 64;

/// Threads of a warp, the value of `WARP_SZ`.
const WARP_SIZE: u64 = 32;

const EXPECTED: &str = "a constant expression";

#[derive(Debug, Clone, Copy)]
enum Value {
    Int { bits: u64, unsigned: bool },
    Float(f64),
    F32Bits(u32),
    F64Bits(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Multiply,
    Divide,
    Remainder,
    Add,
    Subtract,
    ShiftLeft,
    ShiftRight,
    Less,
    Greater,
    LessEqual,
    GreaterEqual,
    Equal,
    NotEqual,
    And,
    Xor,
    Or,
    LogicalAnd,
    LogicalOr,
}

impl<'a> Cursor<'a> {
    /// A constant expression as an immediate.
    pub(super) fn constant(&mut self) -> Result<Imm, PtxError> {
        Ok(match self.conditional(0)? {
            Value::Int { bits, .. } => Imm::Int(bits),
            Value::Float(value) => Imm::Float(value),
            Value::F32Bits(bits) => Imm::F32Bits(bits),
            Value::F64Bits(bits) => Imm::F64Bits(bits),
        })
    }

    /// A constant expression that is an integer.
    pub(super) fn constant_integer(&mut self, expected: &'static str) -> Result<u64, PtxError> {
        let place = self.token();
        match self.conditional(0)? {
            Value::Int { bits, .. } => Ok(bits),
            _ => Err(Self::error_at(place, expected)),
        }
    }

    /// Whether a constant expression can begin with the current token.
    pub(super) fn at_constant(&self) -> bool {
        match self.kind() {
            TokenKind::Int { .. }
            | TokenKind::Float(_)
            | TokenKind::F32Bits(_)
            | TokenKind::F64Bits(_)
            | TokenKind::Punct(b'(' | b'+' | b'-' | b'~' | b'!') => true,
            TokenKind::Word => self.token().text == "WARP_SZ",
            TokenKind::Dotted => dotted_float(self.token().text).is_some(),
            _ => false,
        }
    }

    fn conditional(&mut self, depth: u32) -> Result<Value, PtxError> {
        let condition = self.binary(1, depth)?;
        if !self.at(b'?') {
            return Ok(condition);
        }
        self.check_depth(depth)?;
        let place = self.advance()?;
        let first = self.conditional(depth + 1)?;
        self.expect(b':', "':' of a conditional expression")?;
        let second = self.conditional(depth + 1)?;
        match condition {
            Value::Int { bits, .. } => Ok(if bits != 0 { first } else { second }),
            _ => Err(Self::error_at(place, "an integer before '?'")),
        }
    }

    /// Operators of at least `precedence`, by precedence climbing.
    fn binary(&mut self, precedence: u8, depth: u32) -> Result<Value, PtxError> {
        let mut left = self.unary(depth)?;
        while let Some((operator, own)) = binary_operator(self.token()) {
            if own < precedence {
                break;
            }
            self.check_depth(depth)?;
            let place = self.advance()?;
            let right = self.binary(own + 1, depth + 1)?;
            left = apply(operator, left, right)
                .ok_or_else(|| Self::error_at(place, "an operation that has a value"))?;
        }
        Ok(left)
    }

    fn unary(&mut self, depth: u32) -> Result<Value, PtxError> {
        self.check_depth(depth)?;
        let token = self.advance()?;
        match token.kind {
            TokenKind::Int { value, unsigned } => Ok(Value::Int {
                bits: value,
                unsigned,
            }),
            TokenKind::Float(value) => Ok(Value::Float(value)),
            TokenKind::F32Bits(bits) => Ok(Value::F32Bits(bits)),
            TokenKind::F64Bits(bits) => Ok(Value::F64Bits(bits)),
            TokenKind::Word if token.text == "WARP_SZ" => Ok(Value::Int {
                bits: WARP_SIZE,
                unsigned: false,
            }),
            TokenKind::Dotted => dotted_float(token.text)
                .map(Value::Float)
                .ok_or_else(|| Self::error_at(token, EXPECTED)),
            TokenKind::Punct(b'(') => self.parenthesised(depth),
            TokenKind::Punct(operator @ (b'+' | b'-' | b'~' | b'!')) => {
                let value = self.unary(depth + 1)?;
                apply_unary(operator, value)
                    .ok_or_else(|| Self::error_at(token, "an integer after this operator"))
            }
            _ => Err(Self::error_at(token, EXPECTED)),
        }
    }

    /// What follows an opening parenthesis: a cast or a nested expression.
    fn parenthesised(&mut self, depth: u32) -> Result<Value, PtxError> {
        let cast_unsigned = match self.token() {
            Token {
                kind: TokenKind::Dotted,
                text: ".s64",
                ..
            } => Some(false),
            Token {
                kind: TokenKind::Dotted,
                text: ".u64",
                ..
            } => Some(true),
            _ => None,
        };
        if let Some(unsigned) = cast_unsigned {
            self.advance()?;
            self.expect(b')', "')' of a cast")?;
            return Ok(cast(self.unary(depth + 1)?, unsigned));
        }
        let value = self.conditional(depth + 1)?;
        self.expect(b')', "')' of an expression")?;
        Ok(value)
    }

    fn check_depth(&self, depth: u32) -> Result<(), PtxError> {
        if depth >= DEPTH_MAX {
            return Err(self.too_many("levels of nested expressions", u64::from(DEPTH_MAX)));
        }
        Ok(())
    }
}

/// `.5` reads as a dotted word.
fn dotted_float(text: &str) -> Option<f64> {
    let digits = text.get(1..)?;
    let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if decimal { text.parse().ok() } else { None }
}

fn binary_operator(token: Token<'_>) -> Option<(Operator, u8)> {
    if !matches!(token.kind, TokenKind::Punct(_) | TokenKind::Double) {
        return None;
    }
    Some(match token.text {
        "*" => (Operator::Multiply, 10),
        "/" => (Operator::Divide, 10),
        "%" => (Operator::Remainder, 10),
        "+" => (Operator::Add, 9),
        "-" => (Operator::Subtract, 9),
        "<<" => (Operator::ShiftLeft, 8),
        ">>" => (Operator::ShiftRight, 8),
        "<" => (Operator::Less, 7),
        ">" => (Operator::Greater, 7),
        "<=" => (Operator::LessEqual, 7),
        ">=" => (Operator::GreaterEqual, 7),
        "==" => (Operator::Equal, 6),
        "!=" => (Operator::NotEqual, 6),
        "&" => (Operator::And, 5),
        "^" => (Operator::Xor, 4),
        "|" => (Operator::Or, 3),
        "&&" => (Operator::LogicalAnd, 2),
        "||" => (Operator::LogicalOr, 1),
        _ => return None,
    })
}

fn apply_unary(operator: u8, value: Value) -> Option<Value> {
    Some(match (operator, value) {
        (b'+', value) => value,
        (b'-', Value::Int { bits, unsigned }) => Value::Int {
            bits: bits.wrapping_neg(),
            unsigned,
        },
        (b'-', Value::Float(value)) => Value::Float(-value),
        (b'-', Value::F32Bits(bits)) => Value::F32Bits(bits ^ (1 << 31)),
        (b'-', Value::F64Bits(bits)) => Value::F64Bits(bits ^ (1 << 63)),
        (b'~', Value::Int { bits, unsigned }) => Value::Int {
            bits: !bits,
            unsigned,
        },
        (b'!', Value::Int { bits, .. }) => truth(bits == 0),
        _ => return None,
    })
}

fn truth(value: bool) -> Value {
    Value::Int {
        bits: u64::from(value),
        unsigned: false,
    }
}

fn cast(value: Value, unsigned: bool) -> Value {
    let bits = match value {
        Value::Int { bits, .. } => bits,
        other if unsigned => other.to_f64() as u64,
        other => other.to_f64() as i64 as u64,
    };
    Value::Int { bits, unsigned }
}

impl Value {
    fn to_f64(self) -> f64 {
        match self {
            Value::Int {
                bits,
                unsigned: true,
            } => bits as f64,
            Value::Int {
                bits,
                unsigned: false,
            } => bits as i64 as f64,
            Value::Float(value) => value,
            Value::F32Bits(bits) => f64::from(f32::from_bits(bits)),
            Value::F64Bits(bits) => f64::from_bits(bits),
        }
    }
}

fn apply(operator: Operator, left: Value, right: Value) -> Option<Value> {
    let (
        Value::Int {
            bits: a,
            unsigned: a_unsigned,
        },
        Value::Int { bits: b, unsigned },
    ) = (left, right)
    else {
        return apply_float(operator, left.to_f64(), right.to_f64());
    };
    let unsigned = match operator {
        Operator::ShiftLeft | Operator::ShiftRight => a_unsigned,
        _ => a_unsigned || unsigned,
    };
    if let Some(value) = compare(operator, a, b, unsigned) {
        return Some(truth(value));
    }
    let shift = u32::try_from(b).unwrap_or(u32::MAX);
    let bits = match operator {
        Operator::Multiply => a.wrapping_mul(b),
        Operator::Divide if unsigned => a.checked_div(b)?,
        Operator::Divide => (a as i64).checked_div(b as i64)? as u64,
        Operator::Remainder if unsigned => a.checked_rem(b)?,
        Operator::Remainder => (a as i64).checked_rem(b as i64)? as u64,
        Operator::Add => a.wrapping_add(b),
        Operator::Subtract => a.wrapping_sub(b),
        Operator::ShiftLeft => a.checked_shl(shift).unwrap_or(0),
        Operator::ShiftRight if unsigned => a.checked_shr(shift).unwrap_or(0),
        Operator::ShiftRight => ((a as i64) >> shift.min(63)) as u64,
        Operator::And => a & b,
        Operator::Xor => a ^ b,
        Operator::Or => a | b,
        _ => return None,
    };
    Some(Value::Int { bits, unsigned })
}

/// The result of an operator that yields a truth value.
fn compare(operator: Operator, a: u64, b: u64, unsigned: bool) -> Option<bool> {
    let order = if unsigned {
        a.cmp(&b)
    } else {
        (a as i64).cmp(&(b as i64))
    };
    Some(match operator {
        Operator::Less => order.is_lt(),
        Operator::Greater => order.is_gt(),
        Operator::LessEqual => order.is_le(),
        Operator::GreaterEqual => order.is_ge(),
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::LogicalAnd => a != 0 && b != 0,
        Operator::LogicalOr => a != 0 || b != 0,
        _ => return None,
    })
}

fn apply_float(operator: Operator, a: f64, b: f64) -> Option<Value> {
    Some(match operator {
        Operator::Multiply => Value::Float(a * b),
        Operator::Divide => Value::Float(a / b),
        Operator::Add => Value::Float(a + b),
        Operator::Subtract => Value::Float(a - b),
        Operator::Less => truth(a < b),
        Operator::Greater => truth(a > b),
        Operator::LessEqual => truth(a <= b),
        Operator::GreaterEqual => truth(a >= b),
        Operator::Equal => truth(a == b),
        Operator::NotEqual => truth(a != b),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::lexer::Lexer;
    use super::*;

    fn fold(text: &str) -> Result<Imm, PtxError> {
        let mut cursor = Cursor::new(Lexer::new(text, 1, 1))?;
        let value = cursor.constant()?;
        assert!(cursor.at_end(), "{text}");
        Ok(value)
    }

    #[test]
    fn integer_expressions_fold_with_precedence() {
        let check = |text, expected: i64| {
            assert_eq!(fold(text), Ok(Imm::Int(expected as u64)), "{text}");
        };
        check("1<<4", 16);
        check("-(2+3)", -5);
        check("2+3*4", 14);
        check("(2+3)*4", 20);
        check("10-3-2", 5);
        check("7%4", 3);
        check("WARP_SZ-1", 31);
        check("~0", -1);
        check("!5", 0);
        check("1 ? 2 : 3", 2);
        check("0 ? 2 : 0 ? 4 : 5", 5);
        check("3 > 2 && 1 != 1", 0);
        check("0xF0 | 1 ^ 3 & 2", 0xf3);
        check("-8 >> 1", -4);
        check("1 << 64", 0);
        check("0xFFFFFFFFFFFFFFFF >> 63", 1);
        check("(.s64) 0xFFFFFFFFFFFFFFFF >> 63", -1);
        check("(.u64) 2.75", 2);
        check("-1 < 0U", 0);
    }

    #[test]
    fn float_expressions_fold() {
        assert_eq!(fold("-1.5*2"), Ok(Imm::Float(-3.0)));
        assert_eq!(fold("0f3F800000"), Ok(Imm::F32Bits(0x3f80_0000)));
        assert_eq!(fold("-0f3F800000"), Ok(Imm::F32Bits(0xbf80_0000)));
        assert_eq!(fold(".5"), Ok(Imm::Float(0.5)));
    }

    #[test]
    fn expressions_without_a_value_are_refused() {
        for text in ["1/0", "1%0", "~1.5", "1+", "(1", "foo", "1.0<<2"] {
            assert!(fold(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nesting_beyond_the_limit_is_refused() {
        for text in [
            "(".repeat(100_000),
            "-".repeat(100_000),
            "1?".repeat(100_000),
        ] {
            assert!(matches!(fold(&text), Err(PtxError::TooMany { .. })));
        }
    }
}
