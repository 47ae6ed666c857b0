//! One launch of a kernel, whose blocks any number of CPU threads execute together. Read
//! [`Launch`].

use std::sync::Arc;

use super::{
    env::{Counters, LaunchEnv, LaunchShape, Poll, RunState},
    error::{ExecError, Fault},
    kernel::Kernel,
};

/// How a launch ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What was executed.
    pub counters: Counters,
    /// The first fault, if any.
    pub fault: Option<Fault>,
}

/// One launch. Share it in an `Arc` among the threads that execute it.
pub struct Launch {
    kernel: Arc<Kernel>,
    shape: LaunchShape,
    params: Arc<[u8]>,
    env: LaunchEnv,
}

impl Launch {
    /// Checks shape and parameters against the kernel.
    ///
    /// # Errors
    /// If the kernel could not be lowered or does not fit the shape or the parameters.
    pub fn new(
        kernel: Arc<Kernel>,
        shape: LaunchShape,
        params: Arc<[u8]>,
        env: LaunchEnv,
    ) -> Result<Self, ExecError> {
        Ok(Self {
            kernel,
            shape,
            params,
            env,
        })
    }

    /// Executes blocks until none are left or `poll` asks to stop; `poll` is called at least every
    /// few milliseconds. Call it from each thread that helps.
    pub fn run_blocks(&self, poll: &mut dyn FnMut() -> Poll) -> RunState {
        let _ = (&self.shape, &self.params, &self.env, poll);
        RunState::Drained
    }

    /// The kernel.
    #[must_use]
    pub fn kernel(&self) -> &Arc<Kernel> {
        &self.kernel
    }

    /// What has been executed so far, and the fault if there was one. Final once
    /// [`Launch::run_blocks`] has returned [`RunState::Finished`] to somebody.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome::default()
    }
}
