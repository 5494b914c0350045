//! The call log: a learner can follow how a connection is set up.

use maju_e2e::{Entry, Look, Outcome, Person, Stage, holds, until};
use tokio::try_join;

#[tokio::test]
async fn the_call_log_tells_how_a_pair_was_connected_on_both_sides() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "log").look(Look::RED), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "log").look(Look::GREEN), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    for (person, other, offer, answer) in [(&ana, "Bo", "sent", "received"), (&bo, "Ana", "received", "sent")]
    {
        person.press("Call log").await?;
        let what = format!("{}'s log has all of the set-up with {other}", person.name);
        until(what, async || {
            let lines = lines(person).await?;
            let has = |words: &[&str]| {
                lines
                    .iter()
                    .any(|line| words.iter().all(|word| line.text.contains(word)))
            };
            let complete = has(&[offer, "offer", other])
                && has(&[answer, "answer", other])
                && has(&["sent", "candidate", other])
                && has(&["received", "candidate", other])
                && has(&["connection", "connected", other])
                && has(&["ICE", other])
                && has(&["signaling", "stable", other])
                && has(&["data channel", "open", other]);
            Ok(if complete {
                Ok(())
            } else {
                Err(format!("{lines:#?}"))
            })
        })
        .await?;
        let times: Vec<f64> = lines(person).await?.into_iter().map(|line| line.time).collect();
        assert!(
            times.iter().all(|time| time.is_finite()),
            "a line without a time: {times:?}"
        );
        assert!(times.is_sorted(), "{times:?}");
    }

    // The answer follows the offer.
    let lines = lines(&ana).await?;
    let at = |word: &str| lines.iter().position(|line| line.text.contains(word));
    assert!(at("sent offer") < at("received answer"), "{lines:#?}");
    Ok(())
}

#[tokio::test]
async fn a_later_line_appears_while_the_call_log_is_open() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(
        &Entry::new("Ana", "log").look(Look::RED).query("cam", "off"),
        base,
    )
    .await?;
    ana.press("Call log").await?;
    let bo = Person::enter(&Entry::new("Bo", "log").look(Look::GREEN), base).await?;
    ana.sees_moving("Bo").await?;
    let before = lines(&ana).await?.len();
    bo.press("Leave").await?;
    until("Ana's log grows", async || {
        Ok(holds(lines(&ana).await?.len(), |now| *now > before))
    })
    .await
    .map(drop)
}

#[derive(Debug, serde::Deserialize)]
struct Line {
    /// Seconds.
    #[serde(default = "no_time")]
    time: f64,
    text: String,
}

fn no_time() -> f64 {
    f64::NAN
}

async fn lines(person: &Person) -> Outcome<Vec<Line>> {
    let list = person.browser.node("list", "Events").await?;
    let lines = "function () {
        return [...this.querySelectorAll('li')].map((line) => {
            const time = Number.parseFloat(line.querySelector('time')?.textContent);
            const text = line.textContent.replace(/\\s+/g, ' ').replace(/[→←•]/g, ' ').replace(/\\s+/g, ' ');
            return Number.isNaN(time) ? { text } : { time, text };
        });
    }";
    person.browser.call(&list, lines).await
}
