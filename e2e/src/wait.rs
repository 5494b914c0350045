use std::{
    fmt::{Debug, Display},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use crate::{Failure, Outcome};

/// How long a condition may take to come true. Long, because two cores may be running six browsers.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(60);

/// Asks again and again until the answer is good, and returns it. The probe's `Err` inside of `Ok` says what was
/// seen instead; its outer error counts as "not yet", because pages change while they are looked at.
///
/// # Errors
/// When the answer is still not good after 20 s: what was waited for and what was seen last.
pub async fn until<T>(
    what: impl Display,
    probe: impl AsyncFnMut() -> Outcome<Result<T, String>>,
) -> Outcome<T> {
    until_within(PATIENCE, what, probe).await
}

/// The same for what may take longer or has to come sooner than 20 s.
///
/// # Errors
/// When the answer is still not good after the patience: what was waited for and what was seen last.
pub async fn until_within<T>(
    patience: Duration,
    what: impl Display,
    mut probe: impl AsyncFnMut() -> Outcome<Result<T, String>>,
) -> Outcome<T> {
    let deadline = Instant::now() + patience;
    loop {
        let seen = match probe().await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(seen)) => seen,
            Err(failure) => failure.to_string(),
        };
        if Instant::now() >= deadline {
            return Err(Failure::new(format!(
                "waited {} s for this: {what}\n  seen last: {seen}",
                patience.as_secs()
            )));
        }
        sleep(PAUSE).await;
    }
}

/// The answer of a probe: the value when the condition holds, else what the value was.
pub fn holds<T: Debug>(value: T, condition: impl FnOnce(&T) -> bool) -> Result<T, String> {
    if condition(&value) {
        Ok(value)
    } else {
        Err(format!("{value:?}"))
    }
}
