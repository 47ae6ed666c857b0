//! A peer that writes anything anywhere into the shared block: the other side answers with an error or a
//! nonsense record, and never panics, hangs or leaves the block.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use proptest::prelude::*;
use rigel_transport::{
    BulkChunk, Layout, Patience, RecordHead, RingError, SessionMemory, TransportError,
};

const SIZES: [u32; 4] = [4096, 8192, 4096, 8192];

/// Where `lib.rs` says that things are.
const RELEASED: u64 = 0;
const CLOSED_CLIENT: u64 = 0x600;
const STAMPS: u64 = 4096;
const RINGS: u64 = 4096 + 4 * 4096;

fn layout() -> Layout {
    Layout::new(SIZES).unwrap()
}

/// A victim's memory and the attacker's file of it.
fn victim() -> (std::sync::Arc<SessionMemory>, File) {
    let (memory, fd) = SessionMemory::create_memfd(&layout()).unwrap();
    (memory, File::from(fd))
}

fn brief() -> Patience<'static> {
    Patience::within(Duration::from_millis(1))
}

/// Reads everything there is, as a worker would.
fn drain(memory: &std::sync::Arc<SessionMemory>) {
    let mut end = memory.worker().unwrap();
    for _ in 0..1000 {
        match end.command.next() {
            Ok(Some(record)) => {
                assert!(record.payload.len() <= SIZES[0] as usize / 4);
                assert_eq!(record.payload.copy_out().len(), record.payload.len());
            }
            Ok(None) => break,
            Err(RingError::Corrupt { .. }) => break,
            Err(error) => panic!("{error}"),
        }
    }
    for _ in 0..1000 {
        match end.upload.next() {
            Ok(Some(record)) => {
                if let Some(chunk) = BulkChunk::of(&record) {
                    assert!(chunk.bytes.len() <= SIZES[1] as usize / 4);
                }
                drop(record.hold());
            }
            Ok(None) | Err(_) => break,
        }
    }
    // The victim's own writes meet whatever `released` says.
    for _ in 0..100 {
        match end
            .reply
            .send(RecordHead::default(), &[&[1; 100]], &brief())
        {
            Ok(_) => {}
            Err(RingError::Timeout | RingError::Corrupt { .. } | RingError::Closed(_)) => break,
            Err(error) => panic!("{error}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_bytes_in_the_whole_block_do_no_harm(seed in any::<u64>(), density in 1u64..64) {
        let (memory, file) = victim();
        let mut state = seed | 1;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let mut bytes = vec![0; layout().total_bytes()];
        file.read_exact_at(&mut bytes, 0).unwrap();
        for word in bytes.chunks_exact_mut(4) {
            if random() % density == 0 {
                let value = if random() % 2 == 0 { random() as u32 % 2048 } else { random() as u32 };
                word.copy_from_slice(&value.to_le_bytes());
            }
        }
        file.write_all_at(&bytes, 0).unwrap();
        drain(&memory);
    }

    #[test]
    fn published_records_with_random_heads_do_no_harm(
        heads in proptest::collection::vec((any::<u32>(), any::<u16>(), 0u32..3), 1..64),
    ) {
        let (memory, file) = victim();
        for (granule, (len, op, kind)) in heads.iter().enumerate() {
            let len = match kind {
                0 => *len,
                1 => *len % 1100,
                _ => *len % 64,
            };
            let op = if kind % 2 == 0 { *op } else { 0xffff };
            let head = RecordHead { op, ..RecordHead::default() }.encode(len);
            file.write_all_at(&head, RINGS + 64 * granule as u64).unwrap();
            file.write_all_at(&1u32.to_le_bytes(), STAMPS + 4 * granule as u64).unwrap();
        }
        drain(&memory);
    }
}

#[test]
fn ring_full_of_padding_is_an_error_and_no_endless_loop() {
    let (memory, file) = victim();
    let pad = RecordHead {
        op: 0xffff,
        ..RecordHead::default()
    }
    .encode(48);
    for granule in 0..64 {
        file.write_all_at(&pad, RINGS + 64 * granule).unwrap();
        file.write_all_at(&1u32.to_le_bytes(), STAMPS + 4 * granule)
            .unwrap();
    }
    let mut end = memory.worker().unwrap();
    assert!(end.command.next().unwrap().is_none());
}

#[test]
fn release_beyond_what_was_written_is_corruption() {
    let (memory, file) = victim();
    let end = memory.worker().unwrap();
    let reply = RELEASED + 128 * 2;
    file.write_all_at(&u64::MAX.to_le_bytes(), reply).unwrap();
    let error = loop {
        match end.reply.reserve(RecordHead::default(), 900) {
            Ok(Some(place)) => drop(place),
            Ok(None) => panic!("full, though all is released"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, RingError::Corrupt { .. }));
}

#[test]
fn record_changed_after_its_head_was_read_stays_within_its_bounds() {
    let (memory, file) = victim();
    let (client, mut worker) = (memory.client().unwrap(), memory.worker().unwrap());
    client
        .command
        .send(RecordHead::default(), &[b"honest"], &brief())
        .unwrap();
    let record = worker.command.next().unwrap().unwrap();
    let lie = RecordHead::default().encode(u32::MAX);
    file.write_all_at(&lie, RINGS).unwrap();
    assert_eq!(record.payload.copy_out(), b"honest");
}

#[test]
fn closed_word_of_any_value_closes() {
    let (memory, file) = victim();
    file.write_all_at(&u32::MAX.to_le_bytes(), CLOSED_CLIENT)
        .unwrap();
    let mut end = memory.worker().unwrap();
    assert!(matches!(end.wait(&brief()), Err(RingError::Closed(_))));
}

#[test]
fn memory_that_could_shrink_is_refused() {
    let file = tempfile::tempfile().unwrap();
    file.set_len(layout().total_bytes() as u64).unwrap();
    let error = SessionMemory::from_fd(file.into(), &layout()).unwrap_err();
    assert!(matches!(error, TransportError::BadMemory(_)));
    let (_memory, file) = victim();
    assert!(file.set_len(0).is_err());
}
