//! The life of a client, each step inside one transaction: take the turn, read, ask the rules, write, tell the auditors.

use serde_json::{Value, json};

use crate::administration::clients::wire::{ClientPut, client_keys, client_scopes};
use crate::administration::key_set::{ClientKeySet, checked_key_set};
use crate::administration::rules::{self, LosesAdministration};
use crate::administration::store::{self, Client};
use crate::audit::{self, AuditEntry};
use crate::auth::secrets::new_secret;
use crate::auth::{Scope, Scopes, Who};
use crate::clock::Clock;
use crate::db::types::Id;
use crate::db::{Conn, Stored};
use crate::error::{Code, Problem};
use crate::web::conditional::IfMatch;

/// A secret that a client may get, drawn before the transaction that may be run again.
#[derive(Clone)]
pub struct DrawnSecret {
    text: String,
    sha256: Vec<u8>,
}

impl DrawnSecret {
    pub fn drawn(clock: &Clock) -> DrawnSecret {
        let (text, sha256) = new_secret(clock);
        DrawnSecret { text, sha256 }
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

/// What a client is to be, checked as far as it can be without the client.
#[derive(Clone)]
pub struct WantedClient {
    name: String,
    scopes: Scopes,
    jwks: Option<ClientKeySet>,
    secret: Option<bool>,
}

impl WantedClient {
    pub fn of(body: ClientPut, who: &Who, runs_installation: bool) -> Result<WantedClient, Problem> {
        rules::check_client_name(&body.name)?;
        let scopes = rules::scopes_of(&body.scopes, body.role)?;
        rules::check_for_tenant(scopes, runs_installation)?;
        rules::check_gives(scopes, who.scopes)?;
        let jwks = body.jwks.map(checked_key_set).transpose()?;
        Ok(WantedClient { name: body.name, scopes, jwks, secret: body.secret })
    }

    /// Whether the client is what is wanted.
    fn is_met_by(&self, client: &Client) -> Stored<bool> {
        let has_secret = client.has_secret();
        Ok(client.name == self.name
            && client_scopes(client)? == self.scopes
            && client_keys(client)? == self.jwks
            && self.secret.is_none_or(|wanted| wanted == has_secret))
    }

    fn key_set_text(&self) -> Stored<Option<String>> {
        self.jwks.as_ref().map(serde_json::to_string).transpose().map_err(Problem::internal)
    }
}

/// A client after a step.
pub struct ClientStep {
    pub client: Client,
    pub is_new: bool,
    /// Whether the drawn secret is its secret now.
    pub took_secret: bool,
}

impl ClientStep {
    fn unchanged(client: Client) -> ClientStep {
        ClientStep { client, is_new: false, took_secret: false }
    }
}

pub fn no_such_client() -> Problem {
    Problem::not_found("client of this id")
}

/// The client after the turn was taken, so that it is still so when it is written.
fn in_turn(conn: &mut Conn, who: &Who, id: Id) -> Stored<Client> {
    store::take_turn(conn)?;
    store::find(conn, who.tenant, id)?.ok_or_else(no_such_client)
}

/// What an auditor wants to know of a client. No secret and no digest of one.
fn facts(client: &Client) -> Value {
    let kids: Vec<Value> = match client_keys(client) {
        Ok(Some(set)) => set.keys.iter().filter_map(|key| key.get("kid").cloned()).collect(),
        _ => Vec::new(),
    };
    json!({
        "name": client.name,
        "scopes": client.scopes.split_ascii_whitespace().collect::<Vec<_>>(),
        "keys": kids,
        "has_secret": client.has_secret(),
        "disabled": client.disabled_at.is_some(),
        "revision": client.revision,
    })
}

fn tell_change(conn: &mut Conn, who: &Who, act: &'static str, before: &Client, after: &Client) -> Stored<()> {
    let entry = AuditEntry::new(act, ("client", &after.id)).with("before", facts(before)).with("after", facts(after));
    audit::note(conn, who, entry)
}

/// Makes a client.
pub fn make_client(conn: &mut Conn, who: &Who, id: Id, wanted: &WantedClient, secret: &DrawnSecret) -> Stored<ClientStep> {
    store::take_turn(conn)?;
    make_in_turn(conn, who, id, wanted, secret)
}

fn make_in_turn(conn: &mut Conn, who: &Who, id: Id, wanted: &WantedClient, secret: &DrawnSecret) -> Stored<ClientStep> {
    if store::count_clients(conn, who.tenant)? >= rules::MOST_CLIENTS {
        let detail = format!("A tenant has at most {} clients, disabled ones included.", rules::MOST_CLIENTS);
        return Err(Problem::new(Code::IllegalState, detail).with("state", "full").with("limit", rules::MOST_CLIENTS));
    }
    let took_secret = wanted.secret != Some(false);
    let digest = if took_secret { secret.sha256.clone() } else { Vec::new() };
    let client = Client {
        jwks: wanted.key_set_text()?,
        ..Client::made_now((who.tenant, id), &wanted.name, digest, wanted.scopes, who.now)
    };
    if !store::insert(conn, &client)? {
        return Err(Problem::new(Code::IdUnavailable, "Something else already has this id; choose a new UUID."));
    }
    audit::note(conn, who, AuditEntry::new("client.created", ("client", &id)).with("after", facts(&client)))?;
    Ok(ClientStep { client, is_new: true, took_secret })
}

/// Makes a client at an id of the caller's choice, or changes the one that is there.
pub fn save_client(
    conn: &mut Conn,
    who: &Who,
    id: Id,
    wanted: &WantedClient,
    if_match: &IfMatch,
    secret: &DrawnSecret,
) -> Stored<ClientStep> {
    // The same again changes nothing, so nobody needs to be told or to wait.
    if let Some(client) = store::find(conn, who.tenant, id)?
        && wanted.is_met_by(&client)?
    {
        return Ok(ClientStep::unchanged(client));
    }
    store::take_turn(conn)?;
    match store::find(conn, who.tenant, id)? {
        Some(client) if wanted.is_met_by(&client)? => Ok(ClientStep::unchanged(client)),
        Some(client) => {
            if_match.check(client.revision)?;
            change(conn, who, client, wanted, secret)
        }
        None if *if_match != IfMatch::Absent => {
            Err(Problem::new(Code::PreconditionFailed, "If-Match was sent, but there is no client of this id yet."))
        }
        None => make_in_turn(conn, who, id, wanted, secret),
    }
}

fn change(conn: &mut Conn, who: &Who, before: Client, wanted: &WantedClient, secret: &DrawnSecret) -> Stored<ClientStep> {
    let had = client_scopes(&before)?;
    if before.disabled_at.is_none() && had.has(Scope::ClientsAdmin) && !wanted.scopes.has(Scope::ClientsAdmin) {
        check_not_locked_out(conn, who, before.id)?;
    }
    let mut client = Client {
        name: wanted.name.clone(),
        scopes: wanted.scopes.to_string(),
        jwks: wanted.key_set_text()?,
        revision: before.revision.saturating_add(1),
        ..before.clone()
    };
    let took_secret = wanted.secret == Some(true) && !before.has_secret();
    if took_secret {
        client.secret_sha256.clone_from(&secret.sha256);
    }
    if wanted.secret == Some(false) {
        client.secret_sha256 = Vec::new();
        (client.previous_secret_sha256, client.previous_secret_until) = (None, None);
    }
    if !client.has_secret() && client.jwks.is_none() && wanted.secret.is_none() {
        return Err(Problem::new(
            Code::IllegalState,
            "The client has no secret, so it needs `jwks` to sign in; or send `secret: true` to give it one, `secret: false` for an app on people's devices.",
        )
        .with("state", "no_secret"));
    }
    store::replace(conn, &client)?;
    if !had.within(wanted.scopes) {
        store::note_narrowed(conn, who.tenant, client.id, who.now)?;
    }
    tell_change(conn, who, "client.changed", &before, &client)?;
    Ok(ClientStep { client, is_new: false, took_secret })
}

/// A tenant keeps a client that administers clients, and nobody ends its own administration by mistake.
fn check_not_locked_out(conn: &mut Conn, who: &Who, id: Id) -> Stored<()> {
    let others = store::scopes_of_others(conn, who.tenant, id)?;
    let others_remain = others.iter().any(|scopes| Scopes::parse(scopes).is_ok_and(|scopes| scopes.has(Scope::ClientsAdmin)));
    rules::check_not_locked_out(LosesAdministration { is_own: who.client == id, others_remain })
}

/// Gives a client another secret; the present one stays good for a while.
pub fn give_secret(
    conn: &mut Conn,
    who: &Who,
    id: Id,
    overlap_seconds: i64,
    if_match: &IfMatch,
    secret: &DrawnSecret,
) -> Stored<ClientStep> {
    let before = in_turn(conn, who, id)?;
    // Whoever has a client's secret has its scopes.
    rules::check_gives(client_scopes(&before)?, who.scopes)?;
    if *if_match != IfMatch::Absent {
        if_match.check(before.revision)?;
    }
    let keeps = overlap_seconds > 0 && before.has_secret();
    let client = Client {
        secret_sha256: secret.sha256.clone(),
        previous_secret_sha256: keeps.then(|| before.secret_sha256.clone()),
        previous_secret_until: keeps.then(|| who.now.plus_seconds(overlap_seconds)),
        revision: before.revision.saturating_add(1),
        ..before.clone()
    };
    store::replace(conn, &client)?;
    let entry = AuditEntry::new("client.secret_rotated", ("client", &id))
        .with("overlap_seconds", overlap_seconds)
        .with("revision", client.revision);
    audit::note(conn, who, entry)?;
    Ok(ClientStep { client, is_new: false, took_secret: true })
}

/// Disables a client. The same again changes nothing.
pub fn shut_client(conn: &mut Conn, who: &Who, id: Id) -> Stored<Client> {
    let before = in_turn(conn, who, id)?;
    if before.disabled_at.is_some() {
        return Ok(before);
    }
    if who.client == id || client_scopes(&before)?.has(Scope::ClientsAdmin) {
        check_not_locked_out(conn, who, id)?;
    }
    let client = Client { disabled_at: Some(who.now), revision: before.revision.saturating_add(1), ..before.clone() };
    store::replace(conn, &client)?;
    tell_change(conn, who, "client.disabled", &before, &client)?;
    Ok(client)
}

/// Lets a disabled client in again. The same again changes nothing.
pub fn readmit_client(conn: &mut Conn, who: &Who, id: Id) -> Stored<Client> {
    let before = in_turn(conn, who, id)?;
    rules::check_gives(client_scopes(&before)?, who.scopes)?;
    if before.disabled_at.is_none() {
        return Ok(before);
    }
    let client = Client { disabled_at: None, revision: before.revision.saturating_add(1), ..before.clone() };
    store::replace(conn, &client)?;
    tell_change(conn, who, "client.enabled", &before, &client)?;
    Ok(client)
}
