//! How busy the database threads are, and how large the database is.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::db::{Conn, Stored};

/// A moment of the database threads of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatabaseLoad {
    /// Threads that run calls, each with a connection.
    pub threads: usize,
    /// Calls that run on them.
    pub running: usize,
    /// Calls that wait for one.
    pub waiting: usize,
    /// Jobs that wait for the writer.
    pub writes: usize,
}

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// The bytes of the database: of all its files on PostgreSQL, of its pages on SQLite.
pub fn database_bytes(conn: &mut Conn) -> Stored<i64> {
    let size: Size = match conn {
        Conn::Pg(c) => diesel::sql_query("SELECT pg_database_size(current_database()) AS bytes").get_result(c)?,
        Conn::Sqlite(c) => {
            diesel::sql_query("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size").get_result(c)?
        }
    };
    Ok(size.bytes)
}
