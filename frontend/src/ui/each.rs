//! Values and lists of the page, in few kinds of code. Leptos makes its own for each type and each closure, and that is
//! most of what a first visit downloads; behind a `Box` they share one.

use std::sync::Arc;

use leptos::prelude::*;

/// A value that is worked out anew when what it is made of changes, and tells on only when it is another.
pub(super) fn memo<T>(value: impl Fn() -> T + Send + Sync + 'static) -> Memo<T>
where
    T: PartialEq + Send + Sync + 'static,
{
    let value: Box<dyn Fn() -> T + Send + Sync> = Box::new(value);
    Memo::new(move |_| value())
}

type Make = Box<dyn FnOnce() -> AnyView + Send>;

/// A list. What is shown of an entry stays and moves as long as there is one of that key.
pub(super) fn each<T>(
    entries: impl Fn() -> Vec<T> + Send + Sync + 'static,
    key: impl Fn(&T) -> String + Send + Sync + 'static,
    view: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: Send + 'static,
{
    let view = Arc::new(view);
    list(Box::new(move || {
        let make = |entry| {
            let (key, view) = (key(&entry), view.clone());
            let make: Make = Box::new(move || view(entry));
            (key, make)
        };
        entries().into_iter().map(make).collect()
    }))
}

fn list(entries: Box<dyn Fn() -> Vec<(String, Make)> + Send + Sync>) -> AnyView {
    view! { <For each=entries key=|(key, _)| key.clone() children=|(_, make)| make() /> }.into_any()
}
