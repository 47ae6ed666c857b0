//! The manifests in `deploy/kubernetes`: that they are what a cluster takes, as far as their structure says, and
//! that they speak of what the plugin does. The schemas that Kubernetes publishes are not asked.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::collections::BTreeSet;
use std::path::Path;

use rigel_k8s::resource::Resource;
use rigel_k8s::settings::MemoryUnit;
use serde::Deserialize as _;
use serde_yaml_ng::Value;

/// The API version of each kind that is used.
const KINDS: &[(&str, &str)] = &[
    ("DaemonSet", "apps/v1"),
    ("Job", "batch/v1"),
    ("Namespace", "v1"),
    ("Pod", "v1"),
    ("Secret", "v1"),
];

/// Keys that a pod and a container may have here: a slip in a name is no key of theirs.
const POD_KEYS: &[&str] = &[
    "automountServiceAccountToken",
    "containers",
    "nodeSelector",
    "priorityClassName",
    "restartPolicy",
    "securityContext",
    "tolerations",
    "volumes",
];
const CONTAINER_KEYS: &[&str] = &[
    "args",
    "command",
    "env",
    "image",
    "name",
    "resources",
    "securityContext",
    "volumeMounts",
];

fn documents() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/kubernetes");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for document in serde_yaml_ng::Deserializer::from_str(&text) {
            let value =
                Value::deserialize(document).unwrap_or_else(|error| panic!("{name}: {error}"));
            all.push((name.clone(), value));
        }
    }
    assert!(all.len() >= 4, "there are manifests");
    all
}

/// The pod of a document, wherever it is.
fn pod(document: &Value) -> Option<&Value> {
    match document["kind"].as_str()? {
        "Pod" => Some(&document["spec"]),
        "DaemonSet" | "Job" => Some(&document["spec"]["template"]["spec"]),
        _ => None,
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_sequence().map_or(&[], Vec::as_slice)
}

fn keys(value: &Value) -> BTreeSet<&str> {
    let keys = value.as_mapping().into_iter().flat_map(|map| map.keys());
    keys.map(|key| key.as_str().unwrap()).collect()
}

#[test]
fn documents_have_the_shape_of_their_kind() {
    for (file, document) in documents() {
        let kind = document["kind"].as_str().unwrap();
        let known = KINDS.iter().find(|(known, _)| *known == kind);
        let (_, version) = known.unwrap_or_else(|| panic!("{file}: {kind}"));
        assert_eq!(
            document["apiVersion"].as_str(),
            Some(*version),
            "{file}: {kind}"
        );
        let name = document["metadata"]["name"].as_str().unwrap();
        let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(
            name.len() <= 63 && name.chars().all(is_label),
            "{file}: {name}"
        );
        let Some(pod) = pod(&document) else { continue };
        assert!(
            keys(pod).iter().all(|key| POD_KEYS.contains(key)),
            "{file}: {:?}",
            keys(pod)
        );
        assert!(!items(&pod["containers"]).is_empty(), "{file}: {name}");
        for container in items(&pod["containers"]) {
            let keys = keys(container);
            assert!(
                keys.iter().all(|key| CONTAINER_KEYS.contains(key)),
                "{file}: {keys:?}"
            );
            assert!(container["image"].is_string() && container["name"].is_string());
        }
    }
}

#[test]
fn selectors_volumes_and_mounts_agree() {
    for (file, document) in documents() {
        if document["kind"] == "DaemonSet" {
            let wanted = document["spec"]["selector"]["matchLabels"]
                .as_mapping()
                .unwrap();
            let labels = &document["spec"]["template"]["metadata"]["labels"];
            assert!(!wanted.is_empty());
            assert!(
                wanted.iter().all(|(key, value)| labels[key] == *value),
                "{file}"
            );
        }
        let Some(pod) = pod(&document) else { continue };
        let names = |list: &Value| -> BTreeSet<String> {
            let names = items(list)
                .iter()
                .map(|one| one["name"].as_str().unwrap().to_owned());
            names.collect()
        };
        let volumes = names(&pod["volumes"]);
        let mounts: BTreeSet<String> = items(&pod["containers"])
            .iter()
            .flat_map(|one| names(&one["volumeMounts"]))
            .collect();
        assert_eq!(volumes, mounts, "{file}");
    }
}

#[test]
fn plugins_see_what_they_need_at_the_hosts_paths_and_no_more_power() {
    let mut plugins = 0;
    for (file, document) in documents() {
        if document["kind"] != "DaemonSet" {
            continue;
        }
        plugins += 1;
        let pod = pod(&document).unwrap();
        let container = &pod["containers"][0];
        let command: Vec<_> = items(&container["command"])
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(command, ["rigel", "k8s", "device-plugin"], "{file}");
        for needed in [
            "/var/lib/kubelet/device-plugins",
            "/var/lib/kubelet/pod-resources",
            "/run/rigel-kubernetes",
        ] {
            let mounts = items(&container["volumeMounts"]);
            let mount = mounts.iter().find(|one| one["mountPath"] == needed);
            let mount = mount.unwrap_or_else(|| panic!("{file}: {needed} is not mounted"));
            let volumes = items(&pod["volumes"]);
            let volume = volumes
                .iter()
                .find(|one| one["name"] == mount["name"])
                .unwrap();
            assert_eq!(
                volume["hostPath"]["path"], needed,
                "{file}: the same path on both sides"
            );
        }
        let node = &container["env"][0];
        assert_eq!(node["name"], "NODE_NAME");
        assert_eq!(node["valueFrom"]["fieldRef"]["fieldPath"], "spec.nodeName");
        let power = &container["securityContext"];
        assert_eq!(power["allowPrivilegeEscalation"], false);
        assert_eq!(power["readOnlyRootFilesystem"], true);
        assert_eq!(power["capabilities"]["drop"][0], "ALL");
        assert!(power["privileged"].is_null());
    }
    assert!(plugins > 0);
}

#[test]
fn examples_ask_for_what_the_plugin_offers() {
    let known = [
        Resource::Vgpu.name(),
        Resource::Memory(MemoryUnit::Mib).name(),
        Resource::Compute.name(),
    ];
    let mut asked = BTreeSet::new();
    for (file, document) in documents() {
        let Some(pod) = pod(&document) else { continue };
        for container in items(&pod["containers"]) {
            let limits = &container["resources"]["limits"];
            let ours: Vec<_> = keys(limits)
                .into_iter()
                .filter(|key| key.contains('/'))
                .collect();
            for name in &ours {
                assert!(known.contains(name), "{file}: {name}");
                assert!(
                    limits[*name].as_u64().is_some_and(|n| n > 0),
                    "{file}: {name}"
                );
                asked.insert((*name).to_owned());
            }
            let has_gpu = ours.contains(&Resource::Vgpu.name());
            assert!(
                ours.is_empty() || has_gpu,
                "{file}: memory or compute of no virtual GPU"
            );
        }
    }
    assert_eq!(asked.len(), known.len(), "each is shown");
}
