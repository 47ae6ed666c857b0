//! What a container gets: the one list of mounts, environment and hooks that `rigel cdi` writes down and
//! `rigel hook` carries out. Read [`Device`] first.
//!
//! In the container:
//!
//! ```text
//! /usr/lib/rigel/cuda    libcuda.so.1, libcuda.so            read-only
//! /usr/lib/rigel/nvml    libnvidia-ml.so.1                   read-only
//! /run/rigel-pool        the server's socket for guests      read-only
//! /run/rigel             client.toml, token, ld.so.cache     read-only, of this container alone
//! /etc/ld.so.cache       the last of these: how the libraries are found
//! ```

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rigel_pool_server::paths;
use rigel_protocol::client_file::ClientFile;
use rigel_protocol::pool::PoolAddress;

/// Where the client libraries are.
pub(crate) const LIBRARIES: [&str; 2] = ["/usr/lib/rigel/cuda", "/usr/lib/rigel/nvml"];
/// Where the server's socket is.
const POOL: &str = "/run/rigel-pool";
/// What is the container's own.
pub(crate) const OWN: &str = "/run/rigel";
/// The token.
pub(crate) const TOKEN: &str = "token";
/// The settings.
pub(crate) const CLIENT_FILE: &str = "client.toml";

/// What is to be made visible, and where; a folder, read-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mount {
    /// On the host.
    pub(crate) source: PathBuf,
    /// In the container.
    pub(crate) destination: PathBuf,
}

/// A virtual GPU for containers, as its hooks know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// The lease, or the kind of lease.
    pub(crate) name: String,
    /// Where its pool is.
    pub(crate) source: Source,
}

/// Where a container's pool is, and who it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A server on this host, which gives every container a token of its own.
    Here {
        /// How hooks reach it.
        admin: PoolAddress,
        /// The socket for guests.
        guests: PathBuf,
    },
    /// A server elsewhere; its containers share a token.
    Elsewhere {
        /// Its address.
        pool: PoolAddress,
        /// The token, on this host.
        token_file: PathBuf,
    },
}

impl Device {
    /// The mounts that are the same for every container.
    pub(crate) fn mounts(&self) -> anyhow::Result<Vec<Mount>> {
        let lacking = "the client libraries are not beside the rigel binary; set RIGEL_LIB_DIR";
        let found = [paths::shim(), paths::nvml()];
        let mut mounts = Vec::new();
        for (library, destination) in found.into_iter().zip(LIBRARIES) {
            let library = library.context(lacking)?;
            let folder = library.parent().context("a library lies in a folder")?;
            mounts.push(Mount {
                source: folder.canonicalize().context(lacking)?,
                destination: destination.into(),
            });
        }
        if let Source::Here { guests, .. } = &self.source {
            mounts.push(Mount {
                source: guests.parent().context("a socket lies in a folder")?.into(),
                destination: POOL.into(),
            });
        }
        Ok(mounts)
    }

    /// Variables for programs that look at more than the libraries.
    pub(crate) fn environment(is_soft: bool) -> Vec<String> {
        // NVIDIA's own runtime is to add nothing.
        let mut set = vec!["NVIDIA_VISIBLE_DEVICES=void".to_owned()];
        if is_soft {
            set.push("CUPY_COMPILE_WITH_PTX=1".into());
            set.push("NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS=0".into());
        }
        set
    }

    /// The settings for the client libraries in the container.
    pub(crate) fn client_file(&self) -> anyhow::Result<ClientFile> {
        let pool = match &self.source {
            Source::Here { guests, .. } => {
                let name = guests.file_name().context("a socket has a name")?;
                PoolAddress::Unix(Path::new(POOL).join(name))
            }
            Source::Elsewhere { pool, .. } => pool.clone(),
        };
        let mut file = ClientFile::default();
        file.set("RIGEL_POOL", &pool.to_string())?;
        file.set("RIGEL_TOKEN_FILE", &format!("{OWN}/{TOKEN}"))?;
        Ok(file)
    }

    /// The options of `rigel hook` that say all this again.
    pub(crate) fn options(&self) -> anyhow::Result<Vec<String>> {
        let text = |path: &Path| -> anyhow::Result<String> {
            let text = path.to_str();
            Ok(text
                .with_context(|| format!("{} is not text", path.display()))?
                .to_owned())
        };
        let mut options = vec!["--device".into(), self.name.clone(), "--pool".into()];
        match &self.source {
            Source::Here { admin, guests } => {
                options.push(admin.to_string());
                options.extend(["--guest-socket".into(), text(guests)?]);
            }
            Source::Elsewhere { pool, token_file } => {
                options.push(pool.to_string());
                options.extend(["--token-file".into(), text(token_file)?]);
            }
        }
        Ok(options)
    }
}

impl Source {
    /// From what the command line says; `asked` is the socket for guests as the server told it.
    pub(crate) fn new(
        pool: PoolAddress,
        guests: Option<PathBuf>,
        token_file: Option<&Path>,
    ) -> anyhow::Result<Self> {
        match (pool, guests, token_file) {
            (pool @ PoolAddress::Quic(_), _, Some(token_file)) => Ok(Self::Elsewhere {
                pool,
                token_file: token_file
                    .canonicalize()
                    .with_context(|| format!("find {}", token_file.display()))?,
            }),
            (PoolAddress::Quic(_), _, None) => {
                bail!("a pool on another host needs --token-file: the token of its containers")
            }
            (admin, Some(guests), _) => Ok(Self::Here {
                // Said in full: hooks run with an environment of their own.
                admin: match admin {
                    PoolAddress::Local => PoolAddress::Unix(paths::default_socket()),
                    other => other,
                },
                guests,
            }),
            (_, None, _) => bail!(
                "the server has no socket for containers; set `guest_socket` in [server], such as \
                 \"/run/rigel-guests/rigel.sock\", and start it anew"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Device {
        let guests = Some("/run/rigel-guests/g.sock".into());
        Device {
            name: "8g-50".into(),
            source: Source::new(PoolAddress::Unix("/run/a.sock".into()), guests, None).unwrap(),
        }
    }

    #[test]
    fn container_is_told_the_socket_where_it_sees_it() {
        let text = here().client_file().unwrap().to_text();
        assert!(
            text.contains("pool = \"unix:/run/rigel-pool/g.sock\""),
            "{text}"
        );
        assert!(text.contains("token_file = \"/run/rigel/token\""), "{text}");
    }

    #[test]
    fn source_without_a_socket_for_guests_says_what_to_do() {
        let error = Source::new(PoolAddress::Local, None, None).unwrap_err();
        assert!(error.to_string().contains("guest_socket"), "{error}");
        let pool = "quic://a?insecure".parse().unwrap();
        assert!(Source::new(pool, None, None).is_err());
    }
}
