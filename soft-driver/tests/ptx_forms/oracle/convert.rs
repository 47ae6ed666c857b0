//! Conversions. Read [`oracle`].

use super::exact::{E4M3, E5M2, Exact, Format, Number, TENSOR};
use super::float::{Finish, mode};
use super::form::{Form, Oracle};
use super::kind::{Element, Kind, WORD, mask};

/// What a conversion gives.
pub(crate) fn oracle(form: &Form) -> Option<Oracle> {
    if form.opcode != "cvt" {
        return None;
    }
    if form.has("pack") {
        return Some(pack(form));
    }
    let types: Vec<Kind> = form.words.iter().filter_map(|word| kind(word)).collect();
    let (to, from) = (types[0], types[1]);
    match (to.lanes, from.lanes) {
        // The first source is the upper lane.
        (2, 1) => {
            let convert = scalar(form, to.lane(), from);
            Some(Oracle::new(&[from, from], to, move |v| {
                Some(to.join(&[convert(v[1])?, convert(v[0])?]))
            }))
        }
        (lanes, sources) if lanes == sources => {
            let convert = scalar(form, to.lane(), from.lane());
            Some(Oracle::by_lane(&[from], to, move |v| convert(v[0])))
        }
        _ => None,
    }
}

/// The types of other forms, and pairs of small floats.
fn kind(word: &str) -> Option<Kind> {
    let pair = |format| Kind {
        element: Element::Float(format),
        bits: 8,
        lanes: 2,
    };
    match word {
        "e4m3x2" => Some(pair(E4M3)),
        "e5m2x2" => Some(pair(E5M2)),
        _ => Kind::parse(word),
    }
}

type Scalar = Box<dyn Fn(u128) -> Option<u128>>;

fn scalar(form: &Form, to: Kind, from: Kind) -> Scalar {
    match (to.format(), from.format()) {
        (None, None) => {
            let saturates = form.has("sat");
            Box::new(move |bits| {
                let value = from.integer(bits);
                let (least, most) = to.range();
                let value = if saturates {
                    value.clamp(least, most)
                } else {
                    value
                };
                Some(value as u128 & to.mask())
            })
        }
        (Some(format), None) => {
            let finish = Finish::new(form, format);
            Box::new(move |bits| {
                let number = Number::Finite(Exact::integer(from.integer(bits)));
                Some(u128::from(finish.bits(number)))
            })
        }
        (None, Some(format)) => to_integer(form, to, format),
        (Some(to), Some(from)) => between(form, to, from),
    }
}

/// Always clamped to the range of the type.
fn to_integer(form: &Form, to: Kind, from: Format) -> Scalar {
    let (mode, flushes) = (mode(form), form.has("ftz"));
    Box::new(move |bits| {
        let bits = bits as u64;
        let bits = if flushes { from.flushed(bits) } else { bits };
        let (least, most) = to.range();
        let value = match from.number(bits) {
            // The manual's two cases of what is no number.
            Number::Nan if from.bits < 64 && to.bits < 64 => 0,
            Number::Nan => 1 << (to.bits - 1),
            Number::Infinite(true) => least,
            Number::Infinite(false) => most,
            Number::Finite(value) => value.whole(mode).clamp(least, most),
        };
        Some(value as u128 & to.mask())
    })
}

fn between(form: &Form, to: Format, from: Format) -> Scalar {
    let finish = Finish::new(form, to);
    let flushes = form.has("ftz") && from.bits == 32;
    let whole = form
        .words
        .iter()
        .any(|w| matches!(*w, "rni" | "rzi" | "rmi" | "rpi"));
    // Only results of single precision are flushed.
    let finish = Finish {
        flushes: finish.flushes && to.bits == 32,
        ..finish
    };
    let up = if to == TENSOR { 32 - TENSOR.bits } else { 0 };
    Box::new(move |bits| {
        let bits = bits as u64;
        let bits = if flushes { from.flushed(bits) } else { bits };
        let number = match from.number(bits) {
            // What has no digits after the point is whole already.
            Number::Finite(value) if whole && value.exponent < 0 => {
                let rounded = Exact::integer(value.whole(finish.mode));
                Number::Finite(Exact {
                    negative: value.negative,
                    ..rounded
                })
            }
            number => number,
        };
        Some(u128::from(finish.bits(number) << up))
    })
}

/// Two numbers clamped to fewer bits, perhaps above the lower bits of a third operand.
fn pack(form: &Form) -> Oracle {
    let small = |word: &&str| {
        let (letter, bits) = word.split_at_checked(1)?;
        let element = if letter == "s" {
            Element::Signed
        } else {
            Element::Unsigned
        };
        let bits: u32 = bits.parse().ok()?;
        (letter != "b").then_some(Kind::one(element, bits))
    };
    let kinds: Vec<Kind> = form.words.iter().filter_map(small).collect();
    let (to, from) = (kinds[0], kinds[1]);
    let third = form.has("b32");
    let mut sources = vec![from; 2];
    sources.extend(third.then_some(WORD));
    Oracle::new(&sources, WORD, move |v| {
        let (least, most) = to.range();
        let part = |value| from.integer(value).clamp(least, most) as u128 & mask(to.bits);
        let both = part(v[0]) << to.bits | part(v[1]);
        let below = v.get(2).map_or(0, |third| third << (2 * to.bits));
        Some((below | both) & WORD.mask())
    })
}
