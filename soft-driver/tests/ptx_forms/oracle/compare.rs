//! Comparison and what is chosen by it. Read [`oracle`].

use std::cmp::Ordering;

use super::form::{Form, Oracle};
use super::kind::{Element, Kind, PREDICATE};

/// What a form of this family computes.
pub(crate) fn oracle(form: &Form) -> Option<Oracle> {
    match form.opcode {
        "setp" => Some(predicate(form)),
        "set" => Some(value(form)),
        "slct" => Some(choice(form)),
        "testp" => Some(property(form)),
        "copysign" => Some(sign(form)),
        _ => None,
    }
}

/// The name of a comparison, the first word of a form.
fn comparison(form: &Form, kind: Kind) -> impl Fn(u128, u128) -> bool + 'static {
    let (name, flushes) = (form.words[0], form.has("ftz"));
    move |a, b| {
        let order = order(kind, flushes, a, b);
        let less = order == Some(Ordering::Less);
        let equal = order == Some(Ordering::Equal);
        let greater = order == Some(Ordering::Greater);
        let none = order.is_none();
        match name {
            "eq" => equal,
            "ne" => less || greater,
            "lt" | "lo" => less,
            "le" | "ls" => less || equal,
            "gt" | "hi" => greater,
            "ge" | "hs" => greater || equal,
            "equ" => equal || none,
            "neu" => !equal,
            "ltu" => less || none,
            "leu" => !greater,
            "gtu" => greater || none,
            "geu" => !less,
            "num" => !none,
            "nan" => none,
            other => panic!("no comparison {other}"),
        }
    }
}

fn order(kind: Kind, flushes: bool, a: u128, b: u128) -> Option<Ordering> {
    let Some(format) = kind.format() else {
        return Some(kind.integer(a).cmp(&kind.integer(b)));
    };
    let [a, b] = [a, b].map(|bits| match flushes {
        true => format.flushed(bits as u64),
        false => bits as u64,
    });
    format.number(a).compare(format.number(b))
}

/// How the result of a comparison and a predicate are combined, if they are.
fn combined(form: &Form) -> impl Fn(bool, Option<&u128>) -> bool + 'static {
    let name = ["and", "or", "xor"].into_iter().find(|name| form.has(name));
    move |found, given| match (name, given) {
        (Some("and"), Some(given)) => found && *given != 0,
        (Some("or"), Some(given)) => found || *given != 0,
        (Some("xor"), Some(given)) => found != (*given != 0),
        _ => found,
    }
}

fn sources(form: &Form, kind: Kind) -> Vec<Kind> {
    let mut sources = vec![kind; 2];
    let combines = ["and", "or", "xor"].iter().any(|name| form.has(name));
    sources.extend(combines.then_some(PREDICATE));
    sources
}

fn predicate(form: &Form) -> Oracle {
    let kind = form.kind().expect("a type");
    let two = form.operands.contains('|');
    let (compare, combine) = (comparison(form, kind.lane()), combined(form));
    let results = vec![PREDICATE; 1 + usize::from(two)];
    Oracle::many(&sources(form, kind), &results, move |v| {
        let lanes = kind.split(v[0]).into_iter().zip(kind.split(v[1]));
        let found: Vec<bool> = lanes.map(|(a, b)| compare(a, b)).collect();
        let second = match kind.lanes {
            1 => !found[0],
            _ => found[1],
        };
        let both = [found[0], second].map(|found| u128::from(combine(found, v.get(2))));
        Some(both[..1 + usize::from(two)].to_vec())
    })
}

fn value(form: &Form) -> Oracle {
    let kinds = form.kinds();
    let (result, kind) = (kinds[0], kinds[1]);
    let (compare, combine) = (comparison(form, kind.lane()), combined(form));
    let yes = match result.format() {
        Some(format) => u128::from(format.one()),
        None => result.mask(),
    };
    if result.lanes == kind.lanes {
        return Oracle::by_lane(&sources(form, kind), result, move |v| {
            Some(if combine(compare(v[0], v[1]), v.get(2)) {
                yes
            } else {
                0
            })
        });
    }
    // Pairs compared into integers fill a half of the word each.
    let half = Kind {
        lanes: 2,
        bits: 16,
        ..result
    };
    Oracle::new(&sources(form, kind), result, move |v| {
        let lanes = kind.split(v[0]).into_iter().zip(kind.split(v[1]));
        let found = lanes.map(|(a, b)| combine(compare(a, b), v.get(2)));
        let lanes: Vec<u128> = found.map(|yes| if yes { 0xFFFF } else { 0 }).collect();
        Some(half.join(&lanes))
    })
}

fn choice(form: &Form) -> Oracle {
    let kinds = form.kinds();
    let (kind, chooser) = (kinds[0], kinds[1]);
    let flushes = form.has("ftz");
    Oracle::new(&[kind, kind, chooser], kind, move |v| {
        let order = order(chooser, flushes, v[2], 0);
        let first = matches!(order, Some(Ordering::Greater | Ordering::Equal));
        Some(if first { v[0] } else { v[1] })
    })
}

fn property(form: &Form) -> Oracle {
    let kind = form.kind().expect("a type");
    let format = kind.format().expect("a floating point type");
    let name = form.words[0];
    Oracle::new(&[kind], PREDICATE, move |v| {
        let bits = v[0] as u64;
        let magnitude = format.magnitude(bits);
        let finite = magnitude <= format.largest;
        let subnormal = format.is_tiny(bits) && magnitude != 0;
        Some(u128::from(match name {
            "finite" => finite,
            "infinite" => magnitude == format.largest + 1,
            "number" => !format.is_nan(bits),
            "notanumber" => format.is_nan(bits),
            "subnormal" => subnormal,
            // The manual calls zeros normal.
            _ => finite && !subnormal,
        }))
    })
}

fn sign(form: &Form) -> Oracle {
    let kind = form.kind().expect("a type");
    let bits = Kind::one(Element::Bits, kind.bits);
    let top = 1 << (kind.bits - 1);
    Oracle::new(&[bits, bits], bits, move |v| Some(v[1] & !top | v[0] & top))
}
