//! The second lock: on PostgreSQL the database itself keeps tenants apart, whatever a query forgot.

use std::sync::atomic::{AtomicUsize, Ordering};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use regex::Regex;
use waymark::db::tenant_rows::TenantRows;
use waymark::db::types::Id;
use waymark::db::{Command, Conn, Stored};
use waymark::each;
use waymark::error::{Code, Problem};

use crate::flow::together;
use crate::harness::{Kind, Place, play, root};

/// Rows of two tenants in every table that has tenants, with whatever fits in the columns.
const FILL: &str = r"DO $$
DECLARE t record; names text; exprs text; n int;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR t IN SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
           WHERE table_schema = 'public' AND column_name = 'tenant_id' AND table_type = 'BASE TABLE' LOOP
    FOR n IN 1..2 LOOP
      SELECT string_agg(quote_ident(column_name), ', '), string_agg(CASE
          WHEN column_name = 'tenant_id' THEN quote_literal('00000000-0000-4000-8000-00000000000' || n) || '::uuid'
          WHEN data_type = 'uuid' THEN 'gen_random_uuid()'
          WHEN data_type = 'text' THEN quote_literal('t' || n) || ' || i'
          WHEN data_type = 'boolean' THEN 'true'
          WHEN data_type = 'jsonb' THEN quote_literal('{}') || '::jsonb'
          WHEN data_type = 'bytea' THEN 'decode(md5(i::text), ' || quote_literal('hex') || ')'
          WHEN data_type LIKE 'timestamp%' THEN 'now()'
          ELSE 'i' END, ', ')
        INTO names, exprs FROM information_schema.columns c
       WHERE c.table_schema = 'public' AND c.table_name = t.table_name AND column_default IS NULL AND is_identity = 'NO'
         AND is_generated = 'NEVER';
      EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM generate_series(1, 3) i ON CONFLICT DO NOTHING', t.table_name, names, exprs);
    END LOOP;
  END LOOP;
END $$";

#[derive(QueryableByName, Debug)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    locked: bool,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

fn tables(conn: &mut Conn) -> Stored<Vec<Table>> {
    let query = diesel::sql_query(
        "SELECT relname::text AS name, relrowsecurity AND relforcerowsecurity AS locked FROM pg_class \
         JOIN pg_attribute ON attrelid = pg_class.oid WHERE attname = 'tenant_id' AND relkind = 'r' ORDER BY relname",
    );
    Ok(each!(conn, c => query.load(c))?)
}

fn count(conn: &mut Conn, table: &str) -> Stored<i64> {
    let query = diesel::sql_query(format!("SELECT count(*) AS n FROM {table}"));
    let row: Count = each!(conn, c => query.get_result(c))?;
    Ok(row.n)
}

fn tenant(n: u128) -> Id {
    Id(uuid::Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0000 + n))
}

/// Rows that a statement changed, none of which stays changed.
fn changed(conn: &mut Conn, sql: &str) -> Stored<usize> {
    conn.batch("SAVEPOINT trial")?;
    let done = each!(conn, c => diesel::sql_query(sql).execute(c)).map_err(Problem::from);
    conn.batch("ROLLBACK TO trial")?;
    done
}

#[test]
fn a_query_that_forgot_its_tenant_finds_nothing_of_others() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        let db = stage.state.db.clone();
        place.of_superuser().transaction(|conn| conn.batch(FILL)).unwrap();
        let all = db.read(tables).await.unwrap();
        assert!(all.len() >= 25, "{all:?}");
        for Table { name, locked } in all {
            assert!(
                locked,
                "{name} has a tenant_id and no row-level security: ENABLE and FORCE it in the migration that makes it"
            );
            let (one, two) = (name.clone(), name.clone());
            let whole = db.read(move |conn| count(conn, &one)).await.unwrap();
            let theirs = db.of(tenant(1)).read(move |conn| count(conn, &two)).await.unwrap();
            let one = name.clone();
            let nobodys = db.of(tenant(9)).read(move |conn| count(conn, &one)).await.unwrap();
            // What is built in is for everybody, so both count it.
            assert!(
                theirs - nobodys >= 1 && whole - theirs >= 1,
                "{name}: {whole} in all, {theirs} for one, {nobodys} for nobody"
            );
            let built_in = format!("SELECT count(*) AS n FROM {name} WHERE tenant_id <> '00000000-0000-0000-0000-000000000000'");
            let left: Count = db
                .of(tenant(9))
                .read(move |conn| Ok(each!(conn, c => diesel::sql_query(&built_in).get_result(c))?))
                .await
                .unwrap();
            assert_eq!(left.n, 0, "{name}");
            // Neither written over nor written for somebody else.
            let tried = db.of(tenant(1)).write(move |conn| {
                let other = tenant(2);
                let removed = changed(conn, &format!("DELETE FROM {name} WHERE tenant_id = '{other}'"));
                let taken = changed(conn, &format!("UPDATE {name} SET tenant_id = tenant_id WHERE tenant_id = '{other}'"));
                let given = changed(conn, &format!("UPDATE {name} SET tenant_id = '{other}'"));
                Ok((name.clone(), removed, taken, given))
            });
            let (name, removed, taken, given) = tried.await.unwrap();
            assert_eq!((removed.unwrap(), taken.unwrap()), (0, 0), "{name}");
            let refused = given.unwrap_err();
            let cause = refused.cause().unwrap_or_default();
            assert!(cause.contains("row-level security") || cause.contains("audit"), "{name}: {cause}");
        }
    });
}

/// Threads are few and tenants many: each piece of work has the bounds of its own, whatever ran before on its connection.
#[test]
fn bounds_change_with_the_work() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve_with(|config| config.database_pool = 2, waymark::clock::Clock::system());
        let db = stage.state.db.clone();
        let work = (0..400_u128).map(|n| {
            let db = db.clone();
            async move {
                let bounds = move |conn: &mut Conn| {
                    // One that fails leaves the next one's bounds alone.
                    if n % 11 == 0 { conn.batch("SELECT 1 / 0").map(|()| String::new()) } else { setting(conn) }
                };
                let (seen, own) = match n % 3 {
                    0 => (db.read(bounds).await, String::new()),
                    1 => (db.of(tenant(n)).read(bounds).await, tenant(n).to_string()),
                    _ => (db.of(tenant(n)).write(bounds).await, tenant(n).to_string()),
                };
                match seen {
                    Ok(seen) => assert_eq!(seen, own, "{n}"),
                    Err(problem) => assert!(n % 11 == 0 && problem.code() == Code::Internal, "{n}: {problem:?}"),
                }
            }
        });
        together(work).await;
    });
}

fn setting(conn: &mut Conn) -> Stored<String> {
    #[derive(QueryableByName)]
    struct Said {
        #[diesel(sql_type = Text)]
        said: String,
    }
    let query = "SELECT coalesce(current_setting('waymark.tenants', true), '') AS said";
    let row: Said = each!(conn, c => diesel::sql_query(query).get_result(c))?;
    Ok(row.said)
}

/// Says what its group may touch.
struct Bounded(u128);

static LARGEST: AtomicUsize = AtomicUsize::new(0);

impl Command for Bounded {
    type Answer = String;

    fn rows(&self) -> TenantRows {
        TenantRows::Of(tenant(self.0))
    }

    fn run(conn: &mut Conn, group: &[Self]) -> Stored<Vec<Stored<String>>> {
        LARGEST.fetch_max(group.len(), Ordering::SeqCst);
        let mut own: Vec<Id> = group.iter().map(|one| tenant(one.0)).collect();
        own.sort_unstable();
        own.dedup();
        let own = own.iter().map(Id::to_string).collect::<Vec<_>>().join(",");
        let said = setting(conn)?;
        Ok(group
            .iter()
            .map(|_| if said.trim_matches(['{', '}']) == own { Ok(said.clone()) } else { Err(Problem::internal(&said)) })
            .collect())
    }
}

/// Hot writes of several tenants share a transaction, whose bounds are those of them all and of nobody else.
#[test]
fn a_group_of_writes_has_the_bounds_of_its_members() {
    play(Kind::Postgres, |place: Place| async move {
        let stage = place.serve();
        let work = (0..300_u128).map(|n| {
            let db = stage.state.db.clone();
            async move { db.submit(Bounded(n % 7)).await.map(|said| assert!(said.contains(&tenant(n % 7).to_string()))) }
        });
        together(work).await.into_iter().for_each(|done| done.unwrap());
        assert!(LARGEST.load(Ordering::SeqCst) > 1, "no two ran together");
    });
}

/// Whoever touches the database without saying whose rows, and why.
const FOR_EVERYBODY: &[(&str, &str)] = &[
    ("src/db/", "the ways in themselves"),
    ("src/lessons/renewal.rs", "what this process holds of every tenant"),
    ("src/auth/renewal.rs", "the same"),
    ("src/auth/caller.rs", "a personal token names no tenant before it is looked up"),
    ("src/authorization/client.rs", "a client signs in by its id alone"),
    ("src/administration/tenants.rs", "the platform's administrator manages tenants"),
    ("src/administration/quotas.rs", "the same, and what each may keep"),
    ("src/audit/sign_ins.rs", "failed sign-ins of all tenants, written together"),
    ("src/server.rs", "what the service does for itself, by the clock"),
];

#[test]
fn work_of_a_request_says_whose_rows_it_touches() {
    let free = Regex::new(r"\b(?:state\.)?db\s*\.\s*(?:read|write)\(").unwrap();
    let bound = Regex::new(r"\blet db = (?:\w+\.)?(?:state\.)?db\.of\(").unwrap();
    let mut found = Vec::new();
    for (name, text) in crate::house::texts() {
        if !name.starts_with("src/") || FOR_EVERYBODY.iter().any(|(file, _)| name.starts_with(file)) {
            continue;
        }
        // A name that was bound to a tenant before stands in the same file.
        let excused = bound.find_iter(&text).count();
        let used = free.find_iter(&text).filter(|hit| !hit.as_str().starts_with("state")).count();
        let loose = free.find_iter(&text).filter(|hit| hit.as_str().starts_with("state")).count();
        if loose > 0 || used > excused {
            found.push(name);
        }
    }
    assert!(found.is_empty(), "say `db.of(tenant)`: {found:?}");
    for (file, _) in FOR_EVERYBODY {
        assert!(root().join(file).exists(), "{file}");
    }
}
