//! The driver as its callers meet it: calls of the `Driver` trait against what CUDA promises. Parts
//! have tests of their own beside them. Read [`Fixture`].

mod faults;
mod kernels;
mod memory;
mod order;
mod processes;
mod shared;

use std::sync::{Arc, Condvar, Mutex};

use rigel_protocol::custom::{Contexts, Copies, HostCallback, Launches, Lifecycle, Order, Place};
use rigel_protocol::generated::driver::{MemoryApi, StreamApi};
use rigel_protocol::handle::{Context, Device, DevicePtr, Stream};
use rigel_protocol::{Cx, HostPtr, ThreadId};

use crate::config::Config;
use crate::driver::SoftDriver;

/// A driver with an active primary context.
pub(crate) struct Fixture {
    pub(crate) driver: SoftDriver,
    pub(crate) cx: Cx,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(Config {
            memory_bytes: 64 << 20,
            ..Config::default()
        })
    }

    pub(crate) fn with(config: Config) -> Self {
        let driver = SoftDriver::new(config);
        driver.init().unwrap();
        driver.primary_activate(Device(0), 0).unwrap();
        let cx = Cx {
            context: Context::primary(Device(0)),
            thread: ThreadId(1),
        };
        Self { driver, cx }
    }

    pub(crate) fn alloc(&self, bytes: usize) -> DevicePtr {
        self.driver.mem_alloc(self.cx, bytes).unwrap()
    }

    pub(crate) fn stream(&self, flags: u32) -> Stream {
        self.driver.stream_create(self.cx, flags).unwrap()
    }

    /// Copies to the device and waits.
    pub(crate) fn write(&self, dst: DevicePtr, bytes: &[u8]) {
        let src = Place::Host(HostPtr(bytes.as_ptr() as u64));
        let order = Order {
            stream: Stream::LEGACY,
            wait: true,
        };
        let size = bytes.len() as u64;
        self.driver
            .copy(self.cx, Place::Device(dst), src, size, order)
            .unwrap();
    }

    /// Copies from the device, in a stream's order.
    pub(crate) fn read_in(&self, src: DevicePtr, bytes: usize, stream: Stream) -> Vec<u8> {
        let mut out = vec![0xaa; bytes];
        let dst = Place::Host(HostPtr(out.as_mut_ptr() as u64));
        let order = Order { stream, wait: true };
        self.driver
            .copy(self.cx, dst, Place::Device(src), bytes as u64, order)
            .unwrap();
        out
    }

    /// Copies from the device and waits for everything.
    pub(crate) fn read(&self, src: DevicePtr, bytes: usize) -> Vec<u8> {
        self.read_in(src, bytes, Stream::LEGACY)
    }

    /// Holds a stream back until the gate is opened.
    pub(crate) fn hold(&self, stream: Stream) -> Gate {
        let gate = Gate::default();
        let (waiting, entered) = (Arc::clone(&gate.open), Arc::clone(&gate.entered));
        let callback: HostCallback = Arc::new(move |_| {
            set(&entered);
            wait(&waiting);
        });
        self.driver
            .launch_host(self.cx, stream, callback, false)
            .unwrap();
        gate
    }
}

type Flag = Arc<(Mutex<bool>, Condvar)>;

/// A host function that waits in a stream.
#[derive(Default)]
pub(crate) struct Gate {
    open: Flag,
    entered: Flag,
}

impl Gate {
    /// Lets the stream go on.
    pub(crate) fn open(&self) {
        set(&self.open);
    }

    /// Waits until the stream has come here.
    pub(crate) fn wait_entered(&self) {
        wait(&self.entered);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

fn set(flag: &Flag) {
    *flag.0.lock().unwrap() = true;
    flag.1.notify_all();
}

fn wait(flag: &Flag) {
    let mut value = flag.0.lock().unwrap();
    while !*value {
        value = flag.1.wait(value).unwrap();
    }
}
