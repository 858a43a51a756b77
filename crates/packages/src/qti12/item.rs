//! One item as one of the profile's four kinds, or as several where it asks several things.

use crate::RefusedPackage;
use crate::qti12::fields;
use crate::source::{Pen, identifier, plain_number};
use crate::xml::{self, Element, XmlNode};
use waymark_curriculum::format::{Matching, Numeric, OptionFile, Ordering, PointAtField, Scoring, ShortText, Task, Text};
use waymark_curriculum::points::{milli, points as in_points};

/// A choice of the profile: its identifier, what it says, why it is right or wrong.
struct Label {
    identifier: String,
    text: Vec<XmlNode>,
    rationale: Vec<XmlNode>,
}

/// What is asked, and what is right.
struct AskedItem<'a> {
    identifier: String,
    profile: &'a str,
    points: f64,
    question: Vec<XmlNode>,
}

pub fn items(pen: &mut Pen<'_>) -> Result<Vec<Element>, RefusedPackage> {
    pen.common();
    pen.beyond("objective", "the objective that an item tests");
    let item = pen.item;
    match &item.task {
        Task::SingleChoice(task) => {
            single_item(choice(pen, "cc.multiple_choice.v0p1", &task.options, std::slice::from_ref(&task.key)))
        }
        Task::MultipleResponse(task) => {
            if task.scoring == Scoring::Partial {
                pen.beyond("scoring", "points for an answer that is partly right: it is all right or wrong");
            }
            single_item(choice(pen, "cc.multiple_response.v0p1", &task.options, &task.key))
        }
        Task::Ordering(task) => single_item(ordering(pen, task)),
        Task::Matching(task) => matching(pen, task),
        Task::ShortText(task) => single_item(short_text(pen, task)),
        Task::Numeric(task) => single_item(numeric(pen, task)),
        Task::PointAtField(task) => single_item(pointer(pen, task)),
    }
}

fn single_item(item: Result<Element, RefusedPackage>) -> Result<Vec<Element>, RefusedPackage> {
    item.map(|item| vec![item])
}

fn material(nodes: &[XmlNode]) -> Result<Element, RefusedPackage> {
    let text = Element::new("mattext").with("texttype", "text/html").text(xml::html(nodes)?);
    Ok(Element::new("material").child(text))
}

/// The stem, then the evidence: learners read the question first here, because it has no place behind it.
fn question(pen: &mut Pen<'_>) -> Vec<XmlNode> {
    let stem = &pen.item.stem;
    let mut out = pen.blocks(stem);
    out.extend(pen.evidence().into_iter().map(XmlNode::from));
    out
}

fn asked<'a>(pen: &mut Pen<'_>, profile: &'a str) -> AskedItem<'a> {
    let (identifier, points) = (identifier(&pen.item.id), pen.item.points);
    AskedItem { identifier, profile, points, question: question(pen) }
}

fn labels<'a>(pen: &mut Pen<'a>, options: &'a [OptionFile]) -> Vec<Label> {
    let label = |pen: &mut Pen<'a>, option: &'a OptionFile| Label {
        identifier: identifier(&option.id),
        text: pen.flow(&option.text),
        rationale: pen.blocks(&option.rationale),
    };
    options.iter().map(|option| label(pen, option)).collect()
}

fn choice<'a>(pen: &mut Pen<'a>, profile: &str, options: &'a [OptionFile], key: &[String]) -> Result<Element, RefusedPackage> {
    let (asked, labels) = (asked(pen, profile), labels(pen, options));
    let keys: Vec<String> = key.iter().map(|id| identifier(id)).collect();
    chosen(&asked, &labels, &keys)
}

const RESPONSE: &str = "response1";

fn equals(value: &str) -> Element {
    Element::new("varequal").with("respident", RESPONSE).text(value)
}

fn chosen(asked: &AskedItem<'_>, labels: &[Label], keys: &[String]) -> Result<Element, RefusedPackage> {
    let single = asked.profile == "cc.multiple_choice.v0p1";
    let mut render = Element::new("render_choice");
    for label in labels {
        let own = Element::new("response_label").with("ident", label.identifier.as_str()).child(material(&label.text)?);
        render = render.child(own);
    }
    let response = Element::new("response_lid")
        .with("ident", RESPONSE)
        .with("rcardinality", if single { "Single" } else { "Multiple" })
        .child(render);
    let right = match keys {
        [key] if single => equals(key),
        _ => Element::new("and").children(labels.iter().map(|label| match keys.contains(&label.identifier) {
            true => equals(&label.identifier),
            false => Element::new("not").child(equals(&label.identifier)),
        })),
    };
    let mut told = Vec::new();
    for label in labels.iter().filter(|label| !label.rationale.is_empty()) {
        told.push((equals(&label.identifier), format!("{}_fb", label.identifier), label.rationale.clone()));
    }
    item(asked, response, &[(right, 100.0)], &told)
}

/// Scored conditions with their share of a hundred; conditions with the feedback that they show.
fn item(
    asked: &AskedItem<'_>,
    response: Element,
    scored: &[(Element, f64)],
    told: &[(Element, String, Vec<XmlNode>)],
) -> Result<Element, RefusedPackage> {
    let weight = plain_number(asked.points);
    let metadata = fields(&[("cc_profile", asked.profile), ("cc_weighting", weight.as_str())]);
    let presentation = Element::new("presentation").child(material(&asked.question)?).child(response);
    let declared =
        Element::new("decvar").with("varname", "SCORE").with("vartype", "Decimal").with("minvalue", "0").with("maxvalue", "100");
    let condition = |goes_on: &str, test: &Element| {
        Element::new("respcondition").with("continue", goes_on).child(Element::new("conditionvar").child(test.clone()))
    };
    let shown = told.iter().map(|(test, identifier, _)| {
        let feedback = Element::new("displayfeedback").with("feedbacktype", "Response").with("linkrefid", identifier.as_str());
        condition("Yes", test).child(feedback)
    });
    let points = scored.iter().map(|(test, share)| {
        let set = Element::new("setvar").with("action", "Set").with("varname", "SCORE").text(plain_number(*share));
        condition("No", test).child(set)
    });
    let processing =
        Element::new("resprocessing").child(Element::new("outcomes").child(declared)).children(shown).children(points);
    let mut out = Element::new("item")
        .with("ident", asked.identifier.as_str())
        .with("title", asked.identifier.as_str())
        .child(Element::new("itemmetadata").child(metadata))
        .child(presentation)
        .child(processing);
    for (_, identifier, text) in told {
        out = out.child(Element::new("itemfeedback").with("ident", identifier.as_str()).child(material(text)?));
    }
    Ok(out)
}

/// The labels of blanks, by which they are known again when they are read: no part of the profile tells a number from a text.
const TEXT: &str = "answer1";
const NUMBER: &str = "number1";

/// What is typed into a blank.
fn blank(label: &str) -> Element {
    let render = Element::new("render_fib").child(Element::new("response_label").with("ident", label));
    Element::new("response_str").with("ident", RESPONSE).with("rcardinality", "Single").child(render)
}

fn typed(form: &str, case_sensitive: bool) -> Element {
    equals(form).with("case", if case_sensitive { "Yes" } else { "No" })
}

/// Feedback that shows whatever was answered.
fn always(identifier: &str, text: Vec<XmlNode>) -> (Element, String, Vec<XmlNode>) {
    (Element::new("other"), identifier.to_owned(), text)
}

fn short_text<'a>(pen: &mut Pen<'a>, task: &'a ShortText) -> Result<Element, RefusedPackage> {
    pen.changed("comparison", "a short text is compared as it is typed: quotation marks, spaces and full stops around it count");
    let asked = asked(pen, "cc.fib.v0p1");
    let share = |share: Option<f64>| (share.unwrap_or(1.0) * 100_000.0).round() / 1000.0;
    let scored: Vec<_> = task.accepted.iter().map(|a| (typed(&a.form, task.case_sensitive), share(a.share))).collect();
    let mut told: Vec<_> = task
        .mistakes
        .iter()
        .zip(1..)
        .map(|(m, n)| (typed(&m.form, task.case_sensitive), format!("mistake-{n}_fb"), pen.blocks(&m.rationale)))
        .collect();
    told.push(always("general_fb", pen.blocks(&task.rationale)));
    item(&asked, blank(TEXT), &scored, &told)
}

fn numeric<'a>(pen: &mut Pen<'a>, task: &'a Numeric) -> Result<Element, RefusedPackage> {
    if task.tolerance > 0.0 {
        pen.beyond("tolerance", "the tolerance of a number: only the exact one is right");
    }
    let mut asked = asked(pen, "cc.fib.v0p1");
    if let Some(unit) = &task.unit {
        asked.question.push(
            Element::new("p").with("class", "unit").text("(").children(pen.inline(unit).unwrap_or_default()).text(")").into(),
        );
    }
    let mut told: Vec<_> = task
        .mistakes
        .iter()
        .zip(1..)
        .map(|(slip, n)| (typed(&plain_number(slip.value), false), format!("mistake-{n}_fb"), pen.blocks(&slip.rationale)))
        .collect();
    told.push(always("general_fb", pen.blocks(&task.rationale)));
    item(&asked, blank(NUMBER), &[(typed(&plain_number(task.key), false), 100.0)], &told)
}

fn pointer<'a>(pen: &mut Pen<'a>, task: &'a PointAtField) -> Result<Element, RefusedPackage> {
    if task.mistakes.is_empty() {
        pen.changed("point_at_field", "a field to point at is a JSON Pointer to type");
        let asked = asked(pen, "cc.fib.v0p1");
        let scored: Vec<_> = task.key.iter().map(|key| (typed(key, true), 100.0)).collect();
        return item(&asked, blank(TEXT), &scored, &[always("general_fb", pen.blocks(&task.rationale))]);
    }
    pen.changed("point_at_field", "a field to point at is a choice among the pointers that are right or are likely mistakes");
    if task.key.len() > 1 {
        pen.beyond("keys", "further right fields: the first is the right one");
    }
    let asked = asked(pen, "cc.multiple_choice.v0p1");
    let wrong = task.mistakes.iter().map(|wrong| (&wrong.pointer, &wrong.rationale));
    let all = task.key.iter().take(1).map(|key| (key, &task.rationale)).chain(wrong);
    let label = |(n, (pointer, rationale)): (i32, (&'a String, &'a Text))| Label {
        identifier: format!("field-{n}"),
        text: vec![Element::new("code").text(pointer.as_str()).into()],
        rationale: pen.blocks(rationale),
    };
    let labels: Vec<Label> = (1..).zip(all).map(label).collect();
    chosen(&asked, &labels, &["field-1".to_owned()])
}

/// The points of an item in as many parts, in thousandths, which together are its points: the last takes the rest.
fn weights(points: f64, count: usize) -> Vec<f64> {
    let (all, count) = (milli(points), i64::try_from(count).unwrap_or(i64::MAX).max(1));
    let share = all / count;
    (1..=count).map(|n| in_points(if n == count { all - share * (count - 1) } else { share })).collect()
}

/// One choice for each prompt.
fn matching<'a>(pen: &mut Pen<'a>, task: &'a Matching) -> Result<Vec<Element>, RefusedPackage> {
    pen.changed("matching", "an item that matches is one choice for each of its prompts");
    if task.scoring == Scoring::AllOrNothing {
        pen.beyond("scoring", "that nothing counts unless every prompt is matched rightly");
    }
    let mut out = Vec::new();
    for (prompt, points) in task.prompts.iter().zip(weights(pen.item.points, task.prompts.len())) {
        let mut asked = asked(pen, "cc.multiple_choice.v0p1");
        asked.identifier = format!("{}_{}", asked.identifier, identifier(&prompt.id));
        asked.points = points;
        asked.question.push(Element::new("div").with("class", "prompt").children(pen.blocks(&prompt.text)).into());
        let rationale = |id: &str, pen: &mut Pen<'a>| if id == prompt.key { pen.blocks(&prompt.rationale) } else { Vec::new() };
        let label = |choice: &'a waymark_curriculum::format::AuthoredChoice| Label {
            identifier: identifier(&choice.id),
            text: pen.flow(&choice.text),
            rationale: rationale(&choice.id, pen),
        };
        let labels: Vec<Label> = task.choices.iter().map(label).collect();
        out.push(chosen(&asked, &labels, &[identifier(&prompt.key)])?);
    }
    Ok(out)
}

/// A text that a person scores, with the right order as its solution.
fn ordering<'a>(pen: &mut Pen<'a>, task: &'a Ordering) -> Result<Element, RefusedPackage> {
    pen.changed("ordering", "options to put into order are a text to write, which a person scores");
    let mut asked = asked(pen, "cc.essay.v0p1");
    let class = if task.scoring == Scoring::Partial { "options partial" } else { "options" };
    let (mut shown, mut solution) = (Element::new("ul").with("class", class), Element::new("ol"));
    let entry = |option: &OptionFile| Element::new("li").with("data-option", identifier(&option.id));
    for option in &task.options {
        shown = shown.child(entry(option).children(pen.flow(&option.text)));
    }
    for option in task.key.iter().filter_map(|id| task.options.iter().find(|option| option.id == *id)) {
        let why = Element::new("div").with("class", "rationale").children(pen.blocks(&option.rationale));
        solution = solution.child(entry(option).children(pen.flow(&option.text)).child(why));
    }
    asked.question.push(shown.into());
    let weight = plain_number(asked.points);
    let metadata = fields(&[("cc_profile", asked.profile), ("cc_weighting", weight.as_str()), ("qmd_computerscored", "No")]);
    let solution = Element::new("itemfeedback")
        .with("ident", "solution")
        .child(Element::new("solution").child(Element::new("solutionmaterial").child(material(&[solution.into()])?)));
    Ok(Element::new("item")
        .with("ident", asked.identifier.as_str())
        .with("title", asked.identifier.as_str())
        .child(Element::new("itemmetadata").child(metadata))
        .child(Element::new("presentation").child(material(&asked.question)?).child(blank(TEXT)))
        .child(solution))
}
