//! Counters of the client's side, written as JSON at exit to the file that `RIGEL_STATS` names.
//! Read [`Stats`] first. Nothing is measured unless the file is asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rigel_protocol::generated::calls::Call;

use crate::observe::{self, Kind};

/// The counters of a process.
#[derive(Debug)]
pub(crate) struct Stats {
    enabled: AtomicBool,
    file: Mutex<Option<PathBuf>>,
    /// Calls that returned without waiting.
    posted: AtomicU64,
    /// Nanoseconds spent in them.
    post_ns: AtomicU64,
    /// Calls that waited for an answer.
    waited: AtomicU64,
    /// Nanoseconds spent in them.
    wait_ns: AtomicU64,
    /// Calls answered from what was asked before.
    cached: AtomicU64,
    /// How often each call waited, and for how many nanoseconds in all, by its id.
    waits: Mutex<BTreeMap<u16, (u64, u64)>>,
    /// Bytes sent beside the calls.
    upload_bytes: AtomicU64,
    /// Bytes that came back beside the answers.
    download_bytes: AtomicU64,
}

/// The counters.
pub(crate) static STATS: Stats = Stats {
    enabled: AtomicBool::new(false),
    file: Mutex::new(None),
    posted: AtomicU64::new(0),
    post_ns: AtomicU64::new(0),
    waited: AtomicU64::new(0),
    wait_ns: AtomicU64::new(0),
    cached: AtomicU64::new(0),
    waits: Mutex::new(BTreeMap::new()),
    upload_bytes: AtomicU64::new(0),
    download_bytes: AtomicU64::new(0),
};

impl Stats {
    /// Counts from now on, for this file.
    pub(crate) fn enable(&self, file: PathBuf) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        self.enabled.store(true, Ordering::Relaxed);
        observe::watch(observe::COUNTERS);
    }

    /// A call that took so long.
    pub(crate) fn count(&self, ns: u64, kind: Kind, call: Call) {
        let (count, time) = match kind {
            Kind::Post => (&self.posted, &self.post_ns),
            Kind::Wait => {
                let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
                let wait = waits.entry(call.0).or_default();
                *wait = (wait.0 + 1, wait.1 + ns);
                (&self.waited, &self.wait_ns)
            }
        };
        count.fetch_add(1, Ordering::Relaxed);
        time.fetch_add(ns, Ordering::Relaxed);
    }

    /// A call answered from the cache.
    pub(crate) fn hit(&self) {
        if self.enabled.load(Ordering::Relaxed) {
            self.cached.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Bytes beside the calls.
    pub(crate) fn bytes(&self, up: u64, down: u64) {
        if self.enabled.load(Ordering::Relaxed) {
            self.upload_bytes.fetch_add(up, Ordering::Relaxed);
            self.download_bytes.fetch_add(down, Ordering::Relaxed);
        }
    }

    /// Writes the file.
    pub(crate) fn write(&self) {
        let file = self
            .file
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(file) = file else { return };
        if let Err(error) = std::fs::write(&file, self.json()) {
            crate::logging::tell(&format!("could not write {}: {error}", file.display()));
        }
    }

    fn json(&self) -> String {
        let fields = [
            ("posted", &self.posted),
            ("post_ns", &self.post_ns),
            ("waited", &self.waited),
            ("wait_ns", &self.wait_ns),
            ("cached", &self.cached),
            ("upload_bytes", &self.upload_bytes),
            ("download_bytes", &self.download_bytes),
        ];
        let mut fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| format!("\"{name}\": {}", value.load(Ordering::Relaxed)))
            .collect();
        fields.push(format!("\"waits\": {{{}}}", self.waits_json()));
        format!("{{{}}}\n", fields.join(", "))
    }

    /// Each call that waited: how often, and how long in all.
    fn waits_json(&self) -> String {
        let waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let calls: Vec<_> = waits
            .iter()
            .map(|(id, (count, ns))| {
                let name = Call(*id).name().unwrap_or("unknown");
                format!("\"{name}\": {{\"count\": {count}, \"ns\": {ns}}}")
            })
            .collect();
        calls.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_names_the_calls_that_waited() {
        let stats = Stats {
            enabled: AtomicBool::new(true),
            file: Mutex::new(None),
            posted: AtomicU64::new(0),
            post_ns: AtomicU64::new(0),
            waited: AtomicU64::new(0),
            wait_ns: AtomicU64::new(0),
            cached: AtomicU64::new(0),
            waits: Mutex::new(BTreeMap::new()),
            upload_bytes: AtomicU64::new(0),
            download_bytes: AtomicU64::new(0),
        };
        stats.count(5, Kind::Wait, Call::STREAM_SYNCHRONIZE);
        stats.count(5, Kind::Post, Call::LAUNCH);
        stats.bytes(3, 4);
        let json = stats.json();
        assert!(
            json.contains("\"waits\": {\"cuStreamSynchronize\": {\"count\": 1"),
            "{json}"
        );
        assert!(json.contains("\"posted\": 1"), "{json}");
        assert!(
            json.contains("\"upload_bytes\": 3, \"download_bytes\": 4"),
            "{json}"
        );
    }
}
