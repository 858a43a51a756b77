//! A JSON document kept as text: for hot paths that only pass it on, or write it once, and need no tree of it.

use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::Serialize;

use crate::db::types::Doc;

/// The text of a JSON document; the column is the same as that of [`crate::db::types::Json`]. What stands in the database and is
/// no text is empty here, which is no JSON either, and is never written over what stands there.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Doc)]
pub struct JsonText(pub String);

impl JsonText {
    /// The document of any value that serialises to JSON. Our own types always do.
    pub fn of<T: Serialize>(value: &T) -> JsonText {
        JsonText(serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned()))
    }

    fn stored(text: Vec<u8>) -> JsonText {
        JsonText(String::from_utf8(text).unwrap_or_default())
    }

    fn writable(&self) -> Result<&str, &'static str> {
        if self.0.is_empty() { Err("a document that could not be read is not written back") } else { Ok(&self.0) }
    }

    pub fn read<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.0)
    }
}

impl ToSql<Doc, Pg> for JsonText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[1])?; // version of the binary jsonb format
        out.write_all(self.writable()?.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Doc, Sqlite> for JsonText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.writable()?);
        Ok(IsNull::No)
    }
}

impl FromSql<Doc, Pg> for JsonText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [1, json @ ..] => Ok(JsonText::stored(json.to_vec())),
            _ => Err("unknown jsonb version".into()),
        }
    }
}

impl FromSql<Doc, Sqlite> for JsonText {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let text = <Vec<u8> as FromSql<diesel::sql_types::Binary, Sqlite>>::from_sql(value)?;
        Ok(JsonText::stored(text))
    }
}
