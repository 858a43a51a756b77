//! An item of QTI 1.2: what it asks, and what its conditions make of answers.

use std::collections::{BTreeMap, BTreeSet};

use crate::qti3::declared::{NO_KEY, finite_number};
use crate::qti3::options::UNEQUAL;
use crate::qti3::points::tidy_points;
use crate::qti3::reading::{At, ItemReading, slug, unique};
use crate::qti12::asked::{OlderQuestion, asked, material_texts, metadata_field};
use crate::qti12::conditions::TriedAnswer;
use crate::qti12::read_typed;
use crate::report::PackageEffect;
use crate::source;
use crate::xml::Element;
use waymark_curriculum::format::{
    AuthoredChoice, Item, Matching, MultipleResponse, OptionFile, Prompt, Scoring, SingleChoice, Task, Text,
};

/// Reads an item; none where it is not taken, which the report says. `group`: the points that a group of Canvas gives each.
pub fn read_older_item(item: &Element, path: &str, group: Option<f64>, reading: &mut ItemReading<'_>) -> Option<Item> {
    let identifier = item.get("ident").unwrap_or_default();
    let id = reading.free_id(&slug(&source::id(identifier), "item"), path);
    let mut at = At { element: item, path, id, reading, feedback: BTreeMap::new() };
    match read(&mut at, group) {
        Ok(item) => {
            at.reading.ids.insert(item.id.clone());
            Some(item)
        }
        Err(why) => {
            let detail = format!("the item {identifier:?} {why}");
            at.reading.lost("item", &detail, path);
            at.reading.refused.get_or_insert_with(|| crate::RefusedPackage::of(path, detail));
            None
        }
    }
}

fn read(at: &mut At<'_, '_>, group: Option<f64>) -> Result<Item, String> {
    let mut asked = asked(at)?;
    let (task, full) = match asked.responses.as_slice() {
        [] => return Err("asks for no answer".to_owned()),
        [one] if one.name == "response_lid" => chosen(at, one, &mut asked)?,
        [one] if ["response_str", "response_num"].contains(&one.name.as_str()) => read_typed::typed(at, one, &mut asked)?,
        several if several.len() > 1 && several.iter().all(|one| one.name == "response_lid") => matched(at, &mut asked)?,
        several if several.len() > 1 => return Err("asks several things in one".to_owned()),
        [other, ..] => return Err(format!("has a <{}>, which quizzes here have no kind for", other.name)),
    };
    if let Some(unit) = asked.unit.take() {
        // Behind a field stands a unit only where a number is asked for.
        for (language, text) in unit {
            asked.stem.entry(language).or_default().push_str(&format!("\n\n{text}"));
        }
    }
    let points = points(at, group, full);
    let points = tidy_points(at, points);
    if at.feedback.keys().any(|name| !asked.used.contains(name)) {
        at.note("feedback", PackageEffect::Lost, "feedback that belongs to no single answer is not taken");
    }
    Ok(Item {
        id: at.id.clone(),
        revision: 1,
        objective: String::new(),
        points,
        stem: asked.stem,
        evidence: asked.evidence,
        task,
    })
}

/// The weight that the package gives, else what the conditions give. In the profile of cartridges and in Canvas those count
/// hundredths.
fn points(at: &mut At<'_, '_>, group: Option<f64>, full: f64) -> f64 {
    let item = at.element;
    let weight = metadata_field(item, &["points_possible", "cc_weighting", "qmd_weighting"]).as_deref().and_then(finite_number);
    let percent = metadata_field(item, &["cc_profile", "question_type"]).is_some();
    match group.or(weight) {
        Some(weight) if weight > 0.0 => weight,
        Some(_) => {
            at.note("points", PackageEffect::Changed, "an item that gives no points gives one here");
            1.0
        }
        None if percent => 1.0,
        None => full,
    }
}

/// A label of a choice.
struct ReadLabel {
    identifier: String,
    option: OptionFile,
    worth: f64,
    shown: Vec<String>,
}

fn labels_of(response: &Element) -> Vec<&Element> {
    response.descendants().into_iter().filter(|e| e.name == "response_label").collect()
}

fn chosen(at: &mut At<'_, '_>, response: &Element, asked: &mut OlderQuestion<'_>) -> Result<(Task, f64), String> {
    let name = response.get("ident").unwrap_or_default();
    let cardinality = response.get("rcardinality").unwrap_or("Single").to_lowercase();
    if cardinality == "ordered" {
        return Err("asks for an order, in a form that is not read".to_owned());
    }
    let mut labels: Vec<ReadLabel> = Vec::new();
    for element in labels_of(response) {
        let identifier = element.get("ident").unwrap_or_default();
        let id = unique(&slug(&source::id(identifier), "option"), |id| labels.iter().any(|label| label.option.id == id));
        let nodes = material_texts(at, element);
        let text = at.markdown(&nodes);
        let (worth, shown) = asked.tried(&TriedAnswer::from([(name, vec![identifier])]));
        let option = OptionFile { id, layer: None, text, rationale: Text::new() };
        labels.push(ReadLabel { identifier: identifier.to_owned(), option, worth, shown });
    }
    limits(at, response, labels.len());
    // What every option shows explains none of them.
    let mut common: BTreeSet<String> = labels.first().map(|label| label.shown.iter().cloned().collect()).unwrap_or_default();
    common.retain(|name| labels.len() > 1 && labels.iter().all(|label| label.shown.contains(name)));
    for label in &mut labels {
        let shown = std::mem::take(&mut label.shown);
        label.option.rationale = asked.feedback(at, &shown, &common);
    }
    if labels.iter().any(|label| label.worth < 0.0) {
        at.note("scoring", PackageEffect::Changed, "no answer gets less than nothing here");
    }
    if cardinality == "multiple" { several(at, name, asked, labels) } else { best(at, labels) }
}

fn limits(at: &mut At<'_, '_>, response: &Element, options: usize) {
    let Some(render) = response.descendants().into_iter().find(|e| e.name == "render_choice") else { return };
    let shuffles = render.get("shuffle").map(|shuffle| shuffle.eq_ignore_ascii_case("yes"));
    if let Some(shuffles) = shuffles {
        at.reading.shuffles.insert(at.id.clone(), shuffles);
    }
    let most =
        render.get("maxnumber").and_then(|most| most.trim().parse::<usize>().ok()).filter(|most| *most > 1 && *most < options);
    if let Some(most) = most {
        at.note("choices", PackageEffect::Lost, &format!("that at most {most} options may be chosen: here it is any number"));
    }
    let shuffled = shuffles == Some(true);
    if shuffled && labels_of(response).iter().any(|label| label.get("rshuffle").is_some_and(|own| own.eq_ignore_ascii_case("no")))
    {
        at.note("order", PackageEffect::Lost, "options that keep their place while the others are shuffled");
    }
}

fn best(at: &mut At<'_, '_>, labels: Vec<ReadLabel>) -> Result<(Task, f64), String> {
    let paid: Vec<&ReadLabel> = labels.iter().filter(|label| label.worth > 0.0).collect();
    // Of equals the first.
    let most = paid.iter().map(|label| label.worth).fold(0.0, f64::max);
    let key = paid.iter().find(|label| label.worth >= most).map(|label| label.option.id.clone()).ok_or(NO_KEY)?;
    if paid.len() > 1 {
        at.note(
            "scoring",
            PackageEffect::Lost,
            "only one option of a single choice can be right here; what others get is not taken",
        );
    }
    Ok((Task::SingleChoice(SingleChoice { key, options: labels.into_iter().map(|label| label.option).collect() }), most))
}

fn several(at: &mut At<'_, '_>, name: &str, asked: &OlderQuestion<'_>, labels: Vec<ReadLabel>) -> Result<(Task, f64), String> {
    let candidates = asked.conditions.candidates();
    let named = |label: &&ReadLabel| candidates.iter().any(|one| one.pays && one.value == label.identifier);
    let right: Vec<&ReadLabel> = labels.iter().filter(named).collect();
    let try_all = |list: &[&ReadLabel]| {
        asked.tried(&TriedAnswer::from([(name, list.iter().map(|label| label.identifier.as_str()).collect())])).0
    };
    let full = try_all(&right);
    if right.is_empty() || full <= 0.0 {
        return Err(NO_KEY.to_owned());
    }
    let partial = right.len() > 1 && right.iter().any(|label| label.worth > 0.0);
    let share = full / f64::from(u32::try_from(right.len()).unwrap_or(u32::MAX));
    if partial {
        let is_right = |label: &ReadLabel| right.iter().any(|one| one.identifier == label.identifier);
        let even = |label: &ReadLabel| {
            if is_right(label) {
                return (label.worth - share).abs() < 0.02 * full;
            }
            let with_one: Vec<&ReadLabel> = right.iter().copied().take(1).chain([label]).collect();
            try_all(&with_one).abs() < 0.02 * full
        };
        if !labels.iter().all(even) {
            at.note("scoring", PackageEffect::Changed, UNEQUAL);
        }
    } else if labels.iter().filter(|label| !right.iter().any(|one| one.identifier == label.identifier)).any(|wrong| {
        let with_wrong: Vec<&ReadLabel> = right.iter().copied().chain([wrong]).collect();
        try_all(&with_wrong) > 0.0
    }) {
        at.note("scoring", PackageEffect::Changed, "an answer that holds a wrong option too gets nothing here");
    }
    let key = right.iter().map(|label| label.option.id.clone()).collect();
    let scoring = if partial { Scoring::Partial } else { Scoring::AllOrNothing };
    let options = labels.into_iter().map(|label| label.option).collect();
    Ok((Task::MultipleResponse(MultipleResponse { key, scoring, options }), full))
}

/// Several responses with the same labels: one choice for each prompt.
fn matched(at: &mut At<'_, '_>, asked: &mut OlderQuestion<'_>) -> Result<(Task, f64), String> {
    let responses = asked.responses.clone();
    let identifiers = |response: &Element| -> Vec<String> {
        labels_of(response).iter().map(|label| label.get("ident").unwrap_or_default().to_owned()).collect()
    };
    let first = responses.first().map(|response| identifiers(response)).unwrap_or_default();
    let set: BTreeSet<&String> = first.iter().collect();
    if responses.iter().any(|response| identifiers(response).iter().collect::<BTreeSet<_>>() != set) {
        return Err("asks several things in one".to_owned());
    }
    let mut choices: Vec<AuthoredChoice> = Vec::new();
    for label in responses.first().map(|response| labels_of(response)).unwrap_or_default() {
        let wanted = slug(&source::id(label.get("ident").unwrap_or_default()), "choice");
        let nodes = material_texts(at, label);
        let id = unique(&wanted, |id| choices.iter().any(|choice| choice.id == id));
        choices.push(AuthoredChoice { id, layer: None, text: at.markdown(&nodes) });
    }
    let common: BTreeSet<String> = asked.tried(&TriedAnswer::new()).1.into_iter().collect();
    let (mut prompts, mut right, mut shares): (Vec<Prompt>, TriedAnswer<'_>, Vec<f64>) =
        (Vec::new(), TriedAnswer::new(), Vec::new());
    for response in &responses {
        let name = response.get("ident").unwrap_or_default();
        let candidates = asked.conditions.candidates();
        let named =
            |identifier: &String| candidates.iter().any(|one| one.pays && one.response == name && one.value == identifier);
        let worth = |identifier: &String| asked.tried(&TriedAnswer::from([(name, vec![identifier.as_str()])])).0;
        let best =
            first.iter().enumerate().filter(|(_, identifier)| named(identifier)).max_by(|a, b| worth(a.1).total_cmp(&worth(b.1)));
        let Some((place, identifier)) = best else { return Err("does not match each of its prompts with one choice".to_owned()) };
        let key = choices.get(place).map(|choice| choice.id.clone()).unwrap_or_default();
        shares.push(worth(identifier));
        let shown = asked.tried(&TriedAnswer::from([(name, vec![identifier.as_str()])])).1;
        right.insert(name, vec![identifier.as_str()]);
        let nodes = material_texts(at, response);
        let id = name.strip_prefix("response_").unwrap_or(name);
        let id = unique(&slug(&source::id(id), "prompt"), |id| prompts.iter().any(|prompt| prompt.id == id));
        let rationale = asked.feedback(at, &shown, &common);
        prompts.push(Prompt { id, text: at.markdown(&nodes), key, rationale });
    }
    let full = asked.tried(&right).0;
    if full <= 0.0 {
        return Err(NO_KEY.to_owned());
    }
    let partial = shares.iter().any(|share| *share > 0.0);
    if partial && shares.windows(2).any(|two| matches!(two, [a, b] if (a - b).abs() > 0.02 * full)) {
        at.note("scoring", PackageEffect::Changed, "pairs that get different points get the same share here");
    }
    let scoring = if partial { Scoring::Partial } else { Scoring::AllOrNothing };
    Ok((Task::Matching(Matching { scoring, prompts, choices }), full))
}
