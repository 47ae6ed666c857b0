//! The format strings of C's `printf`, as far as device code may use them. It reads no memory: the
//! arguments come from [`Arguments`]. Read [`format`].

/// Where the values come from; `None` ends the formatting.
pub(super) trait Arguments {
    /// A value of four bytes.
    fn word(&mut self) -> Option<u32>;
    /// A value of eight bytes.
    fn double_word(&mut self) -> Option<u64>;
    /// The text that a pointer leads to.
    fn string(&mut self) -> Option<Vec<u8>>;
}

/// Longest field, however wide the format asks for it.
const WIDTH_MAX: usize = 4096;

/// One conversion.
#[derive(Debug, Clone, Copy, Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    /// Bytes of an integer: 1, 2, 4 or 8.
    size: u32,
}

/// The output of `printf(text, ...)`; `None` if an argument could not be read.
pub(super) fn format(text: &[u8], arguments: &mut dyn Arguments) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let (spec, after) = spec(rest, arguments)?;
        let Some((conversion, after)) = after.split_first() else {
            out.push(b'%');
            return Some(out);
        };
        rest = after;
        convert(*conversion, spec, arguments, &mut out)?;
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// Flags, width, precision and length.
fn spec<'t>(text: &'t [u8], arguments: &mut dyn Arguments) -> Option<(Spec, &'t [u8])> {
    let mut spec = Spec {
        size: 4,
        ..Spec::default()
    };
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'-' => spec.left = true,
            b'+' => spec.plus = true,
            b' ' => spec.space = true,
            b'#' => spec.alternate = true,
            b'0' => spec.zero = true,
            _ => break,
        }
        at += 1;
    }
    if let Some(width) = number(text, &mut at, arguments)? {
        spec.left |= width < 0;
        spec.width = (width.unsigned_abs() as usize).min(WIDTH_MAX);
    }
    if text.get(at) == Some(&b'.') {
        at += 1;
        let precision = number(text, &mut at, arguments)?.unwrap_or(0);
        let precision = usize::try_from(precision).ok();
        spec.precision = precision.map(|precision| precision.min(WIDTH_MAX));
    }
    while let Some(byte) = text.get(at) {
        spec.size = match byte {
            b'h' if spec.size == 2 => 1,
            b'h' => 2,
            b'l' | b'j' | b'z' | b't' | b'q' => 8,
            _ => break,
        };
        at += 1;
    }
    Some((spec, &text[at..]))
}

/// A decimal number or `*`; `Some(None)` if there is neither.
fn number(text: &[u8], at: &mut usize, arguments: &mut dyn Arguments) -> Option<Option<i64>> {
    if text.get(*at) == Some(&b'*') {
        *at += 1;
        return Some(Some(i64::from(arguments.word()? as i32)));
    }
    let mut value = None;
    while let Some(digit) = text.get(*at).filter(|byte| byte.is_ascii_digit()) {
        let so_far: i64 = value.unwrap_or(0);
        value = Some((so_far * 10 + i64::from(digit - b'0')).min(1 << 30));
        *at += 1;
    }
    Some(value)
}

fn convert(
    conversion: u8,
    spec: Spec,
    arguments: &mut dyn Arguments,
    out: &mut Vec<u8>,
) -> Option<()> {
    match conversion {
        b'%' => out.push(b'%'),
        b'd' | b'i' => {
            let value = integer(spec, arguments)?;
            let shift = 64 - spec.size * 8;
            let value = (value << shift) as i64 >> shift;
            let digits = value.unsigned_abs().to_string();
            put_number(out, spec, sign(spec, value < 0), "", digits);
        }
        b'u' | b'o' | b'x' | b'X' => {
            let value = integer(spec, arguments)?;
            let (digits, prefix) = match conversion {
                b'u' => (value.to_string(), ""),
                b'o' => (format!("{value:o}"), "0"),
                b'x' => (format!("{value:x}"), "0x"),
                _ => (format!("{value:X}"), "0X"),
            };
            let prefix = if spec.alternate && value != 0 {
                prefix
            } else {
                ""
            };
            put_number(out, spec, "", prefix, digits);
        }
        b'c' => pad(out, spec, vec![arguments.word()? as u8]),
        b's' => {
            let mut text = arguments.string()?;
            text.truncate(spec.precision.unwrap_or(usize::MAX));
            pad(out, spec, text);
        }
        b'p' => {
            let value = arguments.double_word()?;
            pad(out, spec, format!("{value:#x}").into_bytes());
        }
        b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
            let value = f64::from_bits(arguments.double_word()?);
            put_float(out, spec, conversion, value);
        }
        other => out.extend_from_slice(&[b'%', other]),
    }
    Some(())
}

fn integer(spec: Spec, arguments: &mut dyn Arguments) -> Option<u64> {
    Some(match spec.size {
        8 => arguments.double_word()?,
        4 => u64::from(arguments.word()?),
        2 => u64::from(arguments.word()? as u16),
        _ => u64::from(arguments.word()? as u8),
    })
}

fn sign(spec: Spec, negative: bool) -> &'static str {
    match (negative, spec.plus, spec.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

/// Sign, prefix and digits with the padding asked for.
fn put_number(out: &mut Vec<u8>, spec: Spec, sign: &str, prefix: &str, mut digits: String) {
    match spec.precision {
        Some(0) if digits == "0" => digits.clear(),
        Some(precision) => digits = format!("{digits:0>precision$}"),
        None if spec.zero && !spec.left => {
            let room = spec.width.saturating_sub(sign.len() + prefix.len());
            digits = format!("{digits:0>room$}");
        }
        None => {}
    }
    pad(out, spec, format!("{sign}{prefix}{digits}").into_bytes());
}

fn pad(out: &mut Vec<u8>, spec: Spec, text: Vec<u8>) {
    let fill = spec.width.saturating_sub(text.len());
    if !spec.left {
        out.resize(out.len() + fill, b' ');
    }
    out.extend_from_slice(&text);
    if spec.left {
        out.resize(out.len() + fill, b' ');
    }
}

fn put_float(out: &mut Vec<u8>, spec: Spec, conversion: u8, value: f64) {
    let sign = sign(spec, value.is_sign_negative());
    let magnitude = value.abs();
    let text = if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        "inf".to_owned()
    } else {
        match conversion.to_ascii_lowercase() {
            b'f' => fixed(magnitude, spec.precision.unwrap_or(6), spec.alternate),
            b'e' => scientific(magnitude, spec.precision.unwrap_or(6), spec.alternate),
            b'g' => general(magnitude, spec.precision.unwrap_or(6), spec.alternate),
            _ => hexadecimal(magnitude, spec.precision),
        }
    };
    let text = if conversion.is_ascii_uppercase() {
        text.to_ascii_uppercase()
    } else {
        text
    };
    let number = Spec {
        precision: None,
        zero: spec.zero && value.is_finite(),
        ..spec
    };
    put_number(out, number, sign, "", text);
}

fn fixed(value: f64, precision: usize, point: bool) -> String {
    let mut text = format!("{value:.precision$}");
    if point && precision == 0 {
        text.push('.');
    }
    text
}

/// C writes at least two digits of exponent.
fn scientific(value: f64, precision: usize, point: bool) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = if point && precision == 0 { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}{point}e{sign}{:02}", exponent.abs())
}

fn general(value: f64, precision: usize, keep: bool) -> String {
    let precision = precision.max(1);
    let rounded = format!("{value:.*e}", precision - 1);
    let exponent: i32 = rounded
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let text = if exponent < -4 || exponent >= precision as i32 {
        scientific(value, precision - 1, keep)
    } else {
        fixed(
            value,
            (precision as i32 - 1 - exponent).max(0) as usize,
            keep,
        )
    };
    if keep || !text.contains('.') {
        return text;
    }
    let (mantissa, exponent) = match text.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, format!("e{exponent}")),
        None => (text.as_str(), String::new()),
    };
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}{exponent}")
}

fn hexadecimal(value: f64, precision: Option<usize>) -> String {
    let bits = value.to_bits();
    let biased = (bits >> 52) & 0x7FF;
    let mut fraction = bits & ((1 << 52) - 1);
    let (mut lead, exponent) = match (biased, fraction) {
        (0, 0) => (0, 0),
        (0, _) => (0, -1022),
        _ => (1, biased as i64 - 1023),
    };
    let mut digits = 13;
    if let Some(precision) = precision.filter(|precision| *precision < 13) {
        let drop = (13 - precision) * 4;
        let whole = (lead << 52) | fraction;
        let half = 1u64 << (drop - 1);
        let low = whole & ((1 << drop) - 1);
        let up = low > half || low == half && whole >> drop & 1 == 1;
        let kept = (whole >> drop) + u64::from(up);
        lead = kept >> (precision * 4);
        fraction = kept & ((1 << (precision * 4)) - 1);
        digits = precision;
    }
    let mut hex = if digits == 0 {
        String::new()
    } else {
        format!("{fraction:0digits$x}")
    };
    match precision {
        None => hex = hex.trim_end_matches('0').to_owned(),
        Some(precision) => hex = format!("{hex:0<precision$}"),
    }
    let point = if hex.is_empty() { "" } else { "." };
    format!("0x{lead}{point}{hex}p{exponent:+}")
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Value {
        Word(u32),
        Double(u64),
        Text(&'static str),
    }

    impl Arguments for std::slice::Iter<'_, Value> {
        fn word(&mut self) -> Option<u32> {
            match self.next()? {
                Value::Word(value) => Some(*value),
                _ => None,
            }
        }

        fn double_word(&mut self) -> Option<u64> {
            match self.next()? {
                Value::Double(value) => Some(*value),
                _ => None,
            }
        }

        fn string(&mut self) -> Option<Vec<u8>> {
            match self.next()? {
                Value::Text(text) => Some(text.as_bytes().to_vec()),
                _ => None,
            }
        }
    }

    fn check(text: &str, values: &[Value], expected: &str) {
        let out = format(text.as_bytes(), &mut values.iter()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected, "{text}");
    }

    fn real(value: f64) -> Value {
        Value::Double(value.to_bits())
    }

    #[test]
    fn integers_format_as_in_c() {
        check("%d %i", &[Value::Word(5), Value::Word(u32::MAX)], "5 -1");
        check(
            "[%5d|%-5d|%05d]",
            &[Value::Word(42), Value::Word(42), Value::Word(42)],
            "[   42|42   |00042]",
        );
        check("%+d % d", &[Value::Word(1), Value::Word(2)], "+1  2");
        check(
            "%u %x %X %#x %o",
            &[
                Value::Word(10),
                Value::Word(255),
                Value::Word(255),
                Value::Word(255),
                Value::Word(8),
            ],
            "10 ff FF 0xff 10",
        );
        check(
            "%lld %lu",
            &[Value::Double(u64::MAX), Value::Double(u64::MAX)],
            "-1 18446744073709551615",
        );
        check(
            "%hhd %hu",
            &[Value::Word(0x1FF), Value::Word(0x1FFFF)],
            "-1 65535",
        );
        check(
            "%.3d %*d",
            &[Value::Word(7), Value::Word(4), Value::Word(7)],
            "007    7",
        );
    }

    #[test]
    fn floats_format_as_in_c() {
        check(
            "%f %.2f %.0f",
            &[real(1.5), real(2.675), real(2.5)],
            "1.500000 2.67 2",
        );
        check(
            "%e %.2E",
            &[real(12345.678), real(0.00012)],
            "1.234568e+04 1.20E-04",
        );
        check(
            "%g %g %g %g",
            &[real(100000.0), real(1e6), real(0.0001), real(1e-5)],
            "100000 1e+06 0.0001 1e-05",
        );
        check("%g %#g", &[real(0.5), real(0.5)], "0.5 0.500000");
        check(
            "[%8.3f|%-8.3f|%08.3f]",
            &[real(5.14159), real(5.14159), real(-5.14159)],
            "[   5.142|5.142   |-005.142]",
        );
        check("%f %F", &[real(f64::INFINITY), real(f64::NAN)], "inf NAN");
        check("%a %.1a", &[real(1.0), real(1.96875)], "0x1p+0 0x2.0p+0");
    }

    #[test]
    fn text_and_the_rest_format_as_in_c() {
        check(
            "%s|%5s|%-5s|%.2s",
            &[
                Value::Text("abc"),
                Value::Text("abc"),
                Value::Text("abc"),
                Value::Text("abc"),
            ],
            "abc|  abc|abc  |ab",
        );
        check(
            "%c%%%p",
            &[Value::Word(65), Value::Double(0x1234)],
            "A%0x1234",
        );
        check("plain %", &[], "plain %");
    }

    #[test]
    fn missing_argument_ends_formatting() {
        assert!(format(b"%d", &mut [].iter()).is_none());
    }
}
