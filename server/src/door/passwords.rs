//! Passwords of rooms: hashed slowly, beside the threads that serve sockets.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use maju_protocol::Secret;
use tokio::{sync::Semaphore, task::spawn_blocking};
use tracing::error;

/// How many are hashed at a time. Each takes 19 MiB of memory and some hundredths of a second.
const AT_A_TIME: usize = 2;

/// Hashes passwords and checks them.
pub(crate) struct Passwords {
    pepper: [u8; 32],
    places: Semaphore,
}

impl Passwords {
    /// Whoever has a hash and not the pepper cannot find the password by trying.
    pub(crate) fn new(pepper: [u8; 32]) -> Self {
        Self {
            pepper,
            places: Semaphore::new(AT_A_TIME),
        }
    }

    /// The hash of a password in PHC's form, if it could be made.
    pub(crate) async fn hash(&self, password: &Secret) -> Option<String> {
        let password = password.clone();
        self.aside(move |argon| {
            let hash = argon.hash_password(password.reveal().as_bytes());
            hash.inspect_err(|error| error!(%error, "a password could not be hashed"))
                .map(|hash| hash.to_string())
                .ok()
        })
        .await
    }

    /// Whether the hash is that of the password.
    pub(crate) async fn fits(&self, password: &Secret, hash: &str) -> bool {
        let (password, hash) = (password.clone(), hash.to_owned());
        let fits = self.aside(move |argon| {
            let hash = PasswordHash::new(&hash).ok()?;
            argon.verify_password(password.reveal().as_bytes(), &hash).ok()
        });
        fits.await.is_some()
    }

    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> Option<T> + Send + 'static,
    ) -> Option<T> {
        let _place = self.places.acquire().await.ok()?;
        let pepper = self.pepper;
        spawn_blocking(move || {
            let argon =
                Argon2::new_with_secret(&pepper, Algorithm::Argon2id, Version::V0x13, Params::DEFAULT);
            work(&argon.ok()?)
        })
        .await
        .ok()?
    }
}
