//! Where a request came from: the peer, or, behind a trusted proxy, whom that one names.

use std::net::IpAddr;
use std::sync::Once;

use actix_web::http::header::{self, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use crate::config::proxies::TrustedProxies;
use crate::doors::stream::RequestConnection;

/// Found once for each request.
#[derive(Debug, Clone, Copy)]
struct ClientAddress(Option<IpAddr>);

/// The address that limits and logs count for the client's. Nothing where even the peer's is not known.
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    if let Some(ClientAddress(known)) = request.extensions().get::<ClientAddress>() {
        return *known;
    }
    let found = find_address(request);
    request.extensions_mut().insert(ClientAddress(found));
    found
}

fn find_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.conn_data::<RequestConnection>().and_then(|guest| guest.connection.peer)?.to_canonical();
    let trusted = request.app_data::<Data<TrustedProxies>>();
    match trusted.filter(|trusted| trusted.trusts(peer)) {
        Some(trusted) => {
            Some(trusted.client(peer, values(request, &header::X_FORWARDED_FOR), values(request, &header::FORWARDED)))
        }
        None => {
            if request.headers().contains_key(header::X_FORWARDED_FOR) || request.headers().contains_key(header::FORWARDED) {
                advise_once(peer);
            }
            Some(peer)
        }
    }
}

/// The values of a field. One that is no text is one that cannot be read.
fn values<'a>(request: &'a HttpRequest, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    request.headers().get_all(name).map(|value| value.to_str().unwrap_or("-"))
}

/// The first time that somebody names others who is not trusted: most often a proxy that was forgotten.
fn advise_once(peer: IpAddr) {
    static ADVISED: Once = Once::new();
    ADVISED.call_once(|| {
        tracing::warn!(%peer, "requests from this address name others in X-Forwarded-For or Forwarded and are not believed; if it is your reverse proxy, write it into trusted_proxies (WAYMARK_TRUSTED_PROXIES)");
    });
}
