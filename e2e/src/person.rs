use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use crate::{Browser, Failure, LinkSeen, Look, Node, Options, Outcome, Seen, holds, probe, until};

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

/// How somebody comes to a room.
#[derive(Clone, Debug)]
pub struct Entry {
    name: String,
    room: String,
    devices: Devices,
    query: Vec<(String, String)>,
    options: Options,
}

/// Which cameras and microphones somebody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Devices {
    /// A camera and a microphone with this picture and sound.
    Look(Look),
    /// A camera that plays this film, and a microphone.
    Film(std::path::PathBuf, u32),
    /// So many cameras, and three microphones and speakers, all of the browser's own making.
    Several(u32),
    /// Both are there, and both may not be used.
    Denied,
    /// Both are there; the microphone may not be used.
    CameraAllowed,
    /// A microphone, no camera.
    MicrophoneOnly,
    /// Nothing at all.
    None,
}

impl Entry {
    /// Somebody of this name goes to this room, with a camera and a microphone.
    pub fn new(name: &str, room: &str) -> Self {
        Self::bare(name, room).script(probe::SCRIPT)
    }

    /// The same without the script that watches the page: nothing that the page did not bring runs in it.
    pub fn bare(name: &str, room: &str) -> Self {
        Self {
            name: name.to_owned(),
            room: room.to_owned(),
            devices: Devices::Look(Look::RED),
            query: Vec::new(),
            options: Options::default(),
        }
    }

    /// With this picture and sound.
    #[must_use]
    pub fn look(self, look: Look) -> Self {
        self.devices(Devices::Look(look))
    }

    /// With these devices.
    #[must_use]
    pub fn devices(mut self, devices: Devices) -> Self {
        self.devices = devices;
        self
    }

    /// With this in the address's query; an empty value leaves the key alone.
    #[must_use]
    pub fn query(mut self, key: &str, value: &str) -> Self {
        self.query.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With this flag for the browser.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.options.args.push(flag.to_owned());
        self
    }

    /// With this script in each document before its own.
    #[must_use]
    pub fn script(mut self, script: &str) -> Self {
        self.options.scripts.push(script.to_owned());
        self
    }

    /// With the browser's events kept for [`Browser::events`].
    #[must_use]
    pub fn recorded(mut self) -> Self {
        self.options.record_events = true;
        self
    }

    /// With a page of this size in CSS pixels.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        self.options.size = Some((width, height));
        self
    }

    /// The room's address on that server.
    ///
    /// # Errors
    /// When the server's address is none.
    pub fn address(&self, base: &str) -> Outcome<String> {
        let mut url = Url::parse(base)?;
        url.path_segments_mut()
            .map_err(|()| Failure::new("an address without a path"))?
            .clear()
            .extend(["r", &self.room]);
        for (key, value) in &self.query {
            if value.is_empty() {
                let query = url
                    .query()
                    .map_or_else(|| key.clone(), |query| format!("{query}&{key}"));
                url.set_query(Some(&query));
            } else {
                url.query_pairs_mut().append_pair(key, value);
            }
        }
        Ok(url.into())
    }

    fn options(&self) -> Outcome<Options> {
        let mut options = self.options.clone();
        let fake = "--use-fake-device-for-media-stream";
        let allow = "--use-fake-ui-for-media-stream";
        let sound = |tone| -> Outcome<String> {
            let file = Look { colour: [0; 3], tone }.sound()?;
            Ok(format!("--use-file-for-fake-audio-capture={}", file.display()))
        };
        let film = |path: &std::path::Path| format!("--use-file-for-fake-video-capture={}", path.display());
        let args = match &self.devices {
            Devices::Look(look) => {
                vec![
                    fake.to_owned(),
                    allow.to_owned(),
                    film(&look.film()?),
                    sound(look.tone)?,
                ]
            }
            Devices::Film(path, tone) => vec![fake.to_owned(), allow.to_owned(), film(path), sound(*tone)?],
            Devices::Several(count) => vec![format!("{fake}=device-count={count},fps=10"), allow.to_owned()],
            Devices::Denied => vec![fake.to_owned(), format!("{allow}=deny")],
            // Without the fake ui, each permission can be set by itself.
            Devices::CameraAllowed => {
                options.permissions.push(("camera", "granted"));
                options.permissions.push(("microphone", "denied"));
                vec![fake.to_owned(), film(&Look::RED.film()?)]
            }
            Devices::MicrophoneOnly => vec![format!("{fake}=device-count=0"), allow.to_owned(), sound(440)?],
            // No fake devices, and the machine's own microphone out of reach.
            Devices::None => vec![allow.to_owned(), "--disable-audio-input".to_owned()],
        };
        options.args.extend(args);
        Ok(options)
    }
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
        let browser = Browser::start(&entry.options()?).await?;
        browser.goto(address).await?;
        Ok(Self {
            name: entry.name.clone(),
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
            return [...this.querySelectorAll('li')].map((line) => {
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
