//! What keeps the camera or the microphone from working, in plain words.

use leptos::prelude::*;
use maju_call::{Kind, MediaError, View};

use super::{
    icons::{CLOSE, WARNING, icon},
    words::{fill, t},
};

/// One problem, and what it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    what: What,
    error: MediaError,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Both,
    Camera,
    Microphone,
    Screen,
}

/// What happened to a device, and what to do about it.
pub(super) fn words_of(kind: Kind, error: &MediaError) -> (&'static str, String) {
    let what = if kind == Kind::Camera {
        What::Camera
    } else {
        What::Microphone
    };
    let error = error.clone();
    let problem = Problem { what, error };
    (problem.title(), problem.advice())
}

/// The problems that there are. The same one with both devices is one problem.
pub(super) fn problems(view: &View) -> Vec<Problem> {
    let (camera, microphone) = (&view.camera.problem, &view.microphone.problem);
    let both = camera.is_some() && camera == microphone;
    [
        (What::Both, camera, both),
        (What::Camera, camera, !both),
        (What::Microphone, microphone, !both),
        (What::Screen, &view.screen.problem, true),
    ]
    .into_iter()
    .filter(|(_, _, counts)| *counts)
    .filter_map(|(what, error, _)| error.clone().map(|error| Problem { what, error }))
    .collect()
}

impl Problem {
    /// What happened.
    fn title(&self) -> &'static str {
        use MediaError as Error;
        match (&self.error, self.what) {
            (_, What::Screen) | (Error::Cancelled, _) => t("Your screen is not shared"),
            (Error::Denied, What::Both) => t("Your camera and microphone may not be used"),
            (Error::Denied, What::Camera) => t("Your camera may not be used"),
            (Error::Denied, What::Microphone) => t("Your microphone may not be used"),
            (Error::NotFound, What::Both) => t("No camera and no microphone were found"),
            (Error::NotFound, What::Camera) => t("No camera was found"),
            (Error::NotFound, What::Microphone) => t("No microphone was found"),
            (Error::Busy, What::Both) => t("Your camera and microphone cannot be opened"),
            (Error::Busy, What::Camera) => t("Your camera cannot be opened"),
            (Error::Busy, What::Microphone) => t("Your microphone cannot be opened"),
            (Error::Overconstrained, What::Both) => {
                t("The chosen camera and microphone are not there any more")
            }
            (Error::Overconstrained, What::Camera) => t("The chosen camera is not there any more"),
            (Error::Overconstrained, What::Microphone) => t("The chosen microphone is not there any more"),
            (Error::Insecure, _) => t("This page was not opened over HTTPS"),
            (Error::Ended, What::Both) => t("Your camera and microphone stopped"),
            (Error::Ended, What::Camera) => t("Your camera stopped"),
            (Error::Ended, What::Microphone) => t("Your microphone stopped"),
            (Error::Other(_), What::Both) => t("Your camera and microphone did not start"),
            (Error::Other(_), What::Camera) => t("Your camera did not start"),
            (Error::Other(_), What::Microphone) => t("Your microphone did not start"),
        }
    }

    /// What to do about it. The same words for every device, so that no language has to bend them.
    fn advice(&self) -> String {
        let words = match &self.error {
            MediaError::Other(words) if self.what == What::Screen => {
                return fill(
                    "The browser says: {words}. Try it once more.",
                    &[("words", words)],
                );
            }
            _ if self.what == What::Screen => t(
                "The browser or the system did not allow it. Allow it in the browser's address bar and, on a Mac, in the system's settings under “Screen recording”; then share again.",
            ),
            MediaError::Cancelled => t("Try it once more."),
            MediaError::Denied => t(
                "The browser or the system refused. Allow the use in the browser's address bar; if nothing starts then, turn it on here.",
            ),
            MediaError::NotFound => t("Plug one in, then turn it on here."),
            MediaError::Busy => {
                t("Perhaps another program uses it. Close that program, then turn it on here.")
            }
            MediaError::Overconstrained => t("Pick another one from the list, or plug it in again."),
            MediaError::Insecure => t(
                "Browsers give out cameras and microphones only there. Ask whoever runs this server for an address that begins with https://. If that is you: on your own network, “maju --lan” makes one.",
            ),
            MediaError::Ended => {
                t("Perhaps the plug came out. Plug it in again, or turn it on here to use another.")
            }
            MediaError::Other(words) => {
                return fill(
                    "The browser says: {words}. Turn it off and on to try again.",
                    &[("words", words)],
                );
            }
        };
        words.to_owned()
    }
}

/// Shows the problems as alerts. With a place for those that were put away, they can be, until something changes.
pub(super) fn problem_alerts(
    list: Memo<Vec<Problem>>,
    footnote: &'static str,
    dismissed: Option<RwSignal<Vec<Problem>>>,
) -> AnyView {
    let is_shown = move |problem: &Problem| {
        dismissed.is_none_or(|dismissed| dismissed.with(|dismissed| !dismissed.contains(problem)))
    };
    // A problem that went away and comes back is news again.
    Effect::new(move || {
        if let Some(dismissed) = dismissed {
            list.with(|list| dismissed.update(|dismissed| dismissed.retain(|old| list.contains(old))));
        }
    });
    let shown = move || {
        list.get()
            .into_iter()
            .filter(is_shown)
            .map(|problem| alert(problem, footnote, dismissed))
            .collect_view()
    };
    shown.into_any()
}

fn alert(problem: Problem, footnote: &'static str, dismissed: Option<RwSignal<Vec<Problem>>>) -> AnyView {
    let (title, advice) = (problem.title(), problem.advice());
    let dismiss = dismissed.map(|dismissed| {
        view! {
            <button
                class="button icon-only plain"
                type="button"
                aria-label=t("Dismiss")
                title=t("Dismiss")
                on:click=move |_| dismissed.update(|dismissed| dismissed.push(problem.clone()))
            >
                {icon(CLOSE)}
            </button>
        }
    });
    view! {
        <div class="notice" role="alert" data-tone="warning">
            {icon(WARNING)}
            <div class="notice-words">
                <p class="notice-title">{title}</p>
                <p>{advice} " " {footnote}</p>
            </div>
            {dismiss}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_says_what_happened_and_what_to_do() {
        for error in [
            MediaError::Denied,
            MediaError::Cancelled,
            MediaError::NotFound,
            MediaError::Busy,
            MediaError::Overconstrained,
            MediaError::Insecure,
            MediaError::Ended,
            MediaError::Other("AbortError".to_owned()),
        ] {
            for what in [What::Both, What::Camera, What::Microphone, What::Screen] {
                let problem = Problem {
                    what,
                    error: error.clone(),
                };
                assert!(!problem.title().is_empty());
                assert!(problem.advice().ends_with('.'), "{}", problem.advice());
            }
        }
    }
}
