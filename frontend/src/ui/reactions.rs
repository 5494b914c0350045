//! Reactions: what people show for a moment.

use leptos::prelude::*;
use maju_call::{REACTIONS, ReactionView, UserEvent, Whose};

use super::{
    Face,
    each::each,
    icons::{SMILE, icon},
    words::t,
};

/// Opens a row of reactions above itself. The browser closes it by a press elsewhere or Escape, and gives the focus back.
pub(super) fn reaction_button(face: Face) -> AnyView {
    let each = REACTIONS.iter().map(|emoji| {
        let send = move |_| face.send.run(UserEvent::React((*emoji).to_owned()));
        view! {
            <button class="reaction" type="button" popovertarget="reactions" popovertargetaction="hide" on:click=send>
                {*emoji}
            </button>
        }
        .into_any()
    });
    view! {
        <div class="reaction-place">
            <button class="control" type="button" popovertarget="reactions" aria-label=t("React") title=t("React")>
                {icon(SMILE)}
                <span class="control-label" aria-hidden="true">{t("React")}</span>
            </button>
            <div class="reaction-row" id="reactions" popover="auto" role="group" aria-label=t("Choose a reaction")>
                {each.collect::<Vec<_>>()}
            </div>
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
