//! The caller of a handler. Permission is part of the handler's type: `caller: Caller<AttemptsWrite>` means that without
//! a token with that scope the handler does not run.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_utils::future::Either;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::auth::claims::Claims;
use crate::auth::rules::{LEARNER_SCOPES, Scope};
use crate::auth::tokens::{TokenLook, not_accepted};
use crate::auth::who::Who;
use crate::auth::{Auth, personal};
use crate::clock::Clock;
use crate::db::Db;
use crate::db::types::Time;
use crate::error::{Code, DatabaseFault, Problem};
use crate::telemetry::AccessedBy;
use crate::web::client_address::client_address;
use crate::web::meter::admit_by_token;
use crate::web::path::without_nul;
use crate::web::request_id::RequestId;

pub trait Permission: 'static {
    const SCOPE: Scope;
    /// As how many requests one counts where requests are limited.
    const COST: u32 = 1;
    /// Whether the handler changes what belongs to a learner.
    const ACTS: bool = false;
    /// Whether it is about the installation, not about one tenant.
    const INSTALLATION: bool = matches!(Self::SCOPE, Scope::TenantsAdmin);
    /// Whether it is about everybody of the tenant, so that staff need `learners:all` too: whoever makes learners, tokens, clients or
    /// cohorts would reach by them whomever they like.
    const EVERYBODY: bool =
        matches!(Self::SCOPE, Scope::LearnersWrite | Scope::TokensIssue | Scope::ClientsAdmin | Scope::CohortsWrite);
    /// Whether what it shows lies in this process's memory, so that it is served while the database is away.
    const FROM_MEMORY: bool = matches!(Self::SCOPE, Scope::LessonsRead | Scope::DiagnosesRun);
}

/// The same permission, for handlers that change what belongs to a learner. Such an operation says `x-acts-for-learner` in
/// the document, from which the tests know it.
pub struct Acting<P>(PhantomData<P>);

impl<P: Permission> Permission for Acting<P> {
    const SCOPE: Scope = P::SCOPE;
    const COST: u32 = P::COST;
    const ACTS: bool = true;
}

/// The same permission, for handlers whose work is that of `N` ordinary requests. Such an operation says `x-cost` in the document,
/// and a test compares the two.
pub struct Costly<P, const N: u32>(PhantomData<P>);

impl<P: Permission, const N: u32> Permission for Costly<P, N> {
    const SCOPE: Scope = P::SCOPE;
    const COST: u32 = N;
    const ACTS: bool = P::ACTS;
}

macro_rules! permissions {
    ($($name:ident)*) => {
        $(
            #[doc = concat!("The token has the scope ", stringify!($name), ".")]
            pub struct $name;
            impl Permission for $name { const SCOPE: Scope = Scope::$name; }
        )*
    };
}

permissions! {
    LessonsRead LessonsWrite AttemptsRead AttemptsWrite SubmissionsRead SubmissionsWrite ReviewsWrite LearnersRead LearnersWrite
    CohortsRead CohortsWrite TokensIssue RecordsRead DiagnosesRun ClientsAdmin AuditRead TenantsAdmin
}

/// A caller whose token has the scope of `P`.
pub struct Caller<P> {
    who: Who,
    permission: PhantomData<P>,
}

impl<P> Caller<P> {
    pub fn into_who(self) -> Who {
        self.who
    }

    /// Who administers: a client or somebody of its staff, never a learner, whatever its token says.
    pub fn into_administrator(self) -> Result<Who, Problem> {
        self.who.is_no_learner("Administration is").map(|()| self.who)
    }
}

impl<P> Deref for Caller<P> {
    type Target = Who;

    fn deref(&self) -> &Who {
        &self.who
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Either<Ready<Result<Self, Problem>>, Pin<Box<dyn Future<Output = Result<Self, Problem>>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        match looked(request) {
            Err(problem) => Either::left(ready(Err(problem))),
            Ok((auth, now, TokenLook::Good(claims))) => Either::left(ready(caller(request, &auth, &claims, now))),
            Ok((_, _, TokenLook::Refused(refusal))) => Either::left(ready(Err(not_accepted(refusal)))),
            Ok((auth, now, TokenLook::Personal(question))) => {
                let request = request.clone();
                Either::right(Box::pin(async move {
                    let db = request.app_data::<Data<Db>>().ok_or_else(no_state)?.clone();
                    let kept = db.read(move |conn| personal::store::claims(conn, question.id, &question.sha256)).await?;
                    let claims = auth.personal(question, kept, now).map_err(not_accepted)?;
                    caller(&request, &auth, &claims, now)
                }))
            }
        }
    }
}

fn no_state() -> Problem {
    Problem::internal("no application state")
}

/// What is known of the token of a request.
fn looked(request: &HttpRequest) -> Result<(Data<Auth>, Time, TokenLook), Problem> {
    let auth = request.app_data::<Data<Auth>>().ok_or_else(no_state)?.clone();
    let now = request.app_data::<Data<Clock>>().ok_or_else(no_state)?.now();
    let looked = auth.look(bearer_token(request)?, now);
    Ok((auth, now, looked))
}

/// Whoever has a good token, if it may do this.
fn caller<P: Permission>(request: &HttpRequest, auth: &Auth, claims: &Claims, now: Time) -> Result<Caller<P>, Problem> {
    if !P::FROM_MEMORY && auth.heard().too_long_ago() {
        // Whether the client is still let in cannot be known.
        return Err(Problem::unavailable(DatabaseFault::Lost, "what changed about clients was not heard for too long"));
    }
    auth.used(claims, now);
    let gates = auth.gates();
    let clock = request.app_data::<Data<Clock>>().ok_or_else(no_state)?;
    let (speaks_for, once) = gates.speaks_for(claims.tenant, claims.principal);
    let (tenant, client, principal) = (claims.tenant, claims.client, speaks_for.kind());
    request.extensions_mut().insert(AccessedBy { tenant, client, principal });
    admit_by_token(request, (tenant, client, speaks_for), P::COST, now)?;
    let who = Who {
        tenant,
        client,
        principal: speaks_for,
        once,
        scopes: gates.scopes_now(claims),
        quotas: auth.quotas(&gates, tenant),
        request_id: RequestId::of(request),
        address: client_address(request),
        now,
        clock: clock.get_ref().clone(),
    };
    who.needs(P::SCOPE)?;
    if who.own_learner().is_some() && !LEARNER_SCOPES.contains(&P::SCOPE) {
        // No such token is made; were there one, it would reach beyond its own learner.
        return Err(Problem::new(Code::Forbidden, "This is not for learners, whatever the scopes of their tokens."));
    }
    without_nul(request)?;
    if P::INSTALLATION && gates.home != Some(tenant) {
        return Err(Problem::new(Code::Forbidden, "This is for administrators of the tenant that runs the installation."));
    }
    if P::EVERYBODY {
        who.reaches_everybody()?;
    }
    if P::ACTS {
        who.may_act()?;
    }
    Ok(Caller { who, permission: PhantomData })
}

/// The access token that a request brings.
pub fn bearer_token(request: &HttpRequest) -> Result<&str, Problem> {
    let missing = || Problem::new(Code::TokenMissing, "Send the header `Authorization: Bearer <access token>`.");
    // The field is there once (RFC 9110, section 5.3): of two, whoever stands before us may have looked at the other one.
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return Err(missing()) };
    let text = value.to_str().map_err(|_| missing())?;
    // RFC 9110, section 11.4: spaces alone stand between scheme and token.
    match text.split_once(' ').map(|(scheme, token)| (scheme, token.trim_matches(' '))) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() => Ok(token),
        _ => Err(missing()),
    }
}
