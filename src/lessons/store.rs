//! All SQL of courses and lesson versions. Versions are inserted and never changed or removed.

use diesel::prelude::*;

use crate::db::schema::{courses, lesson_versions as versions, slugs};
use crate::db::types::{Id, Json, Time};
use crate::db::{Conn, Stored};
use crate::each;
use crate::error::Problem;
use crate::lessons::source::{Content, CourseContent};

pub struct StoredVersion {
    pub digest: String,
    pub published_at: Time,
    pub content: Content,
}

pub struct StoredCourse {
    pub content: CourseContent,
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

pub fn course(conn: &mut Conn, tenant: Id, slug: &str) -> Stored<Option<(String, i32)>> {
    Ok(each!(conn, c => courses::table
        .filter(courses::tenant_id.eq(tenant))
        .filter(courses::slug.eq(slug))
        .select((courses::digest, courses::revision))
        .first(c)
        .optional())?)
}

pub fn put_course(conn: &mut Conn, tenant: Id, content: &CourseContent, digest: &str, now: Time) -> Stored<()> {
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

/// Everything that was ever published, the newest revision of a lesson first.
pub fn everything(conn: &mut Conn, tenant: Id) -> Stored<(Vec<StoredCourse>, Vec<StoredVersion>)> {
    let course_rows: Vec<Json> = each!(conn, c => courses::table.filter(courses::tenant_id.eq(tenant)).order(courses::slug).select(courses::content).load(c))?;
    let version_rows: Vec<(String, Json, Time)> = each!(conn, c => versions::table
        .filter(versions::tenant_id.eq(tenant))
        .order((versions::slug, versions::revision.desc()))
        .select((versions::digest, versions::content, versions::published_at))
        .load(c))?;
    let courses = course_rows.into_iter().map(|json| Ok(StoredCourse { content: json.read().map_err(Problem::internal)? }));
    let versions = version_rows.into_iter().map(|(digest, json, published_at)| {
        Ok(StoredVersion {
            content: json.read().map_err(|e| Problem::internal(format!("lesson version {digest}: {e}")))?,
            digest,
            published_at,
        })
    });
    Ok((courses.collect::<Stored<_>>()?, versions.collect::<Stored<_>>()?))
}
