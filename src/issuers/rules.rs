//! What makes a token of an identity provider good, and who it speaks for. Pure but for signatures.

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;
use utoipa::ToSchema;

use crate::auth::claims::LEEWAY;
use crate::auth::keys::KeyAlgorithm;
use crate::auth::roles::{RoleBundle, with_role};
use crate::auth::rules::LEARNER_SCOPES;
use crate::auth::{Scope, Scopes};
use crate::db::types::{Id, Time};
use crate::error::Problem;
use crate::issuers::store::IssuerRow;
use crate::issuers::wire::IssuerPut;

/// How far back a token may have been issued, in seconds, whatever it says of its end.
const OLDEST: i64 = 24 * 3600;
const LONGEST_ROLES: usize = 20;

/// What a person is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForeignRole {
    Learner,
    Staff,
}

/// Who is what, by a claim of the token. The first rule that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// A claim of the token, such as `roles`; without one the rule fits everybody.
    pub claim: Option<String>,
    /// What the claim must be, or hold where it is a list or names separated by spaces.
    pub value: Option<String>,
    pub role: ForeignRole,
    /// At most these scopes; the client's own bound them further. At least one, or a `bundle`.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Gives the scopes of a role, beside those that are named; they are kept as scopes, and shown so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub bundle: Option<RoleBundle>,
}

/// Who a token speaks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Stranger {
    /// A learner, by the identity (system, id).
    Learner {
        system: String,
        external: String,
        scopes: Scopes,
    },
    Staff {
        id: Id,
        scopes: Scopes,
    },
}

/// What a token says before anything is checked: which key is wanted.
pub struct ForeignToken {
    pub header: Header,
    pub issuer: String,
    audiences: Vec<String>,
}

impl ForeignToken {
    pub fn read(token: &str) -> Result<ForeignToken, &'static str> {
        #[derive(Deserialize)]
        struct Said {
            iss: String,
            aud: Value,
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| "it is no JWT")?;
        if header.crit.is_some() {
            return Err("its header has crit, and no extension is known here");
        }
        if KeyAlgorithm::of(header.alg).is_none() {
            return Err("its algorithm is none of EdDSA, ES256, RS256");
        }
        let said: Said = jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| "it has no iss or no aud")?;
        let audiences = match said.aud {
            Value::String(one) => vec![one],
            Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => return Err("its aud is no text"),
        };
        Ok(ForeignToken { header, issuer: said.iss, audiences })
    }

    pub fn is_for(&self, audience: &str) -> bool {
        self.audiences.iter().any(|one| one == audience)
    }

    /// The claims of a token whose signature, audience and times hold (OpenID Connect Core, section 3.1.3.7).
    pub fn verified(&self, token: &str, key: &Jwk, row: &IssuerRow, now: Time) -> Result<Value, &'static str> {
        let decoding = DecodingKey::from_jwk(key).map_err(|_| "the issuer's key cannot be used")?;
        let mut rules = Validation::new(self.header.alg);
        rules.set_issuer(&[&row.issuer]);
        rules.set_audience(&[&row.audience]);
        rules.set_required_spec_claims(&["iss", "aud", "exp"]);
        // Time is judged below, by the service's own clock.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Value>(token, &decoding, &rules).map_err(|_| "its signature does not hold")?.claims;
        let seconds = now.utc().timestamp();
        let time = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => value.as_i64().or_else(|| whole_seconds(value.as_f64()?)).map(Some).ok_or("a time in it is no number"),
        };
        let exp = time("exp")?.ok_or("it has no exp")?;
        let iat = time("iat")?.ok_or("it has no iat")?;
        let late = seconds.saturating_add(LEEWAY);
        let azp = claims.get("azp").and_then(Value::as_str);
        if exp.saturating_add(LEEWAY) <= seconds {
            Err("it has expired")
        } else if iat > late || time("nbf")?.is_some_and(|nbf| nbf > late) {
            Err("it is not valid yet")
        } else if iat < seconds.saturating_sub(OLDEST) {
            Err("it was issued more than a day ago")
        } else if azp.is_some_and(|azp| azp != row.audience) || self.audiences.len() > 1 && azp.is_none() {
            Err("its azp is not the registered audience, or it has several audiences and no azp")
        } else if claims.get("events").is_some() {
            Err("it tells of an event, such as a log-out, and not of a person who signed in")
        } else {
            Ok(claims)
        }
    }
}

/// A time that is written with a fraction.
fn whole_seconds(time: f64) -> Option<i64> {
    format!("{:.0}", time.floor()).parse().ok()
}

/// Who the claims of a good token speak for.
pub fn who_it_is(row: &IssuerRow, claims: &Value) -> Result<Stranger, &'static str> {
    let external = match claims.get(&row.subject_claim) {
        Some(Value::String(text)) if !text.is_empty() && text.chars().count() <= 255 && !text.chars().any(char::is_control) => {
            text
        }
        _ => return Err("its subject claim is no text of 1 to 255 characters"),
    };
    let roles: Vec<RoleRule> = serde_json::from_str(&row.roles).map_err(|_| "the registered roles cannot be read")?;
    let rule = roles.iter().find(|rule| rule.fits(claims)).ok_or("no registered role fits it")?;
    let scopes = Scopes::parse(&rule.scopes.join(" ")).unwrap_or_default();
    Ok(match rule.role {
        ForeignRole::Learner => Stranger::Learner { system: row.issuer.clone(), external: external.clone(), scopes },
        ForeignRole::Staff => Stranger::Staff { id: staff_id_of(row.tenant_id, &row.issuer, external), scopes },
    })
}

/// All scopes that the rules of a registration give to a role.
pub fn scopes_of_role(row: &IssuerRow, role: ForeignRole) -> Scopes {
    let roles: Vec<RoleRule> = serde_json::from_str(&row.roles).unwrap_or_default();
    let of_role = roles.iter().filter(|rule| rule.role == role);
    of_role.fold(Scopes::default(), |all, rule| all.either(Scopes::parse(&rule.scopes.join(" ")).unwrap_or_default()))
}

impl RoleRule {
    /// The same rule with its scopes alone.
    pub fn unbundled(self) -> RoleRule {
        match (self.bundle, Scopes::parse(&self.scopes.join(" "))) {
            (Some(_), Ok(scopes)) => {
                let scopes = with_role(scopes, self.bundle).names().into_iter().map(str::to_owned).collect();
                RoleRule { bundle: None, scopes, ..self }
            }
            // What is no scope is refused by the check.
            _ => self,
        }
    }

    fn fits(&self, claims: &Value) -> bool {
        let Some(claim) = &self.claim else { return true };
        let value = self.value.as_deref().unwrap_or_default();
        match claims.get(claim) {
            Some(Value::String(text)) => text == value || text.split(' ').any(|word| word == value),
            Some(Value::Array(list)) => list.iter().any(|one| one.as_str() == Some(value)),
            Some(Value::Bool(yes)) => yes.to_string() == value,
            _ => false,
        }
    }
}

/// A member of staff has one id for ever, made of tenant, issuer and subject (in the form of UUID version 4, so that it is an id like
/// any other).
pub fn staff_id_of(tenant: Id, issuer: &str, external: &str) -> Id {
    let digest = Sha256::new()
        .chain_update(tenant.0.as_bytes())
        .chain_update(issuer.as_bytes())
        .chain_update([0])
        .chain_update(external.as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    Id(uuid::Builder::from_random_bytes(bytes).into_uuid())
}

/// What an administrator registers.
pub fn check_issuer(asked: &IssuerPut, most: Scopes) -> Result<(), Problem> {
    let url = Url::parse(&asked.issuer).ok().filter(|url| ["https", "http"].contains(&url.scheme()) && url.host().is_some());
    let plain = url.is_some_and(|url| url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
    if !plain || asked.issuer.chars().count() > 255 {
        return Err(Problem::body(
            "/issuer",
            "must be the issuer's URL without query and fragment, exactly as its tokens name it in iss.",
        ));
    }
    for (pointer, text) in [("/audience", &asked.audience), ("/subject_claim", &asked.subject_claim)] {
        if !(1..=255).contains(&text.chars().count()) || text.chars().any(char::is_control) {
            return Err(Problem::body(pointer, "must be 1 to 255 characters without control characters."));
        }
    }
    if !(1..=LONGEST_ROLES).contains(&asked.roles.len()) {
        return Err(Problem::body("/roles", format!("must hold 1 to {LONGEST_ROLES} rules.")));
    }
    for (i, rule) in asked.roles.iter().enumerate() {
        check_rule(rule, most).map_err(|(member, why)| Problem::body(format!("/roles/{i}/{member}"), why))?;
    }
    Ok(())
}

fn check_rule(rule: &RoleRule, most: Scopes) -> Result<(), (&'static str, String)> {
    if rule.claim.is_some() != rule.value.is_some() {
        return Err(("value", "claim and value belong together: give both, or neither.".to_owned()));
    }
    let most = match rule.role {
        ForeignRole::Learner => Scopes::of(LEARNER_SCOPES).both(most),
        ForeignRole::Staff => most.without(Scope::TokensIssue).without(Scope::TenantsAdmin),
    };
    match Scopes::parse(&rule.scopes.join(" ")) {
        Err(name) => Err(("scopes", format!("{name:?} is no scope."))),
        Ok(scopes) if scopes.is_empty() || !scopes.within(most) => Err((
            "scopes",
            format!("must name at least one scope (unless there is a bundle), and with the bundle at most: {most}."),
        )),
        Ok(_) => Ok(()),
    }
}
