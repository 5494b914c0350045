//! The first page.

use leptos::prelude::*;
use maju_call::check_room;

use super::{
    check::test_link,
    field::Field,
    focus::heading,
    icons::{AGAIN, ARROW, icon, mark},
    language::language_select,
    refusals::bad_room_name,
    words::t,
};

/// The first page: names a room.
#[component]
pub fn Home(
    /// Goes to the room of that name.
    enter: Callback<String>,
    /// Makes up a name that nobody can guess.
    suggest: Callback<(), String>,
    /// Brings a text into Unicode's normal form C.
    normalize: Callback<String, String>,
    /// Whether the person comes from another page of the app.
    came: bool,
) -> impl IntoView {
    let offered = RwSignal::new(suggest.run(()));
    let name = Field::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = normalize.run(name.text());
        match check_room(&text) {
            Ok(room) => enter.run(room.to_owned()),
            Err(error) => name.refuse(bad_room_name(error)),
        }
    };
    let take = move |_| name.fill(offered.get_untracked());
    view! {
        <main class="home">
            <header class="home-brand">{mark()} <span>"Maju"</span> {language_select()}</header>
            <section class="home-words">
                {heading(came, t("Open a link, see each other."))}
                <p class="lead">{t("Name a room and send its address to whomever you want to meet.")}</p>
                <form class="card home-form" on:submit=submit novalidate>
                    {name.view("room-name", t("Room name"), "off", || {})}
                    <button class="button primary wide" type="submit">{t("Enter room")} {icon(ARROW)}</button>
                    <div class="home-offer">
                        <p>
                            {t("A name nobody can guess:")} " " <strong>{offered}</strong>
                        </p>
                        <div class="home-offer-buttons">
                            <button class="button small" type="button" on:click=take>{t("Use it")}</button>
                            <button
                                class="button icon-only plain"
                                type="button"
                                aria-label=t("Another name")
                                title=t("Another name")
                                on:click=move |_| offered.set(suggest.run(()))
                            >
                                {icon(AGAIN)}
                            </button>
                        </div>
                    </div>
                </form>
                <p class="fine">
                    {t("No account. Picture, sound and chat go straight from browser to browser; the server only introduces you.")}
                </p>
                <p>{test_link()}</p>
            </section>
            {picture()}
        </main>
    }
}

/// Two who face each other.
fn picture() -> AnyView {
    view! {
        <svg class="home-picture" viewBox="0 0 480 480" aria-hidden="true" focusable="false">
            <path class="mark-left" d="M226 60v300a150 150 0 0 1 0-300z"></path>
            <path class="mark-right" d="M254 120v300a150 150 0 0 0 0-300z"></path>
            <circle class="picture-eye" cx="180" cy="182" r="13"></circle>
            <circle class="picture-eye" cx="300" cy="242" r="13"></circle>
            <path class="picture-mouth" d="M226 268a44 44 0 0 1-38 6"></path>
            <path class="picture-mouth" d="M254 328a44 44 0 0 0 38 6"></path>
        </svg>
    }
    .into_any()
}
