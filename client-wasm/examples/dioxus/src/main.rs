//! A theme that is kept in a cookie, with Dioxus.

use std::rc::Rc;

use dioxus::prelude::*;
use twinjar_client::{CookieKey, Cookies};

/// The server reads the same declaration.
const THEME: CookieKey<String> = CookieKey::string("theme").max_age(31_536_000);

fn main() {
    dioxus::launch(ThemeSwitch);
}

#[component]
fn ThemeSwitch() -> Element {
    let mut theme = use_signal(stored_theme);
    let mut problem = use_signal(String::new);

    // Another tab or the server may change the cookie; the subscription lives as long as the component.
    let _subscription = use_hook(|| {
        let subscription = Cookies::of_page().and_then(|cookies| {
            cookies.subscribe(&THEME, move |changed| theme.set(changed.unwrap_or_default()))
        });
        Rc::new(subscription)
    });

    let switch = move |_| {
        let next = if theme() == "dark" { "light" } else { "dark" };
        let written =
            Cookies::of_page().map_err(Into::into).and_then(|cookies| cookies.set(&THEME, &next.to_owned()));
        match written {
            Ok(_) => theme.set(next.to_owned()),
            Err(error) => problem.set(error.to_string()),
        }
    };
    rsx! {
        button { onclick: switch, "The theme is {theme:?}. Switch it." }
        p { role: "alert", "{problem}" }
    }
}

fn stored_theme() -> String {
    let cookies = Cookies::of_page().ok();
    cookies.and_then(|cookies| cookies.get(&THEME).ok().flatten()).unwrap_or_default()
}
