//! All that the doctor knows of an installation when it judges.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::db::migrate::SchemaAge;
use crate::db::types::Time;

/// An installation, looked at once.
#[derive(Debug, Clone)]
pub struct DoctorFacts {
    pub now: Time,
    pub listen: SocketAddr,
    pub metrics_listen: Option<SocketAddr>,
    pub public_url: String,
    pub public_url_given: bool,
    pub tls: Option<TlsFacts>,
    pub key_secret: bool,
    pub cors_origins: Vec<String>,
    pub log: String,
    pub migrate: bool,
    pub config_file: Option<ConfigFileFacts>,
    /// What stands on the disk for SQLite.
    pub disk: Option<DiskFacts>,
    pub descriptors: DescriptorFacts,
    /// Connections that one process opens to its database.
    pub database_connections: i64,
    pub pooler: bool,
    pub database: DatabaseFacts,
}

/// Mode and owner of something on the disk; none where the system has no such thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    pub path: PathBuf,
    pub mode: u32,
    pub owner: u32,
}

#[derive(Debug, Clone)]
pub struct ConfigFileFacts {
    pub file: FileFacts,
    pub holds_secrets: bool,
}

#[derive(Debug, Clone)]
pub struct TlsFacts {
    /// Or why the pair cannot be used.
    pub certificate: Result<CertificateFacts, String>,
    pub key: Option<FileFacts>,
}

#[derive(Debug, Clone)]
pub struct CertificateFacts {
    pub not_before: Time,
    pub not_after: Time,
    /// The host of `public_url`, and whether the certificate is good for it.
    pub host: String,
    pub names_host: bool,
}

/// Where the SQLite file is.
#[derive(Debug, Clone)]
pub struct DiskFacts {
    /// The database, its log and index, its lock; those that are there.
    pub files: Vec<FileFacts>,
    pub folder: FileFacts,
    /// Copies of databases of ours beside it, with the time of the last change.
    pub copies: Vec<(FileFacts, Time)>,
    /// Bytes that the service may still write, and all that there are.
    pub space: Option<(u64, u64)>,
    /// The number by which the system knows the kind of file system.
    pub file_system: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
pub struct DescriptorFacts {
    pub needed: usize,
    /// None where there is no limit.
    pub allowed: Option<usize>,
    pub connections: usize,
}

#[derive(Debug, Clone)]
pub enum DatabaseFacts {
    /// There is none yet; where it would be made.
    None(String),
    /// It cannot be looked at, and why.
    Unseen(String),
    Seen(Box<SeenDatabase>),
}

#[derive(Debug, Clone)]
pub struct SeenDatabase {
    pub schema: SchemaAge,
    /// Nothing more is known of a database with another schema.
    pub rows: Option<RowFacts>,
    pub kind: KindFacts,
}

#[derive(Debug, Clone, Default)]
pub struct RowFacts {
    pub keys: Vec<KeyFacts>,
    pub administrator: Option<AdministratorFacts>,
    /// When the newest record was made.
    pub newest_record: Option<Time>,
}

#[derive(Debug, Clone)]
pub struct KeyFacts {
    pub signs_from: Time,
    pub signing: bool,
    pub sealed: bool,
}

#[derive(Debug, Clone)]
pub struct AdministratorFacts {
    pub id: String,
    pub created_at: Time,
    /// Whether anything says that its secret was changed.
    pub changed: bool,
}

#[derive(Debug, Clone)]
pub enum KindFacts {
    Sqlite { journal_mode: String },
    Postgres(PostgresFacts),
}

#[derive(Debug, Clone)]
pub struct PostgresFacts {
    /// As `server_version_num` has it.
    pub version: i64,
    /// Names and values of the settings that matter.
    pub settings: Vec<(String, String)>,
    pub superuser: bool,
    /// How far the server's clock is ahead of this machine's, in milliseconds.
    pub ahead_millis: i64,
    /// A host of the URL that is not this machine.
    pub remote_host: Option<String>,
    pub encryption: WireEncryption,
}

/// What `sslmode` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireEncryption {
    Off,
    /// Where the server can.
    Preferred,
    /// Always, whoever the server is.
    Required,
    /// Always, and the server's certificate must hold.
    Verified,
}
