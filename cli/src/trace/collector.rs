//! Sends spans to an OpenTelemetry collector: OTLP over HTTP, in JSON. Read [`Collector::send`] first.
//!
//! 1. The address is the base, as in `OTEL_EXPORTER_OTLP_ENDPOINT`; without a path `/v1/traces` is meant.
//! 2. What a collector calls temporary, or cannot be reached, is tried [`TRIES`] times; what it refuses is
//!    not. Everything has a deadline.
//! 3. No TLS: collectors run beside their senders, and one of them goes on to elsewhere.

use std::time::Duration;

use anyhow::{Context as _, bail};
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

/// How often a request is made at most.
const TRIES: u32 = 4;
/// The first pause; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(500);
/// Longest time for one try.
const WITHIN: Duration = Duration::from_secs(10);
/// Longest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 10;
/// How much of it is shown.
const SHOWN_MAX: usize = 200;

/// A collector.
#[derive(Debug)]
pub(super) struct Collector {
    uri: Uri,
    address: String,
    runtime: Runtime,
}

/// What became of a try.
enum Tried {
    /// It was taken; so many spans were not.
    Taken(u64),
    /// Later, perhaps.
    Busy(String),
    /// Never.
    Refused(String),
}

impl Collector {
    /// The collector at this address, if somebody is there.
    pub(super) fn find(address: &str) -> anyhow::Result<Self> {
        let mut uri: Uri = address
            .parse()
            .with_context(|| format!("{address} is not an address"))?;
        if uri.scheme_str() != Some("http") {
            bail!(
                "{address}: only http is spoken; run a collector beside rigel and let it go on with TLS"
            );
        }
        let host = uri.host().context("the address names no host")?;
        let address = format!("{host}:{}", uri.port_u16().unwrap_or(4318));
        if uri.path() == "/" {
            let authority = uri.authority().map_or("", http::uri::Authority::as_str);
            uri = format!("http://{authority}/v1/traces")
                .parse()
                .context("make the path of traces")?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("start")?;
        let connected =
            runtime.block_on(async { timeout(WITHIN, TcpStream::connect(&address)).await });
        connected
            .context("it does not answer")
            .and_then(|connected| Ok(connected.map(drop)?))
            .with_context(|| format!("reach the collector at {address}"))?;
        Ok(Self {
            uri,
            address,
            runtime,
        })
    }

    /// Sends a request; how many of its spans the collector did not want.
    pub(super) fn send(&self, body: &Value) -> anyhow::Result<u64> {
        let body = Bytes::from(serde_json::to_vec(body)?);
        self.runtime.block_on(async {
            let mut pause = PAUSE;
            for left in (0..TRIES).rev() {
                let tried = timeout(WITHIN, self.attempt(body.clone())).await;
                let why = match tried {
                    Ok(Ok(Tried::Taken(rejected))) => return Ok(rejected),
                    Ok(Ok(Tried::Refused(why))) => bail!("{why}"),
                    Ok(Ok(Tried::Busy(why))) => why,
                    Ok(Err(error)) => format!("{error:#}"),
                    Err(_) => "the collector does not answer".into(),
                };
                if left == 0 {
                    bail!("{why}");
                }
                sleep(pause).await;
                pause *= 2;
            }
            bail!("the collector was not asked")
        })
    }

    async fn attempt(&self, body: Bytes) -> anyhow::Result<Tried> {
        let stream = TcpStream::connect(&self.address)
            .await
            .context("reach the collector")?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let authority = self.uri.authority().map_or("", |one| one.as_str());
        let request = Request::post(self.uri.path())
            .header(header::HOST, authority)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::CONNECTION, "close")
            .body(Full::new(body))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX);
        let body = body.collect().await.map(|all| all.to_bytes());
        driver.abort();
        if status.is_success() {
            return Ok(Tried::Taken(rejected(&body.unwrap_or_default())));
        }
        let why = format!("the collector says {status}");
        let is_temporary = matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
        );
        if is_temporary {
            return Ok(Tried::Busy(why));
        }
        let body = body.unwrap_or_default();
        let text = String::from_utf8_lossy(&body[..body.len().min(SHOWN_MAX)]);
        Ok(Tried::Refused(format!("{why}: {}", text.escape_debug())))
    }
}

/// How many spans of a request that was taken were not.
fn rejected(answer: &[u8]) -> u64 {
    let answer: Value = serde_json::from_slice(answer).unwrap_or(Value::Null);
    let count = &answer["partialSuccess"]["rejectedSpans"];
    let text = count.as_str().and_then(|count| count.parse().ok());
    text.or_else(|| count.as_u64()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use serde_json::json;

    use super::*;

    /// A collector that gives these answers, one a connection after the first, and hands over what it got.
    fn collector(
        answers: &'static [&'static str],
    ) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            drop(listener.accept().unwrap());
            let mut got = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut text = Vec::new();
                let mut byte = [0];
                while !text.ends_with(b"}]}") {
                    stream.read_exact(&mut byte).unwrap();
                    text.extend(byte);
                }
                got.push(String::from_utf8(text).unwrap());
                let head = "Content-Type: application/json\r\nConnection: close";
                let length = answer.split_once(' ').map_or(0, |(_, body)| body.len());
                let (status, body) = answer.split_once(' ').unwrap_or((answer, ""));
                let text = format!(
                    "HTTP/1.1 {status} -\r\n{head}\r\nContent-Length: {length}\r\n\r\n{body}"
                );
                stream.write_all(text.as_bytes()).unwrap();
            }
            got
        });
        (address, thread)
    }

    fn body() -> Value {
        json!({ "resourceSpans": [{}] })
    }

    #[test]
    fn busy_collector_is_asked_again_and_says_what_it_left_out() {
        let (address, thread) =
            collector(&["503", r#"200 {"partialSuccess":{"rejectedSpans":"3"}}"#]);
        let rejected = Collector::find(&address).unwrap().send(&body()).unwrap();
        assert_eq!(rejected, 3);
        let got = thread.join().unwrap();
        assert_eq!(got.len(), 2);
        assert!(
            got[0].starts_with("POST /v1/traces HTTP/1.1\r\n"),
            "{}",
            got[0]
        );
        assert!(
            got[1]
                .to_lowercase()
                .contains("content-type: application/json")
        );
    }

    #[test]
    fn what_is_refused_is_not_sent_again() {
        let (address, thread) = collector(&["400 bad"]);
        let error = Collector::find(&address)
            .unwrap()
            .send(&body())
            .unwrap_err();
        assert!(error.to_string().contains("400"), "{error}");
        thread.join().unwrap();
    }

    #[test]
    fn address_that_cannot_be_is_refused_at_once() {
        for address in ["https://collector:4318", "collector", "http://127.0.0.1:1"] {
            assert!(Collector::find(address).is_err(), "{address}");
        }
    }
}
