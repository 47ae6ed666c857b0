//! A pool that makes tokens and keeps a list of them.

use std::sync::Arc;

use rigel_k8s::Pool;
use rigel_k8s::pool::{Capacity, Granted, Issued, PoolError, Scope};
use tokio::sync::watch;

use super::PATIENCE;

/// A pool; clones are the same one.
#[derive(Clone)]
pub(crate) struct FakePool(Arc<watch::Sender<State>>);

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) id: String,
    pub(crate) scope: Scope,
    pub(crate) note: String,
    pub(crate) sessions: u32,
}

#[derive(Default)]
struct State {
    capacity: Option<Capacity>,
    tokens: Vec<Held>,
    made: u32,
    /// Looks for tokens so far.
    looks: u32,
    refuses: bool,
}

impl FakePool {
    /// One with so many GPUs of 16 GiB.
    pub(crate) fn new(gpus: u32) -> Self {
        let pool = Self(Arc::new(watch::Sender::new(State::default())));
        pool.has(Some(gpus));
        pool
    }

    /// Has so many GPUs from now on; none: it does not answer.
    pub(crate) fn has(&self, gpus: Option<u32>) {
        let capacity = gpus.map(|gpus| Capacity {
            gpus,
            memory_bytes: u64::from(gpus) << 34,
        });
        self.0.send_modify(|state| state.capacity = capacity);
    }

    /// Makes no more tokens, or does again.
    pub(crate) fn refuses(&self, refuses: bool) {
        self.0.send_modify(|state| state.refuses = refuses);
    }

    /// All tokens.
    pub(crate) fn tokens(&self) -> Vec<Held> {
        self.0.borrow().tokens.clone()
    }

    /// Changes the tokens behind the plugin's back.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Vec<Held>)) {
        self.0.send_modify(|state| change(&mut state.tokens));
    }

    /// Waits until the tokens are so.
    pub(crate) async fn until(&self, what: &str, so: impl Fn(&[Held]) -> bool) {
        let mut watching = self.0.subscribe();
        let waiting = watching.wait_for(|state| so(&state.tokens));
        let found = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(found.is_ok(), "{what} never came: {:?}", self.tokens());
    }

    /// Waits for so many more looks at the tokens.
    pub(crate) async fn looks(&self, n: u32) {
        let mut watching = self.0.subscribe();
        let until = self.0.borrow().looks + n;
        let waiting = watching.wait_for(|state| state.looks >= until);
        let found = tokio::time::timeout(PATIENCE, waiting).await;
        assert!(found.is_ok(), "nobody looks");
    }
}

impl Pool for FakePool {
    fn capacity(&self) -> Result<Capacity, PoolError> {
        self.0.borrow().answers()
    }

    fn grant(&self, scope: Scope, note: &str) -> Result<Granted, PoolError> {
        let mut result = Err(PoolError::Refused("no more".into()));
        self.0.send_modify(|state| {
            if let Err(away) = state.answers() {
                result = Err(away);
                return;
            }
            if state.refuses {
                return;
            }
            state.made += 1;
            let id = format!("t{}", state.made);
            state.tokens.push(Held {
                id: id.clone(),
                scope,
                note: note.into(),
                sessions: 0,
            });
            let token = format!("secret of {id}");
            result = Ok(Granted { id, token });
        });
        result
    }

    fn revoke(&self, id: &str) -> Result<(), PoolError> {
        self.0.borrow().answers()?;
        self.change(|tokens| tokens.retain(|token| token.id != id));
        Ok(())
    }

    fn list(&self) -> Result<Vec<Issued>, PoolError> {
        self.0.borrow().answers()?;
        self.0.send_modify(|state| state.looks += 1);
        let issued = |held: Held| Issued {
            id: held.id,
            note: held.note,
            sessions: held.sessions,
        };
        Ok(self.tokens().into_iter().map(issued).collect())
    }
}

impl State {
    fn answers(&self) -> Result<Capacity, PoolError> {
        let away = || PoolError::Away("nobody listens".into());
        self.capacity.ok_or_else(away)
    }
}
