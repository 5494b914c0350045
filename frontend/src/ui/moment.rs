use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

/// Something that is shown for so long, and what shows it; something newer takes its place.
pub(super) fn for_a_moment<T>(stays: Duration) -> (RwSignal<T>, impl Fn(T) + Copy)
where
    T: Default + Send + Sync + 'static,
{
    let shown = RwSignal::new(T::default());
    let timer = StoredValue::new_local(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    on_cleanup(stop);
    let show = move |what| {
        shown.set(what);
        stop();
        let gone = move || _ = shown.try_set(T::default());
        timer.set_value(set_timeout_with_handle(gone, stays).ok());
    };
    (shown, show)
}
