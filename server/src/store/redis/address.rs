//! Where a Redis is, and how to get in.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};

/// One server, a cluster, or what a group of Sentinels looks after.
///
/// | | |
/// |---|---|
/// | `redis://[USER][:PASSWORD@]HOST[:PORT][/DATABASE]` | one server |
/// | `redis+cluster://[USER][:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]` | the cluster that these are some nodes of |
/// | `redis+sentinel://[USER][:PASSWORD@]HOST[:PORT][,HOST[:PORT]…]/MASTER[/DATABASE]` | the master of this name; Sentinels ask for no password |
///
/// With `rediss` for `redis`, connections are encrypted, and servers have to show a certificate that the system trusts
/// (or the one of [`RedisStoreBuilder::root_certificate`](super::RedisStoreBuilder::root_certificate)). `valkey` and
/// `valkeys` say the same.
///
/// ```
/// use twinjar_server::store::RedisAddress;
///
/// let address: RedisAddress = "redis://:hunter2@127.0.0.1/2".parse()?;
/// assert_eq!(address.to_string(), "redis://127.0.0.1:6379/2");
/// let address: RedisAddress = "rediss+cluster://alice:hunter2@a,b:7000".parse()?;
/// assert_eq!(address.to_string(), "rediss+cluster://a:6379,b:7000");
/// # Ok::<(), twinjar_server::store::InvalidRedisAddress>(())
/// ```
#[derive(Clone)]
pub struct RedisAddress {
    pub(crate) kind: Kind,
    /// At least one; all with the same settings.
    nodes: Vec<ConnectionInfo>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Server,
    Cluster,
    Sentinel { master: String },
}

const DEFAULT_SENTINEL_PORT: u16 = 26379;

impl RedisAddress {
    /// The server, or some servers to begin with.
    pub(super) fn nodes(&self) -> &[ConnectionInfo] {
        &self.nodes
    }

    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self.nodes[0].addr(), ConnectionAddr::TcpTls { .. })
    }
}

impl FromStr for RedisAddress {
    type Err = InvalidRedisAddress;

    fn from_str(url: &str) -> Result<Self, InvalidRedisAddress> {
        parse(url).ok_or(InvalidRedisAddress)
    }
}

fn parse(url: &str) -> Option<RedisAddress> {
    let (scheme, rest) = url.split_once("://")?;
    if rest.contains(['?', '#']) {
        return None;
    }
    let (scheme, kind) = scheme.split_once('+').unwrap_or((scheme, ""));
    let scheme = match scheme {
        "redis" | "valkey" => "redis",
        "rediss" | "valkeys" => "rediss",
        _ => return None,
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (kind, database) = match kind {
        "" => (Kind::Server, path),
        "cluster" if path.is_empty() => (Kind::Cluster, ""),
        "sentinel" => {
            let (master, database) = path.split_once('/').unwrap_or((path, ""));
            if master.is_empty() {
                return None;
            }
            (Kind::Sentinel { master: master.to_owned() }, database)
        }
        _ => return None,
    };
    let (credentials, hosts) = match authority.rsplit_once('@') {
        Some((credentials, hosts)) => (format!("{credentials}@"), hosts),
        None => (String::new(), authority),
    };
    if kind == Kind::Server && hosts.contains(',') {
        return None;
    }
    let node = |host: &str| {
        let port = match kind {
            Kind::Sentinel { .. } if !has_port(host) => format!(":{DEFAULT_SENTINEL_PORT}"),
            _ => String::new(),
        };
        let url = format!("{scheme}://{credentials}{host}{port}/{database}");
        url.into_connection_info().ok().filter(|_| !host.is_empty())
    };
    let nodes = hosts.split(',').map(node).collect::<Option<Vec<_>>>()?;
    Some(RedisAddress { kind, nodes })
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'))
}

impl PartialEq for RedisAddress {
    fn eq(&self, other: &Self) -> bool {
        let parts = |address: &Self| {
            let settings = address.nodes[0].redis_settings();
            let (user, password) = (settings.username(), settings.password());
            (address.to_string(), user.map(str::to_owned), password.map(str::to_owned))
        };
        parts(self) == parts(other)
    }
}

impl Eq for RedisAddress {}

impl fmt::Display for RedisAddress {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_encrypted() { "rediss" } else { "redis" })?;
        f.write_str(match self.kind {
            Kind::Server => "://",
            Kind::Cluster => "+cluster://",
            Kind::Sentinel { .. } => "+sentinel://",
        })?;
        for (index, node) in self.nodes.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            match node.addr() {
                ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                    let (open, close) = if host.contains(':') { ("[", "]") } else { ("", "") };
                    write!(f, "{comma}{open}{host}{close}:{port}")?;
                }
                _ => {}
            }
        }
        let database = self.nodes[0].redis_settings().db();
        match &self.kind {
            Kind::Server => write!(f, "/{database}"),
            Kind::Cluster => Ok(()),
            Kind::Sentinel { master } => write!(f, "/{master}/{database}"),
        }
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({self})")
    }
}

/// The text is no address of a Redis. It may hold a password, and is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidRedisAddress;

impl fmt::Display for InvalidRedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this is no address of a Redis; write redis://USER:PASSWORD@HOST:PORT/DATABASE, \
             redis+cluster://HOST:PORT,HOST:PORT or redis+sentinel://HOST:PORT/MASTER, with rediss for TLS",
        )
    }
}

impl std::error::Error for InvalidRedisAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_shown_whole_but_for_who_comes() {
        for (text, shown) in [
            ("redis://127.0.0.1", "redis://127.0.0.1:6379/0"),
            ("valkeys://alice:p%40ss@cache/3", "rediss://cache:6379/3"),
            ("redis://[::1]:7000", "redis://[::1]:7000/0"),
            ("redis+cluster://:x@a:1,b", "redis+cluster://a:1,b:6379"),
            ("valkeys+cluster://a", "rediss+cluster://a:6379"),
            ("redis+sentinel://a,[::1],b:2/main", "redis+sentinel://a:26379,[::1]:26379,b:2/main/0"),
            ("rediss+sentinel://x:y@a/main/4", "rediss+sentinel://a:26379/main/4"),
        ] {
            let address: RedisAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), shown, "{text}");
            assert_eq!(shown.parse::<RedisAddress>().expect(shown).to_string(), shown);
        }
        let address: RedisAddress = "redis+cluster://alice:p%40ss@a,b".parse().expect("valid");
        for node in address.nodes() {
            let settings = node.redis_settings();
            assert_eq!((settings.username(), settings.password()), (Some("alice"), Some("p@ss")));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "redis:",
            "redis://",
            "http://a",
            "redis+other://a",
            "redis://a,b",
            "redis://a/x",
            "redis://a:port",
            "redis+cluster://a/1",
            "redis+cluster://a,,b",
            "redis+sentinel://a",
            "redis+sentinel://a/",
            "redis+sentinel://a/main/x",
            "rediss://a#insecure",
            "redis://a?protocol=2",
            "unix:///a",
        ] {
            assert_eq!(text.parse::<RedisAddress>().err(), Some(InvalidRedisAddress), "{text}");
        }
    }
}
