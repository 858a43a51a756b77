//! Origins of browser front ends. A browser sends one in exactly one spelling (RFC 6454, section 6.2: scheme, host, and the
//! port where it is not the usual one), and the comparison is by bytes; so another spelling would never match, and is refused.

use url::Url;

/// An origin that would never match, and what to write.
#[derive(Debug)]
pub struct RefusedOrigin {
    pub origin: String,
    pub advice: String,
}

/// Origins separated by commas, each as a browser sends it; or `*` for any.
pub fn read_origins(text: &str) -> Result<Vec<String>, RefusedOrigin> {
    text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(read_origin).collect()
}

/// Origins of one client: none of them any.
pub fn read_client_origins(texts: &[String]) -> Result<Vec<String>, RefusedOrigin> {
    let mut out: Vec<String> = Vec::new();
    for origin in texts.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|origin| !origin.is_empty()) {
        let read = read_origin(origin)?;
        if read == "*" {
            let advice = "a client names the origins of its own pages; any is for cors_origins alone".to_owned();
            return Err(RefusedOrigin { origin: read, advice });
        }
        if !out.contains(&read) {
            out.push(read);
        }
    }
    Ok(out)
}

fn read_origin(text: &str) -> Result<String, RefusedOrigin> {
    let advice = match (text, mended(text)) {
        ("*", _) => return Ok(text.to_owned()),
        ("null", _) => "null is the origin of anybody's sandboxed page; serve the front end from an origin of its own".to_owned(),
        _ if text.contains('*') => {
            "there are no wildcards within an origin; name every origin, separated by commas, or allow any with * alone"
                .to_owned()
        }
        _ if text.contains(char::is_whitespace) => {
            let all: Option<Vec<String>> = text.split_whitespace().map(mended).collect();
            all.map_or_else(
                || SHAPE.to_owned(),
                |all| format!("several origins are separated by commas: write {}", all.join(",")),
            )
        }
        (_, Some(origin)) if origin == text => return Ok(origin),
        (_, Some(origin)) => format!("no browser sends it like that, so it would never match: write {origin}"),
        (_, None) => SHAPE.to_owned(),
    };
    Err(RefusedOrigin { origin: text.to_owned(), advice })
}

const SHAPE: &str = "an origin is scheme, host and port, such as https://app.example.com or http://localhost:5173";

/// The origin that is most likely meant, as a browser sends it.
fn mended(text: &str) -> Option<String> {
    let url = Url::parse(&with_scheme(text)).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    match url.scheme() {
        "http" | "https" => Some(url.origin().ascii_serialization()),
        "ws" => mended(&text.replacen("ws", "http", 1)),
        "wss" => mended(&text.replacen("wss", "https", 1)),
        "ftp" | "file" => None,
        // An app's own scheme, such as capacitor://localhost.
        other => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            Some(format!("{other}://{}{port}", host.to_ascii_lowercase()))
        }
    }
}

fn with_scheme(text: &str) -> String {
    if text.contains("://") {
        return text.to_owned();
    }
    let rest = text.trim_start_matches("https:").trim_start_matches("http:").trim_start_matches('/');
    let here = ["localhost", "127.", "[::1]"].iter().any(|name| rest.starts_with(name));
    format!("{}://{rest}", if here && !text.starts_with("https:") { "http" } else { "https" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_sends_is_taken() {
        let text = "https://a.example, http://localhost:5173,https://xn--bcher-kva.example:8443 ,http://[::1]:3000,capacitor://localhost";
        assert_eq!(read_origins(text).unwrap().len(), 5);
        assert_eq!(read_origins("*").unwrap(), ["*"]);
        assert_eq!(read_origins(" , ").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_can_never_match_is_named_with_the_mended_value() {
        for (text, mended) in [
            ("https://a.example/", "https://a.example"),
            ("https://a.example/app/index.html", "https://a.example"),
            ("https://a.example?x", "https://a.example"),
            ("https://a.example#x", "https://a.example"),
            ("https://A.Example", "https://a.example"),
            ("HTTPS://a.example", "https://a.example"),
            ("https://a.example:443", "https://a.example"),
            ("http://a.example:80", "http://a.example"),
            ("https://u@a.example", "https://a.example"),
            ("a.example", "https://a.example"),
            ("a.example:8443", "https://a.example:8443"),
            ("//a.example", "https://a.example"),
            ("https:a.example", "https://a.example"),
            ("localhost:5173", "http://localhost:5173"),
            ("127.0.0.1:5173/", "http://127.0.0.1:5173"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
            ("wss://a.example", "https://a.example"),
            ("Capacitor://localhost/", "capacitor://localhost"),
            ("https://a.example https://b.example/", "https://a.example,https://b.example"),
        ] {
            let why = read_origins(&format!("https://good.example,{text}")).unwrap_err();
            assert_eq!(why.origin, text);
            assert!(why.advice.ends_with(&format!("write {mended}")), "{text}: {}", why.advice);
            assert!(read_origins(mended).is_ok(), "{mended}");
        }
    }

    #[test]
    fn what_cannot_be_mended_is_named_with_its_reason() {
        for (text, reason) in [
            ("https://*.example.com", "no wildcards"),
            ("*.example.com", "no wildcards"),
            ("https://a.example:*", "no wildcards"),
            ("null", "sandboxed"),
            ("https://", "scheme, host and port"),
            ("file:///index.html", "scheme, host and port"),
            ("https://a.example:99999", "scheme, host and port"),
        ] {
            let why = read_origins(text).unwrap_err();
            assert!(why.origin == text && why.advice.contains(reason), "{text}: {}", why.advice);
        }
    }
}
