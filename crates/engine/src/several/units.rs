//! Takes a text apart into documents, events of a stream, entries of a log, and lines between them. One walk over the text.

use super::facts::{UnitFacts, UnitKind, document_facts};
use super::grouping::TextUnit;
use super::log_lines::{begins_entry, is_heading, line_facts};
use super::scan::{closed_at, placed_members};
use crate::shapes::start_of_json;

/// So often a bracket that nothing closes is looked after.
const MOST_UNCLOSED: usize = 4;

/// So many documents of one line are told apart, and so many units of a text.
const MOST_ON_A_LINE: usize = 64;
const MOST_UNITS: usize = 20_000;

/// A text taken apart.
#[derive(Debug, Default)]
pub struct UnitsOfText {
    pub units: Vec<TextUnit>,
    /// Bytes of lines that are neither document nor log.
    pub prose: usize,
}

struct TextWalk<'a> {
    text: &'a str,
    at: usize,
    unclosed: usize,
    /// Documents that ended on this line.
    on_line: usize,
    /// Where the lines begin that say of which kind the next event is.
    event: Option<usize>,
    /// The last unit is an entry of a log, to which the next lines may belong.
    entry: bool,
    out: UnitsOfText,
}

pub fn units_of(text: &str) -> UnitsOfText {
    let mut walk = TextWalk { text, at: 0, unclosed: 0, on_line: 0, event: None, entry: false, out: UnitsOfText::default() };
    while walk.at < text.len() && walk.out.units.len() < MOST_UNITS {
        walk.line();
    }
    walk.out
}

impl<'a> TextWalk<'a> {
    fn line(&mut self) {
        let from = self.at;
        let rest = self.text.get(from..).unwrap_or_default();
        let end = rest.find('\n').map_or(self.text.len(), |at| from.saturating_add(at));
        let line = self.text.get(from..end).unwrap_or_default();
        self.at = end.saturating_add(1);
        let trimmed = line.trim();
        if trimmed.is_empty() {
            self.entry = false;
            return;
        }
        if ["event:", "id:", "retry:", ": "].iter().any(|name| trimmed.starts_with(name)) && self.is_streamed(trimmed) {
            self.event = self.event.or(Some(from));
            return;
        }
        if trimmed.starts_with("data:") {
            return self.event(from, end, trimmed);
        }
        let new = from == 0 || self.text.get(..from).is_some_and(|before| before.ends_with('\n'));
        self.on_line = if new { 0 } else { self.on_line.saturating_add(1) };
        match document_start(line).filter(|_| self.on_line < MOST_ON_A_LINE) {
            Some(at) => self.document(from, from.saturating_add(at), end),
            None => self.words(from, end, line),
        }
    }

    fn is_streamed(&self, line: &str) -> bool {
        line.starts_with("event:")
            || self.event.is_some()
            || self.out.units.iter().rev().take(1).any(|unit| unit.facts.kind == UnitKind::Chunk)
    }

    fn event(&mut self, from: usize, to: usize, line: &str) {
        let from = self.event.take().unwrap_or(from);
        let payload = line.trim_start_matches("data:").trim();
        let facts = if payload == "[DONE]" {
            UnitFacts { ends: true, closes: true, ..UnitFacts::default() }
        } else if payload.starts_with('{') {
            document_facts(&placed_members(payload))
        } else {
            UnitFacts::default()
        };
        self.entry = false;
        self.out.units.push(TextUnit { from, to, facts, document: true });
    }

    /// The document at `start`, on the line from `from` to `line_end`.
    fn document(&mut self, from: usize, start: usize, line_end: usize) {
        let end = self.end_of_document(start, line_end);
        let document = self.text.get(start..end).unwrap_or_default();
        let before = self.text.get(from..start).unwrap_or_default();
        let mut facts = document_facts(&placed_members(document));
        let alone = before.trim().is_empty();
        let headed = !alone && is_heading(before);
        if headed {
            self.heading(from, start);
        } else if !alone {
            let beside = line_facts(before);
            facts.forms.extend(beside.forms);
            facts.trouble |= beside.trouble;
            facts.id = beside.id.or(facts.id);
            facts.status = beside.status.or(facts.status);
            if facts.kind == UnitKind::Neutral || (beside.kind == UnitKind::Whole && facts.kind == UnitKind::Request) {
                facts.kind = beside.kind;
            }
        }
        self.out.units.push(TextUnit { from: if headed { start } else { from }, to: end, facts, document: alone || headed });
        self.entry = !alone && !headed && begins_entry(before);
        // The rest of the line is looked at by itself.
        self.at = end;
    }

    /// Where a document ends: at its last bracket; where it was cut off, at the end of its line or before the next one.
    fn end_of_document(&mut self, start: usize, line_end: usize) -> usize {
        if self.unclosed < MOST_UNCLOSED {
            if let Some(end) = closed_at(self.text, start) {
                return end;
            }
            self.unclosed = self.unclosed.saturating_add(1);
            let line = self.text.get(start..line_end).unwrap_or_default();
            if line.trim_end().len() < 4 {
                let next = self.text.get(line_end..).and_then(|rest| rest.find("\n{"));
                return next.map_or(self.text.len(), |at| line_end.saturating_add(at));
            }
        } else if let Some(end) = closed_at(self.text.get(..line_end).unwrap_or_default(), start) {
            return end;
        }
        line_end
    }

    fn heading(&mut self, from: usize, to: usize) {
        let facts = UnitFacts { kind: UnitKind::Request, ..UnitFacts::default() };
        self.out.units.push(TextUnit { from, to, facts, document: true });
    }

    fn words(&mut self, from: usize, to: usize, line: &str) {
        if line.trim().chars().all(|c| c.is_ascii_punctuation()) && line.trim().len() < 3 {
            return;
        }
        if is_heading(line) {
            self.entry = false;
            return self.heading(from, to);
        }
        if begins_entry(line) {
            self.entry = true;
            return self.out.units.push(TextUnit { from, to, facts: line_facts(line), document: false });
        }
        if !self.entry {
            self.out.prose = self.out.prose.saturating_add(line.trim().len());
        }
        // What stands below an entry belongs to it; it may say how the call ended, but begins no other.
        self.out.units.push(TextUnit { from, to, facts: UnitFacts::default(), document: false });
    }
}

/// Where a document begins on this line; one that only opens here may go on below.
fn document_start(line: &str) -> Option<usize> {
    let open = line.trim_end();
    start_of_json(line).or_else(|| open.ends_with(['{', '[']).then(|| open.len().saturating_sub(1)))
}
