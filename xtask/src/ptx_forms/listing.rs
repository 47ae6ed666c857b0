//! The committed list: the frame, then for each text of operands the forms that exist with it. Read
//! [`render`].

use std::collections::BTreeMap;
use std::fmt::Write;

const WIDTH: usize = 100;

/// The list as text.
pub(super) fn render(frame: &str, version: &str, accepted: &BTreeMap<&str, Vec<&str>>) -> String {
    let mut text = format!(
        "# Forms that ptxas ({version}) accepts for sm_120, written by `cargo xtask ptx-forms`.\n\
         # `|`: the module an instruction stands in; `=`: operands; then the forms that exist with them.\n"
    );
    for line in frame.lines() {
        writeln!(text, "| {line}").ok();
    }
    for (operands, forms) in accepted {
        writeln!(text, "= {operands}").ok();
        let mut forms = forms.clone();
        forms.sort_unstable();
        let mut line = String::new();
        for form in forms {
            if !line.is_empty() && line.len() + form.len() >= WIDTH {
                writeln!(text, "{line}").ok();
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(form);
        }
        writeln!(text, "{line}").ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_stand_under_their_operands() {
        let forms = [("%r1", vec!["b", "a"]), ("%x1", vec!["c"])];
        let text = render("x\ny\n", "1", &forms.into_iter().collect());
        let body: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(body, ["| x", "| y", "= %r1", "a b", "= %x1", "c"]);
    }
}
