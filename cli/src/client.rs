//! What `run` and `status` share: which pool, which token, and one question to the daemon.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use rigel_protocol::control::{AdminRequest, Token};
use rigel_protocol::pool::PoolAddress;

/// Which pool, and who asks.
#[derive(Debug, Clone, Args)]
pub(crate) struct PoolArguments {
    /// The pool: `local`, `unix:PATH`, or `quic://HOST[:PORT]?fingerprint=HEX` (printed by
    /// `rigel serve`).
    #[arg(long, value_name = "URL", env = "RIGEL_POOL", default_value = "local")]
    pub(crate) pool: String,

    /// File that holds the token. On the server's own host the user who runs it needs none.
    #[arg(long, value_name = "FILE", env = "RIGEL_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
}

impl PoolArguments {
    /// The address, checked.
    pub(crate) fn address(&self) -> anyhow::Result<PoolAddress> {
        Ok(self.pool.parse()?)
    }

    /// The token: the file's first line, else `RIGEL_TOKEN`.
    pub(crate) fn token(&self) -> anyhow::Result<Option<Token>> {
        let Some(file) = &self.token_file else {
            let value = std::env::var("RIGEL_TOKEN")
                .ok()
                .filter(|token| !token.is_empty());
            return Ok(value.map(Token));
        };
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("read token file {}", file.display()))?;
        match text.lines().next().map(str::trim) {
            Some(token) if !token.is_empty() => Ok(Some(Token(token.into()))),
            _ => bail!("token file {} is empty", file.display()),
        }
    }

    /// Does or asks something beside sessions.
    pub(crate) fn admin(&self, request: AdminRequest) -> anyhow::Result<serde_json::Value> {
        let text = rigel_pool_server::ask::admin(&self.address()?, self.token()?, request)?;
        serde_json::from_str(&text).context("understand the server's answer")
    }

    /// Asks the daemon for its state.
    pub(crate) fn status(&self) -> anyhow::Result<serde_json::Value> {
        let text = rigel_pool_server::ask::status(&self.address()?, self.token()?)?;
        serde_json::from_str(&text).context("understand the server's status")
    }
}
