//! A reverse proxy with TLS in front of a server, set up as the project's own sample says.

use std::{
    env, fs,
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::{net::TcpStream, task::spawn_blocking};
use url::Url;

use crate::{
    Entry, Failure, Outcome,
    process::Process,
    reaper,
    server::{lasting_port, workspace_file},
    until,
};

/// The name of which the samples are.
const HOST: &str = "maju.example.org";

/// Which program stands in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// nginx, by `deploy/nginx.conf`.
    Nginx,
    /// Caddy, by `deploy/Caddyfile`.
    Caddy,
}

/// The proxy; it ends when dropped.
pub struct Front {
    /// Where it listens, such as `https://maju.example.org:21234/`. Only an [`Entry::by`] finds the way there.
    pub address: Url,
    kind: Kind,
    program: PathBuf,
    folder: PathBuf,
    process: Process,
}

impl Front {
    /// Starts it in front of a server, or says on standard error that this is skipped because there is no such program.
    ///
    /// # Errors
    /// When the sample is not taken, or nothing listens in the end.
    pub async fn start(kind: Kind, server: &Url) -> Outcome<Option<Self>> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = kind.name();
        let Some(program) = find(name) else {
            // Not by `eprintln`, which the test harness swallows.
            writeln!(
                io::stderr(),
                "SKIPPED, for {name} is missing: a call behind {name}"
            )?;
            return Ok(None);
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = reaper::folder()?.join(format!("{name}-{number}"));
        fs::create_dir_all(&folder)?;
        let port = lasting_port()?.port();
        let target = server.authority();
        let args = match kind {
            Kind::Nginx => nginx(&folder, port, target)?,
            Kind::Caddy => caddy(&folder, port, target)?,
        };
        let (process, _) = Process::start(&program.display().to_string(), &args, None, None).await?;
        let listener = SocketAddr::from(([127, 0, 0, 1], port));
        until(format!("{name} listens"), async || {
            let connected = TcpStream::connect(listener).await;
            Ok(connected.map(drop).map_err(|error| error.to_string()))
        })
        .await?;
        Ok(Some(Self {
            address: Url::parse(&format!("https://{HOST}:{port}/"))?,
            kind,
            program,
            folder,
            process,
        }))
    }

    /// Has it take its configuration anew, as an operator does after a change.
    ///
    /// # Errors
    /// When it does not.
    pub async fn reload(&self) -> Outcome {
        if self.kind == Kind::Nginx {
            return self.process.signal("HUP");
        }
        let mut command = Command::new(&self.program);
        command
            .args(["reload", "--force", "--adapter", "caddyfile", "--config"])
            .arg(self.folder.join("Caddyfile"))
            .args([
                "--address",
                &format!("unix/{}", self.folder.join("admin").display()),
            ]);
        let output = spawn_blocking(move || command.output()).await??;
        if output.status.success() {
            return Ok(());
        }
        Err(Failure::new(String::from_utf8_lossy(&output.stderr)))
    }
}

impl Entry {
    /// With a browser that finds the way to such a proxy, and takes the certificate that nobody vouches for.
    #[must_use]
    pub fn by(self, _front: &Front) -> Self {
        self.flag("--ignore-certificate-errors")
            .flag(&format!("--host-resolver-rules=MAP {HOST} 127.0.0.1"))
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
        }
    }
}

/// Replaces what must be there exactly once: otherwise this is not the sample any more that it was made for.
fn replace(text: &str, from: &str, to: &str) -> Outcome<String> {
    match text.matches(from).count() {
        1 => Ok(text.replacen(from, to, 1)),
        count => Err(Failure::new(format!("the sample has '{from}' {count} times"))),
    }
}

fn nginx(folder: &Path, port: u16, target: &str) -> Outcome<Vec<String>> {
    let own = |name: &str| folder.join(name).display().to_string();
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()])?;
    fs::write(own("cert.pem"), made.cert.pem())?;
    fs::write(own("key.pem"), made.signing_key.serialize_pem())?;
    let keys = format!("/etc/letsencrypt/live/{HOST}");
    let mut site = fs::read_to_string(workspace_file("deploy/nginx.conf"))?;
    for (from, to) in [
        (&*format!("{keys}/fullchain.pem"), &*own("cert.pem")),
        (&format!("{keys}/privkey.pem"), &own("key.pem")),
        ("listen 80;", &format!("listen unix:{};", own("80"))),
        ("listen [::]:80;", ""),
        ("listen 443 ssl", &format!("listen 127.0.0.1:{port} ssl")),
        ("listen [::]:443 ssl http2;", ""),
        ("http://127.0.0.1:8080", &format!("http://{target}")),
        ("/var/log/nginx/error.log", "stderr"),
    ] {
        site = replace(&site, from, to)?;
    }
    fs::write(own("site.conf"), site)?;
    let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|what| format!("{what}_temp_path {};\n", own(what)))
        .collect();
    let main = format!(
        "daemon off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{places}include \
         {};\n}}\n",
        own("pid"),
        own("site.conf")
    );
    fs::write(own("nginx.conf"), main)?;
    Ok(["-e", "stderr", "-c", &own("nginx.conf")]
        .map(str::to_owned)
        .to_vec())
}

fn caddy(folder: &Path, port: u16, target: &str) -> Outcome<Vec<String>> {
    let own = |name: &str| folder.join(name).display().to_string();
    let mut site = fs::read_to_string(workspace_file("deploy/Caddyfile"))?;
    for (from, to) in [
        (&*format!("{HOST} {{"), &*format!("{HOST}:{port} {{")),
        ("reverse_proxy 127.0.0.1:8080", &format!("reverse_proxy {target}")),
        // No authority reaches this machine, so it gets one of its own.
        ("\ttls {\n\t\tissuer acme\n\t}\n", ""),
    ] {
        site = replace(&site, from, to)?;
    }
    let options = format!(
        "{{\n\tadmin unix/{}\n\tauto_https disable_redirects\n\tlocal_certs\n\tskip_install_trust\n\t\
         default_bind 127.0.0.1\n\tstorage file_system {}\n}}\n",
        own("admin"),
        own("storage")
    );
    fs::write(own("Caddyfile"), options + &site)?;
    let run = ["run", "--adapter", "caddyfile", "--config", &own("Caddyfile")];
    Ok(run.map(str::to_owned).to_vec())
}

/// The program, where it is. nginx lies where the `PATH` of others than root may not lead.
fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
