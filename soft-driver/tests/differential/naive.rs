//! A scalar interpreter for the text of generated kernels, written to be obvious: every step takes a line apart
//! anew. Threads run one after the other until all of a block have come to the same barrier, shuffle or vote.
//! Read [`run`] and [`Thread::compute`].

mod double;

use std::collections::HashMap;

/// Registers of 32 bits, of floats, of 64 bits, of doubles.
pub(crate) const WORDS32: usize = 14;
pub(crate) const FLOATS: usize = 6;
pub(crate) const LONGS: usize = 6;
pub(crate) const DOUBLES: usize = 6;
/// Words that a thread leaves.
pub(crate) const WORDS: usize = WORDS32 + FLOATS + 2 * (LONGS + DOUBLES);

/// The register that a word of the result comes from.
pub(crate) fn name_of(word: usize) -> String {
    match word {
        _ if word < WORDS32 => format!("%r{word}"),
        _ if word < WORDS32 + FLOATS => format!("%f{}", word - WORDS32),
        _ if word < WORDS32 + FLOATS + 2 * LONGS => {
            format!("%x{}", (word - WORDS32 - FLOATS) / 2)
        }
        _ => format!("%d{}", (word - WORDS32 - FLOATS) / 2 - LONGS),
    }
}

/// The registers of all threads after `body`, thread by thread.
pub(crate) fn run(body: &str, blocks: u32, threads: u32) -> Vec<u32> {
    let lines: Vec<&str> = body.lines().collect();
    let labels: HashMap<&str, usize> = lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((line.strip_suffix(':')?, at)))
        .chain([("FINISH", lines.len())])
        .collect();
    let mut words = Vec::new();
    for block in 0..blocks {
        let mut machine = Machine {
            lines: &lines,
            labels: &labels,
            threads: (0..threads).map(|tid| Thread::new(tid, block)).collect(),
            shared: vec![0; 256],
        };
        machine.run();
        for thread in &machine.threads {
            words.extend_from_slice(&thread.r);
            words.extend(thread.f.iter().map(|value| value.to_bits()));
            for value in thread.x.into_iter().chain(thread.d.map(double::plain_bits)) {
                words.extend([value as u32, (value >> 32) as u32]);
            }
        }
    }
    words
}

/// One block.
struct Machine<'t> {
    lines: &'t [&'t str],
    labels: &'t HashMap<&'t str, usize>,
    threads: Vec<Thread>,
    shared: Vec<u32>,
}

impl Machine<'_> {
    fn run(&mut self) {
        loop {
            for thread in &mut self.threads {
                thread.advance(self.lines, self.labels, &mut self.shared);
            }
            let waiting = self.threads.iter().find(|t| t.pc < self.lines.len());
            let Some(at) = waiting.map(|thread| thread.pc) else {
                return;
            };
            self.meet(at);
        }
    }

    /// All threads that have not finished stand at this line.
    fn meet(&mut self, at: usize) {
        let line = self.lines[at];
        let before: Vec<Thread> = self.threads.clone();
        for (index, thread) in self.threads.iter_mut().enumerate() {
            if thread.pc == self.lines.len() {
                continue;
            }
            assert_eq!(thread.pc, at, "{line}");
            thread.pc += 1;
            let (opcode, operands) = take_apart(line);
            let warp = index / 32 * 32;
            match opcode {
                "shfl.sync.bfly.b32" => {
                    let lane: usize = operands[2].parse().expect("a distance of lanes");
                    let from = warp + ((index % 32) ^ lane);
                    let value = before[from].word(operands[1]);
                    thread.set_word(operands[0], value);
                }
                "vote.sync.ballot.b32" => {
                    let bits = (0..32).filter(|lane| before[warp + lane].bit(operands[1]));
                    thread.set_word(operands[0], bits.fold(0, |mask, lane| mask | 1 << lane));
                }
                _ => assert!(line.starts_with("bar.sync"), "{line}"),
            }
        }
    }
}

fn take_apart(line: &str) -> (&str, Vec<&str>) {
    let line = line.trim_end_matches(';');
    let (opcode, operands) = line.split_once(' ').unwrap_or((line, ""));
    (opcode, operands.split(", ").map(str::trim).collect())
}

fn number(register: &str) -> usize {
    register[2..].parse().expect("a number of a register")
}

/// The lowest bits of `a` in place of those of `b` from `start` on.
fn insert(a: u32, b: u32, start: u32, length: u32) -> u32 {
    let inside = |bit: u32| bit >= start && bit - start < length;
    (0..32).fold(0, |all, bit| {
        let chosen = if inside(bit) {
            a >> (bit - start)
        } else {
            b >> bit
        };
        all | (chosen & 1) << bit
    })
}

#[derive(Clone)]
struct Thread {
    tid: u32,
    block: u32,
    pc: usize,
    r: [u32; WORDS32],
    n: [u32; 4],
    f: [f32; FLOATS],
    x: [u64; LONGS],
    d: [f64; DOUBLES],
    p: [bool; 8],
    local: [u32; 16],
}

impl Thread {
    fn new(tid: u32, block: u32) -> Self {
        Self {
            tid,
            block,
            pc: 0,
            r: [0; WORDS32],
            n: [0; 4],
            f: [0.0; FLOATS],
            x: [0; LONGS],
            d: [0.0; DOUBLES],
            p: [false; 8],
            local: [0; 16],
        }
    }

    /// Runs to the next place where threads meet, or to the end.
    fn advance(&mut self, lines: &[&str], labels: &HashMap<&str, usize>, shared: &mut [u32]) {
        while let Some(line) = lines.get(self.pc) {
            if ["bar.sync", "shfl", "vote"]
                .iter()
                .any(|word| line.starts_with(word))
            {
                return;
            }
            self.pc += 1;
            if line.ends_with(':') {
                continue;
            }
            let mut line = *line;
            if let Some(guarded) = line.strip_prefix('@') {
                let (guard, rest) = guarded.split_once(' ').expect("a guarded instruction");
                let wanted = !guard.starts_with('!');
                if self.bit(guard.trim_start_matches('!')) != wanted {
                    continue;
                }
                line = rest;
            }
            let (opcode, operands) = take_apart(line);
            if opcode == "bra" {
                self.pc = labels[operands[0]];
                continue;
            }
            self.memory(opcode, &operands, shared);
            self.compute(opcode, &operands);
        }
    }

    fn word(&self, operand: &str) -> u32 {
        match operand {
            "%tid.x" => self.tid,
            "%ctaid.x" => self.block,
            "slots" | "box" => 0,
            _ if operand.starts_with("%r") => self.r[number(operand)],
            _ if operand.starts_with("%n") => self.n[number(operand)],
            _ if operand.starts_with("%f") => self.f[number(operand)].to_bits(),
            _ => operand.parse().expect("a number"),
        }
    }

    fn set_word(&mut self, operand: &str, value: u32) {
        match &operand[..2] {
            "%r" => self.r[number(operand)] = value,
            _ => self.n[number(operand)] = value,
        }
    }

    fn long(&self, operand: &str) -> u64 {
        self.x[number(operand)]
    }

    fn float(&self, operand: &str) -> f32 {
        self.f[number(operand)]
    }

    fn bit(&self, operand: &str) -> bool {
        self.p[number(operand)]
    }

    fn memory(&mut self, opcode: &str, operands: &[&str], shared: &mut [u32]) {
        let place = |thread: &Self, operand: &str| {
            let register = operand.trim_matches(['[', ']']);
            thread.word(register) as usize / 4
        };
        match opcode {
            "st.local.b32" => self.local[place(self, operands[0])] = self.word(operands[1]),
            "st.shared.b32" => shared[place(self, operands[0])] = self.word(operands[1]),
            "ld.local.b32" => self.set_word(operands[0], self.local[place(self, operands[1])]),
            "ld.shared.b32" => self.set_word(operands[0], shared[place(self, operands[1])]),
            _ => {}
        }
    }

    fn compute(&mut self, opcode: &str, operands: &[&str]) {
        let d = operands[0];
        let kind = &d[..2.min(d.len())];
        if opcode.starts_with("st.") || opcode.starts_with("ld.") {
            return;
        }
        if opcode.starts_with("setp") && opcode.ends_with(".f64") {
            self.p[number(d)] = self.double_comparison(opcode, operands);
        } else if kind == "%d" {
            self.d[number(d)] = self.double_result(opcode, operands);
        } else if opcode.starts_with("setp") {
            self.p[number(d)] = self.comparison(opcode, operands);
        } else if kind == "%x" {
            self.x[number(d)] = self.long_result(opcode, operands);
        } else if kind == "%f" {
            self.f[number(d)] = self.float_result(opcode, operands);
        } else {
            let value = self.word_result(opcode, operands);
            self.set_word(d, value);
        }
    }

    fn comparison(&self, opcode: &str, operands: &[&str]) -> bool {
        if opcode == "setp.lt.f32" {
            return self.float(operands[1]) < self.float(operands[2]);
        }
        let (a, b) = (self.word(operands[1]), self.word(operands[2]));
        match opcode {
            "setp.lt.u32" => a < b,
            "setp.le.u32" => a <= b,
            "setp.eq.u32" => a == b,
            "setp.ne.s32" => a != b,
            "setp.lt.s32" => (a as i32) < b as i32,
            "setp.ge.s32" => a as i32 >= b as i32,
            "setp.gt.s32" => a as i32 > b as i32,
            _ => panic!("{opcode}"),
        }
    }

    fn long_result(&self, opcode: &str, operands: &[&str]) -> u64 {
        match opcode {
            "mov.b64" => return self.double(operands[1]).to_bits(),
            "cvt.rzi.s64.f64" => return double::long_of(self.double(operands[1]), true),
            "cvt.rzi.u64.f64" => return double::long_of(self.double(operands[1]), false),
            "cvt.u64.u32" => return u64::from(self.word(operands[1])),
            "cvt.s64.s32" => return self.word(operands[1]) as i32 as i64 as u64,
            "mul.wide.u32" => {
                return u64::from(self.word(operands[1])) * u64::from(self.word(operands[2]));
            }
            "shr.s64" => {
                let amount = self.word(operands[2]).min(63);
                return (self.long(operands[1]) as i64 >> amount) as u64;
            }
            _ => {}
        }
        let (a, b) = (self.long(operands[1]), self.long(operands[2]));
        match opcode {
            "add.u64" => a.wrapping_add(b),
            "sub.u64" => a.wrapping_sub(b),
            "mul.lo.u64" => a.wrapping_mul(b),
            "mul.hi.u64" => ((u128::from(a) * u128::from(b)) >> 64) as u64,
            "xor.b64" => a ^ b,
            "max.s64" => (a as i64).max(b as i64) as u64,
            _ => panic!("{opcode}"),
        }
    }

    fn float_result(&self, opcode: &str, operands: &[&str]) -> f32 {
        if opcode == "cvt.rn.f32.s32" {
            return self.word(operands[1]) as i32 as f32;
        }
        if opcode == "cvt.rn.f32.f64" {
            return double::single_of(self.double(operands[1]));
        }
        let (a, b) = (self.float(operands[1]), self.float(operands[2]));
        let small = |v: f32| {
            if v.is_subnormal() {
                0f32.copysign(v)
            } else {
                v
            }
        };
        let result = match opcode {
            "add.rn.f32" => a + b,
            "sub.rn.f32" => a - b,
            "mul.rn.f32" => a * b,
            "div.rn.f32" => a / b,
            "fma.rn.f32" => a.mul_add(b, self.float(operands[3])),
            "add.ftz.f32" => small(small(a) + small(b)),
            "mul.sat.f32" => match a * b {
                product if product.is_nan() => 0.0,
                product => product.clamp(0.0, 1.0) + 0.0,
            },
            "min.f32" | "max.f32" if a.is_nan() => b,
            "min.f32" | "max.f32" if b.is_nan() => a,
            "min.f32" if a == b => {
                if a.is_sign_negative() {
                    a
                } else {
                    b
                }
            }
            "max.f32" if a == b => {
                if a.is_sign_negative() {
                    b
                } else {
                    a
                }
            }
            "min.f32" => {
                if a < b {
                    a
                } else {
                    b
                }
            }
            "max.f32" => {
                if a > b {
                    a
                } else {
                    b
                }
            }
            _ => panic!("{opcode}"),
        };
        if result.is_nan() {
            f32::from_bits(0x7FFF_FFFF)
        } else {
            result
        }
    }

    fn word_result(&self, opcode: &str, operands: &[&str]) -> u32 {
        match opcode {
            "cvt.u32.u64" => return self.long(operands[1]) as u32,
            "cvt.u16.u64" => return u32::from(self.long(operands[1]) as u16),
            "cvt.rzi.s32.f64" => return double::word_of(self.double(operands[1]), true),
            "cvt.rzi.u32.f64" => return double::word_of(self.double(operands[1]), false),
            "cvt.rzi.s32.f32" => return self.float(operands[1]) as i32 as u32,
            "selp.b32" => {
                let first = self.bit(operands[3]);
                return self.word(if first { operands[1] } else { operands[2] });
            }
            _ => {}
        }
        let value = |at: usize| operands.get(at).map_or(0, |operand| self.word(operand));
        let (a, b, c) = (value(1), value(2), value(3));
        let (sa, sb) = (a as i32, b as i32);
        match opcode {
            "mov.u32" | "mov.b32" => a,
            "cvt.u32.u16" => a & 0xFFFF,
            "cvt.u8.u32" => a & 0xFF,
            "cvt.s32.s16" | "cvt.s16.u32" => a as i16 as u32,
            "cvt.s32.s8" => a as i8 as u32,
            "bfi.b32" => insert(a, b, c, value(4)),
            "not.b32" => !a,
            "popc.b32" => (0..32).map(|bit| a >> bit & 1).sum(),
            "clz.b32" => (0..32).take_while(|bit| a << bit >> 31 == 0).count() as u32,
            "brev.b32" => (0..32).fold(0, |all, bit| all << 1 | a >> bit & 1),
            "bfind.u32" => (0..32)
                .rev()
                .find(|bit| a >> bit & 1 == 1)
                .unwrap_or(u32::MAX),
            "lop3.b32" => lookup(a, b, c, value(4)),
            "prmt.b32" => permute(a, b, c),
            "mad.lo.u32" => a.wrapping_mul(b).wrapping_add(c),
            "sad.s32" => c.wrapping_add(sa.abs_diff(sb)),
            "bfe.u32" => field(a, b & 255, c & 255, false),
            "bfe.s32" => field(a, b & 255, c & 255, true),
            "shf.l.wrap.b32" => (((u64::from(b) << 32 | u64::from(a)) << (c & 31)) >> 32) as u32,
            "shf.r.clamp.b32" => ((u64::from(b) << 32 | u64::from(a)) >> c.min(32)) as u32,
            "div.s32" | "rem.s32" if sa == i32::MIN && sb == -1 => panic!("not generated"),
            "div.u32" => a / b,
            "rem.u32" => a % b,
            "div.s32" => (sa / sb) as u32,
            "rem.s32" => (sa % sb) as u32,
            _ => two_words(opcode, a, b),
        }
    }
}

fn two_words(opcode: &str, a: u32, b: u32) -> u32 {
    let (sa, sb) = (i64::from(a as i32), i64::from(b as i32));
    let saturated = |value: i64| value.clamp(-(1 << 31), (1 << 31) - 1) as u32;
    match opcode {
        "add.u32" => a.wrapping_add(b),
        "sub.u32" => a.wrapping_sub(b),
        "mul.lo.u32" => a.wrapping_mul(b),
        "mul.hi.u32" => ((u64::from(a) * u64::from(b)) >> 32) as u32,
        "mul.hi.s32" => ((sa * sb) >> 32) as u32,
        "mul24.lo.u32" => (a & 0xFF_FFFF).wrapping_mul(b & 0xFF_FFFF),
        "min.u32" => a.min(b),
        "max.u32" => a.max(b),
        "min.s32" => sa.min(sb) as u32,
        "max.s32" => sa.max(sb) as u32,
        "and.b32" => a & b,
        "or.b32" => a | b,
        "xor.b32" => a ^ b,
        "shl.b32" if b > 31 => 0,
        "shl.b32" => a << b,
        "shr.u32" if b > 31 => 0,
        "shr.u32" => a >> b,
        "shr.s32" => (sa >> b.min(31)) as u32,
        "add.sat.s32" | "vadd.s32.s32.s32.sat" => saturated(sa + sb),
        "sub.sat.s32" => saturated(sa - sb),
        "szext.clamp.s32" if b == 0 => 0,
        "szext.clamp.s32" => {
            let unused = 32 - b.min(32);
            (((a << unused) as i32) >> unused) as u32
        }
        "bmsk.clamp.b32" => {
            let ones = (1u64 << b.min(32)) - 1;
            if a > 31 { 0 } else { (ones << a) as u32 }
        }
        _ => panic!("{opcode}"),
    }
}

fn lookup(a: u32, b: u32, c: u32, table: u32) -> u32 {
    (0..32).fold(0, |all, bit| {
        let index = (a >> bit & 1) << 2 | (b >> bit & 1) << 1 | c >> bit & 1;
        all | (table >> index & 1) << bit
    })
}

fn permute(a: u32, b: u32, selector: u32) -> u32 {
    let bytes = u64::from(b) << 32 | u64::from(a);
    (0..4).fold(0, |all, lane| {
        let choice = selector >> (4 * lane) & 15;
        let byte = (bytes >> (8 * (choice & 7)) & 255) as u32;
        let sign = if byte & 128 != 0 { 255 } else { 0 };
        all | (if choice & 8 != 0 { sign } else { byte }) << (8 * lane)
    })
}

/// Bit by bit, as the manual defines the extraction of a field.
fn field(a: u32, position: u32, length: u32, signed: bool) -> u32 {
    let bit_at = |at: u32| if at > 31 { 0 } else { a >> at & 1 };
    let sign = match (signed, length) {
        (false, _) | (_, 0) => 0,
        _ => a >> (position + length - 1).min(31) & 1,
    };
    (0..32).fold(0, |all, bit| {
        let inside = bit < length && position + bit < 32;
        all | (if inside { bit_at(position + bit) } else { sign }) << bit
    })
}
