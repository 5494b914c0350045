//! What happens to signaling sockets on their way through other people's machines.

use std::time::Duration;

use maju_e2e::{Measure, Outcome, Person, Proxy, Stage, between, note, now, runs};
use tokio::time::sleep;

use crate::company::{PATIENCE, entry, gather, own_id, unharmed};

#[tokio::test]
async fn a_socket_that_is_cut_is_resumed_and_nobody_notices() -> Outcome {
    let (_stage, proxy, [ana, bo]) = ana_behind_a_proxy().await?;
    let id = own_id(&ana).await?;
    for round in 0..runs(2, 1)? {
        let since = now();
        if round % 2 == 0 {
            proxy.refuse();
            sleep(Duration::from_millis(500 * u64::from(round + 1))).await;
            proxy.serve();
        } else {
            proxy.cut();
        }
        let back = now();
        let welcome = ana
            .notices("their seat again", since, PATIENCE, |watch| {
                watch.welcomed(since).cloned()
            })
            .await?;
        note(Measure::SocketCut, between(back, welcome.time))?;
        assert_eq!(
            (welcome.you, welcome.kept),
            (id.clone(), true),
            "the seat was not kept"
        );
        unharmed(&[&ana, &bo], since, &["connected"]).await?;
    }
    Ok(())
}

#[tokio::test]
#[ignore = "takes half a minute a round"]
async fn a_socket_that_falls_silent_is_replaced_and_nobody_notices() -> Outcome {
    let (_stage, proxy, [ana, bo]) = ana_behind_a_proxy().await?;
    let id = own_id(&ana).await?;
    for _ in 0..runs(1, 1)? {
        let since = now();
        proxy.fall_silent();
        ana.notices("the old socket is given up", since, PATIENCE, |watch| {
            watch.sockets.iter().find_map(|socket| socket.closed)
        })
        .await?;
        proxy.serve();
        let back = now();
        let welcome = ana
            .notices("their seat again", back, PATIENCE, |watch| {
                watch.welcomed(back).cloned()
            })
            .await?;
        note(Measure::SocketSilent, between(back, welcome.time))?;
        assert_eq!(welcome.you, id, "another seat");
        unharmed(&[&ana, &bo], since, &["connected"]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_proxy_that_drops_idle_sockets_drops_none() -> Outcome {
    through_idle_proxy(Duration::from_secs(8), Duration::from_secs(20))
        .await
        .map(drop)
}

#[tokio::test]
#[ignore = "takes three minutes"]
async fn a_proxy_that_drops_sockets_idle_for_a_minute_drops_none() -> Outcome {
    let still = through_idle_proxy(Duration::from_secs(60), Duration::from_secs(190)).await?;
    note(Measure::IdleProxy, still)
}

/// Ana, whose socket goes through a proxy, and Bo, whose socket does not, in a call.
async fn ana_behind_a_proxy() -> Outcome<(Stage, Proxy, [Person; 2])> {
    let stage = Stage::new().await?;
    let proxy = Proxy::start(&stage.server.address, None).await?;
    let (far, near) = (proxy.address.to_string(), stage.server.address.to_string());
    let people = gather([(entry("Ana"), &far), (entry("Bo"), &near)]).await?;
    Ok((stage, proxy, people))
}

/// Holds a call through such a proxy for a while; the longest that a picture stood still.
async fn through_idle_proxy(idle: Duration, length: Duration) -> Outcome<Duration> {
    let stage = Stage::new().await?;
    let proxy = Proxy::start(&stage.server.address, Some(idle)).await?;
    let base = proxy.address.to_string();
    let people = gather(["Ana", "Bo"].map(|name| (entry(name), base.as_str()))).await?;
    let since = now();
    sleep(length).await;
    let watches = unharmed(&people.each_ref(), since, &["connected"]).await?;
    for watch in &watches {
        let closed = watch.sockets.iter().any(|socket| socket.closed.is_some());
        assert!(!closed, "a socket was dropped: {:?}", watch.sockets);
        assert_eq!(watch.notices, []);
    }
    Ok(watches
        .iter()
        .map(|watch| watch.longest_still(since, watch.now))
        .max()
        .unwrap_or_default())
}
