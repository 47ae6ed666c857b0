//! Host functions of nodes: each pair of function and argument has a number as long as a node has it. Read
//! [`read_host`].

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use rigel_protocol::custom::{HostCallback, HostNode};
use rigel_protocol::generated::types::CUDA_HOST_NODE_PARAMS;
use rigel_protocol::{CuError, CuResult};

/// Most host functions of nodes in a process.
const HOSTS_MAX: usize = 1 << 20;

/// A function and its argument, as addresses.
type Pair = (usize, usize);

/// What a driver calls; it lives as long as somebody may call it.
type Called = dyn Fn(CuResult<()>) + Send + Sync;

#[derive(Default)]
struct Hosts {
    by_tag: HashMap<u64, (Pair, Weak<Called>)>,
    by_pair: HashMap<Pair, u64>,
    last: u64,
}

static HOSTS: Mutex<Option<Hosts>> = Mutex::new(None);

fn lock() -> MutexGuard<'static, Option<Hosts>> {
    // Every change is a single step: a panic elsewhere leaves the maps whole.
    HOSTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number in use; dropped with the last node that has the function.
struct Tag(u64);

impl Drop for Tag {
    fn drop(&mut self) {
        let mut hosts = lock();
        let Some(hosts) = &mut *hosts else {
            return;
        };
        if let Some((pair, _)) = hosts.by_tag.remove(&self.0) {
            // A newer number may have taken the pair's place.
            if hosts.by_pair.get(&pair) == Some(&self.0) {
                hosts.by_pair.remove(&pair);
            }
        }
    }
}

pub(super) fn read_host(host: &CUDA_HOST_NODE_PARAMS) -> CuResult<HostNode> {
    let pair = (host.r#fn as usize, host.userData as usize);
    if pair.0 == 0 {
        return Err(CuError::INVALID_VALUE);
    }
    let mut hosts = lock();
    let hosts = hosts.get_or_insert_with(Hosts::default);
    if let Some(&tag) = hosts.by_pair.get(&pair) {
        let known = hosts
            .by_tag
            .get(&tag)
            .and_then(|(_, called)| called.upgrade());
        if let Some(callback) = known {
            return Ok(HostNode { callback, tag });
        }
    }
    if hosts.by_tag.len() >= HOSTS_MAX {
        return Err(CuError::OUT_OF_MEMORY);
    }
    hosts.last += 1;
    let tag = hosts.last;
    let callback = calling(pair, Tag(tag));
    hosts.by_tag.insert(tag, (pair, Arc::downgrade(&callback)));
    hosts.by_pair.insert(pair, tag);
    Ok(HostNode { callback, tag })
}

/// What calls the program's function.
fn calling((function, argument): Pair, tag: Tag) -> HostCallback {
    Arc::new(move |_| {
        let _in_use = &tag;
        // SAFETY: the caller said that this address is a function of this type, to be called with its
        // argument at each launch of the graph.
        let function: unsafe extern "C" fn(*mut c_void) = unsafe { std::mem::transmute(function) };
        // SAFETY: as above.
        unsafe { function(argument as *mut c_void) };
    })
}

pub(super) fn write_host(host: &HostNode) -> CUDA_HOST_NODE_PARAMS {
    let hosts = lock();
    let found = hosts.as_ref().and_then(|hosts| hosts.by_tag.get(&host.tag));
    let (function, argument) = found.map(|(pair, _)| *pair).unwrap_or_default();
    CUDA_HOST_NODE_PARAMS {
        r#fn: function as *mut c_void,
        userData: argument as *mut c_void,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn nothing(_: *mut c_void) {}

    fn params(argument: usize) -> CUDA_HOST_NODE_PARAMS {
        CUDA_HOST_NODE_PARAMS {
            r#fn: nothing as *mut c_void,
            userData: argument as *mut c_void,
        }
    }

    #[test]
    fn function_has_its_number_as_long_as_a_node_has_it() {
        let first = read_host(&params(0x7001)).unwrap();
        let same = read_host(&params(0x7001)).unwrap();
        let other = read_host(&params(0x7002)).unwrap();
        assert_eq!(first.tag, same.tag);
        assert_ne!(first.tag, other.tag);
        assert_eq!(write_host(&first).userData as usize, 0x7001);
        let told = HostNode {
            callback: Arc::new(|_| {}),
            tag: first.tag,
        };
        drop((first, same));
        assert_eq!(write_host(&told).userData as usize, 0, "no node has it");
        assert_ne!(read_host(&params(0x7001)).unwrap().tag, told.tag);
    }
}
