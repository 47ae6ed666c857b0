//! Which op loads or stores an element, by its type, its register and the space. Read [`load_op`].

use super::{
    code::Class,
    memory::{Address, Room, by_room},
};
use crate::exec::{
    access::{Element, load, load_param, load_param_at, store},
    access_vector::{load_vector, store_vector},
    lanes::Raw,
    memory::{Generic, Global, Shared, Space},
    op::OpFn,
};
use crate::ptx::{ScalarType as T, TypeKind};

/// Picks `$f::<S, A, element, raw>` by type and class.
macro_rules! by_element {
    ($address:expr, $ty:expr, $class:expr, |$space:ident, $width:ident, $element:ident, $raw:ident|
        $body:expr) => {{
        let signed = $ty.kind() == TypeKind::Signed;
        by_room!($address, |$space, $width| match ($ty.size_bits(), signed, $class) {
            (8, false, Class::W32) => by_element!(@ u8, u32, $element, $raw, $body),
            (8, true, Class::W32) => by_element!(@ i8, u32, $element, $raw, $body),
            (16, false, Class::W32) => by_element!(@ u16, u32, $element, $raw, $body),
            (16, true, Class::W32) => by_element!(@ i16, u32, $element, $raw, $body),
            (32, _, Class::W32) => by_element!(@ u32, u32, $element, $raw, $body),
            (8, false, Class::W64) => by_element!(@ u8, u64, $element, $raw, $body),
            (8, true, Class::W64) => by_element!(@ i8, u64, $element, $raw, $body),
            (16, false, Class::W64) => by_element!(@ u16, u64, $element, $raw, $body),
            (16, true, Class::W64) => by_element!(@ i16, u64, $element, $raw, $body),
            (32, false, Class::W64) => by_element!(@ u32, u64, $element, $raw, $body),
            (32, true, Class::W64) => by_element!(@ i32, u64, $element, $raw, $body),
            (64, _, Class::W64) => by_element!(@ u64, u64, $element, $raw, $body),
            _ => None,
        })
    }};
    (@ $from:ident, $reg:ident, $element:ident, $raw:ident, $body:expr) => {{
        type $element = $from;
        type $raw = $reg;
        Some($body)
    }};
}

/// A load of one element.
pub(super) fn load_op(address: &Address, ty: T, class: Class) -> Option<OpFn> {
    by_element!(address, ty, class, |S, A, M, R| load::<S, A, M, R>())
}

pub(super) fn store_op(address: &Address, ty: T, class: Class) -> Option<OpFn> {
    by_element!(address, ty, class, |S, A, M, R| store::<S, A, M, R>())
}

/// A loader of vectors with elements of one kind, by number of elements.
fn vector_loader<S, A, M, R>(count: usize) -> Option<OpFn>
where
    S: Space,
    A: Raw,
    M: Element<R>,
    R: Raw,
{
    Some(match count {
        2 => load_vector::<S, A, M, R, 2>(),
        4 => load_vector::<S, A, M, R, 4>(),
        8 if size_of::<M>() <= 4 => load_vector::<S, A, M, R, 8>(),
        _ => return None,
    })
}

fn vector_storer<S, A, M, R>(count: usize) -> Option<OpFn>
where
    S: Space,
    A: Raw,
    M: Element<R>,
    R: Raw,
{
    Some(match count {
        2 => store_vector::<S, A, M, R, 2>(),
        4 => store_vector::<S, A, M, R, 4>(),
        8 if size_of::<M>() <= 4 => store_vector::<S, A, M, R, 8>(),
        _ => return None,
    })
}

pub(super) fn load_vector_op(address: &Address, ty: T, class: Class, count: usize) -> Option<OpFn> {
    by_element!(
        address,
        ty,
        class,
        |S, A, M, R| vector_loader::<S, A, M, R>(count)
    )
    .flatten()
}

pub(super) fn store_vector_op(
    address: &Address,
    ty: T,
    class: Class,
    count: usize,
) -> Option<OpFn> {
    by_element!(
        address,
        ty,
        class,
        |S, A, M, R| vector_storer::<S, A, M, R>(count)
    )
    .flatten()
}

/// Picks `$f::<element, raw>` by type and class.
macro_rules! by_param {
    ($ty:expr, $class:expr, $f:ident) => {{
        let signed = $ty.kind() == TypeKind::Signed;
        Some(match ($ty.size_bits(), signed, $class) {
            (8, false, Class::W32) => $f::<u8, u32>(),
            (8, true, Class::W32) => $f::<i8, u32>(),
            (16, false, Class::W32) => $f::<u16, u32>(),
            (16, true, Class::W32) => $f::<i16, u32>(),
            (32, _, Class::W32) => $f::<u32, u32>(),
            (8, false, Class::W64) => $f::<u8, u64>(),
            (8, true, Class::W64) => $f::<i8, u64>(),
            (16, false, Class::W64) => $f::<u16, u64>(),
            (16, true, Class::W64) => $f::<i16, u64>(),
            (32, false, Class::W64) => $f::<u32, u64>(),
            (32, true, Class::W64) => $f::<i32, u64>(),
            (64, _, Class::W64) => $f::<u64, u64>(),
            _ => return None,
        })
    }};
}

/// A load of a kernel's parameter, at an offset that the instruction names.
pub(super) fn param_op(ty: T, class: Class) -> Option<OpFn> {
    by_param!(ty, class, load_param)
}

/// The same, at an offset that a register holds.
pub(super) fn param_at_op(ty: T, class: Class) -> Option<OpFn> {
    by_param!(ty, class, load_param_at)
}
