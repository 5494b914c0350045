//! As much HTTP/1.1 as it takes to measure what a server sends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// An answer and its size on the wire.
pub(crate) struct Answer {
    /// The status line and the headers, as sent.
    pub(crate) head: String,
    /// The body, as sent: still compressed, without the framing of chunks.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Fetches `path` from `address` (`host:port`), accepting the named encoding.
pub(crate) fn get(address: &str, path: &str, encoding: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect(address).with_context(|| format!("{address} does not answer"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    stream
        .read_to_end(&mut bytes)
        .with_context(|| format!("{path} broke off"))?;
    let answer = parse(&bytes).with_context(|| format!("{path}: the answer is not HTTP"))?;
    if !answer.head.starts_with("HTTP/1.1 200 ") {
        bail!("{path}: {}", answer.head.lines().next().unwrap_or_default());
    }
    Ok(answer)
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let (head, body) = bytes.split_at(end);
    let head = String::from_utf8(head.to_vec()).ok()?;
    let mut answer = Answer {
        head,
        body: body.to_vec(),
    };
    if answer
        .header("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        answer.body = join_chunks(body)?;
    }
    Some(answer)
}

fn join_chunks(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let line = std::str::from_utf8(&rest[..end]).ok()?;
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        let start = end + 2;
        body.extend_from_slice(rest.get(start..start + size)?);
        rest = rest.get(start + size + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_known_length_is_head_and_body() {
        let answer = parse(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nabc").unwrap();
        assert_eq!(answer.header("content-encoding"), Some("br"));
        assert_eq!(answer.body, b"abc");
    }

    #[test]
    fn chunks_are_joined() {
        let answer = parse(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        )
        .unwrap();
        assert_eq!(answer.body, b"abcde");
    }

    #[test]
    fn a_broken_answer_is_none() {
        assert!(parse(b"HTTP/1.1 200 OK\r\n").is_none());
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc").is_none());
    }
}
