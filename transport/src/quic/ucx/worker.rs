//! A lane's worker of UCX and its one endpoint: the C objects with their owners. It shares nothing with
//! other lanes, so that no thread of another lane is ever in it. Read [`Worker`] first.
//!
//! 1. UCX calls back in [`Worker::progress`] alone, and only the inbox is touched there.
//! 2. Lanes begin, connect and end one at a time: what UCX keeps for the whole process is not made for several
//!    threads that do so at once.
//! 3. What UCX sends from stays where it is until the request is done, or the worker is no more.
#![expect(unsafe_code, reason = "calls a C library")]

use std::collections::VecDeque;
use std::ffi::{c_uint, c_void};
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::arrivals::{Arrivals, Mark};
use super::library::{
    self, BUSY, EndpointParams, HandlerParams, IN_PROGRESS, OK, ReceivedParams, RequestParams,
    Status, Ucx, status_of,
};

/// Head of each message: two numbers.
pub(super) const HEAD_BYTES: usize = 16;
/// The most bytes of a worker's address.
pub(super) const ADDRESS_BYTES_MAX: usize = 8192;
/// Rounds of progress before others get their turn.
const N_ROUNDS_MAX: usize = 64;
/// Rounds of progress until a closed endpoint is given up.
const N_CLOSING_ROUNDS: usize = 10_000;

/// A message of bytes: the position of the first, and zero.
const DATA: c_uint = 1;
/// A message of the reader's: how far it has come.
const READ: c_uint = 2;

const ENDPOINT_ADDRESS: u64 = 1;
const ENDPOINT_ERROR_MODE: u64 = 1 << 1;
const ENDPOINT_ON_ERROR: u64 = 1 << 2;
const ERRORS_OF_NOBODY: c_uint = 0;
const ERRORS_OF_PEERS: c_uint = 1;
const REQUEST_FLAGS: u32 = 1 << 4;
const CLOSE_NOW: u32 = 1;
const SEND_EAGERLY: u32 = 2;
const HANDLER_ALL_FIELDS: u64 = 0b1111;
const HANDLER_WHOLE_MESSAGES: u32 = 1;
const HANDLER_KEEPS_DATA: u32 = 2;
const RECEIVED_TO_KEEP: u64 = 1 << 16;
const RECEIVED_ELSEWHERE: u64 = 1 << 17;

/// Bytes that have come.
enum Piece {
    /// UCX's, to be released.
    Kept(*mut c_void, usize),
    Copied(Vec<u8>),
}

/// What UCX has told of.
#[derive(Default)]
struct Inbox {
    arrivals: Arrivals<Piece>,
    /// How far the peer has read.
    peer_read: Mark,
    broken: Option<Broken>,
}

enum Broken {
    Status(Status),
    Protocol,
}

/// A worker, which sends and receives.
pub(super) struct Worker {
    ucx: &'static Ucx,
    context: *mut c_void,
    worker: *mut c_void,
    /// Null until it is connected.
    endpoint: *mut c_void,
    inbox: *mut Inbox,
    /// What is being sent, each with its request.
    sending: VecDeque<(*mut c_void, Vec<u8>)>,
    spare: Vec<Vec<u8>>,
}

// SAFETY: its handles belong to no thread, and only its owner uses them and the inbox.
unsafe impl Send for Worker {}
// SAFETY: what takes a shared reference asks for plain values of the inbox alone.
unsafe impl Sync for Worker {}

impl Worker {
    pub(super) fn open() -> io::Result<Worker> {
        let ucx = library::load()?;
        let mut opened = Worker {
            ucx,
            context: {
                let _alone = alone();
                ucx.context()?
            },
            worker: null_mut(),
            endpoint: null_mut(),
            inbox: Box::into_raw(Box::default()),
            sending: VecDeque::new(),
            spare: Vec::new(),
        };
        opened.begin()?;
        Ok(opened)
    }

    fn begin(&mut self) -> io::Result<()> {
        let _alone = alone();
        self.worker = self.ucx.worker(self.context)?;
        for (id, handler) in [(DATA, on_data as library::MessageHandler), (READ, on_read)] {
            let params = HandlerParams {
                mask: HANDLER_ALL_FIELDS,
                id,
                flags: HANDLER_WHOLE_MESSAGES | HANDLER_KEEPS_DATA,
                handler: Some(handler),
                arg: self.inbox.cast(),
                rest: [0; 16],
            };
            // SAFETY: the worker lives, and the inbox longer than it.
            let set = unsafe { (self.ucx.ucp_worker_set_am_recv_handler)(self.worker, &params) };
            self.ucx.check("receive messages of UCX", set)?;
        }
        Ok(())
    }

    /// Where it is, in UCX's words.
    pub(super) fn address(&self) -> io::Result<Vec<u8>> {
        let (mut address, mut len) = (null_mut(), 0);
        // SAFETY: the worker lives; the results are live locals.
        let asked =
            unsafe { (self.ucx.ucp_worker_get_address)(self.worker, &mut address, &mut len) };
        self.ucx.check("ask UCX where it is", asked)?;
        // SAFETY: so many bytes are there until they are released.
        let bytes = unsafe { std::slice::from_raw_parts(address.cast::<u8>(), len) }.to_vec();
        // SAFETY: got above, and not used again.
        unsafe { (self.ucx.ucp_worker_release_address)(self.worker, address) };
        Ok(bytes)
    }

    /// Connects to the peer's worker. UCX is given no length: zeros follow the address, as far as one goes.
    pub(super) fn connect(&mut self, peer: &[u8]) -> io::Result<()> {
        let mut address = vec![0; 2 * ADDRESS_BYTES_MAX];
        let len = peer.len().min(ADDRESS_BYTES_MAX);
        address[..len].copy_from_slice(&peer[..len]);
        let mut params = EndpointParams {
            mask: ENDPOINT_ADDRESS | ENDPOINT_ERROR_MODE | ENDPOINT_ON_ERROR,
            address: address.as_ptr().cast(),
            error_mode: ERRORS_OF_PEERS,
            on_error: Some(on_error),
            on_error_arg: self.inbox.cast(),
            rest: [0; 24],
        };
        let mut endpoint = null_mut();
        let mut made = OK;
        let _alone = alone();
        // Shared memory does not notice a peer's end; the lane's TCP connection does.
        for error_mode in [ERRORS_OF_PEERS, ERRORS_OF_NOBODY] {
            params.error_mode = error_mode;
            // SAFETY: the worker lives; the parameters and the address live across the call, the inbox
            // longer than the endpoint.
            made = unsafe { (self.ucx.ucp_ep_create)(self.worker, &params, &mut endpoint) };
            if made == OK {
                self.endpoint = endpoint;
                break;
            }
        }
        self.ucx.check("connect over UCX", made)
    }

    /// What becomes readable when there is something to do; a copy that lives by itself. In a runtime.
    pub(super) fn descriptor(&self) -> io::Result<AsyncFd<OwnedFd>> {
        let mut number = -1;
        // SAFETY: the worker lives; the result is a live local.
        let asked = unsafe { (self.ucx.ucp_worker_get_efd)(self.worker, &mut number) };
        self.ucx.check("ask UCX for its descriptor", asked)?;
        // SAFETY: the worker keeps it open.
        let copy = unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned()?;
        // SAFETY: an `OwnedFd` keeps one open descriptor, always the same, until it is dropped.
        Ok(unsafe { AsyncFd::register_with_interest(copy, Interest::READABLE) }?)
    }

    /// Does what there is to do, up to a limit.
    pub(super) fn progress(&mut self) -> io::Result<Progress> {
        let mut n_rounds = 0;
        // SAFETY: the worker lives, and nobody else is in it.
        while unsafe { (self.ucx.ucp_worker_progress)(self.worker) } > 0 {
            n_rounds += 1;
            if n_rounds == N_ROUNDS_MAX {
                break;
            }
        }
        self.settle()?;
        match &self.inbox().broken {
            None => {}
            Some(Broken::Status(status)) => self.ucx.check("reach the peer over UCX", *status)?,
            Some(Broken::Protocol) => return Err(io::ErrorKind::InvalidData.into()),
        }
        Ok(match n_rounds {
            0 => Progress::Nothing,
            N_ROUNDS_MAX => Progress::MoreToDo,
            _ => Progress::Some,
        })
    }

    /// Whether the descriptor will tell of the next event; if not, there is something to do now.
    pub(super) fn arm(&mut self) -> io::Result<bool> {
        // SAFETY: the worker lives, and nobody else is in it.
        match unsafe { (self.ucx.ucp_worker_arm)(self.worker) } {
            BUSY => Ok(false),
            status => self.ucx.check("arm UCX", status).map(|()| true),
        }
    }

    /// An empty buffer, reused if one is there.
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        let mut buffer = self.spare.pop().unwrap_or_default();
        buffer.clear();
        buffer
    }

    /// Messages that are being sent.
    pub(super) fn n_sending(&self) -> usize {
        self.sending.len()
    }

    /// Sends bytes: a head, which is the position of the first and zero, and them.
    pub(super) fn send_data(&mut self, message: Vec<u8>) -> io::Result<()> {
        self.send(DATA, message)
    }

    /// Tells the peer how far this side has read.
    pub(super) fn send_read(&mut self, read: Mark) -> io::Result<()> {
        let head = [read.bytes.to_le_bytes(), read.messages.to_le_bytes()].concat();
        self.send(READ, head)
    }

    fn send(&mut self, id: c_uint, message: Vec<u8>) -> io::Result<()> {
        let (head, bytes) = message.split_at(HEAD_BYTES);
        let params = request_params(SEND_EAGERLY);
        // SAFETY: the endpoint is open; the message stays where it is until its request is done.
        let request = unsafe {
            (self.ucx.ucp_am_send_nbx)(
                self.endpoint,
                id,
                head.as_ptr().cast(),
                head.len(),
                bytes.as_ptr().cast(),
                bytes.len(),
                &params,
            )
        };
        match status_of(request) {
            Some(status) => {
                self.spare.push(message);
                self.ucx.check("send over UCX", status)
            }
            None => {
                self.sending.push_back((request, message));
                Ok(())
            }
        }
    }

    /// Takes back what has been sent.
    fn settle(&mut self) -> io::Result<()> {
        while let Some((request, _)) = self.sending.front() {
            // SAFETY: the request was not freed.
            let status = unsafe { (self.ucx.ucp_request_check_status)(*request) };
            if status == IN_PROGRESS {
                break;
            }
            if let Some((request, message)) = self.sending.pop_front() {
                // SAFETY: it is done, and forgotten.
                unsafe { (self.ucx.ucp_request_free)(request) };
                self.spare.push(message);
            }
            self.ucx.check("send over UCX", status)?;
        }
        Ok(())
    }

    /// How far the peer has read.
    pub(super) fn peer_read(&self) -> Mark {
        self.inbox().peer_read
    }

    /// How far this side has read.
    pub(super) fn has_read(&self) -> Mark {
        self.inbox().arrivals.read()
    }

    /// Reads what is there, at most what fits.
    pub(super) fn read(&mut self, into: &mut [u8]) -> usize {
        let mut n_read = 0;
        while n_read < into.len() {
            // SAFETY: UCX is not in the worker, and nothing else uses the inbox.
            let arrivals = &mut unsafe { &mut *self.inbox }.arrivals;
            let Some((piece, from)) = arrivals.next() else {
                break;
            };
            let bytes = match piece {
                Piece::Copied(bytes) => bytes.as_slice(),
                // SAFETY: UCX has put so many bytes there, which stay until they are released.
                Piece::Kept(data, len) => unsafe {
                    std::slice::from_raw_parts(data.cast::<u8>(), *len)
                },
            };
            let bytes = &bytes[from as usize..];
            let n = bytes.len().min(into.len() - n_read);
            into[n_read..n_read + n].copy_from_slice(&bytes[..n]);
            n_read += n;
            if let Some(piece) = arrivals.advance(n as u64) {
                self.release(piece);
            }
        }
        n_read
    }

    fn release(&self, piece: Piece) {
        if let Piece::Kept(data, _) = piece {
            // SAFETY: kept when it came, and not used again.
            unsafe { (self.ucx.ucp_am_data_release)(self.worker, data) };
        }
    }

    fn inbox(&self) -> &Inbox {
        // SAFETY: it lives as long as this; only `progress` and `read` change it, which borrow mutably.
        unsafe { &*self.inbox }
    }

    fn close(&mut self) {
        if self.endpoint.is_null() {
            return;
        }
        let params = request_params(CLOSE_NOW);
        // SAFETY: the endpoint is open, and not used again.
        let closing = unsafe { (self.ucx.ucp_ep_close_nbx)(self.endpoint, &params) };
        let is_closing = status_of(closing).is_none();
        for _ in 0..N_CLOSING_ROUNDS {
            // SAFETY: the worker lives, and nobody else is in it.
            unsafe { (self.ucx.ucp_worker_progress)(self.worker) };
            if !is_closing {
                break;
            }
            // SAFETY: the request was not freed.
            if unsafe { (self.ucx.ucp_request_check_status)(closing) } != IN_PROGRESS {
                break;
            }
        }
        let requests = self.sending.iter().map(|(request, _)| *request);
        for request in requests.chain(is_closing.then_some(closing)) {
            // SAFETY: not freed before; what it sends from outlives the worker.
            unsafe { (self.ucx.ucp_request_free)(request) };
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _alone = alone();
        self.close();
        // SAFETY: made by `open`; UCX is not in the worker.
        let pieces: Vec<Piece> = unsafe { &mut *self.inbox }.arrivals.drain().collect();
        pieces.into_iter().for_each(|piece| self.release(piece));
        if !self.worker.is_null() {
            // SAFETY: its endpoint is closed, what it gave out is given back.
            unsafe { (self.ucx.ucp_worker_destroy)(self.worker) };
        }
        // SAFETY: it has no worker any more.
        unsafe { (self.ucx.ucp_cleanup)(self.context) };
        // SAFETY: made by `open`; whoever had its address is gone.
        drop(unsafe { Box::from_raw(self.inbox) });
    }
}

/// Keeps others from beginning and ending lanes.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a round of progress has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Nothing,
    Some,
    MoreToDo,
}

fn request_params(flags: u32) -> RequestParams {
    RequestParams {
        mask: REQUEST_FLAGS,
        flags,
        rest: [0; 24],
    }
}

/// The two numbers of a head.
///
/// # Safety
/// `len` bytes are readable at `head`.
unsafe fn numbers(head: *const c_void, len: usize) -> Option<(u64, u64)> {
    if len != HEAD_BYTES {
        return None;
    }
    // SAFETY: so many bytes are there.
    let [first, second] = unsafe { head.cast::<[[u8; 8]; 2]>().read() };
    Some((u64::from_le_bytes(first), u64::from_le_bytes(second)))
}

/// Bytes have come.
unsafe extern "C" fn on_data(
    inbox: *mut c_void,
    head: *const c_void,
    head_len: usize,
    data: *mut c_void,
    len: usize,
    received: *const ReceivedParams,
) -> Status {
    // SAFETY: the argument of the handler, which lives as long as the worker and is not in use elsewhere.
    let inbox = unsafe { &mut *inbox.cast::<Inbox>() };
    // SAFETY: UCX describes what it hands over.
    let attributes = unsafe { (*received).attributes };
    // SAFETY: as above.
    let head = unsafe { numbers(head, head_len) };
    let Some((position, 0)) = head.filter(|_| attributes & RECEIVED_ELSEWHERE == 0) else {
        inbox.broken = Some(Broken::Protocol);
        return OK;
    };
    let is_kept = attributes & RECEIVED_TO_KEEP != 0 && len > 0;
    let piece = match len {
        0 => Piece::Copied(Vec::new()),
        _ if is_kept => Piece::Kept(data, len),
        // SAFETY: so many bytes are there during the call.
        _ => Piece::Copied(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), len) }.to_vec()),
    };
    match inbox.arrivals.accept(position, len as u64, piece) {
        Ok(()) if is_kept => IN_PROGRESS,
        Ok(()) => OK,
        Err(_) => {
            inbox.broken = Some(Broken::Protocol);
            OK
        }
    }
}

/// The peer has read so far.
unsafe extern "C" fn on_read(
    inbox: *mut c_void,
    head: *const c_void,
    head_len: usize,
    _data: *mut c_void,
    _len: usize,
    _received: *const ReceivedParams,
) -> Status {
    // SAFETY: as in `on_data`.
    let inbox = unsafe { &mut *inbox.cast::<Inbox>() };
    // SAFETY: UCX describes what it hands over.
    match unsafe { numbers(head, head_len) } {
        Some((bytes, messages)) => {
            // They too may overtake each other.
            inbox.peer_read.bytes = inbox.peer_read.bytes.max(bytes);
            inbox.peer_read.messages = inbox.peer_read.messages.max(messages);
        }
        None => inbox.broken = Some(Broken::Protocol),
    }
    OK
}

/// The connection is no more.
unsafe extern "C" fn on_error(inbox: *mut c_void, _endpoint: *mut c_void, status: Status) {
    // SAFETY: as in `on_data`.
    let inbox = unsafe { &mut *inbox.cast::<Inbox>() };
    inbox.broken.get_or_insert(Broken::Status(status));
}
