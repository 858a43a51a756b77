//! What structure says where no signal has settled it: the names of records, and the sentences of services.

use super::{Case, GENERAL, Spoken};
use crate::format::Stage;
use crate::gateway;
use crate::matching::Hit;
use crate::reading::{EvidenceField, Piece, Voice};
use crate::records::record_rules;
use crate::vendor_grammar::Stated;
use crate::verdict::ReadAs;

/// A message of a service is no longer, in bytes.
const LONGEST_MESSAGE: usize = 1_500;

impl Case<'_, '_> {
    /// What the names of records and the sentences of services state, where no signal has settled it.
    pub(super) fn structured(&mut self) {
        let messengers = &self.engine.guide.messengers;
        if gateway::is_settled(&self.spoken, messengers) {
            return;
        }
        for (id, at) in record_rules(&self.engine.records, &self.reading) {
            // How a log's answer ended says nothing where the answer itself stands, or anything else spoke.
            if id == "record-ended-as-usual" && !(self.spoken.is_empty() && self.reading.answer.trim().is_empty()) {
                continue;
            }
            self.stated(id, &Hit::Value(at));
        }
        // A sentence that a provider's signal knows as one that leaves the side open says no more here.
        let left_open = &self.engine.guide.left_open;
        let known_open = |one: &Spoken<'_>| {
            let open = one.clue.stage <= Stage::Block && one.clue.layers.len() > 1;
            one.fired.as_ref().is_some_and(|fired| {
                let general = GENERAL.contains(&fired.known.provider.as_str()) && !left_open.contains(&fired.known.signal.id);
                open && !general && matches!(fired.hit, Hit::Text(..))
            })
        };
        if gateway::is_settled(&self.spoken, messengers) || self.spoken.iter().any(known_open) {
            return;
        }
        let said = self.reading.pieces.iter().enumerate().filter(|(_, piece)| self.is_message(piece));
        let read = |piece: &Piece<'_>| self.engine.sentences.read(&piece.text, self.is_prose(piece));
        let found: Vec<_> = said.filter_map(|(at, piece)| Some((at, read(piece)?))).collect();
        // The innermost text stands last.
        let best = found.iter().rev().min_by_key(|(_, (stated, ..))| *stated == Stated::Failed);
        if let Some((at, (stated, from, to))) = best
            && (*stated != Stated::Failed || self.spoken.is_empty())
        {
            self.stated(stated.rule(), &Hit::Text(*at, *from, *to));
        }
    }

    /// A message of a service: short, and not what a model wrote or somebody sent.
    fn is_message(&self, piece: &Piece<'_>) -> bool {
        let own = piece.node.is_none_or(|at| self.reading.voices.get(at) == Some(&Voice::Service));
        // The names in a line of a log are no words of a sentence; what stands in its quotation marks is a piece of its own.
        let line = self.reading.logged && piece.node.is_none() && piece.text.matches('=').take(2).count() == 2;
        own && !line && piece.text.len() <= LONGEST_MESSAGE && !piece.text.trim_start().starts_with('<')
    }

    /// Text that may as well be an answer: what a person saw, and a plain body that is no error.
    fn is_prose(&self, piece: &Piece<'_>) -> bool {
        let error = self.reading.status.is_some_and(|status| status >= 400);
        let plain = self.reading.read_as == ReadAs::Text && !error && !self.is_log(&piece.text);
        piece.node.is_none() && (piece.field == EvidenceField::VisibleText || plain)
    }

    /// A rule of the engine's own that was found somewhere; it decides what signals left open.
    fn stated(&mut self, id: &str, hit: &Hit) {
        let Some(rule) = self.engine.guide.rule(id) else { return };
        gateway::decide_open(&mut self.spoken, &rule.layers, rule.weight);
        let (place, pointer, quote) = self.shown(hit);
        self.rule(id, &place, quote, None);
        if let Some(last) = self.spoken.last_mut() {
            last.reason.pointer = pointer;
        }
    }
}
