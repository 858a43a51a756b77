use super::finding::{DAY, GIB, YEAR};
use super::*;
use crate::cli::doctor::facts::{
    AdministratorFacts, CertificateFacts, ConfigFileFacts, DatabaseFacts, DescriptorFacts, DiskFacts, FileFacts, KeyFacts,
    KindFacts, PostgresFacts, RowFacts, SeenDatabase, TlsFacts, WireEncryption,
};
use crate::db::migrate::SchemaAge;
use crate::db::types::Time;

const NOW: Time = Time(1_800_000_000_000_000);

fn ago(seconds: i64) -> Time {
    NOW.plus_seconds(-seconds)
}

fn file(name: &str, mode: u32) -> FileFacts {
    FileFacts { path: name.into(), mode, owner: 1000 }
}

/// An installation on SQLite of which nothing is to be said.
fn well() -> DoctorFacts {
    DoctorFacts {
        now: NOW,
        listen: "0.0.0.0:8443".parse().unwrap(),
        metrics_listen: Some("127.0.0.1:9464".parse().unwrap()),
        public_url: "https://learn.example.com".to_owned(),
        public_url_given: true,
        tls: Some(TlsFacts {
            certificate: Ok(CertificateFacts {
                not_before: ago(DAY),
                not_after: NOW.plus_seconds(60 * DAY),
                host: "learn.example.com".to_owned(),
                names_host: true,
            }),
            key: Some(file("key.pem", 0o600)),
        }),
        key_secret: true,
        cors_origins: vec!["https://app.example.com".to_owned()],
        log: "info".to_owned(),
        migrate: true,
        config_file: Some(ConfigFileFacts { file: file("waymark.toml", 0o600), holds_secrets: true }),
        disk: Some(DiskFacts {
            files: vec![file("waymark.db", 0o600), file("waymark.db-wal", 0o600), file("waymark.db.lock", 0o600)],
            folder: file("data", 0o700),
            copies: vec![(file("copy.db", 0o600), ago(3600))],
            space: Some((50 * GIB, 100 * GIB)),
            file_system: Some(0xef53),
        }),
        descriptors: DescriptorFacts { needed: 5000, allowed: Some(8192), connections: 4096 },
        database_connections: 12,
        pooler: false,
        database: DatabaseFacts::Seen(Box::new(SeenDatabase {
            schema: SchemaAge::default(),
            rows: Some(RowFacts {
                keys: vec![KeyFacts { signs_from: ago(DAY), signing: true, sealed: true }],
                administrator: Some(AdministratorFacts { id: "id".to_owned(), created_at: ago(DAY), changed: false }),
                newest_record: Some(ago(1)),
            }),
            kind: KindFacts::Sqlite { journal_mode: "wal".to_owned() },
        })),
    }
}

/// The same on PostgreSQL.
fn well_on_postgres() -> DoctorFacts {
    let mut facts = well();
    facts.disk = None;
    let settings = [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("max_connections", "100"),
        ("superuser_reserved_connections", "3"),
        ("synchronous_commit", "on"),
    ];
    of_database(&mut facts).kind = KindFacts::Postgres(PostgresFacts {
        version: 150_004,
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        superuser: false,
        ahead_millis: -20,
        remote_host: Some("db.example.com".to_owned()),
        encryption: WireEncryption::Verified,
    });
    facts
}

fn of_database(facts: &mut DoctorFacts) -> &mut SeenDatabase {
    let DatabaseFacts::Seen(seen) = &mut facts.database else { panic!("a database that was seen") };
    seen
}

fn of_rows(facts: &mut DoctorFacts) -> &mut RowFacts {
    of_database(facts).rows.as_mut().unwrap()
}

fn of_disk(facts: &mut DoctorFacts) -> &mut DiskFacts {
    facts.disk.as_mut().unwrap()
}

fn of_server(facts: &mut DoctorFacts) -> &mut PostgresFacts {
    let KindFacts::Postgres(server) = &mut of_database(facts).kind else { panic!("a PostgreSQL server") };
    server
}

fn of_certificate(facts: &mut DoctorFacts) -> &mut CertificateFacts {
    facts.tls.as_mut().unwrap().certificate.as_mut().unwrap()
}

fn set(facts: &mut DoctorFacts, name: &str, value: &str) {
    let settings = &mut of_server(facts).settings;
    settings.iter_mut().find(|(setting, _)| setting == name).unwrap().1 = value.to_owned();
}

/// What is worse than well.
fn said(facts: &DoctorFacts) -> Vec<(DoctorLevel, &'static str)> {
    let mut all = judge_all(facts);
    all.retain(|finding| finding.level > DoctorLevel::Ok);
    for finding in &all {
        assert!(!finding.advice.is_empty(), "{finding}: what is to be done?");
        assert!(!finding.to_string().contains('\n'), "{finding}: one line");
    }
    all.into_iter().map(|finding| (finding.level, finding.check)).collect()
}

#[test]
fn of_a_good_installation_nothing_is_said() {
    assert_eq!(said(&well()), []);
    assert_eq!(said(&well_on_postgres()), [(DoctorLevel::Note, "backup")]);
}

type Change = fn(&mut DoctorFacts);

/// One change of a good installation, and the one thing that is then said.
const ON_SQLITE: &[(Change, DoctorLevel, &str)] = &[
    (|f| (f.key_secret, of_rows(f).keys[0].sealed) = (false, false), DoctorLevel::Warning, "key-secret"),
    (|f| f.key_secret = false, DoctorLevel::Problem, "key-secret"),
    (|f| of_rows(f).keys[0].sealed = false, DoctorLevel::Note, "key-secret"),
    (|f| of_rows(f).keys[0].signs_from = ago(YEAR + DAY), DoctorLevel::Warning, "signing-key-age"),
    (|f| of_rows(f).administrator.as_mut().unwrap().created_at = ago(YEAR + DAY), DoctorLevel::Note, "administrator"),
    (|f| of_disk(f).files[0].mode = 0o640, DoctorLevel::Problem, "files"),
    (|f| of_disk(f).files[1].mode = 0o604, DoctorLevel::Problem, "files"),
    (|f| of_disk(f).files[2].mode = 0o602, DoctorLevel::Problem, "files"),
    (|f| of_disk(f).files[2].owner = 0, DoctorLevel::Problem, "files"),
    (|f| of_disk(f).copies[0].0.mode = 0o644, DoctorLevel::Problem, "files"),
    (|f| of_disk(f).folder.mode = 0o755, DoctorLevel::Note, "folder"),
    (|f| of_disk(f).folder.mode = 0o770, DoctorLevel::Problem, "folder"),
    (|f| of_disk(f).folder.mode = 0o1777, DoctorLevel::Problem, "folder"),
    (|f| f.config_file.as_mut().unwrap().file.mode = 0o604, DoctorLevel::Problem, "config-file"),
    (|f| f.config_file.as_mut().unwrap().file.mode = 0o640, DoctorLevel::Note, "config-file"),
    (
        |f| f.config_file = Some(ConfigFileFacts { file: file("c", 0o646), holds_secrets: false }),
        DoctorLevel::Problem,
        "config-file",
    ),
    (|f| f.public_url = "http://learn.example.com".to_owned(), DoctorLevel::Warning, "tls"),
    (|f| f.tls = None, DoctorLevel::Note, "tls"),
    (|f| (f.tls, f.public_url) = (None, "http://learn.example.com".to_owned()), DoctorLevel::Problem, "tls"),
    (|f| f.tls.as_mut().unwrap().key = Some(file("key.pem", 0o644)), DoctorLevel::Problem, "tls"),
    (|f| f.tls.as_mut().unwrap().certificate = Err("it is not there".to_owned()), DoctorLevel::Problem, "certificate"),
    (|f| of_certificate(f).not_after = ago(1), DoctorLevel::Problem, "certificate"),
    (|f| of_certificate(f).not_after = NOW.plus_seconds(29 * DAY), DoctorLevel::Warning, "certificate"),
    (|f| of_certificate(f).not_before = NOW.plus_seconds(DAY), DoctorLevel::Problem, "certificate"),
    (|f| of_certificate(f).names_host = false, DoctorLevel::Warning, "certificate"),
    (|f| f.public_url_given = false, DoctorLevel::Warning, "public-url"),
    (|f| f.cors_origins.push("*".to_owned()), DoctorLevel::Warning, "cors"),
    (|f| f.metrics_listen = Some("0.0.0.0:9464".parse().unwrap()), DoctorLevel::Warning, "metrics"),
    (|f| f.metrics_listen = Some("[::]:9464".parse().unwrap()), DoctorLevel::Warning, "metrics"),
    (|f| f.metrics_listen = Some("10.0.0.7:9464".parse().unwrap()), DoctorLevel::Note, "metrics"),
    (|f| f.log = "debug".to_owned(), DoctorLevel::Warning, "log"),
    (|f| f.log = "info,waymark=TRACE".to_owned(), DoctorLevel::Warning, "log"),
    (|f| f.database = DatabaseFacts::Unseen("away".to_owned()), DoctorLevel::Problem, "database"),
    (|f| f.database = DatabaseFacts::None("here".to_owned()), DoctorLevel::Note, "database"),
    (|f| of_database(f).schema.pending = 2, DoctorLevel::Note, "migrations"),
    (|f| (f.migrate, of_database(f).schema.pending) = (false, 2), DoctorLevel::Problem, "migrations"),
    (|f| of_database(f).schema.newer = Some("9".to_owned()), DoctorLevel::Problem, "migrations"),
    (|f| of_rows(f).newest_record = Some(NOW.plus_seconds(6)), DoctorLevel::Warning, "clock"),
    (|f| of_database(f).kind = KindFacts::Sqlite { journal_mode: "delete".to_owned() }, DoctorLevel::Warning, "sqlite"),
    (|f| of_disk(f).file_system = Some(0x6969), DoctorLevel::Problem, "file-system"),
    (|f| of_disk(f).file_system = Some(0xff53_4d42), DoctorLevel::Problem, "file-system"),
    (|f| of_disk(f).file_system = Some(0x0102_1994), DoctorLevel::Warning, "file-system"),
    (|f| of_disk(f).file_system = Some(0x794c_7630), DoctorLevel::Note, "file-system"),
    (|f| of_disk(f).file_system = Some(0x6573_5546), DoctorLevel::Note, "file-system"),
    (|f| of_disk(f).space = Some((GIB - 1, 2 * GIB)), DoctorLevel::Warning, "disk"),
    (|f| of_disk(f).space = Some((9 * GIB, 100 * GIB)), DoctorLevel::Warning, "disk"),
    (|f| of_disk(f).space = Some((GIB / 20, 100 * GIB)), DoctorLevel::Problem, "disk"),
    (|f| of_disk(f).copies.clear(), DoctorLevel::Note, "backup"),
    (|f| of_disk(f).copies[0].1 = ago(2 * DAY), DoctorLevel::Note, "backup"),
    (|f| f.descriptors.allowed = Some(1024), DoctorLevel::Warning, "open-files"),
];

const ON_POSTGRES: &[(Change, DoctorLevel, &str)] = &[
    (|f| set(f, "fsync", "off"), DoctorLevel::Problem, "postgres"),
    (|f| set(f, "full_page_writes", "off"), DoctorLevel::Problem, "postgres"),
    (|f| set(f, "synchronous_commit", "off"), DoctorLevel::Problem, "postgres"),
    (|f| of_server(f).version = 120_017, DoctorLevel::Problem, "postgres"),
    (|f| of_server(f).superuser = true, DoctorLevel::Warning, "postgres"),
    (|f| of_server(f).ahead_millis = 6_000, DoctorLevel::Warning, "clock"),
    (|f| of_server(f).ahead_millis = -6_000, DoctorLevel::Warning, "clock"),
    (|f| of_server(f).encryption = WireEncryption::Off, DoctorLevel::Problem, "postgres-tls"),
    (|f| of_server(f).encryption = WireEncryption::Preferred, DoctorLevel::Warning, "postgres-tls"),
    (|f| of_server(f).encryption = WireEncryption::Required, DoctorLevel::Note, "postgres-tls"),
    (|f| set(f, "max_connections", "14"), DoctorLevel::Problem, "connections"),
    (|f| set(f, "max_connections", "20"), DoctorLevel::Warning, "connections"),
];

fn each_alone(good: fn() -> DoctorFacts, cases: &[(Change, DoctorLevel, &str)]) {
    let before = said(&good());
    for (at, (change, level, check)) in cases.iter().enumerate() {
        let mut facts = good();
        change(&mut facts);
        let mut now = said(&facts);
        now.retain(|one| !before.contains(one));
        assert_eq!(now, [(*level, *check)], "case {at}");
    }
}

#[test]
fn every_finding_comes_with_its_cause_and_alone() {
    each_alone(well, ON_SQLITE);
    each_alone(well_on_postgres, ON_POSTGRES);
}

#[test]
fn every_check_has_a_case_in_which_it_speaks() {
    for (check, _) in CHECKS {
        let cases = ON_SQLITE.iter().chain(ON_POSTGRES);
        assert!(cases.clone().any(|(_, level, of)| of == check && *level > DoctorLevel::Ok), "{check}");
    }
}

/// What is close to a fault and none.
#[test]
fn no_false_alarms() {
    const CASES: &[(Change, &str)] = &[
        (
            |f| of_rows(f).keys.push(KeyFacts { signs_from: ago(3 * YEAR), signing: false, sealed: true }),
            "an old key that signs no more",
        ),
        (
            |f| {
                of_rows(f).administrator =
                    Some(AdministratorFacts { id: String::new(), created_at: ago(2 * YEAR), changed: true })
            },
            "changed",
        ),
        (|f| of_rows(f).newest_record = Some(NOW.plus_seconds(5)), "a clock that is a little off"),
        (|f| (f.listen, f.tls) = ("127.0.0.1:8080".parse().unwrap(), None), "behind a proxy on this machine"),
        (|f| (f.listen, f.tls) = ("[::1]:8080".parse().unwrap(), None), "the same"),
        (|f| f.metrics_listen = None, "no metrics"),
        (|f| f.metrics_listen = Some("[::ffff:127.0.0.1]:9464".parse().unwrap()), "loopback, spelled out"),
        (|f| f.log = "waymark=info,actix_server=warn,debugger=error".to_owned(), "a name is no level"),
        (|f| f.config_file = Some(ConfigFileFacts { file: file("c", 0o644), holds_secrets: false }), "no secret in it"),
        (|f| f.config_file = None, "no file"),
        (|f| f.tls.as_mut().unwrap().key = Some(file("key.pem", 0o640)), "a group for those who serve"),
        (|f| of_certificate(f).not_after = NOW.plus_seconds(31 * DAY), "a month is left"),
        (|f| of_disk(f).space = Some((10 * GIB, 100 * GIB)), "ten per cent"),
        (|f| of_disk(f).space = None, "no answer"),
        (|f| f.descriptors.allowed = None, "no limit"),
        (|f| f.descriptors.allowed = Some(5000), "just enough"),
    ];
    for (change, why) in CASES {
        let mut facts = well();
        change(&mut facts);
        assert_eq!(said(&facts), [], "{why}");
    }
    let backup = (DoctorLevel::Note, "backup");
    let mut facts = well_on_postgres();
    (of_server(&mut facts).remote_host, of_server(&mut facts).encryption) = (None, WireEncryption::Off);
    assert_eq!(said(&facts), [backup], "a server on this machine");
    set(&mut facts, "synchronous_commit", "remote_apply");
    assert_eq!(said(&facts), [backup]);
    set(&mut facts, "max_connections", "5");
    facts.pooler = true;
    assert_eq!(said(&facts), [backup], "a pooler has the connections");
}
