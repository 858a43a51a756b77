//! Behind a proxy: whom a request is counted for, told by what is limited. `src/config/proxies_tests.rs` has the table of spellings.

use std::net::SocketAddr;

use waymark::config::proxies::TrustedProxies;

use crate::cli::{Served, waymark};
use crate::harness::{Kind, Place, Stage, on_thread, play};
use crate::rate_limits::{at_most, limited};

/// Three requests of each address, and no more.
fn three(place: &Place, trusted: &str) -> Stage {
    limited(place, |config| {
        config.rates.address = at_most(3);
        config.trusted_proxies = TrustedProxies::read(trusted).unwrap();
    })
}

type Sent = &'static [(&'static str, &'static str)];

async fn asked(stage: &Stage, sent: Sent) -> u16 {
    // Fields that stand several times are sent as they are.
    let lines: String = sent.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    stage.raw(format!("GET /docs/errors HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lines}\r\n").as_bytes()).status
}

const HERE: Sent = &[];
const X: &str = "x-forwarded-for";

both!(whoever_is_no_trusted_proxy_names_nobody, |place: Place| {
    for trusted in ["", "10.0.0.0/8, ::1, fd00::/8, 127.0.0.2"] {
        let stage = three(&place, trusted);
        let forged: [Sent; 3] =
            [&[(X, "198.51.100.1")], &[(X, "10.0.0.1"), ("forwarded", "for=198.51.100.2")], &[("forwarded", "for=198.51.100.3")]];
        for sent in forged {
            assert_eq!(asked(&stage, sent).await, 200, "{trusted:?}");
        }
        for sent in forged.into_iter().chain([HERE]) {
            assert_eq!(asked(&stage, sent).await, 429, "{trusted:?}: each was counted for the peer");
        }
        stage.stop();
    }
});

both!(a_trusted_proxy_names_who_asks, |place: Place| {
    let stage = three(&place, "127.0.0.1, 192.168.0.0/16");
    // (three requests of one and the same, another one that is the same, one that is not)
    let table: &[([Sent; 3], Sent, Sent)] = &[
        (
            [
                &[(X, "198.51.100.1")],
                &[(X, "203.0.113.66, 198.51.100.1")],
                &[(X, "203.0.113.67"), (X, "198.51.100.1, 192.168.1.1")],
            ],
            &[(X, "unknown, ::ffff:198.51.100.1")],
            &[(X, "198.51.100.1, 198.51.100.2")],
        ),
        (
            [&[("forwarded", "for=198.51.100.3")], &[("Forwarded", "for=x, FOR=\"198.51.100.3:99\"")], &[(X, "198.51.100.3:17")]],
            &[("forwarded", "for=198.51.100.3"), (X, "198.51.100.3")],
            &[("forwarded", "for=198.51.100.3, for=198.51.100.4")],
        ),
        // A network of 64 bits is one caller.
        (
            [&[(X, "2001:db8::1")], &[(X, "2001:DB8::2")], &[("forwarded", "for=\"[2001:db8::3]:1\"")]],
            &[(X, "[2001:db8::4]:1")],
            &[(X, "2001:db8:0:1::1")],
        ),
        // What cannot be read, or was not written by the proxy, is the proxy's own.
        (
            [HERE, &[(X, "198.51.100.9, unknown")], &[(X, "198.51.100.9"), ("forwarded", "for=198.51.100.10")]],
            &[("forwarded", "for=\"198.51.100.9")],
            &[(X, "198.51.100.9")],
        ),
    ];
    for (same, again, other) in table {
        for sent in same {
            assert_eq!(asked(&stage, sent).await, 200, "{sent:?}");
        }
        assert_eq!(asked(&stage, again).await, 429, "{again:?}");
        assert_eq!(asked(&stage, other).await, 200, "{other:?}");
    }
});

/// A connection over IPv4 to a socket of IPv6 is IPv4, for the list and for the count.
#[test]
fn version_4_in_version_6_is_version_4() {
    play(Kind::Sqlite, |place| async move {
        let stage = limited(&place, |config| {
            config.rates.address = at_most(3);
            config.listen = SocketAddr::from(([0; 16], 0));
        });
        let port = stage.address.port();
        let ask = |sent: &'static str| {
            let url = format!("http://127.0.0.1:{port}/docs/errors");
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            async move { http.get(url).header(X, sent).send().await.unwrap().status().as_u16() }
        };
        for status in [200, 200, 200, 429] {
            assert_eq!(ask("198.51.100.1").await, status);
        }
        assert_eq!(ask("198.51.100.2").await, 200);
    });
}

/// The log names who asked, and the list is read from where every other key is.
#[test]
fn the_log_names_who_asked() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let ready = directory.path().join("ready");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--ready-file", ready.to_str().unwrap()];
    let mut command = waymark(directory.path(), &arguments);
    command.env("WAYMARK_TRUSTED_PROXIES", "127.0.0.0/8").env("WAYMARK_LOG_FORMAT", "json");
    command.stdout(std::process::Stdio::null()).stderr(std::fs::File::create(&log).unwrap());
    let mut server = Served { child: command.spawn().unwrap(), base: String::new() };
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !ready.exists() {
        let lives = server.child.try_wait().unwrap().is_none() && std::time::Instant::now() < until;
        assert!(lives, "{}", std::fs::read_to_string(&log).unwrap());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    server.base = std::fs::read_to_string(&ready).unwrap().trim().to_owned();
    let url = format!("{}/v1/lessons", server.base);
    on_thread(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let http = reqwest::Client::builder().no_proxy().build().unwrap();
            let status = http.get(url).header(X, "203.0.113.66, 198.51.100.7").send().await.unwrap().status();
            assert_eq!(status.as_u16(), 401);
        });
    });
    drop(server);
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("\"address\":\"198.51.100.7\"") && !log.contains("203.0.113.66"), "{log}");
}
