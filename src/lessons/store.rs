//! All SQL of courses and lesson versions. Versions are inserted and never changed or removed.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::db::schema::{courses, generations, lesson_versions as versions, slugs, withdrawals};
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::error::Problem;
use crate::lessons::source::{CourseContent, LessonContent};

/// The counter that tells every process that something was published.
pub const TOPIC: &str = "curriculum";

pub struct StoredVersion {
    pub owner: Id,
    pub digest: String,
    pub published_at: Time,
    pub content: LessonContent,
    /// Of the content as JSON, in bytes.
    pub size: usize,
}

/// A course as it is stored.
pub struct StoredCourse {
    pub owner: Id,
    /// Of its content.
    pub digest: String,
    pub content: CourseContent,
}

/// All courses, and the versions that somebody does not have yet.
#[derive(Default)]
pub struct News {
    /// Of which it is at least.
    pub generation: i64,
    /// By owner and slug.
    pub courses: Vec<StoredCourse>,
    pub versions: Vec<StoredVersion>,
    /// (owner, version, since when): versions that nobody begins any more.
    pub withdrawn: Vec<(Id, String, Time)>,
}

/// (digest, revision) of the newest version of a lesson.
pub fn newest(conn: &mut Conn, tenant: Id, slug: &str) -> Stored<Option<(String, i32)>> {
    Ok(each!(conn, c => versions::table
        .filter(versions::tenant_id.eq(tenant))
        .filter(versions::slug.eq(slug))
        .order(versions::revision.desc())
        .select((versions::digest, versions::revision))
        .first(c)
        .optional())?)
}

pub fn insert_version(
    conn: &mut Conn,
    tenant: Id,
    digest: &str,
    slug: &str,
    revision: i32,
    content: &Json,
    now: Time,
) -> Stored<()> {
    let row = (
        versions::tenant_id.eq(tenant),
        versions::digest.eq(digest),
        versions::slug.eq(slug),
        versions::revision.eq(revision),
        versions::content.eq(content),
        versions::published_at.eq(now),
    );
    each!(conn, c => diesel::insert_into(versions::table).values(row).execute(c))?;
    Ok(())
}

/// Ties a name to a lesson for ever; the lesson it is already tied to is given back.
pub fn claim_slug(conn: &mut Conn, tenant: Id, slug: &str, lesson: &str) -> Stored<String> {
    each!(conn, c => diesel::insert_into(slugs::table)
        .values((slugs::tenant_id.eq(tenant), slugs::slug.eq(slug), slugs::lesson.eq(lesson)))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(
        each!(conn, c => slugs::table.filter(slugs::tenant_id.eq(tenant)).filter(slugs::slug.eq(slug)).select(slugs::lesson).first(c))?,
    )
}

/// The lesson that this name leads to, if it was ever taken.
pub fn lesson_of(conn: &mut Conn, tenant: Id, name: &str) -> Stored<Option<String>> {
    Ok(each!(conn, c => slugs::table
        .filter(slugs::tenant_id.eq(tenant))
        .filter(slugs::slug.eq(name))
        .select(slugs::lesson)
        .first(c)
        .optional())?)
}

/// How many lessons a tenant ever published: each has a name that leads to itself.
pub fn count_lessons(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    Ok(
        each!(conn, c => slugs::table.filter(slugs::tenant_id.eq(tenant)).filter(slugs::slug.eq(slugs::lesson)).count().get_result(c))?,
    )
}

pub fn count_courses(conn: &mut Conn, tenant: Id) -> Stored<i64> {
    Ok(each!(conn, c => courses::table.filter(courses::tenant_id.eq(tenant)).count().get_result(c))?)
}

/// The generation, locked: nobody publishes until this transaction has ended.
pub fn lock_generation(conn: &mut Conn) -> Stored<i64> {
    let Conn::Pg(c) = conn else { return publication_generation(conn) };
    Ok(generations::table.filter(generations::topic.eq(TOPIC)).select(generations::value).for_update().first(c)?)
}

pub fn course_revision(conn: &mut Conn, tenant: Id, slug: &str) -> Stored<Option<(String, i32)>> {
    Ok(each!(conn, c => courses::table
        .filter(courses::tenant_id.eq(tenant))
        .filter(courses::slug.eq(slug))
        .select((courses::digest, courses::revision))
        .first(c)
        .optional())?)
}

pub fn store_course(conn: &mut Conn, tenant: Id, content: &CourseContent, digest: &str, now: Time) -> Stored<()> {
    let (course, content) = (&content.course, Json::of(content));
    each!(conn, c => diesel::insert_into(courses::table)
        .values((
            courses::tenant_id.eq(tenant),
            courses::slug.eq(&course.slug),
            courses::revision.eq(course.revision),
            courses::digest.eq(digest),
            courses::content.eq(&content),
            courses::published_at.eq(now),
        ))
        .on_conflict((courses::tenant_id, courses::slug))
        .do_update()
        .set((
            courses::revision.eq(course.revision),
            courses::digest.eq(digest),
            courses::content.eq(&content),
            courses::published_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// How often something was published.
pub fn publication_generation(conn: &mut Conn) -> Stored<i64> {
    let found: Option<i64> =
        each!(conn, c => generations::table.filter(generations::topic.eq(TOPIC)).select(generations::value).first(c).optional())?;
    Ok(found.unwrap_or_default())
}

/// Everything that was ever published, by anybody, but the versions in `known`. The generation is read first, so that the
/// rest is at least as new.
pub fn news(conn: &mut Conn, known: &HashSet<(Id, String)>) -> Stored<News> {
    let generation = publication_generation(conn)?;
    let rows: Vec<(Id, String, Json)> = each!(conn, c => courses::table
        .order((courses::tenant_id, courses::slug))
        .select((courses::tenant_id, courses::digest, courses::content))
        .load(c))?;
    let course = |(owner, digest, json): (Id, String, Json)| match json.read() {
        Ok(content) => Some(Ok(StoredCourse { owner, digest, content })),
        Err(error) if owner == Id::NIL => Some(Err(Problem::internal(format!("the built-in course: {error}")))),
        // What is damaged at one tenant must not stop the service for all.
        Err(error) => {
            tracing::error!(%error, tenant = %owner, "a course cannot be read");
            None
        }
    };
    let courses = rows.into_iter().filter_map(course).collect::<Stored<_>>()?;
    // The contents are long: an index tells which of them are missing.
    let mut heads: Vec<(Id, String)> = each!(conn, c => versions::table.select((versions::tenant_id, versions::digest)).load(c))?;
    heads.retain(|head| !known.contains(head));
    let found = heads.iter().map(|(owner, digest)| version(conn, *owner, digest));
    let versions = found.collect::<Stored<Vec<_>>>()?.into_iter().flatten().collect();
    let withdrawn = each!(conn, c => withdrawals::table
        .order((withdrawals::tenant_id, withdrawals::digest))
        .select((withdrawals::tenant_id, withdrawals::digest, withdrawals::withdrawn_at))
        .load(c))?;
    Ok(News { generation, courses, versions, withdrawn })
}

/// Since when a version is withdrawn.
pub fn withdrawn(conn: &mut Conn, tenant: Id, digest: &str) -> Stored<Option<Time>> {
    Ok(each!(conn, c => withdrawals::table
        .filter(withdrawals::tenant_id.eq(tenant))
        .filter(withdrawals::digest.eq(digest))
        .select(withdrawals::withdrawn_at)
        .first(c)
        .optional())?)
}

pub fn insert_withdrawal(conn: &mut Conn, tenant: Id, digest: &str, now: Time) -> Stored<()> {
    let row = (withdrawals::tenant_id.eq(tenant), withdrawals::digest.eq(digest), withdrawals::withdrawn_at.eq(now));
    each!(conn, c => diesel::insert_into(withdrawals::table).values(row).execute(c))?;
    Ok(())
}

/// The language in which a version was written.
pub fn default_language(conn: &mut Conn, tenant: Id, digest: &str) -> Stored<String> {
    let found = version(conn, tenant, digest)?;
    Ok(found.map_or_else(String::new, |version| version.content.lesson.default_language))
}

fn version(conn: &mut Conn, owner: Id, digest: &str) -> Stored<Option<StoredVersion>> {
    let row: Option<(Json, Time)> = each!(conn, c => versions::table
        .filter(versions::tenant_id.eq(owner))
        .filter(versions::digest.eq(digest))
        .select((versions::content, versions::published_at))
        .first(c)
        .optional())?;
    let Some((json, published_at)) = row else { return Ok(None) };
    match json.read() {
        Ok(content) => {
            let size = json.0.to_string().len();
            Ok(Some(StoredVersion { owner, digest: digest.to_owned(), published_at, content, size }))
        }
        Err(error) if owner == Id::NIL => Err(Problem::internal(format!("lesson version {digest}: {error}"))),
        // What one tenant published must not stop the service for all.
        Err(error) => {
            tracing::error!(%error, tenant = %owner, version = digest, "a lesson version cannot be read");
            Ok(None)
        }
    }
}
