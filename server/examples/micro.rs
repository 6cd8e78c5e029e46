//! Temporary.
use axum::{Router, body::Body, routing::get};
use tower_service::Service;
use twinjar_server::*;
async fn h(session: Session) -> String {
    println!("fut get {}", std::mem::size_of_val(&session.get::<i64>("n")));
    println!("update {}", std::mem::size_of_val(&session.update("n", |n: Option<i64>| n.unwrap_or(0) + 1)));
    println!("insert {}", std::mem::size_of_val(&session.insert("n", 1)));
    println!("save {}", std::mem::size_of_val(&session.save()));
    println!("destroy {}", std::mem::size_of_val(&session.destroy()));
    String::new()
}
#[tokio::main]
async fn main() {
    let l = SessionLayer::new(store::MemoryStore::new(), &Secrets::random());
    let mut app: Router = Router::new().route("/", get(h)).layer(l.clone());
    app.call(http::Request::new(Body::empty())).await.unwrap();
    let mut svc = tower_layer::Layer::layer(
        &l,
        tower::service_fn(|_r: http::Request<Body>| async {
            Ok::<_, std::convert::Infallible>(http::Response::new(Body::empty()))
        }),
    );
    println!("response future {}", std::mem::size_of_val(&svc.call(http::Request::new(Body::empty()))));
    println!("response {}", std::mem::size_of::<http::Response<Body>>());
    println!("record {}", std::mem::size_of::<store::Record>());
}
