//! The load generator: keep-alive HTTP/1.1 over plain sockets on one thread, with just enough parsing to be sure that every
//! answer is whole and is the one expected.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::machine::Meter;

/// What one connection asks, time after time.
pub trait Script {
    /// The next request, and what its answer's body must contain.
    fn next(&mut self) -> (&[u8], &[u8]);
}

/// The same request again and again.
pub struct Same {
    request: Vec<u8>,
    wanted: &'static [u8],
}

impl Same {
    pub fn new(request: String, wanted: &'static [u8]) -> Same {
        Same { request: request.into_bytes(), wanted }
    }

    pub fn get(path: &str, token: &str, wanted: &'static [u8]) -> Same {
        Same::new(request("GET", path, token, ""), wanted)
    }
}

impl Script for Same {
    fn next(&mut self) -> (&[u8], &[u8]) {
        (&self.request, self.wanted)
    }
}

/// A request that is made anew each time.
pub struct Made {
    make: Box<dyn FnMut() -> String>,
    request: String,
    wanted: &'static [u8],
}

impl Made {
    pub fn new(make: impl FnMut() -> String + 'static, wanted: &'static [u8]) -> Made {
        Made { make: Box::new(make), request: String::new(), wanted }
    }
}

impl Script for Made {
    fn next(&mut self) -> (&[u8], &[u8]) {
        self.request = (self.make)();
        (self.request.as_bytes(), self.wanted)
    }
}

/// Saves of one answer, each with a higher `seq`, written over the digits of the last one.
pub struct Saves {
    request: Vec<u8>,
    digits: usize,
    seq: u64,
}

const DIGITS: usize = 15;
const SEQ: &str = "SSSSSSSSSSSSSSS";

impl Saves {
    /// `first` has fifteen digits.
    pub fn new(attempt: &str, item: &str, option: &str, token: &str, first: u64) -> Saves {
        let body = format!(
            r#"{{"seq":{SEQ},"response":{{"kind":"single_choice","option":"{option}"}},"answered_at":"2026-11-23T09:03:10.120+01:00","active_ms":31400}}"#
        );
        let text = request("PUT", &format!("/v1/attempts/{attempt}/responses/{item}"), token, &body);
        let digits = text.find(SEQ).unwrap_or(0);
        Saves { request: text.into_bytes(), digits, seq: first }
    }
}

impl Script for Saves {
    fn next(&mut self) -> (&[u8], &[u8]) {
        let mut rest = self.seq;
        for digit in self.request.iter_mut().skip(self.digits).take(DIGITS).rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        self.seq += 1;
        (&self.request, b"\"status\":\"saved\"")
    }
}

/// Several scripts in turn.
pub struct Turns {
    pub scripts: Vec<Box<dyn Script>>,
}

impl Script for Turns {
    fn next(&mut self) -> (&[u8], &[u8]) {
        self.scripts.rotate_left(1);
        self.scripts.first_mut().map_or((b"", b""), |script| script.next())
    }
}

pub fn request(method: &str, path: &str, token: &str, body: &str) -> String {
    let content = match body {
        "" => String::new(),
        body => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
    };
    format!("{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\n{content}\r\n{body}")
}

/// One keep-alive connection.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Wire {
    pub async fn open(address: SocketAddr) -> Outcome<Wire> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Wire { stream, buffer: vec![0; 1 << 16], filled: 0 })
    }

    /// Sends a request and reads the whole answer: its head and its body.
    pub async fn exchange(&mut self, request: &[u8]) -> Outcome<(&[u8], &[u8])> {
        let mut rest = request;
        while !rest.is_empty() {
            let n = std::future::poll_fn(|cx| Pin::new(&mut self.stream).poll_write(cx, rest)).await?;
            rest = rest.get(n..).unwrap_or_default();
        }
        self.filled = 0;
        let (head, whole) = loop {
            self.fill().await?;
            let so_far = self.buffer.get(..self.filled).unwrap_or_default();
            if let Some(head) = so_far.windows(4).position(|four| four == b"\r\n\r\n") {
                break (head, head + 4 + content_length(so_far.get(..head).unwrap_or_default())?);
            }
        };
        while self.filled < whole {
            self.fill().await?;
        }
        let answer = self.buffer.get(..whole).unwrap_or_default();
        Ok((answer.get(..head).unwrap_or_default(), answer.get(head + 4..).unwrap_or_default()))
    }

    async fn fill(&mut self) -> Outcome<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        let Wire { stream, buffer, filled } = self;
        let mut space = ReadBuf::new(buffer.get_mut(*filled..).unwrap_or_default());
        std::future::poll_fn(|cx| Pin::new(&mut *stream).poll_read(cx, &mut space)).await?;
        match space.filled().len() {
            0 => Err("the server closed the connection".into()),
            n => {
                *filled += n;
                Ok(())
            }
        }
    }
}

fn content_length(head: &[u8]) -> Outcome<usize> {
    const NAME: &[u8] = b"content-length: ";
    let value = head.split(|b| *b == b'\n').find_map(|line| {
        line.get(..NAME.len()).filter(|name| name.eq_ignore_ascii_case(NAME)).and_then(|_| line.get(NAME.len()..))
    });
    let text = std::str::from_utf8(value.ok_or("an answer without Content-Length")?)?;
    Ok(text.trim().parse()?)
}

/// What a run of one number of connections showed.
#[derive(Clone, Copy, Default)]
pub struct Sample {
    pub per_second: f64,
    pub p50: f64,
    pub p99: f64,
    pub server_cpu: f64,
    pub database_cpu: f64,
    pub peak_mib: f64,
}

struct Control {
    recording: Cell<bool>,
    over: Cell<bool>,
    micros: RefCell<Vec<u32>>,
    failure: RefCell<Option<String>>,
}

/// How long to warm up and to measure.
#[derive(Clone, Copy)]
pub struct Span {
    pub warm_up: Duration,
    pub measured: Duration,
}

/// Lets every script talk over a connection of its own, and measures. Any wrong answer fails the whole run.
pub fn run(address: SocketAddr, scripts: Vec<Box<dyn Script>>, span: Span, meter: &Meter) -> Outcome<Sample> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let control = Rc::new(Control {
        recording: Cell::new(false),
        over: Cell::new(false),
        micros: RefCell::new(Vec::with_capacity(1 << 20)),
        failure: RefCell::new(None),
    });
    let local = tokio::task::LocalSet::new();
    let sample = local.block_on(&runtime, async {
        let mut talks = Vec::new();
        for script in scripts {
            let wire = Wire::open(address).await?;
            talks.push(tokio::task::spawn_local(talk(wire, script, control.clone())));
        }
        tokio::time::sleep(span.warm_up).await;
        meter.forget_peak();
        let (before, begun) = (meter.read()?, Instant::now());
        control.recording.set(true);
        tokio::time::sleep(span.measured).await;
        control.recording.set(false);
        let (after, seconds) = (meter.read()?, begun.elapsed().as_secs_f64());
        control.over.set(true);
        for talk in talks {
            talk.await?;
        }
        if let Some(failure) = control.failure.take() {
            return Err(failure.into());
        }
        let mut micros = control.micros.take();
        micros.sort_unstable();
        let count = f64::from(u32::try_from(micros.len())?.max(1));
        Outcome::Ok(Sample {
            per_second: count / seconds,
            p50: quantile(&micros, 50),
            p99: quantile(&micros, 99),
            server_cpu: (after.server - before.server) / count,
            database_cpu: (after.database - before.database) / count,
            peak_mib: meter.peak_mib()?,
        })
    })?;
    Ok(sample)
}

async fn talk(mut wire: Wire, mut script: Box<dyn Script>, control: Rc<Control>) {
    while !control.over.get() {
        // What it takes to make a request is not the server's.
        let (request, wanted) = script.next();
        let begun = Instant::now();
        if let Err(error) = checked(&mut wire, request, wanted).await {
            *control.failure.borrow_mut() = Some(format!("a request failed: {error}"));
            control.over.set(true);
        } else if control.recording.get() {
            control.micros.borrow_mut().push(micros(begun.elapsed()));
        }
    }
}

pub fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

/// Asks, and is content only with a good answer that contains what is wanted.
pub async fn checked(wire: &mut Wire, request: &[u8], wanted: &[u8]) -> Outcome<()> {
    match wire.exchange(request).await? {
        (head, body) if head.starts_with(b"HTTP/1.1 2") && contains(body, wanted) => Ok(()),
        (head, body) => Err(format!("{}\n\n{}", String::from_utf8_lossy(head), String::from_utf8_lossy(body)).into()),
    }
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || body.windows(wanted.len()).any(|window| window == wanted)
}

/// In microseconds; `sorted` is.
pub fn quantile(sorted: &[u32], percent: usize) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) * percent / 100).map_or(0.0, |micros| f64::from(*micros))
}
