//! Administration over the API: a tenant's clients; and, from the tenant that runs the installation, tenants and signing keys.

pub mod clients;
pub mod key_set;
pub mod quotas;
pub mod rules;
pub mod signing;
pub mod store;
pub mod tenants;
