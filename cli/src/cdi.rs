//! `rigel cdi`: the pool's virtual GPUs as devices of the Container Device Interface. What a container gets
//! is [`crate::container`]'s. Read [`specification`] first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand};
use rigel_protocol::control::AdminRequest;
use rigel_protocol::pool::PoolAddress;
use serde_json::{Value, json};

use crate::client::PoolArguments;
use crate::container::{Device, Source};
use crate::table::list;

/// Version of the interface: what podman 4.3, containerd 1.7 and CRI-O 1.25 read, and all later ones.
const VERSION: &str = "0.5.0";
const KIND: &str = "rigel.dev/vgpu";

/// Describe the pool's virtual GPUs to container engines.
#[derive(Debug, Args)]
pub(crate) struct CdiArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write a CDI specification: a device for each lease of the server.
    ///
    /// Then `podman run --device rigel.dev/vgpu=LEASE` gives a container the lease's GPU; of a lease with
    /// instances, one that no other container has. Every container gets a token of its own, which ends with
    /// it. Write it anew when leases of the configuration change.
    Generate(GenerateArguments),
}

#[derive(Debug, Args)]
struct GenerateArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// File to write, such as /etc/cdi/rigel.json. Default: standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Names of the devices, for a pool on another host, which does not list its leases.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Writes the specification.
pub(crate) fn main(arguments: &CdiArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("warn");
    let Action::Generate(arguments) = &arguments.action;
    let (devices, is_soft) = devices(arguments)?;
    let rigel = std::env::current_exe().context("find the rigel binary")?;
    let text = format!("{:#}\n", specification(&devices, is_soft, &rigel)?);
    match &arguments.output {
        None => print!("{text}"),
        Some(file) => place(file, &text)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The devices, and whether kernels run on the CPU, as far as is known.
fn devices(arguments: &GenerateArguments) -> anyhow::Result<(Vec<Device>, bool)> {
    let address = arguments.pool.address()?;
    let token_file = arguments.pool.token_file.as_deref();
    if let PoolAddress::Quic(_) = address {
        let status = arguments.pool.status()?;
        let device = Device {
            name: arguments.name.clone().unwrap_or_else(|| "remote".into()),
            source: Source::new(address, None, token_file)?,
        };
        return Ok((vec![device], status["driver"]["soft"] == true));
    }
    let offered = arguments.pool.admin(AdminRequest::Classes)?;
    let guests = offered["guest_socket"].as_str().map(PathBuf::from);
    let source = Source::new(address, guests, None)?;
    let names = list(&offered["classes"])
        .iter()
        .filter_map(|class| class["name"].as_str());
    let devices = names.map(|name| Device {
        name: name.to_owned(),
        source: source.clone(),
    });
    Ok((devices.collect(), offered["soft"] == true))
}

/// The document.
fn specification(devices: &[Device], is_soft: bool, rigel: &Path) -> anyhow::Result<Value> {
    let Some(first) = devices.first() else {
        bail!("the server has no leases");
    };
    let mounts = first.mounts()?.into_iter().map(|mount| {
        json!({
            "hostPath": mount.source,
            "containerPath": mount.destination,
            "options": ["ro", "nosuid", "nodev", "bind"],
        })
    });
    let each = devices.iter().map(|device| {
        ensure!(
            is_name(&device.name),
            "lease `{}` cannot be a device: names are letters, digits and `_-.:`",
            device.name
        );
        let hook = |stage: &str| -> anyhow::Result<Value> {
            let mut args = vec!["rigel".to_owned(), "hook".into(), stage.into()];
            args.extend(device.options()?);
            Ok(json!({ "hookName": stage, "path": rigel, "args": args }))
        };
        let stages = ["createRuntime", "createContainer", "poststop"];
        let hooks = stages
            .into_iter()
            .map(hook)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(json!({ "name": device.name, "containerEdits": { "hooks": hooks } }))
    });
    Ok(json!({
        "cdiVersion": VERSION,
        "kind": KIND,
        "devices": each.collect::<anyhow::Result<Vec<_>>>()?,
        "containerEdits": {
            "env": Device::environment(is_soft),
            "mounts": mounts.collect::<Vec<_>>(),
        },
    }))
}

/// What the interface allows as the name of a device.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    name.starts_with(is_plain)
        && name.ends_with(is_plain)
        && name.chars().all(|c| is_plain(c) || "_-.:".contains(c))
}

/// Puts the file at its place in one step: engines read the folder at any time.
fn place(file: &Path, text: &str) -> anyhow::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    }
    let staged = file.with_extension("new");
    fs::write(&staged, text).with_context(|| format!("write {}", staged.display()))?;
    fs::rename(&staged, file).with_context(|| format!("place {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_devices_are_those_of_the_interface() {
        for name in ["8g-50", "a", "team_1.x"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-a", "a b", "a/b", "a-"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
