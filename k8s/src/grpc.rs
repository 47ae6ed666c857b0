//! How messages travel: gRPC over Unix sockets, both sides of it. What the messages mean is not known here.
//! Read [`Client`] and [`serve`] first.

use std::convert::Infallible;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use prost::Message;
use tokio::net::UnixListener;
use tokio_stream::Stream;
use tokio_stream::wrappers::UnixListenerStream;
use tonic::body::Body;
use tonic::client::Grpc as ClientGrpc;
use tonic::server::Grpc as ServerGrpc;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Status, Streaming};
use tonic_prost::ProstCodec;
use tower_service::Service;

/// Longest message: what the kubelet's own clients allow for all pods of a node.
const MESSAGE_BYTES_MAX: usize = 16 << 20;
/// Most calls at once on one connection.
const CALLS_MAX: usize = 256;

/// A future that answers.
type Answering = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

/// A server elsewhere on this host, connected when it is asked.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
    within: Duration,
}

impl Client {
    /// The server at this socket; each call ends within this time.
    pub fn at(socket: &Path, within: Duration) -> Result<Self, Status> {
        let address = format!("unix:{}", socket.display());
        let endpoint = Endpoint::from_shared(address)
            .map_err(|error| Status::internal(format!("{}: {error}", socket.display())))?;
        Ok(Self {
            channel: endpoint.connect_timeout(within).connect_lazy(),
            within,
        })
    }

    /// Asks, and waits for the answer.
    pub async fn ask<Q, A>(&self, method: &'static str, question: Q) -> Result<A, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let asking = async {
            let mut grpc = self.ready().await?;
            let path = http::uri::PathAndQuery::from_static(method);
            let request = tonic::Request::new(question);
            let answer = grpc.unary(request, path, ProstCodec::default()).await?;
            Ok(answer.into_inner())
        };
        self.in_time(asking).await
    }

    /// Asks, and waits for the beginning of the answers.
    pub async fn watch<Q, A>(
        &self,
        method: &'static str,
        question: Q,
    ) -> Result<Streaming<A>, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let asking = async {
            let mut grpc = self.ready().await?;
            let path = http::uri::PathAndQuery::from_static(method);
            let request = tonic::Request::new(question);
            let codec = ProstCodec::default();
            Ok(grpc
                .server_streaming(request, path, codec)
                .await?
                .into_inner())
        };
        self.in_time(asking).await
    }

    async fn ready(&self) -> Result<ClientGrpc<Channel>, Status> {
        let mut grpc =
            ClientGrpc::new(self.channel.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let ready = grpc.ready().await;
        ready.map_err(|error| Status::unavailable(told(&error)))?;
        Ok(grpc)
    }

    async fn in_time<T>(
        &self,
        asking: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Status> {
        let late = |_| Status::deadline_exceeded(format!("no answer within {:?}", self.within));
        tokio::time::timeout(self.within, asking)
            .await
            .map_err(late)?
    }
}

/// Who answers calls.
pub trait Answer: Send + Sync + 'static {
    /// Answers one; by [`unary`], [`streaming`] or [`unknown`].
    fn answer(self: Arc<Self>, call: Request<Body>) -> impl Future<Output = Response<Body>> + Send;
}

/// Serves calls at a socket until `stop` is ready.
pub async fn serve<A: Answer>(
    listener: UnixListener,
    answers: Arc<A>,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    let serving = Server::builder()
        .concurrency_limit_per_connection(CALLS_MAX)
        .serve_with_incoming(Answers(answers), UnixListenerStream::new(listener));
    // Streams of watchers never end by themselves: whoever stops does not wait for them.
    tokio::select! {
        done = serving => done,
        () = stop => Ok(()),
    }
}

/// Answers a call with one message.
pub async fn unary<Q, A, F>(
    call: Request<Body>,
    handler: impl FnOnce(Q) -> F + Send,
) -> Response<Body>
where
    Q: Message + Default + 'static,
    A: Message + 'static,
    F: Future<Output = Result<A, Status>> + Send + 'static,
{
    let mut grpc = ServerGrpc::new(ProstCodec::default());
    let handler = Handler::new(|question| {
        let answering = handler(question);
        async move { answering.await.map(tonic::Response::new) }
    });
    grpc.unary(handler, call).await
}

/// Answers a call with a message at a time.
pub async fn streaming<Q, A, S>(
    call: Request<Body>,
    handler: impl FnOnce(Q) -> S + Send,
) -> Response<Body>
where
    Q: Message + Default + 'static,
    A: Message + 'static,
    S: Stream<Item = Result<A, Status>> + Send + 'static,
{
    let mut grpc = ServerGrpc::new(ProstCodec::default());
    let handler = Handler::new(|question| {
        let stream = handler(question);
        async move { Ok(tonic::Response::new(stream)) }
    });
    grpc.server_streaming(handler, call).await
}

/// The answer to a method that is not there.
pub fn unknown(call: &Request<Body>) -> Response<Body> {
    Status::unimplemented(format!("{} is not a method here", call.uri().path())).into_http()
}

/// A function that answers one call, as tonic wants it.
struct Handler<F>(Option<F>);

impl<F> Handler<F> {
    fn new<Q, R>(function: F) -> Self
    where
        F: FnOnce(Q) -> R,
    {
        Self(Some(function))
    }
}

impl<Q, A, F, R> Service<tonic::Request<Q>> for Handler<F>
where
    F: FnOnce(Q) -> R,
    R: Future<Output = Result<tonic::Response<A>, Status>> + Send + 'static,
    A: 'static,
{
    type Response = tonic::Response<A>;
    type Error = Status;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Status>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, question: tonic::Request<Q>) -> Self::Future {
        match self.0.take() {
            Some(function) => Box::pin(function(question.into_inner())),
            None => Box::pin(async { Err(Status::internal("the call was answered already")) }),
        }
    }
}

/// [`Answer`] as tonic wants it.
struct Answers<A>(Arc<A>);

impl<A> Clone for Answers<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<A: Answer> Service<Request<Body>> for Answers<A> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: Request<Body>) -> Answering {
        let answers = Arc::clone(&self.0);
        Box::pin(async move { Ok(answers.answer(call).await) })
    }
}

/// An error with its causes: tonic's own says only `transport error`.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
