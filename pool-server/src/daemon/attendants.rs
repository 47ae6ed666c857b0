//! Threads of the daemon that serve nobody in particular: the auditor, and the metrics port. Read
//! [`Attendants`] first.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use anyhow::Context as _;

use super::alerts::Alert;
use super::http::{self, Pages};
use super::issue;
use super::metrics::metrics;
use super::server::Server;

/// The threads; they end when the server stops.
#[derive(Debug)]
pub(crate) struct Attendants {
    threads: Vec<JoinHandle<()>>,
    /// Where the metrics are, if anywhere.
    pub(crate) metrics: Option<SocketAddr>,
}

impl Attendants {
    /// Starts them; `metrics` is the address of the metrics port.
    pub(crate) fn start(server: &Arc<Server>, metrics: Option<SocketAddr>) -> anyhow::Result<Self> {
        let audited = Arc::clone(server);
        let audit = Builder::new().name("audit".into()).spawn(move || {
            let Server { books, turns, .. } = &*audited;
            audited.auditor.run(books, turns, audited.stop_fd());
        });
        let kept = Arc::clone(server);
        let tokens = Builder::new()
            .name("tokens".into())
            .spawn(move || issue::keep(&kept))
            .context("start the thread of the tokens")?;
        let watched = Arc::clone(server);
        let health = Builder::new()
            .name("health".into())
            .spawn(move || watched.watch_gpus())
            .context("start the thread of the GPUs' health")?;
        let mut threads = vec![audit.context("start the auditor's thread")?, tokens, health];
        let mut taken = None;
        if let Some(address) = metrics {
            let (listener, address) = http::listen(address)?;
            taken = Some(address);
            let (served, pages) = (Arc::clone(server), Arc::new(pages(server)));
            let port = Builder::new()
                .name("metrics-port".into())
                .spawn(move || http::serve(&listener, &pages, served.stop_fd()));
            threads.push(port.context("start the metrics port's thread")?);
        }
        Ok(Self {
            threads,
            metrics: taken,
        })
    }

    /// Waits for their ends, and writes the last lines of the usage ledger. The server is stopping.
    pub(crate) fn join(self, server: &Server) {
        for thread in self.threads {
            // A panic of it was logged, and is no reason not to stop in order.
            let _ = thread.join();
        }
        server.auditor.close(&server.books, &server.turns);
    }
}

fn pages(server: &Arc<Server>) -> Pages {
    let (counted, asked) = (Arc::clone(server), Arc::clone(server));
    Pages {
        metrics: Box::new(move || metrics(&counted)),
        health: Box::new(move || {
            let on = |alert: &Alert| asked.auditor.alerts.is_on(*alert);
            let names = Alert::ALL.into_iter().filter(on).map(Alert::name);
            names.collect::<Vec<_>>().join(" ")
        }),
    }
}
