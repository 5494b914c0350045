//! What comes over HTTP: connections and how long they may take, where a request is from, and what it is answered.

pub mod assets;
pub(crate) mod counts;
pub(crate) mod folder;
pub(crate) mod headers;
pub(crate) mod http;
pub(crate) mod origin;
pub(crate) mod page;
pub(crate) mod patience;
pub(crate) mod proxy;
pub(crate) mod requests;
pub(crate) mod serve;
