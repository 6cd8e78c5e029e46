//! The session API in OpenAPI 3.1, written by the routes themselves.
//!
//! Each handler names the problem codes that it answers with; what all of them share is added here: what the store, the
//! CSRF guard and the limits of a server refuse.

use std::collections::{BTreeMap, BTreeSet};

use twinjar_shared::session::{Device, Problem, ProblemCode, Revoked, SessionView};
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{
    ContentBuilder, Info, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
};
use utoipa::{IntoParams, OpenApi as _, ToSchema};

use super::SessionApi;

/// Where handlers say which problems they answer with.
const CODES: &str = "x-codes";

/// What every route may answer.
const ALWAYS: &[ProblemCode] = &[
    ProblemCode::HeaderTooLarge,
    ProblemCode::TooManyRequests,
    ProblemCode::InternalError,
    ProblemCode::Overloaded,
    ProblemCode::StoreUnavailable,
];

/// What every route that changes something may answer.
const WRITES: &[ProblemCode] = &[
    ProblemCode::MalformedRequest,
    ProblemCode::CrossSiteRequest,
    ProblemCode::CsrfTokenInvalid,
    ProblemCode::RequestTimeout,
    ProblemCode::SessionGone,
    ProblemCode::ValueTooLarge,
];

#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        super::view::get,
        super::view::destroy,
        super::view::rotate,
        super::values::get,
        super::values::put,
        super::values::delete,
        super::patch::patch,
        super::events::stream,
        super::devices::list,
        super::devices::revoke,
        super::devices::revoke_others,
    ),
    components(schemas(SessionView, Device, Revoked, Problem, ProblemCode, PatchOperation))
)]
struct Routes;

/// The value that a request is about.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "its schema is read, not its fields")]
pub(super) struct KeyParam {
    /// The value's name.
    key: String,
}

/// What a write asks of the session.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "its schema is read, not its fields")]
pub(super) struct IfMatch {
    /// The revision that the session must have, in double quotes; `*`: that there is a session.
    #[param(rename = "If-Match", required = false, pattern = r#"^("[0-9]{1,18}"|\*)$"#)]
    if_match: String,
}

/// What a page that listens has seen of the session.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is read, not its fields")]
pub(super) struct KnownRevision {
    /// The revision that the page knows. Where it is not the session's, the stream begins with `changed`.
    #[param(required = false)]
    revision: String,
}

/// A step of a JSON patch (RFC 6902).
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema is read, not its fields")]
pub(super) struct PatchOperation {
    op: PatchKind,
    /// A JSON pointer (RFC 6901): `/key`, or deeper.
    path: String,
    /// Where a `move` or `copy` takes from.
    from: Option<String>,
    value: Option<serde_json::Value>,
}

#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "its schema is read, not its variants")]
enum PatchKind {
    Add,
    Remove,
    Replace,
    Move,
    Copy,
    Test,
}

impl SessionApi {
    /// The routes, when they are nested at `prefix` (`/api/session`), with the problems that a
    /// [`CsrfLayer`](crate::CsrfLayer) before them answers with.
    ///
    /// ```
    /// use twinjar_server::{SessionApi, SessionKey};
    ///
    /// const CART: SessionKey<Vec<u64>> = SessionKey::new("cart");
    ///
    /// let description = SessionApi::new().read_write(CART).openapi("/api/session").to_json()?;
    /// assert!(description.contains(r#""/api/session/data/{key}""#));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn openapi(&self, prefix: &str) -> OpenApi {
        let mut api = Routes::openapi();
        api.info = Info::new("The session API", env!("CARGO_PKG_VERSION"));
        api.paths.paths = std::mem::take(&mut api.paths.paths)
            .into_iter()
            .map(|(path, item)| (format!("{prefix}{path}"), item))
            .collect();
        self.name_keys(&mut api);
        describe_problems(&mut api);
        api
    }

    fn name_keys(&self, api: &mut OpenApi) {
        let items = api.paths.paths.values_mut().flat_map(operations);
        let parameters = items.filter_map(|(_, operation)| operation.parameters.as_mut()).flatten();
        for parameter in parameters {
            let RefOr::T(parameter) = parameter else { continue };
            if let ("key", Some(RefOr::T(Schema::Object(schema)))) =
                (parameter.name.as_str(), &mut parameter.schema)
            {
                schema.enum_values = Some(self.keys().map(Into::into).collect());
            }
        }
    }
}

/// Replaces the extension `x-codes` of each operation, a list of the [codes](ProblemCode) that it answers with, by the
/// responses that they come in, and adds those that every operation has. For an application's own routes beside the
/// session API.
pub fn describe_problems(api: &mut OpenApi) {
    for item in api.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            let own = operation.extensions.as_mut().and_then(|extensions| extensions.remove(CODES));
            let own = own.as_ref().and_then(serde_json::Value::as_array).into_iter().flatten();
            let own = own.filter_map(serde_json::Value::as_str).map(ProblemCode::of);
            let shared = if method == HttpMethod::Get { &[] } else { WRITES };
            if method != HttpMethod::Get {
                operation.parameters.get_or_insert_default().push(RefOr::T(csrf_token()));
            }
            let mut by_status = BTreeMap::<u16, BTreeSet<&str>>::new();
            for code in own.chain(shared.iter().copied()).chain(ALWAYS.iter().copied()) {
                by_status.entry(code.status()).or_default().insert(code.as_str());
            }
            for (status, codes) in by_status {
                operation.responses.responses.insert(status.to_string(), RefOr::T(problem(&codes)));
            }
        }
    }
}

fn csrf_token() -> Parameter {
    ParameterBuilder::new()
        .name("X-CSRF-Token")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The session's token, once there is a session; the companion cookie tells it."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn problem(codes: &BTreeSet<&str>) -> Response {
    let words = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(words).content(Problem::MEDIA_TYPE, content).build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
