//! `GET /`: the page in the visitor's language and colours, made of `www/index.html` and one file of `www/text/`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, header};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::assets::{self, Asset};
use crate::preferences::Preferences;

/// A file of `www/text/`.
#[derive(Deserialize)]
struct Texts {
    /// For the places `{{name}}` of the HTML file; these may be HTML themselves.
    page: BTreeMap<String, String>,
    /// For the scripts, as it is.
    live: Box<RawValue>,
}

/// The page; what it was made for decides about caches, too.
pub(crate) async fn serve(State(cookie): State<&'static str>, request: Request) -> Response {
    let preferences = Preferences::of(request.headers());
    let Some(html) = render(preferences, cookie) else {
        return assets::missing();
    };
    let page = Asset { content: Bytes::from(html), content_type: "text/html; charset=utf-8" };
    let mut response = page.answer(&request);
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Cookie, Accept-Language"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(preferences.language.tag()));
    response
}

/// `cookie` is the one that carries the secret id.
fn render(Preferences { language, theme }: Preferences, cookie: &str) -> Option<String> {
    let template = text_file("index.html")?;
    let texts = text_file(&format!("text/{}.json", language.tag()))?;
    let Texts { page, live } = serde_json::from_str(&texts).ok()?;
    let data_theme = theme.map(|theme| format!(" data-theme=\"{}\"", theme.word())).unwrap_or_default();
    let live = live.get().replace('<', "\\u003c");
    Some(fill(&template, |name| match name {
        "language" => Some(language.tag()),
        "data-theme" => Some(&data_theme),
        "sealed-cookie" => Some(cookie),
        "live" => Some(&live),
        _ => page.get(name).map(String::as_str),
    }))
}

/// Puts texts in the places `{{name}}`; a place without a text stays as it is.
fn fill<'a>(template: &'a str, text: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once("}}") else {
            rest = after;
            break;
        };
        match text(name) {
            Some(text) => filled.push_str(text),
            None => filled.extend(["{{", name, "}}"]),
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

fn text_file(path: &str) -> Option<String> {
    let content = match assets::file(path)?.data {
        Cow::Borrowed(bytes) => bytes.to_vec(),
        Cow::Owned(bytes) => bytes,
    };
    String::from_utf8(content).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::preferences::Language;

    fn texts(language: Language) -> Value {
        let text = text_file(&format!("text/{}.json", language.tag())).expect("each language has a file");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", language.tag()))
    }

    /// The path of every text, with the values that it has places for.
    fn outline(value: &Value, path: &str, into: &mut BTreeSet<String>) {
        match value {
            // Languages differ in how many plural forms they have.
            Value::Object(forms) if forms.contains_key("other") => outline(&forms["other"], path, into),
            Value::Object(members) => {
                for (name, member) in members {
                    outline(member, &format!("{path}/{name}"), into);
                }
            }
            Value::String(text) => {
                let mut places: Vec<_> =
                    text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
                places.sort_unstable();
                places.dedup();
                into.insert(format!("{path} {places:?}"));
            }
            other => panic!("{path} is {other}"),
        }
    }

    #[test]
    fn every_language_has_the_same_texts() {
        let outlines = Language::ALL.map(|language| {
            let mut outlined = BTreeSet::new();
            let mut texts = texts(language);
            // English needs none: the package and the server speak it.
            texts["live"].as_object_mut().expect("an object").remove("reason");
            outline(&texts, "", &mut outlined);
            outlined
        });
        for other in &outlines[1..] {
            assert_eq!(other.symmetric_difference(&outlines[0]).collect::<Vec<_>>(), Vec::<&String>::new());
        }
    }

    #[test]
    fn every_place_has_a_text_and_every_text_a_place() {
        let template = text_file("index.html").expect("the page is there");
        for language in Language::ALL {
            let page = render(Preferences { language, theme: None }, "id").expect("a page");
            assert!(!page.contains("{{"), "{:?}", page.split("{{").nth(1).map(|rest| rest.get(..40)));
            assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
            for (name, text) in texts(language)["page"].as_object().expect("an object") {
                assert!(template.contains(&format!("{{{{{name}}}}}")), "{name} has no place");
                // It may stand in an attribute.
                assert!(!text.as_str().expect("a text").contains('"'), "{name}");
            }
        }
    }

    #[test]
    fn every_reason_is_given_in_every_language() {
        use twinjar_shared::policy::{Note, Refusal, Rule, UrlError};
        use twinjar_shared::session::ProblemCode;
        let mut codes: Vec<String> = Rule::ALL.iter().map(|rule| format!("rule_{rule:?}")).collect();
        codes.extend(Refusal::ALL.iter().map(|reason| reason.code().to_owned()));
        codes.extend(Note::ALL.iter().map(|reason| reason.code().to_owned()));
        codes.extend(UrlError::ALL.iter().map(|reason| reason.code().to_owned()));
        let problems = ProblemCode::ALL.iter().filter(|&&code| code != ProblemCode::Unknown);
        codes.extend(problems.map(|code| code.as_str().to_owned()));
        for language in [Language::German, Language::Korean] {
            let texts = texts(language);
            let missing: Vec<_> =
                codes.iter().filter(|code| !texts["live"]["reason"][code].is_string()).collect();
            assert!(missing.is_empty(), "{}: {missing:?}", language.tag());
        }
    }

    #[test]
    fn a_place_is_filled_once() {
        let text = |name: &str| (name == "a").then_some("{{b}}");
        assert_eq!(fill("1{{a}}2{{c}}3{{", text), "1{{b}}2{{c}}3");
    }
}
