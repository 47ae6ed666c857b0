//! Floating point arithmetic, exact and then rounded once. Read [`oracle`], then [`Finish`].

use std::cmp::Ordering;

use super::exact::{DOUBLE, Format, Mode, Number};
use super::form::{Form, Oracle};
use super::kind::Kind;

/// What a form of this family computes; approximate forms have no exact results.
pub(crate) fn oracle(form: &Form) -> Option<Oracle> {
    let kind = form.kind()?;
    let format = kind.format()?;
    if form.has("approx") || form.has("full") {
        return None;
    }
    let operands = form.operand_list().len() - 1;
    match form.opcode {
        "min" | "max" => Some(extreme(form, kind, operands)),
        "abs" | "neg" => {
            let negates = form.opcode == "neg";
            let flushes = form.has("ftz");
            Some(Oracle::by_lane(&[kind], kind, move |v| {
                let bits = v[0] as u64;
                let bits = if flushes { format.flushed(bits) } else { bits };
                let negative = negates && !format.is_negative(bits);
                Some(u128::from(format.signed(format.magnitude(bits), negative)))
            }))
        }
        "add" | "sub" | "mul" | "fma" | "mad" | "div" | "rcp" | "sqrt" => {
            Some(arithmetic(form, kind, format, operands))
        }
        _ => None,
    }
}

/// The direction of rounding that a form names.
pub(crate) fn mode(form: &Form) -> Mode {
    let of = |word: &&str| match *word {
        "rz" | "rzi" => Some(Mode::Zero),
        "rm" | "rmi" => Some(Mode::Down),
        "rp" | "rpi" => Some(Mode::Up),
        "rna" => Some(Mode::Away),
        _ => None,
    };
    form.words.iter().find_map(of).unwrap_or(Mode::Nearest)
}

/// What is done to an exact result.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finish {
    pub(crate) format: Format,
    pub(crate) mode: Mode,
    /// Subnormal results become zero.
    pub(crate) flushes: bool,
    /// Clamped to 0 and 1; what is no number becomes 0.
    pub(crate) saturates: bool,
    /// Negative results become zero.
    pub(crate) relu: bool,
    /// Infinities become the largest number.
    pub(crate) finite: bool,
}

impl Finish {
    pub(crate) fn new(form: &Form, format: Format) -> Self {
        Self {
            format,
            mode: mode(form),
            flushes: form.has("ftz") && format != DOUBLE,
            saturates: form.has("sat"),
            relu: form.has("relu"),
            finite: form.has("satfinite"),
        }
    }

    pub(crate) fn bits(self, number: Number) -> u64 {
        let format = self.format;
        if let (Number::Infinite(negative), true) = (number, self.finite) {
            return self.clamped(format.signed(format.largest, negative));
        }
        self.clamped(format.round(number, self.mode))
    }

    /// The same for a result that is rounded already.
    pub(crate) fn clamped(self, bits: u64) -> u64 {
        let format = self.format;
        let bits = if self.flushes {
            format.flushed(bits)
        } else {
            bits
        };
        if format.is_nan(bits) {
            return if self.saturates { 0 } else { format.nan };
        }
        let negative = format.is_negative(bits);
        if negative && (self.saturates || self.relu) {
            return 0;
        }
        let magnitude = format.magnitude(bits);
        if self.saturates && magnitude > format.one() {
            return format.one();
        }
        if self.finite && magnitude > format.largest {
            return format.signed(format.largest, negative);
        }
        bits
    }
}

fn arithmetic(form: &Form, kind: Kind, format: Format, operands: usize) -> Oracle {
    let kinds = form.kinds();
    // In forms of two types all but the last operand are of the second.
    let narrow = kinds.get(1).copied().unwrap_or(kind);
    let mut sources = vec![narrow; operands];
    if operands > 1 {
        sources[operands - 1] = kind;
    }
    let finish = Finish::new(form, format);
    let opcode = form.opcode;
    let flushes = finish.flushes;
    let guarded = form.has("oob");
    let formats: Vec<Format> = sources.iter().filter_map(|kind| kind.format()).collect();
    Oracle::by_lane(&sources, kind, move |v| {
        let number = |at: usize| {
            let bits = v[at] as u64;
            let bits = if flushes {
                formats[at].flushed(bits)
            } else {
                bits
            };
            formats[at].number(bits)
        };
        if guarded && (0..2).any(|at| formats[at].is_nan(v[at] as u64)) {
            return Some(0);
        }
        let one = || format.number(format.one());
        let exact = match opcode {
            "add" => number(0).plus(number(1), finish.mode),
            "sub" => number(0).plus(number(1).negated(), finish.mode),
            "mul" => number(0).times(number(1)),
            "div" => number(0).over(number(1)),
            "rcp" => one().over(number(0)),
            "sqrt" => number(0).root(),
            _ => number(0).times(number(1)).plus(number(2), finish.mode),
        };
        Some(u128::from(finish.bits(exact)))
    })
}

fn extreme(form: &Form, kind: Kind, operands: usize) -> Oracle {
    let format = kind.format().expect("a floating point type");
    let greatest = form.opcode == "max";
    let (keeps_nan, crosses) = (form.has("NaN"), form.has("xorsign"));
    let (flushes, magnitudes) = (form.has("ftz"), form.has("abs"));
    let finish = Finish::new(form, format);
    let pick = move |a: u64, b: u64| match (format.is_nan(a), format.is_nan(b)) {
        (true, true) => format.nan,
        (true, _) | (_, true) if keeps_nan => format.nan,
        (true, _) => b,
        (_, true) => a,
        _ => {
            let order = format.number(a).compare(format.number(b));
            // Of zeros the positive one is the greater.
            let first = match order.expect("both are numbers") {
                Ordering::Equal => format.is_negative(a) != greatest,
                order => (order == Ordering::Greater) == greatest,
            };
            if first { a } else { b }
        }
    };
    Oracle::by_lane(&vec![kind; operands], kind, move |v| {
        let bits = v.iter().map(|bits| match flushes {
            true => format.flushed(*bits as u64),
            false => *bits as u64,
        });
        let bits: Vec<u64> = bits.collect();
        let signs = bits
            .iter()
            .filter(|bits| format.is_negative(**bits))
            .count();
        let taken = bits.iter().map(|bits| match magnitudes {
            true => format.magnitude(*bits),
            false => *bits,
        });
        let found = taken.reduce(pick).expect("an operand");
        let found = match crosses {
            true => format.signed(format.magnitude(found), signs % 2 == 1),
            false => found,
        };
        Some(u128::from(finish.clamped(found)))
    })
}
