//! PTX text to tokens. Dotted words (`.s32`, `.shared::cta`) are tokens of their own, so that an
//! opcode is a word followed by dotted words. Read [`Lexer::next_token`] first.
//!
//! All token boundaries are ASCII bytes, so slices of the text are always valid.

use super::error::PtxError;

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind,
    /// The token as written; a string without its quotes.
    pub(super) text: &'a str,
    /// Byte offset in the lexer's text.
    pub(super) start: usize,
    pub(super) line: u32,
    pub(super) column: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum TokenKind {
    /// A name: `add`, `%r1`, `$L__BB0_1`, `_`.
    Word,
    /// A dot and a word: `.s32`, `.L1::no_allocate`, `.2d`.
    Dotted,
    Int {
        value: u64,
        unsigned: bool,
    },
    Float(f64),
    F32Bits(u32),
    F64Bits(u64),
    String,
    /// A bracket, separator or operator of one byte.
    Punct(u8),
    /// `<<`, `>>`, `<=`, `>=`, `==`, `!=`, `&&` or `||`; the token's text tells which.
    Double,
    End,
}

#[derive(Debug, Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    position: usize,
    line: u32,
    /// Offset at which the current line starts, less the columns before the text on line one.
    line_start: isize,
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$' | b'%')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

impl<'a> Lexer<'a> {
    /// A lexer over `text`, whose first byte stands at `line` and `column`, both from 1.
    pub(super) fn new(text: &'a str, line: u32, column: u32) -> Self {
        Self {
            text,
            position: 0,
            line,
            line_start: 1 - column as isize,
        }
    }

    /// A lexer over `text` that starts at byte `position`, which is on `line`; at the end of the
    /// text where there is no such byte.
    pub(super) fn starting_at(text: &'a str, position: usize, line: u32) -> Self {
        let before = text.get(..position).unwrap_or(text).as_bytes();
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        Self {
            text,
            position: before.len(),
            line,
            line_start: line_start as isize,
        }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Byte offset of the next unread byte.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Line and column of the next unread byte.
    pub(super) fn place(&self) -> (u32, u32) {
        self.place_of(self.position)
    }

    fn place_of(&self, position: usize) -> (u32, u32) {
        let column = position as isize - self.line_start + 1;
        (self.line, u32::try_from(column).unwrap_or(u32::MAX))
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.text
            .as_bytes()
            .get(self.position + ahead)
            .copied()
            .unwrap_or(0)
    }

    pub(super) fn error(&self, position: usize, expected: &'static str) -> PtxError {
        let (line, column) = self.place_of(position);
        let rest = self.text.get(position..).unwrap_or_default();
        PtxError::syntax(
            line,
            column,
            expected,
            rest.split_whitespace().next().unwrap_or_default(),
        )
    }

    /// The next token, `End` at the end of the text.
    pub(super) fn next_token(&mut self) -> Result<Token<'a>, PtxError> {
        self.skip_blank()?;
        let start = self.position;
        let (line, column) = self.place();
        let kind = self.scan()?;
        let mut text = &self.text[start..self.position];
        if kind == TokenKind::String {
            text = &text[1..text.len() - 1];
        }
        Ok(Token {
            kind,
            text,
            start,
            line,
            column,
        })
    }

    fn scan(&mut self) -> Result<TokenKind, PtxError> {
        let first = self.byte(0);
        let second = self.byte(1);
        match first {
            b'.' if is_word(second) => Ok(self.scan_dotted()),
            b'%' if !is_word_start(second) => Ok(self.punct()),
            b'0'..=b'9' => self.scan_number(),
            b'"' => self.scan_string(),
            b'<' | b'>' if second == first || second == b'=' => Ok(self.double()),
            b'=' | b'!' if second == b'=' => Ok(self.double()),
            b'&' | b'|' if second == first => Ok(self.double()),
            b'{' | b'}' | b'(' | b')' | b'[' | b']' | b',' | b';' | b':' | b'@' | b'!' | b'|'
            | b'&' | b'^' | b'~' | b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'?' | b'.' => {
                Ok(self.punct())
            }
            0 if self.position >= self.text.len() => Ok(TokenKind::End),
            _ if is_word_start(first) => Ok(self.scan_word()),
            _ => Err(self.error(self.position, "a PTX token")),
        }
    }

    fn punct(&mut self) -> TokenKind {
        let byte = self.byte(0);
        self.position += 1;
        TokenKind::Punct(byte)
    }

    fn double(&mut self) -> TokenKind {
        self.position += 2;
        TokenKind::Double
    }

    fn advance_while(&mut self, accept: impl Fn(u8) -> bool) {
        let rest = &self.text.as_bytes()[self.position..];
        self.position += rest
            .iter()
            .position(|byte| !accept(*byte))
            .unwrap_or(rest.len());
    }

    fn scan_word(&mut self) -> TokenKind {
        self.position += 1;
        self.advance_while(is_word);
        TokenKind::Word
    }

    fn scan_dotted(&mut self) -> TokenKind {
        self.position += 1;
        self.advance_while(is_word);
        while self.byte(0) == b':' && self.byte(1) == b':' && is_word(self.byte(2)) {
            self.position += 2;
            self.advance_while(is_word);
        }
        TokenKind::Dotted
    }

    fn scan_string(&mut self) -> Result<TokenKind, PtxError> {
        let start = self.position;
        let rest = &self.text.as_bytes()[start + 1..];
        let mut escaped = false;
        for (index, byte) in rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'\n' => break,
                b'"' => {
                    self.position = start + index + 2;
                    return Ok(TokenKind::String);
                }
                _ => {}
            }
        }
        Err(self.error(start, "a string that ends on its line"))
    }

    fn scan_number(&mut self) -> Result<TokenKind, PtxError> {
        let start = self.position;
        if self.byte(0) == b'0' {
            match self.byte(1) {
                b'x' | b'X' => return self.scan_radix(start, 2, 16),
                b'f' | b'F' => {
                    return self
                        .scan_float_bits(start, 8)
                        .map(|b| TokenKind::F32Bits(b as u32));
                }
                b'd' | b'D' => return self.scan_float_bits(start, 16).map(TokenKind::F64Bits),
                b'b' | b'B' => return self.scan_radix(start, 2, 2),
                b'0'..=b'9' => return self.scan_radix(start, 1, 8),
                _ => {}
            }
        }
        self.advance_while(|byte| byte.is_ascii_digit());
        let fraction = self.byte(0) == b'.' && !self.byte(1).is_ascii_alphabetic();
        if fraction || matches!(self.byte(0), b'e' | b'E') {
            return self.scan_decimal_float(start);
        }
        self.finish_integer(start, &self.text[start..self.position], 10)
    }

    fn scan_radix(
        &mut self,
        start: usize,
        prefix: usize,
        radix: u32,
    ) -> Result<TokenKind, PtxError> {
        self.position += prefix;
        let digits = self.position;
        self.advance_while(|byte| (byte as char).is_digit(radix));
        self.finish_integer(start, &self.text[digits..self.position], radix)
    }

    fn finish_integer(
        &mut self,
        start: usize,
        digits: &str,
        radix: u32,
    ) -> Result<TokenKind, PtxError> {
        let value = u64::from_str_radix(digits, radix)
            .map_err(|_| self.error(start, "an integer of at most 64 bits"))?;
        let suffixed = self.byte(0) == b'U';
        self.position += usize::from(suffixed);
        if is_word(self.byte(0)) {
            return Err(self.error(start, "a number"));
        }
        Ok(TokenKind::Int {
            value,
            unsigned: suffixed || value > i64::MAX as u64,
        })
    }

    fn scan_float_bits(&mut self, start: usize, digits: usize) -> Result<u64, PtxError> {
        self.position += 2;
        self.advance_while(|byte| byte.is_ascii_hexdigit());
        let text = &self.text[start + 2..self.position];
        match u64::from_str_radix(text, 16) {
            Ok(bits) if text.len() == digits && !is_word(self.byte(0)) => Ok(bits),
            _ => Err(self.error(start, "8 hexadecimal digits after 0f or 16 after 0d")),
        }
    }

    fn scan_decimal_float(&mut self, start: usize) -> Result<TokenKind, PtxError> {
        if self.byte(0) == b'.' {
            self.position += 1;
            self.advance_while(|byte| byte.is_ascii_digit());
        }
        if matches!(self.byte(0), b'e' | b'E') {
            self.position += 1;
            self.position += usize::from(matches!(self.byte(0), b'+' | b'-'));
            self.advance_while(|byte| byte.is_ascii_digit());
        }
        match self.text[start..self.position].parse() {
            Ok(value) if !is_word(self.byte(0)) => Ok(TokenKind::Float(value)),
            _ => Err(self.error(start, "a floating point number")),
        }
    }

    /// Skips white space and comments.
    fn skip_blank(&mut self) -> Result<(), PtxError> {
        loop {
            match self.byte(0) {
                b'\n' => {
                    self.position += 1;
                    self.line += 1;
                    self.line_start = self.position as isize;
                }
                b' ' | b'\t' | b'\r' | 0x0b | 0x0c => self.position += 1,
                b'/' if self.byte(1) == b'/' => self.advance_while(|byte| byte != b'\n'),
                b'/' if self.byte(1) == b'*' => self.skip_block_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_block_comment(&mut self) -> Result<(), PtxError> {
        let start = self.position;
        let Some(length) = self.text[start + 2..].find("*/") else {
            return Err(self.error(start, "a comment that ends"));
        };
        self.position = start + 2 + length + 2;
        self.count_lines(start);
        Ok(())
    }

    /// Accounts for the line ends between `start` and the current position.
    fn count_lines(&mut self, start: usize) {
        let skipped = &self.text.as_bytes()[start..self.position];
        if let Some(last) = skipped.iter().rposition(|byte| *byte == b'\n') {
            self.line += skipped.iter().filter(|byte| **byte == b'\n').count() as u32;
            self.line_start = (start + last + 1) as isize;
        }
    }

    /// With the opening brace just read, skips past the matching one; returns what lies between.
    /// Braces in strings and comments do not count.
    pub(super) fn skip_braces(&mut self) -> Result<&'a str, PtxError> {
        let start = self.position;
        let bytes = self.text.as_bytes();
        let mut depth = 1usize;
        let mut at = start;
        while let Some(length) = bytes[at..].iter().position(|b| BRACE_STOPS[*b as usize]) {
            at += length;
            match bytes[at] {
                b'{' => depth += 1,
                b'}' => depth -= 1,
                b'"' => at = self.end_of_string(at)?,
                _ => at = self.end_of_comment(at)?,
            }
            at += 1;
            if depth == 0 {
                self.position = at;
                self.count_lines(start);
                return Ok(&self.text[start..at - 1]);
            }
        }
        Err(self.error(start, "a closing brace before the end of the text"))
    }

    /// The last byte of the string that opens at `at`.
    fn end_of_string(&self, at: usize) -> Result<usize, PtxError> {
        let mut probe = self.clone();
        probe.position = at;
        probe.scan_string()?;
        Ok(probe.position - 1)
    }

    /// The last byte of the comment that opens at `at`; `at` if it is only a slash.
    fn end_of_comment(&self, at: usize) -> Result<usize, PtxError> {
        let rest = &self.text[at..];
        if rest.starts_with("//") {
            return Ok(at + rest.find('\n').unwrap_or(rest.len()) - 1);
        }
        if !rest.starts_with("/*") {
            return Ok(at);
        }
        match rest[2..].find("*/") {
            Some(length) => Ok(at + 2 + length + 1),
            None => Err(self.error(at, "a comment that ends")),
        }
    }
}

/// The bytes at which [`Lexer::skip_braces`] has to look closer.
const BRACE_STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b'{' as usize] = true;
    stops[b'}' as usize] = true;
    stops[b'"' as usize] = true;
    stops[b'/' as usize] = true;
    stops
};

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        let mut lexer = Lexer::new(text, 1, 1);
        let mut kinds = Vec::new();
        loop {
            match lexer.next_token().unwrap().kind {
                TokenKind::End => return kinds,
                kind => kinds.push(kind),
            }
        }
    }

    #[test]
    fn numbers_in_every_notation_have_their_value() {
        let int = |value| {
            vec![TokenKind::Int {
                value,
                unsigned: false,
            }]
        };
        assert_eq!(kinds("42"), int(42));
        assert_eq!(kinds("0"), int(0));
        assert_eq!(kinds("0x1F"), int(31));
        assert_eq!(kinds("0b101"), int(5));
        assert_eq!(kinds("017"), int(15));
        assert_eq!(
            kinds("7U"),
            vec![TokenKind::Int {
                value: 7,
                unsigned: true
            }]
        );
        assert_eq!(
            kinds("0xFFFFFFFFFFFFFFFF"),
            vec![TokenKind::Int {
                value: u64::MAX,
                unsigned: true
            }]
        );
        assert_eq!(kinds("0f3F800000"), vec![TokenKind::F32Bits(0x3f80_0000)]);
        assert_eq!(
            kinds("0d3FF0000000000000"),
            vec![TokenKind::F64Bits(0x3ff0_0000_0000_0000)]
        );
        assert_eq!(kinds("1.5e-3"), vec![TokenKind::Float(0.0015)]);
        assert_eq!(kinds("2."), vec![TokenKind::Float(2.0)]);
        assert_eq!(kinds("1e3"), vec![TokenKind::Float(1000.0)]);
    }

    #[test]
    fn malformed_numbers_are_refused() {
        for text in [
            "0x",
            "99999999999999999999",
            "0f3F8",
            "0d00",
            "12abc",
            "1e",
            "089",
        ] {
            assert!(Lexer::new(text, 1, 1).next_token().is_err(), "{text}");
        }
    }

    #[test]
    fn dotted_words_keep_double_colons() {
        let mut lexer = Lexer::new("ld.global.L1::no_allocate.L2::128B.f32 [%rd1]", 1, 1);
        let texts: Vec<_> = (0..6).map(|_| lexer.next_token().unwrap().text).collect();
        assert_eq!(
            texts,
            [
                "ld",
                ".global",
                ".L1::no_allocate",
                ".L2::128B",
                ".f32",
                "["
            ]
        );
    }

    #[test]
    fn places_count_lines_and_columns_through_comments() {
        let mut lexer = Lexer::new("a /* x\n y */ b\n// c\n  \"s\\\"t\"", 7, 3);
        let places: Vec<_> = (0..3)
            .map(|_| lexer.next_token().unwrap())
            .map(|token| (token.text, token.line, token.column))
            .collect();
        assert_eq!(places, [("a", 7, 3), ("b", 8, 7), ("s\\\"t", 10, 3)]);
    }

    #[test]
    fn skip_braces_ignores_strings_and_comments() {
        let text = "{ a { \"}\" } // }\n /* } */ / }b";
        let mut lexer = Lexer::new(text, 1, 1);
        lexer.next_token().unwrap();
        assert!(lexer.skip_braces().unwrap().ends_with("/ "));
        let after = lexer.next_token().unwrap();
        assert_eq!((after.text, after.line), ("b", 2));
    }

    #[test]
    fn skip_braces_unbalanced_is_an_error() {
        for text in ["{ {}", "{ \"", "{ /* }", "{ // }"] {
            let mut lexer = Lexer::new(text, 1, 1);
            lexer.next_token().unwrap();
            assert!(lexer.skip_braces().is_err(), "{text}");
        }
    }
}
