//! The audit log as a chain: it stays whole however many append, and whatever is changed in it by hand is found.

use std::process::{Command, Stdio};

use diesel::prelude::*;
use serde_json::{Value, json};
use waymark::audit::rules::{ChainBreak, ChainEnd, entry_sha256};
use waymark::audit::store::{AuditRow, entries_behind};
use waymark::audit::verify::verify_chain;
use waymark::audit::{AuditEntry, note};
use waymark::auth::{Principal, Who};
use waymark::db::schema::{audit_entries, audit_heads};
use waymark::db::types::Id;
use waymark::db::{Conn, Stored};
use waymark::each;
use waymark::error::{Code, Problem};

use crate::cli::{bad, good, run};
use crate::flow::read;
use crate::harness::{Stage, place_of, root};
use crate::learners::second_tenant;

/// Somebody of a tenant, with an address.
fn somebody(stage: &Stage, tenant: Id) -> Who {
    Who { tenant, address: Some([192, 0, 2, 7].into()), ..stage.who(Principal::Staff(stage.clean_id())) }
}

fn all_rows(conn: &mut Conn, tenant: Id) -> Stored<Vec<AuditRow>> {
    entries_behind(conn, tenant, 0, 100_000)
}

fn verified(conn: &mut Conn, tenant: Id) -> Stored<Result<ChainEnd, (i64, ChainBreak)>> {
    Ok(verify_chain(conn, tenant, &|_, _| {})?.map_err(|fault| (fault.number, fault.why)))
}

both!(many_who_append_at_once_make_one_chain, |stage| {
    const EACH: i64 = 8;
    let (mine, other) = (stage.clean_id(), stage.clean_id());
    let threads: Vec<_> = (0..EACH)
        .map(|thread| {
            let (place, who) = (stage.place.clone(), somebody(&stage, mine));
            let beside = Who { tenant: other, ..who.clone() };
            std::thread::spawn(move || {
                for n in 0..EACH {
                    let entry = AuditEntry::new("test.done", ("test", &n)).with("thread", thread);
                    let who = who.clone();
                    place.transaction(move |conn| note(conn, &who, entry)).unwrap();
                }
                // Equal numbers in another tenant are another chain.
                place.transaction(move |conn| note(conn, &beside, AuditEntry::new("test.done", ("test", &thread)))).unwrap();
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    for (tenant, count) in [(mine, EACH * EACH), (other, EACH)] {
        let (rows, end) = stage.place.db(move |conn| Ok((all_rows(conn, tenant)?, verified(conn, tenant)?)));
        assert!(rows.iter().map(|row| row.number).eq(1..=count), "without a gap");
        assert_eq!(end.unwrap(), ChainEnd { number: count, sha256: rows.last().unwrap().sha256.clone() });
        assert_eq!(rows[0].address.as_deref(), Some("192.0.2.7"));
    }
});

/// Six entries of which no two have a value in common where that can be.
fn six(stage: &Stage, tenant: Id) {
    const ACTS: [&str; 6] = ["test.one", "test.two", "test.three", "test.four", "test.five", "test.six"];
    const KINDS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    for n in 0..6 {
        let who = Who {
            client: stage.clean_id(),
            request_id: format!("request-{n}"),
            address: Some([192, 0, 2, n + 1].into()),
            principal: if n == 0 { Principal::Client(stage.clean_id()) } else { Principal::Staff(stage.clean_id()) },
            now: stage.clock.now().plus_seconds(i64::from(n)),
            ..somebody(stage, tenant)
        };
        let entry = AuditEntry::new(ACTS[usize::from(n)], (KINDS[usize::from(n)], &n))
            .with("n", n)
            .with("text", "\u{e9}\"\\\n\u{1}\u{7f}😀");
        stage.place.transaction(move |conn| note(conn, &who, entry)).unwrap();
    }
}

/// Somebody who owns the database, and puts the triggers out of the way.
fn without_triggers(conn: &mut Conn) -> Stored<()> {
    match conn {
        Conn::Pg(_) => conn.batch("SET LOCAL session_replication_role = replica"),
        Conn::Sqlite(_) => {
            for name in ["entries_stay", "entries_are_not_removed", "entries_are_not_replaced", "heads_only_grow", "heads_stay"] {
                conn.batch(&format!("DROP TRIGGER audit_{name}"))?;
            }
            Ok(())
        }
    }
}

/// Writes a row over the one with its number, with the hash of what it says now.
fn forged(conn: &mut Conn, mut row: AuditRow, change: impl FnOnce(&mut AuditRow)) -> Stored<Vec<u8>> {
    change(&mut row);
    row.sha256 = entry_sha256(&row.facts()).unwrap().to_vec();
    let own =
        audit_entries::table.filter(audit_entries::tenant_id.eq(row.tenant_id)).filter(audit_entries::number.eq(row.number));
    each!(conn, c => diesel::delete(own).execute(c))?;
    each!(conn, c => diesel::insert_into(audit_entries::table).values(&row).execute(c))?;
    Ok(row.sha256)
}

type Tamper = Box<dyn FnOnce(&mut Conn, Id) -> Stored<()> + Send>;

fn by_sql(sql: &str) -> Tamper {
    let sql = sql.to_owned();
    Box::new(move |conn, tenant| {
        let tenant = if conn.is_postgres() { format!("'{tenant}'") } else { format!("x'{}'", tenant.0.simple()) };
        conn.batch(&sql.replace(":tenant", &tenant))
    })
}

/// (what is done, the first entry that does not hold then, why)
fn tamperings(sqlite: bool) -> Vec<(String, Tamper, (i64, ChainBreak))> {
    use ChainBreak::*;
    let mut table: Vec<(String, Tamper, (i64, ChainBreak))> = Vec::new();
    let columns = [
        "id",
        "at",
        "act",
        "client_id",
        "principal_kind",
        "principal_id",
        "object_type",
        "object_id",
        "address",
        "request_id",
        "details",
        "previous_sha256",
        "sha256",
    ];
    for column in columns {
        let sql = format!(
            "UPDATE audit_entries SET {column} = (SELECT {column} FROM audit_entries WHERE tenant_id = :tenant AND number = 1) \
             WHERE tenant_id = :tenant AND number = 4"
        );
        table.push((format!("another {column}"), by_sql(&sql), (4, Changed)));
    }
    for column in ["client_id", "principal_kind", "principal_id", "address", "request_id"] {
        let sql = format!("UPDATE audit_entries SET {column} = NULL WHERE tenant_id = :tenant AND number = 2");
        table.push((format!("no {column}"), by_sql(&sql), (2, Changed)));
    }
    let mut sql = |what: &str, sql: &str, fault| table.push((what.to_owned(), by_sql(sql), fault));
    sql("another number", "UPDATE audit_entries SET number = 9 WHERE tenant_id = :tenant AND number = 4", (4, Missing));
    sql("one from the middle", "DELETE FROM audit_entries WHERE tenant_id = :tenant AND number = 3", (3, Missing));
    sql("the first", "DELETE FROM audit_entries WHERE tenant_id = :tenant AND number = 1", (1, Missing));
    sql("the last", "DELETE FROM audit_entries WHERE tenant_id = :tenant AND number = 6", (6, CutOff));
    sql("the end", "DELETE FROM audit_entries WHERE tenant_id = :tenant AND number > 2", (3, CutOff));
    sql("all of it", "DELETE FROM audit_entries WHERE tenant_id = :tenant", (1, CutOff));
    sql("the head", "DELETE FROM audit_heads WHERE tenant_id = :tenant", (1, BehindTheEnd));
    sql("a lower head", "UPDATE audit_heads SET number = 4 WHERE tenant_id = :tenant", (5, BehindTheEnd));
    sql(
        "details in another form",
        "UPDATE audit_entries SET details = details || ' ' WHERE tenant_id = :tenant AND number = 5",
        (5, Changed),
    );
    sql("details that are none", "UPDATE audit_entries SET details = '' WHERE tenant_id = :tenant AND number = 5", (5, Changed));
    sql(
        "two that are swapped",
        "UPDATE audit_entries SET number = -1 WHERE tenant_id = :tenant AND number = 3; \
         UPDATE audit_entries SET number = 3 WHERE tenant_id = :tenant AND number = 4; \
         UPDATE audit_entries SET number = 4 WHERE tenant_id = :tenant AND number = -1",
        (3, Changed),
    );
    sql(
        "the end cut off, and the head set back with another hash",
        "DELETE FROM audit_entries WHERE tenant_id = :tenant AND number = 6; UPDATE audit_heads SET number = 5 WHERE tenant_id = :tenant",
        (5, HeadDiffers),
    );
    if sqlite {
        sql(
            "no text",
            "UPDATE audit_entries SET act = CAST(x'ff' AS TEXT) WHERE tenant_id = :tenant AND number = 4",
            (4, Unreadable),
        );
        sql("no id", "UPDATE audit_entries SET id = x'01' WHERE tenant_id = :tenant AND number = 6", (6, Unreadable));
    }
    table.push((
        "one to another tenant".to_owned(),
        Box::new(|conn, tenant| {
            let row = entries_behind(conn, tenant, 3, 1)?.remove(0);
            forged(conn, row, |row| row.tenant_id = Id(uuid::Uuid::now_v7()))?;
            by_sql("DELETE FROM audit_entries WHERE tenant_id = :tenant AND number = 4")(conn, tenant)
        }),
        (4, Missing),
    ));
    table.push((
        "one with a hash of its own".to_owned(),
        Box::new(|conn, tenant| {
            let row = entries_behind(conn, tenant, 2, 1)?.remove(0);
            forged(conn, row, |row| row.act = "test.nothing".to_owned()).map(drop)
        }),
        (4, NotItsSuccessor),
    ));
    table.push((
        "the last with a hash of its own".to_owned(),
        Box::new(|conn, tenant| {
            let row = entries_behind(conn, tenant, 5, 1)?.remove(0);
            forged(conn, row, |row| row.address = None).map(drop)
        }),
        (6, HeadDiffers),
    ));
    table.push((
        "all behind one made anew".to_owned(),
        Box::new(|conn, tenant| {
            let mut previous = None;
            for row in entries_behind(conn, tenant, 2, 10)? {
                let next = previous.take();
                previous = Some(forged(conn, row, |row| match next {
                    None => row.act = "test.nothing".to_owned(),
                    Some(sha256) => row.previous_sha256 = sha256,
                })?);
            }
            Ok(())
        }),
        (6, HeadDiffers),
    ));
    table.push((
        "one put behind the end".to_owned(),
        Box::new(|conn, tenant| {
            let row = entries_behind(conn, tenant, 5, 1)?.remove(0);
            let (number, previous) = (7, row.sha256.clone());
            forged(conn, row, |row| (row.number, row.previous_sha256) = (number, previous)).map(drop)
        }),
        (7, BehindTheEnd),
    ));
    table
}

both!(every_change_by_hand_is_found, |stage| {
    let tenant = stage.clean_id();
    six(&stage, tenant);
    assert_eq!(stage.place.db(move |conn| verified(conn, tenant)).unwrap().number, 6);
    for (what, tamper, fault) in tamperings(!stage.place.is_postgres()) {
        // Seen inside of a transaction that is rolled back, so that each case begins with the same six.
        let found = stage.place.of_superuser().db(move |conn| {
            conn.batch("BEGIN")?;
            without_triggers(conn)?;
            tamper(conn, tenant)?;
            let found = verified(conn, tenant);
            conn.batch("ROLLBACK")?;
            found
        });
        assert_eq!(found, Err(fault), "{what}");
    }
    assert_eq!(stage.place.db(move |conn| verified(conn, tenant)).unwrap().number, 6);
});

both!(the_database_refuses_changes, |stage| {
    let tenant = stage.clean_id();
    six(&stage, tenant);
    let mut refused = vec![
        "UPDATE audit_entries SET act = 'test.nothing' WHERE number = 4",
        "UPDATE audit_entries SET address = NULL",
        "DELETE FROM audit_entries WHERE number = 6",
        "DELETE FROM audit_entries",
        "UPDATE audit_heads SET number = 3",
        "UPDATE audit_heads SET number = number + 2",
        "DELETE FROM audit_heads",
    ];
    if stage.place.is_postgres() {
        refused.extend(["TRUNCATE audit_entries", "TRUNCATE audit_heads", "TRUNCATE audit_entries, audit_heads"]);
    } else {
        refused.push("INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries WHERE number = 4");
    }
    for sql in refused {
        let done = stage.place.db(move |conn| Ok(conn.batch(sql).map_err(|problem| problem.to_string())));
        assert!(done.unwrap_err().contains("only"), "{sql}");
    }
    assert_eq!(stage.place.db(move |conn| verified(conn, tenant)).unwrap().number, 6);
});

both!(what_is_rolled_back_leaves_no_entry, |stage| {
    let tenant = stage.clean_id();
    let who = somebody(&stage, tenant);
    let entry = || AuditEntry::new("test.done", ("test", &"x"));
    for _ in 0..2 {
        let (failing, who) = (who.clone(), who.clone());
        let failed: Stored<()> = stage.place.transaction(move |conn| {
            note(conn, &failing, entry())?;
            Err(Problem::new(Code::IllegalState, "the change failed"))
        });
        assert_eq!(failed.unwrap_err().code(), Code::IllegalState);
        stage.place.transaction(move |conn| note(conn, &who, entry())).unwrap();
    }
    let end = stage.place.db(move |conn| verified(conn, tenant)).unwrap();
    assert_eq!(end.number, 2, "and no number is lost");
    // The same through the service, beside writes that succeed.
    let (failing, going) = (who.clone(), who.clone());
    let failed = stage.state.db.write(move |conn| {
        note(conn, &failing, entry())?;
        Err::<(), _>(Problem::new(Code::IllegalState, "the change failed"))
    });
    let done = stage.state.db.write(move |conn| note(conn, &going, entry()));
    let (failed, done) = tokio::join!(failed, done);
    assert!(failed.is_err() && done.is_ok());
    assert_eq!(stage.place.db(move |conn| verified(conn, tenant)).unwrap().number, 3);
});

/// The numbers of all entries that a list shows, page by page.
async fn numbers(stage: &Stage, token: &str, query: &str, limit: usize) -> Vec<i64> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = read(stage, token, &format!("/v1/audit?limit={limit}&{query}{cursor}")).await.ok();
        let items = page.json()["items"].as_array().unwrap().clone();
        assert!(items.len() <= limit);
        all.extend(items.iter().map(|item| item["number"].as_i64().unwrap()));
        match page.json()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

both!(a_list_shows_what_its_filters_name, |stage| {
    let (tenant, client) = second_tenant(&stage);
    let token = stage.issue(tenant, client, Principal::Client(client), "audit:read");
    let staff = [stage.clean_id(), stage.clean_id()];
    let start = stage.clock.now();
    // Some at the same moment, some out of order: clocks of several machines do not agree.
    let made: Vec<(i64, &str, &str, usize, i64)> = (1..=24)
        .map(|n| {
            (
                n,
                ["test.one", "test.two"][n as usize % 2],
                ["x", "y", "z"][n as usize % 3],
                n as usize / 2 % 2,
                [0, 0, 2, 1][n as usize % 4] + n / 8,
            )
        })
        .collect();
    for &(_, act, object, of, seconds) in &made {
        let who = Who { principal: Principal::Staff(staff[of]), now: start.plus_seconds(seconds), ..somebody(&stage, tenant) };
        stage.place.transaction(move |conn| note(conn, &who, AuditEntry::new(act, ("test", &object)))).unwrap();
    }
    let (from, to) = (start.plus_seconds(1), start.plus_seconds(3));
    let mut tried = 0;
    for choice in 0..32_u32 {
        let has = |bit: u32| choice >> bit & 1 == 1;
        let mut query = Vec::new();
        let mut wanted = made.clone();
        if has(0) {
            query.push("act=test.one".to_owned());
            wanted.retain(|one| one.1 == "test.one");
        }
        if has(1) {
            query.push("object_type=test&object_id=y".to_owned());
            wanted.retain(|one| one.2 == "y");
        }
        if has(2) {
            query.push(format!("principal={}", staff[1]));
            wanted.retain(|one| one.3 == 1);
        }
        if has(3) {
            query.push(format!("from={from}"));
            wanted.retain(|one| start.plus_seconds(one.4) >= from);
        }
        if has(4) {
            query.push(format!("to={to}"));
            wanted.retain(|one| start.plus_seconds(one.4) < to);
        }
        wanted.sort_by_key(|one| (one.4, one.0));
        let mut wanted: Vec<i64> = wanted.iter().map(|one| one.0).collect();
        let query = query.join("&");
        for limit in [1, 7, 200] {
            assert_eq!(numbers(&stage, &token, &format!("{query}&order=oldest"), limit).await, wanted, "{query} by {limit}");
        }
        wanted.reverse();
        for order in ["&order=newest", ""] {
            assert_eq!(numbers(&stage, &token, &format!("{query}{order}"), 5).await, wanted, "{query}{order}");
        }
        tried += wanted.len();
    }
    assert!(tried > 100, "the filters leave something: {tried}");
    // Nothing of it shows in the first tenant, and a cursor is one tenant's.
    let here = stage.token("audit:read");
    let acts = read(&stage, &here, "/v1/audit?limit=200").await.ok().json();
    assert!(acts["items"].as_array().unwrap().iter().all(|item| !item["act"].as_str().unwrap().starts_with("test.")), "{acts}");
    let cursor = read(&stage, &token, "/v1/audit?limit=1").await.ok().json()["next_cursor"].as_str().unwrap().to_owned();
    read(&stage, &here, &format!("/v1/audit?limit=1&cursor={cursor}")).await.problem(400, "invalid_cursor");
    read(&stage, &token, &format!("/v1/audit?order=oldest&cursor={cursor}")).await.problem(400, "invalid_cursor");
    assert_eq!(lines(&stage, &here, 10).await.len(), 3, "what the first start made");
    assert_eq!(lines(&stage, &token, 10).await.len(), 24);
});

both!(what_cannot_be_asked, |stage| {
    let token = stage.token("audit:read");
    let long = "x".repeat(300);
    // (query, the parameter that is named)
    let table = [
        ("act=Client.Created", "act"),
        ("act=", "act"),
        ("act=a%20b", "act"),
        ("object_type=client", "object_id"),
        ("object_id=x", "object_type"),
        ("object_type=client&object_id=", "object_id"),
        (&format!("object_type=client&object_id={long}"), "object_id"),
        ("object_type=%27&object_id=x", "object_type"),
        ("principal=x", "principal"),
        ("principal=", "principal"),
        ("from=yesterday", "from"),
        ("to=2026-11-30", "to"),
        ("from=2026-11-30T00:00:00Z&to=2026-11-30T00:00:00Z", "to"),
        ("from=2026-11-30T00:00:01Z&to=2026-11-30T00:00:00Z", "to"),
        ("order=random", "order"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("actor=x", "actor"),
        ("act=a.b&act=a.b", "act"),
    ];
    for (query, parameter) in table {
        let problem = read(&stage, &token, &format!("/v1/audit?{query}")).await.problem(400, "invalid_parameter");
        assert_eq!(place_of(&problem), parameter, "{query}");
    }
    for (query, parameter) in
        [("limit=0", "limit"), ("limit=10001", "limit"), ("after=-1", "after"), ("after=x", "after"), ("cursor=x", "cursor")]
    {
        let problem = read(&stage, &token, &format!("/v1/audit/export?{query}")).await.problem(400, "invalid_parameter");
        assert_eq!(place_of(&problem), parameter, "{query}");
    }
    for cursor in ["x", "AQ", ""] {
        read(&stage, &token, &format!("/v1/audit?cursor={cursor}")).await.problem(400, "invalid_cursor");
    }
    // A learner's token reads none of it, whatever it says.
    let learner = stage.learner_token(stage.clean_id(), "audit:read");
    for path in ["/v1/audit", "/v1/audit/export"] {
        read(&stage, &learner, path).await.problem(403, "forbidden");
    }
});

/// The lines of an export, piece by piece.
async fn lines(stage: &Stage, token: &str, limit: usize) -> Vec<String> {
    let (mut all, mut path) = (Vec::new(), format!("/v1/audit/export?limit={limit}"));
    loop {
        let answer = read(stage, token, &path).await.ok();
        assert_eq!(answer.header("content-type"), "application/jsonl");
        let piece: Vec<String> = answer.text().lines().map(str::to_owned).collect();
        assert!(piece.len() <= limit);
        all.extend(piece);
        match answer.header("link").split(['<', '>']).nth(1) {
            Some(next) => path = next.to_owned(),
            None => return all,
        }
    }
}

/// Runs the program of docs/audit.md on an export.
fn python(export: &str) -> Result<String, String> {
    let text = std::fs::read_to_string(root().join("docs/audit.md")).unwrap();
    let program =
        text.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the program in docs/audit.md");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("export.jsonl");
    std::fs::write(&file, export).unwrap();
    let input = Stdio::from(std::fs::File::open(&file).unwrap());
    let run = Command::new("python3").args(["-c", program]).stdin(input).output().expect("python3 is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if run.status.success() { Ok(text(&run.stdout)) } else { Err(text(&run.stderr)) }
}

both!(an_export_is_verified_elsewhere, |stage| {
    let (tenant, client) = second_tenant(&stage);
    six(&stage, tenant);
    let token = stage.issue(tenant, client, Principal::Client(client), "audit:read");
    let all = lines(&stage, &token, 4).await;
    assert_eq!(lines(&stage, &token, 6).await, all, "in whatever pieces");
    let last = stage.place.db(move |conn| verified(conn, tenant)).unwrap();
    let end = format!("6:{}", hex::encode(&last.sha256));
    assert!(python(&format!("{}\n", all.join("\n"))).unwrap().contains(&end));
    let changed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut entries: Vec<Value> = all.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        change(&mut entries);
        python(&entries.iter().map(|entry| format!("{entry}\n")).collect::<String>())
    };
    assert!(changed(&|_| {}).unwrap().contains(&end));
    let names = [
        "tenant",
        "number",
        "id",
        "at",
        "act",
        "actor/client",
        "actor/principal/type",
        "actor/principal/id",
        "object/type",
        "object/id",
        "address",
        "request_id",
        "details/n",
        "previous_sha256",
        "sha256",
    ];
    for name in names {
        let why = changed(&|entries| *entries[3].pointer_mut(&format!("/{name}")).unwrap() = json!("another")).unwrap_err();
        assert!(why.contains("entry 4 "), "{name}: {why}");
    }
    assert!(changed(&|entries| drop(entries.remove(2))).unwrap_err().contains("entry 3 "));
    assert!(changed(&|entries| entries.swap(1, 2)).unwrap_err().contains("entry 2 "));
    // The command line gives the same text, and says whether it holds.
    let directory = tempfile::tempdir().unwrap();
    let url = stage.place.url();
    let waymark = |arguments: &[&str]| run(directory.path(), &[arguments, &["--database-url", &url]].concat());
    let exported = good(&waymark(&["audit", "export", "--tenant", "school-two"]));
    assert_eq!(exported.lines().collect::<Vec<_>>(), all);
    assert_eq!(good(&waymark(&["audit", "export", "--tenant", "school-two", "--after", "4"])).lines().count(), 2);
    let whole = good(&waymark(&["audit", "verify"]));
    assert_eq!(whole.lines().count(), 2, "{whole}");
    assert!(whole.contains(&format!("school-two  6 entries  {end}\n")) && whole.contains("default  3 entries  3:"), "{whole}");
    let one = good(&waymark(&["audit", "verify", "--tenant", "school-two", "--noted", &end]));
    assert_eq!(one.lines().count(), 1);
    for noted in [format!("7:{}", hex::encode(&last.sha256)), format!("6:{}", "0".repeat(64))] {
        assert!(bad(&waymark(&["audit", "verify", "--tenant", "school-two", "--noted", &noted]), 1).contains("noted"));
    }
    for wrong in ["6", "6:", "x:00", "6:zz", &end[..20]] {
        bad(&waymark(&["audit", "verify", "--tenant", "school-two", "--noted", wrong]), 2);
    }
    bad(&waymark(&["audit", "verify", "--noted", &end]), 2);
    assert!(bad(&waymark(&["audit", "verify", "--tenant", "nobody"]), 1).contains("nobody"));
    // A clever owner cuts the end off and sets the head back: only who noted the end can tell.
    stage.place.of_superuser().transaction(move |conn| {
        without_triggers(conn)?;
        let fifth = entries_behind(conn, tenant, 4, 1)?.remove(0);
        by_sql("DELETE FROM audit_entries WHERE tenant_id = :tenant AND number = 6")(conn, tenant)?;
        let own = audit_heads::table.filter(audit_heads::tenant_id.eq(tenant));
        each!(conn, c => diesel::update(own).set((audit_heads::number.eq(5), audit_heads::sha256.eq(fifth.sha256))).execute(c))?;
        Ok(())
    })
    .unwrap();
    good(&waymark(&["audit", "verify"]));
    assert!(bad(&waymark(&["audit", "verify", "--tenant", "school-two", "--noted", &end]), 1).contains("school-two: entry 6: "));
    // A clumsy one is found.
    stage
        .place
        .of_superuser()
        .transaction(move |conn| {
            if conn.is_postgres() {
                without_triggers(conn)?;
            }
            by_sql("UPDATE audit_entries SET act = 'test.nothing' WHERE tenant_id = :tenant AND number = 2")(conn, tenant)
        })
        .unwrap();
    let text = bad(&waymark(&["audit", "verify"]), 1);
    assert!(text.contains("school-two: entry 2: ") && !text.contains("default"), "{text}");
});

/// Every act that is noted anywhere stands in docs/audit.md.
#[test]
fn every_act_is_documented() {
    let docs = std::fs::read_to_string(root().join("docs/audit.md")).unwrap();
    let pattern =
        regex::Regex::new(r#"(?:AuditEntry::new\(|note_staff_reading\([^"]*|const ACT: &str = )"([a-z_]+\.[a-z_]+)""#).unwrap();
    let mut acts = std::collections::BTreeSet::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(path).unwrap_or_default();
                acts.extend(pattern.captures_iter(&text).map(|found| found[1].to_owned()));
            }
        }
    }
    assert!(acts.len() >= 15, "{acts:?}");
    let missing: Vec<_> = acts.iter().filter(|act| !docs.contains(&format!("`{act}`"))).collect();
    assert!(missing.is_empty(), "not in docs/audit.md: {missing:?}");
}
