//! Where a PostgreSQL is, and how to get in.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use twinjar_shared::cookie::percent;

/// A server and a database: `postgres://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE][?OPTIONS]`, also `postgresql://`.
///
/// The options are those of a libpq URL that the driver knows, `host=/run/postgresql` for a socket among them, and:
///
/// - `sslmode=disable`, the default: the connection is not encrypted;
/// - `sslmode=require` or `verify-full`: it is, and the server's certificate has to be valid for its name;
/// - `sslrootcert=FILE`: the authorities that may have signed it (PEM), instead of the system's.
///
/// ```
/// use twinjar_server::store::PostgresAddress;
///
/// let address: PostgresAddress = "postgres://alice:hunter2@db.example/shop?sslmode=require".parse()?;
/// assert_eq!(address.to_string(), "postgres://db.example:5432/shop");
/// # Ok::<(), twinjar_server::store::InvalidPostgresAddress>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresAddress {
    config: Config,
    encryption: Encryption,
}

/// Whom to trust on the way.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    None,
    Verified { authorities: Option<PathBuf> },
}

impl PostgresAddress {
    pub(super) fn config(&self) -> Config {
        let mut config = self.config.clone();
        config.ssl_mode(match self.encryption {
            Encryption::None => SslMode::Disable,
            Encryption::Verified { .. } => SslMode::Require,
        });
        config
    }

    pub(super) fn encryption(&self) -> &Encryption {
        &self.encryption
    }
}

impl FromStr for PostgresAddress {
    type Err = InvalidPostgresAddress;

    fn from_str(url: &str) -> Result<Self, InvalidPostgresAddress> {
        // The driver also takes `key=value` lines, which have no place here.
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(InvalidPostgresAddress);
        }
        let (place, options) = url.split_once('?').unwrap_or((url, ""));
        let (mut encrypted, mut authorities, mut others) = (false, None, Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", "disable")) => encrypted = false,
                Some(("sslmode", "require" | "verify-full")) => encrypted = true,
                Some(("sslmode", _)) => return Err(InvalidPostgresAddress),
                Some(("sslrootcert", path)) if !path.is_empty() => authorities = Some(decoded(path)?),
                _ => others.push(option),
            }
        }
        let config: Config =
            format!("{place}?{}", others.join("&")).parse().map_err(|_| InvalidPostgresAddress)?;
        // Authorities that nobody asks would be a false sense of safety.
        if config.get_hosts().is_empty() || authorities.is_some() && !encrypted {
            return Err(InvalidPostgresAddress);
        }
        let encryption = if encrypted { Encryption::Verified { authorities } } else { Encryption::None };
        Ok(Self { config, encryption })
    }
}

/// A path in a URL, in which `%20` stands for a space.
fn decoded(path: &str) -> Result<PathBuf, InvalidPostgresAddress> {
    percent::decode(path).map(|path| Path::new(&*path).to_owned()).ok_or(InvalidPostgresAddress)
}

impl fmt::Display for PostgresAddress {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        let ports = self.config.get_ports();
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            let comma = if index > 0 { "," } else { "" };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}:{port}")?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(f, "{comma}{}:{port}", folder.display())?,
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({self})")
    }
}

/// The text is no address of a PostgreSQL server. It may hold a password, and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidPostgresAddress;

impl fmt::Display for InvalidPostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this is no address of a PostgreSQL server; write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with \
             sslmode=disable or sslmode=require",
        )
    }
}

impl std::error::Error for InvalidPostgresAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_user() {
        for (url, shown) in [
            ("postgres://127.0.0.1/shop", "postgres://127.0.0.1:5432/shop"),
            ("postgresql://alice:hunter2@db:6000/shop", "postgres://db:6000/shop"),
            ("postgres://alice:hunter%2F2@[::1]/", "postgres://::1:5432/"),
            ("postgres:///shop?host=/run/postgresql", "postgres:///run/postgresql:5432/shop"),
            ("postgres://a:1,b:2/shop?target_session_attrs=read-write", "postgres://a:1,b:2/shop"),
            ("postgres://db/shop?sslmode=require&sslrootcert=/etc/a%20b.pem", "postgres://db:5432/shop"),
        ] {
            let address: PostgresAddress = url.parse().expect(url);
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("hunter"));
        }
    }

    #[test]
    fn encryption_is_none_or_verified() {
        let parsed = |options: &str| format!("postgres://db/shop?{options}").parse::<PostgresAddress>();
        for (options, encryption) in [
            ("", Encryption::None),
            ("sslmode=disable", Encryption::None),
            ("sslmode=require", Encryption::Verified { authorities: None }),
            ("sslmode=verify-full", Encryption::Verified { authorities: None }),
            ("sslrootcert=a%20b&sslmode=require", Encryption::Verified { authorities: Some("a b".into()) }),
        ] {
            assert!(*parsed(options).expect(options).encryption() == encryption, "{options}");
        }
        for options in ["sslmode=prefer", "sslmode=allow", "sslmode=", "sslrootcert=a", "colour=red"] {
            assert_eq!(parsed(options), Err(InvalidPostgresAddress), "{options}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for url in
            ["", "postgres:", "postgres://", "host=db password=hunter2", "postgres://u:hunter2@db:port/x"]
        {
            let error = url.parse::<PostgresAddress>().expect_err(url);
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
