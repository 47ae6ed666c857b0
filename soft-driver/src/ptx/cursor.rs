//! One token of look-ahead over a [`Lexer`], and the small grammar everything shares: expected
//! punctuation, names, and directives to be skipped.

use super::error::PtxError;
use super::lexer::{Lexer, Token, TokenKind};

#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    lexer: Lexer<'a>,
    token: Token<'a>,
    /// Byte offset past the token before the current one.
    previous_end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(mut lexer: Lexer<'a>) -> Result<Self, PtxError> {
        let previous_end = lexer.position();
        let token = lexer.next_token()?;
        Ok(Self {
            lexer,
            token,
            previous_end,
        })
    }

    /// The current token.
    pub(super) fn token(&self) -> Token<'a> {
        self.token
    }

    pub(super) fn kind(&self) -> TokenKind {
        self.token.kind
    }

    /// Byte offset past the token that [`Cursor::advance`] returned last.
    pub(super) fn previous_end(&self) -> usize {
        self.previous_end
    }

    /// Everything the lexer runs over, not only what is left.
    pub(super) fn text(&self) -> &'a str {
        self.lexer.text()
    }

    /// Moves to the next token and returns the one left behind.
    pub(super) fn advance(&mut self) -> Result<Token<'a>, PtxError> {
        self.previous_end = self.lexer.position();
        let next = self.lexer.next_token()?;
        Ok(std::mem::replace(&mut self.token, next))
    }

    pub(super) fn at(&self, punct: u8) -> bool {
        self.token.kind == TokenKind::Punct(punct)
    }

    pub(super) fn at_end(&self) -> bool {
        self.token.kind == TokenKind::End
    }

    pub(super) fn at_dotted(&self, text: &str) -> bool {
        self.token.kind == TokenKind::Dotted && self.token.text == text
    }

    /// Whether the current token follows the previous one without a blank.
    pub(super) fn adjacent(&self) -> bool {
        self.token.start == self.previous_end
    }

    /// Passes over `punct` if it is the current token.
    pub(super) fn eat(&mut self, punct: u8) -> Result<bool, PtxError> {
        let found = self.at(punct);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, punct: u8, expected: &'static str) -> Result<(), PtxError> {
        if self.eat(punct)? {
            return Ok(());
        }
        Err(self.error(expected))
    }

    pub(super) fn word(&mut self, expected: &'static str) -> Result<Token<'a>, PtxError> {
        if self.token.kind != TokenKind::Word {
            return Err(self.error(expected));
        }
        self.advance()
    }

    /// A plain integer, not an expression.
    pub(super) fn integer(&mut self, expected: &'static str) -> Result<u64, PtxError> {
        let TokenKind::Int { value, .. } = self.token.kind else {
            return Err(self.error(expected));
        };
        self.advance()?;
        Ok(value)
    }

    /// A plain integer of 32 bits.
    pub(super) fn integer_u32(&mut self, expected: &'static str) -> Result<u32, PtxError> {
        let place = self.token;
        let value = self.integer(expected)?;
        u32::try_from(value).map_err(|_| Self::error_at(place, expected))
    }

    pub(super) fn error(&self, expected: &'static str) -> PtxError {
        Self::error_at(self.token, expected)
    }

    pub(super) fn error_at(token: Token<'a>, expected: &'static str) -> PtxError {
        PtxError::syntax(token.line, token.column, expected, token.text)
    }

    pub(super) fn too_many(&self, what: &'static str, max: u64) -> PtxError {
        PtxError::TooMany {
            line: self.token.line,
            column: self.token.column,
            what,
            max,
        }
    }

    /// With `{` as the current token, passes over the block. Returns the text between the braces
    /// and the line and column at which it starts.
    pub(super) fn skip_block(&mut self) -> Result<(&'a str, u32, u32), PtxError> {
        let (line, column) = self.lexer.place();
        let text = self.lexer.skip_braces()?;
        self.advance()?;
        Ok((text, line, column))
    }

    /// With `(` as the current token, passes over the matching `)`.
    pub(super) fn skip_parentheses(&mut self) -> Result<(), PtxError> {
        let mut depth = 0usize;
        loop {
            match self.advance()?.kind {
                TokenKind::Punct(b'(') => depth += 1,
                TokenKind::Punct(b')') => depth = depth.saturating_sub(1),
                TokenKind::End => return Err(self.error("a closing parenthesis")),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// Passes over a directive of no interest, the current token, and what belongs to it: up to
    /// and with a semicolon or a block, or up to a line that begins with another directive.
    pub(super) fn skip_directive(&mut self) -> Result<(), PtxError> {
        let mut line = self.advance()?.line;
        loop {
            let token = self.token;
            let new_line = token.line != line;
            line = token.line;
            match token.kind {
                TokenKind::Punct(b'{') => return self.skip_block().map(drop),
                TokenKind::Punct(b'}') | TokenKind::End => return Ok(()),
                TokenKind::Dotted if new_line => return Ok(()),
                _ => {}
            }
            if self.advance()?.kind == TokenKind::Punct(b';') {
                return Ok(());
            }
        }
    }

    /// Passes over `.loc`, `.file`, `.section` or `.pragma` if one of them is the current token.
    pub(super) fn skip_debug_directive(&mut self) -> Result<bool, PtxError> {
        if self.token.kind != TokenKind::Dotted {
            return Ok(false);
        }
        match self.token.text {
            ".loc" => self.skip_loc()?,
            ".file" => self.skip_file()?,
            ".section" | ".pragma" => self.skip_directive()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// `.loc file line column [, function_name label [+ n] [, inlined_at file line column]]`
    fn skip_loc(&mut self) -> Result<(), PtxError> {
        self.advance()?;
        self.skip_loc_numbers()?;
        while self.eat(b',')? {
            let keyword = self.word("function_name or inlined_at")?;
            if keyword.text == "inlined_at" {
                self.skip_loc_numbers()?;
                continue;
            }
            self.word("a label")?;
            if self.eat(b'+')? {
                self.integer("an offset")?;
            }
        }
        Ok(())
    }

    fn skip_loc_numbers(&mut self) -> Result<(), PtxError> {
        for expected in ["a file index", "a line number", "a column"] {
            self.integer(expected)?;
        }
        Ok(())
    }

    /// `.file index "name" [, timestamp, size]`
    fn skip_file(&mut self) -> Result<(), PtxError> {
        self.advance()?;
        self.integer("a file index")?;
        if self.token.kind != TokenKind::String {
            return Err(self.error("a file name"));
        }
        self.advance()?;
        while self.eat(b',')? {
            self.integer("a timestamp or size")?;
        }
        Ok(())
    }
}
