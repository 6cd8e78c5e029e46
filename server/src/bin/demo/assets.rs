//! The page's files and the browser package, embedded (a debug build reads the files instead).

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::limits;

#[derive(RustEmbed)]
#[folder = "../www"]
#[exclude = "README.md"]
#[exclude = "media/*"]
#[allow_missing = true]
struct Www;

/// A file as it is sent.
pub(crate) struct Asset {
    pub(crate) content: Bytes,
    pub(crate) content_type: &'static str,
}

/// Answers GET and HEAD for a file of the page.
pub(crate) async fn serve(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if path.starts_with("api/") {
        return limits::not_found().await;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return ([(header::ALLOW, "GET,HEAD")], limits::method_not_allowed().await).into_response();
    }
    // The page is made of these for each visitor.
    match file(path).filter(|_| !path.starts_with("text/")) {
        Some(file) => {
            let content_type = content_type(path);
            let content = match file.data {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            };
            Asset { content, content_type }.answer(&request)
        }
        None if path.starts_with("pkg/") || path.starts_with("inspector/") => {
            let hint = "The browser package is not built. Run `cargo xtask wasm`, then reload.\n";
            (StatusCode::NOT_FOUND, hint).into_response()
        }
        None => missing(),
    }
}

/// A file of the page's folder.
pub(crate) fn file(path: &str) -> Option<EmbeddedFile> {
    Www::get(path)
}

pub(crate) fn missing() -> Response {
    (StatusCode::NOT_FOUND, "There is no such page.\n").into_response()
}

impl Asset {
    /// Browsers ask each time and get 304 when nothing has changed: a rebuilt package is seen at once.
    pub(crate) fn answer(self, request: &Request) -> Response {
        let hash = &Sha256::digest(&self.content)[..16];
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        // Weak: the same file is sent compressed, too.
        let etag = HeaderValue::try_from(format!("W/\"{hash}\"")).expect("hexadecimal digits");
        let known = request.headers().get_all(header::IF_NONE_MATCH).iter().any(|value| value == etag);
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Response::new(Body::from(self.content))
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::ETAG, etag);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }
}

/// Of the few kinds of files that there are.
fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" | "cjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        _ => "text/plain; charset=utf-8",
    }
}
