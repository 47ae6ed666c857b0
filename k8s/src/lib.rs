//! The Kubernetes device plugin: offers a pool's GPUs to a node's kubelet, and gives each container that
//! gets some a token of exactly what its pod asked for.
//!
//! It runs no container and holds no GPU: the kubelet decides who gets what, the pool enforces it. Whoever
//! runs the plugin says how to reach the pool ([`Pool`]). Read [`plugin::run`] first.
//!
//! | module | job |
//! |---|---|
//! | [`plugin`] | endpoints, registration, what is done at every look |
//! | [`settings`] | what the operator says |
//! | [`resource`] | names, devices and their ids |
//! | [`pool`] | what is asked of a pool |
//! | `keeper` | which container has which token |
//! | `slots` | the folders that containers see, and what outlives the plugin |
//! | `answer` | what a container gets: mounts, CDI devices |
//! | `kubelet` | who holds which devices; registration |
//! | [`api`], [`grpc`] | the kubelet's messages, and how they travel |

#![forbid(unsafe_code)]

mod answer;
pub mod api;
mod endpoint;
mod error;
pub mod grpc;
mod install;
mod keeper;
mod kubelet;
pub mod plugin;
pub mod pool;
pub mod resource;
pub mod settings;
mod slots;

pub use error::PluginError;
pub use pool::Pool;
pub use settings::Settings;
