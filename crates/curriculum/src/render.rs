//! Markdown to HTML (sanitised) and to plain text. Done once, at publication.

use pulldown_cmark::{Event, Options, Parser, TagEnd, html};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::markup;

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
    /// What would take too long to render is shown as it was written; see `markup.rs`.
    pub fn of(markdown: &str) -> RichText {
        if markup::too_much(markdown).is_some() {
            let html = format!("<p>{}</p>", markdown.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"));
            return RichText { markdown: markdown.to_owned(), html, text: markdown.trim_end().to_owned() };
        }
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

    /// Each of these takes minutes or much memory where it is rendered.
    #[test]
    fn what_would_take_too_long_is_shown_as_it_was_written() {
        let reopened = (0..2_000).map(|i| format!("<b id={i}>")).collect::<String>() + &"<p>".repeat(2_000);
        for text in ["- ".repeat(450_000), "<div>".repeat(20_000), reopened] {
            let rich = RichText::of(&text);
            assert!(rich.html.starts_with("<p>") && rich.html.len() < 2 * text.len() + 100_000, "{text:.20}");
            assert!(!rich.html.contains("<div>") && !rich.html.contains("<b"));
        }
    }
}
