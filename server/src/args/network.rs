//! The flags about proxies, pages elsewhere, and TLS.

use std::{net::IpAddr, num::NonZeroU32, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;

use super::duration;
use crate::{Config, Embedders, Origins, Proxies, Tls};

/// How browsers come to the server, and from where.
#[derive(Clone, Debug, Args)]
pub struct Network {
    /// Do HTTPS without a proxy, with the certificate in this file (PEM, with its chain behind it). It is taken anew when
    /// the file changes
    #[arg(long, env = "MAJU_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    #[arg(help_heading = "HTTPS")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's key (PEM)
    #[arg(long, env = "MAJU_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    #[arg(help_heading = "HTTPS")]
    pub tls_key: Option<PathBuf>,

    /// Do HTTPS on your own network with a certificate that the server makes by itself, and say how phones are told to trust it.
    /// Listens on 0.0.0.0:8443 unless told otherwise
    #[arg(long, env = "MAJU_LAN", conflicts_with = "tls_cert", help_heading = "HTTPS")]
    pub lan: bool,

    /// A reverse proxy, or a network of them like 10.0.0.0/8, that is believed when it says by X-Forwarded-For or Forwarded whom a
    /// request is from. May be given several times
    #[arg(
        long = "trusted-proxy",
        env = "MAJU_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ' '
    )]
    #[arg(help_heading = "Browsers")]
    pub trusted_proxies: Vec<String>,

    /// Another site whose pages may use this server, like `https://app.example.org`, or * for all. Its own pages always may. May be
    /// given several times
    #[arg(
        long = "origin",
        env = "MAJU_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ' '
    )]
    #[arg(help_heading = "Browsers")]
    pub origins: Vec<String>,

    /// A site that may show the app in a frame, like `https://www.example.org`, or * for all. May be given several times
    #[arg(
        long = "embed",
        env = "MAJU_EMBED",
        value_name = "ORIGIN",
        value_delimiter = ' '
    )]
    #[arg(help_heading = "Browsers")]
    pub embed: Vec<String>,

    /// How many signaling sockets one address may have open (of IPv6, one network of 64 bits)
    #[arg(
        long,
        env = "MAJU_SOCKETS_PER_ADDRESS",
        value_name = "N",
        default_value = "100",
        help_heading = "Limits"
    )]
    pub sockets_per_address: NonZeroU32,

    /// How long a TLS handshake may take, and the head of a request
    #[arg(long, env = "MAJU_HANDSHAKE", value_name = "TIME", default_value = "10s")]
    #[arg(value_parser = duration, help_heading = "Limits")]
    pub handshake: Duration,

    /// How long a connection may be without a request, or without reading its answer
    #[arg(long, env = "MAJU_KEEP_ALIVE", value_name = "TIME", default_value = "75s")]
    #[arg(value_parser = duration, help_heading = "Limits")]
    pub keep_alive: Duration,
}

impl Network {
    /// Puts all of it into the configuration, but for the local authority, which needs the state folder.
    pub(super) fn configure(&self, config: &mut Config) -> Result<(), String> {
        let named = |flag: &'static str| move |problem| format!("{flag}: {problem}");
        config.proxies = Proxies::parse(texts(&self.trusted_proxies)).map_err(named("--trusted-proxy"))?;
        config.origins = Origins::parse(texts(&self.origins)).map_err(named("--origin"))?;
        config.embedders = Embedders::parse(texts(&self.embed)).map_err(named("--embed"))?;
        config.sockets_per_address = self.sockets_per_address.get() as usize;
        config.handshake = self.handshake;
        config.keep_alive = self.keep_alive;
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            config.tls = Some(Arc::new(Tls::files(certificate, key)?));
        }
        Ok(())
    }

    /// Whether a browser at another machine would get no camera from a server at this address.
    pub fn is_bare(&self, listen: IpAddr) -> bool {
        let https = self.lan || self.tls_cert.is_some() || !self.trusted_proxies.is_empty();
        !https && !listen.to_canonical().is_loopback()
    }
}

/// Without the empty ones, which come from an empty variable.
fn texts(list: &[String]) -> impl Iterator<Item = &str> {
    list.iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
}
