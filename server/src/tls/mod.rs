//! TLS without a proxy: with a certificate from files, which is taken anew when they change, or with one of the server's
//! own for the local network.

pub(crate) mod lan;
pub(crate) mod lan_page;
pub(crate) mod machine;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio::{net::TcpStream, time::sleep};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::{CryptoProvider, ring},
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
    server::TlsStream,
};
use tracing::{info, warn};
use x509_parser::parse_x509_certificate;

use crate::tls::lan::Lan;

/// How often the certificate is looked after. A change of files is taken when it has lasted from one look to the next, for
/// they are two, and are not written at once.
const EVERY: Duration = Duration::from_secs(2);

/// How long before its end a certificate should have been replaced.
const SOON: Duration = Duration::from_secs(7 * 24 * 3600);

/// TLS with what is needed to keep its certificate good.
pub struct Tls {
    acceptor: TlsAcceptor,
    current: Arc<Current>,
    origin: Origin,
}

/// Where the certificate is from.
enum Origin {
    Files(Files),
    Lan(Box<Lan>),
}

impl Tls {
    /// With the certificate, the others of its chain behind it, and the key that are in these files, in PEM (RFC 7468). They may be
    /// one file. The error is for people.
    pub fn files(certificate: &Path, key: &Path) -> Result<Self, String> {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        let pair = files.read().and_then(|texts| files.pair(&texts))?;
        Self::new(pair, Origin::Files(files))
    }

    /// With a certificate of a local authority.
    pub fn lan(lan: Lan) -> Result<Self, String> {
        Self::new(lan.certify()?, Origin::Lan(Box::new(lan)))
    }

    fn new(pair: CertifiedKey, origin: Origin) -> Result<Self, String> {
        let current = Arc::new(Current(RwLock::new(Arc::new(pair))));
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(|error| format!("TLS cannot be used: {error}"))?
            .with_no_client_auth()
            .with_cert_resolver(current.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            current,
            origin,
        })
    }

    /// The authority, if it is a local one.
    pub fn local(&self) -> Option<&Lan> {
        match &self.origin {
            Origin::Files(_) => None,
            Origin::Lan(lan) => Some(lan),
        }
    }

    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }

    /// Keeps the certificate good, for as long as this is polled.
    pub(crate) async fn look_after(&self) {
        match &self.origin {
            Origin::Files(files) => self.follow(files).await,
            Origin::Lan(lan) => loop {
                sleep(EVERY).await;
                match lan.renew() {
                    Some(Ok(pair)) => self.current.set(pair),
                    Some(Err(problem)) => warn!("the certificate could not be renewed: {problem}"),
                    None => {}
                }
            },
        }
    }

    /// Whether its certificate holds at this time.
    pub(crate) fn age(&self) -> Age {
        self.current.age()
    }

    async fn follow(&self, files: &Files) {
        let mut age = Age::Good;
        // What was there at the last look, and what of it was looked into.
        let (mut last, mut tried) = (None, files.digest().await);
        loop {
            let now = self.current.age();
            if now != age {
                age = now;
                age.warn(&files.certificate);
            }
            sleep(EVERY).await;
            let found = files.digest().await;
            let settled = last.as_ref() == Some(&found);
            last = Some(found);
            if !settled || last.as_ref() == Some(&tried) {
                continue;
            }
            match files.read_again().await {
                Ok(pair) => {
                    self.current.set(pair);
                    info!("the new certificate is in use");
                }
                Err(problem) => warn!("the certificate was changed, and the old one stays in use: {problem}"),
            }
            tried = last.take().unwrap_or_default();
        }
    }
}

/// Without keys.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Files(files) => files.fmt(f),
            Origin::Lan(lan) => lan.fmt(f),
        }
    }
}

/// A certificate with its chain, and its key.
#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// What is in the two files.
type Texts = [Vec<u8>; 2];

impl Files {
    fn read(&self) -> Result<Texts, String> {
        let read = |flag: &str, path: &Path| {
            std::fs::read(path)
                .map_err(|error| format!("{flag}: '{}' cannot be read: {error}", path.display()))
        };
        Ok([
            read("--tls-cert", &self.certificate)?,
            read("--tls-key", &self.key)?,
        ])
    }

    async fn read_again(&self) -> Result<CertifiedKey, String> {
        let files = Self {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
        };
        let read = move || files.read().and_then(|texts| files.pair(&texts));
        let done = tokio::task::spawn_blocking(read).await;
        done.unwrap_or_else(|error| Err(error.to_string()))
    }

    /// Tells contents apart. What cannot be read counts as empty.
    async fn digest(&self) -> Vec<u8> {
        let mut digest = Sha256::new();
        for path in [&self.certificate, &self.key] {
            let bytes = tokio::fs::read(path).await.unwrap_or_default();
            digest.update(bytes.len().to_be_bytes());
            digest.update(bytes);
        }
        digest.finalize().to_vec()
    }

    fn pair(&self, [certificate, key]: &Texts) -> Result<CertifiedKey, String> {
        let (certificate_path, key_path) = (self.certificate.display(), self.key.display());
        let chain = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| format!("--tls-cert: '{certificate_path}' is no PEM: {error}"))?;
        if chain.is_empty() {
            return Err(format!(
                "--tls-cert: there is no certificate in '{certificate_path}', at least not in PEM, which begins with \
                 -----BEGIN CERTIFICATE-----"
            ));
        }
        if key.windows(9).any(|word| word == b"ENCRYPTED") {
            return Err(format!(
                "--tls-key: the key in '{key_path}' is encrypted; `openssl pkey` writes it without a password"
            ));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| {
            format!(
                "--tls-key: there is no private key in '{key_path}', at least not in PEM, which begins with \
                 -----BEGIN PRIVATE KEY-----"
            )
        })?;
        certified(chain, key).map_err(|problem| match problem {
            Unfit::Mismatch => format!(
                "--tls-key: the key in '{key_path}' does not belong to the first certificate in '{certificate_path}'"
            ),
            Unfit::Other(problem) => format!(
                "--tls-cert: the certificate in '{certificate_path}' or the key in '{key_path}' cannot be used: {problem}"
            ),
        })
    }
}

/// Why a certificate and a key are no pair.
pub(crate) enum Unfit {
    Mismatch,
    Other(String),
}

/// A certificate, those of its chain behind it, and its key, as a pair that TLS can use.
pub(crate) fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, Unfit> {
    use tokio_rustls::rustls::{Error::InconsistentKeys, InconsistentKeys::KeyMismatch};
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
        InconsistentKeys(KeyMismatch) => Unfit::Mismatch,
        error => Unfit::Other(error.to_string()),
    })
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// The certificate that new connections get.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl Current {
    fn get(&self) -> Arc<CertifiedKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn age(&self) -> Age {
        self.get()
            .end_entity_cert()
            .map_or(Age::Good, |leaf| Age::of(leaf))
    }

    fn set(&self, pair: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get())
    }
}

/// Whether a certificate holds at this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Good,
    /// It begins to hold later: most likely this machine's clock is wrong.
    Early,
    /// Not for long any more.
    Soon,
    Over,
}

impl Age {
    fn of(certificate: &CertificateDer<'_>) -> Self {
        let Ok((_, certificate)) = parse_x509_certificate(certificate) else {
            return Self::Good;
        };
        let (validity, now) = (certificate.validity(), OffsetDateTime::now_utc());
        let end = validity.not_after.to_datetime();
        if now < validity.not_before.to_datetime() {
            Self::Early
        } else if now > end {
            Self::Over
        } else if now + SOON > end {
            Self::Soon
        } else {
            Self::Good
        }
    }

    fn warn(self, path: &Path) {
        let path = path.display();
        match self {
            Self::Good => {}
            Self::Early => {
                warn!("the certificate in '{path}' does not hold yet; is this machine's clock right?")
            }
            Self::Soon => warn!("the certificate in '{path}' ends in less than a week"),
            Self::Over => warn!(
                "the certificate in '{path}' is not good any more, and browsers will refuse it: its time is over"
            ),
        }
    }
}
