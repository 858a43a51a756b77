//! Publishing a curriculum into the database: only what has a higher revision than what is stored, so that an old process
//! never publishes over a new one.

use serde::Serialize;

use crate::auth::store::raise;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::error::Problem;
use crate::lessons::source::Curriculum;
use crate::lessons::{rules, store};

/// What publishing did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Published {
    pub lessons: Vec<String>,
    pub unchanged: usize,
}

/// Publishes all of `curriculum`, inside the caller's transaction.
pub fn publish(conn: &mut Conn, tenant: Id, curriculum: &Curriculum, now: Time) -> Stored<Published> {
    let mut done = Published::default();
    for content in &curriculum.lessons {
        let (slug, revision) = (&content.lesson.slug, content.lesson.revision);
        let json = Json::of(content);
        let digest = rules::digest(&json.0);
        match store::newest(conn, tenant, slug)? {
            Some((stored, _)) if stored == digest => done.unchanged += 1,
            Some((_, newer)) if newer > revision => done.unchanged += 1,
            Some((stored, same)) if same == revision => {
                return Err(Problem::internal(format!(
                    "the lesson {slug} has revision {revision} in the database already, with other content ({stored} there, {digest} here): raise its revision"
                )));
            }
            _ => {
                store::insert_version(conn, tenant, &digest, slug, revision, &json, now)?;
                for name in [slug].into_iter().chain(&content.lesson.aliases) {
                    let owner = store::claim_slug(conn, tenant, name, slug)?;
                    if &owner != slug {
                        return Err(Problem::internal(format!(
                            "the slug {name} belongs to the lesson {owner}; slugs are never reused"
                        )));
                    }
                }
                done.lessons.push(slug.clone());
            }
        }
    }
    let (slug, revision) = (&curriculum.course.slug, curriculum.course.revision);
    let content = curriculum.course_content();
    let digest = rules::digest(&Json::of(&content).0);
    let stored = store::course(conn, tenant, slug)?;
    if stored.as_ref().is_some_and(|(old, same)| old != &digest && *same == revision) {
        return Err(Problem::internal(format!(
            "the course {slug} has revision {revision} in the database already, with other content (its list of lessons, glossary or field guide): raise the revision in course.yaml"
        )));
    }
    let changed = stored.is_none_or(|(_, older)| older < revision);
    if changed {
        store::put_course(conn, tenant, &content, &digest, now)?;
    }
    if changed || !done.lessons.is_empty() {
        raise(conn, "curriculum")?;
    }
    Ok(done)
}
