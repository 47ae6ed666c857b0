//! quinn's settings, chosen by measurement. Read [`QuicTuning`] first.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, EndpointConfig, IdleTimeout, MtuDiscoveryConfig, ServerConfig, TransportConfig,
    VarInt,
};

use super::congestion::{CappedCubicConfig, WINDOW_BYTES_MIN};
use super::lane::{LaneSet, Lanes};
use super::shape::Shape;
use crate::error::TransportError;
use crate::tls::ServerIdentity;

/// Datagrams that every path carries.
const DATAGRAM_BYTES_FIRST: u16 = 1200;
/// The longest silence on a connection, unless told otherwise.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// An idle connection says something this often, or four times within its timeout.
const KEEP_ALIVE: Duration = Duration::from_secs(8);
/// What a peer may send on a stream before it is read.
const STREAM_WINDOW_BYTES: u32 = 8 << 20;
/// What it may send on all streams: calls and bulk to the full, and room for control and acknowledgements,
/// which never wait for payload.
pub(super) const CONNECTION_WINDOW_BYTES: u32 = 2 * STREAM_WINDOW_BYTES + (1 << 20);
/// Streams a client may have open: control, calls, bulk, acknowledgements.
const N_STREAMS_MAX: u32 = 4;
/// Handshakes in progress at a server.
const N_INCOMING_MAX: usize = 1024;

/// Settings that a person may want to change; the defaults are the measured best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuicTuning {
    /// The largest datagram that path discovery tries, 1200 to 16000 bytes.
    pub datagram_bytes_max: u16,
    /// A connection is given up after this long without a sign of life.
    pub idle_timeout: Duration,
    /// A path that this machine does not have, for measurements; of a client only. UCX's own connections
    /// know nothing of it.
    pub shape: Option<Shape>,
    /// What carries bulk bytes; of a client.
    pub lanes: Lanes,
    /// What may carry bulk bytes; of a server.
    pub allowed_lanes: LaneSet,
}

impl Default for QuicTuning {
    fn default() -> QuicTuning {
        QuicTuning {
            datagram_bytes_max: 8900,
            idle_timeout: IDLE_TIMEOUT,
            shape: None,
            lanes: Lanes::default(),
            allowed_lanes: LaneSet::default(),
        }
    }
}

impl QuicTuning {
    /// The same, inside what quinn can do: it fails on datagrams of 16 KiB.
    fn clamped(self) -> u16 {
        self.datagram_bytes_max.clamp(DATAGRAM_BYTES_FIRST, 16_000)
    }

    pub(crate) fn endpoint(self) -> Result<EndpointConfig, TransportError> {
        let mut config = EndpointConfig::default();
        config
            .max_udp_payload_size(self.clamped())
            .map_err(|_| TransportError::Protocol("the datagram limit is out of range"))?;
        Ok(config)
    }

    /// Settings for a connection with this peer.
    pub(crate) fn transport(self, peer: SocketAddr) -> TransportConfig {
        let datagram_bytes_max = self.clamped();
        let local = peer.ip().to_canonical().is_loopback() && self.shape.is_none();
        let mut discovery = MtuDiscoveryConfig::default();
        discovery.upper_bound(datagram_bytes_max);
        let mut config = TransportConfig::default();
        config
            .max_concurrent_bidi_streams(VarInt::from_u32(N_STREAMS_MAX))
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .stream_receive_window(VarInt::from_u32(STREAM_WINDOW_BYTES))
            .receive_window(VarInt::from_u32(CONNECTION_WINDOW_BYTES))
            // More than calls and bulk can fill: an acknowledgement never waits for payload.
            .send_window(u64::from(3 * STREAM_WINDOW_BYTES))
            .send_fairness(false)
            .datagram_receive_buffer_size(None)
            .keep_alive_interval(Some(KEEP_ALIVE.min(self.idle_timeout / 4)))
            .max_idle_timeout(IdleTimeout::try_from(self.idle_timeout).ok())
            .mtu_discovery_config(Some(discovery))
            // Loopback carries large datagrams from the start, and its whole window.
            .initial_mtu(if local {
                datagram_bytes_max
            } else {
                DATAGRAM_BYTES_FIRST
            })
            .congestion_controller_factory(Arc::new(CappedCubicConfig {
                initial_window: if local { WINDOW_BYTES_MIN } else { 64 << 10 },
            }));
        config
    }

    pub(crate) fn datagram_limit(self) -> u16 {
        self.clamped()
    }

    pub(crate) fn server(self, identity: &ServerIdentity) -> Result<ServerConfig, TransportError> {
        let crypto = QuicServerConfig::try_from(identity.server_config()?)
            .map_err(|_| TransportError::Protocol("the cipher suites do not suit QUIC"))?;
        let mut config = ServerConfig::with_crypto(Arc::new(crypto));
        config.migration(true).max_incoming(N_INCOMING_MAX);
        Ok(config)
    }

    pub(crate) fn client(
        self,
        peer: SocketAddr,
        tls: rustls::ClientConfig,
    ) -> Result<ClientConfig, TransportError> {
        let crypto = QuicClientConfig::try_from(tls)
            .map_err(|_| TransportError::Protocol("the cipher suites do not suit QUIC"))?;
        let mut config = ClientConfig::new(Arc::new(crypto));
        config.transport_config(Arc::new(self.transport(peer)));
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datagrams_larger_than_quinn_can_do_are_not_asked_for() {
        for (asked, expected) in [(0, 1200), (8900, 8900), (16_384, 16_000), (65_507, 16_000)] {
            let tuning = QuicTuning {
                datagram_bytes_max: asked,
                ..QuicTuning::default()
            };
            assert_eq!(tuning.datagram_limit(), expected);
            // Quinn panics on what it cannot do.
            tuning.endpoint().unwrap();
            tuning.transport(([127, 0, 0, 1], 1).into());
        }
    }
}
