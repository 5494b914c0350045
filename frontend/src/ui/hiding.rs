use leptos::prelude::*;
use maju_call::{Hiding, Signaling, UserEvent, View};

use super::{Face, switch::switch, words::t};

/// Whether the others learn the own address. There is no such choice where the server has no TURN server.
pub(super) fn hide_address(face: Face) -> AnyView {
    let of = move |part: fn(&Hiding) -> bool| face.part(move |view| part(&view.hiding));
    let shown = of(|hiding| hiding.offered || hiding.wanted || hiding.forced);
    let on = of(|hiding| hiding.wanted || hiding.forced);
    let fixed = of(|hiding| hiding.forced);
    let hint = face.part(hint);
    let press = Callback::new(move |wanted| face.send.run(UserEvent::HideAddress(wanted)));
    (move || {
        shown.get().then(|| {
            switch(
                "hide-address",
                t("Hide my address"),
                on,
                fixed,
                hint.into(),
                press,
            )
        })
    })
    .into_any()
}

fn hint(view: &View) -> &'static str {
    match view.hiding {
        Hiding { forced: true, .. } => t("This server hides everybody's address."),
        Hiding {
            wanted: true,
            offered: false,
            ..
        } if view.signaling == Signaling::Ready => {
            t("This server has no relay. Nobody can reach you while this is on.")
        }
        _ => t("The others reach you by a relay and do not learn your address on the network."),
    }
}
