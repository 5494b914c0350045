use leptos::prelude::*;
use maju_call::{Rate, Size, UserEvent, View, Wishes};
use web_sys::HtmlSelectElement;

use super::{
    Face, Whose,
    devices::{device_lists, hearing, picture},
    each::memo,
    face::Looks,
    hiding::hide_address,
    icons::{CLOSE, icon},
    language::language_select,
    shortcuts::shortcut_settings,
    switch::switch,
    words::{fill, t},
};

/// Picks devices during the call, and all that is set besides.
pub(super) fn settings(face: Face) -> AnyView {
    let none = face.part(move |view| view.devices.iter().all(|device| device.id.is_empty()));
    Effect::new(move || face.send.run(UserEvent::TryDevices(true)));
    on_cleanup(move || face.send.run(UserEvent::TryDevices(false)));
    view! {
        <div class="settings">
            <section class="settings-part" aria-label=t("Devices")>
                <div class="preview-picture">{picture(face, Whose::Preview)}</div>
                {hearing(face)}
                {device_lists(face)}
                {test_speaker(face)}
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
            </section>
            {wishes(face)}
            <section class="settings-part">{language_select()}</section>
            {part(t("Keyboard"), shortcut_settings(face))}
        </div>
    }
    .into_any()
}

/// Plays a tone on the speaker that is picked.
pub(super) fn test_speaker(face: Face) -> AnyView {
    view! {
        <button class="button small" type="button" on:click=move |_| face.chime.run(())>
            {t("Test speaker")}
        </button>
    }
    .into_any()
}

/// What is set besides the devices, in the lobby and in the room.
pub(super) fn wishes(face: Face) -> AnyView {
    let picture = vec![
        size(face),
        rate(face),
        what_is(face),
        mirror(face),
        optional(
            face,
            Flag {
                id: "blur",
                label: t("Blur my background"),
                hint: "",
                set: |wishes, on| wishes.blur = Some(on),
            },
            |view| view.camera.traits.blur,
        ),
    ];
    let sound = vec![
        flag(
            face,
            Flag {
                id: "push-to-talk",
                label: t("Push to talk"),
                hint: t("You are muted except while you hold the space bar, or the microphone's button."),
                set: |wishes, on| wishes.push_to_talk = on,
            },
            |view| view.wishes.push_to_talk,
        ),
        optional(
            face,
            Flag {
                id: "noise",
                label: t("Noise suppression"),
                hint: "",
                set: |wishes, on| wishes.noise = on,
            },
            |view| view.microphone.traits.noise,
        ),
        optional(
            face,
            Flag {
                id: "echo",
                label: t("Echo cancellation"),
                hint: t("Off is for headphones only."),
                set: |wishes, on| wishes.echo = on,
            },
            |view| view.microphone.traits.echo,
        ),
        optional(
            face,
            Flag {
                id: "gain",
                label: t("Automatic loudness"),
                hint: "",
                set: |wishes, on| wishes.gain = on,
            },
            |view| view.microphone.traits.gain,
        ),
    ];
    let data = vec![
        flag(
            face,
            Flag {
                id: "save-data",
                label: t("Save data"),
                hint: t("Pictures are small, yours and those of the others."),
                set: |wishes, on| wishes.save_data = on,
            },
            |view| view.wishes.save_data,
        ),
        flag(
            face,
            Flag {
                id: "audio-only",
                label: t("Audio only"),
                hint: t(
                    "Your camera is off, and the others send you no picture. Turning your camera on ends it.",
                ),
                set: |wishes, on| wishes.audio_only = on,
            },
            |view| view.wishes.audio_only,
        ),
    ];
    vec![
        part(t("Picture"), picture.into_any()),
        part(t("Sound"), sound.into_any()),
        part(t("Data"), data.into_any()),
        part(t("Appearance"), theme(face)),
    ]
    .into_any()
}

/// What is saved, one press away from its end.
pub(super) fn saving_chip(face: Face) -> AnyView {
    let saving = face.part(move |view| match view.wishes {
        Wishes { audio_only: true, .. } => 1_usize,
        Wishes { save_data: true, .. } => 2,
        _ => 0,
    });
    let end = move |_| {
        set(face, |wishes, _| {
            if wishes.audio_only {
                wishes.audio_only = false;
            } else {
                wishes.save_data = false;
            }
        })(false);
    };
    (move || {
        let (words, name) = match saving.get() {
            0 => return None,
            1 => (t("Audio only"), t("Audio only: turn off")),
            _ => (t("Saving data"), t("Saving data: turn off")),
        };
        let chip = view! {
            <button class="chip" type="button" aria-label=name title=name on:click=end>
                {words} {icon(CLOSE)}
            </button>
        };
        Some(chip.into_any())
    })
    .into_any()
}

/// Settings of one subject.
fn part(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="settings-part" aria-label=title>
            <h3>{title}</h3>
            {content}
        </section>
    }
    .into_any()
}

/// Sets something, beside all that is set already.
fn set(face: Face, change: fn(&mut Wishes, bool)) -> impl Fn(bool) + Copy {
    move |on| {
        let mut wishes = face.view.with_untracked(|view| view.wishes);
        change(&mut wishes, on);
        face.send.run(UserEvent::Wish(wishes));
    }
}

/// Something that is wished or not.
#[derive(Clone, Copy)]
struct Flag {
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    set: fn(&mut Wishes, bool),
}

fn flag(face: Face, flag: Flag, is: fn(&View) -> bool) -> AnyView {
    let on = face.part(is);
    let press = Callback::new(set(face, flag.set));
    switch(flag.id, flag.label, on, never(), flag.hint.into(), press)
}

/// Something that not every browser and device has; it shows what the track says.
fn optional(face: Face, what: Flag, is: fn(&View) -> Option<bool>) -> AnyView {
    let there = face.part(move |view| is(view).is_some());
    let on = face.part(move |view| is(view).unwrap_or_default());
    (move || {
        there.get().then(|| {
            let press = Callback::new(set(face, what.set));
            switch(what.id, what.label, on, never(), what.hint.into(), press)
        })
    })
    .into_any()
}

fn size(face: Face) -> AnyView {
    let options = [
        ("0", t("Automatic")),
        ("360", "360p"),
        ("720", "720p"),
        ("1080", "1080p"),
    ];
    let chosen = face.part(move |view| match view.wishes.size {
        Size::Automatic => "0",
        Size::P360 => "360",
        Size::P720 => "720",
        Size::P1080 => "1080",
    });
    let pick = Callback::new(move |picked: String| {
        let size = match picked.as_str() {
            "360" => Size::P360,
            "720" => Size::P720,
            "1080" => Size::P1080,
            _ => Size::Automatic,
        };
        let wishes = face.view.with_untracked(|view| view.wishes);
        face.send.run(UserEvent::Wish(Wishes { size, ..wishes }));
    });
    choice("size", t("Resolution"), &options, chosen, pick)
}

fn rate(face: Face) -> AnyView {
    let options = [
        ("0", t("Automatic")),
        ("15", t("15 a second")),
        ("30", t("30 a second")),
    ];
    let chosen = face.part(move |view| match view.wishes.rate {
        Rate::Automatic => "0",
        Rate::Fps15 => "15",
        Rate::Fps30 => "30",
    });
    let pick = Callback::new(move |picked: String| {
        let rate = match picked.as_str() {
            "15" => Rate::Fps15,
            "30" => Rate::Fps30,
            _ => Rate::Automatic,
        };
        let wishes = face.view.with_untracked(|view| view.wishes);
        face.send.run(UserEvent::Wish(Wishes { rate, ..wishes }));
    });
    choice("rate", t("Frame rate"), &options, chosen, pick)
}

/// What the camera's picture really is.
fn what_is(face: Face) -> AnyView {
    let words = face.part(move |view| {
        let traits = view.camera.traits;
        let (width, height) = traits.size;
        if width == 0 {
            return t("A camera does what it can of these.").to_owned();
        }
        let [width, height, rate] = [width, height, traits.rate].map(|number| number.to_string());
        fill(
            "Your camera gives {width} × {height}, {rate} a second.",
            &[("width", &width), ("height", &height), ("rate", &rate)],
        )
    });
    view! { <p class="fine">{words}</p> }.into_any()
}

fn mirror(face: Face) -> AnyView {
    let on = memo(move || face.looks.with(|looks| looks.mirror));
    let press = Callback::new(move |mirror| face.looks.update(|looks| looks.mirror = mirror));
    let hint = t("Only you see yourself as in a mirror. The others see you as you are.");
    switch(
        "mirror",
        t("Mirror my own picture"),
        on,
        never(),
        hint.into(),
        press,
    )
}

fn theme(face: Face) -> AnyView {
    let options = [
        ("", t("As the system")),
        ("light", t("Light")),
        ("dark", t("Dark")),
    ];
    let chosen = memo(move || match face.looks.with(|looks| looks.dark) {
        None => "",
        Some(false) => "light",
        Some(true) => "dark",
    });
    let pick = Callback::new(move |picked: String| {
        face.looks.update(|Looks { dark, .. }| {
            *dark = match picked.as_str() {
                "light" => Some(false),
                "dark" => Some(true),
                _ => None,
            };
        });
    });
    choice("theme", t("Theme"), &options, chosen, pick)
}

/// One of several: values and their words. Like a switch it shows what is.
pub(super) fn choice(
    id: &'static str,
    label: &'static str,
    options: &[(&'static str, &'static str)],
    chosen: Memo<&'static str>,
    pick: Callback<String>,
) -> AnyView {
    let options = options
        .iter()
        .map(|&(value, words)| {
            view! {
                <option value=value prop:selected=move || chosen.get() == value>
                    {words}
                </option>
            }
        })
        .collect_view();
    let change = move |event| {
        let picked = event_target_value(&event);
        event_target::<HtmlSelectElement>(&event).set_value(chosen.get_untracked());
        pick.run(picked);
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <select id=id on:change=change>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// What is never so.
fn never() -> Memo<bool> {
    memo(|| false)
}
