//! Brings what a machine lacks. Looks first, says what it does, does nothing twice, and may be interrupted at
//! any time: what was done stays done, and a build that was interrupted goes on where it was.
//!
//! ```text
//!  toolchain    rustc links for wasm32? ── else rustup adds the target ── else Debian's compiler (registries only)
//!  tools        wasm-bindgen and Trunk on PATH? ── else cargo binstall ── else cargo install
//!  wasm-opt     new enough on PATH? ── else npm ── else Trunk fetches it
//!  esbuild      npm ── else the app stays in one piece, and bigger
//!  for tests    clippy, rustfmt, cargo-deny, a browser and its driver
//!  end to end   Firefox and its driver, axe-core by npm, reverse proxies, and what networks are made of where they can be made
//! ```

mod axe;
mod browser;
mod debian;
mod firefox;
mod lab;
mod npm;
mod proxies;
mod toolchain;
mod tools;
mod wasm_opt;

use std::time::{Duration, Instant};

use anyhow::Result;

pub(crate) use browser::Browser;
pub(crate) use lab::prepare as lab;
pub(crate) use npm::modules;

use crate::machine::Machine;
use crate::step::Took;

/// What is going to be done with the machine.
#[derive(Clone, Copy)]
pub(crate) struct Needs {
    /// Building the app.
    pub(crate) app: bool,
    /// Running clippy.
    pub(crate) clippy: bool,
    /// Running rustfmt.
    pub(crate) rustfmt: bool,
    /// Looking at the dependencies.
    pub(crate) deny: bool,
    /// Driving a browser.
    pub(crate) browser: bool,
    /// TURN servers, and networks of every kind.
    pub(crate) lab: bool,
    /// Driving browsers of both kinds, in such networks.
    pub(crate) end_to_end: bool,
}

impl Needs {
    /// The app and nothing else.
    pub(crate) const BUILD: Self = Self {
        app: true,
        clippy: false,
        rustfmt: false,
        deny: false,
        browser: false,
        lab: false,
        end_to_end: false,
    };
    /// All that the tests need.
    pub(crate) const EVERYTHING: Self = Self {
        app: true,
        clippy: true,
        rustfmt: true,
        deny: true,
        browser: true,
        lab: true,
        end_to_end: true,
    };
    /// The app and a browser to look at it with.
    pub(crate) const BROWSER: Self = Self {
        browser: true,
        ..Self::BUILD
    };
}

/// Makes sure that everything needed is there and returns how to reach it.
pub(crate) fn prepare(needs: Needs) -> Result<Machine> {
    let start = Instant::now();
    let mut machine = toolchain::choose(&Machine::new()?)?;
    if needs.clippy {
        toolchain::component(&machine, "clippy", "rust-web-clippy")?;
    }
    if needs.rustfmt {
        toolchain::component(&machine, "fmt", "rustfmt-web")?;
    }
    if needs.deny {
        tools::prepare_deny(&mut machine)?;
    }
    if needs.app {
        tools::prepare(&mut machine)?;
        wasm_opt::prepare(&mut machine)?;
    }
    if needs.browser {
        browser::prepare(&machine)?;
    }
    if needs.end_to_end {
        firefox::prepare(&mut machine)?;
        axe::prepare(&machine)?;
    }
    if needs.lab {
        lab(&machine)?;
        proxies::prepare(&mut machine)?;
    }
    let took = start.elapsed();
    if took > Duration::from_secs(5) {
        eprintln!("set-up: done in {}", Took(took));
    } else {
        eprintln!("set-up: everything is there ({})", Took(took));
    }
    Ok(machine)
}
