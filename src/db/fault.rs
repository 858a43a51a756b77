//! What a database said went wrong, as a failure on its way to the caller.

use diesel::result::{DatabaseErrorKind, Error as DbError};

use crate::db::sqlstate;
use crate::error::{Fault, Problem};

impl From<DbError> for Problem {
    fn from(error: DbError) -> Problem {
        let fault = match &error {
            DbError::DatabaseError(kind, info) => match kind {
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Fault::Lost,
                DatabaseErrorKind::SerializationFailure => Fault::Conflict,
                DatabaseErrorKind::ReadOnlyTransaction => Fault::Storage,
                // PostgreSQL tells by a code; its texts are in the language of the server.
                _ => sqlstate::last_fault().unwrap_or_else(|| fault_of_sqlite(info.message())),
            },
            DbError::BrokenTransactionManager => Fault::Lost,
            _ => fault_of_sqlite(&error.to_string()),
        };
        match fault {
            Fault::None => Problem::internal(error),
            fault => Problem::unavailable(fault, error),
        }
    }
}

/// Diesel passes on only the text of SQLite's errors (`sqlite3_errstr`), which is always English.
fn fault_of_sqlite(message: &str) -> Fault {
    const TABLE: &[(&str, Fault)] = &[
        ("database or disk is full", Fault::Storage),
        ("disk I/O error", Fault::Storage),
        ("attempt to write a readonly database", Fault::Storage),
        ("unable to open database file", Fault::Storage),
        ("database disk image is malformed", Fault::Storage),
        ("database is locked", Fault::Storage),
        ("out of memory", Fault::Storage),
        ("interrupted", Fault::Storage), // nobody waits for this read any more
        ("no such savepoint", Fault::Storage),
        ("cannot commit", Fault::Storage),
    ];
    TABLE.iter().find(|(text, _)| message.contains(text)).map_or(Fault::None, |(_, fault)| *fault)
}
