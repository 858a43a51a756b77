//! What one document or one line of a log is in a row of answers: a whole answer, a piece of a stream, a request, or nothing of
//! the kind. By its outermost members alone, so that a long answer costs no more than its length.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::named::NamedMembers;
use super::scan::PlacedMember;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnitKind {
    /// Says nothing of how a call ended.
    #[default]
    Neutral,
    /// What was sent, or a heading: what follows is another answer.
    Request,
    /// A piece of a streamed answer.
    Chunk,
    /// An answer, an error, or a line that says how a call ended.
    Whole,
}

/// What is known of one unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitFacts {
    pub kind: UnitKind,
    /// The id of the call or of the answer.
    pub id: Option<u64>,
    /// The first piece of a stream.
    pub begins: bool,
    /// The last piece with content.
    pub ends: bool,
    /// Nothing of this answer comes after it.
    pub closes: bool,
    /// A piece with words of the answer.
    pub content: bool,
    /// By which marks it shows how a call ended. An answer shows each of them once.
    pub forms: Vec<u64>,
    /// The names of the outermost members.
    pub shape: u64,
    /// The message of an error.
    pub says: Option<u64>,
    /// The status, as it is written.
    pub status: Option<u64>,
    /// It is no ordinary answer: an error, a filter, a refusal.
    pub trouble: bool,
}

pub fn hashed(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

const IDS: [&str; 12] = [
    "id",
    "responseid",
    "requestid",
    "reqid",
    "xrequestid",
    "traceid",
    "correlationid",
    "callid",
    "customid",
    "generationid",
    "key",
    "messageid",
];
const REQUESTS: [&str; 12] = [
    "messages",
    "prompt",
    "contents",
    "input",
    "inputs",
    "question",
    "query",
    "request",
    "instruction",
    "inputtext",
    "goal",
    "user",
];
const ANSWERS: [&str; 14] = [
    "response",
    "completion",
    "output",
    "answer",
    "reply",
    "generatedtext",
    "generation",
    "text",
    "content",
    "result",
    "outputtext",
    "modeloutput",
    "prediction",
    "refusal",
];
/// Ends of an answer that are no ordinary ones.
const TROUBLE_ENDS: [&str; 12] = [
    "filter",
    "refus",
    "safety",
    "block",
    "guardrail",
    "recitation",
    "prohibited",
    "spii",
    "moderat",
    "declin",
    "sensitive",
    "language",
];

/// Whether a word that says how an answer ended names a filter or a refusal.
pub fn troubled_end(word: &str) -> bool {
    let word = word.to_lowercase();
    TROUBLE_ENDS.iter().any(|part| word.contains(part))
}

/// What a document is, by its members.
pub fn document_facts(members: &[PlacedMember<'_>]) -> UnitFacts {
    let named = NamedMembers::new(members);
    let mut facts = UnitFacts { id: id_of(&named), shape: shape_of(&named), ..UnitFacts::default() };
    if chunk(&named, &mut facts) || is_protocol(&named) {
        return facts;
    }
    failed(&named, &mut facts);
    succeeded(&named, &mut facts);
    recorded(&named, &mut facts);
    if facts.forms.is_empty() && members.iter().all(|member| member.quoted) {
        rows(&named, &mut facts);
    } else if !facts.forms.is_empty() {
        facts.kind = UnitKind::Whole;
    }
    facts
}

/// Messages of JSON-RPC that are no answer of a model: calls, notes, what a client said.
fn is_protocol(named: &NamedMembers<'_>) -> bool {
    let said = ["stopreason", "content", "message", "choices", "output"];
    named.get("jsonrpc").is_some() && !named.any(&["error"]) && !named.inner("result").any(&said)
}

fn id_of(named: &NamedMembers<'_>) -> Option<u64> {
    let own = IDS.iter().find_map(|id| named.filled(id));
    own.or_else(|| named.inner("message").filled("id")).or_else(|| named.inner("response").filled("id")).map(hashed)
}

fn shape_of(named: &NamedMembers<'_>) -> u64 {
    let mut names = named.names();
    names.sort_unstable();
    hashed(&names.join(","))
}

/// Whether it is a piece of a stream.
fn chunk(named: &NamedMembers<'_>, facts: &mut UnitFacts) -> bool {
    let kind = named.word("type");
    let choice = named.first("choices");
    let event = |names: &[&str]| names.iter().any(|name| named.get(name).is_some());
    if kind == "message_start"
        || kind == "response.created"
        || event(&["messagestart"])
        || named.word("eventtype") == "stream-start"
    {
        facts.begins = true;
    } else if ["message_stop", "response.completed", "response.failed", "response.incomplete"].contains(&kind) {
        (facts.ends, facts.closes) = (true, true);
    } else if kind.starts_with("response.")
        || ["content_block_start", "content_block_stop", "content_block_delta", "ping"].contains(&kind)
    {
        facts.content = kind.contains("delta");
    } else if kind == "message_delta" || event(&["messagestop"]) {
        facts.ends = true;
        let why = [named.inner("delta").word("stopreason"), named.inner("messagestop").word("stopreason")];
        facts.trouble = why.into_iter().any(troubled_end);
    } else if named.word("object").ends_with(".chunk") || choice.get("delta").is_some() {
        let delta = choice.inner("delta");
        facts.content = delta.any(&["content", "role", "toolcalls", "refusal"]);
        facts.ends = choice.filled("finishreason").is_some();
        facts.trouble = troubled_end(choice.word("finishreason"));
    } else if named.get("candidates").is_some() {
        let first = named.first("candidates");
        facts.content = true;
        facts.ends = first.filled("finishreason").is_some();
        facts.trouble = troubled_end(first.word("finishreason"));
    } else if let Some(done) = named.get("done").filter(|done| ["true", "false", "True", "False"].contains(done)) {
        facts.content = true;
        facts.ends = done.eq_ignore_ascii_case("true");
        facts.closes = facts.ends;
    } else if event(&["contentblockdelta", "contentblockstart", "contentblockstop", "delta", "token", "chunk", "eventtype"]) {
        facts.content = true;
    } else if choice.get("text").is_some() {
        facts.content = true;
        facts.ends = choice.filled("finishreason").is_some();
    } else {
        return false;
    }
    facts.kind = UnitKind::Chunk;
    true
}

fn failed(named: &NamedMembers<'_>, facts: &mut UnitFacts) {
    let error = named.filled("error").or_else(|| named.filled("errors"));
    let nested = named.inner("error");
    let said = ["message", "code", "type", "status"].iter().find_map(|name| nested.filled(name));
    let own = named.filled("message").filter(|_| named.any(&["code", "type", "statuscode"]) || named.get("__type").is_some());
    let status = |name: &str| named.get(name).and_then(|text| text.parse::<u16>().ok()).filter(|code| *code >= 400);
    let detail = named.filled("detail").filter(|_| named.count() <= 4);
    let blocked = named.inner("promptfeedback").any(&["blockreason"]) || named.word("action") == "GUARDRAIL_INTERVENED";
    if error.is_some() || own.is_some() || detail.is_some() || blocked {
        facts.forms.push(hashed("document"));
        facts.says = said.or(own).or(detail).map(hashed);
        facts.trouble = true;
    }
    facts.trouble |= ["status", "statuscode", "httpstatus", "code"].iter().any(|name| status(name).is_some());
}

fn succeeded(named: &NamedMembers<'_>, facts: &mut UnitFacts) {
    let choice = named.first("choices");
    let ended = named.any(&["stopreason", "finishreason"]);
    let role = ["assistant", "model"].contains(&named.word("role"));
    let whole = choice.get("message").is_some()
        || (named.get("content").is_some() && (ended || role))
        || (named.get("output").is_some() && (named.word("object") == "response" || ended))
        || (named.get("message").is_some_and(|value| value.starts_with('{')) && named.inner("message").get("content").is_some());
    if whole && !facts.forms.contains(&hashed("document")) {
        facts.forms.push(hashed("document"));
    }
    let ends = [choice.word("finishreason"), named.word("stopreason"), named.word("finishreason")];
    facts.trouble |= ends.into_iter().any(troubled_end) || choice.inner("message").any(&["refusal"]);
}

/// The flat records of logs, and rows that hold a response.
fn recorded(named: &NamedMembers<'_>, facts: &mut UnitFacts) {
    for name in ["status", "statuscode", "httpstatus", "responsestatus"] {
        let code = named.get(name).and_then(|value| value.trim_matches(['"', '\'']).parse::<u16>().ok());
        if let Some(code) = code.filter(|code| (100..=599).contains(code)) {
            facts.forms.push(hashed("status"));
            facts.status = Some(hashed(&code.to_string()));
            break;
        }
    }
    for name in ["finishreason", "stopreason"] {
        if named.filled(name).is_some() && !facts.forms.contains(&hashed("document")) {
            facts.forms.push(hashed("reason"));
        }
    }
    // Rows of batches and of recorded traffic.
    let response = named.inner("response");
    let result = named.inner("result");
    let row = response.any(&["statuscode", "status", "body", "error"]) || result.any(&["message", "error"]);
    if row && !facts.forms.contains(&hashed("document")) {
        facts.forms.push(hashed("document"));
    }
    let code = ["statuscode", "status"].iter().find_map(|name| response.get(name)?.parse::<u16>().ok());
    facts.trouble |= code.is_some_and(|code| code >= 400) || result.word("type") == "errored";
}

/// Rows with a question and its answer; answers alone may be pieces of one.
fn rows(named: &NamedMembers<'_>, facts: &mut UnitFacts) {
    let asked = named.any(&REQUESTS);
    let answered = named.any(&ANSWERS) && (asked || !named.any(&["level", "severity", "lvl"]));
    let numbered = facts.id.is_some() || named.get("index").is_some();
    facts.kind = match (asked, answered) {
        (true, true) => UnitKind::Whole,
        (false, true) if numbered => UnitKind::Whole,
        (false, true) => UnitKind::Chunk,
        (true, false) => UnitKind::Request,
        (false, false) => UnitKind::Neutral,
    };
    facts.content = facts.kind == UnitKind::Chunk;
    if facts.kind == UnitKind::Whole {
        facts.forms.push(hashed("document"));
        // Nothing tells which of them refuse but their words.
        facts.trouble = named.filled("refusal").is_some();
    }
}
