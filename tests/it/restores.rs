//! Backups and restores on both databases: the copy is whole, and whoever follows the feed misses nothing that comes after a
//! restore.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use waymark::db::file::DatabaseFile;
use waymark::db::file::backup;

use crate::cli::{Served, bad, err, good, out, run, waymark};
use crate::disk::{file_of, number, place_at, with};
use crate::flow::put;
use crate::harness::{Kind, Place, Stage, play, postgres_url};
use crate::records::{Reader, append, names, position};

/// A follower of the feed, over restarts of the service.
#[derive(Default)]
struct Follower {
    cursor: Option<String>,
    /// Everything that it was ever told: place and id.
    told: Vec<(Vec<i64>, String)>,
}

impl Follower {
    async fn read_on(&mut self, stage: &Stage) -> Vec<String> {
        stage.settled().await;
        let mut reader = Reader::new(stage);
        reader.cursor = self.cursor.take();
        let mut new = Vec::new();
        loop {
            let page = reader.page().await;
            for record in page["items"].as_array().unwrap() {
                let place = position(record);
                assert!(self.told.last().is_none_or(|last| last.0 < place), "{place:?} comes before what was told");
                self.told.push((place, record["id"].as_str().unwrap().to_owned()));
            }
            new.extend(names(&page));
            if page["has_more"] == false {
                break;
            }
        }
        self.cursor = reader.cursor;
        let places: BTreeSet<_> = self.told.iter().map(|(place, _)| place).collect();
        assert_eq!(places.len(), self.told.len(), "a place names two facts");
        new
    }
}

async fn say(stage: &Stage, names: &[&str]) {
    for name in names {
        stage.state.db.write(append(&stage.client_who(), *name)).await.unwrap();
    }
}

/// How a copy comes back: five ways on SQLite, two on PostgreSQL.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// `waymark restore`
    Command,
    /// `cp` over the file
    Over,
    /// another file moved into its place
    Moved,
    /// the same, after everything beside it was removed
    Bare,
    /// `pg_restore` into a new database
    PostgresNew,
    /// `pg_restore --clean` into the old one
    PostgresClean,
}

fn postgres(program: &str, arguments: &[&str]) {
    let folder = std::env::var("WAYMARK_TEST_PGBIN").expect("script/with-postgres says where the programs are");
    let done = Command::new(Path::new(&folder).join(program)).args(arguments).output().unwrap();
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn copy(place: &Place, to: &Path) {
    if place.is_postgres() {
        return postgres(
            "pg_dump",
            &["--enable-row-security", "--format=custom", &format!("--file={}", to.display()), &place.url()],
        );
    }
    let _ = std::fs::remove_file(to);
    backup::backup(&DatabaseFile::of(&file_of(place)).unwrap(), to, &|_, _| {}).unwrap();
}

fn put_back(place: &Place, from: &Path, way: Way) {
    let url = place.url();
    match way {
        Way::PostgresClean => {
            postgres(
                "pg_restore",
                &["--clean", "--if-exists", "--single-transaction", &format!("--dbname={url}"), from.to_str().unwrap()],
            );
        }
        Way::PostgresNew => {
            let name = url.rsplit('/').next().unwrap();
            let admin = postgres_url();
            postgres("psql", &["--quiet", "--command", &format!("DROP DATABASE {name} WITH (FORCE)"), &admin]);
            postgres("psql", &["--quiet", "--command", &format!("CREATE DATABASE {name} OWNER waymark"), &admin]);
            postgres("pg_restore", &["--single-transaction", &format!("--dbname={url}"), from.to_str().unwrap()]);
        }
        Way::Command => {
            let folder = tempfile::tempdir().unwrap();
            good(&run(folder.path(), &["restore", from.to_str().unwrap(), "--database-url", &url]));
        }
        Way::Over => drop(std::fs::copy(from, file_of(place)).unwrap()),
        Way::Moved | Way::Bare => {
            let path = file_of(place);
            let part = with(&path, ".mine");
            std::fs::copy(from, &part).unwrap();
            std::fs::rename(&part, &path).unwrap();
            if matches!(way, Way::Bare) {
                for ending in [".lock", ".migrate-lock"] {
                    std::fs::remove_file(with(&path, ending)).unwrap();
                }
            }
        }
    }
}

both!(
    /// A copy made after the second of five writes, put back in every way, twice: what was lost is lost, but all that comes
    /// is told, and no place that a reader knows names another fact.
    a_follower_of_the_feed_misses_nothing_after_a_restore, |place: Place| {
    let folder = tempfile::tempdir().unwrap();
    let (mut follower, kept) = (Follower::default(), folder.path().join("kept"));
    let stage = place.serve();
    say(&stage, &["1", "2"]).await;
    stage.settled().await;
    copy(&place, &kept);
    say(&stage, &["3", "4", "5"]).await;
    assert_eq!(follower.read_on(&stage).await, ["1", "2", "3", "4", "5"]);
    stage.stop();
    let ways: &[Way] = match place.is_postgres() {
        true => &[Way::PostgresNew, Way::PostgresClean, Way::PostgresNew],
        false => &[Way::Over, Way::Command, Way::Moved, Way::Bare, Way::Command, Way::Bare, Way::Over],
    };
    for (round, way) in ways.iter().enumerate() {
        put_back(&place, &kept, *way);
        let stage = place.serve();
        let said: Vec<String> = (0..4).map(|n| format!("round {round}: {n}")).collect();
        say(&stage, &said.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(follower.read_on(&stage).await, said, "{way:?}");
        // A reader from the beginning sees one log, in order, across its epochs, however small its pages are.
        let mut whole = Follower::default();
        let mut expected = vec!["1".to_owned(), "2".to_owned()];
        expected.extend(said);
        assert_eq!(whole.read_on(&stage).await, expected, "{way:?}");
        let mut small = Reader::new(&stage);
        small.query = "limit=1".to_owned();
        for name in &expected {
            assert_eq!(names(&small.page().await), std::slice::from_ref(name));
        }
        assert_eq!(names(&small.page().await), Vec::<String>::new());
        stage.stop();
    }
});

/// A start, a stop, `kill -9` and commands are no restores: the epoch stays.
#[test]
fn an_ordinary_restart_begins_no_epoch() {
    play(Kind::Sqlite, |place| async move {
        let folder = tempfile::tempdir().unwrap();
        let url = place.url();
        let epoch = |place: &Place| place.db(|conn| Ok(number(conn, "SELECT epoch AS n FROM log_epoch")));
        for killed in [false, true, false, true] {
            let mut served = Served::start(folder.path(), &["--database-url", &url]);
            let token =
                good(&run(folder.path(), &["token", "--scopes", "records:read", "--learner", "x", "--database-url", &url]));
            assert_eq!(served.get("/v1/records", Some(token.trim())), 200);
            if killed {
                served.child.kill().unwrap();
                served.child.wait().unwrap();
            } else {
                served.end();
            }
            assert_eq!(epoch(&place), 0);
        }
    });
}

/// A whole folder that goes back in time, with all that stands beside the database, cannot be noticed here; but a reader who
/// was told of more is told so, and finds everything from the beginning.
#[test]
fn a_cursor_ahead_of_the_log_is_told() {
    play(Kind::Sqlite, |place| async move {
        let folder = tempfile::tempdir().unwrap();
        let image = |from: &Path, to: &Path| {
            for ending in ["", ".lock"] {
                std::fs::copy(with(from, ending), with(to, ending)).unwrap();
            }
        };
        let (path, kept) = (file_of(&place), folder.path().join("kept.db"));
        let stage = place.serve();
        say(&stage, &["1", "2"]).await;
        stage.stop();
        image(&path, &kept);
        let stage = place.serve();
        say(&stage, &["3", "4", "5"]).await;
        let mut follower = Follower::default();
        follower.read_on(&stage).await;
        stage.stop();
        image(&kept, &path);
        let stage = place.serve();
        say(&stage, &["6"]).await;
        let token = stage.token("records:read");
        let url = format!("/v1/records?limit=100&after={}", follower.cursor.unwrap());
        let problem = stage.get(&url).token(&token).send().await.problem(409, "cursor_ahead");
        assert_eq!(problem["retry"], "change_request");
        assert_eq!(names(&Reader::new(&stage).page().await), ["1", "2", "6"]);
    });
}

/// The same on PostgreSQL, where nothing can be noticed if ids and server are the same.
#[test]
fn a_cursor_ahead_of_postgresql_s_log_is_told() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        say(&stage, &["1"]).await;
        stage.settled().await;
        let mut reader = Reader::new(&stage);
        reader.page().await;
        assert_eq!(names(&reader.page().await), Vec::<String>::new(), "the end of the log is not ahead of it");
        place.db(|conn| conn.batch("UPDATE log_epoch SET epoch = 9; UPDATE records SET epoch = 9"));
        let mut ahead = Reader::new(&stage);
        ahead.page().await;
        place.db(|conn| conn.batch("UPDATE log_epoch SET epoch = 1; DELETE FROM records"));
        let url = format!("/v1/records?limit=100&after={}", ahead.cursor.unwrap());
        stage.get(&url).token(&reader.token).send().await.problem(409, "cursor_ahead");
    });
}

/// A dump comes from another server whose transaction ids were lower or higher: the server's own name tells, not the ids.
#[test]
fn a_dump_from_elsewhere_begins_an_epoch() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        say(&stage, &["1"]).await;
        stage.stop();
        let epoch = |place: &Place| place.db(|conn| Ok(number(conn, "SELECT epoch AS n FROM log_epoch")));
        place.serve().stop();
        assert_eq!(epoch(&place), 1, "a restart is no restore");
        place.db(|conn| conn.batch("UPDATE settings SET value = '7000000000000000001/1/16384' WHERE name = 'log_home'"));
        place.serve().stop();
        let first = epoch(&place);
        assert!(first > 1);
        place.db(|conn| conn.batch("UPDATE settings SET value = 'x' WHERE name = 'log_home'; UPDATE log_epoch SET epoch = 1"));
        place.serve().stop();
        assert!(epoch(&place) > first, "the same dump, restored again later, comes after");
    });
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(folder: &Path) -> BTreeSet<String> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_backup_is_made_beside_a_running_service() {
    play(Kind::Sqlite, |place| async move {
        let folder = tempfile::tempdir().unwrap();
        let (stage, url) = (place.serve(), place.url());
        let token = stage.token("learners:write");
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let writing = {
            let (db, who, stop) = (stage.state.db.clone(), stage.client_who(), stop.clone());
            tokio::spawn(async move {
                let mut written = 0;
                while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                    db.write(append(&who, format!("{written}"))).await.unwrap();
                    written += 1;
                }
                written
            })
        };
        for n in 0..20 {
            put(&stage, &token, &format!("/v1/learners/by-identity?id={n}"), &json!({})).await.is(201);
        }
        let to = folder.path().join("a b'c.db");
        let (at, with_url) = (to.to_str().unwrap().to_owned(), url.clone());
        let there = folder.path().to_owned();
        let command = move || run(&there, &["backup", &at, "--database-url", &with_url]);
        let done = tokio::task::spawn_blocking(command.clone()).await.unwrap();
        assert!(good(&done).contains("20 learners") && out(&done).contains("checked"), "{}", out(&done));
        assert_eq!(mode(&to), 0o600, "it holds the signing keys");
        assert_eq!(files(folder.path()), BTreeSet::from(["a b'c.db".to_owned()]), "nothing is left beside it");
        // Never over something.
        let before = std::fs::read(&to).unwrap();
        let again = tokio::task::spawn_blocking(command).await.unwrap();
        assert!(bad(&again, 1).contains("not overwritten"), "{}", err(&again));
        assert_eq!(std::fs::read(&to).unwrap(), before);
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        let written = writing.await.unwrap();
        let copy = place_at(&place, &to);
        let records = copy.db(|conn| Ok(number(conn, "SELECT count(*) AS n FROM records")));
        assert!((20..=20 + written).contains(&records));
        // While the service runs nothing is put back.
        let held = Served::start(folder.path(), &["--database-url", "sqlite:held.db"]);
        let text = bad(&run(folder.path(), &["restore", to.to_str().unwrap(), "--database-url", "sqlite:held.db"]), 1);
        assert!(text.contains("a server holds"), "{text}");
        drop(held);
    });
}

#[test]
fn a_restore_keeps_what_it_replaces() {
    play(Kind::Sqlite, |place| async move {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path();
        let token = |more: &[&str]| run(directory, &[&["token", "--scopes", "lessons:read"], more].concat());
        Served::start(directory, &[]).end();
        good(&token(&["--learner", "anna"]));
        assert!(good(&run(directory, &["backup", "copy.db"])).contains("1 learners"));
        good(&token(&["--learner", "berta"]));
        let said = good(&run(directory, &["restore", "copy.db"]));
        assert!(said.contains("1 learners") && said.contains("new epoch"), "{said}");
        assert_eq!(mode(&directory.join("waymark.db")), 0o600);
        let kept: Vec<String> = files(directory).into_iter().filter(|name| name.contains(".replaced-")).collect();
        assert_eq!(kept.len(), 1, "{:?}", files(directory));
        let learners = |name: &str| {
            place_at(&place, &directory.join(name)).db(|conn| Ok(number(conn, "SELECT count(*) AS n FROM learners")))
        };
        assert_eq!((learners("waymark.db"), learners(&kept[0]), learners("copy.db")), (1, 2, 1));
        // Where the database is lost, damaged, or was never there.
        std::fs::write(directory.join("waymark.db"), "oh no").unwrap();
        good(&run(directory, &["restore", "copy.db"]));
        std::fs::remove_file(directory.join("waymark.db")).unwrap();
        good(&run(directory, &["restore", "copy.db"]));
        good(&run(directory, &["restore", "copy.db", "--database-url", "sqlite:new.db"]));
        Served::start(directory, &[]).end();
        // What is refused leaves everything as it is.
        let before = std::fs::read(directory.join("waymark.db")).unwrap();
        std::fs::write(directory.join("text"), "x".repeat(5000)).unwrap();
        std::fs::write(directory.join("empty"), "").unwrap();
        let mut damaged = std::fs::read(directory.join("copy.db")).unwrap();
        let middle = damaged.len() / 2;
        damaged[middle..middle + 20_000].fill(0x5a);
        std::fs::write(directory.join("damaged"), damaged).unwrap();
        for (from, word) in [
            ("text", "no SQLite database"),
            ("empty", "is empty"),
            ("damaged", "damaged"),
            ("nowhere", "no backup"),
            ("waymark.db", "itself"),
            (".", "folder"),
        ] {
            let text = bad(&run(directory, &["restore", from]), 1);
            assert!(text.contains(word) && text.lines().count() == 1, "{from}: {text}");
        }
        assert_eq!(std::fs::read(directory.join("waymark.db")).unwrap(), before);
        assert!(!files(directory).iter().any(|name| name.contains("restoring")), "{:?}", files(directory));
        // Usage, and PostgreSQL.
        bad(&run(directory, &["backup"]), 2);
        bad(&run(directory, &["restore"]), 2);
        for command in [["backup", "x"], ["restore", "copy.db"]] {
            let text =
                bad(&waymark(directory, &command).env("DATABASE_URL", "postgres://ada@127.0.0.1:1/w").output().unwrap(), 1);
            assert!(text.contains("docs/backup.md"), "{text}");
        }
        let text = bad(&run(directory, &["backup", "y.db", "--database-url", "sqlite:none.db"]), 1);
        assert!(text.contains("no database") && !directory.join("none.db").exists(), "{text}");
    });
}

/// What a killed backup left is no backup, and is no obstacle.
#[test]
fn what_a_killed_backup_left_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    good(&run(folder.path(), &["migrate"]));
    let part = folder.path().join("copy.db.part");
    std::fs::write(&part, "half of a copy").unwrap();
    let held = std::fs::File::options().write(true).open(&part).unwrap();
    held.lock().unwrap();
    let text = bad(&run(folder.path(), &["backup", "copy.db"]), 1);
    assert!(text.contains("another backup"), "{text}");
    drop(held);
    good(&run(folder.path(), &["backup", "copy.db"]));
    assert!(!part.exists());
}

/// Values of the page that says how, so that it stays true.
#[test]
fn the_page_names_what_the_tests_do() {
    let page = std::fs::read_to_string(crate::harness::root().join("docs/backup.md")).unwrap();
    for word in [
        "waymark backup",
        "waymark restore",
        "pg_dump --enable-row-security --format=custom",
        "pg_restore --single-transaction",
        "cursor_ahead",
        "WAYMARK_SQLITE_LOST",
    ] {
        assert!(page.contains(word), "{word}");
    }
}
