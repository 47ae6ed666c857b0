//! Matrix operations of a warp. Read [`Lowering::matrix`].

use super::{
    form::Form,
    lowering::{Lowered, Lowering},
};
use crate::ptx::Instruction;

impl<'a> Lowering<'_, 'a> {
    /// `mma`, `ldmatrix` and the like.
    pub(super) fn matrix(&mut self, _: &Instruction<'a>, _: &mut Form<'a>) -> Lowered {
        Err("matrix operations are not known here".to_owned())
    }

    /// `cp.async` and `mbarrier`.
    pub(super) fn async_copy(&mut self, _: &Instruction<'a>, _: &mut Form<'a>) -> Lowered {
        Err("asynchronous copies are not known here".to_owned())
    }
}
