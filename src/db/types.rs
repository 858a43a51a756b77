//! Column types: one Rust type and one SQL type each, native on both databases.
//!
//! | here     | PostgreSQL    | SQLite  | Rust                 |
//! |----------|---------------|---------|----------------------|
//! | `Uid`    | `uuid`        | `BLOB`  | [`Id`]               |
//! | `Doc`    | `jsonb`       | `TEXT`  | [`Json`]             |
//! | `Moment` | `timestamptz` | `INTEGER` (µs since 1970) | [`Time`] |
//! | `Xid8`   | `xid8`        | `INTEGER` | [`Xid`]            |

use std::fmt;
use std::io::Write;
use std::str::FromStr;

use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::SqlType;
use diesel::sqlite::{Sqlite, SqliteValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::error::Problem;

#[derive(Debug, Clone, Copy, QueryId, SqlType)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Uid;

#[derive(Debug, Clone, Copy, QueryId, SqlType)]
#[diesel(postgres_type(oid = 3802, array_oid = 3807), sqlite_type(name = "Text"))]
pub struct Doc;

#[derive(Debug, Clone, Copy, QueryId, SqlType)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct Moment;

#[derive(Debug, Clone, Copy, QueryId, SqlType)]
#[diesel(postgres_type(oid = 5069, array_oid = 271), sqlite_type(name = "Long"))]
pub struct Xid8;

/// An id: any UUID that a client chose, or a version 7 of ours. Ids never order anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, Serialize)]
#[diesel(sql_type = Uid)]
#[serde(transparent)]
pub struct Id(pub Uuid);

/// Before every other.
impl Default for Id {
    fn default() -> Id {
        Id::NIL
    }
}

impl Id {
    /// The reserved tenant that owns the built-in curriculum.
    pub const NIL: Id = Id(Uuid::nil());
}

impl utoipa::PartialSchema for Id {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        let format = utoipa::openapi::SchemaFormat::Custom("uuid".to_owned());
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String).format(Some(format));
        text.description(Some("A UUID of version 4 or 7.")).into()
    }
}

impl utoipa::ToSchema for Id {
    fn name() -> std::borrow::Cow<'static, str> {
        "ResourceId".into()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = &'static str;

    /// Only the hyphenated form, so that one id has one spelling in URLs and caches.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WHAT: &str = "must be a UUID of version 4 or 7, such as 0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10";
        if text.len() != 36 {
            return Err(WHAT);
        }
        let id = Uuid::parse_str(text).map_err(|_| WHAT)?;
        match id.get_version_num() {
            4 | 7 if id.get_variant() == uuid::Variant::RFC4122 => Ok(Id(id)),
            _ => Err(WHAT),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl ToSql<Uid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Uid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Uid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Id(Uuid::from_slice(value.as_bytes())?))
    }
}

impl FromSql<Uid, Sqlite> for Id {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<diesel::sql_types::Binary, Sqlite>>::from_sql(value)?;
        Ok(Id(Uuid::from_slice(&bytes)?))
    }
}

/// A JSON document. One that stands in the database and is none reads as null, so that its row and its list can still be read
/// (see [`crate::db::unreadable`]); since no document of ours is null, null is never written over it.
#[derive(Debug, Clone, PartialEq, Default, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = Doc)]
#[serde(transparent)]
pub struct Json(pub serde_json::Value);

impl Json {
    /// The document of any value that serialises to JSON. Our own types always do.
    pub fn of<T: Serialize>(value: &T) -> Json {
        Json(serde_json::to_value(value).unwrap_or(serde_json::Value::Null))
    }

    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.0)
    }

    /// A document of our own; one that cannot be read is a defect.
    pub fn read_own<T: serde::de::DeserializeOwned>(&self) -> Result<T, Problem> {
        self.read().map_err(Problem::internal)
    }

    fn writable(&self) -> Result<&serde_json::Value, &'static str> {
        if self.0.is_null() { Err("a document that could not be read is not written back") } else { Ok(&self.0) }
    }

    fn stored(text: &[u8]) -> Json {
        Json(serde_json::from_slice(text).unwrap_or_else(|error| {
            tracing::error!(%error, "a stored document is no JSON that can be read");
            serde_json::Value::Null
        }))
    }
}

impl ToSql<Doc, Pg> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[1])?; // version of the binary jsonb format
        serde_json::to_writer(out, self.writable()?)?;
        Ok(IsNull::No)
    }
}

impl ToSql<Doc, Sqlite> for Json {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(self.writable()?)?);
        Ok(IsNull::No)
    }
}

impl FromSql<Doc, Pg> for Json {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            [1, json @ ..] => Ok(Json::stored(json)),
            _ => Err("unknown jsonb version".into()),
        }
    }
}

impl FromSql<Doc, Sqlite> for Json {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        // Its bytes: what a hand put there need not be UTF-8.
        let text = <Vec<u8> as FromSql<diesel::sql_types::Binary, Sqlite>>::from_sql(value)?;
        Ok(Json::stored(&text))
    }
}

/// A moment in UTC, in microseconds since 1970; the precision of both databases.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Moment)]
pub struct Time(pub i64);

impl Time {
    pub fn from_utc(at: DateTime<Utc>) -> Time {
        Time(at.timestamp_micros())
    }

    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::UNIX_EPOCH)
    }

    pub fn plus_seconds(self, seconds: i64) -> Time {
        Time(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// Milliseconds from `earlier` to `self`, never negative.
    pub fn millis_since(self, earlier: Time) -> i64 {
        (self.0.saturating_sub(earlier.0) / 1000).max(0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let at = DateTime::<Utc>::deserialize(from)?;
        // RFC 3339, section 1: a year has four digits. Others could be read, and not be said again.
        match at.year() {
            0..=9999 => Ok(Time::from_utc(at)),
            _ => Err(serde::de::Error::custom("a time has a year of four digits, such as 2026-11-30T08:00:00Z")),
        }
    }
}

/// Microseconds from 1970 to 2000, where PostgreSQL's binary timestamps begin.
const PG_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<Moment, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0.saturating_sub(PG_EPOCH).to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Moment, Sqlite> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0);
        Ok(IsNull::No)
    }
}

impl FromSql<Moment, Pg> for Time {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let since_2000 = i64::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Time(since_2000.saturating_add(PG_EPOCH)))
    }
}

impl FromSql<Moment, Sqlite> for Time {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        <i64 as FromSql<diesel::sql_types::BigInt, Sqlite>>::from_sql(value).map(Time)
    }
}

/// PostgreSQL's 64-bit transaction id (`xid8`); always 0 on SQLite, whose single writer needs none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = Xid8)]
pub struct Xid(pub i64);

impl ToSql<Xid8, Pg> for Xid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Xid8, Sqlite> for Xid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0);
        Ok(IsNull::No)
    }
}

impl FromSql<Xid8, Pg> for Xid {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Xid(i64::from_be_bytes(value.as_bytes().try_into()?)))
    }
}

impl FromSql<Xid8, Sqlite> for Xid {
    fn from_sql(value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        <i64 as FromSql<diesel::sql_types::BigInt, Sqlite>>::from_sql(value).map(Xid)
    }
}
