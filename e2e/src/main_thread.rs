use serde_json::json;

use crate::{Browser, Failure, Outcome};

/// How much a page's main thread has worked by when, in seconds. Only Chromium tells.
#[derive(Clone, Copy, Debug)]
pub struct MainThread {
    /// All tasks.
    pub worked: f64,
    /// Those of them that ran scripts and WebAssembly.
    pub scripts: f64,
    /// When that was.
    pub at: f64,
}

impl MainThread {
    /// What the page's main thread has done so far.
    ///
    /// # Errors
    /// When the browser does not tell.
    pub async fn of(browser: &Browser) -> Outcome<Self> {
        browser.cdp("Performance.enable", json!({})).await?;
        let metrics = browser.cdp("Performance.getMetrics", json!({})).await?;
        let metric = |name: &str| {
            let mut all = metrics["metrics"].as_array().into_iter().flatten();
            let found = all.find(|metric| metric["name"] == name);
            found
                .and_then(|metric| metric["value"].as_f64())
                .ok_or_else(|| Failure::new(format!("no metric {name}")))
        };
        Ok(Self {
            worked: metric("TaskDuration")?,
            scripts: metric("ScriptDuration")?,
            at: metric("Timestamp")?,
        })
    }

    /// Milliseconds of work in each second since then.
    pub fn since(self, before: Self) -> f64 {
        (self.worked - before.worked) * 1000.0 / (self.at - before.at)
    }

    /// Milliseconds of scripts in each second since then.
    pub fn scripts_since(self, before: Self) -> f64 {
        (self.scripts - before.scripts) * 1000.0 / (self.at - before.at)
    }
}
