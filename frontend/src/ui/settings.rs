use leptos::prelude::*;

use super::{Face, devices::device_lists, hiding::hide_address, words::t};

/// Picks devices during the call, and whether the others learn the own address.
pub(super) fn settings(face: Face) -> AnyView {
    let none = Memo::new(move |_| {
        face.view
            .with(|view| view.devices.iter().all(|device| device.id.is_empty()))
    });
    view! {
        <div class="settings">
            {device_lists(face)}
            <p class="fine">
                {move || {
                    if none.get() {
                        t("There is nothing to pick: no device was found, or none may be used.")
                    } else {
                        t("A change takes effect at once, without an interruption of the call.")
                    }
                }}
            </p>
            {hide_address(face)}
        </div>
    }
    .into_any()
}
