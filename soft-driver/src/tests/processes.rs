//! Several devices, and several processes on one device.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rigel_protocol::custom::{Contexts, Copies, Order, Place};
use rigel_protocol::generated::driver::{EventApi, MemoryApi, StreamApi};
use rigel_protocol::handle::{Context, Device, Stream};
use rigel_protocol::{CuError, Cx};

use super::Fixture;
use super::kernels::Loaded;
use crate::config::Config;

const MEMORY_BYTES: u64 = 64 << 20;

/// Says to a child which file it shares.
const SHARED: &str = "RIGEL_TEST_SHARED";

fn sharing(path: &Path) -> Loaded {
    let config = Config {
        memory_bytes: MEMORY_BYTES,
        shared: Some(path.to_owned()),
        ..Config::default()
    };
    Loaded::with(Fixture::with(config))
}

/// A process that runs one test of this file and has come as far as it says.
fn start(test: &str, path: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(SHARED, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("ready")));
    child
}

/// The file that this process shares, if it is a child.
fn shared_by_parent() -> Option<PathBuf> {
    std::env::var_os(SHARED).map(PathBuf::from)
}

/// Tells the parent, and waits to be killed.
fn ready() {
    println!("ready");
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
}

#[test]
fn child_takes_memory_and_never_ends_its_kernel() {
    let Some(path) = shared_by_parent() else {
        return;
    };
    let loaded = sharing(&path);
    let flag = loaded.alloc(48 << 20);
    loaded.write(flag, &[0; 4]);
    let stream = loaded.stream(1);
    loaded
        .launch(c"spin", (1, 1), &flag.0.to_le_bytes(), stream)
        .unwrap();
    ready();
}

#[test]
fn kernels_of_two_processes_take_turns_and_share_the_memory() {
    let name = format!("rigel-turns-{}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let child = "tests::processes::child_takes_memory_and_never_ends_its_kernel";
    let mut child = start(child, &path);
    let loaded = sharing(&path);
    let data = loaded.alloc(4 * 1000);
    loaded.write(data, &[0; 4 * 1000]);
    for _ in 0..20 {
        loaded.add(data, 1000, 1, Stream::LEGACY);
        loaded.words(data, 1);
    }
    assert_eq!(loaded.words(data, 1000), [20; 1000]);
    assert_eq!(loaded.driver.world().unwrap().engine.n_turns_in_vain(), 0);
    let wanted = 32 << 20;
    assert_eq!(
        loaded.driver.mem_alloc(loaded.cx, wanted),
        Err(CuError::OUT_OF_MEMORY)
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(loaded.driver.mem_alloc(loaded.cx, wanted).is_ok());
    loaded.add(data, 1000, 1, Stream::LEGACY);
    assert_eq!(loaded.words(data, 1000), [21; 1000]);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn two_devices_have_their_own_memory_and_order_each_other() {
    let fixture = Fixture::with(Config {
        n_devices: 2,
        memory_bytes: MEMORY_BYTES,
        ..Config::default()
    });
    let driver = &fixture.driver;
    driver.primary_activate(Device(1), 0).unwrap();
    let second = Cx {
        context: Context::primary(Device(1)),
        ..fixture.cx
    };
    let (here, there) = (fixture.alloc(4096), driver.mem_alloc(second, 8192).unwrap());
    let used = |cx| {
        let (free, total) = driver.mem_get_info(cx).unwrap();
        total - free
    };
    assert_eq!((used(fixture.cx), used(second)), (4096, 8192));
    fixture.write(here, b"from one to the other");
    let (first, other) = (fixture.stream(1), driver.stream_create(second, 1).unwrap());
    let gate = fixture.hold(first);
    let order = |stream| Order {
        stream,
        wait: false,
    };
    let (to, from) = (Place::Device(there), Place::Device(here));
    driver.copy(fixture.cx, to, from, 21, order(first)).unwrap();
    let event = driver.event_create(fixture.cx, 0).unwrap();
    driver.event_record(fixture.cx, event, first).unwrap();
    driver.stream_wait_event(second, other, event, 0).unwrap();
    assert_eq!(driver.stream_query(second, other), Err(CuError::NOT_READY));
    gate.open();
    driver.stream_synchronize(second, other).unwrap();
    assert_eq!(fixture.read(there, 21), b"from one to the other");
}
