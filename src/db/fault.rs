//! What a database said went wrong, as a failure on its way to the caller.

use diesel::result::{DatabaseErrorKind, Error as DbError};

use crate::db::sqlstate;
use crate::error::{DatabaseFault, Problem};

impl From<DbError> for Problem {
    fn from(error: DbError) -> Problem {
        let fault = match &error {
            DbError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => DatabaseFault::Lost,
                DatabaseErrorKind::SerializationFailure => DatabaseFault::Conflict,
                DatabaseErrorKind::ReadOnlyTransaction => DatabaseFault::Storage,
                // PostgreSQL tells by a code; its texts are in the language of the server.
                _ => sqlstate::last_fault().unwrap_or_else(|| fault_of_sqlite(info.message())),
            },
            DbError::BrokenTransactionManager => DatabaseFault::Lost,
            _ => fault_of_sqlite(&error.to_string()),
        };
        match fault {
            DatabaseFault::None => Problem::internal(error),
            fault => Problem::unavailable(fault, error),
        }
    }
}

/// Diesel passes on only the text of SQLite's errors (`sqlite3_errstr`), which is always English.
fn fault_of_sqlite(message: &str) -> DatabaseFault {
    const TABLE: &[(&str, DatabaseFault)] = &[
        ("database or disk is full", DatabaseFault::Storage),
        ("disk I/O error", DatabaseFault::Storage),
        ("attempt to write a readonly database", DatabaseFault::Storage),
        ("unable to open database file", DatabaseFault::Storage),
        ("database disk image is malformed", DatabaseFault::Storage),
        ("database is locked", DatabaseFault::Storage),
        ("out of memory", DatabaseFault::Storage),
        ("interrupted", DatabaseFault::Storage), // nobody waits for this read any more
        ("no such savepoint", DatabaseFault::Storage),
        ("cannot commit", DatabaseFault::Storage),
    ];
    TABLE.iter().find(|(text, _)| message.contains(text)).map_or(DatabaseFault::None, |(_, fault)| *fault)
}
