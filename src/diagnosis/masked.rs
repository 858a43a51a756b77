//! A diagnosis without secrets and personal data, as it may be stored. Pure.
//!
//! The verdict is that of the evidence as it was sent. What it quotes is taken from a second reading, of the masked
//! evidence: a quotation is cut short, and a secret that was cut has no form left by which it could be found.

use serde_json::json;

use crate::db::types::Json;
use crate::diagnosis::catalogue::SignalCatalogue;
use crate::diagnosis::{Engine, Evidence, Verdict};
use crate::error::Problem;
use crate::masking::{self, Masked};

/// What is stored of a diagnosis.
#[derive(Debug, Clone, PartialEq)]
pub struct MaskedDiagnosis {
    pub evidence: Evidence,
    pub verdict: Verdict,
    /// Pointers into an object that has both.
    pub masked: Vec<Masked>,
}

/// Counts what a diagnosis found.
pub fn counted(verdict: Verdict) -> Verdict {
    metrics::counter!("waymark_diagnoses_total", "layer" => verdict.verdict.name()).increment(1);
    verdict
}

pub fn masked(engine: &Engine, own: Option<&SignalCatalogue>, evidence: &Evidence) -> Result<MaskedDiagnosis, Problem> {
    let mut verdict = counted(engine.diagnose(evidence, own));
    let mut document = json!({ "evidence": evidence });
    masking::document(&mut document);
    let safe: Evidence = part(&document, "/evidence")?;
    if safe != *evidence {
        quote_from(&mut verdict, &engine.diagnose(&safe, own));
    }
    // Once more over what is quoted, so that nothing depends on the second reading alone.
    let quoted = |reason: &crate::diagnosis::verdict::Reason| json!({"pointer": reason.pointer, "quote": reason.quote});
    let reasons: Vec<_> = verdict.reasons.iter().map(quoted).collect();
    let parts: Vec<_> = verdict.parts.iter().map(|one| json!({"quote": one.quote})).collect();
    let mut document = json!({"evidence": safe, "verdict": {"summary": verdict.summary, "reasons": reasons, "parts": parts}});
    let masked = masking::document(&mut document);
    verdict.summary = part(&document, "/verdict/summary")?;
    for (i, reason) in verdict.reasons.iter_mut().enumerate() {
        reason.pointer = part(&document, &format!("/verdict/reasons/{i}/pointer"))?;
        reason.quote = part(&document, &format!("/verdict/reasons/{i}/quote"))?;
    }
    for (i, one) in verdict.parts.iter_mut().enumerate() {
        one.quote = part(&document, &format!("/verdict/parts/{i}/quote"))?;
    }
    Ok(MaskedDiagnosis { evidence: part(&document, "/evidence")?, verdict, masked })
}

/// Our own document holds what it was made of.
fn part<T: serde::de::DeserializeOwned>(document: &serde_json::Value, pointer: &str) -> Result<T, Problem> {
    Json(document.pointer(pointer).cloned().unwrap_or_default()).read().map_err(Problem::internal)
}

/// Lets a verdict quote what another reading quotes for the same reasons; what that one does not quote is left out.
fn quote_from(verdict: &mut Verdict, safe: &Verdict) {
    place_parts(verdict, safe);
    let first = verdict.reasons.first().cloned();
    for reason in &mut verdict.reasons {
        let same = safe.reasons.iter().find(|one| one.rule == reason.rule && one.evidence == reason.evidence);
        reason.pointer = same.and_then(|one| one.pointer.clone());
        reason.quote = same.and_then(|one| one.quote.clone());
    }
    let alike = |a: &Verdict, b: &Verdict| {
        let told = |v: &Verdict| (v.verdict, v.extent, v.collect.clone(), v.reasons.first().map(|one| one.rule.clone()));
        let best = |v: &Verdict| v.layers.iter().take(2).map(|one| one.layer).collect::<Vec<_>>();
        told(a) == told(b) && best(a) == best(b)
    };
    if alike(verdict, safe) {
        verdict.summary.clone_from(&safe.summary);
    } else if let Some(first) = first {
        // The summary holds nothing else of the evidence than the first reason's place and quotation.
        for text in [first.quote, first.pointer].into_iter().flatten().filter(|text| !text.is_empty()) {
            verdict.summary = verdict.summary.replace(&text, "\u{2026}");
        }
    }
}

/// Lets the parts of a verdict say where they stand in the evidence that is kept.
fn place_parts(verdict: &mut Verdict, safe: &Verdict) {
    if verdict.parts.len() != safe.parts.len() {
        verdict.parts.clone_from(&safe.parts);
        return;
    }
    for (own, kept) in verdict.parts.iter_mut().zip(&safe.parts) {
        (own.from, own.to) = (kept.from, kept.to);
        own.quote = kept.quote.clone().filter(|_| own.rule == kept.rule);
    }
}

#[cfg(test)]
#[path = "masked_tests.rs"]
mod tests;
