use std::time::Duration;

use tokio::time::Instant;

use crate::{Browser, Entry, Failure, LinkSeen, Look, Node, Outcome, Seen, holds, until};

/// How long nothing may arrive before it counts as silence or darkness: several beeps and frames.
const QUIET: Duration = Duration::from_millis(1500);
/// What a beep adds to the energy within that time at least; noise adds less.
const AUDIBLE: f64 = 1e-5;

/// Somebody with a browser.
pub struct Person {
    /// What they call themselves.
    pub name: String,
    /// What they do it with.
    pub browser: Browser,
}

impl Person {
    /// Starts a browser and opens the room's address: the lobby.
    ///
    /// # Errors
    /// When the browser does not start or the page does not load.
    pub async fn open(entry: &Entry, base: impl AsRef<str>) -> Outcome<Self> {
        Self::open_at(entry, &entry.address(base.as_ref())?).await
    }

    /// Starts a browser and opens this address, whatever it is.
    ///
    /// # Errors
    /// When the browser does not start or the page does not load.
    pub async fn open_at(entry: &Entry, address: &str) -> Outcome<Self> {
        let browser = Browser::start(&entry.options(address)?).await?;
        browser.goto(address).await?;
        Ok(Self {
            name: entry.name().to_owned(),
            browser,
        })
    }

    /// The same, then types the name, presses Join, and waits until they are in the room.
    ///
    /// # Errors
    /// When they do not get in.
    pub async fn enter(entry: &Entry, base: impl AsRef<str>) -> Outcome<Self> {
        let person = Self::open(entry, base).await?;
        person.join().await.map_err(|failure| failure.at(&person.name))?;
        Ok(person)
    }

    /// Types the name in the lobby, presses Join, and waits until they are in the room.
    ///
    /// # Errors
    /// When they do not get in.
    pub async fn join(&self) -> Outcome {
        self.browser.fill("Your name", &self.name).await?;
        self.press("Join").await?;
        self.is_in_call().await
    }

    /// Waits until they are in the room.
    ///
    /// # Errors
    /// When they do not get in.
    pub async fn is_in_call(&self) -> Outcome {
        self.browser.node("toolbar", "Call controls").await.map(drop)
    }

    /// Presses the button of this name.
    ///
    /// # Errors
    /// When there is none, or it cannot be pressed.
    pub async fn press(&self, button: &str) -> Outcome {
        self.browser
            .click("button", button)
            .await
            .map_err(|failure| failure.at(&self.name))
    }

    /// Waits for a button of this name.
    ///
    /// # Errors
    /// When none appears in time.
    pub async fn is_offered(&self, button: &str) -> Outcome {
        self.browser
            .node("button", button)
            .await
            .map(drop)
            .map_err(|failure| failure.at(&self.name))
    }

    /// Opens the chat if it is not open yet, and sends a message.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub async fn write(&self, text: &str) -> Outcome {
        self.open_chat().await?;
        self.browser.fill("Message", text).await?;
        self.press("Send").await
    }

    /// Opens the chat if it is not open yet.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open_chat(&self) -> Outcome {
        if !self.browser.has("log", "Chat").await? {
            self.press("Chat").await?;
        }
        self.browser.node("log", "Chat").await.map(drop)
    }

    /// The lines of the open chat without their times, such as `Ana : hello`.
    ///
    /// # Errors
    /// When the chat is not open.
    pub async fn chat(&self) -> Outcome<Vec<String>> {
        let log = self.browser.node("log", "Chat").await?;
        let lines = "function () {
            return [...this.querySelectorAll('ol > li')].map((line) => {
                const copy = line.cloneNode(true);
                copy.querySelectorAll('time').forEach((time) => time.remove());
                return copy.textContent.replace(/\\s+/g, ' ').trim();
            });
        }";
        self.browser.call(&log, lines).await
    }

    /// Waits until the open chat has these lines and no others.
    ///
    /// # Errors
    /// When it has others, or not all in time.
    pub async fn reads(&self, lines: &[&str]) -> Outcome {
        let what = format!("{} reads {lines:?}", self.name);
        until(what, async || Ok(holds(self.chat().await?, |seen| seen == lines)))
            .await
            .map(drop)
    }

    /// The figure of the participant with this name.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub async fn figure(&self, name: &str) -> Outcome<Node> {
        let mut figures = self.browser.nodes("figure", Some(name)).await?;
        match (figures.pop(), figures.len()) {
            (Some(figure), 0) => Ok(figure),
            (_, more) => {
                let all = self.browser.nodes("figure", None).await?;
                let names: Vec<_> = all.iter().map(|figure| &figure.name).collect();
                let count = if more == 0 { "no" } else { "more than one" };
                Err(Failure::new(format!(
                    "{} sees {count} figure {name:?}, but {names:?}",
                    self.name
                )))
            }
        }
    }

    /// The names of all figures, in order.
    ///
    /// # Errors
    /// When the browser cannot tell.
    pub async fn figures(&self) -> Outcome<Vec<String>> {
        Ok(self
            .browser
            .nodes("figure", None)
            .await?
            .into_iter()
            .map(|figure| figure.name)
            .collect())
    }

    /// Waits until there are figures of these people, in any order, and of no others.
    ///
    /// # Errors
    /// When there are others in the end.
    pub async fn sees_exactly(&self, names: &[&str]) -> Outcome {
        let mut expected: Vec<&str> = names.to_vec();
        expected.sort_unstable();
        let what = format!("{} sees figures of exactly {expected:?}", self.name);
        until(what, async || {
            let mut seen = self.figures().await?;
            seen.sort_unstable();
            Ok(holds(seen, |seen| *seen == expected))
        })
        .await
        .map(drop)
    }

    /// What the figure of that participant shows now.
    ///
    /// # Errors
    /// When there is no such figure.
    pub async fn see(&self, name: &str) -> Outcome<Seen> {
        let figure = self.figure(name).await?;
        self.browser
            .call(&figure, "function () { return __e2e.see(this) }")
            .await
    }

    /// Waits until what the figure shows is as wanted.
    ///
    /// # Errors
    /// When it is not in time.
    pub async fn sees(&self, name: &str, what: &str, condition: impl Fn(&Seen) -> bool) -> Outcome<Seen> {
        let what = format!("{} sees {name}: {what}", self.name);
        until(what, async || Ok(holds(self.see(name).await?, &condition))).await
    }

    /// Waits until the participant is connected, their video decodes new frames, and the picture changes.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn sees_moving(&self, name: &str) -> Outcome<Seen> {
        let first = self
            .sees(name, "a picture", |seen| {
                (seen.own || seen.state == "connected") && seen.frames > 0 && seen.width > 0
            })
            .await?;
        // Compared with the sum, for the frames begin anew when the element gets another stream.
        self.sees(name, "new frames and a changed picture", |seen| {
            seen.frames != first.frames && seen.width > 0 && seen.checksum != first.checksum
        })
        .await
    }

    /// Waits until it is this look that the figure shows, moving.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn sees_look(&self, name: &str, look: Look) -> Outcome<Seen> {
        self.sees_moving(name).await?;
        self.sees(name, &format!("the colour {:?}", look.colour), |seen| {
            look.resembles(seen.colour)
        })
        .await
    }

    /// Waits until the participant's figure says that the camera is off, and no new frame is decoded for a while.
    ///
    /// # Errors
    /// When frames go on.
    pub async fn sees_dark(&self, name: &str) -> Outcome {
        self.sees(name, "the camera is off", |seen| seen.camera_on() == Some(false))
            .await?;
        let what = format!("{} gets no new picture of {name}", self.name);
        self.stands_still(&what, name, |before, now| {
            before.checksum != now.checksum && now.width > 0
        })
        .await
    }

    /// Waits until sound of the participant is played that is no silence.
    ///
    /// # Errors
    /// When there is none in time.
    pub async fn hears(&self, name: &str) -> Outcome {
        let before = self.sees(name, "a figure", |_| true).await?.energy;
        self.sees(name, "sound with energy", |seen| seen.energy > before + AUDIBLE)
            .await
            .map(drop)
    }

    /// Waits until what the participant sends has been silence for a while, though it keeps coming.
    ///
    /// # Errors
    /// When the energy goes on growing.
    pub async fn hears_silence(&self, name: &str) -> Outcome {
        let what = format!("{} hears silence from {name}", self.name);
        self.stands_still(&what, name, |before, now| now.energy > before.energy + AUDIBLE)
            .await
    }

    /// Waits until the participant's sound has its peak at this frequency in Hz.
    ///
    /// # Errors
    /// When it has it elsewhere.
    pub async fn hears_tone(&self, name: &str, tone: u32) -> Outcome {
        let what = format!("{} hears {name} at {tone} Hz", self.name);
        until(what, async || {
            let figure = self.figure(name).await?;
            let pitch: f64 = self
                .browser
                .call(&figure, "function () { return __e2e.pitch(this) }")
                .await?;
            Ok(holds(pitch, |pitch| (pitch - f64::from(tone)).abs() < 30.0))
        })
        .await
        .map(drop)
    }

    /// What the page did with its peer connections, oldest first.
    ///
    /// # Errors
    /// When the page cannot tell.
    pub async fn links(&self) -> Outcome<Vec<LinkSeen>> {
        self.browser.eval("__e2e.linksSeen()").await
    }

    /// Waits for an alert that has all these words in it.
    ///
    /// # Errors
    /// When none appears in time.
    pub async fn is_alerted(&self, words: &[&str]) -> Outcome {
        let what = format!("{} gets an alert with {words:?}", self.name);
        until(what, async || {
            let alerts = self.browser.texts("alert").await?;
            Ok(holds(alerts, |alerts| {
                alerts.iter().any(|alert| {
                    let alert = alert.to_lowercase();
                    words.iter().all(|word| alert.contains(&word.to_lowercase()))
                })
            }))
        })
        .await
        .map(drop)
    }

    /// Waits until the change has not been seen for a while.
    async fn stands_still(&self, what: &str, name: &str, changed: impl Fn(&Seen, &Seen) -> bool) -> Outcome {
        let mut still = (Instant::now(), self.sees(name, "a figure", |_| true).await?);
        until(what, async || {
            let now = self.see(name).await?;
            if changed(&still.1, &now) {
                still = (Instant::now(), now);
            }
            Ok(holds(still.0.elapsed(), |elapsed| *elapsed >= QUIET))
        })
        .await
        .map(drop)
    }
}
