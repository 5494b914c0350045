//! Where the pictures are: on every screen, as people come, pin, hide and shrink them.

use maju_e2e::{Entry, Failure, Outcome, Person, RawPeer, Stage, holds, until};
use maju_protocol::ClientMessage;
use serde::Deserialize;
use serde_json::json;

/// A desktop, a phone, and the phone held the other way.
const SCREENS: [(u32, u32); 3] = [(1280, 800), (390, 844), (844, 390)];

/// A picture on the page, in CSS pixels.
#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Tile {
    name: String,
    part: String,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Tile {
    fn overlaps(&self, other: &Self) -> bool {
        let apart = |from: f64, length: f64, other: f64, its: f64| {
            from + length <= other + 0.5 || other + its <= from + 0.5
        };
        !apart(self.x, self.width, other.x, other.width) && !apart(self.y, self.height, other.y, other.height)
    }

    fn size(&self) -> f64 {
        self.width * self.height
    }
}

/// All pictures, and the invitation, once they stand still.
async fn tiles(person: &Person) -> Outcome<Vec<Tile>> {
    let script = "Promise.all([...document.querySelectorAll('.seat')].flatMap((seat) => seat.getAnimations())
            .map((animation) => animation.finished.catch(() => 0)))
        .then(() => [...document.querySelectorAll('.seat[data-part] > :is(figure, section)')].map((tile) => {
            const { x, y, width, height } = tile.getBoundingClientRect();
            return { name: tile.ariaLabel, part: tile.parentElement.dataset.part, x, y, width, height };
        }))";
    person.browser.eval(script).await
}

async fn tile(person: &Person, name: &str) -> Outcome<Tile> {
    let what = format!("{} has a tile of {name}", person.name);
    until(what, async || {
        let all = tiles(person).await?;
        let found = all.iter().find(|tile| tile.name == name).cloned();
        Ok(found.ok_or_else(|| format!("{all:?}")))
    })
    .await
}

async fn resize(person: &Person, (width, height): (u32, u32)) -> Outcome {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 1000 });
    person
        .browser
        .cdp("Emulation.setDeviceMetricsOverride", metrics)
        .await
        .map(drop)
}

async fn option(person: &Person, name: &str, option: &str) -> Outcome {
    person.press(&format!("Picture options for {name}")).await?;
    person.press(option).await
}

/// Marks every `<video>`, to tell whether they are the same later.
async fn mark(person: &Person) -> Outcome {
    let script =
        "void document.querySelectorAll('video').forEach((video, index) => { video.marked = index + 1 })";
    person.browser.eval::<Option<()>>(script).await.map(drop)
}

async fn assert_marked(person: &Person, count: u32) -> Outcome {
    let script =
        "[...document.querySelectorAll('video')].filter((video) => video.marked && !video.paused).length";
    until("the same videos as before play", async || {
        Ok(holds(person.browser.eval(script).await?, |marked: &u32| {
            *marked == count
        }))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn tiles_fill_every_screen_and_never_overlap() -> Outcome {
    let stage = Stage::new().await?;
    let ana = Person::enter(&Entry::new("Ana", "fill"), stage.server.address.as_str()).await?;
    let mut others = Vec::new();
    for people in [1, 2, 3, 5] {
        while others.len() + 1 < people {
            let name = format!("Guest {}", others.len() + 1);
            others.push(RawPeer::join(&stage.server, "fill", &name).await?);
        }
        for screen in SCREENS {
            resize(&ana, screen).await?;
            let what = format!("{people} people on {screen:?}");
            let shown = people.max(2);
            until(what, async || {
                let seen = tiles(&ana).await?;
                let inside = |tile: &Tile| {
                    tile.x >= 0.0
                        && tile.y >= 0.0
                        && tile.x + tile.width <= f64::from(screen.0)
                        && tile.y + tile.height <= f64::from(screen.1)
                };
                let lying: Vec<&Tile> = seen.iter().filter(|tile| tile.part != "floating").collect();
                let apart = lying
                    .iter()
                    .enumerate()
                    .all(|(index, tile)| lying[..index].iter().all(|other| !tile.overlaps(other)));
                let covered: f64 = lying.iter().map(|tile| tile.size()).sum();
                let share = covered / f64::from(screen.0 * screen.1);
                let least = if screen.1 < 500 { 0.4 } else { 0.5 };
                Ok(
                    if seen.len() == shown && seen.iter().all(inside) && apart && share > least {
                        Ok(())
                    } else {
                        Err(format!("{share:.2} of the screen covered by {seen:?}"))
                    },
                )
            })
            .await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn pictures_are_pinned_moved_hidden_and_found_again_without_being_made_anew() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "pins"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "pins"), base).await?;
    let _cy = RawPeer::join(&stage.server, "pins", "Cy").await?;
    ana.sees_moving("Bo").await?;
    resize(&ana, SCREENS[0]).await?;
    tile(&ana, "Cy").await?;
    mark(&ana).await?;

    option(&ana, "Bo", "Pin").await?;
    assert_eq!(tile(&ana, "Bo").await?.part, "main");
    assert_eq!(tile(&ana, "Cy").await?.part, "strip");
    assert!(tile(&ana, "Bo").await?.size() > 4.0 * tile(&ana, "Ana").await?.size());
    option(&ana, "Bo", "Unpin").await?;
    assert_eq!(tile(&ana, "Bo").await?.part, "equal");

    option(&ana, "Ana", "Let it float").await?;
    let first = tile(&ana, "Ana").await?;
    assert_eq!(first.part, "floating");
    let mut corners = vec![(first.x, first.y)];
    for _ in 0..3 {
        option(&ana, "Ana", "Move to another corner").await?;
        let moved = tile(&ana, "Ana").await?;
        assert!(!corners.contains(&(moved.x, moved.y)), "{corners:?}");
        corners.push((moved.x, moved.y));
    }
    option(&ana, "Ana", "Show as a tile").await?;
    assert_eq!(tile(&ana, "Ana").await?.part, "equal");
    option(&ana, "Ana", "Hide").await?;
    ana.sees_exactly(&["Bo", "Cy"]).await?;
    ana.press("Show my picture").await?;
    ana.sees_exactly(&["Ana", "Bo", "Cy"]).await?;
    bo.sees_moving("Ana").await?;

    ana.press("Layout").await?;
    ana.browser.choose("Arrangement", "Who speaks").await?;
    let main = tiles(&ana)
        .await?
        .into_iter()
        .filter(|tile| tile.part == "main")
        .count();
    assert_eq!(main, 1);
    for screen in SCREENS {
        resize(&ana, screen).await?;
    }
    ana.sees_moving("Bo").await?;
    assert_marked(&ana, 3).await
}

#[tokio::test]
async fn the_own_picture_is_dragged_from_corner_to_corner() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "drags"), base).await?;
    let _bo = RawPeer::join(&stage.server, "drags", "Bo").await?;
    resize(&ana, SCREENS[0]).await?;
    tile(&ana, "Bo").await?;
    option(&ana, "Ana", "Let it float").await?;
    let from = tile(&ana, "Ana").await?;
    let whole: (f64, f64) = ana.browser.eval("[innerWidth, innerHeight]").await?;
    let at = (from.x + from.width / 2.0, from.y + from.height / 2.0);
    let over = (whole.0 - at.0, whole.1 - at.1);
    ana.browser.mouse("mousePressed", at).await?;
    ana.browser
        .mouse("mouseMoved", ((at.0 + over.0) / 2.0, (at.1 + over.1) / 2.0))
        .await?;
    ana.browser.mouse("mouseMoved", over).await?;
    ana.browser.mouse("mouseReleased", over).await?;
    until("the picture is in the opposite corner", async || {
        let now = tile(&ana, "Ana").await?;
        let sides = |tile: &Tile| (tile.x < whole.0 / 2.0, tile.y < whole.1 / 2.0);
        let (before, after) = (sides(&from), sides(&now));
        Ok(holds(now, |_| before.0 != after.0 && before.1 != after.1))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn who_has_no_room_beside_a_pinned_picture_is_a_press_away() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "pages"), base).await?;
    let mut raw = Vec::new();
    for name in ["Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal"] {
        raw.push(RawPeer::join(&stage.server, "pages", name).await?);
    }
    resize(&ana, SCREENS[1]).await?;
    tile(&ana, "Hal").await?;
    option(&ana, "Bo", "Pin").await?;
    let shown = async || -> Outcome<Vec<String>> {
        let all = tiles(&ana).await?;
        Ok(all.into_iter().map(|tile| tile.name).collect())
    };
    let mut seen = Vec::new();
    until("everybody was seen, page by page", async || {
        for name in shown().await? {
            if !seen.contains(&name) {
                seen.push(name);
            }
        }
        let all = ana.browser.texts("button").await?;
        let more = all.iter().find(|text| text.starts_with('+'));
        let more = more.map(|text| text.trim_start_matches('+').trim().to_owned());
        if seen.len() < 8
            && let Some(more) = more
        {
            let others = if more == "1" { "other" } else { "others" };
            ana.press(&format!("Show {more} {others}")).await?;
        }
        Ok(holds(seen.len(), |seen| *seen == 8))
    })
    .await
    .map(drop)
}

#[tokio::test]
async fn the_call_fills_the_screen_and_goes_into_small_windows_and_comes_back() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let ana = Person::enter(&Entry::new("Ana", "frames"), base).await?;
    let bo = Person::enter(&Entry::new("Bo", "frames"), base).await?;
    ana.sees_moving("Bo").await?;
    mark(&ana).await?;
    let is = async |what: &str, wanted: bool| {
        until(format!("{what} is {wanted}"), async || {
            Ok(holds(ana.browser.eval(what).await?, |is: &bool| *is == wanted))
        })
        .await
        .map(drop)
    };

    ana.press("Layout").await?;
    ana.press("Full screen").await?;
    is("document.fullscreenElement?.matches('.room') ?? false", true).await?;
    ana.press("Layout").await?;
    ana.press("Leave full screen").await?;
    is("!!document.fullscreenElement", false).await?;
    option(&ana, "Bo", "Full screen").await?;
    is("!!document.fullscreenElement?.querySelector('video')", true).await?;
    option(&ana, "Bo", "Leave full screen").await?;
    is("!!document.fullscreenElement", false).await?;

    option(&ana, "Bo", "Picture in picture").await?;
    is("!!document.pictureInPictureElement", true).await?;
    option(&ana, "Bo", "Picture in picture").await?;
    is("!!document.pictureInPictureElement", false).await?;

    ana.press("Layout").await?;
    ana.press("Small window").await?;
    ana.is_offered("Bring it back").await?;
    let there = "documentPictureInPicture.window?.document.querySelectorAll('figure').length === 2";
    is(there, true).await?;
    ana.press("Bring it back").await?;
    is("!!documentPictureInPicture.window", false).await?;
    ana.sees_moving("Bo").await?;
    assert_marked(&ana, 2).await?;

    ana.press("Layout").await?;
    ana.press("Small window").await?;
    is(there, true).await?;
    // Leaving from there ends the window, too.
    let leave = "void documentPictureInPicture.window.document.querySelector('.leave').click()";
    ana.browser.eval::<Option<()>>(leave).await?;
    ana.is_offered("Rejoin").await?;
    is("!!documentPictureInPicture.window", false).await?;
    bo.sees_exactly(&["Bo"]).await?;

    // So does leaving while it is still being opened.
    ana.press("Rejoin").await?;
    ana.is_in_call().await?;
    let slow = "(() => {
        const frames = documentPictureInPicture;
        const open = frames.requestWindow.bind(frames);
        frames.requestWindow = async (...how) => {
            const small = await open(...how);
            await new Promise((go) => { window.go = go });
            return small;
        };
    })()";
    ana.browser.eval::<Option<()>>(slow).await?;
    ana.press("Layout").await?;
    ana.press("Small window").await?;
    is("!!window.go", true).await?;
    ana.press("Leave").await?;
    ana.is_offered("Rejoin").await?;
    ana.browser.eval::<Option<()>>("void go()").await?;
    is("!!documentPictureInPicture.window", false).await
}

#[tokio::test]
async fn whoever_is_alone_has_one_link_and_a_code_that_leads_to_it() -> Outcome {
    let stage = Stage::new().await?;
    let base = stage.server.address.as_str();
    let clipboard = "Object.defineProperty(navigator, 'clipboard', { value: {
        writeText: async (text) => { globalThis.copied = text },
    } })";
    let entry = Entry::new("Ana", "alone with 마주").script(clipboard);
    let ana = Person::enter(&entry, base).await?;
    let field = ana.browser.node("textbox", "Link to this room").await?;
    let shown: String = ana
        .browser
        .call(&field, "function () { return this.value }")
        .await?;
    let script = "(() => {
        const code = document.querySelector('svg[aria-label=\"QR code of the link\"]');
        return [code.getAttribute('viewBox'), code.querySelector('path').getAttribute('d')];
    })()";
    let (view, path): (String, String) = ana.browser.eval(script).await?;
    let link = format!("{base}r/alone%20with%20%EB%A7%88%EC%A3%BC");
    assert_eq!(read_code(&view, &path)?, link);
    // What people read is the name; what is copied leads there from anywhere.
    assert_eq!(shown, format!("{base}r/alone%20with%20마주"));
    ana.press("Copy link").await?;
    let copied: String = until("the link is copied", async || {
        Ok(holds(
            ana.browser.eval("globalThis.copied ?? ''").await?,
            |copied: &String| !copied.is_empty(),
        ))
    })
    .await?;
    assert_eq!(copied, link);
    let by_hand = "function () {
        this.select();
        const event = new ClipboardEvent('copy', { clipboardData: new DataTransfer(), bubbles: true, cancelable: true });
        this.dispatchEvent(event);
        return event.defaultPrevented ? event.clipboardData.getData('text/plain') : '';
    }";
    assert_eq!(ana.browser.call::<String>(&field, by_hand).await?, link);

    ana.press("People").await?;
    ana.is_offered("Close panel").await?;
    ana.browser.node("textbox", "Link to this room").await?;
    ana.browser.node("heading", "Nobody else is here yet").await?;
    let mut bo = RawPeer::join(&stage.server, "alone with 마주", "Bo").await?;
    ana.browser.node("heading", "Invite somebody").await?;
    ana.browser.node("textbox", "Link to this room").await?;
    bo.say(&ClientMessage::Leave {}).await?;
    ana.browser.node("heading", "Nobody else is here now").await?;
    // So it was, in whatever language.
    ana.press("Settings").await?;
    ana.browser.choose("Language", "한국어").await?;
    ana.browser
        .node("heading", "지금은 나 혼자 있어요")
        .await
        .map(drop)
}

/// What a camera would read: the path is drawn, eight pixels a module.
fn read_code(view: &str, path: &str) -> Outcome<String> {
    const SCALE: usize = 8;
    let all: usize = view
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .parse()
        .map_err(|_| Failure::new("no size"))?;
    let mut dark = vec![false; all * all];
    for run in path.split('M').skip(1) {
        let (at, rest) = run.split_once('h').ok_or_else(|| Failure::new("no length"))?;
        let (x, y) = at.split_once(' ').ok_or_else(|| Failure::new("no place"))?;
        let length = rest.split('v').next().unwrap_or_default();
        let number = |text: &str| text.parse::<usize>().map_err(|_| Failure::new("no number"));
        let begin = number(y)? * all + number(x)?;
        dark[begin..begin + number(length)?].fill(true);
    }
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(all * SCALE, all * SCALE, |x, y| {
        if dark[y / SCALE * all + x / SCALE] { 0 } else { 255 }
    });
    let codes = picture.detect_grids();
    let code = codes.first().ok_or_else(|| Failure::new("no code is seen"))?;
    let (_, text) = code.decode().map_err(|error| Failure::new(error.to_string()))?;
    Ok(text)
}
