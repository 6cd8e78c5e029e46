//! What the demo server can be told.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Parser, Subcommand};
use twinjar_server::store::{InvalidStoreUrl, StoreUrl};

/// The twinjar demo: a page with two jars, and the server behind it.
///
/// It serves the page at /, the session API at /api/session with its description at /openapi.json, and for the
/// operator /healthz (the process is up), /readyz (the store answers) and /metrics (for Prometheus). Every flag has a
/// twin in the environment, which counts where the flag is not given. `RUST_LOG` chooses what is logged (`warn`, `info`,
/// `twinjar_server=debug`); colours are for terminals, unless `NO_COLOR` is set. Ctrl-C and SIGTERM let requests under
/// way end, for up to 20 seconds.
#[derive(Debug, Parser)]
#[command(name = "twinjar-server", version, after_help = after_help(), after_long_help = after_long_help())]
pub(crate) struct Options {
    /// The address to listen on.
    #[arg(long, env = "TWINJAR_LISTEN", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// Where sessions are kept: `sqlite:PATH` (with `?near_cache=off`, nothing is
    /// kept in memory beside), `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]` (also `rediss`,
    /// `redis+cluster`, `redis+sentinel`, and `?near_cache=on`),
    /// `postgres://[USER:PASSWORD@]HOST[:PORT]/DATABASE`, or `memory` (they end with the server). Without it, a SQLite file in the user's data folder.
    #[arg(long, global = true, env = "TWINJAR_STORE", hide_env_values = true, value_name = "URL", value_parser = store)]
    pub(crate) store: Option<StoreChoice>,

    /// A file with the secrets that sign session ids, one a line, at least 32 bytes each: the first signs, all
    /// verify. Without it, one is made and kept beside the database (PATH.secret) or, for a server's store, in the user's
    /// data folder, readable for its owner alone. Servers that share sessions share their secrets.
    #[arg(long, env = "TWINJAR_SECRET_FILE", value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,

    /// Ends a session that has not been used for so long (30m, 90s, 12h, 7d).
    #[arg(long, env = "TWINJAR_IDLE", default_value = "30m", value_name = "TIME", value_parser = duration)]
    pub(crate) idle: Duration,

    /// Ends a session so long after it began, used or not; 12h where it is not given.
    #[arg(long, env = "TWINJAR_ABSOLUTE", value_name = "TIME", value_parser = duration)]
    pub(crate) absolute: Option<Duration>,

    /// Serves /metrics at this address alone, and not where everybody can read it.
    #[arg(long, env = "TWINJAR_METRICS_LISTEN", value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,

    /// How many connections there may be at a time, event streams included. One more is answered 503.
    #[arg(long, env = "TWINJAR_MAX_CONNECTIONS", default_value = "16384", value_name = "NUMBER",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_connections: u32,

    /// Believes X-Forwarded-Proto. Only behind a proxy of one's own that sets it.
    #[arg(long, env = "TWINJAR_TRUST_PROXY", value_parser = BoolishValueParser::new())]
    pub(crate) trust_proxy: bool,

    /// Shares the sessions of an Express application: its cookie `connect.sid`, and its records, as connect-redis keeps
    /// them in the Redis of --store or connect-pg-simple in its PostgreSQL. --secret-file has the application's secrets,
    /// however short. Express' format has no room for --absolute, for the list of devices and for event streams.
    #[arg(long, env = "TWINJAR_EXPRESS_COMPAT", value_parser = BoolishValueParser::new())]
    pub(crate) express_compat: bool,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What there is to do other than to serve.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Looks after the store of sessions.
    Store {
        #[command(subcommand)]
        command: crate::maintenance::Command,
    },
}

fn after_help() -> String {
    format!("{}\n\n--help says more, with examples.", crate::accounts::help())
}

fn after_long_help() -> String {
    const EXAMPLES: &str = "\
Examples:
  Try it; sessions end with the server:
    twinjar-server --store memory
  One machine, sessions in a file, behind a proxy that ends TLS:
    twinjar-server --store sqlite:/var/lib/twinjar/sessions.sqlite --trust-proxy --metrics-listen 127.0.0.1:9100
  Several machines with one store and the same secrets:
    TWINJAR_STORE=rediss://user:password@redis.example/0 twinjar-server --secret-file /etc/twinjar/secrets
  Beside an Express application, on the Redis that connect-redis uses:
    twinjar-server --express-compat --store redis://127.0.0.1:6379/ --secret-file express.secret
  New secrets without ending a session: put a new line before the old one in the file, restart, and remove the old
  line when --absolute has passed:
    openssl rand -hex 32
";
    format!("{EXAMPLES}\n{}", crate::accounts::help())
}

/// Judged later: what clap refuses, it repeats, and a URL may hold a password.
pub(crate) type StoreChoice = Result<StoreUrl, InvalidStoreUrl>;

fn store(text: &str) -> Result<StoreChoice, std::convert::Infallible> {
    Ok(text.parse())
}

/// A number and a unit: `90s`, `30m`, `12h`, `7d`.
fn duration(text: &str) -> Result<Duration, String> {
    const ADVICE: &str = "write a number and a unit: 90s, 30m, 12h or 7d";
    let unit = text.chars().last().ok_or(ADVICE)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(ADVICE.to_owned()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| ADVICE)?;
    let total = number.checked_mul(seconds).filter(|&total| total > 0).ok_or(ADVICE)?;
    Ok(Duration::from_secs(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_numbers_with_units() {
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("12h", 43_200), ("7d", 604_800)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "30", "0s", "-1m", "1.5h", "5ü", "99999999999999999999d"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
