use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

use super::words::t;

/// How many modules a reader needs free around a code.
const QUIET: i32 = 4;

/// The link as a code that the camera of a phone reads; nothing where the link is too long for one.
pub(super) fn qr(link: &str) -> Option<AnyView> {
    let code = QrCode::encode_text(link, QrCodeEcc::Medium).ok()?;
    let all = (code.size() + 2 * QUIET).to_string();
    Some(
        view! {
            <svg role="img" aria-label=t("QR code of the link") viewBox=["0 0 ", &all, " ", &all].concat()>
                <path d=dark(&code)></path>
            </svg>
        }
        .into_any(),
    )
}

/// The dark modules, each row's neighbours in one piece.
fn dark(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let begin = x;
            while code.get_module(x, y) {
                x += 1;
            }
            if x > begin {
                let length = (x - begin).to_string();
                let (left, top) = ((begin + QUIET).to_string(), (y + QUIET).to_string());
                for part in ["M", &left, " ", &top, "h", &length, "v1h-", &length, "z"] {
                    path.push_str(part);
                }
            }
            x += 1;
        }
    }
    path
}
