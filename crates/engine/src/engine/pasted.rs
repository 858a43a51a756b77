//! A paste that holds several answers: each judged as if it were alone, and one verdict for all of it.
//!
//! The verdict of the paste is that of the answers that refuse. Where they agree on a layer, it is the verdict of the surest of them,
//! the first among equals, together with what was observed and compared. Where they do not agree, it is `undetermined`, with the
//! layers that are possible. Answers that worked do not outweigh one that refused; a later one that worked is noted.

use std::collections::BTreeMap;

use super::Engine;
use crate::catalogue::SignalCatalogue;
use crate::evidence::{Evidence, HttpEvidence};
use crate::format::Stage;
use crate::layer::Layer;
use crate::reading::EvidenceField;
use crate::several::{AnswerSpan, answers_in};
use crate::telling::rounded_share;
use crate::verdict::{AnswerPart, Extent, Ranked, ReadAs, Reason, Verdict};

/// So many answers of one paste are judged.
pub const MOST_PARTS: usize = 50;
/// From this share on a layer is possible.
const POSSIBLE: f64 = 0.1;
/// So many answers are named in a sentence.
const MOST_NAMED: usize = 5;
/// What to do where answers of one paste were refused by different layers.
const ONE_BY_ONE: &str =
    "Take the answers one by one: each was judged by itself, and what helps with one layer does not help with another.";

/// One answer of the paste with its verdict.
struct JudgedAnswer<'s> {
    span: &'s AnswerSpan,
    label: String,
    verdict: Verdict,
}

impl JudgedAnswer<'_> {
    fn refuses(&self) -> bool {
        match self.verdict.verdict {
            Layer::NotARefusal => false,
            Layer::Undetermined => self.verdict.extent != Extent::None,
            _ => true,
        }
    }

    /// An answer came; nothing failed.
    fn worked(&self) -> bool {
        let first = self.verdict.reasons.first();
        self.verdict.verdict == Layer::NotARefusal
            && first.is_none_or(|reason| reason.stage != Stage::Failure && reason.rule != "wording-failure")
    }

    fn decided(&self) -> Option<Layer> {
        Some(self.verdict.verdict).filter(|layer| *layer != Layer::Undetermined)
    }

    fn possible(&self, layer: Layer) -> bool {
        self.verdict.layers.iter().any(|ranked| ranked.layer == layer && ranked.confidence >= POSSIBLE)
    }

    fn part(&self, field: EvidenceField) -> AnswerPart {
        let first = self.verdict.reasons.first();
        AnswerPart {
            label: self.label.clone(),
            evidence: field.pointer().to_owned(),
            from: self.span.from,
            to: self.span.to,
            layer: self.verdict.verdict,
            confidence: self.verdict.confidence,
            extent: self.verdict.extent,
            rule: first.map(|reason| reason.rule.clone()),
            quote: first.and_then(|reason| reason.quote.clone()),
        }
    }
}

impl Engine {
    /// What the evidence shows; where a response or a text holds several answers, what each shows, and all of them together. `own` are
    /// a tenant's signals, beside the built-in ones.
    pub fn diagnose(&self, evidence: &Evidence, own: Option<&SignalCatalogue>) -> Verdict {
        let Some((field, text)) = pasted_text(evidence) else { return self.diagnose_answer(evidence, own) };
        let spans = answers_in(text);
        if spans.len() < 2 {
            return self.diagnose_answer(evidence, own);
        }
        let judged: Vec<JudgedAnswer<'_>> = chosen(&spans)
            .into_iter()
            .map(|(at, span)| JudgedAnswer {
                span,
                label: format!("answer {} (line {})", at.saturating_add(1), span.line),
                verdict: self.diagnose_answer(&alone(evidence, field, span.alone(text).into_owned()), own),
            })
            .collect();
        let refusing: Vec<&JudgedAnswer<'_>> = judged.iter().filter(|one| one.refuses()).collect();
        let seen = field == EvidenceField::Body && evidence.visible_text.is_some();
        let more = seen || evidence.observed.is_some() || evidence.comparison.is_some();
        let of_one = |one: &JudgedAnswer<'_>| match more {
            true => self.diagnose_answer(&within(evidence, field, one.span.alone(text).into_owned()), own),
            false => one.verdict.clone(),
        };
        let mut notes = vec![counted_answers(spans.len(), &refusing)];
        let mut whole = match deciding(&judged, &refusing) {
            Some(one) => {
                notes.push(format!("Reasons, quotations and pointers are those of {}.", one.label));
                of_one(one)
            }
            None => self.divided(&refusing),
        };
        notes.extend(later(&judged));
        if judged.len() < spans.len() {
            notes.push(format!(
                "{} answers are left out: at most {MOST_PARTS} are judged, first those that look like errors or refusals, then the latest.",
                spans.len().saturating_sub(judged.len())
            ));
        }
        notes.append(&mut whole.notes);
        whole.notes = notes;
        whole.parts = judged.iter().map(|one| one.part(field)).collect();
        whole
    }

    /// The verdict on answers that were refused by different layers.
    fn divided(&self, refusing: &[&JudgedAnswer<'_>]) -> Verdict {
        let count = f64::from(u32::try_from(refusing.len().max(1)).unwrap_or(1));
        let mut shares: BTreeMap<Layer, f64> = BTreeMap::new();
        for ranked in refusing.iter().flat_map(|one| &one.verdict.layers) {
            *shares.entry(ranked.layer).or_default() += ranked.confidence / count;
        }
        let mut layers: Vec<Ranked> = shares
            .into_iter()
            .map(|(layer, share)| Ranked { layer, confidence: rounded_share(share) })
            .filter(|ranked| ranked.confidence >= 0.01)
            .collect();
        layers.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.layer.cmp(&b.layer)));
        let mut reasons: Vec<Reason> = Vec::new();
        for reason in refusing.iter().filter_map(|one| one.verdict.reasons.first()) {
            if !reasons.iter().any(|known| known.rule == reason.rule) {
                reasons.push(reason.clone());
            }
        }
        let told: Vec<String> = refusing
            .iter()
            .take(MOST_NAMED)
            .map(|one| match one.decided() {
                Some(layer) => format!("{}: {}", one.label, self.guide.layer(layer).title),
                None => format!("{}: not decided", one.label),
            })
            .collect();
        let more = if refusing.len() > MOST_NAMED { "; \u{2026}" } else { "" };
        let guide = self.guide.layer(Layer::Undetermined);
        let partial = refusing.iter().all(|one| one.verdict.extent == Extent::Partial);
        Verdict {
            verdict: Layer::Undetermined,
            confidence: None,
            extent: if partial { Extent::Partial } else { Extent::Full },
            summary: format!("Not the same layer refused each time. {}{more}. {ONE_BY_ONE}", told.join("; ")),
            layers,
            reasons,
            owner: None,
            next_step: ONE_BY_ONE.to_owned(),
            do_not: guide.do_not.clone(),
            would_change: guide.would_change.clone(),
            collect: Some(ONE_BY_ONE.to_owned()),
            read_as: refusing.first().map_or(ReadAs::Nothing, |one| one.verdict.read_as),
            notes: Vec::new(),
            parts: Vec::new(),
        }
    }
}

/// The text that may hold several answers: the response, else what a person saw.
fn pasted_text(evidence: &Evidence) -> Option<(EvidenceField, &str)> {
    let full = |text: &&str| !text.trim().is_empty();
    let body = evidence.http.as_ref().and_then(|http| http.body.as_deref()).filter(full);
    let seen = evidence.visible_text.as_deref().filter(full);
    body.map(|text| (EvidenceField::Body, text)).or(seen.map(|text| (EvidenceField::VisibleText, text)))
}

/// The answers that are judged, with their numbers from 0, in their order.
fn chosen(spans: &[AnswerSpan]) -> Vec<(usize, &AnswerSpan)> {
    let mut order: Vec<(usize, &AnswerSpan)> = spans.iter().enumerate().collect();
    if order.len() > MOST_PARTS {
        order.sort_by_key(|(at, span)| (!span.trouble, usize::MAX.saturating_sub(*at)));
        order.truncate(MOST_PARTS);
        order.sort_by_key(|(at, _)| *at);
    }
    order
}

/// Evidence of one answer alone. A status and headers are those of one response, and nothing tells of which.
fn alone(evidence: &Evidence, field: EvidenceField, text: String) -> Evidence {
    let mut own = Evidence {
        provider: evidence.provider.clone(),
        model: evidence.model.clone(),
        surface: evidence.surface.clone(),
        happened_on: evidence.happened_on,
        language: evidence.language.clone(),
        ..Evidence::default()
    };
    match field {
        EvidenceField::VisibleText => own.visible_text = Some(text),
        _ => own.http = Some(HttpEvidence { body: Some(text), ..HttpEvidence::default() }),
    }
    own
}

/// All of the evidence, with one answer in the place of the several.
fn within(evidence: &Evidence, field: EvidenceField, text: String) -> Evidence {
    let mut own = alone(evidence, field, text);
    own.observed.clone_from(&evidence.observed);
    own.comparison.clone_from(&evidence.comparison);
    if field == EvidenceField::Body {
        own.visible_text.clone_from(&evidence.visible_text);
    }
    own
}

/// The answer whose verdict is that of the paste; None where those that refuse do not agree.
fn deciding<'j, 's>(judged: &'j [JudgedAnswer<'s>], refusing: &[&'j JudgedAnswer<'s>]) -> Option<&'j JudgedAnswer<'s>> {
    if refusing.is_empty() {
        let failed = judged.iter().rev().find(|one| one.decided().is_some() && !one.worked());
        return failed.or(judged.iter().rev().find(|one| one.decided().is_some())).or(judged.last());
    }
    let sure = |one: &JudgedAnswer<'_>| one.verdict.confidence.unwrap_or_default();
    let mut best: Option<&JudgedAnswer<'_>> = None;
    for one in refusing.iter().copied() {
        if best.is_none_or(|known| sure(one) > sure(known)) {
            best = Some(one);
        }
    }
    let best = best?;
    let agree = |one: &&&JudgedAnswer<'_>| match (best.decided(), one.decided()) {
        (Some(layer), None) => one.possible(layer),
        (Some(layer), Some(other)) => layer == other,
        // Nothing is decided: they leave the same open.
        (None, _) => first_two(&one.verdict) == first_two(&best.verdict),
    };
    (refusing.iter().filter(agree).count() == refusing.len()).then_some(best)
}

fn first_two(verdict: &Verdict) -> Vec<Layer> {
    let mut layers: Vec<Layer> = verdict.layers.iter().take(2).map(|ranked| ranked.layer).collect();
    layers.sort_unstable();
    layers
}

fn counted_answers(count: usize, refusing: &[&JudgedAnswer<'_>]) -> String {
    let named: Vec<&str> = refusing.iter().take(MOST_NAMED).map(|one| one.label.as_str()).collect();
    let more = if refusing.len() > MOST_NAMED { ", \u{2026}" } else { "" };
    let said = match refusing.len() {
        0 => "None of them refused.".to_owned(),
        1 => format!("One refused: {}.", named.join(", ")),
        many => format!("{many} refused: {}{more}.", named.join(", ")),
    };
    format!("The text holds {count} answers; each was judged by itself (see `parts`). {said}")
}

/// That it worked after what refused or failed.
fn later(judged: &[JudgedAnswer<'_>]) -> Option<String> {
    let after = judged.iter().rposition(|one| one.refuses() || (one.decided().is_some() && !one.worked()))?;
    let worked = judged.iter().skip(after.saturating_add(1)).find(|one| one.worked())?;
    Some(format!("It worked later: {}.", worked.label))
}
