//! TLS of the API's listener: other people's clients, peers that do not shake hands, and certificates that change.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::client::WebPkiServerVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned, SupportedProtocolVersion};
use waymark::clock::Clock;
use waymark::doors::Limits;
use waymark::doors::tls::PairFiles;

use crate::cli::{Served, bad, good, run, waymark as program};
use crate::harness::{Kind, Place, Stage, eventually, play, slug};

const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(600);
const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
const LARGE: &[u8] = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
const HSTS: &str = "strict-transport-security";

type Secret = StreamOwned<ClientConnection, TcpStream>;

/// A folder with a certificate for this machine and its key.
struct Pair {
    folder: tempfile::TempDir,
}

impl Pair {
    fn new() -> Pair {
        let pair = Pair { folder: tempfile::tempdir().unwrap() };
        pair.renew();
        pair
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// Another pair in the same files.
    fn renew(&self) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        std::fs::write(self.certificate(), made.cert.pem()).unwrap();
        std::fs::write(self.key(), made.signing_key.serialize_pem()).unwrap();
    }

    fn files(&self) -> PairFiles {
        PairFiles { certificate: self.certificate(), key: self.key() }
    }

    fn leaf(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(self.certificate()).unwrap()
    }

    fn environment(&self, command: &mut Command) {
        command.env("WAYMARK_TLS_CERTIFICATE", self.certificate()).env("WAYMARK_TLS_KEY", self.key());
    }

    /// A client that trusts this certificate and no other.
    fn client(&self, versions: &[&'static SupportedProtocolVersion], protocols: &[&str]) -> Arc<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add(self.leaf()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
        let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions).unwrap();
        let mut config = builder.with_webpki_verifier(verifier).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Arc::new(config)
    }

    fn usual_client(&self) -> Arc<ClientConfig> {
        self.client(&[&TLS13, &TLS12], &["http/1.1"])
    }
}

fn serve(place: &Place, pair: &Pair, change: impl FnOnce(&mut Limits)) -> Stage {
    place.serve_with(
        |config| {
            config.tls = Some(pair.files());
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

fn secret(client: &Arc<ClientConfig>, socket: TcpStream) -> Secret {
    let name = ServerName::try_from("localhost").unwrap();
    StreamOwned::new(ClientConnection::new(client.clone(), name).unwrap(), socket)
}

/// One answer with a body of known length.
fn answer(stream: &mut impl Read) -> std::io::Result<(String, Vec<u8>)> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; 64 << 10]);
    loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if bytes.len() >= at + 4 + length.parse::<usize>().unwrap() {
                return Ok((head, bytes.split_off(at + 4)));
            }
        }
        match stream.read(&mut piece)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => bytes.extend_from_slice(&piece[..n]),
        }
    }
}

fn asked(stream: &mut (impl Read + Write), request: &[u8]) -> std::io::Result<(String, Vec<u8>)> {
    stream.write_all(request)?;
    answer(stream)
}

fn is_served(stream: &mut (impl Read + Write)) {
    let (head, _) = asked(stream, HEALTH).unwrap();
    assert!(head.starts_with("http/1.1 200"), "{head}");
}

/// What comes until the other side closes.
fn rest(mut stream: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Err(error) = stream.read_to_end(&mut bytes) {
        let kinds = [std::io::ErrorKind::ConnectionReset, std::io::ErrorKind::UnexpectedEof];
        assert!(kinds.contains(&error.kind()), "the service did not close the connection: {error}");
    }
    bytes
}

async fn all_gone(stage: &Stage) {
    eventually("the places are free", || async { (stage.doors.count() == 0).then_some(()) }).await;
}

/// The first bytes that a client sends.
fn client_hello(pair: &Pair) -> Vec<u8> {
    let mut session = ClientConnection::new(pair.usual_client(), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut bytes = Vec::new();
    session.write_tls(&mut bytes).unwrap();
    bytes
}

#[test]
fn both_versions_several_requests_and_large_answers() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let stage = serve(&place, &pair, |_| {});
        for (version, protocols) in [(&TLS12, &["http/1.1"][..]), (&TLS13, &["h2", "http/1.1"]), (&TLS13, &[])] {
            let mut stream = secret(&pair.client(&[version], protocols), connect(&stage));
            for _ in 0..3 {
                let (head, body) = asked(&mut stream, LARGE).unwrap();
                assert!(head.starts_with("http/1.1 200") && head.contains(HSTS), "{head}");
                let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
                assert!(document["paths"].is_object());
            }
            assert_eq!(stream.conn.protocol_version(), Some(version.version));
            let protocol = stream.conn.alpn_protocol().map(<[u8]>::to_vec);
            assert_eq!(protocol, (!protocols.is_empty()).then(|| b"http/1.1".to_vec()));
            // A body of many records; it is refused for what it says, after it was read whole.
            let body = format!("{{\"x\":\"{}\"}}", "y".repeat(300_000));
            let request = format!(
                "PUT /v1/attempts/{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                stage.clean_id().0,
                stage.token("attempts:write learners:act"),
                body.len()
            );
            let (head, _) = asked(&mut stream, request.as_bytes()).unwrap();
            assert!(head.starts_with("http/1.1 400") || head.starts_with("http/1.1 422"), "{head}");
            is_served(&mut stream);
        }
        // Nothing in common.
        let mut stream = secret(&pair.client(&[&TLS13], &["h2"]), connect(&stage));
        assert!(asked(&mut stream, HEALTH).is_err());
        // Who comes back does not shake hands in full.
        for version in [&TLS12, &TLS13] {
            let client = pair.client(&[version], &[]);
            is_served(&mut secret(&client, connect(&stage)));
            let mut again = secret(&client, connect(&stage));
            is_served(&mut again);
            assert_eq!(again.conn.handshake_kind(), Some(HandshakeKind::Resumed));
        }
        all_gone(&stage).await;
    });
}

#[test]
fn who_is_told_to_come_back_over_tls() {
    play(Kind::Sqlite, |place| async move {
        for (public_url, told) in [
            ("http://localhost:8080", false),
            ("http://learn.example.com", false),
            ("https://learn.example.com", true),
            ("https://learn.example.com/base", true),
        ] {
            let stage = place.serve_with(|config| config.public_url = public_url.to_owned(), Clock::system());
            for path in ["/healthz", "/v1/lessons", "/nowhere", "/docs"] {
                let answer = stage.get(path).send().await;
                assert_eq!(answer.header(HSTS), if told { "max-age=31536000" } else { "" }, "{public_url} {path}");
            }
            stage.stop();
        }
    });
}

#[test]
fn plain_http_is_answered_in_clear_and_closed() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let stage = serve(&place, &pair, |_| {});
        let long = [b"POST / HTTP/1.1\r\ncontent-length: 50000\r\n\r\n".as_slice(), &[b'x'; 50_000]].concat();
        for request in [HEALTH, b"G", b"\r\n\r\n", &long] {
            let mut socket = connect(&stage);
            socket.write_all(request).unwrap();
            let mut text = String::new();
            socket.read_to_string(&mut text).expect("it is closed in order, not reset");
            assert!(text.starts_with("HTTP/1.1 400 ") && text.ends_with("use https:// in the address"), "{text}");
        }
        all_gone(&stage).await;
        // What begins like TLS and is none, and what ends in the middle.
        for bytes in [&[22, 3, 1, 0, 5, 1, 2, 3, 4, 5][..], &[22, 255, 255, 255, 255], &[21, 3, 3, 0, 2, 2, 80]] {
            let mut socket = connect(&stage);
            socket.write_all(bytes).unwrap();
            let _ = socket.shutdown(std::net::Shutdown::Write);
            rest(socket);
        }
        drop(connect(&stage));
        all_gone(&stage).await;
        is_served(&mut secret(&pair.usual_client(), connect(&stage)));
    });
}

#[test]
fn who_does_not_shake_hands_in_time_is_let_go() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let stage = serve(&place, &pair, |limits| limits.headers = SHORT);
        let hello = client_hello(&pair);
        // Nothing, a part, and all that the client says at first: then it does not go on.
        for part in [&hello[..0], &hello[..1], &hello[..hello.len() / 2], &hello] {
            let mut socket = connect(&stage);
            socket.write_all(part).unwrap();
            rest(socket);
        }
        // A byte now and then is no progress.
        let mut socket = connect(&stage);
        let until = Instant::now() + Duration::from_secs(30);
        for byte in hello.iter().cycle() {
            if socket.write_all(&[*byte]).is_err() {
                break;
            }
            assert!(Instant::now() < until, "a handshake can be dripped for ever");
            std::thread::sleep(Duration::from_millis(10));
        }
        all_gone(&stage).await;
    });
}

#[test]
fn after_the_handshake_the_same_limits_hold() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let client = pair.usual_client();
        let stage = serve(&place, &pair, |limits| limits.idle = SHORT);
        let mut idle = secret(&client, connect(&stage));
        is_served(&mut idle);
        assert_eq!(rest(&mut idle), b"");
        // Records without content, and parts of records, keep nothing open.
        let mut idle = secret(&client, connect(&stage));
        is_served(&mut idle);
        let until = Instant::now() + Duration::from_secs(30);
        while idle.sock.write_all(&[23, 3, 3, 0x40]).is_ok() {
            assert!(Instant::now() < until, "a connection is held by parts of records");
            std::thread::sleep(Duration::from_millis(10));
        }
        all_gone(&stage).await;
        stage.stop();

        let stage = serve(&place, &pair, |limits| limits.body = SHORT);
        let token = stage.token("attempts:write learners:act");
        let head = format!(
            "PUT /v1/attempts/{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{{",
            stage.clean_id().0
        );
        let (head, _) = asked(&mut secret(&client, connect(&stage)), head.as_bytes()).unwrap();
        assert!(head.starts_with("http/1.1 408"), "{head}");
        stage.stop();

        // Who takes nothing.
        let stage = serve(&place, &pair, |limits| limits.write = SHORT);
        let mut deaf = secret(&client, connect(&stage));
        is_served(&mut deaf);
        let _ = deaf.write_all(&LARGE.repeat(200));
        all_gone(&stage).await;
    });
}

#[test]
fn who_takes_an_answer_slowly_and_steadily_gets_all_of_it() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let window = Duration::from_secs(3);
        let stage = serve(&place, &pair, |limits| limits.write = window);
        let mut slow = secret(&pair.usual_client(), connect(&stage));
        let (_, body) = asked(&mut slow, LARGE).unwrap();
        const TIMES: usize = 60;
        slow.write_all(&LARGE.repeat(TIMES)).unwrap();
        let (mut read, begun, all) = (0, Instant::now(), body.len() * TIMES);
        let mut sip = vec![0; 32 << 10];
        // As slowly as makes it take twice the window.
        while read < all {
            let n = slow.read(&mut sip).unwrap();
            assert!(n > 0, "it was let go after {read} of {all} bytes");
            read += n;
            let due = window.mul_f64(2.0 * read as f64 / all as f64);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
    });
}

#[test]
fn half_handshakes_make_room() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let stage = serve(&place, &pair, |limits| (limits.connections, limits.per_address) = (20, 20));
        let (client, hello) = (pair.usual_client(), client_hello(&pair));
        let mut crowd = Vec::new();
        for n in 0..60 {
            let mut socket = connect(&stage);
            let _ = socket.write_all(&hello[..n * 3]);
            crowd.push(socket);
        }
        for _ in 0..10 {
            is_served(&mut secret(&client, connect(&stage)));
        }
        assert!(stage.doors.count() <= 20, "{}", stage.doors.count());
    });
}

#[test]
fn a_renewed_pair_is_shown_to_new_connections_alone() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let stage = serve(&place, &pair, |_| {});
        let before = pair.leaf();
        let mut old = secret(&pair.usual_client(), connect(&stage));
        is_served(&mut old);
        pair.renew();
        let client = pair.usual_client();
        eventually("new connections see the new certificate", || async {
            asked(&mut secret(&client, connect(&stage)), HEALTH).is_ok().then_some(())
        })
        .await;
        is_served(&mut old);
        assert_eq!(old.conn.peer_certificates().unwrap()[0], before);
        all_gone_but(&stage, 1).await;
    });
}

async fn all_gone_but(stage: &Stage, left: usize) {
    eventually("the other places are free", || async { (stage.doors.count() == left).then_some(()) }).await;
}

fn listening_at(served: &Served) -> TcpStream {
    let socket = TcpStream::connect(served.base.strip_prefix("https://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    socket
}

#[test]
fn the_program_renews_by_itself_and_says_once_what_is_broken() {
    play(Kind::Sqlite, |_place| async move {
        let pair = Pair::new();
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let served = served(folder.path(), &pair, Some(&log));
        let first = pair.usual_client();
        let good_one = std::fs::read(pair.certificate()).unwrap();
        std::fs::write(pair.certificate(), "no certificate").unwrap();
        let said = || std::fs::read_to_string(&log).unwrap().matches("cannot be renewed").count();
        eventually("it is said", || async { (said() > 0).then_some(()) }).await;
        is_served(&mut secret(&first, listening_at(&served)));
        std::fs::write(pair.certificate(), &good_one).unwrap();
        pair.renew();
        let id = served.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        let second = pair.usual_client();
        eventually("the new one is shown", || async {
            asked(&mut secret(&second, listening_at(&served)), HEALTH).is_ok().then_some(())
        })
        .await;
        assert!(asked(&mut secret(&first, listening_at(&served)), HEALTH).is_err(), "the old one is gone");
        assert_eq!(said(), 1, "{}", std::fs::read_to_string(&log).unwrap());
    });
}

/// The program with a certificate, its log in a file or nowhere.
fn served(folder: &Path, pair: &Pair, log: Option<&Path>) -> Served {
    let ready = folder.join("ready");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--ready-file", ready.to_str().unwrap()];
    let mut command = program(folder, &arguments);
    pair.environment(&mut command);
    let log = log.map_or_else(Stdio::null, |log| std::fs::File::create(log).unwrap().into());
    let mut served = Served { child: command.stdout(Stdio::piped()).stderr(log).spawn().unwrap(), base: String::new() };
    let until = Instant::now() + Duration::from_secs(60);
    while !ready.exists() {
        assert!(served.child.try_wait().unwrap().is_none() && Instant::now() < until, "the server does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    served.base = std::fs::read_to_string(&ready).unwrap().trim().to_owned();
    served
}

#[test]
fn a_pair_that_cannot_be_is_refused_before_anything_is_made() {
    let (one, other, folder) = (Pair::new(), Pair::new(), tempfile::tempdir().unwrap());
    let missing = folder.path().join("nowhere.pem");
    for (certificate, key, expected) in [
        (Some(one.certificate()), None, "tls_certificate is set and tls_key is not"),
        (None, Some(one.key()), "tls_key is set and tls_certificate is not"),
        (Some(missing.clone()), Some(one.key()), "nowhere.pem"),
        (Some(one.certificate()), Some(missing), "nowhere.pem"),
        (Some(one.key()), Some(one.certificate()), "holds no certificate"),
        (Some(one.certificate()), Some(one.certificate()), "holds no private key"),
        (Some(one.certificate()), Some(other.key()), "do not belong together"),
        (Some(folder.path().to_owned()), Some(one.key()), "tls_certificate"),
    ] {
        let mut command = program(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        certificate.map(|path| command.env("WAYMARK_TLS_CERTIFICATE", path));
        key.map(|path| command.env("WAYMARK_TLS_KEY", path));
        let said = bad(&command.output().unwrap(), 1);
        assert!(said.starts_with("waymark: configuration: ") && said.contains(expected), "{expected}: {said}");
        assert!(!folder.path().join("waymark.db").exists(), "{expected}");
    }
}

/// Whether a program is there; what is not cannot be a witness.
fn there(name: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {name}")]).stdout(Stdio::null()).status();
    let found = found.is_ok_and(|status| status.success());
    if !found {
        eprintln!("{name} is not installed: not asked");
    }
    found
}

#[test]
fn other_peoples_clients() {
    play(Kind::Sqlite, |place| async move {
        let pair = Pair::new();
        let stage = serve(&place, &pair, |_| {});
        let (certificate, port) = (pair.certificate().display().to_string(), stage.address.port());
        let shell = |script: &str| {
            let out = Command::new("sh").args(["-c", script]).stdin(Stdio::null()).output().unwrap();
            (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
        };
        if there("openssl") {
            for (flag, version) in [("-tls1_2", Some("TLSv1.2")), ("-tls1_3", Some("TLSv1.3")), ("-tls1_1", None)] {
                let ask = "printf 'GET /healthz HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n'";
                let (good, said) = shell(&format!(
                    "{ask} | openssl s_client -connect 127.0.0.1:{port} -servername localhost -CAfile {certificate} \
                     -verify_return_error -verify_hostname localhost -alpn http/1.1 -ign_eof {flag}"
                ));
                match version {
                    Some(version) => {
                        assert!(good && said.contains(version) && said.contains("Verify return code: 0 (ok)"), "{flag}: {said}");
                        assert!(said.contains("ALPN protocol: http/1.1") && said.contains("HTTP/1.1 200 OK"), "{flag}: {said}");
                    }
                    None => assert!(!good, "{flag}: {said}"),
                }
            }
        }
        if there("curl") {
            let (good, said) = shell(&format!("curl -sS --http2 --cacert {certificate} https://localhost:{port}/healthz"));
            assert!(good && said.contains("\"ok\""), "{said}");
            let (good, said) = shell(&format!("curl -sS https://localhost:{port}/healthz"));
            assert!(!good && said.to_lowercase().contains("certificate"), "{said}");
            let (_, said) = shell(&format!("curl -sS http://localhost:{port}/healthz"));
            assert!(said.contains("This port speaks TLS"), "{said}");
        }
        if there("python3") {
            let script = format!(
                "import ssl, urllib.request as u; c = ssl.create_default_context(cafile='{certificate}')\n\
                 print(u.urlopen('https://localhost:{port}/healthz', context=c).read())"
            );
            let (good, said) = shell(&format!("python3 -c \"{script}\""));
            assert!(good && said.contains("ok"), "{said}");
        }
        all_gone(&stage).await;
    });
}

#[test]
fn the_first_start_health_and_the_tools_for_agents() {
    let (pair, folder) = (Pair::new(), tempfile::tempdir().unwrap());
    let served = served(folder.path(), &pair, None);
    assert!(served.base.starts_with("https://127.0.0.1:"), "{}", served.base);
    let address = served.base.strip_prefix("https://").unwrap();
    let mut health = program(folder.path(), &["health"]);
    pair.environment(&mut health);
    assert_eq!(good(&health.env("WAYMARK_LISTEN", address).output().unwrap()), "ok\n");
    let plain = bad(&program(folder.path(), &["health"]).env("WAYMARK_LISTEN", address).output().unwrap(), 1);
    assert!(plain.contains("answers 400"), "{plain}");

    // The tools call the API with certificates verified, as the system trusts them or SSL_CERT_FILE says.
    let token = good(&run(folder.path(), &["token", "--scopes", "lessons:read"]));
    let call = |trusted: bool| {
        let url = format!("https://localhost:{}", address.rsplit(':').next().unwrap());
        let mut command = program(folder.path(), &["mcp", "--url", &url]);
        if trusted {
            command.env("SSL_CERT_FILE", pair.certificate());
        }
        let mut child = command
            .env("WAYMARK_TOKEN", token.trim())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = [
            serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params":
                {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}}),
            serde_json::json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
            serde_json::json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params":
                {"name": "read_lesson", "arguments": {"lesson": slug()}}}),
        ];
        let mut to = child.stdin.take().unwrap();
        lines.iter().for_each(|line| writeln!(to, "{line}").unwrap());
        let from = std::io::BufReader::new(child.stdout.take().unwrap());
        let answered = std::io::BufRead::lines(from).map_while(Result::ok).find(|line| line.contains("\"id\":2"));
        drop(to);
        let _ = child.kill();
        let _ = child.wait();
        answered.unwrap()
    };
    let refused = call(false);
    assert!(refused.contains("\"isError\":true"), "{refused}");
    let lesson = call(true);
    assert!(!lesson.contains("\"isError\":true") && lesson.contains(&slug()), "{lesson}");

    // What the first start prints can be pasted.
    let mut served = served;
    let mut printed = String::new();
    let id = served.child.id().to_string();
    if there("curl") {
        let mut from = std::io::BufReader::new(served.child.stdout.take().unwrap());
        while !printed.contains("curl ") {
            assert!(std::io::BufRead::read_line(&mut from, &mut printed).unwrap() > 0, "{printed}");
        }
        let script: String = printed
            .lines()
            .filter(|line| line.starts_with("  TOKEN=") || line.starts_with("  curl"))
            .map(|line| format!("{line}\n"))
            .collect();
        assert!(printed.contains(&format!("listening on {}", served.base)) && script.contains("https://"), "{printed}");
        let out = Command::new("sh").args(["-c", &script]).output().unwrap();
        let body: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap_or_default();
        assert!(body["items"].is_array(), "{script}{out:?}");
    }
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert!(served.child.wait().unwrap().success());
}

/// A stop waits for no handshake.
#[test]
fn a_stop_ends_handshakes() {
    let (pair, folder) = (Pair::new(), tempfile::tempdir().unwrap());
    let mut served = served(folder.path(), &pair, None);
    let mut socket = listening_at(&served);
    socket.write_all(&client_hello(&pair)[..9]).unwrap();
    is_served(&mut secret(&pair.usual_client(), listening_at(&served)));
    let begun = Instant::now();
    assert!(Command::new("kill").args(["-TERM", &served.child.id().to_string()]).status().unwrap().success());
    assert!(served.child.wait().unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(15), "the stop waited for a handshake: {:?}", begun.elapsed());
    rest(socket);
}
