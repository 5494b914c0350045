//! What people write to each other, as others read it.

use maju_e2e::{Entry, Outcome, Person, Stage, holds, until};
use tokio::try_join;

async fn enter(stage: &Stage, name: &str) -> Outcome<Person> {
    Person::enter(&Entry::new(name, "chat"), stage.server.address.as_str()).await
}

/// Waits until somebody reads this on the page.
async fn is_told(person: &Person, words: &str) -> Outcome {
    let what = format!("{} is told {words:?}", person.name);
    let script = format!("document.querySelector('.chat').textContent.includes('{words}')");
    until(what, async || {
        Ok(holds(person.browser.eval::<bool>(&script).await?, |told| *told))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn who_comes_later_reads_what_was_written_once_and_in_the_same_order() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana").await?;
    ana.open_chat().await?;
    is_told(&ana, "Nobody else is here").await?;
    ana.write("before anybody came").await?;
    let bo = enter(&stage, "Bo").await?;
    bo.open_chat().await?;
    bo.reads(&["Ana : before anybody came"]).await?;
    bo.write("now I am here").await?;
    let all = ["Ana : before anybody came", "Bo : now I am here"];
    try_join!(ana.reads(&all), bo.reads(&all))?;
    ana.press("Leave").await?;
    drop(ana);
    let cem = enter(&stage, "Cem").await?;
    cem.open_chat().await?;
    cem.reads(&all).await?;
    is_told(&cem, "Before you came, as Bo has it").await?;
    cem.write("and I").await?;
    bo.reads(&[all[0], all[1], "Cem : and I"]).await
}

#[tokio::test]
async fn a_private_message_is_read_by_one_and_by_nobody_else() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana").await?;
    let bo = enter(&stage, "Bo").await?;
    let cem = enter(&stage, "Cem").await?;
    ana.open_chat().await?;
    bo.open_chat().await?;
    cem.open_chat().await?;
    ana.browser.choose("To", "Bo").await?;
    ana.write("only for you").await?;
    ana.browser.choose("To", "Everybody").await?;
    ana.write("for all").await?;
    bo.reads(&["AnaTo you alone : only for you", "Ana : for all"])
        .await?;
    ana.reads(&["AnaTo Bo alone : only for you", "Ana : for all"])
        .await?;
    cem.reads(&["Ana : for all"]).await
}

#[tokio::test]
async fn what_looks_like_a_program_stays_text_and_addresses_become_links() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana").await?;
    let bo = enter(&stage, "Bo").await?;
    bo.open_chat().await?;
    let text = "<img src=x onerror=alert(1)> javascript:alert(1) https://example.org/a.";
    ana.write(text).await?;
    bo.reads(&[&format!("Ana : {text}")]).await?;
    ana.write("2*3 = 6, **bold** and `<b>`").await?;
    bo.reads(&[&format!("Ana : {text}"), "Ana : 2*3 = 6, bold and <b>"])
        .await?;
    let links =
        "[...document.querySelectorAll('.chat-log a')].map((a) => [a.href, a.rel, a.target].join(' '))";
    let links: Vec<String> = bo.browser.eval(links).await?;
    assert_eq!(links, ["https://example.org/a noopener noreferrer _blank"]);
    let made: usize = bo
        .browser
        .eval("document.querySelectorAll('.chat-log img').length")
        .await?;
    assert_eq!(made, 0);
    Ok(())
}

#[tokio::test]
async fn who_writes_is_seen_to_by_the_others() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana").await?;
    let bo = enter(&stage, "Bo").await?;
    ana.open_chat().await?;
    bo.open_chat().await?;
    ana.browser.fill("Message", "I was just").await?;
    is_told(&bo, "Ana is writing").await?;
    ana.press("Send").await?;
    bo.reads(&["Ana : I was just"]).await?;
    let still: bool = bo
        .browser
        .eval("document.querySelector('.chat').textContent.includes('is writing')")
        .await?;
    assert!(!still);
    Ok(())
}

/// What stands in the field for messages.
async fn is_writing(person: &Person, text: &str) -> Outcome {
    until(&format!("{} writes {text:?}", person.name), async || {
        let field = person.browser.node("textbox", "Message").await?;
        let value: String = person
            .browser
            .call(&field, "function () { return this.value }")
            .await?;
        Ok(holds(value, |value| value == text))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn what_is_being_written_stays_with_whom_it_is_for() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana").await?;
    let bo = enter(&stage, "Bo").await?;
    ana.open_chat().await?;
    bo.open_chat().await?;
    ana.browser.choose("To", "Everybody").await?;
    ana.browser.fill("Message", "for all").await?;
    ana.browser.choose("To", "Bo").await?;
    is_writing(&ana, "").await?;
    ana.browser.fill("Message", "for you").await?;
    // A panel that was closed meanwhile keeps both.
    ana.press("Close panel").await?;
    ana.open_chat().await?;
    is_writing(&ana, "for you").await?;
    ana.browser.choose("To", "Everybody").await?;
    is_writing(&ana, "for all").await?;
    ana.press("Send").await?;
    bo.reads(&["Ana : for all"]).await?;
    ana.browser.choose("To", "Bo").await?;
    is_writing(&ana, "for you").await
}

#[tokio::test]
async fn enter_ends_a_character_that_is_composed_and_sends_nothing() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana").await?;
    ana.open_chat().await?;
    ana.browser.fill("Message", "안녕").await?;
    let field = ana.browser.node("textbox", "Message").await?;
    let enter = "function () {
        const keys = [{ isComposing: true }, { keyCode: 229 }, { shiftKey: true }];
        const press = (more) => new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...more });
        return keys.map((more) => this.dispatchEvent(press(more)));
    }";
    let passed: Vec<bool> = ana.browser.call(&field, enter).await?;
    assert_eq!(passed, [true, true, true], "the field's own");
    is_writing(&ana, "안녕").await?;
    ana.browser.press_enter().await?;
    ana.reads(&["Ana : 안녕"]).await?;
    is_writing(&ana, "").await
}
