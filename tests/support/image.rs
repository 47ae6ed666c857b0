//! The smallest image that runs a CUDA program: a shell, a C library, the program. No registry is asked;
//! everything is copied from this host. Read [`Image`] first.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::installation::Installation;

/// The statically linked shell of Debian's package `busybox-static`.
const BUSYBOX: &str = "/usr/bin/busybox";
/// Folders that container runtimes mount on, and `ldconfig` looks into.
const FOLDERS: [&str; 9] = [
    "bin", "dev", "etc", "lib64", "proc", "run", "sys", "tmp", "usr/lib",
];

/// A file system of the test's own, with one program in it.
#[derive(Debug)]
pub struct Image {
    folder: TempDir,
}

/// A container's description for runc and its like.
#[derive(Debug)]
pub struct Bundle {
    folder: TempDir,
}

impl Image {
    /// The program's name in the image.
    pub const PROGRAM: &'static str = "/bin/program";

    /// Makes an image of a program, with everything that it is linked with.
    pub fn of(program: &Path) -> Result<Self> {
        let images = Installation::find()?.images();
        fs::create_dir_all(&images).context("make the folder of images")?;
        let folder = TempDir::new_in(&images).context("make the image's folder")?;
        let image = Self { folder };
        let root = image.root();
        // Others enter it too.
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755))?;
        for folder in FOLDERS {
            fs::create_dir_all(root.join(folder)).with_context(|| format!("make {folder}"))?;
        }
        fs::set_permissions(root.join("tmp"), fs::Permissions::from_mode(0o1777))?;
        copy(Path::new(BUSYBOX), &root.join("bin/busybox"))?;
        for name in ["sh", "env", "cat", "id"] {
            symlink("busybox", root.join("bin").join(name)).context("name the shell")?;
        }
        copy(program, &root.join("bin/program"))?;
        for library in libraries(program)? {
            copy(&library, &root.join(library.strip_prefix("/")?))?;
        }
        fs::write(
            root.join("etc/passwd"),
            "root:x:0:0::/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n",
        )?;
        Ok(image)
    }

    /// Where it is.
    pub fn root(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }
}

impl Bundle {
    /// A container of this image that runs a command as this user, with hooks of the runtime's own form.
    pub fn new(image: &Image, command: &[&str], user: u32, hooks: &Value) -> Result<Self> {
        Self::with_folders(image, command, user, hooks, &[])
    }

    /// Likewise, with folders of this host, which the container may read.
    pub fn with_folders(
        image: &Image,
        command: &[&str],
        user: u32,
        hooks: &Value,
        folders: &[PathBuf],
    ) -> Result<Self> {
        let folder = TempDir::new().context("make the bundle's folder")?;
        let mut config = json!({
            "ociVersion": "1.0.2",
            "process": {
                "terminal": false,
                "user": { "uid": user, "gid": user },
                "args": command,
                "env": ["PATH=/bin"],
                "cwd": "/",
                "noNewPrivileges": true,
            },
            "root": { "path": image.root(), "readonly": true },
            "hostname": "container",
            "mounts": [
                { "destination": "/proc", "type": "proc", "source": "proc" },
                { "destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                  "options": ["nosuid", "mode=755"] },
                { "destination": "/run", "type": "tmpfs", "source": "tmpfs",
                  "options": ["nosuid", "nodev", "mode=755"] },
            ],
            "hooks": hooks,
            "linux": {
                "namespaces": [
                    { "type": "pid" }, { "type": "network" }, { "type": "ipc" }, { "type": "uts" },
                    { "type": "mount" },
                ],
            },
        });
        if let Some(mounts) = config["mounts"].as_array_mut() {
            mounts.extend(folders.iter().map(|folder| {
                json!({ "destination": folder, "source": folder, "type": "bind",
                        "options": ["rbind", "ro"] })
            }));
        }
        fs::write(folder.path().join("config.json"), config.to_string())
            .context("write the bundle")?;
        Ok(Self { folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The files that a program is linked with, by the loader's own account.
fn libraries(program: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("ldd")
        .arg(program)
        .output()
        .context("start ldd")?;
    if !output.status.success() {
        bail!("ldd: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).context("read what ldd says")?;
    let paths = text.split_whitespace().filter(|word| word.starts_with('/'));
    Ok(paths.map(PathBuf::from).collect())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
    }
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("copy {}", from.display()))
}
