//! A case: one rule of the manual, the calls that show it, and what they must answer.
//!
//! Cases are constants in lists, one list an area, so that a list reads as a table. What a case
//! observes is a line of words: the names of result codes and values, in the order seen. Read
//! [`Case`] first.

use crate::cuda::{Cuda, Status};

/// One rule and what shows it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    /// The function that the rule is about and a word for the rule: `cuMemAlloc_v2/zero_bytes`.
    pub(crate) name: &'static str,
    /// The rule, in our own words.
    pub(crate) rule: &'static str,
    /// What is observed where the rule holds.
    pub(crate) expected: &'static str,
    /// Where the rule stands.
    pub(crate) standing: Standing,
    /// The process and the state it runs in.
    pub(crate) setting: Setting,
    /// What it does.
    pub(crate) body: Body,
}

/// Why we think that a rule holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// CUDA's manual says so.
    Documented,
    /// No text says so; programs rely on it or it was seen. A run on NVIDIA's driver decides.
    Believed,
}

/// What there is when a case begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The primary context of device 0 is current; other cases ran in this process.
    Current,
    /// No context is current; other cases ran in this process.
    Bare,
    /// A process of its own, initialised, with the primary context of device 0 current. For what ends a context.
    Alone,
    /// A process of its own, in which no function has been called.
    Fresh,
}

/// What a case does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// One call, whose result is what is observed.
    Call(fn(&Cuda) -> Status),
    /// Several, with what was seen of them.
    Story(fn(&Cuda) -> String),
}

/// A case of one call, with the primary context current.
pub(crate) const fn call(
    name: &'static str,
    rule: &'static str,
    expected: &'static str,
    body: fn(&Cuda) -> Status,
) -> Case {
    Case {
        name,
        rule,
        expected,
        standing: Standing::Documented,
        setting: Setting::Current,
        body: Body::Call(body),
    }
}

/// A case of several calls, with the primary context current.
pub(crate) const fn story(
    name: &'static str,
    rule: &'static str,
    expected: &'static str,
    body: fn(&Cuda) -> String,
) -> Case {
    Case {
        body: Body::Story(body),
        ..call(name, rule, expected, |_| Status(0))
    }
}

impl Case {
    /// No text says so.
    pub(crate) const fn believed(self) -> Self {
        Self {
            standing: Standing::Believed,
            ..self
        }
    }

    /// Without a current context.
    pub(crate) const fn bare(self) -> Self {
        Self {
            setting: Setting::Bare,
            ..self
        }
    }

    /// In a process of its own.
    pub(crate) const fn alone(self) -> Self {
        Self {
            setting: Setting::Alone,
            ..self
        }
    }

    /// In a process of its own, before anything was called.
    pub(crate) const fn fresh(self) -> Self {
        Self {
            setting: Setting::Fresh,
            ..self
        }
    }

    /// The function that the rule is about.
    pub(crate) fn function(&self) -> &'static str {
        self.name.split('/').next().unwrap_or(self.name)
    }

    /// Whether other cases may run in its process.
    pub(crate) fn shares_process(&self) -> bool {
        matches!(self.setting, Setting::Current | Setting::Bare)
    }

    /// Runs it, in the calling thread.
    pub(crate) fn observe(&self, cu: &Cuda) -> String {
        match self.body {
            Body::Call(body) => body(cu).to_string(),
            Body::Story(body) => body(cu),
        }
    }
}

/// What a story saw: each value's text, in order, evaluated one after the other.
macro_rules! seen {
    ($($value:expr),+ $(,)?) => {{
        let words = [$($value.to_string()),+];
        words.join(" ")
    }};
}
pub(crate) use seen;
