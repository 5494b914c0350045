//! Presses keys as a keyboard does: the browser itself decides what comes of them.

use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};
use serde::Deserialize;

use crate::{Browser, Outcome};

/// What has the focus.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Focus {
    /// Its tag.
    pub tag: String,
    /// Its id, empty without one.
    pub id: String,
    /// What it is called: the label, or else the text.
    pub name: String,
    /// Whether a ring shows it.
    pub ring: bool,
}

const FOCUS: &str = "(() => {
    const at = document.activeElement ?? document.body;
    const style = getComputedStyle(at);
    const label = at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent || '';
    return {
        tag: at.localName,
        id: at.id,
        name: label.replace(/\\s+/g, ' ').trim().slice(0, 200),
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    };
})()";

impl Browser {
    /// Presses a key, with others held down as in `Shift+Tab`: a character, or the name of a key.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn key(&self, keys: &str) -> Outcome {
        let keys: Vec<char> = match keys {
            "+" => vec!['+'],
            keys => keys.split('+').filter_map(value).collect(),
        };
        let down = keys.iter().map(|&value| KeyAction::Down { value });
        let up = keys.iter().rev().map(|&value| KeyAction::Up { value });
        let actions = down
            .chain(up)
            .fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Types a text, a key for each character.
    ///
    /// # Errors
    /// When the driver refuses.
    pub async fn type_keys(&self, text: &str) -> Outcome {
        let actions = text
            .chars()
            .flat_map(|value| [KeyAction::Down { value }, KeyAction::Up { value }])
            .fold(KeyActions::new("keyboard".to_owned()), KeyActions::then);
        Ok(self.client.perform_actions(actions).await?)
    }

    /// What has the focus.
    ///
    /// # Errors
    /// When the page does not answer.
    pub async fn focus(&self) -> Outcome<Focus> {
        self.eval(FOCUS).await
    }
}

fn value(key: &str) -> Option<char> {
    let key = match key {
        "Tab" => Key::Tab,
        "Shift" => Key::Shift,
        "Control" => Key::Control,
        "Enter" => Key::Enter,
        "Escape" => Key::Escape,
        "Home" => Key::Home,
        "End" => Key::End,
        "Left" => Key::Left,
        "Right" => Key::Right,
        "Up" => Key::Up,
        "Down" => Key::Down,
        "Space" => return Some(' '),
        other => return other.chars().next(),
    };
    Some(key.into())
}
