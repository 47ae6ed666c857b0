//! Builds a Debian package from a layout: the command, the libraries, the service, pages and completions.
//!
//! The maintainer's scripts, the unit and the default configuration are in `deploy/`. Read [`run`] first.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::exec;
use crate::layout;
use crate::workspace::{Profile, Workspace};

/// Build a Debian package.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The cargo profile to build.
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,
    /// Take the layout as it is.
    #[arg(long)]
    keep_layout: bool,
}

/// Files of the layout, and their places in the package.
const BUILT: [(&str, &str); 5] = [
    ("bin/rigel", "usr/bin/rigel"),
    ("shim/libcuda.so.1", "usr/lib/rigel/shim/libcuda.so.1"),
    ("soft/libcuda.so.1", "usr/lib/rigel/soft/libcuda.so.1"),
    ("soft/ptxas", "usr/lib/rigel/soft/ptxas"),
    (
        "nvml/libnvidia-ml.so.1",
        "usr/lib/rigel/nvml/libnvidia-ml.so.1",
    ),
];
const LINKED: [(&str, &str); 3] = [
    ("usr/lib/rigel/shim/libcuda.so", "libcuda.so.1"),
    ("usr/lib/rigel/soft/libcuda.so", "libcuda.so.1"),
    ("usr/lib/rigel/soft/bin/ptxas", "../ptxas"),
];
/// Files of the repository, their places, and their modes.
const KEPT: [(&str, &str, u32); 9] = [
    (
        "deploy/systemd/rigel.service",
        "lib/systemd/system/rigel.service",
        0o644,
    ),
    ("deploy/debian/rigel.toml", "etc/rigel/rigel.toml", 0o640),
    ("deploy/debian/profile.sh", "etc/profile.d/rigel.sh", 0o644),
    ("deploy/debian/postinst", "DEBIAN/postinst", 0o755),
    ("deploy/debian/prerm", "DEBIAN/prerm", 0o755),
    ("deploy/debian/postrm", "DEBIAN/postrm", 0o755),
    ("LICENSE", "usr/share/doc/rigel/copyright", 0o644),
    (
        "docs/operations.md",
        "usr/share/doc/rigel/operations.md",
        0o644,
    ),
    (
        "docs/containers.md",
        "usr/share/doc/rigel/containers.md",
        0o644,
    ),
];
/// Shells, and where each looks for completions.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "usr/share/bash-completion/completions/rigel"),
    ("zsh", "usr/share/zsh/vendor-completions/_rigel"),
    ("fish", "usr/share/fish/vendor_completions.d/rigel.fish"),
];
/// Files that an upgrade leaves as the administrator made them.
const CONFFILES: &str = "/etc/profile.d/rigel.sh\n/etc/rigel/rigel.toml\n";
const PAGES: &str = "usr/share/man/man1";

/// `cargo xtask deb`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let layout = match args.keep_layout {
        true => layout::Layout::existing(workspace, args.profile),
        false => layout::build(workspace, args.profile)?,
    };
    let folder = workspace.target().join("deb");
    let root = folder.join("root");
    if root.exists() {
        fs::remove_dir_all(&root).with_context(|| format!("remove {}", root.display()))?;
    }
    fill(workspace, &layout, &root)?;
    fs::write(root.join("DEBIAN/conffiles"), CONFFILES).context("write conffiles")?;
    fs::write(root.join("DEBIAN/control"), control(&root)?).context("write control")?;
    let package = folder.join(format!("rigel_{}_amd64.deb", env!("CARGO_PKG_VERSION")));
    let staged = package.with_extension("new");
    exec::stdout(
        Command::new("dpkg-deb")
            .args(["--root-owner-group", "-Zgzip", "--build"])
            .args([&root, &staged]),
    )?;
    // In one step: a test may be reading the last one.
    fs::rename(&staged, &package).with_context(|| format!("place {}", package.display()))?;
    println!("{}", package.display());
    Ok(())
}

fn fill(workspace: &Workspace, layout: &layout::Layout, root: &Path) -> Result<()> {
    for (built, placed) in BUILT {
        let placed = root.join(placed);
        copy(&layout.root.join(built), &placed, 0o755)?;
        if is_elf(&placed)? {
            exec::stdout(Command::new("strip").arg("--strip-unneeded").arg(&placed))?;
        }
    }
    for (link, name) in LINKED {
        let link = root.join(link);
        make_folder_of(&link)?;
        symlink(name, &link).with_context(|| format!("link {}", link.display()))?;
    }
    for (kept, placed, mode) in KEPT {
        copy(&workspace.root().join(kept), &root.join(placed), mode)?;
    }
    for (shell, placed) in COMPLETIONS {
        let text = exec::stdout(Command::new(&layout.rigel).args(["completions", shell]))?;
        let placed = root.join(placed);
        make_folder_of(&placed)?;
        fs::write(&placed, text).with_context(|| format!("write {}", placed.display()))?;
    }
    let pages = root.join(PAGES);
    exec::stdout(Command::new(&layout.rigel).arg("man").arg(&pages))?;
    for page in fs::read_dir(&pages).context("list the manual pages")? {
        exec::stdout(Command::new("gzip").arg("-9n").arg(page?.path()))?;
    }
    Ok(())
}

/// The package's own description.
fn control(root: &Path) -> Result<String> {
    let size = exec::stdout(Command::new("du").args(["-sk"]).arg(root))?;
    let kib = size
        .split_whitespace()
        .next()
        .context("du prints a number")?
        .to_owned();
    Ok(format!(
        "Package: rigel\nVersion: {}\nArchitecture: amd64\nSection: admin\nPriority: optional\n\
         Maintainer: The Rigel developers <rigel@localhost>\nInstalled-Size: {kib}\n\
         Depends: libc6 (>= 2.34), libgcc-s1, passwd\n\
         Description: pool of GPUs for unmodified CUDA programs\n\
         \x20Programs on any machine use the GPUs of a pool server as their own, each within a\n\
         \x20quota of memory and a share of compute. With the server, clients and libraries.\n",
        env!("CARGO_PKG_VERSION")
    ))
}

fn is_elf(file: &Path) -> Result<bool> {
    let bytes = fs::read(file).with_context(|| format!("read {}", file.display()))?;
    Ok(bytes.starts_with(b"\x7fELF"))
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<()> {
    make_folder_of(to)?;
    fs::copy(from, to).with_context(|| format!("copy {}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))
        .with_context(|| format!("set the mode of {}", to.display()))
}

fn make_folder_of(file: &Path) -> Result<()> {
    let folder: PathBuf = file.parent().context("a file lies in a folder")?.into();
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))
}
