//! "Hide my address", with routers and a real TURN server between two people.

use maju_e2e::{Entry, Lab, Look, Nat, Outcome, Person, Place, Stage, holds, until};

/// Waits until all packets of a person travel by the relay.
async fn is_relayed(person: &Person) -> Outcome {
    until(format!("{} is relayed", person.name), async || {
        Ok(holds(person.routes().await?, |routes| {
            !routes.is_empty() && routes.iter().all(|route| route.local == "relay")
        }))
    })
    .await
    .map(drop)
}

async fn is_direct(person: &Person) -> Outcome {
    until(format!("{} is not relayed", person.name), async || {
        Ok(holds(person.routes().await?, |routes| {
            !routes.is_empty() && routes.iter().all(|route| route.local != "relay")
        }))
    })
    .await
    .map(drop)
}

fn entry(name: &str, look: Look) -> Entry {
    Entry::new(name, "hidden").look(look).watched()
}

#[tokio::test]
async fn who_hides_the_address_in_the_lobby_is_reached_by_the_relay_alone() -> Outcome {
    let _turn = Stage::turn().await;
    let Some(lab) = Lab::build("hiding the address in the lobby", Nat::Cone, Nat::Cone).await? else {
        return Ok(());
    };
    let turn = lab.turn().await?;
    let server = lab.server(&[&turn.turn_flag("udp")]).await?;
    let base = server.address.as_str();
    let bo = Person::enter(&lab.at(Place::Outside, entry("Bo", Look::GREEN)), base).await?;
    let ana = Person::open(&lab.at(Place::One, entry("Ana", Look::RED)), base).await?;
    ana.browser.click("switch", "Hide my address").await?;
    ana.join().await?;
    bo.sees_look("Ana", Look::RED).await?;
    ana.sees_look("Bo", Look::GREEN).await?;
    is_relayed(&ana).await?;
    let told: Vec<String> = bo.browser.eval("__e2e.remoteKinds()").await?;
    assert!(
        told.iter().all(|kind| kind == "relay" || kind == "prflx"),
        "{told:?}"
    );
    assert!(!told.is_empty());
    // The wish is kept for the next time.
    ana.browser.goto(&entry("Ana", Look::RED).address(base)?).await?;
    let node = ana.browser.node("switch", "Hide my address").await?;
    assert!(
        ana.browser
            .call::<bool>(&node, "function () { return this.checked }")
            .await?
    );
    Ok(())
}

#[tokio::test]
async fn hiding_the_address_in_the_call_moves_it_to_the_relay_and_back() -> Outcome {
    moves(entry("Ana", Look::RED), "hiding the address in a call").await
}

#[tokio::test]
async fn hiding_the_address_in_firefox_moves_the_call_to_the_relay_and_back() -> Outcome {
    moves(entry("Ana", Look::RED).firefox(), "hiding the address in Firefox").await
}

async fn moves(ana: Entry, what: &str) -> Outcome {
    let _turn = Stage::turn().await;
    let Some(lab) = Lab::build(what, Nat::Cone, Nat::Cone).await? else {
        return Ok(());
    };
    let turn = lab.turn().await?;
    let server = lab.server(&[&turn.turn_flag("udp"), &turn.stun_flag()]).await?;
    let base = server.address.as_str();
    let bo = Person::enter(&lab.at(Place::Outside, entry("Bo", Look::GREEN)), base).await?;
    let ana = Person::enter(&lab.at(Place::One, ana), base).await?;
    bo.sees_moving("Ana").await?;
    is_direct(&ana).await?;
    ana.press("Settings").await?;
    for hidden in [true, false] {
        ana.browser.click("switch", "Hide my address").await?;
        if hidden {
            is_relayed(&ana).await?;
        } else {
            is_direct(&ana).await?;
        }
        bo.sees_moving("Ana").await?;
        ana.sees_moving("Bo").await?;
        // The way that shows the address is closed. Where it may be taken again, the connection stays.
        let links = ana.links().await?;
        let states: Vec<_> = links.iter().map(|link| link.state.as_str()).collect();
        assert_eq!(states, ["closed", "connected"]);
    }
    Ok(())
}

#[tokio::test]
async fn where_the_server_hides_everybody_nobody_can_choose() -> Outcome {
    let _turn = Stage::turn().await;
    let Some(lab) = Lab::build("a server that hides everybody", Nat::Cone, Nat::Cone).await? else {
        return Ok(());
    };
    let turn = lab.turn().await?;
    let server = lab.server(&[&turn.turn_flag("udp"), "--relay-only"]).await?;
    let base = server.address.as_str();
    let bo = Person::enter(&lab.at(Place::Outside, entry("Bo", Look::GREEN)), base).await?;
    let ana = Person::enter(&lab.at(Place::One, entry("Ana", Look::RED)), base).await?;
    bo.sees_moving("Ana").await?;
    is_relayed(&ana).await?;
    is_relayed(&bo).await?;
    ana.press("Settings").await?;
    let node = ana.browser.node("switch", "Hide my address").await?;
    assert!(!node.enabled);
    assert!(
        ana.browser
            .text()
            .await?
            .contains("This server hides everybody's address.")
    );
    Ok(())
}

#[tokio::test]
async fn without_a_relay_there_is_no_such_choice() -> Outcome {
    let stage = Stage::new().await?;
    let ana = Person::enter(&entry("Ana", Look::RED), &stage.server.address).await?;
    ana.press("Settings").await?;
    ana.browser.node("combobox", "Camera").await?;
    assert!(!ana.browser.has("switch", "Hide my address").await?);
    Ok(())
}
