//! Tables on a terminal: columns of fixed widths, values of JSON documents as people read them.

use std::fmt::Write as _;

use rigel_pool_server::bytes::ByteSize;
use serde_json::Value;

/// A column: its head, its width, and whether it is set to the right.
pub(crate) type Column = (&'static str, usize, bool);

/// Writes an empty line and the heads.
pub(crate) fn head(out: &mut String, columns: &[Column]) {
    let cells: Vec<String> = columns.iter().map(|column| column.0.to_owned()).collect();
    out.push('\n');
    row(out, columns, &cells);
}

/// Writes a row, cut to the columns' widths.
pub(crate) fn row(out: &mut String, columns: &[Column], cells: &[String]) {
    let mut line = String::new();
    for ((_, width, right), cell) in columns.iter().zip(cells) {
        let cell: String = cell.chars().take(*width).collect();
        let _ = match right {
            true => write!(line, "{cell:>width$}  "),
            false => write!(line, "{cell:<width$}  "),
        };
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

/// The items of a list; none of anything else.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A value for people.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".into(),
        other => other.to_string(),
    }
}

/// A number of bytes for people.
pub(crate) fn size(value: &Value) -> String {
    value
        .as_u64()
        .map_or_else(|| "-".into(), |bytes| ByteSize(bytes).to_string())
}

/// `used / all`, in bytes for people.
pub(crate) fn used_of(used: &Value, all: &Value) -> String {
    format!("{} / {}", size(used), size(all))
}
