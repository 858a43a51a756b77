//! Reads what logs write between documents: `key=value` (logfmt), `key: value` where the key is one of a program, and the rows of
//! tables. Each line, or row, becomes an object, so that rules see the same names as in a response's JSON.
//!
//! Linear: every line is walked through once, and how many values are kept is bounded.

use std::collections::HashMap;

use crate::lenient::{DocumentNode, LenientDocument, MemberKey, Reader, Scalar};
use crate::reading::{EvidenceField, EvidenceReading};

/// How many values of one text are kept.
const MOST_PAIRS: usize = 5_000;
/// The longest name and the longest value without quotation marks, in bytes.
const LONGEST_NAME: usize = 60;
const LONGEST_VALUE: usize = 200;
/// How many columns of a table are read.
const MOST_COLUMNS: usize = 60;

/// Under these names an API puts what a model wrote; a log that puts one word there writes down how a call ended.
const ANSWER_NAMES: [&str; 9] =
    ["completion", "response", "generation", "result", "delta", "text", "output_text", "content", "refusal"];

/// Names under which JSON holds a line of a log or a message.
const LINES: [&str; 9] = ["error", "message", "msg", "detail", "details", "log", "line", "event", "textPayload"];

impl EvidenceReading<'_> {
    /// Takes over what stands between the documents of a text, or in one of its strings.
    pub(crate) fn pairs(&mut self, text: &str, field: EvidenceField, parent: Option<usize>) {
        for (at, document) in read_pairs(text).into_iter().enumerate() {
            // A line with a value alone may be a sentence that names one.
            self.logged |= parent.is_none() && document.nodes.len() > 2;
            let key = if at == 0 { MemberKey::Root } else { MemberKey::Index(at) };
            self.take_over(document, parent, key, field);
        }
    }
}

/// Whether a string under this name may be a line of a log.
pub fn may_be_a_line(key: &MemberKey, text: &str) -> bool {
    matches!(key, MemberKey::Name(name) if LINES.contains(&name.as_str())) && text.contains(['=', ':'])
}

/// The lines of a text that hold values with names, each as an object.
pub fn read_pairs(text: &str) -> Vec<LenientDocument> {
    let mut out = Vec::new();
    let mut kept = 0_usize;
    let mut columns: Option<TableColumns> = None;
    for line in text.lines() {
        if kept >= MOST_PAIRS {
            break;
        }
        let row = columns.as_ref().and_then(|columns| columns.row(line));
        let pairs = match row {
            Some(pairs) => pairs,
            None => {
                let pairs = if is_markup(line) { Vec::new() } else { line_pairs(line) };
                // A row of dashes divides a table's head from its body.
                if !line.trim().is_empty() && !is_rule(line) {
                    columns = if pairs.is_empty() { TableColumns::head(line) } else { None };
                }
                pairs
            }
        };
        kept = kept.saturating_add(pairs.len());
        if !pairs.is_empty() {
            out.push(object(pairs));
        }
    }
    out
}

fn is_markup(line: &str) -> bool {
    line.trim_start().starts_with('<') || line.contains("</") || line.contains("/>")
}

fn is_rule(line: &str) -> bool {
    line.chars().all(|c| "-=+|: \t".contains(c))
}

/// An object of these members; a name with points becomes objects inside of one another.
fn object(pairs: Vec<(String, Scalar)>) -> LenientDocument {
    let node = |parent, key, value| DocumentNode { parent, key, value };
    let mut nodes = vec![node(None, MemberKey::Root, Scalar::Object(pairs.len()))];
    // `guard.stage=` and `guard.action=` stand in one object.
    let mut objects: HashMap<&str, usize> = HashMap::new();
    for (name, value) in &pairs {
        let (mut parent, mut from) = (0, 0);
        while let Some(point) = name.get(from..).and_then(|rest| rest.find('.')).map(|at| at.saturating_add(from)) {
            let (path, part) = (name.get(..point).unwrap_or_default(), name.get(from..point).unwrap_or_default());
            parent = *objects.entry(path).or_insert_with(|| {
                nodes.push(node(Some(parent), MemberKey::Name(part.to_owned()), Scalar::Object(1)));
                nodes.len().saturating_sub(1)
            });
            from = point.saturating_add(1);
        }
        let last = name.get(from..).unwrap_or_default();
        nodes.push(node(Some(parent), MemberKey::Name(last.to_owned()), value.clone()));
    }
    LenientDocument { nodes, length: 0, broken: true }
}

/// The pairs of one line.
fn line_pairs(line: &str) -> Vec<(String, Scalar)> {
    let mut pairs = Vec::new();
    let mut from = 0;
    while let Some(at) = line.get(from..).and_then(|rest| rest.find(['=', ':'])).map(|at| at.saturating_add(from)) {
        let after = at.saturating_add(1);
        let rest = line.get(after..).unwrap_or_default();
        let before = line.get(from..at).unwrap_or_default();
        let sign = line.get(at..after).unwrap_or_default();
        from = after;
        let Some((name, quoted)) = name_before(before) else { continue };
        // `==`, `=>`, `://`, `::` and the parts of an address join no name and value.
        if rest.starts_with(['=', '>', '/', ':']) || (sign == "=" && before.ends_with(['!', '<', '>'])) {
            continue;
        }
        let (value, length) = value_after(rest);
        let fits = sign == "=" || quoted || is_of_a_program(&name) || value.as_ref().is_some_and(is_code);
        let Some(value) = value.filter(|_| fits) else { continue };
        from = after.saturating_add(length);
        let word = matches!(&value, Scalar::Text(text) if !text.contains(' '));
        if !(word && ANSWER_NAMES.contains(&name.as_str())) {
            pairs.push((name, value));
        }
    }
    pairs
}

/// The name that ends here, and whether it stands in quotation marks.
fn name_before(text: &str) -> Option<(String, bool)> {
    let text = text.trim_end_matches([' ', '\t']);
    let inside = text.strip_suffix(['"', '\'', '`']);
    let bare = inside.unwrap_or(text);
    let start = bare
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
        .map_or(0, |at| at.saturating_add(bare.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)));
    let name = bare.get(start..)?.trim_matches(['-', '.']);
    let before = bare.get(..start).unwrap_or_default();
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || name.len() > LONGEST_NAME || before.ends_with(['?', '&', '/', '@', '<']) {
        return None;
    }
    if inside.is_some() && !before.ends_with(['"', '\'', '`']) {
        return None;
    }
    Some((name.to_owned(), inside.is_some()))
}

/// The value that begins here, and how many bytes of the text it takes.
fn value_after(text: &str) -> (Option<Scalar>, usize) {
    let trimmed = text.trim_start_matches([' ', '\t']);
    let skipped = text.len().saturating_sub(trimmed.len());
    if let Some(quote) = trimmed.chars().next().filter(|c| matches!(c, '"' | '\'' | '`')) {
        let mut reader = Reader { text: trimmed, at: 0, out: LenientDocument::default() };
        let value = reader.string(quote);
        return (Some(Scalar::Text(value)), skipped.saturating_add(reader.at));
    }
    // `err= code=1`: the first has no value.
    let ends = |c: char| c.is_whitespace() || ",;|)]}\"'`=".contains(c);
    // No further than a value may reach: a line of nothing but signs is walked through once.
    let found = trimmed.char_indices().take(LONGEST_VALUE).find(|(_, c)| ends(*c)).map(|(at, _)| at);
    let Some(end) = found.or_else(|| (trimmed.len() < LONGEST_VALUE).then_some(trimmed.len())) else { return (None, 0) };
    let value = trimmed.get(..end).unwrap_or_default();
    // `call done: stop_reason: refusal`: the second is a name again.
    if value.ends_with(':') || trimmed.get(end..).is_some_and(|rest| rest.starts_with('=')) {
        return (None, 0);
    }
    let value = value.trim_end_matches(['.', '!', '?']);
    if value.is_empty() || value.contains(['{', '[', '(']) {
        return (None, 0);
    }
    (Some(scalar(value)), skipped.saturating_add(end))
}

fn scalar(text: &str) -> Scalar {
    match text {
        "true" | "True" => Scalar::Bool(true),
        "false" | "False" => Scalar::Bool(false),
        "null" | "None" | "nil" | "-" | "<nil>" => Scalar::Null,
        _ if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') && text.parse::<f64>().is_ok() => {
            Scalar::Number(text.to_owned())
        }
        _ => Scalar::Text(text.to_owned()),
    }
}

/// A name as programs give them: words of prose have no `_`, no point inside and no capital letter after a small one.
fn is_of_a_program(name: &str) -> bool {
    let humps = name.chars().zip(name.chars().skip(1)).any(|(a, b)| a.is_ascii_lowercase() && b.is_ascii_uppercase());
    name.contains('_') || name.contains('.') || humps
}

/// A value as programs give them.
fn is_code(value: &Scalar) -> bool {
    match value {
        Scalar::Text(text) => {
            let capitals = text.len() >= 4 && text.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            (text.contains('_') || capitals) && !text.contains(' ')
        }
        _ => false,
    }
}

/// The names of a table's columns, and what divides them.
struct TableColumns {
    names: Vec<String>,
    divider: char,
}

impl TableColumns {
    /// The head of a table: three names or more, between bars, tabs or commas.
    fn head(line: &str) -> Option<TableColumns> {
        let divider = ['|', '\t', ','].into_iter().find(|divider| line.matches(*divider).take(2).count() >= 2)?;
        let names: Vec<String> = cells(line, divider).map(|cell| cell.replace(' ', "_")).collect();
        let is_name = |name: &String| {
            !name.is_empty()
                && name.len() <= LONGEST_NAME
                && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
        };
        // Words between commas are more often a sentence than a table.
        let own = divider != ',' || names.iter().any(|name| is_of_a_program(name));
        (names.len() >= 3 && own && names.iter().all(is_name)).then_some(TableColumns { names, divider })
    }

    /// The values of a row that has as many cells as the head.
    fn row(&self, line: &str) -> Option<Vec<(String, Scalar)>> {
        let count = cells(line, self.divider).take(MOST_COLUMNS.saturating_add(1)).count();
        if count != self.names.len() || is_rule(line) {
            return None;
        }
        let named = self.names.iter().zip(cells(line, self.divider));
        Some(named.filter(|(_, cell)| !cell.is_empty()).map(|(name, cell)| (name.clone(), scalar(cell))).collect())
    }
}

fn cells(line: &str, divider: char) -> impl Iterator<Item = &str> {
    let line = line.trim();
    let line = if divider == '|' { line.trim_start_matches('|').trim_end_matches('|') } else { line };
    line.split(divider).take(MOST_COLUMNS.saturating_add(1)).map(|cell| cell.trim().trim_matches(['"', '\'', '`']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<String> {
        let documents = read_pairs(text);
        let name = |document: &LenientDocument, at: usize| {
            let mut parts = Vec::new();
            let mut next = Some(at);
            while let Some(node) = next.and_then(|at| document.nodes.get(at)) {
                if let MemberKey::Name(name) = &node.key {
                    parts.push(name.clone());
                }
                next = node.parent;
            }
            parts.reverse();
            parts.join("/")
        };
        let all = documents.iter().flat_map(|document| {
            (0..document.nodes.len()).filter_map(|at| {
                let written = document.nodes.get(at)?.value.written()?;
                Some(format!("{}={written}", name(document, at)))
            })
        });
        all.collect()
    }

    #[test]
    fn lines_of_logs_are_read_whatever_stands_around_their_pairs() {
        assert_eq!(
            read("2026-03-02T10:00:00Z WARN relay[7] status=400 err=content_filter, param=\"prompt text\" ms=12"),
            ["status=400", "err=content_filter", "param=prompt text", "ms=12"]
        );
        assert_eq!(
            read("blocked promptFeedback.blockReason=SAFETY candidates=0"),
            ["promptFeedback/blockReason=SAFETY", "candidates=0"]
        );
        assert_eq!(read("turn ended (stop_reason: `refusal`, output_tokens: 0)."), ["stop_reason=refusal", "output_tokens=0"]);
        assert_eq!(read("I see \"finish_reason\": \"length\" there"), ["finish_reason=length"]);
        assert_eq!(read("type: system, subtype: model_gone, apiReason: \"bio\""), ["subtype=model_gone", "apiReason=bio"]);
        assert_eq!(read("guard.stage=output guard.flagged=true"), ["guard/stage=output", "guard/flagged=true"]);
        let twice = &read_pairs("guard.stage=output guard.flagged=true")[0];
        assert_eq!(twice.nodes.len(), 4, "one object for both");
        assert_eq!(read("response=ok stage=output"), ["stage=output"], "one word is no answer");
    }

    #[test]
    fn prose_addresses_and_markup_have_no_pairs() {
        for text in [
            "Note: this is a sentence. Time: 10:30.",
            "https://example.org/a?stage=input&x=1",
            "if a == b then c => d, e != f",
            "<meta charset=\"utf-8\"><div class=\"a\">b</div>",
            "Dear Tom,\nthank you: it works.",
        ] {
            assert!(read(text).is_empty(), "{text}: {:?}", read(text));
        }
    }

    #[test]
    fn rows_of_a_table_take_the_names_of_its_head() {
        let table = "| id | stage | action |\n|----|-------|--------|\n| 7 | input | BLOCK |\n| 8 | output | NONE |";
        assert_eq!(read(table), ["id=7", "stage=input", "action=BLOCK", "id=8", "stage=output", "action=NONE"]);
        assert_eq!(read("id,finish_reason,tokens\n1,stop,20"), ["id=1", "finish_reason=stop", "tokens=20"]);
        assert!(read("red, green, blue\none, two, three").is_empty());
    }

    #[test]
    fn the_longest_lines_are_read_in_one_walk() {
        for text in ["a=".repeat(200_000), "=".repeat(300_000), "a:\"".repeat(100_000), "| a | b_c | d |\n".repeat(20_000)] {
            read_pairs(&text);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            read_pairs(&text);
        }
    }
}
