//! What `run` and `status` share: which pool, which token, and one question to the daemon.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use rigel_protocol::control::{AdminRequest, Token};
use rigel_protocol::pool::{ClientFiles, PoolAddress, Trust};

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

    /// File with the authority that signs the server's certificate (PEM); like ca=FILE in the URL.
    #[arg(long, value_name = "FILE", env = "RIGEL_CA")]
    pub(crate) ca: Option<PathBuf>,

    /// File with a certificate that says who asks (PEM); like cert=FILE in the URL. With --key.
    #[arg(long, value_name = "FILE", env = "RIGEL_CERT", requires = "key")]
    pub(crate) cert: Option<PathBuf>,

    /// File with its private key (PEM); like key=FILE in the URL.
    #[arg(long, value_name = "FILE", env = "RIGEL_KEY", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
}

impl PoolArguments {
    /// The address, checked, with the files for a pool on another host. Their paths are whole: a program may
    /// change its folder before its first call.
    pub(crate) fn address(&self) -> anyhow::Result<PoolAddress> {
        let mut address = self.pool.parse()?;
        let PoolAddress::Quic(quic) = &mut address else {
            return Ok(address);
        };
        let whole = |file: &PathBuf| {
            let found = file.canonicalize();
            found.with_context(|| format!("find {}", file.display()))
        };
        if let Some(ca) = &self.ca {
            quic.trust = Trust::Authority(whole(ca)?);
        }
        if let (Some(certificate), Some(key)) = (&self.cert, &self.key) {
            quic.client = Some(ClientFiles {
                certificate: whole(certificate)?,
                key: whole(key)?,
            });
        }
        Ok(address)
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
