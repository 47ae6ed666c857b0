//! Which lease a token made at run time opens, what containers can be given, and the thread that ends
//! tokens in time. The tokens themselves are [`super::tokens`]'s. Read [`make`] first.

use std::os::fd::AsFd as _;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use rigel_protocol::control::{NewToken, Refusal, RefusalCause};
use serde_json::{Value, json};

use super::admin::refuse;
use super::lease::PlacedLease;
use super::live::LeaseState;
use super::notify::{self, Watchdog};
use super::server::Server;
use super::tokens::unix_now;

/// How often tokens are looked at: a container's lease ends so long after it at the latest.
const LOOK: Duration = Duration::from_millis(500);

/// Makes a token as an operator asks.
pub(crate) fn make(server: &Server, wanted: &NewToken) -> Result<Value, Refusal> {
    server.leases.tokens.make(wanted, unix_now(), |is_taken| {
        let (placed, exclusive) = choose(server, &wanted.lease, is_taken)?;
        placed.grant(&wanted.scope)?;
        placed.compute_max(&wanted.scope)?;
        Ok((placed.lease.name.clone(), exclusive))
    })
}

/// The lease of this name, or a free instance of it, and whether it is to be the token's alone.
fn choose<'a>(
    server: &'a Server,
    name: &str,
    is_taken: &dyn Fn(&str) -> bool,
) -> Result<(&'a PlacedLease, bool), Refusal> {
    let instances: Vec<_> = instances(server, name).collect();
    if instances.is_empty() {
        let found = server.leases.by_name(name);
        let found = found.ok_or_else(|| {
            refuse(format!(
                "there is no lease `{}`; `rigel lease list` names them",
                name.escape_debug()
            ))
        })?;
        return match found.lease.class {
            None => Ok((found, false)),
            Some(_) if is_taken(name) => Err(refuse(format!("`{name}` has its one token already"))),
            Some(_) => Ok((found, true)),
        };
    }
    let free = instances
        .iter()
        .find(|placed| is_free(server, placed, is_taken));
    free.map(|placed| (*placed, true)).ok_or_else(|| Refusal {
        cause: RefusalCause::TooManySessions,
        message: format!(
            "all {} instances of `{name}` are taken; `rigel token list` shows by whom",
            instances.len()
        ),
    })
}

fn instances<'a>(server: &'a Server, class: &str) -> impl Iterator<Item = &'a PlacedLease> {
    let class = class.to_owned();
    let is_one = move |placed: &&PlacedLease| placed.lease.class.as_deref() == Some(&class);
    server
        .leases
        .iter()
        .filter(|placed| !placed.lease.is_removed())
        .filter(is_one)
}

/// Whether nobody has it, nor holds anything of it still.
fn is_free(server: &Server, placed: &PlacedLease, is_taken: &dyn Fn(&str) -> bool) -> bool {
    let name = &placed.lease.name;
    let index = server.books.lease_index(name);
    let is_empty = || {
        let sessions = server.books.sessions();
        !sessions.iter().any(|session| Some(session.lease) == index)
    };
    placed.gpus.is_ok()
        && placed.lease.terms().state == LeaseState::Active
        && !is_taken(name)
        && is_empty()
}

/// What containers can be given.
pub(crate) fn classes(server: &Server) -> Value {
    let now = unix_now();
    let is_taken = |name: &str| server.leases.tokens.is_taken(name, now);
    let mut classes: Vec<Value> = Vec::new();
    for placed in server.leases.iter() {
        if placed.lease.is_removed() {
            continue;
        }
        let lease = &placed.lease;
        let name = lease.class.as_ref().unwrap_or(&lease.name);
        if classes.iter().any(|class| class["name"] == name.as_str()) {
            continue;
        }
        let all: Vec<_> = instances(server, name).collect();
        let free = all
            .iter()
            .filter(|one| is_free(server, one, &is_taken))
            .count();
        let terms = lease.terms();
        let gpus = placed.gpus.as_deref().unwrap_or(&[]);
        classes.push(json!({
            "name": name,
            "instances": lease.class.as_ref().map(|_| all.len()),
            "free": lease.class.as_ref().map(|_| free),
            "gpus": gpus.len(),
            "memory_bytes": gpus.iter().map(|gpu| placed.memory_bytes(gpu)).min(),
            "compute_min_percent": terms.compute.min,
            "compute_max_percent": terms.compute.max,
        }));
    }
    json!({
        "guest_socket": server.guest_socket,
        "soft": server.driver.soft,
        "classes": classes,
    })
}

/// Ends tokens whose time is over, and tells the service manager that the server is alive, until the server stops.
pub(crate) fn keep(server: &Server) {
    let mut dog = Watchdog::from_environment();
    loop {
        let stop = server.stop_fd();
        let mut fds = [PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
        let timeout = PollTimeout::try_from(LOOK).unwrap_or(PollTimeout::MAX);
        if poll(&mut fds, timeout).is_ok_and(|n| n > 0) {
            return;
        }
        server.leases.tokens.sweep(unix_now());
        // Said only by who could take the locks: a server that stands still falls silent.
        server.books.sessions();
        if dog.as_mut().is_some_and(|dog| dog.is_due(Instant::now())) {
            notify::tell("WATCHDOG=1");
        }
    }
}
