//! What is asked of the kubelet: to know us, and who holds which devices. Read [`Kubelet`] first.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::PluginError;
use crate::api::{
    ContainerResources, DevicePluginOptions, Empty, ListPodResourcesRequest,
    ListPodResourcesResponse, PodResources, RegisterRequest, VERSION, method,
};
use crate::grpc::Client;
use crate::resource::{Resource, Slot};
use crate::settings::{MemoryUnit, Settings};

/// Name of the kubelet's own socket in its folder for device plugins.
const SOCKET: &str = "kubelet.sock";

/// The kubelet of this node.
#[derive(Debug)]
pub(crate) struct Kubelet {
    registration: PathBuf,
    pod_resources: PathBuf,
    unit: MemoryUnit,
    call: std::time::Duration,
}

/// A container, as Kubernetes names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Container {
    /// Namespace of its pod.
    pub(crate) namespace: String,
    /// Its pod.
    pub(crate) pod: String,
    /// Its name there.
    pub(crate) name: String,
}

/// A container with virtual GPUs, and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) container: Container,
    pub(crate) slots: BTreeSet<Slot>,
    /// Memory of all of them; absent: not asked for.
    pub(crate) memory_bytes: Option<u64>,
    /// Percent of all of them.
    pub(crate) compute_percent: Option<u32>,
}

/// Tells a socket from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SocketId(u64, u64, i64, i64);

impl Kubelet {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            registration: settings.plugins.join(SOCKET),
            pod_resources: settings.pod_resources.clone(),
            unit: settings.memory_unit,
            call: settings.pace.call,
        }
    }

    /// The kubelet's socket as it is now; it is a new one after each of its starts.
    pub(crate) fn socket(&self) -> Option<SocketId> {
        socket_id(&self.registration)
    }

    /// Introduces a resource.
    pub(crate) async fn register(&self, resource: Resource) -> Result<(), PluginError> {
        let request = RegisterRequest {
            version: VERSION.into(),
            endpoint: resource.socket().into(),
            resource_name: resource.name().into(),
            options: Some(options(resource)),
        };
        let client = Client::at(&self.registration, self.call);
        let client = client.map_err(PluginError::kubelet("register a resource"))?;
        let answer = client.ask::<_, Empty>(method::REGISTER, request).await;
        answer.map_err(PluginError::kubelet("register a resource"))?;
        Ok(())
    }

    /// All containers with virtual GPUs.
    pub(crate) async fn holders(&self) -> Result<Vec<Holder>, PluginError> {
        let failed = PluginError::kubelet("list pods and their devices");
        let asking = async {
            let client = Client::at(&self.pod_resources, self.call)?;
            let question = ListPodResourcesRequest {};
            client.ask(method::POD_RESOURCES, question).await
        };
        let list: ListPodResourcesResponse = asking.await.map_err(failed)?;
        let of_pod = |pod: &PodResources| -> Vec<Holder> {
            let containers = pod.containers.iter();
            containers.filter_map(|one| self.holder(pod, one)).collect()
        };
        Ok(list.pod_resources.iter().flat_map(of_pod).collect())
    }

    fn holder(&self, pod: &PodResources, container: &ContainerResources) -> Option<Holder> {
        let mut held = BTreeMap::<Resource, BTreeSet<u32>>::new();
        for part in &container.devices {
            let known = [
                Resource::Vgpu,
                Resource::Memory(self.unit),
                Resource::Compute,
            ];
            let known = known
                .into_iter()
                .find(|one| one.name() == part.resource_name);
            let Some(resource) = known else { continue };
            let numbers = part.device_ids.iter().filter_map(|id| resource.number(id));
            held.entry(resource).or_default().extend(numbers);
        }
        let slots: BTreeSet<Slot> = held
            .get(&Resource::Vgpu)?
            .iter()
            .copied()
            .map(Slot)
            .collect();
        let units = |resource| held.get(&resource).map(BTreeSet::len).filter(|n| *n > 0);
        let memory = units(Resource::Memory(self.unit)).map(|n| n as u64 * self.unit.bytes());
        (!slots.is_empty()).then(|| Holder {
            container: Container {
                namespace: pod.namespace.clone(),
                pod: pod.name.clone(),
                name: container.name.clone(),
            },
            slots,
            memory_bytes: memory,
            compute_percent: units(Resource::Compute).map(|n| n as u32),
        })
    }
}

/// What is wanted of the kubelet for a resource: the virtual GPUs alone make a container's token.
pub(crate) fn options(resource: Resource) -> DevicePluginOptions {
    DevicePluginOptions {
        pre_start_required: resource == Resource::Vgpu,
        get_preferred_allocation_available: false,
    }
}

/// What is at the path of a socket.
pub(crate) fn socket_id(path: &Path) -> Option<SocketId> {
    let found = std::fs::metadata(path).ok()?;
    // A number of an inode is soon used again, its time of change is not.
    Some(SocketId(
        found.dev(),
        found.ino(),
        found.ctime(),
        found.ctime_nsec(),
    ))
}

impl std::fmt::Display for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.namespace, self.pod, self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ContainerDevices;

    fn kubelet(unit: MemoryUnit) -> Kubelet {
        Kubelet {
            registration: PathBuf::new(),
            pod_resources: PathBuf::new(),
            unit,
            call: std::time::Duration::ZERO,
        }
    }

    fn part(resource: &str, ids: &[&str]) -> ContainerDevices {
        ContainerDevices {
            resource_name: resource.into(),
            device_ids: ids.iter().map(|&id| id.into()).collect(),
        }
    }

    #[test]
    fn holder_is_the_sum_of_the_parts() {
        let pod = PodResources {
            name: "p".into(),
            namespace: "ns".into(),
            containers: Vec::new(),
        };
        let container = |devices| ContainerResources {
            name: "c".into(),
            devices,
        };
        let full = container(vec![
            part("rigel.dev/vgpu", &["vgpu-4"]),
            part("rigel.dev/vgpu", &["vgpu-1"]),
            part("rigel.dev/vgpu-memory-mib", &["m1", "m2"]),
            part("rigel.dev/vgpu-memory-mib", &["m2", "m7", "what"]),
            part("rigel.dev/vgpu-compute-percent", &["c0"]),
            part("example.com/other", &["vgpu-9"]),
        ]);
        let holder = kubelet(MemoryUnit::Mib).holder(&pod, &full).unwrap();
        assert_eq!(holder.slots, [Slot(1), Slot(4)].into());
        assert_eq!(holder.memory_bytes, Some(3 << 20));
        assert_eq!(holder.compute_percent, Some(1));
        assert_eq!(holder.container.to_string(), "ns/p/c");

        let without = container(vec![part("rigel.dev/vgpu-memory-mib", &["m1"])]);
        assert_eq!(kubelet(MemoryUnit::Mib).holder(&pod, &without), None);
        let holder = kubelet(MemoryUnit::Gib).holder(&pod, &full).unwrap();
        assert_eq!(
            holder.memory_bytes, None,
            "the other unit is another's resource"
        );
    }
}
