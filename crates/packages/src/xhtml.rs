//! Markdown as the XHTML that QTI allows. The way back is in `markdown.rs`.
//!
//! Made from the Markdown's own structure, not from HTML, so that what comes out is always well-formed and nests rightly.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use waymark_curriculum::markup;

use crate::xml::{Element, XmlNode};

/// What a text had that XHTML in QTI does not get.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Images: their descriptions stand in their place.
    pub images: bool,
    /// HTML written into the Markdown: its text stands in its place.
    pub html: bool,
    /// Links inside of the course, or of a kind that is not safe: their text stands in their place.
    pub links: bool,
}

/// Where a link inside of the course leads to; none: nowhere, and its text stands alone.
pub type Links<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The text as blocks: paragraphs, lists, headings, quotations, code.
pub fn blocks(markdown: &str, dropped: &mut Dropped) -> Vec<XmlNode> {
    linked(markdown, dropped, &|_| None)
}

/// The same, where links inside of the course can lead somewhere.
pub fn linked(markdown: &str, dropped: &mut Dropped, links: Links<'_>) -> Vec<XmlNode> {
    if markup::too_much(markdown).is_some() {
        return vec![Element::new("p").text(markdown).into()];
    }
    let mut open = vec![Element::default()];
    let mut silent = 0_usize;
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(Tag::Image { .. }) => {
                dropped.images = true;
                silent += 1;
            }
            Event::End(pulldown_cmark::TagEnd::Image) => silent = silent.saturating_sub(1),
            Event::Start(tag) => open.push(element(tag, dropped, links)),
            Event::End(_) => {
                let Some(done) = open.pop() else { continue };
                if let Some(parent) = open.last_mut() {
                    close(parent, done);
                }
            }
            Event::Text(text) => add(&mut open, &text),
            Event::Code(text) => put(&mut open, Element::new("code").text(text.into_string()), silent),
            Event::SoftBreak => add(&mut open, "\n"),
            Event::HardBreak => put(&mut open, Element::new("br"), silent),
            Event::Rule => put(&mut open, Element::new("hr"), silent),
            Event::Html(html) | Event::InlineHtml(html) => {
                dropped.html = true;
                add(&mut open, &text_of_html(&html));
            }
            _ => {}
        }
    }
    open.pop().map_or_else(Vec::new, |root| paragraphs(root.children))
}

/// The text as inline content, where it is one paragraph.
pub fn inline(markdown: &str, dropped: &mut Dropped) -> Option<Vec<XmlNode>> {
    let mut all = blocks(markdown, dropped);
    match (all.pop(), all.pop()) {
        (Some(XmlNode::Element(only)), None) if only.name == "p" => Some(only.children),
        (None, None) => Some(Vec::new()),
        _ => None,
    }
}

/// A name that stands for "its children, without itself".
const NOTHING: &str = "";

fn element(tag: Tag<'_>, dropped: &mut Dropped, links: Links<'_>) -> Element {
    match tag {
        Tag::Paragraph => Element::new("p"),
        Tag::Heading { level, .. } => Element::new(level.to_string()),
        Tag::BlockQuote(_) => Element::new("blockquote"),
        Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => Element::new("pre"),
        Tag::List(None) => Element::new("ul"),
        // QTI's lists have no `start`; the numbers begin at 1.
        Tag::List(Some(_)) => Element::new("ol"),
        Tag::Item => Element::new("li"),
        Tag::Emphasis => Element::new("em"),
        Tag::Strong => Element::new("strong"),
        Tag::Link { dest_url, .. } if ["https://", "http://", "mailto:"].iter().any(|s| dest_url.starts_with(s)) => {
            Element::new("a").with("href", dest_url.into_string())
        }
        Tag::Link { dest_url, .. } => match links(&dest_url) {
            Some(href) => Element::new("a").with("href", href),
            None => {
                dropped.links = true;
                Element::new(NOTHING)
            }
        },
        _ => Element::new(NOTHING),
    }
}

fn close(parent: &mut Element, done: Element) {
    match done.name.as_str() {
        NOTHING => done.children.into_iter().for_each(|child| match child {
            XmlNode::Text(text) => append_text(parent, &text),
            element => parent.children.push(element),
        }),
        "pre" => parent.children.push(Element::new("pre").child(Element { name: "code".to_owned(), ..done }).into()),
        _ => parent.children.push(done.into()),
    }
}

fn add(open: &mut [Element], text: &str) {
    if let Some(parent) = open.last_mut() {
        append_text(parent, text);
    }
}

fn append_text(parent: &mut Element, text: &str) {
    match parent.children.last_mut() {
        Some(XmlNode::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => parent.children.push(XmlNode::Text(text.to_owned())),
    }
}

/// Inside of an image's description only the text counts.
fn put(open: &mut [Element], element: Element, silent: usize) {
    if silent > 0 {
        return add(open, &element.whole_text());
    }
    if let Some(parent) = open.last_mut() {
        parent.children.push(element.into());
    }
}

/// Text that stands between blocks gets a paragraph of its own.
fn paragraphs(nodes: Vec<XmlNode>) -> Vec<XmlNode> {
    let mut out: Vec<XmlNode> = Vec::new();
    let mut loose: Vec<XmlNode> = Vec::new();
    let flush = |loose: &mut Vec<XmlNode>, out: &mut Vec<XmlNode>| {
        let all = std::mem::take(loose);
        if all.iter().any(|node| !node.is_blank()) {
            out.push(Element::new("p").children(all).into());
        }
    };
    for node in nodes {
        match node.element() {
            Some(element) if is_block(&element.name) => {
                flush(&mut loose, &mut out);
                out.push(node);
            }
            _ => loose.push(node),
        }
    }
    flush(&mut loose, &mut out);
    out
}

fn text_of_html(html: &str) -> String {
    let bare = ammonia::Builder::empty().clean(html).to_string();
    bare.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}").replace("&amp;", "&")
}

/// Whether an element of XHTML stands for itself among others, not in a line of text.
pub fn is_block(name: &str) -> bool {
    const BLOCKS: &[&str] = &[
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "blockquote",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "div",
        "hr",
        "table",
        "figure",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "details",
        "address",
        "qti-content-body",
    ];
    BLOCKS.contains(&name)
}
