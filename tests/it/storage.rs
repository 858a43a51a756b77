//! What both databases promise: the schema as `schema.rs` has it, migrations under a lock, a writer that no failing
//! closure harms, storage that runs full and heals, restarts that change nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use waymark::auth::store as auth_store;
use waymark::clock::Clock;
use waymark::db::migrate;
use waymark::db::schema::settings;
use waymark::db::tenant_rows::TenantRows;
use waymark::db::{Conn, Stored};
use waymark::error::{Code, Problem};
use waymark::{each, first_start};

use crate::harness::{Kind, Place, on_thread, play, root};

/// table -> column -> (SQL type, nullable)
type Columns = BTreeMap<String, BTreeMap<String, (String, bool)>>;

/// The tables of `src/db/schema.rs`, read as text.
fn written_schema() -> Columns {
    let text = std::fs::read_to_string(root().join("src/db/schema.rs")).unwrap();
    let (mut tables, mut table) = (Columns::new(), None::<String>);
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        match line.split_once(" -> ") {
            Some((column, kind)) => {
                let kind = kind.trim_end_matches(',');
                let inner = kind.strip_prefix("Nullable<").and_then(|k| k.strip_suffix('>'));
                let name = inner.unwrap_or(kind).trim_start_matches("crate::db::types::").to_owned();
                let table = table.clone().expect("a column stands in a table");
                tables.entry(table).or_default().insert(column.to_owned(), (name, inner.is_some()));
            }
            None if line.ends_with(") {") => table = line.split(' ').next().map(str::to_owned),
            None => {}
        }
    }
    assert!(tables.len() > 10 && tables["records"].len() == 13, "schema.rs was not understood: {tables:?}");
    tables
}

#[derive(QueryableByName)]
struct CatalogueRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    nullable: i64,
}

fn catalogue(conn: &mut Conn) -> Stored<Columns> {
    let query = match conn {
        Conn::Pg(_) => {
            "SELECT table_name::text, column_name::text, data_type::text AS kind, (is_nullable = 'YES')::int::bigint AS nullable \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
        Conn::Sqlite(_) => {
            "SELECT t.name AS table_name, c.name AS column_name, c.type AS kind, 1 - c.\"notnull\" AS nullable \
             FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'"
        }
    };
    let rows: Vec<CatalogueRow> = each!(conn, c => diesel::sql_query(query).load(c))?;
    let mut out = Columns::new();
    let ours = |row: &CatalogueRow| {
        !row.table_name.starts_with("__diesel") && !row.table_name.starts_with("sqlite_") && row.table_name != "list_places"
    };
    for row in rows.into_iter().filter(ours) {
        out.entry(row.table_name).or_default().insert(row.column_name, (row.kind, row.nullable == 1));
    }
    Ok(out)
}

/// What a column of `schema.rs` is called in the catalogue.
fn native(kind: &str, postgres: bool) -> &'static str {
    match (kind, postgres) {
        ("Uid", true) => "uuid",
        ("Text", true) => "text",
        ("Moment", true) => "timestamp with time zone",
        ("BigInt", true) => "bigint",
        ("Integer", true) => "integer",
        ("Bool", true) => "boolean",
        ("Binary", true) => "bytea",
        ("Doc", true) => "jsonb",
        ("Xid8", true) => "xid8",
        ("Uid" | "Binary", false) => "BLOB",
        ("Text" | "Doc", false) => "TEXT",
        ("Moment" | "BigInt" | "Integer" | "Bool" | "Xid8", false) => "INTEGER",
        _ => panic!("{kind} is a column type that this test does not know"),
    }
}

both!(schema_rs_says_what_the_catalogue_says, |place: Place| {
    place.serve().stop();
    let there = place.db(catalogue);
    let written: Columns = written_schema()
        .into_iter()
        .map(|(table, columns)| {
            let columns = columns
                .into_iter()
                .map(|(column, (kind, nullable))| (column, (native(&kind, place.is_postgres()).to_owned(), nullable)));
            (table, columns.collect())
        })
        .collect();
    let names = |columns: &Columns| columns.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&written), names(&there), "tables of schema.rs (left) and of the database (right)");
    for (table, columns) in &written {
        assert_eq!(columns, &there[table], "columns of {table} in schema.rs (left) and in the database (right)");
    }
});

both!(both_databases_have_the_same_migrations, |place: Place| {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = Text)]
        version: String,
    }
    place.serve().stop();
    let applied = place.db(|conn| {
        let rows: Vec<Version> = each!(conn, c => diesel::sql_query("SELECT version FROM __diesel_schema_migrations").load(c))?;
        Ok(rows.into_iter().map(|row| row.version).collect::<BTreeSet<_>>())
    });
    for folder in ["migrations/sqlite", "migrations/postgres"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let names = entries.map(|e| e.unwrap().file_name().into_string().unwrap());
        // Diesel calls a migration by its date and number, without hyphens.
        let versions: BTreeSet<String> = names.map(|name| name.split('_').next().unwrap().replace('-', "")).collect();
        assert_eq!(versions, applied, "{folder}");
    }
});

both!(eight_processes_may_start_at_once, |place: Place| {
    let runs: Vec<_> = (0..8)
        .map(|_| {
            let config = place.config.clone();
            std::thread::spawn(move || {
                migrate::run_migrations(&config, true, |conn, outcome| {
                    let applied = matches!(outcome, migrate::MigrationOutcome::Applied(_));
                    let first = first_start::start_first(conn, &config, &Clock::system(), first_start::Starter::Service)?;
                    Ok((
                        applied,
                        first.new_administrator.is_some(),
                        first.published.lessons.len(),
                        first.access.keys[0].kid.clone(),
                    ))
                })
            })
        })
        .collect();
    let outcomes: Vec<_> = runs.into_iter().map(|run| run.join().unwrap().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|o| o.0).count(), 1, "one migrates: {outcomes:?}");
    assert_eq!(outcomes.iter().filter(|o| o.1).count(), 1, "one makes the administrator: {outcomes:?}");
    assert_eq!(outcomes.iter().filter(|o| o.2 > 0).count(), 1, "one publishes: {outcomes:?}");
    assert_eq!(outcomes.iter().map(|o| &o.3).collect::<BTreeSet<_>>().len(), 1, "all have one key: {outcomes:?}");
    let (tenants, clients) = place.db(|conn| {
        let tenants = auth_store::all_tenants(conn)?;
        let clients = auth_store::clients_of(conn, tenants[0].id)?;
        Ok((tenants.len(), clients.len()))
    });
    assert_eq!((tenants, clients), (1, 1));
});

both!(migrate_off_refuses_an_old_schema, |place: Place| {
    let (mut config, _place) = (place.config.clone(), place);
    config.migrate = false;
    let refused = on_thread(move || waymark::server::prepare(config, Clock::system()).err());
    let cause = refused.expect("there is no schema yet").cause().unwrap_or_default().to_owned();
    assert!(cause.contains("waymark migrate"), "{cause}");
});

fn put(conn: &mut Conn, name: &str) -> Stored<()> {
    each!(conn, c => diesel::insert_into(settings::table).values((settings::name.eq(name), settings::value.eq("x"))).execute(c))?;
    Ok(())
}

fn names_like(conn: &mut Conn, pattern: &'static str) -> Stored<BTreeSet<String>> {
    let names: Vec<String> =
        each!(conn, c => settings::table.filter(settings::name.like(pattern)).select(settings::name).load(c))?;
    Ok(names.into_iter().collect())
}

both!(
    /// A failing closure harms no neighbour, in whichever way it fails: by a rule, by the database, by a panic.
    a_failing_write_harms_no_neighbour, |stage| {
    let n = 300;
    let writes: Vec<_> = (0..n)
        .map(|i| {
            let db = stage.state.db.clone();
            tokio::spawn(async move {
                db.write(move |conn| {
                    put(conn, &format!("w{i}"))?;
                    match i % 12 {
                        0 | 6 => Err(Problem::not_found("luck")),
                        3 => put(conn, "iri_base"), // taken
                        9 => panic!("closure {i} of the test panics, as it should"),
                        _ => Ok(()),
                    }
                })
                .await
            })
        })
        .collect();
    for (i, write) in writes.into_iter().enumerate() {
        let result = write.await.unwrap();
        let code = result.as_ref().err().map(Problem::code);
        let expected = match i % 12 {
            0 | 6 => Some(Code::NotFound),
            3 | 9 => Some(Code::Internal),
            _ => None,
        };
        assert_eq!(code, expected, "write {i}: {result:?}");
    }
    let stored = stage.place.db(|conn| names_like(conn, "w%"));
    let expected: BTreeSet<String> = (0..n).filter(|i| i % 3 != 0).map(|i| format!("w{i}")).collect();
    assert_eq!(stored, expected);
    stage.get("/readyz").send().await.ok();
});

/// A set of commands that fails as a whole is run again one by one, so each gets its own result.
struct Put(u32);

impl waymark::db::Command for Put {
    type Answer = usize;

    fn rows(&self) -> TenantRows {
        TenantRows::Installation
    }

    fn run(conn: &mut Conn, group: &[Self]) -> Stored<Vec<Stored<usize>>> {
        for Put(i) in group {
            put(conn, &format!("c{i}"))?;
            if i % 3 == 0 {
                put(conn, "iri_base")?;
            }
        }
        Ok(group.iter().map(|_| Ok(group.len())).collect())
    }
}

both!(a_failing_command_harms_no_neighbour, |stage| {
    let commands: Vec<_> = (0..150)
        .map(|i| {
            let db = stage.state.db.clone();
            tokio::spawn(async move { db.submit(Put(i)).await })
        })
        .collect();
    for (i, command) in commands.into_iter().enumerate() {
        let result = command.await.unwrap();
        assert_eq!(result.is_ok(), i % 3 != 0, "command {i}: {result:?}");
    }
    let stored = stage.place.db(|conn| names_like(conn, "c%"));
    let expected: BTreeSet<String> = (0..150).filter(|i| i % 3 != 0).map(|i| format!("c{i}")).collect();
    assert_eq!(stored, expected);
});

both!(
    /// While the database threads are held, the queue fills; what does not fit is refused at once, and nothing of the rest
    /// is lost.
    a_full_queue_refuses_at_once, |stage| {
    // As many as writes may hold: the rest of the threads is for reads.
    let all = stage.place.config.database_pool;
    let threads = if stage.place.is_postgres() { all - all / 4 } else { 1 };
    let (tell, held) = mpsc::channel();
    let mut release = Vec::new();
    let holders: Vec<_> = (0..threads)
        .map(|_| {
            let (free, wait) = mpsc::channel::<()>();
            release.push(free);
            let (db, tell, wait) = (stage.state.db.clone(), tell.clone(), std::sync::Mutex::new(wait));
            tokio::spawn(async move {
                db.write(move |_| {
                    tell.send(()).unwrap();
                    let _ = wait.lock().unwrap().recv();
                    Ok(())
                })
                .await
            })
        })
        .collect();
    let held = tokio::task::spawn_blocking(move || (0..threads).for_each(|_| held.recv().unwrap()));
    held.await.unwrap();
    let mut writes: Vec<_> = (0..5000)
        .map(|i| {
            let db = stage.state.db.clone();
            tokio::spawn(async move { db.write(move |conn| put(conn, &format!("q{i}"))).await.map_err(|p| p.code()) })
        })
        .collect();
    // Everything that was queued waits for the holders; only a refusal can come back now.
    let refused = crate::harness::eventually("a refusal", || {
        let done = writes.iter().position(tokio::task::JoinHandle::is_finished);
        async move { done }
    })
    .await;
    assert_eq!(writes.remove(refused).await.unwrap(), Err(Code::Overloaded));
    drop(release);
    let mut stored = 0;
    for write in writes {
        match write.await.unwrap() {
            Ok(()) => stored += 1,
            Err(code) => assert_eq!(code, Code::Overloaded),
        }
    }
    for holder in holders {
        holder.await.unwrap().unwrap();
    }
    assert!(stored > 1000, "only {stored} fitted into the queue");
    assert_eq!(stage.place.db(|conn| names_like(conn, "q%")).len(), stored);
});

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// A full SQLite file is a 503 for who writes, nothing for who reads, and heals without a restart.
#[test]
fn a_full_sqlite_file_heals() {
    play(Kind::Sqlite, |place| async move {
        place.serve().stop();
        let pages = place.db(|conn| {
            let row: Number = each!(conn, c => diesel::sql_query("SELECT page_count AS n FROM pragma_page_count").get_result(c))?;
            Ok(row.n)
        });
        let stage = place.serve_with(|config| config.sqlite_max_pages = u32::try_from(pages + 8).unwrap(), Clock::system());
        let big = |i: i32| {
            move |conn: &mut Conn| -> Stored<()> {
                let row = (settings::name.eq(format!("big{i}")), settings::value.eq("x".repeat(10_000)));
                each!(conn, c => diesel::insert_into(settings::table).values(row).execute(c))?;
                Ok(())
            }
        };
        let mut stored = 0;
        let full = loop {
            match stage.state.db.write(big(stored)).await {
                Ok(()) => stored += 1,
                Err(problem) => break problem,
            }
            assert!(stored < 100, "the file never ran full");
        };
        assert_eq!(full.code(), Code::DatabaseUnavailable, "{full}");
        assert_eq!(full.retry_after(), Some(1));
        // Neighbours in the same group: what needs no room is stored, what does is refused, each on its own.
        let pairs: Vec<_> = (0..20)
            .map(|i| {
                let db = stage.state.db.clone();
                tokio::spawn(async move { (i, db.write(big(1000 + i)).await, db.read(|conn| names_like(conn, "big%")).await) })
            })
            .collect();
        for pair in pairs {
            let (_, write, read) = pair.await.unwrap();
            assert_eq!(write.map_err(|p| p.code()), Err(Code::DatabaseUnavailable));
            assert_eq!(read.unwrap().len(), stored as usize, "readers go on");
        }
        stage.get("/readyz").send().await.problem(503, "database_unavailable");
        let token = stage.token("lessons:read");
        stage.get("/v1/lessons").token(&token).send().await.ok();
        let forget = |conn: &mut Conn| -> Stored<usize> {
            Ok(each!(conn, c => diesel::delete(settings::table.filter(settings::name.like("big%"))).execute(c))?)
        };
        assert_eq!(stage.state.db.write(forget).await.unwrap(), stored as usize);
        stage.state.db.write(big(1)).await.expect("there is room again");
        crate::harness::eventually("ready again", || async { (stage.get("/readyz").send().await.status == 200).then_some(()) })
            .await;
    });
}

both!(
    /// The same database, started again: same keys, same facts, nothing published twice, old tokens still good.
    a_restart_changes_nothing, |place: Place| {
    let first = place.serve();
    assert!(!first.published.is_empty() && first.secret.is_some());
    let token = first.token("lessons:read records:read");
    let lesson = first.get("/v1/lessons").token(&token).send().await.ok();
    let (iris, digest_key, tenant) = (first.state.catalogue(first.tenant).iris.0.clone(), first.state.digest_key.clone(), first.tenant);
    let rows = |place: &Place| {
        place.db(|conn| {
            let counts = ["lesson_versions", "courses", "slugs", "signing_keys", "clients", "tenants", "records"].map(|table| {
                let query = format!("SELECT count(*) AS n FROM {table}");
                let row: QueryResult<Number> = each!(conn, c => diesel::sql_query(&query).get_result(c));
                (table, row.unwrap().n)
            });
            Ok((counts, auth_store::generations(conn)?))
        })
    };
    let before = rows(&place);
    first.stop();
    let second = place.serve_with(|config| config.listen.set_port(0), Clock::system());
    assert_eq!(second.published, Vec::<String>::new());
    assert_eq!(second.secret, None, "the administrator's secret is shown once");
    assert_eq!(rows(&place), before);
    assert_eq!((&second.state.digest_key, second.tenant), (&digest_key, tenant));
    let again = second.get("/v1/lessons").token(&token).send().await.ok();
    assert_eq!((again.header("etag"), &again.body), (lesson.header("etag"), &lesson.body));
    second.stop();
    // IRIs are written down at the first start and survive a move.
    let moved = place.serve_with(|config| config.public_url = "https://elsewhere.example".to_owned(), Clock::system());
    assert_eq!(moved.state.catalogue(moved.tenant).iris.0, iris);
    moved.get("/v1/lessons").token(&token).send().await.problem(401, "token_invalid");
});

both!(
    /// A key that is sealed needs its secret; the private key is not in the database in clear.
    signing_keys_can_be_sealed, |place: Place| {
    let secret = || Some(secrecy::SecretString::from("a secret of more than thirty-two characters"));
    let stage = place.serve_with(|config| config.key_secret = secret(), Clock::system());
    let token = stage.token("lessons:read");
    stage.stop();
    let stored = place.db(auth_store::active_keys);
    assert_eq!(stored[0].private_key[0], 1, "the first byte says: sealed");
    let config = place.config.clone();
    let refused = on_thread(move || waymark::server::prepare(config, Clock::system()).err()).expect("no secret, no key");
    assert!(refused.cause().unwrap_or_default().contains("WAYMARK_KEY_SECRET"), "{refused}");
    let stage = place.serve_with(|config| config.key_secret = secret(), Clock::system());
    stage.get("/v1/lessons").token(&token).send().await.ok();
});

/// PostgreSQL ends our connections: the next request opens new ones.
#[test]
fn lost_connections_are_opened_again() {
    play(Kind::Postgres, |place| async move {
        let stage = place.serve();
        stage.get("/readyz").send().await.ok();
        for _ in 0..3 {
            place.db(|conn| {
                #[derive(QueryableByName)]
                struct Ended {
                    #[diesel(sql_type = Nullable<BigInt>)]
                    n: Option<i64>,
                }
                let query = "SELECT sum(pg_terminate_backend(pid)::int) AS n FROM pg_stat_activity \
                             WHERE datname = current_database() AND pid <> pg_backend_pid()";
                let ended: Ended = each!(conn, c => diesel::sql_query(query).get_result(c))?;
                assert!(ended.n.unwrap_or(0) > 0);
                Ok(())
            });
            stage.get("/readyz").send().await.ok();
            stage.state.db.write(|conn| auth_store::raise(conn, "clients")).await.unwrap();
            let i = std::process::id();
            stage.state.db.submit(Put(i * 3 + 1)).await.map(|_| ()).unwrap_or_else(|problem| {
                assert_eq!(problem.code(), Code::DatabaseUnavailable, "{problem}");
            });
            place.db(move |conn| Ok(each!(conn, c => diesel::delete(settings::table.filter(settings::name.eq(format!("c{}", i * 3 + 1)))).execute(c))?));
        }
    });
}
