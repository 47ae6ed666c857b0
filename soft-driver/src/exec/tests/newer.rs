//! Forms that few programs use: products of bits, bytes and quads, 128-bit atomics, fills.

use super::support::Device;
use crate::exec::LaunchShape;

#[test]
fn wide_atomics_change_both_halves_together() {
    let device = Device::new(
        ".visible .entry add(.param .u64 cell) {
            .reg .b128 %q<4>; .reg .b64 %rd<8>; .reg .pred %p<2>;
            ld.param.u64 %rd1, [cell];
            ld.global.b128 %q1, [%rd1];
        AGAIN:
            mov.b128 {%rd2, %rd3}, %q1;
            add.u64 %rd4, %rd2, 1; add.u64 %rd5, %rd3, 3;
            mov.b128 %q2, {%rd4, %rd5};
            atom.relaxed.gpu.global.cas.b128 %q3, [%rd1], %q1, %q2;
            mov.b128 {%rd6, %rd7}, %q3;
            setp.ne.u64 %p1, %rd6, %rd2;
            mov.b128 %q1, %q3;
            @%p1 bra AGAIN;
        }
        .visible .entry swap(.param .u64 cell, .param .u64 out) {
            .reg .b128 %q<4>; .reg .b64 %rd<8>; .reg .b32 %r<4>;
            ld.param.u64 %rd1, [cell]; ld.param.u64 %rd7, [out];
            mov.u32 %r1, %tid.x; add.u32 %r2, %r1, 1;
            cvt.u64.u32 %rd2, %r2; shl.b64 %rd3, %rd2, 1;
            mov.b128 %q1, {%rd2, %rd3};
            atom.exch.b128 %q2, [%rd1], %q1;
            mul.wide.u32 %rd4, %r1, 16; add.u64 %rd7, %rd7, %rd4;
            st.global.b128 [%rd7], %q2;
        }",
    );
    let cell = device.buffer(&[0u64, 0]);
    let shape = LaunchShape::new([4, 1, 1], [64, 1, 1]);
    let outcome = device.run_on(2, "add", shape, &[cell]);
    assert_eq!(outcome.fault, None);
    assert_eq!(device.read::<u64>(cell, 2), [256, 768]);
    let (cell, out) = (device.buffer(&[0u64, 0]), device.zeroed(64 * 16));
    device.run("swap", 1, 64, &[cell, out]);
    let mut seen = device.read::<[u64; 2]>(out, 64);
    seen.extend(device.read::<[u64; 2]>(cell, 1));
    seen.sort_unstable();
    let expected: Vec<[u64; 2]> = (0..=64).map(|i| [i, 2 * i]).collect();
    assert_eq!(seen, expected);
}

/// The bits of small whole numbers as halves.
fn half(value: u32) -> u16 {
    [0, 0x3C00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600][value as usize]
}

#[test]
fn products_of_quads_follow_the_layouts_of_the_manual() {
    for (rows_of_a, rows_of_b) in [(true, false), (false, true), (true, true), (false, false)] {
        let name = |by_row| if by_row { "row" } else { "col" };
        let device = Device::new(&format!(
            ".visible .entry k(.param .u64 pa, .param .u64 pb, .param .u64 pd) {{
                .reg .b32 %r<16>; .reg .b64 %rd<6>; .reg .b32 %one;
                ld.param.u64 %rd1, [pa]; ld.param.u64 %rd2, [pb]; ld.param.u64 %rd3, [pd];
                mov.u32 %r1, %tid.x; mul.wide.u32 %rd4, %r1, 8; mul.wide.u32 %rd5, %r1, 16;
                add.u64 %rd1, %rd1, %rd4; add.u64 %rd2, %rd2, %rd4; add.u64 %rd3, %rd3, %rd5;
                ld.global.v2.b32 {{%r2, %r3}}, [%rd1]; ld.global.v2.b32 {{%r4, %r5}}, [%rd2];
                mov.b32 %one, 0x3C003C00;
                mma.sync.aligned.m8n8k4.{}.{}.f16.f16.f16.f16 {{%r6, %r7, %r8, %r9}},
                    {{%r2, %r3}}, {{%r4, %r5}}, {{%one, %one, %one, %one}};
                st.global.v4.b32 [%rd3], {{%r6, %r7, %r8, %r9}};
            }}",
            name(rows_of_a),
            name(rows_of_b)
        ));
        // Four independent products of 8 x 4 and 4 x 8.
        let a = |pair: usize, row: usize, k: usize| (pair + 2 * row + 3 * k) as u32 % 5;
        let b = |pair: usize, k: usize, column: usize| (2 * pair + k + column * 5) as u32 % 4;
        let (mut in_a, mut in_b) = (Vec::new(), Vec::new());
        for lane in 0..32 {
            let (pair, upper, own) = (lane % 16 / 4, lane / 16, lane % 4);
            for index in 0..4 {
                in_a.push(half(if rows_of_a {
                    a(pair, own + 4 * upper, index)
                } else {
                    a(pair, index + 4 * upper, own)
                }));
                in_b.push(half(if rows_of_b {
                    b(pair, own, index + 4 * upper)
                } else {
                    b(pair, index, own + 4 * upper)
                }));
            }
        }
        let (pa, pb) = (device.buffer(&in_a), device.buffer(&in_b));
        let pd = device.zeroed(32 * 16);
        device.run("k", 1, 32, &[pa, pb, pd]);
        let got = device.read::<[u16; 8]>(pd, 32);
        for (lane, row) in got.iter().enumerate() {
            let (pair, at) = (lane % 16 / 4, lane % 4 + 4 * (lane / 16));
            for (column, got) in row.iter().enumerate() {
                let sum: u32 = (0..4).map(|k| a(pair, at, k) * b(pair, k, column)).sum();
                let expected = crate::exec::half::Half::near((sum + 1) as f32);
                let expected: crate::exec::half::F16 = expected;
                assert_eq!(*got, expected.0, "lane {lane}, column {column}");
            }
        }
    }
}

/// Runs a product whose registers all lanes compute from their number, and returns `%d0` and `%d1`.
fn product(text: &str) -> Vec<[u32; 2]> {
    let device = Device::new(&format!(
        ".visible .entry k(.param .u64 out) {{
            .reg .b32 %d<4>, %r<8>; .reg .b64 %rd<4>; .reg .f64 %f<8>; .reg .f32 %s<4>;
            ld.param.u64 %rd1, [out]; mov.u32 %r0, %tid.x;
            mul.wide.u32 %rd2, %r0, 8; add.u64 %rd1, %rd1, %rd2; shr.u32 %r1, %r0, 2;
            {text}
            st.global.v2.b32 [%rd1], {{%d0, %d1}};
        }}"
    ));
    let out = device.zeroed(256);
    device.run("k", 1, 32, &[out]);
    device.read(out, 32)
}

#[test]
fn products_of_bits_count_them() {
    // Rows of a hold the number of their row in each of 8 words; columns of b are empty.
    let got = product(
        "mov.u32 %r2, 0; add.u32 %r3, %r1, 8;
        mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32.xor.popc {%d0, %d1, %d2, %d3},
            {%r1, %r3, %r1, %r3}, {%r2, %r2}, {%r0, %r0, %r0, %r0};
        mov.b32 %d1, %d2;",
    );
    for (lane, [low, high]) in (0u32..).zip(got) {
        let row = lane / 4;
        assert_eq!(low, lane + 8 * row.count_ones());
        assert_eq!(high, lane + 8 * (row + 8).count_ones());
    }
    // Columns of b hold their number; a is all ones.
    let got = product(
        "mov.u32 %r2, -1; mov.u32 %r3, 0;
        mma.sync.aligned.m8n8k128.row.col.s32.b1.b1.s32.and.popc {%d0, %d1},
            {%r2}, {%r1}, {%r3, %r3};",
    );
    for (lane, pair) in (0u32..).zip(got) {
        let column = lane % 4 * 2;
        assert_eq!(pair, [column, column + 1].map(|n| 4 * n.count_ones()));
    }
}

#[test]
fn products_of_bytes_as_floats_are_exact() {
    // 1.5 as e4m3 is 0x3C, 2 as e5m2 is 0x40.
    let got = product(
        "mov.u32 %r2, 0x3C3C3C3C; mov.u32 %r3, 0x40404040; cvt.rn.f32.u32 %s0, %r0;
        mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e5m2.f32 {%s1, %s2, %s3, %s1},
            {%r2, %r2, %r2, %r2}, {%r3, %r3}, {%s0, %s0, %s0, %s0};
        cvt.rzi.u32.f32 %d0, %s2; cvt.rzi.u32.f32 %d1, %s3;",
    );
    for (lane, pair) in (0u32..).zip(got) {
        assert_eq!(pair, [96 + lane; 2]);
    }
}

#[test]
fn products_of_doubles_round_as_asked() {
    for (mode, expected) in [
        ("", 4.0),
        (".rz", 4.0),
        (".rm", 4.0),
        (".rp", 4.0 + 4.0 * f64::EPSILON),
    ] {
        let got = product(&format!(
            "mov.f64 %f0, 0d3FF0000000000000; mov.f64 %f1, 0d3C00000000000000;
            mma.sync.aligned.m8n8k4.row.col{mode}.f64.f64.f64.f64 {{%f2, %f3}},
                {{%f0}}, {{%f0}}, {{%f1, %f1}};
            mov.b64 {{%d0, %d1}}, %f3;"
        ));
        for [low, high] in got {
            let value = f64::from_bits(u64::from(low) | u64::from(high) << 32);
            assert_eq!(value, expected, "{mode}");
        }
    }
}

#[test]
fn fragments_of_nibbles_load_and_multiply() {
    let device = Device::new(
        ".visible .entry k(.param .u64 pa, .param .u64 pb, .param .u64 pd) {
            .reg .b32 %r<8>; .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [pa]; ld.param.u64 %rd2, [pb]; ld.param.u64 %rd3, [pd];
            mov.u32 %r1, 32; mov.u32 %r6, 8;
            wmma.load.a.sync.aligned.row.m8n8k32.global.s4 {%r2}, [%rd1], %r1;
            wmma.load.b.sync.aligned.col.m8n8k32.global.s4 {%r3}, [%rd2], %r1;
            wmma.load.c.sync.aligned.row.m8n8k32.global.s32 {%r4, %r5}, [%rd3], %r6;
            wmma.mma.sync.aligned.row.col.m8n8k32.s32.s4.s4.s32 {%r4, %r5}, {%r2}, {%r3}, {%r4, %r5};
            wmma.store.d.sync.aligned.row.m8n8k32.global.s32 [%rd3], {%r4, %r5}, %r6;
        }",
    );
    let a = |row: usize, k: usize| ((row * 5 + k * 3) % 16) as i32 - 8;
    let b = |k: usize, column: usize| ((column * 7 + k) % 16) as i32 - 8;
    let packed = |f: &dyn Fn(usize, usize) -> i32| -> Vec<u8> {
        let nibble = |line: usize, at: usize| (f(line, at) & 15) as u8;
        let pairs = (0..8).flat_map(|line| (0..16).map(move |at| (line, at)));
        let byte =
            |(line, at): (usize, usize)| nibble(line, 2 * at) | nibble(line, 2 * at + 1) << 4;
        pairs.map(byte).collect()
    };
    let pa = device.buffer(&packed(&a));
    let pb = device.buffer(&packed(&|column, k| b(k, column)));
    let pd = device.buffer(&[100i32; 64]);
    device.run("k", 1, 32, &[pa, pb, pd]);
    let expected: Vec<i32> = (0..64)
        .map(|at| 100 + (0..32).map(|k| a(at / 8, k) * b(k, at % 8)).sum::<i32>())
        .collect();
    assert_eq!(device.read::<i32>(pd, 64), expected);
}

#[test]
fn fills_policies_and_counts_do_as_told() {
    let device = Device::new(
        ".visible .entry k(.param .u64 in, .param .u64 out) {
            .reg .b32 %r<8>; .reg .b64 %rd<8>; .reg .pred %p<2>;
            .shared .align 16 .b8 box[512]; .shared .align 8 .b64 bar;
            ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out];
            mov.u32 %r1, %tid.x; mul.wide.u32 %rd3, %r1, 16; add.u64 %rd4, %rd1, %rd3;
            mov.u64 %rd5, box; add.u64 %rd5, %rd5, %rd3; add.u64 %rd2, %rd2, %rd3;
            createpolicy.fractional.L2::evict_first.b64 %rd6, 1.0;
            cp.async.cg.shared.global.L2::cache_hint [%rd5], [%rd4], 16, %rd6;
            cp.async.wait_all;
            bar.warp.sync -1;
            setp.ne.u32 %p1, %r1, 0;
            @%p1 bra READ;
            st.bulk.shared::cta [box+64], 128, 0;
        READ:
            bar.warp.sync -1;
            ld.shared.v4.b32 {%r2, %r3, %r4, %r5}, [%rd5];
            @%p1 bra WRITE;
            mbarrier.init.shared.b64 [bar], 5;
            mbarrier.arrive.shared.b64 %rd7, [bar];
            mbarrier.arrive.shared.b64 %rd7, [bar];
            mbarrier.pending_count.b64 %r5, %rd7;
        WRITE:
            st.global.v4.b32 [%rd2], {%r2, %r3, %r4, %r5};
        }",
    );
    let input: Vec<u32> = (1..=128).collect();
    let (at, out) = (device.buffer(&input), device.zeroed(512));
    device.run("k", 1, 32, &[at, out]);
    let mut expected = input;
    expected[16..48].fill(0);
    expected[3] = 4;
    assert_eq!(device.read::<u32>(out, 128), expected);
}
