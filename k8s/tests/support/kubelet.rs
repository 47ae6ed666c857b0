//! The kubelet's device manager, as far as a plugin sees it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use http::{Request, Response};
use rigel_k8s::api::{
    AllocateRequest, AllocateResponse, ContainerAllocateResponse, ContainerDevices,
    ContainerResources, Device, DeviceIds, DevicePluginOptions, Empty, HEALTHY,
    ListAndWatchResponse, ListPodResourcesRequest, ListPodResourcesResponse, PodResources,
    RegisterRequest, VERSION, method,
};
use rigel_k8s::grpc::{self, Answer, Client, unary, unknown};
use tokio::net::UnixListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_stream::StreamExt as _;
use tonic::Status;
use tonic::body::Body;

use super::PATIENCE;

/// A kubelet of a node.
pub(crate) struct Kubelet {
    plugins: PathBuf,
    pods: PathBuf,
    state: Arc<watch::Sender<State>>,
    serving: JoinSet<()>,
}

/// A container that was admitted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Container {
    /// Its pod's name, and its own.
    pub(crate) name: String,
    /// What it holds, by resource.
    pub(crate) devices: BTreeMap<String, Vec<String>>,
    /// What the plugin gave for it.
    pub(crate) given: Vec<ContainerAllocateResponse>,
}

#[derive(Default)]
struct State {
    plugins: BTreeMap<String, Registered>,
    registrations: usize,
    containers: Vec<Container>,
    /// The kubelet has started, and knows no pod yet.
    forgetful: bool,
}

#[derive(Clone)]
struct Registered {
    client: Client,
    options: DevicePluginOptions,
    devices: Vec<Device>,
}

impl Kubelet {
    /// Starts one on this folder.
    pub(crate) fn start(folder: &Path) -> Self {
        let mut kubelet = Self {
            plugins: folder.join("plugins"),
            pods: folder.join("pods.sock"),
            state: Arc::new(watch::Sender::new(State::default())),
            serving: JoinSet::new(),
        };
        std::fs::create_dir_all(&kubelet.plugins).unwrap();
        kubelet.listen();
        kubelet
    }

    /// Ends without a word, as a crash does.
    pub(crate) async fn stop(&mut self) {
        self.serving.shutdown().await;
    }

    /// Starts anew: all sockets and plugins are forgotten, containers are not.
    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        for entry in std::fs::read_dir(&self.plugins).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
        std::fs::remove_file(&self.pods).unwrap();
        self.state.send_modify(|state| {
            state.plugins.clear();
            state.registrations = 0;
        });
        self.listen();
    }

    /// Whether it has been told yet of its pods.
    pub(crate) fn knows_pods(&self, knows: bool) {
        self.state.send_modify(|state| state.forgetful = !knows);
    }

    /// How often plugins have registered since its start.
    pub(crate) fn registrations(&self) -> usize {
        self.state.borrow().registrations
    }

    /// Waits until the healthy devices of these resources are so many.
    pub(crate) async fn until_healthy(&self, wanted: &[(&str, usize)]) {
        let so = |state: &State| {
            wanted.iter().all(|(resource, n)| {
                let plugin = state.plugins.get(*resource);
                plugin.is_some_and(|plugin| plugin.healthy().count() == *n)
            })
        };
        let mut watching = self.state.subscribe();
        let found = tokio::time::timeout(PATIENCE, watching.wait_for(so)).await;
        assert!(found.is_ok(), "{wanted:?} never came: {:?}", self.health());
    }

    /// Healthy and all devices of each resource.
    pub(crate) fn health(&self) -> BTreeMap<String, (usize, usize)> {
        let plugins = &self.state.borrow().plugins;
        let counts = |plugin: &Registered| (plugin.healthy().count(), plugin.devices.len());
        plugins
            .iter()
            .map(|(name, plugin)| (name.clone(), counts(plugin)))
            .collect()
    }

    /// The plugin of a resource.
    pub(crate) fn plugin(&self, resource: &str) -> Client {
        self.state.borrow().plugins[resource].client.clone()
    }

    /// What a plugin wants.
    pub(crate) fn options(&self, resource: &str) -> DevicePluginOptions {
        self.state.borrow().plugins[resource].options
    }

    /// Gives a container what its pod asks for.
    pub(crate) async fn admit(
        &self,
        name: &str,
        wanted: &[(&str, usize)],
    ) -> Result<Container, Status> {
        let mut container = Container {
            name: name.into(),
            ..Container::default()
        };
        for (resource, n) in wanted {
            let ids = self.free(resource, *n);
            let request = AllocateRequest {
                container_requests: vec![DeviceIds {
                    devices_ids: ids.clone(),
                }],
            };
            let plugin = self.plugin(resource);
            let answer: AllocateResponse = plugin.ask(method::ALLOCATE, request).await?;
            assert_eq!(answer.container_responses.len(), 1);
            container.given.extend(answer.container_responses);
            container.devices.insert((*resource).into(), ids);
        }
        let admitted = container.clone();
        self.state
            .send_modify(|state| state.containers.push(admitted));
        Ok(container)
    }

    /// Asks whoever wants to be asked before a container starts.
    pub(crate) async fn start_container(&self, container: &Container) -> Result<(), Status> {
        for (resource, ids) in &container.devices {
            if self.options(resource).pre_start_required {
                // In no order, as the real one does.
                let devices_ids = ids.iter().rev().cloned().collect();
                let request = DeviceIds { devices_ids };
                let plugin = self.plugin(resource);
                plugin.ask::<_, Empty>(method::PRE_START, request).await?;
            }
        }
        Ok(())
    }

    /// A container is gone.
    pub(crate) fn remove(&self, name: &str) {
        self.state
            .send_modify(|state| state.containers.retain(|one| one.name != name));
    }

    fn free(&self, resource: &str, n: usize) -> Vec<String> {
        let state = self.state.borrow();
        let taken = |id: &String| {
            let mut held = state
                .containers
                .iter()
                .filter_map(|one| one.devices.get(resource));
            held.any(|ids| ids.contains(id))
        };
        let healthy = state.plugins[resource].healthy();
        let free: Vec<String> = healthy.filter(|id| !taken(id)).take(n).cloned().collect();
        assert_eq!(free.len(), n, "{resource}");
        free
    }

    fn listen(&mut self) {
        for path in [self.plugins.join("kubelet.sock"), self.pods.clone()] {
            let listener = UnixListener::bind(path).unwrap();
            let answers = Arc::new(Answers {
                plugins: self.plugins.clone(),
                state: Arc::clone(&self.state),
            });
            self.serving.spawn(async {
                grpc::serve(listener, answers, std::future::pending())
                    .await
                    .unwrap();
            });
        }
    }
}

impl Registered {
    fn healthy(&self) -> impl Iterator<Item = &String> {
        let healthy = self
            .devices
            .iter()
            .filter(|device| device.health == HEALTHY);
        healthy.map(|device| &device.id)
    }
}

/// What the kubelet answers.
struct Answers {
    plugins: PathBuf,
    state: Arc<watch::Sender<State>>,
}

impl Answer for Answers {
    async fn answer(self: Arc<Self>, call: Request<Body>) -> Response<Body> {
        match call.uri().path() {
            method::REGISTER => {
                unary(call, async move |request| self.register(request).await).await
            }
            method::POD_RESOURCES => {
                unary(
                    call,
                    async move |_: ListPodResourcesRequest| Ok(self.list()),
                )
                .await
            }
            _ => unknown(&call),
        }
    }
}

impl Answers {
    async fn register(&self, request: RegisterRequest) -> Result<Empty, Status> {
        let RegisterRequest {
            version,
            endpoint,
            resource_name,
            options,
        } = request;
        let is_name = resource_name
            .split_once('/')
            .is_some_and(|(domain, _)| domain.contains('.'));
        if version != VERSION || endpoint.contains('/') || !is_name {
            return Err(Status::invalid_argument("not as it should be"));
        }
        let client = Client::at(&self.plugins.join(&endpoint), PATIENCE)?;
        let asked: DevicePluginOptions = client.ask(method::OPTIONS, Empty {}).await?;
        assert_eq!(Some(asked), options, "both ways of saying it agree");
        let devices = client.watch(method::LIST_AND_WATCH, Empty {}).await?;
        let registered = Registered {
            client,
            options: asked,
            devices: Vec::new(),
        };
        self.state.send_modify(|state| {
            state.plugins.insert(resource_name.clone(), registered);
            state.registrations += 1;
        });
        tokio::spawn(watch(Arc::clone(&self.state), resource_name, devices));
        Ok(Empty {})
    }

    fn list(&self) -> ListPodResourcesResponse {
        let state = self.state.borrow();
        let known = state.containers.iter().filter(|_| !state.forgetful);
        ListPodResourcesResponse {
            pod_resources: known.map(pod).collect(),
        }
    }
}

/// Takes over each list of a plugin, until it ends.
async fn watch(
    state: Arc<watch::Sender<State>>,
    resource: String,
    mut lists: tonic::Streaming<ListAndWatchResponse>,
) {
    while let Some(Ok(list)) = lists.next().await {
        state.send_modify(|state| {
            if let Some(plugin) = state.plugins.get_mut(&resource) {
                plugin.devices = list.devices;
            }
        });
    }
}

/// A pod of one container; a resource comes in as many parts as it has devices.
fn pod(container: &Container) -> PodResources {
    let part = |(resource, id): (&String, &String)| ContainerDevices {
        resource_name: resource.clone(),
        device_ids: vec![id.clone()],
    };
    let held = container.devices.iter();
    let parts = held.flat_map(|(resource, ids)| ids.iter().map(move |id| (resource, id)));
    PodResources {
        name: container.name.clone(),
        namespace: "ns".into(),
        containers: vec![ContainerResources {
            name: container.name.clone(),
            devices: parts.map(part).collect(),
        }],
    }
}
