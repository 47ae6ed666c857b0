//! The words of an instruction, consumed one by one: a word that no lowering takes makes the form
//! unsupported. Read [`Form`].

use crate::ptx::{Instruction, ScalarType};

/// IEEE rounding of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::exec) enum Rounding {
    /// `.rn`: nearest, ties to even.
    Nearest,
    /// `.rz`
    Zero,
    /// `.rm`
    Down,
    /// `.rp`
    Up,
    /// `.rna`: nearest, ties away from zero.
    Away,
}

/// The modifiers of one instruction.
pub(super) struct Form<'a> {
    words: Vec<&'a str>,
    taken: Vec<bool>,
}

impl<'a> Form<'a> {
    pub(super) fn new(instruction: &Instruction<'a>) -> Self {
        let words: Vec<_> = instruction.modifiers.iter().collect();
        Self {
            taken: vec![false; words.len()],
            words,
        }
    }

    /// Takes `word` if it is there.
    pub(super) fn take(&mut self, word: &str) -> bool {
        let found = (0..self.words.len()).find(|i| !self.taken[*i] && self.words[*i] == word);
        if let Some(index) = found {
            self.taken[index] = true;
        }
        found.is_some()
    }

    /// Takes the first of `words` that is there.
    pub(super) fn take_one<T: Copy>(&mut self, words: &[(&str, T)]) -> Option<T> {
        let found = words.iter().find(|(word, _)| self.take(word));
        found.map(|(_, value)| *value)
    }

    /// Takes the first word of the form that is one of `words`.
    pub(super) fn take_next<T: Copy>(&mut self, words: &[(&str, T)]) -> Option<T> {
        for (own, taken) in self.words.iter().zip(&mut self.taken) {
            let known = words.iter().find(|(word, _)| !*taken && own == word);
            if let Some((_, value)) = known {
                *taken = true;
                return Some(*value);
            }
        }
        None
    }

    /// Takes every word in `words`; they make no difference here.
    pub(super) fn ignore(&mut self, words: &[&str]) {
        for word in words {
            self.take(word);
        }
    }

    /// Takes every word that `which` accepts.
    pub(super) fn ignore_where(&mut self, which: impl Fn(&str) -> bool) {
        for (word, taken) in self.words.iter().zip(&mut self.taken) {
            *taken |= which(word);
        }
    }

    /// Takes the next scalar type.
    pub(super) fn ty(&mut self) -> Option<ScalarType> {
        for (word, taken) in self.words.iter().zip(&mut self.taken) {
            if let (false, Some(ty)) = (*taken, ScalarType::parse(word)) {
                *taken = true;
                return Some(ty);
            }
        }
        None
    }

    /// Takes `.rn`, `.rz`, `.rm`, `.rp` or `.rna`.
    pub(super) fn rounding(&mut self) -> Option<Rounding> {
        self.take_one(&[
            ("rn", Rounding::Nearest),
            ("rz", Rounding::Zero),
            ("rm", Rounding::Down),
            ("rp", Rounding::Up),
            ("rna", Rounding::Away),
        ])
    }

    /// Whether `word` is there and not taken yet.
    pub(super) fn has(&self, word: &str) -> bool {
        let mut left = self.words.iter().zip(&self.taken);
        left.any(|(own, taken)| !*taken && *own == word)
    }

    /// The first word that nobody has taken.
    pub(super) fn left(&self) -> Option<&'a str> {
        let left = self
            .words
            .iter()
            .zip(&self.taken)
            .find(|(_, taken)| !**taken);
        left.map(|(word, _)| *word)
    }
}
