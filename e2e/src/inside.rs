//! Reaching into network namespaces. Only a thread can be inside of one, so each piece of work gets a thread of its
//! own that ends with it, and no thread of a pool ever stays inside.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    thread,
};

use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::spawn_blocking};
use tower_service::Service;

use crate::{Failure, Outcome};

/// Does the work inside of this network namespace: sockets that it opens and programs that it starts belong there.
/// Without a name it is done outside.
///
/// # Errors
/// When there is no such namespace, entering it is not allowed, or the work fails.
pub(crate) fn inside<T: Send>(
    namespace: Option<&str>,
    work: impl FnOnce() -> Outcome<T> + Send,
) -> Outcome<T> {
    let Some(name) = namespace else {
        return work();
    };
    let entered = move || {
        enter(name).map_err(|failure| failure.at(format!("entering the network namespace {name}")))?;
        work()
    };
    thread::scope(|scope| scope.spawn(entered).join())
        .unwrap_or_else(|_| Err(Failure::new("the work inside of a network namespace panicked")))
}

/// Connects to this address from inside of the network namespace.
///
/// # Errors
/// When nobody listens there.
pub(crate) async fn connect_inside(namespace: Option<String>, address: SocketAddr) -> Outcome<TcpStream> {
    let stream = spawn_blocking(move || {
        inside(namespace.as_deref(), || {
            let stream = std::net::TcpStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok(stream)
        })
    });
    Ok(TcpStream::from_std(stream.await??)?)
}

#[cfg(target_os = "linux")]
fn enter(namespace: &str) -> Outcome {
    let file = std::fs::File::open(format!("/run/netns/{namespace}"))?;
    Ok(nix::sched::setns(file, nix::sched::CloneFlags::CLONE_NEWNET)?)
}

#[cfg(not(target_os = "linux"))]
fn enter(_: &str) -> Outcome {
    Err(Failure::new("only Linux has them"))
}

/// Carries HTTP to the drivers, which listen inside.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) namespace: Option<String>,
}

impl Service<Uri> for Route {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let namespace = self.namespace.clone();
        Box::pin(async move {
            let address = address
                .authority()
                .and_then(|authority| authority.as_str().parse().ok())
                .ok_or_else(|| io::Error::other("the driver's address is no number and port"))?;
            let stream = connect_inside(namespace, address).await;
            stream
                .map(TokioIo::new)
                .map_err(|failure| io::Error::other(failure.to_string()))
        })
    }
}
