//! Which calls may be issued while the bytes of a large copy are still coming. It looks at records and
//! issues nothing. Read [`Beside`] first.
//!
//! A copy returns to its caller when its last byte is in the client's upload ring. Before that, nothing that
//! another thread does can be ordered after the copy by the program. So, of the records behind it:
//!
//! 1. What asks or makes something and is no work for a GPU passes always.
//! 2. What looks at work passes while the copy cannot have returned, and nothing is held back that it
//!    might look at.
//! 3. Work passes under the same conditions if CUDA orders its stream by no rule with the copy's: a copy
//!    is one operation of its stream, and nothing of that stream may come between its chunks.
//! 4. Everything else is held back, and whatever its thread issues after it. What is held back is issued
//!    in ring order when the copy is done.

use std::collections::HashSet;

use rigel_protocol::call::ThreadId;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Event, Stream};
use rigel_protocol::link::{Payload, WireCopy, WireFill, WirePlace, launch};
use rigel_protocol::wire::{Get, WireError};
use rigel_transport::RecordHead;

/// Most threads of which something is held back; then nothing passes any more.
const HELD_MAX: usize = 64;
/// `CU_STREAM_NON_BLOCKING`.
const NON_BLOCKING: u32 = 1;

/// The calls that come while a copy is under way.
#[derive(Debug)]
pub(super) struct Beside {
    stream: Stream,
    /// Threads of which something is held back. The copy's own is the first: its call has not returned.
    held: Vec<ThreadId>,
    /// Whether work is held back, or a look at it.
    work_held: bool,
    /// Nothing passes any more.
    closed: bool,
}

/// Streams that have no order with the legacy default stream, by the client's numbers.
#[derive(Debug, Default)]
pub(super) struct NonBlocking(HashSet<Stream>);

/// What a call has to do with the work of streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A word that overtakes everything: a host function has returned, or what it has written.
    Word,
    /// Nothing.
    Free,
    /// It looks at work, or waits for it.
    Look,
    /// It is work in a stream.
    Work(Stream),
    /// Bytes of its own follow.
    Bulk,
    /// What it has to do with other calls is not known here.
    Other,
}

impl Beside {
    /// Nothing has come yet behind this thread's copy in this stream.
    pub(super) fn new(copier: ThreadId, stream: Stream) -> Self {
        Self {
            stream,
            held: vec![copier],
            work_held: false,
            closed: false,
        }
    }

    /// Whether a record may be issued now. Records must be shown in ring order. `returned`: whether the
    /// copy's call may have returned before the record was written.
    pub(super) fn passes(
        &mut self,
        head: RecordHead,
        payload: &[u8],
        streams: &NonBlocking,
        returned: bool,
    ) -> bool {
        let thread = ThreadId(head.thread);
        let kind = kind(Call(head.op), payload);
        let work_passes = !returned && !self.work_held;
        let passes = match kind {
            Kind::Word => return true,
            _ if self.closed || self.held.contains(&thread) => false,
            Kind::Free => true,
            Kind::Look => work_passes,
            Kind::Work(stream) => work_passes && !streams.are_ordered(stream, self.stream),
            Kind::Bulk | Kind::Other => false,
        };
        if !passes {
            self.hold(thread, kind);
        }
        passes
    }

    fn hold(&mut self, thread: ThreadId, kind: Kind) {
        match kind {
            Kind::Look | Kind::Work(_) | Kind::Bulk => self.work_held = true,
            Kind::Other => self.closed = true,
            Kind::Word | Kind::Free => {}
        }
        if !self.held.contains(&thread) {
            self.closed |= self.held.len() >= HELD_MAX;
            self.held.push(thread);
        }
    }
}

impl NonBlocking {
    /// Notes what a record that is issued says of streams.
    pub(super) fn follow(&mut self, call: Call, payload: &[u8]) {
        let mut get = Get::new(payload);
        match call {
            Call::STREAM_CREATE | Call::STREAM_CREATE_WITH_PRIORITY => {
                if let (Ok(stream), Ok(flags)) = (get.get::<Stream>(), get.get::<u32>())
                    && flags & NON_BLOCKING != 0
                {
                    self.0.insert(stream);
                }
            }
            Call::STREAM_DESTROY_V2 => {
                if let Ok(stream) = get.get::<Stream>() {
                    self.0.remove(&stream);
                }
            }
            _ => {}
        }
    }

    /// Whether CUDA orders what two threads issue in these streams.
    fn are_ordered(&self, one: Stream, other: Stream) -> bool {
        let is_legacy = |stream| matches!(stream, Stream::NONE | Stream::LEGACY);
        match (is_legacy(one), is_legacy(other)) {
            (true, true) => true,
            (true, false) => !self.0.contains(&other),
            (false, true) => !self.0.contains(&one),
            // Each thread has a default stream of its own.
            (false, false) => one == other && one != Stream::PER_THREAD,
        }
    }
}

fn kind(call: Call, payload: &[u8]) -> Kind {
    match call {
        Call::HOST_RETURNED | Call::MIRROR_WRITE => Kind::Word,
        Call::DEVICE_CAN_ACCESS_PEER
        | Call::DEVICE_GET_P2P_ATTRIBUTE
        | Call::CTX_GET_LIMIT
        | Call::CTX_GET_CACHE_CONFIG
        | Call::CTX_GET_STREAM_PRIORITY_RANGE
        | Call::MEM_GET_INFO_V2
        | Call::MEM_ALLOC_V2
        | Call::STREAM_CREATE
        | Call::STREAM_CREATE_WITH_PRIORITY
        | Call::EVENT_CREATE
        | Call::MODULE_FUNCTION
        | Call::MODULE_FUNCTIONS
        | Call::LIBRARY_KERNEL
        | Call::LIBRARY_KERNELS
        | Call::KERNEL_FUNCTION
        | Call::OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR
        | Call::OCCUPANCY_MAX_ACTIVE_BLOCKS_PER_MULTIPROCESSOR_WITH_FLAGS
        | Call::OCCUPANCY_AVAILABLE_DYNAMIC_SMEM_PER_BLOCK => Kind::Free,
        Call::EVENT_QUERY
        | Call::EVENT_SYNCHRONIZE
        | Call::STREAM_QUERY
        | Call::STREAM_SYNCHRONIZE
        | Call::CTX_SYNCHRONIZE => Kind::Look,
        // One that makes no sense ends the session in its turn.
        _ => work(call, payload).unwrap_or(Kind::Other),
    }
}

/// What work is in which stream.
fn work(call: Call, payload: &[u8]) -> Result<Kind, WireError> {
    let mut get = Get::new(payload);
    Ok(match call {
        Call::LAUNCH => Kind::Work(launch::get_launch(&mut get)?.head.stream),
        Call::FILL => Kind::Work(get.get::<WireFill>()?.stream),
        Call::EVENT_RECORD => {
            get.get::<Event>()?;
            Kind::Work(get.get()?)
        }
        Call::STREAM_WAIT_EVENT => Kind::Work(get.get()?),
        Call::COPY | Call::COPY_WAIT => {
            let copy = WireCopy::get(&mut get)?;
            match copy.src {
                WirePlace::Bytes(Payload::Bulk(_)) => Kind::Bulk,
                _ => Kind::Work(copy.stream),
            }
        }
        _ => Kind::Other,
    })
}

#[cfg(test)]
mod tests {
    use rigel_protocol::handle::DevicePtr;
    use rigel_protocol::link::Transfer;
    use rigel_protocol::wire::Put;

    use super::*;

    const COPIER: u32 = 1;
    const BLOCKING: Stream = Stream::mint(0);
    const FREE: Stream = Stream::mint(1);

    fn record(call: Call, thread: u32) -> RecordHead {
        RecordHead {
            op: call.0,
            thread,
            ..RecordHead::default()
        }
    }

    fn put(write: impl FnOnce(&mut Put)) -> Vec<u8> {
        let mut put = Put::new();
        write(&mut put);
        put.into_vec()
    }

    fn recorded(stream: Stream) -> Vec<u8> {
        put(|put| {
            put.put(&Event::mint(0));
            put.put(&stream);
        })
    }

    fn streams() -> NonBlocking {
        let mut streams = NonBlocking::default();
        for (stream, flags) in [(BLOCKING, 0_u32), (FREE, 1)] {
            let made = put(|put| {
                put.put(&stream);
                put.put(&flags);
            });
            streams.follow(Call::STREAM_CREATE, &made);
        }
        streams
    }

    /// Whether each of these records passes, one after the other.
    fn check(copy: Stream, returned: bool, records: &[(Call, u32, Vec<u8>, bool)]) {
        let mut beside = Beside::new(ThreadId(COPIER), copy);
        for (nth, (call, thread, payload, expected)) in records.iter().enumerate() {
            let passes = beside.passes(record(*call, *thread), payload, &streams(), returned);
            assert_eq!(passes, *expected, "record {nth} behind a copy in {copy:?}");
        }
    }

    #[test]
    fn question_of_another_thread_passes_even_when_the_copy_has_returned() {
        for returned in [false, true] {
            let records = [
                (Call::MEM_GET_INFO_V2, 2, vec![], true),
                (Call::MEM_GET_INFO_V2, COPIER, vec![], false),
            ];
            check(Stream::LEGACY, returned, &records);
        }
    }

    #[test]
    fn work_passes_only_in_a_stream_without_order() {
        for (copy, work, passes) in [
            (Stream::LEGACY, BLOCKING, false),
            (Stream::LEGACY, Stream::PER_THREAD, false),
            (Stream::NONE, Stream::LEGACY, false),
            (Stream::LEGACY, FREE, true),
            (FREE, FREE, false),
            (FREE, BLOCKING, true),
            (BLOCKING, Stream::LEGACY, false),
            (FREE, Stream::LEGACY, true),
            (Stream::PER_THREAD, Stream::PER_THREAD, true),
        ] {
            check(
                copy,
                false,
                &[(Call::EVENT_RECORD, 2, recorded(work), passes)],
            );
            check(
                copy,
                true,
                &[(Call::EVENT_RECORD, 2, recorded(work), false)],
            );
        }
    }

    #[test]
    fn look_passes_until_work_is_held_back() {
        let records = [
            (Call::CTX_SYNCHRONIZE, 2, vec![], true),
            (Call::EVENT_RECORD, 3, recorded(Stream::LEGACY), false),
            (Call::CTX_SYNCHRONIZE, 2, vec![], false),
            (Call::MEM_GET_INFO_V2, 3, vec![], false),
            (Call::MEM_GET_INFO_V2, 4, vec![], true),
        ];
        check(Stream::LEGACY, false, &records);
    }

    #[test]
    fn nothing_but_words_passes_behind_what_is_not_known() {
        let records = [
            (Call::MODULE_UNLOAD, 2, vec![], false),
            (Call::MEM_GET_INFO_V2, 3, vec![], false),
            (Call::HOST_RETURNED, COPIER, vec![], true),
        ];
        check(Stream::LEGACY, false, &records);
    }

    #[test]
    fn copy_with_bytes_of_its_own_waits_its_turn() {
        let copy = put(|put| {
            let transfer = Transfer {
                number: 2,
                bytes: 1 << 20,
            };
            WireCopy {
                dst: WirePlace::Device(DevicePtr(0)),
                src: WirePlace::Bytes(Payload::Bulk(transfer)),
                bytes: 1 << 20,
                stream: FREE,
                wait: false,
            }
            .put(put);
        });
        check(Stream::LEGACY, false, &[(Call::COPY, 2, copy, false)]);
    }

    #[test]
    fn threads_held_back_have_a_limit() {
        let mut beside = Beside::new(ThreadId(COPIER), Stream::LEGACY);
        let streams = streams();
        let blocked = recorded(Stream::LEGACY);
        for thread in 2..=HELD_MAX as u32 + 1 {
            assert!(!beside.closed);
            beside.passes(
                record(Call::EVENT_RECORD, thread),
                &blocked,
                &streams,
                false,
            );
        }
        assert!(beside.closed && beside.held.len() <= HELD_MAX + 1);
    }
}
