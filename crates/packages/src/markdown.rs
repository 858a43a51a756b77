//! XHTML, as packages have it, as Markdown. The way there is in `xhtml.rs`.

use crate::xhtml::is_block;
use crate::xml::{Element, XmlNode};

/// XHTML as Markdown. `unknown` is told the names of elements that Markdown has no form for; their text is kept.
pub fn markdown(nodes: &[XmlNode], unknown: &mut dyn FnMut(&str)) -> String {
    let mut writer = Back { unknown };
    writer.blocks(nodes, "\n\n").trim().to_owned()
}

struct Back<'a> {
    unknown: &'a mut dyn FnMut(&str),
}

impl Back<'_> {
    fn blocks(&mut self, nodes: &[XmlNode], between: &str) -> String {
        let (mut out, mut line) = (Vec::new(), Vec::new());
        for node in nodes {
            match node.element() {
                Some(element) if is_block(&element.name) => {
                    self.flush(&mut line, &mut out);
                    out.push(self.block(element));
                }
                _ => line.push(node.clone()),
            }
        }
        self.flush(&mut line, &mut out);
        out.retain(|block| !block.trim().is_empty());
        out.join(between)
    }

    fn flush(&mut self, line: &mut Vec<XmlNode>, out: &mut Vec<String>) {
        let text = self.line(&std::mem::take(line));
        out.push(line_starts(without_last_break(text.trim())));
    }

    fn block(&mut self, element: &Element) -> String {
        let children = &element.children;
        match element.name.as_str() {
            "p" => line_starts(without_last_break(self.line(children).trim())),
            "hr" => "***".to_owned(),
            "pre" => fenced(&element.whole_text()),
            "blockquote" => indented(&self.blocks(children, "\n\n"), "> ", "> "),
            "ul" => self.list(element, |_| "- ".to_owned()),
            "ol" => self.list(element, |number| format!("{number}. ")),
            name => match name.strip_prefix('h').and_then(|level| level.parse::<usize>().ok()) {
                Some(level) => format!("{} {}", "#".repeat(level), self.line(children).trim().replace('\n', " ")),
                None => {
                    if !matches!(name, "div" | "section" | "article" | "qti-content-body" | "figure" | "li") {
                        (self.unknown)(name);
                    }
                    self.blocks(children, "\n\n")
                }
            },
        }
    }

    fn list(&mut self, list: &Element, mark: impl Fn(usize) -> String) -> String {
        let loose = list.all("li").any(|item| item.first("p").is_some());
        let between = if loose { "\n\n" } else { "\n" };
        let items: Vec<String> = list
            .all("li")
            .zip(1..)
            .map(|(item, number)| {
                let mark = mark(number);
                indented(&self.blocks(&item.children, between), &mark, &" ".repeat(mark.len()))
            })
            .collect();
        items.join(between)
    }

    fn line(&mut self, nodes: &[XmlNode]) -> String {
        let mut out = String::new();
        for node in nodes {
            match node {
                XmlNode::Text(text) => out.push_str(&escaped(text)),
                XmlNode::Element(element) => out.push_str(&self.span(element)),
            }
        }
        out
    }

    fn span(&mut self, element: &Element) -> String {
        let inner = |back: &mut Self| back.line(&element.children);
        match element.name.as_str() {
            "em" | "i" => around(&inner(self), "*"),
            "strong" | "b" => around(&inner(self), "**"),
            "code" | "kbd" | "samp" | "tt" | "var" => ticked(&element.whole_text()),
            "br" => "\\\n".to_owned(),
            "a" => match element.get("href") {
                Some(href) if !href.contains(['<', '>', '\n']) => format!("[{}](<{href}>)", inner(self)),
                _ => inner(self),
            },
            "span" | "q" | "cite" | "small" | "abbr" | "dfn" | "bdi" | "bdo" | "label" => inner(self),
            name => {
                (self.unknown)(name);
                inner(self)
            }
        }
    }
}

/// Without the line breaks at its end, which show nothing. A backslash of the text itself is escaped, so that there are two.
fn without_last_break(text: &str) -> &str {
    let mut text = text;
    while (text.len() - text.trim_end_matches('\\').len()) % 2 == 1 {
        text = text.strip_suffix('\\').unwrap_or(text).trim_end();
    }
    text
}

/// White space outside of the marks, or they would not be read as such.
fn around(text: &str, mark: &str) -> String {
    let inner = text.trim();
    if inner.is_empty() {
        return text.to_owned();
    }
    let start = text.len() - text.trim_start().len();
    let (before, rest) = text.split_at(start);
    let after = rest.strip_prefix(inner).unwrap_or_default();
    format!("{before}{mark}{inner}{mark}{after}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn ticked(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    if text.is_empty() {
        return text;
    }
    let ticks = "`".repeat(longest_run(&text) + 1);
    // One space at both ends is taken away again, so it is given where there is a tick or such a pair of spaces.
    let spaces = text.starts_with(' ') && text.ends_with(' ') && !text.trim().is_empty();
    let pad = if text.starts_with('`') || text.ends_with('`') || spaces { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// A block of code between fences that are longer than any in it.
pub fn fenced(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}\n{}\n{fence}", text.strip_suffix('\n').unwrap_or(text))
}

fn indented(text: &str, first: &str, others: &str) -> String {
    let line = |(i, line): (usize, &str)| {
        let mark = if i == 0 { first } else { others };
        if line.is_empty() { mark.trim_end().to_owned() } else { format!("{mark}{line}") }
    };
    text.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
}

/// What Markdown would read as marks, escaped (CommonMark 0.31.2, section 2.4); white space as XHTML shows it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut space = false;
    for c in text.chars() {
        if matches!(c, ' ' | '\n' | '\t' | '\r') {
            if !space {
                out.push(' ');
            }
            space = true;
            continue;
        }
        space = false;
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '!' | '#' | '~' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What opens a list at the start of a line, or underlines the line before, gets a backslash.
fn line_starts(text: &str) -> String {
    let guarded = |line: &str| {
        let trimmed = line.trim_start();
        let digits = trimmed.chars().take_while(char::is_ascii_digit).count();
        let after = trimmed.get(digits..).and_then(|rest| rest.chars().next());
        if trimmed.starts_with(['-', '+', '=']) {
            format!("\\{trimmed}")
        } else if let (1..=9, Some(mark @ ('.' | ')'))) = (digits, after) {
            let (number, rest) = trimmed.split_at(digits);
            format!("{number}\\{mark}{}", rest.get(1..).unwrap_or_default())
        } else {
            trimmed.to_owned()
        }
    };
    text.split('\n').map(guarded).collect::<Vec<_>>().join("\n")
}
