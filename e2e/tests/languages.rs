//! What the app says is in the person's language, and may become another one at any time.

use maju_e2e::{Devices, Entry, Look, Outcome, Person, Stage, holds, until};
use maju_protocol::MAX_CHAT_CHARS;
use tokio::try_join;

/// A browser whose owner reads Korean.
const KOREAN: &str =
    "Object.defineProperty(Navigator.prototype, 'languages', { get: () => ['ko-KR', 'ko', 'en-US'] });";

/// A server of files that has no words: it answers with its page.
const WORDLESS: &str = "
    const asked = globalThis.fetch;
    globalThis.fetch = (address, ...rest) => String(address.url ?? address).includes('/locales/')
        ? Promise.resolve(new Response('<!doctype html>'))
        : asked(address, ...rest);
";

async fn speaks(person: &Person, language: &str, button: &str) -> Outcome {
    person.is_offered(button).await?;
    let tag: String = person.browser.eval("document.documentElement.lang").await?;
    assert_eq!(tag, language);
    Ok(())
}

#[tokio::test]
async fn the_address_comes_before_what_was_chosen_and_that_before_the_browsers_language() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let entry = Entry::new("Ana", "tongues").devices(Devices::None).script(KOREAN);
    let ana = Person::open(&entry, base).await?;
    speaks(&ana, "ko", "참여하기").await?;
    // The words came beside the app, and once.
    let asked = "performance.getEntriesByType('resource')
        .filter(({ name }) => name.endsWith('/locales/ko.json')).length";
    assert_eq!(ana.browser.eval::<u32>(asked).await?, 1);

    let forced = entry.clone().query("lang", "de").address(base)?;
    ana.browser.goto(&forced).await?;
    speaks(&ana, "de", "Beitreten").await?;
    ana.browser
        .goto(&entry.clone().query("lang", "tlh").address(base)?)
        .await?;
    speaks(&ana, "ko", "참여하기").await?;

    ana.browser.goto(&forced).await?;
    ana.browser.fill("Dein Name", "Ana Müller").await?;
    ana.browser.choose("Sprache", "Français").await?;
    speaks(&ana, "fr", "Rejoindre").await?;
    let typed = "document.getElementById('your-name').value + ' ' + document.activeElement.id";
    until("what was typed and the focus are where they were", async || {
        Ok(holds(ana.browser.eval::<String>(typed).await?, |typed| {
            typed == "Ana Müller language"
        }))
    })
    .await?;
    ana.browser.eval::<()>("void location.reload()").await?;
    speaks(&ana, "fr", "Rejoindre").await
}

#[tokio::test]
async fn a_call_goes_on_while_it_is_put_into_other_words() -> Outcome {
    let stage = Stage::new().await?;
    let base = &stage.server.address;
    let ana = Person::enter(&Entry::new("Ana", "switch").look(Look::RED), base).await?;
    // Read from right to left.
    let dina = "دينا";
    let guest = Person::enter(&Entry::new(dina, "switch").look(Look::GREEN), base).await?;
    try_join!(
        ana.sees_look(dina, Look::GREEN),
        guest.sees_look("Ana", Look::RED)
    )?;
    ana.press("People").await?;
    ana.is_offered(&format!("Options for \u{2068}{dina}\u{2069}"))
        .await?;
    ana.open_chat().await?;
    ana.browser.fill("Message", "half a thou").await?;
    ana.press("Settings").await?;
    let before = ana.see(dina).await?;

    ana.browser.choose("Language", "한국어").await?;
    ana.browser.node("toolbar", "통화 제어").await?;
    until("the panel is open still, and the focus in it", async || {
        let shown = "document.getElementById('panel-title')?.innerText + ' ' + document.activeElement.id";
        Ok(holds(ana.browser.eval::<String>(shown).await?, |shown| {
            shown == "설정 language"
        }))
    })
    .await?;
    let page = ana.browser.text().await?;
    assert!(page.contains("2명"), "{page}");
    ana.sees_look(dina, Look::GREEN).await?;
    let after = ana.see(dina).await?;
    assert_eq!((&after.peer, after.link), (&before.peer, before.link));
    try_join!(ana.hears(dina), guest.hears("Ana"))?;
    guest.sees_moving("Ana").await?;

    ana.press("채팅").await?;
    let draft = ana.browser.node("textbox", "메시지").await?;
    let draft: String = ana
        .browser
        .call(&draft, "function () { return this.value }")
        .await?;
    assert_eq!(draft, "half a thou");
    ana.press("보내기").await?;
    guest.open_chat().await?;
    guest.reads(&["Ana : half a thou"]).await
}

#[tokio::test]
async fn a_number_has_the_form_that_its_language_has_for_it() -> Outcome {
    let stage = Stage::new().await?;
    let entry = Entry::new("Ana", "forms")
        .devices(Devices::None)
        .query("lang", "es");
    let ana = Person::open(
        &entry.query("name", "Ana").query("join", ""),
        &stage.server.address,
    )
    .await?;
    ana.press("Chat").await?;
    for (left, words) in [(1, "Queda 1 carácter"), (2, "Quedan 2 caracteres")] {
        ana.browser
            .fill("Mensaje", &"a".repeat(MAX_CHAT_CHARS - left))
            .await?;
        until(format!("it reads {words:?}"), async || {
            Ok(holds(ana.browser.text().await?, |text| text.contains(words)))
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn without_the_words_of_a_language_the_app_speaks_english() -> Outcome {
    let stage = Stage::new().await?;
    let entry = Entry::new("Ana", "wordless").devices(Devices::None);
    let entry = entry.script(KOREAN).script(WORDLESS);
    let ana = Person::open(&entry, &stage.server.address).await?;
    speaks(&ana, "en", "Join").await?;
    ana.browser.choose("Language", "日本語").await?;
    ana.is_alerted(&["language", "could not be loaded"]).await?;
    let list = ana.browser.node("combobox", "Language").await?;
    let shown: String = ana
        .browser
        .call(&list, "function () { return this.selectedOptions[0].label }")
        .await?;
    assert_eq!(shown, "English");
    speaks(&ana, "en", "Join").await
}

#[tokio::test]
async fn the_list_of_languages_is_on_every_page_around_the_call() -> Outcome {
    let stage = Stage::new().await?;
    let base = &stage.server.address;
    let ana = Person::enter(&Entry::new("Ana", "around").devices(Devices::None), base).await?;
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    ana.browser.choose("Language", "Deutsch").await?;
    speaks(&ana, "de", "Wieder beitreten").await?;
    ana.browser.goto(&format!("{base}nowhere")).await?;
    ana.browser.choose("Sprache", "Français").await?;
    speaks(&ana, "fr", "Retour à l’accueil").await?;
    ana.browser.goto(&format!("{base}test")).await?;
    ana.browser.choose("Langue", "English").await?;
    speaks(&ana, "en", "Start the test").await
}
