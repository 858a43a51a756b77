//! Typed answers of QTI 1.2: texts and numbers.

use std::collections::BTreeSet;

use crate::qti3::declared::{NO_KEY, finite_number};
use crate::qti3::read_typed::tidy_number;
use crate::qti3::reading::At;
use crate::qti12::asked::{OlderQuestion, metadata_field};
use crate::qti12::conditions::{Compared, NamedAnswer, TriedAnswer};
use crate::report::PackageEffect;
use crate::xml::Element;
use waymark_curriculum::check::untypeable;
use waymark_curriculum::format::{Accepted, Mistake, Numeric, ShortText, Slip, Task};
use waymark_curriculum::kinds::rounded_number;

/// A form that conditions name, and what becomes of it.
struct Form {
    text: String,
    worth: f64,
    shown: Vec<String>,
    case_sensitive: bool,
}

pub fn typed(at: &mut At<'_, '_>, response: &Element, asked: &mut OlderQuestion<'_>) -> Result<(Task, f64), String> {
    if !asked.conditions.gives_points() {
        return Err("is a text that a person scores, which quizzes here do not have".to_owned());
    }
    let below = response.descendants();
    let kind = below.iter().find_map(|e| e.get("fibtype")).unwrap_or("String").to_lowercase();
    let own = below.iter().any(|e| e.name == "response_label" && e.get("ident").is_some_and(|ident| ident.starts_with("number")));
    let canvas = metadata_field(at.element, &["question_type"]).is_some_and(|kind| kind == "numerical_question");
    let is_number =
        response.name == "response_num" || canvas || own || ["integer", "decimal", "scientific"].contains(&kind.as_str());
    let name = response.get("ident").unwrap_or_default();
    if is_number { numeric(at, name, asked) } else { text(at, name, asked) }
}

fn forms(name: &str, asked: &OlderQuestion<'_>, candidates: &[NamedAnswer<'_>]) -> Vec<Form> {
    let mut out: Vec<Form> = Vec::new();
    for candidate in candidates.iter().filter(|one| one.response == name) {
        let Compared::Equal { case_sensitive } = candidate.how else { continue };
        if candidate.value.is_empty() || out.iter().any(|form| form.text == candidate.value) {
            continue;
        }
        let (worth, shown) = asked.tried(&TriedAnswer::from([(name, vec![candidate.value])]));
        out.push(Form { text: candidate.value.to_owned(), worth, shown, case_sensitive });
    }
    out
}

fn text(at: &mut At<'_, '_>, name: &str, asked: &mut OlderQuestion<'_>) -> Result<(Task, f64), String> {
    let candidates = asked.conditions.candidates();
    let part = candidates.iter().any(|one| one.how == Compared::Part);
    let mut all = forms(name, asked, &candidates);
    if part {
        // The part is the nearest to a form that there is.
        for one in candidates.iter().filter(|one| one.how == Compared::Part && one.pays && one.response == name) {
            let (worth, shown) = asked.tried(&TriedAnswer::from([(name, vec![one.value])]));
            all.push(Form { text: one.value.to_owned(), worth, shown, case_sensitive: false });
        }
        at.note("comparison", PackageEffect::Lost, "that a part of a text is enough: here the whole of it is compared");
    }
    drop(candidates);
    let full = all.iter().map(|form| form.worth).fold(0.0, f64::max);
    if full <= 0.0 {
        return Err(NO_KEY.to_owned());
    }
    let cases: Vec<bool> = all.iter().filter(|form| form.worth > 0.0).map(|form| form.case_sensitive).collect();
    let case_sensitive = cases.iter().any(|case| *case);
    if case_sensitive && !cases.iter().all(|case| *case) {
        at.note(
            "case",
            PackageEffect::Changed,
            "capitals count in all forms of an item or in none; here in all, because in some they did",
        );
    }
    let share = |form: &Form| ((form.worth / full) * 1000.0).round() / 1000.0;
    let mut right: Vec<&Form> = all.iter().filter(|form| share(form) > 0.0).collect();
    right.sort_by(|a, b| b.worth.total_cmp(&a.worth));
    let accepted: Vec<Accepted> = right
        .iter()
        .map(|form| Accepted { form: form.text.clone(), share: Some(share(form)).filter(|share| *share < 1.0) })
        .collect();
    let general: BTreeSet<String> = right.first().map(|form| form.shown.iter().cloned().collect()).unwrap_or_default();
    let shown: Vec<String> = right.first().map(|form| form.shown.clone()).unwrap_or_default();
    let rationale = asked.feedback(at, &shown, &BTreeSet::new());
    let mut mistakes = Vec::new();
    for form in all.iter().filter(|form| form.worth <= 0.0) {
        let rationale = asked.feedback(at, &form.shown, &general);
        mistakes.push(Mistake { form: form.text.clone(), rationale });
    }
    at.note(
        "comparison",
        PackageEffect::Changed,
        "typed texts are compared without regard to quotation marks, repeated spaces and a full stop at the end",
    );
    let typed = accepted.iter().map(|accepted| &accepted.form).chain(mistakes.iter().map(|mistake| &mistake.form));
    for (form, why) in typed.filter_map(|form| Some((form, untypeable(form)?))) {
        at.note("form", PackageEffect::Missing, &format!("a form that people can type: {form:?} {why}"));
    }
    Ok((Task::ShortText(ShortText { case_sensitive, accepted, rationale, mistakes }), full))
}

fn numeric(at: &mut At<'_, '_>, name: &str, asked: &mut OlderQuestion<'_>) -> Result<(Task, f64), String> {
    let candidates = asked.conditions.candidates();
    let own = || candidates.iter().filter(|one| one.response == name && one.pays);
    let bounds = |inner: Compared, open: Compared| {
        let list: Vec<(f64, bool)> = own()
            .filter(|one| one.how == inner || one.how == open)
            .filter_map(|one| Some((finite_number(one.value)?, one.how == open)))
            .collect();
        list
    };
    let (lows, highs) = (bounds(Compared::AtLeast, Compared::Above), bounds(Compared::AtMost, Compared::Below));
    let mut exact: Vec<(f64, String)> = Vec::new();
    for one in own().filter(|one| matches!(one.how, Compared::Equal { .. })) {
        exact.extend(finite_number(one.value).map(|value| (value, one.value.to_owned())));
    }
    let all = forms(name, asked, &candidates);
    drop(candidates);
    if exact.len() > 1 || lows.len() > 1 {
        at.note("scoring", PackageEffect::Lost, "only one number can be right here; what others get is not taken");
    }
    let (key, tolerance) = match (lows.first(), highs.first(), exact.first()) {
        (Some((low, open)), Some((high, closed)), said) if low <= high => {
            if *open || *closed {
                at.note("tolerance", PackageEffect::Changed, "the ends of a range are right here, and were not");
            }
            let middle = rounded_number((low + high) / 2.0).unwrap_or(*low);
            let half = (high - low) / 2.0;
            if said.is_some_and(|(said, _)| (said - middle).abs() >= 1e-9) {
                at.note("key", PackageEffect::Changed, "the right number is shown as the middle of the range that is right");
            }
            (middle, rounded_number(half).unwrap_or(half))
        }
        (None, None, Some((key, _))) => (*key, 0.0),
        (None, None, None) => return Err(NO_KEY.to_owned()),
        _ => return Err("takes numbers of a range that has only one end, which quizzes here do not".to_owned()),
    };
    let (key, tolerance) = (tidy_number(at, "a key", key), tidy_number(at, "a tolerance", tolerance));
    let right = exact.first().map_or_else(|| crate::source::plain_number(key), |(_, text)| text.clone());
    let (full, shown) = asked.tried(&TriedAnswer::from([(name, vec![right.as_str()])]));
    if full <= 0.0 {
        return Err(NO_KEY.to_owned());
    }
    let general: BTreeSet<String> = shown.iter().cloned().collect();
    let rationale = asked.feedback(at, &shown, &BTreeSet::new());
    let mut mistakes = Vec::new();
    for form in all.iter().filter(|form| form.worth <= 0.0) {
        let Some(value) = finite_number(&form.text) else { continue };
        let rationale = asked.feedback(at, &form.shown, &general);
        mistakes.push(Slip { value: tidy_number(at, "a mistake", value), rationale });
    }
    let unit = asked.unit.take();
    Ok((Task::Numeric(Numeric { key, tolerance, unit, rationale, mistakes }), full))
}
