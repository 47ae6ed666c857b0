//! Brings the client libraries to where the host can mount them from: the plugin's own folder. Read
//! [`install`] first.

use std::path::{Path, PathBuf};

use crate::PluginError;
use crate::settings::Delivery;
use crate::slots::replace;

/// How containers come by the libraries, as it is after the start.
#[derive(Clone, Debug)]
pub(crate) enum Installed {
    /// Files of the host, and the folders of containers that they go into.
    Files {
        files: Vec<PathBuf>,
        into: Vec<PathBuf>,
    },
    /// A device of the container runtime.
    Cdi(String),
}

/// Copies what has changed. Containers that run keep the files that they were started with.
pub(crate) fn install(delivery: &Delivery, folder: &Path) -> Result<Installed, PluginError> {
    let (cuda, nvml, into) = match delivery {
        Delivery::Cdi(name) => return Ok(Installed::Cdi(name.clone())),
        Delivery::Mounts { cuda, nvml, into } => (cuda, nvml, into),
    };
    let folder = folder.join("lib");
    std::fs::create_dir_all(&folder).map_err(PluginError::file("make", &folder))?;
    let mut files = Vec::new();
    for (name, from) in [
        ("libcuda.so.1", Some(cuda)),
        ("libnvidia-ml.so.1", nvml.as_ref()),
    ] {
        let Some(from) = from else { continue };
        let to = folder.join(name);
        let wanted = std::fs::read(from).map_err(PluginError::file("read", from))?;
        if std::fs::read(&to).ok().as_ref() != Some(&wanted) {
            replace(&to, 0o755, &wanted)?;
        }
        files.push(to);
    }
    Ok(Installed::Files {
        files,
        into: into.clone(),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn install_replaces_what_has_changed_alone() {
        let folder = tempfile::tempdir().unwrap();
        let cuda = folder.path().join("built.so");
        let delivery = Delivery::Mounts {
            cuda: cuda.clone(),
            nvml: None,
            into: vec!["/usr/lib64".into()],
        };
        let inode = || {
            let installed = install(&delivery, folder.path()).unwrap();
            let Installed::Files { files, .. } = installed else {
                panic!("files");
            };
            assert_eq!(
                std::fs::read(&files[0]).unwrap(),
                std::fs::read(&cuda).unwrap()
            );
            std::fs::metadata(&files[0]).unwrap().ino()
        };
        std::fs::write(&cuda, "one").unwrap();
        // Held, as by a mount: its number is not used again.
        let first = inode();
        let _held = std::fs::File::open(folder.path().join("lib/libcuda.so.1")).unwrap();
        assert_eq!(inode(), first);
        std::fs::write(&cuda, "two").unwrap();
        assert_ne!(inode(), first);
    }
}
