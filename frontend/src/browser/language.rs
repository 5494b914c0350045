//! The languages of the person, of the page, and the words of another one.

use js_sys::{Array, Intl, JsString, Object};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, window};

use super::{address::query, keep};

/// Which of these languages the person wants first: that of the address (`?lang=ko`), that chosen here before, those of the
/// browser, in this order.
pub fn wanted_language(known: &[&str]) -> Option<usize> {
    let of = |tag: &str| known.iter().position(|known| main_part(known) == main_part(tag));
    query("lang")
        .and_then(|tag| of(&tag))
        .or_else(|| keep::language().and_then(|tag| of(&tag)))
        .or_else(|| of_browser().iter().find_map(|tag| of(tag)))
}

/// The words of a language and the English ones that they stand for. Where there are forms for numbers, behind the English
/// words stand `#` and the category that a form is for.
pub async fn fetch_words(tag: &str) -> Option<Vec<(String, String)>> {
    let answer = window()?.fetch_with_str(&format!("/locales/{tag}.json"));
    let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    // Servers of files may answer with a page where there is no file.
    let table = JsFuture::from(answer.json().ok()?).await.ok()?;
    let mut words = Vec::new();
    for (english, value) in entries(&table)? {
        match value.as_string() {
            Some(text) => words.push((english, text)),
            None => {
                for (category, form) in entries(&value)? {
                    words.push((format!("{english}#{category}"), form.as_string()?));
                }
            }
        }
    }
    Some(words)
}

fn entries(table: &JsValue) -> Option<Vec<(String, JsValue)>> {
    Object::entries(table.dyn_ref()?)
        .iter()
        .map(|pair| {
            let pair: Array = pair.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1)))
        })
        .collect()
}

/// Which of the forms that the language of the page has is the one for a number (Unicode Technical Standard 35, part 3).
pub fn plural_category(number: usize) -> String {
    let rules = Intl::PluralRules::new(&Array::of1(&locale().into()), &Object::new());
    rules.select(number as f64).into()
}

/// Says of the page in which language it is.
pub fn set_language(tag: &str) {
    if let Some(root) = root() {
        // Any name and value that come here are fit for an attribute.
        let _set = root.set_attribute("lang", tag);
    }
}

/// How dates and numbers are written: as where the person is, if the page speaks the language that they speak there.
pub(super) fn locale() -> String {
    let spoken = root()
        .and_then(|root| root.get_attribute("lang"))
        .unwrap_or_default();
    let near = of_browser()
        .into_iter()
        .find(|tag| main_part(tag) == main_part(&spoken));
    near.unwrap_or(spoken)
}

fn root() -> Option<web_sys::Element> {
    window()?.document()?.document_element()
}

fn of_browser() -> Vec<String> {
    let languages = window().map(|window| window.navigator().languages());
    languages
        .iter()
        .flat_map(Array::iter)
        .filter_map(|tag| tag.dyn_into::<JsString>().ok())
        .map(String::from)
        .collect()
}

/// `de` of `de-AT`.
fn main_part(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_ascii_lowercase()
}
