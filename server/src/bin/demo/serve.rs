//! Connections: how many there may be, how long a header may take, and how they end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

/// A client that takes longer for its first bytes, or then for its header, is hung up on.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How often a client that speaks HTTP/2 is asked whether it is still there, and how long its answer may take.
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIME: Duration = Duration::from_secs(10);
/// What HTTP/2 begins with (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Of what hyper holds before [`limits`](crate::limits) sees it; beyond it, hyper answers 431 by itself.
const MAX_BUFFER: usize = 64 * 1024;
/// Requests that are under way when the server stops.
const FAREWELL: Duration = Duration::from_secs(20);
/// After an error that is not one client's: no file descriptor is left, for one.
const BREATH: Duration = Duration::from_millis(100);

/// Serves until `stop` comes, then lets the requests under way end.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    stop: impl Future<Output = ()>,
) {
    let mut server = auto::Builder::new(TokioExecutor::new());
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME).max_buf_size(MAX_BUFFER);
    server.http2().timer(TokioTimer::new()).max_header_list_size(MAX_BUFFER as u32);
    server.http2().keep_alive_interval(PING_INTERVAL).keep_alive_timeout(PING_TIME);
    let (places, graceful) = (Arc::new(Semaphore::new(max_connections)), GracefulShutdown::new());
    let (serving, stopping) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!("a connection was not accepted: {error}");
                sleep(BREATH).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tokio::spawn(turn_away(stream));
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let (server, watcher, mut stopping) = (server.clone(), graceful.watcher(), stopping.clone());
        tokio::spawn(async move {
            let _place = place;
            let opened = tokio::select! {
                opened = timeout(HEADER_TIME, opened(stream)) => opened,
                _ = stopping.changed() => return,
            };
            let Ok(Ok(Some(stream))) = opened else { return };
            let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!("a connection ended early: {error}");
            }
        });
    }
    drop((listener, serving));
    if timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not end within {} seconds", FAREWELL.as_secs());
    }
}

/// The connection once it says which HTTP it speaks; `None`: it ends before. Hyper would wait for that without end.
async fn opened(stream: TcpStream) -> io::Result<Option<impl AsyncRead + AsyncWrite + Unpin>> {
    let (mut reading, writing) = stream.into_split();
    let mut said = Vec::with_capacity(512);
    while said.len() < PREFACE.len() && PREFACE.starts_with(&said) {
        if reading.read_buf(&mut said).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(tokio::io::join(io::Cursor::new(said).chain(reading), writing)))
}

/// Says why, without a place for the connection.
async fn turn_away(mut stream: TcpStream) {
    const BODY: &str = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"code":"overloaded","detail":"The server has as many connections as it takes."}"#;
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\nContent-Length: {}\r\n\
         Retry-After: 2\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{BODY}",
        BODY.len()
    );
    let goodbye = async {
        // A connection that is closed with bytes unread is reset, and the client would not see the answer.
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await;
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    };
    let _ = timeout(Duration::from_secs(1), goodbye).await;
}
