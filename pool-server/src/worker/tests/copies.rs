//! Copies through the rings, and results of every length.

use std::sync::atomic::Ordering;

use rigel_protocol::CuError;
use rigel_protocol::call::ThreadId;
use rigel_protocol::custom::{Extent, Fill, JitOptions};
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{DevicePtr, Event, Module, Stream};
use rigel_protocol::link::{
    ArenaMap, FunctionRow, ImageHead, Loaded, Payload, Transfer, WireCopy, WireCopy3d, WireFill,
    WirePlace, WireSide,
};
use rigel_protocol::wire::Get;
use rigel_transport::arena::{ARENA_RANGE, create_memory};

use super::bench::{Bench, MEMORY, ONE, TWO};

fn pattern(len: usize, seed: u32) -> Vec<u8> {
    (0..len as u32)
        .map(|n| (n.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 13) as u8)
        .collect()
}

fn up<'a>(dst: u64, payload: Payload<'a>) -> WireCopy<'a> {
    WireCopy {
        dst: WirePlace::Device(DevicePtr(dst)),
        src: WirePlace::Bytes(payload),
        bytes: payload.len(),
        stream: Stream::LEGACY,
        wait: true,
    }
}

fn down(src: u64, bytes: u64, payload: Payload<'_>) -> WireCopy<'_> {
    WireCopy {
        dst: WirePlace::Bytes(payload),
        src: WirePlace::Device(DevicePtr(src)),
        bytes,
        stream: Stream::LEGACY,
        wait: true,
    }
}

#[test]
fn bytes_that_go_up_come_down_the_same() {
    let mut bench = Bench::new();
    let bytes = pattern(1_000_003, 1);
    let transfer = Transfer {
        number: 9,
        bytes: bytes.len() as u64,
    };
    bench.send(ONE, Call::COPY, |put| {
        up(MEMORY + 64, Payload::Bulk(transfer)).put(put)
    });
    let mut offset = 0;
    for chunk in bytes.chunks(10_000) {
        bench.upload(9, offset, chunk);
        offset += chunk.len() as u64;
    }
    let back = Transfer {
        number: 10,
        ..transfer
    };
    let (result, results) = bench.ask(ONE, Call::COPY_WAIT, |put| {
        down(MEMORY + 64, transfer.bytes, Payload::Bulk(back)).put(put);
    });
    assert_eq!((result, results.len()), (Ok(()), 0));
    assert_eq!(bench.came.remove(&10), Some(bytes));
    assert!(bench.notices.is_empty());
}

#[test]
fn few_bytes_ride_in_record_and_answer() {
    let mut bench = Bench::new();
    let bytes = pattern(4096, 2);
    bench.send(ONE, Call::COPY, |put| {
        up(MEMORY, Payload::Inline(&bytes)).put(put)
    });
    let (result, results) = bench.ask(ONE, Call::COPY_WAIT, |put| {
        down(MEMORY, 4096, Payload::Inline(&[])).put(put);
    });
    assert_eq!(result, Ok(()));
    assert_eq!(Get::new(&results).bytes(), Ok(&bytes[..]));
    assert!(bench.came.is_empty());
}

#[test]
fn transfers_that_mix_are_sorted_out() {
    let mut bench = Bench::new();
    let (one, two) = (pattern(30_000, 3), pattern(20_000, 4));
    let first = Transfer {
        number: 1,
        bytes: 30_000,
    };
    let second = Transfer {
        number: 2,
        bytes: 20_000,
    };
    bench.send(ONE, Call::COPY, |put| {
        up(MEMORY, Payload::Bulk(first)).put(put)
    });
    bench.send(TWO, Call::COPY, |put| {
        up(MEMORY + 65536, Payload::Bulk(second)).put(put)
    });
    bench.upload(2, 0, &two[..10_000]);
    bench.upload(1, 0, &one[..10_000]);
    bench.upload(2, 10_000, &two[10_000..]);
    bench.upload(1, 10_000, &one[10_000..20_000]);
    bench.upload(1, 20_000, &one[20_000..]);
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    assert_eq!(bench.driver.read(MEMORY, 30_000), one);
    assert_eq!(bench.driver.read(MEMORY + 65536, 20_000), two);
}

#[test]
fn copy_that_fails_leaves_the_next_transfer_in_order() {
    let mut bench = Bench::new();
    let bytes = pattern(20_000, 5);
    for (number, dst) in [(1, 0), (2, u64::MAX - 3), (3, MEMORY)] {
        let transfer = Transfer {
            number,
            bytes: 20_000,
        };
        bench.send(ONE, Call::COPY, |put| {
            up(dst, Payload::Bulk(transfer)).put(put)
        });
        bench.upload(number, 0, &bytes[..10_000]);
        bench.upload(number, 10_000, &bytes[10_000..]);
    }
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    let errors: Vec<_> = bench
        .notices
        .iter()
        .map(|(_, notice)| notice.error)
        .collect();
    assert_eq!(errors, [CuError::INVALID_VALUE; 2]);
    assert_eq!(bench.driver.read(MEMORY, 20_000), bytes);
}

#[test]
fn copy_whose_length_is_not_that_of_its_bytes_is_refused() {
    let mut bench = Bench::new();
    let copy = WireCopy {
        bytes: 5,
        ..up(MEMORY, Payload::Inline(b"four"))
    };
    bench.send(ONE, Call::COPY, |put| copy.put(put));
    let back = Transfer {
        number: 1,
        bytes: 7,
    };
    let (result, _) = bench.ask(ONE, Call::COPY_WAIT, |put| {
        down(MEMORY, 8, Payload::Bulk(back)).put(put);
    });
    assert_eq!(result, Err(CuError::INVALID_VALUE));
    assert_eq!(bench.notices[0].1.error, CuError::INVALID_VALUE);
}

#[test]
fn address_outside_the_arenas_is_refused() {
    let mut bench = Bench::new();
    let own = vec![0_u8; 64];
    let shared = WirePlace::Shared(own.as_ptr() as u64);
    let place = WirePlace::Device(DevicePtr(MEMORY));
    for (dst, src) in [(place, shared), (shared, place)] {
        let copy = WireCopy {
            dst,
            src,
            bytes: 64,
            stream: Stream::LEGACY,
            wait: false,
        };
        let (result, _) = bench.ask(ONE, Call::COPY_WAIT, |put| copy.put(put));
        assert_eq!(result, Err(CuError::INVALID_VALUE));
    }
    let up = WireCopy {
        dst: shared,
        ..up(0, Payload::Inline(&[1; 64]))
    };
    bench.send(ONE, Call::COPY, |put| up.put(put));
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    assert_eq!(bench.notices[0].1.error, CuError::INVALID_VALUE);
    assert_eq!(own, [0; 64]);
}

#[test]
fn copy_down_waits_for_its_stream_and_for_nobody_else() {
    let mut bench = Bench::new();
    bench.driver.occupy(Stream::LEGACY);
    let copy = down(MEMORY, 16, Payload::Inline(&[]));
    let waiting = bench.send(ONE, Call::COPY_WAIT, |put| copy.put(put));
    bench.ask(TWO, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    bench.driver.let_go();
    assert_eq!(bench.next_answer().0, waiting);
}

#[test]
fn call_the_driver_lacks_is_not_supported() {
    let mut bench = Bench::new();
    let fill = Fill {
        dst: DevicePtr(MEMORY),
        pitch_bytes: 0,
        value: 1,
        element_bytes: 4,
        width: 8,
        height: 1,
    };
    let fill = WireFill {
        fill,
        stream: Stream::LEGACY,
        wait: false,
    };
    bench.send(ONE, Call::FILL, |put| put.put(&fill));
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    assert_eq!(bench.notices[0].1.error, CuError::NOT_SUPPORTED);
}

fn load(bench: &mut Bench, handle: Module, image: &[u8]) -> Result<Loaded, CuError> {
    let transfer = Transfer {
        number: 77,
        bytes: image.len() as u64,
    };
    let head = ImageHead {
        handle: handle.0,
        jit: JitOptions::default(),
        options: Vec::new(),
        image: Payload::Bulk(transfer),
    };
    bench.send(ONE, Call::MODULE_LOAD, |put| head.put(put));
    let mut offset = 0;
    for chunk in image.chunks(16_000) {
        bench.upload(77, offset, chunk);
        offset += chunk.len() as u64;
    }
    let (_, (result, results)) = bench.next_answer();
    result.map(|()| Get::new(&results).get().unwrap())
}

#[test]
fn image_in_bulk_is_loaded_whole_and_few_functions_come_with_it() {
    let mut bench = Bench::new();
    bench.driver.functions.store(3, Ordering::Relaxed);
    let mut image = b".version 8.0\n".to_vec();
    image.resize(100_000, b' ');
    let loaded = load(&mut bench, Module::mint(0), &image).unwrap();
    assert_eq!(
        (loaded.info_log.as_str(), loaded.functions.len()),
        ("loaded", 3)
    );
    assert_eq!(bench.driver.log(), ["module_load of 100000 bytes"]);
    assert_eq!(
        load(&mut bench, Module::mint(0), &image),
        Err(CuError::INVALID_HANDLE)
    );
    assert_eq!(
        load(&mut bench, Module::mint(1), b"ELF"),
        Err(CuError::INVALID_IMAGE)
    );
}

#[test]
fn many_functions_are_asked_for_and_too_many_refused() {
    let mut bench = Bench::new();
    bench.driver.functions.store(50, Ordering::Relaxed);
    let loaded = load(&mut bench, Module::mint(0), b".version").unwrap();
    assert!(loaded.functions.is_empty());
    let all = |put: &mut rigel_protocol::wire::Put| put.put(&Module::mint(0));
    let (result, results) = bench.ask(ONE, Call::MODULE_FUNCTIONS, all);
    let rows: Vec<FunctionRow> = Get::new(&results).list().unwrap();
    assert_eq!((result, rows.len()), (Ok(()), 50));
    bench.driver.functions.store(5000, Ordering::Relaxed);
    let (result, _) = bench.ask(ONE, Call::MODULE_FUNCTIONS, all);
    assert_eq!(result, Err(CuError::OUT_OF_MEMORY));
}

/// A copy of thread one of which so much has come that it cannot have been captured, and the rest.
fn half_a_copy(bench: &Bench) -> (Vec<u8>, usize) {
    const SENT: usize = 10_000;
    let bytes = pattern(1 << 20, 6);
    let transfer = Transfer {
        number: 1,
        bytes: bytes.len() as u64,
    };
    bench.send(ONE, Call::COPY, |put| {
        up(MEMORY, Payload::Bulk(transfer)).put(put)
    });
    bench.upload(1, 0, &bytes[..SENT]);
    (bytes, SENT)
}

fn the_rest(bench: &Bench, bytes: &[u8], sent: usize) {
    let mut offset = sent;
    for chunk in bytes[sent..].chunks(10_000) {
        bench.upload(1, offset as u64, chunk);
        offset += chunk.len();
    }
}

#[test]
fn call_of_another_thread_is_answered_in_the_middle_of_a_copy() {
    let mut bench = Bench::new();
    let (bytes, sent) = half_a_copy(&bench);
    bench.ask(TWO, Call::MEM_GET_INFO_V2, |_| {}).0.unwrap();
    bench.ask(TWO, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    assert_ne!(bench.driver.read(MEMORY, bytes.len()), bytes);
    the_rest(&bench, &bytes, sent);
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    assert_eq!(bench.driver.read(MEMORY, bytes.len()), bytes);
}

#[test]
fn work_that_cuda_orders_after_a_copy_waits_for_its_end() {
    const THREE: ThreadId = ThreadId(3);
    let mut bench = Bench::new();
    let stream = Stream::mint(0);
    let events = [Event::mint(0), Event::mint(1), Event::mint(2)];
    bench.send(ONE, Call::STREAM_CREATE, |put| {
        put.put(&stream);
        put.put(&1_u32);
    });
    for event in events {
        bench.send(ONE, Call::EVENT_CREATE, |put| {
            put.put(&event);
            put.put(&0_u32);
        });
    }
    let record = |bench: &Bench, thread, event: Event, stream: Stream| {
        bench.send(thread, Call::EVENT_RECORD, |put| {
            put.put(&event);
            put.put(&stream);
        });
    };
    let recorded = |bench: &Bench| -> Vec<String> {
        let log = bench.driver.log().into_iter();
        log.filter(|line| line.starts_with("event_record"))
            .collect()
    };
    let (bytes, sent) = half_a_copy(&bench);
    record(&bench, TWO, events[0], stream);
    record(&bench, THREE, events[1], Stream::LEGACY);
    // Behind what is held back, in a stream of its own: it may depend on it by way of the host.
    record(&bench, TWO, events[2], stream);
    bench
        .ask(ThreadId(4), Call::MEM_GET_INFO_V2, |_| {})
        .0
        .unwrap();
    let before = recorded(&bench);
    the_rest(&bench, &bytes, sent);
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    let after = recorded(&bench);
    assert_eq!(before.len(), 1, "{before:?}");
    assert_eq!(after.len(), 3, "{after:?}");
    assert!(after[1].ends_with("in 1"), "ring order: {after:?}");
    assert!(bench.notices.is_empty());
}

#[test]
fn copy_that_fails_in_the_middle_says_so_after_its_end() {
    let mut bench = Bench::new();
    let transfer = Transfer {
        number: 1,
        bytes: 30_000,
    };
    // The memory ends within the second chunk.
    bench.send(ONE, Call::COPY, |put| {
        up(MEMORY + (8 << 20) - 15_000, Payload::Bulk(transfer)).put(put)
    });
    for n in 0..3 {
        bench.upload(1, n * 10_000, &[7; 10_000]);
    }
    bench.ask(ONE, Call::CTX_SYNCHRONIZE, |_| {}).0.unwrap();
    let failed: Vec<_> = bench
        .notices
        .iter()
        .map(|(_, notice)| notice.error)
        .collect();
    assert_eq!(failed, [CuError::INVALID_VALUE]);
}

#[test]
fn bytes_are_copied_by_the_driver_alone() {
    let mut bench = Bench::new();
    let bytes = pattern(100_000, 7);
    let transfer = Transfer {
        number: 1,
        bytes: bytes.len() as u64,
    };
    bench.send(ONE, Call::COPY, |put| {
        up(MEMORY, Payload::Bulk(transfer)).put(put)
    });
    for (nth, chunk) in bytes.chunks(10_000).enumerate() {
        bench.upload(1, nth as u64 * 10_000, chunk);
    }
    let back = Transfer {
        number: 2,
        ..transfer
    };
    let (result, _) = bench.ask(ONE, Call::COPY_WAIT, |put| {
        down(MEMORY, transfer.bytes, Payload::Bulk(back)).put(put);
    });
    assert_eq!((result, bench.came.remove(&2)), (Ok(()), Some(bytes)));
    check_copies(&bench, 2 * transfer.bytes);
}

/// Every byte was read from a ring, or written to one, by the driver, and by nobody else.
fn check_copies(bench: &Bench, expected: u64) {
    let hosts = bench.driver.hosts.lock().unwrap().clone();
    let copied: u64 = hosts.iter().map(|(_, bytes)| bytes).sum();
    assert_eq!(copied, expected);
    for (address, bytes) in hosts {
        assert!(bench.is_in_rings(address, bytes), "{bytes} bytes elsewhere");
    }
}

/// A box of 100 bytes, 40 rows and 10 slices, not at the beginning of its volume.
const BOX: Extent = Extent {
    width_bytes: 100,
    height: 40,
    depth: 10,
};

fn box_side(place: WirePlace<'_>) -> WireSide<'_> {
    WireSide {
        place,
        x_bytes: 8,
        y: 2,
        z: 1,
        pitch_bytes: 128,
        rows: 48,
    }
}

fn packed_side(payload: Payload<'_>) -> WireSide<'_> {
    WireSide {
        place: WirePlace::Bytes(payload),
        x_bytes: 0,
        y: 0,
        z: 0,
        pitch_bytes: BOX.width_bytes,
        rows: BOX.height,
    }
}

/// Sends the box in chunks of this size and takes it back.
fn box_there_and_back(bench: &mut Bench, chunk_bytes: usize) -> Option<Vec<u8>> {
    let bytes = pattern(40_000, 8);
    let transfer = Transfer {
        number: 1,
        bytes: 40_000,
    };
    let boxed = |dst, src| WireCopy3d {
        dst,
        src,
        extent: BOX,
        stream: Stream::LEGACY,
        wait: true,
    };
    let there = box_side(WirePlace::Device(DevicePtr(MEMORY)));
    bench.send(ONE, Call::COPY3D, |put| {
        boxed(there, packed_side(Payload::Bulk(transfer))).put(put);
    });
    for (nth, chunk) in bytes.chunks(chunk_bytes).enumerate() {
        bench.upload(1, (nth * chunk_bytes) as u64, chunk);
    }
    let back = Transfer {
        number: 2,
        ..transfer
    };
    let (result, _) = bench.ask(ONE, Call::COPY3D_WAIT, |put| {
        boxed(packed_side(Payload::Bulk(back)), there).put(put);
    });
    assert_eq!(result, Ok(()));
    assert!(bench.notices.is_empty());
    bench.came.remove(&2)
}

#[test]
fn bytes_of_a_box_are_copied_by_the_driver_alone() {
    let mut bench = Bench::new();
    let came = box_there_and_back(&mut bench, 12_000);
    assert_eq!(came, Some(pattern(40_000, 8)));
    check_copies(&bench, 2 * 40_000);
}

#[test]
fn box_in_chunks_of_any_size_lands_in_its_rows() {
    for chunk_bytes in [1_001, 4_000, 4_001, 13_333, 16_000] {
        let mut bench = Bench::new();
        let came = box_there_and_back(&mut bench, chunk_bytes);
        assert!(came == Some(pattern(40_000, 8)), "{chunk_bytes}");
    }
}

#[test]
fn box_of_another_length_than_announced_is_refused() {
    let mut bench = Bench::new();
    let transfer = Transfer {
        number: 1,
        bytes: 39_999,
    };
    let sides = [
        box_side(WirePlace::Device(DevicePtr(MEMORY))),
        packed_side(Payload::Bulk(transfer)),
    ];
    let boxed = |[dst, src]: [_; 2]| WireCopy3d {
        dst,
        src,
        extent: BOX,
        stream: Stream::LEGACY,
        wait: true,
    };
    bench.send(ONE, Call::COPY3D, |put| boxed(sides).put(put));
    for nth in 0..3 {
        bench.upload(1, nth * 13_333, &[7; 13_333]);
    }
    let [there, back] = sides;
    let (result, _) = bench.ask(ONE, Call::COPY3D_WAIT, |put| boxed([back, there]).put(put));
    assert_eq!(result, Err(CuError::INVALID_VALUE));
    let failed: Vec<_> = bench
        .notices
        .iter()
        .map(|(_, notice)| notice.error)
        .collect();
    assert_eq!(failed, [CuError::INVALID_VALUE]);
    assert!(bench.driver.hosts.lock().unwrap().is_empty());
}

#[test]
fn page_locked_bytes_are_copied_in_place() {
    const BYTES: u64 = 1 << 16;
    let mut bench = Bench::new();
    // Far from where other tests of this process have arenas.
    let address = ARENA_RANGE.start + (1 << 36);
    let memory = create_memory(BYTES).unwrap();
    bench.session.arenas.hand_over(1, memory, BYTES);
    let (mapped, _) = bench.ask(ONE, Call::ARENA_MAP, |put| {
        put.put(&ArenaMap {
            arena: 1,
            address,
            bytes: BYTES,
            flags: 0,
        });
    });
    mapped.unwrap();
    let copy = |bench: &mut Bench, dst, src| {
        let (result, _) = bench.ask(ONE, Call::COPY_WAIT, |put| {
            WireCopy {
                dst,
                src,
                bytes: BYTES,
                stream: Stream::LEGACY,
                wait: true,
            }
            .put(put);
        });
        result.unwrap();
    };
    let (device, host) = (
        WirePlace::Device(DevicePtr(MEMORY)),
        WirePlace::Shared(address),
    );
    copy(&mut bench, device, host);
    copy(&mut bench, host, device);
    let hosts = bench.driver.hosts.lock().unwrap().clone();
    assert_eq!(hosts, [(address, BYTES); 2]);
}
