//! A client that speaks the protocol itself, without Rigel's library, and need not keep to it. It holds
//! a valid token and nothing else. Read [`Liar`] first.

use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use rigel_protocol::control::{
    self, ClientMessage, Hello, ProcessInfo, Request, ServerMessage, Token, WIRE, Welcome,
};
use rigel_protocol::custom::JitOptions;
use rigel_protocol::generated::calls::Call;
use rigel_protocol::handle::{Context, Device, DevicePtr, Event, Function, Module, Stream};
use rigel_protocol::link::{
    ContextBegin, FunctionRow, ImageHead, Payload, Reply, WireCopy, WirePlace, context_word,
};
use rigel_protocol::wire::{Get, Put};
use rigel_protocol::{CuResult, custom::LaunchConfig};
use rigel_transport::local::{LocalStream, Message};
use rigel_transport::{
    ClientEnd, CloseReason, Layout, Patience, RecordHead, RingError, SessionMemory,
};

/// How long it waits for an answer that has to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// A kernel that stores a byte: `store(address, value)`.
const KERNEL: &[u8] = b".version 7.0
.target sm_80
.address_size 64
.visible .entry store(.param .u64 at, .param .u32 value)
{
    .reg .b32 %r;
    .reg .b64 %d;
    ld.param.u64 %d, [at];
    ld.param.u32 %r, [value];
    st.global.u8 [%d], %r;
    ret;
}
";

/// An open session in the hand of a test.
#[derive(Debug)]
pub struct Liar {
    /// The way to the daemon; the session ends with it.
    stream: LocalStream,
    /// The session's memory, as the daemon gave it.
    memory: std::fs::File,
    /// Its end of the rings.
    pub end: ClientEnd,
    /// What the daemon said of the session.
    pub welcome: Welcome,
    /// The thread that it says it calls from.
    pub thread: u32,
}

/// What a call came to: its code and its results.
pub type Answer = (CuResult<()>, Vec<u8>);

impl Liar {
    /// The opening of a client that asks for all that the token's lease holds.
    pub fn hello(token: Option<&str>) -> Hello {
        Hello {
            wire: WIRE,
            token: token.map(|secret| Token(secret.to_owned())),
            request: Request::default(),
            process: ProcessInfo {
                pid: 1,
                name: "honest".into(),
                host: "elsewhere".into(),
            },
        }
    }

    /// Says one thing to a server and hears what it answers first.
    pub fn say(socket: &Path, message: &ClientMessage) -> Result<(LocalStream, Heard)> {
        let deadline = Instant::now() + PATIENCE;
        let stream = LocalStream::connect(socket, deadline)?;
        stream.send(&control::encode(message)?, &[], deadline)?;
        let Message { bytes, fds } = stream.receive(deadline)?;
        let message = control::decode(&bytes)?;
        Ok((stream, Heard { message, fds }))
    }

    /// Opens a session with a token.
    pub fn connect(socket: &Path, token: &str) -> Result<Self> {
        let hello = ClientMessage::Hello(Self::hello(Some(token)));
        let (stream, heard) = Self::say(socket, &hello)?;
        let ServerMessage::Welcome(welcome) = heard.message else {
            bail!("the server answers {:?}", heard.message);
        };
        let mut fds = heard.fds.into_iter();
        let rings = fds.next().context("the rings come with the welcome")?;
        Self::over(stream, *welcome, rings)
    }

    /// A session that somebody has opened, by its memory.
    pub fn over(stream: LocalStream, welcome: Welcome, rings: OwnedFd) -> Result<Self> {
        let sizes = welcome.layout;
        let layout = Layout::new([sizes.command, sizes.upload, sizes.reply, sizes.download])?;
        let copy = rings.try_clone().context("copy a descriptor")?;
        let memory = SessionMemory::from_fd(rings, &layout)?;
        Ok(Self {
            stream,
            memory: std::fs::File::from(copy),
            end: memory.client()?,
            welcome,
            thread: 1,
        })
    }

    /// Says something more to the daemon.
    pub fn tell(&self, message: &ClientMessage) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        self.stream
            .send(&control::encode(message)?, &[], deadline)?;
        Ok(())
    }

    /// Sends a call with these bytes as its arguments; returns its position.
    pub fn send(&self, call: Call, arguments: &[u8]) -> Result<u64, RingError> {
        let context = Context::primary(Device(0));
        let head = RecordHead {
            op: call.0,
            flags: 0,
            thread: self.thread,
            context: context_word(context).unwrap_or(0),
        };
        let patience = Patience::within(PATIENCE);
        self.end.command.send(head, &[arguments], &patience)
    }

    /// Sends a call and hears its answer. Whatever comes before is dropped.
    pub fn ask(&mut self, call: Call, write: impl FnOnce(&mut Put)) -> Result<Answer> {
        let mut put = Put::new();
        write(&mut put);
        let position = self.send(call, put.as_slice())?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            while let Some((answered, answer)) = self.hear()? {
                if answered == position {
                    return Ok(answer);
                }
            }
            ensure!(Instant::now() < deadline, "no answer to {:?}", call.name());
            self.end.wait(&Patience::within(PATIENCE))?;
        }
    }

    /// The next answer, if there is one now, with its call's position.
    pub fn hear(&mut self) -> Result<Option<(u64, Answer)>, RingError> {
        while self.end.download.next()?.is_some() {}
        self.end.download.release();
        while let Some(record) = self.end.reply.next()? {
            let payload = record.payload.copy_out();
            let mut get = Get::new(&payload);
            if Call(record.head.op) == Call::NOTICE {
                continue;
            }
            if let Ok(Reply { position, result }) = get.get() {
                return Ok(Some((position, (result, get.rest().to_vec()))));
            }
        }
        Ok(None)
    }

    /// Retains its GPU's primary context.
    pub fn activate(&mut self) -> Result<()> {
        let begin = ContextBegin {
            context: Context::primary(Device(0)),
            device: Device(0),
            flags: 0,
        };
        let (result, _) = self.ask(Call::PRIMARY_ACTIVATE, |put| put.put(&begin))?;
        result.context("activate the primary context")
    }

    /// Allocates.
    pub fn allocate(&mut self, bytes: u64) -> Result<CuResult<DevicePtr>> {
        let (result, results) = self.ask(Call::MEM_ALLOC_V2, |put| put.put(&bytes))?;
        Ok(match result {
            Ok(()) => Ok(Get::new(&results).get()?),
            Err(error) => Err(error),
        })
    }

    /// Copies bytes to an address, or tells why not.
    pub fn write(&mut self, to: DevicePtr, bytes: &[u8]) -> Result<CuResult<()>> {
        let copy = WireCopy {
            dst: WirePlace::Device(to),
            src: WirePlace::Bytes(Payload::Inline(bytes)),
            bytes: bytes.len() as u64,
            stream: Stream::LEGACY,
            wait: true,
        };
        Ok(self.ask(Call::COPY_WAIT, |put| copy.put(put))?.0)
    }

    /// Fetches bytes from an address, or tells why not.
    pub fn read(&mut self, from: DevicePtr, bytes: u64) -> Result<CuResult<Vec<u8>>> {
        let copy = WireCopy {
            dst: WirePlace::Bytes(Payload::Inline(&[])),
            src: WirePlace::Device(from),
            bytes,
            stream: Stream::LEGACY,
            wait: true,
        };
        let (result, results) = self.ask(Call::COPY_WAIT, |put| copy.put(put))?;
        Ok(match result {
            Ok(()) => Ok(Get::new(&results).bytes()?.to_vec()),
            Err(error) => Err(error),
        })
    }

    /// Loads a kernel that stores a byte at an address.
    pub fn kernel(&mut self) -> Result<Function> {
        let module = Module::mint(0);
        let (loaded, _) = self.ask(Call::MODULE_LOAD, |put| {
            ImageHead {
                handle: module.0,
                jit: JitOptions::default(),
                options: Vec::new(),
                image: Payload::Inline(KERNEL),
            }
            .put(put);
        })?;
        loaded.context("load a kernel")?;
        let (found, row) = self.ask(Call::MODULE_FUNCTION, |put| {
            put.put(&module);
            put.cstr(c"store");
        })?;
        found.context("find a kernel")?;
        let row: FunctionRow = Get::new(&row).get()?;
        Ok(Function(row.handle))
    }

    /// Launches that kernel, and says what the device thinks of it.
    pub fn store(&mut self, function: Function, at: u64) -> Result<CuResult<()>> {
        self.send(Call::LAUNCH, &launch(function, Stream::LEGACY, at))?;
        Ok(self.ask(Call::CTX_SYNCHRONIZE, |_| {})?.0)
    }

    /// Makes a stream and an event of these indices.
    pub fn make(&self, index: u32) -> Result<()> {
        let mut put = Put::new();
        put.put(&Stream::mint(index));
        put.put(&0_u32);
        self.send(Call::STREAM_CREATE, put.as_slice())?;
        let mut put = Put::new();
        put.put(&Event::mint(index));
        put.put(&0_u32);
        self.send(Call::EVENT_CREATE, put.as_slice())?;
        Ok(())
    }

    /// Writes to the session's memory wherever it likes; true if there is so much.
    pub fn scribble(&self, at: u64, bytes: &[u8]) -> bool {
        self.memory.write_all_at(bytes, at).is_ok()
    }

    /// Bytes of the session's memory.
    pub fn memory_bytes(&self) -> Result<u64> {
        let metadata = self.memory.metadata();
        Ok(metadata.context("measure the session's memory")?.len())
    }

    /// Tries to make the session's memory shorter.
    pub fn shrink(&self) -> std::io::Result<()> {
        self.memory.set_len(0)
    }

    /// Waits until the other side has ended the session, and says how.
    pub fn ended(&mut self) -> Result<CloseReason> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(reason) = self.end.memory.closed() {
                return Ok(reason);
            }
            ensure!(Instant::now() < deadline, "the session does not end");
            let heard = self.hear();
            // What ends it is told by the memory.
            let _ = heard.and_then(|_| self.end.wait(&Patience::within(PATIENCE)));
        }
    }
}

/// What a server answered.
#[derive(Debug)]
pub struct Heard {
    /// The answer.
    pub message: ServerMessage,
    /// What came with it.
    pub fds: Vec<OwnedFd>,
}

/// The arguments of a launch of [`Liar::kernel`].
pub(crate) fn launch(function: Function, stream: Stream, at: u64) -> Vec<u8> {
    let config = LaunchConfig {
        grid: [1; 3],
        block: [1; 3],
        shared_bytes: 0,
        stream,
        cooperative: false,
        attributes: &[],
    };
    let mut parameters = at.to_le_bytes().to_vec();
    parameters.extend(7_u32.to_le_bytes());
    let mut put = Put::new();
    rigel_protocol::link::launch::put_launch(&mut put, function, &config, &parameters);
    put.into_vec()
}
