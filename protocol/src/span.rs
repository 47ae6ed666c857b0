//! Spans of time as people write them: `10m`, `90s`, `1.5h`, `500ms`, `2d`; a plain number is seconds.
//! Read [`parse`].

use std::time::Duration;

/// Longest span that is understood: ten years.
const SPAN_SECONDS_MAX: f64 = 10.0 * 365.0 * 86_400.0;

/// Reads a span; `None` if it is not one.
pub fn parse(text: &str) -> Option<Duration> {
    let text = text.trim();
    let unit_at = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let each = match unit.trim() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let seconds = number.parse::<f64>().ok()? * each;
    (seconds <= SPAN_SECONDS_MAX).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_people_write_them() {
        for (text, milliseconds) in [
            ("10m", Some(600_000)),
            (" 90 s ", Some(90_000)),
            ("1.5h", Some(5_400_000)),
            ("2d", Some(172_800_000)),
            ("500ms", Some(500)),
            ("7", Some(7000)),
            ("0", Some(0)),
            ("", None),
            ("m", None),
            ("-1s", None),
            ("1.2.3s", None),
            ("10 weeks", None),
            ("99999d", None),
        ] {
            let span = parse(text).map(|span| span.as_millis());
            assert_eq!(span, milliseconds, "{text}");
        }
    }
}
