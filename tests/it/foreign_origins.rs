//! Pages of other sites: an origin is named in an answer only where the configuration names it, letter by letter.

use waymark::clock::Clock;

use crate::document::operations;
use crate::harness::{Answer, Place, Stage};

const OWN: &[&str] = &["https://lms.example", "http://localhost:5173"];

/// What is like one of ours, or like nothing.
const FOREIGN: &[&str] = &[
    "null",
    "",
    "*",
    "https://evil.example",
    "https://lms.example.evil.example",
    "https://lms.example-evil.example",
    "https://evil-lms.example",
    "https://evillms.example",
    "https://sub.lms.example",
    "https://lms.exampl",
    "https://lms.example.",
    "https://lms.examples",
    "http://lms.example",
    "wss://lms.example",
    "file://lms.example",
    "chrome-extension://lms.example",
    "https://lms.example:443",
    "https://lms.example:8443",
    "https://lms.example/",
    "https://lms.example/path",
    "https://lms.example?x",
    "https://lms.example#x",
    "https://lms.example@evil.example",
    "https://evil.example/https://lms.example",
    "https://evil.example#https://lms.example",
    "https://LMS.example",
    "HTTPS://lms.example",
    "https://lms%2eexample",
    "https://lms.example%00.evil.example",
    "https://lms.example https://evil.example",
    "https://evil.example https://lms.example",
    "https://lms.example,https://evil.example",
    "https://xn--lms-.example",
    "http://localhost",
    "http://localhost:51730",
    "http://localhost:5174",
    "http://localhost.evil.example:5173",
    "http://127.0.0.1:5173",
    "http://[::1]:5173",
];

fn with_origins(place: &Place, origins: &[&str]) -> Stage {
    let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    place.serve_with(|config| config.cors_origins = origins, Clock::system())
}

fn allowed(answer: &Answer) -> Option<&str> {
    assert_eq!(answer.header("access-control-allow-credentials"), "", "{}: no cookie and no password is for pages", answer.asked);
    let all = answer.headers.get_all("access-control-allow-origin").iter().count();
    assert!(all <= 1, "{}: a browser takes none of several: {:?}", answer.asked, answer.headers);
    answer.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap())
}

/// The preflight and the request itself, as a browser sends them for a page of `origin`.
async fn both_of(stage: &Stage, method: &str, url: &str, token: &str, origin: &str) -> [Answer; 2] {
    let asked = stage.call("OPTIONS", url).header("origin", origin).header("access-control-request-method", method);
    let preflight = asked.header("access-control-request-headers", "authorization,content-type").send().await;
    [preflight, stage.call(method, url).token(token).header("origin", origin).send().await]
}

both!(an_origin_that_nobody_configured_is_not_reflected, |place: Place| {
    let stage = with_origins(&place, OWN);
    let token = stage.full_token();
    for origin in FOREIGN {
        for answer in both_of(&stage, "GET", "/v1/lessons", &token, origin).await {
            assert_eq!(allowed(&answer), None, "{origin}");
        }
    }
    for origin in OWN {
        for answer in both_of(&stage, "GET", "/v1/lessons", &token, origin).await {
            assert_eq!(allowed(&answer), Some(*origin));
            assert!(answer.header("vary").to_lowercase().contains("origin"), "{origin}: or a cache mixes them up");
        }
    }
    // Two origins in one request are none.
    let head = format!("GET /v1/lessons HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n");
    for (first, second) in [(OWN[0], FOREIGN[3]), (FOREIGN[3], OWN[0])] {
        let answer = stage.raw(format!("{head}origin: {first}\r\norigin: {second}\r\n\r\n").as_bytes());
        assert_ne!(allowed(&answer), Some(FOREIGN[3]));
    }
    // The same for every operation, whether it succeeds or not, and for what is no operation.
    let all = operations(&stage).await;
    let mut urls: Vec<(String, String, bool)> = all.iter().map(|one| (one.method.clone(), one.url(), !one.secured())).collect();
    urls.extend(["/v1/nothing", "/docs/", "/"].map(|path| ("GET".to_owned(), path.to_owned(), path != "/v1/nothing")));
    for (method, url, public) in urls {
        for token in [token.as_str(), "nonsense"] {
            for origin in ["https://evil.example", "null", "https://lms.example.evil.example"] {
                for answer in both_of(&stage, &method, &url, token, origin).await {
                    // What is for everybody may say so.
                    let star = public && allowed(&answer) == Some("*");
                    assert!(star || allowed(&answer).is_none(), "{method} {url}: {origin}: {:?}", answer.headers);
                }
            }
            for answer in both_of(&stage, &method, &url, token, OWN[0]).await {
                let let_in = allowed(&answer) == Some(OWN[0]) || public && allowed(&answer) == Some("*");
                assert!(let_in, "{method} {url}: {} {:?} {}", answer.status, answer.headers, answer.text());
            }
        }
    }
});

both!(without_configuration_no_origin_is_let_in, |stage| {
    let token = stage.full_token();
    for origin in FOREIGN.iter().chain(OWN) {
        for answer in both_of(&stage, "GET", "/v1/lessons", &token, origin).await {
            assert_eq!(allowed(&answer), None, "{origin}");
        }
    }
});

both!(
    /// Any origin may be let in, but no answer names one: with `*` a browser sends no cookies.
    a_star_is_a_star, |place: Place| {
    let stage = with_origins(&place, &["*"]);
    let token = stage.full_token();
    for origin in ["https://evil.example", "null", OWN[0]] {
        for answer in both_of(&stage, "GET", "/v1/lessons", &token, origin).await {
            assert_eq!(allowed(&answer), Some("*"), "{origin}");
        }
    }
});
