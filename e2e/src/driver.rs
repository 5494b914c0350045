#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::{
    collections::HashMap,
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    thread,
};

use tokio::{sync::OnceCell, task::spawn_blocking};

use crate::{Engine, Failure, Outcome, inside::inside, reaper};

/// A WebDriver server, ended when dropped, with the browsers that it still has.
pub(crate) struct Driver {
    /// Where it listens, such as `http://127.0.0.1:40123`, in the browser's network namespace.
    pub(crate) address: String,
    child: Child,
}

/// The chromedrivers inside of network namespaces. They end with their last browser.
static INSIDE: Mutex<Option<HashMap<String, Weak<Driver>>>> = Mutex::new(None);

impl Driver {
    /// A driver for a browser of this kind in this namespace, started when it is first asked for. A chromedriver
    /// serves many browsers, a geckodriver one.
    pub(crate) async fn of(engine: Engine, namespace: Option<&str>) -> Outcome<Arc<Self>> {
        static OUTSIDE: OnceCell<Arc<Driver>> = OnceCell::const_new();
        let place = namespace.map(str::to_owned);
        let start =
            async || spawn_blocking(move || engine.start_driver(place.as_deref()).map(Arc::new)).await?;
        let Some(namespace) = namespace.filter(|_| engine == Engine::Chromium) else {
            return match engine {
                Engine::Chromium => OUTSIDE.get_or_try_init(start).await.cloned(),
                Engine::Firefox => start().await,
            };
        };
        let known = INSIDE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_default()
            .get(namespace)
            .and_then(Weak::upgrade);
        if let Some(driver) = known {
            return Ok(driver);
        }
        let driver = start().await?;
        INSIDE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert_default()
            .insert(namespace.to_owned(), Arc::downgrade(&driver));
        Ok(driver)
    }

    /// Starts the program that the variable names, or else the one of that name on `PATH`, and waits for the line
    /// in which it says on which port or at which address it listens.
    pub(crate) fn start(
        variable: &str,
        name: &str,
        args: &[&str],
        mark: &str,
        namespace: Option<&str>,
    ) -> Outcome<Self> {
        let program = env::var(variable).unwrap_or_else(|_| name.to_owned());
        let mut command = Command::new(&program);
        command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        // A driver that is ended while it starts a browser would leave that behind, so it gets a group to be ended with.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = inside(namespace, || Ok(command.spawn()?)).map_err(|failure| {
            failure.at(format!(
                "starting {program} (`cargo xtask setup --tests` brings it, {variable} names another one)"
            ))
        })?;
        reaper::watch_group(child.id())?;
        let line = line_with(&mut child, mark)?;
        let port = line.trim_end_matches('.');
        let port = port.rsplit_once(':').map_or(port, |(_, port)| port);
        Ok(Self {
            address: format!("http://127.0.0.1:{port}"),
            child,
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        reaper::end_group(self.child.id());
        // Collects the ended process; its status says only that it was ended.
        let _ = self.child.wait();
    }
}

/// Reads the child's standard output up to the first line that has the mark in it, and returns what follows the
/// mark. The rest of the output is read and dropped, so that the child never waits for a reader.
pub(crate) fn line_with(child: &mut Child, mark: &str) -> Outcome<String> {
    let output = child
        .stdout
        .take()
        .ok_or_else(|| Failure::new("the output is not piped"))?;
    let mut lines = BufReader::new(output).lines();
    let mut seen = String::new();
    for line in lines.by_ref() {
        let line = line?;
        if let Some((_, rest)) = line.split_once(mark) {
            let rest = rest.trim().to_owned();
            thread::spawn(move || lines.for_each(drop));
            return Ok(rest);
        }
        seen.push_str(&line);
        seen.push('\n');
    }
    Err(Failure::new(format!(
        "no line with {mark:?} on standard output, only this:\n{seen}"
    )))
}
