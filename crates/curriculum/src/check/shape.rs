//! Whether a curriculum hangs together: ids, languages, tables, the policy, the exercise.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::findings::{FindingPlace, Findings};
use crate::check::table;
use crate::check::texts::texts;
use crate::format::{AuthoredBlock, AuthoredCriterion, AuthoredPart, AuthoredWhen, Item, Task, Text};
use crate::markup::too_much;
use crate::points::{milli, points};
use crate::rubric;
use crate::rules;
use crate::source::{Curriculum, LessonContent};
use waymark_engine::plain;
use waymark_engine::web_address::{self, is_web_address};

/// Points beyond are a mistake.
const MOST_POINTS: f64 = 1_000_000.0;

/// Whether these points are a number with at most three decimals, none of which rounding would lose.
fn in_thousandths(given: f64) -> bool {
    given <= MOST_POINTS && points(milli(given)) == given
}

pub fn check_shape(curriculum: &Curriculum, out: &mut Findings<'_>) {
    out.slug(&FindingPlace::course().at("slug", &curriculum.course.slug), &curriculum.course.slug);
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for content in &curriculum.lessons {
        check_lesson_shape(content, &mut names, &mut ids, out);
    }
}

/// A draft beside the other lessons that its tenant sees.
pub fn check_draft_shape<'a>(content: &'a LessonContent, others: &[&'a LessonContent], out: &mut Findings<'_>) {
    let mut names: BTreeSet<&String> = others.iter().flat_map(|other| lesson_names(other)).collect();
    let mut ids = others.iter().flat_map(|other| named(other)).map(|(_, id)| id).collect();
    check_lesson_shape(content, &mut names, &mut ids, out);
}

fn check_lesson_shape<'a>(
    content: &'a LessonContent,
    names: &mut BTreeSet<&'a String>,
    ids: &mut BTreeSet<&'a str>,
    out: &mut Findings<'_>,
) {
    let place = FindingPlace::of(content, "lesson");
    for name in lesson_names(content) {
        let here = if name == &content.lesson.slug { place.at("slug", name) } else { place.below("aliases") };
        out.slug(&here, name);
        if !names.insert(name) {
            let message = format!("the slug or alias {name} stands twice in the course");
            out.add(table::ID_REPEATED_IN_COURSE, &here, message);
        }
    }
    for (place, text) in texts(content) {
        for (language, too_much) in text.iter().filter_map(|(language, text)| Some((language, too_much(text)?))) {
            out.add(table::TEXT_TOO_MUCH, &place, format!("the text in {language} {too_much}"));
        }
    }
    lesson(content, out);
    quiz(content, out);
    exercise(content, out);
    unique_in_course(content, ids, out);
}

fn lesson_names(content: &LessonContent) -> impl Iterator<Item = &String> {
    [&content.lesson.slug].into_iter().chain(&content.lesson.aliases)
}

/// What has an id that is the only one of the course, with what it is.
fn named(content: &LessonContent) -> impl Iterator<Item = (&'static str, &str)> {
    let items = content.quiz.items.iter().map(|item| ("item", item.id.as_str()));
    let cases = content.exercise.cases.iter().map(|case| ("case", case.id.as_str()));
    items.chain([("exercise", content.exercise.id.as_str())]).chain(cases)
}

/// Items, exercises and cases are named in results and records, where no lesson stands beside them.
fn unique_in_course<'a>(content: &'a LessonContent, seen: &mut BTreeSet<&'a str>, out: &mut Findings<'_>) {
    let (quiz, exercise) = (FindingPlace::of(content, "quiz").below("items"), FindingPlace::of(content, "exercise"));
    let cases = exercise.below("cases");
    let mut here: BTreeMap<&str, &str> = BTreeMap::new();
    for (what, id) in named(content) {
        let place = match what {
            "item" => &quiz,
            "case" => &cases,
            _ => &exercise,
        };
        // What stands twice in one list is named there.
        let elsewhere = here.insert(id, what).is_some_and(|other| other != what);
        if elsewhere || seen.contains(id) {
            out.add(table::ID_REPEATED_IN_COURSE, &place.id(id), format!("the {what} id {id} stands twice in the course"));
        }
    }
    seen.extend(here.into_keys());
}

fn lesson(content: &LessonContent, out: &mut Findings<'_>) {
    let (place, lesson, languages) = (FindingPlace::of(content, "lesson"), &content.lesson, rules::languages(content));
    if !languages.contains(&lesson.default_language) {
        out.add(table::LANGUAGE, &place, format!("the default language {} has no title", lesson.default_language));
    }
    out.text(&place, "the summary", &lesson.summary, &languages);
    out.unique(&place.below("objectives"), "objective", lesson.objectives.iter().map(|o| o.id.as_str()));
    out.unique(&place.below("blocks"), "block", lesson.blocks.iter().map(|block| block_id(block).as_str()));
    out.unique(&place.below("sources"), "source", lesson.sources.iter().map(|s| s.id.as_str()));
    for source in lesson.sources.iter().filter(|source| source.url.as_deref().is_some_and(|url| !is_web_address(url))) {
        let here = place.below("sources").id(&source.id);
        out.add(table::SOURCE_URL, &here, format!("source {}: the url {}", source.id, web_address::RULE));
    }
    for objective in &lesson.objectives {
        out.text(&place.id(&objective.id), &format!("objective {}", objective.id), &objective.text, &languages);
    }
    for block in &lesson.blocks {
        let (what, here) = (format!("block {}", block_id(block)), place.below("blocks").id(block_id(block)));
        block_texts(block).into_iter().for_each(|text| out.text(&here, &what, text, &languages));
        if let AuthoredBlock::Table { columns, rows, .. } = block
            && rows.iter().any(|row| row.len() != columns.len())
        {
            out.add(table::TABLE_ROW, &here, format!("{what} has a row whose cells do not match its {} columns", columns.len()));
        }
    }
}

pub fn block_id(block: &AuthoredBlock) -> &String {
    match block {
        AuthoredBlock::Heading { id, .. }
        | AuthoredBlock::Text { id, .. }
        | AuthoredBlock::Table { id, .. }
        | AuthoredBlock::Callout { id, .. }
        | AuthoredBlock::Evidence { id, .. }
        | AuthoredBlock::Steps { id, .. }
        | AuthoredBlock::Image { id, .. } => id,
    }
}

pub fn block_texts(block: &AuthoredBlock) -> Vec<&Text> {
    match block {
        AuthoredBlock::Heading { text, .. } | AuthoredBlock::Text { text, .. } => vec![text],
        AuthoredBlock::Table { caption, columns, rows, .. } => {
            [caption].into_iter().chain(columns).chain(rows.iter().flatten()).collect()
        }
        AuthoredBlock::Callout { title, text, .. } => vec![title, text],
        AuthoredBlock::Evidence { description, .. } => vec![description],
        AuthoredBlock::Steps { title, steps, .. } => [title].into_iter().chain(steps).collect(),
        AuthoredBlock::Image { alt, .. } => vec![alt],
    }
}

fn quiz(content: &LessonContent, out: &mut Findings<'_>) {
    let (place, quiz, languages) = (FindingPlace::of(content, "quiz"), &content.quiz, rules::languages(content));
    out.text(&place, "the title", &quiz.title, &languages);
    if !(0.0..=1.0).contains(&quiz.policy.pass_mark) {
        out.add(table::POLICY, &place, "pass_mark must be from 0 to 1");
    }
    if quiz.policy.attempts_allowed == Some(0) {
        out.add(table::POLICY, &place, "attempts_allowed 0 would allow none; leave it out for no limit");
    }
    if quiz.policy.practice_keys && quiz.policy.reveal.key == AuthoredWhen::Never {
        out.add(table::POLICY, &place, "practice_keys gives every key away, and reveal.key says never");
    }
    if quiz.policy.draw.is_some_and(|draw| draw == 0 || draw > quiz.items.len()) {
        out.add(table::POLICY, &place, format!("draw must be from 1 to the {} items of the bank", quiz.items.len()));
    }
    out.unique(&place.below("items"), "item", quiz.items.iter().map(|item| item.id.as_str()));
    for item in &quiz.items {
        one_item(&place.id(&item.id), item, &languages, out);
    }
}

fn one_item(place: &FindingPlace, item: &Item, languages: &BTreeSet<String>, out: &mut Findings<'_>) {
    let what = format!("item {}", item.id);
    out.text(place, &format!("{what}: the stem"), &item.stem, languages);
    for evidence in &item.evidence {
        out.text(place, &format!("{what}: the description of its evidence"), &evidence.description, languages);
    }
    if !(item.points > 0.0 && in_thousandths(item.points)) {
        out.add(
            table::POINTS,
            place,
            format!("{what}: points must be above 0, at most {MOST_POINTS}, with at most three decimals"),
        );
    }
    out.unique(place, &format!("{what}: option"), item.task.option_ids().into_iter());
    if let Task::Matching(task) = &item.task {
        out.unique(place, &format!("{what}: prompt"), task.prompts.iter().map(|prompt| prompt.id.as_str()));
    }
    for (about, text) in item.task.texts() {
        out.text(&about.place(place), &format!("{what}: {about}"), text, languages);
    }
    for (about, text) in item.task.rationales() {
        out.text_by(table::ITEM_RATIONALE, &about.place(place), &format!("{what}: the rationale of {about}"), text, languages);
    }
}

fn exercise(content: &LessonContent, out: &mut Findings<'_>) {
    let (place, exercise, languages) = (FindingPlace::of(content, "exercise"), &content.exercise, rules::languages(content));
    out.text(&place, "the title", &exercise.title, &languages);
    out.text(&place, "the introduction", &exercise.introduction, &languages);
    let parts: Vec<AuthoredPart> = exercise.steps.iter().map(|step| step.part).collect();
    if parts != [AuthoredPart::Evidence, AuthoredPart::Diagnosis, AuthoredPart::Reframe, AuthoredPart::Escalation] {
        out.add(table::EXERCISE_STEPS, &place, "the steps must be evidence, diagnosis, reframe, escalation, in this order");
    }
    out.unique(&place.below("rubric"), "criterion", exercise.rubric.iter().map(|c| c.id.as_str()));
    exercise.rubric.iter().for_each(|criterion| scored_by(criterion, &place.id(&criterion.id), out));
    out.unique(&place.below("cases"), "case", exercise.cases.iter().map(|c| c.id.as_str()));
    for case in &exercise.cases {
        out.text(&place.id(&case.id), &format!("case {}", case.id), &case.story, &languages);
        if let Err(error) = serde_json::from_value::<waymark_engine::Evidence>(case.evidence.clone()) {
            out.add(
                table::CASE_EVIDENCE,
                &place.id(&case.id),
                format!(
                    "case {}: its evidence is not of the shape that a submission takes: {}",
                    case.id,
                    plain::json_words(&error.to_string())
                ),
            );
        }
    }
}

/// A criterion may name checks of its own part, each once.
fn scored_by(criterion: &AuthoredCriterion, place: &FindingPlace, out: &mut Findings<'_>) {
    let known = rubric::checks_of(criterion.part);
    let elsewhere = |id: &str| rubric::PARTS.into_iter().find(|part| rubric::checks_of(*part).contains(&id));
    for (i, id) in criterion.checks.iter().enumerate() {
        let what = format!("criterion {}: the check {id:?}", criterion.id);
        match elsewhere(id) {
            _ if known.contains(&id.as_str()) => {}
            Some(part) => {
                out.add(table::CRITERION_CHECK, place, format!("{what} is one of the part {}", rubric::part_name(part)))
            }
            None => out.add(table::CRITERION_CHECK, place, format!("{what} does not exist; this part has {}", known.join(", "))),
        }
        if criterion.checks.iter().take(i).any(|earlier| earlier == id) {
            out.add(table::CRITERION_CHECK, place, format!("{what} stands twice"));
        }
    }
    if !(criterion.points >= 0.0 && in_thousandths(criterion.points)) {
        out.add(
            table::POINTS,
            place,
            format!("criterion {}: points must be 0 to {MOST_POINTS} with at most three decimals", criterion.id),
        );
    }
}
