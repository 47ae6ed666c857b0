//! Where things are when nobody says: sockets, state, the driver libraries beside the binary.

use std::path::{Path, PathBuf};

/// `RIGEL_SOCKET`; else `$XDG_RUNTIME_DIR/rigel/rigel.sock`; else `/run/rigel/rigel.sock` for root
/// and `/tmp/rigel-UID/rigel.sock` for others. Client and server ask the same question.
pub fn default_socket() -> PathBuf {
    rigel_protocol::pool::default_socket(
        |name| std::env::var_os(name),
        nix::unistd::geteuid().as_raw(),
    )
}

/// `$STATE_DIRECTORY` (systemd); else `/var/lib/rigel` for root; else `$XDG_STATE_HOME/rigel` or
/// `~/.local/state/rigel`.
pub fn default_state() -> PathBuf {
    if let Some(dir) = std::env::var_os("STATE_DIRECTORY") {
        return PathBuf::from(dir);
    }
    if nix::unistd::geteuid().is_root() {
        return PathBuf::from("/var/lib/rigel");
    }
    let base = std::env::var_os("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state")));
    base.unwrap_or_else(std::env::temp_dir).join("rigel")
}

/// The soft driver's `libcuda.so.1`.
pub fn soft_driver() -> Option<PathBuf> {
    beside("soft/libcuda.so.1")
}

/// The client's `libcuda.so.1`.
pub fn shim() -> Option<PathBuf> {
    beside("shim/libcuda.so.1")
}

/// The client's `libnvidia-ml.so.1`.
pub fn nvml() -> Option<PathBuf> {
    beside("nvml/libnvidia-ml.so.1")
}

/// The stand-in for NVIDIA's assembler that hands PTX on to the soft driver.
pub fn ptxas() -> Option<PathBuf> {
    beside("soft/ptxas")
}

/// A file of the installation: `RIGEL_LIB_DIR`, the folder above the binary's (a laid-out build),
/// `layout/` beside the binary (cargo's own output), or `../lib/rigel` (an installed package).
fn beside(name: &str) -> Option<PathBuf> {
    let mut folders = Vec::new();
    if let Some(dir) = std::env::var_os("RIGEL_LIB_DIR") {
        folders.push(PathBuf::from(dir));
    }
    let binary = std::env::current_exe()
        .ok()
        .and_then(|path| path.canonicalize().ok());
    if let Some(folder) = binary.as_deref().and_then(Path::parent) {
        folders.push(folder.join(".."));
        folders.push(folder.join("layout"));
        folders.push(folder.join("../lib/rigel"));
    }
    folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}
