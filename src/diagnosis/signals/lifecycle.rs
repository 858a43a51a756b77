//! Saving and deleting a tenant's own signal, each inside one transaction: read, ask the rules, write, append the record.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::audit::{self, AuditEntry};
use crate::auth::Who;
use crate::db::types::{Id, Json};
use crate::db::unreadable::Unreadable;
use crate::db::{Conn, Stored};
use crate::diagnosis::Engine;
use crate::diagnosis::signals::rules::{self, Weight};
use crate::diagnosis::signals::store::{self, SignalRow};
use crate::diagnosis::signals::wire::{Entry, SignalPut, UnreadableSignal};
use crate::error::{Code, Problem};
use crate::lessons::rules::content_digest;
use crate::quotas::QuotaKind;
use crate::records::{self, Object, RecordDraft};
use crate::web::conditional::IfMatch;

/// A call that brings a signal, which is sound as far as it can be told without the tenant's others.
#[derive(Clone)]
pub struct SignalCall {
    pub id: String,
    pub if_match: IfMatch,
    content: SignalPut,
    engine: Arc<Engine>,
}

impl SignalCall {
    pub fn new(engine: Arc<Engine>, id: String, if_match: IfMatch, content: SignalPut) -> Result<SignalCall, Problem> {
        if engine.catalogue.signals.iter().any(|known| known.signal.id == id) {
            return Err(Problem::new(
                Code::IdUnavailable,
                format!("{id} is a built-in signal, and those are the same for everybody. Choose another id."),
            ));
        }
        let wrong = rules::signal_faults(&id, &content, &engine.catalogue);
        if wrong.0.is_empty() { Ok(SignalCall { id, if_match, content, engine }) } else { Err(Problem::bodies(wrong.0)) }
    }

    fn is_repeat(&self, row: &SignalRow) -> Stored<bool> {
        Ok(signal_content(row)? == self.content)
    }
}

/// Stored documents are our own; one that cannot be read is a defect.
pub fn signal_content(row: &SignalRow) -> Stored<SignalPut> {
    row.content.read_own()
}

/// Creates a signal, or replaces one that is there. True where it is new.
pub fn save_signal(conn: &mut Conn, who: &Who, put: &SignalCall) -> Stored<(SignalRow, bool)> {
    // The same again changes nothing, so nobody needs to be told or to wait.
    if let Some(row) = store::find(conn, who.tenant, &put.id)?
        && put.is_repeat(&row)?
    {
        return Ok((row, false));
    }
    store::raise_signals(conn)?;
    let (own, others): (Vec<SignalRow>, Vec<SignalRow>) =
        store::of_tenant(conn, who.tenant)?.into_iter().partition(|row| row.id == put.id);
    let old = own.into_iter().next();
    if let Some(row) = &old
        && put.is_repeat(row)?
    {
        return Ok((row.clone(), false));
    }
    match &old {
        Some(row) => put.if_match.check(row.revision)?,
        None if put.if_match != IfMatch::Absent => {
            return Err(Problem::new(Code::PreconditionFailed, "If-Match was sent, but there is no signal of this id yet."));
        }
        None => who.quotas.check_room(QuotaKind::Signals, i64::try_from(others.len()).unwrap_or(i64::MAX), 1)?,
    }
    let others = others.iter().map(|row| Ok((row.id.clone(), signal_content(row)?))).collect::<Stored<Vec<_>>>()?;
    let weight = others.iter().fold(Weight::of(&put.content), |all, (_, other)| all.and(Weight::of(other)));
    if let Some((of, count, most)) = weight.too_much() {
        let detail = format!("With this signal the tenant's would have {count} {of} in all; at most {most} are kept.");
        return Err(Problem::new(Code::IllegalState, detail).with("state", "full").with("of", of).with("limit", most));
    }
    let wrong = rules::wrong_beside(&put.content, &others, &put.engine.catalogue);
    if !wrong.0.is_empty() {
        return Err(Problem::bodies(wrong.0));
    }
    let row = SignalRow {
        tenant_id: who.tenant,
        id: put.id.clone(),
        revision: old.as_ref().map_or(1, |old| old.revision.saturating_add(1)),
        content: Json::of(&put.content),
        created_at: old.as_ref().map_or(who.now, |old| old.created_at),
        updated_at: who.now,
    };
    if old.is_some() {
        store::replace(conn, &row)?
    } else {
        store::insert(conn, &row)?
    }
    append_signal_record(
        conn,
        who,
        "signal.saved",
        &row.id,
        json!({"revision": row.revision, "digest": content_digest(&row.content.0)}),
    )?;
    Ok((row, old.is_none()))
}

/// How many signals of its own a tenant has.
pub fn count_own_signals(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    store::count_signals(conn, tenant)
}

pub fn remove_signal(conn: &mut Conn, who: &Who, id: &str, if_match: &IfMatch) -> Stored<()> {
    store::raise_signals(conn)?;
    let row = store::find(conn, who.tenant, id)?.ok_or_else(no_such_signal)?;
    if *if_match != IfMatch::Absent {
        if_match.check(row.revision)?;
    }
    store::delete(conn, who.tenant, id)?;
    append_signal_record(
        conn,
        who,
        "signal.deleted",
        id,
        json!({"revision": row.revision, "digest": content_digest(&row.content.0)}),
    )?;
    audit::note(conn, who, AuditEntry::new("signal.deleted", ("signal", &id)).with("revision", row.revision))
}

pub fn no_such_signal() -> Problem {
    Problem::not_found("signal of this id")
}

fn append_signal_record(conn: &mut Conn, who: &Who, kind: &'static str, id: &str, body: Value) -> Stored<()> {
    let draft = RecordDraft {
        kind,
        learner: None,
        object: Object { r#type: "signal".to_owned(), id: id.to_owned(), iri: None },
        place: None,
        context: Json(json!({})),
        occurred: records::now(who.now),
        body,
    };
    records::append(conn, who, vec![draft])
}

/// A tenant's own signals as they are shown, and what is known of those that cannot be read.
pub fn entries(rows: &[SignalRow]) -> (Vec<Entry>, Vec<UnreadableSignal>) {
    let (mut entries, mut unreadable) = (Vec::new(), Vec::new());
    for row in rows {
        match stored_entry(row) {
            Ok(entry) => entries.push(entry),
            Err(error) => {
                Unreadable::of(&row.id).note("content", &error);
                unreadable.push(UnreadableSignal { id: row.id.clone(), revision: row.revision, updated_at: row.updated_at });
            }
        }
    }
    (entries, unreadable)
}

/// A tenant's own signal as it is shown.
pub fn stored_entry(row: &SignalRow) -> Stored<Entry> {
    let entry = rules::own_entry(&row.id, &signal_content(row)?).ok_or_else(|| Problem::internal("a signal without itself"))?;
    Ok(Entry { revision: Some(row.revision), updated_at: Some(row.updated_at), ..entry })
}
