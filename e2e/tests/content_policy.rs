//! The app keeps to what its own headers allow, from the first paint to the end of a call.

use maju_e2e::{Engine, Entry, Look, Outcome, Person, Stage, holds, until};
use tokio::try_join;

/// Keeps what the browser reports of broken rules.
const WITNESS: &str = "
    globalThis.broken = [];
    addEventListener('securitypolicyviolation', (event) => broken.push(
        `${event.effectiveDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`));
";

async fn is_clean(person: &Person) -> Outcome {
    let broken: Vec<String> = person.browser.eval("globalThis.broken").await?;
    assert!(broken.is_empty(), "{}: {broken:?}", person.name);
    Ok(())
}

#[tokio::test]
async fn a_whole_call_breaks_no_rule_of_the_content_policy() -> Outcome {
    whole_call(Engine::Chromium).await
}

#[tokio::test]
async fn a_whole_call_breaks_no_rule_in_firefox_either() -> Outcome {
    whole_call(Engine::Firefox).await
}

async fn whole_call(engine: Engine) -> Outcome {
    let stage = Stage::new().await?;
    let base = &stage.server.address;
    let entry = |name: &str| Entry::new(name, "strict").engine(engine).script(WITNESS);
    let ana = Person::enter(&entry("Ana").look(Look::RED), base).await?;
    let bo = Person::enter(&entry("Bo").look(Look::GREEN), base).await?;
    try_join!(ana.sees_moving("Bo"), bo.sees_moving("Ana"))?;
    try_join!(ana.hears("Bo"), bo.hears("Ana"))?;
    ana.write("hello").await?;
    bo.open_chat().await?;
    bo.reads(&["Ana : hello"]).await?;
    ana.press("Turn camera off").await?;
    bo.sees_dark("Ana").await?;
    ana.press("Turn camera on").await?;
    bo.sees_moving("Ana").await?;
    for panel in ["People", "Settings", "Call log"] {
        ana.press(panel).await?;
    }
    for person in [&ana, &bo] {
        person.press("Leave").await?;
        person.is_offered("Rejoin").await?;
        is_clean(person).await?;
    }
    ana.browser.goto(base.as_str()).await?;
    is_clean(&ana).await
}

#[tokio::test]
async fn what_the_page_did_not_bring_does_not_run_and_is_reported() -> Outcome {
    let stage = Stage::new().await?;
    let entry = Entry::bare("Ana", "strict").script(WITNESS);
    let ana = Person::open(&entry, &stage.server.address).await?;
    ana.is_offered("Join").await?;
    is_clean(&ana).await?;
    let smuggled = "(() => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.smuggled = true';
        document.body.append(script);
        document.body.insertAdjacentHTML('beforeend', `<img src=x onerror=\"globalThis.smuggled = true\">`);
        return Boolean(globalThis.smuggled);
    })()";
    assert!(!ana.browser.eval::<bool>(smuggled).await?);
    let stolen = "fetch('http://127.0.0.1:1/').then(() => true, () => false)";
    assert!(!ana.browser.eval::<bool>(stolen).await?);
    until("the browser reports all three", async || {
        let broken: Vec<String> = ana.browser.eval("globalThis.broken").await?;
        let rules = ["script-src-elem", "script-src-attr", "connect-src"];
        Ok(holds(broken, |broken| {
            rules
                .iter()
                .all(|rule| broken.iter().any(|line| line.starts_with(rule)))
        }))
    })
    .await?;
    assert!(!ana.browser.eval::<bool>("Boolean(globalThis.smuggled)").await?);
    Ok(())
}
