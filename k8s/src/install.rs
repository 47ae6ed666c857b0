//! Brings the client libraries to where the host can mount them from: the plugin's own folder; and tells the
//! container runtime of them, if it is to mount them. Read [`install`] first.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::PluginError;
use crate::api::Mount;
use crate::settings::Delivery;
use crate::slots::replace;

/// The device that brings the libraries, in CDI's words.
const DEVICE: (&str, &str) = ("rigel.dev/vgpu", "libraries");
/// The specification's file: its name is made of the vendor's and ours.
const SPECIFICATION: &str = "rigel.dev-kubernetes.json";

/// How containers come by the libraries, as it is after the start.
#[derive(Clone, Debug)]
pub(crate) enum Installed {
    /// By mounts and variables.
    Files {
        mounts: Vec<Mount>,
        environment: BTreeMap<String, String>,
    },
    /// By a device of the container runtime.
    Cdi(String),
}

/// Copies what has changed. Containers that run keep the files that they were started with.
pub(crate) fn install(delivery: &Delivery, folder: &Path) -> Result<Installed, PluginError> {
    let folder = folder.join("lib");
    std::fs::create_dir_all(&folder).map_err(PluginError::file("make", &folder))?;
    let mut mounts = Vec::new();
    let libraries = [
        ("libcuda.so.1", Some(&delivery.cuda)),
        ("libnvidia-ml.so.1", delivery.nvml.as_ref()),
    ];
    for (name, from) in libraries {
        let Some(from) = from else { continue };
        let file = folder.join(name);
        let wanted = std::fs::read(from).map_err(PluginError::file("read", from))?;
        if std::fs::read(&file).ok().as_ref() != Some(&wanted) {
            replace(&file, 0o755, &wanted)?;
        }
        mounts.extend(
            delivery
                .into
                .iter()
                .map(|into| mount(&file, &into.join(name))),
        );
    }
    let environment = delivery.environment.clone();
    let Some(specifications) = &delivery.cdi else {
        return Ok(Installed::Files {
            mounts,
            environment,
        });
    };
    std::fs::create_dir_all(specifications).map_err(PluginError::file("make", specifications))?;
    let text = format!("{:#}\n", specification(&mounts, &environment));
    replace(&specifications.join(SPECIFICATION), 0o644, text.as_bytes())?;
    Ok(Installed::Cdi(format!("{}={}", DEVICE.0, DEVICE.1)))
}

/// A mount that the container cannot change.
pub(crate) fn mount(host: &Path, container: &Path) -> Mount {
    Mount {
        container_path: container.display().to_string(),
        host_path: host.display().to_string(),
        read_only: true,
    }
}

fn specification(mounts: &[Mount], environment: &BTreeMap<String, String>) -> Value {
    let mount = |mount: &Mount| {
        json!({
            "hostPath": mount.host_path,
            "containerPath": mount.container_path,
            "options": ["ro", "nosuid", "nodev", "bind"],
        })
    };
    let variable = |(name, value): (&String, &String)| format!("{name}={value}");
    json!({
        "cdiVersion": "0.5.0",
        "kind": DEVICE.0,
        "devices": [{
            "name": DEVICE.1,
            "containerEdits": {
                "env": environment.iter().map(variable).collect::<Vec<_>>(),
                "mounts": mounts.iter().map(mount).collect::<Vec<_>>(),
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;
    use std::path::PathBuf;

    use super::*;

    fn delivery(folder: &Path, cdi: Option<PathBuf>) -> Delivery {
        std::fs::write(folder.join("built.so"), "one").unwrap();
        Delivery {
            cuda: folder.join("built.so"),
            nvml: None,
            into: vec!["/usr/lib64".into(), "/usr/lib/x86_64-linux-gnu".into()],
            environment: [("A".into(), "b".into())].into(),
            cdi,
        }
    }

    #[test]
    fn install_replaces_what_has_changed_alone() {
        let folder = tempfile::tempdir().unwrap();
        let delivery = delivery(folder.path(), None);
        let inode = || {
            install(&delivery, folder.path()).unwrap();
            let file = folder.path().join("lib/libcuda.so.1");
            assert_eq!(
                std::fs::read(&file).unwrap(),
                std::fs::read(&delivery.cuda).unwrap()
            );
            std::fs::metadata(file).unwrap().ino()
        };
        // Held, as by a mount: its number is not used again.
        let first = inode();
        let _held = std::fs::File::open(folder.path().join("lib/libcuda.so.1")).unwrap();
        assert_eq!(inode(), first);
        std::fs::write(&delivery.cuda, "two").unwrap();
        assert_ne!(inode(), first);
    }

    #[test]
    fn specification_for_the_runtime_says_what_mounts_would() {
        let folder = tempfile::tempdir().unwrap();
        let plain = install(&delivery(folder.path(), None), folder.path()).unwrap();
        let Installed::Files { mounts, .. } = plain else {
            panic!("files");
        };
        assert_eq!(mounts.len(), 2);
        let cdi = folder.path().join("cdi");
        let installed =
            install(&delivery(folder.path(), Some(cdi.clone())), folder.path()).unwrap();
        let Installed::Cdi(name) = installed else {
            panic!("a device");
        };
        assert_eq!(name, "rigel.dev/vgpu=libraries");
        let text = std::fs::read_to_string(cdi.join(SPECIFICATION)).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let edits = &value["devices"][0]["containerEdits"];
        assert_eq!(edits["env"], json!(["A=b"]));
        for (written, wanted) in edits["mounts"].as_array().unwrap().iter().zip(&mounts) {
            assert_eq!(written["containerPath"], *wanted.container_path);
            assert_eq!(written["hostPath"], *wanted.host_path);
        }
    }
}
