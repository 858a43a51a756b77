//! Who reaches the service, how, and what the process may use.

use std::net::SocketAddr;

use super::files::octal;
use super::finding::{DAY, Judged, fine, seconds_since, to_mend, to_note, to_warn};
use crate::cli::doctor::facts::DoctorFacts;

fn beyond_loopback(address: SocketAddr) -> bool {
    !address.ip().to_canonical().is_loopback()
}

/// How long before its end a certificate should be renewed.
const RENEW_DAYS: i64 = 30;

pub fn judge_tls(facts: &DoctorFacts) -> Vec<Judged> {
    let behind_proxy = facts.public_url.starts_with("https://");
    let beyond = beyond_loopback(facts.listen);
    let mut judged = vec![match (&facts.tls, beyond) {
        (Some(_), _) if !behind_proxy => to_warn(
            format!("the listener speaks TLS and public_url is {}", facts.public_url),
            "set WAYMARK_PUBLIC_URL to the https:// URL that others use; tokens are for it",
        ),
        (Some(_), _) => fine("the listener speaks TLS"),
        (None, true) if behind_proxy => to_note(
            format!("{} takes plain HTTP, for a proxy that speaks TLS", facts.listen),
            "see that nobody but the proxy reaches it (a firewall, a network of its own)",
        ),
        (None, true) => to_mend(
            format!("{} takes plain HTTP from everywhere: tokens and answers can be read on the way", facts.listen),
            "set WAYMARK_TLS_CERTIFICATE and WAYMARK_TLS_KEY, or serve behind a proxy with TLS and an https:// WAYMARK_PUBLIC_URL",
        ),
        (None, false) => fine("plain HTTP, for this machine alone"),
    }];
    if let Some(key) = facts.tls.as_ref().and_then(|tls| tls.key.as_ref())
        && key.mode & 0o007 != 0
    {
        let path = key.path.display();
        judged
            .push(to_mend(format!("{}: everybody may read the key of the certificate", octal(key)), format!("chmod 600 {path}")));
    }
    judged
}

pub fn judge_certificate(facts: &DoctorFacts) -> Vec<Judged> {
    const RENEW: &str = "renew it; the running service takes the new files by itself";
    let Some(tls) = &facts.tls else { return Vec::new() };
    let certificate = match &tls.certificate {
        Ok(certificate) => certificate,
        Err(why) => {
            return vec![to_mend(why.clone(), "the service does not start with it, and a running one keeps the one before")];
        }
    };
    let left = seconds_since(certificate.not_after, facts.now);
    let mut judged = vec![match left {
        left if left <= 0 => to_mend(format!("the certificate expired {} days ago", -left / DAY), RENEW),
        _ if certificate.not_before > facts.now => to_mend("the certificate is not valid yet", "see whether the clock is right"),
        left if left < RENEW_DAYS * DAY => to_warn(format!("the certificate expires in {} days", left / DAY), RENEW),
        left => fine(format!("the certificate is good for {} days", left / DAY)),
    }];
    if !certificate.names_host {
        judged.push(to_warn(
            format!("the certificate is not for {}, the host of public_url", certificate.host),
            "get one that is, or mend WAYMARK_PUBLIC_URL",
        ));
    }
    judged
}

pub fn judge_public_url(facts: &DoctorFacts) -> Vec<Judged> {
    vec![if !facts.public_url_given && beyond_loopback(facts.listen) {
        to_warn(
            format!("public_url is left at {} while others reach {}", facts.public_url, facts.listen),
            "set WAYMARK_PUBLIC_URL to the URL that they use; it is the issuer and the audience of tokens",
        )
    } else {
        fine(format!("public_url is {}", facts.public_url))
    }]
}

pub fn judge_cors(facts: &DoctorFacts) -> Vec<Judged> {
    vec![if facts.cors_origins.iter().any(|origin| origin == "*") {
        to_warn("pages of every site may call the API from a browser (cors_origins is *)", "name the origins of your front ends")
    } else {
        fine(format!("pages of {} origins may call the API from a browser", facts.cors_origins.len()))
    }]
}

pub fn judge_metrics_listener(facts: &DoctorFacts) -> Vec<Judged> {
    const REACH: &str = "let Prometheus alone reach it: another address, or a firewall";
    let Some(listen) = facts.metrics_listen else { return Vec::new() };
    vec![match listen {
        listen if listen.ip().is_unspecified() => {
            to_warn(format!("metrics are for everybody who reaches this machine ({listen})"), REACH)
        }
        listen if beyond_loopback(listen) => to_note(format!("metrics are for everybody who reaches {listen}"), REACH),
        _ => fine("metrics are for this machine alone"),
    }]
}

pub fn judge_log(facts: &DoctorFacts) -> Vec<Judged> {
    let level = |directive: &str| directive.rsplit('=').next().unwrap_or_default().trim().to_ascii_lowercase();
    let loud = facts.log.split(',').any(|directive| matches!(level(directive).as_str(), "debug" | "trace"));
    vec![if loud {
        to_warn(format!("the log filter is {:?}: slow, and large", facts.log), "WAYMARK_LOG=info, unless you look for something")
    } else {
        fine(format!("the log filter is {:?}", facts.log))
    }]
}

pub fn judge_open_files(facts: &DoctorFacts) -> Vec<Judged> {
    let limit = facts.descriptors;
    vec![match limit.allowed {
        Some(allowed) if allowed < limit.needed => to_warn(
            format!("{allowed} files may be open, and {} connections need {}", limit.connections, limit.needed),
            format!("ulimit -n {0}, or LimitNOFILE={0} in the unit; else fewer connections are taken", limit.needed),
        ),
        _ => fine(format!("{} connections may be open", limit.connections)),
    }]
}
