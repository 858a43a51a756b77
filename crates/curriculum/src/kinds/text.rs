//! How short texts are compared.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization;

/// What is left of a short text for comparison: compatibility forms unified (Unicode NFKC), white space runs as one space, no
/// white space, quotation marks or back-ticks around it, no full stop behind it, typographic apostrophes and dashes as plain
/// ones, and lower case unless the item says that case counts.
pub fn normalised(text: &str, case_sensitive: bool) -> String {
    let plain: String = text.nfkc().map(plain).collect();
    let one_spaced = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = bare(&one_spaced);
    if case_sensitive { bare.to_owned() } else { bare.to_lowercase().nfkc().collect() }
}

fn plain(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '\u{00b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{00ab}' | '\u{00bb}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    }
}

/// Without what people put around a quoted word; what is only such marks stays as it is.
fn bare(text: &str) -> &str {
    let mut inner = text;
    loop {
        let next = inner.trim_matches(|c: char| c.is_whitespace() || ['"', '\'', '`'].contains(&c));
        let next = next.strip_suffix('.').unwrap_or(next);
        if next.is_empty() {
            return if inner.is_empty() { text } else { inner };
        }
        if next == inner {
            return inner;
        }
        inner = next;
    }
}

/// The keyed digest of a typed text, as records hold it.
pub fn digest(text: &str, key: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        // HMAC takes keys of any length (RFC 2104, section 3).
        return String::new();
    };
    mac.update(text.as_bytes());
    format!("hmac-sha256-{}", hex::encode(mac.finalize().into_bytes()))
}
