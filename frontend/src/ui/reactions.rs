//! Reactions: what people show for a moment.

use leptos::{ev::KeyboardEvent, html, prelude::*};
use maju_call::{REACTIONS, ReactionView, UserEvent, Whose};

use super::{
    Face,
    each::each,
    focus::focus,
    icons::{SMILE, icon},
    words::t,
};

/// Opens a row of reactions above itself.
pub(super) fn reaction_button(face: Face) -> AnyView {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let close = move || {
        open.set(false);
        focus(button.get_untracked().map(Into::into));
    };
    let leave = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            // It is meant for the row, not for a panel.
            event.stop_propagation();
            close();
        }
    };
    let row = move || {
        open.get().then(|| {
            let each = REACTIONS.iter().map(|emoji| {
                let send = move |_| {
                    face.send.run(UserEvent::React((*emoji).to_owned()));
                    close();
                };
                view! { <button class="reaction" type="button" on:click=send>{*emoji}</button> }.into_any()
            });
            view! {
                <div class="reaction-row" id="reactions" role="group" aria-label=t("Choose a reaction")>
                    {each.collect::<Vec<_>>()}
                </div>
            }
        })
    };
    view! {
        <div class="reaction-place" on:keydown=leave>
            <button
                class="control"
                type="button"
                node_ref=button
                aria-label=t("React")
                title=t("React")
                aria-expanded=move || open.get().to_string()
                aria-controls=move || open.get().then_some("reactions")
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon(SMILE)}
                <span class="control-label" aria-hidden="true">{t("React")}</span>
            </button>
            {row}
        </div>
    }
    .into_any()
}

/// What is shown now, and by whom.
pub(super) fn shown_reactions(face: Face) -> AnyView {
    let shown = face.part(move |view| view.reactions.clone());
    let one = move |reaction: ReactionView| {
        let name = face.view.with_untracked(|view| match &reaction.whose {
            Whose::Peer(id) => view
                .people
                .iter()
                .find(|person| person.id == *id)
                .map(|person| person.name.clone()),
            _ => Some(t("You").to_owned()),
        });
        view! {
            <li>
                <span class="reaction-sign">{reaction.emoji}</span>
                <bdi>{name.unwrap_or_default()}</bdi>
            </li>
        }
        .into_any()
    };
    view! {
        <ul class="reactions" aria-label=t("Reactions")>
            {each(move || shown.get().to_vec(), |reaction| reaction.id.to_string(), one)}
        </ul>
    }
    .into_any()
}
