//! XML as a small tree: written with the crate's escaping, read within bounds and without a document type, so that no
//! entity can be declared, expanded or fetched. Well-formedness is the crate's part (XML 1.0, fifth edition).

use std::borrow::Cow;

use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;
use quick_xml::{Reader, Writer, XmlVersion};

use crate::RefusedPackage;

/// The deepest nesting that is read.
pub const DEEPEST: usize = 64;
/// The most elements of one file.
pub const MOST_ELEMENTS: usize = 100_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum XmlNode {
    Element(Element),
    Text(String),
}

/// An element. What was read has local names without their prefixes, except `xml:lang` and the like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<XmlNode>,
}

impl From<Element> for XmlNode {
    fn from(element: Element) -> XmlNode {
        XmlNode::Element(element)
    }
}

impl XmlNode {
    pub fn element(&self) -> Option<&Element> {
        match self {
            XmlNode::Element(element) => Some(element),
            XmlNode::Text(_) => None,
        }
    }

    pub fn is_blank(&self) -> bool {
        matches!(self, XmlNode::Text(text) if text.trim().is_empty())
    }
}

impl Element {
    pub fn new(name: impl Into<String>) -> Element {
        Element { name: name.into(), ..Element::default() }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Element {
        self.attributes.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Element {
        self.children.push(XmlNode::Text(text.into()));
        self
    }

    #[must_use]
    pub fn child(mut self, child: impl Into<XmlNode>) -> Element {
        self.children.push(child.into());
        self
    }

    #[must_use]
    pub fn children<N: Into<XmlNode>>(mut self, children: impl IntoIterator<Item = N>) -> Element {
        self.children.extend(children.into_iter().map(Into::into));
        self
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(XmlNode::element)
    }

    /// The child elements of this name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |child| child.name == name)
    }

    pub fn first(&self, name: &str) -> Option<&Element> {
        self.elements().find(|child| child.name == name)
    }

    /// This element and everything below it, in the order of the document.
    pub fn descendants(&self) -> Vec<&Element> {
        let (mut out, mut todo) = (Vec::new(), vec![self]);
        while let Some(element) = todo.pop() {
            out.push(element);
            let children: Vec<&Element> = element.elements().collect();
            todo.extend(children.into_iter().rev());
        }
        out
    }

    /// All text below, as it stands.
    pub fn whole_text(&self) -> String {
        let parts = self.children.iter().map(|child| match child {
            XmlNode::Text(text) => text.clone(),
            XmlNode::Element(element) => element.whole_text(),
        });
        parts.collect()
    }
}

/// Whether XML 1.0 can hold this character (section 2.2).
pub fn is_legal(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Escaped, with U+FFFD in the place of what XML cannot hold; the caller's report names it.
fn escaped(text: &str, in_attribute: bool) -> String {
    let legal: String = text.chars().map(|c| if is_legal(c) { c } else { '\u{fffd}' }).collect();
    // Line ends are normalised by whoever reads (section 2.11), so a carriage return must not stand as itself.
    let text = escape(legal.as_str()).replace('\r', "&#13;");
    if in_attribute { text.replace('\n', "&#10;").replace('\t', "&#9;") } else { text }
}

/// The file of this root element.
pub fn write_xml(root: &Element) -> Result<Vec<u8>, RefusedPackage> {
    let mut writer = Writer::new(Vec::new());
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| writer.write_event(Event::Text(BytesText::from_escaped("\n"))))
        .and_then(|()| put(&mut writer, root))
        .and_then(|()| writer.write_event(Event::Text(BytesText::from_escaped("\n"))));
    written.map_err(|e| RefusedPackage::new(format!("cannot be written as XML: {e}")))?;
    Ok(writer.into_inner())
}

fn put(writer: &mut Writer<Vec<u8>>, element: &Element) -> std::io::Result<()> {
    let mut start = BytesStart::new(element.name.as_str());
    for (name, value) in &element.attributes {
        start.push_attribute(Attribute { key: QName(name), value: escaped(value, true).into() });
    }
    if element.children.is_empty() {
        return writer.write_event(Event::Empty(start));
    }
    writer.write_event(Event::Start(start))?;
    for child in &element.children {
        match child {
            XmlNode::Element(child) => put(writer, child)?,
            XmlNode::Text(text) => writer.write_event(Event::Text(BytesText::from_escaped(escaped(text, false))))?,
        }
    }
    writer.write_event(Event::End(BytesEnd::new(element.name.as_str())))
}

/// The nodes as HTML, which closes no element by itself but those that are always empty (HTML, section 13.1.2).
pub fn html(nodes: &[XmlNode]) -> Result<String, RefusedPackage> {
    const VOID: &[&str] = &["br", "hr", "img", "link", "meta", "col"];
    fn filled(element: &Element) -> Element {
        let inner = |node: &XmlNode| node.element().map_or_else(|| node.clone(), |child| filled(child).into());
        let mut children: Vec<XmlNode> = element.children.iter().map(inner).collect();
        // A parser takes away a line end right behind `<pre>` (HTML, section 13.1.2.5).
        if let (true, Some(XmlNode::Text(text))) =
            (element.name == "pre" && element.whole_text().starts_with('\n'), children.first_mut())
        {
            text.insert(0, '\n');
        }
        if children.is_empty() && !VOID.contains(&element.name.as_str()) {
            children.push(XmlNode::Text(String::new()));
        }
        Element { children, name: element.name.clone(), attributes: element.attributes.clone() }
    }
    let mut writer = Writer::new(Vec::new());
    for node in nodes {
        let written = match node {
            XmlNode::Element(element) => put(&mut writer, &filled(element)),
            XmlNode::Text(text) => writer.write_event(Event::Text(BytesText::from_escaped(escaped(text, false)))),
        };
        written.map_err(|e| RefusedPackage::new(format!("cannot be written as HTML: {e}")))?;
    }
    String::from_utf8(writer.into_inner()).map_err(|e| RefusedPackage::new(format!("cannot be written as HTML: {e}")))
}

/// Reads a file, or says why it is refused.
pub fn read_xml(bytes: &[u8], file: &str) -> Result<Element, RefusedPackage> {
    let refused = |why: String| RefusedPackage::of(file, why);
    let wide = utf16(bytes);
    let text = decoded(bytes, wide).map_err(refused)?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let mut tree = Tree::default();
    loop {
        let place = reader.buffer_position();
        let event = reader.read_event().map_err(|e| refused(format!("is not well-formed XML at byte {place}: {e}")))?;
        let done = match event {
            Event::Start(start) => tree.open(element(&start).map_err(&refused)?),
            Event::Empty(start) => element(&start).and_then(|element| tree.open(element)).and_then(|()| tree.close()),
            Event::End(_) => tree.close(),
            Event::Text(text) => tree.add(&text.xml10_content()),
            Event::CData(text) => tree.add(&text.xml10_content()),
            Event::GeneralRef(entity) => {
                let char = entity.resolve_char_ref().map_err(|e| refused(format!("has a wrong character reference: {e}")))?;
                match char {
                    Some(c) if is_legal(c) => tree.add(c.encode_utf8(&mut [0; 4])),
                    Some(c) => Err(format!("has a character that XML cannot hold (U+{:04X})", u32::from(c))),
                    None => match resolve_predefined_entity(&entity) {
                        Some(text) => tree.add(text),
                        None => {
                            Err(format!("uses the entity &{};, which XML does not define; entities are not accepted", &*entity))
                        }
                    },
                }
            }
            Event::DocType(_) => Err("has a document type (DOCTYPE), which is not accepted: remove it".to_owned()),
            Event::Decl(decl) => declared(&decl, wide.is_some()),
            Event::Comment(_) | Event::PI(_) => Ok(()),
            Event::Eof => break,
        };
        done.map_err(&refused)?;
    }
    tree.root().map_err(refused)
}

/// How a file in UTF-16 makes its numbers of two bytes; none where it is in another encoding. It begins with a byte order mark
/// (XML 1.0, 4.3.3); one without it is known by its first sign (appendix F).
fn utf16(bytes: &[u8]) -> Option<fn([u8; 2]) -> u16> {
    match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => Some(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, b'<', ..] => Some(u16::from_be_bytes),
        _ => None,
    }
}

fn decoded(bytes: &[u8], wide: Option<fn([u8; 2]) -> u16>) -> Result<Cow<'_, str>, String> {
    let Some(number) = wide else {
        let text = std::str::from_utf8(bytes).map_err(|_| "is neither UTF-8 nor UTF-16; save it as UTF-8".to_owned())?;
        return Ok(Cow::Borrowed(text));
    };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| number(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err("begins as UTF-16 and is none further on".to_owned()),
    }
}

fn declared(decl: &BytesDecl<'_>, wide: bool) -> Result<(), String> {
    let known: &[&str] = if wide { &["utf-16", "utf-16le", "utf-16be"] } else { &["utf-8", "us-ascii"] };
    match decl.encoding() {
        Some(Ok(name)) if !known.contains(&name.to_lowercase().as_str()) => {
            Err(format!("is in the encoding {}; save it as UTF-8", &*name))
        }
        _ => Ok(()),
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut out = Element::new(local(start.name().0));
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|e| format!("has a wrong attribute in <{}>: {e}", out.name))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|e| format!("has a wrong attribute value in <{}>: {e}", out.name))?;
        if let Some(c) = value.chars().find(|c| !is_legal(*c)) {
            return Err(format!("has a character that XML cannot hold (U+{:04X})", u32::from(c)));
        }
        let name = attribute.key.0;
        out.attributes.push((if name.starts_with("xml") { name.to_owned() } else { local(name) }, value.into_owned()));
    }
    Ok(out)
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

/// What is open while a file is read.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, element: Element) -> Result<(), String> {
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err(format!("has more than {MOST_ELEMENTS} elements"));
        }
        if self.open.len() >= DEEPEST {
            return Err(format!("nests elements deeper than {DEEPEST}"));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err("has a second root element".to_owned());
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let element = self.open.pop().ok_or("closes an element that is not open")?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element.into()),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), String> {
        if let Some(c) = text.chars().find(|c| !is_legal(*c)) {
            return Err(format!("has a character that XML cannot hold (U+{:04X})", u32::from(c)));
        }
        match self.open.last_mut() {
            Some(parent) => match parent.children.last_mut() {
                // A reference splits a text; together they are one.
                Some(XmlNode::Text(before)) => before.push_str(text),
                _ => parent.children.push(XmlNode::Text(text.to_owned())),
            },
            None if text.trim().is_empty() => {}
            None => return Err("has text outside of its root element".to_owned()),
        }
        Ok(())
    }

    fn root(self) -> Result<Element, String> {
        match (self.open.last(), self.root) {
            (Some(open), _) => Err(format!("ends inside of <{}>", open.name)),
            (None, Some(root)) => Ok(root),
            (None, None) => Err("has no root element".to_owned()),
        }
    }
}
