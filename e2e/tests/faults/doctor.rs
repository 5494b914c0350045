//! `maju doctor` in networks of its own, where a relay or the way to it is wrong.

use std::{fs, path::PathBuf};

use maju_e2e::{Failure, Lab, Nat, Outcome, Place, Turn};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use serde_json::Value;

/// Where a lab's relay is.
const HOST: &str = "203.0.113.1";
const SECRET: &str = "lab-only";

#[tokio::test]
async fn a_relay_that_works_is_found_to_work_over_udp_tcp_and_tls() -> Outcome {
    let certificate = Certificate::until(4000)?;
    let Some((lab, _turn)) = relay(Nat::Cone, &certificate.flags(), None).await? else {
        return Ok(());
    };
    let urls = [udp(), tcp(), tls()];
    let said = lab
        .doctor(Place::One, Some(&certificate.authority()), &shared(&urls, SECRET))
        .await?;
    for url in &urls {
        verdicts(&said, url, &["relays"])?;
    }
    verdicts(&said, HOST, &["in-time"])
}

#[tokio::test]
async fn udp_that_is_blocked_is_found_with_what_works_instead() -> Outcome {
    let Some((lab, _turn)) = relay(Nat::UdpBlocked, &no_tls(), None).await? else {
        return Ok(());
    };
    let said = lab
        .doctor(Place::One, None, &shared(&[udp(), tcp()], SECRET))
        .await?;
    verdicts(&said, &udp(), &["udp-blocked"])?;
    verdicts(&said, &tcp(), &["relays"])
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_a_network_that_swallows() -> Outcome {
    let Some((lab, mut turn)) = relay(Nat::Cone, &no_tls(), None).await? else {
        return Ok(());
    };
    turn.kill().await?;
    let flags = shared(&[udp(), tcp()], SECRET);
    let said = lab.doctor(Place::One, None, &flags).await?;
    verdicts(&said, &udp(), &["refused"])?;
    verdicts(&said, &tcp(), &["refused"])?;
    turn.start_again().await?;
    lab.swallow(Place::One).await?;
    let said = lab.doctor(Place::One, None, &flags).await?;
    verdicts(&said, &udp(), &["no-answer"])?;
    verdicts(&said, &tcp(), &["no-answer"])
}

#[tokio::test]
async fn a_wrong_secret_is_found() -> Outcome {
    let Some((lab, _turn)) = relay(Nat::Cone, &no_tls(), None).await? else {
        return Ok(());
    };
    let said = lab
        .doctor(Place::One, None, &shared(&[udp(), tcp()], "another"))
        .await?;
    verdicts(&said, &udp(), &["wrong-secret"])?;
    verdicts(&said, &tcp(), &["wrong-secret"])
}

#[tokio::test]
async fn a_relay_that_denies_public_peers_is_found() -> Outcome {
    let denied = "--denied-peer-ip=203.0.113.0-203.0.113.255".to_owned();
    let Some((lab, _turn)) = relay(Nat::Cone, &[no_tls(), vec![denied]].concat(), None).await? else {
        return Ok(());
    };
    let said = lab.doctor(Place::One, None, &shared(&[udp()], SECRET)).await?;
    verdicts(&said, &udp(), &["relays", "peers-denied"])
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_ahead_is_found() -> Outcome {
    clock_is_off("+10m", "clock-ahead", "10 minutes ahead").await
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_behind_is_found() -> Outcome {
    clock_is_off("-10m", "clock-behind", "10 minutes behind").await
}

#[tokio::test]
async fn an_expired_certificate_is_found() -> Outcome {
    let certificate = Certificate::until(2020)?;
    let Some((lab, _turn)) = relay(Nat::Cone, &certificate.flags(), None).await? else {
        return Ok(());
    };
    let said = lab
        .doctor(
            Place::One,
            Some(&certificate.authority()),
            &shared(&[tls()], SECRET),
        )
        .await?;
    verdicts(&said, &tls(), &["certificate-expired"])
}

async fn clock_is_off(clock: &str, verdict: &str, words: &str) -> Outcome {
    let Some((lab, _turn)) = relay(Nat::Cone, &no_tls(), Some(clock)).await? else {
        return Ok(());
    };
    let said = lab.doctor(Place::One, None, &shared(&[udp()], SECRET)).await?;
    verdicts(&said, &udp(), &["relays"])?;
    verdicts(&said, HOST, &[verdict])?;
    if said.to_string().contains(words) {
        return Ok(());
    }
    Err(Failure::new(format!("not '{words}': {said:#}")))
}

/// A lab with such a router before place one, and with a relay that shares the secret; nothing where that cannot be.
async fn relay(nat: Nat, flags: &[String], clock: Option<&str>) -> Outcome<Option<(Lab, Turn)>> {
    let Some(lab) = Lab::build("the doctor behind a router", nat, Nat::Cone).await? else {
        return Ok(None);
    };
    let own = [
        "--use-auth-secret".to_owned(),
        format!("--static-auth-secret={SECRET}"),
    ];
    let turn = lab.turn_with(&[&own, flags].concat(), clock).await?;
    Ok(turn.map(|turn| (lab, turn)))
}

fn udp() -> String {
    format!("turn:{HOST}:3478?transport=udp")
}

fn tcp() -> String {
    format!("turn:{HOST}:3478?transport=tcp")
}

fn tls() -> String {
    format!("turns:{HOST}:5349")
}

fn no_tls() -> Vec<String> {
    vec!["--no-tls".to_owned()]
}

fn shared(urls: &[String], secret: &str) -> Vec<String> {
    let secret = format!("--turn-secret={secret}");
    let urls = urls.iter().map(|url| format!("--turn={url}"));
    urls.chain([secret]).collect()
}

/// Checks that these are all the verdicts on what it is about.
fn verdicts(said: &Value, about: &str, expected: &[&str]) -> Outcome {
    let findings = said["findings"].as_array().into_iter().flatten();
    let of = findings.filter(|finding| finding["about"] == about);
    let verdicts: Vec<_> = of.filter_map(|finding| finding["verdict"].as_str()).collect();
    if verdicts == expected {
        return Ok(());
    }
    Err(Failure::new(format!("not {expected:?} on {about}: {said:#}")))
}

/// A certificate for the relay's address by an authority of its own, in a folder that goes with it.
struct Certificate {
    folder: PathBuf,
}

impl Certificate {
    /// One that holds until the first day of that year.
    fn until(year: i32) -> Outcome<Self> {
        let mut params = CertificateParams::new([])?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let mut params = CertificateParams::new([HOST.to_owned()])?;
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority)?;
        let folder = std::env::temp_dir().join(format!("maju-doctor-{}-{year}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let made = Self { folder };
        for (file, text) in [
            ("authority", authority.pem()),
            ("certificate", certificate.pem()),
            ("key", key.serialize_pem()),
        ] {
            fs::write(made.folder.join(file), text)?;
        }
        Ok(made)
    }

    fn authority(&self) -> PathBuf {
        self.folder.join("authority")
    }

    fn flags(&self) -> Vec<String> {
        let flag = |name, file| format!("--{name}={}", self.folder.join(file).display());
        vec![flag("cert", "certificate"), flag("pkey", "key")]
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        // The system empties this place one day.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
