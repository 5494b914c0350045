//! The entry of Maju's app.

use leptos::mount::mount_to;
use leptos::prelude::*;
use maju_frontend::app::App;
use wasm_bindgen::JsCast;

fn main() {
    console_error_panic_hook::set_once();
    if let Some(place) = document().get_element_by_id("app") {
        place.set_inner_html("");
        mount_to(place.unchecked_into(), App).forget();
    }
}
