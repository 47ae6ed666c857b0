//! Matrix products of a warp: `mma` and `wmma`. Read [`Plan`] and [`multiply`].
//!
//! Products and sums of 8- and 16-bit floats and of `tf32` are computed in single precision, each product
//! fused to the sum in order of `k`; PTX leaves the order open. A fragment of `wmma` is opaque to
//! programs: here lane `l` holds the `l`-th part of the elements in row-major order.

mod sparse;
mod transfer;

pub(super) use transfer::transfer;

use super::{
    float8::{E4M3, E5M2},
    half::{Bf16, F16, Half},
    lower::Rounding,
    op::{Flow, Op, Slot, lanes},
    soft,
    warp::Warp,
};

/// What the elements of a matrix are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Kind {
    F16,
    Bf16,
    Tf32,
    F32,
    F64,
    S32,
    S8,
    U8,
    S4,
    U4,
    E4m3,
    E5m2,
    /// 32 bits of a row of `.b1` elements; products count bits of `xor`.
    Xor,
    /// The same; products count bits of `and`.
    And,
}

impl Kind {
    fn of(code: u32) -> Self {
        const ALL: [Kind; 14] = [
            Kind::F16,
            Kind::Bf16,
            Kind::Tf32,
            Kind::F32,
            Kind::F64,
            Kind::S32,
            Kind::S8,
            Kind::U8,
            Kind::S4,
            Kind::U4,
            Kind::E4m3,
            Kind::E5m2,
            Kind::Xor,
            Kind::And,
        ];
        ALL[code as usize]
    }

    fn bits(self) -> u32 {
        match self {
            Kind::F64 => 64,
            Kind::F32 | Kind::Tf32 | Kind::S32 | Kind::Xor | Kind::And => 32,
            Kind::F16 | Kind::Bf16 => 16,
            Kind::S8 | Kind::U8 | Kind::E4m3 | Kind::E5m2 => 8,
            Kind::S4 | Kind::U4 => 4,
        }
    }

    /// Elements in one register.
    pub(super) fn packed(self) -> usize {
        32usize.div_ceil(self.bits() as usize)
    }

    fn is_integer(self) -> bool {
        matches!(self, Kind::S32 | Kind::S8 | Kind::U8 | Kind::S4 | Kind::U4)
    }
}

/// How a product is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) m: usize,
    pub(super) n: usize,
    pub(super) k: usize,
    pub(super) a: Kind,
    pub(super) b: Kind,
    pub(super) c: Kind,
    pub(super) d: Kind,
    /// Fragments of `wmma` rather than of `mma`.
    pub(super) opaque: bool,
    /// `.satfinite`: integers are clamped, infinities become the largest number.
    pub(super) saturate: bool,
    /// How sums of doubles are rounded: nearest, to zero, down, up.
    pub(super) rounding: u32,
    /// 0, or 1 and the selector if half of each row of `a` is left out.
    pub(super) sparse: u32,
}

/// Words of a plan.
const PLAN_WORDS: usize = 11;

impl Plan {
    /// Columns of `a` that there are elements of.
    pub(super) fn kept(self) -> usize {
        match self.sparse {
            0 => self.k,
            _ => self.k / 2,
        }
    }

    /// As words of a list.
    pub(super) fn words(self) -> [u32; PLAN_WORDS] {
        [
            self.m as u32,
            self.n as u32,
            self.k as u32,
            self.a as u32,
            self.b as u32,
            self.c as u32,
            self.d as u32,
            u32::from(self.opaque),
            u32::from(self.saturate),
            self.rounding,
            self.sparse,
        ]
    }

    fn from_words(words: &[u32]) -> Self {
        Self {
            m: words[0] as usize,
            n: words[1] as usize,
            k: words[2] as usize,
            a: Kind::of(words[3]),
            b: Kind::of(words[4]),
            c: Kind::of(words[5]),
            d: Kind::of(words[6]),
            opaque: words[7] != 0,
            saturate: words[8] != 0,
            rounding: words[9],
            sparse: words[10],
        }
    }
}

/// Which of the three matrices a fragment belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// `m` rows, `k` columns.
    A,
    /// `k` rows, `n` columns.
    B,
    /// `m` rows, `n` columns: addend and result.
    C,
}

/// Row and column of element `part` of register `reg` of `lane`.
fn place(side: Side, kind: Kind, reg: usize, part: usize, lane: usize) -> (usize, usize) {
    let (group, thread) = (lane / 4, lane % 4);
    let packed = kind.packed();
    match side {
        Side::A => (
            group + 8 * (reg & 1),
            thread * packed + 4 * packed * (reg >> 1) + part,
        ),
        Side::B => (thread * packed + 4 * packed * reg + part, group),
        Side::C if packed == 2 => (group + 8 * reg, thread * 2 + part),
        Side::C => (group + 8 * (reg >> 1), thread * 2 + (reg & 1)),
    }
}

/// Place of the `index`-th element that `lane` holds of an opaque fragment.
fn opaque_place(columns: usize, per_lane: usize, lane: usize, index: usize) -> (usize, usize) {
    let linear = lane * per_lane + index;
    (linear / columns, linear % columns)
}

/// A matrix in row-major order; `N` is the most elements of any shape.
struct Matrix<T, const N: usize> {
    columns: usize,
    values: [T; N],
}

/// Most elements of a matrix: `m16n8k64` and `m32n8k16`.
const ELEMENTS_MAX: usize = 1024;

impl<T: Copy + Default> Matrix<T, ELEMENTS_MAX> {
    fn new(columns: usize) -> Self {
        Self {
            columns,
            values: [T::default(); ELEMENTS_MAX],
        }
    }

    fn set(&mut self, (row, column): (usize, usize), value: T) {
        self.values[(row * self.columns + column) % ELEMENTS_MAX] = value;
    }

    fn get(&self, (row, column): (usize, usize)) -> T {
        self.values[(row * self.columns + column) % ELEMENTS_MAX]
    }
}

/// A number that products are computed in.
trait Number: Copy + Default {
    /// Element `part` of a register.
    fn decode(kind: Kind, word: u64, part: usize) -> Self;
    /// The bits of an element.
    fn encode(self, kind: Kind) -> u64;
    /// `self + a * b`
    fn fused(self, a: Self, b: Self) -> Self;
}

impl Number for f32 {
    #[inline(always)]
    fn decode(kind: Kind, word: u64, part: usize) -> Self {
        let half = (word >> (16 * part)) as u16;
        match kind {
            Kind::F16 => F16(half).wide(),
            Kind::Bf16 => Bf16(half).wide(),
            Kind::Tf32 => f32::from_bits(word as u32 & 0xFFFF_E000),
            Kind::E4m3 => E4M3.wide((word >> (8 * part)) as u8),
            Kind::E5m2 => E5M2.wide((word >> (8 * part)) as u8),
            _ => f32::from_bits(word as u32),
        }
    }

    fn encode(self, kind: Kind) -> u64 {
        match kind {
            Kind::F16 => u64::from(F16::near(self).0),
            Kind::Bf16 => u64::from(Bf16::near(self).0),
            _ => u64::from(super::math::canon(self).to_bits()),
        }
    }

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        a.mul_add(b, self)
    }
}

impl Number for f64 {
    fn decode(_: Kind, word: u64, _: usize) -> Self {
        f64::from_bits(word)
    }

    fn encode(self, _: Kind) -> u64 {
        self.to_bits()
    }

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        a.mul_add(b, self)
    }
}

/// A double whose sums are rounded to zero, down or up.
#[derive(Debug, Clone, Copy, Default)]
struct Directed<const MODE: u32>(f64);

impl<const MODE: u32> Number for Directed<MODE> {
    fn decode(_: Kind, word: u64, _: usize) -> Self {
        Self(f64::from_bits(word))
    }

    fn encode(self, _: Kind) -> u64 {
        self.0.to_bits()
    }

    fn fused(self, a: Self, b: Self) -> Self {
        let rounding = match MODE {
            1 => Rounding::Zero,
            2 => Rounding::Down,
            _ => Rounding::Up,
        };
        let [a, b, c] = [a, b, self].map(|value| value.0.to_bits());
        Self(f64::from_bits(soft::fma(soft::F64, a, b, c, rounding)))
    }
}

/// A sum, or 32 one-bit elements.
#[derive(Debug, Clone, Copy, Default)]
struct Bits<const AND: bool>(u32);

impl<const AND: bool> Number for Bits<AND> {
    fn decode(_: Kind, word: u64, _: usize) -> Self {
        Self(word as u32)
    }

    fn encode(self, _: Kind) -> u64 {
        u64::from(self.0)
    }

    fn fused(self, a: Self, b: Self) -> Self {
        let both = if AND { a.0 & b.0 } else { a.0 ^ b.0 };
        Self(self.0.wrapping_add(both.count_ones()))
    }
}

/// Sums of small integers fit 64 bits before they are cut or clamped to 32.
impl Number for i64 {
    fn decode(kind: Kind, word: u64, part: usize) -> Self {
        let bits = kind.bits();
        let field = word >> (bits as usize * part) & ((1 << bits) - 1);
        let unused = 64 - bits;
        match kind {
            Kind::U8 | Kind::U4 => field as i64,
            _ => (field as i64) << unused >> unused,
        }
    }

    fn encode(self, _: Kind) -> u64 {
        u64::from(self as u32)
    }

    #[inline(always)]
    fn fused(self, a: Self, b: Self) -> Self {
        self + a * b
    }
}

/// `d = a * b + c`: the list holds the plan, then for `d`, `a`, `b`, `c` the number of registers and the
/// registers; then the metadata's register if `a` is sparse.
pub(super) fn multiply(w: &mut Warp, op: &Op) -> Flow {
    let list = w.list(op.ext);
    let plan = Plan::from_words(list);
    let rest = &list[PLAN_WORDS..];
    match (plan.a, plan.rounding) {
        (Kind::F64, 0) => product::<f64>(w, op, plan, rest),
        (Kind::F64, 1) => product::<Directed<1>>(w, op, plan, rest),
        (Kind::F64, 2) => product::<Directed<2>>(w, op, plan, rest),
        (Kind::F64, _) => product::<Directed<3>>(w, op, plan, rest),
        (Kind::Xor, _) => product::<Bits<false>>(w, op, plan, rest),
        (Kind::And, _) => product::<Bits<true>>(w, op, plan, rest),
        (kind, _) if kind.is_integer() => product::<i64>(w, op, plan, rest),
        _ => product::<f32>(w, op, plan, rest),
    }
}

fn product<T: Number + Finish>(w: &mut Warp, op: &Op, plan: Plan, list: &[u32]) -> Flow {
    let (d, rest) = take(list);
    let (a, rest) = take(rest);
    let (b, rest) = take(rest);
    let (c, rest) = take(rest);
    let Plan { m, n, k, .. } = plan;
    let kept = plan.kept();
    let metadata = (plan.sparse != 0).then(|| *w.row::<u32>(Slot(rest[0])));
    let left = gather::<T>(w, plan, (Side::A, plan.a), (m, kept), a);
    let right = gather::<T>(w, plan, (Side::B, plan.b), (k, n), b);
    let mut sum = gather::<T>(w, plan, (Side::C, plan.c), (m, n), c);
    for row in 0..m {
        let indices = metadata
            .as_ref()
            .map(|words| sparse::indices(plan, words, row));
        for at in 0..kept {
            let factor = left.values[row * kept + at];
            let inner = indices.map_or(at, |indices| sparse::column(plan.a, indices, at));
            let from = &right.values[inner * n..inner * n + n];
            let to = &mut sum.values[row * n..row * n + n];
            for (to, from) in to.iter_mut().zip(from) {
                *to = to.fused(factor, *from);
            }
        }
    }
    if plan.saturate {
        for value in &mut sum.values[..m * n] {
            *value = value.clamped(plan.d);
        }
    }
    let mask = w.mask(op);
    scatter(w, plan, (m, n), d, (&sum, mask));
    Flow::Next
}

/// `.satfinite`.
trait Finish: Sized {
    fn clamped(self, _: Kind) -> Self {
        self
    }
}

impl Finish for f32 {
    /// Not a number becomes 0, as the manual has it for the one form that saturates floats.
    fn clamped(self, kind: Kind) -> Self {
        let largest = if kind == Kind::F16 { 65504.0 } else { f32::MAX };
        if self.is_nan() {
            return 0.0;
        }
        self.clamp(-largest, largest)
    }
}

impl Finish for f64 {}

impl<const MODE: u32> Finish for Directed<MODE> {}

impl<const AND: bool> Finish for Bits<AND> {}

impl Finish for i64 {
    fn clamped(self, _: Kind) -> Self {
        self.clamp(i64::from(i32::MIN), i64::from(i32::MAX))
    }
}

/// A counted part of a list, and what follows it.
pub(super) fn take(list: &[u32]) -> (&[u32], &[u32]) {
    list[1..].split_at(list[0] as usize)
}

/// A register of one lane, 64 bits for doubles.
fn word(w: &Warp, kind: Kind, slot: u32, lane: usize) -> u64 {
    if kind == Kind::F64 {
        w.row::<u64>(Slot(slot))[lane]
    } else {
        u64::from(w.row::<u32>(Slot(slot))[lane])
    }
}

/// Where the elements of a fragment's register are.
fn spot(
    plan: Plan,
    (side, kind): (Side, Kind),
    (rows, columns): (usize, usize),
    (lane, reg, part): (usize, usize, usize),
) -> Option<(usize, usize)> {
    if !plan.opaque {
        return Some(place(side, kind, reg, part, lane));
    }
    let per_lane = rows * columns / 32;
    let index = reg * kind.packed() + part;
    (index < per_lane).then(|| opaque_place(columns, per_lane, lane, index))
}

/// A matrix from its fragments.
fn gather<T: Number>(
    w: &Warp,
    plan: Plan,
    (side, kind): (Side, Kind),
    (rows, columns): (usize, usize),
    regs: &[u32],
) -> Matrix<T, ELEMENTS_MAX> {
    let mut matrix = Matrix::new(columns);
    for (reg, slot) in regs.iter().enumerate() {
        for lane in 0..32 {
            let word = word(w, kind, *slot, lane);
            for part in 0..kind.packed() {
                let at = spot(plan, (side, kind), (rows, columns), (lane, reg, part));
                if let Some(at) = at {
                    matrix.set(at, T::decode(kind, word, part));
                }
            }
        }
    }
    matrix
}

/// Fragments of the result.
fn scatter<T: Number>(
    w: &mut Warp,
    plan: Plan,
    shape: (usize, usize),
    regs: &[u32],
    (matrix, mask): (&Matrix<T, ELEMENTS_MAX>, u32),
) {
    let kind = plan.d;
    for (reg, slot) in regs.iter().enumerate() {
        for lane in lanes(mask) {
            let mut word = 0;
            for part in 0..kind.packed() {
                if let Some(at) = spot(plan, (Side::C, kind), shape, (lane, reg, part)) {
                    word |= matrix.get(at).encode(kind) << (16 * part);
                }
            }
            if kind == Kind::F64 {
                w.row_mut::<u64>(Slot(*slot))[lane] = word;
            } else {
                w.row_mut::<u32>(Slot(*slot))[lane] = word as u32;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fragment_covers_its_matrix_once() {
        let check = |side, kind, regs: usize, rows: usize, columns: usize| {
            let mut seen = vec![0; rows * columns];
            for reg in 0..regs {
                for lane in 0..32 {
                    for part in 0..kind_packed(kind) {
                        let (row, column) = place(side, kind, reg, part, lane);
                        seen[row * columns + column] += 1;
                    }
                }
            }
            assert!(
                seen.iter().all(|n| *n == 1),
                "{side:?} {kind:?} {rows}x{columns}"
            );
        };
        fn kind_packed(kind: Kind) -> usize {
            kind.packed()
        }
        check(Side::A, Kind::F16, 4, 16, 16);
        check(Side::B, Kind::F16, 2, 16, 8);
        check(Side::A, Kind::Tf32, 4, 16, 8);
        check(Side::B, Kind::Tf32, 2, 8, 8);
        check(Side::A, Kind::S8, 4, 16, 32);
        check(Side::B, Kind::U4, 2, 64, 8);
        check(Side::C, Kind::F32, 4, 16, 8);
        check(Side::C, Kind::F16, 2, 16, 8);
        check(Side::A, Kind::F64, 1, 8, 4);
        check(Side::C, Kind::F64, 2, 8, 8);
    }
}
