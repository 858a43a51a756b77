//! Markdown to HTML (sanitised) and to plain text. Done once, at publication.

use pulldown_cmark::{Event, Options, Parser, TagEnd, html};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One text in three forms: a native screen wants Markdown, a web page HTML, a screen reader plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RichText {
    /// CommonMark.
    pub markdown: String,
    /// Sanitised; no scripts, no styles, links with `rel="noopener noreferrer"`.
    pub html: String,
    pub text: String,
}

impl RichText {
    pub fn of(markdown: &str) -> RichText {
        let mut raw = String::new();
        html::push_html(&mut raw, Parser::new_ext(markdown, Options::empty()));
        RichText { markdown: markdown.to_owned(), html: ammonia::clean(&raw), text: plain(markdown) }
    }
}

fn plain(markdown: &str) -> String {
    let mut out = String::new();
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak => out.push('\n'),
            Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::CodeBlock | TagEnd::Heading(_)) if !out.ends_with('\n') => {
                out.push('\n')
            }
            _ => {}
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_do_not_survive() {
        let text = RichText::of("**Look** at `code` <script>alert(1)</script> [x](javascript:alert(1))");
        assert!(text.html.contains("<strong>Look</strong>") && !text.html.contains("script"), "{}", text.html);
        assert!(text.text.starts_with("Look at code"));
    }
}
