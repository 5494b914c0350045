//! The entry of Maju's app.

use leptos::mount::mount_to;
use leptos::prelude::*;
use maju_frontend::{app::App, languages};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

fn main() {
    console_error_panic_hook::set_once();
    if let Some(place) = document().get_element_by_id("app") {
        let begin = move |spoken| {
            place.set_inner_html("");
            mount_to(place.unchecked_into(), || view! { <App spoken /> }).forget();
        };
        spawn_local(languages::start(begin));
    }
}
