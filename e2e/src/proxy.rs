//! A proxy in front of the server, for what happens to sockets on their way.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};
use url::Url;

use crate::{Failure, Outcome};

/// Forwards TCP connections to a server, as long as it is told to.
pub struct Proxy {
    /// Where it listens, such as `http://127.0.0.1:40123/`.
    pub address: Url,
    way: watch::Sender<Way>,
    task: JoinHandle<()>,
}

/// What happens to connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Way {
    /// Whether bytes are forwarded at all.
    forwards: bool,
    /// Whether connections are accepted, rather than reset.
    accepts: bool,
    /// How often everything was cut; a connection ends when it changes.
    cuts: u32,
}

impl Proxy {
    /// Listens on a free port in front of that server. With `idle`, a connection on which nothing travels for so long
    /// is dropped without a word, as proxies do that save memory.
    ///
    /// # Errors
    /// When no port can be had, or the server has no address.
    pub async fn start(server: &Url, idle: Option<Duration>) -> Outcome<Self> {
        let target = *server
            .socket_addrs(|| None)?
            .first()
            .ok_or_else(|| Failure::new("the server has no address"))?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
        let (way, watched) = watch::channel(Way {
            forwards: true,
            accepts: true,
            cuts: 0,
        });
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let way = watched.clone();
                // A connection that fails on either side is what a proxy's clients have to expect.
                tokio::spawn(async move { serve(client, target, way, idle).await });
            }
        });
        Ok(Self { address, way, task })
    }

    /// Resets all connections now; new ones are served.
    pub fn cut(&self) {
        self.way.send_modify(|way| way.cuts += 1);
    }

    /// Resets all connections now, and new ones as they come.
    pub fn refuse(&self) {
        self.way.send_modify(|way| {
            way.cuts += 1;
            way.accepts = false;
        });
    }

    /// Takes connections and forwards nothing, on the old ones either.
    pub fn fall_silent(&self) {
        self.way.send_modify(|way| way.forwards = false);
    }

    /// Serves again, after any of the others.
    pub fn serve(&self) {
        self.way.send_modify(|way| {
            way.forwards = true;
            way.accepts = true;
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    mut client: TcpStream,
    target: SocketAddr,
    mut way: watch::Receiver<Way>,
    idle: Option<Duration>,
) -> io::Result<()> {
    let first = *way.borrow_and_update();
    if !first.accepts {
        return client.set_zero_linger();
    }
    let mut server = TcpStream::connect(target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let cut = way.clone();
    let cut = async move {
        let mut cut = cut;
        // When the proxy itself is gone, its connections end, too.
        let _ = cut.wait_for(|way| way.cuts != first.cuts).await;
    };
    let ended = {
        let forwarded = forward(&mut client, &mut server, way, idle);
        tokio::select! {
            result = forwarded => result,
            () = cut => {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
    };
    if ended.is_err() {
        // Both sides see a reset rather than an orderly end.
        client.set_zero_linger()?;
        server.set_zero_linger()?;
    }
    ended
}

async fn forward(
    client: &mut TcpStream,
    server: &mut TcpStream,
    way: watch::Receiver<Way>,
    idle: Option<Duration>,
) -> io::Result<()> {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let mut up = vec![0; 16 * 1024];
    let mut down = vec![0; 16 * 1024];
    loop {
        let mut open = way.clone();
        if open.wait_for(|way| way.forwards).await.is_err() {
            return Ok(());
        }
        let mut closing = way.clone();
        let travelled = async {
            tokio::select! {
                length = from_client.read(&mut up) => (true, length),
                length = from_server.read(&mut down) => (false, length),
                // Falling silent: what is read from now on has to wait.
                _ = closing.wait_for(|way| !way.forwards) => (true, Err(io::ErrorKind::WouldBlock.into())),
            }
        };
        let travelled = match idle {
            Some(idle) => timeout(idle, travelled)
                .await
                .unwrap_or((true, Err(io::ErrorKind::ConnectionReset.into()))),
            None => travelled.await,
        };
        match travelled {
            (_, Ok(0)) => return Ok(()),
            (true, Ok(length)) => to_server.write_all(&up[..length]).await?,
            (false, Ok(length)) => to_client.write_all(&down[..length]).await?,
            (_, Err(error)) if error.kind() == io::ErrorKind::WouldBlock => sleep(Duration::ZERO).await,
            (_, Err(error)) => return Err(error),
        }
    }
}
