//! Icons: strokes on a grid of 24, coloured by the text around them. Names are on the controls, never on icons.

use leptos::prelude::*;

/// Draws an icon.
pub(super) fn icon(path: &'static str) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=path></path>
        </svg>
    }
    .into_any()
}

/// The mark: two halves that face each other.
pub(super) fn mark() -> AnyView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path class="mark-left" d="M14.5 3.5v21a10.5 10.5 0 0 1 0-21z"></path>
            <path class="mark-right" d="M17.5 7.5v21a10.5 10.5 0 0 0 0-21z"></path>
        </svg>
    }
    .into_any()
}

pub(super) const MICROPHONE: &str =
    "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21M8.5 21h7";
pub(super) const MICROPHONE_OFF: &str = "M9 9v2a3 3 0 0 0 4.7 2.45M15 10.6V6a3 3 0 0 0-5.8-1.05M5.5 11a6.5 6.5 0 0 0 \
     10.6 5M18.3 12.6c.13-.52.2-1.05.2-1.6M12 17.5V21M8.5 21h7M3.5 3.5l17 17";
pub(super) const CAMERA: &str = "M4.5 6.5h9a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-7a2 2 0 0 1 \
     2-2zM15.5 10.5l6-3v9l-6-3";
pub(super) const CAMERA_OFF: &str = "M10 6.5h3.5a2 2 0 0 1 2 2v2l6-3v9l-3.5-1.75M15.2 16.6a2 2 0 0 1-1.7.9h-9a2 2 0 0 \
     1-2-2v-7a2 2 0 0 1 2-2M3.5 3.5l17 17";
pub(super) const SCREEN: &str = "M4.5 5h15a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5v-9A1.5 1.5 0 0 1 4.5 5zM8 20.5h8M12 14V8M9.5 10.5 12 8l2.5 2.5";
pub(super) const SCREEN_OFF: &str = "M4.5 5h15a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 15.5v-9A1.5 1.5 0 0 1 4.5 5zM8 20.5h8M9.5 8.5l5 5M14.5 8.5l-5 5";
pub(super) const CHAT: &str = "M20.5 11.5a7.5 7.5 0 0 1-7.5 7.5H5l-1.5 2v-9.5A7.5 7.5 0 0 1 11 4h2a7.5 7.5 0 0 1 7.5 7.5zM8.5 10h7M8.5 13.5h4";
pub(super) const PEOPLE: &str = "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5a6.5 6.5 0 0 1 13 0M15.5 4.8a3.5 \
     3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.3";
pub(super) const SETTINGS: &str = "M4 7h8M18 7h2M4 17h2M12 17h8M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9 19.5a2.5 \
     2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z";
pub(super) const CALL_LOG: &str = "M7 4v16M3.5 7.5 7 4l3.5 3.5M17 20V4M13.5 16.5 17 20l3.5-3.5";
pub(super) const HAND: &str = "M8 12V6.2a1.4 1.4 0 0 1 2.8 0V11M10.8 10.5V4.6a1.4 1.4 0 0 1 2.8 0v5.9M13.6 10.8V5.9a1.4 1.4 0 0 1 2.8 0V12M16.4 \
     12V8.4a1.4 1.4 0 0 1 2.8 0v6.1a6.5 6.5 0 0 1-6.5 6.5c-2.6 0-4.2-1-5.6-3.2l-2.6-4.2a1.4 1.4 0 0 1 2.3-1.6L8 13.8";
pub(super) const SMILE: &str =
    "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.3 14.2a4.6 4.6 0 0 0 7.4 0M9 9.3v.4M15 9.3v.4";
pub(super) const LEAVE: &str = "M2.8 14.6c5-4.8 13.4-4.8 18.4 0 .5.5.6 1.2.2 1.8l-1 1.5c-.4.5-1 .7-1.6.5L15.7 \
     17.3a1.4 1.4 0 0 1-.9-1.5l.2-1.6a10.6 10.6 0 0 0-6 0l.2 1.6c.1.6-.3 1.3-.9 1.5l-3.1 \
     1.1c-.6.2-1.2 0-1.6-.5l-1-1.5c-.4-.6-.3-1.3.2-1.8z";
pub(super) const STAR: &str = "M12 4l2.4 5.2 5.6.7-4.1 3.9 1.1 5.6-5-2.8-5 2.8 1.1-5.6L4 9.9l5.6-.7z";
pub(super) const LOCK: &str = "M6.5 10.5h11a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM8 10.5V8a4 4 0 0 1 8 0v2.5";
pub(super) const MORE: &str = "M5.5 12v.2M12 12v.2M18.5 12v.2";
pub(super) const LAYOUT: &str = "M4 5h10v14H4zM17.5 5H20v4h-2.5zM17.5 12H20v7h-2.5z";
pub(super) const SHOW: &str = "M12 12.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0";
pub(super) const PENCIL: &str = "M4.5 19.5l1-4L16 5a2.1 2.1 0 0 1 3 3L8.5 18.5l-4 1zM14.5 6.5l3 3";
pub(super) const CLOSE: &str = "M6 6l12 12M18 6 6 18";
pub(super) const COPY: &str = "M9 8.5h9.5a1 1 0 0 1 1 1V19a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V9.5a1 1 0 0 1 1-1zM16 8.5V5a1 1 0 0 0-1-1H5.5a1 1 0 0 0-1 1v9.5a1 1 0 0 0 1 1H8";
pub(super) const SHARE: &str = "M12 15V3.5M7.5 8 12 3.5 16.5 8M5 12v7.5h14V12";
pub(super) const CHECK: &str = "M4.5 12.5l5 5 10-11";
pub(super) const SEND: &str = "M4 12 20 4.5 15.5 20l-3.5-6.5L4 12zM12 13.5l3-4";
pub(super) const ARROW: &str = "M4.5 12h15M13.5 6l6 6-6 6";
pub(super) const AGAIN: &str = "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4v5h-5";
pub(super) const WARNING: &str = "M12 4 2.8 19.5h18.4L12 4zM12 10v4.5M12 17v.2";
pub(super) const INFO: &str = "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.8V8";
pub(super) const SPEAKER: &str =
    "M4 9.5v5h3.5L12 19V5L7.5 9.5H4zM15.5 8.5a5 5 0 0 1 0 7M18 6a8.5 8.5 0 0 1 0 12";
