//! Tells cargo that the demo server embeds the page.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_DEMO").is_some() {
        println!("cargo:rerun-if-changed=../www");
    }
}
