//! The metrics port: as much of HTTP as a scraper needs. It answers `GET /metrics` and `GET /healthz`,
//! changes nothing, and asks nobody who he is: what it shows are counters. Read [`serve`] first.
//!
//! 1. A request is read up to [`REQUEST_BYTES_MAX`] and [`WITHIN`], whoever sends it.
//! 2. At most [`CONNECTIONS_MAX`] are served at a time; more are closed at once.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// Longest head of a request.
const REQUEST_BYTES_MAX: usize = 8 << 10;
/// Longest time for a request and its answer.
const WITHIN: Duration = Duration::from_secs(5);
/// Connections at a time.
const CONNECTIONS_MAX: usize = 16;

/// A page, made when it is asked for.
pub(crate) type Page = Box<dyn Fn() -> String + Send + Sync>;

/// What the paths answer.
pub(crate) struct Pages {
    /// The metrics.
    pub(crate) metrics: Page,
    /// What is wrong now, in words; empty: nothing.
    pub(crate) health: Page,
}

/// Opens the port. The address tells which one was taken for port 0.
pub(crate) fn listen(address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("listen at {address} for metrics"))?;
    listener
        .set_nonblocking(true)
        .context("set up the metrics port")?;
    let address = listener.local_addr().context("set up the metrics port")?;
    Ok((listener, address))
}

/// Serves until the descriptor is readable.
pub(crate) fn serve(listener: &TcpListener, pages: &Arc<Pages>, stop: BorrowedFd<'_>) {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        let mut fds = [
            PollFd::new(listener.as_fd(), PollFlags::POLLIN),
            PollFd::new(stop, PollFlags::POLLIN),
        ];
        let _ = poll(&mut fds, PollTimeout::NONE);
        if fds[1].any() == Some(true) {
            return;
        }
        let Ok((stream, _)) = listener.accept() else {
            // Out of descriptors, or the peer has left already: a moment later it may go.
            std::thread::sleep(Duration::from_millis(10));
            continue;
        };
        if open.fetch_add(1, Ordering::Relaxed) >= CONNECTIONS_MAX {
            open.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (pages, count) = (Arc::clone(pages), Arc::clone(&open));
        let spawned = std::thread::Builder::new()
            .name("metrics".into())
            .spawn(move || {
                // A peer that leaves, or is slow, has no answer.
                let _ = answer(stream, &pages);
                count.fetch_sub(1, Ordering::Relaxed);
            });
        if spawned.is_err() {
            open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn answer(mut stream: TcpStream, pages: &Pages) -> std::io::Result<()> {
    let deadline = Instant::now() + WITHIN;
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(WITHIN))?;
    let (status, kind, body) = match head(&mut stream, deadline)? {
        Some(head) => page(&head, pages),
        None => ("400 Bad Request", PLAIN, "not a request\n".to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

const PLAIN: &str = "text/plain; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

fn page(head: &str, pages: &Pages) -> (&'static str, &'static str, String) {
    let mut words = head.lines().next().unwrap_or_default().split(' ');
    match (words.next(), words.next()) {
        (Some("GET"), Some("/metrics")) => ("200 OK", PROMETHEUS, (pages.metrics)()),
        (Some("GET"), Some("/healthz")) => match (pages.health)() {
            well if well.is_empty() => ("200 OK", PLAIN, "ok\n".into()),
            ill => ("503 Service Unavailable", PLAIN, format!("{ill}\n")),
        },
        (Some("GET"), Some(_)) => ("404 Not Found", PLAIN, "/metrics, /healthz\n".into()),
        _ => ("405 Method Not Allowed", PLAIN, "GET only\n".into()),
    }
}

/// The head of a request, up to its empty line; `None` if it is none.
fn head(stream: &mut TcpStream, deadline: Instant) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut part = [0; 1024];
    while !bytes.windows(4).any(|four| four == b"\r\n\r\n") {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || bytes.len() > REQUEST_BYTES_MAX {
            return Ok(None);
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut part)? {
            0 => return Ok(None),
            n => bytes.extend_from_slice(&part[..n]),
        }
    }
    Ok(String::from_utf8(bytes).ok())
}

#[cfg(test)]
mod tests {
    use nix::sys::eventfd::EventFd;

    use super::*;

    fn ask(health: &'static str, request: &[u8]) -> String {
        let (listener, address) = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let stop = EventFd::new().unwrap();
        let pages = Arc::new(Pages {
            metrics: Box::new(|| "rigel_x 1\n".into()),
            health: Box::new(|| health.into()),
        });
        std::thread::scope(|scope| {
            scope.spawn(|| serve(&listener, &pages, stop.as_fd()));
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request).unwrap();
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut answer = String::new();
            let _ = stream.read_to_string(&mut answer);
            stop.write(1).unwrap();
            answer
        })
    }

    #[test]
    fn requests_are_answered_by_path() {
        for (health, request, status) in [
            ("", "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK"),
            ("", "GET /healthz HTTP/1.0\r\n\r\n", "200 OK"),
            ("ill", "GET /healthz HTTP/1.0\r\n\r\n", "503 "),
            ("", "GET / HTTP/1.1\r\n\r\n", "404 "),
            ("", "POST /metrics HTTP/1.1\r\n\r\n", "405 "),
            ("", "GET /metrics HTTP/1.1\r\n", "400 "),
            ("", "\u{1}\r\n\r\n", "405 "),
        ] {
            let answer = ask(health, request.as_bytes());
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{request}: {answer}"
            );
        }
        let answer = ask("", b"GET /metrics HTTP/1.1\r\n\r\n");
        assert!(answer.ends_with("\r\n\r\nrigel_x 1\n"), "{answer}");
    }

    #[test]
    fn head_without_an_end_is_refused_at_its_limit() {
        let long = vec![b'x'; REQUEST_BYTES_MAX + 2048];
        let answer = ask("", &long);
        // What was not read of it may reset the connection before the answer is.
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
            "{answer}"
        );
    }
}
