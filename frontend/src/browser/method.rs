use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Calls a method that web-sys does not have, with one argument or none. Nothing where the browser does not have
/// it either, or where it throws.
pub(crate) fn call(on: &JsValue, method: &str, argument: Option<&JsValue>) -> Option<JsValue> {
    apply(on, method, &argument.into_iter().collect())
}

/// The same with any number of arguments.
pub(crate) fn apply(on: &JsValue, method: &str, arguments: &Array) -> Option<JsValue> {
    let method: Function = Reflect::get(on, &method.into()).ok()?.dyn_into().ok()?;
    method.apply(on, arguments).ok()
}

/// A property that web-sys does not have; undefined where the browser does not have it either.
pub(crate) fn property(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}
