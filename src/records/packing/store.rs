//! Packs the envelopes that programs before wrote as plain JSON (see [`crate::db::packed`]): beside the running service, some at a
//! time, each batch with its progress in one transaction, so that it may be killed anywhere and goes on from there. What a record
//! says does not change.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};

use crate::db::packed::Packed;
use crate::db::schema::settings;
use crate::db::statement::statement;
use crate::db::types::{Id, Moment, Time, Uid, Xid, Xid8};
use crate::db::{Conn, Stored};
use crate::each;
use crate::error::Problem;
use crate::records::envelope::{EnvelopeColumns, without_columns};

/// The setting with the place up to which all is packed; there is none where nothing is left to do.
const PROGRESS: &str = "records_packed_to";
/// Records of one batch: on SQLite all writers wait for it, some milliseconds.
const BATCH: usize = 200;

#[derive(QueryableByName)]
struct StoredPlain {
    #[diesel(sql_type = Uid)]
    tenant_id: Id,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Xid8)]
    xid: Xid,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Uid)]
    id: Id,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    schema_version: i32,
    #[diesel(sql_type = Nullable<Uid>)]
    learner_id: Option<Id>,
    #[diesel(sql_type = Moment)]
    recorded_at: Time,
    /// Empty where it is packed.
    #[diesel(sql_type = Binary)]
    envelope: Vec<u8>,
}

impl StoredPlain {
    fn columns(&self) -> EnvelopeColumns {
        EnvelopeColumns {
            id: self.id,
            kind: self.kind.clone(),
            schema_version: self.schema_version,
            tenant: self.tenant_id,
            learner: self.learner_id,
            recorded_at: self.recorded_at,
        }
    }

    fn place(&self) -> String {
        format!("{} {} {} {}", self.tenant_id, self.epoch, self.xid.0, self.seq)
    }
}

/// Packs one batch; false when all is done.
pub fn pack_some(conn: &mut Conn) -> Stored<bool> {
    let Some(progress) = progress(conn)? else { return Ok(false) };
    let rows = rows_after(conn, &progress)?;
    for row in rows.iter().filter(|row| !row.envelope.is_empty()) {
        // What cannot be read stays as it is, for a hand to mend.
        if let Ok(text) = std::str::from_utf8(&row.envelope) {
            let own = without_columns(text, &row.columns());
            pack(conn, row, &Packed::text(own.as_deref().unwrap_or(text)))?;
        }
    }
    let own = settings::table.filter(settings::name.eq(PROGRESS));
    match rows.last().filter(|_| rows.len() == BATCH) {
        Some(last) => {
            each!(conn, c => diesel::update(own).set(settings::value.eq(last.place())).execute(c))?;
            Ok(true)
        }
        None => {
            each!(conn, c => diesel::delete(own).execute(c))?;
            Ok(false)
        }
    }
}

/// Processes on one PostgreSQL take turns.
fn progress(conn: &mut Conn) -> Stored<Option<String>> {
    let own = settings::table.filter(settings::name.eq(PROGRESS)).select(settings::value);
    Ok(match conn {
        Conn::Pg(c) => own.for_update().first(c).optional()?,
        Conn::Sqlite(c) => own.first(c).optional()?,
    })
}

fn rows_after(conn: &mut Conn, progress: &str) -> Stored<Vec<StoredPlain>> {
    let mut parts = progress.split(' ');
    let tenant = parts.next().unwrap_or_default().parse().unwrap_or(Id::NIL);
    let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
    let (epoch, xid, seq) = (number(), number(), number());
    let limit = i64::try_from(BATCH).map_err(Problem::internal)?;
    Ok(match conn {
        Conn::Pg(c) => diesel::sql_query(
            "SELECT tenant_id, epoch, xid, seq, id, kind, schema_version, learner_id, recorded_at, CASE WHEN packed IS NULL THEN convert_to(envelope::text, 'UTF8') ELSE '' END \
                 AS envelope FROM records WHERE (tenant_id, epoch, xid, seq) > ($1, $2, $3, $4) \
                 ORDER BY tenant_id, epoch, xid, seq LIMIT $5",
        )
        .bind::<Uid, _>(tenant)
        .bind::<BigInt, _>(epoch)
        .bind::<Xid8, _>(Xid(xid))
        .bind::<BigInt, _>(seq)
        .bind::<BigInt, _>(limit)
        .load(c)?,
        // Its log has one order over all tenants.
        Conn::Sqlite(c) => diesel::sql_query(
            "SELECT tenant_id, epoch, xid, seq, id, kind, schema_version, learner_id, recorded_at, CASE WHEN packed IS NULL THEN CAST(envelope AS BLOB) ELSE x'' END AS envelope \
                 FROM records WHERE seq > ? ORDER BY seq LIMIT ?",
        )
        .bind::<BigInt, _>(seq)
        .bind::<BigInt, _>(limit)
        .load(c)?,
    })
}

fn pack(conn: &mut Conn, row: &StoredPlain, packed: &Packed) -> Stored<()> {
    match conn {
        Conn::Pg(c) => statement(
            "UPDATE records SET packed = ?, envelope = 'null' WHERE tenant_id = ? AND epoch = ? AND xid = ? AND seq = ?",
        )
        .bind::<Binary, _>(packed)
        .bind::<Uid, _>(row.tenant_id)
        .bind::<BigInt, _>(row.epoch)
        .bind::<Xid8, _>(row.xid)
        .bind::<BigInt, _>(row.seq)
        .execute(c)?,
        Conn::Sqlite(c) => statement("UPDATE records SET packed = ?, envelope = '' WHERE seq = ?")
            .bind::<Binary, _>(packed)
            .bind::<BigInt, _>(row.seq)
            .execute(c)?,
    };
    Ok(())
}
