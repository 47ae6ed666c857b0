//! What a container with virtual GPUs is given: libraries, the way to the pool, and the folder where its
//! token will be. Nothing here is secret, and nothing is asked of anybody. Read [`allocation`] first.

use std::path::{Path, PathBuf};

use rigel_protocol::client_file::ClientFile;
use rigel_protocol::pool::{PoolAddress, Trust};

use crate::PluginError;
use crate::api::{CdiDevice, ContainerAllocateResponse};
use crate::install::{Installed, mount};
use crate::settings::{ContainerPool, Settings};
use crate::slots::TOKEN;

/// Where a container sees its slot's folder: the client libraries look there.
const FOLDER: &str = "/run/rigel";
/// Where it sees the folder of the pool's socket.
const POOL_FOLDER: &str = "/run/rigel-pool";
/// The authority of the pool's certificate, in the slot's folder.
pub(crate) const AUTHORITY: &str = "authority.pem";

/// What is given to a container whose own folder is this one.
pub(crate) fn allocation(
    settings: &Settings,
    installed: &Installed,
    folder: &Path,
) -> ContainerAllocateResponse {
    let mut given = ContainerAllocateResponse {
        mounts: vec![mount(folder, Path::new(FOLDER))],
        ..ContainerAllocateResponse::default()
    };
    if let ContainerPool::Socket(socket) = &settings.pool {
        let folder = socket.parent().unwrap_or(Path::new("/"));
        given.mounts.push(mount(folder, Path::new(POOL_FOLDER)));
    }
    match installed {
        Installed::Files {
            mounts,
            environment,
        } => {
            given.mounts.extend(mounts.iter().cloned());
            given.envs = environment.clone();
        }
        Installed::Cdi(name) => given.cdi_devices.push(CdiDevice { name: name.clone() }),
    }
    given
}

/// The settings that a container's client libraries find, and the file of the authority that they name.
pub(crate) fn client_file(pool: &ContainerPool) -> Result<(String, Option<PathBuf>), PluginError> {
    let mut authority = None;
    let address = match pool {
        ContainerPool::Socket(socket) => {
            let name = socket.file_name().unwrap_or_default();
            PoolAddress::Unix(Path::new(POOL_FOLDER).join(name))
        }
        ContainerPool::Remote(PoolAddress::Quic(quic)) => {
            let mut quic = quic.clone();
            // The operator's certificate is not for containers: they have tokens.
            quic.client = None;
            if let Trust::Authority(file) = &mut quic.trust {
                let seen = Path::new(FOLDER).join(AUTHORITY);
                authority = Some(std::mem::replace(file, seen));
            }
            PoolAddress::Quic(quic)
        }
        ContainerPool::Remote(other) => other.clone(),
    };
    let mut file = ClientFile::default();
    let token = Path::new(FOLDER).join(TOKEN);
    for (variable, value) in [
        ("RIGEL_POOL", address.to_string()),
        ("RIGEL_TOKEN_FILE", token.display().to_string()),
    ] {
        file.set(variable, &value)
            .map_err(|error| PluginError::Setting {
                name: "pool",
                why: error.to_string(),
            })?;
    }
    Ok((file.to_text(), authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_file_names_what_the_container_sees() {
        let socket = ContainerPool::Socket("/run/rigel-guests/guest.sock".into());
        let (text, authority) = client_file(&socket).unwrap();
        let wanted =
            "pool = \"unix:/run/rigel-pool/guest.sock\"\ntoken_file = \"/run/rigel/token\"\n";
        assert_eq!(text, wanted);
        assert_eq!(authority, None);

        let url = "quic://gpus:7400?ca=/etc/pool/ca.pem&cert=/etc/pool/me.crt&key=/etc/pool/me.key";
        let remote = ContainerPool::Remote(url.parse().unwrap());
        let (text, authority) = client_file(&remote).unwrap();
        assert!(
            text.contains("quic://gpus:7400?ca=/run/rigel/authority.pem"),
            "{text}"
        );
        assert_eq!(authority, Some("/etc/pool/ca.pem".into()));
        assert!(
            !text.contains("me.key") && !text.contains("me.crt"),
            "{text}"
        );
    }
}
