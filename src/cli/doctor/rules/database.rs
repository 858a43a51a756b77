//! The database: what it holds, how it is set, how it is reached.

use super::finding::{DAY, Judged, YEAR, fine, seconds_since, seen_database, to_mend, to_note, to_warn};
use crate::cli::doctor::facts::{DatabaseFacts, DoctorFacts, KindFacts, PostgresFacts, RowFacts, WireEncryption};

/// How far clocks may be apart.
const CLOCK_SECONDS: i64 = 5;

fn server(facts: &DoctorFacts) -> Option<&PostgresFacts> {
    match &seen_database(facts)?.kind {
        KindFacts::Postgres(server) => Some(server),
        KindFacts::Sqlite { .. } => None,
    }
}

fn rows(facts: &DoctorFacts) -> Option<&RowFacts> {
    seen_database(facts)?.rows.as_ref()
}

pub fn judge_key_secret(facts: &DoctorFacts) -> Vec<Judged> {
    let keys = rows(facts).map_or(&[][..], |rows| &rows.keys);
    let judged = match facts.key_secret {
        false if keys.iter().any(|key| key.sealed) => to_mend(
            "signing keys are stored encrypted and WAYMARK_KEY_SECRET is not set",
            "set it to the secret that they were stored with; the service cannot start without",
        ),
        false => to_warn(
            "signing keys are stored in plain: who has a copy of the database makes tokens",
            "set WAYMARK_KEY_SECRET (`openssl rand -hex 32`), keep it apart from backups, and restart",
        ),
        true if keys.iter().any(|key| !key.sealed) => to_note(
            "a signing key is still stored in plain",
            "the next start stores it encrypted; copies from before keep it in plain",
        ),
        true => fine("signing keys are stored encrypted"),
    };
    vec![judged]
}

pub fn judge_signing_key_age(facts: &DoctorFacts) -> Vec<Judged> {
    let signing = rows(facts).and_then(|rows| rows.keys.iter().find(|key| key.signing));
    let Some(key) = signing else { return Vec::new() };
    let days = seconds_since(facts.now, key.signs_from) / DAY;
    vec![if days * DAY > YEAR {
        to_warn(format!("the signing key is {days} days old"), "`waymark keys rotate`; no request is refused meanwhile")
    } else {
        fine(format!("the signing key is {days} days old"))
    }]
}

pub fn judge_administrator(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(client) = rows(facts).and_then(|rows| rows.administrator.as_ref()) else { return Vec::new() };
    let days = seconds_since(facts.now, client.created_at) / DAY;
    vec![if days * DAY > YEAR && !client.changed {
        to_note(
            format!("the administrator client is {days} days old, and no change of its secret is known"),
            format!("`waymark client rotate {}` gives it another one", client.id),
        )
    } else {
        fine("the administrator client's secret is younger than a year, or was changed")
    }]
}

pub fn judge_database(facts: &DoctorFacts) -> Vec<Judged> {
    vec![match &facts.database {
        DatabaseFacts::None(place) => to_note(
            format!("there is no database yet ({place})"),
            "`waymark serve` makes it; if there should be one, give this command where the service runs, or --database-url",
        ),
        DatabaseFacts::Unseen(why) => to_mend(format!("the database cannot be looked at: {why}"), "mend that, and ask again"),
        DatabaseFacts::Seen(_) => fine("the database can be read"),
    }]
}

pub fn judge_migrations(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(seen) = seen_database(facts) else { return Vec::new() };
    vec![match (&seen.schema.newer, seen.schema.pending) {
        (Some(newer), _) => to_mend(
            format!("the database has the migration {newer}, which this program does not know"),
            "run the newer program, or restore a backup from before",
        ),
        (None, 0) => fine("the schema is up to date"),
        (None, n) if facts.migrate => {
            to_note(format!("{n} migrations are to be applied"), "the next start does it; make a backup first")
        }
        (None, n) => to_mend(
            format!("{n} migrations are to be applied, and WAYMARK_MIGRATE is off: the service does not start"),
            "make a backup, then `waymark migrate`",
        ),
    }]
}

pub fn judge_clock(facts: &DoctorFacts) -> Vec<Judged> {
    const SET: &str = "synchronise it (chrony, systemd-timesyncd); tokens, due times and the order of records go by it";
    let apart = match server(facts) {
        Some(server) => Some(server.ahead_millis / 1000),
        None => rows(facts).map(|rows| rows.newest_record.map_or(0, |newest| seconds_since(newest, facts.now).max(0))),
    };
    let Some(apart) = apart else { return Vec::new() };
    vec![match (apart, server(facts).is_some()) {
        (apart, true) if apart.abs() > CLOCK_SECONDS => {
            to_warn(format!("this machine's clock and the database server's are {} seconds apart", apart.abs()), SET)
        }
        (apart, false) if apart > CLOCK_SECONDS => {
            to_warn(format!("the newest record is {apart} seconds in the future: the clock ran backwards"), SET)
        }
        (_, true) => fine("this machine's clock and the database server's agree"),
        (_, false) => fine("no record is in the future"),
    }]
}

pub fn judge_sqlite(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(KindFacts::Sqlite { journal_mode }) = seen_database(facts).map(|seen| &seen.kind) else { return Vec::new() };
    vec![if journal_mode.eq_ignore_ascii_case("wal") {
        fine("SQLite writes ahead (journal_mode is wal)")
    } else {
        to_warn(
            format!("SQLite's journal_mode is {journal_mode}: another program changed it"),
            "let no other program write; the next start sets it to wal",
        )
    }]
}

pub fn judge_postgres(facts: &DoctorFacts) -> Vec<Judged> {
    const DURABLE: &[(&str, &str)] = &[
        ("fsync", "a crash of the machine can destroy the database"),
        ("full_page_writes", "a crash of the machine can destroy the database"),
        ("synchronous_commit", "what was answered with success can be lost in a crash"),
    ];
    let Some(server) = server(facts) else { return Vec::new() };
    let mut judged = Vec::new();
    for (name, harm) in DURABLE {
        if server.settings.iter().any(|(setting, value)| setting == name && value == "off") {
            judged.push(to_mend(format!("{name} is off on the PostgreSQL server: {harm}"), format!("set {name} = on")));
        }
    }
    if server.version < 130_000 {
        judged.push(to_mend(
            format!("PostgreSQL {} is too old", server.version / 10_000),
            "13 or newer, of which updates still come",
        ));
    }
    if server.superuser {
        judged.push(to_warn(
            "the role of the service is a superuser of the PostgreSQL server, or bypasses row-level security",
            "make a role that owns this database and nothing else: then the server itself keeps tenants apart too",
        ));
    }
    if judged.is_empty() {
        judged
            .push(fine(format!("PostgreSQL {} keeps what it commits, and the role is an ordinary one", server.version / 10_000)));
    }
    judged
}

pub fn judge_postgres_tls(facts: &DoctorFacts) -> Vec<Judged> {
    const VERIFY: &str = "sslmode=verify-full in DATABASE_URL";
    let Some(server) = server(facts) else { return Vec::new() };
    let Some(host) = &server.remote_host else { return vec![fine("PostgreSQL is on this machine")] };
    vec![match server.encryption {
        WireEncryption::Off => {
            to_mend(format!("nothing is encrypted on the way to PostgreSQL at {host} (sslmode=disable)"), VERIFY)
        }
        WireEncryption::Preferred => {
            to_warn(format!("PostgreSQL at {host} is reached in clear where it does not offer TLS (sslmode=prefer)"), VERIFY)
        }
        WireEncryption::Required => {
            to_note(format!("nobody verifies that PostgreSQL at {host} is the right one (sslmode=require)"), VERIFY)
        }
        WireEncryption::Verified => fine(format!("PostgreSQL at {host} is reached over TLS and verified")),
    }]
}

pub fn judge_database_connections(facts: &DoctorFacts) -> Vec<Judged> {
    let Some(server) = server(facts).filter(|_| !facts.pooler) else { return Vec::new() };
    let number = |name: &str| -> Option<i64> {
        server.settings.iter().find(|(setting, _)| setting == name).and_then(|(_, value)| value.parse().ok())
    };
    let Some(most) = number("max_connections") else { return Vec::new() };
    let free: i64 = most - number("superuser_reserved_connections").unwrap_or(3);
    let needed = facts.database_connections;
    let found = format!("a process opens {needed} connections, and PostgreSQL takes {free}");
    vec![if needed > free {
        to_mend(found, "a smaller WAYMARK_DATABASE_POOL, or a larger max_connections")
    } else if needed * 2 > free {
        to_warn(
            format!("{found}: no second process finds room, as an upgrade without a pause needs it"),
            "a smaller WAYMARK_DATABASE_POOL, or a larger max_connections",
        )
    } else {
        fine(found)
    }]
}
