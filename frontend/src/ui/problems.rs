//! What keeps the camera or the microphone from working, in plain words.

use leptos::prelude::*;
use maju_call::{MediaError, View};

use super::icons::{CLOSE, WARNING, icon};

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
}

/// The problems that there are. The same one with both devices is one problem.
pub(super) fn problems(view: &View) -> Vec<Problem> {
    match (&view.camera.problem, &view.microphone.problem) {
        (Some(camera), Some(microphone)) if camera == microphone => {
            vec![Problem {
                what: What::Both,
                error: camera.clone(),
            }]
        }
        (camera, microphone) => [(What::Camera, camera), (What::Microphone, microphone)]
            .into_iter()
            .filter_map(|(what, error)| error.clone().map(|error| Problem { what, error }))
            .collect(),
    }
}

impl Problem {
    /// What happened.
    fn title(&self) -> String {
        let what = match self.what {
            What::Both => "camera and microphone",
            What::Camera => "camera",
            What::Microphone => "microphone",
        };
        match &self.error {
            MediaError::Denied => format!("Your {what} may not be used"),
            MediaError::NotFound if self.what == What::Both => {
                "No camera and no microphone were found".to_owned()
            }
            MediaError::NotFound => format!("No {what} was found"),
            MediaError::Busy => format!("Your {what} cannot be opened"),
            MediaError::Overconstrained => format!("The chosen {what} is not there any more"),
            MediaError::Insecure => "This page was not opened over HTTPS".to_owned(),
            MediaError::Ended => format!("Your {what} stopped"),
            MediaError::Other(_) => format!("Your {what} did not start"),
        }
    }

    /// What to do about it.
    fn advice(&self) -> String {
        let it = if self.what == What::Both { "them" } else { "it" };
        match &self.error {
            MediaError::Denied => {
                format!("The browser or the system refused. Allow {it} in the browser's address bar; if nothing starts then, turn {it} on here.")
            }
            MediaError::NotFound => format!("Plug {it} in and turn {it} on here."),
            MediaError::Busy => {
                format!("Perhaps another program uses {it}. Close that program, then turn {it} on here.")
            }
            MediaError::Overconstrained => "Pick another one from the list, or plug it in again.".to_owned(),
            MediaError::Insecure => {
                "Browsers give out cameras and microphones only there. Ask whoever runs this server for an address that begins with https://. If that is you: on your own network, “maju --lan” makes one.".to_owned()
            }
            MediaError::Ended => {
                format!("Perhaps the plug came out. Plug {it} in again, or turn {it} on here to use another.")
            }
            MediaError::Other(words) => format!("The browser says: {words}. Turn {it} off and on to try again."),
        }
    }
}

/// Shows the problems as alerts. In a call they can be put away until something changes.
pub(super) fn problem_alerts(list: Memo<Vec<Problem>>, footnote: &'static str, can_dismiss: bool) -> AnyView {
    let dismissed = RwSignal::new(Vec::<Problem>::new());
    // A problem that went away and comes back is news again.
    Effect::new(move || {
        list.with(|list| dismissed.update(|dismissed| dismissed.retain(|old| list.contains(old))));
    });
    let shown = move || {
        list.get()
            .into_iter()
            .filter(|problem| dismissed.with(|dismissed| !dismissed.contains(problem)))
            .map(|problem| alert(problem, footnote, can_dismiss.then_some(dismissed)))
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
                aria-label="Dismiss"
                title="Dismiss"
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
            MediaError::NotFound,
            MediaError::Busy,
            MediaError::Overconstrained,
            MediaError::Insecure,
            MediaError::Ended,
            MediaError::Other("AbortError".to_owned()),
        ] {
            for what in [What::Both, What::Camera, What::Microphone] {
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
