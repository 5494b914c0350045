//! What the doctor says.

use std::fmt;

use serde::{Serialize, Serializer};

/// All that was found, in the order in which it was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// One for each thing that was looked at, and one more for each thing that struck the eye.
    pub findings: Vec<Finding>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What it is, for programs.
    pub verdict: Verdict,
    /// What it is about: a server's address as it was configured, or a flag.
    pub about: String,
    /// What it is, for people: the rest of a sentence that begins with what it is about.
    pub text: String,
    /// What to change, if anything: whole sentences.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Good to know.
    Note,
    /// Works, but not for everybody or not for long.
    Warning,
    /// Does not work.
    Problem,
}

/// Declares the verdicts with the words by which programs know them.
macro_rules! verdicts {
    ($($(#[$meta:meta])* $name:ident = $word:literal,)*) => {
        /// What was found, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the words say it, and docs/deploying.md explains them")]
        pub enum Verdict {
            $($(#[$meta])* $name,)*
        }

        impl Verdict {
            /// The word for it, which does not change from version to version.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

verdicts! {
    // It works.
    Answers = "answers",
    Relays = "relays",
    InTime = "in-time",
    // Nobody is reached.
    Unresolved = "unresolved",
    NoAnswer = "no-answer",
    UdpBlocked = "udp-blocked",
    TcpBlocked = "tcp-blocked",
    Refused = "refused",
    Unreachable = "unreachable",
    PartlyReached = "partly-reached",
    // It is not what it should be.
    NotStun = "not-stun",
    NotTls = "not-tls",
    NoBrowser = "no-browser",
    CertificateExpired = "certificate-expired",
    CertificateSoonExpired = "certificate-soon-expired",
    CertificateName = "certificate-name",
    CertificateAuthority = "certificate-authority",
    CertificateInvalid = "certificate-invalid",
    // It refuses.
    WrongSecret = "wrong-secret",
    WrongPassword = "wrong-password",
    ClockAhead = "clock-ahead",
    ClockBehind = "clock-behind",
    ClockUnknown = "clock-unknown",
    Quota = "quota",
    Forbidden = "forbidden",
    ServerError = "server-error",
    // It relays, and yet.
    OpenRelay = "open-relay",
    RelayPrivate = "relay-private",
    PeersDenied = "peers-denied",
    // The whole.
    NoServers = "no-servers",
    NoTurn = "no-turn",
    OnlyUdp = "only-udp",
    RelayOnlyBroken = "relay-only-broken",
    // Maju itself.
    ServerRuns = "server-runs",
    ServerAway = "server-away",
    ForeignServer = "foreign-server",
}

impl Report {
    /// The findings of that level.
    pub fn of(&self, level: Level) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.level == level)
    }

    /// Whether something does not work.
    pub fn has_problems(&self) -> bool {
        self.of(Level::Problem).next().is_some()
    }
}

impl Finding {
    pub(super) fn new(level: Level, verdict: Verdict, about: &str, text: impl Into<String>) -> Self {
        Self {
            level,
            verdict,
            about: about.to_owned(),
            text: text.into(),
            advice: None,
        }
    }

    pub(super) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl Level {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// In one line, without advice.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.about, self.text)
    }
}
