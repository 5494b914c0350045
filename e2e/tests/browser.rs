//! What people live through, with a real browser for each of them. One test at a time has browsers open.

mod autoplay;
mod behind_proxies;
mod bundle;
mod call_log;
mod coming_and_going;
mod content_policy;
mod devices;
mod firefox;
mod hiding;
mod hostile;
mod hosts;
mod ice;
mod languages;
mod layout;
mod leaving;
mod living;
mod lobby;
mod many_people;
mod names;
mod plain_page;
mod privacy;
mod screen;
mod settings;
mod speaking;
mod two_people;
