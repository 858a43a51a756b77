//! Reads evidence into what signals are held against: the values of every document in the response, the texts of its
//! messages, and what the model wrote.
//!
//! A response may be JSON, broken JSON, a stream of events, a log line around JSON, JSON inside JSON, or plain text.

use std::sync::LazyLock;

use crate::evidence::{Evidence, Header};
use crate::keyvalue::may_be_a_line;
use crate::lenient::{self, DocumentNode, MemberKey, Scalar};
use crate::names::{NameId, RuleNames};
use crate::shapes::{looks_like_json, start_of_json};
use crate::verdict::ReadAs;

/// How many bytes of one text are looked at. The rest is left out, and the verdict says so.
pub const MOST_BYTES: usize = 1024 * 1024;
/// How deep JSON inside strings of JSON is followed.
const DEEPEST_STRING: usize = 3;
/// How many documents of one response are read.
const MOST_DOCUMENTS: usize = 5_000;

/// Whose words a value holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// The service's: codes and messages.
    Service,
    /// The model's.
    Model,
    /// The person's or the application's: the request, echoed.
    Request,
}

/// Where a text stands in the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceField {
    Body,
    VisibleText,
    Without,
    With,
}

impl EvidenceField {
    pub fn pointer(self) -> &'static str {
        match self {
            EvidenceField::Body => "/http/body",
            EvidenceField::VisibleText => "/visible_text",
            EvidenceField::With => "/comparison/with",
            EvidenceField::Without => "/comparison/without",
        }
    }
}

/// A text in which phrases are looked for.
#[derive(Debug)]
pub struct Piece<'a> {
    pub field: EvidenceField,
    /// The value that holds it, where it is one of a document.
    pub node: Option<usize>,
    pub text: std::borrow::Cow<'a, str>,
}

/// Evidence, read.
pub struct EvidenceReading<'a> {
    pub evidence: &'a Evidence,
    pub nodes: Vec<DocumentNode>,
    /// The name under which each value stands, as far as any rule knows it.
    pub names: Vec<NameId>,
    pub voices: Vec<Voice>,
    /// Which field each value stands in.
    pub fields: Vec<EvidenceField>,
    /// Messages of the service, text around JSON, and what a person saw.
    pub pieces: Vec<Piece<'a>>,
    /// What the model wrote, put together from the parts of a stream.
    pub answer: String,
    pub status: Option<u16>,
    pub headers: Vec<Header>,
    pub read_as: ReadAs,
    /// Whether a text was longer than [`MOST_BYTES`].
    pub cut: bool,
    /// Whether a line of a log with named values stands there.
    pub logged: bool,
}

impl<'a> EvidenceReading<'a> {
    pub fn new(evidence: &'a Evidence, known: &RuleNames) -> EvidenceReading<'a> {
        let http = evidence.http.as_ref();
        let mut reading = EvidenceReading {
            evidence,
            nodes: Vec::new(),
            names: Vec::new(),
            voices: Vec::new(),
            fields: Vec::new(),
            pieces: Vec::new(),
            answer: String::new(),
            status: http.and_then(|http| http.status),
            headers: http.map(|http| http.headers.clone()).unwrap_or_default(),
            read_as: ReadAs::Nothing,
            cut: false,
            logged: false,
        };
        if let Some(body) = http.and_then(|http| http.body.as_deref()) {
            reading.body(body);
        }
        if let Some(text) = evidence.visible_text.as_deref() {
            let text = reading.bounded(text);
            if looks_like_json(text) || text.contains("{'error'") || text.contains("{\"error\"") {
                reading.text(text, EvidenceField::VisibleText);
            } else {
                reading.pairs(text, EvidenceField::VisibleText, None);
                reading.piece(EvidenceField::VisibleText, None, text.into());
            }
        }
        reading.name(known);
        reading.find_voices(known);
        reading.gather();
        reading.status = reading.status.or_else(|| reading.status_in_text());
        reading
    }

    fn bounded(&mut self, text: &'a str) -> &'a str {
        if text.len() <= MOST_BYTES {
            return text;
        }
        self.cut = true;
        // What matters of a log stands at its end, what matters of a document at its beginning.
        if text.trim_start().starts_with(['{', '[']) {
            let end = (0..=MOST_BYTES).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            return text.get(..end).unwrap_or_default();
        }
        let from = text.len().saturating_sub(MOST_BYTES);
        let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(from);
        text.get(from..).unwrap_or_default()
    }

    pub(crate) fn piece(&mut self, field: EvidenceField, node: Option<usize>, text: std::borrow::Cow<'a, str>) {
        if !text.trim().is_empty() {
            self.pieces.push(Piece { field, node, text });
        }
    }

    fn body(&mut self, body: &'a str) {
        let body = self.bounded(body.trim_start_matches('\u{feff}'));
        let body = self.dumped(body).trim();
        self.read_as = if body.is_empty() { ReadAs::Nothing } else { self.text(body, EvidenceField::Body) };
    }

    /// The status line and headers of a whole HTTP response, as `curl -i` prints it; what is left is the body.
    fn dumped(&mut self, text: &'a str) -> &'a str {
        let Some(rest) = text.trim_start().strip_prefix("HTTP/") else { return text };
        let (line, rest) = rest.split_once('\n').unwrap_or((rest, ""));
        let status = line.split_whitespace().nth(1).and_then(|code| code.parse().ok());
        self.status = self.status.or(status.filter(|code| (100..=599).contains(code)));
        let mut rest = rest;
        while let Some((line, after)) = rest.split_once('\n') {
            match line.trim_end().split_once(':') {
                Some((name, value)) if !name.contains([' ', '{', '"']) => {
                    self.headers.push(Header { name: name.to_owned(), value: value.trim().to_owned() });
                }
                _ => break,
            }
            rest = after;
        }
        rest
    }

    /// Reads one text of the response: the form it has.
    fn text(&mut self, text: &'a str, field: EvidenceField) -> ReadAs {
        if let Some(count) = self.events(text, field)
            && count > 0
        {
            return ReadAs::Stream;
        }
        let (documents, broken) = self.documents(text, field, None, 0);
        match (documents, broken) {
            (0, _) => {
                self.pairs(text, field, None);
                self.piece(field, None, text.into());
                ReadAs::Text
            }
            (_, false) => ReadAs::Json,
            (_, true) => ReadAs::BrokenJson,
        }
    }

    /// Server-sent events (WHATWG HTML, section 9.2) or JSON line by line; None where the text is neither.
    fn events(&mut self, text: &'a str, field: EvidenceField) -> Option<usize> {
        let is_event = |line: &str| line.starts_with("data:") || line.starts_with("event:");
        let lines = || text.lines().map(str::trim_start);
        let sse = lines().any(is_event);
        let by_line = lines().filter(|line| line.starts_with('{') && line.trim_end().ends_with('}')).count() >= 2
            && lines().filter(|line| !line.is_empty()).all(|line| line.starts_with('{'));
        if !sse && !by_line {
            return None;
        }
        let mut count = 0;
        for line in lines().take(MOST_DOCUMENTS) {
            let payload = line.strip_prefix("data:").unwrap_or(line).trim();
            if payload.is_empty() || payload == "[DONE]" || line.starts_with("event:") {
                continue;
            }
            if payload.starts_with(['{', '[']) {
                let document = lenient::read_leniently(payload);
                self.absorb(document, None, MemberKey::Index(count), field, 0);
                count += 1;
            } else {
                self.piece(field, None, payload.into());
            }
        }
        Some(count)
    }

    /// Reads every JSON document in `text` below the value `parent`: how many there were, and whether anything was broken.
    fn documents(&mut self, text: &str, field: EvidenceField, parent: Option<usize>, level: usize) -> (usize, bool) {
        let mut rest = text;
        let (mut count, mut broken, mut around) = (0, false, String::new());
        while count < MOST_DOCUMENTS {
            let Some(at) = start_of_json(rest) else { break };
            around.push_str(rest.get(..at).unwrap_or_default());
            let from = rest.get(at..).unwrap_or_default();
            let document = lenient::read_leniently(from);
            let after = from.get(document.length..).unwrap_or_default();
            if document.nodes.len() < 2 && document.broken {
                // Nothing of sense: a bracket in prose.
                around.push_str(from.get(..document.length.max(1)).unwrap_or_default());
                rest = from.get(document.length.max(1)..).unwrap_or_default();
                continue;
            }
            broken |= document.broken || !after.trim().is_empty() || at > 0;
            let key = if count == 0 { MemberKey::Root } else { MemberKey::Index(count) };
            self.absorb(document, parent, key, field, level);
            count += 1;
            around.push(' ');
            rest = after;
        }
        if count > 0 && level == 0 {
            around.push_str(rest);
            self.pairs(&around, field, None);
            self.piece(field, None, around.into());
        }
        (count, broken)
    }

    /// Takes a document's values over, and reads the JSON in its strings.
    fn absorb(
        &mut self,
        document: lenient::LenientDocument,
        parent: Option<usize>,
        key: MemberKey,
        field: EvidenceField,
        level: usize,
    ) {
        let base = self.nodes.len();
        let end = base.saturating_add(document.nodes.len());
        self.take_over(document, parent, key, field);
        if level >= DEEPEST_STRING {
            return;
        }
        for at in base..end.min(self.nodes.len()) {
            let (text, line) = match self.nodes.get(at) {
                Some(DocumentNode { key, value: Scalar::Text(text), .. }) if text.len() > 8 => {
                    let line = may_be_a_line(key, text);
                    let json =
                        text.contains(['{', '(']) && (looks_like_json(text) || text.contains("{'") || text.contains("{\""));
                    if !json && !line {
                        continue;
                    }
                    (text.clone(), line && !json)
                }
                _ => continue,
            };
            if line {
                self.pairs(&text, field, Some(at));
            } else {
                self.documents(&text, field, Some(at), level.saturating_add(1));
            }
        }
    }

    /// Takes a document's values over as they are.
    pub(crate) fn take_over(
        &mut self,
        document: lenient::LenientDocument,
        parent: Option<usize>,
        key: MemberKey,
        field: EvidenceField,
    ) {
        let base = self.nodes.len();
        if base > lenient::MOST_NODES {
            self.cut = true;
            return;
        }
        for node in document.nodes {
            let own = match node.parent {
                Some(at) => DocumentNode { parent: Some(at.saturating_add(base)), ..node },
                None => DocumentNode { parent, key: key.clone(), value: node.value },
            };
            self.nodes.push(own);
            self.fields.push(field);
        }
    }

    /// Looks up the names of all values; anew for the signals of another catalogue.
    pub fn name(&mut self, known: &RuleNames) {
        self.names = self.nodes.iter().map(|node| known.of(&node.key)).collect();
    }

    /// A status that a log line or an SDK's message names, such as `Error code: 400 -`.
    fn status_in_text(&self) -> Option<u16> {
        self.pieces.iter().filter(|piece| piece.node.is_none()).find_map(|piece| {
            let text = piece.text.get(..piece.text.len().min(2_000)).unwrap_or(&piece.text);
            STATUS.captures(text)?.get(1)?.as_str().parse().ok()
        })
    }

    /// JSON pointer (RFC 6901) of a value inside its text; empty for a whole document.
    pub fn pointer(&self, at: usize) -> String {
        let mut parts = Vec::new();
        let mut next = Some(at);
        while let Some(node) = next.and_then(|at| self.nodes.get(at)) {
            match &node.key {
                MemberKey::Root => {}
                MemberKey::Index(index) => parts.push(index.to_string()),
                MemberKey::Name(name) => parts.push(crate::pointer::escaped(name)),
            }
            next = node.parent;
        }
        parts.iter().rev().fold(String::new(), |path, part| format!("{path}/{part}"))
    }
}

#[allow(clippy::expect_used, reason = "a constant pattern, which every test of a log line compiles")]
static STATUS: LazyLock<regex::Regex> = LazyLock::new(|| {
    regex::Regex::new(
        r#"(?i)(?:\bstatus(?:[ _-]?code)?|\berror code|\bhttp(?:/[0-9.]+)?|\bcode)["']?\s*[:=(]?\s*["']?([1-5][0-9]{2})\b"#,
    )
    .expect("a constant pattern")
});
