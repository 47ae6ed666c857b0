//! One resource's side of the device plugin API. Read [`Endpoint`] first.

use std::sync::Arc;

use http::{Request, Response};
use tokio::sync::watch;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::WatchStream;
use tonic::Status;
use tonic::body::Body;

use crate::PluginError;
use crate::api::{
    AllocateRequest, AllocateResponse, ContainerAllocateResponse, DeviceIds, Empty,
    ListAndWatchResponse, method,
};
use crate::grpc::{Answer, streaming, unary, unknown};
use crate::keeper::Keeper;
use crate::kubelet::options;
use crate::pool::Pool;
use crate::resource::{Offer, Resource};

/// Most containers of one request; kubelets send one.
const CONTAINERS_MAX: usize = 256;

/// Answers the kubelet for one resource.
#[derive(Debug)]
pub(crate) struct Endpoint<P> {
    resource: Resource,
    offer: watch::Receiver<Offer>,
    keeper: Arc<Keeper<P>>,
}

impl<P: Pool> Endpoint<P> {
    pub(crate) fn new(
        resource: Resource,
        offer: watch::Receiver<Offer>,
        keeper: Arc<Keeper<P>>,
    ) -> Self {
        Self {
            resource,
            offer,
            keeper,
        }
    }

    async fn allocate(&self, request: AllocateRequest) -> Result<AllocateResponse, PluginError> {
        let n = request.container_requests.len();
        if n == 0 || n > CONTAINERS_MAX {
            return Err(PluginError::Request(format!(
                "{n} containers at once are not served"
            )));
        }
        let mut container_responses = Vec::with_capacity(n);
        for container in &request.container_requests {
            container_responses.push(self.allocate_one(&container.devices_ids).await?);
        }
        Ok(AllocateResponse {
            container_responses,
        })
    }

    async fn allocate_one(&self, ids: &[String]) -> Result<ContainerAllocateResponse, PluginError> {
        if self.resource == Resource::Vgpu {
            return self.keeper.allocate(ids).await;
        }
        // Units of memory and compute are numbers in a token, and nothing in a container.
        match ids.iter().find(|id| self.resource.number(id).is_none()) {
            Some(id) => Err(PluginError::Request(format!(
                "`{}` is no device of {}",
                id.escape_debug(),
                self.resource.name()
            ))),
            None => Ok(ContainerAllocateResponse::default()),
        }
    }

    async fn pre_start(&self, request: DeviceIds) -> Result<Empty, PluginError> {
        if self.resource == Resource::Vgpu {
            self.keeper.pre_start(&request.devices_ids).await?;
        }
        Ok(Empty {})
    }
}

impl<P: Pool> Answer for Endpoint<P> {
    async fn answer(self: Arc<Self>, call: Request<Body>) -> Response<Body> {
        let resource = self.resource;
        match call.uri().path() {
            method::OPTIONS => unary(call, |_: Empty| async move { Ok(options(resource)) }).await,
            method::LIST_AND_WATCH => {
                let offers = WatchStream::new(self.offer.clone());
                let list = move |offer: Offer| {
                    let devices = resource.devices(offer.stock(resource));
                    Ok(ListAndWatchResponse { devices })
                };
                streaming(call, |_: Empty| offers.map(list)).await
            }
            method::ALLOCATE => {
                let answer = async move |request| told(resource, self.allocate(request).await);
                unary(call, answer).await
            }
            method::PRE_START => {
                let answer = async move |request| told(resource, self.pre_start(request).await);
                unary(call, answer).await
            }
            _ => unknown(&call),
        }
    }
}

/// What the kubelet is told; an error is in the plugin's log, too.
fn told<T>(resource: Resource, result: Result<T, PluginError>) -> Result<T, Status> {
    result.map_err(|error| {
        tracing::warn!(
            resource = resource.name(),
            "refused the kubelet: failed to {error}"
        );
        error.into()
    })
}
