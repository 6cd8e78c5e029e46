//! Sessions behind a WebSocket: read and written for as long as the connection lives, long after the headers have left.

mod common;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use common::{Visitor, routes};
use futures_util::{SinkExt, StreamExt};
use http::header;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message as Frame};
use twinjar_server::store::MemoryStore;
use twinjar_server::{Secrets, Session, SessionError, SessionLayer};

/// Counts in the session before the upgrade, and with each message after it.
async fn upgrade(session: Session, socket: WebSocketUpgrade) -> Result<Response, SessionError> {
    session.update("opened", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
    Ok(socket.on_upgrade(|socket| talk(session, socket)))
}

/// Leaves the session alone until a message comes.
async fn listen(session: Session, socket: WebSocketUpgrade) -> Response {
    socket.on_upgrade(|socket| talk(session, socket))
}

async fn talk(session: Session, mut socket: WebSocket) {
    while let Some(Ok(Message::Text(word))) = socket.recv().await {
        let answer = match word.as_str() {
            "count" => {
                session.update("messages", |n: Option<u32>| n.unwrap_or(0) + 1).await.map(|n| n.to_string())
            }
            "reload" => session.reload().await.map(|()| "reloaded".to_owned()),
            "read" => session.get::<String>("word").await.map(Option::unwrap_or_default),
            _ => Ok("?".to_owned()),
        };
        let text = answer.unwrap_or_else(|error| format!("error: {error}"));
        if socket.send(Message::text(text)).await.is_err() {
            return;
        }
    }
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

struct Server {
    router: Router,
    address: std::net::SocketAddr,
}

impl Server {
    async fn start() -> Self {
        let secrets = Secrets::new([common::SECRET]).expect("long enough");
        let sessions = SessionLayer::new(MemoryStore::new(), &secrets);
        let router = routes().route("/ws", get(upgrade)).route("/listen", get(listen)).layer(sessions);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let served = router.clone();
        tokio::spawn(async move { axum::serve(listener, served).await });
        Self { router, address }
    }

    async fn connect(
        &self,
        path: &str,
        visitor: &Visitor,
    ) -> (Socket, tungstenite::handshake::client::Response) {
        let url = format!("ws://{}{path}", self.address);
        let mut request = url.into_client_request().expect("a request");
        let pairs: Vec<_> = visitor.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !pairs.is_empty() {
            request.headers_mut().insert(header::COOKIE, pairs.join("; ").parse().expect("ASCII"));
        }
        tokio_tungstenite::connect_async(request).await.expect("an upgrade")
    }
}

async fn ask(socket: &mut Socket, word: &str) -> String {
    socket.send(Frame::text(word)).await.expect("a connection");
    let answer = socket.next().await.expect("a connection").expect("an answer");
    answer.into_text().expect("text").to_string()
}

#[tokio::test]
async fn a_socket_writes_to_its_session_at_once() {
    let server = Server::start().await;
    let mut visitor = Visitor::new(&server.router);
    visitor.post("/set/word/plum").await;
    let (mut socket, response) = server.connect("/ws", &visitor).await;
    assert_eq!(response.status(), 101);
    assert_eq!(visitor.get("/data").await.text, r#"{"word":"plum","opened":1}"#, "committed before the 101");
    assert_eq!(ask(&mut socket, "count").await, "1");
    assert_eq!(ask(&mut socket, "count").await, "2");
    assert_eq!(visitor.get("/data").await.text, r#"{"word":"plum","opened":1,"messages":2}"#);
}

#[tokio::test]
async fn a_socket_sees_what_others_write_after_a_reload() {
    let server = Server::start().await;
    let mut visitor = Visitor::new(&server.router);
    visitor.post("/set/word/plum").await;
    let (mut socket, _) = server.connect("/ws", &visitor).await;
    visitor.post("/set/word/pear").await;
    assert_eq!(ask(&mut socket, "reload").await, "reloaded");
    assert_eq!(ask(&mut socket, "read").await, "pear");
    visitor.post("/destroy").await;
    assert!(ask(&mut socket, "count").await.starts_with("error: "), "a destroyed session was written to");
    assert_eq!(ask(&mut socket, "read").await, "", "the end is not the connection's");
}

#[tokio::test]
async fn an_upgrade_sets_the_cookie_of_a_session_that_begins_with_it() {
    let server = Server::start().await;
    let (mut socket, response) = server.connect("/ws", &Visitor::new(&server.router)).await;
    let line = response.headers()[header::SET_COOKIE].to_str().expect("ASCII");
    assert!(line.starts_with("__Host-id=") && line.contains("; HttpOnly"), "{line}");
    assert_eq!(ask(&mut socket, "count").await, "1");
}

#[tokio::test]
async fn a_session_cannot_begin_after_the_headers_have_left() {
    let server = Server::start().await;
    let (mut socket, response) = server.connect("/listen", &Visitor::new(&server.router)).await;
    assert!(!response.headers().contains_key(header::SET_COOKIE), "nobody has asked for a session");
    assert!(ask(&mut socket, "count").await.starts_with("error: "), "no cookie could lead to this session");
    assert_eq!(ask(&mut socket, "read").await, "", "the connection lives on");
}
