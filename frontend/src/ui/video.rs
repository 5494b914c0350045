use leptos::{html, prelude::*};

use super::{Face, Show, Whose, each::memo};

/// Somebody's `<video>`. The driver is told when it comes and when it goes; it puts the stream in.
pub(super) fn video(face: Face, whose: Whose) -> AnyView {
    let node = NodeRef::<html::Video>::new();
    let muted = matches!(whose, Whose::Mine | Whose::Preview | Whose::MyScreen);
    let mine = matches!(whose, Whose::Mine | Whose::Preview);
    let gone = whose.clone();
    Effect::new(move || {
        if let Some(video) = node.get() {
            face.show.run(Show {
                whose: whose.clone(),
                video: Some(video),
            });
        }
    });
    on_cleanup(move || {
        face.show.run(Show {
            whose: gone,
            video: None,
        });
    });
    // The property counts, the attribute only tells the state at the start: without it the own voice would be heard.
    // A camera that looks away from the person shows what they see anyway.
    let mirrored = memo(move || {
        mine && face.looks.with(|looks| looks.mirror) && face.view.with(|view| !view.camera.traits.away)
    });
    view! {
        <video
            node_ref=node
            autoplay
            playsinline
            prop:muted=muted
            disablepictureinpicture=muted
            data-mirrored=mirrored
        ></video>
    }
    .into_any()
}
