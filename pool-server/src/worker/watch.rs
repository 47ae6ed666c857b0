//! The process that watches the GPUs for errors and tells the daemon, which loads no library of NVIDIA's
//! itself. It judges nothing: an error is a number. Read [`main`] first.
//!
//! Where there is a real driver, NVML tells ([`nvml`]). In the soft driver's place a file does:
//! `RIGEL_SOFT_FAULTS` names it, and each line that is added to it is an error, `GPU XID`.

mod nvml;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::control::{Channel, ChannelError, DaemonToWorker, GpuFault, GpuName, WorkerToDaemon};

/// Names the file that stands in for NVML behind the soft driver.
pub const FAULTS_VARIABLE: &str = "RIGEL_SOFT_FAULTS";
/// Longest wait for the daemon to take a message.
const DAEMON_WITHIN: Duration = Duration::from_secs(5);
/// How often the file is looked at, and the daemon listened to.
const LOOK_PERIOD: Duration = Duration::from_millis(50);
/// Longest part of the file that is read.
const FILE_BYTES_MAX: usize = 1 << 16;

/// Where errors come from.
trait Source {
    /// The errors that have come since the last look; returns within a second or so.
    fn next(&mut self) -> anyhow::Result<Vec<GpuFault>>;
}

/// Watches until the daemon closes its end.
pub(super) fn main(channel: &Channel) -> anyhow::Result<()> {
    let mut source: Box<dyn Source> = match std::env::var_os(FAULTS_VARIABLE) {
        Some(path) => Box::new(File::new(path.into())),
        None => Box::new(nvml::Watched::open().context("watch the GPUs for errors")?),
    };
    loop {
        for fault in source.next()? {
            let message = WorkerToDaemon::GpuFault(fault);
            if let Err(ChannelError::Closed) = channel.send(&message, &[], DAEMON_WITHIN) {
                return Ok(());
            }
        }
        match channel.receive::<DaemonToWorker>(LOOK_PERIOD) {
            Err(ChannelError::Timeout) => {}
            // Anything that is said means the end.
            _ => return Ok(()),
        }
    }
}

/// A file in place of NVML.
struct File {
    path: PathBuf,
    read: usize,
}

impl File {
    fn new(path: PathBuf) -> Self {
        Self { path, read: 0 }
    }
}

impl Source for File {
    fn next(&mut self) -> anyhow::Result<Vec<GpuFault>> {
        let bytes = match read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                return Err(error).with_context(|| format!("read {}", self.path.display()));
            }
        };
        let fresh = bytes.get(self.read..).unwrap_or_default();
        // A line that is being written comes whole the next time.
        let end = fresh.iter().rposition(|byte| *byte == b'\n');
        let whole = end.map_or(&[][..], |end| &fresh[..=end]);
        self.read += whole.len();
        let text = String::from_utf8_lossy(whole);
        Ok(text.lines().filter_map(fault).collect())
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = std::fs::read(path)?;
    bytes.truncate(FILE_BYTES_MAX);
    Ok(bytes)
}

/// `GPU XID`.
fn fault(line: &str) -> Option<GpuFault> {
    let mut words = line.split_whitespace();
    let (gpu, xid) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some(GpuFault {
        gpu: GpuName::Ordinal(gpu),
        xid,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn line_that_is_added_is_an_error_once() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let mut source = File::new(file.path().into());
        assert_eq!(source.next().unwrap(), []);
        file.write_all(b"0 48\nnonsense\n1 7").unwrap();
        let expected = GpuFault {
            gpu: GpuName::Ordinal(0),
            xid: 48,
        };
        assert_eq!(source.next().unwrap(), [expected]);
        file.write_all(b"9\n").unwrap();
        assert_eq!(source.next().unwrap()[0].xid, 79);
        assert_eq!(source.next().unwrap(), []);
    }

    #[test]
    fn file_that_is_not_there_yet_has_no_errors() {
        let mut source = File::new("/nonexistent/faults".into());
        assert_eq!(source.next().unwrap(), []);
    }
}
