//! Stores by their URL, for command lines and environment variables.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::Path;
#[cfg(feature = "sqlite")]
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
use super::transfer::Transfer;
use super::{MemoryStore, SessionStore, StoreError};
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
use super::{NearCache, NearCacheLimits};
#[cfg(feature = "postgres")]
use super::{PostgresAddress, PostgresStore};
#[cfg(feature = "redis")]
use super::{RedisAddress, RedisStore};
#[cfg(feature = "sqlite")]
use super::{SqliteStore, StoreErrorKind, Synchronous};

/// Names a store, and opens it.
///
/// | URL | store | feature |
/// |---|---|---|
/// | `memory`, also `memory:` and `memory://` | [`MemoryStore`] | |
/// | `sqlite:PATH` | `SqliteStore`, with a `NearCache` of the default limits in front of it | `sqlite` |
/// | the same with `?near_cache=off` | without the cache, which takes memory and is never behind the file | `sqlite` |
/// | the same with `?synchronous=normal` | a power cut may undo the last commits | `sqlite` |
/// | `redis://[USER][:PASSWORD@]HOST[:PORT][/DATABASE]` | `RedisStore`, one server | `redis` |
/// | `redis+sentinel://[USER][:PASSWORD@]HOST[:PORT][,…]/MASTER[/DATABASE]` | the master that these Sentinels look after | `redis` |
/// | `redis+cluster://[USER][:PASSWORD@]HOST[:PORT][,…]` | the cluster that these are some nodes of | `redis` |
/// | the three with `rediss` instead of `redis` | the same over TLS | `redis` |
/// | all of them with `valkey` and `valkeys` | the same | `redis` |
/// | the same with `?near_cache=on` | with a `NearCache` of the default limits in front of it | `redis` |
/// | `postgres://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE][?OPTIONS]`, also `postgresql://` | `PostgresStore` | `postgres` |
/// | the same with `near_cache=on` among the options | with a `NearCache` of the default limits in front of it | `postgres` |
///
/// A path is relative to the working directory unless it begins with a slash. Passwords are not shown again: neither
/// `Display` nor `Debug` nor an error contains one.
///
/// ```
/// use twinjar_server::store::{SessionStore, StoreUrl};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let url: StoreUrl = "memory".parse()?;
/// let store = url.open().await?;
/// store.ping().await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct StoreUrl(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Memory,
    #[cfg(feature = "sqlite")]
    Sqlite {
        path: PathBuf,
        synchronous: Synchronous,
        near_cache: bool,
    },
    #[cfg(feature = "redis")]
    Redis {
        address: RedisAddress,
        near_cache: bool,
    },
    #[cfg(feature = "postgres")]
    Postgres {
        address: Box<PostgresAddress>,
        near_cache: bool,
    },
}

impl StoreUrl {
    /// A SQLite file, with the defaults of [`SqliteStore::builder`], and a near cache.
    #[cfg(feature = "sqlite")]
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self(Kind::Sqlite { path: path.into(), synchronous: Synchronous::default(), near_cache: true })
    }

    /// The file that sessions are kept in, if it is one.
    #[cfg(feature = "sqlite")]
    pub fn file(&self) -> Option<&Path> {
        match &self.0 {
            Kind::Sqlite { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Whether its sessions end with the process.
    pub fn is_in_memory(&self) -> bool {
        matches!(self.0, Kind::Memory)
    }

    /// The Redis that sessions are kept in, if it is one.
    #[cfg(feature = "redis")]
    pub fn redis(&self) -> Option<&RedisAddress> {
        match &self.0 {
            Kind::Redis { address, .. } => Some(address),
            _ => None,
        }
    }

    /// The PostgreSQL that sessions are kept in, if it is one.
    #[cfg(feature = "postgres")]
    pub fn postgres(&self) -> Option<&PostgresAddress> {
        match &self.0 {
            Kind::Postgres { address, .. } => Some(address),
            _ => None,
        }
    }

    /// Opens the store.
    ///
    /// # Errors
    /// The store's own: it cannot be reached, created or read.
    pub async fn open(&self) -> Result<Arc<dyn SessionStore>, StoreError> {
        match &self.0 {
            Kind::Memory => Ok(Arc::new(MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite { path, synchronous, near_cache } => {
                Ok(cached(open_sqlite(path, *synchronous).await?, *near_cache))
            }
            #[cfg(feature = "redis")]
            Kind::Redis { address, near_cache } => {
                Ok(cached(RedisStore::connect(address.clone()).await?, *near_cache))
            }
            #[cfg(feature = "postgres")]
            Kind::Postgres { address, near_cache } => {
                let store = PostgresStore::builder().news(*near_cache).connect((**address).clone()).await?;
                Ok(cached(store, *near_cache))
            }
        }
    }

    /// Opens the store as one that sessions can be taken out of and put into. `None` for memory, which ends with the
    /// process.
    ///
    /// # Errors
    /// The store's own: it cannot be reached, created or read.
    #[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
    pub async fn open_transfer(&self) -> Result<Option<Arc<dyn Transfer>>, StoreError> {
        Ok(Some(match &self.0 {
            Kind::Memory => return Ok(None),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite { path, synchronous, .. } => Arc::new(open_sqlite(path, *synchronous).await?),
            #[cfg(feature = "redis")]
            Kind::Redis { address, .. } => Arc::new(RedisStore::connect(address.clone()).await?),
            #[cfg(feature = "postgres")]
            Kind::Postgres { address, .. } => Arc::new(PostgresStore::connect((**address).clone()).await?),
        }))
    }
}

#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
fn cached(store: impl SessionStore, near_cache: bool) -> Arc<dyn SessionStore> {
    match near_cache {
        true => Arc::new(NearCache::new(store, NearCacheLimits::default())),
        false => Arc::new(store),
    }
}

#[cfg(feature = "sqlite")]
async fn open_sqlite(path: &Path, synchronous: Synchronous) -> Result<SqliteStore, StoreError> {
    let (path, builder) = (path.to_owned(), SqliteStore::builder().synchronous(synchronous));
    let opening = tokio::task::spawn_blocking(move || builder.open(path));
    opening.await.map_err(|_| StoreError::new(StoreErrorKind::Unavailable))?
}

impl FromStr for StoreUrl {
    type Err = InvalidStoreUrl;

    fn from_str(text: &str) -> Result<Self, InvalidStoreUrl> {
        match text.split_once(':') {
            None if text == "memory" => Ok(Self(Kind::Memory)),
            Some(("memory", "" | "//")) => Ok(Self(Kind::Memory)),
            #[cfg(feature = "sqlite")]
            Some(("sqlite", rest)) => parse_sqlite(rest).map(Self),
            #[cfg(not(feature = "sqlite"))]
            Some(("sqlite", _)) => Err(InvalidStoreUrl::NotBuilt { feature: "sqlite" }),
            #[cfg(feature = "redis")]
            Some((scheme, _)) if is_redis(scheme) => parse_redis(text).map(Self),
            #[cfg(not(feature = "redis"))]
            Some((scheme, _)) if is_redis(scheme) => Err(InvalidStoreUrl::NotBuilt { feature: "redis" }),
            #[cfg(feature = "postgres")]
            Some(("postgres" | "postgresql", _)) => parse_postgres(text).map(Self),
            #[cfg(not(feature = "postgres"))]
            Some(("postgres" | "postgresql", _)) => Err(InvalidStoreUrl::NotBuilt { feature: "postgres" }),
            _ => Err(InvalidStoreUrl::UnknownScheme),
        }
    }
}

fn is_redis(scheme: &str) -> bool {
    let (server, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
    matches!(server, "redis" | "rediss" | "valkey" | "valkeys") && matches!(kind, "" | "cluster" | "sentinel")
}

/// An address, with or without `?near_cache=on`.
#[cfg(feature = "redis")]
fn parse_redis(text: &str) -> Result<Kind, InvalidStoreUrl> {
    let (address, near_cache) = match text.rsplit_once('?') {
        None => (text, false),
        Some((address, "near_cache=on")) => (address, true),
        Some((address, "near_cache=off")) => (address, false),
        Some(_) => return Err(InvalidStoreUrl::UnknownOption),
    };
    let address = address.parse().map_err(|_| InvalidStoreUrl::BadAddress)?;
    Ok(Kind::Redis { address, near_cache })
}

/// An address, with `near_cache=on` among its options or not.
#[cfg(feature = "postgres")]
fn parse_postgres(text: &str) -> Result<Kind, InvalidStoreUrl> {
    let (place, options) = text.split_once('?').unwrap_or((text, ""));
    let (ours, others): (Vec<_>, Vec<_>) =
        options.split('&').partition(|option| option.starts_with("near_cache="));
    let near_cache = match ours[..] {
        [] | ["near_cache=off"] => false,
        ["near_cache=on"] => true,
        _ => return Err(InvalidStoreUrl::UnknownOption),
    };
    let address = format!("{place}?{}", others.join("&")).parse().map_err(|_| InvalidStoreUrl::BadAddress)?;
    Ok(Kind::Postgres { address: Box::new(address), near_cache })
}

/// `PATH`, also as `//PATH`, with or without options.
#[cfg(feature = "sqlite")]
fn parse_sqlite(text: &str) -> Result<Kind, InvalidStoreUrl> {
    let (path, options) = text.rsplit_once('?').unwrap_or((text, ""));
    let (mut synchronous, mut near_cache) = (Synchronous::default(), true);
    for option in options.split('&').filter(|_| path.len() < text.len()) {
        match option {
            "synchronous=full" => synchronous = Synchronous::Full,
            "synchronous=normal" => synchronous = Synchronous::Normal,
            "near_cache=on" => near_cache = true,
            "near_cache=off" => near_cache = false,
            _ => return Err(InvalidStoreUrl::UnknownOption),
        }
    }
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() {
        return Err(InvalidStoreUrl::MissingPath);
    }
    Ok(Kind::Sqlite { path: path.into(), synchronous, near_cache })
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Memory => f.write_str("memory"),
            #[cfg(feature = "sqlite")]
            Kind::Sqlite { path, .. } => write!(f, "sqlite:{}", path.display()),
            #[cfg(feature = "redis")]
            Kind::Redis { address, near_cache } => {
                write!(f, "{address}{}", if *near_cache { "?near_cache=on" } else { "" })
            }
            #[cfg(feature = "postgres")]
            Kind::Postgres { address, near_cache } => {
                write!(f, "{address}{}", if *near_cache { "?near_cache=on" } else { "" })
            }
        }
    }
}

/// Why a text names no store. The text itself may hold a password, and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidStoreUrl {
    /// It begins with no name of a store.
    UnknownScheme,
    /// The store is one that this program was built without.
    NotBuilt {
        /// The feature that adds it.
        feature: &'static str,
    },
    /// There is no path after the scheme.
    MissingPath,
    /// An option after the `?` is not known, or has another value than those allowed.
    UnknownOption,
    /// What follows the scheme is no address of a server.
    BadAddress,
}

impl fmt::Display for InvalidStoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownScheme => f.write_str(
                "this store is not known; use memory, sqlite:PATH, redis://HOST:PORT/ or \
                 postgres://HOST:PORT/DATABASE",
            ),
            Self::NotBuilt { feature } => {
                write!(f, "this program was built without this store; enable the feature `{feature}`")
            }
            Self::MissingPath => f.write_str("the path is missing; write sqlite:PATH"),
            Self::BadAddress => {
                f.write_str("the address is not valid; write SCHEME://USER:PASSWORD@HOST:PORT/")
            }
            Self::UnknownOption => f.write_str(
                "the option is not known; use synchronous=full or synchronous=normal with sqlite, \
                 near_cache=on or near_cache=off with any but memory",
            ),
        }
    }
}

impl std::error::Error for InvalidStoreUrl {}

#[cfg(test)]
mod tests;
