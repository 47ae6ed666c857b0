//! Device files for programs that judge by them whether a machine has a GPU.
//!
//! JAX tries its CUDA plugin only if `/dev/nvidia0` or `/dev/nvidiactl` exists; it never opens them.
//! [`show`] gives this process, and the program that it becomes, a `/dev` of its own in which they
//! exist: a mount namespace with everything the real one holds and empty files of these names.

use std::fs::{self, DirEntry, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use anyhow::{Context as _, Result};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

/// The files that programs look for.
const NAMES: [&str; 2] = ["nvidia0", "nvidiactl"];

const NOTHING: Option<&str> = None;

/// What to do where namespaces are forbidden.
const ADVICE: &str = "--device-files needs a mount namespace: run as root, or allow user namespaces \
                      (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone), or create \
                      the file once instead: `touch /dev/nvidiactl` as root";

/// Lets this process see the device files; a machine that has them keeps its own.
///
/// Nobody else sees a change, and nothing remains of it when the program has ended. Call it while the
/// process has one thread.
pub(crate) fn show() -> Result<()> {
    if NAMES
        .iter()
        .any(|name| Path::new("/dev").join(name).exists())
    {
        return Ok(());
    }
    leave_namespace().context(ADVICE)?;
    mount(
        NOTHING,
        "/",
        NOTHING,
        MsFlags::MS_REC | MsFlags::MS_SLAVE,
        NOTHING,
    )
    .context("make mounts private")?;
    let folder = tempfile::tempdir().context("create a folder to mount on")?;
    let staged = folder.path();
    mount(
        Some("tmpfs"),
        staged,
        Some("tmpfs"),
        MsFlags::empty(),
        Some("mode=0755"),
    )
    .context("mount a file system for device files")?;
    for entry in fs::read_dir("/dev").context("list /dev")? {
        let entry = entry.context("list /dev")?;
        copy(&entry, staged).with_context(|| format!("show {}", entry.path().display()))?;
    }
    for name in NAMES {
        let file = File::create(staged.join(name)).with_context(|| format!("create {name}"))?;
        file.set_permissions(fs::Permissions::from_mode(0o666))
            .with_context(|| format!("make {name} readable"))?;
    }
    mount(Some(staged), "/dev", NOTHING, MsFlags::MS_MOVE, NOTHING).context("place the new /dev")
}

/// A mount namespace of our own: as root, or as root of a user namespace in which we stay who we are.
fn leave_namespace() -> Result<()> {
    match unshare(CloneFlags::CLONE_NEWNS) {
        Ok(()) => return Ok(()),
        Err(Errno::EPERM) => {}
        Err(error) => return Err(error).context("make a mount namespace"),
    }
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS)
        .context("make a user namespace")?;
    let maps = [
        ("/proc/self/setgroups", "deny".to_owned()),
        ("/proc/self/uid_map", format!("{user} {user} 1")),
        ("/proc/self/gid_map", format!("{group} {group} 1")),
    ];
    for (file, text) in maps {
        fs::write(file, text).with_context(|| format!("write {file}"))?;
    }
    Ok(())
}

/// One entry of the real `/dev` in the new one: folders with what is mounted in them.
fn copy(entry: &DirEntry, staged: &Path) -> Result<()> {
    let (from, to) = (entry.path(), staged.join(entry.file_name()));
    let kind = entry.file_type()?;
    if kind.is_symlink() {
        return Ok(symlink(fs::read_link(&from)?, &to)?);
    }
    if kind.is_dir() {
        fs::create_dir(&to)?;
    } else {
        File::create(&to)?;
    }
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    Ok(mount(Some(&from), &to, NOTHING, flags, NOTHING)?)
}
