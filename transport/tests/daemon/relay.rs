//! A UDP relay on loopback between a client and a server, which loses packets, changes addresses and goes
//! down on demand. Read [`Relay`] first.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

/// A running relay; dropped, it ends.
pub(crate) struct Relay {
    address: SocketAddr,
    orders: Arc<Orders>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Orders {
    stop: AtomicBool,
    /// Every packet is lost.
    down: AtomicBool,
    /// The clients' addresses of today are lost for good.
    cut: AtomicBool,
    /// So many more packets pass, and then `cut`; zero for never.
    cut_after: AtomicU64,
    /// The server sees new addresses from now on.
    rebind: AtomicBool,
    n_cuts: AtomicU64,
    n_clients: AtomicU64,
    flows: Mutex<()>,
}

struct Flow {
    client: SocketAddr,
    upstream: UdpSocket,
    dead: bool,
}

impl Relay {
    pub(crate) fn start(server: SocketAddr) -> Relay {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = socket.local_addr().unwrap();
        let orders = Arc::new(Orders::default());
        let obeyed = Arc::clone(&orders);
        let thread = std::thread::spawn(move || relay(&socket, server, &obeyed));
        Relay {
            address,
            orders,
            thread: Some(thread),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Loses today's connections for good; fresh ones pass.
    pub(crate) fn cut(&self) {
        self.orders.cut.store(true, Ordering::SeqCst);
    }

    /// Cuts once so many packets have passed.
    pub(crate) fn cut_after(&self, n_packets: u64) {
        self.orders.cut_after.store(n_packets, Ordering::SeqCst);
    }

    /// How often it has cut.
    pub(crate) fn n_cuts(&self) -> u64 {
        self.orders.n_cuts.load(Ordering::SeqCst)
    }

    /// How many addresses of clients it has seen.
    pub(crate) fn n_clients(&self) -> u64 {
        self.orders.n_clients.load(Ordering::SeqCst)
    }

    /// Loses everything, until told otherwise.
    pub(crate) fn set_down(&self, down: bool) {
        self.orders.down.store(down, Ordering::SeqCst);
    }

    /// Gives every client a new address.
    pub(crate) fn rebind(&self) {
        self.orders.rebind.store(true, Ordering::SeqCst);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.orders.stop.store(true, Ordering::SeqCst);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn relay(socket: &UdpSocket, server: SocketAddr, orders: &Orders) {
    let mut flows: HashMap<SocketAddr, Flow> = HashMap::new();
    let mut buffer = vec![0; 65_536];
    while !orders.stop.load(Ordering::SeqCst) {
        let _whole = orders.flows.lock().unwrap();
        obey(&mut flows, orders);
        let mut fds = vec![PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        fds.extend(
            flows
                .values()
                .map(|flow| PollFd::new(flow.upstream.as_fd(), PollFlags::POLLIN)),
        );
        if poll(&mut fds, PollTimeout::from(5u8)).unwrap() == 0 {
            continue;
        }
        drop(fds);
        while let Some((n, client)) = receive(socket, &mut buffer) {
            let flow = flows.entry(client).or_insert_with(|| Flow {
                client,
                upstream: upstream(),
                dead: false,
            });
            if passes(flow, orders) {
                let _ = flow.upstream.send_to(&buffer[..n], server);
            }
        }
        orders.n_clients.store(flows.len() as u64, Ordering::SeqCst);
        for flow in flows.values_mut() {
            while let Some((n, _)) = receive(&flow.upstream, &mut buffer) {
                if passes(flow, orders) {
                    let _ = socket.send_to(&buffer[..n], flow.client);
                }
            }
        }
    }
}

fn obey(flows: &mut HashMap<SocketAddr, Flow>, orders: &Orders) {
    if orders.cut.swap(false, Ordering::SeqCst) {
        orders.n_cuts.fetch_add(1, Ordering::SeqCst);
        flows.values_mut().for_each(|flow| flow.dead = true);
    }
    if orders.rebind.swap(false, Ordering::SeqCst) {
        flows
            .values_mut()
            .for_each(|flow| flow.upstream = upstream());
    }
}

fn passes(flow: &mut Flow, orders: &Orders) -> bool {
    if !flow.dead && orders.cut_after.load(Ordering::SeqCst) > 0 {
        let left = orders.cut_after.fetch_sub(1, Ordering::SeqCst) - 1;
        if left == 0 {
            flow.dead = true;
            orders.cut.store(true, Ordering::SeqCst);
        }
    }
    !flow.dead && !orders.down.load(Ordering::SeqCst)
}

fn upstream() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    socket
}

fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
    socket.set_nonblocking(true).unwrap();
    socket.recv_from(buffer).ok()
}
