//! What nobody can stop: reads without a reader end, no kind of call takes every database thread, faults are told by their
//! codes, conflicts are tried again.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use secrecy::SecretString;
use serde_json::json;
use waymark::clock::Clock;
use waymark::config::Database;
use waymark::db::connect::Opener;
use waymark::db::schema::settings;
use waymark::db::tenant_rows::TenantRows;
use waymark::db::{Command, Conn, Db, Stored};
use waymark::each;
use waymark::error::{Code, DatabaseFault};

use crate::flow::{put, together};
use crate::harness::{Kind, eventually, on_thread, play};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn word(conn: &mut Conn, sql: &str) -> Stored<String> {
    let row: Word = each!(conn, c => diesel::sql_query(sql).get_result(c))?;
    Ok(row.word)
}

/// A query that ends only when it is stopped; `begun` is told that it begins.
fn endless(begun: &mpsc::Sender<()>) -> impl FnMut(&mut Conn) -> Stored<i64> + Send + 'static {
    let begun = Mutex::new(begun.clone());
    move |conn| {
        let query = if conn.is_postgres() {
            conn.batch("SET statement_timeout = 0")?;
            "SELECT count(*) AS n FROM pg_sleep(3600)"
        } else {
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT count(*) AS n FROM numbers"
        };
        let _ = begun.lock().unwrap().send(());
        let row: Number = each!(conn, c => diesel::sql_query(query).get_result(c))?;
        Ok(row.n)
    }
}

async fn quick(db: &Db) -> Stored<()> {
    db.read(|conn| waymark::auth::store::generations(conn).map(drop)).await
}

both!(
    /// One database thread, taken by a query without end. Its caller goes: the thread is free again.
    a_read_without_a_caller_is_stopped, |place: Place| {
    let stage = place.serve_with(|config| config.database_pool = 1, Clock::system());
    let db = &stage.state.db;
    for _ in 0..3 {
        let (begun, begins) = mpsc::channel();
        let slow = tokio::spawn(db.read(endless(&begun)));
        eventually("the slow read begins", || async { begins.try_recv().ok() }).await;
        slow.abort();
        assert!(slow.await.unwrap_err().is_cancelled());
        quick(db).await.expect("the thread is free");
        assert!(begins.try_recv().is_err(), "nothing runs a second time for nobody");
    }
    stage.get("/v1/lessons").token(&stage.token("lessons:read")).send().await.ok();
});

both!(
    /// Six slow callers of one kind: they hold half of the threads, everybody else goes on. Then slow callers of two kinds:
    /// they hold all of them, and the service still says that it can serve.
    slow_callers_leave_room, |stage| {
    let db = &stage.state.db;
    let (begun, begins) = mpsc::channel();
    let running = Arc::new(AtomicUsize::new(0));
    let slow: Vec<_> = (0..6).map(|_| tokio::spawn(db.read(endless(&begun)))).collect();
    let count = || async { running.fetch_add(begins.try_iter().count(), Ordering::SeqCst); (running.load(Ordering::SeqCst) == 2).then_some(()) };
    eventually("two of them run", count).await;
    let token = stage.token("learners:read learners:write attempts:read records:read");
    stage.get("/readyz").send().await.ok();
    for path in ["/v1/learners", "/v1/attempts", "/v1/records"] {
        stage.get(path).token(&token).send().await.ok();
    }
    put(&stage, &token, "/v1/learners/by-identity?id=ada", &json!({})).await.is(201);
    assert_eq!(begins.try_iter().count(), 0, "no more than two have begun");

    let others: Vec<_> = (0..6).map(|_| tokio::spawn(db.read(endless(&begun)))).collect();
    let count = || async { running.fetch_add(begins.try_iter().count(), Ordering::SeqCst); (running.load(Ordering::SeqCst) == 4).then_some(()) };
    eventually("all threads are taken", count).await;
    for _ in 0..3 {
        stage.get("/readyz").send().await.ok();
    }
    slow.iter().chain(&others).for_each(|one| one.abort());
    stage.get("/v1/learners").token(&token).send().await.ok();
});

/// Two transactions that each wait for what the other holds: PostgreSQL undoes one, and it is run again.
#[test]
fn a_real_deadlock_is_tried_again() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        place.db(|conn| conn.batch("INSERT INTO settings VALUES ('left', '0'), ('right', '0')"));
        let (meet, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
        let update = |conn: &mut Conn, name: &str| -> Stored<usize> {
            let row = settings::table.filter(settings::name.eq(name));
            Ok(each!(conn, c => diesel::update(row).set(settings::value.eq("1")).execute(c))?)
        };
        let across = |first: &'static str, second: &'static str| {
            let (meet, runs, mut met) = (meet.clone(), runs.clone(), false);
            stage.state.db.write(move |conn| {
                runs.fetch_add(1, Ordering::SeqCst);
                update(conn, first)?;
                if !std::mem::replace(&mut met, true) {
                    meet.wait();
                }
                update(conn, second)
            })
        };
        let both: Vec<_> = together([across("left", "right"), across("right", "left")]).await;
        assert!(both.iter().all(Result::is_ok), "{both:?}");
        assert_eq!(runs.load(Ordering::SeqCst), 3, "one of them was run twice");
    });
}

/// An error as a server says it whose language is not English.
fn raise(code: &str) -> String {
    format!("DO $$ BEGIN RAISE EXCEPTION 'Das geht gerade nicht' USING ERRCODE = '{code}'; END $$")
}

/// What a server says in another language is understood by its code (a lock time-out was a defect of the service there).
#[test]
fn faults_are_told_by_their_codes() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        for (code, expected) in [
            ("55P03", Some(DatabaseFault::Storage)),
            ("57014", Some(DatabaseFault::Storage)),
            ("53100", Some(DatabaseFault::Storage)),
            ("57P03", Some(DatabaseFault::Lost)),
            ("40P01", Some(DatabaseFault::Conflict)),
            ("40001", Some(DatabaseFault::Conflict)),
            ("22012", None),
        ] {
            let runs = Arc::new(AtomicU32::new(0));
            let (sql, counted) = (raise(code), runs.clone());
            let problem = stage.state.db.write(move |conn| {
                counted.fetch_add(1, Ordering::SeqCst);
                conn.batch(&sql)
            });
            let problem = problem.await.unwrap_err();
            assert_eq!(problem.fault(), expected.unwrap_or(DatabaseFault::None), "{code}: {problem}");
            assert_eq!(problem.code(), if expected.is_some() { Code::DatabaseUnavailable } else { Code::Internal }, "{code}");
            let runs = runs.load(Ordering::SeqCst);
            match expected {
                Some(DatabaseFault::Conflict) => {
                    assert!((2..=5).contains(&runs), "{code}: a conflict is tried again, not for ever: {runs}")
                }
                Some(DatabaseFault::Lost) => assert_eq!(runs, 2, "{code}"),
                _ => assert_eq!(runs, 1, "{code}"),
            }
        }
        // A code of yesterday explains nothing today.
        let refused = stage.state.db.read(|conn| conn.batch("SELECT 1 / 0")).await.unwrap_err();
        assert_eq!(refused.code(), Code::Internal);
    });
}

/// A real lock time-out, where nothing of ours is in the way.
#[test]
fn a_lock_time_out_is_no_defect() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let holder = place.session();
        holder.batch("BEGIN; LOCK TABLE settings IN ACCESS EXCLUSIVE MODE");
        let problem = stage.state.db.write(|conn| {
            conn.batch("SET LOCAL lock_timeout = '20ms'")?;
            word(conn, "SELECT value AS word FROM settings LIMIT 1")
        });
        let problem = problem.await.unwrap_err();
        assert_eq!((problem.code(), problem.retry_after()), (Code::DatabaseUnavailable, Some(1)), "{problem}");
        holder.batch("ROLLBACK");
    });
}

/// Conflicts that a hot command meets; how many, its argument says.
struct Unlucky(Arc<AtomicU32>, u32);

impl Command for Unlucky {
    type Answer = ();

    fn rows(&self) -> TenantRows {
        TenantRows::Installation
    }

    fn run(conn: &mut Conn, group: &[Self]) -> Stored<Vec<Stored<()>>> {
        for Unlucky(runs, conflicts) in group {
            if runs.fetch_add(1, Ordering::SeqCst) < *conflicts {
                conn.batch(&raise("40P01"))?;
            }
        }
        Ok(group.iter().map(|_| Ok(())).collect())
    }
}

#[test]
fn commands_are_tried_again_too() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let run = async |conflicts| {
            let runs = Arc::new(AtomicU32::new(0));
            let result = stage.state.db.submit(Unlucky(runs.clone(), conflicts)).await;
            (result.map_err(|problem| problem.code()), runs.load(Ordering::SeqCst))
        };
        assert_eq!(run(0).await, (Ok(()), 1));
        assert_eq!(run(1).await, (Ok(()), 2));
        assert_eq!(run(3).await, (Ok(()), 4));
        let (result, runs) = run(u32::MAX).await;
        assert_eq!(result, Err(Code::DatabaseUnavailable));
        assert!(runs <= 6, "{runs} tries");
        assert_eq!(run(0).await, (Ok(()), 1), "nobody after it is harmed");
    });
}

/// What the URL asks of a session is kept (a `search_path` was lost), beside the time-outs, and prevails over them.
#[test]
fn options_of_the_url_are_kept() {
    play(Kind::Postgres, |place| async move {
        place.db(|conn| conn.batch("CREATE SCHEMA learning"));
        let with = |options: &str| {
            let mut config = place.config.clone();
            config.database = Database::Postgres(SecretString::from(format!("{}?options={options}", place.url())));
            on_thread(move || {
                let mut conn = Opener::new(&config).open()?;
                let names = ["search_path", "statement_timeout", "lock_timeout"];
                names
                    .iter()
                    .map(|name| word(&mut conn, &format!("SELECT current_setting('{name}') AS word")))
                    .collect::<Stored<Vec<_>>>()
            })
            .unwrap()
        };
        assert_eq!(with("-c%20search_path%3Dlearning"), ["learning", "10s", "5s"]);
        assert_eq!(with("-c%20statement_timeout%3D7s"), ["\"$user\", public", "7s", "5s"]);
        assert_eq!(with(""), ["\"$user\", public", "10s", "5s"]);
        // A whole service lives there.
        let mut moved = place.clone();
        moved.config.database =
            Database::Postgres(SecretString::from(format!("{}?options=-c%20search_path%3Dlearning", place.url())));
        let stage = moved.serve();
        stage.get("/readyz").send().await.ok();
        let there = place.db(|conn| {
            let row: Number = each!(conn, c => diesel::sql_query(
                "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema = 'learning'").get_result(c))?;
            Ok(row.n)
        });
        assert!(there > 15, "{there} tables");
    });
}

/// A caller hangs up while its read waits in the database: the read ends with it.
#[test]
fn a_client_that_hangs_up_is_not_waited_for() {
    use std::io::Write;
    play(Kind::Postgres, |mut place| async move {
        // Time-outs of the server would end it too, and later.
        let patient = "-c%20lock_timeout%3D60s%20-c%20statement_timeout%3D60s";
        place.config.database = Database::Postgres(SecretString::from(format!("{}?options={patient}", place.url())));
        let stage = place.serve();
        let holder = place.session();
        holder.batch("BEGIN; LOCK TABLE attempts IN ACCESS EXCLUSIVE MODE");
        let waiting = || {
            place.db(|conn| {
                let query =
                    "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
                let row: Number = each!(conn, c => diesel::sql_query(query).get_result(c))?;
                Ok(row.n)
            })
        };
        let mut socket = std::net::TcpStream::connect(stage.address).unwrap();
        let token = stage.token("attempts:read");
        write!(socket, "GET /v1/attempts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n").unwrap();
        eventually("the read waits", || async { (waiting() == 1).then_some(()) }).await;
        let hung_up = std::time::Instant::now();
        drop(socket);
        eventually("the read ends", || async { (waiting() == 0).then_some(()) }).await;
        assert!(hung_up.elapsed().as_secs() < 12, "it ended because its time was over");
        holder.batch("ROLLBACK");
    });
}

/// A server that is reached by a socket in the file system tells its codes as well.
#[test]
fn a_socket_in_the_file_system_will_do() {
    play(Kind::Postgres, |place| async move {
        let data = std::env::var("WAYMARK_TEST_PGDATA").expect("run script/with-postgres");
        let directory = std::path::Path::new(&data).parent().unwrap().display().to_string().replace('/', "%2F");
        let port = std::env::var("WAYMARK_TEST_PGPORT").unwrap();
        let name = place.url().rsplit_once('/').unwrap().1.to_owned();
        let mut config = place.config.clone();
        config.database = Database::Postgres(SecretString::from(format!("postgres://postgres@{directory}:{port}/{name}")));
        let fault = on_thread(move || {
            let mut conn = Opener::new(&config).open().unwrap();
            assert_eq!(word(&mut conn, "SELECT coalesce(inet_server_addr()::text, 'no address') AS word").unwrap(), "no address");
            conn.batch(&raise("55P03")).unwrap_err().fault()
        });
        assert_eq!(fault, DatabaseFault::Storage);
    });
}
