//! `rigel k8s`: the pool in a Kubernetes cluster. What the device plugin does is `rigel-k8s`'s; here it is told
//! how to reach the pool ([`AdminPool`]).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use rigel_k8s::pool::{Capacity, Granted, Issued, Pool, PoolError, Scope};
use rigel_k8s::settings::{ContainerPool, Defaults, Delivery, MemoryUnit, Offered, Pace, Settings};
use rigel_pool_server::bytes::ByteSize;
use rigel_pool_server::paths;
use rigel_protocol::control::{AdminRequest, LeaseChange, NewToken, Request};
use rigel_protocol::pool::PoolAddress;
use serde_json::Value;

use crate::client::PoolArguments;
use crate::container::Device;
use crate::table::list;

/// How long the pool may be away when the plugin starts, between questions.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Offer the pool's GPUs to a Kubernetes cluster.
#[derive(Debug, Args)]
pub(crate) struct K8sArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    DevicePlugin(Box<PluginArguments>),
}

/// Serve this node's kubelet as a device plugin, until SIGTERM.
///
/// Pods ask for `rigel.dev/vgpu`, and if they like for `rigel.dev/vgpu-memory-mib` and
/// `rigel.dev/vgpu-compute-percent`; each container gets a token of its own for exactly that.
#[derive(Debug, Args)]
struct PluginArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// This node's name; unique among all that use the pool.
    #[arg(long, env = "NODE_NAME", value_name = "NAME")]
    node: String,

    /// The lease that containers get a part of; one with `instances`, so that limits hold for a container as
    /// a whole.
    #[arg(long, value_name = "LEASE", default_value = "kubernetes")]
    lease: String,

    /// The server's socket for guests. Default: as the server says.
    #[arg(long, value_name = "PATH")]
    guest_socket: Option<PathBuf>,

    /// Virtual GPUs that the node offers at once. Default: --slots-per-gpu for each GPU of the pool.
    #[arg(long, value_name = "N")]
    slots: Option<u32>,

    /// Virtual GPUs for each GPU of the pool.
    #[arg(long, value_name = "N", default_value_t = 8)]
    slots_per_gpu: u32,

    /// Memory that the node offers. Default: all that the pool has.
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,

    /// Compute that the node offers, in percent of a GPU. Default: 100 for each GPU of the pool.
    #[arg(long, value_name = "PCT")]
    compute: Option<u32>,

    /// What one unit of the memory resource is; `gib` where the pool has more than 175 GiB.
    #[arg(long, value_name = "UNIT", default_value = "mib")]
    memory_unit: Unit,

    /// Memory on each virtual GPU of a container that asks for none. Default: an equal part.
    #[arg(long, value_name = "SIZE")]
    default_memory: Option<ByteSize>,

    /// Most compute on each virtual GPU of a container that asks for none.
    #[arg(long, value_name = "PCT", default_value_t = 100)]
    default_compute: u8,

    /// Let the container runtime bring the libraries, by a CDI specification in this folder (/var/run/cdi):
    /// for kubelets from 1.28 on.
    #[arg(long, value_name = "DIR")]
    cdi: Option<PathBuf>,

    /// Folders of containers that get the libraries; such that the loader searches.
    #[arg(
        long,
        value_name = "DIR",
        default_values = ["/usr/lib/x86_64-linux-gnu", "/usr/lib64"]
    )]
    library_folder: Vec<PathBuf>,

    /// The plugin's own folder; the same path on the host.
    #[arg(long, value_name = "DIR", default_value = "/run/rigel-kubernetes")]
    folder: PathBuf,

    /// The kubelet's folder of device plugins.
    #[arg(
        long,
        value_name = "DIR",
        default_value = "/var/lib/kubelet/device-plugins"
    )]
    plugins: PathBuf,

    /// The kubelet's socket that tells who holds what.
    #[arg(
        long,
        value_name = "PATH",
        default_value = "/var/lib/kubelet/pod-resources/kubelet.sock"
    )]
    pod_resources: PathBuf,
}

/// Unit of the memory resource.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Unit {
    Mib,
    Gib,
}

/// The pool over its admin messages.
#[derive(Debug)]
struct AdminPool {
    pool: PoolArguments,
    lease: String,
}

/// Serves until it is told to stop.
pub(crate) fn main(arguments: K8sArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("info");
    let Action::DevicePlugin(arguments) = arguments.action;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    runtime.block_on(serve(&arguments))?;
    // What the pool is asked at the moment is not waited for.
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

async fn serve(arguments: &PluginArguments) -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for SIGINT")?;
    let stop = async {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    tokio::pin!(stop);
    let offered = tokio::select! {
        () = &mut stop => return Ok(()),
        offered = offered(arguments) => offered?,
    };
    let settings = settings(arguments, &offered)?;
    let pool = AdminPool {
        pool: arguments.pool.clone(),
        lease: arguments.lease.clone(),
    };
    Ok(rigel_k8s::plugin::run(settings, pool, stop).await?)
}

/// What the pool says of what containers can be given, as soon as it answers.
async fn offered(arguments: &PluginArguments) -> anyhow::Result<Value> {
    // A mistake of the operator is told now, whether or not the pool answers.
    if let PoolAddress::Quic(elsewhere) = arguments.pool.address()?
        && elsewhere.client.is_none()
    {
        bail!(
            "a pool on another host makes tokens only for who shows a certificate that `operators` in its \
             configuration names: set --cert and --key (docs/kubernetes.md)"
        );
    }
    arguments.pool.token()?;
    loop {
        let pool = arguments.pool.clone();
        let asked = tokio::task::spawn_blocking(move || pool.admin(AdminRequest::Classes));
        match asked.await.context("ask the pool")? {
            Ok(offered) => return Ok(offered),
            Err(error) => match failed(error) {
                PoolError::Away(why) => tracing::warn!("waiting for the pool: {why}"),
                refused => return Err(refused.into()),
            },
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

fn settings(arguments: &PluginArguments, offered: &Value) -> anyhow::Result<Settings> {
    let lease = arguments.lease.as_str();
    match list(&offered["classes"])
        .iter()
        .find(|class| class["name"] == lease)
    {
        None => {
            bail!("the server has no lease `{lease}`; set --lease, or add it to its configuration")
        }
        Some(class) if class["instances"].is_null() => tracing::warn!(
            lease,
            "the lease has no instances: limits hold for each process of a container, not for all of them"
        ),
        Some(_) => {}
    }
    let is_soft = offered["soft"].as_bool().unwrap_or(false);
    let pair = |text: String| {
        let (name, value) = text.split_once('=')?;
        Some((name.to_owned(), value.to_owned()))
    };
    let environment: BTreeMap<_, _> = Device::environment(is_soft)
        .into_iter()
        .filter_map(pair)
        .collect();
    Ok(Settings {
        node: arguments.node.clone(),
        plugins: arguments.plugins.clone(),
        pod_resources: arguments.pod_resources.clone(),
        folder: arguments.folder.clone(),
        pool: container_pool(arguments, offered)?,
        delivery: Delivery {
            cuda: paths::shim().context(
                "the client library (shim/libcuda.so.1) is not beside the rigel binary; set RIGEL_LIB_DIR",
            )?,
            nvml: paths::nvml(),
            into: arguments.library_folder.clone(),
            environment,
            cdi: arguments.cdi.clone(),
        },
        offered: Offered {
            slots: arguments.slots,
            slots_per_gpu: arguments.slots_per_gpu,
            memory_bytes: arguments.memory.map(|size| size.0),
            compute_percent: arguments.compute,
        },
        memory_unit: match arguments.memory_unit {
            Unit::Mib => MemoryUnit::Mib,
            Unit::Gib => MemoryUnit::Gib,
        },
        defaults: Defaults {
            memory_bytes: arguments.default_memory.map(|size| size.0),
            compute_percent: arguments.default_compute,
        },
        pace: Pace::default(),
    })
}

/// Where containers find the pool.
fn container_pool(arguments: &PluginArguments, offered: &Value) -> anyhow::Result<ContainerPool> {
    if let elsewhere @ PoolAddress::Quic(_) = arguments.pool.address()? {
        return Ok(ContainerPool::Remote(elsewhere));
    }
    let told = || offered["guest_socket"].as_str().map(PathBuf::from);
    let socket = arguments.guest_socket.clone().or_else(told);
    socket.map(ContainerPool::Socket).context(
        "the server has no socket for containers; set `guest_socket` in [server], such as \
         \"/run/rigel-guests/rigel.sock\", and start it anew",
    )
}

impl AdminPool {
    fn ask(&self, request: AdminRequest) -> Result<Value, PoolError> {
        self.pool.admin(request).map_err(failed)
    }

    /// Changes what an instance holds: the whole container is held to it, however many processes it has.
    fn set(&self, lease: &Value, scope: Scope) -> Result<(), PoolError> {
        let change = LeaseChange {
            memory_bytes: Some(scope.memory_bytes),
            compute_percent: Some((0, scope.compute_percent)),
            ..LeaseChange::default()
        };
        let lease = lease.as_str().unwrap_or_default().to_owned();
        self.ask(AdminRequest::SetLease { lease, change }).map(drop)
    }
}

impl Pool for AdminPool {
    fn capacity(&self) -> Result<Capacity, PoolError> {
        let status = self.pool.status().map_err(failed)?;
        Ok(capacity(&status))
    }

    fn grant(&self, scope: Scope, note: &str) -> Result<Granted, PoolError> {
        let wanted = |request| {
            AdminRequest::NewToken(NewToken {
                lease: self.lease.clone(),
                scope: request,
                note: note.to_owned(),
                ..NewToken::default()
            })
        };
        // An instance still holds what its last container held: it is changed once it is ours.
        let gpus = Some(scope.gpus);
        let made = self.ask(wanted(Request {
            gpus,
            ..Request::default()
        }))?;
        let granted = granted(&made)?;
        if made["exclusive"].as_bool() == Some(true) {
            if let Err(error) = self.set(&made["lease"], scope) {
                self.revoke(&granted.id)?;
                return Err(error);
            }
            return Ok(granted);
        }
        // A lease that is shared stays as it is; the token is held to less.
        self.revoke(&granted.id)?;
        let made = self.ask(wanted(Request {
            gpus,
            memory_bytes: Some(scope.memory_bytes),
            compute_percent: Some(scope.compute_percent),
        }))?;
        self::granted(&made)
    }

    fn revoke(&self, id: &str) -> Result<(), PoolError> {
        match self.ask(AdminRequest::RevokeToken(id.to_owned())) {
            Ok(_) => Ok(()),
            Err(PoolError::Refused(_)) if self.list()?.iter().all(|issued| issued.id != id) => {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn list(&self) -> Result<Vec<Issued>, PoolError> {
        let answer = self.ask(AdminRequest::ListTokens)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let issued = |token: &Value| Issued {
            id: text(&token["id"]),
            note: text(&token["note"]),
            sessions: token["sessions"].as_u64().unwrap_or_default() as u32,
        };
        Ok(list(&answer["tokens"]).iter().map(issued).collect())
    }
}

fn granted(made: &Value) -> Result<Granted, PoolError> {
    match (made["id"].as_str(), made["token"].as_str()) {
        (Some(id), Some(token)) => Ok(Granted {
            id: id.into(),
            token: token.into(),
        }),
        _ => Err(PoolError::Refused("the server sent no token".into())),
    }
}

/// What the server refuses will be refused again; everything else may pass.
fn failed(error: anyhow::Error) -> PoolError {
    let text = format!("{error:#}");
    match text.strip_prefix("refused by the pool: ") {
        Some(why) => PoolError::Refused(why.to_owned()),
        None => PoolError::Away(text),
    }
}

fn capacity(status: &Value) -> Capacity {
    // What is ill or drained takes no sessions. A server that says nothing of health has no ill GPUs.
    let in_service = |gpu: &&Value| {
        let state = gpu["health"]["state"].as_str();
        state.is_none_or(|state| state == "healthy")
    };
    let all = list(&status["gpus"]);
    let gpus: Vec<&Value> = all.iter().filter(in_service).collect();
    let memory = |gpu: &Value| gpu["memory_bytes"].as_u64().unwrap_or_default();
    Capacity {
        gpus: gpus.len() as u32,
        memory_bytes: gpus.iter().map(|gpu| memory(gpu)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn capacity_is_the_sum_of_the_gpus() {
        let status = json!({ "gpus": [{"memory_bytes": 5}, {"memory_bytes": 7}] });
        let sum = Capacity {
            gpus: 2,
            memory_bytes: 12,
        };
        assert_eq!(capacity(&status), sum);
        assert_eq!(capacity(&json!({})), Capacity::default());
        let status = json!({ "gpus": [
            {"memory_bytes": 5, "health": {"state": "ill"}},
            {"memory_bytes": 7, "health": {"state": "healthy"}},
            {"memory_bytes": 9, "health": {"state": "drained"}},
        ]});
        let part = Capacity {
            gpus: 1,
            memory_bytes: 7,
        };
        assert_eq!(capacity(&status), part);
    }

    #[test]
    fn refusals_are_told_from_a_pool_that_is_away() {
        let refused = failed(anyhow::anyhow!("refused by the pool: no"));
        assert_eq!(refused, PoolError::Refused("no".into()));
        let away = failed(anyhow::anyhow!("nobody listens"));
        assert_eq!(away, PoolError::Away("nobody listens".into()));
    }
}
