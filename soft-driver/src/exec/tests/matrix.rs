//! Matrix operations against plain loops.

use super::support::Device;

fn half(value: u32) -> u16 {
    // Small integers only.
    let value = value as f32;
    let bits = value.to_bits();
    if value == 0.0 {
        return 0;
    }
    ((((bits >> 23) - 112) << 10) | (bits >> 13 & 0x3FF)) as u16
}

fn product(m: usize, n: usize, k: usize) -> (Vec<u32>, Vec<u32>, Vec<f32>) {
    let a: Vec<u32> = (0..m * k).map(|i| (i * 7 + 3) as u32 % 5).collect();
    let b: Vec<u32> = (0..k * n).map(|i| (i * 11 + 1) as u32 % 7).collect();
    let mut c = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            c[i * n + j] = (0..k).map(|x| (a[i * k + x] * b[x * n + j]) as f32).sum();
        }
    }
    (a, b, c)
}

#[test]
fn mma_of_halves_loads_its_fragments_with_ldmatrix() {
    let device = Device::new(
        ".visible .entry k(.param .u64 pa, .param .u64 pb, .param .u64 pc) {
            .reg .b32 %r<24>; .reg .f32 %f<9>; .reg .b64 %rd<8>;
            .shared .align 16 .b8 ta[512]; .shared .align 16 .b8 tb[256];
            ld.param.u64 %rd1, [pa]; ld.param.u64 %rd2, [pb]; ld.param.u64 %rd3, [pc];
            mov.u32 %r1, %tid.x;
            mul.wide.u32 %rd4, %r1, 16; add.s64 %rd1, %rd1, %rd4;
            ld.global.v4.u32 {%r2, %r3, %r4, %r5}, [%rd1];
            mov.u32 %r6, ta; shl.b32 %r7, %r1, 4; add.u32 %r8, %r6, %r7;
            st.shared.v4.u32 [%r8], {%r2, %r3, %r4, %r5};
            mul.wide.u32 %rd4, %r1, 8; add.s64 %rd2, %rd2, %rd4;
            ld.global.v2.u32 {%r2, %r3}, [%rd2];
            mov.u32 %r9, tb; shl.b32 %r7, %r1, 3; add.u32 %r8, %r9, %r7;
            st.shared.v2.u32 [%r8], {%r2, %r3};
            bar.warp.sync -1;
            and.b32 %r10, %r1, 15; shl.b32 %r10, %r10, 5;
            shr.u32 %r11, %r1, 4; shl.b32 %r11, %r11, 4;
            add.u32 %r12, %r6, %r10; add.u32 %r12, %r12, %r11;
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r13, %r14, %r15, %r16}, [%r12];
            and.b32 %r10, %r1, 15; shl.b32 %r10, %r10, 4; add.u32 %r12, %r9, %r10;
            ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r17, %r18}, [%r12];
            mov.f32 %f1, 0f3F800000; mov.f32 %f2, %f1; mov.f32 %f3, %f1; mov.f32 %f4, %f1;
            mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f5, %f6, %f7, %f8},
                {%r13, %r14, %r15, %r16}, {%r17, %r18}, {%f1, %f2, %f3, %f4};
            shr.u32 %r19, %r1, 2; shl.b32 %r19, %r19, 5; and.b32 %r20, %r1, 3; shl.b32 %r20, %r20, 3;
            add.u32 %r19, %r19, %r20; cvt.u64.u32 %rd5, %r19; add.s64 %rd3, %rd3, %rd5;
            st.global.v2.f32 [%rd3], {%f5, %f6};
            st.global.v2.f32 [%rd3+256], {%f7, %f8};
        }",
    );
    let (a, b, c) = product(16, 8, 16);
    let a: Vec<u16> = a.into_iter().map(half).collect();
    let b: Vec<u16> = b.into_iter().map(half).collect();
    let (pa, pb, pc) = (device.buffer(&a), device.buffer(&b), device.zeroed(512));
    device.run("k", 1, 32, &[pa, pb, pc]);
    let expected: Vec<f32> = c.iter().map(|value| value + 1.0).collect();
    assert_eq!(device.read::<f32>(pc, 128), expected);
}

#[test]
fn wmma_multiplies_in_either_layout() {
    for (layout, transposed) in [("row", false), ("col", true)] {
        let device = Device::new(&format!(
            ".visible .entry k(.param .u64 pa, .param .u64 pb, .param .u64 pc) {{
                .reg .b32 %a<8>, %b<8>, %s; .reg .f32 %c<8>, %d<8>; .reg .b64 %rd<8>;
                ld.param.u64 %rd1, [pa]; ld.param.u64 %rd2, [pb]; ld.param.u64 %rd3, [pc];
                mov.u32 %s, 16;
                wmma.load.a.sync.aligned.row.m16n16k16.global.f16
                    {{%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7}}, [%rd1], %s;
                wmma.load.b.sync.aligned.{layout}.m16n16k16.global.f16
                    {{%b0, %b1, %b2, %b3, %b4, %b5, %b6, %b7}}, [%rd2], %s;
                wmma.load.c.sync.aligned.row.m16n16k16.global.f32
                    {{%c0, %c1, %c2, %c3, %c4, %c5, %c6, %c7}}, [%rd3], %s;
                wmma.mma.sync.aligned.row.{layout}.m16n16k16.f32.f32
                    {{%d0, %d1, %d2, %d3, %d4, %d5, %d6, %d7}},
                    {{%a0, %a1, %a2, %a3, %a4, %a5, %a6, %a7}},
                    {{%b0, %b1, %b2, %b3, %b4, %b5, %b6, %b7}},
                    {{%c0, %c1, %c2, %c3, %c4, %c5, %c6, %c7}};
                wmma.store.d.sync.aligned.row.m16n16k16.global.f32 [%rd3],
                    {{%d0, %d1, %d2, %d3, %d4, %d5, %d6, %d7}}, %s;
            }}"
        ));
        let (a, b, c) = product(16, 16, 16);
        let at = |i: usize| {
            if transposed {
                b[i % 16 * 16 + i / 16]
            } else {
                b[i]
            }
        };
        let b: Vec<u16> = (0..256).map(|i| half(at(i))).collect();
        let a: Vec<u16> = a.iter().map(|value| half(*value)).collect();
        let (pa, pb) = (device.buffer(&a), device.buffer(&b));
        let pc = device.buffer(&[2.0f32; 256]);
        device.run("k", 1, 32, &[pa, pb, pc]);
        let expected: Vec<f32> = c.iter().map(|value| value + 2.0).collect();
        assert_eq!(device.read::<f32>(pc, 256), expected, "{layout}");
    }
}

#[test]
fn mma_of_bytes_saturates_when_asked() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<16>; .reg .b64 %rd<4>;
            ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x;
            mov.u32 %r2, 0x02020202; mov.u32 %r3, 0xFFFFFFFF; mov.u32 %r4, 0x7FFFFFF0;
            mma.sync.aligned.m16n8k32.row.col.s32.u8.s8.s32 {%r5, %r6, %r7, %r8},
                {%r2, %r2, %r2, %r2}, {%r3, %r3}, {%r1, %r1, %r1, %r1};
            mma.sync.aligned.m16n8k16.row.col.satfinite.s32.u8.u8.s32 {%r9, %r10, %r11, %r12},
                {%r2, %r2}, {%r3}, {%r4, %r4, %r4, %r4};
            mul.wide.u32 %rd2, %r1, 8; add.s64 %rd1, %rd1, %rd2;
            st.global.v2.u32 [%rd1], {%r5, %r9};
        }",
    );
    let out = device.zeroed(256);
    device.run("k", 1, 32, &[out]);
    let got = device.read::<u32>(out, 64);
    for lane in 0..32u32 {
        assert_eq!(got[lane as usize * 2], lane.wrapping_sub(64), "lane {lane}");
        assert_eq!(got[lane as usize * 2 + 1], i32::MAX as u32);
    }
}

#[test]
fn matrices_move_between_registers_and_shared_memory() {
    let device = Device::new(
        ".visible .entry k(.param .u64 out) {
            .reg .b32 %r<12>; .reg .b64 %rd<4>; .shared .align 16 .b8 box[128];
            ld.param.u64 %rd1, [out]; mov.u32 %r1, %tid.x; mov.u32 %r2, box;
            and.b32 %r3, %r1, 7; shl.b32 %r3, %r3, 4; add.u32 %r3, %r2, %r3;
            mul.lo.u32 %r4, %r1, 0x00020002; add.u32 %r4, %r4, 0x00010000;
            stmatrix.sync.aligned.m8n8.x1.shared.b16 [%r3], {%r4};
            bar.warp.sync -1;
            shl.b32 %r5, %r1, 2; add.u32 %r6, %r2, %r5; ld.shared.u32 %r7, [%r6];
            movmatrix.sync.aligned.m8n8.trans.b16 %r8, %r4;
            mul.wide.u32 %rd2, %r1, 8; add.s64 %rd1, %rd1, %rd2;
            st.global.v2.u32 [%rd1], {%r7, %r8};
        }",
    );
    let out = device.zeroed(256);
    device.run("k", 1, 32, &[out]);
    let got = device.read::<u32>(out, 64);
    for lane in 0..32u32 {
        assert_eq!(got[lane as usize * 2], (lane * 2) | (lane * 2 + 1) << 16);
        let (row, column) = (lane / 4, lane % 4 * 2);
        let expected = (column * 8 + row) | ((column + 1) * 8 + row) << 16;
        assert_eq!(got[lane as usize * 2 + 1], expected, "lane {lane}");
    }
}
