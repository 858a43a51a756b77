//! An item of QTI 1.2: what it asks, and what its conditions make of answers.

use std::collections::{BTreeMap, BTreeSet};

use crate::html::html_nodes;
use crate::qti3::declared::{MOST_ANSWERS, NO_KEY, number};
use crate::qti3::points::tidy_points;
use crate::qti3::read_body::evidence;
use crate::qti3::read_task::UNEQUAL;
use crate::qti3::reading::{At, ItemReading, MOST_OPTIONS, slug, unique};
use crate::qti12::conditions::{Conditions, Given, ResponseKinds, conditions};
use crate::qti12::read::field;
use crate::qti12::read_typed;
use crate::report::PackageEffect;
use crate::source;
use crate::xml::{Element, XmlNode};
use waymark_curriculum::format::{
    AuthoredChoice, Item, Matching, MultipleResponse, OptionFile, Prompt, Scoring, ShownEvidence, SingleChoice, Task, Text,
};

/// What an item asks, before its answers are looked at.
pub struct Asked<'a> {
    pub stem: Text,
    pub evidence: Vec<ShownEvidence>,
    pub unit: Option<Text>,
    pub responses: Vec<&'a Element>,
    pub conditions: Conditions,
    /// Feedback that some answer showed.
    pub used: BTreeSet<String>,
}

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
    let weight = field(item, &["points_possible", "cc_weighting", "qmd_weighting"]).as_deref().and_then(number);
    let percent = field(item, &["cc_profile", "question_type"]).is_some();
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

/// What stands in an item before it is asked what is right.
pub fn asked<'a>(at: &mut At<'a, '_>) -> Result<Asked<'a>, String> {
    let item = at.element;
    if item.descendants().into_iter().any(|e| e.name == "calculated" || e.name == "formulas") {
        return Err("makes up its numbers, which quizzes here do not".to_owned());
    }
    const COMPARED: [&str; 8] = ["respcondition", "varequal", "varsubstring", "varsubset", "vargte", "vargt", "varlte", "varlt"];
    let count = |names: &[&str]| item.descendants().into_iter().filter(|e| names.contains(&e.name.as_str())).count();
    if count(&["response_label"]) > MOST_OPTIONS || count(&COMPARED) > 2 * MOST_ANSWERS {
        return Err(format!("has more than {MOST_OPTIONS} options, or compares with more than {MOST_ANSWERS} answers"));
    }
    let presentation = item.first("presentation").ok_or("shows nothing")?;
    let (mut nodes, mut responses) = (Vec::new(), Vec::new());
    shown_parts(at, presentation, &mut nodes, &mut responses);
    let mut kinds = ResponseKinds::default();
    for response in &responses {
        let identifier = response.get("ident").unwrap_or_default().to_owned();
        if response.name != "response_lid" {
            kinds.typed.insert(identifier.clone());
        }
        if !response.get("rcardinality").is_some_and(|many| !many.eq_ignore_ascii_case("single")) {
            kinds.single.insert(identifier);
        }
    }
    at.feedback = feedback(at);
    let (figures, rest): (Vec<XmlNode>, Vec<XmlNode>) = nodes.into_iter().partition(is_evidence);
    let (units, rest): (Vec<XmlNode>, Vec<XmlNode>) = rest.into_iter().partition(|node| is_class(node, "p", "unit"));
    let evidence = figures.iter().filter_map(XmlNode::element).map(|figure| evidence(at, figure)).collect();
    let unit = units.first().and_then(XmlNode::element).map(|unit| without_brackets(&unit.children));
    let unit = unit.map(|unit| at.markdown(&unit)).filter(|unit| !unit.is_empty());
    let stem = at.markdown(&rest);
    Ok(Asked { stem, evidence, unit, responses, conditions: conditions(item, &kinds), used: BTreeSet::new() })
}

pub fn is_class(node: &XmlNode, name: &str, class: &str) -> bool {
    node.element()
        .is_some_and(|e| e.name == name && e.get("class").is_some_and(|own| own.split_whitespace().any(|one| one == class)))
}

fn is_evidence(node: &XmlNode) -> bool {
    is_class(node, "figure", "evidence") && node.element().is_some_and(|figure| figure.first("pre").is_some())
}

fn without_brackets(nodes: &[XmlNode]) -> Vec<XmlNode> {
    let mut out = nodes.to_vec();
    if let Some(XmlNode::Text(first)) = out.first_mut() {
        *first = first.trim_start().strip_prefix('(').unwrap_or(first).to_owned();
    }
    if let Some(XmlNode::Text(last)) = out.last_mut() {
        *last = last.trim_end().strip_suffix(')').unwrap_or(last).to_owned();
    }
    out
}

/// Materials outside of responses, and the responses.
fn shown_parts<'a>(at: &mut At<'_, '_>, parent: &'a Element, nodes: &mut Vec<XmlNode>, responses: &mut Vec<&'a Element>) {
    for element in parent.elements() {
        match element.name.as_str() {
            "material" => nodes.extend(material_nodes(at, element)),
            name if name.starts_with("response_") => responses.push(element),
            _ => shown_parts(at, element, nodes, responses),
        }
    }
}

/// All texts below an element, outside of responses.
pub fn texts(at: &mut At<'_, '_>, parent: &Element) -> Vec<XmlNode> {
    let mut nodes = Vec::new();
    if parent.name == "material" {
        return material_nodes(at, parent);
    }
    for element in parent.elements().filter(|e| !e.name.starts_with("response_") && !e.name.starts_with("render_")) {
        nodes.extend(texts(at, element));
    }
    nodes
}

fn material_nodes(at: &mut At<'_, '_>, material: &Element) -> Vec<XmlNode> {
    let mut out = Vec::new();
    for part in material.elements() {
        let text = part.whole_text();
        match part.name.as_str() {
            "mattext" | "matemtext" => {
                let told = part.get("texttype").map(str::to_lowercase);
                // Without a word about its form it is plain (QTI 1.2), but where it closes a tag it was not meant so.
                let html = told.map_or_else(|| text.contains("</") || text.contains("<br"), |told| told.contains("html"));
                if html && part.elements().next().is_none() {
                    out.extend(html_nodes(&text));
                } else if html {
                    out.extend(part.children.iter().cloned());
                } else {
                    let paragraphs = text.split("\n\n").filter(|part| !part.trim().is_empty());
                    out.extend(paragraphs.map(|part| Element::new("p").text(part).into()));
                }
            }
            "matbreak" => out.push(Element::new("br").into()),
            _ => at.note("media", PackageEffect::Lost, "images, sound and films are not taken"),
        }
    }
    out
}

fn feedback(at: &mut At<'_, '_>) -> BTreeMap<String, Text> {
    let item = at.element;
    let mut out = BTreeMap::new();
    for feedback in item.all("itemfeedback") {
        let nodes = texts(at, feedback);
        let text = at.markdown(&nodes);
        if !text.is_empty() {
            out.insert(feedback.get("ident").unwrap_or_default().to_owned(), text);
        }
    }
    out
}

impl Asked<'_> {
    /// The texts of the feedback that an answer shows and that none of `common` is.
    pub fn feedback(&mut self, at: &mut At<'_, '_>, shown: &[String], common: &BTreeSet<String>) -> Text {
        let names: Vec<&String> = shown.iter().filter(|name| !common.contains(*name)).collect();
        let mut parts: Vec<&Text> = Vec::new();
        for name in &names {
            parts.extend(at.feedback.get(*name).filter(|text| !parts.contains(text)));
        }
        let language = at.reading.language.clone();
        let joined: Vec<&str> = parts.iter().filter_map(|text| text.get(&language)).map(String::as_str).collect();
        self.used.extend(names.into_iter().cloned());
        at.reading.text(joined.join("\n\n"))
    }

    pub fn tried(&self, given: &Given<'_>) -> (f64, Vec<String>) {
        let (score, shown) = self.conditions.outcome(given);
        (score, shown.into_iter().map(str::to_owned).collect())
    }
}

/// A label of a choice.
struct Label {
    identifier: String,
    option: OptionFile,
    worth: f64,
    shown: Vec<String>,
}

fn labels_of(response: &Element) -> Vec<&Element> {
    response.descendants().into_iter().filter(|e| e.name == "response_label").collect()
}

fn chosen(at: &mut At<'_, '_>, response: &Element, asked: &mut Asked<'_>) -> Result<(Task, f64), String> {
    let name = response.get("ident").unwrap_or_default();
    let cardinality = response.get("rcardinality").unwrap_or("Single").to_lowercase();
    if cardinality == "ordered" {
        return Err("asks for an order, in a form that is not read".to_owned());
    }
    let mut labels: Vec<Label> = Vec::new();
    for element in labels_of(response) {
        let identifier = element.get("ident").unwrap_or_default();
        let id = unique(&slug(&source::id(identifier), "option"), |id| labels.iter().any(|label| label.option.id == id));
        let nodes = texts(at, element);
        let text = at.markdown(&nodes);
        let (worth, shown) = asked.tried(&Given::from([(name, vec![identifier])]));
        let option = OptionFile { id, layer: None, text, rationale: Text::new() };
        labels.push(Label { identifier: identifier.to_owned(), option, worth, shown });
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

fn best(at: &mut At<'_, '_>, labels: Vec<Label>) -> Result<(Task, f64), String> {
    let paid: Vec<&Label> = labels.iter().filter(|label| label.worth > 0.0).collect();
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

fn several(at: &mut At<'_, '_>, name: &str, asked: &Asked<'_>, labels: Vec<Label>) -> Result<(Task, f64), String> {
    let candidates = asked.conditions.candidates();
    let named = |label: &&Label| candidates.iter().any(|one| one.pays && one.value == label.identifier);
    let right: Vec<&Label> = labels.iter().filter(named).collect();
    let try_all =
        |list: &[&Label]| asked.tried(&Given::from([(name, list.iter().map(|label| label.identifier.as_str()).collect())])).0;
    let full = try_all(&right);
    if right.is_empty() || full <= 0.0 {
        return Err(NO_KEY.to_owned());
    }
    let partial = right.len() > 1 && right.iter().any(|label| label.worth > 0.0);
    let share = full / f64::from(u32::try_from(right.len()).unwrap_or(u32::MAX));
    if partial {
        let is_right = |label: &Label| right.iter().any(|one| one.identifier == label.identifier);
        let even = |label: &Label| {
            if is_right(label) {
                return (label.worth - share).abs() < 0.02 * full;
            }
            let with_one: Vec<&Label> = right.iter().copied().take(1).chain([label]).collect();
            try_all(&with_one).abs() < 0.02 * full
        };
        if !labels.iter().all(even) {
            at.note("scoring", PackageEffect::Changed, UNEQUAL);
        }
    } else if labels.iter().filter(|label| !right.iter().any(|one| one.identifier == label.identifier)).any(|wrong| {
        let with_wrong: Vec<&Label> = right.iter().copied().chain([wrong]).collect();
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
fn matched(at: &mut At<'_, '_>, asked: &mut Asked<'_>) -> Result<(Task, f64), String> {
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
        let nodes = texts(at, label);
        let id = unique(&wanted, |id| choices.iter().any(|choice| choice.id == id));
        choices.push(AuthoredChoice { id, layer: None, text: at.markdown(&nodes) });
    }
    let common: BTreeSet<String> = asked.tried(&Given::new()).1.into_iter().collect();
    let (mut prompts, mut right, mut shares): (Vec<Prompt>, Given<'_>, Vec<f64>) = (Vec::new(), Given::new(), Vec::new());
    for response in &responses {
        let name = response.get("ident").unwrap_or_default();
        let candidates = asked.conditions.candidates();
        let named =
            |identifier: &String| candidates.iter().any(|one| one.pays && one.response == name && one.value == identifier);
        let worth = |identifier: &String| asked.tried(&Given::from([(name, vec![identifier.as_str()])])).0;
        let best =
            first.iter().enumerate().filter(|(_, identifier)| named(identifier)).max_by(|a, b| worth(a.1).total_cmp(&worth(b.1)));
        let Some((place, identifier)) = best else { return Err("does not match each of its prompts with one choice".to_owned()) };
        let key = choices.get(place).map(|choice| choice.id.clone()).unwrap_or_default();
        shares.push(worth(identifier));
        let shown = asked.tried(&Given::from([(name, vec![identifier.as_str()])])).1;
        right.insert(name, vec![identifier.as_str()]);
        let nodes = texts(at, response);
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
