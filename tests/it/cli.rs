//! The command line, run as a user would: the binary, a clean environment, a directory of its own.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use waymark::auth::roles::RoleBundle;
use waymark::auth::{Scope, Scopes};
use waymark::clock::Clock;

use crate::harness::{Kind, on_thread, play, root};

/// The binary in `directory`, with nothing in its environment but what a process needs.
pub fn waymark(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_waymark"));
    command.args(arguments).current_dir(directory).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", directory);
    command.stdin(Stdio::null());
    command
}

pub fn run(directory: &Path, arguments: &[&str]) -> Output {
    waymark(directory, arguments).output().unwrap()
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
pub fn good(output: &Output) -> String {
    assert!(output.status.success(), "{:?}: {} {}", output.status, out(output), err(output));
    out(output)
}

#[track_caller]
pub fn bad(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{} {}", out(output), err(output));
    assert_eq!(out(output), "", "a failure prints nothing on standard output");
    err(output)
}

/// A server that ends with the test.
pub struct Served {
    pub child: Child,
    pub base: String,
}

impl Served {
    pub fn start(directory: &Path, more: &[&str]) -> Served {
        let ready = directory.join("ready");
        let _ = std::fs::remove_file(&ready);
        let arguments = [&["serve", "--listen", "127.0.0.1:0", "--ready-file", ready.to_str().unwrap()], more].concat();
        let mut child = waymark(directory, &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let until = Instant::now() + Duration::from_secs(60);
        while !ready.exists() {
            if let Some(status) = child.try_wait().unwrap() {
                let mut text = String::new();
                child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
                panic!("the server ended: {status}: {text}");
            }
            assert!(Instant::now() < until, "the server is not ready after a minute");
            std::thread::sleep(Duration::from_millis(20));
        }
        let base = std::fs::read_to_string(&ready).unwrap().trim().to_owned();
        Served { child, base }
    }

    /// The status of a GET.
    pub fn get(&self, path: &str, token: Option<&str>) -> u16 {
        let (url, token) = (format!("{}{path}", self.base), token.map(str::to_owned));
        on_thread(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let request = reqwest::Client::builder().no_proxy().build().unwrap().get(url);
                let request = token.into_iter().fold(request, |request, token| request.bearer_auth(token));
                request.send().await.unwrap().status().as_u16()
            })
        })
    }

    /// SIGTERM, and what it printed.
    pub fn end(mut self) -> (std::process::ExitStatus, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let status = self.child.wait().unwrap();
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        (status, text)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a server in `directory` writes into the file `log` at its most talkative, while `ask` (its URL, a token with every
/// scope) asks it.
pub fn log_of(
    directory: &Path,
    log: &Path,
    ask: impl FnOnce(String, String) -> std::pin::Pin<Box<dyn Future<Output = ()>>> + Send + 'static,
) -> String {
    let ready = directory.join("ready");
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--ready-file", ready.to_str().unwrap()];
    let mut command = waymark(directory, &arguments);
    command.env("WAYMARK_LOG", "trace").stdout(Stdio::null()).stderr(std::fs::File::create(log).unwrap());
    let mut server = Served { child: command.spawn().unwrap(), base: String::new() };
    let until = Instant::now() + Duration::from_secs(60);
    while !ready.exists() {
        assert!(
            server.child.try_wait().unwrap().is_none() && Instant::now() < until,
            "{}",
            std::fs::read_to_string(log).unwrap()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    server.base = std::fs::read_to_string(&ready).unwrap().trim().to_owned();
    let (base, token) = (server.base.clone(), good(&run(directory, &["token", "--scopes", "diagnoses:run"])).trim().to_owned());
    on_thread(move || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(ask(base, token)));
    drop(server);
    std::fs::read_to_string(log).unwrap()
}

#[test]
fn help_names_every_command_and_key() {
    let directory = tempfile::tempdir().unwrap();
    let help = good(&run(directory.path(), &["--help"]));
    for word in ["serve", "token", "client", "tenant", "migrate", "openapi", "check", "--listen", "--database-url"] {
        assert!(help.contains(word), "{word} is not in --help: {help}");
    }
    let help = good(&run(directory.path(), &["serve", "--help"]));
    for key in waymark::config::KEYS {
        assert!(help.contains(key.env), "{} is not in `serve --help`", key.env);
    }
    bad(&run(directory.path(), &["nonsense"]), 2);
    bad(&run(directory.path(), &["token"]), 2);
    assert!(good(&run(directory.path(), &["--version"])).starts_with("waymark "));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "help makes no file");
}

#[test]
fn the_first_start_needs_no_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let served = Served::start(directory.path(), &[]);
    assert_eq!(served.get("/healthz", None), 200);
    assert_eq!(served.get("/readyz", None), 200);
    assert!(directory.path().join("waymark.db").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for file in ["waymark.db", "waymark.db-wal"] {
            let mode = std::fs::metadata(directory.path().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file} holds signing keys");
        }
    }
    // A second one on the same database is told so, and harms nothing.
    let text = bad(&run(directory.path(), &["serve", "--listen", "127.0.0.1:0"]), 1);
    assert!(text.contains("another server") && text.contains("--database-url"), "{text}");
    // The command line works beside it.
    let token = good(&run(directory.path(), &["token", "--scopes", "lessons:read"]));
    assert_eq!(served.get("/v1/lessons", Some(token.trim())), 200);
    let (status, text) = served.end();
    assert!(status.success(), "SIGTERM is a clean end: {status}");
    for part in ["listening on http://127.0.0.1:", "/docs", "client_id", "client_secret  wms_", "TOKEN=eyJ", "curl -s -H"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let again = Served::start(directory.path(), &[]);
    let (_, text) = again.end();
    assert!(!text.contains("client_secret") && !text.contains("TOKEN="), "secrets are shown once: {text}");
}

both!(a_token_is_one_line, |place: Place| {
    let url = place.url();
    let directory = tempfile::tempdir().unwrap();
    let made = run(directory.path(), &["migrate", "--database-url", &url]);
    assert!(err(&made).contains("client_secret"), "a new database's administrator is told on standard error");
    let early = run(directory.path(), &["token", "--scopes", "lessons:read", "--database-url", &url]);
    assert!(err(&early).contains("no service was started") && err(&early).contains("http://localhost:8080"), "{}", err(&early));
    let stage = place.serve();
    let later = run(directory.path(), &["token", "--scopes", "lessons:read", "--database-url", &url]);
    assert_eq!(err(&later), "");
    let token = good(&later);
    assert_eq!(token.lines().count(), 1);
    assert_eq!(token.trim().split('.').count(), 3);
    stage.get("/v1/lessons").token(token.trim()).send().await.ok();
    let tell = |arguments: &[&str]| run(directory.path(), &[arguments, &["--database-url", &url]].concat());
    let learners = good(&tell(&["token", "--scopes", "lessons:read attempts:write", "--learner", "anna", "--ttl", "5m"]));
    stage.get("/v1/lessons").token(learners.trim()).send().await.ok();
    let claims = |token: &str| -> Value {
        use base64::Engine;
        let part = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    let (one, two) = (claims(&learners), claims(&good(&tell(&["token", "--scopes", "lessons:read", "--learner", "anna"]))));
    assert_eq!((&one["principal_type"], &one["sub"]), (&"learner".into(), &two["sub"]), "the same learner again");
    assert_eq!(one["exp"].as_i64().unwrap() - one["iat"].as_i64().unwrap(), 300);
    for wrong in [
        &["token", "--scopes", "nonsense"][..],
        &["token", "--scopes", ""],
        &["token", "--scopes", "lessons:read", "--ttl", "1"],
        &["token", "--scopes", "lessons:read", "--ttl", "25h"],
        &["token", "--scopes", "lessons:read", "--tenant", "nobody"],
        &["token", "--scopes", "clients:admin", "--learner", "anna"],
    ] {
        let text = bad(&tell(wrong), 1);
        assert!(text.starts_with("waymark: ") && text.lines().count() == 1, "{wrong:?}: {text}");
    }
});

both!(
    /// A command in a wrong folder, or on a wrong server, makes no second database.
    a_missing_database_is_an_error_for_all_but_serve_and_migrate, |place: Place| {
    let directory = tempfile::tempdir().unwrap();
    let folder = root().join("lessons");
    let folder = folder.to_str().unwrap();
    for arguments in [
        &["token", "--scopes", "lessons:read"][..],
        &["client", "create", "x", "--scopes", "lessons:read"],
        &["client", "list"],
        &["client", "disable", "01a20a57-2992-742b-bd92-5ffc53ec2658"],
        &["client", "rotate", "01a20a57-2992-742b-bd92-5ffc53ec2658"],
        &["tenant", "create", "x"],
        &["tenant", "list"],
        &["lessons", "import", folder],
        &["lessons", "import", folder, "--dry-run"],
        &["lessons", "export", "out"],
    ] {
        let code = if arguments.last() == Some(&"--dry-run") { 2 } else { 1 };
        let why = bad(&run(directory.path(), &[arguments, &["--database-url", &place.url()]].concat()), code);
        let where_it_looked = place.url().rsplit('/').next().unwrap().to_owned();
        for word in ["there is no database of Waymark", &where_it_looked, "--database-url", "waymark serve"] {
            assert!(why.contains(word), "{arguments:?} says no {word:?}: {why}");
        }
        assert_eq!(why.lines().count(), 1, "{why}");
        if !place.is_postgres() {
            let beside = std::path::PathBuf::from(place.url().trim_start_matches("sqlite:"));
            assert_eq!(std::fs::read_dir(beside.parent().unwrap()).unwrap().count(), 0, "{arguments:?} made something");
        }
    }
    // By default it is looked for in the folder, which is named.
    let why = bad(&run(directory.path(), &["token", "--scopes", "lessons:read"]), 1);
    assert!(why.contains(&format!("{}/waymark.db", directory.path().canonicalize().unwrap().display())), "{why}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    // An empty file, which a start that was killed may leave, is no database either.
    std::fs::write(directory.path().join("waymark.db"), "").unwrap();
    bad(&run(directory.path(), &["client", "list"]), 1);
    std::fs::write(directory.path().join("waymark.db"), "These are notes, and no database.".repeat(40)).unwrap();
    bad(&run(directory.path(), &["client", "list"]), 1);
    let notes = std::fs::read_to_string(directory.path().join("waymark.db")).unwrap();
    assert!(notes.starts_with("These are notes"));
    run(directory.path(), &["migrate", "--database-url", &place.url()]);
    assert!(good(&run(directory.path(), &["tenant", "list", "--database-url", &place.url()])).contains("default"));
});

both!(
    /// The URL under which the service was last started is in the database, and tokens are made for it.
    tokens_are_for_the_url_that_is_served, |place: Place| {
    let directory = tempfile::tempdir().unwrap();
    let url = place.url();
    let token = |more: Option<&str>| {
        let mut command = waymark(directory.path(), &["token", "--scopes", "lessons:read", "--database-url", &url]);
        command.envs(more.map(|url| ("WAYMARK_PUBLIC_URL", url)));
        command.output().unwrap()
    };
    // Migrated first, without the URL: neither it nor the base of the IRIs is settled by that.
    good(&run(directory.path(), &["migrate", "--database-url", &url]));
    let (one, two) = ("https://one.example", "https://two.example/waymark");
    for served in [one, two, one] {
        let stage = place.serve_with(|config| config.public_url = served.to_owned(), Clock::system());
        let made = good(&token(None));
        stage.get("/v1/lessons").token(made.trim()).send().await.ok();
        let iri = stage.get("/v1/lessons").token(made.trim()).send().await.ok().json()["items"][0]["iri"].clone();
        assert!(iri.as_str().unwrap().starts_with("https://one.example/"), "{iri} has the base of the first start");
        stage.get("/v1/lessons").token(good(&token(Some(served))).trim()).send().await.ok();
        let other = if served == one { two } else { one };
        let why = bad(&token(Some(other)), 1);
        assert!(why.contains(served) && why.contains(other) && why.contains("WAYMARK_PUBLIC_URL"), "{why}");
        stage.stop();
    }
    // A token of before is refused; why is told to the operator.
    let old = good(&token(None));
    let stage = place.serve_with(|config| config.public_url = two.to_owned(), Clock::system());
    stage.get("/v1/lessons").token(old.trim()).send().await.problem(401, "token_invalid");
    let file = directory.path().join("token");
    std::fs::write(&file, &old).unwrap();
    let check = || run(directory.path(), &["token", "--check", file.to_str().unwrap(), "--database-url", &url]);
    let why = bad(&check(), 1);
    assert!(why.contains("its claim iss does not hold"), "{why}");
    std::fs::write(&file, good(&token(None))).unwrap();
    assert!(good(&check()).starts_with("accepted\n"));
});

both!(
    /// A lost secret: the client gets another one and stays who it was, so that its learners are found again.
    a_lost_secret_is_rotated, |place: Place| {
    let directory = tempfile::tempdir().unwrap();
    let url = place.url();
    let stage = place.serve();
    let tell = |arguments: &[&str]| run(directory.path(), &[arguments, &["--database-url", &url]].concat());
    let id = stage.administrator.to_string();
    let lost = stage.secret.clone().unwrap();
    let ask = |secret: &str| {
        let form = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret)];
        stage.post("/oauth/token").form(&form).send()
    };
    let anna = |token: &str| {
        let body = serde_json::json!({"name": "Anna"});
        stage.call("PUT", "/v1/learners/by-identity?id=anna").token(token).json(&body).send()
    };
    let token = ask(&lost).await.ok().json()["access_token"].as_str().unwrap().to_owned();
    let before = anna(&token).await;
    assert!([200, 201].contains(&before.status), "{}", before.text());

    let made = good(&tell(&["client", "rotate", &id]));
    let field = |name: &str| made.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    assert_eq!(field("client_id"), id, "the client keeps its id");
    let secret = field("client_secret");
    assert_ne!(secret, lost);
    ask(&lost).await.is(401);
    let token = ask(&secret).await.ok().json()["access_token"].as_str().unwrap().to_owned();
    let after = anna(&token).await.ok();
    assert_eq!(before.json()["id"], after.json()["id"], "the same learner");

    // Only a client that is there, of this tenant, and not disabled.
    bad(&tell(&["client", "rotate", "nonsense"]), 1);
    assert!(bad(&tell(&["client", "rotate", &uuid::Uuid::now_v7().to_string()]), 1).contains("no client"));
    good(&tell(&["tenant", "create", "other"]));
    assert!(bad(&tell(&["client", "rotate", &id, "--tenant", "other"]), 1).contains("no client"));
    ask(&secret).await.ok();
    good(&tell(&["client", "disable", &id]));
    assert!(bad(&tell(&["client", "rotate", &id]), 1).contains("disabled"));
});

#[test]
fn help_lists_the_scopes() {
    let directory = tempfile::tempdir().unwrap();
    for command in [&["client", "create", "--help"][..], &["token", "--help"]] {
        let help = good(&run(directory.path(), command));
        for scope in waymark::auth::Scope::ALL {
            assert!(help.contains(scope.name()) && help.contains(scope.meaning()), "{} is not in {command:?}", scope.name());
        }
    }
}

both!(clients_and_tenants, |place: Place| {
    let url = place.url();
    let directory = tempfile::tempdir().unwrap();
    let tell = |arguments: &[&str]| run(directory.path(), &[arguments, &["--database-url", &url]].concat());
    assert!(good(&tell(&["migrate"])).starts_with("applied "));
    assert_eq!(good(&tell(&["migrate"])), "up to date\n");
    let made = good(&tell(&["client", "create", "our LMS", "--scopes", "lessons:read learners:act"]));
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    let (id, secret) = (field(&made, "client_id"), field(&made, "client_secret"));
    let teacher =
        field(&good(&tell(&["client", "create", "teacher", "--role", "instructor", "--scopes", "audit:read"])), "client_id");
    let given = RoleBundle::Instructor.scopes().either(Scopes::of(&[Scope::AuditRead])).to_string();
    assert!(good(&tell(&["client", "list"])).lines().any(|line| line.contains(&teacher) && line.contains(&given)));
    bad(&tell(&["client", "create", "x", "--role", "owner"]), 1);
    bad(&tell(&["client", "create", "x"]), 1);
    let list = good(&tell(&["client", "list"]));
    assert!(list.contains(&id) && list.contains("our LMS") && list.contains("lessons:read learners:act"), "{list}");
    assert!(!list.contains(&secret) && list.contains("administrator"), "{list}");
    let stage = place.serve();
    let form = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    stage.post("/oauth/token").form(&form).send().await.ok();
    assert_eq!(good(&tell(&["client", "disable", &id])), format!("disabled {id}\n"));
    stage.post("/oauth/token").form(&form).send().await.is(401);
    assert!(good(&tell(&["client", "list"])).lines().any(|line| line.contains(&id) && line.contains("disabled")));
    bad(&tell(&["client", "disable", &uuid::Uuid::now_v7().to_string()]), 1);
    bad(&tell(&["client", "disable", "nonsense"]), 1);
    bad(&tell(&["client", "create", "x", "--scopes", "nonsense"]), 1);

    let made = good(&tell(&["tenant", "create", "school-two"]));
    let tenants = good(&tell(&["tenant", "list"]));
    assert!(tenants.contains("default") && tenants.contains("school-two"), "{tenants}");
    bad(&tell(&["tenant", "create", "school-two"]), 1);
    bad(&tell(&["tenant", "create", "Not A Name"]), 1);
    let (id, secret) = (field(&made, "client_id"), field(&made, "client_secret"));
    assert!(!good(&tell(&["client", "list"])).contains(&id), "another tenant's client is not listed");
    assert!(bad(&tell(&["client", "disable", &id]), 1).contains("no client"));
    let form = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    stage.post("/oauth/token").form(&form).send().await.ok();
    for _ in 0..2 {
        assert_eq!(good(&tell(&["tenant", "suspend", "school-two"])), "suspended school-two\n");
        assert!(good(&tell(&["tenant", "list"])).contains("school-two  suspended"));
        stage.post("/oauth/token").form(&form).send().await.is(401);
    }
    assert_eq!(good(&tell(&["tenant", "resume", "school-two"])), "resumed school-two\n");
    stage.post("/oauth/token").form(&form).send().await.ok();
    let quota = |settings: &[&str]| good(&tell(&[&["tenant", "quota", "school-two"], settings].concat()));
    let line = |text: &str, name: &str| text.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert_eq!(line(&quota(&[]), "drafts"), "drafts           1000  default");
    for _ in 0..2 {
        let set = quota(&["drafts=50", "records_per_day=7", "signals=0"]);
        assert_eq!(line(&set, "drafts"), "drafts           50");
        assert_eq!(line(&set, "signals"), "signals          no limit");
    }
    // What is not named stays; the last of two of one name counts.
    let set = quota(&["drafts=9", "drafts=default"]);
    assert_eq!(line(&set, "drafts"), "drafts           1000  default");
    assert_eq!(line(&set, "records_per_day"), "records_per_day  7");
    for wrong in ["drafts", "draft=1", "drafts=-1", "drafts=many", "drafts=1000000000000001", "=1"] {
        bad(&tell(&["tenant", "quota", "school-two", wrong]), 1);
    }
    bad(&tell(&["tenant", "quota", "nobody"]), 1);
    assert!(bad(&tell(&["tenant", "suspend", "default"]), 1).contains("runs the installation"));
    bad(&tell(&["tenant", "suspend", "nobody"]), 1);
});

#[test]
fn typing_errors_in_the_configuration_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let text = bad(&waymark(directory.path(), &["serve"]).env("WAYMARK_LISTN", "127.0.0.1:1").output().unwrap(), 1);
    assert!(text.contains("WAYMARK_LISTN") && text.contains("WAYMARK_LISTEN"), "{text}");
    for url in [
        "postgress://u:s3cret@host/db",
        "postgres:/u:s3cret@host/db",
        "mysql://u:s3cret@host/db",
        "u:s3cret@host/db",
        "postgres://u:s3cret@really@host/db",
        "postgres",
        "sqlite:",
        "localhost:5432",
        "waymark.db?mode=rwc",
    ] {
        let text = bad(&waymark(directory.path(), &["migrate"]).env("DATABASE_URL", url).output().unwrap(), 1);
        assert!(text.contains("database_url") && !text.contains("s3cret"), "{url}: {text}");
        let flag = run(directory.path(), &["serve", "--database-url", url]);
        bad(&flag, 1);
    }
    for (key, value) in [
        ("WAYMARK_LISTEN", "nonsense"),
        ("WAYMARK_PUBLIC_URL", "ftp://x"),
        ("WAYMARK_KEY_SECRET", "short"),
        ("WAYMARK_MIGRATE", "maybe"),
        ("WAYMARK_DATABASE_POOL", "0"),
        ("WAYMARK_MAX_BODY_BYTES", "-1"),
        ("WAYMARK_METRICS_LISTEN", "x"),
        ("WAYMARK_CORS_ORIGINS", "https://a.example/"),
    ] {
        let text = bad(&waymark(directory.path(), &["migrate"]).env(key, value).output().unwrap(), 1);
        let name = key.trim_start_matches("WAYMARK_").to_lowercase();
        assert!(text.contains(&name), "{key}: {text}");
        assert!(key != "WAYMARK_KEY_SECRET" || !text.contains("short"), "{text}");
    }
    std::fs::write(directory.path().join("c.toml"), "listn = \"x\"").unwrap();
    let text = bad(&run(directory.path(), &["migrate", "--config", "c.toml"]), 1);
    assert!(text.contains("listn"), "{text}");
    std::fs::remove_file(directory.path().join("c.toml")).unwrap();
    let left: Vec<_> = std::fs::read_dir(directory.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.is_empty(), "nothing was made: {left:?}");
}

#[test]
fn a_server_that_is_not_there_is_told_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let text = bad(&run(directory.path(), &["migrate", "--database-url", "postgres://u:s3cret@127.0.0.1:1/none"]), 1);
    assert!(!text.contains("s3cret"), "{text}");
}

#[test]
fn the_port_may_be_taken() {
    let directory = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = err(&run(directory.path(), &["serve", "--listen", &address]));
    assert!(text.contains("--listen"), "{text}");
}

#[test]
fn the_document_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let printed = good(&run(directory.path(), &["openapi"]));
    let value: Value = serde_json::from_str(&printed).unwrap();
    assert!(value["paths"].as_object().unwrap().len() > 8);
    let checked_in = root().join("openapi/waymark.json");
    if checked_in.exists() {
        let same = std::fs::read_to_string(&checked_in).unwrap() == printed;
        assert!(same, "openapi/waymark.json is out of date: run script/update");
    }
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "it needs no database");
}

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = (entry.as_ref().unwrap().path(), entry.as_ref().unwrap().file_name());
        if path.is_dir() {
            copied(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

#[test]
fn check_tells_by_its_exit_code() {
    let directory = tempfile::tempdir().unwrap();
    let inside = run(directory.path(), &["check"]);
    assert_eq!(inside.status.code(), Some(0), "{}", out(&inside));
    let folder = directory.path().join("lessons");
    copied(&root().join("lessons"), &folder);
    assert_eq!(run(directory.path(), &["check", "lessons"]).status.code(), Some(0));
    let quiz = folder.join(crate::harness::slug()).join("quiz.yaml");
    let text = std::fs::read_to_string(&quiz).unwrap();
    // A wrong key is a finding; an unknown field is one with its line.
    let line = text.lines().rev().find(|line| line.trim_start() == "key: trained").unwrap();
    std::fs::write(&quiz, text.replacen(line, &format!("{}key: nothing", &line[..line.len() - line.trim_start().len()]), 1))
        .unwrap();
    let wrong = run(directory.path(), &["check", "lessons"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(out(&wrong).contains("quiz.yaml") && out(&wrong).contains("key"), "{}", out(&wrong));
    let json: Value = serde_json::from_str(&out(&run(directory.path(), &["check", "lessons", "--json"]))).unwrap();
    let finding = &json["findings"][0];
    assert!(finding["file"].as_str().unwrap().ends_with("quiz.yaml") && finding["line"].is_u64(), "{json}");
    assert_eq!((finding["rule"].as_str(), finding["severity"].as_str()), (Some("item-key"), Some("error")));
    assert!(json["quizzes"][0]["by"]["longest"].is_f64(), "{json}");
    std::fs::write(&quiz, format!("{text}\nsurely_unknown: 1\n")).unwrap();
    let wrong = out(&run(directory.path(), &["check", "lessons"]));
    assert!(wrong.contains("surely_unknown") && wrong.contains("quiz.yaml:"), "{wrong}");
    bad(&run(directory.path(), &["check", "nowhere"]), 1);
    // Advice alone is no failure.
    let parsed: Value = serde_saphyr::from_str(&text).unwrap();
    let option = parsed["items"][0]["options"][0]["text"]["en"].as_str().unwrap();
    std::fs::write(&quiz, text.replacen(option, &format!("Always {option}"), 1)).unwrap();
    let advice = run(directory.path(), &["check", "lessons"]);
    assert_eq!(advice.status.code(), Some(0), "{}", out(&advice));
    assert!(out(&advice).contains("advice: ") && out(&advice).contains("[item-absolute]"), "{}", out(&advice));
    assert!(String::from_utf8_lossy(&advice.stderr).contains("guessing by form"));
    // What is copied from a text that is given.
    let seed = directory.path().join("seed.txt");
    std::fs::write(&seed, "Nothing of it.").unwrap();
    assert_eq!(run(directory.path(), &["check", "--seed", "seed.txt"]).status.code(), Some(0));
    std::fs::write(&seed, &text).unwrap();
    let copied = run(directory.path(), &["check", "--seed", "seed.txt"]);
    assert_eq!(copied.status.code(), Some(1));
    assert!(out(&copied).contains("[seed-copied]"));
}

/// What a killed server had answered is there when the next one starts.
#[test]
fn a_killed_server_leaves_a_good_database() {
    play(Kind::Sqlite, |place| async move {
        let directory = tempfile::tempdir().unwrap();
        let url = place.url();
        let mut served = Served::start(directory.path(), &["--database-url", &url]);
        let token = good(&run(directory.path(), &["token", "--scopes", "lessons:read", "--database-url", &url]));
        served.child.kill().unwrap();
        served.child.wait().unwrap();
        let again = Served::start(directory.path(), &["--database-url", &url]);
        assert_eq!(again.get("/v1/lessons", Some(token.trim())), 200);
    });
}

/// Two processes on one PostgreSQL, the second started while the first serves.
#[test]
fn several_processes_share_one_postgresql() {
    play(Kind::Postgres, |place| async move {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let url = place.url();
        let first = Served::start(one.path(), &["--database-url", &url]);
        let second = Served::start(two.path(), &["--database-url", &url]);
        let token = good(&run(one.path(), &["token", "--scopes", "lessons:read", "--database-url", &url]));
        for served in [&first, &second] {
            assert_eq!(served.get("/v1/lessons", Some(token.trim())), 200);
        }
    });
}
