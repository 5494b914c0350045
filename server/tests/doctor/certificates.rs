//! Certificates of an authority of the test's own.

use std::{fs, path::PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};

/// The files of an authority and of a certificate that it made, in a folder that goes with it.
pub(crate) struct Certificate {
    folder: TempDir,
}

impl Certificate {
    /// One for that name or address, which holds for so many days from now, or ended so many days ago.
    pub(crate) fn new(name: &str, days: i64) -> Self {
        let now = OffsetDateTime::now_utc();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.not_before = now - Duration::days(100);
        params.not_after = now + Duration::days(days);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in [
            ("authority", authority.pem()),
            ("certificate", certificate.pem()),
            ("key", key.serialize_pem()),
        ] {
            fs::write(folder.path().join(file), text).unwrap();
        }
        Self { folder }
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("authority")
    }

    pub(crate) fn flags(&self, certificate: &str, key: &str) -> [String; 2] {
        let path = |file| self.folder.path().join(file).display().to_string();
        [
            format!("{certificate}={}", path("certificate")),
            format!("{key}={}", path("key")),
        ]
    }
}
