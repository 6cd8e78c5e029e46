//! When the server has to stop.

use std::future::Future;

/// Listens for Ctrl-C and for a service manager's SIGTERM, from this call on: a signal that comes before the future
/// is awaited is not lost, nor does it end the process.
///
/// # Errors
/// The system has no room for a signal handler.
pub(crate) fn signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(async move {
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
        })
    }
    #[cfg(not(unix))]
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}
