//! A container's file system before it is anybody's root: paths in it are the image's, and hostile. Every one
//! is resolved inside it by the kernel, so that no link of the image leads out. Read [`Rootfs`] first.

use std::fs;
use std::io::Read as _;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat, openat2};
use nix::mount::{MsFlags, mount};
use nix::sys::stat::{Mode, mkdirat};
use nix::sys::statvfs::{FsFlags, fstatvfs};

/// How much of a library is searched for a version.
const LIBRARY_BYTES_MAX: u64 = 256 << 20;
/// Where images keep their C library.
const LIBRARY_FOLDERS: [&str; 5] = [
    "lib/x86_64-linux-gnu",
    "usr/lib/x86_64-linux-gnu",
    "lib64",
    "usr/lib64",
    "lib",
];
/// How the programs of glibc are loaded.
const LOADER: &str = "lib64/ld-linux-x86-64.so.2";
/// How those of musl are.
const MUSL_LOADER: &str = "lib/ld-musl-x86_64.so.1";
/// What programs find libraries by.
const CACHE: &str = "etc/ld.so.cache";
/// Programs that build it.
const LDCONFIG: [&str; 2] = ["/sbin/ldconfig", "/usr/sbin/ldconfig"];

const NOTHING: Option<&str> = None;

/// The file system.
#[derive(Debug)]
pub(crate) struct Rootfs {
    path: PathBuf,
    root: OwnedFd,
}

impl Rootfs {
    /// Opens it.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
        let root = open(path, flags, Mode::empty())
            .with_context(|| format!("open the container's root {}", path.display()))?;
        Ok(Self {
            path: path.into(),
            root,
        })
    }

    /// Refuses images whose C library cannot load this library.
    pub(crate) fn check_c_library(&self, library: &Path) -> anyhow::Result<()> {
        let library = fs::read(library).with_context(|| format!("read {}", library.display()))?;
        let (major, minor) = glibc_wanted(&library).unwrap_or((2, 0));
        if self.find(LOADER, OFlag::O_PATH).is_err() {
            if self.find(MUSL_LOADER, OFlag::O_PATH).is_ok() {
                bail!(
                    "the image's C library is musl (Alpine?): CUDA programs and Rigel's libraries need glibc \
                     {major}.{minor} or later; use an image such as debian, ubuntu or rockylinux"
                );
            }
            tracing::warn!(
                "the image has no C library: only programs that bring theirs can use the GPU"
            );
            return Ok(());
        }
        match self.glibc() {
            Some(found) if found < (major, minor) => bail!(
                "the image's glibc is {}.{}; this build of Rigel's libraries needs {major}.{minor} or later",
                found.0,
                found.1
            ),
            _ => Ok(()),
        }
    }

    /// The version of the image's glibc, by what it says of itself.
    fn glibc(&self) -> Option<(u32, u32)> {
        LIBRARY_FOLDERS.iter().find_map(|folder| {
            let library = self
                .find(format!("{folder}/libc.so.6"), OFlag::O_RDONLY)
                .ok()?;
            let mut bytes = Vec::new();
            fs::File::from(library)
                .take(LIBRARY_BYTES_MAX)
                .read_to_end(&mut bytes)
                .ok()?;
            glibc_version(&bytes)
        })
    }

    /// Makes a folder of the host visible here, read-only.
    pub(crate) fn mount(&self, source: &Path, destination: &Path) -> anyhow::Result<()> {
        self.mount_writable(source, destination)?;
        self.seal(destination)
    }

    /// Likewise, and as writable as it is.
    pub(crate) fn mount_writable(&self, source: &Path, destination: &Path) -> anyhow::Result<()> {
        let onto = self.make_folder(destination)?;
        self.bind(source, &onto)
            .with_context(|| format!("mount {} on {}", source.display(), destination.display()))
    }

    /// Makes a mount read-only.
    pub(crate) fn seal(&self, destination: &Path) -> anyhow::Result<()> {
        let mounted = self.find(destination, OFlag::O_PATH | OFlag::O_DIRECTORY)?;
        let flags = MsFlags::MS_BIND
            | MsFlags::MS_REMOUNT
            | MsFlags::MS_RDONLY
            | MsFlags::MS_NOSUID
            | MsFlags::MS_NODEV;
        mount(NOTHING, &place(&mounted), NOTHING, flags, NOTHING)
            .with_context(|| format!("make {} read-only", destination.display()))
    }

    /// Lets programs find the libraries in these folders by name: writes the loader's cache to a file that is
    /// the container's own, and shows it where the loader looks. The image's cache is not written.
    pub(crate) fn cache_libraries(&self, folders: &[&str], cache: &Path) -> anyhow::Result<()> {
        let ldconfig = LDCONFIG.iter().find(|path| Path::new(path).exists());
        let ldconfig = ldconfig.context("ldconfig is not installed on this host")?;
        let output = Command::new(ldconfig)
            .args(["-i", "-X", "-r"])
            .arg(&self.path)
            .arg("-C")
            .arg(cache)
            .args(folders)
            .env_clear()
            .output()
            .context("start ldconfig")?;
        if !output.status.success() {
            bail!("ldconfig: {}", String::from_utf8_lossy(&output.stderr));
        }
        let made = self.find(cache, OFlag::O_PATH)?;
        let shown = self.make_file(Path::new(CACHE))?;
        self.bind(&place(&made), &shown)
            .context("show the cache of libraries")
    }

    fn bind(&self, source: &Path, onto: &OwnedFd) -> nix::Result<()> {
        mount(
            Some(source),
            &place(onto),
            NOTHING,
            MsFlags::MS_BIND,
            NOTHING,
        )
    }

    /// Opens what is at a path of the image, resolved inside it.
    fn find(&self, path: impl AsRef<Path>, flags: OFlag) -> nix::Result<OwnedFd> {
        let path = path.as_ref();
        let path = match path.strip_prefix("/").unwrap_or(path) {
            empty if empty.as_os_str().is_empty() => Path::new("."),
            path => path,
        };
        let how = OpenHow::new()
            .flags(flags | OFlag::O_CLOEXEC)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT | ResolveFlag::RESOLVE_NO_MAGICLINKS);
        openat2(&self.root, path, how)
    }

    /// Opens a folder, made if it is missing, those above it too.
    fn make_folder(&self, path: &Path) -> anyhow::Result<OwnedFd> {
        let flags = OFlag::O_PATH | OFlag::O_DIRECTORY;
        match self.find(path, flags) {
            Ok(found) => return Ok(found),
            Err(Errno::ENOENT) => {}
            Err(error) => return Err(error).with_context(|| format!("open {}", path.display())),
        }
        let (above, name) = parts(path)?;
        let above = self.make_folder(above)?;
        match self.make(|| mkdirat(&above, name, Mode::from_bits_truncate(0o755))) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error).with_context(|| format!("make {}", path.display())),
        }
        self.find(path, flags)
            .with_context(|| format!("open {}", path.display()))
    }

    /// Makes something in the image. A root that is to be read-only is so already when some runtimes (crun) call
    /// their hooks: it is writable for this moment, in which nobody runs in it yet.
    fn make<T>(&self, what: impl Fn() -> nix::Result<T>) -> nix::Result<T> {
        match what() {
            Err(Errno::EROFS) => {
                let others = self.mount_flags()?;
                self.remount(others)?;
                let made = what();
                self.remount(others | MsFlags::MS_RDONLY)?;
                made
            }
            other => other,
        }
    }

    fn remount(&self, flags: MsFlags) -> nix::Result<()> {
        let flags = flags | MsFlags::MS_BIND | MsFlags::MS_REMOUNT;
        mount(NOTHING, &place(&self.root), NOTHING, flags, NOTHING)
    }

    /// How the root is mounted, but for whether it is read-only: a remount forgets what it does not name.
    fn mount_flags(&self) -> nix::Result<MsFlags> {
        let set = fstatvfs(&self.root)?.flags();
        let both = [
            (FsFlags::ST_NOSUID, MsFlags::MS_NOSUID),
            (FsFlags::ST_NODEV, MsFlags::MS_NODEV),
            (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
            (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
            (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
            (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
        ];
        let named = both.iter().filter(|(flag, _)| set.contains(*flag));
        Ok(named.fold(MsFlags::empty(), |all, (_, flag)| all | *flag))
    }

    /// Opens a file, made if it is missing.
    fn make_file(&self, path: &Path) -> anyhow::Result<OwnedFd> {
        match self.find(path, OFlag::O_PATH) {
            Ok(found) => return Ok(found),
            Err(Errno::ENOENT) => {}
            Err(error) => return Err(error).with_context(|| format!("open {}", path.display())),
        }
        let (above, name) = parts(path)?;
        let above = self.make_folder(above)?;
        let flags = OFlag::O_CREAT | OFlag::O_NOFOLLOW | OFlag::O_WRONLY | OFlag::O_CLOEXEC;
        let mode = Mode::from_bits_truncate(0o644);
        // Closed at once: a file that may be written keeps its root from being made read-only.
        self.make(|| openat(&above, name, flags, mode).map(drop))
            .with_context(|| format!("make {}", path.display()))?;
        self.find(path, OFlag::O_PATH)
            .with_context(|| format!("open {}", path.display()))
    }
}

/// The folder and the name of a path; of the root, neither.
fn parts(path: &Path) -> anyhow::Result<(&Path, &Path)> {
    let name = path
        .file_name()
        .context("the container's root is missing")?;
    Ok((path.parent().unwrap_or(Path::new("")), Path::new(name)))
}

/// A path of this process for what is open.
fn place(open: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd()))
}

/// What glibc says of itself: `GNU C Library (…) stable release version 2.36.`
fn glibc_version(library: &[u8]) -> Option<(u32, u32)> {
    const WORDS: &[u8] = b"release version ";
    let at = library
        .windows(WORDS.len())
        .position(|window| window == WORDS)?;
    let said = &library[at + WORDS.len()..];
    let said = std::str::from_utf8(&said[..said.len().min(16)]).ok()?;
    let mut numbers = said.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// The version of glibc that a library asks for, by the names of the symbol versions in it.
fn glibc_wanted(library: &[u8]) -> Option<(u32, u32)> {
    const WORDS: &[u8] = b"\0GLIBC_2.";
    let versions = library.windows(WORDS.len()).enumerate();
    let versions = versions.filter(|(_, window)| *window == WORDS);
    let minors = versions.filter_map(|(at, _)| {
        let said = &library[at + WORDS.len()..];
        let digits = said.iter().take(3).take_while(|byte| byte.is_ascii_digit());
        let digits: String = digits.map(|byte| char::from(*byte)).collect();
        digits.parse().ok()
    });
    Some((2, minors.max()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A library that asks for glibc 2.28.
    fn library(folder: &Path) -> PathBuf {
        let library = folder.join("library.so");
        fs::write(&library, b"\0GLIBC_2.2.5\0GLIBC_2.28\0GLIBC_2.9\0").unwrap();
        library
    }

    #[test]
    fn folders_are_made_inside_whatever_links_the_image_holds() {
        let outside = tempfile::tempdir().unwrap();
        let image = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), image.path().join("run")).unwrap();
        let inside = image.path().join(outside.path().strip_prefix("/").unwrap());
        fs::create_dir_all(&inside).unwrap();
        let rootfs = Rootfs::open(image.path()).unwrap();
        rootfs.make_folder(Path::new("/run/rigel/pool")).unwrap();
        rootfs.make_file(Path::new("etc/ld.so.cache")).unwrap();
        assert!(inside.join("rigel/pool").is_dir());
        assert!(image.path().join("etc/ld.so.cache").is_file());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn musl_image_is_refused_with_the_reason() {
        let image = tempfile::tempdir().unwrap();
        let library = library(image.path());
        let rootfs = Rootfs::open(image.path()).unwrap();
        let check = || rootfs.check_c_library(&library);
        assert!(check().is_ok(), "nothing at all is a static program's");
        fs::create_dir(image.path().join("lib")).unwrap();
        fs::write(image.path().join(MUSL_LOADER), "").unwrap();
        let error = check().unwrap_err().to_string();
        assert!(error.contains("musl"), "{error}");
    }

    #[test]
    fn old_glibc_is_refused_by_its_own_words() {
        let image = tempfile::tempdir().unwrap();
        let library = library(image.path());
        fs::create_dir_all(image.path().join("lib64")).unwrap();
        fs::write(image.path().join(LOADER), "").unwrap();
        let rootfs = Rootfs::open(image.path()).unwrap();
        let with = |version: &str| {
            let words = format!("\u{0}GNU C Library stable release version {version}.\nCopyright");
            fs::write(image.path().join("lib64/libc.so.6"), words).unwrap();
            rootfs.check_c_library(&library)
        };
        assert!(with("2.17").is_err());
        assert!(with("2.28").is_ok());
        assert!(with("2.41").is_ok());
    }
}
