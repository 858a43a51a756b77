//! The caller of a handler. Permission is part of the handler's type: `caller: Caller<AttemptsWrite>` means that without
//! a token with that scope the handler does not run.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::app::AppState;
use crate::auth::rules::{Principal, Scope, Scopes};
use crate::clock::Clock;
use crate::db::types::{Id, Time};
use crate::error::{Code, Problem};
use crate::web::outer::RequestId;

/// Everything a slice may know about who acts, and when.
#[derive(Debug, Clone)]
pub struct Who {
    pub tenant: Id,
    pub client: Id,
    pub principal: Principal,
    pub scopes: Scopes,
    pub request_id: String,
    pub now: Time,
    pub clock: Clock,
}

impl Who {
    /// The learner whose token this is.
    pub fn own_learner(&self) -> Option<Id> {
        match self.principal {
            Principal::Learner(id) => Some(id),
            _ => None,
        }
    }

    /// Whether this token may see what belongs to `learner`.
    pub fn sees(&self, learner: Id) -> bool {
        self.own_learner().is_none_or(|own| own == learner)
    }

    /// Whether this token may do something for a learner: a learner's own token for itself, every other one, staff's too,
    /// with `learners:act`.
    pub fn may_act(&self) -> Result<(), Problem> {
        self.own_learner().map_or_else(|| self.needs(Scope::LearnersAct), |_| Ok(()))
    }

    /// A further scope that only some uses of an operation need.
    pub fn needs(&self, scope: Scope) -> Result<(), Problem> {
        if self.scopes.has(scope) { Ok(()) } else { Err(lacks(scope)) }
    }

    /// Client and principal in one string, for the scope of an idempotency key.
    pub fn fingerprint(&self) -> String {
        format!("{}/{}/{}", self.client, self.principal.kind(), self.principal.id())
    }
}

pub trait Permission: 'static {
    const SCOPE: Scope;
    /// Whether the handler changes what belongs to a learner.
    const ACTS: bool = false;
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
    TokensIssue RecordsRead DiagnosesRun
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

fn lacks(scope: Scope) -> Problem {
    Problem::new(Code::InsufficientScope, format!("This needs the scope {}, which the token does not have.", scope.name()))
        .with("scope", scope.name())
}

impl<P: Permission> FromRequest for Caller<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(who(request).and_then(|who| {
            who.needs(P::SCOPE)?;
            if P::ACTS {
                who.may_act()?;
            }
            Ok(Caller { who, permission: PhantomData })
        }))
    }
}

fn who(request: &HttpRequest) -> Result<Who, Problem> {
    let state = request.app_data::<Data<AppState>>().ok_or_else(|| Problem::internal("no application state"))?;
    let token = bearer(request)?;
    let now = state.clock.now();
    let claims = state.auth.verify(token, now)?;
    Ok(Who {
        tenant: claims.tenant,
        client: claims.client,
        principal: claims.principal,
        scopes: claims.scopes,
        request_id: RequestId::of(request),
        now,
        clock: state.clock.clone(),
    })
}

fn bearer(request: &HttpRequest) -> Result<&str, Problem> {
    let missing = || Problem::new(Code::TokenMissing, "Send the header `Authorization: Bearer <access token>`.");
    let value = request.headers().get(header::AUTHORIZATION).ok_or_else(missing)?;
    let text = value.to_str().map_err(|_| missing())?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => Ok(token.trim()),
        _ => Err(missing()),
    }
}
