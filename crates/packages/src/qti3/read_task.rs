//! What an interaction asks, and what is right.

use std::collections::BTreeMap;

use crate::qti3::processing::RATIONALE;
use crate::qti3::read_body::choice as choice_text;
use crate::qti3::reading::{At, slug};
use crate::report::PackageEffect;
use crate::source::{id, line};
use crate::xml::Element;
use waymark_curriculum::check::untypeable;
use waymark_curriculum::format::{
    Accepted, AuthoredChoice, Matching, Mistake, MultipleResponse, Numeric, OptionFile, Ordering, Prompt, Scoring, ShortText,
    SingleChoice, Slip, Task, Text,
};

/// What is declared of the answer.
struct DeclaredAnswer {
    correct: Vec<String>,
    /// Points by key.
    mapping: Vec<(String, f64)>,
    case_sensitive: bool,
    base_type: String,
    multiple: bool,
    /// Whether the score comes from the mapping.
    mapped: bool,
}

pub fn task(at: &mut At<'_, '_>, interaction: &Element, points: f64, unit: Option<Text>) -> Result<Task, String> {
    let declared = declared(at, interaction)?;
    match interaction.name.as_str() {
        "qti-choice-interaction" if declared.multiple => multiple(at, interaction, &declared),
        "qti-choice-interaction" => single(at, interaction, &declared),
        "qti-order-interaction" => ordering(at, interaction, &declared),
        "qti-match-interaction" => matching(at, interaction, &declared),
        _ if ["float", "integer"].contains(&declared.base_type.as_str()) => numeric(at, &declared, unit),
        _ => short_text(at, &declared, points),
    }
}

fn declared(at: &mut At<'_, '_>, interaction: &Element) -> Result<DeclaredAnswer, String> {
    let name = interaction.get("response-identifier").unwrap_or("RESPONSE");
    let element = at.declaration(name).ok_or("declares no response for its interaction")?;
    let value = |element: &Element| line(&element.whole_text());
    let correct = element.first("qti-correct-response").map(|c| c.all("qti-value").map(value).collect()).unwrap_or_default();
    let mapping = element.first("qti-mapping");
    let entries: Vec<&Element> = mapping.map(|mapping| mapping.all("qti-map-entry").collect()).unwrap_or_default();
    let entry = |entry: &&Element| Some((line(entry.get("map-key")?), entry.get("mapped-value")?.trim().parse::<f64>().ok()?));
    let mut out = DeclaredAnswer {
        correct,
        mapping: entries.iter().filter_map(entry).collect(),
        case_sensitive: entries.iter().any(|entry| entry.get("case-sensitive") != Some("false")) && !entries.is_empty(),
        base_type: element.get("base-type").unwrap_or("identifier").to_owned(),
        multiple: element.get("cardinality") == Some("multiple"),
        mapped: false,
    };
    out.mapped = scored(at, !out.mapping.is_empty());
    Ok(out)
}

/// Whether the score comes from the mapping; what else the processing does is noted.
fn scored(at: &mut At<'_, '_>, has_mapping: bool) -> bool {
    const KNOWN: &[&str] = &[
        "qti-response-processing",
        "qti-response-condition",
        "qti-response-if",
        "qti-response-else-if",
        "qti-response-else",
        "qti-is-null",
        "qti-variable",
        "qti-correct",
        "qti-match",
        "qti-map-response",
        "qti-set-outcome-value",
        "qti-base-value",
        "qti-multiple",
        "qti-string-match",
        "qti-equal",
        "qti-sum",
        "qti-not",
    ];
    let Some(processing) = at.element.first("qti-response-processing") else { return has_mapping };
    if let Some(template) = processing.get("template") {
        let name = template.rsplit('/').next().unwrap_or_default().trim_end_matches(".xml").to_owned();
        match name.as_str() {
            "map_response" => return has_mapping,
            "match_correct" => return false,
            _ => at.note(
                "response processing",
                PackageEffect::Lost,
                "a template of response processing is not known; the right answer and its points are taken",
            ),
        }
        return has_mapping;
    }
    let all = processing.descendants();
    let (mapped, odd) = (all.iter().any(|e| e.name == "qti-map-response"), all.iter().any(|e| !KNOWN.contains(&e.name.as_str())));
    if odd {
        at.note(
            "response processing",
            PackageEffect::Lost,
            "response processing of its own is not taken; the right answer and its points are",
        );
    }
    mapped && has_mapping
}

/// The options, with the rationales that belong to them; and their ids by identifier.
fn options(at: &mut At<'_, '_>, interaction: &Element, name: &str) -> (Vec<OptionFile>, BTreeMap<String, String>) {
    let (mut options, mut ids) = (Vec::new(), BTreeMap::new());
    for element in interaction.all(name) {
        let identifier = element.get("identifier").unwrap_or_default();
        let id = unique(&slug(&id(identifier), "option"), |id| ids.values().any(|taken: &String| taken == id));
        ids.insert(identifier.to_owned(), id.clone());
        let (text, inner) = choice_text(at, element);
        let rationale = inner.or_else(|| at.take_feedback(identifier)).unwrap_or_default();
        options.push(OptionFile { id, layer: None, text, rationale });
    }
    (options, ids)
}

fn unique(id: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(id) {
        return id.to_owned();
    }
    (2..).map(|n| format!("{id}-{n}")).find(|id| !taken(id)).unwrap_or_default()
}

/// The ids that are right: as declared, else those that get the most.
fn keys(declared: &DeclaredAnswer, ids: &BTreeMap<String, String>) -> Vec<String> {
    let known = |all: &[String]| all.iter().filter_map(|identifier| ids.get(identifier).cloned()).collect::<Vec<_>>();
    if !declared.correct.is_empty() {
        return known(&declared.correct);
    }
    let mut good: Vec<&(String, f64)> = declared.mapping.iter().filter(|(_, points)| *points > 0.0).collect();
    good.sort_by(|a, b| b.1.total_cmp(&a.1));
    known(&good.into_iter().map(|(identifier, _)| identifier.clone()).collect::<Vec<_>>())
}

const NO_KEY: &str = "does not say which answer is right";

fn single(at: &mut At<'_, '_>, interaction: &Element, declared: &DeclaredAnswer) -> Result<Task, String> {
    let (options, ids) = options(at, interaction, "qti-simple-choice");
    let keys = keys(declared, &ids);
    let key = keys.first().cloned().ok_or(NO_KEY)?;
    if declared.mapped && declared.mapping.iter().filter(|(_, points)| *points > 0.0).count() > 1 {
        at.note(
            "scoring",
            PackageEffect::Lost,
            "only one option of a single choice can be right here; what others get is not taken",
        );
    }
    Ok(Task::SingleChoice(SingleChoice { key, options }))
}

fn multiple(at: &mut At<'_, '_>, interaction: &Element, declared: &DeclaredAnswer) -> Result<Task, String> {
    let (options, ids) = options(at, interaction, "qti-simple-choice");
    let key = keys(declared, &ids);
    if key.is_empty() {
        return Err(NO_KEY.to_owned());
    }
    if declared.mapped {
        let shares: Vec<f64> = declared.mapping.iter().map(|(_, points)| points.abs()).collect();
        let same = shares.windows(2).all(|two| matches!(two, [a, b] if (a - b).abs() < 1e-6));
        if !same || declared.mapping.len() < options.len() {
            at.note(
                "scoring",
                PackageEffect::Changed,
                "each right option gets the same share, and each wrong one takes that share away",
            );
        }
    }
    Ok(Task::MultipleResponse(MultipleResponse { key, scoring: scoring(declared), options }))
}

fn scoring(declared: &DeclaredAnswer) -> Scoring {
    if declared.mapped { Scoring::Partial } else { Scoring::AllOrNothing }
}

fn ordering(at: &mut At<'_, '_>, interaction: &Element, declared: &DeclaredAnswer) -> Result<Task, String> {
    let (options, ids) = options(at, interaction, "qti-simple-choice");
    let key: Vec<String> = declared.correct.iter().filter_map(|identifier| ids.get(identifier).cloned()).collect();
    let distinct: std::collections::BTreeSet<&String> = key.iter().collect();
    if key.len() != options.len() || distinct.len() != key.len() {
        return Err("orders some of its choices only, or does not say which order is right".to_owned());
    }
    Ok(Task::Ordering(Ordering { key, scoring: scoring(declared), options }))
}

fn matching(at: &mut At<'_, '_>, interaction: &Element, declared: &DeclaredAnswer) -> Result<Task, String> {
    let sets: Vec<&Element> = interaction.all("qti-simple-match-set").collect();
    let [from, to] = sets.as_slice() else { return Err("does not match one set with another".to_owned()) };
    let pairs: Vec<(&str, &str)> = declared.correct.iter().filter_map(|pair| pair.split_once(' ')).collect();
    // Waymark's own identifiers say which set they are of.
    let own = |mark: &str, set: &Element| set.elements().all(|e| e.get("identifier").is_some_and(|i| i.starts_with(mark)));
    let ours = own("p_", from) && own("c_", to);
    let short = |identifier: &str| if ours { identifier.get(2..).unwrap_or_default().to_owned() } else { identifier.to_owned() };
    let (mut choices, mut ids) = (Vec::new(), BTreeMap::new());
    for element in to.all("qti-simple-associable-choice") {
        let identifier = element.get("identifier").unwrap_or_default();
        let new = unique(&slug(&id(&short(identifier)), "choice"), |id| ids.values().any(|taken: &String| taken == id));
        ids.insert(identifier.to_owned(), new.clone());
        choices.push(AuthoredChoice { id: new, layer: None, text: choice_text(at, element).0 });
    }
    let mut prompts: Vec<Prompt> = Vec::new();
    for element in from.all("qti-simple-associable-choice") {
        let identifier = element.get("identifier").unwrap_or_default();
        let mut right = pairs.iter().filter(|(prompt, _)| *prompt == identifier).filter_map(|(_, choice)| ids.get(*choice));
        let (Some(key), None) = (right.next(), right.next()) else {
            return Err("does not match each of its prompts with one choice".to_owned());
        };
        let id = unique(&slug(&id(&short(identifier)), "prompt"), |id| prompts.iter().any(|prompt| prompt.id == id));
        let (text, inner) = choice_text(at, element);
        let rationale = inner.or_else(|| at.take_feedback(&short(identifier))).unwrap_or_default();
        prompts.push(Prompt { id, text, key: key.clone(), rationale });
    }
    if prompts.is_empty() {
        return Err(NO_KEY.to_owned());
    }
    Ok(Task::Matching(Matching { scoring: scoring(declared), prompts, choices }))
}

/// The one text that explains an item without options.
fn rationale(at: &mut At<'_, '_>) -> Text {
    let only = || at.feedback.keys().next().cloned().filter(|_| at.feedback.len() == 1);
    let name = if at.feedback.contains_key(RATIONALE) { Some(RATIONALE.to_owned()) } else { only() };
    name.and_then(|name| at.take_feedback(&name)).unwrap_or_default()
}

/// Wrong answers with feedback of their own: what the processing compares with, and the feedback that it then shows.
fn mistakes(at: &mut At<'_, '_>) -> Vec<(String, Text)> {
    let branches: Vec<(String, Vec<String>)> = at
        .element
        .first("qti-response-processing")
        .map(Element::descendants)
        .unwrap_or_default()
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

fn numeric(at: &mut At<'_, '_>, declared: &DeclaredAnswer, unit: Option<Text>) -> Result<Task, String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let best = || declared.mapping.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(key, _)| key.clone());
    let key = declared.correct.first().cloned().or_else(best).and_then(|text| number(&text)).ok_or(NO_KEY)?;
    let tolerance = tolerance(at, key);
    let slips =
        mistakes(at).into_iter().filter_map(|(form, rationale)| Some(Slip { value: number(&form)?, rationale })).collect();
    Ok(Task::Numeric(Numeric { key, tolerance, unit, rationale: rationale(at), mistakes: slips }))
}

fn tolerance(at: &mut At<'_, '_>, key: f64) -> f64 {
    let processing = at.element.first("qti-response-processing").map(Element::descendants).unwrap_or_default();
    let equal = processing.into_iter().find(|e| e.name == "qti-equal" && e.first("qti-correct").is_some());
    let Some(equal) = equal else { return 0.0 };
    let sides: Vec<f64> = equal.get("tolerance").unwrap_or_default().split_whitespace().filter_map(|t| t.parse().ok()).collect();
    let (mode, largest) = (equal.get("tolerance-mode").map(str::to_owned), sides.iter().copied().fold(0.0, f64::max));
    if sides.windows(2).any(|two| matches!(two, [a, b] if a != b)) {
        at.note("tolerance", PackageEffect::Changed, "a tolerance is the same to both sides here; the larger one is taken");
    }
    match mode.as_deref() {
        Some("absolute") if largest.is_finite() => largest.max(0.0),
        Some("relative") if largest.is_finite() => (key.abs() * largest / 100.0).max(0.0),
        _ => 0.0,
    }
}

fn short_text(at: &mut At<'_, '_>, declared: &DeclaredAnswer, points: f64) -> Result<Task, String> {
    let share = |worth: f64| ((worth / points) * 1000.0).round() / 1000.0;
    let mut accepted: Vec<Accepted> = declared
        .mapping
        .iter()
        .filter(|(_, worth)| *worth > 0.0)
        .map(|(form, worth)| Accepted { form: form.clone(), share: Some(share(*worth).min(1.0)).filter(|share| *share < 1.0) })
        .collect();
    for form in declared.correct.iter().rev().filter(|form| !form.is_empty()) {
        match accepted.iter().position(|accepted| accepted.form == *form) {
            Some(at) => {
                let first = accepted.remove(at);
                accepted.insert(0, first);
            }
            None => accepted.insert(0, Accepted { form: form.clone(), share: None }),
        }
    }
    if accepted.is_empty() {
        return Err(NO_KEY.to_owned());
    }
    let mistakes: Vec<Mistake> = mistakes(at).into_iter().map(|(form, rationale)| Mistake { form, rationale }).collect();
    let forms = accepted.iter().map(|accepted| &accepted.form).chain(mistakes.iter().map(|mistake| &mistake.form));
    for (form, why) in forms.filter_map(|form| Some((form, untypeable(form)?))) {
        at.note("form", PackageEffect::Missing, &format!("a form that people can type: {form:?} {why}"));
    }
    Ok(Task::ShortText(ShortText { case_sensitive: declared.case_sensitive, accepted, rationale: rationale(at), mistakes }))
}
