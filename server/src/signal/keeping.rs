//! Seats whose sockets are gone, kept for those who come back.

use std::time::Duration;

use maju_protocol::LeaveReason;
use tokio::{
    select,
    time::{Instant, sleep_until},
};

use crate::signal::{Surroundings, end::End, hub::Seat, outbox::Outbox};

/// The longest that a seat is kept whose socket was closed with code 1001 without `leave`.
///
/// A page that is left says `leave`. Without it there are two who close like this: the browser of a page that crashed,
/// which nobody should look at for long, and a reverse proxy that takes a new configuration. Then all pages come
/// back at once, after the quarter of a second for which they wait before their first try.
const AFTER_GOING_AWAY: Duration = Duration::from_secs(2);

/// A timer that is later than this tells that the server itself stood still: its machine slept, or was overloaded.
const OVERSLEPT: Duration = Duration::from_secs(1);

/// Frees the seat of a socket that had this end when nobody came back in time.
pub(crate) async fn keep(around: &Surroundings, seat: &Seat, outbox: &Outbox, end: End) {
    select! {
        () = outbox.taken_over().cancelled() => {}
        () = around.stopping.cancelled() => {}
        () = passed(time_to_come_back(end, around.config.silence)) => {
            around.hub.leave(seat, LeaveReason::Lost);
        }
    }
}

/// Whether a timer that was set to this time, and is ready, is so late that nobody could be heard meanwhile.
pub(crate) fn overslept(time: Instant) -> bool {
    time.elapsed() > OVERSLEPT
}

fn time_to_come_back(end: End, silence: Duration) -> Duration {
    if end == End::WentAway {
        silence.min(AFTER_GOING_AWAY)
    } else {
        silence
    }
}

/// Waits for so long, and once more if the server slept over it: nobody could come back meanwhile.
async fn passed(duration: Duration) {
    loop {
        let time = Instant::now() + duration;
        sleep_until(time).await;
        if !overslept(time) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_went_away_has_less_time_than_silence_and_never_more() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(12));
        assert_eq!(time_to_come_back(End::Closed, long), long);
        assert_eq!(time_to_come_back(End::WentAway, long), AFTER_GOING_AWAY);
        assert_eq!(time_to_come_back(End::WentAway, short), short);
    }
}
