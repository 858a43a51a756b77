//! What learners see of courses, lessons, quizzes and exercises. The key side has other types; see `attempts/wire.rs`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::Time;
use crate::lessons::catalogue::Iris;
use crate::lessons::format::{self, Block as FileBlock, Counts, Item, Part, Tone, When};
use crate::lessons::render::RichText;
use crate::lessons::rules;
use crate::lessons::source::Content;

#[derive(Debug, Serialize, ToSchema)]
pub struct LessonSummary {
    pub slug: String,
    /// Other slugs that answer for this lesson.
    pub aliases: Vec<String>,
    #[schema(format = "iri")]
    pub iri: String,
    pub title: String,
    pub summary: RichText,
    pub language: String,
    pub languages: Vec<String>,
    /// The digest that names the newest version.
    #[schema(example = "sha256-3b1f")]
    pub version: String,
    pub revision: i32,
    #[schema(minimum = 1)]
    pub reading_minutes: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LessonList {
    pub items: Vec<LessonSummary>,
    /// Always null for now: the whole list is one page.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Course {
    pub slug: String,
    #[schema(format = "iri")]
    pub iri: String,
    pub title: String,
    pub summary: RichText,
    pub language: String,
    /// In the order in which they build on each other.
    pub lessons: Vec<LessonSummary>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CourseList {
    pub items: Vec<Course>,
    /// Always null for now: the whole list is one page.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionSummary {
    pub version: String,
    pub revision: i32,
    pub languages: Vec<String>,
    #[schema(value_type = String, format = "date-time")]
    pub published_at: Time,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionList {
    /// The newest first; every version that was ever published.
    pub items: Vec<VersionSummary>,
    /// Always null for now: the whole list is one page.
    pub next_cursor: Option<String>,
}

/// A lesson version in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Lesson {
    pub slug: String,
    pub aliases: Vec<String>,
    #[schema(format = "iri")]
    pub iri: String,
    /// The slug of its course.
    pub course: Option<String>,
    /// The digest that names this version: the SHA-256 of its canonical content.
    pub version: String,
    pub revision: i32,
    #[schema(value_type = String, format = "date-time")]
    pub published_at: Time,
    /// BCP 47.
    pub language: String,
    pub languages: Vec<String>,
    /// `ltr` or `rtl`.
    pub dir: String,
    pub title: String,
    pub summary: RichText,
    #[schema(minimum = 1)]
    pub reading_minutes: usize,
    pub licence: Licence,
    pub authors: Vec<String>,
    #[schema(format = "date")]
    pub reviewed_on: String,
    pub objectives: Vec<Objective>,
    pub blocks: Vec<Block>,
    pub sources: Vec<Source>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Licence {
    /// SPDX identifier.
    #[schema(example = "CC-BY-4.0")]
    pub spdx: String,
    pub attribution: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Objective {
    pub id: String,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Source {
    pub id: String,
    pub title: String,
    #[schema(format = "uri")]
    pub url: Option<String>,
    #[schema(format = "date")]
    pub reviewed_on: String,
}

/// A part of a lesson. More types may be added; show `text` of the ones you do not know, where they have it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Block {
    Heading(HeadingBlock),
    Text(TextBlock),
    Table(TableBlock),
    Callout(CalloutBlock),
    Evidence(EvidenceBlock),
    Steps(StepsBlock),
    Image(ImageBlock),
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HeadingBlock {
    pub id: String,
    #[schema(minimum = 2, maximum = 6)]
    pub level: u8,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TextBlock {
    pub id: String,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TableBlock {
    pub id: String,
    pub caption: RichText,
    pub columns: Vec<RichText>,
    /// Each row has as many cells as there are columns.
    pub rows: Vec<Vec<RichText>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CalloutBlock {
    pub id: String,
    /// `insight`, `note` or `warning`; more may come.
    pub tone: String,
    pub title: RichText,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceBlock {
    pub id: String,
    pub media_type: String,
    pub description: RichText,
    /// Word for word; never rendered as Markdown.
    pub content: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StepsBlock {
    pub id: String,
    pub title: RichText,
    pub steps: Vec<RichText>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ImageBlock {
    pub id: String,
    pub media_type: String,
    pub data_base64: String,
    pub alt: RichText,
}

/// A quiz in one language, without its key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quiz {
    pub lesson: String,
    #[schema(format = "iri")]
    pub iri: String,
    pub version: String,
    pub language: String,
    pub dir: String,
    pub title: String,
    pub policy: QuizPolicy,
    /// In the authored order; what an attempt draws follows from its id, see `order`.
    pub items: Vec<QuizItem>,
    pub order: OrderRule,
}

/// How an attempt's order follows from its id, so that an offline client draws what the server would.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderRule {
    /// `sha256-v1`: sort by SHA-256 of version, attempt id, item id (and option id), joined by newlines; see the documentation.
    #[schema(example = "sha256-v1")]
    pub algorithm: String,
    /// How many items an attempt draws.
    pub draw: usize,
    pub shuffle_items: bool,
    pub shuffle_options: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuizPolicy {
    /// Assigned attempts allowed per placement; null means no limit.
    pub attempts_allowed: Option<u32>,
    /// `highest`, `latest` or `first`.
    pub counts: String,
    /// Share of the points from which an attempt has passed.
    #[schema(minimum = 0, maximum = 1)]
    pub pass_mark: f64,
    pub reveal: RevealPolicy,
}

/// When something shows: `submitted`, `attempts_used` or `never`.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevealPolicy {
    pub verdict: String,
    pub rationale: String,
    pub key: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuizItem {
    pub id: String,
    #[schema(format = "iri")]
    pub iri: String,
    pub revision: i32,
    /// `single_choice`; more may come.
    pub kind: String,
    pub objective: String,
    pub points: f64,
    pub stem: RichText,
    pub evidence: Vec<ItemEvidence>,
    pub options: Vec<QuizOption>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ItemEvidence {
    pub media_type: String,
    pub description: RichText,
    /// Word for word.
    pub content: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct QuizOption {
    pub id: String,
    pub text: RichText,
}

/// The applied exercise in one language.
#[derive(Debug, Serialize, ToSchema)]
pub struct Exercise {
    pub id: String,
    #[schema(format = "iri")]
    pub iri: String,
    pub lesson: String,
    pub version: String,
    pub revision: i32,
    pub language: String,
    pub dir: String,
    pub title: String,
    pub introduction: RichText,
    pub steps: Vec<ExerciseStep>,
    pub rubric: Vec<Criterion>,
    pub cases: Vec<SampleCase>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ExerciseStep {
    /// `evidence`, `diagnosis`, `reframe` or `escalation`.
    pub part: String,
    pub title: String,
    pub text: RichText,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Criterion {
    pub id: String,
    pub part: String,
    pub points: f64,
    pub text: RichText,
}

/// For a learner who has no refusal of their own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SampleCase {
    pub id: String,
    pub title: String,
    pub story: RichText,
    /// In the shape of a submission's `evidence`.
    #[schema(value_type = Object, additional_properties = true)]
    pub evidence: serde_json::Value,
}

/// Renders one version for one language.
pub struct Renderer<'a> {
    pub content: &'a Content,
    pub course: Option<&'a str>,
    pub version: &'a str,
    pub published_at: Time,
    pub language: &'a str,
    pub iris: &'a Iris,
}

impl Renderer<'_> {
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
                    url: s.url.clone(),
                    reviewed_on: s.reviewed_on.to_string(),
                })
                .collect(),
        }
    }

    fn block(&self, block: &FileBlock) -> Block {
        match block.clone() {
            FileBlock::Heading { id, level, text } => Block::Heading(HeadingBlock { id, level, text: self.rich(&text) }),
            FileBlock::Text { id, text } => Block::Text(TextBlock { id, text: self.rich(&text) }),
            FileBlock::Table { id, caption, columns, rows } => Block::Table(TableBlock {
                id,
                caption: self.rich(&caption),
                columns: self.all(&columns),
                rows: rows.iter().map(|row| self.all(row)).collect(),
            }),
            FileBlock::Callout { id, tone, title, text } => {
                let tone = match tone {
                    Tone::Insight => "insight",
                    Tone::Note => "note",
                    Tone::Warning => "warning",
                };
                Block::Callout(CalloutBlock { id, tone: tone.to_owned(), title: self.rich(&title), text: self.rich(&text) })
            }
            FileBlock::Evidence { id, media_type, description, content } => {
                Block::Evidence(EvidenceBlock { id, media_type, description: self.rich(&description), content })
            }
            FileBlock::Steps { id, title, steps } => {
                Block::Steps(StepsBlock { id, title: self.rich(&title), steps: self.all(&steps) })
            }
            FileBlock::Image { id, media_type, data_base64, alt } => {
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
            policy: policy(&quiz.policy),
            items: quiz.items.iter().map(|item| self.item(item)).collect(),
            order: OrderRule {
                algorithm: crate::attempts::rules::ORDER.to_owned(),
                draw: quiz.policy.draw.unwrap_or(quiz.items.len()),
                shuffle_items: quiz.policy.shuffle_items,
                shuffle_options: quiz.policy.shuffle_options,
            },
        }
    }

    fn item(&self, item: &Item) -> QuizItem {
        let Item::SingleChoice(item) = item;
        QuizItem {
            id: item.id.clone(),
            iri: self.iris.item(&self.content.lesson.slug, &item.id),
            revision: item.revision,
            kind: "single_choice".to_owned(),
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
            options: item.options.iter().map(|o| QuizOption { id: o.id.clone(), text: self.rich(&o.text) }).collect(),
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

pub fn policy(policy: &format::Policy) -> QuizPolicy {
    QuizPolicy {
        attempts_allowed: policy.attempts_allowed,
        counts: match policy.counts {
            Counts::Highest => "highest",
            Counts::Latest => "latest",
            Counts::First => "first",
        }
        .to_owned(),
        pass_mark: policy.pass_mark,
        reveal: RevealPolicy {
            verdict: when(policy.reveal.verdict).to_owned(),
            rationale: when(policy.reveal.rationale).to_owned(),
            key: when(policy.reveal.key).to_owned(),
        },
    }
}

fn when(when: When) -> &'static str {
    match when {
        When::Submitted => "submitted",
        When::AttemptsUsed => "attempts_used",
        When::Never => "never",
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Evidence => "evidence",
        Part::Diagnosis => "diagnosis",
        Part::Reframe => "reframe",
        Part::Escalation => "escalation",
    }
}
