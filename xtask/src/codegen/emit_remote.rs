//! `shim-cdylib/src/generated/remote.rs`: the client's side of every call that travels.

use std::fmt::Write;

use super::HEAD;
use super::emit_protocol::{constant, signature};
use super::rules::{Arg, Method, Plan, Shape, Ty};

/// The generated traits of `Remote`.
pub(super) fn remote(plan: &Plan<'_>) -> String {
    let mut text = format!(
        "{HEAD}//! The generated half of the `Driver` trait over the wire. A `local` call goes to\n\
         //! [`crate::shadow`], which may send it by the method `send_…` of the same name.\n\
         #![allow(unused_mut, clippy::too_many_arguments, clippy::let_unit_value)]\n\n\
         use std::ffi::CStr;\n\n\
         use rigel_protocol::generated::calls::Call;\n\
         use rigel_protocol::generated::driver::*;\nuse rigel_protocol::generated::types::*;\n\
         use rigel_protocol::handle::*;\nuse rigel_protocol::{{CuResult, Cx}};\n\n\
         use crate::remote::Remote;\nuse crate::shadow;\n\n"
    );
    for item in &plan.traits {
        writeln!(text, "impl {} for Remote {{", item.name).ok();
        for method in &item.methods {
            writeln!(text, "fn {} {{", signature(method)).ok();
            match method.call.has("local") {
                true => {
                    let mut arguments = vec!["self".to_owned(), "cx".to_owned()];
                    arguments.extend(method.inputs().into_iter().map(|(name, _)| name));
                    writeln!(text, "shadow::{}({})", method.name, arguments.join(", ")).ok();
                }
                false => send(&mut text, method),
            }
            text.push_str("}\n\n");
        }
        text.push_str("}\n\n");
    }
    text.push_str("/// What `local` calls send when they need the worker.\nimpl Remote {\n");
    let local = plan
        .methods()
        .filter(|method| method.call.has("local") && method.on_wire());
    for method in local {
        writeln!(text, "/// Sends `{}`.", method.call.symbol).ok();
        writeln!(text, "pub(crate) fn send_{} {{", signature(method)).ok();
        send(&mut text, method);
        text.push_str("}\n\n");
    }
    text.push_str("}\n");
    text
}

fn send(text: &mut String, method: &Method<'_>) {
    for arg in &method.params {
        check(text, arg);
    }
    let cached = method.call.has("cached");
    writeln!(
        text,
        "let mut request = self.request(cx, Call::{})?;",
        constant(method.call)
    )
    .ok();
    for arg in &method.params {
        put(text, arg);
    }
    let has_reply = method
        .params
        .iter()
        .any(|arg| arg.output_type().is_some() && arg.shape != Shape::New);
    let how = match (cached, method.call.has("post")) {
        (true, _) => "cached",
        (_, true) => "post",
        _ => "wait",
    };
    match (how, has_reply) {
        ("post", _) => text.push_str("self.post(request)?;\n"),
        (how, true) => {
            writeln!(text, "let mut reply = self.{how}(request)?;").ok();
            for arg in &method.params {
                take(text, arg);
            }
            text.push_str("reply.finish()?;\n");
        }
        (how, false) => {
            writeln!(text, "self.{how}(request)?.finish()?;").ok();
        }
    }
    for arg in &method.params {
        if arg.param.has("gone") {
            writeln!(text, "self.retire({});", arg.name).ok();
        }
    }
    let results: Vec<_> = method
        .params
        .iter()
        .filter(|arg| arg.output_type().is_some())
        .map(|arg| match arg.shape {
            Shape::New => format!("{}.keep()", arg.name),
            _ => arg.output_name(),
        })
        .collect();
    writeln!(text, "Ok({})", Method::tuple(&results)).ok();
}

/// Handles are checked before anything is sent, so that the error comes from this very call.
fn check(text: &mut String, arg: &Arg<'_>) {
    let name = &arg.name;
    match (&arg.shape, &arg.ty) {
        (Shape::In, Ty::Handle(_)) => writeln!(text, "self.check({name})?;"),
        (Shape::InList { .. }, Ty::Handle(_)) => {
            writeln!(text, "for item in {name} {{ self.check(*item)?; }}")
        }
        (Shape::New, Ty::Handle(handle)) => {
            writeln!(text, "let {name} = self.mint::<{handle}>()?;")
        }
        _ => Ok(()),
    }
    .ok();
}

fn put(text: &mut String, arg: &Arg<'_>) {
    let name = &arg.name;
    match &arg.shape {
        Shape::In | Shape::InOut | Shape::InWord | Shape::InAddress | Shape::OutCount => {
            writeln!(text, "request.put(&{name});")
        }
        Shape::InRef => writeln!(text, "request.put({name});"),
        Shape::New => writeln!(text, "request.put(&{name}.handle());"),
        Shape::InList { .. } => writeln!(text, "request.list({name});"),
        Shape::Text => writeln!(text, "request.cstr({name});"),
        _ => Ok(()),
    }
    .ok();
}

fn take(text: &mut String, arg: &Arg<'_>) {
    let name = arg.output_name();
    match (&arg.shape, &arg.ty) {
        (Shape::Out, Ty::Handle(_)) => writeln!(text, "let {name} = self.adopt(reply.take()?);"),
        (Shape::OutList { .. }, Ty::Handle(handle)) => writeln!(
            text,
            "let {name}: Vec<{handle}> = reply.list()?;\nfor item in &{name} {{ self.adopt(*item); }}"
        ),
        (Shape::OutList { .. }, _) => writeln!(text, "let {name} = reply.list()?;"),
        (Shape::OutBytes { .. }, _) => writeln!(text, "let {name} = reply.bytes()?;"),
        (Shape::Out | Shape::OutWord | Shape::InOut | Shape::OutCount, _) => {
            writeln!(text, "let {name} = reply.take()?;")
        }
        _ => Ok(()),
    }
    .ok();
}
