//! The Debian package: installed, run and purged in a system of its own. `cargo xtask deb` makes it.
//!
//! The system is made once by `debootstrap` and kept under `target/containers`; the test works on a layer over
//! it, in a mount namespace that ends with the test.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use rigel_tests::{Installation, missing};
use tempfile::TempDir;

const RELEASE: &str = "bookworm";

/// What is done in the system; every line that fails ends it.
const SCRIPT: &str = r#"
mount -t tmpfs tmpfs "$LAYER"
mkdir "$LAYER/upper" "$LAYER/work" "$LAYER/root"
mount -t overlay -o "lowerdir=$SYSTEM,upperdir=$LAYER/upper,workdir=$LAYER/work" overlay "$LAYER/root"
cd "$LAYER/root"
mount --rbind /dev dev
mount -t proc proc proc
cp "$PACKAGE" rigel.deb
inside() { chroot "$LAYER/root" "$@"; }

inside dpkg --install /rigel.deb
inside rigel --version
inside rigel serve --config /etc/rigel/rigel.toml --check-config
inside sh -c '. /etc/profile.d/rigel.sh'
for file in usr/share/man/man1/rigel.1.gz usr/share/man/man1/rigel-token-new.1.gz \
    usr/share/bash-completion/completions/rigel lib/systemd/system/rigel.service; do
    test -s "$file"
done
test "$(stat -c %a etc/rigel/rigel.toml)" = 640

# As the unit would start it.
install -d -o "$(inside id -u rigel)" run/rigel run/rigel-guests
install -d -m 700 -o "$(inside id -u rigel)" var/lib/rigel
mkfifo said
chroot --userspec=rigel:rigel "$LAYER/root" env STATE_DIRECTORY=/var/lib/rigel RIGEL_SOFT_SHARED=off \
    rigel serve --config /etc/rigel/rigel.toml --driver soft >said &
server=$!
while read -r line; do
    case $line in *ready*) break ;; esac
done <said
export RIGEL_SOCKET=/run/rigel/rigel.sock
inside rigel status
inside rigel token new default --note package >token
test "$(stat -c %a var/lib/rigel/tokens.json)" = 600
if inside grep -q "$(cut -d- -f3 token)" var/lib/rigel/tokens.json; then exit 1; fi
inside rigel doctor
kill "$server"
wait "$server"

inside dpkg --purge rigel
for file in etc/rigel var/lib/rigel usr/bin/rigel usr/lib/rigel; do
    test ! -e "$file"
done
if inside getent passwd rigel; then exit 1; fi
echo "installed, run and purged"
"#;

#[test]
fn package_is_installed_run_and_purged() -> Result<()> {
    let installation = Installation::find()?;
    let target = installation
        .images()
        .parent()
        .context("images lie in target")?
        .to_path_buf();
    let package = target
        .join("deb")
        .join(format!("rigel_{}_amd64.deb", env!("CARGO_PKG_VERSION")));
    if !package.exists() && missing("`cargo xtask deb`") {
        return Ok(());
    }
    if !nix::unistd::geteuid().is_root() && missing("root") {
        return Ok(());
    }
    let Some(system) = system(&installation.images())? else {
        return Ok(());
    };
    let layer = TempDir::new().context("make the layer's folder")?;
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-euxc", SCRIPT])
        .env("LAYER", layer.path())
        .env("SYSTEM", &system)
        .env("PACKAGE", &package)
        .output()
        .context("start unshare")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success() && said.contains("installed, run and purged"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// A minimal Debian, made at first use.
fn system(images: &Path) -> Result<Option<PathBuf>> {
    let system = images.join(RELEASE);
    if system.exists() {
        return Ok(Some(system));
    }
    if Command::new("debootstrap")
        .arg("--version")
        .output()
        .is_err()
        && missing("debootstrap")
    {
        return Ok(None);
    }
    std::fs::create_dir_all(images).context("make the folder of images")?;
    let staged = TempDir::new_in(images).context("make the system's folder")?;
    let output = Command::new("debootstrap")
        .args(["--variant=minbase", RELEASE])
        .arg(staged.path())
        .output()
        .context("start debootstrap")?;
    ensure!(
        output.status.success(),
        "debootstrap: {}",
        String::from_utf8_lossy(&output.stdout)
    );
    std::fs::rename(staged.keep(), &system).context("keep the system")?;
    Ok(Some(system))
}
