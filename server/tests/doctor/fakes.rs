//! Servers that are none, or that do what coturn cannot be brought to do.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, UdpSocket},
    thread,
};

use stun_proto::types::{
    attribute::{AttributeStaticType, ErrorCode, Nonce, Realm, Username},
    message::{Message, MessageWrite, MessageWriteExt, MessageWriteVec},
};

use crate::coturn::free_port;

/// A UDP port on which everything is taken and nothing answered, as behind a firewall that drops.
pub(crate) struct Silence(UdpSocket);

impl Silence {
    pub(crate) fn new() -> Self {
        Self(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap())
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }
}

/// A service that is no STUN: it answers every datagram, and everything on a stream, with a word. For as long as the test runs.
pub(crate) fn another_service() -> u16 {
    let port = free_port();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((_, from)) = udp.recv_from(&mut buffer) {
            let _ = udp.send_to(b"this is another service altogether", from);
        }
    });
    thread::spawn(move || {
        for mut stream in tcp.incoming().flatten() {
            let _ = stream.read(&mut [0; 1500]);
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    port
}

/// A TURN server that asks who is there, and then refuses with that code. For as long as the test runs.
pub(crate) fn refusing(code: u16) -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    thread::spawn(move || {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            let Ok(request) = Message::from_bytes(&buffer[..length]) else {
                continue;
            };
            let known = request.has_attribute(Username::TYPE);
            let code = if known { code } else { ErrorCode::UNAUTHORIZED };
            let mut answer = Message::builder_error(&request, MessageWriteVec::new());
            answer
                .add_attribute(&ErrorCode::new(code, "No").unwrap())
                .unwrap();
            answer.add_attribute(&Realm::new("maju.test").unwrap()).unwrap();
            answer.add_attribute(&Nonce::new("once").unwrap()).unwrap();
            let _ = socket.send_to(&answer.finish(), from);
        }
    });
    port
}
