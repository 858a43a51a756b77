//! What this authorisation server can do (RFC 8414).

use crate::auth::Scope;
use crate::auth::keys::KeyAlgorithm;
use crate::authorization::exchange::EXCHANGE;
use crate::authorization::wire::ServerMetadata;

pub const CLIENT_CREDENTIALS: &str = "client_credentials";
pub const REFRESH_TOKEN: &str = "refresh_token";

const METHODS: [&str; 4] = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

/// The metadata of the server that goes by this issuer.
pub fn server_metadata(issuer: &str) -> ServerMetadata {
    let at = |path: &str| format!("{issuer}{path}");
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<String>>();
    let (methods, algorithms) = (list(&METHODS), list(&KeyAlgorithm::ALL.map(KeyAlgorithm::name)));
    ServerMetadata {
        issuer: issuer.to_owned(),
        token_endpoint: at("/oauth/token"),
        jwks_uri: at("/.well-known/jwks.json"),
        revocation_endpoint: at("/oauth/revoke"),
        introspection_endpoint: at("/oauth/introspect"),
        service_documentation: at("/docs"),
        scopes_supported: Scope::ALL.iter().map(|scope| scope.name().to_owned()).collect(),
        response_types_supported: Vec::new(),
        grant_types_supported: list(&[CLIENT_CREDENTIALS, EXCHANGE, REFRESH_TOKEN]),
        token_endpoint_auth_methods_supported: methods.clone(),
        token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        revocation_endpoint_auth_methods_supported: methods.clone(),
        revocation_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        // An app without a secret looks at no token.
        introspection_endpoint_auth_methods_supported: methods.into_iter().filter(|method| method != "none").collect(),
        introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    }
}
