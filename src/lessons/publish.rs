//! Publishing a curriculum into the database: only what has a higher revision than what is stored, so that an old process
//! never publishes over a new one. And publishing what a tenant wrote: the service counts the revisions then.

use serde::Serialize;

use crate::auth::store::raise;
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::error::{Code, DatabaseFault, Problem};
use crate::lessons::compiled::Editions;
use crate::lessons::format::CourseFile;
use crate::lessons::source::{CourseContent, Curriculum, LessonContent};
use crate::lessons::{rules, store};
use crate::quotas::{QuotaKind, TenantQuotas};
use crate::web::conditional::IfMatch;

/// What publishing did.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Published {
    pub lessons: Vec<String>,
    pub unchanged: usize,
}

/// What publishing these editions would do, where that is nothing.
pub fn published_already(conn: &mut Conn, tenant: Id, editions: &Editions) -> Stored<Option<Published>> {
    for edition in &editions.lessons {
        match store::newest(conn, tenant, &edition.slug)? {
            Some((digest, revision)) if digest == edition.digest || revision > edition.revision => {}
            _ => return Ok(None),
        }
    }
    let course = store::course_revision(conn, tenant, &editions.course.slug)?;
    let there = course.is_some_and(|(digest, revision)| {
        revision > editions.course.revision || revision == editions.course.revision && digest == editions.course.digest
    });
    Ok(there.then(|| Published { lessons: Vec::new(), unchanged: editions.lessons.len() }))
}

/// Publishes all of `curriculum`, inside the caller's transaction.
pub fn publish_curriculum(conn: &mut Conn, tenant: Id, curriculum: &Curriculum, now: Time) -> Stored<Published> {
    let mut done = Published::default();
    for content in &curriculum.lessons {
        let (slug, revision) = (&content.lesson.slug, content.lesson.revision);
        let json = Json::of(content);
        let digest = rules::content_digest(&json.0);
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
    let digest = rules::content_digest(&Json::of(&content).0);
    let stored = store::course_revision(conn, tenant, slug)?;
    if stored.as_ref().is_some_and(|(old, same)| old != &digest && *same == revision) {
        return Err(Problem::internal(format!(
            "the course {slug} has revision {revision} in the database already, with other content (its list of lessons, glossary or field guide): raise the revision in course.yaml"
        )));
    }
    let changed = stored.is_none_or(|(_, older)| older < revision);
    if changed {
        store::store_course(conn, tenant, &content, &digest, now)?;
    }
    if changed || !done.lessons.is_empty() {
        raise(conn, store::TOPIC)?;
    }
    Ok(done)
}

/// How many lessons of its own a tenant may have: every process holds all of them.
pub const MOST_LESSONS: i64 = 200;

/// How many versions a tenant published, and their bytes of JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnVersions {
    pub count: i64,
    pub bytes: i64,
}

/// What a lesson of a tenant's own was checked beside.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// Of everything that was published then.
    pub generation: i64,
    /// Of all versions that the tenant had then.
    pub own: OwnVersions,
    pub quotas: TenantQuotas,
}

/// What became of a tenant's lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPublication {
    pub version: String,
    pub revision: i32,
    pub previous: Option<String>,
    pub unchanged: bool,
}

/// Publishes a lesson of a tenant's own as the next revision, unless the newest says the same. It was checked beside what was
/// published at a generation; where something was published since, the failure is a conflict: check again.
pub fn own(conn: &mut Conn, tenant: Id, content: &LessonContent, beside: Beside, now: Time) -> Stored<OwnPublication> {
    let slug = &content.lesson.slug;
    let newest = store::newest(conn, tenant, slug)?;
    if let Some((stored, revision)) = &newest
        && &rules::content_digest(&with_revision(content, *revision).0) == stored
        // The same again puts a withdrawn lesson back.
        && store::withdrawn(conn, tenant, stored)?.is_none()
    {
        return Ok(OwnPublication {
            version: stored.clone(),
            revision: *revision,
            previous: Some(stored.clone()),
            unchanged: true,
        });
    }
    if store::lock_generation(conn)? != beside.generation {
        return Err(Problem::unavailable(DatabaseFault::Conflict, "something was published meanwhile"));
    }
    if newest.is_none() && store::count_lessons(conn, tenant)? >= MOST_LESSONS {
        let detail = format!("A tenant has at most {MOST_LESSONS} lessons of its own, and published ones stay.");
        return Err(Problem::new(Code::IllegalState, detail).with("state", "full").with("limit", MOST_LESSONS));
    }
    check_lesson_name(conn, tenant, slug, slug, "/lesson/slug")?;
    for (i, name) in content.lesson.aliases.iter().enumerate() {
        check_lesson_name(conn, tenant, name, slug, &format!("/lesson/aliases/{i}"))?;
    }
    let revision = newest.as_ref().map_or(1, |(_, revision)| revision.saturating_add(1));
    let json = with_revision(content, revision);
    beside.quotas.check_room(QuotaKind::Versions, beside.own.count, 1)?;
    let size = i64::try_from(json.0.to_string().len()).unwrap_or(i64::MAX);
    beside.quotas.check_room(QuotaKind::VersionBytes, beside.own.bytes, size)?;
    let version = rules::content_digest(&json.0);
    store::insert_version(conn, tenant, &version, slug, revision, &json, now)?;
    for name in [slug].into_iter().chain(&content.lesson.aliases) {
        store::claim_slug(conn, tenant, name, slug)?;
    }
    raise(conn, store::TOPIC)?;
    Ok(OwnPublication { version, revision, previous: newest.map(|(version, _)| version), unchanged: false })
}

/// What a withdrawal found or made.
pub struct Withdrawn {
    pub version: String,
    pub revision: i32,
    pub language: String,
    pub at: Time,
    /// False where it was withdrawn already.
    pub new: bool,
}

/// Takes the newest version of a tenant's lesson out of sight.
pub fn withdraw(conn: &mut Conn, tenant: Id, slug: &str, now: Time) -> Stored<Withdrawn> {
    // What is withdrawn is what was the newest then: no publication comes between.
    store::lock_generation(conn)?;
    let Some((version, revision)) = store::newest(conn, tenant, slug)? else {
        return Err(Problem::not_found("published lesson of this name"));
    };
    let language = store::default_language(conn, tenant, &version)?;
    if let Some(at) = store::withdrawn(conn, tenant, &version)? {
        return Ok(Withdrawn { version, revision, language, at, new: false });
    }
    store::insert_withdrawal(conn, tenant, &version, now)?;
    raise(conn, store::TOPIC)?;
    Ok(Withdrawn { version, revision, language, at: now, new: true })
}

/// The lesson that a name leads to, if the tenant (or [`Id::NIL`]) ever took the name.
pub fn lesson_named(conn: &mut Conn, tenant: Id, name: &str) -> Stored<Option<String>> {
    store::lesson_of(conn, tenant, name)
}

/// The content as a version of this revision.
pub fn with_revision(content: &LessonContent, revision: i32) -> Json {
    let mut content = content.clone();
    content.lesson.revision = revision;
    Json::of(&content)
}

/// Whether the tenant's lesson `slug` may answer to `name`: names are never reused, and those of built-in lessons are taken,
/// unless the tenant had the name first.
pub fn check_lesson_name(conn: &mut Conn, tenant: Id, name: &str, slug: &str, pointer: &str) -> Stored<()> {
    let lesson = match store::lesson_of(conn, tenant, name)? {
        Some(lesson) if lesson == slug => return Ok(()),
        Some(lesson) => Some(lesson),
        None => store::lesson_of(conn, Id::NIL, name)?,
    };
    lesson.map_or(Ok(()), |lesson| Err(name_is_taken(name, &lesson, pointer)))
}

fn name_is_taken(name: &str, lesson: &str, pointer: &str) -> Problem {
    let detail = format!("The name {name} belongs to the lesson {lesson} for ever. Choose another one.");
    Problem::new(Code::IdUnavailable, detail).with("pointer", pointer).with("lesson", lesson)
}

/// Creates a course of a tenant's own, or replaces it; the file's revision is counted here. True where it is new.
pub fn own_course(
    conn: &mut Conn,
    tenant: Id,
    mut course: CourseFile,
    if_match: &IfMatch,
    now: Time,
) -> Stored<(CourseFile, CourseChange)> {
    // The same again changes nothing, so nobody needs to be told or to wait.
    let old = store::course_revision(conn, tenant, &course.slug)?;
    if says_the_same(&mut course, old.as_ref()) {
        return Ok((course, CourseChange::None));
    }
    raise(conn, store::TOPIC)?;
    let old = store::course_revision(conn, tenant, &course.slug)?;
    if says_the_same(&mut course, old.as_ref()) {
        return Ok((course, CourseChange::None));
    }
    match &old {
        Some((_, revision)) => {
            if_match.check(i64::from(*revision))?;
            course.revision = revision.saturating_add(1);
        }
        None if *if_match != IfMatch::Absent => {
            return Err(Problem::new(Code::PreconditionFailed, "If-Match was sent, but there is no course of this slug yet."));
        }
        None if store::course_revision(conn, Id::NIL, &course.slug)?.is_some() => {
            let detail = format!("The course {} is part of the program. Choose another slug.", course.slug);
            return Err(Problem::new(Code::IdUnavailable, detail));
        }
        None if store::count_courses(conn, tenant)? >= MOST_LESSONS => {
            let detail = format!("A tenant has at most {MOST_LESSONS} courses of its own.");
            return Err(Problem::new(Code::IllegalState, detail).with("state", "full").with("limit", MOST_LESSONS));
        }
        None => course.revision = 1,
    }
    for (i, slug) in course.lessons.iter().enumerate() {
        let own = store::lesson_of(conn, tenant, slug)?;
        let lesson = if own.is_some() { own } else { store::lesson_of(conn, Id::NIL, slug)? };
        match lesson {
            Some(lesson) if &lesson == slug => {}
            Some(lesson) => return Err(Problem::body(format!("/lessons/{i}"), format!("is an alias; the slug is {lesson:?}."))),
            None => {
                return Err(Problem::body(format!("/lessons/{i}"), "is no published lesson's slug; GET /v1/lessons lists them."));
            }
        }
    }
    let content = bare(&course);
    let digest = rules::content_digest(&Json::of(&content).0);
    store::store_course(conn, tenant, &content, &digest, now)?;
    Ok((course, if old.is_some() { CourseChange::Replaced } else { CourseChange::New }))
}

/// What is stored of a tenant's course: it has no glossary and no field guide.
fn bare(course: &CourseFile) -> CourseContent {
    CourseContent { course: course.clone(), glossary: None, field_guide: None }
}

fn says_the_same(course: &mut CourseFile, old: Option<&(String, i32)>) -> bool {
    old.is_some_and(|(digest, revision)| {
        course.revision = *revision;
        &rules::content_digest(&Json::of(&bare(course)).0) == digest
    })
}

/// What a call did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CourseChange {
    None,
    New,
    Replaced,
}
