//! Parts of the app that are fetched when they are first wanted. Without the feature `split` they are in the app, and
//! there at once.

use leptos::prelude::*;

use super::{
    Face, call_log::call_log, chat::chat, panel::Panel, people::people, settings::settings, words::t,
};

/// A part of the app did not arrive.
pub struct Missing;

#[cfg(feature = "split")]
impl From<leptos::wasm_split::SplitLoaderError> for Missing {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// What a part shows, once it is there; until then nothing, and what to do if it does not come.
pub fn later<Part>(part: impl Fn() -> Part + Send + 'static) -> AnyView
where
    Part: Future<Output = Result<AnyView, Missing>> + Send + 'static,
{
    let tries = RwSignal::new(0_u32);
    (move || {
        tries.track();
        let part = part();
        Suspend::new(async move { part.await.unwrap_or_else(|Missing| missing(tries)) })
    })
    .into_any()
}

fn missing(tries: RwSignal<u32>) -> AnyView {
    view! {
        <div class="missing" role="alert">
            <p>{t("This part of the app could not be loaded.")}</p>
            <button class="button" type="button" on:click=move |_| tries.update(|tries| *tries += 1)>
                {t("Try again")}
            </button>
        </div>
    }
    .into_any()
}

/// Fetches what may be opened in a call, so that it opens at once, and opens without the server too.
pub(super) fn fetch_panels() {
    #[cfg(feature = "split")]
    leptos::task::spawn_local(async {
        // Whoever opens one is told.
        let _later = fetch().await;
    });
}

/// What is in a panel.
#[cfg(not(feature = "split"))]
pub(super) async fn panel(face: Face, panel: Panel) -> Result<AnyView, Missing> {
    Ok(content(face, panel))
}

/// What is in a panel.
#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(
    panels,
    wasm_split_path = leptos::wasm_split,
    preload(fetch),
    fallible
)]
pub(super) fn panel(face: Face, panel: Panel) -> Result<AnyView, Missing> {
    Ok(content(face, panel))
}

fn content(face: Face, panel: Panel) -> AnyView {
    match panel {
        Panel::Chat => chat(face, face.desk.draft),
        Panel::People => people(face),
        Panel::Settings => settings(face),
        Panel::CallLog => call_log(face),
    }
}
