//! Which units of a text belong to one answer.
//!
//! The pieces of a stream belong together by their id, and until something says that the answer ended. Otherwise a new answer
//! begins where what was asked stands, or where a mark of how a call ended comes a second time: one call writes its status once.

use super::facts::{UnitFacts, UnitKind, hashed};

/// A stretch of a text, and what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextUnit {
    pub from: usize,
    pub to: usize,
    pub facts: UnitFacts,
    /// A document of its own, which is left out where it only says what was asked.
    pub document: bool,
}

/// The units of one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerGroup {
    pub from: usize,
    pub to: usize,
    pub trouble: bool,
    answered: bool,
    streamed: bool,
    ended: bool,
    closed: bool,
    started: bool,
    id: Option<u64>,
    pieces: usize,
    forms: Vec<u64>,
    shape: u64,
    says: Option<u64>,
    status: Option<u64>,
}

impl AnswerGroup {
    /// Whether `unit` is the first of another answer.
    fn is_over(&self, unit: &UnitFacts) -> bool {
        if !self.answered {
            return false;
        }
        let other_id = matches!((self.id, unit.id), (Some(own), Some(other)) if own != other);
        match unit.kind {
            UnitKind::Neutral => false,
            UnitKind::Request => true,
            UnitKind::Chunk if self.closed => true,
            // A status line, and then the stream that it announced.
            UnitKind::Chunk if !self.streamed => self.forms.contains(&hashed("document")),
            UnitKind::Chunk if unit.begins => true,
            // Some gateways give every piece an id of its own.
            UnitKind::Chunk => match (self.id, unit.id) {
                (Some(own), Some(other)) => own != other && (self.ended || self.pieces > 1),
                _ => self.ended && unit.content,
            },
            // An error ends a stream.
            UnitKind::Whole if self.streamed => self.closed || self.ended || !unit.trouble,
            UnitKind::Whole => other_id || !self.is_shown_again(unit),
        }
    }

    /// Whether it tells more of the same outcome: by another mark, the same error in another form, or the same status of one call in
    /// another line of its log.
    fn is_shown_again(&self, unit: &UnitFacts) -> bool {
        let other_mark = !unit.forms.iter().any(|form| self.forms.contains(form));
        let same = |own: Option<u64>, other: Option<u64>| own.is_some() && own == other;
        let again = same(self.says, unit.says) || (same(self.id, unit.id) && same(self.status, unit.status));
        other_mark || (again && self.shape != unit.shape)
    }

    fn take(&mut self, unit: &TextUnit) {
        let facts = &unit.facts;
        if !self.started {
            self.from = unit.from;
        }
        // A request alone begins nothing: the answer does.
        self.started |= !(unit.document && facts.kind == UnitKind::Request);
        self.to = unit.to;
        self.trouble |= facts.trouble;
        self.closed |= facts.closes;
        match facts.kind {
            UnitKind::Chunk => {
                self.pieces = if self.id == facts.id { self.pieces.saturating_add(1) } else { 1 };
                (self.answered, self.streamed) = (true, true);
                self.ended |= facts.ends;
                self.id = facts.id.or(self.id);
            }
            UnitKind::Whole => {
                self.answered = true;
                self.forms.extend(&facts.forms);
                self.says = facts.says.or(self.says);
                self.status = facts.status.or(self.status);
                self.shape = facts.shape;
                self.id = facts.id.or(self.id);
            }
            UnitKind::Neutral | UnitKind::Request => self.id = self.id.or(facts.id),
        }
    }
}

/// The answers among these units, in their order. What is no answer belongs to the one before it, or to the first; a request that
/// nothing answers, to none.
pub fn answer_groups(units: &[TextUnit]) -> Vec<AnswerGroup> {
    let mut groups: Vec<AnswerGroup> = Vec::new();
    let mut current = AnswerGroup::default();
    for unit in units {
        if current.is_over(&unit.facts) {
            groups.push(std::mem::take(&mut current));
        }
        current.take(unit);
    }
    groups.extend(Some(current).filter(|group| group.answered));
    groups
}
