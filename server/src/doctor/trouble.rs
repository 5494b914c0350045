//! Why a server did not do what was asked of it.

use std::{io, time::SystemTime};

use tokio_rustls::rustls::{self, CertificateError};

/// What went wrong on the way to an answer, or what the answer was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The name has no address, for this reason.
    Unresolved(String),
    /// Nothing came back in time.
    Silence,
    /// Nobody listens on that port, as the machine there says.
    Refused,
    /// This machine knows no way there, for this reason.
    NoWay(String),
    /// The connection was closed before an answer came, for this reason.
    Closed(String),
    /// What listens there speaks no TLS, as this says.
    NoTls(String),
    /// Its certificate is not to be trusted.
    Certificate(Certificate),
    /// Something came back that is not STUN.
    NotStun,
    /// The answer was not made by one who knows the password.
    Unsigned,
    /// It does not accept who asks (401 after a proof was given).
    Unauthorized,
    /// The user name or the password does not fit into a message, for this reason.
    Unspeakable(String),
    /// It refuses with another code of RFC 8489 or RFC 8656.
    Code(u16, String),
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Certificate {
    /// It ended, then if that is known.
    Expired(Option<SystemTime>),
    /// It is for these names and not for the one that was asked for.
    Name(Vec<String>),
    /// Nobody who is trusted vouches for it.
    Authority,
    /// Something else.
    Other(String),
}

impl Trouble {
    /// What an operation on a socket means that failed.
    pub(super) fn of(error: &io::Error) -> Self {
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            return Self::of_tls(error);
        }
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::PermissionDenied => Self::NoWay(error.to_string()),
            io::ErrorKind::TimedOut => Self::Silence,
            _ => Self::Closed(error.to_string()),
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        let rustls::Error::InvalidCertificate(wrong) = error else {
            return Self::NoTls(error.to_string());
        };
        Self::Certificate(match wrong {
            CertificateError::Expired => Certificate::Expired(None),
            CertificateError::ExpiredContext { not_after, .. } => Certificate::Expired(Some(
                SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(not_after.as_secs()),
            )),
            CertificateError::NotValidForName => Certificate::Name(Vec::new()),
            CertificateError::NotValidForNameContext { presented, .. } => {
                Certificate::Name(presented.clone())
            }
            CertificateError::UnknownIssuer => Certificate::Authority,
            // What webpki says of a self-made certificate that is its own authority.
            CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
                Certificate::Authority
            }
            other => Certificate::Other(other.to_string()),
        })
    }

    /// Whether another transport to the same port may tell more.
    pub(super) fn is_of_the_way(&self) -> bool {
        matches!(
            self,
            Self::Silence | Self::Refused | Self::NoWay(_) | Self::Closed(_)
        )
    }
}
