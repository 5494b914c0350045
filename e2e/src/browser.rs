use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use fantoccini::{Client, ClientBuilder, wd::WebDriverCompatibleCommand};
use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::{Engine, Failure, Outcome, bidi::Bidi, driver::Driver, inside::Route, reaper};

/// A browser with a profile of its own, ended when dropped.
pub struct Browser {
    pub(crate) client: Client,
    /// Firefox's way to do what Chromium does by the DevTools protocol.
    pub(crate) bidi: Option<Bidi>,
    pid: u32,
    profile: PathBuf,
    _driver: Arc<Driver>,
}

/// How a browser is started.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which browser it is.
    pub engine: Engine,
    /// The network namespace that it lives in. Nothing for the machine's own network.
    pub namespace: Option<String>,
    /// Flags besides those that all have.
    pub args: Vec<String>,
    /// Firefox's preferences besides those that all have; Chromium knows none.
    pub preferences: Vec<(String, Value)>,
    /// Origins on plain HTTP that are to count as secure, such as `http://203.0.113.1:8080`; otherwise their pages
    /// get no camera.
    pub insecure_origins: Vec<String>,
    /// Permissions set for all sites, as `Browser.setPermission` has them: name and setting.
    pub permissions: Vec<(&'static str, &'static str)>,
    /// Scripts that run in each document before its own.
    pub scripts: Vec<String>,
    /// Whether the network's and the page's events are kept for [`Browser::events`]. Only Chromium keeps them.
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
        let engine = options.engine;
        let profile = reaper::folder()?.join(format!("profile-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        fs::create_dir_all(&profile)?;
        let driver = Driver::of(engine, options.namespace.as_deref()).await?;
        let route = Route {
            namespace: options.namespace.clone(),
        };
        let client = ClientBuilder::new(route)
            .capabilities(engine.capabilities(options, &profile))
            .connect(&driver.address)
            .await
            .map_err(|error| {
                let variable = engine.variable();
                Failure::from(error).at(format!("starting a browser ({variable} names another one)"))
            })?;
        let told = |name: &str| client.capabilities()?.get(name).cloned();
        let pid = told(engine.process_id())
            .and_then(|pid| u32::try_from(pid.as_u64()?).ok())
            .ok_or_else(|| Failure::new("the driver did not tell the browser's process id"))?;
        let socket = told("webSocketUrl");
        reaper::watch(pid)?;
        let mut browser = Self {
            client,
            bidi: None,
            pid,
            profile,
            _driver: driver,
        };
        match engine {
            Engine::Chromium => browser.prepare_chromium(options).await?,
            Engine::Firefox => {
                let socket = socket.as_ref().and_then(Value::as_str);
                let socket =
                    socket.ok_or_else(|| Failure::new("the driver did not tell the browser's socket"))?;
                let bidi = Bidi::connect(socket, options.namespace.as_deref()).await?;
                prepare_firefox(&bidi, options).await?;
                browser.bidi = Some(bidi);
            }
        }
        Ok(browser)
    }

    async fn prepare_chromium(&self, options: &Options) -> Outcome {
        for (name, setting) in &options.permissions {
            let params = json!({ "permission": { "name": name }, "setting": setting });
            self.cdp("Browser.setPermission", params).await?;
        }
        for script in &options.scripts {
            let params = json!({ "source": script });
            self.cdp("Page.addScriptToEvaluateOnNewDocument", params).await?;
        }
        if let Some((width, height)) = options.size {
            let params =
                json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
            self.cdp("Emulation.setDeviceMetricsOverride", params).await?;
        }
        Ok(())
    }

    /// The process id of the browser itself, of which all its other processes are children.
    pub fn process(&self) -> u32 {
        self.pid
    }

    /// Opens an address and waits until it has loaded.
    ///
    /// # Errors
    /// When the address cannot be loaded.
    pub async fn goto(&self, address: &str) -> Outcome {
        Ok(self.client.goto(address).await?)
    }

    /// A command of the DevTools protocol, which only Chromium speaks.
    ///
    /// # Errors
    /// When the browser refuses it.
    pub async fn cdp(&self, command: &'static str, params: Value) -> Outcome<Value> {
        if self.bidi.is_some() {
            return Err(Failure::new(format!(
                "{command}: Firefox has no DevTools protocol"
            )));
        }
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": params }))
            .await
            .map_err(|failure| failure.at(command))
    }

    async fn post(&self, path: &'static str, body: Value) -> Outcome<Value> {
        let path = path.to_owned();
        let body = Some(body);
        Ok(self.client.issue_cmd(Request { path, body }).await?)
    }

    /// What WebDriver tells at this path below the session's.
    pub(crate) async fn get(&self, path: String) -> Outcome<Value> {
        Ok(self.client.issue_cmd(Request { path, body: None }).await?)
    }

    /// What a JavaScript expression gives in the page, a promise's value included. It is no press of the person:
    /// what the browser allows only after one stays forbidden.
    ///
    /// # Errors
    /// When the expression throws or gives something of another type.
    pub async fn eval<T: DeserializeOwned>(&self, expression: &str) -> Outcome<T> {
        if let Some(bidi) = &self.bidi {
            return bidi.eval(expression).await;
        }
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        result_of(self.cdp("Runtime.evaluate", params).await?)
    }

    /// What the browser recorded since the last call, for [`Options::record_events`]: method and parameters of each
    /// event of the DevTools domains `Network` and `Page`.
    ///
    /// # Errors
    /// When the driver does not hand it out.
    pub async fn events(&self) -> Outcome<Vec<(String, Value)>> {
        let log = self.post("se/log", json!({ "type": "performance" })).await?;
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

async fn prepare_firefox(bidi: &Bidi, options: &Options) -> Outcome {
    if options.record_events {
        return Err(Failure::new("Firefox keeps no record of events"));
    }
    for script in &options.scripts {
        bidi.preload(script).await?;
    }
    if let Some((width, height)) = options.size {
        let params = json!({ "viewport": { "width": width, "height": height } });
        bidi.in_tab("browsingContext.setViewport", params).await?;
    }
    Ok(())
}

/// A request to the driver below the session's path; without a body it is a question.
#[derive(Debug)]
struct Request {
    path: String,
    body: Option<Value>,
}

impl WebDriverCompatibleCommand for Request {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        match &self.body {
            Some(body) => (Method::POST, Some(body.to_string())),
            None => (Method::GET, None),
        }
    }
}
