use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use tokio::{sync::OnceCell, task::spawn_blocking};

use crate::{Failure, Outcome, reaper};

/// The address of this process's chromedriver, started on a free port when it is first asked for.
pub(crate) async fn chromedriver() -> Outcome<&'static str> {
    static ADDRESS: OnceCell<String> = OnceCell::const_new();
    let address = ADDRESS
        .get_or_try_init(async || spawn_blocking(start).await?)
        .await?;
    Ok(address)
}

fn start() -> Outcome<String> {
    let program = env::var("MAJU_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
    let mut child = Command::new(&program)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            Failure::from(error).at(format!(
                "starting {program} (MAJU_CHROMEDRIVER names another one)"
            ))
        })?;
    reaper::watch(child.id())?;
    let line = line_with(&mut child, "started successfully on port ")?;
    Ok(format!("http://127.0.0.1:{}", line.trim_end_matches('.')))
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
