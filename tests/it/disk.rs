//! SQLite's file on the disk: one main file after a clean stop, what stands where the database should be, who holds it,
//! what happens when it goes away. (Backups and restores: `restores.rs`.)

use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde_json::json;
use waymark::clock::Clock;
use waymark::config::Database;
use waymark::db::schema::settings;
use waymark::db::{Conn, Stored};
use waymark::each;

use crate::cli::{Served, bad, err, good, run, waymark};
use crate::flow::{post, put};
use crate::harness::{Kind, Place, Stage, eventually, play};

#[derive(QueryableByName)]
pub struct Number {
    #[diesel(sql_type = BigInt)]
    pub n: i64,
}

pub fn number(conn: &mut Conn, query: &str) -> i64 {
    let row: QueryResult<Number> = each!(conn, c => diesel::sql_query(query).get_result(c));
    row.unwrap().n
}

/// The file of a SQLite place.
pub fn file_of(place: &Place) -> PathBuf {
    match &place.config.database {
        Database::Sqlite(path) => path.clone(),
        Database::Postgres(_) => panic!("no file"),
    }
}

pub fn with(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

/// A place whose database is this file.
pub fn place_at(place: &Place, path: &Path) -> Place {
    let mut there = place.clone();
    there.config.database = Database::Sqlite(path.to_path_buf());
    there
}

fn note(name: String) -> impl FnMut(&mut Conn) -> Stored<()> + Send + 'static {
    move |conn| {
        each!(conn, c => diesel::insert_into(settings::table).values((settings::name.eq(&name), settings::value.eq("x"))).execute(c))?;
        Ok(())
    }
}

fn notes(place: &Place) -> i64 {
    place.db(|conn| Ok(number(conn, "SELECT count(*) AS n FROM settings WHERE name LIKE 'note%'")))
}

/// The main file alone, as a copy or an image of the disk may catch it.
fn alone(place: &Place, folder: &Path) -> Place {
    let to = folder.join("alone.db");
    std::fs::copy(file_of(place), &to).unwrap();
    place_at(place, &to)
}

#[test]
fn after_a_clean_stop_the_main_file_alone_is_whole() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        for n in 0..50 {
            stage.state.db.write(note(format!("note {n}"))).await.unwrap();
        }
        // Readers that have looked hold connections too.
        for _ in 0..20 {
            stage.get("/readyz").send().await.ok();
        }
        stage.stop();
        for ending in ["-wal", "-shm"] {
            assert!(!with(&file_of(&place), ending).exists(), "{ending} is left after a clean stop");
        }
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(notes(&alone(&place, folder.path())), 50);
    });
}

#[test]
fn sigterm_leaves_one_whole_file() {
    play(Kind::Sqlite, |place| async move {
        let folder = tempfile::tempdir().unwrap();
        let served = Served::start(folder.path(), &["--database-url", &place.url()]);
        assert_eq!(served.get("/readyz", None), 200);
        let (status, _) = served.end();
        assert!(status.success());
        assert!(!with(&file_of(&place), "-wal").exists());
        let copy = alone(&place, folder.path());
        assert_eq!(copy.db(|conn| Ok(number(conn, "SELECT count(*) AS n FROM clients"))), 1);
    });
}

/// Somebody who reads meanwhile keeps the log: then both files together are whole, and the stop still ends.
#[test]
fn a_stop_beside_a_reader_loses_nothing() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let reader = place.session();
        reader.batch("BEGIN; SELECT count(*) FROM settings");
        stage.state.db.write(note("note 1".to_owned())).await.unwrap();
        stage.stop();
        reader.batch("ROLLBACK");
        assert_eq!(notes(&place), 1);
    });
}

/// The answers to 25 writes.
async fn writes(stage: &Stage, token: &str) -> Vec<u16> {
    let mut answers = Vec::new();
    for _ in 0..25 {
        let path = format!("/v1/learners/by-identity?id={}", uuid::Uuid::new_v4());
        answers.push(put(stage, token, &path, &json!({})).await.status);
    }
    answers
}

async fn refuses_all(stage: &Stage, token: &str, what: &str) {
    assert_eq!(writes(stage, token).await, vec![503; 25], "{what}: writes into nothing");
    for path in ["/v1/records", "/v1/learners", "/readyz"] {
        stage.get(path).token(token).send().await.problem(503, "database_unavailable");
    }
    stage.get("/healthz").send().await.ok();
}

#[test]
fn a_database_that_is_gone_takes_no_write() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let (token, path) = (stage.token("learners:write learners:read records:read"), file_of(&place));
        assert_eq!(writes(&stage, &token).await, vec![201; 25]);
        let elsewhere = with(&path, ".elsewhere");
        std::fs::rename(&path, &elsewhere).unwrap();
        refuses_all(&stage, &token, "moved away").await;
        // Another file in its place, even one of ours, is not the one that was opened.
        std::fs::copy(&elsewhere, &path).unwrap();
        refuses_all(&stage, &token, "replaced").await;
        // The very same file again: it goes on.
        std::fs::rename(&elsewhere, &path).unwrap();
        assert_eq!(writes(&stage, &token).await, vec![201; 25]);
        std::fs::remove_file(&path).unwrap();
        refuses_all(&stage, &token, "deleted").await;
    });
}

/// The moment does not matter: whatever was written after the file went is not answered as stored.
#[test]
fn a_write_in_flight_is_not_answered_once_the_file_is_gone() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let (path, elsewhere) = (file_of(&place), with(&file_of(&place), ".elsewhere"));
        for round in 0..10 {
            let (from, to) = (path.clone(), elsewhere.clone());
            let mut write = note(format!("note {round}"));
            // The file goes while the transaction is open.
            let answer = stage.state.db.write(move |conn| {
                write(conn)?;
                std::fs::rename(&from, &to).unwrap();
                Ok(())
            });
            answer.await.expect_err("committed into a file that nobody will find");
            std::fs::rename(&elsewhere, &path).unwrap();
        }
        stage.state.db.write(note("note last".to_owned())).await.unwrap();
    });
}

/// What was answered before its log was deleted is saved from the descriptors that are still open.
#[test]
fn a_deleted_log_takes_no_write_and_loses_none() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let (token, path) = (stage.token("learners:write learners:read records:read"), file_of(&place));
        assert_eq!(writes(&stage, &token).await, vec![201; 25]);
        std::fs::remove_file(with(&path, "-wal")).unwrap();
        refuses_all(&stage, &token, "the log was deleted").await;
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("copy.db");
        eventually("what was answered is in the main file", || async {
            std::fs::copy(&path, &copy).unwrap();
            let there = place_at(&place, &copy);
            (there.db(|conn| Ok(number(conn, "SELECT count(*) AS n FROM learners"))) == 25).then_some(())
        })
        .await;
        stage.stop();
        let again = place.serve();
        assert_eq!(writes(&again, &again.token("learners:write")).await, vec![201; 25]);
        assert_eq!(place.db(|conn| Ok(number(conn, "SELECT count(*) AS n FROM learners"))), 50);
    });
}

#[test]
fn a_lost_database_is_not_replaced_by_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let (_, text) = Served::start(folder.path(), &[]).end();
    assert!(text.contains("client_secret"), "the first start makes one without being asked");
    let path = folder.path().join("waymark.db");
    std::fs::remove_file(&path).unwrap();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "--scopes", "lessons:read"], &["migrate"]] {
        let text = bad(&run(folder.path(), command), 1);
        assert!(text.contains("there was a database") && text.contains("WAYMARK_SQLITE_LOST"), "{command:?}: {text}");
        assert!(!path.exists(), "{command:?} made a database");
    }
    let allowed = waymark(folder.path(), &["migrate"]).env("WAYMARK_SQLITE_LOST", "replace").output().unwrap();
    assert!(good(&allowed).starts_with("applied "));
    good(&run(folder.path(), &["token", "--scopes", "lessons:read"]));
}

/// What is no database of ours is refused by every command that writes, in words, and stays as it was, byte by byte.
#[test]
fn what_is_not_ours_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("waymark.db");
    let plain = |sql: &str| {
        let _ = std::fs::remove_file(&path);
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        diesel::connection::SimpleConnection::batch_execute(&mut conn, sql).unwrap();
    };
    /// What stands there, how it gets there, what the refusal says.
    type Case<'a> = (&'a str, &'a dyn Fn(), &'a [&'a str]);
    let cases: [Case<'_>; 8] = [
        ("an empty file", &|| std::fs::write(&path, "").unwrap(), &["is empty", "waymark restore"]),
        ("a text", &|| std::fs::write(&path, "Dear diary, ".repeat(2000)).unwrap(), &["no SQLite database"]),
        ("a short text", &|| std::fs::write(&path, "x").unwrap(), &["no SQLite database"]),
        ("a folder", &|| std::fs::create_dir(&path).unwrap(), &["is a folder"]),
        ("a pipe", &|| assert!(Command::new("mkfifo").arg(&path).status().unwrap().success()), &["no ordinary file"]),
        (
            "another program's",
            &|| plain("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')"),
            &["another program's", "bookmarks"],
        ),
        ("with an id", &|| plain("PRAGMA application_id = 77; CREATE TABLE settings (a)"), &["another program's", "0x4d"]),
        ("without tables", &|| plain("PRAGMA user_version = 3"), &["another program's", "without tables"]),
    ];
    for (what, make, words) in cases {
        let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
        make();
        let before = path.is_file().then(|| std::fs::read(&path).unwrap());
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "--scopes", "lessons:read"], &["migrate"]] {
            let text = bad(&run(folder.path(), command), 1);
            assert!(words.iter().all(|word| text.contains(word)), "{what}, {command:?}: {text}");
            assert_eq!(text.lines().count(), 1, "{what}: {text}");
        }
        assert_eq!(path.is_file().then(|| std::fs::read(&path).unwrap()), before, "{what} was changed");
        assert!(!with(&path, "-wal").exists(), "{what} was opened for writing");
    }
}

both!(a_schema_newer_than_the_program_is_refused, |place: Place| {
    place.serve().stop();
    place.db(|conn| conn.batch("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')"));
    let folder = tempfile::tempdir().unwrap();
    let url = place.url();
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "--scopes", "lessons:read"], &["migrate"]] {
        let text = bad(&run(folder.path(), &[command, &["--database-url", &url]].concat()), 1);
        assert!(text.contains("20991231000001") && text.contains("newer"), "{command:?}: {text}");
    }
});

#[test]
fn a_postgresql_database_of_another_program_is_not_touched() {
    play(Kind::Postgres, |place| async move {
        place.db(|conn| conn.batch("CREATE TABLE bookmarks (url text)"));
        let (folder, url) = (tempfile::tempdir().unwrap(), place.url());
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["token", "--scopes", "lessons:read"], &["migrate"]] {
            let text = bad(&run(folder.path(), &[command, &["--database-url", &url]].concat()), 1);
            assert!(text.contains("another program") && text.contains("bookmarks") && text.contains("createdb"), "{text}");
        }
        let tables = "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(place.db(|conn| Ok(number(conn, tables))), 1, "no table was made beside it");
    });
}

/// One file, whatever it is called: a second server is refused, and no command writes beside it under another name.
#[test]
fn the_lock_is_on_the_file_and_not_on_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(folder.path()).unwrap();
    std::fs::create_dir(root.join("other")).unwrap();
    let served = Served::start(&root, &[]);
    let real = root.join("waymark.db");
    std::fs::hard_link(&real, root.join("hard.db")).unwrap();
    std::fs::hard_link(&real, root.join("other/waymark.db")).unwrap();
    std::os::unix::fs::symlink(&real, root.join("soft.db")).unwrap();
    std::os::unix::fs::symlink("../soft.db", root.join("other/chain.db")).unwrap();
    std::os::unix::fs::symlink(&root, root.join("other/folder")).unwrap();
    let bound = root.join("bound");
    std::fs::create_dir(&bound).unwrap();
    // Only where this user may mount; the other names are tried everywhere.
    let mounted = Command::new("mount").arg("--bind").arg(&root).arg(&bound).output().is_ok_and(|done| done.status.success());
    let _unmount = Unmount(mounted.then(|| bound.clone()));
    let names = ["hard.db", "other/waymark.db", "soft.db", "other/chain.db", "other/folder/waymark.db", "other/../waymark.db"];
    for name in names.iter().copied().chain(mounted.then_some("bound/waymark.db")) {
        for url in [format!("sqlite:{name}"), format!("sqlite:{}", root.join(name).display())] {
            let text = bad(&run(&root, &["serve", "--listen", "127.0.0.1:0", "--database-url", &url]), 1);
            assert!(text.contains("another server holds"), "{url}: {text}");
        }
    }
    // A symbolic link leads to the same write-ahead log, a hard link does not.
    for name in ["soft.db", "other/chain.db", "other/folder/waymark.db"] {
        let token = good(&run(&root, &["token", "--scopes", "lessons:read", "--database-url", &format!("sqlite:{name}")]));
        assert_eq!(served.get("/v1/lessons", Some(token.trim())), 200);
    }
    for name in ["hard.db", "other/waymark.db"] {
        let text = err(&run(&root, &["token", "--scopes", "lessons:read", "--database-url", &format!("sqlite:{name}")]));
        assert!(text.contains("hard links"), "{name}: {text}");
    }
    served.end();
    // Under the name that it always had it starts again, whatever other names there are.
    Served::start(&root, &[]).end();
    let text = bad(&run(&root, &["serve", "--listen", "127.0.0.1:0", "--database-url", "sqlite:hard.db"]), 1);
    assert!(text.contains("hard links"), "{text}");
}

struct Unmount(Option<PathBuf>);

impl Drop for Unmount {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = Command::new("umount").arg("--lazy").arg(path).status();
        }
    }
}

/// A word that occurs nowhere else.
const MARK: &str = "wombatgooseberry";

fn holds_mark(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|bytes| bytes.windows(MARK.len()).any(|window| window == MARK.as_bytes()))
}

#[test]
fn what_was_erased_is_in_no_file() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let token = stage.token("diagnoses:run");
        // Large enough for pages of its own, which become free pages.
        let body = json!({"visible_text": format!("I cannot help with {MARK}. ").repeat(600)});
        let made = post(&stage, &token, "/v1/diagnoses?keep=true", &body).await.is(201).json();
        let files = ["", "-wal"].map(|ending| with(&file_of(&place), ending));
        assert!(files.iter().any(|file| holds_mark(file)), "the evidence is kept somewhere");
        let path = format!("/v1/diagnoses/{}", made["id"].as_str().unwrap());
        stage.call("DELETE", &path).token(&token).send().await.is(204);
        // While the service runs, and after.
        eventually("the bytes are gone", || async { (!files.iter().any(|file| holds_mark(file))).then_some(()) }).await;
        stage.stop();
        assert!(!files.iter().any(|file| holds_mark(file)));
    });
}

/// However often it is asked, a write is tried every few seconds at most.
#[test]
fn readiness_is_tried_once_for_all_who_ask() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        place.db(|conn| {
            conn.batch(
                "CREATE TABLE trials (n INTEGER); CREATE TRIGGER counted AFTER INSERT ON write_probes \
                 BEGIN INSERT INTO trials VALUES (1); END",
            )
        });
        let began = std::time::Instant::now();
        for _ in 0..10 {
            let asked = (0..20).map(|_| stage.get("/readyz").send());
            for answer in crate::flow::together(asked).await {
                answer.ok();
            }
        }
        let seconds = i64::try_from(began.elapsed().as_secs()).unwrap();
        let trials = place.db(|conn| Ok(number(conn, "SELECT count(*) AS n FROM trials")));
        assert!((1..=seconds / 3 + 1).contains(&trials), "{trials} trials in {seconds} s");
    });
}

/// A server that only reads (a replica after a failover, a full disk) is not ready, and becomes so again by itself.
#[test]
fn a_read_only_postgresql_is_not_ready() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        stage.get("/readyz").send().await.ok();
        let only_reads = |on: bool| {
            place.db(move |conn| {
                conn.batch("SET default_transaction_read_only = off")?;
                conn.batch(&format!(
                    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {on}', current_database()); END $$; \
                     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                ))
            });
        };
        only_reads(true);
        eventually("not ready", || async { (stage.get("/readyz").send().await.status == 503).then_some(()) }).await;
        let token = stage.token("records:read");
        eventually("reads go on", || async { (stage.get("/v1/records").token(&token).send().await.status == 200).then_some(()) })
            .await;
        only_reads(false);
        eventually("ready again", || async { (stage.get("/readyz").send().await.status == 200).then_some(()) }).await;
    });
}

/// The file may be taken for backup tools by its first bytes.
#[test]
fn the_file_says_whose_it_is() {
    play(Kind::Sqlite, |place| async move {
        place.serve_with(|_| {}, Clock::system()).stop();
        let bytes = std::fs::read(file_of(&place)).unwrap();
        assert_eq!(&bytes[68..72], b"Waym");
    });
}
