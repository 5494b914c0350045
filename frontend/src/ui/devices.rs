use leptos::prelude::*;
use maju_call::{Device, DeviceKind, MediaError, SourceView, UserEvent, View};

use super::{Face, Whose, each::memo, video::video, words::t};

/// The lists of cameras, microphones and speakers.
pub(super) fn device_lists(face: Face) -> AnyView {
    [
        (DeviceKind::Camera, "camera", t("Camera")),
        (DeviceKind::Microphone, "microphone", t("Microphone")),
        (DeviceKind::Speaker, "speaker", t("Speaker")),
    ]
    .map(|(kind, id, label)| device_list(face, kind, id, label))
    .into_any()
}

/// How a device is, for who looks at what it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    On,
    Starting,
    /// It would be on, but for the system.
    HeldBack,
    Off,
}

pub(super) fn state(source: &SourceView) -> State {
    match source {
        SourceView { on: true, .. } => State::On,
        SourceView { pending: true, .. } => State::Starting,
        SourceView {
            interrupted: true, ..
        } => State::HeldBack,
        _ => State::Off,
    }
}

/// The own picture, or the words in its place.
pub(super) fn picture(face: Face, whose: Whose) -> AnyView {
    let words = face.part(move |view| match state(&view.camera) {
        State::On => "",
        State::Starting => t("Starting your camera…"),
        State::HeldBack => t("The system holds your camera back"),
        State::Off if view.wishes.audio_only => t("Audio only: your camera stays off"),
        State::Off => t("Your camera is off"),
    });
    view! {
        {video(face, whose)}
        <p class="preview-words" data-on=move || words.get().is_empty().to_string()>
            {words}
        </p>
    }
    .into_any()
}

/// How loud the microphone is.
pub(super) fn hearing(face: Face) -> AnyView {
    let microphone = face.part(move |view| state(&view.microphone));
    let words = move || match microphone.get() {
        State::On => t("What your microphone hears"),
        State::Starting => t("Starting your microphone…"),
        State::HeldBack => t("The system holds your microphone back"),
        State::Off => t("Your microphone is off"),
    };
    view! {
        <div class="hearing" data-on=move || (microphone.get() == State::On).to_string()>
            <p class="fine">{words}</p>
            {meter(face.level)}
        </div>
    }
    .into_any()
}

/// How loud something is, 0 to 1.
pub(super) fn meter(level: ReadSignal<f64>) -> AnyView {
    // A hundredth is finer than the eye; rounding keeps a silent room from touching the page at all.
    let level = memo(move || level.with(|level| (level.clamp(0.0, 1.0) * 100.0).round()));
    view! {
        <div class="meter" aria-hidden="true" style=("--level", move || format!("{}%", level.get()))>
            <span></span>
        </div>
    }
    .into_any()
}

/// The list shows the device that is, not the one that was asked for: after a choice it goes back, and follows
/// when the device has changed. A device that cannot be opened is never shown as the chosen one.
fn device_list(face: Face, kind: DeviceKind, id: &'static str, label: &'static str) -> AnyView {
    let devices = face.part(move |view| pickable(view, kind));
    let none = memo(move || devices.with(Vec::is_empty));
    // The empty entry, where the chosen device is none of the list.
    let chosen = memo(move || {
        let chosen = face.view.with(|view| match kind {
            DeviceKind::Camera => view.chosen.camera.clone(),
            DeviceKind::Microphone => view.chosen.microphone.clone(),
            DeviceKind::Speaker => view.chosen.speaker.clone(),
        });
        let listed = devices.with(|devices| devices.iter().any(|device| device.id == chosen));
        if listed { chosen } else { String::new() }
    });
    let choose = move |event| {
        let picked = event_target_value(&event);
        event_target::<web_sys::HtmlSelectElement>(&event).set_value(&chosen.get_untracked());
        face.send.run(UserEvent::Choose(kind, picked));
    };
    let empty = face.part(move |view| no_choice(view, kind));
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
    let id = format!("pick-{id}");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select id=id disabled=none on:change=choose>
                <option value="" disabled hidden prop:selected=move || chosen.with(String::is_empty)>
                    {empty}
                </option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// The devices of that kind that can be picked. Before a permission is given, browsers list devices without ids:
/// there is nothing to pick by.
fn pickable(view: &View, kind: DeviceKind) -> Vec<Device> {
    let of_kind = view.devices.iter().filter(|device| device.kind == kind);
    of_kind.filter(|device| !device.id.is_empty()).cloned().collect()
}

/// The camera to switch to: the first after the one in use that looks the other way, where the browser tells that, else the
/// next. None while there is no other, or no picture.
pub(super) fn next_camera(view: &View) -> Option<String> {
    if !view.camera.on {
        return None;
    }
    let mut others = pickable(view, DeviceKind::Camera);
    let at = others.iter().position(|camera| camera.id == view.chosen.camera);
    let used = at.map(|at| {
        others.rotate_left(at);
        others.remove(0)
    });
    let away = used
        .and_then(|used| used.away)
        .or(view.camera.traits.away.then_some(true));
    let opposite = |camera: &&Device| camera.away.is_some() && camera.away == away.map(|away| !away);
    let opposites = others.iter().filter(opposite);
    let next = opposites.min_by_key(|camera| lens(camera)).or(others.first());
    next.map(|camera| camera.id.clone())
}

/// Android numbers the lenses of one side ("camera2 0, facing back"), and the first is the one that is meant by "the camera".
fn lens(camera: &Device) -> u32 {
    let mut words = camera.label.split([' ', ',']);
    words.find_map(|word| word.parse().ok()).unwrap_or(u32::MAX)
}

/// What stands in the list while no device of it is the chosen one.
fn no_choice(view: &View, kind: DeviceKind) -> &'static str {
    let source = match kind {
        DeviceKind::Camera => &view.camera,
        DeviceKind::Microphone => &view.microphone,
        // Many browsers do not tell the speakers, and play where the system says.
        DeviceKind::Speaker => return t("System default"),
    };
    if !pickable(view, kind).is_empty() {
        return t("Browser default");
    }
    let hidden = view.devices.iter().any(|device| device.kind == kind);
    match source {
        SourceView { pending: true, .. } => t("Waiting for permission"),
        SourceView {
            problem: Some(MediaError::Denied),
            ..
        } => t("Not allowed"),
        SourceView {
            problem: Some(MediaError::Insecure),
            ..
        } => t("Only over HTTPS"),
        _ if hidden => t("Known once allowed"),
        _ => t("None found"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use maju_call::Setup;

    use super::*;

    fn view(ids: &[&str]) -> View {
        let mut view = View::of(&Setup::default());
        let devices = ids.iter().map(|id| Device {
            kind: DeviceKind::Camera,
            id: (*id).to_owned(),
            label: String::new(),
            group: String::new(),
            away: None,
        });
        view.devices = Arc::new(devices.collect());
        view
    }

    #[test]
    fn an_empty_list_says_why() {
        let words = |view: &View| no_choice(view, DeviceKind::Camera);
        assert_eq!(words(&view(&[])), "None found");
        assert_eq!(words(&view(&[""])), "Known once allowed");
        assert_eq!(words(&view(&["c1"])), "Browser default");
        let mut denied = view(&[""]);
        denied.camera.problem = Some(MediaError::Denied);
        assert_eq!(words(&denied), "Not allowed");
        denied.camera.pending = true;
        assert_eq!(words(&denied), "Waiting for permission");
        let mut insecure = view(&[]);
        insecure.camera.problem = Some(MediaError::Insecure);
        assert_eq!(words(&insecure), "Only over HTTPS");
    }

    #[test]
    fn what_the_system_holds_back_is_not_called_off() {
        let mut source = SourceView::default();
        assert_eq!(state(&source), State::Off);
        source.interrupted = true;
        assert_eq!(state(&source), State::HeldBack);
        source.pending = true;
        assert_eq!(state(&source), State::Starting);
        source.on = true;
        assert_eq!(state(&source), State::On);
    }

    #[test]
    fn the_next_camera_looks_the_other_way_where_the_browser_tells() {
        let mut view = view(&["a", "b", "c"]);
        let next = |view: &View| next_camera(view).unwrap_or_default();
        assert_eq!(next(&view), "", "the camera is off");
        view.camera.on = true;
        assert_eq!(next(&view), "a", "another one than those listed");
        for (used, other) in [("a", "b"), ("b", "c"), ("c", "a")] {
            view.chosen.camera = used.to_owned();
            assert_eq!(next(&view), other);
        }
        let away = [Some(false), Some(true), Some(true)];
        for (device, away) in Arc::make_mut(&mut view.devices).iter_mut().zip(away) {
            device.away = away;
        }
        for (used, other) in [("a", "b"), ("b", "a"), ("c", "a")] {
            view.chosen.camera = used.to_owned();
            assert_eq!(next(&view), other);
        }
        let labels = [
            "camera2 1, facing front",
            "camera2 2, facing back",
            "camera2 0, facing back",
        ];
        for (device, label) in Arc::make_mut(&mut view.devices).iter_mut().zip(labels) {
            label.clone_into(&mut device.label);
        }
        view.chosen.camera = "a".to_owned();
        assert_eq!(next(&view), "c", "the first lens of the back");
        Arc::make_mut(&mut view.devices).truncate(1);
        view.chosen.camera = "a".to_owned();
        assert_eq!(next(&view), "", "the only one");
    }

    #[test]
    fn devices_without_an_id_cannot_be_picked() {
        assert!(pickable(&view(&["", ""]), DeviceKind::Camera).is_empty());
        assert_eq!(pickable(&view(&["", "c1"]), DeviceKind::Camera).len(), 1);
        assert!(pickable(&view(&["c1"]), DeviceKind::Speaker).is_empty());
    }
}
