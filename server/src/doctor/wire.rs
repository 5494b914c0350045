//! A socket to a STUN or TURN server, and questions over it.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::{Duration, SystemTime},
};

use stun_proto::{
    Instant,
    agent::{StunAgent, StunAgentPollRet},
    types::{
        TransportType,
        message::{Message, MessageHeader},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::{sleep_until, timeout},
};

use super::{
    target::{Target, Transport},
    tls::Trust,
    trouble::Trouble,
};

/// How long a connection may take, and TLS over it.
const CONNECTING: Duration = Duration::from_secs(5);
/// When to ask again over UDP: as RFC 8489, section 6.2.1, has it, but four times instead of seven, so that silence
/// is known for what it is after 5 s.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const TIMES: u32 = 4;
const LAST_WAIT: Duration = Duration::from_millis(1500);
/// The head of a STUN message.
const HEAD: usize = 20;
/// The longest datagram.
const DATAGRAM: usize = 65_535;

/// A socket to one address of a server.
pub(super) struct Wire {
    socket: Socket,
    peer: SocketAddr,
    agent: StunAgent,
    start: tokio::time::Instant,
    received: Vec<u8>,
    /// When the server's certificate ends, if that is soon.
    pub(super) ends: Option<SystemTime>,
}

enum Socket {
    Datagrams(UdpSocket),
    Stream(Box<dyn Stream>),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Wire {
    /// A connection to that address of a server.
    pub(super) async fn open(
        target: &Target,
        transport: Transport,
        peer: SocketAddr,
        trust: &Trust,
    ) -> Result<Self, Trouble> {
        let mut ends = None;
        let (socket, local, kind) = match transport {
            Transport::Udp | Transport::Dtls => {
                let any: SocketAddr = if peer.is_ipv4() {
                    (Ipv4Addr::UNSPECIFIED, 0).into()
                } else {
                    (Ipv6Addr::UNSPECIFIED, 0).into()
                };
                let socket = UdpSocket::bind(any).await.map_err(|error| Trouble::of(&error))?;
                // A connected socket hears that nobody listens there.
                socket.connect(peer).await.map_err(|error| Trouble::of(&error))?;
                let local = socket.local_addr();
                (Socket::Datagrams(socket), local, TransportType::Udp)
            }
            Transport::Tcp | Transport::Tls => {
                let stream = in_time(TcpStream::connect(peer)).await?;
                let local = stream.local_addr();
                let stream: Box<dyn Stream> = if transport == Transport::Tls {
                    let (stream, soon) = in_time(trust.connect(&target.host, stream))
                        .await
                        // A server that closes or waits instead of speaking TLS is no network that breaks.
                        .map_err(|trouble| match trouble {
                            Trouble::Closed(reason) => Trouble::NoTls(reason),
                            Trouble::Silence => Trouble::NoTls("it is silent".into()),
                            trouble => trouble,
                        })?;
                    ends = soon;
                    Box::new(stream)
                } else {
                    Box::new(stream)
                };
                (Socket::Stream(stream), local, TransportType::Tcp)
            }
        };
        let local = local.map_err(|error| Trouble::of(&error))?;
        let agent = StunAgent::builder(kind, local)
            .remote_addr(peer)
            .request_retransmits(FIRST_WAIT, Duration::MAX, TIMES, LAST_WAIT)
            .build();
        Ok(Self {
            socket,
            peer,
            agent,
            start: tokio::time::Instant::now(),
            received: Vec::new(),
            ends,
        })
    }

    /// Sends a request and returns the response to it.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>, Trouble> {
        let now = self.now();
        let first = self
            .agent
            .send_request(request, self.peer, now)
            .map(|transmit| transmit.data.to_vec())
            .map_err(|_| Trouble::NotStun)?;
        self.socket.send(&first).await?;
        loop {
            let StunAgentPollRet::WaitUntil(until) = self.agent.poll(self.now()) else {
                return Err(Trouble::Silence);
            };
            let until = self.start + until.saturating_duration_since(Instant::ZERO);
            tokio::select! {
                // Whatever is there counts, even when time is up.
                biased;
                received = self.socket.receive(&mut self.received) => received?,
                () = sleep_until(until) => {}
            }
            if let Some(response) = self.response()? {
                return Ok(response);
            }
            let now = self.now();
            if let Some(again) = self
                .agent
                .poll_transmit(now)
                .map(|transmit| transmit.data.to_vec())
            {
                self.socket.send(&again).await?;
            }
        }
    }

    /// The response among what was received, if it is all there.
    fn response(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        while self.received.len() >= HEAD {
            let Ok(head) = MessageHeader::from_bytes(&self.received) else {
                return self.strange();
            };
            let length = HEAD + usize::from(head.data_length());
            if self.received.len() < length {
                return match self.socket {
                    Socket::Datagrams(_) => self.strange(),
                    Socket::Stream(_) => Ok(None),
                };
            }
            let bytes: Vec<u8> = self.received.drain(..length).collect();
            let now = self.now();
            match Message::from_bytes(&bytes) {
                Ok(message) if self.agent.handle_stun_message_with_time(&message, self.peer, now) => {
                    return Ok(Some(bytes));
                }
                // Late, or no response at all.
                Ok(_) => {}
                Err(_) => return self.strange(),
            }
        }
        Ok(None)
    }

    fn strange(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        self.received.clear();
        Err(Trouble::NotStun)
    }

    /// The time since the socket was opened, as the agent wants it.
    fn now(&self) -> Instant {
        Instant::ZERO + self.start.elapsed()
    }
}

impl Socket {
    async fn send(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let sent = match self {
            Self::Datagrams(socket) => socket.send(bytes).await.map(drop),
            Self::Stream(stream) => match stream.write_all(bytes).await {
                Ok(()) => stream.flush().await,
                failed => failed,
            },
        };
        sent.map_err(|error| Trouble::of(&error))
    }

    /// Waits for something and appends it. May be given up at any time without a loss.
    async fn receive(&mut self, into: &mut Vec<u8>) -> Result<(), Trouble> {
        let received = match self {
            Self::Datagrams(socket) => {
                into.clear();
                into.reserve(DATAGRAM);
                socket.recv_buf(into).await
            }
            Self::Stream(stream) => stream.read_buf(into).await,
        };
        match (received, &self) {
            (Ok(0), Self::Stream(_)) => Err(Trouble::Closed("the server closed the connection".into())),
            (Ok(_), _) => Ok(()),
            (Err(error), _) => Err(Trouble::of(&error)),
        }
    }
}

async fn in_time<T>(connecting: impl Future<Output = io::Result<T>>) -> Result<T, Trouble> {
    timeout(CONNECTING, connecting)
        .await
        .map_err(|_| Trouble::Silence)?
        .map_err(|error| Trouble::of(&error))
}
