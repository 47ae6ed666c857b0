//! From a stream's bytes to a ring's records: a state machine without I/O. Nothing the peer sends is
//! believed: sizes are checked before room is taken. Read [`Inflow`] first.

use bytes::{Buf, Bytes};

use crate::error::RingError;
use crate::ring::core::Claim;
use crate::ring::{PAD_OP, Producer, RECORD_HEAD_BYTES, RecordHead, footprint};

/// Writes the records of a stream into the local copy of their ring.
#[derive(Debug)]
pub(crate) struct Inflow {
    ring: Producer,
    head: [u8; RECORD_HEAD_BYTES],
    n_head: usize,
    open: Option<Open>,
}

/// A record with a place in the ring whose bytes are still arriving.
#[derive(Debug)]
struct Open {
    claim: Claim,
    head: RecordHead,
    len: usize,
    n_written: usize,
}

/// How far the bytes at hand brought us.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All are in the ring.
    Taken,
    /// The ring is full: call again with the rest when there is space.
    Full,
}

impl Inflow {
    pub(crate) fn new(ring: Producer) -> Inflow {
        Inflow {
            ring,
            head: [0; RECORD_HEAD_BYTES],
            n_head: 0,
            open: None,
        }
    }

    /// The size of the ring.
    pub(crate) fn ring_bytes(&self) -> u32 {
        self.ring.memory().layout().ring_bytes(self.ring.ring())
    }

    /// The position of the first byte that a new stream has to bring: a record that has come in part
    /// comes again from its head.
    pub(crate) fn position(&self) -> u64 {
        match &self.open {
            Some(open) => open.claim.position,
            None => self.ring.position(),
        }
    }

    /// A new stream begins, at [`Inflow::position`].
    pub(crate) fn restart(&mut self) {
        self.n_head = 0;
    }

    pub(crate) fn ring(&self) -> &Producer {
        &self.ring
    }

    /// Whether the stream may end here: not inside a record.
    pub(crate) fn is_between_records(&self) -> bool {
        self.n_head == 0
    }

    /// Takes bytes off the front of what the stream delivered.
    pub(crate) fn push(&mut self, bytes: &mut Bytes) -> Result<Progress, RingError> {
        loop {
            if self.n_head < RECORD_HEAD_BYTES {
                if bytes.is_empty() {
                    return Ok(Progress::Taken);
                }
                let n = bytes.len().min(RECORD_HEAD_BYTES - self.n_head);
                bytes.copy_to_slice(&mut self.head[self.n_head..self.n_head + n]);
                self.n_head += n;
                if self.n_head == RECORD_HEAD_BYTES {
                    self.look_at_head()?;
                }
                continue;
            }
            if self.open.is_none() && !self.begin()? {
                return Ok(Progress::Full);
            }
            if !self.fill(bytes) {
                return Ok(Progress::Taken);
            }
        }
    }

    /// Where the next bytes of the stream belong, to be written there, if that is inside a record;
    /// [`Inflow::filled`] says how many were. None between records.
    pub(crate) fn space(&mut self) -> Option<&mut [u8]> {
        let open = self.open.as_ref()?;
        if self.n_head < RECORD_HEAD_BYTES {
            return None;
        }
        let (offset, len) = (open.n_written, open.len - open.n_written);
        Some(self.ring.claimed_bytes(&open.claim, offset, len))
    }

    /// So many bytes were written into [`Inflow::space`].
    pub(crate) fn filled(&mut self, n: usize) {
        if let Some(open) = &mut self.open {
            open.n_written = open.len.min(open.n_written + n);
        }
        self.fill(&mut Bytes::new());
    }

    /// A head is complete: a record that comes again must fit the place it has.
    fn look_at_head(&mut self) -> Result<(), RingError> {
        let (head, len) = RecordHead::decode(&self.head);
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        if footprint(len as usize) != open.claim.footprint {
            return Err(RingError::Corrupt {
                ring: self.ring.ring(),
                position: open.claim.position,
                what: "a record came again with another size",
            });
        }
        open.head = head;
        open.len = len as usize;
        open.n_written = if head.op == PAD_OP { open.len } else { 0 };
        Ok(())
    }

    /// Takes a place for the record whose head is complete; false when there is none.
    fn begin(&mut self) -> Result<bool, RingError> {
        let (head, len) = RecordHead::decode(&self.head);
        let len = len as usize;
        if len > self.ring.payload_max() {
            let (ring, max) = (self.ring.ring(), self.ring.payload_max());
            return Err(RingError::TooLarge { ring, len, max });
        }
        let Some(claim) = self.ring.claim_verbatim(footprint(len))? else {
            return Ok(false);
        };
        // A pad record has no bytes on the wire.
        let n_written = if head.op == PAD_OP { len } else { 0 };
        self.open = Some(Open {
            claim,
            head,
            len,
            n_written,
        });
        Ok(true)
    }

    /// Writes bytes of the open record; true when it is complete, and then published.
    fn fill(&mut self, bytes: &mut Bytes) -> bool {
        let Some(open) = &mut self.open else {
            return true;
        };
        let n = bytes.len().min(open.len - open.n_written);
        if n > 0 {
            self.ring
                .write_claimed(&open.claim, open.n_written, &bytes[..n]);
            bytes.advance(n);
            open.n_written += n;
        }
        if open.n_written < open.len {
            return false;
        }
        self.ring
            .publish_claimed(&open.claim, open.head, open.len as u32);
        self.open = None;
        self.n_head = 0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::session::{ClientEnd, SessionMemory, WorkerEnd};

    fn ends() -> (ClientEnd, WorkerEnd) {
        let layout = Layout::new([4096; 4]).unwrap();
        let memory = SessionMemory::anonymous(&layout).unwrap();
        (memory.client().unwrap(), memory.worker().unwrap())
    }

    fn wire(op: u16, payload: &[u8]) -> Vec<u8> {
        let head = RecordHead {
            op,
            flags: 1,
            thread: 2,
            context: 3,
        };
        [&head.encode(payload.len() as u32)[..], payload].concat()
    }

    #[test]
    fn records_cut_anywhere_arrive_whole() {
        let stream = [wire(1, b"first"), wire(2, b""), wire(3, &[7; 900])].concat();
        for piece in [1, 2, 3, 15, 16, 17, 100, 2000] {
            let (client, mut worker) = ends();
            let mut inflow = Inflow::new(client.command);
            for part in stream.chunks(piece) {
                let mut bytes = Bytes::copy_from_slice(part);
                assert_eq!(inflow.push(&mut bytes).unwrap(), Progress::Taken);
            }
            assert!(inflow.is_between_records());
            for expected in [&b"first"[..], b"", &[7; 900]] {
                let record = worker.command.next().unwrap().unwrap();
                assert_eq!(record.payload.copy_out(), expected);
            }
            assert!(worker.command.next().unwrap().is_none());
        }
    }

    #[test]
    fn full_ring_stops_the_stream_and_space_resumes_it() {
        let (client, mut worker) = ends();
        let mut inflow = Inflow::new(client.command);
        let mut bytes = Bytes::from(
            (0..6)
                .flat_map(|_| wire(1, &[9; 1008]))
                .collect::<Vec<u8>>(),
        );
        assert_eq!(inflow.push(&mut bytes).unwrap(), Progress::Full);
        assert!(!bytes.is_empty());
        for _ in 0..4 {
            assert_eq!(worker.command.next().unwrap().unwrap().payload.len(), 1008);
        }
        worker.command.release();
        assert_eq!(inflow.push(&mut bytes).unwrap(), Progress::Taken);
        assert_eq!(worker.command.next().unwrap().unwrap().position, 4096);
    }

    #[test]
    fn pad_of_the_sender_keeps_positions_equal() {
        let (client, mut worker) = ends();
        let mut inflow = Inflow::new(client.command);
        let pad = RecordHead {
            op: PAD_OP,
            ..RecordHead::default()
        }
        .encode(960 - 16);
        let stream = [&pad[..], &wire(5, b"after")].concat();
        inflow.push(&mut Bytes::from(stream)).unwrap();
        let record = worker.command.next().unwrap().unwrap();
        assert_eq!((record.head.op, record.position), (5, 960));
    }

    #[test]
    fn record_that_cannot_be_is_refused() {
        let (client, _worker) = ends();
        let mut inflow = Inflow::new(client.command.clone());
        let mut huge = Bytes::copy_from_slice(&RecordHead::default().encode(u32::MAX));
        assert!(matches!(
            inflow.push(&mut huge),
            Err(RingError::TooLarge { .. })
        ));
        let mut inflow = Inflow::new(client.command);
        let crossing = [wire(1, &[0; 1000]), wire(1, &[0; 900])].concat();
        let mut crossing = Bytes::from([crossing.clone(), crossing].concat());
        assert!(matches!(inflow.push(&mut crossing), Ok(Progress::Taken)));
        let mut last = Bytes::from(wire(1, &[0; 300]));
        assert!(matches!(
            inflow.push(&mut last),
            Err(RingError::Corrupt { .. })
        ));
    }

    #[test]
    fn payload_written_in_place_arrives_and_space_ends_with_its_record() {
        let (client, mut worker) = ends();
        let mut inflow = Inflow::new(client.command);
        assert!(inflow.space().is_none());
        let stream = [wire(1, &[5; 300]), wire(2, b"x")].concat();
        inflow
            .push(&mut Bytes::from(stream[..20].to_vec()))
            .unwrap();
        // An odd number, as sockets give it.
        inflow.space().unwrap()[..95].fill(6);
        inflow.filled(95);
        let rest = inflow.space().unwrap();
        assert_eq!(rest.len(), 201);
        rest.fill(7);
        inflow.filled(201);
        assert!(inflow.space().is_none() && inflow.is_between_records());
        inflow
            .push(&mut Bytes::from(stream[316..].to_vec()))
            .unwrap();
        let expected = [&[5; 4][..], &[6; 95], &[7; 201]].concat();
        let record = worker.command.next().unwrap().unwrap();
        assert_eq!(record.payload.copy_out(), expected);
        assert_eq!(worker.command.next().unwrap().unwrap().head.op, 2);
    }

    #[test]
    fn record_cut_off_comes_again_from_its_head() {
        let stream = [wire(1, b"first"), wire(2, &[7; 900])].concat();
        for cut in 0..=stream.len() {
            let (client, mut worker) = ends();
            let mut inflow = Inflow::new(client.command);
            inflow
                .push(&mut Bytes::from(stream[..cut].to_vec()))
                .unwrap();
            inflow.restart();
            let resumed = match inflow.position() {
                0 => 0,
                64 => 21,
                _ => stream.len(),
            };
            inflow
                .push(&mut Bytes::from(stream[resumed..].to_vec()))
                .unwrap();
            for expected in [&b"first"[..], &[7; 900]] {
                let record = worker.command.next().unwrap().unwrap();
                assert_eq!(record.payload.copy_out(), expected, "cut at {cut}");
            }
            assert!(worker.command.next().unwrap().is_none());
        }
    }

    #[test]
    fn record_that_comes_again_larger_is_refused() {
        let (client, _worker) = ends();
        let mut inflow = Inflow::new(client.command);
        inflow
            .push(&mut Bytes::from(wire(1, b"part").split_off(0)).split_to(18))
            .unwrap();
        inflow.restart();
        let mut larger = Bytes::from(wire(1, &[0; 400]));
        assert!(matches!(
            inflow.push(&mut larger),
            Err(RingError::Corrupt { .. })
        ));
    }

    #[test]
    fn stream_ending_inside_a_record_is_noticed() {
        let (client, _worker) = ends();
        let mut inflow = Inflow::new(client.command);
        inflow
            .push(&mut Bytes::from(wire(1, b"whole")).split_to(18))
            .unwrap();
        assert!(!inflow.is_between_records());
    }
}
