//! What a page of the app brings with it, so that the browser can be told to run nothing else.

use std::fmt::Write as _;

use axum::http::Uri;
use base64::{Engine, prelude::BASE64_STANDARD};
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use sha2::{Digest, Sha256};

/// The parts of a page that a Content-Security-Policy has to name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// The hashes of its inline scripts, as a policy has them (Content Security Policy Level 3, section 2.3.1), each after a
    /// blank.
    pub(crate) scripts: String,
    /// The same of its inline style sheets.
    pub(crate) styles: String,
    /// The origin of the signaling socket that it names, where that is elsewhere.
    pub(crate) signal: Option<String>,
}

impl Page {
    pub(crate) fn of(html: &str) -> Self {
        let mut page = Self::default();
        let mut emitter = DefaultEmitter::<()>::default();
        emitter.naively_switch_states(true);
        // What the element that is open now holds.
        let mut open: Option<(Element, String)> = None;
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => {
                    page.signal = page.signal.or_else(|| signal(&tag));
                    open = Element::of(&tag).map(|element| (element, String::new()));
                }
                Token::String(text) => {
                    if let Some((_, content)) = &mut open {
                        content.push_str(&String::from_utf8_lossy(&text.value));
                    }
                }
                Token::EndTag(_) => {
                    let list = open.take().map(|(element, content)| match element {
                        Element::Script => (&mut page.scripts, content),
                        Element::Style => (&mut page.styles, content),
                    });
                    if let Some((list, content)) = list {
                        let hash = BASE64_STANDARD.encode(Sha256::digest(content));
                        // Writing to a string does not fail.
                        let _ = write!(list, " 'sha256-{hash}'");
                    }
                }
                _ => {}
            }
        }
        page
    }
}

/// An element whose content has to be named.
#[derive(Clone, Copy)]
enum Element {
    Script,
    Style,
}

impl Element {
    fn of(tag: &StartTag<()>) -> Option<Self> {
        match &**tag.name {
            b"script" if !tag.attributes.contains_key(&b"src"[..]) => Some(Self::Script),
            b"style" => Some(Self::Style),
            _ => None,
        }
    }
}

/// The origin that `<meta name="maju-signal">` names.
fn signal(tag: &StartTag<()>) -> Option<String> {
    let attribute = |name: &[u8]| {
        tag.attributes
            .get(name)
            .and_then(|value| str::from_utf8(value).ok())
    };
    if &**tag.name != b"meta" || attribute(b"name") != Some("maju-signal") {
        return None;
    }
    let address: Uri = attribute(b"content")?.trim().parse().ok()?;
    let scheme = address
        .scheme_str()
        .filter(|scheme| matches!(*scheme, "ws" | "wss"))?;
    let host = crate::web::origin::as_host(address.authority()?)?;
    Some(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
    const ALERT: &str = " 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

    #[test]
    fn inline_scripts_and_styles_are_named_and_others_are_not() {
        let page = Page::of(
            "<!doctype html><meta name=maju-signal><!-- <script>no</script> --><script>alert(1)</script>\
             <SCRIPT type=module>alert(1)</SCRIPT><script src=/a.js></script><p>alert(1)</p><style>alert(1)</style>",
        );
        assert_eq!(page.scripts, [ALERT, ALERT].concat());
        assert_eq!(page.styles, ALERT);
        assert_eq!(page.signal, None);
        assert_eq!(Page::of("plain"), Page::default());
    }

    #[test]
    fn a_script_is_taken_as_browsers_take_it() {
        let text = "if (a < b && \"<p>\") { x = '&amp;' }\n";
        let page = Page::of(&format!("<script>{text}</script>"));
        let hash = BASE64_STANDARD.encode(Sha256::digest(text));
        assert_eq!(page.scripts, format!(" 'sha256-{hash}'"));
        assert_eq!(
            Page::of("<script>a\r\nb</script>"),
            Page::of("<script>a\nb</script>")
        );
    }

    #[test]
    fn a_socket_elsewhere_is_named_by_its_origin() {
        let of = |content: &str| Page::of(&format!("<meta name=maju-signal content=\"{content}\">")).signal;
        assert_eq!(
            of("wss://maju.example/signal").as_deref(),
            Some("wss://maju.example")
        );
        assert_eq!(
            of(" ws://127.0.0.1:8080/signal ").as_deref(),
            Some("ws://127.0.0.1:8080")
        );
        for bad in [
            "",
            "https://maju.example",
            "/signal",
            "wss://a;script-src *",
            "wss://u@maju.example/",
        ] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
