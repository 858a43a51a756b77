//! The one way out: requests of this service to others. https only, no address that is not for the whole internet, no redirect, bounded
//! in size and time. The address is checked where the connection is made, so a name that means another address a moment later changes
//! nothing.

pub mod addresses;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::ACCEPT;
use serde::de::DeserializeOwned;
use url::{Host, Url};

use crate::outbound::addresses::is_public;

/// How long one request may take, all in all.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const LARGEST: usize = 256 * 1024;

/// Why nothing came of a request. For logs: it may name an address that a caller is not to learn of.
#[derive(Debug)]
pub struct OutboundFault(pub String);

impl std::fmt::Display for OutboundFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes requests to others.
#[derive(Clone)]
pub struct GuardedClient {
    client: reqwest::Client,
    trusted: reqwest::Client,
    /// Origins that the operator named: any address, http too.
    allowed: Arc<Vec<String>>,
}

/// Looks a name up and gives only addresses of the whole internet; the connection goes to one of them.
struct PublicAddresses;

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let open: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if open.is_empty() {
                return Err(format!("{} has no address that is for the whole internet", name.as_str()).into());
            }
            let addresses: Addrs = Box::new(open.into_iter());
            Ok(addresses)
        })
    }
}

impl GuardedClient {
    /// `allowed`: origins (scheme, host, port) that the operator lets requests go to all the same.
    pub fn new(allowed: &[String]) -> Result<GuardedClient, OutboundFault> {
        let base = || {
            let base = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
            base.timeout(PATIENCE).connect_timeout(PATIENCE).pool_max_idle_per_host(0)
        };
        let made = |built: Result<reqwest::Client, reqwest::Error>| built.map_err(|e| OutboundFault(e.to_string()));
        Ok(GuardedClient {
            client: made(base().https_only(true).dns_resolver(Arc::new(PublicAddresses)).build())?,
            trusted: made(base().build())?,
            allowed: Arc::new(allowed.to_vec()),
        })
    }

    /// Whether a request to this URL would be tried. (A name's addresses are looked at when it is.)
    pub fn check(&self, url: &Url) -> Result<(), OutboundFault> {
        let refuse = |why: &str| Err(OutboundFault(format!("{url}: {why}")));
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("a URL with a user is not asked");
        }
        if self.is_allowed(url) {
            return Ok(());
        }
        if url.scheme() != "https" {
            return refuse("only https is asked");
        }
        match url.host() {
            None => refuse("there is no host"),
            Some(Host::Ipv4(address)) if !is_public(IpAddr::V4(address)) => refuse("its address is not for the whole internet"),
            Some(Host::Ipv6(address)) if !is_public(IpAddr::V6(address)) => refuse("its address is not for the whole internet"),
            Some(_) => Ok(()),
        }
    }

    /// Whether this URL is asked only because the operator named its origin.
    pub fn is_exception(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.is_allowed(&url))
    }

    fn is_allowed(&self, url: &Url) -> bool {
        let origin = url.origin().ascii_serialization();
        self.allowed.contains(&origin)
    }

    /// What a URL answers, as JSON.
    pub async fn get_json<T: DeserializeOwned>(&self, url: &str) -> Result<T, OutboundFault> {
        let fault = |why: String| OutboundFault(format!("{url}: {why}"));
        let parsed = Url::parse(url).map_err(|e| fault(e.to_string()))?;
        self.check(&parsed)?;
        let client = if self.is_allowed(&parsed) { &self.trusted } else { &self.client };
        let mut answer = client.get(parsed).header(ACCEPT, "application/json").send().await.map_err(|e| fault(causes(&e)))?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(fault(format!("answered {}", answer.status())));
        }
        let mut body: Vec<u8> = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|e| fault(causes(&e)))? {
            if body.len() + piece.len() > LARGEST {
                return Err(fault(format!("the answer has more than {LARGEST} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        serde_json::from_slice(&body).map_err(|e| fault(format!("the answer is not what was expected: {e}")))
    }
}

/// An error with what is behind it.
fn causes(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        out.push_str(": ");
        out.push_str(&cause.to_string());
        next = cause.source();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A literal address is none that a resolver sees, in whatever form it is written.
    #[test]
    fn a_url_that_leads_inside_is_not_asked() {
        let client = GuardedClient::new(&["http://127.0.0.1:4000".to_owned()]).unwrap();
        let check = |url: &str| Url::parse(url).map_err(|e| e.to_string()).and_then(|url| client.check(&url).map_err(|e| e.0));
        for closed in [
            "http://example.com/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://0x7f.1/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://169.254.169.254/latest/meta-data",
            "https://user:x@example.com/",
            "http://127.0.0.1:4001/",
            "https://127.0.0.1:4000/",
            "file:///etc/passwd",
            "ftp://example.com/",
        ] {
            assert!(check(closed).is_err(), "{closed}");
        }
        for open in ["https://example.com/x", "https://8.8.8.8/", "http://127.0.0.1:4000/jwks"] {
            assert_eq!(check(open), Ok(()), "{open}");
        }
    }

    /// A name that leads inside, as every machine has one.
    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_asked() {
        crate::install_crypto();
        let client = GuardedClient::new(&[]).unwrap();
        let fault = client.get_json::<serde_json::Value>("https://localhost:1/").await.unwrap_err();
        assert!(fault.0.contains("no address that is for the whole internet"), "{fault}");
    }
}
