//! Ids of requests, and of the sockets that they become: they tell in the log what belongs together, and whom an operator
//! is asked about.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, debug, error_span};

/// Where an answer tells the id. What a request has of that name counts for nothing: anybody may write anything there.
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where ids come from. They are not alike while the server lives, and tell nobody how many there were.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    count: AtomicU64,
    mixer: RandomState,
}

impl Ids {
    fn next(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}", self.mixer.hash_one(count))
    }
}

/// Answers a request within a span that has its id, and tells the id to whom it answers.
pub(crate) async fn identify(State(ids): State<Arc<Ids>>, request: Request, next: Next) -> Response {
    let id = ids.next();
    // Every line has it, whatever the level that is logged.
    let span = error_span!("request", %id);
    let method = request.method().clone();
    // Never the path itself: names of rooms are in it.
    let route = request.extensions().get::<MatchedPath>().cloned();
    async {
        let mut response = next.run(request).await;
        let route = route.as_ref().map_or("app", MatchedPath::as_str);
        debug!(%method, route, status = response.status().as_u16(), "answered");
        if let Ok(id) = HeaderValue::try_from(id) {
            response.headers_mut().insert(X_REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_ids_are_alike() {
        let ids = Ids::default();
        let made: HashSet<_> = (0..10_000).map(|_| ids.next()).collect();
        assert_eq!(made.len(), 10_000);
        assert!(made.iter().all(|id| id.len() == 16));
    }
}
