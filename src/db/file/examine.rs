//! What stands where the database is expected: ours, another program's, something else, nothing.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::file::{DatabaseFile, FileIdentity, Mode, beside};
use crate::db::{Conn, Stored};
use crate::error::Problem;

/// "Waym" in ASCII; `file` and SQLite's own tools show it (PRAGMA application_id).
pub const APPLICATION_ID: i64 = 0x5761_796d;

/// Tables that every version of our schema has; a database that has these and no application id is an early one of ours.
const OURS: &[&str] = &["tenants", "settings", "records", "lesson_versions"];
/// The table in which diesel keeps what was applied.
const MIGRATIONS: &str = "__diesel_schema_migrations";

#[derive(QueryableByName)]
struct TableCount {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Makes sure that a database of ours stands there, and makes one where there never was one (or where that is allowed).
/// Nothing else is touched: not another program's database, not an empty file, not a folder.
pub fn make_sure(file: &DatabaseFile, may_replace_lost: bool) -> Result<(), Problem> {
    if !file.exists() {
        if beside::read_noted(file).is_some() && !may_replace_lost {
            return Err(Problem::internal(format!(
                "there was a database at {}, says its lock file, and it is gone. Put it back, or `waymark restore FILE`; \
                 WAYMARK_SQLITE_LOST=replace begins with an empty one",
                file.path.display()
            )));
        }
        return file.make();
    }
    ours(file)?;
    known_name(file)
}

/// Whether the file is a database of ours; without changing anything.
pub fn ours(file: &DatabaseFile) -> Result<(), Problem> {
    let path = file.path.display();
    let facts = std::fs::metadata(&file.path).map_err(|e| Problem::internal(format!("cannot look at {path}: {e}")))?;
    if facts.is_dir() {
        return Err(Problem::internal(format!("{path} is a folder, not a database file; name a file in it")));
    }
    if !facts.is_file() {
        return Err(Problem::internal(format!("{path} is no ordinary file, so it cannot be the database; name another")));
    }
    if facts.len() == 0 {
        return Err(Problem::internal(format!(
            "{path} is empty (0 bytes). Where a database was it is lost: `waymark restore FILE` puts a backup there. Where none \
             was, remove the empty file, and a start makes the database"
        )));
    }
    // No database is smaller than one page, and SQLite takes what is for an empty one.
    if facts.len() < 512 {
        return Err(refusal(file, "not a database"));
    }
    let mut conn = open_for_reading(file)?;
    let refused = |e: diesel::result::Error| refusal(file, &e.to_string());
    let id: TableCount =
        diesel::sql_query("SELECT application_id AS n FROM pragma_application_id").get_result(&mut conn).map_err(refused)?;
    let names: Vec<Name> =
        diesel::sql_query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
            .load(&mut conn)
            .map_err(refused)?;
    let names: Vec<String> = names.into_iter().map(|row| row.name).collect();
    match id.n {
        APPLICATION_ID => Ok(()),
        0 if holds_ours(&names) => Ok(()),
        id => Err(Problem::internal(format!(
            "{path} is another program's SQLite database (application_id {id:#x}, {}). Nothing in it was changed. Name another file",
            listed(&names)
        ))),
    }
}

/// Beside whoever writes it; where nobody does, without making files beside it.
pub fn open_for_reading(file: &DatabaseFile) -> Result<SqliteConnection, Problem> {
    let in_use = std::fs::metadata(file.with("-wal")).is_ok_and(|facts| facts.len() > 0);
    file.open(if in_use { Mode::Read } else { Mode::ReadAlone })
}

/// SQLite keeps its write-ahead log beside the name under which a file is opened, so one file under two names loses writes.
/// With hard links only the name that the lock file knows is good.
pub fn known_name(file: &DatabaseFile) -> Result<(), Problem> {
    let names = links(file);
    let here = FileIdentity::at(&file.path).map(|identity| identity.inode);
    if names < 2 || beside::read_noted(file).is_some_and(|noted| Some(noted.inode) == here) {
        return Ok(());
    }
    Err(Problem::internal(format!(
        "{} is one file with {names} names (hard links), and was served under another one. Use that name, or remove this one; \
         `waymark backup` makes a copy of its own",
        file.path.display()
    )))
}

#[cfg(unix)]
fn links(file: &DatabaseFile) -> u64 {
    std::fs::metadata(&file.path).map_or(1, |facts| std::os::unix::fs::MetadataExt::nlink(&facts))
}

#[cfg(not(unix))]
fn links(_: &DatabaseFile) -> u64 {
    1
}

/// What SQLite said of the file, in words that say what to do.
pub fn refusal(file: &DatabaseFile, said: &str) -> Problem {
    let path = file.path.display();
    Problem::internal(if said.contains("not a database") {
        format!("{path} is no SQLite database. Nothing in it was changed. Name another file")
    } else if said.contains("malformed") {
        format!("{path} is damaged ({said}). `waymark restore FILE` puts a backup in its place and keeps this one aside")
    } else {
        format!("cannot open the database {path}: {said}")
    })
}

fn holds_ours(names: &[String]) -> bool {
    OURS.iter().all(|table| names.iter().any(|name| name == table))
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "without tables".to_owned(),
        few if few.len() <= 5 => format!("with the tables {}", few.join(", ")),
        many => format!("with {} tables, among them {}", many.len(), many.iter().take(5).cloned().collect::<Vec<_>>().join(", ")),
    }
}

/// Refuses a PostgreSQL database (its schema, to be exact) that holds other tables than ours. What belongs to an extension
/// does not count.
pub fn postgres_is_ours(conn: &mut Conn) -> Stored<()> {
    let Conn::Pg(pg) = conn else { return Ok(()) };
    let names: Vec<Name> = diesel::sql_query(
        "SELECT c.relname::text AS name FROM pg_class c \
         WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = current_schema()) AND c.relkind IN ('r', 'p') \
         AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
         ORDER BY 1",
    )
    .load(pg)?;
    let names: Vec<String> = names.into_iter().map(|row| row.name).filter(|name| name != MIGRATIONS).collect();
    if names.is_empty() || holds_ours(&names) {
        return Ok(());
    }
    Err(Problem::internal(format!(
        "the PostgreSQL database belongs to another program ({}). Nothing in it was changed. Make one for this service \
         (`createdb waymark`) and name it in DATABASE_URL",
        listed(&names)
    )))
}

/// Whether a file begins like a database of ours (<https://www.sqlite.org/fileformat.html>, section 1.3). Not for one that this process
/// has open: closing it here would end SQLite's locks.
pub fn looks_like_ours(path: &Path) -> bool {
    let mut head = [0; 72];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let id = head.last_chunk::<4>().map_or(0, |id| i64::from(u32::from_be_bytes(*id)));
    read.is_ok() && head.starts_with(b"SQLite format 3\0") && id == APPLICATION_ID
}
