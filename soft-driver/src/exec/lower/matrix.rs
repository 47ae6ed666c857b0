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
}
