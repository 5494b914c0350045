use wasm_bindgen::JsCast;
use web_sys::{
    Document, Element, Event, EventInit, HtmlElement, HtmlInputElement, HtmlTextAreaElement, window,
};

/// What somebody has typed into the page and unfolded, and where they are in it, to be put into a page that was built anew.
pub struct Typed {
    texts: Vec<String>,
    unfolded: Vec<bool>,
    focused: Option<String>,
}

impl Typed {
    /// Takes it from the page.
    pub fn take() -> Self {
        let texts = fields().iter().map(text).collect();
        let unfolded = details().iter().map(|part| part.has_attribute("open")).collect();
        let focused = document().and_then(|document| document.active_element());
        Self {
            texts,
            unfolded,
            focused: focused.map(|element| element.id()).filter(|id| !id.is_empty()),
        }
    }

    /// Puts it into the page as if it were typed anew. A page with other fields is left as it is.
    pub fn put_back(self) {
        let fields = fields();
        if fields.len() == self.texts.len() {
            for (field, before) in fields.iter().zip(self.texts) {
                if text(field) != before {
                    set_text(field, &before);
                }
            }
        }
        for (part, open) in details().iter().zip(self.unfolded) {
            // Its name is fit for an attribute.
            let _set = part.toggle_attribute_with_force("open", open);
        }
        let focused = self.focused.and_then(|id| document()?.get_element_by_id(&id));
        if let Some(element) = focused.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            // An element that cannot take the focus leaves it where it is.
            let _ = element.focus();
        }
    }
}

fn document() -> Option<Document> {
    window()?.document()
}

/// Everything that can be typed into.
fn fields() -> Vec<Element> {
    all("input:not([type=checkbox]):not([type=range]):not([readonly]), textarea")
}

/// Everything that can be unfolded.
fn details() -> Vec<Element> {
    all("details")
}

fn all(selector: &str) -> Vec<Element> {
    let all = document().and_then(|document| document.query_selector_all(selector).ok());
    let all = all
        .iter()
        .flat_map(|all| (0..all.length()).filter_map(|index| all.get(index)));
    all.filter_map(|node| node.dyn_into().ok()).collect()
}

fn text(field: &Element) -> String {
    match field.dyn_ref::<HtmlInputElement>() {
        Some(field) => field.value(),
        None => field
            .dyn_ref::<HtmlTextAreaElement>()
            .map(HtmlTextAreaElement::value)
            .unwrap_or_default(),
    }
}

fn set_text(field: &Element, text: &str) {
    match field.dyn_ref::<HtmlInputElement>() {
        Some(field) => field.set_value(text),
        None => {
            if let Some(field) = field.dyn_ref::<HtmlTextAreaElement>() {
                field.set_value(text);
            }
        }
    }
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
        let _ = field.dispatch_event(&event);
    }
}
