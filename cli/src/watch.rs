//! `rigel watch`: started by `rigel run` beside a program whose pool is elsewhere. A process that is killed
//! cannot say goodbye, and the server would wait for it to come back; this one sees the death and says so.
//!
//! 1. Each client process connects to the watcher's socket (`RIGEL_LIFELINE`) and leaves the key of its
//!    session. A byte after it means that it has said goodbye itself.
//! 2. Only the end of the process counts, never that of the socket: programs close descriptors.
//! 3. The watcher is nobody's child and in no terminal's group, so that it survives what kills the program.
//!    It ends with the last of the program and its clients.
//!
//! Read [`Watcher`] first.

use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, ensure};
use clap::Args;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{getsockopt, sockopt};
use rigel_protocol::control::SessionKey;
use rigel_protocol::pool::{LIFELINE_KEY_BYTES, PoolAddress};
use rigel_transport::peer::PidFd;

/// Client processes watched at once; more are on their own.
const CLIENTS_MAX: usize = 1024;

/// Report the deaths of client processes to their server.
#[derive(Debug, Args)]
pub(crate) struct WatchArguments {
    /// The pool.
    #[arg(long)]
    pool: String,
    /// The process of the program.
    #[arg(long)]
    program: i32,
}

/// Starts a watcher for this process, which is about to become the program, and gives the name of its
/// socket for `RIGEL_LIFELINE`.
pub(crate) fn start(pool: &PoolAddress) -> anyhow::Result<String> {
    let mut random = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut random))
        .context("read /dev/urandom")?;
    let name = format!("rigel-{}", rigel_protocol::pool::to_hex(&random));
    let address = SocketAddr::from_abstract_name(&name).context("name the watcher's socket")?;
    let listener = UnixListener::bind_addr(&address).context("make the watcher's socket")?;
    let status = Command::new(std::env::current_exe().context("find the rigel binary")?)
        .args(["watch", "--pool", &pool.to_string(), "--program"])
        .arg(std::process::id().to_string())
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("start the watcher")?;
    ensure!(status.success(), "the watcher ended with {status}");
    Ok(name)
}

/// The watcher. Its standard input is the listening socket.
pub(crate) fn main(arguments: &WatchArguments) -> anyhow::Result<ExitCode> {
    let pool = arguments.pool.parse()?;
    let listener = std::io::stdin().as_fd().try_clone_to_owned();
    let listener = UnixListener::from(listener.context("keep the socket")?);
    listener.set_nonblocking(true).context("use the socket")?;
    let program = PidFd::open(arguments.program).context("watch the program")?;
    // The parent waits for this process alone, which ends here.
    // Where it is, since the pool may name a file.
    nix::unistd::daemon(true, false).context("leave the program's group")?;
    let mut watcher = Watcher {
        pool,
        listener,
        program: Some(program),
        clients: Vec::new(),
    };
    watcher.watch()?;
    Ok(ExitCode::SUCCESS)
}

/// What is watched.
struct Watcher {
    pool: PoolAddress,
    listener: UnixListener,
    /// Until it has ended.
    program: Option<PidFd>,
    clients: Vec<Client>,
}

struct Client {
    stream: UnixStream,
    process: PidFd,
    said: Vec<u8>,
    hung_up: bool,
}

impl Watcher {
    fn watch(&mut self) -> anyhow::Result<()> {
        while self.program.is_some() || !self.clients.is_empty() {
            self.sleep()?;
            self.accept();
            if self.program.as_ref().is_some_and(PidFd::has_exited) {
                self.program = None;
            }
            self.clients.iter_mut().for_each(Client::listen);
            let pool = &self.pool;
            self.clients.retain(|client| {
                let ended = client.process.has_exited();
                if let (true, Some(key)) = (ended, client.key_without_goodbye()) {
                    // The server may be gone too, and then there is nothing to free.
                    let _ = rigel_pool_server::ask::died(pool, key);
                }
                !ended
            });
        }
        Ok(())
    }

    fn sleep(&self) -> anyhow::Result<()> {
        let mut wanted: Vec<BorrowedFd<'_>> = vec![self.listener.as_fd()];
        wanted.extend(self.program.as_ref().map(AsFd::as_fd));
        for client in &self.clients {
            wanted.push(client.process.as_fd());
            if !client.hung_up {
                wanted.push(client.stream.as_fd());
            }
        }
        let mut fds: Vec<PollFd<'_>> = wanted
            .into_iter()
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => Ok(()),
            Err(error) => Err(error).context("wait for the program"),
        }
    }

    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            let own = nix::unistd::geteuid().as_raw();
            let Ok(peer) = getsockopt(&stream, sockopt::PeerCredentials) else {
                continue;
            };
            if peer.uid() != own || self.clients.len() >= CLIENTS_MAX {
                continue;
            }
            if let (Ok(process), Ok(())) = (PidFd::open(peer.pid()), stream.set_nonblocking(true)) {
                self.clients.push(Client {
                    stream,
                    process,
                    said: Vec::new(),
                    hung_up: false,
                });
            }
        }
    }
}

impl Client {
    /// Takes what the process has said.
    fn listen(&mut self) {
        let mut bytes = [0; LIFELINE_KEY_BYTES + 2];
        while !self.hung_up {
            match self.stream.read(&mut bytes) {
                Ok(n) if n > 0 && self.said.len() + n <= LIFELINE_KEY_BYTES + 1 => {
                    self.said.extend_from_slice(&bytes[..n]);
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                _ => self.hung_up = true,
            }
        }
    }

    /// The key of its session, unless it has said goodbye.
    fn key_without_goodbye(&self) -> Option<SessionKey> {
        let said = <[u8; LIFELINE_KEY_BYTES]>::try_from(&self.said[..]).ok()?;
        let (session, secret) = said.split_first_chunk::<8>()?;
        Some(SessionKey {
            session: u64::from_le_bytes(*session),
            secret: secret.try_into().ok()?,
        })
    }
}
