//! The kubelet's messages: device plugin API v1beta1 and pod resources API v1, as far as the plugin speaks
//! them. The numbers of fields are the published ones; fields left out are skipped by the decoder.
//!
//! They are written out, not generated: a machine that builds Rigel needs no protoc.

use std::collections::BTreeMap;

use prost::Message;

/// The version the plugin registers with.
pub const VERSION: &str = "v1beta1";
/// Health of a device that can be given out.
pub const HEALTHY: &str = "Healthy";
/// Health of a device that cannot.
pub const UNHEALTHY: &str = "Unhealthy";

/// Names of the methods.
pub mod method {
    /// Of the kubelet: a plugin introduces itself.
    pub const REGISTER: &str = "/v1beta1.Registration/Register";
    /// Of the plugin: what it can do.
    pub const OPTIONS: &str = "/v1beta1.DevicePlugin/GetDevicePluginOptions";
    /// Of the plugin: its devices, now and at every change.
    pub const LIST_AND_WATCH: &str = "/v1beta1.DevicePlugin/ListAndWatch";
    /// Of the plugin: a container gets devices.
    pub const ALLOCATE: &str = "/v1beta1.DevicePlugin/Allocate";
    /// Of the plugin: a container with these devices is about to start.
    pub const PRE_START: &str = "/v1beta1.DevicePlugin/PreStartContainer";
    /// Of the kubelet: which containers hold which devices.
    pub const POD_RESOURCES: &str = "/v1.PodResourcesLister/List";
}

/// Nothing.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct Empty {}

/// What a plugin wants of the kubelet.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct DevicePluginOptions {
    /// It wants to be asked before each start of a container.
    #[prost(bool, tag = "1")]
    pub pre_start_required: bool,
    /// It has an opinion on which devices go together.
    #[prost(bool, tag = "2")]
    pub get_preferred_allocation_available: bool,
}

/// How a plugin introduces itself.
#[derive(Clone, PartialEq, Message)]
pub struct RegisterRequest {
    /// [`VERSION`].
    #[prost(string, tag = "1")]
    pub version: String,
    /// Name of its socket in the kubelet's folder.
    #[prost(string, tag = "2")]
    pub endpoint: String,
    /// The resource, as pods name it.
    #[prost(string, tag = "3")]
    pub resource_name: String,
    /// As by [`method::OPTIONS`].
    #[prost(message, optional, tag = "4")]
    pub options: Option<DevicePluginOptions>,
}

/// All devices of a resource.
#[derive(Clone, PartialEq, Message)]
pub struct ListAndWatchResponse {
    /// They.
    #[prost(message, repeated, tag = "1")]
    pub devices: Vec<Device>,
}

/// A device.
#[derive(Clone, PartialEq, Message)]
pub struct Device {
    /// Unique in its resource, at most 63 characters.
    #[prost(string, tag = "1")]
    pub id: String,
    /// [`HEALTHY`] or [`UNHEALTHY`].
    #[prost(string, tag = "2")]
    pub health: String,
}

/// Containers get devices.
#[derive(Clone, PartialEq, Message)]
pub struct AllocateRequest {
    /// One each.
    #[prost(message, repeated, tag = "1")]
    pub container_requests: Vec<DeviceIds>,
}

/// Devices of one resource.
#[derive(Clone, PartialEq, Message)]
pub struct DeviceIds {
    /// Their ids.
    #[prost(string, repeated, tag = "1")]
    pub devices_ids: Vec<String>,
}

/// What containers are given.
#[derive(Clone, PartialEq, Message)]
pub struct AllocateResponse {
    /// One each.
    #[prost(message, repeated, tag = "1")]
    pub container_responses: Vec<ContainerAllocateResponse>,
}

/// What a container is given.
#[derive(Clone, PartialEq, Message)]
pub struct ContainerAllocateResponse {
    /// Environment variables.
    #[prost(btree_map = "string, string", tag = "1")]
    pub envs: BTreeMap<String, String>,
    /// Files and folders of the host.
    #[prost(message, repeated, tag = "2")]
    pub mounts: Vec<Mount>,
    /// For the container runtime.
    #[prost(btree_map = "string, string", tag = "4")]
    pub annotations: BTreeMap<String, String>,
    /// Devices by their CDI names.
    #[prost(message, repeated, tag = "5")]
    pub cdi_devices: Vec<CdiDevice>,
}

/// A file or folder of the host in a container.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Mount {
    /// Where the container sees it.
    #[prost(string, tag = "1")]
    pub container_path: String,
    /// Where it is.
    #[prost(string, tag = "2")]
    pub host_path: String,
    /// It cannot be changed.
    #[prost(bool, tag = "3")]
    pub read_only: bool,
}

/// A device that the container runtime knows.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct CdiDevice {
    /// `vendor/class=name`.
    #[prost(string, tag = "1")]
    pub name: String,
}

/// The question for all containers' devices.
#[derive(Clone, Copy, PartialEq, Message)]
pub struct ListPodResourcesRequest {}

/// All pods of the node.
#[derive(Clone, PartialEq, Message)]
pub struct ListPodResourcesResponse {
    /// They.
    #[prost(message, repeated, tag = "1")]
    pub pod_resources: Vec<PodResources>,
}

/// A pod.
#[derive(Clone, PartialEq, Message)]
pub struct PodResources {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its namespace.
    #[prost(string, tag = "2")]
    pub namespace: String,
    /// Its containers.
    #[prost(message, repeated, tag = "3")]
    pub containers: Vec<ContainerResources>,
}

/// A container.
#[derive(Clone, PartialEq, Message)]
pub struct ContainerResources {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// What it holds; a resource may come in several parts.
    #[prost(message, repeated, tag = "2")]
    pub devices: Vec<ContainerDevices>,
}

/// Devices of a container.
#[derive(Clone, PartialEq, Message)]
pub struct ContainerDevices {
    /// The resource.
    #[prost(string, tag = "1")]
    pub resource_name: String,
    /// Their ids.
    #[prost(string, repeated, tag = "2")]
    pub device_ids: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes are written by hand from the published numbers: `tag << 3 | 2`, length, text.
    #[test]
    fn messages_have_the_published_layout() {
        let register = RegisterRequest {
            version: "v".into(),
            endpoint: "e".into(),
            resource_name: "r".into(),
            options: Some(DevicePluginOptions {
                pre_start_required: true,
                get_preferred_allocation_available: false,
            }),
        };
        let bytes = b"\x0a\x01v\x12\x01e\x1a\x01r\x22\x02\x08\x01";
        assert_eq!(register.encode_to_vec(), bytes);

        let answer = ContainerAllocateResponse {
            envs: [("k".into(), "v".into())].into(),
            mounts: vec![Mount {
                container_path: "c".into(),
                host_path: "h".into(),
                read_only: true,
            }],
            annotations: BTreeMap::new(),
            cdi_devices: vec![CdiDevice { name: "n".into() }],
        };
        let bytes =
            b"\x0a\x06\x0a\x01k\x12\x01v\x12\x08\x0a\x01c\x12\x01h\x18\x01\x2a\x03\x0a\x01n";
        assert_eq!(answer.encode_to_vec(), bytes);
    }

    #[test]
    fn pod_resources_of_a_later_kubelet_are_read_without_what_is_new() {
        // Container `c` with CPU ids (3) and memory (4) beside its devices, which have a topology (3).
        let bytes = b"\x0a\x21\x0a\x01p\x12\x02ns\x1a\x18\x0a\x01c\x12\x0d\x0a\x01r\x12\x02d1\x12\x00\x1a\x02\x0a\x00\x1a\x02\x05\x06\x22\x00";
        let list = ListPodResourcesResponse::decode(&bytes[..]).unwrap();
        let pod = &list.pod_resources[0];
        assert_eq!((pod.name.as_str(), pod.namespace.as_str()), ("p", "ns"));
        let devices = &pod.containers[0].devices[0];
        assert_eq!(devices.resource_name, "r");
        assert_eq!(devices.device_ids, ["d1", ""]);
    }
}
