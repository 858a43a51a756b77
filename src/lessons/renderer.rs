//! From an authored lesson version to what learners see of it, in one language.

use crate::db::types::Time;
use crate::lessons::format::{self, AuthoredBlock, AuthoredCounts, AuthoredPart, AuthoredWhen, Item, Task, Tone};
use crate::lessons::iris::Iris;
use crate::lessons::render::RichText;
use crate::lessons::rules;
use crate::lessons::source::LessonContent;
use crate::lessons::wire::{
    Block, CalloutBlock, Criterion, EvidenceBlock, Exercise, ExerciseStep, HeadingBlock, ImageBlock, ItemEvidence, Lesson,
    LessonSummary, Licence, Objective, OrderRule, Quiz, QuizItem, QuizOption, QuizPolicy, RevealPolicy, SampleCase, Source,
    StepsBlock, TableBlock, TextBlock,
};
use waymark_engine::web_address::is_web_address;

/// Renders one version for one language.
pub struct LessonRenderer<'a> {
    pub content: &'a LessonContent,
    pub course: Option<&'a str>,
    pub version: &'a str,
    pub published_at: Time,
    pub language: &'a str,
    pub iris: &'a Iris,
}

impl LessonRenderer<'_> {
    fn raw(&self, text: &format::Text) -> String {
        rules::in_language(text, self.language, &self.content.lesson.default_language).to_owned()
    }

    fn rich(&self, text: &format::Text) -> RichText {
        RichText::of(&self.raw(text))
    }

    fn all(&self, texts: &[format::Text]) -> Vec<RichText> {
        texts.iter().map(|text| self.rich(text)).collect()
    }

    fn minutes(&self) -> usize {
        rules::reading_minutes(&self.content.lesson.blocks, self.language, &self.content.lesson.default_language)
    }

    pub fn summary(&self) -> LessonSummary {
        let lesson = &self.content.lesson;
        LessonSummary {
            slug: lesson.slug.clone(),
            aliases: lesson.aliases.clone(),
            iri: self.iris.lesson(&lesson.slug),
            title: self.raw(&lesson.title),
            summary: self.rich(&lesson.summary),
            language: self.language.to_owned(),
            languages: rules::languages(self.content).into_iter().collect(),
            version: self.version.to_owned(),
            revision: lesson.revision,
            reading_minutes: self.minutes(),
        }
    }

    pub fn lesson(&self) -> Lesson {
        let lesson = &self.content.lesson;
        Lesson {
            slug: lesson.slug.clone(),
            aliases: lesson.aliases.clone(),
            iri: self.iris.lesson(&lesson.slug),
            course: self.course.map(str::to_owned),
            version: self.version.to_owned(),
            revision: lesson.revision,
            published_at: self.published_at,
            language: self.language.to_owned(),
            languages: rules::languages(self.content).into_iter().collect(),
            dir: rules::direction(self.language).to_owned(),
            title: self.raw(&lesson.title),
            summary: self.rich(&lesson.summary),
            reading_minutes: self.minutes(),
            licence: Licence { spdx: lesson.licence.spdx.clone(), attribution: lesson.licence.attribution.clone() },
            authors: lesson.authors.clone(),
            reviewed_on: lesson.reviewed_on.to_string(),
            objectives: lesson.objectives.iter().map(|o| Objective { id: o.id.clone(), text: self.rich(&o.text) }).collect(),
            blocks: lesson.blocks.iter().map(|block| self.block(block)).collect(),
            sources: lesson
                .sources
                .iter()
                .map(|s| Source {
                    id: s.id.clone(),
                    title: s.title.clone(),
                    // Versions from before the check of drafts held it to the rule are published too.
                    url: s.url.clone().filter(|url| is_web_address(url)),
                    reviewed_on: s.reviewed_on.to_string(),
                })
                .collect(),
        }
    }

    fn block(&self, block: &AuthoredBlock) -> Block {
        match block.clone() {
            AuthoredBlock::Heading { id, level, text } => Block::Heading(HeadingBlock { id, level, text: self.rich(&text) }),
            AuthoredBlock::Text { id, text } => Block::Text(TextBlock { id, text: self.rich(&text) }),
            AuthoredBlock::Table { id, caption, columns, rows } => Block::Table(TableBlock {
                id,
                caption: self.rich(&caption),
                columns: self.all(&columns),
                rows: rows.iter().map(|row| self.all(row)).collect(),
            }),
            AuthoredBlock::Callout { id, tone, title, text } => {
                let tone = match tone {
                    Tone::Insight => "insight",
                    Tone::Note => "note",
                    Tone::Warning => "warning",
                };
                Block::Callout(CalloutBlock { id, tone: tone.to_owned(), title: self.rich(&title), text: self.rich(&text) })
            }
            AuthoredBlock::Evidence { id, media_type, description, content } => {
                Block::Evidence(EvidenceBlock { id, media_type, description: self.rich(&description), content })
            }
            AuthoredBlock::Steps { id, title, steps } => {
                Block::Steps(StepsBlock { id, title: self.rich(&title), steps: self.all(&steps) })
            }
            AuthoredBlock::Image { id, media_type, data_base64, alt } => {
                Block::Image(ImageBlock { id, media_type, data_base64, alt: self.rich(&alt) })
            }
        }
    }

    pub fn quiz(&self) -> Quiz {
        let (quiz, slug) = (&self.content.quiz, &self.content.lesson.slug);
        Quiz {
            lesson: slug.clone(),
            iri: self.iris.quiz(slug),
            version: self.version.to_owned(),
            language: self.language.to_owned(),
            dir: rules::direction(self.language).to_owned(),
            title: self.raw(&quiz.title),
            policy: quiz_policy(&quiz.policy),
            items: quiz.items.iter().map(|item| self.item(item)).collect(),
            order: OrderRule {
                algorithm: crate::attempts::order::ORDER.to_owned(),
                draw: quiz.policy.draw.unwrap_or(quiz.items.len()),
                shuffle_items: quiz.policy.shuffle_items,
                shuffle_options: quiz.policy.shuffle_options,
            },
        }
    }

    fn item(&self, item: &Item) -> QuizItem {
        QuizItem {
            id: item.id.clone(),
            iri: self.iris.item(&self.content.lesson.slug, &item.id),
            revision: item.revision,
            kind: item.task.name().to_owned(),
            objective: item.objective.clone(),
            points: item.points,
            stem: self.rich(&item.stem),
            evidence: item
                .evidence
                .iter()
                .map(|e| ItemEvidence {
                    media_type: e.media_type.clone(),
                    description: self.rich(&e.description),
                    content: e.content.clone(),
                })
                .collect(),
            options: self.options(&item.task),
            prompts: match &item.task {
                Task::Matching(task) => {
                    Some(task.prompts.iter().map(|p| QuizOption { id: p.id.clone(), text: self.rich(&p.text) }).collect())
                }
                _ => None,
            },
            scoring: item.task.scoring().map(|scoring| scoring.name().to_owned()),
            unit: match &item.task {
                Task::Numeric(task) => task.unit.as_ref().map(|unit| self.raw(unit)),
                _ => None,
            },
            shown: match &item.task {
                Task::PointAtField(task) => Some(task.shown),
                _ => None,
            },
        }
    }

    fn options(&self, task: &Task) -> Vec<QuizOption> {
        let option = |id: &str, text| QuizOption { id: id.to_owned(), text: self.rich(text) };
        match task {
            Task::Matching(task) => task.choices.iter().map(|choice| option(&choice.id, &choice.text)).collect(),
            other => other.options().iter().map(|one| option(&one.id, &one.text)).collect(),
        }
    }

    pub fn exercise(&self) -> Exercise {
        let exercise = &self.content.exercise;
        Exercise {
            id: exercise.id.clone(),
            iri: self.iris.exercise(&exercise.id),
            lesson: self.content.lesson.slug.clone(),
            version: self.version.to_owned(),
            revision: exercise.revision,
            language: self.language.to_owned(),
            dir: rules::direction(self.language).to_owned(),
            title: self.raw(&exercise.title),
            introduction: self.rich(&exercise.introduction),
            steps: exercise
                .steps
                .iter()
                .map(|s| ExerciseStep { part: part(s.part).to_owned(), title: self.raw(&s.title), text: self.rich(&s.text) })
                .collect(),
            rubric: exercise
                .rubric
                .iter()
                .map(|c| Criterion {
                    id: c.id.clone(),
                    part: part(c.part).to_owned(),
                    points: c.points,
                    text: self.rich(&c.text),
                    checks: c.checks.clone(),
                })
                .collect(),
            cases: exercise
                .cases
                .iter()
                .map(|c| SampleCase {
                    id: c.id.clone(),
                    title: self.raw(&c.title),
                    story: self.rich(&c.story),
                    evidence: c.evidence.clone(),
                })
                .collect(),
        }
    }
}

pub fn quiz_policy(policy: &format::Policy) -> QuizPolicy {
    QuizPolicy {
        attempts_allowed: policy.attempts_allowed,
        counts: match policy.counts {
            AuthoredCounts::Highest => "highest",
            AuthoredCounts::Latest => "latest",
            AuthoredCounts::First => "first",
        }
        .to_owned(),
        pass_mark: policy.pass_mark,
        reveal: RevealPolicy {
            verdict: when(policy.reveal.verdict).to_owned(),
            rationale: when(policy.reveal.rationale).to_owned(),
            key: when(policy.reveal.key).to_owned(),
        },
        practice_keys: policy.practice_keys,
    }
}

fn when(when: AuthoredWhen) -> &'static str {
    match when {
        AuthoredWhen::Submitted => "submitted",
        AuthoredWhen::AttemptsUsed => "attempts_used",
        AuthoredWhen::Never => "never",
    }
}

fn part(part: AuthoredPart) -> &'static str {
    match part {
        AuthoredPart::Evidence => "evidence",
        AuthoredPart::Diagnosis => "diagnosis",
        AuthoredPart::Reframe => "reframe",
        AuthoredPart::Escalation => "escalation",
    }
}
