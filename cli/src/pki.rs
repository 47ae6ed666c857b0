//! `rigel pki`: a small certificate authority of one's own, for servers and clients. Certificates of another
//! authority do as well. Read [`Action`] first.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail, ensure};
use clap::{Args, Subcommand};
use rigel_transport::pki::{Authority, Names, Purpose, Wanted};

const DAY: Duration = Duration::from_secs(86_400);
/// A certificate holds from a little before it is made: clocks differ.
const SKEW: Duration = Duration::from_secs(300);

/// Make certificates for a pool: an authority, servers and clients.
///
/// The folder holds the authority's key, `ca.key`: keep it where neither servers nor clients are. A server
/// is given `server.crt`, `server.key` (`certificate`, `key`) and `ca.crt` (`client_ca`); a client its own
/// two files and `ca.crt` (`--cert`, `--key`, `--ca`).
#[derive(Debug, Args)]
pub(crate) struct PkiArguments {
    /// Folder of the authority and of what it signs.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,

    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make an authority: `ca.crt`, `ca.key`.
    Init {
        /// Its name.
        #[arg(long, default_value = "rigel pool")]
        name: String,
        /// How long it holds.
        #[arg(long, value_name = "DAYS", default_value_t = 3650)]
        days: u32,
    },
    /// Sign a certificate for a new key: NAME.crt, NAME.key.
    Issue {
        /// A client's name, as in `certificates` of a lease; or the server's first name.
        name: String,
        /// It is for a server, which clients reach by these names; its files are server.crt, server.key.
        #[arg(long)]
        server: bool,
        /// Further names: host names and addresses of a server; mail addresses or URIs of a client.
        #[arg(long = "also", value_name = "NAME")]
        also: Vec<String>,
        /// How long it holds.
        #[arg(long, value_name = "DAYS", default_value_t = 365)]
        days: u32,
    },
    /// Sign certificates anew, for new keys, with the names they have; or replace the authority.
    ///
    /// A server shows the new one after `rigel reload`. Clients take theirs for the next connection.
    Rotate {
        /// Which, by the names of their files without .crt.
        files: Vec<String>,
        /// Make a new authority. `ca.crt` holds the old certificate too until all others are signed anew.
        #[arg(long, conflicts_with = "files")]
        authority: bool,
        /// How long they hold.
        #[arg(long, value_name = "DAYS", default_value_t = 365)]
        days: u32,
    },
    /// Show the names of certificates, and when they end.
    Show {
        /// Certificates (PEM).
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

/// Makes what is asked for.
pub(crate) fn main(arguments: &PkiArguments) -> anyhow::Result<ExitCode> {
    let dir = &arguments.dir;
    match &arguments.action {
        Action::Init { name, days } => init(dir, name, *days)?,
        Action::Issue {
            name,
            server,
            also,
            days,
        } => issue(dir, name, *server, also, *days)?,
        Action::Rotate {
            authority: true,
            days,
            ..
        } => replace_authority(dir, *days)?,
        Action::Rotate { files, days, .. } => {
            ensure!(!files.is_empty(), "name what to rotate, or --authority");
            for file in files {
                rotate(dir, file, *days)?;
            }
        }
        Action::Show { files } => {
            for file in files {
                show(file)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn init(dir: &Path, name: &str, days: u32) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("make {}", dir.display()))?;
    let (certificate, key) = (dir.join("ca.crt"), dir.join("ca.key"));
    ensure!(
        !certificate.exists() && !key.exists(),
        "{} holds an authority already; `rigel pki rotate --authority` replaces it",
        dir.display()
    );
    let authority = Authority::create(name, validity(days))?;
    authority.pair().write(&certificate, &key)?;
    told(&certificate)
}

fn issue(dir: &Path, name: &str, server: bool, also: &[String], days: u32) -> anyhow::Result<()> {
    let stem = if server { "server" } else { name };
    let (certificate, key) = files(dir, stem)?;
    ensure!(
        !certificate.exists() && !key.exists(),
        "{} is there already; `rigel pki rotate {stem}` replaces it",
        certificate.display()
    );
    let wanted = Wanted {
        name,
        also,
        purpose: match server {
            true => Purpose::Server,
            false => Purpose::Client,
        },
        validity: validity(days),
    };
    authority(dir)?.issue(&wanted)?.write(&certificate, &key)?;
    told(&certificate)
}

fn rotate(dir: &Path, stem: &str, days: u32) -> anyhow::Result<()> {
    let (certificate, key) = files(dir, stem)?;
    let held = Names::of_file(&certificate)?;
    let Some((name, also)) = held.names.split_first() else {
        bail!("{} names nobody", certificate.display());
    };
    let purpose = held.purpose;
    let wanted = Wanted {
        name,
        also,
        purpose: purpose.with_context(|| {
            let file = certificate.display();
            format!("{file} says neither that it is a server's nor that it is a client's")
        })?,
        validity: validity(days),
    };
    authority(dir)?.issue(&wanted)?.write(&certificate, &key)?;
    told(&certificate)
}

fn replace_authority(dir: &Path, days: u32) -> anyhow::Result<()> {
    let (certificate, key) = (dir.join("ca.crt"), dir.join("ca.key"));
    let old = authority(dir)?;
    let held = Names::of_file(&certificate)?;
    let name = held.names.first().context("the authority has no name")?;
    let new = Authority::create(name, validity(days))?;
    let pair = new.pair().and(old.pair());
    pair.write(&certificate, &key)?;
    told(&certificate)?;
    println!(
        "{} holds the old authority too: give it to servers and clients first, then rotate theirs",
        certificate.display()
    );
    Ok(())
}

fn authority(dir: &Path) -> anyhow::Result<Authority> {
    let (certificate, key) = (dir.join("ca.crt"), dir.join("ca.key"));
    ensure!(
        key.exists(),
        "{} holds no authority; `rigel pki init` makes one",
        dir.display()
    );
    Ok(Authority::open(&certificate, &key)?)
}

/// The files of a certificate; its name is one in this folder.
fn files(dir: &Path, stem: &str) -> anyhow::Result<(PathBuf, PathBuf)> {
    let plain = !stem.is_empty() && stem != "ca" && !stem.starts_with('.') && !stem.contains('/');
    ensure!(plain, "`{}` is no name for a file", stem.escape_debug());
    Ok((
        dir.join(format!("{stem}.crt")),
        dir.join(format!("{stem}.key")),
    ))
}

fn validity(days: u32) -> std::ops::Range<SystemTime> {
    let now = SystemTime::now();
    now - SKEW..now + DAY * days
}

fn told(certificate: &Path) -> anyhow::Result<()> {
    println!("{}", certificate.display());
    Ok(())
}

fn show(file: &Path) -> anyhow::Result<()> {
    let held = Names::of_file(file)?;
    let left = held.not_after_unix - unix_now();
    let kind = match held.purpose {
        Some(Purpose::Server) => "server",
        Some(Purpose::Client) => "client",
        None => "authority",
    };
    let ends = match left {
        ..0 => "has ended".to_owned(),
        left => format!("ends in {} days", left / 86_400),
    };
    let (hosts, addresses): (Vec<_>, Vec<_>) = held
        .names
        .iter()
        .partition(|name| name.parse::<IpAddr>().is_err());
    let names: Vec<&str> = hosts
        .into_iter()
        .chain(addresses)
        .map(|s| s.as_str())
        .collect();
    println!("{}: {kind}, {}, {ends}", file.display(), names.join(" "));
    Ok(())
}

fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authority_signs_and_renews_and_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert!(
            issue(dir, "alice", false, &[], 1).is_err(),
            "no authority yet"
        );
        init(dir, "lab", 10).unwrap();
        assert!(
            init(dir, "lab", 10).is_err(),
            "it is not replaced by accident"
        );
        issue(dir, "alice", false, &["a@lab.org".into()], 1).unwrap();
        issue(dir, "gpu1", true, &["10.0.0.1".into()], 1).unwrap();
        let names = |stem: &str| Names::of_file(&dir.join(format!("{stem}.crt"))).unwrap();
        let before = names("server");
        assert_eq!(before.names, ["gpu1", "10.0.0.1"]);
        rotate(dir, "server", 30).unwrap();
        let after = names("server");
        assert_eq!(
            (after.names, after.purpose),
            (before.names, Some(Purpose::Server))
        );
        assert_ne!(after.serial, before.serial);
        replace_authority(dir, 10).unwrap();
        let both = std::fs::read_to_string(dir.join("ca.crt")).unwrap();
        assert_eq!(both.matches("BEGIN CERTIFICATE").count(), 2);
        rotate(dir, "alice", 1).unwrap();
        assert_eq!(names("alice").names, ["alice", "a@lab.org"]);
        assert!(issue(dir, "../evil", false, &[], 1).is_err());
    }
}
