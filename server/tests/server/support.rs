//! A server on a free port, clients that speak JSON, and a small HTTP client.

use std::{
    cell::Cell,
    collections::HashMap,
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use maju::{Config, ResumeKey};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Message,
        client::IntoClientRequest,
        handshake::client::{Request, Response},
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

/// How long anything may take that is to happen at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Nobody is away for long here, but whoever is to stay must be read from.
pub(crate) fn hasty() -> Config {
    Config {
        heartbeat: Duration::from_millis(100),
        silence: Duration::from_secs(3),
        ..Config::default()
    }
}

/// What a server signs tokens with that is to understand those of another.
pub(crate) const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pub(crate) fn with_key(key: &str) -> Config {
    Config {
        resume_key: Some(ResumeKey::parse(key).unwrap()),
        ..Config::default()
    }
}

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    running: JoinHandle<io::Result<()>>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(maju::run(listener, config, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            stop,
            running,
        }
    }

    /// Asks the server to stop; the result is ready when it has.
    pub(crate) fn stop(self) -> JoinHandle<io::Result<()>> {
        self.stop.send(()).unwrap();
        self.running
    }

    /// A socket that has not said anything yet.
    pub(crate) async fn client(&self) -> Client {
        Client::connect(self.address).await
    }

    pub(crate) async fn greeted(&self) -> Client {
        let mut client = self.client().await;
        client.greet().await;
        client
    }

    /// A client in a room, with its id. What the others are told stays in their sockets.
    pub(crate) async fn joined(&self, room: &str, name: &str) -> (Client, String) {
        let mut client = self.greeted().await;
        let id = client.join(room, name).await["you"].as_str().unwrap().to_owned();
        (client, id)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[]).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        Answer::to(self.address, method, path, headers).await
    }
}

pub(crate) struct Client {
    socket: WebSocketStream<Box<dyn Wire>>,
}

/// What a client and the server speak over.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Wire for S {}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), address).await
    }

    /// A client of that address, which is one of this machine.
    pub(crate) async fn connect_from(from: &str, address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket
            .bind((from.parse::<Ipv4Addr>().unwrap(), 0).into())
            .unwrap();
        Self::over(socket.connect(address).await.unwrap(), address).await
    }

    async fn over(stream: TcpStream, address: SocketAddr) -> Self {
        let url = format!("ws://{address}/signal");
        Self::ask(stream, &url, &[]).await.expect("no socket")
    }

    /// A client whose request for a socket bears these headers; the status where it is refused.
    pub(crate) async fn bearing(address: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::ask(stream, &format!("ws://{address}/signal"), headers).await
    }

    pub(crate) async fn ask(
        stream: impl Wire + 'static,
        url: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        Self::open(stream, request).await.map(|(client, _)| client)
    }

    /// A client that asks for a socket by this request, and what it is answered; the status where it is refused.
    pub(crate) async fn open(stream: impl Wire + 'static, request: Request) -> Result<(Self, Response), u16> {
        let stream: Box<dyn Wire> = Box::new(stream);
        match client_async(request, stream).await {
            Ok((socket, response)) => Ok((Self { socket }, response)),
            Err(tungstenite::Error::Http(refusal)) => Err(refusal.status().as_u16()),
            Err(other) => panic!("neither a socket nor a refusal but {other}"),
        }
    }

    pub(crate) async fn greet(&mut self) {
        self.send(json!({"hello": {"versions": [1]}})).await;
        let hello = self.next().await;
        assert_eq!(hello["hello"]["version"], 1, "{hello}");
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_text(message.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: impl Into<String>) {
        self.send_raw(Message::text(text.into())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    pub(crate) async fn try_send(&mut self, message: Message) -> Result<(), tungstenite::Error> {
        self.socket.send(message).await
    }

    /// The next message of the server that is not a beat.
    pub(crate) async fn next(&mut self) -> Value {
        let next = async {
            loop {
                let message = self.read().await;
                if message["beat"].is_null() {
                    return message;
                }
            }
        };
        timeout(PATIENCE, next).await.expect("nothing came")
    }

    /// The next message of the server.
    pub(crate) async fn next_of_all(&mut self) -> Value {
        timeout(PATIENCE, self.read()).await.expect("nothing came")
    }

    async fn read(&mut self) -> Value {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).unwrap(),
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("no message but {other:?}"),
            }
        }
    }

    /// Sends a message that is to be refused and returns the error's members.
    pub(crate) async fn refused(&mut self, text: impl Into<String>) -> Value {
        self.send_text(text).await;
        self.error().await
    }

    /// The members of the next message, which is an error with a text.
    pub(crate) async fn error(&mut self) -> Value {
        let mut error = self.next().await["error"].take();
        let text = error.as_object_mut().and_then(|members| members.remove("text"));
        assert!(
            text.as_ref()
                .and_then(Value::as_str)
                .is_some_and(|text| text.len() > 10),
            "{text:?}"
        );
        error
    }

    /// Joins and returns the welcome's members.
    pub(crate) async fn join(&mut self, room: &str, name: &str) -> Value {
        self.enter(json!({"room": room, "name": name})).await
    }

    /// Joins with a token and returns the welcome's members.
    pub(crate) async fn resume(&mut self, room: &str, name: &str, token: &str) -> Value {
        self.enter(json!({"room": room, "name": name, "resume": token}))
            .await
    }

    /// Joins with these members and returns the welcome's.
    pub(crate) async fn enter(&mut self, members: Value) -> Value {
        self.send(json!({"join": members})).await;
        let mut answer = self.next().await;
        assert!(answer["welcome"].is_object(), "{answer}");
        answer["welcome"].take()
    }

    /// The token that comes when something changes in the room; what else comes before it is passed over.
    pub(crate) async fn renewed(&mut self) -> String {
        loop {
            let message = self.next_of_all().await;
            if let Some(token) = message["beat"]["resume"].as_str() {
                return token.to_owned();
            }
        }
    }

    pub(crate) async fn relay(&mut self, to: &str, payload: Value) {
        self.send(json!({"relay": {"to": to, "payload": payload}})).await;
    }

    /// Shows that the server has handled all that this client sent and had nothing to say about it.
    pub(crate) async fn is_undisturbed(&mut self) {
        assert_eq!(self.refused("{").await, json!({"code": "malformed"}));
    }

    /// Reads to the end and returns the close frame's code, if there was one.
    pub(crate) async fn close_code(&mut self) -> Option<CloseCode> {
        self.close_frame().await.map(|frame| frame.code)
    }

    /// Reads to the end and returns the close frame, if there was one.
    pub(crate) async fn close_frame(&mut self) -> Option<CloseFrame> {
        let end = async {
            let mut last = None;
            while let Some(Ok(message)) = self.socket.next().await {
                if let Message::Close(frame) = message {
                    last = frame;
                }
            }
            last
        };
        timeout(PATIENCE, end).await.expect("not closed")
    }

    /// Closes the socket without a word. When this returns the server knows, and the person is away.
    pub(crate) async fn close(self) {
        self.close_with(CloseCode::Normal).await;
    }

    /// Leaves and closes the socket, as Maju's page and its browser do when the page goes away.
    pub(crate) async fn go_away(mut self) {
        self.send(json!({"leave": {}})).await;
        self.close_as_away().await;
    }

    /// Closes the socket as a browser does whose page crashed, and a proxy that takes a new configuration.
    pub(crate) async fn close_as_away(self) {
        self.close_with(CloseCode::Away).await;
    }

    async fn close_with(mut self, code: CloseCode) {
        let frame = CloseFrame {
            code,
            reason: "done".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
        assert_eq!(self.close_code().await, Some(code), "the close was not answered");
    }
}

/// Two honest people in one room, who number what they say to each other.
///
/// They speak more slowly than any test lets people speak, so that no limit is theirs.
pub(crate) struct Pair {
    pub(crate) first: Honest,
    pub(crate) second: Honest,
    said: u32,
}

/// One of them.
pub(crate) struct Honest {
    pub(crate) client: Client,
    pub(crate) id: String,
    /// What came besides what the other one said.
    heard: Vec<Value>,
}

impl Pair {
    /// Two who came into this room, which nobody else is in.
    pub(crate) async fn seated(server: &TestServer, room: &str) -> Self {
        let clients = (server.greeted().await, server.greeted().await);
        Self::seat(clients, json!({"room": room})).await
    }

    /// Has these two join with these members and their names. Nobody else is in the room.
    pub(crate) async fn seat((first, second): (Client, Client), members: Value) -> Self {
        let first = Honest::seat(first, "First", members.clone()).await;
        let second = Honest::seat(second, "Second", members).await;
        let mut pair = Self {
            first,
            second,
            said: 0,
        };
        let joined = pair.first.client.next().await;
        assert_eq!(joined["joined"]["person"]["id"], pair.second.id);
        pair
    }

    /// Somebody who joins them in this room, with the id that they were told.
    pub(crate) async fn joined_by(
        &mut self,
        server: &TestServer,
        room: &str,
        name: &str,
    ) -> (Client, String) {
        let (client, id) = server.joined(room, name).await;
        self.heard(&[json!({"joined": {"person": {"id": id, "name": name}}})])
            .await;
        (client, id)
    }

    /// Each says the next number, and the other one hears it.
    pub(crate) async fn talk(&mut self) {
        let Self { first, second, said } = self;
        *said += 1;
        first.client.relay(&second.id, json!({"said": said})).await;
        second.client.relay(&first.id, json!({"said": said})).await;
        let (first_id, second_id) = (first.id.clone(), second.id.clone());
        tokio::join!(first.hear(&second_id, *said), second.hear(&first_id, *said));
    }

    /// They talk for as long as this takes, and once more afterwards.
    pub(crate) async fn talk_during<T>(&mut self, mischief: impl Future<Output = T>) -> T {
        let over = Cell::new(false);
        let mischief = async {
            let result = mischief.await;
            over.set(true);
            result
        };
        let talk = async {
            let mut pace = interval(Duration::from_millis(100));
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while !over.get() {
                self.talk().await;
                pace.tick().await;
            }
            self.talk().await;
        };
        tokio::join!(mischief, talk).0
    }

    /// They still talk, and heard nothing but each other.
    pub(crate) async fn is_undisturbed(&mut self) {
        self.heard(&[]).await;
    }

    /// They still talk, and both heard just these messages besides.
    pub(crate) async fn heard(&mut self, messages: &[Value]) {
        self.talk().await;
        for honest in [&mut self.first, &mut self.second] {
            assert_eq!(honest.take_heard(), messages);
        }
    }
}

impl Honest {
    async fn seat(mut client: Client, name: &str, mut members: Value) -> Self {
        members["name"] = name.into();
        let id = client.enter(members).await["you"].as_str().unwrap().to_owned();
        Self {
            client,
            id,
            heard: Vec::new(),
        }
    }

    /// Waits for that number of the other one. None is missing, and none comes twice.
    async fn hear(&mut self, other: &str, said: u32) {
        loop {
            let message = self.client.next().await;
            if message["relay"]["from"] == other {
                assert_eq!(message["relay"]["payload"], json!({"said": said}));
                return;
            }
            self.heard.push(message);
        }
    }

    /// What came besides what the other one said, since this was asked last.
    pub(crate) fn take_heard(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.heard)
    }
}

/// Waits until a server that was told to stop has done so, in order.
pub(crate) async fn has_stopped(running: JoinHandle<io::Result<()>>) {
    timeout(PATIENCE, running)
        .await
        .expect("it did not stop")
        .unwrap()
        .unwrap();
}

/// Shows that these two, who are in one room, still reach each other, and that nothing else came to them.
pub(crate) async fn still_talk(one: (&mut Client, &str), other: (&mut Client, &str)) {
    let ((one, one_id), (other, other_id)) = (one, other);
    one.relay(other_id, json!("still here")).await;
    let relay = json!({"relay": {"from": one_id, "payload": "still here"}});
    assert_eq!(other.next().await, relay);
    other.relay(one_id, json!("me too")).await;
    let relay = json!({"relay": {"from": other_id, "payload": "me too"}});
    assert_eq!(one.next().await, relay);
}

/// What makes a request one for a socket, of which no answer but a refusal is expected.
pub(crate) const UPGRADE: [(&str, &str); 4] = [
    ("connection", "upgrade, close"),
    ("upgrade", "websocket"),
    ("sec-websocket-version", "13"),
    ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
];

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn to(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::over(stream, method, path, headers).await
    }

    /// The answer to a request over this stream; nothing is asked of it afterwards.
    pub(crate) async fn over(
        mut stream: impl Wire,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Self {
        let mut request = format!("{method} {path} HTTP/1.1\r\n");
        for (name, value) in [("host", "x"), ("connection", "close")] {
            if !headers.iter().any(|(given, _)| *given == name) {
                request += &format!("{name}: {value}\r\n");
            }
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += "\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut bytes))
            .await
            .expect("no answer")
            .unwrap();
        Answer::parse(&bytes)
    }

    fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .expect("no head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: bytes[end + 4..].to_vec(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}
