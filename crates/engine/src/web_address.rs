//! Addresses that somebody's page will make a link of.

/// As long as an address may be, in characters.
pub const LONGEST: usize = 500;
/// The rule in words, to follow the name of what breaks it.
pub const RULE: &str = "must be a URL of at most 500 characters that begins with https:// or http://.";

/// Whether a page can make a link of this: of the web, so that a click runs no `javascript:` and opens no `data:`, and without what
/// could end the attribute that it stands in.
pub fn is_web_address(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let clean = |c: char| !c.is_whitespace() && !c.is_control() && !"\"<>\\^`{|}".contains(c);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(clean)) && url.chars().count() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_web_become_links() {
        for good in ["https://example.org", "http://localhost:8080/a?b=c#d", "https://b\u{fc}cher.example/\u{e9}"] {
            assert!(is_web_address(good), "{good}");
        }
        let long = format!("https://{}", "a".repeat(LONGEST));
        for bad in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "\u{1}javascript:alert(1)",
            " https://example.org",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "//example.org",
            "/path",
            "example.org",
            "",
            "https://",
            "https://a b",
            "https://a\"onclick=\"x",
            "https://a\u{a0}b",
            "https://a<b",
            "https:javascript:alert(1)",
            &long,
        ] {
            assert!(!is_web_address(bad), "{bad:?}");
        }
    }
}
