//! The stage that tests play on: a database of their own, and a whole service in this process on a real socket.
//!
//! [`both!`] makes two tests of one body. A [`Place`] is a database without a server; [`Place::serve`] puts one on it.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::web::Data;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::Value;
use waymark::auth::tokens::Grant;
use waymark::auth::{Principal, Scopes, Who};
use waymark::clock::Clock;
use waymark::config::{Config, Database, Lessons};
use waymark::db::types::Id;
use waymark::db::{Conn, Stored, connect::Opener};
use waymark::doors::Doors;
use waymark::lessons::source::{self, Curriculum};
use waymark::quotas::TenantQuotas;
use waymark::rates::cell::LARGEST_QUOTA;
use waymark::server;
use waymark::state::AppState;

/// Makes two tests of one body: `both!(name, |stage| { ... })`. `stage` is a running service; `|place: Place|` gives the
/// database alone.
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, |$place:ident : Place| $body:block) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "not every body names something of its file")]
            use super::*;
            #[test]
            fn sqlite() {
                $crate::harness::play($crate::harness::Kind::Sqlite, |$place| async move $body);
            }
            #[test]
            fn postgres() {
                $crate::harness::play($crate::harness::Kind::Postgres, |$place| async move $body);
            }
        }
    };
    ($(#[$meta:meta])* $name:ident, |$stage:ident| $body:block) => {
        both!($(#[$meta])* $name, |place: Place| {
            let $stage = place.serve();
            $body
        });
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// Runs one body on one kind of database.
pub fn play<F: Future<Output = ()>>(kind: Kind, body: impl FnOnce(Place) -> F) {
    waymark::install_crypto();
    let place = Place::new(kind);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, body(place));
}

/// A database that exists as long as this does.
#[derive(Clone)]
pub struct Place {
    pub config: Config,
    _keep: Arc<Keep>,
}

enum Keep {
    Directory { _directory: tempfile::TempDir },
    Postgres { admin: Box<Config>, name: String },
}

impl Drop for Keep {
    fn drop(&mut self) {
        if let Keep::Postgres { admin, name } = self {
            let (admin, name) = (admin.clone(), name.clone());
            let dropped = on_thread(move || Opener::new(&admin).open()?.batch(&format!("DROP DATABASE {name} WITH (FORCE)")));
            if let Err(problem) = dropped {
                eprintln!("cannot drop a test's database: {problem}");
            }
        }
    }
}

/// Runs `work` on a thread that is in no async runtime, as database work must be.
pub fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match std::thread::spawn(work).join() {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn usual_config(database: Database) -> Config {
    let mut config = Config::from_parts(&BTreeMap::new(), &BTreeMap::new(), "").unwrap();
    config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.database = database;
    config.database_pool = 4;
    config.workers = 2;
    config.lessons = Lessons::Given(given());
    // How much a test may ask does not depend on how fast this machine is; `rate_limits` has limits of its own.
    let rates = &mut config.rates;
    for quota in [&mut rates.address, &mut rates.token_endpoint, &mut rates.person, &mut rates.client] {
        quota.burst = LARGEST_QUOTA;
    }
    config
}

/// The URL of a server where tests may make databases.
pub fn postgres_url() -> String {
    std::env::var("WAYMARK_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("these tests need a PostgreSQL server of their own: run `script/with-postgres cargo test --test it`")
    })
}

impl Place {
    pub fn new(kind: Kind) -> Place {
        match kind {
            Kind::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                let config = usual_config(Database::Sqlite(directory.path().join("waymark.db")));
                Place { config, _keep: Arc::new(Keep::Directory { _directory: directory }) }
            }
            Kind::Postgres => {
                let admin_url = postgres_url();
                let name = format!("wm_test_{}", uuid::Uuid::new_v4().simple());
                let (server, _) = admin_url.rsplit_once('/').expect("WAYMARK_TEST_POSTGRES ends in a database's name");
                // As the role that owns it, whom the policies of its tables hold.
                let server = server.replacen("postgres@", "waymark@", 1);
                let config = usual_config(Database::Postgres(SecretString::from(format!("{server}/{name}"))));
                let admin = usual_config(Database::Postgres(SecretString::from(admin_url.clone())));
                let (asked, create) = (admin.clone(), format!("CREATE DATABASE {name} OWNER waymark"));
                on_thread(move || Opener::new(&asked).open()?.batch(&create)).expect("the test server makes a database");
                Place { config, _keep: Arc::new(Keep::Postgres { admin: Box::new(admin), name }) }
            }
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self.config.database, Database::Postgres(_))
    }

    /// The same database for who may do everything to a server; on SQLite that is everybody who can write the file.
    pub fn of_superuser(&self) -> Place {
        let mut place = self.clone();
        if let Database::Postgres(url) = &mut place.config.database {
            use secrecy::ExposeSecret;
            *url = SecretString::from(url.expose_secret().replacen("waymark@", "postgres@", 1));
        }
        place
    }

    /// The database as `DATABASE_URL` names it.
    pub fn url(&self) -> String {
        use secrecy::ExposeSecret;
        match &self.config.database {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.expose_secret().to_owned(),
        }
    }

    /// Runs `work` on a connection of its own, outside of every service.
    pub fn db<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Stored<T> + Send + 'static) -> T {
        let config = self.config.clone();
        let open = move || {
            // The service's own opener never makes a file.
            if let Database::Sqlite(path) = &config.database
                && !path.exists()
            {
                waymark::db::file::DatabaseFile::of(path)?.make()?;
            }
            Opener::new(&config).open()
        };
        on_thread(move || open().and_then(|mut conn| work(&mut conn)))
            .unwrap_or_else(|problem| panic!("the database said no: {problem}"))
    }

    /// The same in one transaction, which is committed unless `work` fails.
    pub fn transaction<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Stored<T> + Send + 'static) -> Stored<T> {
        self.db(|conn| {
            conn.batch(if conn.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" })?;
            let done = work(conn);
            conn.batch(if done.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            Ok(done)
        })
    }

    /// A connection that stays open, on a thread of its own.
    pub fn session(&self) -> Session {
        Session::open(&self.config)
    }

    pub fn serve(&self) -> Stage {
        self.serve_with(|_| {}, Clock::system())
    }

    pub fn serve_with(&self, change: impl FnOnce(&mut Config), clock: Clock) -> Stage {
        let mut config = self.config.clone();
        change(&mut config);
        Stage::start(self.clone(), config, clock)
    }
}

type Job = Box<dyn FnOnce(&mut Conn) + Send>;

/// One open connection; what is run on it runs in order.
#[derive(Clone)]
pub struct Session {
    jobs: mpsc::Sender<Job>,
}

impl Session {
    fn open(config: &Config) -> Session {
        let (jobs, todo) = mpsc::channel::<Job>();
        let opener = Opener::new(config);
        std::thread::spawn(move || {
            let mut conn = opener.open().unwrap_or_else(|problem| panic!("no connection: {problem}"));
            todo.into_iter().for_each(|job| job(&mut conn));
        });
        Session { jobs }
    }

    /// Runs `work` and waits for it.
    pub fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Conn) -> Stored<T> + Send + 'static) -> T {
        let (tell, done) = mpsc::channel();
        self.jobs.send(Box::new(move |conn| drop(tell.send(work(conn))))).unwrap();
        done.recv().expect("the session's thread lives").unwrap_or_else(|problem| panic!("the database said no: {problem}"))
    }

    pub fn batch(&self, sql: &'static str) {
        self.run(move |conn| conn.batch(sql));
    }
}

/// A running service.
pub struct Stage {
    pub place: Place,
    pub base: String,
    pub address: SocketAddr,
    /// Where metrics and health are, if the configuration has such a listener.
    pub within: Option<SocketAddr>,
    pub doors: Arc<Doors>,
    pub state: Data<AppState>,
    pub clock: Clock,
    pub tenant: Id,
    pub administrator: Id,
    /// The administrator's secret, where this start made the database.
    pub secret: Option<String>,
    /// The lessons that this start published.
    pub published: Vec<String>,
    http: reqwest::Client,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

struct Started {
    address: SocketAddr,
    within: Option<SocketAddr>,
    doors: Arc<Doors>,
    state: Data<AppState>,
    handle: ServerHandle,
    tenant: Id,
    administrator: Id,
    secret: Option<String>,
    published: Vec<String>,
}

impl Stage {
    fn start(place: Place, config: Config, clock: Clock) -> Stage {
        let (tell, started) = mpsc::channel();
        let time = clock.clone();
        let thread = std::thread::spawn(move || {
            let (state, first) = server::prepare(config, time).unwrap_or_else(|problem| panic!("cannot start: {problem}"));
            actix_web::rt::System::new().block_on(async move {
                let secret = first.new_administrator.as_ref().map(|(_, secret)| secret.clone());
                let (tenant, administrator) = (first.default_tenant, first.administrator.unwrap());
                let published = first.published.lessons.clone();
                let service = server::bind(state, first).unwrap();
                let (address, state, handle) = (service.address, service.state.clone(), service.server.handle());
                let (within, doors) = (service.within.as_ref().map(|(address, _)| *address), service.doors.clone());
                tell.send(Started { address, within, doors, state, handle, tenant, administrator, secret, published }).unwrap();
                server::run_until_stopped(service).await.unwrap();
            });
        });
        let Ok(started) = started.recv() else {
            match thread.join() {
                Err(panic) => std::panic::resume_unwind(panic),
                Ok(()) => panic!("the service ended before it served"),
            }
        };
        Stage {
            place,
            base: format!("http://{}", started.address),
            address: started.address,
            within: started.within,
            doors: started.doors,
            state: started.state,
            clock,
            tenant: started.tenant,
            administrator: started.administrator,
            secret: started.secret,
            published: started.published,
            http: new_client(),
            handle: started.handle,
            thread: Some(thread),
        }
    }

    /// Waits until the feed shows every record that was written. On PostgreSQL that takes until every transaction that is
    /// older has ended, those of other tests on the same server included.
    pub async fn settled(&self) {
        if self.place.is_postgres() {
            let place = &self.place;
            eventually("the feed shows what was written", || async {
                let hidden = "SELECT 1 / (count(*) = 0)::int FROM records \
                              WHERE epoch = current_epoch() AND xid >= pg_snapshot_xmin(pg_current_snapshot())";
                place.db(|conn| Ok(conn.batch(hidden).is_ok())).then_some(())
            })
            .await;
        }
    }

    /// Waits until the service has ended, so that another can take its place.
    pub fn stop(self) {}

    pub fn clean_id(&self) -> Id {
        Id(uuid::Uuid::now_v7())
    }

    /// A token of the administrator client with these scopes.
    pub fn token(&self, scopes: &str) -> String {
        self.token_of(Principal::Client(self.administrator), scopes)
    }

    /// A token with every scope there is.
    pub fn full_token(&self) -> String {
        self.token(&Scopes::all().to_string())
    }

    pub fn learner_token(&self, learner: Id, scopes: &str) -> String {
        self.token_of(Principal::Learner(learner), scopes)
    }

    pub fn staff_token(&self, staff: Id, scopes: &str) -> String {
        self.token_of(Principal::Staff(staff), scopes)
    }

    pub fn token_of(&self, principal: Principal, scopes: &str) -> String {
        self.issue(self.tenant, self.administrator, principal, scopes)
    }

    pub fn issue(&self, tenant: Id, client: Id, principal: Principal, scopes: &str) -> String {
        let scopes = Scopes::parse(scopes).unwrap();
        let grant = Grant { tenant, client, principal, scopes, ttl_seconds: 3600 };
        self.state.auth.issue(&grant, self.clock.id(), self.clock.now()).unwrap()
    }

    /// Somebody who acts, for work that goes past HTTP.
    pub fn who(&self, principal: Principal) -> Who {
        Who {
            tenant: self.tenant,
            client: self.administrator,
            principal,
            once: None,
            scopes: Scopes::all(),
            quotas: TenantQuotas::default(),
            request_id: "test".to_owned(),
            address: None,
            now: self.clock.now(),
            clock: self.clock.clone(),
        }
    }

    pub fn client_who(&self) -> Who {
        self.who(Principal::Client(self.administrator))
    }

    /// Leaves the client's open connections, which the service may have ended, for new ones.
    pub fn reconnect(&mut self) {
        self.http = new_client();
    }

    pub fn call(&self, method: &str, path: &str) -> Call<'_> {
        Call {
            stage: self,
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call("POST", path)
    }

    /// The contract document as it is served.
    pub async fn document(&self) -> Value {
        self.get("/openapi.json").send().await.ok().json()
    }

    /// Sends bytes as they are and reads until the end of the answer. For what a well-behaved client cannot send.
    pub fn raw(&self, request: &[u8]) -> Answer {
        raw(self.address, request)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn raw(address: SocketAddr, request: &[u8]) -> Answer {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A server that has answered early may have closed its side: its answer is what counts.
    let _ = socket.write_all(request);
    let mut bytes = Vec::new();
    let _ = socket.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let (head, _) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {:?}", String::from_utf8_lossy(request)));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|s| s.parse().ok()).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    Answer { asked: "a raw request".to_owned(), status, headers, body: bytes[at..].to_vec() }
}

/// A request in the making.
pub struct Call<'a> {
    stage: &'a Stage,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
}

impl Call<'_> {
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        self
    }

    pub fn json(self, value: &Value) -> Self {
        self.header("content-type", "application/json").body(value.to_string())
    }

    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        let text = serde_urlencoded::to_string(pairs).unwrap();
        self.header("content-type", "application/x-www-form-urlencoded").body(text)
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub async fn send(self) -> Answer {
        let asked = format!("{} {}", self.method, self.path);
        let method = self.method.clone();
        let mut request = self.stage.http.request(self.method, format!("{}{}", self.stage.base, self.path)).headers(self.headers);
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let response = request.send().await.unwrap_or_else(|e| panic!("{asked}: no answer: {e:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.unwrap_or_else(|e| panic!("{asked}: the answer broke off: {e}")).to_vec();
        let answer = Answer { asked, status, headers, body };
        crate::contract::hold_headers(self.stage, &method, &answer);
        answer
    }
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{}: no JSON ({e}): {}", self.asked, self.text()))
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    #[track_caller]
    pub fn ok(self) -> Answer {
        self.is(200)
    }

    /// The answer is problem+json of this status and code, whole and harmless; its body is given back.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let text = self.text();
        assert_eq!(self.status, status, "{}: {text}", self.asked);
        let body = self.any_problem();
        assert_eq!(body["code"], code, "{}: {text}", self.asked);
        body
    }

    /// The answer is problem+json, whatever its code.
    #[track_caller]
    pub fn any_problem(&self) -> Value {
        let text = self.text();
        assert_eq!(self.header("content-type"), "application/problem+json", "{}: {} {text}", self.asked, self.status);
        let body = self.json();
        let code = body["code"].as_str().unwrap_or_default();
        assert_eq!(body["status"], self.status, "{text}");
        assert_eq!(body["type"], format!("/docs/errors#{code}"), "{text}");
        assert!(["title", "detail", "code"].iter().all(|name| body[name].as_str().is_some_and(|s| !s.is_empty())), "{text}");
        assert!(body["errors"].is_array() && body["params"].is_object(), "{text}");
        let retries = ["same_request", "after_delay", "new_token", "change_request", "never"];
        assert!(body["retry"].as_str().is_some_and(|retry| retries.contains(&retry)), "{text}");
        assert!(!self.header("x-request-id").is_empty(), "{}: no x-request-id", self.asked);
        assert_eq!(body["request_id"], self.header("x-request-id"), "{text}");
        assert_eq!(self.header("cache-control"), "no-store", "{text}");
        assert_eq!(body["retry"] == "after_delay", !self.header("retry-after").is_empty(), "{text}");
        for secret in ["SELECT ", "INSERT ", "diesel", "sqlite", "panicked", "/tmp/", "/src/", "wms_"] {
            assert!(!text.contains(secret), "{}: a problem shows {secret:?}: {text}", self.asked);
        }
        body
    }
}

/// The pointer or parameter of the first entry of `errors`.
pub fn place_of(problem: &Value) -> &str {
    let first = &problem["errors"][0];
    first["pointer"].as_str().or(first["parameter"].as_str()).unwrap_or("(none)")
}

/// Asks again and again until `done` gives something; fails after 20 seconds. For what is promised within 5.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut done: impl FnMut() -> F) -> T {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = done().await {
            return found;
        }
        assert!(Instant::now() < until, "it did not happen within 20 seconds: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn new_client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    client.timeout(Duration::from_secs(30)).build().unwrap()
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The curriculum that stages serve: the built-in one, but in English alone and with fifteen single choices and no draw in its
/// first lesson, so that tests can count on what they ask for.
pub fn curriculum() -> Curriculum {
    (*given()).clone()
}

fn given() -> Arc<Curriculum> {
    static GIVEN: OnceLock<Arc<Curriculum>> = OnceLock::new();
    let make = || {
        let mut curriculum = source::parse_curriculum(&source::embedded_curriculum()).unwrap();
        let first = &mut curriculum.lessons[0];
        let mut english = serde_json::to_value(&*first).unwrap();
        in_english(&mut english);
        *first = serde_json::from_value(english).unwrap();
        first.quiz.items.retain(|item| item.single().is_some());
        first.quiz.items.truncate(15);
        first.quiz.policy.draw = None;
        // Beside the binary, which has the same lesson as it is, on one database.
        first.lesson.revision += 1;
        Arc::new(curriculum)
    };
    GIVEN.get_or_init(make).clone()
}

/// Leaves only `en` of every text.
fn in_english(value: &mut Value) {
    match value {
        Value::Object(map) if map.get("en").is_some_and(Value::is_string) => map.retain(|language, _| language == "en"),
        Value::Object(map) => map.values_mut().for_each(in_english),
        Value::Array(list) => list.iter_mut().for_each(in_english),
        _ => {}
    }
}

/// The slug of the course that tests read.
pub fn course_slug() -> String {
    curriculum().course.slug
}

/// The slug of the lesson that tests read.
pub fn slug() -> String {
    curriculum().lessons[0].lesson.slug.clone()
}
