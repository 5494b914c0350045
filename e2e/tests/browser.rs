//! What people live through, with a real browser for each of them. One test at a time has browsers open.

mod autoplay;
mod bundle;
mod call_log;
mod coming_and_going;
mod devices;
mod firefox;
mod hostile;
mod ice;
mod leaving;
mod lobby;
mod many_people;
mod names;
mod plain_page;
mod privacy;
mod two_people;
