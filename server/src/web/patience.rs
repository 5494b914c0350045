//! How long a connection may let the server wait.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    sync::atomic::{AtomicU8, Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// What a connection of HTTP/1.1 is at. Its stream and its service share this.
#[derive(Debug)]
pub(crate) struct Patience {
    state: AtomicU8,
    head: Duration,
    idle: Duration,
}

/// The head of a request has begun, or is the first one. It is to be whole in [`Patience::head`].
const HEAD: u8 = 0;
/// A request is being answered.
const ASKED: u8 = 1;
/// The answer is being written, or was: the next request is to begin in [`Patience::idle`].
const ANSWERED: u8 = 2;
/// The connection speaks something else by now, and is somebody else's business.
const ENDED: u8 = 3;

impl Patience {
    pub(crate) fn new(head: Duration, idle: Duration) -> Self {
        Self {
            state: AtomicU8::new(HEAD),
            head,
            idle,
        }
    }

    /// A head is whole, and its request is being answered.
    pub(crate) fn asked(&self) {
        self.state.store(ASKED, Ordering::Relaxed);
    }

    /// No bounds from now on.
    pub(crate) fn end(&self) {
        self.state.store(ENDED, Ordering::Relaxed);
    }

    /// Whether the head of a request is what the connection owes.
    pub(crate) fn waits_for_head(&self) -> bool {
        self.state() == HEAD
    }

    fn state(&self) -> u8 {
        self.state.load(Ordering::Relaxed)
    }

    /// Moves from one state to the next, and returns whether it was in the one.
    fn advance(&self, from: u8, to: u8) -> bool {
        self.state
            .compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}

/// A stream that fails when the other side takes longer than it may.
pub(crate) struct Bounded<S> {
    stream: S,
    patience: Arc<Patience>,
    reading: Alarm,
    writing: Alarm,
}

impl<S> Bounded<S> {
    pub(crate) fn new(stream: S, patience: Arc<Patience>) -> Self {
        let mut reading = Alarm::default();
        reading.set(patience.head);
        Self {
            stream,
            patience,
            reading,
            writing: Alarm::default(),
        }
    }

    /// Something was written, or could not be for now.
    fn wrote<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match (&written, self.patience.state()) {
            (_, ENDED) => self.writing.clear(),
            (Poll::Ready(_), _) => {
                self.writing.clear();
                let answered = self.patience.advance(ASKED, ANSWERED);
                if answered || self.patience.state() == ANSWERED {
                    self.reading.set(self.patience.idle);
                    // Whoever waits for the next head looks once more when the time has come; nobody may read before.
                    let _ = self.reading.poll(cx);
                }
            }
            (Poll::Pending, _) => {
                self.writing.set_once(self.patience.idle);
                ready!(self.writing.poll(cx));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        written
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let read = Pin::new(&mut this.stream).poll_read(cx, buffer);
        match this.patience.state() {
            ENDED => this.reading.clear(),
            // The next head begins.
            ANSWERED if read.is_ready() && this.patience.advance(ANSWERED, HEAD) => {
                this.reading.set(this.patience.head);
            }
            HEAD | ANSWERED if read.is_pending() => {
                ready!(this.reading.poll(cx));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            _ => {}
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buffer);
        self.wrote(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, buffers);
        self.wrote(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.wrote(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.wrote(cx, shut)
    }
}

/// A time at which it is enough.
#[derive(Default)]
struct Alarm {
    at: Option<Instant>,
    /// Made when it is first waited for, which most never are.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Alarm {
    fn set(&mut self, after: Duration) {
        self.at = Some(Instant::now() + after);
    }

    fn set_once(&mut self, after: Duration) {
        if self.at.is_none() {
            self.set(after);
        }
    }

    fn clear(&mut self) {
        self.at = None;
        self.timer = None;
    }

    /// Ready when the time has come; never if there is none.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else {
            return Poll::Pending;
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        timer.as_mut().poll(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    const HEAD_TIME: Duration = Duration::from_secs(10);
    const IDLE_TIME: Duration = Duration::from_secs(75);

    fn bounded() -> (Bounded<DuplexStream>, DuplexStream, Arc<Patience>) {
        let (near, far) = duplex(4);
        let patience = Arc::new(Patience::new(HEAD_TIME, IDLE_TIME));
        (Bounded::new(near, patience.clone()), far, patience)
    }

    /// How long until the next read of what never comes fails.
    async fn waited(stream: &mut Bounded<DuplexStream>) -> Duration {
        let start = Instant::now();
        let error = stream.read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        start.elapsed().into_round()
    }

    trait Round {
        fn into_round(self) -> Duration;
    }

    impl Round for Duration {
        fn into_round(self) -> Duration {
            Duration::from_secs(self.as_secs())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_may_not_trickle_in() {
        let (mut stream, mut far, _) = bounded();
        let start = Instant::now();
        let trickle = async {
            loop {
                far.write_u8(b'x').await.unwrap();
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        };
        let read = async { while stream.read_u8().await.is_ok() {} };
        select_first(read, trickle).await;
        assert_eq!(start.elapsed().into_round(), HEAD_TIME);
    }

    async fn select_first(one: impl Future<Output = ()>, other: impl Future<Output = ()>) {
        tokio::select! { () = one => {}, () = other => panic!("the other came first") }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_takes_its_time_and_the_next_request_may_come_later_than_its_head_takes() {
        let (mut stream, mut far, patience) = bounded();
        patience.asked();
        tokio::time::sleep(IDLE_TIME * 2).await;
        stream.write_u8(b'x').await.unwrap();
        far.read_u8().await.unwrap();
        assert_eq!(waited(&mut stream).await, IDLE_TIME);
        stream.write_u8(b'x').await.unwrap();
        far.write_u8(b'x').await.unwrap();
        stream.read_u8().await.unwrap();
        assert_eq!(waited(&mut stream).await, HEAD_TIME);
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_is_not_written_to_for_ever_and_who_reads_slowly_is() {
        let (mut stream, mut far, patience) = bounded();
        patience.asked();
        let read = async {
            for _ in 0..20 {
                tokio::time::sleep(IDLE_TIME / 2).await;
                far.read_u8().await.unwrap();
            }
        };
        let start = Instant::now();
        let (_, written) = tokio::join!(read, stream.write_all(&[0; 100]));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().into_round(), IDLE_TIME * 11);
    }

    #[tokio::test(start_paused = true)]
    async fn what_speaks_something_else_is_left_alone() {
        let (mut stream, mut far, patience) = bounded();
        patience.asked();
        stream.write_u8(b'x').await.unwrap();
        patience.end();
        let later = async {
            tokio::time::sleep(IDLE_TIME * 10).await;
            far.write_u8(b'y').await.unwrap();
        };
        let (read, ()) = tokio::join!(stream.read_u8(), later);
        assert_eq!(read.unwrap(), b'y');
    }
}
