//! Instructions into bytes: a thin layer over an encoder, with labels and a pool of constants. It knows
//! neither ops nor registers of programs. Read [`Assembler`].

use std::collections::HashMap;

use iced_x86::{Code, Encoder, Instruction, MemoryOperand, Register};

/// A place in the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label(usize);

/// An operand in memory.
pub(super) fn at(base: Register, offset: i64) -> MemoryOperand {
    MemoryOperand::with_base_displ(base, offset)
}

/// An operand of an instruction.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operand {
    Reg(Register),
    Mem(MemoryOperand),
    Imm(i32),
}

impl From<Register> for Operand {
    fn from(register: Register) -> Self {
        Self::Reg(register)
    }
}

impl From<MemoryOperand> for Operand {
    fn from(memory: MemoryOperand) -> Self {
        Self::Mem(memory)
    }
}

impl From<i32> for Operand {
    fn from(number: i32) -> Self {
        Self::Imm(number)
    }
}

/// Where the address of the pool is while code runs.
pub(super) const POOL: Register = Register::R13;

/// Code being written. Errors are kept until the end: a caller that asks for an impossible instruction
/// gets no code.
pub(super) struct Assembler {
    encoder: Encoder,
    length: u64,
    failed: bool,
    labels: Vec<Option<u64>>,
    /// Ends of instructions whose last four bytes are the distance to a label.
    jumps: Vec<(u64, Label)>,
    pool: Vec<u8>,
    pooled: HashMap<Vec<u8>, i64>,
}

impl Assembler {
    pub(super) fn new() -> Self {
        Self {
            encoder: Encoder::new(64),
            length: 0,
            failed: false,
            labels: Vec::new(),
            jumps: Vec::new(),
            pool: Vec::new(),
            pooled: HashMap::new(),
        }
    }

    fn put(&mut self, instruction: Result<Instruction, iced_x86::IcedError>) {
        let written =
            instruction.and_then(|instruction| self.encoder.encode(&instruction, self.length));
        match written {
            Ok(bytes) => self.length += bytes as u64,
            Err(error) => {
                tracing::debug!(%error, "an instruction cannot be encoded");
                self.failed = true;
            }
        }
    }

    /// An instruction without operands.
    pub(super) fn op0(&mut self, code: Code) {
        self.put(Ok(Instruction::with(code)));
    }

    /// An instruction with one register.
    pub(super) fn op1(&mut self, code: Code, a: Register) {
        self.put(Instruction::with1(code, a));
    }

    /// An instruction with two operands.
    pub(super) fn op2(&mut self, code: Code, a: impl Into<Operand>, b: impl Into<Operand>) {
        use Operand::{Imm, Mem, Reg};
        self.put(match (a.into(), b.into()) {
            (Reg(a), Reg(b)) => Instruction::with2(code, a, b),
            (Reg(a), Mem(b)) => Instruction::with2(code, a, b),
            (Reg(a), Imm(b)) => Instruction::with2(code, a, b),
            (Mem(a), Reg(b)) => Instruction::with2(code, a, b),
            (Mem(a), Imm(b)) => Instruction::with2(code, a, b),
            _ => return self.failed = true,
        });
    }

    /// An instruction on a register and memory that other threads see done at once.
    pub(super) fn locked(&mut self, code: Code, memory: MemoryOperand, register: Register) {
        let instruction = Instruction::with2(code, memory, register);
        self.put(instruction.map(|mut instruction| {
            instruction.set_has_lock_prefix(true);
            instruction
        }));
    }

    /// An instruction with a register and two more operands.
    pub(super) fn op3(
        &mut self,
        code: Code,
        a: Register,
        b: impl Into<Operand>,
        c: impl Into<Operand>,
    ) {
        use Operand::{Imm, Mem, Reg};
        self.put(match (b.into(), c.into()) {
            (Reg(b), Reg(c)) => Instruction::with3(code, a, b, c),
            (Reg(b), Mem(c)) => Instruction::with3(code, a, b, c),
            (Reg(b), Imm(c)) => Instruction::with3(code, a, b, c),
            (Mem(b), Imm(c)) => Instruction::with3(code, a, b, c),
            _ => return self.failed = true,
        });
    }

    /// An instruction with two registers and two more operands.
    pub(super) fn op4(
        &mut self,
        code: Code,
        [a, b]: [Register; 2],
        c: impl Into<Operand>,
        d: impl Into<Operand>,
    ) {
        use Operand::{Imm, Mem, Reg};
        self.put(match (c.into(), d.into()) {
            (Reg(c), Reg(d)) => Instruction::with4(code, a, b, c, d),
            (Reg(c), Imm(d)) => Instruction::with4(code, a, b, c, d),
            (Mem(c), Reg(d)) => Instruction::with4(code, a, b, c, d),
            (Mem(c), Imm(d)) => Instruction::with4(code, a, b, c, d),
            _ => return self.failed = true,
        });
    }

    /// Loads a number of 64 bits.
    pub(super) fn number(&mut self, register: Register, value: u64) {
        self.put(Instruction::with2(Code::Mov_r64_imm64, register, value));
    }

    /// Calls the function whose address is in a register.
    pub(super) fn call(&mut self, register: Register) {
        self.op1(Code::Call_rm64, register);
    }

    /// A label that stands nowhere yet.
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// The label stands here.
    pub(super) fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.length);
    }

    /// A jump, given as its form with a distance of 32 bits.
    pub(super) fn jump(&mut self, code: Code, to: Label) {
        self.put(Instruction::with_branch(code, self.length));
        self.jumps.push((self.length, to));
    }

    /// The offset of `bytes` in the pool, aligned to their number if that is a power of two.
    pub(super) fn constant(&mut self, bytes: &[u8]) -> i64 {
        if let Some(known) = self.pooled.get(bytes) {
            return *known;
        }
        let start = self.pool.len().next_multiple_of(32);
        self.pool.resize(start, 0);
        self.pool.extend_from_slice(bytes);
        self.pooled.insert(bytes.to_vec(), start as i64);
        start as i64
    }

    /// Code and pool, the address of the pool filled into the instruction that ends at `pool_at`. `None` if
    /// something could not be encoded.
    pub(super) fn finish(mut self, pool_at: u64) -> Option<Vec<u8>> {
        let mut bytes = self.encoder.take_buffer();
        let mut patch = |end: u64, target: u64| {
            let distance = i32::try_from(target as i64 - end as i64).ok()?;
            let from = (end as usize).checked_sub(4)?;
            let room = bytes.get_mut(from..end as usize)?;
            room.copy_from_slice(&distance.to_le_bytes());
            Some(())
        };
        let pool = self.length.next_multiple_of(64);
        patch(pool_at, pool)?;
        for (end, label) in &self.jumps {
            patch(*end, self.labels[label.0]?)?;
        }
        bytes.resize(pool as usize, 0xCC);
        bytes.extend_from_slice(&self.pool);
        (!self.failed).then_some(bytes)
    }

    /// Loads the address of the pool; what `finish` needs to fill it in.
    pub(super) fn load_pool(&mut self) -> u64 {
        let far = MemoryOperand::with_base_displ(Register::RIP, 1 << 20);
        self.op2(Code::Lea_r64_m, POOL, far);
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_find_labels_and_the_pool_follows_the_code() {
        let mut assembler = Assembler::new();
        let pool = assembler.load_pool();
        let end = assembler.label();
        assembler.jump(Code::Jmp_rel32_64, end);
        assembler.op0(Code::Int3);
        assembler.bind(end);
        assembler.op0(Code::Retnq);
        assert_eq!(assembler.constant(&[1, 2, 3, 4]), 0);
        assert_eq!(assembler.constant(&[5; 32]), 32);
        assert_eq!(assembler.constant(&[1, 2, 3, 4]), 0);
        let bytes = assembler.finish(pool).unwrap();
        // lea r13, [rip + 57]; jmp +1; int3; ret
        assert_eq!(bytes[..7], [0x4C, 0x8D, 0x2D, 57, 0, 0, 0]);
        assert_eq!(bytes[7..14], [0xE9, 1, 0, 0, 0, 0xCC, 0xC3]);
        assert_eq!(bytes[64..68], [1, 2, 3, 4]);
        assert_eq!(bytes[96..128], [5; 32]);
    }

    #[test]
    fn impossible_instruction_gives_no_code() {
        let mut assembler = Assembler::new();
        let pool = assembler.load_pool();
        assembler.op2(Code::Mov_r64_rm64, Register::RAX, Register::EAX);
        assert!(assembler.finish(pool).is_none());
    }
}
