//! Random kernels. Whatever they do is defined: shuffles and barriers stand where all threads come, shifts may be
//! too wide, divisors are odd, indices are masked. Read [`kernel`].

use std::fmt::Write;

use crate::naive::{DOUBLES, FLOATS, LONGS, WORDS32};

/// A body without declarations; labels are `L0`, `L1` and so on, its end is `FINISH`.
pub(crate) fn kernel(seed: u64) -> String {
    let mut maker = Maker {
        state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
        text: String::new(),
        n_labels: 0,
    };
    maker.begin();
    for _ in 0..6 {
        maker.block(2);
        maker.exchange();
    }
    if maker.below(3) == 0 {
        maker.leave_early();
    }
    maker.block(2);
    maker.text
}

struct Maker {
    state: u64,
    text: String,
    n_labels: u32,
}

/// `op d, a, b` on 32-bit words.
const WORD2: [&str; 21] = [
    "add.u32",
    "sub.u32",
    "mul.lo.u32",
    "mul.hi.u32",
    "mul.hi.s32",
    "min.s32",
    "max.u32",
    "min.u32",
    "max.s32",
    "and.b32",
    "or.b32",
    "xor.b32",
    "shl.b32",
    "shr.u32",
    "shr.s32",
    "add.sat.s32",
    "mul24.lo.u32",
    "vadd.s32.s32.s32.sat",
    "szext.clamp.s32",
    "sub.sat.s32",
    "bmsk.clamp.b32",
];
const WORD3: [&str; 6] = [
    "mad.lo.u32",
    "sad.s32",
    "bfe.u32",
    "bfe.s32",
    "shf.l.wrap.b32",
    "shf.r.clamp.b32",
];
const WORD1: [&str; 5] = ["not.b32", "popc.b32", "clz.b32", "brev.b32", "bfind.u32"];
const LONG2: [&str; 6] = [
    "add.u64",
    "sub.u64",
    "mul.lo.u64",
    "xor.b64",
    "max.s64",
    "mul.hi.u64",
];
const FLOAT2: [&str; 8] = [
    "add.rn.f32",
    "sub.rn.f32",
    "mul.rn.f32",
    "min.f32",
    "max.f32",
    "div.rn.f32",
    "add.ftz.f32",
    "mul.sat.f32",
];
const DOUBLE2: [&str; 6] = [
    "add.rn.f64",
    "sub.rn.f64",
    "mul.rn.f64",
    "min.f64",
    "max.f64",
    "div.rn.f64",
];
const DOUBLE1: [&str; 4] = ["neg.f64", "abs.f64", "sqrt.rn.f64", "rcp.rn.f64"];
const DOUBLE_COMPARE: [&str; 8] = [
    "setp.lt.f64",
    "setp.ge.f64",
    "setp.eq.f64",
    "setp.ne.f64",
    "setp.gtu.f64",
    "setp.leu.f64",
    "setp.num.f64",
    "setp.nan.f64",
];
const COMPARE: [&str; 6] = [
    "setp.lt.u32",
    "setp.ge.s32",
    "setp.eq.u32",
    "setp.ne.s32",
    "setp.gt.s32",
    "setp.le.u32",
];

/// Doubles where arithmetic is not usual: zeros, infinities, a number that is none, the least and greatest of the
/// normal and the denormal numbers, one and its neighbour, a third, and the bounds of the integers.
const EDGES: [u64; 16] = [
    0x0000_0000_0000_0000,
    0x8000_0000_0000_0000,
    0x7FF0_0000_0000_0000,
    0xFFF0_0000_0000_0000,
    0x7FF8_0000_0000_0001,
    0x0000_0000_0000_0001,
    0x800F_FFFF_FFFF_FFFF,
    0x0010_0000_0000_0000,
    0x7FEF_FFFF_FFFF_FFFF,
    0x3FF0_0000_0000_0000,
    0x3FF0_0000_0000_0001,
    0x3FD5_5555_5555_5555,
    0x41DF_FFFF_FFE0_0000,
    0xC1E0_0000_0000_0000,
    0x43E0_0000_0000_0000,
    0xBFE0_0000_0000_0000,
];

impl Maker {
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 20
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn one_of(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len() as u64) as usize]
    }

    /// A register that programs compute with; the highest three are counters and indices.
    fn word(&mut self) -> String {
        format!("%r{}", self.below(WORDS32 as u64 - 3))
    }

    fn value(&mut self) -> String {
        if self.below(4) == 0 {
            let bits = self.next() as u32 >> self.below(32);
            return bits.to_string();
        }
        self.word()
    }

    fn long(&mut self) -> String {
        format!("%x{}", self.below(LONGS as u64))
    }

    fn float(&mut self) -> String {
        format!("%f{}", self.below(FLOATS as u64))
    }

    fn double(&mut self) -> String {
        format!("%d{}", self.below(DOUBLES as u64))
    }

    fn double_value(&mut self) -> String {
        if self.below(6) != 0 {
            return self.double();
        }
        let edge = self.below(EDGES.len() as u64) as usize;
        let bits = EDGES[edge];
        format!("0d{bits:016X}")
    }

    fn predicate(&mut self) -> String {
        format!("%p{}", self.below(6))
    }

    fn label(&mut self) -> String {
        self.n_labels += 1;
        format!("L{}", self.n_labels - 1)
    }

    fn line(&mut self, text: &str) {
        writeln!(self.text, "{text}").expect("a string takes everything");
    }

    /// Registers that depend on the thread.
    fn begin(&mut self) {
        self.line("mov.u32 %r0, %tid.x;");
        self.line("mov.u32 %r1, %ctaid.x;");
        self.line("mad.lo.u32 %r0, %r1, 1000, %r0;");
        for index in 2..WORDS32 {
            let (a, b) = (self.next() as u32 | 1, self.next() as u32);
            self.line(&format!("mad.lo.u32 %r{index}, %r0, {a}, {b};"));
        }
        for index in 0..LONGS {
            let (a, b) = (self.word(), self.next() as u32);
            self.line(&format!("mul.wide.u32 %x{index}, {a}, {b};"));
        }
        for index in 0..FLOATS {
            let a = self.word();
            self.line(&format!("cvt.rn.f32.s32 %f{index}, {a};"));
        }
        for index in 0..DOUBLES {
            let a = self.long();
            self.line(&format!("cvt.rn.f64.s64 %d{index}, {a};"));
        }
        for index in 0..6 {
            let a = self.word();
            self.line(&format!("setp.lt.s32 %p{index}, {a}, 0;"));
        }
        // Local memory begins with whatever was there.
        self.line("mov.u32 %n2, slots;");
        for index in 0..16 {
            self.line(&format!("st.local.b32 [%n2], {index};"));
            self.line("add.u32 %n2, %n2, 4;");
        }
    }

    /// A few statements; up to `depth` levels of branches and loops in them.
    fn block(&mut self, depth: u32) {
        for _ in 0..3 + self.below(5) {
            match self.below(12) {
                0 if depth > 0 => self.branch(depth - 1),
                1 if depth > 0 => self.repeat(depth - 1),
                2 => self.slot(),
                _ => self.operation(),
            }
        }
    }

    fn branch(&mut self, depth: u32) {
        let (other, end, p) = (self.label(), self.label(), self.predicate());
        let negated = if self.below(2) == 0 { "!" } else { "" };
        self.line(&format!("@{negated}{p} bra {other};"));
        self.block(depth);
        self.line(&format!("bra {end};"));
        self.line(&format!("{other}:"));
        self.block(depth);
        self.line(&format!("{end}:"));
    }

    /// Each thread has its own number of rounds; the counter belongs to the depth.
    fn repeat(&mut self, depth: u32) {
        let (top, end, start) = (self.label(), self.label(), self.word());
        let counter = format!("%r{}", WORDS32 - 1 - depth as usize);
        self.line(&format!("and.b32 {counter}, {start}, 7;"));
        self.line(&format!("{top}:"));
        self.line(&format!("setp.eq.u32 %p7, {counter}, 0;"));
        self.line(&format!("@%p7 bra {end};"));
        self.block(depth);
        self.line(&format!("sub.u32 {counter}, {counter}, 1;"));
        self.line(&format!("bra {top};"));
        self.line(&format!("{end}:"));
    }

    /// Local memory by an index of the thread's own.
    fn slot(&mut self) {
        let (index, value, to) = (self.word(), self.word(), self.word());
        let at = format!("%r{}", WORDS32 - 3);
        self.line(&format!("and.b32 {at}, {index}, 60;"));
        self.line("mov.u32 %n2, slots;");
        self.line(&format!("add.u32 %n2, %n2, {at};"));
        if self.below(2) == 0 {
            self.line(&format!("st.local.b32 [%n2], {value};"));
        } else {
            self.line(&format!("ld.local.b32 {to}, [%n2];"));
        }
    }

    fn operation(&mut self) {
        let guard = match self.below(6) {
            0 => format!("@{} ", self.predicate()),
            1 => format!("@!{} ", self.predicate()),
            _ => String::new(),
        };
        let text = match self.below(17) {
            14..=16 => self.double_operation(),
            0..=3 => {
                let (op, d) = (self.one_of(&WORD2), self.word());
                format!("{op} {d}, {}, {}", self.word(), self.value())
            }
            4 | 5 => {
                let (op, d) = (self.one_of(&WORD3), self.word());
                format!(
                    "{op} {d}, {}, {}, {}",
                    self.word(),
                    self.word(),
                    self.value()
                )
            }
            6 => {
                let (op, d) = (self.one_of(&WORD1), self.word());
                format!("{op} {d}, {}", self.word())
            }
            7 => {
                let (op, d) = (self.one_of(&LONG2), self.long());
                format!("{op} {d}, {}, {}", self.long(), self.long())
            }
            8 | 9 => {
                let (op, d) = (self.one_of(&FLOAT2), self.float());
                format!("{op} {d}, {}, {}", self.float(), self.float())
            }
            10 => {
                let (op, p) = (self.one_of(&COMPARE), self.predicate());
                format!("{op} {p}, {}, {}", self.word(), self.value())
            }
            11 => self.conversion(),
            12 => {
                let (d, table) = (self.word(), self.below(256));
                format!(
                    "lop3.b32 {d}, {}, {}, {}, {table}",
                    self.word(),
                    self.word(),
                    self.word()
                )
            }
            _ => self.odd_one(),
        };
        self.line(&format!("{guard}{text};"));
    }

    fn double_operation(&mut self) -> String {
        match self.below(12) {
            0..=3 => {
                let (op, d) = (self.one_of(&DOUBLE2), self.double());
                format!("{op} {d}, {}, {}", self.double(), self.double_value())
            }
            4 | 5 => {
                let (d, a, b) = (self.double(), self.double(), self.double_value());
                format!("fma.rn.f64 {d}, {a}, {b}, {}", self.double())
            }
            6 => {
                let (op, d) = (self.one_of(&DOUBLE1), self.double());
                format!("{op} {d}, {}", self.double_value())
            }
            7 => {
                let (op, p) = (self.one_of(&DOUBLE_COMPARE), self.predicate());
                format!("{op} {p}, {}, {}", self.double(), self.double_value())
            }
            8 => {
                let (d, p) = (self.double(), self.predicate());
                format!(
                    "selp.f64 {d}, {}, {}, {p}",
                    self.double(),
                    self.double_value()
                )
            }
            9 => self.double_bits(),
            _ => self.double_conversion(),
        }
    }

    /// A double as an integer. PTX does not say which number that is none an operation gives, nor of which sign.
    fn double_bits(&mut self) -> String {
        let d = self.double();
        self.line(&format!("setp.nan.f64 %p7, {d}, {d};"));
        self.line(&format!("@%p7 mov.f64 {d}, 0d{:016X};", f64::NAN.to_bits()));
        format!("mov.b64 {}, {d}", self.long())
    }

    fn double_conversion(&mut self) -> String {
        match self.below(10) {
            0 => format!("cvt.rn.f64.s32 {}, {}", self.double(), self.word()),
            1 => format!("cvt.rn.f64.u64 {}, {}", self.double(), self.long()),
            2 => format!("cvt.rn.f64.s64 {}, {}", self.double(), self.long()),
            3 => format!("cvt.f64.f32 {}, {}", self.double(), self.float()),
            4 => format!("cvt.rn.f32.f64 {}, {}", self.float(), self.double()),
            5 => format!("cvt.rzi.s32.f64 {}, {}", self.word(), self.double()),
            6 => format!("cvt.rzi.u32.f64 {}, {}", self.word(), self.double()),
            7 => format!("cvt.rzi.s64.f64 {}, {}", self.long(), self.double()),
            8 => format!("cvt.rzi.u64.f64 {}, {}", self.long(), self.double()),
            _ => format!("cvt.rni.f64.f64 {}, {}", self.double(), self.double()),
        }
    }

    fn conversion(&mut self) -> String {
        match self.below(9) {
            0 => format!("cvt.u64.u32 {}, {}", self.long(), self.word()),
            1 => format!("cvt.s64.s32 {}, {}", self.long(), self.word()),
            2 => format!("cvt.u32.u64 {}, {}", self.word(), self.long()),
            3 => format!("cvt.rn.f32.s32 {}, {}", self.float(), self.word()),
            4 => format!("cvt.rzi.s32.f32 {}, {}", self.word(), self.float()),
            5 => format!("mov.b32 {}, {}", self.word(), self.float()),
            6 => {
                let op = self.one_of(&["u32.u16", "s32.s16", "s32.s8", "u8.u32", "s16.u32"]);
                format!("cvt.{op} {}, {}", self.word(), self.word())
            }
            7 => format!("cvt.u16.u64 {}, {}", self.word(), self.long()),
            _ => format!(
                "mul.wide.u32 {}, {}, {}",
                self.long(),
                self.word(),
                self.value()
            ),
        }
    }

    fn odd_one(&mut self) -> String {
        match self.below(8) {
            0 => {
                let (d, p) = (self.word(), self.predicate());
                format!("selp.b32 {d}, {}, {}, {p}", self.word(), self.value())
            }
            1 => {
                let (d, selector) = (self.word(), self.below(0x1_0000));
                format!("prmt.b32 {d}, {}, {}, {selector}", self.word(), self.word())
            }
            2 => {
                let d = self.float();
                format!(
                    "fma.rn.f32 {d}, {}, {}, {}",
                    self.float(),
                    self.float(),
                    self.float()
                )
            }
            3 => {
                let (d, divisor) = (self.word(), self.next() as u32 | 1);
                let op = self.one_of(&["div.u32", "rem.u32", "div.s32", "rem.s32"]);
                format!("{op} {d}, {}, {divisor}", self.word())
            }
            4 => {
                let (d, start, length) = (self.word(), self.below(40), self.below(36));
                format!("bfe.u32 {d}, {}, {start}, {length}", self.word())
            }
            5 => {
                let (d, start, length) = (self.word(), self.below(40), self.below(36));
                let (a, b) = (self.word(), self.word());
                format!("bfi.b32 {d}, {a}, {b}, {start}, {length}")
            }
            6 => format!(
                "setp.lt.f32 {}, {}, {}",
                self.predicate(),
                self.float(),
                self.float()
            ),
            _ => {
                let d = self.long();
                format!("shr.s64 {d}, {}, {}", self.long(), self.value())
            }
        }
    }

    /// Something that all threads do together.
    fn exchange(&mut self) {
        let (d, a) = (self.word(), self.word());
        match self.below(4) {
            0 => {
                let lane = 1 + self.below(31);
                self.line(&format!(
                    "shfl.sync.bfly.b32 {d}, {a}, {lane}, 31, 4294967295;"
                ));
            }
            1 => {
                let p = self.predicate();
                self.line(&format!("vote.sync.ballot.b32 {d}, {p}, 4294967295;"));
            }
            _ => {
                let distance = self.below(96) * 4;
                self.line("mov.u32 %n3, %tid.x;");
                self.line("shl.b32 %n3, %n3, 2;");
                self.line("mov.u32 %n2, box;");
                self.line("add.u32 %n1, %n2, %n3;");
                self.line(&format!("st.shared.b32 [%n1], {a};"));
                self.line("bar.sync 0;");
                self.line(&format!("add.u32 %n3, %n3, {distance};"));
                self.line("rem.u32 %n3, %n3, 384;");
                self.line("add.u32 %n1, %n2, %n3;");
                self.line(&format!("ld.shared.b32 {d}, [%n1];"));
                self.line("bar.sync 0;");
            }
        }
    }

    /// Some threads skip the rest; the registers of all are looked at in the end.
    fn leave_early(&mut self) {
        let p = self.predicate();
        self.line(&format!("@{p} bra FINISH;"));
        self.line("bar.sync 1;");
    }
}
