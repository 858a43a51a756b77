//! The log and its feed: every record exactly once, in order, whoever writes at the same time (CONTRACT.md, section 5).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Barrier};

use serde_json::{Value, json};
use waymark::auth::{Principal, Who};
use waymark::clock::Clock;
use waymark::db::types::{Id, Json, Time};
use waymark::db::{Conn, Stored};
use waymark::records::{self, Object, RecordDraft, RecordPlace};

use crate::harness::{Kind, Stage, place_of, play};

fn draft(kind: &'static str, learner: Option<Id>, body: Value) -> RecordDraft {
    RecordDraft {
        kind,
        learner,
        object: Object { r#type: "test".to_owned(), id: "1".to_owned(), iri: None },
        place: None,
        context: Json(json!({})),
        occurred: records::now(Time(1_800_000_000_000_000)),
        body,
    }
}

/// Appends one record that says `name`.
pub fn append(who: &Who, name: impl Into<String>) -> impl Fn(&mut Conn) -> Stored<()> + Send + Sync + 'static {
    let (who, name) = (who.clone(), name.into());
    move |conn| records::append(conn, &who, vec![draft("test.said", None, json!({"name": name}))])
}

pub fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["body"]["name"].as_str().unwrap_or_default().to_owned()).collect()
}

/// `1.20.3` as numbers, which is how positions compare.
pub fn position(record: &Value) -> Vec<i64> {
    record["position"].as_str().unwrap().split('.').map(|part| part.parse().unwrap()).collect()
}

/// One reader that follows the feed with its cursor.
pub struct Reader<'a> {
    pub stage: &'a Stage,
    pub token: String,
    pub query: String,
    pub cursor: Option<String>,
}

impl<'a> Reader<'a> {
    pub fn new(stage: &'a Stage) -> Reader<'a> {
        Reader { stage, token: stage.token("records:read"), query: "limit=100".to_owned(), cursor: None }
    }

    pub async fn page(&mut self) -> Value {
        let after = self.cursor.as_ref().map_or(String::new(), |cursor| format!("&after={cursor}"));
        let url = format!("/v1/records?{}{after}", self.query);
        let page = self.stage.get(&url).token(&self.token).send().await.ok().json();
        self.cursor = Some(page["next_cursor"].as_str().expect("there is always a cursor").to_owned());
        page
    }
}

/// The proving test: T1 takes its transaction id, T2 appends and commits, T1 appends, the feed is read, T1 commits, the
/// feed is read on.
#[test]
fn a_slow_transaction_loses_no_record() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let (t1, t2, who) = (place.session(), place.session(), stage.client_who());
        let mut reader = Reader::new(&stage);
        stage.state.db.write(append(&who, "zero")).await.unwrap();
        stage.settled().await;
        assert_eq!(names(&reader.page().await), ["zero"]);

        t1.batch("BEGIN; SELECT pg_current_xact_id()");
        t2.batch("BEGIN");
        t2.run(append(&who, "second"));
        t2.batch("COMMIT");
        t1.run(append(&who, "first"));
        let page = reader.page().await;
        assert_eq!(names(&page), Vec::<String>::new(), "T2's record must wait until T1 has ended");
        assert_eq!(page["has_more"], false);
        t1.batch("COMMIT");
        stage.settled().await;
        let page = reader.page().await;
        assert_eq!(names(&page), ["first", "second"], "both, once, in the order of their places");
        let places: Vec<_> = page["items"].as_array().unwrap().iter().map(position).collect();
        assert!(places.is_sorted());
        assert_eq!(names(&reader.page().await), Vec::<String>::new());
        // A reader from the beginning sees the same.
        assert_eq!(names(&Reader::new(&stage).page().await), ["zero", "first", "second"]);
    });
}

/// The same with a first transaction that gives up: nothing waits for ever.
#[test]
fn a_transaction_that_rolls_back_holds_nobody() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let (t1, who) = (place.session(), stage.client_who());
        let mut reader = Reader::new(&stage);
        t1.batch("BEGIN");
        t1.run(append(&who, "never"));
        stage.state.db.write(append(&who, "kept")).await.unwrap();
        assert_eq!(names(&reader.page().await), Vec::<String>::new());
        t1.batch("ROLLBACK");
        stage.settled().await;
        assert_eq!(names(&reader.page().await), ["kept"]);
    });
}

/// On SQLite the single writer commits in the order of the log; a second writer outside waits for its turn.
#[test]
fn one_writer_at_a_time_loses_no_record() {
    play(Kind::Sqlite, |place| async move {
        let stage = place.serve();
        let (t1, who) = (place.session(), stage.client_who());
        let mut reader = Reader::new(&stage);
        t1.batch("BEGIN IMMEDIATE");
        t1.run(append(&who, "first"));
        let db = stage.state.db.clone();
        let second = tokio::spawn({
            let append = append(&who, "second");
            async move { db.write(append).await }
        });
        assert_eq!(names(&reader.page().await), Vec::<String>::new());
        t1.batch("COMMIT");
        second.await.unwrap().unwrap();
        assert_eq!(names(&reader.page().await), ["first", "second"]);
        // A sequence number that a rollback gave back hides nothing.
        t1.batch("BEGIN IMMEDIATE");
        t1.run(append(&who, "undone"));
        t1.batch("ROLLBACK");
        stage.state.db.write(append(&who, "third")).await.unwrap();
        assert_eq!(names(&reader.page().await), ["third"]);
    });
}

const WRITERS: usize = 20;
const ROUNDS: usize = 12;

/// Follows the feed until all of `expected` records were seen; fails at the first that comes twice or out of order.
/// It asks by kinds, so that a cursor goes past what is settled and nothing more.
async fn follow_all(stage: &Stage, expected: usize, read: &AtomicUsize) -> Vec<(usize, usize)> {
    let mut reader = Reader::new(stage);
    reader.query = "limit=7&kind=test.said,test.never".to_owned();
    let (mut seen, mut ids, mut last, mut pages) = (Vec::new(), BTreeSet::new(), Vec::new(), 0);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while seen.len() < expected {
        let page = reader.page().await;
        pages += 1;
        read.store(pages, Ordering::SeqCst);
        for item in page["items"].as_array().unwrap() {
            let here = position(item);
            assert!(here > last, "{here:?} came after {last:?}");
            last = here;
            assert!(ids.insert(item["id"].as_str().unwrap().to_owned()), "twice: {item}");
            let number = |name: &str| item["body"][name].as_u64().unwrap() as usize;
            seen.push((number("writer"), number("n")));
        }
        assert!(std::time::Instant::now() < until, "only {} of {expected} records were seen in {pages} pages", seen.len());
    }
    let rest = reader.page().await;
    assert_eq!((&rest["items"], &rest["has_more"]), (&json!([]), &json!(false)));
    seen
}

fn assert_each_once(seen: &[(usize, usize)], expected: &BTreeMap<usize, usize>) {
    let mut of_writer: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    seen.iter().for_each(|(writer, n)| of_writer.entry(*writer).or_default().push(*n));
    for (writer, count) in expected {
        assert_eq!(of_writer[writer], (0..*count).collect::<Vec<_>>(), "the records of writer {writer}");
    }
}

/// Twenty writers whose transactions stay open for different numbers of steps. Writers 2k and 2k+1 are a pair: the even
/// one takes its transaction id first, and commits only after the odd one has begun later and committed and the reader has
/// looked since then: a reader that went past a gap would have gone past it there.
#[test]
fn twenty_writers_and_one_reader_on_postgres() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let start = Arc::new(Barrier::new(WRITERS));
        let pages = Arc::new(AtomicUsize::new(0));
        let _end = LetGo(pages.clone());
        let mut threads = Vec::new();
        for pair in 0..WRITERS / 2 {
            let (go, begun) = mpsc::channel::<()>();
            let (done, committed) = mpsc::channel::<()>();
            let slow = (place.session(), stage.client_who(), start.clone());
            let pages = pages.clone();
            let quick = (place.session(), stage.client_who(), start.clone());
            threads.push(std::thread::spawn(move || {
                let (session, who, start) = slow;
                start.wait();
                for n in 0..ROUNDS {
                    session.batch("BEGIN; SELECT pg_current_xact_id()");
                    go.send(()).unwrap();
                    for _ in 0..pair * 3 {
                        session.batch("SELECT 1");
                    }
                    committed.recv().unwrap();
                    session.run(say(&who, 2 * pair, n));
                    // Two pages further: the second was begun after the partner's commit.
                    let before = pages.load(Ordering::SeqCst);
                    while pages.load(Ordering::SeqCst) < before.saturating_add(2).min(usize::MAX / 2) {
                        std::thread::yield_now();
                    }
                    session.batch("COMMIT");
                }
            }));
            threads.push(std::thread::spawn(move || {
                let (session, who, start) = quick;
                start.wait();
                for n in 0..ROUNDS {
                    begun.recv().unwrap();
                    session.batch("BEGIN");
                    session.run(say(&who, 2 * pair + 1, n));
                    for _ in 0..pair {
                        session.batch("SELECT 1");
                    }
                    session.batch("COMMIT");
                    done.send(()).unwrap();
                }
            }));
        }
        let seen = follow_all(&stage, WRITERS * ROUNDS, &pages).await;
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_each_once(&seen, &(0..WRITERS).map(|writer| (writer, ROUNDS)).collect());
    });
}

/// Whoever waits for pages waits no longer than the test.
struct LetGo(Arc<AtomicUsize>);

impl Drop for LetGo {
    fn drop(&mut self) {
        self.0.store(usize::MAX / 2, Ordering::SeqCst);
    }
}

fn say(who: &Who, writer: usize, n: usize) -> impl Fn(&mut Conn) -> Stored<()> + Send + Sync + 'static {
    let who = who.clone();
    move |conn| records::append(conn, &who, vec![draft("test.said", None, json!({"writer": writer, "n": n}))])
}

both!(
    /// Twenty writers through the service itself: transactions of one to twenty records, every seventh of them undone.
    twenty_writers_through_the_service, |stage| {
    let mut expected = BTreeMap::new();
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let (db, who) = (stage.state.db.clone(), stage.client_who());
        let sizes: Vec<usize> = (0..ROUNDS).map(|round| 1 + (writer * 7 + round * 3) % 20).collect();
        let kept = move |round: usize| !(writer + round).is_multiple_of(7);
        expected.insert(writer, sizes.iter().enumerate().filter(|(round, _)| kept(*round)).map(|(_, size)| size).sum());
        writers.push(tokio::spawn(async move {
            let mut n = 0;
            for (round, size) in sizes.into_iter().enumerate() {
                let who = who.clone();
                let (from, keep) = (n, kept(round));
                let result = db
                    .write(move |conn| {
                        for n in from..from + size {
                            say(&who, writer, n)(conn)?;
                        }
                        if keep { Ok(()) } else { Err(waymark::error::Problem::not_found("reason to keep this")) }
                    })
                    .await;
                assert_eq!(result.is_ok(), keep, "{result:?}");
                n += if keep { size } else { 0 };
            }
        }));
    }
    let seen = follow_all(&stage, expected.values().sum(), &AtomicUsize::new(0)).await;
    for writer in writers {
        writer.await.unwrap();
    }
    assert_each_once(&seen, &expected);
});

both!(the_last_page_can_be_resumed, |stage| {
    let mut reader = Reader::new(&stage);
    let empty = reader.page().await;
    assert_eq!((&empty["items"], &empty["has_more"]), (&json!([]), &json!(false)));
    assert!(empty["as_of"].is_string());
    let who = stage.client_who();
    for name in ["a", "b", "c"] {
        stage.state.db.write(append(&who, name)).await.unwrap();
    }
    stage.settled().await;
    let again = empty["next_cursor"].as_str().unwrap();
    let url = format!("/v1/records?limit=2&after={again}");
    // The cursor of an empty log goes on where the log begins, under another limit too.
    let answer = stage.get(&url).token(&reader.token).send().await.ok();
    let page = answer.json();
    assert_eq!((names(&page), &page["has_more"]), (vec!["a".to_owned(), "b".to_owned()], &json!(true)));
    let next = page["next_cursor"].as_str().unwrap();
    assert_eq!(answer.header("link"), format!("</v1/records?limit=2&after={next}>; rel=\"next\""));
    let last = stage.get(&format!("/v1/records?limit=2&after={next}")).token(&reader.token).send().await.ok();
    assert_eq!(names(&last.json()), ["c"]);
    assert_eq!(last.header("link"), "");
    assert_eq!(last.json()["has_more"], false);
    let resumed = last.json()["next_cursor"].as_str().unwrap().to_owned();
    stage.state.db.write(append(&who, "d")).await.unwrap();
    stage.settled().await;
    let page = stage.get(&format!("/v1/records?after={resumed}")).token(&reader.token).send().await.ok().json();
    assert_eq!(names(&page), ["d"]);
});

both!(cursors_belong_to_their_tenant_and_query, |stage| {
    let mut reader = Reader::new(&stage);
    stage.state.db.write(append(&stage.client_who(), "a")).await.unwrap();
    stage.settled().await;
    let cursor = reader.page().await["next_cursor"].as_str().unwrap().to_owned();
    let token = reader.token.clone();
    let refused = |query: String, token: String| {
        let stage = &stage;
        async move { stage.get(&format!("/v1/records?{query}")).token(&token).send().await.problem(400, "invalid_cursor") }
    };
    refused(format!("after={cursor}&kind=test.said"), token.clone()).await;
    refused(format!("after={cursor}&lesson=x"), token.clone()).await;
    refused(format!("after={cursor}&learner={}", stage.clean_id()), token.clone()).await;
    let mut tampered = cursor.clone().into_bytes();
    tampered[3] = if tampered[3] == b'A' { b'B' } else { b'A' };
    refused(format!("after={}", String::from_utf8(tampered).unwrap()), token.clone()).await;
    refused(format!("after={}", &cursor[..cursor.len() - 4]), token.clone()).await;
    refused("after=".to_owned(), token.clone()).await;
    refused("after=nonsense".to_owned(), token.clone()).await;
    let other = Id(uuid::Uuid::now_v7());
    let foreign = stage.issue(other, other, Principal::Client(other), "records:read");
    refused(format!("after={cursor}"), foreign).await;
    let learner = stage.learner_token(stage.clean_id(), "records:read");
    refused(format!("after={cursor}"), learner).await;
    for limit in ["0", "1001", "-1", "x", "99999999999999999999", ""] {
        let answer = stage.get(&format!("/v1/records?limit={limit}")).token(&token).send().await;
        assert_eq!(place_of(&answer.problem(400, "invalid_parameter")), "limit", "limit={limit}");
    }
    stage.get("/v1/records?limit=1000").token(&token).send().await.ok();
});

both!(
    /// A learner's token sees its own records only; a tenant's tokens see the tenant's only.
    a_feed_shows_what_its_reader_may_see, |stage| {
    let (anna, ben) = (stage.clean_id(), stage.clean_id());
    let place = RecordPlace { lesson: "some-lesson".to_owned(), lesson_iri: "x".to_owned(), ..RecordPlace::default() };
    let who = stage.client_who();
    let one = move |learner: Option<Id>, kind: &'static str, name: &'static str| {
        RecordDraft { place: Some(place.clone()), ..draft(kind, learner, json!({"name": name})) }
    };
    let drafts = vec![
        one(Some(anna), "attempt.started", "anna 1"),
        one(Some(ben), "attempt.started", "ben 1"),
        one(None, "lesson.published", "nobody"),
        one(Some(anna), "attempt.submitted", "anna 2"),
    ];
    let other_tenant = Who { tenant: stage.clean_id(), ..stage.client_who() };
    let foreign = other_tenant.tenant;
    stage
        .state
        .db
        .write(move |conn| {
            records::append(conn, &who, drafts.clone())?;
            records::append(conn, &other_tenant, vec![draft("test.said", Some(anna), json!({"name": "foreign"}))])
        })
        .await
        .unwrap();
    stage.settled().await;
    let read = |token: String, query: &str| {
        let call = stage.get(&format!("/v1/records{query}")).token(&token);
        async move { names(&call.send().await.ok().json()) }
    };
    let staff = stage.staff_token(stage.clean_id(), "records:read learners:all");
    let annas = stage.learner_token(anna, "records:read");
    assert_eq!(read(staff.clone(), "").await, ["anna 1", "ben 1", "nobody", "anna 2"]);
    assert_eq!(read(staff.clone(), &format!("?learner={ben}")).await, ["ben 1"]);
    assert_eq!(read(staff.clone(), "?kind=attempt.submitted,lesson.published").await, ["nobody", "anna 2"]);
    assert_eq!(read(staff.clone(), "?lesson=some-lesson&limit=1").await, ["anna 1"]);
    assert_eq!(read(staff.clone(), "?lesson=another").await, Vec::<String>::new());
    assert_eq!(read(annas.clone(), "").await, ["anna 1", "anna 2"]);
    assert_eq!(read(annas.clone(), &format!("?learner={anna}")).await, ["anna 1", "anna 2"]);
    let answer = stage.get(&format!("/v1/records?learner={ben}")).token(&annas).send().await;
    let nobody = stage.get(&format!("/v1/records?learner={}", stage.clean_id())).token(&annas).send().await;
    let (theirs, nobodys) = (answer.problem(404, "not_found"), nobody.problem(404, "not_found"));
    assert_eq!(theirs["detail"], nobodys["detail"], "somebody else's is answered like nobody's");
    let theirs = stage.issue(foreign, foreign, Principal::Client(foreign), "records:read");
    assert_eq!(read(theirs, "").await, ["foreign"]);
});

both!(
    /// The envelope has every field of the contract.
    a_record_suffices_by_itself, |place: Place| {
    let clock = Clock::fixed(Time(1_795_000_000_123_456));
    let stage = place.serve_with(|_| {}, clock);
    let learner = stage.clean_id();
    let who = stage.client_who();
    let one = draft("attempt.started", Some(learner), json!({"name": "x"}));
    stage.state.db.write(move |conn| records::append(conn, &who, vec![one.clone()])).await.unwrap();
    stage.settled().await;
    let record = Reader::new(&stage).page().await["items"][0].clone();
    let fields: BTreeSet<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "actor body context course id kind language learner lesson object occurred position recorded_at request_id schema_version tenant";
    assert_eq!(fields, expected.split(' ').collect::<BTreeSet<_>>());
    assert_eq!(record["recorded_at"], "2026-11-18T11:06:40.123456Z");
    let administrator = stage.administrator.to_string();
    assert_eq!(record["actor"], json!({"client": administrator, "principal": {"type": "client", "id": administrator}}));
    assert_eq!(record["learner"], learner.to_string());
});

/// After a restore into a server with lower transaction ids a new epoch begins, whose records come after the old ones.
#[test]
fn a_restore_begins_a_new_epoch() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let who = stage.client_who();
        stage.state.db.write(append(&who, "old 1")).await.unwrap();
        stage.state.db.write(append(&who, "old 2")).await.unwrap();
        stage.stop();
        place.db(|conn| conn.batch("UPDATE records SET xid = (xid::text::bigint + 9000000000000)::text::xid8"));
        let again = place.transaction(waymark::db::epochs::begin_epoch_if_restored).unwrap();
        assert!(again, "stored ids above the server's begin an epoch");
        assert!(!place.transaction(waymark::db::epochs::begin_epoch_if_restored).unwrap(), "only one");
        let stage = place.serve();
        let mut reader = Reader::new(&stage);
        let before = reader.page().await;
        assert_eq!(names(&before), ["old 1", "old 2"], "rows of an earlier epoch always show");
        stage.state.db.write(append(&who, "new")).await.unwrap();
        stage.settled().await;
        let page = reader.page().await;
        assert_eq!(names(&page), ["new"], "an old cursor goes on into the new epoch");
        assert!(position(&page["items"][0]) > position(&before["items"][1]));
        assert_eq!(names(&Reader::new(&stage).page().await), ["old 1", "old 2", "new"]);
    });
}

/// A start does the same by itself.
#[test]
fn a_start_notices_a_restore() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        stage.state.db.write(append(&stage.client_who(), "old")).await.unwrap();
        stage.stop();
        place.db(|conn| conn.batch("UPDATE records SET xid = '9000000000000'"));
        let stage = place.serve();
        stage.state.db.write(append(&stage.client_who(), "new")).await.unwrap();
        stage.settled().await;
        let page = Reader::new(&stage).page().await;
        assert_eq!(names(&page), ["old", "new"]);
        assert_eq!(position(&page["items"][1])[0], position(&page["items"][0])[0] + 1);
    });
}

/// How long a reader has been waiting shows in the metric.
#[test]
fn the_lag_of_the_feed_is_measured() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let (t1, who) = (place.session(), stage.client_who());
        let lag = |now: Time| place.db(move |conn| waymark::db::epochs::lag_seconds(conn, now));
        let now = stage.clock.now();
        assert_eq!(lag(now), 0, "an empty log");
        t1.batch("BEGIN; SELECT pg_current_xact_id()");
        stage.state.db.write(append(&who, "waits")).await.unwrap();
        let seconds = lag(who.now.plus_seconds(90));
        assert_eq!(seconds, 90);
        t1.batch("COMMIT");
        stage.settled().await;
        assert_eq!(lag(who.now.plus_seconds(90)), 0);
    });
}

/// The log is never changed: no statement of the store would.
#[test]
fn no_statement_changes_a_record() {
    let store = std::fs::read_to_string(crate::harness::root().join("src/records/store.rs")).unwrap();
    assert!(!store.contains("diesel::update") && !store.contains("diesel::delete") && !store.contains("UPDATE records"));
}

/// A record as the test below makes it: kind, learner, lesson.
type Made = (&'static str, usize, usize);

both!(
    /// With every filter, alone and combined, the pages together hold exactly what is asked for, in order; what finds nothing
    /// is at the end at once, however long the log is.
    every_filter_shows_what_it_names, |stage| {
    const RECORDS: usize = 7_000;
    let learners: Vec<Id> = (0..3).map(|_| stage.clean_id()).collect();
    // Thick and thin ones: the last lesson and the last kind are rare, and never meet.
    let made: Vec<Made> = (0..RECORDS)
        .map(|n| match n {
            _ if n % 2_999 == 7 => ("test.rare", n % 3, 0),
            _ if n % 1_999 == 3 => (["test.a", "test.b"][n % 2], n % 3, 2),
            _ => (["test.a", "test.b", "test.c"][n % 3], n / 5 % 3, n / 7 % 2),
        })
        .collect();
    let lessons = ["alpha", "beta", "gamma"];
    let drafts: Vec<RecordDraft> = made
        .iter()
        .enumerate()
        .map(|(n, (kind, learner, lesson))| {
            let place = RecordPlace { lesson: lessons[*lesson].to_owned(), ..RecordPlace::default() };
            RecordDraft { place: Some(place), ..draft(kind, Some(learners[*learner]), json!({"n": n})) }
        })
        .collect();
    let who = stage.client_who();
    stage.state.db.write(move |conn| records::append(conn, &who, drafts.clone())).await.unwrap();
    stage.settled().await;
    let token = stage.token("records:read");
    let follow = async |query: &str| {
        let (mut found, mut pages, mut after) = (Vec::new(), 0, String::new());
        loop {
            let page = stage.get(&format!("/v1/records?{query}{after}")).token(&token).send().await.ok().json();
            found.extend(page["items"].as_array().unwrap().iter().filter_map(|item| item["body"]["n"].as_u64()));
            pages += 1;
            assert!(pages < 2 * RECORDS, "{query}: no end");
            let cursor = page["next_cursor"].as_str().unwrap().to_owned();
            if page["has_more"] == false {
                return (found, pages, cursor);
            }
            assert_ne!(format!("&after={cursor}"), after, "{query}: it stands still");
            after = format!("&after={cursor}");
        }
    };
    let kinds: [&[&str]; 5] = [&[], &["test.rare"], &["test.a"], &["test.rare", "test.b"], &["test.never"]];
    for kinds in kinds {
        for learner in [None, Some(0), Some(2)] {
            for lesson in [None, Some(0), Some(2)] {
                let mut query = "limit=1000".to_owned();
                if !kinds.is_empty() {
                    query.push_str(&format!("&kind={}", kinds.join(",")));
                }
                query.extend(learner.map(|learner: usize| format!("&learner={}", learners[learner])));
                query.extend(lesson.map(|lesson: usize| format!("&lesson={}", lessons[lesson])));
                let expected: Vec<u64> = made
                    .iter()
                    .enumerate()
                    .filter(|(_, (k, who, at))| {
                        (kinds.is_empty() || kinds.contains(k)) && learner.is_none_or(|one| one == *who) && lesson.is_none_or(|one| one == *at)
                    })
                    .map(|(n, _)| n as u64)
                    .collect();
                let (found, pages, cursor) = follow(&query).await;
                assert_eq!(found, expected, "{query}");
                assert!(pages <= expected.len() / 1000 + 3, "{query}: {pages} pages for {}", expected.len());
                // Whoever asks again stands at the end of the log, not where the last record of the kind was.
                let end = stage.get(&format!("/v1/records?{query}&after={cursor}")).token(&token).send().await.ok().json();
                assert_eq!((&end["items"], end["next_cursor"].as_str()), (&json!([]), Some(cursor.as_str())), "{query}");
            }
        }
    }
});

both!(
    /// A poll that finds nothing does not look at the same records again: its cursor moves with the log.
    a_poll_that_finds_nothing_moves_on, |stage| {
    let who = stage.client_who();
    let mut reader = Reader::new(&stage);
    reader.query = "kind=test.never".to_owned();
    reader.page().await;
    let before = reader.cursor.clone();
    stage.state.db.write(append(&who, "said")).await.unwrap();
    stage.settled().await;
    assert_eq!(reader.page().await["items"], json!([]));
    let after = reader.cursor.clone();
    assert_ne!(before, after, "the cursor stays where it was");
    assert_eq!(reader.page().await["items"], json!([]));
    assert_eq!(reader.cursor, after);
    let never = move |conn: &mut Conn| records::append(conn, &who, vec![draft("test.never", None, json!({"name": "once"}))]);
    stage.state.db.write(never).await.unwrap();
    stage.settled().await;
    assert_eq!(names(&reader.page().await), ["once"]);
});
