//! Reverse proxies that are believed when they say where a request came from. What anybody else says of that is no more than a text
//! that came with a request.

use std::net::IpAddr;

/// An address, or a network in the notation of RFC 4632.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ProxyNetwork {
    bits: u128,
    mask: u128,
    v4: bool,
}

/// The configured list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<ProxyNetwork>);

/// An entry that is none, and what to write.
#[derive(Debug)]
pub struct RefusedProxy {
    pub entry: String,
    pub advice: String,
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address.to_canonical() {
        IpAddr::V4(address) => (u128::from(u32::from(address)), true),
        IpAddr::V6(address) => (u128::from(address), false),
    }
}

impl ProxyNetwork {
    fn read(text: &str) -> Result<ProxyNetwork, String> {
        let shape = || "an address or a network, such as 10.0.0.7, 10.1.0.0/16 or fd00::/8".to_owned();
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| shape())?;
        // `::ffff:10.0.0.0/104` is `10.0.0.0/8`.
        let mapped = address.is_ipv6() && address.to_canonical().is_ipv4();
        let (bits, v4) = bits(address);
        let width = if v4 { 32 } else { 128 };
        let length = match length {
            None => width,
            Some(text) => {
                let length: u32 = text.parse().map_err(|_| shape())?;
                let length = if mapped { length.checked_sub(96).ok_or_else(shape)? } else { length };
                Some(length).filter(|length| *length <= width).ok_or_else(shape)?
            }
        };
        if length == 0 {
            return Err("everybody could say to be anybody then; name the proxies".to_owned());
        }
        let whole = if v4 { u128::from(u32::MAX) } else { u128::MAX };
        let mask = whole & whole.checked_shl(width.saturating_sub(length)).unwrap_or(0);
        if bits & !mask != 0 {
            let begin = bits & mask;
            let begin = match u32::try_from(begin).ok().filter(|_| v4) {
                Some(begin) => IpAddr::V4(begin.into()),
                None => IpAddr::V6(begin.into()),
            };
            return Err(format!("it is within a network, not the network: write {begin}/{length}"));
        }
        Ok(ProxyNetwork { bits, mask, v4 })
    }

    fn holds(&self, address: IpAddr) -> bool {
        let (bits, v4) = bits(address);
        v4 == self.v4 && bits & self.mask == self.bits
    }
}

impl TrustedProxies {
    /// Addresses and networks separated by commas.
    pub fn read(text: &str) -> Result<TrustedProxies, RefusedProxy> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let read = |entry: &str| ProxyNetwork::read(entry).map_err(|advice| RefusedProxy { entry: entry.to_owned(), advice });
        entries.map(read).collect::<Result<_, _>>().map(TrustedProxies)
    }

    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.holds(address))
    }

    /// Where a request came from that this peer brought: what `X-Forwarded-For` and `Forwarded` (RFC 7239) say, each as the values of
    /// its fields in their order, counts where a trusted proxy wrote it. Where it cannot be read, or the two say different things, so
    /// that one of them was not written by the proxy, it is the peer.
    pub fn client<'a>(
        &self,
        peer: IpAddr,
        x_forwarded_for: impl Iterator<Item = &'a str>,
        forwarded: impl Iterator<Item = &'a str>,
    ) -> IpAddr {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return peer;
        }
        let hops: Vec<Option<IpAddr>> = x_forwarded_for.flat_map(|value| value.split(',')).map(|hop| node(hop.trim())).collect();
        let elements: Vec<Option<IpAddr>> = forwarded.flat_map(elements).collect();
        match (self.nearest(&hops), self.nearest(&elements)) {
            (None, None) => peer,
            (Some(one), None) | (None, Some(one)) => one.unwrap_or(peer),
            (Some(one), Some(other)) => one.filter(|_| one == other).unwrap_or(peer),
        }
    }

    /// The right-most hop that is no trusted proxy, else the first of all; nothing where there are none, no address where a hop that
    /// counts cannot be read.
    fn nearest(&self, hops: &[Option<IpAddr>]) -> Option<Option<IpAddr>> {
        let counts = |hop: &&Option<IpAddr>| hop.is_none_or(|address| !self.trusts(address));
        hops.iter().rev().find(counts).or(hops.first()).copied()
    }
}

/// An address, with or without a port; of version 6 in brackets where it has one.
fn node(text: &str) -> Option<IpAddr> {
    let port = |text: &str| text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let address: IpAddr = if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.split_once(']')?;
        IpAddr::V6(address.parse().ok().filter(|_| port(after))?)
    } else if let Some((address, after)) = text.split_once(':').filter(|(_, after)| !after.contains(':')) {
        IpAddr::V4(address.parse().ok().filter(|_| after.parse::<u16>().is_ok())?)
    } else {
        text.parse().ok()?
    };
    Some(address.to_canonical())
}

/// Whom each element of a `Forwarded` field is for.
fn elements(value: &str) -> Vec<Option<IpAddr>> {
    match split(value, ',') {
        None => vec![None],
        Some(elements) => elements.into_iter().map(|element| element_node(element.trim())).collect(),
    }
}

fn element_node(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in split(element, ';')? {
        let Some((name, value)) = pair.split_once('=') else { continue };
        if name.trim().eq_ignore_ascii_case("for") {
            if found.is_some() {
                return None;
            }
            found = Some(node(&unquoted(value.trim())?)?);
        }
    }
    found
}

/// Parts between separators that stand in no quotation; nothing where a quotation has no end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == separator && !quoted => {
                parts.push(text.get(begin..at)?);
                begin = at.saturating_add(c.len_utf8());
            }
            _ => {}
        }
    }
    parts.push(text.get(begin..)?);
    (!quoted).then_some(parts)
}

/// A token, or what a quoted string says.
fn unquoted(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else { return (!text.contains('"')).then(|| text.to_owned()) };
    let (mut out, mut rest) = (String::new(), inner.strip_suffix('"')?.chars());
    while let Some(c) = rest.next() {
        out.push(if c == '\\' { rest.next()? } else { c });
    }
    Some(out)
}

#[cfg(test)]
#[path = "proxies_tests.rs"]
mod tests;
