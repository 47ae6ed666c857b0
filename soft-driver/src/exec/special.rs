//! Special registers. Read [`node`].

use std::time::{SystemTime, UNIX_EPOCH};

use super::{
    lanes::by_cpu,
    lower::{Node, Often, Ref},
    op::{Flow, Op, OpFn, lanes},
    simd::Vectors,
    warp::Warp,
};
use crate::ptx::{Component, ScalarSpecial, SpecialReg};

/// What a special register holds, as `imm` of [`uniform`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum Uniform {
    Zero,
    One,
    NtidX,
    NtidY,
    NtidZ,
    CtaidX,
    CtaidY,
    CtaidZ,
    NctaidX,
    NctaidY,
    NctaidZ,
    Warpid,
    Nwarpid,
    Smid,
    Nsmid,
    Clock,
    ClockHigh,
    TimerLow,
    TimerHigh,
    SharedTotal,
    SharedDynamic,
    WorkspaceLow,
    WorkspaceHigh,
}

/// What a 64-bit special register holds, as `imm` of [`uniform_wide`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
enum Wide {
    Zero,
    Grid,
    Clock,
    Timer,
}

/// Values that depend on the lane, as `imm` of [`by_lane`].
const LANE_ID: u64 = 3;
const LANE_EQ: u64 = 4;
const LANE_LE: u64 = 5;
const LANE_LT: u64 = 6;
const LANE_GE: u64 = 7;
const LANE_GT: u64 = 8;

/// Whether the register has 64 bits.
pub(super) fn is_wide(special: SpecialReg) -> bool {
    use ScalarSpecial as S;
    matches!(
        special,
        SpecialReg::Pm64(_)
            | SpecialReg::Scalar(S::Clock64 | S::Globaltimer | S::Gridid | S::CurrentGraphExec)
    )
}

/// An op that writes the register to `d`, 32 or 64 bits as [`is_wide`] says.
pub(super) fn node(special: SpecialReg, d: Ref) -> Result<Node, String> {
    use ScalarSpecial as S;
    if is_wide(special) {
        let value = match special {
            SpecialReg::Scalar(S::Clock64) => Wide::Clock,
            SpecialReg::Scalar(S::Globaltimer) => Wide::Timer,
            SpecialReg::Scalar(S::Gridid) => Wide::Grid,
            _ => Wide::Zero,
        };
        return Ok(Node::new(by_cpu!(uniform_wide, [], []))
            .d(d)
            .imm(value as u64)
            .often(Often::Here));
    }
    let lane = match special {
        SpecialReg::Tid(Component::X) => Some(0),
        SpecialReg::Tid(Component::Y) => Some(1),
        SpecialReg::Tid(Component::Z) => Some(2),
        SpecialReg::Scalar(S::Laneid) => Some(LANE_ID),
        SpecialReg::Scalar(S::LanemaskEq) => Some(LANE_EQ),
        SpecialReg::Scalar(S::LanemaskLe) => Some(LANE_LE),
        SpecialReg::Scalar(S::LanemaskLt) => Some(LANE_LT),
        SpecialReg::Scalar(S::LanemaskGe) => Some(LANE_GE),
        SpecialReg::Scalar(S::LanemaskGt) => Some(LANE_GT),
        _ => None,
    };
    if let Some(lane) = lane {
        return Ok(Node::new(by_cpu!(by_lane, [], []))
            .d(d)
            .imm(lane)
            .often(Often::Here));
    }
    let value = uniform_of(special).ok_or("the special register is not known here")?;
    let often = match value {
        Uniform::Zero | Uniform::One => Often::Launch,
        Uniform::NtidX | Uniform::NtidY | Uniform::NtidZ => Often::Launch,
        Uniform::NctaidX | Uniform::NctaidY | Uniform::NctaidZ => Often::Launch,
        Uniform::CtaidX | Uniform::CtaidY | Uniform::CtaidZ => Often::Block,
        _ => Often::Here,
    };
    let node = Node::new(by_cpu!(uniform, [], [])).d(d);
    Ok(node.imm(value as u64).often(often))
}

/// Clusters have one block: a cluster's number is the block's.
fn uniform_of(special: SpecialReg) -> Option<Uniform> {
    use Component::{All, W, X, Y, Z};
    use ScalarSpecial as S;
    use SpecialReg as R;
    Some(match special {
        R::Ntid(X) => Uniform::NtidX,
        R::Ntid(Y) => Uniform::NtidY,
        R::Ntid(Z) => Uniform::NtidZ,
        R::Ctaid(X) | R::Clusterid(X) => Uniform::CtaidX,
        R::Ctaid(Y) | R::Clusterid(Y) => Uniform::CtaidY,
        R::Ctaid(Z) | R::Clusterid(Z) => Uniform::CtaidZ,
        R::Nctaid(X) | R::Nclusterid(X) => Uniform::NctaidX,
        R::Nctaid(Y) | R::Nclusterid(Y) => Uniform::NctaidY,
        R::Nctaid(Z) | R::Nclusterid(Z) => Uniform::NctaidZ,
        R::ClusterNctaid(X | Y | Z) | R::Scalar(S::ClusterNctarank) => Uniform::One,
        R::Ntid(W) | R::Nctaid(W) | R::Nclusterid(W) | R::ClusterNctaid(W) => Uniform::Zero,
        R::Ctaid(W) | R::Clusterid(W) | R::Tid(W) | R::ClusterCtaid(W | X | Y | Z) => Uniform::Zero,
        R::Scalar(S::ClusterCtarank | S::IsExplicitCluster) => Uniform::Zero,
        R::Scalar(S::Warpid) => Uniform::Warpid,
        R::Scalar(S::Nwarpid) => Uniform::Nwarpid,
        R::Scalar(S::Smid) => Uniform::Smid,
        R::Scalar(S::Nsmid) => Uniform::Nsmid,
        R::Scalar(S::Clock) => Uniform::Clock,
        R::Scalar(S::ClockHi) => Uniform::ClockHigh,
        R::Scalar(S::GlobaltimerLo) => Uniform::TimerLow,
        R::Scalar(S::GlobaltimerHi) => Uniform::TimerHigh,
        R::Scalar(S::TotalSmemSize | S::AggrSmemSize) => Uniform::SharedTotal,
        R::Scalar(S::DynamicSmemSize) => Uniform::SharedDynamic,
        // Two of the driver's registers hold the address of the grid's workspace.
        R::Envreg(1) => Uniform::WorkspaceHigh,
        R::Envreg(2) => Uniform::WorkspaceLow,
        R::Scalar(_) | R::Envreg(_) | R::Pm(_) => Uniform::Zero,
        R::Tid(_) | R::Pm64(_) => return None,
        R::Ntid(All) | R::Ctaid(All) | R::Nctaid(All) | R::Clusterid(All) => return None,
        R::Nclusterid(All) | R::ClusterCtaid(All) | R::ClusterNctaid(All) => return None,
    })
}

#[inline(always)]
fn by_lane<V: Vectors>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let mut row = [0u32; 32];
    match op.imm {
        component @ 0..=2 => row = w.tid[component as usize],
        kind => {
            for (lane, value) in (0u32..).zip(&mut row) {
                let bit = 1u32 << lane;
                *value = match kind {
                    LANE_EQ => bit,
                    LANE_LE => bit | (bit - 1),
                    LANE_LT => bit - 1,
                    LANE_GE => !(bit - 1),
                    LANE_GT => !(bit | (bit - 1)),
                    _ => lane,
                };
            }
        }
    }
    w.commit_by::<V, _>(op.d, &row, mask);
    Flow::Next
}

#[inline(always)]
fn uniform<V: Vectors>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let value = uniform_value(w, op.imm);
    w.commit_by::<V, _>(op.d, &[value; 32], mask);
    Flow::Next
}

fn uniform_value(w: &mut Warp, kind: u64) -> u32 {
    let index = w.index;
    let block = w.block();
    let context = &block.context;
    let shape = &context.shape;
    let component = |first: Uniform| (kind - first as u64) as usize;
    match kind {
        k if k == Uniform::One as u64 => 1,
        k if (Uniform::NtidX as u64..=Uniform::NtidZ as u64).contains(&k) => {
            shape.block[component(Uniform::NtidX)]
        }
        k if (Uniform::CtaidX as u64..=Uniform::CtaidZ as u64).contains(&k) => {
            block.ctaid[component(Uniform::CtaidX)]
        }
        k if (Uniform::NctaidX as u64..=Uniform::NctaidZ as u64).contains(&k) => {
            shape.grid[component(Uniform::NctaidX)]
        }
        k if k == Uniform::Warpid as u64 => index,
        k if k == Uniform::Nwarpid as u64 => 32,
        k if k == Uniform::Smid as u64 => block.ctaid[0] % context.env.n_multiprocessors.max(1),
        k if k == Uniform::Nsmid as u64 => context.env.n_multiprocessors,
        k if k == Uniform::Clock as u64 => clock() as u32,
        k if k == Uniform::ClockHigh as u64 => (clock() >> 32) as u32,
        k if k == Uniform::TimerLow as u64 => timer() as u32,
        k if k == Uniform::TimerHigh as u64 => (timer() >> 32) as u32,
        k if k == Uniform::SharedTotal as u64 => block.shared_bytes,
        k if k == Uniform::SharedDynamic as u64 => shape.dynamic_shared_bytes,
        k if k == Uniform::WorkspaceLow as u64 => context.env.grid_workspace as u32,
        k if k == Uniform::WorkspaceHigh as u64 => (context.env.grid_workspace >> 32) as u32,
        _ => 0,
    }
}

#[inline(always)]
fn uniform_wide<V: Vectors>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let value = match op.imm {
        k if k == Wide::Clock as u64 => clock(),
        k if k == Wide::Timer as u64 => timer(),
        k if k == Wide::Grid as u64 => w.block().context.env.grid_id,
        _ => 0,
    };
    w.commit_by::<V, _>(op.d, &[value; 32], mask);
    Flow::Next
}

/// Nanoseconds since 1970.
fn timer() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| since.as_nanos() as u64)
}

/// The clock runs at 1 GHz.
fn clock() -> u64 {
    timer()
}

/// `d` = offset `imm` of the current frame in local memory.
pub(super) fn frame_address() -> OpFn {
    by_cpu!(frame_address_body, [], [])
}

#[inline(always)]
fn frame_address_body<V: Vectors>(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let address = u64::from(w.local_offset).wrapping_add(op.imm);
    w.commit_by::<V, _>(op.d, &[address; 32], mask);
    Flow::Next
}

/// `d` = whether the row `a` is one of the addresses in the list at `ext`, which starts with their number;
/// each is its lower, then its upper half.
pub(super) fn is_one_of(w: &mut Warp, op: &Op) -> Flow {
    let mask = w.mask(op);
    let list = w.list(op.ext);
    let halves = &list[1..=2 * list[0] as usize];
    let addresses = *w.row::<u64>(op.a);
    let mut found = 0;
    for lane in lanes(mask) {
        let parts = [addresses[lane] as u32, (addresses[lane] >> 32) as u32];
        let is_one = halves.chunks_exact(2).any(|place| place == parts);
        found |= u32::from(is_one) << lane;
    }
    w.commit_pred(op.d, found, mask);
    Flow::Next
}
