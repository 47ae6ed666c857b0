//! Vector code: the pending operations for eight lanes at a time, with rows kept in vector registers from one
//! operation to the next. Read [`Builder::flush`].

use iced_x86::{
    Code, MemoryOperand,
    Register::{self, EAX, ECX, R8D, R9D, R10D, R11D, RSP},
};

use super::{
    assembler::{POOL, at},
    build::{BLOCK_VALUES, Builder, WINDOW},
    mask::{FREE, Masks},
    operation::{Operation, Source},
    template::{
        Template,
        Width::{self, W32, W64},
    },
    value::{Cell, Lanes},
};

/// Where the bits of comparisons are collected; so many may be pending.
pub(super) const PREDICATES: [Register; 4] = [R8D, R9D, R10D, R11D];
/// Groups of lanes that are processed together.
pub(super) const PARTS: usize = 4;

/// What a vector register holds, of the part at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    /// The row of a slot; of 64-bit rows the first or second half of the part.
    Row(u32, usize),
    /// A number in all lanes, for all parts.
    Number(Cell, Width),
    /// Nothing that is looked for.
    Temporary,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    key: Key,
    /// The row in memory is older.
    dirty: bool,
    used: u32,
    pinned: bool,
}

/// The vector registers while operations are written.
#[derive(Debug, Default)]
pub(super) struct Registers {
    held: [Option<Held>; 16],
    clock: u32,
    /// Part at hand.
    pub(super) part: usize,
    /// Comparisons so far.
    pub(super) compared: usize,
    pub(super) masks: Masks,
}

/// The vector register with this number.
fn vector(index: usize) -> Register {
    Register::YMM0 + index as u32
}

/// Its lower half.
pub(super) fn lower(register: Register) -> Register {
    Register::XMM0 + (register as u32 - Register::YMM0 as u32)
}

fn index_of(register: Register) -> usize {
    register as usize - Register::YMM0 as usize
}

/// Where a row of the window lies in memory: the part and, of 64-bit rows, its half.
pub(super) fn home(slot: u32, width: Width, part: usize, half: usize) -> MemoryOperand {
    let bytes = match width {
        W32 => part * 32,
        W64 => part * 64 + half * 32,
    };
    at(WINDOW, i64::from(slot) + bytes as i64)
}

impl Builder<'_> {
    /// Writes the pending operations. What they leave in rows that anybody reads from op `next` on is in
    /// memory afterwards.
    pub(super) fn flush(&mut self, next: usize) {
        let operations = std::mem::take(&mut self.pending);
        if operations.is_empty() {
            return;
        }
        self.snapshot = None;
        let mut kept: Vec<(u32, Width)> = Vec::new();
        for operation in &operations {
            if let Some(width) = operation.width()
                && !kept.contains(&(operation.d, width))
                && !self.known.contains_key(&operation.d)
                && self.is_live(operation.d, next)
            {
                kept.push((operation.d, width));
            }
        }
        self.registers = Registers::default();
        for part in 0..PARTS {
            self.registers.part = part;
            self.registers.compared = 0;
            for operation in &operations {
                self.operation(operation);
                self.unpin();
            }
            self.end_part(&kept);
        }
        let compares = operations
            .iter()
            .filter(|operation| operation.width().is_none());
        for (operation, register) in compares.zip(PREDICATES) {
            self.put_predicate(operation.d, register);
        }
    }

    /// Stores what is kept of the part, and forgets all but numbers.
    pub(super) fn end_part(&mut self, kept: &[(u32, Width)]) {
        for index in 0..16 {
            let Some(held) = self.registers.held[index] else {
                continue;
            };
            if let Key::Row(slot, half) = held.key
                && held.dirty
                && let Some((_, width)) = kept.iter().find(|(kept, _)| *kept == slot)
            {
                self.put(slot, *width, (self.registers.part, half), vector(index));
            }
            if !matches!(held.key, Key::Number(..)) {
                self.registers.held[index] = None;
            }
        }
    }

    /// All registers may be given away again; temporaries are forgotten.
    pub(super) fn unpin(&mut self) {
        for held in &mut self.registers.held {
            match held {
                Some(one) if one.key == Key::Temporary => *held = None,
                Some(one) => one.pinned = false,
                None => {}
            }
        }
    }

    /// A register for a new value, pinned until the operation is written.
    pub(super) fn temporary(&mut self) -> Register {
        self.claim(Key::Temporary)
    }

    fn claim(&mut self, key: Key) -> Register {
        let n_free = if self.careful { FREE } else { 16 };
        let held = &self.registers.held[..n_free];
        let free = held.iter().position(Option::is_none);
        let index = free.unwrap_or_else(|| {
            let candidates = held.iter().enumerate().filter_map(|(index, held)| {
                held.filter(|held| !held.pinned)
                    .map(|held| (held.used, index))
            });
            // An operation pins fewer registers than there are.
            candidates.min().map_or(0, |(_, index)| index)
        });
        if let Some(Held {
            key: Key::Row(slot, half),
            dirty: true,
            ..
        }) = self.registers.held[index]
        {
            let width = self.width_of(slot);
            self.put(slot, width, (self.registers.part, half), vector(index));
        }
        self.registers.clock += 1;
        self.registers.held[index] = Some(Held {
            key,
            dirty: false,
            used: self.registers.clock,
            pinned: true,
        });
        vector(index)
    }

    fn find(&mut self, key: Key) -> Option<Register> {
        self.registers.clock += 1;
        let clock = self.registers.clock;
        let held = self.registers.held.iter_mut().enumerate();
        for (index, held) in held {
            if let Some(held) = held
                && held.key == key
            {
                held.used = clock;
                held.pinned = true;
                return Some(vector(index));
            }
        }
        None
    }

    /// The result of an operation is in `register`: it is the row of `slot` from now on.
    pub(super) fn define(&mut self, slot: u32, half: usize, register: Register) {
        let key = Key::Row(slot, half);
        for held in &mut self.registers.held {
            if held.is_some_and(|held| held.key == key) {
                *held = None;
            }
        }
        self.registers.clock += 1;
        self.registers.held[index_of(register)] = Some(Held {
            key,
            dirty: true,
            used: self.registers.clock,
            pinned: true,
        });
    }

    /// The lanes of a source; `half` says which four of eight 64-bit lanes.
    pub(super) fn get(&mut self, source: Source, half: usize) -> Register {
        match source {
            Source::Row(slot, width) => {
                let key = Key::Row(slot, half);
                if let Some(register) = self.find(key) {
                    return register;
                }
                let register = self.claim(key);
                let from = home(slot, width, self.registers.part, half);
                self.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, register, from);
                register
            }
            Source::Lanes(lanes) => self.spread(lanes, half),
            Source::None | Source::Predicate(_) => self.temporary(),
        }
    }

    /// Lanes in equal steps, as a vector.
    pub(super) fn spread(&mut self, lanes: Lanes, half: usize) -> Register {
        let part = self.registers.part;
        let base = match lanes.high {
            Some(high) if part >= 2 => high,
            _ => lanes.low,
        };
        let number = self.broadcast(base, lanes.width);
        if lanes.step == 0 {
            return number;
        }
        let first = match lanes.width {
            W32 => part * 8,
            W64 => part * 8 + half * 4,
        };
        let steps = self.steps(lanes, first);
        let register = self.temporary();
        let add = match lanes.width {
            W32 => Code::VEX_Vpaddd_ymm_ymm_ymmm256,
            W64 => Code::VEX_Vpaddq_ymm_ymm_ymmm256,
        };
        self.asm.op3(add, register, number, steps);
        register
    }

    /// How far lanes from `first` on are from the number of their half, as a constant.
    pub(super) fn steps(&mut self, lanes: Lanes, first: usize) -> MemoryOperand {
        let run = lanes.run();
        let distance = |lane: usize| (lane as i64 % run) * lanes.step;
        let bytes: Vec<u8> = match lanes.width {
            W32 => (first..first + 8)
                .flat_map(|lane| (distance(lane) as u32).to_le_bytes())
                .collect(),
            W64 => (first..first + 4)
                .flat_map(|lane| distance(lane).to_le_bytes())
                .collect(),
        };
        at(POOL, self.asm.constant(&bytes))
    }

    /// A number in all lanes.
    pub(super) fn broadcast(&mut self, cell: Cell, width: Width) -> Register {
        let key = Key::Number(cell, width);
        if let Some(register) = self.find(key) {
            return register;
        }
        let register = self.claim(key);
        self.broadcast_to(register, cell, width);
        register
    }

    /// Fills a register with a number.
    pub(super) fn broadcast_to(&mut self, register: Register, cell: Cell, width: Width) {
        let load = match width {
            W32 => Code::VEX_Vpbroadcastd_ymm_xmmm32,
            W64 => Code::VEX_Vpbroadcastq_ymm_xmmm64,
        };
        match cell {
            Cell::Const(value) => {
                let bytes = match width {
                    W32 => (value as u32).to_le_bytes().repeat(8),
                    W64 => value.to_le_bytes().repeat(4),
                };
                let from = at(POOL, self.asm.constant(&bytes));
                self.asm.op2(Code::VEX_Vmovaps_ymm_ymmm256, register, from);
            }
            Cell::Stack(index) => self.asm.op2(load, register, at(RSP, i64::from(index) * 8)),
            Cell::Block(offset) => {
                self.asm
                    .op2(load, register, at(BLOCK_VALUES, i64::from(offset)));
            }
        }
    }

    /// A constant of 32-bit lanes, in memory.
    pub(super) fn constant32(&mut self, value: u32) -> MemoryOperand {
        at(POOL, self.asm.constant(&value.to_le_bytes().repeat(8)))
    }

    /// A constant of 64-bit lanes, in memory.
    pub(super) fn constant64(&mut self, value: u64) -> MemoryOperand {
        at(POOL, self.asm.constant(&value.to_le_bytes().repeat(4)))
    }

    /// Adds the bits of a comparison to those of the earlier parts; `register` has a bit for each of eight lanes.
    pub(super) fn collect(&mut self, inverted: bool) {
        let sum = PREDICATES[self.registers.compared];
        self.registers.compared += 1;
        let part = self.registers.part;
        if inverted {
            self.asm.op2(Code::Xor_rm32_imm32, EAX, 0xFF);
        }
        if part == 0 {
            self.asm.op2(Code::Mov_r32_rm32, sum, EAX);
            return;
        }
        self.asm.op2(Code::Shl_rm32_imm8, EAX, part as i32 * 8);
        self.asm.op2(Code::Or_r32_rm32, sum, EAX);
    }

    /// Loads the elements of eight lanes.
    pub(super) fn load_part(&mut self, operation: &Operation) {
        let Template::Load(access) = operation.template else {
            return;
        };
        let part = self.registers.part;
        let pointer = operation.from[part / 2];
        self.load_cell(super::scalar::A, W64, pointer);
        let bytes = i64::from(access.bytes);
        let first = (part % 2 * 8) as i64 * bytes;
        let halves = 1 + usize::from(access.register == W64);
        for half in 0..halves {
            let register = self.temporary();
            let from = at(Register::RAX, first + half as i64 * 4 * bytes);
            let code = match (access.register, access.bytes, access.signed) {
                (W32, 1, false) => Code::VEX_Vpmovzxbd_ymm_xmmm64,
                (W32, 1, true) => Code::VEX_Vpmovsxbd_ymm_xmmm64,
                (W32, 2, false) => Code::VEX_Vpmovzxwd_ymm_xmmm128,
                (W32, 2, true) => Code::VEX_Vpmovsxwd_ymm_xmmm128,
                (W64, 4, false) => Code::VEX_Vpmovzxdq_ymm_xmmm128,
                (W64, 4, true) => Code::VEX_Vpmovsxdq_ymm_xmmm128,
                _ => Code::VEX_Vmovups_ymm_ymmm256,
            };
            self.asm.op2(code, register, from);
            self.define(operation.d, half, register);
        }
    }

    /// Shares the bits of a predicate out to the lanes' highest bits.
    pub(super) fn lane_masks(&mut self, slot: u32, width: Width, half: usize) -> Register {
        let part = self.registers.part;
        let register = self.temporary();
        let from = self.predicate(slot);
        self.asm
            .op2(Code::VEX_Vpbroadcastd_ymm_xmmm32, register, from);
        let first = match width {
            W32 => part * 8,
            W64 => part * 8 + half * 4,
        };
        let (count, copies) = match width {
            W32 => (8, 1),
            W64 => (4, 2),
        };
        let shifts: Vec<u8> = (first..first + count)
            .flat_map(|lane| (31 - lane as u32).to_le_bytes().repeat(copies))
            .collect();
        let shifts = at(POOL, self.asm.constant(&shifts));
        self.asm.op3(
            Code::VEX_Vpsllvd_ymm_ymm_ymmm256,
            register,
            register,
            shifts,
        );
        register
    }

    /// Bits of two registers of 64-bit lanes into `eax`.
    pub(super) fn bits_of_pair(&mut self, [first, second]: [Register; 2]) {
        self.asm.op2(Code::VEX_Vmovmskpd_r32_ymm, EAX, first);
        self.asm.op2(Code::VEX_Vmovmskpd_r32_ymm, ECX, second);
        self.asm.op2(Code::Shl_rm32_imm8, ECX, 4);
        self.asm.op2(Code::Or_r32_rm32, EAX, ECX);
    }
}
