//! `rigel hook`: what container runtimes call while they start and end a container. What the container gets
//! is [`crate::container`]'s; how it is put into its file system, [`crate::rootfs`]'s. Read [`Stage`] first.
//!
//! 1. `createRuntime`, on the host: asks the server for a token of the container's own and writes the folder
//!    that the container will see.
//! 2. `createContainer`, in the container's mount namespace, before its root is: mounts, and the cache by
//!    which programs find the libraries.
//! 3. `poststop`, on the host: revokes the token, which ends the container's sessions, and removes the folder.
//!
//! Whatever fails in the first two keeps the container from starting, with a line that says why. The token
//! is bound to the container's first process besides, so that it ends even if nobody calls the third.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, ValueEnum};
use rigel_protocol::control::{AdminRequest, NewToken};
use rigel_protocol::pool::PoolAddress;
use serde_json::Value;

use crate::container::{CLIENT_FILE, Device, LIBRARIES, Mount, OWN, Source, TOKEN};
use crate::libraries::Libraries;
use crate::rootfs::Rootfs;

/// Where containers' own folders are on the host.
const FOLDERS: &str = "/run/rigel-containers";
/// Longest state and configuration of a container.
const JSON_BYTES_MAX: u64 = 16 << 20;
/// Longest id of a container.
const ID_BYTES_MAX: usize = 256;

/// What a container runtime calls; see docs/containers.md.
#[derive(Debug, Args)]
pub(crate) struct HookArguments {
    /// Which hook it is.
    #[arg(value_enum)]
    stage: Stage,

    /// The lease, or kind of lease, that the container gets.
    #[arg(long, value_name = "LEASE")]
    device: String,

    /// The pool.
    #[arg(long, value_name = "URL", default_value = "local")]
    pool: String,

    /// The server's socket for guests, for a server on this host.
    #[arg(long, value_name = "PATH")]
    guest_socket: Option<PathBuf>,

    /// The containers' token, for a pool on another host.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Also make the mounts of libraries and socket, which an engine that reads CDI makes itself.
    #[arg(long)]
    mounts: bool,
}

/// The hooks, by their names in the runtime specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Stage {
    #[value(name = "createRuntime")]
    CreateRuntime,
    #[value(name = "createContainer")]
    CreateContainer,
    #[value(name = "poststop")]
    Poststop,
}

/// A container as its runtime describes it.
#[derive(Debug)]
struct Container {
    id: String,
    pid: u32,
    bundle: PathBuf,
}

/// Serves one call.
pub(crate) fn main(arguments: &HookArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let container = Container::read(std::io::stdin().lock())?;
    let device = Device {
        name: arguments.device.clone(),
        source: Source::new(
            arguments.pool.parse()?,
            arguments.guest_socket.clone(),
            arguments.token_file.as_deref(),
        )?,
    };
    match arguments.stage {
        Stage::CreateRuntime => create_runtime(&container, &device)
            .with_context(|| format!("give the container GPU `{}`", device.name))?,
        Stage::CreateContainer => {
            let mounts = match arguments.mounts {
                true => device.mounts()?,
                false => Vec::new(),
            };
            create_container(&container, &mounts)
                .with_context(|| format!("let the container see GPU `{}`", device.name))?;
        }
        Stage::Poststop => {
            // The container is gone, and must not stay for this.
            if let Err(error) = poststop(&container, &device) {
                tracing::warn!("{error:#}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn create_runtime(container: &Container, device: &Device) -> anyhow::Result<()> {
    let owner = container.user()?;
    let folder = container.make_folder()?;
    let token = match &device.source {
        Source::Here { admin, .. } => {
            let made = container.new_token(admin, &device.name)?;
            let id = made["id"].as_str().context("the server named no token")?;
            fs::write(container.token_id(), id).context("write the token's id")?;
            let token = made["token"].as_str();
            token.context("the server sent no token")?.to_owned()
        }
        Source::Elsewhere { token_file, .. } => fs::read_to_string(token_file)
            .with_context(|| format!("read {}", token_file.display()))?,
    };
    write(&folder.join(TOKEN), 0o400, &token)?;
    chown(folder.join(TOKEN), Some(owner.0), Some(owner.1)).context("give the token away")?;
    write(
        &folder.join(CLIENT_FILE),
        0o444,
        &device.client_file()?.to_text(),
    )
}

fn create_container(container: &Container, mounts: &[Mount]) -> anyhow::Result<()> {
    let rootfs = Rootfs::open(&container.rootfs()?)?;
    rootfs.check_c_library(&Libraries::client()?.cuda)?;
    for mount in mounts {
        rootfs.mount(&mount.source, &mount.destination)?;
    }
    let own = Path::new(OWN);
    rootfs.mount_writable(&container.folder(), own)?;
    rootfs.cache_libraries(&LIBRARIES, &own.join("ld.so.cache"))?;
    rootfs.seal(own)
}

fn poststop(container: &Container, device: &Device) -> anyhow::Result<()> {
    let id = fs::read_to_string(container.token_id()).ok();
    let revoked = match (&device.source, id) {
        (Source::Here { admin, .. }, Some(id)) => {
            let request = AdminRequest::RevokeToken(id);
            rigel_pool_server::ask::admin(admin, None, request).map(drop)
        }
        _ => Ok(()),
    };
    for gone in [
        fs::remove_dir_all(container.folder()),
        fs::remove_file(container.token_id()),
    ] {
        if let Err(error) = gone {
            tracing::debug!(%error, "nothing to remove");
        }
    }
    revoked.context("revoke the container's token")
}

impl Container {
    fn read(from: impl std::io::Read) -> anyhow::Result<Self> {
        let mut text = Vec::new();
        from.take(JSON_BYTES_MAX)
            .read_to_end(&mut text)
            .context("read the container's state")?;
        let state: Value = serde_json::from_slice(&text)
            .context("understand the container's state on standard input")?;
        let id = state["id"].as_str().context("the state names no id")?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.+".contains(c);
        ensure!(
            !id.starts_with('.')
                && !id.is_empty()
                && id.len() <= ID_BYTES_MAX
                && id.chars().all(is_plain),
            "`{}` is no id of a container",
            id.escape_debug()
        );
        Ok(Self {
            id: id.to_owned(),
            // A container that has ended has none.
            pid: state["pid"]
                .as_u64()
                .and_then(|pid| pid.try_into().ok())
                .unwrap_or(0),
            bundle: state["bundle"]
                .as_str()
                .context("the state names no bundle")?
                .into(),
        })
    }

    fn folder(&self) -> PathBuf {
        Path::new(FOLDERS).join(&self.id)
    }

    fn token_id(&self) -> PathBuf {
        Path::new(FOLDERS).join(format!("{}.token", self.id))
    }

    /// A new folder; what an earlier container of this id left is removed.
    fn make_folder(&self) -> anyhow::Result<PathBuf> {
        let folder = self.folder();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o711)
            .create(FOLDERS)
            .with_context(|| format!("make {FOLDERS}"))?;
        let _ = fs::remove_dir_all(&folder);
        let make = || -> std::io::Result<()> {
            fs::create_dir(&folder)?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))
        };
        make().with_context(|| format!("make {}", folder.display()))?;
        Ok(folder)
    }

    fn new_token(&self, admin: &PoolAddress, lease: &str) -> anyhow::Result<Value> {
        ensure!(self.pid != 0, "the container has no process yet");
        let wanted = NewToken {
            lease: lease.to_owned(),
            process: Some(self.pid),
            note: format!("container {}", &self.id[..self.id.len().min(64)]),
            ..NewToken::default()
        };
        let answer = rigel_pool_server::ask::admin(admin, None, AdminRequest::NewToken(wanted))?;
        serde_json::from_str(&answer).context("understand the server's answer")
    }

    fn config(&self) -> anyhow::Result<Value> {
        let file = self.bundle.join("config.json");
        let mut text = Vec::new();
        fs::File::open(&file)
            .and_then(|file| file.take(JSON_BYTES_MAX).read_to_end(&mut text))
            .with_context(|| format!("read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("understand {}", file.display()))
    }

    fn rootfs(&self) -> anyhow::Result<PathBuf> {
        let config = self.config()?;
        let path = config["root"]["path"].as_str();
        // A relative one is relative to the bundle.
        Ok(self.bundle.join(path.context("the container has no root")?))
    }

    /// The container's user and group as the host numbers them.
    fn user(&self) -> anyhow::Result<(u32, u32)> {
        let config = self.config()?;
        let (user, linux) = (&config["process"]["user"], &config["linux"]);
        Ok((
            outside(&linux["uidMappings"], number(&user["uid"]))?,
            outside(&linux["gidMappings"], number(&user["gid"]))?,
        ))
    }
}

/// A number of the container as the host has it.
fn outside(mappings: &Value, inside: u32) -> anyhow::Result<u32> {
    let mappings = mappings.as_array().map_or(&[][..], Vec::as_slice);
    if mappings.is_empty() {
        return Ok(inside);
    }
    for mapping in mappings {
        let offset = inside.checked_sub(number(&mapping["containerID"]));
        if let Some(offset) = offset.filter(|offset| *offset < number(&mapping["size"])) {
            let host = number(&mapping["hostID"]).checked_add(offset);
            return host.context("the container's mappings overflow");
        }
    }
    bail!("the container's user {inside} is not mapped")
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|n| n.try_into().ok()).unwrap_or(0)
}

fn write(file: &Path, mode: u32, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    let opened = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file);
    opened
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_names_the_container() {
        let state = br#"{"ociVersion":"1.0.2","id":"a-1","pid":7,"bundle":"/b"}"#;
        let container = Container::read(&state[..]).unwrap();
        assert_eq!((container.id.as_str(), container.pid), ("a-1", 7));
        assert_eq!(container.folder(), Path::new("/run/rigel-containers/a-1"));
    }

    #[test]
    fn state_with_an_id_that_is_a_path_is_refused() {
        for id in ["../x", "", ".", "a/b", ".hidden"] {
            let state = format!(r#"{{"id":"{id}","pid":7,"bundle":"/b"}}"#);
            assert!(Container::read(state.as_bytes()).is_err(), "{id}");
        }
        assert!(Container::read(&b"[]"[..]).is_err());
    }

    #[test]
    fn user_of_a_user_namespace_is_found_outside() {
        let mappings = serde_json::json!([
            {"containerID": 0, "hostID": 100_000, "size": 10},
            {"containerID": 10, "hostID": 500, "size": 5},
        ]);
        assert_eq!(outside(&mappings, 3).unwrap(), 100_003);
        assert_eq!(outside(&mappings, 14).unwrap(), 504);
        assert!(outside(&mappings, 15).is_err());
        assert_eq!(outside(&Value::Null, 15).unwrap(), 15);
    }
}
