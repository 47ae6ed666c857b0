//! A form of the list of forms, and what it should compute. Read [`Form`] and [`Oracle`].

use super::kind::Kind;

/// An instruction without registers: opcode and modifiers, and the operands it was found with.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) text: &'static str,
    pub(crate) operands: &'static str,
    pub(crate) opcode: &'static str,
    /// Modifiers and types.
    pub(crate) words: Vec<&'static str>,
}

impl Form {
    pub(crate) fn new(text: &'static str, operands: &'static str) -> Self {
        let mut parts = text.split('.');
        Self {
            text,
            operands,
            opcode: parts.next().expect("a first part"),
            words: parts.collect(),
        }
    }

    pub(crate) fn has(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// The types it names, in order.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.words.iter().filter_map(|w| Kind::parse(w)).collect()
    }

    /// The only or first type.
    pub(crate) fn kind(&self) -> Option<Kind> {
        self.kinds().first().copied()
    }

    /// The operands, taken apart at the commas outside brackets.
    pub(crate) fn operand_list(&self) -> Vec<&'static str> {
        let mut depth = 0;
        let mut list = Vec::new();
        let mut start = 0;
        for (at, letter) in self.operands.char_indices() {
            match letter {
                '{' | '[' => depth += 1,
                '}' | ']' => depth -= 1,
                ',' if depth == 0 => {
                    list.push(self.operands[start..at].trim());
                    start = at + 1;
                }
                _ => {}
            }
        }
        list.push(self.operands[start..].trim());
        list.retain(|operand| !operand.is_empty());
        list
    }
}

/// Patterns of the results for patterns of the sources; `None` where PTX leaves them open.
pub(crate) type Compute = Box<dyn Fn(&[u128]) -> Option<Vec<u128>>>;

/// What a form should compute.
pub(crate) struct Oracle {
    /// Register operands after the first operand, in order; the carry last, if it is read.
    pub(crate) sources: Vec<Kind>,
    /// Registers of the first operand; the carry last, if it is written.
    pub(crate) results: Vec<Kind>,
    pub(crate) compute: Compute,
}

impl Oracle {
    pub(crate) fn new(
        sources: &[Kind],
        result: Kind,
        compute: impl Fn(&[u128]) -> Option<u128> + 'static,
    ) -> Self {
        Self {
            sources: sources.to_vec(),
            results: vec![result],
            compute: Box::new(move |values| Some(vec![compute(values)?])),
        }
    }

    /// One result from sources of the same number of lanes, each lane by itself.
    pub(crate) fn by_lane(
        sources: &[Kind],
        result: Kind,
        compute: impl Fn(&[u128]) -> Option<u128> + 'static,
    ) -> Self {
        let kinds = sources.to_vec();
        Self::new(sources, result, move |values| {
            let split: Vec<Vec<u128>> = kinds
                .iter()
                .zip(values)
                .map(|(kind, value)| kind.split(*value))
                .collect();
            let lanes: Option<Vec<u128>> = (0..result.lanes as usize)
                .map(|lane| {
                    // An operand of one lane, a predicate for instance, serves all.
                    let of = |elements: &Vec<u128>| *elements.get(lane).unwrap_or(&elements[0]);
                    compute(&split.iter().map(of).collect::<Vec<_>>())
                })
                .collect();
            Some(result.join(&lanes?))
        })
    }

    /// Several results.
    pub(crate) fn many(
        sources: &[Kind],
        results: &[Kind],
        compute: impl Fn(&[u128]) -> Option<Vec<u128>> + 'static,
    ) -> Self {
        Self {
            sources: sources.to_vec(),
            results: results.to_vec(),
            compute: Box::new(compute),
        }
    }
}
