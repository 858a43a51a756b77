//! Typed answers: texts and numbers.

use crate::qti3::declared::{DeclaredAnswer, NO_KEY, finite_number};
use crate::qti3::options::note_key;
use crate::qti3::processing::RATIONALE;
use crate::qti3::reading::At;
use crate::report::PackageEffect;
use crate::source::{line, plain_number};
use crate::xml::Element;
use waymark_curriculum::check::untypeable;
use waymark_curriculum::format::{Accepted, Mistake, Numeric, ShortText, Slip, Task, Text};
use waymark_curriculum::kinds::{Decimal, rounded_number};

/// The one text that explains an item without options.
fn rationale(at: &mut At<'_, '_>) -> Text {
    let only = || at.feedback.keys().next().cloned().filter(|_| at.feedback.len() == 1);
    let name = if at.feedback.contains_key(RATIONALE) { Some(RATIONALE.to_owned()) } else { only() };
    name.and_then(|name| at.take_feedback(&name)).unwrap_or_default()
}

fn processing<'a>(at: &At<'a, '_>) -> Vec<&'a Element> {
    at.element.first("qti-response-processing").map(Element::descendants).unwrap_or_default()
}

/// Wrong answers with feedback of their own: what the processing compares with, and the feedback that it then shows.
fn mistakes(at: &mut At<'_, '_>) -> Vec<(String, Text)> {
    let branches: Vec<(String, Vec<String>)> = processing(at)
        .into_iter()
        .filter(|branch| ["qti-response-if", "qti-response-else-if"].contains(&branch.name.as_str()))
        .filter_map(|branch| {
            let test = branch.first("qti-string-match").or_else(|| branch.first("qti-equal"))?;
            let form = test.first("qti-base-value")?.whole_text();
            let shown = branch.all("qti-set-outcome-value").flat_map(Element::descendants);
            let shown = shown.filter(|e| e.name == "qti-base-value").map(|e| line(&e.whole_text()));
            Some((form, shown.collect()))
        })
        .collect();
    let mut out = Vec::new();
    for (form, shown) in branches {
        let found = shown.iter().find(|name| at.feedback.contains_key(*name) && *name != RATIONALE);
        out.extend(found.and_then(|name| at.feedback.remove(name)).map(|text| (form, text)));
    }
    out
}

/// A number as items have them, noted where it is another, or none that an item can have.
pub fn tidy_number(at: &mut At<'_, '_>, what: &str, value: f64) -> f64 {
    if Decimal::of(value).is_some() {
        return value;
    }
    match rounded_number(value).filter(|rounded| *rounded != 0.0) {
        Some(rounded) => {
            let detail = format!("numbers have at most nine decimals: {what} {value:e} became {}", plain_number(rounded));
            at.note("number", PackageEffect::Changed, &detail);
            rounded
        }
        None => {
            let detail = format!("{what} that answers can have, from 0.000000001 to 1000000000000000: {value:e} is none");
            at.note("number", PackageEffect::Missing, &detail);
            value
        }
    }
}

pub fn numeric(at: &mut At<'_, '_>, answer: &DeclaredAnswer, unit: Option<Text>) -> Result<(Task, Option<f64>), String> {
    let best = || answer.mapping.entries.iter().max_by(|a, b| a.points.total_cmp(&b.points)).map(|best| best.key.clone());
    let compared = || answer.branches.first().and_then(|branch| branch.value.clone());
    let said = answer.correct.first().cloned().or_else(best).or_else(compared).and_then(|text| finite_number(&text));
    let scored = answer.mapping.entries.iter().filter(|entry| entry.points > 0.0).count();
    if answer.mapped && scored > 1 {
        at.note("scoring", PackageEffect::Lost, "only one number can be right here; what others get is not taken");
    }
    let (key, tolerance) = match range(at)? {
        Some((low, high)) => {
            let (middle, half) = ((low + high) / 2.0, (high - low) / 2.0);
            let middle = said.filter(|said| (said - middle).abs() < 1e-9).unwrap_or(rounded_number(middle).unwrap_or(middle));
            if said.is_some_and(|said| (said - middle).abs() >= 1e-9) {
                at.note("key", PackageEffect::Changed, "the right number is shown as the middle of the range that is right");
            }
            (middle, rounded_number(half).unwrap_or(half))
        }
        None => {
            let key = said.ok_or(NO_KEY)?;
            (key, tolerance(at, key))
        }
    };
    let (key, tolerance) = (tidy_number(at, "a key", key), tidy_number(at, "a tolerance", tolerance));
    let slips = mistakes(at);
    let slips = slips
        .into_iter()
        .filter_map(|(form, rationale)| Some(Slip { value: tidy_number(at, "a mistake", finite_number(&form)?), rationale }))
        .collect();
    let given = if answer.mapped { best_of_mapping(answer) } else { answer.full() };
    Ok((Task::Numeric(Numeric { key, tolerance, unit, rationale: rationale(at), mistakes: slips }), given))
}

/// The ends of the range that the processing tests for, where it does.
fn range(at: &mut At<'_, '_>) -> Result<Option<(f64, f64)>, String> {
    let (mut lows, mut highs, mut open) = (Vec::new(), Vec::new(), false);
    for test in processing(at) {
        let (is_low, is_open) = match test.name.as_str() {
            "qti-gte" => (true, false),
            "qti-gt" => (true, true),
            "qti-lte" => (false, false),
            "qti-lt" => (false, true),
            _ => continue,
        };
        let sides: Vec<&Element> = test.elements().collect();
        let (value, turned) = match sides.as_slice() {
            [one, other] if one.name == "qti-variable" && other.name == "qti-base-value" => (other, false),
            [one, other] if other.name == "qti-variable" && one.name == "qti-base-value" => (one, true),
            _ => continue,
        };
        let Some(value) = finite_number(&value.whole_text()) else { continue };
        open |= is_open;
        if is_low != turned { lows.push(value) } else { highs.push(value) }
    }
    let (low, high) = match (lows.as_slice(), highs.as_slice()) {
        ([], []) => return Ok(None),
        ([low, ..], [high, ..]) if low <= high => (*low, *high),
        _ => return Err("takes numbers of a range that has only one end, which quizzes here do not".to_owned()),
    };
    if lows.len() > 1 || highs.len() > 1 {
        at.note("scoring", PackageEffect::Lost, "several ranges of numbers: the first one is right here");
    }
    if open {
        at.note("tolerance", PackageEffect::Changed, "the ends of a range are right here, and were not");
    }
    Ok(Some((low, high)))
}

fn tolerance(at: &mut At<'_, '_>, key: f64) -> f64 {
    let all = processing(at);
    if let Some(rounded) = all.iter().find(|e| e.name == "qti-equal-rounded") {
        at.note(
            "tolerance",
            PackageEffect::Changed,
            "a number that is right once rounded is right within half of its last digit",
        );
        let figures = rounded.get("figures").and_then(|figures| figures.trim().parse::<i32>().ok()).unwrap_or(0).clamp(0, 9);
        return if rounded.get("rounding-mode") == Some("decimalPlaces") { 0.5 * 10_f64.powi(-figures) } else { 0.0 };
    }
    let compares = |e: &&Element| e.first("qti-correct").or(e.first("qti-base-value")).is_some();
    let equal = all.iter().copied().filter(|e| e.name == "qti-equal").find(|e| e.first("qti-correct").is_some());
    let Some(equal) = equal.or_else(|| all.iter().copied().filter(|e| e.name == "qti-equal").find(compares)) else { return 0.0 };
    let sides: Vec<f64> = equal.get("tolerance").unwrap_or_default().split_whitespace().filter_map(|t| t.parse().ok()).collect();
    let (mode, largest) = (equal.get("tolerance-mode").map(str::to_owned), sides.iter().copied().fold(0.0, f64::max));
    let open = ["include-lower-bound", "include-upper-bound"].iter().any(|name| equal.get(name) == Some("false"));
    if sides.windows(2).any(|two| matches!(two, [a, b] if a != b)) {
        at.note("tolerance", PackageEffect::Changed, "a tolerance is the same to both sides here; the larger one is taken");
    }
    if open {
        at.note("tolerance", PackageEffect::Changed, "the ends of a range are right here, and were not");
    }
    match mode.as_deref() {
        Some("absolute") if largest.is_finite() => largest.max(0.0),
        Some("relative") if largest.is_finite() => (key.abs() * largest / 100.0).max(0.0),
        _ => 0.0,
    }
}

fn best_of_mapping(answer: &DeclaredAnswer) -> Option<f64> {
    let best = answer.mapping.entries.iter().map(|entry| entry.points).reduce(f64::max)?;
    Some(answer.mapping.bounded(best))
}

/// What the best text gets, where the scoring says so.
pub fn best_text(answer: &DeclaredAnswer) -> Option<f64> {
    if answer.mapped { best_of_mapping(answer) } else { answer.full() }
}

pub fn short_text(at: &mut At<'_, '_>, answer: &DeclaredAnswer, points: f64) -> Result<Task, String> {
    let case_sensitive = case_sensitive(at, answer);
    let mut accepted: Vec<Accepted> = Vec::new();
    let mut rounded = false;
    let mut add = |form: &String, worth: f64| {
        let exact = (worth / points).min(1.0);
        let share = (exact * 1000.0).round() / 1000.0;
        rounded |= (share - exact).abs() > 1e-9;
        if share > 0.0 && !accepted.iter().any(|known| known.form == *form) {
            accepted.push(Accepted { form: form.clone(), share: Some(share).filter(|share| *share < 1.0) });
        }
    };
    if answer.mapped {
        answer.mapping.entries.iter().filter(|entry| entry.points > 0.0).for_each(|entry| add(&entry.key, entry.points));
    } else {
        answer.correct.iter().filter(|form| !form.is_empty()).for_each(|form| add(form, points));
        answer.branches.iter().for_each(|branch| branch.value.iter().for_each(|form| add(form, branch.points)));
    }
    // The first is shown as the right answer: it gets all points, and is what is said to be right where that does.
    let said = |form: &str| answer.correct.iter().any(|correct| correct == form);
    accepted.sort_by(|a, b| {
        let rank = |one: &Accepted| (one.share.map_or(-1.0, |share| -share), !said(&one.form));
        rank(a).partial_cmp(&rank(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    if accepted.is_empty() {
        return Err(NO_KEY.to_owned());
    }
    if answer.mapped && answer.correct.iter().any(|form| accepted.iter().all(|one| one.form != *form || one.share.is_some())) {
        note_key(at);
    }
    if rounded {
        at.note("scoring", PackageEffect::Changed, "shares of the points have at most three decimals");
    }
    if answer.mapped && answer.mapping.default > 0.0 {
        at.note("default", PackageEffect::Lost, "points for every other text, which get none here");
    }
    at.note(
        "comparison",
        PackageEffect::Changed,
        "typed texts are compared without regard to quotation marks, repeated spaces and a full stop at the end",
    );
    let mistakes: Vec<Mistake> = mistakes(at).into_iter().map(|(form, rationale)| Mistake { form, rationale }).collect();
    let forms = accepted.iter().map(|accepted| &accepted.form).chain(mistakes.iter().map(|mistake| &mistake.form));
    for (form, why) in forms.filter_map(|form| Some((form, untypeable(form)?))) {
        at.note("form", PackageEffect::Missing, &format!("a form that people can type: {form:?} {why}"));
    }
    Ok(Task::ShortText(ShortText { case_sensitive, accepted, rationale: rationale(at), mistakes }))
}

/// Whether capitals count: as the mapping says, as the processing compares; `match` compares exactly.
fn case_sensitive(at: &mut At<'_, '_>, answer: &DeclaredAnswer) -> bool {
    if processing(at).iter().any(|test| test.get("substring") == Some("true") || test.name == "qti-pattern-match") {
        at.note("comparison", PackageEffect::Lost, "that a part of a text or a pattern is enough");
    }
    let told: Vec<bool> = if answer.mapped {
        answer.mapping.entries.iter().filter(|entry| entry.points > 0.0).map(|entry| entry.case_sensitive).collect()
    } else {
        answer.branches.iter().map(|branch| branch.case_sensitive).collect()
    };
    let (any, all) = (told.iter().any(|case| *case), told.iter().all(|case| *case));
    if any && !all {
        at.note(
            "case",
            PackageEffect::Changed,
            "capitals count in all forms of an item or in none; here in all, because in some they did",
        );
    }
    told.is_empty() || any
}
