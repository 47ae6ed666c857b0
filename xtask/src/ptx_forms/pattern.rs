//! The language of the patterns: a line is a product of alternatives, and operands that follow the types
//! chosen. Read [`expand`].
//!
//! `opcodes | words, words | … | operands`: one word (or none: `-`) of each column, in order. `$NAME` stands for
//! a list given before by `$NAME = a, b`. A word may hold several (`m16n8k16.row`). Operands are separated by
//! blanks:
//!
//! 1. `0` to `9`: a register for the type that stands at that place among the form's types.
//! 2. `p`, `b`, `h`, `r`, `x`, `q`: a predicate, a register of 8, 16, 32, 64 or 128 bits.
//! 3. `a|b`: two destinations. `!p`: a complemented predicate. `{…}`: a vector, its elements separated by
//!    commas, with `4*r` for four of a kind.
//! 4. `@`: an address in the state space that the form names. `v0`: as many registers of type 0 as `.v2`, `.v4`,
//!    `.v8` say.
//! 5. `=text`: the text itself.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};

/// One instruction to try.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Instruction {
    /// Opcode and modifiers: `add.rn.f32`.
    pub(super) form: String,
    /// `%r1, %r2, %r3`
    pub(super) operands: String,
}

impl Instruction {
    /// As it stands in a body.
    pub(super) fn text(&self) -> String {
        if self.operands.is_empty() {
            return format!("{};", self.form);
        }
        format!("{} {};", self.form, self.operands)
    }
}

/// All instructions of all lines.
pub(super) fn expand(text: &str) -> Result<Vec<Instruction>> {
    let mut lists: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut instructions = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let place = || format!("pattern at line {}: {line}", index + 1);
        if let Some((name, items)) = line.split_once(" = ").filter(|(n, _)| n.starts_with('$')) {
            lists.insert(name, alternatives(items, &lists).with_context(place)?);
            continue;
        }
        expand_line(line, &lists, &mut instructions).with_context(place)?;
    }
    Ok(instructions)
}

fn alternatives<'a>(column: &'a str, lists: &HashMap<&str, Vec<&'a str>>) -> Result<Vec<&'a str>> {
    let mut all = Vec::new();
    for item in column.split(',').map(str::trim) {
        if !item.starts_with('$') {
            all.push(item);
            continue;
        }
        let list = lists.get(item);
        all.extend(list.with_context(|| format!("no list {item}"))?);
    }
    Ok(all)
}

fn expand_line<'a>(
    line: &'a str,
    lists: &HashMap<&str, Vec<&'a str>>,
    instructions: &mut Vec<Instruction>,
) -> Result<()> {
    let (words, operands) = line.rsplit_once(" |").context("no operands")?;
    let mut forms: Vec<String> = vec![String::new()];
    for (column, alternatives_text) in words.split(" |").enumerate() {
        let mut longer = Vec::new();
        let words = alternatives(alternatives_text, lists)?;
        for form in &forms {
            for word in &words {
                longer.push(match (*word, column) {
                    ("-", _) => form.clone(),
                    (word, 0) => word.to_owned(),
                    (word, _) => format!("{form}.{word}"),
                });
            }
        }
        forms = longer;
    }
    for form in forms {
        let operands = Operands::new(&form).all(operands);
        if let Some(operands) = operands? {
            instructions.push(Instruction { form, operands });
        }
    }
    Ok(())
}

/// The operands of one form; every register gets the next number of its class.
struct Operands<'a> {
    words: Vec<&'a str>,
    used: HashMap<char, usize>,
}

impl<'a> Operands<'a> {
    fn new(form: &'a str) -> Self {
        Self {
            words: form.split('.').skip(1).collect(),
            used: HashMap::new(),
        }
    }

    /// `None` if the form has fewer types than the pattern names.
    fn all(mut self, text: &str) -> Result<Option<String>> {
        let mut operands = Vec::new();
        for token in text.split_whitespace() {
            match self.token(token)? {
                Some(operand) => operands.push(operand),
                None => return Ok(None),
            }
        }
        Ok(Some(operands.join(", ")))
    }

    fn token(&mut self, token: &str) -> Result<Option<String>> {
        if let Some(text) = token.strip_prefix('=') {
            return Ok(Some(text.to_owned()));
        }
        if let Some((first, second)) = token.split_once('|') {
            let (Some(first), Some(second)) = (self.token(first)?, self.token(second)?) else {
                return Ok(None);
            };
            return Ok(Some(format!("{first}|{second}")));
        }
        if let Some(list) = token.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            return self.vector(list);
        }
        Ok(match token {
            "@" => Some(self.address()),
            "!p" => Some(format!("!{}", self.register('p'))),
            "p" | "b" | "h" | "r" | "x" | "q" => Some(self.register(token.as_bytes()[0] as char)),
            _ => {
                let (many, index) = match token.strip_prefix('v') {
                    Some(index) => (true, index),
                    None => (false, token),
                };
                let index: usize = index
                    .parse()
                    .with_context(|| format!("operand '{token}'"))?;
                let Some(class) = self.class(index)? else {
                    return Ok(None);
                };
                let count = if many { self.count() } else { 1 };
                if count == 1 {
                    return Ok(Some(self.register(class)));
                }
                Some(self.several(class, count))
            }
        })
    }

    fn vector(&mut self, list: &str) -> Result<Option<String>> {
        let mut registers = Vec::new();
        for item in list.split(',') {
            let (count, item) = item.split_once('*').unwrap_or(("1", item));
            let count: usize = count.parse().context("a count of registers")?;
            for _ in 0..count {
                match self.token(item)? {
                    Some(register) => registers.push(register),
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(format!("{{{}}}", registers.join(", "))))
    }

    fn several(&mut self, class: char, count: usize) -> String {
        let registers: Vec<String> = (0..count).map(|_| self.register(class)).collect();
        format!("{{{}}}", registers.join(", "))
    }

    fn register(&mut self, class: char) -> String {
        let number = self.used.entry(class).or_default();
        *number += 1;
        format!("%{class}{number}")
    }

    fn count(&self) -> usize {
        let counts = [("v2", 2), ("v4", 4), ("v8", 8)];
        let found = counts.iter().find(|(word, _)| self.words.contains(word));
        found.map_or(1, |(_, count)| *count)
    }

    fn class(&self, index: usize) -> Result<Option<char>> {
        let mut types = self.words.iter().filter_map(|word| bits(word));
        Ok(match types.nth(index) {
            None => None,
            Some(1) => Some('p'),
            Some(8) => Some('b'),
            Some(16) => Some('h'),
            Some(32) => Some('r'),
            Some(64) => Some('x'),
            Some(128) => Some('q'),
            Some(bits) => bail!("no register has {bits} bits"),
        })
    }

    /// Variables of the frame, where an address must be one; a register elsewhere.
    fn address(&mut self) -> String {
        let space = self.words.iter().find_map(|word| match *word {
            "param" | "param::entry" => Some("P"),
            "param::func" => Some("F"),
            "const" => Some("C"),
            "local" => Some("L"),
            "shared" | "shared::cta" | "shared::cluster" => Some("S"),
            _ => None,
        });
        match space {
            Some(variable) => format!("[{variable}]"),
            None => format!("[{}]", self.register('x')),
        }
    }
}

/// The bits of a register for a type, if the word is one.
fn bits(word: &str) -> Option<u32> {
    Some(match word {
        "pred" => 1,
        "b8" | "u8" | "s8" | "e2m1x2" | "e4m3" | "e5m2" | "ue8m0" => 8,
        "b16" | "u16" | "s16" | "f16" | "bf16" | "e4m3x2" | "e5m2x2" | "ue8m0x2" | "e2m3x2"
        | "e3m2x2" | "e2m1x4" | "s2f6x2" | "ue4m3x2" => 16,
        "b32" | "u32" | "s32" | "f32" | "tf32" | "f16x2" | "bf16x2" | "u16x2" | "s16x2"
        | "u8x4" | "s8x4" | "e4m3x4" | "e5m2x4" | "e2m3x4" | "e3m2x4" | "e2m1x8" => 32,
        "b64" | "u64" | "s64" | "f64" | "f32x2" => 64,
        "b128" => 128,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(patterns: &str) -> Vec<String> {
        let all = expand(patterns).unwrap();
        all.iter().map(Instruction::text).collect()
    }

    #[test]
    fn lines_are_products_of_their_columns() {
        let patterns = "$T = f32,f64\nadd,sub | -,rn | $T | 0 0 0";
        let texts = texts(patterns);
        assert_eq!(texts.len(), 8);
        assert_eq!(texts[0], "add.f32 %r1, %r2, %r3;");
        assert_eq!(texts[7], "sub.rn.f64 %x1, %x2, %x3;");
    }

    #[test]
    fn operands_follow_types_and_spaces() {
        assert_eq!(
            texts("ld | shared | v2 | u16 | v0 @")[0],
            "ld.shared.v2.u16 {%h1, %h2}, [S];"
        );
        assert_eq!(
            texts("shfl | b32 | 0|p r =3")[0],
            "shfl.b32 %r1|%p1, %r2, 3;"
        );
        assert_eq!(
            texts("mma | f16 | {2*r,x} !p")[0],
            "mma.f16 {%r1, %r2, %x1}, !%p1;"
        );
        assert!(texts("cvt | f16 | 0 1").is_empty());
    }

    #[test]
    fn unknown_list_is_named() {
        let error = expand("add | $NONE | 0").unwrap_err();
        assert!(format!("{error:#}").contains("$NONE"));
    }
}
