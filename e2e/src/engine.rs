use std::{env, path::Path};

use serde_json::{Map, Value, json};
use url::Url;

use crate::{Options, Outcome, driver::Driver, lab::PUBLIC};

/// Which browser somebody has. Both are driven by the same words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// Chromium or Chrome.
    #[default]
    Chromium,
    /// Firefox.
    Firefox,
}

/// What every Chromium of the tests is started with: nothing that asks the network on its own, English names.
const ARGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-features=MediaRouter,OptimizationHints",
    "--lang=en-US",
];

/// The same for every Firefox. Its driver adds dozens of its own that keep it from asking the network.
fn preferences() -> Map<String, Value> {
    let all = json!({
        "media.navigator.streams.fake": true,
        "media.navigator.permission.disabled": true,
        "media.autoplay.default": 0,
        // Without a sound card, nothing that computes sound would ever start.
        "media.cubeb.force_mock_context": true,
        "media.gmp-manager.updateEnabled": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "intl.accept_languages": "en-US, en",
        "intl.locale.requested": "en-US",
    });
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}

impl Engine {
    /// What the driver is asked for to start such a browser.
    pub(crate) fn capabilities(self, options: &Options, profile: &Path) -> Map<String, Value> {
        let mut wanted = Map::new();
        match self {
            Self::Chromium => {
                let mut args: Vec<String> = ARGS.iter().map(|arg| (*arg).to_owned()).collect();
                args.push(format!("--user-data-dir={}", profile.display()));
                args.extend(options.args.iter().cloned());
                if let Some((width, height)) = options.size {
                    args.push(format!("--window-size={width},{height}"));
                }
                if !options.insecure_origins.is_empty() {
                    let origins = options.insecure_origins.join(",");
                    args.push(format!("--unsafely-treat-insecure-origin-as-secure={origins}"));
                }
                if options.namespace.is_some() {
                    // There are no names in the lab. Without being told so, Chromium asks for one when it starts, and
                    // waits.
                    args.push(format!(
                        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE {PUBLIC}"
                    ));
                }
                let chrome = json!({ "args": args, "binary": program("MAJU_CHROMIUM", &["chromium"]) });
                wanted.insert("goog:chromeOptions".to_owned(), chrome);
                if options.record_events {
                    wanted.insert("goog:loggingPrefs".to_owned(), json!({ "performance": "ALL" }));
                }
            }
            Self::Firefox => {
                let mut prefs = preferences();
                prefs.extend(options.preferences.iter().cloned());
                for (name, setting) in &options.permissions {
                    let setting = if *setting == "denied" { 2 } else { 1 };
                    prefs.insert(format!("permissions.default.{name}"), json!(setting));
                }
                let hosts: Vec<String> = options
                    .insecure_origins
                    .iter()
                    .filter_map(|origin| Some(Url::parse(origin).ok()?.host_str()?.to_owned()))
                    .collect();
                if !hosts.is_empty() {
                    prefs.insert("dom.securecontext.allowlist".to_owned(), json!(hosts.join(",")));
                }
                let mut args = vec!["--headless".to_owned()];
                args.extend(["-profile".to_owned(), profile.display().to_string()]);
                args.extend(options.args.iter().cloned());
                let binary = program("MAJU_FIREFOX", &["firefox-esr", "firefox"]);
                let firefox = json!({ "args": args, "binary": binary, "prefs": prefs });
                wanted.insert("moz:firefoxOptions".to_owned(), firefox);
                wanted.insert("webSocketUrl".to_owned(), json!(true));
            }
        }
        wanted
    }

    /// The capability in which the driver tells the browser's process id.
    pub(crate) fn process_id(self) -> &'static str {
        match self {
            Self::Chromium => "goog:processID",
            Self::Firefox => "moz:processID",
        }
    }

    /// The variable that names another browser of this kind.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "MAJU_CHROMIUM",
            Self::Firefox => "MAJU_FIREFOX",
        }
    }

    /// Starts the WebDriver server of this kind on a free port.
    pub(crate) fn start_driver(self, namespace: Option<&str>) -> Outcome<Driver> {
        match self {
            Self::Chromium => Driver::start(
                "MAJU_CHROMEDRIVER",
                "chromedriver",
                &["--port=0"],
                "started successfully on port ",
                namespace,
            ),
            // The browser's own port is to be any free one too.
            Self::Firefox => Driver::start(
                "MAJU_GECKODRIVER",
                "geckodriver",
                &["--port=0", "--websocket-port=0"],
                "Listening on ",
                namespace,
            ),
        }
    }
}

/// WebDriver wants a path for the browser, so a bare name is looked up in `PATH`.
fn program(variable: &str, names: &[&str]) -> String {
    if let Ok(path) = env::var(variable) {
        return path;
    }
    let paths = env::var_os("PATH").unwrap_or_default();
    names
        .iter()
        .flat_map(|name| env::split_paths(&paths).map(move |path| path.join(name)))
        .find(|path| path.is_file())
        .map_or_else(
            || names.first().copied().unwrap_or_default().to_owned(),
            |path| path.display().to_string(),
        )
}
