use wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, window};

/// Makes the page dark or light, or as the system says. The style sheet follows `data-theme`; the browser's own frame
/// around the page follows the one `<meta name="theme-color">` that counts.
pub fn dress(dark: Option<bool>) {
    let Some(document) = window().and_then(|window| window.document()) else {
        return;
    };
    if let Some(root) = document.document_element() {
        // An element takes any attribute of a proper name.
        let _dressed = match dark {
            Some(dark) => root.set_attribute("data-theme", theme_name(dark)),
            None => root.remove_attribute("data-theme"),
        };
    }
    for (id, its) in [("paper-light", false), ("paper-dark", true)] {
        let media = match dark {
            Some(dark) if dark == its => "all",
            Some(_) => "not all",
            None if its => "(prefers-color-scheme: dark)",
            None => "(prefers-color-scheme: light)",
        };
        if let Some(meta) = document.get_element_by_id(id) {
            let _told = meta.set_attribute("media", media);
        }
    }
}

/// Adds a style sheet that is one rule, a block of a layer, behind all others. This way does not need the page's policy to
/// allow it.
pub fn add_style(rule: &str) {
    let sheets = window().and_then(|window| Some(window.document()?.style_sheets()));
    let last = sheets.and_then(|sheets| sheets.item(sheets.length().checked_sub(1)?));
    let Some(sheet) = last.and_then(|last| last.dyn_into::<CssStyleSheet>().ok()) else {
        return;
    };
    let count = sheet.css_rules().map_or(0, |rules| rules.length());
    // What is in the app is well formed.
    let _added = sheet.insert_rule_with_index(rule, count);
}

pub(crate) fn theme_name(dark: bool) -> &'static str {
    if dark { "dark" } else { "light" }
}
