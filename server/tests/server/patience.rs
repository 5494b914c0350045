//! Clients that take their time, or all that there is.

use std::{net::SocketAddr, time::Duration};

use maju::{
    App, Config, Proxies,
    assets::{Asset, Encoded},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{sleep, timeout},
};

use crate::{
    metrics::{samples, watched},
    support::{Answer, Client, PATIENCE, Pair, TestServer, has_stopped},
};

/// Larger than what the network takes in on the way.
static LARGE: [u8; 64 * 1024 * 1024] = [b'x'; 64 * 1024 * 1024];

const FILES: &[Asset] = &[Asset {
    path: "/large.txt",
    mime: "text/plain",
    immutable: true,
    plain: Encoded {
        bytes: &LARGE,
        etag: "\"large\"",
    },
    brotli: None,
    gzip: None,
}];

fn hurried() -> Config {
    Config {
        app: App::Embedded(FILES),
        handshake: Duration::from_millis(300),
        keep_alive: Duration::from_millis(600),
        ..Config::default()
    }
}

/// Waits until the server has closed the connection, and returns what it said before.
async fn closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    // A reset is an end too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut said))
        .await
        .expect("it is not closed");
    said
}

/// A connection that had an answer, and asks for nothing more.
async fn idle(server: &TestServer) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    ask(&mut stream).await;
    stream
}

/// Asks over a connection that goes on, and reads all of the answer.
async fn ask(stream: &mut TcpStream) {
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\nalive\n") {
        answer.push(
            timeout(PATIENCE, stream.read_u8())
                .await
                .expect("no answer")
                .unwrap(),
        );
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn who_says_nothing_is_not_waited_for_and_a_socket_is_no_idle_connection() {
    let server = TestServer::start_with(hurried()).await;
    let mut pair = Pair::seated(&server, "hall").await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut half = TcpStream::connect(server.address).await.unwrap();
    half.write_all(b"GET / HT").await.unwrap();
    let mut idle = idle(&server).await;
    let ends = async {
        assert_eq!(closed(&mut silent).await, b"");
        closed(&mut half).await;
        assert_eq!(closed(&mut idle).await, b"");
    };
    pair.talk_during(ends).await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_head_that_trickles_in_is_not_waited_for() {
    let server = TestServer::start_with(hurried()).await;
    let mut pair = Pair::seated(&server, "hall").await;
    let (mut reading, mut writing) = TcpStream::connect(server.address).await.unwrap().into_split();
    let trickle = async {
        writing
            .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
            .await
            .unwrap();
        while writing.write_all(b"x-more: 1\r\n").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    let read = async {
        let mut said = Vec::new();
        let _ = reading.read_to_end(&mut said).await;
        said
    };
    let both = async { tokio::join!(trickle, read).1 };
    let said = pair.talk_during(timeout(PATIENCE, both)).await;
    let said = said.expect("it is still listened to");
    assert!(
        !said.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&said)
    );
    assert_eq!(server.get("/healthz").await.status, 200);
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_connection_may_wait_between_requests_for_longer_than_a_head_takes() {
    let config = hurried();
    let longer = config.handshake * 2;
    let server = TestServer::start_with(Config {
        keep_alive: PATIENCE,
        ..config
    })
    .await;
    let mut stream = idle(&server).await;
    // Only time is what it may wait for.
    sleep(longer).await;
    ask(&mut stream).await;
    stream.write_all(b"GET").await.unwrap();
    closed(&mut stream).await;
}

#[tokio::test]
async fn who_does_not_read_an_answer_is_not_waited_for() {
    let server = TestServer::start_with(hurried()).await;
    let mut pair = Pair::seated(&server, "den").await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(b"GET /large.txt HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    // Each takes as long as it may wait. Only then is it looked at how much there is.
    let said = async {
        for _ in 0..3 {
            closed(&mut idle(&server).await).await;
        }
        closed(&mut stream).await
    };
    let said = pair.talk_during(said).await;
    assert!(said.len() < LARGE.len(), "all of it came");
    pair.is_undisturbed().await;
    let whole = server.get("/large.txt").await;
    assert_eq!(whole.body.len(), LARGE.len());
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = TestServer::start().await;
    let mut pair = Pair::seated(&server, "hall").await;
    let long = "x".repeat(200 * 1024);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // It may be cut off while it still writes.
    let _ = stream
        .write_all(format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {long}\r\n\r\n").as_bytes())
        .await;
    let said = closed(&mut stream).await;
    assert!(
        said.is_empty() || said.starts_with(b"HTTP/1.1 431"),
        "{}",
        String::from_utf8_lossy(&said)
    );
    server.greeted().await.is_undisturbed().await;
    pair.is_undisturbed().await;
}

async fn connect_from(from: [u8; 4], to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// Waits until a connection from there is served.
async fn is_free(from: [u8; 4], to: SocketAddr) {
    let free = async {
        loop {
            let mut stream = connect_from(from, to).await;
            let asked = stream
                .write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .await;
            if asked.is_ok() && closed(&mut stream).await.starts_with(b"HTTP/1.1 200") {
                return;
            }
        }
    };
    timeout(PATIENCE, free).await.expect("what ended still counts");
}

#[tokio::test]
async fn one_address_cannot_have_all_connections() {
    let server = TestServer::start_with(Config {
        sockets_per_address: 1,
        ..Config::default()
    })
    .await;
    let mut one = Client::connect_from("127.0.0.3", server.address).await;
    let mut other = Client::connect_from("127.0.0.4", server.address).await;
    one.greet().await;
    other.greet().await;
    let mut pair = Pair::seat((one, other), json!({"room": "den"})).await;
    let mut held = Vec::new();
    for _ in 0..10 {
        held.push(connect_from([127, 0, 0, 2], server.address).await);
    }
    let mut one_more = connect_from([127, 0, 0, 2], server.address).await;
    assert_eq!(closed(&mut one_more).await, b"");
    pair.is_undisturbed().await;
    let page = Answer::over(
        connect_from([127, 0, 0, 3], server.address).await,
        "GET",
        "/healthz",
        &[],
    )
    .await;
    assert_eq!(page.status, 200);
    drop(held);
    is_free([127, 0, 0, 2], server.address).await;
}

#[tokio::test]
async fn all_addresses_together_cannot_have_all_connections_and_whoever_has_a_socket_goes_on() {
    let config = Config {
        max_connections: 10,
        // Those that are refused do not wait for it.
        handshake: PATIENCE * 10,
        proxies: Proxies::parse(["127.0.0.9"]).unwrap(),
        ..Config::default()
    };
    let (server, metrics) = watched(config, 10).await;
    let mut pair = Pair::seated(&server, "den").await;
    let flood = async {
        let mut held = Vec::new();
        for own in 0..10 {
            held.push(connect_from([127, 0, 3, own], server.address).await);
        }
        for other in [[127, 0, 4, 1], [127, 0, 0, 9]] {
            let mut one_more = connect_from(other, server.address).await;
            assert_eq!(closed(&mut one_more).await, b"");
        }
        held
    };
    let held = pair.talk_during(flood).await;
    pair.is_undisturbed().await;
    let now = samples(metrics).await;
    assert_eq!(now[r#"maju_refusals_total{code="connections"}"#], 2.0);
    assert_eq!(now[r#"maju_log_lines_left_out_total{line="connections"}"#], 1.0);
    drop(held);
    is_free([127, 0, 4, 1], server.address).await;
    pair.is_undisturbed().await;
}

#[tokio::test]
async fn a_stop_does_not_wait_for_connections_without_a_request() {
    let server = TestServer::start().await;
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut idle = idle(&server).await;
    let stopped = server.stop();
    has_stopped(stopped).await;
    closed(&mut silent).await;
    closed(&mut idle).await;
}
