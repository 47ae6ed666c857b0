//! Integer forms, against Rust's own arithmetic.

use super::support::{Case, EDGES32, EDGES64, check, check_all, pairs};

fn u32s(snippet: &str, f: impl Fn(u32, u32) -> u32) {
    let cases = pairs(&EDGES32, |a, b| u64::from(f(a as u32, b as u32)));
    check_all(snippet, &cases);
}

fn s32s(snippet: &str, f: impl Fn(i32, i32) -> i32) {
    u32s(snippet, |a, b| f(a as i32, b as i32) as u32);
}

fn u64s(snippet: &str, f: impl Fn(u64, u64) -> u64) {
    check_all(snippet, &pairs(&EDGES64, f));
}

fn u16s(snippet: &str, f: impl Fn(u16, u16) -> u16) {
    let edges = [0, 1, 7, 0x7FFF, 0x8000, 0xFFFF, 0x1234];
    let cases = pairs(&edges, |a, b| u64::from(f(a as u16, b as u16)));
    check_all(snippet, &cases);
}

#[test]
fn addition_and_subtraction_wrap() {
    u32s("add.u32 %d32, %a32, %b32;", u32::wrapping_add);
    u32s("add.s32 %d32, %a32, 5;", |a, _| a.wrapping_add(5));
    u32s("sub.s32 %d32, %a32, %b32;", u32::wrapping_sub);
    u64s("add.s64 %d64, %a64, %b64;", u64::wrapping_add);
    u64s("sub.u64 %d64, %a64, %b64;", u64::wrapping_sub);
    u16s("add.s16 %d16, %a16, %b16;", u16::wrapping_add);
    u16s("sub.u16 %d16, %a16, %b16;", u16::wrapping_sub);
    s32s("add.sat.s32 %d32, %a32, %b32;", i32::saturating_add);
    s32s("sub.sat.s32 %d32, %a32, %b32;", i32::saturating_sub);
}

#[test]
fn products_take_the_half_asked_for() {
    u32s("mul.lo.u32 %d32, %a32, %b32;", u32::wrapping_mul);
    u32s("mul.hi.u32 %d32, %a32, %b32;", |a, b| {
        ((u64::from(a) * u64::from(b)) >> 32) as u32
    });
    s32s("mul.hi.s32 %d32, %a32, %b32;", |a, b| {
        ((i64::from(a) * i64::from(b)) >> 32) as i32
    });
    u64s("mul.lo.s64 %d64, %a64, %b64;", u64::wrapping_mul);
    u64s("mul.hi.u64 %d64, %a64, %b64;", |a, b| {
        ((u128::from(a) * u128::from(b)) >> 64) as u64
    });
    u64s("mul.hi.s64 %d64, %a64, %b64;", |a, b| {
        ((i128::from(a as i64) * i128::from(b as i64)) >> 64) as u64
    });
    u64s("mul.wide.u32 %d64, %a32, %b32;", |a, b| {
        u64::from(a as u32) * u64::from(b as u32)
    });
    u64s("mul.wide.s32 %d64, %a32, %b32;", |a, b| {
        (i64::from(a as i32) * i64::from(b as i32)) as u64
    });
    u32s("mul.wide.u16 %d32, %a16, %b16;", |a, b| {
        u32::from(a as u16) * u32::from(b as u16)
    });
    u32s("mul.wide.s16 %d32, %a16, %b16;", |a, b| {
        (i32::from(a as i16) * i32::from(b as i16)) as u32
    });
    u32s("mul24.lo.u32 %d32, %a32, %b32;", |a, b| {
        (u64::from(a & 0xFF_FFFF) * u64::from(b & 0xFF_FFFF)) as u32
    });
    s32s("mul24.hi.s32 %d32, %a32, %b32;", |a, b| {
        ((i64::from(a << 8 >> 8) * i64::from(b << 8 >> 8)) >> 16) as i32
    });
}

#[test]
fn multiply_add_forms_add_the_third_operand() {
    let with_c = |f: &dyn Fn(u64, u64, u64) -> u64| -> Vec<Case> {
        let values = [0u64, 3, 0xFFFF_FFFF, 0x8000_0000, 0x1_0000_0001];
        let mut cases = Vec::new();
        for a in values {
            for b in values {
                cases.push([a, b, a ^ 0x55, f(a, b, a ^ 0x55)]);
            }
        }
        cases
    };
    check(
        "mad.lo.s32 %d32, %a32, %b32, %c32;",
        &with_c(&|a, b, c| u64::from((a as u32).wrapping_mul(b as u32).wrapping_add(c as u32))),
    );
    check(
        "mad.wide.u32 %d64, %a32, %b32, %c64;",
        &with_c(&|a, b, c| (u64::from(a as u32) * u64::from(b as u32)).wrapping_add(c)),
    );
    check(
        "mad.hi.u32 %d32, %a32, %b32, %c32;",
        &with_c(&|a, b, c| {
            let high = ((u64::from(a as u32) * u64::from(b as u32)) >> 32) as u32;
            u64::from(high.wrapping_add(c as u32))
        }),
    );
    check(
        "mad.lo.u64 %d64, %a64, %b64, %c64;",
        &with_c(&|a, b, c| a.wrapping_mul(b).wrapping_add(c)),
    );
    check(
        "sad.s32 %d32, %a32, %b32, %c32;",
        &with_c(&|a, b, c| {
            let (a, b) = (i64::from(a as i32), i64::from(b as i32));
            u64::from(((a - b).unsigned_abs() as u32).wrapping_add(c as u32))
        }),
    );
}

#[test]
fn division_never_traps() {
    u32s("div.u32 %d32, %a32, %b32;", |a, b| {
        a.checked_div(b).unwrap_or(u32::MAX)
    });
    s32s("div.s32 %d32, %a32, %b32;", |a, b| match b {
        0 => -1,
        _ => a.wrapping_div(b),
    });
    u32s("rem.u32 %d32, %a32, %b32;", |a, b| {
        a.checked_rem(b).unwrap_or(a)
    });
    u64s("div.u64 %d64, %a64, %b64;", |a, b| {
        a.checked_div(b).unwrap_or(u64::MAX)
    });
    u64s("rem.s64 %d64, %a64, %b64;", |a, b| match b {
        0 => a,
        _ => (a as i64).wrapping_rem(b as i64) as u64,
    });
}

#[test]
fn extremes_and_signs_follow_the_type() {
    u32s("min.u32 %d32, %a32, %b32;", u32::min);
    s32s("min.s32 %d32, %a32, %b32;", i32::min);
    s32s("max.s32 %d32, %a32, %b32;", i32::max);
    u64s("max.u64 %d64, %a64, %b64;", u64::max);
    u64s("min.s64 %d64, %a64, %b64;", |a, b| {
        (a as i64).min(b as i64) as u64
    });
    s32s("abs.s32 %d32, %a32;", |a, _| a.wrapping_abs());
    s32s("neg.s32 %d32, %a32;", |a, _| a.wrapping_neg());
    u16s("neg.s16 %d16, %a16;", |a, _| a.wrapping_neg());
    u16s("min.s16 %d16, %a16, %b16;", |a, b| {
        (a as i16).min(b as i16) as u16
    });
    u32s("add.u16x2 %d32, %a32, %b32;", |a, b| {
        let low = (a as u16).wrapping_add(b as u16);
        let high = ((a >> 16) as u16).wrapping_add((b >> 16) as u16);
        u32::from(low) | u32::from(high) << 16
    });
}

#[test]
fn logic_works_on_all_widths() {
    u32s("and.b32 %d32, %a32, %b32;", |a, b| a & b);
    u64s("or.b64 %d64, %a64, %b64;", |a, b| a | b);
    u64s("xor.b64 %d64, %a64, %b64;", |a, b| a ^ b);
    u16s("not.b16 %d16, %a16;", |a, _| !a);
    u32s("cnot.b32 %d32, %a32;", |a, _| u32::from(a == 0));
    u32s("lop3.b32 %d32, %a32, %b32, %a32, 0x96;", |a, b| a ^ b ^ a);
    u32s("lop3.b32 %d32, %a32, %b32, 0xF0F0F0F0, 0xE8;", |a, b| {
        let c = 0xF0F0_F0F0;
        a & b | a & c | b & c
    });
}

#[test]
fn shifts_beyond_the_width_give_zero_or_sign() {
    let amounts = [0u64, 1, 15, 16, 31, 32, 33, 63, 64, 200];
    let mut cases = Vec::new();
    for a in [
        1u64,
        0x8000_0001,
        0xFFFF_FFFF_FFFF_FFFF,
        0x8000_0000_0000_0000,
    ] {
        for by in amounts {
            cases.push((a, by));
        }
    }
    let table = |f: &dyn Fn(u64, u64) -> u64| -> Vec<Case> {
        cases
            .iter()
            .map(|(a, by)| [*a, *by, 0, f(*a, *by)])
            .collect()
    };
    check(
        "shl.b32 %d32, %a32, %b32;",
        &table(&|a, b| {
            if b < 32 {
                u64::from((a as u32) << b)
            } else {
                0
            }
        }),
    );
    check(
        "shr.u32 %d32, %a32, %b32;",
        &table(&|a, b| {
            if b < 32 { u64::from(a as u32 >> b) } else { 0 }
        }),
    );
    check(
        "shr.s32 %d32, %a32, %b32;",
        &table(&|a, b| u64::from((a as i32 >> b.min(31)) as u32)),
    );
    check(
        "shl.b64 %d64, %a64, %b32;",
        &table(&|a, b| if b < 64 { a << b } else { 0 }),
    );
    check(
        "shr.s64 %d64, %a64, %b32;",
        &table(&|a, b| (a as i64 >> b.min(63)) as u64),
    );
    check(
        "shr.u16 %d16, %a16, %b32;",
        &table(&|a, b| {
            if b < 16 { u64::from(a as u16 >> b) } else { 0 }
        }),
    );
    check(
        "shr.s16 %d16, %a16, %b32;",
        &table(&|a, b| u64::from((a as i16 >> b.min(15)) as u16)),
    );
    check(
        "shf.l.wrap.b32 %d32, %a32, %a32, %b32;",
        &table(&|a, b| u64::from((a as u32).rotate_left(b as u32 & 31))),
    );
    check(
        "shf.r.clamp.b32 %d32, %a32, 0, %b32;",
        &table(&|a, b| {
            if b < 32 { u64::from(a as u32 >> b) } else { 0 }
        }),
    );
}

#[test]
fn bit_counts_and_searches() {
    u32s("popc.b32 %d32, %a32;", |a, _| a.count_ones());
    u32s("clz.b32 %d32, %a32;", |a, _| a.leading_zeros());
    u64s("popc.b64 %d32, %a64; cvt.u64.u32 %d64, %d32;", |a, _| {
        u64::from(a.count_ones())
    });
    u64s("clz.b64 %d32, %a64; cvt.u64.u32 %d64, %d32;", |a, _| {
        u64::from(a.leading_zeros())
    });
    u32s("brev.b32 %d32, %a32;", |a, _| a.reverse_bits());
    u64s("brev.b64 %d64, %a64;", |a, _| a.reverse_bits());
    u32s("bfind.u32 %d32, %a32;", |a, _| {
        a.checked_ilog2().unwrap_or(u32::MAX)
    });
    u32s("bfind.shiftamt.u32 %d32, %a32;", |a, _| match a {
        0 => u32::MAX,
        _ => a.leading_zeros(),
    });
    s32s("bfind.s32 %d32, %a32;", |a, _| {
        let a = if a < 0 { !a } else { a } as u32;
        a.checked_ilog2().map_or(-1, |top| top as i32)
    });
}

#[test]
fn fields_are_extracted_and_inserted() {
    let fields = [
        (0u64, 8u64),
        (4, 8),
        (31, 1),
        (28, 8),
        (0, 32),
        (5, 0),
        (40, 4),
    ];
    let cases: Vec<Case> = fields
        .iter()
        .map(|(at, len)| {
            let a = 0x89AB_CDEFu32;
            let moved = if *at < 32 { a >> at } else { 0 };
            let mask = if *len < 32 {
                (1u32 << len) - 1
            } else {
                u32::MAX
            };
            [u64::from(a), *at, *len, u64::from(moved & mask)]
        })
        .collect();
    check("bfe.u32 %d32, %a32, %b32, %c32;", &cases);
    check(
        "bfe.s32 %d32, %a32, 4, 8;",
        &[[0xF80, 0, 0, 0xFFFF_FFF8], [0x780, 0, 0, 0x78]],
    );
    check(
        "bfi.b32 %d32, %a32, %b32, 8, 4;",
        &[[0xF, 0, 0, 0xF00], [0, u64::from(u32::MAX), 0, 0xFFFF_F0FF]],
    );
    check(
        "bfi.b64 %d64, %a64, %b64, 40, 8;",
        &[[0xAB, 0, 0, 0xAB << 40]],
    );
    check(
        "prmt.b32 %d32, %a32, %b32, 0x5410;",
        &[[0x2222_1111, 0x4444_3333, 0, 0x3333_1111]],
    );
    check(
        "prmt.b32.rc16 %d32, %a32, 0, %c32;",
        &[[0x2222_1111, 0, 1, 0x2222_2222]],
    );
    check(
        "bmsk.clamp.b32 %d32, %a32, %b32;",
        &[[4, 3, 0, 0x70], [0, 40, 0, 0xFFFF_FFFF]],
    );
    check(
        "szext.clamp.s32 %d32, %a32, %b32;",
        &[[0xFF, 8, 0, 0xFFFF_FFFF], [0x7F, 8, 0, 0x7F]],
    );
}

#[test]
fn carries_chain_over_words() {
    let add = "add.cc.u32 %x32, %a32, %b32; addc.u32 %d32, 0, 0;
        cvt.u64.u32 %d64, %d32; shl.b64 %d64, %d64, 32; cvt.u64.u32 %x64, %x32; or.b64 %d64, %d64, %x64;";
    u64s(add, |a, b| u64::from(a as u32) + u64::from(b as u32));
    let subtract = "sub.cc.u32 %x32, %a32, %b32; subc.u32 %d32, 0, 0;
        cvt.u64.u32 %d64, %d32; shl.b64 %d64, %d64, 32; cvt.u64.u32 %x64, %x32; or.b64 %d64, %d64, %x64;";
    u64s(subtract, |a, b| {
        u64::from(a as u32).wrapping_sub(u64::from(b as u32))
    });
    let product = "mad.lo.cc.u32 %x32, %a32, %b32, 7; madc.hi.u32 %d32, %a32, %b32, 0;
        cvt.u64.u32 %d64, %d32; shl.b64 %d64, %d64, 32; cvt.u64.u32 %x64, %x32; or.b64 %d64, %d64, %x64;";
    u64s(product, |a, b| {
        (u64::from(a as u32) * u64::from(b as u32)).wrapping_add(7)
    });
}

#[test]
fn dot_products_add_up() {
    check(
        "dp4a.s32.s32 %d32, %a32, %b32, %c32;",
        &[[0xFF01_02FE, 0x0203_0405, 10, (10 - 2 + 3 + 8 - 10) as u64]],
    );
    check(
        "dp4a.u32.u32 %d32, %a32, %b32, %c32;",
        &[[0xFF01_0200, 0x0203_0405, 0, 255 * 2 + 3 + 8]],
    );
    check(
        "dp2a.lo.s32.s32 %d32, %a32, %b32, %c32;",
        &[[0xFFFF_0002, 0x0000_0305, 1, (1 + 10 - 3) as u64]],
    );
}

#[test]
fn comparisons_set_predicates() {
    let cases = |f: &dyn Fn(u64, u64) -> bool| pairs(&EDGES32, |a, b| u64::from(f(a, b)));
    check(
        "setp.lt.s32 %pd, %a32, %b32;",
        &cases(&|a, b| (a as i32) < b as i32)[..81],
    );
    check("setp.lo.u32 %pd, %a32, %b32;", &cases(&|a, b| a < b)[..81]);
    check(
        "setp.ge.u32.and %pd, %a32, %b32, %pa;",
        &cases(&|a, b| a >= b && a & 1 == 1)[..81],
    );
    check(
        "setp.eq.u32.or %pd, %a32, %b32, !%pa;",
        &cases(&|a, b| a == b || a & 1 == 0)[..81],
    );
    check(
        "setp.ne.u32.xor %pd|%pe, %a32, %b32, %pb;",
        &cases(&|a, b| (a != b) != (b & 1 == 1))[..81],
    );
    check(
        "setp.ne.u32.xor %pe|%pd, %a32, %b32, %pb;",
        &cases(&|a, b| (a == b) != (b & 1 == 1))[..81],
    );
    check(
        "setp.gt.s16 %pd, %a16, 5;",
        &[[6, 0, 0, 1], [0x8000, 0, 0, 0], [5, 0, 0, 0]],
    );
    check(
        "set.lt.u32.s32 %d32, %a32, %b32;",
        &[[1, 2, 0, 0xFFFF_FFFF], [2, 1, 0, 0]],
    );
    check(
        "set.eq.f32.u32 %fd, %a32, %b32;",
        &[[2, 2, 0, 0x3F80_0000], [2, 1, 0, 0]],
    );
}

#[test]
fn predicates_combine() {
    let cases =
        |f: &dyn Fn(bool, bool) -> bool| pairs(&[0, 1], |a, b| u64::from(f(a == 1, b == 1)));
    check("and.pred %pd, %pa, %pb;", &cases(&|a, b| a && b));
    check("or.pred %pd, %pa, %pb;", &cases(&|a, b| a || b));
    check("xor.pred %pd, %pa, %pb;", &cases(&|a, b| a != b));
    check("not.pred %pd, %pa;", &cases(&|a, _| !a));
    check("mov.pred %pd, %pb;", &cases(&|_, b| b));
}

#[test]
fn selections_pick_one_operand() {
    check(
        "selp.b32 %d32, %a32, %b32, %pc;",
        &[[5, 6, 1, 5], [5, 6, 0, 6]],
    );
    check(
        "selp.b64 %d64, %a64, %b64, %pc;",
        &[[5, 6, 1, 5], [5, 6, 0, 6]],
    );
    check(
        "selp.b32 %d32, 7, -1, %pc;",
        &[[5, 6, 1, 7], [5, 6, 0, 0xFFFF_FFFF]],
    );
    check(
        "slct.u32.s32 %d32, %a32, %b32, %c32;",
        &[[5, 6, 0, 5], [5, 6, 0xFFFF_FFFF, 6]],
    );
}

#[test]
fn guarded_instruction_keeps_other_lanes() {
    check(
        "mov.u32 %d32, 9; @%pa add.u32 %d32, %d32, 1; @!%pa sub.u32 %d32, %d32, 1;",
        &[[1, 0, 0, 10], [0, 0, 0, 8]],
    );
    check(
        "mov.b64 %d64, 1; @%pa mov.b64 %d64, 2;",
        &[[1, 0, 0, 2], [0, 0, 0, 1]],
    );
    check(
        "mov.pred %pd, %pb; @%pa mov.pred %pd, %pc;",
        &[[1, 0, 1, 1], [0, 0, 1, 0], [0, 1, 0, 1]],
    );
}

#[test]
fn vectors_pack_and_unpack() {
    check(
        "mov.b64 %d64, {%a32, %b32};",
        &[[0x1_2345_6789, 0xABCD_EF01, 0, 0xABCD_EF01_2345_6789]],
    );
    check(
        "mov.b64 {%x32, %d32}, %a64;",
        &[[0x1234_5678_9ABC_DEF0, 0, 0, 0x1234_5678]],
    );
    check(
        "mov.b64 {_, %d32}, %a64;",
        &[[0x1234_5678_9ABC_DEF0, 0, 0, 0x1234_5678]],
    );
    check(
        "mov.b32 %d32, {%a16, %b16};",
        &[[0x1111, 0x2222, 0, 0x2222_1111]],
    );
    check(
        "mov.b32 {%a16, %d16}, %b32;",
        &[[0, 0x2222_1111, 0, 0x2222]],
    );
    check(
        "mov.b64 %d64, {%a16, %b16, %c16, %a16};",
        &[[1, 2, 3, 0x0001_0003_0002_0001]],
    );
    check(
        "mov.b64 {%a32, %b32}, %a64; mov.b64 %d64, {%b32, %a32};",
        &[[0x1_0000_0002, 0, 0, 0x2_0000_0001]],
    );
}
