//! How much a text in Markdown may ask of whoever renders it. Pure.
//!
//! Sanitising HTML takes time with the square of the nesting, and an open formatting element is opened again in every
//! paragraph that follows. So a text that nests too deeply, or holds too much HTML of its own, is told to its author, and
//! wherever it comes from it is shown as it was written instead of being rendered.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The deepest nesting of quotations, lists, links and emphasis.
pub const DEEPEST: usize = 32;
/// Tags of HTML in one text.
pub const MOST_TAGS: usize = 100;
/// The longest text, in bytes.
pub const LONGEST: usize = 64 << 10;

/// What is too much about a text; `None` where it can be rendered.
pub fn too_much(markdown: &str) -> Option<String> {
    if markdown.len() > LONGEST {
        return Some(format!("has {} bytes; at most {LONGEST} are rendered", markdown.len()));
    }
    let (mut depth, mut tags) = (0_usize, 0_usize);
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            // A list nests by its items, and a paragraph by what is in it.
            Event::Start(Tag::List(_) | Tag::Paragraph) | Event::End(TagEnd::List(_) | TagEnd::Paragraph) => {}
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Html(html) | Event::InlineHtml(html) => tags += html.matches('<').count(),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(format!("nests lists, quotations or emphasis deeper than {DEEPEST}"));
        }
        if tags > MOST_TAGS {
            return Some(format!("has more than {MOST_TAGS} tags of HTML"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_not_too_much() {
        let list: String = (0..20).map(|depth| format!("{}- point {depth}\n", "  ".repeat(depth))).collect();
        let plain = "A line with *emphasis*, `code` and a [link](https://example.org).\n\n".repeat(900);
        for text in ["", "> > > quoted", "H<sub>2</sub>O", &list, &plain] {
            assert_eq!(too_much(text), None, "{text:.40}");
        }
    }

    #[test]
    fn what_takes_long_is_named() {
        let wrong = |text: &str| too_much(text).unwrap_or_else(|| panic!("{text:.40}"));
        for deep in ["- ".repeat(20_000) + "x", ">".repeat(33) + "x", "*a **b ".repeat(40) + &"** c*".repeat(40)] {
            assert!(wrong(&deep).contains("deeper"), "{deep:.40}");
        }
        for tagged in ["<b>".repeat(101), "<div>\n".repeat(101), "x <i>y</i> ".repeat(51)] {
            assert!(wrong(&tagged).contains("tags"), "{tagged:.40}");
        }
        assert!(wrong(&"a".repeat(LONGEST + 1)).contains("bytes"));
    }
}
