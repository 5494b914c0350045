use std::path::{Path, PathBuf};

use serde_json::json;
use url::Url;

use crate::{Engine, Failure, Look, Options, Outcome, probe};

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
    /// A camera with this picture, and a microphone with the sound of this file.
    Sound(Look, PathBuf),
    /// A camera that plays this film, and a microphone.
    Film(PathBuf, u32),
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

    /// With this browser.
    #[must_use]
    pub fn engine(mut self, engine: Engine) -> Self {
        self.options.engine = engine;
        self
    }

    /// With Firefox. Its made-up camera has a picture of its own, whatever [`Entry::look`] says; the tone is steady.
    #[must_use]
    pub fn firefox(self) -> Self {
        self.engine(Engine::Firefox)
    }

    /// With a browser inside of this network namespace.
    #[must_use]
    pub fn inside(mut self, namespace: &str) -> Self {
        self.options.namespace = Some(namespace.to_owned());
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

    /// With the browser's events kept for [`Browser::events`](crate::Browser::events).
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

    /// The person's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How the browser is to be started that will open this address.
    pub(crate) fn options(&self, address: &str) -> Outcome<Options> {
        let mut options = self.options.clone();
        let url = Url::parse(address)?;
        let own = url
            .host_str()
            .is_some_and(|host| host == "localhost" || host == "[::1]" || host.starts_with("127."));
        if url.scheme() == "http" && !own {
            options.insecure_origins.push(url.origin().ascii_serialization());
        }
        match options.engine {
            Engine::Chromium => self.chromium_devices(&mut options)?,
            Engine::Firefox => self.firefox_devices(&mut options)?,
        }
        Ok(options)
    }

    fn chromium_devices(&self, options: &mut Options) -> Outcome {
        let fake = "--use-fake-device-for-media-stream";
        let allow = "--use-fake-ui-for-media-stream";
        let heard = |file: &Path| format!("--use-file-for-fake-audio-capture={}", file.display());
        let sound = |tone| -> Outcome<String> { Ok(heard(&Look { colour: [0; 3], tone }.sound()?)) };
        let film = |path: &Path| format!("--use-file-for-fake-video-capture={}", path.display());
        let args = match &self.devices {
            Devices::Look(look) => {
                vec![
                    fake.to_owned(),
                    allow.to_owned(),
                    film(&look.film()?),
                    sound(look.tone)?,
                ]
            }
            Devices::Sound(look, file) => {
                vec![
                    fake.to_owned(),
                    allow.to_owned(),
                    film(&look.film()?),
                    heard(file),
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
        Ok(())
    }

    fn firefox_devices(&self, options: &mut Options) -> Outcome {
        let ask = ("media.navigator.permission.disabled".to_owned(), json!(false));
        match &self.devices {
            Devices::Look(Look { tone, .. }) | Devices::Film(_, tone) => {
                let tone = ("media.navigator.audio.fake_frequency".to_owned(), json!(tone));
                options.preferences.push(tone);
            }
            Devices::Several(1) => {}
            Devices::Denied => {
                options.preferences.push(ask);
                options
                    .permissions
                    .extend([("camera", "denied"), ("microphone", "denied")]);
            }
            Devices::CameraAllowed => {
                options.preferences.push(ask);
                options
                    .permissions
                    .extend([("camera", "granted"), ("microphone", "denied")]);
            }
            Devices::None => options
                .preferences
                .push(("media.navigator.streams.fake".to_owned(), json!(false))),
            other @ (Devices::Several(_) | Devices::MicrophoneOnly | Devices::Sound(..)) => {
                return Err(Failure::new(format!(
                    "Firefox cannot be given these devices: {other:?}"
                )));
            }
        }
        Ok(())
    }
}
