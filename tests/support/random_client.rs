//! A client with a valid token that sends whatever comes to its mind: well-formed records of every call with
//! arguments that were never meant, and now and then bytes that mean nothing. All of it follows from a
//! seed. Read [`RandomClient`] first.

use std::path::Path;

use anyhow::Result;
use rigel_protocol::generated::calls::{Call, Class};
use rigel_protocol::generated::layouts;
use rigel_protocol::handle::{DevicePtr, Function, HandleKind, Stream};
use rigel_protocol::link::{Payload, Transfer, WireCopy, WirePlace};
use rigel_protocol::wire::Put;
use rigel_transport::Patience;

use crate::liar::{Liar, launch};

/// Handles of each kind that it uses.
const HANDLES: u64 = 6;
/// Threads that it pretends to have: what one waits for keeps no other waiting.
const THREADS: u64 = 16;
/// Most calls of a session.
const CALLS_MAX: u64 = 200;
/// Of so many records one means nothing, which ends the session.
const NONSENSE_EVERY: u64 = 300;
/// It leaves when no answer has come for so long.
const MOMENT: std::time::Duration = std::time::Duration::from_millis(50);

/// Numbers that are likely to be mistaken.
const NUMBERS: [u64; 14] = [
    0,
    1,
    2,
    3,
    16,
    512,
    4096,
    65_536,
    1 << 20,
    (1 << 31) - 1,
    1 << 32,
    u64::MAX / 2,
    u64::MAX - 4095,
    u64::MAX,
];

/// What the random client has done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Sessions opened.
    pub sessions: u64,
    /// Calls sent.
    pub calls: u64,
    /// Answers heard that were no errors.
    pub successes: u64,
}

/// A source of sessions that mean no good.
#[derive(Debug)]
pub struct RandomClient {
    state: u64,
    pointers: Vec<u64>,
    function: Function,
    /// What it has done.
    pub tally: Tally,
}

impl RandomClient {
    /// All it does follows from the seed.
    pub fn new(seed: u64) -> Self {
        Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            pointers: Vec::new(),
            function: Function::NONE,
            tally: Tally::default(),
        }
    }

    /// Addresses of others, to be tried too.
    pub fn knows(&mut self, address: DevicePtr) {
        self.pointers.push(address.0);
    }

    /// Opens a session, does what it does, and leaves in some way.
    pub fn session(&mut self, socket: &Path, token: &str) -> Result<()> {
        let known = self.pointers.len();
        let mut liar = Liar::connect(socket, token)?;
        self.tally.sessions += 1;
        if liar.activate().is_ok() {
            self.prepare(&mut liar)?;
            for _ in 0..self.below(CALLS_MAX) {
                if self.one_call(&mut liar).is_none() {
                    break;
                }
            }
            self.hear_out(&mut liar);
        }
        if self.below(4) == 0 {
            let at = self.below(liar.memory_bytes()?);
            liar.scribble(at & !7, &self.next().to_le_bytes());
        }
        self.pointers.truncate(known);
        Ok(())
    }

    /// Something to be wrong with: memory, streams, events, a kernel.
    fn prepare(&mut self, liar: &mut Liar) -> Result<()> {
        for _ in 0..3 {
            if let Ok(address) = liar.allocate(4096)? {
                self.pointers.push(address.0);
            }
        }
        for index in 0..HANDLES as u32 {
            liar.make(index)?;
        }
        self.function = liar.kernel()?;
        Ok(())
    }

    /// Sends one record; `None` once the session is over.
    fn one_call(&mut self, liar: &mut Liar) -> Option<()> {
        let (call, arguments) = self.record();
        liar.thread = 1 + self.below(THREADS) as u32;
        liar.send(call, &arguments).ok()?;
        self.tally.calls += 1;
        // Answers are looked at now and then, so that the rings do not fill up.
        while let Some((_, (result, _))) = liar.hear().ok()? {
            self.tally.successes += u64::from(result.is_ok());
        }
        liar.end.memory.closed().is_none().then_some(())
    }

    /// Hears what it has asked, as long as answers come.
    fn hear_out(&mut self, liar: &mut Liar) {
        while liar.end.wait(&Patience::within(MOMENT)).is_ok() {
            while let Ok(Some((_, (result, _)))) = liar.hear() {
                self.tally.successes += u64::from(result.is_ok());
            }
        }
    }

    fn record(&mut self) -> (Call, Vec<u8>) {
        if self.below(NONSENSE_EVERY) == 0 {
            let call = Call(self.pick(Call::ALL).0 + self.below(2) as u16);
            let bytes = (0..self.below(120)).map(|_| self.next() as u8).collect();
            return (call, bytes);
        }
        match self.below(10) {
            0 => (Call::COPY, self.copy(false)),
            1 => (Call::COPY_WAIT, self.copy(true)),
            2 => {
                let (stream, at) = (self.handle(HandleKind::Stream), self.address());
                let function = match self.below(4) {
                    0 => Function(self.handle(HandleKind::Function)),
                    _ => self.function,
                };
                (Call::LAUNCH, launch(function, Stream(stream), at))
            }
            _ => {
                let known = layouts::CALLS.iter();
                let sent: Vec<_> = known
                    .filter(|layout| layout.call.class() != Class::Local)
                    .collect();
                let layout = self.pick(&sent);
                let mut put = Put::new();
                for field in layout.arguments {
                    self.field(type_of(field), &mut put);
                }
                (layout.call, put.into_vec())
            }
        }
    }

    fn copy(&mut self, wait: bool) -> Vec<u8> {
        let few = [7; 64];
        let bytes = self.number();
        let place = |client: &mut Self, is_source: bool| match client.below(5) {
            0 | 1 => WirePlace::Device(DevicePtr(client.address())),
            2 => WirePlace::Shared(client.address()),
            3 if is_source => WirePlace::Bytes(Payload::Inline(&few)),
            3 => WirePlace::Bytes(Payload::Inline(&[])),
            _ => WirePlace::Bytes(Payload::Bulk(Transfer {
                number: client.number(),
                bytes,
            })),
        };
        let (dst, src) = (place(self, false), place(self, true));
        let mut put = Put::new();
        WireCopy {
            dst,
            src,
            bytes,
            stream: Stream(self.handle(HandleKind::Stream)),
            wait,
        }
        .put(&mut put);
        put.into_vec()
    }

    /// Writes a value of a type, as the listing of the wire names it.
    fn field(&mut self, kind: &str, put: &mut Put) {
        if let Some(of) = kind.strip_prefix("list of ") {
            let n = self.below(4);
            put.put(&(n as u32));
            return (0..n).for_each(|_| self.field(of, put));
        }
        if let Some((of, n)) = array(kind) {
            return (0..n).for_each(|_| self.field(of, put));
        }
        let structure = layouts::STRUCTS.iter().find(|layout| layout.name == kind);
        if let Some(structure) = structure {
            for field in structure.fields {
                self.field(type_of(field), put);
            }
            return;
        }
        let kind = kind.strip_prefix("new ").unwrap_or(kind);
        match (kind, handle_kind(kind)) {
            (_, Some(kind)) => put.put(&self.handle(kind)),
            ("DevicePtr", _) => put.put(&self.address()),
            ("usize" | "u64" | "c_ulong" | "c_ulonglong", _) => put.put(&self.number()),
            ("u8" | "c_uchar" | "c_char" | "bool", _) => put.put(&(self.below(2) as u8)),
            ("u16" | "c_ushort", _) => put.put(&(self.number() as u16)),
            ("text" | "bytes", _) => put.bytes(b"store"),
            _ => {
                let small = self.below(12) as u32;
                put.put(&if self.below(9) == 0 {
                    self.next() as u32
                } else {
                    small
                });
            }
        }
    }

    fn handle(&mut self, kind: HandleKind) -> u64 {
        match self.below(12) {
            0 => 0,
            1 => 1 + self.below(2),
            2 => self.next(),
            3 => ((kind as u64) << 40) | (0x8000_0001 + self.below(4)),
            _ => ((kind as u64) << 40) | (1 + self.below(HANDLES)),
        }
    }

    fn address(&mut self) -> u64 {
        if self.pointers.is_empty() || self.below(8) == 0 {
            return self.next() >> self.below(64);
        }
        let near = self.below(3) * self.below(5000);
        self.pick(&self.pointers.clone()).wrapping_add(near)
    }

    fn number(&mut self) -> u64 {
        let number = self.pick(&NUMBERS);
        match self.below(4) {
            0 => number.wrapping_sub(self.below(64)),
            1 => self.below(100_000),
            _ => number,
        }
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

fn type_of(field: &'static str) -> &'static str {
    field.split_once(": ").map_or(field, |(_, kind)| kind)
}

/// `[u8 ; 64]`.
fn array(kind: &str) -> Option<(&str, u64)> {
    let (of, n) = kind.strip_prefix('[')?.strip_suffix(']')?.split_once(';')?;
    Some((of.trim(), n.trim().parse().ok()?))
}

fn handle_kind(name: &str) -> Option<HandleKind> {
    (1..=u8::MAX)
        .map_while(HandleKind::from_number)
        .find(|kind| format!("{kind:?}") == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_gives_the_same_records() {
        let (mut one, mut other) = (RandomClient::new(7), RandomClient::new(7));
        for _ in 0..1000 {
            assert_eq!(one.record(), other.record());
        }
        assert_ne!(RandomClient::new(8).record(), RandomClient::new(9).record());
    }
}
