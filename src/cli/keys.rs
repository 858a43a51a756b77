//! `waymark keys` and `waymark token --check`: the keys that sign access tokens, and why a token is accepted or not.

use std::io::Read;
use std::path::Path;

use clap::Subcommand;

use crate::audit::{self, AuditEntry};
use crate::auth::claims::Claims;
use crate::auth::keys::KeyAlgorithm;
use crate::auth::{Auth, Gates, rotation};
use crate::cli::admin::{issuer, with_database};
use crate::cli::output::{CliFailure, print};
use crate::clock::Clock;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys: id, algorithm, state, from when it signs, until when its tokens are good
    List,
    /// Make a new key; it is published now and signs after a while, so that everybody knows it by then
    ///
    /// The key before it verifies until the last token that it signed has expired, and is then removed. No request is refused
    /// meanwhile.
    Rotate {
        /// How it signs
        #[arg(long, value_enum, default_value = "EdDSA")]
        algorithm: KeyAlgorithm,
        /// A key became known to others: the new one signs at once, and every token of the keys before is refused from now on
        #[arg(long)]
        compromised: bool,
    },
}

pub fn run_keys(config: &Config, command: &KeysCommand) -> Result<u8, CliFailure> {
    let clock = Clock::system();
    let secret = config.key_secret.as_ref();
    let keys = with_database(config, |conn, first| match command {
        KeysCommand::List => rotation::list(conn, clock.now()),
        KeysCommand::Rotate { algorithm, compromised } => {
            let next = rotation::next_key(*algorithm, *compromised, secret, &clock)?;
            rotation::rotate(conn, &next, *compromised, clock.now())?;
            let entry = AuditEntry::key_rotated(&next.kid, *algorithm, *compromised);
            audit::note_command_line(conn, first.default_tenant, &clock, entry)?;
            rotation::list(conn, clock.now())
        }
    })?;
    let row = |key: rotation::KeyShown| {
        format!(
            "{}  {:<5}  {:<10}  {}  {}\n",
            key.kid,
            key.algorithm.name(),
            key.state.name(),
            key.signs_from,
            key.verifies_until.map_or_else(|| "-".to_owned(), |time| time.to_string())
        )
    };
    print(&keys.into_iter().map(row).collect::<String>())
}

/// Says what the service would say of a token, and why.
pub fn check_token(config: &Config, file: &Path) -> Result<u8, CliFailure> {
    let mut token = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut token)?;
    } else {
        token = std::fs::read_to_string(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    }
    let clock = Clock::system();
    let judged = with_database(config, |_, first| {
        let auth = Auth::new(issuer(config, first)?, &first.digest_key);
        auth.refresh(Gates::of(first.access.clone(), config.key_secret.as_ref())?);
        auth.revoke(first.revoked.clone(), clock.now());
        let scopes = |claims: &Claims| auth.gates().scopes_now(claims);
        Ok(auth.judge(token.trim(), clock.now()).map(|claims| (scopes(&claims), claims)))
    })?;
    match judged {
        Ok((scopes, claims)) => print(&format!(
            "accepted\ntenant     {}\nclient     {}\nprincipal  {} {}\nscopes     {}\n",
            claims.tenant,
            claims.client,
            claims.principal.kind(),
            claims.principal.id(),
            scopes
        )),
        Err(refusal) => Err(format!("the token is refused: {refusal}").into()),
    }
}
