//! Starting, preparing and ending the servers under measurement.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use waymark::clock::Clock;

use crate::load::{self, Saves, Script, Wire};
use crate::machine::Meter;
use crate::{Options, Outcome};

/// Where a server keeps its rows.
#[derive(Clone)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres { url: String, postmaster: u32 },
}

impl Database {
    pub fn url(&self) -> String {
        match self {
            Database::Sqlite(path) => format!("sqlite:{}", path.display()),
            Database::Postgres { url, .. } => url.clone(),
        }
    }

    fn postmaster(&self) -> Option<u32> {
        match self {
            Database::Sqlite(_) => None,
            Database::Postgres { postmaster, .. } => Some(*postmaster),
        }
    }
}

/// A server in a process of its own; killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    pub meter: Meter,
    /// From exec to ready.
    pub started_in: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Ends it in the ordinary way, so that all stands in its file.
    pub fn stop(&mut self) -> Outcome<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        self.child.wait()?;
        Ok(())
    }

    /// Waits until it has done what it does behind its start (it makes pages ready, for half a second). In a quick run nobody waits.
    pub fn settled(self, options: &Options) -> Outcome<Server> {
        let (begun, mut used) = (Instant::now(), f64::NAN);
        while !options.quick && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(250));
            let before = std::mem::replace(&mut used, self.meter.read()?.server);
            // The clock of CPU time ticks every 10 ms.
            if used - before < 15_000.0 {
                break;
            }
        }
        Ok(self)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

fn program() -> Outcome<PathBuf> {
    let path = std::env::var_os("WAYMARK_BIN").ok_or("WAYMARK_BIN is not set: start this with script/bench")?;
    Ok(PathBuf::from(path))
}

/// The service's own program, with nothing of our environment but what is named here.
fn waymark(database: &Database) -> Outcome<Command> {
    let mut command = Command::new(program()?);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("WAYMARK_")) {
        command.env_remove(name);
    }
    command.env("DATABASE_URL", database.url()).stdin(Stdio::null());
    Ok(command)
}

/// Starts Waymark. Its log goes to the null device: written, but kept by nobody.
pub fn start(database: &Database, log: &str, directory: &Path) -> Outcome<Server> {
    let mut command = waymark(database)?;
    command.env("WAYMARK_LOG", log).current_dir(directory).args(["serve", "--listen", "127.0.0.1:0"]);
    spawn(command, directory, "--ready-file", database.postmaster())
}

/// Starts this program again as one of the servers to compare with.
pub fn baseline(what: &str, argument: &str, database: Option<&Database>, directory: &Path) -> Outcome<Server> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([what, argument]).stdin(Stdio::null());
    spawn(command, directory, "--ready", database.and_then(Database::postmaster))
}

fn spawn(mut command: Command, directory: &Path, flag: &str, postmaster: Option<u32>) -> Outcome<Server> {
    let ready = directory.join(format!("ready-{}", Clock::system().id()));
    command.arg(flag).arg(&ready).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let address = loop {
        if let Ok(text) = std::fs::read_to_string(&ready) {
            break text.trim().trim_start_matches("http://").parse()?;
        }
        if child.try_wait()?.is_some() || begun.elapsed() > Duration::from_secs(60) {
            let _ = child.kill();
            return Err(format!("{command:?} did not become ready").into());
        }
        std::thread::sleep(Duration::from_micros(500));
    };
    let started_in = begun.elapsed();
    let meter = Meter::new(child.id(), postmaster);
    Ok(Server { child, address, meter, started_in })
}

/// The other side of `spawn`: appears whole or not at all.
pub fn say_ready(path: &Path, address: SocketAddr) -> Outcome<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, address.to_string())?;
    Ok(std::fs::rename(part, path)?)
}

/// A client's token with every scope that the scenes need.
pub fn token(database: &Database, directory: &Path) -> Outcome<String> {
    const SCOPES: &str = "lessons:read attempts:read attempts:write submissions:read submissions:write learners:read learners:write \
                          learners:act records:read diagnoses:run";
    let mut command = waymark(database)?;
    let output = command.current_dir(directory).args(["token", "--scopes", SCOPES, "--ttl", "24h"]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// One connection over which one thing after another is asked.
pub struct Asker {
    runtime: tokio::runtime::Runtime,
    wire: Wire,
    token: String,
}

impl Asker {
    pub fn open(server: &Server, token: &str) -> Outcome<Asker> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let wire = runtime.block_on(Wire::open(server.address))?;
        Ok(Asker { runtime, wire, token: token.to_owned() })
    }

    /// The answer's head and body; any other answer than a good one is an error.
    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> Outcome<(String, Vec<u8>)> {
        let request = load::request(method, path, &self.token, body);
        self.send(request.as_bytes()).map_err(|error| format!("{method} {path}: {error}").into())
    }

    /// The same with a request that was made already.
    pub fn send(&mut self, request: &[u8]) -> Outcome<(String, Vec<u8>)> {
        let (head, body) = self.runtime.block_on(self.wire.exchange(request))?;
        let head = std::str::from_utf8(head)?.to_owned();
        if head.starts_with("HTTP/1.1 2") {
            Ok((head, body.to_vec()))
        } else {
            Err(format!("{head}\n{}", String::from_utf8_lossy(body)).into())
        }
    }

    /// The answer's body.
    pub fn read(&mut self, method: &str, path: &str, body: &str) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.ask(method, path, body)?.1)?)
    }
}

/// A database that has been prepared: a token for it, and one open attempt of a learner of its own for each connection.
#[derive(Clone)]
pub struct Prepared {
    pub database: Database,
    pub token: String,
    pub lesson: String,
    pub version: String,
    pub attempts: Vec<OpenAttempt>,
}

/// An open attempt, and one of the items that were drawn for it: a single choice with these options.
#[derive(Clone)]
pub struct OpenAttempt {
    pub id: String,
    item: String,
    options: Vec<String>,
}

/// Lets Waymark make a database with `count` open attempts, each with one answer saved.
pub fn prepare(database: Database, count: usize, directory: &Path) -> Outcome<Prepared> {
    let server = start(&database, "warn", directory)?;
    let token = token(&database, directory)?;
    let mut asker = Asker::open(&server, &token)?;
    let lesson = text(asker.read("GET", "/v1/lessons", "")?.pointer("/items/0/slug"))?;
    let quiz = asker.read("GET", &format!("/v1/lessons/{lesson}/quiz"), "")?;
    let version = text(quiz.get("version"))?;
    let attempts = (0..count).map(|number| open_attempt(&mut asker, &lesson, &quiz, number)).collect::<Outcome<_>>()?;
    Ok(Prepared { database, token, lesson, version, attempts })
}

fn open_attempt(asker: &mut Asker, lesson: &str, quiz: &Value, number: usize) -> Outcome<OpenAttempt> {
    let id = Clock::system().id().to_string();
    let body = json!({
        "lesson": lesson, "learner": {"identity": {"id": format!("learner-{number}")}},
        "context": {"platform": "https://moodle.example.edu", "placement": "resource-link-77"},
    });
    let made = asker.read("PUT", &format!("/v1/attempts/{id}"), &body.to_string())?;
    let (item, options) = single_choice(quiz, &made)?;
    let answer = json!({"seq": 1, "response": {"kind": "single_choice", "option": options.first()}});
    asker.read("PUT", &format!("/v1/attempts/{id}/responses/{item}"), &answer.to_string())?;
    Ok(OpenAttempt { id, item, options })
}

pub fn text(value: Option<&Value>) -> Result<String, &'static str> {
    value.and_then(Value::as_str).map(str::to_owned).ok_or("no such text in an answer")
}

/// The first single choice that was drawn for an attempt, and its options.
fn single_choice(quiz: &Value, attempt: &Value) -> Outcome<(String, Vec<String>)> {
    let items = quiz.get("items").and_then(Value::as_array).ok_or("a quiz without items")?;
    let drawn = attempt.get("order").and_then(Value::as_array).ok_or("an attempt without an order")?;
    let of_id = |drawn: &Value| items.iter().find(|item| item.get("id") == drawn.get("item"));
    let item = drawn.iter().filter_map(of_id).find(|item| item.get("kind").and_then(Value::as_str) == Some("single_choice"));
    let item = item.ok_or("no single choice was drawn")?;
    let options = item.get("options").and_then(Value::as_array).ok_or("an item without options")?;
    Ok((text(item.get("id"))?, options.iter().map(|option| text(option.get("id"))).collect::<Result<_, _>>()?))
}

impl Prepared {
    pub fn lesson_path(&self) -> String {
        format!("/v1/lessons/{}", self.lesson)
    }

    /// Saves on one attempt per connection; `run` counts up, so that every run's answers are newer than the last one's.
    pub fn saves(&self, connections: usize, run: u64) -> Vec<Box<dyn Script>> {
        let first = 100_000_000_000_000 + run * 10_000_000;
        let attempts = self.attempts.iter().take(connections).enumerate();
        let script = |(number, attempt): (usize, &OpenAttempt)| -> Box<dyn Script> {
            let option = attempt.options.get(number % attempt.options.len().max(1)).map_or("", String::as_str);
            Box::new(Saves::new(&attempt.id, &attempt.item, option, &self.token, first))
        };
        attempts.map(script).collect()
    }
}
