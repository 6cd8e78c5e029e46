//! A theme that is kept in a cookie, with Yew.

use twinjar_client::{CookieKey, Cookies};
use yew::prelude::*;

/// The server reads the same declaration.
const THEME: CookieKey<String> = CookieKey::string("theme").max_age(31_536_000);

fn main() {
    yew::Renderer::<ThemeSwitch>::new().render();
}

#[component]
fn ThemeSwitch() -> Html {
    let theme = use_state(stored_theme);
    let problem = use_state(String::new);

    // Another tab or the server may change the cookie; the subscription lives as long as the component.
    let shown = theme.clone();
    use_effect_with((), move |()| {
        let subscription = Cookies::of_page()
            .and_then(|cookies| cookies.subscribe(&THEME, move |theme| shown.set(theme.unwrap_or_default())));
        move || drop(subscription)
    });

    let switch = {
        let (theme, problem) = (theme.clone(), problem.clone());
        Callback::from(move |_: MouseEvent| {
            let next = if theme.as_str() == "dark" { "light" } else { "dark" };
            let written = Cookies::of_page()
                .map_err(Into::into)
                .and_then(|cookies| cookies.set(&THEME, &next.to_owned()));
            match written {
                Ok(_) => theme.set(next.to_owned()),
                Err(error) => problem.set(error.to_string()),
            }
        })
    };
    html! {
        <>
            <button onclick={switch}>{ format!("The theme is {:?}. Switch it.", *theme) }</button>
            <p role="alert">{ (*problem).clone() }</p>
        </>
    }
}

fn stored_theme() -> String {
    let cookies = Cookies::of_page().ok();
    cookies.and_then(|cookies| cookies.get(&THEME).ok().flatten()).unwrap_or_default()
}
