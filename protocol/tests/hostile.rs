//! Random, cut and inflated bytes are refused: no decoder panics, and none allocates by a number it was
//! told.

use proptest::collection::vec;
use proptest::prelude::*;
use rigel_protocol::control::{ClientMessage, ServerMessage, decode};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::generated::types::*;
use rigel_protocol::link::image::{Linked, NamedLinkHead, get_inputs};
use rigel_protocol::link::launch::get_launch;
use rigel_protocol::link::{
    ArenaMap, ContextBegin, FunctionRow, HostCall, HostRegister, ImageHead, LaunchHost, LinkHead,
    Loaded, NamedHead, Notice, Payload, Reply, WireCopy, WireCopy3d, WireFill, context_of_word,
    context_word,
};
use rigel_protocol::wire::{Get, Put, WireError};

/// Everything that reads a peer's bytes. Results do not matter; coming back does.
fn decode_all(bytes: &[u8]) {
    let get = || Get::new(bytes);
    let _ = WireCopy::get(&mut get());
    let _ = WireCopy3d::get(&mut get());
    let _ = get().get::<WireFill>();
    let _ = get_launch(&mut get());
    let _ = get().get::<LaunchHost>();
    let _ = get().get::<HostCall>();
    let _ = ImageHead::get(&mut get());
    let _ = LinkHead::get(&mut get());
    let _ = Linked::get(&mut get());
    let _ = get_inputs(bytes);
    let _ = get().get::<NamedHead>();
    let _ = get().get::<NamedLinkHead>();
    let _ = get().get::<Loaded>();
    let _ = get().get::<FunctionRow>();
    let _ = get().get::<Reply>();
    let _ = get().get::<Notice>();
    let _ = get().get::<ContextBegin>();
    let _ = get().get::<ArenaMap>();
    let _ = get().get::<HostRegister>();
    let _ = Payload::get(&mut get());
    let _ = get().get::<CUmemPoolProps>();
    let _ = get().get::<CUmemAllocationProp>();
    let _ = get().get::<CUstreamBatchMemOpParams>();
    let _ = get().list::<CUmemAccessDesc>();
    let _ = get().cstring();
    let _ = decode::<ClientMessage>(bytes);
    let _ = decode::<ServerMessage>(bytes);
}

proptest! {
    #[test]
    fn random_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..512)) {
        decode_all(&bytes);
    }

    #[test]
    fn bytes_with_large_counts_are_refused(at in 0_usize..64, mut bytes in vec(any::<u8>(), 68..256)) {
        bytes[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        decode_all(&bytes);
    }

    #[test]
    fn any_number_of_a_call_has_a_name_or_none(id: u16) {
        let known = Call::ALL.contains(&Call(id));
        prop_assert_eq!(Call(id).name().is_some(), known);
    }

    #[test]
    fn any_context_word_is_a_handle(word: u32) {
        prop_assert_eq!(context_word(context_of_word(word)), Some(word));
    }
}

#[test]
fn launch_with_too_many_attributes_is_refused() {
    let mut put = Put::new();
    put.raw(&[0; 8 + 12 + 12 + 4 + 8 + 1]);
    put.put(&65_u32);
    put.raw(&[0; 65 * 68 + 4]);
    assert!(matches!(
        get_launch(&mut Get::new(put.as_slice())),
        Err(WireError::ListTooLong(65))
    ));
}

#[test]
fn notice_without_an_error_is_refused() {
    let mut put = Put::new();
    put.put(&0xf007_u16);
    put.put(&0_i32);
    assert!(Get::new(put.as_slice()).get::<Notice>().is_err());
}

#[test]
fn fill_with_an_element_of_three_bytes_is_refused() {
    let mut put = Put::new();
    put.raw(&[0; 20]);
    put.put(&3_u8);
    put.raw(&[0; 25]);
    assert!(Get::new(put.as_slice()).get::<WireFill>().is_err());
}
