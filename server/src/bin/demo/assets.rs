//! The page and the browser package, embedded (a debug build reads the files instead).

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../www"]
#[exclude = "README.md"]
#[exclude = "media/*"]
#[allow_missing = true]
struct Www;

/// Answers GET and HEAD for a file of the page; `/` is `index.html`.
pub(crate) async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    match Www::get(path) {
        Some(file) => answer(&request, file),
        None if path.starts_with("pkg/") => {
            let hint = "The browser package is not built. Run `cargo xtask wasm`, then reload.\n";
            (StatusCode::NOT_FOUND, hint).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no such page.\n").into_response(),
    }
}

/// Browsers ask each time and get 304 when nothing has changed: a rebuilt package is seen at once.
fn answer(request: &Request, file: EmbeddedFile) -> Response {
    let hash: String = file.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let etag = HeaderValue::try_from(format!("\"{hash}\"")).expect("hexadecimal digits");
    let known = request.headers().get_all(header::IF_NONE_MATCH).iter().any(|value| value == etag);
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Response::new(Body::from(file.data)) };
    let headers = response.headers_mut();
    if let Ok(content_type) = HeaderValue::from_str(file.metadata.mimetype()) {
        headers.insert(header::CONTENT_TYPE, content_type);
    }
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
