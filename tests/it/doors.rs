//! The doors: peers that keep the service waiting, peers in great number, and that everybody else is served meanwhile.
//!
//! Times are short here, and nothing depends on anything being fast: a test waits until something has happened, or looks at
//! what must never happen.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use waymark::clock::Clock;
use waymark::config::Config;
use waymark::doors::Limits;

use crate::flow::{pupil, put};
use crate::harness::{Kind, Place, Stage, eventually, play, slug};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(600);
const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
const ONE_BYTE: &[u8] =
    b"POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nx";

/// A service that waits for ever, but for what `change` says.
fn patient(place: &Place, change: impl FnOnce(&mut Limits)) -> Stage {
    place.serve_with(
        |config: &mut Config| {
            let limits = &mut config.connections;
            (limits.idle, limits.headers, limits.body, limits.write, limits.request) = (LONG, LONG, LONG, LONG, LONG);
            change(limits);
        },
        Clock::system(),
    )
}

fn connect(stage: &Stage) -> TcpStream {
    let socket = TcpStream::connect(stage.address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    socket
}

/// A connection from another address of this machine.
async fn connect_from(last: u8, to: SocketAddr) -> TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0))).unwrap();
    let socket = socket.connect(to).await.unwrap().into_std().unwrap();
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    socket
}

/// What comes until the other side closes.
fn rest(mut socket: TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = socket.read_to_end(&mut bytes) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the service did not close the connection");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One request, and the beginning of its answer.
fn asked(socket: &mut TcpStream, request: &[u8]) -> String {
    socket.write_all(request).unwrap();
    let mut bytes = [0; 4096];
    let mut text = String::new();
    while !text.contains("\r\n\r\n") {
        let n = socket.read(&mut bytes).unwrap();
        assert!(n > 0, "the service closed the connection: {text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..n]));
    }
    text
}

/// Whether a request on this connection is answered.
fn served(socket: &mut TcpStream) -> bool {
    let mut bytes = [0; 4096];
    socket.write_all(HEALTH).is_ok() && socket.read(&mut bytes).is_ok_and(|n| bytes[..n].starts_with(b"HTTP/1.1 200"))
}

fn is_served(socket: &mut TcpStream) {
    let text = asked(socket, HEALTH);
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
}

both!(who_says_nothing_is_let_go, |place: Place| {
    let stage = patient(&place, |limits| limits.idle = SHORT);
    let mut socket = connect(&stage);
    is_served(&mut socket);
    assert_eq!(rest(socket), "");
    eventually("its place is free", || async { (stage.doors.count() == 0).then_some(()) }).await;
});

// The first request's headers, and those of a later one on the same connection.
both!(slow_headers, |place: Place| {
    let stage = patient(&place, |limits| limits.headers = SHORT);
    let mut first = connect(&stage);
    first.write_all(b"GET /healthz HTTP/1.1\r\nho").unwrap();
    let text = rest(first);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
    // One whose first request came in time, however slow this machine is.
    let mut second = eventually("a request comes in time", || async {
        let mut socket = connect(&stage);
        served(&mut socket).then_some(socket)
    })
    .await;
    let _ = second.write_all(b"GET /healthz HTTP/1.1\r\nho");
    assert_eq!(rest(second), "");
});

both!(slow_bodies, |place: Place| {
    let stage = patient(&place, |limits| limits.body = SHORT);
    let mut socket = connect(&stage);
    socket.write_all(ONE_BYTE).unwrap();
    let text = rest(socket);
    assert!(text.starts_with("HTTP/1.1 4"), "{text}");

    let token = stage.token("attempts:write learners:act");
    let head = format!(
        "PUT /v1/attempts/{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{",
        uuid::Uuid::now_v7()
    );
    stage.raw(head.as_bytes()).problem(408, "body_timeout");

    // A byte now and then is no progress.
    let mut socket = connect(&stage);
    socket.write_all(head.as_bytes()).unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while socket.write_all(b" ").is_ok() {
        assert!(Instant::now() < until, "a byte now and then holds the connection for ever");
        std::thread::sleep(Duration::from_millis(20));
    }
});

// Answers that nobody takes: the service writes as much as the system holds for the peer, then waits, then goes.
both!(who_does_not_read_is_let_go, |place: Place| {
    let stage = patient(&place, |limits| limits.write = SHORT);
    let mut socket = connect(&stage);
    let many = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    let _ = socket.write_all(&many);
    socket.set_nonblocking(true).unwrap();
    let gone = || (&socket).write(b"GET").is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock);
    eventually("it is let go", || async { gone().then_some(()) }).await;
    eventually("its place is free", || async { (stage.doors.count() == 0).then_some(()) }).await;
});

// A whole answer is taken in its time too, however steadily the peer sips.
both!(an_answer_has_an_end, |place: Place| {
    let stage = patient(&place, |limits| limits.request = SHORT);
    let mut socket = connect(&stage);
    let many = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    let _ = socket.write_all(&many);
    let mut sip = [0; 64];
    assert!(socket.read(&mut sip).unwrap() > 0);
    let until = Instant::now() + Duration::from_secs(60);
    while stage.doors.count() > 0 && socket.read(&mut sip).is_ok_and(|n| n > 0) {
        assert!(Instant::now() < until, "an answer can be sipped for ever");
        std::thread::sleep(Duration::from_millis(1));
    }
    eventually("its place is free", || async { (stage.doors.count() == 0).then_some(()) }).await;
});

// Work that takes longer than a request may: 503, and whoever asked can ask again.
both!(a_request_has_an_end, |place: Place| {
    let stage = patient(&place, |limits| limits.request = SHORT);
    let token = stage.token("learners:write");
    let session = place.session();
    session.batch(if place.is_postgres() { "BEGIN; LOCK TABLE learners" } else { "BEGIN IMMEDIATE" });
    let none = serde_json::json!({});
    let made = || put(&stage, &token, "/v1/learners/by-identity?id=late", &none);
    made().await.problem(503, "overloaded");
    session.batch("ROLLBACK");
    eventually("it is made", || async { (made().await.status < 300).then_some(()) }).await;
});

// 1,100 from one address, each with a byte of a body, and nobody notices.
both!(a_crowd_from_one_address, |place: Place| {
    // This process holds both ends.
    let _ = Limits { connections: 4096, ..place.config.connections.clone() }.within_descriptors(0);
    let mut stage = place.serve_with(
        |config| {
            config.connections = Limits { connections: 400, per_address: 200, body: LONG, ..config.connections.clone() };
            config.metrics_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        },
        Clock::system(),
    );
    let ada = pupil(&stage, "ada").await;
    let mut crowd = Vec::new();
    for _ in 0..1_100 {
        let mut socket = connect(&stage);
        // One that had to go again is as good.
        let _ = socket.write_all(ONE_BYTE);
        crowd.push(socket);
    }
    // From another address, from the same one, and at the inner listener.
    is_served(&mut connect_from(2, stage.address).await);
    is_served(&mut connect(&stage));
    is_served(&mut TcpStream::connect(stage.within.unwrap()).unwrap());
    // The connection that her request came on was idle, and the first to make room.
    stage.reconnect();
    stage.get("/v1/lessons").token(&ada.token).send().await.ok();
    let path = format!("/v1/attempts/{}", uuid::Uuid::now_v7());
    put(&stage, &ada.token, &path, &serde_json::json!({"lesson": slug()})).await.is(201);
    assert!(stage.doors.count() <= 202, "{}", stage.doors.count());
    drop(crowd);
    eventually("their places are free", || async { (stage.doors.count() < 5).then_some(()) }).await;
});

// From many addresses: whoever waited longest for its peer makes room, and what is asked is answered.
both!(a_crowd_from_many_addresses, |place: Place| {
    let stage = patient(&place, |limits| (limits.connections, limits.per_address) = (60, 20));
    let mut crowd = Vec::new();
    for last in 2..12 {
        for _ in 0..15 {
            let mut socket = connect_from(last, stage.address).await;
            let _ = socket.write_all(ONE_BYTE);
            crowd.push(socket);
        }
    }
    for _ in 0..20 {
        is_served(&mut connect(&stage));
    }
    assert!(stage.doors.count() <= 60, "{}", stage.doors.count());
});

// The same with nothing open at the start: a connection is counted once, and a place is given back.
both!(places_are_given_back, |place: Place| {
    let stage = patient(&place, |limits| (limits.connections, limits.per_address) = (16, 16));
    for _ in 0..200 {
        is_served(&mut connect(&stage));
    }
    eventually("nobody is inside", || async { (stage.doors.count() == 0).then_some(()) }).await;
});

/// What callers make up is no label: neither a method nor a path.
#[test]
fn metrics_do_not_grow_with_what_callers_make_up() {
    play(Kind::Sqlite, |place: Place| async move {
        let stage =
            place.serve_with(|config| config.metrics_listen = Some(SocketAddr::from(([127, 0, 0, 1], 0))), Clock::system());
        let shown = || {
            let mut socket = TcpStream::connect(stage.within.unwrap()).unwrap();
            socket.write_all(b"GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
            rest(socket)
        };
        for n in 0..50 {
            stage.call(&format!("FROB{n}"), "/v1/lessons").send().await;
            stage.call(&format!("FROB{n}"), &format!("/frob/{n}")).send().await;
            stage.get(&format!("/v1/lessons/frob{n}?frob={n}")).header("x-request-id", &format!("frob-{n}")).send().await;
        }
        let text = shown();
        assert!(text.contains("method=\"other\"") && text.contains("waymark_connections{"), "{text}");
        assert!(!text.to_lowercase().contains("frob"), "{text}");
    });
}
