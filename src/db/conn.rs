//! One connection, of either kind, and one query text for both.

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;

use crate::db::postgres::PgConn;
use crate::error::Problem;

/// A connection to whichever database is configured.
#[allow(clippy::large_enum_variant, reason = "a thread makes one and keeps it in place; a box would hide it from diesel")]
pub enum Conn {
    Pg(PgConn),
    Sqlite(SqliteConnection),
}

/// Runs one query text on whichever connection it is: `each!(conn, c => users.filter(...).load(c))`.
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $query:expr) => {
        match $conn {
            $crate::db::Conn::Pg($c) => $query,
            $crate::db::Conn::Sqlite($c) => $query,
        }
    };
}

impl Conn {
    /// Runs statements that take no values, in the dialect both share.
    pub fn batch(&mut self, sql: &str) -> Result<(), Problem> {
        each!(self, c => c.batch_execute(sql)).map_err(Problem::from)
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Conn::Pg(_))
    }
}

/// What a store function gives back.
pub type Stored<T> = Result<T, Problem>;

/// One column of rows, for a statement whose text does not depend on how many rows it brings: `... FROM unnest($1, $2)`.
pub fn column<'a, T, V>(rows: &'a [T], value: impl Fn(&'a T) -> V) -> Vec<V> {
    rows.iter().map(value).collect()
}
