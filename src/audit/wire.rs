//! What the audit log looks like on the wire: in lists as JSON, in exports as one line for each entry.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::audit::store::AuditRow;
use crate::db::types::{Id, Time};
use crate::db::unreadable::Unreadable;

/// Whom somebody acted as.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPrincipal {
    /// `client`, `staff`, `learner`, `command_line` (somebody on the machine) or `service` (by itself, as at its first start).
    #[schema(example = "staff")]
    pub r#type: String,
    #[schema(value_type = Option<String>, format = "uuid")]
    pub id: Option<Id>,
}

/// Who did it. Both are null where nobody was signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActor {
    #[schema(value_type = Option<String>, format = "uuid")]
    pub client: Option<Id>,
    pub principal: Option<AuditPrincipal>,
}

/// What it was done to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditObject {
    #[schema(example = "client")]
    pub r#type: String,
    pub id: String,
}

/// One entry of the audit log. New acts and new members may be added.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub struct AuditEntryShown {
    #[schema(value_type = String, format = "uuid")]
    pub tenant: Id,
    /// 1, 2, 3 ... within the tenant, without a gap.
    #[schema(minimum = 1)]
    pub number: i64,
    #[schema(value_type = String, format = "uuid")]
    pub id: Id,
    #[schema(value_type = String, format = "date-time")]
    pub at: Time,
    /// A thing and what was done to it; `docs/audit.md` lists all.
    #[schema(example = "client.created")]
    pub act: String,
    pub actor: AuditActor,
    pub object: AuditObject,
    /// The address from which the request came, as the service saw it.
    pub address: Option<String>,
    pub request_id: Option<String>,
    /// Depends on `act`. Never a secret.
    #[schema(value_type = Object, additional_properties = true)]
    pub details: Map<String, Value>,
    /// The hash of the entry before, in hexadecimal; 64 zeros in the first.
    pub previous_sha256: String,
    /// The hash of this entry, in hexadecimal. It is made of all members above.
    pub sha256: String,
}

impl From<AuditRow> for AuditEntryShown {
    fn from(row: AuditRow) -> AuditEntryShown {
        let details = serde_json::from_str(&row.details).unwrap_or_else(|error| {
            // Whoever verifies finds it: its hash is not that of empty details.
            Unreadable::of(&row.number).note("details", &error);
            Map::new()
        });
        AuditEntryShown {
            tenant: row.tenant_id,
            number: row.number,
            id: row.id,
            at: row.at,
            act: row.act,
            actor: AuditActor {
                client: row.client_id,
                principal: row.principal_kind.map(|r#type| AuditPrincipal { r#type, id: row.principal_id }),
            },
            object: AuditObject { r#type: row.object_type, id: row.object_id },
            address: row.address,
            request_id: row.request_id,
            details,
            previous_sha256: hex::encode(row.previous_sha256),
            sha256: hex::encode(row.sha256),
        }
    }
}

/// The entries as JSON lines.
pub fn export_lines(rows: Vec<AuditRow>) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    for row in rows {
        text.push_str(&serde_json::to_string(&AuditEntryShown::from(row))?);
        text.push('\n');
    }
    Ok(text)
}

/// A page of the audit log.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditEntryShown>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// By which end a list begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditOrder {
    #[default]
    Newest,
    Oldest,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many entries at most; 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<i64>,
    /// Which come first: `newest`, unless given, or `oldest`.
    #[param(inline, example = "newest")]
    pub order: Option<AuditOrder>,
    /// Only this act.
    #[param(max_length = 100, example = "client.created")]
    pub act: Option<String>,
    /// Only acts on an object of this type; with `object_id`.
    #[param(max_length = 100, example = "client")]
    pub object_type: Option<String>,
    /// Only acts on the object with this id; with `object_type`.
    #[param(min_length = 1, max_length = 255)]
    pub object_id: Option<String>,
    /// Only what this principal did: the id of a client, a staff member or a learner.
    #[param(value_type = Option<String>, format = "uuid")]
    pub principal: Option<String>,
    /// Only what was done at this moment or later.
    #[param(value_type = Option<String>, format = "date-time", example = "2026-11-30T00:00:00Z")]
    pub from: Option<String>,
    /// Only what was done before this moment.
    #[param(value_type = Option<String>, format = "date-time", example = "2026-12-01T00:00:00Z")]
    pub to: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditExportQuery {
    /// The number of the last entry that you have; 0 unless given.
    #[param(minimum = 0, example = 0)]
    pub after: Option<i64>,
    /// How many entries at most; 1,000 unless given.
    #[param(minimum = 1, maximum = 10000)]
    pub limit: Option<i64>,
}
