//! JSON by the browser's own reader and writer: a parser of our own would be a tenth of the download.

use js_sys::JSON;
use maju_call::Misread;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_wasm_bindgen::{Error, Serializer, from_value, preserve};
use wasm_bindgen::JsValue;

/// A part of a message that is read later.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Unread(#[serde(with = "preserve")] JsValue);

/// The value that a text is.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    from_value(JSON::parse(text).map_err(Error::from)?)
}

/// The text of a value; none for one that has no form in JSON.
pub(crate) fn to_text(value: &impl Serialize) -> Option<String> {
    let value = value.serialize(&Serializer::json_compatible()).ok()?;
    JSON::stringify(&value).ok().map(String::from)
}

/// Reads what another client sent.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    from_text(text).map_err(|error| misread(&error))
}

impl Unread {
    /// Reads it after all.
    pub(crate) fn read<T: DeserializeOwned>(self) -> Result<T, Misread> {
        from_value(self.0).map_err(|error| misread(&error))
    }
}

fn misread(error: &Error) -> Misread {
    let text = error.to_string();
    // It is a JavaScript error, which names itself first.
    let reason = text.strip_prefix("Error: ").unwrap_or(&text).to_owned();
    Misread {
        // Serde has no kind for it, only these words.
        unknown: reason.starts_with("unknown variant"),
        reason,
    }
}

/// What means nothing in any version.
pub(crate) fn nonsense(reason: &str) -> Misread {
    Misread {
        reason: reason.to_owned(),
        unknown: false,
    }
}

// Only a browser can read it.
#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use maju_protocol::ChannelMessage;
    use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

    use super::*;

    wasm_bindgen_test_configure!(run_in_browser);

    /// Nothing for what can be read.
    fn is_unknown(text: &str) -> Option<bool> {
        read::<ChannelMessage>(text).err().map(|misread| misread.unknown)
    }

    #[wasm_bindgen_test]
    fn messages_of_later_versions_are_told_from_nonsense() {
        assert_eq!(is_unknown(r#"{"wave":{"hand":"left"}}"#), Some(true));
        assert_eq!(is_unknown(r#"{"signal":{"goodbye":{}}}"#), Some(true));
        for text in [
            "",
            "{}",
            "7",
            r#"{"chat":{"seq":-1}}"#,
            r#"{"chat":{},"status":{}}"#,
        ] {
            assert_eq!(is_unknown(text), Some(false), "{text}");
        }
    }
}
