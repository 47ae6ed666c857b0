//! Shifts, fields, counts, permutations, tables. Read [`oracle`].

use super::form::{Form, Oracle};
use super::kind::{Element, Kind, PREDICATE, WORD};

/// What a form of this family computes.
pub(crate) fn oracle(form: &Form, kind: Kind) -> Option<Oracle> {
    let oracle = match form.opcode {
        "shl" | "shr" => shift(form, kind),
        "shf" => funnel(form),
        "popc" => Oracle::new(&[kind], WORD, |v| Some(u128::from(v[0].count_ones()))),
        "clz" => Oracle::new(&[kind], WORD, move |v| {
            Some(u128::from(v[0].leading_zeros() + kind.bits - 128))
        }),
        "bfind" => find(form, kind),
        "brev" => Oracle::new(&[kind], kind, move |v| {
            Some(v[0].reverse_bits() >> (128 - kind.bits))
        }),
        "fns" => Oracle::new(&[WORD, WORD, WORD], WORD, |v| {
            nth_set(v[0] as u32, v[1] as u32, v[2] as u32 as i32)
        }),
        "bfe" => extract(kind),
        "bfi" => insert(kind),
        "szext" => extend(form, kind),
        "bmsk" => mask_of(form),
        "prmt" => permute(form),
        "lop3" => look_up(form, kind),
        _ => return None,
    };
    Some(oracle)
}

fn shift(form: &Form, kind: Kind) -> Oracle {
    let left = form.opcode == "shl";
    Oracle::new(&[kind, WORD], kind, move |v| {
        let by = (v[1] as u32).min(kind.bits);
        let value = match (left, kind.element) {
            (true, _) => v[0] << by,
            (_, Element::Signed) => (kind.integer(v[0]) >> by) as u128,
            _ => v[0] >> by,
        };
        Some(value & kind.mask())
    })
}

fn funnel(form: &Form) -> Oracle {
    let (left, wraps) = (form.has("l"), form.has("wrap"));
    Oracle::new(&[WORD; 3], WORD, move |v| {
        let by = if wraps { v[2] & 31 } else { v[2].min(32) };
        let both = v[1] << 32 | v[0];
        let value = if left { both << by >> 32 } else { both >> by };
        Some(value & WORD.mask())
    })
}

fn find(form: &Form, kind: Kind) -> Oracle {
    let amount = form.has("shiftamt");
    Oracle::new(&[kind], WORD, move |v| {
        let value = kind.integer(v[0]);
        let searched = if value < 0 { !value } else { value };
        if searched == 0 {
            return Some(WORD.mask());
        }
        let at = 127 - searched.leading_zeros();
        Some(u128::from(if amount { kind.bits - 1 - at } else { at }))
    })
}

fn nth_set(bits: u32, base: u32, offset: i32) -> Option<u128> {
    if base > 31 {
        return None;
    }
    let is_set = |at: i64| (0..32).contains(&at) && bits >> at & 1 == 1;
    let base = i64::from(base);
    if offset == 0 {
        return Some(if is_set(base) {
            base as u128
        } else {
            WORD.mask()
        });
    }
    let mut left = offset.unsigned_abs();
    let mut at = base;
    while (0..32).contains(&at) {
        left -= u32::from(is_set(at));
        if left == 0 {
            return Some(at as u128);
        }
        at += i64::from(offset.signum());
    }
    Some(WORD.mask())
}

/// Bit by bit, as the manual tells it.
fn extract(kind: Kind) -> Oracle {
    Oracle::new(&[kind, WORD, WORD], kind, move |v| {
        let (position, length) = (v[1] as u32 & 255, v[2] as u32 & 255);
        let top = kind.bits - 1;
        let bit = |at: u32| v[0] >> at & 1;
        let fill = match kind.element {
            Element::Signed if length > 0 => bit((position + length - 1).min(top)),
            _ => 0,
        };
        Some((0..kind.bits).fold(0, |all, at| {
            let inside = at < length && position + at <= top;
            all | (if inside { bit(position + at) } else { fill }) << at
        }))
    })
}

fn insert(kind: Kind) -> Oracle {
    Oracle::new(&[kind, kind, WORD, WORD], kind, move |v| {
        let (position, length) = (v[2] as u32 & 255, v[3] as u32 & 255);
        let inside = (0..length).take_while(|at| position + at < kind.bits);
        Some(inside.fold(v[1], |all, at| {
            let to = position + at;
            all & !(1 << to) | (v[0] >> at & 1) << to
        }))
    })
}

fn extend(form: &Form, kind: Kind) -> Oracle {
    let wraps = form.has("wrap");
    Oracle::new(&[kind, WORD], kind, move |v| {
        let bits = if wraps { v[1] & 31 } else { v[1].min(32) } as u32;
        if bits == 0 {
            return Some(0);
        }
        let part = Kind::one(kind.element, bits).integer(v[0]);
        Some(part as u128 & kind.mask())
    })
}

fn mask_of(form: &Form) -> Oracle {
    let wraps = form.has("wrap");
    Oracle::new(&[WORD; 2], WORD, move |v| {
        let of = |value: u128| if wraps { value & 31 } else { value.min(32) };
        Some(((1 << of(v[1])) - 1) << of(v[0]) & WORD.mask())
    })
}

fn permute(form: &Form) -> Oracle {
    /// Which byte each byte of the result is, the highest first, for each value of the selector.
    const TABLES: [(&str, [[u32; 4]; 4]); 6] = [
        (
            "f4e",
            [[3, 2, 1, 0], [4, 3, 2, 1], [5, 4, 3, 2], [6, 5, 4, 3]],
        ),
        (
            "b4e",
            [[5, 6, 7, 0], [6, 7, 0, 1], [7, 0, 1, 2], [0, 1, 2, 3]],
        ),
        (
            "rc8",
            [[0, 0, 0, 0], [1, 1, 1, 1], [2, 2, 2, 2], [3, 3, 3, 3]],
        ),
        (
            "ecl",
            [[3, 2, 1, 0], [3, 2, 1, 1], [3, 2, 2, 2], [3, 3, 3, 3]],
        ),
        (
            "ecr",
            [[0, 0, 0, 0], [1, 1, 1, 0], [2, 2, 1, 0], [3, 2, 1, 0]],
        ),
        (
            "rc16",
            [[1, 0, 1, 0], [3, 2, 3, 2], [1, 0, 1, 0], [3, 2, 3, 2]],
        ),
    ];
    let table = TABLES.into_iter().find(|(name, _)| form.has(name));
    Oracle::new(&[WORD; 3], WORD, move |v| {
        let both = v[1] << 32 | v[0];
        Some((0..4).fold(0, |all, at| {
            let byte = match table {
                Some((_, rows)) => both >> (8 * rows[v[2] as usize & 3][3 - at]) & 255,
                None => {
                    let selector = v[2] >> (4 * at) & 15;
                    let byte = both >> (8 * (selector & 7)) & 255;
                    match selector & 8 == 0 {
                        true => byte,
                        false => (byte >> 7) * 255,
                    }
                }
            };
            all | byte << (8 * at)
        }))
    })
}

/// The table of the sample, 0xE8, is the majority of three.
fn look_up(form: &Form, kind: Kind) -> Oracle {
    let majority = |v: &[u128]| v[0] & v[1] | v[0] & v[2] | v[1] & v[2];
    let combines = |name| form.has(name);
    match (combines("and"), combines("or")) {
        (false, false) => Oracle::new(&[kind; 3], kind, move |v| Some(majority(v))),
        (and, _) => Oracle::many(
            &[kind, kind, kind, PREDICATE],
            &[kind, PREDICATE],
            move |v| {
                let value = majority(v);
                let (any, given) = (value != 0, v[3] != 0);
                let bit = if and { any && given } else { any || given };
                Some(vec![value, u128::from(bit)])
            },
        ),
    }
}
