//! The browser of the tests and the driver that steers it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{axe, debian, firefox};
use crate::machine::{Machine, output};

const BROWSERS: [&str; 5] = [
    "chromium",
    "google-chrome",
    "google-chrome-stable",
    "chromium-browser",
    "chrome",
];
const DRIVER: &str = "chromedriver";

/// The browsers and their drivers.
pub(crate) struct Browser {
    /// Chromium or Chrome.
    pub(crate) chromium: PathBuf,
    /// The chromedriver of the same version.
    pub(crate) chromedriver: PathBuf,
    /// Firefox, which only the end-to-end tests need.
    pub(crate) firefox: Option<PathBuf>,
    /// Firefox's driver.
    pub(crate) geckodriver: Option<PathBuf>,
    /// The script that looks for what keeps people out, which only the end-to-end tests need.
    axe: Option<PathBuf>,
}

impl Browser {
    /// The browsers that the environment names, or else those on `PATH`. Nothing without Chromium.
    pub(crate) fn find(machine: &Machine) -> Option<Self> {
        Some(Self {
            chromium: named("MAJU_CHROMIUM")
                .or_else(|| BROWSERS.iter().find_map(|name| machine.find(name)))?,
            chromedriver: named("MAJU_CHROMEDRIVER").or_else(|| machine.find(DRIVER))?,
            firefox: firefox::find(machine),
            geckodriver: firefox::find_driver(machine),
            axe: axe::find(machine),
        })
    }

    /// Tells a test program which browsers to use.
    pub(crate) fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("MAJU_CHROMIUM", &self.chromium)
            .env("MAJU_CHROMEDRIVER", &self.chromedriver)
            .envs(self.firefox.as_ref().map(|path| ("MAJU_FIREFOX", path)))
            .envs(self.geckodriver.as_ref().map(|path| ("MAJU_GECKODRIVER", path)))
            .envs(self.axe.as_ref().map(|path| ("MAJU_AXE", path)))
    }

    /// A copy of the frontend's `webdriver.json` that also says where the browser is.
    pub(crate) fn webdriver_json(&self, machine: &Machine) -> Result<PathBuf> {
        let original = machine.root.join("frontend/webdriver.json");
        let text = std::fs::read_to_string(&original).context("frontend/webdriver.json cannot be read")?;
        let copy = machine.notes()?.join("webdriver.json");
        std::fs::write(&copy, with_binary(&text, &self.chromium)?)
            .with_context(|| format!("{} could not be written", copy.display()))?;
        Ok(copy)
    }
}

/// The program that this variable names.
pub(super) fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

/// Makes sure that there is a browser, and letters for the names that people have.
pub(crate) fn prepare(machine: &Machine) -> Result<()> {
    let mut packages = Vec::new();
    if Browser::find(machine).is_none() {
        if !debian::is_at_hand() {
            bail!(
                "the browser tests need Chromium or Chrome and the chromedriver of the same version.\n  what to try: \
                 put both on PATH, or name them in MAJU_CHROMIUM and MAJU_CHROMEDRIVER"
            );
        }
        packages.extend(["chromium", "chromium-driver"]);
    }
    if debian::is_at_hand() {
        // Screenshots show names in Korean and with emoji; without these fonts they are boxes.
        let draws = |letters: &str| {
            output(machine.command("fc-list").arg(format!(":{letters}"))).is_ok_and(|fonts| !fonts.is_empty())
        };
        if !draws("lang=ko") {
            packages.push("fonts-nanum");
        }
        if !draws("charset=1f44b") {
            packages.push("fonts-noto-color-emoji");
        }
    }
    if packages.is_empty() {
        Ok(())
    } else {
        debian::install(machine, &packages)
    }
}

fn with_binary(text: &str, browser: &Path) -> Result<String> {
    let place = "\"goog:chromeOptions\": {";
    if !text.contains(place) {
        bail!("frontend/webdriver.json has no {place}");
    }
    let path = browser.display().to_string().replace('\\', "\\\\");
    Ok(text.replacen(place, &format!("{place}\n    \"binary\": \"{path}\","), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_is_written_into_the_capabilities() {
        let text = "{ \"goog:chromeOptions\": { \"args\": [] } }";
        let text = with_binary(text, Path::new("/usr/bin/chromium")).unwrap();
        assert!(
            text.contains("\"binary\": \"/usr/bin/chromium\",") && text.contains("\"args\": []"),
            "{text}"
        );
    }
}
