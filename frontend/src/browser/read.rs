use maju_call::Misread;
use serde::de::DeserializeOwned;

/// Reads what another client sent.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, Misread> {
    serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        Misread {
            // Serde has no kind for it, only these words.
            unknown: reason.starts_with("unknown variant"),
            reason,
        }
    })
}

/// What means nothing in any version.
pub(crate) fn nonsense(reason: &str) -> Misread {
    Misread {
        reason: reason.to_owned(),
        unknown: false,
    }
}

#[cfg(test)]
mod tests {
    use maju_protocol::ChannelMessage;

    use super::*;

    fn is_unknown(text: &str) -> bool {
        read::<ChannelMessage>(text).unwrap_err().unknown
    }

    #[test]
    fn messages_of_later_versions_are_told_from_nonsense() {
        assert!(is_unknown(r#"{"wave":{"hand":"left"}}"#));
        assert!(is_unknown(r#"{"signal":{"goodbye":{}}}"#));
        for text in [
            "",
            "{}",
            "7",
            r#"{"chat":{"seq":-1}}"#,
            r#"{"chat":{},"status":{}}"#,
        ] {
            assert!(!is_unknown(text), "{text}");
        }
    }
}
