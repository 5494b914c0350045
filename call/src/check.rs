//! A test of devices and network before a call: what was measured, and what it means.

use maju_protocol::IceServer;

use crate::MediaError;

/// How many addresses of relays are tried; a list may be of any length.
pub const MAX_RELAYS: usize = 8;
/// How loud, from 0 to 1, a level is at least that counts as somebody speaking, and how often in a row it has to be.
const SPEECH: f64 = 0.35;
const SPOKEN: u32 = 3;
/// What is not even noise.
const DEAD: f64 = 0.02;
/// After how many levels in vain a silent microphone is spoken of: about eight seconds.
const PATIENCE: u32 = 120;

/// All that was found so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The camera.
    pub camera: Finding,
    /// The microphone.
    pub microphone: Finding,
    /// The speaker.
    pub speaker: Finding,
    /// The server and the way to it.
    pub server: Finding,
    /// How far the recording is.
    pub echo: Echo,
    /// Whether the own address can be learned by STUN.
    pub stun: Finding,
    /// Each relay, by its way and address.
    pub relays: Vec<Relay>,
}

/// What is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The camera.
    Camera,
    /// The microphone.
    Microphone,
    /// The speaker.
    Speaker,
    /// The server and the way to it.
    Server,
    /// Learning the own address by STUN.
    Stun,
    /// The relay at that place of [`Findings::relays`].
    Relay(usize),
}

/// What the microphone hears, played back a moment later.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Echo {
    /// Nothing is recorded.
    #[default]
    Idle,
    /// It listens.
    Recording,
    /// It plays what it heard.
    Playing,
}

/// A relay, and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// How it is reached.
    pub way: Way,
    /// Host and port.
    pub place: String,
    /// What was found.
    pub finding: Finding,
}

/// How a relay is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The fastest, which some networks do not let through.
    Udp,
    /// Through most networks.
    Tcp,
    /// Through nearly all, for it looks like a visit to a web site.
    Tls,
}

/// What was found of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Finding {
    /// Nothing yet; it was not tried.
    #[default]
    Untried,
    /// It is being tried.
    Trying,
    /// The person is to say something, or whether they heard it.
    Asking,
    /// It works.
    Works,
    /// A picture of this width and height arrives.
    Picture(u32, u32),
    /// The camera was opened, and no picture comes.
    NoPicture,
    /// The microphone was opened, and nothing was heard yet that is speech.
    Quiet,
    /// The microphone was opened, and gives nothing, not even noise.
    Dead,
    /// The device could not be opened.
    Refused(MediaError),
    /// The person heard nothing.
    NotHeard,
    /// An answer came after so many milliseconds.
    Answered(u32),
    /// The server wants a token.
    TokenNeeded,
    /// The server refused, with these words.
    Denied(String),
    /// No answer came.
    Unreachable,
    /// A relay did not take the credentials.
    WrongCredentials,
    /// The server names none.
    None,
    /// The browser connects to nobody.
    NoCalls,
}

/// How good a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Nothing is known.
    Open,
    /// It works.
    Good,
    /// It works, or does without, but not for everybody.
    Poor,
    /// It does not work.
    Bad,
}

impl Finding {
    /// How good it is.
    pub fn grade(&self) -> Grade {
        match self {
            Self::Untried | Self::Trying | Self::Asking => Grade::Open,
            Self::Works | Self::Picture(..) => Grade::Good,
            Self::Answered(ms) if *ms < SLOW => Grade::Good,
            Self::Answered(_) | Self::Quiet | Self::None | Self::TokenNeeded => Grade::Poor,
            _ => Grade::Bad,
        }
    }
}

/// From how many milliseconds on an answer is slow.
const SLOW: u32 = 400;

/// Listens to a microphone, level by level.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ear {
    heard: u32,
    in_a_row: u32,
    loudest: f64,
    spoken: bool,
}

impl Ear {
    /// What is known after one more level.
    pub fn hear(&mut self, level: f64) -> Finding {
        self.heard += 1;
        self.loudest = self.loudest.max(level);
        self.in_a_row = if level >= SPEECH { self.in_a_row + 1 } else { 0 };
        self.spoken |= self.in_a_row >= SPOKEN;
        match self {
            Self { spoken: true, .. } => Finding::Works,
            Self {
                heard: ..PATIENCE, ..
            } => Finding::Asking,
            Self { loudest, .. } if *loudest < DEAD => Finding::Dead,
            _ => Finding::Quiet,
        }
    }
}

/// What a search for candidates brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Whether one of the wanted type was found.
    pub found: bool,
    /// Whether it came to its end by itself.
    pub complete: bool,
    /// The last error of a server, as of STUN (RFC 8489, section 14.8), or 701 for none that was reached; 0 for none.
    pub error: u16,
}

impl Search {
    /// What it says of STUN. An address that nothing translates is found nowhere else than at the machine itself: then
    /// no other one comes, and no error either.
    pub fn of_stun(self) -> Finding {
        if self.found || (self.complete && self.error == 0) {
            Finding::Works
        } else {
            Finding::Unreachable
        }
    }

    /// What it says of a relay.
    pub fn of_relay(self) -> Finding {
        match self {
            Self { found: true, .. } => Finding::Works,
            Self { error: 400..=499, .. } => Finding::WrongCredentials,
            _ => Finding::Unreachable,
        }
    }
}

/// What it all means for calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Not all is known yet.
    Unknown,
    /// Others reach this machine directly, or by the relay.
    Good,
    /// Others reach this machine directly; where they cannot, there is no relay.
    DirectOnly,
    /// UDP gets through as far as the relay.
    Relay,
    /// UDP does not get through, and the relay is reached otherwise.
    RelayWithoutUdp,
    /// Neither STUN nor a relay is reached.
    Blocked,
    /// The server names neither.
    NothingNamed,
}

impl Findings {
    /// The test has begun.
    pub fn begun() -> Self {
        Self {
            camera: Finding::Trying,
            microphone: Finding::Trying,
            server: Finding::Trying,
            ..Self::default()
        }
    }

    /// What was found of a part; nothing of a relay that there is not.
    pub fn of(&self, part: Part) -> &Finding {
        const NOTHING: &Finding = &Finding::Untried;
        match part {
            Part::Camera => &self.camera,
            Part::Microphone => &self.microphone,
            Part::Speaker => &self.speaker,
            Part::Server => &self.server,
            Part::Stun => &self.stun,
            Part::Relay(index) => self.relays.get(index).map_or(NOTHING, |relay| &relay.finding),
        }
    }

    /// Notes what was found. Of server, STUN and relays the first answer counts. Tells whether that is news.
    pub fn note(&mut self, part: Part, finding: Finding) -> bool {
        let place = match part {
            Part::Camera => &mut self.camera,
            Part::Microphone => &mut self.microphone,
            Part::Speaker => &mut self.speaker,
            Part::Server => &mut self.server,
            Part::Stun => &mut self.stun,
            Part::Relay(index) => match self.relays.get_mut(index) {
                Some(relay) => &mut relay.finding,
                None => return false,
            },
        };
        let once = matches!(part, Part::Server | Part::Stun | Part::Relay(_));
        let news = *place != finding && (!once || place.grade() == Grade::Open);
        if news {
            *place = finding;
        }
        news
    }

    /// What it all means for calls.
    pub fn network(&self) -> Network {
        if matches!(
            self.stun,
            Finding::TokenNeeded | Finding::Denied(_) | Finding::NoCalls
        ) {
            return Network::Unknown;
        }
        let open = |finding: &Finding| finding.grade() == Grade::Open;
        if open(&self.stun) || self.relays.iter().any(|relay| open(&relay.finding)) {
            return Network::Unknown;
        }
        let works = |way: fn(Way) -> bool| {
            let of_way = self.relays.iter().filter(|relay| way(relay.way));
            of_way.into_iter().any(|relay| relay.finding == Finding::Works)
        };
        let named = self.stun != Finding::None;
        match (self.stun == Finding::Works, works(|_| true)) {
            (true, true) => Network::Good,
            (true, false) => Network::DirectOnly,
            (false, true) if works(|way| way == Way::Udp) => Network::Relay,
            (false, true) if named || self.relays.iter().any(|relay| relay.way == Way::Udp) => {
                Network::RelayWithoutUdp
            }
            (false, true) => Network::Relay,
            (false, false) if named || !self.relays.is_empty() => Network::Blocked,
            (false, false) => Network::NothingNamed,
        }
    }

    /// Notes which servers there are to be tried: those that are asked for the own address, and each relay alone, in the
    /// order of [`Findings::relays`].
    pub fn servers(&mut self, servers: &[IceServer]) -> (Vec<String>, Vec<IceServer>) {
        let mut plain = Vec::new();
        let mut relays = Vec::new();
        self.relays.clear();
        for server in servers {
            for url in &server.urls {
                let Some((way, place)) = relay(url) else {
                    plain.push(url.clone());
                    continue;
                };
                if relays.len() < MAX_RELAYS {
                    self.relays.push(Relay {
                        way,
                        place: place.to_owned(),
                        finding: Finding::Trying,
                    });
                    relays.push(IceServer {
                        urls: vec![url.clone()],
                        ..server.clone()
                    });
                }
            }
        }
        self.stun = if plain.is_empty() {
            Finding::None
        } else {
            Finding::Trying
        };
        (plain, relays)
    }
}

/// Way and place of a relay's address (RFC 7065).
fn relay(url: &str) -> Option<(Way, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    let (place, transport) = rest.split_once('?').unwrap_or((rest, ""));
    match (scheme, transport) {
        ("turns", _) => Some((Way::Tls, place)),
        ("turn", "transport=tcp") => Some((Way::Tcp, place)),
        ("turn", _) => Some((Way::Udp, place)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(urls: &[&str]) -> IceServer {
        IceServer {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            username: None,
            credential: None,
        }
    }

    fn found(stun: Finding, relays: &[(Way, Finding)]) -> Findings {
        Findings {
            stun,
            relays: relays
                .iter()
                .map(|(way, finding)| Relay {
                    way: *way,
                    place: String::new(),
                    finding: finding.clone(),
                })
                .collect(),
            ..Findings::default()
        }
    }

    #[test]
    fn each_relay_is_tried_alone_and_no_more_than_some() {
        let mut findings = Findings::default();
        let (plain, relays) = findings.servers(&[
            server(&["stun:a:3478"]),
            server(&[
                "turn:b?transport=udp",
                "turn:b?transport=tcp",
                "turns:b:443?transport=tcp",
            ]),
        ]);
        assert_eq!(plain, ["stun:a:3478"]);
        assert_eq!(relays.len(), 3);
        let ways: Vec<_> = findings
            .relays
            .iter()
            .map(|relay| (relay.way, &*relay.place))
            .collect();
        assert_eq!(ways, [(Way::Udp, "b"), (Way::Tcp, "b"), (Way::Tls, "b:443")]);
        assert_eq!(findings.stun, Finding::Trying);
        let (_, relays) = findings.servers(&[server(&["turn:c"; 50])]);
        assert_eq!((relays.len(), findings.relays.len()), (MAX_RELAYS, MAX_RELAYS));
        assert_eq!(findings.stun, Finding::None);
    }

    #[test]
    fn the_first_answer_of_the_network_counts() {
        let mut findings = Findings::begun();
        assert!(!findings.note(Part::Camera, Finding::Trying), "no news");
        assert!(findings.note(Part::Camera, Finding::Picture(640, 480)));
        assert!(findings.note(Part::Camera, Finding::NoPicture));
        assert_eq!(findings.of(Part::Camera), &Finding::NoPicture);
        assert!(findings.note(Part::Server, Finding::Answered(9)));
        assert!(!findings.note(Part::Server, Finding::Unreachable));
        assert_eq!(findings.of(Part::Server), &Finding::Answered(9));
        findings.servers(&[server(&["stun:a", "turn:b"])]);
        assert!(findings.note(Part::Relay(0), Finding::Works));
        assert!(!findings.note(Part::Relay(0), Finding::Unreachable));
        assert_eq!(findings.of(Part::Relay(0)), &Finding::Works);
        assert!(!findings.note(Part::Relay(1), Finding::Works), "there is none");
        assert_eq!(findings.of(Part::Relay(1)), &Finding::Untried);
    }

    #[test]
    fn what_is_spoken_is_told_from_a_knock_noise_and_nothing() {
        let mut ear = Ear::default();
        assert_eq!(ear.hear(0.9), Finding::Asking);
        assert_eq!(ear.hear(0.1), Finding::Asking);
        for _ in 0..200 {
            ear.hear(0.1);
        }
        assert_eq!(ear.hear(0.1), Finding::Quiet);
        ear.hear(0.5);
        ear.hear(0.5);
        assert_eq!(ear.hear(0.5), Finding::Works);
        assert_eq!(ear.hear(0.0), Finding::Works, "it was heard once");
        let mut dead = Ear::default();
        let last = (0..200).map(|_| dead.hear(0.0)).last();
        assert_eq!(last, Some(Finding::Dead));
    }

    #[test]
    fn a_search_says_why_nothing_was_found() {
        let search = |found, complete, error| Search {
            found,
            complete,
            error,
        };
        assert_eq!(search(true, false, 0).of_stun(), Finding::Works);
        assert_eq!(
            search(false, true, 0).of_stun(),
            Finding::Works,
            "no router translates"
        );
        assert_eq!(search(false, true, 701).of_stun(), Finding::Unreachable);
        assert_eq!(search(false, false, 0).of_stun(), Finding::Unreachable);
        assert_eq!(search(false, true, 401).of_relay(), Finding::WrongCredentials);
        assert_eq!(search(false, true, 0).of_relay(), Finding::Unreachable);
        assert_eq!(search(true, true, 701).of_relay(), Finding::Works);
    }

    #[test]
    fn the_network_is_judged_by_all_of_it() {
        let (works, gone) = (Finding::Works, Finding::Unreachable);
        let udp = |finding: &Finding| (Way::Udp, finding.clone());
        let tcp = |finding: &Finding| (Way::Tcp, finding.clone());
        for (stun, relays, network) in [
            (Finding::Untried, vec![], Network::Unknown),
            (works.clone(), vec![udp(&Finding::Trying)], Network::Unknown),
            (works.clone(), vec![udp(&works)], Network::Good),
            (works.clone(), vec![], Network::DirectOnly),
            (works.clone(), vec![udp(&gone)], Network::DirectOnly),
            (gone.clone(), vec![udp(&works)], Network::Relay),
            (Finding::None, vec![udp(&works)], Network::Relay),
            (Finding::None, vec![tcp(&works)], Network::Relay),
            (
                gone.clone(),
                vec![udp(&gone), tcp(&works)],
                Network::RelayWithoutUdp,
            ),
            (gone.clone(), vec![udp(&gone), tcp(&gone)], Network::Blocked),
            (gone.clone(), vec![], Network::Blocked),
            (Finding::None, vec![], Network::NothingNamed),
        ] {
            assert_eq!(found(stun, &relays).network(), network, "{relays:?}");
        }
    }
}
