//! How loud somebody is played to this person alone.

use leptos::prelude::*;
use maju_call::PeerId;

use super::{
    Face,
    each::memo,
    words::{fill, t},
};

/// How loud everybody is who was not made quieter, in percent.
const FULL: u8 = 100;

/// Makes somebody louder, quieter or silent, for this person alone.
pub(super) fn loudness(face: Face, id: PeerId, name: Memo<String>) -> AnyView {
    let all = face.desk.loudness;
    let id = StoredValue::new(id);
    let now = memo(move || {
        all.with(|all| id.with_value(|id| all.get(id).copied()))
            .unwrap_or(FULL)
    });
    let set = move |percent: u8| {
        let id = id.get_value();
        face.louden.run((id.clone(), percent));
        all.update(|all| {
            all.insert(id, percent);
        });
    };
    view! {
        <input
            type="range"
            min="0"
            max="100"
            step="5"
            aria-label=move || fill("Volume of {name}", &[("name", &name.get())])
            prop:value=move || now.get().to_string()
            on:input=move |event| set(event_target_value(&event).parse().unwrap_or(FULL))
        />
        <button
            class="button small"
            type="button"
            on:click=move |_| set(if now.get_untracked() == 0 { FULL } else { 0 })
        >
            {move || if now.get() == 0 { t("Unmute for me") } else { t("Mute for me") }}
        </button>
    }
    .into_any()
}
