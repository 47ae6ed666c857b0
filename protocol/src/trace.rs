//! What is noted for a timeline: when which call was made, when the worker took it, when the GPU executed
//! it. It says nothing of how notes are gathered or shown. Read [`TraceEvent`] first.
//!
//! An event is eight 64-bit words, alike in a client's file, in control messages and in records:
//!
//! ```text
//! 0  kind u8 │ zero u8 │ call u16 │ thread u32
//! 1  position of the call's record in the command ring
//! 2  start, in nanoseconds of the noting side's monotonic clock
//! 3  end
//! 4  of a client's call: when its record was in the ring; of the GPU's work: the stream
//! 5  bytes of a copy or a fill
//! 6  name u32 (an index, 0 for none) │ the client's thread as its system numbers it, or the device u32
//! 7  1, written last
//! ```
//!
//! A client's file begins with [`HEAD_WORDS`] words ([`Head`]); then come the events.

use crate::generated::calls::Call;

/// An event as it is stored.
pub type TraceWords = [u64; 8];

/// Most events of a part.
pub const PART_EVENTS_MAX: usize = 4096;
/// Most names of a session.
pub const NAMES_MAX: usize = 1024;
/// Longest name, in bytes.
pub const NAME_BYTES_MAX: usize = 256;
/// Most events that are kept of a process, on each side.
pub const EVENTS_MAX: u64 = 4 << 20;
/// All calls are noted.
pub const RATE_ALL_PPM: u32 = 1_000_000;
/// Words before the events in a client's file.
pub const HEAD_WORDS: usize = 64;
/// Words of one event.
pub const EVENT_WORDS: usize = 8;
/// The first word of a client's file: `RGLTRACE`.
pub const MAGIC: u64 = u64::from_le_bytes(*b"RGLTRACE");

/// Places of words in the head of a client's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Head {
    /// [`MAGIC`].
    Magic = 0,
    /// For how many events there is room.
    Capacity = 1,
    /// How many were to be noted.
    Count = 2,
    /// The session.
    Session = 3,
    /// The first half of its secret; the second follows.
    Secret = 4,
    /// Process id.
    Pid = 6,
    /// What has to be added to the client's clock to have the worker's.
    ClockOffset = 7,
    /// Whether the worker keeps notes too.
    Worker = 8,
    /// The program's name, ended by a zero, up to the end of the head.
    Program = 16,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TraceKind {
    /// A call that returned without waiting, by the client's clock.
    Posted = 1,
    /// A call that waited for its answer, by the client's clock.
    Waited = 2,
    /// What the worker's threads did for a call.
    Worker = 3,
    /// A kernel, on the GPU.
    Kernel = 4,
    /// A copy.
    Copy = 5,
    /// A fill.
    Fill = 6,
    /// A graph.
    Graph = 7,
}

/// Something that took time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// What it is.
    pub kind: TraceKind,
    /// The call it belongs to.
    pub call: Call,
    /// The client's thread, as the protocol numbers it.
    pub thread: u32,
    /// Position of the call in the command ring.
    pub position: u64,
    /// Its beginning.
    pub start_ns: u64,
    /// Its end.
    pub end_ns: u64,
    /// The stream; of a client's call, when its record was in the ring.
    pub stream: u64,
    /// Bytes.
    pub bytes: u64,
    /// Index of its name.
    pub name: u32,
    /// The client's thread as its system numbers it; of the GPU's work, the virtual GPU.
    pub place: u32,
}

impl TraceKind {
    /// The kind with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Posted,
            2 => Self::Waited,
            3 => Self::Worker,
            4 => Self::Kernel,
            5 => Self::Copy,
            6 => Self::Fill,
            7 => Self::Graph,
            _ => return None,
        })
    }

    /// Whether the client notes it.
    pub fn is_clients(self) -> bool {
        matches!(self, Self::Posted | Self::Waited)
    }

    /// Whether it is the GPU's.
    pub fn is_gpus(self) -> bool {
        matches!(self, Self::Kernel | Self::Copy | Self::Fill | Self::Graph)
    }
}

impl TraceEvent {
    /// As it is stored.
    pub fn words(&self) -> TraceWords {
        let head = self.kind as u64 | u64::from(self.call.0) << 16 | u64::from(self.thread) << 32;
        let last = u64::from(self.name) | u64::from(self.place) << 32;
        [
            head,
            self.position,
            self.start_ns,
            self.end_ns,
            self.stream,
            self.bytes,
            last,
            1,
        ]
    }

    /// What was stored; `None` for what was not written to its end, or makes no sense.
    pub fn from_words(words: &TraceWords) -> Option<Self> {
        let [head, position, start_ns, end_ns, stream, bytes, last, whole] = *words;
        if whole != 1 || end_ns < start_ns {
            return None;
        }
        Some(Self {
            kind: TraceKind::from_code(head as u8)?,
            call: Call((head >> 16) as u16),
            thread: (head >> 32) as u32,
            position,
            start_ns,
            end_ns,
            stream,
            bytes,
            name: last as u32,
            place: (last >> 32) as u32,
        })
    }
}

/// Whether the call at this position is among those noted at a rate: both sides choose the same.
pub fn is_sampled(position: u64, rate_ppm: u32) -> bool {
    // A multiplicative hash: positions are multiples of 64 and often of a step's length.
    let mixed = (position >> 6)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29);
    let mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32;
    (mixed * u64::from(RATE_ALL_PPM)) >> 32 < u64::from(rate_ppm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_is_read_as_it_was_written() {
        let event = TraceEvent {
            kind: TraceKind::Kernel,
            call: Call::LAUNCH,
            thread: 7,
            position: 4096,
            start_ns: 10,
            end_ns: 30,
            stream: 1 << 40,
            bytes: 5,
            name: 3,
            place: u32::MAX,
        };
        assert_eq!(TraceEvent::from_words(&event.words()), Some(event));
    }

    #[test]
    fn event_that_makes_no_sense_is_none() {
        let well: TraceWords = [1, 0, 5, 9, 0, 0, 0, 1];
        assert!(TraceEvent::from_words(&well).is_some());
        for (word, value) in [(7, 0), (0, 0), (0, 99), (3, 4)] {
            let mut ill = well;
            ill[word] = value;
            assert_eq!(TraceEvent::from_words(&ill), None, "{ill:?}");
        }
    }

    #[test]
    fn sampling_takes_the_part_it_is_told() {
        for rate in [0, 1000, 100_000, 500_000, RATE_ALL_PPM] {
            let n = 1_000_000;
            let taken = (0..n).filter(|i| is_sampled(i * 128, rate)).count() as u64;
            let wanted = u64::from(rate) * n / u64::from(RATE_ALL_PPM);
            assert!(taken.abs_diff(wanted) <= n / 200, "{rate}: {taken}");
        }
        assert!((0..1000).all(|i| is_sampled(i * 64, RATE_ALL_PPM)));
        assert!(!(0..1000).any(|i| is_sampled(i * 64, 0)));
    }
}
