//! HTML, as QTI 1.2 has it inside of its texts, as the small tree that XHTML becomes: cleaned by a parser of HTML first, so that
//! what is not closed, not quoted or not known does no harm.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::xml::{DEEPEST, Element, XmlNode, is_legal};

/// Elements that are seen; of others the text is. What has no form in Markdown is named by whoever turns this into Markdown.
const SEEN: &[&str] = &[
    "a",
    "abbr",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "dd",
    "del",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "iframe",
    "img",
    "ins",
    "kbd",
    "li",
    "math",
    "object",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "video",
];
/// Elements without an end (HTML, section 13.1.2).
const VOID: &[&str] = &["br", "hr", "img", "embed", "col", "wbr", "area", "source", "track", "input"];
/// Elements whose end may be left out, so that many of them in a row do not nest.
const UNCLOSED: &[&str] = &["p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option"];

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    builder
        .tags(SEEN.iter().copied().collect())
        .generic_attributes(HashSet::from(["class", "data-option"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("img", HashSet::from(["alt"]))]))
        .link_rel(None);
    builder
});

/// The nodes of a text in HTML; what nests too deep is its text alone.
pub fn html_nodes(html: &str) -> Vec<XmlNode> {
    if nesting(html) > DEEPEST {
        return vec![XmlNode::Text(html.to_owned())];
    }
    HtmlTree::of(&CLEANER.clean(html).to_string())
}

/// How deep the tags of a text could nest: a bound on the work of the parser, found without parsing.
fn nesting(html: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for tag in html.split('<').skip(1) {
        let (end, rest) = tag.strip_prefix('/').map_or((false, tag), |rest| (true, rest));
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).take(20).collect::<String>().to_ascii_lowercase();
        if name.is_empty() || VOID.contains(&name.as_str()) || UNCLOSED.contains(&name.as_str()) {
            continue;
        }
        depth = if end { depth.saturating_sub(1) } else { depth.saturating_add(1) };
        deepest = deepest.max(depth);
    }
    deepest
}

/// A tree made of what the cleaner wrote: names and quoted values, every element closed that is not void.
struct HtmlTree {
    open: Vec<Element>,
}

impl HtmlTree {
    fn of(clean: &str) -> Vec<XmlNode> {
        let mut tree = HtmlTree { open: vec![Element::default()] };
        let mut rest = clean;
        while let Some((text, tag)) = rest.split_once('<') {
            tree.text(text);
            rest = tree.tag(tag);
        }
        tree.text(rest);
        while tree.open.len() > 1 {
            tree.close();
        }
        tree.open.pop().map_or_else(Vec::new, |root| root.children)
    }

    fn text(&mut self, text: &str) {
        if let Some(parent) = self.open.last_mut().filter(|_| !text.is_empty()) {
            parent.children.push(XmlNode::Text(unescaped_text(text)));
        }
    }

    /// Takes a tag, from behind its `<`; answers what follows it.
    fn tag<'a>(&mut self, tag: &'a str) -> &'a str {
        if let Some(end) = tag.strip_prefix('/') {
            self.close();
            return end.split_once('>').map_or("", |(_, rest)| rest);
        }
        let length = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let (name, mut rest) = tag.split_at(length);
        let mut element = Element::new(name);
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let Some((attribute, value)) = rest.split_once("=\"") else { break };
            let Some((value, after)) = value.split_once('"') else { break };
            element = element.with(attribute.trim(), unescaped_text(value));
            rest = after;
        }
        self.open.push(element);
        if VOID.contains(&name) {
            self.close();
        }
        rest
    }

    fn close(&mut self) {
        if self.open.len() < 2 {
            return;
        }
        if let (Some(done), Some(parent)) = (self.open.pop(), self.open.last_mut()) {
            parent.children.push(done.into());
        }
    }
}

/// The five references that a writer of HTML makes (HTML, section 13.3).
fn unescaped_text(text: &str) -> String {
    let text =
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", "\u{a0}").replace("&amp;", "&");
    text.chars().map(|c| if is_legal(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::markdown;

    #[test]
    fn html_of_others_becomes_markdown() {
        for (html, expected) in [
            ("plain &amp; simple", "plain \\& simple"),
            ("<p>one<br>two</p><p>three&nbsp;four", "one\\\ntwo\n\nthree\u{a0}four"),
            ("<ul><li>a<li>b</ul>", "- a\n- b"),
            ("<b>bold<i>both</b> after</i>", "**bold*both*** *after*"),
            ("<script>alert(1)</script>x", "x"),
            ("<a href=\"https://x.example/?a=1&amp;b=2\" onclick=\"y\">link</a>", "[link](<https://x.example/?a=1&b=2>)"),
            ("<a href=\"javascript:x\">link</a>", "link"),
            ("a < b and c > d", "a \\< b and c \\> d"),
            ("&lt;b&gt;", "\\<b\\>"),
            ("<pre>\n{\n  1\n}</pre>", "```\n{\n  1\n}\n```"),
            ("", ""),
        ] {
            let mut unknown = Vec::new();
            assert_eq!(markdown(&html_nodes(html), &mut |name| unknown.push(name.to_owned())), expected, "{html}");
        }
    }

    #[test]
    fn what_nests_without_end_is_text() {
        let deep = "<b>".repeat(100_000);
        assert_eq!(html_nodes(&deep), vec![XmlNode::Text(deep.clone())]);
        assert!(html_nodes(&"<p>x".repeat(5_000)).len() >= 5_000);
    }
}
