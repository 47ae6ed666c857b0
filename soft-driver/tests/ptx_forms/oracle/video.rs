//! Video instructions: exact results in wide integers, then clamped or cut. Read [`oracle`].

use super::form::{Form, Oracle};
use super::kind::{Element, Kind, WORD, mask};

/// What a form of this family computes.
pub(crate) fn oracle(form: &Form) -> Option<Oracle> {
    let opcode = form.opcode.strip_prefix('v')?;
    let lanes = match opcode.as_bytes().last()? {
        b'2' => 2,
        b'4' => 4,
        _ => 1,
    };
    let name = opcode.trim_end_matches(['2', '4']);
    if ![
        "add", "sub", "absdiff", "min", "max", "avrg", "set", "shl", "shr", "mad",
    ]
    .contains(&name)
    {
        return None;
    }
    let kinds = form.kinds();
    // Comparisons give no type of their own: what they yield is not negative.
    let (result, a, b) = match name {
        "set" => (WORD, kinds[0], kinds[1]),
        _ => (kinds[0], kinds[1], kinds[2]),
    };
    Some(match (name, lanes) {
        ("mad", _) => multiply(form, a, b),
        (_, 1) => scalar(form, name, result, a, b),
        _ => side_by_side(form, name, lanes, [result, a, b]),
    })
}

/// The exact result of an operation on two numbers.
fn exact(form: &Form, name: &str, a: i128, b: i128) -> i128 {
    let comparison = |word: &str| form.has(word);
    match name {
        "add" => a + b,
        "sub" => a - b,
        "absdiff" => (a - b).abs(),
        "min" => a.min(b),
        "max" => a.max(b),
        // Halves are rounded away from zero.
        "avrg" => (a + b + i128::from(a + b >= 0)) >> 1,
        "set" => i128::from(match () {
            () if comparison("eq") => a == b,
            () if comparison("ne") => a != b,
            () if comparison("lt") => a < b,
            () if comparison("le") => a <= b,
            () if comparison("gt") => a > b,
            () => a >= b,
        }),
        shift => {
            let by = if form.has("wrap") { b & 31 } else { b.min(32) };
            if shift == "shl" { a << by } else { a >> by }
        }
    }
}

fn scalar(form: &Form, name: &'static str, result: Kind, a: Kind, b: Kind) -> Oracle {
    let copy = form.clone();
    let third = ["add", "min", "max"]
        .into_iter()
        .find(|word| form.has(word));
    let mut sources = vec![a, b];
    sources.extend(third.map(|_| result));
    Oracle::new(&sources, result, move |v| {
        let value = exact(&copy, name, a.integer(v[0]), b.integer(v[1]));
        let (least, most) = result.range();
        let value = if copy.has("sat") {
            value.clamp(least, most)
        } else {
            value
        };
        let value = result.integer(value as u128 & result.mask());
        let other = v.get(2).map(|third| result.integer(*third));
        let value = match (third, other) {
            (Some("add"), Some(other)) => value + other,
            (Some("min"), Some(other)) => value.min(other),
            (Some(_), Some(other)) => value.max(other),
            _ => value,
        };
        Some(value as u128 & result.mask())
    })
}

/// Whether the result is signed depends on the factors alone.
fn multiply(form: &Form, a: Kind, b: Kind) -> Oracle {
    let signed = a.element == Element::Signed || b.element == Element::Signed;
    let result = Kind::one(
        if signed {
            Element::Signed
        } else {
            Element::Unsigned
        },
        32,
    );
    let down = match (form.has("shr7"), form.has("shr15")) {
        (true, _) => 7,
        (_, true) => 15,
        _ => 0,
    };
    let (saturates, one_more) = (form.has("sat"), form.has("po"));
    Oracle::new(&[a, b, result], result, move |v| {
        let product = a.integer(v[0]) * b.integer(v[1]);
        let sum = product + result.integer(v[2]) + i128::from(one_more);
        let value = sum >> down;
        let (least, most) = result.range();
        let value = if saturates {
            value.clamp(least, most)
        } else {
            value
        };
        Some(value as u128 & result.mask())
    })
}

/// Every lane by itself, or all of them added to the third operand.
fn side_by_side(form: &Form, name: &'static str, lanes: u32, kinds: [Kind; 3]) -> Oracle {
    let copy = form.clone();
    let bits = 32 / lanes;
    let lane = move |kind: Kind| Kind::one(kind.element, bits);
    let [result, a, b] = kinds;
    let (to, from_a, from_b) = (lane(result), lane(a), lane(b));
    let adds = form.has("add");
    Oracle::new(&[a, b, result], result, move |v| {
        let values = (0..lanes).map(|at| {
            let part = |kind: Kind, value: u128| kind.integer(value >> (at * bits) & mask(bits));
            let value = exact(&copy, name, part(from_a, v[0]), part(from_b, v[1]));
            let (least, most) = to.range();
            let value = if copy.has("sat") {
                value.clamp(least, most)
            } else {
                value
            };
            (at, value)
        });
        let value = match adds {
            true => values.fold(v[2], |sum, (_, value)| sum.wrapping_add(value as u128)),
            false => values.fold(0, |all, (at, value)| {
                all | (value as u128 & mask(bits)) << (at * bits)
            }),
        };
        Some(value & WORD.mask())
    })
}
