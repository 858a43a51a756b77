//! What an import would do, lesson by lesson, and why it may not. Pure.

use serde::Serialize;

use crate::db::types::Json;
use crate::lessons::exchange::difference::{self, DifferenceLine};
use crate::lessons::exchange::stored::KeptCurriculum;
use crate::lessons::rules;
use crate::lessons::source::Curriculum;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlannedChange {
    New,
    Changed,
    Unchanged,
    /// It may not be published; the text says what to do.
    Refused(String),
}

/// One lesson, or the course itself.
#[derive(Debug)]
pub struct PlanStep {
    /// `lesson` or `course`.
    pub what: &'static str,
    pub slug: String,
    pub change: PlannedChange,
    pub old_revision: Option<i32>,
    pub revision: i32,
    pub lines: Vec<DifferenceLine>,
}

#[derive(Debug, Default)]
pub struct Plan {
    pub steps: Vec<PlanStep>,
}

impl Plan {
    /// Compares a curriculum with what is kept.
    pub fn of(kept: &KeptCurriculum, curriculum: &Curriculum) -> Plan {
        let lessons = curriculum.lessons.iter().map(|content| {
            let (slug, revision) = (content.lesson.slug.as_str(), content.lesson.revision);
            let versions = kept.lessons.get(slug).map_or(&[][..], Vec::as_slice);
            let digest = rules::content_digest(&Json::of(content).0);
            let older = versions.iter().skip(1).find(|version| version.digest == digest);
            let newest = versions.first().map(|version| (version.content.lesson.revision, &version.content));
            let mut step = step("lesson", slug, revision, content, newest);
            if let (PlannedChange::Refused(why), Some(older)) = (&mut step.change, older) {
                why.push_str(&format!(" (this is what revision {} was)", older.content.lesson.revision));
            }
            step
        });
        let content = curriculum.course_content();
        let own = kept.courses.iter().find(|one| one.course.slug == content.course.slug);
        let own = own.map(|own| (own.course.revision, own));
        let course = step("course", &content.course.slug, content.course.revision, &content, own);
        Plan { steps: lessons.chain([course]).collect() }
    }

    /// Why it may not be published.
    pub fn refusals(&self) -> impl Iterator<Item = String> {
        self.steps.iter().filter_map(|step| match &step.change {
            PlannedChange::Refused(why) => Some(format!("the {} {}: {why}", step.what, step.slug)),
            _ => None,
        })
    }

    pub fn changes(&self) -> usize {
        self.steps.iter().filter(|step| step.change != PlannedChange::Unchanged).count()
    }
}

fn step<T: Serialize>(what: &'static str, slug: &str, revision: i32, new: &T, old: Option<(i32, &T)>) -> PlanStep {
    let json = Json::of(new).0;
    let mut step =
        PlanStep { what, slug: slug.to_owned(), change: PlannedChange::New, old_revision: None, revision, lines: Vec::new() };
    let Some((old_revision, old)) = old else { return step };
    let old = Json::of(old).0;
    step.old_revision = Some(old_revision);
    step.change = if rules::canonical(&old) == rules::canonical(&json) {
        PlannedChange::Unchanged
    } else if revision > old_revision {
        PlannedChange::Changed
    } else {
        let next = old_revision.saturating_add(1);
        PlannedChange::Refused(format!(
            "its content differs from revision {old_revision}, which is published, and its revision is {revision}: raise it to {next}"
        ))
    };
    step.lines = difference::between(&old, &json);
    step
}
