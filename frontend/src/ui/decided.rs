//! What a host decided for everybody, shown to all for a moment: who is the host now, and at whom to look.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;
use maju_call::{PeerId, PersonView, Role, View};

use super::{
    Face,
    icons::{INFO, icon},
    moment::for_a_moment,
    words::{fill, t},
};

/// How long it is shown, unless something newer takes its place.
const STAYS: Duration = Duration::from_secs(8);

/// The place of it. What was so already is not told.
pub(super) fn decided(face: Face) -> AnyView {
    let (shown, show) = for_a_moment::<Vec<String>>(STAYS);
    Effect::new(move |before: Option<Known>| {
        let now = face.view.with(Known::of);
        let news = before.map(|before| before.until(&now)).unwrap_or_default();
        if !news.is_empty() {
            show(news);
        }
        now
    });
    let notice = |words| {
        view! {
            <p class="notice" data-tone="calm">
                {icon(INFO)} {words}
            </p>
        }
        .into_any()
    };
    view! {
        <div class="decided" role="status">
            {move || shown.get().into_iter().map(notice).collect::<Vec<_>>()}
        </div>
    }
    .into_any()
}

/// What is compared to know what was decided.
struct Known {
    me: Option<PeerId>,
    name: String,
    role: Role,
    people: Arc<Vec<PersonView>>,
    /// Who has everybody look at whom.
    spotlight: Option<(PeerId, PeerId)>,
}

impl Known {
    fn of(view: &View) -> Self {
        Self {
            me: view.me.clone(),
            name: view.name.clone(),
            role: view.role,
            people: Arc::clone(&view.people),
            spotlight: view.spotlight_by.clone().zip(view.spotlight.clone()),
        }
    }

    /// What is to be told when it is like that `now`.
    fn until(&self, now: &Self) -> Vec<String> {
        let mut news = Vec::new();
        let rises = |before, role| (before, role) == (Role::Guest, Role::Host);
        if self.me == now.me && rises(self.role, now.role) {
            news.push(t("You are the host now.").to_owned());
        }
        for person in now.people.iter() {
            let before = self.people.iter().find(|before| before.id == person.id);
            if before.is_some_and(|before| rises(before.role, person.role)) {
                news.push(fill("{name} is the host now.", &[("name", &person.name)]));
            }
        }
        if let Some((host, whom)) = now.spotlight.as_ref()
            && now.spotlight != self.spotlight
            && self.hears_of(host)
        {
            let values = [("host", now.name(host)), ("name", now.name(whom))];
            news.push(if Some(whom) == now.me.as_ref() && whom != host {
                fill("{host} asks everybody to look at you.", &values)
            } else {
                fill("{host} asks everybody to look at {name}.", &values)
            });
        }
        news
    }

    /// Whether it is somebody else who told already what they want: what is told for the first time was so before.
    fn hears_of(&self, host: &PeerId) -> bool {
        let mut people = self.people.iter();
        people.any(|person| person.id == *host && person.microphone.is_some())
    }

    fn name(&self, id: &PeerId) -> &str {
        let person = self.people.iter().find(|person| person.id == *id);
        person.map_or(&self.name, |person| &person.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::announce::tests::person;

    /// As Me sees it: who is a host, and who has everybody look at whom.
    fn known(hosts: &[&str], spotlight: Option<(&str, &str)>) -> Known {
        let role = |name: &str| {
            if hosts.contains(&name) {
                Role::Host
            } else {
                Role::Guest
            }
        };
        let somebody = |name| PersonView {
            role: role(name),
            ..person(name)
        };
        Known {
            me: Some(PeerId::new("Me")),
            name: "Me".to_owned(),
            role: role("Me"),
            people: Arc::new(["Ana", "Ben"].map(somebody).to_vec()),
            spotlight: spotlight.map(|(host, whom)| (PeerId::new(host), PeerId::new(whom))),
        }
    }

    #[test]
    fn who_is_the_host_now_is_told() {
        let before = known(&["Ana"], None);
        assert_eq!(before.until(&known(&["Ben"], None)), ["Ben is the host now."]);
        assert_eq!(before.until(&known(&["Me"], None)), ["You are the host now."]);
        assert!(before.until(&known(&["Ana"], None)).is_empty());
        // Who comes as a host was it before.
        let mut alone = known(&[], None);
        alone.people = Arc::default();
        assert!(alone.until(&before).is_empty());
    }

    #[test]
    fn at_whom_to_look_is_told_and_who_asks_for_it() {
        let lit = |whom| known(&["Ana"], Some(("Ana", whom)));
        let before = known(&["Ana"], None);
        assert_eq!(before.until(&lit("Ben")), ["Ana asks everybody to look at Ben."]);
        assert_eq!(
            lit("Ben").until(&lit("Me")),
            ["Ana asks everybody to look at you."]
        );
        assert!(lit("Ben").until(&lit("Ben")).is_empty());
        assert!(lit("Ben").until(&before).is_empty());
        let mine = known(&["Me"], Some(("Me", "Ben")));
        assert!(known(&["Me"], None).until(&mine).is_empty(), "I know that");
        // Who came later hears of it for the first time.
        let mut silent = known(&["Ana"], None);
        Arc::make_mut(&mut silent.people)[0].microphone = None;
        assert!(silent.until(&lit("Ben")).is_empty());
    }
}
