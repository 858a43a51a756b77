//! The way to a PostgreSQL server: TLS as `sslmode` asks for it, with every message looked at once it is in clear.
//!
//! The driver is told to begin with TLS at once (`sslnegotiation=direct`), whatever is wanted. So every stream comes here
//! first: here the server is asked for TLS, and here the stream is wrapped that `Watched` reads from.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::config::{SslMode, SslNegotiation};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::sqlstate::SqlStateStream;
use crate::db::url::PostgresUrl;
use crate::error::{DatabaseFault, Problem};

type Tls = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;
type TlsMaker = <MakeRustlsConnect as MakeTlsConnect<Socket>>::TlsConnect;
type TlsFailure = Box<dyn std::error::Error + Send + Sync>;

/// Makes streams of one kind.
#[derive(Clone)]
pub struct Connector {
    tls: MakeRustlsConnect,
    mode: SslMode,
    /// Whether the URL itself asks for TLS without a question before it.
    direct: bool,
}

impl Connector {
    pub fn new(url: &PostgresUrl) -> Result<Connector, Problem> {
        let tls = MakeRustlsConnect::new(tls_config(url.verify)?);
        let direct = url.config.get_ssl_negotiation() == SslNegotiation::Direct;
        Ok(Connector { tls, mode: url.ssl_mode(), direct })
    }
}

impl MakeTlsConnect<Socket> for Connector {
    type Stream = SqlStateStream<TlsWire>;
    type TlsConnect = Connecting;
    type Error = TlsFailure;

    fn make_tls_connect(&mut self, host: &str) -> Result<Connecting, TlsFailure> {
        let tls = MakeTlsConnect::<Socket>::make_tls_connect(&mut self.tls, host)?;
        Ok(Connecting { tls, mode: self.mode, direct: self.direct })
    }
}

pub struct Connecting {
    tls: TlsMaker,
    mode: SslMode,
    direct: bool,
}

/// The message that asks a server for TLS (PostgreSQL documentation, "Message Formats", SSLRequest).
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

impl TlsConnect<Socket> for Connecting {
    type Stream = SqlStateStream<TlsWire>;
    type Error = TlsFailure;
    type Future = Pin<Box<dyn Future<Output = Result<SqlStateStream<TlsWire>, TlsFailure>> + Send>>;

    fn connect(self, mut socket: Socket) -> Self::Future {
        Box::pin(async move {
            let encrypted = match self.mode {
                SslMode::Disable => false,
                _ if self.direct => true,
                _ => {
                    socket.write_all(&SSL_REQUEST).await?;
                    let mut answer = [0];
                    socket.read_exact(&mut answer).await?;
                    answer == *b"S"
                }
            };
            if encrypted {
                let stream = self.tls.connect(socket).await?;
                return Ok(SqlStateStream::new(TlsWire::Tls(Box::new(stream))));
            }
            if self.mode == SslMode::Require {
                return Err("the server does not support TLS".into());
            }
            Ok(SqlStateStream::new(TlsWire::Plain(socket)))
        })
    }
}

/// Bytes to and from a server, in clear on this side.
pub enum TlsWire {
    Plain(Socket),
    Tls(Box<Tls>),
}

macro_rules! wire {
    ($self:ident, $stream:ident => $call:expr) => {
        match $self.get_mut() {
            TlsWire::Plain(stream) => {
                let $stream = Pin::new(stream);
                $call
            }
            TlsWire::Tls(stream) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for TlsWire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        wire!(self, stream => stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for TlsWire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<std::io::Result<usize>> {
        wire!(self, stream => stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        wire!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        wire!(self, stream => stream.poll_shutdown(cx))
    }
}

impl TlsStream for SqlStateStream<TlsWire> {
    fn channel_binding(&self) -> ChannelBinding {
        match self.inner() {
            TlsWire::Plain(_) => ChannelBinding::none(),
            TlsWire::Tls(stream) => stream.channel_binding(),
        }
    }
}

/// Encrypts and looks at no certificate: for a server that is sure to be the right one, or told no secrets.
pub fn unverified_client() -> Result<rustls::ClientConfig, Problem> {
    tls_config(false)
}

fn tls_config(verify: bool) -> Result<rustls::ClientConfig, Problem> {
    let bad = |e: &dyn std::fmt::Display| Problem::unavailable(DatabaseFault::Lost, e);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| bad(&e))?;
    if !verify {
        return Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider))).with_no_client_auth());
    }
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Encrypts without authenticating the server, which is what `sslmode=require` means to libpq.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
