//! How large evidence may be, and which forms its parts have.

use chrono::Datelike;

use crate::diagnosis::Evidence;
use crate::diagnosis::evidence::{HttpEvidence, Observed};
use crate::web::limits::{ENTRIES, PASTED, Wrong};

/// What of it is too large or has no proper form; the pointers begin at the evidence.
pub fn wrong_with(evidence: &Evidence) -> Wrong {
    let wrong = &mut Wrong::default();
    wrong.short("/provider", evidence.provider.as_deref());
    wrong.short("/model", evidence.model.as_deref());
    wrong.short("/surface", evidence.surface.as_deref());
    wrong.text("/visible_text", evidence.visible_text.as_deref(), PASTED);
    wrong.language("/language", evidence.language.as_deref());
    evidence.http.iter().for_each(|part| http(part, wrong));
    evidence.observed.iter().for_each(|part| observed(part, wrong));
    if let Some(comparison) = &evidence.comparison {
        wrong.text("/comparison/with", comparison.with.as_deref(), PASTED);
        wrong.text("/comparison/without", comparison.without.as_deref(), PASTED);
    }
    if evidence.happened_on.is_some_and(|day| !(1..=9999).contains(&day.year())) {
        wrong.add("/happened_on", "must be a date of the years 0001 to 9999.");
    }
    std::mem::take(wrong)
}

fn http(http: &HttpEvidence, wrong: &mut Wrong) {
    if http.status.is_some_and(|status| !(100..=599).contains(&status)) {
        wrong.add("/http/status", "must be from 100 to 599.");
    }
    wrong.count("/http/headers", http.headers.len(), ENTRIES);
    for (i, header) in http.headers.iter().enumerate().take(ENTRIES) {
        wrong.short(&format!("/http/headers/{i}/name"), Some(&header.name));
        wrong.prose(&format!("/http/headers/{i}/value"), Some(&header.value));
    }
    wrong.text("/http/body", http.body.as_deref(), PASTED);
}

fn observed(observed: &Observed, wrong: &mut Wrong) {
    if observed.raw_api.as_ref().is_some_and(|raw| raw.tries.is_some_and(|tries| tries > 10_000)) {
        wrong.add("/observed/raw_api/tries", "must be from 0 to 10000.");
    }
    wrong.count("/observed/tried", observed.tried.len(), ENTRIES);
    for (i, tried) in observed.tried.iter().enumerate().take(ENTRIES) {
        wrong.prose(&format!("/observed/tried/{i}"), Some(tried));
    }
}
