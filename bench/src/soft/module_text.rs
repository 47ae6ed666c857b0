//! A large module of PTX, as libraries ship them: thousands of kernels of which a program uses one.
//! Read [`of_bytes`].

use std::fmt::Write as _;

/// Name of its first kernel, which has one parameter, an address of 32 words.
pub(super) const FIRST: &str = "kernel_0";
/// Instructions of a kernel.
const LENGTH: usize = 300;

/// PTX text of at least `bytes`.
pub(super) fn of_bytes(bytes: usize) -> String {
    let mut text = ".version 8.0\n.target sm_80\n.address_size 64\n".to_owned();
    text.reserve(bytes + (64 << 10));
    let mut index = 0;
    while text.len() < bytes {
        kernel(&mut text, index);
        index += 1;
    }
    text
}

fn kernel(text: &mut String, index: usize) {
    let _ = write!(
        text,
        ".visible .entry kernel_{index}(.param .u64 out)\n{{\n.reg .b32 %r<{}>;\n\
         .reg .b64 %rd<4>;\nld.param.u64 %rd1, [out];\nmov.u32 %r0, %tid.x;\n",
        LENGTH + 1
    );
    for step in 0..LENGTH {
        let _ = writeln!(
            text,
            "mad.lo.s32 %r{}, %r{step}, {}, %r0;",
            step + 1,
            step + index
        );
    }
    let _ = write!(
        text,
        "mul.wide.u32 %rd2, %r0, 4;\nadd.s64 %rd3, %rd1, %rd2;\n\
         st.global.u32 [%rd3], %r{LENGTH};\nret;\n}}\n"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_long_as_asked_and_has_many_kernels() {
        let text = of_bytes(1 << 20);
        assert!(text.len() >= 1 << 20 && text.len() < (1 << 20) + (64 << 10));
        assert!(text.matches(".entry").count() > 50);
        assert!(text.contains(&format!("{FIRST}(")));
    }
}
