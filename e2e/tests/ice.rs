//! The STUN and TURN servers that the operator names are the ones that browsers use.

use std::{net::SocketAddr, time::Duration};

use maju_e2e::{Entry, Failure, Look, Outcome, Person, Stage};
use tokio::{net::UdpSocket, time::timeout};

/// What every STUN message bears in its bytes 4 to 7 (RFC 8489, section 5).
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0, 1];

#[tokio::test]
async fn browsers_ask_the_stun_server_that_the_operator_named() -> Outcome {
    let stun = UdpSocket::bind(SocketAddr::new(own_address().await?.ip(), 0)).await?;
    let named = format!("stun:{}", stun.local_addr()?);
    let stage = Stage::with_flags(&["--ice-server", &named]).await?;
    let base = stage.server.address.as_str();
    let _ana = Person::enter(&Entry::new("Ana", "stun").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "stun").look(Look::GREEN), base).await?;

    let mut message = [0; 1500];
    let (length, _) = timeout(Duration::from_secs(20), stun.recv_from(&mut message))
        .await
        .map_err(|_| Failure::new("nobody asked the STUN server"))??;
    assert!(length >= 20, "{length} bytes are no STUN message");
    assert_eq!(
        (&message[..2], &message[4..8]),
        (&BINDING_REQUEST[..], &MAGIC_COOKIE[..])
    );
    // It never answers, and the call does not wait for it.
    bo.sees_moving("Ana").await.map(drop)
}

#[tokio::test]
async fn no_stun_server_is_asked_unless_the_operator_names_one() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let script = "const Real = RTCPeerConnection; window.asked = []; \
        window.RTCPeerConnection = new Proxy(Real, { construct(target, [config]) { \
            window.asked.push((config?.iceServers ?? []).length); return new target(config); } });";
    let ana = Person::enter(&Entry::new("Ana", "none").look(Look::RED).script(script), base).await?;
    let _bo = Person::enter(&Entry::new("Bo", "none").look(Look::GREEN), base).await?;
    ana.sees_moving("Bo").await?;
    let asked: Vec<usize> = ana.browser.eval("window.asked").await?;
    assert_eq!(asked, [0], "the ICE servers of each connection");
    Ok(())
}

/// The address from which this machine would speak to others: browsers do not ask a STUN server on the loopback.
async fn own_address() -> Outcome<SocketAddr> {
    let probe = UdpSocket::bind("0.0.0.0:0").await?;
    // Nothing is sent: connecting a UDP socket only chooses the route.
    probe.connect("192.0.2.1:9").await?;
    Ok(probe.local_addr()?)
}
