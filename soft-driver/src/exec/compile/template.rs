//! What an op means, as far as the compiler knows it. The closures of the interpreter say the same, but
//! nobody can look into them. Lowering attaches a [`Template`] to each op; read that first.

use crate::exec::cross::Shuffle;

/// Bits of a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::exec) enum Width {
    /// A row of `u32`.
    W32,
    /// A row of `u64`.
    W64,
}

/// `d = a op b` on integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum IntOp {
    Add,
    Sub,
    /// The low half of the product.
    Mul,
    And,
    Or,
    Xor,
    MinUnsigned,
    MaxUnsigned,
    MinSigned,
    MaxSigned,
}

/// `d = a shifted by b`, where `b` is a 32-bit row, clamped as PTX has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum ShiftOp {
    Left,
    Right,
    RightSigned,
}

/// `d = a op b` in single precision, rounded to nearest, without `.ftz`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum FloatOp {
    Add,
    Sub,
    Mul,
    Div,
}

/// A relation of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum Relation {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// `d = a op b` on predicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum LogicOp {
    And,
    Or,
    Xor,
    /// `d = !a`
    Not,
    /// `d = a`
    Copy,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum Compared {
    Unsigned(Width),
    Signed(Width),
    /// Single precision; all relations are false for NaN.
    Float,
    /// Double precision, the same.
    Double,
    /// Single precision; all relations are true for NaN.
    FloatOrNan,
    /// Double precision, the same.
    DoubleOrNan,
    /// The lower 16 bits.
    Short {
        signed: bool,
    },
}

impl Compared {
    /// Bits of what is compared.
    pub(in crate::exec) fn width(self) -> Width {
        match self {
            Self::Unsigned(width) | Self::Signed(width) => width,
            Self::Float | Self::FloatOrNan | Self::Short { .. } => Width::W32,
            Self::Double | Self::DoubleOrNan => Width::W64,
        }
    }
}

/// Where an access goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) enum Place {
    Global,
    Shared,
    Generic,
}

/// A load or store of one element a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exec) struct Access {
    pub(in crate::exec) place: Place,
    /// How wide the row of addresses is.
    pub(in crate::exec) address: Width,
    /// Bytes of the element.
    pub(in crate::exec) bytes: u8,
    /// Whether a narrow element is extended by its sign.
    pub(in crate::exec) signed: bool,
    /// How wide the register is.
    pub(in crate::exec) register: Width,
}

/// What an op does. Sources are the rows `a`, `b`, `c`; the result is the row `d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::exec) enum Template {
    /// Only its closure knows.
    #[default]
    Call,
    /// `%tid`, by component.
    Tid(u8),
    /// `%laneid`
    LaneId,
    /// `d = a`
    Copy(Width),
    /// `d = !a`
    Not(Width),
    Int(IntOp, Width),
    /// `d = a * b + c`, the low half.
    MultiplyAdd(Width),
    Shift(ShiftOp, Width),
    /// 32 to 64 bits.
    Widen {
        signed: bool,
    },
    /// 64 to 32 bits.
    Narrow,
    /// The upper 32 of 64 bits.
    Upper,
    /// 64 bits of two registers of 32, `a` the lower.
    Pack,
    /// The lowest bits as a number of 32.
    Extend {
        from: Width,
        bits: u8,
        signed: bool,
    },
    /// `d = a >> shift & mask`
    Extract {
        shift: u8,
        mask: u32,
    },
    /// The bits `field` of `a << shift`, and all others of `b`.
    Insert {
        shift: u8,
        field: u32,
    },
    /// `prmt` with the selector in `imm`, none of whose digits asks for signs.
    Permute(u16),
    /// `d = a * b` of 32 bits each into 64; with `c` added if `adds`.
    MultiplyWide {
        signed: bool,
        adds: bool,
    },
    Float(FloatOp),
    /// `d = a * b + c` in single precision, rounded once.
    Fma,
    /// `s32` to `f32`, rounded to nearest.
    FloatOfSigned,
    /// `d = a / b` of unsigned numbers of 32 bits; all ones where `b` is zero.
    Divide,
    /// In double precision, rounded to nearest. (Which NaN `fma` returns of several is the closure's matter.)
    Double(FloatOp),
    /// The sign of a floating point number: the other one, or none.
    Sign {
        width: Width,
        negates: bool,
    },
    /// `f32` to `f64`.
    ToDouble,
    /// A number of 64 bits to `f64`, rounded to nearest.
    DoubleOfWide {
        signed: bool,
    },
    /// `d = a / b` in single precision, by way of double precision.
    Quotient,
    /// `b` with the sign of `a`.
    CopySign(Width),
    /// `f64` to `f32`, rounded to nearest.
    ToSingle,
    /// On predicates, `imm` says which sources are complemented.
    Logic(LogicOp),
    /// The predicate `d = a relation b`.
    Compare(Relation, Compared),
    /// `d = c ? a : b`, where `c` is a predicate.
    Select(Width),
    Load(Access),
    /// Two or four elements a lane, with the list of a vector load.
    LoadVector(Access, u8),
    Store(Access),
    /// Two or four elements a lane, with the list of a vector store.
    StoreVector(Access, u8),
    /// `shfl`, with the list of its op.
    Shuffle(Shuffle),
    /// `[a] += b` of 32 bits in shared memory, which returns what was there unless nobody wants it.
    AddShared,
    /// `[a] += b` in global memory, whose result nobody wants.
    AddGlobal(Width),
    /// `bra`, under a guard or not; only at the end of a unit.
    Branch,
}

impl Template {
    /// Whether what it reads and writes is noted in the unit's list.
    pub(in crate::exec) fn is_listed(self) -> bool {
        matches!(
            self,
            Self::Call
                | Self::LoadVector(..)
                | Self::StoreVector(..)
                | Self::Shuffle(_)
                | Self::AddShared
                | Self::AddGlobal(_)
        )
    }

    /// Whether there is anything to gain from compiling it.
    pub(in crate::exec) fn is_known(self) -> bool {
        self != Self::Call
    }
}
