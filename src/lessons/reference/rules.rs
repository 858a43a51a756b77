//! Which form of a reference is wanted. Pure.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A form in which the glossary and the field guide are served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceFormat {
    /// `application/json`
    Json,
    /// `text/markdown` (RFC 7763), with tables as GitHub writes them (variant GFM, RFC 7764)
    Markdown,
    /// `text/html`: a page that can be printed
    Html,
}

impl ReferenceFormat {
    const ALL: [(ReferenceFormat, &'static str, &'static str); 3] = [
        (ReferenceFormat::Json, "application", "json"),
        (ReferenceFormat::Markdown, "text", "markdown"),
        (ReferenceFormat::Html, "text", "html"),
    ];

    /// What an `Accept` header (RFC 9110, section 12.5.1) likes best; among equals the first of the list above, and JSON
    /// where nothing fits, since a form nobody asked for helps more than none.
    pub fn accepted(accept: Option<&str>) -> ReferenceFormat {
        let accept = accept.unwrap_or("*/*");
        let rank = |(format, kind, name): (ReferenceFormat, &str, &str)| (format, quality(accept, kind, name));
        let ranked = ReferenceFormat::ALL.map(rank);
        let best = ranked.iter().map(|(_, q)| *q).fold(0.0, f32::max);
        ranked.iter().find(|(_, q)| *q == best).map_or(ReferenceFormat::Json, |(format, _)| *format)
    }
}

/// The weight that a list of media ranges gives to `kind/name`: that of the most special range which covers it.
fn quality(accept: &str, kind: &str, name: &str) -> f32 {
    let mut best = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some((k, n)) = parts.next().and_then(|range| range.split_once('/')) else { continue };
        let special = match (k.eq_ignore_ascii_case(kind), n.eq_ignore_ascii_case(name)) {
            (true, true) => 3,
            (true, _) if n == "*" => 2,
            _ if (k, n) == ("*", "*") => 1,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.trim().parse().ok());
        if special > best.0 {
            best = (special, weight.unwrap_or(0.0));
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_form_is_taken() {
        use ReferenceFormat::{Html, Json, Markdown};
        for (accept, format) in [
            (None, Json),
            (Some("*/*"), Json),
            (Some("text/markdown"), Markdown),
            (Some("TEXT/Markdown; charset=utf-8"), Markdown),
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Html),
            (Some("text/*"), Markdown),
            (Some("text/*;q=0.5, text/html"), Html),
            (Some("text/markdown;q=0.4, text/html;q=0.6"), Html),
            (Some("*/*, application/json;q=0"), Markdown),
            (Some("application/json, text/html;q=0.9"), Json),
            (Some("image/png"), Json),
            (Some(""), Json),
            (Some(";;,/,q="), Json),
        ] {
            assert_eq!(ReferenceFormat::accepted(accept), format, "{accept:?}");
        }
    }
}
