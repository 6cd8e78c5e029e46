//! A theme that is kept in a cookie, with Leptos.

use leptos::prelude::*;
use twinjar_client::{CookieKey, Cookies};

/// The server reads the same declaration.
const THEME: CookieKey<String> = CookieKey::string("theme").max_age(31_536_000);

fn main() {
    leptos::mount::mount_to_body(ThemeSwitch);
}

#[component]
fn ThemeSwitch() -> impl IntoView {
    let (theme, set_theme) = signal(stored_theme());
    let (problem, set_problem) = signal(String::new());

    // Another tab or the server may change the cookie; the subscription lives as long as the component.
    let subscription = Cookies::of_page()
        .and_then(|cookies| cookies.subscribe(&THEME, move |theme| set_theme.set(theme.unwrap_or_default())));
    let _subscription = StoredValue::new_local(subscription.ok());

    let switch = move |_| {
        let next = if theme.get() == "dark" { "light" } else { "dark" };
        let written =
            Cookies::of_page().map_err(Into::into).and_then(|cookies| cookies.set(&THEME, &next.to_owned()));
        match written {
            Ok(_) => set_theme.set(next.to_owned()),
            Err(error) => set_problem.set(error.to_string()),
        }
    };
    view! {
        <button on:click=switch>{move || format!("The theme is {:?}. Switch it.", theme.get())}</button>
        <p role="alert">{problem}</p>
    }
}

fn stored_theme() -> String {
    let cookies = Cookies::of_page().ok();
    cookies.and_then(|cookies| cookies.get(&THEME).ok().flatten()).unwrap_or_default()
}
