//! The page on which devices and network are tested before a call.

use leptos::{html, prelude::*};
use maju_call::{
    Kind, MediaError,
    check::{Echo, Finding, Findings, Grade, MAX_RELAYS, Network, Part, Way},
};
use web_sys::HtmlVideoElement;

use super::{
    Clip,
    devices::meter,
    each::memo,
    focus::heading,
    icons::{CHECK, CLOSE, INFO, WARNING, icon, mark},
    language::language_select,
    notices::cannot_call,
    problems::words_of,
    text::status,
    words::{fill, t},
};

/// What a person does on the page.
pub enum Try {
    /// Has everything tested; the camera's picture is to be shown in that element.
    All(HtmlVideoElement),
    /// Wants to hear a sound.
    Tone,
    /// Heard it, or did not.
    Heard(bool),
    /// Wants to hear what the microphone hears.
    Echo,
}

/// Tests devices and network. `came` tells whether the person comes from another page of the app.
pub fn check(
    findings: ReadSignal<Findings>,
    level: ReadSignal<f64>,
    act: Callback<Try>,
    copy: Callback<Clip>,
    came: bool,
) -> AnyView {
    let video = NodeRef::<html::Video>::new();
    let unbegun = is(findings, |all| all.server == Finding::Untried);
    let unseen = is(findings, |all| {
        matches!(all.camera, Finding::Untried | Finding::Refused(_))
    });
    let unheard = is(findings, |all| {
        matches!(
            all.microphone,
            Finding::Untried | Finding::Trying | Finding::Refused(_)
        )
    });
    let unasked = is(findings, |all| all.speaker != Finding::Asking);
    let start = move || {
        if let Some(video) = video.get_untracked() {
            act.run(Try::All(video));
        }
    };
    let start_words = text(
        findings,
        Box::new(|all| {
            let words = match all.server {
                Finding::Untried => t("Start the test"),
                _ => t("Test again"),
            };
            words.to_owned()
        }),
    );
    let echo_words = text(
        findings,
        Box::new(|all| {
            let words = match all.echo {
                Echo::Idle => t("Record and play back"),
                Echo::Recording => t("Recording: say something"),
                Echo::Playing => t("Playing back"),
            };
            words.to_owned()
        }),
    );
    let picture =
        view! { <video node_ref=video class="check-picture" playsinline prop:muted=true></video> }.into_any();
    let start = button("primary", start_words.into_any(), Box::new(start));
    let echo = button(
        "small",
        echo_words.into_any(),
        Box::new(move || act.run(Try::Echo)),
    );
    let tone = button(
        "small",
        t("Play a sound").into_any(),
        Box::new(move || act.run(Try::Tone)),
    );
    let answer = move |words: &'static str, heard| {
        button(
            "small",
            words.into_any(),
            Box::new(move || act.run(Try::Heard(heard))),
        )
    };
    let answers = row(vec![answer(t("Yes"), true), answer(t("No"), false)]);
    let lead = t("Camera, microphone, speaker and your way to the others. Nobody sees or hears you here.");
    let mut ways = vec![line(findings, Part::Server), line(findings, Part::Stun)];
    ways.extend((0..MAX_RELAYS).map(|index| line(findings, Part::Relay(index))));
    let judged = text(findings, Box::new(|all| network_words(all).to_owned()));
    let network = vec![
        block("", None, None, ways),
        status("check-network", judged.into()),
    ];
    // In other words the page is built anew, and a test that goes on would be lost.
    let languages = move || unbegun.get().then(language_select);
    let parts = vec![
        view! {
            <header class="check-head">{mark()} {heading(came, t("Test your devices"))} {languages}</header>
        }
        .into_any(),
        block("lead", None, None, vec![lead.into_any()]),
        row(vec![start, link("/".to_owned(), t("To the start"))]),
        card(
            t("Camera"),
            vec![
                line(findings, Part::Camera),
                block("", None, Some(unseen), vec![picture]),
            ],
        ),
        card(
            t("Microphone"),
            vec![
                line(findings, Part::Microphone),
                block("", None, Some(unheard), vec![meter(level)]),
                block("", None, Some(unheard), vec![row(vec![echo])]),
            ],
        ),
        card(
            t("Speaker"),
            vec![
                line(findings, Part::Speaker),
                row(vec![tone, block("", None, Some(unasked), vec![answers])]),
            ],
        ),
        card(t("Network"), network),
        block("check-result", None, Some(unbegun), vec![summary(findings, copy)]),
    ];
    view! { <main class="check">{parts}</main> }.into_any()
}

/// A way to the page from others; with the token, where the address has one.
pub(super) fn test_link() -> AnyView {
    let hash = window().location().hash().unwrap_or_default();
    link(["/test", &hash].concat(), t("Test your devices"))
}

pub(super) fn link(to: String, words: &'static str) -> AnyView {
    view! {
        <a class="link" href=to>
            {words}
        </a>
    }
    .into_any()
}

// One function for each kind of element and of memo: every other type of view or closure makes the page bigger.

fn is(findings: ReadSignal<Findings>, so: fn(&Findings) -> bool) -> Memo<bool> {
    memo(move || findings.with(so))
}

fn text(findings: ReadSignal<Findings>, words: Words) -> Memo<String> {
    memo(move || findings.with(&words))
}

type Words = Box<dyn Fn(&Findings) -> String + Send + Sync>;

fn block(
    class: &'static str,
    label: Option<&'static str>,
    hidden: Option<Memo<bool>>,
    parts: Vec<AnyView>,
) -> AnyView {
    let role = label.map(|_| "group");
    view! {
        <div class=class role=role aria-label=label hidden=move || hidden.is_some_and(|hidden| hidden.get())>
            {parts}
        </div>
    }
    .into_any()
}

fn card(name: &'static str, parts: Vec<AnyView>) -> AnyView {
    block("card", Some(name), None, parts)
}

fn row(parts: Vec<AnyView>) -> AnyView {
    block("row", None, None, parts)
}

fn button(looks: &'static str, words: AnyView, press: Box<dyn Fn()>) -> AnyView {
    view! {
        <button class=["button ", looks].concat() type="button" on:click=move |_| press()>
            {words}
        </button>
    }
    .into_any()
}

/// What was found of one part, told as soon as it changes; nothing of a relay that there is not.
fn line(findings: ReadSignal<Findings>, part: Part) -> AnyView {
    let found = text(findings, Box::new(move |all| words(all.of(part), part)));
    let said = move || {
        let words = found.get();
        findings.with_untracked(|all| {
            let name = name(all, part)?;
            let (grade, sign) = match all.of(part).grade() {
                Grade::Open => ("open", INFO),
                Grade::Good => ("good", CHECK),
                Grade::Poor => ("poor", WARNING),
                Grade::Bad => ("bad", CLOSE),
            };
            let line = view! {
                <div class="check-line" data-grade=grade>
                    {icon(sign)} <h2>{name}</h2> <p>{words}</p>
                </div>
            };
            Some(line.into_any())
        })
    };
    view! { <div role="status">{said}</div> }.into_any()
}

/// Nothing for a relay that there is not.
fn name(all: &Findings, part: Part) -> Option<String> {
    let name = match part {
        Part::Camera => t("Camera"),
        Part::Microphone => t("Microphone"),
        Part::Speaker => t("Speaker"),
        Part::Server => t("Server"),
        Part::Stun => t("Direct ways (STUN)"),
        Part::Relay(index) => {
            let relay = all.relays.get(index)?;
            let way = match relay.way {
                Way::Udp => "UDP",
                Way::Tcp => "TCP",
                Way::Tls => "TLS",
            };
            return Some(fill(
                "Relay over {way}, {place}",
                &[("way", way), ("place", &relay.place)],
            ));
        }
    };
    Some(name.to_owned())
}

/// What was found, in words, and what to do.
fn words(finding: &Finding, part: Part) -> String {
    let words = match (finding, part) {
        (Finding::Untried, Part::Speaker) => t("Play a sound to hear whether it works."),
        (Finding::Untried, _) => t("Not tested yet."),
        (Finding::Trying, _) => t("Testing…"),
        (Finding::Asking, Part::Speaker) => t("Did you hear it?"),
        (Finding::Asking, _) => t("Say something."),
        (Finding::Works, Part::Microphone) => t("Works: you were heard."),
        (Finding::Works, Part::Stun) => t("Your network lets direct ways through."),
        (Finding::Works, _) => t("Works."),
        (Finding::Picture(width, height), _) => {
            let (width, height) = (width.to_string(), height.to_string());
            return fill(
                "Works: a picture of {width} × {height} arrives.",
                &[("width", &width), ("height", &height)],
            );
        }
        (Finding::NoPicture, _) => t(
            "The camera is on, but sends no picture. Close other programs that use it, or take another camera.",
        ),
        (Finding::Quiet, _) => t("Only noise was heard. Speak louder, or come closer to the microphone."),
        (Finding::Dead, _) => t(
            "The microphone gives no sound at all. Look for a switch on it, or take another one in the system's settings.",
        ),
        (Finding::Refused(error), part) => return refused(error, part),
        (Finding::NotHeard, _) => t("Turn the volume up, and see which speaker the system has chosen."),
        (Finding::Answered(ms), _) => {
            let ms = ms.to_string();
            let values = [("ms", &*ms)];
            return if finding.grade() == Grade::Good {
                fill("Answers within {ms} ms.", &values)
            } else {
                fill("Answers slowly, after {ms} ms. Calls begin late.", &values)
            };
        }
        (Finding::TokenNeeded, _) => t(
            "Not tested: this server lets in only who was invited. Open this page from the lobby of the link that you were given.",
        ),
        (Finding::Denied(text), _) => return fill("Not tested. The server says: {text}", &[("text", text)]),
        (Finding::Unreachable, Part::Server) => t("No answer. Check your connection, then test again."),
        (Finding::Unreachable, Part::Relay(_)) => {
            t("Not reached. Your network or the relay does not let this through.")
        }
        (Finding::Unreachable, _) => t("Not reached. Perhaps your network does not let UDP through."),
        (Finding::WrongCredentials, _) => t(
            "Reached, but it does not take this server's credentials. Whoever runs the server has to mend that.",
        ),
        (Finding::None, _) => t("This server names none."),
        (Finding::NoCalls, _) => return [cannot_call().0, ". ", cannot_call().1].concat(),
    };
    words.to_owned()
}

fn refused(error: &MediaError, part: Part) -> String {
    let kind = if part == Part::Camera {
        Kind::Camera
    } else {
        Kind::Microphone
    };
    let (title, advice) = words_of(kind, error);
    let advice = match error {
        MediaError::Insecure => advice,
        MediaError::Denied => t("Allow the use in the browser's address bar, then test again.").to_owned(),
        _ => t("Plug one in, or close other programs that use it, then test again.").to_owned(),
    };
    format!("{title}. {advice}")
}

/// What it all means for calls.
fn network_words(all: &Findings) -> &'static str {
    match all.network() {
        Network::Unknown => "",
        Network::Good => t("Others reach you directly, or by the server's relay."),
        Network::DirectOnly => t(
            "Most people reach you directly. Behind strict routers, as in some companies, a call needs a relay, and none can be used here.",
        ),
        Network::Relay => t("Calls that find no direct way go over the server's relay."),
        Network::RelayWithoutUdp => t(
            "Your network does not let UDP through. Calls go over the server's relay, with a little more delay.",
        ),
        Network::Blocked => t(
            "Nothing was reached: calls with people in other networks will hardly work. Try another network, such as a phone's, or ask whoever runs yours to allow UDP.",
        ),
        Network::NothingNamed => t(
            "This server names no STUN or TURN server. Calls work within one network; between networks whoever runs the server has to set them up.",
        ),
    }
}

/// All of it as text, for whoever helps.
fn report(all: &Findings) -> String {
    let devices = [
        Part::Camera,
        Part::Microphone,
        Part::Speaker,
        Part::Server,
        Part::Stun,
    ];
    let relays = (0..MAX_RELAYS).map(Part::Relay);
    let mut lines: Vec<String> = devices
        .into_iter()
        .chain(relays)
        .filter_map(|part| Some([name(all, part)?, words(all.of(part), part)].join(": ")))
        .collect();
    lines.push(network_words(all).to_owned());
    lines.push(window().navigator().user_agent().unwrap_or_default());
    lines.join("\n")
}

fn summary(findings: ReadSignal<Findings>, copy: Callback<Clip>) -> AnyView {
    let report = text(findings, Box::new(report));
    let copied = RwSignal::new(None::<bool>);
    let done = Callback::new(move |done| copied.set(Some(done)));
    let said = Signal::derive(move || {
        let words = match copied.get() {
            None => "",
            Some(true) => t("Copied"),
            Some(false) => t("Select the text and copy it yourself."),
        };
        words.to_owned()
    });
    let press = move || {
        let text = report.get_untracked();
        copy.run(Clip { text, done });
    };
    let field = view! { <textarea aria-label=t("Result, for whoever helps you") readonly rows="8" prop:value=report></textarea> };
    let copy = button("small", t("Copy the result").into_any(), Box::new(press));
    card(
        t("Result"),
        vec![field.into_any(), row(vec![copy, status("fine", said)])],
    )
}
