//! Finds the answers in a text that may hold several: HTTP responses one after another, documents, lines of JSON, several streams, a
//! log of calls, a list of results, a conversation. Pure, and one or two walks over the text.
//!
//! Where it is not plain that there are several, there is one: the pieces of one stream, an answer with the request that it echoes,
//! a log of one call, an error that is printed in two forms, an answer that explains errors.

mod facts;
mod grouping;
mod http_dumps;
mod log_lines;
mod named;
mod scan;
#[cfg(test)]
mod several_tests;
#[cfg(test)]
mod splitting_tests;
mod tables;
mod turns;
mod units;

use std::borrow::Cow;

use facts::{UnitKind, document_facts};
use grouping::{TextUnit, answer_groups};
use scan::{PlacedMember, closed_at, placed_members};

/// So deep a list of answers is looked for in a document.
const DEEPEST_LIST: usize = 3;

/// Where one answer stands in a text that holds several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerSpan {
    /// The first byte, and the one behind the last.
    pub from: usize,
    pub to: usize,
    /// Its first line, from 1.
    pub line: usize,
    /// It shows an error, a filter or a refusal by its form.
    pub trouble: bool,
    form: SpanForm,
}

/// What an answer needs around it to be read as it was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpanForm {
    Plain,
    /// A message with its role, in the list of messages that it stood in.
    Message,
    /// The row of a table whose head stands at this place.
    Row(usize, usize),
}

impl AnswerSpan {
    /// The answer, as if it were alone.
    pub fn alone<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let own = text.get(self.from..self.to).unwrap_or_default();
        match self.form {
            SpanForm::Plain => Cow::Borrowed(own),
            SpanForm::Message => Cow::Owned(turns::message_alone(own)),
            SpanForm::Row(from, to) => Cow::Owned(format!("{}\n{own}", text.get(from..to).unwrap_or_default())),
        }
    }
}

/// The answers of a text in their order; none where there is one, or nothing that looks like one.
pub fn answers_in(text: &str) -> Vec<AnswerSpan> {
    if text.trim().len() < 16 {
        return Vec::new();
    }
    let dumps = http_dumps::http_responses(text);
    if dumps.len() > 1 {
        return placed(text, dumps, SpanForm::Plain);
    }
    if let Some(inside) = of_document(text) {
        return inside;
    }
    if !text.trim().contains('\n') && text.len() < 4 * 1024 && !text.contains('{') {
        return Vec::new();
    }
    if let Some(table) = tables::call_table(text) {
        return placed(text, table.rows, SpanForm::Row(table.head.0, table.head.1));
    }
    let spoken = turns::spoken_answers(text);
    if !spoken.is_empty() {
        return placed(text, spoken, SpanForm::Plain);
    }
    let taken = units::units_of(text);
    let messages = of_messages(text, &taken.units);
    if !messages.is_empty() {
        return messages;
    }
    // An answer in prose may show errors and logs as examples.
    if taken.prose.saturating_mul(3) > text.len() { Vec::new() } else { grouped(text, &taken.units) }
}

/// The answers inside of one document; None where the text is none.
fn of_document(text: &str) -> Option<Vec<AnswerSpan>> {
    let start = text.find(|c: char| !c.is_whitespace() && c != '\u{feff}')?;
    if !text.get(start..)?.starts_with(['{', '[']) {
        return None;
    }
    let end = closed_at(text, start)?;
    if !text.get(end..)?.trim().is_empty() {
        return None;
    }
    let document = text.get(start..end)?;
    // Nothing that could be a list of answers.
    let several = document.contains("[") && document.contains("{");
    Some(if several { in_lists(text, start, document, 0) } else { Vec::new() })
}

/// The answers in the list at this place, or in the lists of the object there.
fn in_lists(text: &str, at: usize, value: &str, depth: usize) -> Vec<AnswerSpan> {
    let members: Vec<PlacedMember<'_>> =
        placed_members(value).into_iter().map(|member| PlacedMember { from: member.from.saturating_add(at), ..member }).collect();
    if value.starts_with('[') {
        let objects = members.iter().filter(|member| member.value.starts_with('{')).count();
        if objects < 2 || objects < members.len() {
            return Vec::new();
        }
        let messages = turns::assistant_messages(&members);
        if !messages.is_empty() {
            return placed(text, messages, SpanForm::Message);
        }
        let units: Vec<TextUnit> = members.iter().map(unit_of).collect();
        return grouped(text, &units);
    }
    // What an answer holds is its own: its choices, its output, the messages that it echoes.
    if depth > DEEPEST_LIST || is_answer(&members) {
        return Vec::new();
    }
    let lists = members.iter().filter(|member| member.value.len() > 16 && member.value.starts_with(['[', '{']));
    lists
        .map(|member| in_lists(text, member.from, member.value, depth.saturating_add(1)))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn unit_of(member: &PlacedMember<'_>) -> TextUnit {
    let facts = document_facts(&placed_members(member.value));
    TextUnit { from: member.from, to: member.from.saturating_add(member.value.len()), facts, document: true }
}

/// Whether these are the members of an answer, or of an error.
fn is_answer(members: &[PlacedMember<'_>]) -> bool {
    const OWN: [&str; 13] = [
        "choices",
        "candidates",
        "error",
        "content",
        "output",
        "outputs",
        "promptFeedback",
        "completion",
        "generations",
        "stop_reason",
        "assessments",
        "errors",
        "response",
    ];
    let named = members.iter().any(|member| OWN.contains(&member.name) && scan::is_filled(member.value));
    named || document_facts(members).kind == UnitKind::Chunk
}

/// Lines of JSON that are the messages of a conversation.
fn of_messages(text: &str, units: &[TextUnit]) -> Vec<AnswerSpan> {
    let documents = units.iter().filter(|unit| unit.document && unit.facts.kind != UnitKind::Request);
    let members: Vec<PlacedMember<'_>> = documents
        .filter_map(|unit| {
            Some(PlacedMember { name: "", quoted: false, value: text.get(unit.from..unit.to)?.trim(), from: unit.from })
        })
        .collect();
    let roles = members.iter().filter(|member| member.value.contains("role") || member.value.contains("from")).count();
    if roles < 3 || roles < members.len() {
        return Vec::new();
    }
    placed(text, turns::assistant_messages(&members), SpanForm::Message)
}

fn placed(text: &str, places: Vec<(usize, usize)>, form: SpanForm) -> Vec<AnswerSpan> {
    numbered(text, places.into_iter().map(|(from, to)| (from, to, false)), form)
}

fn grouped(text: &str, units: &[TextUnit]) -> Vec<AnswerSpan> {
    numbered(text, answer_groups(units).into_iter().map(|group| (group.from, group.to, group.trouble)), SpanForm::Plain)
}

/// These places as answers, where there are several: without the space around them, and with their lines.
fn numbered(text: &str, places: impl Iterator<Item = (usize, usize, bool)>, form: SpanForm) -> Vec<AnswerSpan> {
    let mut spans = Vec::new();
    let (mut seen, mut line) = (0_usize, 1_usize);
    for (from, to, trouble) in places {
        let own = text.get(from..to).unwrap_or_default();
        let blank = own.len().saturating_sub(own.trim_start().len());
        let (from, to) = (from.saturating_add(blank), from.saturating_add(own.trim_end().len()));
        if from >= to {
            continue;
        }
        line = line.saturating_add(text.get(seen..from).unwrap_or_default().matches('\n').count());
        seen = from;
        spans.push(AnswerSpan { from, to, line, trouble, form });
    }
    if spans.len() > 1 { spans } else { Vec::new() }
}
