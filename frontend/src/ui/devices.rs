use leptos::prelude::*;
use maju_call::{Device, DeviceKind, UserEvent};

use super::Face;

/// The lists of cameras, microphones and speakers. A list without anything to pick is not there.
pub(super) fn device_lists(face: Face) -> AnyView {
    [
        (DeviceKind::Camera, "Camera"),
        (DeviceKind::Microphone, "Microphone"),
        (DeviceKind::Speaker, "Speaker"),
    ]
    .map(|(kind, label)| device_list(face, kind, label))
    .into_any()
}

fn device_list(face: Face, kind: DeviceKind, label: &'static str) -> AnyView {
    let devices = Memo::new(move |_| {
        face.view.with(|view| {
            view.devices
                .iter()
                .filter(|device| can_pick(device, kind))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let chosen = Memo::new(move |_| {
        face.view.with(|view| match kind {
            DeviceKind::Camera => view.chosen.camera.clone(),
            DeviceKind::Microphone => view.chosen.microphone.clone(),
            DeviceKind::Speaker => view.chosen.speaker.clone(),
        })
    });
    let unlisted = Memo::new(move |_| {
        chosen.with(|chosen| devices.with(|devices| !devices.iter().any(|device| device.id == *chosen)))
    });
    let options = move || {
        devices
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, device)| {
                let id = device.id.clone();
                let name = if device.label.is_empty() {
                    format!("{label} {}", index + 1)
                } else {
                    device.label
                };
                view! {
                    <option value=device.id prop:selected=move || chosen.with(|chosen| *chosen == id)>
                        {name}
                    </option>
                }
            })
            .collect_view()
    };
    let id = format!("pick-{}", label.to_lowercase());
    let list = move || {
        let id = id.clone();
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <select
                    id=id
                    on:change=move |event| face.send.run(UserEvent::Choose(kind, event_target_value(&event)))
                >
                    <option value="" disabled hidden prop:selected=unlisted>
                        "Chosen by the browser"
                    </option>
                    {options}
                </select>
            </div>
        }
        .into_any()
    };
    let any = Memo::new(move |_| devices.with(|devices| !devices.is_empty()));
    (move || any.get().then(list.clone())).into_any()
}

/// Before a permission is given, browsers list devices without ids: there is nothing to pick by.
fn can_pick(device: &Device, kind: DeviceKind) -> bool {
    device.kind == kind && !device.id.is_empty()
}
