//! Is the evidence enough for somebody else to judge it?

use crate::diagnosis::Evidence;
use crate::lessons::format::AuthoredPart;
use crate::submissions::feedback::checks::Checks;
use crate::submissions::feedback::words::present;

/// Whether the evidence shows anything of what came back.
pub fn shows(evidence: &Evidence) -> bool {
    let body = evidence.http.as_ref().and_then(|http| http.body.as_ref());
    let compared = evidence.comparison.as_ref().is_some_and(|c| present(c.with.as_ref()) || present(c.without.as_ref()));
    present(evidence.visible_text.as_ref()) || present(body) || compared
}

/// The evidence that a submission rests on: the learner's own where it shows anything, else the sample case's.
pub fn basis<'a>(own: &'a Evidence, sample: Option<&'a Evidence>) -> &'a Evidence {
    match sample {
        Some(sample) if !shows(own) => sample,
        _ => own,
    }
}

pub fn check_evidence(evidence: &Evidence, checks: &mut Checks) {
    let mut add = |id, passed, yes, no| checks.add(AuthoredPart::Evidence, id, passed, yes, no);
    let http = evidence.http.as_ref();
    let raw = http.is_some_and(|http| http.status.is_some() || present(http.body.as_ref()));
    let observed = evidence.observed.as_ref();
    let noticed = observed.is_some_and(|o| o.output.is_some() || o.explained.is_some()) || evidence.comparison.is_some();
    add(
        "what_came_back",
        http.is_some_and(|http| present(http.body.as_ref())) || present(evidence.visible_text.as_ref()) && (raw || noticed),
        "It shows what came back.",
        "Give the raw body, or the exact visible text together with what you observed: was there output, was a reason given?",
    );
    add(
        "raw_response",
        raw,
        "The raw response is there.",
        "Add the HTTP status and the raw body if you can get them: they say more than the visible text.",
    );
    let named = present(evidence.provider.as_ref()) && present(evidence.model.as_ref()) && present(evidence.surface.as_ref());
    add(
        "where",
        named,
        "Provider, model and surface are named.",
        "Name provider, model and surface, so that somebody else could try the same.",
    );
    add("when", evidence.happened_on.is_some(), "The day is there.", "Add the day: models and policies change.");
    let tried = observed.is_some_and(|o| o.raw_api.is_some() || o.other_accounts.is_some() || !o.tried.is_empty());
    add(
        "contrast",
        tried || evidence.comparison.is_some(),
        "There is something to compare with.",
        "Compare: the direct API, another account that you may use, or the same prompt without the system prompt.",
    );
}
