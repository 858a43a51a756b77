//! The rules of a good curriculum, for `waymark check` and for publication. Each finding names its file.

use std::collections::{BTreeMap, BTreeSet};

use crate::lessons::format::{Block, Criterion, Item, Part, SingleChoice, Text};
use crate::lessons::rules;
use crate::lessons::source::{Content, Curriculum, Finding};
use crate::submissions::feedback::checks;

/// Everything that is wrong with a curriculum.
pub fn check(curriculum: &Curriculum) -> Vec<Finding> {
    let mut out = Findings::default();
    let course = &curriculum.course;
    out.slug("course.yaml", &course.slug);
    let mut names = BTreeSet::new();
    for content in &curriculum.lessons {
        for name in [&content.lesson.slug].into_iter().chain(&content.lesson.aliases) {
            out.slug(&file(content, "lesson"), name);
            if !names.insert(name.clone()) {
                out.add(&file(content, "lesson"), format!("the slug or alias {name} stands twice in the course"));
            }
        }
        lesson(content, &mut out);
        quiz(content, &mut out);
        exercise(content, &mut out);
    }
    out.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, file: &str, message: impl Into<String>) {
        self.0.push(Finding { file: file.to_owned(), line: None, message: message.into() });
    }

    fn slug(&mut self, file: &str, slug: &str) {
        let fits = !slug.is_empty()
            && slug.len() <= 100
            && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            self.add(file, format!("{slug:?} is no slug or id: use lower-case letters, digits and hyphens"));
        }
    }

    /// Every text must be there in every language of the lesson.
    fn text(&mut self, file: &str, what: &str, text: &Text, languages: &BTreeSet<String>) {
        for language in languages {
            if text.get(language).is_none_or(|t| t.trim().is_empty()) {
                self.add(file, format!("{what} has no text in {language}"));
            }
        }
        for language in text.keys().filter(|l| !languages.contains(*l)) {
            self.add(file, format!("{what} has a text in {language}, which is no language of the lesson's title"));
        }
    }

    fn unique<'a>(&mut self, file: &str, what: &str, ids: impl Iterator<Item = &'a String>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            self.slug(file, id);
            if !seen.insert(id) {
                self.add(file, format!("the {what} id {id} stands twice"));
            }
        }
    }
}

fn file(content: &Content, name: &str) -> String {
    format!("{}/{name}.yaml", content.lesson.slug)
}

fn lesson(content: &Content, out: &mut Findings) {
    let (name, lesson, languages) = (file(content, "lesson"), &content.lesson, rules::languages(content));
    if !languages.contains(&lesson.default_language) {
        out.add(&name, format!("the default language {} has no title", lesson.default_language));
    }
    out.text(&name, "the summary", &lesson.summary, &languages);
    out.unique(&name, "objective", lesson.objectives.iter().map(|o| &o.id));
    out.unique(&name, "block", lesson.blocks.iter().map(block_id));
    out.unique(&name, "source", lesson.sources.iter().map(|s| &s.id));
    for objective in &lesson.objectives {
        out.text(&name, &format!("objective {}", objective.id), &objective.text, &languages);
    }
    for block in &lesson.blocks {
        let what = format!("block {}", block_id(block));
        block_texts(block).into_iter().for_each(|text| out.text(&name, &what, text, &languages));
        if let Block::Table { columns, rows, .. } = block
            && rows.iter().any(|row| row.len() != columns.len())
        {
            out.add(&name, format!("{what} has a row whose cells do not match its {} columns", columns.len()));
        }
    }
}

fn block_id(block: &Block) -> &String {
    match block {
        Block::Heading { id, .. }
        | Block::Text { id, .. }
        | Block::Table { id, .. }
        | Block::Callout { id, .. }
        | Block::Evidence { id, .. }
        | Block::Steps { id, .. }
        | Block::Image { id, .. } => id,
    }
}

fn block_texts(block: &Block) -> Vec<&Text> {
    match block {
        Block::Heading { text, .. } | Block::Text { text, .. } => vec![text],
        Block::Table { caption, columns, rows, .. } => {
            [caption].into_iter().chain(columns).chain(rows.iter().flatten()).collect()
        }
        Block::Callout { title, text, .. } => vec![title, text],
        Block::Evidence { description, .. } => vec![description],
        Block::Steps { title, steps, .. } => [title].into_iter().chain(steps).collect(),
        Block::Image { alt, .. } => vec![alt],
    }
}

fn quiz(content: &Content, out: &mut Findings) {
    let (name, quiz, languages) = (file(content, "quiz"), &content.quiz, rules::languages(content));
    out.text(&name, "the title", &quiz.title, &languages);
    if !(0.0..=1.0).contains(&quiz.policy.pass_mark) {
        out.add(&name, "pass_mark must be from 0 to 1");
    }
    if quiz.policy.attempts_allowed == Some(0) {
        out.add(&name, "attempts_allowed 0 would allow none; leave it out for no limit");
    }
    if quiz.policy.draw.is_some_and(|draw| draw == 0 || draw > quiz.items.len()) {
        out.add(&name, format!("draw must be from 1 to the {} items of the bank", quiz.items.len()));
    }
    let items: Vec<&SingleChoice> = quiz.items.iter().map(|Item::SingleChoice(item)| item).collect();
    out.unique(&name, "item", items.iter().map(|item| &item.id));
    for objective in &content.lesson.objectives {
        if !items.iter().any(|item| item.objective == objective.id) {
            out.add(&name, format!("no item tests the objective {}", objective.id));
        }
    }
    items.iter().for_each(|item| single_choice(content, &name, item, &languages, out));
    form(&name, &items, &content.lesson.default_language, out);
}

fn single_choice(content: &Content, name: &str, item: &SingleChoice, languages: &BTreeSet<String>, out: &mut Findings) {
    let what = format!("item {}", item.id);
    out.text(name, &format!("{what}: the stem"), &item.stem, languages);
    if !content.lesson.objectives.iter().any(|o| o.id == item.objective) {
        out.add(name, format!("{what} names the objective {}, which the lesson does not have", item.objective));
    }
    if item.evidence.is_empty() {
        out.add(name, format!("{what} shows no evidence"));
    }
    for evidence in &item.evidence {
        out.text(name, &format!("{what}: the description of its evidence"), &evidence.description, languages);
    }
    let milli = item.points * 1000.0;
    if !(milli > 0.0 && (milli - milli.round()).abs() < 1e-9) {
        out.add(name, format!("{what}: points must be above 0 with at most three decimals"));
    }
    if item.options.iter().filter(|option| option.id == item.key).count() != 1 {
        out.add(name, format!("{what}: the key {:?} must be the id of exactly one option", item.key));
    }
    if item.options.len() < 3 {
        out.add(name, format!("{what} has fewer than three options"));
    }
    out.unique(name, &format!("{what}: option"), item.options.iter().map(|o| &o.id));
    let mut texts = BTreeSet::new();
    for option in &item.options {
        out.text(name, &format!("{what}: option {}", option.id), &option.text, languages);
        out.text(name, &format!("{what}: the rationale of option {}", option.id), &option.rationale, languages);
        let text = option.text.values().next().map(|t| t.trim().to_lowercase()).unwrap_or_default();
        if ["all of the above", "none of the above"].iter().any(|phrase| text.contains(phrase)) {
            out.add(name, format!("{what}: option {} is \"all or none of the above\"", option.id));
        }
        if !texts.insert(text) {
            out.add(name, format!("{what}: two options have the same text"));
        }
    }
}

/// What gives keys away by form alone, over the whole quiz: length and place.
fn form(name: &str, items: &[&SingleChoice], language: &str, out: &mut Findings) {
    if items.len() < 8 {
        return;
    }
    let length = |text: &Text| text.get(language).map_or(0, |t| t.chars().count());
    let longest = items.iter().filter(|item| {
        let key = item.options.iter().find(|o| o.id == item.key).map_or(0, |o| length(&o.text));
        item.options.iter().all(|o| o.id == item.key || length(&o.text) < key)
    });
    let longest = longest.count();
    if longest.saturating_mul(5) > items.len().saturating_mul(2) {
        out.add(name, format!("the right option is the longest in {longest} of {} items", items.len()));
    }
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    for item in items {
        let place = item.options.iter().position(|o| o.id == item.key).unwrap_or(0);
        *places.entry(place).or_default() += 1;
    }
    if let Some((place, count)) = places.iter().find(|(_, count)| count.saturating_mul(2) > items.len()) {
        out.add(
            name,
            format!("the right option stands at place {} in {count} of {} items", place.saturating_add(1), items.len()),
        );
    }
}

fn exercise(content: &Content, out: &mut Findings) {
    let (name, exercise, languages) = (file(content, "exercise"), &content.exercise, rules::languages(content));
    out.text(&name, "the title", &exercise.title, &languages);
    out.text(&name, "the introduction", &exercise.introduction, &languages);
    let parts: Vec<Part> = exercise.steps.iter().map(|step| step.part).collect();
    if parts != [Part::Evidence, Part::Diagnosis, Part::Reframe, Part::Escalation] {
        out.add(&name, "the steps must be evidence, diagnosis, reframe, escalation, in this order");
    }
    out.unique(&name, "criterion", exercise.rubric.iter().map(|c| &c.id));
    exercise.rubric.iter().for_each(|criterion| scored_by(criterion, &name, out));
    out.unique(&name, "case", exercise.cases.iter().map(|c| &c.id));
    for case in &exercise.cases {
        out.text(&name, &format!("case {}", case.id), &case.story, &languages);
        if let Err(error) = serde_json::from_value::<crate::diagnosis::Evidence>(case.evidence.clone()) {
            out.add(&name, format!("case {}: its evidence is not of the shape that a submission takes: {error}", case.id));
        }
    }
}

/// A criterion may name checks of its own part, each once.
fn scored_by(criterion: &Criterion, name: &str, out: &mut Findings) {
    let known = checks::known(criterion.part);
    let elsewhere = |id: &str| checks::PARTS.into_iter().find(|part| checks::known(*part).contains(&id));
    for (i, id) in criterion.checks.iter().enumerate() {
        let what = format!("criterion {}: the check {id:?}", criterion.id);
        match elsewhere(id) {
            _ if known.contains(&id.as_str()) => {}
            Some(part) => out.add(name, format!("{what} is one of the part {}", checks::part_name(part))),
            None => out.add(name, format!("{what} does not exist; this part has {}", known.join(", "))),
        }
        if criterion.checks.iter().take(i).any(|earlier| earlier == id) {
            out.add(name, format!("{what} stands twice"));
        }
    }
    let milli = criterion.points * 1000.0;
    if !(milli >= 0.0 && (milli - milli.round()).abs() < 1e-6) {
        out.add(name, format!("criterion {}: points must be 0 or more with at most three decimals", criterion.id));
    }
}
