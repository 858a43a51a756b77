//! What the operations under `/oauth` are sent and answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The form of a token request; which members are needed depends on `grant_type`. Unknown parameters are ignored (RFC 6749, section
/// 3.2). The client proves who it is in one way: HTTP Basic, `client_secret`, or `client_assertion`.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(dead_code, reason = "the document alone uses it: what is read is OauthParameters")]
#[schema(example = json!({"grant_type": "client_credentials", "client_id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "client_secret": "wms_...", "scope": "lessons:read attempts:write"}))]
pub struct TokenForm {
    /// `client_credentials`, `urn:ietf:params:oauth:grant-type:token-exchange` or `refresh_token`
    #[schema(example = "client_credentials")]
    pub grant_type: Option<String>,
    /// With a secret in the form.
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    pub client_assertion_type: Option<String>,
    /// A JWT that the client signed (RFC 7523): `iss` and `sub` are the client's id, `aud` is the issuer or the URL of this operation,
    /// `exp` at most 5 minutes ahead, `jti` used once.
    pub client_assertion: Option<String>,
    /// Scopes separated by spaces; absent means all that there may be.
    #[schema(example = "lessons:read attempts:write")]
    pub scope: Option<String>,
    /// Exchange: whom the token is to be for, as `subject_token_type` says.
    pub subject_token: Option<String>,
    /// `urn:waymark:token-type:learner` (a learner's id), `urn:waymark:token-type:learner-identity` (JSON with `system` and `id`),
    /// `urn:waymark:token-type:staff` (a UUID of the client's choice), `urn:ietf:params:oauth:token-type:id_token` or
    /// `urn:ietf:params:oauth:token-type:jwt` (a token of an identity provider that the tenant registered; no `tokens:issue` is needed), or `urn:ietf:params:oauth:token-type:access_token` (a token that
    /// this client has, to get one with fewer scopes).
    pub subject_token_type: Option<String>,
    /// `urn:ietf:params:oauth:token-type:access_token`, or absent.
    pub requested_token_type: Option<String>,
    /// With `refresh_token`: the one that was given last.
    pub refresh_token: Option<String>,
}

/// A token that is to be taken back or looked at; the client proves who it is as at `/oauth/token`.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(dead_code, reason = "the document alone uses it: what is read is OauthParameters")]
#[schema(example = json!({"token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9.e30.c2ln", "client_id": "0198c7a0-3f5e-7c1b-9d42-5a1e0c7b9f10", "client_secret": "wms_..."}))]
pub struct OneTokenForm {
    pub token: String,
    /// Ignored: there is one kind.
    pub token_type_hint: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<String>,
    pub client_assertion_type: Option<String>,
    pub client_assertion: Option<String>,
}

/// What a token is (RFC 7662, section 2.2). Of one that is not active nothing else is told.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Introspection {
    pub active: bool,
    /// Scopes separated by spaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `Bearer`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// `learner`, `staff` or `client`: what `sub` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_type: Option<String>,
}

/// Nothing: the token is good no more, or never was (RFC 7009, section 2.2).
#[derive(Debug, Serialize, ToSchema)]
pub struct Revoked {}

/// Metadata of the authorisation server (RFC 8414, section 2).
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerMetadata {
    pub issuer: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub revocation_endpoint: String,
    pub introspection_endpoint: String,
    pub service_documentation: String,
    pub scopes_supported: Vec<String>,
    /// None: there is no authorisation endpoint; people sign in elsewhere.
    pub response_types_supported: Vec<String>,
    pub grant_types_supported: Vec<String>,
    pub token_endpoint_auth_methods_supported: Vec<String>,
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
}
