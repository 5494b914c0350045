//! Maju's app: `ui` is what is seen, `browser` is what is done, `app` joins the two.

pub mod app;
pub mod browser;
pub mod languages;
pub mod ui;
