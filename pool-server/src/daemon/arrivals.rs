//! A connection's first message: what is asked for, whether its sender is heard, and who answers. Read
//! [`serve`] first.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rigel_protocol::control::{
    ClientMessage, Hello, Refusal, RefusalCause, Request, Resume, ServerMessage, Token, View,
    decode,
};
use rigel_protocol::visible::VisibleDevices;

use super::link::{ClientLink, FromClient};
use super::peer::Peer;
use super::queue;
use super::returns::Visit;
use super::server::Server;
use super::session::{self, Session};
use super::view::view;

/// Longest time a client takes to say who it is.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// The whole of a connection: its first message decides.
pub(crate) fn serve(server: &Arc<Server>, mut client: ClientLink, peer: &Peer) {
    let bytes = match first_message(server, &mut client) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::debug!(%peer, "connection without a hello: {error:#}");
            return;
        }
    };
    let message = decode::<ClientMessage>(&bytes);
    let asked = message.as_ref().map_or("nothing", asked);
    let answer = match message {
        // Those who come back show a secret that cannot be guessed; the others wait.
        Ok(ClientMessage::Resume(resume)) => match server.come_back(&resume, client, peer) {
            Ok(()) => return,
            Err((refusal, back)) => {
                tracing::warn!(%peer, session = resume.key.session, "{}", refusal.message);
                client = back;
                ServerMessage::Refused(refusal)
            }
        },
        Ok(ClientMessage::Trace { key, from }) => match server.follower.traces.part(key, from) {
            Ok(part) => ServerMessage::Trace(Box::new(part)),
            Err(refusal) => ServerMessage::Refused(refusal),
        },
        Ok(ClientMessage::Died(key)) => match server.returns.visit(key, None, Visit::Died) {
            Ok(()) => ServerMessage::Ended(Refusal {
                cause: RefusalCause::ShuttingDown,
                message: "the session is ended".into(),
            }),
            Err((refusal, _)) => ServerMessage::Refused(refusal),
        },
        Ok(message) => match hear(server, message, peer, &mut client) {
            Ok(Heard::Session(session)) => return session.serve(server, client),
            Ok(Heard::Answer(answer)) => answer,
            Err(refusal) => {
                server.refused(peer, asked, &refusal);
                ServerMessage::Refused(refusal)
            }
        },
        Err(error) => protocol(&error.to_string()),
    };
    if let Err(error) = client.send(&answer, &[]) {
        tracing::debug!(%peer, "client left before its answer: {error:#}");
    }
    client.close();
}

impl Server {
    /// Lets a client back to its session, or gives its connection back with the reason.
    fn come_back(
        &self,
        resume: &Resume,
        client: ClientLink,
        peer: &Peer,
    ) -> Result<(), (Refusal, ClientLink)> {
        let ClientLink::Remote(remote) = client else {
            let refusal = Refusal {
                cause: RefusalCause::Protocol,
                message: "a session of this host has no connection to lose".into(),
            };
            return Err((refusal, client));
        };
        let placed = match self.leases.authorise(resume.token.as_ref(), peer) {
            Ok(placed) => placed,
            Err(refusal) => return Err((refusal, ClientLink::Remote(remote))),
        };
        let attempt = resume.attempt;
        let lease = Some(placed.lease.name.as_str());
        let visit = Visit::Back {
            client: remote,
            attempt,
        };
        match self.returns.visit(resume.key, lease, visit) {
            Err((refusal, Visit::Back { client, .. })) => {
                Err((refusal, ClientLink::Remote(client)))
            }
            _ => Ok(()),
        }
    }

    /// What a session of this peer would see of its GPUs.
    fn view_for(
        &self,
        token: Option<&Token>,
        request: &Request,
        peer: &Peer,
    ) -> Result<View, Refusal> {
        let placed = self.leases.authorise(token, peer)?;
        let request = self.leases.request(token, placed, request)?;
        let grants = placed.grant(&request)?;
        let lease = self.books.lease_index(&placed.lease.name);
        let lease = lease.ok_or_else(|| Refusal {
            cause: RefusalCause::Protocol,
            message: "the lease is not in the books".into(),
        })?;
        Ok(view(
            &self.books,
            lease,
            &grants,
            &self.profiles,
            &self.driver,
            &self.load,
        ))
    }
}

/// What a first message leads to.
enum Heard {
    Session(Box<Session>),
    Answer(ServerMessage),
}

/// A name for what is asked, for logs.
fn asked(message: &ClientMessage) -> &'static str {
    match message {
        ClientMessage::Hello(_)
        | ClientMessage::HelloWaiting { .. }
        | ClientMessage::HelloSeeing { .. } => "session",
        ClientMessage::Status { .. } => "status",
        ClientMessage::View { .. } => "view",
        ClientMessage::Admin { .. } => "admin",
        ClientMessage::Resume(_) | ClientMessage::Died(_) => "resume",
        _ => "something else",
    }
}

/// Does what a first message asks for.
fn hear(
    server: &Arc<Server>,
    message: ClientMessage,
    peer: &Peer,
    client: &mut ClientLink,
) -> Result<Heard, Refusal> {
    server.hears(peer)?;
    let answer = match message {
        ClientMessage::Hello(hello) => {
            return admit(
                server,
                (&hello, &VisibleDevices::default()),
                None,
                peer,
                client,
            );
        }
        ClientMessage::HelloWaiting { hello, wait_ms } => {
            let opening = (&hello, &VisibleDevices::default());
            return admit(server, opening, Some(wait_ms), peer, client);
        }
        ClientMessage::HelloSeeing {
            hello,
            wait_ms,
            visible,
        } => return admit(server, (&hello, &visible), wait_ms, peer, client),
        ClientMessage::Status { token } => {
            ServerMessage::Status(server.status_for(token.as_ref(), peer)?)
        }
        ClientMessage::Admin { token, request } => {
            ServerMessage::Done(server.administrate(token.as_ref(), &request, peer)?)
        }
        ClientMessage::View { token, request } => {
            let view = server.view_for(token.as_ref(), &request, peer)?;
            ServerMessage::View(Box::new(view))
        }
        _ => protocol("the first message must be a hello"),
    };
    Ok(Heard::Answer(answer))
}

fn protocol(message: &str) -> ServerMessage {
    ServerMessage::Refused(Refusal {
        cause: RefusalCause::Protocol,
        message: message.into(),
    })
}

fn first_message(server: &Server, client: &mut ClientLink) -> anyhow::Result<Vec<u8>> {
    let deadline = Instant::now() + HELLO_WITHIN;
    loop {
        match client.receive() {
            FromClient::Said(bytes) => return Ok(bytes),
            FromClient::Gone | FromClient::Lost { .. } => anyhow::bail!("the client is gone"),
            FromClient::Broken(message) => anyhow::bail!("{message}"),
            FromClient::Nothing => {}
        }
        let left = deadline.saturating_duration_since(Instant::now());
        anyhow::ensure!(!left.is_zero() && !server.is_stopping(), "no hello in time");
        let mut wanted = client.descriptors();
        wanted.push(server.stop_fd());
        let mut fds: Vec<PollFd<'_>> = wanted
            .into_iter()
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        match poll(&mut fds, timeout) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Opens a session: at once, or after a wait in line.
fn admit(
    server: &Arc<Server>,
    opening: (&Hello, &VisibleDevices),
    wait_ms: Option<u64>,
    peer: &Peer,
    client: &mut ClientLink,
) -> Result<Heard, Refusal> {
    let session = match wait_ms {
        None => session::open(server, opening.0, opening.1, peer),
        Some(ms) => queue::open(server, opening, Duration::from_millis(ms), peer, client),
    };
    session.map(|session| Heard::Session(Box::new(session)))
}
