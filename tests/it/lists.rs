//! What every list promises: the order in which things were made, nothing skipped and nothing twice, however many write and
//! whatever the clock says; what somebody has just made shows at once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::{Value, json};
use waymark::auth::Principal;
use waymark::clock::Clock;
use waymark::db::types::{Id, Time};
use waymark::db::{Conn, Stored, migrate};
use waymark::each;

use crate::flow::{Pupil, post, pupil, put, read, together, whole};
use crate::harness::{Place, Stage, root};
use crate::learners::second_tenant;

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// An id as a literal of either database.
fn literal(conn: &Conn, id: Id) -> String {
    if conn.is_postgres() { format!("'{id}'") } else { format!("X'{}'", id.to_string().replace('-', "")) }
}

/// The columns of a table, without those that the database fills by itself.
fn columns(conn: &mut Conn, table: &str) -> Stored<Vec<String>> {
    let query = if conn.is_postgres() {
        format!("SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = '{table}'")
    } else {
        format!("SELECT name FROM pragma_table_info('{table}')")
    };
    let rows: Vec<Named> = each!(conn, c => diesel::sql_query(query).load(c))?;
    let given = ["id", "epoch", "xid", "seq"];
    Ok(rows.into_iter().map(|row| row.name).filter(|name| !given.contains(&name.as_str())).collect())
}

/// Makes another row like that of `old`, with an id of its own, on whatever transaction is open.
fn copy(conn: &mut Conn, table: &str, old: Id) -> Stored<Id> {
    let new = Id(uuid::Uuid::now_v7());
    let (columns, old, id) = (columns(conn, table)?.join(", "), literal(conn, old), literal(conn, new));
    conn.batch(&format!("INSERT INTO {table} (id, {columns}) SELECT {id}, {columns} FROM {table} WHERE id = {old}"))?;
    Ok(new)
}

/// The ids of a page, and the path of the next.
async fn page(stage: &Stage, token: &str, path: &str, limit: usize, cursor: Option<&str>) -> (Vec<String>, Option<String>) {
    let sign = if path.contains('?') { '&' } else { '?' };
    let cursor = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
    let page = read(stage, token, &format!("{path}{sign}limit={limit}{cursor}")).await.ok().json();
    let ids = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    (ids, page["next_cursor"].as_str().map(str::to_owned))
}

async fn walk(stage: &Stage, token: &str, path: &str, limit: usize, mut cursor: Option<String>) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let (ids, next) = page(stage, token, path, limit, cursor.as_deref()).await;
        all.extend(ids);
        match next {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
}

fn id_of(answer: &Value) -> Id {
    answer["id"].as_str().unwrap().parse().unwrap()
}

/// (table, its list, a row in it) of every list that is in the order in which things were made.
async fn every_list(stage: &Stage, ada: &Pupil) -> Vec<(&'static str, String, Id)> {
    let all = stage.full_token();
    let attempt = id_of(&put(stage, &ada.token, &crate::flow::new_attempt(), &whole(3)).await.is(201).json());
    let mut work = crate::submissions::complete();
    work["submit"] = json!(true);
    let submission = post(stage, &ada.token, "/v1/submissions", &work).await.is(201).json();
    let path = format!("/v1/submissions/{}/reviews", id_of(&submission));
    let said = json!({"state": "reviewed", "comment": "Good.", "submission_revision": submission["revision"]});
    let review = post(stage, &all, &path, &said).await.is(201).json();
    let diagnosis = post(stage, &ada.token, "/v1/diagnoses?keep=true", &json!({"visible_text": "No."})).await.is(201).json();
    let version =
        stage.get(&format!("/v1/lessons/{}", crate::harness::slug())).token(&all).send().await.ok().json()["version"].clone();
    let again = json!({"lesson": crate::harness::slug(), "from": version, "to": version, "reason": "To see."});
    let regrade = post(stage, &all, "/v1/regrades", &again).await.is(201).json();
    let lesson = crate::harness::slug();
    vec![
        ("learners", "/v1/learners".to_owned(), ada.id),
        ("attempts", "/v1/attempts".to_owned(), attempt),
        ("attempts", format!("/v1/attempts?lesson={lesson}&state=submitted"), attempt),
        ("attempts", format!("/v1/attempts?learner={}", ada.id), attempt),
        ("submissions", "/v1/submissions".to_owned(), id_of(&submission)),
        ("submissions", format!("/v1/submissions?learner={}&lesson={lesson}&state=reviewed", ada.id), id_of(&submission)),
        ("reviews", path, id_of(&review)),
        ("diagnoses", "/v1/diagnoses".to_owned(), id_of(&diagnosis)),
        ("diagnoses", format!("/v1/diagnoses?learner={}", ada.id), id_of(&diagnosis)),
        ("regrades", "/v1/regrades".to_owned(), id_of(&regrade)),
    ]
}

both!(
    /// T1 takes its transaction id; others commit after it; a page is read; T1 commits; the list is read on.
    what_commits_late_is_not_skipped, |place: Place| {
    let stage = place.serve();
    let (ada, token) = (pupil(&stage, "ada").await, stage.full_token());
    for (table, path, first) in every_list(&stage, &ada).await {
        let before = walk(&stage, &token, &path, 100, None).await;
        assert!(before.contains(&first.to_string()), "{path}");
        let (late, later) = (place.session(), place.session());
        if place.is_postgres() {
            for session in [&late, &later] {
                session.batch("BEGIN");
                session.batch("SELECT pg_current_xact_id()");
            }
        }
        let in_time: Vec<Id> = place.db(move |conn| (0..4).map(|_| copy(conn, table, first)).collect());
        let in_time: Vec<String> = in_time.iter().map(ToString::to_string).collect();
        // What was committed shows at once, though somebody before it is not done.
        assert_eq!(walk(&stage, &token, &path, 100, None).await, [before.clone(), in_time.clone()].concat(), "{path}");
        let (begun, next) = page(&stage, &token, &path, before.len() + 1, None).await;
        assert_eq!(begun, [before.as_slice(), &in_time[..1]].concat(), "{path}");
        let left = late.run(move |conn| (0..3).map(|_| copy(conn, table, first)).collect::<Stored<Vec<Id>>>());
        let mut left: Vec<String> = left.iter().map(ToString::to_string).collect();
        let seen_meanwhile = if place.is_postgres() {
            // Not committed: the next page knows nothing of it, and remembers.
            let (more, cursor) = page(&stage, &token, &path, 1, next.as_deref()).await;
            assert_eq!(more, in_time[1..2], "{path}");
            late.batch("COMMIT");
            let rest = walk(&stage, &token, &path, 2, cursor).await;
            [more, rest].concat()
        } else {
            walk(&stage, &token, &path, 1, next).await
        };
        let expected = if place.is_postgres() {
            [in_time[1..2].to_vec(), left.clone(), in_time[2..].to_vec()].concat()
        } else {
            [in_time[1..].to_vec(), left.clone()].concat()
        };
        assert_eq!(seen_meanwhile, expected, "{path}");
        if place.is_postgres() {
            // The other one is still running; page by page, one row each, it is waited for and never in the way.
            let (_, mut cursor) = page(&stage, &token, &path, before.len() + 4, None).await;
            left = later.run(move |conn| (0..2).map(|_| copy(conn, table, first)).collect::<Stored<Vec<Id>>>()).iter().map(ToString::to_string).collect();
            later.batch("COMMIT");
            let mut rest = Vec::new();
            while let Some(at) = cursor {
                let (ids, next) = page(&stage, &token, &path, 1, Some(&at)).await;
                rest.extend(ids);
                cursor = next;
            }
            assert_eq!(rest, [left, in_time[1..].to_vec()].concat(), "{path}");
        }
        let all = walk(&stage, &token, &path, 3, None).await;
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{path}: something comes twice");
        assert_eq!(all.len(), before.len() + if place.is_postgres() { 9 } else { 7 }, "{path}");
    }
});

both!(a_walk_beside_writers_sees_all_that_was_there, |stage| {
    let token = stage.full_token();
    let done = AtomicBool::new(false);
    let made = std::sync::Mutex::new(Vec::new());
    let writer = |n: usize| {
        let (stage, token, made) = (&stage, &token, &made);
        async move {
            for i in 0..25 {
                let path = format!("/v1/learners/by-identity?id=w{n}-{i}");
                let id = put(stage, token, &path, &json!({})).await.is(201).json()["id"].as_str().unwrap().to_owned();
                made.lock().unwrap().push(id);
            }
        }
    };
    let walker = async {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        while !done.load(Ordering::SeqCst) || cursor.is_some() {
            let ended = done.load(Ordering::SeqCst);
            let (ids, next) = page(&stage, &token, "/v1/learners", 3, cursor.as_deref()).await;
            seen.extend(ids);
            match next {
                Some(next) => cursor = Some(next),
                // At the end: begin again, so that a walk is always under way.
                None if ended => break,
                None => (seen, cursor) = (Vec::new(), None),
            }
        }
        seen
    };
    let writers = async {
        together((0..6).map(writer)).await;
        done.store(true, Ordering::SeqCst);
    };
    let (seen, ()) = tokio::join!(walker, writers);
    let seen = if seen.is_empty() { walk(&stage, &token, "/v1/learners", 3, None).await } else { seen };
    let distinct: BTreeSet<&String> = seen.iter().collect();
    assert_eq!(distinct.len(), seen.len(), "something came twice");
    let made = made.into_inner().unwrap();
    let missing: Vec<&String> = made.iter().filter(|id| !distinct.contains(id)).collect();
    assert!(made.len() == 150 && missing.is_empty(), "{} of {} were skipped", missing.len(), made.len());
});

both!(a_clock_that_steps_back_changes_no_order, |place: Place| {
    let start = Time(1_795_000_000_000_000);
    let clock = Clock::fixed(start);
    let stage = place.serve_with(|_| {}, clock.clone());
    let token = stage.full_token();
    let mut made = Vec::new();
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    for n in 0..6 {
        clock.set(start.plus_seconds(-3 * n));
        for twin in ["a", "b"] {
            let path = format!("/v1/learners/by-identity?id={n}{twin}");
            made.push(put(&stage, &token, &path, &json!({})).await.is(201).json()["id"].as_str().unwrap().to_owned());
        }
        let (ids, next) = page(&stage, &token, "/v1/learners", 1, cursor.as_deref()).await;
        seen.extend(ids);
        cursor = next;
    }
    seen.extend(walk(&stage, &token, "/v1/learners", 2, cursor).await);
    assert_eq!(seen, made);
});

both!(cursors_of_the_order_by_time_are_refused_by_name, |stage| {
    let (tenant, client) = second_tenant(&stage);
    let token = stage.issue(tenant, client, Principal::Client(client), "attempts:read");
    // As the service made them before: eight bytes of time, an id.
    let old = waymark::web::page::cursor(tenant, "attempts/Filter { learner: None, lesson: None, state: None }", &[7; 24]);
    let refused = read(&stage, &token, &format!("/v1/attempts?cursor={old}")).await.problem(400, "invalid_cursor");
    assert!(refused["detail"].as_str().unwrap().contains("older version"), "{refused}");
});

/// Makes the database as it was before places, with whatever `fill` puts into it.
fn before_places(place: &Place, fill: impl FnOnce(&mut Conn) -> Stored<()> + Send + 'static) {
    let folder = root().join(if place.is_postgres() { "migrations/postgres" } else { "migrations/sqlite" });
    let mut names: Vec<String> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let old: Vec<String> = names.into_iter().filter(|name| name.as_str() < "2026-11-29").collect();
    assert_eq!(old.len(), 3);
    place.db(move |conn| {
        conn.batch("CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)")?;
        for name in old {
            let sql = std::fs::read_to_string(folder.join(&name).join("up.sql")).unwrap();
            each!(conn, c => c.batch_execute(&sql))?;
            let version = name.split('_').next().unwrap().replace('-', "");
            conn.batch(&format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{version}')"))?;
        }
        fill(conn)
    });
}

#[derive(QueryableByName)]
struct Placed {
    #[diesel(sql_type = Text)]
    counted_in: String,
    #[diesel(sql_type = BigInt)]
    seq: i64,
}

both!(an_upgrade_keeps_the_order_and_finds_out_who_named_a_placement, |place: Place| {
    let id = |n: u128| Id(uuid::Builder::from_random_bytes(n.to_be_bytes()).into_uuid());
    // id, seconds, who made it, placement -> counted in, place
    let table = [
        (9, 30, "learner", "room", "room", 4),
        (5, 10, "client", "room", "room", 1),
        (7, 20, "learner", "mine", "", 3),
        (6, 20, "learner", "", "", 2),
        (8, 40, "staff", "hall", "hall", 5),
    ];
    before_places(&place, move |conn| {
        let time = |conn: &Conn, seconds: i64| {
            if conn.is_postgres() { format!("to_timestamp({seconds})") } else { format!("{}", seconds * 1_000_000) }
        };
        let (tenant, learner, now) = (literal(conn, id(1)), literal(conn, id(2)), time(conn, 1));
        conn.batch(&format!("INSERT INTO learners VALUES ({tenant}, {learner}, NULL, 1, {now}, {now})"))?;
        for (n, seconds, who, placement, _, _) in table {
            let (attempt, made, no) = (literal(conn, id(n)), time(conn, seconds), if conn.is_postgres() { "false" } else { "0" });
            conn.batch(&format!(
                "INSERT INTO attempts (tenant_id, id, learner_id, client_id, lesson, version, language, purpose, placement, context, state, \
                 attempt_number, key_seen_before, over_limit, item_order, started, started_at, revision, created_at, updated_at) VALUES \
                 ({tenant}, {attempt}, {learner}, {tenant}, 'l', 'v', 'en', 'assigned', '{placement}', '{{}}', 'submitted', \
                 1, {no}, {no}, '[]', '{{}}', {made}, 1, {made}, {made})"
            ))?;
            conn.batch(&format!(
                "INSERT INTO records (tenant_id, id, kind, schema_version, learner_id, lesson, object_id, recorded_at, envelope) VALUES \
                 ({tenant}, {attempt}, 'attempt.started', 1, {learner}, 'l', '{}', {made}, '{{\"actor\": {{\"principal\": {{\"type\": \"{who}\"}}}}}}')",
                id(n)
            ))?;
        }
        Ok(())
    });
    let applied =
        migrate::run_migrations(&place.config, true, |_, outcome| Ok(matches!(outcome, migrate::MigrationOutcome::Applied(_))))
            .unwrap();
    assert!(applied);
    let found = place.db(move |conn| {
        table
            .iter()
            .map(|row| {
                let sql = format!("SELECT counted_in, seq FROM attempts WHERE id = {}", literal(conn, id(row.0)));
                Ok(each!(conn, c => diesel::sql_query(sql).get_result::<Placed>(c))?)
            })
            .collect::<Stored<Vec<Placed>>>()
    });
    for (row, placed) in table.iter().zip(&found) {
        assert_eq!((placed.counted_in.as_str(), placed.seq), (row.4, row.5), "{row:?}");
    }
    // What comes next stands after all of it.
    let next = place.db(move |conn| {
        let new = copy(conn, "attempts", id(9))?;
        let sql = format!("SELECT counted_in, seq FROM attempts WHERE id = {}", literal(conn, new));
        Ok(each!(conn, c => diesel::sql_query(sql).get_result::<Placed>(c))?)
    });
    assert_eq!(next.seq, 6);
});
