//! Integer arithmetic, logic and bits, from the manual's words, on wide integers. Read [`oracle`].

use super::form::{Form, Oracle};
use super::kind::{Element, Kind, PREDICATE, WORD, mask};

/// What a form of this family computes.
pub(crate) fn oracle(form: &Form) -> Option<Oracle> {
    let kind = form.kind()?;
    let oracle = match form.opcode {
        "mov" if form.operand_list().len() == 2 && moves_registers(form) => {
            Oracle::new(&[kind], kind, |v| Some(v[0]))
        }
        "and" | "or" | "xor" | "not" | "cnot" => logic(form, kind),
        "add" | "sub" | "mul" | "mad" | "abs" | "neg" | "min" | "max"
            if kind.format().is_some() =>
        {
            return None;
        }
        "add" | "addc" | "sub" | "subc" => sum(form, kind),
        "mul" | "mad" | "madc" => product(form, kind),
        "mul24" | "mad24" => product_of_24(form, kind),
        "sad" => Oracle::new(&[kind; 3], kind, move |v| {
            let difference = (kind.integer(v[0]) - kind.integer(v[1])).unsigned_abs();
            Some(v[2].wrapping_add(difference) & kind.mask())
        }),
        "div" | "rem" if kind.format().is_none() => quotient(form, kind),
        "abs" => Oracle::new(&[kind], kind, move |v| {
            Some(kind.integer(v[0]).unsigned_abs() & kind.mask())
        }),
        "neg" => Oracle::new(&[kind], kind, move |v| {
            Some(v[0].wrapping_neg() & kind.mask())
        }),
        "min" | "max" => extreme(form, kind),
        "dp4a" | "dp2a" => dot(form),
        "selp" => Oracle::new(&[kind, kind, PREDICATE], kind, |v| {
            Some(if v[2] != 0 { v[0] } else { v[1] })
        }),
        _ => return super::bits::oracle(form, kind),
    };
    Some(oracle)
}

fn moves_registers(form: &Form) -> bool {
    form.operands
        .split(", ")
        .all(|operand| operand.starts_with('%') && operand[2..].parse::<u32>().is_ok())
}

fn logic(form: &Form, kind: Kind) -> Oracle {
    let opcode = form.opcode;
    let count = if matches!(opcode, "not" | "cnot") {
        1
    } else {
        2
    };
    Oracle::new(&vec![kind; count], kind, move |v| {
        let value = match opcode {
            "and" => v[0] & v[1],
            "or" => v[0] | v[1],
            "xor" => v[0] ^ v[1],
            "not" => !v[0],
            _ => u128::from(v[0] & kind.mask() == 0),
        };
        Some(value & kind.mask())
    })
}

/// With or without carry, in and out.
fn sum(form: &Form, kind: Kind) -> Oracle {
    let carry_in = matches!(form.opcode, "addc" | "subc");
    let subtracts = form.opcode.starts_with("sub");
    if form.has("sat") {
        return Oracle::new(&[kind; 2], kind, move |v| {
            let (a, b) = (kind.integer(v[0]), kind.integer(v[1]));
            let (least, most) = kind.range();
            let sum = if subtracts { a - b } else { a + b };
            Some(sum.clamp(least, most) as u128 & kind.mask())
        });
    }
    if kind.lanes > 1 {
        return Oracle::by_lane(&[kind; 2], kind, move |v| {
            let sum = match subtracts {
                true => v[0].wrapping_sub(v[1]),
                false => v[0].wrapping_add(v[1]),
            };
            Some(sum & kind.mask())
        });
    }
    let carries =
        |count: usize, on: bool| [vec![kind; count], vec![WORD; usize::from(on)]].concat();
    let carry_out = form.has("cc");
    Oracle::many(&carries(2, carry_in), &carries(1, carry_out), move |v| {
        let (a, b) = (v[0] & kind.mask(), v[1] & kind.mask());
        let carry = if carry_in { v[2] & 1 } else { 0 };
        let (value, out) = match subtracts {
            true => (a.wrapping_sub(b).wrapping_sub(carry), a < b + carry),
            false => (a + b + carry, a + b + carry > kind.mask()),
        };
        let mut results = vec![value & kind.mask()];
        results.extend(carry_out.then_some(u128::from(out)));
        Some(results)
    })
}

/// Low, high or whole product, plus perhaps a third operand and a carry.
fn product(form: &Form, kind: Kind) -> Oracle {
    let wide = form.has("wide");
    let high = form.has("hi");
    let saturates = form.has("sat");
    let adds = form.opcode != "mul";
    let (carry_in, carry_out) = (form.opcode == "madc", form.has("cc"));
    let whole = match wide {
        true => Kind {
            bits: 2 * kind.bits,
            ..kind
        },
        false => kind,
    };
    let mut sources = vec![kind; 2];
    sources.extend(adds.then_some(whole));
    sources.extend(carry_in.then_some(WORD));
    let mut results = vec![whole];
    results.extend(carry_out.then_some(WORD));
    Oracle::many(&sources, &results, move |v| {
        let (a, b) = (kind.integer(v[0]), kind.integer(v[1]));
        // Two unsigned numbers of 64 bits fill all of 128, as two signed ones do.
        let product = match kind.element {
            Element::Signed => (a * b) as u128,
            _ => (a as u128).wrapping_mul(b as u128),
        };
        let part = match (wide, high) {
            (true, _) => product,
            (_, true) => product >> kind.bits,
            _ => product,
        } & whole.mask();
        if !adds {
            return Some(vec![part]);
        }
        if saturates {
            let (least, most) = kind.range();
            let sum = kind.integer(part) + kind.integer(v[2]);
            return Some(vec![sum.clamp(least, most) as u128 & kind.mask()]);
        }
        let carry = if carry_in { v[3] & 1 } else { 0 };
        let addend = v[2] & whole.mask();
        let sum = part.wrapping_add(addend).wrapping_add(carry);
        let mut results = vec![sum & whole.mask()];
        results.extend(carry_out.then_some(u128::from(sum > whole.mask())));
        Some(results)
    })
}

fn product_of_24(form: &Form, kind: Kind) -> Oracle {
    let narrow = Kind::one(kind.element, 24);
    let (high, saturates) = (form.has("hi"), form.has("sat"));
    let count = if form.opcode == "mad24" { 3 } else { 2 };
    Oracle::new(&vec![kind; count], kind, move |v| {
        let product = narrow.integer(v[0]) * narrow.integer(v[1]);
        let part = if high { product >> 16 } else { product } as u128 & kind.mask();
        let addend = v.get(2).copied().unwrap_or(0);
        if saturates {
            let (least, most) = kind.range();
            let sum = kind.integer(part) + kind.integer(addend);
            return Some(sum.clamp(least, most) as u128 & kind.mask());
        }
        Some((part + addend) & kind.mask())
    })
}

fn quotient(form: &Form, kind: Kind) -> Oracle {
    let remains = form.opcode == "rem";
    Oracle::new(&[kind; 2], kind, move |v| {
        let (a, b) = (kind.integer(v[0]), kind.integer(v[1]));
        let (least, _) = kind.range();
        let open = b == 0 || (a == least && b == -1 && kind.element == Element::Signed);
        let value = match (open, remains) {
            (true, _) => return None,
            (_, true) => a % b,
            _ => a / b,
        };
        Some(value as u128 & kind.mask())
    })
}

fn extreme(form: &Form, kind: Kind) -> Oracle {
    let (greatest, clamps) = (form.opcode == "max", form.has("relu"));
    let lane = kind.lane();
    Oracle::by_lane(&[kind; 2], kind, move |v| {
        let (a, b) = (lane.integer(v[0]), lane.integer(v[1]));
        let value = if greatest { a.max(b) } else { a.min(b) };
        let value = if clamps { value.max(0) } else { value };
        Some(value as u128 & lane.mask())
    })
}

/// Four bytes by four, or two halves by two bytes.
fn dot(form: &Form) -> Oracle {
    let kinds = form.kinds();
    let (a_kind, b_kind) = (kinds[0], kinds[1]);
    let signed = a_kind.element == Element::Signed || b_kind.element == Element::Signed;
    let result = Kind::one(
        if signed {
            Element::Signed
        } else {
            Element::Unsigned
        },
        32,
    );
    let (lanes, a_bits) = if form.opcode == "dp4a" {
        (4, 8)
    } else {
        (2, 16)
    };
    let first = if form.has("hi") { 2 } else { 0 };
    Oracle::new(&[a_kind, b_kind, result], result, move |v| {
        let part = |value: u128, kind: Kind, bits: u32, at: u32| {
            Kind::one(kind.element, bits).integer(value >> (bits * at) & mask(bits))
        };
        let sum: i128 = (0..lanes)
            .map(|at| part(v[0], a_kind, a_bits, at) * part(v[1], b_kind, 8, at + first))
            .sum();
        Some((sum as u128).wrapping_add(v[2]) & result.mask())
    })
}
