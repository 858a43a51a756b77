//! The learner's diagnosis beside what the service reads in the same evidence: do they agree, and if not, where do they part?

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::diagnosis::verdict::Reason;
use crate::diagnosis::{Evidence, Verdict};
use crate::lessons::format::{AuthoredPart, Layer};
use crate::submissions::feedback::checks::Checks;
use crate::submissions::feedback::steps;
use crate::submissions::feedback::words::{full, quote};
use crate::submissions::wire::Diagnosis;

/// A layer that is at least so likely may be argued for.
const ARGUABLE: f64 = 0.25;

/// Whether the learner's diagnosis and the service's reading agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Agrees {
    Yes,
    /// The evidence speaks for another layer.
    No,
    /// The evidence allows the learner's layer, and does not settle it.
    Open,
}

/// The learner's diagnosis beside the service's own reading of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DiagnosisFeedback)]
pub struct Agreement {
    /// The layer that the service reads in the evidence.
    pub verdict: Layer,
    /// How sure it is, from 0 to 1; null where it leaves the layer open.
    #[schema(minimum = 0, maximum = 1)]
    pub confidence: Option<f64>,
    /// `yes`: the same layer. `open`: the evidence allows the learner's layer, and does not settle it. `no`: the evidence speaks for
    /// another layer.
    pub agrees: Agrees,
    /// Where the two part; null where they agree.
    pub parts_at: Option<PartsAt>,
    /// The next legitimate step by the service's reading.
    pub next_step: String,
}

/// Where the service's reading and the learner's part: what decides here, and what the learner pointed to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartsAt {
    /// The whole of it in a few sentences, for people.
    pub explanation: String,
    /// The rule that decides in the service's reading: the id of a signal; null where nothing decides.
    #[schema(example = "azure-prompt-filtered")]
    pub rule: Option<String>,
    /// JSON pointer (RFC 6901) into the evidence to where the rule found it.
    #[schema(example = "/http/body")]
    pub evidence: Option<String>,
    /// JSON pointer into the body, where it was read as JSON.
    #[schema(example = "/error/param")]
    pub pointer: Option<String>,
    /// What stands there, cut short.
    #[schema(example = "prompt")]
    pub quote: Option<String>,
    /// What that means.
    pub meaning: Option<String>,
    /// The learner's `deciding_pointers`.
    pub pointed_to: Vec<String>,
}

pub fn compare(diagnosis: &Diagnosis, verdict: &Verdict) -> Agreement {
    let theirs = diagnosis.layer.unwrap_or(Layer::Undetermined);
    let agrees = agrees(theirs, verdict);
    Agreement {
        verdict: verdict.verdict,
        confidence: verdict.confidence,
        agrees,
        parts_at: (agrees != Agrees::Yes).then(|| parts_at(diagnosis, theirs, verdict, agrees)),
        next_step: verdict.next_step.clone(),
    }
}

fn agrees(theirs: Layer, verdict: &Verdict) -> Agrees {
    let arguable = candidates(verdict);
    match verdict.verdict {
        ours if ours == theirs => Agrees::Yes,
        // The evidence decides, and the learner left it open.
        _ if theirs == Layer::Undetermined => Agrees::No,
        // Nothing speaks for any layer: there is nothing to contradict.
        Layer::Undetermined if arguable.is_empty() => Agrees::Open,
        _ if arguable.contains(&theirs) => Agrees::Open,
        _ => Agrees::No,
    }
}

/// The layers that the evidence allows: likely enough, or among those between which the strongest reason cannot tell.
fn candidates(verdict: &Verdict) -> Vec<Layer> {
    let ranked = verdict.layers.iter().filter(|ranked| ranked.confidence >= ARGUABLE).map(|ranked| ranked.layer);
    let between = verdict.reasons.first().filter(|reason| reason.layers.len() > 1);
    let mut all: Vec<Layer> = Vec::new();
    for layer in ranked.chain(between.into_iter().flat_map(|reason| reason.layers.iter().copied())) {
        if layer != Layer::Undetermined && !all.contains(&layer) {
            all.push(layer);
        }
    }
    all
}

/// The reason that decides: the first that speaks for the verdict, else the first.
fn decider(verdict: &Verdict) -> Option<&Reason> {
    verdict.reasons.iter().find(|reason| reason.layers.contains(&verdict.verdict)).or(verdict.reasons.first())
}

fn parts_at(diagnosis: &Diagnosis, theirs: Layer, verdict: &Verdict, agrees: Agrees) -> PartsAt {
    let reason = decider(verdict);
    let explanation = [
        opening(theirs, verdict, agrees),
        reason.map(deciding).unwrap_or_default(),
        pointed(diagnosis, reason),
        open_end(verdict, agrees),
    ];
    let explanation: Vec<&str> = explanation.iter().map(String::as_str).filter(|sentence| !sentence.is_empty()).collect();
    PartsAt {
        explanation: explanation.join(" "),
        rule: reason.map(|reason| reason.rule.clone()),
        evidence: reason.map(|reason| reason.evidence.clone()),
        pointer: reason.and_then(|reason| reason.pointer.clone()),
        quote: reason.and_then(|reason| reason.quote.as_deref()).map(quote),
        meaning: reason.map(|reason| reason.meaning.clone()),
        pointed_to: diagnosis.deciding_pointers.clone(),
    }
}

fn opening(theirs: Layer, verdict: &Verdict, agrees: Agrees) -> String {
    let (theirs, ours) = (theirs.name(), verdict.verdict.name());
    let between = candidates(verdict).into_iter().map(|layer| format!("`{}`", layer.name())).collect::<Vec<_>>().join(" and ");
    match (theirs, ours, agrees) {
        ("undetermined", _, _) => format!("You leave it open; the evidence decides, for `{ours}`. This is what you overlooked."),
        (_, "undetermined", Agrees::Open) if between.is_empty() => {
            format!("You say `{theirs}`. That may be right, but nothing in the evidence decides it yet.")
        }
        (_, "undetermined", Agrees::Open) => {
            format!("You say `{theirs}`. That may be right, but the evidence lies between {between}.")
        }
        (_, "undetermined", _) => format!("You say `{theirs}`; the evidence lies between {between}, and not there."),
        (_, _, Agrees::Open) => {
            format!("You say `{theirs}`; we read `{ours}`. The evidence allows both, and ours is the likelier.")
        }
        _ => format!("You say `{theirs}`; the evidence speaks for `{ours}`."),
    }
}

/// What decides in our reading, with its place and its words.
fn deciding(reason: &Reason) -> String {
    let place = match &reason.pointer {
        Some(pointer) => format!("`{pointer}` in `{}`", reason.evidence),
        None => format!("`{}`", reason.evidence),
    };
    let words = reason.quote.as_deref().map(|words| format!(", where it says \"{}\"", quote(words))).unwrap_or_default();
    format!("What decides in our reading is {place}{words} (rule `{}`): {}", reason.rule, reason.meaning)
}

/// What the learner pointed to, beside that.
fn pointed(diagnosis: &Diagnosis, reason: Option<&Reason>) -> String {
    let pointers = &diagnosis.deciding_pointers;
    if pointers.is_empty() {
        return "You pointed to nothing that decides.".to_owned();
    }
    let listed = pointers.iter().take(5).map(|pointer| format!("`{}`", quote(pointer))).collect::<Vec<_>>().join(", ");
    let same = reason.is_some_and(|reason| pointers.iter().any(|pointer| is_place(pointer, reason)));
    match (reason, same) {
        (Some(_), true) => format!("You pointed to the same place ({listed}) and read it differently."),
        (Some(_), false) => format!("You pointed to {listed}."),
        (None, _) => format!("You pointed to {listed}; by itself that decides nothing."),
    }
}

/// Whether a learner's pointer means the place of a reason, counted from the body, the evidence or the submission.
fn is_place(pointer: &str, reason: &Reason) -> bool {
    let pointer = pointer.strip_prefix("/evidence").unwrap_or(pointer);
    let within = reason.pointer.as_deref().unwrap_or_default();
    pointer == format!("{}{within}", reason.evidence) || reason.pointer.as_deref() == Some(pointer)
}

fn open_end(verdict: &Verdict, agrees: Agrees) -> String {
    match (agrees, &verdict.collect) {
        (Agrees::Open, Some(collect)) => format!("What would decide: {collect}"),
        (Agrees::Open, None) => format!("What would decide: {}", verdict.would_change),
        _ => String::new(),
    }
}

pub fn check_agreement(diagnosis: &Diagnosis, evidence: &Evidence, agreement: &Agreement, checks: &mut Checks) {
    let mut add = |id, passed, yes, no| checks.add(AuthoredPart::Diagnosis, id, passed, yes, no);
    add(
        "because",
        full(diagnosis.because.as_ref()),
        "The reason is spelt out.",
        "Say in two or three sentences what speaks for this layer and against the next one.",
    );
    let others = diagnosis.alternatives.iter().any(|layer| Some(*layer) != diagnosis.layer);
    add("alternatives", others, "Another layer was weighed.", "Name the layer that fits second best.");
    add("confidence", diagnosis.confidence.is_some(), "Confidence is stated.", "Say how sure you are, from 0 to 1.");
    let pointers = &diagnosis.deciding_pointers;
    let body = evidence.http.as_ref().and_then(|http| http.body.as_deref());
    let (body, whole) = (body.and_then(json_body), serde_json::to_value(evidence).unwrap_or_default());
    add(
        "deciding_pointers",
        !pointers.is_empty() && pointers.iter().all(|pointer| leads(pointer, body.as_ref(), &whole)),
        "What decides is pointed to.",
        "Point to the field that decides, such as /error/code in the body; each pointer must lead somewhere.",
    );
    let explanation = agreement.parts_at.as_ref().map(|parts| parts.explanation.as_str()).unwrap_or_default();
    add(
        "agrees",
        agreement.agrees != Agrees::No,
        if explanation.is_empty() { "The evidence speaks for the same layer." } else { explanation },
        explanation,
    );
    checks.at("/diagnosis/layer", diagnosis.layer.map(|layer| layer.name().to_owned()));
    if diagnosis.layer == Some(Layer::Undetermined) {
        let two = diagnosis.alternatives.iter().filter(|layer| **layer != Layer::Undetermined).count() >= 2;
        let because = diagnosis.because.as_deref().unwrap_or_default();
        let collects = steps::speaks_of(Layer::Undetermined, because);
        let no = "For an open case name both layers in /diagnosis/alternatives, and in the reason the one observation that would \
                  separate them.";
        checks.add(
            AuthoredPart::Diagnosis,
            "open_question",
            two && collects,
            "Both layers are named, and what would separate them.",
            no,
        );
    }
}

/// JSON as a whole, or the JSON of a stream's events as a list.
fn json_body(body: &str) -> Option<serde_json::Value> {
    if let Ok(value) = serde_json::from_str(body) {
        return Some(value);
    }
    let events = body.lines().map(|line| line.trim_start().strip_prefix("data:").unwrap_or(line).trim());
    let events: Vec<serde_json::Value> = events.filter_map(|event| serde_json::from_str(event).ok()).collect();
    (!events.is_empty()).then(|| events.into())
}

/// Whether a pointer leads to something: in the body, or in the evidence.
fn leads(pointer: &str, body: Option<&serde_json::Value>, whole: &serde_json::Value) -> bool {
    let pointer = pointer.strip_prefix("/evidence").unwrap_or(pointer);
    let in_body = pointer.strip_prefix("/http/body").unwrap_or(pointer);
    let found = body.and_then(|body| body.pointer(in_body)).or_else(|| whole.pointer(pointer));
    found.is_some_and(|found| !found.is_null())
}
