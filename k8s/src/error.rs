//! Why something of the plugin failed. Read [`PluginError`] first.

use std::path::{Path, PathBuf};

use tonic::{Code, Status};

use crate::pool::PoolError;

/// A failure of the plugin.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// A setting makes no sense.
    #[error("use the setting {name}: {why}")]
    Setting {
        /// Which.
        name: &'static str,
        /// Why not.
        why: String,
    },
    /// A file or folder.
    #[error("{doing} {path}: {source}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// What is written of a slot cannot be read.
    #[error("understand {path}: {why}")]
    Record {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The kubelet did not answer, or refused.
    #[error("ask the kubelet to {doing}: {} ({:?})", status.message(), status.code())]
    Kubelet {
        /// What.
        doing: &'static str,
        /// Its answer.
        status: Box<Status>,
    },
    /// The kubelet asked for something that makes no sense.
    #[error("answer the kubelet: {0}")]
    Request(String),
    /// No container holds the devices, or several do.
    #[error("find the container that starts: {0}")]
    Holder(String),
    /// The pool.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// The runtime has no thread left.
    #[error("run a task: {0}")]
    Task(#[from] tokio::task::JoinError),
    /// The endpoint could not be served.
    #[error("serve the endpoint: {0}")]
    Transport(#[from] tonic::transport::Error),
}

impl PluginError {
    /// A failure with a file.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    /// A failure of a call to the kubelet.
    pub(crate) fn kubelet(doing: &'static str) -> impl FnOnce(Status) -> Self {
        move |status| Self::Kubelet {
            doing,
            status: Box::new(status),
        }
    }
}

impl From<PluginError> for Status {
    fn from(error: PluginError) -> Self {
        let code = match &error {
            PluginError::Request(_) => Code::InvalidArgument,
            PluginError::Holder(_) | PluginError::Setting { .. } => Code::FailedPrecondition,
            PluginError::Pool(PoolError::Refused(_)) => Code::ResourceExhausted,
            PluginError::Pool(PoolError::Away(_)) | PluginError::Kubelet { .. } => {
                Code::Unavailable
            }
            _ => Code::Internal,
        };
        Self::new(code, format!("failed to {error}"))
    }
}
