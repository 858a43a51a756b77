//! The audit log: who did what to what, when, from where. Entries are appended in the transaction of what they tell, are never
//! changed, and hold no secret. Those of a tenant are a chain of hashes (`rules.rs`), so that a change by hand is found
//! (`waymark audit verify`).
//!
//! Append last in a transaction: from then on until it ends, whoever appends for the same tenant waits.

pub mod http;
pub mod memory;
pub mod reads;
pub mod rules;
pub mod sign_ins;
pub mod store;
pub mod verify;
pub mod wire;

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::audit::store::AuditRow;
use crate::auth::Who;
use crate::auth::keys::KeyAlgorithm;
use crate::auth::tokens::Grant;
use crate::clock::Clock;
use crate::db::types::{Id, Time};
use crate::db::{Conn, Stored};
use crate::error::Problem;

/// An act about to be noted.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    act: &'static str,
    object: (&'static str, String),
    details: Map<String, Value>,
}

impl AuditEntry {
    /// `act` is a thing and what was done to it (`client.created`); `object` is what it was done to, by type and id.
    pub fn new(act: &'static str, object: (&'static str, &dyn ToString)) -> AuditEntry {
        AuditEntry { act, object: (object.0, object.1.to_string()), details: Map::new() }
    }

    /// A token was made, for a person or for a client.
    pub fn token_issued(grant: &Grant, jti: Id) -> AuditEntry {
        AuditEntry::new("token.issued", (grant.principal.kind(), &grant.principal.id()))
            .with("token", jti.to_string())
            .with("scopes", grant.scopes.to_string())
            .with("ttl_seconds", grant.ttl_seconds)
    }

    /// A new key signs access tokens.
    pub fn key_rotated(kid: &str, algorithm: KeyAlgorithm, compromised: bool) -> AuditEntry {
        AuditEntry::new("key.rotated", ("key", &kid)).with("algorithm", algorithm.name()).with("compromised", compromised)
    }

    /// With something that is good to know of it: never a secret, nor text that a learner typed. Numbers are whole.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> AuditEntry {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// Who acts where nobody is signed in.
#[derive(Debug, Clone)]
pub struct Unsigned {
    kind: Option<&'static str>,
    address: Option<IpAddr>,
    request_id: Option<String>,
    now: Time,
    clock: Clock,
}

impl Unsigned {
    /// Somebody with access to the machine.
    pub fn command_line(clock: &Clock) -> Unsigned {
        Unsigned { kind: Some("command_line"), address: None, request_id: None, now: clock.now(), clock: clock.clone() }
    }

    /// The service by itself, such as at its first start.
    pub fn service(clock: &Clock) -> Unsigned {
        Unsigned { kind: Some("service"), ..Unsigned::command_line(clock) }
    }

    /// Somebody who sent a request and is not known.
    pub fn stranger(clock: &Clock, address: Option<IpAddr>, request_id: String) -> Unsigned {
        Unsigned { kind: None, address, request_id: Some(request_id), ..Unsigned::command_line(clock) }
    }
}

/// Notes what a signed-in principal did, inside the caller's transaction.
pub fn note(conn: &mut Conn, who: &Who, entry: AuditEntry) -> Stored<()> {
    let by = NotedActor {
        tenant: who.tenant,
        client: Some(who.client),
        principal: (Some(who.principal.kind()), Some(who.principal.id())),
        address: who.address,
        request_id: Some(who.request_id.clone()),
        at: who.now,
        id: who.clock.id(),
    };
    append(conn, by, entry)
}

/// Notes what was done where nobody is signed in, inside the caller's transaction.
pub fn note_unsigned(conn: &mut Conn, tenant: Id, by: &Unsigned, entry: AuditEntry) -> Stored<()> {
    let by = NotedActor {
        tenant,
        client: None,
        principal: (by.kind, None),
        address: by.address,
        request_id: by.request_id.clone(),
        at: by.now,
        id: by.clock.id(),
    };
    append(conn, by, entry)
}

/// Notes what was done on the command line, inside the caller's transaction.
pub fn note_command_line(conn: &mut Conn, tenant: Id, clock: &Clock, entry: AuditEntry) -> Stored<()> {
    note_unsigned(conn, tenant, &Unsigned::command_line(clock), entry)
}

/// Some of a tenant's entries behind a number as JSON lines, and the number of the last of them; none behind the end.
pub fn export_piece(conn: &mut Conn, tenant: Id, after: i64) -> Stored<Option<(i64, String)>> {
    const PIECE: i64 = 1_000;
    let rows = store::entries_behind(conn, tenant, after, PIECE)?;
    let Some(last) = rows.last().map(|row| row.number) else { return Ok(None) };
    Ok(Some((last, wire::export_lines(rows).map_err(Problem::internal)?)))
}

struct NotedActor {
    tenant: Id,
    client: Option<Id>,
    principal: (Option<&'static str>, Option<Id>),
    address: Option<IpAddr>,
    request_id: Option<String>,
    at: Time,
    id: Id,
}

fn append(conn: &mut Conn, by: NotedActor, entry: AuditEntry) -> Stored<()> {
    let (number, previous_sha256) = store::next_number(conn, by.tenant)?;
    let row = AuditRow {
        tenant_id: by.tenant,
        number,
        id: by.id,
        at: by.at,
        act: entry.act.to_owned(),
        client_id: by.client,
        principal_kind: by.principal.0.map(str::to_owned),
        principal_id: by.principal.1,
        object_type: entry.object.0.to_owned(),
        object_id: entry.object.1,
        address: by.address.map(|address| address.to_canonical().to_string()),
        request_id: by.request_id,
        details: rules::details_text(&Value::Object(entry.details)),
        previous_sha256,
        sha256: Vec::new(),
    };
    debug_assert!(["wms_", "wm_pat_", "eyJ"].iter().all(|secret| !row.details.contains(secret)), "a secret in {row:?}");
    let sha256 = rules::entry_sha256(&row.facts()).ok_or_else(|| Problem::internal("an audit entry that cannot be hashed"))?;
    store::insert(conn, &AuditRow { sha256: sha256.to_vec(), ..row })
}
