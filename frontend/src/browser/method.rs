use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Calls a method that web-sys does not have, with one argument or none. Nothing where the browser does not have
/// it either, or where it throws.
pub(crate) fn call(on: &JsValue, method: &str, argument: Option<&JsValue>) -> Option<JsValue> {
    let method: Function = Reflect::get(on, &method.into()).ok()?.dyn_into().ok()?;
    method.apply(on, &argument.into_iter().collect::<Array>()).ok()
}
