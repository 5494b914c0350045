use leptos::{html, prelude::*};
use web_sys::ClipboardEvent;

use super::{
    Ask, Clip, Face,
    icons::{CHECK, COPY, SHARE, icon},
    text::status,
    words::t,
};

/// The room's address, ready to be sent to others.
pub(super) fn invite(face: Face) -> AnyView {
    let link = face.link.run(());
    let shown = face.view.with_untracked(|view| readable(&link, &view.room));
    let field = NodeRef::<html::Input>::new();
    let select = move || {
        if let Some(field) = field.get_untracked() {
            field.select();
        }
    };
    // Whether the clipboard has it, once it was tried.
    let copied = RwSignal::new(None::<bool>);
    let words = Signal::derive(move || {
        let words = match copied.get() {
            Some(true) => t("Copied"),
            Some(false) => t("Selected: copy it with your keyboard or its menu"),
            None => "",
        };
        words.to_owned()
    });
    let done = Callback::new(move |done: bool| {
        if !done {
            select();
        }
        copied.set(Some(done));
    });
    let (text, shared) = (link.clone(), link.clone());
    let share = move |_| face.frame.ask.run(Ask::Share(shared.clone()));
    // What is copied by the keyboard or a menu is the link too.
    let copy_by_hand = move |event: ClipboardEvent| {
        let clipboard = event.clipboard_data();
        if clipboard.is_some_and(|clipboard| clipboard.set_data("text/plain", &link).is_ok()) {
            event.prevent_default();
        }
    };
    let copy = move |_| {
        face.copy.run(Clip {
            text: text.clone(),
            done,
        });
    };
    view! {
        <div class="invite">
            <div class="invite-row">
                <input
                    node_ref=field
                    type="text"
                    readonly
                    aria-label=t("Link to this room")
                    prop:value=shown
                    on:focus=move |_| select()
                    on:copy=copy_by_hand
                />
                <button class="button primary" type="button" on:click=copy>
                    {move || icon(if copied.get() == Some(true) { CHECK } else { COPY })}
                    {t("Copy link")}
                </button>
                {face.frame.can.share.then(|| view! {
                    <button class="button icon-only" type="button" aria-label=t("Share link") title=t("Share link") on:click=share>
                        {icon(SHARE)}
                    </button>
                })}
            </div>
            {status("invite-said", words)}
        </div>
    }
    .into_any()
}

/// The link as people read it: with the room's name as it is called, unless a character of it means something in an address.
/// A blank would end the link where it is pasted.
fn readable(link: &str, room: &str) -> String {
    let meant = |c: char| "%?#/\\".contains(c) || (c.is_whitespace() && c != ' ');
    match link.split_once("/r/") {
        Some((start, _)) if !room.contains(meant) => [start, "/r/", &room.replace(' ', "%20")].concat(),
        _ => link.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_readable_where_it_stays_the_same_link() {
        let of = |path: &str, room| readable(&["https://maju.example/r/", path].concat(), room);
        let korean = "%EC%9A%B0%EB%A6%AC%20%EA%B0%80%EC%A1%B1";
        assert_eq!(of(korean, "우리 가족"), "https://maju.example/r/우리%20가족");
        assert_eq!(of("plain", "plain"), "https://maju.example/r/plain");
        assert_eq!(of("50%25", "50%"), "https://maju.example/r/50%25");
        assert_eq!(of("a%2Fb%3F", "a/b?"), "https://maju.example/r/a%2Fb%3F");
        assert_eq!(readable("", "room"), "");
    }
}
