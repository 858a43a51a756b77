//! The caller of a handler. Permission is part of the handler's type: `caller: Caller<AttemptsWrite>` means that without
//! a token with that scope the handler does not run.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::auth::Auth;
use crate::auth::rules::{LEARNER_SCOPES, Scope};
use crate::auth::who::Who;
use crate::clock::Clock;
use crate::error::{Code, DatabaseFault, Problem};
use crate::telemetry::AccessedBy;
use crate::web::path::without_nul;
use crate::web::request_id::RequestId;

pub trait Permission: 'static {
    const SCOPE: Scope;
    /// Whether the handler changes what belongs to a learner.
    const ACTS: bool = false;
    /// Whether it is about the installation, not about one tenant.
    const INSTALLATION: bool = matches!(Self::SCOPE, Scope::TenantsAdmin);
    /// Whether what it shows lies in this process's memory, so that it is served while the database is away.
    const FROM_MEMORY: bool = matches!(Self::SCOPE, Scope::LessonsRead | Scope::DiagnosesRun);
}

/// The same permission, for handlers that change what belongs to a learner. Such an operation says `x-acts-for-learner` in
/// the document, from which the tests know it.
pub struct Acting<P>(PhantomData<P>);

impl<P: Permission> Permission for Acting<P> {
    const SCOPE: Scope = P::SCOPE;
    const ACTS: bool = true;
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
    TokensIssue RecordsRead DiagnosesRun ClientsAdmin AuditRead TenantsAdmin
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
}

impl<P> Deref for Caller<P> {
    type Target = Who;

    fn deref(&self) -> &Who {
        &self.who
    }
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(who(request, P::FROM_MEMORY).and_then(|(who, home)| {
            who.needs(P::SCOPE)?;
            if who.own_learner().is_some() && !LEARNER_SCOPES.contains(&P::SCOPE) {
                // No such token is made; were there one, it would reach beyond its own learner.
                return Err(Problem::new(Code::Forbidden, "This is not for learners, whatever the scopes of their tokens."));
            }
            without_nul(request)?;
            if P::INSTALLATION && !home {
                return Err(Problem::new(
                    Code::Forbidden,
                    "This is for administrators of the tenant that runs the installation.",
                ));
            }
            if P::ACTS {
                who.may_act()?;
            }
            Ok(Caller { who, permission: PhantomData })
        }))
    }
}

/// Who calls, and whether it is somebody of the tenant that runs the installation.
fn who(request: &HttpRequest, from_memory: bool) -> Result<(Who, bool), Problem> {
    let missing = || Problem::internal("no application state");
    let auth = request.app_data::<Data<Auth>>().ok_or_else(missing)?;
    let clock = request.app_data::<Data<Clock>>().ok_or_else(missing)?;
    let token = bearer(request)?;
    let now = clock.now();
    let claims = auth.verify(token, now)?;
    if !from_memory && auth.heard().too_long_ago() {
        // Whether the client is still let in cannot be known.
        return Err(Problem::unavailable(DatabaseFault::Lost, "what changed about clients was not heard for too long"));
    }
    let home = auth.gates().home == Some(claims.tenant);
    let (tenant, client, principal) = (claims.tenant, claims.client, claims.principal.kind());
    request.extensions_mut().insert(AccessedBy { tenant, client, principal });
    let who = Who {
        tenant: claims.tenant,
        client: claims.client,
        principal: claims.principal,
        scopes: claims.scopes,
        request_id: RequestId::of(request),
        now,
        clock: clock.get_ref().clone(),
    };
    Ok((who, home))
}

fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
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
