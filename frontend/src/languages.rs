//! Has the app speak the person's language.

use std::pin::pin;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;

use crate::browser::{self, Typed};
use crate::ui::{LANGUAGES, Tongue, Words, knows, learn, speak};

/// How long, in milliseconds, the first page waits for its words before it comes in English.
const PATIENCE: u32 = 1500;

/// Learns the person's language, then calls `begin` with the signal of what is spoken. Words that come late change the page.
pub async fn start(begin: impl FnOnce(ArcRwSignal<usize>)) {
    let spoken = ArcRwSignal::new(0);
    let wanted = browser::wanted_language(&LANGUAGES.map(|(tag, _)| tag)).unwrap_or_default();
    let learning = pin!(fetch(wanted));
    match select(learning, TimeoutFuture::new(PATIENCE)).await {
        Either::Left((known, _)) => {
            if known {
                change(wanted, &spoken);
            }
            begin(spoken);
        }
        Either::Right((_, learning)) => {
            begin(spoken.clone());
            // Whoever chose another one meanwhile is not overruled.
            if learning.await && spoken.try_get_untracked() == Some(0) {
                change(wanted, &spoken);
            }
        }
    }
}

/// Lets the pages know what is spoken, and choose.
pub(crate) fn provide(spoken: ArcRwSignal<usize>) -> RwSignal<usize> {
    let shown = RwSignal::from(spoken.clone());
    let missing = RwSignal::new(false);
    let last = StoredValue::new(shown.get_untracked());
    let choose = Callback::new(move |wanted: usize| {
        last.set_value(wanted);
        missing.set(false);
        let spoken = spoken.clone();
        leptos::task::spawn_local(async move {
            let known = fetch(wanted).await;
            // Of two that were chosen one after the other, the second one counts.
            if last.try_get_value() != Some(wanted) {
                return;
            }
            missing.set(!known);
            if known {
                browser::keep_language(LANGUAGES[wanted].0);
                browser::drop_query("lang");
                change(wanted, &spoken);
            }
        });
    });
    provide_context(Tongue {
        spoken: shown,
        missing,
        choose,
    });
    shown
}

/// Brings the words of a language; false where they cannot be had.
async fn fetch(language: usize) -> bool {
    if !knows(language)
        && let Some(words) = browser::fetch_words(LANGUAGES[language].0).await
    {
        learn(language, Words::new(words, browser::plural_category));
    }
    knows(language)
}

/// The pages are built anew; what was typed into them and where the person is in them stays.
fn change(language: usize, spoken: &ArcRwSignal<usize>) {
    let typed = Typed::take();
    speak(language);
    browser::set_language(LANGUAGES[language].0);
    spoken.set(language);
    // After everything that follows from it, which happens before the browser does anything else.
    set_timeout(move || typed.put_back(), std::time::Duration::ZERO);
}
