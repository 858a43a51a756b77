//! Whether there is a database at all. A command given in a wrong folder must not make a second one beside the service's.

use std::path::Path;

use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use secrecy::{ExposeSecret, SecretString};

use crate::config::{Config, Database};
use crate::db::Conn;
use crate::db::connect::Opener;
use crate::db::file::{DatabaseFile, beside, examine};
use crate::each;
use crate::error::Problem;

/// Says where it looked and what to do, unless the database is there with a schema of ours, of whatever version.
pub fn demand(config: &Config) -> Result<(), Problem> {
    let there = match &config.database {
        Database::Sqlite(path) => match DatabaseFile::of(path) {
            Ok(file) if file.exists() => {
                examine::ours(&file)?;
                sqlite_has_schema(path)?
            }
            // There was one, and it is gone: that is said in other words, and nothing is made.
            Ok(file) if beside::read_noted(&file).is_some() => return examine::make_sure(&file, false),
            _ => false,
        },
        Database::Postgres(_) => {
            let mut conn = Opener::new(config).open()?;
            examine::postgres_is_ours(&mut conn)?;
            has_schema(&mut conn)?
        }
    };
    if there { Ok(()) } else { Err(Problem::internal(missing(&config.database))) }
}

fn missing(database: &Database) -> String {
    let (place, advice) = match database {
        Database::Sqlite(path) => {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let here = "give this command in the folder where the service was started";
            (format!("at {}", whole.display()), if path.is_absolute() { "see whether that is the service's" } else { here })
        }
        Database::Postgres(url) => (server(url), "see whether that is the service's"),
    };
    format!(
        "there is no database of Waymark {place}: {advice}, or name its database with --database-url or DATABASE_URL. \
         Where there is to be a new one, `waymark serve` and `waymark migrate` make it"
    )
}

/// Where a PostgreSQL database is, without the password.
fn server(url: &SecretString) -> String {
    let config: Result<tokio_postgres::Config, _> = url.expose_secret().parse();
    let name = config.ok().and_then(|config| config.get_dbname().map(str::to_owned));
    format!("in the PostgreSQL database {}", name.unwrap_or_default())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Opened without the settings of a service, which would change a file that is not ours.
fn sqlite_has_schema(path: &Path) -> Result<bool, Problem> {
    let failed = |e: &dyn std::fmt::Display| Problem::internal(format!("{} cannot be read: {e}", path.display()));
    let conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|e| failed(&e))?;
    has_schema(&mut Conn::Sqlite(conn)).map_err(|problem| failed(&problem.cause().unwrap_or_else(|| problem.detail())))
}

/// Whether a schema of ours is there, of whatever version.
pub fn has_schema(conn: &mut Conn) -> Result<bool, Problem> {
    let query = match conn {
        Conn::Sqlite(_) => "SELECT count(*) AS n FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
        Conn::Pg(_) => {
            "SELECT count(*) AS n FROM pg_catalog.pg_tables \
             WHERE tablename = '__diesel_schema_migrations' AND schemaname = ANY(current_schemas(false))"
        }
    };
    let count: Count = each!(conn, c => sql_query(query).get_result(c))?;
    Ok(count.n > 0)
}
