//! `pool-server/src/worker/generated/dispatch.rs`: the worker's side of every generated call.
//!
//! The record of a call holds its arguments in the order of C: what goes in, and for a handle that the
//! call creates the number the client has minted. The reply holds what comes out, in the order of C,
//! created handles left out. `emit_remote.rs` writes the other side.

use std::fmt::Write;

use super::HEAD;
use super::emit_protocol::constant;
use super::names;
use super::rules::{Arg, Method, Plan, Shape};

/// The dispatch.
pub(super) fn dispatch(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! Decodes each call, translates its handles, and issues it.\n\n\
         use rigel_protocol::generated::calls::Call;\n\
         use rigel_protocol::generated::types::*;\nuse rigel_protocol::handle::*;\n\n\
         use crate::worker::issue::{{Fault, Issue}};\n\n\
         /// Issues a call that follows from the table; `None` if the id is no such call's.\n\
         #[expect(clippy::too_many_lines, reason = \"one line a call\")]\n\
         pub(in crate::worker) fn dispatch(call: Call, issue: &mut Issue<'_>) -> Option<Result<(), Fault>> {{\n\
         Some(match call {{\n"
    );
    let methods: Vec<_> = plan.methods().filter(|method| method.on_wire()).collect();
    for method in &methods {
        writeln!(
            text,
            "Call::{} => {}(issue),",
            constant(method.call),
            method.name
        )
        .ok();
    }
    text.push_str("_ => return None,\n})\n}\n\n");
    for method in methods {
        body(&mut text, method);
    }
    text
}

fn body(text: &mut String, method: &Method<'_>) {
    write!(
        text,
        "/// `{}`.\nfn {}(issue: &mut Issue<'_>) -> Result<(), Fault> {{\n",
        method.call.symbol, method.name
    )
    .ok();
    for arg in &method.params {
        decode(text, arg);
    }
    text.push_str("issue.end_of_record()?;\n");
    if let Some(bytes) = &method.call.charge {
        let bytes = names::parameter(bytes);
        writeln!(text, "let charge = issue.charge({bytes} as u64)?;").ok();
    }
    let outputs: Vec<_> = method
        .params
        .iter()
        .filter(|arg| arg.output_type().is_some())
        .collect();
    let result = match outputs.as_slice() {
        [] => String::new(),
        outputs => {
            let names: Vec<_> = outputs
                .iter()
                .map(|arg| format!("{}_out", arg.output_name()))
                .collect();
            format!("let {} = ", Method::tuple(&names))
        }
    };
    let inputs: Vec<_> = method.params.iter().filter_map(argument).collect();
    let call = format!("{}(cx, {})", method.name, inputs.join(", "));
    if method.call.has("block") {
        blocking(text, &result, &call, &outputs);
        return;
    }
    writeln!(
        text,
        "let cx = issue.cx();\n{result}issue.driver().{call}?;"
    )
    .ok();
    if method.call.charge.is_some() {
        let held = outputs
            .first()
            .map(|arg| format!("{}_out", arg.output_name()));
        writeln!(text, "issue.keep(charge, {}.0);", held.unwrap_or_default()).ok();
    }
    if let Some(held) = &method.call.refund {
        writeln!(text, "issue.refund({}.0);", names::parameter(held)).ok();
    }
    for arg in outputs {
        encode(text, "issue", arg);
    }
    text.push_str("Ok(())\n}\n\n");
}

/// A call that may wait for the GPU: all handles are translated now, the rest happens on the
/// client thread's own waiter.
fn blocking(text: &mut String, result: &str, call: &str, outputs: &[&Arg<'_>]) {
    let out = if outputs.is_empty() { "_" } else { "out" };
    write!(
        text,
        "let cx = issue.cx();\nissue.later(move |driver, {out}| {{\n{result}driver.{call}?;\n"
    )
    .ok();
    for arg in outputs {
        encode(text, out, arg);
    }
    text.push_str("Ok(())\n})\n}\n\n");
}

/// How an argument is read from the record.
fn decode(text: &mut String, arg: &Arg<'_>) {
    let name = &arg.name;
    let ty = arg.ty.rust();
    match &arg.shape {
        Shape::New => writeln!(text, "let {name}: {ty} = issue.get()?;"),
        Shape::In if arg.param.has("gone") => {
            writeln!(text, "let {name} = issue.gone_handle::<{ty}>()?;")
        }
        Shape::In => match arg.handle() {
            Some("Stream") => writeln!(text, "let {name} = issue.stream()?;"),
            Some("Function") => writeln!(text, "let {name} = issue.function()?;"),
            Some("Context") => writeln!(text, "let {name} = issue.context()?;"),
            Some(handle) => writeln!(text, "let {name} = issue.handle::<{handle}>()?;"),
            None => writeln!(text, "let {name}: {ty} = issue.get()?;"),
        },
        Shape::InOut | Shape::OutCount | Shape::InRef => {
            writeln!(text, "let {name}: {ty} = issue.get()?;")
        }
        Shape::InWord | Shape::InAddress => writeln!(text, "let {name}: u64 = issue.get()?;"),
        Shape::Text => writeln!(text, "let {name} = issue.cstring()?;"),
        Shape::InList { .. } => match arg.handle() {
            Some(handle) => writeln!(text, "let {name} = issue.handles::<{handle}>()?;"),
            None => writeln!(text, "let {name}: Vec<{ty}> = issue.list()?;"),
        },
        _ => Ok(()),
    }
    .ok();
}

/// An argument of the driver's method.
fn argument(arg: &Arg<'_>) -> Option<String> {
    arg.input_type()?;
    Some(match arg.shape {
        Shape::InRef | Shape::Text | Shape::InList { .. } => format!("&{}", arg.name),
        _ => arg.name.clone(),
    })
}

/// How a result is written into the reply, or kept.
fn encode(text: &mut String, out: &str, arg: &Arg<'_>) {
    let value = format!("{}_out", arg.output_name());
    match (&arg.shape, arg.handle()) {
        (Shape::New, Some(_)) => writeln!(text, "{out}.create({}, {value})?;", arg.name),
        (Shape::Out, Some(_)) => writeln!(text, "{out}.put_handle({value})?;"),
        (Shape::OutList { .. }, Some(_)) => writeln!(text, "{out}.put_handles(&{value})?;"),
        (Shape::OutList { .. }, None) => writeln!(text, "{out}.put_list(&{value});"),
        (Shape::OutBytes { .. }, _) => writeln!(text, "{out}.put_bytes(&{value});"),
        _ => writeln!(text, "{out}.put(&{value});"),
    }
    .ok();
}
