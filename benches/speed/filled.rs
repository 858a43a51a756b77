//! Databases with many rows, as the service writes them: a few real ones are made over HTTP and copied by SQL, under new ids, for
//! learners of their own, with everything that belongs to them.
//!
//! The names of the columns come from the database, so that a new one is copied like the rest.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;

use crate::server::{self, Asker, Database, Prepared, text};
use crate::whole::Wholes;
use crate::{Outcome, exercise};

/// A learner has this many attempts; there is one submission for every ten attempts and one kept diagnosis for every hundred.
const ATTEMPTS_OF_A_LEARNER: u32 = 10;
/// There is a full page of everything, or a short list would seem quicker than a long one.
const FULL_PAGE: i64 = 60;
/// So many real attempts are made, and copied in turn.
const FIRST_ATTEMPTS: u32 = 16;

/// A database on SQLite with about this many records.
pub struct Filled {
    pub prepared: Prepared,
    pub records: u32,
    /// One of the learners that were copied, and the learner's name in the other system.
    pub learner: String,
    pub identity: String,
    /// The last place of the log.
    pub last_record: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    found: String,
}

/// Asks for texts; the query names its one column `found`.
fn found(conn: &mut SqliteConnection, sql: &str) -> Outcome<Vec<String>> {
    let rows: Vec<Found> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|row| row.found).collect())
}

fn number(conn: &mut SqliteConnection, sql: &str) -> Outcome<i64> {
    let number = found(conn, &format!("SELECT CAST(({sql}) AS TEXT) AS found"))?;
    Ok(number.first().ok_or("no number")?.parse()?)
}

/// Makes one from an empty database.
pub fn fill(database: Database, records: u32, directory: &Path) -> Outcome<Filled> {
    eprintln!("filling a database with {records} records");
    let Database::Sqlite(path) = &database else { return Err("databases are filled on SQLite".into()) };
    let url = path.to_string_lossy().into_owned();
    let prepared = server::prepare(database, 0, directory)?;
    make_first_rows(&prepared, directory)?;
    let mut conn = SqliteConnection::establish(&url)?;
    conn.batch_execute(
        "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -100000; BEGIN;",
    )?;
    copy_all(&mut conn, records)?;
    conn.batch_execute("COMMIT; PRAGMA journal_mode = WAL;")?;
    let one = found(&mut conn, "SELECT name AS found FROM copied_learners ORDER BY i LIMIT 1 OFFSET 7")?;
    let learner = one.into_iter().next().ok_or("no learner was copied")?;
    let last_record = number(&mut conn, "SELECT max(seq) FROM records")?;
    Ok(Filled { prepared, records, learner, identity: "filled-7".to_owned(), last_record })
}

fn make_first_rows(prepared: &Prepared, directory: &Path) -> Outcome<()> {
    let mut server = server::start(&prepared.database, "warn", directory)?;
    let mut asker = Asker::open(&server, &prepared.token)?;
    Wholes::new(prepared, FIRST_ATTEMPTS.into())?.bring(&mut asker, FIRST_ATTEMPTS)?;
    let mut submission = exercise::submissions(prepared);
    asker.send(submission.next().0)?;
    let kept: Value = asker.read("POST", "/v1/diagnoses?keep=true", &exercise::evidence_text())?;
    text(kept.get("id"))?;
    server.stop()
}

fn copy_all(conn: &mut SqliteConnection, records: u32) -> Outcome<()> {
    for table in
        ["learners", "identities", "attempts", "responses", "gradings", "submissions", "submission_revisions", "diagnoses"]
    {
        conn.batch_execute(&format!("CREATE TEMP TABLE first_{table} AS SELECT * FROM {table};"))?;
    }
    // What a record is about: an attempt, an answer of it, a submission; all begin with the id of the row.
    conn.batch_execute(
        "CREATE TEMP TABLE first_records AS SELECT *, substr(object_id, 1, 36) AS object FROM records ORDER BY seq;
         CREATE INDEX temp.first_records_of ON first_records (object);
         CREATE INDEX temp.first_responses_of ON first_responses (attempt_id);",
    )?;
    let firsts = number(
        conn,
        "SELECT count(*) FROM first_records WHERE kind IN ('attempt.started', 'response.saved', 'attempt.submitted')",
    )?;
    let attempts = (i64::from(records) * i64::from(FIRST_ATTEMPTS) / firsts.max(1)).max(i64::from(10 * ATTEMPTS_OF_A_LEARNER));
    let learners = attempts / i64::from(ATTEMPTS_OF_A_LEARNER);
    name_learners(conn, learners)?;
    for (table, count) in
        [("attempts", attempts), ("submissions", (attempts / 10).max(FULL_PAGE)), ("diagnoses", (attempts / 100).max(FULL_PAGE))]
    {
        name_copies(conn, table, count, learners)?;
    }
    // Sorted at the end, which is much quicker than row by row.
    let indexes = "FROM main.sqlite_master WHERE type = 'index' AND tbl_name IN ('records', 'attempts', 'submissions', 'learners') \
                   AND sql IS NOT NULL";
    let again = found(conn, &format!("SELECT sql AS found {indexes}"))?;
    for name in found(conn, &format!("SELECT name AS found {indexes}"))? {
        conn.batch_execute(&format!("DROP INDEX main.{name};"))?;
    }
    for copy in COPIES {
        copy.run(conn)?;
    }
    again.iter().try_for_each(|sql| Ok(conn.batch_execute(sql)?))
}

/// An id of version 7 whose time rises with the number `i`, as SQL.
const ID: &str = "unhex(printf('%012x7%03x8%s', 1795000000000 + i * 1000, i % 4096, substr(hex(randomblob(8)), 1, 15)))";

/// An id as it is written, as SQL.
fn written(id: &str) -> String {
    let part = |from: u32, length: u32| format!("substr(lower(hex({id})), {from}, {length})");
    [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ")
}

fn name_learners(conn: &mut SqliteConnection, count: i64) -> Outcome<()> {
    let name = written("id");
    Ok(conn.batch_execute(&format!(
        "CREATE TEMP TABLE copied_learners (i INTEGER PRIMARY KEY, template BLOB, id BLOB, learner BLOB, name TEXT, template_name TEXT);
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count})
         INSERT INTO copied_learners (i, template, id) SELECT i, (SELECT learner_id FROM first_attempts LIMIT 1), {ID} FROM n;
         UPDATE copied_learners SET learner = id, name = {name}, template_name = {template};",
        template = written("template"),
    ))?)
}

/// New ids for copies of the rows of a table, each of a learner; those of one learner are spread over all.
fn name_copies(conn: &mut SqliteConnection, table: &str, count: i64, learners: i64) -> Outcome<()> {
    let (name, template) = (written("id"), written("template"));
    Ok(conn.batch_execute(&format!(
        "CREATE TEMP TABLE copied_{table} (i INTEGER PRIMARY KEY, template BLOB, id BLOB, learner BLOB, name TEXT, template_name TEXT);
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}),
             template (k, id) AS MATERIALIZED (SELECT row_number() OVER () - 1, id FROM first_{table})
         INSERT INTO copied_{table} (i, template, id, learner)
         SELECT i, (SELECT id FROM template WHERE k = i % (SELECT count(*) FROM template)), {ID},
             (SELECT id FROM copied_learners AS l WHERE l.i = n.i * 7919 % {learners})
         FROM n;
         UPDATE copied_{table} SET name = {name}, template_name = {template};"
    ))?)
}

/// How rows of one table are copied.
struct Copy {
    table: &'static str,
    /// Whose new ids they have.
    of: &'static str,
    /// Which first rows (`t`) a copy (`c`) has.
    on: &'static str,
    /// Columns that differ, and what stands there.
    replaced: &'static [(&'static str, &'static str)],
}

const RECORD: &[(&str, &str)] = &[
    ("id", "randomblob(16)"),
    ("learner_id", "c.learner"),
    ("object_id", "c.name || substr(t.object_id, 37)"),
    ("recorded_at", "t.recorded_at + c.i"),
];
const ROW: &[(&str, &str)] = &[("id", "c.id"), ("learner_id", "c.learner")];
const OF_ATTEMPT: &[(&str, &str)] = &[("attempt_id", "c.id")];

#[rustfmt::skip]
const COPIES: [Copy; 11] = [
    Copy { table: "learners", of: "learners", on: "t.id = c.template", replaced: &[("id", "c.id")] },
    Copy { table: "identities", of: "learners", on: "t.learner_id = c.template",
        replaced: &[("learner_id", "c.id"), ("external_id", "'filled-' || c.i")] },
    Copy { table: "records", of: "learners", on: "t.object = c.template_name", replaced: RECORD },
    Copy { table: "attempts", of: "attempts", on: "t.id = c.template", replaced: ROW },
    Copy { table: "responses", of: "attempts", on: "t.attempt_id = c.template", replaced: OF_ATTEMPT },
    Copy { table: "gradings", of: "attempts", on: "t.attempt_id = c.template", replaced: OF_ATTEMPT },
    Copy { table: "records", of: "attempts", on: "t.object = c.template_name", replaced: RECORD },
    Copy { table: "submissions", of: "submissions", on: "t.id = c.template", replaced: ROW },
    Copy { table: "submission_revisions", of: "submissions", on: "t.submission_id = c.template",
        replaced: &[("submission_id", "c.id")] },
    Copy { table: "records", of: "submissions", on: "t.object = c.template_name", replaced: RECORD },
    Copy { table: "diagnoses", of: "diagnoses", on: "t.id = c.template", replaced: &[("id", "c.id")] },
];

impl Copy {
    fn run(&self, conn: &mut SqliteConnection) -> Outcome<()> {
        let Copy { table, of, on, replaced } = self;
        let mut columns = found(conn, &format!("SELECT name AS found FROM main.pragma_table_info('{table}')"))?;
        // The place in a list or in the log, which the database gives.
        if columns.iter().any(|column| column == "epoch") {
            columns.retain(|column| !["epoch", "xid", "seq"].contains(&column.as_str()));
        }
        let value = |column: &String| {
            let new = replaced.iter().find(|(name, _)| name == column).map(|(_, new)| (*new).to_owned());
            new.unwrap_or_else(|| format!("t.{column}"))
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let (names, values) = (columns.join(", "), values.join(", "));
        // The order of the copies, since a cross join keeps it.
        let sql =
            format!("INSERT INTO {table} ({names}) SELECT {values} FROM copied_{of} AS c CROSS JOIN first_{table} AS t ON {on};");
        Ok(conn.batch_execute(&sql)?)
    }
}
