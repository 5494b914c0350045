//! The page that the benchmark compares with has to work, or the comparison says nothing.

use maju_e2e::{Entry, Look, Outcome, Person, PlainPage, Stage, holds, until};

#[tokio::test]
async fn the_plain_page_of_the_benchmark_holds_a_call() -> Outcome {
    let _turn = Stage::turn().await;
    let page = PlainPage::start().await?;
    let mut people = Vec::new();
    for (name, look) in [("Ana", Look::RED), ("Bo", Look::GREEN)] {
        let person = Person::open_at(&Entry::new(name, "unused").look(look), page.address()).await?;
        person.browser.fill("Room name", "plain").await?;
        person.browser.fill("Your name", name).await?;
        person.press("Join").await?;
        until(format!("{name}'s camera"), async || {
            let cameras = person.browser.labels("Camera").await?;
            Ok(holds(cameras, |cameras| cameras.len() == 1))
        })
        .await?;
        people.push(person);
    }
    for (person, look) in people.iter().zip([Look::GREEN, Look::RED]) {
        until(format!("{} sees the other", person.name), async || {
            let seen: Vec<u8> = person
                .browser
                .eval("__e2e.picture(document.querySelector('#peers video')).colour")
                .await?;
            Ok(holds(seen, |seen| {
                <[u8; 3]>::try_from(&seen[..]).is_ok_and(|seen| look.resembles(seen))
            }))
        })
        .await?;
        assert_eq!(person.links().await?.len(), 1);
    }
    people[0].browser.fill("Message", "hello").await?;
    people[0].press("Send").await?;
    until("Bo reads it", async || {
        Ok(holds(people[1].browser.text().await?, |text| {
            text.contains("Ana : hello")
        }))
    })
    .await
    .map(drop)
}
