use std::{
    env, fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::{Failure, Outcome, driver::chromedriver, reaper};

/// What every browser of the tests is started with: nothing that asks the network on its own, English names.
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

/// A browser with a profile of its own, ended when dropped.
pub struct Browser {
    pub(crate) client: Client,
    pid: u32,
    profile: PathBuf,
}

/// How a browser is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Flags besides those that all have.
    pub args: Vec<String>,
    /// Permissions set for all sites, as `Browser.setPermission` has them: name and setting.
    pub permissions: Vec<(&'static str, &'static str)>,
    /// Scripts that run in each document before its own.
    pub scripts: Vec<String>,
    /// Whether the network's and the page's events are kept for [`Browser::events`].
    pub record_events: bool,
    /// Width and height of the page in CSS pixels, where they matter.
    pub size: Option<(u32, u32)>,
}

impl Browser {
    /// Starts a browser on an empty page.
    ///
    /// # Errors
    /// When the browser or its driver cannot be started.
    pub async fn start(options: &Options) -> Outcome<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let profile = reaper::folder()?.join(format!("profile-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let mut args: Vec<String> = ARGS.iter().map(|arg| (*arg).to_owned()).collect();
        args.push(format!("--user-data-dir={}", profile.display()));
        args.extend(options.args.iter().cloned());
        if let Some((width, height)) = options.size {
            args.push(format!("--window-size={width},{height}"));
        }
        let mut capabilities = serde_json::Map::new();
        let mut chrome = json!({ "args": args });
        chrome["binary"] = json!(program("MAJU_CHROMIUM", "chromium"));
        capabilities.insert("goog:chromeOptions".to_owned(), chrome);
        if options.record_events {
            capabilities.insert("goog:loggingPrefs".to_owned(), json!({ "performance": "ALL" }));
        }
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(chromedriver().await?)
            .await
            .map_err(|error| {
                Failure::from(error).at("starting a browser (MAJU_CHROMIUM names another one)")
            })?;
        let pid = client
            .capabilities()
            .and_then(|given| given.get("goog:processID")?.as_u64())
            .and_then(|pid| u32::try_from(pid).ok())
            .ok_or_else(|| Failure::new("the driver did not tell the browser's process id"))?;
        reaper::watch(pid)?;
        let browser = Self { client, pid, profile };
        for (name, setting) in &options.permissions {
            let params = json!({ "permission": { "name": name }, "setting": setting });
            browser.cdp("Browser.setPermission", params).await?;
        }
        for script in &options.scripts {
            browser
                .cdp(
                    "Page.addScriptToEvaluateOnNewDocument",
                    json!({ "source": script }),
                )
                .await?;
        }
        if let Some((width, height)) = options.size {
            let params =
                json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
            browser.cdp("Emulation.setDeviceMetricsOverride", params).await?;
        }
        Ok(browser)
    }

    /// Opens an address and waits until it has loaded.
    ///
    /// # Errors
    /// When the address cannot be loaded.
    pub async fn goto(&self, address: &str) -> Outcome {
        Ok(self.client.goto(address).await?)
    }

    /// A command of the DevTools protocol.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub async fn cdp(&self, command: &'static str, params: Value) -> Outcome<Value> {
        self.client
            .issue_cmd(DevTools { command, params })
            .await
            .map_err(|error| Failure::from(error).at(command))
    }

    /// What a JavaScript expression gives in the page, a promise's value included. It is no press of the person:
    /// what the browser allows only after one stays forbidden.
    ///
    /// # Errors
    /// When the expression throws or gives something of another type.
    pub async fn eval<T: DeserializeOwned>(&self, expression: &str) -> Outcome<T> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        result_of(self.cdp("Runtime.evaluate", params).await?)
    }

    /// What the browser recorded since the last call, for [`Options::record_events`]: method and parameters of each
    /// event of the DevTools domains `Network` and `Page`.
    ///
    /// # Errors
    /// When the driver does not hand it out.
    pub async fn events(&self) -> Outcome<Vec<(String, Value)>> {
        let log = self.client.issue_cmd(PerformanceLog).await?;
        let mut events = Vec::new();
        for entry in log.as_array().into_iter().flatten() {
            let text = entry["message"].as_str().unwrap_or_default();
            let mut event: Value = serde_json::from_str(text)?;
            let method = event["message"]["method"].as_str().unwrap_or_default().to_owned();
            events.push((method, event["message"]["params"].take()));
        }
        Ok(events)
    }

    /// A picture of the page as PNG.
    ///
    /// # Errors
    /// When the browser cannot make it.
    pub async fn screenshot(&self) -> Outcome<Vec<u8>> {
        Ok(self.client.screenshot().await?)
    }
}

/// The browser ends at once, like one whose machine lost its power.
impl Drop for Browser {
    fn drop(&mut self) {
        reaper::end(self.pid);
        // What the dying processes still write is removed with the folder of this process.
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// The value in the answer to `Runtime.evaluate` or `Runtime.callFunctionOn`.
pub(crate) fn result_of<T: DeserializeOwned>(mut answer: Value) -> Outcome<T> {
    if let Some(exception) = answer.get("exceptionDetails") {
        let text = exception["exception"]["description"]
            .as_str()
            .or(exception["text"].as_str());
        return Err(Failure::new(format!(
            "the page threw: {}",
            text.unwrap_or("something")
        )));
    }
    Ok(serde_json::from_value(answer["result"]["value"].take())?)
}

/// WebDriver wants a path for the browser, so a bare name is looked up in `PATH`.
fn program(variable: &str, name: &str) -> String {
    if let Ok(path) = env::var(variable) {
        return path;
    }
    env::var_os("PATH")
        .and_then(|paths| {
            env::split_paths(&paths)
                .map(|path| path.join(name))
                .find(|path| path.is_file())
        })
        .map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

#[derive(Debug)]
struct DevTools {
    command: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (
            Method::POST,
            Some(json!({ "cmd": self.command, "params": self.params }).to_string()),
        )
    }
}

#[derive(Debug)]
struct PerformanceLog;

impl WebDriverCompatibleCommand for PerformanceLog {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "performance" }).to_string()))
    }
}
