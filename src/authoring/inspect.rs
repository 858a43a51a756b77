//! A draft as its author looks at it: what is wrong with it beside everything that the tenant sees, and how it will look. Pure.

use std::collections::BTreeMap;

use crate::attempts::{kinds, view};
use crate::authoring::rules::{self, Unraised};
use crate::authoring::store::DraftRow;
use crate::authoring::wire::{AuthorItem, AuthorSide, DraftFinding, DraftPreview};
use crate::db::types::Json;
use crate::lessons::format::{Item, Layer, PointAtField, Task};
use crate::lessons::rules::{content_digest, languages, negotiate};
use crate::lessons::source::{LessonContent, Severity};
use crate::lessons::{Catalogue, Version, check};
use crate::lessons::{publish, renderer::LessonRenderer};

/// The name of the rule that a lesson's name must not be another's.
pub const NAME_TAKEN: &str = "name-taken";

/// Everything that is wrong with a draft, errors first.
pub fn findings(draft: &LessonContent, catalogue: &Catalogue) -> Vec<DraftFinding> {
    let slug = &draft.lesson.slug;
    let newest = catalogue.newest();
    let others: Vec<&LessonContent> = newest.iter().filter(|one| &one.slug != slug).map(|one| &one.content).collect();
    let mut out: Vec<DraftFinding> =
        check::check_draft(draft, &Json::of(draft).0, &others).into_iter().map(DraftFinding::from).collect();
    out.extend(names(draft, catalogue));
    let published: Vec<&LessonContent> = own_versions(slug, catalogue).map(|version| &version.content).collect();
    out.extend(rules::unraised(draft, &published).into_iter().map(unraised));
    out.sort_by_key(|finding| finding.severity != Severity::Error);
    out
}

/// What this tenant published of the lesson, the newest first.
fn own_versions<'a>(slug: &str, catalogue: &'a Catalogue) -> impl Iterator<Item = &'a Version> {
    let versions = catalogue.versions_of(slug).iter().map(|version| &**version);
    versions.filter(move |version| version.is_own())
}

fn names(draft: &LessonContent, catalogue: &Catalogue) -> Vec<DraftFinding> {
    let lesson = &draft.lesson;
    let aliases = lesson.aliases.iter().enumerate().map(|(i, name)| (name, format!("/lesson/aliases/{i}")));
    let names = [(&lesson.slug, "/lesson/slug".to_owned())].into_iter().chain(aliases);
    let taken = names.filter_map(|(name, pointer)| {
        let other = catalogue.lesson(name).filter(|other| !other.is_own() || other.slug != lesson.slug)?;
        let message = format!("the name {name} belongs to the lesson {} for ever; choose another one", other.slug);
        Some(DraftFinding { rule: NAME_TAKEN.to_owned(), severity: Severity::Error, pointer, message })
    });
    taken.collect()
}

fn unraised(found: Unraised) -> DraftFinding {
    let Unraised { index, item, revision, least } = found;
    DraftFinding {
        rule: "item-revision".to_owned(),
        severity: Severity::Error,
        pointer: format!("/quiz/items/{index}/revision"),
        message: format!("item {item} has the revision {revision} and needs {least}: what it asks for is not what was published"),
    }
}

/// The draft as it would be served if it were published now, with the author's side.
pub fn preview(row: &DraftRow, mut content: LessonContent, catalogue: &Catalogue, asked: Option<&str>) -> DraftPreview {
    let newest = own_versions(&row.slug, catalogue).next();
    let revision = newest.map_or(1, |version| version.content.lesson.revision.saturating_add(1));
    let version = content_digest(&publish::with_revision(&content, revision).0);
    content.lesson.revision = revision;
    let language = negotiate(asked, &languages(&content), &content.lesson.default_language);
    let renderer = LessonRenderer {
        content: &content,
        course: newest.and_then(|version| version.course.as_deref()),
        version: &version,
        published_at: row.updated_at,
        language: &language,
        iris: &catalogue.iris.of(row.tenant_id),
    };
    let items = content.quiz.items.iter().map(|item| author_item(item, &language, &content.lesson.default_language));
    DraftPreview {
        revision: row.revision,
        lesson: renderer.lesson(),
        quiz: renderer.quiz(),
        exercise: renderer.exercise(),
        author: AuthorSide { items: items.collect() },
    }
}

fn author_item(item: &Item, language: &str, default: &str) -> AuthorItem {
    AuthorItem {
        item: item.id.clone(),
        right: kinds::right(&item.task),
        layers: layers(&item.task),
        rationales: view::rationales(item, language, default),
    }
}

/// Option, choice or pointer -> the layer it stands for.
fn layers(task: &Task) -> BTreeMap<String, Layer> {
    let options = task.options().iter().map(|option| (option.id.clone(), option.layer));
    let all: Vec<(String, Option<Layer>)> = match task {
        Task::Matching(task) => task.choices.iter().map(|choice| (choice.id.clone(), choice.layer)).collect(),
        Task::PointAtField(PointAtField { key, layer, mistakes, .. }) => {
            let right = key.iter().map(|pointer| (pointer.clone(), *layer));
            right.chain(mistakes.iter().map(|misread| (misread.pointer.clone(), misread.layer))).collect()
        }
        _ => options.collect(),
    };
    all.into_iter().filter_map(|(id, layer)| Some((id, layer?))).collect()
}
