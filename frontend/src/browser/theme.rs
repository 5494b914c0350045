use wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, HtmlStyleElement, window};

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

/// Adds a style sheet that is one rule, a block of a layer, behind all others of the app. This way does not need the page's
/// policy to allow it.
pub fn add_style(rule: &str) {
    let Some(sheet) = own_sheet() else { return };
    let count = sheet.css_rules().map_or(0, |rules| rules.length());
    // What is in the app is well formed.
    let _added = sheet.insert_rule_with_index(rule, count);
}

/// The last one of the app's own: extensions of the browser add others.
fn own_sheet() -> Option<CssStyleSheet> {
    let styles = window()?.document()?.query_selector_all("style").ok()?;
    let mut styles = (0..styles.length()).rev().filter_map(|index| styles.get(index));
    let own = styles.find(|style| {
        style
            .text_content()
            .is_some_and(|text| text.contains("@layer pages"))
    })?;
    own.dyn_into::<HtmlStyleElement>().ok()?.sheet()?.dyn_into().ok()
}

pub(crate) fn theme_name(dark: bool) -> &'static str {
    if dark { "dark" } else { "light" }
}
