//! TLS of a listener: a certificate and its key, read from two files, and read again when those change. Connections that are there keep
//! what they began with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};
use rustls::ServerConfig;
use rustls::client::verify_server_name;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use sha2::{Digest, Sha256};

/// Where the certificate and its key stand, both as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairFiles {
    /// The service's own certificate first, then those that lead to its authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The texts of both files; the digest tells whether they are others than before.
struct PairTexts {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl PairFiles {
    fn texts(&self) -> Result<PairTexts, String> {
        let read = |name: &str, path: &Path| std::fs::read(path).map_err(|e| format!("{name} {}: {e}", path.display()));
        Ok(PairTexts { certificate: read("tls_certificate", &self.certificate)?, key: read("tls_key", &self.key)? })
    }

    /// The certificates alone, as they stand in the file now.
    pub fn chain(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        self.chain_of(&self.texts()?)
    }

    fn chain_of(&self, texts: &PairTexts) -> Result<Vec<CertificateDer<'static>>, String> {
        let name = self.certificate.display();
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&texts.certificate)
            .collect::<Result<_, _>>()
            .map_err(|e| format!("tls_certificate {name} cannot be read as PEM: {e}"))?;
        if chain.is_empty() { Err(format!("tls_certificate {name} holds no certificate in PEM")) } else { Ok(chain) }
    }

    fn pair_of(&self, texts: &PairTexts) -> Result<ServedPair, String> {
        let chain = self.chain_of(texts)?;
        let key = PrivateKeyDer::from_pem_slice(&texts.key).map_err(|_| {
            format!("tls_key {} holds no private key in PEM that can be read (one with a password cannot)", self.key.display())
        })?;
        let provider = aws_lc_rs::default_provider();
        let builder = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?;
        let both = format!("tls_certificate {} and tls_key {}", self.certificate.display(), self.key.display());
        let mut config = builder.with_no_client_auth().with_single_cert(chain.clone(), key).map_err(|e| match e {
            rustls::Error::InconsistentKeys(_) => format!("{both} do not belong together"),
            other => format!("{both} cannot be used: {other}"),
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Who comes back need not shake hands in full, whichever worker it meets.
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(|e| e.to_string())?;
        Ok(ServedPair { chain, config: Arc::new(config) })
    }
}

/// What new connections get.
struct ServedPair {
    chain: Vec<CertificateDer<'static>>,
    config: Arc<ServerConfig>,
}

type PairDigest = [u8; 32];

fn digest(texts: &Result<PairTexts, String>) -> PairDigest {
    let mut hash = Sha256::new();
    match texts {
        Ok(texts) => {
            hash.update(texts.certificate.len().to_le_bytes());
            hash.update(&texts.certificate);
            hash.update(&texts.key);
        }
        Err(why) => hash.update(why),
    }
    hash.finalize().into()
}

/// What the files held when they were looked at.
struct PairSeen {
    /// What is served.
    taken: PairDigest,
    /// What could not be taken, why, and whether that was said.
    broken: Option<(PairDigest, String, bool)>,
}

/// The certificate that a listener shows.
pub struct TlsDoor {
    files: PairFiles,
    current: RwLock<ServedPair>,
    seen: Mutex<PairSeen>,
}

impl std::fmt::Debug for TlsDoor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TlsDoor").field("files", &self.files).finish_non_exhaustive()
    }
}

/// What a look at the files came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PairLook {
    Unchanged,
    /// New connections get the new one from now on.
    Renewed,
    /// It cannot be taken; said once for each.
    Broken(String),
}

impl TlsDoor {
    /// Reads the pair; the error says which file is wrong, and how.
    pub fn open(files: &PairFiles) -> Result<TlsDoor, String> {
        let texts = files.texts();
        let taken = digest(&texts);
        let pair = files.pair_of(&texts?)?;
        let seen = Mutex::new(PairSeen { taken, broken: None });
        Ok(TlsDoor { files: files.clone(), current: RwLock::new(pair), seen })
    }

    /// For a new connection.
    pub fn config(&self) -> Arc<ServerConfig> {
        self.current.read().config.clone()
    }

    /// Whether the certificate that is shown now is good for this name or address.
    pub fn names(&self, host: &str) -> bool {
        self.current.read().chain.first().is_some_and(|leaf| certificate_names(leaf, host))
    }

    /// Looks whether the files hold another pair. What cannot be taken is said when it is seen a second time: whoever replaces both files
    /// does one after the other.
    pub fn look(&self) -> PairLook {
        let mut seen = self.seen.lock();
        let texts = self.files.texts();
        let now = digest(&texts);
        if now == seen.taken {
            seen.broken = None;
            return PairLook::Unchanged;
        }
        if let Some((broken, why, told)) = &mut seen.broken
            && *broken == now
        {
            return if std::mem::replace(told, true) { PairLook::Unchanged } else { PairLook::Broken(why.clone()) };
        }
        match texts.and_then(|texts| self.files.pair_of(&texts)) {
            Ok(pair) => {
                *self.current.write() = pair;
                *seen = PairSeen { taken: now, broken: None };
                PairLook::Renewed
            }
            Err(why) => {
                seen.broken = Some((now, why, false));
                PairLook::Unchanged
            }
        }
    }
}

/// Whether a certificate is good for a name or an address.
pub fn certificate_names(leaf: &CertificateDer<'_>, host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let (Ok(parsed), Ok(name)) = (ParsedCertificate::try_from(leaf), ServerName::try_from(bare)) else { return false };
    verify_server_name(&parsed, &name).is_ok()
}

/// Looks at the files again and again, and at once on SIGHUP.
pub async fn keep_pair_fresh(door: Arc<TlsDoor>, every: Duration) {
    let mut hangup = HangUp::new();
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = hangup.comes() => {}
        }
        let looked = door.clone();
        match tokio::task::spawn_blocking(move || looked.look()).await {
            Ok(PairLook::Renewed) => tracing::info!("the TLS certificate was renewed; new connections get it"),
            Ok(PairLook::Broken(why)) => tracing::error!(why, "the TLS certificate cannot be renewed; the one before stays"),
            Ok(PairLook::Unchanged) | Err(_) => {}
        }
    }
}

/// SIGHUP, by which operators ask for a look; it would end a process that does not listen for it.
struct HangUp {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl HangUp {
    #[cfg(unix)]
    fn new() -> HangUp {
        HangUp { signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok() }
    }

    #[cfg(not(unix))]
    fn new() -> HangUp {
        HangUp {}
    }

    async fn comes(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
