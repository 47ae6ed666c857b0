//! `rigel doctor`: looks at this host, as a server and as a client, and says what to do. It changes nothing.
//! Read [`CHECKS`] first.

use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::socket::{getsockopt, setsockopt, sockopt};
use rigel_pool_server::paths;
use rigel_protocol::pool::PoolAddress;
use serde_json::{Value, json};

use crate::client::PoolArguments;

/// Buffers of a UDP socket below which bulk bytes of fast links are lost.
const UDP_BYTES_WANTED: usize = 2 << 20;
/// Descriptors below which a server cannot hold its default of sessions.
const DESCRIPTORS_WANTED: u64 = 4096;
/// Address space that a client reserves for device memory, at least.
const ADDRESS_SPACE_WANTED: u64 = 64 << 30;
/// A clock before this (2025) makes certificates and tokens meaningless.
const CLOCK_MIN: u64 = 1_735_689_600;
/// Kernels since this have all that is used (pidfd_open, memfd sealing, openat2).
const KERNEL_MIN: (u32, u32) = (5, 6);

/// Check this host and the way to a pool, and say what to do.
///
/// Ends with status 1 if something keeps Rigel from working; warnings do not count.
#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    #[command(flatten)]
    pool: PoolArguments,

    /// Print JSON: a list of `check`, `outcome` (ok, warning, failure), `found`, `advice`.
    #[arg(long)]
    json: bool,
}

/// What a check found.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    outcome: Outcome,
    found: String,
    advice: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    Warning,
    Failure,
}

/// The first user id that is a person's.
const PEOPLE_FROM: u32 = 1000;

type Check = fn(&PoolArguments) -> Finding;

/// All that is looked at, in order.
const CHECKS: &[(&str, Check)] = &[
    ("kernel", kernel),
    ("client library", client_library),
    ("management library", management_library),
    ("driver", driver),
    ("pool", pool),
    ("socket", socket),
    ("state folder", state_folder),
    ("open files", open_files),
    ("address space", address_space),
    ("UDP buffers", udp_buffers),
    ("clock", clock),
    ("user namespaces", user_namespaces),
    ("shared memory", shared_memory),
];

/// Looks at everything and reports.
pub(crate) fn main(arguments: &DoctorArguments) -> anyhow::Result<ExitCode> {
    crate::logging::start("error");
    let findings: Vec<_> = CHECKS
        .iter()
        .map(|(name, check)| (*name, check(&arguments.pool)))
        .collect();
    match arguments.json {
        true => println!("{:#}", as_json(&findings)),
        false => print!("{}", report(&findings)),
    }
    let failed = findings
        .iter()
        .any(|(_, finding)| finding.outcome == Outcome::Failure);
    Ok(match failed {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn report(findings: &[(&str, Finding)]) -> String {
    let mut out = String::new();
    for (name, finding) in findings {
        let outcome = finding.outcome.name();
        out.push_str(&format!("{outcome:<8} {name:<19} {}\n", finding.found));
        if finding.outcome != Outcome::Ok {
            out.push_str(&format!("{:28} -> {}\n", "", finding.advice));
        }
    }
    out
}

fn as_json(findings: &[(&str, Finding)]) -> Value {
    let each = findings.iter().map(|(name, finding)| {
        let is_ok = finding.outcome == Outcome::Ok;
        json!({
            "check": name,
            "outcome": finding.outcome.name(),
            "found": finding.found,
            "advice": (!is_ok).then_some(finding.advice),
        })
    });
    each.collect()
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        }
    }
}

impl Finding {
    fn new(outcome: Outcome, found: impl Into<String>, advice: &'static str) -> Self {
        Self {
            outcome,
            found: found.into(),
            advice,
        }
    }

    fn ok_or(
        is_ok: bool,
        otherwise: Outcome,
        found: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        let outcome = match is_ok {
            true => Outcome::Ok,
            false => otherwise,
        };
        Self::new(outcome, found, advice)
    }
}

fn kernel(_: &PoolArguments) -> Finding {
    let said = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let is_new = version(&said).is_some_and(|found| found >= KERNEL_MIN);
    let advice = "use Linux 5.6 or later";
    Finding::ok_or(
        is_new,
        Outcome::Failure,
        format!("Linux {}", said.trim()),
        advice,
    )
}

/// The first two numbers of a version.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn client_library(_: &PoolArguments) -> Finding {
    let found = paths::shim().map(|path| path.display().to_string());
    let advice = "install Rigel's libraries beside the binary (../lib/rigel), or set RIGEL_LIB_DIR";
    let text = found
        .clone()
        .unwrap_or_else(|| "shim/libcuda.so.1 is missing".into());
    Finding::ok_or(found.is_some(), Outcome::Failure, text, advice)
}

fn management_library(_: &PoolArguments) -> Finding {
    let found = paths::nvml().map(|path| path.display().to_string());
    let advice = "programs that look at GPUs through NVML (nvidia-smi, pynvml) will not see the pool's: \
                  install nvml/libnvidia-ml.so.1 beside the client library";
    let text = found
        .clone()
        .unwrap_or_else(|| "nvml/libnvidia-ml.so.1 is missing".into());
    Finding::ok_or(found.is_some(), Outcome::Warning, text, advice)
}

fn driver(_: &PoolArguments) -> Finding {
    let device = Path::new("/dev/nvidiactl");
    let version = fs::read_to_string("/sys/module/nvidia/version");
    match (device.exists(), version, paths::soft_driver()) {
        (true, Ok(version), _) => {
            Finding::new(Outcome::Ok, format!("NVIDIA {}", version.trim()), "")
        }
        (true, Err(_), _) => Finding::new(
            Outcome::Warning,
            "/dev/nvidiactl exists, and the kernel module nvidia is not loaded",
            "a server here would fail to open NVIDIA's driver: load the module, remove the file, or serve with \
             --driver soft",
        ),
        (false, _, Some(_)) => {
            Finding::new(Outcome::Ok, "no GPU here; the soft driver is there", "")
        }
        (false, _, None) => Finding::new(
            Outcome::Warning,
            "no GPU here, and no soft driver",
            "fine for a client; a server needs NVIDIA's driver, or soft/libcuda.so.1 beside the binary",
        ),
    }
}

fn pool(arguments: &PoolArguments) -> Finding {
    let advice =
        "start `rigel serve`, or set RIGEL_POOL or --pool, and RIGEL_TOKEN_FILE or --token-file";
    match arguments.status() {
        Err(error) => Finding::new(
            Outcome::Failure,
            format!("{}: {error:#}", arguments.pool),
            advice,
        ),
        Ok(status) => {
            let (ours, theirs) = (env!("CARGO_PKG_VERSION"), &status["version"]);
            let same = theirs.as_str() == Some(ours);
            let name = status["driver"]["name"].as_str().unwrap_or("?");
            let advice = "client and server should be of one version";
            let theirs = theirs.as_str().unwrap_or("?");
            let found = format!(
                "{}: {name}, version {theirs} (ours: {ours})",
                arguments.pool
            );
            Finding::ok_or(same, Outcome::Warning, found, advice)
        }
    }
}

fn socket(arguments: &PoolArguments) -> Finding {
    let path = match arguments.address() {
        Ok(PoolAddress::Quic(_)) => {
            return Finding::new(Outcome::Ok, "not needed: the pool is on another host", "");
        }
        Ok(PoolAddress::Unix(path)) => path,
        _ => paths::default_socket(),
    };
    let folder = path.parent().unwrap_or(Path::new("/"));
    let advice = "whoever owns the socket's folder can stand in for the server: let root or the server's user \
                  own it, or set another --socket";
    match fs::metadata(folder) {
        Err(_) => Finding::new(
            Outcome::Ok,
            format!("{} does not exist yet", path.display()),
            "",
        ),
        Ok(found) => {
            let uid = nix::unistd::geteuid().as_raw();
            // The service has a user of its own.
            let own = found.uid() == uid || found.uid() < PEOPLE_FROM;
            // A file in it might be replaced by anybody.
            let is_shared = found.mode() & 0o002 != 0 && found.mode() & 0o1000 == 0;
            let text = format!("{}, in a folder of user {}", path.display(), found.uid());
            Finding::ok_or(own && !is_shared, Outcome::Warning, text, advice)
        }
    }
}

fn state_folder(_: &PoolArguments) -> Finding {
    let folder = paths::default_state();
    let advice = "the server's key is in it: chmod go-w it, and the key to 0600";
    let Ok(found) = fs::metadata(&folder) else {
        return Finding::new(
            Outcome::Ok,
            format!("{} is made at start", folder.display()),
            "",
        );
    };
    let open_files = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let is_secret = entry.path().extension().is_some_and(|end| end == "key");
            is_secret && entry.metadata().is_ok_and(|data| data.mode() & 0o077 != 0)
        });
    let is_safe = found.mode() & 0o022 == 0 && open_files.count() == 0;
    let text = format!("{}, mode {:o}", folder.display(), found.mode() & 0o7777);
    Finding::ok_or(is_safe, Outcome::Failure, text, advice)
}

fn open_files(_: &PoolArguments) -> Finding {
    let advice =
        "a server needs about ten for each session: raise the limit (LimitNOFILE, ulimit -n)";
    match getrlimit(Resource::RLIMIT_NOFILE) {
        Err(error) => Finding::new(Outcome::Warning, error.to_string(), advice),
        Ok((soft, _)) => {
            let enough = soft >= DESCRIPTORS_WANTED;
            Finding::ok_or(enough, Outcome::Warning, format!("{soft} at most"), advice)
        }
    }
}

fn address_space(_: &PoolArguments) -> Finding {
    let advice =
        "clients reserve addresses for device memory: lift the limit (ulimit -v unlimited)";
    match getrlimit(Resource::RLIMIT_AS) {
        Err(error) => Finding::new(Outcome::Warning, error.to_string(), advice),
        Ok((soft, _)) => {
            let found = match soft {
                nix::sys::resource::RLIM_INFINITY => "not limited".to_owned(),
                bytes => format!("{bytes} bytes at most"),
            };
            Finding::ok_or(
                soft >= ADDRESS_SPACE_WANTED,
                Outcome::Failure,
                found,
                advice,
            )
        }
    }
}

/// What the kernel grants is seen only by asking for it.
fn udp_buffers(_: &PoolArguments) -> Finding {
    let advice = "sysctl net.core.rmem_max=7340032 net.core.wmem_max=7340032 (keep it in /etc/sysctl.d); only \
                  pools on other hosts need it";
    let granted = UdpSocket::bind("127.0.0.1:0").ok().and_then(|socket| {
        setsockopt(&socket, sockopt::RcvBuf, &UDP_BYTES_WANTED).ok()?;
        // The kernel doubles it for its own use.
        Some(getsockopt(&socket, sockopt::RcvBuf).ok()? / 2)
    });
    match granted {
        None => Finding::new(Outcome::Warning, "no UDP socket can be made", advice),
        Some(bytes) => {
            let enough = bytes >= UDP_BYTES_WANTED;
            let found = format!("{bytes} bytes granted of {UDP_BYTES_WANTED}");
            Finding::ok_or(enough, Outcome::Warning, found, advice)
        }
    }
}

fn clock(_: &PoolArguments) -> Finding {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |span| span.as_secs());
    let advice = "set the clock (timedatectl set-ntp true): certificates and tokens have dates";
    let found = format!("{seconds} s since 1970");
    Finding::ok_or(seconds >= CLOCK_MIN, Outcome::Failure, found, advice)
}

fn user_namespaces(_: &PoolArguments) -> Finding {
    let advice = "`rigel run --device-files` needs root or user namespaces: sysctl \
                  user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1";
    if nix::unistd::geteuid().is_root() {
        return Finding::new(Outcome::Ok, "not needed by root", "");
    }
    let allowed = |name: &str, default: u64| {
        let text = fs::read_to_string(format!("/proc/sys/{name}"));
        text.ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(default)
            > 0
    };
    let is_allowed =
        allowed("user/max_user_namespaces", 0) && allowed("kernel/unprivileged_userns_clone", 1);
    let found = match is_allowed {
        true => "allowed",
        false => "forbidden",
    };
    Finding::ok_or(is_allowed, Outcome::Warning, found, advice)
}

fn shared_memory(_: &PoolArguments) -> Finding {
    let advice = "the soft driver's processes share a GPU through /dev/shm: mount it, or set RIGEL_SOFT_SHARED";
    let is_there = Path::new("/dev/shm").is_dir();
    let found = match is_there {
        true => "/dev/shm",
        false => "no /dev/shm",
    };
    Finding::ok_or(is_there, Outcome::Warning, found, advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_says_what_to_do_about_what_is_wrong_alone() {
        let findings = [
            ("a", Finding::new(Outcome::Ok, "fine", "never said")),
            ("b", Finding::new(Outcome::Failure, "broken", "mend it")),
        ];
        let text = report(&findings);
        assert!(
            text.contains("mend it") && !text.contains("never said"),
            "{text}"
        );
        assert_eq!(as_json(&findings)[1]["outcome"], "failure");
        assert_eq!(as_json(&findings)[0]["advice"], Value::Null);
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("6.18.0-rc1\n"), Some((6, 18)));
        assert!(version("5.10.0") > Some(KERNEL_MIN));
        assert_eq!(version("x"), None);
    }
}
