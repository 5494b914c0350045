use std::sync::Arc;

use leptos::prelude::*;
use maju_call::{Direction, LogLine, Moment, PeerId};

use super::{
    Face,
    each::{each, memo},
    words::t,
};

/// How each connection was set up, for those who want to follow it.
pub(super) fn call_log(face: Face) -> AnyView {
    let log = face.part(move |view| view.log.clone());
    let only = RwSignal::new(String::new());
    let pairs = memo(move || log.with(|log| pairs(log)));
    let start = memo(move || log.with(|log| log.first().map_or(0, |line| line.at)));
    let lines = move || {
        only.with(|only| {
            log.with(|log| {
                log.iter()
                    .filter(|line| is_about(line, only))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    };
    let options = move || {
        pairs
            .get()
            .into_iter()
            .map(|(id, name)| view! { <option value=id.to_string()>{name}</option> })
            .collect_view()
    };
    view! {
        <div class="call-log">
            <p class="fine">
                {t("How each pair agrees: an offer says what one side can send, an answer what the other takes; candidates are addresses to try until one works. → is sent, ← received, • happened here.")}
            </p>
            <div class="field">
                <label for="log-pair">{t("Connection with")}</label>
                <select id="log-pair" on:change=move |event| only.set(event_target_value(&event))>
                    <option value="">{t("Everybody")}</option>
                    {options}
                </select>
            </div>
            <ol class="log-lines" tabindex="0" aria-label=t("Events")>
                {each(lines, |line| line.id.to_string(), move |line| log_line(&line, start))}
            </ol>
        </div>
    }
    .into_any()
}

fn log_line(line: &LogLine, start: Memo<Moment>) -> AnyView {
    let (at, what) = (line.at, line.what);
    let (arrow, way, code) = match line.direction {
        Direction::Sent => ("→", t("sent"), "sent"),
        Direction::Received => ("←", t("received"), "received"),
        Direction::Local => ("•", t("here"), "local"),
    };
    let who = line
        .peer
        .as_ref()
        .map_or_else(|| t("server").to_owned(), |(_, name)| name.clone());
    view! {
        <li class="log-line" data-way=code>
            <time>{move || since(start.get(), at)}</time>
            <span class="log-arrow" aria-hidden="true" title=way>
                {arrow}
            </span>
            <span class="unseen">{way} " "</span>
            <b class="log-what">{what}</b>
            <bdi class="log-who">{who}</bdi>
            <span class="log-detail">{line.detail.clone()}</span>
        </li>
    }
    .into_any()
}

/// Seconds after the first line.
fn since(start: Moment, at: Moment) -> String {
    let past = at.saturating_sub(start);
    format!("{}.{:03}", past / 1000, past % 1000)
}

/// Whom the log tells of, with the name that they had last.
fn pairs(log: &[Arc<LogLine>]) -> Vec<(PeerId, String)> {
    let mut pairs: Vec<(PeerId, String)> = Vec::new();
    for (id, name) in log.iter().filter_map(|line| line.peer.as_ref()) {
        match pairs.iter_mut().find(|(known, _)| known == id) {
            Some(known) => known.1.clone_from(name),
            None => pairs.push((id.clone(), name.clone())),
        }
    }
    pairs
}

/// Whether a line is about that person; everything is about nobody in particular.
fn is_about(line: &LogLine, only: &str) -> bool {
    only.is_empty() || line.peer.as_ref().is_some_and(|(id, _)| id.as_str() == only)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u32, peer: Option<(&str, &str)>) -> LogLine {
        LogLine {
            id,
            at: 0,
            peer: peer.map(|(id, name)| (PeerId::new(id), name.to_owned())),
            direction: Direction::Local,
            what: "offer",
            detail: String::new(),
        }
    }

    #[test]
    fn time_counts_from_the_first_line() {
        assert_eq!(since(10_000, 10_000), "0.000");
        assert_eq!(since(10_000, 71_045), "61.045");
        assert_eq!(since(10_000, 9_000), "0.000");
    }

    #[test]
    fn each_person_is_listed_once_with_the_last_name() {
        let log = [
            line(1, None),
            line(2, Some(("a", "Ana"))),
            line(3, Some(("b", "Bo"))),
            line(4, Some(("a", "Ann"))),
        ]
        .map(Arc::new);
        let names: Vec<_> = pairs(&log).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["Ann", "Bo"]);
    }

    #[test]
    fn choosing_a_person_hides_the_others_and_the_server() {
        assert!(is_about(&line(1, None), ""));
        assert!(!is_about(&line(1, None), "a"));
        assert!(is_about(&line(1, Some(("a", "Ana"))), "a"));
        assert!(!is_about(&line(1, Some(("b", "Bo"))), "a"));
    }
}
