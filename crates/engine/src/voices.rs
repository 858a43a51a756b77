//! Whose words each value holds, by where the known APIs put what the model wrote, and what is an echo of the request.

use crate::lenient::{DocumentNode, Scalar};
use crate::names::RuleNames;
use crate::reading::{EvidenceField, EvidenceReading, Voice};

impl EvidenceReading<'_> {
    pub(crate) fn find_voices(&mut self, known: &RuleNames) {
        let mut voices: Vec<Voice> = Vec::with_capacity(self.nodes.len());
        let answers = self.answers(known);
        // Who speaks in the object at this index, by its member `role`.
        let mut requests = vec![false; self.nodes.len()];
        for (node, name) in self.nodes.iter().zip(&self.names) {
            if known.is_role(*name)
                && let (Scalar::Text(role), Some(parent)) = (&node.value, node.parent)
                && matches!(role.to_ascii_lowercase().as_str(), "user" | "system" | "developer" | "human" | "tool")
                && let Some(place) = requests.get_mut(parent)
            {
                *place = true;
            }
        }
        for (at, node) in self.nodes.iter().enumerate() {
            let above = node.parent.and_then(|parent| voices.get(parent).copied()).unwrap_or(Voice::Service);
            let named = self.names.get(at).is_some_and(|name| known.is_request(*name, &node.value));
            let own = named || requests.get(at).copied().unwrap_or(false);
            let voice = match above {
                Voice::Request => Voice::Request,
                _ if own => Voice::Request,
                // JSON inside what the model wrote is the model's too.
                Voice::Model => Voice::Model,
                Voice::Service if answers.get(at).copied().unwrap_or(false) => Voice::Model,
                Voice::Service => Voice::Service,
            };
            voices.push(voice);
        }
        self.voices = voices;
    }

    /// Which values stand where one of the known APIs puts what the model wrote. A string that holds a whole response is a
    /// gateway's envelope, and no answer itself.
    fn answers(&self, known: &RuleNames) -> Vec<bool> {
        let is_text = |node: &DocumentNode| matches!(node.value, Scalar::Text(_));
        let mut found: Vec<bool> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(at, node)| is_text(node) && known.answers.iter().any(|path| path.ends_at(at, &self.nodes, &self.names)))
            .collect();
        for at in 0..found.len() {
            let mut above = if found.get(at) == Some(&true) { self.nodes.get(at).and_then(|node| node.parent) } else { None };
            while let Some(parent) = above {
                if let Some(outer) = found.get_mut(parent) {
                    *outer = false;
                }
                above = self.nodes.get(parent).and_then(|node| node.parent);
            }
        }
        found
    }

    /// Collects the texts of the service, and joins those of the model.
    pub(crate) fn gather(&mut self) {
        let mut answer = String::new();
        let mut found = Vec::new();
        let mut holds = vec![false; self.nodes.len()];
        for parent in self.nodes.iter().filter_map(|node| node.parent) {
            if let Some(holds) = holds.get_mut(parent) {
                *holds = true;
            }
        }
        for (at, node) in self.nodes.iter().enumerate() {
            let Scalar::Text(text) = &node.value else { continue };
            match self.voices.get(at) {
                // Where the model answered in JSON, its strings are what it says.
                Some(Voice::Model) if holds.get(at) == Some(&true) => {}
                Some(Voice::Model) => {
                    let inner = node.parent.is_some_and(|parent| self.voices.get(parent) == Some(&Voice::Model));
                    answer.push_str(text);
                    answer.push_str(if inner { "\n" } else { "" });
                }
                Some(Voice::Service) => found.push((at, text.clone())),
                _ => {}
            }
        }
        for (at, text) in found {
            let field = self.fields.get(at).copied().unwrap_or(EvidenceField::Body);
            self.piece(field, Some(at), text.into());
        }
        self.answer = answer;
    }
}
