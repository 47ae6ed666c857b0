//! Machine code for numbers of 16 bits, fields, conversions, thread numbers, variables in shared memory and additions
//! to global memory, against the interpreter.

use super::masked::check_masked;

/// Values at the edges of narrow types, in `r24` to `r26`, and others.
const EDGES: &str = "and.b32 %r24, %r6, 0xFFFF; or.b32 %r25, %r6, 0x7F80; shr.s32 %r26, %r6, 17;";

#[test]
fn numbers_of_16_bits_are_the_same() {
    let mut body =
        EDGES.to_owned() + "cvt.u16.u32 %h1, %r24; cvt.s16.s32 %h2, %r26; cvt.u16.u64 %h3, %rd10;";
    for operation in [
        "add.s16",
        "sub.u16",
        "mul.lo.s16",
        "and.b16",
        "or.b16",
        "xor.b16",
    ] {
        body += &format!(
            "{operation} %h4, %h1, %h2; {operation} %h1, %h4, %h3; cvt.u32.u16 %r27, %h1; add.u32 %r10, %r10, %r27;"
        );
    }
    body += "not.b16 %h4, %h2; mov.u16 %h5, %h4; cvt.s32.s16 %r27, %h5; add.u32 %r11, %r11, %r27;
        mov.b16 %h6, -3; add.u16 %h6, %h6, %h1; mov.b32 %r28, {%h6, %h5}; add.u32 %r11, %r11, %r28;
        st.global.u16 [%rd5+1024], %h6; cvt.rn.f32.u16 %f1, %h6; mov.b32 %r13, %f1;";
    check_masked(&body);
    for relation in ["eq", "ne", "lt", "le", "gt", "ge"] {
        for ty in ["u16", "s16", "b16"] {
            if ty == "b16" && !matches!(relation, "eq" | "ne") {
                continue;
            }
            check_masked(&format!(
                "{EDGES} cvt.u16.u32 %h1, %r6; cvt.u16.u32 %h2, %r12; add.s16 %h3, %h1, %h2; sub.s16 %h4, %h3, %h2;
                setp.{relation}.{ty} %p3, %h3, %h2; selp.u16 %h5, 7, %h1, %p3; setp.{relation}.{ty} %p1, %h4, %h1;
                setp.{relation}.{ty} %p2, %h5, 7; cvt.u32.u16 %r10, %h5; add.u32 %r11, %r11, %r10;"
            ));
        }
    }
}

#[test]
fn narrow_conversions_are_the_same() {
    for (to, from) in [
        ("u8", "u32"),
        ("s8", "s32"),
        ("u16", "u32"),
        ("s16", "u32"),
        ("u32", "u8"),
        ("s32", "s8"),
        ("u32", "u16"),
        ("s32", "s16"),
        ("u32", "s8"),
    ] {
        check_masked(&format!(
            "{EDGES} cvt.{to}.{from} %r10, %r24; cvt.{to}.{from} %r11, %r25; cvt.{to}.{from} %r12, %r26;
            add.u32 %r13, %r10, %r11;"
        ));
    }
    check_masked(
        "mul.lo.s64 %rd10, %rd10, -77777; cvt.u8.u64 %r10, %rd10; cvt.s16.s64 %r11, %rd10; cvt.u32.u32 %r12, %rd10;
        cvt.s64.s32 %rd9, %rd10; cvt.u64.u16 %rd11, %r6; add.s64 %rd10, %rd9, %rd11;",
    );
}

#[test]
fn fields_are_the_same() {
    for (start, length) in [
        (0, 8),
        (24, 8),
        (5, 32),
        (31, 1),
        (32, 4),
        (40, 3),
        (0, 0),
        (3, 255),
        (8, 16),
    ] {
        check_masked(&format!(
            "bfe.u32 %r10, %r6, {start}, {length}; bfi.b32 %r11, %r6, %r12, {start}, {length};
            bfi.b32 %r12, %r11, %r10, {start}, {length}; add.u32 %r13, %r10, %r12;"
        ));
    }
}

#[test]
fn doubles_of_wide_numbers_quotients_and_signs_are_the_same() {
    for number in [
        "%rd10",
        "0",
        "-1",
        "0x8000000000000000",
        "0x7FFFFFFFFFFFFFFF",
        "0x20000000000001",
        "0xFFFFFFFFFFFFFBFF",
        "0xFFDFFFFFFFFFFFFF",
    ] {
        for factor in ["1", "-3", "0x100000001", "0x123456789ABCDEF"] {
            check_masked(&format!(
                "mul.lo.s64 %rd9, %rd10, {factor}; add.s64 %rd9, %rd9, {number}; mov.b64 %rd11, {number};
                cvt.rn.f64.s64 %fd1, %rd9; cvt.rn.f64.u64 %fd2, %rd9; cvt.rn.f64.s64 %fd3, %rd11;
                cvt.rn.f64.u64 %fd4, %rd11; add.f64 %fd5, %fd1, %fd3; sub.f64 %fd5, %fd5, %fd2; mov.b64 %rd10, %fd5;
                mov.b64 {{%r10, %r11}}, %fd4; mov.b64 {{%r12, %r13}}, %fd2;"
            ));
        }
    }
    for values in [
        "mov.b32 %f1, %r6; mov.b32 %f2, %r12;",
        "mov.b32 %f1, %r6; mov.f32 %f2, 0f00000000;",
        "mov.f32 %f1, 0f7F800000; mov.b32 %f2, %r6;",
        "mov.b32 %f1, 0x7FC12345; mov.b32 %f2, %r6;",
        "mov.b32 %f1, 3; and.b32 %r24, %r6, 0xFFFFFF; mov.b32 %f2, %r24;",
    ] {
        check_masked(&format!(
            "{values} div.approx.f32 %f3, %f1, %f2; div.full.f32 %f4, %f2, %f1; copysign.f32 %f5, %f1, %f2;
            mov.b32 %r10, %f3; mov.b32 %r11, %f4; mov.b32 %r13, %f5; mov.b64 %fd1, %rd10; cvt.f64.f32 %fd2, %f2;
            copysign.f64 %fd3, %fd2, %fd1; mov.b64 %rd10, %fd3;"
        ));
    }
}

#[test]
fn numbers_of_threads_and_lanes_are_the_same() {
    check_masked(
        "mov.u32 %r10, %laneid; mov.u32 %r11, %tid.x; mov.u32 %r12, %tid.y; mov.u32 %r13, %tid.z;
        mad.lo.u32 %r13, %r12, 77, %r13; mov.u32 %r24, %laneid; shl.b32 %r24, %r24, 4; add.u32 %r24, %r24, %r21;
        add.u32 %r10, %r10, 1; ld.shared.u32 %r25, [%r24]; add.u32 %r11, %r11, %r25; st.shared.u32 [%r24+4], %r10;",
    );
}

#[test]
fn variables_in_shared_memory_are_the_same() {
    check_masked(
        "ld.shared.u32 %r10, [box+8]; ld.shared.v2.u32 {%r11, %r12}, [box+16]; ld.shared.u64 %rd10, [box+512];
        add.u32 %r13, %r10, %r11; st.shared.u32 [box+4], %r6; st.shared.v2.u32 [box+24], {%r13, %r6};
        st.shared.u8 [box+37], %r12; ld.shared.s8 %r24, [box+37]; add.u32 %r13, %r13, %r24;",
    );
    for wrong in [
        "ld.shared.u32 %r10, [box+65536];",
        "st.shared.v2.u32 [box+4104], {%r6, %r6};",
    ] {
        check_masked(&format!(
            "add.u32 %r11, %r11, 3; add.u32 %r12, %r12, 1; {wrong} add.u32 %r13, %r13, 4;"
        ));
    }
}

#[test]
fn additions_to_global_memory_are_the_same() {
    for (ty, value) in [
        ("u32", "%r6"),
        ("s32", "%r14"),
        ("u64", "%rd10"),
        ("u64", "0"),
        ("u32", "5"),
    ] {
        let body = format!(
            "add.u32 %r11, %r11, 3; add.u32 %r12, %r12, 1; atom.global.add.{ty} %r30, [%rd12+2048], {value};
            red.global.add.{ty} [%rd12+2064], {value}; add.u32 %r13, %r13, 4;"
        );
        let body = if ty.ends_with("64") {
            body.replace("%r30", "%rd15")
        } else {
            body
        };
        check_masked(&body);
        // One of them is elsewhere, or not aligned.
        for wrong in ["0x40000000", "2"] {
            check_masked(&format!(
                "setp.eq.u32 %p4, %r1, 13; selp.b64 %rd14, {wrong}, 0, %p4; add.s64 %rd12, %rd12, %rd14; {body}"
            ));
        }
    }
}
