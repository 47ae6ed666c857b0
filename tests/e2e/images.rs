//! Images by their hash: the second process of a program sends none, whatever has become of the first's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rigel_tests::{Client, Lease, Mode, Server, ServerOptions};

/// Bytes of the image: more than what goes by its name on one host.
const IMAGE_BYTES: u64 = 3 << 20;

/// A server of two leases, and how to run the program that loads the image.
struct Bench {
    server: Server,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(settings: &[&str]) -> Result<Self> {
        let settings = settings.iter().map(|&line| line.to_owned()).collect();
        let server = Server::start_with(&ServerOptions {
            leases: vec![Lease::new("one", &[]), Lease::new("two", &[])],
            settings,
            ..ServerOptions::default()
        })?;
        let folder = tempfile::TempDir::new()?;
        Ok(Self { server, folder })
    }

    /// Runs the program, checks what it computes, and counts the bytes it sent beside its calls.
    fn sent(&self, lease: &str, mode: Mode<'_>) -> Result<u64> {
        let stats = self.folder.path().join("stats.json");
        let client = Client::new(env!("CARGO_BIN_EXE_image-client"))
            .argument(IMAGE_BYTES.to_string())
            .lease(lease)
            .environment("RIGEL_STATS", &stats);
        let output = client.run(mode)?;
        ensure!(
            output.stdout.trim() == "answer: 42",
            "{} {}",
            output.stdout,
            output.stderr
        );
        // What is kept, is kept by then.
        self.server.wait_for("the session to end", |status| {
            let mut sessions = status["sessions"].as_array().into_iter().flatten();
            sessions.all(|session| session["ended"] == true)
        })?;
        let text = std::fs::read_to_string(&stats).context("read the client's counters")?;
        let counters: serde_json::Value = serde_json::from_str(&text)?;
        counters["upload_bytes"]
            .as_u64()
            .context("find `upload_bytes`")
    }

    /// The images that the server keeps.
    fn kept(&self) -> Result<Vec<PathBuf>> {
        let socket = self.server.socket();
        let folder = socket.parent().context("find the server's folder")?;
        let mut kept = Vec::new();
        for shelf in std::fs::read_dir(folder.join("state/images"))? {
            for image in std::fs::read_dir(shelf?.path())? {
                kept.push(image?.path());
            }
        }
        Ok(kept)
    }
}

fn damage(image: &Path) -> Result<()> {
    let mut bytes = std::fs::read(image)?;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Ok(std::fs::write(image, bytes)?)
}

#[test]
fn second_process_sends_no_image() -> Result<()> {
    let bench = Bench::new(&[])?;
    let (local, remote) = (Mode::SharedMemory(&bench.server), Mode::Quic(&bench.server));
    ensure!(bench.sent("one", remote)? >= IMAGE_BYTES);
    for mode in [remote, local] {
        let again = bench.sent("one", mode)?;
        ensure!(again == 0, "{again} bytes over {}", mode.name());
    }
    // Another tenant sends its own.
    ensure!(bench.sent("two", local)? >= IMAGE_BYTES);
    ensure!(bench.sent("two", remote)? == 0);
    ensure!(bench.kept()?.len() == 2);
    Ok(())
}

#[test]
fn image_that_was_damaged_is_sent_again() -> Result<()> {
    let bench = Bench::new(&[])?;
    let mode = Mode::SharedMemory(&bench.server);
    ensure!(bench.sent("one", mode)? >= IMAGE_BYTES);
    let damages: [fn(&Path) -> Result<()>; 3] = [
        damage,
        |image| Ok(std::fs::write(image, "cut short")?),
        |image| Ok(std::fs::remove_file(image)?),
    ];
    for damage in damages {
        ensure!(bench.sent("one", mode)? == 0);
        for image in bench.kept()? {
            damage(&image)?;
        }
        ensure!(bench.sent("one", mode)? >= IMAGE_BYTES);
    }
    Ok(())
}

#[test]
fn image_larger_than_the_cache_is_sent_each_time() -> Result<()> {
    let bench = Bench::new(&["image_cache = \"1MiB\""])?;
    for mode in [Mode::SharedMemory(&bench.server), Mode::Quic(&bench.server)] {
        for _ in 0..2 {
            ensure!(bench.sent("one", mode)? >= IMAGE_BYTES);
        }
    }
    ensure!(bench.kept()?.is_empty());
    Ok(())
}
