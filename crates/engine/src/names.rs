//! Names of members, compared without regard to case, `_` and `-`, and paths that end in them.

use std::collections::HashMap;

use crate::lenient::{DocumentNode, MemberKey, Scalar};
use crate::shapes::ANSWERS;

/// A name that some rule knows; 0 is every other one.
pub type NameId = u32;
const OTHER: NameId = 0;
const INDEX: NameId = 1;

/// One segment of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Any,
    Named(String, NameId),
}

/// A JSON pointer whose segments may be `*`, held against the end of the paths of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<Segment>);

impl Path {
    /// RFC 6901, with `*` for any one name or index.
    pub fn written(text: &str) -> Path {
        let parts = text.split('/').skip(1).map(|part| match part {
            "*" => Segment::Any,
            name => Segment::Named(plain_name(&name.replace("~1", "/").replace("~0", "~")), OTHER),
        });
        Path(parts.collect())
    }

    pub fn last(&self) -> Option<NameId> {
        match self.0.last()? {
            Segment::Any => None,
            Segment::Named(_, id) => Some(*id),
        }
    }

    /// Whether the path of the value at `at` ends in this one.
    pub fn ends_at(&self, at: usize, nodes: &[DocumentNode], names: &[NameId]) -> bool {
        let mut next = Some(at);
        for segment in self.0.iter().rev() {
            let Some(at) = next else { return false };
            let (Some(node), Some(name)) = (nodes.get(at), names.get(at)) else { return false };
            let fits = match segment {
                Segment::Any => node.key != MemberKey::Root,
                Segment::Named(text, id) => match &node.key {
                    MemberKey::Index(index) => index.to_string() == *text,
                    _ => name == id && *id != OTHER,
                },
            };
            if !fits {
                return false;
            }
            next = node.parent;
        }
        true
    }
}

/// `finishReason`, `finish_reason` and `FINISH-REASON` are one name.
pub fn plain_name(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Every name that a rule knows.
pub struct RuleNames {
    ids: HashMap<String, NameId>,
    pub answers: Vec<Path>,
    role: NameId,
    input: NameId,
    requests: Vec<NameId>,
}

impl Default for RuleNames {
    fn default() -> RuleNames {
        let mut names = RuleNames { ids: HashMap::new(), answers: Vec::new(), role: OTHER, input: OTHER, requests: Vec::new() };
        names.role = names.id("role");
        names.input = names.id("input");
        // Members that hold the request, where a service echoes it.
        names.requests = [
            "request",
            "requestbody",
            "requestoptions",
            "prompt",
            "userprompt",
            "systemprompt",
            "systeminstruction",
            "instructions",
            "input",
        ]
        .iter()
        .map(|name| names.id(name))
        .collect();
        names.answers = ANSWERS.iter().map(|path| names.known(Path::written(path))).collect();
        names
    }
}

impl RuleNames {
    fn id(&mut self, plain: &str) -> NameId {
        let next = NameId::try_from(self.ids.len()).unwrap_or(NameId::MAX).saturating_add(2);
        *self.ids.entry(plain.to_owned()).or_insert(next)
    }

    /// The path with its names made known.
    pub fn known(&mut self, path: Path) -> Path {
        let known = path.0.into_iter().map(|segment| match segment {
            Segment::Named(name, _) => {
                let id = self.id(&name);
                Segment::Named(name, id)
            }
            any => any,
        });
        Path(known.collect())
    }

    pub fn of(&self, key: &MemberKey) -> NameId {
        match key {
            MemberKey::Root => OTHER,
            MemberKey::Index(_) => INDEX,
            MemberKey::Name(name) => self.ids.get(plain_name(name).as_str()).copied().unwrap_or(OTHER),
        }
    }

    pub fn is_role(&self, id: NameId) -> bool {
        id == self.role
    }

    /// Whether the member holds the request. An `input` that is no text is the side of a filter's trace instead.
    pub fn is_request(&self, id: NameId, value: &Scalar) -> bool {
        let side = id == self.input && !matches!(value, Scalar::Text(_) | Scalar::List(_));
        id != OTHER && !side && self.requests.contains(&id)
    }
}
