//! What people write to each other, as others read it.

use maju_e2e::{Entry, Outcome, Person, Sight, Stage, holds, until};
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

/// The card over the tiles with what was written last: who, what, and whether to this person alone.
const GLIMPSE: &str = "[...document.querySelectorAll('.glimpse')].map((card) =>
    [card.querySelector('bdi').textContent, card.querySelector('.glimpse-text').textContent,
        card.querySelector('.chip')?.textContent ?? 'all'].join('|')).join()";

/// Waits until the card says this; nothing when there is none.
async fn glimpses(person: &Person, words: &str) -> Outcome {
    until(format!("{} glimpses {words:?}", person.name), async || {
        let seen: String = person.browser.eval(GLIMPSE).await?;
        Ok(holds(seen, |seen| seen == words))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn who_has_the_chat_closed_glimpses_what_others_write_and_a_press_opens_it() -> Outcome {
    let stage = Stage::new().await?;
    let ana = enter(&stage, "Ana").await?;
    let bo = enter(&stage, "Bo").await?;
    ana.write("hello *there*\nand more").await?;
    glimpses(&bo, "Ana|hello *there*|all").await?;
    ana.browser.choose("To", "Bo").await?;
    ana.write("<b>for you</b>").await?;
    glimpses(&bo, "Ana|<b>for you</b>|To you alone").await?;
    // It goes by itself, and is read in the chat still.
    glimpses(&bo, "").await?;

    ana.browser.choose("To", "Everybody").await?;
    for (width, height) in [(390, 844), (844, 390), (800, 461)] {
        let sight = Sight {
            width,
            height,
            scheme: "dark",
            forced: false,
        };
        bo.browser.look_by(sight).await?;
        ana.write(&format!("{width} {}", "wide ".repeat(40))).await?;
        let beside = format!(
            "(() => {{
                const card = document.querySelector('.glimpse');
                if (!card?.textContent.includes('{width} wide')) return 'no card';
                const {{ left, right, top, bottom, height }} = card.getBoundingClientRect();
                if (left < 0 || right > innerWidth || height < 44 || height > 90) return `${{left}} ${{right}} ${{height}}`;
                const covered = [...document.querySelectorAll('.toolbar button')].filter((button) => {{
                    const at = button.getBoundingClientRect();
                    return at.width && at.left < right && at.right > left && at.top < bottom && at.bottom > top;
                }});
                return covered.map((button) => button.ariaLabel).join();
            }})()"
        );
        until("the card covers no control", async || {
            Ok(holds(bo.browser.eval::<String>(&beside).await?, String::is_empty))
        })
        .await?;
    }

    ana.write("the last").await?;
    glimpses(&bo, "Ana|the last|all").await?;
    let middle =
        "(() => { const { x, y, width, height } = document.querySelector('.glimpse').getBoundingClientRect();
        return [x + width / 2, y + height / 2]; })()";
    let middle: (f64, f64) = bo.browser.eval(middle).await?;
    bo.browser.mouse("mousePressed", middle).await?;
    bo.browser.mouse("mouseReleased", middle).await?;
    bo.browser.node("log", "Chat").await?;
    glimpses(&bo, "").await?;
    is_told(&bo, "the last").await?;

    // What is one's own, or read in the open chat, is not shown.
    bo.write("and mine").await?;
    ana.write("seen already").await?;
    is_told(&bo, "seen already").await?;
    glimpses(&bo, "").await?;
    bo.press("Close panel").await?;
    glimpses(&bo, "").await?;
    // Nor what was written before one came.
    let notes = "window.glimpsed = new Set();
        new MutationObserver(() => {
            for (const text of document.querySelectorAll('.glimpse-text')) glimpsed.add(text.textContent);
        }).observe(document, { subtree: true, childList: true, characterData: true });";
    let cem = Entry::new("Cem", "chat").script(notes);
    let cem = Person::enter(&cem, stage.server.address.as_str()).await?;
    cem.sees_moving("Ana").await?;
    ana.write("to Cem as well").await?;
    glimpses(&cem, "Ana|to Cem as well|all").await?;
    let glimpsed: Vec<String> = cem.browser.eval("[...glimpsed]").await?;
    assert_eq!(glimpsed, ["to Cem as well"]);
    Ok(())
}
