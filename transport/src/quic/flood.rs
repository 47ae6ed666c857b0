//! Tests with a client that keeps none of the rules: what it can make a server hold.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use quinn::{Connection, Endpoint};

use super::config::CONNECTION_WINDOW_BYTES;
use super::control::{CONTROL_BYTES_MAX, Preamble, StreamKind};
use super::{QuicPeer, QuicServer, QuicTuning};
use crate::error::TransportError;
use crate::tls::{self, ServerIdentity, Trust};

const LIMIT: Duration = Duration::from_secs(60);

/// A server's end and a raw connection to it, whose control stream is open.
async fn pair() -> (
    QuicServer,
    QuicPeer,
    Endpoint,
    Connection,
    quinn::SendStream,
    quinn::RecvStream,
) {
    let dir = tempfile::tempdir().unwrap();
    let identity = ServerIdentity::load_or_create(dir.path(), &[]).unwrap();
    let any = (Ipv4Addr::LOCALHOST, 0).into();
    let server = QuicServer::bind(any, &identity, QuicTuning::default()).unwrap();
    let address = server.local_address().unwrap();
    let (config, _) = tls::client_config(&Trust::Insecure, None).unwrap();
    let config = QuicTuning::default().client(address, config).unwrap();
    let endpoint = Endpoint::client(any).unwrap();
    let connecting = endpoint.connect_with(config, address, "localhost").unwrap();
    let accepting = async {
        server
            .accept()
            .await
            .unwrap()
            .handshake(LIMIT)
            .await
            .unwrap()
    };
    let opening = async {
        let connection = connecting.await.unwrap();
        let (mut send, receive) = connection.open_bi().await.unwrap();
        Preamble::control().write(&mut send).await.unwrap();
        (connection, send, receive)
    };
    let (peer, (connection, send, receive)) = tokio::join!(accepting, opening);
    (server, peer, endpoint, connection, send, receive)
}

#[tokio::test]
async fn server_that_reads_nothing_holds_a_connections_window_at_most() {
    let (_server, mut peer, _endpoint, connection, _send, mut receive) = pair().await;
    let mut preamble = [0; 32];
    receive.read_exact(&mut preamble).await.unwrap();
    let n_sent = Arc::new(AtomicU64::new(0));
    for kind in [StreamKind::Calls, StreamKind::Bulk, StreamKind::Acks] {
        let (mut send, _receive) = connection.open_bi().await.unwrap();
        let n_sent = Arc::clone(&n_sent);
        tokio::spawn(async move {
            let _receive = _receive;
            let preamble = Preamble {
                kind,
                ..Preamble::acks(7)
            };
            preamble.write(&mut send).await.unwrap();
            let flood = Bytes::from(vec![0; 4096]);
            while let Ok(n) = send.write(&flood).await {
                n_sent.fetch_add(n as u64, Ordering::Relaxed);
            }
        });
    }
    let window = u64::from(CONNECTION_WINDOW_BYTES);
    // Nearly all of it: the preambles count too.
    let filled = async {
        while n_sent.load(Ordering::Relaxed) < window - 4096 {
            tokio::task::yield_now().await;
        }
        // Time enough for more, if more were let in.
        for _ in 0..20 {
            peer.send(b"still there", LIMIT).await.unwrap();
            receive.read_exact(&mut [0; 15]).await.unwrap();
        }
    };
    tokio::time::timeout(LIMIT, filled).await.unwrap();
    assert!(n_sent.load(Ordering::Relaxed) <= window);
    // A fifth stream is not let in either.
    let fifth = tokio::time::timeout(Duration::from_millis(50), connection.open_bi());
    assert!(fifth.await.is_err());
}

#[tokio::test]
async fn control_message_that_claims_to_be_huge_ends_the_connection_before_it_comes() {
    let (_server, mut peer, _endpoint, _connection, mut send, _receive) = pair().await;
    let claim = (CONTROL_BYTES_MAX as u32 + 1).to_le_bytes();
    send.write_all(&claim).await.unwrap();
    let error = peer.receive(LIMIT).await.unwrap_err();
    assert!(
        matches!(error, TransportError::MessageTooLarge { .. }),
        "{error}"
    );
}
